"""A receipt to be read: as lines of text, in which each part and each thing in it says what became of it and why, and as values.

It packs nothing and knows no screen. How many cells a text takes is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from msgspec import Struct

from composer.story.candidate import Fate, ItemReceipt, PartReceipt, Receipt
from composer.text.clean import one_line

WORDS: dict[Fate, str] = {
    "kept": "sent",
    "condensed": "told by its summary",
    "repeat": "told by another passage",
    "cut": "left out",
    "muted": "left out by you",
}
"""Fates in words, where a receipt gives no reason."""
NARROWEST, WIDEST = 18, 34
"""Cells of the column of names."""
LEAST = 26
"""Cells that the column of reasons has where they need them and the lines have a width."""
LONGEST = 300
"""Characters of a reason."""

Cells = Callable[[str], int]


class _Row(Struct, frozen=True):
    """A line of the table: what was sent and what was left out, in tokens."""

    sign: str
    name: str
    sent: int
    left: int
    why: str
    inner: bool = False


def lines(receipt: Receipt, width: int = 0, cells: Cells = len, done: str = "✓") -> list[str]:
    """The parts as a table with their things below them, and the sum. `width` is in cells, 0 for lines as long as they get.

    Tokens that are not sent stand in a column of their own, where there are any. `done` is the sign of what is sent.
    """
    rows = [row for part in receipt.parts for row in _rows(part, receipt, done)]
    left = any(row.left for row in rows)
    head = _Row(" ", "part", 0, 0, "why")
    sent_size = max(len("tokens"), *(len(f"{row.sent:,}") for row in (head, *rows)))
    left_size = max(len("left out"), *(len(f"{row.left:,}") for row in (head, *rows)))
    around = 2 + 2 + sent_size + (2 + left_size if left else 0) + 2
    reasons = min(LEAST, max((cells(row.why) for row in rows), default=0))
    most = min(WIDEST, max(NARROWEST, width - around - reasons)) if width else WIDEST
    names = {row: _shortened(f"{'  ' * row.inner}{row.name}", most, cells) for row in rows}
    name_size = max(cells(name) for name in ("part", *names.values()))

    def lead(sign: str, name: str, sent: str, left_out: str) -> str:
        columns = [f"{sign} {name}{' ' * (name_size - cells(name))}", f"{sent:>{sent_size}}"]
        return "  ".join((*columns, f"{left_out:>{left_size}}") if left else columns)

    made = [f"{lead(' ', 'part', 'tokens', 'left out')}  why"]
    for row in rows:
        start = lead(
            row.sign,
            names[row],
            f"{row.sent:,}" if row.sent or not row.left else "",
            f"{row.left:,}" if row.left else "",
        )
        first, *more = _wrapped(row.why, width - around - name_size, cells) if width else [row.why]
        made.append(f"{start}  {first}".rstrip())
        made += [" " * (around + name_size) + each for each in more]
    return [*made, *_wrapped(total(receipt), width, cells)]


def total(receipt: Receipt) -> str:
    """The sum, what is kept for the answer, and how it was counted: `Total 6,601 + 600 for the answer = 7,201 of 8,192 · …`."""
    both = receipt.tokens + receipt.reserve
    return f"Total {receipt.tokens:,} + {receipt.reserve:,} for the answer = {both:,} of {receipt.budget:,} · {how_counted(receipt)}"


def how_counted(receipt: Receipt) -> str:
    """How its tokens were counted."""
    return "exact count" if receipt.exact else "estimate"


def under_roles(messages: Iterable[tuple[str, str]]) -> str:
    """Messages, as (role, text), as one text, each below its role."""
    return "\n\n".join(f"[{role}]\n{text.rstrip()}" for role, text in messages)


def told(receipt: Receipt, beat: str, model: str, messages: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The receipt as JSON has it, for the beat of that id, with the messages as (role, text)."""
    return {
        "tokens": receipt.tokens,
        "budget": receipt.budget,
        "reserve": receipt.reserve,
        "exact": receipt.exact,
        "beat": beat,
        "model": model,
        "amount": receipt.shape.amount,
        "parts": [
            {
                "name": part.name,
                "tokens": part.tokens,
                "kept": part.kept,
                "cut": part.cut,
                "why": part.why,
                "items": [
                    {
                        "label": item.label,
                        "tokens": item.tokens,
                        "fate": item.fate,
                        "why": item.why,
                        "stale": item.stale,
                    }
                    for item in part.items
                ],
            }
            for part in receipt.parts
        ],
        "messages": [{"role": role, "content": text} for role, text in messages],
    }


def sign_of_part(part: PartReceipt, receipt: Receipt, done: str = "✓") -> str:
    """One cell: `-` left out, `~` a summary in it is stale, `P` pinned, else that it is sent."""
    if not part.kept:
        return "-"
    if any(item.stale and item.fate == "kept" for item in part.items):
        return "~"
    return "P" if receipt.shape.is_pinned(part.name) else done


def sign_of_item(part: PartReceipt, item: ItemReceipt, receipt: Receipt, done: str = "✓") -> str:
    """The same of a thing within a part; `~` also what is told by its summary."""
    if item.fate == "condensed" or (item.fate == "kept" and item.stale):
        return "~"
    if item.fate != "kept":
        return "-"
    return "P" if item.thing and receipt.shape.is_pinned(part.name, item.thing) else done


def words(item: ItemReceipt) -> str:
    """What became of a thing and why, in words."""
    fate, why = WORDS[item.fate], one_line(item.why, LONGEST)
    if item.fate != "cut" or fate in why:
        return why or fate
    return f"{fate}: {why}" if why else fate


def _rows(part: PartReceipt, receipt: Receipt, done: str) -> list[_Row]:
    why = one_line(part.why, LONGEST)
    if part.edited and "you wrote" not in why:
        why = f"{why}; as you wrote it" if why else "as you wrote it"
    rows = [_Row(sign_of_part(part, receipt, done), part.name, part.tokens, part.cut, why)]
    for item in part.items:
        sent = item.fate == "kept"
        rows.append(
            _Row(
                sign_of_item(part, item, receipt, done),
                one_line(item.label),
                item.tokens if sent else 0,
                0 if sent else item.tokens,
                words(item),
                inner=True,
            )
        )
    return rows


def _shortened(text: str, room: int, cells: Cells) -> str:
    return text if cells(text) <= room else f"{_start(text, room - 1, cells).rstrip()}…"


def _start(text: str, room: int, cells: Cells) -> str:
    """As much of a text as fits; a character at least."""
    end = min(len(text), max(1, room))
    while end > 1 and cells(text[:end]) > room:
        end -= 1
    return text[:end]


def _wrapped(text: str, room: int, cells: Cells) -> list[str]:
    """Lines of whole words, one at least; words that are wider than a line are broken. Without room all of it is one."""
    if room <= 0 or cells(text) <= room:
        return [text]
    made = [""]
    for word in text.split():
        if cells(f"{made[-1]} {word}".strip()) <= room:
            made[-1] = f"{made[-1]} {word}".strip()
            continue
        while word:
            made.append(_start(word, room, cells))
            word = word[len(made[-1]) :]
    return made if made[0] or len(made) == 1 else made[1:]
