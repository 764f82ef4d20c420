"""Counts stored by the sweep: what is missing, and the sums that figures are made of."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from review.measures.bounds import Moments
from review.measures.counts import Measure
from review.measures.tally import Tally

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

# Pairs of one episode are summed first: the episode is the unit that bounds are drawn over.
_MOMENTS = """
WITH episode AS (
    SELECT CASE WHEN %(each)s THEN a.annotator_id END AS annotator,
           c.project_episode_id, c.measure, c.label_class,
           SUM(c.matched) AS x, SUM(c.n_first) AS n_first, SUM(c.n_first + c.n_second) AS n,
           SUM(c.similarity_ppm) AS ppm
    FROM review_paircounts c
    JOIN annotation_projectepisode pe ON pe.id = c.project_episode_id
    JOIN annotation_annotationset s ON s.id = c.second_id
    LEFT JOIN annotation_assignment a ON a.id = s.assignment_id
    WHERE c.current AND c.against_gold = %(gold)s AND pe.project_id = %(project)s
    GROUP BY 1, c.project_episode_id, c.measure, c.label_class
)
SELECT annotator, measure, label_class,
       COUNT(*) FILTER (WHERE n > 0), COUNT(*), SUM(x), SUM(n),
       SUM(x * x), SUM(x * n), SUM(n * n), SUM(ppm), SUM(n_first),
       COUNT(*) FILTER (WHERE 2 * x = n)
FROM episode
GROUP BY annotator, measure, label_class
"""

_OFFSETS = """
SELECT CASE WHEN %(each)s THEN a.annotator_id END, c.label_class, o.value::bigint
FROM review_paircounts c
JOIN annotation_projectepisode pe ON pe.id = c.project_episode_id
JOIN annotation_annotationset s ON s.id = c.second_id
LEFT JOIN annotation_assignment a ON a.id = s.assignment_id
CROSS JOIN LATERAL jsonb_array_elements_text(c.offsets_ns) o
WHERE c.current AND c.against_gold = %(gold)s AND pe.project_id = %(project)s
  AND c.measure = %(event)s
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """One measure and class summed over a project's episodes.

    ``exact`` of ``compared`` episodes agree wholly, those where nobody marked anything included.
    """

    moments: Moments = field(default_factory=Moments)
    tally: Tally = field(default_factory=Tally)
    similarity_ppm: int = 0
    compared: int = 0
    exact: int = 0


def unscored_episodes(limit: int) -> list[int]:
    """Project episodes with a comparison that has no counts yet, oldest first."""
    return [row[0] for row in _rows(_UNSCORED, {"event": Measure.EVENT.value, "limit": limit})]


SumsBy = dict[tuple[Measure, str], Sums]
OffsetsBy = dict[str, list[int]]


def project_sums(project_id: int, *, against_gold: bool) -> SumsBy:
    """Sums by (measure, class) of current comparisons."""
    return _sums_by(project_id, against_gold, each=False).get(None, {})


def sums_by_annotator(project_id: int) -> dict[int | None, SumsBy]:
    """``project_sums`` against gold, of each annotator by id."""
    return _sums_by(project_id, against_gold=True, each=True)


def _sums_by(project_id: int, against_gold: bool, each: bool) -> dict[int | None, SumsBy]:
    found: dict[int | None, SumsBy] = defaultdict(dict)
    parameters = {"project": project_id, "gold": against_gold, "each": each}
    for annotator, measure, label_class, *counts in _rows(_MOMENTS, parameters):
        found[annotator][Measure(measure), label_class] = _sums(*map(int, counts))
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


def project_offsets(project_id: int, *, against_gold: bool) -> OffsetsBy:
    """Offsets of matched instants, ns, by class; "" holds all."""
    return _offsets_by(project_id, against_gold, each=False).get(None, {})


def offsets_by_annotator(project_id: int) -> dict[int | None, OffsetsBy]:
    """``project_offsets`` against gold, of each annotator by id."""
    return _offsets_by(project_id, against_gold=True, each=True)


def _offsets_by(project_id: int, against_gold: bool, each: bool) -> dict[int | None, OffsetsBy]:
    found: dict[int | None, OffsetsBy] = defaultdict(lambda: defaultdict(list))
    event = Measure.EVENT.value
    parameters = {"project": project_id, "gold": against_gold, "each": each, "event": event}
    for annotator, label_class, offset in _rows(_OFFSETS, parameters):
        found[annotator][label_class].append(offset)
    return found


def _rows(sql: str, parameters: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return list(cursor.fetchall())
