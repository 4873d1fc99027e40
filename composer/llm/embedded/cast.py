"""Who and what a paragraph is about, and the slots that stand for them.

A paragraph is learned with its characters, thing and place taken out: "The ferryman gave Ines the rope. She
laughed" becomes `<C=> gave <C~> the <T> . <he=> laughed`. A slot of a character says only whether it is the one
named last (`=`) or another (`~`), so that who does what carries over to any cast, and pronouns keep their
gender. Printing a slot asks the cast of the request.

Never guesses who is in a request (see `request`), and never counts anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from composer.llm.embedded.grammar import COORDINATORS, JOINTS, PREPOSITIONS, SUBORDINATORS, is_past, plural
from composer.llm.embedded.tokens import ARTICLE, CLOSE, CLOSE_MID, OPEN, OPEN_MID, START, STOPS

NAMED = "C"
"""A character by name, or by role with its article: "Ines", "the ferryman"."""
BARE = "C.n"
"""A character's role without an article: "ferryman"; a named character has none."""
CALLED = "C.v"
"""A character spoken to: "Ines", "ferryman"."""
PRONOUNS = {
    "he": ("he", "him", "his", "his", "himself"),
    "she": ("she", "her", "her", "hers", "herself"),
    "it": ("it", "it", "its", "its", "itself"),
    "they": ("they", "them", "their", "theirs", "themself"),
    "I": ("I", "me", "my", "mine", "myself"),
}
"""Gender to subject, object, determiner, possessive, reflexive."""
PRONOUN_FORMS = ("he", "him", "his", "hers", "himself")
"""The slots of these five, in the same order."""
PERSON_FORMS = (NAMED, BARE, CALLED, *PRONOUN_FORMS)
THING, THINGS, PLACE, PLACES = "T", "T.s", "P", "P.s"
OBJECT_FORMS = (THING, THINGS, PLACE, PLACES)

SAME = {form: f"<{form}=>" for form in PERSON_FORMS}
"""Form of a character to its slot when it is the one mentioned last."""
OTHER = {form: f"<{form}~>" for form in PERSON_FORMS}
"""The same for any other character."""
OBJECTS = {form: f"<{form}>" for form in OBJECT_FORMS}
SLOTS: dict[str, tuple[str, str]] = {
    **{symbol: (form, "=") for form, symbol in SAME.items()},
    **{symbol: (form, "~") for form, symbol in OTHER.items()},
    **{symbol: (form, "") for form, symbol in OBJECTS.items()},
}
"""Slot symbol to its form and to whom it points: "=", "~", or "" for things and places."""


@dataclass(frozen=True, slots=True)
class Character:
    """One character: a name ("Ines") or a role ("ferryman")."""

    noun: str
    gender: str = "he"
    """he, she, it, they, or I for who tells the story: a key of `PRONOUNS`."""
    article: str = "the"
    """What goes before a role: "the", or "her" as in "her father"; empty for a name."""
    aliases: tuple[tuple[str, ...], ...] = ()
    """Runs of symbols that also name this character: ("Mara", "Quinn")."""

    @property
    def named(self) -> bool:
        """Whether this is a name, which takes no article."""
        return not self.article

    def surface(self, form: str) -> str | None:
        """What a form prints as in the middle of a sentence; None for a form this character has not."""
        if form == NAMED:
            return f"{self.article} {self.noun}" if self.article else self.noun
        if form == BARE:
            return None if self.named else self.noun
        if form == CALLED:
            return self.noun
        return PRONOUNS[self.gender][PRONOUN_FORMS.index(form)]


class Item(NamedTuple):
    """One symbol of a paragraph with its slot found."""

    form: str
    """A word or mark as it is, or a form: `NAMED`, "he", `THING`, …"""
    ref: int
    """Index among the cast's characters, things or places; -1 for what is no slot."""
    width: int = 1
    """How many symbols it stands for: two for "the ferryman"."""


@dataclass(frozen=True, slots=True)
class Cast:
    """The characters, things and places of a paragraph, the most important first."""

    characters: tuple[Character, ...] = ()
    things: tuple[str, ...] = ()
    places: tuple[str, ...] = ()

    def surface(self, form: str, ref: int) -> str | None:
        """What this form of this member prints as; None if it has no such form."""
        if form in OBJECTS:
            nouns = self.places if form in (PLACE, PLACES) else self.things
            return plural(nouns[ref]) if form in (THINGS, PLACES) else nouns[ref]
        return self.characters[ref].surface(form)

    def encode(self, symbols: Sequence[str], focus: int = 0) -> list[Item]:
        """Find the slots in a run of symbols (folded words and marks), `focus` being the one mentioned last.

        A pronoun of a gender that nobody has stays a word. Two characters of one gender are told apart by
        who was mentioned last and who is the subject, which may be wrong, and prints the same.
        """
        finder = _Finder(self, symbols, focus)
        return finder.items()


