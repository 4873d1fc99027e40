"""What of prompts goes out, by their parts and by what they share with texts that are left out; and what is never told of a candidate."""

from __future__ import annotations

import msgspec
import pytest
from msgspec.structs import replace

from composer.exchange.film.page import page
from composer.journal.entry import digest
from composer.journal.film import Film
from composer.journal.journal import Journal
from composer.journal.replay import Reel
from composer.journal.showing.readers import Readers
from composer.journal.showing.rounds import model_name
from composer.journal.showing.secrets import Secrets
from composer.journal.showing.show import show
from composer.story.candidate import Message, PartReceipt, PlaceTarget, Receipt, Recipe
from composer.story.events import (
    BeatAdded,
    CandidateGrew,
    DetailsChanged,
    ExemplarChanged,
    NoteChanged,
    RoundAsked,
    ShelfChanged,
    TextEdited,
)
from composer.story.manuscript import START, Block, Fragment
from composer.story.outline import Beat, BeatText, Slot
from composer.story.spans import Span, Written
from composer.story.story import Details, Exemplar, Note, ShelfPiece


def asked_with(piece: str, part: str, *happened: object) -> tuple[Film, dict[str, bytes]]:
    """A session in which something happened, then a round was asked for with that piece in that part."""
    made = Journal()
    data = piece.encode()
    parts = (PartReceipt(part, 7, first=0, last=1),) if part else ()
    asked = RoundAsked(
        1,
        "continue",
        PlaceTarget(START),
        0,
        "Tell of the lamp in a few words.",
        (Recipe("home", "m", lens="As a mentor of many years would.", lens_name="mentor"),),
        (Message("user", (digest(data),)),),
        Receipt(7, 99, 9, parts),
    )
    grown = CandidateGrew("1.1", 0, "It burned all night for nobody.")
    entries = made.record((*happened, asked, grown), 5)  # type: ignore[arg-type]
    return Film(Reel(entries)), {digest(data): data}


OWN = "What is sent is words of its own here."
NOTE = NoteChanged(0, None, Note("n1", "person", "Wren", "Wren is afraid of the old tower."))
SHELF = ShelfChanged(
    0, None, ShelfPiece("p1", ((Span("The tower leaned. It did not ask the wind.", Written()),), ()), 5)
)
SAMPLE = ExemplarChanged(0, None, Exemplar("e1", "plain", "A plain sentence stands on its feet."))
PURPOSE = DetailsChanged(Details(), Details(purpose="To find out what care looks like unseen."))
NOTED = BeatAdded(Slot("", 0), Beat("x1", BeatText(summary="Wren waits.", notes="He must not know yet that she lied.")))


@pytest.mark.parametrize(
    ("piece", "part", "happened", "readers", "told"),
    [
        (OWN, "beat", None, Readers(), True),
        (OWN, "", None, Readers(), True),
        (OWN, "beat", None, Readers(prompts=False), False),
        (OWN, "notes", None, Readers(), False),
        (OWN, "notes", None, Readers(notes="all"), True),
        (OWN, "exemplars", None, Readers(), False),
        (OWN, "instructions", None, Readers(), True),
        (OWN, "instructions", None, Readers(instructions=False), False),
        ("Instruction: Tell of the lamp in a few words.", "beat", None, Readers(), True),
        ("Instruction: Tell of the lamp in a few words.", "beat", None, Readers(instructions=False), False),
        ("Write. As a mentor of many years would.", "beat", None, Readers(instructions=False), False),
        ("- Wren is afraid of the old tower.", "outline", NOTE, Readers(), False),
        ("- Wren is afraid of the old tower.", "notes", NOTE, Readers(notes="all"), True),
        ("Someone, namely Wren, is here.", "beat", NOTE, Readers(), False),
        ("Before. It did not ask the wind. After.", "earlier text", SHELF, Readers(), False),
        ("Before. It did not ask the wind. After.", "earlier text", SHELF, Readers(shelf=True), True),
        ("so it did NOT ask the wind, they say", "earlier text", SHELF, Readers(), False),
        ("A plain sentence stands on its feet.", "exemplars", SAMPLE, Readers(notes="all"), True),
        ("To find out what care looks like unseen.", "purpose", PURPOSE, Readers(), True),
        ("- Wren waits. (He must not know yet that she lied.)", "outline", NOTED, Readers(), False),
        ("- Wren waits. (He must not know yet that she lied.)", "outline", NOTED, Readers(notes="all"), True),
        ("- Wren waits.", "outline", NOTED, Readers(), True),
        ("It burned all night for nobody.", "earlier text", None, Readers(), True),
    ],
)
def test_what_of_a_prompt_is_told(piece: str, part: str, happened: object, readers: Readers, told: bool) -> None:
    film, pieces = asked_with(piece, part, *([happened] if happened else []))
    showing = show(film, readers, pieces)
    assert (piece in showing.pieces) == told
    out = page(showing, made=0).decode()
    assert (piece.encode() in msgspec.json.encode(showing)) == told
    assert showing.left_out.parts == (0 if told or not readers.prompts else 1)
    assert told or OWN not in out


