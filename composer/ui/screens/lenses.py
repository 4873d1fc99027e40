"""The lenses: framings of requests as a list, the words of the one under the cursor, and the form of one.

It shows what the library holds and asks for what is to be kept or taken out, always in a thread; what that does to files is the
library's matter. Which lens a request has is chosen elsewhere.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from functools import partial
from threading import Lock
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkType

from composer.errors import ComposerError, RefusedError, SettingsError
from composer.session.ports import Lens, Library
from composer.story.actions.text import rows
from composer.story.spans import Written
from composer.text.clean import clean
from composer.text.words import count_words
from composer.ui import keymap
from composer.ui.backstop import to_content
from composer.ui.helping import help_of
from composer.ui.keymap import chord, hints
from composer.ui.phrases import counted, shortened
from composer.ui.scratch import Scratch
from composer.ui.screens.scratching import SOON, ScratchScreen
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import Signs
from composer.ui.widgets.notebook import LeafText, NameEntry, PlainEdit
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.widgets.picks import BETWEEN, Pick, PicksView

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp
    from composer.ui.screens.clips import Clips

WIDE = 100
"""Columns from which the words stand beside the list."""
HELD = 3.0
"""Seconds that a key waits at the most for what is being read or written."""
TOLD = 3
"""Files with something wrong that are told of, at the most."""
YOURS, CHANGED = "yours", "changed"


def show_lenses(app: ComposerApp) -> None:
    """Open the lenses over what is shown."""
    app.push_screen(LensesScreen(app.library))


def kinds_of(lenses: Sequence[Lens], ours: frozenset[str] = frozenset()) -> list[str]:
    """What each lens is, in a word: `yours`, `changed` of the program's, empty for the program's as it stands.

    `ours` are names that are known to be the program's, casefolded. Else it is told by the order: the program's come first, then
    the writer's by name. So where the last ones of the program's were changed, those count as the writer's if their names go on in order.
    """
    keys = [lens.name.casefold() for lens in lenses]
    begin = len(lenses)
    while (
        begin
        and lenses[begin - 1].own
        and keys[begin - 1] not in ours
        and keys[begin - 1] <= (keys[begin:] or keys[-1:])[0]
    ):
        begin -= 1
    return [(YOURS if at >= begin else CHANGED) if lens.own else "" for at, lens in enumerate(lenses)]


class LensesScreen(Screen[None]):
    """The lenses of a library."""

    CSS_PATH = "../styles/lenses.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("lenses", "help", "flush")
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(self, library: Library) -> None:
        super().__init__()
        self.library = library
        self.lenses: Sequence[Lens] = ()
        self._kinds: Sequence[str] = ()
        self._ours: frozenset[str] = frozenset()
        """Names that were seen to be the program's, casefolded."""
        self._problems: Sequence[str] = ()
        self._known = False
        """Whether the lenses have been read."""
        self._asked = ""
        """The lens that is taken out if that is asked for again."""
        self._at_work = 0
        self._rest = asyncio.Event()
        """Set while nothing is being read or written, for the first time when the lenses have been read."""
        self._late = False
        """A key waited for that in vain."""

    @property
    def _list(self) -> PicksView:
        return self.query_one(PicksView)

    @property
    def lens(self) -> Lens | None:
        """The lens under the cursor."""
        return self.lenses[self._list.at] if self.lenses else None

    def compose(self) -> ComposeResult:
        yield Static(id="lenses-title", markup=False)
        with Container(id="lenses-panes"):
            with Pane(id="lenses-list-pane"):
                yield PicksView(id="lenses-list")
            with Pane(id="lenses-text-pane"):
                yield LeafText(id="lenses-text")
        yield Static(id="lenses-foot", markup=False)
        yield StatusLine(id="lenses-status")

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self._show(0)
        self._begin(self._read)

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

    # reading and writing

    def _begin(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Read or write in the background. Keys that are about lenses wait for it."""
        self._at_work += 1
        self._rest.clear()
        # No coroutine is made before it runs: it may be cancelled by then.
        doing: WorkType[None] = partial(self._doing, work)
        self.run_worker(doing, group="info", exit_on_error=False)

    async def _doing(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        try:
            await work()
        finally:
            self._at_work -= 1
            if not self._at_work:
                self._rest.set()

    async def _rested(self) -> bool:
        """Wait until nothing is being read or written; whether that was in time. Where it once was not, the next key waits no more."""
        try:
            async with asyncio.timeout(0 if self._late else HELD):
                await self._rest.wait()
        except TimeoutError:
            self._late = True
            return False
        self._late = False
        return True

    async def _ready(self) -> bool:
        """The same, and says so where it was not in time."""
        if not (rested := await self._rested()):
            self.say("The lenses are still being read or written: the disk is slow. Try again in a moment.")
        return rested

    async def _read(self, to: str = "") -> None:
        """Read the lenses. The cursor goes to the one called `to`, or stays at its place."""
        self.lenses, problems = await asyncio.to_thread(self._found)
        self._known = True
        self._ours |= {lens.name.casefold() for lens in self.lenses if not lens.own}
        self._kinds = kinds_of(self.lenses, self._ours)
        barred = [
            f"{lens.name} can't be chosen in a request: take the {BETWEEN} out of its name."
            for lens in self.lenses
            if BETWEEN in lens.name
        ]
        self._problems = [*problems, *barred]
        names = [lens.name.casefold() for lens in self.lenses]
        key = to.casefold()
        if self.is_attached:
            self._show(names.index(key) if key in names else self._list.at)

    def _found(self) -> tuple[Sequence[Lens], Sequence[str]]:
        return tuple(self.library.lenses()), tuple(self.library.lens_problems())

    # showing

    def _show(self, at: int) -> None:
        """Show the list with the cursor at that place, the words of the lens there, and what keys do."""
        lines = zip(self.lenses, self._kinds, strict=True)
        self._list.show([Pick(lens.name, lens.text, told=kind) for lens, kind in lines], at)
        parts = ["Lenses", f"{len(self.lenses)}" if self._known else f"reading{Signs.of(self.app).ellipsis}"]
        parts += [f"{self._kinds.count(kind)} {kind}" for kind in (CHANGED, YOURS) if kind in self._kinds]
        self.query_one("#lenses-title", Static).update(to_content(" · ".join(parts)))
        lens, ellipsis = self.lens, Signs.of(self.app).ellipsis
        place = f"{self._list.at + 1} of {len(self.lenses)}" if lens else ""
        self.query_one("#lenses-list-pane", Pane).name_it("Names and first words", place)
        title = hint = ""
        if lens is not None:
            kind = self._kinds[self._list.at]
            about = (shortened(lens.name, 44, ellipsis), kind, counted(count_words(lens.text), "word"))
            title = " · ".join(part for part in about if part)
        elif self._known:
            hint = f"There is no lens. {chord('lens.add')} adds one."
        self.query_one(LeafText).show(lens.text if lens else "", hint)
        self.query_one("#lenses-text-pane", Pane).name_it(title)
        self._foot()
        self._status()

    def _foot(self) -> None:
        """Say below the panes what another press does, or else which files are no lenses."""
        signs = Signs.of(self.app)
        if self._asked:
            lines = [f"{signs.lands} {self._question()}"]
        else:
            lines = [f"{signs.failed} {problem}" for problem in self._problems[:TOLD]]
            if (more := len(self._problems) - TOLD) > 0:
                lines.append(f"  and {more} more")
        foot = self.query_one("#lenses-foot", Static)
        foot.display = bool(lines)
        foot.update(to_content("\n".join(lines)))

    def _question(self) -> str:
        """What taking out the lens under the cursor does."""
        kind, again = self._kinds[self._list.at], f"{chord('lens.drop')} again"
        if kind == YOURS:
            return f"{again} deletes {self._asked} and your words in it."
        if kind == CHANGED:
            return f"{again} deletes what you changed: {self._asked} is then as it was at first."
        return f"{again} hides {self._asked}. Add one of that name and take it out, and it is back."

    def _status(self) -> None:
        status = self.query_one(StatusLine)
        if isinstance(self.app.screen, LensForm):
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
        lens, add, drop = self.lens, chord("lens.add"), chord("lens.drop")
        if self._asked:
            does = {YOURS: "deletes it", CHANGED: "deletes your changes", "": "hides it"}[self._kinds[self._list.at]]
            leaves = ("any other key leaves it", "esc: leaves it")
            status.show([("LETTERS ACT", "LETTERS"), (f"{drop}: {does}", f"{drop}: {does}"), leaves])
            return
        if lens is None:
            will = (f"{add}: adds one", f"{add}: adds one")
        else:
            name = shortened(lens.name, 30, Signs.of(self.app).ellipsis)
            will = (f"{chord('lens.edit')}: edits {name}", f"{chord('lens.edit')}: edits")
        usual = ("lens.add", "lens.drop") if lens else ("lens.add",)
        status.show(
            [
                ("LETTERS ACT", "LETTERS"),
                will,
                (hints(*usual), hints(*usual, between="  ")),
                (f"{chord('help')} help", chord("help")),
                (hints("lenses.leave"), hints("lenses.leave")),
            ]
        )

    def say(self, text: str, *, error: bool = False) -> None:
        """Say something in place of what was said last."""
        self.app.clear_notifications()
        self.notify(text, markup=False, severity="error" if error else "information", timeout=8 if error else 4)

    # keys

    def _go(self, at: int) -> None:
        self._asked = ""
        self._show(at)

    def _unask(self) -> None:
        if self._asked:
            self._go(self._list.at)

    async def action_lens_up(self) -> None:
        if await self._ready():
            self._go(self._list.at - 1)

    async def action_lens_down(self) -> None:
        if await self._ready():
            self._go(self._list.at + 1)

    async def action_lens_first(self) -> None:
        if await self._ready():
            self._go(0)

    async def action_lens_last(self) -> None:
        if await self._ready():
            self._go(len(self.lenses) - 1)

    def action_lens_on(self) -> None:
        self.query_one(LeafText).scroll_on(1)

    def action_lens_back(self) -> None:
        self.query_one(LeafText).scroll_on(-1)

    async def _chosen(self) -> Lens | None:
        """The lens under the cursor, once they have been read; says what to do where there is none."""
        if not await self._ready():
            return None
        if self.lens is None:
            self.say(f"There is no lens. {chord('lens.add')} adds one.")
        return self.lens

    async def action_lens_drop(self) -> None:
        lens = await self._chosen()
        if lens is None:
            return
        if self._asked != lens.name:
            self._asked = lens.name
            self._show(self._list.at)
            return
        self._unask()
        self._begin(partial(self._drop, lens))
        await self._ready()

    async def _drop(self, lens: Lens) -> None:
        try:
            await asyncio.to_thread(self.library.drop_lens, lens.name)
        except ComposerError as error:
            self.say(str(error), error=True)
            await self._read(lens.name)
            return
        await self._read(lens.name)
        if any(each.name.casefold() == lens.name.casefold() for each in self.lenses):
            self.say(f"{lens.name} is as it was at first.")
        else:
            self.say(f"{lens.name} is {'deleted' if lens.own else 'hidden'}.")

    # the form

    async def action_lens_add(self) -> None:
        if await self._ready():
            await self._write(None)

    async def action_lens_edit(self) -> None:
        if (lens := await self._chosen()) is not None:
            await self._write(lens)

    async def _write(self, lens: Lens | None) -> None:
        """Open the form of a lens, or of a new one."""
        self._unask()
        if (main := self.app.main) is None:
            return
        pen = Pen(self.library, lens)
        # What is typed ahead is for the form: it is waited for.
        await self.app.push_screen(
            LensForm(lens, main.clips, main.session.new_id, pen), lambda _: self._begin(partial(self._read, pen.name))
        )

    # what is no key of this place

    def action_flush(self) -> None:
        if main := self.app.main:
            main.action_flush()

    async def action_lenses_leave(self) -> None:
        if self._asked:
            self._unask()
            return
        # Where it goes back to, the lenses are read again: what is being written comes first.
        await self._rested()
        self.dismiss(None)

    def action_help(self) -> None:
        self._unask()
        self.app.push_screen(Sheet("Help", help_in_lenses(Signs.of(self.app))))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character:
            self._unask()
            if not event.character.isdigit():
                help = chord("help")
                self.say(f"Letters act here, and this one does nothing. {help} lists the keys, escape goes back.")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        add, edit = chord("lens.add"), chord("lens.edit")
        self.say(f"Nothing was pasted: letters act here. {add} opens a form to paste into, {edit} that of this lens.")


class Pen:
    """Keeps what is typed in one form. `keep` blocks and may run in several threads; the newest of what is `wanted` is kept."""

    def __init__(self, library: Library, lens: Lens | None) -> None:
        self.wanted = (lens.name, lens.text) if lens else ("", "")
        """Name and words as they are to be."""
        self.name = lens.name if lens else ""
        """What the lens is called in the library; empty while it is in none."""
        self._library = library
        self._ours = self.wanted if lens is not None and not lens.own else None
        """Name and words of a lens of the program's, as it was found."""
        self._new = lens is None
        self._kept = self.wanted
        self._lock = Lock()

    def keep(self) -> None:
        """Keep it. What was new is taken out where nothing is left of it, and what is the program's again is the program's own.

        ComposerError where it can't be kept.
        """
        with self._lock:
            name, text = self.wanted
            if self.wanted == self._kept:
                return
            if BETWEEN in name:
                raise RefusedError(
                    f"A lens can't have a {BETWEEN} in its name.", "It stands between lenses in a request."
                )
            if self._new and not name.strip() and not text.strip():
                if self.name:
                    self._library.drop_lens(self.name)
                self.name = ""
            else:
                self._library.keep_lens(name, text, self.name)
                self.name = " ".join(name.split())
                if (name, text) == self._ours:
                    self._library.drop_lens(name)
            self._kept = name, text


class LensForm(ScratchScreen[None]):
    """The form of a lens: its name and words. What is typed is kept by and by, in a thread; a name once it is no longer being typed."""

    CSS_PATH = "../styles/lenses.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down,enter", "step", "next field", show=False),
        Binding("shift+tab,up", "step", "field before", show=False),
        Binding("escape", "leave", "back", show=False),
        Binding("ctrl+s", "flush", "save", show=False),
    ]
    AUTO_FOCUS = ""
    """It gives the keys to a field itself."""

    def __init__(self, lens: Lens | None, clips: Clips, new_id: Callable[[], str], pen: Pen) -> None:
        super().__init__(Scratch(rows(lens.text, Written()) if lens else (), new_id), clips)
        self._title = f"Lens: {lens.name}" if lens else "New lens"
        self._at_name = lens is None
        self._pen = pen
        self._asked = False
        self._writing: asyncio.Future[None] | None = None
        """What is kept last, or was."""
        self._field = NameEntry(id="lens-name")
        self._field.value = pen.name
        self._field.placeholder = "a few words"
        self._edit = PlainEdit(self._scratch, id="lens-text")

    def compose(self) -> ComposeResult:
        with Vertical(id="lens-form", classes="sheet"):
            with Horizontal(id="lens-row"):
                yield Static("name", classes="box-label", markup=False)
                yield self._field
            yield self._edit
            yield Static(id="lens-says", markup=False)

    def on_mount(self) -> None:
        form = self.query_one("#lens-form")
        form.border_title = to_content(self._title)
        form.border_subtitle = to_content(
            "esc keeps it and goes back   tab next field   ^z undo"
            if self.app.size.width >= 70
            else "esc keeps   tab next field"
        )
        self._edit.empty_hint = ("Type here what the model is to do, in one to four sentences.",)
        self._show(self._scratch.manuscript.first)
        self.set_focus(self._field if self._at_name else self._edit)
        self._say()

    def _say(self, words: str = "", *, bad: bool = False) -> None:
        """Say something below the words; without any, what stands in the field that has the keys."""
        if not words:
            words = (
                "The name by which it is chosen in a request."
                if self.focused is self._field
                else "The model reads it in front of the task. Line breaks become blanks."
            )
        sign = f"{Signs.of(self.app).failed} " if bad else ""
        self.query_one("#lens-says", Static).update(to_content(f"{sign}{words}"))

    @property
    def said(self) -> tuple[str, str]:
        """Name and words as they stand in the fields now."""
        return clean(self._field.value), self._edit.plain

    # keeping

    def _write(self, name: str) -> asyncio.Future[None]:
        """Keep the words as they stand, under that name, in a thread."""
        self._settle()
        self._pen.wanted = name, self.said[1]
        # A thread has it at once: it is done also where the program is being left.
        self._writing = asyncio.get_running_loop().run_in_executor(None, self._pen.keep)
        # What could not be kept is told when the form is left.
        self._writing.add_done_callback(lambda done: done.cancelled() or done.exception())
        return self._writing

    def keep_now(self) -> bool:
        self._write(self.said[0])
        return True

    def _changed(self) -> None:
        self._asked = False
        if self.is_mounted:
            self._say()
        if self._timer is None:
            self._timer = self.set_timer(SOON, self._keep_soon)

    def _keep_soon(self) -> None:
        # Half a name is no name: while one is typed, the one before it holds.
        self._write(self._pen.name if self._field.has_focus else self.said[0])

    def _tell(self, error: ComposerError) -> None:
        self._say(str(error))

    def on_input_changed(self) -> None:
        self._changed()

    async def _keep_all(self) -> ComposerError | None:
        """Keep all that stands in it; why it can't be."""
        done, _ = await asyncio.wait({self._write(self.said[0])}, timeout=HELD)
        if not done:
            return SettingsError("It is not written yet: the disk is slow.", "Try again in a moment.")
        error = done.pop().exception()
        if error is not None and not isinstance(error, ComposerError):
            raise error
        return error

    # fields

    def action_step(self) -> None:
        self.set_focus(self._edit if self._field.has_focus else self._field)

    def on_input_submitted(self) -> None:
        self.action_step()

    def on_descendant_focus(self) -> None:
        if not self._asked:
            self._say()

    def on_name_entry_poured(self, message: NameEntry.Poured) -> None:
        """More than a name was pasted into its field: it is the words."""
        message.stop()
        self.set_focus(self._edit)
        self._put(message.text)

    def action_undo(self) -> None:
        if self._edit.has_focus:
            super().action_undo()

    def action_redo(self) -> None:
        if self._edit.has_focus:
            super().action_redo()

    # leaving

    async def action_flush(self) -> None:
        """Keep it now."""
        if trouble := await self._keep_all():
            self._say(str(trouble), bad=True)
        else:
            self._say("Kept. esc goes back.")

    async def _done(self, key: str) -> bool:
        """Whether all is kept, or that it is not was said before; else that is said now."""
        trouble = await self._keep_all()
        if trouble is None or self._asked:
            return True
        self._asked = True
        self._say(f"{trouble} Or {key} again leaves it as it was kept last.", bad=True)
        return False

    async def action_leave(self) -> None:
        if not (self._edit.has_focus and self._edit.drop_selection()) and await self._done("escape"):
            self.dismiss(None)

    async def action_quit(self) -> None:
        if await self._done("ctrl+q"):
            self.dismiss(None)
            self.app.call_later(self.app.action_quit)


def help_in_lenses(signs: Signs) -> str:
    """The keys of the lenses, and what is drawn there."""
    return help_of(
        "lenses",
        [
            (signs.here, "the cursor"),
            (YOURS, "a lens that you added"),
            (CHANGED, "one of the program's that you changed"),
            (signs.failed, "a file in your folder of lenses that is none; the words behind it say what to do"),
            (signs.lands, "what the same key does when it is pressed again"),
        ],
        "Words",
        "  lens           a framing of a request: the model reads it in front of the task",
        "",
        "In a request (^r) the row “lens” has them below it: space chooses, and each lens that is chosen makes candidates of its own.",
        "A lens is a small text file in your folder of lenses: the name in its first line, the words below it.",
        "In the form everything typed is kept; escape goes back. To hide one of the program's, take it out;",
        "to have it back, add one of its name and take that out.",
    )
