"""Accepted labels and recorded signals of one episode, as the four checks look at them.

Segments are those of the first level (instructions; phases inside them are not cut against them).
A segment of no effector holds for all of them, and so do its signals.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from annotation.labels.records import Kind, Label
from annotation.labels.schema import AttributeType, LabelSchema
from review.measures.checks.alignment import ActionSegment, EffectorSignals
from review.measures.checks.edge_cases import FAILURE_RECOVERED, failures_recovered
from review.measures.checks.segmentation import SegmentedEpisode
from review.measures.checks.signals import Series
from review.measures.records import Instant, Interval
from review.measures.slots import Slots, Vocabulary, slots_of

Floats = NDArray[np.float64]

# A touch that a force sensor of the effector feels; an impact may be the object's alone.
FELT = frozenset(("first_contact", "tool_contact_on", "human_contact"))
FAILURE, RECOVERY = "failure", "recovery"
_SIDES = {"left": "left", "l": "left", "right": "right", "r": "right"}
_WORD = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True, eq=False)
class RecordedSignals:
    """What the checks read of a recording; None and empty where it was not recorded.

    ``by_effector``: "" holds for every effector. ``actions`` (N, D) in the columns of the robot's
    declared action space, ``positions`` (M, 3) in metres.
    """

    by_effector: Mapping[str, EffectorSignals] = field(default_factory=dict)
    actions: Floats | None = None
    positions: Floats | None = None

    def of(self, effector: str) -> EffectorSignals:
        """The effector's own; the only one's where the label does not say which."""
        if effector in self.by_effector:
            return self.by_effector[effector]
        if "" in self.by_effector:
            return self.by_effector[""]
        if not effector and len(self.by_effector) == 1:
            return next(iter(self.by_effector.values()))
        return EffectorSignals()

    @property
    def peak_force(self) -> float | None:
        forces = [one.force.values for one in self.by_effector.values() if one.force is not None]
        peaks = [float(np.abs(values).max()) for values in forces if len(values)]
        return max(peaks, default=None)


@dataclass(frozen=True, eq=False)
class AcceptedEpisode:
    """One episode as accepted. ``space`` names the robot whose limits hold, "" for none."""

    id: str
    task: str
    duration_ns: int
    space: str
    labels: tuple[Label, ...]
    schema: LabelSchema
    tags: tuple[str, ...] = ()
    signals: RecordedSignals = field(default_factory=RecordedSignals)


def instructions(labels: tuple[Label, ...], schema: LabelSchema) -> list[Label]:
    """Segments of exclusive classes of the first level, in time order."""
    exclusive = [one for one in schema.classes_of(Kind.SEGMENT) if one.exclusive]
    first = min((one.level for one in exclusive), default=0)
    wanted = {one.id for one in exclusive if one.level == first}
    return [one for one in labels if one.label_class in wanted and one.end_ns is not None]


def segmented(episode: AcceptedEpisode) -> SegmentedEpisode:
    segments = tuple(_interval(one) for one in instructions(episode.labels, episode.schema))
    tracks = {one.track for one in segments}
    marks = []
    for one in episode.labels:
        if one.kind is Kind.INSTANT and one.start_ns is not None:
            track = _track(one.effector, tracks)
            if track is not None:
                marks.append(Instant(one.label_class, track, one.start_ns, one.id))
    return SegmentedEpisode(episode.id, episode.task, episode.duration_ns, segments, tuple(marks))


def _track(effector: str, tracks: set[str]) -> str | None:
    """Where a mark's segments are; None for a mark of no effector among several tracks."""
    if effector in tracks:
        return effector
    if "" in tracks:
        return ""
    if effector:
        return effector
    return next(iter(tracks), "") if len(tracks) < 2 else None


def action_segments(
    episode: AcceptedEpisode, vocabulary: Vocabulary
) -> Iterator[tuple[ActionSegment, Slots, str]]:
    """Every instruction with its verb, its slots and its effector."""
    touches = [
        (one.effector, one.start_ns)
        for one in episode.labels
        if one.label_class in FELT and one.start_ns is not None
    ]
    for label in instructions(episode.labels, episode.schema):
        slots = slots_of(label.text, vocabulary)
        start, end = label.start_ns or 0, label.end_ns or 0
        inside = tuple(
            at
            for effector, at in touches
            if start <= at < end and (not label.effector or effector == label.effector)
        )
        yield (
            ActionSegment(label.id, episode.id, slots.verb, start, end, inside),
            slots,
            label.effector,
        )


def tags_of(episode: AcceptedEpisode, recovery_within_ns: int) -> frozenset[str]:
    """What kind of episode it is: classes, failure modes, tags of the recording, recovered or not.

    "slip" is marked, "failure:slip" is a failure of that mode, "recording:night" came with it.
    """
    found = {f"recording:{tag}" for tag in episode.tags}
    for label in episode.labels:
        if label.kind is Kind.SEGMENT:
            continue
        found.add(label.label_class)
        known = episode.schema.class_by_id.get(label.label_class)
        if label.kind is Kind.SPAN and known is not None:
            found.update(
                f"{label.label_class}:{label.attributes[one.id]}"
                for one in known.attributes
                if one.type is AttributeType.CHOICE and label.attributes.get(one.id)
            )
    followed, _ = recovered(episode, recovery_within_ns)
    return frozenset(found | ({FAILURE_RECOVERED} if followed else set()))


def recovered(episode: AcceptedEpisode, within_ns: int) -> tuple[int, int]:
    """(failures followed by a recovery, failures)."""
    spans = [one for one in episode.labels if one.kind is Kind.SPAN and one.end_ns is not None]
    return failures_recovered(
        [_interval(one) for one in spans if one.label_class == FAILURE],
        [_interval(one) for one in spans if one.label_class == RECOVERY],
        within_ns,
    )


def side_of(name: str) -> str:
    """ "left" or "right" where a dimension's name says so, else ""."""
    words = _WORD.findall(name.lower())
    return next((_SIDES[word] for word in words if word in _SIDES), "")


def aperture(times: NDArray[np.int64], values: Floats, *, opens: bool = True) -> Series:
    """A gripper's values on the episode's own scale, 0 closed to 1 open.

    d' = clip((d - p2) / (p98 - p2), 0, 1); one that does not move is all open: it has no
    transitions. Source: domain of retargeting, the aperture of a hand.
    """
    finite = values[np.isfinite(values)]
    if not finite.size:
        return Series(times, np.full(len(values), np.nan))
    low, high = np.percentile(finite, (2, 98))
    if high - low < 1e-9:
        return Series(times, np.where(np.isfinite(values), 1.0, np.nan))
    scaled = np.clip((values - low) / (high - low), 0.0, 1.0)
    return Series(times, scaled if opens else 1 - scaled)


def _interval(label: Label) -> Interval:
    return Interval(
        label.label_class,
        label.effector,
        label.start_ns or 0,
        label.end_ns or 0,
        label.text,
        exclusive=True,
        id=label.id,
    )
