"""The form of a note or an exemplar: a name, the kind of a note, and a text of as many paragraphs as it needs.

It keeps what is typed by and by, through whoever opened it, and so loses nothing. It knows no session.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.widget import Widget
from textual.widgets import Static

from composer.errors import ComposerError
from composer.story.actions.text import rows
from composer.story.spans import Written
from composer.text.clean import clean
from composer.ui.backstop import to_content
from composer.ui.scratch import Scratch
from composer.ui.screens.scratching import ScratchScreen
from composer.ui.signs import Signs
from composer.ui.widgets.notebook import NameEntry, PlainEdit
from composer.ui.widgets.turn import Turn

if TYPE_CHECKING:
    from composer.ui.screens.clips import Clips

KINDS = (("person", "person"), ("place", "place"), ("fact", "fact"))
Keep = Callable[[str, str, str], None]


class NoteForm(ScratchScreen[None]):
    """Keeps by `keep`, which takes kind, name and text and raises ComposerError where it can't. Without a kind there is no row for it."""

    CSS_PATH = "../styles/notebook.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down,enter", "step(1)", "next field", show=False),
        Binding("shift+tab,up", "step(-1)", "field before", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("ctrl+s", "flush", "save", show=False),
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
        kind, name, text = said
        super().__init__(Scratch(rows(text, Written()) if text else (), new_id), clips)
        self._title = title
        self._kept = said
        self._says = says
        self._keep = keep
        self._at_name = at_name
        self._asked = False
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
        return self._trouble() is None

    def _trouble(self) -> ComposerError | None:
        """Keep what is not kept; why it can't be."""
        self._settle()
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
        super()._changed()

    def _length(self) -> int:
        return len(self._field.value) + super()._length()

    def _tell(self, error: ComposerError) -> None:
        self._say(str(error))

    def on_input_changed(self) -> None:
        self._changed()

    def on_turn_changed(self) -> None:
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

    def _put(self, text: str) -> None:
        if text:
            self._attempt(lambda: self._scratch.type(*self._edit.selection, text))

    def action_undo(self) -> None:
        if self._edit.has_focus:
            super().action_undo()

    def action_redo(self) -> None:
        if self._edit.has_focus:
            super().action_redo()

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
