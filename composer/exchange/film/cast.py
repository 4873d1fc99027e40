"""The film for terminal players: asciicast, version 2. It draws a showing in cells with a few plain escape sequences, and is played by no one here.

    {"version": 2, "width": 100, "height": 30, "timestamp": …, "title": …}
    [seconds, "o", output]        and "m" with a label where a round was asked for, or something was placed

Only the lines that changed are written anew. All text is filtered: none of it can bring an escape sequence of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import groupby

import msgspec

from composer.journal.showing.parts import Hand, Paragraph, Showing, ShownCandidate
from composer.journal.showing.play import Play, holds
from composer.text.clean import clean, one_line

STEP = 150
"""Ms: text that streams in is drawn at this pace, so that the file stays small."""
_NOTE = (1500, 45, 8000)
"""Ms that a note is given to be read: at least, for each character, at most."""
_MARKERS = frozenset(("round", "placed"))
_STYLES: dict[Hand, str] = {"w": "0", "g": "0;4;34", "e": "0;4;33", "r": "0;4;2", "i": "0;4;32"}
_DIM, _BOLD, _BAR, _NOTES, _PICKED = "0;2", "0;1", "0;7", "0;3;35", "0;1;4"
_STATES = {"finished": "done", "cut": "cut", "cancelled": "stopped", "failed": "failed"}

Styled = tuple[tuple[str, str], ...]
"""A line: stretches of text, each with its style."""


def cast(showing: Showing, *, width: int = 100, height: int = 30, made: int) -> bytes:
    """The film for a terminal of that size in cells. `made` is when, in ms since 1970."""
    head = {"version": 2, "width": width, "height": height, "timestamp": made // 1000}
    title = one_line(showing.title)
    lines = [msgspec.json.encode({**head, "title": title} if title else head)]
    lines += (
        msgspec.json.encode([round(ms / 1000, 3), kind, told]) for ms, kind, told in _events(showing, width, height)
    )
    return b"\n".join(lines) + b"\n"


def _events(showing: Showing, width: int, height: int) -> Iterator[tuple[int, str, str]]:
    """All events as (ms, kind, what)."""
    play = Play(showing)
    yield 0, "o", "\x1b[?25l\x1b[2J"
    screen = _Screen(play, width, height)
    held = now = 0
    for ms in _moments(play):
        note = ""
        while play.index + 1 < len(play.times) and play.times[play.index + 1] <= ms:
            play.on()
            frame = showing.frames[play.index]
            if frame.sort in _MARKERS and frame.say:
                yield play.times[play.index] + held, "m", one_line(frame.say, 120)
            note = " ".join(one_line(each.text, 600) for each in showing.notes if each.entry == play.entry) or note
        now = ms + held
        if drawn := screen.draw(ms, note):
            yield now, "o", drawn
        if note:
            least, each, most = _NOTE
            held += min(most, least + each * len(note))
    yield now + held, "o", f"\x1b[0m\x1b[{height};1H\x1b[?25h"


def _moments(play: Play) -> list[int]:
    """When something is to be drawn: at entries, and where text streams in."""
    noted = {note.entry - play.showing.first for note in play.showing.notes}
    found = {play.times[index] for index in noted}
    for time in play.times:
        found.add(-(-time // STEP) * STEP)
    for asked in play.showing.rounds:
        for candidate in asked.candidates:
            for chunk in candidate.chunks:
                found.update(-(-moment // STEP) * STEP for moment, _ in play.coming(chunk))
    return sorted(found)


class _Screen:
    """What stands on the terminal: the text, the candidates beside or below it, notes, a status line."""

    def __init__(self, play: Play, width: int, height: int) -> None:
        self._play = play
        self._width, self._height = width, height
        self._drawn: dict[tuple[int, int], tuple[Styled, int]] = {}
        """What was drawn last, by where it begins, and the cells for it."""
        self._laid: tuple[int, list[Styled]] = (-1, [])
        """The window of the text, and the number of changes that it was laid out after."""
        self._beside = width >= 72

    def draw(self, ms: float, note: str) -> str:
        """The output that makes the terminal show this moment."""
        out = []
        for place, row, size in self._rows(ms, note):
            # Most of the screen stays as it is, so nothing is measured before it is known to differ.
            if self._drawn.get(place) != (row, size):
                self._drawn[place] = row, size
                shown = _filled(row, size) if self._beside and place[1] == 1 else _cut(row, size)
                out.append(f"\x1b[{place[0]};{place[1]}H{_ansi(shown)}\x1b[0m")
                out.append("" if place[1] == 1 and self._beside else "\x1b[K")
        return "".join(out)

    def _rows(self, ms: float, note: str) -> Iterator[tuple[tuple[int, int], Styled, int]]:
        """What stands on the terminal: (line, column), both from 1, what begins there, and the cells for it.

        Left of the bar these are filled up.
        """
        width = self._width
        told = _wrapped((("✎ " + note, _NOTES),), width)[:4] if note else []
        room = max(2, self._height - 1 - len(told))
        left = width * 3 // 5 if self._beside else width
        if self._beside:
            text, cards = self._text(left - 2, room), self._cards(width - left - 2, room, ms)
        else:
            upper = room * 3 // 5
            text, cards = [*self._text(left, upper), *self._cards(left, room - upper, ms)], []
        below = [*told, self._status()]
        rows = [*text[: self._height - len(below)], *below]
        for number, row in enumerate(rows, 1):
            if not self._beside:
                yield (number, 1), row, left
            elif number > len(text):
                yield (number, 1), row, left
                yield (number, left + 1), _rest(row, left, width), width - left
            else:
                yield (number, 1), row, left
                yield (number, left + 1), (("│ ", _DIM), *cards[number - 1]), width - left

    def _text(self, width: int, height: int) -> list[Styled]:
        """The text around its last change."""
        if self._laid[0] == self._play.changes and len(self._laid[1]) == height:
            return self._laid[1]
        paragraphs = self._play.text
        focus = self._play.touched or 0
        # No more is laid out than may be seen: laying out a novel takes a second.
        above: list[Styled] = []
        at = min(focus, len(paragraphs) - 1)
        while at >= 0 and len(above) < 2 * height:
            above[:0] = [*_paragraph(paragraphs[at], width), ()]
            at -= 1
        end = len(above) - 1
        lines = above
        at = min(focus, len(paragraphs) - 1) + 1
        while at < len(paragraphs) and len(lines) < end + height:
            lines += [*_paragraph(paragraphs[at], width), ()]
            at += 1
        top = max(0, min(end - height * 2 // 3, len(lines) - height))
        shown = lines[top : top + height]
        self._laid = (self._play.changes, [*shown, *[()] * (height - len(shown))])
        return self._laid[1]

    def _cards(self, width: int, height: int, ms: float) -> list[Styled]:
        """The candidates, each with as much room as the others: the ends of those that write."""
        rounds = self._play.beside()
        cards = [each for asked in rounds for each in asked.candidates]
        if not cards:
            return [()] * height
        named = ", ".join(str(asked.number) for asked in rounds)
        lines: list[Styled] = [((f"Round{'s' if len(rounds) > 1 else ''} {named}", _DIM),)]
        room = max(1, (height - 1) // len(cards) - 1)
        for card in cards:
            text = self._play.grown(card, ms)
            lines.append(self._label(card, text))
            picked = self._picked(card)
            body = _body(text, picked, width)
            if self._ended(card):
                top = next((at for at, line in enumerate(body) if any(style == _PICKED for _, style in line)), 0)
                top = max(0, min(top - 1, len(body) - room))
                lines += body[top : top + room]
            else:
                lines += body[-room:]
        return [*lines[:height], *[()] * (height - len(lines))]

    def _picked(self, card: ShownCandidate) -> tuple[tuple[int, int], ...]:
        """What of a candidate is marked or used, as [start:end), in order."""
        entry = self._play.entry
        return tuple(
            sorted(
                (mark.start, mark.end) for mark in card.marks if holds(mark.marked, entry) or holds(mark.used, entry)
            )
        )

    def _ended(self, card: ShownCandidate) -> bool:
        return 0 < card.ended <= self._play.entry

    def _label(self, card: ShownCandidate, text: str) -> Styled:
        heat = "" if card.temperature is None else f" T{card.temperature:g}"
        entry = self._play.entry
        if holds(card.placed, entry):
            state = "✓ placed"
        elif any(holds(mark.marked, entry) for mark in card.marks):
            state = "✓ marked"
        else:
            state = _STATES.get(card.ending, "") if self._ended(card) else "…"
        words = " ".join(filter(None, (card.model, card.lens)))
        return ((f"{card.name}{heat}", _BOLD), (f" {state} ", "0"), (one_line(words, 60), _DIM))

    def _status(self) -> Styled:
        play = self._play
        frames = play.showing.frames
        at = max(0, play.index)
        while at and not frames[at].say:
            at -= 1
        words = frames[play.index].words if play.index >= 0 else 0
        said = one_line(frames[at].say) if frames else ""
        status = f" entry {play.entry:,}/{play.showing.last:,} · {words:,} w · {said}"
        return ((_fill(status, self._width), _BAR),)


@lru_cache(maxsize=4096)
def _paragraph(paragraph: Paragraph, width: int) -> tuple[Styled, ...]:
    """The lines of a paragraph; an empty one has one."""
    return tuple(_wrapped(tuple((run.text, _STYLES[run.hand]) for run in paragraph.runs), width))


def _wrapped(runs: Styled, width: int) -> list[Styled]:
    """Lines of at most `width` cells, broken between words where they can be."""
    lines: list[list[tuple[str, str]]] = [[]]
    room = width
    for word in _words(runs):
        size = sum(_cells(sign) for sign, _ in word)
        blank = word[-1][0] == " "
        if size - blank > room and room < width:
            lines.append([])
            room = width
        for sign, style in word:
            cells = _cells(sign)
            if cells > room:
                if sign == " ":
                    continue
                lines.append([])
                room = width
            lines[-1].append((sign, style))
            room -= cells
    return [_joined(line) for line in lines]


def _words(runs: Styled) -> Iterator[list[tuple[str, str]]]:
    """Signs with their styles, by words with the blank behind them."""
    word: list[tuple[str, str]] = []
    for text, style in runs:
        for sign in clean(text).replace("\n", " ").replace("\t", " "):
            word.append((sign, style))
            if sign == " " or _cells(sign) == 2:
                yield word
                word = []
    if word:
        yield word


def _joined(signs: Iterable[tuple[str, str]]) -> Styled:
    return tuple(
        ("".join(sign for sign, _ in group), style) for style, group in groupby(signs, key=lambda each: each[1])
    )


@lru_cache(maxsize=4096)
def _cells(sign: str) -> int:
    from rich.cells import cell_len

    return cell_len(sign)


def _size(line: Styled) -> int:
    return sum(len(text) if text.isascii() else sum(map(_cells, text)) for text, _ in line)


def _cut(line: Styled, width: int) -> Styled:
    """As much of a line as fits."""
    if _size(line) <= width:
        return line
    kept: list[tuple[str, str]] = []
    for text, style in line:
        for sign in text:
            if (width := width - _cells(sign)) < 0:
                return _joined(kept)
            kept.append((sign, style))
    return _joined(kept)


def _fill(text: str, width: int) -> str:
    """The text in exactly that many cells."""
    cut = "".join(part for part, _ in _cut(((text, ""),), width))
    return cut + " " * (width - _size(((cut, ""),)))


@lru_cache(maxsize=64)
def _body(text: str, picked: tuple[tuple[int, int], ...], width: int) -> list[Styled]:
    """The lines of a candidate, with what was picked of it drawn apart."""
    runs: list[tuple[str, str]] = []
    at = 0
    for start, end in picked:
        runs += ((text[at:start], "0"), (text[max(at, start) : end], _PICKED))
        at = max(at, end)
    runs.append((text[at:], "0"))
    lines: list[list[tuple[str, str]]] = [[]]
    for words, style in runs:
        first, *rest = clean(words).split("\n")
        lines[-1].append((first, style))
        lines += ([(each, style)] for each in rest)
    rows = [row for line in lines for row in _wrapped(tuple(line), width)]
    blank = [not "".join(words for words, _ in row).strip() for row in rows]
    start = next((at for at, empty in enumerate(blank) if not empty), len(rows))
    end = next((at for at in range(len(rows), start, -1) if not blank[at - 1]), start)
    return rows[start:end]


@lru_cache(maxsize=512)
def _filled(line: Styled, width: int) -> Styled:
    """The line in exactly that many cells."""
    cut = _cut(line, width)
    blank = width - _size(cut)
    return (*cut, (" " * blank, "0")) if blank else cut


def _rest(line: Styled, start: int, width: int) -> Styled:
    """What of a line stands behind its first cells."""
    head = sum(len(text) for text, _ in _cut(line, start))
    signs = [(sign, style) for text, style in line for sign in text]
    return _cut(_joined(signs[head:]), width - start)


def _ansi(line: Styled) -> str:
    return "".join(f"\x1b[{style}m{text}" for text, style in line if text)