class _Finder:
    """One pass over a run of symbols."""

    def __init__(self, cast: Cast, symbols: Sequence[str], focus: int) -> None:
        self._cast = cast
        self._symbols = symbols
        self._focus = focus
        self._subject = -1
        self._quoted = False
        self._names: dict[str, list[tuple[tuple[str, ...], int]]] = {}
        for index, character in enumerate(cast.characters):
            if character.named:
                for words in (tuple(character.noun.split()), *character.aliases):
                    self._names.setdefault(words[0], []).append((words, index))
        for known in self._names.values():
            known.sort(key=lambda entry: -len(entry[0]))
        self._roles = {c.noun: i for i, c in enumerate(cast.characters) if not c.named}
        self._genders: dict[str, list[int]] = {}
        for index, character in enumerate(cast.characters):
            self._genders.setdefault(character.gender, []).append(index)
        self._things = {noun: (form, i) for i, noun in reversed(list(enumerate(cast.things)))
                        for form, noun in ((THINGS, plural(noun)), (THING, noun))}  # fmt: skip
        self._places = {noun: (form, i) for i, noun in reversed(list(enumerate(cast.places)))
                        for form, noun in ((PLACES, plural(noun)), (PLACE, noun))}  # fmt: skip
        self._articles = {c.article.split()[0] for c in cast.characters if c.article}

    def items(self) -> list[Item]:
        """All items, in order."""
        found: list[Item] = []
        symbols = self._symbols
        at = 0
        while at < len(symbols):
            symbol = symbols[at]
            before = symbols[at - 1] if at else START
            after = symbols[at + 1] if at + 1 < len(symbols) else ""
            item = self._item(symbol, before, after, at)
            if symbol in (OPEN, OPEN_MID):
                self._quoted, self._subject = True, -1
            elif symbol in (CLOSE, CLOSE_MID):
                self._quoted, self._subject = False, -1
            elif symbol in STOPS or symbol in SUBORDINATORS or (symbol in COORDINATORS and before == ","):
                self._subject = -1
            if item.ref >= 0 and item.form not in OBJECTS:
                self._focus = item.ref
                if self._subject < 0:
                    self._subject = item.ref
            found.append(item)
            at += item.width
        return found

    def _item(self, symbol: str, before: str, after: str, at: int) -> Item:
        ref: int | None = self._roles.get(after)
        if symbol in self._articles and ref is not None and self._cast.characters[ref].article == symbol:
            return Item(NAMED, ref, 2)
        for words, ref in self._names.get(symbol, ()):
            width = len(words)
            if width == 1 or tuple(self._symbols[at : at + width]) == words:
                if symbol == "I" and self._quoted:
                    break
                after = self._symbols[at + width] if at + width < len(self._symbols) else ""
                return Item(CALLED if self._spoken_to(before, after) else NAMED, ref, width)
        ref = self._roles.get(symbol)
        if ref is not None:
            return Item(CALLED if self._spoken_to(before, after) else BARE, ref)
        if symbol in self._things:
            return Item(*self._things[symbol])
        if symbol in self._places:
            return Item(*self._places[symbol])
        return self._pronoun(symbol, before, after, at)

    def _spoken_to(self, before: str, after: str) -> bool:
        return self._quoted and before in (",", OPEN, OPEN_MID) and (after == "," or after in STOPS)

    def _pronoun(self, symbol: str, before: str, after: str, at: int) -> Item:
        for gender, refs in self._genders.items():
            forms = PRONOUNS[gender]
            if gender == "they" or symbol not in forms or (gender == "I" and self._quoted):
                continue
            form = PRONOUN_FORMS[forms.index(symbol)]
            noun_follows = self._noun_follows(after, at)
            if symbol == "her":
                form = "his" if noun_follows else "him"
            elif symbol == "his":
                form = "his" if noun_follows or after in ("back", "home", "only", "very", "first") else "hers"
            elif symbol == "it":
                begins = before in JOINTS or before in SUBORDINATORS
                if not begins or not is_past(after):
                    break
                form = "he"
            return Item(form, self._referent(form, refs))
        return Item(symbol, -1)

    def _noun_follows(self, after: str, at: int) -> bool:
        """Whether the next symbol may begin the noun that "her" or "his" belongs to."""
        if not after or not after[0].isalpha() or after in COORDINATORS:
            return False
        if after in PREPOSITIONS or after in SUBORDINATORS:
            return False
        if after in ("the", ARTICLE, "and", "so", "about", "again", "there", "here", "now", "then", "very"):
            return False
        if after in ("once", "everything", "anything", "nothing", "something", "all", "only", "not", "home"):
            return False
        if after in ("alone", "away", "back", "too", "first", "anyway", "gently", "why", "that"):
            return False
        return not is_past(after) or after in ("left", "lost", "lit", "painted")

    def _referent(self, form: str, refs: list[int]) -> int:
        if len(refs) == 1:
            return refs[0]
        if form == "himself" and self._subject in refs:
            return self._subject
        if form == "him" and self._subject in refs:
            others = [ref for ref in refs if ref != self._subject]
            return self._focus if self._focus in others else others[0]
        if form == "his" and self._subject in refs:
            return self._subject
        return self._focus if self._focus in refs else refs[0]


def slot(item: Item, focus: int) -> str:
    """The symbol an item is learned as when `focus` was the character mentioned last."""
    if item.ref < 0:
        return item.form
    if item.form in OBJECTS:
        return OBJECTS[item.form]
    return SAME[item.form] if item.ref == focus else OTHER[item.form]


def slots(items: Sequence[Item], focus: int = 0) -> list[str]:
    """The symbols a run of items is learned as."""
    symbols: list[str] = []
    for item in items:
        symbols.append(slot(item, focus))
        if item.ref >= 0 and item.form not in OBJECTS:
            focus = item.ref
    return symbols
