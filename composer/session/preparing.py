"""From a wish and recipes to requests: what each candidate is sent, with its receipt, and what of that is stored.

Candidates of one endpoint, template, lens and shape share what they are sent. What is sent is counted once more as it goes out. It
may run in any thread; it sends nothing.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec.structs import replace

from composer.context.wish import Form, Wish
from composer.errors import RefusedError
from composer.journal.entry import digest
from composer.session.ports import Counter, Endpoint, Endpoints, Request
from composer.story.candidate import Message, PartReceipt, Receipt, Recipe, Sent
from composer.story.shape import Shape
from composer.story.story import Story

if TYPE_CHECKING:
    from composer.context.measures import Measured
    from composer.context.pack import Packed

PLAIN = "plain"
"""The template of base models, which go on from a text."""
GOING_ON = 80
"""Tokens that asking for a begun answer in words may take."""
PACKINGS = 4
"""How often a request is packed anew for what a template adds to it, or for what its count as sent is more, at most."""

Measure = Callable[[Counter], "Measured | None"]
"""The counts of the story's blocks by a counter, where they are kept."""


@dataclass(frozen=True)
class Prepared:
    """What the candidates with these numbers, from 1, are sent. `texts` are the messages as (role, pieces of text)."""

    numbers: tuple[int, ...]
    messages: tuple[Message, ...]
    receipt: Receipt
    requests: tuple[Request, ...]
    texts: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def sent(self) -> Sent:
        return Sent(self.numbers, self.messages, self.receipt)

    @property
    def pieces(self) -> tuple[str, ...]:
        """The pieces of all messages, as the receipt's parts count them."""
        return tuple(piece for _, parts in self.texts for piece in parts)

    @property
    def stored(self) -> dict[str, bytes]:
        """The pieces by their hashes."""
        names = (name for message in self.messages for name in message.pieces)
        return dict(zip(names, (piece.encode() for piece in self.pieces), strict=True))


def prepared(
    story: Story,
    wish: Wish,
    made: Sequence[Recipe],
    shapes: Sequence[Shape],
    endpoints: Endpoints,
    measure: Measure = lambda _: None,
) -> list[Prepared]:
    """The requests of a round, those of its first candidate first. `shapes` are those of the recipes, one for each.

    RefusedError where the wish does not fit a model, EndpointError where a template fails.
    """
    groups: dict[tuple[str, str, str, str, Shape], list[int]] = {}
    for number, (recipe, shape) in enumerate(zip(made, shapes, strict=True), 1):
        key = recipe.endpoint, recipe.model, recipe.template, recipe.lens, shape
        groups.setdefault(key, []).append(number)
    found: dict[tuple[tuple[Message, ...], Receipt], Prepared] = {}
    for (*_, shape), numbers in groups.items():
        recipes = [made[number - 1] for number in numbers]
        endpoint = endpoints.endpoint(recipes[0].endpoint)
        reserve = max(_limit(recipe, endpoint) for recipe in recipes)
        try:
            texts, receipt = _fitted(story, replace(wish, shape=shape), recipes[0], endpoint, reserve, measure)
        except RefusedError as refused:
            if len({key[:4] for key in groups}) == 1:
                raise
            raise RefusedError(f"{endpoint.name}: {refused.sentence}", refused.next_step) from None
        messages = tuple(
            Message(role, tuple(digest(piece.encode()) for piece in parts))  # type: ignore[arg-type]
            for role, parts in texts
        )
        sent = tuple((role, "".join(parts)) for role, parts in texts if role != "assistant")
        requests = tuple(Request(sent, recipe, _limit(recipe, endpoint), wish.begun) for recipe in recipes)
        one = Prepared(tuple(numbers), messages, receipt, requests, texts)
        same = found.get((messages, receipt))
        if same is not None:
            one = Prepared(same.numbers + one.numbers, messages, receipt, same.requests + requests, texts)
        found[messages, receipt] = one
    return list(found.values())


