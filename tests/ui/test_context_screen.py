"""The context screen: what would be sent and what was sent, shaped by keys, compared, condensed, edited, and sent."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest
from msgspec.structs import replace
from textual import events

from composer.config import Price
from composer.context.sections import digest_of
from composer.session import packing
from composer.session.ports import Closing
from composer.store.memory import MemoryStore
from composer.story.candidate import SectionTarget, Sent
from composer.story.events import (
    ContextShaped,
    DetailsChanged,
    ExemplarChanged,
    NoteChanged,
    RequestRepacked,
    RoundVeiled,
    TextCondensed,
)
from composer.story.shape import Shape
from composer.story.story import Details, Exemplar, Note, Paraphrase
from composer.ui import keymap
from composer.ui.contexts import Context, Row
from composer.ui.helping import help_in_context
from composer.ui.screens.context import ContextScreen
from composer.ui.screens.part_text import PartText
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import FANCY, PLAIN
from composer.ui.widgets.parts import PartsView
from tests.session.fakes import Scripted
from tests.ui.desk import Desk, desk

SMALL = 750
"""A window that the story does not fit."""
MINE = [key for key in keymap.TABLE if key.where == "context"]
PARAGRAPHS = (
    "The road to the pans was white in summer and grey in winter, and nobody who walked it for the company ever asked why the milestones had been turned to face the sea.",
    "At the first bridge a man sold eggs, boiled, out of a hat. He had sold them there for nineteen years and had never yet been seen to eat one himself.",
    "Rain came over the hill sideways. By dusk both mules had lain down in it, like guests who have been told that dinner will be late.",
    "Somebody had painted numbers on the doors of the village, beginning with seven. The first six houses were said to be at the bottom of the lake.",
    "“You may sleep with the flour,” the miller said, “but not on it,” and went upstairs with the only candle.",
    "In the night the wheel turned twice by itself. Mice, perhaps; or else the river, trying the handle.",
    "Morning was a thin soup. They drank it standing, and paid with a button that had once belonged to a general.",
    "Beyond the orchard lay the frontier: two posts, a rope, and a corporal who stamped whatever was held out to him, including, that day, a loaf.",
    "Past the rope nothing was different except the bells, which were tuned a little lower, as if the whole country had a cold.",
    "A woman with a basket of eels overtook them, slowed, looked at what was under the oilcloth, and crossed herself with an eel.",
    "All afternoon the plain refused to end. Storks stood about on it like unsold furniture.",
    "When the town did come it came from below, roofs first, then gutters, then a smell of brine and of horses that had worked.",
    "The weigh-house stood where three streets gave up. Its scales were covered with a sheet, and the sheet was covered with snow.",
    "Ilse knocked with the hand that was not holding anything, waited as long as one waits for a kettle, and let herself in.",
)


async def story(at: Desk, window: int = 4000) -> None:
    """A story with all that a context can hold, more or less."""
    at.endpoint.window = window
    session = at.session
    session.record((DetailsChanged(at.story.details, Details("Salt", purpose="Unseen care is care.")),))
    at.beat("Ilse carries the ledger over the border.")
    session.record((NoteChanged(0, None, Note("n1", "person", "Ilse", "She weighs salt.")),))
    session.record((NoteChanged(1, None, Note("n2", "place", "Varn", "A town of [bold]weigh-houses[/bold].")),))
    session.record((ExemplarChanged(0, None, Exemplar("e1", "salt", "The salt came up grey and went down white.")),))
    session.record((ExemplarChanged(1, None, Exemplar("e2", "ferry", "The ferryman counted them twice.")),))
    at.write("\n".join(PARAGRAPHS))
    at.main.show_all()


async def opened(at: Desk, window: int = 4000) -> None:
    await story(at, window)
    await at.press("f2")


def rows(at: Desk) -> dict[str, str]:
    """The lines of the table by the names of their parts, without the sign of the cursor."""
    return {row.key: row.sign for row in screen(at).query_one(PartsView).rows}


def screen(at: Desk) -> ContextScreen:
    (found,) = screens(at)
    return found


def screens(at: Desk) -> list[ContextScreen]:
    return [each for each in at.app.screen_stack if isinstance(each, ContextScreen)]


async def to(at: Desk, key: str) -> None:
    """To a row, by keys."""
    place = list(rows(at)).index(key)
    await at.press("home", *["down"] * place)


def lines(at: Desk) -> list[str]:
    return at.screen().splitlines()


def tokens(at: Desk) -> int:
    view = screen(at).shaping.view
    assert view is not None
    return view.context.receipt.tokens


async def sent(at: Desk, *texts: str) -> None:
    """Send, let the answers come, and go back to the text."""
    await at.press("ctrl+g")
    at.main.set_focus(at.main.text)
    await at.round(*(texts or ("One.", "Two.", "Three.", "Four.", "Five.")))
    at.endpoint.new_round()


def request(at: Desk, number: int = -1) -> str:
    return "".join(text for _, text in at.endpoint.requests[number].messages)


async def until(at: Desk, is_so: Callable[[], bool]) -> None:
    """Wait for work that goes on in a thread, or behind a timer."""
    for _ in range(200):
        if is_so():
            return
        await at.pilot.pause(0.01)
    raise AssertionError(at.screen())


# showing


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_f2_shows_what_would_be_sent_part_by_part(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await opened(at)
        shown = lines(at)
        assert "Context · " in shown[0]
        assert "preset full" in shown[0]
        assert "scripted-1" in shown[0]
        assert "window 4,000" in shown[0]
        assert shown[1].split() == ["part", "tokens", *(["left", "out"] if size[0] > 80 else []), "why"]
        for name in ("instructions", "purpose", "exemplars (2 of 2)", "notes: Ilse", "outline", "previous paragraph"):
            (line,) = (line for line in shown if line[1:].startswith(f"✓ {name} "))
            assert any(word.replace(",", "").isdigit() for word in line.split())
        assert "▓" in at.screen()
        assert "Write the one paragraph that comes next" in " ".join(" ".join(shown).split())
        assert f"Total {tokens(at):,} + 200 for the answer = {tokens(at) + 200:,} of 4,000" in at.screen()
        assert "estimate" in at.screen()
        assert "LETTERS ACT" in shown[-1]
        assert "×5" in shown[-1]
        assert all(len(line) == size[0] for line in shown)
        assert at.endpoint.requests == []


async def test_the_text_below_is_that_of_the_part_and_page_keys_scroll_it() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        await to(at, "purpose")
        assert "purpose · as it will go out" in at.screen()
        assert "Unseen care is care." in at.screen()
        await to(at, "earlier text")
        assert "Story so far:" in at.screen()
        await at.press("pagedown", "pagedown")
        assert "Story so far:" not in at.screen()
        assert "% above" in at.screen()
        await at.press("pageup", "pageup", "pageup")
        assert "Story so far:" in at.screen()


async def test_parts_unfold_to_their_things_and_markup_is_text() -> None:
    async with desk(size=(120, 40)) as at:
        await opened(at)
        await to(at, "notes")
        await at.press("right")
        assert rows(at)["notes:n1"] == "✓"
        assert rows(at)["notes:n2"] == "-"
        await at.press("down", "down")
        assert "Varn · not sent" in at.screen()
        assert "A town of [bold]weigh-houses[/bold]." in at.screen()
        assert "does not occur near" in at.screen()
        await at.press("left", "left")
        assert "notes:n1" not in rows(at)
        await at.press("enter")
        assert "notes:n1" in rows(at)
        await at.press("enter")
        assert "notes:n1" not in rows(at)


async def test_no_meaning_is_by_colour_alone() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        await to(at, "notes")
        await at.press("p")
        await to(at, "purpose")
        await at.press("space")
        shown = at.screen()
        assert "P notes" in shown
        assert "- purpose" in shown
        assert "✓ outline" in shown
        assert "▸" in next(line for line in lines(at) if "- purpose" in line)


async def test_signs_have_plain_stand_ins() -> None:
    async with desk(size=(80, 24)) as at:
        at.app.signs = PLAIN
        await opened(at)
        await to(at, "earlier text")
        shown = at.screen()
        assert not set("▓═─▸✓¶×│") & set(shown)
        assert ">+ earlier text, P1" in shown
        assert "###" in shown


async def test_a_story_without_anything_has_a_context_too() -> None:
    async with desk() as at:
        await at.press("f2")
        assert next(iter(rows(at))) == "instructions"
        assert "of 2,048" in at.screen()
        await at.press("escape")
        assert at.app.screen is at.main


async def test_what_can_not_be_asked_for_is_refused_with_the_reason() -> None:
    async with desk() as at:
        await at.press("shift+tab", "f2")
        assert at.app.screen is at.main
        assert any("what the story is for" in notice for notice in at.notices)


async def test_from_the_outline_it_is_for_the_beat_there() -> None:
    async with desk() as at:
        await story(at)
        second = at.beat("She reads it to the boy.")
        at.main.outline.beat = second
        await at.press("shift+tab")
        at.main.outline.beat = second
        await at.press("f2")
        await to(at, "beat")
        assert "She reads it to the boy." in at.screen()
        assert "beat 2 · continue" in lines(at)[0]


async def test_prices_are_told_where_they_are_known() -> None:
    async with desk() as at:
        at.endpoint.price = Price(2_000, 10_000)
        await opened(at)
        most = (tokens(at) * 2_000 + 200 * 10_000) * 5 / 1_000_000
        assert "estimate · " in lines(at)[-4]
        assert f"at most ${most:.2f} for 5" in lines(at)[-4]


# shaping


@pytest.mark.slow
async def test_space_leaves_a_part_out_and_the_budget_moves() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        before = tokens(at)
        await to(at, "exemplars")
        await at.press("space")
        assert at.story.shape.muted == ("exemplars",)
        assert rows(at)["exemplars"] == "-"
        assert tokens(at) < before
        assert f"({tokens(at) - before:+,})" in at.screen()
        assert "tokens stay here" in at.screen()
        assert "shaped" in lines(at)[0]
        # The cursor stays where it was, so that the same key takes it back.
        await at.press("space")
        assert at.story.shape == Shape()
        assert tokens(at) == before
        await sent(at)
        assert "Samples of the style:" in request(at)


@pytest.mark.slow
async def test_what_is_left_out_is_not_sent_until_it_is_put_in_again() -> None:
    async with desk() as at:
        await opened(at)
        await to(at, "exemplars")
        await at.press("space")
        await sent(at)
        assert at.app.screen is at.main
        assert len(at.endpoint.requests) == 5
        assert "Samples of the style:" not in request(at)
        assert at.story.round(1).receipt.shape == Shape(muted=("exemplars",))
        # It holds for what is asked for without this screen too.
        await sent(at)
        assert "Samples of the style:" not in request(at)


async def test_one_thing_goes_out_and_another_that_was_not_near_comes_in() -> None:
    async with desk() as at:
        await opened(at)
        await to(at, "notes")
        await at.press("right", "down", "space", "down", "space")
        assert at.story.shape == Shape(muted=("notes:n1",), pinned=("notes:n2",))
        assert rows(at)["notes:n1"] == "-"
        assert rows(at)["notes:n2"] == "P"
        assert "pinned" in screen(at).said
        await sent(at)
        assert "weigh-houses" in request(at)
        assert "She weighs salt." not in request(at)


async def test_p_pins_and_unpins() -> None:
    async with desk() as at:
        await opened(at)
        await to(at, "exemplars")
        await at.press("p")
        assert at.story.shape.pinned == ("exemplars",)
        assert rows(at)["exemplars"] == "P"
        await at.press("p")
        assert at.story.shape == Shape()


async def test_digits_choose_the_preset_and_0_goes_back_to_nothing_but_it() -> None:
    async with desk() as at:
        await opened(at)
        full = tokens(at)
        await at.press("3")
        assert at.story.shape == Shape("bare")
        assert "preset bare" in lines(at)[0]
        assert tokens(at) < full
        assert rows(at)["purpose"] == "-"
        await to(at, "purpose")
        await at.press("p", "2")
        assert at.story.shape == Shape("lean", pinned=("purpose",))
        await at.press("0")
        assert at.story.shape == Shape("lean")
        await at.press("1")
        assert at.story.shape == Shape()
        assert tokens(at) == full


async def test_0_again_puts_back_what_it_was_unless_it_was_shaped_since() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        shaped = Shape("lean", muted=("purpose",), edits=(("instructions", "Write like rain."),))
        at.session.shape(shaped)
        await at.seen()
        await at.press("0")
        assert at.story.shape == Shape("lean")
        assert "0 again puts back what it was" in at.screen()
        await at.press("0")
        assert at.story.shape == shaped
        await at.press("0", "3", "2", "0")
        assert at.story.shape == Shape("lean")
        assert "already" in screen(at).said


@pytest.mark.slow
async def test_undo_steps_through_shapes_and_leaves_the_story_alone() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        text, full = at.text, tokens(at)
        await at.press("ctrl+z")
        assert "Nothing was shaped" in screen(at).said
        await at.press("ctrl+y")
        assert "Nothing was taken back" in screen(at).said
        await to(at, "purpose")
        await at.press("space", "3", "0")
        assert at.story.shape == Shape("bare")
        await at.press("ctrl+z")
        assert at.story.shape == Shape("bare", muted=("purpose",))
        await at.press("ctrl+z", "ctrl+z")
        assert at.story.shape == Shape()
        assert tokens(at) == full
        await at.press("ctrl+y", "ctrl+y")
        assert at.story.shape == Shape("bare", muted=("purpose",))
        await at.press("2", "ctrl+y")
        assert at.story.shape == Shape("lean", muted=("purpose",))
        # An edit that escape kept is taken back too.
        await at.press("home", "e")
        assert "esc, ^s: keep   emptied: as the program makes it" in at.screen()
        await at.type("Mind: ")
        await at.press("escape")
        assert at.story.shape.edits
        await at.press("ctrl+z")
        assert not at.story.shape.edits
        assert at.text == text


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_what_is_typed_after_sending_is_not_written_into_the_story(size: tuple[int, int]) -> None:
    async with desk(size=size) as at:
        await opened(at)
        text = at.text
        assert "^g sends it ×5, to the candidates" in lines(at)[-1]
        await at.press("ctrl+g", "z")
        assert at.main.candidates.has_focus
        assert at.text == text
        assert len(at.endpoint.requests) == 5


async def test_names_grow_where_reasons_are_short_and_reasons_are_not_cut() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        view = screen(at).query_one(PartsView)
        name, long = "an exemplar with a name of some length", "less like the beat than what fits"
        view.show([Row("exemplars", name, "✓", 10, why="sent", inner=True, kept=True)], 0)
        await at.seen()
        assert name in at.screen()
        view.show([Row("exemplars", name, "-", 0, 412, f"left out: {long}", kept=False)], 0)
        await at.seen()
        (line,) = (line for line in lines(at) if "left out: less" in line)
        assert line.rstrip().endswith("left out: less like the beat")
        assert "(412)" in line
        assert view.why_fits(view.rows[0])


async def test_parts_that_were_not_kept_apart_are_named_as_the_whole() -> None:
    async with desk(size=(80, 24)) as at:
        await story(at)
        await sent(at)
        await at.press("tab", "f2")
        context = screen(at).context
        assert context is not None
        apart = tuple(replace(part, first=0, last=0) for part in context.receipt.parts)
        screen(at)._stored = Context(replace(context.receipt, parts=apart), context.messages)
        screen(at)._panes.show()
        await to(at, "outline")
        assert "the whole request, as it was sent" in at.screen()
        assert "outline · as it was sent" not in at.screen()


async def test_s_and_r_choose_what_stays_of_earlier_text() -> None:
    async with desk() as at:
        await opened(at, window=SMALL)
        await to(at, "earlier text")
        await at.press("s")
        assert at.story.shape.strategy("earlier text") == "likest"
        await at.press("s")
        assert at.story.shape == Shape()
        await at.press("2", "s")
        assert at.story.shape.strategy("earlier text") == "newest"
        await at.press("s", "r")
        assert at.story.shape == Shape("lean", repeats=True)
        await at.press("r")
        assert at.story.shape == Shape("lean")
        await to(at, "purpose")
        await at.press("s")
        assert at.story.shape == Shape("lean")
        assert "earlier text" in screen(at).said


async def test_the_core_and_runs_of_paragraphs_are_refused_in_words() -> None:
    async with desk() as at:
        await opened(at, window=SMALL)
        await at.press("end", "space")
        assert at.story.shape == Shape()
        assert "always sent" in screen(at).said
        await to(at, "earlier text")
        await at.press("right", "down", "space")
        assert at.story.shape == Shape()
        assert "by itself" in screen(at).said


async def test_keys_typed_ahead_mean_the_same() -> None:
    async with desk() as at:
        await story(at)
        # All at once, before anything is packed.
        await at.press("f2", "2", "down", "space", "down", "p", "ctrl+g")
        assert at.story.round(1).receipt.shape == Shape("lean", muted=("purpose",), pinned=("exemplars",))


@pytest.mark.slow
async def test_keys_wait_for_a_long_story_to_be_packed(monkeypatch: pytest.MonkeyPatch) -> None:
    # As if it were so long that it is packed in a thread, and takes its time.
    monkeypatch.setattr(packing, "AT_ONCE", 0)
    gate = threading.Event()

    def count(text: str) -> int:
        gate.wait(10)
        return Scripted.count(text)

    async with desk() as at:
        await story(at)
        monkeypatch.setattr(at.endpoint, "count", count)
        keys = ("f2", "down", "space", "down", "right", "down", "space", "escape")
        pressed = asyncio.create_task(at.press(*keys))
        await until(at, lambda: len(screens(at)) == 1 and len(screens(at)[0]._keys) == len(keys) - 1)
        gate.set()
        await pressed
        await until(at, lambda: at.app.screen is at.main)
        assert at.story.shape == Shape(muted=("purpose", "exemplars:e1"))


@pytest.mark.slow
async def test_no_letter_sends_writes_or_leaves_the_program() -> None:
    async with desk() as at:
        await opened(at)
        text = at.text
        for char in "abcdefghijkmnorsuvwxyz0123456789.,;:-+ABCXZ":
            await at.press(char)
            if at.app.screen is not screen(at):
                await at.press("escape")
        assert at.endpoint.requests == []
        assert at.text == text
        assert "Letters act here" in screen(at).said


async def test_a_paste_is_refused() -> None:
    async with desk() as at:
        await opened(at)
        at.app.post_message(events.Paste("3 pages"))
        await at.seen()
        assert "Nothing was pasted" in screen(at).said
        assert at.story.shape == Shape()


# sending two contexts


async def test_a_sends_both_contexts_with_the_same_recipes_and_seeds() -> None:
    async with desk(size=(80, 24), ladder=(0.2, 0.9)) as at:
        await opened(at)
        await at.press("a")
        shown = lines(at)
        assert "full and bare, side by side" in shown[0]
        assert shown[1].split() == ["part", "tokens", "bare", "why"]
        assert "×4" in shown[-1]
        (purpose,) = (line for line in shown if " purpose " in line and "✓" in line)
        assert purpose.split()[3] == "0"
        await at.press("tab")
        assert "2 of 2" in lines(at)[0]
        await sent(at, "One.", "Two.", "Three.", "Four.")
        asked = at.story.round(1)
        recipes = [each.recipe for each in asked.candidates]
        assert [asked.sent(each.number).receipt.shape for each in asked.candidates] == [Shape(), Shape("bare")] * 2
        assert recipes[0] == recipes[1]
        assert recipes[2] == recipes[3]
        assert recipes[0].seed != recipes[2].seed
        assert "Purpose:" in request(at, 0)
        assert "Purpose:" not in request(at, 1)
        # It was for one request: the session's shape is as it was.
        assert at.story.shape == Shape()


@pytest.mark.slow
async def test_keys_shape_the_context_that_is_shown() -> None:
    async with desk(size=(80, 24), ladder=(0.2,)) as at:
        await opened(at)
        await at.press("a")
        assert "tab the other" in at.screen()
        assert "bare beside it" not in at.screen()
        await at.press("tab", "2")
        assert "2 of 2" in lines(at)[0]
        assert screen(at).shaping.shapes == (Shape(), Shape("lean"))
        await at.press("home", "e")
        assert "Edit for this request alone · instructions" in at.screen()
        await at.press("escape")
        await to(at, "notes")
        await at.press("space")
        assert screen(at).shaping.shapes == (Shape(), Shape("lean", muted=("notes",)))
        assert rows(at)["notes"] == "-"
        assert at.story.shape == Shape()
        await at.press("ctrl+z", "1")
        assert "beside it is made so already" in screen(at).said
        assert screen(at).shaping.shapes == (Shape(), Shape("lean"))
        await at.press("tab", "3")
        assert "1 of 2" in lines(at)[0]
        assert screen(at).shaping.shapes == (Shape("bare"), Shape("lean"))
        assert at.story.shape == Shape("bare")
        await sent(at, "One.", "Two.")
        asked = at.story.round(1)
        assert [asked.sent(each.number).receipt.shape.amount for each in asked.candidates] == ["bare", "lean"]


@pytest.mark.slow
async def test_a_again_sends_one_context_and_too_many_candidates_are_refused() -> None:
    async with desk(ladder=(0.5,)) as at:
        await opened(at)
        await at.press("a", "a")
        assert "side by side" not in at.screen()
        await sent(at, "One.")
        assert len(at.endpoint.requests) == 1
    async with desk() as at:
        at.main.requests.lens = "as a list | as a letter | as a song"
        await opened(at)
        await at.press("a")
        assert "candidates at once" in screen(at).said
        assert "side by side" not in at.screen()


@pytest.mark.slow
async def test_a_round_of_two_contexts_is_asked_again_with_both() -> None:
    async with desk(ladder=(0.2, 0.9)) as at:
        await opened(at)
        await at.press("a")
        await sent(at, "One.", "Two.", "Three.", "Four.")
        await at.press("tab", "2", "f2")
        assert "As sent to candidate 1.2" in lines(at)[0]
        assert "preset bare" in lines(at)[0]
        await at.press("l")
        assert "side by side" in lines(at)[0]
        await sent(at, "One.", "Two.", "Three.", "Four.")
        assert [at.story.round(2).sent(n).receipt.shape.amount for n in (1, 2, 3, 4)] == ["full", "bare"] * 2


# what was sent


@pytest.mark.slow
async def test_in_the_candidates_it_shows_what_was_sent_as_it_is_stored() -> None:
    async with desk(size=(120, 40)) as at:
        await opened(at)
        await to(at, "exemplars")
        await at.press("space")
        await sent(at)
        first = request(at)
        await at.press("f2", "0", "escape", "tab", "f2")
        assert "As sent to candidate 1.1" in lines(at)[0]
        assert rows(at)["exemplars"] == "-"
        context = screen(at).context
        assert context is not None
        assert "".join(context.pieces) == first
        assert context.receipt == at.story.round(1).receipt
        await at.press("end")
        assert "[system]" in at.screen()
        # Now it is another one.
        await at.press("l")
        assert "Context · " in lines(at)[0]
        await at.press("f2")
        assert "As sent" in lines(at)[0]


async def test_what_was_sent_can_not_be_shaped_or_sent_again_from_there() -> None:
    async with desk() as at:
        await story(at)
        await sent(at)
        await at.press("tab", "f2")
        asked = len(at.endpoint.requests)
        for key in ("space", "p", "c", "e", "s", "r", "1", "2", "3", "0", "a", "ctrl+g"):
            await at.press(key)
            assert "sent already" in screen(at).said, key
            assert "l shows what would be sent now" in screen(at).said
        assert at.story.shape == Shape()
        assert len(at.endpoint.requests) == asked


async def test_from_the_text_there_is_nothing_that_was_sent() -> None:
    async with desk() as at:
        await opened(at)
        await at.press("l")
        assert "not sent yet" in screen(at).said
        await at.press("f2")
        assert "Context · " in lines(at)[0]


async def test_a_round_that_is_tasted_blind_shows_only_what_would_be_sent() -> None:
    async with desk() as at:
        await story(at)
        await sent(at)
        at.session.record((RoundVeiled(1, (3, 0, 1, 4, 2)),))
        await at.press("tab", "f2")
        assert "Context · " in lines(at)[0]
        await at.press("l")
        assert "not sent yet" in screen(at).said


@pytest.mark.slow
async def test_a_round_with_a_context_of_its_own_is_shaped_for_itself() -> None:
    async with desk() as at:
        await opened(at)
        await at.press("3")
        await sent(at)
        await at.press("f2", "1", "escape")
        assert at.story.shape == Shape()
        await at.press("tab", "f2", "l")
        assert "preset bare" in lines(at)[0]
        assert "this request alone" in lines(at)[0]
        await at.press("2")
        assert "preset lean" in lines(at)[0]
        assert at.story.shape == Shape()
        await sent(at)
        assert at.story.round(2).receipt.shape == Shape("lean")
        assert at.story.shape == Shape()


async def test_what_was_sent_in_place_of_another_says_why() -> None:
    async with desk() as at:
        await story(at)
        await sent(at)
        asked = at.story.round(1)
        why = "tiny takes 700 tokens, not 4,000: it was sent again with [b]500[/b] in place of 900."
        at.session.enter_fact(RequestRepacked(1, Sent((1,), asked.messages, asked.receipt, why)))
        await at.press("tab", "f2")
        assert "sent again with [b]500[/b]" in at.screen()


async def test_the_servers_own_count_is_told() -> None:
    async with desk() as at:
        await story(at)
        await sent(at)
        await at.press("tab", "f2")
        assert "its server counted 10" in at.screen()


# differences


@pytest.mark.slow
async def test_d_compares_with_the_round_before_and_goes_further_back() -> None:
    async with desk(size=(120, 40), ladder=(0.5,)) as at:
        await story(at)
        await sent(at, "One.")
        await at.press("f2")
        await to(at, "purpose")
        await at.press("space")
        await sent(at, "Two.")
        await at.press("f2")
        await to(at, "exemplars")
        await at.press("space", "d")
        shown = at.screen()
        assert "Difference · round 2 → as it would be sent" in shown
        assert rows(at)["exemplars"] == "-"
        assert rows(at)["notes"] == "="
        assert "is not sent now" in shown
        assert "- The salt came up grey" in shown
        assert "purpose" not in rows(at)
        await at.press("d")
        assert "Difference · round 1 →" in at.screen()
        assert rows(at)["purpose"] == "-"
        assert "- Unseen care is care." in at.screen()
        await at.press("comma")
        assert "no older round" in screen(at).said
        await at.press("full_stop")
        assert "Difference · round 2 →" in at.screen()
        await at.press("full_stop")
        assert "newest that it can be compared with" in screen(at).said
        await at.press("space")
        assert at.story.shape.muted == ("purpose", "exemplars")
        await at.press("escape")
        assert "Difference" not in at.screen()
        assert "Context · " in lines(at)[0]


async def test_a_paragraph_that_came_is_shown_whole_and_parts_fold() -> None:
    async with desk(size=(80, 24), ladder=(0.5,)) as at:
        await story(at)
        await sent(at, "One.")
        at.write(
            "\nA paragraph that is rather longer than a line of eighty columns can be, which goes on and on, to its very end."
        )
        at.write("\nAnd another.")
        await at.press("f2", "d")
        _, came, *_ = (key for key, sign in rows(at).items() if sign == "+" and key.startswith("earlier text"))
        await to(at, came)
        assert "which goes on and on, to its very end." in " ".join(" ".join(lines(at)).split())
        assert "earlier text · came" in at.screen()
        await at.press("left", "left")
        assert came not in rows(at)
        await at.press("right")
        assert came in rows(at)


@pytest.mark.slow
async def test_what_was_sent_is_compared_with_what_was_sent_before_it() -> None:
    async with desk(ladder=(0.5,)) as at:
        await story(at)
        await sent(at, "One.")
        await at.press("f2", "3")
        await sent(at, "Two.")
        await at.press("f2", "1")
        await sent(at, "Three.")
        await at.press("tab", "comma", "f2", "d")
        assert "Difference · round 1 → candidate 2.1" in at.screen()
        assert rows(at)["purpose"] == "-"
        await at.press("d")
        assert "no older round" in screen(at).said
        await at.press("escape", "escape")
        assert at.app.screen is at.main


async def test_of_a_round_with_two_contexts_the_one_that_was_made_alike_is_compared() -> None:
    async with desk(ladder=(0.5,)) as at:
        await opened(at)
        await at.press("a")
        await sent(at, "One.", "Two.")
        await at.press("f2", "3", "d")
        assert "Difference · round 1" in at.screen()
        assert set(rows(at).values()) == {"="}


async def test_without_an_earlier_round_there_is_no_difference() -> None:
    async with desk() as at:
        await opened(at)
        await at.press("d")
        assert "Nothing was sent before" in screen(at).said
        await at.press("comma")
        assert "Nothing was sent before" in screen(at).said


# condensing


@pytest.mark.slow
async def test_c_asks_first_and_enter_has_earlier_text_told_in_few_words() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        await to(at, "earlier text")
        await at.press("c")
        assert "1 section, " in at.screen()
        assert "All of it fits as it stands. Have 1 section, " in at.screen()
        assert "told in few words by scripted-1 all the same?" in " ".join(at.screen().split())
        assert at.endpoint.requests == []
        await at.press("escape")
        assert "told in few words" not in at.screen()
        await at.press("enter")
        assert at.endpoint.requests == []
        await at.press("c", "enter")
        assert len(at.endpoint.requests) == 1
        assert "1 summary on the way" in at.screen()
        await at.press("1")
        assert at.app.screen is screen(at)
        await at.endpoint.say(1, "They carried things over the border, by night.")
        await at.endpoint.close_stream(1)
        await at.seen()
        (told,) = at.story.paraphrases
        assert told.text == "They carried things over the border, by night."
        await until(at, lambda: "on the way" not in at.screen())
        # With less room than the text needs its summary is in the table as soon as it is made.
        at.endpoint.window = SMALL
        await at.press("2")
        assert rows(at)["earlier, condensed"] == "✓"
        await to(at, "earlier, condensed")
        assert "by night." in at.screen()


async def test_a_summary_that_comes_is_in_the_table_at_once_and_one_that_fails_is_told() -> None:
    async with desk() as at:
        await opened(at, window=SMALL)
        await to(at, "earlier text")
        await at.press("c", "enter")
        count = len(at.endpoint.requests)
        for number in range(1, count):
            await at.endpoint.say(number, "They carried things.")
            await at.endpoint.close_stream(number)
            await at.seen()
        assert "earlier, condensed" in rows(at)
        await at.endpoint.send(count, Closing("stop", "scripted-1", 10, 0))
        await at.seen()
        await until(at, lambda: "on the way" not in at.screen())
        assert "is not used" in at.screen()
        assert len(at.story.paraphrases) == count - 1


@pytest.mark.slow
async def test_what_came_of_summaries_is_told_once() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        await to(at, "earlier text")
        await at.press("c", "enter")
        await at.endpoint.say(1, "They carried things.")
        await at.endpoint.close_stream(1)
        await at.seen()
        await until(at, lambda: "1 summary written; none is sent now, as all of the text fits" in at.screen())
    async with desk(size=(80, 24)) as at:
        await opened(at, window=SMALL)
        await to(at, "earlier text")
        await at.press("c")
        assert "All of it fits" not in at.screen()
        await at.press("enter")
        count = len(at.endpoint.requests)
        assert count > 1
        for number in range(1, count + 1):
            await at.endpoint.say(number, "They carried things.")
            await at.endpoint.close_stream(number)
            await at.seen()
        await until(at, lambda: f"{count} summaries written, " in at.screen())
        assert "sent now" in screen(at).said


async def test_a_model_that_fails_each_summary_is_told_in_one_notice_with_what_to_do() -> None:
    async with desk() as at:
        await opened(at, window=SMALL)
        await to(at, "earlier text")
        await at.press("c", "enter", "escape")
        count = len(at.endpoint.requests)
        assert count > 1
        assert at.app.screen is at.main
        for number in range(1, count + 1):
            await at.endpoint.send(number, Closing("stop", "scripted-1", 10, 0))
            await at.seen()
        await until(at, lambda: any("not used" in notice for notice in at.notices))
        (notice,) = (each for each in at.notices if "not used" in each)
        assert f"{count} summaries are not used" in notice
        assert "gain" in notice


async def test_x_stops_summaries_and_keeps_nothing_of_them() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at, window=SMALL)
        await at.press("x")
        assert "No summary is on its way" in screen(at).said
        await to(at, "earlier text")
        await at.press("c", "enter")
        assert "x stop" in at.screen()
        await at.endpoint.say(1, "They carried things.")
        await at.press("x")
        await until(at, lambda: "stopped; nothing of them is kept" in at.screen())
        assert at.session.condensing.running == 0
        assert at.story.paraphrases == ()
        assert all(each.ending is not None for asked in at.story.rounds for each in asked.candidates)


async def summarised(at: Desk, stale: bool) -> None:
    """A summary of the first half, fresh or stale."""
    blocks = list(at.story.manuscript)[:7]
    digest = "of other text" if stale else digest_of(block.text for block in blocks)
    told = Paraphrase(tuple(block.id for block in blocks), digest, "Much was carried.", "1.1")
    at.session.enter_fact(TextCondensed(told))


async def test_stale_summaries_are_told_and_c_on_one_asks_for_that_one() -> None:
    async with desk(size=(120, 40)) as at:
        await story(at, window=SMALL)
        await summarised(at, stale=True)
        await at.press("f2")
        assert rows(at)["earlier, condensed"] == "~"
        assert "stale" in at.screen()
        await to(at, "earlier, condensed")
        await at.press("right", "down")
        assert "Much was carried." in at.screen()
        assert "c writes it again" in at.screen()
        await at.press("c")
        assert "told anew in few words" in at.screen()
        await at.press("enter")
        assert len(at.endpoint.requests) == 1
        (asked,) = (each.target for each in at.story.rounds if isinstance(each.target, SectionTarget))
        assert len(asked.blocks) == 7


async def test_c_leaves_what_is_sent_as_written_but_for_what_summaries_will_take_the_room_of() -> None:
    async with desk() as at:
        await story(at, window=SMALL)
        found = await at.session.condensing.sections(at.story.manuscript.last)
        await at.press("f2")
        await to(at, "earlier text")
        await at.press("c", "enter")
        asked = [each.target.blocks for each in at.story.rounds if isinstance(each.target, SectionTarget)]
        assert asked == [section.blocks for section in found[:2]]
        assert len(found) == 3


async def test_c_leaves_those_alone_that_are_fresh() -> None:
    async with desk() as at:
        await story(at, window=SMALL)
        await summarised(at, stale=False)
        await at.press("f2")
        await to(at, "earlier text")
        await at.press("c", "enter")
        asked = [each.target for each in at.story.rounds if isinstance(each.target, SectionTarget)]
        first = [block.id for block in at.story.manuscript][:7]
        assert asked
        assert not {block for target in asked for block in target.blocks} & set(first)


@pytest.mark.slow
async def test_with_fresh_summaries_there_is_nothing_to_condense_and_elsewhere_c_says_where() -> None:
    async with desk() as at:
        await story(at, window=SMALL)
        await at.press("f2")
        await to(at, "purpose")
        await at.press("c")
        assert "“earlier text”" in screen(at).said
        await at.press("escape")
    async with desk() as at:
        at.endpoint.window = SMALL
        at.write("She went.\nAnd came.")
        await at.press("f2")
        await to(at, "earlier text")
        await at.press("c")
        assert "not enough earlier text" in screen(at).said


async def test_e_on_a_summary_keeps_the_writers_words() -> None:
    async with desk() as at:
        await story(at, window=SMALL)
        await summarised(at, stale=False)
        await at.press("f2")
        await to(at, "earlier, condensed")
        await at.press("right", "down", "e")
        assert isinstance(at.app.screen, PartText)
        assert "Edit the summary" in at.screen()
        await at.press("end", "ctrl+u")
        await at.type("Ilse carried it all.")
        await at.press("ctrl+s")
        assert at.story.paraphrases[-1].text == "Ilse carried it all."
        assert at.story.paraphrases[-1].edited
        await at.seen()
        assert "Ilse carried it all." in at.screen()
        await sent(at)
        assert "Ilse carried it all." in request(at)


# editing


@pytest.mark.slow
async def test_e_changes_the_text_of_a_part_for_one_request() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at)
        await to(at, "purpose")
        await at.press("e")
        assert "Edit for this request alone · purpose" in at.screen()
        assert "emptied: as the program makes it" in at.screen()
        assert "Purpose:" not in at.app.screen.query_one("#part-text").text.text  # type: ignore[attr-defined]
        await at.press("end")
        await at.type(" So is [b]salt[/b].")
        await at.press("enter")
        await at.type("Always.")
        await at.press("ctrl+s")
        assert at.story.shape.edit("purpose") == "Unseen care is care. So is [b]salt[/b].\n\nAlways."
        assert "as you wrote it" in at.screen()
        assert "So is [b]salt[/b]." in at.screen()
        await sent(at)
        assert "Purpose:\nUnseen care is care. So is [b]salt[/b].\n\nAlways.\n" in request(at)
        # The next one is as the program makes it.
        assert at.story.shape == Shape()
        await at.press("f2")
        await to(at, "purpose")
        assert "as you wrote it" not in at.screen()


async def test_what_is_typed_into_a_part_is_kept_while_it_is_open_and_one_undo_takes_it_back() -> None:
    async with desk() as at:
        await opened(at)
        await to(at, "purpose")
        await at.press("e", "end")
        edit = at.app.screen
        assert isinstance(edit, PartText)
        for word, stands in ((" So", "Unseen care is care. So"), (" is salt.", "Unseen care is care. So is salt.")):
            await at.type(word)
            # This is what its timer calls.
            assert edit.keep_now()
            assert at.story.shape.edit("purpose") == stands
        await at.press("escape")
        assert "So is salt." in at.screen()
        await at.press("ctrl+z")
        assert at.story.shape == Shape()
        await at.press("ctrl+z")
        assert "Nothing was shaped here" in at.screen()
        await at.press("ctrl+y")
        assert at.story.shape.edit("purpose") == "Unseen care is care. So is salt."


async def test_the_timer_of_an_edit_is_set_with_its_first_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async with desk() as at:
        await opened(at)
        await to(at, "purpose")
        await at.press("e", "end")
        due: list[Callable[[], bool]] = []
        monkeypatch.setattr(PartText, "set_timer", lambda screen, delay, callback: due.append(callback))
        await at.type("!")
        (keep, *_) = due
        assert keep()
        assert at.story.shape.edit("purpose") == "Unseen care is care.!"


@pytest.mark.slow
async def test_an_edit_that_is_emptied_or_changes_nothing_leaves_the_text_as_it_is_made() -> None:
    async with desk() as at:
        await opened(at)
        await to(at, "purpose")
        await at.press("e", "escape")
        assert at.story.shape == Shape()
        assert at.app.screen is screen(at)
        await at.press("e")
        await at.type("Not ")
        await at.press("escape")
        assert at.story.shape.edit("purpose") == "Not Unseen care is care."
        await at.press("e", "f7", "backspace", "ctrl+s")
        assert at.story.shape == Shape()
        await at.press("e")
        await at.type("No ")
        await at.press("ctrl+z", "ctrl+z", "ctrl+z", "ctrl+s")
        assert at.story.shape == Shape()


@pytest.mark.slow
async def test_instructions_hold_from_now_on() -> None:
    async with desk() as at:
        await opened(at)
        await at.press("e")
        assert "Edit from now on · instructions" in at.screen()
        await at.press("f7")
        await at.type("Write like rain.")
        await at.press("ctrl+s")
        await sent(at)
        assert request(at).startswith("Write like rain.")
        assert at.story.shape == Shape(edits=(("instructions", "Write like rain."),))
        await sent(at)
        assert request(at).startswith("Write like rain.")


async def test_what_is_the_models_own_can_not_be_edited_and_notes_say_where_they_are() -> None:
    async with desk() as at:
        await opened(at)
        await at.press("end", "e")
        assert "the model's own" in screen(at).said
        await to(at, "notes")
        await at.press("e")
        assert "“notes” in the palette: for good" in at.screen()


async def test_a_paste_of_several_paragraphs_comes_into_the_text() -> None:
    async with desk() as at:
        await opened(at)
        await to(at, "purpose")
        await at.press("e", "end")
        at.app.post_message(events.Paste(" One.\n\nTwo.\x1b[2J"))
        await at.seen()
        await at.press("ctrl+s")
        assert at.story.shape.edit("purpose") == "Unseen care is care. One.\n\nTwo.[2J"


async def test_leaving_the_program_keeps_what_was_being_typed() -> None:
    store = MemoryStore()
    async with desk(store=store) as at:
        await opened(at)
        await at.press("e")
        await at.type("Mind: ")
        await at.press("ctrl+q")
        await at.pilot.pause()
        assert at.session.story.shape.edit(
            "instructions",
        ).startswith("Mind: You write")  # type: ignore[union-attr]


# where it can't be


async def test_what_does_not_fit_is_said_in_place_of_the_table_and_keys_still_shape_it() -> None:
    async with desk(size=(80, 24)) as at:
        await opened(at, window=200)
        shown = at.screen()
        assert "✗" in shown
        assert "too many" in shown
        await at.press("ctrl+g")
        assert at.app.screen is screen(at)
        assert "too many" in at.notices[-1]
        assert "scripted-1" in lines(at)[0]
        assert "200" in lines(at)[0]
        assert "✓" not in shown
        assert "· outline" in shown
        await to(at, "notes")
        await at.press("space", "3")
        assert at.story.shape == Shape("bare", muted=("notes",))
        at.endpoint.window = 4000
        await at.press("1")
        assert "too many" not in at.screen()
        assert rows(at)["notes"] == "-"


@pytest.mark.slow
async def test_a_session_that_can_only_be_read_refuses_with_its_own_words() -> None:
    store = MemoryStore()
    async with desk(store=store) as at:
        await story(at)
        await sent(at)
    store.closed, store.read_only = False, True
    async with desk(store=store) as at:
        at.endpoint.window = 4000
        await at.press("f2")
        before = at.story.shape
        assert "open for reading only" in lines(at)[-1]
        assert "e edit" not in at.screen()
        for key in ("c", "e", "ctrl+g"):
            await at.press(key)
            assert "open for reading only" in screen(at).said, key
        assert at.app.screen is screen(at)
        # It may be shaped to be looked at: nothing of that is kept.
        full = tokens(at)
        await at.press("3")
        assert "preset bare · to look at" in lines(at)[0]
        assert tokens(at) < full
        await at.press("ctrl+z")
        assert tokens(at) == full
        await to(at, "purpose")
        await at.press("space", "2")
        assert rows(at)["purpose"] == "-"
        assert at.story.shape == before
        assert at.app.screen is screen(at)
        await at.press("escape", "tab", "f2")
        assert "As sent to candidate 1.1" in lines(at)[0]


async def test_escape_leaves_while_a_server_does_not_answer() -> None:
    async with desk() as at:
        await story(at)
        at.endpoint.prepared = False
        at.endpoint.gate.clear()
        at.main.action_context()
        await at.pilot.pause()
        assert "Asking scripted what it takes" in at.screen()
        await at.pilot.press("escape")
        await at.pilot.pause()
        assert at.app.screen is at.main
        at.endpoint.gate.set()


async def test_the_table_follows_what_changes_behind_it() -> None:
    async with desk() as at:
        await opened(at)
        before = tokens(at)
        at.session.record((NoteChanged(0, at.story.notes[0], Note("n1", "person", "Ilse", "She weighs salt. " * 20)),))
        await at.seen()
        assert tokens(at) > before
        at.session.enter_fact(ContextShaped(Shape("bare")))
        at.session.tell("story")
        await at.seen()
        assert "preset bare" in lines(at)[0]


async def test_a_rework_asks_for_its_instruction_before_it_is_sent() -> None:
    async with desk() as at:
        await story(at)
        await at.press("f7", "f2")
        assert "rework" in lines(at)[0]
        await at.press("a", "ctrl+g")
        assert "instruction first" in screen(at).said
        await at.press("a", "ctrl+g")
        assert at.app.screen is at.main
        assert at.main.box.display
        assert at.endpoint.requests == []


# keys


async def test_help_is_that_of_the_place() -> None:
    async with desk() as at:
        await opened(at)
        for key in ("question_mark", "f1"):
            await at.press(key)
            assert isinstance(at.app.screen, Sheet)
            assert "In the context" in at.screen()
            await at.press("escape")
    text = help_in_context(FANCY)
    for key in keymap.shown_in("context"):
        assert f"  {key.shown:<14} {key.does}" in text


def test_help_goes_on_below_what_a_key_does() -> None:
    text = help_in_context(FANCY, 60)
    assert all(len(line) <= 60 for line in text.splitlines())
    at = next(at for at, line in enumerate(text.splitlines()) if line.startswith("  c  "))
    assert text.splitlines()[at + 1].startswith(" " * 17)
    for word in ("full", "lean", "bare"):
        assert f"Preset {word}: " in text


def test_no_two_actions_share_a_key_and_every_action_exists() -> None:
    others = [keymap.BY_ID[name] for name in ("help", "context", "round.ask")]
    names = [name for key in (*MINE, *others) for name in key.keys.split(",")]
    assert len(names) == len(set(names))
    for key in (*MINE, *others):
        assert hasattr(ContextScreen, f"action_{key.action}"), key.id


async def test_the_settings_may_give_other_keys_and_they_are_told() -> None:
    async with desk(keys={"context": "f12", "part.mute": "b"}) as at:
        await story(at)
        await at.press("f12")
        assert "b in or out" in at.screen()
        await to(at, "purpose")
        await at.press("space")
        assert at.story.shape == Shape()
        await at.press("b")
        assert at.story.shape == Shape(muted=("purpose",))
