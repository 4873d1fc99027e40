"""What a candidate was made from, as text: recipe, ending, thoughts, receipt, and the request as it was sent. Pure."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping

from composer.story.candidate import Candidate, Receipt, Recipe, Round
from composer.text.words import count_words


def made_from(asked: Round, candidate: Candidate, pieces: Mapping[str, bytes]) -> str:
    """A sheet about one candidate. `pieces` are the stored pieces of its request, by hash."""
    messages, receipt = asked.sent(candidate.number)
    lines = [*_recipe(candidate.recipe), *_stem(asked, candidate), *_ending(candidate), "", *_receipt(receipt)]
    if candidate.reasoning.strip():
        lines += ["", f"Thoughts, {count_words(candidate.reasoning):,} words, never placed:", ""]
        lines += [textwrap.indent(candidate.reasoning.strip(), "  ")]
    lines += ["", "As it was sent:"]
    for message in messages:
        text = "".join(pieces.get(name, b"(not stored)").decode(errors="replace") for name in message.pieces)
        lines += ["", f"[{message.role}]", text.strip()]
    return "\n".join(lines)


def _recipe(recipe: Recipe) -> list[str]:
    lines = [f"Model      {recipe.model} at {recipe.endpoint}"]
    sampling = [f"{name} {value}" for name, value in recipe.sampling.items()]
    if recipe.seed is not None:
        sampling.append(f"seed {recipe.seed}")
    preset = f"{recipe.preset}: " if recipe.preset else ""
    lines.append(f"Sampling   {preset}{'  '.join(sampling)}")
    if recipe.template:
        lines.append(f"Template   {recipe.template}: sent as one text, not as chat messages")
    if recipe.lens:
        lines.append(f"Lens       {recipe.lens}")
    return lines


def _stem(asked: Round, candidate: Candidate) -> list[str]:
    if asked.stem is None or not candidate.begun:
        return []
    word = f", with “{asked.stem.word}” in place of what came there" if asked.stem.word else ""
    return [f"Goes on    from character {asked.stem.length:,} of candidate {asked.stem.candidate}{word}"]


def _ending(candidate: Candidate) -> list[str]:
    ending = candidate.ending
    if ending is None:
        return ["State      still writing"]
    lines = [f"Ending     {ending.kind}: {ending.why}", f"Time       {ending.elapsed / 1000:.1f} s"]
    if ending.prompt_tokens is not None:
        written = "" if ending.completion_tokens is None else f", {ending.completion_tokens} written"
        lines.append(f"Usage      {ending.prompt_tokens} tokens sent{written}")
    if ending.model and ending.model != candidate.recipe.model:
        lines.append(f"Served by  {ending.model}")
    lines += [f"Not sent   {name}: {why}" for name, why in ending.dropped]
    return lines


def _receipt(receipt: Receipt) -> list[str]:
    lines = [f"Context    {receipt.tokens:,} tokens + {receipt.reserve:,} for the answer, of {receipt.budget:,}"]
    for part in receipt.parts:
        cut = f"  {part.cut:,} cut" if part.cut else ""
        lines.append(f"  {part.name:<20}{part.tokens:>7,}{cut}  {part.why}")
    return lines
