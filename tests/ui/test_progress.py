"""How far along beats are, as it is counted and shown; adding beats by hand; and an outline of sections."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace as restruct
from textual import events
from textual.geometry import Region

from composer.story.actions import outline as beats
from composer.story.candidate import (
    BeatTarget,
    CellTarget,
    DraftTarget,
    LineTarget,
    OutlineTarget,
    PlaceTarget,
    Receipt,
    Recipe,
    RoundKind,
    SectionTarget,
    Target,
)
from composer.story.events import DraftsAsked, RoundAsked
from composer.story.fold import witness
from composer.story.manuscript import CHUNK, START, Block, Fragment, Manuscript, Position
from composer.story.outline import Beat, BeatText, Outline, Slot
from composer.story.progress import Held, Progress, of_block, of_outline
from composer.story.spans import Generated, Origin, Span, Written, length
from composer.story.story import Details, Story
from composer.ui import standings, tally
from composer.ui.screens.sheet import help_text
from composer.ui.signs import FANCY, PLAIN, Signs
from composer.ui.tally import Tally
from composer.ui.widgets.pane import Pane
from composer.ui.wrapping import fitting
from tests.ui.desk import Desk, desk

RECIPE = Recipe("h", "m", {"temperature": 0.4})


# words for the room there is


@pytest.mark.parametrize(
    ("progress", "forms"),
    [
        (Progress("edited", 212), ["edited · 212 w", "edited 212", "edited"]),
        (Progress("edited", 212, 400), ["edited · 212/400 w", "edited · 212 w", "edited 212", "edited"]),
        (
            Progress("drafted", 1188, 0, 5),
            ["drafted · 1,188 w · 5 candidates", "drafted · 1,188 w · 5 cand.", "drafted · 1,188 w", "drafted 1,188"],
        ),
        (Progress("candidates", candidates=5), ["5 candidates", "5 cand.", "5 c."]),
        (Progress("candidates", target=400, candidates=1), ["1 candidate · 0/400 w", "1 candidate", "1 cand."]),
        (Progress(), ["empty"]),
        (Progress(target=400), ["empty · 0/400 w", "empty"]),
        (Progress("done", 212, 0, 5), ["done · 212 w", "done 212", "done"]),
        (Progress("done"), ["done"]),
        (
            Progress("edited", 1204, 3000, 0, 2, 5),
            ["2 of 5 done · 1,204/3,000 w", "2 of 5 done · 1,204 w", "2/5 done · 1,204 w", "2 of 5 done", "2/5 done", "2/5"],
        ),
        (Progress("candidates", 0, 0, 0, 0, 5), ["0 of 5 done", "0/5 done", "0/5"]),
        (Progress("empty", leaves=5), ["empty"]),
        (Progress("done", 90, 0, 0, 5, 5), ["done · 90 w", "done 90", "done"]),
    ],
)  # fmt: skip
def test_with_less_room_less_is_told(progress: Progress, forms: list[str]) -> None:
    told = [standings.told(progress, room) for room in range(60, 0, -1)]
    assert list(dict.fromkeys(told))[: len(forms)] == forms
    shortest = min(map(len, told))
    assert all(len(said) <= room or len(said) == shortest for said, room in zip(told, range(60, 0, -1), strict=True))


@pytest.mark.parametrize("signs", [FANCY, PLAIN], ids=["fancy", "plain"])
def test_every_standing_has_a_sign_of_its_own_that_the_help_tells(signs: Signs) -> None:
    found = [standings.sign_of(Progress(each), signs) for each in ("candidates", "drafted", "edited", "done")]
    others = {signs.here, signs.carried, signs.writing, signs.failed, signs.mark}
    assert len(set(found) | {" "}) == 5
    assert not others & set(found)
    assert standings.sign_of(Progress(), signs) == " "
    assert set(found) <= {sign for sign, _ in signs.meanings()}


@pytest.mark.parametrize(
    ("whole", "target", "room", "title"),
    [
        (Progress(), 0, 20, "Outline"),
        (Progress(leaves=1), 0, 20, "Outline · 1 beat"),
        (Progress(leaves=12), 0, 20, "Outline · 12 beats"),
        (Progress(leaves=12), 0, 10, "Outline"),
        (Progress(done=4, leaves=12), 0, 40, "Outline · 12 beats · 4 of 12 done"),
        (Progress(done=4, leaves=12), 0, 24, "Outline · 4 of 12 done"),
        (Progress(done=4, leaves=12), 0, 20, "Outline · 4/12 done"),
        (Progress(done=4, leaves=12), 0, 12, "4/12 done"),
        (Progress(done=4, leaves=12), 3000, 40, "Outline · 486/3,000 · 4 of 12 done"),
        (Progress(done=4, leaves=12), 3000, 20, "Outline · 486/3,000"),
        (Progress(), 3000, 40, "Outline · 486/3,000"),
        (Progress(), 3000, 12, "486/3,000"),
    ],
)
def test_the_title_tells_the_target_or_how_many_are_done(whole: Progress, target: int, room: int, title: str) -> None:
    assert fitting(standings.titles(whole, 486, target, "beat"), room) == title


def test_the_share_is_full_only_when_it_is_reached() -> None:
    assert [standings.share(words, 3000) for words in (0, 486, 2999, 3000, 3300)] == [
        "0 %", "16 %", "99 %", "100 %", "110 %",
    ]  # fmt: skip


# counting


def asked(story: Story, kind: RoundKind, target: Target, count: int = 1) -> Story:
    number = len(story.rounds) + 1
    event = RoundAsked(number, kind, target, 0, "", (RECIPE,) * count, (), Receipt(0, 0, 0, ()))
    return witness(story, event, number, 0)


def of_beats(*names: str) -> Story:
    return Story(outline=Outline(tuple(Beat(name, BeatText(summary=f"Of {name}.")) for name in names)))


def test_rounds_for_text_and_cells_of_drafts_are_candidates() -> None:
    story = of_beats("a", "b", "c")
    counts = Tally()
    story = asked(story, "continue", BeatTarget("a"), 5)
    assert counts.progress(story)["a"].candidates == 5
    story = asked(story, "polish", PlaceTarget(START, beat="a"), 2)
    story = asked(story, "expand", OutlineTarget("b"), 5)
    story = asked(story, "summary", LineTarget("b"), 5)
    story = asked(story, "condense", SectionTarget(("x",)), 1)
    story = witness(story, DraftsAsked(1, (RECIPE, RECIPE, RECIPE), ("a", "c"), "own"), 9, 0)
    # A cell that was stopped and asked for once more is one candidate still; a draft in one answer holds all its beats.
    story = asked(story, "continue", CellTarget(1, "a"))
    story = asked(story, "continue", CellTarget(1, "a"))
    story = asked(story, "continue", CellTarget(2, "a"))
    story = asked(story, "draft", DraftTarget(3))
    story = asked(story, "draft", DraftTarget(3))
    assert {beat: each.candidates for beat, each in counts.progress(story).items()} == {"a": 10, "b": 0, "c": 1}
    assert counts.progress(story)["c"].standing == "candidates"


def typed(story: Story, at: Position, text: str) -> Story:
    put = Fragment((Span(text, Written()),))
    return replace(story, manuscript=story.manuscript.exchange(at, Fragment(), put))


def test_a_key_in_a_long_story_has_one_paragraph_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"n{number}" for number in range(40)]
    blocks = [Block(f"p{at}", names[at % 40], (Span("One two.", Generated("1.1", 0, 8)),)) for at in range(20 * CHUNK)]
    story = replace(of_beats(*names), manuscript=Manuscript(blocks))
    counts = Tally()
    counts.progress(story)
    looked: list[str] = []

    def counted(block: Block) -> Held:
        looked.append(block.id)
        return of_block(block)

    def again(*_: object) -> None:
        raise AssertionError("the whole outline was looked at")

    monkeypatch.setattr(tally, "of_block", counted)
    monkeypatch.setattr(tally, "of_outline", again)
    story = typed(story, Position("p700", 8), " Three")
    told = counts.progress(story)
    assert looked == ["p700"]
    assert told[names[700 % 40]] == Progress("edited", 20 * CHUNK // 40 * 2 + 1)
    assert told[names[1]].standing == "drafted"
    assert counts.total == 40 * CHUNK + 1


EDITS = st.lists(
    st.tuples(
        st.sampled_from(("type", "write", "delete", "split", "assign", "beat", "done", "ask")),
        st.integers(0, 400),
        st.sampled_from(("One two three.", "—", "   ", "***", "Salt.")),
    ),
    min_size=1,
    max_size=12,
)


def edited(story: Story, what: str, at: int, text: str) -> Story:
    """The story with one thing done to it."""
    rows = list(story.outline.rows())
    row, block = rows[at % len(rows)], story.manuscript.at(at % len(story.manuscript))
    if what == "type":
        return typed(story, Position(block.id, at % (length(block.spans) + 1)), text)
    if what == "write":
        made = Block(f"new{len(story.manuscript)}.{at}", row.beat.id, (Span(text, Generated("1.1", 0, len(text))),))
        put = Fragment((), (made,))
        return replace(story, manuscript=story.manuscript.exchange(story.manuscript.last, Fragment(), put))
    if what == "delete":
        last = story.manuscript.at(min(at % len(story.manuscript) + at % 3, len(story.manuscript) - 1))
        start, end = Position(block.id, 0), Position(last.id, length(last.spans))
        gone = story.manuscript.fragment(start, end)
        return replace(story, manuscript=story.manuscript.exchange(start, gone, Fragment()))
    if what == "split":
        return replace(story, manuscript=Manuscript(list(story.manuscript)))
    if what == "assign":
        return replace(story, manuscript=story.manuscript.assign(block.id, row.beat.id))
    if what == "beat":
        outline = story.outline.move(row.slot, Slot("", 0)) if at % 2 else story.outline
        slot = Slot(row.beat.id if at % 3 == 0 else "", 0)
        return replace(story, outline=outline.add(slot, Beat(f"b{at}.{len(rows)}", BeatText(target=at % 5 * 100))))
    if what == "done":
        return replace(story, outline=story.outline.edit(row.beat.id, restruct(row.beat.text, done=at % 2 == 0)))
    return asked(story, "continue", BeatTarget(row.beat.id), at % 3 + 1)


@given(EDITS)
@pytest.mark.slow
def test_what_is_counted_as_it_goes_is_what_is_counted_at_once(script: list[tuple[str, int, str]]) -> None:
    inner = tuple(Beat(name, BeatText(summary=f"Of {name}.")) for name in "cd")
    outline = of_beats("a", "b").outline.add(Slot("b", 0), Beat("e", BeatText(title="E"), inner))
    story = Story(outline=outline)
    origins: list[Origin] = [Written(), Generated("1.1", 0, 8)]
    blocks = [Block(f"p{at}", "abcd"[at % 4], (Span("One two.", origins[at % 7 != 0]),)) for at in range(300)]
    story = replace(story, manuscript=Manuscript(blocks))
    counts, before = Tally(), story
    for what, at, text in script:
        story, before = edited(story, what, at, text), story
        told = dict(counts.progress(story))
        fresh = Tally()
        assert told == fresh.progress(story)
        assert counts.total == fresh.words(story.manuscript)
        assert counts.whole(100) == fresh.whole(100)
        held: dict[str, Held] = {}
        for block in story.manuscript:
            one, other = held.get(block.beat, Held()), of_block(block)
            held[block.beat] = Held(
                one.words + other.words, one.paragraphs + other.paragraphs, one.by_hand + other.by_hand
            )
        candidates = {beat: each.candidates for beat, each in told.items()}
        assert told == of_outline(story.outline, held, candidates)
        # Back, as by undo: rounds that were asked stay.
        counts.words(before.manuscript)
        assert counts.total == Tally().words(before.manuscript)


# on the screen


def pane(at: Desk) -> list[str]:
    """The lines of the outline, without its frame and without those that are empty."""
    drawn = [line[1:25] for line in at.screen().splitlines()]
    return [line.rstrip() for line in drawn if line.strip(" ═─│║")]


def change(at: Desk, **fields: object) -> None:
    """Change the story's details."""
    details = restruct(at.story.details, **fields)  # type: ignore[arg-type]
    at.session.record(beats.change_details(at.story, details))
    at.main.show_all()


