"""Whose work stands for an episode, where a consensus does: each episode is somebody's once.

A consensus is made of several people's labels. It counts as accepted for the set that most of its
labels came from; of equals the one handed in first.
"""

from typing import Any

from django.db.models import Count, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from review.models import Adjudication, LabelSource

# Of a row s of annotation_annotationset and its place pe: ``credited.yes`` is true or null.
CREDITED = """
LEFT JOIN LATERAL (SELECT TRUE AS yes WHERE pe.accepted_set_id = s.id
  OR pe.accepted_set_id IS NOT NULL AND s.id = (
    SELECT source.id
    FROM review_adjudication made
    JOIN review_adjudication_sources made_of ON made_of.adjudication_id = made.id
    JOIN annotation_annotationset source ON source.id = made_of.annotationset_id
    WHERE made.annotation_set_id = pe.accepted_set_id
    ORDER BY (SELECT count(DISTINCT came.label_id) FROM review_labelsource came
              WHERE came.annotation_set_id = pe.accepted_set_id
                AND came.source_set_id = source.id) DESC, source.submitted_at, source.id
    LIMIT 1)) credited ON TRUE
"""


def credited(path: str = "") -> Q:
    """The same as a condition on sets; ``path`` leads to the set, "annotation_set" from a label."""
    before = f"{path}__" if path else ""
    stands = f"{before}project_episode__accepted_set"
    # Most of what was handed in of late has nothing accepted: nothing is looked up for it.
    return Q(**{stands: F(path or "pk")}) | Q(
        **{
            f"{stands}__isnull": False,
            path or "pk": Subquery(_main_source(stands).values("annotationset")[:1]),
        }
    )


def _main_source(stands: str) -> QuerySet[Any]:
    came = (
        LabelSource.objects.filter(
            annotation_set=OuterRef("adjudication__annotation_set"),
            source_set=OuterRef("annotationset"),
        )
        .order_by()
        .values("source_set")
        .annotate(labels=Count("label_id", distinct=True))
    )
    return Adjudication.sources.through.objects.filter(
        adjudication__annotation_set=OuterRef(stands)
    ).order_by(
        Coalesce(Subquery(came.values("labels")), 0).desc(),
        "annotationset__submitted_at",
        "annotationset",
    )
