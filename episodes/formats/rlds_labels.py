"""Labels on the steps of an RLDS dataset: the fields that a release writes, and reads again.

| field below ``steps/annotation`` | holds on every step                                     |
|----------------------------------|---------------------------------------------------------|
| ``subtask``                      | the atomic instruction, empty where nothing is marked   |
| ``contact``                      | the class of the contact whose step this is, else empty |
| ``outcome``                      | the class of the episode's outcome, empty without one   |
"""

from collections.abc import Iterator

from episodes.formats.rlds_episode import CLASSES, Steps
from episodes.records import FoundLabel

SUBTASK, CONTACT, OUTCOME = (f"{CLASSES}{name}" for name in ("subtask", "contact", "outcome"))
LABEL_FIELDS = (SUBTASK, CONTACT, OUTCOME)


def step_labels(steps: Steps) -> list[FoundLabel]:
    """Segments, instants and the outcome in the fields of an earlier release."""
    return [*_segments(steps), *_instants(steps)]


def _segments(steps: Steps) -> Iterator[FoundLabel]:
    for start, end, text in steps.runs(SUBTASK):
        if text:
            yield steps.segment(SUBTASK, start, end, text)


def _instants(steps: Steps) -> Iterator[FoundLabel]:
    for step, name in enumerate(steps.texts(f"steps/{CONTACT}")):
        if name:
            yield FoundLabel("instant", name, f"steps/{CONTACT}", steps.rate.time_ns(step))


def step_outcome(steps: Steps) -> FoundLabel | None:
    name = next(steps.texts(f"steps/{OUTCOME}"), "")
    return FoundLabel("outcome", name, f"steps/{OUTCOME}") if name else None
