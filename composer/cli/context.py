"""`story-composer context`: what a model would be sent for a beat, with the reason for each part and paragraph. It only reads.

Nothing is sent and no server is asked: what a model takes and how its tokens are counted is what the settings say, what was learned
before, or what is known of its name.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

from msgspec.structs import replace

from composer.cli.output import put
from composer.cli.profiles import Endpoints
from composer.cli.wiring import new_id, read_settings, settings_path, state_folder
from composer.context import sheet
from composer.errors import EndpointError, RefusedError
from composer.llm import templates
from composer.llm.client import OpenAIEndpoint
from composer.session.clock import WALL
from composer.session.preparing import Prepared
from composer.session.session import Session
from composer.story.actions.text import beat_at
from composer.story.candidate import BeatTarget, PlaceTarget, Recipe, RoundKind, Target, place_of
from composer.story.manuscript import START, Block, Position
from composer.story.outline import Row
from composer.story.spans import length
from composer.story.story import Story
from composer.text.clean import one_line
from composer.text.holes import holes
from composer.ui.asking import name_of
from composer.ui.signs import choose
from composer.ui.wrapping import cells

WIDEST = 120
"""Cells of a line on a terminal. Elsewhere lines are as long as they get."""
NAMED = 8
"""Beats that are listed where none, or several, were meant."""
SHOWN = 60
"""Characters of a beat where it is named."""


async def run_context(flags: argparse.Namespace) -> int:
    """Print the receipt, or with `json` all of it with the messages."""
    from composer.store.opening import open_any

    settings = await asyncio.to_thread(read_settings, Path(flags.settings) if flags.settings else None)
    where = Path(flags.settings) if flags.settings else settings_path()
    # What counts tokens is not fetched for a look.
    settings = replace(settings, fetch_encodings=False)
    endpoints = Endpoints(settings, os.environ, where, state_folder(), flags.base_url, flags.model)
    if flags.budget is not None:
        _take(endpoints, flags.budget)
    store = await open_any(Path(flags.file), read_only=True)
    try:
        async with Session(store, endpoints, WALL, new_id) as session:
            kind, target, beat = aimed(session.story, flags.beat, flags.kind)
            endpoint = endpoints.endpoint(endpoints.chosen)
            recipe = await _at_hand(endpoint, session.rounds.recipes((1.0,))[0])
            shape = session.story.shape.at(place_of(target))
            shape = replace(shape, amount=flags.amount) if flags.amount else shape
            (ready,) = await session.rounds.plan(kind, target, (recipe,), flags.instruction, shapes=(shape,))
            story = session.story
    finally:
        # A session that can't be read is never entered, and so doesn't close it.
        await store.close()
    model = one_line(recipe.model or endpoint.name)
    if flags.json:
        _put_json(ready, beat, model)
    else:
        _put_lines(ready, _place(story, beat, kind), model)
    if flags.budget is None and not endpoint.built_in and endpoint.window_source(recipe.model) == "guess":
        size = endpoint.window_of(recipe.model)
        print(
            f"story-composer: how much {model} takes is not known, and {size:,} tokens are guessed. "
            "--budget says it, or `window` in the settings.",
            file=sys.stderr,
        )
    return 0


def _take(endpoints: Endpoints, budget: int) -> None:
    """Have the endpoint that writes take so many tokens."""
    settings, name = endpoints.settings, endpoints.chosen
    profile = replace(endpoints.listed[name], window=budget)
    endpoints.settings = replace(settings, endpoints={**settings.endpoints, name: profile})


async def _at_hand(endpoint: OpenAIEndpoint, recipe: Recipe) -> Recipe:
    """Have what counts and renders loaded, as far as that is here. A template that only the server knows is left out, and said."""
    await endpoint.look_for_encoding(recipe.model)
    if not recipe.template:
        return recipe
    try:
        if recipe.template in templates.names() or Path(recipe.template).is_file():
            await asyncio.to_thread(templates.load, recipe.template)
            return recipe
        why = f"The template {one_line(recipe.template)} is told by the server, which is not asked here."
    except EndpointError as error:
        why = error.sentence
    print(f"story-composer: {why} The messages are shown without a template.", file=sys.stderr)
    return replace(recipe, template="")


# the beat


def aimed(story: Story, words: str | None, kind: RoundKind) -> tuple[RoundKind, Target, str]:
    """What is asked for: the kind, the target and the beat's id, which may be empty. RefusedError where that makes no sense.

    Without words it is for the end of the text. What fills is for the first hole, and what changes text for all text of the beat, or
    for the last paragraph.
    """
    row = find_beat(story, words) if words is not None else None
    if row is not None:
        beat, texts = (
            row.beat.id,
            [block for block in story.manuscript if block.beat == row.beat.id and _is_told(block)],
        )
    else:
        texts = [block for block in story.manuscript if _is_told(block)]
        beat = beat_at(story, Position(texts[-1].id, 0)) if texts else ""
    if kind == "continue":
        return kind, _continued(story, row, beat), beat
    place = name_of(story, beat) if row is not None else "the story"
    if kind == "fill":
        for block in texts:
            for start, end in holes(block.text):
                at = Position(block.id, start)
                return kind, PlaceTarget(at, "before", Position(block.id, end), block.beat), block.beat
        raise RefusedError(
            f"There is no [hole] in {place} to fill.", "A hole is text in brackets, like [what does she do?]."
        )
    if not texts:
        raise RefusedError(f"There is no text in {place} to {kind}.", "--kind continue is for text that is to come.")
    first, last = (texts[0] if row is not None else texts[-1]), texts[-1]
    until = Position(last.id, length(last.spans))
    return kind, PlaceTarget(Position(first.id, 0), "before", until, beat), beat


def _continued(story: Story, row: Row | None, beat: str) -> Target:
    """The end of the text, or of that beat's."""
    if row is not None:
        return BeatTarget(beat)
    last = story.manuscript.last
    if last != START:
        return PlaceTarget(last, "before", None, beat)
    leaves = story.outline.leaves()
    return BeatTarget(leaves[0].id) if leaves else PlaceTarget(START)


