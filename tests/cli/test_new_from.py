"""`new FILE --from`: a story begun with an outline, of a template or of a document; and the bookcase that makes, copies and renames."""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.cli.app import _begin
from composer.cli.bookcase import Bookcase, begun, copy_title, is_pattern, look, look_at_pattern
from composer.cli.flags import command_parser
from composer.cli.library import Shelf
from composer.cli.wiring import examples_folder, templates_folder, write_session
from composer.config import Settings
from composer.errors import LockedSession, NotASession, SessionError, UnreadableSource, UnwritableSession
from composer.exchange.documents.templates import ours, template_of
from composer.exchange.formats import BY_NAME
from composer.exchange.taken import Circumstances, Loss, Taken
from composer.store.opening import open_any
from composer.store.sqlite import open_session
from composer.store.summaries import entries_in, story_in
from composer.story.story import Story
from tests.cli.house import House
from tests.cli.pty_desk import Desk
from tests.store.test_summaries import journal_of, put


@pytest.fixture
def reader(monkeypatch: pytest.MonkeyPatch) -> list[Circumstances]:
    """Markdown as an outline: each item of a list is a beat. The circumstances of each reading are kept."""
    asked: list[Circumstances] = []

    def read(self: object, data: bytes, about: Circumstances) -> Taken:
        asked.append(about)
        beats = [line.strip()[2:] for line in data.decode().split("\n") if line.strip().startswith("- ")]
        entries = journal_of(about.title, beats=beats)
        return Taken(tuple(entries), {}, story_at(entries), (Loss("pictures", 2, "there is no place for them"),))

    monkeypatch.setattr(type(BY_NAME["md"]), "read", read)
    monkeypatch.setattr(type(BY_NAME["md"]), "fits", lambda self, head, name: self.name == "md")
    return asked


def story_at(entries: object) -> Story:
    story = story_in(list(entries))  # type: ignore[call-overload]
    assert story is not None
    return story


def story_of(path: str | Path) -> Story:
    return story_at(entries_in(str(path)))


def write_template(name: str, text: str) -> None:
    templates_folder().mkdir(parents=True, exist_ok=True)
    (templates_folder() / name).write_text(text, encoding="utf-8")


# templates


def test_our_templates_are_whole() -> None:
    found = {each.name: each for each in ours()}
    assert {"short story", "novel in three acts", "mystery", "love story", "quest", "essay", "report"} == set(found)
    assert {name for name, each in found.items() if each.sections} == {"essay", "report"}
    for each in found.values():
        items = [line for line in each.outline.split("\n") if line.strip().startswith("- ")]
        assert len(items) >= 7
        assert all(":" in line for line in items)
        assert each.about
        assert "---" not in each.outline
        found_ = look_at_pattern(each.name, None)
        assert 7 <= found_.beats <= len(items), each.name
        assert (found_.sections, found_.losses, found_.title) == (each.sections, (), "")


def test_a_template_without_a_head_is_an_outline() -> None:
    template = template_of("my-own_one.md", "\ufeff- One: it begins\n".encode())
    assert (template.name, template.about, template.sections) == ("my own one", "an outline of yours", False)
    assert template.outline == "- One: it begins\n"
    assert template_of("a.md", b"---\nstructure: Nonfiction\n---\n- x").sections
    assert template_of("a.md", b"---\nno end of it\n- x").outline.startswith("---")


@pytest.mark.parametrize("data", [b"", b"---\nabout: nothing\n---\n\n", b"\xff\xfe\x00x", b" \n "])
def test_what_holds_no_outline_is_no_template(data: bytes) -> None:
    with pytest.raises(UnreadableSource):
        template_of("a.md", data)


@given(st.binary(max_size=200))
def test_any_file_is_a_template_or_says_why_not(data: bytes) -> None:
    try:
        template = template_of("a.md", data)
    except UnreadableSource:
        return
    assert template.outline.strip()


