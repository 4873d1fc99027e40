"""What a command line asks for: the lenses, temperatures and beats that its flags name, and drafts to begin or to go on with.

It asks for candidates in an open session and says what of that is worth a word. It never waits for them, and opens and closes
nothing.
"""

from __future__ import annotations

import argparse
import contextlib
import re
from collections.abc import Sequence

from msgspec.structs import replace

from composer.cli.context import aimed
from composer.cli.library import Shelf
from composer.cli.pages import Page
from composer.cli.profiles import Endpoints
from composer.cli.wiring import LONGEST, NAME
from composer.cli.work import Drafts, OneRound, Work
from composer.config import Settings, parse_ladder
from composer.errors import ComposerError, RefusedError
from composer.session.ports import Lens
from composer.session.recipes import Grid, remark
from composer.session.session import Session
from composer.story.candidate import OutlineTarget, Recipe, RoundKind, Target
from composer.story.draft import Draft
from composer.text.clean import one_line
from composer.ui.phrases import counted

OUTLINES, HEAT = 5, 0.8
"""How many lenses outlines are asked for with unless something else is said, and at which temperature."""
LONGEST_LENS = 2_000
"""Characters of a lens in the writer's own words."""
_RANGE = re.compile(r"(\d{1,6})(?:[-–](\d{1,6}))?")


async def ask_for(
    session: Session, endpoints: Endpoints, flags: argparse.Namespace, lenses: Sequence[Lens], page: Page
) -> Work:
    """Ask for what the flags say, or have unfinished drafts go on. ComposerError if that can't be, and then nothing was asked for."""
    if flags.draft:
        return await _drafts(session, endpoints, flags, lenses, page)
    story = session.story
    ladder = parse_ladder(flags.ladder) if flags.ladder else ()
    if flags.outline:
        if not story.details.purpose.strip() and not story.outline.beats:
            raise RefusedError(
                "The story has neither a purpose nor an outline, so there is nothing to make an outline of.",
                f"Open it and give it a purpose: {NAME} {_shown(flags)}",
            )
        what: str = "outline"
        kind: RoundKind = "outline"
        target: Target = OutlineTarget("", len(story.outline.beats))
        ladder = ladder or ((HEAT,) if lenses else endpoints.settings.ladder)
    else:
        _check_beats(session, flags)
        what = "beat"
        kind, target, _ = aimed(story, flags.beat, "continue")
        ladder = ladder or endpoints.settings.ladder
    recipes = await _recipes(session, ladder, lenses, page)
    asked = await session.rounds.ask(kind, target, recipes, flags.instruction)
    return OneRound(session, what, asked)


async def _drafts(
    session: Session, endpoints: Endpoints, flags: argparse.Namespace, lenses: Sequence[Lens], page: Page
) -> Drafts:
    """Have the drafts go on that were left unfinished, or begin new ones."""
    _check_beats(session, flags)
    going = () if flags.new else _unfinished(session, endpoints, flags, lenses)
    if going:
        for number in going:
            # What is wrong with one endpoint stops its own drafts alone, and is told when these ask it.
            with contextlib.suppress(ComposerError):
                await session.rounds.ready(session.rounds.unready((session.drafting.draft(number).recipe,)))
        work = Drafts(session, going, True, "The same command")
        total, _ = work.cells()
        page.say(f"resumes {_named('draft', going)}: {work.there:,} of {total:,} cells are there.")
        session.drafting.go_on(going)
        return work
    beats = _beats(session, flags.beats) if flags.beats else ()
    ladder = parse_ladder(flags.ladder) if flags.ladder else endpoints.settings.ladder
    recipes = await _recipes(session, ladder, lenses, page)
    begun = await session.drafting.ask(recipes, flags.way or "own", beats, flags.instruction)
    again = f"{NAME} generate {_shown(flags)} --draft" if flags.new else "The same command"
    return Drafts(session, [draft.number for draft in begun], False, again)


def _unfinished(
    session: Session, endpoints: Endpoints, flags: argparse.Namespace, lenses: Sequence[Lens]
) -> tuple[int, ...]:
    """The unfinished drafts that the flags say nothing against. RefusedError if there are some, and none of these."""
    unfinished = session.drafting.unfinished
    against: str = ""
    going = []
    for number in unfinished:
        flag = _against(session, session.drafting.together(number), endpoints, flags, lenses)
        if flag:
            against = against or flag
        else:
            going.append(number)
    if against and not going:
        raise RefusedError(
            f"{_named('Draft', unfinished)} of this story {'is' if len(unfinished) == 1 else 'are'} not finished, "
            f"and {against} is not what {'it was' if len(unfinished) == 1 else 'they were'} begun with.",
            f"Leave {against} out to go on, or add --new to begin others.",
        )
    return tuple(going)


