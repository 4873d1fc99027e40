"""What a candidate was made from, as text: recipe, ending, cost, thoughts, receipt, and the request as it was sent. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from composer.context import sheet
from composer.story.candidate import Candidate, Recipe, Round, Sent
from composer.text.clean import one_line
from composer.text.words import count_words
from composer.ui.costs import cost_words
from composer.ui.signs import FANCY, Signs
from composer.ui.wrapping import cells

WIDTH = 66
"""Cells of a line of the sheet on a screen of 80 columns."""
FEWER = 0.9
"""A server that counts less than this share of an exact count has not read all of it."""


def made_from(
    asked: Round, candidate: Candidate, pieces: Mapping[str, bytes], width: int = WIDTH, signs: Signs = FANCY
) -> str:
    """A sheet about one candidate. `pieces` are the stored pieces of its request, by hash; `width` is that of a line, in cells."""
    sent = asked.sent(asked.number_of(candidate.id))
    messages = sent.messages
    lines = [*_recipe(candidate.recipe), *_stem(asked, candidate), *_ending(candidate, sent, signs), ""]
    lines += [*_context(sent), "", *sheet.lines(sent.receipt, width, cells, signs.done)]
    if candidate.reasoning.strip():
        lines += ["", f"Thoughts, {count_words(candidate.reasoning):,} words, never placed:", ""]
        lines += [textwrap.indent(candidate.reasoning.strip(), "  ")]
    texts = (
        "".join(pieces.get(name, b"(not stored)").decode(errors="replace") for name in message.pieces)
        for message in messages
    )
    whole = sheet.under_roles(zip((message.role for message in messages), texts, strict=True))
    lines += ["", "As it was sent:", "", whole]
    return "\n".join(lines)


def _recipe(recipe: Recipe) -> list[str]:
    lines = [f"Model      {one_line(recipe.model, 200)} at {recipe.endpoint}"]
    sampling = [f"{name} {value}" for name, value in recipe.sampling.items()]
    if recipe.seed is not None:
        sampling.append(f"seed {recipe.seed}")
    preset = f"{recipe.preset}: " if recipe.preset else ""
    lines.append(f"Sampling   {preset}{'  '.join(sampling)}")
    if recipe.template:
        lines.append(f"Template   {recipe.template}: sent as one text, not as chat messages")
    if recipe.lens:
        lines.append(f"Lens       {recipe.lens_name + ': ' if recipe.lens_name else ''}{recipe.lens}")
    return lines


def _stem(asked: Round, candidate: Candidate) -> list[str]:
    if asked.stem is None or not candidate.begun:
        return []
    word = f", with “{asked.stem.word}” in place of what came there" if asked.stem.word else ""
    return [f"Goes on    from character {asked.stem.length:,} of candidate {asked.stem.candidate}{word}"]


def _ending(candidate: Candidate, sent: Sent, signs: Signs) -> list[str]:
    ending = candidate.ending
    if ending is None:
        return ["State      still writing"]
    lines = [f"Ending     {ending.kind}: {ending.why}", f"Time       {ending.elapsed / 1000:.1f} s"]
    if ending.prompt_tokens is not None:
        written = "" if ending.completion_tokens is None else f", {ending.completion_tokens:,} written"
        lines.append(f"Usage      {ending.prompt_tokens:,} tokens sent{written}")
    if fewer := counted_fewer(sent, ending.prompt_tokens):
        lines.append(f"           {fewer}")
    if ending.cost is not None:
        lines.append(f"Cost       {cost_words(ending.cost, signs)}")
    if ending.model and ending.model != candidate.recipe.model:
        lines.append(f"Served by  {one_line(ending.model, 200)}")
    lines += [f"Not sent   {name}: {why}" for name, why in ending.dropped]
    return lines


def counted_fewer(sent: Sent, told: int | None) -> str:
    """That a server read far less than it was sent, as far as its own count tells; empty where it does not."""
    tokens = sent.receipt.tokens
    if not sent.receipt.exact or not told or told >= FEWER * tokens:
        return ""
    return f"The server counted {told:,} of {tokens:,} tokens: it may have cut the beginning."


def _context(sent: Sent) -> list[str]:
    """How its context was made, and why anew."""
    shape = sent.receipt.shape
    shaped = "" if shape.plain else ", changed by you"
    lines = [f"Context    {shape.amount}{shaped}"]
    if sent.why:
        lines.append(f"           {one_line(sent.why)}")
    return lines
