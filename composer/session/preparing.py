"""From a wish and recipes to requests: what each candidate is sent, with its receipt, and what of that is stored.

Candidates of one endpoint, template and lens share what they are sent. It sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from composer.context.pack import Form, Packed, Wish, pack
from composer.errors import RefusedError
from composer.journal.entry import digest
from composer.session.ports import Endpoint, Endpoints, Request
from composer.story.candidate import Message, PartReceipt, Receipt, Recipe, Sent
from composer.story.story import Story

PLAIN = "plain"
"""The template of base models, which go on from a text."""
GOING_ON = 80
"""Tokens that asking for a begun answer in words may take."""
PACKINGS = 4
"""How often a request is packed anew for what a template adds to it, at most."""
_PARAGRAPH = re.compile(r".*?\n\n+|.+", re.DOTALL)


@dataclass(frozen=True)
class Prepared:
    """What the candidates with these numbers, from 1, are sent."""

    numbers: tuple[int, ...]
    messages: tuple[Message, ...]
    receipt: Receipt
    requests: tuple[Request, ...]

    @property
    def sent(self) -> Sent:
        return Sent(self.numbers, self.messages, self.receipt)


def prepared(
    story: Story, wish: Wish, made: Sequence[Recipe], endpoints: Endpoints, pieces: dict[str, bytes]
) -> list[Prepared]:
    """The requests of a round, those of its first candidate first; `pieces` takes in what is stored of them.

    RefusedError where the wish does not fit a model, EndpointError where a template fails.
    """
    groups: dict[tuple[str, str, str, str], list[int]] = {}
    for number, recipe in enumerate(made, 1):
        key = recipe.endpoint, recipe.model, recipe.template, recipe.lens
        groups.setdefault(key, []).append(number)
    found: dict[tuple[tuple[Message, ...], Receipt], Prepared] = {}
    for numbers in groups.values():
        recipes = [made[number - 1] for number in numbers]
        endpoint = endpoints.endpoint(recipes[0].endpoint)
        reserve = max(_limit(recipe, endpoint) for recipe in recipes)
        try:
            texts, receipt = _fitted(story, wish, recipes[0], endpoint, reserve)
        except RefusedError as refused:
            if len(groups) == 1:
                raise
            raise RefusedError(f"{endpoint.name}: {refused.sentence}", refused.next_step) from None
        messages = tuple(_stored(role, parts, pieces) for role, parts in texts)
        sent = tuple((role, "".join(parts)) for role, parts in texts if role != "assistant")
        requests = tuple(Request(sent, recipe, _limit(recipe, endpoint), wish.begun) for recipe in recipes)
        one = Prepared(tuple(numbers), messages, receipt, requests)
        same = found.get((messages, receipt))
        if same is not None:
            one = Prepared(same.numbers + one.numbers, messages, receipt, same.requests + requests)
        found[messages, receipt] = one
    return list(found.values())


def _limit(recipe: Recipe, endpoint: Endpoint) -> int:
    """The most tokens of an answer: as the recipe says, else the endpoint, and half of the window at most."""
    wanted = recipe.sampling.get("max_tokens")
    most = wanted if isinstance(wanted, int) and wanted > 0 else endpoint.max_tokens
    return min(most, endpoint.window_of(recipe.model) // 2)


def _fitted(
    story: Story, wish: Wish, recipe: Recipe, endpoint: Endpoint, reserve: int
) -> tuple[list[tuple[str, list[str]]], Receipt]:
    """What is sent, as roles and pieces of text, and its receipt, with what a template adds counted in."""
    form: Form = "plain" if recipe.template == PLAIN else "chat"
    apart = bool(recipe.template) and endpoint.takes_suffix
    wish = replace(wish, lens=recipe.lens, form=form, suffix=apart)
    count, window = endpoint.counter_of(recipe.model), endpoint.window_of(recipe.model)
    # Where a begun answer is asked for in words, the words are the endpoint's.
    room = GOING_ON if wish.begun and not recipe.template else 0
    packed = pack(story, wish, count, window - room, reserve)
    if not recipe.template:
        return [(role, list(parts)) for role, parts in packed.messages], _told(packed.receipt, window, "", 0)
    for _ in range(PACKINGS):
        texts = _rendered(packed, recipe, endpoint, wish.begun)
        added = max(0, count("".join(texts[0][1])) - _prompt_tokens(packed))
        if packed.receipt.tokens + added + reserve <= window:
            return texts, _told(packed.receipt, window, recipe.template, added)
        room += max(1, added)
        packed = pack(story, wish, count, window - room, reserve)
    raise RefusedError(
        f"The template {recipe.template} adds so much that the request does not fit {window:,} tokens.",
        "Choose another template in “prompt as sent”, or a model with a larger window.",
    )


def _rendered(packed: Packed, recipe: Recipe, endpoint: Endpoint, begun: str) -> list[tuple[str, list[str]]]:
    spoken = [(role, "".join(parts)) for role, parts in packed.messages if role in ("system", "user")]
    prompt = endpoint.render(spoken, recipe.template, begun)
    rest = [(role, list(parts)) for role, parts in packed.messages if role == "suffix"]
    return [("prompt", _PARAGRAPH.findall(prompt)), *rest]


def _prompt_tokens(packed: Packed) -> int:
    """The tokens that a receipt counts for what goes into a prompt."""
    apart = any(role == "suffix" for role, _ in packed.messages)
    left_out = sum(part.tokens for part in packed.receipt.parts if apart and part.name == "text after")
    return packed.receipt.tokens - left_out


def _told(receipt: Receipt, window: int, template: str, added: int) -> Receipt:
    """The receipt against the whole window, with what the template adds as a part of its own."""
    if not added:
        return replace(receipt, budget=window)
    part = PartReceipt("template", added, why=f"what {template} puts around the messages")
    return replace(receipt, budget=window, tokens=receipt.tokens + added, parts=(*receipt.parts, part))


def _stored(role: str, parts: Sequence[str], pieces: dict[str, bytes]) -> Message:
    names = []
    for part in parts:
        data = part.encode()
        names.append(digest(data))
        pieces[names[-1]] = data
    return Message(role, tuple(names))  # type: ignore[arg-type]
