"""Themes can be read for hours on any terminal, and a user's broken one harms nobody."""

from __future__ import annotations

from dataclasses import fields
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from rich.color import Color as RichColor
from rich.color import ColorSystem
from rich.segment import Segment
from rich.style import Style
from textual.app import App, ComposeResult
from textual.color import Color
from textual.strip import Strip
from textual.theme import Theme
from textual.widget import Widget
from textual.widgets import Input

from composer.ui.theming import OWN, Palette, default_theme, load_themes, obey_no_color

THEMES, PROBLEMS = load_themes(None)
BY_NAME = {theme.name: theme for theme in THEMES}
SHADED = [theme for theme in THEMES if not theme.ansi]
SYSTEMS = (ColorSystem.TRUECOLOR, ColorSystem.EIGHT_BIT)
BODY = ("text", "hand")
TINTS = ("model", "edited")
REST = ("text-dim", "heading", "lands", "frame-focus", "title", "good", "bad", "waiting", "hole")


def variables(theme: Theme) -> dict[str, str]:
    return {**theme.to_color_system().generate(), **theme.variables}


def triplet(colour: str, system: ColorSystem) -> tuple[int, int, int]:
    """What a terminal with these colours shows."""
    return tuple(Color.parse(colour).rich_color.downgrade(system).get_truecolor())


def luminance(rgb: tuple[int, int, int]) -> float:
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in rgb)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str, system: ColorSystem) -> float:
    dark, light = sorted((luminance(triplet(one, system)), luminance(triplet(other, system))))
    return (light + 0.05) / (dark + 0.05)


def test_there_are_dark_light_and_sixteen_colour_ones() -> None:
    assert not PROBLEMS
    assert len(THEMES) >= 6
    assert sum(theme.dark for theme in SHADED) >= 3
    assert sum(not theme.dark for theme in SHADED) >= 2
    assert [theme.name for theme in THEMES if theme.ansi] == ["sixteen"]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_theme_defines_every_variable(theme: Theme) -> None:
    assert set(OWN) <= set(theme.variables)


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
@pytest.mark.parametrize("theme", SHADED, ids=lambda theme: theme.name)
def test_everything_can_be_read(theme: Theme, system: ColorSystem) -> None:
    values = variables(theme)
    ground, row = values["background"], values["cursor-line"]
    true = system is ColorSystem.TRUECOLOR
    wanted = {
        **{(name, ground): 7.0 for name in BODY},
        **{(name, ground): 7.0 if true else 4.5 for name in TINTS},
        **{(name, ground): 4.5 for name in REST},
        **{(name, row): 7.0 for name in BODY},
        **{(name, row): 4.5 if true else 3.9 for name in (*REST, *TINTS)},
        ("caret-fg", values["caret-bg"]): 4.5,
        ("selection-fg", values["selection-bg"]): 4.5,
        ("mark-fg", values["mark-bg"]): 4.5,
        ("status-fg", values["status-bg"]): 4.5,
        ("status-key", values["status-bg"]): 3.9,
        ("frame", ground): 1.9,
        ("foreground", values["panel"]): 7.0,
    }
    found = {pair: contrast(values[pair[0]], pair[1], system) for pair in wanted}
    assert {pair: round(ratio, 2) for pair, ratio in found.items() if ratio < wanted[pair]} == {}


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
@pytest.mark.parametrize("theme", SHADED, ids=lambda theme: theme.name)
def test_grounds_and_tints_can_be_told_apart(theme: Theme, system: ColorSystem) -> None:
    values = variables(theme)
    grounds = ("background", "cursor-line", "selection-bg", "mark-bg", "caret-bg")
    for group in (grounds, ("hand", "model", "edited"), ("good", "bad", "waiting")):
        for one, other in combinations(group, 2):
            assert triplet(values[one], system) != triplet(values[other], system), (one, other)
    assert contrast(values["caret-bg"], values["background"], system) >= 4.5
    assert contrast(values["selection-bg"], values["background"], system) >= 1.4
    assert contrast(values["cursor-line"], values["background"], system) >= 1.15


def test_the_sixteen_colour_theme_leaves_text_in_the_terminals_own_two() -> None:
    values = BY_NAME["sixteen"].variables
    assert {values[name] for name in ("text", "text-dim", "selection-fg", "selection-bg", "caret-bg")} == {
        "ansi_default"
    }
    # On black or on white these are hard to see.
    assert not {"ansi_yellow", "ansi_blue", "ansi_black", "ansi_white", "ansi_bright_black"} & {
        values[name] for name in OWN
    }


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_with_few_colours_attributes_tell_what_grounds_tell(theme: Theme) -> None:
    palette = Palette.make(variables(theme), few=True)
    assert palette.caret.reverse
    assert palette.selection.reverse
    assert palette.cursor.underline
    assert palette.mark.bold
    assert palette.mark.underline
    telling = [palette.text, palette.caret, palette.selection, palette.cursor, palette.mark]
    bare = [style.without_color for style in telling]
    assert len(set(bare)) == len(bare)
    assert all(getattr(palette, each.name).bgcolor is None for each in fields(Palette))


