"""How far along the outline is: what the text holds of each beat, its standing, its words and what is wanted of it.

Values alone: it keeps no counts between two looks and draws nothing. Words are those of `text.words`.

Limits: a candidate's text of which the writer only took words out is as the model wrote it still, since nothing in it is by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from composer.story.manuscript import Block
from composer.story.outline import Beat, BeatText, Outline
from composer.story.spans import Generated, Repaired
from composer.text.words import count_words

Standing = Literal["empty", "candidates", "drafted", "edited", "done"]
"""How far a beat is: nothing yet; candidates were asked for; it has text, all of it as models wrote it, seams mended; some of its
text was typed, edited or imported; the writer says that it is done."""
STANDINGS: tuple[Standing, ...] = ("empty", "candidates", "drafted", "edited", "done")
"""The least first."""


class Held(Struct, frozen=True):
    """What the text holds of a beat: words, paragraphs with text, and those of them that are not all as models wrote them."""

    words: int = 0
    paragraphs: int = 0
    by_hand: int = 0


NOTHING = Held()


class Progress(Struct, frozen=True):
    """How far along a beat is. `candidates` are those that were asked for it.

    `words` and `target` are with those of the beats below; a target that is set for a beat holds for all of it. `leaves` are the
    beats below that have none below themselves, 0 for a beat that is one; `done` are those of them that are done, all if the
    beat is.
    """

    standing: Standing = "empty"
    words: int = 0
    target: int = 0
    candidates: int = 0
    done: int = 0
    leaves: int = 0


def of_block(block: Block) -> Held:
    """What one paragraph holds. White space and scene breaks are no text."""
    text = block.text
    if not text.strip() or block.is_scene_break:
        return NOTHING
    by_hand = any(span.text.strip() and not isinstance(span.origin, Generated | Repaired) for span in block.spans)
    return Held(count_words(text), 1, int(by_hand))


def of_beat(text: BeatText, held: Held, candidates: int, below: Sequence[Progress] = ()) -> Progress:
    """How far along a beat is that says `text` and of which the manuscript holds `held`; `below` are the beats right below it.

    A beat with beats below is done if it is said to be, or all of them are; else it stands where the least of what there is of it
    stands, its own text among it, and is edited at most. So it is empty only if all of it is.
    """
    own: Standing = (
        "edited" if held.by_hand else "drafted" if held.paragraphs else "candidates" if candidates else "empty"
    )
    if not below:
        return Progress("done" if text.done else own, held.words, text.target, candidates)
    words, target, done, leaves = held.words, 0, 0, 0
    least = len(STANDINGS)
    for each in below:
        words += each.words
        target += each.target
        leaves += each.leaves or 1
        done += each.done if each.leaves else each.standing == "done"
        if each.standing != "empty":
            least = min(least, STANDINGS.index(each.standing))
    if text.done:
        done = leaves
    if own != "empty":
        least = min(least, STANDINGS.index(own))
    if done == leaves:
        standing: Standing = "done"
    elif least == len(STANDINGS):
        standing = "empty"
    else:
        standing = STANDINGS[min(least, STANDINGS.index("edited"))]
    return Progress(standing, words, text.target or target, candidates, done, leaves)


def of_outline(outline: Outline, held: Mapping[str, Held], candidates: Mapping[str, int]) -> dict[str, Progress]:
    """How far along every beat is, by its id, from what the text holds of beats and what was asked for them."""
    found: dict[str, Progress] = {}

    def look(beat: Beat) -> Progress:
        below = [look(each) for each in beat.below]
        made = of_beat(beat.text, held.get(beat.id, NOTHING), candidates.get(beat.id, 0), below)
        found[beat.id] = made
        return made

    for beat in outline.beats:
        look(beat)
    return found
