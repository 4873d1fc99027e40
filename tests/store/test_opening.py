"""What is opened is told by what is in the file."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from composer.errors import LockedSession, NewerSession, NotASession
from composer.store.jsonl import DamagedJournal, JsonlStore, write_jsonl
from composer.store.opening import open_any
from composer.store.sqlite import SqliteStore, SqliteView, open_session
from tests.store.making import batch, entries, names

MADE = entries(3)


def journal() -> bytes:
    out = io.BytesIO()
    write_jsonl(out, MADE, {})
    return out.getvalue()


async def test_by_content_and_never_by_name(tmp_path: Path) -> None:
    store = await open_session(tmp_path / "story.jsonl", create=True)
    await store.append(batch(MADE))
    await store.close()
    (tmp_path / "story.collage").write_bytes(journal())
    for name, read_only, kind in (
        ("story.jsonl", False, SqliteStore),
        ("story.jsonl", True, SqliteView),
        ("story.collage", False, JsonlStore),
        ("story.collage", True, JsonlStore),
    ):
        opened = await open_any(tmp_path / name, read_only=read_only)
        assert type(opened) is kind
        assert list(await opened.read()) == MADE
        assert opened.read_only == (kind is not SqliteStore)
        await opened.close()
    assert names(tmp_path) == ["story.collage", "story.jsonl"]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", NotASession),
        (b"Chapter One", NotASession),
        (b'{"a": 1}\n', NotASession),
        (b"\xef\xbb\xbf" + journal(), NotASession),
        (b'{"format": "story-composer journal", "version": 2}\n', NewerSession),
        (journal()[:-30], DamagedJournal),
    ],
)
async def test_what_is_neither(tmp_path: Path, content: bytes, error: type[Exception]) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(error):
        await open_any(tmp_path / "a")
    assert names(tmp_path) == ["a"]


async def test_one_that_is_open_here(tmp_path: Path) -> None:
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(MADE))
    with pytest.raises(LockedSession):
        await open_any(tmp_path / "a.collage")
    view = await open_any(tmp_path / "a.collage", read_only=True)
    assert list(await view.read()) == MADE
    await store.close()
