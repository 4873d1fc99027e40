"""The writer's stories as files: listed, read, copied, renamed, deleted to the trash, made of templates and of other programs' files.

What takes time is done in threads. It shows nothing, and opens no story to write in but for the moment of renaming it.
"""

from __future__ import annotations

import asyncio
import os
import re
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec.structs import replace

from composer import __version__
from composer.cli.wiring import examples_folder, new_id, state_folder, templates_folder, write_session
from composer.errors import ComposerError, UnreadableSource
from composer.journal.entry import Entry
from composer.journal.journal import Journal
from composer.session.ports import Batch
from composer.session.stories import (
    FoundStory,
    Pattern,
    StoryCard,
    StoryPage,
    TrashedStory,
    page_of,
    summary_of,
)
from composer.store import files, trash
from composer.store.opening import open_any
from composer.store.sqlite import open_session
from composer.store.summaries import Summaries, card_of, read_story
from composer.story.actions.outline import change_details
from composer.story.events import DetailsChanged, SessionCreated
from composer.story.story import Story, Structure
from composer.text.clean import one_line

_COPY = re.compile(r"(?P<title>.*) \(copy(?: (?P<number>\d{1,4}))?\)", re.DOTALL)


class Bookcase:
    """The port `Stories` over a folder, with the rest of `Library` that is about stories."""

    def __init__(self, folder: Path) -> None:
        self._folder = Path(os.path.abspath(folder))
        self._summaries = Summaries(state_folder() / "stories.json")
        self.trash_folder = str(trash.trash_folder(self._folder))

    # the list

    def stories(self) -> Sequence[tuple[str, str]]:
        return [(str(each.path), one_line(each.path.name, 200)) for each in files.sessions(self._folder)]

    async def cards(self, paths: Sequence[str]) -> Sequence[StoryCard]:
        return await asyncio.to_thread(lambda: [card_of(path, self._summaries) for path in paths])

    async def read_story(self, path: str, wanted: Callable[[], bool]) -> tuple[StoryCard, StoryPage | None]:
        return await asyncio.to_thread(read_story, path, self._summaries, wanted)

    async def keep_cards(self) -> None:
        await asyncio.to_thread(self._summaries.keep)

    # one story

    async def duplicate(self, path: str) -> str:
        entries, pieces = await whole_of(path)
        journal = await asyncio.to_thread(_journal, entries)
        title = copy_title(journal.story.details.title or Path(path).stem)
        made = journal.record(_titled(journal.story, title), max(_now(), journal.time))
        return await self.make(title, [*entries, *made], pieces)

    async def rename(self, path: str, title: str, stem: str) -> str:
        store = await open_session(path)
        try:
            journal = await asyncio.to_thread(_journal, await store.read())
            if made := journal.record(_titled(journal.story, title), max(_now(), journal.time)):
                await store.append(Batch(made))
        finally:
            await store.close()
        source = Path(path)
        if not stem or stem == source.name.removesuffix(files.SUFFIX):
            return path
        target = files.free_path(source.parent, stem)
        return str(await asyncio.to_thread(trash.move, source, target, _now()))

    def stem(self, title: str) -> str:
        return files.file_stem(title)

    # the trash

    async def discard(self, path: str) -> str:
        return str(await asyncio.to_thread(trash.discard, Path(path), self._folder, _now()))

    async def trash(self) -> Sequence[TrashedStory]:
        return await asyncio.to_thread(trash.trashed, self._folder)

    async def restore(self, trashed: str) -> str:
        return str(await asyncio.to_thread(trash.restore, Path(trashed), self._folder, _now()))

    # new ones

    def fresh(self) -> str:
        return str(files.free_path(self._folder, "untitled"))

    async def make(self, title: str, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> str:
        target = files.free_path(self._folder, title)
        await write_session(target, entries, pieces)
        return str(target)

    def examples(self) -> Sequence[tuple[str, str]]:
        found = sorted(examples_folder().glob("*.jsonl"))
        return [(str(each), each.stem.replace("-", " ").capitalize()) for each in found]

    async def take_example(self, path: str) -> str:
        entries, pieces = await whole_of(path)
        return await self.make(Path(path).stem, entries, pieces)

    def patterns(self) -> Sequence[Pattern]:
        from composer.exchange.documents.templates import ours

        own = {name.casefold(): pattern for name, pattern in own_patterns().items()}
        # One of the writer's stands in place of ours of that name.
        rest = [Pattern(each.name, each.about, each.sections) for each in ours() if each.name.casefold() not in own]
        return [*own.values(), *rest]

    async def look_at_pattern(self, name: str, sections: bool) -> FoundStory:
        return await asyncio.to_thread(look_at_pattern, name, sections)

    async def look(self, path: str, outline: bool, sections: bool) -> FoundStory:
        return await look(path, outline=outline, sections=sections)

    async def begin(self, title: str, sections: bool, found: FoundStory | None) -> str:
        entries = await asyncio.to_thread(begun, title, sections, found)
        return await self.make(title or "untitled", entries, found.pieces if found else {})


def begun(title: str, sections: bool, found: FoundStory | None) -> list[Entry]:
    """The journal of a new story with that title, of what was found or of nothing. Without a title it has that of what was found."""
    entries = list(found.entries) if found else []
    journal = _journal(entries)
    now = max(_now(), journal.time)
    if not entries:
        entries += journal.record((SessionCreated(new_id(), __version__),), now)
    before = journal.story.details
    structure: Structure = "nonfiction" if sections else "fiction"
    details = replace(before, title=title or before.title, structure=structure)
    entries += journal.record(change_details(journal.story, details), now)
    return entries


async def whole_of(path: str) -> tuple[Sequence[Entry], Mapping[str, bytes]]:
    """All of a session or journal, as its file stands."""
    store = await open_any(path, read_only=True)
    try:
        # Pieces come before the entries that name them, so what is read later holds all of them.
        entries = await store.read()
        return entries, await store.pieces(await store.piece_names())
    finally:
        await store.close()


def copy_title(title: str) -> str:
    """The title of a copy."""
    match = _COPY.fullmatch(title)
    return f"{match['title']} (copy {int(match['number'] or 1) + 1})" if match else f"{title} (copy)"


# what there is to begin with


async def look(path: str, *, outline: bool, sections: bool) -> FoundStory:
    """The story that a file becomes: another program's, a document, or one of ours. ComposerError where it can't be one."""
    from composer.cli.reading import meant_path

    where = meant_path(path)
    if not outline and await asyncio.to_thread(_is_ours, where):
        entries, pieces = await whole_of(str(where))
        journal = await asyncio.to_thread(_journal, entries)
        title = journal.story.details.title or one_line(where.stem, 100)
        return await asyncio.to_thread(
            _found, "story or journal of this program", title, journal.story, entries, pieces, (), ""
        )
    from composer.cli.sources import look_into

    found = await look_into(path, outline=outline, sections=sections)
    taken = found.taken
    losses = tuple(str(loss) for loss in taken.losses)
    return await asyncio.to_thread(
        _found, found.format.words, found.title, taken.story, taken.entries, taken.pieces, losses, taken.cut, sections
    )


def look_at_pattern(name: str, sections: bool | None) -> FoundStory:
    """The story that the template of that name begins, the writer's own before ours; of sections if it says so, unless it is told."""
    from composer.exchange.documents.templates import ours, take, template_of
    from composer.exchange.taken import Circumstances

    paths: dict[str, Path] = {}
    own = own_patterns(paths)
    key = next((each for each in own if each.casefold() == name.casefold()), "")
    if key:
        file = paths[key]
        try:
            template = template_of(file.name, file.read_bytes())
        except OSError as error:
            raise UnreadableSource(f"The template {key} can't be read: {error.strerror}.") from error
    else:
        found = next((each for each in ours() if each.name.casefold() == name.casefold()), None)
        if found is None:
            raise UnreadableSource(f"There is no template called {one_line(name, 60)}.", _names())
        template = found
    about = Circumstances(template.name, _now(), new_id, __version__)
    taken = take(template, about, sections=sections)
    # The name of a template is not the title of a story.
    told = template.sections if sections is None else sections
    return _found("template", "", taken.story, taken.entries, taken.pieces, (), taken.cut, told)


def own_patterns(paths: dict[str, Path] | None = None) -> dict[str, Pattern]:
    """The writer's templates by name; what is none is left out. `paths` is filled with where they lie."""
    from composer.exchange.documents.templates import LARGEST, SUFFIX, template_of

    found: dict[str, Pattern] = {}
    for file in sorted(templates_folder().glob(f"*{SUFFIX}")):
        try:
            if not file.is_file() or file.stat().st_size > LARGEST:
                continue
            template = template_of(file.name, file.read_bytes())
        except (OSError, ComposerError):
            continue
        found[template.name] = Pattern(template.name, template.about, template.sections, own=True)
        if paths is not None:
            paths[template.name] = file
    return found


def is_pattern(name: str) -> bool:
    """Whether there is a template of that name."""
    from composer.exchange.documents.templates import ours

    return name.casefold() in {each.casefold() for each in (*own_patterns(), *(each.name for each in ours()))}


def _names() -> str:
    from composer.exchange.documents.templates import ours

    return f"There are: {', '.join((*own_patterns(), *(each.name for each in ours())))}."


def _found(
    kind: str,
    title: str,
    story: Story,
    entries: Sequence[Entry],
    pieces: Mapping[str, bytes],
    losses: tuple[str, ...],
    cut: str,
    sections: bool = False,
) -> FoundStory:
    changes = {entry.seq for entry in entries if entry.parent >= 0}
    branches = len(changes - {entry.parent for entry in entries})
    return FoundStory(
        kind=kind,
        title=one_line(title),
        words=summary_of(story).words,
        candidates=sum(len(asked.candidates) for asked in story.rounds),
        rounds=len(story.rounds),
        branches=max(1, branches),
        beats=len(story.outline.leaves()),
        sections=sections or story.details.sections,
        losses=losses,
        cut=cut,
        page=page_of(story),
        entries=entries,
        pieces=pieces,
    )


def _is_ours(where: Path) -> bool:
    """Whether a file is a session or a journal of ours, damaged or not."""
    from composer.store.jsonl import FORMAT, is_journal
    from composer.store.lock import held_here
    from composer.store.schema import MAGIC

    if held_here(str(where)):
        return True
    try:
        with where.open("rb") as file:
            head = file.read(200)
    except (OSError, ValueError):
        return False
    return head.startswith(MAGIC) or (is_journal(head) and FORMAT.encode() in head)


def _journal(entries: Sequence[Entry]) -> Journal:
    journal = Journal()
    journal.read(entries)
    return journal


def _titled(story: Story, title: str) -> Sequence[DetailsChanged]:
    return change_details(story, replace(story.details, title=title))


def _now() -> int:
    return time.time_ns() // 1_000_000
