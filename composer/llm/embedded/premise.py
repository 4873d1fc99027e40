"""What a request for an outline says that happens: its sentences as clauses whose people, things and places are
found.

Reads the purpose, the outline, or the beat that is to be divided, in English: verbs by lists and by where they stand.
What it can't read it keeps as it is written, or leaves out. Makes up nothing, and holds no probabilities.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from composer.llm.embedded import grammar
from composer.llm.embedded.cast import NAMED
from composer.llm.embedded.deeds import VERB, WHAT, WHERE, WHO, WORD, Bit, Deed
from composer.llm.embedded.figures import PERSON, PLACE, THING, Company, Figure
from composer.llm.embedded.phrases import DETERMINERS, FINITE, NO_PLURALS, Phrases, pieces_of, unled
from composer.llm.embedded.store import Store
from composer.llm.embedded.tense import MODALS, base_of
from composer.llm.embedded.tokens import ARTICLE, CLOSES, DASH, OPENS, tokenise, words

_ASKING = words("how why what who whom whose where when whether")
_WANTS = words("want hope try wish need long plan promise dream must")
"""Verbs whose end it is that what stands behind them comes true."""
_LATE = words("learn become realise realize forgive understand see accept confess die marry win lose")
"""Verbs of what comes late in a story."""
_POINTING = words("it this that these those they you we i there he she let make do keep")
"""What a sentence begins with that claims nothing by itself."""
_LINKS = words("and but or to who that what which they he she it") | _ASKING
"""Words before a verb that belongs to another clause than the first."""
_FRONTING = words("every each one in on at after before during")
"""What may stand before a subject without a comma."""
_GENDERS = {
    **{"he": "he", "him": "he", "his": "he", "himself": "he", "she": "she", "her": "she", "herself": "she"},
    **{"they": "they", "them": "they", "their": "they", "themselves": "they"},
}
_FORMS = {"she": "he", "they": "he", "them": "him", "their": "his", "herself": "himself", "themselves": "himself"}
"""Pronouns and their forms, as in `cast`; others are forms themselves."""
_LONGEST = 24
"""Symbols of a sentence that claims something, at most."""
_NEAR = 9
"""Symbols within which what is told of a subject begins."""


@dataclass(frozen=True, slots=True)
class Kernel:
    """One thing that the request says."""

    text: str
    """As it is written, without a mark at its end."""
    deed: Deed | None
    """As a clause whose people, things and places are figures; None for what is no such clause."""
    late: bool = False
    """Whether it belongs to the end rather than the beginning."""
    asks: bool = False
    """Whether it begins as a question does: "how grief changes a family"."""
    parts: tuple[Deed, ...] = ()
    """The clauses that it is made of, if those are several."""
    depth: int = 0


class Reader(Phrases):
    """Reads texts for whom they speak of, and then for what happens."""

    def __init__(self, store: Store, proper: Iterable[str], genders: dict[str, str]) -> None:
        """As for `Phrases`."""
        super().__init__(store, proper, genders)
        self._thing = -1
        """The thing that "it" means."""

    def kernels(self, text: str, company: Company) -> list[Kernel]:
        """What the sentences of a text say; of a list, each line is one."""
        found: list[Kernel] = []
        self._thing = -1
        for line in text.splitlines():
            for sentence in pieces_of(line):
                found += self._kernels(sentence, company)
        return found

    def line(self, text: str, company: Company, depth: int = 0) -> Kernel:
        """One line of an outline, kept together."""
        clean = " ".join(text.split()).rstrip(".:;, ")
        deed = self._clause(self._symbols(clean), company)
        parts = tuple(part for symbols in _divided(self._symbols(clean)) if (part := self._clause(symbols, company)))
        if deed and len(parts) == 2 and not parts[1].subject:
            parts = (parts[0], replace(parts[1], subject=parts[0].subject, plural=parts[0].plural))
        return Kernel(clean, deed, parts=parts if len(parts) > 1 else (), depth=depth)

    def _symbols(self, text: str) -> list[str]:
        """The symbols of a sentence, with its quotes as they are printed."""
        symbols = [token.symbol for token in tokenise(text, self._proper.__contains__)]
        return ["“" if symbol in OPENS else "”" if symbol in CLOSES else symbol for symbol in symbols]

    def _kernels(self, sentence: str, company: Company) -> list[Kernel]:
        led = unled(sentence)
        text = " ".join(led.split()).rstrip(".!").strip()
        if not text or text.endswith(("?", ":")):
            return []
        symbols = self._symbols(text if led == sentence else _lowered(text, self._proper))
        if symbols[:1] == ["that"]:
            symbols, text = symbols[1:], text[5:]
        if not symbols:
            return []
        if symbols[0] in _ASKING:
            return [Kernel(_lowered(text, self._proper), None, late=True, asks=True)]
        related = self._related(symbols, company)
        if related:
            return related
        deed = self._clause(symbols, company)
        if deed and deed.about:
            then = _come_true(deed)
            return [Kernel(text, deed, late=deed.verb in _LATE), *([Kernel("", then, late=True)] if then else [])]
        if symbols[0] not in _POINTING and (deed or self._states(symbols)):
            return [Kernel(_lowered(text, self._proper), deed, late=True)]
        return []

    def _states(self, symbols: Sequence[str]) -> bool:
        """Whether a sentence that nobody is in says something still: "Trust is built slowly"."""
        return 3 < len(symbols) < _LONGEST and any(symbol in FINITE for symbol in symbols[1:])

    def _related(self, symbols: list[str], company: Company) -> list[Kernel]:
        """What is said of a subject, and then what it does: "a keeper who keeps the lamp learns the truth"."""
        found = company.found(symbols, 0)
        if not found or company.figures[found[0]].kind != PERSON:
            return []
        at = found[1]
        placed = next((to for to in range(at, min(at + _NEAR, len(symbols))) if symbols[to] in ("who", "that")), 0)
        if not placed or any(self._finite(symbols, to) for to in range(at, placed)):
            return []
        start = placed + 1
        if not self._finite(symbols, start):
            return []
        main = 0
        for to in range(start + 1, len(symbols)):
            before = symbols[to - 1]
            outer = before == "," or not _opens_clause(symbols, start, to)
            if outer and before not in _LINKS and self._finite(symbols, to):
                main = to
                break
        head = symbols[: found[1]]
        behind = symbols[start : main or len(symbols)]
        while behind and behind[-1] in (",", DASH, "—"):
            behind.pop()
        kernels: list[Kernel] = []
        first = self._clause([*head, *behind], company)
        if first:
            kernels.append(Kernel(_spelled([*head, *behind]), first))
        if main:
            then = self._clause([*head, *symbols[main:]], company)
            if then:
                kernels.append(Kernel(_spelled([*head, *symbols[main:]]), then, late=bool(first)))
        return kernels

    def _finite(self, symbols: Sequence[str], at: int) -> bool:
        """Whether the verb of a clause stands here."""
        if at >= len(symbols):
            return False
        word, before = symbols[at], symbols[at - 1] if at else ""
        if before in DETERMINERS - {"her", "that", "this"} or before == "to" or before in grammar.PREPOSITIONS:
            return False
        if word in MODALS or word in FINITE:
            return True
        if grammar.is_present(word) and self._single(word) not in self._roles:
            return True
        single = self._single(before)
        several = (single != before and before not in NO_PLURALS) or before in ("they", "we")
        several = several or (at >= 3 and symbols[at - 2] == "and")
        return several and grammar.is_base(word) and word not in grammar.FUNCTION

    def _clause(self, symbols: Sequence[str], company: Company) -> Deed | None:
        """A clause with its figures found; None where there is no verb with a subject before it.

        A word that may be a verb of which nothing is known is taken for one where there is no other.
        """
        return self._parsed(symbols, company, self._finite) or self._parsed(symbols, company, self._may_be_finite)

    def _may_be_finite(self, symbols: Sequence[str], at: int) -> bool:
        word, before = symbols[at], symbols[at - 1] if at else ""
        return (
            at > 0
            and before[0].isalpha()
            and before not in grammar.FUNCTION | grammar.PREPOSITIONS
            and word.endswith("s")
            and grammar.base_of_present(word) is not None
            and word not in NO_PLURALS
            and (at + 1 == len(symbols) or symbols[at + 1] in grammar.FUNCTION | grammar.PREPOSITIONS | {ARTICLE})
        )

    def _parsed(
        self, symbols: Sequence[str], company: Company, finite: Callable[[Sequence[str], int], bool]
    ) -> Deed | None:
        bits: list[Bit] = []
        verb, base, at = -1, "", 0
        people: list[int] = []
        while at < len(symbols):
            symbol = symbols[at]
            found = company.found(symbols, at)
            if found:
                number, width, led = found
                figure = company.figures[number]
                gap = symbols[at + width : at + width + 1] in (["'s"], ["’s"])
                bits.append(_bit(figure, number, led, owned=gap))
                if figure.kind == PERSON:
                    people.append(number)
                elif figure.kind == THING:
                    self._thing = number
                at += width + gap
                if figure.first.endswith(",") and symbols[at : at + 1] == [","] and verb < 0:
                    close = next((to for to in range(at + 1, len(symbols)) if symbols[to] == ","), 0)
                    at = close + 1 if close and not any(self._finite(symbols, to) for to in range(at, close)) else at
                continue
            if verb < 0 and bits and finite(symbols, at):
                verb, base = len(bits), base_of(symbol) if symbol not in MODALS else symbol
                at += 1
                continue
            after = symbols[at + 1] if at + 1 < len(symbols) else ""
            if symbol == "it" and verb >= 0 and self._thing >= 0 and not (after and self._finite(symbols, at + 1)):
                bits.append(Bit(WHAT, "it", self._thing))
                at += 1
                continue
            pronoun = self._pronoun(symbol, after, company, people)
            if pronoun:
                bits.append(pronoun)
                people.append(pronoun.ref)
            elif verb >= 0 and grammar.is_present(symbol) and _is_doer(bits):
                bits.append(Bit(VERB, base_of(symbol), bits[-1].ref))
            else:
                bits.append(Bit(WORD, symbol))
            at += 1
        if verb < 1:
            return None
        head, rest = bits[:verb], bits[verb:]
        front: list[Bit] = []
        commas = [place for place, bit in enumerate(head) if bit.text == "," and bit.sort == WORD]
        if commas and head[0].sort == WORD:
            front, head = head[: commas[-1]], head[commas[-1] + 1 :]
        elif head[0].text in _FRONTING:
            first = next((place for place, bit in enumerate(head) if bit.sort == WHO), 0)
            front, head = head[:first], head[first:]
        if not head:
            return None
        several = sum(bit.sort == WHO for bit in head) > 1 and any(bit.text == "and" for bit in head)
        many = several or (all(bit.sort == WORD for bit in head) and self._many(head[-1].text))
        needs = frozenset(bit.ref for bit in bits if bit.ref >= 0)
        return Deed(tuple(head), base, tuple(rest), tuple(front), plural=many, needs=needs)

    def _many(self, word: str) -> bool:
        return word in ("they", "we", "people", "others") or (self._single(word) != word and word not in NO_PLURALS)

    def _pronoun(self, symbol: str, after: str, company: Company, people: list[int]) -> Bit | None:
        """A pronoun of somebody in the company who can only be meant."""
        gender = _GENDERS.get(symbol)
        if not gender:
            return None
        near = [*reversed(people), *company.of(PERSON)]
        if symbol in ("him", "them") or (symbol == "her" and not after[:1].isalpha()):
            near = [*(number for number in near if number != (people or [-1])[-1]), *near]
        figures = company.figures
        plural = gender == "they"
        meant = [at for at in near if figures[at].plural == plural and (plural or figures[at].gender == gender)]
        if not meant:
            return None
        form = _FORMS.get(symbol, symbol)
        if symbol == "her":
            noun = after[:1].isalpha() and after not in grammar.FUNCTION and after not in grammar.PREPOSITIONS
            form = "his" if noun or after in ("own", "first", "last") else "him"
        return Bit(WHO, form, meant[0])


def _bit(figure: Figure, number: int, led: str, *, owned: bool) -> Bit:
    """The bit of a figure that is named here."""
    if figure.kind == PERSON:
        return Bit(WHO, "his" if owned else NAMED, number)
    return Bit(WHERE if figure.kind == PLACE else WHAT, led, number)


def _is_doer(bits: Sequence[Bit]) -> bool:
    """Whether these end in somebody who may do something."""
    return bool(bits) and bits[-1].sort == WHO and bits[-1].text in (NAMED, "he")


def _come_true(deed: Deed) -> Deed | None:
    """What somebody wants as what they do: "wants to give bread" to "gives bread"; None for what nobody wants."""
    rest = deed.rest[1:] if deed.rest[:1] == (Bit(WORD, "to"),) else deed.rest if deed.verb == "must" else ()
    if deed.verb not in _WANTS or not rest or rest[0].sort != WORD or not grammar.is_base(rest[0].text):
        return None
    return replace(deed, verb=rest[0].text, rest=rest[1:])


def _opens_clause(symbols: Sequence[str], start: int, at: int) -> bool:
    """Whether a verb belongs to a clause that hangs on another: it has a subject of its own behind such a word."""
    for place in range(at - 1, start, -1):
        if symbols[place] in grammar.SUBORDINATORS and symbols[place] != "than":
            return not any(grammar.is_present(symbol) for symbol in symbols[place + 1 : at])
        if symbols[place] == ",":
            return False
    return False


def _divided(symbols: Sequence[str]) -> list[list[str]]:
    """A sentence cut before "and" and "but" where a verb or a subject with its verb follows."""
    pieces: list[list[str]] = [[]]
    for at, symbol in enumerate(symbols):
        rest = symbols[at + 1 : at + 6]
        if symbol in ("and", "but", ",") and pieces[-1] and rest and any(map(grammar.is_present, pieces[-1])):
            if symbol == "," and not grammar.is_present(rest[0]):
                pieces[-1].append(symbol)
                continue
            own = grammar.is_present(rest[0]) or rest[0] in MODALS
            led = next((to for to, word in enumerate(rest) if to and grammar.is_present(word)), 0)
            if own or (led and not any(word in grammar.PREPOSITIONS for word in rest[:led])):
                while pieces[-1][-1:] == [","]:
                    pieces[-1].pop()
                if own:
                    first = next((to for to, word in enumerate(pieces[0]) if to and grammar.is_present(word)), 0)
                    pieces.append(list(pieces[0][:first]))
                else:
                    pieces.append([])
                continue
        pieces[-1].append(symbol)
    return [piece for piece in pieces if piece]


def _lowered(text: str, proper: frozenset[str]) -> str:
    """A sentence as it stands behind other words."""
    first = re.match(r"\w+", text)
    return text if not first or first.group() in proper or first.group() == "I" else text[:1].lower() + text[1:]


def _spelled(symbols: Sequence[str]) -> str:
    """Symbols as a text, roughly."""
    text = " ".join("a" if symbol == ARTICLE else symbol for symbol in symbols)
    return re.sub(r" (?=[,;:.?!]|['’]s)", "", text)
