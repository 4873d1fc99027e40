"""The history: the tree of all changes as a list to walk, and beside it the text as it stood at each step.

It answers where to go, or that it is to be replayed from there. It changes nothing itself, and knows neither session nor store.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.widgets import Static

from composer.journal.branches import NONE, Row, Run, changes_of, rows, traced
from composer.journal.journal import travel
from composer.journal.tree import ROOT, Tree
from composer.story.events import BlockAssigned, TextEdited, TextPlaced
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Outline
from composer.story.story import Story
from composer.ui import keymap
from composer.ui.backstop import to_content
from composer.ui.helping import help_of
from composer.ui.lines import Lines, Part
from composer.ui.phrases import counted, shortened
from composer.ui.screens.sheet import Sheet
from composer.ui.scrolling import walked
from composer.ui.signs import PLAIN, Signs
from composer.ui.tally import Tally
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.wrapping import cells, row_of, wrap

WIDE = 120
"""Columns from which the steps and the text stand side by side."""
DEEPEST = 6
"""Columns of branches that are drawn; those further in are drawn in the last of them."""
LONGEST_GONE = 600
"""Characters that are shown of what a step took out in one place."""


@dataclass(frozen=True)
class Chosen:
    """The change that the head should be moved to, ROOT for none; with `play` it is to be shown in the player instead."""

    seq: int
    play: bool = False


@dataclass(frozen=True)
class TreeSigns:
    """What the tree is drawn with: a step that holds now, one that does not, a line, where a branch begins in it."""

    holds: str = "●"
    aside: str = "○"
    line: str = "│ "
    begins: str = "├─"

    @classmethod
    def of(cls, signs: Signs) -> TreeSigns:
        return cls("*", "o", "| ", "+-") if signs.bar == PLAIN.bar else cls()


class Steps(Lines):
    """The steps, a line each, with their branches. `at` is the place of the cursor in `rows`."""

    def __init__(self, rows: Sequence[Row], at: int, now: int, *, id: str | None = None) -> None:
        """`now` is in ms since 1970: steps of that day are shown with their hour."""
        super().__init__(id=id)
        self.rows = rows
        self.at = at
        self._top = 0
        self._today = _moment(now).date()

    def go(self, at: int) -> None:
        """Put the cursor at a place, or as near as there is one."""
        self.at = max(0, min(at, len(self.rows) - 1))
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        if not self._top <= self.at < self._top + height:
            # By a third of the pane, so that most keys move only the cursor.
            lead = height // 3
            self._top = self.at - (lead if self.at < self._top else height - 1 - lead)
        self._top = max(0, min(self._top, len(self.rows) - height))
        signs = Signs.of(self.app)
        drawn = TreeSigns.of(signs)
        shown = range(self._top, min(len(self.rows), self._top + height))
        return [self._line(self.rows[at], at == self.at, width, signs, drawn) for at in shown]

    def _line(self, row: Row, current: bool, width: int, signs: Signs, drawn: TreeSigns) -> list[Part]:
        palette = self.palette
        when = "now" if row.is_head else self._when(row)
        columns = min(row.depth, DEEPEST)
        joint = drawn.begins if row.begins else drawn.line
        gutter = drawn.line * (columns - 1) + joint if columns else ""
        if row.depth > DEEPEST:
            gutter = signs.ellipsis + gutter[1:]
        what = f"{row.what:<9}" if row.seq != ROOT else ""
        lead = f"{signs.here if current else ' '} {when:<7}{gutter}"
        room = width - cells(lead) - 2 - len(what)
        text = shortened(row.text, room, signs.ellipsis)
        parts: list[Part] = [
            (lead[:2], palette.title),
            (lead[2 : 2 + 7], palette.lands if row.is_head else palette.dim),
            (lead[9:], palette.frame),
            (f"{drawn.holds if row.on_path else drawn.aside} ", palette.title if row.on_path else palette.dim),
            (what, palette.dim),
            (text, palette.text if row.on_path else palette.dim),
        ]
        if current:
            parts.append((" " * max(0, room - cells(text)), palette.text))
            parts = [(each, style + palette.cursor) for each, style in parts]
        return parts

    def _when(self, row: Row) -> str:
        if row.seq == ROOT:
            return ""
        moment = _moment(row.time)
        return f"{moment:%H:%M}" if moment.date() == self._today else f"{moment:%d %b}"


@dataclass(frozen=True)
class Shown:
    """A paragraph as it is shown. `styled` are characters [start:end) in the palette's style of a name, in order."""

    text: str
    styled: Sequence[tuple[int, int, str]] = ()
    touched: bool = False
    """Whether the step did something to it."""
    style: str = "text"

    @property
    def first(self) -> int:
        """Where the first change begins."""
        return self.styled[0][0] if self.styled else 0


