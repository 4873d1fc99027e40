"""The screen that asks how a story is written out, and what readers of its film see."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from composer.errors import AlreadyThere, UnwritableExport
from composer.journal.film import Film
from composer.journal.process import Process, Words, Work
from composer.journal.showing.readers import Counts, Readers
from composer.session.ports import ExportFormat, Pieces
from composer.story.story import Story
from composer.ui import accounts
from composer.ui.screens.export import ExportScreen
from composer.ui.widgets.form import FormRow
from composer.ui.wrapping import cells
from tests.ui.desk import Desk, desk

FORMATS = (
    ExportFormat("md", "Markdown", ".md"),
    ExportFormat("docx", "Word document", ".docx"),
    ExportFormat("html-replay", "page with the film", ".html", film=True),
    ExportFormat("odt", "OpenDocument text", ".odt", problem="pandoc is not installed"),
    ExportFormat("report", "report on the process", ".md"),
    ExportFormat("rtf", "by pandoc", ".rtf"),
)


class Press:
    """An exporter that writes into memory."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {"/out/taken.md": "before"}
        self.readers: list[Readers] = []
        self.counted: list[Readers] = []

    def formats(self) -> Sequence[ExportFormat]:
        return FORMATS

    def usual_path(self, title: str, format: str) -> str:
        return f"/out/{title.lower() or 'untitled'}.{format}"

    async def counts(self, film: Film, readers: Readers, pieces: Pieces) -> tuple[Counts, Counts]:
        self.counted.append(readers)
        return Counts(words=12, rounds=1, shelf=2 * readers.shelf), Counts(shelf=2 * (not readers.shelf))

    async def write(
        self,
        format: str,
        film: Film,
        pieces: Pieces,
        path: str,
        *,
        readers: Readers,
        force: bool = False,
        source: str = "",
    ) -> str:
        if path == "/dev/full":
            raise UnwritableExport("/dev/full can't be written: No space left on device.", "Name another place.")
        if path in self.files and not force:
            raise AlreadyThere(f"{path} is there already.", "Name another file.")
        self.files[path] = f"{format} of {film.reel.story(readers.last or len(film)).manuscript.text}"
        self.readers.append(readers)
        return path


class Sheet:
    def __init__(self, at: Desk, press: Press) -> None:
        self.at, self.press = at, press
        self.screen = at.screen

    @property
    def form(self) -> ExportScreen:
        found = self.at.app.screen
        assert isinstance(found, ExportScreen)
        return found

    def value(self, name: str) -> str:
        return self.form.query_one(f"#form-{name}", FormRow).value

    async def keys(self, *keys: str) -> None:
        await self.at.press(*keys)

    async def file(self, path: str) -> None:
        """Name the file; the keys are in its row then."""
        while self.at.app.focused is not self.form.query_one("#form-file", FormRow).field:
            await self.at.press("down")
        await self.at.press("end", "ctrl+u")
        await self.at.type(path)


@asynccontextmanager
async def opened(format: str = "", size: tuple[int, int] = (120, 40)) -> AsyncIterator[Sheet]:
    async with desk(size=size) as table:
        press = Press()
        table.app.exporter = press
        table.write("The salt was low.\nSo was the sea.")
        table.app.show_export(format)
        await table.seen()
        yield Sheet(table, press)


async def test_a_text_is_written_and_where_is_told() -> None:
    async with opened() as it:
        assert "Export: Untitled" in it.screen()
        assert it.value("file") == "/out/untitled.md"
        await it.keys("enter")
        await it.at.seen()
        assert it.press.files["/out/untitled.md"] == "md of The salt was low.\n\nSo was the sea."
        assert it.at.notices == ["Written: /out/untitled.md"]


@pytest.mark.slow
async def test_another_format_names_another_file_until_the_writer_names_one() -> None:
    async with opened() as it:
        await it.keys("right")
        assert it.value("file") == "/out/untitled.docx"
        await it.file("/mine/book")
        await it.keys("up", "right")
        assert (it.form.format.name, it.value("file")) == ("html-replay", "/mine/book")


@pytest.mark.slow
async def test_the_ending_of_a_name_goes_with_the_format() -> None:
    async with opened() as it:
        await it.file("/mine/book.md")
        await it.keys("up", "right")
        assert it.value("file") == "/mine/book.docx"
        await it.keys("right")
        assert it.value("file") == "/mine/book.html"


@pytest.mark.slow
async def test_the_word_to_overwrite_holds_for_one_format() -> None:
    async with opened("rtf") as it:
        await it.file("/out/taken.md")
        await it.keys("enter")
        await it.at.seen()
        assert "enter again overwrites it" in it.screen()
        await it.keys("up", "right", "enter")
        await it.at.seen()
        assert it.press.files["/out/taken.md"] == "before"
        assert "enter again overwrites it" in it.screen()


async def test_what_is_of_the_whole_journal_is_asked_for_no_entry() -> None:
    async with opened("report") as it:
        assert "as of entry" not in it.screen()
        await it.keys("right")
        assert "[rtf, by pandoc]" in it.screen()
        assert "as of entry" in it.screen()
        await it.keys("left", "enter")
        await it.at.seen()
        assert it.press.readers == [Readers(last=it.press.readers[0].last)]
        assert it.press.readers[0].last > 0


