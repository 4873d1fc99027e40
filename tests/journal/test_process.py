"""The figures of how a text came to be, and the report that is made of them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import settings

from composer.exchange.report import report
from composer.exchange.scribe import Scribe, rows_of
from composer.exchange.taken import Circumstances
from composer.journal.account import account, prompts_of, share, span
from composer.journal.process import AWAY, SITTING, Process, process_of, whose
from composer.journal.replay import Reel
from composer.story.actions.outline import add_beat
from composer.story.candidate import BeatTarget, Message, PartReceipt, Receipt, Recipe
from composer.story.events import RoundAsked, RoundVeiled
from composer.story.manuscript import Block
from composer.story.outline import BeatText, Slot
from composer.story.spans import Edited, Generated, Imported, Repaired, Span, Written
from composer.story.story import Details
from composer.text.words import count_words
from tests.journal.machine import Life

MINUTE = 60_000
DAY = 86_400_000


def pen(time: int = DAY) -> Scribe:
    ids = (f"x{number}" for number in itertools.count())
    return Scribe(Circumstances("test", time, lambda: next(ids), "1"), "test", time)


def recipes(*temperatures: float, model: str = "mill", lens: str = "") -> list[Recipe]:
    return [Recipe("home", model, {"temperature": each}, lens_name=lens, lens=lens) for each in temperatures]


def made(scribe: Scribe) -> Process:
    return process_of(Reel(scribe.taken().entries))


def story() -> Scribe:
    """Two beats: one typed by hand, one placed of a candidate and then changed."""
    scribe = pen()
    scribe.details(Details("Flour", "A. Miller"))
    scribe.record(*add_beat(scribe.story, Slot("", 0), BeatText(summary="The mill stops"), scribe.about.new_id))
    scribe.record(*add_beat(scribe.story, Slot("", 1), BeatText(summary="Nobody notices"), scribe.about.new_id))
    first, second = (beat.id for beat in scribe.story.outline.beats)
    scribe.at(DAY + MINUTE)
    scribe.put(0, 0, [(Span("The wheel stood.", Written()),)], "typed", first)
    scribe.at(DAY + 2 * MINUTE)
    number = scribe.ask("continue", BeatTarget(second), recipes(0.2, 0.9), instruction="Keep it dry.")
    scribe.answered(number, 1, "Bread came all the same.")
    scribe.answered(number, 2, "It rained.")
    scribe.at(DAY + 3 * MINUTE)
    scribe.put(16, 16, [(), ()], "typed")
    scribe.placed(17, 17, rows_of("1.1", "Bread came all the same.", 0, 24), ["1.1"])
    scribe.typed(23, 27, "arrived")
    return scribe


def test_words_are_counted_by_whose_they_are() -> None:
    process = made(story())
    # The wheel stood. / Bread arrived all the same.
    assert (process.words.written, process.words.generated, process.words.edited, process.words.imported) == (
        3,
        4,
        1,
        0,
    )
    assert {name: (words.generated, words.edited) for name, words in process.models.items()} == {"mill": (4, 1)}


def test_what_was_picked_is_told_by_each_thing_that_differs() -> None:
    process = made(story())
    picked = process.by_temperature
    assert (picked["0.2"].came, picked["0.2"].used, picked["0.2"].words, picked["0.2"].standing) == (1, 1, 5, 4)
    assert (picked["0.9"].came, picked["0.9"].used, picked["0.9"].words, picked["0.9"].standing) == (1, 0, 2, 0)
    assert (process.by_position["1"].used, process.by_position["2"].used) == (1, 0)
    assert process.by_model["mill"].came == process.by_lens["none"].came == process.picked.came == 2


def test_a_placement_that_was_undone_is_none_but_its_work_was_work() -> None:
    scribe = story()
    before = made(scribe)
    scribe = story()
    scribe.go_to(0)
    after = made(scribe)
    assert after.picked.used == 0
    assert after.words.all == 0
    assert after.undone == before.undone + 1
    assert sum(work.placements for work in after.beats.values()) == 1


def test_time_goes_to_the_beat_at_hand_and_waits_to_nobody() -> None:
    scribe = story()
    scribe.at(scribe.time + AWAY + 1)
    scribe.typed(0, 0, "Then ")
    scribe.at(scribe.time + 20_000)
    scribe.typed(0, 0, "And ")
    scribe.at(scribe.time + SITTING + 1)
    scribe.typed(0, 0, "So ")
    process = made(scribe)
    first, second = (beat.id for beat in process.story.outline.beats)
    assert process.time == 3 * MINUTE + 20_000
    assert process.sittings == 2
    assert process.beats[first].time == 2 * MINUTE + 20_000
    assert process.beats[second].time == MINUTE
    assert (process.beats[second].requests, process.beats[second].candidates) == (1, 2)


def test_what_was_reworked_is_told_by_paragraph() -> None:
    scribe = story()
    for _ in range(3):
        scribe.typed(0, 3, "Our")
    process = made(scribe)
    block = process.story.manuscript.at(0)
    assert process.paragraphs[block.id].removed == 9
    section = next(each for each in account(process, str) if each.heading == "Reworked most")
    assert section.table is not None
    assert section.table.rows[0][0].startswith("¶1 Our wheel stood.")


def test_a_word_of_two_origins_is_an_edited_one() -> None:
    block = Block(
        "b",
        "",
        (
            Span("half", Generated("1.1", 0, 4)),
            Span("way there", Written()),
            Span(" ", Repaired("space")),
            Span("come", Edited("1.1")),
            Span(" far", Imported("letter")),
        ),
    )
    assert [found[:2] for found in whose(block)] == [
        ("edited", "1.1"),
        ("written", ""),
        ("edited", "1.1"),
        ("imported", ""),
    ]


def words_of(scribe: Scribe) -> tuple[int, int, int, int]:
    found = made(scribe).words
    return found.written, found.generated, found.edited, found.imported


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [
        (22, 22, (3, 5, 0, 0)),  # nothing
        (21, 22, (3, 4, 1, 0)),  # Brea came
        (17, 18, (3, 4, 1, 0)),  # read came
        (19, 20, (3, 4, 1, 0)),  # Brad came
        (17, 23, (3, 4, 0, 0)),  # came all: a whole word went
        (22, 27, (3, 4, 0, 0)),
    ],
)
def test_a_word_of_a_model_that_lost_letters_is_an_edited_one(start: int, end: int, counted: tuple[int, ...]) -> None:
    scribe = pen()
    scribe.put(0, 0, [(Span("The wheel stood.", Written()),), ()], "typed")
    number = scribe.ask("continue", BeatTarget(""), recipes(0.2))
    scribe.answered(number, 1, "Bread came all the same.")
    scribe.placed(17, 17, rows_of("1.1", "Bread came all the same.", 0, 24), ["1.1"])
    scribe.typed(start, end, "")
    assert words_of(scribe) == counted


def test_a_mended_seam_and_script_without_spaces_leave_words_a_models() -> None:
    block = Block("b", "", (Span("T", Repaired("capital")), Span("he end", Generated("1.1", 6, 12))))
    assert [found[:2] for found in whose(block, lambda piece: piece.start == 6)] == [("generated", "1.1")] * 2
    scribe = pen()
    number = scribe.ask("continue", BeatTarget(""), recipes(0.2))
    scribe.answered(number, 1, "海が静かだ。")
    scribe.placed(0, 0, rows_of("1.1", "海が静かだ。", 0, 6), ["1.1"])
    scribe.typed(1, 2, "")
    assert words_of(scribe) == (0, 4, 0, 0)


def test_text_that_stands_twice_was_picked_once() -> None:
    scribe = story()
    scribe.placed(0, 0, rows_of("1.1", "Bread came all the same.", 0, 24), ["1.1"])
    scribe.placed(0, 0, rows_of("1.1", "Bread came all the same.", 0, 24), ["1.1"])
    picked = made(scribe).picked
    assert (picked.came, picked.used, picked.words, picked.standing) == (2, 1, 7, 5)


def test_places_are_those_on_the_screen_where_there_was_a_choice() -> None:
    scribe = pen()
    alone = scribe.ask("continue", BeatTarget(""), recipes(0.2))
    scribe.answered(alone, 1, "Nobody else came.")
    blind = scribe.ask("continue", BeatTarget(""), recipes(0.2, 0.9))
    scribe.record(RoundVeiled(blind, (1, 0)))
    scribe.answered(blind, 1, "One.")
    scribe.answered(blind, 2, "Two came.")
    scribe.placed(0, 0, rows_of("2.2", "Two came.", 0, 9), ["2.2"])
    process = made(scribe)
    assert {name: (found.came, found.used) for name, found in process.by_position.items()} == {"1": (1, 1), "2": (1, 0)}
    assert process.picked.came == 3


def test_days_are_those_of_the_writer() -> None:
    scribe = pen(DAY - 5 * MINUTE)
    scribe.typed(0, 0, "Late. ")
    scribe.at(DAY + 5 * MINUTE)
    scribe.typed(0, 0, "Later. ")

    def days(zone: int) -> str:
        return account(made(scribe), lambda time: f"{(time + zone) // DAY} {time}")[0].sentences[1]

    assert "1 sitting on 2 days" in days(0)
    assert "1 sitting on 1 day," in days(-60 * MINUTE)


def test_lines_of_the_outline_and_lenses_are_told() -> None:
    scribe = pen()
    beats = [
        BeatText(summary="The mill stops", origin=Generated("1.1", 0, 14)),
        BeatText(summary="Nobody cares", origin=Edited("1.1")),
        BeatText(summary="Bread comes"),
    ]
    for at, text in enumerate(beats):
        scribe.record(*add_beat(scribe.story, Slot("", at), text, scribe.about.new_id))
    number = scribe.ask("outline", BeatTarget(""), recipes(0.2, lens="As a list of parables"))
    scribe.answered(number, 1, "The mill stops")
    process = made(scribe)
    assert process.picked.words == 0
    told = report(process, str).decode()
    assert "3 lines: 1 as a model wrote it, 1 of a model and changed by hand, 1 by hand or of a file." in told
    assert "- As a list of parables: As a list of parables" in told
    assert "Rounds: 1 for an outline." in told


def test_shares_of_a_beat_tell_hand_and_changes_apart() -> None:
    section = next(each for each in account(made(story()), str) if each.heading == "Beats")
    assert section.table is not None
    assert section.table.columns[-3:] == ("words", "by hand", "changed")
    assert section.table.rows[0][-3:] == ("8", "38 %", "12 %")


def test_numbers_are_written_alike_in_settings_and_rates() -> None:
    process = made(story())
    assert {setting.sampling for setting in process.settings} == {(("temperature", "0.2"),), (("temperature", "0.9"),)}
    scribe = pen()
    scribe.ask("continue", BeatTarget(""), recipes(1.0))
    assert made(scribe).settings[0].sampling == (("temperature", "1"),)


class Counted(Life):
    """Whatever happened, each word of the text is somebody's, and each figure is one of the journal."""

    def teardown(self) -> None:
        process = process_of(Reel(self.entries))
        text = process.story.manuscript
        assert process.words.all == sum(count_words(block.text) for block in text if not block.is_scene_break)
        assert sum(work.words.all for work in process.beats.values()) == process.words.all
        assert sum(work.words.all for work in process.paragraphs.values()) == process.words.all
        assert sum(picked.came for picked in process.by_temperature.values()) == process.picked.came
        assert process.picked.standing <= process.words.generated
        report(process, str)


