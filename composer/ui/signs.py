"""The signs on the screen, each with a plain stand-in for terminals that lack it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Signs:
    """One cell each."""

    here: str = "▸"
    done: str = "✓"
    edited: str = "▰"
    drafted: str = "▱"
    asked: str = "◦"
    writing: str = "●"
    cut: str = "┄"
    failed: str = "✗"
    mark: str = "▐"
    lands: str = "»"
    carried: str = "↕"
    paragraph: str = "¶"
    ellipsis: str = "…"
    bar: str = "│"
    arrow: str = "→"
    times: str = "×"
    space: str = "␣"
    line_break: str = "↵"

    @classmethod
    def of(cls, app: Any) -> Signs:
        """The signs of the running program."""
        found = getattr(app, "signs", None)
        return found if isinstance(found, Signs) else FANCY

    def meanings(self) -> list[tuple[str, str]]:
        return [(getattr(self, each.name), _MEANINGS[each.name]) for each in fields(self) if each.name in _MEANINGS]


_MEANINGS = {
    "here": "the cursor, or the beat that the caret is in",
    "done": "finished; in the outline: done",
    "edited": "in a long outline: a beat with text that you wrote or changed",
    "drafted": "there: a beat with text as models wrote it",
    "asked": "there: a beat that has candidates and no text yet",
    "writing": "waiting or writing",
    "cut": "cut at its length",
    "failed": "stopped or failed; what came is kept",
    "mark": "marked, with its number in the splice",
    "lands": "where enter will put it",
    "carried": "being moved",
    "paragraph": "paragraph, with its number",
    "space": "a space in a token, where it is told by itself",
    "line_break": "the same of a line break",
    "arrow": "a change: [old → new]; with the sign for failed it is left out",
}

FANCY = Signs()
PLAIN = Signs(
    here=">", done="+", edited="#", drafted="=", asked=":", writing="*", cut="-", failed="x", mark="]", lands=">", carried="^", paragraph="P",
    ellipsis="~", bar="|", arrow=">", times="x", space="_", line_break="/",
)  # fmt: skip


def choose(environ: Mapping[str, str]) -> Signs:
    """Plain signs on the Linux console and where the locale is not UTF-8."""
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    latin = bool(locale) and locale not in ("C", "POSIX") and "utf" not in locale.lower()
    return PLAIN if environ.get("TERM") == "linux" or latin else FANCY
