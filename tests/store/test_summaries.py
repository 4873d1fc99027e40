"""What is remembered of sessions: it holds as long as their files do, and holds no text. Bad files are told in words."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from composer.cli.wiring import write_session
from composer.journal.entry import Entry
from composer.journal.journal import Journal
from composer.session.stories import ENDING, LINES, StoryPage, Summary, page_of, summary_of
from composer.store import summaries
from composer.store.schema import APPLICATION_ID
from composer.store.sqlite import open_session
from composer.store.summaries import OFTEN, Summaries, card_of, mark_of, read_story
from composer.story.actions import outline as outlines
from composer.story.actions import text as texts
from composer.story.events import SessionCreated
from composer.story.manuscript import START, Block, Manuscript
from composer.story.outline import Beat, BeatText, Outline, Slot
from composer.story.spans import Imported, Span, Written
from composer.story.story import Details, Story
from tests.session.fakes import counting
from tests.store.making import batch, child

SECRET = "the ledger was never hers"
NOW = 1_700_000_000_000


def journal_of(
    title: str, text: str = "", beats: Sequence[str] = (), *, done: int = 0, target: int = 0, purpose: str = ""
) -> list[Entry]:
    """The journal of a story; the first `done` beats are done."""
    journal, new_id, made = Journal(), counting(), []
    made += journal.record((SessionCreated(new_id(), "1"),), NOW)
    details = replace(journal.story.details, title=title, target=target, purpose=purpose)
    made += journal.record(outlines.change_details(journal.story, details), NOW)
    for number, beat in enumerate(beats):
        slot = Slot("", len(journal.story.outline.beats))
        said = BeatText(summary=beat, done=number < done)
        made += journal.record(outlines.add_beat(journal.story, slot, said, new_id), NOW)
    if text:
        typed = texts.typed(journal.story, START, START, text, Imported("a file"), new_id)
        made += journal.record((typed,), NOW)
    return made


async def put(folder: Path, name: str, entries: Sequence[Entry], age: int = 0) -> Path:
    """A story in the folder, last written so many hours before now."""
    path = folder / f"{name}.collage"
    await write_session(path, entries, {})
    moment = NOW / 1000 - age * 3600
    os.utime(path, (moment, moment))
    return path


def story_of(*texts: str, beats: tuple[Beat, ...] = (), **details: object) -> Story:
    blocks = [Block(f"b{number}", "", (Span(text, Written()),) if text else ()) for number, text in enumerate(texts)]
    return Story(details=Details(**details), outline=Outline(beats), manuscript=Manuscript(blocks))  # type: ignore[arg-type]


def test_a_story_in_numbers() -> None:
    beats = (
        Beat("a", BeatText("Part", target=50), (Beat("b", BeatText("One", done=True)), Beat("c", BeatText("Two")))),
        Beat("d", BeatText("Three")),
    )
    story = story_of("Two words.", "", "***", "And four more words.", beats=beats, title=" A\x07  title ")
    assert summary_of(story) == Summary("A title", 6, 50, 1, 3)
    assert summary_of(story_of("x", target=9, structure="nonfiction")) == Summary("", 1, 9, 0, 0, True)


def test_a_look_into_a_story() -> None:
    beats = tuple(Beat(f"{number}", BeatText(f"Beat {number}")) for number in range(LINES + 5))
    page = page_of(story_of("first", "x" * ENDING, "last", beats=beats, purpose="Why\x07 not"))
    assert page == StoryPage("Why not", tuple(f"{n + 1} Beat {n}" for n in range(LINES)), 5, "last")
    long = page_of(story_of("y" * (ENDING + 9)))
    assert long.ending == "… " + "y" * ENDING
    assert page_of(Story()) == StoryPage()


async def test_what_was_read_is_known_until_the_file_changes(tmp_path: Path) -> None:
    path = str(await put(tmp_path, "salt", journal_of("Salt", SECRET, ["They part."])))
    cache = tmp_path / "state" / "stories.json"
    known = Summaries(cache)
    card, page = read_story(path, known)
    assert page is not None
    assert (card.summary, page.ending) == (Summary("Salt", 5, 0, 0, 1), SECRET)
    assert not cache.exists()
    known.keep()
    assert os.stat(cache).st_mode & 0o777 == 0o600
    again = Summaries(cache)
    assert card_of(path, again) == card
    store = await open_session(path)
    await store.append(batch(await store.read()))
    await store.close()
    os.utime(path, (1, 1))
    assert card_of(path, again).summary is None


async def test_no_text_of_a_story_is_remembered(tmp_path: Path) -> None:
    path = str(await put(tmp_path, "salt", journal_of("Salt", SECRET, [SECRET], purpose=SECRET)))
    known = Summaries(tmp_path / "stories.json")
    read_story(path, known)
    known.keep()
    assert b"Salt" in (tmp_path / "stories.json").read_bytes()
    assert SECRET.encode() not in (tmp_path / "stories.json").read_bytes()


async def test_what_stands_in_the_log_counts(tmp_path: Path) -> None:
    path = await put(tmp_path, "salt", journal_of("Salt", SECRET))
    before = mark_of(str(path))
    code = """
