"""What a candidate says again, in a few words for the candidates pane. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from composer.session.sameness import Same
from composer.story.candidate import Candidate, Round
from composer.story.spans import text_of
from composer.story.story import Story
from composer.ui.signs import Signs
from composer.ui.widgets.candidates import Told


def told(
    story: Story,
    asked: Round,
    same: Callable[[Candidate], Same | None],
    number: Callable[[Candidate], int],
    signs: Signs,
) -> Mapping[str, Told]:
    """What is told of each candidate of a round of which something is known; `number` is what it is shown with."""
    found = {}
    base = "\n".join(text_of(row) for row in asked.base).strip()
    for candidate in asked.candidates:
        known = same(candidate)
        if known is None:
            continue
        words = []
        if asked.base and candidate.text.strip() == base:
            words.append("changes nothing")
        elif known.siblings:
            others = sorted(number(each) for each in asked.candidates if each.id in known.siblings)
            words.append(f"says the same as {others[0]}")
        elif known.passages:
            first = known.passages[0]
            where = _where(story, asked, first.key, number, signs)
            if where:
                words.append(f"repeats {where}: {first.words} words")
        elif known.differs:
            words.append("differs")
        if words or known.passages:
            runs = tuple(sorted((each.start, each.end) for each in known.passages))
            found[candidate.id] = Told(" ".join(words), runs)
    return found


def _where(story: Story, asked: Round, key: str, number: Callable[[Candidate], int], signs: Signs) -> str:
    """The text that is repeated, in a word; empty if it is gone."""
    kind, _, name = key.partition(":")
    if kind == "block":
        return f"{signs.paragraph}{story.manuscript.index(name) + 1}" if name in story.manuscript else ""
    if kind == "shelf":
        return "the shelf"
    sibling = next((each for each in asked.candidates if each.id == name), None)
    return f"{number(sibling)}" if sibling else name
