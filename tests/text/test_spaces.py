"""Spaces: which character of the white space at a seam stays, and what it becomes."""

import pytest

from composer.text.sides import Side
from composer.text.spaces import Spaces

NARROW, BROAD, WIDE = "\u202f", "\u00a0", "\u3000"


@pytest.mark.parametrize(
    ("left", "right", "present", "kept"),
    [
        ("lamp", "lit", "", (-1, " ")),
        ("lamp", "lit", " ", (0, " ")),
        ("lamp", "lit", "\t", (0, " ")),
        ("lamp", "lit", "\t ", (1, " ")),
        ("lamp", "lit", f"\t{BROAD} ", (1, BROAD)),
        ("lamp", ", lit", " ", (-1, "")),
        ("lamp", ", lit", "", (-1, "")),
        ("lamp", "; lit", f" {BROAD}", (1, BROAD)),
        ("lamp", "… lit", "", (-1, "")),
        ("lamp", "… lit", "  ", (0, " ")),
        ("lamp—", "lit", "", (-1, "")),
        ("lamp —", "lit", "", (-1, " ")),
        ("and/", "or", "", (-1, "")),
        ("five o’", "clock", "", (-1, "")),
        ("窓を", "開けた", " ", (-1, "")),
        ("窓を", "開けた", f" {WIDE}", (1, WIDE)),
        ("窓を", "open", WIDE, (0, WIDE)),
        ("lamp", "lit", WIDE, (0, " ")),
        ("หน้า", "ต่าง", "", (-1, "")),
        ("cafe", "\u0301s", "", (-1, "")),
    ],
)
def test_one_character_at_most(left: str, right: str, present: str, kept: tuple[int, str]) -> None:
    assert Spaces([left, right], "en").between(Side(0, left), Side(1, right), "", "", present) == kept


@pytest.mark.parametrize(
    ("inner", "present", "kept"),
    [
        ("(", " ", (-1, "")),
        ("”", "", (-1, "")),
        ("«", "", (-1, NARROW)),
        ("»", "  ", (0, " ")),
        ("»", f" {BROAD}", (1, BROAD)),
    ],
)
def test_inside_of_quotes_and_brackets(inner: str, present: str, kept: tuple[int, str]) -> None:
    spaces = Spaces([f"Déjà{NARROW}!"], "fr")
    assert spaces.between(Side(0, "lampe"), Side(1, "lampe"), "", inner, present) == kept


def test_french_marks_are_set_as_elsewhere_in_the_pieces() -> None:
    marks = {
        found: Spaces([found], "fr").between(Side(0, "lampe"), Side(1, "? Non"), "", "", "")[1]
        for found in ("Oui.", "Oui !", f"Oui{BROAD}!", f"Oui{NARROW}? Non !")
    }
    assert marks == {"Oui.": "", "Oui !": " ", f"Oui{BROAD}!": BROAD, f"Oui{NARROW}? Non !": NARROW}


def test_dashes_without_neighbours_are_set_as_elsewhere_in_the_pieces() -> None:
    dash = Side(1, "—")
    assert Spaces(["sea — grey"], "en").between(Side(0, "lamp"), dash, "", "", "") == (-1, " ")
    assert Spaces(["sea—grey"], "en").between(Side(0, "lamp"), dash, "", "", "") == (-1, "")
    assert Spaces(["sea — grey", "sea—grey"], "en").between(Side(0, "lamp"), dash, "", "", "") == (-1, "")