def say_of(at: Desk, beat: str, **fields: object) -> None:
    """Change what is said of a beat."""
    found = at.story.outline.find(beat)
    assert found is not None
    at.session.record(beats.edit_beat(at.story, beat, restruct(found.text, **fields)))  # type: ignore[arg-type]
    at.main.show_all()


async def test_a_beat_goes_from_empty_to_done() -> None:
    async with desk() as at:
        beat = at.beat("Wren lights a lamp")
        other = at.beat("No ship answers")
        assert "     empty" in pane(at)
        assert at.screen().splitlines()[0].startswith("╭─ Outline · 2 beats ")
        at.main.outline.beat = beat
        at.main.set_focus(at.main.outline)
        await at.press("ctrl+g")
        assert "     5 candidates" in pane(at)
        await at.round("The lamp took.", "It burned.", "No.", "Again.", "At last.")
        await at.press("tab", "tab", "enter")
        assert "     drafted · 3 w" in pane(at)
        await at.type(" She sat")
        assert "     edited · 5 w" in pane(at)
        say_of(at, beat, target=400)
        assert "     edited · 5/400 w" in pane(at)
        await at.press("shift+tab", "d")
        assert "     done · 5/400 w" in pane(at)
        assert any(line.startswith(FANCY.done, 1) for line in pane(at))
        assert "Outline · 1/2 done" in at.screen()
        say_of(at, other, target=150)
        assert "     empty · 0/150 w" in pane(at)


