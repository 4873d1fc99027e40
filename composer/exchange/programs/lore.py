"""What other tools keep straight beside the text: memory, author's notes, entries of world info, and who speaks. All become notes.

It never decides what is sent to a model; what was always sent there is pinned. Names and texts are made clean here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from composer.exchange.programs import loose
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Tally
from composer.story.actions.notes import told
from composer.story.events import NoteChanged
from composer.story.story import Note, NoteKind

TEMPLATE = "[Author's note: <|>]"
"""The frame that author's notes have where nobody chose another."""


class Lore:
    """The notes of a session in the making, in the order in which they are met."""

    def __init__(self, scribe: Scribe, tally: Tally) -> None:
        self._scribe = scribe
        self._tally = tally

    def note(self, kind: NoteKind, name: Any, text: Any, *, pinned: bool = False) -> None:
        """A note. Nothing where neither a name nor a text says anything."""
        clean_name, clean_text = told(loose.text(name), loose.text(text))
        if clean_name:
            made = Note(self._scribe.about.new_id(), kind, clean_name, clean_text, pinned)
            self._scribe.record(NoteChanged(len(self._scribe.story.notes), None, made))

    def fact(self, name: str, text: Any, *, pinned: bool = True) -> None:
        """A text that has a place of its own there. Nothing where it is empty."""
        if loose.text(text).strip():
            self.note("fact", name, text, pinned=pinned)

    def author(self, text: Any, template: Any) -> None:
        """The author's note, and the frame that it is put in where it is another than usual."""
        self.fact("Author's note", text)
        frame = loose.text(template)
        if frame.strip() not in ("", "<|>", TEMPLATE):
            self.fact("Frame of the author's note", frame, pinned=False)

    def people(self, names: Iterable[str]) -> None:
        """Those who speak, each once."""
        for name in dict.fromkeys(names):
            if name.strip():
                self.note("person", name, "")

    def entry(self, entry: Any) -> None:
        """An entry of world info: named by its keys, pinned where it is always sent."""
        found = loose.table(entry)
        keys = _keys(found.get("key")) or _keys(found.get("keys"))
        titles = [
            title for name in ("comment", "title", "displayName", "name") if (title := loose.text(found.get(name)))
        ]
        text = loose.text(found.get("content")) or loose.text(found.get("text")) or loose.text(found.get("entry"))
        if not (keys or titles or text.strip()):
            if found:
                self._tally.lost("entries of world info", "they say nothing")
            return
        self.note("fact", ", ".join(keys) or (titles or [""])[0], text, pinned=found.get("constant") is True)
        self._lose(found, bool(keys and titles))

    def _lose(self, found: Mapping[str, Any], titled: bool) -> None:
        """What an entry says besides."""
        if titled:
            self._tally.lost("titles of world info", "the notes are named by their keys")
        if found.get("selective") is True and (_keys(found.get("keysecondary")) or _keys(found.get("keysecondaryarr"))):
            self._tally.lost("second keys of world info", "a note has no condition")
        if loose.text(found.get("keyanti")):
            self._tally.lost("excluding keys of world info", "a note has no condition")
        if found.get("folder") not in (None, "", False) or loose.text(found.get("wigroup")):
            self._tally.lost("folders of world info", "notes have no folders")
        if found.get("widisabled") is True or found.get("disable") is True or found.get("enabled") is False:
            self._tally.lost(
                "entries of world info that were switched off", "they stand among the notes like the others"
            )


def _keys(value: Any) -> list[str]:
    """Keys as a list, or as a text with commas between them."""
    many = [loose.text(each) for each in value] if isinstance(value, list) else loose.text(value).split(",")
    return [key for each in many if (key := each.strip())]
