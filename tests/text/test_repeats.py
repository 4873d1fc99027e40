"""Passages and texts that were there before: found word for word, whatever came in and went out in between."""

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text import repeats
from composer.text.repeats import Repeat, Shingles, groups

RIVER = (
    "By noon the river had taken the lower fields, the fence, and the grey mare’s shed; nobody said so at table. "
    "Aunt Dora counted spoons as if the flood had come for those."
)
MILL = (
    "The miller’s boy claimed that he could hear the wheel turn at night, though it had no water and no paddles left."
)
OTHER = "Someone had painted the whole kitchen green while they slept, and signed it in a hand that none of them knew."


def filled(*texts: str) -> Shingles:
    """An index of texts under the keys a, b, c …"""
    index = Shingles()
    for number, text in enumerate(texts):
        index.put(chr(ord("a") + number), text)
    return index


def quoted(index: Shingles, text: str, **options: object) -> list[tuple[str, str]]:
    """Each repeat as its key and its characters."""
    return [(found.key, text[found.start : found.end]) for found in index.repeats(text, **options)]  # type: ignore[arg-type]


def plain(text: str) -> list[str]:
    """The words of a test text, in the simplest way there is."""
    return "".join(char.lower() if char.isalnum() else "" if char in "'’" else " " for char in text).split()


def test_a_passage_with_its_place_on_both_sides() -> None:
    index = filled(MILL, RIVER, OTHER)
    text = "Years later she wrote: the lower fields, the fence, and the grey mare's shed – all of it gone."
    (found,) = index.repeats(text)
    assert found == Repeat("b", 23, 76, RIVER.index("the lower"), RIVER.index("; nobody"), 10)
    assert text[found.start : found.end] == "the lower fields, the fence, and the grey mare's shed"
    assert RIVER[found.source_start : found.source_end] == "the lower fields, the fence, and the grey mare’s shed"


@pytest.mark.parametrize(
    ("before", "text", "expected"),
    [
        # Seven words are worth telling, six are an idiom.
        ("We left at the end of the longest day.", "It came at the end of the day.", []),
        (
            "She left at the end of the long grey day.",
            "He came at the end of the long grey night.",
            ["at the end of the long grey"],
        ),
        ("She left at the end of the long day.", "He came at the end of the long night.", []),
        # Case, signs, kinds of apostrophe and dashes don't matter.
        (
            "“You—don’t well-known _things_ ever change?” No.",
            "YOU DON'T, well known things ever change",
            ["YOU DON'T, well known things ever change"],
        ),
        ("Cafe\u0301 au lait et deux croissants tout chauds", "café au lait et deux croissants", []),
        (
            "Cafe\u0301 au lait et deux croissants chauds",
            "Un café au lait et deux croissants chauds",
            ["café au lait et deux croissants chauds"],
        ),
        # The words of Indic scripts have marks inside, and are words even so.
        ("वह हर शाम उसी पुराने पुल पर जाता था", "और वह हर शाम उसी पुराने पुल पर बैठा", ["वह हर शाम उसी पुराने पुल पर"]),
        ("वह हर शाम उसी नदी", "तब वह हर शाम उसी घर", []),
        # A heart's mark is no word.
        (
            "one two ❤️ three four five six seven",
            "one two three four five six seven",
            ["one two three four five six seven"],
        ),
        # Twelve characters of Han or kana are as much as seven words, eleven are not.
        ("庭の池に古い月が浮かんで、犬が鳴いた。", "夜、庭の池に古い月が浮かんだ。", []),
        ("庭の池に古い月が浮かんで、犬が鳴いた。", "夜、庭の池に古い月が浮かんで", ["庭の池に古い月が浮かんで"]),
        ("ABC庭の池に古い月が浮か", "夜のABC、庭の池に古い月が浮かぶ", []),
        ("ABC庭の池に古い月が浮かん", "夜のABC、庭の池に古い月が浮かんだ", ["ABC、庭の池に古い月が浮かん"]),
        ("too short", "too short", []),
        ("", "", []),
    ],
)
def test_what_counts_as_a_repeat(before: str, text: str, expected: list[str]) -> None:
    assert [passage for _, passage in quoted(filled(before), text)] == expected


