"""Quantities of recordings in templates."""

from decimal import Decimal
from uuid import UUID

from django import template
from django.urls import reverse

from episodes.errors import TouchlineError
from episodes.formats.folder import FORMAT_ID as PLAIN
from episodes.formats.registry import FORMATS
from episodes.models import Dataset, Episode, Stream
from episodes.selectors.media import stream_part

register = template.Library()
_ANY_ID = UUID(int=0)


@register.filter
def seconds(duration_ns: int | None) -> str:
    """Nanoseconds as seconds with two decimals."""
    return f"{Decimal(duration_ns or 0) / 10**9:,.2f}"


@register.filter
def duration(duration_ns: int | None) -> str:
    """Nanoseconds as people say them: 8.50 s, 2 min 05 s, 1 h 02 min."""
    ns = duration_ns or 0
    if ns < 60 * 10**9:
        return f"{Decimal(ns) / 10**9:.2f} s"
    whole = round(ns / 10**9)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600:,} h {whole % 3600 // 60:02d} min"


@register.filter
def rate(episode: Episode) -> str:
    """An episode's rate in Hz, as the source names it where that is a whole number."""
    num, den = episode.rate_num, episode.rate_den
    return f"{num}" if den == 1 else f"{Decimal(num) / den:.2f}"


@register.simple_tag
def address_pattern(view: str) -> str:
    """The address of ``view`` for an id to be put in: a list resolves it once, not for each row."""
    return reverse(view, args=[_ANY_ID])


@register.filter
def with_id(pattern: str, pk: UUID) -> str:
    return pattern.replace(str(_ANY_ID), str(pk))


@register.filter
def format_name(dataset: Dataset) -> str:
    """A dataset's format as people call it: LeRobot v2.1, RLDS / TFDS 1.0.0, plain folder."""
    if dataset.format.startswith("lerobot_"):
        return f"LeRobot {dataset.format_version}".strip()
    if dataset.format == PLAIN:
        return "plain folder"
    title = {one.id: one.title for one in FORMATS}.get(dataset.format, dataset.format)
    # Others count their layouts, if at all, in numbers that nobody knows them by.
    return f"{title} {dataset.format_version}" if "." in dataset.format_version else title


@register.filter
def circumstances(episode: Episode) -> str:
    """Where, by whom and with what it was recorded, as far as that is known, in one line."""
    by = f"by {episode.operator}" if episode.operator else ""
    return " · ".join(filter(None, [episode.scene, by, ", ".join(episode.things)]))


@register.filter
def offset_ms(stream: Stream) -> str:
    """From the stream's clock to the episode's in ms: as imported, and the newest correction."""
    corrections = list(stream.clock_maps.all())
    added_ns = corrections[0].offset_ns if corrections else 0
    return f"{Decimal(stream.clock_offset_ns + added_ns) / 10**6:+,.3f}"


@register.filter
def stored_bytes(stream: Stream) -> int:
    """What the stream's frames take of its video."""
    return stream.byte_end - stream.byte_start


@register.filter
def measured_rate(stream: Stream) -> str:
    """Frames a second between the first and the last time stamp; a dash where none are known."""
    try:
        times = stream_part(stream).times_ns
    except TouchlineError:
        return "–"
    span_ns = int(times[-1]) - int(times[0]) if len(times) > 1 else 0
    return f"{(len(times) - 1) * 10**9 / span_ns:.2f}" if span_ns > 0 else "–"
