"""One reply being made: draws token after token, prints them, and knows when to stop.

Synchronous and lazy: a token is computed when `step` is called, and not before. Never waits, never sends.
Also scores given text token by token, for requests that want their prompt echoed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from composer.llm.embedded.copying import Copier, Verbatim
from composer.llm.embedded.filling import Filler
from composer.llm.embedded.model import Mind, Writer, walk
from composer.llm.embedded.sampling import Settings, draw, truncate
from composer.llm.embedded.tokens import ARTICLE, Printer

LENGTH = 112
"""Tokens that a paragraph has when there is room."""
END_TEXT = "<|end|>"
"""How the end of a paragraph is shown among the alternatives to a token."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One token as it is sent."""

    text: str
    """With its leading space; the texts of all pieces are the reply."""
    logprob: float
    """Natural log of the model's probability, at temperature 1 and before truncation."""
    top: tuple[tuple[str, float], ...] = ()
    """The likeliest tokens in its place with theirs, likeliest first."""


class Reply:
    """One choice of a request."""

    def __init__(
        self,
        mind: Mind,
        *,
        settings: Settings,
        random: Random,
        limit: int,
        stops: Sequence[str] = (),
        top: int = 0,
        tail: str = "",
    ) -> None:
        """`limit`: most tokens; `top`: how many alternatives each piece tells; `tail`: text to go on from."""
        self._settings = settings
        self._random = random
        self._limit = limit
        self._stops = tuple(stop for stop in stops if stop)
        self._top = top
        self._writer, self._printer = _hand(mind, limit)
        self._held: Piece | None = None
        self._waiting: list[Piece] = []
        self._used: dict[int, int] = {}
        self._tail = tail
        self.finish_reason = ""
        """Empty while it goes on, then "stop" or "length"."""
        self.tokens = 0
        """Tokens drawn so far, without the end of the paragraph."""

    def step(self) -> list[Piece]:
        """Draw one token; the pieces that are now certain, which may be none or several.

        After the last, `finish_reason` is set, and further calls do nothing.
        """
        if self.finish_reason:
            return []
        if self._tail:
            self._take_up(self._tail)
            self._tail = ""
        if self.tokens >= self._limit:
            return self._finish("length")
        writer = self._writer
        table = writer.distribution()
        kept = truncate(table, self._settings, self._used, writer.is_mark)
        candidate = draw(kept, self._settings.temperature, self._random)
        if candidate == writer.end:
            return self._finish("stop")
        top = _alternatives(writer, self._printer, table, self._top)
        piece = Piece("", math.log(table[candidate]), top)
        surface = writer.surface(candidate)
        text = self._printer.push(surface)
        writer.push(candidate)
        self._used[candidate] = self._used.get(candidate, 0) + 1
        self.tokens += 1
        ready: list[Piece] = []
        if self._held:
            # The article and the word after it become certain together.
            article = re.match(r"\s?[Aa]n?", text)
            cut = article.end() if article else 0
            ready.append(Piece(text[:cut], self._held.logprob, self._held.top))
            text = text[cut:]
            self._held = None
        piece = Piece(text, piece.logprob, piece.top)
        if surface == ARTICLE:
            self._held = piece
        else:
            ready.append(piece)
        sent = self._pass(ready)
        if not self.finish_reason and self.tokens >= self._limit:
            sent += self._finish("length")
        return sent

    def _take_up(self, tail: str) -> None:
        """Walk through the text that the reply goes on from."""
        writer = self._writer
        if not isinstance(writer, Writer):
            return
        for candidate, _, _ in walk(writer, tail):
            self._printer.push(writer.surface(candidate))
            writer.push(candidate)
        self._printer.close()
        self._printer.join(tail)
        writer.begin()

    def _pass(self, ready: list[Piece]) -> list[Piece]:
        """Hold back what may be the beginning of a stop text; end at a whole one."""
        if not self._stops:
            return ready
        self._waiting += ready
        text = "".join(piece.text for piece in self._waiting)
        found = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.finish_reason = "stop"
            pieces = _cut(self._waiting, min(found))
            self._waiting = []
            return pieces
        keep = max(
            (size for stop in self._stops for size in range(1, len(stop)) if text.endswith(stop[:size])), default=0
        )
        sent: list[Piece] = []
        room = len(text) - keep
        while self._waiting and len(self._waiting[0].text) <= room:
            room -= len(self._waiting[0].text)
            sent.append(self._waiting.pop(0))
        return sent

    def _finish(self, reason: str) -> list[Piece]:
        self.finish_reason = reason
        if self._held:
            held = Piece(self._printer.close(), self._held.logprob, self._held.top)
            self._held = None
            self.finish_reason = ""
            sent = self._pass([held])
            self.finish_reason = self.finish_reason or reason
        else:
            sent = []
        sent += self._waiting
        self._waiting = []
        return sent


def _hand(mind: Mind, limit: int) -> tuple[Writer | Copier, Printer | Verbatim]:
    """Who writes the kind of reply that is asked for, and who prints it."""
    if mind.request.prompt.passage:
        return Copier(mind), Verbatim()
    if mind.request.prompt.kind == "fill":
        return Filler(mind, limit=limit), Printer()
    return Writer(mind, target=max(8, min(LENGTH, int(0.8 * limit))), limit=limit), Printer()


def _cut(pieces: Sequence[Piece], length: int) -> list[Piece]:
    """The pieces up to this many characters, the last cut short."""
    kept: list[Piece] = []
    for piece in pieces:
        if length <= 0:
            break
        kept.append(piece if len(piece.text) <= length else Piece(piece.text[:length], piece.logprob, piece.top))
        length -= len(piece.text)
    return kept


class Echo:
    """A prompt's own tokens with their probabilities, to be told before the reply."""

    def __init__(self, mind: Mind, text: str, *, scored: bool, top: int = 0) -> None:
        """`scored`: whether probabilities are wanted; without, they are zero and cost nothing."""
        self._mind = mind
        self._scored = scored
        self._top = top
        self._pieces = self._run(text)

    def step(self) -> Piece | None:
        """The next piece, or None after the last."""
        return next(self._pieces, None)

    def _run(self, text: str) -> Iterator[Piece]:
        told = 0
        start = 0
        for line in text.splitlines(keepends=True) or [""]:
            body = line.rstrip("\r\n")
            writer = Writer(self._mind, target=LENGTH, limit=10_000)
            printer = Printer()
            for candidate, _, end in walk(writer, body):
                logprob: float = 0.0
                top: tuple[tuple[str, float], ...] = ()
                if self._scored:
                    table = writer.distribution()
                    logprob = math.log(writer.probability(candidate, table))
                    top = _alternatives(writer, printer, table, self._top)
                printer.push(writer.surface(candidate))
                writer.push(candidate)
                yield Piece(text[told : start + end], logprob, top)
                told = start + end
            start += len(line)
            if told < start:
                logprob = 0.0
                if self._scored and body:
                    logprob = math.log(writer.probability(writer.end, writer.distribution()))
                yield Piece(text[told:start], logprob)
                told = start


def _alternatives(
    writer: Writer | Copier, printer: Printer | Verbatim, table: dict[int, float], count: int
) -> tuple[tuple[str, float], ...]:
    """The likeliest tokens as they would print now, with their log probabilities."""
    if not count:
        return ()
    best = sorted(table.items(), key=lambda entry: (-entry[1], entry[0]))[:count]
    return tuple(
        (END_TEXT if number == writer.end else printer.text(writer.surface(number)), math.log(p))
        for number, p in best
        if p > 0.0
    )
