"""Seams: where two pieces of prose by different hands meet, and the small repairs that let them read as one.

A repair is a value: characters of one piece that are exchanged for others. All of them are found in one pass from left to
right, each seam seen as the repairs before it leave it, and given in the pieces' own characters, so that each can be turned
off alone. It reads surfaces: marks, spaces, capitals and short lists of words. It never judges grammar or sense, never looks
inside a piece for faults that were there before, and never touches single quotes.

What is decided where more than one thing is right:

- Empty and blank pieces are passed over: the seam then lies between the nearest others and carries the left one's number, and
  what white space stood between counts as the seam's. The same holds for a piece of which nothing stays.
- A word said twice goes from the right piece. Where it is all there is of it, or a mark follows, it goes from the left one.
- Of two marks that meet the stronger stays: `,` then `;` and `:`, then `.`, then `?` and `!`; of equals the left one. Ellipses,
  `?!` and the full stop of an abbreviation stay beside what follows.
- Speech left open is closed at the end of its piece, unless a later piece closes it before speech of that kind opens again.
  A closing quote that was never opened is taken away where it begins its piece; where words stand before it, it is opened.
- After three dots the next word may go on in small letters: only `he`, `she`, `they` and their like begin a sentence there.
- White space beside a dash or a guillemet, between Thai letters and beside a script without spaces stays as it is, one at
  most. Where there is none, it is put only beside a dash that is spaced on its own side, and in French as elsewhere in it.
"""

from __future__ import annotations

import re
import unicodedata
from collections import deque
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import islice

from msgspec import Struct

RULES = ("space", "doubled word", "quotes", "capital", "article")
"""The names of the rules, as a repair carries them."""

_AT_ONE_PLACE = {rule: rank for rank, rule in enumerate(("article", "space", "quotes", "doubled word", "capital"))}
"""The order of what is put at one place: the letter that ends a word, the space, the quote that opens."""

_SEEN = 200
"""How many characters before a seam are looked at. Longer words and runs count as something else."""


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
    mender = _Mender(pieces, language)
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


