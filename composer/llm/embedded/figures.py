"""The people, things and places of an outline: what each is called, first and afterwards, and where a text names it.

"A lighthouse keeper" is "the keeper" once she was told of; "Mara the baker" is "Mara". Finds none by itself (see
`premise`), and holds no probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.llm.embedded import grammar
from composer.llm.embedded.cast import PRONOUNS
from composer.llm.embedded.tokens import words

PERSON, THING, PLACE = "person", "thing", "place"
_PLURAL = {"he": "they", "him": "them", "his": "their", "hers": "theirs", "himself": "themselves"}
_FORMS = ("he", "him", "his", "hers", "himself")


@dataclass(frozen=True, slots=True)
class Figure:
    """One of them."""

    kind: str
    """`PERSON`, `THING` or `PLACE`."""
    head: str
    """The noun or name: "keeper", "Mara"."""
    first: str = ""
    """How it is called at first: "<a> lighthouse keeper", "the wolf", "Mara the baker"; a thing without an article."""
    again: str = ""
    """How it is called then: "the keeper", "Mara"; of a thing or place without an article."""
    gender: str = "it"
    """A key of `cast.PRONOUNS`."""
    plural: bool = False
    names: tuple[tuple[str, ...], ...] = ()
    """Runs of symbols that name it, without an article."""
    owner: int = -1
    """Whose it is: "her father"; -1 for nobody's."""
    given: bool = False
    """Whether the request tells of it."""
    known: bool = False
    """Whether a reader knows it before the outline begins: "the wolf", or whoever the story so far tells of."""
    mass: bool = False
    """Of a thing: that there is no single one of it."""
    way: str = "in"
    """Of a place: whether one is in, on or at it."""
    proper: bool = False
    """Whether it has a name, which takes no article."""

    def pronoun(self, form: str) -> str:
        """A pronoun for it: "she" for "he", "their" for "his"."""
        if self.plural:
            return _PLURAL[form]
        gender = self.gender if self.gender in PRONOUNS else "they"
        return _PLURAL[form] if gender == "they" else PRONOUNS[gender][_FORMS.index(form)]


@dataclass(frozen=True, slots=True)
class Company:
    """All figures of a request, the most important first."""

    figures: tuple[Figure, ...] = ()

    def of(self, kind: str) -> list[int]:
        """The indexes of those of a kind."""
        return [at for at, figure in enumerate(self.figures) if figure.kind == kind]

    def found(self, symbols: Sequence[str], at: int) -> tuple[int, int, str] | None:
        """The figure that is named here: its index, how many symbols name it, and the words before its noun."""
        best: tuple[int, int, str] | None = None
        led = 1 if symbols[at] in _LEADING else 0
        for number, figure in enumerate(self.figures):
            for run in figure.names:
                starts = (
                    [at] if figure.proper and run[0][0].isupper() else range(at + led, at + led + (3 if led else 1))
                )
                for start in starts:
                    if tuple(symbols[start : start + len(run)]) != run or not _plain(symbols[at + led : start]):
                        continue
                    width = start + len(run) - at
                    if best is None or width > best[1]:
                        best = (number, width, " ".join(symbols[at:start]))
                    break
        return best


_LEADING = words("""
    <a> the his her their its my our two three four five no one another every each this that some both
    """)
"""Words that a noun phrase begins with."""


def _plain(symbols: Sequence[str]) -> bool:
    """Whether these may be the adjectives of a noun."""
    return all(
        symbol[0].isalpha() and (symbol not in grammar.FUNCTION or symbol in ("old", "little", "own", "first", "last"))
        and symbol not in grammar.PREPOSITIONS and not grammar.is_present(symbol)
        for symbol in symbols
    )  # fmt: skip
