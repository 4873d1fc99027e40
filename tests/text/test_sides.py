"""Sides: what stands of a piece before and behind its words, and the white space it parts with."""

import pytest

from composer.text.sides import Side
from composer.text.signs import SEEN


def test_a_piece_is_signs_words_and_signs() -> None:
    side = Side(3, " “The lamp, she said.” ")
    assert side.text[side.start : side.end] == "The lamp, she said"
    assert (side.signs, side.head()[:4]) == (" “", " “Th")
    assert side.shed_before() == [(3, 0)]
    assert side.shed_behind() == [(3, 22)]
    assert (side.first, side.last, side.signs) == (1, 22, "“")
    assert side.tail() == "The lamp, she said.”"


def test_white_space_is_parted_with_in_order_and_up_to_a_sign() -> None:
    side = Side(0, "\t  . lamp. \t")
    assert side.shed_before() == [(0, 0), (0, 1), (0, 2)]
    assert side.shed_behind() == [(0, 10), (0, 11)]
    side.trail.append(10)
    side.put = "”"
    assert side.shed_behind() == []


def test_a_settled_side_has_all_that_stands_before_it() -> None:
    words = Side(1, "…lamp!")
    words.settle("She lit a ")
    assert (words.before, words.tail(), words.stands) == ("She lit a …", "She lit a …lamp!", True)
    signs = Side(1, "?!")
    assert signs.stands
    signs.settle("So")
    assert (signs.before, signs.tail(), signs.stands) == ("So", "So?!", False)
    long = Side(0, "a" * 2 * SEEN + ".")
    long.settle("b")
    assert long.tail() == "a" * (SEEN - 1) + "."


@pytest.mark.parametrize(
    ("text", "opens"),
    [
        ("a boat (", True),
        ("He said '", True),
        ("the dogs'", False),
        ("the boats ('", True),
        ("a boat)", False),
        ("a boat", False),
    ],
)
def test_a_side_may_end_with_what_opens(text: str, opens: bool) -> None:
    assert Side(0, text).opens == opens


def test_a_double_quote_opens_as_it_was_read() -> None:
    side = Side(0, 'He said "')
    assert not side.opens
    side.last_quote = 8, True
    assert side.opens
    side.put = "”"
    assert not side.opens
