"""The models: the endpoints of the settings as a list, what is known of each, and what a test of it finds out.

It asks for what is to be looked up, tried, kept or chosen, always in the background, and shows what comes of it. It opens no connection,
writes no file, and holds a key no longer than it takes to hand it on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, ClassVar, Literal, TypeVar
from urllib.parse import urlsplit

from msgspec.structs import replace
from rich.style import Style
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.screen import Screen
from textual.widget import AwaitMount
from textual.widgets import Input, OptionList, Static
from textual.worker import Worker

from composer.config import OPENAI_MODEL, OPENAI_URL, EndpointProfile, Server, public_url
from composer.errors import ComposerError
from composer.session.ports import Endpoint, Finding, Found, Profiles
from composer.text.clean import clean, one_line
from composer.ui import keymap
from composer.ui.backstop import to_content
from composer.ui.keymap import Key
from composer.ui.lines import Lines, Part
from composer.ui.screens.history import counted, shortened
from composer.ui.screens.picker import Choice, Picker
from composer.ui.screens.profile import ProfileForm, sampling_text, shown_url
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import Signs
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.wrapping import cells, wrap

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp

T = TypeVar("T")
WIDE = 100
"""Columns from which a line has room for addresses."""
LONGEST_KEY = 8192
"""Characters of a key: what is longer is something else that was pasted."""

KEYS: tuple[Key, ...] = (
    Key("everywhere", "endpoint.up", "up,k", "↑ ↓", "endpoint", "The endpoint before or after"),
    Key("everywhere", "endpoint.down", "down,j", "", "", ""),
    Key("everywhere", "endpoint.first", "home", "home, end", "ends", "The first endpoint, or the last"),
    Key("everywhere", "endpoint.last", "end", "", "", ""),
    Key(
        "everywhere",
        "endpoint.choose",
        "enter",
        "enter",
        "write with it",
        "This endpoint writes from now on; one that answers on this computer is added first",
    ),
    Key(
        "everywhere",
        "endpoint.test",
        "t",
        "t",
        "test",
        "Tests it: a few words are asked for. Where that may cost money, enter says so first",
    ),
    Key("everywhere", "endpoint.stop", "x", "x", "stop", "Stops the test; what was found out stays"),
    Key("everywhere", "endpoint.model", "m", "m", "model", "Picks its model from those it has, or any by its name"),
    Key("everywhere", "endpoint.edit", "e", "e", "edit", "Edits its profile: address, key's place, samplings, …"),
    Key("everywhere", "endpoint.add", "a", "a", "add", "Adds an endpoint: first what kind it is, then its profile"),
    Key(
        "everywhere",
        "endpoint.key",
        "K",
        "K",
        "key",
        "Gives its key, into the system keyring or a file for you alone. It is never shown",
    ),
    Key(
        "everywhere",
        "endpoint.drop",
        "delete,backspace",
        "delete",
        "take out",
        "Takes it out of the settings, when pressed again",
    ),
    Key("everywhere", "endpoint.look", "r", "r", "look around", "Looks for servers on this computer again"),
    Key("everywhere", "report.on", "pagedown,space", "page keys", "read on", "What is told below, further down or up"),
    Key("everywhere", "report.back", "pageup", "", "", ""),
    Key("everywhere", "models.leave", "escape,q", "esc", "back", "Back to where one was"),
)
"""The keys of this screen."""

KINDS: dict[Server, str] = {
    "openai": "OpenAI",
    "openrouter": "OpenRouter",
    "ollama": "Ollama",
    "llamacpp": "llama.cpp",
    "vllm": "vLLM",
    "lmstudio": "LM Studio",
    "litellm": "LiteLLM",
    "other": "server",
    "": "server",
}
BUILT_IN = "built in"


@dataclass(frozen=True)
class Start:
    """What a new endpoint of a kind begins with, and the row of its form where one has something to fill in."""

    name: str
    says: str
    profile: EndpointProfile
    at: str = "name"


STARTS: tuple[Start, ...] = (
    Start("openai", "OpenAI", EndpointProfile(OPENAI_URL, OPENAI_MODEL, "OPENAI_API_KEY", kind="openai")),
    Start(
        "openrouter",
        "OpenRouter: models of many makers",
        EndpointProfile("https://openrouter.ai/api/v1", key_env="OPENROUTER_API_KEY", kind="openrouter"),
        "model",
    ),
    Start("ollama", "Ollama, on this computer", EndpointProfile("http://localhost:11434/v1", kind="ollama")),
    Start("llamacpp", "llama.cpp, on this computer", EndpointProfile("http://localhost:8080/v1", kind="llamacpp")),
    Start("vllm", "vLLM", EndpointProfile("http://localhost:8000/v1", kind="vllm")),
    Start("lmstudio", "LM Studio, on this computer", EndpointProfile("http://localhost:1234/v1", kind="lmstudio")),
    Start("litellm", "LiteLLM: a gateway to others", EndpointProfile("http://localhost:4000/v1", kind="litellm")),
    Start("server", "Another server that speaks the OpenAI protocol", EndpointProfile("http://"), "base_url"),
)


def free_name(name: str, taken: Collection[str]) -> str:
    """The name, or the first of `name-2`, `name-3`, … that is not taken."""
    number = 1
    made = name
    while made in taken:
        number += 1
        made = f"{name}-{number}"
    return made


def is_here(profile: EndpointProfile) -> bool:
    """Whether a server answers on this computer."""
    try:
        host = urlsplit(profile.base_url).hostname or ""
    except ValueError:
        return False
    return host in ("localhost", "::1", "0.0.0.0") or host.startswith("127.") or host.endswith(".localhost")


def may_cost(profile: EndpointProfile) -> bool:
    """Whether asking it for a few words may cost money: it is elsewhere, or hands on to others."""
    hands_on = profile.server == "litellm" or profile.model.endswith(("-cloud", ":cloud"))
    return not profile.embedded and (hands_on or not is_here(profile))


def kind_shown(profile: EndpointProfile) -> str:
    return BUILT_IN if profile.embedded else KINDS[profile.server]


def key_shown(profile: EndpointProfile) -> str:
    """Where an endpoint's key comes from, in a word."""
    if profile.key_env:
        return f"${profile.key_env}"
    for name, word in (("key_file", "file"), ("key_command", "command"), ("keyring", "keyring")):
        if getattr(profile, name):
            return word
    return "in the address" if shown_url(profile.base_url) != profile.base_url else "none"


