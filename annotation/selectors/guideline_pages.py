"""A guideline as it is read: its HTML, its pictures, its versions and their readers."""

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlencode
from uuid import UUID

from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.urls import reverse

from annotation.errors import NotFound
from annotation.guideline_html import Clip, ShownClip, clips_in, guideline_html
from annotation.labels.findings import seconds
from annotation.models import (
    GuidelineAcknowledgement,
    GuidelinePicture,
    GuidelineVersion,
    Membership,
    Project,
    ProjectEpisode,
)
from episodes.models import Stream

# Lines around a change that are shown with it.
AROUND = 3


def html_of(project: Project, text: str) -> str:
    """At most two queries, and none for a text without pictures."""
    if not text:
        return ""
    return guideline_html(text, _pictures(project, text), _clips(project, clips_in(text)))


def versions_of(project: Project) -> QuerySet[GuidelineVersion]:
    """Newest first."""
    versions = GuidelineVersion.objects.filter(project=project)
    return versions.select_related("created_by").order_by("-number")


def version_of(project: Project, number: int) -> GuidelineVersion:
    """Raises NotFound."""
    found = versions_of(project).filter(number=number).first()
    if found is None:
        raise NotFound(
            f"The guideline has no version {number}.", remedy="Choose one of its versions."
        )
    return found


def pictures_of(project: Project) -> QuerySet[GuidelinePicture]:
    return GuidelinePicture.objects.filter(project=project).order_by("name")


def picture_of(project: Project, name: str) -> GuidelinePicture:
    """Raises NotFound."""
    picture = GuidelinePicture.objects.filter(project=project, name=name).first()
    if picture is None:
        raise NotFound(
            "There is no such picture in this project.", remedy="Look at the guideline's pictures."
        )
    return picture


def still_stream(project: Project, stream_id: UUID) -> Stream:
    """A camera of one of the project's episodes. Raises NotFound."""
    here = ProjectEpisode.objects.filter(project=project).values("episode")
    streams = Stream.objects.filter(pk=stream_id, episode__in=here)
    found = streams.select_related("asset", "asset__frame_index").first()
    if found is None:
        raise NotFound(
            "There is no such camera in this project's episodes.",
            remedy="Correct the clip in the guideline.",
        )
    return found


@dataclass(frozen=True, slots=True)
class Reader:
    """A person of the project, the newest version they acknowledged and when; ``behind`` says that
    a version which asks for it is newer."""

    user: User
    role: str
    number: int
    at: datetime | None
    behind: bool


def readers_of(project: Project) -> list[Reader]:
    """Those who are behind first. Three queries."""
    asked = (
        GuidelineVersion.objects.filter(project=project, must_acknowledge=True)
        .order_by("-number")
        .values_list("number", flat=True)
        .first()
    ) or 0
    read: dict[int, tuple[int, datetime]] = {}
    acknowledged = GuidelineAcknowledgement.objects.filter(version__project=project)
    for user, number, at in acknowledged.order_by("version__number").values_list(
        "user", "version__number", "at"
    ):
        read[user] = (number, at)
    members = Membership.objects.filter(project=project).select_related("user")
    readers = [
        Reader(
            user=member.user,
            role=member.get_role_display(),
            number=read[member.user_id][0] if member.user_id in read else 0,
            at=read[member.user_id][1] if member.user_id in read else None,
            behind=(read[member.user_id][0] if member.user_id in read else 0) < asked,
        )
        for member in members.order_by("user__username")
    ]
    return sorted(readers, key=lambda reader: not reader.behind)


@dataclass(frozen=True, slots=True)
class DiffLine:
    """``kind``: same, added, removed, or gap for lines that are left out."""

    kind: str
    text: str


def text_diff(before: str, after: str) -> list[DiffLine]:
    """Line by line, three unchanged lines around each change; empty when nothing changed."""
    old, new = before.splitlines(), after.splitlines()
    lines: list[DiffLine] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for number, group in enumerate(matcher.get_grouped_opcodes(AROUND)):
        if number:
            lines.append(DiffLine("gap", "…"))
        for kind, old_from, old_to, new_from, new_to in group:
            if kind == "equal":
                lines += [DiffLine("same", line) for line in old[old_from:old_to]]
                continue
            lines += [DiffLine("removed", line) for line in old[old_from:old_to]]
            lines += [DiffLine("added", line) for line in new[new_from:new_to]]
    return lines


def _pictures(project: Project, text: str) -> dict[str, str]:
    if "](" not in text and "![" not in text:
        return {}
    names = pictures_of(project).values_list("name", flat=True)
    return {name: reverse("guideline-picture", args=[project.pk, name]) for name in names}


def _clips(project: Project, clips: Sequence[Clip]) -> dict[Clip, ShownClip]:
    """Those whose episode is in the project and has the camera; one query."""
    if not clips:
        return {}
    here = ProjectEpisode.objects.filter(
        project=project, episode__in={clip.episode for clip in clips}
    )
    streams = list(
        Stream.objects.filter(episode__in=here.values("episode"))
        .select_related("episode")
        .order_by("position", "camera")
    )
    shown = {}
    for clip in clips:
        fits = [
            stream
            for stream in streams
            if stream.episode_id == clip.episode and clip.camera in ("", stream.camera)
        ]
        if fits:
            shown[clip] = _shown(project, clip, fits[0])
    return shown


def _shown(project: Project, clip: Clip, stream: Stream) -> ShownClip:
    place = [project.pk, stream.pk, clip.at_ns]
    at = seconds(clip.at_ns)
    page = reverse("episode-detail", args=[clip.episode])
    query = urlencode({"at": at, "camera": stream.camera}, quote_via=quote)
    return ShownClip(
        picture=reverse("guideline-still", args=place),
        address=f"{page}?{query}",
        title=f"{stream.episode.key} at {at} s, {stream.camera}",
    )
