"""KoboldAI and Kobold Lite saves as sessions: the text to the character, who wrote it, alternatives, and notes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import UnreadableSource
from composer.exchange.programs import kobold
from composer.exchange.taken import Taken
from composer.story.events import TextEdited, TextPlaced
from composer.story.spans import Edited, Generated, Imported, Span, Written
from tests.exchange.sources import (
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

NOBODY = Imported("tale.json")


def option(words: str, *, edited: bool = False, pinned: bool = False, before: bool = False) -> dict[str, Any]:
    return {"Text": words, "Pinned": pinned, "Previous Selection": before, "Edited": edited}


def entry(words: str, *options: dict[str, Any]) -> dict[str, Any]:
    return {"Selected Text": words, "Alternative Text": list(options)}


def save(prompt: str = "The mill stood still.", actions: Any = (), **more: Any) -> dict[str, Any]:
    return {
        "gamestarted": True,
        "prompt": prompt,
        "memory": "",
        "authorsnote": "",
        "anotetemplate": "[Author's note: <|>]",
        "actions": actions,
        "actions_metadata": {},
        "worldinfo": [],
        "wifolders_d": {},
        "wifolders_l": [],
        **more,
    }


def imported(value: Any) -> Taken:
    return sound(kobold.read(json.dumps(value).encode(), about()))


def test_the_text_is_the_prompt_and_all_actions_as_they_are() -> None:
    actions = [" Nobody\tspoke. ", "\n\n", "Then the wheel", " turned.\n", "", "It hissed.  "]
    taken = imported(save("The mill stood still.", actions))
    assert text(taken) == "The mill stood still." + "".join(actions)
    assert {span.origin for span in spans(taken)} == {NOBODY}
    assert len(taken.story.rounds) == 0
    assert not taken.cut
    # The prompt and each action with text are steps of their own.
    assert [json.loads(each.body)["how"] for each in taken.entries if each.type == "TextEdited"] == ["imported"] * 6


@given(st.text("ab \t\n", max_size=6), st.lists(st.text("ab \t\n", max_size=6), max_size=6), st.data())
def test_any_text_is_kept_to_the_character(prompt: str, actions: list[str], data: st.DataObject) -> None:
    metadata = {}
    for at, words in enumerate(actions):
        others = data.draw(st.lists(st.text("ab\n", max_size=4), max_size=2))
        edits = data.draw(st.lists(st.text("ab \n", max_size=6), max_size=2))
        metadata[str(at)] = entry(words, *map(option, others), *(option(each, edited=True) for each in edits))
    assert text(imported(save(prompt, actions, actions_metadata=metadata))) == prompt + "".join(actions)


def test_actions_may_be_an_object_of_numbers() -> None:
    taken = imported(save("A", {"10": "K", "2": "C", "1": "B", "x": "no"}))
    assert text(taken) == "ABCK"


def test_an_action_with_alternatives_is_a_round_and_was_generated() -> None:
    metadata = {"1": entry(" It rained.", option(" It snowed.", before=True), option(" Hail.", pinned=True))}
    taken = imported(save("Night.", [" Late.", " It rained."], actions_metadata=metadata))
    assert candidates(taken) == [[" It rained.", " It snowed.", " Hail."]]
    assert spans(taken) == [Span("Night. Late.", NOBODY), Span(" It rained.", Generated("1.1", 0, 11))]
    assert taken.story.placements[0].candidates == ("1.1",)
    assert losses(taken) == {"pins": 1}


def test_metadata_without_alternatives_says_nothing_of_who_wrote() -> None:
    taken = imported(save("Night.", [" Late."], actions_metadata={"0": entry(" Late.")}))
    assert candidates(taken) == []
    assert [span.origin for span in spans(taken)] == [NOBODY]


def test_an_answer_that_was_changed_by_hand_is_the_candidate_and_an_edit() -> None:
    came = " The old miller counted seven sacks."
    now = " The old miller counted nine sacks."
    metadata = {"0": entry(now, option(" He slept.", before=True), option(came, edited=True))}
    taken = imported(save("Dawn.", [now], actions_metadata=metadata))
    assert candidates(taken) == [[came, " He slept."]]
    assert text(taken) == "Dawn." + now
    assert spans(taken) == [
        Span("Dawn.", NOBODY),
        Span(" The old miller counted ", Generated("1.1", 0, 24)),
        Span("nine", Edited("1.1")),
        Span(" sacks.", Generated("1.1", 29, 36)),
    ]
    assert [each.type for each in taken.entries if each.type.startswith("Text")] == [
        TextEdited.__name__,
        TextPlaced.__name__,
        TextEdited.__name__,
    ]


def test_an_edit_across_paragraphs_keeps_the_origins_of_what_stayed() -> None:
    came = "One stone fell.\nTwo stones fell.\nThree stones fell far below."
    now = "One pebble fell.\nTwo stones fell.\nThree stones fell far above."
    metadata = {"0": entry(now, option("x", before=True), option(came, edited=True))}
    taken = imported(save("Up there: ", [now], actions_metadata=metadata))
    assert text(taken) == "Up there: " + now
    by_hand = [span.text for span in spans(taken) if span.origin == Edited("1.1")]
    assert by_hand == ["pebble", "above"]


def test_an_earlier_version_that_is_another_text_is_a_candidate_of_its_own() -> None:
    metadata = {
        "0": entry(" Gulls.", option(" Rain on slate roofs, again.", before=True), option(" Fog.", edited=True))
    }
    taken = imported(save("Dawn.", [" Gulls."], actions_metadata=metadata))
    assert candidates(taken) == [[" Gulls.", " Rain on slate roofs, again.", " Fog."]]
    assert spans(taken)[-1].origin == Generated("1.1", 0, 7)


def test_a_text_of_unknown_hand_that_was_edited_is_written_where_it_changed() -> None:
    came, now = " The gate was red and shut.", " The gate was green and shut."
    taken = imported(save("Dawn.", [now], actions_metadata={"0": entry(now, option(came, edited=True))}))
    assert candidates(taken) == []
    assert [(span.text, span.origin) for span in spans(taken)] == [
        ("Dawn. The gate was ", NOBODY),
        ("green", Written()),
        (" and shut.", NOBODY),
    ]


def test_of_several_versions_the_oldest_is_the_answer() -> None:
    oldest, newer, now = " Six geese by the pond.", " Six geese by the lake.", " Ten geese by the lake."
    metadata = {"0": entry(now, option(newer, edited=True), option(oldest, edited=True), option(" No."))}
    taken = imported(save("-", [now], actions_metadata=metadata))
    assert candidates(taken) == [[oldest, " No."]]
    assert text(taken) == "-" + now
    assert losses(taken) == {"versions between two changes by hand": 1}


def test_an_action_that_its_metadata_says_otherwise_was_changed_since() -> None:
    metadata = {"0": entry(" Six geese by the pond.", option(" No."))}
    taken = imported(save("-", [" Six geese by the lake."], actions_metadata=metadata))
    assert candidates(taken) == [[" Six geese by the pond.", " No."]]
    assert [span.text for span in spans(taken) if span.origin == Edited("1.1")] == ["lake"]


def test_answers_that_were_not_chosen_yet_are_the_last_round() -> None:
    metadata = {"1": entry("", option(" East."), option(" West."))}
    taken = imported(save("Dawn.", [" Go."], actions_metadata=metadata))
    assert candidates(taken) == [[" East.", " West."]]
    assert text(taken) == "Dawn. Go."
    assert not taken.story.placements


def test_numbers_of_metadata_may_have_gaps() -> None:
    metadata = {"3": entry(" B", option(" b")), "7": entry(" C", option(" c")), "1": entry(" A", option(" a"))}
    taken = imported(save("-", [" A", " B", " C"], actions_metadata=metadata))
    assert candidates(taken) == [[" A", " a"], [" B", " b"], [" C", " c"]]
    alike = {"1": entry(" A", option(" a")), "2": entry(" A", option(" b"))}
    assert candidates(imported(save("-", [" A", " A"], actions_metadata=alike))) == [[" A", " a"], [" A", " b"]]
    listed = imported(save("-", [" A"], actions_metadata=[entry(" A", option(" a"))]))
    assert candidates(listed) == [[" A", " a"]]


def test_united_saves_say_who_wrote() -> None:
    actions = {
        "0": {
            "Selected Text": " He knocks.",
            "Options": [],
            "Origin": "user",
            "Original Text": " He knocks.",
            "Time": 1,
        },
        "1": {
            "Selected Text": " A slow bell answers.",
            "Options": [{"text": " Nothing.", "Pinned": False, "Previous Selection": True, "Edited": False}],
            "Origin": "ai",
            "Original Text": " A slow voice answers.",
            "Time": 1_700_000_000,
        },
        "2": {"Selected Text": "", "Options": [{"text": " Undone."}]},
    }
    value = save("Dusk.", {"action_count": 1, "actions": actions}, story_name="The Bell")
    value["worldinfo_v2"] = {"folders": {}, "entries": {"0": {"title": "Bell", "key": ["bell"], "content": "Cracked."}}}
    taken = imported(value)
    assert taken.story.details.title == "The Bell"
    assert text(taken) == "Dusk. He knocks. A slow bell answers."
    assert [type(span.origin) for span in spans(taken)] == [Imported, Written, Generated, Edited, Generated]
    assert candidates(taken) == [[" A slow voice answers.", " Nothing."], [" Undone."]]
    assert taken.story.rounds[0].time == 1_700_000_000_000
    assert [(note.name, note.text) for note in taken.story.notes] == [("bell", "Cracked.")]


def test_other_branches_of_lite_are_candidates_where_they_leave_the_text() -> None:
    branches = [None, ["Dusk.", " A", " other way", " on"], ["Dusk.", " A", " B", " and on"], ["Else."], 7, []]
    metadata = {"1": entry(" B", option(" b"))}
    taken = imported(save("Dusk.", [" A", " B"], actions_metadata=metadata, altbranches=branches))
    assert text(taken) == "Dusk. A B"
    assert candidates(taken) == [["Else."], [" B", " b", " other way on"], [" and on"]]
    assert losses(taken)["other branches"] == 3


def test_what_is_to_be_kept_straight_becomes_notes() -> None:
    info = [
        {
            "key": "Orla, the ferrywoman",
            "keysecondary": "boat",
            "content": "Rows.",
            "selective": True,
            "constant": False,
        },
        {"key": "", "content": "The river has no name.", "constant": True, "comment": "River", "folder": 3},
        {"key": "", "content": "", "constant": False},
        None,
    ]
    value = save(memory="It is 1640.", authorsnote="Keep it dry.", anotetemplate="(Style: <|>)", worldinfo=info)
    value["savedsettings"] = {"opmode": "3", "chatname": "Ivo", "chatopponent": "Orla||$||Bram", "temperature": "0.7"}
    taken = imported(value)
    assert [(note.kind, note.name, note.text, note.pinned) for note in taken.story.notes] == [
        ("fact", "Memory", "It is 1640.", True),
        ("fact", "Author's note", "Keep it dry.", True),
        ("fact", "Frame of the author's note", "(Style: <|>)", False),
        ("person", "Ivo", "", False),
        ("person", "Orla", "", False),
        ("person", "Bram", "", False),
        ("fact", "Orla, the ferrywoman", "Rows.", False),
        ("fact", "River", "The river has no name.", True),
    ]
    told = losses(taken)
    assert (told["second keys of world info"], told["folders of world info"], told["entries of world info"]) == (
        1,
        1,
        1,
    )


def test_only_the_newest_request_has_the_settings_of_the_save(secret: str) -> None:
    metadata = {"0": entry(" A", option(" a")), "1": entry(" B", option(" b"))}
    settings = {"temperature": 0.7, "top_k": 40, "max_length": float("inf"), "my_api_key": secret, "rep_pen": "x"}
    settings["saved_oai_addr"] = f"https://{secret}.example/v1"
    value = save("-", [" A", " B"], actions_metadata=metadata, savedsettings=settings, savedaestheticsettings={"a": 1})
    taken = imported(value)
    first, last = (asked.candidates[0].recipe for asked in taken.story.rounds)
    assert (first.endpoint, first.model, first.sampling) == ("KoboldAI", "", {})
    assert last.sampling == {"temperature": 0.7, "top_k": 40}
    assert secret not in everything(taken)
    assert losses(taken)["settings of earlier requests"] == 1


def test_pictures_are_taken_out_and_marks_of_instructions_stay() -> None:
    words = "Look:[<|d|data:image/png;base64,AAAA|d|>] here [<|p|img7|p|>]\n{{[INPUT]}}\nGo{{[OUTPUT]}}"
    taken = imported(save(words))
    assert text(taken) == "Look: here \n{{[INPUT]}}\nGo{{[OUTPUT]}}"
    assert losses(taken) == {"pictures": 2, "marks of instruct mode": 2}


def test_signs_that_are_no_text_are_filtered() -> None:
    taken = imported(save("a\x1b[2Jb\r\nc\ud83d\ude00\ud800", ["\u202ed\0"], memory="m\x07\x1b]0;t\x07"))
    assert text(taken) == "a[2Jb\nc😀�d"
    assert taken.story.notes[0].text == "m]0;t"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_files_in_other_encodings_are_read(encoding: str) -> None:
    data = json.dumps(save("Über den Fluß", [" ging"]), ensure_ascii=False).encode(encoding)
    assert text(kobold.read(data, about())) == "Über den Fluß ging"
    assert formats_of(data, "x.json") == ["kobold"]


def test_bytes_of_windows_are_read() -> None:
    data = json.dumps(save("Flüsse"), ensure_ascii=False).encode("cp1252")
    assert text(kobold.read(data, about())) == "Flüsse"


def test_a_file_that_breaks_off_keeps_what_is_whole() -> None:
    data = json.dumps(save("Dusk.", [" One.", ' Two, "three" [and].', " Four."])).encode()
    taken = sound(kobold.read(data[: data.index(b" Four")], about()))
    assert text(taken) == 'Dusk. One. Two, "three" [and].'
    assert "can't be read beyond character" in taken.cut


@pytest.mark.parametrize("data", [b"", b"{", b"[]", b"null", b"7", b"{}", b'{"a": 1}', b"\xff\xfe\0", b"[" * 100_000])
def test_what_is_no_save_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableSource) as caught:
        kobold.read(data, about("sa\x1bve\n.json"))
    assert "\x1b" not in str(caught.value)


def test_wrong_types_are_counted() -> None:
    taken = imported(save("A", [None, "B", 7, ["C"]], actions_metadata="x", worldinfo={"a": 1}, memory=4))
    assert text(taken) == "AB"
    assert losses(taken) == {"actions without text": 3}


FULL = save(
    "Dusk.\nNight.",
    [" A lamp.", " Two lamps and a dog.\n", " Three"],
    memory="m",
    authorsnote="n",
    actions_metadata={
        "0": entry(" A lamp.", option(" No lamp."), option(" A lump.", edited=True)),
        "1": entry(" Two lamps and a dog.\n", option(" Two lamps and a cat.\n", edited=True)),
        "4": entry("", option(" Later.")),
    },
    altbranches=[None, ["Dusk.\nNight.", " Else"]],
    worldinfo=[{"key": "lamp", "content": "Brass.", "constant": True, "selective": True, "keysecondary": "oil"}],
    savedsettings={"temperature": 0.5, "opmode": 3, "chatname": "I"},
)


@given(st.data())
def test_spoilt_saves_are_a_session_or_refused(data: st.DataObject) -> None:
    value: object = FULL
    for _ in range(data.draw(st.integers(1, 3))):
        value = spoilt(data.draw, value)
    read_or_refused(kobold.read, json.dumps(value).encode())


@given(st.data())
def test_spoilt_bytes_are_a_session_or_refused(data: st.DataObject) -> None:
    whole = json.dumps(FULL).encode()
    at = data.draw(st.integers(0, len(whole)))
    read_or_refused(
        kobold.read, whole[:at] + data.draw(st.binary(max_size=4)) + whole[at + data.draw(st.integers(0, 9)) :]
    )
    read_or_refused(kobold.read, whole[:at])


def test_saves_are_known_by_their_fields_and_by_nothing_in_their_text() -> None:
    assert formats_of(json.dumps(FULL).encode(), "x.json") == ["kobold"]
    assert formats_of(json.dumps(save("word " * 40_000)).encode(), "x.json") == ["kobold"]
    assert formats_of(json.dumps({"prompt": "a", "memory": "", "actions": []}).encode(), "x") == ["kobold"]
    told = json.dumps({"text": '{"gamestarted": true, "prompt": "x", "actions": []}'}).encode()
    assert formats_of(told, "x.json") == []
    assert formats_of(b"\xff\xfe{\0", "x") == []


def test_many_actions_in_one_paragraph_take_their_time_and_no_more() -> None:
    taken = kobold.read(json.dumps(save("-", ["word "] * 20_000)).encode(), about())
    assert text(taken) == "-" + "word " * 20_000
    # They are put a few hundred at a time, once the paragraph is long.
    assert 450 < len(taken.entries) < 2_000


@pytest.mark.slow
@pytest.mark.parametrize("words", ["word ", "word\n"])
def test_a_hundred_thousand_actions(words: str) -> None:
    metadata = {str(at): entry(words, option("else")) for at in range(0, 100_000, 4)}
    taken = kobold.read(json.dumps(save("-", [words] * 100_000, actions_metadata=metadata)).encode(), about())
    assert text(taken) == "-" + words * 100_000
    assert len(taken.story.rounds) == 25_000