TestCounted = Counted.TestCase
TestCounted.settings = settings(stateful_step_count=30, max_examples=15)


def test_the_report_is_a_page_of_markdown() -> None:
    text = report(made(story()), lambda time: f"on day {time // DAY}").decode()
    assert text.startswith("# How “Flour” came to be\n\nby A. Miller\n")
    assert "| typed by hand | 3 | 38 % |" in text
    assert "| as a model wrote them | 4 | 50 % |" in text
    assert "It was begun on day 1 and changed last on day 1: 1 sitting on 1 day, 3 min at the desk." in text
    assert "- Round 1, to go on: Keep it dry." in text
    assert "| Nobody notices |" in text


def test_signs_of_markdown_in_names_mean_nothing() -> None:
    scribe = story()
    scribe.details(Details("*Flour* | <b>", "[x](y)"))
    text = report(made(scribe), str).decode()
    assert "# How “\\*Flour\\* | \\<b\\>” came to be" in text
    assert "by \\[x\\](y)" in text


def test_nothing_is_no_error() -> None:
    text = report(process_of(Reel([])), str).decode()
    assert "The text has 0 words." in text
    assert "Models were asked 0 times" in text


def test_the_instructions_that_were_sent_are_in_it_once() -> None:
    scribe = pen()
    system, plea = scribe.piece("You write on.\n"), scribe.piece("Go on.")
    messages = (Message("system", (system,)), Message("user", (plea,)))
    receipt = Receipt(
        9, 100, 10, (PartReceipt("instructions", 4, first=0, last=1), PartReceipt("beat", 2, first=1, last=2))
    )
    for number in (1, 2):
        scribe.record(RoundAsked(number, "continue", BeatTarget(""), 0, "", tuple(recipes(0.5)), messages, receipt))
    taken = scribe.taken()
    assert prompts_of(taken.story, taken.pieces) == ("You write on.",)
    assert prompts_of(taken.story, {}) == ()
    text = report(process_of(Reel(taken.entries)), str, prompts_of(taken.story, taken.pieces)).decode()
    assert text.count("- You write on.") == 1


def test_shares_and_stretches_in_words() -> None:
    assert [share(1, 3), share(0, 5), share(0, 0)] == ["33 %", "0 %", "–"]
    assert [span(900), span(59_999), span(61_000), span(7_500_000)] == ["0 s", "59 s", "1 min", "2 h 05 min"]
