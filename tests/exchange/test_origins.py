"""Stories in other formats: text with its origins to the character, and the holes that are still open."""

from __future__ import annotations

import msgspec

from composer.exchange.documents.plain import manuscript, open_holes
from composer.exchange.origins import to_json, with_origins
from composer.story.candidate import BeatTarget, Receipt, Recipe
from composer.story.events import CandidateGrew, RoundAsked
from composer.story.fold import witness
from composer.story.manuscript import Block, Manuscript
from composer.story.spans import Edited, Generated, Imported, Repaired, Span, Written
from composer.story.story import Details, Story

SPANS = (
    Span("The lamp ", Generated("1.1", 0, 9)),
    Span("really ", Edited("1.1")),
    Span("took", Generated("1.1", 9, 13)),
    Span(". ", Repaired("space")),
    Span("Mine", Written()),
    Span(" [and?]", Imported("paste")),
)


def story() -> Story:
    made = Story(
        details=Details("The Lamp", "Wren", "Unseen care"),
        manuscript=Manuscript((Block("b1", "beat1", SPANS), Block("b2", "", (Span("[how?] and [why?]", Written()),)))),
    )
    recipe = Recipe("h", "m", {"temperature": 0.4}, "as a list", 7)
    asked = RoundAsked(1, "fill", BeatTarget("beat1"), 0, "softly", (recipe,), (), Receipt(0, 0, 0, ()))
    return witness(witness(made, asked, 9, 1234), CandidateGrew("1.1", 0, "The lamp took."))


def test_spans_join_to_the_text_and_generated_ones_are_their_candidates_characters() -> None:
    told = with_origins(story())
    for block in told["blocks"]:
        assert "".join(span["text"] for span in block["spans"]) == block["text"]
        for span in block["spans"]:
            origin = span["origin"]
            if origin["kind"] == "generated":
                whole = told["candidates"][origin["candidate"]]["text"]
                assert whole[origin["start"] : origin["end"]] == span["text"]
    kinds = [span["origin"]["kind"] for span in told["blocks"][0]["spans"]]
    assert kinds == ["generated", "edited", "generated", "repaired", "written", "imported"]
    candidate = told["candidates"]["1.1"]
    assert (candidate["round"], candidate["kind"], candidate["sampling"]) == (1, "fill", {"temperature": 0.4})
    assert (candidate["seed"], candidate["lens"], candidate["instruction"], candidate["asked"]) == (
        7,
        "as a list",
        "softly",
        1234,
    )
    assert told["title"] == "The Lamp"


def test_the_json_is_what_was_told() -> None:
    assert msgspec.json.decode(to_json(story())) == with_origins(story())


def test_open_holes_are_named_with_their_paragraphs() -> None:
    assert open_holes(story()) == [(1, "[and?]"), (2, "[how?]"), (2, "[why?]")]


def test_plain_text_has_title_and_paragraphs() -> None:
    assert manuscript(story(), markdown=False).startswith(
        "The Lamp\n\nby Wren\n\nThe lamp really took. Mine [and?]\n\n"
    )
    assert manuscript(story(), markdown=True).startswith("# The Lamp\n\nby Wren\n\n")
