"""What each amount of context means, part by part: one table. It knows no story and no tokens but its own limits."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from composer.story.candidate import RoundKind
from composer.story.shape import Amount, PartName, Strategy

_SHARES = {1: "", 2: "half", 3: "a third", 4: "a quarter", 5: "a fifth"}


class Rule(Struct, frozen=True):
    """How much of a part is sent.

    `out` leaves it out, but for rounds of the kinds in `but_for`. Where not everything fits, it takes one part in `share` of the
    room at most, 1 for all of it; `most` is a limit in tokens that always holds, 0 for none. `things` limits how many things of
    it are sent, 0 for all. `strategy` says what stays where there is no room for all of it.
    """

    out: bool = False
    but_for: tuple[RoundKind, ...] = ()
    share: int = 1
    most: int = 0
    things: int = 0
    strategy: Strategy = "newest"

    def is_out(self, kind: RoundKind) -> bool:
        """Whether a round of that kind goes without the part."""
        return self.out and kind not in self.but_for

    def limit(self, room: int) -> int:
        """The most tokens of the part where not everything fits in `room`."""
        return min(room // self.share, self.most or room)

    @property
    def words(self) -> str:
        """The rule for people."""
        if self.out:
            return f"left out, but for {', '.join(self.but_for)}" if self.but_for else "left out"
        said = []
        if self.things:
            said.append("the one most like the beat" if self.things == 1 else f"the {self.things} most like the beat")
        elif self.strategy == "likest":
            said.append("what is most like the beat")
        if self.most:
            said.append(f"at most {self.most:,} tokens")
        if self.share > 1:
            said.append(f"at most {_SHARES.get(self.share, f'one part in {self.share}')} of the room")
        return ", ".join(said) or "all that fits"


_OUT = Rule(out=True)
_WHOLE = Rule()

PRESETS: Mapping[Amount, Mapping[PartName, Rule]] = {
    "full": {
        "purpose": _WHOLE,
        "exemplars": Rule(share=5, strategy="likest"),
        "notes": Rule(share=5),
        "outline": Rule(share=4),
        "earlier, condensed": Rule(share=3),
        "earlier text": _WHOLE,
        "previous paragraph": _WHOLE,
        "text after": _WHOLE,
    },
    "lean": {
        "purpose": _WHOLE,
        "exemplars": Rule(share=5, things=1, strategy="likest"),
        "notes": Rule(share=5),
        "outline": Rule(most=300),
        "earlier, condensed": Rule(share=3, most=500, strategy="likest"),
        "earlier text": Rule(most=1_000, strategy="likest"),
        "previous paragraph": _WHOLE,
        "text after": _WHOLE,
    },
    # Nearly nothing: what cures a model that goes in circles.
    "bare": {
        "purpose": Rule(out=True, but_for=("outline", "expand", "draft")),
        "exemplars": _OUT,
        "notes": _OUT,
        "outline": Rule(out=True, but_for=("outline", "expand")),
        "earlier, condensed": _OUT,
        "earlier text": _OUT,
        "previous paragraph": _WHOLE,
        "text after": Rule(out=True, but_for=("fill",)),
    },
}
"""Parts that are not named here are always sent whole."""


def rule(amount: Amount, part: PartName) -> Rule:
    """How much of a part that amount sends."""
    return PRESETS[amount].get(part, _WHOLE)