def _limit(recipe: Recipe, endpoint: Endpoint) -> int:
    """The most tokens of an answer: as the recipe says, else the endpoint, and half of the window at most."""
    wanted = recipe.sampling.get("max_tokens")
    most = wanted if isinstance(wanted, int) and wanted > 0 else endpoint.max_tokens
    return min(most, endpoint.window_of(recipe.model) // 2)


Texts = tuple[tuple[str, tuple[str, ...]], ...]


def _fitted(
    story: Story, wish: Wish, recipe: Recipe, endpoint: Endpoint, reserve: int, measure: Measure
) -> tuple[Texts, Receipt]:
    """What is sent, as roles and pieces of text, and its receipt, as it is counted on its way out."""
    # The packer is not needed for the first picture.
    from composer.context.pack import pack

    form: Form = "plain" if recipe.template == PLAIN else "chat"
    apart = bool(recipe.template) and endpoint.takes_suffix
    wish = replace(wish, lens=recipe.lens, form=form, suffix=apart)
    count, window = endpoint.counter_of(recipe.model), endpoint.window_of(recipe.model)
    whole, exact = endpoint.whole_of(recipe.model), endpoint.is_exact(recipe.model)
    # Where a begun answer is asked for in words, the words are the endpoint's.
    room = GOING_ON if wish.begun and not recipe.template else 0
    for _ in range(PACKINGS):
        packed = pack(story, wish, count, window - room, reserve, measure(count))
        texts, parts = packed.messages, packed.receipt.parts
        if recipe.template:
            texts, parts = _rendered(packed, recipe, endpoint, wish.begun)
        around = "template" if recipe.template else "format"
        told = _told(parts, around, recipe.template, sum(whole("".join(pieces)) for _, pieces in texts))
        tokens = sum(part.tokens for part in told)
        if tokens + reserve <= window:
            return texts, replace(packed.receipt, budget=window, tokens=tokens, parts=told, exact=exact)
        room += max(1, tokens + reserve - window)
    if recipe.template:
        raise RefusedError(
            f"The template {recipe.template} adds so much that the request does not fit {window:,} tokens.",
            "Choose another template in “prompt as sent”, or a model with a larger window.",
        )
    raise RefusedError(
        f"The request does not fit {window:,} tokens however much is left out.",
        "Shorten the beat or the instruction, or choose a model with a larger window.",
    )


def _told(parts: tuple[PartReceipt, ...], around: str, template: str, sent: int) -> tuple[PartReceipt, ...]:
    """The parts, with what is put around them such that they are as many tokens as are sent.

    Messages are put into a chat's format by their server, and that is reckoned with; a template is in the text already.
    """
    inner = sum(part.tokens for part in parts if part.name != "format")
    if around == "template":
        kept = tuple(part for part in parts if part.name != "format")
        added = max(0, sent - inner)
        why = f"what {template} puts around the messages"
        return (*kept, PartReceipt("template", added, why=why)) if added else kept
    return tuple(
        replace(part, tokens=max(0, part.tokens + sent - inner)) if part.name == "format" else part for part in parts
    )


def _rendered(packed: Packed, recipe: Recipe, endpoint: Endpoint, begun: str) -> tuple[Texts, tuple[PartReceipt, ...]]:
    """The one text that a template makes of the messages, in the pieces that these had, and the parts with their places in it.

    So the paragraphs of the story are the same pieces whatever is put around them, but for special tokens, which it breaks. A part
    that a template changes otherwise, or leaves out, has no place.
    """
    spoken = [(role, "".join(parts)) for role, parts in packed.messages if role in ("system", "user")]
    prompt = endpoint.render(spoken, recipe.template, begun)
    broken = _Broken(prompt)
    made: list[str] = []
    places: dict[int, int] = {}
    at = number = 0
    for role, parts in packed.messages:
        for piece in parts:
            text = piece.strip()
            found, end = broken.find(text, at) if text and role != "suffix" else (-1, -1)
            if found >= 0:
                between = prompt[at:found]
                if between and made and not between.strip():
                    made[-1] += between
                elif between:
                    made.append(between)
                places[number] = len(made)
                made.append(prompt[found:end])
                at = end
            number += 1
    rest = prompt[at:]
    if rest:
        made.append(rest)
    rests = tuple((role, parts) for role, parts in packed.messages if role == "suffix")
    first_rest = sum(len(parts) for role, parts in packed.messages if role in ("system", "user"))
    for offset in range(sum(len(parts) for _, parts in rests)):
        places[first_rest + offset] = len(made) + offset
    return (("prompt", tuple(made)), *rests), tuple(_moved(part, places) for part in packed.receipt.parts)


class _Broken:
    """A text in which templates have broken special tokens by blanks; others are found in it as if they had not."""

    def __init__(self, text: str) -> None:
        self._text = text

    def find(self, piece: str, start: int) -> tuple[int, int]:
        """Where a piece stands, as [first, last), from `start` on; -1 twice where it does not."""
        found = self._text.find(piece, start)
        if found >= 0:
            return found, found + len(piece)
        bare = piece.replace(" ", "")
        text, places = self._bare
        at = text.find(bare, bisect_left(places, start)) if bare else -1
        return (places[at], places[at + len(bare) - 1] + 1) if at >= 0 else (-1, -1)

    @cached_property
    def _bare(self) -> tuple[str, list[int]]:
        """The text without blanks, and the place that each of its characters had."""
        return self._text.replace(" ", ""), [at for at, sign in enumerate(self._text) if sign != " "]


def _moved(part: PartReceipt, places: dict[int, int]) -> PartReceipt:
    """A part with the places of its pieces in the rendered text."""
    now = [places[number] for number in range(part.first, part.last) if number in places]
    return replace(part, first=now[0], last=now[-1] + 1) if now else replace(part, first=0, last=0)
