"""A book as one page of HTML that needs nothing beside itself: no scripts, no network, no fonts of its own.

The title is the `h1`, the author a line `by NAME` of class `author` below it, both in the page's `header`; a page without that `h1`
is of a story without a title. Chapters are `h2`, what lies below them `h3` to `h6`, deeper ones `h6` too. A scene break is an `hr`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from composer.exchange.documents.book import UNTITLED, Book, Break, Heading, Part
from composer.exchange.documents.markup import escaped, from_the_right, language_tag, phrase

_DEEPEST = 6

_STYLE = """\
:root { color-scheme: light dark; --paper: #fbfaf7; --ink: #23211e; --faint: #6f6a62; }
@media (prefers-color-scheme: dark) { :root { --paper: #1b1a18; --ink: #d9d4ca; --faint: #9a9388; } }
* { box-sizing: border-box; }
html { background: var(--paper); color: var(--ink); font-size: 112.5%; }
body {
  max-width: 34em; margin: 0 auto; padding: 3rem 1.25rem 6rem;
  font-family: "Iowan Old Style", Palatino, "Palatino Linotype", "Book Antiqua", Georgia, "Noto Serif", serif;
  line-height: 1.55; overflow-wrap: break-word; hyphens: auto; font-variant-numeric: oldstyle-nums;
}
header { margin: 4rem 0 5rem; }
h1, header p { text-align: center; }
h1 { font-size: 2.1rem; line-height: 1.2; margin: 0; }
.author { color: var(--faint); font-style: italic; margin-top: 1rem; }
h1, h2, h3, h4, h5, h6 { font-weight: normal; text-wrap: balance; hyphens: none; }
h2, h3, h4, h5, h6 { line-height: 1.3; margin: 3rem 0 1.2rem; }
h2 { font-size: 1.5rem; text-align: center; margin-top: 5rem; }
h3 { font-size: 1.2rem; }
h4, h5, h6 { font-size: 1rem; font-style: italic; }
p { margin: 0; text-indent: 1.5em; }
header p, header + p, h2 + p, h3 + p, h4 + p, h5 + p, h6 + p, hr + p, main > p:first-child { text-indent: 0; }
hr { border: 0; height: auto; margin: 1.6rem 0; text-align: center; color: var(--faint); overflow: visible; }
hr::before { content: "*\\2003*\\2003*"; }
@page { margin: 2.5cm; }
@media print {
  :root { --paper: #fff; --ink: #000; --faint: #444; }
  html { font-size: 11pt; }
  body { max-width: none; padding: 0; }
  p { orphans: 2; widows: 2; }
  h2 { break-before: page; margin-top: 6rem; }
  h2, h3, h4, h5, h6, hr { break-after: avoid; }
}
"""


def html(book: Book) -> bytes:
    """The page, as UTF-8."""
    return "\n".join(_lines(book)).encode()


def _lines(book: Book) -> Iterator[str]:
    tag = language_tag(book.language)
    yield "<!DOCTYPE html>"
    language = f' lang="{tag}"' if tag else ""
    direction = ' dir="rtl"' if from_the_right(book) else ""
    yield f"<html{language}{direction}>"
    yield "<head>"
    yield '<meta charset="utf-8">'
    yield """<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">"""
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    if book.author:
        yield f'<meta name="author" content="{escaped(book.author)}">'
    yield f"<title>{escaped(book.title.strip() or UNTITLED)}</title>"
    yield f"<style>\n{_STYLE}</style>"
    yield "</head>"
    yield "<body>"
    yield "<main>"
    if book.title or book.author:
        yield "<header>"
        if book.title:
            yield f"<h1>{escaped(book.title)}</h1>"
        if book.author:
            yield f'<p class="author">by {escaped(book.author)}</p>'
        yield "</header>"
    yield from _parts(book.parts)
    yield "</main>"
    yield "</body>"
    yield "</html>"
    yield ""


def _parts(parts: Iterable[Part]) -> Iterator[str]:
    for part in parts:
        if isinstance(part, Heading):
            level = min(part.depth + 1, _DEEPEST)
            yield f"<h{level}>{escaped(part.text)}</h{level}>"
        elif isinstance(part, Break):
            yield "<hr>"
        else:
            yield f"<p>{phrase(part.runs)}</p>"
