"""The stories by keys: listed, looked into, narrowed, made, imported, copied, renamed, deleted and brought back."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace as changed
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from textual import events

from composer.cli.bookcase import Bookcase
from composer.errors import ComposerError, UnreadableSource
from composer.exchange.formats import BY_NAME
from composer.exchange.taken import Circumstances, Taken
from composer.session.ports import Library
from composer.session.stories import FoundStory, StoryCard, StoryPage, Summary
from composer.store.lock import acquire
from composer.store.memory import MemoryStore
from composer.store.summaries import entries_in, story_in
from composer.story.actions import outline as outlines
from composer.ui import keymap
from composer.ui.app import KeyProvider, Next
from composer.ui.screens.picker import Choice
from composer.ui.screens.sheet import Sheet
from composer.ui.screens.stories import forms
from composer.ui.screens.stories.forms import FoundSheet, lines_of
from composer.ui.screens.stories.reading import narrowed_by_words
from composer.ui.screens.stories.screen import StoriesScreen
from composer.ui.signs import PLAIN
from composer.ui.widgets.notebook import LeafText
from composer.ui.widgets.stories import page_text, progress_of, when
from tests.store.test_summaries import NOW, journal_of, put
from tests.ui.desk import Desk, Drawer, desk

MINE = [key for key in keymap.TABLE if key.where == "stories"]


class Cabinet(Drawer):
    """A library whose stories lie in a folder, with what is asked of it as the program itself has it."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.case = Bookcase(folder)
        self.trash_folder = self.case.trash_folder
        self.read: list[str] = []
        """What was read, in order."""
        self.found: dict[str, FoundStory] = {}
        """What files would become, by their paths."""
        self.samples: list[tuple[str, str]] = []

    def stories(self) -> Sequence[tuple[str, str]]:
        return self.case.stories()

    def fresh(self) -> str:
        return self.case.fresh()

    def examples(self) -> Sequence[tuple[str, str]]:
        return self.samples

    async def read_story(self, path: str, wanted: Callable[[], bool]) -> tuple[StoryCard, StoryPage | None]:
        self.read.append(Path(path).stem)
        return await self.case.read_story(path, wanted)

    async def look(self, path: str, outline: bool, sections: bool) -> FoundStory:
        if path in self.found:
            return self.found[path]
        if path.endswith(".jsonl") and not outline:
            return await self.case.look(path, outline, sections)
        raise UnreadableSource(f"There is no file {path}.", "Look at its name.")


class Room(Desk):
    """The stories on a desk."""

    folder: Path

    @property
    def screen_(self) -> StoriesScreen:
        screen = self.app.screen
        assert isinstance(screen, StoriesScreen)
        return screen

    @property
    def cabinet(self) -> Cabinet:
        library = self.app.library
        assert isinstance(library, Cabinet)
        return library

    @property
    def titles(self) -> list[str]:
        return [row.title for row in self.screen_.list.rows]

    @property
    def under(self) -> str:
        return row.title if (row := self.screen_.row) else ""

    @property
    def look(self) -> str:
        return self.screen_.query_one(LeafText)._text

    @property
    def words(self) -> str:
        """What is said on the screen, however it is wrapped."""
        return " ".join(self.screen().translate({ord("║"): " ", ord("│"): " "}).split())

    @property
    def last(self) -> str:
        return self.screen().splitlines()[-1]

    async def to(self, title: str) -> None:
        """Put the cursor on a row."""
        self.screen_.go(self.titles.index(title))
        await self.seen()

    def story_at(self, path: str | Path) -> object:
        return story_in(entries_in(str(path)))


@asynccontextmanager
async def room(folder: Path, size: tuple[int, int] = (120, 40), **options: object) -> AsyncIterator[Room]:
    async with desk(size, **options) as at:  # type: ignore[arg-type]
        at.app.library = Cabinet(folder)
        at.__class__ = Room
        at.folder = folder  # type: ignore[attr-defined]
        at.session.record(outlines.change_details(at.story, replace(at.story.details, title="The Desk Itself")))
        yield at  # type: ignore[misc]


