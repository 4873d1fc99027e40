"""The people, things and places that texts speak of, found by their noun phrases.

Reads English: common nouns by their articles, names by their capitals, and what a noun tells of by lists, by its
spelling and by where it stands. What it can't tell it leaves out. Knows nothing of what happens (see `premise`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from composer.llm.embedded import grammar
from composer.llm.embedded.figures import PERSON, PLACE, THING, Company, Figure
from composer.llm.embedded.lexicon import GENDERS, NAME_GENDERS, NOT_PEOPLE, PLACES, PLAIN, TITLES
from composer.llm.embedded.notes import read_notes
from composer.llm.embedded.store import Store
from composer.llm.embedded.tense import MODALS
from composer.llm.embedded.things import ABOUT, ABSTRACT, KINDS, MASS, UPON
from composer.llm.embedded.tokens import ARTICLE, STOPS, tokenise, words

MOST = {PERSON: 4, THING: 3, PLACE: 3}
"""Figures of a kind that an outline has at most."""
NUMBERS = words("two three four five six seven eight nine ten several many some both")
DETERMINERS = words("the <a> his her their its my our another every each this that no some both") | NUMBERS
FINITE = words("is are has have does do can will must cannot may might should")
"""Verbs that need no list to be known as such."""
NO_PLURALS = words("""
    always perhaps news this its his is has does was as us thus yes bus gas glass grass species series means christmas
    james
    """)
"""Words that end as plurals do, and are none."""
_LEAD = re.compile(
    r"^(?:this is |it is |it's |here is )?(?:(?:a|an|the|my) )?(?:[a-z]+ )?"
    r"(?:story|tale|novel|fable|book|novella|play|essay|article|text)(?: is)?"
    r"(?: about| of| on| in which| where| that (?:tells|asks|shows|says|explains)(?: of| about)?| how)?\s+(?=\S)|"
    r"^(?:to|i want to|i would like to|we want to) (?:show|tell|say|ask|explore|write|explain|describe|find out|argue)"
    r"(?: of| about| that)?\s+",
    re.IGNORECASE,
)
"""How a purpose begins that tells what the text is, before it tells what it is about."""
_OWNING = {"his": "he", "her": "she", "their": "they", "its": "it"}
_VERBS = words("come go give take know see tell say become bring keep meet get make lose find")
"""Bases of verbs that are no nouns."""
_AFTER = words("alone alive asleep awake afraid ashamed together apart away abroad ago")
"""Adjectives and adverbs that stand behind a noun."""
_ADJECTIVES = words("old little own first last well home")
"""Common words that may stand before a noun."""
_LY = words("family bully lonely only holy ugly elderly")
"""Words that end like adverbs, and are none."""
_NO_NAMES = words("""
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september
    october november december christmas easter english french german
    """)
_PERSONAL = re.compile(r"(?:man|woman|[a-z]{3}ist|ess|smith|keeper|master|maker|wright|monger|herd)$")
_IDEAL = re.compile(r"(?:ness|ity|tion|sion|ship|hood|ance|ence|ism|ment|dom|ing|th|ure)$")
"""How nouns end of what nobody can carry."""
_SINGLES = {
    **{"men": "man", "women": "woman", "children": "child", "mice": "mouse", "wolves": "wolf", "thieves": "thief"},
    **{"wives": "wife", "knives": "knife", "loaves": "loaf", "leaves": "leaf", "geese": "goose", "feet": "foot"},
}
_APPOSED = 14
"""Symbols within which what is told of a name ends."""


class Phrases:
    """Reads texts; who and what they speak of adds up."""

    def __init__(self, store: Store, proper: Iterable[str], genders: dict[str, str]) -> None:
        """`proper`: words that keep their capital; `genders`: names of people with the pronoun of each."""
        self._store = store
        self._proper = frozenset(proper) | genders.keys()
        self._genders = genders
        self._roles = dict(GENDERS)
        self._things: set[str] = set(KINDS)
        self._places = set(PLACES) | UPON | ABOUT
        for fable in store.fables:
            self._roles.update({c.noun: c.gender for c in fable.cast.characters if not c.named})
            self._things.update(fable.cast.things)
            self._places.update(fable.cast.places)
        self._places -= self._things - set(UPON)
        self._found: dict[str, list[Figure]] = {PERSON: [], THING: [], PLACE: []}
        self._heard: set[str] = set()
        """Nouns of people whose pronoun a text tells."""
        self._owners: list[Figure] = []
        """People and places that are told of by others: "the mayor's daughter", "a lighthouse keeper"."""

    def note(self, text: str) -> None:
        """Take people and places from notes."""
        for note in read_notes(text):
            name = note.names[0]
            if note.kind == "fact":
                continue
            led = "the " if name.lower().startswith("the ") else ""
            name = name[len(led) :]
            named = name[0].isupper()
            head = name.split()[-1]
            runs = [re.sub("^[Tt]he ", "", each).split() for each in note.names]
            aliases = tuple(dict.fromkeys(tuple(run) for run in (*runs, *([name.split()[:1]] if named else []))))
            if note.kind == "person":
                gender = note.gender or self._genders.get(name) or NAME_GENDERS.get(name.split()[0].lower(), "")
                again = name.split()[0] if named and name.split()[0].lower() not in TITLES else name
                article = "" if named else "the "
                self._add(
                    Figure(PERSON, again if named else head, article + name, article + (again if named else head),
                           gender or self._gender(head, text), names=aliases, given=True, known=True, proper=named)
                )  # fmt: skip
            else:
                self._add(
                    Figure(PLACE, name, led + name, led + name, names=aliases, given=True, known=True, proper=named,
                           way=way_of(head.lower()))
                )  # fmt: skip

    def names(self, text: str, *, known: bool = False, given: bool = True) -> None:
        """Take the figures of a text, in their order."""
        told = "\n".join(unled(piece) for line in text.splitlines() for piece in pieces_of(line))
        for symbols in self._sentences(told):
            at = 0
            while at < len(symbols):
                width, figure = self._phrase(symbols, at, text)
                if figure:
                    owner = self._owner(symbols[at]) if figure.kind == PERSON else -1
                    self._add(replace(figure, given=given, known=figure.known or known, owner=owner))
                while self._owners:
                    self._add(self._owners.pop())
                at += max(1, width)

    def company(self) -> Company:
        """All figures so far. Of two people who are called alike by a pronoun, one is told apart if nothing speaks
        against it."""
        people = self._found[PERSON]
        for at, figure in enumerate(people[1:], 1):
            others = {each.gender for each in people[:at] if not each.plural}
            free = {"he", "she"} - others
            guessed = not figure.proper and figure.head not in PLAIN and figure.head not in self._heard
            if guessed and free and figure.gender in others & {"he", "she"} and not figure.plural:
                people[at] = replace(figure, gender=min(free))
        kept = [figure for kind in (PERSON, THING, PLACE) for figure in self._found[kind][: MOST[kind]]]
        return Company(tuple(replace(each, owner=each.owner if each.owner < MOST[PERSON] else -1) for each in kept))

    def _add(self, figure: Figure) -> None:
        for found in self._found.values():
            for at, known in enumerate(found):
                shared = set(known.names) & set(figure.names)
                if shared or known.head == figure.head:
                    if figure.proper and not known.proper and known.kind == figure.kind:
                        found[at] = replace(figure, known=known.known or figure.known)
                    elif set(figure.names) - set(known.names):
                        found[at] = replace(
                            known, names=(*known.names, *(n for n in figure.names if n not in known.names))
                        )
                    return
        self._found[figure.kind].append(figure)

    def _owner(self, word: str) -> int:
        """The one of the people whose somebody is: "her father"; -1 for nobody's."""
        gender = _OWNING.get(word, "")
        for at, figure in enumerate(self._found[PERSON]):
            if (figure.plural and gender == "they") or (figure.gender == gender and not figure.plural):
                return at
        return -1

    def _sentences(self, text: str) -> Iterator[list[str]]:
        symbols: list[str] = []
        for token in tokenise(text, self._proper.__contains__):
            if token.symbol in STOPS or token.symbol == "\n":
                if symbols:
                    yield symbols
                symbols = []
            else:
                symbols.append(token.symbol)
        if symbols:
            yield symbols

    def _phrase(self, symbols: Sequence[str], at: int, text: str) -> tuple[int, Figure | None]:
        """The noun phrase that begins here: how many symbols it has, and the figure that it tells of, if any."""
        symbol = symbols[at]
        before = symbols[at - 1] if at else ""
        if symbol in self._genders:
            return self._named(symbols, at)
        if symbol in ("I", "no") or before == "no":
            return 1, None
        if symbol[0].isupper() and symbol != "I" and before in grammar.PLACING and symbol.lower() not in _NO_NAMES:
            return 1, Figure(PLACE, symbol, symbol, symbol, names=((symbol,),), known=True, proper=True)
        led = symbol in DETERMINERS
        width, nouns = self._nouns(symbols, at + led, plural=symbol in NUMBERS)
        if not led:
            stands = before in ("", *grammar.PREPOSITIONS, "and", *FINITE) or self._base(before)
            bare = nouns and stands and not (before == "to" and grammar.is_base(symbol))
            return self._bare(nouns, before) if bare else (1, None)
        if not nouns:
            return 1, None
        end = at + led + width
        if symbols[end : end + 1] in (["'s"], ["’s"]):
            more, owned = self._nouns(symbols, end + 1)
            if owned:
                return self._owned(symbols, at, end, more, owned, text)
        head = nouns[-1]
        if symbols[end : end + 1] and symbols[end] in self._genders and head in self._roles:
            # "The baker Mara": the name is whom it tells of.
            more, figure = self._named(symbols, end)
            return end - at + more, replace(figure, names=(*figure.names, (head,)))
        kind, plural = self._kind(head, before, symbols[end] if end < len(symbols) else "", symbol)
        if not kind:
            return end - at, None
        return end - at, self._figure(kind, symbol, nouns, plural, text)

    def _bare(self, nouns: list[str], before: str) -> tuple[int, Figure | None]:
        """A noun without an article: bread, sisters, winter."""
        head = nouns[-1]
        if head in MASS and head in KINDS and head not in ABSTRACT:
            return len(nouns), self._figure(THING, "", nouns, plural=False, text="")
        single = self._single(head)
        if single in self._roles and single != head:
            return len(nouns), self._figure(PERSON, "", nouns, plural=True, text="")
        if single != head and single in KINDS:
            return len(nouns), self._figure(THING, "", nouns, plural=True, text="")
        if head in self._places and before in grammar.PLACING:
            return len(nouns), self._figure(PLACE, "", nouns, plural=False, text="")
        return 1, None

    def _owned(
        self, symbols: Sequence[str], at: int, end: int, more: int, owned: list[str], text: str
    ) -> tuple[int, Figure | None]:
        """Somebody or something of somebody's, "the mayor's daughter": told of by her owner first, by herself then."""
        head = owned[-1]
        kind, plural = self._kind(head, symbols[at - 1] if at else "", "", "the")
        if not kind:
            return end - at, None
        figure = self._figure(kind, "the", owned, plural, text)
        owner = self._single(symbols[end - 1])
        if owner in self._roles:
            self._owners.append(replace(self._figure(PERSON, "the", [owner], plural=False, text=text), given=True))
        whose = " ".join(symbols[at:end]) + symbols[end]
        first = f"{whose} {' '.join(owned)}"
        if kind != PERSON:
            return end + 1 + more - at, figure
        return end + 1 + more - at, replace(figure, first=first, known=True)

    def _named(self, symbols: Sequence[str], at: int) -> tuple[int, Figure]:
        """Somebody with a name, and what is told of them right behind it."""
        name, width = symbols[at], 1
        run = [name]
        while symbols[at + width : at + width + 1] and symbols[at + width][0].isupper() and symbols[at + width] != "I":
            if symbols[at + width] in self._genders and len(symbols[at + width]) > 1 and width:
                break
            run.append(symbols[at + width])
            width += 1
        names: list[tuple[str, ...]] = [(name,), tuple(run)]
        first = " ".join(run)
        rest = symbols[at + width :]
        if rest[:1] == ["the"]:
            more, nouns = self._nouns(rest, 1)
            if nouns and self._single(nouns[-1]) in self._roles:
                first, width = f"{first} the {' '.join(nouns)}", width + 1 + more
                names += [(nouns[-1],), tuple(first.split())]
        elif rest[:1] == [","] and rest[1:2] and rest[1] in (ARTICLE, "the", "his", "her", "their"):
            close = next((to for to in range(2, min(len(rest), _APPOSED)) if rest[to] == ","), 0)
            more, nouns = self._nouns(rest, 2)
            end = close or 2 + more
            if nouns and self._single(nouns[-1]) in self._roles and not any(map(grammar.is_present, rest[1:end])):
                first, width = f"{first} , {' '.join(rest[1:end])} ,", width + end + (close > 0)
                names.append((nouns[-1],))
        return width, Figure(
            PERSON, name, first, name, self._genders[name], names=tuple(dict.fromkeys(names)), proper=True
        )

    def _figure(self, kind: str, led: str, nouns: list[str], plural: bool, text: str) -> Figure:
        head, phrase = nouns[-1], " ".join(nouns)
        names = tuple(dict.fromkeys((tuple(nouns[-2:]), (head,)))) if len(nouns) > 1 else ((head,),)
        number = led if led in NUMBERS else ""
        if kind == PERSON:
            again = f"the {head}"
            owned = led in _OWNING
            first = f"{number} {phrase}" if number else phrase if not led and plural else f"<a> {phrase}"
            known = led in ("the", "my", "our") or owned
            if known:
                first = f"the {phrase}"
            gender = self._gender(self._single(head), text)
            if len(nouns) > 1 and nouns[-2] in self._places:
                # A lighthouse keeper has a lighthouse.
                self._owners.append(
                    replace(self._figure(PLACE, "the", nouns[-2:-1], plural=False, text=text), given=True)
                )
            return Figure(PERSON, head, first, again, gender, plural, names, known=known)
        if kind == PLACE:
            return Figure(
                PLACE, head, phrase, head, "it", plural, names, known=led in ("the", "my", "our"), way=way_of(head)
            )
        return Figure(THING, head, phrase, head, "it", plural, names, known=led not in (ARTICLE, ""), mass=head in MASS)

    def _nouns(self, symbols: Sequence[str], at: int, *, plural: bool = False) -> tuple[int, list[str]]:
        """Adjectives and nouns from here on, up to where a verb or another phrase begins: how many, and which."""
        found: list[str] = []
        for place in range(at, min(len(symbols), at + 5)):
            symbol = symbols[place]
            after = symbols[place + 1] if place + 1 < len(symbols) else ""
            if (
                not symbol[0].isalpha()
                or symbol in self._genders
                or symbol.lower() in ("a", "an", "the")
                or (symbol[0].isupper() and not found)
            ):
                break
            if symbol in grammar.FUNCTION and symbol not in _ADJECTIVES:
                break
            if (
                symbol in grammar.PREPOSITIONS
                or symbol in grammar.SUBORDINATORS
                or symbol in MODALS
                or symbol in _AFTER
            ):
                break
            if symbol.endswith("ly") and symbol not in _LY:
                break
            if found and self._verb_begins(symbol, found, after, plural=plural):
                break
            found.append(symbol)
        while found and found[-1] in ("old", "little", "own", "first", "last"):
            found.pop()
        return len(found), found

    def _verb_begins(self, symbol: str, found: list[str], after: str, *, plural: bool) -> bool:
        """Whether a word behind a noun is a verb rather than a noun."""
        last = found[-1]
        if symbol in _VERBS:
            return True
        noun = self._single(last) in self._roles or last in self._things or last in self._places
        nominal = after and after[0].isalpha() and after not in grammar.FUNCTION
        if symbol.endswith("s") and not symbol.endswith("ss") and grammar.base_of_present(symbol):
            if self._single(symbol) in self._roles:
                return False
            return grammar.is_present(symbol) or noun
        if plural or self._single(last) != last:
            return grammar.is_base(symbol)
        if symbol.endswith("ing") and grammar.base_of_gerund(symbol):
            return not nominal or noun
        return grammar.is_past(symbol) and not nominal and noun

    def _base(self, word: str) -> bool:
        return grammar.is_present(word) or (grammar.is_base(word) and word not in grammar.FUNCTION)

    def _single(self, noun: str) -> str:
        """A noun in the singular."""
        if noun in _SINGLES:
            return _SINGLES[noun]
        for known in (noun.removesuffix("s"), noun.removesuffix("es"), noun[:-3] + "y"):
            met = known in self._roles or known in self._things or known in self._places or noun not in NO_PLURALS
            if met and known != noun and len(known) > 2 and grammar.plural(known) == noun and not noun.endswith("ss"):
                return known
        return noun

    def _kind(self, head: str, before: str, after: str, led: str) -> tuple[str, bool]:
        """Person, thing or place, and whether it is several; nothing for what is none."""
        single = self._single(head)
        plural = single != head
        if single in self._roles or (single not in NOT_PEOPLE and _PERSONAL.search(single)):
            return PERSON, plural
        if single in self._places and not (single in KINDS and before not in ("on", "in", "aboard", "into", "onto")):
            return PLACE, plural
        if single in self._things:
            return THING, plural
        if head in ABSTRACT or single in ABSTRACT or _IDEAL.search(single):
            return "", plural
        if single not in NOT_PEOPLE and re.search(r"(?:er|or|ian|ant)$", single) and self._verb_after(after):
            return PERSON, plural
        if (grammar.is_base(single) or grammar.is_past(single)) and not self._store.rarity.get(single):
            return "", plural
        if before in grammar.PLACING and before not in ("to", "from", "over", "under"):
            return (PLACE if before in ("in", "into", "at", "inside", "through", "across") else THING), plural
        return THING, plural

    def _verb_after(self, word: str) -> bool:
        return word in ("who", *MODALS) or grammar.is_present(word)

    def _gender(self, noun: str, text: str) -> str:
        if noun in PLAIN:
            return GENDERS[noun]
        heard = re.search(rf"\b{re.escape(noun)}\b[^.?!]*?\b(he|she|his|her(?= [a-z]))\b", text)
        if heard and noun:
            self._heard.add(noun)
            return "she" if heard.group(1) in ("she", "her") else "he"
        spoken = set(re.findall(r"\b(?:s?he|his|hers?|him)\b", text.lower()))
        said = {"she" if word in ("she", "her", "hers") else "he" for word in spoken}
        gender = GENDERS.get(noun, "they")
        if gender == "they" and len(said) == 1:
            return said.pop()
        gender = self._roles.get(noun, "they") if gender == "they" else gender
        if gender != "they":
            return gender
        if noun.endswith(("woman", "ess", "ette")):
            return "she"
        if noun.endswith("man"):
            return "he"
        return "he" if sum(map(ord, noun)) % 2 else "she"


def unled(text: str) -> str:
    """A sentence without what tells that it is about a text."""
    return _LEAD.sub("", text)


def pieces_of(line: str) -> list[str]:
    """The sentences of a line."""
    return [piece.strip() for piece in re.split(r"(?<=[.!?])\s+(?=[A-Z“\"])|;\s+", line) if piece.strip()]


def way_of(noun: str) -> str:
    """Whether one is in, on or at a place."""
    return "on" if noun in UPON else "at" if noun in ABOUT else "in"