@dataclass
class Report:
    """What a test has found out so far, and how it stands."""

    findings: list[Finding] = field(default_factory=list)
    state: Literal["asking", "stopped", "ended"] = "asking"

    @property
    def good(self) -> bool:
        return all(finding.good is not False for finding in self.findings)


@dataclass(frozen=True)
class Row:
    """An endpoint as it is listed. `models` are those of a server that is not in the settings, None for all others."""

    name: str
    profile: EndpointProfile
    model: str
    window: int = 0
    report: Report | None = None
    models: tuple[str, ...] | None = None

    @property
    def found(self) -> bool:
        """Whether it answers on this computer and is not in the settings."""
        return self.models is not None


class EndpointsView(Lines):
    """The endpoints, a line each; below them those that answer on this computer. `at` is the cursor's place in `rows`."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: Sequence[Row] = ()
        self.at = 0
        self._chosen = ""
        self._looking = False
        self._top = 0

    def show(self, rows: Sequence[Row], at: int, chosen: str, looking: bool) -> None:
        """`rows` are the endpoints, those that were found last; `chosen` is the name of the one that writes."""
        self.rows, self.at, self._chosen, self._looking = rows, max(0, min(at, len(rows) - 1)), chosen, looking
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        sizes = self._sizes(width)
        titles = ("name", "kind", "address", "model", "key", "window", "test")
        painted: list[list[Part]] = []
        place = 0
        for number, row in enumerate(self.rows):
            if row.found and not (number and self.rows[number - 1].found):
                painted += [[], self._heading(width)]
            if number == self.at:
                place = len(painted)
            painted.append(self._line(row, number == self.at, sizes, width, signs))
        if not any(row.found for row in self.rows):
            says = "…" if self._looking else "None on the usual ports. r looks again; a adds one by its address."
            painted += [[], self._heading(width), [(f"   {says}", palette.dim)]]
        room = max(1, height - 1)
        if not self._top <= place < self._top + room:
            self._top = place - room // 2
        if self.at == len(self.rows) - 1:
            # Behind the last one may stand what was not found.
            self._top = max(self._top, len(painted) - room)
        self._top = max(0, min(self._top, len(painted) - room))
        head = "".join(
            f"{shortened(title, size, ''):{'>' if title == 'window' else '<'}{size}}  "
            for title, size in zip(titles, sizes, strict=True)
            if size
        )
        return [[(f"   {head}", palette.dim)], *painted[self._top : self._top + room]]

    def _heading(self, width: int) -> list[Part]:
        bar = "─" if Signs.of(self.app) == Signs() else "-"
        words = "Answers on this computer"
        looking = "looking…" if self._looking else "enter adds and chooses"
        if not any(row.found for row in self.rows) and not self._looking:
            looking = ""
        text = f" {words} · {looking} " if looking else f" {words} "
        return [
            (f"  {bar}", self.palette.frame),
            (text, self.palette.heading),
            (bar * max(0, width - cells(text) - 4), self.palette.frame),
        ]

    def _sizes(self, width: int) -> tuple[int, ...]:
        """Cells of each column: name, kind, address, model, key, window, test."""
        wide = width >= WIDE
        name = max([4, *(cells(row.name) for row in self.rows)])
        kind = max([4, *(cells(kind_shown(row.profile)) for row in self.rows)])
        key = max([4, *(cells(key_shown(row.profile)) for row in self.rows)])
        name, key = min(name, 20 if wide else 13), min(key, 22 if wide else 8)
        window, test = 9, 9 if wide else 1
        rest = width - 3 - sum(size + 2 for size in (name, kind, key, window, test))
        address = 0
        if wide:
            longest = max([7, *(cells(_address(row)) for row in self.rows)])
            models = max([5, *(cells(_model(row)) for row in self.rows)])
            address = max(7, min(longest, max(rest - 4 - models, (rest - 4) // 2)))
        model = rest - (address + 2 if address else 0) - 2
        return name, kind, address, max(4, model), key, window, test

    def _line(self, row: Row, current: bool, sizes: tuple[int, ...], width: int, signs: Signs) -> list[Part]:
        palette = self.palette
        chosen = row.name == self._chosen and not row.found
        name, kind, address, model, key, window, test = sizes
        said, said_style = self._tested(row, test, signs)
        plain = palette.dim if row.found else palette.text
        columns: list[tuple[str, int, Style]] = [
            (row.name, name, palette.title if chosen else plain),
            (kind_shown(row.profile), kind, palette.dim),
            (_address(row), address, palette.dim),
            (_model(row), model, plain if row.model or row.models else palette.dim),
            (key_shown(row.profile) if not row.profile.embedded else "–", key, palette.dim),
            (f"{row.window:,}".rjust(window) if row.window else "", window, palette.dim),
            (said, test, said_style),
        ]
        parts: list[Part] = [
            (signs.here if current else " ", palette.title),
            (signs.writing if chosen else " ", palette.lands),
            (" ", plain),
        ]
        for text, size, style in columns:
            if size:
                text = shortened(text, size, signs.ellipsis)
                parts += [(text, style), (" " * (size - cells(text) + 2), plain)]
        if current:
            parts = [(text, style + palette.cursor) for text, style in parts]
        return parts

    def _tested(self, row: Row, size: int, signs: Signs) -> tuple[str, Style]:
        """What a test of it came to, in a sign and a word."""
        report, palette = row.report, self.palette
        if report is None:
            return "", palette.dim
        if report.state == "asking":
            said, style = f"{signs.ellipsis} asking", palette.waiting
        elif report.state == "stopped":
            said, style = f"{signs.cut} stopped", palette.dim
        elif report.good:
            said, style = f"{signs.done} works", palette.good
        else:
            said, style = f"{signs.failed} trouble", palette.bad
        return said[:size], style


def _address(row: Row) -> str:
    """The address on a line, where there is little room: whole below."""
    return "in this program" if row.profile.embedded else public_url(row.profile.base_url).partition("://")[2]


def _model(row: Row) -> str:
    if row.models is None:
        return row.model or "the first it lists"
    return one_line(", ".join(row.models)) or "no models yet"


Question = Literal["test", "drop"]
Tone = Literal["", "good", "bad", "fact", "ask"]


@dataclass(frozen=True)
class Told:
    """A paragraph below the list: a sign by its tone, what it is about, and words that may take several lines."""

    what: str
    words: str
    tone: Tone = ""


class ReportView(Lines):
    """What is told of one endpoint. It stays where it was scrolled to while more comes."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._told: Sequence[Told] = ()
        self._top = 0

    def show(self, told: Sequence[Told], *, keep: bool = True) -> None:
        """Without `keep` it is shown from its first line."""
        self._told = told
        self._top = self._top if keep else 0
        self.repaint()

    def scroll_on(self, by: int) -> None:
        """Scroll by screens."""
        self._top += by * max(1, self.size.height - 1)
        self.repaint()

    def lines(self, width: int, height: int) -> list[list[Part]]:
        palette, signs = self.palette, Signs.of(self.app)
        drawn: dict[Tone, tuple[str, Style]] = {
            "": (" ", palette.text),
            "good": (signs.done, palette.good),
            "bad": (signs.failed, palette.bad),
            "fact": ("·", palette.dim),
            "ask": (signs.lands, palette.lands),
        }
        label = min(18, max([0, *(cells(each.what) for each in self._told)]))
        painted: list[list[Part]] = []
        for each in self._told:
            sign, style = drawn[each.tone]
            words = palette.lands if each.tone == "ask" else palette.text
            lead = 3 if not each.what else label + 5
            text = clean(each.words)
            for at, (start, end) in enumerate(wrap(text, max(10, width - lead - 1))):
                if at:
                    parts: list[Part] = [(" " * lead, palette.text)]
                else:
                    what = shortened(each.what, label, signs.ellipsis)
                    parts = [(f" {sign} ", style), (f"{what:<{lead - 3}}", palette.dim)]
                painted.append([*parts, (text[start:end], words)])
        self._top = max(0, min(self._top, len(painted) - height))
        shown = painted[self._top : self._top + height]
        if len(painted) > self._top + height and shown:
            shown[-1] = [(f" {signs.ellipsis} page down: {len(painted) - self._top - height + 1} more", palette.dim)]
        return shown