async def test_a_chapter_tells_how_many_are_done_and_the_words_of_all() -> None:
    async with desk() as at:
        chapter = at.beat("The weigh-house")
        made = [Beat(f"in{number}", BeatText(summary=f"Thing {number}", target=100)) for number in range(3)]
        for number, each in enumerate(made):
            at.session.record((beats.BeatAdded(Slot(chapter, number), each),))
        at.main.planner.open_beat("in0")
        await at.type("Salt was weighed.")
        at.main.planner.open_beat("in1")
        await at.type("Rain came.")
        say_of(at, "in0", done=True)
        await at.press("shift+tab")
        assert "   1 of 3 done · 5/300 w" in pane(at)
        say_of(at, chapter, target=12_000)
        assert "   1 of 3 done · 5 w" in pane(at)
        await at.press("z")
        assert "Outline · 3 beats · 1 of 3 done " in at.screen()
        assert "1 of 3 done · 5/12,000 w" in at.screen()
        say_of(at, chapter, done=True)
        assert "done · 5/12,000 w" in at.screen()
        assert "12,000 w" not in at.screen().replace("   done · 5/12,000 w", "")


async def test_where_a_beat_has_one_line_a_sign_tells_how_far_it_is() -> None:
    async with desk(size=(120, 24)) as at:
        names = [at.beat(f"Thing {number}") for number in range(40)]
        at.main.outline.beat = names[1]
        at.main.set_focus(at.main.outline)
        await at.press("ctrl+g")
        await at.round("One.", "Two.", "Three.", "Four.", "Five.")
        at.main.planner.open_beat(names[2])
        at.endpoint.new_round()
        await at.press("ctrl+g")
        await at.round("The rope held.")
        await at.press("tab", "enter")
        at.main.planner.open_beat(names[3])
        await at.type("By hand.")
        say_of(at, names[4], done=True)
        at.main.outline.beat = names[0]
        at.main.set_focus(at.main.outline)
        await at.seen()
        lines = {line[3:].strip(): line[1] for line in pane(at) if "Thing" in line}
        assert [lines[f"{number} Thing {number - 1}"] for number in range(1, 7)] == [
            " ", FANCY.asked, FANCY.drafted, FANCY.edited, FANCY.done, " ",
        ]  # fmt: skip
        for word in ("you wrote or changed", "as models wrote it", "no text yet"):
            assert word in help_text("outline", at.app.signs)