def test_with_colours_enough_grounds_do_it() -> None:
    values = variables(BY_NAME["lamplight"])
    palette = Palette.make(values, few=False)
    assert palette.selection == Style(
        color=RichColor.parse(values["selection-fg"]), bgcolor=RichColor.parse(values["selection-bg"])
    )
    assert palette.caret.reverse is None
    row = palette.text + palette.cursor
    assert row.color == palette.text.color
    assert row.bgcolor == palette.cursor.bgcolor


STEPS = tuple(f"surprise_{step}" for step in range(5))


@pytest.mark.parametrize("system", SYSTEMS, ids=lambda system: system.name)
@pytest.mark.parametrize("theme", SHADED, ids=lambda theme: theme.name)
def test_steps_of_surprise_can_be_read_and_told_apart(theme: Theme, system: ColorSystem) -> None:
    values = variables(theme)
    palette = Palette.make(values, few=False)
    seen = [(triplet(values["background"], system), None)]
    shades = []
    for name in STEPS[1:]:
        style = getattr(palette, name)
        ground = style.bgcolor.downgrade(system).get_truecolor()
        seen.append((tuple(ground), style.bold))
        shades.append(contrast(values["background"], style.bgcolor.name, system))
        true = system is ColorSystem.TRUECOLOR
        assert contrast(values["text"], style.bgcolor.name, system) >= (4.5 if true else 3.8), name
    assert len(set(seen)) == len(seen)
    if system is ColorSystem.TRUECOLOR:
        # Deeper and deeper, so that the order is seen where the hue is not.
        assert shades == sorted(shades)
        assert shades[0] >= 1.15


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_with_few_colours_steps_of_surprise_have_attributes_that_neither_cursor_nor_mark_has(theme: Theme) -> None:
    palette = Palette.make(variables(theme), few=True)
    looks = [getattr(palette, name).without_color for name in (*STEPS, "mark")]
    under_cursor = [look + palette.caret.without_color for look in looks]
    assert len(set(looks)) == len(looks)
    assert not set(looks) & set(under_cursor)
    assert palette.surprise_0.without_color == palette.text.without_color


def test_a_theme_on_which_text_is_hard_to_read_has_shades_too() -> None:
    values = {**variables(BY_NAME["lamplight"]), "text": "#6a6259"}
    palette = Palette.make(values, few=False)
    assert len({getattr(palette, name).bgcolor for name in STEPS}) == len(STEPS)
    assert Palette.make(variables(BY_NAME["sixteen"]), few=False).surprise_4.bgcolor is None


def test_a_theme_of_textuals_gets_a_palette_too() -> None:
    dark = Theme(name="other", primary="#0178D4", foreground="#e0e0e0", dark=True)
    palette = Palette.make(dark.to_color_system().generate(), few=False)
    assert palette.caret.bgcolor == RichColor.parse("#e0e0e0")


@pytest.mark.parametrize(
    ("environ", "name"),
    [
        ({"TERM": "xterm-256color"}, "lamplight"),
        ({"TERM": "xterm-kitty"}, "lamplight"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "lamplight"),
        ({"TERM": "foot", "TEXTUAL_COLOR_SYSTEM": "256"}, "lamplight"),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, "sixteen"),
        ({"TERM": "xterm-256color", "NO_COLOR": "1"}, "sixteen"),
        ({"TERM": "xterm"}, "sixteen"),
        ({"TERM": "xterm-16color"}, "sixteen"),
        ({"TERM": "screen"}, "sixteen"),
        ({"TERM": "linux"}, "sixteen"),
        ({}, "sixteen"),
    ],
)
def test_the_theme_to_begin_with_fits_the_terminal(environ: dict[str, str], name: str) -> None:
    assert default_theme(environ) == name
    assert name in BY_NAME


# the user's own folder


def write(folder: Path, called: str, **changes: str) -> Path:
    """Lamplight under another name, with lines changed: key = the new line, or nothing to leave it out."""
    source = (Path(__file__).parents[2] / "themes" / "lamplight.toml").read_text()
    lines = []
    for line in source.replace('"lamplight"', f'"{called}"').splitlines():
        key = line.partition("=")[0].strip().strip("[]").replace("-", "_")
        line = changes.get(key, line)
        lines += [line] if line else []
    path = folder / f"{called}.toml"
    path.write_text("\n".join(lines))
    return path


