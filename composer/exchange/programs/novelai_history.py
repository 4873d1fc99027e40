"""The history of a NovelAI document as a journal: each step a change, and those that were gone back on are branches.

What the model wrote in a step is the one candidate of a round, of which each stretch is placed; a step has no other candidates,
because each retry is a step of its own. Where there is no history that leads to the text, the text alone is taken.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from composer.exchange.moments import moment
from composer.exchange.programs import loose
from composer.exchange.programs.novelai_sections import (
    AI,
    EDIT,
    INSTRUCTION,
    NOBODY,
    PROMPT,
    USER,
    Run,
    Sections,
    Told,
    name_of,
    sections_of,
)
from composer.exchange.programs.quill import Change, Place
from composer.exchange.programs.typist import Typist, rows_of_text
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Tally
from composer.story.actions.text import hand_origin
from composer.story.candidate import PlaceTarget, Recipe, candidate_id
from composer.story.manuscript import START, Position
from composer.story.spans import (
    Edited,
    Generated,
    Imported,
    Origin,
    Span,
    Spans,
    Written,
    candidate_of,
    join,
    origin_at,
)

MOST_STEPS = 200_000
"""Steps of a history that become changes, beside those that lead to the text."""
BEGINNING = "NovelAI prompt"
SOURCE = "NovelAI"

Node = Mapping[str, Any]


class History:
    """Writes a story's text into a scribe's journal."""

    def __init__(self, scribe: Scribe, recipe: Recipe, tally: Tally) -> None:
        self.scribe, self.recipe, self.tally = scribe, recipe, tally
        self.typist = Typist(scribe)

    def document(self, document: Mapping[str, Any]) -> None:
        """A decoded document: the steps that lead to its text, the others as branches, and what was not saved as a step yet."""
        standing = sections_of(document, self.tally)
        dirty = loose.table(document.get("dirtySections"))
        history = loose.table(document.get("history"))
        nodes = _nodes(history.get("nodes"))
        path = _path(nodes, name_of(history.get("root")), name_of(history.get("current")))
        if not path:
            if nodes:
                self.tally.lost("steps of a history that leads nowhere", "the text is taken as it stands", len(nodes))
            self.become(list(standing.runs()))
            self._enter(standing.change(dirty, USER))
            return
        start = Sections(self.tally)
        if not any(nodes[name].get("changes") for name in path):
            # The steps begin with the text as it stands.
            self.become(list(standing.runs()))
            start = standing
        replayed = start.copy(Tally())
        for name in path:
            replayed.change(nodes[name].get("changes"), _nobody(nodes[name]))
        same = replayed.text == standing.text
        heads = self._walk(nodes, path, start)
        self.scribe.go_to(heads[path[-1]])
        replayed.tally = self.tally
        self._enter(replayed.change(dirty, USER))
        if not same and replayed.text != standing.text:
            self.tally.lost("differences between the history and the text", "the text is taken as it stands")
            self.become(list(standing.runs()))

    def become(self, runs: Sequence[Run]) -> None:
        """Change the text to these runs where it is another. Each run of the model's is a candidate of its own."""
        text = "".join(run.text for run in runs)
        now = self.scribe.text
        before = next((at for at, (one, other) in enumerate(zip(now, text, strict=False)) if one != other), -1)
        before = min(len(now), len(text)) if before < 0 else before
        most = min(len(now), len(text)) - before
        behind = next((at for at in range(most) if now[-1 - at] != text[-1 - at]), most)
        place = Place(0, 0).behind(now[:before])
        if gone := now[before : len(now) - behind]:
            self._enter([Told(Change(place, gone, ""), ())])
        at = 0
        for run in runs:
            cut = run.text[max(0, before - at) : max(0, len(text) - behind - at)]
            at += len(run.text)
            if cut:
                self._enter([Told(Change(place, "", cut), (Run(cut, run.source),))])
                place = place.behind(cut)

    def _walk(self, nodes: Mapping[str, Node], path: Sequence[str], sections: Sections) -> dict[str, int]:
        """Enter every step that hangs on the first, the way to the text last; the change that holds behind each."""
        children = _children(nodes, path[0])
        on_path = set(path)
        heads: dict[str, int] = {"": self.scribe.head}
        left = MOST_STEPS
        stack: list[tuple[str, str]] = [(path[0], "")]
        while stack:
            name, above = stack.pop()
            if not name:
                sections.back()
                continue
            if name not in on_path:
                if not left:
                    continue
                left -= 1
            node = nodes[name]
            told = sections.change(node.get("changes"), _nobody(node))
            heads[name] = heads[above]
            if told:
                self.scribe.go_to(heads[above])
                self.scribe.at(moment(node.get("date")))
                self._enter(told)
                heads[name] = self.scribe.head
            stack.append(("", ""))
            below = sorted(
                children.get(name, ()), key=lambda each: (each not in on_path, -moment(nodes[each].get("date")))
            )
            stack += [(each, name) for each in below]
        reached = len(heads) - 1
        if reached < len(nodes):
            why = (
                "nobody knows which text they changed"
                if left
                else "there are too many steps beside the way to the text"
            )
            self.tally.lost("steps of the history that hang on none that was taken", why, len(nodes) - reached)
        return heads

    def _enter(self, told: Sequence[Told]) -> None:
        """Changes as one step. What is the model's in them is one candidate, asked for where the first of it goes."""
        self.typist.close()
        written = "".join(run.text for each in told for run in each.runs if run.source == AI)
        candidate = ""
        if written.strip("\n"):
            first = next(each.change.at for each in told if any(run.source == AI for run in each.runs))
            number = self.scribe.ask("continue", PlaceTarget(self._near(first)), [self.recipe])
            self.scribe.answered(number, 1, written)
            candidate = candidate_id(number, 1)
        at = 0
        for each in told:
            rows: list[Spans] = [()]
            placed = False
            for run in each.runs:
                if run.source == AI and candidate:
                    placed = True
                    added = _generated(candidate, run.text, at)
                    at += len(run.text)
                else:
                    beside = rows[-1][-1].origin if rows[-1] else None
                    origin = self._origin(run.source, each.change, beside, candidate)
                    added = list(rows_of_text(run.text, origin))
                rows = [*rows[:-1], join(rows[-1], added[0]), *added[1:]]
            how = "imported" if each.runs and each.runs[0].source in (NOBODY, PROMPT) else "typed"
            how = how if each.change.put else "deleted"
            self.typist.enter(each.change, rows, how, candidate if placed else "")
        self.typist.close()

    def _near(self, place: Place) -> Position:
        """A place as the text has it now, or the nearest one before it."""
        text = self.scribe.story.manuscript
        if not len(text):
            return START
        block = text.at(min(place.row, len(text) - 1))
        return Position(block.id, min(place.column, len(block.text)))

    def _origin(self, source: int, change: Change, beside: Origin | None, candidate: str) -> Origin:
        """What text comes from that is not the model's; `beside` is what stands before it in the change.

        What is said to be an edit of the model's text names the candidate around it, or before it, or of its own step.
        """
        if source in (USER, INSTRUCTION, AI):
            return Written()
        if source == EDIT:
            first, last = self.typist.ends(change)
            found = hand_origin(self.scribe.story, first, last)
            if beside is None and first != START:
                beside = origin_at(self.scribe.story.manuscript.block(first.block).spans, first.offset - 1)
            name = candidate_of(found) or (candidate_of(beside) if beside else None) or candidate
            return Edited(name) if name else Written()
        if source not in (NOBODY, PROMPT):
            self.tally.lost("stretches of text of an unknown source", "they are taken as imported text")
        return Imported(BEGINNING if source == PROMPT else SOURCE)


