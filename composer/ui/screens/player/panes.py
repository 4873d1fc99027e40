"""What the panes of the player show of a moment: the text with its last change, the round that matters, the outline, the notes.

They take values and repaint what differs; no key does anything in them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual.widgets import Static

from composer.journal.film import Film, Moment
from composer.story.actions.text import beat_at
from composer.story.candidate import BeatTarget, Round, round_of
from composer.story.events import LinePlaced, MarkMade, TextPlaced
from composer.story.manuscript import START, Manuscript
from composer.story.outline import Outline
from composer.story.progress import Held, Progress, of_outline
from composer.story.story import Mark, Remark, Story
from composer.ui import asking, tints
from composer.ui.backstop import to_content
from composer.ui.caret import valid
from composer.ui.lines import Part
from composer.ui.phrases import counted, shortened
from composer.ui.screens.player.head import clock
from composer.ui.screens.player.words import Trace, told, trace
from composer.ui.signs import Signs
from composer.ui.tally import Tally
from composer.ui.widgets.candidates import CandidatesView
from composer.ui.widgets.manuscript import Lands, ManuscriptView
from composer.ui.widgets.outline import OutlineView
from composer.ui.widgets.pane import Pane
from composer.ui.widgets.timeline import Place, Timeline
from composer.ui.wrapping import wrap

if TYPE_CHECKING:
    from composer.ui.screens.player.screen import PlayerScreen

MANY = 200
"""Paragraphs of a text whose words are not counted at each step."""
SHORT = 32
"""Cells for a title that has no room in full."""
SHOWN_NOTES = 3
"""The most notes on a moment that are shown at once."""


class FilmText(ManuscriptView, can_focus=False):
    """The text of a moment. What changed last is selected, with a sign beside it and words below; the caret is where it ends."""

    def show_moment(self, story: Story, last: Trace | None) -> None:
        self.text, self.outline, self.sections = story.manuscript, story.outline, story.details.sections
        self.caret = valid(self.text, self.caret if last is None else last.end)
        self.pivot = None if last is None or last.start == last.end else last.start
        if self.caret == START and len(self.text):
            self.caret = self.text.first
        self.landing = Lands(last.start, last.words) if last is not None else None
        self._follow()
        self.repaint()

    said: tuple[str, ...] = ()
    """Sentences in place of a text that is empty."""

    def say(self, *sentences: str) -> None:
        if sentences != self.said:
            self.said = sentences
            self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        rows = ((each, row) for each in self.said for row in wrap(each, max(10, width - 4)))
        self.empty_hint = tuple(text[start:end] for text, (start, end) in rows)
        return super().lines(width, height)


class FilmCandidates(CandidatesView, can_focus=False):
    """The candidates of the round that matters. It is painted once for a moment, whatever changed in it."""

    _holds = False

    def show_moment(self, asked: Round | None, marks: tuple[Mark, ...], name: str, start: int, *, go: bool) -> None:
        """Show a round; with `go`, or where it was not shown before, the cursor goes to the candidate of that name."""
        fresh = asked is not None and (self.round is None or self.round.number != asked.number)
        self._holds = True
        self.show(asked, marks)
        if asked is not None and name and (fresh or go):
            self.go(name, start)
        self._holds = False
        self.repaint()

    def repaint(self) -> None:
        if not self._holds:
            super().repaint()


class FilmOutline(OutlineView, can_focus=False):
    """The outline of a moment."""


class Panes:
    """Brings the panes of the player to a moment."""

    def __init__(self, screen: PlayerScreen) -> None:
        self._screen = screen
        self._tally = Tally()
        self._counted: Manuscript | None = None
        """The text whose words were counted last."""
        self._asked: tuple[object, dict[str, int]] = (None, {})
        self.tint: tints.Tint = "off"

    def show(self, film: Film, moment: Moment, story: Story, *, stepped: bool) -> None:
        """With `stepped` a key led here, and the candidate that matters is gone to; else that only where it was picked from."""
        self._show_text(film, moment, story)
        self._show_candidates(film, moment, story, stepped=stepped)
        if len(story.manuscript) <= MANY or not stepped or self._counted is story.manuscript:
            self.show_counts(story)
        else:
            # Far from where they were counted last, words of a long text are counted once one stands still.
            self._name_text(story, "")
            self._screen.count_soon()

    def show_counts(self, story: Story) -> None:
        """What has to be counted: the words of the text, and in the outline of its beats."""
        self._counted = story.manuscript
        self._name_text(story, f" · {self._tally.words(story.manuscript):,} w")
        if self._screen.outlined:
            self._show_outline(story)

    def _show_text(self, film: Film, moment: Moment, story: Story) -> None:
        view = self._screen.text
        view.say("Here the text is still empty.")
        view.tinted = lambda origin: tints.style(story, self.tint, origin, view.palette)
        view.show_moment(story, trace(film, moment.entry, story.manuscript))

    def _name_text(self, story: Story, words: str) -> None:
        title = story.details.title or self._screen.title_of_story or "Untitled"
        tinted = "" if self.tint == "off" else f" · tinted by {self.tint}"
        pane = self._screen.query_one("#player-text-pane", Pane)
        short = f"{shortened(title, SHORT, Signs.of(self._screen.app).ellipsis)}{words}"
        pane.name_it(
            (f"{title}{words}{tinted}", f"{title}{words}", f"{short}{tinted}", short, words.removeprefix(" · "))
        )

    def _show_candidates(self, film: Film, moment: Moment, story: Story, *, stepped: bool) -> None:
        view = self._screen.candidates
        pane = self._screen.query_one("#player-candidates-pane", Pane)
        name = self._name(film, moment, stepped=stepped)
        asked = story.round(round_of(name)) if name else None
        marks = self._marks(film, moment.entry, story)
        view.narrow = self._screen.has_class("-narrow")
        view.empty_hint = ("", "  No candidates were asked for yet.")
        event = film.reel.events[moment.entry - 1] if moment.entry else None
        picked = isinstance(event, MarkMade | TextPlaced | LinePlaced)
        start = event.start if isinstance(event, MarkMade) else 0
        view.show_moment(asked, marks, name, start, go=picked or stepped)
        if asked is None:
            pane.name_it("Candidates")
            return
        where = asking.place_of(story, asked).removeprefix("the ")
        marked = f" · {counted(len(marks), 'mark')}" if marks else ""
        pane.name_it(
            (
                f"Candidates · {where} · round {asked.number} of {len(story.rounds)} · {asked.kind}{marked}",
                f"Candidates · {where} · round {asked.number}{marked}",
                f"Round {asked.number}{marked}",
            )
        )

    def _name(self, film: Film, moment: Moment, *, stepped: bool) -> str:
        """The candidate that matters at a moment; empty if there is none.

        While the film plays, a round that is shown stays until it has come to its end, or something is asked for or picked elsewhere.
        """
        entry = moment.entry
        growing = [grown.candidate for grown in moment.growing]
        matters = growing[-1] if growing else film.named[entry]
        shown = self._screen.candidates.round
        if stepped or shown is None or not shown.entry <= entry < film.written.get(shown.number, 0):
            return matters
        if film.sorts[entry - 1] in ("round", "mark", "placed"):
            return film.named[entry]
        own = [name for name in growing if round_of(name) == shown.number]
        return own[-1] if own else f"{shown.number}.1"

    def _marks(self, film: Film, entry: int, story: Story) -> tuple[Mark, ...]:
        """What is marked; at a placement what it used."""
        event = film.reel.events[entry - 1] if entry else None
        if isinstance(event, TextPlaced | LinePlaced) and event.placement.marks:
            return tuple(story.marks[number - 1] for number in event.placement.marks)
        return story.splice

    def _show_outline(self, story: Story) -> None:
        held = {row.beat.id: self._tally.held(row.beat.id) for row in story.outline.rows()}
        here = beat_at(story, self._screen.text.caret)
        self._screen.outline.show(story.outline, story.details, self._progress(story.outline, held, story), here)
        self._screen.query_one("#player-outline-pane", Pane).name_it("Outline")

    def _progress(self, outline: Outline, held: dict[str, Held], story: Story) -> dict[str, Progress]:
        if self._asked[0] != len(story.rounds):
            self._asked = len(story.rounds), _asked_for(story.rounds)
        return of_outline(outline, held, self._asked[1])

    # below the panes

    def show_time(self, film: Film, moment: Moment, ms: float, story: Story, noted: Sequence[int]) -> None:
        """Where the film is."""
        entries = film.reel.entries
        when = ""
        if moment.entry:
            then = datetime.fromtimestamp(entries[moment.entry - 1].time / 1000).astimezone()
            when = f"{then:%d %b %Y, %H:%M:%S}"
        run = f"{clock(ms)} of {clock(film.length)}"
        forms = (f"{run}   {when}".rstrip(), f"{run}   {when[:-3]}".rstrip(), run, clock(ms))
        self._screen.query_one(Timeline).show(film, noted, Place(moment.entry, ms, told(film, moment, story), forms))

    def show_notes(self, remarks: Sequence[Remark]) -> None:
        """The notes on the moment, in lines of their own above the timeline."""
        signs = Signs.of(self._screen.app)
        lines = [_note(remark) for remark in remarks[:SHOWN_NOTES]]
        if len(remarks) > SHOWN_NOTES:
            lines.append(f"{signs.ellipsis} and {counted(len(remarks) - SHOWN_NOTES, 'more note')}: n")
        notes = self._screen.query_one("#player-notes", Static)
        text = "\n".join(lines)
        if text != self._screen.notes_shown:
            self._screen.notes_shown = text
            notes.update(to_content(text))
            notes.display = bool(text)


def _note(remark: Remark) -> str:
    thing = "" if remark.subject.startswith("entry ") else f" on {remark.subject.partition(' ')[0]}"
    whose = "for readers" if remark.for_readers else "for you alone"
    return f"! Note{thing}, {whose}: {remark.text}"


def _asked_for(rounds: Iterable[Round]) -> dict[str, int]:
    """How many candidates were asked for each beat."""
    found: dict[str, int] = {}
    for asked in rounds:
        if isinstance(asked.target, BeatTarget) or (asked.beat and not asked.outlines and not asked.aside):
            found[asked.beat] = found.get(asked.beat, 0) + len(asked.candidates)
    return found
