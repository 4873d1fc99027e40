"""What the panes of the main screen show: each is brought up to what is true, and repaints only what differs. It changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from composer.errors import ComposerError
from composer.story.actions import place as placing
from composer.story.actions import text as texts
from composer.story.candidate import Round
from composer.story.outline import BeatText
from composer.text.words import count_words
from composer.ui import asking, keymap, telling
from composer.ui.backstop import to_content
from composer.ui.greeting import news_of
from composer.ui.grids import show_ladder
from composer.ui.tally import Tally
from composer.ui.widgets.manuscript import Lands
from composer.ui.widgets.pane import Pane, ShelfView, StatusLine
from composer.ui.widgets.splice import SpliceView

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

SPAN = "arrows stretch   space marks   esc drops"
TOKENS = "i other words   space mark   t text"
CHANGES = "space leaves out   enter takes   d text"


class Display:
    """The screen's panes, and what was counted for them."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._tally = Tally()
        self._counted_rounds = 0
        self._candidates_of: dict[str, int] = {}
        self._progress_key = (0, 0, 0)
        self._progress_words = ("", "")

    def show(self) -> None:
        """Bring every pane up to what is true. Each repaints only what differs."""
        story = self._desk.story
        if self._desk.text.text is not story.manuscript or self._desk.text.outline is not story.outline:
            self._desk.text.show(story.manuscript, story.outline)
        words = self._tally.by_beat(story.manuscript)
        total = sum(words.values())
        here = texts.beat_at(story, self._desk.caret)
        asked = self._asked_for()
        progress = {
            row.beat.id: self._progress(row.beat.id, row.beat.text, words, asked) for row in story.outline.rows()
        }
        self._desk.outline.show(story.outline, story.details, progress, here)
        self.show_round()
        target = f"/{story.details.target:,}" if story.details.target else ""
        title = story.details.title or "Untitled"
        today = total - self._desk.session.words_before_today
        beat_words = self._beat_words(here, words)
        count = f"{total:,}{target} w · today {today:+,}{beat_words}"
        if self._desk.has_class("-narrow"):
            self._desk.query_one("#text-pane", Pane).name_it(f"{title} · {count}")
        else:
            self._desk.query_one("#text-pane", Pane).name_it(title, count)
        self._desk.query_one("#outline-pane", Pane).name_it(
            "Outline", keymap.hints("beat.add", "beat.edit") if self._desk.outline.has_focus else ""
        )
        shelf = self._desk.query_one("#shelf-pane", Pane)
        shelf.set_class(bool(story.shelf), "-filled")
        shelf.name_it(f"Shelf · {len(story.shelf)}", "f3 shelf")
        self._desk.query_one("#shelf", ShelfView).show(story.shelf)
        self._show_splice()
        self.show_status()

    def _asked_for(self) -> dict[str, int]:
        """Candidates by beat. Rounds are only ever added, so those counted once are not counted again."""
        rounds = self._desk.story.rounds
        for number in range(self._counted_rounds, len(rounds)):
            beat = rounds[number].beat
            self._candidates_of[beat] = self._candidates_of.get(beat, 0) + len(rounds[number].candidates)
        self._counted_rounds = len(rounds)
        return self._candidates_of

    def _progress(self, beat: str, text: BeatText, words: dict[str, int], asked: dict[str, int]) -> str:
        count = words.get(beat, 0)
        parts = []
        if text.done:
            parts.append("done")
        if count:
            parts.append(f"{count:,}{f'/{text.target:,}' if text.target else ''} w")
        if total := asked.get(beat, 0):
            parts.append(f"{total} cand." if count else f"{total} candidate{'s' if total > 1 else ''}")
        return " · ".join(parts) or "empty"

    def _beat_words(self, beat: str, words: dict[str, int]) -> str:
        row = self._desk.story.outline.row(beat) if beat else None
        if row is None:
            return ""
        target = f"/{row.beat.text.target:,}" if row.beat.text.target else ""
        return f" · {asking.name_of(self._desk.story, beat)}: {words.get(beat, 0):,}{target} w"

    def show_round(self) -> None:
        """The candidates of the round that is shown."""
        asked = self._desk.shown_round()
        if asked is None:
            self._desk.candidates.show(None, ())
            self._desk.query_one("#candidates-pane", Pane).name_it("Candidates")
            return
        writing = sum(1 for candidate in asked.candidates if candidate.ending is None)
        count = len(asked.candidates)
        state = f"{writing} writing" if writing else "all ended"
        failed = sum(1 for each in asked.candidates if each.ending is not None and each.ending.kind == "failed")
        if failed:
            state += f" · {failed} failed"
        streams = self._desk.session.rounds.streams
        waits = {each.id: said for each in asked.candidates if (said := streams.wait_of(each.id))}
        if waits:
            state += f" · {next(iter(waits.values()))}"
        kind = "blind" if asked.veil else asked.kind
        summary = f"{count} candidate{'s' if count != 1 else ''} · {state} · tab"
        if self._desk.loaded:
            self._desk.sameness.look(asked)
        view = self._desk.candidates
        view.waits = waits
        self._desk.surpriser.look(asked)
        view.edited = frozenset(edit.candidate for edit in self._desk.story.edits if edit.candidate)
        view.show(
            asked,
            self._desk.story.splice,
            summary,
            telling.told(self._desk.story, asked, self._desk.sameness.of, self._desk.app.signs),
        )
        age = "" if asked.number == len(self._desk.story.rounds) else f"/{len(self._desk.story.rounds)}"
        where = asking.place_of(self._desk.story, asked)
        self._desk.query_one("#candidates-pane", Pane).name_it(
            f"Candidates · {where.removeprefix('the ')} · round {asked.number}{age} · {kind}",
            self._choices(writing > 0),
        )

    def _choices(self, writing: bool) -> str:
        """What the keys do that one needs next in the candidates."""
        view = self._desk.candidates
        if not view.has_focus:
            return ""
        if view.spanning:
            return SPAN
        if view.rewriting is not None:
            return CHANGES
        if view.surprised:
            return TOKENS
        if writing:
            return keymap.hints("mark", "place.here", "cand.stop")
        return keymap.hints("mark", "piece.smaller", "round.older")

    def _show_splice(self) -> None:
        splice = self._desk.placer.splice
        pane = self._desk.query_one("#splice-pane", Pane)
        # A candidate that was edited is shown as it would land; its own text stays above.
        candidate = self._desk.candidates.candidate
        edit = self._desk.story.edited((), candidate.id) if candidate and not splice else None
        pane.set_class(bool(splice) or edit is not None, "-filled")
        view = self._desk.text
        landing = self._desk.placer.landing() if (self._desk.candidates.has_focus or splice) else None
        lands = Lands(landing.start, self._lands(landing)) if landing else None
        if lands != view.landing:
            view.landing = lands
            view.repaint()
        if edit is not None and candidate is not None and not splice:
            asked = self._desk.shown_round()
            number = asked.shown_number(candidate.id) if asked else candidate.number
            pane.name_it(f"Candidate {number} · edited")
            self._desk.query_one("#splice", SpliceView).show(edit.paragraphs, (), self._desk.placer.foot(landing))
            return
        if not splice:
            return
        joined = self._desk.placer.joined()
        count = len(splice)
        words = count_words(joined.text)
        edited = " · edited" if self._desk.story.edited(tuple(mark.number for mark in splice)) else ""
        pane.name_it(
            f"Splice · {count} piece{'s' if count > 1 else ''} · {words} word{'s' if words != 1 else ''}{edited}"
        )
        self._desk.query_one("#splice", SpliceView).show(
            joined.paragraphs, joined.mends, self._desk.placer.foot(landing)
        )

    def _lands(self, landing: placing.Landing) -> str:
        """What the line in the text says of a placement."""
        if landing.start != landing.end:
            return self._desk.placer.words(landing)
        return "lands here, as a paragraph of its own" if landing.own else "lands here"

    def show_status(self) -> None:
        """The last line."""
        typing = self._desk.text.has_focus or self._desk.box.display
        mode = ("TYPING", "TYPING") if typing else ("LETTERS ACT, esc to text", "LETTERS ACT")
        times = f"{self._desk.app.signs.times}{self._desk.requests.count}"
        chord = keymap.shown(keymap.BY_ID["round.ask"])
        try:
            wish = self._desk.requests.wish().words
            says = " · ".join((f"{chord} {wish} {times}", *self._desk.requests.kept))
        except ComposerError:
            says = f"{chord} needs a beat"
        endpoint = self._desk.session.endpoint
        asked = self._desk.shown_round()
        gauge = self._desk.gauge
        used, window, what = gauge.tokens, gauge.window or endpoint.window, "context"
        if asked is not None and (self._desk.candidates.has_focus or not used):
            current = self._desk.candidates.candidate
            receipt = asked.sent(current.number).receipt if current is not None and not asked.veil else asked.receipt
            used, window, what = receipt.tokens + receipt.reserve, receipt.budget, "sent"
        # As in the context screen, what is kept for the answer counts. Until it is reckoned there is nothing to tell.
        wait = self._desk.app.signs.ellipsis
        tokens = (
            f"{what} {f'{used:,}' if used else wait}/{window:,}",
            f"{_short(used) if used else wait}/{_short(window)}",
        )
        if self._desk.session.read_only:
            disk = ("reading only", "reading only")
        elif self._desk.session.trouble:
            disk = ("NOT ON DISK: ctrl+s", "NOT ON DISK")
        elif self._desk.session.saved:
            disk = ("all on disk", "on disk")
        else:
            disk = ("saving", "saving")
        model = self._desk.requests.asks or endpoint.name
        ladder = show_ladder(self._desk.ladder)
        if len(self._desk.ladder) > 1:
            short = (
                f"{self._desk.ladder[0]:g}–{self._desk.ladder[-1]:g}"
                if list(self._desk.ladder) == sorted(self._desk.ladder)
                else ladder
            )
        else:
            short = f"T{ladder}"
        # Here and not on the pane's frame: a frame that changes paints the whole pane anew.
        writing = self._progress_of_round(asked)
        self._desk.query_one("#status", StatusLine).show(
            [
                mode,
                (says, says),
                writing,
                tokens,
                (model[:24], (endpoint.name if model == endpoint.model else model)[:12]),
                (short, short),
                disk,
                (f"{keymap.shown(keymap.BY_ID['help'])} help", keymap.shown(keymap.BY_ID["help"])),
            ],
            stay=2,
        )

    def _progress_of_round(self, asked: Round | None) -> tuple[str, str]:
        """What is still written, long and short: candidates, tokens a second and seconds of the round that is shown."""
        rounds = self._desk.session.rounds
        if not rounds.running:
            return "", ""
        if asked is None or not asked.running:
            return f"{rounds.running} writing", f"{rounds.running} writing"
        how = rounds.streams.progress(asked)
        running = how.count - how.done
        # The line is sent again once a second at most: a slow terminal has better to do.
        key = asked.number, running, int(how.seconds)
        if key != self._progress_key:
            rate = f" · {_two_figures(how.rate)}/s" if how.rate else ""
            words = f"{running} writing, {how.done} done{rate} · {int(how.seconds)} s", f"{running} writing{rate}"
            self._progress_key, self._progress_words = key, words
        return self._progress_words

    def show_news(self) -> None:
        """On return, the first line says what went on."""
        quiet = self._desk.welcome or self._desk.session.read_only
        line = "" if quiet else news_of(self._desk.story, self._desk.session.opened_before)
        news = self._desk.query_one("#news", Static)
        news.display = bool(line)
        news.update(to_content(line))


def _two_figures(rate: float) -> str:
    """`7.4`, `42`, `1,300`."""
    if rate < 10:
        return f"{rate:.1f}"
    size = 10 ** max(0, len(str(int(rate))) - 2)
    return f"{int(rate) // size * size:,}"


def _short(tokens: int) -> str:
    """`7.2k`."""
    return str(tokens) if tokens < 1000 else f"{tokens / 1000:.1f}k"
