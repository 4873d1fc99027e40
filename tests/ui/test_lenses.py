"""The lenses by keys: they are listed, read, changed, added and taken out, and what is typed in the form is lost by nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.keys import _character_to_key

from composer.errors import SettingsError
from composer.session.ports import Lens
from composer.store.lenses import LensFolder
from composer.ui import keymap
from composer.ui.app import KeyProvider
from composer.ui.screens import lenses as module
from composer.ui.screens.lenses import TOLD, LensesScreen, LensForm, help_in_lenses, kinds_of, show_lenses
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import FANCY, PLAIN
from composer.ui.widgets.notebook import LeafText, PlainEdit
from composer.ui.widgets.picks import PicksView
from tests.session.fakes import settle
from tests.ui.desk import LENSES, Desk, Drawer, desk

MINE = [key for key in keymap.TABLE if key.where == "lenses"]
OURS = [lens.name for lens in LENSES]


class Glass(Desk):
    """The lenses on a desk."""

    @property
    def screen_(self) -> LensesScreen:
        screen = self.app.screen
        assert isinstance(screen, LensesScreen)
        return screen

    @property
    def form(self) -> LensForm:
        screen = self.app.screen
        assert isinstance(screen, LensForm)
        return screen

    @property
    def under(self) -> str:
        """The name under the cursor; empty where there is no lens."""
        return lens.name if (lens := self.screen_.lens) else ""

    @property
    def drawer(self) -> Drawer:
        library = self.app.library
        assert isinstance(library, Drawer)
        return library

    @property
    def names(self) -> list[str]:
        return [lens.name for lens in self.drawer.lenses()]

    @property
    def words(self) -> str:
        """What is said on the screen, however it is wrapped."""
        return " ".join(self.screen().translate({ord("║"): " ", ord("│"): " "}).split())

    @property
    def last(self) -> str:
        return self.screen().splitlines()[-1]

    async def paste(self, text: str) -> None:
        self.app.post_message(events.Paste(text))
        await self.seen()

    def send(self, *keys: str) -> None:
        """Keys that nobody waits for."""
        for key in keys:
            name, char = (_character_to_key(key), key) if len(key) == 1 else (key, None)
            self.app.post_message(events.Key(name, char))


@asynccontextmanager
async def glass(size: tuple[int, int] = (120, 40), drawer: Drawer | None = None) -> AsyncIterator[Glass]:
    async with desk(size=size) as at:
        made = Glass(at.app, at.pilot, at.session, at.endpoint)
        at.app.library = drawer or Drawer()
        show_lenses(at.app)
        await made.seen()
        yield made


class Slow(Drawer):
    """A library that answers when the gate is open, and remembers who asked."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()
        self.gate.set()
        self.threads: set[threading.Thread] = set()

    def _pass(self) -> None:
        self.threads.add(threading.current_thread())
        self.gate.wait(5)

    def lenses(self) -> Sequence[Lens]:
        self._pass()
        return super().lenses()

    def lens_problems(self) -> Sequence[str]:
        self._pass()
        return super().lens_problems()

    def keep_lens(self, name: str, text: str, old: str = "") -> None:
        self._pass()
        super().keep_lens(name, text, old)

    def drop_lens(self, name: str) -> None:
        self._pass()
        super().drop_lens(name)


