"""Importing on the command line: what a file is, what becomes of it, and what had no place, in words."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from composer.cli import importing
from composer.cli.main import main
from composer.errors import UnwritableSession
from composer.exchange.formats import FORMATS
from tests.cli.house import FERRY


@pytest.fixture
def page(tmp_path: Path) -> Path:
    path = tmp_path / "salt.md"
    path.write_text("# Salt\n\nby A. Miner\n\n## Low tide\n\nThe sea went *out*.\n\n![a map](map.png)\n")
    return path


def test_the_formats_are_named(capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["import", "--list"]) == 0
    lines = capsysbinary.readouterr().out.decode().splitlines()
    assert [line.split()[0] for line in lines] == [*(each.name for each in FORMATS), "jsonl"]


def test_what_was_taken_and_what_had_no_place(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target = tmp_path / "salt.collage"
    assert main(["import", str(page), "--to", str(target)]) == 0
    said = capsys.readouterr().err
    assert "salt.md: Markdown." in said
    assert "Taken in: 4 words" in said or "Taken in: 6 words" in said
    assert "What has no place in a session:" in said
    assert f"Made {target}." in said
    assert main(["export", str(target), "--to", "md"]) == 0
    text = capsys.readouterr().out
    assert text.startswith("# Salt\n\nby A. Miner\n\n## Low tide\n\nThe sea went *out*.\n")


def test_a_dry_run_makes_nothing(page: Path, tmp_path: Path) -> None:
    assert main(["import", str(page), "--to", str(tmp_path / "x.collage"), "--dry-run"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["salt.md"]


def test_without_a_place_it_goes_to_the_folder_for_sessions(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(page)]) == 0
    made = Path(capsys.readouterr().err.rpartition("Made ")[2].strip().removesuffix("."))
    assert made.name == "salt.collage"
    assert made.exists()


def test_a_document_as_an_outline(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page.write_text("# Salt\n\n- Low tide: the sea goes out\n- High tide: it does not come back\n")
    target = tmp_path / "o.collage"
    assert main(["import", str(page), "--to", str(target), "--outline"]) == 0
    assert "2 beats" in capsys.readouterr().err


def test_nothing_is_overwritten(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kept = tmp_path / "kept.collage"
    kept.write_text("the only copy")
    assert main(["import", str(page), "--to", str(kept)]) == 1
    assert "is there already" in capsys.readouterr().err
    assert kept.read_text() == "the only copy"


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("nothing.txt", b"", "salt"),
        ("folder", None, "is a folder"),
        ("a\x1b[2Jb.bin", b"\x00\x01\x02\xff" * 100, "b.bin"),
        ("data.json", b'{"a": [1, 2, 3]}', "data.json"),
    ],
)
def test_what_can_not_be_taken_in(
    name: str, data: bytes | None, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    source = tmp_path / name
    if data is None:
        source.mkdir()
    else:
        source.write_bytes(data)
    assert main(["import", str(source), "--to", str(tmp_path / "x.collage")]) == 1
    told = capsys.readouterr().err
    assert said == "salt" or said in told
    assert "\x1b" not in told
    assert len(told.strip().splitlines()) <= 2
    assert not (tmp_path / "x.collage").exists()


def test_a_format_by_its_name(page: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["import", str(page), "--format", "txt", "--to", str(tmp_path / "x.collage")]) == 0
    assert "plain text." in capsys.readouterr().err
    assert main(["import", str(page), "--format", "scroll", "--to", str(tmp_path / "y.collage")]) == 1
    assert "no format called scroll" in capsys.readouterr().err


def test_only_documents_are_outlines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chat = tmp_path / "chat.jsonl"
    lines = [{"user_name": "U", "character_name": "C"}, {"name": "C", "is_user": False, "mes": "The tide is out."}]
    chat.write_text("\n".join(map(json.dumps, lines)))
    assert main(["import", str(chat), "--outline", "--to", str(tmp_path / "x.collage")]) == 1
    assert "Only documents are read as outlines" in capsys.readouterr().err


def test_a_log_that_was_cut_is_taken_as_far_as_it_is_whole(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chat = tmp_path / "chat.jsonl"
    lines = [{"user_name": "U", "character_name": "C"}] + [
        {"name": "C", "is_user": False, "mes": f"Tide {number}."} for number in range(3)
    ]
    chat.write_text("\n".join(map(json.dumps, lines))[:-20])
    target = tmp_path / "x.collage"
    assert main(["import", str(chat), "--to", str(target)]) == 1
    assert "Made " in capsys.readouterr().err
    assert main(["export", str(target), "--to", "txt"]) == 0
    assert "Tide 1." in capsys.readouterr().out


def test_a_pipe_is_not_waited_for(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(pipe := tmp_path / "pipe.md")
    assert main(["import", str(pipe), "--dry-run"]) == 1
    assert "is no file that can be read to its end" in capsys.readouterr().err


def test_names_with_control_characters_are_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    odd = tmp_path / "a\x1b[31mb\x07.md"
    odd.write_text("Some text.\n")
    assert main(["import", str(odd), "--dry-run"]) == 0
    said = capsys.readouterr().err
    assert said.startswith("a[31mb.md: Markdown.")
    (tmp_path / "a\x1b[31mb\x08.md").write_text("Which of them?\n")
    assert main(["import", str(odd), "--dry-run"]) == 1
    assert "There is no file" in capsys.readouterr().err


def test_a_full_disk_leaves_nothing(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def full(target: Path, *_: object) -> None:
        for end in ("-wal", "-shm"):
            target.with_name(target.name + end).write_bytes(b"x")
        raise UnwritableSession("The disk is full.", "What is not saved yet is kept in memory.")

    monkeypatch.setattr(importing, "write_session", full)
    assert main(["import", str(page), "--to", str(tmp_path / "x.collage")]) == 1
    assert "The disk is full.\nNothing was made. Make room" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["salt.md"]


async def test_a_file_that_is_no_session_keeps_nobody_out(tmp_path: Path) -> None:
    from composer.cli.wiring import import_journal, last_session
    from composer.config import Settings

    story = tmp_path / "story.collage"
    await import_journal(FERRY, story)
    for number, junk in enumerate((b"no session at all", b"")):
        path = tmp_path / f"junk{number}.collage"
        path.write_bytes(junk)
        os.utime(path, (4_000_000_000, 4_000_000_000))
    assert await last_session(Settings(sessions_folder=str(tmp_path))) == (story, False)
