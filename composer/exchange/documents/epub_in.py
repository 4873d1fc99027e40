"""EPUB books as books or outlines, in the order of their spine. It follows no link and reads nothing outside the archive.

Title pages, covers and tables of contents are no text. The package tells title, author and language; a book called `Untitled` has no
title. Pages that are locked by their seller are refused.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import unquote

from composer.errors import UnreadableSource
from composer.exchange.documents.book import UNTITLED, Book
from composer.exchange.documents.bounds import Archive, within_bounds
from composer.exchange.documents.css import Looks, looks_of
from composer.exchange.documents.elements import Document, Element
from composer.exchange.documents.html_in import elements_of, page_text
from composer.exchange.documents.outlining import lined_up, sketch_of
from composer.exchange.documents.settling import settled
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.text.clean import one_line

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element as Node

_KIND = "EPUB book"
_CONTAINER = "META-INF/container.xml"
_ENCRYPTION = "META-INF/encryption.xml"
_OF_FONTS = ("http://www.idpf.org/2008/embedding", "http://ns.adobe.com/pdf/enc#RC")
"""Ways to lock that are for typefaces alone."""
_PAGES = frozenset({"application/xhtml+xml", "text/html", "application/x-dtbook+xml", "text/x-oeb1-document"})
_NO_PROSE = frozenset({"cover", "toc", "title-page", "titlepage", "copyright-page"})
_UNKNOWN_LANGUAGE = "und"


def fits(head: bytes, name: str) -> bool:
    """An archive that says that it is one, or anything that is named so."""
    return name.endswith(".epub") or (
        head[:2] == b"PK" and (b"application/epub+zip" in head[:200] or _CONTAINER.encode() in head)
    )


def read(data: bytes, about: Circumstances) -> Taken:
    """An EPUB book as a session. UnreadableSource where it is none, locked, damaged, too large, or empty."""
    tally = Tally()
    document = _document(data, about.name, tally)
    if about.outline:
        return lined_up(sketch_of(document, tally), about, about.name, tally)
    return settled(document.book(tally), about, about.name, tally)


def book(data: bytes, name: str) -> tuple[Book, Tally]:
    """An EPUB book as a book, and what had no place in it. UnreadableSource where it is none, locked, damaged or too large."""
    tally = Tally()
    return _document(data, name, tally).book(tally), tally


def _document(data: bytes, name: str, tally: Tally) -> Document:
    archive = Archive(data, name, _KIND)
    container = archive.xml(_CONTAINER)
    if container is None:
        raise archive.refused("", "Save it as EPUB there, or say which format it is.")
    locked = _locked(archive)
    path = next((each.get("full-path", "") for each in container.iter() if _is(each, "rootfile")), "")
    package = archive.xml(_path("", path) or "")
    if package is None:
        raise archive.refused("what should list its pages is missing", "Download it again.")
    elements: list[Element] = []
    looks = _looks(archive, package, _path("", path) or "")
    size = 0
    for page in _spine(package, _path("", path) or "", tally):
        if page in locked:
            raise archive.refused("its pages are locked by its seller", "Import a copy that is not locked.")
        contents = archive.read(page)
        if contents is None:
            tally.lost("pages that are named and not there", "The book lists them, and does not hold them.")
            continue
        try:
            text = page_text(contents, page)
        except UnreadableSource:
            tally.lost("pages that are no text", "They can't be read.")
            continue
        size += len(text)
        within_bounds(size, name)
        elements += elements_of(text, tally, looks)
    title, author, language = (_said(package, each) for each in ("title", "creator", "language"))
    return Document(
        tuple(elements),
        "" if title == UNTITLED else title,
        author,
        "" if language == _UNKNOWN_LANGUAGE else language,
        titled=True,
        signed=True,
    )


def _is(node: Node, name: str) -> bool:
    """Whether a node has that name, in whatever namespace: books get them wrong."""
    return isinstance(node.tag, str) and node.tag.rpartition("}")[2] == name


def _said(package: Node, name: str) -> str:
    return one_line(next(("".join(each.itertext()) for each in package.iter() if _is(each, name)), ""))


def _path(folder: str, link: str) -> str | None:
    """The member that a link names, seen from a folder; None where it leads outside the archive."""
    if ":" in link.partition("/")[0]:
        return None
    parts = [] if link.startswith("/") else [each for each in folder.split("/") if each]
    for part in unquote(link.partition("#")[0]).split("/"):
        if part == "..":
            if not parts:
                return None
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def _spine(package: Node, path: str, tally: Tally) -> list[str]:
    """The members with text, in the order in which they are read; each once."""
    folder = path.rpartition("/")[0]
    items = {each.get("id", ""): each for each in package.iter() if _is(each, "item")}
    guided = {
        _path(folder, each.get("href", ""))
        for each in package.iter()
        if _is(each, "reference") and each.get("type", "").lower() in _NO_PROSE
    }
    pages: dict[str, None] = {}
    for each in package.iter():
        if not _is(each, "itemref"):
            continue
        item = items.get(each.get("idref", ""))
        if item is None:
            tally.lost("pages that are named and not there", "The book lists them, and does not hold them.")
            continue
        kinds = set(item.get("properties", "").lower().split())
        if "nav" in kinds:
            continue
        if item.get("media-type", "").lower() not in _PAGES:
            tally.lost("pages that are no text", "They can't be read.")
            continue
        found = _path(folder, item.get("href", ""))
        if not found:
            tally.lost("pages outside the book", "Nothing outside it is read.")
        elif found in pages:
            tally.lost("pages that are named again", "Each is read once.")
        elif found not in guided:
            pages[found] = None
    return list(pages)


def _looks(archive: Archive, package: Node, path: str) -> Looks:
    """What the style sheets of the book say of slant and weight."""
    looks: Looks = {}
    for each in package.iter():
        if _is(each, "item") and each.get("media-type", "").lower() == "text/css":
            found = _path(path.rpartition("/")[0], each.get("href", ""))
            looks |= looks_of((archive.read(found or "") or b"").decode("utf-8", "replace"))
    return looks


def _locked(archive: Archive) -> frozenset[str]:
    """The members that can't be read without a key."""
    root = archive.xml(_ENCRYPTION)
    if root is None:
        return frozenset()
    found = []
    for each in root.iter():
        if _is(each, "EncryptedData"):
            way = next((inner.get("Algorithm", "") for inner in each if _is(inner, "EncryptionMethod")), "")
            if way not in _OF_FONTS:
                found += [_path("", inner.get("URI", "")) for inner in each.iter() if _is(inner, "CipherReference")]
    return frozenset(path for path in found if path)
