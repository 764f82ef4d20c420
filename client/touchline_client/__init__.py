"""Touchline's REST API: one object, a resource for each noun, plain dictionaries that are typed."""

from touchline_client.api import Touchline
from touchline_client.problems import (
    AccessRefused,
    Conflict,
    DownloadDamaged,
    Invalid,
    NotFound,
    NotSignedIn,
    Problem,
    ServerFailed,
    Stale,
    Unreachable,
)
from touchline_client.signatures import SignatureWrong, check_signature

__all__ = [
    "AccessRefused",
    "Conflict",
    "DownloadDamaged",
    "Invalid",
    "NotFound",
    "NotSignedIn",
    "Problem",
    "ServerFailed",
    "SignatureWrong",
    "Stale",
    "Touchline",
    "Unreachable",
    "check_signature",
]
