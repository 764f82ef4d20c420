"""Guideline pages: reading, confirming, comparing, pictures and stills."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from annotation.errors import GuidelineUnread, NotFound, PictureRefused, RoleMissing
from annotation.models import AuditEntry, GuidelinePicture, Project, ProjectEpisode
from annotation.selectors.editor import project_part
from annotation.selectors.guideline_pages import html_of, readers_of, still_stream, text_diff
from annotation.services.claim_next import claim_next
from annotation.services.guidelines import acknowledge_guideline, publish_guideline
from annotation.services.pictures import MOST_BYTES, add_picture, picture_name
from episodes.models import Stream
from episodes.selectors.data_files import data_path
from tests.annotation.pages import queries, text
from tests.annotation.scene import Team, claimed

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20
Open = Callable[..., str]


@pytest.fixture
def page(team: Team, as_user: Callable[[User], Client]) -> Open:
    def read(user: User, name: str = "project-guideline", **query: int) -> str:
        return text(as_user(user).get(reverse(name, args=[team.project.pk]), query))

    return read


def publish(team: Team, words: str, *, must_acknowledge: bool = False, summary: str = "") -> None:
    publish_guideline(
        actor=team.mei,
        project=team.project,
        text=words,
        must_acknowledge=must_acknowledge,
        summary=summary,
    )


def test_everybody_of_the_project_reads_it(team: Team, page: Open) -> None:
    assert "No guideline yet" in page(team.ada)
    publish(team, "# Grasp\n\n**closed** <script>alert(1)</script>")
    for user in (team.ada, team.ravi, team.mei):
        assert "<h2>Grasp</h2>" in page(user)
        assert "<strong>closed</strong> &lt;script&gt;" in page(user)
    publish(team, "Another")
    assert "Not the newest" in page(team.ada, version=1)
    assert "has no version 7" in page(team.ada, version=7)


def test_who_has_to_confirm_gets_nothing_new(
    team: Team, page: Open, as_user: Callable[[User], Client]
) -> None:
    held = claimed(team.abe, team.project)
    publish(team, "Slowly", must_acknowledge=True, summary="Lift off is later.")
    with pytest.raises(GuidelineUnread) as refused:
        claim_next(actor=team.ada, project=team.project)
    assert refused.value.fields["url"] == reverse("project-guideline", args=[team.project.pk])
    assert claimed(team.abe, team.project) == held
    ada = as_user(team.ada)
    assert "Read version 1" in text(ada.get("/queue/"))
    answer = ada.post(reverse("project-next", args=[team.project.pk]), follow=True)
    assert "I have read it" in text(answer)
    ada.post(reverse("project-guideline-read", args=[team.project.pk]), {"number": "1"})
    assert "Read version 1" not in text(ada.get("/queue/"))
    claimed(team.ada, team.project)
    assert AuditEntry.objects.get(action="guideline.acknowledged").actor == team.ada


def test_the_api_says_where_to_read(team: Team, as_user: Callable[[User], Client]) -> None:
    publish(team, "Slowly", must_acknowledge=True)
    answer = as_user(team.ada).post(reverse("api-claim", args=[team.project.pk]))
    assert (answer.status_code, answer.json()["code"]) == (409, "guideline_unread")


def test_managers_see_who_has_read_what(team: Team, page: Open) -> None:
    publish(team, "One", must_acknowledge=True)
    publish(team, "Two, a typo less")
    acknowledge_guideline(actor=team.ada, version=team.project.guidelines.get(number=1))
    stand = {row.user.username: (row.number, row.behind) for row in readers_of(team.project)}
    assert stand == {"ada": (1, False), "abe": (0, True), "ravi": (0, True), "mei": (0, True)}
    assert "Who has read which version" in page(team.mei)
    assert "Who has read which version" not in page(team.ravi)


def test_two_versions_are_compared(team: Team, page: Open) -> None:
    publish(team, "One\nTwo\n<b>Three</b>")
    publish(team, "One\n2\n<b>Three</b>")
    shown = page(team.ada, "project-guideline-compare")
    assert "<del>Two</del><ins>2</ins><div>&lt;b&gt;Three&lt;/b&gt;</div>" in shown
    assert "<del>2</del><ins>Two</ins>" in page(
        team.ada, "project-guideline-compare", before=2, after=1
    )
    assert "No difference" in page(team.ada, "project-guideline-compare", before=1, after=1)


def test_a_difference_is_shown_with_three_lines_around_it() -> None:
    before = "\n".join(str(number) for number in range(30))
    lines = text_diff(before, before.replace("\n5\n", "\nfive\n").replace("\n25\n", "\n\n"))
    assert [line.kind for line in lines].count("gap") == 1
    assert [line.text for line in lines[:5]] == ["2", "3", "4", "5", "five"]
    assert text_diff(before, before) == []


def test_a_preview_publishes_nothing(team: Team, as_user: Callable[[User], Client]) -> None:
    url = reverse("project-guideline-edit", args=[team.project.pk])
    body = {"text": "*new*", "based_on": 0, "preview": 1}
    answer = as_user(team.mei).post(url, body)
    assert "<em>new</em>" in text(answer)
    assert not team.project.guidelines.exists()
    for user, status in ((team.ada, 403), (team.ravi, 403), (team.otto, 404)):
        assert as_user(user).get(url).status_code == status


def test_pictures_are_stored_once_and_shown_to_members(
    team: Team, as_user: Callable[[User], Client]
) -> None:
    url = reverse("guideline-pictures", args=[team.project.pk])
    for name in ("a cup.png", "bowl.png"):
        as_user(team.mei).post(url, {"file": SimpleUploadedFile(name, PNG)})
    pictures = GuidelinePicture.objects.order_by("name")
    assert [picture.name for picture in pictures] == ["a-cup.png", "bowl.png"]
    assert len({picture.path for picture in pictures}) == 1
    assert data_path(pictures[0].path).read_bytes() == PNG
    shown = reverse("guideline-picture", args=[team.project.pk, "bowl.png"])
    assert f'<img src="{shown}" alt="Bowl"' in html_of(team.project, "![Bowl](bowl.png)")
    answer = as_user(team.ada).get(shown)
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert as_user(team.otto).get(shown).status_code == 404


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.svg", b"<svg onload=alert(1)>", "is no PNG, JPEG or WebP picture"),
        ("a.png", b"GIF89a", "is no PNG, JPEG or WebP picture"),
        ("a.png", PNG + b"0" * MOST_BYTES, "a picture may have 5 MB"),
        ("cup.png", PNG + b"1", "There is another picture named cup.png"),
    ],
)
def test_what_is_no_picture_is_refused(team: Team, name: str, content: bytes, message: str) -> None:
    add_picture(actor=team.mei, project=team.project, filename="cup.png", content=PNG)
    with pytest.raises(PictureRefused, match=message):
        add_picture(actor=team.mei, project=team.project, filename=name, content=content)
    assert GuidelinePicture.objects.count() == 1


def test_managers_only_add_pictures(team: Team) -> None:
    for user, error in ((team.ada, RoleMissing), (team.ravi, RoleMissing), (team.otto, NotFound)):
        with pytest.raises(error):
            add_picture(actor=user, project=team.project, filename="c.png", content=PNG)


@pytest.mark.parametrize(
    ("filename", "name"),
    [("../../etc/a b.png", "a-b.png"), ("C:\\x\\Täße.png", "T-e.png"), ("...", "picture")],
)
def test_names_need_no_quoting(filename: str, name: str) -> None:
    assert picture_name(filename) == name


def test_clips_show_frames_of_the_projects_episodes(team: Team) -> None:
    episode = ProjectEpisode.objects.filter(project=team.project)[0].episode
    stream = Stream.objects.get(episode=episode, camera="side")
    source = f"![Closed](clip:{episode.pk}?at=1.68&camera=side)"
    with queries() as asked:
        html = html_of(team.project, source)
    assert len(asked) <= 2
    still = reverse("guideline-still", args=[team.project.pk, stream.pk, 1_680_000_000])
    assert f'<img src="{still}" alt="Closed"' in html
    assert f'href="/episodes/{episode.pk}/?at=1.680&amp;camera=side"' in html
    assert f"{episode.key} at 1.680 s, side" in html
    other = Project.objects.create(name="Other", schema=team.project.schema)
    assert "clip not found" in html_of(other, source)
    assert "clip not found" in html_of(team.project, source.replace("side", "wrist"))
    with pytest.raises(NotFound):
        still_stream(other, stream.pk)


def test_the_editor_gets_the_html(team: Team) -> None:
    publish(team, "**closed**")
    assert project_part(team.project)["guideline_html"] == "<p><strong>closed</strong></p>\n"
