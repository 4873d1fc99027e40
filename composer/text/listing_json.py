"""The items of JSON: strings and objects, however many of their brackets are missing.

It reads from the first sign to the last and never refuses a text. What it holds is told by the words of its keys.

Limit: what stands under unknown keys is left out.
"""

from __future__ import annotations

from composer.text.clean import clean
from composer.text.listing_emphasis import beginning
from composer.text.listing_items import Item
from composer.text.listing_numbers import COUNTED, RANKS, roman_value
from composer.text.listing_row import Row, settle_numbers
from composer.text.listing_signs import FENCE, FEW, Range, behind_space, reads_as_sentence, worded
from composer.text.signs import compiled, listed

_JSON = r"(?:`{3,}\w*)?\s*(?P<first>\[\s*(?=[\"\[{]|$)|\{\s*(?=[\"}]|$))"
_NEXT = r"\s*,?\s*(?=[\[{]\s*[\"\[{])"
_AGAIN = r"(?m)^[ \t,]*(?=[\[{]\s*[\"\[{])"
_AFTER_VALUE = r"""["\[{\]}\d-]|true\b|false\b|null\b|//|$"""
_ESCAPE = r"(?s)\\(?:u([0-9A-Fa-f]{4})|(.))"
_ESCAPES = {"b": " ", "f": " ", "n": "\n", "r": "\n", "t": "\t"}
_NAME = r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+"
_TITLES = listed("title heading headline name label caption")
_SUMMARIES = listed(
    "summary description text content synopsis details detail action plot sentence body line happens gist overview"
)
_EITHER = listed("beat event step moment point")
"""Keys of a title where there is a summary too."""
_NUMBERS = listed(COUNTED.replace("|", " "))
_PARTS = listed("chapter scene act section part episode book")
_LISTS = listed(
    "beats scenes chapters sections subsections children items outline acts parts lines events steps points moments story plot "
    "structure entries sequences content data result response answer subbeats subscenes episodes books"
)
_OTHERS = listed("characters cast themes setting settings tags keywords notes genres motifs locations places props")
_DEEP = 100
"""How many brackets are told apart; in deeper ones nothing is read."""


def json_start(text: str) -> int:
    """Where JSON begins that is the answer, behind a short introduction; -1 if there is none."""
    at = few = 0
    while few <= FEW and at < len(text):
        at = behind_space(text, at, len(text))
        if found := compiled(_JSON).match(text, at):
            return found.start("first")
        stop = text.find("\n", at)
        stop = stop if stop >= 0 else len(text)
        few += worded(text, at, stop) and not compiled(FENCE).match(text, at, stop)
        at = stop + 1
    return -1


def json_items(text: str, at: int) -> list[Item]:
    """The strings and objects. What stands before the words of a title or of a string alone is no part of them."""
    items = _Reader(text, at).items
    for item in items:
        row = item.row
        if row is None:
            continue
        row.lead = row.bold(text)
        words = (row.first, row.end) if worded(text, row.first, row.end) else None
        if item.title:
            item.title = words
        elif row.lead and worded(text, *row.lead[1]):
            item.title, item.told = row.lead[0], [row.lead[1]]
        elif words:
            item.told = [words]
        item.split = row if words and item.told == [words] else None
    return items


def unescaped(text: str) -> str:
    """What stands in a string of JSON, filtered as all text from outside is: escapes can hold what text may not."""
    return clean(
        compiled(_ESCAPE).sub(
            lambda found: chr(int(found[1], 16)) if found[1] else _ESCAPES.get(found[2], found[2]), text
        )
    )


def _string_end(text: str, at: int, *, key: bool) -> int:
    """Where the string ends that begins at `at`, or -1. A quote that no sign of JSON follows belongs to it."""
    for found in compiled(r'(?s)\\.|"').finditer(text, at):
        if found[0] != '"':
            continue
        behind = behind_space(text, found.end(), len(text))
        sign = text[behind : behind + 1]
        if not sign or sign in "]}" or (key and sign == ":"):
            return found.start()
        if sign == "," and compiled(_AFTER_VALUE).match(text, behind_space(text, behind + 1, len(text))):
            return found.start()
        if sign == '"' and "\n" in text[found.end() : behind]:
            return found.start()  # a comma was left out
    return -1


class _Frame:
    """An object or a list that is open: what was found in it so far."""

    __slots__ = (
        "array",
        "depth",
        "dropped",
        "either",
        "item",
        "key",
        "known",
        "listed",
        "name",
        "part",
        "skipped",
        "summary",
        "title",
        "within",
    )

    def __init__(self, *, array: bool, above: _Frame | None, skipped: bool = False) -> None:
        self.array = array
        self.skipped = skipped
        """Whether nothing in it is read."""
        self.depth: int = 0 if above is None else above.depth + (above.item is not None)
        """How deep the lines in it stand."""
        self.within: bool = above is not None and (above.within or above.array)
        """Whether it stands in a list, and is no story with its beats for that."""
        self.key: Range | None = None
        self.title: Range | None = None
        self.name: Range | None = None
        """What a part is called, or what happens in it: `"scene": "The lamp"`."""
        self.either: Range | None = None
        self.summary: Range | None = None
        self.known = self.part = self.listed = self.dropped = False
        self.item: Item | None = None


