"""Counts stored by the sweep: what is missing, and the sums that figures are made of."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection

from review.measures.bounds import Moments
from review.measures.counts import Measure
from review.measures.phases import PHASES
from review.measures.tally import Tally
from review.selectors.agreement_wanted import CLOCK_MOVED, Wanted

# The last submitted round of each annotator and the newest gold, then every pair of them that has
# no pooled event row. In SQL because the pairs of 100,000 episodes do not belong in Python.
_UNSCORED = """
WITH last_round AS (
    SELECT DISTINCT ON (s.assignment_id) s.id, s.project_episode_id, a.annotator_id
    FROM annotation_annotationset s
    JOIN annotation_assignment a ON a.id = s.assignment_id
    WHERE s.kind = 'annotator' AND s.state = 'submitted'
    ORDER BY s.assignment_id, s.round DESC
), gold AS (
    SELECT DISTINCT ON (g.project_episode_id) g.annotation_set_id AS id, g.project_episode_id,
        g.state
    FROM review_golditem g
    ORDER BY g.project_episode_id, g.version DESC
), pair AS (
    SELECT one.project_episode_id, one.id AS first_id, two.id AS second_id
    FROM last_round one
    JOIN last_round two ON two.project_episode_id = one.project_episode_id
        AND one.annotator_id < two.annotator_id
    UNION ALL
    SELECT gold.project_episode_id, gold.id, last_round.id
    FROM gold JOIN last_round USING (project_episode_id)
    WHERE gold.state <> 'ambiguous'
)
SELECT DISTINCT pair.project_episode_id
FROM pair
LEFT JOIN review_paircounts done ON done.first_id = pair.first_id
    AND done.second_id = pair.second_id
    AND done.measure = %(event)s AND done.label_class = '' AND done.pair_id IS NOT NULL
WHERE done.id IS NULL
ORDER BY pair.project_episode_id
LIMIT %(limit)s
"""


class By(StrEnum):
    """What sums are told apart by."""

    ALL = "''"
    TASK = "COALESCE(e.task_id::text, '')"
    PAIR = "COALESCE(p.first_annotator_id::text, '') || '-' || p.second_annotator_id::text"
    ANNOTATOR = "p.second_annotator_id::text"


# Pairs of one episode are summed first: the episode is the unit that bounds are drawn over.
_MOMENTS = """
WITH pair AS MATERIALIZED (SELECT p.id, p.project_episode_id, {by} AS part {pairs}),
episode AS (
    SELECT pair.part, pair.project_episode_id, c.measure, c.label_class,
           SUM(c.matched) AS x, SUM(c.n_first) AS n_first, SUM(c.n_first + c.n_second) AS n,
           SUM(c.similarity_ppm) AS ppm
    FROM pair JOIN review_paircounts c ON c.pair_id = pair.id
    WHERE c.measure = ANY(%(measures)s)
    GROUP BY 1, 2, 3, 4
)
SELECT part, measure, label_class,
       COUNT(*) FILTER (WHERE n > 0), COUNT(*), SUM(x), SUM(n),
       SUM(x * x), SUM(x * n), SUM(n * n), SUM(ppm), SUM(n_first),
       COUNT(*) FILTER (WHERE 2 * x = n)
FROM episode
GROUP BY part, measure, label_class
"""

_OFFSETS = """
WITH pair AS MATERIALIZED (SELECT p.id, {by} AS part {pairs})
SELECT pair.part, c.label_class, o.value::bigint
FROM pair JOIN review_paircounts c ON c.pair_id = pair.id
CROSS JOIN LATERAL jsonb_array_elements_text(c.offsets_ns) o
WHERE c.measure = %(measure)s
"""

_PHASES = """
WITH episode AS (
    SELECT p.project_episode_id, phase.ordinality - 1 AS at,
           SUM((phase.value->>0)::int) AS x,
           SUM((phase.value->>1)::int + (phase.value->>2)::int) AS n
    FROM (SELECT p.project_episode_id, p.phases->%(kind)s AS phases {pairs}) p
    CROSS JOIN LATERAL jsonb_array_elements(p.phases) WITH ORDINALITY phase
    GROUP BY 1, 2
)
SELECT at, COUNT(*) FILTER (WHERE n > 0), SUM(x), SUM(n), SUM(x * x), SUM(x * n), SUM(n * n),
       COUNT(*) FILTER (WHERE 2 * x < n)
