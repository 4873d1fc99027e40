"""Forms of rows: which are headings, items of a list, or neither, and which stand around the list and not in it.

What stands below what is never told here.

Limit: introductions and remarks are known by where they stand, and by English words where that is not enough.
"""

from __future__ import annotations

from composer.text.listing_emphasis import plain
from composer.text.listing_numbers import BEAT, BOLD, LEADING
from composer.text.listing_row import Row
from composer.text.listing_rows import ended
from composer.text.listing_signs import FEW, reads_as_sentence, worded
from composer.text.signs import compiled

_SURE = r"(?i)(?:sure(?: thing)?|certainly|of course|absolutely|okay|ok|great|understood|got it|no problem|alright|gladly)\b\W*"
_HERE = (
    r"(?i)(?:here(?:['’]s| is| are| you go)|below|(?:the )?following|this is|these are|i(?:['’]ve|['’]ll| have| will)|"
    r"let(?:['’]s| us)|as requested|based on|in response)\b"
)
_OF_LISTS = r"(?i)\b(?:outlines?|beats?|breakdown|lists?|bullets?|versions?|drafts?|storyline|synopsis)\b"
_OF_OUTLINES = r"(?i)\b(?:outline|beats?|beat sheet|breakdown|storyline|synopsis|gliederung)\b"
_FACTS = (
    r"(?i)[*_]{0,3}(?:log ?line|genre|premise|settings?|themes?|tone|pov|point of view|characters?|working title|word count)"
    r"[*_]{0,3}\s*:"
)
_REMARK = (
    r"(?i)[*_(\[]{0,4}(?:let me know|feel free|please let|would you like|do you want|want me to|shall i\b|should you|happy to|"
    r"if you(?:['’]d| would| want| need| like| prefer| wish)|i (?:hope|can|could|have|tried)\b[^\n]*\b(?:you|your|outline|beats?|list)\b|"
    r"hope (?:this|that|it) (?:helps|works)|(?:this|the above) (?:outline|structure|breakdown|list|version)\b|"
    r"these (?:beats|lines|scenes|chapters|sections)\b|notes?\s*[*_]{0,3}:|word count|(?:the )?end[.!]?[*_)\]]{0,4}$)"
)
"""What is said about a list behind it."""


def formed(text: str, rows: list[Row]) -> list[Row]:
    """The rows that tell the story, each with what it is: without introductions, remarks and a title of the whole."""
    for row in rows:
        _form(text, row)
    rows = _framed(text, rows)
    _lead(text, rows)
    return _under_title(rows)


def _form(text: str, row: Row) -> None:
    """Find out what a row is by itself."""
    if row.named and row.label:
        found = compiled(r"[*_]{0,3}\s*(?:[:–—]|-(?=\s))?[*_]{0,3}\s*").match(text, row.label[1], row.end)
        row.lead = row.label, (found.end() if found else row.label[1], row.end)
    elif not row.field and not row.cells:
        row.lead = row.bold(text)
    alone = row.lead is not None and not worded(text, *row.lead[1])
    listed = bool(row.bullet or row.number)
    if row.level or row.field == "title":
        row.kind = "heading"
    elif row.label and not listed and row.rank < BEAT:
        titles = alone or (row.lead is None and row.split(text) is None and not reads_as_sentence(row.words(text)))
        row.kind = "heading" if titles else "item"
    elif alone and not listed and not row.label:
        row.kind, row.rank = "heading", BOLD
    elif (row.marked and row.field != "told") or listed or row.lead:
        row.kind = "item"


def _introduces(text: str, row: Row) -> bool:
    """Whether the first row of an answer is about the list, and not of it."""
    if row.bullet or row.number or row.label or row.cells:
        return False
    if compiled(_FACTS).match(text, row.start, row.end):
        return True
    words = row.words(text)
    leads_on = text[row.start : row.end].rstrip("*_ ").endswith((":", "："))
    of_outlines = compiled(_OF_OUTLINES).search(words) is not None
    count = len(words.split())
    if row.kind == "heading":
        return of_outlines and not row.field
    if row.kind == "item":
        title = plain(text[slice(*row.lead[0])]) if row.lead else ""
        return len(title.split()) < 4 and compiled(_OF_OUTLINES).search(title) is not None
    if sure := compiled(_SURE).match(words):
        rest = words[sure.end() :]
        if not rest or leads_on or compiled(_OF_LISTS).search(rest) or compiled(_HERE).match(rest):
            return True
    if leads_on:
        return count > 3 or of_outlines
    if compiled(_HERE).match(words):
        return compiled(_OF_LISTS).search(words) is not None
    return of_outlines and count < 4 and not ended(text, row)


def _remarks(text: str, row: Row) -> bool:
    """Whether a last row is about the list, and not of it."""
    return not (row.bullet or row.number or row.level or row.cells) and bool(
        compiled(_REMARK).match(text, row.start, row.end)
    )


