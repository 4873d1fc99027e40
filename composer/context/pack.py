"""Packing: from a story and a place to chat messages within a budget, with a receipt.

Pieces are counted with what separates them, so that the sum of the counts is the count of the whole. Text that does not fit goes
from its oldest paragraph on; then the outline shrinks around the present beat; what is needed to make sense is never cut, and
where that alone is too large the request is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from msgspec import Struct

from composer.context import wording
from composer.errors import RefusedError
from composer.story.candidate import Amount, PartReceipt, Receipt, RoundKind
from composer.story.manuscript import START, Block, Position
from composer.story.outline import Row
from composer.story.story import Story
from composer.text.holes import HOLE

PER_MESSAGE = 8
"""Tokens that a chat format adds to a message, at most."""
LEAST_PREVIOUS = 400
"""Characters of the previous paragraph that are kept when all of it is too long."""


class Packed(Struct, frozen=True):
    """A request: messages as (role, pieces of text), and its receipt.

    The role `suffix` is of text that the answer leads to, where it was wished for apart; `assistant` of a begun answer.
    """

    messages: tuple[tuple[str, tuple[str, ...]], ...]
    receipt: Receipt


Form = Literal["chat", "plain"]
"""Messages with headings for a model that takes instructions; or one text that ends where a base model is to go on."""

LEAN_SO_FAR = 1_000
"""Tokens of the story so far in a lean request, at most."""
LEAN_OUTLINE = 300
"""Tokens of the outline in a lean request, at most."""


class Wish(Struct, frozen=True):
    """What is asked for: the kind, the text [start, end) it is for, the beat it tells, and the writer's instruction.

    `passage` is the text to be changed where that is not what stands there. With `suffix` the text after goes apart; `begun`
    is the beginning of the answer, to be gone on with.
    """

    kind: RoundKind
    start: Position
    end: Position
    beat: str
    instruction: str = ""
    lens: str = ""
    amount: Amount = "full"
    passage: str = ""
    form: Form = "chat"
    suffix: bool = False
    begun: str = ""


class _Part(Struct):
    name: str
    pieces: list[str]
    tokens: int
    cut: int = 0
    why: str = ""


def pack(story: Story, wish: Wish, count: Callable[[str], int], window: int, reserve: int) -> Packed:
    """The request for `wish`, of at most `window` - `reserve` tokens by `count`. RefusedError if its core does not fit."""
    budget = window - reserve - 2 * PER_MESSAGE

    def part(name: str, why: str, heading: str, body: str) -> _Part:
        piece = f"{heading}\n{body}\n\n" if heading else body
        return _Part(name, [piece], count(piece), 0, why) if body else _Part(name, [], 0)

    before = _before(story, wish.start)
    previous = before.pop() if before else ""
    passage = wish.passage
    if not passage and wish.start != wish.end:
        passage = story.manuscript.fragment(wish.start, wish.end).text
    beat = story.outline.find(wish.beat) if wish.beat else None
    asked = "\n".join(line for line in (beat.text.title, beat.text.summary, beat.text.notes) if line) if beat else ""

    plain = wish.form == "plain"
    system = part("instructions", "always", "", "" if plain else wording.instructions(wish.kind, wish.lens))
    heading = wording.PASSAGE
    if wish.kind == "fill" and HOLE.fullmatch(passage):
        heading, passage = wording.HOLE, passage[1:-1]
    begun = part("begun answer", "to be gone on with", "", wish.begun)
    if plain:
        note = wording.note(wish.kind, asked, wish.instruction, wish.lens, passage)
        core = [part("beat and instruction", "always", "", note)]
    else:
        core = [
            part("passage", "always", heading, passage),
            part("instruction", "always", wording.INSTRUCTION, wish.instruction),
            part("beat", "always", wording.NEXT, asked),
        ]
    left = budget - system.tokens - sum(each.tokens for each in core) - begun.tokens
    if left < 0 and begun.tokens:
        raise RefusedError(
            f"The instruction, the beat and the answer as far as it has come need {budget - left:,} tokens, "
            f"and the model takes {budget:,}: {-left:,} too many.",
            "Go on from an earlier place: v marks a span, enter places it; or choose a model with a larger window.",
        )
    if left < 0:
        raise RefusedError(
            f"The instruction and the beat alone need {budget - left:,} tokens, and the model takes {budget:,}: "
            f"{-left:,} too many.",
            "Shorten the beat or the instruction, or choose a model with a larger window.",
        )
    heading = "" if plain else wording.PREVIOUS
    if plain and previous and wish.kind != "fill":
        previous += "\n\n"
    near = part("previous paragraph", "always", heading, previous)
    if near.tokens > left:
        near = part("previous paragraph", "its end alone fits", heading, previous[-LEAST_PREVIOUS:])
        near = near if near.tokens <= left else _Part(near.name, [], 0, near.tokens, "no room")
    left -= near.tokens

    purpose = _fit(part("purpose", "always", wording.PURPOSE, story.details.purpose), left)
    left -= purpose.tokens
    after = _Part("text after", [], 0)
    if wish.kind != "continue":
        apart = wish.suffix and wish.kind == "fill"
        behind = _after(story, wish.end)
        if apart and behind and _spaced(story, wish.end):
            behind = f" {behind}"
        after = part("text after", "for the join", "" if apart else wording.AFTER, behind)
        after = _fit(after, left)
        left -= after.tokens
    rows = [row for row in story.outline.rows() if row.beat.text.line]
    most = {"full": left, "lean": min(left, LEAN_OUTLINE), "bare": 0}[wish.amount]
    outline = _outline(rows, wish.beat, count, most)
    left -= outline.tokens
    most = {"full": left, "lean": min(left, LEAN_SO_FAR), "bare": 0}[wish.amount]
    so_far = _so_far(before, count, most, "" if plain else wording.SO_FAR)
    if wish.amount != "full":
        for each in (outline, so_far):
            each.why = f"{wish.amount}: {each.why if each.pieces else 'left out'}" if each.cut else each.why

    if plain and wish.kind in ("continue", "fill"):
        user = [purpose, outline, after, so_far, *core, near]
    else:
        user = [purpose, outline, so_far, near, after, *core]
    if wish.suffix and wish.kind == "fill":
        user.remove(after)
    if not any(each.pieces for each in user):
        user.append(part("beat", "nothing else is there yet", "" if plain else wording.NEXT, "The story begins.\n\n"))
    extra = [each for each in (after, begun) if each not in user]
    shown = [each for each in (system, *user, *extra) if each.pieces or each.cut]
    receipt = Receipt(
        tokens=sum(each.tokens for each in shown) + 2 * PER_MESSAGE,
        budget=window,
        reserve=reserve,
        parts=tuple(PartReceipt(each.name, each.tokens, bool(each.pieces), each.cut, each.why) for each in shown),
    )
    pieces = tuple(piece for each in user for piece in each.pieces)
    messages: list[tuple[str, tuple[str, ...]]] = [("system", tuple(system.pieces))] if system.pieces else []
    messages.append(("user", pieces))
    if after not in user and after.pieces:
        messages.append(("suffix", tuple(after.pieces)))
    if begun.pieces:
        messages.append(("assistant", tuple(begun.pieces)))
    return Packed(tuple(messages), receipt)


def _fit(part: _Part, left: int) -> _Part:
    return part if part.tokens <= left else _Part(part.name, [], 0, part.tokens, "no room")


def _before(story: Story, start: Position) -> list[str]:
    """The paragraphs before a place, oldest first, with what stands before it in its own."""
    if start == START:
        return []
    index = story.manuscript.index(start.block)
    blocks = [block.text for block in story.manuscript.between(0, index) if _is_prose(block)]
    own = story.manuscript.block(start.block).text[: start.offset].strip()
    return [*blocks, own] if own else blocks


def _is_prose(block: Block) -> bool:
    return bool(block.spans) and not block.is_scene_break


def _after(story: Story, end: Position) -> str:
    """The rest of the paragraph behind a place; the next one too where little is left."""
    if end == START:
        return ""
    index = story.manuscript.index(end.block)
    texts = [story.manuscript.block(end.block).text[end.offset :].strip()]
    texts += [block.text for block in story.manuscript.between(index + 1, index + 3) if _is_prose(block)]
    texts = [text for text in texts if text]
    return "\n\n".join(texts[:2] if texts and len(texts[0]) < LEAST_PREVIOUS else texts[:1])


def _spaced(story: Story, end: Position) -> bool:
    """Whether white space follows a place."""
    return end != START and story.manuscript.block(end.block).text[end.offset : end.offset + 1].isspace()


def _outline(rows: list[Row], beat: str, count: Callable[[str], int], left: int) -> _Part:
    """The outline with the present beat marked; where it is too long, as many lines around that beat as fit."""
    here = next((at for at, row in enumerate(rows) if row.beat.id == beat), 0)

    def text(first: int, last: int) -> str:
        lines = [
            "  " * row.depth + ("> " if row.beat.id == beat else "- ") + row.beat.text.line for row in rows[first:last]
        ]
        return f"{wording.OUTLINE}\n" + "\n".join(lines) + "\n\n"

    if not rows:
        return _Part("outline", [], 0)
    whole = text(0, len(rows))
    if (tokens := count(whole)) <= left:
        return _Part("outline", [whole], tokens, 0, "all of it, the present beat marked")
    first, last = here, here + 1
    best = _Part("outline", [], 0, tokens, "no room")
    while first > 0 or last < len(rows):
        first, last = max(0, first - 4), min(len(rows), last + 4)
        some = text(first, last)
        if (size := count(some)) > left:
            break
        best = _Part("outline", [some], size, tokens - size, "the beats around the present one")
    return best


def _so_far(paragraphs: list[str], count: Callable[[str], int], left: int, title: str) -> _Part:
    """As many of the newest paragraphs as fit, in order."""
    if not paragraphs:
        return _Part("story so far", [], 0)
    heading = f"{title}\n" if title else ""
    tokens = count(heading)
    kept: list[str] = []
    cut = 0
    for at in range(len(paragraphs) - 1, -1, -1):
        piece = paragraphs[at] + "\n\n"
        size = count(piece)
        if tokens + size > left:
            cut = sum(count(text + "\n\n") for text in paragraphs[: at + 1])
            break
        tokens += size
        kept.append(piece)
    if not kept:
        return _Part("story so far", [], 0, cut, "no room")
    why = "all of it" if len(kept) == len(paragraphs) else f"the newest {len(kept)} of {len(paragraphs)} paragraphs"
    return _Part("story so far", [*([heading] if heading else []), *reversed(kept)], tokens, cut, why)
