"""The prompt: what a model would be sent, as one text, by each chat template in turn; special tokens and line breaks are to be seen.

It wraps and paints only the lines that are seen, however long the text is. It renders nothing itself, sends nothing, and answers with the
template that is to be kept.
"""

from __future__ import annotations

import asyncio
import re
from array import array
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, ClassVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker

from composer.errors import ComposerError
from composer.text.clean import clean, one_line
from composer.text.graphemes import snap
from composer.text.special import special
from composer.ui import keymap
from composer.ui.backstop import to_content
from composer.ui.keymap import Key
from composer.ui.lines import Lines, Part
from composer.ui.screens.history import counted, shortened
from composer.ui.screens.profile import choices_line
from composer.ui.screens.sheet import Sheet
from composer.ui.scrolling import Place, walked
from composer.ui.signs import PLAIN, Signs
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.wrapping import Row, wrap

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

LONGEST = 2000
"""Characters of a piece of text that is wrapped at once: a paragraph, unless it is longer."""
NEAR = 64
"""Characters within which a border is looked for in a word that has to be cut."""
REMEMBERED = 1000
"""Pieces whose lines are kept."""
CHAT = ("", "chat")
"""Names under which messages are sent, and no template is used."""

KEYS: tuple[Key, ...] = (
    Key("everywhere", "template.before", "left,h", "← →", "template", "The template before or after"),
    Key("everywhere", "template.after", "right,l", "", "", ""),
    Key(
        "everywhere",
        "template.keep",
        "enter",
        "enter",
        "keep it",
        "Requests are rendered with this template from now on",
    ),
    Key("everywhere", "prompt.up", "up,k", "↑ ↓", "line", "A line up or down"),
    Key("everywhere", "prompt.down", "down,j", "", "", ""),
    Key("everywhere", "prompt.page_up", "pageup,backspace", "page keys", "screen", "A screen up or down"),
    Key("everywhere", "prompt.page_down", "pagedown,space", "", "", ""),
    Key("everywhere", "prompt.first", "home", "home, end", "ends", "The beginning, or the end"),
    Key("everywhere", "prompt.last", "end", "", "", ""),
    Key("everywhere", "prompt.leave", "escape,q", "esc", "back", "Back to where one was; nothing changes"),
)
"""The keys of this screen."""

_ROLE = re.compile(r"\[(?:system|developer|user|assistant|tool|prompt|suffix)\]")


@dataclass(frozen=True)
class PromptSigns:
    """What is drawn in the text: around special tokens, at line breaks, for blanks at the end of a line."""

    opens: str = "⟦"
    closes: str = "⟧"
    breaks: str = "↵"
    blank: str = "·"

    @classmethod
    def of(cls, signs: Signs) -> PromptSigns:
        return cls("{", "}", "$", "_") if signs.bar == PLAIN.bar else cls()


@dataclass(frozen=True)
class Laid:
    """A text cut into pieces, none longer than `LONGEST`, each within one line. `special` are the places of special tokens.

    With `chat` the lines that name a role are headings.
    """

    text: str
    starts: Sequence[int]
    special: Sequence[tuple[int, int]]
    chat: bool = False

    def __len__(self) -> int:
        return len(self.starts)

    def piece(self, index: int) -> tuple[int, int, bool]:
        """Start and end of a piece, and whether a line break follows it."""
        if index + 1 >= len(self.starts):
            return self.starts[index], len(self.text), False
        after = self.starts[index + 1]
        breaks = self.text[after - 1] == "\n"
        return self.starts[index], after - breaks, breaks

    def is_heading(self, index: int) -> bool:
        """Whether a piece names the role of the message below it."""
        start, end, _ = self.piece(index)
        alone = index == 0 or self.piece(index - 1)[0] == self.piece(index - 1)[1]
        return self.chat and alone and _ROLE.fullmatch(self.text, start, end) is not None


