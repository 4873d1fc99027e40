"""The prompt on the screen: special tokens and line breaks that are to be seen, templates in turn, and texts of any length."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.style import Style

from composer.errors import EndpointError
from composer.text.special import special
from composer.ui import keymap, prompts
from composer.ui.helping import help_in_prompt
from composer.ui.prompts import Laid, draw, lay, named
from composer.ui.screens.prompt import PromptScreen
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import FANCY, PLAIN
from composer.ui.theming import Palette
from composer.ui.widgets.prompt import PromptView
from tests.ui.test_models_screen import Alone, running

TEXTS = {
    "": "[system]\nWrite with care.\n\n[user]\nGo on from here.\nThe [user] said:\n[user]\nno",
    "chatml": "<|im_start|>user\nThe glass was clean.  \n\nGo on.<|im_end|>\n<|im_start|>assistant\n",
    "plain": "The lamp\tWren kept.\n\nShe ",
    "odd": "[bold]He[/bold] said <|x|>\x1b]52;c;no\x07 and \u202eleft.",
    "long": "\n".join(f"Line {number} of the long one." for number in range(2000)),
}

ALL = ("", "plain", "chatml", "missing")
MINE = [key for key in keymap.TABLE if key.where == "prompt"]


class Press:
    """Renders what it has, when it may, and counts words as tokens."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.given: list[str] = []
        self.gate = threading.Event()
        self.gate.set()
        self.held = ""
        """The one template that the gate holds up; without it, all of them."""
        self.texts = dict(TEXTS)

    def render(self, template: str) -> str:
        self.asked.append(template)
        if self.held in ("", template):
            self.gate.wait(10)
        if template not in self.texts:
            raise EndpointError(f"The template {template} names [b]a thing[/b] that is not there.", "Correct it.")
        if template == "plain":
            self.given.append(template)
        return self.texts[template]

    @staticmethod
    def count(text: str) -> int:
        return len(text.split())


class Table(Alone):
    """The prompt by itself."""

    press_: Press

    def waits_for(self, group: str) -> bool:
        return group == "prompt" and self.press_.gate.is_set()

    @property
    def title(self) -> str:
        """The frame's upper line."""
        return self.screen().splitlines()[2].strip(" ╔═╗")

    @property
    def text(self) -> list[str]:
        """What is shown of the text, line by line."""
        return [line.strip("║")[1:].rstrip() for line in self.screen().splitlines()[3:-2]]

    def style(self, text: str) -> Style:
        """The style that a text is painted in, which stands once on the screen."""
        strips = self.app.screen._compositor.render_strips()
        (found,) = (segment.style for strip in strips for segment in strip if segment.text.strip() == text)
        assert found is not None
        return found

    async def open(self, chosen: str, templates: Sequence[str], press: Press | None = None) -> None:
        self.press_ = press or Press()
        shown = PromptScreen(self.press_.render, templates, chosen, Press.count, "continues beat 3 · llama3.2")
        self.app.push_screen(shown, self.answers.append)
        await self.seen()


@asynccontextmanager
async def table(
    chosen: str = "chatml",
    templates: Sequence[str] = ALL,
    size: tuple[int, int] = (80, 24),
    press: Press | None = None,
    keys: dict[str, str] | None = None,
) -> AsyncIterator[Table]:
    async with running(size, keys) as (app, pilot):
        here = Table(app, pilot)
        await here.open(chosen, templates, press)
        yield here


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_tokens_are_in_brackets_and_breaks_are_to_be_seen(size: tuple[int, int]) -> None:
    async with table(size=size) as at:
        lines = at.screen().splitlines()
        assert lines[0].strip() == "Prompt · continues beat 3 · llama3.2"
        assert lines[1].rstrip() == " template  chat  plain [chatml] missing"
        assert at.text[:6] == [
            "⟦<|im_start|>⟧user↵",
            "The glass was clean.··↵",
            "↵",
            "Go on.⟦<|im_end|>⟧↵",
            "⟦<|im_start|>⟧assistant↵",
            "» the answer goes on here",
        ]
        assert at.title == "chatml · 8 tokens · 80 characters"
        assert "enter: chatml stays" in lines[-1] or "enter: stays" in lines[-1]
        assert "all of it" in lines[-2]
        palette = Palette.of(at.app)
        token, bracket, text = at.style("<|im_end|>"), at.style("Go on."), at.style("assistant")
        assert token.color == palette.title.color
        assert bracket.color == text.color == palette.text.color
        assert token.color != text.color


async def test_messages_are_shown_below_their_roles() -> None:
    async with table("") as at:
        assert at.text[:8] == [
            "[system]↵",
            "Write with care.↵",
            "↵",
            "[user]↵",
            "Go on from here.↵",
            "The [user] said:↵",
            "[user]↵",
            "no",
        ]
        assert at.title == "chat · 14 tokens · 77 characters"
        headings = [index for index in range(8) if lay(TEXTS[""], chat=True).is_heading(index)]
        # A role stands at the beginning, or below an empty line.
        assert headings == [0, 3]
        assert not any(lay(TEXTS[""]).is_heading(index) for index in range(8))