def _generated(candidate: str, text: str, at: int) -> list[Spans]:
    """Characters of a candidate from `at` on, as paragraphs."""
    rows: list[Spans] = []
    for line in text.split("\n"):
        rows.append((Span(line, Generated(candidate, at, at + len(line))),) if line else ())
        at += len(line) + 1
    return rows


def _nobody(node: Node) -> int:
    """Whom a step's text is from where that is not told: the model, where it was asked, else the writer."""
    return USER if node.get("genPosition") is None else AI


def _path(nodes: Mapping[str, Node], root: str, current: str) -> list[str]:
    """The steps from the first to the current one; none where they do not hang together."""
    path: list[str] = []
    seen: set[str] = set()
    name = current
    while name in nodes and name not in seen:
        path.append(name)
        seen.add(name)
        if name == root:
            return path[::-1]
        name = name_of(nodes[name].get("parent"))
    return []


def _nodes(value: Any) -> dict[str, Node]:
    """The steps by id; they may be a list, too."""
    if isinstance(value, list):
        return {name_of(node.get("id")): node for node in map(loose.table, value)}
    return {name_of(key): loose.table(each) for key, each in loose.table(value).items()}


def _children(nodes: Mapping[str, Node], root: str) -> dict[str, list[str]]:
    children: dict[str, list[str]] = {}
    for name, node in nodes.items():
        above = name_of(node.get("parent"))
        if above and name != root:
            children.setdefault(above, []).append(name)
    return children
