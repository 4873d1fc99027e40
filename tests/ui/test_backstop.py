"""Nothing that a terminal obeys leaves a widget, whatever was put into it and however it got there."""

from __future__ import annotations

import asyncio
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.content import Content
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Input, Label, OptionList, RichLog, Static, TextArea
from textual.widgets.option_list import Option

from composer.text.clean import clean
from composer.ui.backstop import Backstop, install, to_content

BLACK = Color(0, 0, 0)
HOSTILE = [
    "\x1b]52;c;cHduZWQ=\x07clipboard",
    "\x9d52;c;cHduZWQ=\x9cclipboard by C1",
    "\x1b[2J\x1b[Hcleared",
    "\x9b2Jcleared by C1",
    "\x1b]0;title\x1b\\",
    "\x1bPtmux;\x1b\x1b[2J\x1b\\",
    "\x1b]8;;http://example.org\x1b\\link\x1b]8;;\x1b\\",
    "over\u202eridden \u2066isolated\u2069 \u200f\u061c",
    "nul\x00 del\x7f bell\x07 back\x08 shift\x0e\x0f",
    "breaks\x85of\u2028all\u2029kinds\x0b\x0c\r",
    "\ufeffmark\ufff9note\ufffa\ufffb tag\U000e0041\U000e007f",
    "half \ud800 a pair \udfff",
]
MARKUP = "[@click=app.bell]press[/] [link=http://example.org]go[/link] [/nothing] [bold"
# Spelt by numbers, so that this file holds none of them and shares nothing with what it checks.
BAD_RANGES = [
    (0x00, 0x1F), (0x7F, 0x9F), (0x61C, 0x61C), (0x200E, 0x200F), (0x2028, 0x202E), (0x2066, 0x206F), (0xFEFF, 0xFEFF),
    (0xFFF9, 0xFFFB), (0xD800, 0xDFFF), (0xE0000, 0xE007F),
]  # fmt: skip


def bad_in(text: str) -> set[str]:
    return {f"{ord(char):x}" for char in text for first, last in BAD_RANGES if first <= ord(char) <= last}


def guarded(text: str, style: Style | None = None) -> Segment:
    [segment] = Backstop().apply([Segment(text, style)], BLACK)
    return segment


@pytest.mark.parametrize("text", HOSTILE)
def test_a_segment_is_made_harmless_and_stays_as_wide(text: str) -> None:
    shown = guarded(text).text
    assert bad_in(shown) == set()
    assert cell_len(shown) == cell_len(text)


@given(st.text(st.characters(exclude_categories=())))
def test_any_text_is_made_harmless(text: str) -> None:
    assert bad_in(guarded(text).text) == set()


@pytest.mark.parametrize(
    "text",
    ["plain", "é ü 漢字 — “quotes” …", "\u00a0 \u00ad soft", "👩\u200d👩\u200d👧 ❤\ufe0f می\u200cخواهم", "\ue0b0"],
)
def test_honest_text_is_left_alone(text: str) -> None:
    segments = [Segment(text)]
    [segment] = Backstop().apply(segments, BLACK)
    assert segment == segments[0]


def test_what_needs_nothing_costs_no_copy() -> None:
    segments = [Segment("plain", Style(bold=True)), Segment("é", None)]
    assert Backstop().apply(segments, BLACK) is segments


def test_all_that_the_filter_at_the_door_drops_is_stopped_here_too() -> None:
    for first, last in [
        (0, 0x300),
        (0x600, 0x620),
        (0x2000, 0x2100),
        (0xD7FF, 0xE000),
        (0xFE00, 0x10000),
        (0xDFFFF, 0xE0200),
    ]:
        for char in map(chr, range(first, last)):
            if clean(char) != char and not "\ud800" <= char <= "\udfff":
                assert bad_in(char), f"{ord(char):x}"
                assert guarded(char).text == ""


def test_addresses_are_taken_off() -> None:
    style = Style(bold=True, link="http://example.org/\x1b]52;c;eA==\x07")
    segment = guarded("go", style)
    assert segment.style is not None
    assert segment.style.link is None
    assert segment.style.bold
    assert "\x1b]" not in Strip.render_style(segment.style, segment.text, color_system=3)


def test_content_is_the_text_and_nothing_else() -> None:
    content = to_content(MARKUP + "\x1b[2J")
    assert isinstance(content, Content)
    assert content.plain == MARKUP + "[2J"
    assert content.spans == []


class Painted(Widget):
    """A line of ours, unfiltered."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text

    def render_line(self, y: int) -> Strip:
        return Strip([Segment(self._text)])


class Everything(App[None]):
    CSS = "Static, Input, TextArea, OptionList, RichLog, Painted { height: 4; }"

    def __init__(self, text: str) -> None:
        super().__init__()
        self._text = text
        install(self)
        install(self)

    def compose(self) -> ComposeResult:
        text = self._text
        yield Static(text, markup=False)
        yield Static(to_content(MARKUP + text))
        yield Label(Content(text))
        yield TextArea(text)
        yield Input(text, placeholder=text)
        yield OptionList(Option(to_content(MARKUP + text)), Option(Content(text)))
        yield RichLog(markup=False)
        yield Painted(text)
        framed = Static("framed")
        framed.styles.border = ("round", "white")
        framed.border_title = to_content(MARKUP + text)  # type: ignore[assignment]
        framed.border_subtitle = Content(text)  # type: ignore[assignment]
        yield framed

    def on_mount(self) -> None:
        self.query_one(RichLog).write(self._text)
        self.notify(MARKUP + self._text, title="news", markup=False, timeout=60)


async def test_no_widget_lets_anything_through() -> None:
    assert sum(isinstance(each, Backstop) for each in Everything("")._filters) == 1
    shown = await asyncio.gather(*(screen_of(text) for text in HOSTILE))
    for text, lines in zip(HOSTILE, shown, strict=True):
        assert set().union(*map(bad_in, lines)) == set(), text
        for word in [*re.findall(r"[a-z]{4,}", text), "[@click=app.bell]press"]:
            assert any(word in line for line in lines)


async def screen_of(text: str) -> list[str]:
    """What an app full of widgets that hold this text shows: its lines as they go to the terminal, but for the styles."""
    app = Everything(text)
    async with app.run_test(size=(120, 56), notifications=True) as pilot:
        for _ in range(20):
            await pilot.pause()
            if app.screen.query("Toast"):
                break
        await pilot.pause()
        strips = app.screen._compositor.render_strips(app.size)
        assert {strip.cell_length for strip in strips} == {120}
        return ["".join(segment.text for segment in strip) for strip in strips]
