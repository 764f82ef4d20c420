"""Texts of a recording: the instruction, and labels kept as they were found."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from episodes.formats.features import words
from episodes.formats.ros2_clock import EpisodeClock
from episodes.formats.ros2_lanes import (
    EVENTS,
    OUTCOME,
    SEGMENTS,
    AnnotationLane,
    Lane,
    TextLane,
    is_instruction,
)
from episodes.formats.ros2_scan import texts_at
from episodes.records import FoundLabel, Notice

MAX_CLASS = 200


@dataclass(frozen=True, slots=True)
class Texts:
    task: str
    labels: tuple[FoundLabel, ...]
    notices: tuple[Notice, ...]


def read_texts(lanes: Iterable[Lane], clock: EpisodeClock, end_ns: int) -> Texts:
    """By the words of a topic's name: instruction, segments, events, outcome; others are said."""
    task = ""
    labels: list[FoundLabel] = []
    notices: list[Notice] = []
    for lane in lanes:
        if isinstance(lane, AnnotationLane):
            labels += lane.labels
        if not isinstance(lane, TextLane) or not lane.texts:
            continue
        timed = texts_at(lane, clock.column(lane), clock.start_ns)
        found = set(words(lane.topic.name))
        if is_instruction(lane.topic):
            task = task or next((text for _, text in timed if text), "")
            if len({text for _, text in timed}) > 1:
                labels += _segments(timed, lane.topic.name, end_ns)
        elif found & OUTCOME:
            labels.append(FoundLabel("outcome", timed[-1][1][:MAX_CLASS], lane.topic.name))
        elif found & SEGMENTS:
            labels += _segments(timed, lane.topic.name, end_ns)
        elif found & EVENTS:
            labels += [
                FoundLabel("instant", text[:MAX_CLASS], lane.topic.name, max(at, 0), None, text)
                for at, text in timed
                if text
            ]
        else:
            said = f"{lane.topic.name} holds {len(timed):,} texts that are not imported."
            remedy = "Name it for what it says: instruction, subtask, event or outcome."
            notices.append(Notice("texts_left_out", said, remedy))
    return Texts(task, tuple(labels), tuple(notices))


def _segments(timed: list[tuple[int, str]], origin: str, end_ns: int) -> Iterator[FoundLabel]:
    """A text holds until another one comes, the last one to the end; an empty text ends one."""
    changes = [
        (at, text)
        for number, (at, text) in enumerate(timed)
        if number == 0 or text != timed[number - 1][1]
    ]
    ends = [at for at, _ in changes[1:]] + [end_ns]
    for (at, text), end in zip(changes, ends, strict=True):
        if text and end > max(at, 0):
            yield FoundLabel("segment", text[:MAX_CLASS], origin, max(at, 0), end, text)
