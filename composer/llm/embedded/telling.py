"""A whole story by the beats of its outline: under each beat's number in brackets a paragraph for it, one after the
other.

Each paragraph is written by a `model.Writer` of its own, which sees the beat and what was written before it, as if
that had been asked for alone. Between two paragraphs the tokens are certain. The paragraphs are as long as there is
room for all of them. What is begun is read by `Begun`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from composer.llm.embedded.brief import outline_lines
from composer.llm.embedded.model import PARTS, Mind, Writer
from composer.llm.embedded.prompt import NUMBERED, Prompt
from composer.llm.embedded.request import understand
from composer.llm.embedded.tokens import Printer
from composer.llm.embedded.ways import Ways

LONGEST = 112
"""Tokens of a paragraph when there is room."""
SHORTEST = 16
_MARKER = 6
"""Tokens of a number in brackets with the line breaks around it."""
_FILLED = 0.8
"""Of a paragraph's room, the part that it should have filled when it ends."""
_OWN = 1 << 40
"""Candidates from here on are words that only some of the paragraphs' requests know."""
_NUMBER = re.compile(r"^[ \t]*\[(\d+)\][.:]?[ \t]*(?:\n|$)?", re.MULTILINE)
_CUT = re.compile(r"(?:^|\n)[ \t]*\[(\d*)$")
"""A number that a text breaks off in."""


@dataclass(frozen=True, slots=True)
class Beat:
    """One beat with its number."""

    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Begun:
    """How much of a story is there already."""

    at: int = 0
    """The beat whose paragraph is to come, or is begun; behind the last if all of them are told."""
    told: tuple[str, ...] = ()
    """The paragraphs before it."""
    paragraph: str = ""
    """What is there of its own."""
    marks: tuple[str, ...] | None = None
    """What still stands before it; None if it is begun, or if there is no more to come."""


def read_beats(prompt: Prompt) -> tuple[Beat, ...]:
    """The beats of a request, in order; all that is there as one, if there are no numbers."""
    found = list(NUMBERED.finditer(prompt.beat))
    ends = [*(match.start() for match in found), len(prompt.beat)][1:]
    beats = [Beat(match[1], prompt.beat[match.end() : end].strip()) for match, end in zip(found, ends, strict=True)]
    titles = sorted((text for _, text in outline_lines(prompt.outline)), key=len, reverse=True)
    return tuple(Beat(each.number, _untitled(each.text, titles)) for each in beats) or (Beat("1", prompt.beat.strip()),)


def _untitled(text: str, titles: Sequence[str]) -> str:
    """What a beat tells, without its title where that stands before a summary, as the outline shows."""
    title = next((each for each in titles if text.startswith(f"{each} ")), "")
    return text[len(title) :].strip()


def read_begun(begun: str, beats: Sequence[Beat]) -> Begun:
    """Where a story stops that is begun."""
    numbers = [beat.number for beat in beats]
    cut = _CUT.search(begun)
    whole = begun[: cut.start()] if cut else begun
    at, told, start = -1, list[str](), 0
    for match in _NUMBER.finditer(whole):
        if match[1] in numbers[at + 1 :]:
            if whole[start : match.start()].strip():
                told.append(whole[start : match.start()].strip())
            at, start = numbers.index(match[1], at + 1), match.end()
    rest = whole[start:]
    if cut and (at + 1 == len(beats) or not numbers[at + 1].startswith(cut[1])):
        cut, rest = None, begun[start:]
    if cut:
        told += [rest.strip()] if rest.strip() else []
        return Begun(at + 1, tuple(told), "", _marks(beats[at + 1].number, ("[", cut[1])))
    if at < 0 and not rest.strip():
        return Begun(0, (), "", _marks(numbers[0]))
    if not rest.strip():
        return Begun(at, tuple(told), "", () if begun.endswith("\n") else ("\n",))
    if rest.endswith("\n"):
        gap = () if re.search(r"\n[ \t]*\n\s*$", rest) else ("\n",)
        following = (*gap, *_marks(numbers[at + 1])) if at + 1 < len(beats) else None
        return Begun(max(0, at) + 1, (*told, rest.strip()), "", following)
    return Begun(max(0, at), tuple(told), rest.lstrip("\n"), None)


def _marks(number: str, there: Sequence[str] = ()) -> tuple[str, ...]:
    """The tokens of a number in brackets; without those that are there."""
    if len(there) == 2 and there[1]:
        return tuple(part for part in (number[len(there[1]) :], "]", "\n") if part)
    return ("[", number, "]", "\n")[len([part for part in there if part]) :]