class _Reader:
    """JSON, read from its first sign to its last: the items so far, and what is open."""

    def __init__(self, text: str, at: int) -> None:
        self.items: list[Item] = []
        self._text = text
        self._frames: list[_Frame] = []
        self._deep = 0
        self._roots = 0
        while at >= 0 and (found := compiled(r'["\[\]{}:,]').search(text, at)):
            at = self._read(found[0], found.end())
        for frame in self._frames:
            if frame.within or frame.part or frame.listed:
                self._emit(frame)
        settle_numbers(text, [item.row for item in self.items if item.row])

    def _read(self, sign: str, at: int) -> int:
        """Take in the sign before `at`. Returned is where to go on, or -1."""
        frame = self._frames[-1] if self._frames else None
        if sign == '"':
            key = frame is not None and not frame.array and frame.key is None
            end = _string_end(self._text, at, key=key)
            if frame is not None and not self._deep and not frame.skipped and (end >= 0 or not key):
                self._string(frame, (at, end if end >= 0 else self._cut(at)), key=key)
            return end + 1 if end >= 0 else -1
        if sign in "[{":
            if self._deep or len(self._frames) == _DEEP:
                self._deep += 1
            else:
                self._open(frame, sign == "[")
        elif sign in "]}":
            if self._deep:
                self._deep -= 1
            elif frame is not None:
                self._number(frame)
                self._emit(self._frames.pop())
                if not self._frames:
                    found = compiled(_NEXT).match(self._text, at) or compiled(_AGAIN).search(self._text, at)
                    return found.end() if found else -1
        elif sign == "," and frame is not None and not self._deep:
            self._number(frame)
            frame.key = None
        return at

    def _cut(self, at: int) -> int:
        """The end of a text that ends within a string, without half an escape."""
        found = compiled(r"\\(?:u[0-9A-Fa-f]{0,3})?$").search(self._text, max(at, len(self._text) - 6))
        return found.start() if found else len(self._text)

    def _names(self, key: Range | None) -> list[str]:
        return [name.lower() for name in compiled(_NAME).findall(self._text[slice(*key)][:80])] if key else []

    def _counts(self, names: list[str]) -> bool:
        """Whether a key is a number or a label: `3`, `beat_3`, `Act II`."""
        numbers = [name for name in names if name.isdigit() or roman_value(name) or name in _NUMBERS]
        return len(numbers) == 1 and len(names) < 3 and all(name in numbers or name in RANKS for name in names)

    def _number(self, frame: _Frame) -> None:
        """A value that is no string ended: the number of a part says that the object is one."""
        names = self._names(frame.key)
        if not frame.array and any(name in _PARTS or name in _EITHER or name in ("number", "id") for name in names):
            frame.part = True

    def _string(self, frame: _Frame, found: Range, *, key: bool) -> None:
        if key:
            frame.key = found
            return
        if frame.array:
            self._add(frame.depth, None, found)
            return
        names, at, frame.key = self._names(frame.key), frame.key, None
        last = names[-1] if names else ""
        if self._counts(names):
            self._below(frame)
            self._add(self._inner(frame), None, found)
        elif last in _TITLES:
            frame.title = frame.title or found
        elif last in _PARTS:
            frame.part = True
            if not compiled(r"\s*#?[0-9IVXL.]+\s*").fullmatch(self._text, *found):
                frame.name = frame.name or found
        elif last in _EITHER:
            frame.either = frame.either or found
        elif last in _SUMMARIES or last in _LISTS:
            frame.summary = frame.summary or found
            if frame.item is not None and not frame.item.told:
                frame.item.trailing = frame.item.trailing or found
        else:
            if at and not frame.known and self._titled(at) and " " in self._text[slice(*at)]:
                self._below(frame)
                self._add(self._inner(frame), at, found)
            return
        frame.known = True

    def _titled(self, key: Range) -> bool:
        """Whether a key is written as a title is."""
        return self._text[key[0]].isupper() and not any(name in _OTHERS for name in self._names(key))

    def _inner(self, frame: _Frame) -> int:
        return frame.depth + (frame.item is not None)

    def _below(self, frame: _Frame) -> None:
        """Lines follow that stand below this object: what it says of itself comes first, unless it is the story."""
        frame.listed = True
        if not frame.within and not frame.part and self._roots == 1:
            frame.dropped = True
        self._emit(frame)

    def _open(self, frame: _Frame | None, array: bool) -> None:
        if frame is None:
            self._roots += 1
            self._frames.append(_Frame(array=array, above=None))
            return
        names, key = self._names(frame.key), frame.key
        last = names[-1] if names else ""
        counts = self._counts(names)
        named = key is not None and not frame.known and last not in _LISTS and self._titled(key)
        holds = frame.array or counts or last in _LISTS or last in _PARTS or last in _EITHER or named
        if frame.skipped or not holds:
            frame.key = None
            self._frames.append(_Frame(array=array, above=frame, skipped=True))
            return
        self._below(frame)
        frame.key = None
        inner = _Frame(array=array, above=frame)
        inner.part = counts or named
        if key and named and array:
            self._add(inner.depth, key, None)
            inner.depth += 1
        elif named:
            inner.name = key
        self._frames.append(inner)

    def _emit(self, frame: _Frame) -> None:
        """Add the line of an object, once."""
        if frame.item is not None or frame.dropped or frame.skipped:
            return
        title, summary = frame.title or frame.name, frame.summary or frame.either
        if frame.either not in (None, summary):
            title = title or frame.either
        if title and not summary and not frame.title and reads_as_sentence(beginning(self._text, title)):
            title, summary = None, title
        if title or summary:
            frame.item = self._add(frame.depth, title, summary)

    def _add(self, depth: int, title: Range | None, told: Range | None) -> Item:
        first = title or told
        item = Item(depth, title, [told] if told else [], Row(self._text, *first) if first else None)
        self.items.append(item)
        return item
