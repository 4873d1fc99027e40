"""The actions of a KoboldAI save, in order, with what else stood in the place of each: from all forms that saves have.

    actions: ["…", …] or {"0": "…"}, actions_metadata: {"0": {"Selected Text", "Alternative Text": [{"Text", "Edited", …}]}} or a list
    actions: {"action_count": 3, "actions": {"0": {"Selected Text", "Options": [{"text", "Edited", …}], "Original Text", "Origin"}}}

It makes no rounds and decides no origins; it cleans all text.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from composer.exchange.moments import moment
from composer.exchange.programs import loose
from composer.exchange.taken import Tally
from composer.text.clean import clean

_PICTURE = re.compile(r"\[<\|([pd])\|[^|<>\[\]]*+\|\1\|>\]")
"""A picture within the text of a Lite save: its data, or where it was to come."""
_MARKS = re.compile(r"\{\{\[(?:INPUT|OUTPUT|SYSTEM)(?:_END)?\]\}\}")
"""What tells an instruction from an answer in a Lite save."""

By = Literal["", "ai", "user"]


@dataclass(frozen=True)
class Action:
    """A piece of the text; empty where nothing was chosen yet. All texts are clean.

    `others` are other answers to the same request; `earlier` is how the text stood before it was changed by hand, the oldest
    first. `by` is empty where the save does not say. `time` is in ms since 1970, 0 where it is not told.
    """

    text: str
    others: tuple[str, ...] = ()
    earlier: tuple[str, ...] = ()
    by: By = ""
    time: int = 0


def actions_of(save: Mapping[str, Any], tally: Tally) -> list[Action]:
    """The actions of a save. The last ones may have no text."""
    told = save.get("actions")
    inner = loose.table(told)
    if "actions" in inner:
        return list(_united(inner, tally))
    return list(_classic(told, save.get("actions_metadata"), tally))


def cleaned(value: Any, tally: Tally) -> str:
    """A text of a save, clean and without its pictures."""
    words = clean(loose.text(value))
    if "<|" in words:
        words, pictures = _PICTURE.subn("", words)
        if pictures:
            tally.lost("pictures", "a session holds text alone", pictures)
    if "{{[" in words and (marks := len(_MARKS.findall(words))):
        tally.lost("marks of instruct mode", "they stand in the text as the save has them", marks)
    return words


def _classic(told: Any, metadata: Any, tally: Tally) -> Iterator[Action]:
    """Actions as texts, and beside them what else was there."""
    texts = loose.numbered(told)
    known = {number: loose.table(entry) for number, entry in loose.numbered(metadata).items()}
    # The numbers of the entries have gaps where actions were deleted; those of the texts have none.
    in_order = list(known)
    used: set[int] = set()
    for place, (number, value) in enumerate(texts.items()):
        if not isinstance(value, str):
            tally.lost("actions without text", "there is nothing to put in the text")
            continue
        at = _entry_of(value, number, in_order[place : place + 1], known, used)
        entry = known[at] if at is not None else {}
        told_of = list(loose.row(entry.get("Alternative Text")))
        if at is not None:
            used.add(at)
            if entry.get("Selected Text") != value:
                # What it tells of was changed since.
                told_of.insert(0, {"Text": entry.get("Selected Text"), "Edited": True})
        # The newest version before a change by hand stands first.
        yield _action(cleaned(value, tally), told_of, "Text", tally, newest_first=True)
    last = max(used, default=-1)
    for number, entry in known.items():
        if number in used or not loose.row(entry.get("Alternative Text")):
            continue
        if number > last:
            yield _action("", entry.get("Alternative Text"), "Text", tally, newest_first=True)
        else:
            tally.lost("alternatives", "the action that they belong to is gone", len(entry["Alternative Text"]))


def _entry_of(
    text: str, number: int, by_place: Sequence[int], known: Mapping[int, Mapping[str, Any]], used: Collection[int]
) -> int | None:
    """The number of the entry that tells of an action; None where none does."""
    free = [at for at in (number, *by_place) if at in known and at not in used]
    exact = [at for at in free if known[at].get("Selected Text") == text]
    return next(iter(exact), number if number in free and known[number].get("Selected Text") else None)


def _united(inner: Mapping[str, Any], tally: Tally) -> Iterator[Action]:
    """Actions that hold all of it themselves."""
    entries = loose.numbered(inner.get("actions"))
    last = loose.number(inner.get("action_count"))
    for number, value in entries.items():
        entry = loose.table(value)
        if not entry:
            tally.lost("actions without text", "there is nothing to put in the text")
            continue
        chosen = last is None or number <= last
        text = cleaned(entry.get("Selected Text"), tally) if chosen else ""
        made = _action(text, entry.get("Options"), "text", tally)
        origin = entry.get("Origin")
        by: By = "ai" if origin == "ai" else "user" if origin == "user" else ""
        original = cleaned(entry.get("Original Text"), tally)
        earlier = (original, *made.earlier) if original not in ("", text, *made.others, *made.earlier) else made.earlier
        if loose.row(entry.get("Probabilities")):
            tally.lost("actions with probabilities of their tokens", "they are told in a way that is not read")
        yield Action(text, made.others, earlier, by, moment(entry.get("Time")))


def _action(text: str, told: Any, key: str, tally: Tally, *, newest_first: bool = False) -> Action:
    """An action with its alternatives, each of them once."""
    others: dict[str, None] = {}
    earlier: dict[str, None] = {}
    pinned = 0
    for each in loose.row(told):
        option = loose.table(each) if not isinstance(each, str) else {key: each}
        words = cleaned(option.get(key), tally)
        if not words.strip() or words == text:
            continue
        (earlier if option.get("Edited") is True else others)[words] = None
        pinned += option.get("Pinned") is True
    if pinned:
        tally.lost("pins", "the texts are among the candidates", pinned)
    before = tuple(each for each in earlier if each not in others)
    return Action(text, tuple(others), before[::-1] if newest_first else before)
