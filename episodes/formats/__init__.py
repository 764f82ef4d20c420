"""On-disk formats: one module a format, behind one registry and one Protocol."""

from episodes.formats.contract import DatasetReader, Format
from episodes.formats.registry import FORMATS, FormatRegistry, detect, open_dataset, questions

__all__ = [
    "FORMATS",
    "DatasetReader",
    "Format",
    "FormatRegistry",
    "detect",
    "open_dataset",
    "questions",
]
