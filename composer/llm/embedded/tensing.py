"""A sentence that is told in the past, put in the present: "she came and had nothing" as "she comes and has nothing".

Follows a sentence word by word: which clause still wants its verb, and whether its subject is one or several. What
stands in quotes stays. Reads English by spelling, and takes a participle for a verb now and then; what it does not
know it leaves as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from composer.llm.embedded import grammar
from composer.llm.embedded.tense import agreeing, base_of_past
from composer.llm.embedded.tokens import ARTICLE, CLOSES, OPENS, PUNCTUATION, tokenise, words

_HELPING = {
    **{"was": "be", "were": "be", "had": "have", "did": "do", "could": "can", "would": "will", "might": "may"},
    **{"wasn't": "isn't", "weren't": "aren't", "hadn't": "hasn't", "didn't": "doesn't"},
    **{"couldn't": "can't", "wouldn't": "won't"},
}
"""Verbs that another may follow, and their bases or their forms in the present."""
_SEVERAL = {"isn't": "aren't", "hasn't": "haven't", "doesn't": "don't"}
_PLURALS = words("""
    they we you these those both many several people children men women others two three four five six seven eight all
    few
    """)
_NAMING = words("called named known born")
_ONES = words("""
    always perhaps news his its was has does as us this yes bus gas glass less unless across towards besides afterwards
    """)
"""Words that end as plurals do, and are none."""


def in_present(text: str, proper: Callable[[str], bool]) -> str:
    """A sentence in the present tense; as it is if it has no verb in the past outside quotes."""
    return _Shift(text, proper).text()


def is_past_tense(text: str, proper: Callable[[str], bool]) -> bool:
    """Whether most verbs of a text are in the past tense, so far as they can be told."""
    past = present = 0
    quoted = False
    for token in tokenise(text, proper):
        quoted = (quoted or token.symbol in OPENS) and token.symbol not in CLOSES
        if not quoted and token.symbol[0].islower():
            past += grammar.is_past(token.symbol)
            present += grammar.is_present(token.symbol) and token.symbol not in _ONES
    return past > present


class _Shift:
    """One pass over a sentence."""

    def __init__(self, text: str, proper: Callable[[str], bool]) -> None:
        self._text = text
        self._tokens = tokenise(text, proper)
        self._waiting: list[tuple[bool, bool]] = []
        """Subjects whose verb is still to come, behind what is told of them: whether each is several, or "I"."""
        self._begin()

    def text(self) -> str:
        """The sentence in the present."""
        made: list[str] = []
        told, quoted = 0, False
        for at, token in enumerate(self._tokens):
            made.append(self._text[told : token.start])
            word = self._text[token.start : token.end]
            told = token.end
            quoted = quoted or token.symbol in OPENS
            made.append(word if quoted else _cased(self._word(at), word))
            if token.symbol in CLOSES:
                quoted = False
                self._begin()
        return re.sub(r"\bcan not\b", "cannot", "".join((*made, self._text[told:])))

    def _begin(self, *, plural: bool = False, first: bool = False, subject: bool = False) -> None:
        """A clause begins."""
        self._wants = True
        """Whether its verb is still to come."""
        self._subject = subject
        self._plural = plural
        self._first = first
        """Whether its subject is "I"."""
        self._behind = False
        """Whether a preposition stands behind the subject."""
        self._more = False
        """Whether "and" stands there, behind which the same subject or another may have a verb."""

    def _symbol(self, at: int) -> str:
        return self._tokens[at].symbol if 0 <= at < len(self._tokens) else ""

    def _word(self, at: int) -> str:
        """A word in the present; the state follows it."""
        symbol, before = self._symbol(at), self._symbol(at - 1)
        word = self._text[self._tokens[at].start : self._tokens[at].end]
        if symbol in ("and", "but", "or", "then", "yet"):
            if not self._wants or before == ",":
                self._wants = self._more = True
            elif symbol == "and" and self._subject and not self._more:
                self._plural = True
        elif symbol == ",":
            if not self._wants:
                self._wants = self._more = True
        elif symbol in PUNCTUATION or symbol == "\n":
            self._begin()
        elif symbol in ("who", "which", "that") and self._subject and self._wants and not self._more:
            self._waiting.append((self._plural, self._first))
            self._begin(plural=self._plural, subject=True)
        elif symbol in grammar.SUBORDINATORS and symbol not in ("than", "as"):
            several = self._plural if symbol in ("who", "which") else _is_several(before)
            self._begin(
                plural=several and symbol in ("who", "which", "that"),
                subject=symbol in ("who", "which", "what", "that"),
            )
        elif symbol in _HELPING:
            self._wants = self._more = False
            return self._helping(symbol)
        elif grammar.is_past(symbol) and self._is_verb(at, symbol, before):
            self._wants = self._more = False
            return self._agreeing(base_of_past(symbol))
        else:
            self._see(symbol, before)
        return word

    def _is_verb(self, at: int, symbol: str, before: str) -> bool:
        """Whether a form that may be a participle is the verb of its clause."""
        if before in grammar.DETERMINERS | grammar.PREPOSITIONS | {"to", "been", "be", "not"} and before not in (
            "that",
            "her",
        ):
            return False
        if before == "," and symbol.endswith("ed"):
            return False
        if not self._subject or (symbol in _NAMING and self._symbol(at + 1)[:1].isupper()):
            return False
        if not self._wants:
            if not self._waiting or before in _HELPING:
                return False
            self._plural, self._first = self._waiting.pop()
            return True
        return not (self._behind and symbol.endswith("ed") and self._symbol(at + 1) in ("by", "with"))

    def _see(self, symbol: str, before: str) -> None:
        """Take a word for the subject, or for a part of it."""
        if symbol in _SUBJECTS and (self._more or not self._wants or not self._subject):
            if self._wants or before not in grammar.PREPOSITIONS:
                self._begin(plural=symbol in _PLURALS, first=symbol == "I", subject=True)
            return
        if not self._wants:
            return
        if symbol in grammar.PREPOSITIONS:
            self._behind = self._subject and not self._more
            return
        if (
            not symbol[0].isalpha()
            or symbol in (ARTICLE, "the", "not", "never", "only", "at", "last")
            or symbol.endswith("ly")
        ):
            return
        if self._more:
            self._begin(plural=_is_several(symbol), subject=True)
        elif not self._behind:
            self._subject = True
            self._plural = self._plural or _is_several(symbol)

    def _agreeing(self, base: str) -> str:
        if self._first:
            return "am" if base == "be" else base
        return agreeing(base, plural=self._plural)

    def _helping(self, symbol: str) -> str:
        base = _HELPING[symbol]
        if "'" in base:
            return _SEVERAL.get(base, base) if self._plural or self._first else base
        return base if base in ("can", "will", "may") else self._agreeing(base)


_SUBJECTS = frozenset(("he", "she", "it", "they", "we", "I", "you", "nobody", "everyone", "there"))


def _is_several(symbol: str) -> bool:
    """Whether a word tells of several."""
    plural = symbol.endswith("s") and not symbol.endswith(("ss", "us", "is")) and symbol[0].islower()
    return symbol in _PLURALS or (plural and symbol not in _ONES)


def _cased(word: str, like: str) -> str:
    return word[:1].upper() + word[1:] if like[:1].isupper() else word
