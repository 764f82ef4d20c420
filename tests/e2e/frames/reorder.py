"""An H.264 configuration that no longer says how far its pictures are reordered."""


class _Bits:
    """Reads a sequence parameter set field by field."""

    def __init__(self, data: bytes) -> None:
        self.bits = "".join(f"{byte:08b}" for byte in data)
        self.at = 0

    def take(self, count: int) -> int:
        self.at += count
        return int(self.bits[self.at - count : self.at], 2)

    def golomb(self) -> int:
        zeros = self.bits.index("1", self.at) - self.at
        self.at += zeros
        return self.take(zeros + 1) - 1


def _skip_to_vui(bits: _Bits) -> None:
    """Past a high-profile SPS of 4:2:0 without scaling lists, up to vui_parameters_present_flag."""
    profile = bits.take(8)
    bits.take(16)
    bits.golomb()
    if profile >= 100:
        assert bits.golomb() == 1
        bits.golomb()
        bits.golomb()
        bits.take(1)
        assert bits.take(1) == 0
    bits.golomb()
    if bits.golomb() == 0:
        bits.golomb()
    bits.golomb()
    bits.take(1)
    bits.golomb()
    bits.golomb()
    if not bits.take(1):
        bits.take(1)
    bits.take(1)
    if bits.take(1):
        for _ in range(4):
            bits.golomb()


def without_vui(description: bytes) -> bytes:
    """An avcC record whose one SPS ends before its VUI, and with it bitstream_restriction."""
    size = int.from_bytes(description[6:8], "big")
    sps = description[8 : 8 + size]
    bits = _Bits(sps[1:])
    _skip_to_vui(bits)
    body = bits.bits[: bits.at] + "0" + "1"
    body += "0" * (-len(body) % 8)
    short = sps[:1] + bytes(int(body[i : i + 8], 2) for i in range(0, len(body), 8))
    return description[:6] + len(short).to_bytes(2, "big") + short + description[8 + size :]
