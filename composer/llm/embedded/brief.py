"""What an outline is to tell: whom and what its request speaks of, what it says that happens, and how many lines
there are to be.

Made once for a request and changed by nobody. Writes nothing, and holds no probabilities (see `plot`).
"""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from composer.llm.embedded import grammar
from composer.llm.embedded.deeds import WORD, Bit
from composer.llm.embedded.figures import Company
from composer.llm.embedded.lensing import shape_of
from composer.llm.embedded.lexicon import NAME_GENDERS
from composer.llm.embedded.premise import Kernel, Reader
from composer.llm.embedded.request import Request
from composer.llm.embedded.store import Store, content_stems
from composer.llm.embedded.things import ABSTRACT
from composer.llm.embedded.tokens import ARTICLE, tokenise
from composer.llm.embedded.voicing import Speaking, text_of, told

LINES = (6, 7, 8)
"""How many lines an outline has, more or less."""
PARTS = (4, 4, 5)
"""The same where a beat is divided."""
LONG = (3, 4)
"""The same where a line holds several clauses."""
MOST_PARTS = 5
TOKENS = 15
"""Tokens that a line has, more or less."""
_FULL = 7
"""Lines that are given from which on one of its own is enough."""
_JOINED = 2.5
"""Lines that are given for each line of several clauses."""
_SAYINGS = 4
"""Sayings of the purpose that are told at most."""
_RECENT = 3000
"""Characters of the story so far that are read."""
_SAME = 0.6
"""Of the words of a saying, how many a line must have that says the same."""
_TASTE = 0.05
"""How much chance decides which fables are near."""
_PRONOUN = re.compile(r"\b(?:s?he|his|hers?|him)\b")
_LINE = re.compile(r"( *)[->*•] +(\S.*)$")
_EMPTY = frozenset((ARTICLE, "a", "an", "the", ",", "and", "but"))