@pytest.mark.slow
async def test_a_file_without_a_name_is_asked_for() -> None:
    async with opened("docx") as it:
        await it.file(" ")
        await it.keys("enter")
        await it.at.seen()
        assert "No file is named. Type where it is to be written" in it.screen()
        assert it.press.readers == []


async def test_only_a_film_asks_what_readers_see() -> None:
    async with opened() as it:
        assert "What readers see" not in it.screen()
        await it.keys("right", "right")
        assert "What readers see" in it.screen()
        await it.keys("left")
        assert "What readers see" not in it.screen()


@pytest.mark.slow
async def test_what_goes_out_is_counted_anew_with_each_change() -> None:
    async with opened("html-replay") as it:
        await it.form.counted()
        assert "In the file: 12 words of the text, 1 round." in it.screen()
        assert "Not in it: 2 pieces from the shelf." in it.screen()
        while it.at.app.focused is not it.form.query_one("#form-shelf", FormRow).field:
            await it.keys("down")
        await it.keys("left")
        await it.form.counted()
        assert "2 pieces from the shelf." in it.screen()
        assert "Nothing is left out." in it.screen()
        assert it.press.counted[-1].shelf


async def test_readers_are_as_the_rows_say() -> None:
    async with opened("html-replay") as it:
        # format, file, last, first, notes, instructions, shelf, passed over, prompts
        await it.keys("down", "down", "down", "down", "a", "down", "l", "down", "i", "down", "l", "down", "l", "enter")
        await it.at.seen()
        assert it.press.readers == [
            Readers(
                1, it.press.readers[0].last, "all", instructions=False, shelf=True, passed_over=False, prompts=False
            )
        ]


@pytest.mark.slow
async def test_nothing_is_overwritten_before_enter_is_pressed_again() -> None:
    async with opened() as it:
        await it.file("/out/taken.md")
        await it.keys("enter")
        await it.at.seen()
        assert it.press.files["/out/taken.md"] == "before"
        assert "enter again overwrites it" in it.screen()
        await it.keys("enter")
        await it.at.seen()
        assert it.press.files["/out/taken.md"].startswith("md of ")


async def test_another_name_takes_the_word_to_overwrite_back() -> None:
    async with opened() as it:
        await it.file("/out/taken.md")
        await it.keys("enter")
        await it.at.seen()
        await it.keys("x", "backspace", "enter")
        await it.at.seen()
        assert it.press.files["/out/taken.md"] == "before"


async def test_what_goes_wrong_is_said_and_the_form_stays() -> None:
    async with opened() as it:
        await it.file("/dev/full")
        await it.keys("enter")
        await it.at.seen()
        assert "No space left on device" in it.screen()
        assert it.value("file") == "/dev/full"


@pytest.mark.parametrize(("row", "entry"), [("last", "999"), ("last", "x"), ("first", "0"), ("first", "999")])
async def test_entries_that_are_none(row: str, entry: str) -> None:
    async with opened("html-replay") as it:
        while it.at.app.focused is not it.form.query_one(f"#form-{row}", FormRow).field:
            await it.keys("down")
        await it.keys("end", "ctrl+u", *entry, "enter")
        await it.at.seen()
        assert "There is no such entry" in it.screen()
        assert it.press.readers == []


async def test_a_text_is_as_it_stood_after_an_entry() -> None:
    async with opened() as it:
        await it.keys("down", "down", "end", "ctrl+u", "1", "enter")
        await it.at.seen()
        assert it.press.files["/out/untitled.md"] == "md of "


async def test_escape_writes_nothing() -> None:
    async with opened() as it:
        await it.keys("escape")
        assert it.press.files == {"/out/taken.md": "before"}
        assert it.at.app.screen is it.at.main


async def test_it_fits_on_a_small_screen() -> None:
    async with opened("html-replay", size=(80, 24)) as it:
        await it.form.counted()
        screen = it.screen()
        for words in ("format", "prompts", "In the file", "enter writes"):
            assert words in screen


def test_the_process_report_fits_and_names_its_figures() -> None:
    sections = Process(Story(), kinds={"continue": 2})
    sections.beats[""] = Work(3_600_000, 1_000, 5_000, 900, 12, 0, 0, Words(written=9_000, edited=900))
    sheet = accounts.sheet(sections, accounts.when, 68, prompts=("You write on.\nBe brief.",))
    assert max(map(cells, sheet.split("\n"))) <= 68
    assert "of no beat" in sheet
    assert all(name in sheet for name in ("asked", "came", "placed", "by hand", "changed"))
    assert "- You write on.\n  Be brief." in sheet
    assert accounts.when(10**18) == "at no date"


async def test_the_process_report_is_a_sheet() -> None:
    async with desk() as at:
        at.write("Low tide all day.")
        at.app.show_process()
        await at.seen()
        assert "How the text came to be" in at.screen()
        assert "The text has 4 words." in at.screen()
