"""What changed between two texts, told so that it can be read, and taken or left out in any choice."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.difference import Change, changes, kept, taken
from composer.text.graphemes import snap


def shown(before: str, after: str) -> str:
    """The old text with each change as {old|new}."""
    pieces = []
    at = 0
    for change in changes(before, after):
        old, new = before[change.start : change.end], after[change.put_start : change.put_end]
        pieces += [before[at : change.start], "{", old, "|", new, "}"]
        at = change.end
    return "".join([*pieces, before[at:]])


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", ""),
        ("Nothing moves.", "Nothing moves.", "Nothing moves."),
        ("", "All new.", "{|All new.}"),
        ("All gone.", "", "{All gone.|}"),
        # A word replaced: the spaces around it are not part of the change.
        ("the old house stood", "the new house stood", "the {old|new} house stood"),
        ("“Wait,” she said.", "“Wait,” he said.", "“Wait,” {she|he} said."),
        ("don’t stop there", "do stop there", "{don’t|do} stop there"),
        ("they can’t stay here", "they won’t stay here", "they {can’t|won’t} stay here"),
        # A word gone or come: exactly one space with it, at every place in the sentence.
        ("the old grey house", "the house", "the {old grey |}house"),
        ("Slowly the door gave", "the door gave", "{Slowly |}the door gave"),
        ("the door gave slowly", "the door gave", "the door gave{ slowly|}"),
        ("They reached the house.", "They reached the house today.", "They reached the house{| today}."),
        ("bread, salt, honey", "bread, honey", "bread, {salt, |}honey"),
        ("he said he left", "he said, he left", "he said{|,} he left"),
        # What may stand in several places stands where a sentence or a phrase starts.
        ("A cat sat. The end.", "A cat sat. It purred. The end.", "A cat sat. {|It purred. }The end."),
        ("A cat sat. It purred.", "A cat sat.", "A cat sat.{ It purred.|}"),
        ("She saw the cat.", "She saw the dog and the cat.", "She saw {|the dog and }the cat."),
        # Short equal runs inside a change are part of it; those that end a sentence are not.
        (
            "She walked in the house, and waited.",
            "She walked on the hill, and waited.",
            "She walked {in the house|on the hill}, and waited.",
        ),
        ("a bag and box of red wool", "a jug and jar of raw wool", "a {bag and box of red|jug and jar of raw} wool"),
        ("a bag with two red beads", "a jug with six red beads", "a {bag|jug} with {two|six} red beads"),
        (
            "Rain fell on the long roof. Inside, they sang of ships.",
            "Rain fell on the long barn. Outside, they sang of ships.",
            "Rain fell on the long {roof|barn}. {Inside|Outside}, they sang of ships.",
        ),
        (
            "He was glad to be at sea again.",
            "He was sorry not to be at sea again.",
            "He was {glad|sorry not} to be at sea again.",
        ),
        # Hardly anything in common: one change, with the signs and small words that both have.
        (
            "The river ran high past the mill that spring.",
            "Nobody in the town had ever asked about the brother.",
            "{The river ran high past the mill that spring.|Nobody in the town had ever asked about the brother.}",
        ),
        (
            "Still, when it came they heard it.",
            "She had kept that when nobody else would, and it was only by chance that they found the drawer at last; what lay"
            " there was neither coin nor letter, and all who heard of this laughed.",
            "{Still, when it came they heard it.|"
            "She had kept that when nobody else would, and it was only by chance that they found the drawer at last; what lay"
            " there was neither coin nor letter, and all who heard of this laughed.}",
        ),
        (
            "She had kept that when nobody else would, and it was only by chance that they found the drawer at last; what lay"
            " there was neither coin nor letter, and all who heard of this laughed.",
            "Still, when it came they heard it.",
            "{She had kept that when nobody else would, and it was only by chance that they found the drawer at last; what lay"
            " there was neither coin nor letter, and all who heard of this laughed.|"
            "Still, when it came they heard it.}",
        ),
        # Five words in a row are no accident, however much is new around them.
        (
            "a key under the third stone",
            "Long after the war, when most of them had gone or were too old to care, someone found it: a key under the third"
            " stone, wrapped in oilcloth and wire, and with it a letter that nobody could read any more.",
            "{|Long after the war, when most of them had gone or were too old to care, someone found it: }"
            "a key under the third stone"
            "{|, wrapped in oilcloth and wire, and with it a letter that nobody could read any more.}",
        ),
        # Scripts without spaces go by characters, signs by clusters, words with their marks.
        (
            "彼は静かに笑った。雨が降っていた。",
            "彼は大声で笑った。雨が降っていた。",
            "彼は{静かに|大声で}笑った。雨が降っていた。",
        ),
        ("the flag 🇩🇪 flew there", "the flag 🇩🇰 flew there", "the flag {🇩🇪|🇩🇰} flew there"),
        ("वह घर गया था", "वह घर गयी था", "वह घर {गया|गयी} था"),
        ("two  spaces here", "two spaces here", "two { |}spaces here"),
    ],
)
def test_what_changed(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        # As many lines: line by line.
        (
            "Snow lay on the pass.\n\nNo one came.",
            "Snow lay on the road.\n\nSomeone came.",
            "Snow lay on the {pass|road}.\n\n{No one|Someone} came.",
        ),
        ("First line.\nSecond line.", "Second line.\nThird line.", "{First|Second} line.\n{Second|Third} line."),
        (
            "First line.\nSecond line.\nThe end.",
            "Second line.\nThird line.\nThe end.",
            "{First|Second} line.\n{Second|Third} line.\nThe end.",
        ),
        (
            "Wolves circled below.\nThe fire burned well.",
            "Her ticket was blue.\nThe fire burned low.",
            "{Wolves circled below.|Her ticket was blue.}\nThe fire burned {well|low}.",
        ),
        # A line less or more: whole lines where whole lines went.
        ("One came.\nTwo left.\nThree stayed.", "One came.\nThree stayed.", "One came.\n{Two left.\n|}Three stayed."),
        ("One came.\nTwo left.", "One came.", "One came.{\nTwo left.|}"),
        ("One came.", "One came.\nTwo left.", "One came.{|\nTwo left.}"),
        ("One came.\n", "One came.\nTwo left.\n", "One came.\n{|Two left.\n}"),
        ("She left early. He stayed on.", "She left early.\n\nHe stayed on.", "She left early.{ |\n\n}He stayed on."),
        ("She left early.\n\nHe stayed on.", "She left early. He stayed on.", "She left early.{\n\n| }He stayed on."),
        (
            "One came alone. Two left.\n\nNight fell.",
            "One came alone.\n\nTwo left.\n\nNight fell.",
            "One came alone.{ |\n\n}Two left.\n\nNight fell.",
        ),
        (
            "One came alone. Two left.\n\nNight fell at last.",
            "One came alone.\n\nTwo left.\n\nNight came at last.",
            "One came alone.{ |\n\n}Two left.\n\nNight {fell|came} at last.",
        ),
        # Lines may have moved on where one came or went.
        (
            "Snow fell.\nIt began.\nMara kept the red lamp lit.\nRain fell.",
            "Snow fell.\nMara kept the red lamp lit now.\nThen it rained.\nRain fell.\nSun shone.",
            "Snow fell.\n{It began.\n|}Mara kept the red lamp lit{| now}.\n{|Then it rained.\n}Rain fell.{|\nSun shone.}",
        ),
        (
            "The gate was shut.\nThis whole paragraph is about to go.\nNobody sang there, mostly.",
            "The iron gate was shut.\nSomething utterly new came instead.\nAnd a second.\nNobody sang there, ever.",
            "The {|iron }gate was shut.\n{This whole paragraph is about to go.|Something utterly new came instead.}\n"
            "{|And a second.\n}Nobody sang there, {mostly|ever}.",
        ),
    ],
)
def test_what_changed_in_lines(before: str, after: str, expected: str) -> None:
    assert shown(before, after) == expected


def test_a_rewrite_of_paragraphs_is_one_change_each() -> None:
    old = "The well was dry, and had been since the year of the comet.\nHer uncle sold the goats in March."
    new = "It took a day to paint the boat and a week to sell the thing.\nWhat is a debt between neighbours?"
    found = changes(old, new)
    assert [old[change.start : change.end] for change in found] == old.split("\n")
    assert [new[change.put_start : change.put_end] for change in found] == new.split("\n")


def test_a_choice_of_changes() -> None:
    before = "The old man sat by the cold fire and hummed to himself."
    after = "The man sat by the bright fire and hummed quietly to himself."
    all_changes = changes(before, after)
    assert len(all_changes) == 3
    assert taken(before, after, all_changes, {0}) == "The old man sat by the bright fire and hummed quietly to himself."
    assert taken(before, after, all_changes, [1, 2]) == "The man sat by the cold fire and hummed to himself."
    assert taken(before, after, (), ()) == before


def test_long_texts_are_compared_where_they_differ() -> None:
    lines = [f"Line {number} of a long and even list of things." for number in range(3000)]
    other = [*lines[:1000], "A stranger came by.", *lines[1000:2000], *lines[2001:], "The end of it."]
    before, after = "\n".join(lines), "\n".join(other)
    found = changes(before, after)
    assert taken(before, after, found) == after
    assert [before[change.start : change.end] for change in found] == ["", f"{lines[2000]}\n", ""]
    assert [after[change.put_start : change.put_end] for change in found] == [
        "A stranger came by.\n",
        "",
        "\nThe end of it.",
    ]


def test_a_stretch_too_long_to_compare_is_one_change(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("composer.text.difference.MOST", 4)
    before, after = "Then one two three four five again.", "Then six two three four seven again."
    assert shown(before, after) == "Then {one two three four five|six two three four seven} again."


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        ("", "Anything.", 1.0),
        ("…", "", 1.0),
        ("All of it stays.", "All of it stays.", 1.0),
        ("All of it stays.", "And yet: All of it stays.", 1.0),
        ("All of it goes.", "", 0.0),
        ("One two three four five six seven eight.", "One two three four five six seven nine.", 0.875),
        ("雨が降っていた。", "雪が降っていた。", 6 / 7),
        ("The river ran past the mill.", "Nobody had ever asked about the brother.", 0.0),
    ],
)
def test_how_much_stays(before: str, after: str, share: float) -> None:
    assert kept(before, after) == pytest.approx(share)


WORDS = st.sampled_from(["the", "a", "lamp", "harbour", "sang", "of", "night", "slowly", "don’t", "雨", "が"])
SIGNS = st.sampled_from(
    [" ", " ", " ", ", ", ". ", "? ", "\n", "\n\n", "  ", " — ", "“", "” ", "e\u0301", "🇩🇪", "👍🏽", "\u00a0"]
)
PROSE = st.lists(st.one_of(WORDS, SIGNS), max_size=40).map("".join)
ANY = st.one_of(PROSE, st.text(max_size=25))
SENTENCES = st.lists(
    st.lists(WORDS.filter(str.isascii), min_size=1, max_size=6).map(lambda words: " ".join(words) + "."), max_size=6
).map(" ".join)


@given(ANY, ANY, st.sets(st.integers(0, 12)))
def test_changes_make_the_new_text(before: str, after: str, left_out: set[int]) -> None:
    found = changes(before, after)
    assert taken(before, after, found) == after
    assert taken(before, after, found, range(len(found))) == before
    # Apart, in order, none of them empty, and equal text between them.
    at = put_at = 0
    for number, change in enumerate([*found, Change(len(before), len(before), len(after), len(after))]):
        assert before[at : change.start] == after[put_at : change.put_start]
        assert number in (0, len(found)) or change.start > at
        old, new = before[change.start : change.end], after[change.put_start : change.put_end]
        assert old != new or number == len(found)
        if old and new:
            assert not (old[0] == new[0] and old[0].isspace())
            assert not (old[-1] == new[-1] and old[-1].isspace())
        at, put_at = change.end, change.put_end
    swapped = taken(before, after, found, left_out)
    rest = [change for number, change in enumerate(found) if number not in left_out]
    assert swapped == taken(before, after, rest)
    assert 0 <= kept(before, after) <= 1


@given(PROSE, PROSE)
def test_no_change_crosses_a_line_feed_needlessly(before: str, after: str) -> None:
    if before.count("\n") == after.count("\n"):
        for change in changes(before, after):
            assert "\n" not in before[change.start : change.end]
            assert "\n" not in after[change.put_start : change.put_end]


@given(PROSE, PROSE)
def test_no_cluster_is_cut(before: str, after: str) -> None:
    for change in changes(before, after):
        assert snap(before, change.start) == change.start
        assert snap(before, change.end) == change.end
        assert snap(after, change.put_start) == change.put_start
        assert snap(after, change.put_end) == change.put_end


@given(SENTENCES, SENTENCES)
def test_every_choice_reads_with_single_spaces(before: str, after: str) -> None:
    found = changes(before, after)[:5]
    for size in range(len(found) + 1):
        for left_out in itertools.combinations(range(len(found)), size):
            text = taken(before, after, found, left_out)
            assert "  " not in text
            assert " ." not in text
            assert text == text.strip() or not (before and after)
