"""A book as EPUB 3: an archive of a title page, a page for each topmost heading, their contents, a package file and a style sheet.

Text before the first heading has a page of its own. Headings of a page are `h1` to `h6`; a scene break is an `hr`. The title page is
`title.xhtml`, a section of the type `titlepage`, and holds no prose. There is no cover. A text without headings is one page, however long.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from composer.exchange.documents.book import UNTITLED, Book, Break, Heading, Part
from composer.exchange.documents.markup import escaped, from_the_right, language_tag, phrase
from composer.exchange.documents.packing import packed

_DEEPEST = 6
_LAST_MOMENT = 253_402_300_799
"""Seconds since 1970 at the end of the year 9999."""
_UNKNOWN_LANGUAGE = "und"

_CONTAINER = """\
<?xml version="1.0" encoding="UTF-8"?>
<container version="1.0" xmlns="urn:oasis:names:tc:opendocument:xmlns:container">
<rootfiles><rootfile full-path="EPUB/package.opf" media-type="application/oebps-package+xml"/></rootfiles>
</container>
"""

_STYLE = """\
body { margin: 5%; line-height: 1.45; }
h1, h2, h3, h4, h5, h6 { font-weight: normal; line-height: 1.25; page-break-after: avoid; break-after: avoid; }
h1 { font-size: 1.5em; text-align: center; margin: 3em 0 2em; }
h2 { font-size: 1.25em; margin: 2em 0 1em; }
h3, h4, h5, h6 { font-size: 1em; font-style: italic; margin: 1.5em 0 1em; }
p { margin: 0; text-indent: 1.5em; widows: 2; orphans: 2; }
h1 + p, h2 + p, h3 + p, h4 + p, h5 + p, h6 + p, hr + p, p:first-child { text-indent: 0; }
hr { width: 20%; height: 0; margin: 1.5em auto; border: 0; border-top: 1px solid; opacity: 0.5; }
.title { font-size: 2em; margin: 25% 0 1em; }
.author { text-align: center; font-style: italic; text-indent: 0; }
nav ol { list-style-type: none; padding-left: 1.2em; }
"""


@dataclass
class _Page:
    """A file of the book. `places` are the headings in it, each with the id that stands on it."""

    name: str
    title: str
    parts: list[Part] = field(default_factory=list)
    places: list[tuple[str, Heading]] = field(default_factory=list)

    @property
    def path(self) -> str:
        return f"{self.name}.xhtml"


def epub(book: Book, *, identifier: str, made: int) -> bytes:
    """The book. `identifier` names it for good, like `urn:uuid:…`; `made` is in ms since 1970. Equal arguments give equal bytes."""
    pages = _pages(book)
    members = [
        ("mimetype", b"application/epub+zip"),
        ("META-INF/container.xml", _CONTAINER.encode()),
        ("EPUB/package.opf", _package(book, pages, identifier, made).encode()),
        ("EPUB/nav.xhtml", _contents(book, pages).encode()),
        ("EPUB/style.css", _STYLE.encode()),
        ("EPUB/title.xhtml", _title_page(book).encode()),
    ]
    for page in pages:
        members.append((f"EPUB/{page.path}", _text_page(book, page).encode()))
    return packed(members, stored=frozenset({"mimetype"}))


def _title(book: Book) -> str:
    return book.title.strip() or UNTITLED


def _label(heading: Heading) -> str:
    """What a link to the heading says; no link may be empty."""
    return heading.text.strip() or UNTITLED


def _pages(book: Book) -> list[_Page]:
    """The text cut before each heading of the topmost rank."""
    topmost = min((part.depth for part in book.parts if isinstance(part, Heading)), default=1)
    pages: list[_Page] = []
    count = 0
    for part in book.parts:
        begins = isinstance(part, Heading) and part.depth == topmost
        if begins or not pages:
            title = _label(part) if isinstance(part, Heading) else _title(book)
            pages.append(_Page(f"text-{len(pages) + 1:04}", title))
        if isinstance(part, Heading):
            count += 1
            pages[-1].places.append((f"heading-{count}", part))
        pages[-1].parts.append(part)
    return pages


def _package(book: Book, pages: Iterable[_Page], identifier: str, made: int) -> str:
    moment = datetime.fromtimestamp(min(max(0, made // 1000), _LAST_MOMENT), UTC)
    author = f'<dc:creator id="author">{escaped(book.author)}</dc:creator>' if book.author.strip() else ""
    role = '<meta refines="#author" property="role" scheme="marc:relators">aut</meta>' if author else ""
    items = [
        '<item id="nav" href="nav.xhtml" media-type="application/xhtml+xml" properties="nav"/>',
        '<item id="style" href="style.css" media-type="text/css"/>',
        '<item id="title" href="title.xhtml" media-type="application/xhtml+xml"/>',
    ]
    spine = ['<itemref idref="title"/>']
    for page in pages:
        items.append(f'<item id="{page.name}" href="{page.path}" media-type="application/xhtml+xml"/>')
        spine.append(f'<itemref idref="{page.name}"/>')
    direction = ' page-progression-direction="rtl"' if from_the_right(book) else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<package xmlns="http://www.idpf.org/2007/opf" version="3.0" unique-identifier="identifier">',
        '<metadata xmlns:dc="http://purl.org/dc/elements/1.1/">',
        f'<dc:identifier id="identifier">{escaped(identifier)}</dc:identifier>',
        f"<dc:title>{escaped(_title(book))}</dc:title>",
        *[line for line in (author, role) if line],
        f"<dc:language>{language_tag(book.language) or _UNKNOWN_LANGUAGE}</dc:language>",
        f'<meta property="dcterms:modified">{moment:%Y-%m-%dT%H:%M:%SZ}</meta>',
        "</metadata>",
        "<manifest>",
        *items,
        "</manifest>",
        f"<spine{direction}>",
        *spine,
        "</spine>",
        "</package>",
        "",
    ]
    return "\n".join(lines)


def _xhtml(book: Book, title: str, body: Iterable[str]) -> str:
    tag = language_tag(book.language)
    language = f' lang="{tag}" xml:lang="{tag}"' if tag else ""
    direction = ' dir="rtl"' if from_the_right(book) else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        "<!DOCTYPE html>",
        f'<html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"{language}{direction}>',
        f'<head><title>{escaped(title)}</title><link rel="stylesheet" type="text/css" href="style.css"/></head>',
        "<body>",
        *body,
        "</body>",
        "</html>",
        "",
    ]
    return "\n".join(lines)


def _title_page(book: Book) -> str:
    author = [f'<p class="author">by {escaped(book.author)}</p>'] if book.author.strip() else []
    body = [
        '<section epub:type="titlepage">',
        f'<h1 class="title">{escaped(_title(book))}</h1>',
        *author,
        "</section>",
    ]
    return _xhtml(book, _title(book), body)


def _text_page(book: Book, page: _Page) -> str:
    return _xhtml(book, page.title, ["<section>", *_parts(page), "</section>"])


def _parts(page: _Page) -> Iterator[str]:
    places = iter(page.places)
    for part in page.parts:
        if isinstance(part, Heading):
            place, heading = next(places)
            level = min(heading.depth, _DEEPEST)
            yield f'<h{level} id="{place}">{escaped(heading.text)}</h{level}>'
        elif isinstance(part, Break):
            yield "<hr/>"
        else:
            yield f"<p>{phrase(part.runs)}</p>"


def _contents(book: Book, pages: Iterable[_Page]) -> str:
    """The table of contents, nested as the headings are. The first page is named by the title where no heading begins it."""
    title = _title(book)
    entries: list[tuple[int, str, str]] = []
    for page in pages:
        if not isinstance(page.parts[0], Heading):
            entries.append((1, page.path, title))
        entries += [(heading.depth, f"{page.path}#{place}", _label(heading)) for place, heading in page.places]
    nested = _nested(entries or [(1, "title.xhtml", title)])
    return _xhtml(book, title, ['<nav epub:type="toc">', *nested, "</nav>"])


def _nested(entries: Iterable[tuple[int, str, str]]) -> Iterator[str]:
    """Lists of (depth, link, label) in lists. A depth that is skipped makes no list."""
    depths: list[int] = []
    for depth, link, label in entries:
        if not depths or depth > depths[-1]:
            yield "<ol>"
            depths.append(depth)
        else:
            while len(depths) > 1 and depths[-2] >= depth:
                yield "</li></ol>"
                depths.pop()
            yield "</li>"
            depths[-1] = depth
        yield f'<li><a href="{link}">{escaped(label)}</a>'
    for _ in depths:
        yield "</li></ol>"
