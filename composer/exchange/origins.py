"""The manuscript with its origins, as JSON: for each paragraph its runs of text and where each came from. Pure.

    {"title", "author", "purpose", "words",
     "blocks": [{"id", "beat", "text", "spans": [{"text", "origin": {"kind", …}}]}],
     "candidates": {"7.1": {"round", "kind", "model", "endpoint", "sampling", "seed", "lens", "instruction", "asked", "ending", "text"}}}

`kind` is written, generated (with candidate, start, end), edited (with candidate), repaired (with rule) or imported (with
source). Offsets are in characters: a generated run is its candidate's `text[start:end]`. Times are in ms since 1970.
"""

from __future__ import annotations

from typing import Any

import msgspec

from composer.story.spans import candidate_of
from composer.story.story import Story
from composer.text.words import count_words


def with_origins(story: Story) -> dict[str, Any]:
    """The story's text, its spans, and the candidates that they name."""
    named: dict[str, None] = {}
    blocks = []
    words = 0
    for block in story.manuscript:
        words += count_words(block.text)
        named.update((name, None) for span in block.spans if (name := candidate_of(span.origin)))
        blocks.append(
            {
                "id": block.id,
                "beat": block.beat,
                "text": block.text,
                "spans": [{"text": span.text, "origin": msgspec.to_builtins(span.origin)} for span in block.spans],
            }
        )
    return {
        "title": story.details.title,
        "author": story.details.author,
        "purpose": story.details.purpose,
        "words": words,
        "blocks": blocks,
        "candidates": {name: _candidate(story, name) for name in named},
    }


def _candidate(story: Story, name: str) -> dict[str, Any]:
    candidate = story.candidate(name)
    asked = story.round(candidate.round)
    recipe = candidate.recipe
    return {
        "round": asked.number,
        "kind": asked.kind,
        "model": recipe.model,
        "endpoint": recipe.endpoint,
        "sampling": dict(recipe.sampling),
        "seed": recipe.seed,
        "lens": recipe.lens,
        "template": recipe.template,
        "preset": recipe.preset,
        "goes_on_from": [msgspec.to_builtins(run) for run in candidate.stem],
        "instruction": asked.instruction,
        "asked": asked.time,
        "ending": candidate.ending.kind if candidate.ending else "",
        "text": candidate.text,
    }


def to_json(story: Story) -> bytes:
    """The same as text, indented."""
    return msgspec.json.format(msgspec.json.encode(with_origins(story)), indent=1) + b"\n"
