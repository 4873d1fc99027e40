"""Plain text as a book: paragraphs, lines that were cut at a margin, chapters by their names, title and author.

Emphasis stays as it was typed. It decides by how most lines look and opens no file.

Paragraphs are parted by empty lines or, where there are none, by lines. Lines that end where the next word had no room are one
paragraph. What a text can't say is read in one way only: a title of a story is known by the line `by NAME` below it or a heading
right behind it, a heading by its name (`CHAPTER ONE`, `Chapter 3: The lamp`, `III.`) and by text behind it, a scene break by being nothing
but signs. All else is a paragraph, also what was a heading of other words before it became text.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run
from composer.exchange.documents.bounds import within_bounds
from composer.exchange.documents.decoding import is_text, text_of
from composer.exchange.documents.elements import is_ornament
from composer.exchange.documents.emphasis import runs_of
from composer.exchange.documents.outlining import lined_up, sketched
from composer.exchange.documents.settling import settled
from composer.exchange.taken import Circumstances, Taken, Tally

_NARROWEST, _WIDEST = 45, 100
"""Columns of a text that was cut at a margin."""
_MOST = 0.75
_SOME = 0.6
_TITLE = 120
"""Characters of a title or a heading, at most."""
_ENDED = re.compile(r"[.!?…。！？:][\"'”’»*_)]*$")
_BY = re.compile(r"by (?P<name>\S.{0,98}?)")
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_ONES = "one|two|three|four|five|six|seven|eight|nine"
_NUMBER = (
    rf"(?:[0-9]{{1,4}}|[ivxlc]{{1,8}}|(?:{_TENS})(?:[ -](?:{_ONES}))?|{_ONES}|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|the (?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|last)|last)"
)
_RANKS = {
    **dict.fromkeys(("book", "volume", "buch", "livre", "libro"), 1),
    **dict.fromkeys(("part", "act", "teil", "partie", "parte"), 2),
    **dict.fromkeys(("chapter", "canto", "kapitel", "chapitre", "capítulo", "capitolo", "letter"), 3),
    **dict.fromkeys(("scene", "section"), 4),
}
_NAMED = re.compile(
    rf"(?P<word>{'|'.join(_RANKS)}) {_NUMBER}(?:\.|:)?(?:\s*[.:—–-]\s*\S.*)?|(?P<whole>prologue|epilogue|interlude|foreword|preface|afterword|introduction)\.?",
    re.IGNORECASE,
)
_SINGLE = 3
"""The rank of prologues and the like."""
_NUMERAL = re.compile(r"(?:(?P<digits>[0-9]{1,3})|(?P<roman>[IVXLC]{1,8}))\.?")
_ROMAN = re.compile(r"(?:C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")


def fits(head: bytes, name: str) -> bool:
    """Any text, and an empty file."""
    return is_text(head)


def read(data: bytes, about: Circumstances) -> Taken:
    """A plain text as a session. UnreadableSource where it is none, too large, or empty."""
    tally = Tally()
    text = _text(data, about.name)
    if about.outline:
        return lined_up(sketched(text, tally), about, about.name, tally)
    return settled(_typed(text, tally), about, about.name, tally, verbatim=True)


def book(data: bytes, name: str) -> tuple[Book, Tally]:
    """A plain text as a book, and what had no place in it. UnreadableSource where it is no text or too large."""
    tally = Tally()
    found = _typed(_text(data, name), tally)
    parts = tuple(
        Paragraph(tuple(Run(*run) for run in runs_of(part.text))) if isinstance(part, Paragraph) else part
        for part in found.parts
    )
    return Book(found.title, found.author, parts=parts), tally


def _text(data: bytes, name: str) -> str:
    within_bounds(len(data), name)
    return text_of(data, name)


def _typed(text: str, tally: Tally) -> Book:
    """The book with its paragraphs as they were typed, each one run."""
    blocks = _blocks(text)
    title, author = _by_line(blocks)
    lines: list[tuple[str, bool]] = []
    spaced = len(blocks) > 1
    if not spaced and blocks and not _margin(blocks):
        blocks = [[line] for line in blocks[0]]
    margin = _margin(blocks)
    for block in blocks:
        if len(block) > 1 and (named := _NAMED.fullmatch(block[0].strip())) and named["word"]:
            lines.append((block.pop(0).strip(), True))
        paragraphs = _paragraphs(block, margin)
        if len(paragraphs) > 1 and spaced and not _indented(block, margin):
            tally.lost("line breaks within paragraphs", "Each line is a paragraph now.", len(paragraphs) - 1)
        lines += [(each, len(paragraphs) == 1) for each in paragraphs]
    parts = _parts(lines)
    if not title and len(parts) > 1 and isinstance(parts[0], Paragraph) and isinstance(parts[1], Heading):
        first = parts[0].text
        if len(first) <= _TITLE and not _ENDED.search(first):
            title, parts = first, parts[1:]
    return Book(title, author, parts=tuple(parts))


def _blocks(text: str) -> list[list[str]]:
    """Lines between empty ones. White space before a line is kept."""
    blocks: list[list[str]] = [[]]
    for line in text.replace("\t", "    ").split("\n"):
        if line.strip():
            blocks[-1].append(line.rstrip())
        elif blocks[-1]:
            blocks.append([])
    return [block for block in blocks if block]


def _by_line(blocks: list[list[str]]) -> tuple[str, str]:
    """Title and author, where the text begins with them; they are taken out of it."""
    lines = [line.strip() for block in blocks[:2] for line in block[:3]][:2]
    if len(lines) < 2 or len(blocks[0]) > 2 or (len(blocks[0]) == 1 and len(blocks[1]) > 1):
        return "", ""
    apart = len(blocks[0]) == 1
    found = _BY.fullmatch(lines[1] if apart else re.sub(r"(?i)^by\s+", "by ", lines[1]))
    if found is None or _ENDED.search(lines[1]) or len(lines[0]) > _TITLE or is_ornament(lines[0]):
        return "", ""
    del blocks[: 2 if apart else 1]
    return lines[0], found["name"]


def _margin(blocks: Sequence[Sequence[str]]) -> int:
    """The column at which the lines were cut, as far as most of them tell; 0 where they were not."""
    pairs = [pair for block in blocks for pair in pairwise(block)]
    widths = sorted(len(line) for line, _ in pairs)
    if not widths:
        return 0
    margin = widths[min(len(widths) - 1, len(widths) * 98 // 100)]
    if not _NARROWEST <= margin <= _WIDEST:
        return 0
    full = sum(_is_full(line, below, margin) for line, below in pairs)
    ended = sum(_ENDED.search(line) is not None for line, _ in pairs)
    return margin if full >= _MOST * len(pairs) and ended <= _SOME * len(pairs) else 0


def _is_full(line: str, below: str, margin: int) -> bool:
    """Whether the first word of the next line had no room on this one, or that line is set in."""
    if below[:1] == " " and line[:1] != " ":
        return True
    return len(line) + 1 + len(below.split(maxsplit=1)[0]) > margin


def _indented(block: Sequence[str], margin: int) -> bool:
    """Whether paragraphs are told by lines that are set in."""
    return bool(margin) and any(line[0] == " " for line in block) and any(line[0] != " " for line in block)


def _paragraphs(block: Sequence[str], margin: int) -> list[str]:
    """The paragraphs of the lines between two empty ones, each on one line."""
    pairs = list(pairwise(block))
    if not margin or sum(_is_full(*pair, margin) for pair in pairs) < _SOME * len(pairs):
        return [line.strip() for line in block]
    found: list[list[str]] = []
    for line in block:
        if not found or (line[0] == " " and _indented(block, margin)) or is_ornament(line):
            found.append([])
        found[-1].append(line.strip())
        if is_ornament(line):
            found.append([])
    return [" ".join(lines) for lines in found if lines]


def _parts(lines: Sequence[tuple[str, bool]]) -> list[Part]:
    """The lines as parts; each says whether it stands alone."""
    ranks = [_rank(line) if alone and len(line) <= _TITLE else 0 for line, alone in lines]
    counted = [at for at, rank in enumerate(ranks) if rank == max(_RANKS.values()) + 1]
    if not _counts_on([lines[at][0] for at in counted]):
        for at in counted:
            ranks[at] = 0
    depths = {rank: depth for depth, rank in enumerate(sorted(set(ranks) - {0}), 1)}
    # A heading stands over text. Lines of a table of contents don't, nor does a last line.
    named = [*ranks[1:], min(depths, default=1)] if ranks else []
    ranks = [rank if not below or rank < below else 0 for rank, below in zip(ranks, named, strict=True)]
    return [
        Heading(line, depths[rank]) if rank else Break() if is_ornament(line) else Paragraph((Run(line),))
        for (line, _), rank in zip(lines, ranks, strict=True)
    ]


def _counts_on(lines: Sequence[str]) -> bool:
    """Whether numbers that stand alone are those of chapters: they count up by one, or begin anew. Single figures may be of pages."""
    counts = [_count(line) for line in lines]
    plain = any(line.isdigit() for line in lines)
    if counts == [100] or counts == [50] or (plain and counts[:1] != [1]):
        return False
    return all(right in (left + 1, 1) for left, right in pairwise(counts))


def _rank(line: str) -> int:
    """How high a heading stands, 1 for books, by its name; 0 for what is none."""
    if found := _NAMED.fullmatch(line):
        return (_RANKS[found["word"].lower()] if found["word"] else _SINGLE) if line[0].isupper() else 0
    return max(_RANKS.values()) + 1 if _count(line) else 0


def _count(line: str) -> int:
    """The number that a line is, as digits or as Romans wrote it; 0 for none."""
    found = _NUMERAL.fullmatch(line)
    if found is None:
        return 0
    if found["digits"]:
        return int(found["digits"])
    roman = found["roman"]
    if not _ROMAN.fullmatch(roman):
        return 0
    worth = [{"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}[sign] for sign in roman]
    return sum(-each if each < following else each for each, following in zip(worth, [*worth[1:], 0], strict=True))
