"""Fewer bytes on the line: a partial repaint sends the cells that were asked for, and not those left of them.

Textual's compositor cuts a strip that is painted in part only on its right. This cuts it on its left too. It changes what is
sent and never what is shown.
"""

from __future__ import annotations

from rich.console import Console
from textual import _compositor


def install() -> None:
    """Have all apps of this process paint partial lines thriftily. Safe to call twice."""
    _compositor.ChopsUpdate.render_segments = _render_segments  # type: ignore[method-assign, assignment]


def _render_segments(update: _compositor.ChopsUpdate, console: Console) -> str:
    out: list[str] = []
    for y, left, right in update.spans:
        for end, (start, strip) in zip(update.chop_ends[y], update.chops[y].items(), strict=True):
            if strip is None or start >= right or end <= left:
                continue
            first, last = max(start, left), min(end, right)
            if (first, last) != (start, end):
                strip = strip.crop(first - start, last - start)
            out.append(f"\x1b[{y + 1};{first + 1}H")
            out.append(strip.render(console))
    return "".join(out)
