"""The tags of HTML: which part paragraphs, which are not seen, and what each does to the text in it. It reads no page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from composer.exchange.documents.css import BOLD, ITALIC, Looks


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SLANTED = frozenset({"em", "i", "cite", "dfn", "var", "u"})
_HEAVY = frozenset({"strong", "b"})
HEADINGS = {f"h{level}": level for level in range(1, 7)}
LISTS = frozenset({"ul", "ol", "menu", "dir"})
BLOCKS = _words(
    "p div section article main header footer aside blockquote li dt dd dl ul ol menu dir table thead tbody tfoot tr caption pre figure "
    "figcaption address center form fieldset details summary body html h1 h2 h3 h4 h5 h6"
)
_UNSEEN = _words(
    "script style template noscript nav svg math iframe object audio video canvas select textarea button datalist map rp"
)
EMPTY = _words("area base br col embed hr img input link meta param source track wbr")
_UNPROSE = frozenset({"titlepage", "toc", "cover", "landmarks", "page-list", "pagebreak", "backlink"})
"""What EPUB calls that which is no prose, and the ways back from footnotes."""
_NOTES = frozenset({"sdfootnotesym", "sdendnotesym"})
"""Classes of the mark before a footnote that touches it."""
_REFERENCES = frozenset({"sdfootnoteanc", "sdendnoteanc", "footnote-ref"})
TOLD = {
    "u": ("stretches that are underlined", "They are in italics now."),
    **dict.fromkeys(("s", "strike", "del"), ("stretches that are struck out", "They are plain text now.")),
    "math": ("formulas", "They are left out."),
    "table": ("tables", "Each row is a paragraph now."),
    "ruby": ("readings beside characters", "They stand in brackets behind them."),
    **dict.fromkeys(
        ("audio", "video", "iframe", "object", "svg", "canvas"),
        ("pictures and media", "They have no place in a text."),
    ),
}
"""Tags that say what has no place in a manuscript."""


@dataclass
class Open:
    """A tag that is open, and what it does to the text in it."""

    name: str
    italic: bool = False
    bold: bool = False
    unseen: bool = False
    kept: bool = False
    """Whether its white space is its own."""
    raised: bool = False
    """Whether a number in it is that of a footnote."""
    apart: bool = False
    """Whether a blank has to stand behind it."""


def _kinds(said: Mapping[str, str]) -> set[str]:
    return set(said.get("epub:type", "").lower().split()) | {said.get("role", "").lower().removeprefix("doc-")}


def is_reference(said: Mapping[str, str]) -> bool:
    """Whether a link leads to a footnote."""
    return "noteref" in _kinds(said) or not _REFERENCES.isdisjoint(said.get("class", "").split())


def opened(tag: str, said: Mapping[str, str], looks: Looks) -> Open:
    style = said.get("style", "")
    kinds = _kinds(said)
    names = () if tag in HEADINGS or tag in ("html", "body") else said.get("class", "").split()
    found = [look for name in names for key in ("", tag) if (look := looks.get((key, name)))]
    apart = not _NOTES.isdisjoint(names)
    # A text program writes the header and the footer of its pages so.
    edge = tag == "div" and said.get("title", "") in ("header", "footer")
    return Open(
        tag,
        italic=tag in _SLANTED or ITALIC.search(style) is not None or any(italic for italic, _ in found),
        bold=tag in _HEAVY or any(b for _, b in found) or (tag not in HEADINGS and BOLD.search(style) is not None),
        unseen=tag in _UNSEEN or bool(kinds & _UNPROSE) or "hidden" in said or edge,
        kept=tag == "pre",
        raised=tag == "sup" or "noteref" in kinds or apart,
        apart=apart,
    )
