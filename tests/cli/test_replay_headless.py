"""Golden journals: every example replays at every entry, to a story in which everything fits, and so it does on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from composer.cli.main import main
from composer.journal.codec import Unknown
from composer.journal.entry import Entry, digest, first_break, seal
from composer.journal.journal import Journal
from composer.journal.replay import Reel
from composer.store.jsonl import read_jsonl, write_jsonl
from composer.story.spans import Edited, Generated, Repaired, Spans, join, text_of
from composer.story.story import Story
from tests.cli.house import EXAMPLES, FERRY, House
from tests.journal.machine import by_hand

examples = pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)


def entries_of(path: Path) -> list[Entry]:
    with path.open("rb") as lines:
        return read_jsonl(lines)[0]


def fits(story: Story) -> None:
    """All that must hold of a story at any entry."""
    blocks = list(story.manuscript)
    assert len({block.id for block in blocks}) == len(blocks) == len(story.manuscript)
    assert story.manuscript.text == "\n\n".join(block.text for block in blocks)
    known = {row.beat.id for row in story.outline.rows()}
    for block in blocks:
        assert block.text == text_of(block.spans)
        sourced(story, block.spans)
        assert block.beat in known | {""}
    for piece in story.shelf:
        for row in piece.paragraphs:
            sourced(story, row)
    for asked in story.rounds:
        for candidate in asked.candidates:
            if candidate.ending is not None:
                assert candidate.ending.length == len(candidate.text)
                assert candidate.ending.digest == digest(candidate.text.encode())
    numbers = {mark.number for mark in story.marks}
    for mark in story.marks:
        assert 0 <= mark.start < mark.end <= len(story.candidate(mark.candidate).text)
    assert {mark.number for mark in story.splice} <= numbers
    for placement in story.placements:
        assert set(placement.marks) <= numbers
        assert all(story.candidate(name).text for name in placement.candidates)


def sourced(story: Story, spans: Spans) -> None:
    """Origins cover the text exactly, and what is said to be a candidate's is the candidate's."""
    assert spans == join(spans)
    for span in spans:
        assert span.text
        assert "\n" not in span.text
        match span.origin:
            case Generated(candidate, start, end):
                assert span.text == story.candidate(candidate).text[start:end]
                assert len(span.text) == end - start
            case Edited(candidate):
                assert story.candidate(candidate).id == candidate
            case Repaired(rule):
                assert rule


def test_there_are_examples() -> None:
    assert FERRY in EXAMPLES
    assert len(EXAMPLES) > 1


@examples
def test_every_entry_is_a_story_that_fits(path: Path) -> None:
    entries = entries_of(path)
    assert first_break(entries) is None
    reel, journal = Reel(entries), Journal()
    assert not any(isinstance(event, Unknown) for event in reel.events)
    for at in range(len(entries) + 1):
        story = reel.story(at)
        fits(story)
        assert story == by_hand(entries[:at])
        journal.read(entries[at - 1 : at])
        assert story == journal.story
    # Going back comes to the same stories.
    assert [reel.story(at).manuscript.text for at in (7, 1, 0)] == [
        by_hand(entries[:at]).manuscript.text for at in (7, 1, 0)
    ]


@examples
def test_an_example_ends_in_order(path: Path) -> None:
    story = Reel(entries_of(path)).story(1_000_000)
    assert len(story.manuscript)
    assert story.details.title
    assert story.rounds
    assert all(candidate.ending for asked in story.rounds for candidate in asked.candidates)


@examples
def test_headless_prints_the_story_at_an_entry(path: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    reel = Reel(entries_of(path))
    for at in {*range(0, len(reel), 6), len(reel)}:
        assert main(["replay", str(path), "--headless", "--at", str(at)]) == 0
        text = reel.story(at).manuscript.text
        assert capfdbinary.readouterr() == (f"{text}\n".encode() if text else b"", b"")


@examples
@pytest.mark.slow
def test_a_session_replays_as_its_journal_does(house: House, path: Path) -> None:
    session = house.session(source=path)
    before = session.read_bytes()
    reel = Reel(entries_of(path))
    for at in {0, 1, len(reel) // 2, len(reel)}:
        done = house.run("replay", session, "--headless", "--at", at)
        assert (done.code, done.err) == (0, "")
        assert done.text.removesuffix("\n") == reel.story(at).manuscript.text
    assert house.text_of(session) == reel.story(len(reel)).manuscript.text + "\n"
    assert session.read_bytes() == before
    assert [each.name for each in house.desk.iterdir()] == [session.name]


@pytest.mark.slow
def test_an_entry_that_is_not_there(house: House) -> None:
    count = len(entries_of(FERRY))
    for at in (-1, count + 1, 10**30):
        said = house.refused("replay", FERRY, "--headless", "--at", at)
        assert f"no entry {at}" in said
        assert f"{count:,}" in said


def follow(path: Path, *events: tuple[str, int, str, int]) -> list[Entry]:
    """The example with more entries, (type, version, body, parent), whose checksums hold; written to `path`."""
    with FERRY.open("rb") as lines:
        entries, pieces = read_jsonl(lines)
    for type_, version, body, parent in events:
        last = entries[-1]
        entries.append(seal(last.chain, Entry(last.seq + 1, parent, last.seq + 1, last.time, type_, version, body, "")))
    with path.open("wb") as out:
        write_jsonl(out, entries, pieces)
    return entries


@pytest.mark.slow
def test_facts_of_a_newer_version_are_passed_over(house: House) -> None:
    path = house.desk / "newer.jsonl"
    entries = follow(path, ("StorySung", 1, '{"voice":"alto"}', -1), ("MarkMade", 9, '{"far":1}', -1))
    assert house.text_of(path) == house.text_of(FERRY)
    assert house.run("import", path, "--to", "newer.collage").code == 0
    assert house.entries(house.desk / "newer.collage") == path.read_text()
    fits(Reel(entries).story(len(entries)))


@pytest.mark.slow
def test_changes_of_a_newer_version_are_not_guessed(house: House) -> None:
    path = house.desk / "newer.jsonl"
    journal = Journal()
    journal.read(entries_of(FERRY))
    follow(path, ("TextSung", 1, "{}", journal.tree.head))
    for command in (["replay", path, "--headless"], ["export", path, "--to", "txt"]):
        said = house.refused(*command)
        assert "TextSung" in said
        assert "newer version" in said
    # Nothing is lost: the entries go on through import and export.
    assert house.run("import", path, "--to", "newer.collage").code == 0
    assert house.entries(house.desk / "newer.collage") == path.read_text()