def test_how_long_a_passage_has_to_be_is_the_callers_choice() -> None:
    index = filled("We left at the end of the longest day.")
    text = "It came at the end of the day."
    assert quoted(index, text, least=5) == [("a", "at the end of the")]
    assert quoted(index, text, least=1) == [("a", "at the end of the")]
    two = filled("one two three four five six", "four five six seven eight nine")
    assert quoted(two, "one two three four five six seven eight nine", least=1) == [
        ("a", "one two three four five six")
    ]
    assert quoted(index, text, least=6) == []
    assert filled("庭の池に古い月が").repeats("庭の池に古い月が", least=5) == ()
    assert filled("庭の池に古い月が浮").repeats("庭の池に古い月が浮", least=5)[0].words == 5


def test_longest_first_and_nothing_twice() -> None:
    index = filled(RIVER, MILL, OTHER)
    text = f"{MILL[17:47]} — {OTHER} {RIVER[:60]}"
    found = index.repeats(text)
    assert [repeat.key for repeat in found] == ["c", "a"]
    assert [repeat.words for repeat in found] == [21, 12]
    assert quoted(index, text, least=6)[2] == ("b", "claimed that he could hear the")


def test_what_a_longer_passage_leaves_of_another_is_told_too() -> None:
    one = "one two three four five six seven eight nine ten"
    other = "eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    index = filled(one, other)
    text = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    assert quoted(index, text) == [("a", one)]
    assert quoted(index, f"{text} seventeen", least=6) == [
        ("a", one),
        ("b", "eleven twelve thirteen fourteen fifteen sixteen"),
    ]
    (_, rest) = index.repeats(text, least=6)
    assert other[rest.source_start : rest.source_end] == "eleven twelve thirteen fourteen fifteen sixteen"


def test_the_longest_source_is_named_and_among_equals_the_first_key() -> None:
    index = Shingles()
    index.put("z", RIVER[:70])
    index.put("m", RIVER)
    index.put("k", RIVER)
    assert [repeat.key for repeat in index.repeats(RIVER)] == ["k"]
    index.drop("k")
    assert [repeat.key for repeat in index.repeats(RIVER)] == ["m"]
    assert [repeat.key for repeat in index.repeats(RIVER, without=lambda key: key == "m")] == ["z"]
    assert index.repeats(RIVER, without=lambda key: True) == ()


def test_each_document_is_judged_once() -> None:
    index = filled(RIVER, RIVER, OTHER)
    asked = Counter[str]()

    def without(key: str) -> bool:
        asked[key] += 1
        return key == "a"

    assert [repeat.key for repeat in index.repeats(RIVER, without=without)] == ["b"]
    assert asked == {"a": 1, "b": 1}


def test_words_in_another_order_are_no_repeat() -> None:
    # The document has all three shingles of the seven words, but never the seven words.
    index = filled("a b c d e x b c d e f x c d e f g", "a b c d e f g h")
    assert quoted(index, "a b c d e f g", without="b".__eq__) == []
    assert quoted(index, "a b c d e f g") == [("b", "a b c d e f g")]
    # Here the first seven stand together, and the shingle behind them elsewhere.
    index = filled("a b c d e f g x d e f g h")
    assert quoted(index, "a b c d e f g h") == [("a", "a b c d e f g")]


def test_marks_that_are_equal_by_chance_do_no_harm(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeats, "_MARK", 3)
    index = filled(RIVER, MILL, OTHER)
    assert quoted(index, f"So {MILL}") == [("b", MILL.rstrip("."))]
    assert index.repeats("Nothing of the sort was ever said in that long and quiet house.") == ()


def test_a_phrase_that_very_many_hold(monkeypatch: pytest.MonkeyPatch) -> None:
    refrain = "and the bells of the drowned town rang on"
    index = Shingles()
    for number in range(400):
        index.put(f"{number:03}", f"Verse {number} has its own word {number * 7}, {refrain}, number {number}.")
    assert index._common
    index.put("long", f"It was late, {refrain} until the morning came.")
    assert quoted(index, f"So {refrain}.") == [("000", refrain)]
    assert quoted(index, f"So {refrain} until then.") == [("long", f"{refrain} until")]
    assert quoted(index, f"So {refrain}.", without=lambda key: key < "3") == [("300", refrain)]
    for number in range(390):
        index.drop(f"{number:03}")
    assert not index._common
    assert quoted(index, f"So {refrain}.") == [("390", refrain)]


