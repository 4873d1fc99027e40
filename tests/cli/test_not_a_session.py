"""Files that can't be opened: each gets a sentence and an exit code, from commands and from the app, and stays as it is to the byte."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from composer.store import schema
from tests.cli.house import FERRY, PERMISSIONS, SMALL_DISK, House, files_below, plain
from tests.cli.pty_desk import Desk, writing

pytestmark = pytest.mark.slow
"""Child processes: too heavy for the round that a newcomer runs."""

MOST = 400, 20
"""A terminal in which every sentence has room on one line."""


def other_program(house: House, path: Path) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE songs (title TEXT)")
    connection.close()


def newer(house: House, path: Path) -> None:
    house.session(path.name)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    connection.close()


def altered(statement: str) -> Callable[[House, Path], None]:
    def alter(house: House, path: Path) -> None:
        house.session(path.name)
        connection = sqlite3.connect(path, isolation_level=None)
        connection.execute("DROP TRIGGER entry_stays")
        connection.execute("DROP TRIGGER entry_remains")
        connection.execute(statement)
        connection.close()

    return alter


def bytes_of(change: Callable[[bytes], bytes]) -> Callable[[House, Path], None]:
    def make(house: House, path: Path) -> None:
        house.session(path.name)
        path.write_bytes(change(path.read_bytes()))

    return make


BAD: dict[str, tuple[Callable[[House, Path], None], str]] = {
    "text": (lambda house, path: path.write_text("Once upon a time\n" * 100) and None, "another kind"),
    "another program's": (other_program, "another program"),
    "empty": (lambda house, path: path.touch(), "is empty"),
    "folder": (lambda house, path: path.mkdir(), "folder"),
    "newer": (newer, "newer version"),
    "cut in its head": (bytes_of(lambda data: data[:60]), "cut off after 60 bytes"),
    "cut in the middle": (bytes_of(lambda data: data[:60_000]), "entries can be read"),
    "zeroes in the middle": (bytes_of(lambda data: data[:60_000] + bytes(8192) + data[68_192:]), "entries can be read"),
    "hole": (altered("DELETE FROM entry WHERE seq = 100"), "entry 100 is missing). 99 entries can be read"),
}


@pytest.mark.parametrize("kind", BAD)
def test_it_is_said_what_a_file_is_and_nothing_is_done_to_it(house: House, kind: str) -> None:
    make, words = BAD[kind]
    path = house.desk / "bad.collage"
    make(house, path)
    before = files_below(house.desk)
    assert words in house.refused("replay", path, "--headless")
    assert words in house.refused("export", path, "--to", "txt", "--output", "out.txt")
    for flags in ([], ["--read-only"]) if kind in ("hole", "newer") else ([],):
        with Desk(house, path, *flags, size=MOST) as desk:
            desk.ended(1)
            assert b"\x1b" not in desk.painted
            said = plain(desk.text.split("prompt$")[0].strip())
        assert words in said
        assert str(path) in said
    assert files_below(house.desk) == before


@pytest.mark.parametrize("command", ["import", "new"])
def test_a_folder_or_a_session_is_no_place_for_a_new_one(house: House, command: str) -> None:
    house.session()
    before = files_below(house.desk)
    for name, words in (("novel.collage", "already"), (house.desk, "")):
        if command == "import":
            assert words in house.refused("import", FERRY, "--to", name)
        else:
            with Desk(house, "new", name, size=MOST) as desk:
                desk.ended(1)
                assert words in plain(desk.text.split("prompt$")[0].strip())
    assert files_below(house.desk) == before


def test_a_session_whose_checksums_dont_hold(house: House) -> None:
    path = house.desk / "changed.collage"
    altered("UPDATE entry SET body = body || ' ' WHERE seq = 60")(house, path)
    before = files_below(house.desk)
    done = house.run("replay", path, "--headless")
    assert done.code == 1
    assert "from entry 60 on" in plain(done.err)
    assert done.out == house.run("replay", FERRY, "--headless", "--at", 59).out
    assert "Entry 60" in house.refused("export", path, "--to", "txt")
    done = house.run("export", path, "--to", "jsonl")
    assert done.code == 1
    assert "From entry 60 on" in plain(done.err)
    assert done.out.count(b"\n") == FERRY.read_bytes().count(b"\n")
    with Desk(house, path, size=MOST) as desk:
        desk.ended(1)
        assert "Entry 60" in plain(desk.text.split("prompt$")[0].strip())
    assert files_below(house.desk) == before


# permission


@pytest.fixture
def locked(house: House) -> Iterator[House]:
    """A house with a session in it, in which permissions may be taken away."""
    if sys.platform != "linux" and os.geteuid() == 0:
        pytest.skip("nothing binds the superuser here")
    house.session()
    yield house
    for path in (house.home, house.desk, *house.desk.iterdir()):
        path.chmod(0o700)


def test_no_permission_to_write(locked: House) -> None:
    house = locked
    session = house.desk / "novel.collage"
    session.chmod(0o400)
    house.desk.chmod(0o500)
    before = files_below(house.desk)
    with Desk(house, session, size=MOST, under=PERMISSIONS) as desk:
        desk.ended(1)
        said = plain(desk.text.split("prompt$")[0].strip())
    assert f"You may not write {session}" in said
    assert "reading only" in said
    with writing(house, session, "--read-only", under=PERMISSIONS) as desk:
        desk.see("reading only", "The Ferry That Waited")
        desk.type("x")
        desk.see("open for reading only")
        desk.leave()
    assert house.run("replay", session, "--headless", under=PERMISSIONS).code == 0
    for arguments in (
        ["export", session, "--to", "txt", "--output", "out.txt"],
        ["export", session, "--to", "txt", "--output", session, "--force"],
        ["import", FERRY, "--to", "new.collage"],
    ):
        house.refused(*arguments, under=PERMISSIONS)
    assert files_below(house.desk) == before


def test_no_permission_to_read(locked: House) -> None:
    house = locked
    session = house.desk / "novel.collage"
    session.chmod(0)
    for arguments in (["replay", session, "--headless"], ["export", session, "--to", "txt"]):
        said = house.refused(*arguments, under=PERMISSIONS)
        assert "can't be read" in said
        assert "ermission" in said
    settings = house.write_settings("")
    settings.chmod(0)
    with Desk(house, session, size=MOST, under=PERMISSIONS) as desk:
        desk.ended(1)
        assert f"{settings} can't be read" in plain(desk.text.split("prompt$")[0].strip())


def test_no_place_for_the_users_stories(locked: House) -> None:
    house = locked
    house.home.chmod(0o500)
    with Desk(house, size=MOST, under=PERMISSIONS) as desk:
        desk.ended(1)
        assert "can't be made" in plain(desk.text.split("prompt$")[0].strip())
    house.home.chmod(0o700)
    assert files_below(house.home) == {}


def test_a_disk_that_fills_up_while_one_writes(house: House) -> None:
    with writing(house, "new", "own.collage", under=SMALL_DISK) as desk:
        desk.type("Nightfall.")
        desk.see("Nightfall.")
        desk.type("ctrl+s")
        desk.see("entries are")
        desk.paste("x" * 200_000)
        desk.see("NOT ON DISK")
        # What can't be kept can't be typed.
        desk.type("Daybreak.")
        desk.see("Nothing can be changed until writing works again")
        desk.type("ctrl+q")
        desk.see("Not everything is on disk")
        desk.type("ctrl+q")
        desk.ended(1)
        desk.restored()
        said = desk.text.split("prompt$")[0]
        assert "story-composer: " in said
        assert "could not be written" in said or "did not take" in said
    assert house.text_of(house.desk / "own.collage") == "Nightfall.\n"
    with writing(house, "own.collage") as desk:
        desk.see("Nightfall.")
        desk.leave()
