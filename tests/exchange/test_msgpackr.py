"""MessagePack as msgpackr writes it: records, bundled strings, frames and times; and data that is none."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.programs.msgpackr import unpack
from tests.exchange.novelai_stories import packed


def test_bundled_strings_are_cut_from_where_they_stand() -> None:
    # A row of three strings: one beyond Latin 1, two others; they stand behind it.
    strings = packed("字😀") + packed("saltsea")
    row = b"\x93" + b"\xc1\xfd" + b"\xc1\x04" + b"\xc1\x03"
    data = b"\xd6\x62" + struct.pack(">I", 4 + len(row)) + row + strings
    assert unpack(data) == ["字😀", "salt", "sea"]


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\xd6\xff" + struct.pack(">I", 1_700_000_000), 1_700_000_000_000),
        (b"\xd7\xff" + struct.pack(">Q", (5_000_000 << 34) | 1_700_000_000), 1_700_000_000_005),
        (b"\xd4\x00\x00", None),
        (b"\x45", 0x45),
        (b"\x81\xcb" + struct.pack(">d", 7) + b"\xff", {7: -1}),
        (b"\xc4\x02ab", b"ab"),
        (b"\xd9\x02\xc3\xa9", "é"),
        (b"\xd2\xff\xff\xff\xfe", -2),
    ],
)
def test_values(data: bytes, value: object) -> None:
    assert unpack(data) == value


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x92\x01",
        b"\xdd\xff\xff\xff\xff",
        b"\x91" * 9999,
        b"\xc1\x05",
        b"\xd4\x72\x40\x01",
        b"\xd6\x62\xff\xff\xff\xff\x01",
    ],
)
def test_what_is_no_value_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        unpack(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_refused(data: bytes) -> None:
    try:
        unpack(data)
    except ValueError:
        return
