"""Requests and answers as they are, by operation: shown in the API's description.

A test holds them to the shapes that the same description gives.
"""

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {}
