"""Stored comparisons as columns an episode, from which every figure can be computed.

The same columns that ``EpisodeCounter`` keeps of answers: figures of stored counts are those that
the measures give of the labels themselves. Texts are read from the labels, of episodes drawn by a
hash of their ids: the same comparisons have the same ones.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection

from review.measures.columns import Names
from review.measures.episodes import TEXTS_OF, EpisodeCounts
from review.measures.measure import Key, Measure
from review.measures.table import MEASURE_CODE
from review.measures.tally import Tally
from review.selectors.agreement_wanted import Wanted

# As in review.measures.episodes: a key is a measure and a name in one number.
_NAME_BITS = 24
_PAIRS = """SELECT p.id, p.project_episode_id, p.first_annotator_id, p.second_annotator_id,
    p.first_outcome, p.second_outcome, p.durations {pairs} ORDER BY p.project_episode_id, p.id"""
_COUNTS = """
WITH pair AS MATERIALIZED (SELECT p.id, p.project_episode_id {pairs})
SELECT pair.project_episode_id, c.measure, c.label_class,
    SUM(c.matched), SUM(c.n_first), SUM(c.n_second), SUM(c.similarity_ppm)
FROM pair JOIN review_paircounts c ON c.pair_id = pair.id
GROUP BY 1, 2, 3"""
_COUPLES = """
WITH pair AS MATERIALIZED (
    SELECT p.id, p.first_annotator_id AS a, p.second_annotator_id AS b {pairs})
SELECT pair.a, pair.b, c.measure, c.label_class, SUM(c.matched), SUM(c.n_first), SUM(c.n_second)
FROM pair JOIN review_paircounts c ON c.pair_id = pair.id
GROUP BY 1, 2, 3, 4"""
_OFFSETS = """
WITH pair AS MATERIALIZED (SELECT p.id, p.project_episode_id {pairs})
SELECT pair.project_episode_id, c.measure, c.label_class, o.value::bigint
FROM pair JOIN review_paircounts c ON c.pair_id = pair.id
CROSS JOIN LATERAL jsonb_array_elements_text(c.offsets_ns) o
WHERE (c.measure IN ('event', 'onset') AND c.label_class <> '')
    OR (c.measure = 'boundary' AND c.label_class = '')
ORDER BY 1, 2, 3, 4"""
# Instructions of the annotators of some episodes, for the expected distance of two texts.
_TEXTS = """
WITH pair AS MATERIALIZED (
    SELECT p.project_episode_id, p.first_id, p.second_id, p.against_gold {pairs}),
drawn AS (
    SELECT project_episode_id FROM pair GROUP BY 1
    ORDER BY md5(project_episode_id::text) LIMIT %(texts_of)s),
said AS (
    SELECT second_id AS id, project_episode_id FROM pair JOIN drawn USING (project_episode_id)
    UNION
    SELECT first_id, project_episode_id FROM pair JOIN drawn USING (project_episode_id)
    WHERE NOT against_gold)
SELECT said.project_episode_id, l.text
FROM said
JOIN annotation_annotationset s ON s.id = said.id
JOIN annotation_labelschema known ON known.id = s.schema_id
JOIN annotation_label l ON l.annotation_set_id = said.id AND l.kind = 'segment'
WHERE EXISTS (
    SELECT 1 FROM jsonb_array_elements(known.definition->'classes') class
    WHERE class->>'id' = l.label_class AND class->'exclusive' = 'true')
ORDER BY 1, said.id, l.start_ns, l.end_ns, l.id"""


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """``pairs`` comparisons, in the columns of ``counts``. ``sha256`` is over their ids."""

    counts: EpisodeCounts
    pairs: int
    sha256: str


def stored_counts(wanted: Wanted) -> Stored:
    """Five queries, however many comparisons."""
    names = Names()
    pairs = _ask(_PAIRS, wanted)
    place = {pk: at for at, pk in enumerate(dict.fromkeys(row[1] for row in pairs))}
    rows = sorted(
        (_key(names, measure, name), place[episode], *map(int, counts))
        for episode, measure, name, *counts in sorted(_ask(_COUNTS, wanted))
    )
    key, episode, matched, n_a, n_b, ppm = _columns(rows, 6)
    counts = EpisodeCounts(
        episodes=len(place),
        comparisons=len(pairs),
        names=names,
        episode=episode,
        key=key,
        matched=matched,
        n_a=n_a,
        n_b=n_b,
        ppm=ppm,
        offsets=_columns(
            [(place[one], _key(names, *of), ns) for one, *of, ns in _ask(_OFFSETS, wanted)], 3
        ),
        durations=_columns(_durations(pairs, place, names), 5),
        outcomes=_columns(_outcomes(pairs, place, names), 2),
        texts=tuple(_ask(_TEXTS, wanted, texts_of=TEXTS_OF)),
        couples=_couples(wanted),
    )
    return Stored(counts, len(pairs), pairs_sha256(str(row[0]) for row in pairs))


def pairs_sha256(ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(ids)).encode()).hexdigest()


def _key(names: Names, measure: str, name: str) -> int:
    return (MEASURE_CODE[Measure(measure)] << _NAME_BITS) + names.code(name)


def _durations(
    pairs: Sequence[Sequence[Any]], place: dict[int, int], names: Names
) -> list[tuple[int, ...]]:
    total: dict[tuple[int, ...], int] = defaultdict(int)
    for row in pairs:
        # A plain cursor leaves jsonb as text.
        for layer, a, b, ns in json.loads(row[6]):
            key = place[row[1]], names.code(layer), names.code(a), names.code(b)
            total[key] += ns
    return [(*key, ns) for key, ns in sorted(total.items())]


def _outcomes(
    pairs: Sequence[Sequence[Any]], place: dict[int, int], names: Names
) -> list[tuple[int, int]]:
    """What each annotator said of an episode, once, however many they were compared with."""
    said: dict[tuple[int, int], str] = {}
    for _, episode, first, second, outcome_first, outcome_second, _ in pairs:
        for who, outcome in ((first, outcome_first), (second, outcome_second)):
            if who is not None and outcome:
                said[place[episode], who] = outcome
    return [(at, names.code(outcome)) for (at, _), outcome in sorted(said.items())]


def _couples(wanted: Wanted) -> dict[tuple[str, str], dict[Key, Tally]]:
    found: dict[tuple[str, str], dict[Key, Tally]] = defaultdict(dict)
    for a, b, measure, name, *sums in _ask(_COUPLES, wanted):
        found[str(a), str(b)][Measure(measure), name] = Tally(*map(int, sums))
    return found


def _columns(rows: Sequence[Sequence[int]], width: int) -> tuple[np.ndarray, ...]:
    table = np.array(rows, dtype=np.int64).reshape(-1, width)
    return tuple(np.ascontiguousarray(table[:, at]) for at in range(width))


def _ask(sql: str, wanted: Wanted, **given: int) -> list[tuple[Any, ...]]:
    pairs, values = wanted.where()
    with connection.cursor() as cursor:
        cursor.execute(sql.format(pairs=pairs), {**values, **given})
        return list(cursor.fetchall())
