"""What the panes of the context screen show: each is brought up to what is true, and repaints only what differs. It changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from composer.context.sheet import how_counted
from composer.text.clean import one_line
from composer.ui import asking, contexts
from composer.ui.contexts import Context, Row
from composer.ui.costs import cost_words
from composer.ui.keymap import chord, hints
from composer.ui.phrases import counted
from composer.ui.prompts import lay
from composer.ui.signs import Signs
from composer.ui.widgets.pane import StatusLine
from composer.ui.widgets.parts import WIDE, Kind, PartsView, Rule, Says
from composer.ui.widgets.prompt import PromptView
from composer.ui.wrapping import wrap

if TYPE_CHECKING:
    from composer.ui.screens.context import ContextScreen

PARAGRAPH = "¶"
"""The sign of a paragraph in receipts."""
AROUND = 6
"""Lines of the screen that are neither table nor text."""
UNKNOWN = "·"
"""The sign of a part of which it is not known what would be sent."""
FOOT = 2
"""Lines at the foot that say what keys do."""
LINES, TEXT = 12, 3
"""Lines that the table takes before the text has its share, and those that the text keeps in any case."""


class ContextPanes:
    """The screen's panes."""

    def __init__(self, desk: ContextScreen) -> None:
        self._desk = desk
        self._shown: object = None
        """Which text is shown."""

    @property
    def table(self) -> PartsView:
        return self._desk.query_one(PartsView)

    @property
    def text(self) -> PromptView:
        return self._desk.query_one(PromptView)

    @property
    def _signs(self) -> Signs:
        return Signs.of(self._desk.app)

    def _rule(self, name: str) -> Rule:
        return self._desk.query_one(f"#context-{name}", Rule)

    def show(self) -> None:
        """Bring all of it up to what is true."""
        desk, table = self._desk, self.table
        made, kind = self._rows()
        if (sign := self._signs.paragraph) != PARAGRAPH:
            made = [
                replace(row, label=row.label.replace(PARAGRAPH, sign), why=row.why.replace(PARAGRAPH, sign))
                for row in made
            ]
        beside = desk.shaping.beside if kind == "both" else None
        table.show(
            made,
            contexts.same_row(made, table.row, table.at),
            kind,
            named=beside.shape.amount if beside is not None else "",
            beside={part.name: part.tokens for part in beside.context.receipt.parts} if beside is not None else None,
            note=self._note(),
            error=desk.shaping.error if not desk.as_sent and desk.comparing.against is None else None,
        )
        self.fit()
        self._show_title()
        self._show_total()
        self.show_says()
        self.show_text()

    def fit(self) -> None:
        """Give the table as many lines as it needs, and the text the others."""
        width, height = self._desk.app.size
        height -= AROUND
        most = min(max(LINES, height * 3 // 5), height - TEXT)
        lines = max(3, min(self.table.wanted(width), most))
        now = self.table.styles.height
        if now is None or now.value != lines:
            self.table.styles.height = lines

    # the table

    def _rows(self) -> tuple[Sequence[Row], Kind]:
        desk, context, done = self._desk, self._desk.context, self._signs.done
        if desk.comparing.against is not None and context is not None:
            return contexts.difference(desk.comparing.against.context, context, desk.comparing.folded), "difference"
        if context is None:
            shaped = desk.shaping.error is not None and desk.shaping.sending is not None and not desk.as_sent
            return (contexts.levers(desk.shaping.shown, UNKNOWN) if shaped else ()), "parts"
        both = not desk.as_sent and desk.shaping.beside is not None
        lens = desk.recipe.lens if desk.recipe is not None else ""
        return contexts.rows(context, desk.unfolded, lens, done), "both" if both else "parts"

    def _note(self) -> str:
        """What is told above a stored context: why it was sent in place of another."""
        candidate, desk = self._desk.candidate, self._desk
        if candidate is None or not desk.as_sent or desk.comparing.against is not None:
            return ""
        return desk.session.story.round(candidate.round).sent(candidate.number).why

    # the rules

    def _show_title(self) -> None:
        desk, context, recipe = self._desk, self._desk.context, self._desk.recipe
        right: tuple[str, ...] = ()
        endpoints, budget = desk.session.endpoints, context.receipt.budget if context is not None else 0
        if context is None and not desk.as_sent and desk.shaping.error is not None and desk.shaping.base:
            # What can't be made is too large for this, more often than not.
            recipe = desk.shaping.base[0]
            budget = endpoints.endpoint(recipe.endpoint).window_of(recipe.model)
        if recipe is not None and budget:
            model = one_line(recipe.model or recipe.endpoint, 40)
            window = f"window {budget:,}"
            several = f" · {desk.shaping.several}" if desk.shaping.several and not desk.as_sent else ""
            if not desk.as_sent and endpoints.endpoint(recipe.endpoint).window_source(recipe.model) == "guess":
                window += ", a guess"
            right = (
                f"{model} · {window}{several}",
                f"{model} · {budget:,}{several}",
                f"{model}{several}",
            )
        self._rule("title").show(self._titles(context), right)

    def _titles(self, context: Context | None) -> Sequence[str]:
        """What is shown, long and short."""
        desk, candidate = self._desk, self._desk.candidate
        if desk.comparing.against is not None:
            now = f"candidate {candidate.id}" if desk.as_sent and candidate is not None else "as it would be sent"
            return [f"Difference · round {desk.comparing.against.number} {self._signs.arrow} {now}"]
        if desk.as_sent and candidate is not None:
            asked = desk.session.story.round(candidate.round)
            place = asking.place_of(desk.session.story, asked).removeprefix("the ")
            shape = contexts.named((context.receipt.shape,)) if context is not None else ""
            name = f"As sent to candidate {candidate.id}"
            return [" · ".join(words) for words in ((name, place, asked.kind, shape), (name, place, shape), (name,))]
        place, shaped = desk.shaping.place.removeprefix("the "), contexts.named(desk.shaping.shapes)
        kind = desk.shaping.sending.wish.kind if desk.shaping.sending is not None else "can't be sent"
        if desk.shaping.apart:
            shaped += " · to look at" if desk.session.read_only else " · this request alone"
        return [f"Context · {place} · {kind} · {shaped}", f"Context · {place} · {shaped}", f"Context · {shaped}"]

    def _show_total(self) -> None:
        desk, context = self._desk, self._desk.context
        if context is None:
            self._rule("total").show([""])
            return
        how = how_counted(context.receipt)
        if desk.as_sent:
            change, told = 0, self._told()
        else:
            change, told = desk.shaping.change, desk.shaping.cost
        right = [f"{how} · {told}", f"{how} · {told.removeprefix('at most ')}", how] if told else [how]
        self._rule("total").show(contexts.totals(context.receipt, change), right)

    def _told(self) -> str:
        """What its server told of a candidate: tokens and cost."""
        ending = self._desk.candidate.ending if self._desk.candidate is not None else None
        if ending is None:
            return ""
        told = [f"its server counted {ending.prompt_tokens:,}" if ending.prompt_tokens else ""]
        told.append(cost_words(ending.cost, self._signs) if ending.cost is not None else "")
        return " · ".join(each for each in told if each)

    # the foot

    def show_says(self) -> None:
        """The lines that say what keys do, or ask something; and the last one."""
        desk = self._desk
        self._desk.query_one(Says).show(self._says(), asks=desk.question is not None or bool(desk.said))
        context = desk.context
        tokens = ""
        if context is not None:
            both = context.receipt.tokens + context.receipt.reserve
            tokens = f"{_short(both)}/{_short(context.receipt.budget)}"
        self._desk.query_one(StatusLine).show(
            [
                ("LETTERS ACT", "LETTERS ACT"),
                self._will(),
                (f"context {tokens}" if tokens and desk.app.size.width >= WIDE else "", tokens),
                self._turns(),
                (f"{chord('help')} help", f"{chord('help')} help"),
                (hints("context.leave"), hints("context.leave")),
            ]
        )

    def has_room(self, words: str) -> bool:
        """Whether words have room at the foot."""
        return len(wrap(words, max(10, self._desk.app.size.width - 4))) <= FOOT

    def _says(self) -> Sequence[str]:
        desk = self._desk
        if desk.question is not None:
            return [desk.question.words]
        if desk.said:
            return [desk.said]
        if desk.far:
            return [f"Asking {desk.far} what it takes…", hints("context.leave")]
        if desk.comparing.against is not None:
            leave = chord("context.leave")
            signs = f"+ came   - went   ~ changed   = the same   {leave} closes the difference"
            return [hints("context.older", "part.unfold", "context.read_on"), signs]
        if desk.as_sent:
            return [
                hints("part.up", "part.unfold", "context.read_on"),
                hints("context.diff", "context.turn"),
            ]
        running = desk.session.condensing.running
        own = () if desk.session.read_only else ("part.condense", "part.edit")
        shape = hints("part.mute", "part.pin", *own, "part.strategy", "context.repeats")
        if running:
            stop = hints("context.stop")
            shape = f"{counted(running, 'summary', 'summaries')} on the way; the table follows as they come.   {stop}"
        amounts = hints("context.full", "context.lean", "context.bare", "context.plain", between="  ")
        other = "context.next" if desk.shaping.several else "context.both"
        return [shape, f"{amounts}   {hints(other, 'context.diff', 'context.undo')}"]

    def _will(self) -> tuple[str, str]:
        """What ctrl+g does here."""
        ask, shaping = chord("round.ask"), self._desk.shaping
        if self._desk.as_sent:
            return "this was sent already", "sent already"
        if self._desk.session.read_only:
            return "open for reading only", "read only"
        if shaping.error is not None:
            return f"{ask} can't send it", f"{ask} can't"
        if shaping.needs_instruction:
            return f"{ask} asks for the instruction", f"{ask} instruction"
        times = f"{self._signs.times}{shaping.count}"
        return f"{ask} sends it {times}, to the candidates", f"{ask} sends it {times}"

    def _turns(self) -> tuple[str, str]:
        """What turns between what was sent and what would be."""
        turn = chord("context.turn")
        if self._desk.candidate is None:
            return "", ""
        if self._desk.as_sent:
            return f"{turn} as it would be sent now", f"{turn} as now"
        return f"{turn} as it was sent", f"{turn} as sent"

    # the text

    def show_text(self) -> None:
        """The text of the row under the cursor; where it is the one that was shown, as it was scrolled."""
        row, context = self.table.row, self._desk.context
        if row is None or context is None:
            self._shown = None
            self.text.show(lay(""), None)
            self._rule("part").show([""])
            return
        text, sent = self._text(row, context)
        if (row.key, text) != self._shown:
            self._shown = (row.key, text)
            self.text.show(lay(text, chat=text == context.whole))
        self._name_text(row, bool(text), sent)

    def name_text(self) -> None:
        """Tell how far the text is scrolled."""
        row, context = self.table.row, self._desk.context
        if row is not None and context is not None:
            text, sent = self._text(row, context)
            self._name_text(row, bool(text), sent)

    def _text(self, row: Row, context: Context) -> tuple[str, bool]:
        against = self._desk.comparing.against
        if against is not None and not row.tokens and not row.text:
            # What is not sent any more is shown as it was.
            return contexts.body_of(against.context.text(row.part)), False
        return contexts.text_of(context, row, None if self._desk.as_sent else self._desk.session.story)

    def _name_text(self, row: Row, some: bool, sent: bool) -> None:
        above, all_of_it = self.text.seen
        context = self._desk.context
        if context is not None and not context.placed and some and sent and not row.text:
            # Which piece is which part was not kept.
            left = [f"the whole request, as it {'was sent' if self._desk.as_sent else 'will go out'}"]
        elif row.text:
            left = [f"{row.part} · {'came' if row.sign == '+' else 'went'}"]
        elif row.item is not None and row.item.stale and not self._desk.as_sent:
            left = [f"{row.label} · {row.why}; {chord('part.condense')} writes it again", f"{row.label} · {row.why}"]
        elif not self.table.why_fits(row):
            # The reason has no room in the table.
            left = [f"{row.label} · {row.why}", row.why]
        elif self._desk.comparing.against is not None and not sent:
            left = [f"{row.label} · as it was sent then"]
        elif not some:
            left = [f"{row.label} · nothing of it is sent"]
        elif not sent:
            left = [f"{row.label} · not sent"]
        else:
            left = [f"{row.label} · {'as it was sent' if self._desk.as_sent else 'as it will go out'}"]
        self._rule("part").show(left, ["all of it" if all_of_it else f"{above} % above"] if some else [])


def _short(tokens: int) -> str:
    """`7.2k`."""
    return str(tokens) if tokens < 1000 else f"{tokens / 1000:.1f}k"
