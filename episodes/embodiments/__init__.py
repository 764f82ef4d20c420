"""What a vector's numbers mean on which body: quantity, unit, frame, limits of each dimension."""

from episodes.embodiments.checks import check_values
from episodes.embodiments.matching import Match, match
from episodes.embodiments.specs import (
    Control,
    DimensionSpec,
    Embodiment,
    Kind,
    Quantity,
    Use,
)
from episodes.embodiments.templates import TEMPLATES
from episodes.embodiments.value_stats import DimensionStats, ValueStats

__all__ = [
    "TEMPLATES",
    "Control",
    "DimensionSpec",
    "DimensionStats",
    "Embodiment",
    "Kind",
    "Match",
    "Quantity",
    "Use",
    "ValueStats",
    "check_values",
    "match",
]