async def test_the_titles_tell_the_share_of_the_target_where_there_is_room() -> None:
    async with desk() as at:
        await at.type("The lamp took at last.")
        change(at, target=50)
        lines = at.screen().splitlines()
        assert "Outline · 5/50 " in lines[0]
        assert any("5/50 w · 10 % · today +5" in line for line in lines)
        beat = at.beat("Wren lights a lamp")
        at.session.record((beats.BeatEdited(beat, BeatText(), BeatText(summary="A long one", target=400)),))
        at.main.planner.open_beat(beat)
        change(at, target=120_000)
        lines = at.screen().splitlines()
        assert any("5/120,000 w · today +5 · beat 1: 0/400 w" in line for line in lines)


# adding beats by hand


async def add(at: Desk) -> Callable[[str], str]:
    """Open the box for a beat; what stands in a row of it."""
    at.main.set_focus(at.main.outline)
    await at.press("a")
    return lambda row: at.main.box.values[row]


def told(at: Desk) -> list[tuple[str, str]]:
    return [(row.beat.text.title, row.beat.text.summary) for row in at.story.outline.rows()]


def focus(at: Desk) -> str:
    assert at.app.focused is not None
    return at.app.focused.id or ""


@pytest.mark.slow
async def test_beats_are_added_with_a_title_or_without() -> None:
    async with desk() as at:
        row = await add(at)
        await at.type("Wren lights a lamp")
        await at.press("tab")
        await at.type("The lamp")
        await at.press("enter")
        assert (row("summary"), row("title"), focus(at)) == ("", "", "box-field-0")
        await at.type("No ship answers")
        await at.press("enter")
        assert focus(at) == "box-field-0"
        await at.press("tab")
        await at.type("The oil")
        await at.press("enter", "enter")
        assert told(at) == [("The lamp", "Wren lights a lamp"), ("", "No ship answers"), ("The oil", "")]
        assert not at.main.box.display
        assert focus(at) == "outline"