class Teller(Ways):
    """One story on its way."""

    def __init__(self, mind: Mind, *, limit: int, begun: Begun | None = None) -> None:
        """`limit`: tokens after which it is cut off; `begun`: what is there already, but for a paragraph that is."""
        super().__init__()
        self._mind = mind
        self._beats = read_beats(mind.request.prompt)
        self._left = limit
        start = begun or Begun(marks=_marks(self._beats[0].number))
        self._at = start.at
        self._told = list(start.told)
        self._text = start.paragraph
        self._marks: list[str] = list(start.marks or ())
        self._writer: Writer | None = None
        self._printer = Printer()
        self._names: dict[str, int] = {}
        """Words that are no symbols of the corpus, and their candidates."""
        self._back: dict[int, int] = {}
        """Of such candidates: what they are to the present writer."""
        if not self._marks and start.marks is not None:
            self._begin()

    def prompt(self) -> Prompt:
        """The request for the present paragraph."""
        prompt = self._mind.request.prompt
        story = "\n\n".join(part for part in (prompt.story.strip(), *self._told) if part)
        previous = self._told[-1].rpartition("\n")[2] if self._told else prompt.previous
        instruction = f"{prompt.instruction}\n{prompt.lens}".strip()
        beat = self._beats[self._at].text
        plain = replace(prompt, kind="continue", begun="", lens="", titled=False)
        return replace(plain, beat=beat, previous=previous, story=story, instruction=instruction)

    def room(self) -> int:
        """Tokens that the present paragraph may have."""
        return max(SHORTEST, self._left // (len(self._beats) - self._at) - _MARKER)

    def go_on(self, writer: Writer, cut: str = "") -> None:
        """Take over a paragraph that is begun; `cut`: what is there of the writer's next word."""
        self._text = self._text.removesuffix(cut).rstrip()
        self._printer = Printer(capital=False, spaced=True)
        self._take(writer)

    def _take(self, writer: Writer) -> None:
        symbols = writer.mind.symbols
        self._writer = writer
        self._back = {self._own(symbols[at]): at for at in range(len(self._mind.store.symbols), len(symbols))}

    def _begin(self) -> None:
        """Begin the present paragraph."""
        store = self._mind.store
        room = self.room()
        target = max(8, min(LONGEST, int(_FILLED * room)))
        self._text, self._printer = "", Printer()
        self._take(Writer(Mind(store, understand(self.prompt(), store)), target=target, limit=room))

    def _own(self, name: str) -> int:
        return self._names.setdefault(name, _OWN + len(self._names))

    # As a way to go

    @property
    def end(self) -> int:
        """The candidate that ends the story."""
        return 0

    def surface(self, candidate: int) -> str:
        """What a candidate prints as in the middle of a sentence."""
        if candidate == self._own("\n"):
            return "\n"
        if self._marks or self._writer is None:
            return next(iter(self._marks), "")
        return self._writer.surface(self._back.get(candidate, candidate))

    def is_mark(self, candidate: int) -> bool:
        """Whether a candidate is a mark, a line break or a number of a beat, and no word."""
        if candidate == self._own("\n") or self._marks or self._writer is None:
            return True
        return self._writer.is_mark(self._back.get(candidate, candidate))

    def distribution(self) -> dict[int, float]:
        """Candidate to probability; sums to 1."""
        if self._marks:
            return {self._own(self._marks[0]): 1.0}
        if self._writer is None:
            return {self.end: 1.0}
        last = self._at == len(self._beats) - 1
        inner = self._writer.distribution()
        ending = inner.pop(self._writer.end, 0.0)
        table = {number: p for number, p in inner.items() if number % PARTS < len(self._mind.store.symbols)}
        for own, number in self._back.items():
            if number in inner:
                table[own] = inner[number]
        if ending:
            table[self.end if last else self._own("\n")] = ending
        return table

    def push(self, candidate: int) -> None:
        """Go on by one token, which `distribution` gave a probability."""
        self._left -= 1
        if self._marks:
            self._marks.pop(0)
            if not self._marks:
                self._begin()
            return
        if self._writer is None or candidate == self._own("\n"):
            self._told.append(f"{self._text}{self._printer.close()}".strip())
            self._at += 1
            self._marks = ["\n", *_marks(self._beats[self._at].number)]
            self._writer = None
            return
        inner = self._back.get(candidate, candidate)
        self._text += self._printer.push(self._writer.surface(inner))
        self._writer.push(inner)