class Folder(Drawer):
    """The lenses of a real folder."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = LensFolder(folder)

    def lenses(self) -> Sequence[Lens]:
        return self.folder.lenses()

    def lens_problems(self) -> Sequence[str]:
        return self.folder.problems

    def keep_lens(self, name: str, text: str, old: str = "") -> None:
        self.folder.keep(name, text, old)

    def drop_lens(self, name: str) -> None:
        self.folder.drop(name)


# what is whose


def test_what_a_lens_is_is_told_by_the_order() -> None:
    def kinds(*lenses: str, ours: Sequence[str] = ()) -> str:
        made = [Lens(name.strip("*"), "words", own=name.startswith("*")) for name in lenses]
        return " ".join(kind or "-" for kind in kinds_of(made, frozenset(ours)))

    assert kinds() == ""
    assert kinds("plain", "*kin", "list", "*ash", "*Elm") == "- changed - yours yours"
    # Behind what is the writer's nothing goes back in the alphabet.
    assert kinds("plain", "*list", "*ash", "*elm") == "- changed yours yours"
    assert kinds("plain", "*kin", "*list") == "- yours yours"
    assert kinds("plain", "*kin", "*list", ours=["kin"]) == "- changed yours"
    assert kinds("*kin") == "yours"


@given(
    st.lists(st.booleans(), min_size=1, max_size=8),
    st.lists(st.sampled_from(["ash", "Beech", "elm", "yew", "塩"]), unique=True),
)
def test_whatever_is_changed_and_added_is_told(changed: list[bool], added: list[str]) -> None:
    ours = [Lens(f"{9 - at} of ours", "words", own=own) for at, own in enumerate([*changed, False])]
    yours = [Lens(name, "words", own=True) for name in sorted(added, key=str.casefold)]
    told = ["changed" if own else "" for own in [*changed, False]] + ["yours"] * len(yours)
    assert kinds_of([*ours, *yours]) == told


# looking


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_lenses_are_listed_with_the_words_of_the_one_under_the_cursor(size: tuple[int, int]) -> None:
    drawer = Drawer()
    drawer.keep_lens("to-do list", "Nothing but chores. " * 9, "to-do list")
    drawer.keep_lens("letters to no one", "Let it be told in letters that are never sent.")
    async with glass(size, drawer) as at:
        lines = at.screen().splitlines()
        assert lines[0].strip() == "Lenses · 5 · 1 changed · 1 yours"
        assert any("▸ plain draft" in line and "Write it plainly" in line for line in lines)
        assert any("  letters to no one" in line and "yours" in line for line in lines)
        assert "plain draft · 5 words" in at.screen()
        assert "enter: edits" in at.last
        assert all(hint in at.last for hint in ("a add", "delete take out", "esc back"))
        await at.press("j")
        assert at.under == "to-do list"
        assert "to-do list · changed · 27 words" in at.screen()
        assert at.screen().count("Nothing but chores.") > 5
        await at.press("end")
        assert "letters to no one · yours · 10 words" in at.screen()
        await at.press("down", "up", "k", "k", "home", "k")
        assert at.under == "plain draft"
        await at.press("escape")
        assert at.app.screen is at.main


async def test_long_words_are_read_on_by_screens() -> None:
    drawer = Drawer()
    drawer.keep_lens("plain draft", "\n".join(f"Rule {number}: be plain." for number in range(1, 40)), "plain draft")
    async with glass((80, 24), drawer) as at:
        assert "Rule 1:" in at.screen()
        assert "page down: more" in at.screen()
        await at.press(*["pagedown"] * 9)
        assert "Rule 39:" in at.screen()
        await at.press("pageup")
        assert "Rule 39:" not in at.screen()


async def test_without_any_it_says_what_to_do() -> None:
    drawer = Drawer()
    drawer.hidden = set(OURS)
    async with glass(drawer=drawer) as at:
        assert "There is no lens. a adds one." in at.screen()
        assert "a: adds one" in at.last
        for key in ("enter", "delete"):
            await at.press(key)
            assert at.notices == ["There is no lens. a adds one."]
        await at.press("up", "down", "home", "end", "pagedown")
        assert at.under == ""


@pytest.mark.slow
async def test_files_that_are_no_lenses_are_told_of_at_the_foot() -> None:
    drawer = Drawer()
    async with glass((80, 24), drawer) as at:
        assert not at.app.screen.query_one("#lenses-foot").display
    drawer.problems = [f"{name}.txt is empty: write a name in its first line." for name in ("one", "two")]
    async with glass((80, 24), drawer) as at:
        lines = at.screen().splitlines()
        assert lines[-3].strip() == "✗ one.txt is empty: write a name in its first line."
        assert lines[-2].strip() == "✗ two.txt is empty: write a name in its first line."
        assert "LETTERS" in lines[-1]
    drawer.problems *= 3
    drawer.own["a | b"] = Lens("a | b", "Words.", own=True)
    async with glass((80, 24), drawer) as at:
        assert f"and {7 - TOLD} more" in at.screen()
    drawer.problems = []
    async with glass((80, 24), drawer) as at:
        assert "a | b can't be chosen in a request: take the | out of its name." in at.screen()


# changing


async def test_words_are_changed_and_kept_as_the_writers() -> None:
    async with glass() as at:
        await at.press("j", "e")
        assert "Lens: to-do list" in at.screen()
        assert isinstance(at.app.focused, PlainEdit)
        await at.press("end")
        await at.type(" No more than ten.")
        await at.press("escape")
        words = "Let it be a to-do list of the one who lives through it. No more than ten."
        assert at.drawer.own == {"to-do list": Lens("to-do list", words, own=True)}
        assert at.names == OURS
        assert at.under == "to-do list"
        assert "to-do list · changed" in at.screen()


async def test_opening_one_changes_nothing_and_neither_does_typing_it_back() -> None:
    async with glass() as at:
        await at.press("enter")
        at.form.keep_now()
        await at.press("escape")
        assert at.drawer.own == {}
        await at.press("enter", "end", "!", "ctrl+s")
        assert at.drawer.own["plain draft"].text.endswith("ornament.!")
        assert "Kept. esc goes back." in at.screen()
        await at.press("backspace", "shift+tab", "end", "s", "ctrl+s")
        assert at.names == [*OURS[1:], "plain drafts"]
        await at.press("backspace", "escape")
        assert at.drawer.own == {}
        assert at.names == OURS
        assert at.under == "plain draft"


async def test_one_is_renamed_and_no_half_name_is_kept() -> None:
    async with glass() as at:
        await at.press("j", "enter", "end", "!", "shift+tab", "end")
        await at.type(" of hers")
        at.form._keep_soon()
        assert at.form._writing is not None
        await at.form._writing
        assert at.names == OURS
        await at.press("tab")
        at.form._keep_soon()
        await at.form._writing
        assert "to-do list of hers" in at.names
        await at.press("escape")
        assert at.names == [name for name in OURS if name != "to-do list"] + ["to-do list of hers"]
        assert at.drawer.own["to-do list of hers"].text.endswith("through it.!")
        assert at.under == "to-do list of hers"
        assert at.screen_.query_one(PicksView).picks[3].told == "yours"


@pytest.mark.paints
@pytest.mark.slow
async def test_one_is_added_by_name_and_words() -> None:
    async with glass() as at:
        await at.press("a")
        assert "New lens" in at.screen()
        assert "TYPING" in at.last
        assert "esc: keeps it" in at.last
        await at.type("as a map")
        await at.press("enter")
        await at.type("Tell it by places.")
        await at.paste("First the harbour.\r\n\x1bThen the hill.")
        await at.press("escape")
        assert at.drawer.own["as a map"].text == "Tell it by places.First the harbour.\nThen the hill."
        assert at.under == "as a map"
        assert "LETTERS" in at.last


async def test_a_text_that_is_pasted_for_a_name_is_the_words() -> None:
    async with glass() as at:
        await at.press("a")
        await at.type("as a map")
        await at.paste("Tell it by places.\nFirst the harbour.")
        await at.press("ctrl+z")
        assert at.form.said == ("as a map", "")
        await at.press("ctrl+y", "up", "down", "escape")
        assert at.drawer.own["as a map"].text == "Tell it by places.\nFirst the harbour."


async def test_a_new_one_of_which_nothing_is_left_is_none() -> None:
    async with glass() as at:
        await at.press("a", "escape")
        assert at.drawer.own == {}
        await at.press("a", "x", "tab", "y", "ctrl+s")
        assert at.drawer.own == {"x": Lens("x", "y", own=True)}
        await at.press("backspace", "shift+tab", "backspace", "escape")
        assert at.drawer.own == {}
        assert at.app.screen is at.screen_


# what can't be kept


@pytest.mark.slow
async def test_what_the_library_refuses_is_said_and_stays_in_the_form() -> None:
    async with glass() as at:
        await at.press("a")
        await at.type("plain draft")
        await at.press("tab")
        await at.type("Mine.")
        await at.press("escape")
        assert "✗ There is a lens called plain draft already. Choose another name." in at.words
        assert "escape again leaves it" in at.words
        assert at.form.said == ("plain draft", "Mine.")
        # Another key, and it asks again.
        await at.type("!")
        await at.press("escape", "ctrl+s")
        assert "✗ There is a lens called plain draft already. Choose another name." in at.words
        await at.press("shift+tab", "end")
        await at.type(" | 2")
        await at.press("escape")
        assert "A lens can't have a | in its name." in at.words
        await at.press("backspace", "backspace", "backspace", "escape")
        assert at.names == [*OURS, "plain draft "]
        await at.press("a", "x", "escape", "escape")
        assert len(at.names) == 5
        assert at.app.screen is at.screen_


async def test_words_that_are_gone_are_refused_and_the_lens_stays() -> None:
    async with glass() as at:
        await at.press("enter", "ctrl+u", "end", "ctrl+u", "escape")
        assert at.form.said == ("plain draft", "")
        assert "A lens has to have a name and words." in at.words
        await at.press("escape")
        assert at.drawer.own == {}


async def test_a_library_that_fails_to_take_one_out_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: Drawer, name: str) -> None:
        raise SettingsError("The disk is full.", "Make room.")

    monkeypatch.setattr(Drawer, "drop_lens", full)
    async with glass() as at:
        await at.press("j", "delete", "delete")
        assert at.notices == ["The disk is full. Make room."]
        assert at.under == "to-do list"


# taking out


async def test_taking_out_says_first_what_it_does() -> None:
    drawer = Drawer()
    drawer.keep_lens("to-do list", "Chores.", "to-do list")
    drawer.keep_lens("as a map", "Tell it by places.")
    async with glass((80, 24), drawer) as at:
        await at.press("delete")
        assert "» delete again hides plain draft. Add one of that name and take it out, and it is back." in at.words
        assert "delete: hides it" in at.last
        assert at.names[0] == "plain draft"
        await at.press("backspace")
        assert at.names[0] == "to-do list"
        assert at.notices == ["plain draft is hidden."]
        assert at.under == "to-do list"
        await at.press("delete")
        assert "deletes what you changed: to-do list is then as it was at first." in at.words
        await at.press("delete")
        assert at.notices == ["to-do list is as it was at first."]
        assert at.under == "to-do list"
        assert at.drawer.own.keys() == {"as a map"}
        await at.press("end", "delete")
        assert "delete again deletes as a map and your words in it." in at.words
        await at.press("delete")
        assert at.notices == ["as a map is deleted."]
        assert at.names == OURS[1:]
        assert at.under == "what is missing"


@pytest.mark.slow
@pytest.mark.parametrize("key", ["escape", "x", "7", "home", "f1", "enter", "a"])
async def test_any_other_key_takes_the_question_back(key: str) -> None:
    async with glass() as at:
        await at.press("delete", key)
        assert "again hides" not in at.screen()
        if not isinstance(at.app.screen, LensesScreen):
            await at.press("escape")
        await at.press("delete")
        assert "again hides" in at.screen()
        assert at.names == OURS


async def test_what_was_hidden_comes_back_as_it_said() -> None:
    async with glass() as at:
        await at.press("delete", "delete", "a", *"plain draft", "tab", "x", "escape")
        assert at.under == "plain draft"
        assert "plain draft · changed" in at.screen()
        await at.press("delete", "delete")
        assert at.drawer.lenses() == list(LENSES)


# keys that are typed ahead, and slow disks


async def test_keys_typed_at_once_do_what_they_do_one_by_one() -> None:
    async with desk() as at:
        book = Glass(at.app, at.pilot, at.session, at.endpoint)
        show_lenses(at.app)
        keys = ("j", "enter", "end", *" Ten.", "escape", "a", *"as a map", "enter", *"By places.", "escape", "home")
        await at.press(*keys, "j", "delete", "j", "delete", "delete", "escape", *"typed")
        at.session.flush()
        assert book.text == "typed"
        assert book.names == ["plain draft", "to-do list", "what is missing", "as a map"]
        assert book.drawer.own["to-do list"].text.endswith("it. Ten.")
        assert book.drawer.own["as a map"].text == "By places."


async def test_keys_wait_for_what_is_read_and_written_and_nothing_is_done_on_the_loop() -> None:
    drawer = Slow()
    drawer.gate.clear()
    async with desk() as at:
        book = Glass(at.app, at.pilot, at.session, at.endpoint)
        at.app.library = drawer
        show_lenses(at.app)
        book.send("j", "delete", "delete", "j", "enter")
        await settle()
        assert "reading…" in at.screen()
        drawer.gate.set()
        await at.seen()
        assert book.form.said[0] == "what is missing"
        drawer.gate.clear()
        book.send("end", "!", "escape", "delete", "delete")
        await settle()
        assert drawer.own == {}
        drawer.gate.set()
        await at.seen()
        assert drawer.threads
        assert threading.main_thread() not in drawer.threads
        assert book.names == ["plain draft", "mentor of many years", "what is missing"]
        assert at.notices == ["what is missing is as it was at first."]


async def test_a_disk_that_hangs_takes_no_key_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "HELD", 0.05)
    drawer = Slow()
    async with glass(drawer=drawer) as at:
        await at.press("enter", "end", "!")
        drawer.gate.clear()
        await at.press("escape")
        assert "It is not written yet: the disk is slow. Try again in a moment." in at.words
        assert at.form.said[1].endswith("!")
        drawer.gate.set()
        assert at.form._writing is not None
        await at.form._writing
        await at.press("escape")
        assert at.app.screen is at.screen_
        drawer.gate.clear()
        at.screen_._begin(at.screen_._read)
        at.send("j", "a", "delete")
        await at.pilot.pause()
        slow = "The lenses are still being read or written: the disk is slow. Try again in a moment."
        assert set(at.notices) == {slow}
        assert at.under == "plain draft"
        # The second key does not wait for what the first one waited for in vain.
        monkeypatch.setattr(module, "HELD", 1000.0)
        shown = at.screen_.query_one(PicksView)
        at.send("j", "escape")
        await at.pilot.pause()
        assert at.app.screen is at.main
        assert shown.at == 0
        drawer.gate.set()


async def test_it_rests_when_all_is_read_and_written() -> None:
    async with glass() as at:
        gates = [asyncio.Event(), asyncio.Event()]

        async def work(gate: asyncio.Event) -> None:
            await gate.wait()

        for gate in gates:
            at.screen_._begin(partial(work, gate))
        gates[1].set()
        await settle()
        assert not at.screen_._rest.is_set()
        gates[0].set()
        await at.press("j")
        assert at.under == "to-do list"


# by and by, and leaving


async def test_what_is_typed_is_kept_by_and_by() -> None:
    async with glass() as at:
        await at.press("enter", "end")
        await at.type(" Truly.")
        assert at.form._timer is not None
        at.form._keep_soon()
        assert at.form._timer is None
        assert at.form._writing is not None
        await at.form._writing
        assert at.drawer.own["plain draft"].text.endswith("Truly.")


@pytest.mark.parametrize("way", ["key", "action", "hangup"])
async def test_leaving_the_program_keeps_what_is_in_the_form(way: str) -> None:
    drawer = Drawer()
    async with glass(drawer=drawer) as at:
        await at.press("a", *"as a map", "tab", *"By places.")
        if way == "hangup":
            # As SIGHUP and SIGTERM leave.
            at.app.leave()
        elif way == "key":
            await at.press("ctrl+q")
        else:
            await at.app.run_action("quit", at.form)
        await at.app.workers.wait_for_complete()
    # As the loop ends.
    await asyncio.get_running_loop().shutdown_default_executor()
    assert drawer.own == {"as a map": Lens("as a map", "By places.", own=True)}


async def test_leaving_the_program_by_its_action_asks_where_something_can_t_be_kept() -> None:
    async with glass() as at:
        await at.press("a", "x")
        await at.app.run_action("quit", at.form)
        await at.seen()
        assert "ctrl+q again leaves it" in at.words
        assert at.form.said == ("x", "")


# a real folder


@pytest.mark.slow
async def test_in_a_folder_ours_are_changed_hidden_and_come_back(tmp_path: Path) -> None:
    drawer = Folder(tmp_path / "lenses")
    async with glass(drawer=drawer) as at:
        first, second, *_ = ours = at.names
        await at.press("enter", "end", *" Be plain.", "escape", "down", "delete", "delete")
        assert at.names == [first, *ours[2:]]
        assert [lens.name for lens in drawer.lenses() if lens.own] == [first]
        await at.press("a", *"as a map", "tab", *"By places.", "enter", *"Then by roads.", "escape")
        assert at.screen_.lens == Lens("as a map", "By places. Then by roads.", own=True)
        assert "as a map · yours · 5 words" in at.screen()
        await at.press("a", *second, "tab", "x", "escape", "delete", "delete", "home", "delete", "delete")
        assert at.names == [*ours, "as a map"]
        assert [lens.own for lens in drawer.lenses()] == [False] * len(ours) + [True]
        await at.press("end", "e", "shift+tab", *" of the whole far away country by night", "escape")
        assert "may have 40 characters" in at.words


# what does nothing here


async def test_letters_that_do_nothing_and_pastes_say_so() -> None:
    async with glass() as at:
        await at.press("x")
        assert at.notices == ["Letters act here, and this one does nothing. f1 lists the keys, escape goes back."]
        await at.paste("aaae")
        assert at.notices == [
            "Nothing was pasted: letters act here. a opens a form to paste into, enter that of this lens."
        ]
        assert at.app.screen is at.screen_
        await at.press("ctrl+s")
        assert "on disk" in at.notices[-1]


def test_every_key_of_the_lenses_has_its_action_and_stands_in_the_help() -> None:
    keys = [key for each in MINE for key in each.keys.split(",")]
    assert len(keys) == len(set(keys))
    for each in MINE:
        assert hasattr(LensesScreen, f"action_{each.action}"), each.id
    for signs in (FANCY, PLAIN):
        text = help_in_lenses(signs)
        for each in keymap.shown_in("lenses"):
            assert each.does in text
        assert max(map(len, text.splitlines())) <= 130


async def test_the_palette_opens_the_lenses_and_help_goes_back_to_them() -> None:
    async with desk() as at:
        hits = {hit.text: hit async for hit in KeyProvider(at.app.screen).discover()}
        await hits["lenses"].command()
        await at.seen()
        await at.press("question_mark")
        assert isinstance(at.app.screen, Sheet)
        assert "In the lenses" in at.screen()
        await at.press("escape", "j")
        assert Glass(at.app, at.pilot, at.session, at.endpoint).under == "to-do list"


@pytest.mark.slow
@pytest.mark.parametrize("size", [(120, 40), (80, 24), (40, 12), (20, 6)])
async def test_it_is_drawn_in_any_window_and_by_plain_signs(size: tuple[int, int]) -> None:
    drawer = Drawer()
    drawer.problems = ["[red]塩.txt[/] is empty: write a name in its first line."]
    drawer.keep_lens("[red]塩の道[/]" * 3, "塩" * 200)
    async with glass(size, drawer) as at:
        at.app.signs = PLAIN
        await at.press("end", "delete", "escape", "enter", "shift+tab", "escape", "up")
        assert at.app.screen.query_one(PicksView).size.width > 0
        assert at.app.screen.query_one(LeafText) is not None
        if size[0] >= 80:
            assert "[red]塩の道[/]" in at.screen()
            assert "x [red]塩.txt[/] is empty" in at.screen()
            assert "> what is missing" in at.screen()
