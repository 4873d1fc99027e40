"""The drafts screen: what it shows of drafts that are written, picks, placing, stopping and going on, and the box that asks."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import pytest
from textual import events

from composer.errors import ComposerError, RefusedError
from composer.session.drafting import Drafting
from composer.store.memory import MemoryStore
from composer.story.actions import outline as beats
from composer.story.candidate import BeatTarget, Candidate, CellTarget, DraftTarget, Ending, Receipt, Recipe
from composer.story.draft import Cell, Draft
from composer.story.events import (
    BeatAdded,
    BeatEdited,
    BeatRemoved,
    BeatsPlaced,
    CandidateEnded,
    CandidateGrew,
    Fact,
    MarkMade,
    RoundAsked,
)
from composer.story.fold import witness
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Beat, BeatText, Outline, Slot
from composer.story.spans import Generated, Span, Written
from composer.story.story import Mark, Placement, Story
from composer.ui import drafts as telling
from composer.ui import keymap
from composer.ui.app import ComposerApp
from composer.ui.drafts import Cells, Face, Figures, Landing, Row, Wish
from composer.ui.screens.drafts import DraftsScreen, show_drafts
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import FANCY, PLAIN
from composer.ui.widgets.draft_table import CellText, DraftTable, columns
from composer.ui.wrapping import cells
from tests.session.fakes import Scripted
from tests.ui.desk import Desk, desk

SIZES = [(120, 40), pytest.param((80, 24), marks=pytest.mark.slow)]
LINES = (
    "The clerk counts the buttons.",
    "A goose comes in without knocking.",
    "They agree about the weather.",
)

# values


def beat(name: str, *below: Beat) -> Beat:
    return Beat(name, BeatText(summary=f"{name} happens"), below)


def test_rows_are_the_outline_then_what_is_written_no_more() -> None:
    outline = Outline((beat("a"), beat("ch", beat("b"), beat("c"))))
    rows = telling.rows_of(outline, ["b", "gone", "ch", "a"], lambda gone: dict.fromkeys(gone, "it was here"))
    assert rows == [
        Row("beat", "a", "a happens", 1, 0),
        Row("heading", "ch", "ch happens", 0, 0),
        Row("beat", "b", "b happens", 2, 1),
        Row("beat", "c", "c happens", 3, 1),
        Row("line", "", telling.DIVIDED),
        Row("divided", "ch", "ch happens"),
        Row("line", "", telling.GONE),
        Row("gone", "gone", "it was here"),
    ]
    assert [each.beat for each in rows if each.has_cells] == ["a", "b", "c", "ch", "gone"]


def test_lines_of_beats_that_are_gone_are_found_in_what_happened() -> None:
    old = BeatText(summary="As it was first.")
    happened = [
        BeatAdded(Slot("", 0), Beat("a", old)),
        BeatEdited("a", old, BeatText(title="As it was last")),
        BeatAdded(Slot("", 1), Beat("other", old)),
        BeatsPlaced(Slot("", 1), (Beat("b", BeatText(summary="Picked.")),), Placement(())),
        BeatRemoved(Slot("", 2), Beat("ch", BeatText(), (Beat("c", BeatText(summary="Within.")),))),
    ]
    found = telling.lines_of(happened, ["a", "b", "c", "z"])
    assert found == {"a": "As it was last", "b": "Picked.", "c": "Within."}


def leaves(count: int, *told: int) -> Story:
    outline = Outline(tuple(beat(f"b{at}") for at in range(1, count + 1)))
    blocks = [Block(f"p{at}", f"b{at}", (Span("Told.", Written()),)) for at in told]
    return Story(outline=outline, manuscript=Manuscript(blocks))


@pytest.mark.parametrize(
    ("text", "way", "wanted"),
    [
        ("", "own", [1, 2, 3, 4, 5]),
        ("", "manuscript", [1, 3, 5]),
        ("all", "manuscript", [1, 2, 3, 4, 5]),
        (" ALL ", "own", [1, 2, 3, 4, 5]),
        ("empty", "own", [1, 3, 5]),
        ("2", "own", [2]),
        ("4-2, 5", "own", [2, 3, 4, 5]),
        ("4–", "summaries", [4, 5]),
        ("5 1", "own", [1, 5]),
        ("1 - 2;4,", "own", [1, 2, 4]),
    ],
)
def test_beats_are_read_by_number_and_by_word(text: str, way: str, wanted: list[int]) -> None:
    found = telling.read_beats(text, leaves(5, 2, 4), way)  # type: ignore[arg-type]
    assert found == tuple(f"b{at}" for at in wanted)


@pytest.mark.parametrize(
    ("text", "story", "says"),
    [
        ("6", leaves(5), "no beat 6"),
        ("0-2", leaves(5), "no beat 0"),
        ("the first", leaves(5), "names no beats"),
        ("empty", leaves(2, 1, 2), "has text already"),
    ],
)
def test_beats_that_are_not_there_are_refused(text: str, story: Story, says: str) -> None:
    with pytest.raises(RefusedError, match=says) as caught:
        telling.read_beats(text, story, "own")
    assert caught.value.next_step


def test_ways_are_read_by_their_first_letters() -> None:
    assert [telling.read_way(text) for text in (*telling.WAYS.values(), "man", "W", "own: what ever")] == [
        *telling.WAYS,
        "manuscript",
        "whole",
        "own",
    ]
    for text in ("", ":", "nothing"):
        with pytest.raises(RefusedError, match="no way"):
            telling.read_way(text)


RECIPE = Recipe("home", "fable", {"temperature": 0.4})


def cell(text: str, kind: str | None = "finished", **more: object) -> Cell:
    ending = Ending(kind, "So it ended.", len(text), "") if kind else None  # type: ignore[arg-type]
    candidate = Candidate("1.1", RECIPE, text, ending=ending, **more)  # type: ignore[arg-type]
    return Cell(1, "a", candidate, 0, len(text))


def shown(it: Cell | None, *marks: tuple[int, int], wanted: bool = True) -> Face:
    row = [(at, Mark(at, "1.1", start, end)) for at, (start, end) in enumerate(marks, 1)]
    return telling.face_of(it, wanted, row, lambda each: len(each.text.split()), FANCY)


def test_a_cell_shows_its_state_its_words_and_its_first_words() -> None:
    assert shown(None) == Face("·", "dim")
    assert shown(None, wanted=False) == Face(" ", "dim")
    assert shown(cell("", None)) == Face("…", "dim", said="waiting")
    assert shown(cell("", None, reasoning="Hm.")) == Face("…", "dim", said="thinking")
    assert shown(cell("One two three", None)) == Face("●", "waiting", 0, "One two three")
    assert shown(cell("word " * 27, None)).words == 20
    assert shown(cell("One\n\ntwo  three")) == Face("✓", "good", 3, "One two three")
    assert shown(cell("One two", "cut")) == Face("┄", "waiting", 2, "One two")
    assert shown(cell("One two", "cancelled")) == Face("✗", "bad", 2, "One two")
    assert shown(cell("", "failed")) == Face("✗", "bad", said="failed")
    assert shown(cell("", "cancelled")) == Face("✗", "bad", said="stopped")


def test_a_pick_is_whole_or_in_pieces() -> None:
    it = cell(" One. Two.\n")
    assert telling.extent(it) == (1, 10)
    assert (shown(it, (1, 10)).pieces, shown(it, (1, 10)).whole) == (1, True)
    assert (shown(it, (1, 5)).pieces, shown(it, (1, 5)).whole) == (1, False)
    assert (shown(it, (1, 10), (1, 5)).pieces, shown(it, (1, 10), (1, 5)).whole) == (2, False)
    older = [(1, Mark(1, "0.1", 1, 10))]
    assert not telling.is_picked_whole(it, older)
    assert telling.extent(cell(" \n ")) == (3, 3)


def test_picks_are_marks_of_drafts_by_cell() -> None:
    story = Story()
    for number, target in enumerate((CellTarget(2, "a"), DraftTarget(1), BeatTarget("a")), 1):
        story = witness(story, RoundAsked(number, "continue", target, 0, "", (RECIPE,), (), Receipt(0, 0, 0, ())))
        story = witness(story, CandidateGrew(f"{number}.1", 0, "[1] Rain.\n[2] Mud."))
    for number, (name, start, end) in enumerate(
        (("3.1", 0, 5), ("2.1", 10, 18), ("1.1", 0, 4), ("2.1", 4, 9), ("2.1", 0, 3), ("1.1", 5, 9)), 1
    ):
        story = witness(story, MarkMade(number, name, start, end))
    story = witness(story, MarkMade(7, "", 0, 4, ((Span("Kept", Written()),),)))

    def beat_of(name: str, at: int) -> str:
        if name == "1.1":
            return "a"
        return "a" if 4 <= at < 9 else "b" if 14 <= at < 18 else ""

    found = telling.picks_of(story, beat_of)
    # One that begins with the number before a beat is of that beat; one of the number alone is of none.
    assert {place: [(number, mark.number) for number, mark in marks] for place, marks in found.items()} == {
        (1, "b"): [(2, 2)],
        (2, "a"): [(3, 3), (6, 6)],
        (1, "a"): [(4, 4)],
    }


def test_the_head_of_a_column_says_how_far_its_draft_is() -> None:
    draft, halted = Draft(1, RECIPE, ("a", "b")), Draft(1, RECIPE, ("a", "b"), halted=True)

    def head(it: Draft, works: bool, why: str, figures: Figures) -> tuple[str, str]:
        made = telling.head_of(it, "T0.4", works, why, figures, FANCY)
        assert made.forms[-2:] == (f"{figures.ended}/{figures.wanted}", str(figures.ended))
        return made.sign, made.forms[0]

    assert head(draft, True, "", Figures(1, 2)) == ("●", "writing 1/2")
    assert head(draft, False, "", Figures(2, 2)) == ("✓", "done 2/2")
    assert head(draft, False, "", Figures(2, 2, open=1)) == ("●", "writing 2/2")
    assert head(halted, False, "Why.", Figures(1, 2)) == ("✗", "stopped 1/2")
    assert head(draft, False, "No\nanswer.", Figures(1, 2)) == ("✗", "No answer.")
    assert head(draft, False, "", Figures(1, 2)) == ("┄", "not finished 1/2")


def test_columns_fill_a_line_and_the_one_under_the_cursor_is_in_sight() -> None:
    for width, count, highest, longest, told in itertools.product(
        (60, 80, 100, 120, 200), (0, 1, 2, 5, 10, 20), (6, 500), (5, 18, 90), (False, True)
    ):
        for at in range(max(1, count)):
            found = columns(width, count, at, highest, longest, told)
            assert found.lead + found.size * found.seen <= width
            if count:
                assert found.first <= at < found.first + found.seen <= count
                assert found.size >= 6
            assert not found.told or told
    assert columns(80, 5, 0, 6, 60, True).seen == 5
    assert columns(80, 10, 0, 500, 60, True).seen == 10
    assert columns(120, 5, 0, 6, 60, False).size >= 14


def test_what_is_counted_is_counted_again_only_where_something_came() -> None:
    drafts = (Draft(1, RECIPE, ("a", "b")), Draft(2, RECIPE, ("a", "b")))
    looked: list[tuple[int, str]] = []
    story = Story()
    leaves = frozenset("abc")

    def look(draft: int, name: str) -> Cell | None:
        looked.append((draft, name))
        for asked in reversed(story.rounds):
            if asked.target in (CellTarget(draft, name), DraftTarget(draft)):
                candidate = asked.candidates[0]
                return Cell(draft, name, candidate, 0, len(candidate.text))
        return None

    def happen(counted: Cells, *facts: Fact) -> list[tuple[int, str]]:
        nonlocal story
        for fact in facts:
            story = witness(story, fact)
        looked.clear()
        counted.look(story, leaves)
        return sorted(looked)

    def asked(number: int, target: CellTarget | DraftTarget) -> RoundAsked:
        return RoundAsked(number, "continue", target, 0, "", (RECIPE,), (), Receipt(0, 0, 0, ()))

    counted = Cells(drafts, look)
    assert happen(counted) == []
    assert counted.figures(1) == Figures(0, 2)
    assert happen(counted, asked(1, CellTarget(1, "a")), CandidateGrew("1.1", 0, "word " * 14)) == [(1, "a")]
    assert counted.figures(1) == Figures(0, 2, 10, 1)
    assert counted.open_beats(1) == ["a"]
    assert happen(counted) == [(1, "a")]
    assert happen(counted, CandidateEnded("1.1", Ending("finished", "", 70, ""))) == [(1, "a")]
    assert counted.figures(1) == Figures(1, 2, 14)
    assert happen(counted) == []
    # Of other drafts, and of a beat that was not asked for at first.
    assert happen(counted, asked(2, CellTarget(7, "a")), asked(3, CellTarget(2, "c"))) == [(2, "c")]
    assert counted.figures(2) == Figures(0, 3, 0, 1)
    assert counted.figures(1) == Figures(1, 2, 14)
    assert counted.celled == ["a", "c"]
    assert happen(counted, asked(4, DraftTarget(1)), CandidateEnded("4.1", Ending("failed", "No.", 0, ""))) == [
        (1, "a"),
        (1, "b"),
        (2, "c"),
    ]
    assert counted.figures(1) == Figures(0, 2, failed="4.1")
    assert counted.celled == ["a", "b", "c"]
    leaves = frozenset("b")
    assert happen(counted) == [(2, "c")]
    assert counted.figures(1) == Figures(0, 1, failed="4.1")
    assert counted.figures(2) == Figures(0, 1)
    happen(counted, asked(5, CellTarget(1, "b")), CandidateGrew("5.1", 0, "Yes."))
    assert counted.figures(1) == Figures(0, 1, 0, 1)


def test_what_placing_would_do_is_said_before() -> None:
    assert telling.landing_words(Landing()) == ""
    assert telling.landing_words(Landing(1, 1)) == "^t places 1 pick in 1 beat"
    assert telling.landing_words(Landing(1, 1, 1)) == (
        "^t places 1 pick in 1 beat; it has text already: picks go behind it"
    )
    assert telling.landing_words(Landing(2, 2, 2)) == (
        "^t places 2 picks in 2 beats; all of these have text already: picks go behind it"
    )
    assert telling.landing_words(Landing(4, 3, 1)) == (
        "^t places 4 picks in 3 beats; 1 of these has text already: picks go behind it"
    )
    assert telling.landing_words(Landing(4, 3, 2, 1, 2)) == (
        "^t places 4 picks in 3 beats; 2 of these have text already: picks go behind it; 2 picks of other drafts among them;"
        " 1 stays: its beat is not in the outline any more"
    )
    assert telling.landing_words(Landing(stay=2)) == (
        "2 picks can't be placed: their beats are not in the outline any more"
    )
    assert telling.placed_words(Landing(6, 6, stay=1)) == (
        "6 picks placed in 6 beats; ^z takes all of it back. 1 pick stays: its beat is not in the outline any more."
    )


def test_titles_and_totals_have_shorter_forms() -> None:
    drafts = tuple(Draft(number, RECIPE, ("a",), "own", "Rain.", 6) for number in range(6, 11))
    assert telling.titles(drafts, 2, 2) == [
        "Drafts 6–10 · run 2 of 2 · own · fable · “Rain.”",
        "Drafts 6–10 · run 2 of 2 · own · fable",
        "Drafts 6–10 · run 2 of 2 · own",
        "Drafts 6–10 · own",
        "Drafts 6–10",
    ]
    assert telling.titles(drafts[:1], 1, 1)[-1] == "Draft 6"
    assert telling.totals([Figures(3, 6, 1204), Figures(6, 6)], 1) == [
        "9 of 12 cells · 1,204 w · 1 writing",
        "9/12 · 1,204 w · 1 writing",
        "9/12",
    ]


def test_the_help_names_all_keys_of_the_place() -> None:
    told = telling.help_in_drafts(FANCY, ("▐", "▌"), 90)
    for key in keymap.shown_in("drafts"):
        assert key.shown in told
        assert key.does.split(";")[0].split(",")[0] in told
    assert all(cells(line) <= 90 for line in told.splitlines())


# the screen


async def outline(at: Desk, *lines: str) -> list[str]:
    return [at.beat(line) for line in lines or LINES]


async def opened(at: Desk, *lines: str) -> list[str]:
    """The screen, over a story with these beats."""
    made = await outline(at, *lines)
    await at.press("shift+tab", "t")
    return made


async def drafted(at: Desk, *lines: str) -> list[str]:
    """The same with drafts that were asked for."""
    made = await opened(at, *lines)
    await at.press("ctrl+g")
    await until(at, lambda: len(at.endpoint.requests) == len(at.main.ladder))
    return made


def screen(at: Desk) -> DraftsScreen:
    (found,) = (each for each in at.app.screen_stack if isinstance(each, DraftsScreen))
    return found


def draw(at: Desk) -> list[str]:
    """The lines of the screen, brought up to what is true."""
    screen(at).draw()
    return at.screen().splitlines()


def row(at: Desk, text: str) -> str:
    """The line of the table with that text at its beginning."""
    return next(line for line in draw(at) if text in line[:30])


async def until(at: Desk, is_so: Callable[[], bool]) -> None:
    """Wait for work that goes on in a thread, or behind a timer."""
    for _ in range(1000):
        if is_so():
            return
        await at.pilot.pause(0.01)
    raise AssertionError(at.screen())


def request(at: Desk, draft: int) -> int:
    """The number of the newest request of a draft."""
    heat = at.story.drafts[draft - 1].recipe.temperature
    return max(at_ for at_, each in enumerate(at.endpoint.requests, 1) if each.recipe.temperature == heat)


async def say(at: Desk, draft: int, text: str) -> None:
    await at.endpoint.say(request(at, draft), text)


async def write(at: Desk, draft: int, *texts: str) -> None:
    """Let a draft write these texts, a cell each, and finish them; what it asks for next is asked for by then."""
    for text in texts:
        await say(at, draft, text)
        await finish(at, draft)


async def finish(at: Desk, draft: int) -> None:
    """Let a draft finish the cell that it writes."""
    count = len(at.endpoint.requests)
    await at.endpoint.close_stream(request(at, draft))
    await until(at, lambda: len(at.endpoint.requests) > count or not at.session.drafting.works(draft))


def text_of(draft: int, line: int) -> str:
    return f"Draft {draft} tells beat {line}. Nobody minds."


async def filled(at: Desk, *lines: str) -> list[str]:
    """Drafts that are written, all of them."""
    made = await drafted(at, *lines)
    for draft in range(1, len(at.main.ladder) + 1):
        await write(at, draft, *(text_of(draft, line) for line in range(1, len(made) + 1)))
    draw(at)
    return made


def picked(at: Desk) -> list[tuple[str, int, int]]:
    return [(mark.candidate, mark.start, mark.end) for mark in at.story.splice]


# before there is any


@pytest.mark.parametrize("size", SIZES)
async def test_before_there_is_any_it_says_what_it_is_and_what_to_do(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        at.write("It had begun already.")
        await opened(at)
        shown = draw(at)
        told = " ".join(" ".join(shown).split())
        assert "Drafts" in shown[0]
        assert "No drafts yet." in told
        assert "^g writes 5 drafts of 3 beats, one at each of 0.2 0.4 0.6 0.8 1" in told
        assert "^r asks how first" in told
        assert all(line in told for line in LINES)
        assert "LETTERS ACT" in shown[-1]
        assert "^g 5 drafts" in shown[-1]
        assert all(cells(line) == size[0] for line in shown)
        assert at.endpoint.requests == []


async def test_an_outline_without_beats_is_told_what_to_add_and_nothing_is_asked() -> None:
    async with desk() as at:
        at.main.action_drafts()
        await at.seen()
        assert "The outline has no beats to write yet" in at.screen()
        await at.press("ctrl+g")
        assert "no beats to write" in screen(at).said
        await at.press("1", "space", "enter", "u", "x", "X", "r", "z", ",", ".", "down", "right", "end", "ctrl+t")
        assert "No cell is picked" in screen(at).said
        assert at.story.drafts == ()
        assert at.endpoint.requests == []
        await at.press("escape")
        assert at.app.screen is at.main


# filling


@pytest.mark.parametrize("size", SIZES)
async def test_the_table_fills_as_drafts_are_written(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await drafted(at)
        shown = draw(at)
        assert "Drafts 1–5 · own" in shown[0]
        assert "0 of 15 cells · 0 w · 5 writing" in shown[0]
        for place, heat in enumerate((0.2, 0.4, 0.6, 0.8, 1), 1):
            assert f"{place} T{heat:g}" in shown[1]
        assert row(at, "The clerk").count("…") >= 5
        await say(at, 2, "The clerk had twelve of them, and a thirteenth in mind, and said so. ")
        first = row(at, "The clerk")
        assert "● " in first
        assert "10 w" in first
        await at.endpoint.close_stream(request(at, 2))
        await until(at, lambda: len(at.endpoint.requests) == 6)
        assert "✓" in row(at, "The clerk")
        assert "14 w" in row(at, "The clerk")
        assert "1 of 15 cells" in draw(at)[0]
        assert "1/3" in draw(at)[2]
        if size[0] == 120:
            assert "twelve of them" in at.screen()


async def test_the_text_below_is_that_of_the_cell_under_the_cursor() -> None:
    async with desk() as at:
        await drafted(at)
        await say(at, 3, "The third hand has opened the drawer.")
        await at.press("right", "right")
        assert "beat 1 · draft 3 · T0.6 · ● 0 w …writing" in at.screen()
        assert "The third hand has opened the drawer." in " ".join(draw(at))
        await at.press("left")
        assert "beat 1 · draft 2 · T0.4 · … waiting for its first word" in at.screen()
        await at.press("down")
        assert "beat 2 · draft 2 · T0.4 · not written yet" in at.screen()
        assert "Not written yet: the draft comes to it." in at.screen()


async def test_text_that_comes_moves_neither_cursor_nor_scroll_and_is_painted_by_itself() -> None:
    async with desk(size=(80, 24)) as at:
        await drafted(at)
        await say(at, 1, "\n\n".join(f"Paragraph {number} of many." for number in range(40)))
        draw(at)
        await at.press("pagedown")
        before = draw(at)
        assert "% above" in at.screen()
        await say(at, 1, " And on it goes. " * 40)
        await say(at, 2, "Elsewhere.")
        after = draw(at)
        table, text = slice(3, 9), slice(10, 21)
        assert [line[:30] for line in before[table]] == [line[:30] for line in after[table]]
        assert before[text] == after[text]
        assert screen(at).query_one(DraftTable).at == 0
        assert at.app.focused is None
        # Without a key it is seen too, a few times a second.
        await say(at, 3, "By itself, and then some more of it, up to ten and over.")
        await until(at, lambda: "10 w" in at.screen().splitlines()[3])


async def test_only_cells_that_changed_are_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:
        await drafted(at)
        await say(at, 1, "It began. ")
        draw(at)
        sent: list[int] = []
        table = screen(at).query_one(DraftTable)
        monkeypatch.setattr(table, "refresh", lambda *regions, **_: sent.extend(region.area for region in regions))
        draw(at)
        assert sent == []
        await say(at, 4, "Here too.")
        draw(at)
        assert 0 < sum(sent) < 60


@pytest.mark.slow
async def test_nothing_is_painted_while_the_terminal_does_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:
        await drafted(at)
        draw(at)
        stalled = [True]
        monkeypatch.setattr(ComposerApp, "stalled", property(lambda _: stalled[0]))
        await say(at, 1, "Unseen for now.")
        await at.pilot.pause(0.3)
        assert "Unseen" not in at.screen()
        stalled[0] = False
        await until(at, lambda: "Unseen for now." in at.screen())


async def test_a_cell_that_failed_and_a_draft_that_does_not_go_on_say_why() -> None:
    async with desk() as at:
        await drafted(at)
        await say(at, 1, "Half of it")
        await at.endpoint.fail(request(at, 1), ComposerError("The server fell over.", "Set it up again."))
        await until(at, lambda: not at.session.drafting.works(1))
        shown = " ".join(draw(at))
        assert "✗" in row(at, "The clerk")
        assert "failed · 3 w kept" in shown
        assert "The server fell over. Set it up again." in shown
        await at.press("down")
        assert "r has draft 1 go on" in " ".join(draw(at))


# picks


@pytest.mark.parametrize("size", SIZES)
async def test_digits_pick_the_cells_of_a_row_and_take_them_back(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await filled(at)
        await at.press("2", "down", "5", "4")
        assert len(picked(at)) == 3
        assert row(at, "The clerk").count("▐") == 1
        assert row(at, "A goose").count("▐") == 2
        assert row(at, "A goose").count("▌") == 2
        found = at.story.candidate(picked(at)[0][0])
        assert picked(at)[0][1:] == (0, len(found.text))
        assert found.text == text_of(2, 1)
        await at.press("4")
        assert [at.story.candidate(name).text for name, _, _ in picked(at)] == [text_of(2, 1), text_of(5, 2)]
        assert "^t places 2 picks in 2 beats" in at.screen()
        # The cursor stays where it is: digits are for the row.
        assert "beat 2 · draft 1" in at.screen()


async def test_space_picks_the_cell_under_the_cursor() -> None:
    async with desk() as at:
        await filled(at)
        await at.press("end", "right", "right", "space")
        assert [at.story.candidate(name).text for name, _, _ in picked(at)] == [text_of(3, 3)]
        assert "· picked" in at.screen()
        await at.press("space")
        assert picked(at) == []


@pytest.mark.slow
async def test_what_is_still_written_or_empty_can_not_be_picked() -> None:
    async with desk() as at:
        await drafted(at)
        await at.press("1")
        assert screen(at).said == "It is still being written; wait, or stop it with x."
        await say(at, 1, "Something.")
        await at.press("1")
        assert screen(at).said == "It is still being written; wait, or stop it with x."
        await at.press("down", "1")
        assert "nothing for this beat yet" in screen(at).said
        await at.press("up", "x")
        await until(at, lambda: not at.session.drafting.works(1))
        await at.press("1")
        assert [at.story.candidate(name).text for name, _, _ in picked(at)] == ["Something."]
        await at.press("right", "x")
        await until(at, lambda: not at.session.drafting.works(2))
        await at.press("2")
        assert "no text in this cell" in screen(at).said
        for key in "70":
            await at.press("down", key)
            assert "There are 5 drafts here." in screen(at).said
        assert len(picked(at)) == 1


async def test_pieces_of_a_cell_are_counted_shown_and_lifted_together() -> None:
    async with desk() as at:
        made = await filled(at)
        name = at.session.drafting.attempts(2, made[0])[0]
        at.main.placer.mark(name, 0, 21)
        at.main.placer.mark(name, 22, 35)
        assert "2 pcs" in row(at, "The clerk")
        await at.press("right")
        assert "2 pieces picked" in at.screen()
        # Their numbers in the splice stand before the text.
        assert any(line.startswith("  2▐Draft 2 tells beat 1.") for line in draw(at))
        await at.press("2")
        assert picked(at) == []
        assert "2 picked pieces of it are lifted" in screen(at).said
        await at.press("u")
        assert len(picked(at)) == 2
        await at.press("2", "2")
        assert picked(at) == [(name, 0, 35)]


async def test_pieces_of_what_was_written_before_are_told_and_lifted_too() -> None:
    async with desk() as at:
        made = await filled(at)
        await at.press("1", "r")
        await until(at, lambda: len(at.endpoint.requests) == 16)
        await say(at, 1, "Another try.")
        await at.endpoint.close_stream(request(at, 1))
        assert at.session.drafting.attempts(1, made[0])[-1] == "16.1"
        assert "1 pc" in row(at, "The clerk")
        assert "1 piece of what was written here before is picked too." in at.screen()
        await at.press("1", "1")
        assert picked(at) == [("16.1", 0, 12)]


@pytest.mark.slow
async def test_u_lifts_all_picks_of_these_drafts_and_puts_them_back() -> None:
    async with desk() as at:
        await filled(at)
        at.session.record((MarkMade(1, "", 0, 4, ((Span("Kept", Written()),),)),))
        await at.press("1", "down", "2", "u")
        assert picked(at) == [("", 0, 4)]
        await at.press("u")
        assert len(picked(at)) == 3
        await at.press("2", "u")
        assert picked(at) == [("", 0, 4)]
        # What was taken back by itself before stays so.
        await at.press("u")
        assert len(picked(at)) == 2


async def test_nothing_to_lift_is_said() -> None:
    async with desk() as at:
        await filled(at)
        await at.press("u")
        assert "Nothing of these drafts is picked" in screen(at).said


# placing


@pytest.mark.parametrize("size", SIZES)
async def test_ctrl_t_places_all_picks_and_one_undo_takes_them_back(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        made = await filled(at)
        await at.press("end", "5", "up", "2", "up", "4", "1", "ctrl+t")
        assert at.app.screen is at.main
        assert [(block.text, block.beat) for block in at.story.manuscript] == [
            (text_of(4, 1), made[0]),
            (text_of(1, 1), made[0]),
            (text_of(2, 2), made[1]),
            (text_of(5, 3), made[2]),
        ]
        assert at.main.focused is at.main.text
        assert at.main.caret == at.story.manuscript.last
        assert any("4 picks placed in 3 beats; ^z takes all of it back." in notice for notice in at.notices)
        for block in at.story.manuscript:
            (span,) = block.spans
            assert isinstance(span.origin, Generated)
            text = at.story.candidate(span.origin.candidate).text
            assert text[span.origin.start : span.origin.end] == span.text
        assert picked(at) == []
        await at.press("ctrl+z")
        assert at.text == ""
        assert len(picked(at)) == 4
        await at.press("ctrl+y")
        assert len(at.story.manuscript) == 4
        assert picked(at) == []


@pytest.mark.slow
async def test_picks_go_behind_the_text_of_a_beat_and_that_is_said_before() -> None:
    async with desk() as at:
        made = await filled(at)
        await at.press("1", "ctrl+t")
        await at.press("shift+tab", "t", "2", "down", "3")
        assert "^t places 2 picks in 2 beats; 1 of these has text already: picks go behind it" in at.screen()
        assert "in text" in at.screen()
        assert "7 w" in row(at, "The clerk")
        await at.press("ctrl+t")
        assert [block.beat for block in at.story.manuscript] == [made[0], made[0], made[1]]


async def test_undo_here_is_for_picks_that_were_placed_and_for_nothing_else() -> None:
    async with desk() as at:
        await filled(at)
        await at.press("1", "ctrl+t", "shift+tab", "t", "ctrl+z")
        assert at.text == ""
        assert "▐" in row(at, "The clerk")
        await at.press("ctrl+z")
        assert "not seen here" in screen(at).said
        assert len(at.story.outline.beats) == 3
        await at.press("ctrl+y")
        assert at.text == text_of(1, 1)


async def test_without_picks_ctrl_t_says_how_to_pick() -> None:
    async with desk() as at:
        await filled(at)
        await at.press("ctrl+t")
        assert "No cell is picked." in screen(at).said
        assert "digit" in screen(at).said


# stopping and going on


@pytest.mark.parametrize("size", SIZES)
async def test_x_stops_a_draft_and_r_has_it_go_on(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        made = await drafted(at)
        await say(at, 2, "The clerk had")
        await at.press("right", "x")
        await until(at, lambda: not at.session.drafting.works(2))
        assert "Draft 2 is stopped" in screen(at).said
        assert at.session.drafting.running == 4
        assert "✗" in draw(at)[2]
        assert "beat 1 · draft 2 · T0.4 · ✗ stopped · 3 w kept" in at.screen()
        await at.press("x")
        assert screen(at).said == "Draft 2 is not being written."
        count = len(at.endpoint.requests)
        await at.press("r")
        await until(at, lambda: len(at.endpoint.requests) == count + 1)
        assert at.session.drafting.works(2)
        await write(at, 2, " twelve.")
        found = at.session.drafting.cell(2, made[0])
        assert found is not None
        assert found.text == "The clerk had twelve."
        await at.press("down", "r")
        assert "It is being written." in screen(at).said
        await at.press("down", "r")
        assert "Draft 2 is being written and comes to this beat." in screen(at).said


async def test_capital_x_stops_all_of_them() -> None:
    async with desk() as at:
        await drafted(at)
        await at.press("X")
        await until(at, lambda: at.session.drafting.running == 0)
        assert "5 drafts are stopped" in screen(at).said
        assert all(draft.halted for draft in at.story.drafts)
        assert "0 of 15 cells" in draw(at)[0]
        assert "writing" not in draw(at)[0]
        await at.press("X")
        assert "None of these drafts is being written." in screen(at).said


async def test_r_writes_anew_what_has_ended_and_x_stops_that_cell_alone() -> None:
    async with desk() as at:
        made = await drafted(at)
        await write(at, 1, "First try.")
        await at.press("r")
        await until(at, lambda: len(at.session.drafting.attempts(1, made[0])) == 2)
        assert "… waiting" in at.screen()
        await say(at, 1, "Second")
        await at.press("x")
        await until(at, lambda: at.story.candidate(at.session.drafting.attempts(1, made[0])[-1]).ending is not None)
        assert at.session.drafting.works(1)
        assert not at.story.drafts[0].halted


async def test_r_writes_a_cell_of_a_beat_that_came_later() -> None:
    async with desk() as at:
        await filled(at)
        fresh = at.beat("A button is missing.")
        draw(at)
        await at.press("end")
        assert "beat 4 · draft 1 · T0.2 · not written yet" in at.screen()
        assert "r writes it" in at.screen()
        await at.press("r")
        await until(at, lambda: bool(at.session.drafting.attempts(1, fresh)))
        await say(at, 1, "It lay under the scales.")
        await at.endpoint.close_stream(request(at, 1))
        assert "✓" in row(at, "A button is")
        assert "16 of 16 cells" in draw(at)[0]


@pytest.mark.slow
async def test_what_was_stopped_goes_on_in_another_process() -> None:
    async with desk() as at:
        await drafted(at)
        await write(at, 1, text_of(1, 1))
        await at.press("X")
        await until(at, lambda: at.session.drafting.running == 0)
        await at.session.drained()
        entries = await at.store.read()
    async with desk(store=MemoryStore(entries)) as at:
        at.main.action_drafts()
        await at.seen()
        assert "1 of 15 cells" in draw(at)[0]
        assert "✗ stopped 1/3" in draw(at)[2]
        await at.press("home", "down", "r")
        await until(at, lambda: len(at.endpoint.requests) == 1)
        assert "Draft 1 goes on." in screen(at).said
        await write(at, 1, text_of(1, 2))
        assert "2 of 15 cells" in draw(at)[0]


# runs


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.slow
async def test_comma_and_full_stop_turn_to_older_and_newer_drafts(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await filled(at)
        await at.press("2", "ctrl+g")
        await until(at, lambda: len(at.endpoint.requests) == 20)
        assert "Drafts 6–10 · run 2 of 2" in draw(at)[0]
        assert "^t places 1 pick in 1 beat; 1 pick of other drafts among them" in at.screen()
        assert "beat 1 · draft 6 · T0.2" in at.screen()
        await at.press(".")
        assert "newest" in screen(at).said
        # What is picked of other drafts is theirs to lift.
        await at.press("u")
        assert "Nothing of these drafts is picked" in screen(at).said
        assert len(picked(at)) == 1
        await at.press("comma")
        assert "Drafts 1–5 · run 1 of 2" in draw(at)[0]
        assert "▐" in row(at, "The clerk")
        await at.press("comma")
        assert "no older drafts" in screen(at).said
        await at.press("full_stop")
        assert "Drafts 6–10" in draw(at)[0]
        # New ones are shown from whichever one has turned to.
        await say(at, 6, "Once")
        await at.press("comma", "ctrl+g")
        await until(at, lambda: len(at.endpoint.requests) == 25)
        assert "Drafts 11–15 · run 3 of 3" in draw(at)[0]


# the row as candidates


@pytest.mark.parametrize("size", SIZES)
async def test_enter_opens_the_row_as_candidates(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await filled(at)
        await at.press("down", "enter")
        assert at.app.screen is at.main
        asked = at.main.shown_round()
        assert asked is not None
        assert [each.text for each in asked.candidates] == [text_of(draft, 2) for draft in range(1, 6)]


async def test_a_row_without_cells_is_not_opened() -> None:
    async with desk() as at:
        await drafted(at)
        await at.press("end", "enter")
        assert at.app.screen is screen(at)
        assert "No draft has come to this beat yet." in screen(at).said


# asking


async def test_ctrl_g_sends_nothing_more_before_the_first_word_and_then_new_drafts() -> None:
    async with desk() as at:
        await drafted(at)
        await at.press("ctrl+g")
        assert "Drafts 1–5 have not begun to write yet; nothing more was sent." in screen(at).said
        assert len(at.story.drafts) == 5
        await say(at, 4, "Well")
        await at.press("ctrl+g")
        await until(at, lambda: len(at.endpoint.requests) == 10)
        assert len(at.story.drafts) == 10
        assert "Drafts 6–10" in draw(at)[0]


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
async def test_the_box_says_how_drafts_are_written(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        made = await opened(at)
        await at.press("ctrl+r")
        shown = draw(at)
        told = "\n".join(shown)
        for label in ("instruction", "temperatures", "way", "model", "lens", "beats"):
            assert any(label in line for line in shown[-12:])
        assert "0.2 0.4 0.6 0.8 1" in told
        assert "own: each sees its own text so far" in told
        assert "TYPING" in shown[-1]
        assert "The clerk" in told
        await at.type("in rhyme")
        await at.press("down", *["backspace"] * 20)
        await at.type("0.3 0.9")
        await at.press("down", "right", "right")
        assert "summaries: each sees nothing but the outline's lines" in at.screen()
        await at.press("down", "down", "down")
        await at.type("2-3")
        await at.press("enter")
        await until(at, lambda: len(at.endpoint.requests) > 1)
        assert [(each.way, each.instruction, each.beats) for each in at.story.drafts] == [
            ("summaries", "in rhyme", (made[1], made[2]))
        ] * 2
        assert [each.recipe.temperature for each in at.story.drafts] == [0.3, 0.9]
        assert not screen(at).box.kind
        assert "Drafts 1–2 · summaries" in draw(at)[0]
        assert "2 more drafts" in draw(at)[-1]
        # Cells that were not asked for are blank, those that are due are not.
        assert "·" not in row(at, "The clerk")
        await say(at, 1, "Yes")
        await at.press("ctrl+g")
        await until(at, lambda: len(at.story.drafts) == 4)
        assert (at.story.drafts[3].way, at.story.drafts[3].beats) == ("summaries", (made[1], made[2]))


@pytest.mark.slow
async def test_what_the_box_can_not_read_is_said_and_it_stays_open() -> None:
    async with desk() as at:
        await opened(at)
        await at.press("ctrl+r", "up")
        await at.type("9")
        await at.press("enter")
        assert "There is no beat 9." in screen(at).said
        assert screen(at).box.kind == "drafts"
        await at.press("backspace", "up", "up", "up", *["backspace"] * 60)
        await at.type("sideways")
        await at.press("enter")
        assert "no way to write drafts" in screen(at).said
        assert at.story.drafts == ()
        await at.press("escape")
        assert not screen(at).box.kind
        assert at.app.screen is screen(at)
        await at.press("escape")
        assert at.app.screen is at.main


async def test_another_way_is_for_other_beats_and_the_row_says_so() -> None:
    async with desk() as at:
        made = await opened(at)
        at.main.set_focus(at.main.text)
        await at.press("ctrl+r")
        assert "all; or empty: those without text" in at.screen()
        await at.press("down", "down", "right")
        assert "those without text; or all" in at.screen()
        await at.press("enter")
        await until(at, lambda: len(at.endpoint.requests) == 5)
        assert at.story.drafts[0].way == "manuscript"
        assert at.story.drafts[0].beats == tuple(made)


@pytest.mark.slow
async def test_keys_of_the_table_do_nothing_while_the_box_is_open() -> None:
    async with desk() as at:
        await filled(at)
        await at.press("ctrl+r", "1", "space", "u", "x", "ctrl+t", "ctrl+g", "ctrl+z", "f1")
        assert picked(at) == []
        assert screen(at).box.values["instruction"].strip() == "1 ux"
        assert at.text == ""
        assert len(at.story.drafts) == 5


async def test_drafts_wait_for_what_their_server_has_to_tell() -> None:
    async with desk() as at:
        at.endpoint.prepared = False
        at.endpoint.gate.clear()
        await opened(at)
        await at.press("ctrl+g")
        assert "Asking scripted what it takes" in screen(at).said
        await at.press("ctrl+g")
        assert "on its way; nothing more was sent" in screen(at).said
        # Leaving does not take the request back.
        await at.press("escape")
        at.endpoint.gate.set()
        await until(at, lambda: len(at.endpoint.requests) == 5)
        assert len(at.story.drafts) == 5


@pytest.mark.slow
async def test_a_story_for_reading_only_is_not_drafted_and_not_picked() -> None:
    async with desk() as at:
        await filled(at)
        entries = await at.store.read()
    store = MemoryStore(entries)
    store.read_only = True
    async with desk(store=store) as at:
        at.main.action_drafts()
        await at.seen()
        assert "15 of 15 cells" in draw(at)[0]
        for key in ("1", "ctrl+g", "r", "x", "ctrl+r"):
            await at.press(key)
            assert "open for reading only" in screen(at).said
        assert picked(at) == []


# beats that come and go


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.slow
async def test_beats_may_be_moved_and_deleted_while_their_drafts_are_written(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        made = await drafted(at)
        await write(at, 1, text_of(1, 1))
        await say(at, 1, "The goose")
        await at.press("down", "right")
        at.session.record(beats.move_beat(at.story, made[1], "up"))
        draw(at)
        assert screen(at).beat == made[1]
        assert "beat 1 · draft 2" in at.screen()
        at.session.record(beats.delete_beat(at.story, made[0]))
        shown = draw(at)
        assert screen(at).beat == made[1]
        at_line = next(number for number, line in enumerate(shown) if telling.GONE in line)
        assert LINES[0][:12] in shown[at_line + 1]
        assert "✓" in shown[at_line + 1]
        at.session.record(beats.delete_beat(at.story, made[1]))
        draw(at)
        # What streams into it goes on; the cursor stays on it.
        assert screen(at).beat == made[1]
        assert "a beat that is gone · draft 2" in at.screen()
        await at.press("left")
        await say(at, 1, " says nothing.")
        assert "The goose says nothing." in " ".join(" ".join(draw(at)).split())
        await at.press("home", "down", "1")
        assert "^t leaves it" in screen(at).said
        await at.press("down")
        assert "1 pick can't be placed: its beat is not in the outline any more" in at.screen()
        await at.press("ctrl+t")
        assert at.app.screen is screen(at)
        assert "can't be placed" in screen(at).said
        await at.press("enter")
        assert "not in the outline any more" in screen(at).said


async def test_a_beat_that_is_gone_is_named_as_it_was_last() -> None:
    async with desk() as at:
        made = await drafted(at)
        at.session.record(beats.delete_beat(at.story, made[0]))
        assert "✗" not in row(at, "The clerk")
        at.session.undo()
        draw(at)
        assert telling.GONE not in at.screen()
        at.session.record(beats.edit_beat(at.story, made[0], BeatText(summary="Nobody counts.")))
        at.session.record(beats.delete_beat(at.story, made[0]))
        assert "…" in row(at, "Nobody counts.")
        assert "The clerk" not in at.screen()


async def test_a_beat_that_is_gone_without_cells_leaves_the_cursor_on_the_nearest() -> None:
    async with desk() as at:
        made = await drafted(at)
        await at.press("end")
        at.session.record(beats.delete_beat(at.story, made[2]))
        draw(at)
        assert screen(at).beat == made[1]
        assert telling.GONE not in at.screen()


async def test_chapters_are_headings_that_the_cursor_passes_over() -> None:
    async with desk() as at:
        made = await outline(at, "Before all.", "The crossing", "It rains.")
        at.session.record(beats.move_beat(at.story, made[2], "in"))
        at.main.outline.beat = made[0]
        await at.press("shift+tab")
        at.main.outline.beat = made[0]
        await at.press("t", "ctrl+g")
        await until(at, lambda: len(at.endpoint.requests) == 5)
        assert "0 of 10 cells" in draw(at)[0]
        assert "…" not in row(at, "The crossing")
        await at.press("down")
        assert screen(at).beat == made[2]
        await at.press("up")
        assert screen(at).beat == made[0]
        # A beat that was written, and has beats below by now.
        at.beat("Inside it.")
        inner = at.story.outline.beats[-1].id
        at.session.record(beats.move_beat(at.story, inner, "up"))
        at.session.record(beats.move_beat(at.story, inner, "in"))
        await say(at, 1, "All before.")
        draw(at)
        assert telling.DIVIDED in at.screen()
        await at.press("end")
        assert "a beat with beats below · draft 1" in at.screen()
        await at.endpoint.close_stream(request(at, 1))
        await at.press("1", "ctrl+t")
        assert [(block.text, block.beat) for block in at.story.manuscript] == [("All before.", made[0])]


# many


@pytest.mark.slow
async def test_ten_drafts_are_told_apart_and_picked_at_80_columns() -> None:
    async with desk(size=(80, 24), ladder=tuple(number / 10 for number in range(1, 11))) as at:
        await filled(at)
        assert "30 of 30 cells" in draw(at)[0]
        await at.press(*"1234567890")
        assert row(at, "The clerk").count("▐") == 10
        assert len(picked(at)) == 10
        assert "▸1 0.1 2 0.2" in draw(at)[1]
        assert "0 T1" in draw(at)[1]
        await at.press(*["right"] * 12)
        assert "draft 10 · T1" in at.screen()
        assert all(cells(line) == 80 for line in draw(at))


@pytest.mark.slow
async def test_five_hundred_beats_are_looked_at_only_where_they_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk(ladder=tuple(number / 10 for number in range(1, 11))) as at:
        made = [beats.add_beat(at.story, Slot("", 0), BeatText(summary="One of many."), at.session.new_id)[0]]
        made += [
            BeatAdded(Slot("", number), Beat(f"beat{number}", BeatText(summary=f"Number {number} of many.")))
            for number in range(1, 500)
        ]
        at.session.record(made)
        at.main.action_drafts()
        await at.press("ctrl+g")
        await until(at, lambda: len(at.endpoint.requests) == 10)
        assert "0 of 5000 cells" in draw(at)[0].replace(",", "")
        looked: list[tuple[int, str]] = []
        cell_of = Drafting.cell

        def counted(self: Drafting, draft: int, name: str) -> Cell | None:
            looked.append((draft, name))
            return cell_of(self, draft, name)

        monkeypatch.setattr(Drafting, "cell", counted)
        screen(at).draw()
        seen = screen(at).query_one(DraftTable).size.height
        assert 0 < len(looked) <= 10 * seen + 20
        await at.press("end")
        assert "beat 500 · draft 1" in at.screen()
        assert "above" in at.screen()
        await at.press("1", "up")
        assert "beat 499 · draft 1" in at.screen()


@pytest.mark.slow
async def test_a_heading_comes_into_sight_with_its_first_beat() -> None:
    async with desk(size=(80, 24), ladder=(0.5,)) as at:
        below = tuple(Beat(f"b{number}", BeatText(summary=f"Number {number}.")) for number in range(40))
        at.session.record((BeatAdded(Slot("", 0), Beat("ch", BeatText(title="A long chapter"), below)),))
        await at.press("shift+tab", "t", "ctrl+g")
        await until(at, lambda: len(at.endpoint.requests) == 1)
        await at.press("end")
        assert "A long chapter" not in at.screen()
        await at.press("home")
        assert "A long chapter" in at.screen()


@pytest.mark.slow
async def test_another_theme_colours_the_cells_too() -> None:
    async with desk() as at:
        await filled(at)

        def colour() -> object:
            strip = screen(at).query_one(DraftTable).render_line(2)
            return next(segment.style.color for segment in strip if segment.text == "✓" and segment.style)

        before = colour()
        at.app.theme = "paper"
        await at.seen()
        draw(at)
        assert colour() == screen(at).query_one(DraftTable).palette.good.color != before


# reading, help and leaving


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.slow
async def test_z_gives_the_text_the_whole_screen_and_page_keys_scroll_it(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await drafted(at)
        paragraphs = [f"Paragraph {number} says so." for number in range(60)]
        await write(at, 1, "\n\n".join(paragraphs))
        await at.press("z")
        assert not screen(at).query_one(DraftTable).display
        assert screen(at).query_one(CellText).size.height >= size[1] - 5
        assert "Paragraph 0 " in at.screen()
        await at.press(*["pagedown"] * 20)
        assert "Paragraph 59 " in at.screen()
        assert "Paragraph 0 " not in at.screen()
        await at.press("pageup")
        assert "Paragraph 59 " not in at.screen()
        await at.press("right")
        assert "waiting for its first word" in at.screen()
        await at.press("left", *["pagedown"] * 3)
        await say(at, 2, "\n\n".join(f"Another {number} says so." for number in range(60)))
        await at.press("right")
        assert "Another 0 " in at.screen()
        await at.press("escape")
        assert screen(at).query_one(DraftTable).display
        assert at.app.screen is screen(at)


async def test_help_strays_and_pastes() -> None:
    async with desk() as at:
        await filled(at)
        await at.press("question_mark")
        assert isinstance(at.app.screen, Sheet)
        assert "In the drafts" in at.screen()
        await at.press("escape", "y")
        assert "Letters act here" in screen(at).said
        at.app.post_message(events.Paste("some words"))
        await at.seen()
        assert "Nothing was pasted" in screen(at).said
        assert at.text == ""
        await at.press("down")
        assert screen(at).said == ""
        await at.press("q")
        assert at.app.screen is at.main


@pytest.mark.slow
async def test_signs_have_plain_stand_ins() -> None:
    async with desk(size=(80, 24)) as at:
        at.app.signs = PLAIN
        await filled(at)
        await at.press("2", "right")
        shown = "\n".join(draw(at))
        assert not set("▐▌✓●✗…▸═─│¶×┄") & set(shown)
        assert "[+" in row(at, "The clerk")
        assert ">2 T0.4" in shown


async def test_no_meaning_is_by_colour_alone() -> None:
    async with desk(size=(80, 24)) as at:
        await filled(at)
        await at.press("down", "right", "3")
        line = row(at, "A goose")
        assert line.startswith("▸2")
        assert "▸✓" in line[20:]
        assert "▐✓" in line
        assert "▸2 T0.4" in draw(at)[1]


async def test_keys_typed_ahead_mean_the_same() -> None:
    async with desk() as at:
        await outline(at)
        await at.press("shift+tab", "t", "ctrl+g", "down", "right", "escape", "t", "ctrl+r", "A", "b")
        assert len(at.story.drafts) == 5
        assert screen(at).box.values["instruction"] == "Ab"
        assert at.text == ""


async def test_drafts_differ_by_what_their_columns_say() -> None:
    other = Scripted("other")
    async with desk(others=[other], ladder=(0.5,)) as at:
        at.main.requests.models = (("scripted", ""), ("other", ""))
        await opened(at)
        await at.press("ctrl+g")
        await until(at, lambda: len(at.endpoint.requests) + len(other.requests) == 2)
        assert "scripted-1" in draw(at)[1]
        assert "other-1" in draw(at)[1]
        assert "2 models" in draw(at)[0]


@pytest.mark.slow
async def test_it_opens_on_the_beat_of_the_caret_or_of_the_outline() -> None:
    async with desk() as at:
        made = await filled(at)
        await at.press("end", "1", "ctrl+t")
        show_drafts(at.main)
        await at.seen()
        assert screen(at).beat == made[2]
        await at.press("escape")
        fresh, inner = at.beat("What came after."), at.beat("A door was painted.")
        at.session.record(beats.move_beat(at.story, inner, "in"))
        at.main.set_focus(at.main.outline)
        at.main.outline.beat = fresh
        await at.press("t")
        # From a beat with beats below to the first of these.
        assert screen(at).beat == inner


@pytest.mark.parametrize("size", SIZES)
async def test_a_draft_in_one_answer_fills_cell_by_cell_and_is_picked_from(size: tuple[int, int]) -> None:
    async with desk(size=size, ladder=(0.3, 0.9)) as at:
        made = await opened(at)
        await at.press("ctrl+r", "down", "down", "left", "enter")
        await until(at, lambda: len(at.endpoint.requests) == 2)
        assert "Drafts 1–2 · whole" in draw(at)[0]
        await say(at, 1, "[1] Twelve, and one in mind.\n\n[2] It wanted grain")
        assert "It wanted grain" not in row(at, "The clerk")
        assert "●" in row(at, "The clerk")
        assert "●" in row(at, "A goose")
        assert "…" in row(at, "They agree")
        await at.press("1")
        assert "still being written" in screen(at).said
        await say(at, 1, ".\n\n[3] Rain, probably.")
        await at.endpoint.close_stream(request(at, 1))
        await until(at, lambda: not at.session.drafting.works(1))
        assert "3 of 6 cells" in draw(at)[0]
        await at.press("1", "down", "1", "down", "space", "ctrl+t")
        assert [(block.text, block.beat) for block in at.story.manuscript] == [
            ("Twelve, and one in mind.", made[0]),
            ("It wanted grain.", made[1]),
            ("Rain, probably.", made[2]),
        ]
        origin = at.story.manuscript.at(1).spans[0].origin
        assert isinstance(origin, Generated)
        assert origin.start > 0


async def test_how_drafts_were_asked_for_last_is_known_after_the_story_was_closed() -> None:
    async with desk() as at:
        await outline(at)
        await at.session.drafting.ask(at.session.rounds.recipes((0.5,)), "manuscript", instruction="Keep it short.")
        await at.session.drained()
        entries = await at.store.read()
    async with desk(store=MemoryStore(entries)) as at:
        at.main.action_drafts()
        await at.seen()
        assert screen(at).wish == Wish("manuscript", "Keep it short.")
