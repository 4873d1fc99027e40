"""Words, clauses, sentences and paragraphs: what each size takes along, and that nothing of the text is lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.text.pieces import SIZES, Size, piece_at, pieces
from composer.text.sentences import sentences
from tests.text.literary import RIGHT

SOUP = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "Abi .?!\"'“”‘’«»„()[]…—–-,;:*\u00a0\u202f\u3000\t\n\r。、！「」你と言।؟ς\u0301\u200d😀\ud800135"
        ),
        st.characters(),
    ),
    max_size=60,
)


def cut(text: str, size: Size, language: str = "en") -> str:
    """The pieces with bars between them."""
    return "|".join(text[start:end] for start, end in pieces(text, size, language))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("She said, “wait.”", "She|said,|“wait.”"),
        ("don’t it's well-known rock'n'roll", "don’t|it's|well-known|rock'n'roll"),
        ("3.14 or 1,000 at 5:30 p.m. sharp.", "3.14|or|1,000|at|5:30|p.m.|sharp."),
        ("“Wait—what?” he asked", "“Wait—|what?”|he|asked"),
        ("I…I know... or--no", "I…|I|know...|or--|no"),
        ("the door — it was open —", "the|door|— it|was|open —"),
        ("« Oui ? » dit-il.", "« Oui ? »|dit-il."),
        ("—¿Vienes? —preguntó.", "—¿Vienes?|—preguntó."),
        ("(so) [a hole] *now*", "(so)|[a|hole]|*now*"),
        ("* * *", "* * *"),
        ("***\n—\nyes", "***|—|yes"),
        ("one\n— two", "one|— two"),
        ("彼は「行く」と言った。", "彼|は|「行|く」|と|言|っ|た。"),
        ("她说：“走，走。”然后", "她|说：|“走，|走。”|然|后"),
        ('他说"走。"然后', '他|说|"走。"|然|后'),
        ("AI技術とパ", "AI|技|術|と|パ"),
        ("はハ\u309aン", "は|ハ\u309a|ン"),
        ("हिन्दी में। नहीं", "हिन्दी|में।|नहीं"),
        ("네. 알겠어요", "네.|알겠어요"),
        ("ฝนตก หมานอน", "ฝนตก|หมานอน"),
        ("hi 😀 you 👩\u200d👧!", "hi|😀|you|👩\u200d👧!"),
        ("cafe\u0301, na\u0308h", "cafe\u0301,|na\u0308h"),
        ("", ""),
        (" \n ", ""),
    ],
)
def test_words_take_the_signs_that_touch_them(text: str, expected: str) -> None:
    assert cut(text, "word") == expected


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "The lamp went out; nobody moved.", "The lamp went out;|nobody moved."),
        ("en", "There was one rule: no lamps.", "There was one rule:|no lamps."),
        ("en", "He left — or so she thought — and came back.", "He left|— or so she thought —|and came back."),
        ("en", "He left—nobody knew why.", "He left|—nobody knew why."),
        ("en", "The cost – five or 5–6 pounds – was fine.", "The cost|– five or 5–6 pounds –|was fine."),
        ("en", "It was late -- very late.", "It was late|-- very late."),
        ("en", "She sat - at last - on the well-worn step.", "She sat|- at last -|on the well-worn step."),
        ("en", "— Come, boy; sit.", "— Come, boy;|sit."),
        ("en", '"But I—" she said.', '"But I—"|she said.'),
        (
            "en",
            "When the rain stopped, the whole street came out.",
            "When the rain stopped,|the whole street came out.",
        ),
        ("en", "After lunch, we all went down to the sea.", "After lunch, we all went down to the sea."),
        ("en", "He ran, but nobody ran after him.", "He ran,|but nobody ran after him."),
        ("en", "The dog, which was old, slept.", "The dog,|which was old, slept."),
        ("en", "It was a small, dark, cold room.", "It was a small, dark, cold room."),
        ("en", "It was a small, dark, and very cold room.", "It was a small, dark, and very cold room."),
        (
            "en",
            "She took bread, butter, cheese, and left the house.",
            "She took bread, butter, cheese, and left the house.",
        ),
        ("en", "It was so, so cold.", "It was so, so cold."),
        ("en", '"I will go now," he said to the wall.', '"I will go now,"|he said to the wall.'),
        ("en", "“Well,” said the old man, “I never liked it.”", "“Well,” said the old man,|“I never liked it.”"),
        (
            "en",
            "They paid 1,000 crowns at 5:30, and nobody asked.",
            "They paid 1,000 crowns at 5:30,|and nobody asked.",
        ),
        ("en", "He said it (twice, and loudly); she laughed.", "He said it (twice,|and loudly);|she laughed."),
        ("en", "The lamp went out:", "The lamp went out:"),
        ("en", "He wanted to go, but.", "He wanted to go, but."),
        ("en", "Yes. — He left — or so — and came.", "Yes.|— He left|— or so —|and came."),
        ("en", "It was small, dark; he came, and left it.", "It was small, dark;|he came,|and left it."),
        ("DE", "Er lief, weil es kalt war.", "Er lief,|weil es kalt war."),
        ("en", "One thing; ***", "One thing; ***"),
        ("en", "Er lief, weil es kalt war.", "Er lief, weil es kalt war."),
        ("de", "Er lief, weil es kalt war.", "Er lief,|weil es kalt war."),
        (
            "de-AT",
            "Er wusste, dass sie kam, und der Hund, der alt war.",
            "Er wusste,|dass sie kam,|und der Hund,|der alt war.",
        ),
        ("fr", "« Oui, » dit-elle, mais il pleuvait : tant pis.", "« Oui, » dit-elle,|mais il pleuvait :|tant pis."),
        ("fr", "La rue, où tout dormait ; puis rien.", "La rue,|où tout dormait ;|puis rien."),
        ("es", "—Ven —dijo ella—, que es tarde.", "—Ven|—dijo ella—,|que es tarde."),
        ("es", "Llovía, pero nadie corría.", "Llovía,|pero nadie corría."),
        ("ru", "— Да, — сказал он. — Я знаю, что снег идёт.", "— Да,|— сказал он.|— Я знаю, что снег идёт."),
        ("zh", "雨停了，街上没有人；我等她。", "雨停了，|街上没有人；|我等她。"),
        ("zh", "走吧，她说。", "走吧，她说。"),
        ("el", "Ήρθε το βράδυ· κανείς δεν ήταν εκεί.", "Ήρθε το βράδυ·|κανείς δεν ήταν εκεί."),
        ("ar", "نزل المطر؛ نام الكلب.", "نزل المطر؛|نام الكلب."),
    ],
)
def test_clauses(language: str, text: str, expected: str) -> None:
    assert cut(text, "clause", language) == expected


def test_clauses_part_sentences() -> None:
    text = "Who came, and who left? Nobody; it rained.\nThen: snow."
    assert cut(text, "clause") == "Who came,|and who left?|Nobody;|it rained.|Then:|snow."


def test_paragraphs_are_lines_with_something_in_them() -> None:
    assert cut("  One. Two.\n\n\u00a0\n***\r\n Three ", "paragraph") == "One. Two.|***|Three"


def test_sentences_are_sentences_of_the_language() -> None:
    text = "Am 5. Oktober kam er. Wir schliefen."
    assert pieces(text, "sentence", "de") == sentences(text, "de") != sentences(text, "en")


def test_sizes_run_from_small_to_large() -> None:
    text = "One, two and three; four — and five.\nSix. Seven."
    counts = [len(pieces(text, size)) for size in SIZES]
    assert SIZES == ("word", "clause", "sentence", "paragraph")
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == len(SIZES)


@given(SOUP, st.sampled_from(SIZES), st.sampled_from(["en", "fr", "de", "es", "zh", "xx", ""]))
def test_pieces_hold_all_of_the_text_in_order(text: str, size: Size, language: str) -> None:
    last = 0
    for start, end in pieces(text, size, language):
        assert last <= start < end
        assert not text[last:start].strip()
        assert text[start:end] == text[start:end].strip()
        assert "\n" not in text[start:end]
        last = end
    assert not text[last:].strip()


@pytest.mark.parametrize("language", ["en", "fr", "de", "es", "zh", "ja"])
def test_clauses_lie_within_sentences(language: str) -> None:
    for case in RIGHT:
        if case.language == language:
            starts = {start for start, _ in pieces(case.text, "clause", language)}
            assert {start for start, _ in sentences(case.text, language)} <= starts


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "unit", ["a, ", "a — ", "a—", "字", '"', "«", "—", ",", "a; b", "\u0301", "“a”", "字，", "a.", '," ', "x\n"]
)
@pytest.mark.slow
def test_a_hundred_thousand_characters(unit: str, size: Size) -> None:
    text = unit * (100_000 // len(unit))
    ranges = pieces(text, size)
    assert ranges[0][0] == 0
    assert ranges[-1][1] == len(text.rstrip())


@pytest.mark.parametrize(("at", "expected"), [(-5, 0), (0, 0), (2, 0), (3, 0), (5, 1), (8, 1), (9, 2), (500, 2)])
def test_piece_at(at: int, expected: int) -> None:
    assert piece_at([(2, 4), (5, 8), (9, 12)], at) == expected


def test_piece_at_of_nothing() -> None:
    assert piece_at([], 7) == 0