def lay(text: str, *, chat: bool = False) -> Laid:
    """Cut a text into pieces and find its special tokens."""
    text = clean(text)
    starts = array("q")
    at = 0
    while True:
        end = text.find("\n", at)
        last = end < 0
        end = len(text) if last else end
        while end - at > LONGEST:
            starts.append(at)
            blank = text.rfind(" ", at + LONGEST // 2, at + LONGEST)
            at = blank + 1 if blank >= 0 else _cut(text, at, at + LONGEST)
        starts.append(at)
        if last:
            return Laid(text, starts, special(text), chat)
        at = end + 1


def _cut(text: str, start: int, end: int) -> int:
    """Where to cut a long word that begins at `start`: at a border before `end`, or there if none is near."""
    back = min(NEAR, end - start)
    found = snap(text[end - back : end + NEAR], back)
    return end - back + found if found else end


@dataclass(frozen=True)
class Drawn:
    """A piece as it is shown: its text, the characters [start:end) in a style of the palette, and its rows."""

    text: str
    runs: Sequence[tuple[int, int, str]]
    rows: Sequence[Row]


def draw(laid: Laid, index: int, width: int, signs: Signs, foot: str = "") -> Drawn:
    """A piece with its special tokens in brackets, and what is not seen by itself made visible; `foot` stands behind the last one."""
    marks = PromptSigns.of(signs)
    start, end, breaks = laid.piece(index)
    shown: list[str] = []
    runs: list[tuple[int, int, str]] = []
    size = 0

    def add(text: str, style: str = "") -> None:
        nonlocal size
        if style and text:
            runs.append((size, size + len(text), style))
        shown.append(text)
        size += len(text)

    def plain(text: str) -> None:
        for number, part in enumerate(text.split("\t")):
            if number:
                add(f"{signs.arrow}   ", "dim")
            add(part)

    stop = start + len(laid.text[start:end].rstrip(" ")) if breaks or end == len(laid.text) else end
    if laid.is_heading(index):
        add(laid.text[start:end], "heading")
    else:
        at = start
        first = max(0, bisect_right(laid.special, (start, start)) - 1)
        for number in range(first, len(laid.special)):
            left, right = laid.special[number]
            if left >= end:
                break
            if right <= start:
                continue
            plain(laid.text[at : max(left, start)])
            if left >= start:
                add(marks.opens, "lands")
            add(laid.text[max(left, start) : min(right, end)], "title")
            if right <= end:
                add(marks.closes, "lands")
            at = min(right, end)
        plain(laid.text[at:stop])
        add(marks.blank * (end - max(at, stop)), "dim")
    if breaks:
        add(marks.breaks, "dim")
    elif foot and index == len(laid) - 1:
        add(f"{signs.lands} {foot}", "lands")
    text = "".join(shown)
    return Drawn(text, runs, wrap(text, width))


class PromptView(Lines):
    """The text, from the line that it was scrolled to. Instead of a text it may show why there is none."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._laid: Laid | None = None
        self._error: ComposerError | None = None
        self._foot = ""
        self._top: Place = (0, 0)
        self._drawn: dict[int, Drawn] = {}
        self._width = 0

    def show(self, laid: Laid | None, error: ComposerError | None = None, foot: str = "") -> None:
        """Show a text from its beginning, and `foot` at its end; an error in its place; with neither, that it is on its way."""
        self._laid, self._error, self._foot = laid, error, foot
        self._top = (0, 0)
        self._drawn.clear()
        self.repaint()

    @property
    def seen(self) -> tuple[int, bool]:
        """How much of the text stands above the window, in percent, and whether all of it is seen."""
        if self._laid is None or not len(self._laid.text):
            return 0, True
        at = self._laid.piece(self._top[0])[0]
        return at * 100 // len(self._laid.text), self._last() == (0, 0)

    def _piece(self, index: int) -> Drawn:
        assert self._laid is not None
        width = max(4, self.size.width - 2)
        if width != self._width or len(self._drawn) > REMEMBERED:
            self._drawn.clear()
            self._width = width
        known = self._drawn.get(index)
        if known is None:
            known = self._drawn[index] = draw(self._laid, index, width, Signs.of(self.app), self._foot)
        return known

    def _lines_of(self, index: int) -> int:
        return len(self._piece(index).rows)

    def _walk(self, at: Place, steps: int) -> Place:
        return walked(at, steps, len(self._laid) if self._laid else 1, self._lines_of)

    def _last(self) -> Place:
        """The line to scroll to at most: from there the end is seen."""
        if self._laid is None:
            return 0, 0
        end = (len(self._laid) - 1, self._lines_of(len(self._laid) - 1) - 1)
        return self._walk(end, 1 - max(1, self.size.height))

    def scroll_on(self, lines: int) -> None:
        """Scroll by that many lines."""
        if self._laid is not None:
            self._top = min(self._walk(self._top, lines), self._last())
            self.repaint()

    def page_on(self, by: int) -> None:
        self.scroll_on(by * max(1, self.size.height - 2))

    def go_first(self) -> None:
        self._top = (0, 0)
        self.repaint()

    def go_last(self) -> None:
        self._top = self._last()
        self.repaint()

    def on_resize(self) -> None:
        self._top = (self._top[0], 0)
        if self._laid is not None and self.size.height:
            self._top = min(self._top, self._last())
        super().on_resize()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        if self._error is not None:
            return self._trouble(self._error, width)
        if self._laid is None:
            return [[(f" {signs.ellipsis}", palette.dim)]]
        painted: list[list[Part]] = []
        index, skip = self._top
        while len(painted) < height and index < len(self._laid):
            drawn = self._piece(index)
            painted += [self._paint(drawn, row) for row in drawn.rows[skip:]]
            index, skip = index + 1, 0
        return painted[:height]

    def _paint(self, drawn: Drawn, row: Row) -> list[Part]:
        palette = self.palette
        parts: list[Part] = [(" ", palette.text)]
        at, end = row
        for first, last, name in drawn.runs:
            first, last = max(first, at), min(last, end)
            if first < last:
                style: Style = getattr(palette, name)
                parts += [(drawn.text[at:first], palette.text), (drawn.text[first:last], style)]
                at = last
        return [*parts, (drawn.text[at:end], palette.text)]

    def _trouble(self, error: ComposerError, width: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        painted: list[list[Part]] = [[]]
        for number, text in enumerate((clean(error.sentence), clean(error.next_step))):
            for at, (start, end) in enumerate(wrap(text, max(10, width - 4))):
                sign = signs.failed if not at and not number else " "
                painted.append([(f" {sign} ", palette.bad), (text[start:end].rstrip(), palette.text)])
        return painted


class TemplatesLine(Lines):
    """The templates on a line, the one that is shown in brackets."""

    def __init__(self, names: Sequence[str], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._names = names
        self.at = 0

    def show(self, at: int) -> None:
        self.at = at
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        parts = choices_line(self._names, self.at, width - 11, palette, current=palette.title + palette.cursor)
        return [[(" template ", palette.dim), *parts]]


class PromptScreen(Screen[str | None]):
    """Answers the name of the template that is to be kept, or None. `render` gives the text of a template by its name, or
    raises a ComposerError; it and `count`, which counts tokens, may take their time: they are called in a thread.

    The name `chat`, or an empty one, is for messages: `render` gives them one below the other, each below its role, like `[user]`.
    """

    CSS_PATH = "../styles/prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.word, id=key.id, show=False) for key in KEYS),
        Binding("f1,question_mark", "help", "help", show=False),
    ]
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(
        self,
        render: Callable[[str], str],
        templates: Sequence[str],
        chosen: str,
        count: Callable[[str], int],
        title: str,
    ) -> None:
        super().__init__()
        self._text_of = render
        self._templates = tuple(templates) if chosen in templates else (*templates, chosen)
        self._chosen = chosen
        self._count = count
        self._title = title
        self._at = self._templates.index(chosen)
        self._error: ComposerError | None = None
        self._ready = False
        """Whether what is shown is what the template makes, or why it makes nothing."""
        self._wanted = False
        """Enter was pressed before that could be told."""
        self._sizes = ""

    @property
    def template(self) -> str:
        """The template that is shown."""
        return self._templates[self._at]

    @property
    def _view(self) -> PromptView:
        return self.query_one(PromptView)

    def compose(self) -> ComposeResult:
        yield Static(id="prompt-title", markup=False)
        yield TemplatesLine([named(each) for each in self._templates], id="prompt-templates")
        with Pane(id="prompt-pane"):
            yield PromptView(id="prompt-text")
        yield StatusLine(id="prompt-status")

    def on_mount(self) -> None:
        self._turn(0)

    def on_resize(self) -> None:
        title = shortened(f"Prompt · {one_line(self._title)}", self.app.size.width - 2, Signs.of(self.app).ellipsis)
        self.query_one("#prompt-title", Static).update(to_content(title))
        self.call_after_refresh(self._name_pane)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # showing

    def _turn(self, by: int) -> None:
        """Show the text of another template."""
        self._at = (self._at + by) % len(self._templates)
        self._ready = self._wanted = False
        self._error = None
        self._sizes = "rendering…"
        self.query_one(TemplatesLine).show(self._at)
        self._view.show(None)
        self._name_pane()
        self.run_worker(self._fill(self.template), group="prompt", exclusive=True, exit_on_error=False)

    async def _fill(self, template: str) -> None:
        chat = template in CHAT
        try:
            laid = await asyncio.to_thread(lambda: lay(self._text_of(template), chat=chat))
        except ComposerError as error:
            self._error, self._ready, self._sizes = error, True, "can't be rendered"
            self._view.show(None, error)
            self._name_pane()
        else:
            self._ready, self._sizes = True, f"{counted(len(laid.text), 'character')}"
            self._view.show(laid, foot="" if chat else "the answer goes on here")
            self._name_pane()
        if self._wanted:
            self._keep()
        elif self._error is None:
            tokens = await asyncio.to_thread(self._count, laid.text)
            self._sizes = f"{counted(tokens, 'token')} · {self._sizes}"
            self._name_pane()

    def _name_pane(self) -> None:
        """Name the text: how much it is, and which part of it is seen."""
        above, all_of_it = self._view.seen
        place = "" if self._error or not self._ready else "all of it" if all_of_it else f"{above} % above"
        self.query_one("#prompt-pane", Pane).name_it(f"{named(self.template)} · {self._sizes}", place)
        name = named(self.template)
        if self.template == self._chosen:
            will = (f"enter: {name} stays", "enter: stays")
        else:
            will = (
                f"enter: requests by {name} from now on",
                f"enter: by {shortened(name, 16, Signs.of(self.app).ellipsis)}",
            )
        self.query_one(StatusLine).show(
            [
                ("LETTERS ACT", "LETTERS"),
                will,
                (
                    _hints("   ", "template.before", "prompt.up", "prompt.page_up"),
                    _hints("  ", "template.before", "prompt.page_up"),
                ),
                (f"{keymap.shown(keymap.BY_ID['help'])} help", keymap.shown(keymap.BY_ID["help"])),
                (_hints("", "prompt.leave"), _hints("", "prompt.leave")),
            ]
        )

    # keys

    def action_template_before(self) -> None:
        self._turn(-1)

    def action_template_after(self) -> None:
        self._turn(1)

    def action_template_keep(self) -> None:
        if self._ready:
            self._keep()
        else:
            self._wanted = True

    def _keep(self) -> None:
        if self._error is not None:
            self._wanted = False
            self.notify(f"{named(self.template)} can't be kept: it makes no text here.", markup=False)
        elif self.is_current:
            self.dismiss(self.template)

    def _scrolled(self, work: Callable[[], None]) -> None:
        work()
        self._name_pane()

    def action_prompt_up(self) -> None:
        self._scrolled(lambda: self._view.scroll_on(-1))

    def action_prompt_down(self) -> None:
        self._scrolled(lambda: self._view.scroll_on(1))

    def action_prompt_page_up(self) -> None:
        self._scrolled(lambda: self._view.page_on(-1))

    def action_prompt_page_down(self) -> None:
        self._scrolled(lambda: self._view.page_on(1))

    def action_prompt_first(self) -> None:
        self._scrolled(self._view.go_first)

    def action_prompt_last(self) -> None:
        self._scrolled(self._view.go_last)

    def action_prompt_leave(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(Sheet("Help", _help_text(Signs.of(self.app))))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and not event.character.isdigit():
            self.notify(
                "Letters act here, and this one does nothing. f1 lists the keys, escape goes back.", markup=False
            )


def named(template: str) -> str:
    """What a template is called on the screen."""
    return "chat" if template in CHAT else one_line(PurePath(template).name or template, 30)


def _hints(between: str, *ids: str) -> str:
    known = {key.id: key for key in KEYS}
    return between.join(f"{keymap.shown(known[name])} {known[name].word}" for name in ids)


def _help_text(signs: Signs) -> str:
    """The keys of this screen, and what is drawn on it."""
    marks = PromptSigns.of(signs)
    lines = [
        "In the prompt",
        *(f"  {keymap.shown(key):<14} {key.does}" for key in KEYS if keymap.shown(key)),
        "",
        "Signs",
    ]
    meanings = [
        (f"{marks.opens} {marks.closes}", "around a special token: what a template marks turns and roles with"),
        (marks.breaks, "a line break that is part of the text; lines without it are only wrapped"),
        (marks.blank, "a blank at the end of a line"),
        (signs.arrow, "a tab"),
        (signs.lands, "where the answer goes on"),
    ]
    lines += [f"  {sign:<14} {meaning}" for sign, meaning in meanings]
    lines += [
        "",
        "By chat, messages are sent as they are, each with its role, and the server makes one text of them by its own template.",
        "By any other template the text that is shown here is sent. Looking at it sends nothing.",
    ]
    return "\n".join(lines)