SALT = journal_of(
    "Salt Roads",
    "She had carried the ledger.",
    ["Ilse leaves.", "Ilse returns."],
    done=1,
    target=10,
    purpose="What is owed.",
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "stories"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three stories, the oldest last."""
    folder = tmp_path_factory.mktemp("made")

    async def make() -> None:
        await put(folder, "salt-roads", SALT, 2)
        await put(folder, "the-orchard", journal_of("The Orchard", "Pears. " * 30, ["They plant."]), 30)
        await put(folder, "untitled", journal_of(""), 24 * 40)

    asyncio.run(make())
    return folder


@pytest.fixture
def three(made: Path, folder: Path) -> Path:
    """A folder with three stories."""
    return shutil.copytree(made, folder)


async def test_all_stories_are_listed_with_what_is_known_of_them(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9")
        assert at.titles == ["The Desk Itself", "Salt Roads", "The Orchard", "untitled"]
        salt = at.screen_.list.rows[1]
        assert (salt.words, salt.progress, salt.file) == ("5", "1/2 · 50%", "salt-roads")
        assert "The Desk Itself (open)" in at.screen()
        assert "Stories · 4" in at.screen()
        await at.press("down")
        assert at.under == "Salt Roads"
        assert "What is owed." in at.screen()
        assert "1 Ilse leaves." in at.screen()
        assert "She had carried the ledger." in at.screen()
        assert "5 of 10 words · 1 of 2 beats done" in at.screen()
        await at.press("escape")
        assert at.app.screen is at.main


@pytest.mark.slow
async def test_the_list_is_there_before_anything_is_read(three: Path) -> None:
    async with room(three) as at:
        gate = asyncio.Event()
        read = at.cabinet.read_story

        async def late(path: str, wanted: Callable[[], bool]) -> tuple[StoryCard, StoryPage | None]:
            await gate.wait()
            return await read(path, wanted)

        at.cabinet.read_story = late  # type: ignore[method-assign]
        at.app.show_stories()
        for _ in range(20):
            await at.pilot.pause()
        assert at.titles == ["The Desk Itself", "salt-roads", "the-orchard", "untitled"]
        assert all(row.when for row in at.screen_.list.rows[1:])
        assert "3 to be read" in at.screen()
        assert "It is being read." not in at.screen()
        at.screen_.go(2)
        gate.set()
        await at.seen()
        assert at.cabinet.read[:2] == ["salt-roads", "the-orchard"] or at.cabinet.read[0] == "the-orchard"
        assert at.under == "The Orchard"


async def test_what_is_under_the_cursor_is_read_first_and_what_is_known_not_again(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "end")
        assert at.under == "untitled"
        assert sorted(at.cabinet.read) == ["salt-roads", "the-orchard", "untitled"]
        await at.press("escape")
        at.cabinet.read.clear()
        at.app.library = Cabinet(three)
        await at.press("f9")
        assert at.titles[1:3] == ["Salt Roads", "The Orchard"]
        assert at.cabinet.read == []
        await at.press("down", "down")
        assert at.cabinet.read[-1] == "the-orchard"
        assert "Pears." in at.look


@pytest.mark.slow
async def test_typing_narrows_the_list_and_forgives_while_arrows_move(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9")
        await at.press("slash", "t", "down")
        assert at.under == at.titles[1]
        await at.press("up")
        assert at.under == at.titles[0]
        await at.press("escape", "escape", "slash", *"orchrad")
        assert at.titles == ["The Orchard"]
        assert "like orchrad: 1" in at.screen()
        await at.press("escape")
        assert at.titles == ["The Orchard"]
        await at.press("escape")
        assert len(at.titles) == 4
        await at.press("slash", *"salt", "enter")
        assert at.app.return_value == Next(str(three / "salt-roads.collage"))


async def test_files_with_something_wrong_are_told_and_not_opened_and_odd_names_are(three: Path) -> None:
    (three / "poem.collage").write_text("not a story at all, but a list of things to buy")
    (three / "none.collage").write_bytes(b"")
    whole = (three / "the-orchard.collage").read_bytes()
    (three / "torn.collage").write_bytes(whole[:5000])
    newer = bytearray((three / "salt-roads.collage").read_bytes())
    newer[60:64] = (99).to_bytes(4, "big")
    (three / "newer.collage").write_bytes(newer)
    os.rename(three / "the-orchard.collage", os.path.join(os.fsencode(three), b"half\xff.collage"))
    bell = three / "bell\x07 \x1b[31mred.collage"
    os.rename(three / "untitled.collage", bell)
    async with room(three) as at:
        await at.press("f9")
        troubles = {row.path.rpartition("/")[2]: row.trouble for row in at.screen_.list.rows if row.trouble}
        assert troubles == {
            "poem.collage": "no session",
            "none.collage": "no session",
            "torn.collage": "damaged",
            "newer.collage": "newer version",
        }
        await at.to("newer")
        await at.press("enter")
        assert "newer version of the program" in at.notices[-1]
        assert isinstance(at.app.screen, StoriesScreen)
        assert "newer version" in at.screen_.reading.page(at.screen_.row)[2]
        half = next(row for row in at.screen_.list.rows if row.title == "The Orchard")
        assert half.file.encode().startswith(b"half")
        await at.press("end")
        assert not {"\x07", "\x1b"} & set(at.screen())
        await at.press("enter")
        assert at.app.return_value == Next(str(bell))


async def test_a_story_that_is_open_elsewhere_says_so_before_it_is_gone_to(
    three: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from composer.store import lock, summaries

    held = acquire(str(three / "the-orchard.collage"), NOW)
    monkeypatch.setattr(lock, "_held", {})
    monkeypatch.setattr(summaries, "held_here", lambda path: False)
    async with room(three) as at:
        await at.press("f9")
        await at.to("The Orchard")
        assert at.screen_.row is not None
        assert at.screen_.row.trouble == "open elsewhere"
        assert f"Process {os.getpid()}" in at.words
        await at.press("enter")
        assert "enter again goes there" in at.words
        await at.press("enter")
        assert at.app.return_value == Next(str(three / "the-orchard.collage"))
    held.release()


async def test_a_closed_story_gets_another_title_and_its_file_another_name(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9")
        await at.to("Salt Roads")
        await at.press("e", "end", *" Home", "enter")
        assert at.under == "Salt Roads Home"
        assert not (three / "salt-roads.collage").exists()
        story = at.story_at(three / "salt-roads-home.collage")
        assert story.details.title == "Salt Roads Home"  # type: ignore[attr-defined]
        await at.press("e", "tab", "end", *"-kept", "shift+tab", "end", "!", "enter")
        assert (three / "salt-roads-home-kept.collage").exists()
        assert at.under == "Salt Roads Home!"


async def test_the_open_story_is_renamed_through_its_session_and_others_are_copied(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "e", "end", *" Now", "enter")
        assert at.story.details.title == "The Desk Itself Now"
        assert "keeps its name" in at.notices[-1]
        await at.press("escape", "ctrl+z")
        assert at.story.details.title == "The Desk Itself"
        await at.press("f9", "down", "c")
        assert at.under == "Salt Roads (copy)"
        old, new = entries_in(str(three / "salt-roads.collage")), entries_in(str(three / "salt-roads-copy.collage"))
        assert new[: len(old)] == old
        assert len(new) == len(old) + 1
        await at.press("c")
        assert at.under == "Salt Roads (copy 2)"


@pytest.mark.slow
async def test_a_story_goes_to_the_trash_at_the_second_press_and_comes_back(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "down", "delete")
        assert "delete again moves Salt Roads to the trash" in at.words
        assert (three / "salt-roads.collage").exists()
        await at.press("down", "up", "delete", "delete")
        assert "Salt Roads" not in at.titles
        assert not (three / "salt-roads.collage").exists()
        assert at.titles[-1] == "Trash: 1"
        assert at.under == "The Orchard"
        await at.press("z")
        assert at.under == "Salt Roads"
        assert (three / "salt-roads.collage").exists()
        await at.press("z")
        assert "Nothing was deleted here" in at.notices[-1]
        await at.press("delete", "delete", "end", "enter")
        assert at.titles == ["salt-roads.collage"]
        assert "She had carried the ledger." in at.look
        await at.press("delete")
        assert str(three / "trash") in at.notices[-1]
        await at.press("enter")
        assert at.under == "Salt Roads"
        await at.press("t")
        assert "The trash is empty" in at.screen()
        await at.press("escape")
        assert "Salt Roads" in at.titles


async def test_what_can_not_be_done_is_said_and_a_story_is_opened(three: Path) -> None:
    async def fails(path: str) -> str:
        raise ComposerError("The disk is full.", "Make some space.")

    async with room(three) as at:
        actions = {key.id for key, _ in KeyProvider(at.app.screen)._actions}
        assert "stories" in actions
        await at.press("f9", "delete", "delete")
        assert "it can't be deleted" in at.notices[-1]
        assert len(at.titles) == 4
        await at.press("y")
        assert "Letters act here" in at.notices[-1]
        at.cabinet.duplicate = fails  # type: ignore[attr-defined]
        await at.press("down", "c")
        assert at.notices[-1] == "The disk is full. Make some space."
        await at.press("up", "enter")
        assert at.app.screen is at.main
        await at.press("f9", "down", "enter")
        assert at.app.return_value == Next(str(three / "salt-roads.collage"))


def found_story(title: str = "The Log", **others: object) -> FoundStory:
    return changed(
        FoundStory("chat of some program", title, 120, 9, 3, branches=4, entries=journal_of(title)),
        **others,  # type: ignore[arg-type]
    )


@pytest.mark.slow
async def test_a_file_is_looked_into_before_it_is_made_a_story(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "i", *"nowhere.md", "enter")
        assert "There is no file nowhere.md" in at.notices[-1]
        await at.press("escape")
        assert not at.screen_.box.kind
        at.cabinet.found["log.txt"] = found_story(
            losses=("2 pictures: there is no place for them",), cut="It broke off at line 7."
        )
        await at.press("i", "ctrl+u", *"log.txt", "enter")
        assert isinstance(at.app.screen, FoundSheet)
        for words in ("chat of some program", "9 in 3 rounds", "2 pictures", "It broke off at line 7."):
            assert words in at.screen()
        await at.press("escape")
        assert isinstance(at.app.screen, StoriesScreen)
        assert not (three / "the-log.collage").exists()
        await at.press("enter", "enter")
        assert at.app.return_value == Next(str(three / "the-log.collage"))


@pytest.mark.slow
async def test_what_was_renamed_is_shown_though_the_list_was_narrowed(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "/", *"salt", "escape")
        assert at.titles == ["Salt Roads"]
        await at.press("e", "ctrl+u", *"Pepper", "enter")
        assert at.under == "Pepper"
        assert len(at.titles) > 3


async def test_nothing_is_asked_on_the_rows_that_lead_to_other_lists(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9")
        at.cabinet.samples = [("/samples/a.jsonl", "A")]
        await at.screen_.reload()
        await at.press("end")
        assert at.under == "Examples: 1"
        assert "again goes there" not in at.screen()


@pytest.mark.slow
async def test_slow_reading_is_said_until_it_is_over(three: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forms, "SLOW", 0.01)
    async with room(three) as at:
        seen = asyncio.Event()

        async def look(path: str, outline: bool, sections: bool) -> FoundStory:
            await seen.wait()
            raise UnreadableSource(f"There is no file {path}.", "Look at its name.")

        monkeypatch.setattr(at.cabinet, "look", look)
        await at.press("f9", "i", *"slow.md")
        at.app.post_message(events.Key("enter", None))
        while not at.notices:
            await at.pilot.pause()
        assert at.notices == ["Reading the file."]
        seen.set()
        await at.seen()
        assert at.notices == ["There is no file slow.md. Look at its name."]


@pytest.fixture
def templates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Markdown as an outline: each item of a list is a beat."""

    def read(self: object, data: bytes, about: Circumstances) -> Taken:
        beats = [line[2:] for line in data.decode().split("\n") if line.startswith("- ")]
        entries = journal_of(about.title, beats=beats)
        story = story_in(entries)
        assert story is not None
        return Taken(tuple(entries), {}, story)

    monkeypatch.setattr(type(BY_NAME["md"]), "read", read)


@pytest.mark.usefixtures("templates")
async def test_a_new_story_begins_with_a_template(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "a", *"My Essay", "tab")
        names = [each.name for each in at.cabinet.patterns()]  # type: ignore[attr-defined]
        await at.press(*["right"] * (names.index("essay") + 1))
        assert at.screen_.box.values["structure"] == "nonfiction"
        assert "Opening: A scene" in at.look
        top = at.screen_.query_one(LeafText)._top
        await at.press("pagedown")
        assert at.screen_.query_one(LeafText)._top >= top
        assert at.screen_.box.kind == "new"
        await at.press("enter")
        assert at.app.return_value == Next(str(three / "my-essay.collage"))
        story = at.story_at(three / "my-essay.collage")
        assert story.details.title == "My Essay"  # type: ignore[attr-defined]
        assert story.details.sections  # type: ignore[attr-defined]
        assert len(story.outline.beats) == 8  # type: ignore[attr-defined]


@pytest.mark.slow
@pytest.mark.usefixtures("templates")
async def test_the_structure_of_a_template_goes_with_it(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "a", "tab")
        names = [each.name for each in at.cabinet.patterns()]  # type: ignore[attr-defined]
        await at.press(*["right"] * (names.index("essay") + 1))
        assert at.screen_.box.values["structure"] == "nonfiction"
        await at.press(*["left"] * (names.index("essay") + 1))
        assert at.screen_.box.values["begins"] == "nothing"
        assert at.screen_.box.values["structure"] == "fiction"


@pytest.mark.slow
async def test_a_new_story_begins_with_nothing(three: Path) -> None:
    async with room(three) as at:
        await at.press("f9", "a", "enter")
        assert at.app.return_value == Next(str(three / "untitled-2.collage"))
        assert len(entries_in(str(three / "untitled-2.collage"))) == 1


async def test_an_outline_in_a_file_is_shown_before_it_is_begun_with(three: Path) -> None:
    async with room(three) as at:
        entries = journal_of("", beats=["They meet.", "They part."])
        at.cabinet.found["plan.md"] = found_story(
            "Plan", beats=2, entries=entries, page=StoryPage(outline=("1 They meet.",))
        )
        await at.press("f9", "a", *"Two", "tab", "tab", *"plan.md", "enter")
        assert "1 They meet." in at.look
        assert isinstance(at.app.screen, StoriesScreen)
        await at.press("enter")
        story = at.story_at(three / "two.collage")
        assert story.details.title == "Two"  # type: ignore[attr-defined]
        assert len(story.outline.beats) == 2  # type: ignore[attr-defined]


async def test_examples_are_copied_in(three: Path) -> None:
    from composer.cli.wiring import examples_folder

    async with room(three) as at:
        at.cabinet.samples = [(str(sorted(examples_folder().glob("*.jsonl"))[0]), "An example")]
        await at.press("f9", "x")
        assert at.titles == ["An example"]
        assert at.look
        await at.press("enter")
        assert isinstance(at.app.return_value, Next)
        assert Path(at.app.return_value.path).parent == three


@pytest.mark.parametrize("size", [pytest.param((120, 40), marks=pytest.mark.slow), (80, 24)], ids=str)
async def test_it_fits(three: Path, size: tuple[int, int]) -> None:
    async with room(three, size) as at:
        at.app.signs = PLAIN
        await at.press("f9", "down")
        screen = at.screen()
        assert len(screen.splitlines()) == size[1]
        for words in ("Salt Roads", "1/2", "salt-roads", "What is owed.", "LETTERS"):
            assert words in screen
        assert all(ord(char) < 128 or char in "─═│║┌┐└┘╔╗╚╝╭╮╰╯·…" for line in screen.splitlines()[2:] for char in line)
        await at.press("f1")
        assert isinstance(at.app.screen, Sheet)
        assert "In the stories" in at.screen()
        await at.press("escape", "a")
        assert "begins with" in at.screen()


def test_every_key_of_the_place_has_an_action() -> None:
    for key in MINE:
        assert hasattr(StoriesScreen, f"action_{key.action}"), key.id
    keys = [each for key in MINE for each in key.keys.split(",")]
    assert len(keys) == len(set(keys))


def test_the_bookcase_is_all_that_the_port_asks_for() -> None:
    from composer.cli.library import Shelf
    from composer.config import Settings

    shelf: Library = Shelf(Settings())
    assert shelf.trash_folder


def at_hour(day: int, hour: int, minute: int = 0) -> int:
    return int(datetime(2026, 3, day, hour, minute).timestamp() * 1000)


def test_moments_are_told_as_people_do() -> None:
    now = at_hour(20, 15)
    assert when(at_hour(20, 14, 3), now) == "today 14:03"
    assert when(at_hour(19, 23, 59), now) == "yesterday 23:59"
    assert when(at_hour(17, 0), now) == "3 days ago"
    assert when(at_hour(13, 15), now) == "2026-03-13"
    assert when(at_hour(21, 0), now) == "2026-03-21"
    assert when(10**18, now) == "no date"


@given(
    st.builds(
        Summary, words=st.integers(0, 10**7), target=st.integers(0, 10**6), done=st.just(2), leaves=st.integers(0, 50)
    )
)
def test_progress_is_all_only_where_all_is_there(summary: Summary) -> None:
    told = progress_of(summary)
    assert ("/" in told) == bool(summary.leaves)
    if summary.target:
        percent = int(told.rpartition(" ")[2].rstrip("%").replace(",", ""))
        assert (percent >= 100) == (summary.words >= summary.target)


def test_words_of_long_titles_are_found_with_typing_errors() -> None:
    long = Choice("1", "The Orchard That Nobody Would Buy in the Long Dry Year  the-orchard.collage")
    other = Choice("2", "A Year Without Rain  rain.collage")
    assert narrowed_by_words([long, other], "orchrad") == [long]
    assert narrowed_by_words([long, other], "yaer") == [long, other]
    assert narrowed_by_words([long, other], "nobdy wuld") == [long]
    assert narrowed_by_words([long, other], "ledger") == []


def test_a_page_says_nothing_of_what_is_not_there() -> None:
    assert page_text(StoryPage()) == ""
    assert page_text(StoryPage(outline=("1 One",), more=3)) == "Outline\n  1 One\n  and 3 more"


def test_an_import_without_losses_says_so() -> None:
    assert "Everything in it has a place here." in lines_of(found_story())
    many = lines_of(found_story(losses=tuple(f"loss {number}" for number in range(99))))
    assert any("more" in line for line in many)


async def test_a_story_that_was_opened_by_another_name_is_listed_once(three: Path) -> None:
    (three.parent / "link").symlink_to(three)
    lock = acquire(str(three / "the-orchard.collage"), NOW)
    async with room(three, store=MemoryStore(path=str(three.parent / "link" / "the-orchard.collage"))) as at:
        await at.press("f9")
        assert at.titles == ["Salt Roads", "The Desk Itself", "untitled"]
        assert [row.open for row in at.screen_.list.rows] == [False, True, False]
    lock.release()


@pytest.mark.slow
async def test_a_thousand_stories_are_listed(folder: Path) -> None:
    first = await put(folder, "story-0", journal_of("Story 0", "A word or two."))
    data = first.read_bytes()
    for number in range(1, 1000):
        (folder / f"story-{number}.collage").write_bytes(data)
    async with room(folder) as at:
        await at.press("f9")
        assert len(at.titles) == 1001
        assert at.screen_.reading.unread == 0
        await at.press("end", "slash", *"story-77")
        assert at.titles
