"""Whom the sentences of a passage speak of, and whom the pronoun that one begins with means, where that is sure.

A pronoun is sure where only one person of its gender was spoken of before it; of people whose gender the passage leaves
open, any pronoun may speak. What is said in quotes names nobody. Reads English; where nobody is found it knows nothing.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from composer.llm.embedded.cast import BARE, NAMED, Character
from composer.llm.embedded.lexicon import NAME_GENDERS, PLACES, PLAIN, TITLES
from composer.llm.embedded.notes import read_notes
from composer.llm.embedded.request import Request
from composer.llm.embedded.tokens import ARTICLE, CLOSES, OPENS, Token, words

Range = tuple[int, int]

_SUBJECTS = {"he": "he", "she": "she"}
_OWNERS = {"his": "he", "her": "she"}
_HEARD = {**_SUBJECTS, **_OWNERS}
_BACK = 5
"""Sentences that are looked back for the person that a pronoun means."""
_HEAD = 9
"""Tokens at the head of a sentence in which its subject stands."""
_STREETS = PLACES | {"lane", "avenue", "row"}
_NAMING = words("called named name names")
_NEWCOMERS = frozenset((ARTICLE, "another", "someone", "somebody", "one", "two", "three"))
"""Words that a sentence begins with which may bring somebody who is nobody's name."""
HANGING = words(
    "when while because until before after although since unless if as though once whenever where in at on with"
)
"""Words that a clause or phrase begins with which the main clause follows."""


@dataclass(slots=True)
class Reference:
    """What one sentence speaks of."""

    named: list[int] = field(default_factory=list)
    """People named outside speech, in order, as indexes of the cast."""
    pronoun: Range | None = None
    """Where the pronoun stands that its subject is told by, as characters of the passage, before anyone is named."""
    gender: str = ""
    """he or she, of that pronoun."""
    owns: bool = False
    """Whether the pronoun stands before what is owned: "Her hands"."""
    means: int = -1
    """Whom it means, if that is sure."""
    others: set[str] = field(default_factory=set)
    """he and she, where it has somebody of that gender as an object: "Tobit looked at her"."""
    naming: bool = False
    """Whether it tells somebody's name."""
    newcomer: bool = False
    """Whether it begins as sentences do that bring somebody new."""

    @property
    def people(self) -> frozenset[int]:
        """All that it surely speaks of."""
        return frozenset((*self.named, self.means)) - {-1}


