"""What a candidate says again, in a few words for the candidates pane. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from composer.session.sameness import Same
from composer.story.candidate import Candidate, Round, round_of
from composer.story.spans import text_of_rows
from composer.story.story import Story
from composer.ui.signs import Signs
from composer.ui.widgets.candidates import Told


def told(
    story: Story,
    asked: Round,
    same: Callable[[Candidate], Same | None],
    signs: Signs,
) -> Mapping[str, Told]:
    """What is told of each candidate of a round of which something is known. Tasted blind, siblings are not told apart."""
    found = {}
    base = text_of_rows(asked.base).strip()
    for candidate in asked.candidates:
        known = same(candidate)
        if known is None:
            continue
        # What it goes on from it does not repeat, and siblings share it.
        stems = {f"candidate:{run.candidate}" for run in candidate.stem}
        passages = [
            each
            for each in known.passages
            if each.key not in stems
            and not (asked.veil and _sibling(asked, each.key))
            and not (asked.stem and _sibling(asked, each.key))
        ]
        here = {each.id for each in asked.candidates}
        others = sorted(asked.shown_number(name) for name in known.siblings if name in here)
        words = []
        if asked.base and candidate.text.strip() == base:
            words.append("changes nothing")
        elif others and asked.kind not in ("polish", "smooth"):
            words.append(f"says the same as {others[0]}")
        elif passages:
            where = _where(story, asked, passages[0].key, signs)
            if where:
                words.append(f"repeats {where}: {passages[0].words} words")
        elif known.differs and asked.kind not in ("polish", "smooth"):
            words.append("differs")
        if words or passages:
            runs = tuple(sorted((each.start, each.end) for each in passages))
            found[candidate.id] = Told(" ".join(words), runs)
    return found


def _sibling(asked: Round, key: str) -> bool:
    kind, _, name = key.partition(":")
    return kind == "candidate" and name in [each.id for each in asked.candidates]


def _where(story: Story, asked: Round, key: str, signs: Signs) -> str:
    """The text that is repeated, in a word; empty if it is gone."""
    kind, _, name = key.partition(":")
    if kind == "block":
        return f"{signs.paragraph}{story.manuscript.index(name) + 1}" if name in story.manuscript else ""
    if kind == "shelf":
        return "the shelf"
    if name in [each.id for each in asked.candidates]:
        return str(asked.shown_number(name))
    return f"round {round_of(name)}" if story.round(round_of(name)).veil else name
