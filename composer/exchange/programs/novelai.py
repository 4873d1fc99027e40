"""NovelAI stories, scenarios and documents, in: text with its history, what it came from, and what is kept straight beside it.

A story holds its text as a document, packed or as JSON, or in older ones as fragments; that of a scenario is its prompt. What
the model wrote is generated, each time as a round of one candidate, because nothing else of its requests is kept. Memory, the
author's note and the lorebook become notes.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping
from typing import Any

from composer.errors import UnreadableSource
from composer.exchange.moments import moment
from composer.exchange.outside import label
from composer.exchange.programs import loose
from composer.exchange.programs.lore import Lore
from composer.exchange.programs.msgpackr import unpack
from composer.exchange.programs.novelai_history import SOURCE, History
from composer.exchange.programs.novelai_sections import AI, EDIT, NOBODY, PROMPT, USER, Run
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.candidate import Recipe
from composer.story.story import Details
from composer.text.clean import clean, one_line

_VERSIONS = frozenset(("storyContainerVersion", "storyContentVersion", "scenarioVersion", "lorebookVersion"))
_DOCUMENT = frozenset(("sections", "order"))
_ORIGINS = {"root": PROMPT, "prompt": PROMPT, "user": USER, "ai": AI, "edit": EDIT}
_SAMPLING = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "top_a": "top_a",
    "min_p": "min_p",
    "typical_p": "typical_p",
    "tail_free_sampling": "tfs",
    "repetition_penalty": "repetition_penalty",
    "max_length": "max_tokens",
}
_TITLE = 200


def fits(head: bytes, name: str) -> bool:
    """Whether it looks like a story, a scenario, a lorebook or a decoded document."""
    sign, keys = loose.keys_in(head)
    if sign != "{":
        return False
    return (
        bool(keys & _VERSIONS) or keys >= _DOCUMENT or ("sections" in keys and keys >= {"meta", "source", "position"})
    )


def read(data: bytes, about: Circumstances) -> Taken:
    """The session in a story. UnreadableSource where it holds none that can be read."""
    value, cut = loose.parsed(data, about.name)
    found = loose.table(value)
    content = loose.table(found.get("content")) or found
    told = loose.table(found.get("metadata")) or content
    tally = Tally()
    document = _document(content, tally)
    fragments = list(_fragments(content, tally))
    if document is None and not fragments and not _beside(content):
        why = "its text is packed in a way that can't be read" if content.get("document") else "it has no text"
        raise UnreadableSource(
            f"{one_line(about.name, 200)} can't be imported as a NovelAI story: {why}.",
            "Export the story from NovelAI once more, or save its text as a plain text file.",
        )
    scribe = Scribe(about, SOURCE, moment(told.get("createdAt")))
    title = one_line(loose.text(told.get("title")), _TITLE) or about.title
    purpose = one_line(loose.text(told.get("description")), 1000)
    scribe.details(Details(title=title, author=one_line(loose.text(told.get("author")), _TITLE), purpose=purpose))
    _keep_straight(content, Lore(scribe, tally), tally)
    if told.get("tags"):
        tally.lost("tags", "a session has none", len(loose.row(told.get("tags"))) or 1)
    history = History(scribe, _recipe(content), tally)
    if document is not None:
        history.document(document)
    else:
        history.become(fragments)
    scribe.at(moment(told.get("lastUpdatedAt")))
    return scribe.taken(tally.all, cut)


def _document(content: Mapping[str, Any], tally: Tally) -> Mapping[str, Any] | None:
    """The document of a story, unpacked; None where there is none, or none that can be read."""
    found = content.get("document")
    if found is None and isinstance(content.get("sections"), dict):
        return content
    if isinstance(found, str) and found:
        try:
            found = unpack(base64.b64decode(found, validate=False))
        except (ValueError, binascii.Error):
            tally.lost("documents that can't be unpacked", "the older form of the text is taken, where there is one")
            return None
    document = loose.table(found)
    return document if isinstance(document.get("sections"), dict) else None


def _fragments(content: Mapping[str, Any], tally: Tally) -> Iterator[Run]:
    """The text of an older story, or the prompt of a scenario, by what it came from; neighbours of one source are one."""
    story = loose.table(content.get("story"))
    last = Run("", NOBODY)
    for each in loose.row(story.get("fragments")):
        fragment = loose.table(each)
        text = clean(loose.text(fragment.get("data")))
        source = _ORIGINS.get(loose.text(fragment.get("origin")), NOBODY)
        if source == last.source:
            last = Run(last.text + text, source)
        elif text:
            if last.text:
                yield last
            last = Run(text, source)
    if last.text:
        yield last
    elif prompt := clean(loose.text(content.get("prompt"))):
        yield Run(prompt, PROMPT)
    if steps := len(loose.row(story.get("datablocks"))):
        tally.lost("steps of the older history", "the text is taken as it stands", steps)


def _beside(content: Mapping[str, Any]) -> bool:
    """Whether there is anything to keep straight beside the text, or an empty story."""
    return bool(
        loose.table(content.get("lorebook"))
        or loose.row(content.get("entries"))
        or loose.row(content.get("context"))
        or isinstance(loose.table(content.get("story")).get("fragments"), list)
        or isinstance(content.get("prompt"), str)
    )


def _keep_straight(content: Mapping[str, Any], lore: Lore, tally: Tally) -> None:
    """Memory, the author's note and the lorebook as notes."""
    for name, each in zip(("Memory", "Author's note"), loose.row(content.get("context")), strict=False):
        lore.fact(name, loose.table(each).get("text"))
    for each in loose.row(content.get("ephemeralContext")):
        lore.fact("Passing context", loose.table(each).get("text"), pinned=False)
    book = loose.table(content.get("lorebook")) or content
    for each in loose.row(book.get("entries")):
        entry = loose.table(each)
        keys = [key for key in map(loose.text, loose.row(entry.get("keys"))) if key.strip()]
        name = loose.text(entry.get("displayName")).strip()
        lore.note("fact", name or ", ".join(keys), entry.get("text"), pinned=entry.get("forceActivation") is True)
        if name and keys:
            tally.lost("keys of lorebook entries", "a note has no keys, but its name", len(keys))
        if entry.get("enabled") is False:
            tally.lost("lorebook entries that were switched off", "they stand among the notes like the others")
    if categories := len(loose.row(book.get("categories"))):
        tally.lost("categories of the lorebook", "notes have no folders", categories)
    if placeholders := len(loose.row(content.get("placeholders"))):
        tally.lost("placeholders", "they stand in the text as they are", placeholders)
    if loose.table(content.get("settings")) or loose.row(content.get("bannedSequenceGroups")):
        tally.lost("settings of the program", "only what was sampled with is kept, with what the model wrote")


def _recipe(content: Mapping[str, Any]) -> Recipe:
    """What the model is asked with by now: nobody knows what it was asked with then."""
    settings = loose.table(content.get("settings"))
    model = loose.text(settings.get("model")) or loose.text(content.get("model"))
    return Recipe(SOURCE, label(model), loose.sampling(loose.table(settings.get("parameters")), _SAMPLING))
