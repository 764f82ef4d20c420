"""Months of a made-up operation: who labels which episode when, what comes back, what is accepted.

Pure: a plan of records drawn from a seed; review.services.simulate_operation stores it. People
differ in pace, accuracy and presence, newcomers are slower, work is sent back the more often the
less accurate its author is, and some of it is still under way at the end.
"""

import math
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta

NAMES = (
    "Alma", "Benno", "Carla", "Deniz", "Edda", "Farid", "Greta", "Hugo", "Ines", "Jonas", "Kaja",
    "Liam", "Mara", "Nils", "Olga", "Paul", "Qian", "Rosa", "Sami", "Tilda", "Umut", "Vera", "Wim",
    "Yara",
)  # fmt: skip
COMMENTS = (
    "The grasp is marked two frames late.",
    "The lift-off is missing.",
    "The instruction does not say which block.",
    "Look at the outcome again: the block lies beside the square.",
)
REASONS = ("The block is hidden at the grasp.", "The wrist camera is black.")
# A claim starts a lease of this many minutes; the plan's people never lose one.
LEASE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Worker:
    """``pace`` is seconds of work a second of episode beside ``start_s`` an episode."""

    name: str
    pace: float
    start_s: float
    accuracy: float
    jitter_ms: int
    bias_ms: int
    sets_a_day: float
    joins: date
    away: frozenset[date]


@dataclass(slots=True)
class Round:
    """One set: handed in at ``submitted``, or a draft when that is None."""

    number: int
    begun: datetime
    submitted: datetime | None


@dataclass(slots=True)
class Hold:
    """A person on an episode; a skipped one has no rounds that were handed in."""

    episode: int
    worker: int
    claimed: datetime
    rounds: list[Round] = field(default_factory=list)
    skipped: bool = False
    comment: str = ""

    @property
    def in_rework(self) -> bool:
        return len(self.rounds) > 1 and self.rounds[-1].submitted is None


@dataclass(slots=True)
class Decision:
    """A verdict on one round of a hold."""

    hold: Hold
    number: int
    approved: bool
    at: datetime
    comment: str = ""


@dataclass(slots=True)
class Item:
    """An episode in a batch; ``accepted`` once a hold's last round stands for it."""

    episode: int
    holds: tuple[Hold, ...]
    decisions: list[Decision] = field(default_factory=list)
    accepted: Hold | None = None


@dataclass(slots=True)
class Lot:
    made: datetime
    items: list[Item]
    approved: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    workers: tuple[Worker, ...]
    holds: tuple[Hold, ...]
    lots: tuple[Lot, ...]
    first: date
    changed: date


