"""Addresses of the workbench: verdicts on labels, consensus sets, how episodes are reviewed."""

from django.urls import URLPattern, URLResolver, path

from review.api import workbench as api
from review.views import workbench

ITEM = "api/v1/batch-items/<int:item_id>/"
ADJUDICATION = "api/v1/adjudications/<int:adjudication_id>"

workbench_pages: list[URLPattern | URLResolver] = [
    path(f"{ITEM}label-verdicts", api.LabelVerdicts.as_view(), name="api-label-verdicts"),
    path(f"{ITEM}verdicts", api.EpisodeVerdicts.as_view(), name="api-episode-verdicts"),
    path(f"{ITEM}adjudications", api.AdjudicationList.as_view(), name="api-adjudications"),
    path(ADJUDICATION, api.AdjudicationOne.as_view(), name="api-adjudication"),
    path(
        f"{ADJUDICATION}/labels", api.AdjudicationLabels.as_view(), name="api-adjudication-labels"
    ),
    path(
        f"{ADJUDICATION}/accept", api.AdjudicationAccept.as_view(), name="api-adjudication-accept"
    ),
    path(f"{ADJUDICATION}/undo", api.AdjudicationUndo.as_view(), name="api-adjudication-undo"),
    path(
        "review/projects/<int:project_id>/reviewing/", workbench.reviewing, name="review-reviewing"
    ),
    path(
        "review/projects/<int:project_id>/reviewing/policy/",
        workbench.review_policy_set,
        name="review-policy-set",
    ),
    path(
        "review/episodes/<int:item_id>/consensus/",
        workbench.adjudication_begin,
        name="adjudication-begin",
    ),
    path(
        "review/consensus/<int:adjudication_id>/",
        workbench.adjudication_detail,
        name="adjudication-detail",
    ),
    path(
        "review/consensus/<int:adjudication_id>/drop/",
        workbench.adjudication_drop,
        name="adjudication-drop",
    ),
    path(
        "review/consensus/<int:adjudication_id>/undo/",
        workbench.adjudication_undo,
        name="adjudication-undo",
    ),
]