def marked(runs: Sequence[Run], signs: Signs) -> Shown:
    """A paragraph with changes as candidates show them: `[old → new]`, `[+ new]`, `[- old]`."""
    text = ""
    styled: list[tuple[int, int, str]] = []

    def add(more: str, style: str = "") -> None:
        nonlocal text
        if style and more:
            styled.append((len(text), len(text) + len(more), style))
        text += more

    at = 0
    while at < len(runs):
        run = runs[at]
        at += 1
        if run.kind == "kept":
            add(run.text)
            continue
        old = run.text if run.kind == "gone" else ""
        new = run.text if run.kind == "put" else ""
        if old and at < len(runs) and runs[at].kind == "put":
            new = runs[at].text
            at += 1
        add("[" if old and new else "[+ " if new else "[- ", "dim")
        add(_flat(_middle_out(old, signs), signs), "removed")
        if old and new:
            add(f" {signs.arrow} ", "dim")
        add(_flat(new, signs), "put")
        add("]", "dim")
    return Shown(text, styled, touched=True)


class Preview(Lines):
    """The text as it stood at a step, with what the step changed in it. It scrolls by itself to the first change."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._text = Manuscript()
        self._outline = Outline()
        self._sections = False
        self._traced: Mapping[str, Sequence[Run]] = {}
        self._marked: dict[str, Shown] = {}
        self._heads: dict[str, list[str]] | None = None
        self._focus: tuple[int, int] | None = None
        self._top = (0, 0)

    def show(
        self, text: Manuscript, outline: Outline, changes: Mapping[str, Sequence[Run]], *, sections: bool = False
    ) -> None:
        """Show this text with these changes, as `traced` gives them. Without changes it stays where it was scrolled to.

        With `sections`, beats that have none below stand under their titles too.
        """
        self._text, self._outline, self._traced, self._sections = text, outline, changes, sections
        self._marked = {}
        self._heads = None
        order = sorted((text.index(block) if block else 0, block) for block in changes if not block or block in text)
        self._focus = None
        if order:
            index, block = order[0]
            self._focus = (index, self._mark(block).first if block else -1)
        self._settle()
        self.repaint()

    def scroll_on(self, by: int) -> None:
        """Scroll by screens."""
        self._top = self._walk(self._top, by * max(1, self.size.height - 2))
        self._fit()
        self.repaint()

    def on_resize(self) -> None:
        self._top = (self._top[0], 0)
        self._settle()
        super().on_resize()

    # lines of blocks

    @property
    def _width(self) -> int:
        return max(4, self.size.width - 3)

    def _mark(self, block: str) -> Shown:
        known = self._marked.get(block)
        if known is None:
            known = self._marked[block] = marked(self._traced[block], Signs.of(self.app))
        return known

    def _of(self, block: Block) -> Shown:
        if block.id in self._traced:
            return self._mark(block.id)
        return Shown(block.text, style="dim" if block.is_scene_break else "text")

    def _headings(self) -> dict[str, list[str]]:
        """The headings above blocks: those of the outline that begin there."""
        if self._heads is not None:
            return self._heads
        self._heads = {}
        over = self._outline.headings(sections=self._sections)
        if any(over.values()):
            seen: set[str] = set()
            last = ""
            for block in self._text:
                if block.beat == last:
                    continue
                last = block.beat
                for beat in over.get(last, ()):
                    if beat.id not in seen:
                        seen.add(beat.id)
                        self._heads.setdefault(block.id, []).append(beat.text.line)
        return self._heads

    def _lines_of(self, index: int) -> list[tuple[Shown | None, int, int, str]]:
        """The lines of a block, as (paragraph, start, end, heading): what is gone before it, headings, its rows, an empty one."""
        blank = (None, 0, 0, "")
        found: list[tuple[Shown | None, int, int, str]] = []
        if index == 0 and "" in self._traced:
            gone = self._mark("")
            found += [*((gone, start, end, "") for start, end in wrap(gone.text, self._width)), blank]
        if index < len(self._text):
            block = self._text.at(index)
            for heading in self._headings().get(block.id, ()):
                found += [(None, 0, 0, heading), blank]
            shown = self._of(block)
            found += [(shown, start, end, "") for start, end in wrap(shown.text, self._width)]
            found.append(blank)
        return found or [blank]

    def _walk(self, at: tuple[int, int], steps: int) -> tuple[int, int]:
        """The line `steps` below (or above) one, as far as the text goes."""
        return walked(at, steps, len(self._text), lambda index: len(self._lines_of(index)))

    def _settle(self) -> None:
        """Scroll so that the first change is visible, if there is one; else stay."""
        height = self.size.height
        if not height:
            return
        self._top = min(self._top, (max(0, len(self._text) - 1), 10**9))
        if self._top[1] >= len(self._lines_of(self._top[0])):
            self._top = (self._top[0], 0)
        if self._focus is not None:
            here = self._line_of(*self._focus)
            # Where the change begins low on the screen, little of it could be seen.
            if not self._top <= here <= self._walk(self._top, height // 2):
                self._top = self._walk(here, -(height // 3))
        self._fit()

    def _line_of(self, index: int, offset: int) -> tuple[int, int]:
        lines = self._lines_of(index)
        if offset < 0:
            return 0, 0
        rows = wrap(self._of(self._text.at(index)).text, self._width)
        return index, len(lines) - 1 - len(rows) + row_of(rows, offset)

    def _fit(self) -> None:
        """Leave no more of the pane empty than must be."""
        count = max(1, len(self._text))
        left = self.size.height - (len(self._lines_of(self._top[0])) - self._top[1])
        index = self._top[0] + 1
        while left >= 0 and index < count:
            left -= len(self._lines_of(index))
            index += 1
        # The empty line behind the last paragraph need not be seen.
        if left >= 0:
            self._top = self._walk(self._top, -left - 1)

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        if not len(self._text) and not self._traced:
            return [[("  The text is empty here.", palette.dim)]]
        painted: list[list[Part]] = []
        index, skip = self._top
        while len(painted) < height and index < max(1, len(self._text)):
            for line in self._lines_of(index)[skip:]:
                painted.append(self._paint(*line, width))
            index, skip = index + 1, 0
        return painted[:height]

    def _paint(self, shown: Shown | None, start: int, end: int, heading: str, width: int) -> list[Part]:
        palette = self.palette
        if heading:
            return [("  ", palette.text), (shortened(heading, width - 3, Signs.of(self.app).ellipsis), palette.heading)]
        if shown is None:
            return []
        sign = f"{Signs.of(self.app).mark} " if shown.touched else "  "
        parts: list[Part] = [(sign, palette.lands)]
        base: Style = getattr(palette, shown.style)
        at = start
        for first, last, name in shown.styled:
            first, last = max(first, start), min(last, end)
            if first < last:
                parts += [(shown.text[at:first], base), (shown.text[first:last], getattr(palette, name))]
                at = last
        return [*parts, (shown.text[at:end], base)]


class HistoryScreen(Screen[Chosen | None]):
    """Walks the tree of changes as it was when the screen was made. Answers where to go; None where nothing is to change."""

    BINDINGS: ClassVar[list[BindingType]] = [
        *keymap.bindings("history"),
        Binding("f1,question_mark", "help", "help", show=False),
    ]
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""

    def __init__(self, story: Story, tree: Tree, now: int | None = None) -> None:
        """`story` is the story at the head of `tree`. `now` is in ms since 1970; without it today is the newest step's day."""
        super().__init__()
        self._now = now if now is not None else max((node.time for node in tree.nodes.values()), default=0)
        self._tree = tree
        self._head = tree.head
        self._rows = rows(tree)
        self._places = {row.seq: at for at, row in enumerate(self._rows)}
        went_on = {row.before for row in self._rows}
        self._tips = [at for at, row in enumerate(self._rows) if row.depth and row.seq not in went_on]
        """Where the newest steps of branches stand."""
        self._tally = Tally()
        self._title = story.details.title
        self._story, self._at = story, tree.head

    @property
    def _steps(self) -> Steps:
        return self.query_one(Steps)

    @property
    def _preview(self) -> Preview:
        return self.query_one(Preview)

    @property
    def row(self) -> Row:
        """The step under the cursor."""
        return self._rows[self._steps.at]

    def compose(self) -> ComposeResult:
        yield Static(to_content(self._headline()), id="history-title", markup=False)
        with Container(id="history-panes"):
            with Pane(id="history-steps-pane"):
                yield Steps(self._rows, self._places[self._head], self._now, id="history-steps")
            with Pane(id="history-text-pane"):
                yield Preview(id="history-text")
        yield StatusLine(id="history-status")

    def _headline(self) -> str:
        steps = len(self._rows) - 1
        branches = sum(row.forks for row in self._rows)
        undone = sum(1 for row in self._rows if not row.on_path and row.depth == 0)
        parts = [
            counted(steps, "step"),
            counted(branches, "branch", "branches") if branches else "no branches",
            f"{counted(undone, 'step')} undone" if undone else "",
            self._title,
        ]
        return "History · " + " · ".join(part for part in parts if part)

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self.query_one("#history-steps-pane", Pane).name_it("Steps, the newest on top")
        self._show()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self._name_text()

    def _show(self) -> None:
        """Show the text as it stood at the step under the cursor."""
        row = self.row
        after = self._travel(row.seq)
        changes = changes_of(self._tree, row)
        traces: Mapping[str, Sequence[Run]] = {}
        if any(isinstance(change, TextEdited | TextPlaced | BlockAssigned) for change in changes):
            before = travel(after, self._tree, row.seq, row.before)
            traces = traced(before.manuscript, changes)
        self._preview.show(after.manuscript, after.outline, traces, sections=after.details.sections)
        self._name_text()
        self._status()

    def _name_text(self) -> None:
        """Name the text: when it stood so, its words, and of the step what its row has no room for."""
        row = self.row
        words = self._tally.words(self._story.manuscript)
        when = f"{_moment(row.time):%d %B %Y, %H:%M}" if row.seq != ROOT else "the beginning"
        title, what = f"The text then · {when} · {words:,} w", self._what(row)
        if self.has_class("-narrow"):
            # There the frame has no lower side.
            title = f"{title} · {what}" if what else title
        self.query_one("#history-text-pane", Pane).name_it(title, what or _hints("", "preview.on"))

    def _travel(self, seq: int) -> Story:
        """The story at a change. From one step to the next it is one step's way."""
        self._story = travel(self._story, self._tree, self._at, seq)
        self._at = seq
        return self._story

    def _what(self, row: Row) -> str:
        parts = []
        changes = changes_of(self._tree, row)
        names = [name for change in changes if isinstance(change, TextPlaced) for name in change.placement.candidates]
        if names:
            parts.append(f"from candidate {', '.join(names)}")
        if changes and not any(isinstance(change, TextEdited | TextPlaced) for change in changes):
            parts.append("the text did not change")
        if row.forks:
            parts.append(f"{counted(row.forks, 'branch', 'branches')} from here")
        return " · ".join(parts)

    def _status(self) -> None:
        will, shortly = self._will()
        self.query_one(StatusLine).show(
            [
                ("LETTERS ACT", "LETTERS"),
                (f"enter: {will}", f"enter: {shortly}"),
                (
                    _hints("   ", "branch.fork", "step.now", "step.play"),
                    _hints("  ", "branch.fork", "step.now", "step.play"),
                ),
                ("f1 help", "f1"),
                ("esc back", "esc back"),
            ]
        )

    def _will(self) -> tuple[str, str]:
        """What enter does here, in a few words and in fewer."""
        back, forward = self._tree.walk(self._head, self.row.seq)
        gone, come = (sum(1 for seq in way if seq in self._places) for way in (back, forward))
        if gone and come:
            return f"takes back {counted(gone, 'step')}, brings {come:,} of a branch", f"{gone:,} back, {come:,} on"
        if gone:
            return f"takes back {counted(gone, 'step')}", f"{gone:,} back"
        return (f"brings back {counted(come, 'step')}", f"{come:,} on") if come else ("you are here",) * 2

    # keys

    def _go(self, at: int) -> None:
        if max(0, min(at, len(self._rows) - 1)) != self._steps.at:
            self._steps.go(at)
            self._show()

    def action_step_newer(self) -> None:
        self._go(self._steps.at - 1)

    def action_step_older(self) -> None:
        self._go(self._steps.at + 1)

    def action_step_page_newer(self) -> None:
        self._go(self._steps.at - max(1, self._steps.size.height - 1))

    def action_step_page_older(self) -> None:
        self._go(self._steps.at + max(1, self._steps.size.height - 1))

    def action_step_newest(self) -> None:
        self._go(0)

    def action_step_oldest(self) -> None:
        self._go(len(self._rows) - 1)

    def action_step_now(self) -> None:
        self._go(self._places[self._head])

    def action_branch_fork(self) -> None:
        """To where this branch begins; in the head's line to the step before this one where one does."""
        row = self.row
        if row.fork != NONE:
            self._go(self._places[row.fork])
            return
        older = range(self._steps.at + 1, len(self._rows))
        found = next((at for at in older if self._rows[at].forks and self._rows[at].depth == 0), None)
        if found is None:
            self._say("No branch begins further down.")
        else:
            self._go(found)

    def action_branch_next(self) -> None:
        """To the newest step of a branch: one that begins here, else the next one down, else the topmost."""
        here = self.row
        if here.forks:
            self._go(next(at for at, row in enumerate(self._rows) if row.fork == here.seq))
        elif self._tips:
            self._go(next((at for at in self._tips if at > self._steps.at), self._tips[0]))
        else:
            self._say("There are no branches: one begins where something is done after an undo.")

    def action_preview_on(self) -> None:
        self._preview.scroll_on(1)

    def action_preview_back(self) -> None:
        self._preview.scroll_on(-1)

    def action_step_go(self) -> None:
        self.dismiss(None if self.row.is_head else Chosen(self.row.seq))

    def action_step_play(self) -> None:
        self.dismiss(Chosen(self.row.seq, play=True))

    def action_history_leave(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(Sheet("Help", _help_text(Signs.of(self.app))))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and not event.character.isdigit():
            self._say("Letters act here, and this one does nothing. f1 lists the keys, escape goes back.")

    def _say(self, text: str) -> None:
        self.notify(text, markup=False)


def _moment(time: int) -> datetime:
    return datetime.fromtimestamp(time / 1000).astimezone()


def _middle_out(text: str, signs: Signs) -> str:
    """The start and the end of a long text."""
    if len(text) <= LONGEST_GONE:
        return text
    return f"{text[: LONGEST_GONE * 2 // 3]} {signs.ellipsis} {text[-LONGEST_GONE // 3 :]}"


def _flat(text: str, signs: Signs) -> str:
    """One line: a paragraph's end is told by a sign."""
    return f" {signs.paragraph} ".join(text.split("\n")).strip(" ") if "\n" in text else text


def _hints(between: str, *ids: str) -> str:
    return between.join(f"{keymap.shown(keymap.BY_ID[name])} {keymap.BY_ID[name].word}" for name in ids)


def _help_text(signs: Signs) -> str:
    """The keys of this screen, and what is drawn on it."""
    drawn = TreeSigns.of(signs)
    return help_of(
        "history",
        [
            (drawn.holds, "a step that holds now"),
            (drawn.aside, "a step that was undone, or that is on a branch"),
            (drawn.begins, "the first step of a branch: it begins at the step below it that is one column to the left"),
            ("now", "where the story stands"),
            ("[+ ]", "what the step put into the text"),
            ("[- ]", "what it took out"),
            (f"[ {signs.arrow} ]", "what it took out, and what it put in its place"),
            (signs.mark, "a paragraph that it changed"),
        ],
        "A step is what one undo takes back. Going to a step never removes another: steps that are undone and branches",
        "stay in this list, and can be gone to. Looking around here changes nothing.",
    )
