"""The help of the player: its keys, and what is drawn in it. Pure."""

from __future__ import annotations

from composer.ui.helping import help_of
from composer.ui.signs import Signs
from composer.ui.widgets.timeline import RailSigns


def help_in_player(signs: Signs, width: int) -> str:
    """In lines of `width` cells."""
    drawn = RailSigns.of(signs)
    return help_of(
        "player",
        [
            (drawn.here, "on the timeline: where the film is"),
            (drawn.round, "a round was asked for"),
            (drawn.note, "a note on that moment; while it plays, the film lingers there"),
            (drawn.placed, "text of candidates was placed; in the text: what changed last"),
            (drawn.edited, "the text was edited by hand"),
            (f"{drawn.played} {drawn.ahead}", "what was played, and what is to come"),
            (signs.mark, "a marked piece, with its number in the splice"),
        ],
        "Candidates stream again as they did. Longer waits are cut to two seconds; i plays them as they were.",
        "Looking changes nothing. A branch and a new story take nothing away from what came later.",
        width=width,
    )
