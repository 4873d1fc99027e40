"""Notes and exemplars in files: what is a name, what is its text, and that nothing of a file is lost."""

from __future__ import annotations

import re
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.exchange.notes import exemplars_in, notes_in
from composer.story.actions.exemplars import ExemplarText
from composer.story.actions.notes import FoundNotes, NoteText


def read(text: str) -> FoundNotes:
    return notes_in(dedent(text).lstrip("\n"))


def names(text: str) -> list[tuple[str, str]]:
    return [(note.kind, note.name) for note in read(text).notes]


# headings


def test_a_heading_is_a_name_and_what_stands_below_it_the_text() -> None:
    found = read("""
        ## Ilse, the weigher
        She has never tasted it.

        Age: forty.

        ### Past
        - A ferry: once.

        ## Bram ##
        He owes.
        """)
    assert found == FoundNotes(
        (
            NoteText("", "Ilse, the weigher", "She has never tasted it.\n\nAge: forty.\n\n### Past\n- A ferry: once."),
            NoteText("", "Bram", "He owes."),
        )
    )


def test_headings_of_a_kind_say_what_is_below_them_on_any_level() -> None:
    found = read("""
        # The Salt Road

        Nothing of this is sure.

        ## People
        ### Ilse
        She weighs.
        ## Orte
        ### Harbour
        Salt.
        # Facts:
        # Tax
        Midsummer.
        """)
    assert found.notes == (
        NoteText("person", "Ilse", "She weighs."),
        NoteText("place", "Harbour", "Salt."),
        NoteText("fact", "Tax", "Midsummer."),
    )
    assert found.rest == "The Salt Road\n\nNothing of this is sure."


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("People", "person"),
        ("Main Characters", "person"),
        ("Dramatis personae", "person"),
        ("Figuren", "person"),
        ("Персонажи", "person"),
        ("登場人物", "person"),
        ("Places and Locations", "place"),
        ("Schauplätze", "place"),
        ("Facts about the world", "fact"),
        ("Fakten:", "fact"),
        ("Old World Inn", ""),
        ("The Place of Gulls", ""),
        ("Facts and lies", ""),
    ],
)
def test_words_that_tell_a_kind(heading: str, kind: str) -> None:
    found = read(f"# {heading}\n- Ilse: salt\n")
    assert (found.notes == (NoteText(kind, "Ilse", "salt"),)) == bool(kind)  # type: ignore[arg-type]
    if not kind:
        assert found.notes == (NoteText("", heading, "- Ilse: salt"),)


def test_a_kind_holds_until_another_or_a_higher_heading() -> None:
    assert names("# World\n# Tax\nx\n# People\n# Ilse\nx\n# Bram\nx") == [
        ("fact", "Tax"),
        ("person", "Ilse"),
        ("person", "Bram"),
    ]
    assert names("## People\n### Ilse\nx\n# The Ferry\nx") == [("person", "Ilse"), ("", "The Ferry")]


def test_a_title_above_all_others_is_no_note() -> None:
    assert read("# Salt\n\n## Ilse\nx\n\n## Bram\nx") == FoundNotes(
        (NoteText("", "Ilse", "x"), NoteText("", "Bram", "x")), "Salt"
    )
    assert read("# Notes I made\n\nIlse: x\nBram: y").rest == "Notes I made"
    assert [name for _, name in names("# Notes I made\n\nIlse: x\nBram: y")] == ["Ilse", "Bram"]
    # One with a text of its own is a name, however many stand below it.
    assert read("# Ilse\nShe weighs.\n## Past\nA ferry.").notes == (
        NoteText("", "Ilse", "She weighs.\n## Past\nA ferry."),
    )
    # So are those that have others beside them.
    assert names("# Ilse\n## Past\nx\n# Bram\n## Past\nx") == [("", "Ilse"), ("", "Bram")]


def test_lines_below_make_headings_too() -> None:
    assert read("People\n======\n\nIlse\n----\nShe weighs.\n\nBram\n----\nHe owes.").notes == (
        NoteText("person", "Ilse", "She weighs."),
        NoteText("person", "Bram", "He owes."),
    )


