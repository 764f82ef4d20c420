"""Many episodes' answers, compared and summed an episode each: any slice is a sum of these rows.

Every unordered pair of an episode's annotators is compared; their counts are pooled (micro) within
the episode, which is the unit of every interval. Sums by pair of annotators give the mean over
pairs beside it. Given a reference (gold, or the adjudicated set), each annotator is compared with
it instead, the reference being side a.
"""

import random
import zlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from review.measures.batch import count_pairs
from review.measures.bounds import Estimate, Moments, estimate_of
from review.measures.columns import Comparison, Ints, Names, distinct
from review.measures.measure import POOLED, Key, Measure, Said
from review.measures.records import Answer, Tolerances
from review.measures.refused import InputRefused
from review.measures.table import MEASURE_CODE, MEASURES, Table
from review.measures.tally import Tally

Whole = NDArray[np.signedinteger[Any]]

REFERENCE = "reference"
# Comparisons held in columns at once; a multiple costs memory and saves nothing.
_CHUNK = 1_000
_NAME_BITS = 24
# Episodes whose texts are kept, drawn at random, for the expected distance of two texts.
TEXTS_OF = 1_500


@dataclass(frozen=True, slots=True)
class Submission:
    """One annotator's submitted round of an episode; an empty answer is an answer."""

    annotator: str
    round: int
    answer: Answer


def latest_answers(submissions: Iterable[Submission]) -> dict[str, Answer]:
    """The last round of each annotator. Two different answers of one round are refused."""
    found: dict[str, Submission] = {}
    for one in submissions:
        known = found.get(one.annotator)
        if known is not None and known.round == one.round and known.answer != one.answer:
            raise InputRefused(
                "duplicate",
                f"{one.annotator} submitted two answers as round {one.round}.",
                remedy="Keep the round that was frozen first, and number the other one anew.",
            )
        if known is None or one.round > known.round:
            found[one.annotator] = one
    return {who: one.answer for who, one in sorted(found.items())}


@dataclass(frozen=True, slots=True)
class EpisodeAnswers:
    """One answer an annotator: nobody can be compared with themself.

    An annotator without a submission is missing from ``answers``. ``tolerances`` are those of the
    newer schema version when answers were made under several.
    """

    id: str
    duration_ns: int
    answers: Mapping[str, Answer]
    tolerances: Tolerances
    reference: Answer | None = None

    def pairs(self) -> Iterator[tuple[str, str, Answer, Answer]]:
        if self.reference is not None:
            yield from ((REFERENCE, who, self.reference, own) for who, own in self.answers.items())
        else:
            for one, two in combinations(sorted(self.answers), 2):
                yield one, two, self.answers[one], self.answers[two]


def seed_of(*names: str) -> int:
    """A stable seed of an episode and its pair of annotators."""
    return zlib.crc32("\0".join(names).encode())


@dataclass(slots=True, eq=False)
class _Blocks:
    """Columns of chunks, joined when asked for."""

    parts: list[tuple[Whole, ...]] = field(default_factory=list)

    def joined(self, width: int, *, by: int | None = None) -> tuple[Ints, ...]:
        """One part of all, in the order of column ``by``; it takes the place of the parts."""
        if not self.parts:
            return tuple(np.empty(0, dtype=np.int64) for _ in range(width))
        whole: list[Whole] = []
        for column in range(width):
            whole.append(np.concatenate([part[column] for part in self.parts]))
        # Column by column, or the largest datasets would be held three times over.
        self.parts.clear()
        if by is not None:
            order = np.argsort(whole[by], kind="stable")
            for column in range(width):
                whole[column] = whole[column][order]
        self.parts.append(tuple(whole))
        return self.parts[0]


