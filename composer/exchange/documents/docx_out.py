"""A book as a Word document in standard manuscript format, as editors and agents ask for it.

The first page has the writer's contact and the number of words on top (style `Contact`), the title half-way down (`Title`) and `by NAME`
(`Subtitle`). Chapters begin a page (`Heading 1`), headings below them don't (`Heading 2` to `Heading 9`, deeper ones `Heading 9` too).
Prose is `Normal`; a scene break is `#` in the style `Scene Break`; `END` has the style `The End`. From the second page on the header has
the author's last name, the title shortened, and the page.

A surname is the last word of the author's name, or what stands before a comma: one of several words is cut, and of several authors
the last one is named in the header.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from typing import TYPE_CHECKING

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Run
from composer.exchange.documents.markup import from_the_right, language_tag, sound
from composer.exchange.documents.packing import repacked
from composer.text.words import count_words

if TYPE_CHECKING:
    from docx.document import Document
    from docx.styles.style import ParagraphStyle
    from docx.text.paragraph import Paragraph as WordParagraph

_FONT = "Times New Roman"
_LINE = 14
"""The height of a single-spaced line of 12 points, in points."""
_HALF_WAY = 300
"""From the upper margin to the title, in points."""
_DEEPEST = 9
_LONGEST_PROPERTY = 255
_LONGEST_SHORT_TITLE = 30
_LAST_MOMENT = 253_402_300_799
"""Seconds since 1970 at the end of the year 9999."""
_BEHIND_NAMES = frozenset({"jr", "sr", "ii", "iii", "iv", "phd", "md"})
_ARTICLES = frozenset({"a", "an", "the"})

_CENTRED = '<w:jc w:val="center"/>'
_DOUBLE = '<w:spacing w:before="0" w:after="0" w:line="480" w:lineRule="auto"/>'
_SINGLE = '<w:spacing w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'
_FLUSH = '<w:ind w:firstLine="0"/>'
_BODY = f'<w:widowControl/>{{direction}}{_DOUBLE}<w:ind w:firstLine="720"/>'
_CHAPTER = f'<w:keepNext/><w:pageBreakBefore/><w:spacing w:before="2400" w:after="480" w:line="480" w:lineRule="auto"/>{_FLUSH}{_CENTRED}'
_SUBHEADING = f'<w:keepNext/><w:spacing w:before="240" w:after="0" w:line="480" w:lineRule="auto"/>{_FLUSH}'
_CONTACT = f'<w:tabs><w:tab w:val="right" w:pos="9360"/></w:tabs>{_SINGLE}{_FLUSH}'


def docx(book: Book, *, contact: str = "", made: int) -> bytes:
    """The document. `contact` is clean text of one or more lines; without it the author's name stands in its place.

    `made` is in ms since 1970. The same book, contact and time give the same bytes.
    """
    from docx import Document

    document = Document()
    _without_thumbnail(document)
    _styles(document, language_tag(book.language), right=from_the_right(book))
    _page(document, book)
    _properties(document, book, made)
    _first_page(document, book, contact)
    _text(document, book)
    out = BytesIO()
    document.save(out)
    return repacked(out.getvalue())


def rounded_words(count: int) -> str:
    """The number of words as manuscripts give it: `about 3,200 words`, in thousands for a novel. Empty for none."""
    if not count:
        return ""
    step = 1 if count < 100 else 100 if count < 20_000 else 1_000
    near = (count + step // 2) // step * step
    words = f"{near:,} {'word' if near == 1 else 'words'}"
    return f"about {words}" if step > 1 else words


def running_head(title: str, author: str) -> str:
    """What stands before the page number: `Harrow / THE SALT ROAD / `."""
    return "".join(f"{part} / " for part in (_surname(author), _short(title)) if part)


def _surname(author: str) -> str:
    names = author.partition(",")[0].split()
    while len(names) > 1 and names[-1].strip(".").replace(".", "").lower() in _BEHIND_NAMES:
        names.pop()
    return names[-1] if names else ""


def _short(title: str) -> str:
    """The title up to a colon, without its article where it is long, in capitals, and not cut within a word if there is a way."""
    words = (title.partition(":")[0].strip() or title).split()
    if len(" ".join(words)) > _LONGEST_SHORT_TITLE and len(words) > 1 and words[0].lower() in _ARTICLES:
        words.pop(0)
    while len(words) > 1 and len(" ".join(words)) > _LONGEST_SHORT_TITLE:
        words.pop()
    return " ".join(words)[:_LONGEST_SHORT_TITLE].rstrip(",;.–—- ").upper()


def _without_thumbnail(document: Document) -> None:
    """The picture of the first page in the library's template is of no page of this book."""
    relations = document.part.package.rels
    for key in [key for key, each in relations.items() if each.reltype.endswith("/thumbnail")]:
        del relations[key]


