"""The base of all panes: a widget that paints lines itself and sends only the cells that changed.

A pane makes all its visible strips as values; they are compared with those on the screen, and what differs is refreshed. It
never lays out, never scrolls by itself, and does not paint while the terminal is not reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from composer.ui.theming import Palette

Part = tuple[str, Style]


class Lines(Widget):
    """A pane of lines. What is shown comes from `lines`; call `repaint` when that may have changed."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._shown: list[Strip] | None = None

    @property
    def palette(self) -> Palette:
        return Palette.of(self.app)

    def lines(self, width: int, height: int) -> Sequence[Sequence[Part]]:
        """The visible lines as runs of styled text, at most `height`; each is cut or filled to `width`."""
        raise NotImplementedError

    def repaint(self) -> None:
        """Show what is true now, with as few cells as that takes."""
        if not self.is_attached or not self.size or self._stalled():
            return
        old = self._shown
        self._shown = new = self._strips()
        if old is None or len(old) != len(new):
            self.refresh()
            return
        regions = []
        for y, (before, after) in enumerate(zip(old, new, strict=True)):
            if before is not after and (span := changed(before, after)):
                regions.append(Region(span[0], y, span[1] - span[0], 1))
        if regions:
            self.refresh(*regions)

    def _stalled(self) -> bool:
        return bool(getattr(self.app, "stalled", False))

    def _strips(self) -> list[Strip]:
        width, height = self.size
        base = self.palette.text
        # The palette's styles leave the ground to the widget's own, which the theme's stylesheet gives.
        ground = self.rich_style
        made = [fill(line, width, base).apply_style(ground) for line in list(self.lines(width, height))[:height]]
        blank = fill((), width, base).apply_style(ground)
        return made + [blank] * (height - len(made))

    def render_line(self, y: int) -> Strip:
        if self._shown is None or len(self._shown) != self.size.height:
            self._shown = self._strips()
        return self._shown[y] if y < len(self._shown) else Strip.blank(self.size.width)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._shown = None

    def on_resize(self) -> None:
        self._shown = None
        self.refresh()


def fill(parts: Iterable[Part], width: int, base: Style) -> Strip:
    """A strip of exactly `width` cells."""
    segments = [Segment(text, style) for text, style in parts if text]
    strip = Strip(segments)
    size = strip.cell_length
    if size > width:
        return strip.crop(0, width)
    if size < width:
        return Strip([*segments, Segment(" " * (width - size), base)], width)
    return strip


def clipped(parts: Iterable[Part], width: int, base: Style) -> list[Part]:
    """The parts cut or filled to `width` cells, to stand beside others."""
    return [(segment.text, segment.style or base) for segment in fill(parts, width, base)]


def changed(before: Strip, after: Strip) -> tuple[int, int] | None:
    """The cells [start, end) that differ between two strips of one width; None if none do."""
    left, right = before._segments, after._segments
    if left == right:
        return None
    old, new = _cells(left), _cells(right)
    if len(old) != len(new):
        return 0, max(len(old), len(new))
    first = next((at for at, (a, b) in enumerate(zip(old, new, strict=True)) if a != b), None)
    if first is None:
        return None
    last = next(at for at in range(len(old) - 1, -1, -1) if old[at] != new[at])
    # A wide character is repainted whole.
    while first > 0 and (old[first][0] == "" or new[first][0] == ""):
        first -= 1
    while last + 1 < len(old) and (old[last + 1][0] == "" or new[last + 1][0] == ""):
        last += 1
    return first, last + 1


def _cells(segments: Iterable[Segment]) -> list[tuple[str, Style | None]]:
    found: list[tuple[str, Style | None]] = []
    for text, style, _ in segments:
        if text.isascii():
            found += [(char, style) for char in text]
            continue
        for char in text:
            size = cell_len(char)
            if size == 0 and found:
                at = len(found) - 1
                while at > 0 and found[at][0] == "":
                    at -= 1
                found[at] = (found[at][0] + char, found[at][1])
                continue
            found.append((char, style))
            found += [("", style)] * (size - 1)
    return found
