"""Verdicts on labels, decisions on episodes, and consensus sets, for programs and the editor."""

from typing import Any
from uuid import uuid4

from django.contrib.auth.models import User
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotation.api.idempotency import Idempotent
from annotation.api.serializers import (
    LabelSerializer,
    ProblemAnswer,
    SavedAnswer,
    SaveRequest,
    SetAnswer,
)
from annotation.api.views import actor, parsed
from annotation.labels.records import labels_to_json
from annotation.models import ApiToken
from annotation.selectors.labels import labels_of
from review.api.views import BatchItemAnswer
from review.models import Adjudication, BatchItem, LabelVerdict, Verdict
from review.selectors.adjudications import (
    adjudications_of,
    draft_of,
    provenance,
    reviewed_adjudication,
)
from review.selectors.batches import reviewed_item
from review.selectors.episode import episode_review
from review.selectors.marks import mark_json
from review.selectors.repeats import next_for, open_repeat
from review.selectors.workbench import marks_json
from review.services.adjudication import (
    accept_consensus,
    begin_adjudication,
    drop_consensus,
    undo_consensus,
)
from review.services.marks import Said, give_label_verdict
from review.services.save_consensus import save_consensus
from review.services.verdicts import approve_episode, return_episode

PROBLEM = ProblemAnswer
REFUSALS = {400: PROBLEM, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM}


class LabelVerdictAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    set = serializers.UUIDField(help_text="the annotation set that is judged")
    label_id = serializers.UUIDField(allow_null=True)
    at_ns = serializers.IntegerField(allow_null=True)
    verdict = serializers.ChoiceField(LabelVerdict.Word.choices)
    comment = serializers.CharField()
    by = serializers.CharField()


class LabelVerdictWanted(serializers.Serializer[Any]):
    annotation_set = serializers.UUIDField()
    label_id = serializers.UUIDField(allow_null=True, required=False, default=None)
    at_ns = serializers.IntegerField(allow_null=True, required=False, default=None, min_value=0)
    verdict = serializers.ChoiceField(LabelVerdict.Word.choices)
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    supersedes = serializers.IntegerField(
        allow_null=True,
        required=False,
        default=None,
        help_text="the id of the verdict that this one replaces; null for a first one",
    )
    request_id = serializers.UUIDField()


class LabelVerdicts(APIView):
    """What is said of the labels of an episode under review."""

    scope = ApiToken.Scope.REVIEW

    @extend_schema(
        operation_id="label_verdicts_list",
        responses={200: LabelVerdictAnswer(many=True), 403: PROBLEM, 404: PROBLEM},
    )
    def get(self, request: Request, item_id: int) -> Response:
        """The last word on each label of the rounds that stand now; none that was superseded."""
        item = reviewed_item(request.user, item_id)
        return Response(marks_json(episode_review(item, actor(request))))

    @extend_schema(request=LabelVerdictWanted, responses={201: LabelVerdictAnswer, **REFUSALS})
    def post(self, request: Request, item_id: int) -> Response:
        """Add one; the same ``request_id`` again adds nothing. 409 ``verdict_stale`` when another
        was given meanwhile: ``current`` is its id."""
        reviewed_item(request.user, item_id)
        wanted = parsed(LabelVerdictWanted, request)
        made = give_label_verdict(
            actor=actor(request),
            item_id=item_id,
            said=Said(
                annotation_set_id=wanted["annotation_set"],
                verdict=LabelVerdict.Word(wanted["verdict"]),
                label_id=wanted["label_id"],
                at_ns=wanted["at_ns"],
                comment=wanted["comment"],
                supersedes=wanted["supersedes"],
            ),
            request_id=wanted["request_id"],
        )
        # Under the id it came by: the page knows its lanes' labels, not how they are stored.
        answer = mark_json(made, {})
        label_id = wanted["label_id"]
        answer["label_id"] = str(label_id) if label_id else None
        return Response(answer, status=status.HTTP_201_CREATED)


class EpisodeVerdictAnswer(serializers.ModelSerializer[Verdict]):
    class Meta:
        model = Verdict
        fields = ("id", "decision", "annotation_set", "comment", "reviewer", "created_at")


class EpisodeVerdictWanted(serializers.Serializer[Any]):
    decision = serializers.ChoiceField([Verdict.Decision.APPROVED, Verdict.Decision.RETURNED])
    annotation_sets = serializers.ListField(child=serializers.UUIDField(), min_length=1)
    comment = serializers.CharField(max_length=2000, required=False, default="", allow_blank=True)
    version = serializers.IntegerField(min_value=0, help_text="the item's, as it was looked at")
    request_id = serializers.UUIDField()

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        several = len(attrs["annotation_sets"]) > 1
        if attrs["decision"] == Verdict.Decision.APPROVED and several:
            raise serializers.ValidationError({"annotation_sets": "One set stands, not several."})
        return attrs


