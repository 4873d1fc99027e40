"""What the panes of the main screen show: each is brought up to what is true, and repaints only what differs. It changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.widgets import Static

from composer.errors import ComposerError
from composer.story.actions import place as placing
from composer.story.actions import text as texts
from composer.story.candidate import Round
from composer.story.story import Story
from composer.text.words import count_words
from composer.ui import asking, keymap, standings, telling
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
        self._progress_key = (0, 0, 0)
        self._progress_words = ("", "")

    def show(self) -> None:
        """Bring every pane up to what is true. Each repaints only what differs."""
        story = self._desk.story
        self._show_text(story)
        here = texts.beat_at(story, self._desk.caret)
        self._desk.outline.show(story.outline, story.details, self._tally.progress(story), here)
        self.show_round()
        self._name_text(story, here)
        target, unit = story.details.target, story.details.unit
        self._desk.query_one("#outline-pane", Pane).name_it(
            standings.titles(self._tally.whole(target), self._tally.total, target, unit),
            keymap.hints("beat.add", "beat.edit") if self._desk.outline.has_focus else "",
        )
        shelf = self._desk.query_one("#shelf-pane", Pane)
        shelf.set_class(bool(story.shelf), "-filled")
        shelf.name_it(f"Shelf · {len(story.shelf)}", "f3 shelf")
        self._desk.query_one("#shelf", ShelfView).show(story.shelf)
        self._show_splice()
        self.show_status()

    def _show_text(self, story: Story) -> None:
        """The text, under the headings that the story's structure gives it, and what is said in place of none."""
        view = self._desk.text
        view.empty_hint = (
            f"Type here. Or add {story.details.unit}s in the outline",
            "(shift+tab, then a), and ask for their",
            "text with ctrl+g.",
        )
        sections = story.details.sections
        if view.text is not story.manuscript or view.outline is not story.outline or view.sections != sections:
            view.sections = sections
            view.show(story.manuscript, story.outline)

    def _name_text(self, story: Story, here: str) -> None:
        """The words of the text: all, how much of the target that is, today's, and those of the beat that the caret is in."""
        total, target = self._tally.total, story.details.target
        title = story.details.title or "Untitled"
        lead = f"{title} · " if self._desk.has_class("-narrow") else ""
        count = f"{lead}{standings.words_of(total, target)}"
        today = f" · today {total - self._desk.session.words_before_today:+,}"
        forms = [f"{count} · {standings.share(total, target)}{today}"] if target else []
        forms.append(f"{count}{today}")
        row = story.outline.row(here) if here else None
        if row is not None:
            of_beat = standings.words_of(self._tally.held(here).words, row.beat.text.target)
            named = f" · {asking.name_of(story, here)}: {of_beat}"
            numbered = (f"{count}{today} · {row.number}: {of_beat}",) if row.number else ()
            forms = [*(form + named for form in forms), *numbered, forms[-1]]
        pane = self._desk.query_one("#text-pane", Pane)
        if lead:
            pane.name_it(forms)
        else:
            pane.name_it(title, forms)

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
        if asked.row:
            drafts = f"drafts {asked.row[0]} to {asked.row[-1]}" if len(asked.row) > 1 else f"draft {asked.row[0]}"
            where = asking.name_of(self._desk.story, asked.beat)
            self._desk.query_one("#candidates-pane", Pane).name_it(
                f"Candidates · {where} · {drafts}", self._choices(writing > 0)
            )
            return
        age = "" if asked.number == self._desk.newest_round else f"/{self._desk.newest_round}"
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
        if view.round is not None and view.round.outlines:
            return keymap.hints("mark", "place.here", "round.older")
        return keymap.hints("mark", "piece.smaller", "round.older")

    def _show_splice(self) -> None:
        splice = self._desk.placer.splice
        pane = self._desk.query_one("#splice-pane", Pane)
        # A candidate that was edited is shown as it would land; its own text stays above.
        candidate = self._desk.candidates.candidate
        edit = self._desk.story.edited((), candidate.id) if candidate and not splice else None
        asked = self._desk.shown_round()
        lines = asked is not None and asked.outlines and self._desk.candidates.has_focus and not splice
        pane.set_class(bool(splice) or edit is not None or lines, "-filled")
        pane.set_class(lines and edit is None, "-foot")
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
        if lines:
            pane.name_it("No line marked: all of them")
            self._desk.query_one("#splice", SpliceView).show((), (), self._desk.placer.foot(None))
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
        chord = keymap.shown(keymap.BY_ID["round.ask"])
        ladder = show_ladder(self._desk.ladder)
        try:
            wish = self._desk.requests.wish()
            ladder = self._desk.requests.rows(wish.kind)["ladder"]
            times = f"{self._desk.app.signs.times}{self._desk.requests.count(wish.kind)}"
            says = " · ".join((f"{chord} {wish.words} {times}", *self._desk.requests.kept_for(wish.kind)))
        except ComposerError:
            says = (
                f"{chord} needs a purpose"
                if self._desk.outline.has_focus
                else f"{chord} needs a {self._desk.story.details.unit}"
            )
        endpoint = self._desk.session.endpoint
        asked = self._desk.shown_round()
        gauge = self._desk.gauge
        used, window, what = gauge.tokens, gauge.window or endpoint.window, "context"
        if asked is not None and (self._desk.candidates.has_focus or not used):
            current = self._desk.candidates.candidate
            receipt = (
                asked.sent(asked.number_of(current.id)).receipt
                if current is not None and not asked.veil
                else asked.receipt
            )
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
        short = _ladder(ladder)
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


def _ladder(text: str) -> str:
    """A row of temperatures in short: `0.2–1`, `T0.8`, or as it is."""
    heats = text.split()
    if len(heats) == 1:
        return f"T{text}"
    return f"{heats[0]}–{heats[-1]}" if heats == sorted(heats, key=float) else text


def _two_figures(rate: float) -> str:
    """`7.4`, `42`, `1,300`."""
    if rate < 10:
        return f"{rate:.1f}"
    size = 10 ** max(0, len(str(int(rate))) - 2)
    return f"{int(rate) // size * size:,}"


def _short(tokens: int) -> str:
    """`7.2k`."""
    return str(tokens) if tokens < 1000 else f"{tokens / 1000:.1f}k"
