"""Notes and exemplars: what actions on them do, refuse and undo, and how many at once come in from outside."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import RefusedError
from composer.story.actions import exemplars, notes
from composer.story.actions.exemplars import ExemplarText
from composer.story.actions.notes import LONGEST_NAME, NoteText, told
from composer.story.events import ExemplarChanged, NoteChanged
from composer.story.fold import apply, unapply
from composer.story.story import Exemplar, Note, Story

ILSE = Note("n1", "person", "Ilse", "She weighs salt.", pinned=True)
ROSE = Note("n2", "place", "Rose", "A tavern by the bar.")
STORY = Story(
    notes=(ILSE, ROSE),
    exemplars=(Exemplar("e1", "fog", "The fog came in as a guest."), Exemplar("e2", "salt", "Salt.", muted=True)),
)


def ids() -> itertools.count[int]:
    return itertools.count(1)


def after(story: Story, changes: Sequence[NoteChanged | ExemplarChanged]) -> Story:
    """The story with the changes; that they can be undone is looked at."""
    seen = story
    for change in changes:
        seen = apply(seen, change)
    back = seen
    for change in reversed(changes):
        back = unapply(back, change)
    assert back == story
    return seen


def new_id() -> str:
    return "new"


# notes


def test_a_note_is_added_behind_the_others_and_is_a_person_unless_told() -> None:
    story = after(
        STORY, notes.add_note(STORY, NoteText(name=" Bram\n the ferryman ", text="\n\n  He owes.\n\n"), new_id)
    )
    assert story.notes == (ILSE, ROSE, Note("new", "person", "Bram the ferryman", "  He owes."))
    story = after(STORY, notes.add_note(STORY, NoteText("fact", "Tax", ""), new_id))
    assert story.notes[-1] == Note("new", "fact", "Tax")


def test_without_a_name_the_first_words_of_the_text_are_it() -> None:
    assert told("", "The tax is due.") == ("The tax is due.", "The tax is due.")
    assert told(" \n", "\nThe tax on salt is due\nat midsummer, when no one is home.")[0] == "The tax on salt is due…"
    assert told("", "塩" * 300)[0] == "塩" * 99 + "…"
    assert told("", " \n\t ") == ("", "")


def test_a_name_that_is_too_long_stands_whole_before_the_text() -> None:
    name, text = told("Ilse " * 30, "She weighs salt.")
    assert len(name) == LONGEST_NAME
    assert text == ("Ilse " * 30).strip() + "\n\nShe weighs salt."
    assert told(name, text) == (name, text)


def test_names_and_texts_are_made_clean() -> None:
    name, text = told("Il\x1b[31mse\x07", "She\x1b]52;c;x\x07 weighs\r\nsalt\u202e.")
    assert name == "Il[31mse"
    assert text == "She]52;c;x weighs\nsalt."


@given(st.text(max_size=300), st.text(max_size=300))
def test_what_was_told_is_told_again_the_same(name: str, text: str) -> None:
    once = told(name, text)
    assert told(*once) == once
    assert len(once[0]) <= LONGEST_NAME
    assert "\n" not in once[0]


def test_a_note_is_edited_pinned_and_taken_out() -> None:
    story = after(STORY, notes.edit_note(STORY, "n2", NoteText("fact", "Rose", "A colour.")))
    assert story.notes == (ILSE, Note("n2", "fact", "Rose", "A colour."))
    # What was not told of the kind stays, and what is pinned.
    story = after(STORY, notes.edit_note(STORY, "n1", NoteText(name="Ilse W.", text="Salt.")))
    assert story.notes[0] == Note("n1", "person", "Ilse W.", "Salt.", pinned=True)
    assert notes.edit_note(STORY, "n1", NoteText("person", "Ilse", "She weighs salt.")) == ()
    assert not after(STORY, notes.pin_note(STORY, "n1")).notes[0].pinned
    assert after(STORY, notes.pin_note(STORY, "n2")).notes[1].pinned
    assert after(STORY, notes.delete_note(STORY, "n1")).notes == (ROSE,)


def test_what_is_not_there_or_says_nothing_is_refused_with_a_next_step() -> None:
    for refused in (
        lambda: notes.edit_note(STORY, "n9", NoteText(name="x")),
        lambda: notes.pin_note(STORY, "n9"),
        lambda: notes.delete_note(STORY, "e1"),
        lambda: notes.add_note(STORY, NoteText("place", " ", "\n"), new_id),
        lambda: notes.edit_note(STORY, "n1", NoteText("place")),
        lambda: exemplars.add_exemplar(STORY, ExemplarText("fog", " "), new_id),
        lambda: exemplars.edit_exemplar(STORY, "e1", ExemplarText("fog", "")),
        lambda: exemplars.mute_exemplar(STORY, "n1"),
        lambda: exemplars.delete_exemplar(STORY, "n1"),
    ):
        with pytest.raises(RefusedError) as error:
            refused()
        assert error.value.next_step


# many notes at once


def test_an_equal_name_changes_the_note_and_others_come_behind() -> None:
    found = (NoteText(name="ILSE", text="She has left."), NoteText("place", "The bar"), NoteText(text="Gulls lie."))
    number = ids()
    changes = notes.take_notes(STORY, found, lambda: f"new{next(number)}")
    assert after(STORY, changes).notes == (
        Note("n1", "person", "ILSE", "She has left.", pinned=True),
        ROSE,
        Note("new1", "place", "The bar"),
        Note("new2", "person", "Gulls lie.", "Gulls lie."),
    )


def test_what_is_there_already_as_it_is_changes_nothing() -> None:
    assert notes.take_notes(STORY, [NoteText("person", "Ilse", "She weighs salt.\n")], new_id) == ()
    # A name alone takes no text away.
    assert notes.take_notes(STORY, [NoteText(name="Ilse")], new_id) == ()
    assert notes.take_notes(STORY, [NoteText()], new_id) == ()


def test_of_two_notes_of_one_name_that_of_the_same_kind_is_changed() -> None:
    found = (NoteText("person", "Rose", "A girl."), NoteText("place", "Rose", "Closed now."))
    story = after(STORY, notes.take_notes(STORY, found, new_id))
    assert story.notes == (ILSE, Note("n2", "place", "Rose", "Closed now."), Note("new", "person", "Rose", "A girl."))
    # Where there is none of its kind, the one of its name turns into that.
    story = after(STORY, notes.take_notes(STORY, found[:1], new_id))
    assert story.notes == (ILSE, Note("n2", "person", "Rose", "A girl."))


@given(
    st.lists(
        st.builds(
            NoteText,
            st.sampled_from(["", "person", "place", "fact"]),
            st.sampled_from(["Ilse", "ilse", "Rose", "Bram", ""]),
            st.sampled_from(["", "one", "two"]),
        ),
        max_size=8,
    )
)
def test_many_notes_come_in_whole_and_can_be_taken_back(found: list[NoteText]) -> None:
    number = ids()
    story = after(STORY, notes.take_notes(STORY, found, lambda: f"new{next(number)}"))
    assert [each.id for each in story.notes[:2]] == ["n1", "n2"]
    assert len({each.id for each in story.notes}) == len(story.notes)
    kept = {each.text for each in story.notes}
    assert {each.text for each in found if each.text} <= kept
    names = {each.name.casefold() for each in story.notes}
    assert {each.name.casefold() for each in found if each.name} <= names


# exemplars


def test_an_exemplar_is_added_edited_taken_out_and_off() -> None:
    story = after(STORY, exemplars.add_exemplar(STORY, ExemplarText("", "Rain fell like a debt."), new_id))
    assert story.exemplars[-1] == Exemplar("new", "Rain fell like a debt.", "Rain fell like a debt.")
    story = after(STORY, exemplars.edit_exemplar(STORY, "e2", ExemplarText("brine", "Brine.\n")))
    assert story.exemplars[1] == Exemplar("e2", "brine", "Brine.", muted=True)
    assert exemplars.edit_exemplar(STORY, "e2", ExemplarText("salt", "Salt.")) == ()
    assert after(STORY, exemplars.mute_exemplar(STORY, "e1")).exemplars[0].muted
    assert not after(STORY, exemplars.mute_exemplar(STORY, "e2")).exemplars[1].muted
    assert [each.id for each in after(STORY, exemplars.delete_exemplar(STORY, "e1")).exemplars] == ["e2"]


def test_exemplars_of_an_equal_name_are_changed_and_empty_ones_passed_over() -> None:
    found = (ExemplarText("Salt", "More salt."), ExemplarText("salt", "Other salt."), ExemplarText("none", " \n"))
    story = after(STORY, exemplars.take_exemplars(STORY, found, new_id))
    assert story.exemplars[1:] == (
        Exemplar("e2", "Salt", "More salt.", muted=True),
        Exemplar("new", "salt", "Other salt."),
    )
    assert exemplars.take_exemplars(STORY, [ExemplarText("salt", "Salt.")], new_id) == ()
