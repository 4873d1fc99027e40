"""Themes: the files they are read from, the one to begin with, and the styles that the panes paint with.

A theme is one TOML file, in the user's own folder or among the program's:

    name = "lamplight"
    dark = true            # false: dark text on a light ground
    ansi = false           # true: only the terminal's own colours, by names like "ansi_blue"; may be left out

    [colours]              # Textual's: primary, foreground and background are needed; secondary, accent, surface,
    primary = "#d9a766"    # panel, boost, warning, error and success may be left out

    [variables]            # the program's own, every one of them; further names set variables of Textual's
    text = "#e6dccb"

The program's own variables, each a colour:

    text                    running text
    text-dim                hints, counts, folded lines
    heading                 beats that stand as headings
    caret-fg, caret-bg      the caret's cell
    selection-fg, -bg       selected text
    cursor-line             ground of the piece or row that one is on
    mark-fg, mark-bg        a marked piece of a candidate
    lands                   where enter will put it
    frame, frame-focus      borders of panes; of the pane that has the keys
    title                   names of panes, numbers, pointers
    status-fg, status-bg    the status line
    status-key              what letters do, in the status line
    good, bad, waiting      finished, failed, still writing
    hole                    [bracketed text waiting to be filled]; the ground of tokens that surprised the model, in shades
    model, edited, hand     tints of text by who wrote it: a model, a model and then the writer, the writer

It never decides what a style means and knows no widget. Where colours are few or none the styles carry attributes
(reverse, bold, underline) instead of grounds, so that nothing is told by colour alone.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from rich.color import Color as RichColor
from rich.style import Style
from textual.app import App
from textual.color import Color, ColorParseError
from textual.filter import Monochrome, NoColor
from textual.theme import Theme

from composer.errors import SettingsError
from composer.text.clean import one_line

WARM = "lamplight"
"""The theme to begin with where the terminal has colours enough."""
SIXTEEN = "sixteen"
"""The theme to begin with where it has sixteen or none."""

OWN = (
    "text", "text-dim", "heading", "caret-fg", "caret-bg", "selection-fg", "selection-bg", "cursor-line",
    "mark-fg", "mark-bg", "lands", "frame", "frame-focus", "title", "status-fg", "status-bg", "status-key",
    "good", "bad", "waiting", "hole", "model", "edited", "hand",
)  # fmt: skip
"""The variables that every theme defines."""


@dataclass(frozen=True)
class Palette:
    """The styles of one theme on one terminal. Any two can be added: the second wins."""

    text: Style
    dim: Style
    heading: Style
    caret: Style
    selection: Style
    cursor: Style
    mark: Style
    lands: Style
    frame: Style
    frame_focus: Style
    title: Style
    status: Style
    status_key: Style
    good: Style
    bad: Style
    waiting: Style
    hole: Style
    model: Style
    edited: Style
    hand: Style
    removed: Style
    put: Style
    repaired: Style
    repeated: Style
    surprise_0: Style
    surprise_1: Style
    surprise_2: Style
    surprise_3: Style
    surprise_4: Style

    @classmethod
    def of(cls, app: App[Any]) -> Palette:
        """The styles of the running program; made once for each theme."""
        # Textual makes a new mapping whenever it applies a theme, in step with the stylesheet.
        variables = app.theme_variables
        made = _made.get(app)
        if made is None or made[0] is not variables:
            made = _made[app] = (variables, cls.make(variables, few=few_colours(app)))
        return made[1]

    @classmethod
    def make(cls, variables: Mapping[str, str], *, few: bool) -> Palette:
        """The styles that a theme's variables give. Where colours are few, attributes stand for grounds."""
        ground = Color.parse(variables.get("background", "ansi_default"))

        def colour(name: str | None) -> RichColor | None:
            if name is None:
                return None
            return plain(name).rich_color

        def plain(name: str) -> Color:
            value = variables.get(name, "auto")
            if value.startswith("auto"):  # as Textual's own themes have their text, to be made from the ground
                value = variables.get(_STAND_INS[name], "ansi_default")
            return ground + Color.parse(value)

        styles = {}
        for each in fields(cls):
            front, back, attributes = _TABLE[each.name]
            if few and back:
                front = back = None
            style = Style(color=colour(front), bgcolor=colour(back))
            if back and each.name in _SHADES:
                shade = _shade(ground, plain(back), plain("text"), _SHADES[each.name])
                style = Style(color=colour(front), bgcolor=shade.rich_color if shade else None)
            styles[each.name] = style + Style.parse(attributes) if few else style + _ALWAYS.get(each.name, Style.null())
        return cls(**styles)


