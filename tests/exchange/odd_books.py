"""Books for tests: one that has everything, and random ones whose text is as odd as the filter lets through."""

from __future__ import annotations

from hypothesis import strategies as st

from composer.exchange.documents.book import Book, Break, Heading, Paragraph, Part, Run
from composer.text.clean import clean

MADE = 1_700_000_000_500
"""In November 2023, in ms since 1970."""
IDENTIFIER = "urn:uuid:0b9f6c1e-58f0-4c39-9c1d-5d2b7d1f0a11"

FERRY = Book(
    "The Salt Ferry",
    "Ilse Marrow",
    "en",
    (
        Paragraph((Run("Before anything, the tide."),)),
        Heading("The near bank"),
        Paragraph((Run("She said "), Run("never", italic=True), Run(", and "), Run("meant", bold=True), Run(" it."))),
        Break(),
        Paragraph(
            (Run("Both at once", italic=True, bold=True), Run(" & <b>no</b> tag, ]]> nor [a hole].")),
        ),
        Heading("Ropes", 2),
        Paragraph((Run("שלום, said the pilot 🜁 to the “gull”."),)),
        Heading("The far bank"),
        Paragraph((Run("Nobody was there."),)),
    ),
)

_ODD = [
    *["]]>", "&", "&amp;", "&#65;", "<", "<b>", "</p>", "<!--", "-->", "<?x ?>", '"', "'", "`", "``", "~~", "~", "|"],
    *[
        "*",
        "**",
        "***",
        "_",
        "__",
        "\\",
        "\\\\",
        "[a](b)",
        "![a](b)",
        "[a hole]",
        "[x]: /y",
        "[^1]: z",
        "^[q]",
        "](",
        "(",
    ],
    *[
        "- ",
        "+ ",
        "# ",
        "## ",
        "1. ",
        "12) ",
        "> ",
        "    ",
        "\t",
        "* * *",
        "- - -",
        "___",
        "===",
        "```",
        "~~~",
        ":",
        "!",
    ],
    *[
        "שלום",
        "مرحبا",
        "🜁",
        "👩‍👩‍👧",
        "e\u0301",
        "日本",
        "\u3000",
        "\u00a0",
        "\ufffe",
        "\uffff",
        "\U0001ffff",
        "İ",
        "ß",
    ],
    *[
        "[[",
        "]]",
        "/*",
        "*/",
        "INT. HALL",
        "CUT TO:",
        "@",
        ".x",
        "=",
        "%",
        "$x$",
        "http://a.b",
        "<http://a.b>",
        "a@b.c",
    ],
    *["word", "two words", "Mr. Bell", "x", " ", "  ", ".", ",", "#", "1.", "{", "}", "by x"],
]


def _clean(text: str) -> str:
    return clean(text).replace("\n", " ")


def lines() -> st.SearchStrategy[str]:
    """Odd text on one line, without white space at its ends; never empty."""
    pieces = st.one_of(st.sampled_from(_ODD), st.text(max_size=4))
    found = st.lists(pieces, min_size=1, max_size=8).map(lambda some: _clean("".join(some)).strip())
    return found.filter(bool)


def _tidy(runs: list[Run]) -> tuple[Run, ...]:
    kept: list[Run] = []
    for run in runs:
        if kept and kept[-1][1:] == run[1:]:
            kept[-1] = Run(kept[-1].text + run.text, *run[1:])
        else:
            kept.append(run)
    # The ends of a paragraph hold no white space in any story.
    while kept and not kept[0].text.strip():
        kept.pop(0)
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[0] = kept[0]._replace(text=kept[0].text.lstrip())
        kept[-1] = kept[-1]._replace(text=kept[-1].text.rstrip())
    return tuple(kept)


def paragraphs() -> st.SearchStrategy[Paragraph]:
    pieces = st.one_of(st.sampled_from(_ODD), st.text(max_size=4)).map(_clean).filter(bool)
    runs = st.lists(st.builds(Run, pieces, st.booleans(), st.booleans()), min_size=1, max_size=6)
    return runs.map(_tidy).filter(bool).map(Paragraph)


def books() -> st.SearchStrategy[Book]:
    parts: st.SearchStrategy[Part] = st.one_of(
        paragraphs(), paragraphs(), st.builds(Heading, lines(), st.integers(1, 8)), st.just(Break())
    )
    names = st.one_of(st.just(""), lines())
    languages = st.sampled_from(["", "en", "pt-BR", "he", "ar", "no language at all", "de_AT", "zh-Hans"])
    return st.builds(Book, names, names, languages, st.lists(parts, max_size=6).map(tuple))
