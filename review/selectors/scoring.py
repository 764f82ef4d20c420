"""Sets of one episode, counted many pairs at a time: what has no counts yet, and what they are.

Rows, not records: somebody hands in and waits, and making objects of what is only counted took
longer than the counting.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from typing import Any
from uuid import UUID

from django.db import connection

from annotation.labels.schema import LabelSchema
from annotation.selectors.labels import labels_by_id, schema_from_text
from review.measures.accepted import Accepted, count_all_against, without_optional
from review.measures.columns import Comparison
from review.measures.counts import Measure, PairCounts
from review.measures.episodes import seed_of
from review.measures.records import Answer, Tolerances, answer_of
from review.selectors.compare import Rules, rules_of

# The last submitted round of each annotator, and the newest gold that measures anybody.
_SIDES = """
SELECT DISTINCT ON (s.assignment_id) s.id, s.project_episode_id, a.annotator_id, s.submitted_at,
    s.schema_id, FALSE
FROM annotation_annotationset s JOIN annotation_assignment a ON a.id = s.assignment_id
WHERE s.project_episode_id = ANY(%(places)s) AND s.kind = 'annotator' AND s.state = 'submitted'
ORDER BY s.assignment_id, s.round DESC
"""
_GOLD = """
SELECT s.id, g.project_episode_id, NULL::int, s.submitted_at, s.schema_id, TRUE
FROM (SELECT DISTINCT ON (project_episode_id) project_episode_id, annotation_set_id, state
      FROM review_golditem WHERE project_episode_id = ANY(%(places)s)
      ORDER BY project_episode_id, version DESC) g
JOIN annotation_annotationset s ON s.id = g.annotation_set_id
WHERE g.state <> 'ambiguous'
"""
_STANDING = f"({_SIDES}) UNION ALL ({_GOLD})"
# Counts from before pairs were recorded are no counts: they lack what a pair holds.
_COUNTED = """
SELECT first_id, second_id FROM review_paircounts
WHERE project_episode_id = ANY(%(places)s) AND measure = %(event)s AND label_class = ''
    AND pair_id IS NOT NULL
"""
_SCHEMAS = "SELECT id, definition::text FROM annotation_labelschema WHERE id = ANY(%(schemas)s)"


@dataclass(frozen=True, slots=True)
class Side:
    """A set that is compared; ``annotator`` None is gold, or a consensus."""

    id: UUID
    place: int
    annotator: int | None
    submitted_at: datetime
    schema_id: int
    gold: bool


Couple = tuple[Side, Side]


def standing_sides(places: Sequence[int]) -> dict[int, list[Side]]:
    """By project episode: gold first, then annotators in the order of their ids. One query."""
    found: dict[int, list[Side]] = {place: [] for place in places}
    for row in _ask(_STANDING, places=list(places)):
        side = Side(*row)
        found[side.place].append(side)
    for own in found.values():
        own.sort(key=lambda one: one.annotator or 0)
    return found


def uncounted(sides: Mapping[int, Sequence[Side]]) -> list[Couple]:
    """Every two annotators of an episode, and gold with each, that have no counts. One query."""
    wanted = {"places": list(sides), "event": Measure.EVENT.value}
    counted = set(_ask(_COUNTED, **wanted))
    return [
        couple
        for own in sides.values()
        for couple in combinations(own, 2)
        if (couple[0].id, couple[1].id) not in counted
    ]


@dataclass(frozen=True, slots=True)
class Counted:
    """What two sets have in common. ``a`` and ``b`` are the main answers, without what is optional
    in gold; ``counts`` are those of the best of several answers that gold accepts."""

    couple: Couple
    counts: PairCounts
    a: Answer
    b: Answer
    tolerances: Tolerances
    duration_ns: int
    schema_id: int


def counted(couples: Sequence[Couple]) -> list[Counted]:
    """All of them at once. A fixed number of queries."""
    read = _read(couples)
    asked = [_asked(couple, read) for couple in couples]
    counts = count_all_against(asked)
    return [
        Counted(
            couple,
            found,
            *without_optional(gold.answers[0], one.b, gold.optional, one.tolerances),
            one.tolerances,
            one.duration_ns,
            _newer(couple, read),
        )
        for couple, (gold, one), found in zip(couples, asked, counts, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class _Read:
    answers: Mapping[UUID, Answer]
    schemas: Mapping[int, LabelSchema]
    rules: Rules


def _read(couples: Sequence[Couple]) -> _Read:
    sides = {one.id: one for couple in couples for one in couple}
    wanted = sorted({one.schema_id for one in sides.values()})
    schemas = {pk: schema_from_text(text) for pk, text in _ask(_SCHEMAS, schemas=wanted)}
    labels = labels_by_id(sides)
    return _Read(
        answers={pk: answer_of(own, schemas[sides[pk].schema_id]) for pk, own in labels.items()},
        schemas=schemas,
        rules=rules_of(sorted({one.place for one in sides.values()})),
    )


def _asked(couple: Couple, read: _Read) -> tuple[Accepted, Comparison]:
    first, second = couple
    main, also = read.answers[first.id], read.rules.also.get(first.id)
    gold = Accepted((main, *also.answers), also.optional) if also else Accepted((main,))
    times = [one.submitted_at for one in couple if not one.gold]
    place = read.rules.places[first.place]
    tolerances = place.over(read.schemas[_newer(couple, read)], max(times))
    # Both sets never change, so the shifts of agreement by chance are theirs for good.
    seed = seed_of(str(first.id), str(second.id))
    other = read.answers[second.id]
    return gold, Comparison(main, other, place.duration_ns, tolerances, seed)


def _newer(couple: Couple, read: _Read) -> int:
    """The id of the newer schema version of both."""
    return max((one.schema_id for one in couple), key=lambda one: read.schemas[one].version)


# Gold that was made of the consensus, or of the same people's labels, says nothing of it; nor does
# gold in dispute.
_CONSENSUS = """
SELECT s.id, s.project_episode_id, s.submitted_at, s.schema_id, g.id, g.submitted_at, g.schema_id
FROM annotation_annotationset s
JOIN LATERAL (SELECT item.id AS item, item.state, of_gold.id, of_gold.submitted_at,
        of_gold.schema_id
    FROM review_golditem item JOIN annotation_annotationset of_gold
        ON of_gold.id = item.annotation_set_id
    WHERE item.project_episode_id = s.project_episode_id
    ORDER BY item.version DESC LIMIT 1) g ON TRUE
WHERE s.id = ANY(%(sets)s::uuid[]) AND s.kind = 'consensus' AND g.state <> 'ambiguous'
    AND NOT EXISTS (SELECT 1 FROM review_golddispute d WHERE d.item_id = g.item AND d.decision = '')
    AND NOT EXISTS (
        SELECT 1 FROM review_golditem_sources made_of
        WHERE made_of.golditem_id = g.item AND (made_of.annotationset_id = s.id
            OR made_of.annotationset_id IN (
                SELECT source.annotationset_id FROM review_adjudication made
                JOIN review_adjudication_sources source ON source.adjudication_id = made.id
                WHERE made.annotation_set_id = s.id)))
ORDER BY s.project_episode_id
"""


def consensus_with_gold(sets: Sequence[UUID]) -> list[Couple]:
    """Gold and consensus, where one of the sets is a consensus on an episode that has gold."""
    return [
        (Side(gold, place, None, made, gold_schema, True), Side(pk, place, None, at, schema, False))
        for pk, place, at, schema, gold, made, gold_schema in _ask(_CONSENSUS, sets=list(sets))
    ]


def _ask(sql: str, **given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given)
        return list(cursor.fetchall())