def test_the_users_come_first_and_may_take_a_place_of_ours(tmp_path: Path) -> None:
    write(tmp_path, "mine")
    write(tmp_path, "paper", text='text = "#123456"')
    themes, problems = load_themes(tmp_path)
    assert not problems
    assert [theme.name for theme in themes[:2]] == ["mine", "paper"]
    assert len(themes) == len(THEMES) + 1
    assert themes[1].variables["text"] == "#123456"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"text": ""}, "mine.toml: variables.text is missing"),
        ({"caret_bg": 'caret-bg = "no colour"'}, "line 20: variables.caret-bg is to be a colour"),
        ({"caret_bg": "caret-bg = 7"}, "line 20: variables.caret-bg is to be a colour"),
        ({"caret_bg": 'caret-bg = "auto 50%"'}, "line 20: variables.caret-bg is to be a colour"),
        ({"primary": 'primry = "#ffffff"'}, "line 5: colours.primry is not known"),
        ({"primary": ""}, "mine.toml: colours.primary is missing"),
        ({"dark": 'dark = "yes"'}, "line 3: dark is to be true or false"),
        ({"dark": ""}, "mine.toml: dark is to be true or false"),
        ({"dark": "dark = true\nansi = 1"}, "line 4: ansi is to be true or false"),
        ({"dark": "dark = true\nansi = true"}, "line 6: colours.primary is to be one of the terminal's own colours"),
        ({"name": 'name = "My Theme"'}, "line 2: name is to be a name in small letters"),
        ({"name": 'name = "mine"\ncolour = 1'}, "line 3: colour is not known"),
        ({"colours": "[colurs]"}, "colurs is not known"),
        (
            {"hand": 'hand = "#ffffff"\nborder = "red; } * { display: none"'},
            "variables.border is to be a colour or a style",
        ),
        ({"hand": "hand = #ffffff"}, "mine.toml, line 39: "),
    ],
)
def test_a_broken_one_is_named_and_hides_no_other(tmp_path: Path, changes: dict[str, str], said: str) -> None:
    write(tmp_path, "good")
    write(tmp_path, "mine", **changes)
    themes, [problem] = load_themes(tmp_path)
    assert said in problem.sentence
    assert problem.sentence.startswith("mine.toml")
    assert problem.next_step
    assert themes[0].name == "good"
    assert len(themes) == len(THEMES) + 1


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_bytes(b"name = '\xff'")
    (tmp_path / "b.toml").mkdir()
    themes, problems = load_themes(tmp_path)
    assert [problem.sentence.split()[0] for problem in problems] == ["a.toml", "b.toml"]
    assert len(themes) == len(THEMES)


def test_two_of_one_name_are_told(tmp_path: Path) -> None:
    write(tmp_path, "mine")
    (tmp_path / "other.toml").write_text((tmp_path / "mine.toml").read_text())
    themes, [problem] = load_themes(tmp_path)
    assert "mine" in problem.sentence
    assert [theme.name for theme in themes].count("mine") == 1


def test_no_folder_is_no_problem(tmp_path: Path) -> None:
    assert load_themes(tmp_path / "nowhere") == (THEMES, [])


# in an app


class Line(Widget):
    """One line in every style."""

    def render_line(self, y: int) -> Strip:
        palette = Palette.of(self.app)
        return Strip([Segment("x", getattr(palette, each.name)) for each in fields(Palette)])


class Shown(App[None]):
    CSS = "Line { border: round $frame; color: $text-dim; } Input { border: double $frame-focus; }"

    def __init__(self, theme: str) -> None:
        super().__init__()
        for each in THEMES:
            self.register_theme(each)
        self.theme = theme
        obey_no_color(self)

    def compose(self) -> ComposeResult:
        yield Line()
        yield Input("some text")


@pytest.mark.parametrize("name", BY_NAME)
async def test_an_app_is_painted_in_it(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    app = Shown(name)
    async with app.run_test():
        palette = Palette.of(app)
        assert Palette.of(app) is palette
        assert bool(palette.caret.reverse) == BY_NAME[name].ansi


async def test_the_palette_follows_the_theme(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    app = Shown("lamplight")
    async with app.run_test() as pilot:
        before = Palette.of(app)
        app.theme = "paper"
        await pilot.pause()
        after = Palette.of(app)
        assert after != before
        assert after == Palette.make(variables(BY_NAME["paper"]), few=False)


@pytest.mark.parametrize("name", ["sixteen", "paper"])
async def test_with_no_color_no_colour_is_sent(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("NO_COLOR", "1")
    app = Shown(name)
    async with app.run_test():
        assert Palette.of(app).caret.reverse
        sent: set[Any] = set()
        for strip in app.screen._compositor.render_strips(app.size):
            for segment in strip:
                if segment.style is not None:
                    sent |= {segment.style.color, segment.style.bgcolor}
        assert {colour for colour in sent if colour is not None and not colour.is_default} == set()
