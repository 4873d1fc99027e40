"""Archives for tests: zips of any members, and the least that is a Word document or an EPUB book."""

from __future__ import annotations

import io
from collections.abc import Mapping
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/></Types>'
)
RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" Type='
    '"http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/></Relationships>'
)


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED) as archive:
        for name, contents in members.items():
            # Of one date, so that each process of the tests makes the same bytes, and names tests the same.
            archive.writestr(ZipInfo(name, (2026, 1, 1, 0, 0, 0)), contents, ZIP_DEFLATED)
    return out.getvalue()


def word(body: str, **others: str) -> bytes:
    """A Word document with that body. Other parts are named as `core` or `comments` are."""
    members = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": body}
    if not body.startswith("<?xml"):
        members["word/document.xml"] = f"<w:document {W}><w:body>{body}</w:body></w:document>"
    names = {"core": "docProps/core.xml", "comments": "word/comments.xml", "styles": "word/styles.xml"}
    return zipped(members | {names[key]: text for key, text in others.items()})


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


CONTAINER = '<container><rootfiles><rootfile full-path="OEBPS/book.opf"/></rootfiles></container>'


def package(items: str, spine: str, *, rest: str = "") -> str:
    return (
        '<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata><dc:title>Salt</dc:title>'
        f"<dc:creator>Ann</dc:creator><dc:language>de</dc:language></metadata><manifest>{items}</manifest><spine>{spine}</spine>{rest}</package>"
    )


def item(name: str, href: str, properties: str = "") -> str:
    return f'<item id="{name}" href="{href}" media-type="application/xhtml+xml" properties="{properties}"/>'


def page(body: str) -> str:
    return f'<?xml version="1.0"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml"><body>{body}</body></html>'


def epub_of(
    items: str, spine: str, pages: Mapping[str, str], *, rest: str = "", others: Mapping[str, str] | None = None
) -> bytes:
    """An EPUB book. Pages are named as they lie beside the package."""
    members = {"mimetype": "application/epub+zip", "META-INF/container.xml": CONTAINER}
    members["OEBPS/book.opf"] = package(items, spine, rest=rest)
    members |= {f"OEBPS/{name}": page(body) for name, body in pages.items()}
    return zipped(members | dict(others or {}))