def test_text_that_was_taken_out_before_the_first_moment_is_in_no_prompt() -> None:
    lost = (Block("b1", "", (Span("The harbour master kept a second ledger.", Written()),)),)
    typed = TextEdited(START, Fragment(), Fragment((), lost), "typed")
    deleted = TextEdited(START, Fragment((), lost), Fragment(), "deleted")
    piece = "Earlier: the harbour master kept a second ledger."
    film, pieces = asked_with(piece, "earlier text", typed, deleted)
    assert show(film, Readers(), pieces).pieces == (piece,)
    assert show(film, Readers(first=2), pieces).pieces == ()
    assert b"ledger" not in page(show(film, Readers(first=2), pieces), made=0)


def test_a_part_whose_place_is_unknown_closes_all_that_no_part_claims() -> None:
    film, pieces = asked_with(OWN, "notes")
    old = film.reel.events[0]
    assert isinstance(old, RoundAsked)
    lost = replace(old, receipt=replace(old.receipt, parts=(PartReceipt("notes", 7),)))
    made = Journal()
    again = Film(Reel(made.record((lost, film.reel.events[1]), 5)))  # type: ignore[arg-type]
    assert show(again, Readers(), pieces).pieces == ()
    assert show(again, Readers(notes="all"), pieces).pieces == (OWN,)


def test_a_candidate_that_was_passed_over_is_named_nowhere() -> None:
    film, _ = asked_with(OWN, "beat")
    showing = show(film, Readers(passed_over=False), {})
    assert showing.rounds[0].candidates == ()
    assert (showing.rounds[0].asked, showing.rounds[0].missing) == (1, 1)
    assert "1.1" not in page(showing, made=0).decode().partition("<body>")[2]
    assert ("candidate", 1) in showing.left_out.pairs


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ("C:/Users/wren/small.gguf", "small.gguf"),
        ("models/of-wren/small.gguf", "small.gguf"),
        ("file:/home/wren/small", "small"),
        ("wren@there:8080/small", "small"),
        ("there:8080/small", "small"),
        ("maker/gpt-x:free", "maker/gpt-x:free"),
        ("org/team/gpt-x", "org/team/gpt-x"),
        ("gpt-x", "gpt-x"),
        ("maker/gpt-x", "maker/gpt-x"),
        ("/home/wren/models/small.gguf", "small.gguf"),
        ("C:\\Users\\wren\\small.gguf", "small.gguf"),
        ("http://wren:secret@there:80/small?key=1", "small"),
    ],
)
def test_a_model_is_told_without_its_place(model: str, told: str) -> None:
    assert model_name(model) == told


def test_words_of_a_secret_are_found_whatever_stands_around_them() -> None:
    secrets = Secrets(["The tower leaned. No.", "Ines"], ["No one said no. Ines sat."])
    assert secrets.within("and so — the TOWER leaned, no?")
    assert not secrets.within("Ines said no.")
    assert not secrets.within("The tower")
    assert Secrets(["他没有问风。他走了。"], []).within("她说他没有问风就走了")


def test_a_part_of_a_sentence_gives_it_away_too() -> None:
    secrets = Secrets(["The harbour master kept a second ledger under the stairs, and told nobody."], ["Nobody."])
    assert secrets.within("… master kept a second ledger under")
    assert not secrets.within("The master kept a second key.")
    told = ["She knew that the harbour master kept a second ledger."]
    assert not Secrets(secrets._hidden, told).within("the harbour master kept a second")


def test_a_film_is_shown_once_for_the_same_readers() -> None:
    film, pieces = asked_with(OWN, "beat")
    first = show(film, Readers(), pieces)
    assert show(film, Readers(), dict(pieces)) is first
    assert show(film, Readers(), {}).pieces == ()
    assert show(film, Readers(prompts=False), {}) != first
    assert show(film, Readers(), pieces) == first
