"""Guidelines in Markdown become HTML that runs nothing and shows only the project's pictures."""

from html.parser import HTMLParser
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from annotation.guideline_html import (
    Clip,
    ShownClip,
    clips_in,
    guideline_html,
    pictures_in,
    read_clip,
)

EPISODE = UUID("0190f5fe-0000-7000-8000-000000000001")
CLIP = Clip(EPISODE, 1_680_000_000, "front")
SHOWN = ShownClip("/still/1.jpg", "/episodes/1/?at=1.68", "episode_000001 at 1.68 s")
PICTURES = {"cup.png": "/projects/1/guideline/pictures/cup.png"}


def html(text: str) -> str:
    return guideline_html(text, PICTURES, {CLIP: SHOWN})


class Seen(HTMLParser):
    """Tags and attributes as a browser's parser would find them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]


def harmless(text: str) -> None:
    seen = Seen(text)
    wrong = {"script", "style", "iframe", "object", "embed", "svg", "math", "form", "base", "link"}
    assert not seen.tags & wrong
    for tag, name, value in seen.attributes:
        assert not name.startswith("on")
        assert name != "style"
        if name == "href":
            assert value.split(":")[0].lower() in ("http", "https", "mailto") or ":" not in value
        if tag == "img" and name == "src":
            assert value in (*PICTURES.values(), SHOWN.picture)


ATTACKS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](&#106;avascript:alert(1))",
    "[a](data:text/html;base64,PHNjcmlwdD4=)",
    "[a](vbscript:msgbox)",
    "![x](javascript:alert(1))",
    "![x](https://evil.example/track.gif)",
    "![x](//evil.example/track.gif)",
    '![x" onerror="alert(1)](cup.png)',
    '![a](cup.png "x\\" onload=\\"alert(1)")',
    "<svg onload=alert(1)>",
    "`<script>alert(1)</script>`",
    "```\n<script>alert(1)</script>\n```",
    "<a href='javascript:alert(1)'>x</a>",
    "<style>*{display:none}</style>",
    f'!["><script>alert(1)</script>](clip:{EPISODE}?at=1.68&camera=front)',
    "[x]: javascript:alert(1)\n\n[x]",
    "<javascript:alert(1)>",
    "<!-- <script> -->",
)


@pytest.mark.parametrize("attack", ATTACKS)
def test_nothing_of_an_attack_is_left(attack: str) -> None:
    harmless(html(attack))


@given(
    st.lists(st.sampled_from([*ATTACKS, "\n", "*", "`", "<", ">", '"', "](", "!["])).map("".join)
)
def test_nor_of_any_mixture(text: str) -> None:
    harmless(html(text))


def test_what_people_write_is_shown() -> None:
    shown = html(
        "# Grasp\n\n- **closed**: no *further*\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n~~no~~"
    )
    for part in ("<h2>Grasp</h2>", "<strong>closed</strong>", "<td>2</td>", "<s>no</s>"):
        assert part in shown
    assert "<h1" not in shown


def test_links_lead_out_without_a_trace() -> None:
    shown = html("[docs](https://example.com/a)")
    assert 'href="https://example.com/a"' in shown
    assert 'rel="noopener noreferrer nofollow"' in shown


@pytest.mark.parametrize("source", ["cup.png", "picture:cup.png"])
def test_own_pictures_are_shown(source: str) -> None:
    assert f'<img src="{PICTURES["cup.png"]}" alt="The cup" loading="lazy">' in html(
        f"![The cup]({source})"
    )


def test_other_pictures_are_named() -> None:
    assert "Bowl: picture not in this project" in html("![Bowl](bowl.png)")
    assert "<img" not in html("![Bowl](https://example.com/bowl.png)")


def test_a_clip_shows_its_frame_and_leads_to_the_episode() -> None:
    shown = html(f"![Closed](clip:{EPISODE}?at=1.68&camera=front)")
    assert f'href="{SHOWN.address}"' in shown
    assert f'<img src="{SHOWN.picture}" alt="Closed"' in shown
    assert "Closed, episode_000001 at 1.68 s" in shown
    assert "clip not found" in html(f"![Closed](clip:{EPISODE}?at=1.69)")


def test_what_a_text_shows_is_listed_once() -> None:
    text = f"![a](clip:{EPISODE}?at=1.68&camera=front) ![a](clip:{EPISODE}?at=1.680&camera=front)"
    assert clips_in(text) == [CLIP]
    assert pictures_in("![a](cup.png) ![b](picture:my%20cup.png) ![c](cup.png)") == [
        "cup.png",
        "my cup.png",
    ]


@pytest.mark.parametrize(
    "source",
    ["clip:", "clip:7?at=1", f"clip:{EPISODE}?at=x", f"clip:{EPISODE}?at=-1",
     f"clip:{EPISODE}?at=nan", f"clip:{EPISODE}?at=1e99"],
)  # fmt: skip
def test_what_is_no_clip(source: str) -> None:
    assert read_clip(source) is None


def test_a_clip_without_time_is_the_beginning() -> None:
    assert read_clip(f"clip:{EPISODE}") == Clip(EPISODE, 0)
