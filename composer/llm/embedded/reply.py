"""One reply being made: draws token after token, prints them, and knows when to stop.

Synchronous and lazy: a token is computed when `step` is called, and not before. Never waits, never sends.
A reply that is begun already is gone on with, in the middle of a sentence or a word if need be. Also scores given
text token by token, for requests that want their prompt echoed.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

from composer.llm.embedded.condensing import Condenser
from composer.llm.embedded.copying import Copier, Verbatim
from composer.llm.embedded.filling import Filler
from composer.llm.embedded.grammar import is_base
from composer.llm.embedded.lexicon import GENDERS, PLACES
from composer.llm.embedded.model import Mind, Writer, walk
from composer.llm.embedded.prompt import PLANS, with_begun
from composer.llm.embedded.request import understand
from composer.llm.embedded.sampling import Settings, draw, truncate
from composer.llm.embedded.store import content_stems
from composer.llm.embedded.tokens import ARTICLE, CLOSES, OPENS, STOPS, TIGHT, UNKNOWN, Printer, article_is_an, tokenise
from composer.llm.embedded.ways import LIKELIER, Ways, goes_on

LENGTH = 112
"""Tokens that a paragraph has when there is room."""
STORY = 4096
"""Tokens that a whole story has at most: half of the window."""
END_TEXT = "<|end|>"
"""How the end of a paragraph is shown among the alternatives to a token."""
MORE = 16
"""Tokens that a reply which is begun goes on for at least, more or less."""
UNLIKELY = 0.0002
"""The probability that such a word has at least."""
_CUT = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]*)*$")
"""The word that a text breaks off in, if it does."""
_TURN = re.compile(r"[.?!…][\"”'’»)\]]*\s+(?=\S)|\n")
"""What stands between two sentences."""


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
        # An outline has few places where much is decided: each temperature gets numbers of its own for them.
        self._random = (
            Random(f"{random.random()}/{settings.temperature}") if mind.request.prompt.kind in PLANS else random
        )
        limit = min(limit, STORY) if mind.request.prompt.kind == "draft" else limit
        self._limit = limit
        self._stops = tuple(stop for stop in stops if stop)
        self._top = top
        self._mind = mind
        self._writer, self._printer = _hand(mind, limit)
        self._held: Piece | None = None
        self._waiting: list[Piece] = []
        self._used: dict[int, int] = {}
        self._tail = tail
        self._begun = mind.request.prompt.begun
        self._joint: _Joint | None = None
        """How the next token must begin, in a reply that is gone on with."""
        self._curly = bool(re.search("[“”]", self._begun))
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
        if self._begun:
            self._writer, self._printer, self._joint = _resumed(self._mind, self._limit, self._tail, self._begun)
            self._begun = self._tail = ""
        elif self._tail:
            self._take_up(self._tail)
            self._tail = ""
        if self.tokens >= self._limit:
            return self._finish("length")
        writer = self._writer
        table = writer.distribution()
        joint, self._joint = self._joint, None
        if joint:
            table = joint.fitting(writer, self._printer, table)
        kept = truncate(table, self._settings, self._used, writer.is_mark)
        candidate = draw(kept, self._settings.temperature, self._random)
        if candidate == writer.end:
            return self._finish("stop")
        top = _alternatives(writer, self._printer, table, self._top)
        surface = writer.surface(candidate)
        text = self._printer.push(surface)
        if joint:
            text = joint.added(text)
            top = tuple((joint.added(other), logprob) for other, logprob in top)
        piece = Piece("", math.log(table[candidate]), top)
        if self._curly and (surface in OPENS or surface in CLOSES):
            text = text.replace('"', "“" if surface in OPENS else "”")
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


def _hand(mind: Mind, limit: int) -> tuple[Writer | Ways, Printer | Verbatim]:
    """Who writes the kind of reply that is asked for, and who prints it."""
    if mind.request.prompt.kind == "condense":
        return Condenser(mind, limit=limit), Verbatim()
    if mind.request.prompt.kind == "summary":
        from composer.llm.embedded.summarising import Summary

        return Summary(mind), Verbatim()
    if mind.request.prompt.kind in PLANS:
        from composer.llm.embedded.outlining import Outliner

        return Outliner(mind, limit=limit), Verbatim()
    if mind.request.prompt.kind == "draft":
        from composer.llm.embedded.telling import Teller

        return Teller(mind, limit=limit), Printer()
    if mind.request.prompt.passage:
        return Copier(mind), Verbatim()
    if mind.request.prompt.kind == "fill":
        return Filler(mind, limit=limit), Printer()
    return Writer(mind, target=max(8, min(LENGTH, int(0.8 * limit))), limit=limit), Printer()


# Replies that are begun


@dataclass(frozen=True, slots=True)
class _Joint:
    """What the next token must be to go on from a begun text."""

    before: str = ""
    """The text that stands before it."""
    cut: str = ""
    """The beginning of the token itself, which is there already."""
    verbatim: bool = False
    """Whether tokens bring the white space before them from elsewhere."""

    def fitting(self, writer: Writer | Ways, printer: Printer | Verbatim, table: dict[int, float]) -> dict[int, float]:
        """The candidates that may stand here, with their probabilities among one another; never the end alone."""
        onward = {candidate: p for candidate, p in table.items() if candidate != writer.end and p > 0.0}
        kept = (
            {candidate: p for candidate, p in onward.items() if self._takes(writer.surface(candidate), printer)}
            or onward
            or table
        )
        total = sum(kept.values())
        return {candidate: p / total for candidate, p in kept.items()}

    def _takes(self, surface: str, printer: Printer | Verbatim) -> bool:
        """Whether a token that prints as this may come next."""
        if self.cut:
            return goes_on(printer.text(surface), self.cut)
        if surface in TIGHT and (not self.before or self.before[-1].isspace() or self.before[-1] in ",;:—–-(“"):
            return False
        article = None if self.verbatim else re.search(r"\b(an?)\s*$", self.before, re.IGNORECASE)
        return not article or (surface[:1].isalpha() and article_is_an(surface) == (len(article[1]) == 2))

    def added(self, text: str) -> str:
        """What a token's text adds to what is there."""
        if self.cut:
            return text.lstrip()[len(self.cut) :]
        if self.verbatim and self.before:
            last = self.before[-1]
            if last.isspace():
                return text.lstrip() if last == "\n" else text.lstrip(" ")
            if (last.isalnum() or last in ".,;:?!…”") and (text[:1].isalnum() or text[:1] == "“"):
                return " " + text
        return text