FROM episode GROUP BY at
"""

_STATES = """
SELECT COUNT(*), COUNT(DISTINCT p.project_episode_id),
       COUNT(*) FILTER (WHERE p.two_schemas), COUNT(*) FILTER (WHERE {moved}),
       MIN(p.handed_in_at), MAX(p.handed_in_at)
{pairs}
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """One measure and class summed over episodes.

    ``exact`` of ``compared`` episodes agree wholly, those where nobody marked anything included.
    """

    moments: Moments = field(default_factory=Moments)
    tally: Tally = field(default_factory=Tally)
    similarity_ppm: int = 0
    compared: int = 0
    exact: int = 0


@dataclass(frozen=True, slots=True)
class Compared:
    """How much is compared, and what is peculiar about some of it.

    ``two_schemas``: sets made under different versions. ``clock_moved``: a camera's clock was
    corrected after one side handed in.
    """

    pairs: int
    episodes: int
    two_schemas: int
    clock_moved: int
    first: datetime | None
    last: datetime | None


SumsBy = dict[tuple[Measure, str], Sums]
OffsetsBy = dict[str, list[int]]
# What stands on the page of a project.
COUNTED = tuple(one for one in Measure if one is not Measure.EVENT_CHANCE)


def unscored_episodes(limit: int) -> list[int]:
    """Project episodes with a comparison that has no counts yet, oldest first."""
    return [row[0] for row in _rows(_UNSCORED, {"event": Measure.EVENT.value, "limit": limit})]


def sums(wanted: Wanted, measures: Sequence[Measure] = COUNTED) -> SumsBy:
    """Sums by (measure, class) of the comparisons wanted."""
    return sums_by(wanted, By.ALL, measures).get("", {})


def sums_by(wanted: Wanted, by: By, measures: Sequence[Measure] = COUNTED) -> dict[str, SumsBy]:
    """The same of each task, pair or annotator; ids as text, of a pair with a dash between."""
    pairs, values = wanted.where()
    found: dict[str, SumsBy] = defaultdict(dict)
    values["measures"] = [one.value for one in measures]
    for part, measure, label_class, *counts in _rows(
        _MOMENTS.format(by=by.value, pairs=pairs), values
    ):
        found[part][Measure(measure), label_class] = _sums(*map(int, counts))
    return found


def _sums(
    episodes: int,
    compared: int,
    x: int,
    n: int,
    xx: int,
    xn: int,
    nn: int,
    ppm: int,
    n_first: int,
    exact: int,
) -> Sums:
    return Sums(
        moments=Moments(episodes, x, n, xx, xn, nn, imperfect=compared - exact),
        tally=Tally(x, n_first, n - n_first),
        similarity_ppm=ppm,
        compared=compared,
        exact=exact,
    )


def offsets(wanted: Wanted, measure: Measure = Measure.EVENT) -> OffsetsBy:
    """Offsets of matched instants, ns, by class; "" holds all."""
    return offsets_by(wanted, By.ALL, measure).get("", {})


def offsets_by(wanted: Wanted, by: By, measure: Measure = Measure.EVENT) -> dict[str, OffsetsBy]:
    """The same of each annotator, task or pair."""
    pairs, values = wanted.where()
    found: dict[str, OffsetsBy] = defaultdict(lambda: defaultdict(list))
    values["measure"] = measure.value
    for part, label_class, offset in _rows(_OFFSETS.format(by=by.value, pairs=pairs), values):
        found[part][label_class].append(offset)
    return found


def phase_moments(wanted: Wanted, kind: str) -> list[Moments]:
    """One a tenth of the episode; ``kind`` is one of review.measures.phases."""
    pairs, values = wanted.where()
    found = [Moments()] * PHASES
    for at, episodes, *sums_ in _rows(_PHASES.format(pairs=pairs), {**values, "kind": kind}):
        x, n, xx, xn, nn, imperfect = map(int, sums_)
        found[at] = Moments(int(episodes), x, n, xx, xn, nn, imperfect)
    return found


def compared(wanted: Wanted) -> Compared:
    pairs, values = wanted.where()
    (row,) = _rows(_STATES.format(pairs=pairs, moved=CLOCK_MOVED), values)
    return Compared(*row)


def project_sums(project_id: int, *, against_gold: bool) -> SumsBy:
    """Sums by (measure, class) of all current comparisons of delivered work."""
    return sums(Wanted(project_id, gold=against_gold))


def project_offsets(project_id: int, *, against_gold: bool) -> OffsetsBy:
    return offsets(Wanted(project_id, gold=against_gold))


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
