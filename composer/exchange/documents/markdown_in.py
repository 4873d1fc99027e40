"""Markdown as a book or an outline: CommonMark with tables and footnotes, and a block of fields before it. It opens no file.

The one heading of the first level that begins a text is its title, and a line `by NAME` below it tells the author. Emphasis stays as
it was typed where our own export writes the paragraph so, else it is written anew: a backslash before a sign that means nothing is
left out. What the manuscript can't hold keeps its words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Run
from composer.exchange.documents.bounds import within_bounds
from composer.exchange.documents.decoding import is_text, text_of
from composer.exchange.documents.elements import Document, Element, Item, Typed, cleaned, raised, tidy
from composer.exchange.documents.emphasis import LONG, runs_of, text_of_runs
from composer.exchange.documents.outlining import lined_up, sketch_of
from composer.exchange.documents.plain import manuscript
from composer.exchange.documents.settling import settled
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.manuscript import Block, Manuscript
from composer.story.spans import Span, Written
from composer.story.story import Story
from composer.text.clean import one_line

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_core import StateCore
    from markdown_it.token import Token

SUFFIXES = (".md", ".markdown", ".mdown", ".mkd")
_SPECIAL = re.compile(r"[\\`*_\[\]<&!\n^~]")
"""What makes more of a paragraph than its characters."""
_NEEDLESS = re.compile(r"\\([!-/:-@\[-`{-~])")
_HEADING = re.compile(r"(?m)^#{1,6} +\S")
_LIST = re.compile(r"(?m)^(?:[-*+]|[0-9]{1,3}[.)]) +\S")
_FRONT = re.compile(r"---[ \t]*\n(?P<fields>(?:.*\n)*?)(?:---|\.\.\.)[ \t]*(?:\n|$)")
_FIELD = re.compile(r"(?P<name>[A-Za-z][\w .-]{0,40}):(?:[ \t]+(?P<value>.*))?")
_FRONT_LINES = 200
_VERSE = re.compile(r"\|[^\n]*(?:\n\|[^\n]*)+\Z")
"""Lines that all begin with a stroke, as Pandoc has verse."""
_LOOKS = {"em": (1, 0), "i": (1, 0), "strong": (0, 1), "b": (0, 1)}
_TAG = re.compile(r"<(?P<end>/?)(?P<name>[A-Za-z][A-Za-z0-9-]*)")


def fits(head: bytes, name: str) -> bool:
    """Text that is named so, or that has headings and is not named as plain text."""
    if not is_text(head):
        return False
    if name.endswith(SUFFIXES):
        return True
    if name.endswith(".txt"):
        return False
    text = head.decode("utf-8", "replace")
    return len(_HEADING.findall(text)) + (len(_LIST.findall(text)) > 2) > 1


def read(data: bytes, about: Circumstances) -> Taken:
    """Markdown as a session. UnreadableSource where it is no text, too large, or empty."""
    tally = Tally()
    document = _document(data, about.name, tally, soft="\n" if about.outline else " ")
    if about.outline:
        return lined_up(sketch_of(document, tally), about, about.name, tally)
    return settled(document.book(tally, verbatim=True), about, about.name, tally, verbatim=True)


def book(data: bytes, name: str) -> tuple[Book, Tally]:
    """Markdown as a book, and what had no place in it. UnreadableSource where it is no text or too large."""
    tally = Tally()
    return _document(data, name, tally).book(tally), tally


def _document(data: bytes, name: str, tally: Tally, *, soft: str = " ") -> Document:
    """`soft` is what a line end within a paragraph becomes."""
    within_bounds(len(data), name)
    text = text_of(data, name)
    fields, text = _front(text, tally)
    walk = _Walk(tally, soft)
    walk.blocks(_parser().parse(text))
    title, language = fields.get("title", ""), fields.get("language", "") or fields.get("lang", "")
    first = walk.elements[0] if walk.elements else None
    repeated = isinstance(first, Heading) and title != "" and first.text == title
    return Document(tuple(walk.elements[repeated:]), title, fields.get("author", ""), language, titled=bool(title))


def _front(text: str, tally: Tally) -> tuple[dict[str, str], str]:
    """The fields that stand before the text, by their names in lower case, and the text behind them."""
    found = _FRONT.match(text)
    if found is None or found["fields"].count("\n") > _FRONT_LINES:
        return {}, text
    fields: dict[str, str] = {}
    last = ""
    for line in found["fields"].split("\n"):
        field_ = _FIELD.fullmatch(line.rstrip())
        if field_ is not None:
            last = field_["name"].lower()
            fields[last] = one_line((field_["value"] or "").strip().strip("\"'"))
        elif line.strip() and not line.startswith("#"):
            if not last or not line.startswith((" ", "-", "\t")):
                return {}, text
            more = one_line(line.strip().removeprefix("-").strip().strip("\"'"))
            fields[last] = ", ".join(part for part in (fields[last], more) if part)
    if not fields:
        return {}, text
    if others := [name for name in fields if name not in ("title", "author", "language", "lang")]:
        tally.lost("fields before the text", f"{one_line(', '.join(others), 100)}.", len(others))
    return fields, text[found.end() :]


@cache
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt
    from mdit_py_plugins.footnote import footnote_plugin

    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"]).use(footnote_plugin, inline=False)
    parser.core.ruler.at("inline", _inline)
    return parser


def _inline(state: StateCore) -> None:
    """The text of each paragraph read. One of mere characters costs nothing: a long novel is made of those."""
    from markdown_it.token import Token

    for token in state.tokens:
        if token.type == "inline":
            token.children = []
            if len(token.content) <= LONG and _SPECIAL.search(token.content):
                state.md.inline.parse(token.content, state.md, state.env, token.children)
            else:
                token.children.append(Token("text", "", 0, content=token.content))


@dataclass
class _List:
    ordered: bool
    mark: str = "-"


@dataclass
class _Walk:
    """The way through a document's tokens."""

    tally: Tally
    soft: str
    elements: list[Element] = field(default_factory=list)
    lists: list[_List] = field(default_factory=list)
    mark: str = ""
    """What stands before the paragraph that comes next."""
    level: int = 0
    """That of the heading that is open."""
    cells: list[list[Run]] | None = None
    """Those of the row of a table that is open."""

    def blocks(self, tokens: Sequence[Token]) -> None:
        for token in tokens:
            match token.type:
                case "heading_open":
                    self.level = int(token.tag[1])
                case "heading_close":
                    self.level = 0
                case "inline":
                    self._paragraph(token)
                case "hr":
                    self.elements.append(Break())
                case "bullet_list_open" | "ordered_list_open":
                    self.lists.append(_List(token.type == "ordered_list_open"))
                case "bullet_list_close" | "ordered_list_close":
                    self.lists.pop()
                    self.mark = ""
                case "list_item_open":
                    self.mark = f"{token.info}." if self.lists[-1].ordered else "-"
                case "blockquote_open":
                    self.tally.lost("quotations set in", "They are paragraphs like others now.")
                case "fence" | "code_block":
                    self.tally.lost("stretches of code", "They are plain text now.")
                    self._add([Run(token.content.strip("\n"))])
                case "html_block":
                    self._html(token.content)
                case "table_open":
                    self.tally.lost("tables", "Each row is a paragraph now.")
                case "tr_open":
                    self.cells = []
                case "tr_close":
                    cells, self.cells = self.cells or [], None
                    runs = [run for at, cell in enumerate(cells) for run in ([Run(" | ")] if at else []) + cell]
                    self._add(runs)
                case "footnote_block_open":
                    self.tally.lost("footnotes", "They stand at the end now.")
                    self.elements.append(Break())
                case "footnote_open":
                    self.mark = raised(token.meta["id"] + 1)
                case _:
                    pass

    def _paragraph(self, token: Token) -> None:
        if _VERSE.match(token.content) and not self.level and self.cells is None:
            self._add(self._verse(token.children or ()))
            return
        runs = list(self._runs(token.children or (), self.soft))
        if self.level:
            if any(run.italic or run.bold for run in runs):
                self.tally.lost("emphasis in headings", "Their words are kept.")
            text = "".join(run.text for run in runs)
            self.elements.append(Heading(" ".join(text.split("\n")), self.level) if text.strip() else Break())
        elif self.cells is not None:
            self.cells.append(runs)
        elif self.mark or self.lists or "\n" in token.content:
            self._add(runs)
        else:
            self._add(runs, token.content)

    def _add(self, runs: list[Run], source: str = "") -> None:
        """A paragraph. `source` is its Markdown, if it is one line."""
        if self.lists:
            self.elements.append(Item(tuple(runs), len(self.lists) - 1, self.mark))
        elif self.mark:
            self.elements.append(Paragraph((Run(f"{self.mark} "), *runs)))
        elif text := _typed(runs, source):
            self.elements.append(Typed(tidy(runs), text))
        else:
            self.elements.append(Paragraph(tuple(runs)))
        self.mark = ""

    def _html(self, text: str) -> None:
        from composer.exchange.documents.html_in import elements_of

        self.tally.lost("stretches of HTML", "Their words are kept.")
        for each in elements_of(text, self.tally):
            self.elements.append(each)

    def _verse(self, tokens: Sequence[Token]) -> list[Run]:
        """The lines of a verse without the strokes that they begin with."""
        runs: list[Run] = []
        begins = True
        for run in self._runs(tokens, "\n"):
            runs.append(run._replace(text=run.text.removeprefix("|").lstrip()) if begins else run)
            begins = run.text == "\n"
        return runs

    def _runs(self, tokens: Sequence[Token], soft: str) -> Iterator[Run]:
        italic = bold = 0
        for token in tokens:
            text = ""
            match token.type:
                case "em_open" | "em_close":
                    italic += token.nesting
                case "strong_open" | "strong_close":
                    bold += token.nesting
                case "softbreak":
                    text = soft
                case "hardbreak":
                    text = "\n"
                case "link_open":
                    self.tally.lost("addresses of links", "Their words are kept.")
                case "image":
                    self.tally.lost("pictures", "What was said in place of them is kept.")
                    text = " ".join(token.content.split())
                case "s_open":
                    self.tally.lost("stretches that are struck out", "They are plain text now.")
                case "footnote_ref":
                    text = raised(token.meta["id"] + 1)
                case "html_inline":
                    if found := _TAG.match(token.content):
                        step = -1 if found["end"] else 1
                        slant, weight = _LOOKS.get(found["name"].lower(), (0, 0))
                        italic, bold = max(0, italic + step * slant), max(0, bold + step * weight)
                        text = "\n" if found["name"].lower() == "br" else ""
                        if not (slant or weight or text):
                            self.tally.lost("tags of HTML", "The words between them are kept.")
                case "code_inline":
                    self.tally.lost("stretches of code", "They are plain text now.")
                    text = token.content
                case _:
                    text = token.content
            if text:
                yield Run(cleaned(text), italic > 0, bold > 0)


def _typed(runs: Sequence[Run], source: str) -> str:
    """The text that our own export writes as `source`, where it says these runs in another way than they would be said anew."""
    if len(source) > LONG or not any(sign in source for sign in "*_\\"):
        return ""
    wanted = list(tidy(runs))
    if text_of_runs(wanted) == source:
        return ""
    text = _NEEDLESS.sub(_bare, source)
    block = Block("", "", (Span(text, Written()),))
    if [Run(*run) for run in runs_of(text)] != wanted or block.is_scene_break:
        return ""
    return text if manuscript(Story(manuscript=Manuscript([block])), markdown=True) == f"{source}\n" else ""


def _bare(found: re.Match[str]) -> str:
    return found[0] if found[1] in "*_\\" else found[1]
