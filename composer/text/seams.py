"""Seams: where two pieces of prose by different hands meet, and the small repairs that let them read as one.

A repair is a value: characters of one piece that are exchanged for others. All of them are found in one pass from left to
right, each seam seen as the repairs before it leave it, and given in the pieces' own characters, so that each can be turned
off alone. It reads surfaces: marks, spaces, capitals and short lists of words. It never judges grammar or sense, never looks
inside a piece for faults that were there before, and never touches single quotes. What each rule decides where more than one
thing is right is written in the file of its subject: `speech`, `doubles`, `capitals`, `articles`, `spaces`.

Empty and blank pieces are passed over: the seam then lies between the nearest others and carries the left one's number, and
what white space stood between counts as the seam's. The same holds for a piece of which nothing stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec import Struct

from composer.text import articles, capitals, doubles
from composer.text.sides import Place, Side
from composer.text.signs import CLOSING, ELLIPSIS, LOOKED_THROUGH, MARKS, QUOTES, SEEN, compiled, word_before
from composer.text.spaces import Spaces
from composer.text.speech import Quote, Speech

RULES = ("space", "doubled word", "quotes", "capital", "article")
"""The names of the rules, as a repair carries them."""

_AT_ONE_PLACE = {rule: rank for rank, rule in enumerate(("article", "space", "quotes", "doubled word", "capital"))}
"""The order of what is put at one place: the letter that ends a word, the space, the quote that opens."""


class Repair(Struct, frozen=True):
    """One change of one piece. `put` may be empty (characters go) and so may the range (characters come)."""

    seam: int
    """Between `pieces[seam]` and the next piece that is not blank."""
    rule: str
    """One of `RULES`."""
    piece: int
    """The index of the piece that is changed."""
    start: int
    """The characters [start:end) of that piece are exchanged for `put`."""
    end: int
    put: str


def repairs(pieces: Sequence[str], language: str = "en") -> tuple[Repair, ...]:
    """What the seams between the pieces need, ordered by seam, piece and place.

    Each piece is clean text without line feeds. `language` is a tag such as `en` or `fr-CA`; some rules are for English alone.
    Repairs of one piece never overlap. White space before the first and behind the last word is not a seam's.
    """
    mender = _Mender(pieces, (language or "en").replace("_", "-").split("-")[0].lower())
    mender.run()
    return tuple(sorted(mender.found, key=lambda repair: (repair.seam, *_place(repair))))


def mended(pieces: Sequence[str], repairs: Iterable[Repair]) -> str:
    """The pieces joined, with these repairs applied: all that `repairs` found, or any of them, in any order.

    Raises ValueError for repairs that overlap or lie outside of their piece.
    """
    by_piece: dict[int, list[Repair]] = {}
    for repair in repairs:
        by_piece.setdefault(repair.piece, []).append(repair)
    if any(not 0 <= index < len(pieces) for index in by_piece):
        raise ValueError("a repair of a piece that is not there")
    joined: list[str] = []
    for index, text in enumerate(pieces):
        at = 0
        for repair in sorted(by_piece.get(index, ()), key=_place):
            if not at <= repair.start <= repair.end <= len(text):
                raise ValueError("repairs that overlap or lie outside of their piece")
            joined += (text[at : repair.start], repair.put)
            at = repair.end
        joined.append(text[at:])
    return "".join(joined)


def _place(repair: Repair) -> tuple[int, int, int, int]:
    return repair.piece, repair.start, repair.end, _AT_ONE_PLACE[repair.rule]


class _Mender:
    """One pass over the pieces. `found` is what they need, unordered."""

    def __init__(self, pieces: Sequence[str], language: str) -> None:
        self._pieces = pieces
        self._language = language
        self._speech = Speech(pieces, language)
        self._spaces = Spaces(pieces, language)
        self._gap: list[Place] = []
        """The white space between the two sides."""
        self._sides: list[Side] = []
        """The left sides, of which the last is the seam's."""
        self.found: list[Repair] = []

    def run(self) -> None:
        for index, text in enumerate(self._pieces):
            if text and not text.isspace():
                self._meet(Side(index, text))
            elif self._sides:
                self._gap += ((index, at) for at in range(len(text)))

    def _repair(self, rule: str, piece: int, start: int, end: int, put: str = "") -> None:
        self.found.append(Repair(self._sides[-1].index, rule, piece, start, end, put))

    def _meet(self, right: Side) -> None:
        if not self._sides:
            right.shed_before()
            self._settle(right, "", 0)
            return
        left = self._sides[-1]
        self._gap = [*left.shed_behind(), *self._gap, *right.shed_before()]
        kept = self._speech.kept(right.index, opens=left.opens)
        skipped, unopened = (0, None) if kept else self._stray_quotes(right)
        self._doubled_marks(right)
        left = self._sides[-1]
        at = right.first
        if right.stands:
            for piece, start, end in doubles.take_words(left, right, self._language):
                self._repair("doubled word", piece, start, end)
        if put := self._speech.closing(kept):
            self._repair("quotes", left.index, left.last, left.last, put)
            left.put += put
        if not right.stands:
            return
        opened = self._open(right, unopened) if unopened is not None else ""
        closes = self._closes(right, skipped)
        if right.has_words:
            self._capital(left, right, opened=bool(opened), closes=closes)
            self._article(left, right)
        gap = self._space(left, right, at, opened, closes=closes)
        self._settle(right, left.tail() + gap + opened, skipped)

    def _settle(self, side: Side, before: str, skipped: int) -> None:
        """Takes a right side, with the text before it, as the next left one."""
        side.settle(before)
        side.last_quote = self._speech.enter(side.index, skipped)
        self._sides.append(side)
        self._gap = []

    def _stray_quotes(self, right: Side) -> tuple[int, Quote | None]:
        """Takes away closing quotes that begin the right side and were never opened.

        How many of its quotes went, and the quote behind words that is to be opened.
        """
        strays, unopened = self._speech.unopened(right.index, right.start)
        for quote in strays:
            self._repair("quotes", right.index, quote.at, quote.at + 1)
            right.lead.remove(quote.at)
        self._gap += right.shed_before()
        return len(strays), unopened

    def _doubled_marks(self, right: Side) -> None:
        """Takes away the weaker of two marks that meet, as long as two do."""
        while right.lead:
            left = self._sides[-1]
            if left.put or not left.trail:
                return
            tail, head = left.tail(), right.head()
            if doubles.dashes_meet(tail, head):
                for start, end in doubles.take_dash(tail, right, self._language):
                    self._repair("doubled word", right.index, start, end)
                self._gap += right.shed_before()
                return
            weaker = doubles.weaker(tail, head, self._language)
            if weaker == "right":
                first = end = right.first
                while right.lead and right.lead[0] == end and right.text[end] == head[0]:
                    end = right.lead.popleft() + 1
                self._repair("doubled word", right.index, first, end)
                self._gap += right.shed_before()
            elif weaker == "left" and (len(tail) > 1 or len(self._sides) > 1):
                at = left.trail.pop()
                self._repair("doubled word", left.index, at, at + 1)
                self._gap[:0] = left.shed_behind()
                if not left.trail and not left.has_words:
                    self._gap[:0] = left.space
                    self._sides.pop()
            else:
                return

    def _closes(self, right: Side, skipped: int) -> bool:
        """Whether the right side begins with a quote or bracket that closes."""
        char = right.text[right.first]
        return self._speech.closes(right.index, skipped, right.first) if char in QUOTES else char in CLOSING

    def _open(self, right: Side, quote: Quote) -> str:
        """Opens the speech that the quote closes. What was put before all that stands of the right side."""
        put = self._speech.opening(quote)
        at = right.first
        if not compiled(ELLIPSIS).match(right.head()):
            places = (*right.lead, right.start)
            at = next(at for at in places if not right.text[at].isspace() and right.text[at] not in MARKS + CLOSING)
        self._repair("quotes", right.index, at, at, put)
        return put if at == right.first else ""

    def _capital(self, left: Side, right: Side, *, opened: bool, closes: bool) -> None:
        at = right.start
        put = capitals.fitting(left, right, self._pieces, self._language, opened=opened, closes=closes)
        if put != right.text[at]:
            self._repair("capital", right.index, at, at + 1, put)
            right.text = right.text[:at] + put + right.text[at + 1 :]

    def _article(self, left: Side, right: Side) -> None:
        if self._language != "en" or left.trail or left.put or not left.has_words:
            return
        if any(sign not in QUOTES + LOOKED_THROUGH + "'‘" for sign in right.signs):
            return
        tail = left.tail()
        at, word = word_before(tail)
        if len(word) > left.end - left.start:
            return
        put = articles.fitting(tail[:at], word, right.text[right.start : right.start + SEEN])
        if len(put) > len(word):
            left.put = put[-1]
            self._repair("article", left.index, left.end, left.end, left.put)
        elif len(put) < len(word):
            left.end -= 1
            self._repair("article", left.index, left.end, left.end + 1)

    def _space(self, left: Side, right: Side, at: int, opened: str, *, closes: bool) -> str:
        """Leaves what white space the seam is to have, or puts it before `at`, and says which."""
        inner = right.text[right.first] if closes else left.tail()[-1] if left.opens else ""
        present = "".join(self._pieces[piece][place] for piece, place in self._gap)
        stays, put = self._spaces.between(left, right, opened, inner, present)
        if not present:
            if put:
                self._repair("space", right.index, at, at, put)
            return put
        goes = self._gap
        if stays >= 0:
            piece, place = self._gap[stays]
            goes = self._gap[:stays] + self._gap[stays + 1 :]
            if put == present[stays]:
                right.space = [(piece, place)]
            else:
                self._repair("space", piece, place, place + 1, put)
        for piece, start, end in _runs(goes):
            self._repair("space", piece, start, end)
        return put


def _runs(places: Iterable[Place]) -> list[tuple[int, int, int]]:
    """The places as runs of one piece: (piece, start, end)."""
    runs: list[tuple[int, int, int]] = []
    for piece, at in places:
        if runs and (runs[-1][0], runs[-1][2]) == (piece, at):
            runs[-1] = piece, runs[-1][1], at + 1
        else:
            runs.append((piece, at, at + 1))
    return runs
