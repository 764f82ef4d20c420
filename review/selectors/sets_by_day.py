"""The sets behind a figure, paged by what their days are known to hold."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import overload

from annotation.models import AnnotationSet
from review.selectors.daily import Daily, Wanted
from review.selectors.dashboard import day_rows, handed_in


class SetsByDay(Sequence[AnnotationSet]):
    """The newest first. How many each day has is known from the sums, so that a page reads its own
    days alone: an accepted set of last month is found without a look at all that came after it."""

    def __init__(self, daily: Daily, wanted: Wanted, what: str) -> None:
        self.daily, self.wanted, self.what = daily, wanted, what

    @cached_property
    def _days(self) -> list[tuple[date, int]]:
        rows = day_rows(self.daily, self.wanted)
        counted = [(day, sums.of(self.what) or 0) for day, sums in reversed(rows)]
        return [(day, n) for day, n in counted if n]

    def __len__(self) -> int:
        return sum(n for _, n in self._days)

    @overload
    def __getitem__(self, asked: int) -> AnnotationSet: ...
    @overload
    def __getitem__(self, asked: slice) -> list[AnnotationSet]: ...
    def __getitem__(self, asked: int | slice) -> AnnotationSet | list[AnnotationSet]:
        if isinstance(asked, int):
            return self[asked : asked + 1][0]
        start, stop, _ = asked.indices(len(self))
        days: list[date] = []
        before = skipped = 0
        for day, n in self._days:
            if before + n <= start:
                skipped += n
            elif before < stop:
                days.append(day)
            before += n
        if not days:
            return []
        own = replace(self.wanted, first=days[-1], last=days[0])
        sets = handed_in(self.daily.project, own, self.what).order_by("-submitted_at", "pk")
        rows = sets.select_related("assignment__annotator", "project_episode__episode__task")
        return list(rows[start - skipped : stop - skipped])