def _resumed(mind: Mind, limit: int, tail: str, begun: str) -> tuple[Writer | Ways, Printer | Verbatim, _Joint]:
    """Who goes on with a reply that is begun, who prints it, and what must come next.

    `tail` is text before the reply that breaks off in a sentence, which the reply goes on with.
    """
    if mind.request.prompt.kind == "condense":
        condenser = Condenser(mind, limit=limit, begun=begun)
        return condenser, Verbatim(), _Joint(begun, condenser.cut, verbatim=True)
    if mind.request.prompt.kind == "summary":
        from composer.llm.embedded.summarising import Summary

        summary = Summary(mind, begun=begun)
        return summary, Verbatim(), _Joint(begun, summary.cut, verbatim=True)
    if mind.request.prompt.kind in PLANS:
        from composer.llm.embedded.outlining import Outliner

        outliner = Outliner(mind, limit=limit, begun=begun)
        return outliner, Verbatim(), _Joint(begun, outliner.cut, verbatim=True)
    if mind.request.prompt.kind == "draft":
        return _retold(mind, limit, begun)
    if mind.request.prompt.passage:
        copier = _Onward(mind, begun)
        return copier, Verbatim(), _Joint(begun, copier.cut, verbatim=True)
    text = tail + begun
    end, cut = _whole_words(mind, limit, text, len(tail))
    writer, printer = _walked(mind, limit, text, end, len(tail))
    return writer, printer, _Joint(text[:end], cut)


def _retold(mind: Mind, limit: int, begun: str) -> tuple[Writer | Ways, Printer | Verbatim, _Joint]:
    """Who goes on with a story that is begun, in the middle of a paragraph or between two."""
    from composer.llm.embedded.telling import Teller, read_beats, read_begun

    there = read_begun(begun, read_beats(mind.request.prompt))
    teller = Teller(mind, limit=limit, begun=there)
    if not there.paragraph:
        return teller, Printer(), _Joint()
    prompt = with_begun(teller.prompt(), there.paragraph)
    inner = Mind(mind.store, understand(prompt, mind.store))
    writer, printer, joint = _resumed(inner, teller.room(), prompt.tail, prompt.begun)
    assert isinstance(writer, Writer)
    assert isinstance(printer, Printer)
    teller.go_on(writer, joint.cut)
    return teller, printer, joint