def _styles(document: Document, tag: str, *, right: bool) -> None:
    from docx.enum.style import WD_STYLE_TYPE
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls

    defaults = document.styles.element.xpath("w:docDefaults/w:rPrDefault/w:rPr")[0]
    spoken = f'<w:lang w:val="{tag}" w:eastAsia="{tag}" w:bidi="{tag}"/>' if tag else ""
    fonts = f'<w:rFonts w:ascii="{_FONT}" w:hAnsi="{_FONT}" w:eastAsia="{_FONT}" w:cs="{_FONT}"/>'
    size = '<w:sz w:val="24"/><w:szCs w:val="24"/>'
    defaults.getparent().replace(defaults, parse_xml(f"<w:rPr {nsdecls('w')}>{fonts}{size}{spoken}</w:rPr>"))

    def style(name: str, paragraph: str, *, outline: int = 0) -> None:
        styles = document.styles
        element = (styles[name] if name in styles else styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)).element
        for old in element.xpath("w:pPr | w:rPr"):
            element.remove(old)
        level = f'<w:outlineLvl w:val="{outline - 1}"/>' if outline else ""
        element.append(parse_xml(f"<w:pPr {nsdecls('w')}>{paragraph}{level}</w:pPr>"))
        element.append(parse_xml(f"<w:rPr {nsdecls('w')}>{fonts}{size}</w:rPr>"))

    style("Normal", _BODY.format(direction="<w:bidi/>" if right else ""))
    style("Heading 1", _CHAPTER, outline=1)
    for depth in range(2, _DEEPEST + 1):
        style(f"Heading {depth}", _SUBHEADING, outline=depth)
    style("Title", f"{_DOUBLE}{_FLUSH}{_CENTRED}")
    style("Subtitle", f'<w:spacing w:before="0" w:after="480" w:line="480" w:lineRule="auto"/>{_FLUSH}{_CENTRED}')
    style("Header", f'{_SINGLE}{_FLUSH}<w:jc w:val="right"/>')
    style("Contact", _CONTACT)
    style("Scene Break", f"{_DOUBLE}{_FLUSH}{_CENTRED}")
    style("The End", f'<w:spacing w:before="480" w:after="0" w:line="480" w:lineRule="auto"/>{_FLUSH}{_CENTRED}')


def _page(document: Document, book: Book) -> None:
    from docx.oxml import parse_xml
    from docx.oxml.ns import nsdecls
    from docx.shared import Inches

    section = document.sections[0]
    section.top_margin = section.bottom_margin = section.left_margin = section.right_margin = Inches(1)
    section.different_first_page_header_footer = True
    # The first page has a header of its own, which is empty.
    section.first_page_header.is_linked_to_previous = False
    header = section.header.paragraphs[0]
    header.add_run(sound(running_head(book.title, book.author)))
    number = f'<w:fldSimple {nsdecls("w")} w:instr=" PAGE "><w:r><w:t>2</w:t></w:r></w:fldSimple>'
    header._p.append(parse_xml(number))


def _properties(document: Document, book: Book, made: int) -> None:
    properties = document.core_properties
    properties.title = sound(book.title)[:_LONGEST_PROPERTY]
    properties.author = sound(book.author)[:_LONGEST_PROPERTY]
    properties.language = sound(book.language)[:_LONGEST_PROPERTY]
    properties.last_modified_by = properties.author
    properties.comments = properties.keywords = properties.subject = ""
    properties.revision = 1
    moment = datetime.fromtimestamp(min(max(0, made // 1000), _LAST_MOMENT), UTC)
    properties.created = properties.modified = moment


def _first_page(document: Document, book: Book, contact: str) -> None:
    from docx.shared import Pt

    lines = [line.strip() for line in contact.split("\n") if line.strip()] or [book.author] * bool(book.author)
    words = rounded_words(sum(count_words(part.text) for part in book.parts if isinstance(part, Paragraph)))
    if words:
        lines[:1] = ["\t".join([*lines[:1], words])] if lines else [f"\t{words}"]
    contacts = document.styles["Contact"]
    for line in lines:
        _add(document, contacts, [Run(line)])
    if book.title:
        title = _add(document, document.styles["Title"], [Run(book.title)])
        title.paragraph_format.space_before = Pt(max(2 * _LINE, _HALF_WAY - _LINE * len(lines)))
    if book.author:
        _add(document, document.styles["Subtitle"], [Run(f"by {book.author}")])


def _text(document: Document, book: Book) -> None:
    styles = document.styles
    normal, scene_break = styles["Normal"], styles["Scene Break"]
    headings = [styles[f"Heading {depth}"] for depth in range(1, _DEEPEST + 1)]
    for part in book.parts:
        if isinstance(part, Heading):
            _add(document, headings[min(part.depth, _DEEPEST) - 1], [Run(part.text)])
        elif isinstance(part, Break):
            _add(document, scene_break, [Run("#")])
        else:
            _add(document, normal, part.runs)
    if any(isinstance(part, Paragraph) for part in book.parts):
        _add(document, styles["The End"], [Run("END")])


def _add(document: Document, style: ParagraphStyle, runs: Iterable[Run]) -> WordParagraph:
    paragraph = document.add_paragraph()
    # By its id: the library would look through all styles for every paragraph.
    paragraph._p.style = style.style_id
    for run in runs:
        added = paragraph.add_run(sound(run.text))
        if run.italic:
            added.italic = added.font.cs_italic = True
        if run.bold:
            added.bold = added.font.cs_bold = True
    return paragraph
