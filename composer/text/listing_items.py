"""The items of a text: what stands below what, and which rows go on with the one above. Prose has its sentences for items.

An item holds ranges of the text. What it says, without the signs in it, is never told here.

Limit: a list that stands within one row is prose.
"""

from __future__ import annotations

from composer.text.listing_forms import continues, formed, heads_text, is_list
from composer.text.listing_numbers import LEADING, LISTED
from composer.text.listing_row import Row
from composer.text.listing_rows import read_rows
from composer.text.listing_signs import Range, reads_as_sentence, worded


class Item:
    """A line to be: its title, what is told under it, and how deep it stands."""

    __slots__ = ("begin", "depth", "label", "loose", "open", "row", "short", "split", "title", "told", "trailing")

    def __init__(self, depth: int, title: Range | None, told: list[Range], row: Row | None = None) -> None:
        self.depth, self.title, self.told, self.row = depth, title, told, row
        self.trailing: Range | None = None
        """What is told behind the lines below it."""
        self.split = None if title or row is None or len(told) != 1 else row
        """The row whose words may be a title and a sentence."""
        self.label = row.label if row else None
        """What is its title if there is nothing else."""
        self.begin = row.begin if row else -1
        """Where the signs begin that its words may stand within; -1 if each part has its own."""
        self.open = False
        """Whether it is a heading, and the text below it is its own."""
        self.short = False
        """Whether its words are a heading if a text stands below them."""
        self.loose = False
        """Whether it is a paragraph beside the list."""


def text_items(text: str) -> list[Item]:
    """The items of a text that is no JSON, in order: those of its list, or the sentences of its prose."""
    rows = formed(text, read_rows(text))
    found = None if is_list(text, rows) else _prose(text, rows)
    return _Listing(text, rows).items() if found is None else found


def _prose(text: str, rows: list[Row]) -> list[Item] | None:
    """The sentences, if the rows are paragraphs."""
    from composer.text.sentences import sentences

    if not rows or any(row.level or row.cells or (row.kind == "heading" and row.rank != LEADING) for row in rows):
        return None
    splits = sum(row.split(text) is not None for row in rows)
    if splits > 1 and 2 * splits >= len(rows):
        return None
    # Within a row a line feed parts nothing. Backticks make the segmenter look over all that was before, again and again.
    flat = text.replace("\n", " ").replace("`", " ")
    found = [
        [(row.start + start, row.start + end) for start, end in sentences(flat[row.start : row.end])] for row in rows
    ]
    many = sum(len(row) > 2 for row in found)
    if 2 * many < len(rows) and not (len(rows) == 1 and len(found[0]) > 1):
        return None
    return [Item(0, None, [sentence]) for row in found for sentence in row]