class EpisodeVerdicts(APIView):
    """Decisions on an episode under review."""

    scope = ApiToken.Scope.REVIEW

    @extend_schema(
        operation_id="episode_verdicts_list",
        responses={200: EpisodeVerdictAnswer(many=True), 403: PROBLEM, 404: PROBLEM},
    )
    def get(self, request: Request, item_id: int) -> Response:
        """All of them, newest first."""
        item = reviewed_item(request.user, item_id)
        review = episode_review(item, actor(request))
        return Response(EpisodeVerdictAnswer(review.verdicts, many=True).data)

    @extend_schema(request=EpisodeVerdictWanted, responses={200: BatchItemAnswer, **REFUSALS})
    def post(self, request: Request, item_id: int) -> Response:
        """Let one set stand, or send sets back; verdicts on their labels go along."""
        reviewed_item(request.user, item_id)
        wanted = parsed(EpisodeVerdictWanted, request)
        given = {
            "actor": actor(request),
            "item_id": item_id,
            "version": wanted["version"],
            "request_id": wanted["request_id"],
        }
        if wanted["decision"] == Verdict.Decision.APPROVED:
            item = approve_episode(annotation_set_id=wanted["annotation_sets"][0], **given)
        else:
            item = return_episode(
                annotation_set_ids=wanted["annotation_sets"], comment=wanted["comment"], **given
            )
        return Response(BatchItemAnswer(item).data)


class AdjudicationAnswer(serializers.ModelSerializer[Adjudication]):
    sources: Any = serializers.PrimaryKeyRelatedField(
        many=True, read_only=True, help_text="the sets it is made of"
    )

    class Meta:
        model = Adjudication
        fields: tuple[str, ...] = (
            *("id", "item", "annotation_set", "method", "quorum_percent", "state", "sources"),
            *("reviewer", "created_at", "accepted_at", "ended_by", "ended_at", "reason"),
        )


class SourceAnswer(serializers.Serializer[Any]):
    annotation_set = serializers.UUIDField()
    label_id = serializers.UUIDField()
    how = serializers.CharField()


class ProvenanceAnswer(serializers.Serializer[Any]):
    label_id = serializers.UUIDField()
    sources = SourceAnswer(many=True, help_text="empty: the reviewer's own")
    changed = serializers.BooleanField(help_text="it says something else than any of its sources")


class AdjudicationInFull(AdjudicationAnswer):
    labels = LabelSerializer(many=True)
    provenance = ProvenanceAnswer(many=True)

    class Meta(AdjudicationAnswer.Meta):
        fields = (*AdjudicationAnswer.Meta.fields, "labels", "provenance")


class AdjudicationWanted(serializers.Serializer[Any]):
    method = serializers.ChoiceField(Adjudication.Method.choices)
    annotation_sets = serializers.ListField(
        child=serializers.UUIDField(), required=False, default=list, help_text="empty: everybody's"
    )
    version = serializers.IntegerField(min_value=0, help_text="the item's, as it was looked at")
    request_id = serializers.UUIDField()


class AdjudicationList(Idempotent):
    scope = ApiToken.Scope.REVIEW

    @extend_schema(
        operation_id="adjudications_list",
        responses={200: AdjudicationAnswer(many=True), 403: PROBLEM, 404: PROBLEM},
    )
    def get(self, request: Request, item_id: int) -> Response:
        """Those that stood or stand, and one's own draft, newest first."""
        item = reviewed_item(request.user, item_id)
        user = actor(request)
        return Response(AdjudicationAnswer(_seen(item, user), many=True).data)

    @extend_schema(request=AdjudicationWanted, responses={201: AdjudicationAnswer, **REFUSALS})
    def post(self, request: Request, item_id: int) -> Response:
        """Begin a draft; there is one a reviewer, which is the answer when it is there already."""
        reviewed_item(request.user, item_id)
        wanted = parsed(AdjudicationWanted, request)
        made = begin_adjudication(
            actor=actor(request),
            item_id=item_id,
            method=Adjudication.Method(wanted["method"]),
            annotation_set_ids=wanted["annotation_sets"],
            version=wanted["version"],
            request_id=wanted["request_id"],
        )
        return Response(AdjudicationAnswer(made).data, status=status.HTTP_201_CREATED)


def _seen(item: BatchItem, user: User) -> list[Adjudication]:
    repeat = open_repeat(item, user)
    draft = draft_of(item, user, repeat)
    shown = [] if repeat else adjudications_of(item).exclude(state=Adjudication.State.DRAFT)
    return [*([draft] if draft else []), *shown]