async def test_arrows_turn_from_template_to_template_and_round() -> None:
    async with table() as at:
        await at.press("left")
        assert at.text[:3] == ["The lamp→   Wren kept.↵", "↵", "She·» the answer goes on here"]
        assert "[plain]" in at.screen()
        assert at.title == "plain · 5 tokens · 25 characters"
        assert "enter: by plain" in at.screen()
        await at.press("h", "h")
        assert "[missing]" in at.screen()
        await at.press("right", "l", "l")
        assert "[chatml]" in at.screen()
        assert at.title.startswith("chatml · 8 tokens")


async def test_enter_keeps_the_template_and_escape_keeps_none() -> None:
    async with table() as at:
        await at.press("left", "enter")
        assert at.answers == ["plain"]
        assert at.left
        await at.open("chatml", ALL)
        await at.press("left", "escape")
        assert at.answers == ["plain", None]
        assert at.left


async def test_chat_is_answered_by_the_name_that_it_was_given() -> None:
    async with running((80, 24)) as (app, pilot):
        at = Table(app, pilot)
        for name in ("", "chat"):
            press = Press()
            press.texts["chat"] = TEXTS[""]
            await at.open("plain", (name, "plain"), press)
            await at.press("left")
            assert "[chat]" in at.screen()
            await at.press("enter")
        assert at.answers == ["", "chat"]


async def test_what_is_wrong_with_a_template_stands_in_place_of_the_text() -> None:
    async with table("missing") as at:
        assert at.text[:3] == [
            "",
            "✗ The template missing names [b]a thing[/b] that is not there.",
            "  Correct it.",
        ]
        assert at.title == "missing · can't be rendered"
        await at.press("down", "pagedown", "end", "home", "enter")
        assert at.answers == []
        assert any("missing can't be kept" in notice for notice in at.notices)
        await at.press("right", "enter")
        assert at.answers == [""]


async def test_keys_do_not_wait_for_a_slow_template_and_enter_takes_the_one_that_is_meant() -> None:
    press = Press()
    async with table(press=press) as at:
        press.gate.clear()
        await at.press("left")
        assert at.title == "plain · rendering…"
        assert at.text[0] == "…"
        await at.press("left", "right", "enter")
        assert at.answers == []
        press.gate.set()
        await at.seen()
        assert at.answers == ["plain"]


async def test_a_slow_template_that_was_turned_away_from_is_not_shown() -> None:
    press = Press()
    async with table(press=press) as at:
        press.held = "plain"
        press.gate.clear()
        await at.press("left", "left")
        while "rendering" in at.title:
            await at.pilot.pause()
        assert at.text[0] == "[system]↵"
        press.gate.set()
        while press.asked.count("plain") > len(press.given):
            await at.pilot.pause()
        await at.seen()
        assert at.title.startswith("chat · 14 tokens")
        assert at.text[0] == "[system]↵"


async def test_text_is_never_markup_and_never_steers_the_terminal() -> None:
    async with table("odd", ("odd",)) as at:
        assert at.text[0] == "[bold]He[/bold] said ⟦<|x|>⟧]52;c;no and left.» the answer goes on here"


async def test_a_long_text_is_scrolled_by_lines_pages_and_to_its_ends() -> None:
    async with table("long", ("long",)) as at:
        assert at.text[0] == "Line 0 of the long one.↵"
        height = len(at.text)
        await at.press("down", "j")
        assert at.text[0] == "Line 2 of the long one.↵"
        await at.press("up", "k", "up")
        assert at.text[0] == "Line 0 of the long one.↵"
        await at.press("pagedown")
        assert at.text[0] == f"Line {height - 2} of the long one.↵"
        assert "0 % above" in at.screen()
        await at.press("end")
        assert at.text[-1] == "Line 1999 of the long one.» the answer goes on here"
        assert "98 % above" in at.screen() or "99 % above" in at.screen()
        await at.press("down", "pagedown")
        assert at.text[-1] == "Line 1999 of the long one.» the answer goes on here"
        await at.press("pageup", "home", "up")
        assert at.text[0] == "Line 0 of the long one.↵"


async def test_of_a_long_text_only_what_is_seen_is_wrapped(monkeypatch: pytest.MonkeyPatch) -> None:
    wrapped = 0

    def counting(text: str, width: int) -> list[tuple[int, int]]:
        nonlocal wrapped
        wrapped += len(text) + 1
        return wrap(text, width)

    wrap = prompts.wrap
    monkeypatch.setattr(prompts, "wrap", counting)
    press = Press()
    press.texts = {
        "words": "word " * 50_000,
        "word": "x" * 250_000,
        "lines": "\n" * 250_000,
        "tokens": "<|a|>" * 50_000,
    }
    async with table("words", tuple(press.texts), press=press) as at:
        for _ in press.texts:
            assert "250,000 characters" in at.title
            await at.press("pagedown", "down", "end", "pageup", "home")
            assert wrapped < 40_000
            assert len(at.text) == 19
            wrapped = 0
            await at.press("right")