@pytest.mark.slow
async def test_sections_are_added_by_their_titles() -> None:
    async with desk() as at:
        change(at, structure="nonfiction")
        assert " No sections yet: a adds" in "\n".join(pane(at))
        assert "Or add sections in the outline" in at.screen()
        await add(at)
        assert "New section" in at.screen()
        await at.type("Tides")
        await at.press("tab")
        await at.type("When the sea comes and why")
        await at.press("enter")
        await at.type("Salt")
        await at.press("enter", "enter")
        assert told(at) == [("Tides", "When the sea comes and why"), ("Salt", "")]


def paste(at: Desk, text: str) -> None:
    assert at.app.focused is not None
    at.app.focused.post_message(events.Paste(text))


async def test_pasted_lines_are_a_beat_each_without_the_marks_of_a_list() -> None:
    async with desk() as at:
        row = await add(at)
        await at.press("tab")
        await at.type("Night")
        await at.press("shift+tab")
        paste(at, "- Wren waits\n\n2. A ship passes\n(3) 1914 begins\n• [x] Dawn\n3 ships sail off")
        await at.seen()
        assert told(at) == [
            ("Night", "Wren waits"),
            ("", "A ship passes"),
            ("", "1914 begins"),
            ("", "Dawn"),
            ("", "3 ships sail off"),
        ]
        assert (row("summary"), row("title")) == ("", "")
        assert at.main.box.display


async def test_what_is_typed_or_pasted_alone_keeps_its_marks() -> None:
    async with desk() as at:
        await add(at)
        await at.type("- a dash to begin with")
        await at.press("enter")
        paste(at, "1. is a number here")
        await at.seen()
        await at.press("enter", "enter")
        assert told(at) == [("", "- a dash to begin with"), ("", "1. is a number here")]


async def test_pasted_titles_are_a_section_each() -> None:
    async with desk() as at:
        change(at, structure="nonfiction")
        await add(at)
        # What the screen does with lines that were pasted into the row of titles.
        for line in ("1. Tides", "2. Salt"):
            at.main.planner.add_beat(line, "title")
        assert told(at) == [("Tides", ""), ("Salt", "")]


# sections


async def test_the_structure_is_a_row_of_the_details() -> None:
    async with desk() as at:
        at.beat("What salt is")
        at.main.planner.edit_details()
        await at.press("tab", "tab", "tab", "right", "enter")
        assert at.story.details.structure == "nonfiction"
        assert at.story.details.unit == "section"
        assert "section 1" in at.screen() or "Outline · 1 section" in at.screen()
        at.main.planner.edit_details()
        at.main.box.put({"structure": "Non-Fiction"})
        await at.press("enter")
        assert at.story.details.structure == "nonfiction"
        at.main.planner.edit_details()
        at.main.box.put({"structure": "poem"})
        await at.press("enter")
        assert "fiction or nonfiction, not “poem”" in at.notices[-1]
        assert at.main.box.display
        at.main.box.put({"structure": ""})
        await at.press("enter")
        assert at.story.details == Details()