# lists and lines


def test_items_of_a_list_are_notes() -> None:
    found = read("""
        # People
        - **Ilse**: she weighs
          salt at the harbour

          - Age: forty
          - lame
        - Odo — her brother
        * Dr. Wren - a doctor: of sorts
        + __Ana__ keeps bees
        - *Tove:* late
        3. [[Lene]]: early
        - Nils
        - He who waits at the bar, and does not say for whom.
        # Places
        - **The bar:** by the harbour
        """)
    assert found.notes == (
        NoteText("person", "Ilse", "she weighs\nsalt at the harbour\n\n- Age: forty\n- lame"),
        NoteText("person", "Odo", "her brother"),
        NoteText("person", "Dr. Wren", "a doctor: of sorts"),
        NoteText("person", "Ana", "keeps bees"),
        NoteText("person", "Tove", "late"),
        NoteText("person", "Lene", "early"),
        NoteText("person", "Nils", ""),
        NoteText("person", "", "He who waits at the bar, and does not say for whom."),
        NoteText("place", "The bar", "by the harbour"),
    )
    assert found.rest == ""


def test_lines_that_begin_with_a_name_are_notes_in_plain_text() -> None:
    found = read("""
        These are not sure.

        PEOPLE
        Ilse: she weighs salt at the
        harbour: a place of gulls.
            Born: in winter.

        She never asks.

        Bram (place): the ferryman's house
        Places:
        Weigh-house: it burned, at 12:30, see http://example.org/x
        塩の道：古い道
        """)
    assert found.notes == (
        NoteText(
            "person",
            "Ilse",
            "she weighs salt at the\nharbour: a place of gulls.\n    Born: in winter.\n\nShe never asks.",
        ),
        NoteText("place", "Bram", "the ferryman's house"),
        NoteText("place", "Weigh-house", "it burned, at 12:30, see http://example.org/x"),
        NoteText("place", "塩の道", "古い道"),
    )
    assert found.rest == "These are not sure."


def test_items_below_a_line_with_a_name_belong_to_it() -> None:
    assert read("Ilse:\n- tall\n- Age: forty\n\nBram:\n- lame\n").notes == (
        NoteText("", "Ilse", "- tall\n- Age: forty"),
        NoteText("", "Bram", "- lame"),
    )


@pytest.mark.parametrize(
    "prose",
    [
        "She went in. She sat down.\n\nNothing was said.",
        "“Wait: no,” she said.",
        "What is it? It is this: salt.",
        "She had been told one thing about the harbour: stay away.",
        "- buy bread\n- sleep",
        "12:30",
        ": x",
    ],
)
def test_prose_makes_no_notes_and_is_left_over(prose: str) -> None:
    assert notes_in(prose) == FoundNotes((), prose)


def test_notes_of_one_kind_and_name_are_one() -> None:
    assert read("# People\n- Ilse: one\n- ilse: two\n# Places\n- Ilse: three\n").notes == (
        NoteText("person", "Ilse", "one\n\ntwo"),
        NoteText("place", "Ilse", "three"),
    )


def test_front_matter_is_passed_over() -> None:
    front = "---\ntitle: Salt\ntags:\n  - one\n---\n"
    assert notes_in(f"{front}Ilse: salt") == FoundNotes((NoteText("", "Ilse", "salt"),))
    assert exemplars_in(f"{front}Salt.", "x").exemplars == (ExemplarText("x", "Salt."),)
    # What only looks like it is text.
    assert exemplars_in("---\nShe went.\n---\nHe came.", "x").exemplars == (
        ExemplarText("x 1", "She went."),
        ExemplarText("x 2", "He came."),
    )


# nothing is lost

