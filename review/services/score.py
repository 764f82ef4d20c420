"""Count how far label sets agree: a sweep that finds what is missing, and a direct call."""

import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone

from review.measures.counts import Measure, PairCounts
from review.measures.phases import phase_tallies
from review.measures.records import Tolerances
from review.models import ScoredPair
from review.selectors.scores import unscored_episodes
from review.selectors.scoring import Counted, Couple, Side, counted, standing_sides, uncounted

_SPACE = uuid.UUID("6f0f3f0e-2f6c-5f0e-9a9f-5d1b3c7a4e21")
# Pairs that are counted and stored together: enough for one statement, few enough for memory.
AT_ONCE = 500


def score_pending(*, limit: int = 200) -> int:
    """Score up to ``limit`` episodes that have a comparison without counts.

    Idempotent, and safe beside another sweep: counts of a pair are the same whoever computes them.
    Returns how many episodes were scored.
    """
    waiting = unscored_episodes(limit)
    score_episodes(waiting)
    return len(waiting)


@transaction.atomic
def score_episodes(project_episodes: Iterable[int]) -> None:
    """Compare every two annotators, and each with the gold, of each episode."""
    sides = standing_sides(list(project_episodes))
    if not sides:
        return
    _retire(sides)
    fresh = uncounted(sides)
    for begin in range(0, len(fresh), AT_ONCE):
        _count(fresh[begin : begin + AT_ONCE])


def pair_id(first: UUID, second: UUID) -> UUID:
    return uuid.uuid5(_SPACE, f"{first} {second}")


_RETIRE = """
UPDATE review_paircounts SET current = FALSE
WHERE project_episode_id = ANY(%(places)s) AND current
    AND NOT (first_id = ANY(%(sets)s) AND second_id = ANY(%(sets)s))
"""
_RETIRE_PAIRS = """
UPDATE review_scoredpair SET retired_at = %(now)s, retired = CASE
    WHEN against_gold AND second_id = ANY(%(sets)s) THEN %(gold)s ELSE %(round)s END
WHERE project_episode_id = ANY(%(places)s) AND retired = ''
    AND NOT (first_id = ANY(%(sets)s) AND second_id = ANY(%(sets)s))
"""


def _retire(sides: Mapping[int, Sequence[Side]]) -> None:
    """Counts of an earlier round, or of gold that was corrected, no longer speak for anybody."""
    given: dict[str, Any] = {
        "places": list(sides),
        "sets": [one.id for own in sides.values() for one in own],
    }
    with connection.cursor() as cursor:
        cursor.execute(_RETIRE, given)
        if cursor.rowcount:
            why = {"gold": ScoredPair.Retired.GOLD.value, "round": ScoredPair.Retired.ROUND.value}
            cursor.execute(_RETIRE_PAIRS, {**given, **why, "now": timezone.now()})


def _count(couples: Sequence[Couple]) -> None:
    pairs: list[dict[str, Any]] = []
    rows: list[dict[str, Any]] = []
    for one in counted(couples):
        pair = _pair(one)
        pairs.append(pair)
        rows += _rows(pair["id"], one.counts, one.tolerances)
    _store(pairs, rows)


def _pair(one: Counted) -> dict[str, Any]:
    first, second = one.couple
    said = one.counts.durations
    return {
        "id": str(pair_id(first.id, second.id)),
        "project_episode_id": first.place,
        "first_id": str(first.id),
        "second_id": str(second.id),
        "first_annotator_id": first.annotator,
        "second_annotator_id": second.annotator,
        "against_gold": first.gold,
        "handed_in_at": max(x.submitted_at for x in one.couple if not x.gold).isoformat(),
        "schema_id": one.schema_id,
        "two_schemas": first.schema_id != second.schema_id,
        "first_outcome": one.a.outcome or "",
        "second_outcome": one.b.outcome or "",
        "durations": [[both.layer, both.a, both.b, ns] for both, ns in said.items()],
        "phases": _phases(one),
    }


