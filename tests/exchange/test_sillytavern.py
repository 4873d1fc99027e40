"""SillyTavern chats as sessions: messages as text, versions as candidates, edits by hand, times, and what is counted."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.moments import moment
from composer.exchange.programs import sillytavern
from composer.exchange.taken import Taken
from composer.story.spans import Edited, Generated, Imported, Span, Written
from tests.exchange.sources import (
    NOW,
    about,
    candidates,
    everything,
    formats_of,
    losses,
    read_or_refused,
    sound,
    spans,
    spoilt,
    text,
)

HEAD: dict[str, Any] = {
    "chat_metadata": {"integrity": "5f", "note_prompt": "Keep it slow."},
    "user_name": "Ines",
    "character_name": "Tobias",
}
OLD_HEAD = {"user_name": "Ines", "character_name": "Tobias", "create_date": "2024-01-05@14h03m22s"}


def by_hand(words: str, **more: Any) -> dict[str, Any]:
    return {
        "name": "Ines",
        "is_user": True,
        "is_system": False,
        "send_date": "June 19, 2023 2:20pm",
        "mes": words,
        "extra": {},
        **more,
    }


def answer(words: str, *swipes: str, swipe_id: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "name": "Tobias",
        "is_user": False,
        "is_system": False,
        "send_date": "2023-06-19T14:20:30.000Z",
        "mes": words,
        "extra": {"api": "koboldcpp", "model": "lantern-7b"},
        "swipes": list(swipes or (words,)),
        "swipe_id": swipe_id,
        **more,
    }


def lines(*told: Any) -> bytes:
    return "\n".join(map(json.dumps, told)).encode()


def imported(*told: Any) -> Taken:
    return sound(sillytavern.read(lines(*told), about("Tobias - 7.jsonl")))


def test_the_messages_are_the_text_and_the_versions_candidates() -> None:
    info = [
        {
            "send_date": "2023-06-19T14:20:30.000Z",
            "gen_started": "2023-06-19T14:20:21.500Z",
            "gen_finished": "2023-06-19T14:20:29.000Z",
            "extra": {"api": "openai", "model": "big", "reasoning": "He is afraid.", "token_count": 12},
        },
        {"gen_started": "x", "extra": {"api": "koboldcpp", "model": "lantern-7b"}},
    ]
    said = '*He shuts the door.*\n\n"Not tonight."'
    taken = imported(HEAD, by_hand("I knock. Twice."), answer(said, "He is out.", said, swipe_id=1, swipe_info=info))
    assert text(taken) == "I knock. Twice.\n" + said
    assert [span.origin for span in spans(taken)] == [
        Written(),
        Generated("1.2", 0, 20),
        Generated("1.2", 22, 36),
    ]
    assert candidates(taken) == [["He is out.", said]]
    first, second = taken.story.rounds[0].candidates
    assert (first.recipe.endpoint, first.recipe.model, first.reasoning) == ("openai", "big", "He is afraid.")
    assert first.ending is not None
    assert (first.ending.elapsed, first.ending.model, first.ending.completion_tokens) == (7500, "big", 12)
    assert (second.recipe.endpoint, second.recipe.model) == ("koboldcpp", "lantern-7b")
    assert taken.story.placements[0].candidates == ("1.2",)
    assert [json.loads(each.body)["how"] for each in taken.entries if each.type == "TextEdited"] == ["typed"]
    assert [(note.kind, note.name) for note in taken.story.notes] == [("person", "Tobias"), ("fact", "Author's note")]
    assert taken.story.details.title == "Tobias"
    assert losses(taken) == {"names before messages": 2}
    # The chat began when its first message was sent.
    assert taken.entries[0].time == moment("June 19, 2023 2:20pm")


def test_an_older_header_says_when_the_chat_began() -> None:
    taken = imported(OLD_HEAD, by_hand("Here."))
    assert taken.entries[0].time == moment("2024-01-05T14:03:22Z")
    assert text(taken) == "Here."


def test_a_message_that_was_changed_by_hand_is_an_edit_of_what_came() -> None:
    came, now = "The lamp was out. He sat there.", "The lamp was lit. He sat there, humming."
    taken = imported(HEAD, by_hand("So?"), answer(now, "No.", came, swipe_id=1))
    assert text(taken) == "So?\n" + now
    assert candidates(taken) == [["No.", came]]
    assert [span.text for span in spans(taken) if span.origin == Edited("1.2")] == ["lit", ", humming"]
    assert [each.type for each in taken.entries if each.type.startswith("Text")] == [
        "TextEdited",
        "TextPlaced",
        "TextEdited",
    ]


def test_words_behind_an_answer_are_written() -> None:
    taken = imported(HEAD, by_hand("So?"), answer("It rains. And I stay.", "It rains."))
    assert spans(taken)[1:] == [Span("It rains.", Generated("1.1", 0, 9)), Span(" And I stay.", Written())]


def test_a_message_that_was_emptied_is_not_in_the_text() -> None:
    taken = imported(HEAD, by_hand("So?"), answer("", "It rains."), by_hand("Well."))
    assert text(taken) == "So?\nWell."
    assert candidates(taken) == [["It rains."]]


def test_a_greeting_that_no_model_wrote_is_imported() -> None:
    greeting = {"name": "Tobias", "is_user": False, "mes": "Come in.", "send_date": 1_687_184_400_000}
    taken = imported(HEAD, greeting, answer("Sit."))
    assert spans(taken)[0] == Span("Come in.", Imported("Tobias - 7.jsonl"))
    assert candidates(taken) == [["Sit."]]
    chosen = imported(HEAD, {**greeting, "swipes": ["Go.", "Come in."], "swipe_id": 1}, by_hand("No."))
    assert candidates(chosen) == [["Go.", "Come in."]]
    assert losses(chosen)["greetings to choose from"] == 2


def test_messages_of_the_program_and_hidden_ones_are_counted() -> None:
    hidden = by_hand("I never said this.", is_system=True)
    program = by_hand("Welcome.", is_system=True, extra={"type": "welcome"})
    narrator = {**by_hand("Years pass."), "is_user": False, "name": "Narrator", "extra": {"type": "narrator"}}
    taken = imported(HEAD, program, hidden, narrator, hidden)
    assert spans(taken) == [Span("Years pass.", Written())]
    told = losses(taken)
    assert (told["hidden messages"], told["messages of the program"]) == (2, 1)


@pytest.mark.parametrize(
    ("message", "versions", "loss"),
    [
        (answer("A", "A", "B", swipe_id=9), ["A", "B"], "messages that name another version than they show"),
        (answer("C", "A", "B", swipe_id=9), ["A", "B", "C"], "messages whose version is missing"),
        (answer("B", "A", "B", swipe_id=0), ["A", "B"], "messages that name another version than they show"),
        ({**answer("A"), "swipes": None}, ["A"], ""),
        ({**answer("A"), "swipes": []}, ["A"], ""),
        ({**answer("A"), "swipes": "A"}, ["A"], "messages whose version is missing"),
        ({**answer("A", "A", "B"), "swipe_id": True}, ["A", "B"], "messages that name another version than they show"),
        ({**answer("A", "A", "B"), "swipe_id": "0"}, ["A", "B"], ""),
        ({**answer("A", "A", "B"), "mes": None}, ["A", "B"], ""),
        (answer("A", "A", "B", swipe_info=[{}]), ["A", "B"], "messages with more or fewer versions than are told of"),
    ],
)
def test_what_does_not_hold_is_counted_and_the_text_is_what_was_shown(
    message: dict[str, Any], versions: list[str], loss: str
) -> None:
    taken = imported(HEAD, by_hand("-"), message)
    shown = message["mes"] or "A"
    assert text(taken) == f"-\n{shown}"
    assert candidates(taken) == [versions]
    assert taken.story.placements[0].candidates == (f"1.{versions.index(shown) + 1}",)
    assert len(spans(taken)) == 2
    assert taken.story.candidate(taken.story.placements[0].candidates[0]).recipe.model == "lantern-7b"
    assert set(losses(taken)) == {"names before messages"} | ({loss} if loss else set())


def test_groups_have_a_note_for_each_who_speaks() -> None:
    second = answer("I doubt it.", name="Bea\x1b[1m\nTwo")
    taken = imported({"chat_metadata": {}, "user_name": "unused", "character_name": "unused"}, answer("Yes."), second)
    assert [note.name for note in taken.story.notes] == ["unused", "Tobias", "Bea[1m Two"]


def test_branches_pictures_and_translations_are_counted() -> None:
    extra = {"branches": ["a", "b"], "bookmark_link": "c", "image": "d.png", "display_text": "Ja."}
    head = {**HEAD, "chat_metadata": {"main_chat": "parent", "variables": {"x": 1}}}
    told = losses(imported(head, by_hand("Yes.", extra=extra, swipes=["Yes.", "No."])))
    assert told == {
        "links to branches": 2,
        "checkpoints": 1,
        "messages with pictures or files": 1,
        "translations of messages": 1,
        "links to other chats": 1,
        "settings of the chat": 1,
        "other versions of messages by hand": 1,
        "names before messages": 1,
    }


def test_addresses_are_no_names_of_servers(secret: str) -> None:
    extra = {"api": f"https://u:{secret}@host/v1", "model": f"https://host/?key={secret}", "api_key": secret}
    taken = imported(HEAD, by_hand("-"), answer("Yes.", extra=extra))
    assert secret not in everything(taken)
    assert taken.story.rounds[0].candidates[0].recipe.endpoint == "SillyTavern"


def test_a_last_line_that_breaks_off_is_told_and_all_before_it_is_kept() -> None:
    data = lines(HEAD, by_hand("One."), answer("Two."), by_hand("Three."))
    taken = sound(sillytavern.read(data[:-9], about()))
    assert text(taken) == "One.\nTwo."
    assert taken.cut == "The last line, 4, breaks off; the 3 before it were kept."
    assert not imported(HEAD, by_hand("One.")).cut
    torn = sound(sillytavern.read(lines(HEAD) + b"\n{oops\n7\n\n" + lines(by_hand("One."), {"a": 1}), about()))
    assert text(torn) == "One."
    told = losses(torn)
    assert (told["lines that can't be read"], told["lines that are no messages"]) == (1, 2)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_chats_in_other_encodings_are_read(encoding: str) -> None:
    told = "\r\n".join(json.dumps(each, ensure_ascii=False) for each in (HEAD, by_hand("Früh\u2028 genug")))
    data = told.encode(encoding)
    assert text(sound(sillytavern.read(data, about()))) == "Früh\n genug"
    assert formats_of(data, "x.jsonl") == ["sillytavern"]


@pytest.mark.parametrize(
    ("told", "ms"),
    [
        (1_704_463_402_617, 1_704_463_402_617),
        ("1704463402617", 1_704_463_402_617),
        (1_704_463_402, 1_704_463_402_000),
        ("2024-01-05T14:03:22.617Z", 1_704_463_402_617),
        ("2024-01-05T15:03:22.617+01:00", 1_704_463_402_617),
        ("2024-01-05 14:03:22", 1_704_463_402_000),
        ("2024-01-05@14h03m22s", 1_704_463_402_000),
        ("2024-1-5 @14h 03m 22s 617ms", 1_704_463_402_617),
        ("2024-1-5@14h3m22s617ms", 1_704_463_402_617),
        ("January 5, 2024 2:03pm", 1_704_463_380_000),
        ("January 5, 2024 2:03:22 PM", 1_704_463_402_000),
        ("Jan 5, 2024 12:00am", 1_704_412_800_000),
        ("January 5, 2024 12:30pm", 1_704_457_800_000),
        ("January 5, 2024", 1_704_412_800_000),
        ("February 30, 2024 2:03pm", 0),
        ("Brumaire 5, 2024", 0),
        ("2024-13-05@14h03m22s", 0),
        ("9999-12-31T23:59:59-23:59", 0),
        ("yesterday", 0),
        ("", 0),
        (None, 0),
        (True, 0),
        (-5, 0),
        (10**30, 0),
        (float("nan"), 0),
        ([1], 0),
    ],
)
def test_times_are_read_in_all_their_forms(told: object, ms: int) -> None:
    assert moment(told) == ms


@given(st.text(max_size=40) | st.from_regex(r"\A\d{1,4}-\d{1,2}-\d{1,2} ?@\d{1,2}h\d{1,2}m\d{1,2}s\Z"))
def test_any_text_is_a_time_or_none(words: str) -> None:
    assert 0 <= moment(words) < 8_000_000_000_000


def test_times_never_go_back() -> None:
    late, early = 1_704_463_402_000, 1_604_463_402_000
    taken = imported(HEAD, by_hand("a", send_date=late), by_hand("b", send_date=early), answer("c", send_date="?"))
    times = [each.time for each in taken.entries]
    assert times == sorted(times)
    assert set(times) == {late}
    assert imported(HEAD, by_hand("a", send_date="?")).entries[0].time == NOW


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"{}", b"[]", b"7\n8", b"{\n", b'{"name": "x"}', b"\xff\xfe", b"[" * 99_999]
)
def test_what_is_no_chat_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        sillytavern.read(data, about())


def test_chats_are_known_by_their_first_line() -> None:
    assert formats_of(lines(HEAD, answer("Yes.")), "x.jsonl") == ["sillytavern"]
    assert formats_of(lines(OLD_HEAD), "x.jsonl") == ["sillytavern"]
    assert formats_of(lines(answer("Yes.")), "x.jsonl") == ["sillytavern"]
    assert formats_of(lines({**HEAD, "chat_metadata": {"variables": {"x": "y" * 99_999}}}), "x.jsonl") == [
        "sillytavern"
    ]
    log = {"eventName": "system-initialize", "eventSource": "api", "currentDoc": '{"mes": 1}', "eventNum": 0}
    assert formats_of(lines(log, HEAD), "x.jsonl") == []
    ours = {"format": "story-composer journal", "version": 1, "pieces": 0, "entries": 1}
    assert formats_of(lines(ours, {"kind": "entry", "body": json.dumps(answer("x"))}), "x.jsonl") == []
    assert formats_of(lines({"name": "Card", "first_mes": "Hello.", "spec": "chara_card_v2"}), "x.json") == []
    assert formats_of(b"name,mes,is_user\n", "x.jsonl") == []


FULL = [
    HEAD,
    answer(
        "Come in.",
        "Come in.",
        "Go.",
        swipe_info=[{"extra": {"reasoning": "r"}}, {"gen_started": "2023-06-19T14:20:21Z"}],
    ),
    by_hand("I sit.\n\nI wait."),
    answer("The lamp was lit, at last.", "The lamp was out, at last."),
    by_hand("Hidden", is_system=True),
]


@given(st.data())
def test_spoilt_chats_are_a_session_or_refused(data: st.DataObject) -> None:
    value: object = FULL
    for _ in range(data.draw(st.integers(1, 3))):
        value = spoilt(data.draw, value)
    read_or_refused(sillytavern.read, lines(*value) if isinstance(value, list) else lines(value))


@given(st.data())
def test_spoilt_bytes_are_a_session_or_refused(data: st.DataObject) -> None:
    whole = lines(*FULL)
    at = data.draw(st.integers(0, len(whole)))
    middle = data.draw(st.binary(max_size=4))
    read_or_refused(sillytavern.read, whole[:at] + middle + whole[at + data.draw(st.integers(0, 9)) :])
    read_or_refused(sillytavern.read, whole[:at])


@given(
    st.lists(
        st.tuples(st.booleans(), st.text("ab c\n", min_size=1, max_size=9), st.text("ab c\n", max_size=9)), max_size=6
    )
)
def test_the_text_is_what_the_messages_show(told: list[tuple[bool, str, str]]) -> None:
    messages = [by_hand(now) if hand else answer(now, "x", came, swipe_id=1) for hand, now, came in told]
    assert text(imported(HEAD, *messages)) == "\n".join(now for _, now, _ in told)


def test_many_versions_of_a_message_are_several_rounds() -> None:
    swipes = [f"Version {number}." for number in range(250)]
    taken = imported(HEAD, by_hand("-"), answer(swipes[220], *swipes, swipe_id=220))
    assert [len(asked.candidates) for asked in taken.story.rounds] == [100, 100, 50]
    assert spans(taken)[1].origin == Generated("3.21", 0, 12)


@pytest.mark.slow
def test_a_hundred_thousand_messages() -> None:
    told = (
        each
        for at in range(50_000)
        for each in (by_hand(f"Question {at}?"), answer(f"Answer {at}.", f"Answer {at}.", "None."))
    )
    taken = sillytavern.read(lines(HEAD, *told), about())
    assert len(taken.story.manuscript) == 100_000
    assert len(taken.story.rounds) == 50_000
