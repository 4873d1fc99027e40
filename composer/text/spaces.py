"""Spaces: what white space stands at a seam, one character at most.

White space beside a dash or a guillemet, between Thai letters and beside a script without spaces stays as it is. Where there
is none, it is put only beside a dash that is spaced on its own side, and in French as elsewhere in the pieces.

It never looks at the white space inside a piece but to learn how its dashes and French marks are set.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from functools import cached_property

from composer.text.endings import ending
from composer.text.sides import Side
from composer.text.signs import (
    ASIDE_DASHES,
    DASHES,
    FIRST_DASH,
    LAST_DASH,
    MARKS,
    NO_BREAK,
    PHRASED,
    SPACELESS,
    compiled,
    listed,
    no_mark,
    wordy,
)

_IDEOGRAPHIC = "\u3000"
_LEADING_ELLIPSIS = r"(?:…|\.{2,})+[.?!]*"
_JOINED_DASH = r"\w(?:[—–―]|--+)\w"
_SPACED_DASH = r"\w\S?\s(?:[—–―]|--+)\s\S?\w"
_ASIDE_DASH = r"\s[—–―][\w¿¡]"
_MARK_SPACE = r"([ \u00a0\u202f])([;:?!»])|«([ \u00a0\u202f])"
_CONTRACTION = r"(?i)['’](?:s|t|d|ll|re|ve|m)(?![\w'’])"
_ELISION = r"(?:^|[^\w'’])([^\W\d_]{1,8})['’]$"
_FULL_ELISIONS = listed("po mo va fa di sta be da to ca")
"""Shortened words that a space follows: `un po’ di`."""
_ELIDING = listed("fr it ca oc")
_JOINING = "[\u200c\u200d\u1100-\u11ff\U0001f1e6-\U0001f1ff\U0001f3fb-\U0001f3ff]"
"""What may be one character with its neighbour: joiners, jamo, halves of flags, shades of skin; marks besides."""


class Spaces:
    """The white space that the seams between these pieces are to have."""

    def __init__(self, pieces: Sequence[str], language: str) -> None:
        self._pieces = pieces
        self._language = language

    def between(self, left: Side, right: Side, opened: str, inner: str, present: str) -> tuple[int, str]:
        """Which character of the white space that is present stays, -1 for none, and what is to stand there, empty for nothing.

        `opened` was put before the right side. `inner` is the quote or bracket at whose inner side the seam lies, or empty.
        """
        wish = self._wish(left, right, opened, inner, present)
        if not present:
            return -1, " " if wish == "one" else wish if wish.isspace() else ""
        if wish == "none":
            return -1, ""
        if wish == "wide":
            return present.index(_IDEOGRAPHIC), _IDEOGRAPHIC
        liked = NO_BREAK if wish == "fixed" or wish.isspace() else NO_BREAK + " "
        stays = next((at for at, char in enumerate(present) if char in liked), 0)
        usual = NO_BREAK + _IDEOGRAPHIC if wish == "keep" else NO_BREAK
        return stays, present[stays] if present[stays] in usual else " "

    def _wish(self, left: Side, right: Side, opened: str, inner: str, present: str) -> str:
        """What is to stand between two sides: `none`, `one`, `keep` (what is there), `fixed` (the same, a no-break space
        before others), `wide` (an ideographic space that is there), or a space character to put."""
        tail, head = left.tail(), opened + right.head()
        last, first = tail[-1], head[0]
        if not present and _one_cluster(tail, head):
            return "keep"
        if inner:
            return "none" if inner not in "«»" else "fixed" if present else self._french("»")
        script, following = _script(reversed(tail)), _script(head)
        if script == following == "spaceless":
            return "wide" if _IDEOGRAPHIC in present else "none"
        if first in MARKS:
            return self._before_mark(head, present)
        if first in "'’" and not (head[1:2] and wordy(head[1])):
            return "none"
        if first in "'’" and wordy(last) and compiled(_CONTRACTION).match(head):
            return "keep"
        if script and script == following:
            return "keep"
        if "spaceless" in (script, following) and (script or wordy(last)) and (following or wordy(first)):
            return "keep"
        if (dash := self._beside_dash(left, right, tail, head)) is not None:
            return dash
        return "keep" if "/" in (last, first) or self._elides(tail) else "one"

    def _before_mark(self, head: str, present: str) -> str:
        if no_mark(head):
            return "one"
        dots = compiled(_LEADING_ELLIPSIS).match(head)
        if dots is not None:
            behind = head[dots.end() : dots.end() + 1]
            return "one" if behind and wordy(behind) else "keep"
        if head.startswith(". ."):
            return "one"
        if head[0] in ";:?!":
            if any(char in NO_BREAK for char in present):
                return "fixed"
            return self._french(head[0]) if self._language == "fr" else "none"
        return "none"

    def _elides(self, tail: str) -> bool:
        """Whether the text ends with a word that leans on the next one: `l’`, `o’`."""
        if tail[-1] not in "'’" or (elided := compiled(_ELISION).search(tail)) is None:
            return False
        word = elided[1].lower()
        if self._language == "en":
            return word in ("o", "d", "l")
        return self._language in _ELIDING and word not in _FULL_ELISIONS

    def _french(self, mark: str) -> str:
        """The space that French pieces set before a mark or inside of guillemets, or `keep`."""
        spaces = self._mark_spaces if self._language == "fr" else {}
        return spaces.get(mark) or next(iter(spaces.values()), "keep")

    @cached_property
    def _mark_spaces(self) -> dict[str, str]:
        spaces: dict[str, str] = {}
        for text in self._pieces:
            for found in compiled(_MARK_SPACE).finditer(text):
                spaces.setdefault(found[2] or "»", found[1] or found[3])
        return spaces

    @cached_property
    def _spaced_dashes(self) -> bool:
        """Whether dashes between words of the pieces have spaces on both sides, and none has on neither."""
        joined = any(compiled(_JOINED_DASH).search(text) for text in self._pieces)
        return not joined and any(compiled(_SPACED_DASH).search(text) for text in self._pieces)

    def _beside_dash(self, left: Side, right: Side, tail: str, head: str) -> str | None:
        """The wish where a dash or hyphen ends the left or begins the right side."""
        last, first = compiled(LAST_DASH).search(tail), compiled(FIRST_DASH).match(head)
        aside = self._language in ASIDE_DASHES
        if last is not None and first is not None:
            return "one"
        if last is not None:
            before = tail[: last.start()][-1:]
            spaced = before.isspace() != (aside or _has_asides(left)) if before else self._spaced_dashes
            return "one" if spaced else "keep"
        if first is not None:
            behind = head[first.end() : first.end() + 1]
            spaced = behind.isspace() or aside or _has_asides(right) or (not behind and self._spaced_dashes)
            return "one" if spaced or ending(tail, self._language) in ("end", "asked") else "keep"
        if tail[-1] == "-":
            return "keep" if len(tail) > 1 and wordy(tail[-2]) else "one"
        if head[0] == "-":
            return "keep" if not head[1:] or (wordy(head[1]) and wordy(tail[-1])) else "one"
        return None


def _has_asides(side: Side) -> bool:
    """Whether dashes between the side's words lean on what they enclose, as in Spanish: `Ven —dijo ella— y calla`."""
    aside = compiled(_ASIDE_DASH).search(side.text, side.start, side.end)
    return aside is not None and compiled(_JOINED_DASH).search(side.text, side.start, side.end) is None


def _one_cluster(tail: str, head: str) -> bool:
    """Whether the two join to one character on the screen: a mark on its letter, a part of an emoji."""
    joining = compiled(_JOINING)
    if unicodedata.category(head[0])[0] != "M" and not (joining.match(head) or joining.match(tail[-1])):
        return False
    from composer.text.graphemes import snap

    seen = tail[-32:]
    return snap(seen + head[:4], len(seen)) != len(seen)


def _script(chars: Iterable[str]) -> str:
    """The kind of script next to a seam, quotes, dots and dashes looked through: `spaceless`, `phrased` or empty."""
    for char in chars:
        if char not in '“”‘’"…·' + DASHES:
            return (
                "spaceless" if compiled(SPACELESS).match(char) else "phrased" if compiled(PHRASED).match(char) else ""
            )
    return ""
