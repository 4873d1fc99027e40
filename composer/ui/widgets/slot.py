"""One candidate's lines: its header, its newest thoughts, the rows of its text, and what is said below. It knows no widget.

A slot has as many lines as it is given, whatever comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.story import surprise
from composer.story.candidate import Candidate, Round
from composer.story.story import Mark
from composer.story.surprise import Choice
from composer.ui.lines import Part
from composer.ui.signs import Signs
from composer.ui.theming import Palette
from composer.ui.widgets import below, header, rows, state
from composer.ui.widgets.page import Page
from composer.ui.widgets.rows import GUTTER, Look
from composer.ui.wrapping import Row, cells


@dataclass(frozen=True)
class Shown:
    """A candidate and what is known of it. Without a page only its header is shown."""

    asked: Round
    candidate: Candidate
    page: Page | None
    label: str = ""
    label_width: int = 0
    here: bool = False
    """Whether the cursor is on it."""
    piece: Row | None = None
    at: int = 0
    """The character that the cursor is on."""
    marks: Sequence[tuple[int, Mark]] = ()
    """Its marks, each with its number in the splice."""
    choices: tuple[Choice, ...] | None = None
    """Its tokens; None where they are not known yet."""
    by_tokens: bool = False
    """Whether candidates are shown by their tokens, this one too if there are any."""
    wait: str = ""
    told: str = ""
    repeats: Sequence[Row] = ()
    edited: bool = False
    folded: bool = False


class Painter:
    """Paints candidates. It remembers where their texts break, how long they are and which row was the first one shown."""

    def __init__(self) -> None:
        self._wrapping = rows.Wrapping()
        self._counts = state.Counts()
        self._tops: dict[str, int] = {}
        self._means: dict[str, tuple[tuple[Choice, ...], float]] = {}

    def paint(self, it: Shown, width: int, slot: int, palette: Palette, signs: Signs) -> list[list[Part]]:
        """All lines of the slot; without a page just one."""
        candidate, page = it.candidate, it.page
        wait = it.wait if candidate.ending is None else ""
        how = state.state_of(it.asked, candidate, self._counts, wait, signs)
        number = it.asked.shown_number(candidate.id)
        if page and wait and cells(how.words) > header.room_for_state(number, it.label_width, width):
            # It is said below, where there is room.
            how = state.state_of(it.asked, candidate, self._counts, "", signs)
        else:
            wait = ""
        painted = [header.painted(self._header(it, number, how), width, palette, signs)]
        if page is None:
            return painted
        inner = max(8, width - GUTTER - 1)
        room = slot - 1
        above = []
        if room > 1 and state.thinks(it.asked, candidate):
            above.append(state.newest(candidate.reasoning, inner, signs))
        under = _below(it, page, wait, inner, room, signs)
        room = max(1, room - len(above) - len(under))
        broken = self._wrapping.rows(candidate.id, page.text, inner)
        top = self._tops[candidate.id] = rows.top_of(
            broken,
            room,
            it.piece,
            top=self._tops.get(candidate.id, 0),
            first=page.first,
            writes=candidate.ending is None,
        )
        look = _look(it, page, signs)
        blank = [("", palette.text)]
        gutter = (" " * GUTTER, palette.text)
        painted += [[gutter, (words, palette.dim)] for words in above]
        if not page.text and candidate.ending is not None:
            # Nothing came: why that is stands in its place.
            under = under or below.note(state.why(candidate), "", inner, room, signs.ellipsis)
        else:
            painted += [rows.painted(page.text, row, look, palette, signs) for row in broken[top : top + room]]
            painted += [blank] * (room - min(len(broken) - top, room)) if under else []
        if under:
            painted += [[gutter, (words, palette.dim)] for words in under]
        painted += [blank] * (slot - len(painted))
        return painted[:slot]

    def _header(self, it: Shown, number: int, how: state.State) -> header.Header:
        candidate = it.candidate
        return header.Header(
            number,
            how,
            it.label,
            it.label_width,
            it.here,
            changed=(" · edited" if it.edited else "") + (" folded" if it.folded else ""),
            first=(
                f"{self._mean(candidate.id, it.choices):.1f} bits" if it.choices else "",
                state.thought(it.asked, candidate, self._counts),
            ),
            told=it.told,
            last=(state.goes_on_from(candidate),),
            text=None if it.page else candidate.text[state.stem_length(candidate) :] or state.why(candidate),
        )

    def _mean(self, name: str, choices: tuple[Choice, ...]) -> float:
        known = self._means.get(name)
        if known is None or known[0] is not choices:
            known = self._means[name] = choices, surprise.mean_bits(choices)
        return known[1]


def _look(it: Shown, page: Page, signs: Signs) -> Look:
    """What is shown in the text otherwise than plain."""
    if page.changes:
        return Look(runs=page.runs, piece=it.piece)
    if page.tokens:
        return Look(it.marks, page.runs, page.tokens, it.piece, strong=True, line_break=signs.line_break)
    again = [(start, end, "repeated") for start, end in it.repeats]
    return Look(it.marks, [*page.runs, *again], piece=it.piece)


def _below(it: Shown, page: Page, wait: str, width: int, room: int, signs: Signs) -> list[str]:
    """The lines below the text; `wait` is said there where the header has no room for it."""
    if room < 2:
        return []
    candidate = it.candidate
    lines = []
    if it.here and it.by_tokens:
        lines.append(below.of_token(candidate, page, it.at, it.choices, width, signs))
    finished = candidate.ending is not None and candidate.ending.kind == "finished"
    # What was not sent, and who answered, would tell which one it is while the round is tasted blind.
    told = not it.asked.veil and (it.here or not finished)
    aside = state.aside(candidate, it.asked.sent(it.asked.number_of(candidate.id)).why) if told else ""
    most = (room - len(lines)) // 2
    return lines + below.note(state.why(candidate) or wait, aside, width, most, signs.ellipsis)
