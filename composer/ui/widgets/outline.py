"""The outline: title, purpose, and a line for each beat with how far along it is. The cursor stands on the purpose or on a beat.

How far along a beat is stands in words below it; where there is room for a line each, a sign before it tells that.

It sends what was asked for as messages and changes nothing itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from textual import events
from textual.message import Message

from composer.story.outline import Outline, Row
from composer.story.progress import Progress
from composer.story.story import Details
from composer.ui import keymap, standings
from composer.ui.lines import Lines, Part
from composer.ui.signs import Signs
from composer.ui.wrapping import cells, wrap

PURPOSE = ""
"""The cursor's beat while it stands on the purpose."""

Wanted = Literal[
    "open",
    "add",
    "edit",
    "done",
    "delete",
    "up",
    "down",
    "in",
    "out",
    "drop",
    "put back",
    "expand",
    "summary",
    "condense",
    "drafts",
]


class OutlineView(Lines, can_focus=True):
    """The outline. `beat` is the id under the cursor, `PURPOSE` for the first line."""

    BINDINGS = keymap.bindings("outline")

    @dataclass
    class Pressed(Message):
        """A key asks for something for a beat."""

        wanted: Wanted
        beat: str

    @dataclass
    class Moved(Message):
        """The cursor is elsewhere."""

    @dataclass
    class Stray(Message):
        """A letter without a meaning here was pressed."""

        key: str

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.outline = Outline()
        self.details = Details()
        self.progress: Mapping[str, Progress] = {}
        """How far along each beat is."""
        self.here = ""
        """The beat that the caret is in."""
        self.beat = PURPOSE
        self.carrying = False
        self._folded: set[str] = set()
        self._top = 0

    def show(self, outline: Outline, details: Details, progress: Mapping[str, Progress], here: str) -> None:
        """Show this outline. The cursor stays on its beat, or goes to the nearest one."""
        if self.beat and outline.find(self.beat) is None:
            old = [row.beat.id for row in self._visible()]
            at = old.index(self.beat) if self.beat in old else 0
            self.outline = outline
            rows = self._visible()
            self.beat = rows[min(at, len(rows) - 1)].beat.id if rows else PURPOSE
        self.outline, self.details, self.progress, self.here = outline, details, progress, here
        self.repaint()

    def _visible(self) -> list[Row]:
        rows: list[Row] = []
        hidden = -1
        for row in self.outline.rows():
            if 0 <= hidden < row.depth:
                continue
            hidden = row.depth if row.beat.id in self._folded else -1
            rows.append(row)
        return rows

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette = self.palette
        signs = Signs.of(self.app)
        painted: list[list[Part]] = []
        cursor_at = 0
        title = self.details.title or "Untitled"
        painted.append([(f" {title}"[:width], palette.heading)])
        on_purpose = self.beat == PURPOSE and self.has_focus
        purpose = self.details.purpose or "no purpose yet: e writes one"
        for at, (start, end) in enumerate(wrap(f"Purpose: {purpose}", max(8, width - 2))[:4]):
            text = f"Purpose: {purpose}"[start:end]
            sign = signs.here if on_purpose and at == 0 else " "
            painted.append([(sign, palette.title), (text, palette.dim + palette.cursor if on_purpose else palette.dim)])
        painted.append([])
        rows = self._visible()
        if not rows:
            painted.append([(f" No {self.details.unit}s yet: a adds one,", palette.dim)])
            painted.append([(" a line each.", palette.dim)])
        # As much of each beat as there is room for: two lines of it and how far along it is, or one of each, or one alone.
        left = height - len(painted)
        two = 2 * len(rows) <= left
        deep = 2 if 3 * len(rows) <= left else 1
        if not two:
            return self._window(painted, rows, width, height)
        for row in rows:
            current = row.beat.id == self.beat
            if current if self.has_focus else row.beat.id == self.here:
                cursor_at = len(painted)
            painted += self._beat(row, current, width, two, deep)
        return painted[:height] if cursor_at < height else painted[-height:]

    def _window(self, head: list[list[Part]], rows: list[Row], width: int, height: int) -> list[list[Part]]:
        """What is visible of an outline of a line each: only that is painted, however long the outline is."""
        wanted = self.beat if self.has_focus else self.here
        here = next((at for at, row in enumerate(rows) if row.beat.id == wanted), -1) + len(head)
        if here < len(head):
            self._top = 0
        elif not self._top <= here < self._top + height - 1:
            self._top = max(0, min(here - height // 2, len(head) + len(rows) - height))
        shown = head[self._top : self._top + height]
        first = max(0, self._top - len(head))
        for row in rows[first : first + height - len(shown)]:
            shown += self._beat(row, row.beat.id == self.beat, width, False, 1)
        return shown

    def _beat(self, row: Row, current: bool, width: int, two: bool, deep: int) -> list[list[Part]]:
        palette = self.palette
        signs = Signs.of(self.app)
        beat = row.beat
        focused = current and self.has_focus
        sign = signs.carried if focused and self.carrying else signs.here if focused or beat.id == self.here else " "
        progress = self.progress.get(beat.id, Progress("done" if beat.text.done else "empty"))
        done = progress.standing == "done"
        state = standings.sign_of(progress, signs) if done or not two else " "
        number = f"{row.number} " if row.number else ("+ " if beat.id in self._folded else "")
        indent = "  " * row.depth
        lead = f"{indent}{number}"
        style = palette.heading if beat.below else palette.text
        if focused:
            style = style + palette.cursor
        room = max(4, width - 3 - len(lead))
        text = self._said(row, room, deep)
        shown = [text[start:end] for start, end in wrap(text, room)]
        if len(shown) > deep:
            last = "".join(shown[deep - 1 :])
            shown = [*shown[: deep - 1], last[: room - 1].rstrip() + signs.ellipsis]
        lines: list[list[Part]] = [
            [
                (sign, palette.title),
                (f"{state} ", palette.good if done else palette.dim),
                (lead, palette.dim),
                (shown[0], style),
            ]
        ]
        lines += [[("   " + " " * len(lead), palette.dim), (each, style)] for each in shown[1:]]
        if two:
            how_far = standings.told(progress, width - 3 - len(lead))
            lines.append([("   " + " " * len(lead) + how_far, palette.dim)])
        return lines

    def _said(self, row: Row, room: int, deep: int) -> str:
        """What is shown of a beat: its line; of a section the title and what it says, where that is no mere beginning."""
        text = row.beat.text
        whole = self.details.sections and (deep > 1 or cells(text.full) <= room)
        return text.full if whole else text.line

    # keys

    def _ask(self, wanted: Wanted) -> None:
        self.post_message(self.Pressed(wanted, self.beat))

    def _step(self, by: int) -> None:
        ids = [PURPOSE, *(row.beat.id for row in self._visible())]
        at = ids.index(self.beat) if self.beat in ids else 0
        self.beat = ids[max(0, min(len(ids) - 1, at + by))]
        self.repaint()
        self.post_message(self.Moved())

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and event.key not in _BOUND:
            event.stop()
            self.post_message(self.Stray(event.character))

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        self.post_message(self.Stray("paste"))

    def action_beat_up(self) -> None:
        if self.carrying:
            self._ask("up")
        else:
            self._step(-1)

    def action_beat_down(self) -> None:
        if self.carrying:
            self._ask("down")
        else:
            self._step(1)

    def action_beat_fold(self) -> None:
        if self.carrying:
            self._ask("out")
            return
        row = self.outline.row(self.beat)
        if row and row.beat.below and self.beat not in self._folded:
            self._folded.add(self.beat)
        elif row and row.slot.parent:
            self.beat = row.slot.parent
        self.repaint()
        self.post_message(self.Moved())

    def action_beat_unfold(self) -> None:
        if self.carrying:
            self._ask("in")
            return
        self._folded.discard(self.beat)
        self.repaint()
        self.post_message(self.Moved())

    def action_beat_open(self) -> None:
        if self.carrying:
            self.carrying = False
            self._ask("drop")
            self.repaint()
        else:
            self._ask("open")

    def action_beat_add(self) -> None:
        self._ask("add")

    def action_beat_edit(self) -> None:
        self._ask("edit")

    def action_beat_carry(self) -> None:
        if self.beat != PURPOSE:
            self.carrying = not self.carrying
            self._ask("drop") if not self.carrying else None
            self.repaint()
            self.post_message(self.Moved())

    def action_beat_expand(self) -> None:
        self._ask("expand")

    def action_beat_summary(self) -> None:
        self._ask("summary")

    def action_beat_condense(self) -> None:
        self._ask("condense")

    def action_beat_drafts(self) -> None:
        self._ask("drafts")

    def action_beat_done(self) -> None:
        self._ask("done")

    def action_beat_delete(self) -> None:
        self._ask("delete")

    def put_back(self) -> bool:
        """Stop carrying; whether a beat was being carried."""
        was, self.carrying = self.carrying, False
        if was:
            self._ask("put back")
            self.repaint()
        return was

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        if self.carrying:
            self.carrying = False
            self._ask("drop")
        self.repaint()


_BOUND = {name for key in keymap.TABLE if key.where in ("outline", "everywhere") for name in key.keys.split(",")}