def test_put_exchanges_and_drop_forgets() -> None:
    index = filled(RIVER, MILL)
    assert len(index) == 2
    assert "a" in index
    index.put("a", OTHER)
    assert len(index) == 2
    assert index.repeats(RIVER) == ()
    assert quoted(index, OTHER)[0][0] == "a"
    index.drop("a")
    index.drop("never there")
    assert "a" not in index
    assert index.repeats(OTHER) == ()
    index.drop("b")
    assert len(index) == 0
    assert not index._drawers
    assert not index._common


def test_places_in_long_texts() -> None:
    head = "so " * 30_000
    index = filled(head + MILL)
    text = head[:-60_000] + OTHER + head + MILL
    place = index.repeats(MILL)[0]
    assert (place.source_start, place.source_end) == (len(head), len(head) + len(MILL) - 1)
    assert index.repeats(text)[0].end == len(text) - 1


def test_texts_that_are_alike_as_a_whole() -> None:
    close = RIVER.replace("spoons", "the forks").replace("grey", "old")
    index = filled(OTHER, close, RIVER, f"{RIVER} {MILL} {OTHER}")
    found = index.alike(RIVER.upper())
    assert [key for key, _ in found] == ["c", "b"]
    assert found[0][1] == 100.0
    assert 80 < found[1][1] < 100
    assert [key for key, _ in index.alike(RIVER, least=99)] == ["c"]
    assert [key for key, _ in index.alike(RIVER, without="c".__eq__)] == ["b"]
    assert [key for key, _ in index.alike(RIVER, least=40)] == ["c", "b", "d"]
    assert index.alike("Four words, no more.") == ()
    assert index.alike("") == ()


def test_an_edited_copy_is_alike() -> None:
    chance = random.Random(5)
    words = (RIVER + " " + MILL + " " + OTHER).split()
    copy = [word if chance.random() > 0.12 else "something" for word in words]
    assert [key for key, _ in filled(RIVER, " ".join(words)).alike(" ".join(copy))] == ["b"]


def test_characters_without_spaces_are_compared_without_spaces() -> None:
    index = filled("庭の池に古い月が浮かんで、犬が鳴いた。")
    assert index.alike("庭の池に古い壺を沈めたのは、祖母だ。", least=60) == ()
    assert [key for key, _ in index.alike("庭の池に古い月が浮かんで、猫が鳴いた。")] == ["a"]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        ([], ()),
        ([RIVER, MILL, OTHER], ()),
        ([RIVER, MILL, RIVER.lower(), OTHER, MILL.replace("boy", "son")], ((0, 2), (1, 4))),
        (["Yes.", "No.", "“Yes!”", "", "…"], ((0, 2),)),
        ([MILL, MILL, MILL], ((0, 1, 2),)),
    ],
)
def test_groups_of_siblings(texts: list[str], expected: tuple[tuple[int, ...], ...]) -> None:
    assert groups(texts) == expected


def test_a_text_alike_to_two_joins_them() -> None:
    words = f"{RIVER} {MILL}".split()
    first = " ".join(["x"] * 6 + words[6:])
    last = " ".join(words[:-6] + ["y"] * 6)
    assert groups([first, last], least=88) == ()
    assert groups([first, last, " ".join(words)], least=88) == ((0, 1, 2),)


VOCABULARY = ["the", "Lamp", "“went", "out,", "and", "don’t", "SEA", "rose", "—", "雨"]
PROSE = st.lists(st.sampled_from(VOCABULARY), max_size=30).map(" ".join)
TEXTS = st.lists(PROSE, max_size=5)


