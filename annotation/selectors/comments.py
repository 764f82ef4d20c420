"""Comments on an episode, as far as somebody may read them.

Reviewers and managers read all. Who annotates the episode reads what they wrote, what concerns
them, what they are named in, and what reviewers say to everybody who holds it; never a word of
another annotator, or two answers would no longer be two.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import Q, QuerySet

from annotation.errors import NotFound
from annotation.models import Assignment, Comment, Membership, Project, ProjectEpisode
from annotation.roles import Role, at_least, require_role, role_in
from annotation.selectors.editor import person_name

_AT_WORK = (Assignment.State.ACTIVE, Assignment.State.RETURNED, Assignment.State.WAITING)


@dataclass(frozen=True, slots=True)
class Talk:
    """Who is who on an episode. ``blind``: the reader must not hear of other annotators' work."""

    place: ProjectEpisode
    user: User
    blind: bool
    overseers: frozenset[int]
    annotators: frozenset[int]

    @property
    def holds(self) -> bool:
        return self.user.pk in self.annotators

    def speaks_for_review(self, user_id: int) -> bool:
        """A reviewer who labels the episode speaks as an annotator there."""
        return user_id in self.overseers and user_id not in self.annotators


def place_for(user: User, project_id: int, episode_id: UUID) -> ProjectEpisode:
    """Raises NotFound to outsiders, and where the project has no such episode."""
    place = (
        ProjectEpisode.objects.select_related("project", "episode")
        .filter(project=project_id, episode=episode_id)
        .first()
    )
    if place is None or role_in(user, place.project) is None:
        raise NotFound("There is no such episode in this project.", remedy="Check the address.")
    return place


def talk_on(user: User, place: ProjectEpisode) -> Talk:
    """Three queries. Raises NotFound to outsiders."""
    role = require_role(user, place.project, Role.ANNOTATOR)
    held = dict(
        Assignment.objects.filter(project_episode=place)
        .order_by()
        .values_list("annotator", "state")
    )
    roles = Membership.objects.filter(project=place.project).exclude(role=Role.ANNOTATOR)
    overseers = set(roles.order_by().values_list("user", flat=True))
    if user.is_superuser:
        overseers.add(user.pk)
    blind = not at_least(role, Role.REVIEWER) or held.get(user.pk) in _AT_WORK
    return Talk(place, user, blind, frozenset(overseers), frozenset(held))


@dataclass(frozen=True, slots=True)
class Thread:
    """A first remark and its answers, oldest first, without what the reader may not read."""

    root: Comment
    answers: tuple[Comment, ...]


def threads_of(talk: Talk) -> list[Thread]:
    """The threads of the episode in time order, those about the whole of it first. Two queries."""
    found = list(
        Comment.objects.filter(project_episode=talk.place)
        .select_related("author", "concerning", "resolved_by")
        .prefetch_related("mentions")
        .order_by("created_at", "id")
    )
    answers: dict[UUID, list[Comment]] = {one.pk: [] for one in found if one.parent_id is None}
    for one in found:
        if one.parent_id is not None:
            answers[one.parent_id].append(one)
    threads = [
        _shown(talk, one, answers[one.pk])
        for one in found
        if one.parent_id is None and may_read(talk, one, answers[one.pk])
    ]
    return sorted(threads, key=lambda thread: thread.root.at_ns or 0)


def _shown(talk: Talk, root: Comment, answers: Sequence[Comment]) -> Thread:
    if not talk.blind:
        return Thread(root, tuple(answers))
    return Thread(root, tuple(one for one in answers if _unblinding(talk, one)))


def _unblinding(talk: Talk, comment: Comment) -> bool:
    """One's own words, or a reviewer's."""
    return comment.author_id == talk.user.pk or talk.speaks_for_review(comment.author_id)


def may_read(talk: Talk, root: Comment, answers: Sequence[Comment]) -> bool:
    if not talk.blind:
        return True
    if not _unblinding(talk, root):
        return False
    me = talk.user.pk
    whole = [root, *answers]
    if root.concerning_id == me or any(one.author_id == me for one in whole):
        return True
    if any(mention.user_id == me for one in whole for mention in one.mentions.all()):
        return True
    return root.concerning_id is None and root.annotation_set_id is None and talk.holds


def thread_for(user: User, comment_id: UUID) -> tuple[Talk, Comment, Comment]:
    """The talk, the comment and its thread's first remark. Raises NotFound for the unreadable."""
    gone = NotFound("There is no such comment.", remedy="Load the episode's comments again.")
    comment = (
        Comment.objects.select_related("project_episode__project", "project_episode__episode")
        .filter(pk=comment_id)
        .first()
    )
    if comment is None or role_in(user, comment.project_episode.project) is None:
        raise gone
    talk = talk_on(user, comment.project_episode)
    for thread in threads_of(talk):
        for one in (thread.root, *thread.answers):
            if one.pk == comment_id:
                return talk, one, thread.root
    raise gone


def people_named(project: Project, names: Collection[str]) -> QuerySet[User]:
    """Members of the project by user name, however it is capitalised."""
    wanted = Q(pk__in=[])
    for name in names:
        wanted |= Q(username__iexact=name)
    return User.objects.filter(wanted, is_active=True, memberships__project=project)


def talk_json(talk: Talk) -> dict[str, Any]:
    """What the editor's panel shows: threads, and who can be named."""
    return {
        "threads": [
            {
                **comment_json(talk, thread.root),
                "answers": [comment_json(talk, a) for a in thread.answers],
            }
            for thread in threads_of(talk)
        ],
        "people": nameable(talk),
        "may_block": talk.holds,
    }


def nameable(talk: Talk) -> list[str]:
    """User names that may be written with @: annotators learn only of those who review."""
    members = Membership.objects.filter(project=talk.place.project).select_related("user")
    return [
        one.user.username
        for one in members.order_by("user__username")
        if one.user.is_active
        and (not talk.blind or talk.speaks_for_review(one.user_id))
        and one.user_id != talk.user.pk
    ]


def comment_json(talk: Talk, one: Comment) -> dict[str, Any]:
    return {
        "id": str(one.pk),
        "author": person_name(one.author),
        "own": one.author_id == talk.user.pk,
        "concerning": person_name(one.concerning) if one.concerning else None,
        "annotation_set": str(one.annotation_set_id) if one.annotation_set_id else None,
        "label_id": str(one.label_id) if one.label_id else None,
        "at_ns": one.at_ns,
        "text": one.text,
        "blocks": one.blocks,
        "created_at": one.created_at.isoformat(),
        "edited_at": one.edited_at.isoformat() if one.edited_at else None,
        "resolved_at": one.resolved_at.isoformat() if one.resolved_at else None,
        "resolved_by": person_name(one.resolved_by) if one.resolved_by else None,
    }
