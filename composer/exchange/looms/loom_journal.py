"""The journal of a session that was made as a tree of texts: each node a change that branches where the tree does.

What a model wrote is a candidate, siblings are candidates of one round, and those that were gone on from are placed. What was
written by hand is typed. It knows no format, and only adds text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from composer.errors import UnreadableSource
from composer.exchange.looms.loom import Chapter, Loom, Node, Rooted, rooted
from composer.exchange.outside import ANOTHER, label
from composer.exchange.scribe import Scribe, of_origin, rows_of
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.actions.notes import take_notes
from composer.story.actions.remarks import LONGEST, candidate_subject, entry_subject
from composer.story.actions.text import fragment
from composer.story.candidate import PlaceTarget, Recipe, candidate_id
from composer.story.events import BeatAdded, BlockAssigned, RemarkWritten, TextEdited, TextPlaced
from composer.story.manuscript import START, Position
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import Imported, Written
from composer.story.story import Details, Placement
from composer.text.clean import clean, one_line

MOST_CANDIDATES = 50
"""Candidates of a round. More siblings are more rounds at the same place."""
MOST_REMARKS = 2_000
_FARTHEST = 10
"""How many changes a step may lie from the one before it, on average, where nodes are told in the order of their times."""


@dataclass
class _Place:
    """What became of a node: the change that holds with its text, and its candidate, if it has one."""

    change: int
    candidate: str = ""


def journal_of(loom: Loom, about: Circumstances, tally: Tally, cut: str = "") -> Taken:
    """The session that a tree becomes. Its head is the current node; `tally` holds what was lost so far, and gets the rest.

    UnreadableSource where it has no nodes.
    """
    if not loom.nodes:
        raise UnreadableSource(f"{one_line(about.name, 200)} holds no nodes, so there is no text in it.", ANOTHER)
    tree = rooted(loom, tally)
    began = min((node.time for node in tree.nodes if node.time), default=0)
    scribe = Scribe(about, one_line(about.name or loom.source, 200), min(loom.time or began, began or loom.time))
    scribe.details(Details(title=one_line(loom.title, 200) or about.title, purpose=clean(loom.purpose).strip()))
    if loom.notes:
        scribe.record(*take_notes(scribe.story, loom.notes, about.new_id))
    writer = _Writer(loom, tree, scribe, tally)
    for at in _order(tree):
        writer.write(at)
    writer.finish()
    return scribe.taken(tally.all, cut or tally.cut)


class _Writer:
    def __init__(self, loom: Loom, tree: Rooted, scribe: Scribe, tally: Tally) -> None:
        self.loom, self.tree, self.scribe, self.tally = loom, tree, scribe, tally
        self.before = scribe.head
        self.texts = [clean(node.text) for node in tree.nodes]
        self.places: list[_Place | None] = [None] * len(tree.nodes)
        self.on_path = set(tree.path)
        self.rounds = _rounds(tree)
        self.remarks = 0

    def write(self, at: int) -> None:
        """Enter a node. Its parent has been entered."""
        node, parent = self.tree.nodes[at], self.tree.parents[at]
        above = self._change_of(parent)
        if node.by == "model":
            if self.places[at] is None:
                self._ask(at, above)
            place = self.places[at]
            if place is not None and (at in self.on_path or self.tree.children[at]):
                self._put(at, place, above)
            return
        place = self.places[at] = _Place(above)
        self._put(at, place, above)

    def _change_of(self, at: int) -> int:
        place = self.places[at] if at >= 0 else None
        return place.change if place else self.before

    def _ask(self, at: int, above: int) -> None:
        """Enter the round that a node came from, with all its candidates."""
        tree, scribe = self.tree, self.scribe
        asked = self.rounds[at]
        self._go_to(above)
        times = [tree.nodes[each].time for each in asked if tree.nodes[each].time]
        scribe.at(min(times, default=0))
        recipes = [self._recipe(tree.nodes[each]) for each in asked]
        first, end = self._range(tree.nodes[asked[0]])
        number = scribe.ask("continue", PlaceTarget(first, end=end if end != first else None), recipes)
        for place, each in enumerate(asked, 1):
            scribe.answered(number, place, self.texts[each])
            name = candidate_id(number, place)
            self.places[each] = _Place(above, name)
            self._remark(tree.nodes[each], candidate_subject(name))

    def _recipe(self, node: Node) -> Recipe:
        model = label(node.model or self.loom.model)
        return Recipe(self.loom.source, model, self.loom.sampling if node.sampling is None else node.sampling)

    def _go_to(self, change: int) -> None:
        if change != self.scribe.head:
            self.scribe.go_to(change)

    def _range(self, node: Node) -> tuple[Position, Position]:
        """The place of a node's text in that of its parent, which is the text now, and the end of what it takes out."""
        last = self.scribe.story.manuscript.last
        if node.at is None:
            return last, last
        first = self.scribe.position(node.at)
        return first, self.scribe.position(node.at + node.gone) if node.gone else first

    def _put(self, at: int, place: _Place, above: int) -> None:
        """Put a node's text behind its parent's; where it has none, its parent's change is its own."""
        node, text, scribe = self.tree.nodes[at], self.texts[at], self.scribe
        glue = self.loom.glue if self.tree.parents[at] >= 0 else ""
        if text or glue or node.gone:
            self._go_to(above)
            scribe.at(node.time)
            if place.candidate:
                rows = rows_of(place.candidate, text, 0, len(text))
            else:
                rows = of_origin(text, Written() if node.by == "hand" else Imported(scribe.source))
            story = scribe.story
            first, end = self._range(node)
            rows = ((), *rows) if glue and first != START else rows
            removed = story.manuscript.fragment(first, end)
            put = fragment(story, first, rows, scribe.about.new_id)
            if place.candidate:
                scribe.record(TextPlaced(first, removed, put, Placement((place.candidate,))))
            else:
                scribe.record(TextEdited(first, removed, put, "typed" if node.by == "hand" else "imported"))
            place.change = scribe.head
        if not place.candidate:
            self._remark(node, entry_subject(place.change or 1))

    def _remark(self, node: Node, subject: str) -> None:
        if not node.remark:
            return
        self.remarks += 1
        if self.remarks > MOST_REMARKS:
            self.tally.lost("bookmarks and tags", f"a session takes {MOST_REMARKS:,} of them")
            return
        text = one_line(node.remark, LONGEST)
        if text:
            self.scribe.record(RemarkWritten(self.remarks, subject, text))

    def finish(self) -> None:
        """Go to the current node; put the chapters on its path into the outline."""
        path = self.tree.path
        self._go_to(self._change_of(path[-1]) if path else self.before)
        if self.loom.chapters:
            self._chapters(self.loom.chapters)

    def _chapters(self, chapters: Sequence[Chapter]) -> None:
        """A beat for each chapter on the path that begins with a paragraph; the text up to the next one is its own."""
        by_node = {chapter.node: chapter for chapter in reversed(chapters)}
        blocks = list(self.scribe.story.manuscript)
        starts, at = {}, 0
        for index, block in enumerate(blocks):
            starts[at] = index
            at += len(block.text) + 1
        glue = len(self.loom.glue)
        found: list[tuple[int, str]] = []
        at = 0
        for step, place in enumerate(self.tree.path):
            at += glue if step else 0
            chapter = by_node.get(self.tree.nodes[place].id)
            # A text that begins with line ends begins with a paragraph too: the one behind them.
            text = self.texts[place]
            start = starts.get(at + len(text) - len(text.lstrip("\n")))
            title = one_line(chapter.title, 300) if chapter else ""
            if start is not None and title and start not in [before for before, _ in found]:
                found.append((start, title))
            at += len(text)
        lost = len(chapters) - len(found)
        if lost:
            why = "they have no title, lie on other branches than the current one, or begin inside a paragraph"
            self.tally.lost("chapters", why, lost)
        for number, (index, title) in enumerate(found):
            beat = self.scribe.about.new_id()
            until = found[number + 1][0] if number + 1 < len(found) else len(blocks)
            self.scribe.record(
                BeatAdded(Slot("", number), Beat(beat, BeatText(title=title, kind="chapter"))),
                *(BlockAssigned(block.id, "", beat) for block in blocks[index:until]),
            )