_made: WeakKeyDictionary[App[Any], tuple[Mapping[str, str], Palette]] = WeakKeyDictionary()

_TABLE: dict[str, tuple[str | None, str | None, str]] = {
    "text": ("text", None, ""),
    "dim": ("text-dim", None, "dim"),
    "heading": ("heading", None, "bold"),
    "caret": ("caret-fg", "caret-bg", "reverse underline"),
    "selection": ("selection-fg", "selection-bg", "reverse"),
    "cursor": (None, "cursor-line", "underline"),
    "mark": ("mark-fg", "mark-bg", "bold underline"),
    "lands": ("lands", None, "bold"),
    "frame": ("frame", None, ""),
    "frame_focus": ("frame-focus", None, "bold"),
    "title": ("title", None, "bold"),
    "status": ("status-fg", "status-bg", "reverse"),
    "status_key": ("status-key", "status-bg", "reverse bold"),
    "good": ("good", None, ""),
    "bad": ("bad", None, "bold"),
    "waiting": ("waiting", None, ""),
    "hole": ("hole", None, "bold"),
    "model": ("model", None, ""),
    "edited": ("edited", None, "underline"),
    "hand": ("hand", None, "bold"),
    "removed": ("text-dim", None, "dim strike"),
    "put": ("good", None, "bold"),
    "repaired": ("lands", None, "underline"),
    "repeated": ("waiting", None, "underline"),
    "surprise_0": ("text", None, ""),
    "surprise_1": ("text", "hole", "italic"),
    "surprise_2": ("text", "hole", "underline"),
    "surprise_3": ("text", "hole", "bold"),
    "surprise_4": ("text", "hole", "reverse"),
}
"""Of each style: its colour, its ground, and the attributes that say the same where colours are few."""

_ALWAYS = {
    **{name: Style(bold=True) for name in ("heading", "status_key", "surprise_4")},
    **{name: Style(underline=True) for name in ("repaired", "repeated")},
    "removed": Style(strike=True),
}

_SHADES = {"surprise_1": 0.38, "surprise_2": 0.55, "surprise_3": 0.78, "surprise_4": 1.0}
"""Styles whose ground is a shade: how far from the theme's ground to the deepest shade that text can be read on."""
_DEEPEST = 0.5
"""How far the deepest shade may go from the ground to the colour itself."""
_READABLE = 4.8
"""The contrast that text keeps on the deepest shade."""

_STAND_INS = {
    "text": "foreground",
    "text-dim": "foreground",
    "heading": "primary",
    "caret-fg": "background",
    "caret-bg": "foreground",
    "selection-fg": "foreground",
    "selection-bg": "primary-muted",
    "cursor-line": "panel",
    "mark-fg": "foreground",
    "mark-bg": "accent-muted",
    "lands": "accent",
    "frame": "secondary",
    "frame-focus": "primary",
    "title": "primary",
    "status-fg": "foreground",
    "status-bg": "panel",
    "status-key": "accent",
    "good": "success",
    "bad": "error",
    "waiting": "warning",
    "hole": "warning",
    "model": "foreground",
    "edited": "foreground",
    "hand": "foreground",
}
"""The variable of Textual's that is taken where a theme is not one of ours: until ours is set, and in tests."""

_FROM_OURS = {
    "text-muted": "text-dim",
    "border": "frame-focus",
    "border-blurred": "frame",
    "block-cursor-foreground": "text",
    "block-cursor-background": "cursor-line",
    "block-cursor-blurred-foreground": "text",
    "block-cursor-blurred-background": "cursor-line",
    "block-hover-background": "cursor-line",
    "input-cursor-foreground": "caret-fg",
    "input-cursor-background": "caret-bg",
    "input-selection-foreground": "selection-fg",
    "input-selection-background": "selection-bg",
    "screen-selection-foreground": "selection-fg",
    "screen-selection-background": "selection-bg",
    "scrollbar": "frame",
    "scrollbar-hover": "frame-focus",
    "scrollbar-active": "frame-focus",
    "scrollbar-background": "background",
    "scrollbar-background-hover": "background",
    "scrollbar-background-active": "background",
    "scrollbar-corner-color": "background",
    "link-color": "title",
    "footer-key-foreground": "status-key",
    "footer-background": "status-bg",
    "footer-foreground": "status-fg",
}
"""Variables of Textual's own widgets, so that they look like ours. A theme file may set them otherwise."""

