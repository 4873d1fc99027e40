"""What the screen of all stories is told of each, and the port that tells it. Values; nothing here reads or writes a file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from msgspec import Struct

from composer.journal.entry import Entry
from composer.story.outline import BeatText
from composer.story.progress import NOTHING, of_beat, of_block, of_outline
from composer.story.story import Story
from composer.text.clean import clean, one_line

LONGEST_TITLE = 200
"""Characters of a title on the screen."""
LINES = 14
"""Lines of an outline that are shown."""
ENDING = 1_500
"""Characters from the end of a manuscript that are shown, in whole paragraphs where they are no longer."""


class Summary(Struct, frozen=True, omit_defaults=True):
    """What is remembered of a story: its title, words, and how many leaves of its outline are done. None of its text.

    `target` is in words, 0 for none. With `sections` the leaves are sections, else beats.
    """

    title: str = ""
    words: int = 0
    target: int = 0
    done: int = 0
    leaves: int = 0
    sections: bool = False


@dataclass(frozen=True)
class StoryCard:
    """A story in the list: `file` is its file's name for people, `changed` when it was last written, in ms since 1970.

    `summary` is None while it has not been read. `problem` is a few words where it can't be opened just so, and `says` is that in
    full; `stuck` if it can't be opened at all. `here` is the one that this process writes.
    """

    path: str
    file: str
    changed: int = 0
    summary: Summary | None = None
    problem: str = ""
    says: str = ""
    stuck: bool = False
    here: bool = False

    @property
    def title(self) -> str:
        """The title, else the file's name without its ending."""
        return (self.summary.title if self.summary else "") or self.file.rpartition(".")[0] or self.file


@dataclass(frozen=True)
class StoryPage:
    """What a look into a story shows: what it is for, the first lines of its outline, the last lines of its text."""

    purpose: str = ""
    outline: tuple[str, ...] = ()
    more: int = 0
    """Lines of the outline that are left out."""
    ending: str = ""


@dataclass(frozen=True)
class TrashedStory:
    """A story in the trash: its file's name before, and when it was moved there, in ms since 1970."""

    path: str
    file: str
    deleted: int
    size: int


@dataclass(frozen=True)
class Pattern:
    """An outline to begin with: its name, what it is for, and whether it is one of sections. `own` is one of the writer's."""

    name: str
    words: str
    sections: bool = False
    own: bool = False


@dataclass(frozen=True)
class FoundStory:
    """What a file, or a template, would become: `kind` says in words what it is, `losses` what of it has no place here.

    `cut` is where it broke off, in a sentence; empty where it is whole. `branches` are the ways that the text took, at least one.
    """

    kind: str
    title: str
    words: int
    candidates: int
    rounds: int
    branches: int = 1
    beats: int = 0
    """Leaves of its outline."""
    sections: bool = False
    losses: Sequence[str] = ()
    cut: str = ""
    page: StoryPage = StoryPage()
    entries: Sequence[Entry] = ()
    pieces: Mapping[str, bytes] = field(default_factory=dict)


class Stories(Protocol):
    """A writer's stories as files. All but `pattern_names` and `stem` may take a while, and compute off the event loop."""

    trash_folder: str
    """Where deleted stories lie."""

    async def cards(self, paths: Sequence[str]) -> Sequence[StoryCard]:
        """What is known of stories without reading them: dates, who has them open, and what was learned before. It never fails."""

    async def read_story(self, path: str, wanted: Callable[[], bool]) -> tuple[StoryCard, StoryPage | None]:
        """Read a story; what is wrong with it stands on its card. Without a page where it could not be read.

        `wanted` is asked now and then, in another thread; once it says no, the reading ends with what is known.
        """

    async def keep_cards(self) -> None:
        """Remember what was learned by reading. It never fails."""

    async def duplicate(self, path: str) -> str:
        """A copy of a story as its file stands, with all that ever happened in it; the copy's path. SessionError where it can't be."""

    async def rename(self, path: str, title: str, stem: str) -> str:
        """Give a story that is open nowhere another title, and its file a name made of `stem`; its path then. SessionError."""

    def stem(self, title: str) -> str:
        """The file name that a title makes, without its ending."""

    async def discard(self, path: str) -> str:
        """Move a story that is open nowhere to the trash; where it lies there. SessionError where it can't be."""

    async def trash(self) -> Sequence[TrashedStory]:
        """What is in the trash, the newest first."""

    async def restore(self, trashed: str) -> str:
        """Bring a story back out of the trash; its path. SessionError where it can't be."""

    def examples(self) -> Sequence[tuple[str, str]]:
        """The example stories, each as (path, name)."""

    async def take_example(self, path: str) -> str:
        """Copy an example among the stories; the copy's path."""

    def patterns(self) -> Sequence[Pattern]:
        """The templates, the writer's own first."""

    async def look_at_pattern(self, name: str, sections: bool) -> FoundStory:
        """The story that a template begins. UnreadableSource where it can't be read."""

    async def look(self, path: str, outline: bool, sections: bool) -> FoundStory:
        """The story that a file becomes which a writer means by `path`. With `outline` the file is read as an outline alone.

        UnreadableSource where it can't be one, or another ComposerError.
        """

    async def begin(self, title: str, sections: bool, found: FoundStory | None) -> str:
        """Make a story with that title, of what was found or of nothing; its path. SessionError where it can't be written."""


def summary_of(story: Story) -> Summary:
    """Title, words and progress of a story."""
    words = sum(of_block(block).words for block in story.manuscript)
    found = of_outline(story.outline, {}, {})
    top = [found[beat.id] for beat in story.outline.beats]
    whole = of_beat(BeatText(target=story.details.target), NOTHING, 0, top)
    title = one_line(story.details.title, LONGEST_TITLE)
    return Summary(title, words, whole.target, whole.done, whole.leaves, story.details.sections)


def page_of(story: Story) -> StoryPage:
    """What a look into a story shows."""
    rows = list(islice(story.outline.rows(), LINES))
    outline = tuple(
        f"{'  ' * row.depth}{f'{row.number} ' if row.number else ''}{one_line(row.beat.text.full)}" for row in rows
    )
    count = sum(1 for _ in story.outline.rows()) if len(rows) == LINES else len(rows)
    ending: list[str] = []
    room = ENDING
    for number in range(len(story.manuscript) - 1, -1, -1):
        text = clean(story.manuscript.at(number).text).strip()
        if text and (room := room - len(text)) < 0 and ending:
            break
        if text:
            ending.insert(0, text if len(text) <= ENDING else f"… {text[-ENDING:]}")
    return StoryPage(clean(story.details.purpose).strip(), outline, count - len(rows), "\n\n".join(ending))
