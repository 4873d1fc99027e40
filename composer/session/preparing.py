"""From a wish and recipes to requests: what each candidate is sent, with its receipt, and what of that is stored.

Candidates of one endpoint, template and lens share what they are sent. It sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from msgspec.structs import replace

from composer.context.pack import Packed, Wish, pack
from composer.errors import RefusedError
from composer.journal.entry import digest
from composer.session.ports import Endpoint, Endpoints, Request
from composer.story.candidate import Message, Receipt, Recipe, Sent
from composer.story.story import Story

PLAIN = "plain"
"""The template of base models, which go on from a text."""
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
    groups: dict[tuple[str, str, str], list[int]] = {}
    for number, recipe in enumerate(made, 1):
        groups.setdefault((recipe.endpoint, recipe.template, recipe.lens), []).append(number)
    found: dict[tuple[tuple[Message, ...], Receipt], Prepared] = {}
    for numbers in groups.values():
        recipe = made[numbers[0] - 1]
        endpoint = endpoints.endpoint(recipe.endpoint)
        packed, reserve = _packed(story, wish, recipe, endpoint, several=len(groups) > 1)
        texts = _texts(packed, recipe, endpoint, wish.begun)
        messages = tuple(_stored(role, parts, pieces) for role, parts in texts)
        sent = tuple((role, "".join(parts)) for role, parts in texts if role != "assistant")
        requests = tuple(
            Request(sent, made[number - 1], _limit(made[number - 1], endpoint) or reserve, wish.begun)
            for number in numbers
        )
        one = Prepared(tuple(numbers), messages, packed.receipt, requests)
        same = found.get((messages, packed.receipt))
        if same is not None:
            one = Prepared(same.numbers + one.numbers, messages, packed.receipt, same.requests + requests)
        found[messages, packed.receipt] = one
    return list(found.values())


def _limit(recipe: Recipe, endpoint: Endpoint) -> int:
    """The most tokens of an answer that a recipe names, as far as the window allows; 0 if it names none."""
    wanted = recipe.sampling.get("max_tokens")
    return min(wanted, endpoint.window // 2) if isinstance(wanted, int) and wanted > 0 else 0


def _packed(story: Story, wish: Wish, recipe: Recipe, endpoint: Endpoint, several: bool) -> tuple[Packed, int]:
    reserve = _limit(recipe, endpoint) or min(endpoint.max_tokens, endpoint.window // 2)
    form = "plain" if recipe.template == PLAIN else "chat"
    apart = bool(recipe.template) and endpoint.takes_suffix
    wish = replace(wish, lens=recipe.lens, form=form, suffix=apart)
    try:
        return pack(story, wish, endpoint.count, endpoint.window, reserve), reserve
    except RefusedError as refused:
        if not several:
            raise
        raise RefusedError(f"{endpoint.name}: {refused.sentence}", refused.next_step) from None


def _texts(packed: Packed, recipe: Recipe, endpoint: Endpoint, begun: str) -> list[tuple[str, list[str]]]:
    """Roles and pieces of text as they are sent."""
    if not recipe.template:
        return [(role, list(parts)) for role, parts in packed.messages]
    spoken = [(role, "".join(parts)) for role, parts in packed.messages if role in ("system", "user")]
    prompt = endpoint.render(spoken, recipe.template, begun)
    rest = [(role, list(parts)) for role, parts in packed.messages if role == "suffix"]
    return [("prompt", _PARAGRAPH.findall(prompt)), *rest]


def _stored(role: str, parts: Sequence[str], pieces: dict[str, bytes]) -> Message:
    names = []
    for part in parts:
        data = part.encode()
        names.append(digest(data))
        pieces[names[-1]] = data
    return Message(role, tuple(names))  # type: ignore[arg-type]