async def test_a_window_that_changes_shows_the_same_place() -> None:
    async with table("long", ("long",), (120, 40)) as at:
        await at.press("pagedown", "pagedown")
        top = at.text[0]
        await at.pilot.resize_terminal(80, 24)
        await at.seen()
        assert at.text[0] == top
        await at.press("end")
        await at.pilot.resize_terminal(120, 40)
        await at.seen()
        assert at.text[-1] == "Line 1999 of the long one.» the answer goes on here"


async def test_help_is_that_of_the_place_and_other_letters_say_that_they_do_nothing() -> None:
    async with table() as at:
        await at.press("y")
        assert any("Letters act here" in notice for notice in at.notices)
        for key in ("question_mark", "f1"):
            await at.press(key)
            assert isinstance(at.app.screen, Sheet)
            assert "In the prompt" in at.screen()
            await at.press("escape")
        await at.press("q")
        assert at.answers == [None]
    text = help_in_prompt(FANCY)
    for key in keymap.shown_in("prompt"):
        assert f"  {key.shown:<14} {key.does}" in text


def test_no_two_actions_share_a_key_and_every_action_exists() -> None:
    names = [name for key in MINE for name in key.keys.split(",")]
    assert len(names) == len(set(names))
    for key in MINE:
        assert hasattr(PromptScreen, f"action_{key.action}"), key.id


async def test_the_settings_may_give_other_keys_and_they_are_told() -> None:
    async with table(keys={"template.before": "b", "template.keep": "ctrl+y"}) as at:
        await at.press("left", "h", "enter")
        assert "[chatml]" in at.screen()
        await at.press("b")
        assert "[plain]" in at.screen()
        assert "^y: by plain" in at.screen()
        assert "b template" in at.screen()
        await at.press("ctrl+y")
        assert at.answers == ["plain"]


async def test_a_template_that_is_in_none_of_the_lists_is_there_all_the_same() -> None:
    press = Press()
    press.texts["/home/wren/own.jinja"] = "Own."
    async with table("/home/wren/own.jinja", ("", "plain"), press=press) as at:
        assert "[own.jinja]" in at.screen()
        await at.press("enter")
        assert at.answers == ["/home/wren/own.jinja"]


# values


pieces = st.text(alphabet="ab \n<|>\t\u0301é\U0001f469\u200d", max_size=60)


def put_together(laid: Laid) -> str:
    return "".join(
        laid.text[start:end] + "\n" * breaks for start, end, breaks in (laid.piece(at) for at in range(len(laid)))
    )


@given(pieces, st.integers(1, 12))
def test_pieces_are_all_of_a_text_in_order(text: str, longest: int) -> None:
    before = prompts.LONGEST
    prompts.LONGEST = longest
    try:
        laid = lay(text)
    finally:
        prompts.LONGEST = before
    assert put_together(laid) == laid.text
    for at in range(len(laid)):
        start, end, _ = laid.piece(at)
        assert "\n" not in laid.text[start:end]
        # A cluster is not parted, even one that is longer.
        assert end - start <= max(longest, 12)


@given(pieces, st.integers(8, 30))
def test_every_character_is_drawn_and_tokens_stand_in_brackets(text: str, width: int) -> None:
    laid = lay(text)
    drawn = [draw(laid, at, width, FANCY) for at in range(len(laid))]
    shown = "\n".join(each.text for each in drawn)
    assert shown.count("⟦") == shown.count("⟧") == len(special(laid.text))
    assert shown.count("↵") == laid.text.count("\n")
    for each in drawn:
        assert each.rows[0][0] == 0
        assert each.rows[-1][1] == len(each.text)
        assert [start for start, _, _ in each.runs] == sorted(start for start, _, _ in each.runs)
        assert "\t" not in each.text
    bare = shown.replace("⟦", "").replace("⟧", "").replace("↵\n", "\n")
    tidy = "\n".join(line.rstrip(" ") + "·" * (len(line) - len(line.rstrip(" "))) for line in laid.text.split("\n"))
    assert bare == tidy.replace("\t", "→   ")


def test_a_token_that_two_pieces_part_has_its_brackets_at_its_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prompts, "LONGEST", 10)
    laid = lay("aaaaa<|middle|>bb")
    assert [draw(laid, at, 40, FANCY).text for at in range(len(laid))] == ["aaaaa⟦<|mid", "dle|>⟧bb"]


def test_plain_signs_stand_in() -> None:
    laid = lay("a<|b|>  \nc\td")
    assert [draw(laid, at, 40, PLAIN, "here").text for at in range(2)] == ["a{<|b|>}__$", "c>   d> here"]


@pytest.mark.parametrize(
    ("template", "name"), [("", "chat"), ("chat", "chat"), ("phi", "phi"), ("/a/b.jinja", "b.jinja"), ("/", "/")]
)
def test_templates_are_called_by_a_short_name(template: str, name: str) -> None:
    assert named(template) == name


def test_an_empty_text_is_all_seen() -> None:
    view = PromptView()
    assert view.seen == (0, True)
