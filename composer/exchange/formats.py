"""The formats that can be imported, and which of them a file is. The name of a file decides only where its contents don't.

What reads a format is imported when it is used, because some readers bring large libraries along.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module

from composer.errors import UnreadableSource
from composer.exchange.taken import Circumstances, Taken
from composer.text.clean import one_line

HEAD = 65_536
"""Bytes from the beginning of a file that say what it is."""

_OTHERS = (
    (re.compile(rb"\{\\rtf"), "RTF"),
    (re.compile(rb"%PDF-"), "a PDF"),
    (re.compile(rb"\xd0\xcf\x11\xe0"), "a document of an old Word"),
    (re.compile(rb"PK.{28}mimetypeapplication/vnd\.oasis\.opendocument\.text", re.DOTALL), "an OpenDocument text"),
)
"""What writers have as well, by how it begins."""

_JSON = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\{\s*[\"}]|\[\s*[\[{\"])")

Fits = Callable[[bytes, str], bool]
Read = Callable[[bytes, Circumstances], Taken]


@dataclass(frozen=True)
class Format:
    """A format by name. Its module has `fits(head, name)`, which never raises, and `read(data, about)`, which raises UnreadableSource.

    `head` is the first HEAD bytes of a file; `name` is its name in lower case, without its folder.
    """

    name: str
    words: str
    suffixes: tuple[str, ...]
    module: str
    documents: bool = False
    """Whether it is a document, which can be read as an outline alone too."""

    def fits(self, head: bytes, name: str) -> bool:
        found: Fits = import_module(f"composer.exchange.{self.module}").fits
        return found(head, name)

    def read(self, data: bytes, about: Circumstances) -> Taken:
        found: Read = import_module(f"composer.exchange.{self.module}").read
        return found(data, about)


FORMATS = (
    Format("coauthor", "CoAuthor session log", (".jsonl",), "programs.coauthor"),
    Format("sillytavern", "SillyTavern chat", (".jsonl",), "programs.sillytavern"),
    Format("novelai", "NovelAI story or document", (".story", ".json"), "programs.novelai"),
    Format("pyloom", "pyloom tree, also in its simple forms", (".json", ".jsonl"), "looms.pyloom"),
    Format("openloom", "OpenLoom tree", (".json",), "looms.openloom"),
    Format("loomsidian", "Loomsidian export", (".json",), "looms.loomsidian"),
    Format("exoloom", "Exoloom tree", (".json",), "looms.exoloom"),
    Format("miniloom", "miniloom tree", (".json",), "looms.miniloom"),
    Format("basemode-loom", "basemode-loom export", (".json",), "looms.basemode"),
    Format("kobold", "KoboldAI or Kobold Lite save", (".json",), "programs.kobold"),
    Format("mikupad", "mikupad session", (".json",), "programs.mikupad"),
    Format("docx", "Word document", (".docx",), "documents.docx_in", documents=True),
    Format("epub", "EPUB book", (".epub",), "documents.epub_in", documents=True),
    Format("html", "HTML page", (".html", ".htm", ".xhtml"), "documents.html_in", documents=True),
    Format("md", "Markdown", (".md", ".markdown"), "documents.markdown_in", documents=True),
    Format("txt", "plain text", (".txt",), "documents.text_in", documents=True),
)
"""In the order in which they are tried: plain text takes what nothing else is."""

BY_NAME = {each.name: each for each in FORMATS}


def detect(data: bytes, name: str) -> Format:
    """What a file is. UnreadableSource where it is nothing that is known."""
    head, plain = data[:HEAD], name.lower()
    for each in FORMATS:
        if each.fits(head, plain) and not (each.documents and _is_data(head, plain)):
            return each
    shown = one_line(name, 200)
    for beginning, what in _OTHERS:
        if beginning.match(head):
            raise UnreadableSource(
                f"{shown} is {what}, which is not read.",
                "Open it in a word processor and save it as a Word document (.docx).",
            )
    if plain.endswith(tuple(suffix for each in FORMATS[-3:] for suffix in each.suffixes)) and not head.startswith(
        b"PK"
    ):
        raise UnreadableSource(f"{shown} is no text in an encoding that is known.", "Save it as text in UTF-8 there.")
    raise UnreadableSource(
        f"{shown} is of no format that is known.", "story-composer import --list names those that are."
    )


def _is_data(head: bytes, name: str) -> bool:
    """Whether a file is JSON, and not by its name a text that only looks so: nobody wants to read that as prose."""
    suffixes = tuple(suffix for each in FORMATS if each.documents for suffix in each.suffixes)
    return _JSON.match(head) is not None and not name.endswith(suffixes)
