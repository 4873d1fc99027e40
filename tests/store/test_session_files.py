"""Where sessions lie, which there are, and names for new ones."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from composer.store.files import file_stem, free_path, sessions, sessions_folder
from composer.store.sqlite import open_session
from tests.store.making import batch, entries


def test_they_lie_in_the_users_data() -> None:
    folder = sessions_folder()
    assert folder.parts[-2:] == ("story-composer", "sessions")
    assert str(folder).startswith(os.environ["XDG_DATA_HOME"])
    assert not folder.exists()
    assert sessions(folder) == []


async def test_the_one_that_was_written_last_comes_first(tmp_path: Path) -> None:
    for number, name in enumerate(["b", "a", "c"]):
        store = await open_session(tmp_path / f"{name}.collage", create=True)
        await store.close()
        os.utime(tmp_path / f"{name}.collage", ns=(0, (1000 + number) * 1_000_000))
    (tmp_path / "notes.txt").touch()
    (tmp_path / ".hidden.collage").touch()
    (tmp_path / "folder.collage").mkdir()
    (tmp_path / "dead.collage").symlink_to(tmp_path / "none")
    assert [listed.path.stem for listed in sessions(tmp_path)] == ["c", "a", "b"]
    assert [listed.changed for listed in sessions(tmp_path)] == [1002, 1001, 1000]
    store = await open_session(tmp_path / "b.collage")
    await store.append(batch(entries(1)))
    os.utime(tmp_path / "b.collage", ns=(0, 1_000_000_000))
    first = sessions(tmp_path)[0]
    assert first.path.stem == "b"
    assert first.size == await store.size()
    await store.close()
    assert sessions(tmp_path / "notes.txt") == []


@pytest.mark.parametrize(
    ("title", "stem"),
    [
        ("The Long Winter", "the-long-winter"),
        ("  Who’s there?! -- Don't ask ", "whos-there-dont-ask"),
        ("../../etc/passwd", "etc-passwd"),
        (".hidden", "hidden"),
        ("Straße nach Süden", "straße-nach-süden"),
        ("E\u0301tude", "étude"),
        ("長い冬", "長い冬"),
        ("हिन्दी", "हिन्दी"),
        ("", "story"),
        ("/\0\n…", "story"),
        ("x" * 500, "x" * 100),
        ("漢" * 500, "漢" * 33),
    ],
)
def test_a_title_becomes_a_file_name(title: str, stem: str) -> None:
    assert file_stem(title) == stem


def test_a_name_that_is_free(tmp_path: Path) -> None:
    assert free_path(tmp_path / "none", "A").name == "a.collage"
    (tmp_path / "a.collage").touch()
    (tmp_path / "a-2.collage-wal").touch()
    (tmp_path / "a-3.collage").symlink_to(tmp_path / "nowhere")
    assert free_path(tmp_path, "A").name == "a-4.collage"