class ModelPicker(Picker):
    """Picks a model from those that a server has. What was typed can be taken as it is, so any name can be given.

    While the server is being asked, enter waits for its answer.
    """

    def __init__(self, name: str, models: Sequence[str], current: str) -> None:
        super().__init__(f"Model of {name}", [], at=0)
        self._endpoint = name
        self._current = current
        self._waiting = True
        self._wanted = False
        self._choose_from(models)

    def _choose_from(self, models: Sequence[str]) -> None:
        # What is said by servers is shown on one line, and meant as it was said.
        self._choices = [Choice(model, one_line(model)) for model in models]
        values = [choice.value for choice in self._choices]
        self._at = values.index(self._current) if self._current in values else 0

    def on_mount(self) -> None:
        super().on_mount()
        self._say()

    def _say(self) -> None:
        words = f"asking {self._endpoint}…" if self._waiting else f"{counted(len(self._choices), 'model')}"
        if not self._waiting and not self._choices:
            words = "it tells none: type a model's name"
        self.query_one("#picker").border_subtitle = to_content(words)

    def offer(self, models: Sequence[str]) -> None:
        """The models that the server has; what was typed and pressed meanwhile holds."""
        self._waiting = False
        if not self.is_mounted:
            self._choose_from(models)
        if not self.is_current:
            return
        options = self.query_one(OptionList)
        moved = options.highlighted not in (None, self._at)
        held = self._shown[options.highlighted].value if moved and options.highlighted is not None else ""
        self._choose_from(models)
        typed = self.query_one(Input).value
        self._fill(typed, 0 if typed.strip() else self._at)
        if held and not typed.strip():
            values = [choice.value for choice in self._shown]
            options.highlighted = values.index(held) if held in values else options.highlighted
        self._say()
        if self._wanted:
            self._answer("")

    def _fill(self, typed: str, at: int = 0) -> None:
        super()._fill(typed, at)
        options = self.query_one(OptionList)
        typed = one_line(typed, 200)
        values = [choice.value for choice in self._shown]
        if typed in values:
            options.highlighted = values.index(typed)
        elif typed:
            self._shown.append(Choice(typed, typed))
            options.add_option(to_content(f"{typed}   as it is typed"))
            if options.highlighted is None:
                options.highlighted = 0

    def _answer(self, prefix: str) -> None:
        if self._waiting:
            self._wanted = True
            self.query_one("#picker").border_subtitle = to_content(f"asking {self._endpoint}… enter waits for it")
        else:
            super()._answer(prefix)


