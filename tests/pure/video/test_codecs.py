"""Codec strings: worked examples of the specifications and the encoders' own records."""

import av
import pytest

from episodes.video import build_index
from episodes.video.codecs import CodecFacts, NotDescribed, codec_string, h264_has_idr
from tests.pure.video.conftest import Videos


def facts(name: str, **changes: object) -> CodecFacts:
    known: dict[str, object] = {
        "name": name, "tag": "", "extradata": b"", "bit_depth": 8, "profile": 0, "level": 0,
        "width": 640, "height": 480, "rate": 30.0,
    }  # fmt: skip
    return CodecFacts(**(known | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "start"),
    [("h264_g2", "avc1.64"), ("hevc", "hvc1.1.6.L"), ("av1_g2", "av01.0.0"), ("vp9", "vp09.00.")],
)
def test_each_encoder_is_named(videos: Videos, name: str, start: str) -> None:
    assert build_index(videos(name).path).codec.startswith(start)


@pytest.mark.parametrize(("name", "has"), [("h264_g2", True), ("av1_g2", False), ("vp9", False)])
def test_only_h264_and_hevc_need_a_description(videos: Videos, name: str, has: bool) -> None:
    assert bool(build_index(videos(name).path).description) is has


def test_avc_takes_profile_compatibility_and_level_from_the_record() -> None:
    record = bytes.fromhex("014d401f ff e1 0000".replace(" ", ""))
    assert codec_string(facts("h264", extradata=record), b"")[0] == "avc1.4d401f"
    assert codec_string(facts("h264", extradata=record, tag="avc3"), b"")[0] == "avc3.4d401f"


def test_hevc_worked_example_of_the_specification() -> None:
    # ISO/IEC 14496-15 E.3: Main profile, compatibility 1 and 2, main tier, level 3.1.
    record = bytes([1, 1, 0x60, 0, 0, 0, 0xB0, 0, 0, 0, 0, 0, 93]) + bytes(10)
    assert codec_string(facts("hevc", extradata=record), b"")[0] == "hvc1.1.6.L93.B0"


def test_av1_record() -> None:
    main_10bit_high_tier = bytes([0x81, 0x08, 0xC0, 0])
    string, description = codec_string(facts("av1", extradata=main_10bit_high_tier), b"")
    assert (string, description) == ("av01.0.08H.10", b"")


def test_av1_without_a_record_is_read_from_its_sequence_header(videos: Videos) -> None:
    with av.open(str(videos("av1_g2").path)) as container:
        stream = container.streams.video[0]
        first = bytes(next(container.demux(stream)))
        record = stream.codec_context.extradata or b""
    with_record, _ = codec_string(facts("av1", extradata=record), b"")
    from_header, _ = codec_string(facts("av1"), first)
    assert from_header == with_record


@pytest.mark.parametrize("packet", [b"", b"\x12\x00", b"\x0a", b"\x0a\xff", b"\x0a\x01\x00"])
def test_av1_without_any_configuration_is_refused(packet: bytes) -> None:
    with pytest.raises(NotDescribed):
        codec_string(facts("av1"), packet)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "vp09.00.30.08"),
        ({"level": 41}, "vp09.00.41.08"),
        ({"profile": 2, "bit_depth": 10, "width": 1920, "height": 1080}, "vp09.02.40.10"),
    ],
)
def test_vp9_level_is_the_least_that_holds_the_pictures(
    changes: dict[str, int], expected: str
) -> None:
    assert codec_string(facts("vp9", **changes), b"")[0] == expected


@pytest.mark.parametrize("name", ["h264", "hevc"])
def test_a_missing_record_is_refused(name: str) -> None:
    with pytest.raises(NotDescribed, match="missing or damaged"):
        codec_string(facts(name), b"")


def test_other_codecs_are_refused_by_name() -> None:
    with pytest.raises(NotDescribed, match="mpeg4"):
        codec_string(facts("mpeg4"), b"")


def test_an_idr_is_found_behind_parameter_sets() -> None:
    def sample(*kinds: int) -> memoryview:
        return memoryview(b"".join(b"\0\0\0\2" + bytes([0x60 | kind, 0]) for kind in kinds))

    assert h264_has_idr(sample(6, 7, 8, 5), 4)
    assert not h264_has_idr(sample(6, 1), 4)
    assert not h264_has_idr(memoryview(b""), 4)
