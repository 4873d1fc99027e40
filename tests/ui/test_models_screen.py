"""The models on the screen: choosing, testing, adding, editing and taking out endpoints, by keys; and keys that are never seen."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from composer.config import EMBEDDED, EMBEDDED_PROFILE, TEMPLATES, EndpointProfile, Sampling
from composer.errors import RefusedError, SettingsError
from composer.session.ports import Endpoint, Finding, Found
from composer.ui import keymap
from composer.ui.app import ComposerApp, KeyProvider, Look
from composer.ui.helping import help_in_models
from composer.ui.profiles import ROWS, Wrong, meant_url, read, shown_url, values_of
from composer.ui.samplings import parse_sampling, sampling_text
from composer.ui.screens.model_picker import ModelPicker
from composer.ui.screens.models import ModelsScreen
from composer.ui.screens.profile import ProfileForm
from composer.ui.screens.sheet import Sheet
from composer.ui.servers import STARTS, Start, free_name, is_here, key_shown, may_cost
from composer.ui.signs import FANCY
from composer.ui.theming import load_themes
from tests.session.fakes import settle
from tests.ui.desk import Desk, Drawer, desk

LOCAL = EndpointProfile("http://localhost:11434/v1", "llama3.2", kind="ollama", sampling={"min_p": 0.05})
ROUTER = EndpointProfile("https://openrouter.ai/api/v1", "", "OPENROUTER_API_KEY", window=32_768)
MINE = [key for key in keymap.TABLE if key.where == "models"]
STUDIO = Found("lmstudio", EndpointProfile("http://localhost:1234/v1", kind="lmstudio"), ("gemma-3", "qwen-3"))


class Known:
    """What is known of one endpoint; asked for its models it answers when `told` is set."""

    max_tokens = 1024

    def __init__(self, name: str, profile: EndpointProfile, models: Sequence[str]) -> None:
        self.name = name
        self.model = profile.model or ("embedded-fable" if profile.embedded else "")
        self.window = profile.window or 8192
        self.models: Sequence[str] = ()
        self.told = asyncio.Event()
        self.told.set()
        self._models = models

    async def prepare(self) -> None:
        await self.told.wait()
        self.models = self._models


class Drawers:
    """Profiles in memory: what was called is written down, and tests tell what was found when they like."""

    def __init__(self, chosen: str = EMBEDDED, **profiles: EndpointProfile) -> None:
        self.listed: dict[str, EndpointProfile] = {EMBEDDED: EMBEDDED_PROFILE, **profiles}
        self.chosen = chosen
        self.calls: list[tuple[Any, ...]] = []
        self.around: list[Found] = []
        self.keys: dict[str, str] = {}
        self.trouble: SettingsError | None = None
        self.slow: asyncio.Event | None = None
        self.models: Mapping[str, Sequence[str]] = {"local": ("llama3.2", "mistral-small", "llama3.2-vision")}
        self.known: dict[str, Known] = {}
        self.examined: list[str] = []
        self.ended: list[str] = []
        self._told: asyncio.Queue[Finding | SettingsError | None] = asyncio.Queue()

    def endpoint(self, name: str) -> Endpoint:
        if name not in self.listed:
            raise RefusedError(f"There is no endpoint called {name}.")
        if name not in self.known:
            self.known[name] = Known(name, self.listed[name], self.models.get(name, ()))
        return self.known[name]  # type: ignore[return-value]

    async def _write(self, *call: Any) -> None:
        if self.slow is not None:
            await self.slow.wait()
        self.calls.append(call)
        if self.trouble is not None:
            raise self.trouble

    async def keep(self, name: str, profile: EndpointProfile, old: str = "") -> None:
        await self._write("keep", name, profile, old)
        self.known.pop(name, None)
        self.listed = {(name if each == old else each): value for each, value in self.listed.items()}
        self.listed[name] = profile

    async def drop(self, name: str) -> None:
        await self._write("drop", name)
        del self.listed[name]

    async def choose(self, name: str) -> None:
        await self._write("choose", name)
        self.chosen = name

    async def find(self, *findings: Finding | SettingsError | None) -> None:
        """Let the test that runs find this out; None ends it."""
        for finding in findings:
            self._told.put_nowait(finding)
        await settle()

    async def examine(self, name: str) -> AsyncIterator[Finding]:
        self.examined.append(name)
        try:
            while (finding := await self._told.get()) is not None:
                if isinstance(finding, Exception):
                    raise finding
                yield finding
        finally:
            self.ended.append(name)

    async def look_around(self) -> Sequence[Found]:
        self.calls.append(("look",))
        if self.slow is not None:
            await self.slow.wait()
        return tuple(self.around)

    def key_place(self, name: str) -> str:
        place = key_shown(self.listed[name])
        return "none is needed" if place == "none" else f"{place}, which is {'set' if name in self.keys else 'not set'}"

    async def keep_key(self, name: str, key: str) -> str:
        await self._write("keep_key", name)
        self.keys[name] = key
        return "in the system keyring"

    def names(self) -> Sequence[str]:
        return list(self.listed)

    async def close(self) -> None: ...


class Alone(Desk):
    """A screen that stands in the app by itself, so that nothing is drawn but what is tested."""

    answers: list[str | None]

    def __init__(self, app: ComposerApp, pilot: Pilot[Any]) -> None:
        self.app = app
        self.pilot = pilot
        self.answers = []

    async def seen(self) -> None:
        """Keys are done, what can be answered is, and all is painted; what waits for a test goes on waiting."""
        quiet = 0
        while quiet < 2:
            await self.pilot._wait_for_screen()
            await settle()
            if waited_for := [worker for worker in self.app.workers if self.waits_for(worker.group)]:
                await self.app.workers.wait_for_complete(waited_for)
            quiet = quiet + 1 if self._quiet else 0
            self.app.screen._on_timer_update()

    @property
    def _quiet(self) -> bool:
        """Whether nothing waits to be done or painted."""
        screen = self.app.screen
        paints = screen._layout_required or screen._scroll_required or screen._dirty_widgets or screen._callbacks
        nodes = [self.app, *screen.walk_children(with_self=True)]
        return not paints and not any(node.message_queue_size or node._next_callbacks for node in nodes)

    def waits_for(self, group: str) -> bool:
        """Whether work of that group is done before anything is looked at."""
        return group == "key place"

    @property
    def left(self) -> bool:
        """Whether the screen was left."""
        return len(self.app.screen_stack) == 1

    async def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.seen()

    async def to(self, field: str) -> None:
        """Give the keys to a field of the form."""
        self.app.screen.set_focus(self.app.screen.query_one(f"#field-{field}"))
        await self.seen()

    async def put(self, field: str, text: str) -> None:
        """Put text in a field of the form in place of what stands there."""
        entry = self.app.screen.query_one(f"#field-{field}", Input)
        self.app.screen.set_focus(entry)
        entry.value = ""
        await self.paste(text)

    @property
    def field(self) -> str:
        """The name of the field that has the keys."""
        assert self.app.focused is not None
        return (self.app.focused.id or "").removeprefix("field-")


@asynccontextmanager
async def running(
    size: tuple[int, int], keys: dict[str, str] | None = None
) -> AsyncIterator[tuple[ComposerApp, Pilot[Any]]]:
    """The app with no story and no main screen."""
    themes, _ = load_themes(None)
    app = ComposerApp(None, Look(themes, themes[0].name, FANCY, keys or {}, (0.5,)), Drawer())
    # What scrolls is there at once, so that nothing has to be waited for.
    app.animation_level = "none"
    try:
        async with app.run_test(size=size) as pilot:
            yield app, pilot
    finally:
        keymap.give({})


class Counter(Alone):
    """The models by themselves."""

    profiles: Drawers

    async def open(self, profiles: Drawers) -> None:
        self.profiles = profiles
        self.app.push_screen(ModelsScreen(profiles), self.answers.append)
        await self.seen()

    async def find(self, *findings: Finding | SettingsError | None) -> None:
        await self.profiles.find(*findings)
        await self.seen()

    @property
    def calls(self) -> list[tuple[Any, ...]]:
        """What was called, but for looking around."""
        return [call for call in self.profiles.calls if call[0] != "look"]

    @property
    def under(self) -> str:
        """The name under the cursor."""
        assert isinstance(self.app.screen, ModelsScreen)
        return self.app.screen.row.name


@asynccontextmanager
async def counter(
    profiles: Drawers, size: tuple[int, int] = (100, 30), keys: dict[str, str] | None = None
) -> AsyncIterator[Counter]:
    async with running(size, keys) as (app, pilot):
        here = Counter(app, pilot)
        await here.open(profiles)
        yield here


class Slip(Alone):
    """The form of a profile by itself. `kept` is what was to be kept, in order; `trouble` says why nothing can be."""

    kept: list[tuple[str, EndpointProfile, str]]
    trouble: SettingsError | None

    async def keep(self, name: str, profile: EndpointProfile, old: str) -> None:
        if self.trouble is not None:
            raise self.trouble
        self.kept.append((name, profile, old))

    async def open(self, name: str, profile: EndpointProfile) -> None:
        self.kept, self.trouble = [], None
        form = ProfileForm(name, name, profile, self.keep, taken={"router"} - {name}, old=name)
        self.app.push_screen(form, self.answers.append)
        await self.seen()


@asynccontextmanager
async def slip(
    name: str = "local", profile: EndpointProfile = LOCAL, size: tuple[int, int] = (80, 24)
) -> AsyncIterator[Slip]:
    async with running(size) as (app, pilot):
        here = Slip(app, pilot)
        await here.open(name, profile)
        yield here


def full(**more: EndpointProfile) -> Drawers:
    return Drawers(local=LOCAL, router=ROUTER, **more)


# the list


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_the_endpoints_are_listed_a_line_each_with_what_is_known(size: tuple[int, int]) -> None:
    profiles = full()
    profiles.around = [STUDIO]
    async with counter(profiles, size) as at:
        lines = at.screen().splitlines()
        assert "Models · 3 endpoints · now writes: embedded" in lines[0]
        (embedded,) = (line for line in lines if "● embedded" in line)
        assert "built in" in embedded
        assert "8,192" in embedded
        (router,) = (line for line in lines if "router" in line and "32,768" in line)
        assert "OpenRouter" in router
        assert "$OPENRO" in router
        assert ("openrouter.ai/api/v1" in router) == (size[0] >= 120)
        heading = next(number for number, line in enumerate(lines) if "Answers on this computer" in line)
        assert "lmstudio" in lines[heading + 1]
        assert "LM Studio" in lines[heading + 1]
        assert "enter: it goes on writing" in lines[-1] or "enter: goes on" in lines[-1]


async def test_what_is_told_of_the_endpoint_under_the_cursor_names_the_place_of_its_key() -> None:
    async with counter(full(), (120, 30)) as at:
        assert "It is built into the program" in at.screen()
        await at.press("down")
        assert "Ollama at http://localhost:11434/v1, on this computer" in at.screen()
        assert "none is needed" in at.screen()
        assert "min_p=0.05" in at.screen()
        await at.press("j")
        assert "$OPENROUTER_API_KEY, which is not set" in at.screen()
        assert "leaves this computer" in at.screen()
        await at.press("end", "home", "k", "up")
        assert at.under == EMBEDDED


async def test_enter_has_the_endpoint_write_from_now_on_and_leaves_unless_that_cannot_be_written() -> None:
    profiles = full()
    profiles.trouble = SettingsError("The disk [is] full.", "Make room.")
    async with counter(profiles) as at:
        await at.press("down", "enter")
        assert at.answers == []
        assert "The disk [is] full. Make room." in at.notices
        profiles.trouble = None
        await at.press("enter")
        assert at.calls == [("choose", "local")] * 2
        assert at.answers == ["local"]
        assert at.left


async def test_keys_while_the_choice_is_written_do_nothing() -> None:
    profiles = full()
    async with counter(profiles) as at:
        profiles.slow = asyncio.Event()
        await at.press("down", "enter", "t", "a", "delete", "down", "K", "enter")
        assert isinstance(at.app.screen, ModelsScreen)
        assert at.under == "local"
        profiles.slow.set()
        await at.seen()
        assert at.calls == [("choose", "local")]
        assert at.answers == ["local"]
        assert profiles.examined == []


async def test_the_model_that_is_built_in_can_only_be_chosen_and_tested() -> None:
    async with counter(full()) as at:
        for key in ("e", "m", "K", "delete", "delete", "backspace", "backspace"):
            await at.press(key)
            assert isinstance(at.app.screen, ModelsScreen), key
            assert not at.app.screen.query_one("#models-key").display
        assert at.calls == []
        assert any("can't be taken out" in notice for notice in at.notices)
        await at.press("t")
        assert at.profiles.examined == [EMBEDDED]


async def test_help_is_that_of_the_place() -> None:
    async with counter(full()) as at:
        for key in ("question_mark", "f1"):
            await at.press(key)
            assert isinstance(at.app.screen, Sheet)
            assert "In the models" in at.screen()
            await at.press("escape")
        assert isinstance(at.app.screen, ModelsScreen)
    text = help_in_models(FANCY)
    for key in keymap.shown_in("models"):
        assert f"  {key.shown:<14} {key.does}" in text


def test_no_two_actions_share_a_key_and_every_action_exists() -> None:
    names = [name for key in MINE for name in key.keys.split(",")]
    assert len(names) == len(set(names))
    for key in MINE:
        assert hasattr(ModelsScreen, f"action_{key.action}"), key.id


async def test_the_settings_may_give_other_keys_and_they_are_told() -> None:
    keys = {"endpoint.test": "ctrl+y", "endpoint.choose": "w", "help": "f12"}
    async with counter(full(), (200, 40), keys) as at:
        await at.press("down", "t", "enter")
        assert at.profiles.examined == at.calls == []
        assert "w: local writes from now on" in at.screen()
        assert "^y test" in at.screen()
        await at.press("f12")
        assert f"  {'^y':<14} Tests it" in at.screen()
        await at.press("escape", "down", "ctrl+y")
        assert "w tests router" in at.screen()
        await at.press("w")
        assert at.profiles.examined == ["router"]


async def test_the_palette_opens_the_models_and_offers_none_of_their_keys() -> None:
    async with desk() as at:
        provider = KeyProvider(at.main)
        offered = {key.where for key, _ in provider._actions}
        assert offered == {"everywhere", "text", "candidates", "outline"}
        at.app.profiles = full()
        await next(run for key, run in provider._actions if key.id == "model")()
        await at.seen()
        assert isinstance(at.app.screen, ModelsScreen)
        assert KeyProvider(at.app.screen)._actions == []
        await at.press("x", "escape")
        assert at.app.screen is at.main
        assert at.text == ""


# testing


async def test_a_test_tells_line_by_line_and_ends() -> None:
    async with counter(full(), (80, 24)) as at:
        await at.press("down", "t")
        assert at.profiles.examined == ["local"]
        assert "being tested, x stops" in at.screen()
        await at.find(Finding("reached", "answers in 12 ms", True))
        assert "✓ reached   answers in 12 ms" in at.screen()
        assert "asking…" in at.screen()
        long = "It sends none, so that surprise can't be shown. Take a newer server, or none at all."
        await at.find(Finding("logprobs", long, False), Finding("models", "3 of them"), None)
        assert "✗ logprobs  It sends none, so that" in at.screen()
        assert "· models    3 of them" in at.screen()
        assert "asking…" not in at.screen()
        assert "local · tested" in at.screen()
        assert next(line for line in at.screen().splitlines() if "▸  local" in line).rstrip().endswith("✗")


async def test_a_test_is_stopped_by_x_and_what_it_told_stays() -> None:
    async with counter(full()) as at:
        await at.press("down", "t")
        await at.find(Finding("reached", "answers", True))
        await at.press("x")
        assert at.profiles.ended == ["local"]
        assert "✓ reached" in at.screen()
        assert "The test was stopped." in at.screen()
        await at.press("t")
        assert at.profiles.examined == ["local", "local"]
        assert "✓ reached" not in at.screen()


async def test_one_test_runs_at_a_time() -> None:
    async with counter(full(home=EndpointProfile("http://127.0.0.1:8080/v1"))) as at:
        await at.press("down", "t", "end", "t")
        assert at.under == "home"
        assert at.profiles.examined == ["local"]
        assert any("local is being tested" in notice for notice in at.notices)
        await at.find(None)
        await at.press("t")
        assert at.profiles.examined == ["local", "home"]


async def test_no_letter_alone_asks_a_server_elsewhere_for_words() -> None:
    # Letters without an action do nothing, and some open something else.
    letters = {name for key in MINE for name in key.keys.split(",") if len(name) == 1} - set("qaemK")
    assert "t" in letters
    async with counter(Drawers(first=ROUTER, router=ROUTER, last=ROUTER)) as at:
        await at.press("down", "down", *letters, *sorted(letters, reverse=True), "y", "Y")
        await at.press("home", "down", "down", "t", "t", "space", "t", "1", "t")
        assert at.under == "router"
        assert at.profiles.examined == []
        assert at.calls == []


async def test_t_says_what_it_will_do_elsewhere_and_enter_does_it() -> None:
    async with counter(full(), (120, 30)) as at:
        await at.press("down", "down", "t")
        assert at.profiles.examined == []
        assert "asked for at https://openrouter.ai/api/v1" in at.screen()
        assert "enter: asks router for a few words" in at.screen()
        await at.press("t")
        assert at.profiles.examined == []
        await at.press("enter")
        assert at.profiles.examined == ["router"]
        assert at.calls == []


async def test_any_other_key_takes_the_question_back() -> None:
    async with counter(full(), (120, 30)) as at:
        for key in ("escape", "up", "x", "7", "y"):
            await at.press("home", "down", "down", "t")
            assert "That may cost" in at.screen(), key
            await at.press(key)
            assert "That may cost" not in at.screen(), key
            assert "writes from now on" in at.screen(), key
        await at.press("enter")
        assert at.profiles.examined == []
        assert at.calls == [("choose", "router")]


async def test_what_comes_in_while_a_question_is_asked_leaves_it_there() -> None:
    async with counter(full()) as at:
        await at.press("down", "t", "down", "t")
        await at.find(Finding("reached", "answers", True), None)
        await at.press("t")
        assert at.profiles.examined == ["local"]
        assert "That may cost a little money" in at.screen()


async def test_leaving_ends_the_test_and_chooses_nothing() -> None:
    async with counter(full()) as at:
        await at.press("down", "t")
        await at.find(Finding("reached", "answers", True))
        await at.press("escape")
        assert at.left
        assert at.answers == [None]
        assert at.calls == []
        assert at.profiles.ended == ["local"]


async def test_a_test_that_breaks_off_says_why_and_findings_are_plain_text() -> None:
    async with counter(full()) as at:
        await at.press("down", "t")
        await at.find(
            Finding("[red]odd[/]", "said [link=x]\x1b]52;c;no\x07\nhere", None),
            SettingsError("It has gone.", "Start it."),
        )
        assert "· [red]odd[/]" in at.screen()
        assert "said [link=x]]52;c;no" in at.screen()
        assert "✗ the test" in at.screen()
        assert "It has gone. Start it." in at.screen()


async def test_more_than_there_is_room_for_is_read_on_by_page_keys() -> None:
    async with counter(full(), (80, 24)) as at:
        await at.press("down", "t")
        await at.find(*(Finding(f"thing {number}", "as it should be", True) for number in range(30)))
        assert "thing 0 " in at.screen()
        assert "page down: " in at.screen()
        await at.press("pagedown")
        assert "thing 0 " not in at.screen()
        await at.find(Finding("thing 30", "as it should be", True))
        await at.press("pagedown", "pagedown", "pagedown")
        assert "thing 30" in at.screen()
        await at.press("pageup", "pageup", "pageup", "pageup")
        assert "thing 0 " in at.screen()


# servers on this computer


async def test_a_server_that_answers_is_added_and_chosen_by_enter() -> None:
    profiles = full(lmstudio=EndpointProfile("http://elsewhere.example/v1"))
    profiles.around = [STUDIO]
    async with counter(profiles) as at:
        await at.press("end")
        assert "It answers, and is not in the settings yet." in at.screen()
        assert "gemma-3, qwen-3" in at.screen()
        await at.press("t", "delete", "m", "K")
        assert profiles.examined == []
        await at.press("enter")
        assert at.calls == [("keep", "lmstudio-2", STUDIO.profile, ""), ("choose", "lmstudio-2")]
        assert at.answers == ["lmstudio-2"]


@pytest.mark.paints
async def test_looking_around_again_finds_what_was_started_since_and_the_cursor_stays() -> None:
    profiles = full()
    async with counter(profiles) as at:
        assert "None on the usual ports" in at.screen()
        await at.press("down")
        profiles.around = [STUDIO]
        profiles.slow = asyncio.Event()
        await at.press("r", "r")
        assert "looking…" in at.screen()
        profiles.slow.set()
        await at.seen()
        assert "lmstudio" in at.screen()
        assert at.under == "local"
        assert profiles.calls == [("look",), ("look",)]
        await at.press("end", "e")
        assert isinstance(at.app.screen, ProfileForm)
        assert at.screen().splitlines()[-1].split()[:3] == ["TYPING", "│", "enter:"]
        await at.press("enter")
        assert at.calls == [("keep", "lmstudio", STUDIO.profile, "")]
        # It is in the settings now, so it is no longer among those that only answer.
        assert "None on the usual ports" in at.screen()


# the model


async def test_a_model_is_picked_from_those_that_the_server_has_or_typed_and_one_that_is_whole_is_meant() -> None:
    profiles = full()
    profiles.models = {"local": ("llama3.2-vision", "mistral-small", "llama3.2")}
    async with counter(profiles) as at:
        await at.press("down", "m")
        assert "3 models" in at.screen()
        assert "llama3.2-vision" in at.screen()
        await at.press(*"small", "enter")
        assert at.calls == [("keep", "local", msgspec.structs.replace(LOCAL, model="mistral-small"), "local")]
        assert any("asks for mistral-small" in notice for notice in at.notices)
        for typed, model in (
            ("llama3.2", "llama3.2"),
            ("my/own-model", "my/own-model"),
            ("mistral-smal", "mistral-small"),
        ):
            await at.press("m", *typed, "enter")
            assert at.profiles.listed["local"].model == model
        await at.press("m", *"llama", "down", "enter")
        assert at.profiles.listed["local"].model == "llama3.2"
        # A name that is like another can still be taken as typed.
        await at.press("m", *"mistral", "pagedown", "enter")
        assert at.profiles.listed["local"].model == "mistral"


async def test_before_the_server_has_answered_escape_leaves_the_list_and_enter_waits() -> None:
    profiles = full()
    async with counter(profiles) as at:
        known = profiles.endpoint("local")
        assert isinstance(known, Known)
        known.told.clear()
        await at.press("down", "m", "escape")
        known.told.set()
        await at.seen()
        assert isinstance(at.app.screen, ModelsScreen)
        known.told.clear()
        await at.press("m", *"small", "enter")
        assert isinstance(at.app.screen, ModelPicker)
        assert at.calls == []
        known.told.set()
        await at.seen()
        assert at.calls[0][2].model == "mistral-small"


# keys


def everything(at: Counter) -> str:
    """All text that is held by anything on any screen, and by the app."""
    held = [at.app.clipboard, *at.notices]
    for screen in at.app.screen_stack:
        held += [str(getattr(widget, "value", "")) for widget in screen.walk_children()]
        held += [str(vars(screen)), str(screen.title)]
    return "\n".join(held) + at.app.export_screenshot() + at.screen()


async def test_a_key_is_masked_handed_on_and_gone(secret: str) -> None:
    async with counter(full()) as at:
        await at.press("down", "down", "K", *secret)
        assert secret not in at.app.export_screenshot()
        assert secret not in at.screen()
        assert "•" * len(secret) in at.screen()
        assert "TYPING a key" in at.screen()
        await at.press("ctrl+shift+a", "ctrl+c")
        assert at.app.clipboard == ""
        await at.press("enter")
        assert at.profiles.keys == {"router": secret}
        assert at.calls == [("keep_key", "router")]
        assert any("The key of router is kept: in the system keyring." in notice for notice in at.notices)
        assert "which is set" in at.screen()
        assert secret not in everything(at)
        assert at.under == "router"


async def test_a_key_that_is_pasted_is_taken_as_a_word_and_one_that_is_not_given_is_forgotten(secret: str) -> None:
    async with counter(full()) as at:
        await at.press("down", "down", "K")
        await at.paste(secret)
        await at.press("ctrl+shift+a", "ctrl+x")
        assert at.app.clipboard == ""
        await at.paste(secret)
        assert "•" * len(secret) in at.screen()
        await at.press("escape")
        assert isinstance(at.app.screen, ModelsScreen)
        assert secret not in everything(at)
        await at.press("K", "enter")
        assert at.calls == []
        await at.press("K")
        await at.paste(f"{secret[:10]} {secret[10:]}\r\n")
        await at.press("enter")
        assert at.profiles.keys == {"router": secret}


async def test_keys_for_the_list_are_letters_while_a_key_is_typed() -> None:
    async with counter(full()) as at:
        await at.press("down", "down", "K", *"tmearxK?", "up", "down", "pageup", "f1")
        assert at.under == "router"
        assert isinstance(at.app.screen, ModelsScreen)
        await at.press("enter")
        assert at.profiles.keys == {"router": "tmearxK?"}
        assert at.profiles.examined == []


async def test_an_error_that_quotes_the_key_is_shown_without_it(secret: str) -> None:
    profiles = full()
    profiles.trouble = SettingsError(f"The keyring does not want {secret}.", "Unlock it.")
    async with counter(profiles) as at:
        await at.press("down", "down", "K")
        await at.paste(secret)
        await at.press("enter")
        assert any("The keyring does not want …. Unlock it." in notice for notice in at.notices)
        assert secret not in everything(at)


# taking out


async def test_an_endpoint_is_taken_out_when_delete_is_pressed_again() -> None:
    async with counter(full()) as at:
        await at.press("down", "delete")
        assert at.calls == []
        assert "delete again takes local out" in at.screen()
        await at.press("down", "delete", "up", "delete")
        assert at.calls == []
        await at.press("backspace")
        assert at.calls == [("drop", "local")]
        assert at.under == "router"
        assert "2 endpoints" in at.screen()


async def test_an_endpoint_that_is_being_tested_is_not_taken_out() -> None:
    async with counter(full()) as at:
        await at.press("down", "t", "delete", "delete")
        assert at.calls == []
        assert any("x stops that first" in notice for notice in at.notices)


# adding and editing


@pytest.mark.parametrize("start", STARTS, ids=lambda start: start.name)
def test_every_kind_that_can_be_added_is_one_that_the_settings_take(start: Start) -> None:
    found = read(values_of(start.name, start.profile), start.profile, ())
    if start.name == "server":
        assert isinstance(found, Wrong)
        assert found.row == start.at
    else:
        assert found == (start.name, start.profile)
        assert start.profile.server == start.profile.kind


async def test_an_endpoint_is_added_with_what_is_usual_for_its_kind_also_typed_ahead() -> None:
    async with counter(full(ollama=LOCAL)) as at:
        await at.press("a")
        assert "what kind is it?" in at.screen()
        await at.press("escape")
        await at.press("a", *"olla", "enter", "down", "down", *"phi4", "enter")
        kept = EndpointProfile("http://localhost:11434/v1", "phi4", kind="ollama")
        assert at.calls == [("keep", "ollama-2", kept, "")]
        assert at.under == "ollama-2"


@pytest.mark.slow
async def test_what_is_wrong_is_said_at_its_row_and_nothing_is_lost() -> None:
    async with slip(size=(80, 24)) as at:
        await at.put("model", "[b]odd[/b]")
        await at.put("window", "many")
        await at.press("enter")
        lines = at.screen().splitlines()
        row = next(number for number, line in enumerate(lines) if "window" in line)
        assert "many" in lines[row]
        assert "✗ Takes a number of tokens." in lines[row + 1]
        assert at.field == "window"
        await at.press(*["backspace"] * 4, *"16,384")
        assert "✗" not in at.screen()
        # What is wrong in the last row is scrolled to.
        await at.put("preset-1", "wild: top_p")
        await at.to("name")
        await at.press("enter")
        lines = at.screen().splitlines()
        row = next(number for number, line in enumerate(lines) if "wild: top_p" in line)
        assert "✗ top_p has no value. Write it like top_p=0.9." in lines[row + 1]
        assert at.field == "preset-1"
        await at.press(*"=1")
        # What can't be kept stays in the form.
        at.trouble = SettingsError("The settings can't be written.", "Look at the disk.")
        await at.press("enter")
        await at.to("name")
        assert "The settings can't be written. Look at the disk." in at.screen()
        assert at.kept == []
        at.trouble = None
        await at.press("enter")
        profile = msgspec.structs.replace(LOCAL, model="[b]odd[/b]", window=16384, presets={"wild": {"top_p": 1}})
        assert at.kept == [("local", profile, "local")]
        assert at.answers == ["local"]


@pytest.mark.slow
async def test_escape_asks_once_where_something_was_changed_and_ctrl_q_leaves_the_program() -> None:
    async with slip() as at:
        await at.press("escape")
        assert at.left
        await at.open("local", LOCAL)
        left: list[bool] = []
        at.app.leave = lambda result=None: left.append(True)  # type: ignore[method-assign]
        await at.press("x", "escape")
        assert isinstance(at.app.screen, ProfileForm)
        assert "Something was changed" in at.screen()
        await at.press("y", "escape")
        assert isinstance(at.app.screen, ProfileForm)
        assert left == []
        await at.press("ctrl+q")
        assert left == [True]
        assert at.kept == []


async def test_escape_pressed_again_leaves_what_was_changed() -> None:
    async with slip() as at:
        await at.press("x", "escape", "escape")
        assert at.left
        assert at.kept == []


@pytest.mark.slow
async def test_renaming_takes_the_old_name_along_and_a_taken_one_is_refused() -> None:
    async with counter(full()) as at:
        await at.press("down", "e")
        await at.press("end", *["backspace"] * 5, *"router", "enter")
        assert "There is another endpoint called router." in at.screen()
        await at.put("name", "desk")
        await at.press("enter")
        assert at.calls == [("keep", "desk", LOCAL, "local")]
        assert at.under == "desk"


@pytest.mark.slow
async def test_choices_turn_and_each_place_of_a_key_keeps_what_was_typed() -> None:
    async with slip("router", ROUTER) as at:
        await at.to("way")
        assert "[environment]" in at.screen()
        await at.press("right", "down", *"~/key", "up")
        assert "[file]" in at.screen()
        await at.press("left")
        assert "OPENROUTER_API_KEY" in at.screen()
        await at.press("n")
        assert "[none]" in at.screen()
        await at.press("down")
        # Nothing can be typed for no key, so the row is passed over.
        assert at.field == "template"
        await at.press("up", "f", "enter")
        assert at.kept == [("router", msgspec.structs.replace(ROUTER, key_env="", key_file="~/key"), "router")]


@pytest.mark.slow
async def test_no_secret_is_seen_in_the_form_whether_it_is_in_the_address_or_in_the_wrong_row(secret: str) -> None:
    profile = EndpointProfile("https://wren:saltmouth@models.example/v1?token=saltmouth", "one", "WREN_KEY")
    async with slip("mine", profile) as at:
        assert "https://…@models.example/v1?…" in at.screen()
        await at.put("key", secret)
        await at.press("enter")
        assert "That looks like a key" in at.screen()
        assert secret not in everything(at)
        assert at.kept == []
        await at.press("up", "left", "right")
        assert secret not in everything(at)
        assert "saltmouth" not in everything(at).replace(str(vars(at.app.screen)), "")
        await at.put("key", "WREN_KEY")
        await at.put("model", "two")
        await at.press("enter")
        assert at.kept == [("mine", msgspec.structs.replace(profile, model="two"), "mine")]


@pytest.mark.slow
async def test_presets_have_a_row_each_and_there_is_always_one_more_also_for_pasted_lines() -> None:
    async with slip() as at:
        await at.press("up")
        assert at.field == "preset-1"
        await at.type("w: top_p=1")
        await at.press("down")
        assert at.field == "preset-2"
        await at.paste('calm: top_p=0.5 stop=["***"]\n\nodd: top_k=3\n')
        await at.put("preset-1", " ")
        await at.press("enter")
        assert at.kept[0][1].presets == {"calm": {"top_p": 0.5, "stop": ["***"]}, "odd": {"top_k": 3}}


# values


@pytest.mark.parametrize(
    ("text", "sampling"),
    [
        ("", {}),
        ("  \n ", {}),
        ("top_p=0.9", {"top_p": 0.9}),
        ("top_p = .5, top_k=40,min_p=1e-3", {"top_p": 0.5, "top_k": 40, "min_p": 0.001}),
        ("mirostat=2 penalize_newline=false cache=true", {"mirostat": 2, "penalize_newline": False, "cache": True}),
        ("presence_penalty=-0.5 repeat_last_n=-1 a=+2", {"presence_penalty": -0.5, "repeat_last_n": -1, "a": 2}),
        (r'stop="***"', {"stop": "***"}),
        (r"""stop=["\n\n", '#', "a \"b\" \\ \u00e9"]""", {"stop": ["\n\n", "#", 'a "b" \\ é']}),
        ("stop=[] x=1", {"stop": [], "x": 1}),
        ('logit_bias={50256: -100, "the": 2.5}', {"logit_bias": {"50256": -100.0, "the": 2.5}}),
        ("logit_bias={}", {"logit_bias": {}}),
        ('stop="a=b [c] {d}" top_p=1.0', {"stop": "a=b [c] {d}", "top_p": 1.0}),
        ("stop='it is \"so\"'", {"stop": 'it is "so"'}),
        ("chat-template=1", {"chat-template": 1}),
    ],
)
def test_a_sampling_is_read(text: str, sampling: Sampling) -> None:
    found = parse_sampling(text)
    assert found == sampling
    assert [type(value) for value in found.values()] == [type(value) for value in sampling.values()]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("top_p", "top_p has no value."),
        ("top_p=", "top_p has no value."),
        ("top_p=0.9min_p=1", "not a number"),
        ("top_p=0,9", "Decimals are written with a point"),
        ("=0.9", "“=” is not the name of a field."),
        ("0.9", "“0.9” is not the name of a field."),
        ("top_p=0.9.1", "top_p=0.9.1 is not a number."),
        ("top_p=--1", "top_p=--1 is not a number."),
        ("top_p=1e999", "too large"),
        ("top_p=1" + "0" * 400, "too large"),
        ("stop=END", 'Texts stand in quotes: stop="END".'),
        ('stop="END', "no closing quote"),
        ("stop='END", "Put a ' at its end."),
        ('stop="a"b=1', "After stop comes “b”."),
        (r'stop="\x41"', r"\x is not a character."),
        (r'stop="\ud800"', r"\ud800 is not a character."),
        ("stop=[1]", "The list of stop holds “1”."),
        ("stop=[true]", "Lists hold texts in quotes"),
        ('stop=["a"', "The bracket behind stop= is not closed."),
        ("stop=[", "Put a ] at its end."),
        ("logit_bias={the: 1}", "in place of a token"),
        ("logit_bias={5}", "has no number for 5."),
        ("logit_bias={5: x}", "has no number for 5."),
        ("logit_bias={5: 1, 5: 2}", "holds 5 twice"),
        ("logit_bias={5: 1", "Put a } at its end."),
        ("top_p=1 top_p=2", "top_p is given twice."),
        ("top_p=True", "neither a number nor true or false"),
        ("top_p={", "Put a } at its end."),
        ("top_p=]", "top_p has no value."),
    ],
)
def test_what_is_wrong_with_a_sampling_is_said(text: str, says: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_sampling(text)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 200


texts = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12)
names = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,8}", fullmatch=True)
numbers = st.integers(-(10**9), 10**9) | st.floats(allow_nan=False, allow_infinity=False)
samplings: st.SearchStrategy[Sampling] = st.dictionaries(
    names.filter(lambda name: name not in ("model", "messages", "stream", "n", "seed", "max_tokens", "tools")),
    st.booleans()
    | numbers
    | texts
    | st.lists(texts, max_size=3)
    | st.dictionaries(texts.filter(str.isprintable), st.floats(-100, 100)),
    max_size=4,
)


@given(samplings)
def test_a_sampling_is_read_as_it_is_written(sampling: Sampling) -> None:
    assert parse_sampling(sampling_text(sampling)) == sampling


@given(st.text(alphabet="ab=0.,-\"'\\[]{}: \n", max_size=30))
def test_any_text_is_a_sampling_or_is_refused_in_a_sentence(text: str) -> None:
    try:
        found = parse_sampling(text)
    except SettingsError as error:
        refused = error
    else:
        assert parse_sampling(sampling_text(found)) == found
        return
    assert refused.sentence.endswith(".")
    assert refused.next_step


words = st.text(st.characters(categories=("L", "N", "P")), max_size=12)
keys = st.sampled_from(
    [
        {},
        {"key_env": "WREN_KEY"},
        {"key_file": "~/keys/wren \u201ctwo\u201d"},
        {"key_command": ("pass", "show", "a b", "it's")},
        {"keyring": True},
    ]
)


@given(
    keys,
    st.sampled_from(["http://localhost:11434/v1", "https://wren:[x@models.example:81/v1?key=1#2", "https://a.example"]),
    st.dictionaries(st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.:-]{0,9}", fullmatch=True), samplings, max_size=2),
    samplings,
    words,
    st.integers(0, 100_000),
    st.booleans(),
)
def test_every_field_of_a_profile_survives_the_form(
    key: dict[str, Any],
    url: str,
    presets: dict[str, Sampling],
    sampling: Sampling,
    word: str,
    number: int,
    flag: bool,
) -> None:
    url = url.replace("[", "")
    profile = EndpointProfile(
        url,
        word,
        **key,
        kind="vllm" if flag else "",
        window=number,
        max_tokens=number // 2,
        sampling=sampling,
        presets=presets,
        preset=next(iter(presets), ""),
        template=TEMPLATES[number % len(TEMPLATES)] if flag else "",
        suffix=flag,
        continues="ask" if flag else "",
        thinks=flag,
        logprobs=number % 22 - 1,
        concurrency=number % 65,
        together=flag,
        first_seconds=number % 3600 + 1,
        between_seconds=number % 3600 + 1,
    )
    assert read(values_of("wren", profile), profile, ()) == ("wren", profile)


def test_the_form_has_a_row_for_every_field_of_a_profile() -> None:
    shown = {row.name for row in ROWS} | {"key_env", "key_file", "key_command", "keyring", "presets"}
    assert set(EndpointProfile.__struct_fields__) <= shown


@pytest.mark.parametrize(
    ("changed", "row", "says"),
    [
        ({"name": " "}, "name", "An endpoint needs a name."),
        ({"name": "router"}, "name", "another endpoint called router"),
        ({"name": "two words"}, "name", "no name for an endpoint"),
        ({"name": "embedded"}, "name", "the built-in model"),
        ({"base_url": ""}, "base_url", "Takes an address that begins with http"),
        ({"base_url": "localhost:8080"}, "base_url", "Takes an address"),
        ({"base_url": "http://"}, "base_url", "Takes an address"),
        ({"model": "m" * 201}, "model", "Takes the model's name"),
        ({"way": "key_env", "key": ""}, "key", "It says nowhere to look."),
        ({"way": "key_env", "key": "wren-key"}, "key", "Takes the name, in capitals,"),
        ({"way": "key_command", "key": "pass 'show"}, "key", "A quote in the command is not closed."),
        ({"window": "8k"}, "window", "Takes a number of tokens"),
        ({"max_tokens": "-4"}, "max_tokens", "Takes a number of tokens"),
        ({"logprobs": "21"}, "logprobs", "Takes a number from 0 to 20"),
        ({"concurrency": "1.5"}, "concurrency", "Takes a number from 0 to 64"),
        ({"first_seconds": "0"}, "first_seconds", "Takes a number of seconds"),
        ({"sampling": "top_p"}, "sampling", "top_p has no value. Write it like top_p=0.9."),
        ({"sampling": "model=1"}, "sampling", "Model is set by the program itself."),
        ({"sampling": 'top_p={"a": 1}', "preset-1": "wild"}, "preset-1", "A preset is a name, a colon and its fields"),
        ({"preset-1": ": top_p=1"}, "preset-1", "A preset is a name"),
        ({"preset-1": "a: top_p=1", "preset-2": "a: top_p=2"}, "preset-2", "another preset called a"),
        ({"preset-1": "a: top_p=x"}, "preset-1", "Texts stand in quotes"),
        ({"preset-1": "two words: top_p=1"}, "preset-1", "no name for a preset"),
        ({"preset-1": "a: stream=true"}, "preset-1", "is set by the program itself"),
        ({"preset": "wild"}, "preset", "There is no preset wild."),
    ],
)
def test_what_is_wrong_is_known_by_its_row(changed: dict[str, str], row: str, says: str) -> None:
    found = read(values_of("local", LOCAL) | changed, LOCAL, {"router"})
    assert isinstance(found, Wrong)
    assert found.row == row
    assert says in found.words
    assert "line " not in found.words
    assert not found.key


@pytest.mark.parametrize("way", ["key_env", "key_file", "key_command"])
def test_a_key_is_known_wherever_it_was_put(way: str, secret: str) -> None:
    found = read(values_of("local", LOCAL) | {"way": way, "key": secret}, LOCAL, ())
    assert isinstance(found, Wrong)
    assert found.key
    assert secret not in found.words


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://localhost:11434/v1", "http://localhost:11434/v1"),
        ("https://a:b@c.example/v1", "https://…@c.example/v1"),
        ("https://a:b@c@d.example:8/v1?k=1#f", "https://…@d.example:8/v1?…"),
        ("https://c.example/v1#f", "https://c.example/v1#…"),
        ("http://", "http://"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_what_may_be_secret(url: str, shown: str) -> None:
    assert shown_url(url) == shown
    assert meant_url(shown, url) == url
    assert meant_url("http://other.example/v1", url) == "http://other.example/v1"


def test_a_changed_address_keeps_its_password_only_where_its_sign_was_left() -> None:
    url = "https://a:b@c.example/v1?k=1"
    assert meant_url("https://…@d.example/v1", url) == "https://a:b@d.example/v1"
    assert meant_url("https://d.example/v1?…", url) == "https://d.example/v1?k=1"


@pytest.mark.parametrize(
    ("url", "here", "costs"),
    [
        ("http://localhost:11434/v1", True, False),
        ("http://127.0.0.2:9/v1", True, False),
        ("http://[::1]:9/v1", True, False),
        ("http://box.localhost/v1", True, False),
        ("http://localhost.example/v1", False, True),
        ("http://192.168.1.5:8080/v1", False, True),
        ("https://api.openai.com/v1", False, True),
        ("http://localhost:4000/v1", True, True),
        ("http://[x/v1", False, True),
    ],
)
def test_what_answers_here_and_what_may_cost(url: str, here: bool, costs: bool) -> None:
    profile = EndpointProfile(url)
    assert is_here(profile) == here
    assert may_cost(profile) == costs


def test_models_that_a_server_here_hands_on_may_cost() -> None:
    assert may_cost(msgspec.structs.replace(LOCAL, model="gpt-oss:120b-cloud"))
    assert not may_cost(EMBEDDED_PROFILE)


def test_a_name_is_made_free() -> None:
    assert free_name("a", ()) == "a"
    assert free_name("a", {"a", "a-2"}) == "a-3"
