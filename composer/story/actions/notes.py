"""Actions on notes: adding, changing, pinning, taking out, and taking in many at once. Names and texts are made clean here.

What a note's text means for a request is decided in `context`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Literal

from msgspec import Struct
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.events import NoteChanged
from composer.story.story import Note, NoteKind, Story
from composer.text.clean import clean, one_line

LONGEST_NAME = 100
"""Characters of a name."""
FIRST_WORDS = 6
"""Words of a text that name what was given no name."""
_BLANK_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")


class NoteText(Struct, frozen=True):
    """What a note is to say. An empty kind is one that was not told; an empty name is made of the text."""

    kind: NoteKind | Literal[""] = ""
    name: str = ""
    text: str = ""


class FoundNotes(Struct, frozen=True):
    """The notes in a text, in its order. `rest` is what belongs to none of them."""

    notes: tuple[NoteText, ...]
    rest: str = ""


def told(name: str, text: str) -> tuple[str, str]:
    """A clean name on one line, and a clean text without empty lines around it; both are empty where nothing was said.

    Without a name the first words of the text are the name. One that is too long is shortened, and stands whole before the text.
    """
    text = _BLANK_LINES.sub("", clean(text)).rstrip()
    whole = " ".join(clean(name).split())
    if len(whole) > LONGEST_NAME:
        text = f"{whole}\n\n{text}".rstrip()
    if not whole:
        words = text[: 20 * LONGEST_NAME].split()
        whole = " ".join(words[:FIRST_WORDS]) + ("…" if len(words) > FIRST_WORDS else "")
    return one_line(whole, LONGEST_NAME), text


def add_note(story: Story, said: NoteText, new_id: Callable[[], str]) -> tuple[NoteChanged, ...]:
    """A note behind the others; a person, unless the kind is told. Refused without a word in it."""
    name, text = _told(said)
    return (NoteChanged(len(story.notes), None, Note(new_id(), said.kind or "person", name, text)),)


def edit_note(story: Story, note: str, said: NoteText) -> tuple[NoteChanged, ...]:
    """Other words for a note; nothing if they are the same. Refused without a word."""
    index, before = _find(story, note)
    name, text = _told(said)
    return _changed(index, before, replace(before, kind=said.kind or before.kind, name=name, text=text))


def pin_note(story: Story, note: str) -> tuple[NoteChanged, ...]:
    """The note is always sent from now on; one that is, is no longer."""
    index, before = _find(story, note)
    return _changed(index, before, replace(before, pinned=not before.pinned))


def delete_note(story: Story, note: str) -> tuple[NoteChanged, ...]:
    """The note taken out."""
    index, before = _find(story, note)
    return (NoteChanged(index, before, None),)


def take_notes(story: Story, found: Sequence[NoteText], new_id: Callable[[], str]) -> tuple[NoteChanged, ...]:
    """Notes from outside. One whose name is there already changes that note, where it says anything else; others come behind.

    Of several notes of one name, that of the same kind is changed. An empty text leaves the text as it is.
    """
    wanted = [(said.kind, *told(said.name, said.text)) for said in found]
    free: dict[str, list[int]] = {}
    for index, note in enumerate(story.notes):
        free.setdefault(note.name.casefold(), []).append(index)
    places: dict[int, int] = {}
    for of_its_kind in (True, False):
        for at, (kind, name, _) in enumerate(wanted):
            same = free.get(name.casefold(), [])
            fitting = (index for index in same if not of_its_kind or story.notes[index].kind == kind)
            if at not in places and (index := next(fitting, -1)) >= 0:
                same.remove(index)
                places[at] = index
    changes: list[NoteChanged] = []
    count = len(story.notes)
    for at, (kind, name, text) in enumerate(wanted):
        if at in places:
            before = story.notes[places[at]]
            after = replace(before, kind=kind or before.kind, name=name, text=text or before.text)
            changes += _changed(places[at], before, after)
        elif name:
            changes.append(NoteChanged(count, None, Note(new_id(), kind or "person", name, text)))
            count += 1
    return tuple(changes)


def _told(said: NoteText) -> tuple[str, str]:
    name, text = told(said.name, said.text)
    if not name:
        raise RefusedError("A note needs a name or a text.", "Type either; delete in the list takes a note out.")
    return name, text


def _find(story: Story, note: str) -> tuple[int, Note]:
    for index, each in enumerate(story.notes):
        if each.id == note:
            return index, each
    raise RefusedError("That note is not there any more.", "Undo brings it back.")


def _changed(index: int, before: Note, after: Note) -> tuple[NoteChanged, ...]:
    return () if before == after else (NoteChanged(index, before, after),)
