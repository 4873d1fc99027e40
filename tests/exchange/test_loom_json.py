"""JSON that is deep, broken, cut off or in another encoding, the keys in the beginning of a file, and times."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.looms import loom_json
from composer.exchange.looms.loom import Node
from composer.exchange.moments import moment
from composer.exchange.taken import Tally

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**20), 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=12,
)


@given(values, st.sampled_from([None, 1]), st.booleans())
def test_the_deep_reader_reads_what_json_reads(value: object, indent: int | None, plain: bool) -> None:
    told = json.dumps(value, indent=indent, ensure_ascii=plain)
    data = told.encode("utf-8", "surrogatepass")
    if plain or not any(0xD800 <= ord(char) < 0xE000 for char in told):
        assert loom_json.deep(data, "x") == json.loads(told)


@given(st.text(st.sampled_from('{}[]",:1a \\tfn-.'), max_size=12))
def test_the_deep_reader_takes_nothing_that_json_does_not_take(told: str) -> None:
    try:
        wanted = json.loads(told)
    except json.JSONDecodeError:
        with pytest.raises(UnreadableSource):
            loom_json.deep(told.encode(), "x")
    else:
        assert loom_json.deep(told.encode(), "x") == wanted


def test_broken_json_says_where_it_breaks() -> None:
    with pytest.raises(UnreadableSource, match=r"x breaks off after 18 bytes.*line 2"):
        loom_json.deep(b'{"nodes":\n{"a": "b', "x")
    with pytest.raises(UnreadableSource, match=r"line 2, column 4\."):
        loom_json.decode(b'{"nodes":\n[1,oops}', Node, "x", Tally())
    with pytest.raises(UnreadableSource, match="no tree"):
        loom_json.decode(b"[1]", Node, "x", Tally())


@pytest.mark.parametrize("cut", ['"', '"te', '"text": "sal', '"text": "salt", ', '"id": "\\u00'])
def test_what_is_whole_of_json_that_breaks_off_is_kept(cut: str) -> None:
    tally = Tally()
    told = loom_json.decode(f'{{"nodes": [{{"id": "a"}}, {{"id": "b", {cut}'.encode(), dict, "x", tally)
    assert [each["id"] for each in told["nodes"]] == ["a", "b"]
    assert "what stands whole before that was kept" in tally.cut


def test_deep_json_that_breaks_off_is_kept_too() -> None:
    tally = Tally()
    told: Any = loom_json.decode(b'{"root": ' + b'{"children": [' * 20_000, dict, "x", tally)
    for _ in range(10_000):
        told = told["root"] if "root" in told else told["children"][0]
    assert tally.cut


def test_the_keys_of_a_head_are_seen_however_it_is_cut() -> None:
    head = b'\xef\xbb\xbf { "nodes" : {"x": {"text": "a \\"k\\": 1", "parentId" :null}, "y": {"te'
    assert loom_json.keys_of(head) == {"nodes"}
    assert loom_json.keys_below(head, "nodes", "*") == {"text", "parentId"}
    assert loom_json.key_paths(b'{"a":[{"b":1},{"c":[]}]} {"d":1}') == {
        ("a",),
        ("a", "[]"),
        ("a", "[]", "b"),
        ("a", "[]", "c"),
        ("a", "[]", "c", "[]"),
    }
    assert loom_json.keys_of('{"wide": 1}'.encode("utf-16")) == {"wide"}


@given(st.binary(max_size=60) | st.text(st.sampled_from('{}[]",:1a \\'), max_size=40).map(str.encode))
def test_the_keys_of_anything_are_told_without_an_error(head: bytes) -> None:
    assert all(len(path) <= 5 for path in loom_json.key_paths(head))


@pytest.mark.parametrize(
    ("told", "wanted"),
    [
        ("2024-03-05-17.40.02", 1_709_660_402_000),
        ("2024-03-05T17:40:02Z", 1_709_660_402_000),
        ("2024-03-05T18:40:02.500+01:00", 1_709_660_402_500),
        (1_709_660_402_000, 1_709_660_402_000),
        (1_709_660_402.5, 1_709_660_402_500),
        (731_353_202, 1_709_660_402_000),
        ("1709660402000", 1_709_660_402_000),
        ("soon", 0),
        (True, 0),
        (None, 0),
        (float("inf"), 0),
        (-5, 0),
    ],
)
def test_moments(told: object, wanted: int) -> None:
    assert moment(told) == wanted