def _against(
    session: Session, drafts: Sequence[Draft], endpoints: Endpoints, flags: argparse.Namespace, lenses: Sequence[Lens]
) -> str:
    """The first flag that says something else than drafts were asked for with; empty if none does."""
    recipes = [draft.recipe for draft in drafts]
    heats = {recipe.temperature for recipe in recipes} - {None}
    differs = {
        # A model that takes no temperature has none in its recipes.
        "--ladder": flags.ladder is not None and bool(heats) and heats != set(parse_ladder(flags.ladder)),
        "--model": flags.model is not None and any(recipe.model != flags.model.strip() for recipe in recipes),
        "--base-url": flags.base_url is not None and any(recipe.endpoint != endpoints.chosen for recipe in recipes),
        "--endpoint": flags.endpoint is not None and any(recipe.endpoint != endpoints.chosen for recipe in recipes),
        "--lens": bool(flags.lens) and {recipe.lens for recipe in recipes} != {lens.text for lens in lenses},
        "--way": flags.way is not None and any(draft.way != flags.way for draft in drafts),
        "--instruction": bool(flags.instruction) and any(draft.instruction != flags.instruction for draft in drafts),
        "--beats": bool(flags.beats) and any(set(draft.beats) != set(_beats(session, flags.beats)) for draft in drafts),
    }
    return next((flag for flag, so in differs.items() if so), "")


async def _recipes(session: Session, ladder: Sequence[float], lenses: Sequence[Lens], page: Page) -> tuple[Recipe, ...]:
    """A recipe for each lens at each temperature, with the names of the lenses, once their endpoint is ready to be asked."""
    names = {lens.text: lens.name for lens in lenses}
    grid = Grid(tuple(ladder), lenses=tuple(names) or ("",))
    made = session.rounds.recipes(grid)
    if said := remark(made, grid):
        page.say(said)
    await session.rounds.ready(session.rounds.unready(made))
    endpoint, model = session.endpoint, made[0].model
    if not endpoint.built_in and endpoint.window_source(model) == "guess":
        size, named = endpoint.window_of(model), one_line(model or endpoint.name, 100)
        page.say(
            f"How much {named} takes is not known, and {size:,} tokens are guessed. `window` in the settings says it."
        )
    return tuple(replace(recipe, lens_name=names.get(recipe.lens, "")) for recipe in made)


def chosen_lenses(flags: argparse.Namespace, settings: Settings) -> list[Lens]:
    """The lenses that are asked for: by name, else words of the writer's own. It reads files."""
    if not flags.lens and (not flags.outline or flags.ladder):
        return []
    library = Shelf(settings).lenses()
    if not flags.lens:
        return list(library[:OUTLINES])
    by_name = {lens.name.casefold(): lens for lens in library}
    words = [one_line(each, LONGEST_LENS) for each in flags.lens]
    return [by_name.get(each.casefold(), Lens("", each, own=True)) for each in words]


def _check_beats(session: Session, flags: argparse.Namespace) -> None:
    if not session.story.outline.beats:
        raise RefusedError(
            "The outline has no beats to write.", f"Open the story and add some, a line each: {NAME} {_shown(flags)}"
        )


def beat_numbers(text: str) -> list[range]:
    """The numbers of `1-5, 7`. RefusedError for what is none."""
    found = []
    for word in text.replace(",", " ").split():
        match = _RANGE.fullmatch(word)
        numbers = range(int(match[1]), int(match[2] or match[1]) + 1) if match else range(0)
        if not numbers or not numbers[0]:
            raise RefusedError(
                f"“{one_line(word, 40)}” names no beats.", "--beats takes numbers of the outline, like 1-5,7."
            )
        found.append(numbers)
    if not found:
        raise RefusedError("--beats names no beats.", "It takes numbers of the outline, like 1-5,7.")
    return found


def _beats(session: Session, text: str) -> tuple[str, ...]:
    """The beats of these numbers, in the order of the outline."""
    leaves = session.story.outline.leaves()
    ranges = beat_numbers(text)
    most = max(numbers[-1] for numbers in ranges)
    if most > len(leaves):
        raise RefusedError(f"There is no beat {most}.", f"The outline has {counted(len(leaves), 'beat')}.")
    return tuple(beat.id for number, beat in enumerate(leaves, 1) if any(number in numbers for numbers in ranges))


# words


def _named(what: str, numbers: Sequence[int]) -> str:
    """`draft 2`, `drafts 1–3 and 5`."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    shown = [str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs]
    several = ", ".join(shown[:-1]) + (" and " if shown[1:] else "") + shown[-1]
    return f"{what}{'s' if len(numbers) > 1 else ''} {several}"


def _shown(flags: argparse.Namespace) -> str:
    """The session as a command names it."""
    return one_line(str(flags.file), LONGEST)
