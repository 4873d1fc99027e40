"""Names are found where they stand, in their forms and in any script, and not in other words."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.context.nearby import Nearby, named


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Ilse", "Then Ilse weighed it."),
        ("Ilse", "It was Ilse’s ledger."),
        ("Ilse", "It was Ilse's."),
        ("Ilse", "ILSE CAME IN"),
        ("Ilse", "Ilses Haus war leer."),
        ("Ilse, the weigher", "He asked the weigher."),
        ("Ilse, the weigher", "The Weigher laughed."),
        ("Ilse/Ilsebill", "Ilsebill wants more"),
        ("Ilse (the weigher)", "no weigher is honest"),
        ("Old Marta", "and Old Marta’s gull"),
        ("Old-Marta", "and Old Marta slept"),
        ("The Weigh-house", "beside the Weigh-house wall"),
        ("O'Brien", "said O’Brien."),
        ("ledger", "the Ledgers were burnt"),
        ("Gate 7", "by Gate 7, late"),
        ("Марта", "Он отдал Марте ключ."),
        ("Марта", "пришёл с Мартой"),
        ("Иван", "дом Ивана пуст"),
        ("Илья", "увидел Илью"),
        ("Алексей", "письмо от Алексея"),
        ("der Deich", "auf dem Deiche stand er"),
        ("李雨", "那天李雨没有来。"),
        ("水車小屋", "古い水車小屋の前で"),
        ("มาลี", "เช้านี้มาลีไม่มา"),
        ("मीरा", "कल मीरा ने नमक तौला।"),
        ("민수", "민수는 웃었다."),
        ("Çağla", "Çağla'nın evi"),
        ("José", unicodedata.normalize("NFD", "Then José came.")),
        (unicodedata.normalize("NFD", "Zoë"), "and Zoë left"),
    ],
)
def test_a_name_is_found(name: str, text: str) -> None:
    assert named(name, text)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Rose", "She rose early, and the sun rose."),
        ("Ilse", "Elsewhere, ilse is no word"),
        ("Ilse", "Ilsebillinchen"),
        ("Al", "Also there was Alma"),
        ("Ann", "An Annual of the Annex"),
        ("Old Marta", "Old was Marta then"),
        ("Old Marta", "Marta alone, and Old"),
        ("Mark", "a market, and Marketing"),
        ("Gate 7", "by Gate 71"),
        ("Марта", "в марте, и Мартынов"),
        ("Марта", "пришёл Мартын"),
        ("मीरा", "मी रात"),
        ("Zoë", "Zoe"),
        ("", "anything at all"),
        (", / ()", "anything, at / all ()"),
        ("Ilse", ""),
        ("Ilse", "   "),
    ],
)
def test_other_words_are_no_name(name: str, text: str) -> None:
    assert not named(name, text)


def test_nearness_is_by_text_and_times() -> None:
    near = Nearby()
    near.add("Ada and Bea.", 4)
    near.add("Bea, Bea, Bea, Bea, Bea.", 1)
    assert near.score("Ada") == 4
    assert near.score("Bea") == 7
    assert near.score("Cia, Ada") == 4
    assert near.score("Cia") == 0


def test_one_word_of_the_name_is_enough_for_a_person() -> None:
    near = Nearby()
    near.add("Then Brandt came to the House of the Old.", 4)
    assert near.score("Ilse Brandt", person=True) == 1
    assert near.score("Ilse Brandt") == 0
    assert near.score("Old Marta", person=True) == 0
    assert near.score("Aunt de House-Keeper", person=True) == 1


def test_hundreds_of_names_and_a_long_text_are_looked_through() -> None:
    near = Nearby()
    near.add("far " * 30_000 + "Name7 is near.")
    near.add("Name9 was far away " + "far " * 30_000)
    assert [n for n in range(400) if near.score(f"Name{n}")] == [7]


@given(st.text(max_size=40), st.text(max_size=200))
def test_any_texts_can_be_looked_through(name: str, text: str) -> None:
    assert not named(name, "")
    assert named(name, text) in (True, False)


@given(
    st.sampled_from(["Ilse", "Wren", "Марта", "李雨", "नीरा", "Old Marta"]), st.text(alphabet="ab .,\n", max_size=40)
)
def test_a_name_between_other_words_is_found(name: str, text: str) -> None:
    assert named(name, f"{text} {name} {text}")