class Brief:
    """The request, understood as one for an outline."""

    def __init__(self, store: Store, request: Request) -> None:
        prompt = request.prompt
        self._store = store
        self._prompt = prompt
        self.divides = prompt.kind == "expand"
        """Whether it is a beat that is to be told in smaller ones."""
        self.shape = shape_of(prompt.lens, titled=prompt.titled)
        asked = (prompt.purpose, prompt.beat, prompt.instruction, prompt.lens, prompt.outline)
        self.chance = Random(zlib.crc32("\n".join(asked).encode()))
        """What the request leaves open is decided by its own words, and is the same for all replies."""
        self.about = _topic(request)
        """Stems of the request's words, and how much each counts."""
        self.reader = self._read(request)
        self.company: Company = self.reader.company()
        self.kernels, self.given = self._divided() if self.divides else self._sayings()
        """What the purpose says, and the lines that are given, both in the order in which they are to be told."""
        self.count = self._planned()
        """How many lines there are to be."""
        self.near = self._nearness()
        """Of each fable: how much its words are the request's."""

    def planned(self, limit: int) -> int:
        """How many lines there are to be within so many tokens."""
        return max(1, len(self.given), min(self.count, limit // TOKENS))

    def _read(self, request: Request) -> Reader:
        """A reader that knows whom and what the request speaks of."""
        prompt = request.prompt
        outline = "\n".join(text for _, text in outline_lines(prompt.outline))
        story = prompt.story[-_RECENT:]
        everything = "\n".join((prompt.beat, prompt.purpose, outline, prompt.instruction, story, prompt.notes))
        genders = {
            character.noun: character.gender
            for character in request.cast.characters
            if character.named and character.gender != "I" and _is_person(character.noun, everything)
        }
        heard = {"she" if word in ("she", "her", "hers") else "he" for word in _PRONOUN.findall(everything.lower())}
        if len(heard) == 1:
            only = next(iter(heard))
            genders = {name: gender if name.lower() in NAME_GENDERS else only for name, gender in genders.items()}
        proper = (word for word in request.proper if re.search(rf"\b{re.escape(word)}\b", everything))
        reader = Reader(self._store, proper, genders)
        for text in (prompt.beat, prompt.purpose, prompt.instruction):
            reader.names(text)
        reader.note(prompt.notes)
        reader.names(outline)
        reader.names(story, known=True, given=False)
        return reader

    def _divided(self) -> tuple[list[Kernel], list[Kernel]]:
        """What a beat claims or asks, and its clauses."""
        lines = self._prompt.beat.splitlines()
        found = [kernel for line in lines for kernel in self.reader.kernels(line, self.company) if kernel.text]
        given: list[Kernel] = []
        for kernel in found:
            if kernel.deed and not kernel.asks:
                parts = self.reader.line(kernel.text, self.company).parts
                texts = [text_of(told(self.company, Speaking(), part).words) for part in parts]
                given += [Kernel(text, part) for text, part in zip(texts, parts, strict=True)] or [kernel]
        kernels = [kernel for kernel in found if kernel.asks or not kernel.deed][:1]
        return kernels, self._ordered(given[: MOST_PARTS - len(kernels)])

    def _sayings(self) -> tuple[list[Kernel], list[Kernel]]:
        """What the purpose says, and the lines of the outline."""
        lines = [each for each in outline_lines(self._prompt.outline) if any(map(str.isalnum, each[1]))]
        given = [self.reader.line(text, self.company, depth) for depth, text in lines]
        found = self.reader.kernels(self._prompt.purpose, self.company)[:_SAYINGS]
        if self.shape.voice == "ordered":
            # Nobody is told to want something: what is wanted is the task.
            wanted = {at - 1 for at, kernel in enumerate(found) if not kernel.text}
            found = [kernel for at, kernel in enumerate(found) if at not in wanted]
        if self.shape.tilt == "worse":
            found = [_failed(kernel) for kernel in found]
        return [kernel for kernel in found if not says(kernel, given)], self._ordered(given)

    def _ordered(self, given: Sequence[Kernel]) -> list[Kernel]:
        """The lines that are given, without those that say the same as one before; from the end, if the lens wants it."""
        kept = list({key(kernel.text.split()): kernel for kernel in reversed(given)}.values())
        return kept if self.shape.backwards else kept[::-1]

    def _planned(self) -> int:
        given = len(self.given)
        if self.divides:
            return max(min(given + 1, MOST_PARTS), self.chance.choice(PARTS))
        if self.shape.length == "long":
            return max(self.chance.choice(LONG), math.ceil(given / _JOINED))
        return max(self.chance.choice(LINES), given + (2 if given < _FULL else 1))

    def _nearness(self) -> list[float]:
        rarity = self._store.rarity
        near = [_TASTE * self.chance.random() for _ in self._store.fables]
        about = list(self.about.items())
        for paragraph in self._store.paragraphs:
            for stem, share in about:
                if stem in paragraph.beat:
                    near[paragraph.fable] += rarity.get(stem, 2.0) * share
                elif stem in paragraph.text:
                    near[paragraph.fable] += 0.3 * rarity.get(stem, 0.0) * share
        return near


def outline_lines(text: str) -> list[tuple[int, str]]:
    """The lines of an outline as a request holds it: how deep each is, and its text."""
    found: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = _LINE.match(line)
        if match:
            found.append((len(match[1]) // 2, match[2].strip()))
        elif line.strip():
            found.append((0, line.strip()))
    return found


def key(said: Sequence[str]) -> str:
    """What is said, without what makes no difference to that."""
    return " ".join(word.lower().strip(".,") for word in " ".join(said).split() if word.lower() not in _EMPTY)


def says(kernel: Kernel, lines: Sequence[Kernel]) -> bool:
    """Whether one of these lines says already what a kernel says."""
    mine = set(content_stems(re.findall(r"[a-z]+", kernel.text.lower())))
    theirs = (set(content_stems(re.findall(r"[a-z]+", each.text.lower()))) for each in lines)
    return bool(mine) and any(len(mine & each) >= _SAME * len(mine) for each in theirs)


def _failed(kernel: Kernel) -> Kernel:
    """What comes true of a wish as what does not; any other kernel as it is."""
    deed = kernel.deed
    if deed is None or kernel.text:
        return kernel
    return replace(kernel, deed=replace(deed, verb="do", rest=(Bit(WORD, "not"), Bit(WORD, deed.verb), *deed.rest)))


def _topic(request: Request) -> dict[str, float]:
    prompt = request.prompt
    about: dict[str, float] = {}
    texts = (
        *((prompt.beat, 1.0), (prompt.purpose, 1.0), (prompt.instruction, 1.0), (prompt.lens, 0.7)),
        *((prompt.outline, 0.5), (prompt.notes, 0.5), (prompt.story[-_RECENT:], 0.3)),
    )
    for text, share in texts:
        for stem in content_stems([token.symbol for token in tokenise(text, request.proper.__contains__)]):
            about.setdefault(stem, share)
    return about


def _is_person(name: str, text: str) -> bool:
    """Whether a name in a text is that of a person, and not of a place or an idea at the head of a sentence."""
    if name.lower() in ABSTRACT and name.lower() not in NAME_GENDERS:
        return False
    found = list(re.finditer(rf"(?:(\w+)\s+)?\b{re.escape(name)}\b", text))
    placed = sum((match[1] or "").lower() in (*grammar.PLACING, "of") for match in found)
    return bool(found) and (name.lower() in NAME_GENDERS or placed < len(found))
