"""A writer's text files: every encoding that is met, and what is no text, or not there, said in a sentence with a next step."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from composer.cli.library import Shelf
from composer.cli.reading import LARGEST, meant_path, read_text
from composer.config import Settings
from composer.errors import ComposerError
from composer.story.actions.notes import NoteText
from tests.cli.house import BECOME, PERMISSIONS, SOON, House

READ = """
import sys
from composer.cli.reading import read_text
from composer.errors import ComposerError
try:
    read_text("mine.md")
except ComposerError as error:
    sys.exit(str(error))
"""


def refused(path: str | Path) -> ComposerError:
    with pytest.raises(ComposerError) as error:
        read_text(str(path))
    assert error.value.sentence.endswith(".")
    assert error.value.next_step.endswith(".")
    assert "\n" not in error.value.sentence
    return error.value


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-32-le", b"\xff\xfe\0\0"),
        ("cp1252", b""),
    ],
)
def test_a_text_is_read_however_it_was_encoded(tmp_path: Path, encoding: str, mark: bytes) -> None:
    file = tmp_path / "notes.md"
    file.write_bytes(mark + "Bärbel: „Salz“ – and\r\nŒuvre\ttoo.\r".encode(encoding))
    assert read_text(str(file)) == "Bärbel: „Salz“ – and\nŒuvre\ttoo.\n"


def test_what_is_read_is_clean(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("She\x1b[31m left.\u202e\x0c\x1a", encoding="utf-8")
    assert read_text(str(tmp_path / "a.txt")) == "She[31m left."
    (tmp_path / "empty.txt").write_bytes(b"")
    assert read_text(str(tmp_path / "empty.txt")) == ""


def test_a_path_may_come_from_a_shell_or_be_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    file = tmp_path / "my notes (2).md"
    file.write_text("Salt.")
    for path in (
        "~/my notes (2).md",
        f"  {file} ",
        f"'{file}'",
        f'"{file}"',
        str(file).replace(" ", "\\ ").replace("(", "\\(").replace(")", "\\)"),
        f"file://{str(file).replace(' ', '%20')}",
    ):
        assert read_text(path) == "Salt."
    monkeypatch.chdir(tmp_path)
    assert read_text("my notes (2).md") == "Salt."
    # A file whose name has strokes is that file.
    (tmp_path / "a\\b").write_text("strokes")
    (tmp_path / "ab").write_text("none")
    assert read_text("a\\b") == "strokes"
    assert meant_path("~nobody-of-that-name/x") == Path("~nobody-of-that-name/x")


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    assert "There is no file" in refused(tmp_path / "none.md").sentence
    assert "No file is named" in refused("  '' ").sentence
    (tmp_path / "file").write_text("x")
    assert "can't be read: Not a directory" in refused(tmp_path / "file" / "x").sentence
    assert "is a folder" in refused(tmp_path).sentence
    assert "can't be read" in refused("x" * 5_000).sentence
    assert "can't be read" in refused("a\0b").sentence
    assert "no file of text" in refused("/dev/zero").sentence
    os.mkfifo(tmp_path / "pipe")
    assert "no file of text" in refused(tmp_path / "pipe").sentence


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04\x14\0\x06\0 word/document.xml",
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        b"%PDF-1.7\n1 0 obj",
        rb"{\rtf1\ansi Salt.}",
        b"text with \x00 in it",
        b"\x81\x8d\x8f\x90\x9d",
        b"\xff\xfea",
        b"\xff\xfe\x00\xd8a\x00",
    ],
)
def test_what_is_no_text_is_told(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "file").write_bytes(raw)
    error = refused(tmp_path / "file")
    assert "is no text file" in error.sentence
    assert "Markdown" in error.next_step


def test_what_is_too_large_is_told_and_not_read(tmp_path: Path) -> None:
    with (tmp_path / "large.md").open("wb") as file:
        file.truncate(LARGEST * 1000)
    assert "too large: 4000.0 MB, and at most 4 MB" in refused(tmp_path / "large.md").sentence
    (tmp_path / "just.md").write_bytes(b"x" * LARGEST)
    assert len(read_text(str(tmp_path / "just.md"))) == LARGEST


def test_a_file_without_permission_is_told(tmp_path: Path) -> None:
    house = House(tmp_path)
    (house.desk / "mine.md").write_text("x")
    (house.desk / "mine.md").chmod(0)
    bound = [sys.executable, "-I", "-S", "-c", BECOME.format(before=PERMISSIONS), sys.executable, "-c", READ]
    done = subprocess.run(bound, cwd=house.desk, env=house.environ, capture_output=True, text=True, timeout=SOON)
    assert done.stderr == "mine.md can't be read: Permission denied. Look at its name and its permissions.\n"


async def test_the_library_reads_texts_and_what_they_hold(tmp_path: Path) -> None:
    (tmp_path / "people.md").write_text("- Ilse: she weighs salt", encoding="utf-8")
    shelf = Shelf(Settings())
    text = await shelf.read_text(str(tmp_path / "people.md"))
    assert shelf.notes_in(text).notes == (NoteText("", "Ilse", "she weighs salt"),)
    assert [each.name for each in shelf.exemplars_in(text, "people").exemplars] == ["people"]
    with pytest.raises(ComposerError):
        await shelf.read_text(str(tmp_path))
