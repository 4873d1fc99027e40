"""Sections: the stretches of earlier text that can be told in few words, and the summaries that stand for them.

Where a summary was written, its stretch is a section, as long as its blocks still stand together; the rest of the text is cut by
chapters, headings and scene breaks. So a section keeps its borders whatever is typed elsewhere. It writes no summaries.

Limits: text that no summary tells is cut from its beginning on, so that an edit there may move the borders behind it, up to the
next chapter.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from msgspec import Struct

from composer.context.measures import Measured
from composer.story.manuscript import SCENE_BREAKS, Block, Manuscript
from composer.story.outline import Beat, Outline
from composer.story.story import Paraphrase, Story

SECTION = 12_000
"""Characters of a section at most, unless a single paragraph is longer."""
SCENE = 3_600
"""Characters, about 600 words, from which on a section ends at a scene break or a heading within its chapter."""
SHORT = 1_500
"""Text at the end that is shorter than this is no section yet."""
_BREAK = 40
"""Characters of a scene break at most, with white space around it."""


def digest_of(texts: Iterable[str]) -> str:
    """What the texts of a stretch's blocks say, as 32 hexadecimal digits. Empty blocks and scene breaks say nothing."""
    told = (text for text in texts if text and text.strip() not in SCENE_BREAKS)
    return hashlib.blake2b("\n\n".join(told).encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


@dataclass(frozen=True, eq=False)
class Section:
    """The blocks with index [first:last), and the summary that tells them, if there is one.

    `thing` is the id of its first block, by which a shape names its summary. `label` names it for people, `chapter` for the model:
    `ch. 2 · The weigh-house`, empty where there are no chapters. `tokens` are those of the text as written. `stale` says that the
    text was changed since the summary was written.
    """

    first: int
    last: int
    thing: str
    chapter: str
    tokens: int
    paraphrase: Paraphrase | None = None
    stale: bool = False
    _manuscript: Manuscript = field(default_factory=Manuscript, repr=False)

    @property
    def label(self) -> str:
        paragraphs = numbered(self.first, self.last)
        return f"{self.chapter}, {paragraphs}" if self.chapter else paragraphs

    @cached_property
    def blocks(self) -> tuple[str, ...]:
        """The ids of its blocks."""
        return tuple(block.id for block in self._manuscript.between(self.first, self.last))

    @property
    def text(self) -> str:
        """Its text as written, with an empty line between paragraphs."""
        return "\n\n".join(block.text for block in self._manuscript.between(self.first, self.last) if block.spans)

    @cached_property
    def digest(self) -> str:
        """The digest of its text as it stands."""
        return digest_of(block.text for block in self._manuscript.between(self.first, self.last))


class _Same:
    """Blocks that are the same as others if they are the same objects, so that what is known of them is found at once."""

    __slots__ = ("_ids", "blocks")

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.blocks = blocks
        # Of blocks that are kept, so that no other object can have their place.
        self._ids = tuple(map(id, blocks))

    def __hash__(self) -> int:
        return hash(self._ids)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self._ids == other._ids


@lru_cache(maxsize=2048)
def _digest(same: _Same) -> str:
    return digest_of(block.text for block in same.blocks)


def numbered(first: int, last: int) -> str:
    """The paragraphs with index [first:last) as people count them, from 1."""
    return f"¶{first + 1}" if last - first == 1 else f"¶{first + 1}–{last}"


class Chapter(Struct, frozen=True):
    """A chapter of the outline: its number, from 1, and its title."""

    number: int
    title: str

    @property
    def label(self) -> str:
        """`ch. 2 · The weigh-house`; a title that says its number already stands alone."""
        if not self.title:
            return f"ch. {self.number}"
        if str(self.number) in self.title.replace(":", " ").replace(".", " ").split():
            return self.title
        return f"ch. {self.number} · {self.title}"


def chapters(outline: Outline) -> dict[str, Chapter]:
    """The chapter of each beat that is in one.

    Chapters are the beats of that kind; where those at the top have none of that kind below, they are if they have any below.
    """
    found: dict[str, Chapter] = {}
    count = 0

    def walk(beats: Sequence[Beat], chapter: Chapter | None, top: bool) -> None:
        nonlocal count
        for beat in beats:
            own = chapter
            if beat.text.kind == "chapter" or (top and beat.below and not _has_chapter(beat.below)):
                count += 1
                own = Chapter(count, beat.text.title)
            if own:
                found[beat.id] = own
            walk(beat.below, own, False)

    walk(outline.beats, None, True)
    return found


def _has_chapter(beats: Sequence[Beat]) -> bool:
    return any(beat.text.kind == "chapter" or _has_chapter(beat.below) for beat in beats)


def sections(story: Story, until: int, measured: Measured, most: int = 0) -> tuple[Section, ...]:
    """The sections of the blocks [0:until), in order. Those without a summary are of `most` tokens at most, unless that is 0.

    All prose is in one, but for a short rest at the end that no summary tells.
    """
    cutter = _Cutter(story, until, measured, most)
    made: list[Section] = []
    at = 0
    for section in condensed(story, until, measured):
        made += cutter.between(at, section.first)
        made.append(section)
        at = section.last
    made += cutter.between(at, until, at_the_end=True)
    return tuple(made)


def condensed(story: Story, until: int, measured: Measured) -> tuple[Section, ...]:
    """Those of the sections that have a summary."""
    if not story.paraphrases or until <= 0:
        return ()
    manuscript = story.manuscript
    blocks = list(manuscript)
    places = {block.id: at for at, block in enumerate(blocks)}
    found = [(each, *stretch) for each in reversed(story.paraphrases) if (stretch := _stretch(each, places, until))]
    if not found:
        return ()
    told = [(each, first, last, _digest(_Same(blocks[first:last]))) for each, first, last in found]
    # What was written for exactly this text goes first, the longest before others; and then what is newer.
    told.sort(key=lambda each: each[1] - each[2] if each[3] == each[0].digest else 0)
    written = {each.digest: each for each in story.paraphrases}
    owners = _owners(story, until)
    taken: list[tuple[int, int]] = []
    made: list[Section] = []
    for paraphrase, first, last, digest in told:
        at = bisect_right(taken, (first, last))
        if (at and taken[at - 1][1] > first) or (at < len(taken) and taken[at][0] < last):
            continue
        taken.insert(at, (first, last))
        exact = written.get(digest)
        label, thing = _label(owners[first]), blocks[first].id
        tokens = measured.total(first, last)
        made.append(Section(first, last, thing, label, tokens, exact or paraphrase, exact is None, manuscript))
    return tuple(sorted(made, key=lambda section: section.first))


def _stretch(paraphrase: Paraphrase, places: dict[str, int], until: int) -> tuple[int, int] | None:
    """Where its blocks stand now as [first:last), which may hold about as many other blocks; None if they are gone or apart."""
    found = [places[block] for block in paraphrase.blocks if block in places]
    if not found:
        return None
    first, last = min(found), max(found) + 1
    return (first, last) if last <= until and last - first <= 2 * len(paraphrase.blocks) + 2 else None


def _owners(story: Story, until: int) -> list[Chapter | None]:
    """The chapter of each of the blocks [0:until). Text of no chapter stays with what stands before it."""
    known = chapters(story.outline)
    if not known:
        return [None] * until
    owners: list[Chapter | None] = []
    owner: Chapter | None = None
    for block in story.manuscript.between(0, until):
        owner = known.get(block.beat, owner)
        owners.append(owner)
    return owners


def _label(chapter: Chapter | None) -> str:
    return chapter.label if chapter else ""


class _Cutter:
    """Cuts what no summary tells."""

    def __init__(self, story: Story, until: int, measured: Measured, most: int) -> None:
        self._manuscript = story.manuscript
        self._most = most
        self._measured = measured
        self._owners = _owners(story, until)
        self._headings = {beat: tuple(each.id for each in over) for beat, over in story.headings().items()}

    def between(self, first: int, last: int, *, at_the_end: bool = False) -> list[Section]:
        """The sections of the blocks [first:last)."""
        if first >= last:
            return []
        stretches = self._cut(first, self._manuscript.between(first, last))
        if at_the_end and stretches[-1].size < SHORT:
            short = stretches.pop()
            if stretches and stretches[-1].chapter is short.chapter:
                stretches[-1].last = short.last
        return [
            Section(
                each.first,
                each.last,
                self._manuscript.at(each.first).id,
                _label(each.chapter),
                self._measured.total(each.first, each.last),
                _manuscript=self._manuscript,
            )
            for each in stretches
            if each.size
        ]

    def _cut(self, first: int, blocks: Sequence[Block]) -> list[_Stretch]:
        owners = self._owners
        over: tuple[str, ...] | None = None
        broken = False
        stretch = _Stretch(first, first, owners[first])
        made = [stretch]
        for at, block in enumerate(blocks, first):
            spans = block.spans
            size = len(spans[0].text) if len(spans) == 1 else sum([len(span.text) for span in spans])
            heading = self._headings.get(block.beat, over)
            if owners[at] is not stretch.chapter and not stretch.size:
                stretch.chapter = owners[at]
            scene = stretch.size >= SCENE and (broken or (heading != over and over is not None))
            long = stretch.size + size > SECTION or (
                self._most > 0 and self._measured.total(stretch.first, at + 1) > self._most
            )
            if stretch.size and (owners[at] is not stretch.chapter or scene or long):
                stretch = _Stretch(at, at, owners[at])
                made.append(stretch)
            broken = 0 < size < _BREAK and block.is_scene_break
            over = heading
            stretch.last = at + 1
            if not broken:
                stretch.size += size
        return made


@dataclass
class _Stretch:
    """Blocks [first:last), all of one chapter, with their characters of prose."""

    first: int
    last: int
    chapter: Chapter | None
    size: int = 0