class EpisodeCounter:
    """Takes episodes a few at a time and keeps their sums only, some 2 kB an episode."""

    def __init__(self) -> None:
        self.names = Names()
        self.episodes = self.comparisons = 0
        self._rows, self._offsets, self._durations = _Blocks(), _Blocks(), _Blocks()
        self._outcomes = _Blocks()
        self._texts: list[tuple[int, tuple[str, ...]]] = []
        self._draw = random.Random(0)
        self._couples: dict[tuple[str, str], dict[int, list[int]]] = defaultdict(dict)

    def add(self, episodes: Iterable[EpisodeAnswers]) -> None:
        waiting: list[EpisodeAnswers] = []
        size = 0
        for episode in episodes:
            waiting.append(episode)
            k = len(episode.answers)
            size += k * (k - 1) // 2 if episode.reference is None else k
            if size >= _CHUNK:
                self._count(waiting)
                waiting, size = [], 0
        self._count(waiting)

    def _count(self, episodes: Sequence[EpisodeAnswers]) -> None:
        comparisons: list[Comparison] = []
        owner: list[int] = []
        couples: list[tuple[str, str]] = []
        for position, episode in enumerate(episodes, start=self.episodes):
            for one, two, a, b in episode.pairs():
                seed = seed_of(episode.id, one, two)
                comparisons.append(Comparison(a, b, episode.duration_ns, episode.tolerances, seed))
                owner.append(position)
                couples.append((one, two))
        table = count_pairs(comparisons, self.names)
        self._keep(table, np.array(owner, dtype=np.int64), couples)
        self._keep_outcomes(episodes)
        self._keep_texts(episodes)
        self.episodes += len(episodes)
        self.comparisons += len(comparisons)

    def _keep(self, table: Table, owner: Ints, couples: list[tuple[str, str]]) -> None:
        of, measure, name, *sums = table.rows.T
        key = (measure << _NAME_BITS) + name
        episode, kind, *totals = _summed(owner[of], key, sums)
        self._rows.parts.append(
            (episode.astype(np.int32), kind.astype(np.int32), *(t.astype(np.int32) for t in totals))
        )
        listed = sorted(set(couples))
        place = {couple: i for i, couple in enumerate(listed)}
        couple_of = np.array([place[couple] for couple in couples], dtype=np.int64)
        couple, kind, *totals = _summed(couple_of[of], key, sums)
        for i, k, matched, n_a, n_b in zip(couple, kind, *totals[:3], strict=True):
            own = self._couples[listed[i]].setdefault(int(k), [0, 0, 0])
            own[0], own[1], own[2] = own[0] + int(matched), own[1] + int(n_a), own[2] + int(n_b)
        of, measure, name, ns = table.offsets.T
        key = ((measure << _NAME_BITS) + name).astype(np.int32)
        self._offsets.parts.append((owner[of].astype(np.int32), key, ns))
        of, layer, a, b, ns = table.durations.T
        episode, *said, total = distinct((owner[of], layer, a, b), ns)
        self._durations.parts.append(
            (episode.astype(np.int32), *(one.astype(np.int32) for one in said), total)
        )

    def _keep_outcomes(self, episodes: Sequence[EpisodeAnswers]) -> None:
        code = self.names.code
        said = [
            (position, code(answer.outcome))
            for position, episode in enumerate(episodes, start=self.episodes)
            for answer in episode.answers.values()
            if answer.outcome is not None
        ]
        rows = np.array(said, dtype=np.int32).reshape(-1, 2)
        self._outcomes.parts.append((rows[:, 0], rows[:, 1]))

    def _keep_texts(self, episodes: Sequence[EpisodeAnswers]) -> None:
        """A reservoir: every episode met so far is equally likely to be in it."""
        for position, episode in enumerate(episodes, start=self.episodes):
            at = position if position < TEXTS_OF else self._draw.randrange(position + 1)
            if at >= TEXTS_OF:
                continue
            texts = tuple(
                one.text
                for answer in episode.answers.values()
                for one in answer.intervals
                if one.exclusive
            )
            if at < len(self._texts):
                self._texts[at] = position, texts
            else:
                self._texts.append((position, texts))

    def counts(self) -> "EpisodeCounts":
        episode, key, matched, n_a, n_b, ppm = self._rows.joined(6, by=1)
        return EpisodeCounts(
            episodes=self.episodes,
            comparisons=self.comparisons,
            names=self.names,
            episode=episode,
            key=key,
            matched=matched,
            n_a=n_a,
            n_b=n_b,
            ppm=ppm,
            offsets=self._offsets.joined(3),
            durations=self._durations.joined(5),
            outcomes=self._outcomes.joined(2),
            texts=tuple((who, text) for who, texts in self._texts for text in texts),
            couples={
                couple: {_key_of(k, self.names): Tally(*sums) for k, sums in own.items()}
                for couple, own in self._couples.items()
            },
        )


def _summed(first: Ints, second: Ints, weights: Sequence[Ints]) -> tuple[Ints, ...]:
    """Distinct (first, second) with the sum of each weight."""
    order = np.lexsort((second, first))
    one, two = first[order], second[order]
    if not len(order):
        return (one, two, *(weight[order] for weight in weights))
    start = np.flatnonzero(np.concatenate(((True,), (one[1:] != one[:-1]) | (two[1:] != two[:-1]))))
    return (
        one[start],
        two[start],
        *(np.add.reduceat(weight[order], start) for weight in weights),
    )


