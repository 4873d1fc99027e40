"""Writing out: each format, what readers see, and files that are whole or not there."""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import os
import shutil
import signal
import zipfile
from pathlib import Path

import pytest

from composer.cli import exports, pandoc
from composer.cli.export import readers_of, unless_told_to_end
from composer.cli.exports import BY_NAME, Exports, write_whole
from composer.cli.main import main
from composer.errors import RefusedError, UnwritableExport
from composer.journal.showing.readers import Readers

FERRY = Path(__file__).parents[2] / "sessions" / "the-ferry-that-waited.jsonl"
BEGINS = {
    "md": b"# The Ferry That Waited\n",
    "txt": b"The Ferry That Waited\n",
    "docx": b"PK",
    "epub": b"PK",
    "html": b"<!DOCTYPE html>",
    "fountain": b"Title: The Ferry That Waited\n",
    "html-replay": b"<!DOCTYPE html>",
    "cast": b'{"version":',
    "report": b"# How ",
    "openloom": b"{",
    "json": b"{",
    "jsonl": b'{"format":"story-composer journal"',
}


@pytest.mark.parametrize("name", BY_NAME)
def test_each_format_makes_a_file(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    assert main(["export", str(FERRY), "--to", name, "--output", str(out), "--yes"]) == 0
    data = out.read_bytes()
    assert data.replace(b" ", b"").startswith(BEGINS[name].replace(b" ", b""))
    assert out.stat().st_mode & 0o777 == 0o600
    if name in ("docx", "epub"):
        assert zipfile.ZipFile(out).testzip() is None
    if name == "json":
        assert json.loads(data)["title"] == "The Ferry That Waited"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_the_same_story_makes_the_same_file(tmp_path: Path) -> None:
    for name in ("md", "txt", "docx", "epub", "html", "fountain", "openloom", "json", "jsonl"):
        pair = [tmp_path / f"{name}{number}" for number in (1, 2)]
        for path in pair:
            assert main(["export", str(FERRY), "--to", name, "--output", str(path)]) == 0
        assert pair[0].read_bytes() == pair[1].read_bytes(), name


def test_a_text_is_as_it_stood_then(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["export", str(FERRY), "--to", "txt", "--until", "1"]) == 0
    assert capsysbinary.readouterr().out == b""
    assert main(["export", str(FERRY), "--to", "txt", "--until", "99999"]) == 1
    assert b"There are no entries 1 to 99999: this session has " in capsysbinary.readouterr().err


def test_formats_are_named(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "pandoc_path", lambda: "")
    assert main(["export", "--list"]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert [line.split()[0] for line in lines] == [*BY_NAME, "odt"]
    assert lines[-1].endswith("(pandoc is not installed)")


def test_a_format_that_nobody_knows(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "pandoc_path", lambda: "")
    assert main(["export", str(FERRY), "--to", "scroll"]) == 1
    assert "no format called scroll" in capsys.readouterr().err


def test_nothing_is_overwritten_unasked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept.docx"
    kept.write_text("the only copy")
    assert main(["export", str(FERRY), "--to", "docx", "--output", str(kept)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert kept.read_text() == "the only copy"
    dangling = tmp_path / "link.md"
    dangling.symlink_to(tmp_path / "nowhere")
    assert main(["export", str(FERRY), "--to", "md", "--output", str(dangling)]) == 1
    assert main(["export", str(FERRY), "--to", "docx", "--output", str(kept), "--force"]) == 0
    assert kept.read_bytes().startswith(b"PK")


@pytest.mark.parametrize("step", ["open", "write", "fsync", "replace"])
def test_a_full_disk_leaves_no_half_file(step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "story.epub"
    target.write_bytes(b"the one before")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    if step == "replace":
        monkeypatch.setattr(Path, "replace", full)
    elif step == "write":
        monkeypatch.setattr("builtins.open", full)
    else:
        monkeypatch.setattr(os, step, full)
    with pytest.raises(UnwritableExport, match=r"No space left on device\. Nothing of it was left there"):
        write_whole(target, b"x" * 100_000)
    monkeypatch.undo()
    assert target.read_bytes() == b"the one before"
    assert [path.name for path in tmp_path.iterdir()] == ["story.epub"]


def test_names_of_files_with_control_characters_are_told_clean(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = tmp_path / "a\x1b[31mb\n.md"
    odd.write_text("kept")
    with pytest.raises(RefusedError) as refused:
        exports.may_go(odd, None, False)
    assert "\x1b" not in str(refused.value)
    assert "\n" not in str(refused.value)


def flags(**given: object) -> argparse.Namespace:
    return argparse.Namespace(**{"first": None, "until": None, "show": None, "hide": None, **given})


def test_what_readers_see_by_flags() -> None:
    assert readers_of(flags(), 10) == Readers()
    assert readers_of(flags(show="shelf,notes", hide="prompts", first=3, until=9), 10) == Readers(
        3, 9, "all", shelf=True, prompts=False
    )
    assert readers_of(flags(hide="notes, passed-over,instructions"), 10) == Readers(
        notes="none", passed_over=False, instructions=False
    )
    for wrong in ({"first": 0}, {"first": 11}, {"first": 5, "until": 4}, {"until": 11}, {"show": "x"}, {"until": -1}):
        with pytest.raises(RefusedError):
            readers_of(flags(**wrong), 10)
    with pytest.raises(RefusedError, match="shelf can't be shown and hidden"):
        readers_of(flags(show="shelf", hide="shelf"), 10)


def test_a_film_says_what_readers_see(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        main(["export", str(FERRY), "--to", "html-replay", "--output", str(tmp_path / "f"), "--hide", "prompts"]) == 0
    )
    said = capsys.readouterr().err
    assert "readers see " in said
    assert "not in the file: " in said
    assert "prompts" in said.partition("not in the file")[2]


def test_usual_places() -> None:
    made = Exports(Path("/home/w"))
    assert made.usual_path("The Lamp", "docx") == "/home/w/the-lamp.docx"
    assert made.usual_path("The Lamp", "html-replay") == "/home/w/the-lamp-replay.html"
    assert made.usual_path("The Lamp", "html") == "/home/w/the-lamp.html"
    assert made.usual_path("", "report") == "/home/w/untitled-report.md"


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pandoc"), reason="pandoc is not installed")
@pytest.mark.parametrize(
    ("name", "begins"), [("odt", b"PK"), ("rtf", b"{\\rtf"), ("plain", b"The Ferry"), ("latex", b"%")]
)
def test_what_pandoc_makes(name: str, begins: bytes, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert main(["export", str(FERRY), "--to", name, "--output", str(out)]) == 0
    assert out.read_bytes().lstrip().startswith(begins)


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which("pandoc"), reason="pandoc is not installed")
@pytest.mark.parametrize("name", ["nothing", "../evil.lua", "/tmp/x.lua", "html --output=/tmp/x"])
def test_names_that_pandoc_does_not_know(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(FERRY), "--to", name, "--output", str(tmp_path / "out")]) == 1
    assert not list(tmp_path.iterdir())


def test_pandoc_is_asked_for_by_its_formats() -> None:
    assert pandoc.pandoc_path() == (shutil.which("pandoc") or "")


def test_devices_and_pipes_are_never_replaced(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(pipe := tmp_path / "pipe")
    for there in (str(pipe), os.devnull):
        assert main(["export", str(FERRY), "--to", "md", "--output", there, "--force"]) == 1
        assert f"{there} is no file." in capsys.readouterr().err
    assert pipe.is_fifo()


def test_what_a_link_leads_to_is_overwritten_and_keeps_its_permissions(tmp_path: Path) -> None:
    shared, link = tmp_path / "shared.md", tmp_path / "link.md"
    shared.write_text("before")
    shared.chmod(0o644)
    link.symlink_to(shared)
    assert main(["export", str(FERRY), "--to", "md", "--output", str(link), "--force"]) == 0
    assert link.is_symlink()
    assert shared.read_text() != "before"
    assert shared.stat().st_mode & 0o777 == 0o644


@pytest.mark.parametrize("name", ["日" * 84, "x" * 300])
def test_long_names(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / f"{name}.md"
    if len(target.name.encode()) > 255:
        assert main(["export", str(FERRY), "--to", "md", "--output", str(target)]) == 1
        assert "File name too long. Nothing of it was left there.\nName another place." in capsys.readouterr().err
    else:
        assert main(["export", str(FERRY), "--to", "md", "--output", str(target)]) == 0
        assert [path.name for path in tmp_path.iterdir()] == [target.name]


def test_a_signal_lets_it_clean_up() -> None:
    cleaned = []

    async def work() -> int:
        try:
            os.kill(os.getpid(), signal.SIGTERM)
            await asyncio.sleep(60)
        finally:
            cleaned.append(True)
        return 0

    assert asyncio.run(unless_told_to_end(work())) == 128 + signal.SIGTERM
    assert cleaned
