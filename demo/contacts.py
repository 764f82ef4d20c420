"""Contact instants from the touching pairs of a trace. numpy only.

Definitions follow the contact vocabulary of the label schema. Every touch is debounced by 40 ms
first, so a jaw that chatters on the block makes one contact, not ten.
"""

from dataclasses import dataclass

import numpy as np

from demo.trace import PHYSICS_STEP_NS, Interval, Stage, Trace, common

# A block that rises less did not leave the table: it tilted or rocked.
LEAST_RISE_M = 0.010
# A firm grip gives up to 3 mm when the arm swings: the block rocks between the pads.
SLIP_M = 0.004
SLIP_ONSET_M = 0.002
# Moving in the last moment before both jaws let go is the drop itself.
SLIP_BEFORE_LOSS_NS = 100_000_000
REGRASP_WITHIN_NS = 2_000_000_000


@dataclass(frozen=True)
class Instant:
    """A contact instant on the 2 ms physics clock.

    spread_ns: over how long it came on. by_gripper: false for a block that hits the table.
    """

    label_class: str
    t_ns: int
    spread_ns: int = 0
    by_gripper: bool = True


@dataclass(frozen=True)
class Attempt:
    """The [start_ns, end_ns) in which the pilot made its n-th attempt, and when it noticed the end
    of it: the next attempt or the giving up (the end of the episode when neither came)."""

    number: int
    span: Interval
    noticed_ns: int


def attempts(trace: Trace) -> list[Attempt]:
    """The attempts of an episode, in order."""
    numbers = sorted({stage.attempt for stage in trace.stages})
    starts = [_first(trace.stages, number=number) for number in numbers]
    ends = [*starts[1:], trace.duration_ns]
    found = []
    for number, start, end in zip(numbers, starts, ends, strict=True):
        noticed = _first(trace.stages, number=number, name="GIVE_UP", default=end)
        found.append(Attempt(number, Interval(start, end), noticed))
    return found


def _first(stages: list[Stage], *, number: int, name: str = "", default: int = 0) -> int:
    for stage in stages:
        if stage.attempt == number and name in ("", stage.name):
            return stage.start_ns
    return default


def holds(trace: Trace) -> list[Interval]:
    """Times in which both jaws touch the block."""
    return common(trace.intervals("fixed_jaw"), trace.intervals("moving_jaw"))


def flights(trace: Trace) -> list[Interval]:
    """Times in which the block is off the table and rises by 10 mm or more."""
    on_table = trace.intervals("table")
    end = len(trace.touching) * PHYSICS_STEP_NS
    starts = [interval.end_ns for interval in on_table]
    stops = [interval.start_ns for interval in on_table[1:]] + [end]
    height = np.array([position[2] for position in trace.block])
    found = []
    for start, stop in zip(starts, stops, strict=True):
        part = height[start // PHYSICS_STEP_NS : stop // PHYSICS_STEP_NS]
        if len(part) and part.max() - height[0] >= LEAST_RISE_M:
            found.append(Interval(start, stop))
    return found


def instants(trace: Trace) -> list[Instant]:
    """All contact instants, in time order."""
    held = holds(trace)
    found = _jaw_instants(trace) + _grasps(trace, held) + _support(trace, held)
    found += [Instant("impact", touch.start_ns) for touch in trace.intervals("gripper_on_table")]
    found += [slip for hold in held if (slip := _slip(trace, hold)) is not None]
    return sorted(found, key=lambda instant: instant.t_ns)


def _jaw_instants(trace: Trace) -> list[Instant]:
    """First touch and last touch of each attempt; touching again in between is neither."""
    touches = trace.intervals("fixed_jaw", "moving_jaw")
    found = []
    for attempt in attempts(trace):
        own = [touch for touch in touches if attempt.span.contains(touch.start_ns)]
        if not own:
            continue
        found.append(Instant("first_contact", own[0].start_ns))
        if own[-1].end_ns < len(trace.touching) * PHYSICS_STEP_NS:
            found.append(Instant("release", own[-1].end_ns))
    return found


def _grasps(trace: Trace, held: list[Interval]) -> list[Instant]:
    found = []
    last_end_ns: int | None = None
    for hold in held:
        again = last_end_ns is not None and hold.start_ns - last_end_ns <= REGRASP_WITHIN_NS
        found.append(Instant("regrasp" if again else "grasp_closed", hold.start_ns))
        last_end_ns = hold.end_ns
    return found


def _support(trace: Trace, held: list[Interval]) -> list[Instant]:
    """A held block comes down: placed. A block that fell comes down: impact."""
    end = len(trace.touching) * PHYSICS_STEP_NS
    found = []
    for flight in flights(trace):
        found.append(Instant("lift_off", flight.start_ns))
        if flight.end_ns < end:
            gently = any(hold.contains(flight.end_ns) for hold in held)
            landing = "placed" if gently else "impact"
            found.append(Instant(landing, flight.end_ns, by_gripper=gently))
    return found


def _slip(trace: Trace, hold: Interval) -> Instant | None:
    """First time the carried block has moved 4 mm in the gripper since it left the table."""
    path = np.array(trace.block_in_gripper)
    for flight in flights(trace):
        carried = flight.overlap(hold)
        if carried is None:
            continue
        first = carried.start_ns // PHYSICS_STEP_NS
        moved = np.linalg.norm(
            path[first : carried.end_ns // PHYSICS_STEP_NS] - path[first], axis=1
        )
        if moved.max() < SLIP_M:
            continue
        at, onset = int(np.argmax(moved >= SLIP_M)), int(np.argmax(moved >= SLIP_ONSET_M))
        t_ns = (first + at) * PHYSICS_STEP_NS
        if hold.end_ns - t_ns >= SLIP_BEFORE_LOSS_NS:
            return Instant("slip", t_ns, (at - onset) * PHYSICS_STEP_NS)
    return None