_FOR_ANSI = {
    "ansi-background": "background",
    "ansi-foreground": "foreground",
    "surface-active": "background",
    "foreground-disabled": "text-dim",
}
"""Variables that Textual's stylesheets need, and that it makes only for themes that are not ANSI ones."""


def _shade(ground: Color, colour: Color, text: Color, share: float) -> Color | None:
    """A ground between the theme's own and a colour; None where they are the terminal's, which can't be mixed."""
    if ground.ansi is not None or colour.ansi is not None or text.ansi is not None:
        return None
    deepest = _DEEPEST
    while deepest > 0.2 and _contrast(text, ground.blend(colour, deepest)) < _READABLE:
        deepest -= 0.02
    return ground.blend(colour, deepest * share)


def _contrast(one: Color, other: Color) -> float:
    """How well two colours are told apart, from 1 to 21, as WCAG reckons it."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: Color) -> float:
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in colour.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def few_colours(app: App[Any]) -> bool:
    """Whether grounds and shades can't be relied on: no colours, sixteen, or the terminal's own."""
    return app.no_color or app.native_ansi_color or app.console.color_system in (None, "standard")


def obey_no_color(app: App[Any]) -> None:
    """Under NO_COLOR send no colour at all: Textual sends greys, unless its theme at the start is an ANSI one."""
    filters = app._filters
    filters[:] = [NoColor() if isinstance(each, Monochrome) else each for each in filters]


def default_theme(environ: Mapping[str, str]) -> str:
    """The name of the theme that fits the terminal: the 16-colour one where it has no more, or none are wanted."""
    return SIXTEEN if "NO_COLOR" in environ or not _has_many(environ) else WARM


def _has_many(environ: Mapping[str, str]) -> bool:
    """Whether Rich will send more than 16 colours, by the variables that it goes by."""
    forced = environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    if forced != "auto":
        return forced in ("256", "truecolor")
    if environ.get("COLORTERM", "").strip().lower() in ("truecolor", "24bit"):
        return True
    return environ.get("TERM", "").strip().lower().rpartition("-")[2] in ("256color", "kitty")


def load_themes(user_folder: Path | None) -> tuple[list[Theme], list[SettingsError]]:
    """All themes, the user's own first, and what is wrong with those that can't be used.

    A user's theme takes the place of one of ours that has its name.
    """
    themes: dict[str, Theme] = {}
    problems: list[SettingsError] = []
    for path in _files(user_folder):
        try:
            theme = read_theme(path)
        except SettingsError as problem:
            problems.append(problem)
            continue
        if theme.name in themes:
            problems.append(SettingsError(f"{path.name}: another theme is called {theme.name}.", "Rename one of them."))
        themes.setdefault(theme.name, theme)
    for path in _files(_program_folder()):
        theme = read_theme(path)
        themes.setdefault(theme.name, theme)
    return list(themes.values()), problems


def _program_folder() -> Path:
    """Where our own themes lie: in an installed package within it, in a source tree beside it."""
    package = Path(__file__).parent.parent
    for folder in (package / "themes", package.parent / "themes"):
        if any(folder.glob("*.toml")):
            return folder
    raise SettingsError("The program's own themes are missing.", "Install the program again.")


def _files(folder: Path | None) -> list[Path]:
    try:
        return sorted(folder.glob("*.toml")) if folder is not None else []
    except OSError:
        return []


_COLOURS = (
    "primary", "foreground", "background",
    "secondary", "accent", "surface", "panel", "boost", "warning", "error", "success",
)  # fmt: skip
"""The colours of Textual's that a file may set; it must set the first three."""

_CORRECT = "Correct it there; until then the theme can't be used."
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_VALUE = re.compile(r"[\w #%.,()-]+")
"""What the value of a variable may be made of: it goes into stylesheets, and must not end a rule there."""