def _framed(text: str, rows: list[Row]) -> list[Row]:
    """The rows without those that words and signs show to introduce the list or to remark on it."""
    first, last = 0, len(rows)
    while first < last and _introduces(text, rows[first]):
        first += 1
    if first < last and rows[first].kind == "heading":
        facts = first + 1
        while facts < last and compiled(_FACTS).match(text, rows[facts].start, rows[facts].end):
            facts += 1
        del rows[first + 1 : facts]
        last = len(rows)
    while first < last:
        begin = last - 1
        while begin > first and last - begin < FEW and not rows[begin].gap and rows[begin].kind == "plain":
            begin -= 1
        if begin > first and rows[begin].gap and rows[begin].kind == "plain" and _remarks(text, rows[begin]):
            last = begin
        elif _remarks(text, rows[last - 1]):
            last -= 1
        else:
            break
    return rows[first:last]


def _lead(text: str, rows: list[Row]) -> None:
    """Make headings of the plain rows that lead on to a list, and parents of those that have one below them."""
    listed = [row.kind == "item" and bool(row.bullet or row.number) for row in rows]
    below = [0] * len(rows)
    """How the rows stand that have a list right below them: 1 beside it, 2 further out."""
    leading = 0
    for index, row in enumerate(rows):
        if row.kind != "plain" or row.field:
            continue
        leading += _leads_on(text, row)
        if index + 1 < len(rows) and listed[index + 1] and not rows[index + 1].gap:
            below[index] = 2 if rows[index + 1].indent >= row.indent + 2 else 1
    several = below[:1] > [0] and len(below) - below.count(0) > 1
    for index, row in enumerate(rows[:-1]):
        if row.kind != "plain" or row.field:
            continue
        above = rows[index - 1] if index else None
        if _leads_on(text, row):
            if listed[index + 1] or (leading > 1 and 3 * leading >= len(rows)):
                row.kind, row.rank = "heading", LEADING
        elif listed[index + 1] and _heads(text, row) and (above is None or row.gap or ended(text, above)):
            row.kind, row.rank = "heading", LEADING
        elif below[index] == 2 or (below[index] and several):
            row.parent = True


def _leads_on(text: str, row: Row) -> bool:
    """Whether a row is a few words and a colon."""
    words = row.words(text)
    return words.endswith((":", "：")) and len(words.split()) <= 6 and not words[:1].islower()


def _heads(text: str, row: Row) -> bool:
    """Whether a plain row looks like a heading."""
    words = row.words(text)
    return (
        len(words) <= 60
        and len(words.split()) <= 6
        and not words[:1].islower()
        and not reads_as_sentence(words)
        and not ended(text, row)
    )


def _under_title(rows: list[Row]) -> list[Row]:
    """The rows without a heading that stands over the whole, and without what it says of the whole."""
    first = rows[0] if rows else None
    if first is None or first.kind != "heading" or first.label or first.number:
        return rows
    rest = rows[1:]
    beside = [
        row
        for row in rest
        if row.kind == "heading" and (row.level <= first.level if row.level else row.rank == first.rank)
    ]
    if beside:
        return rows
    until = next((index for index, row in enumerate(rest) if row.kind != "plain"), len(rest))
    if until == len(rest):
        return rest if until > 2 or (until == 2 and first.level == 1) else rows
    outranked = any(row.rank and row.rank < first.rank for row in rest)
    if first.level == 1 or first.field or outranked:
        return rest[until:]
    return rest if first.rank == LEADING and not until and rest[0].gap else rows


def is_list(text: str, rows: list[Row]) -> bool:
    """Whether most rows are marked. Those that go on with a marked one are not counted."""
    marked = loose = 0
    last: Row | None = None
    free = False
    # Speech begins with a dash too, between paragraphs.
    dashed = all(row.dashed for row in rows if row.kind != "plain")
    for index, row in enumerate(rows):
        if row.kind != "plain":
            marked += 1
            last, free = row, False
        elif last is None or not (heads_text(last) or continues(last, row, free=free)):
            loose += not row.parent
            free = True
        else:
            # A sentence of its own beside a marked row may belong to it, or be a line without a mark.
            loose += row.indent <= last.indent and not heads_text(last) and ended(text, rows[index - 1])
    return marked > 0 and marked >= loose and not (dashed and loose)


def heads_text(row: Row) -> bool:
    """Whether a text can stand below a row that is its heading."""
    return row.kind == "heading" or (row.kind == "item" and row.lead is not None and row.lead[1][0] == row.lead[1][1])


def continues(above: Row, row: Row, *, free: bool) -> bool:
    """Whether a plain row can be more of the item above it; `free` if a row between them was not."""
    return row.indent >= above.indent + 2 if row.gap else not free and row.indent >= above.indent
