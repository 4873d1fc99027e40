"""The form of a note or an exemplar: a name, the kind of a note, and a text of as many paragraphs as it needs.

It keeps what is typed by and by, through whoever opened it, and so loses nothing. It knows no session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Static

from composer.errors import ComposerError
from composer.story.actions.text import rows
from composer.story.manuscript import Position
from composer.story.outline import Outline
from composer.story.spans import Written
from composer.text.clean import clean
from composer.ui.backstop import to_content
from composer.ui.scratch import Scratch
from composer.ui.signs import Signs
from composer.ui.widgets.manuscript import ManuscriptView
from composer.ui.widgets.notebook import NameEntry, PlainEdit
from composer.ui.widgets.turn import Turn

if TYPE_CHECKING:
    from composer.ui.screens.clips import Clips

KINDS = (("person", "person"), ("place", "place"), ("fact", "fact"))
SOON, LATEST = 1.0, 15.0
"""Seconds after the first key that is not kept yet when it is: a longer text takes longer, so that the file grows slowly."""
CHARACTERS_A_SECOND = 2000

Keep = Callable[[str, str, str], None]


class NoteForm(ModalScreen[None]):
    """Keeps by `keep`, which takes kind, name and text and raises ComposerError where it can't. Without a kind there is no row for it."""

    CSS_PATH = "../styles/notebook.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down,enter", "step(1)", "next field", show=False),
        Binding("shift+tab,up", "step(-1)", "field before", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("ctrl+z,ctrl+underscore", "undo", "undo", show=False),
        Binding("ctrl+y", "redo", "redo", show=False),
        Binding("ctrl+c", "copy", "copy", show=False),
        Binding("ctrl+s", "flush", "save", show=False),
        Binding("ctrl+q", "quit", "leave", show=False),
    ]
    AUTO_FOCUS = ""
    """It gives the keys to a field itself."""

    def __init__(
        self,
        title: str,
        said: tuple[str, str, str],
        says: str,
        clips: Clips,
        new_id: Callable[[], str],
        keep: Keep,
        *,
        at_name: bool,
    ) -> None:
        """`said` is kind, name and text as they are; `says` tells what the text is for while it is empty."""
        super().__init__()
        self._title = title
        self._kept = said
        self._says = says
        self._clips = clips
        self._new_id = new_id
        self._keep = keep
        self._at_name = at_name
        self._timer: Timer | None = None
        self._asked = False
        kind, name, text = said
        self._scratch = Scratch(rows(text, Written()) if text else (), new_id)
        self._field = NameEntry(id="note-name")
        self._field.value = name
        self._turn = Turn(KINDS, kind, id="note-kind") if kind else None
        self._edit = PlainEdit(self._scratch, id="note-text")

    def compose(self) -> ComposeResult:
        with Vertical(id="note-form", classes="sheet"):
            with Horizontal(classes="note-row"):
                yield Static("name", classes="box-label", markup=False)
                yield self._field
            if self._turn is not None:
                with Horizontal(classes="note-row"):
                    yield Static("kind", classes="box-label", markup=False)
                    yield self._turn
            yield self._edit
            yield Static(id="note-says", markup=False)

    def on_mount(self) -> None:
        form = self.query_one("#note-form")
        form.border_title = to_content(self._title)
        form.border_subtitle = to_content(
            "esc keeps it and goes back   tab next field   ^z undo"
            if self.app.size.width >= 70
            else "esc keeps   tab next field"
        )
        self._field.placeholder = "the first words of the text, if it is left empty"
        self._edit.empty_hint = (self._says,)
        self._show(self._scratch.manuscript.first)
        # A tab is a space here, and that alone is no change.
        self._kept = self.said
        self.set_focus(self._field if self._at_name else self._edit)
        self._say()

    def _show(self, caret: Position) -> None:
        self._edit.show(self._scratch.manuscript, Outline(), caret)

    def _say(self, words: str = "", *, bad: bool = False) -> None:
        """Say something below the text; without words, what stands in the field that has the keys."""
        if not words and self._turn is not None and self.focused is self._field:
            words = "A note is sent along where its name occurs near. Several names: commas between them."
        elif not words and self._turn is not None and self.focused is self._turn:
            words = "Left and right, or a letter, turn to another kind."
        sign = f"{Signs.of(self.app).failed} " if bad else ""
        self.query_one("#note-says", Static).update(to_content(f"{sign}{words}"))

    @property
    def said(self) -> tuple[str, str, str]:
        """Kind, name and text as they stand in the fields now."""
        return self._turn.value if self._turn else "", clean(self._field.value), self._edit.plain

    # keeping

    def keep_now(self) -> bool:
        """Keep what was typed, if it was not yet; whether that could be done."""
        return self._trouble() is None

    def _trouble(self) -> ComposerError | None:
        """Keep what is not kept; why it can't be."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        if (said := self.said) != self._kept:
            try:
                self._keep(*said)
            except ComposerError as error:
                return error
            self._kept = said
        return None

    def _changed(self) -> None:
        self._asked = False
        if self.is_mounted:
            self._say()
        if self._timer is None:
            size = len(self._field.value) + sum(len(block.text) for block in self._edit.text)
            self._timer = self.set_timer(min(LATEST, SOON + size / CHARACTERS_A_SECOND), self.keep_now)

    def on_input_changed(self) -> None:
        self._changed()

    def on_turn_changed(self) -> None:
        self._changed()

    def on_manuscript_view_edited(self) -> None:
        self._changed()

    # fields

    def _fields(self) -> list[Widget]:
        return [each for each in (self._field, self._turn, self._edit) if each is not None]

    def action_step(self, by: int) -> None:
        fields = self._fields()
        here = fields.index(self.focused) if self.focused in fields else 0
        self.set_focus(fields[(here + by) % len(fields)])

    def on_input_submitted(self) -> None:
        self.action_step(1)

    def on_descendant_focus(self) -> None:
        if not self._asked:
            self._say()

    def on_name_entry_poured(self, message: NameEntry.Poured) -> None:
        """More than a name was pasted into its field: it is the text."""
        message.stop()
        self.set_focus(self._edit)
        self._put(message.text)

    # the text

    def _attempt(self, work: Callable[[], Position]) -> None:
        try:
            self._show(work())
        except ComposerError as error:
            self._say(str(error))
            return
        self._changed()

    def _put(self, text: str) -> None:
        if text:
            self._attempt(lambda: self._scratch.type(*self._edit.selection, text))

    def action_undo(self) -> None:
        if self._edit.has_focus:
            self._attempt(self._scratch.undo)

    def action_redo(self) -> None:
        if self._edit.has_focus:
            self._attempt(self._scratch.redo)

    def action_copy(self) -> None:
        start, end = self._edit.selection
        if start != end:
            self._clips.take(self._scratch.manuscript.fragment(start, end).pieces)

    def on_manuscript_view_cut_asked(self) -> None:
        start, end = self._edit.selection
        if start != end:
            self.action_copy()
            self._attempt(lambda: self._scratch.erase(start, end))

    def on_manuscript_view_paste_asked(self) -> None:
        if held := self._clips.held:
            self._attempt(lambda: self._scratch.put(*self._edit.selection, held))

    def on_manuscript_view_pasted(self, message: ManuscriptView.Pasted) -> None:
        self._put(message.text)

    def on_manuscript_view_refused(self, message: ManuscriptView.Refused) -> None:
        self._say(message.error.sentence)

    # leaving

    def action_flush(self) -> None:
        """Keep it now; it goes to disk like everything else."""
        if trouble := self._trouble():
            self._say(str(trouble), bad=True)
        else:
            self._say("Kept. esc goes back.")

    def action_leave(self) -> None:
        if self._edit.has_focus and self._edit.drop_selection():
            return
        trouble = self._trouble()
        if trouble is None or self._asked:
            self.dismiss(None)
        else:
            self._asked = True
            self._say(f"{trouble} Or escape again leaves it as it was.", bad=True)

    def action_quit(self) -> None:
        self.keep_now()
        self.dismiss(None)
        self.app.call_later(self.app.action_quit)
