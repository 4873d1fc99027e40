"""The notebook by keys: notes and exemplars are added, changed, pinned, taken out and imported, and all of it can be undone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest
from textual import events

from composer.errors import UnwritableSession
from composer.store.memory import MemoryStore
from composer.story.actions import exemplars, notes
from composer.story.actions.exemplars import ExemplarText
from composer.story.actions.notes import NoteText
from composer.story.events import NoteChanged
from composer.story.story import Exemplar, Note
from composer.ui import keymap
from composer.ui.app import ComposerApp, KeyProvider
from composer.ui.helping import help_in_notebook
from composer.ui.screens.note_form import NoteForm
from composer.ui.screens.notebook import NotebookScreen
from composer.ui.screens.scratching import LATEST
from composer.ui.screens.sheet import Sheet
from composer.ui.screens.taking import SHOWN, TakeSheet, lines_of
from composer.ui.signs import FANCY, PLAIN
from composer.ui.widgets.notebook import LeafText, LeavesView, NameEntry, PlainEdit, Which
from composer.ui.widgets.turn import Turn
from tests.ui.desk import Desk, Drawer, desk

MINE = [key for key in keymap.TABLE if key.where == "notebook"]
PEOPLE = """\
# The Salt Road

## People
- Ilse: she has left
- Bram: the ferryman
## Places
- Harbour: salt and gulls
"""
LONG = "\n\n".join(f"Paragraph {number}: the fog came in as a guest and stayed as a cousin." for number in range(1, 40))


class Book(Desk):
    """The notebook on a desk, with two notes and an exemplar in it."""

    @property
    def screen_(self) -> NotebookScreen:
        screen = self.app.screen
        assert isinstance(screen, NotebookScreen)
        return screen

    @property
    def under(self) -> str:
        """The name under the cursor; empty where there is no row."""
        return leaf.name if (leaf := self.screen_.leaf) else ""

    @property
    def form(self) -> NoteForm:
        screen = self.app.screen
        assert isinstance(screen, NoteForm)
        return screen

    @property
    def drawer(self) -> Drawer:
        library = self.app.library
        assert isinstance(library, Drawer)
        return library

    @property
    def names(self) -> list[str]:
        return [note.name for note in self.story.notes]

    async def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.seen()

    @property
    def words(self) -> str:
        """What is said on the screen, however it is wrapped."""
        return " ".join(self.screen().translate({ord("║"): " ", ord("│"): " "}).split())

    async def read(self, text: str, path: str = "~/people.md") -> None:
        """Import a file that holds this, up to what is shown of it."""
        self.drawer.files[path] = text
        await self.press("i")
        await self.type(path)
        await self.press("enter")


@asynccontextmanager
async def book(
    which: Which = "notes", size: tuple[int, int] = (120, 40), *, empty: bool = False, store: MemoryStore | None = None
) -> AsyncIterator[Book]:
    async with desk(size=size, store=store) as at:
        made = Book(at.app, at.pilot, at.session, at.endpoint)
        if not empty:
            for said in (
                NoteText("person", "Ilse", "She weighs salt.\n\nNever tastes it."),
                NoteText("place", "Bar", ""),
            ):
                at.session.record(notes.add_note(at.story, said, at.session.new_id))
            for name, text in (("fog", "The fog came in as a guest."), ("rain", LONG)):
                said_so = ExemplarText(name, text)
                at.session.record(exemplars.add_exemplar(at.story, said_so, at.session.new_id))
        await at.app.run_action(which, at.main)
        await made.seen()
        yield made


# looking


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_notes_are_listed_a_line_each_with_the_text_of_the_one_under_the_cursor(size: tuple[int, int]) -> None:
    async with book(size=size) as at:
        lines = at.screen().splitlines()
        assert "[notes · 2] exemplars · 2" in lines[0]
        assert "tab: exemplars" in lines[0]
        (ilse,) = (line for line in lines if "▸   person  Ilse" in line)
        assert "She weighs salt. Never" in ilse
        assert "Ilse · person · 6 words" in at.screen()
        assert any("Never tastes it." in line and "Ilse" not in line for line in lines)
        assert "enter: edits" in lines[-1]
        assert all(hint in lines[-1] for hint in ("a add", "p pin", "i import", "esc back"))
        await at.press("j")
        assert at.under == "Bar"
        assert "Bar · place · 0 words" in at.screen()
        assert "No text yet. enter opens it." in at.screen()
        await at.press("home", "end", "up", "k", "down")
        assert at.under == "Bar"


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_tab_turns_to_the_other_list_and_back_to_the_row_one_was_on(size: tuple[int, int]) -> None:
    async with book(size=size) as at:
        await at.press("down", "tab")
        assert "notes · 2 [exemplars · 2]" in at.screen().splitlines()[0]
        assert at.under == "fog"
        (line,) = (line for line in at.screen().splitlines() if "▸   fog" in line)
        assert " 7  The fog came in" in line
        assert "space out, in" in at.screen().splitlines()[-1]
        await at.press("l")
        assert at.under == "Bar"
        await at.press("h", "escape")
        assert at.app.screen is at.main


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.parametrize("which", ["notes", "exemplars"])
@pytest.mark.slow
async def test_an_empty_list_says_what_to_do_next(which: Which, size: tuple[int, int]) -> None:
    async with book(which, size, empty=True) as at:
        assert f"No {which} yet." in at.screen()
        assert "a adds one" in at.screen()
        assert f"a: adds the first {which[:-1]}" in at.screen().splitlines()[-1]
        for key in ("enter", "p" if which == "notes" else "space", "delete"):
            await at.press(key)
            assert at.notices == [f"There is no {which[:-1]} yet. a adds one."]
        await at.press("up", "down", "home", "end", "pagedown", "pageup")
        assert at.under == ""


async def test_a_long_text_is_read_on_by_screens() -> None:
    async with book("exemplars", (80, 24)) as at:
        await at.press("down")
        assert "Paragraph 1:" in at.screen()
        assert "page down: more" in at.screen()
        await at.press(*["pagedown"] * 20)
        assert "Paragraph 39:" in at.screen()
        assert "page down" not in at.screen()
        await at.press("pageup")
        assert "Paragraph 39:" not in at.screen()
        await at.press("up", "down")
        assert "Paragraph 1:" in at.screen()


async def test_what_is_wide_or_looks_like_markup_is_shown_as_it_is() -> None:
    async with book(empty=True) as at:
        said = NoteText("fact", "[red]塩の道[/] " * 9, "[@click=app.quit]x[/]\n" + "塩" * 200)
        at.session.record(notes.add_note(at.story, said, at.session.new_id))
        at.screen_.reload()
        await at.seen()
        assert "[red]塩の道[/]" in at.screen()
        assert "[@click=app.quit]x[/]" in at.screen()
        await at.press("enter")
        assert "[@click=app.quit]x[/]" in at.screen()


@pytest.mark.slow
async def test_the_palette_names_both_lists() -> None:
    async with desk() as at:
        hits = {hit.text: hit async for hit in KeyProvider(at.app.screen).discover()}
        await hits["exemplars"].command()
        await at.seen()
        assert "[exemplars · 0]" in at.screen()
        await at.press("escape")
        await hits["notes"].command()
        await at.seen()
        assert "[notes · 0]" in at.screen()


# small changes, and undo


async def test_p_pins_a_note_and_space_takes_an_exemplar_out_and_in() -> None:
    async with book() as at:
        await at.press("p")
        assert at.story.notes[0].pinned
        assert "▸ P person  Ilse" in at.screen()
        assert "Ilse · person · 6 words · pinned" in at.screen()
        await at.press("space")
        assert at.notices == ["Only exemplars are taken out and in here. p pins a note, or unpins it."]
        await at.press("p", "tab", "space")
        assert not at.story.notes[0].pinned
        assert at.story.exemplars[0].muted
        assert "▸ - fog" in at.screen()
        assert "7 words · out" in at.screen()
        await at.press("p")
        assert at.notices == ["Only notes are pinned here. space takes an exemplar out, or in again."]
        await at.press("space")
        assert not at.story.exemplars[0].muted


async def test_delete_takes_off_and_undo_and_redo_work_here() -> None:
    async with book() as at:
        await at.press("delete")
        assert at.names == ["Bar"]
        assert at.notices == ["Ilse is taken out. ^z brings it back."]
        await at.press("tab", "backspace")
        assert [each.name for each in at.story.exemplars] == ["rain"]
        await at.press("ctrl+z")
        assert [each.name for each in at.story.exemplars] == ["fog", "rain"]
        assert at.under == "fog"
        # What is undone is shown, whichever list it is in.
        await at.press("ctrl+z")
        assert at.names == ["Ilse", "Bar"]
        assert at.under == "Ilse"
        await at.press("ctrl+y", "ctrl+y")
        assert (at.names, [each.name for each in at.story.exemplars]) == (["Bar"], ["rain"])
        assert at.screen_.which == "exemplars"
        await at.press("ctrl+y")
        assert at.notices == ["There is nothing to redo."]


async def test_undo_takes_back_nothing_that_is_not_seen_here() -> None:
    async with desk() as at:
        await at.type("Salt.")
        at.main.action_notes()
        await at.seen()
        await at.press("ctrl+z")
        assert at.text == "Salt."
        assert at.notices == ["That takes back something that is not seen here. esc goes back first."]
        await at.press("escape", "ctrl+z")
        assert at.text == ""
        await at.press("ctrl+z")
        at.main.action_notes()
        await at.press("ctrl+y")
        assert at.text == ""
        await at.press("ctrl+z")
        assert at.notices == ["There is nothing to undo."]


# the form


@pytest.mark.slow
async def test_a_note_is_added_by_name_kind_and_a_text_of_several_paragraphs() -> None:
    async with book() as at:
        await at.press("a")
        assert "New note" in at.screen()
        await at.type("Bram, the ferryman")
        await at.press("enter", "right", "tab")
        await at.type("He owes.")
        await at.press("enter", "enter")
        await at.paste("For two winters.\r\n\r\nThe weigh-house\tknows.\x1b[2J")
        await at.press("escape")
        assert at.story.notes[2].name == "Bram, the ferryman"
        assert at.story.notes[2].kind == "place"
        assert at.story.notes[2].text == "He owes.\n\nFor two winters.\n\nThe weigh-house knows.[2J"
        assert at.under == "Bram, the ferryman"
        await at.press("ctrl+z")
        assert at.names == ["Ilse", "Bar"]


@pytest.mark.slow
async def test_a_note_is_edited_and_its_lines_stay_as_they_are() -> None:
    async with book() as at:
        await at.press("e")
        assert isinstance(at.app.focused, PlainEdit)
        shown = [line.strip("║│ ") for line in at.screen().splitlines()]
        first = shown.index("She weighs salt.")
        assert shown[first + 1 : first + 3] == ["", "Never tastes it."]
        await at.press("down", "down", "end")
        await at.type(" Why?")
        await at.press("shift+tab", "f", "shift+tab", "end", "exclamation_mark")
        await at.type("?")
        await at.press("escape")
        note = at.story.notes[0]
        assert (note.name, note.kind, note.text) == ("Ilse?", "fact", "She weighs salt.\n\nNever tastes it. Why?")
        await at.press("ctrl+z")
        assert at.story.notes[0].text == "She weighs salt.\n\nNever tastes it."


async def test_opening_a_note_changes_nothing() -> None:
    async with book(empty=True) as at:
        said = NoteText("fact", "Tabs", "a\tb\n\n\n  verse\n   line")
        at.session.record(notes.add_note(at.story, said, at.session.new_id))
        at.screen_.reload()
        before = at.session.journal.seq
        await at.press("enter", "tab", "tab", "ctrl+s", "escape")
        assert at.session.journal.seq == before
        await at.press("a", "escape")
        assert at.session.journal.seq == before
        assert at.names == ["Tabs"]


@pytest.mark.slow
async def test_the_caret_goes_through_the_text_line_by_line() -> None:
    async with book(empty=True) as at:
        await at.press("a", "tab", "tab")
        await at.type("One.")
        await at.press("enter")
        await at.type("Two.")
        await at.press("enter", "enter")
        await at.type("Three.")
        await at.press("up", "up", "backspace", "up", "home", "delete", "end")
        await at.type("!")
        await at.press("down", "down", "down", "end")
        await at.type("?")
        await at.press("ctrl+z", "ctrl+y", "escape")
        assert at.story.notes[0].text == "ne.!\nTwo\n\nThree.?"


async def test_a_text_longer_than_the_form_follows_the_caret() -> None:
    async with book("exemplars", (80, 24)) as at:
        await at.press("down", "enter", "ctrl+end")
        assert "Paragraph 39:" in at.screen()
        await at.type(" END")
        assert "END" in at.screen()
        await at.press("ctrl+home")
        assert "Paragraph 1:" in at.screen()
        await at.press("escape")
        assert at.story.exemplars[1].text == LONG + " END"


@pytest.mark.slow
async def test_the_line_with_the_caret_is_always_seen() -> None:
    async with book("exemplars", (80, 24), empty=True) as at:
        await at.press("a")
        await at.paste("\n".join(f"verse {number}." for number in range(30)))
        for key, way in (("up", range(28, -1, -1)), ("down", range(1, 30))):
            for number in way:
                at.app.post_message(events.Key(key, None))
                await at.pilot.pause()
                assert f"verse {number}." in at.screen()
        edit = at.app.focused
        assert isinstance(edit, PlainEdit)
        row = at.screen().splitlines()[at.app.cursor_position.y]
        assert "verse 29." in row


async def test_an_exemplar_begins_with_its_text_and_is_named_by_it() -> None:
    async with book("exemplars") as at:
        await at.press("a")
        assert isinstance(at.app.focused, PlainEdit)
        assert "kind" not in at.screen()
        await at.paste("It rained.\n\nIt rained as if it were paid to.")
        await at.press("escape")
        made = at.story.exemplars[2]
        assert (made.name, made.text) == (
            "It rained. It rained as if…",
            "It rained.\n\nIt rained as if it were paid to.",
        )


@pytest.mark.slow
async def test_more_than_a_name_pasted_into_its_field_is_the_text() -> None:
    async with book() as at:
        await at.press("a")
        assert isinstance(at.app.focused, NameEntry)
        await at.paste("  Bram\t of the ferry\n")
        await at.paste("One line.\n\n" + "Another. " * 3_000)
        assert isinstance(at.app.focused, PlainEdit)
        await at.press("shift+tab", "shift+tab", "end")
        await at.type("x" * 200)
        await at.press("escape")
        note = at.story.notes[2]
        assert note.name == "Bram of the ferry" + "x" * 83
        assert note.text == "One line.\n\n" + ("Another. " * 3_000).strip()


async def test_text_is_cut_copied_and_pasted_by_the_programs_own_keys() -> None:
    async with book() as at:
        await at.press("enter", "f7", "ctrl+x")
        assert at.form.said == ("person", "Ilse", "")
        await at.press("ctrl+v", "f7", "ctrl+c", "ctrl+end", "ctrl+v", "f7")
        # Escape first drops what is selected.
        await at.press("escape")
        assert isinstance(at.app.screen, NoteForm)
        await at.press("escape")
        assert at.story.notes[0].text == "She weighs salt.\n\nNever tastes it.She weighs salt.\n\nNever tastes it."


@pytest.mark.slow
async def test_what_is_typed_is_kept_by_and_by_as_one_step() -> None:
    async with book() as at:
        await at.press("a")
        await at.type("Bram")
        assert at.form.keep_now()
        await at.press("tab", "tab")
        await at.type("the ferryman")
        assert at.form.keep_now()
        assert at.names == ["Ilse", "Bar", "Bram"]
        assert at.story.notes[2].text == "the ferryman"
        added = at.story.notes[2].id
        await at.type(" of the north")
        await at.press("ctrl+s")
        assert "Kept. esc goes back." in at.screen()
        assert at.story.notes[2] == Note(added, "person", "Bram", "the ferryman of the north")
        await at.press("escape", "ctrl+z")
        assert at.names == ["Ilse", "Bar"]
        await at.press("ctrl+y")
        assert at.story.notes[2] == Note(added, "person", "Bram", "the ferryman of the north")


async def test_a_timer_keeps_what_is_typed_and_takes_longer_for_a_longer_text(monkeypatch: pytest.MonkeyPatch) -> None:
    async with book("exemplars") as at:
        due: list[tuple[float, Callable[[], bool]]] = []

        def wait(form: NoteForm, delay: float, callback: Callable[[], bool]) -> SimpleNamespace:
            due.append((delay, callback))
            return SimpleNamespace(stop=lambda: None)

        monkeypatch.setattr(NoteForm, "set_timer", wait)
        await at.press("enter", "x", "y")
        # Later keys don't put it off.
        assert len(due) == 1
        assert 1.0 <= due[0][0] < 1.1
        assert due[0][1]()
        assert at.story.exemplars[0].text == "xyThe fog came in as a guest."
        await at.paste("Salt. " * 20_000)
        assert due[1][1]()
        await at.press("z")
        assert due[2][0] == LATEST


async def test_a_new_note_of_which_nothing_is_left_is_none() -> None:
    async with book() as at:
        await at.press("a", "x")
        assert at.form.keep_now()
        assert len(at.story.notes) == 3
        await at.press("backspace", "escape")
        assert at.names == ["Ilse", "Bar"]
        assert at.app.screen is at.screen_


@pytest.mark.slow
async def test_what_can_not_be_kept_is_asked_about_before_it_is_left() -> None:
    async with book() as at:
        await at.press("down", "enter", "shift+tab", "shift+tab", *["backspace"] * 3, "escape")
        assert isinstance(at.app.screen, NoteForm)
        assert "A note needs a name or a text." in at.screen()
        assert "Or escape again leaves it as it was." in at.words
        await at.press("escape")
        assert at.names == ["Ilse", "Bar"]
        await at.press("tab", "a", "tab")
        await at.type("title only")
        await at.press("ctrl+s")
        assert "An exemplar needs a text" in at.screen()
        await at.press("escape")
        assert isinstance(at.app.screen, NoteForm)
        # What is typed then is asked about anew.
        await at.type("!")
        await at.press("escape")
        assert isinstance(at.app.screen, NoteForm)
        await at.press("escape")
        assert len(at.story.exemplars) == 2


@pytest.mark.slow
async def test_leaving_the_program_keeps_what_is_in_the_form() -> None:
    store = MemoryStore()
    async with book(store=store) as at:
        await at.press("a")
        await at.type("Bram")
        await at.press("ctrl+q")
        await at.app.workers.wait_for_complete()
    async with desk(store=MemoryStore(store.entries)) as again:
        assert [note.name for note in again.story.notes] == ["Ilse", "Bar", "Bram"]
    store = MemoryStore()
    async with book(store=store) as at:
        await at.press("a")
        await at.type("Odo")
        # As SIGHUP and SIGTERM leave.
        at.app.leave()
        await at.app.workers.wait_for_complete()
    async with desk(store=MemoryStore(store.entries)) as again:
        assert [note.name for note in again.story.notes] == ["Ilse", "Bar", "Odo"]


# importing


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
@pytest.mark.slow
async def test_a_file_is_shown_before_it_is_taken_and_taken_as_one_step(size: tuple[int, int]) -> None:
    async with book(size=size) as at:
        await at.press("i")
        assert "Import notes from a text or Markdown file" in at.screen()
        assert "TYPING" in at.screen().splitlines()[-1]
        await at.press("escape")
        assert "LETTERS" in at.screen().splitlines()[-1]
        await at.read(PEOPLE)
        shown = at.screen()
        assert "people: 3 notes" in shown
        assert "2 new (+) · 1 changes what has that name (~)" in shown
        assert "~ person  Ilse" in shown
        assert "+ place   Harbour" in shown
        assert "Left over, and not taken" in shown
        assert "The Salt Road" in shown
        assert at.names == ["Ilse", "Bar"]
        await at.press("enter")
        assert at.names == ["Ilse", "Bar", "Bram", "Harbour"]
        assert at.story.notes[0].text == "she has left"
        assert at.notices == ["3 notes taken. ^z takes all of it back."]
        await at.press("ctrl+z")
        assert at.names == ["Ilse", "Bar"]
        assert at.story.notes[0].text == "She weighs salt.\n\nNever tastes it."


@pytest.mark.slow
async def test_escape_leaves_what_a_file_holds() -> None:
    async with book() as at:
        await at.read(PEOPLE)
        await at.press("escape")
        assert at.app.screen is at.screen_
        assert at.names == ["Ilse", "Bar"]
        # The path is there again next time.
        await at.press("i", "enter")
        assert isinstance(at.app.screen, TakeSheet)


@pytest.mark.slow
async def test_a_file_that_can_not_be_read_or_holds_nothing_new_says_so() -> None:
    async with book() as at:
        await at.press("i")
        await at.type("none.md")
        await at.press("enter")
        assert at.notices == ["There is no file none.md. Look at its name."]
        await at.press(*["backspace"] * 7, "enter")
        assert at.app.focused is None
        await at.read("Only prose. Nothing else.", "prose.txt")
        assert at.notices[0].startswith("No notes were found in prose. A note is a heading")
        assert at.app.focused is not None
        await at.press(*["backspace"] * 9, "escape")
        await at.read("# People\n- Ilse\n", "same.md")
        assert at.notices == ["All that same holds is here already as it is."]
        await at.press(*["backspace"] * 7, "escape", "tab")
        await at.read(" \n", "blank.md")
        assert at.notices == ["blank holds no text."]


@pytest.mark.slow
async def test_exemplars_are_imported_from_a_file_each_by_its_heading() -> None:
    async with book("exemplars") as at:
        await at.read(f"# Fog\n\nFog went.\n\n# Sea\n\n{'Salt. ' * 4_000}\n", "my style.md")
        assert "my style: 2 exemplars" in at.screen()
        assert "~ Fog" in at.screen()
        assert "Sea is very long, 23,999 characters" in at.screen()
        await at.press("enter")
        assert [each.name for each in at.story.exemplars] == ["Fog", "rain", "Sea"]
        await at.read("One.", "~/my\\ only.md")
        await at.press("enter")
        assert at.story.exemplars[3] == Exemplar(at.story.exemplars[3].id, "my only", "One.")


def test_of_a_large_file_only_so_much_is_listed() -> None:
    changes = [NoteChanged(at, None, Note(f"n{at}", "fact", f"name {at}", "x " * 300)) for at in range(SHOWN + 5)]
    lines = lines_of(changes, 3, "rest\n" * (SHOWN + 9), 70, "…")
    assert lines[0] == f"{SHOWN + 5} new (+) · 3 as they are here already"
    assert "  and 5 more" in lines
    assert lines[-1] == "  and 10 more lines"
    assert max(map(len, lines)) <= 70
    assert len(lines) < 2 * SHOWN + 12


# what does nothing here


async def test_letters_that_do_nothing_and_pastes_say_so() -> None:
    async with book() as at:
        before = at.session.journal.seq
        await at.press("x")
        assert at.notices == ["Letters act here, and this one does nothing. f1 lists the keys, escape goes back."]
        await at.paste("aaadddpp")
        assert at.notices == ["Nothing was pasted: letters act here. a opens a form to paste into, i reads a file."]
        assert at.session.journal.seq == before
        assert at.app.screen is at.screen_
        # While a path is typed, letters are letters, and no key acts on the list.
        await at.press("i")
        await at.type("aepix?")
        await at.press("tab", "delete", "ctrl+z")
        assert at.screen_.which == "notes"
        assert "aepix?" in at.screen()
        assert at.session.journal.seq == before


@pytest.mark.slow
async def test_a_session_for_reading_refuses_in_its_own_words() -> None:
    store = MemoryStore()
    async with book(store=store):
        pass
    async with book(store=MemoryStore(store.entries, read_only=True), empty=True) as at:
        for key in ("a", "e", "i", "p", "delete", "ctrl+z"):
            await at.press(key)
            assert at.notices == [
                "This session is open for reading only. Close it where it is open for writing, or import it."
            ], key
            at.app.clear_notifications()
        assert at.app.screen is at.screen_
        assert at.names == ["Ilse", "Bar"]


@pytest.mark.slow
async def test_while_nothing_can_be_written_the_form_keeps_what_is_typed() -> None:
    store = MemoryStore()
    async with book(store=store) as at:
        await at.press("a")
        await at.type("Bram")
        store.failing = UnwritableSession("The disk is full.", "Make room.")
        at.form.keep_now()
        await at.seen()
        await at.type(" of the north")
        await at.press("escape")
        assert isinstance(at.app.screen, NoteForm)
        assert "Nothing can be changed until writing works again: The disk is full." in at.words
        store.failing = None
        await at.session.write_out()
        await at.press("escape")
        assert at.names == ["Ilse", "Bar", "Bram of the north"]


# the key table


def test_every_key_of_the_notebook_has_its_action_and_stands_in_the_help() -> None:
    keys = [key for each in MINE for key in each.keys.split(",")]
    assert len(keys) == len(set(keys))
    for each in MINE:
        assert hasattr(NotebookScreen, f"action_{each.action}"), each.id
    for signs in (FANCY, PLAIN):
        text = help_in_notebook(signs, "P", "-")
        for each in keymap.shown_in("notebook"):
            assert each.does in text
        assert max(map(len, text.splitlines())) <= 130


async def test_help_opens_from_the_notebook_and_goes_back_to_it() -> None:
    async with book() as at:
        await at.press("f1")
        assert isinstance(at.app.screen, Sheet)
        assert "In the notebook" in at.screen()
        await at.press("escape", "question_mark", "escape")
        assert at.screen_.which == "notes"


async def test_without_a_story_there_is_no_notebook() -> None:
    async with desk() as at:
        app: ComposerApp = at.app
        assert app.main is not None
        app.session, kept = None, app.session
        app.show_notebook("notes")
        await at.seen()
        assert app.screen is at.main
        app.session = kept


@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (20, 6)])
@pytest.mark.slow
async def test_it_is_drawn_in_any_window_and_by_plain_signs(size: tuple[int, int]) -> None:
    async with book(size=size) as at:
        at.app.signs = PLAIN
        await at.press("down", "tab", "enter", "escape", "tab")
        assert at.app.screen.query_one(LeavesView).size.width > 0
        assert at.app.screen.query_one(LeafText) is not None
        await at.press("enter", "shift+tab")
        assert isinstance(at.app.focused, Turn)


@pytest.mark.paints
@pytest.mark.slow
async def test_the_last_line_says_what_keys_do_in_what_is_open() -> None:
    async with book() as at:
        await at.press("a")
        last = at.screen().splitlines()[-1]
        assert last.split()[0] == "TYPING"
        assert "esc: keeps it" in last
        assert "LETTERS" not in last
        await at.press("escape")
        assert at.screen().splitlines()[-1].split()[0] == "LETTERS"
        await at.read(PEOPLE)
        last = at.screen().splitlines()[-1]
        assert "enter: takes them" in last
        assert "edits" not in last
        await at.press("escape")
        assert "enter: edits Ilse" in at.screen().splitlines()[-1]


async def test_undo_in_the_form_takes_back_a_run_of_typing() -> None:
    async with book() as at:
        await at.press("enter")
        before = at.form.said[2]
        await at.type("Always. ")
        assert at.form.said[2] != before
        await at.press("ctrl+z")
        assert at.form.said[2] == before