async def test_the_writers_own_templates_go_before(reader: list[Circumstances], tmp_path: Path) -> None:
    write_template("Essay.md", "- Mine: all of it\n")
    write_template("second try.md", "---\nabout: Once more\nstructure: nonfiction\n---\n- a: b\n- c: d\n")
    write_template("broken.md", "")
    names = [(each.name, each.own) for each in Bookcase(tmp_path).patterns()]
    assert names[:2] == [("Essay", True), ("second try", True)]
    assert [name.casefold() for name, _ in names].count("essay") == 1
    assert look_at_pattern("essay", None).page.outline == ("1 Mine: all of it",)
    found = look_at_pattern("second try", None)
    assert (found.beats, found.sections, found.title) == (2, True, "")
    assert not look_at_pattern("second try", False).sections
    assert is_pattern("SECOND TRY")
    assert not is_pattern("broken")
    with pytest.raises(UnreadableSource, match="no template called nowhere"):
        look_at_pattern("nowhere", None)


# begun of an outline


async def test_a_story_begins_with_a_document(
    reader: list[Circumstances], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = tmp_path / "the_plan.md"
    plan.write_text("- They meet\n- They part\n")
    await _begin(tmp_path / "new.collage", str(plan), "nonfiction")
    story = story_of(tmp_path / "new.collage")
    assert [beat.text.line for beat in story.outline.beats] == ["They meet", "They part"]
    assert (story.details.title, story.details.structure) == ("the plan", "nonfiction")
    assert (reader[-1].outline, reader[-1].sections) == (True, True)
    assert "Left out: 2 pictures: there is no place for them" in capsys.readouterr().err


async def test_a_story_begins_with_a_template(reader: list[Circumstances], tmp_path: Path) -> None:
    await _begin(tmp_path / "new.collage", "Essay", None)
    story = story_of(tmp_path / "new.collage")
    assert len(story.outline.beats) == 8
    assert (reader[-1].outline, reader[-1].sections) == (True, True)
    assert (story.details.title, story.details.structure) == ("", "nonfiction")
    await _begin(tmp_path / "other.collage", "essay", "fiction")
    assert story_of(tmp_path / "other.collage").details.structure == "fiction"


async def test_what_can_not_be_begun_with_leaves_nothing(reader: list[Circumstances], tmp_path: Path) -> None:
    empty, target = tmp_path / "empty.md", tmp_path / "new.collage"
    empty.write_text("no list in it")
    with pytest.raises(UnreadableSource, match="no outline"):
        await _begin(target, str(empty), None)
    with pytest.raises(UnreadableSource):
        await _begin(target, str(tmp_path / "nowhere.md"), None)
    assert not target.exists()
    target.write_text("somebody's")
    with pytest.raises(UnwritableSession, match="exists already"):
        await _begin(target, "essay", None)
    assert target.read_text() == "somebody's"


def test_the_flags_of_new() -> None:
    flags = command_parser("new").parse_args(["x.collage", "--from", "plan.md"])
    assert (flags.source, flags.structure) == ("plan.md", None)
    plain: argparse.Namespace = command_parser("new").parse_args(["x.collage"])
    assert plain.source is None


# the bookcase


async def test_a_begun_story_has_its_title(tmp_path: Path) -> None:
    case = Bookcase(tmp_path)
    path = await case.begin("Salt & Roads", False, None)
    assert Path(path).name == "salt-roads.collage"
    assert story_of(path).details.title == "Salt & Roads"
    other = await case.begin("", True, None)
    assert (Path(other).name, story_of(other).details.structure) == ("untitled.collage", "nonfiction")
    assert len(begun("", False, None)) == 1
    assert [name for _, name in case.stories()].count("salt-roads.collage") == 1


async def test_a_copy_holds_all_pieces(tmp_path: Path) -> None:
    case = Bookcase(tmp_path)
    example = next(path for path, _ in case.examples())
    path = await case.take_example(example)
    copy = await case.duplicate(path)
    one, other = await open_any(path, read_only=True), await open_any(copy, read_only=True)
    names = await one.piece_names()
    assert names
    assert await one.pieces(names) == await other.pieces(await other.piece_names())
    assert (await other.read())[:-1] == await one.read()
    assert story_of(copy).details.title == f"{story_of(path).details.title} (copy)"


async def test_a_story_that_is_being_written_is_copied_as_it_stands(tmp_path: Path) -> None:
    case = Bookcase(tmp_path)
    path = await put(tmp_path, "salt", journal_of("Salt", "Some text."))
    store = await open_session(path)
    copy = await case.duplicate(str(path))
    await store.close()
    assert story_of(copy).manuscript.text == "Some text."


async def test_a_title_is_changed_in_the_journal_and_the_file_with_it(tmp_path: Path) -> None:
    case = Bookcase(tmp_path)
    path = str(await put(tmp_path, "salt", journal_of("Salt", "Some text.")))
    before = entries_in(path)
    assert await case.rename(path, "Salt", "salt") == path
    assert entries_in(path) == before
    new = await case.rename(path, "Sugar", "sugar")
    assert (new, os.path.exists(path)) == (str(tmp_path / "sugar.collage"), False)
    assert entries_in(new)[:-1] == before
    assert story_of(new).details.title == "Sugar"
    await put(tmp_path, "taken", journal_of("Taken"))
    assert await case.rename(new, "Taken", "taken") == str(tmp_path / "taken-2.collage")


async def test_a_story_that_is_open_is_not_renamed(tmp_path: Path) -> None:
    case = Bookcase(tmp_path)
    path = await put(tmp_path, "salt", journal_of("Salt"))
    store = await open_session(path)
    with pytest.raises(LockedSession):
        await case.rename(str(path), "Sugar", "sugar")
    await store.close()
    (tmp_path / "poem.collage").write_text("a list of things" * 20)
    with pytest.raises(SessionError):
        await case.rename(str(tmp_path / "poem.collage"), "Sugar", "sugar")
    assert sorted(os.listdir(tmp_path)) == ["poem.collage", "salt.collage"]


@pytest.mark.parametrize(
    ("title", "copy"),
    [
        ("A", "A (copy)"),
        ("A (copy)", "A (copy 2)"),
        ("A (copy 9)", "A (copy 10)"),
        ("", " (copy)"),
        ("(copy)", "(copy) (copy)"),
    ],
)
def test_titles_of_copies(title: str, copy: str) -> None:
    assert copy_title(title) == copy


async def test_our_own_files_are_looked_into(tmp_path: Path) -> None:
    journal = sorted(examples_folder().glob("*.jsonl"))[0]
    found = await look(str(journal), outline=False, sections=False)
    assert (found.kind, found.rounds > 0, found.candidates > 0) == ("story or journal of this program", True, True)
    assert found.words
    path = await put(tmp_path, "salt", journal_of("Salt", "Some text."))
    again = await look(f"'{path}'", outline=False, sections=False)
    assert (again.title, again.words, again.branches) == ("Salt", 2, 1)
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(SessionError):
        await look(str(path), outline=False, sections=False)


def test_the_shelf_has_its_stories_where_the_settings_say(tmp_path: Path) -> None:
    shelf = Shelf(Settings(sessions_folder=str(tmp_path)))
    assert shelf.trash_folder == str(tmp_path / "trash")
    assert shelf.fresh() == str(tmp_path / "untitled.collage")


async def test_a_journal_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.collage").write_bytes(b"")
    with pytest.raises(NotASession):
        await Bookcase(tmp_path).duplicate(str(tmp_path / "x.collage"))


async def test_what_is_written_has_the_name_of_its_title(tmp_path: Path) -> None:
    path = tmp_path / "salt.collage"
    await write_session(path, journal_of("Salt"), {})
    assert await Bookcase(tmp_path).make("Salt", journal_of("Salt"), {}) == str(tmp_path / "salt-2.collage")


@pytest.mark.slow
def test_new_from_a_template_in_a_terminal(house: House) -> None:
    with Desk(house, "new", house.desk / "a.collage", "--from", "mystery") as desk:
        desk.see("The circle")
        desk.type("ctrl+q")
        desk.ended(0)
    assert len(story_of(house.desk / "a.collage").outline.leaves()) == 11


@pytest.mark.slow
def test_stories_are_gone_through_in_a_terminal(house: House) -> None:
    folder = house.home / "data" / "story-composer" / "sessions"
    with Desk(house) as desk:
        desk.see("The Ferry That Waited")
        desk.type("f9")
        desk.see("(open)")
        desk.type("c")
        desk.see("is copied")
        desk.see("(copy)")
        desk.type(b"\x1b[3~", b"\x1b[3~")
        desk.see("is in the trash")
        desk.type("z")
        desk.see("It is back")
        desk.type("enter")
        desk.see("embedded")
        desk.type("f9")
        desk.see("(open)")
        desk.type("ctrl+q")
        desk.ended(0)
    assert sorted(path.name for path in folder.glob("*.collage")) == [
        "the-ferry-that-waited-copy.collage",
        "the-ferry-that-waited.collage",
    ]
    assert os.stat(house.home / "state" / "story-composer" / "stories.json").st_mode & 0o777 == 0o600
