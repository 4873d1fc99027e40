"""The shelf and the search: what was kept, streamed or cut, found as one types. It answers what is to be done with a text.

Typing narrows; down goes into the list, where space marks, enter opens where it came from, and ctrl+t places. It computes nothing
itself: finding is the session's work, off this screen.
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

    what: Literal["open", "place", "take off"]
    found: Found


@dataclass(frozen=True)
class Line:
    """A hit as it is shown: what it is, in words, and whether it is in the splice."""

    found: Found
    about: str
    marked: bool


class HitsView(Lines, can_focus=True):
    """The hits, one under the cursor."""

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

    def show(self, hits: Sequence[Line], *, keep: bool = False) -> None:
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
        if by < 0 and self.current == 0:
            self.post_message(self.Left())
        self.current = max(0, min(len(self.hits) - 1, self.current + by))
        self.repaint()

    def action_page(self, by: int) -> None:
        self.action_step(by * max(1, self.size.height // DEEP))

    def action_wish(self, what: str) -> None:
        if self.hit is not None:
            self.post_message(self.Wished(what))

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()


class SearchScreen(ModalScreen[Wanted | None]):
    """Answers what was chosen, or None. `find` finds, `describe` makes a line of a hit, `mark` marks one, or lifts its mark."""

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
    ) -> None:
        super().__init__()
        self._find = find
        self._describe = describe
        self._mark = mark
        self._found: Sequence[Found] = ()

    def compose(self) -> ComposeResult:
        with Vertical(classes="sheet", id="search"):
            yield Input(placeholder="type to search all that was kept, written by a model, or cut", compact=True)
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
        sheet.border_subtitle = to_content(
            "down: list   space mark   enter where from   ctrl+t place   delete off the shelf"
        )
        self.set_focus(self._field)
        self._search()

    def on_input_changed(self) -> None:
        self._search()

    def on_input_submitted(self) -> None:
        self.action_list()

    def _search(self) -> None:
        self.run_worker(self._look(self._field.value), group="find", exclusive=True, exit_on_error=False)

    async def _look(self, query: str) -> None:
        if query.strip():
            await asyncio.sleep(PAUSE)
        found = await self._find(query)
        self._found = found
        if not found:
            self._hits.empty = "Nothing like it was found." if query.strip() else EMPTY
        self._show()

    def _show(self, *, keep: bool = False) -> None:
        self._hits.show([self._describe(each) for each in self._found], keep=keep)
        count = len(self._found)
        self.query_one("#search").border_title = to_content(f"Shelf and search · {count} found")

    def on_hits_view_wished(self, message: HitsView.Wished) -> None:
        found = self._hits.hit
        if found is None:
            return
        if message.what == "mark":
            self._mark(found)
            self._show(keep=True)
        elif message.what == "open":
            self.dismiss(Wanted("open", found))
        elif message.what == "take off" and found.kind == "shelf":
            self.dismiss(Wanted("take off", found))

    def on_hits_view_left(self) -> None:
        self.set_focus(self._field)

    def action_list(self) -> None:
        if self._hits.hits:
            self.set_focus(self._hits)

    def action_turn(self) -> None:
        self.set_focus(self._field) if self._hits.has_focus else self.action_list()

    def action_place(self) -> None:
        if (found := self._hits.hit) is not None:
            self.dismiss(Wanted("place", found))

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