def _list(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Characters.

_DASHES = "—–―"
_CURLY = "“”„"
_QUOTES = '"“”„«»「」『』'
_OPENING = "([{¿¡‘‚（【〈《〔［｛「『"
_CLOSING = ")]}）】〉》〕］｝」』"
_LOOKED_THROUGH = "*_"
_NO_BREAK = "\u00a0\u202f"
_IDEOGRAPHIC = "\u3000"

_STRENGTH = {
    **dict.fromkeys(",、，،", 1),
    **dict.fromkeys(";:；：؛·", 2),
    **dict.fromkeys(".。．۔։", 3),
    **dict.fromkeys("?!？！؟\u037e", 4),
}
_MARKS = "".join(_STRENGTH) + "…"
_EMOTICON = re.compile(r"[:;]['’]?-?[()DPpOo|](?!\w)")
_ELLIPSIS = re.compile(r"…|\.\s?\.")
_LAST_ELLIPSIS = re.compile(r"[….]\s?\.$")
_LEADING_ELLIPSIS = re.compile(r"(?:…|\.{2,})+[.?!]*")
_LAST_DASH = re.compile(r"(?:[—–―]|-{2,})+$")
_FIRST_DASH = re.compile(r"(?:[—–―]|-{2,})+")
_JOINED_DASH = re.compile(r"\w(?:[—–―]|--+)\w")
_SPACED_DASH = re.compile(r"\w\S?\s(?:[—–―]|--+)\s\S?\w")
_ASIDE_DASH = re.compile(r"\s[—–―][\w¿¡]")
_CONTRACTION = re.compile(r"['’](?:s|t|d|ll|re|ve|m)(?![\w'’])", re.IGNORECASE)
_ELISION = re.compile(r"(?:^|[^\w'’])([^\W\d_]{1,8})['’]$")
_FULL_ELISIONS = _list("po mo va fa di sta be da to ca")
_MARK_SPACE = re.compile(r"([ \u00a0\u202f])([;:?!»])|«([ \u00a0\u202f])")
_SPACELESS = re.compile(
    "[\u2e80-\u2fff\u3001-\u312f\u31a0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff01-\uff9f\uffe0-\uffe6\U00020000-\U0003ffff]"
)
_JOINING = re.compile("[\u200c\u200d\u1100-\u11ff\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]")
"""What may be one character with its neighbour: joiners, jamo, halves of flags, shades of skin; marks besides."""
_PHRASED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
"""Thai, Lao, Burmese and Khmer: spaces part phrases there, not words."""


def _wordy(char: str) -> bool:
    """Whether the character can be part of a word: letters, digits, the marks on them, and the joiner inside Persian words."""
    if char.isalnum():
        return True
    return char >= "\u0300" and (
        char == "\u200c" or (not "\ufe00" <= char <= "\ufe0f" and unicodedata.category(char)[0] == "M")
    )


# Words. The lists are short on purpose: what is not in them is left as it is, or counts as an ordinary word.

_SENTENCE_CAPITALS = {
    "en": _list("""
        the a an and but or nor so yet for she he it they we you in on at with without then there here his her hers their
        theirs its my our your this that these those when whenever while if as because although though until unless since
        after before by from to of into onto over under through across along around behind beside between beyond against
        among upon toward towards not some any all each every both neither either another now once still just only even
        perhaps maybe almost always never sometimes soon somewhere something someone nothing nobody everyone everything
        outside inside above below beneath down up out off away again later suddenly slowly finally is was were are had has
        have did does do could would should must one two
        """),
    "fr": _list("le la les un une des et mais ou il elle ils elles on je tu nous vous de du dans sur ce cette"),
    "de": _list("der die das den dem des ein eine einen einem und aber oder er es wir ich in an auf mit zu"),
    "es": _list("el la los las un una y o pero él ella ellos ellas yo de en con por que se su al del"),
    "it": _list("il lo la i gli le un uno una e o ma lui lei di in con su per che si"),
    "el": _list("ο η το οι τα τον την του της και να θα με σε από για που αλλά"),
}
_TWICE = {
    "en": _list("""
        had that very so no far long many really well now her ha hush knock tick drip bye again please never
        """),
    "fr": _list("nous vous très non oui si"),
    "de": _list("die der das den dem sie sehr nein ja so es"),
    "es": _list("no sí muy que ya casi"),
    "it": _list("molto no sì piano quasi così"),
    "el": _list("πολύ όχι ναι σιγά"),
}
"""Words that may rightly be said twice with no mark between."""

_SUBJECTS = _list("he she they we you it there")
_SAYING = _list("""
    said says asked asks replied answered whispered murmured muttered mumbled shouted cried called yelled screamed shrieked
    snapped snarled growled hissed sighed laughed sobbed begged demanded insisted admitted agreed added began continued
    repeated remarked observed thought wondered mused declared announced explained suggested offered protested objected
    breathed gasped groaned moaned croaked stammered stuttered pleaded urged warned promised lied teased joked told inquired
    enquired queried retorted countered interrupted exclaimed roared bellowed wailed whimpered grunted purred drawled echoed
    confessed concluded conceded sang ordered
    """)
_STYLES = re.compile(
    r"(?:His|Her|Your|Their|My|Our)\s+(?:Majest|Highness|Grace\b|Holiness|Honou?r|Excellenc|Lordship|Ladyship|Lord\b|Lady\b"
    r"|Eminence|Worship|Father\b)|The\s+Hague\b"
)
"""Titles whose first capital is no sentence capital."""

_ABBREVIATIONS = _list("""
    Mr Mrs Ms Mx Dr Drs St Ste Prof Rev Hon Capt Cpt Col Gen Lt Sgt Cpl Maj Cmdr Adm Gov Sen Rep Sr Jr Esq Messrs Mme Mlle MM
    Mgr Fr Hr Nr Bd Str Sra Srta Dra Dña Ud Uds Vd Sig Dott Mt Ft Co Inc Ltd Bros Vol Fig Ch vs etc cf pp p approx dept
    e.g i.e a.m p.m z.B d.h u.a usw bzw ca evtl κ κα
    """)
_INITIALS = re.compile(r"(?:^|[\s(\[“„«\"'‘’-])(?:[^\W\d_]\.(?:\s?-?))*([^\W\d_])\.$")
_ORDINALS = _list("de da nb nn no fi cs sk sl hr et lv hu")
_LOW_QUOTES = _list("de cs sk sl hr sr bg lt et is mk ka sq")
_LOW_HIGH_QUOTES = _list("pl hu ro nl")
_SAME_QUOTES = _list("sv fi")
_ASIDE_DASHES = _list("es gl ca eu an")
_ELIDING = _list("fr it ca oc")


def _ends_in_abbreviation(text: str, language: str) -> bool:
    """Whether the full stop that the text ends with belongs to an abbreviation, an initial or an ordinal."""
    token = text.rsplit(None, 1)[-1][:-1].lstrip("([{“„«\"'‘’*_—–")
    if token in _ABBREVIATIONS:
        return True
    if token.isdecimal():
        return language in _ORDINALS
    initial = _INITIALS.search(text)
    if initial is None:
        return False
    # A sentence may end in the word I, and in letters that are words of one letter.
    return initial[0].count(".") > 1 or (initial[1].isupper() and initial[1] != "I")


def _ending(text: str, language: str) -> str:
    """How a text without white space at its end leaves the sentence: a word of these.

    `end`: a sentence ended. `asked`: speech ended with `?` or `!`. `paused`: speech ended with a comma. `trail`: three dots.
    `mid`: the sentence goes on. `either`: unknown, so that nothing may be concluded.
    """
    at = len(text)
    quoted = bracketed = False
    while at and (char := text[at - 1]) in "\"”“»«'’" + _CLOSING + _LOOKED_THROUGH + " \u00a0\u202f":
        quoted |= char in "\"”“»«'’」』"
        bracketed |= char in ")]}）］｝"
        at -= 1
    if not at:
        return "either"
    mark = text[at - 1]
    if mark == ";" and language == "el":
        mark = "?"
    if mark in "?!？！؟\u037e":
        return "either" if bracketed else "asked" if quoted else "end"
    if mark in "…." and (dots := re.search(r"(?:…|\.\s?)*(?:…|\.)$", text[:at])) is not None:
        count = dots[0].count(".") + 3 * dots[0].count("…")
        if count in (2, 3):
            return "trail"
        return "either" if count == 1 and _ends_in_abbreviation(text[:at], language) else "end"
    if mark in "。．۔։":
        return "end"
    if mark in ",،，":
        return "paused" if quoted else "mid"
    if quoted:
        return "either"
    return "mid" if mark in ";" + _DASHES + "-" or _wordy(mark) else "either"


def _word_before(text: str) -> tuple[int, str]:
    """The word that the text ends with, and where it starts; an empty one where it ends with something else."""
    start = len(text)
    while start and (
        _wordy(text[start - 1]) or (text[start - 1] in "'’-‐‑" and 1 < start < len(text) and _wordy(text[start - 2]))
    ):
        start -= 1
    return start, text[start:]


def _word_after(text: str, at: int) -> tuple[int, str]:
    """The word that starts at `at`, and where it ends; an empty one where something else does."""
    end, last = at, min(len(text), at + _SEEN)
    while end < last and (
        _wordy(text[end]) or (text[end] in "'’-‐‑" and end > at and end + 1 < len(text) and _wordy(text[end + 1]))
    ):
        end += 1
    if end < len(text) and (text[end] in "'’-‐‑_" or (end == last and _wordy(text[end]))):
        return at, ""
    return end, text[at:end]


def _same(left: str, right: str, language: str) -> bool:
    """Whether two words are one word, by a sentence capital apart at most."""
    if not left or not right or not any(char.isalpha() for char in left):
        return False
    if _SPACELESS.search(left) or _PHRASED.search(left):
        return False
    if left == right:
        return True
    low, other = left.lower(), right.lower()
    if language == "en" and low in ("a", "an") and other in ("a", "an"):
        return True
    return low == other and low in _SENTENCE_CAPITALS.get(language, frozenset())


_PLAIN_TAG = re.compile(r"(?:he|she|they|we|you)\s+(\w+)")
_WRITTEN_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)?")


