"""Clocks in integer nanoseconds: rates, frame times, and the way from a stream to its episode."""

from episodes.timebase.clocks import ClockMap
from episodes.timebase.rates import (
    NS,
    Rate,
    frame_at,
    nearest_frame,
    rate_times_ns,
    round_half_up,
    seconds_to_ns,
    ticks_to_ns,
)

__all__ = [
    "NS",
    "ClockMap",
    "Rate",
    "frame_at",
    "nearest_frame",
    "rate_times_ns",
    "round_half_up",
    "seconds_to_ns",
    "ticks_to_ns",
]
