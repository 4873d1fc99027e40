"""CoAuthor logs: text, selections and the origin of every character agree with a plain replay, and no log breaks the reader."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.formats import detect
from composer.exchange.programs.coauthor import ENDPOINT, PROMPT, read
from composer.exchange.taken import Circumstances, Taken
from composer.journal.journal import Journal
from composer.story.candidate import PlaceTarget
from composer.story.events import TextEdited
from composer.story.spans import Edited, Generated, Imported
from composer.text.clean import clean
from tests.exchange.coauthor_logs import (
    DOC,
    Event,
    agree,
    begin,
    chosen,
    class_of,
    delete,
    event,
    insert,
    log,
    replay,
    sessions,
    shown,
    take,
)

SAMPLES = sorted((Path(__file__).parents[3] / "shared" / "data" / "coauthor").glob("*.jsonl"))
"""Real logs, where they lie beside the project; they are no part of it."""


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem[:8])
def test_a_real_log_agrees_with_a_plain_replay(path: Path) -> None:
    events = [json.loads(line) for line in path.read_bytes().split(b"\n") if line]
    taken = agree(events)
    assert not taken.cut
    opened = [each for each in events if each["eventName"] == "suggestion-open"]
    assert len(taken.story.rounds) == len(opened)
    for asked, each in zip(taken.story.rounds, opened, strict=True):
        assert [candidate.text for candidate in asked.candidates] == [s["original"] for s in each["currentSuggestions"]]
        assert all(candidate.ending and candidate.ending.kind == "finished" for candidate in asked.candidates)
    assert taken.entries[-1].time <= events[-1]["eventTimestamp"]
    assert detect(path.read_bytes(), path.name).name == "coauthor"


def whole_pairs(events: list[Event]) -> bool:
    units, _ = replay(events)
    text = "".join(unit for unit, _ in units)
    try:
        text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    except UnicodeDecodeError:
        return False
    return True


@given(sessions())
def test_any_session_agrees_with_a_plain_replay(events: list[Event]) -> None:
    if all(whole_pairs(events[:at]) for at in range(1, len(events) + 1)):
        agree(events)


@given(sessions(), st.lists(st.tuples(st.integers(0, 40), st.integers(0, 9)), max_size=6))
def test_text_agrees_where_deletions_cut_anything(events: list[Event], cuts: list[tuple[int, int]]) -> None:
    events = [*events, *(delete(at, count) for at, count in cuts)]
    units, _ = replay(events)
    story = take(log(*events)).story
    assert "\n".join(block.text for block in story.manuscript) == clean("".join(unit for unit, _ in units))


# what becomes of what


def test_the_prompt_is_imported_and_its_first_line_the_title() -> None:
    story = take(log(begin())).story
    assert [block.text for block in story.manuscript] == DOC.split("\n")
    assert {span.origin for block in story.manuscript for span in block.spans} == {Imported(PROMPT)}
    assert story.details.title == "What the salt remembers"


def test_a_log_without_a_prompt_has_the_title_of_its_source() -> None:
    about = Circumstances("x.jsonl", 5, lambda: "b1", "test", title="Salt")
    assert read(log(begin("")), about).story.details.title == "Salt"
    assert not len(read(log(begin("")), about).story.manuscript)


def test_a_round_holds_what_was_asked_for_and_when() -> None:
    taken = take(log(begin(), event("suggestion-get", currentCursor=3), shown(" One.", "Two.", cursor=4), step=700))
    (asked,) = taken.story.rounds
    assert isinstance(asked.target, PlaceTarget)
    assert asked.target.at.offset == 3
    assert (asked.kind, asked.time) == ("continue", 1_600_000_000_700)
    assert [candidate.text for candidate in asked.candidates] == [" One.", "Two."]
    recipe = asked.candidates[0].recipe
    assert (recipe.endpoint, recipe.model, recipe.temperature) == (ENDPOINT, "", 0.9)
    assert recipe.sampling == {
        "temperature": 0.9,
        "top_p": 1.0,
        "presence_penalty": 0.0,
        "frequency_penalty": 0.5,
        "max_tokens": 30,
    }
    assert asked.candidates[1].ending is not None
    assert (asked.candidates[1].ending.kind, asked.candidates[1].ending.elapsed) == ("finished", 700)
    assert {loss.what: loss.count for loss in taken.losses} == {
        "probabilities of suggestions": 2,
        "candidates that were asked for and not shown": 3,
    }


def test_the_chosen_candidate_is_found_by_its_text_and_not_by_the_index() -> None:
    taken = take(log(begin("Go. "), shown(" One.", "\n\nTwo.", cursor=4), *chosen(4, "Two.")))
    assert [placement.candidates for placement in taken.story.placements] == [("1.2",)]
    (block,) = taken.story.manuscript
    assert block.spans[-1].origin == Generated("1.2", 2, 6)


def test_what_is_chosen_again_from_suggestions_that_were_reopened_is_of_the_same_round() -> None:
    first, again = chosen(4, "One."), [event("suggestion-reopen"), *chosen(8, "Two.")]
    taken = take(log(begin("Go. "), shown("One.", "Two."), *first, *again))
    assert len(taken.story.rounds) == 1
    assert [placement.candidates for placement in taken.story.placements] == [("1.1",), ("1.2",)]


def test_white_space_that_was_put_around_a_candidate_is_no_candidates() -> None:
    taken = take(log(begin("Go."), shown("One.\nTwo."), *chosen(3, " \nOne.\nTwo.\n")))
    rows = [[(span.text, class_of(span.origin)) for span in block.spans] for block in taken.story.manuscript]
    assert rows == [
        [("Go.", "prompt"), (" ", "space")],
        [("One.", (1, 1))],
        [("Two.", (1, 1))],
        [],
    ]


def test_a_part_of_another_suggestion_is_not_taken_for_the_one_that_was_chosen() -> None:
    taken = take(log(begin("Go."), shown("He ran. She ran.", " She ran."), *chosen(3, " She ran.\n")))
    assert [placement.candidates for placement in taken.story.placements] == [("1.2",)]
    assert taken.story.manuscript.at(0).spans[-1].origin == Generated("1.2", 0, 9)


def test_what_the_program_put_and_no_one_suggested_is_imported_and_counted() -> None:
    taken = take(log(begin("Go."), shown("One."), *chosen(3, "Three.")))
    assert taken.story.manuscript.at(0).spans[-1].origin == Imported(ENDPOINT)
    assert "insertions by CoAuthor that are no suggestion's text" in {loss.what for loss in taken.losses}
    assert "suggestions that were selected and did not come into the text" in {loss.what for loss in taken.losses}


def test_a_suggestion_that_was_shown_in_other_words_is_what_was_shown() -> None:
    taken = take(log(begin("Go."), shown(("The sea, the sea", "The salt"), ("a  b", "a b")), *chosen(3, "The salt")))
    assert [candidate.text for candidate in taken.story.round(1).candidates] == ["The salt", "a b"]
    assert [loss.count for loss in taken.losses if loss.what.startswith("suggestions as they were")] == [1]


def test_typing_inside_a_candidate_edits_it() -> None:
    taken = take(log(begin("Go. "), shown("One."), *chosen(4, "One."), insert(6, "x")))
    assert [class_of(span.origin) for span in taken.story.manuscript.at(0).spans] == ["prompt", (1, 1), "hand", (1, 1)]
    assert taken.story.manuscript.at(0).spans[2].origin == Edited("1.1")


def test_an_opening_without_suggestions_is_a_round_that_failed() -> None:
    (asked,) = take(log(begin(), event("suggestion-get"), shown())).story.rounds
    assert [candidate.ending.kind for candidate in asked.candidates if candidate.ending] == ["failed"]


def test_an_embed_holds_its_place() -> None:
    taken = take(log(begin("ab"), insert(1, {"image": "data:"}), insert(2, "c"), delete(3, 1)))
    assert taken.story.manuscript.text == "a\ufffcc"
    assert [loss.count for loss in taken.losses] == [1]


# entries and steps


def edits_of(taken: Taken) -> list[tuple[int, int, str, str]]:
    """Each edit by hand as (time, step, how, text) in the journal."""
    journal = Journal()
    found = []
    for entry in taken.entries:
        journal.read([entry])
        node = journal.tree.nodes.get(entry.seq)
        if node and isinstance(node.change, TextEdited) and node.change.how != "imported":
            change = node.change
            text = change.put.text if change.how == "typed" else change.removed.text
            found.append((entry.time - 1_600_000_000_000, entry.step, change.how, text))
    return found


def test_keys_are_an_entry_a_second_and_a_step_up_to_a_pause() -> None:
    keys = [insert(at, "abcdefgh"[at]) for at in range(8)]
    taken = take(log(begin(""), *keys, step=300))
    (first, *_), steps = edits_of(taken), {step for _, step, _, _ in edits_of(taken)}
    assert [(time, text) for time, _, _, text in edits_of(taken)] == [(1300, "\nabcd"), (2400, "efgh")]
    assert len(steps) == 1
    taken = take(log(begin(""), *keys[:3], step=2500))
    assert len({step for _, step, _, _ in edits_of(taken)}) == 3
    assert first[2] == "typed"


def test_a_line_feed_and_a_jump_end_a_step() -> None:
    taken = take(log(begin("go"), insert(2, "a"), insert(3, "\n"), insert(4, "b"), insert(0, "c"), step=10))
    found = edits_of(taken)
    assert [text for *_, text in found] == ["a\n", "b", "c"]
    assert len({step for _, step, _, _ in found}) == 3


def test_deletions_run_together_both_ways_and_turn_within_a_step() -> None:
    events = [begin("abcdef"), delete(3, 1), delete(2, 1), delete(2, 1), insert(2, "x"), insert(3, "y")]
    taken = take(log(*events, step=10))
    found = edits_of(taken)
    assert [(how, text) for _, _, how, text in found] == [("deleted", "cde"), ("typed", "xy")]
    assert len({step for _, step, _, _ in found}) == 1
    assert taken.story.manuscript.text == "abxyf"
