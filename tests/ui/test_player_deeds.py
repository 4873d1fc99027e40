"""What is done from within the player: notes, branches, new stories; and the player alone, without a session."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import pytest

from composer.cli.replay import _speed
from composer.errors import RefusedError, UnwritableSession
from composer.journal.entry import Entry, first_break
from composer.journal.replay import Reel
from composer.store.memory import MemoryStore
from composer.story.candidate import Message, PlaceTarget, Receipt, Recipe
from composer.story.events import RemarkWritten, RoundAsked, TextEdited
from composer.ui.app import ComposerApp, Look, Next
from composer.ui.screens.picker import Picker
from composer.ui.screens.player.deeds import Replayed
from composer.ui.screens.player.screen import PlayerScreen
from composer.ui.signs import FANCY
from composer.ui.theming import load_themes
from tests.session.fakes import settle
from tests.ui.desk import Drawer, desk
from tests.ui.test_candidates import ONE
from tests.ui.test_player import play, written
from tests.ui.test_player_head import Seconds, streamed


class Maker(Drawer):
    """A library in which stories can be made, or not."""

    def __init__(self, *, full: bool = False) -> None:
        super().__init__()
        self.full = full
        self.made: list[tuple[str, Sequence[Entry], Mapping[str, bytes]]] = []

    async def make(self, title: str, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> str:
        if self.full:
            raise UnwritableSession("The disk is full.", "Make room on it.")
        self.made.append((title, tuple(entries), dict(pieces)))
        return f"/stories/{title}.collage"


@pytest.mark.slow
async def test_a_note_is_written_shown_changed_and_taken_back() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        await at.press("P")
        here = player.at
        await at.press("n", *"why kept", "escape")
        assert not at.story.remarks
        assert at.app.screen is player
        # What was typed is there again.
        await at.press("n", "tab", "right", "enter")
        (remark,) = at.story.remarks
        assert (remark.subject, remark.text, remark.for_readers) == (f"entry {here}", "why kept", True)
        assert "! Note, for readers: why kept" in at.screen()
        assert "! 1 note" in at.screen()
        await at.press("right")
        assert "why kept" not in at.screen()
        await at.press("end", "M")
        assert player.at == here
        await at.press("n")
        assert isinstance(at.app.screen, Picker)
        await at.press("enter")
        await at.press(*"!!", "enter")
        assert [each.text for each in at.story.remarks] == ["why kept!!"]
        await at.press("n", "down", "up", "up", "down", "delete")
        assert at.story.remarks == ()
        assert "! 0 notes" in at.screen()
        await at.press("n", "escape", "home", "m")
        assert "After this there is no note." in at.notices
        await at.session.drained()
        kept = [event for event in Reel(await at.store.read()).events if isinstance(event, RemarkWritten)]
        assert [(event.remark, event.text) for event in kept] == [(1, "why kept"), (1, "why kept!!"), (1, "")]


@pytest.mark.slow
async def test_a_note_that_is_being_written_is_kept_when_the_program_ends() -> None:
    async with desk() as at:
        await written(at)
        await play(at)
        await at.press("n", *"half a th")
        at.app.leave()
        await at.seen()
        assert [each.text for each in at.story.remarks] == ["half a th"]


@pytest.mark.slow
async def test_a_film_lingers_where_a_note_is() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        await at.press("pageup", "n", *"asked too early", "enter")
        here = player.at
        now = Seconds()
        player._now = now
        await at.press("home", "space")
        now.now += 3600
        player.tick()
        await at.seen()
        assert player.at == here
        assert player.playing
        assert "PLAYING, A NOTE" in at.screen()
        assert "asked too early" in at.screen()


@pytest.mark.slow
async def test_branch_here_goes_on_in_this_story() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        await at.press("Y", "Y")
        assert player.text.text.text == "It was late."
        await at.press("b")
        assert isinstance(at.app.screen, Picker)
        assert "what came later stays" in at.screen()
        await at.press("enter")
        assert at.app.screen is at.main
        assert at.text == "It was late."
        await at.press("ctrl+z")
        assert at.text == ""
        assert at.story.rounds


@pytest.mark.slow
async def test_what_is_typed_and_streams_is_kept_before_a_branch() -> None:
    async with desk() as at:
        await written(at)
        player = await play(at)
        place = at.story.manuscript.last
        at.session.type(place, place, "More.")
        head = at.session.journal.tree.head
        await at.press("Y", "Y", "b", "enter")
        assert at.text == "It was late."
        typed = [node.change for node in at.session.journal.tree.nodes.values()]
        assert any(isinstance(change, TextEdited) and change.put.text == "More." for change in typed)
        assert head in at.session.journal.tree.nodes
        assert not player.is_attached


async def test_branch_here_makes_a_new_story_of_the_entries_up_to_it() -> None:
    async with desk() as at:
        library = at.app.library = Maker()
        await written(at)
        player = await play(at)
        await at.press("P")
        here = player.at
        left: list[Next | None] = []
        at.app.leave = left.append  # type: ignore[method-assign, assignment]
        await at.press("b", "down", "enter")
        await at.seen()
        ((title, entries, pieces),) = library.made
        assert title == f"Untitled, from entry {here}"
        assert len(entries) == here
        assert first_break(list(entries)) is None
        wanted = {piece for message in at.story.rounds[0].messages for piece in message.pieces}
        assert wanted
        assert set(pieces) == wanted
        assert Reel(entries).story(here).manuscript.text.endswith(ONE)
        assert left == [Next(f"/stories/{title}.collage")]


@pytest.mark.slow
async def test_where_nothing_can_be_written_no_story_is_made() -> None:
    async with desk() as at:
        at.app.library = Maker(full=True)
        await written(at)
        player = await play(at)
        await at.press("b", "down", "enter")
        await at.seen()
        assert "The disk is full." in at.notices[-1]
        await at.press("home", "b")
        await at.seen()
        picker = at.app.screen
        assert isinstance(picker, Picker)
        assert [choice.value for choice in picker._choices] == ["here"]
        await at.press("escape")
        assert at.app.screen is player


@pytest.mark.slow
async def test_a_story_that_is_only_read_is_not_changed() -> None:
    store = MemoryStore()
    async with desk(store=store) as at:
        await written(at)
    store.closed = False
    store.read_only = True
    async with desk(store=store) as at:
        player = await play(at)
        await at.press("n")
        assert "open for reading only" in at.notices[-1]
        assert not player.box.display
        await at.press("home", "b", "enter")
        assert "open for reading only" in at.notices[-1]
        assert at.app.screen is player


@pytest.mark.slow
async def test_export_is_asked_for_at_the_moment() -> None:
    async with desk() as at:
        await written(at)
        await play(at)
        asked_for: list[tuple[str, int | None]] = []
        at.app.show_export = asked_for.append  # type: ignore[method-assign]
        await at.press("home", "right", "e")
        assert asked_for == ["html-replay"]


# alone


@asynccontextmanager
async def alone(
    entries: Sequence[Entry], library: Drawer | None = None, at: int | None = None, speed: float | None = None
) -> AsyncIterator[ComposerApp]:
    async def pieces(names: Sequence[str]) -> Mapping[str, bytes]:
        return {name: name.encode() for name in names if name != "lost"}

    themes, _ = load_themes(None)
    look = Look(themes, themes[0].name, FANCY, {}, (0.2,))
    app = ComposerApp(None, look, library or Maker(), reel=Replayed(entries, "a film", pieces, at, speed))
    async with app.run_test(size=(120, 40)) as pilot:
        await app.workers.wait_for_complete()
        await pilot.pause()
        yield app


def shown(app: ComposerApp) -> str:
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)


async def until(app: ComposerApp, done: Callable[[], bool]) -> None:
    for _ in range(200):
        if done():
            return
        await asyncio.sleep(0)
        await app.workers.wait_for_complete([each for each in app.workers if each.group == "history"])
    raise AssertionError("it never came")


async def test_alone_it_makes_a_new_story_and_nothing_else() -> None:
    made = streamed()
    receipt = Receipt(0, 0, 0, ())
    messages = (Message("user", ("kept", "lost")),)
    made.add(
        RoundAsked(
            2,
            "continue",
            PlaceTarget(made.journal.story.manuscript.last),
            0,
            "",
            (Recipe("h", "m"),),
            messages,
            receipt,
        )
    )
    library = Maker()
    async with alone(made.entries, library) as app:
        player = app.screen
        assert isinstance(player, PlayerScreen)
        assert player.at == 8
        await player.run_action("film_note")
        await settle()
        assert any("A replay only reads" in str(notice.message) for notice in app._notifications)
        await player.run_action("film_branch")
        await until(app, lambda: isinstance(app.screen, Picker) and app.screen.focused is not None)
        picker = app.screen
        assert isinstance(picker, Picker)
        assert [choice.value for choice in picker._choices] == ["new"]
        picker.dismiss("new")
        await until(app, lambda: bool(library.made))
    ((title, entries, pieces),) = library.made
    assert (title, len(entries), pieces) == ("a film, from entry 8", 8, {"kept": b"kept"})
    assert app.return_value == Next("/stories/a film, from entry 8.collage")


async def test_alone_it_can_begin_to_play_at_a_speed() -> None:
    async with alone(streamed().entries, speed=8.0) as app:
        player = app.screen
        assert isinstance(player, PlayerScreen)
        assert player.playing
        assert player.head is not None
        assert player.head.speed == 8
        assert "PLAYING │ 8×" in shown(app)
    async with alone(streamed().entries, at=3) as app:
        assert isinstance(app.screen, PlayerScreen)
        assert (app.screen.at, app.screen.playing) == (3, False)


def test_no_film_runs_at_any_speed() -> None:
    assert [_speed(wanted) for wanted in (None, 0.25, 3.0, 64.0)] == [None, 0.25, 3.0, 64.0]
    for wanted in (0.0, -1.0, 65.0, float("nan"), float("inf")):
        with pytest.raises(RefusedError, match="can't be played"):
            _speed(wanted)


async def test_a_journal_that_does_not_fit_says_so() -> None:
    made = streamed()
    async with alone([*made.entries[:1], *made.entries[2:]]) as app:
        assert "This session can't be played." in shown(app)
        assert "entry 3" in shown(app).lower()
        assert isinstance(app.screen, PlayerScreen)
        for action in (
            "play",
            "entry_forward",
            "film_note",
            "film_branch",
            "round_forward",
            "seek_end",
            "waits",
            "film_tint",
        ):
            await app.screen.run_action(action)
        await app.screen.run_action("leave")


async def test_it_can_be_left_while_it_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[int] = []
    extend = Reel.extend

    def counting(reel: Reel, entries: Sequence[Entry]) -> None:
        read.append(len(entries))
        screens[0]._left = True
        extend(reel, entries)

    screens: list[PlayerScreen] = []
    monkeypatch.setattr("composer.ui.screens.player.screen.PART", 2)
    monkeypatch.setattr(Reel, "extend", counting)
    init = PlayerScreen.__init__

    def remembering(screen: PlayerScreen, *given: object) -> None:
        init(screen, *given)  # type: ignore[arg-type]
        screens.append(screen)

    monkeypatch.setattr(PlayerScreen, "__init__", remembering)
    async with alone(streamed().entries) as app:
        assert isinstance(app.screen, PlayerScreen)
        assert app.screen.head is None
        assert "Reading the journal" in shown(app)
        assert "esc leaves" in shown(app)
    assert read == [2]


@pytest.mark.slow
async def test_alone_before_the_first_entry_there_is_nothing_to_go_on_from() -> None:
    async with alone(streamed().entries) as app:
        player = app.screen
        assert isinstance(player, PlayerScreen)
        await player.run_action("seek_start")
        await player.run_action("film_branch")
        await settle()
        assert app.screen is player
        assert any("nothing to go on from" in str(notice.message) for notice in app._notifications)
