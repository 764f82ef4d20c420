"""Say something about an episode, mend it, settle it."""

import re
from uuid import UUID

from django.contrib.auth.models import User
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from annotation.errors import CommentRefused, NotFound, RequestReused, RoleMissing
from annotation.models import AnnotationSet, Assignment, Comment, Mention, Notification
from annotation.models.comments import TEXT_LENGTH
from annotation.roles import Role, at_least, role_in
from annotation.selectors.comments import Talk, people_named, place_for, talk_on, thread_for
from annotation.selectors.editor import person_name
from annotation.services import audit
from annotation.services.notify import notify
from annotation.services.progress import lock_place, note_progress

Kind = Notification.Kind
# As user names are, without the point or comma that ends a sentence.
_NAMED = re.compile(r"(?<![\w@])@([\w.+-]*\w)")
_MOST_NAMED = 20


@transaction.atomic
def post_comment(
    *,
    actor: User,
    project_id: int,
    episode_id: UUID,
    comment_id: UUID,
    text: str,
    parent: UUID | None = None,
    annotation_set: UUID | None = None,
    label_id: UUID | None = None,
    at_ns: int | None = None,
    concerning: str = "",
    blocks: bool = False,
) -> Comment:
    """A remark, or an answer when ``parent`` names a thread's first remark.

    The same id again with the same text is the same comment. Who annotates writes about their own
    work only; a question of theirs that ``blocks`` takes the episode from everybody until it is
    resolved. Raises CommentRefused, RequestReused, NotFound, RoleMissing.
    """
    place = place_for(actor, project_id, episode_id)
    lock_place(place.pk)
    there = Comment.objects.filter(pk=comment_id).first()
    if there is not None:
        return _again(there, actor, text)
    talk = talk_on(actor, place)
    _refuse_strangers(talk)
    comment = Comment(
        id=comment_id, project_episode=place, author=actor, text=_written(text), blocks=blocks
    )
    if parent is not None:
        _answer_to(comment, talk, parent)
    else:
        _pin(comment, talk, annotation_set, label_id, at_ns)
        comment.concerning_id = _concerning(talk, comment, concerning)
    comment.save(force_insert=True)
    if blocks:
        _wait(talk)
    named = _name(comment, talk)
    _tell(comment, talk, named)
    audit.record(
        actor=actor,
        action="comment.posted",
        project=place.project,
        subject=comment,
        episode=str(place.episode_id),
        blocks=blocks,
    )
    return comment


@transaction.atomic
def change_comment(
    *, actor: User, comment_id: UUID, text: str | None = None, resolved: bool | None = None
) -> Comment:
    """Edit one's own words, resolve a thread or open it again. What is so already stays so.

    Raises CommentRefused, NotFound, RoleMissing.
    """
    talk, comment, root = thread_for(actor, comment_id)
    lock_place(talk.place.pk)
    comment.refresh_from_db()
    if text is not None:
        _edit(talk, comment, text)
    if resolved is not None:
        _settle(talk, comment, root, resolved)
    return comment


def _edit(talk: Talk, comment: Comment, text: str) -> None:
    if comment.author_id != talk.user.pk:
        raise RoleMissing(
            "Only who wrote a comment changes its words.", remedy="Answer it in the thread."
        )
    before, comment.text = comment.text, _written(text)
    if before == comment.text:
        return
    comment.edited_at = timezone.now()
    comment.save(update_fields=["text", "edited_at"])
    fresh = _name(comment, talk)
    _tell_named(comment, talk, fresh)
    audit.record(
        actor=talk.user,
        action="comment.edited",
        project=talk.place.project,
        subject=comment,
        before=before,
        after=comment.text,
    )


def _settle(talk: Talk, comment: Comment, root: Comment, resolved: bool) -> None:
    if comment.pk != root.pk:
        raise CommentRefused(
            "Only a whole thread is resolved.", remedy="Resolve its first comment instead."
        )
    if (comment.resolved_at is not None) == resolved:
        return
    mine = comment.author_id == talk.user.pk
    if comment.blocks and not mine and talk.blind:
        raise RoleMissing(
            "A question that blocks the episode is settled by who asked it, or by a reviewer.",
            remedy="Answer it, and ask a reviewer to resolve it.",
        )
    comment.resolved_at = timezone.now() if resolved else None
    comment.resolved_by = talk.user if resolved else None
    comment.save(update_fields=["resolved_at", "resolved_by"])
    if resolved and not mine:
        notify(
            [comment.author_id],
            kind=Kind.ANSWERED,
            project=talk.place.project,
            text=f"{person_name(talk.user)} resolved: {comment.text}",
            url=_page(talk),
        )
    audit.record(
        actor=talk.user,
        action="comment.resolved" if resolved else "comment.reopened",
        project=talk.place.project,
        subject=comment,
        episode=str(talk.place.episode_id),
    )


def _again(there: Comment, actor: User, text: str) -> Comment:
    if there.author_id != actor.pk or there.text != _written(text):
        raise RequestReused(
            "This id was used for another comment.",
            remedy="Send each comment under an id of its own.",
        )
    return there


def _refuse_strangers(talk: Talk) -> None:
    if talk.blind and not talk.holds:
        raise RoleMissing(
            "You write about episodes that you hold or held.",
            remedy="Take an episode from your queue, or ask a manager for the role reviewer.",
        )


def _written(text: str) -> str:
    words = text.replace("\x00", "").strip()
    if not words or len(words) > TEXT_LENGTH:
        raise CommentRefused(
            f"A comment has between 1 and {TEXT_LENGTH} characters; this has {len(words)}.",
            remedy="Shorten it, or write something.",
        )
    return words


