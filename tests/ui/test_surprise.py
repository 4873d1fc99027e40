"""The candidates by their tokens: what is seen of them, how one moves and marks, and what is said of the one under the cursor."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.pilot import Pilot

from composer.session.ports import Piece
from composer.story.actions.change import rewritten
from composer.story.candidate import BeatTarget, Candidate, Ending, Receipt, Recipe, Round, RoundKind
from composer.story.spans import Generated, Span, Written
from composer.story.story import Mark
from composer.story.surprise import Choice, Token, aligned
from composer.ui.signs import FANCY, PLAIN
from composer.ui.theming import Palette, load_themes
from composer.ui.widgets.candidates import CandidatesView
from composer.ui.widgets.page import by_tokens, step_of
from composer.ui.widgets.token import percent, told
from tests.ui.desk import desk

TEXT = "The lamp took.\n\nNobody saw."
ROW = (
    Token("The", 0.0),
    Token(" lamp", math.log(0.11), ((" light", math.log(0.22)), (" fire", math.log(0.09)), (" lamp", math.log(0.11)))),
    Token(" took", math.log(0.5)),
    Token(".", math.log(0.9)),
    Token("\n\n", math.log(0.3), ((" ", math.log(0.6)),)),
    Token("Nobody", math.log(0.002)),
    Token(" saw", -9999.0),
    Token(".", math.log(0.8)),
)
KNOWN = aligned(TEXT, ROW)
RECIPE = Recipe("local", "wren-7b", {"temperature": 0.2})
DONE = Ending("finished", "The model ended it.", 0, "", logprobs="x")


def round_of(*candidates: Candidate, number: int = 1, kind: RoundKind = "continue", **more: Any) -> Round:
    return Round(number, kind, BeatTarget("b"), 0, "", (), Receipt(0, 0, 0, ()), candidates, 1, 0, **more)


class Host(App[None]):
    """The candidates pane alone. What it asks for is kept."""

    CSS = "CandidatesView { width: 1fr; height: 1fr; }"

    def __init__(self) -> None:
        super().__init__()
        for theme in load_themes(None)[0]:
            self.register_theme(theme)
        self.theme = "lamplight"
        self.pressed: list[tuple[str, str, int, int]] = []
        self.said: list[str] = []

    def compose(self) -> ComposeResult:
        yield CandidatesView()

    @property
    def view(self) -> CandidatesView:
        return self.query_one(CandidatesView)

    def on_candidates_view_pressed(self, message: CandidatesView.Pressed) -> None:
        self.pressed.append((message.wanted, message.candidate, message.start, message.end))

    def on_candidates_view_said(self, message: CandidatesView.Said) -> None:
        self.said.append(message.text)

    def lines(self) -> list[str]:
        strips = self.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    def looks(self, word: str) -> list[Any]:
        """The styles of the segments that show just that text."""
        strips = self.screen._compositor.render_strips()
        return [segment.style for strip in strips for segment in strip if segment.text == word]


@asynccontextmanager
async def pane(
    asked: Round,
    *,
    tokens: dict[str, Sequence[Choice]] | None = None,
    on: bool = True,
    size: tuple[int, int] = (60, 16),
) -> AsyncIterator[tuple[Host, Pilot[None]]]:
    app = Host()
    async with app.run_test(size=size) as pilot:
        app.view.surprise = {name: tuple(row) for name, row in (tokens or {}).items()}
        app.view.surprised = on
        app.view.show(asked, ())
        await pilot.pause()
        yield app, pilot


ONE = round_of(Candidate("1.1", RECIPE, TEXT, ending=DONE))


@pytest.mark.slow
async def test_arrows_go_token_by_token_and_space_marks_one() -> None:
    async with pane(ONE, tokens={"1.1": KNOWN}) as (app, pilot):
        assert app.view.piece == ("1.1", 0, 3)
        await pilot.press("down")
        assert app.view.piece == ("1.1", 3, 8)
        await pilot.press("space")
        await pilot.press("v", "down", "space")
        assert app.pressed == [("mark", "1.1", 3, 8), ("mark span", "1.1", 3, 13)]
        await pilot.press(*["down"] * 20)
        assert app.view.piece == ("1.1", len(TEXT) - 1, len(TEXT))
        await pilot.press("minus", "plus")
        assert app.said == ["While surprise is shown, the pieces are tokens."] * 2
        assert app.view.size_of_piece == "sentence"


async def test_below_it_says_what_the_token_was_and_what_else_was_likely() -> None:
    async with pane(ONE, tokens={"1.1": KNOWN}) as (app, pilot):
        await pilot.press("down")
        assert app.lines()[-1].strip() == "“lamp” 3.2 bits · 11 % · “light” 22 % · “fire” 9 %"
        await pilot.press("down", "down", "down")
        assert app.lines()[-1].strip() == "“↵↵” 1.7 bits · 30 % · “␣” 60 %"
        # A line break under the cursor is seen in the text too.
        assert app.lines()[1].strip() == "▸ The lamp took.↵"
        await pilot.press("down", "down")
        assert app.lines()[-1].strip() == "“saw” 40.0 bits · <0.1 %"


async def test_the_header_says_the_mean_of_those_that_are_known() -> None:
    asked = round_of(
        Candidate("1.1", RECIPE, "Fog came.", ending=DONE),
        Candidate("1.2", RECIPE, "No fog.", ending=DONE),
    )
    known = (Choice(0, 3, math.log(0.5)), Choice(3, 8, math.log(0.125)))
    async with pane(asked, tokens={"1.1": known}) as (app, pilot):
        headers = [line for line in app.lines() if "✓" in line]
        assert "✓ 2 w · 2.0 bits" in headers[0]
        assert "bits" not in headers[1]
        await pilot.press("2")
        assert app.view.piece == ("1.2", 0, 7)
        assert app.lines()[-1].strip() == "Its tokens are being read."
        app.view.surprise = {"1.1": known, "1.2": ()}
        app.view.repaint()
        await pilot.pause()
        assert app.lines()[-1].strip() == "No token of this one is known: its server told none."
        app.view.surprised = False
        app.view.show(asked, ())
        await pilot.pause()
        assert not any("bits" in line or "tokens" in line for line in app.lines())
        assert app.view.page(asked.candidates[0]).tokens == ()


@pytest.mark.parametrize(
    ("candidate", "said"),
    [
        (Candidate("1.1", RECIPE, "Fog.", ending=DONE), "Its tokens are being read."),
        (
            Candidate("1.1", RECIPE, "Fog.", ending=Ending("finished", "", 4, "")),
            "No token of this one is known: its server told none.",
        ),
        (Candidate("1.1", RECIPE, "Fog."), "Its tokens are told when it has ended."),
    ],
)
async def test_without_tokens_it_says_why(candidate: Candidate, said: str) -> None:
    async with pane(round_of(candidate)) as (app, _):
        assert app.lines()[-1].strip() == said
        assert app.view.piece == ("1.1", 0, 4)
        assert app.view.page(candidate).pieces == [(0, 4)]


async def test_i_asks_for_the_alternatives_of_a_token_and_else_for_what_it_was_made_from() -> None:
    async with pane(ONE, tokens={"1.1": KNOWN}) as (app, pilot):
        await pilot.press("down", "i")
        app.view.surprised = False
        await pilot.press("i")
        app.view.action_cand_surprise()
        await pilot.pause()
        assert app.pressed == [("alternatives", "1.1", 3, 8), ("info", "1.1", 0, 14), ("surprise", "1.1", 0, 14)]


async def test_tasted_blind_nothing_is_shown_of_it() -> None:
    asked = round_of(
        Candidate("1.1", RECIPE, TEXT, ending=DONE), Candidate("1.2", RECIPE, TEXT, ending=DONE), veil=(1, 0)
    )
    async with pane(asked, tokens={"1.1": KNOWN, "1.2": KNOWN}) as (app, pilot):
        assert app.view.piece == ("1.2", 0, 14)
        await pilot.press("i")
        assert app.pressed[0][0] == "info"
        assert not any("bits" in line or "T0.2" in line or "token" in line for line in app.lines())


async def test_a_stem_and_gaps_are_no_tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    text = "The fog came. It went at once, and then."
    stem = Candidate("2.1", RECIPE, text, ending=DONE, stem=(Generated("1.2", 0, 6), Generated("1.3", 6, 13)))
    known = aligned(text, (Token(" It", -1.0), Token(" went", -2.0), Token(" and", -8.0)), 13)
    async with pane(round_of(stem, number=2), tokens={"2.1": known}) as (app, pilot):
        page = app.view.page(stem)
        assert page.pieces == [(13, 16), (16, 21), (30, 34)]
        assert page.runs == ((0, 13, "dim"),)
        await pilot.press("down", "down")
        assert app.view.piece == ("2.1", 30, 34)
        assert "on from 1.3" in app.lines()[0]
        palette = Palette.of(app)
        [dim] = app.looks("The fog came.")
        assert dim.color == palette.dim.color
        [gap] = app.looks(" at once,")
        assert gap.color == palette.text.color
        # What is marked is shown so, whatever it is.
        app.view.show(round_of(stem, number=2), (Mark(1, "2.1", 0, 13),))
        await pilot.pause()
        [marked] = app.looks("The fog came.")
        assert marked.bgcolor == palette.mark.bgcolor


async def test_each_step_has_a_look_of_its_own_and_the_cursor_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    row = [
        Token("aa", 0.0),
        *(Token(f" {char * 2}", -bits * math.log(2)) for bits, char in zip((2, 3, 5, 9), "bcde", strict=True)),
    ]
    text = "".join(token.text for token in row)
    asked = round_of(Candidate("1.1", RECIPE, text, ending=DONE))
    async with pane(asked, tokens={"1.1": aligned(text, row)}) as (app, pilot):
        looks = [app.looks(token.text)[0] for token in row]
        assert len(set(looks)) == 5
        palette = Palette.of(app)
        assert looks[0].bgcolor == palette.caret.bgcolor
        assert looks[4].bgcolor == palette.surprise_4.bgcolor
        await pilot.press("down")
        assert app.looks("aa")[0].bgcolor != palette.caret.bgcolor
        assert app.looks(" bb")[0].bgcolor == palette.caret.bgcolor


async def test_with_few_colours_attributes_tell_the_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    row = [
        Token("aa", 0.0),
        *(Token(f" {char * 2}", -bits * math.log(2)) for bits, char in zip((0, 2, 3, 5, 9), "bcdef", strict=True)),
    ]
    text = "".join(token.text for token in row)
    asked = round_of(Candidate("1.1", RECIPE, text, ending=DONE))
    async with pane(asked, tokens={"1.1": aligned(text, row)}) as (app, _):
        looks = [app.looks(token.text)[0] for token in row]
        seen = [(look.bold, look.italic, look.underline, look.reverse) for look in looks]
        assert len({tuple(map(bool, each)) for each in seen}) == 6


async def test_changes_stay_changes_until_d_shows_the_text() -> None:
    asked = round_of(Candidate("1.1", RECIPE, TEXT, ending=DONE), kind="polish")
    base = ((Span("The lamp took.", Written()),), (), (Span("No one saw.", Written()),))
    made = rewritten(base, asked.candidates[0])
    async with pane(asked, tokens={"1.1": KNOWN}) as (app, pilot):
        app.view.rewriter = lambda candidate, other: made
        app.view.repaint()
        await pilot.pause()
        assert app.lines()[-1].strip() == "These are changes: d shows the text, by its tokens."
        assert app.view.rewriting is made
        await pilot.press("d")
        assert app.view.rewriting is None
        assert app.view.piece == ("1.1", 0, 3)


async def test_with_the_view_off_tokens_cost_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: object) -> None:
        raise AssertionError("no one asked for it")

    monkeypatch.setattr("composer.ui.widgets.page.by_tokens", never)
    monkeypatch.setattr("composer.story.surprise.mean_bits", never)
    async with pane(ONE, tokens={"1.1": KNOWN}, on=False) as (app, _):
        app.view.show(ONE, ())
        assert app.view.piece == ("1.1", 0, 14)


async def test_t_shows_what_came_with_the_text_and_the_marks_are_those_of_the_tokens() -> None:
    async with desk() as at:
        at.beat("Wren lights the lamp.")
        await at.press("ctrl+g")
        await at.endpoint.send(1, Piece(TEXT, tokens=ROW))
        await at.round("", "Fog came.")
        await at.press("tab", "t", "down")
        assert "“lamp” 3.2 bits · 11 %" in at.screen()
        assert "bits" in next(line for line in at.screen().splitlines() if "T0.2" in line)
        await at.press("space", "down", "down", "down", "v", "down", "space")
        assert [(mark.start, mark.end) for mark in at.story.splice] == [(3, 8), (14, 22)]
        await at.press("2")
        assert "No token of this one is known" in at.screen()
        assert at.main.candidates.piece == ("1.2", 0, 9)
        await at.press("1", "t")
        assert "bits" not in at.screen()
        assert at.main.candidates.piece == ("1.1", 0, 14)


# one token, in words


def choice(token: str, logprob: float, *others: tuple[str, float]) -> Choice:
    return Choice(0, len(token), logprob, others)


@pytest.mark.parametrize(
    ("token", "others", "width", "line"),
    [
        (" lamp", ((" fire", 0.09), (" light", 0.22)), 60, "“lamp” 1.0 bits · 50 % · “light” 22 % · “fire” 9 %"),
        (" lamp", ((" fire", 0.09), (" light", 0.22)), 40, "“lamp” 1.0 bits · 50 % · “light” 22 %"),
        (" lamp", ((" fire", 0.09), (" light", 0.22)), 10, "“lamp” 1.0 bits · 50 %"),
        ("lamp", (("fire", 0.09),), 60, "“lamp” 1.0 bits · 50 % · “fire” 9 %"),
        # Where some begin a word and some go on with one, the space is said.
        (" lamp", (("s", 0.09), (".", 0.05)), 60, "“␣lamp” 1.0 bits · 50 % · “s” 9 % · “.” 5 %"),
        (" lamp", (("\n\n", 0.09), (" ", 0.05)), 60, "“lamp” 1.0 bits · 50 % · “↵↵” 9 % · “␣” 5 %"),
        (".\n", ((".", 0.09),), 60, "“.↵” 1.0 bits · 50 % · “.” 9 %"),
        ("x" * 60, (), 60, f"“{'x' * 23}…” 1.0 bits · 50 %"),
    ],
)
def test_a_token_is_told(token: str, others: tuple[tuple[str, float], ...], width: int, line: str) -> None:
    known = choice(token, math.log(0.5), *((other, math.log(share)) for other, share in others))
    assert told(token, known, width, FANCY) == line


def test_a_plain_terminal_gets_plain_signs() -> None:
    assert told("\n ", choice("\n ", math.log(0.5)), 60, PLAIN) == "“/_” 1.0 bits · 50 %"


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "100 %"),
        (0.226, "23 %"),
        (0.0996, "10 %"),
        (0.01, "1 %"),
        (0.0099, "1.0 %"),
        (0.0042, "0.4 %"),
        (0.0, "<0.1 %"),
    ],
)
def test_shares_are_told_in_percent(share: float, words: str) -> None:
    assert percent(share) == words


def test_there_are_five_steps() -> None:
    assert [step_of(bits) for bits in (0, 0.99, 1, 2.4, 2.5, 4.5, 6.9, 7, 40)] == [0, 0, 1, 1, 2, 3, 3, 4, 4]


def test_tokens_beyond_the_text_are_not_shown() -> None:
    growing = Candidate("1.1", RECIPE, TEXT[:10])
    page = by_tokens(growing, KNOWN)
    assert page.pieces == [(0, 3), (3, 8)]
    assert [run[2] for run in page.tokens] == ["surprise_0", "surprise_2"]
