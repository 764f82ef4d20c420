"""One promise, what the simulation found, and whether it holds."""

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Promise:
    """``found`` lies in [low, high] if the promise is kept; both include sampling error."""

    name: str
    found: float
    low: float
    high: float
    said: str

    @property
    def kept(self) -> bool:
        return self.low <= self.found <= self.high

    def __str__(self) -> str:
        mark = "ok    " if self.kept else "MISSED"
        return f"{mark} {self.name:<58} {self.found:8.3f}   {self.said}"


def sampling_error(p: float, runs: int, sigmas: float = 3.0) -> float:
    return sigmas * math.sqrt(max(p * (1 - p), 1 / runs) / runs)
