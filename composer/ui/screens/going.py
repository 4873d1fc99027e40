"""Going places on the main screen: to a beat, a hole or a paragraph from a list, and to the candidate behind the caret."""

from __future__ import annotations

from typing import TYPE_CHECKING

from composer.story.manuscript import START, Position
from composer.story.spans import Generated, Origin, Written, candidate_of, cut
from composer.ui import caret as carets
from composer.ui import tints

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen


class Guide:
    """Moves the caret or the cursor, and nothing else."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk

    def open(self) -> None:
        """The list of places to go to."""
        from composer.ui.screens.picker import Choice, Picker

        story = self._desk.story
        choices: list[Choice] = []
        for row in story.outline.rows():
            label = f"{'  ' * row.depth}{f'{row.number} ' if row.number else ''}{row.beat.text.line}"
            choices.append(Choice(f"beat:{row.beat.id}", label))
        for spot, hole in carets.holes(story.manuscript):
            choices.append(Choice(f"place:{spot.block}:{spot.offset}", f"hole {hole}"))
        sign = self._desk.app.signs.paragraph
        for number, block in enumerate(story.manuscript, 1):
            if block.spans:
                choices.append(Choice(f"place:{block.id}:0", f"{sign}{number} {block.text[:60]}"))
        self._desk.app.push_screen(
            Picker(f"Go to: {story.details.unit}, chapter, hole, {sign}12", choices), self._chosen
        )

    def _chosen(self, chosen: str | None) -> None:
        if not chosen:
            return
        kind, _, rest = chosen.partition(":")
        if kind == "beat":
            self._desk.planner.open_beat(rest)
        else:
            block, _, offset = rest.rpartition(":")
            if block in self._desk.story.manuscript:
                self._desk.text.go(Position(block, int(offset)))
                self._desk.set_focus(self._desk.text)

    def origin(self) -> None:
        """To the candidate behind the caret, on the piece that holds its character; in the outline to that behind a beat."""
        if self._desk.outline.has_focus and (beat := self._desk.story.outline.find(self._desk.outline.beat)):
            self._tell(beat.text.origin or Written())
            return
        caret = self._desk.caret
        spans = () if caret == START else self._desk.story.manuscript.block(caret.block).spans
        here = cut(spans, caret.offset, caret.offset + 1) or cut(spans, caret.offset - 1, caret.offset)
        if not here:
            self._desk.say("There is no text at the caret.")
            return
        self._tell(here[0].origin)

    def _tell(self, origin: Origin) -> None:
        if name := candidate_of(origin):
            self._desk.show_candidate(name, origin.start if isinstance(origin, Generated) else 0)
        words = tints.origin_words(self._desk.story, origin)
        self._desk.say(f"{words[0].upper()}{words[1:]}.")