@given(TEXTS, PROSE, st.integers(5, 9))
def test_what_is_told_is_true_and_nothing_is_left_out(texts: list[str], text: str, least: int) -> None:
    index = filled(*texts)
    found = index.repeats(text, least=least)
    covered = [False] * len(text)
    for repeat in found:
        source = texts[ord(repeat.key) - ord("a")]
        passage = text[repeat.start : repeat.end]
        assert plain(passage) == plain(source[repeat.source_start : repeat.source_end])
        rain = plain(passage).count("雨")
        assert repeat.words == (12 * (len(plain(passage)) - rain) + 7 * rain) // 12 >= least
        assert not any(covered[repeat.start : repeat.end])
        covered[repeat.start : repeat.end] = [True] * len(passage)
    assert [repeat.words for repeat in found] == sorted((repeat.words for repeat in found), reverse=True)
    # No stretch that is long enough stands in a document and is not told.
    lines = [f" {' '.join(plain(source))} " for source in texts]
    rest = "".join(" | " if is_covered else char for char, is_covered in zip(text, covered, strict=True))
    for stretch in rest.split("|"):
        words = plain(stretch)
        for start in range(len(words)):
            for end in range(start + 5, len(words) + 1):
                rain = words[start:end].count("雨")
                if 12 * (end - start - rain) + 7 * rain >= 12 * least:
                    assert not any(f" {' '.join(words[start:end])} " in line for line in lines)


@given(
    PROSE, PROSE, st.lists(st.sampled_from(["gate", "Rope", "of", "a", "tall"]), min_size=7, max_size=20), PROSE, PROSE
)
def test_a_copied_passage_is_found(head: str, tail: str, passage: list[str], before: str, after: str) -> None:
    copied = " ".join(passage)
    (found,) = (
        repeat
        for repeat in filled(f"{head} {copied} {tail}").repeats(f"{before} {copied.upper()}! {after}")
        if repeat.start <= len(before) + 1 and len(before) + 1 + len(copied) <= repeat.end
    )
    assert found.words >= len(passage)


def contents(index: Shingles) -> dict[int, set[str]]:
    """All that an index has stored, by mark, free of its numbering."""
    stored: dict[int, set[str]] = {}
    for drawer, entries in index._drawers.items():
        assert list(entries) == sorted(set(entries))
        assert entries
        for entry in entries:
            stored.setdefault(entry & repeats._HIGH | drawer, set()).add(index._keys[entry & repeats._NUMBER])
    for mark, bits in index._common.items():
        assert mark not in stored
        assert bits.bit_count() > repeats.COMMON
        stored[mark] = {key for number, key in enumerate(index._keys) if bits >> number & 1}
    assert all((mark in index._common) == (len(keys) > repeats.COMMON) for mark, keys in stored.items())
    return stored


PHRASES = ["the sea rose and the lamp went out", "and the lamp went out that night", "nobody rose, and the sea", "雨が"]
STANZAS = st.lists(st.sampled_from(PHRASES), max_size=3).map(" ".join)


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.none() | STANZAS), max_size=25), STANZAS)
def test_no_residue_of_what_went(moves: list[tuple[str, str | None]], text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(repeats, "COMMON", 2)
        lived = Shingles()
        texts: dict[str, str] = {}
        for key, move in moves:
            if move is None:
                lived.drop(key)
                texts.pop(key, None)
            else:
                lived.put(key, move)
                texts[key] = move
        anew = Shingles()
        for key in sorted(texts):
            anew.put(key, texts[key])
        assert contents(lived) == contents(anew)
        assert lived._numbers.keys() == anew._numbers.keys()
        assert sorted(lived._keys) == sorted([*anew._keys, *[""] * len(lived._free)])
        assert lived.repeats(text, least=5) == anew.repeats(text, least=5)
        assert lived.alike(text, least=30) == anew.alike(text, least=30)


@given(st.lists(st.sets(st.integers(0, 40)), max_size=12), st.integers(1, 12))
def test_members_of_enough_sets(sets: list[set[int]], least: int) -> None:
    counted = Counter(member for members in sets for member in members)
    bits = repeats._at_least([sum(1 << member for member in members) for members in sets], least)
    assert set(repeats._members(bits)) == {member for member, count in counted.items() if count >= least}


def test_both_engines_agree_on_plain_letters() -> None:
    plain_characters = [char for char in map(chr, range(0x2100)) if not repeats._NOT_PLAIN.search(char)]
    assert len(plain_characters) > 500
    for char in plain_characters:
        for text in (char, f"a{char}b"):
            found = [match.span() for match in repeats._PLAIN_WORD.finditer(text)]
            assert found == [match.span() for match in repeats._any_word().finditer(text)]
