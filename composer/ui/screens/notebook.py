"""The notebook: the notes and the exemplars of a story as two lists, and the text of the one under the cursor.

They are added, changed, pinned, taken out and in, and imported here; what that does to the story is decided in `story.actions`, and what
stands in a file in the library. Every change is a step that undo takes back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.worker import Worker, WorkType

from composer.errors import ComposerError, RefusedError
from composer.session.session import Session
from composer.story.actions import exemplars, notes
from composer.story.events import Change, ExemplarChanged, NoteChanged
from composer.story.story import NoteKind
from composer.ui import keymap
from composer.ui.helping import help_in_notebook
from composer.ui.keymap import chord, hints
from composer.ui.phrases import counted, shortened
from composer.ui.screens.note_form import NoteForm
from composer.ui.screens.sheet import Sheet
from composer.ui.screens.taking import TakeSheet
from composer.ui.signs import Signs
from composer.ui.widgets.box import Box, Field
from composer.ui.widgets.notebook import LISTS, OUT, PINNED, Leaf, LeafText, LeavesView, ListsLine, Which, leaf_of
from composer.ui.widgets.pane import Pane, StatusLine

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp
    from composer.ui.screens.clips import Clips

_KINDS: dict[str, NoteKind] = {"person": "person", "place": "place", "fact": "fact"}
WIDE = 100
"""Columns from which the text stands beside the list."""


class NotebookScreen(Screen[None]):
    """Shows one of the two lists, `which` first. `clips` is what was cut or copied."""

    CSS_PATH = "../styles/notebook.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("notebook", "help", "undo", "redo", "flush")
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(self, session: Session, clips: Clips, which: Which = "notes") -> None:
        super().__init__()
        self.session = session
        self._clips = clips
        self.which: Which = which
        self._places: dict[Which, int] = {"notes": 0, "exemplars": 0}
        self._taken = False
        """The file that was read last was taken: its path is wanted no more."""

    @property
    def _list(self) -> LeavesView:
        return self.query_one(LeavesView)

    @property
    def _box(self) -> Box:
        return self.query_one(Box)

    @property
    def leaf(self) -> Leaf | None:
        """The row under the cursor."""
        return self._list.leaves[self._list.at] if self._list.leaves else None

    @property
    def _one(self) -> str:
        """What a row of this list is called."""
        return "note" if self.which == "notes" else "exemplar"

    def compose(self) -> ComposeResult:
        yield ListsLine(id="notebook-lists")
        with Container(id="notebook-panes"):
            with Pane(id="notebook-list-pane"):
                yield LeavesView(id="notebook-list")
            with Pane(id="notebook-text-pane"):
                yield LeafText(id="notebook-text")
        yield Box(id="notebook-box")
        yield StatusLine(id="notebook-status")

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self.reload()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")

    def on_screen_suspend(self) -> None:
        # What is opened over it leaves the last line to be seen, and keys do other things there.
        if self.is_running:
            self._status()

    def on_screen_resume(self) -> None:
        if self.is_mounted:
            self._status()

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # showing

    def reload(self, to: str = "") -> None:
        """Show what is true now, with the cursor on the row with the id `to`, or where it was."""
        story = self.session.story
        found = story.notes if self.which == "notes" else story.exemplars
        leaves = [leaf_of(each) for each in found]
        at = next((at for at, leaf in enumerate(leaves) if leaf.id == to), self._places[self.which])
        self._list.show(leaves, at, self._empty())
        names = [
            f"{each} · {size:,}" for each, size in zip(LISTS, (len(story.notes), len(story.exemplars)), strict=True)
        ]
        other = LISTS[1 - LISTS.index(self.which)]
        self.query_one(ListsLine).show(names, LISTS.index(self.which), f"{chord('note.turn')}: {other}")
        self._show()

    def _empty(self) -> Sequence[str]:
        add, take = chord("note.add"), chord("note.import")
        if self.which == "notes":
            return (
                "No notes yet.",
                f"{add} adds one: a person, a place or a fact to keep straight. {take} imports them from a text or Markdown file.",
                f"A note is sent along where its name occurs near what is written; with {chord('note.pin')} it always is.",
            )
        return (
            "No exemplars yet.",
            f"{add} adds one: a sample of the style that is wanted, yours or another's. {take} imports them from a file.",
            f"Exemplars are sent along as far as there is room; {chord('exemplar.out')} takes one out for a while.",
        )

    def _show(self) -> None:
        """Show the text of the row under the cursor, and what keys do there."""
        self._places[self.which] = self._list.at
        leaf = self.leaf
        ellipsis = Signs.of(self.app).ellipsis
        count = len(self._list.leaves)
        place = f" · {self._list.at + 1:,} of {count:,}" if count else ""
        self.query_one("#notebook-list-pane", Pane).name_it(f"{self.which.capitalize()}{place}")
        hint = f"No text yet. {chord('note.edit')} opens it." if leaf else ""
        self.query_one(LeafText).show(leaf.text if leaf else "", hint)
        title = f"{shortened(leaf.name, 40, ellipsis)} · {leaf.told}" if leaf else ""
        self.query_one("#notebook-text-pane", Pane).name_it(title)
        self._status()

    def _status(self) -> None:
        status = self.query_one(StatusLine)
        if self._box.kind:
            status.show(
                [("TYPING a path", "TYPING"), ("enter: reads it, takes nothing yet",) * 2, ("esc: leaves it",) * 2]
            )
            return
        over = self.app.screen
        if isinstance(over, NoteForm):
            status.show(
                [
                    ("TYPING", "TYPING"),
                    ("esc: keeps it and goes back", "esc: keeps it"),
                    ("tab: next field", "tab: next"),
                    (hints("undo", "redo"), hints("undo", between="  ")),
                    (f"{chord('flush')} keeps it now", f"{chord('flush')} keep"),
                ]
            )
            return
        if isinstance(over, TakeSheet):
            status.show(
                [
                    ("LETTERS ACT", "LETTERS"),
                    ("enter: takes them", "enter: takes"),
                    ("esc: leaves them", "esc: leaves"),
                    ("arrows and page keys move", "arrows move"),
                ]
            )
            return
        leaf, enter = self.leaf, chord("note.edit")
        if leaf is None:
            will = (f"{chord('note.add')}: adds the first {self._one}", f"{chord('note.add')}: adds one")
        else:
            name = shortened(leaf.name, 24, Signs.of(self.app).ellipsis)
            will = (f"{enter}: edits {name}", f"{enter}: edits")
        own = "note.pin" if self.which == "notes" else "exemplar.out"
        usual = ("note.add", own, "note.drop", "note.import") if leaf else ("note.import",)
        few = [each for each in usual if each != "note.drop" or own == "note.pin"]
        status.show(
            [
                ("LETTERS ACT", "LETTERS"),
                will,
                (hints(*usual), hints(*few, between="  ")),
                (f"{chord('help')} help", chord("help")),
                (hints("notebook.leave"), hints("notebook.leave")),
            ]
        )

    def say(self, text: str, *, error: bool = False) -> None:
        """Say something in place of what was said last."""
        self.app.clear_notifications()
        self.notify(text, markup=False, severity="error" if error else "information", timeout=8 if error else 4)

    def _attempt(self, work: Callable[[], str]) -> None:
        """Do something to the story; `work` answers the id of the row to go to. Why it can't be is said."""
        try:
            self.reload(work())
        except ComposerError as error:
            self.say(str(error), error=not isinstance(error, RefusedError))

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a path is typed no key acts on the list."""
        typing = self.is_mounted and bool(self._box.kind)
        return not typing or action not in {key.action for key in keymap.TABLE if key.id != "notebook.leave"}

    def _go(self, at: int) -> None:
        self._list.show(self._list.leaves, at, self._empty())
        self._show()

    def action_note_up(self) -> None:
        self._go(self._list.at - 1)

    def action_note_down(self) -> None:
        self._go(self._list.at + 1)

    def action_note_first(self) -> None:
        self._go(0)

    def action_note_last(self) -> None:
        self._go(len(self._list.leaves) - 1)

    def action_note_turn(self) -> None:
        self.which = LISTS[1 - LISTS.index(self.which)]
        self.reload()

    def action_note_on(self) -> None:
        self.query_one(LeafText).scroll_on(1)

    def action_note_back(self) -> None:
        self.query_one(LeafText).scroll_on(-1)

    def action_note_pin(self) -> None:
        if self.which == "exemplars":
            self.say(f"Only notes are pinned here. {chord('exemplar.out')} takes an exemplar out, or in again.")
        elif (leaf := self._chosen()) is not None:
            note = leaf.id

            def pin() -> str:
                self.session.record(notes.pin_note(self.session.story, note))
                return note

            self._attempt(pin)

    def action_exemplar_out(self) -> None:
        if self.which == "notes":
            self.say(f"Only exemplars are taken out and in here. {chord('note.pin')} pins a note, or unpins it.")
        elif (leaf := self._chosen()) is not None:
            exemplar = leaf.id

            def mute() -> str:
                self.session.record(exemplars.mute_exemplar(self.session.story, exemplar))
                return exemplar

            self._attempt(mute)

    def action_note_drop(self) -> None:
        if (leaf := self._chosen()) is None:
            return

        def drop() -> str:
            story = self.session.story
            gone: Sequence[Change]
            if self.which == "notes":
                gone = notes.delete_note(story, leaf.id)
            else:
                gone = exemplars.delete_exemplar(story, leaf.id)
            self.session.record(gone)
            self.say(f"{leaf.name} is taken out. {chord('undo')} brings it back.")
            return ""

        self._attempt(drop)

    def _chosen(self) -> Leaf | None:
        """The row under the cursor; says what to do where there is none."""
        if self.leaf is None:
            self.say(f"There is no {self._one} yet. {chord('note.add')} adds one.")
        return self.leaf

    # the form

    def action_note_add(self) -> None:
        self._write(None)

    def action_note_edit(self) -> None:
        if (leaf := self._chosen()) is not None:
            self._write(leaf)

    def _write(self, leaf: Leaf | None) -> None:
        """Open the form of a row, or of a new one."""
        try:
            self.session.check_writable()
        except ComposerError as error:
            self.say(str(error))
            return
        is_note = self.which == "notes"
        pen = Pen(self.session, leaf.id if leaf else "", is_note=is_note)
        said = (leaf.kind, leaf.name, leaf.text) if leaf else ("person" if is_note else "", "", "")
        title = f"{self._one.capitalize()}: {leaf.name}" if leaf else f"New {self._one}"
        says = "Type here what is to be kept straight." if is_note else "Type or paste a sample of the style here."
        form = NoteForm(
            title, said, says, self._clips, self.session.new_id, pen.keep, at_name=is_note and leaf is None
        )  # fmt: skip

        def written(_: None) -> None:
            self.reload(pen.id)

        self.app.push_screen(form, written)

    # undo

    def action_undo(self) -> None:
        self._travel(self.session.journal.tree.before_step, self.session.undo, "takes back")

    def action_redo(self) -> None:
        self._travel(self.session.journal.tree.after_step, self.session.redo, "brings back")

    def _travel(self, target: Callable[[], int | None], move: Callable[[], object], does: str) -> None:
        """Go a step back or forward, if it changes what is to be seen here."""

        def travel() -> str:
            self.session.flush()
            tree, to = self.session.journal.tree, target()
            back, forward = tree.walk(tree.head, to) if to is not None else ([], [])
            changes = [tree.nodes[seq].change for seq in (*back, *forward)]
            mine = [change for change in changes if isinstance(change, NoteChanged | ExemplarChanged)]
            if changes and not mine:
                raise RefusedError(
                    f"That {does} something that is not seen here.", f"{chord('notebook.leave')} goes back first."
                )
            move()
            if mine:
                last = mine[-1]
                self.which = "notes" if isinstance(last, NoteChanged) else "exemplars"
                return next((each.id for each in (last.after, last.before) if each is not None), "")
            return ""

        self._attempt(travel)

    # importing

    def action_note_import(self) -> None:
        try:
            self.session.check_writable()
        except ComposerError as error:
            self.say(str(error))
            return
        self._box.open(
            "import",
            f"Import {self.which} from a text or Markdown file · enter reads it, escape closes",
            [Field("path", "file", hint=f"~/{self.which}.md")],
            keep=not self._taken,
        )
        self._taken = False
        self._status()

    def on_box_submitted(self, message: Box.Submitted) -> None:
        if path := message.values["path"]:
            # No coroutine is made before it runs: by another enter it may be cancelled.
            work: WorkType[None] = partial(self._read, path, self.which)
            self.run_worker(work, group="import", exclusive=True, exit_on_error=False)
        else:
            self._close_box()

    def _close_box(self) -> None:
        self._box.close()
        self.set_focus(None)
        self._status()

    async def _read(self, path: str, which: Which) -> None:
        """Read a file, and show what is found in it before it is taken."""
        library = self.app.library
        try:
            text = await library.read_text(path)
        except ComposerError as error:
            self.say(str(error), error=True)
            return
        name = PurePath(path.strip("'\" ").replace("\\ ", " ")).stem or path
        changes: Sequence[NoteChanged | ExemplarChanged]
        if which == "notes":
            found = await asyncio.to_thread(library.notes_in, text)
            rest, count = found.rest, len(found.notes)
            changes = notes.take_notes(self.session.story, found.notes, self.session.new_id)
        else:
            samples = await asyncio.to_thread(library.exemplars_in, text, name)
            rest, count = samples.rest, len(samples.exemplars)
            changes = exemplars.take_exemplars(self.session.story, samples.exemplars, self.session.new_id)
        if not self.is_current or self._box.kind != "import":
            return
        if not changes:
            self.say(_nothing(which, name, count))
            return
        self._close_box()
        sheet = TakeSheet(f"{name}: {counted(count, which[:-1])}", changes, count - len(changes), rest)
        self.app.push_screen(sheet, lambda taken: self._take(changes) if taken else None)

    def _take(self, changes: Sequence[NoteChanged | ExemplarChanged]) -> None:
        """Enter what was shown, as one step."""

        def take() -> str:
            self.session.record(changes)
            self._taken = True
            self.say(f"{counted(len(changes), self._one)} taken. {chord('undo')} takes all of it back.")
            first = changes[0].after
            return first.id if first else ""

        self._attempt(take)

    # what is no key of this place

    def action_flush(self) -> None:
        if main := self.app.main:
            main.action_flush()

    def action_notebook_leave(self) -> None:
        if self._box.kind:
            self._close_box()
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(Sheet("Help", help_in_notebook(Signs.of(self.app), PINNED, OUT)))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and not self._box.kind and not event.character.isdigit():
            help = chord("help")
            self.say(f"Letters act here, and this one does nothing. {help} lists the keys, escape goes back.")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        add, take = chord("note.add"), chord("note.import")
        self.say(f"Nothing was pasted: letters act here. {add} opens a form to paste into, {take} reads a file.")


class Pen:
    """Keeps what is typed in one form as one step, however often: undo takes all of it back. `id` is empty before anything is kept."""

    def __init__(self, session: Session, id: str, *, is_note: bool) -> None:
        self.id = id
        self._session = session
        self._is_note = is_note
        self._new = not id
        self._step: int | None = None

    def keep(self, kind: str, name: str, text: str) -> None:
        """Enter it. What was new is taken out again where nothing is left of it. RefusedError where it can't be kept."""
        session, story = self._session, self._session.story
        changes: Sequence[NoteChanged | ExemplarChanged]
        empty = not (name.strip() or text.strip())
        if self._new and empty:
            changes = ()
            if self.id:
                delete = notes.delete_note if self._is_note else exemplars.delete_exemplar
                changes = delete(story, self.id)
        elif self._is_note:
            said = notes.NoteText(_KINDS.get(kind, ""), name, text)
            changes = notes.edit_note(story, self.id, said) if self.id else notes.add_note(story, said, session.new_id)
        else:
            sample = exemplars.ExemplarText(name, text)
            edit, add = exemplars.edit_exemplar, exemplars.add_exemplar
            changes = edit(story, self.id, sample) if self.id else add(story, sample, session.new_id)
        if not changes:
            return
        tree = session.journal.tree
        goes_on = self._step is not None and tree.head in tree.nodes and tree.nodes[tree.head].step == self._step
        session.record(changes, self._step if goes_on else None)
        self._step = tree.nodes[tree.head].step
        last = changes[-1].after
        self.id = last.id if last else ""


def _nothing(which: Which, name: str, count: int) -> str:
    """Why nothing of a file is to be taken."""
    if count:
        return f"All that {name} holds is here already as it is."
    if which == "notes":
        return (
            f"No notes were found in {name}. A note is a heading with text below it, an item of a list like"
            " “- Ilse: she weighs salt”, or a line that begins with a name and a colon."
        )
    return f"{name} holds no text."
