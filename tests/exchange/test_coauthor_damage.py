"""CoAuthor logs that are cut, damaged, or say nonsense: what is whole is kept, what is not is named, and nothing crashes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.programs.coauthor import fits
from composer.text.clean import clean
from tests.exchange.coauthor_logs import DOC, Event, begin, delete, insert, log, sessions, shown, take


def test_a_log_that_is_cut_keeps_what_is_whole_and_says_where() -> None:
    whole = log(begin("Go."), insert(3, "a"), insert(4, "b"))
    taken = take(whole[:-30])
    assert taken.story.manuscript.text == "Go.a"
    assert taken.cut == "Line 3 breaks off in the middle and is left out; all that is whole was kept."


def test_bad_lines_in_the_middle_are_named() -> None:
    lines = log(begin("Go."), insert(3, "a"), insert(4, "b")).split(b"\n")
    taken = take(b"\n".join([lines[0], b"{]", b"", b"[" * 9000, b"[1]", lines[1], lines[2]]))
    assert taken.story.manuscript.text == "Go.ab"
    assert taken.cut.startswith("Line 2 is no whole JSON and is left out")
    assert "2 more lines" in taken.cut


@pytest.mark.parametrize("made", [b"", b"\n\n", b"{}", b"[]\n", b'{"eventName": 3}', b"\xff\xfe\x00", b"\x00" * 50])
def test_what_holds_no_event_is_refused(made: bytes) -> None:
    with pytest.raises(UnreadableSource, match="no event"):
        take(made)


def test_a_log_without_its_beginning_keeps_what_was_written_at_its_places() -> None:
    taken = take(log(insert(90, "a"), insert(91, "b"), insert(5, "x"), delete(0, 2), insert(4, "y")))
    assert taken.story.manuscript.text == "xyab"
    assert "does not say which text" in taken.cut


def test_marks_of_byte_order_and_line_ends_change_nothing() -> None:
    plain = log(begin("Go."), insert(3, "é"))
    for data in (
        b"\xef\xbb\xbf" + plain,
        plain.replace(b"\n", b"\r\n"),
        b"\xff\xfe" + plain.decode().encode("utf-16-le"),
        b"\xfe\xff" + plain.decode().encode("utf-16-be"),
    ):
        assert take(data).story.manuscript.text == "Go.é"
        assert fits(data, "x.jsonl")


def test_time_never_goes_back_and_nonsense_is_no_time() -> None:
    events = [begin("Go."), insert(3, "a"), shown("One."), insert(4, "b"), insert(5, "c")]
    for each, time in zip(events, (5000, 4000, "x", 10**30, None), strict=True):
        each["eventTimestamp"] = time
    taken = take("".join(f"{json.dumps(each)}\n" for each in events).encode())
    times = [entry.time for entry in taken.entries]
    assert times == sorted(times)
    assert set(times) == {5000}


def test_a_session_that_begins_anew_changes_the_text_to_that() -> None:
    taken = take(log(begin("Go on."), insert(6, " Yes."), begin("Go in. Yes."), insert(11, "x")))
    assert taken.story.manuscript.text == "Go in. Yes.x"


def test_changes_past_the_end_are_counted() -> None:
    taken = take(log(begin("Go."), insert(50, "a"), delete(2, 40)))
    assert taken.story.manuscript.text == "Go"
    assert [loss.count for loss in taken.losses if "behind the end" in loss.what] == [2]


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-5, 10**20),
    st.floats(),
    st.text(max_size=5),
    st.just([]),
    st.just({}),
    st.lists(st.one_of(st.none(), st.integers(), st.text(max_size=3), st.just({"original": 3})), max_size=3),
    st.just({"ops": [{"retain": 2, "insert": "x"}, 5, {"delete": "2"}, {"insert": None}]}),
)


@given(sessions(), st.lists(st.tuples(st.integers(0, 99), st.sampled_from(sorted(begin())), VALUES), max_size=6))
def test_fields_of_any_type_give_a_session_or_a_refusal(
    events: list[Event], changes: list[tuple[int, str, object]]
) -> None:
    events = [dict(each) for each in events]
    for at, key, value in changes:
        events[at % len(events)][key] = value
    try:
        taken = take("".join(f"{json.dumps(each)}\n" for each in events).encode())
    except UnreadableSource:
        return
    text = "\n".join(block.text for block in taken.story.manuscript)
    assert clean(text) == text


@given(sessions(), st.lists(st.tuples(st.integers(0, 9999), st.integers(0, 3), st.binary(max_size=4)), max_size=6))
def test_bytes_that_were_damaged_give_a_session_or_a_refusal(
    events: list[Event], changes: list[tuple[int, int, bytes]]
) -> None:
    data = log(*events)
    for at, gone, put in changes:
        at %= len(data) + 1
        data = data[:at] + put + data[at + gone :]
    try:
        take(data)
    except UnreadableSource:
        return


def test_other_files_do_not_fit() -> None:
    for data in (b"", b"{}", b'{"name": "x", "is_user": true}', b"\xff\xfe\x00", b'"eventName"'):
        assert not fits(data, "log.jsonl")


@pytest.mark.slow
def test_a_hundred_thousand_events_are_read() -> None:
    events = [begin()]
    size = len(DOC)
    for number in range(100_000):
        if number % 50 == 49:
            events.append(delete(size - 1, 1))
            size -= 1
        else:
            events.append(insert(size, "\n" if number % 97 == 0 else "x"))
            size += 1
    taken = take(log(*events))
    assert sum(len(block.text) for block in taken.story.manuscript) > 80_000
