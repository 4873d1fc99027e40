"""Word documents of other hands: text in wrappers, readings, breaks, and the looks that styles have."""

from __future__ import annotations

from composer.exchange.documents.book import Break, Heading, Paragraph, Run
from composer.exchange.documents.docx_in import book
from composer.exchange.documents.word_xml import readable
from tests.exchange.archives import RELATIONS, TYPES, W, paragraph, word, zipped


def run(text: str, looks: str = "") -> str:
    return f'<w:r><w:rPr>{looks}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def styled(text: str, style: str) -> str:
    return f'<w:p><w:pPr><w:pStyle w:val="{style}"/></w:pPr>{run(text)}</w:p>'


def read(body: str, styles: str = "") -> tuple[list[object], list[str]]:
    """The parts, paragraphs of one plain run as their text, and what was lost."""
    found, tally = book(word(body, styles=f"<w:styles {W}>{styles}</w:styles>"), "a.docx")
    parts: list[object] = [
        part.text if isinstance(part, Paragraph) and part.runs == (Run(part.text),) else part for part in found.parts
    ]
    return parts, [str(each) for each in tally.all]


def test_text_in_wrappers_is_text() -> None:
    body = (
        f'<w:p>{run("a ")}<w:bdo w:val="rtl">{run("שלום")}</w:bdo><w:dir w:val="rtl">{run(" עולם")}</w:dir></w:p>'
        f'<w:p><w:fldSimple w:instr=" TITLE &gt; &quot;x&quot; " w:dirty="0">{run("field")}</w:fldSimple></w:p>'
    )
    assert read(body)[0] == ["a שלום עולם", "field"]


def test_readings_stand_in_brackets_behind_their_characters() -> None:
    ruby = "<w:r><w:ruby><w:rubyPr/><w:rt><w:r><w:t>かんじ</w:t></w:r></w:rt><w:rubyBase><w:r><w:t>漢字</w:t></w:r></w:rubyBase></w:ruby></w:r>"
    parts, lost = read(f"<w:p>{ruby}{run('と')}{ruby}</w:p>")
    assert parts == ["漢字（かんじ）と漢字（かんじ）"]
    assert lost == ["2 readings beside characters: They stand in brackets behind them."]
    for odd in (b"<w:ruby></w:rt>x</w:ruby>y", b"a<w:rt>b</w:rt>c</w:ruby>d"):
        assert readable(odd) == odd
    kept = run("kept") + ruby.replace("<w:ruby>", "<w:ruby w:a='b'>")
    assert read(f"<w:p>{kept}</w:p>")[0] == ["kept漢字（かんじ）"]


def test_words_do_not_grow_together_at_the_end_of_a_page() -> None:
    body = "".join(
        f"<w:p>{run('one')}<w:r>{end}</w:r>{run('two')}</w:p>"
        for end in ('<w:br w:type="page"/>', '<w:br w:type="column"/>', "<w:cr/>")
    )
    assert read(body)[0] == ["one", "two"] * 3


STYLES = (
    '<w:style w:type="paragraph" w:default="1" w:styleId="N"><w:name w:val="Normal"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Thought"><w:name w:val="Thought"/><w:rPr><w:i/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Loud"><w:basedOn w:val="Thought"/><w:rPr><w:b/></w:rPr></w:style>'
    '<w:style w:type="character" w:styleId="Plain"><w:basedOn w:val="Loud"/><w:rPr><w:b w:val="0"/><w:i w:val="false"/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Letter"><w:name w:val="Letter"/><w:basedOn w:val="N"/><w:rPr><w:i/></w:rPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="H1"><w:name w:val="heading 1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Kap"><w:name w:val="Kapitel"/><w:basedOn w:val="H1"/></w:style>'
    '<w:style w:type="paragraph" w:styleId="Sz"><w:name w:val="Szene"/><w:pPr><w:outlineLvl w:val="1"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Off"><w:basedOn w:val="Kap"/><w:pPr><w:outlineLvl w:val="9"/></w:pPr></w:style>'
    '<w:style w:type="paragraph" w:styleId="Loop"><w:basedOn w:val="Loop"/></w:style>'
)


def test_looks_of_styles_are_seen() -> None:
    def said(style: str) -> str:
        return run(style, f'<w:rStyle w:val="{style}"/>')

    body = f"<w:p>{said('Thought')}{said('Loud')}{said('Plain')}</w:p>" + styled("Dear", "Letter") + styled("x", "Loop")
    assert read(body, STYLES)[0] == [
        Paragraph((Run("Thought", italic=True), Run("Loud", True, True), Run("Plain"))),
        Paragraph((Run("Dear", italic=True),)),
        "x",
    ]


def test_headings_are_known_by_what_their_style_is_based_on() -> None:
    body = styled("One", "Kap") + styled("a", "Sz") + styled("prose", "Off")
    assert read(body, STYLES)[0] == [Heading("One", 1), Heading("a", 2), "prose"]


def test_looks_without_a_place_are_told() -> None:
    looks = ("<w:u w:val='single'/>", "<w:strike/>", "<w:smallCaps/>", "<w:caps/>", '<w:highlight w:val="red"/>')
    raised = '<w:vertAlign w:val="superscript"/>'
    body = f"<w:p>{''.join(run('x', each) for each in (*looks, raised))}</w:p><w:p><m:oMath xmlns:m='urn:m'/>{run('y')}</w:p>"
    parts, lost = read(body)
    assert parts[0] == Paragraph((Run("x", italic=True), Run("xxxxx")))
    assert lost == [
        "formulas: They are left out.",
        "stretches that are underlined: They are in italics now.",
        "stretches that are struck out: They are plain text now.",
        "stretches in small capitals: They are plain text now.",
        "stretches in capitals by their look: They are as they were typed now.",
        "stretches that are highlighted: They are plain text now.",
        "stretches that are raised or lowered: They are plain text now.",
    ]


def test_a_note_has_one_blank_behind_its_mark() -> None:
    notes = f'<w:footnotes {W}><w:footnote w:id="2"><w:p><w:r><w:footnoteRef/></w:r>{run(" A ")}{run("note.")}</w:p></w:footnote></w:footnotes>'
    relations = RELATIONS.replace('officeDocument"', 'footnotes"').replace("word/document.xml", "footnotes.xml")
    body = f'<w:document {W}><w:body><w:p>{run("Text")}<w:r><w:footnoteReference w:id="2"/></w:r></w:p></w:body></w:document>'
    members = {"[Content_Types].xml": TYPES, "_rels/.rels": RELATIONS, "word/document.xml": body}
    data = zipped(members | {"word/_rels/document.xml.rels": relations, "word/footnotes.xml": notes})
    assert book(data, "a.docx")[0].parts == (
        Paragraph((Run("Text¹"),)),
        Break(),
        Paragraph((Run("¹ A note."),)),
    )


def test_a_hostile_part_takes_no_time() -> None:
    for piece in (b"<w:ruby>", b"<w:rt></w:ruby>", b'<w:bdo "', b"<w:fldSimple ", b"<w:pict"):
        readable(piece * 200_000)
    assert read(paragraph("x"))[0] == ["x"]
