"""Export and import: byte for byte there and back, all of a file or nothing of it, and never over something unasked."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

import pytest

from composer.cli.main import main
from composer.errors import UnwritableSession
from composer.store.sqlite import SqliteStore
from tests.cli.house import EXAMPLES, FERRY, House, files_below

pytestmark = pytest.mark.slow
"""Child processes: too heavy for the round that a newcomer runs."""


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_there_and_back_is_the_same_byte_for_byte(house: House, path: Path) -> None:
    session = house.session(source=path)
    assert stat.S_IMODE(session.stat().st_mode) == 0o600
    done = house.run("export", session, "--to", "jsonl", "--output", "out.jsonl")
    assert (done.code, done.out, done.err) == (0, b"", "")
    out = house.desk / "out.jsonl"
    assert out.read_bytes() == path.read_bytes()
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    again = house.session("again.collage", out)
    assert house.run("export", again, "--to", "jsonl").out == path.read_bytes()
    # A journal is exported as it is.
    assert house.run("export", path, "--to", "jsonl").out == path.read_bytes()
    assert sorted(files_below(house.desk)) == ["again.collage", "novel.collage", "out.jsonl"]


def test_text_and_markdown(house: House) -> None:
    session = house.session()
    text, markdown = (house.run("export", session, "--to", to) for to in ("txt", "md"))
    assert (text.code, markdown.code, text.err, markdown.err) == (0, 0, "", "")
    paragraphs = [line for line in house.text_of(session).splitlines() if line.strip()]
    assert text.text == "\n\n".join(["The Ferry That Waited", *paragraphs]) + "\n"
    assert markdown.text == "# " + text.text


def test_nothing_is_overwritten_unasked(house: House) -> None:
    session = house.session()
    kept = house.desk / "kept.txt"
    kept.write_text("the only copy")
    before = files_below(house.desk)
    for arguments in (
        ["export", session, "--to", "txt", "--output", kept],
        ["import", FERRY, "--to", kept],
        ["import", FERRY, "--to", session],
        ["export", FERRY, "--to", "jsonl", "--output", FERRY],
    ):
        said = house.refused(*arguments)
        assert "there already" in said or "never overwritten" in said
        assert "Name another file" in said
    for folder in (house.desk, "."):
        for force in ([], ["--force"]):
            assert "folder" in house.refused("export", session, "--to", "txt", "--output", folder, *force)
    assert files_below(house.desk) == before
    assert house.run("export", session, "--to", "txt", "--output", kept, "--force").code == 0
    assert kept.read_text().startswith("The Ferry That Waited\n")


def test_a_session_is_not_overwritten_by_its_own_export(house: House) -> None:
    session = house.session()
    (house.desk / "link").symlink_to(session)
    os.link(session, house.desk / "twin.collage")
    before = files_below(house.desk)
    for name in ("novel.collage", "./novel.collage", "link", "twin.collage"):
        assert "never overwritten" in house.refused("export", session, "--to", "txt", "--output", name, "--force")
    assert files_below(house.desk) == before


def test_where_nothing_can_be_written(house: House) -> None:
    session = house.session()
    before = files_below(house.desk)
    assert "can't be written" in house.refused("export", session, "--to", "md", "--output", "no/such/folder.md")
    assert "can't be written" in house.refused("export", session, "--to", "md", "--output", session / "below.md")
    house.refused("import", FERRY, "--to", session / "below.collage")
    assert files_below(house.desk) == before


@pytest.mark.parametrize("force", [True, False])
def test_a_disk_that_fills_up_leaves_what_was_there_and_no_parts(
    house: House, force: bool, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    target = house.desk / "out.jsonl"
    if force:
        target.write_text("the one before")
    before = files_below(house.desk)

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    assert main(["export", str(FERRY), "--to", "jsonl", "--output", str(target), *(["--force"] if force else [])]) == 1
    assert "No space left" in capsys.readouterr().err
    assert files_below(house.desk) == before


def test_a_disk_that_fills_up_during_import_leaves_nothing(
    house: House, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def full(self: SqliteStore, batch: object) -> None:
        raise UnwritableSession("The disk is full.", "Make some space.")

    monkeypatch.setattr(SqliteStore, "append", full)
    assert main(["import", str(FERRY), "--to", str(house.desk / "new.collage")]) == 1
    assert "The disk is full." in capsys.readouterr().err
    assert files_below(house.desk) == {}


@pytest.mark.parametrize("cut", [60_000, -40, None])
def test_a_journal_that_is_cut_off_names_the_line(house: House, cut: int | None) -> None:
    path = house.desk / "cut.jsonl"
    whole = FERRY.read_bytes()
    # None: between two lines, so that only their number tells.
    path.write_bytes(whole[:cut] if cut else whole[: whole.rindex(b"\n", 0, -1) + 1])
    line = path.read_bytes().count(b"\n") + 1
    for arguments in (
        ["replay", path, "--headless"],
        ["export", path, "--to", "txt"],
        ["export", path, "--to", "jsonl", "--output", "out.jsonl"],
        ["import", path, "--to", "new.collage"],
    ):
        said = house.refused(*arguments)
        assert f"Line {line} is cut off" in said or f"Line {line} is missing" in said
    assert list(files_below(house.desk)) == ["cut.jsonl"]


def test_a_journal_that_was_changed_names_the_line(house: House) -> None:
    path = house.desk / "changed.jsonl"
    lines = FERRY.read_bytes().splitlines(keepends=True)
    at = next(at for at, line in enumerate(lines) if b"TextEdited" in line)
    for made in (
        [*lines[:at], lines[at].replace(b"TextEdited", b"TextEditef"), *lines[at + 1 :]],
        [*lines[:at], *lines[at + 1 :]],
        [*lines[:at], b"\xff\xfe not a line\n", *lines[at:]],
        [*lines[:at], lines[at].replace(b"\n", b"\r\n"), *lines[at + 1 :]],
    ):
        path.write_bytes(b"".join(made))
        for arguments in (["replay", path, "--headless"], ["import", path, "--to", "new.collage"]):
            assert f"Line {at + 1} " in house.refused(*arguments)
    path.write_bytes(b"".join([lines[0].replace(b'"version":1', b'"version":2'), *lines[1:]]))
    assert "newer version" in house.refused("import", path, "--to", "new.collage")
    assert list(files_below(house.desk)) == ["changed.jsonl"]


def test_what_is_whole_of_a_cut_journal_is_kept_where_that_is_asked_for(house: House) -> None:
    path = house.desk / "cut.jsonl"
    path.write_bytes(FERRY.read_bytes()[:60_000])
    assert "--keep-whole makes a session of the " in house.refused("import", path, "--to", "new.collage")
    done = house.run("import", path, "--to", "new.collage", "--keep-whole")
    assert done.code == 1
    assert "is cut off in the middle" in done.err
    assert "entries before that are kept." in done.err
    whole = FERRY.read_bytes().splitlines(keepends=True)
    back = house.run("export", house.desk / "new.collage", "--to", "jsonl").out.splitlines(keepends=True)
    assert set(back[1:]) <= set(whole)
    assert any(b'"kind":"entry"' in line for line in back)