def read_theme(path: Path) -> Theme:
    """The theme that a file holds. What is wrong with it is said by file and line."""
    try:
        text = path.read_text("utf-8")
        raw = tomllib.loads(text)
    except OSError as error:
        raise SettingsError(f"{path.name} can't be read: {error.strerror}.", "Correct that, or remove it.") from None
    except UnicodeDecodeError:
        raise SettingsError(f"{path.name} is not UTF-8 text.", "Save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        why = one_line(str(error))
        line = re.search(r" \(at line (\d+), column \d+\)", why)
        where = f"{path.name}, line {line[1]}" if line else path.name
        raise SettingsError(f"{where}: {why.replace(line[0], '') if line else why}.", _CORRECT) from None
    except RecursionError:
        raise SettingsError(f"{path.name} is nested too deeply to be read.", _CORRECT) from None
    return _Reader(path.name, text, raw).theme()


class _Reader:
    """One file's tables, checked."""

    def __init__(self, file: str, text: str, raw: dict[str, Any]) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._raw = raw
        self._ansi = raw.get("ansi", False)

    def theme(self) -> Theme:
        self._known("", self._raw, ("name", "dark", "ansi", "colours", "variables"))
        name, dark = self._raw.get("name"), self._raw.get("dark")
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise self._wrong("", "name", "is to be a name in small letters, digits and hyphens, in quotes")
        if not isinstance(dark, bool):
            raise self._wrong("", "dark", "is to be true or false")
        if not isinstance(self._ansi, bool):
            raise self._wrong("", "ansi", "is to be true or false")
        colours, variables = self._table("colours"), self._table("variables")
        self._known("colours", colours, _COLOURS)
        for table, given, needed in (("colours", colours, _COLOURS[:3]), ("variables", variables, OWN)):
            for key in needed:
                if key not in given:
                    raise self._wrong(table, key, "is missing")
        for key, value in colours.items():
            self._colour("colours", key, value)
        for key, value in variables.items():
            if not _NAME.fullmatch(key):
                raise self._wrong("variables", key, "is no name of a variable")
            if key in OWN:
                self._colour("variables", key, value)
            elif not isinstance(value, str) or not _VALUE.fullmatch(value):
                raise self._wrong("variables", key, "is to be a colour or a style in quotes")
        ours = {**colours, **variables}
        theirs = {name: ours[own] for name, own in {**_FROM_OURS, **(_FOR_ANSI if self._ansi else {})}.items()}
        return Theme(name, **colours, dark=dark, ansi=self._ansi, variables={**theirs, **variables})

    def _table(self, name: str) -> dict[str, Any]:
        table = self._raw.get(name, {})
        if not isinstance(table, dict):
            raise self._wrong("", name, f"is to be a table: a line [{name}], and lines below it")
        return table

    def _known(self, table: str, given: Iterable[str], known: tuple[str, ...]) -> None:
        for key in given:
            if key not in known:
                raise self._wrong(table, key, f"is not known; there are {', '.join(known)}")

    def _colour(self, table: str, key: str, value: object) -> None:
        try:
            colour = Color.parse(value) if isinstance(value, str) else None
        except ColorParseError:
            colour = None
        if colour is None or colour.auto:
            raise self._wrong(table, key, 'is to be a colour in quotes, like "#d9a766" or "ansi_blue"')
        if self._ansi and colour.ansi is None:
            raise self._wrong(
                table, key, 'is to be one of the terminal\'s own colours, like "ansi_blue" or "ansi_default"'
            )

    def _wrong(self, table: str, key: str, what: str) -> SettingsError:
        field = one_line(f"{table}.{key}" if table else key, 60)
        line = self._line(table, key)
        where = f"{self._file}, line {line}" if line else self._file
        return SettingsError(f"{where}: {field} {what}.", _CORRECT)

    def _line(self, table: str, key: str) -> int:
        """The line on which a key stands in the usual way of writing it; 0 where it can't be told."""
        now = ""
        for number, line in enumerate(self._lines, 1):
            if heading := re.match(r"\s*\[\s*([\w-]+)\s*\]", line):
                now = heading[1]
                if not table and now == key:
                    return number
            elif now == table and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return 0