def _is_tag(text: str) -> bool:
    """Whether an English text begins with the tag of a speech before it: `she asked`, `came the answer`, `the old man said`."""
    words: list[str] = []
    at = 0
    for found in _WRITTEN_WORD.finditer(text[:_SEEN]):
        if words and re.search(r"[.?!;:…,“\"]", text[at : found.start()]):
            break
        at = found.end()
        words.append(found[0].lower())
    return bool(words) and (words[0] in ("came", "was", "were") or any(word in _SAYING for word in words[:8]))


_SOUNDS_LIKE_YOU = re.compile(
    r"eu|ewe|uni(?!n|m|d|ll)|us[aeu]|ut[aeio](?!$)|ur[aiou]|ubiq|uk|uga|u(?:$|-)|one(?:$|s$|-|self|ness)|once(?:$|-)|ouija|ufo"
)
_SPELLED = re.compile(r"[HLMNRX][^AEIOUY]|F[^AEIOUYLR]|S[^AEIOUYCHKLMNPQTW]")
"""How abbreviations begin that no one can say as a word."""
_SILENT = re.compile(r"hour|honest|honou?r|heir")
_BOTH_SOUNDS = re.compile(r"h(?:istor|erb|otel|omage|abitual|allucin|ilarious|ysteri|eroic|orrific)")