def _rounds(tree: Rooted) -> dict[int, list[int]]:
    """For each node of a model those of the round that it came from: siblings of one request, at one place."""
    rounds: dict[tuple[int, str, int | None, int], list[int]] = {}
    for at, node in enumerate(tree.nodes):
        if node.by == "model":
            rounds.setdefault((tree.parents[at], node.generation, node.at, node.gone), []).append(at)
    found: dict[int, list[int]] = {}
    for (_, generation, _, _), asked in rounds.items():
        if generation:
            asked.sort(key=lambda each: tree.nodes[each].index)
        for first in range(0, len(asked), MOST_CANDIDATES):
            some = asked[first : first + MOST_CANDIDATES]
            found.update((each, some) for each in some)
    return found


def _order(tree: Rooted) -> list[int]:
    """The order in which nodes are told, parents first: that of their times, or where that leads to and fro too often, by branches.

    By branches the current path comes last.
    """
    by_branch = _by_branch(tree)
    if not any(node.time for node in tree.nodes):
        return by_branch
    depth, time = [0] * len(tree.nodes), [0] * len(tree.nodes)
    for at in by_branch:
        parent = tree.parents[at]
        depth[at] = depth[parent] + 1 if parent >= 0 else 1
        time[at] = max(tree.nodes[at].time, time[parent] if parent >= 0 else 0)
    by_time = sorted(by_branch, key=lambda at: (time[at], depth[at]))
    left = _FARTHEST * len(by_time) + 1_000
    before = -1
    for at in by_time:
        first, second = before, at
        while first != second and left > 0:
            left -= 1
            if first < 0 or (second >= 0 and depth[second] >= depth[first]):
                second = tree.parents[second]
            else:
                first = tree.parents[first]
        before = at
    return by_time if left > 0 else by_branch


def _by_branch(tree: Rooted) -> list[int]:
    on_path = set(tree.path)
    order: list[int] = []
    waiting: list[int] = []
    below = tree.roots
    while waiting or below:
        # The last one that waits is told next: so what is to come first is put there last.
        waiting += [each for each in below if each in on_path]
        waiting += [each for each in reversed(below) if each not in on_path]
        order.append(waiting.pop())
        below = tree.children[order[-1]]
    return order
