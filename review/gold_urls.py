"""Addresses of gold and calibration."""

from django.urls import URLPattern, path

from review.api import gold as api
from review.views import calibration, gold

PROJECT = "review/projects/<int:project_id>/"
ITEM = "review/gold/<int:place_id>/"
PERSON = f"{PROJECT}calibration/<int:user_id>/"

gold_pages: list[URLPattern] = [
    path("api/v1/projects/<int:project_id>/gold", api.GoldList.as_view(), name="api-gold"),
    path("api/v1/gold/<int:place_id>", api.GoldOne.as_view(), name="api-gold-item"),
    path(
        "api/v1/projects/<int:project_id>/calibration",
        api.CalibrationList.as_view(),
        name="api-calibration",
    ),
    path(
        "api/v1/projects/<int:project_id>/calibration/<int:user_id>/decisions",
        api.DecisionList.as_view(),
        name="api-calibration-decisions",
    ),
    path(f"{PROJECT}gold/", gold.project_gold, name="project-gold"),
    path(f"{PROJECT}gold/new/", gold.gold_new, name="gold-new"),
    path(f"{PROJECT}gold/answer/", gold.gold_answer, name="gold-answer"),
    path(ITEM, gold.gold_item, name="gold-item"),
    path(f"{ITEM}state/", gold.gold_state, name="gold-state"),
    path(f"{ITEM}dispute/", gold.gold_dispute, name="gold-dispute"),
    path(f"{ITEM}correct/", gold.gold_correct, name="gold-correct"),
    path(f"{PROJECT}calibration/", calibration.project_calibration, name="project-calibration"),
    path(
        f"{PROJECT}calibration/tolerances/",
        calibration.calibration_tolerances,
        name="calibration-tolerances",
    ),
    path(PERSON, calibration.calibration_person, name="calibration-person"),
    path(f"{PERSON}pause/", calibration.calibration_pause, name="calibration-pause"),
    path(f"{PERSON}resume/", calibration.calibration_resume, name="calibration-resume"),
    path(f"{PERSON}decide/", calibration.calibration_decide, name="calibration-decide"),
    path("calibration/", calibration.my_calibration, name="my-calibration"),
    path("feedback/<uuid:set_id>/", calibration.training_feedback, name="training-feedback"),
    path("feedback/<uuid:set_id>/compare/", calibration.training_compare, name="training-compare"),
]