def _is_told(block: Block) -> bool:
    return bool(block.text.strip()) and not block.is_scene_break


def find_beat(story: Story, words: str) -> Row:
    """The beat of that number, as the outline shows it, of that id, or whose title or summary holds the words.

    RefusedError where there is none, or more than one.
    """
    rows = list(story.outline.rows())
    if not rows:
        raise RefusedError("The outline has no beats.", "Leave --beat out for the end of the text.")
    wanted = " ".join(words.split()).casefold()
    number = wanted.removeprefix("beat ")
    ways = (
        [row for row in rows if row.number and str(row.number) == number],
        [row for row in rows if row.beat.id == words.strip()],
        [row for row in rows if wanted in _lines_of(row)],
        [row for row in rows if any(wanted in line for line in _lines_of(row))],
    )
    found = next((way for way in ways if way), []) if wanted else []
    if len(found) == 1:
        return found[0]
    said = one_line(words, SHOWN)
    if found:
        raise RefusedError(f"“{said}” is in {len(found)} beats: {_listed(found)}.", "Say more of it, or its number.")
    raise RefusedError(f"There is no beat “{said}”.", f"There are: {_listed(rows)}.")


def _lines_of(row: Row) -> tuple[str, str]:
    """Title and summary as they are compared."""
    text = row.beat.text
    return " ".join(text.title.split()).casefold(), " ".join(text.summary.split()).casefold()


def _listed(rows: list[Row]) -> str:
    more = len(rows) - NAMED
    shown = "; ".join(_named(row) for row in rows[:NAMED])
    return f"{shown}; and {more} more" if more > 0 else shown


def _named(row: Row) -> str:
    line = one_line(row.beat.text.line, SHOWN).rstrip(".") or f"an empty one, {row.beat.id}"
    return f"{row.number} {line}" if row.number else line


# printing


def _place(story: Story, beat: str, kind: RoundKind) -> str:
    """What it is for, in words."""
    row = story.outline.row(beat) if beat else None
    if row is None:
        return f"{kind} the text"
    return f"{kind} {name_of(story, beat)}: {one_line(row.beat.text.line, SHOWN)}"


def _put_lines(ready: Prepared, place: str, model: str) -> None:
    receipt = ready.receipt
    shaped = "" if receipt.shape.plain else ", changed by you"
    facts = (f"{receipt.shape.amount}{shaped}", model, f"window {receipt.budget:,}", sheet.how_counted(receipt))
    done = choose(os.environ).done
    lines = [" · ".join((place, *facts)), "", *sheet.lines(receipt, _width(), cells, done)]
    put("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


def _put_json(ready: Prepared, beat: str, model: str) -> None:
    told = sheet.told(ready.receipt, beat, model, ready.requests[0].messages)
    put(json.dumps(told, ensure_ascii=False, indent=2).encode("utf-8", "replace") + b"\n")


def _width() -> int:
    """Cells of a line on the terminal; 0 where it is none."""
    try:
        if sys.stdout is None or not sys.stdout.isatty():
            return 0
        return min(os.get_terminal_size(sys.stdout.fileno()).columns, WIDEST)
    except (OSError, ValueError):
        return 0
