"""What a document is made of on its way to a book or an outline: headings, paragraphs, items of lists, scene breaks. It knows no format.

Here is decided what all documents share: which heading is the title, what a line `by NAME` below it says, which paragraphs are
scene breaks, and how paragraphs of several lines are parted. Pure.

A paragraph of nothing but signs that part scenes is a scene break, however it came to be there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run, flat
from composer.exchange.documents.emphasis import LONG, sayable, text_of_runs
from composer.exchange.taken import Tally
from composer.text.clean import clean

_SIGNS = "*#~•·⁂⁎⁕❦❧☙✽✻✼✦✧★☆◆◇◈■□▪●○♦♢†‡§✥❖＊"
_ORNAMENT = re.compile(rf"\s*(?:(?P<sign>[{_SIGNS}])(?:\s*(?P=sign)){{0,11}}|[-–—_=+](?:\s*[-–—_=+]){{2,}})\s*")


def is_ornament(text: str) -> bool:
    """Whether a line is a scene break: `***`, `* * *`, `#`, `---`, `~`, a flower. Signs that a sentence may end with are none."""
    return len(text) < 200 and _ORNAMENT.fullmatch(text) is not None


_BY = re.compile(r"by (?P<name>\S.*)")
_LONGEST_NAME = 200
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


# What the filter lets through whatever stands beside it; the filter looks at each character for itself, which takes its time.
_ODD = re.compile(
    "[^\t\n -~\xa0-\u02ff\u0370-\u0482\u048a-\u0556\u2010-\u2027\u2030-\u205e\u20a0-\u20bf\u2190-\u27bf\u3001-\u3029"
    "\u3041-\u3096\u30a0-\u30ff\u3400-\u9fff\uac00-\ud7a3\uff01-\uff9d\U0001f300-\U0001faff]"
)


@dataclass(frozen=True)
class Item:
    """A paragraph in a list. `depth` is 0 in a list that stands in none; `mark` is what stands before it, empty for a second paragraph."""

    runs: tuple[Run, ...]
    depth: int
    mark: str = "-"


@dataclass(frozen=True)
class Typed:
    """A paragraph of one line that says itself in the manuscript's own way: `text` has these runs."""

    runs: tuple[Run, ...]
    text: str


Element = Part | Item | Typed


@dataclass(frozen=True)
class Document:
    """What a format's reader found. Runs may be untidy and hold line ends; headings have the levels that they have there.

    `titled` says that the title, if there is one, is told beside the text, so that no heading is it; `signed` says the same of the
    author and the line `by NAME`.
    """

    elements: tuple[Element, ...]
    title: str = ""
    author: str = ""
    language: str = ""
    titled: bool = False
    signed: bool = False

    def without_title(self) -> Document:
        """The document with its title and author told beside the text, and taken out of it."""
        elements = list(self.elements)
        title, author = flat(self.title), flat(self.author)
        levels = [each.depth for each in elements if isinstance(each, Heading)]
        first = elements[0] if elements else None
        if not self.titled and isinstance(first, Heading) and first.depth == 1 and levels.count(1) == 1:
            title = flat(first.text)
            del elements[0]
        first = elements[0] if elements else None
        if not self.signed and (title or author) and isinstance(first, (Paragraph, Typed)):
            text = "".join(run.text for run in first.runs).strip()
            found = _BY.fullmatch(text) if len(text) <= _LONGEST_NAME else None
            if found and not any(run.italic or run.bold for run in first.runs) and author in ("", found["name"]):
                author = found["name"]
                del elements[0]
        return replace(self, elements=tuple(elements), title=title, author=author, titled=True, signed=True)

    def book(self, tally: Tally, *, verbatim: bool = False) -> Book:
        """The document as a book. The headings of the highest level in it have depth 1.

        With `verbatim` each paragraph is one run that holds the manuscript's text, signs of emphasis and all.
        """
        found = self.without_title()
        parts = _parts(found.elements, tally, verbatim=verbatim)
        highest = min((part.depth for part in parts if isinstance(part, Heading)), default=1)
        levelled = tuple(
            replace(part, depth=part.depth - highest + 1) if isinstance(part, Heading) else part for part in parts
        )
        return Book(found.title, found.author, found.language, levelled)


def tidy(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The runs of one line as they come back from the text that says them, without white space around them."""
    text = "".join(run.text for run in runs)
    start, end = len(text) - len(text.lstrip()), len(text.rstrip())
    kept = []
    at = 0
    for run in runs:
        if part := run.text[max(0, start - at) : max(0, end - at)]:
            kept.append(Run(part, run.italic, run.bold))
        at += len(run.text)
    if len(text) > LONG:
        return (Run(text.strip()),)
    return tuple(Run(*look) for look in sayable(kept))


def cleaned(text: str) -> str:
    """Outside text through the filter, without a look at each character where all are plain."""
    return clean(text) if _ODD.search(text) else text


def led(runs: Sequence[Run]) -> tuple[Run, ...]:
    """The runs without white space before them, for what a mark stands before."""
    text = "".join(run.text for run in runs)
    skipped = len(text) - len(text.lstrip())
    kept = []
    for run in runs:
        kept.append(run._replace(text=run.text[skipped:]))
        skipped = max(0, skipped - len(run.text))
    return tuple(kept)


def raised(number: object) -> str:
    """A number as it stands at a footnote, small and high. Brackets would make a hole of it."""
    return str(number).translate(_RAISED)


def _parts(elements: Iterable[Element], tally: Tally, *, verbatim: bool) -> list[Part]:
    """Elements as a manuscript has them. Items are paragraphs that begin with their marks; each line of a paragraph is one."""
    parts: list[Part] = []
    for each in elements:
        if isinstance(each, Break):
            parts.append(each)
        elif isinstance(each, Heading):
            if text := flat(cleaned(each.text)):
                parts.append(Heading(text, each.depth))
        else:
            runs = each.runs
            if isinstance(each, Item) and each.mark:
                tally.lost("items of lists", "They are paragraphs now.")
                runs = (Run(f"{each.mark} "), *_boxed(runs))
            rows = _rows(runs)
            if len(rows) > 1:
                tally.lost("line breaks within paragraphs", "Each line is a paragraph now.", len(rows) - 1)
            for row in rows:
                if len(row) == 1 and is_ornament(row[0].text):
                    parts.append(Break())
                elif verbatim:
                    parts.append(Paragraph((Run(each.text if isinstance(each, Typed) else text_of_runs(row)),)))
                else:
                    parts.append(Paragraph(row))
    return parts


def _boxed(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """An item whose box is typed has the sign of one: brackets would make a hole of it."""
    for typed, sign in (("[ ] ", "☐ "), ("[x] ", "☒ "), ("[X] ", "☒ ")):
        if runs and runs[0].text.startswith(typed):
            return (runs[0]._replace(text=sign + runs[0].text[len(typed) :]), *runs[1:])
    return runs


def _rows(runs: Iterable[Run]) -> list[tuple[Run, ...]]:
    """The lines of a paragraph, tidy; none is empty."""
    rows: list[list[Run]] = [[]]
    for run in runs:
        first, *rest = cleaned(run.text).replace("\t", " ").split("\n")
        rows[-1].append(Run(first, run.italic, run.bold))
        rows += [[Run(each, run.italic, run.bold)] for each in rest]
    return [row for row in map(tidy, rows) if row]
