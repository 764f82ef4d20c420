"""Samples of batches, for programs."""

from functools import partial
from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import ProblemAnswer
from annotation.api.views import actor, parsed
from annotation.models import ApiToken
from review.models import Sample
from review.selectors.acceptance import SampleStanding, sample_standing, samples_of
from review.selectors.batches import reviewed_batch
from review.services.acceptance import decide_failed, draw_fresh
from review.tasks import return_rejected_task


class SampledEpisode(serializers.Serializer[Any]):
    item = serializers.IntegerField()
    episode = serializers.UUIDField()
    order = serializers.IntegerField()
    annotators = serializers.CharField()
    task = serializers.CharField()
    proposed_set = serializers.UUIDField()
    conforms = serializers.BooleanField(allow_null=True, help_text="null until it is decided")
    why = serializers.CharField(help_text="why it does not conform")


class SampleAnswer(serializers.ModelSerializer[Sample]):
    progress = serializers.ChoiceField(["open", "accepted", "rejected"])
    looked_at = serializers.IntegerField()
    errors = serializers.IntegerField()  # type: ignore[assignment]
    more = serializers.IntegerField(help_text="episodes still to be looked at")
    episodes = SampledEpisode(many=True)

    class Meta:
        model = Sample
        fields = (
            *("id", "number", "plan", "n", "c", "lot", "bad_share_ppm", "confidence_ppm"),
            *("aql_percent", "seed", "drawn_at", "state", "closed_at", "follow_up", "reason"),
            *("progress", "looked_at", "errors", "more", "episodes"),
        )


class FollowUpWanted(serializers.Serializer[Any]):
    follow_up = serializers.ChoiceField([Sample.FollowUp.FULL.value, Sample.FollowUp.REWORK.value])
    reason = serializers.CharField(max_length=2000)


class SampleList(Idempotent):
    scope = ApiToken.Scope.REVIEW

    @extend_schema(operation_id="samples_list", responses=SampleAnswer(many=True))
    def get(self, request: Request, batch_id: int) -> Response:
        """The samples of a batch with their episodes; reviewers and managers."""
        batch = reviewed_batch(request.user, batch_id)
        found = [sample_standing(one, actor(request)) for one in samples_of(batch)]
        return Response([_answer(one) for one in found])

    @extend_schema(request=None, responses={201: SampleAnswer, 409: ProblemAnswer})
    def post(self, request: Request, batch_id: int) -> Response:
        """Draw a fresh sample of a batch that was reworked."""
        reviewed_batch(request.user, batch_id)
        made = draw_fresh(actor=actor(request), batch_id=batch_id)
        return Response(
            _answer(sample_standing(made, actor(request))), status=status.HTTP_201_CREATED
        )


class FollowUp(Idempotent):
    scope = ApiToken.Scope.REVIEW

    @extend_schema(
        request=FollowUpWanted,
        responses={200: SampleAnswer, 403: ProblemAnswer, 409: ProblemAnswer},
    )
    def post(self, request: Request, batch_id: int) -> Response:
        """Decide what follows a failed sample: full review, or rework and a fresh one."""
        reviewed_batch(request.user, batch_id)
        wanted = parsed(FollowUpWanted, request)
        sample = decide_failed(actor=actor(request), batch_id=batch_id, **wanted)
        transaction.on_commit(partial(return_rejected_task.delay, sample.pk))
        return Response(_answer(sample_standing(sample, actor(request))))


def _answer(found: SampleStanding) -> dict[str, Any]:
    sample, counted = found.sample, found.progress
    kept = {
        name: getattr(sample, name)
        for name in SampleAnswer.Meta.fields
        if hasattr(sample, name) and name not in ("looked_at", "errors")
    }
    return {
        **kept,
        "progress": counted.state.value,
        "looked_at": counted.looked_at,
        "errors": counted.bad,
        "more": counted.more,
        "episodes": [
            {
                "item": row.item.pk,
                "episode": str(row.item.project_episode.episode_id),
                "order": row.sampled.order,
                "annotators": "" if row.blind else row.sampled.annotators,
                "task": row.sampled.task,
                "proposed_set": str(row.sampled.proposed_set_id),
                "conforms": row.conforms,
                "why": row.why,
            }
            for row in found.rows
        ],
    }