async def main():
    store = await open_session(sys.argv[1])
    await store.append(batch(entries(2, await store.read())))
    os.kill(os.getpid(), signal.SIGKILL)
asyncio.run(main())
"""
    with child(code, path) as other:
        other.wait(20)
    after = mark_of(str(path))
    assert before is not None
    assert after is not None
    assert before[2:] == (0, 0)
    assert after[2] > 0
    assert card_of(str(path), Summaries(tmp_path / "none")).changed == max(after[1], after[3]) // 1_000_000


def test_a_broken_or_newer_cache_is_no_harm(tmp_path: Path) -> None:
    for content in (
        b"",
        b"{",
        b"[]",
        b'{"version": "x"}',
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"version":1,"sessions":[{}]}',
    ):
        cache = tmp_path / "stories.json"
        cache.write_bytes(content)
        known = Summaries(cache)
        assert known.known("a", None) is None
        known.learn("a", (1, 2, 3, 4), Summary("A"))
        known.keep()
        assert Summaries(cache).known("a", (1, 2, 3, 4)) == Summary("A")
    newer = b'{"version":2,"stories":{}}'
    cache.write_bytes(newer)
    known = Summaries(cache)
    known.learn("a", (1, 2, 3, 4), Summary("A"))
    known.keep()
    assert known.known("a", (1, 2, 3, 4)) == Summary("A")
    assert cache.read_bytes() == newer


def test_two_processes_keep_what_both_learned(tmp_path: Path) -> None:
    one, other = Summaries(tmp_path / "c"), Summaries(tmp_path / "c")
    one.learn("a", (1, 1, 0, 0), Summary("A"))
    other.learn("b", (1, 1, 0, 0), Summary("B"))
    one.keep()
    other.keep()
    both = Summaries(tmp_path / "c")
    assert both.known("a", (1, 1, 0, 0)) == Summary("A")
    assert both.known("b", (1, 1, 0, 0)) == Summary("B")


def test_it_is_written_now_and_then_and_has_its_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summaries, "SESSIONS", OFTEN + 10)
    known = Summaries(tmp_path / "c")
    for number in range(OFTEN * 3):
        known.learn(f"p{number}", (number, 0, 0, 0), Summary(f"T{number}"))
    assert (tmp_path / "c").exists()
    kept = Summaries(tmp_path / "c")
    assert kept.known("p0", (0, 0, 0, 0)) is None
    last = OFTEN * 3 - 1
    assert kept.known(f"p{last}", (last, 0, 0, 0)) == Summary(f"T{last}")


def test_a_folder_that_takes_no_file_is_no_harm(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file in the way")
    known = Summaries(tmp_path / "state" / "stories.json")
    known.learn("a", (1, 1, 0, 0), Summary("A"))
    known.keep()
    assert known.known("a", (1, 1, 0, 0)) == Summary("A")
    known.learn("lone \udcff surrogate", (1, 1, 0, 0), Summary("A"))
    known.keep()


async def test_bad_files_are_told_in_words(tmp_path: Path) -> None:
    known = Summaries(tmp_path / "c")
    whole = (await put(tmp_path, "whole", journal_of("Whole", SECRET * 500))).read_bytes()
    cases = {
        "cut": (whole[: len(whole) // 2], "damaged"),
        "head": (whole[:60], "damaged"),
        "empty": (b"", "no session"),
        "text": (b"a list of things to buy" * 9, "no session"),
        "newer": (whole[:60] + (77).to_bytes(4, "big") + whole[64:], "newer version"),
    }
    for name, (content, problem) in cases.items():
        path = tmp_path / f"{name}.collage"
        path.write_bytes(content)
        card, page = read_story(str(path), known)
        assert (card.problem, card.stuck, page) == (problem, True, None), name
        assert card.says
        assert "\n" not in card.says
        assert card_of(str(path), known).summary is None
    other = tmp_path / "other.collage"
    connection = sqlite3.connect(other)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID + 1}")
    connection.execute("CREATE TABLE other (x)")
    connection.close()
    assert read_story(str(other), known)[0].problem == "no session"
    (tmp_path / "folder.collage").mkdir()
    assert read_story(str(tmp_path / "folder.collage"), known)[0].stuck
    assert read_story(str(tmp_path / "none.collage"), known)[0].problem == "gone"


async def test_a_changed_entry_is_damage(tmp_path: Path) -> None:
    made = journal_of("Whole", SECRET)
    path = await put(tmp_path, "whole", made[:2])
    connection = sqlite3.connect(path)
    connection.execute("DROP TRIGGER entry_stays")
    connection.execute("UPDATE entry SET body = replace(body, 'Whole', 'Other')")
    connection.commit()
    connection.close()
    assert read_story(str(path), Summaries(tmp_path / "c"))[0].problem == "damaged"


async def test_one_that_is_open_here_is_read_beside_its_writer(tmp_path: Path) -> None:
    path = await put(tmp_path, "salt", journal_of("Salt", SECRET))
    store = await open_session(path)
    card, page = read_story(str(path), Summaries(tmp_path / "c"))
    assert card.here
    assert not card.problem
    assert page is not None
    await store.append(batch(journal_of("Salt", SECRET)))
    await store.close()


async def test_one_that_is_open_elsewhere_says_who_has_it(tmp_path: Path) -> None:
    path = await put(tmp_path, "salt", journal_of("Salt", SECRET))
    code = "async def main():\n    s = await open_session(sys.argv[1]); say('ready'); sys.stdin.readline(); await s.close()\nasyncio.run(main())"
    with child(code, path) as other:
        await read_beside(path, other, tmp_path)


async def read_beside(path: Path, other: subprocess.Popen[str], tmp_path: Path) -> None:
    assert other.stdout is not None
    assert other.stdin is not None
    assert other.stdout.readline() == "ready\n"
    card, page = read_story(str(path), Summaries(tmp_path / "c"))
    assert card.problem == "open elsewhere"
    assert f"Process {other.pid}" in card.says
    assert not card.stuck
    assert page is not None
    other.stdin.write("\n")
    other.stdin.flush()
    assert other.wait(20) == 0


async def test_reading_ends_when_nobody_wants_it(tmp_path: Path) -> None:
    path = await put(tmp_path, "salt", journal_of("Salt", SECRET))
    card, page = read_story(str(path), Summaries(tmp_path / "c"), lambda: False)
    assert (card.summary, page, card.stuck) == (None, None, False)


@given(
    st.dictionaries(
        st.text(max_size=20),
        st.builds(Summary, st.text(max_size=20), st.integers(0, 10**9), st.integers(0, 10**9)),
        max_size=8,
    )
)
def test_what_is_kept_comes_back(found: dict[str, Summary]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        known = Summaries(Path(folder) / "c")
        for path, summary in found.items():
            known.learn(path, (1, 2, 3, 4), summary)
        known.keep()
        back = Summaries(Path(folder) / "c")
        assert {path: back.known(path, (1, 2, 3, 4)) for path in found} == found
        assert not found or msgspec.json.decode((Path(folder) / "c").read_bytes())["version"] == 1