class References:
    """The people of a passage, sentence by sentence."""

    def __init__(self, request: Request, tokens: Sequence[Token], sentences: Sequence[Range]) -> None:
        self._request = request
        self.characters: tuple[Character, ...] = request.cast.characters
        self.sentences = [Reference() for _ in sentences]
        notes = read_notes(request.prompt.notes)
        self._noted = {
            key: note.gender for note in notes if note.gender for name in note.names for key in (name, name.split()[0])
        }
        self._unlike: set[tuple[int, str]] = set()
        """People of whom it says that they do something to somebody of this gender, which they are not themselves."""
        self._heard: dict[int, Counter[str]] = {}
        self._read(tokens, [start for start, _ in sentences])
        self._genders = [self._gender(ref) for ref in range(len(self.characters))]
        for at in range(len(self.sentences)):
            self._resolve(at)

    def may_be(self, ref: int, gender: str) -> bool:
        """Whether a pronoun of this gender may mean this person."""
        return self._genders[ref] in (gender, "")

    def _read(self, tokens: Sequence[Token], starts: Sequence[int]) -> None:
        quoted, place, at, first = False, 0, -1, 0
        for item in self._request.cast.encode([token.symbol for token in tokens]):
            token, symbol = tokens[place], tokens[place].symbol
            sentence = bisect_right(starts, token.start) - 1
            if sentence != at:
                self._settle(at)
                at, first = sentence, place
            here = self.sentences[at] if at >= 0 else Reference()
            if symbol in OPENS:
                quoted = True
            elif symbol in CLOSES or symbol == "\n":
                quoted = False
            elif not quoted:
                near = [each.symbol for each in tokens[max(first, place - 2) : place + item.width]]
                if place == first and symbol in _NEWCOMERS and item.ref < 0:
                    here.newcomer = True
                elif item.ref >= 0 and item.form in (NAMED, BARE):
                    if symbol in _OWNERS:
                        self._take_pronoun(here, token, place - first, owns=True)
                    if not _is_other(near):
                        here.named.append(item.ref)
                    if here.pronoun and item.form == NAMED and tokens[first].symbol in HANGING:
                        # "When she came home, Mara slept": it may well be the one who is named after it.
                        here.newcomer = True
                elif symbol in _NAMING:
                    here.naming = True
                elif symbol == "him" or item.form == "him":
                    here.others.add("he" if symbol == "him" else "she")
                    self._unlike.update((ref, each) for ref in here.named for each in here.others)
                elif symbol in _HEARD:
                    self._hear(at, symbol, tokens[first].symbol)
                    owns = item.form == "his" or (place == first and symbol in _OWNERS)
                    self._take_pronoun(here, token, place - first, owns=owns)
            place += item.width
        self._settle(at)

    def _settle(self, at: int) -> None:
        """Where a sentence tells somebody's name, "The miller's name was Pell", that is whom it speaks of."""
        if at >= 0 and self.sentences[at].naming:
            named = [ref for ref in self.sentences[at].named if self.characters[ref].named]
            self.sentences[at].named = named or self.sentences[at].named

    def _hear(self, at: int, symbol: str, opening: str) -> None:
        """Take a pronoun as a sign of somebody's gender, where it can hardly speak of anybody else."""
        here = self.sentences[at]
        if _HEARD[symbol] in here.others:
            return
        if here.named:
            near = set(here.named) if not here.pronoun else set()
        elif here.pronoun or opening in HANGING:
            near = set()
        else:
            before = self.sentences[at - 1] if at else Reference()
            near = {ref for ref in before.named if (ref, _HEARD[symbol]) not in self._unlike}
            near = near if _HEARD[symbol] not in before.others else set()
        if len(near) == 1:
            self._heard.setdefault(next(iter(near)), Counter())[_HEARD[symbol]] += 1

    def _take_pronoun(self, here: Reference, token: Token, place: int, *, owns: bool) -> None:
        """Take the first pronoun of a sentence, if it is one that a name can stand in the place of."""
        if not here.named and not here.pronoun and place <= _HEAD and (token.symbol in _SUBJECTS or owns):
            here.pronoun, here.gender, here.owns = (token.start, token.end), _HEARD[token.symbol], owns

    def _gender(self, ref: int) -> str:
        """he or she as far as it is known; "I" of who tells it; else nothing."""
        character = self.characters[ref]
        if character.gender == "I":
            return "I"
        heads = [word.lower() for word in character.noun.split()]
        if character.noun in self._noted:
            return self._noted[character.noun]
        if character.named and (NAME_GENDERS.get(heads[-1]) or TITLES.get(heads[0])):
            return character.gender
        if not character.named and heads[-1] in PLAIN:
            return character.gender
        heard = self._heard.get(ref)
        if not heard:
            return ""
        gender, times = heard.most_common(1)[0]
        return gender if times >= 0.7 * heard.total() else ""

    def _leans(self, ref: int, gender: str) -> bool:
        """Whether the passage takes this person for one of this gender rather than of another."""
        heard, character = self._heard.get(ref, Counter()), self.characters[ref]
        guessed = character.named and character.gender == gender and not heard and (ref, gender) not in self._unlike
        return guessed or self._genders[ref] == gender or heard[gender] > heard.total() - heard[gender]

    def _resolve(self, at: int) -> None:
        """Find whom the pronoun of a sentence means, from the sentences before it."""
        here = self.sentences[at]
        if here.pronoun is None or here.newcomer:
            return
        for before in reversed(self.sentences[max(0, at - _BACK) : at]):
            meant = {ref for ref in before.people if self.may_be(ref, here.gender)}
            unsure = (
                before.newcomer or (before.gender == here.gender and before.means < 0) or here.gender in before.others
            )
            if len(meant) == 1 and not unsure and self._leans(min(meant), here.gender):
                here.means = min(meant)
            if meant or unsure:
                # Whoever else may be meant there, nothing beyond it is sure.
                return


def _is_other(symbols: Sequence[str]) -> bool:
    """Whether somebody named here, with the words before the name, is nobody who is there: compared to, or a place."""
    return symbols[-1].lower() in _STREETS or any(symbol in ("like", "as", "than") for symbol in symbols[:-1])
