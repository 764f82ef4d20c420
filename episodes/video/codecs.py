"""WebCodecs codec strings from a stream's own configuration record.

Sources: RFC 6381 and ISO/IEC 14496-15 annex E (avc1, hvc1), AV1-ISOBMFF section 5 (av01),
VP-codec-ISOBMFF (vp09).
"""

from dataclasses import dataclass

AV1_SEQUENCE_HEADER = 1
H264_IDR = 5
# Not WebCodecs strings: each frame is a whole picture file, which browsers decode as an image.
JPEG, PNG = "jpeg", "png"


class NotDescribed(Exception):
    """The stream's configuration does not say how to decode it."""


@dataclass(frozen=True, slots=True)
class CodecFacts:
    """What the demuxer knows: ``bit_depth`` from the pixel format, ``rate`` in frames a second."""

    name: str
    tag: str
    extradata: bytes
    bit_depth: int
    profile: int
    level: int
    width: int
    height: int
    rate: float


def codec_string(facts: CodecFacts, first_packet: bytes) -> tuple[str, bytes]:
    """The WebCodecs string and the description bytes (avcC, hvcC; empty for AV1 and VP9).

    Raises NotDescribed for another codec or a record that is missing or damaged.
    """
    match facts.name:
        case "h264":
            return _avc(facts), facts.extradata
        case "hevc":
            return _hevc(facts), facts.extradata
        case "av1":
            return _av1(facts, first_packet), b""
        case "vp9":
            return _vp9(facts), b""
        case "mjpeg":
            return JPEG, b""
        case "png":
            return PNG, b""
        case other:
            raise NotDescribed(
                f"the codec is {other!r}; H.264, HEVC, VP9, AV1, JPEG and PNG are supported"
            )


def _avc(facts: CodecFacts) -> str:
    record = facts.extradata
    if len(record) < 7 or record[0] != 1:
        raise NotDescribed("the H.264 decoder configuration (avcC) is missing or damaged")
    return f"{_tag(facts, 'avc1', 'avc3')}.{record[1:4].hex()}"


def _hevc(facts: CodecFacts) -> str:
    record = facts.extradata
    if len(record) < 23 or record[0] != 1:
        raise NotDescribed("the HEVC decoder configuration (hvcC) is missing or damaged")
    space = ("", "A", "B", "C")[record[1] >> 6]
    tier = "H" if record[1] & 0x20 else "L"
    compatibility = int(f"{int.from_bytes(record[2:6]):032b}"[::-1], 2)
    constraints = record[6:12].rstrip(b"\0")
    parts = [f"{space}{record[1] & 0x1F}", f"{compatibility:X}", f"{tier}{record[12]}"]
    return ".".join([_tag(facts, "hvc1", "hev1"), *parts, *(f"{byte:X}" for byte in constraints)])


def _tag(facts: CodecFacts, usual: str, other: str) -> str:
    return other if facts.tag == other else usual


def _av1(facts: CodecFacts, first_packet: bytes) -> str:
    record = facts.extradata
    if len(record) >= 4 and record[0] == 0x81:
        profile, level = record[1] >> 5, record[1] & 0x1F
        tier = record[2] >> 7
        depth = (12 if record[2] & 0x20 else 10) if record[2] & 0x40 else 8
    else:
        profile, level, tier = _av1_sequence(first_packet)
        depth = facts.bit_depth
    return f"av01.{profile}.{level:02d}{'H' if tier else 'M'}.{depth:02d}"


class _Bits:
    def __init__(self, data: bytes) -> None:
        self._value, self._left = int.from_bytes(data), len(data) * 8

    def take(self, count: int) -> int:
        self._left -= count
        if self._left < 0:
            raise NotDescribed("the AV1 sequence header is cut off")
        return (self._value >> self._left) & ((1 << count) - 1)


def _av1_sequence(packet: bytes) -> tuple[int, int, int]:
    """Profile, level index and tier of operating point 0 (AV1 specification 5.5.1)."""
    bits = _Bits(_av1_sequence_obu(packet)[:64])
    profile, _still, reduced = bits.take(3), bits.take(1), bits.take(1)
    if reduced:
        return profile, bits.take(5), 0
    if bits.take(1):  # timing_info_present_flag
        bits.take(64)
        if bits.take(1):  # equal_picture_interval, then uvlc
            zeros = 0
            while not bits.take(1):
                zeros += 1
            bits.take(min(zeros, 32))
        if bits.take(1):  # decoder_model_info_present_flag
            bits.take(47)
    bits.take(1 + 5 + 12)  # initial_display_delay, operating_points_cnt_minus_1, idc[0]
    level = bits.take(5)
    return profile, level, bits.take(1) if level > 7 else 0


def _av1_sequence_obu(packet: bytes) -> bytes:
    at = 0
    while at < len(packet):
        header, at = packet[at], at + 1
        if header & 0x04:
            at += 1
        size = len(packet) - at
        if header & 0x02:
            size, at = _leb128(packet, at)
        if (header >> 3) & 0x0F == AV1_SEQUENCE_HEADER:
            return packet[at : at + size]
        at += size
    raise NotDescribed("neither av1C nor a sequence header is there")


def _leb128(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(8):
        if at + index >= len(data):
            break
        value |= (data[at + index] & 0x7F) << (7 * index)
        if not data[at + index] & 0x80:
            return value, at + index + 1
    raise NotDescribed("an AV1 unit has an unreadable size")


# (level, luma samples a second, luma picture size): VP9 levels, webmproject.org/vp9/levels.
VP9_LEVELS = (
    (10, 829_440, 36_864), (11, 2_764_800, 73_728), (20, 4_608_000, 122_880),
    (21, 9_216_000, 245_760), (30, 20_736_000, 552_960), (31, 36_864_000, 983_040),
    (40, 83_558_400, 2_228_224), (41, 160_432_128, 2_228_224), (50, 311_951_360, 8_912_896),
    (51, 588_251_136, 8_912_896), (52, 1_176_502_272, 8_912_896), (60, 1_176_502_272, 35_651_584),
    (61, 2_353_004_544, 35_651_584),
)  # fmt: skip


def _vp9(facts: CodecFacts) -> str:
    area = facts.width * facts.height
    level = facts.level
    if level < 10:
        fits = (row[0] for row in VP9_LEVELS if area * facts.rate <= row[1] and area <= row[2])
        level = next(fits, 62)
    return f"vp09.{max(facts.profile, 0):02d}.{level:02d}.{facts.bit_depth:02d}"


def h264_has_idr(packet: memoryview, length_bytes: int) -> bool:
    """Whether an AVC sample holds an IDR slice: browsers start decoding nowhere else."""
    at = 0
    while at + length_bytes < len(packet):
        size = int.from_bytes(packet[at : at + length_bytes])
        if packet[at + length_bytes] & 0x1F == H264_IDR:
            return True
        at += length_bytes + size
    return False