class _Listing:
    """The rows of a text, read from the first to the last: the items so far, and those that the next one can stand below."""

    def __init__(self, text: str, rows: list[Row]) -> None:
        self._text, self._rows = text, rows
        self._is_list = is_list(text, rows)
        self._above: list[tuple[int, Row]] = []
        """The ranks and rows of the items that are open to others below them."""
        self._short = [self._is_short(row) for row in rows]
        followed = [index + 1 < len(rows) and rows[index + 1].kind == "plain" for index in range(len(rows))]
        heads = [index for index, row in enumerate(rows) if heads_text(row) and not self._parts(index)]
        shorts = [index for index, short in enumerate(self._short) if short]
        self._bare = heads[-1] if _mostly_not(followed, heads) else -1
        """The last heading, if what follows it is no text of its own, since most headings have none."""
        self._shorts_head = not _mostly_not(followed, shorts)
        self._nests = any(self._nested(index) for index in range(len(rows)))
        """Whether plain rows below headings without marks are set in as lines of their own."""

    def items(self) -> list[Item]:
        """The lines, without paragraphs before and behind a list."""
        items: list[Item] = []
        last: Item | None = None
        for index, row in enumerate(self._rows):
            if last is not None and self._takes(last, row, index):
                if last.short and last.open:
                    last.title, last.told = last.told[0], []
                last.told.append((row.first, row.end))
                last.short = False
                last.split = None if last.title else last.split
                continue
            last = self._item(index, row)
            items.append(last)
        first, end = 0, len(items)
        if self._is_list:
            while first < end and items[first].loose:
                first += 1
            while end - 2 > first and items[end - 1].loose:
                end -= 1
            # Without a blank row before it, what is not marked is still no remark.
            while end < len(items) and (beside := items[end].row) and not beside.gap:
                end += 1
        return items[first:end]

    def _is_short(self, row: Row) -> bool:
        if row.kind != "item" or row.lead or row.cells or row.end - row.first > 60:
            return False
        words = row.words(self._text)
        return worded(words, 0, len(words)) and row.split(self._text) is None and not reads_as_sentence(words)

    def _parts(self, index: int) -> bool:
        """Whether a heading stands over other headings or items at once."""
        row, below = self._rows[index], self._rows[index + 1 : index + 2]
        return row.kind == "heading" and any(
            each.kind == "item" or (each.kind == "heading" and each.rank > row.rank) for each in below
        )

    def _nested(self, index: int) -> bool:
        row, below = self._rows[index], self._rows[index + 1 : index + 3]
        unmarked = row.kind == "heading" and not row.level and (row.label is not None or row.rank == LEADING)
        return (
            unmarked
            and len(below) == 2
            and all(each.kind == "plain" and each.indent >= row.indent + 2 for each in below)
            and below[0].indent == below[1].indent
        )

    def _takes(self, item: Item, row: Row, index: int) -> bool:
        """Whether a row is more of the item above it."""
        head = item.row
        if head is None or row.parent:
            return False
        if row.field == "told":
            return item.open and not item.told
        if row.kind != "plain" or row.field:
            return False
        if item.open:
            if self._nests and not head.level and head.kind == "heading" and row.indent >= head.indent + 2:
                return False
            return not (row.gap and self._bare >= 0 and head is self._rows[self._bare])
        if item.short and self._shorts_head and not self._text[row.start].islower():
            item.open = True
            return True
        return self._is_list and head.kind != "plain" and continues(head, row, free=False)

    def _item(self, index: int, row: Row) -> Item:
        depth = self._depth(row)
        words = (row.first, row.end) if worded(self._text, row.first, row.end) else None
        if row.cells:
            titled = len(row.cells) > 1 and row.cells[0][1] - row.cells[0][0] <= 80
            cell = Row(self._text, *row.cells[0])
            title = (cell.first, cell.end) if titled else None
            item = Item(depth, title, [row.cells[1] if titled else (cell.first, cell.end)], row)
            item.split = None
        elif row.lead:
            title, rest = row.lead
            item = Item(depth, title, [rest] if worded(self._text, *rest) else [], row)
        elif row.kind == "heading":
            item = Item(depth, words, [], row)
            item.split = row
        else:
            item = Item(depth, None, [words] if words else [], row)
        item.open = not item.told and (row.kind == "heading" or item.title is not None or words is None)
        item.short = self._short[index]
        item.loose = row.kind == "plain" and not row.parent and not row.indent
        return item

    def _depth(self, row: Row) -> int:
        """How deep a row stands, which from then on stands above others."""
        above = self._above
        rank = row.rank if row.kind == "heading" or (row.label and not row.bullet and not row.number) else LISTED
        if rank < LISTED:
            while above and above[-1][0] >= rank:
                above.pop()
        else:
            while above and above[-1][0] == LISTED and above[-1][1].indent >= row.indent + 2:
                above.pop()
            beside = len(above)
            while beside and above[beside - 1][0] == LISTED and above[beside - 1][1].indent > row.indent - 2:
                beside -= 1
            del above[self._level(beside, row) :]
        above.append((rank, row))
        return len(above) - 1

    def _level(self, beside: int, row: Row) -> int:
        """Where a row goes among the open ones that are set in as far as it is, which begin at `beside`.

        They differ by their marks: what has other marks stands below a number.
        """
        above = self._above
        form = _marks(row)
        for index in range(beside, len(above)):
            other = _marks(above[index][1])
            if other == form or (form[0] == other[0] == "number" and form[1] < other[1]):
                return index
        if len(above) > beside and form[0] != "plain" and (_marks(above[-1][1])[1] or above[-1][1].parent):
            return len(above)
        return beside


def _mostly_not(followed: list[bool], rows: list[int]) -> bool:
    """Whether of these rows, without the last one, most are not followed by text."""
    return len(rows) > 1 and 2 * sum(followed[index] for index in rows[:-1]) < len(rows) - 1


def _marks(row: Row) -> tuple[str, int]:
    """The kind of marks that a row begins with, and of how many parts its number is."""
    if row.family:
        return row.family, len(row.number[0][1])
    return ("bullet", 0) if row.bullet else ("plain", 0)