def _walked(mind: Mind, limit: int, text: str, end: int, given: int) -> tuple[Writer, Printer]:
    """A writer and a printer that have a text up to `end` behind them, and know what it goes on with.

    The first `given` characters are not the reply's own.
    """
    writer, printer = _hand(mind, limit)
    assert isinstance(writer, Writer)
    assert isinstance(printer, Printer)
    target, own = writer.target, False
    turn = max((found.end() for found in _TURN.finditer(text[:end])), default=0)
    for candidate, start, stop in walk(writer, text):
        if start >= end:
            break
        if given and not own and start >= given:
            writer.begin()
            own = True
        if start >= turn:
            writer.distribution()  # which clause of the beat the sentence tells is found out on the way
        unknown = candidate == mind.ids[UNKNOWN]
        printer.push(text[start:stop] if unknown else writer.surface(candidate))
        writer.push(candidate)
    if given and not own:
        writer.begin()
    writer.limit = limit + writer.length
    writer.target = max(target, writer.length + min(MORE, limit))
    shown = printer.text("x")
    opened = text[end - 1 : end].isspace() or re.search(r"(?:^|\s)['‘(\[*_]+$", text[:end])
    return writer, Printer(capital="X" in shown, spaced=shown[0] == " " and not opened)


def _whole_words(mind: Mind, limit: int, text: str, given: int) -> tuple[int, str]:
    """Where the word begins that a text breaks off in, and what is there of it; the text's end if no word is cut off.

    A word is taken as cut off if it is not known, and a longer one is; or if that is likely here, and it is not.
    """
    found = _CUT.search(text)
    if not found or found.start() < given or found.group() == "I":
        return len(text), ""
    symbol = tokenise(found.group(), mind.proper.__contains__)[0].symbol
    known = symbol in mind.ids or symbol in GENDERS or symbol in PLACES or is_base(symbol)
    determiner = re.search(r"\b(?:the|her|his|their|my)\s+$", text[: found.start()], re.IGNORECASE)
    starts = [determiner.start(), found.start()] if determiner else [found.start()]
    share, whole, longer = 1.0, 0.0, 0.0
    best = (0.0, len(text), "")
    for start in starts:
        cut = " ".join(text[start:].split())
        writer, printer = _walked(mind, limit, text, start, given)
        told = [
            (printer.text(writer.surface(one)).strip(), p)
            for one, p in writer.distribution().items()
            if one != writer.end
        ]
        forms = ("a", "an") if cut.lower() == "an" else (cut.lower(),)
        whole += share * sum(p for text, p in told if text.lower() in forms)
        more = share * sum(p for text, p in told if goes_on(text, cut))
        longer += more
        if more > best[0]:
            best = (more, start, cut)
        if determiner and start < found.start():
            share = sum(p for text, p in told if text == determiner.group().strip())
    return best[1:] if longer > (LIKELIER * max(whole, UNLIKELY) if known else 0.0) else (len(text), "")


class _Onward(Copier):
    """A copier that goes on from a copy that is begun: its own if it can be, else from the word that comes nearest."""

    def __init__(self, mind: Mind, begun: str) -> None:
        super().__init__(mind)
        follows, self.cut = self.follow(begun)
        """Of `cut`: what is there of the next word."""
        if not follows:
            super().__init__(mind)
            self._places = {(self._nearest(begun), 0, None): 1.0}
            self._written = begun
        told = set(content_stems(token.symbol for token in tokenise(begun, mind.proper.__contains__)))
        for script in mind.scripts:
            stems = content_stems(item.form for item in script.items if item.ref < 0)
            if stems and told.issuperset(stems):
                self._told |= set(script.covers)

    def _nearest(self, begun: str) -> int:
        """The word of the passage to go on with: behind the part of it that the text is most like, word by word."""
        from rapidfuzz import distance

        passage = self._passage
        words = [
            begun[token.start : token.end].lower() for token in tokenise(begun, passage.request.proper.__contains__)
        ]
        known = [word.text.lower() for word in passage.words]
        # Copies are about as long as what they are made from.
        ends = range(min(len(words) // 2, len(known)), min(2 * len(words) + MORE, len(known)) + 1)
        at = min(reversed(ends), key=lambda end: distance.Indel.distance(words, known[:end]))
        equal = [block for block in distance.Indel.opcodes(words, known[:at]) if block.tag == "equal"]
        at, told = (equal[-1].dest_end, equal[-1].src_end) if equal else (0, 0)
        if at >= len(known):
            return len(known)
        end = passage.sentence(at).end
        if words[-1] in STOPS or words[-1] in ("…", '"', "”"):
            return at if told == len(words) or passage.starts_sentence(at) else end
        left = len(words) - told
        if left == 1 and begun[-1].isalpha() and goes_on(known[at], words[-1]):
            self.cut = words[-1]
            return at
        return max(at, min(at + left, end - 1))


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
    writer: Writer | Ways, printer: Printer | Verbatim, table: dict[int, float], count: int
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