class AdjudicationOne(APIView):
    scope = ApiToken.Scope.REVIEW

    @extend_schema(
        operation_id="adjudications_retrieve",
        responses={200: AdjudicationInFull, 403: PROBLEM, 404: PROBLEM},
    )
    def get(self, request: Request, adjudication_id: int) -> Response:
        """A consensus with its labels and what each of them came from."""
        found = reviewed_adjudication(request.user, adjudication_id)
        labels = labels_of(found.annotation_set)
        return Response(
            {
                **AdjudicationAnswer(found).data,
                "labels": labels_to_json(labels),
                "provenance": provenance(found.annotation_set, labels),
            }
        )

    @extend_schema(responses={200: AdjudicationAnswer, **REFUSALS})
    def delete(self, request: Request, adjudication_id: int) -> Response:
        """Give one's own draft up."""
        dropped = drop_consensus(actor=actor(request), adjudication_id=adjudication_id)
        return Response(AdjudicationAnswer(dropped).data)


class AdjudicationLabels(APIView):
    """The labels of one's own draft, saved as an annotator's are."""

    scope = ApiToken.Scope.REVIEW

    @extend_schema(responses={200: SetAnswer, 403: PROBLEM, 404: PROBLEM})
    def get(self, request: Request, adjudication_id: int) -> Response:
        """What it holds now."""
        own = reviewed_adjudication(request.user, adjudication_id).annotation_set
        labels = labels_to_json(labels_of(own))
        return Response({"revision": own.revision, "state": own.state, "labels": labels})

    @extend_schema(request=SaveRequest, responses={200: SavedAnswer, **REFUSALS})
    def patch(self, request: Request, adjudication_id: int) -> Response:
        """Save a diff made on ``base_revision``; repeating a ``request_id`` changes nothing."""
        reviewed_adjudication(request.user, adjudication_id)
        fields = {"put": [], "remove": [], **parsed(SaveRequest, request)}
        saved = save_consensus(actor=actor(request), adjudication_id=adjudication_id, **fields)
        return Response({"revision": saved.revision, "saved_at": saved.saved_at})


class AcceptWanted(serializers.Serializer[Any]):
    base_revision = serializers.IntegerField(min_value=0)
    request_id = serializers.UUIDField()
    version = serializers.IntegerField(
        min_value=0, required=False, help_text="the item's; also as ?version="
    )


class AcceptAnswer(serializers.Serializer[Any]):
    state = serializers.CharField()
    revision = serializers.IntegerField()
    next_url = serializers.CharField(allow_null=True)
    queue_url = serializers.CharField(help_text="where a reviewer goes on")


class AdjudicationAccept(APIView):
    scope = ApiToken.Scope.REVIEW

    @extend_schema(request=AcceptWanted, responses={200: AcceptAnswer, 422: PROBLEM, **REFUSALS})
    def post(self, request: Request, adjudication_id: int) -> Response:
        """Freeze the draft and let it stand for the episode; 422 carries ``findings``."""
        reviewed_adjudication(request.user, adjudication_id)
        asked = request.data
        if isinstance(asked, dict):
            asked = {**request.query_params.dict(), **asked}
        form = AcceptWanted(data=asked)
        form.is_valid(raise_exception=True)
        wanted = form.validated_data
        if "version" not in wanted:
            raise serializers.ValidationError({"version": "This field is required."})
        user = actor(request)
        made = accept_consensus(
            actor=user,
            adjudication_id=adjudication_id,
            base_revision=wanted["base_revision"],
            version=wanted["version"],
            request_id=wanted["request_id"],
        )
        item = reviewed_item(user, made.item_id)
        following = next_for(item, user)
        onward = (
            reverse("review-episode", args=[following.pk])
            if following
            else reverse("batch-detail", args=[item.batch_id])
        )
        own = made.annotation_set
        own.refresh_from_db(fields=["state", "revision"])
        return Response(
            {
                "state": own.state,
                "revision": own.revision,
                "next_url": None,
                "queue_url": onward,
            }
        )


class UndoWanted(serializers.Serializer[Any]):
    reason = serializers.CharField(max_length=2000)
    version = serializers.IntegerField(min_value=0)
    request_id = serializers.UUIDField(required=False, default=uuid4)


class AdjudicationUndo(Idempotent):
    scope = ApiToken.Scope.REVIEW

    @extend_schema(request=UndoWanted, responses={200: AdjudicationAnswer, **REFUSALS})
    def post(self, request: Request, adjudication_id: int) -> Response:
        """Take back a consensus that stands; the episode is to be reviewed again."""
        reviewed_adjudication(request.user, adjudication_id)
        wanted = parsed(UndoWanted, request)
        undone = undo_consensus(actor=actor(request), adjudication_id=adjudication_id, **wanted)
        return Response(AdjudicationAnswer(undone).data)
