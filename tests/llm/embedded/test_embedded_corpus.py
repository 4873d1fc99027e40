"""The corpus as a reader finds it: its form, its size, and that it never repeats itself."""

from __future__ import annotations

import re

import pytest

from composer.llm.embedded.corpus import CorpusError, Fable, load_fables, read_fables

FABLES = load_fables()
SMALL = """= One
@ fox=A:he Mara=B:she key=T well=P
> The fox finds a key.
The fox found a key.

> Mara takes the key.
Mara took the key.
"""


def words_of(fable: Fable) -> list[list[str]]:
    return [re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", passage.text.lower()) for passage in fable.passages]


def test_it_is_large_enough() -> None:
    assert sum(len(words) for fable in FABLES for words in words_of(fable)) >= 8_000


def test_every_fable_has_a_cast_and_three_passages() -> None:
    for fable in FABLES:
        assert fable.cast.characters, fable.title
        assert len(fable.cast.things) == 1, fable.title
        assert len(fable.cast.places) == 1, fable.title
        assert len(fable.passages) == 3, fable.title


def test_no_eight_words_in_a_row_occur_twice() -> None:
    seen: dict[tuple[str, ...], str] = {}
    for fable in FABLES:
        for words in words_of(fable):
            for at in range(len(words) - 7):
                run = tuple(words[at : at + 8])
                assert run not in seen, f"{' '.join(run)!r} in {seen[run]!r} and {fable.title!r}"
                seen[run] = fable.title


def test_every_noun_of_a_cast_occurs_in_its_fable() -> None:
    for fable in FABLES:
        text = " ".join(passage.text for passage in fable.passages)
        cast = fable.cast
        for noun in (*(c.noun for c in cast.characters), *cast.things, *cast.places):
            assert re.search(rf"\b{re.escape(noun)}\b", text, re.IGNORECASE), (fable.title, noun)


def test_a_file_is_read_as_it_is_written() -> None:
    (fable,) = read_fables(SMALL)
    assert fable.title == "One"
    assert [(c.noun, c.gender, c.named) for c in fable.cast.characters] == [
        ("fox", "he", False),
        ("Mara", "she", True),
    ]
    assert (fable.cast.things, fable.cast.places) == (("key",), ("well",))
    assert [passage.beat for passage in fable.passages] == ["The fox finds a key.", "Mara takes the key."]


@pytest.mark.parametrize("line", ["@ fox=C:he", "@ fox=A:wolf", "@ fox", "@ key=T:it"])
def test_a_wrong_cast_names_file_and_line(line: str) -> None:
    with pytest.raises(CorpusError, match="small, line 2"):
        read_fables(f"= One\n{line}\n", "small")


def test_prose_without_a_beat_is_refused() -> None:
    with pytest.raises(CorpusError, match="line 2"):
        read_fables("= One\nThe fox found a key.\n")