def _answer_to(comment: Comment, talk: Talk, parent: UUID) -> None:
    _, _, root = thread_for(talk.user, parent)
    if root.project_episode_id != talk.place.pk:
        raise NotFound("There is no such thread on this episode.", remedy="Load it again.")
    if comment.blocks:
        raise CommentRefused(
            "An answer cannot block the episode.", remedy="Ask the question as a thread of its own."
        )
    comment.parent = root
    comment.concerning_id = root.concerning_id


def _pin(
    comment: Comment,
    talk: Talk,
    set_id: UUID | None,
    label_id: UUID | None,
    at_ns: int | None,
) -> None:
    duration_ns = talk.place.episode.duration_ns
    if at_ns is not None and not 0 <= at_ns <= duration_ns:
        raise CommentRefused(
            f"{at_ns} ns is outside the episode, which lasts {duration_ns} ns.",
            remedy="Pin it to a time within the episode, or to none.",
        )
    comment.at_ns = at_ns
    if set_id is None:
        if label_id is not None:
            raise CommentRefused(
                "A label is pinned to together with its set.", remedy="Send annotation_set too."
            )
        return
    found = AnnotationSet.objects.filter(
        pk=set_id, project_episode=talk.place, assignment__isnull=False
    ).select_related("assignment")
    annotation_set = found.first()
    of = annotation_set.assignment if annotation_set else None
    if of is None or (talk.blind and of.annotator_id != talk.user.pk):
        raise CommentRefused(
            "There are no such labels on this episode to comment on.",
            remedy="Pin the comment to a time instead.",
        )
    comment.annotation_set = annotation_set
    comment.label_id = label_id


def _concerning(talk: Talk, comment: Comment, name: str) -> int | None:
    """Whose work it is about: an annotator's own, a set's annotator, or who is named."""
    if not talk.speaks_for_review(talk.user.pk):
        return talk.user.pk
    if comment.annotation_set is not None and comment.annotation_set.assignment is not None:
        return comment.annotation_set.assignment.annotator_id
    if not name:
        return None
    held = Assignment.objects.filter(project_episode=talk.place, annotator__username=name)
    found = held.values_list("annotator", flat=True).first()
    if found is None:
        raise CommentRefused(
            f"{name} does not annotate this episode.",
            remedy="Leave it out to write to everybody who holds the episode.",
        )
    return found


def _wait(talk: Talk) -> None:
    """The asker's work waits, holding its slot, and they go on with something else."""
    state = Assignment.State
    own = Assignment.objects.select_for_update(no_key=True).filter(
        project_episode=talk.place, annotator=talk.user
    )
    assignment = own.first()
    if assignment is None or assignment.state not in (state.ACTIVE, state.RETURNED, state.WAITING):
        if at_least(role_in(talk.user, talk.place.project), Role.REVIEWER):
            return
        raise CommentRefused(
            "Only an episode that you are working on can be blocked by your question.",
            remedy="Ask without blocking it.",
        )
    assignment.state = state.WAITING
    assignment.lease_expires_at = timezone.now()
    assignment.save(update_fields=["state", "lease_expires_at"])
    note_progress([talk.place.pk])


def _name(comment: Comment, talk: Talk) -> list[User]:
    """Write down who is named and was not before."""
    names = {name.lower() for name in _NAMED.findall(comment.text)}
    if len(names) > _MOST_NAMED:
        raise CommentRefused(
            f"{len(names)} people are named; at most {_MOST_NAMED} are told.",
            remedy="Name those who have to answer.",
        )
    root = comment.parent or comment
    before = set(comment.mentions.values_list("user", flat=True))
    named = [
        one
        for one in people_named(talk.place.project, names)
        if one.pk != talk.user.pk and one.pk not in before
    ]
    for one in named:
        if not _may_name(talk, root, one):
            raise CommentRefused(
                f"{one.username} must not read this: annotators do not hear of each other's work.",
                remedy="Name a reviewer or a manager.",
            )
    Mention.objects.bulk_create(Mention(comment=comment, user=one) for one in named)
    return named


def _may_name(talk: Talk, root: Comment, user: User) -> bool:
    if talk.speaks_for_review(user.pk):
        return True
    if talk.blind:
        return False
    return root.concerning_id in (None, user.pk) or user.pk not in talk.annotators


def _tell(comment: Comment, talk: Talk, named: list[User]) -> None:
    _tell_named(comment, talk, named)
    told = {one.pk for one in named}
    root = comment.parent or comment
    wrote = {root.author_id, *root.answers.values_list("author", flat=True)}
    others = {one for one in wrote if talk.speaks_for_review(one) or one == root.concerning_id}
    if talk.speaks_for_review(talk.user.pk):
        others |= wrote
        if root.concerning_id is not None:
            others.add(root.concerning_id)
    if root is comment and root.concerning_id is None:
        others |= talk.annotators
    if comment.blocks:
        others |= {one for one in talk.overseers if talk.speaks_for_review(one)}
    said = "asks, and waits" if comment.blocks else "wrote"
    for one in sorted(others - told):
        notify(
            [one],
            kind=Kind.ANSWERED,
            project=talk.place.project,
            text=f"{person_name(talk.user)} {said}: {comment.text}",
            url=_page(talk),
            besides=talk.user,
        )


def _tell_named(comment: Comment, talk: Talk, named: list[User]) -> None:
    for one in named:
        notify(
            [one],
            kind=Kind.MENTIONED,
            project=talk.place.project,
            text=f"{person_name(talk.user)} names you: {comment.text}",
            url=_page(talk),
            besides=talk.user,
        )


def _page(talk: Talk) -> str:
    """Where everybody reads as much of the thread as they may."""
    return reverse("place-comments", args=[talk.place.project_id, talk.place.episode_id])
