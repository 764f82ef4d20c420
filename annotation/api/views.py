"""Thin endpoints: parse, one service, answer. Errors become problem+json in config.errors."""

from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer
from rest_framework.views import APIView

from annotation.api import serializers as shapes
from annotation.api.idempotency import Idempotent
from annotation.labels.records import labels_to_json
from annotation.models import AnnotationSet, ApiToken, Assignment, Project, ProjectEpisode
from annotation.selectors.editor import annotate_payload, episode_part, signals_part, streams_part
from annotation.selectors.labels import labels_of
from annotation.selectors.projects import project_for
from annotation.selectors.queue import anything_left
from annotation.services.claim_next import claim_next
from annotation.services.heartbeat import heartbeat
from annotation.services.look_ahead import look_ahead
from annotation.services.own import own_set
from annotation.services.release import release
from annotation.services.save_labels import save_labels
from annotation.services.submit import submit
from episodes.errors import TouchlineError

PROBLEM = shapes.ProblemAnswer


def actor(request: Request) -> User:
    """The person asking; the permission classes let nobody anonymous come this far."""
    user = request.user
    if not isinstance(user, User):
        raise TypeError("An endpoint was reached without a person.")
    return user


def parsed(serializer: type[BaseSerializer[Any]], request: Request) -> dict[str, Any]:
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    fields: dict[str, Any] = form.validated_data
    return fields


class SetLabels(APIView):
    """The labels of one's own annotation set."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(responses={200: shapes.SetAnswer, 403: PROBLEM, 404: PROBLEM})
    def get(self, request: Request, set_id: UUID) -> Response:
        """What the set holds now."""
        found = own_set(actor(request), set_id)
        labels = labels_to_json(labels_of(found))
        return Response({"revision": found.revision, "state": found.state, "labels": labels})

    @extend_schema(
        request=shapes.SaveRequest,
        responses={200: shapes.SavedAnswer, 400: PROBLEM, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def patch(self, request: Request, set_id: UUID) -> Response:
        """Save a diff made on ``base_revision``; repeating a ``request_id`` changes nothing.

        409 ``stale_revision`` carries the current ``revision`` and ``labels``; 409 also for
        ``lease_expired``, ``set_frozen`` and ``request_reused``; 400 ``labels_invalid`` carries
        ``findings``.
        """
        fields = {"put": [], "remove": [], **parsed(shapes.SaveRequest, request)}
        saved = save_labels(actor=actor(request), annotation_set_id=set_id, **fields)
        return Response({"revision": saved.revision, "saved_at": saved.saved_at})


class SetSubmit(APIView):
    """Handing a set in."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(
        request=shapes.SubmitRequest,
        responses={
            200: shapes.SubmittedAnswer,
            403: PROBLEM,
            404: PROBLEM,
            409: PROBLEM,
            422: PROBLEM,
        },
    )
    def post(self, request: Request, set_id: UUID) -> Response:
        """Freeze the set when it is complete; 422 ``not_submittable`` carries ``findings``."""
        fields = parsed(shapes.SubmitRequest, request)
        go_on = fields.pop("claim_next")
        person = actor(request)
        done = submit(actor=person, annotation_set_id=set_id, **fields)
        if done.project_episode.purpose == ProjectEpisode.Purpose.TRAINING:
            return Response(_after_training(done))
        if done.assignment is not None and done.assignment.expert:
            return Response(_after_expert(done))
        project = done.project_episode.project
        following = page_of_next(person, project) if go_on else None
        # What a claim could not open, the page of the queue explains.
        more = following is not None or anything_left(project, person, timezone.now())
        return Response(
            {
                "state": done.state,
                "revision": done.revision,
                "next_url": reverse("project-next", args=[project.pk]) if more else None,
                "queue_url": reverse("queue"),
                "next": following,
            }
        )


def _after_training(done: AnnotationSet) -> dict[str, Any]:
    """What was learned comes before the next episode."""
    feedback = reverse("training-feedback", args=[done.pk])
    facts = {"state": done.state, "revision": done.revision}
    return {**facts, "next_url": None, "queue_url": feedback, "next": None}


def _after_expert(done: AnnotationSet) -> dict[str, Any]:
    """Back to where gold is made of it; an expert came for this episode and for no other."""
    gold = reverse("project-gold", args=[done.project_episode.project_id])
    facts = {"state": done.state, "revision": done.revision}
    return {**facts, "next_url": None, "queue_url": f"{gold}#experts", "next": None}


def page_of_next(person: User, project: Project) -> dict[str, Any] | None:
    """Claim the next episode and build its page, in one answer with what came before.

    The work before it is handed in whatever comes of this: a refusal is no failure of that.
    """
    try:
        claim = claim_next(actor=person, project=project)
        if claim is None:
            return None
        payload = annotate_payload(person, claim.assignment)
    except TouchlineError:
        return None
    return {"url": reverse("annotate", args=[claim.assignment.pk]), "payload": payload}


def lease_answer(assignment: Assignment) -> dict[str, Any]:
    left = assignment.lease_expires_at - timezone.now()
    last = assignment.annotation_sets.order_by("-round").values_list("revision", flat=True)
    return {
        "expires_at": assignment.lease_expires_at,
        "seconds": max(0, round(left.total_seconds())),
        "revision": last.first(),
    }


class AssignmentHeartbeat(APIView):
    """Keeping an episode while its page is open."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(
        request=None,
        responses={200: shapes.LeaseAnswer, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM},
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Renew the lease; 409 ``lease_expired`` when the episode went to somebody else."""
        return Response(lease_answer(heartbeat(actor=actor(request), assignment_id=assignment_id)))


class AssignmentRelease(APIView):
    """Giving an episode back."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(request=None, responses={204: None, 403: PROBLEM, 404: PROBLEM, 409: PROBLEM})
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """Free the slot for somebody else; the draft is kept."""
        release(actor=actor(request), assignment_id=assignment_id)
        return Response(status=status.HTTP_204_NO_CONTENT)


class AssignmentAhead(APIView):
    """Looking at what comes after an episode while it is being worked on."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(
        request=None, responses={200: shapes.AheadAnswer, 204: None, 403: PROBLEM, 404: PROBLEM}
    )
    def post(self, request: Request, assignment_id: UUID) -> Response:
        """The recording that will probably come next, to be fetched early; nothing is claimed."""
        episode = look_ahead(actor=actor(request), assignment_id=assignment_id)
        if episode is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        return Response(
            {
                "episode": episode_part(episode),
                "streams": streams_part(episode),
                "signals": signals_part(episode),
            }
        )


class ProjectClaim(Idempotent):
    """Asking for the next episode."""

    scope = ApiToken.Scope.LABEL

    @extend_schema(
        request=None,
        responses={
            200: shapes.ClaimAnswer,
            201: shapes.ClaimAnswer,
            204: None,
            403: PROBLEM,
            404: PROBLEM,
        },
    )
    def post(self, request: Request, project_id: int) -> Response:
        """201 with a new assignment, 200 with one that is resumed, 204 when nothing is left."""
        project = project_for(actor(request), project_id)
        claim = claim_next(actor=actor(request), project=project)
        if claim is None:
            return Response(status=status.HTTP_204_NO_CONTENT)
        answer = {
            "assignment_id": str(claim.assignment.pk),
            "url": reverse("annotate", args=[claim.assignment.pk]),
        }
        created = status.HTTP_201_CREATED if claim.created else status.HTTP_200_OK
        return Response(answer, status=created)