class KeyField(Input):
    """A masked field. What stands in it is never copied, and a paste is taken as one word."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="box-field", password=True, select_on_focus=False, compact=True)

    def _on_paste(self, event: events.Paste) -> None:
        self.insert_text_at_cursor("".join(clean(event.text).split()))
        event.stop()
        event.prevent_default()

    def action_copy(self) -> None:
        """Nothing: the clipboard belongs to others too."""

    def action_cut(self) -> None:
        self.delete_selection()

    def take(self) -> str:
        """What stands in it; it is empty then."""
        with self.prevent(Input.Changed):
            key, self.value = "".join(clean(self.value).split()), ""
        return key


class ModelsScreen(Screen[str | None]):
    """Answers the name of the endpoint that is to write from now on, or None. `model` is the one that writes now, where it is not the endpoint's own."""

    CSS_PATH = "../styles/models.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key.keys, key.action, key.word, id=key.id, show=False) for key in KEYS),
        Binding("f1,question_mark", "help", "help", show=False),
    ]
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(self, profiles: Profiles, model: str = "") -> None:
        super().__init__()
        self._profiles = profiles
        self._model = model
        self._found: Sequence[Found] = ()
        self._looking = False
        self._reports: dict[str, Report] = {}
        self._testing = ""
        """The endpoint that is being tested; one at a time."""
        self._places: dict[str, str] = {}
        """Where keys come from, by endpoint, as far as it was looked up."""
        self._asked: tuple[Question, str] | None = None
        """What was asked for and wants another key, and of which endpoint."""
        self._keyed = ""
        """The endpoint whose key is being typed."""
        self._busy = False
        """Something is being kept or chosen: keys wait for nothing, and do nothing."""
        self._told_of = ""

    @property
    def _list(self) -> EndpointsView:
        return self.query_one(EndpointsView)

    @property
    def _report(self) -> ReportView:
        return self.query_one(ReportView)

    @property
    def _key_field(self) -> KeyField:
        return self.query_one(KeyField)

    @property
    def row(self) -> Row:
        """The endpoint under the cursor."""
        return self._list.rows[self._list.at]

    @property
    def _asked_here(self) -> Question | None:
        """What was asked of the endpoint under the cursor, and wants another key."""
        return self._asked[0] if self._asked is not None and self._asked[1] == self.row.name else None

    def compose(self) -> ComposeResult:
        yield Static(id="models-title", markup=False)
        with Container(id="models-panes"):
            with Pane(id="models-list-pane"):
                yield EndpointsView(id="models-list")
            with Pane(id="models-report-pane"):
                yield ReportView(id="models-report")
        with Vertical(id="models-key"):
            yield Static(id="models-key-says", markup=False)
            yield KeyField(id="models-key-field")
        yield StatusLine(id="models-status")

    def on_mount(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")
        self.query_one("#models-list-pane", Pane).name_it("Endpoints")
        names = list(self._profiles.listed)
        self._load(names.index(self._profiles.chosen) if self._profiles.chosen in names else 0)
        self.action_endpoint_look()

    def on_resize(self) -> None:
        self.set_class(self.app.size.width < WIDE, "-narrow")

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # showing

    def _load(self, at: int | str | None = None) -> None:
        """Make the rows anew. The cursor goes to `at`, a place or a name; without it, it stays with its endpoint."""
        rows = [self._row(name, profile) for name, profile in self._profiles.listed.items()]
        known = {profile.base_url.rstrip("/") for profile in self._profiles.listed.values()}
        rows += [
            Row(each.name, each.profile, each.profile.model, models=tuple(each.models))
            for each in self._found
            if each.profile.base_url.rstrip("/") not in known
        ]
        before = self._list.rows
        if at is None and before:
            old = self.row
            at = next(
                (at for at, row in enumerate(rows) if (row.name, row.found) == (old.name, old.found)), self._list.at
            )
        elif isinstance(at, str):
            at = next((place for place, row in enumerate(rows) if row.name == at and not row.found), self._list.at)
        self._list.show(rows, at or 0, self._profiles.chosen, self._looking)
        self._show()

    def _row(self, name: str, profile: EndpointProfile) -> Row:
        endpoint = self._endpoint(name)
        model = profile.model or (endpoint.model if endpoint else "")
        window = profile.window or (endpoint.window if endpoint else 0)
        return Row(name, profile, one_line(model), window, self._reports.get(name))

    def _endpoint(self, name: str) -> Endpoint | None:
        try:
            return self._profiles.endpoint(name)
        except ComposerError:
            return None

    def _show(self) -> None:
        """Show what is told of the endpoint under the cursor, and what keys do there."""
        row = self.row
        of = f"{row.found}:{row.name}"
        self._report.show(self._told(row), keep=of == self._told_of)
        self._told_of = of
        chosen = self._profiles.chosen
        endpoint = self._endpoint(chosen)
        model = one_line(self._model or (endpoint.model if endpoint else ""), 60)
        self.query_one("#models-title", Static).update(
            to_content(
                f"Models · {counted(len(self._profiles.listed), 'endpoint')} · now writes: {chosen}"
                + (f", {model}" if model and model != chosen else "")
            )
        )
        title = row.name
        if row.report is not None:
            title += f" · {'being tested, x stops' if row.report.state == 'asking' else 'tested'}"
        self.query_one("#models-report-pane", Pane).name_it(title)
        self._status()
        self._look_up()

    def _told(self, row: Row) -> list[Told]:
        told: list[Told] = []
        if (asked := self._asked_here) is not None:
            told += [Told("", _question(asked, row), "ask"), Told("", "")]
        if row.report is not None:
            told += [
                Told(
                    one_line(each.what, 40), each.words, "fact" if each.good is None else "good" if each.good else "bad"
                )
                for each in row.report.findings
            ]
            if row.report.state == "asking":
                told.append(Told("", "asking…"))
            elif row.report.state == "stopped":
                told.append(Told("", "The test was stopped."))
            told.append(Told("", ""))
        return told + about(
            row, None if row.found else self._endpoint(row.name), self._places.get(row.name, "…"), Signs.of(self.app)
        )

    def _status(self) -> None:
        if self._keyed:
            self.query_one(StatusLine).show(
                [
                    ("TYPING a key", "TYPING"),
                    (f"enter: keeps the key of {self._keyed}", "enter: keeps it"),
                    ("esc: leaves it", "esc: leaves it"),
                ]
            )
            return
        row = self.row
        stops = (f"x stops the test of {self._testing}", "x stop") if self._testing else ("", "")
        hints = _hints("   ", "endpoint.test", "endpoint.model", "endpoint.edit", "endpoint.add", "endpoint.key")
        short = _hints("  ", "endpoint.test", "endpoint.model", "endpoint.edit", "endpoint.add", "endpoint.key")
        self.query_one(StatusLine).show(
            [
                ("LETTERS ACT", "LETTERS"),
                self._will(row),
                stops if self._testing else (hints, short),
                (f"{keymap.shown(keymap.BY_ID['help'])} help", keymap.shown(keymap.BY_ID["help"])),
                (_hints("", "models.leave"), _hints("", "models.leave")),
            ]
        )

    def _will(self, row: Row) -> tuple[str, str]:
        """What the key that matters most does here, in a few words and in fewer."""
        if self._asked_here == "drop":
            return f"delete: takes {row.name} out", "delete: out"
        if self._asked_here == "test":
            return f"enter: asks {row.name} for a few words", "enter: tests"
        if row.found:
            return f"enter: adds {row.name}, writes with it", "enter: adds it"
        if row.name == self._profiles.chosen:
            return "enter: it goes on writing", "enter: goes on"
        return f"enter: {row.name} writes from now on", "enter: writes"

    def _look_up(self) -> None:
        """Look up where the key of the endpoint under the cursor comes from: a keyring takes its time."""
        row = self.row
        if not row.found and not row.profile.embedded and row.name not in self._places:
            self.run_worker(self._look_up_key(row.name), group="key place", exclusive=True, exit_on_error=False)

    async def _look_up_key(self, name: str) -> None:
        try:
            words = await asyncio.to_thread(self._profiles.key_place, name)
        except ComposerError as error:
            words = str(error)
        self._places[name] = words
        self._show()

    def _say(self, text: str, *, error: bool = False) -> None:
        self.app.clear_notifications()
        self.notify(text, markup=False, severity="error" if error else "information", timeout=8 if error else 5)

    # work in the background

    def _attempt(self, work: Callable[[], Awaitable[T]], then: Callable[[T], None], secret: str = "") -> None:
        """Do something about the settings and go on from what comes of it, or say why it can't be. `secret` is never said."""
        if not self._busy:
            self._busy = True
            self.run_worker(self._attempting(work, then, secret), group="profiles", exit_on_error=False)

    async def _attempting(self, work: Callable[[], Awaitable[T]], then: Callable[[T], None], secret: str) -> None:
        try:
            result = await work()
        except ComposerError as error:
            self._load()
            self._say(str(error).replace(secret, "…") if secret else str(error), error=True)
        else:
            then(result)
        finally:
            self._busy = False

    def _kept(self, name: str | None) -> None:
        """A profile was kept under that name: what was known of it holds no more."""
        if name is not None:
            self._forget(name)
            self._load(name)

    def _forget(self, name: str) -> None:
        self._reports.pop(name, None)
        self._places.pop(name, None)

    async def _choose(self, row: Row) -> str:
        """Have an endpoint write from now on, one that was found after it was added; its name in the settings."""
        name = row.name
        if row.found:
            name = free_name(row.name, self._profiles.listed)
            await self._profiles.keep(name, row.profile)
        await self._profiles.choose(name)
        return name

    def _chosen(self, name: str) -> None:
        if self.is_current:
            self.dismiss(name)

    async def _test(self, name: str) -> None:
        report = self._reports[name] = Report()
        self._testing = name
        self._load()
        try:
            async for finding in self._profiles.examine(name):
                report.findings.append(finding)
                self._show()
            report.state = "ended"
        except ComposerError as error:
            report.findings.append(Finding("the test", str(error), False))
            report.state = "ended"
        finally:
            if report.state == "asking":
                report.state = "stopped"
            self._testing = ""
            if self.is_attached:
                self._load()

    async def _look(self) -> None:
        self._looking = True
        self._load()
        try:
            self._found = await self._profiles.look_around()
        except ComposerError as error:
            self._say(str(error), error=True)
        finally:
            self._looking = False
            if self.is_attached:
                self._load()

    async def _listing(self, name: str, picker: ModelPicker) -> None:
        """Ask a server for its models, for the picker that is open."""
        models: Sequence[str] = ()
        try:
            endpoint = self._profiles.endpoint(name)
            await endpoint.prepare()
            models = tuple(endpoint.models)
        except ComposerError as error:
            self._say(str(error), error=True)
        picker.offer(models)

    # keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """While a key is typed or something is kept, no key acts on the list."""
        return not ((self._keyed or self._busy) and action.startswith(("endpoint_", "report_", "help")))

    def _go(self, at: int) -> None:
        self._asked = None
        self._list.show(self._list.rows, at, self._profiles.chosen, self._looking)
        self._show()

    def action_endpoint_up(self) -> None:
        self._go(self._list.at - 1)

    def action_endpoint_down(self) -> None:
        self._go(self._list.at + 1)

    def action_endpoint_first(self) -> None:
        self._go(0)

    def action_endpoint_last(self) -> None:
        self._go(len(self._list.rows) - 1)

    def action_report_on(self) -> None:
        self._report.scroll_on(1)

    def action_report_back(self) -> None:
        self._report.scroll_on(-1)

    def _ask(self, what: Question) -> bool:
        """Whether this was asked for before, of this endpoint; else it is now."""
        again = self._asked_here == what
        self._asked = None if again else (what, self.row.name)
        self._show()
        if not again:
            self._report.show(self._told(self.row), keep=False)
        return again

    def _unask(self) -> None:
        if self._asked is not None:
            self._asked = None
            self._show()

    def _own(self, needs: str) -> bool:
        """Whether the endpoint under the cursor is one of the settings that can be changed; says why not."""
        row = self.row
        self._unask()
        if row.found:
            self._say(f"{row.name} is not in the settings yet. enter adds it.")
        elif row.profile.embedded:
            self._say(f"The model that is built in {needs}.")
        return not row.found and not row.profile.embedded

    def action_endpoint_choose(self) -> None:
        row = self.row
        if self._asked_here == "test":
            self._asked = None
            self._begin_test(row.name)
            return
        self._unask()
        self._attempt(lambda: self._choose(row), self._chosen)

    def action_endpoint_test(self) -> None:
        row = self.row
        if row.found:
            self._own("")
        elif self._testing:
            self._unask()
            self._say(f"{self._testing} is being tested. x stops that; then t tests another.")
        elif not may_cost(row.profile):
            self._unask()
            self._begin_test(row.name)
        elif self._asked_here != "test":
            self._ask("test")

    def _begin_test(self, name: str) -> None:
        if not self._testing:
            self._testing = name
            self._report.show((), keep=False)
            self.run_worker(self._test(name), group="test", exclusive=True, exit_on_error=False)

    def action_endpoint_stop(self) -> None:
        self._unask()
        if self._testing:
            self.workers.cancel_group(self, "test")
        else:
            self._say("Nothing is being tested.")

    async def action_endpoint_model(self) -> None:
        row = self.row
        if not self._own("is one model"):
            return
        endpoint = self._endpoint(row.name)
        picker = ModelPicker(row.name, tuple(endpoint.models) if endpoint else (), row.profile.model)

        def kept(model: str) -> None:
            self._kept(row.name)
            self._say(f"{row.name} asks for {one_line(model, 80)} now.")

        def chosen(model: str | None) -> None:
            self.workers.cancel_group(self, "models")
            if model:
                profile = replace(row.profile, model=model)
                self._attempt(lambda: self._profiles.keep(row.name, profile, row.name), lambda _: kept(model))

        await self.app.push_screen(picker, chosen)
        self.run_worker(self._listing(row.name, picker), group="models", exclusive=True, exit_on_error=False)

    async def action_endpoint_edit(self) -> None:
        row = self.row
        if row.found:
            self._unask()
            name = free_name(row.name, self._profiles.listed)
            await self._open(f"{name}: answers on this computer", name, row.profile)
        elif self._own("can't be changed"):
            await self._open(row.name, row.name, row.profile, old=row.name)

    def _open(self, title: str, name: str, profile: EndpointProfile, *, old: str = "", at: str = "name") -> AwaitMount:
        # What is typed ahead is for the form: it is waited for.
        taken = set(self._profiles.listed) - {old}
        form = ProfileForm(title, name, profile, self._profiles.keep, taken=taken, old=old, at=at)
        return self.app.push_screen(form, self._kept)

    async def action_endpoint_add(self) -> None:
        self._unask()
        await self.app.push_screen(
            Picker("Add an endpoint: what kind is it?", [Choice(start.name, start.says) for start in STARTS]),
            self._kind_chosen,
        )

    async def _kind_chosen(self, kind: str | None) -> None:
        start = next((start for start in STARTS if start.name == kind), None)
        if start is not None:
            name = free_name(start.name, self._profiles.listed)
            await self._open(f"A new endpoint · {start.says.partition(',')[0]}", name, start.profile, at=start.at)

    def action_endpoint_key(self) -> None:
        if not self._own("needs no key"):
            return
        self._keyed = self.row.name
        self.query_one("#models-key-says", Static).update(
            to_content(
                f"The key of {self._keyed}. It goes into the system keyring, or where there is none into a file for you"
                " alone. It is not shown, here or anywhere."
            )
        )
        self._key_field.take()
        self.query_one("#models-key").display = True
        self.set_focus(self._key_field)
        self._status()

    def _close_key(self) -> tuple[str, str]:
        """Close the field; the name of the endpoint, and the key that stood there."""
        name, self._keyed = self._keyed, ""
        key = self._key_field.take()
        self.query_one("#models-key").display = False
        self.set_focus(None)
        self._status()
        return name, key

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        name, key = self._close_key()
        if not key:
            self._say("No key was given.")
        elif len(key) > LONGEST_KEY:
            self._say("That is too long for a key. Nothing was kept.")
        else:
            self._attempt(lambda: self._profiles.keep_key(name, key), lambda place: self._key_kept(name, place), key)

    def _key_kept(self, name: str, place: str) -> None:
        self._kept(name)
        self._say(f"The key of {name} is kept: {place}".rstrip(".") + ".")

    def action_endpoint_drop(self) -> None:
        if self._asked_here == "drop" or self._own("can't be taken out"):
            row = self.row
            if row.name == self._testing:
                self._say(f"{row.name} is being tested. x stops that first.")
            elif self._ask("drop"):
                self._attempt(lambda: self._profiles.drop(row.name), lambda _: self._dropped(row.name))

    def _dropped(self, name: str) -> None:
        self._forget(name)
        self._load(self._list.at)
        self._say(f"{name} is no longer in the settings.")

    def action_endpoint_look(self) -> None:
        self._unask()
        if not self._looking:
            self.run_worker(self._look(), group="look", exclusive=True, exit_on_error=False)

    def action_models_leave(self) -> None:
        if self._keyed:
            self._close_key()
        elif self._asked is not None:
            self._unask()
        else:
            self.dismiss(None)

    def action_help(self) -> None:
        self._unask()
        self.app.push_screen(Sheet("Help", _help_text(Signs.of(self.app))))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and not self._keyed and not self._busy:
            self._unask()
            if not event.character.isdigit():
                self._say("Letters act here, and this one does nothing. f1 lists the keys, escape goes back.")

    def on_paste(self, event: events.Paste) -> None:
        event.stop()
        self._say("Nothing was pasted: letters act here. K opens a field for a key, e the profile.")


def about(row: Row, endpoint: Endpoint | None, key: str, signs: Signs) -> list[Told]:
    """What is known of an endpoint without asking it. `key` says where its key comes from, in words."""
    profile = row.profile
    if profile.embedded:
        return [
            Told(
                "",
                "It is built into the program: no server, no key, no network. It writes simple prose out of a small"
                " stock of its own, so that everything here can be tried at once. It can't be changed or taken out.",
            ),
            Told("", ""),
            Told("model", row.model),
            Told("window", f"{row.window:,} tokens"),
        ]
    here = "on this computer" if is_here(profile) else "elsewhere: what is sent leaves this computer"
    if row.models is not None:
        return [
            Told(
                "", "It answers, and is not in the settings yet. enter adds it and writes with it, e looks at it first."
            ),
            Told("", ""),
            Told("server", f"{KINDS[profile.server]} at {public_url(profile.base_url)}, {here}"),
            Told("models", one_line(", ".join(row.models), 2000) or "none yet"),
        ]
    told = [
        Told("server", f"{KINDS[profile.server]} at {public_url(profile.base_url)}, {here}"),
        Told("model", row.model or "the first that the server lists; m picks one"),
        Told("key", key),
    ]
    if endpoint is not None:
        said = "as the settings say" if profile.window else "as far as is known"
        told.append(
            Told("window", f"{endpoint.window:,} tokens, {said}; an answer has up to {endpoint.max_tokens:,} of them")
        )
    told.append(Told("template", profile.template or "none: messages are sent, and the server makes one text of them"))
    if profile.sampling:
        told.append(Told("sampling", sampling_text(profile.sampling)))
    for number, (name, fields) in enumerate(profile.presets.items()):
        begins = f"  {signs.here} to begin with" if name == profile.preset else ""
        told.append(Told("" if number else "presets", f"{name}: {sampling_text(fields)}{begins}"))
    return told


def _question(asked: Question, row: Row) -> str:
    """What another key would do now, so that it is known before it is pressed."""
    if asked == "drop":
        return f"delete again takes {row.name} out of the settings file. Its server and its key stay as they are."
    return (
        f"enter tests {row.name}: its models are listed and a few words are asked for at"
        f" {public_url(row.profile.base_url)}, with your key. That may cost a little money. Any other key: no."
    )


def _hints(between: str, *ids: str) -> str:
    known = {key.id: key for key in KEYS}
    return between.join(f"{keymap.shown(known[name])} {known[name].word}" for name in ids)


def _help_text(signs: Signs) -> str:
    """The keys of this screen, and what is drawn on it."""
    lines = [
        "In the models",
        *(f"  {keymap.shown(key):<14} {key.does}" for key in KEYS if keymap.shown(key)),
        "",
        "Signs",
    ]
    meanings = [
        (signs.here, "the cursor"),
        (signs.writing, "the endpoint that writes now"),
        (signs.done, "a test that went well; a thing that was found to work"),
        (signs.failed, "something that does not work; the words behind it say what to do"),
        ("·", "a mere fact"),
        (signs.lands, "a question that wants a key"),
    ]
    lines += [f"  {sign:<14} {meaning}" for sign, meaning in meanings]
    lines += [
        "",
        "Words",
        "  endpoint       a server that speaks the OpenAI protocol, or the model that is built in",
        "  profile        what the settings say of an endpoint",
        "  window         tokens that a request and its answer may hold together",
        "",
        "Nothing here asks a server for text but a test. Where that may cost money it is said first, and enter does it.",
    ]
    return "\n".join(lines)