WORDS = [f"{a}{b}{c}" for a in "bdfg" for b in "aiou" for c in "lmrk"]
LINE = st.one_of(
    st.sampled_from(["", "", "---", "***", "#", "===", "  ", "- ", "##"]),
    st.tuples(
        st.sampled_from(["", "", "# ", "## ", "### ", "- ", "  - ", "* ", "1. ", "    ", "> "]),
        st.sampled_from(["{}", "{}", "{}: {}", "**{}**: {}", "**{}** {}", "{} — {}", "_{}_: {}", "{}: {}: {}", "{}. {}!", "{} (person): {}"]),
    ).map("".join),
    st.sampled_from(["# People", "## Orte", "Facts:"]),
)  # fmt: skip


@given(st.lists(LINE, max_size=14), st.integers(0, 3))
def test_every_word_of_a_file_is_in_a_name_a_text_or_left_over(lines: list[str], times: int) -> None:
    number = iter(WORDS * 3)
    text = "\n".join(
        re.sub(r"\{\}", lambda _: " ".join(next(number) for _ in range(1 + times)), line) for line in lines
    )
    wanted = sorted(word for word in re.findall(r"[a-z]+", text) if word in WORDS)
    found = notes_in(text)
    told = " ".join([*(f"{note.name} {note.text}" for note in found.notes), found.rest])
    assert {*re.findall(r"[a-z]+", told)} >= {*wanted}
    if len(wanted) == len(set(wanted)):
        # Where no two names can be one, each word is there once.
        assert sorted(word for word in re.findall(r"[a-z]+", told) if word in WORDS) == wanted
    samples = exemplars_in(text, "")
    told = " ".join([*(f"{each.name} {each.text}" for each in samples.exemplars), samples.rest])
    assert sorted(word for word in re.findall(r"[a-z]+", told) if word in WORDS) == wanted


@given(st.text(st.sampled_from("aI:：#-*_ \n\t\r.=()[]—1`\x00\u2028é"), max_size=80))
def test_no_text_is_too_strange(text: str) -> None:
    found, samples = notes_in(text), exemplars_in(text, "file")
    letters = sum(map(text.count, "aIé"))
    assert sum(map("".join([*(note.name + note.text for note in found.notes), found.rest]).count, "aIé")) == letters
    assert (
        sum(map("".join([*(each.name.replace("file", "") + each.text for each in samples.exemplars), samples.rest]).count, "aIé"))
        == letters
    )  # fmt: skip


@pytest.mark.parametrize(
    "text", ["# a" + " " * 300_000, " " * 300_000 + "x", "- **" + "a" * 300_000, "# a (" + "(" * 300_000, "- a" + " -" * 150_000]
)  # fmt: skip
def test_a_long_line_takes_no_longer_than_others(text: str) -> None:
    assert notes_in(text) is not None
    assert exemplars_in(text, "x") is not None


# exemplars


def test_headings_cut_and_name_exemplars() -> None:
    found = exemplars_in(
        "By myself.\n\n# Fog\n\nFog came.\n\n***\n\nIt went.\n## Salt\n\n# Empty\n\n# Fog\nMore.\n", "file"
    )
    assert found.exemplars == (
        ExemplarText("file", "By myself."),
        ExemplarText("Fog", "Fog came.\n\n***\n\nIt went."),
        ExemplarText("Fog 2", "More."),
    )
    assert found.rest == "Salt\nEmpty"


@pytest.mark.parametrize("cut", ["***", "---", "#", "* * *", " -----", "***  "])
def test_without_headings_lines_of_signs_cut(cut: str) -> None:
    assert exemplars_in(f"{cut}\nOne.\n\nStill one.\n{cut}\n\n{cut}\nTwo.\n", "mine").exemplars == (
        ExemplarText("mine 1", "One.\n\nStill one."),
        ExemplarText("mine 2", "Two."),
    )


def test_else_all_of_it_is_one_by_the_name_of_its_file() -> None:
    assert exemplars_in("\n\n  One.\n\n- Two: three.  \n", "mine").exemplars == (
        ExemplarText("mine", "  One.\n\n- Two: three."),
    )
    assert exemplars_in("  \n***\n\n", "mine").exemplars == ()
    long = exemplars_in("Salt. " * 5_000, "mine")
    assert len(long.exemplars[0].text) == 29_999
