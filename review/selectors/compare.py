"""Two stored sets of one episode, compared by the pure measures."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from annotation.labels.records import Label
from annotation.models import AnnotationSet
from annotation.selectors.labels import schema_of
from review.measures.counts import PairCounts, count_pair
from review.measures.records import Tolerances, answer_of, tolerances_of

LabelsBySet = Mapping[UUID, Sequence[Label]]


def compare(
    first: AnnotationSet,
    second: AnnotationSet,
    labels: LabelsBySet,
    duration_ns: int,
) -> tuple[PairCounts, Tolerances]:
    """Count two sets of one episode under the tolerances of the newer schema version."""
    newer = max((schema_of(first), schema_of(second)), key=lambda schema: schema.version)
    tolerances = tolerances_of(newer)
    answers = [answer_of(labels[one.pk], schema_of(one)) for one in (first, second)]
    counts = count_pair(*answers, duration_ns=duration_ns, tolerances=tolerances)
    return counts, tolerances
