"""What is asked of the packer: the kind of request, its place, and what it is made of. A value; it packs nothing."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from composer.story.candidate import RoundKind
from composer.story.manuscript import Position
from composer.story.shape import Shape

Form = Literal["chat", "plain"]
"""Messages with headings for a model that takes instructions; or one text that ends where a base model is to go on."""


class Wish(Struct, frozen=True):
    """What is asked for: the kind, the text [start, end) it is for, the beat it tells, and the writer's instruction.

    `passage` is the text to be changed where that is not what stands there. With `suffix` the text after goes apart; `begun`
    is the beginning of the answer, to be gone on with. `beats` are those of a whole draft, in order. A passage that is to be told
    in few words is sent without the story, and no shape holds for it.
    """

    kind: RoundKind
    start: Position
    end: Position
    beat: str
    instruction: str = ""
    lens: str = ""
    shape: Shape = Shape()
    passage: str = ""
    form: Form = "chat"
    suffix: bool = False
    begun: str = ""
    beats: tuple[str, ...] = ()

    @property
    def alone(self) -> bool:
        """Whether its passage is sent without the story."""
        return self.kind in ("condense", "summary")
