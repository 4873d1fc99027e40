"""Actions on exemplars: adding, changing, taking out of what is sent and in again, taking off, and taking in many at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.actions.notes import told
from composer.story.events import ExemplarChanged
from composer.story.story import Exemplar, Story

LONG = 20_000
"""Characters from which an exemplar is longer than most requests have room for."""


class ExemplarText(Struct, frozen=True):
    """What an exemplar is to be; an empty name is made of the text."""

    name: str = ""
    text: str = ""


class FoundExemplars(Struct, frozen=True):
    """The samples in a text, in its order. `rest` is what belongs to none of them."""

    exemplars: tuple[ExemplarText, ...]
    rest: str = ""


def add_exemplar(story: Story, said: ExemplarText, new_id: Callable[[], str]) -> tuple[ExemplarChanged, ...]:
    """An exemplar behind the others. Refused without a text."""
    name, text = _told(said)
    return (ExemplarChanged(len(story.exemplars), None, Exemplar(new_id(), name, text)),)


def edit_exemplar(story: Story, exemplar: str, said: ExemplarText) -> tuple[ExemplarChanged, ...]:
    """Another name or text; nothing if they are the same. Refused without a text."""
    index, before = _find(story, exemplar)
    name, text = _told(said)
    return _changed(index, before, replace(before, name=name, text=text))


def mute_exemplar(story: Story, exemplar: str) -> tuple[ExemplarChanged, ...]:
    """The exemplar is not sent from now on; one that is not, is again."""
    index, before = _find(story, exemplar)
    return _changed(index, before, replace(before, muted=not before.muted))


def delete_exemplar(story: Story, exemplar: str) -> tuple[ExemplarChanged, ...]:
    """The exemplar taken off."""
    index, before = _find(story, exemplar)
    return (ExemplarChanged(index, before, None),)


def take_exemplars(
    story: Story, found: Sequence[ExemplarText], new_id: Callable[[], str]
) -> tuple[ExemplarChanged, ...]:
    """Exemplars from outside. One whose name is there already changes that one, if its text is another; others come behind."""
    changes: list[ExemplarChanged] = []
    free: dict[str, list[int]] = {}
    for index, each in enumerate(story.exemplars):
        free.setdefault(each.name.casefold(), []).append(index)
    count = len(story.exemplars)
    for said in found:
        name, text = told(said.name, said.text)
        if not text:
            continue
        if same := free.get(name.casefold()):
            index = same.pop(0)
            before = story.exemplars[index]
            changes += _changed(index, before, replace(before, name=name, text=text))
        else:
            changes.append(ExemplarChanged(count, None, Exemplar(new_id(), name, text)))
            count += 1
    return tuple(changes)


def _told(said: ExemplarText) -> tuple[str, str]:
    name, text = told(said.name, said.text)
    if not text:
        raise RefusedError("An exemplar needs a text: it is a sample of the style that is wanted.", "Type or paste it.")
    return name, text


def _find(story: Story, exemplar: str) -> tuple[int, Exemplar]:
    for index, each in enumerate(story.exemplars):
        if each.id == exemplar:
            return index, each
    raise RefusedError("That exemplar is not there any more.", "Undo brings it back.")


def _changed(index: int, before: Exemplar, after: Exemplar) -> tuple[ExemplarChanged, ...]:
    return () if before == after else (ExemplarChanged(index, before, after),)
