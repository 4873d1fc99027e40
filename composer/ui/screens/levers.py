"""The levers of the context screen: what shapes a context, has earlier text condensed, or changes the text of a part.

They act on the row under the cursor, raise RefusedError where they can't, and leave to the screen what takes time.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from msgspec.structs import replace

from composer.context.presets import rule
from composer.context.sections import Section
from composer.errors import ComposerError, RefusedError
from composer.session.condensing import AT_ONCE, HEAT, Outcome
from composer.story.shape import Amount, PartName, Shape
from composer.text.clean import one_line
from composer.ui import contexts
from composer.ui.contexts import Row
from composer.ui.keymap import chord
from composer.ui.phrases import counted
from composer.ui.screens.part_text import PartText

if TYPE_CHECKING:
    from composer.ui.screens.context import ContextScreen

SHORTER = 8
"""A summary takes about one part in so many of the room of its text."""
STRATEGIC: tuple[PartName, ...] = ("exemplars", "earlier, condensed", "earlier text")
"""Parts of which the newest may stay, or what is most like the beat."""


@dataclass(frozen=True)
class Question:
    """Sections that are condensed if enter says so."""

    sections: tuple[Section, ...]
    words: str


class Levers:
    """A method for each lever."""

    def __init__(self, desk: ContextScreen) -> None:
        self._desk = desk

    @property
    def _shape(self) -> Shape:
        return self._desk.shaping.shown

    @property
    def _row(self) -> Row:
        """The row under the cursor."""
        if self._desk.row is None:
            raise RefusedError("There is no part here.")
        return self._desk.row

    # the shape

    def mute(self) -> None:
        row, before = self._row, self._shape
        now = contexts.turned(before, row)
        if row.thing in now.pinned and row.thing not in before.pinned:
            self._desk.say("It would not be sent by itself: it is pinned, so that it goes in first.")
        self._desk.set(now)

    def pin(self) -> None:
        self._desk.set(contexts.pinned(self._shape, self._row))

    def strategy(self) -> None:
        shape, row = self._shape, self._row
        part = next((name for name in STRATEGIC if name == row.part), None)
        if part is None:
            raise RefusedError(
                "There is nothing to choose here.",
                "On “earlier text”, its summaries and exemplars it is: the newest, or the likest to the beat.",
            )
        usual = rule(shape.amount, part).strategy
        if (shape.strategy(part) or usual) == "likest":
            now = shape.choosing(part, "newest")
            self._desk.say("The newest of it stays, where not all fits.")
        else:
            now = shape.choosing(part, "likest")
            self._desk.say("What is most like the beat stays, where not all fits.")
        if now.strategy(part) == usual:
            now = replace(now, strategies=tuple(each for each in now.strategies if each[0] != part))
        self._desk.set(now)

    def repeats(self) -> None:
        every = self._shape.repeats is not True
        self._desk.set(replace(self._shape, repeats=True if every else None))
        self._desk.say(
            "Passages that say the same are all sent." if every else "Of passages that say the same one is sent."
        )

    def amount(self, amount: Amount) -> None:
        self._desk.set(replace(self._shape, amount=amount))

    def clear(self) -> None:
        """Make it nothing but its preset; or put back what that took."""
        shaping, again = self._desk.shaping, chord("context.plain")
        if shaping.clear():
            words = f"It is nothing but the preset {self._shape.amount} now. {again} again puts back what it was."
        elif shaping.unclear():
            words = "It is what it was."
        else:
            self._desk.say(f"It is nothing but the preset {self._shape.amount} already.")
            return
        self._desk.pack()
        self._desk.say(words)

    def undo(self) -> None:
        self._desk.shaping.undo()
        self._desk.pack()

    def redo(self) -> None:
        self._desk.shaping.redo()
        self._desk.pack()

    # condensing

    def condense(self) -> None:
        """Ask whether earlier text is to be told in few words."""
        row = self._row
        if row.part not in contexts.EARLIER:
            raise RefusedError("Only earlier text can be told in few words.", "Stand on “earlier text” or a summary.")
        self._desk.work(partial(self._find, row))

    async def _find(self, row: Row) -> None:
        session = self._desk.session
        found = await session.condensing.sections(self._desk.shaping.until)
        thing = row.item.thing if row.item is not None else ""
        if thing:
            wanted = [section for section in found if section.thing == thing]
        else:
            wanted = [section for section in found if section.paraphrase is None or section.stale]
            wanted = self._missed(wanted) or wanted
        if not found:
            raise RefusedError("There is not enough earlier text to be told in few words.")
        if not wanted:
            raise RefusedError("All of it has been told in few words, and was not changed since.")
        self._desk.ask(Question(tuple(wanted[:AT_ONCE]), self._words(wanted)))

    def _missed(self, wanted: Sequence[Section]) -> list[Section]:
        """Those that are not sent as they stand, and those that will not be once summaries take up room."""
        sent = self._sent
        missed = []
        room = 0
        for section in wanted:
            if not sent.issuperset(section.text.split("\n\n")):
                room += section.tokens // SHORTER
            elif room > 0:
                room -= section.tokens
            else:
                continue
            missed.append(section)
        return missed

    @property
    def _sent(self) -> set[str]:
        """The paragraphs that are sent as they stand."""
        view = self._desk.shaping.view
        return {""} if view is None else {"", *(piece.removesuffix("\n\n") for piece in view.context.pieces)}

    def _words(self, wanted: Sequence[Section]) -> str:
        """The question."""
        endpoint = self._desk.session.endpoint
        now, more = wanted[:AT_ONCE], len(wanted) - AT_ONCE
        tokens = sum(section.tokens for section in now)
        told = [section.paraphrase for section in now if section.paraphrase is not None]
        anew = " anew" if len(told) == len(now) else ""
        own = sum(each.edited for each in told)
        model = one_line(endpoint.model or endpoint.name, 30)
        what = f"{counted(len(now), 'section')}, {tokens:,} tokens,"
        sent = self._sent
        if all(sent.issuperset(section.text.split("\n\n")) for section in now):
            words = f"All of it fits as it stands. Have {what} told{anew} in few words by {model} all the same?"
        else:
            words = f"{what} told{anew} in few words by {model}?"
        if own:
            words += f" {own} {'is' if own == 1 else 'are'} in your words now."
        if more > 0:
            words += f" {more:,} more wait."
        return f"{words} {chord('part.open')} asks, {chord('context.leave')} leaves it"

    def answer(self, question: Question) -> None:
        """Enter was pressed."""
        self._desk.work(partial(self._condense, question.sections))

    async def _condense(self, sections: Sequence[Section]) -> None:
        rounds = self._desk.session.rounds
        if waiting := rounds.unready(rounds.recipes((HEAT,))):
            await self._desk.get_ready(waiting)
        await self._desk.session.condensing.condense(sections)
        self._desk.look()

    async def stop(self) -> None:
        """Stop the summaries that are on their way."""
        await self._desk.session.condensing.stop()
        self._desk.look()

    def outcome(self, made: Outcome) -> str:
        """What came of summaries, and how many of them are sent now."""
        view = self._desk.shaping.view
        words = made.words
        if not made.written or view is None:
            return words
        told, text = (view.context.part(name) for name in contexts.EARLIER)
        kept = {item.thing for item in told.items if item.fate == "kept"} if told is not None else set()
        sent = len(kept.intersection(made.written))
        if sent:
            now = f", {sent} of them {'is' if sent == 1 else 'are'} sent now"
        elif text is not None and text.kept and not text.cut:
            now = "; none is sent now, as all of the text fits"
        else:
            now = "; none is sent now"
        return words.replace(" written", f" written{now}", 1)

    # editing

    def edit(self) -> None:
        """Open the text of the row."""
        row = self._row
        if row.part in contexts.AROUND:
            raise RefusedError(
                "What is put around the messages is the model's own.", "“prompt as sent” in the palette shows it."
            )
        if row.part == "begun answer":
            raise RefusedError("What the answer begins with is a candidate's text.", "Go on from another place in it.")
        if row.part == "earlier, condensed" and row.item is not None and row.item.thing:
            self._desk.work(partial(self._open_summary, row.item.thing))
        else:
            self._open_part(row.part)

    def _open_part(self, part: str) -> None:
        view, own = self._desk.shaping.view, self._shape.edit(part)
        if own is None and view is None:
            raise RefusedError("Its text is not known as long as no context can be made.")
        made = contexts.body_of(view.context.text(part)) if own is None and view is not None else None
        how = "from now on" if part == "instructions" and self._desk.shaping.lasts else "for this request alone"
        foot = "esc, ^s: keep   emptied: as the program makes it"
        if part in ("notes", "exemplars"):
            foot = f"esc, ^s: keep   “{part}” in the palette: for good"

        before = self._shape

        def keep(text: str) -> None:
            # All that is typed in one go is one step.
            first = self._shape == before
            self._desk.set(self._shape.editing(part, None if not text or text == made else text), step=first)

        self._open(f"Edit {how} · {part}", own if own is not None else made or "", keep, foot)

    async def _open_summary(self, thing: str) -> None:
        condensing = self._desk.session.condensing
        found = await condensing.sections(self._desk.shaping.until)
        section = next((each for each in found if each.thing == thing), None)
        if section is None:
            raise RefusedError("The text that this was a summary of is gone.")
        told = section.paraphrase.text if section.paraphrase is not None else ""
        self._open(
            f"Edit the summary · {one_line(section.label, 60)}",
            told,
            lambda text: condensing.write(section, text),
            "esc, ^s: keep in your words   emptied: no summary",
        )

    def _open(self, title: str, text: str, keep: Callable[[str], None], foot: str) -> None:
        def kept(changed: str) -> bool:
            try:
                keep(changed)
            except ComposerError as error:
                self._desk.refuse(error)
                return False
            return True

        main = self._desk.app.main
        assert main is not None
        self._desk.app.push_screen(PartText(title, text, main.clips, self._desk.session.new_id, kept, foot))
