"""Guidelines: Markdown in, safe HTML out. Pure: who may see what is decided before.

Raw HTML is shown as text. Pictures are the project's own, by name, and clips of its episodes:
``![alt](clip:<episode-id>?at=1.68&camera=front)``, which shows the frame at that time and leads to
the episode there. What comes out has passed through an allow-list besides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any
from urllib.parse import parse_qsl, unquote
from uuid import UUID

import nh3
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

NS = 1_000_000_000
_CLIP = "clip:"
_PICTURE = "picture:"
_TAGS = {
    *("h2", "h3", "h4", "h5", "h6", "p", "br", "hr", "strong", "em", "s", "code", "pre"),
    *("ul", "ol", "li", "blockquote", "a", "img", "span"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
_ATTRIBUTES = {
    "a": {"href", "title", "class"},
    "img": {"src", "alt", "title", "loading"},
    "ol": {"start"},
    "span": {"class"},
}
_CLASSES = {"clip", "muted", "badge"}


@dataclass(frozen=True, slots=True)
class Clip:
    """A place in an episode that a guideline points at; ``camera`` "" is the first one."""

    episode: UUID
    at_ns: int
    camera: str = ""


@dataclass(frozen=True, slots=True)
class ShownClip:
    """Where a clip's picture is, where it leads to, and what it is called."""

    picture: str
    address: str
    title: str


def clips_in(text: str) -> list[Clip]:
    """The clips of a guideline, each once, in the order of the text."""
    found = (read_clip(source) for source in _sources(text) if source.startswith(_CLIP))
    return list(dict.fromkeys(clip for clip in found if clip is not None))


def pictures_in(text: str) -> list[str]:
    """Names of the pictures that a guideline shows, each once."""
    found = (_name(source) for source in _sources(text) if not source.startswith(_CLIP))
    return list(dict.fromkeys(found))


def read_clip(source: str) -> Clip | None:
    """None for what is no clip: ``clip:<id>?at=<seconds>&camera=<name>``."""
    place, _, query = source.removeprefix(_CLIP).partition("?")
    given = dict(parse_qsl(query))
    try:
        episode = UUID(unquote(place))
        at = Decimal(given.get("at", "0"))
    except (ValueError, InvalidOperation):
        return None
    if not at.is_finite() or not 0 <= at < 1_000_000:
        return None
    return Clip(episode, int(at * NS), given.get("camera", "")[:120])


def guideline_html(text: str, pictures: Mapping[str, str], clips: Mapping[Clip, ShownClip]) -> str:
    """``pictures`` gives the address of a name, ``clips`` what is shown of a clip; what is in
    neither is named instead of shown."""
    parser = _parser()
    parser.add_render_rule("image", _image_rule(pictures, clips))
    allowed = {*pictures.values(), *(clip.picture for clip in clips.values())}
    return nh3.clean(
        parser.render(text),
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_only(allowed),
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener noreferrer nofollow",
        strip_comments=True,
    )


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    for name in ("heading_open", "heading_close"):
        parser.add_render_rule(name, _lower_heading)
    return parser


def _lower_heading(
    self: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any
) -> str:
    """The page has the only heading of the first level."""
    token = tokens[number]
    level = min(6, int(token.tag[1]) + 1) if token.tag != "h6" else 6
    return f"<{'/' if token.nesting < 0 else ''}h{max(2, level)}>"


def _image_rule(pictures: Mapping[str, str], clips: Mapping[Clip, ShownClip]) -> Callable[..., str]:
    def image(
        self: RendererHTML, tokens: Sequence[Token], number: int, options: Any, env: Any
    ) -> str:
        token = tokens[number]
        source = str(token.attrs.get("src", ""))
        alt = self.renderInlineAsText(token.children or [], options, env)
        if source.startswith(_CLIP):
            clip = read_clip(source)
            shown = clips.get(clip) if clip is not None else None
            return _clip(shown, alt) if shown else _missing(alt, "clip not found")
        address = pictures.get(_name(source))
        if address is None:
            return _missing(alt or _name(source), "picture not in this project")
        return f'<img src="{escape(address)}" alt="{escape(alt)}" loading="lazy">'

    return image


def _clip(shown: ShownClip, alt: str) -> str:
    title = escape(shown.title)
    picture = f'<img src="{escape(shown.picture)}" alt="{escape(alt)}" loading="lazy">'
    said = f"{escape(alt)}, {title}" if alt else title
    return (
        f'<a class="clip" href="{escape(shown.address)}">{picture}'
        f'<span class="muted">{said}</span></a>'
    )


def _missing(name: str, why: str) -> str:
    return f'<span class="badge">{escape(name)}: {why}</span>'


def _name(source: str) -> str:
    return unquote(source.removeprefix(_PICTURE))


def _sources(text: str) -> list[str]:
    return [
        str(child.attrs.get("src", ""))
        for token in _parser().parse(text)
        for child in _all(token.children or [])
        if child.type == "image"
    ]


def _all(tokens: Sequence[Token]) -> list[Token]:
    return [found for token in tokens for found in (token, *_all(token.children or []))]


def _only(allowed: set[str]) -> Callable[[str, str, str], str | None]:
    """Pictures from known addresses only, and our own classes."""

    def keep(tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return value if value in allowed else None
        if attribute == "class":
            return value if value in _CLASSES else None
        return value

    return keep