def _vowel_sound(text: str, *, shouted: bool) -> bool | None:
    """Whether the English word or number at the start of the text begins with a vowel's sound; None where none can say."""
    number = re.match(r"\d+(?:,\d{3})*", text)
    if number is not None:
        digits = number[0].replace(",", "")
        if digits[0] == "8":
            return True
        # 11,000 and 18 million are spoken by their first group; 1845 by its hundreds.
        year = len(digits) == 4 and digits == number[0]
        return digits[:2] in ("11", "18") and (len(digits) % 3 == 2 or year)
    found = re.match(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", unicodedata.normalize("NFD", text[:_SEEN]).replace("\u0301", ""))
    if found is None:
        return None
    word = found[0]
    first = unicodedata.normalize("NFD", word[0])[0].lower()
    if not first.isascii():
        return None
    letters = re.split(r"['’-]", word)[0]
    if len(letters) == 1 and not (len(word) > 1 and word[1] != "-"):
        return first in "aefhilmnorsx"
    if letters.isupper() and not shouted:
        if first in "aeio":
            return True
        if first == "u" or first not in "fhlmnrsx":
            return False
        return True if not re.search("[AEIOUY]", letters) or _SPELLED.match(letters) else None
    low = word.lower()
    if not re.search("[aeiouy]", unicodedata.normalize("NFD", low)):
        return None
    if first in "aeiou":
        return _SOUNDS_LIKE_YOU.match(low) is None
    if first == "h":
        return None if _BOTH_SOUNDS.match(low) else _SILENT.match(low) is not None
    return first == "y" and low[1] not in "aeiou"


# Quotes.


class _Mark(Struct, frozen=True):
    """A double quote in a piece. `form` says what its neighbours make of it: `open`, `close`, `either`, `inch`."""

    at: int
    char: str
    form: str
    pad: str
    """The white space on its inner side, which its partner is to have too."""


class _Open(Struct, frozen=True):
    char: str
    pad: str


_CLOSERS = {'"': '"', "“": "”", "„": '“”"', "«": "»", "»": "«", "”": "”", "「": "」", "『": "』"}
_OPENERS = {'"': '"', "”": "“", "“": "„", "»": "«", "«": "»", "」": "「", "』": "『"}
_FIND_QUOTES = re.compile(f"[{_QUOTES}]")


def _marks(text: str, language: str) -> list[_Mark]:
    found: list[_Mark] = []
    first, last = len(text) - len(text.lstrip()), len(text.rstrip())
    for match in _FIND_QUOTES.finditer(text):
        at = match.start()
        before, after = text[max(first, at - 1) : at], text[at + 1 : min(last, at + 2)]
        form = _form(match[0], before, after, text[at + 1 : at + 3], language)
        if form:
            inner = before if form == "close" else after
            found.append(_Mark(at, match[0], form, inner if inner.isspace() else ""))
    return found


def _form(char: str, before: str, after: str, behind: str, language: str) -> str:
    """What its neighbours make of a quote; they are empty at the ends of the piece, `behind` is up to two characters."""
    if char in "„「『":
        return "open"
    if char in "」』" or (char == "”" and language not in _SAME_QUOTES):
        return "close"
    free = not before or before.isspace() or before in "([{"
    ends = after.isspace() or (after != "" and after in _MARKS + _CLOSING and after != "…" and behind != "..")
    if free and after and not ends:
        return "either" if char in '"”' and after in "…." + _DASHES else "open"
    if char in '"”':
        if free:
            return "either" if bool(before) == bool(after) else "open" if before else "close"
        if after and not ends and after not in _QUOTES:
            return "" if _wordy(before) and _wordy(after) else "either"
        return "inch" if before.isdecimal() and char == '"' else "close"
    if char == "“":
        low = language in _LOW_QUOTES and (ends or not after)
        return "close" if low or (ends and not free) else "either"
    if char == "»":
        return "close"
    if free:
        return "close" if ends and not after.isspace() else "either"
    closes = (ends or not after) and before != ":" and after not in ("\u00a0", "\u202f")
    return "close" if closes else "either"


def _reading(mark: _Mark, stack: Sequence[_Open]) -> int | None:
    """What a quote does: the place in the stack of what it closes, len(stack) if it opens, -1 if it closes what never opened.

    None for a sign that is no quote.
    """
    place = next((at for at in range(len(stack) - 1, -1, -1) if mark.char in _CLOSERS[stack[at].char]), -1)
    if mark.form == "close":
        return place
    if mark.form == "inch":
        return place if place >= 0 else None
    if place >= 0 and (mark.form == "either" or mark.char == "»"):
        return place
    return len(stack)


def _read(mark: _Mark, stack: list[_Open]) -> int | None:
    """The reading of the quote, and the stack changed by it."""
    place = _reading(mark, stack)
    if place == len(stack):
        kind = next((at for at, one in enumerate(stack) if one.char == mark.char), place)
        stack[kind:] = [_Open(mark.char, mark.pad)]
    elif place is not None and place >= 0:
        del stack[place:]
    return place


class _Speech:
    """Which double quotes stand open, from piece to piece."""

    def __init__(self, pieces: Sequence[str], language: str) -> None:
        self._language = language
        self._marks = [_marks(text, language) for text in pieces]
        self._sure = -1
        """The piece up to which the speech that is open is known to be closed."""
        self._used = ""
        self.stack: list[_Open] = []
        self.high = language in _LOW_HIGH_QUOTES or (
            any("„" in text for text in pieces) and any("”" in text for text in pieces) and language not in _LOW_QUOTES
        )

    def marks(self, piece: int) -> list[_Mark]:
        return self._marks[piece]

    def enter(self, piece: int, skipped: int) -> tuple[int, bool] | None:
        """Reads a piece from its mark `skipped` on; the last mark's place and whether it opens."""
        last: tuple[int, bool] | None = None
        for mark in self._marks[piece][skipped:]:
            depth = len(self.stack)
            place = _read(mark, self.stack)
            if place is not None:
                last = mark.at, place == depth
            self._used = mark.char
        return last

    def clashes(self, right: int) -> bool:
        """Whether straight quotes meet curly ones: in the last quote before piece `right` and the next one."""
        following = next((self._marks[at][0].char for at in range(right, len(self._marks)) if self._marks[at]), "")
        pair = {self._used, following}
        return '"' in pair and not pair.isdisjoint(_CURLY)

    def closed(self, right: int) -> int:
        """How many of the open quotes, from the outermost on, are closed from piece `right` on before more of them open."""
        kept = len(self.stack)
        if right > self._sure:
            while kept and (count := self._closed(right, self.stack[:kept])) < kept:
                kept = count
        return kept

    def _closed(self, right: int, outer: list[_Open]) -> int:
        """How many are left open by the first quote from piece `right` on that closes or opens one of their kinds."""
        stack, kinds = list(outer), {one.char: place for place, one in enumerate(outer)}
        for piece in range(right, len(self._marks)):
            for mark in self._marks[piece]:
                depth = len(stack)
                place = _read(mark, stack)
                if place is None or place < 0:
                    continue
                if place < min(depth, len(outer)):
                    self._sure = piece
                    return place + 1
                if place == depth and mark.char in kinds:
                    return kinds[mark.char]
        return 0

    def closing(self, kept: int) -> str:
        """The quotes that close all but the outermost `kept`, and these forgotten."""
        put = ""
        for one in reversed(self.stack[kept:]):
            put += (one.pad if one.char in "«»" else "") + (
                "”" if one.char == "„" and self.high else _CLOSERS[one.char][0]
            )
        del self.stack[kept:]
        return put

    def opening(self, mark: _Mark) -> str:
        """The quote that opens what the mark closes, remembered as open."""
        char = _OPENERS[mark.char]
        if mark.char == "”" and (self.high or self._language in _SAME_QUOTES):
            char = "„" if self.high else "”"
        pad = mark.pad if mark.char in "»«" else ""
        self.stack.append(_Open(char, pad))
        return char + pad


# The pass.


class _Side:
    """A piece as the repairs so far leave it: `lead` and `trail` are the places of what still stands before its first and
    behind its last word, `put` is what was put behind that, `space` the place of the white space left before it, as (piece,
    place), and `before` the text in front of [start:end)."""

    __slots__ = ("before", "end", "index", "last_quote", "lead", "put", "space", "start", "text", "trail")

    def __init__(self, index: int, text: str) -> None:
        self.index = index
        self.text = text
        self.start = next((at for at, char in enumerate(text) if _wordy(char)), len(text))
        self.end = self.start
        if self.start < len(text):
            self.end = len(text)
            while not _wordy(text[self.end - 1]):
                self.end -= 1
        self.lead = deque(range(self.start))
        self.trail = list(range(self.end, len(text)))
        self.put = ""
        self.space: list[tuple[int, int]] = []
        self.before = ""
        self.last_quote: tuple[int, bool] | None = None

    @property
    def has_words(self) -> bool:
        return self.start < self.end

    @property
    def gone(self) -> bool:
        return not self.has_words and not self.lead and not self.trail and not self.put

    @property
    def first(self) -> int:
        """The place of the first character that stands."""
        return self.lead[0] if self.lead else self.start

    @property
    def last(self) -> int:
        """The place behind the last character that stands."""
        return self.trail[-1] + 1 if self.trail else self.end

    @property
    def has_asides(self) -> bool:
        """Whether dashes between its words lean on what they enclose, as in Spanish: `Ven —dijo ella— y calla`."""
        dash = _ASIDE_DASH.search(self.text, self.start, self.end)
        return dash is not None and _JOINED_DASH.search(self.text, self.start, self.end) is None

    def tail(self) -> str:
        """The text up to this side's end, as far back as is looked at."""
        body = self.text[max(self.start, self.end - _SEEN) : self.end]
        trail = "".join(self.text[at] for at in self.trail[-_SEEN:])
        return (self.before + body + trail + self.put)[-_SEEN:]

    def head(self) -> str:
        """The text from this side's start on."""
        lead = "".join(self.text[at] for at in islice(self.lead, _SEEN))
        return lead + self.text[self.start : self.start + _SEEN]


class _Mender:
    """One pass over the pieces. `found` is what they need, unordered."""

    def __init__(self, pieces: Sequence[str], language: str) -> None:
        self._pieces = pieces
        self._language = (language or "en").replace("_", "-").split("-")[0].lower()
        self._speech = _Speech(pieces, self._language)
        self._gap: list[tuple[int, int]] = []
        """The places of the white space between the two sides, as (piece, place)."""
        self._sides: list[_Side] = []
        self.found: list[Repair] = []

    def run(self) -> None:
        for index, text in enumerate(self._pieces):
            if text and not text.isspace():
                self._meet(_Side(index, text))
            elif self._sides:
                self._gap += ((index, at) for at in range(len(text)))

    def _repair(self, rule: str, side: _Side, start: int, end: int, put: str = "") -> None:
        self.found.append(Repair(self._sides[-1].index, rule, side.index, start, end, put))

    def _meet(self, right: _Side) -> None:
        if not self._sides:
            self._open_gap(right)
            self._settle(right, "", 0)
            return
        left = self._sides[-1]
        self._widen_gap(left)
        self._open_gap(right)
        kept = self._kept(left, right)
        skipped, unopened = self._stray(right, kept)
        self._doubled_marks(right)
        left = self._sides[-1]
        at = right.first
        if right.lead or right.has_words:
            self._doubled_words(left, right)
        if kept < len(self._speech.stack):
            self._repair("quotes", left, left.last, left.last, put := self._speech.closing(kept))
            left.put += put
        if not (right.lead or right.has_words):
            return
        opened = self._open(right, unopened) if unopened is not None else ""
        self._capital(left, right, opened, skipped)
        self._article(left, right, opened)
        gap = self._space(left, right, opened, at, skipped)
        self._settle(right, left.tail() + gap + opened, skipped)

    def _settle(self, side: _Side, before: str, skipped: int) -> None:
        """Takes a right side, with the text before it, as the next left one."""
        if side.has_words:
            before += "".join(side.text[at] for at in side.lead)
        else:
            side.trail = list(side.lead)
        side.lead.clear()
        side.before = before[-_SEEN:]
        side.last_quote = self._speech.enter(side.index, skipped)
        self._sides.append(side)
        self._gap = []

    def _widen_gap(self, left: _Side) -> None:
        """Takes the white space behind the left side's last sign into the gap."""
        spaces: list[tuple[int, int]] = []
        while left.trail and not left.put and left.text[left.trail[-1]].isspace():
            spaces.append((left.index, left.trail.pop()))
        self._gap[:0] = reversed(spaces)

    def _open_gap(self, right: _Side) -> None:
        """Takes the white space before the right side's first sign into the gap."""
        while right.lead and right.text[right.lead[0]].isspace():
            self._gap.append((right.index, right.lead.popleft()))

    def _kept(self, left: _Side, right: _Side) -> int:
        """How many of the open quotes stay open across the seam."""
        speech = self._speech
        kept = speech.closed(right.index)
        if kept < len(speech.stack):
            if speech.clashes(right.index):
                speech.stack.clear()
                return 0
            if self._opens(left):
                return len(speech.stack)
        return kept

    def _stray(self, right: _Side, kept: int) -> tuple[int, _Mark | None]:
        """Takes away closing quotes that begin the right side and were never opened.

        How many of its quotes went, and the quote behind words that is to be opened.
        """
        marks = self._speech.marks(right.index)
        if kept or not marks or self._speech.clashes(right.index):
            return 0, None
        skipped = 0
        while skipped < len(marks) and marks[skipped].at < right.start and _reading(marks[skipped], ()) == -1:
            at = marks[skipped].at
            self._repair("quotes", right, at, at + 1)
            right.lead.remove(at)
            skipped += 1
        self._open_gap(right)
        unopened = skipped < len(marks) and marks[skipped].at > right.start and _reading(marks[skipped], ()) == -1
        return skipped, marks[skipped] if unopened else None

    def _doubled_marks(self, right: _Side) -> None:
        while right.lead:
            left = self._sides[-1]
            if left.put or not left.trail:
                return
            tail, head = left.tail(), right.head()
            if _FIRST_DASH.match(head) and _LAST_DASH.search(tail):
                self._doubled_dash(tail, right)
                return
            strong, weak = self._strength(tail[-1]), self._strength(head[0])
            if not strong or not weak or _EMOTICON.match(head) or (head[0] == "." and head[1:2].isdecimal()):
                return
            if _ELLIPSIS.match(head) or (tail[-1] == "." and _LAST_ELLIPSIS.search(tail)):
                return
            stop = tail[-1] == "." and _ends_in_abbreviation(tail, self._language)
            if (stop and head[0] != ".") or (strong == 4 and weak == 1 and self._language == "es"):
                return
            if strong == weak == 4:
                alone = len(tail) < 2 or self._strength(tail[-2]) != 4
                if head[0] != tail[-1] or not alone or (len(head) > 1 and self._strength(head[1]) == 4):
                    return
            if weak <= strong:
                first = end = right.first
                while right.lead and right.lead[0] == end and right.text[end] == head[0]:
                    end = right.lead.popleft() + 1
                self._repair("doubled word", right, first, end)
                self._open_gap(right)
                continue
            if len(tail) == 1 and len(self._sides) == 1:
                return
            at = left.trail.pop()
            self._repair("doubled word", left, at, at + 1)
            self._widen_gap(left)
            if not left.trail and not left.has_words:
                self._gap[:0] = left.space
                self._sides.pop()

    def _strength(self, char: str) -> int:
        return 4 if char == ";" and self._language == "el" else _STRENGTH.get(char, 0)

    def _doubled_dash(self, tail: str, right: _Side) -> None:
        head = right.head()
        dash = _FIRST_DASH.match(head)
        if dash is None or self._language in _ASIDE_DASHES:
            return
        behind = head[dash.end() :]
        # A capital behind the dash is the next speaker's.
        if not behind.lstrip()[:1].islower() or dash.end() > len(right.lead):
            return
        places = [right.lead.popleft() for _ in range(dash.end())]
        self._repair("doubled word", right, places[0], places[-1] + 1)
        joined = not tail[: len(tail) - len(_LAST_DASH.findall(tail)[0])][-1:].isspace()
        if joined and right.lead and right.text[right.lead[0]].isspace():
            at = right.lead.popleft()
            self._repair("doubled word", right, at, at + 1)
        self._open_gap(right)

    def _doubled_words(self, left: _Side, right: _Side) -> None:
        if right.lead or left.trail or left.put or not left.has_words or not right.has_words:
            return
        begin = right.start
        while not left.trail:
            count = self._doubled(left.tail(), right)
            if not count:
                break
            first, _ = _word_after(right.text, right.start)
            end = first if count == 1 else _word_after(right.text, _skip_space(right.text, first))[0]
            following = _skip_space(right.text, end)
            if end < following < right.end and _wordy(right.text[following]):
                right.start = following
                continue
            start = left.end
            for _ in range(count):
                word = len(_word_before(left.text[max(left.start, start - _SEEN) : start])[1])
                start -= word
                while start > left.start and left.text[start - 1].isspace():
                    start -= 1
            if start <= left.start or not _wordy(left.text[start - 1]):
                break
            self._repair("doubled word", left, start, left.end)
            left.end = start
        if right.start > begin:
            self._repair("doubled word", right, begin, right.start)

    def _doubled(self, tail: str, right: _Side) -> int:
        """How many words the right side begins with that the text before ends with: two, one or none."""
        at, last = _word_before(tail)
        end, first = _word_after(right.text, right.start)
        if not last or not first:
            return 0
        twice = _TWICE.get(self._language, frozenset())
        following = _skip_space(right.text, end)
        if end < following < right.end:
            _, second = _word_after(right.text, following)
            stripped = tail[:at].rstrip()
            last_but_one = _word_before(stripped)[1] if len(stripped) < at else ""
            both = _same(last_but_one, first, self._language) and _same(last, second, self._language)
            if both and not {first, second} <= twice:
                return 2
        if not _same(last, first, self._language):
            return 0
        return 0 if first in twice else 1

    def _opens(self, side: _Side) -> bool:
        """Whether the side ends with a quote or bracket that opens."""
        if side.put or not side.trail:
            return False
        at = side.trail[-1]
        if side.last_quote is not None and side.last_quote[0] == at:
            return side.last_quote[1]
        if side.text[at] == "'":
            before = side.tail()[-2:-1]
            return not before or before.isspace() or before in _OPENING
        return side.text[at] in _OPENING

    def _closes(self, right: _Side, skipped: int) -> bool:
        """Whether the right side begins with a quote or bracket that closes."""
        if right.text[right.first] in _QUOTES and (marks := self._speech.marks(right.index)[skipped:]):
            place = _reading(marks[0], self._speech.stack) if marks[0].at == right.first else None
            return place is not None and place < len(self._speech.stack)
        return right.text[right.first] in _CLOSING

    def _open(self, right: _Side, mark: _Mark) -> str:
        put = self._speech.opening(mark)
        at = right.first
        if not _ELLIPSIS.match(right.head()):
            places = (*right.lead, right.start)
            at = next(at for at in places if not right.text[at].isspace() and right.text[at] not in _MARKS + _CLOSING)
        self._repair("quotes", right, at, at, put)
        return put if at == right.first else ""

    def _capital(self, left: _Side, right: _Side, opened: str, skipped: int) -> None:
        at = right.start
        if not right.has_words:
            return
        letter, lead = right.text[at], "".join(right.text[place] for place in right.lead)
        tail = left.tail()
        if lead and not _ELLIPSIS.match(lead) and (lead[0] in _MARKS or self._closes(right, skipped)):
            tail, lead = (tail + lead).rstrip(), ""
        ending = _ending(tail, self._language)
        if letter.islower():
            put = letter.title()
            if self._language in ("tr", "az"):
                put = {"i": "İ", "ı": "I"}.get(letter, put)
            free = all(char in _OPENING + _QUOTES + _LOOKED_THROUGH + _NO_BREAK + " '" for char in lead)
            speech = bool(opened) or any(char in _QUOTES for char in lead)
            if free and len(put) == 1 and put != letter and self._begins(ending, tail[-1], right, speech):
                self._change(right, at, put)
        elif letter.isupper() and not right.lead and not opened and self._continues(ending, right):
            self._change(right, at, letter.lower())

    def _ahead(self, right: _Side) -> str:
        """The text from the right side's first word on, also across pieces."""
        text, piece = right.text[right.start : right.start + _SEEN], right.index + 1
        while len(text) < _SEEN and piece < len(self._pieces):
            text += " " + self._pieces[piece][:_SEEN]
            piece += 1
        return text

    def _begins(self, ending: str, last: str, right: _Side, speech: bool) -> bool:
        """Whether the right side, which begins in small letters, begins a sentence."""
        if ending not in ("end", "asked", "trail"):
            return False
        ahead = self._ahead(right)
        if re.match(r"[^\W\d_]*[a-zà-öø-ÿ][A-Z]", ahead):
            return False
        if self._language != "en":
            return ending == "end" or (ending == "asked" and speech)
        if ending == "asked":
            return speech or not _is_tag(ahead)
        if ending == "trail":
            return _word_after(ahead, 0)[1] in _SUBJECTS and not _is_tag(ahead)
        # A thought has its tag without quotes: Where to? he wondered.
        tag = _PLAIN_TAG.match(ahead)
        return last not in "?!" or tag is None or tag[1] not in _SAYING

    def _continues(self, ending: str, right: _Side) -> bool:
        """Whether the right side, which begins with a capital, goes on with a sentence and has no other ground for it."""
        if self._language != "en" or ending not in ("mid", "asked", "paused"):
            return False
        ahead = self._ahead(right)
        found = re.match(r"([A-Z][a-z]*)(?:['’](?:s|d|ll|re|ve))?(?![\w'’-])", ahead)
        if found is None or found[1].lower() not in _SENTENCE_CAPITALS["en"] or _STYLES.match(ahead):
            return False
        if ending == "mid":
            return found[1] not in ("A", "An") or re.match(r"An?\s+[^\W\d_]", ahead) is not None
        tag = _PLAIN_TAG.match(ahead[0].lower() + ahead[1:])
        return tag is not None and tag[1] in _SAYING

    def _change(self, side: _Side, at: int, put: str) -> None:
        self._repair("capital", side, at, at + 1, put)
        side.text = side.text[:at] + put + side.text[at + 1 :]

    def _article(self, left: _Side, right: _Side, opened: str) -> None:
        if self._language != "en" or left.trail or left.put or not left.has_words or not right.has_words:
            return
        if any(right.text[at] not in _QUOTES + _LOOKED_THROUGH + "'‘" for at in right.lead):
            return
        tail = left.tail()
        at, word = _word_before(tail)
        if word.lower() not in ("a", "an") or len(word) > left.end - left.start:
            return
        before = tail[:at].rstrip()
        # A capital A inside a sentence is a letter: plan A, vitamin A.
        inside = before[-1:] not in _DASHES and _ending(before, self._language) in ("mid", "paused")
        if word == "A" and inside:
            return
        text = right.text[right.start : right.start + _SEEN]
        shouted = word == "AN" or (word == "A" and bool(re.match(r"[A-Z]{2,}\s+[A-Z]{2,}", text)))
        vowel = _vowel_sound(text, shouted=shouted)
        if vowel is None or vowel == (len(word) == 2):
            return
        if vowel:
            put = "N" if shouted else "n"
            self._repair("article", left, left.end, left.end, put)
            left.put = put
        else:
            self._repair("article", left, left.end - 1, left.end)
            left.end -= 1

    def _space(self, left: _Side, right: _Side, opened: str, at: int, skipped: int) -> str:
        """Leaves what white space the seam is to have, and says which."""
        present = "".join(self._char(place) for place in self._gap)
        wish = self._wish(left, right, opened, present, skipped)
        if not present:
            put = " " if wish == "one" else wish if wish.isspace() else ""
            if put:
                self._repair("space", right, at, at, put)
            return put
        if wish == "none":
            kept = -1
        elif wish == "fixed" or wish.isspace():
            kept = next((place for place, char in enumerate(present) if char in _NO_BREAK), 0)
        elif wish == "wide":
            kept = present.find(_IDEOGRAPHIC)
        else:
            kept = next((place for place, char in enumerate(present) if char in " " + _NO_BREAK), 0)
        put = present[kept] if kept >= 0 else ""
        usual = put in _NO_BREAK or (put == _IDEOGRAPHIC and wish in ("wide", "keep"))
        plain = put if usual else " "
        right.space = self._gap[kept : kept + 1] if kept >= 0 and plain == put else []
        self._clear_gap(kept, plain if plain != put else "")
        return plain

    def _char(self, place: tuple[int, int]) -> str:
        return self._pieces[place[0]][place[1]]

    def _clear_gap(self, kept: int, put: str) -> None:
        """Takes away the white space of the gap but for one character, which becomes `put` if that is not empty."""
        seam = self._sides[-1].index
        start = 0
        while start < len(self._gap):
            piece, first = self._gap[start]
            if start == kept:
                if put:
                    self.found.append(Repair(seam, "space", piece, first, first + 1, put))
                start += 1
                continue
            end = start + 1
            while end < len(self._gap) and end != kept and self._gap[end] == (piece, first + end - start):
                end += 1
            self.found.append(Repair(seam, "space", piece, first, first + end - start, ""))
            start = end

    def _wish(self, left: _Side, right: _Side, opened: str, present: str, skipped: int) -> str:
        """What is to stand between two sides: `none`, `one`, `keep` (what is there), `fixed` (the same, a no-break space
        before others), `wide` (an ideographic space), or a space character to put."""
        tail, head = left.tail(), right.head()
        head = opened + head
        last, first = tail[-1], head[0]
        if not present and _one_cluster(tail, head):
            return "keep"
        closes = not opened and self._closes(right, skipped)
        if closes or self._opens(left):
            quote = first if closes else last
            return "none" if quote not in "«»" else "fixed" if present else self._french("»")
        script, following = _script(reversed(tail)), _script(head)
        if script == following == "spaceless":
            return "wide" if _IDEOGRAPHIC in present else "none"
        if first in _MARKS:
            return self._before_mark(head, present)
        if first in "'’" and not (head[1:2] and _wordy(head[1])):
            return "none"
        if first in "'’" and _CONTRACTION.match(head) and _wordy(last):
            return "keep"
        if script and script == following:
            return "keep"
        if "spaceless" in (script, following) and (_wordy(last) or script) and (_wordy(first) or following):
            return "keep"
        if (dash := self._beside_dash(left, right, tail, head)) is not None:
            return dash
        if last == "/" or first == "/":
            return "keep"
        if last in "'’" and (elided := _ELISION.search(tail)) is not None:
            word = elided[1].lower()
            if self._language in _ELIDING and word not in _FULL_ELISIONS:
                return "keep"
            if self._language == "en" and len(word) == 1 and word in "odl":
                return "keep"
        return "one"

    def _before_mark(self, head: str, present: str) -> str:
        first = head[0]
        if _EMOTICON.match(head) or (first == "." and head[1:2].isdecimal()):
            return "one"
        dots = _LEADING_ELLIPSIS.match(head)
        if dots is not None:
            behind = head[dots.end() : dots.end() + 1]
            return "one" if behind and _wordy(behind) else "keep"
        if head.startswith(". ."):
            return "one"
        if first in ";:?!":
            if any(char in _NO_BREAK for char in present):
                return "fixed"
            return self._french(first) if self._language == "fr" else "none"
        return "none"

    def _french(self, mark: str) -> str:
        """The space that French pieces set before a mark or inside of guillemets, or `keep`."""
        spaces = self._mark_spaces if self._language == "fr" else {}
        return spaces.get(mark) or next(iter(spaces.values()), "keep")

    @cached_property
    def _mark_spaces(self) -> dict[str, str]:
        spaces: dict[str, str] = {}
        for text in self._pieces:
            for found in _MARK_SPACE.finditer(text):
                spaces.setdefault(found[2] or "»", found[1] or found[3])
        return spaces

    @cached_property
    def _spaced_dashes(self) -> bool:
        """Whether dashes between words of the pieces have spaces on both sides, and none has on neither."""
        joined = any(_JOINED_DASH.search(text) for text in self._pieces)
        return not joined and any(_SPACED_DASH.search(text) for text in self._pieces)

    def _beside_dash(self, left: _Side, right: _Side, tail: str, head: str) -> str | None:
        """The wish where a dash or hyphen ends the left or begins the right side."""
        last, first = _LAST_DASH.search(tail), _FIRST_DASH.match(head)
        aside = self._language in _ASIDE_DASHES
        if last is not None and first is not None:
            return "one"
        if last is not None:
            before = tail[: last.start()][-1:]
            spaced = before.isspace() != (aside or left.has_asides) if before else self._spaced_dashes
            return "one" if spaced else "keep"
        if first is not None:
            behind = head[first.end() : first.end() + 1]
            spaced = behind.isspace() or aside or right.has_asides or (not behind and self._spaced_dashes)
            return "one" if spaced or _ending(tail, self._language) in ("end", "asked") else "keep"
        if tail[-1] == "-":
            return "keep" if len(tail) > 1 and _wordy(tail[-2]) else "one"
        if head[0] == "-":
            return "keep" if not head[1:] or (_wordy(head[1]) and _wordy(tail[-1])) else "one"
        return None


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _one_cluster(tail: str, head: str) -> bool:
    """Whether the two join to one character on the screen: a mark on its letter, a part of an emoji."""
    if unicodedata.category(head[0])[0] != "M" and not (_JOINING.match(head) or _JOINING.match(tail[-1])):
        return False
    from composer.text.graphemes import snap

    seen = tail[-32:]
    return snap(seen + head[:4], len(seen)) != len(seen)


def _script(chars: Iterable[str]) -> str:
    """The kind of script next to a seam, quotes, dots and dashes looked through: `spaceless`, `phrased` or empty."""
    for char in chars:
        if char not in '“”‘’"…·' + _DASHES:
            return "spaceless" if _SPACELESS.match(char) else "phrased" if _PHRASED.match(char) else ""
    return ""