def _phases(one: Counted) -> dict[str, list[list[int]]]:
    found = phase_tallies(one.a, one.b, duration_ns=one.duration_ns, tolerances=one.tolerances)
    return {
        kind: [[tally.matched, tally.n_a, tally.n_b] for tally in tallies]
        for kind, tallies in found.items()
    }


def _rows(pair: str, counts: PairCounts, tolerances: Tolerances) -> Iterator[dict[str, Any]]:
    for (measure, label_class), count in counts.rows.items():
        yield {
            "pair_id": pair,
            "measure": measure.value,
            "label_class": label_class,
            "tolerance_ns": _tolerance(measure, label_class, tolerances),
            "matched": count.tally.matched,
            "n_first": count.tally.n_a,
            "n_second": count.tally.n_b,
            "offsets_ns": count.offsets_ns,
            "similarity_ppm": count.similarity_ppm,
        }


def _tolerance(measure: Measure, label_class: str, tolerances: Tolerances) -> int:
    if measure is Measure.BOUNDARY:
        return tolerances.boundary_ns
    if measure in (Measure.EVENT, Measure.ONSET) and label_class:
        return tolerances.of(label_class)
    return 0


# What is counted anew takes the place of what was counted before.
_FORGET = """
WITH wanted AS (SELECT * FROM json_to_recordset(%(pairs)s) AS w(id uuid, first_id uuid,
    second_id uuid))
DELETE FROM review_paircounts c USING wanted w
WHERE c.first_id = w.first_id AND c.second_id = w.second_id
"""
_FORGET_PAIRS = "DELETE FROM review_scoredpair WHERE id = ANY(%(ids)s::uuid[])"
_STORE_PAIRS = """
INSERT INTO review_scoredpair (id, project_episode_id, first_id, second_id, first_annotator_id,
    second_annotator_id, against_gold, handed_in_at, schema_id, two_schemas, first_outcome,
    second_outcome, durations, phases, retired, scored_at)
SELECT one.*, '', %(now)s FROM json_to_recordset(%(pairs)s) AS one(id uuid,
    project_episode_id bigint, first_id uuid, second_id uuid, first_annotator_id int,
    second_annotator_id int, against_gold boolean, handed_in_at timestamptz, schema_id bigint,
    two_schemas boolean, first_outcome text, second_outcome text, durations jsonb, phases jsonb)
ON CONFLICT DO NOTHING
"""
_STORE_COUNTS = """
INSERT INTO review_paircounts (pair_id, project_episode_id, first_id, second_id, against_gold,
    current, measure, label_class, tolerance_ns, matched, n_first, n_second, offsets_ns,
    similarity_ppm)
SELECT p.id, p.project_episode_id, p.first_id, p.second_id, p.against_gold, TRUE, one.measure,
    one.label_class, one.tolerance_ns, one.matched, one.n_first, one.n_second, one.offsets_ns,
    one.similarity_ppm
FROM json_to_recordset(%(rows)s) AS one(pair_id uuid, measure text, label_class text,
    tolerance_ns bigint, matched int, n_first int, n_second int, offsets_ns jsonb,
    similarity_ppm bigint)
JOIN review_scoredpair p ON p.id = one.pair_id
ON CONFLICT DO NOTHING
"""


def _store(pairs: list[dict[str, Any]], rows: list[dict[str, Any]]) -> None:
    """Beside another sweep that stores the same first, nothing is stored."""
    told = json.dumps(pairs)
    with connection.cursor() as cursor:
        cursor.execute(_FORGET, {"pairs": told})
        cursor.execute(_FORGET_PAIRS, {"ids": [one["id"] for one in pairs]})
        cursor.execute(_STORE_PAIRS, {"pairs": told, "now": timezone.now()})
        cursor.execute(_STORE_COUNTS, {"rows": json.dumps(rows)})
