"""A book as Fountain, the plain text that screenwriting programs read. It is prose in action lines: nobody's speech is guessed at.

Headings are sections (`#`, deeper ones with more of them), a scene break is a centred `#`. What Fountain would take for a scene heading,
a character, a transition or any other thing than action begins with `!`, which forces action. Signs of emphasis that mean nothing
have a backslash. Notes and what is commented out have no such escape, so an invisible word joiner stands between their two signs, as it
does between a backslash of the text and a sign that means something.

Fountain knows no language, and no emphasis that touches another without a blank between.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from composer.exchange.documents.book import UNTITLED, Book, Break, Heading, Run

_JOINER = "\u2060"
"""Has no width and forbids a line end, so what it parts looks the same."""
_DEEPEST = 6
_SIGNS = re.compile(r"[*_]")
_OPENING = re.compile(r"(?<=\[)(?=\[)|(?<=/)(?=\*)")
_FORCED = re.compile(r"[!@>~#=]|\.(?!\.)")
"""What a line begins with that is something else by its first sign alone."""
_SCENE = re.compile(r"(?:int|ext|est|int\.?/ext\.?|i\.?/e\.?)[. \t]", re.IGNORECASE)


def fountain(book: Book) -> bytes:
    """The script, as UTF-8. It always has a title page, because without one a colon in the first paragraph would begin it."""
    title = [f"Title: {_signed(book.title.strip() or UNTITLED)}"]
    author = [f"Author: {_signed(book.author)}"] if book.author.strip() else []
    return ("\n\n".join(["\n".join(title + author), *_parts(book)]) + "\n").encode()


def _parts(book: Book) -> Iterator[str]:
    for part in book.parts:
        if isinstance(part, Heading):
            yield f"{'#' * min(part.depth, _DEEPEST)} {_signed(part.text)}"
        elif isinstance(part, Break):
            yield "> # <"
        else:
            if line := _whole(_emphasised(part.runs)).strip():
                yield f"!{line}" if _means_something(line, part.text) else line


def _means_something(line: str, text: str) -> bool:
    """Whether a line is more than action. `text` is what it says, without signs."""
    return bool(_FORCED.match(line) or _SCENE.match(text.strip()) or text.isupper())


def _signed(text: str) -> str:
    return _whole(_escaped(text))


def _escaped(text: str) -> str:
    return _SIGNS.sub(r"\\\g<0>", text)


def _whole(line: str) -> str:
    """The line with nothing in it that begins a note or is commented out."""
    return _OPENING.sub(_JOINER, line)


def _emphasised(runs: Iterable[Run]) -> str:
    """Runs with signs around them. No sign of emphasis may have white space inside, so it moves outside."""
    line = ""
    for run in runs:
        core = run.text.strip()
        sign = "*" * (run.italic + 2 * run.bold) if core else ""
        before, _, after = run.text.partition(core) if core else (run.text, "", "")
        line = _joined(_joined(line + before, sign) + _escaped(core), sign) + after
    return line


def _joined(line: str, sign: str) -> str:
    """The line and a sign that means something, which a backslash right before it would take from it."""
    return f"{line}{_JOINER}{sign}" if sign and line.endswith("\\") else line + sign