def make_workers(
    count: int, first: date, last: date, sets_a_day: float, chance: random.Random
) -> tuple[Worker, ...]:
    """Most are there from the beginning; each is away for a week or two at some time."""
    days = (last - first).days
    made = []
    for number in range(count):
        late = number % 4 == 3
        joins = first + timedelta(days=chance.randrange(days // 2 + 1) if late else 0)
        leaves = first + timedelta(days=chance.randrange(days + 1))
        gone = {leaves + timedelta(days=k) for k in range(chance.choice((5, 7, 12)))}
        gone |= {first + timedelta(days=k) for k in range(days + 1) if chance.random() < 0.04}
        round_ = number // len(NAMES)
        made.append(
            Worker(
                name=NAMES[number % len(NAMES)] + (f" {round_ + 1}" if round_ else ""),
                pace=math.exp(chance.gauss(math.log(7), 0.3)),
                start_s=chance.uniform(40, 110),
                accuracy=min(0.995, max(0.8, chance.gauss(0.95, 0.035))),
                jitter_ms=chance.randrange(12, 45),
                bias_ms=chance.randrange(-30, 45),
                sets_a_day=sets_a_day * chance.uniform(0.6, 1.4),
                joins=joins,
                away=frozenset(gone),
            )
        )
    return tuple(made)


class Operation:
    """The state of the plan while its days go by."""

    def __init__(
        self, lengths_s: Sequence[float], workers: tuple[Worker, ...], overlap: int, seed: int
    ) -> None:
        self.lengths_s = lengths_s
        self.workers = workers
        self.overlap = overlap
        self.chance = random.Random(seed)
        self.holds: list[Hold] = []
        self.lots: list[Lot] = []
        self.of_episode: dict[int, list[Hold]] = defaultdict(list)
        self.rework: dict[int, list[Hold]] = defaultdict(list)
        self.batched: set[int] = set()
        self.finished: list[int] = []
        self.first_open = 0

    def run(self, first: date, last: date) -> Plan:
        changed = first + (last - first) * 0.55
        day = first
        while day <= last:
            if day.weekday() < 5:
                self._label(day)
                self._review(day, last)
            day += timedelta(days=1)
        self._leave_at_work(last)
        return Plan(self.workers, tuple(self.holds), tuple(self.lots), first, changed)

    def _label(self, day: date) -> None:
        for number, worker in enumerate(self.workers):
            if day < worker.joins or day in worker.away:
                continue
            clock = _at(day, 8, self.chance.randrange(20, 80))
            for hold in self.rework.pop(number, []):
                clock += self._minutes(worker, hold.episode, day) * 0.4
                hold.rounds[-1].submitted = clock
            for _ in range(round(self.chance.gauss(worker.sets_a_day, 1))):
                claimed = self._claim(number, clock)
                if claimed is None:
                    break
                clock += self._work(claimed, worker, clock, day)
                if clock > _at(day, 18, 0):
                    break

    def _work(self, hold: Hold, worker: Worker, clock: datetime, day: date) -> timedelta:
        """The hold's first round, or its skip; returns how long it took, with a breath after."""
        # A few episodes nobody wants; the others are skipped now and then.
        if self.chance.random() < (0.35 if hold.episode % 90 == 31 else 0.015):
            hold.skipped = True
            hold.comment = self.chance.choice(REASONS)
            return timedelta(minutes=2)
        took = self._minutes(worker, hold.episode, day)
        hold.rounds.append(Round(1, clock, clock + took))
        done = [one for one in self.of_episode[hold.episode] if not one.skipped]
        if len(done) == self.overlap:
            self.finished.append(hold.episode)
        return took + timedelta(minutes=self.chance.expovariate(1 / 6))

    def _minutes(self, worker: Worker, episode: int, day: date) -> timedelta:
        """Longer episodes take longer; the first three weeks take up to 1.8 times as long."""
        learning = 1 + 0.8 * math.exp(-(day - worker.joins).days / 9)
        middle = worker.start_s + worker.pace * self.lengths_s[episode]
        return timedelta(seconds=round(middle * learning * math.exp(self.chance.gauss(0, 0.3)), 3))

    def _claim(self, worker: int, clock: datetime) -> Hold | None:
        """The first episode of the queue with a slot that the person never held."""
        while self.first_open < len(self.lengths_s) and self._full(self.first_open):
            self.first_open += 1
        for episode in range(self.first_open, len(self.lengths_s)):
            held = self.of_episode[episode]
            if self._full(episode) or any(one.worker == worker for one in held):
                continue
            hold = Hold(episode, worker, clock)
            held.append(hold)
            self.holds.append(hold)
            return hold
        return None

    def _full(self, episode: int) -> bool:
        return sum(not one.skipped for one in self.of_episode[episode]) >= self.overlap

    def _review(self, day: date, last: date) -> None:
        """Batches on Fridays; on the other days about a third of what waits is looked at."""
        if day.weekday() == 4 and self.finished:
            # The newest stay for next week.
            ready = min(160, len(self.finished) * 4 // 5)
            if ready == 0:
                return
            made, self.finished = self.finished[:ready], self.finished[ready:]
            holds = (tuple(h for h in self.of_episode[e] if h.rounds) for e in made)
            items = [Item(e, hold) for e, hold in zip(made, holds, strict=True)]
            self.lots.append(Lot(_at(day, 19, 0), items))
            return
        clock = _at(day, 9, 0)
        for lot in self.lots:
            for item in lot.items:
                waiting = item.accepted is None and not any(h.in_rework for h in item.holds)
                if waiting and lot.made < clock and self.chance.random() < 0.35:
                    clock += timedelta(minutes=self.chance.expovariate(1 / 3))
                    self._decide(item, max(clock, _newest(item)), day)
            if lot.approved is None and all(item.accepted for item in lot.items):
                lot.approved = max(clock, *(one.decisions[-1].at for one in lot.items))

    def _decide(self, item: Item, at: datetime, day: date) -> None:
        worst = min(item.holds, key=lambda one: self.workers[one.worker].accuracy)
        best = max(item.holds, key=lambda one: self.workers[one.worker].accuracy)
        again = len(worst.rounds) > 1
        wrong = (1 - self.workers[worst.worker].accuracy) * (0.8 if again else 3.0)
        if self.chance.random() < wrong:
            comment = self.chance.choice(COMMENTS)
            item.decisions.append(Decision(worst, worst.rounds[-1].number, False, at, comment))
            worst.comment = comment
            worst.rounds.append(Round(len(worst.rounds) + 1, at, None))
            self.rework[worst.worker].append(worst)
            return
        item.decisions.append(Decision(best, best.rounds[-1].number, True, at))
        item.accepted = best

    def _leave_at_work(self, last: date) -> None:
        """Some sit over an episode when the plan ends."""
        for number in range(0, len(self.workers), 3):
            clock = _at(last, 17, number)
            hold = self._claim(number, clock)
            if hold is not None:
                hold.rounds.append(Round(1, clock, None))


def plan_operation(
    *, lengths_s: Sequence[float], people: int, overlap: int, sets_a_day: float, seed: int,
    first: date, last: date,
) -> Plan:  # fmt: skip
    """The same arguments give the same plan."""
    workers = make_workers(people, first, last, sets_a_day, random.Random(seed))
    return Operation(lengths_s, workers, overlap, seed + 1).run(first, last)


def submitted_rounds(plan: Plan) -> Iterator[tuple[Hold, Round]]:
    for hold in plan.holds:
        yield from ((hold, one) for one in hold.rounds if one.submitted is not None)


def _newest(item: Item) -> datetime:
    """A minute after the last round of the episode was handed in."""
    times = (one.submitted for hold in item.holds for one in hold.rounds if one.submitted)
    return max(times) + timedelta(minutes=1)


def _at(day: date, hour: int, minute: int) -> datetime:
    return datetime.combine(day, time(hour), UTC) + timedelta(minutes=minute)
