"""The shelf and the search: what was kept, streamed, cut or undone, found as one types. It answers what is to be done with a text.

Typing narrows; down goes into the list, where space marks, enter opens where it came from, and ctrl+t places. A key never acts on
hits of an older query: it waits until those of the one that is typed have come. It computes nothing itself: finding is the
session's work, off this screen.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Input

from composer.errors import ComposerError
from composer.session.finding import Found
from composer.ui.backstop import to_content
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.wrapping import wrap

PAUSE = 0.15
"""Seconds after the last letter when the search begins."""
DEEP = 4
"""Lines that a hit takes: what it is, two of its text, an empty one."""


@dataclass(frozen=True)
class Wanted:
    """What is to be done with a text that was found."""

    what: Literal["open", "place"]
    found: Found


@dataclass(frozen=True)
class Line:
    """A hit as it is shown: what it is, in words, and whether it is in the splice."""

    found: Found
    about: str
    marked: bool


class HitsView(Lines, can_focus=True):
    """The hits, one under the cursor. While it waits for them it shows none, and holds what the keys ask for."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", show=False),
        Binding("down,j", "step(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "step(-100000)", show=False),
        Binding("end", "step(100000)", show=False),
        Binding("space", "wish('mark')", show=False),
        Binding("enter", "wish('open')", show=False),
        Binding("delete", "wish('take off')", show=False),
    ]

    @dataclass
    class Wished(Message):
        """A key asks for something to be done with the hit under the cursor."""

        what: str

    @dataclass
    class Left(Message):
        """Up was pressed on the first hit: the field has the keys again."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.hits: Sequence[Line] = ()
        self.current = 0
        self.empty = ""
        self.waiting = False
        self.held: list[int | str] = []
        """Steps of the cursor and wishes, in the order of their keys."""

    def wait(self) -> None:
        self.waiting = True
        self.held = []
        self.hits = ()
        self.empty = "…"
        self.repaint()

    def show(self, hits: Sequence[Line], *, keep: bool = False) -> None:
        self.waiting = False
        self.hits = hits
        self.current = min(self.current, max(0, len(hits) - 1)) if keep else 0
        self.repaint()

    @property
    def hit(self) -> Found | None:
        return self.hits[self.current].found if self.hits else None

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        if not self.hits:
            return [[(f" {self.empty}", palette.dim)]]
        shown = max(1, height // DEEP)
        first = max(0, min(self.current - shown // 2, len(self.hits) - shown))
        painted: list[list[Part]] = []
        for at in range(first, min(len(self.hits), first + shown)):
            line = self.hits[at]
            here = at == self.current
            pointer = signs.here if here and self.has_focus else " "
            mark = signs.mark if line.marked else " "
            title = palette.title + palette.cursor if here else palette.title
            painted.append([(f"{pointer}{mark}", palette.mark if line.marked else palette.title), (line.about, title)])
            painted += self._text(line.found, width)
            painted.append([])
        return painted

    def _text(self, found: Found, width: int) -> list[list[Part]]:
        """Two rows of the text around what fits best."""
        palette = self.palette
        rows = []
        at = 0
        for paragraph in found.text.split("\n"):
            rows += [(at + start, at + end) for start, end in wrap(paragraph, max(8, width - 4))]
            at += len(paragraph) + 1
        first = next((n for n, (_, end) in enumerate(rows) if found.start < end), 0)
        first = max(0, min(first, len(rows) - 2))
        whole = found.start == 0 and found.end >= len(found.text)
        painted: list[list[Part]] = []
        for start, end in rows[first : first + 2]:
            left, right = max(start, found.start), min(end, found.end)
            parts: list[Part] = [("  ", palette.text)]
            if left < right and not whole:
                parts += [
                    (found.text[start:left], palette.text),
                    (found.text[left:right], palette.repeated),
                    (found.text[right:end], palette.text),
                ]
            else:
                parts.append((found.text[start:end], palette.text))
            painted.append(parts)
        return painted + [[]] * (2 - len(painted))

    def action_step(self, by: int) -> None:
        if self.waiting and by > 0:
            self.held.append(by)
            return
        if by < 0 and (self.waiting or self.current == 0):
            self.post_message(self.Left())
        self.current = max(0, min(len(self.hits) - 1, self.current + by))
        self.repaint()

    def action_page(self, by: int) -> None:
        self.action_step(by * max(1, self.size.height // DEEP))

    def action_wish(self, what: str) -> None:
        if self.waiting:
            self.held.append(what)
        elif self.hit is not None:
            self.post_message(self.Wished(what))

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()


class SearchScreen(ModalScreen[Wanted | None]):
    """Answers what was chosen, or None. `find` finds, `describe` makes a line of a hit, `mark` marks one, or lifts its mark,
    `take_off` takes one off the shelf.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "close", show=False),
        Binding("f3", "close", show=False),
        Binding("down", "list", show=False),
        Binding("ctrl+t", "place", show=False),
        Binding("tab,shift+tab", "turn", show=False),
        Binding("ctrl+q", "quit", show=False),
    ]

    def __init__(
        self,
        find: Callable[[str], Awaitable[Sequence[Found]]],
        describe: Callable[[Found], Line],
        mark: Callable[[Found], None],
        take_off: Callable[[Found], None],
    ) -> None:
        super().__init__()
        self._find = find
        self._describe = describe
        self._mark = mark
        self._take_off = take_off
        self._found: Sequence[Found] = ()
        self._fits: str | None = None
        """The query that the hits are of."""

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet", id="search"):
            yield Input(
                placeholder="type to search all that was kept, written by a model, cut, or undone", compact=True
            )
            yield HitsView(id="hits")

    @property
    def _hits(self) -> HitsView:
        return self.query_one("#hits", HitsView)

    @property
    def _field(self) -> Input:
        return self.query_one(Input)

    def on_mount(self) -> None:
        sheet = self.query_one("#search")
        sheet.border_title = to_content("Shelf and search")
        sheet.border_subtitle = to_content("down: list   space mark  enter where from  ^t place  del off shelf")
        self.set_focus(self._field)
        self._search()

    def on_input_changed(self) -> None:
        self._search()

    def on_input_submitted(self) -> None:
        self.action_list()

    def _search(self, pause: float = PAUSE) -> None:
        self.run_worker(self._look(self._field.value, pause), group="find", exclusive=True, exit_on_error=False)

    async def _look(self, query: str, pause: float) -> None:
        if query.strip() and pause:
            await asyncio.sleep(pause)
        try:
            found = await self._find(query)
        except ComposerError as error:
            self._fail(error)
            return
        if self._hits.has_focus and not self._hits.waiting:
            # The cursor stands among hits of this query already: they stay as they are.
            return
        self._found, self._fits = found, query
        if not found:
            self._hits.empty = "Nothing like it was found." if query.strip() else EMPTY
        self._show()
        self._catch_up()

    def _fail(self, error: ComposerError) -> None:
        self._found, self._fits = (), None
        self._hits.empty = error.sentence
        self._hits.held = []
        self._show()
        self.set_focus(self._field)
        self._say(f"{error.sentence} {error.next_step}".strip(), error=True)

    def _say(self, text: str, *, error: bool = False) -> None:
        self.app.notify(text, severity="error" if error else "information", markup=False, timeout=8 if error else 5)

    def _show(self, *, keep: bool = False) -> None:
        self._hits.show([self._describe(each) for each in self._found], keep=keep)
        count = len(self._found)
        self.query_one("#search").border_title = to_content(f"Shelf and search · {count} found")

    @property
    def _fit(self) -> bool:
        """Whether the hits are of what is typed."""
        return self._fits == self._field.value

    def _wait(self, *held: str) -> None:
        """Go into the list, and do what its keys ask for when the hits have come."""
        self._hits.wait()
        self._hits.held += held
        self.set_focus(self._hits)
        self._search(0)

    def _catch_up(self) -> None:
        """Do what was asked for while the hits were waited for."""
        held, self._hits.held = self._hits.held, []
        if self._hits.has_focus and not self._hits.hits:
            self.set_focus(self._field)
            self._say("Nothing like it was found." if self._field.value.strip() else "The shelf is empty.")
            return
        for wish in held:
            if isinstance(wish, int):
                self._hits.action_step(wish)
            elif self._do(wish):
                return

    def _do(self, what: str) -> bool:
        """Do something with the hit under the cursor; whether that closed the screen."""
        found = self._hits.hit
        if found is None:
            return False
        if what == "mark":
            self._mark(found)
            self._show(keep=True)
        elif what == "open":
            self.dismiss(Wanted("open", found))
            return True
        elif what == "place":
            self.dismiss(Wanted("place", found))
            return True
        elif what == "take off" and found.kind == "shelf":
            self._take_off(found)
            self._found = [each for each in self._found if each.key != found.key]
            self._show(keep=True)
            if not self._found:
                self.set_focus(self._field)
            return True
        return False

    def on_hits_view_wished(self, message: HitsView.Wished) -> None:
        self._do(message.what)

    def on_hits_view_left(self) -> None:
        self._leave()

    def _leave(self) -> None:
        """Back to the field; what was asked for meanwhile is forgotten."""
        self._hits.held = []
        self.set_focus(self._field)

    def on_descendant_focus(self) -> None:
        if self._hits.has_focus and not self._fit and not self._hits.waiting:
            self._wait()

    def action_list(self) -> None:
        if not self._fit:
            self._wait()
        elif self._hits.hits:
            self.set_focus(self._hits)

    def action_turn(self) -> None:
        self._leave() if self._hits.has_focus else self.action_list()

    def action_place(self) -> None:
        if self._hits.has_focus and self._hits.waiting:
            self._hits.held.append("place")
        elif not self._fit:
            self._wait("place")
        elif not self._do("place"):
            self._say("There is nothing here to place.")

    def action_close(self) -> None:
        self.dismiss(None)

    def action_quit(self) -> None:
        self.dismiss(None)
        self.app.call_later(self.app.action_quit)


EMPTY = "The shelf is empty. ctrl+k keeps what is selected, marked or under the cursor. Type to search the rest."


def age(now: int, then: int) -> str:
    """How long ago, in a word or two. Both in ms since 1970."""
    minutes = max(0, now - then) // 60_000
    if minutes < 1:
        return "just now"
    if minutes < 60:
        return f"{minutes} min ago"
    if minutes < 48 * 60:
        return f"{minutes // 60} h ago"
    return f"{minutes // (24 * 60)} days ago"