def _key_of(code: int, names: Names) -> Key:
    return MEASURES[code >> _NAME_BITS], names[code & ((1 << _NAME_BITS) - 1)]


@dataclass(frozen=True, slots=True, eq=False)
class EpisodeCounts:
    """Counts an episode, in columns sorted by what they count.

    ``couples``: sums by pair of annotators. ``outcomes``: (episode, category) of every answer.
    ``texts``: (episode, text) of a random sample of episodes.
    """

    episodes: int
    comparisons: int
    names: Names
    episode: Ints
    key: Ints
    matched: Ints
    n_a: Ints
    n_b: Ints
    ppm: Ints
    offsets: tuple[Ints, ...]
    durations: tuple[Ints, ...]
    outcomes: tuple[Ints, ...]
    texts: tuple[tuple[int, str], ...]
    couples: Mapping[tuple[str, str], Mapping[Key, Tally]]

    def kinds(self) -> list[Key]:
        """What was counted, in the order of the measures and then of the names."""
        found = [_key_of(code, self.names) for code in np.unique(self.key).tolist()]
        return sorted(found, key=lambda key: (MEASURE_CODE[key[0]], key[1]))

    def rows(self, measure: Measure, name: str = POOLED) -> slice:
        """The rows of one measure and class, one an episode that has any."""
        code = (MEASURE_CODE[measure] << _NAME_BITS) + self.names.code(name)
        low, high = np.searchsorted(self.key, (code, code + 1)).tolist()
        return slice(low, high)

    def tally(self, measure: Measure, name: str = POOLED) -> Tally:
        own = self.rows(measure, name)
        return Tally(*(int(c[own].sum(dtype=np.int64)) for c in (self.matched, self.n_a, self.n_b)))

    def moments(self, measure: Measure, name: str = POOLED) -> Moments:
        own = self.rows(measure, name)
        x = self.matched[own].astype(np.int64)
        n = self.n_a[own].astype(np.int64) + self.n_b[own]
        return Moments(
            episodes=int((n > 0).sum()),
            x=int(x.sum()),
            n=int(n.sum()),
            xx=int((x * x).sum()),
            xn=int((x * n).sum()),
            nn=int((n * n).sum()),
            imperfect=int((2 * x < n).sum()),
        )

    def estimate(self, measure: Measure, name: str = POOLED) -> Estimate:
        return estimate_of(self.moments(measure, name))

    def exact(self) -> Estimate:
        """Share of compared episodes whose every pair marked the same instants, or none."""
        own = self.rows(Measure.EVENT)
        same = (self.matched[own] == self.n_a[own]) & (self.n_a[own] == self.n_b[own])
        n, x = len(same), int(same.sum())
        return estimate_of(Moments(n, x, 2 * n, x, 2 * x, 4 * n, n - x))

    def mean_of_pairs(self, measure: Measure, name: str = POOLED) -> float | None:
        """Mean F over pairs of annotators, each pair counting once; the micro F is the headline."""
        found = [own[measure, name].f for own in self.couples.values() if (measure, name) in own]
        known = [one for one in found if one is not None]
        return sum(known) / len(known) if known else None

    def similarity(self, measure: Measure) -> float | None:
        """Mean text similarity (TEXT), or mean edit score a comparison (EDIT)."""
        own = self.rows(measure)
        total = self.comparisons if measure is Measure.EDIT else int(self.n_a[own].sum())
        return float(self.ppm[own].sum(dtype=np.int64)) / 1e6 / total if total else None

    def offsets_of(self, measure: Measure, name: str = POOLED) -> tuple[Ints, Ints]:
        """(episode, ns) of matched pairs; of instants, ``POOLED`` is all types."""
        episode, key, ns = self.offsets
        code = MEASURE_CODE[measure]
        if name == POOLED:
            own = key >> _NAME_BITS == code
        else:
            own = key == (code << _NAME_BITS) + self.names.code(name)
        return episode[own], ns[own]

    def durations_total(self) -> dict[Said, int]:
        _, *said, ns = self.durations
        *kinds, total = distinct((said[0], said[1], said[2]), ns)
        rows = zip(*(kind.tolist() for kind in kinds), total.tolist(), strict=True)
        return {
            Said(self.names[layer], self.names[a], self.names[b]): ns for layer, a, b, ns in rows
        }