async def test_a_section_is_called_so_where_it_is_asked_for_and_edited() -> None:
    async with desk() as at:
        change(at, structure="nonfiction")
        beat = at.beat("What salt is")
        at.main.outline.beat = beat
        await at.press("shift+tab")
        assert "write section 1" in at.screen()
        await at.press("e")
        assert "Section · enter keeps it" in at.screen()
        assert at.main.box.values == {"title": "", "summary": "What salt is", "kind": "section", "target": ""}
        await at.type("Salt")
        await at.press("enter")
        found = at.story.outline.find(beat)
        assert found is not None
        assert (found.text.title, found.text.kind) == ("Salt", "beat")
        await at.press("e")
        at.main.box.put({"kind": "poem"})
        await at.press("enter")
        assert "A section's kind is section, scene or chapter, not “poem”." in at.notices[-1]


async def written(at: Desk) -> Sequence[str]:
    """Two sections with text, one of them with a title."""
    names = [at.beat("What salt is"), at.beat("Where it comes from")]
    for name, text in zip(names, ("It is a mineral.", "It comes from the sea."), strict=True):
        at.main.planner.open_beat(name)
        await at.type(text)
    say_of(at, names[0], title="Salt")
    await at.clock.move(3)
    return names


async def test_titles_of_sections_stand_as_headings_in_the_text() -> None:
    async with desk() as at:
        names = await written(at)

        def text() -> list[str]:
            return [said for line in at.screen().splitlines() if (said := line[27:73].strip("│║╭╮╰╯ "))]

        assert "Salt" not in text()
        change(at, structure="nonfiction")
        assert text()[1:4] == ["Salt", "It is a mineral.", "It comes from the sea."]
        # The caret passes over it.
        await at.press("ctrl+home")
        assert at.main.text.caret.offset == 0
        assert at.main.text.caret.block == at.story.manuscript.at(0).id
        say_of(at, names[0], title="Rock salt")
        assert text()[1] == "Rock salt"
        change(at, structure="fiction")
        assert "Rock salt" not in text()


@pytest.mark.slow
async def test_the_history_and_the_player_show_the_headings_of_their_time() -> None:
    async with desk() as at:
        await written(at)
        change(at, structure="nonfiction")
        say_of(at, at.story.outline.beats[1].id, title="Sources")

        def lines() -> set[str]:
            """What stands in panes, line by line."""
            return {part.strip() for line in at.screen().splitlines() for part in re.split("[│║]", line)}

        await at.press("f8")
        assert {"Salt", "Sources", "It is a mineral."} <= lines()
        await at.press("down")
        assert {"Salt", "It is a mineral."} <= lines()
        assert "Sources" not in lines()
        await at.press("down")
        assert "It is a mineral." in lines()
        assert "Salt" not in lines()
        await at.press("up", "up", "p")
        assert {"Salt", "Sources", "It is a mineral."} <= lines()
        await at.press("left")
        assert "Salt" in lines()
        assert "Sources" not in lines()
        await at.press("left")
        assert "Salt" not in lines()


async def test_a_section_shows_what_it_says_behind_its_title_where_there_is_room() -> None:
    async with desk() as at:
        change(at, structure="nonfiction")
        beat = at.beat("What it is")
        say_of(at, beat, title="Salt")
        assert "   1 Salt: What it is" in pane(at)
        say_of(at, beat, summary="What it is, and what it was before it was in bread, and why it keeps")
        shown = pane(at)
        first = next(number for number, line in enumerate(shown) if "1 Salt: What it is" in line)
        assert shown[first + 1].endswith(FANCY.ellipsis)
        for number in range(40):
            at.beat(f"Thing {number}")
        await at.seen()
        assert "   1 Salt" in [line.replace(FANCY.here, " ").replace(FANCY.asked, " ") for line in pane(at)]
        say_of(at, beat, summary="It keeps.")
        assert "   1 Salt: It keeps." in [line.replace(FANCY.here, " ") for line in pane(at)]


async def test_words_on_a_frame_have_nothing_but_its_line_painted() -> None:
    async with desk() as at:
        pane = at.main.query_one("#outline-pane", Pane)
        width, height = pane.outer_size
        pane._exchange_repaint_regions()
        pane.name_it(("Outline · 486/3,000 · 4 of 12 done", "Outline · 486/3,000"), "a add")
        assert set(pane._exchange_repaint_regions()) == {Region(0, 0, width, 1), Region(0, height - 1, width, 1)}
        pane.name_it("Outline · 486/3,000", "a add")
        assert not pane._exchange_repaint_regions()
        await at.pilot.pause()
        assert "Outline · 486/3,000" in at.screen()
