"""Writing a story out: the format, the file, and for a film of the making what its readers see; then what goes out is counted.

It asks and tells; the files are written by the port `Exporter`. It changes nothing of the story.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static
from textual.worker import Worker

from composer.errors import AlreadyThere, ComposerError, RefusedError
from composer.journal.film import Film
from composer.journal.showing.readers import Counts, Readers
from composer.session.ports import Exporter, ExportFormat, Pieces
from composer.ui.backstop import to_content
from composer.ui.profiles import Row
from composer.ui.signs import Signs
from composer.ui.widgets.box import Entry
from composer.ui.widgets.form import FormRow
from composer.ui.widgets.turn import Turn

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

PAUSE = 0.3
"""Seconds after the last change after which what goes out is counted."""
WHOLE = ("report", "jsonl")
"""Formats of the whole journal, whatever the entry."""
_IN_OUT = (("in", "in"), ("out", "left out"))
_READERS = (
    Row("first", "from entry", "The film begins with this entry; what was deleted before it is not in the file."),
    Row(
        "notes",
        "notes",
        "Your notes: those that you marked for readers, all (with people, places, facts and notes on beats), or none.",
        choices=(("marked", "marked for readers"), ("all", "all"), ("none", "left out")),
    ),
    Row("instructions", "instructions", "What you told the models to do, lenses among it.", choices=_IN_OUT),
    Row("shelf", "shelf", "What you kept for later.", choices=_IN_OUT),
    Row("passed_over", "passed over", "Candidates of which nothing was placed.", choices=_IN_OUT),
    Row(
        "prompts",
        "prompts",
        "What was sent to the models, as far as it holds nothing that is left out.",
        choices=_IN_OUT,
    ),
)


@dataclass(frozen=True)
class Exportable:
    """A story to write out: its film, its title, where its pieces come from, and its own file, which is never overwritten."""

    film: Film
    title: str
    pieces: Pieces
    source: str = ""


@dataclass(frozen=True)
class Asked:
    """What is to be written out, and how the screen begins: the format, the file, and whether what is there may go."""

    what: Exportable
    format: str = ""
    path: str = ""
    force: bool = False


class ExportScreen(ModalScreen[str | None]):
    """Answers where the file lies now, or None where none was written."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down,tab", "step(1)", "next row", show=False),
        Binding("up,shift+tab", "step(-1)", "row before", show=False),
        Binding("enter", "write", "write", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("ctrl+q", "quit", "quit", show=False),
    ]
    CSS_PATH = "../styles/export.tcss"
    AUTO_FOCUS = ""
    """It gives the keys to a row itself."""
    app: ComposerApp

    def __init__(
        self,
        what: Exportable,
        exporter: Exporter,
        format: str = "",
        path: str = "",
        force: bool = False,
    ) -> None:
        """`format` and `path` are those to begin with; `force` overwrites unasked."""
        super().__init__()
        self._what = what
        self._exporter = exporter
        self._formats = {each.name: each for each in exporter.formats()}
        self._format = format if format in self._formats else next(iter(self._formats))
        self._path = path
        self._typed = bool(path)
        """Whether the writer named the file: then another format does not name another."""
        self._force = self._forced = force
        """Whether what is there may go by now, and whether it might from the start."""
        self._named = self._format
        """The format that the file's name was last made for."""
        self._timer: Timer | None = None
        self._pointed: FormRow | None = None
        self._writing = False

    @property
    def _last(self) -> int:
        return len(self._what.film)

    def compose(self) -> ComposeResult:
        # Of some it is only said who writes them.
        choices = tuple(
            (each.name, f"{each.name}, {each.words}" if each.words.startswith("by ") else each.words)
            for each in self._formats.values()
        )
        rows = (
            (
                Row(
                    "format",
                    "format",
                    "Left and right turn to another; a letter goes to the next that begins with it.",
                    choices=choices,
                ),
                self._format,
            ),
            (Row("file", "file", "Where it is written. Nothing is overwritten without asking."), self._path),
            (
                Row("last", "as of entry", "The story as it stood after this entry, with which a film ends."),
                str(self._last),
            ),
        )
        usual = Readers()
        given = {
            "first": "1",
            "notes": usual.notes,
            **{
                name: "in" if getattr(usual, name) else "out"
                for name in ("instructions", "shelf", "passed_over", "prompts")
            },
        }
        with Vertical(id="export", classes="sheet"):
            with Vertical(id="export-rows"):
                for row, value in rows:
                    yield FormRow(row, value)
                yield Static("What readers see", id="export-readers", markup=False)
                for row in _READERS:
                    yield FormRow(row, given[row.name])
            yield Static(id="export-says", markup=False)
            yield Static(id="export-counts", markup=False)

    def on_mount(self) -> None:
        sheet = self.query_one("#export")
        sheet.border_title = to_content(f"Export: {self._what.title or 'Untitled'}")
        sheet.border_subtitle = to_content(
            f"enter writes   {'arrows: rows, choices' if Signs.of(self.app) != Signs() else '↑ ↓ rows   ← → choices'}   esc back"
        )
        self._turned()
        self.set_focus(self._row("format").field)

    # rows

    def _row(self, name: str) -> FormRow:
        return self.query_one(f"#form-{name}", FormRow)

    @property
    def _shown(self) -> list[FormRow]:
        return [row for row in self.query(FormRow) if row.display]

    @property
    def format(self) -> ExportFormat:
        return self._formats[self._row("format").value]

    def _turned(self) -> None:
        """Another format: its rows, and its file unless the writer named one."""
        film = self.format.film
        self.query_one("#export-readers").display = film
        for row in _READERS:
            self._row(row.name).display = film
        self._row("last").display = self.format.name not in WHOLE
        if not self._typed:
            self._put("file", self._exporter.usual_path(self._what.title, self.format.name))
        else:
            # The writer's own name with the ending of another format would promise what is not in the file.
            path, before = self._row("file").value.rstrip(), self._formats[self._named].suffix
            if path.endswith(before) and self.format.suffix != before:
                self._put("file", path.removesuffix(before) + self.format.suffix)
                self._force = self._forced = False
        self._named = self.format.name
        self._count()

    def _put(self, name: str, text: str) -> None:
        field = self._row(name).field
        assert isinstance(field, Entry)
        with field.prevent(Input.Changed):
            field.value = text
        field.cursor_position = len(text)

    def on_turn_changed(self, message: Turn.Changed) -> None:
        self._explain()
        # What was asked of one file holds for no other.
        self._force = self._forced
        if message.turn is self._row("format").field:
            self._turned()
        else:
            self._count()

    def on_input_changed(self, event: Input.Changed) -> None:
        if event.input is self._row("file").field:
            self._typed = bool(event.value.strip())
            self._force = self._forced = False
        else:
            self._count()
        self._explain()

    def on_entry_pasted(self, message: Entry.Pasted) -> None:
        message.stop()
        message.entry.insert_text_at_cursor(" ".join(line for line in message.rows if line))

    def _row_of(self, widget: Widget | None) -> FormRow | None:
        return next((node for node in widget.ancestors if isinstance(node, FormRow)), None) if widget else None

    def on_descendant_focus(self) -> None:
        here = self._row_of(self.focused)
        if here is not None and here is not self._pointed:
            if self._pointed is not None:
                self._pointed.point(False)
            here.point(True)
            self._pointed = here
            self._explain()

    def _explain(self) -> None:
        here = self._row_of(self.focused)
        problem = self.format.problem if here is not None and here.key == "format" else ""
        self._say(f"{problem[:1].upper()}{problem[1:]}." if problem else here.row.says if here is not None else "")

    def _say(self, words: str, *, bad: bool = False) -> None:
        sign = f"{Signs.of(self.app).failed} " if bad else ""
        self.query_one("#export-says", Static).update(to_content(f"{sign}{words}"))

    # what goes out

    @property
    def readers(self) -> Readers:
        """What readers may see, as it stands in the rows. RefusedError where the entries make no sense."""
        last = self._last if self.format.name in WHOLE else self._number("last", 0)
        if not self.format.film:
            return Readers(last=last)
        first = self._number("first", 1)
        if not first <= last:
            raise RefusedError("The film would end before it begins.", "Let it begin at an entry before its last.")
        values: Mapping[str, str] = {row.key: row.value for row in self.query(FormRow)}
        notes = values["notes"]
        return Readers(
            first=first,
            last=last,
            notes="all" if notes == "all" else "none" if notes == "none" else "marked",
            instructions=values["instructions"] == "in",
            shelf=values["shelf"] == "in",
            passed_over=values["passed_over"] == "in",
            prompts=values["prompts"] == "in",
        )

    def _number(self, name: str, least: int) -> int:
        text = self._row(name).value.strip().replace(",", "")
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1
        if not least <= number <= self._last:
            raise RefusedError(f"There is no such entry: this session has {self._last:,}.", "Name one of them.")
        return number

    def _count(self) -> None:
        """Count what goes out, a moment after the last change."""
        if self._timer is not None:
            self._timer.stop()
        self._timer = self.set_timer(PAUSE, self._count_now)

    def _count_now(self) -> None:
        self._timer = None
        if self.is_mounted:
            self.run_worker(self.counted(), group="export-counts", exclusive=True, exit_on_error=False)

    async def counted(self) -> None:
        """Show what goes out and what stays."""
        try:
            readers = self.readers
            if not self.format.film:
                self._show_counts(())
                return
            there, left = await self._exporter.counts(self._what.film, readers, self._what.pieces)
            self._show_counts(_lines(there, left))
        except ComposerError as error:
            self._show_counts((str(error),))

    def _show_counts(self, lines: Sequence[str]) -> None:
        if self.is_mounted:
            self.query_one("#export-counts", Static).update(to_content("\n".join(lines)))

    # keys

    def action_step(self, by: int) -> None:
        rows = self._shown
        here = self._row_of(self.focused)
        at = rows.index(here) if here in rows else 0
        self.set_focus(rows[(at + by) % len(rows)].field)

    def on_input_submitted(self) -> None:
        self.action_write()

    def action_write(self) -> None:
        if not self._writing:
            self._writing = True
            self._say("Writing.")
            self.run_worker(self._write(), group="export", exit_on_error=False)

    async def _write(self) -> None:
        try:
            if not self._row("file").value.strip():
                raise RefusedError("No file is named.", "Type where it is to be written; ~ is your home.")
            path = await self._exporter.write(
                self.format.name,
                self._what.film,
                self._what.pieces,
                self._row("file").value,
                readers=self.readers,
                force=self._force,
                source=self._what.source,
            )
        except AlreadyThere as error:
            self._force = True
            self._say(f"{error.sentence} enter again overwrites it; or name another file.", bad=True)
        except ComposerError as error:
            self._say(str(error), bad=True)
        else:
            if self.is_attached:
                self.dismiss(path)
        finally:
            self._writing = False

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    def action_leave(self) -> None:
        self.dismiss(None)

    def action_quit(self) -> None:
        self.dismiss(None)
        self.app.call_later(self.app.action_quit)


def _lines(there: Counts, left: Counts) -> list[str]:
    """What goes out and what stays, a line each."""
    out = ", ".join(f"{number:,} {words}" for words, number in there.pairs)
    stays = ", ".join(f"{number:,} {words}" for words, number in left.pairs)
    return [
        f"In the file: {out or 'nothing'}.",
        f"Not in it: {stays}." if stays else "Nothing is left out.",
        "What is left out is not in the file at all. Thoughts of models never are.",
    ]
