"""Programs of others open what is exported: epubcheck finds nothing to say, LibreOffice and Pandoc read the text and its looks."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run
from composer.exchange.documents.docx_out import docx
from composer.exchange.documents.epub_out import epub
from composer.exchange.documents.html_out import html
from composer.exchange.documents.plain import markdown
from tests.exchange.odd_books import FERRY, IDENTIFIER, MADE

pytestmark = pytest.mark.slow
"""Other programs, seconds each."""

EPUBCHECK = Path("/usr/bin/epubcheck")

ODD = Book(
    "<Salt> & “Bread” ]]>",
    "Ann & Bea <b>",
    "de",
    (
        Paragraph((Run('"Quoted" & <tagged> ]]> &amp; \uffff'),)),
        Heading("", 1),
        Break(),
        Heading("Deep at once", 4),
        Break(),
        Heading("Two & <two>", 2),
        Paragraph((Run("مرحبا 👩‍👩‍👧 e\u0301", italic=True), Run("\ttab", bold=True))),
        Heading("Two & <two>", 1),
    ),
)
LONG = Book("Long", "A B", "en", tuple(Paragraph((Run(f"{at} " + "Rope and salt. " * 30),)) for at in range(1_200)))
BOOKS = {
    "ferry": FERRY,
    "odd": ODD,
    "nothing": Book(),
    "from the right": Book("שלום", "אן", "he", (Paragraph((Run("שלום עולם"),)),)),
    "no language": Book("Salt", language="no language at all", parts=(Heading("One"), Heading("Two"))),
    "a hundred thousand words": LONG,
}


def run(program: str, *arguments: str | Path, home: Path) -> str:
    """What a program says on standard output. The test is skipped where it is not installed."""
    found = shutil.which(program)
    if found is None:
        pytest.skip(f"{program} is not installed")
    environment = {"HOME": str(home), "PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8"}
    done = subprocess.run([found, *map(str, arguments)], capture_output=True, env=environment, timeout=240, check=False)
    said = done.stdout.decode() + done.stderr.decode()
    assert done.returncode == 0, said
    return done.stdout.decode()


def office(data: bytes, folder: Path) -> list[str]:
    """The paragraphs of a document as LibreOffice reads them."""
    (folder / "book.docx").write_bytes(data)
    run(
        "soffice",
        f"-env:UserInstallation={(folder / 'office').as_uri()}",
        *("--headless", "--convert-to", "txt:Text (encoded):UTF8", "--outdir"),
        folder,
        folder / "book.docx",
        home=folder,
    )
    return (folder / "book.txt").read_text("utf-8-sig").splitlines()


def pandoc(data: bytes, form: str, folder: Path) -> list[Part]:
    """The parts of a document as Pandoc reads them; of its looks italics and bold."""
    source = folder / f"book.{form}"
    source.write_bytes(data)
    tree = json.loads(run("pandoc", "--from", form, "--to", "json", source, home=folder))
    return [part for block in tree["blocks"] for part in _parts(block)]


def _parts(block: dict[str, Any]) -> list[Part]:
    kind: str = block["t"]
    content: Any = block.get("c")
    match kind:
        case "Header":
            return [Heading("".join(run.text for run in _runs(content[2])), content[0])]
        case "HorizontalRule":
            return [Break()]
        case "Para" | "Plain":
            return [Paragraph(tuple(_tidy(_runs(content))))]
        case "Div":
            return [part for below in content[1] for part in _parts(below)]
        case _:
            raise AssertionError(kind)


def _runs(inlines: list[dict[str, Any]], italic: bool = False, bold: bool = False) -> list[Run]:
    found: list[Run] = []
    for each in inlines:
        kind: str = each["t"]
        content: Any = each.get("c")
        if kind in ("Emph", "Strong"):
            found += _runs(content, italic or kind == "Emph", bold or kind == "Strong")
        elif kind == "Span":
            found += _runs(content[1], italic, bold)
        elif kind in ("Space", "SoftBreak", "Str"):
            found.append(Run(content if kind == "Str" else " ", italic, bold))
        else:
            raise AssertionError(kind)
    return found


def _tidy(runs: list[Run]) -> list[Run]:
    kept: list[Run] = []
    for each in runs:
        if kept and kept[-1][1:] == each[1:]:
            kept[-1] = kept[-1]._replace(text=kept[-1].text + each.text)
        else:
            kept.append(each)
    return kept


@pytest.mark.parametrize("name", BOOKS)
def test_epubcheck_finds_neither_errors_nor_warnings(name: str, tmp_path: Path) -> None:
    if not EPUBCHECK.exists():
        pytest.skip("epubcheck is not installed")
    path = tmp_path / "book.epub"
    path.write_bytes(epub(BOOKS[name], identifier=IDENTIFIER, made=MADE))
    report = tmp_path / "report.json"
    run("java", "-jar", EPUBCHECK, "--failonwarnings", "--json", report, path, home=tmp_path)
    found = json.loads(report.read_text())
    assert found["messages"] == []
    assert found["publication"]["title"] == (BOOKS[name].title or "Untitled")


def test_epubcheck_does_find_what_is_wrong(tmp_path: Path) -> None:
    if not EPUBCHECK.exists() or shutil.which("java") is None:
        pytest.skip("epubcheck is not installed")
    path = tmp_path / "book.epub"
    path.write_bytes(epub(FERRY, identifier=IDENTIFIER, made=MADE).replace(b"epub+zip", b"epub+tar"))
    with pytest.raises(AssertionError, match="mimetype"):
        run("java", "-jar", EPUBCHECK, "--failonwarnings", path, home=tmp_path)


def test_libreoffice_reads_a_manuscript(tmp_path: Path) -> None:
    lines = office(docx(FERRY, contact="Ilse Marrow\n3 Quay Street", made=MADE), tmp_path)
    assert [line.lstrip("\t") for line in lines if line.strip()] == [
        "Ilse Marrow\t30 words",
        "3 Quay Street",
        "The Salt Ferry",
        "by Ilse Marrow",
        "Before anything, the tide.",
        "The near bank",
        "She said never, and meant it.",
        "#",
        "Both at once & <b>no</b> tag, ]]> nor [a hole].",
        "Ropes",
        "שלום, said the pilot 🜁 to the “gull”.",
        "The far bank",
        "Nobody was there.",
        "END",
    ]


@pytest.mark.parametrize("name", ["odd", "nothing", "from the right", "a hundred thousand words"])
def test_libreoffice_reads_odd_and_long_ones(name: str, tmp_path: Path) -> None:
    lines = office(docx(BOOKS[name], made=MADE), tmp_path)
    told = [part.text.split() for part in BOOKS[name].parts if isinstance(part, Paragraph)]
    found = [line.split() for line in lines]
    for words in told:
        assert [word.replace("\uffff", "\ufffd") for word in words] in found


def test_pandoc_reads_them_all_alike(tmp_path: Path) -> None:
    page = pandoc(html(FERRY), "html", tmp_path)
    down = [Heading(part.text, part.depth + 1) if isinstance(part, Heading) else part for part in FERRY.parts]
    front: list[Part] = [Heading("The Salt Ferry", 1), Paragraph((Run("by Ilse Marrow"),))]
    assert page == front + down
    assert pandoc(markdown(FERRY).encode(), "commonmark", tmp_path) == front + down
    assert pandoc(markdown(FERRY).encode(), "gfm", tmp_path) == front + down


def test_pandoc_reads_headings_italics_and_bold_of_a_manuscript(tmp_path: Path) -> None:
    found = pandoc(docx(FERRY, made=MADE), "docx", tmp_path)
    told: list[Part] = [Paragraph((Run("#"),)) if isinstance(part, Break) else part for part in FERRY.parts]
    first = found.index(told[0])
    assert found[first:] == [*told, Paragraph((Run("END"),))]


def test_pandoc_reads_a_book(tmp_path: Path) -> None:
    found = pandoc(epub(FERRY, identifier=IDENTIFIER, made=MADE), "epub", tmp_path)
    parts = [part for part in found if not (isinstance(part, Paragraph) and not part.text)]
    assert parts[-len(FERRY.parts) :] == list(FERRY.parts)
