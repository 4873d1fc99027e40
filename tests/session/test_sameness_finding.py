"""What candidates say again, and what is found of all that was kept, streamed or cut: values of the session, no screen."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from composer.errors import SessionError
from composer.session.finding import Finding
from composer.session.ports import Document
from composer.session.sameness import Sameness
from composer.session.session import Session
from composer.store.memory import MemoryStore
from composer.store.search import TrigramSearch
from composer.story.actions import place as placing
from composer.story.actions import text as texts
from composer.story.candidate import PlaceTarget
from composer.story.events import ShelfChanged, TextEdited
from composer.story.manuscript import START, Position
from composer.story.spans import Generated, Written
from composer.story.story import Placement
from tests.session.fakes import Scripted, session_on, settle

SAME = "She walked all the way down to the old harbour and counted the empty boats there."
OTHER = "Quite another thing happened in the town that day, as everyone knows by now."


async def asked(session: Session, endpoint: Scripted, *said: str) -> int:
    endpoint.new_round()
    at = session.story.manuscript.last
    made = await session.rounds.ask("continue", PlaceTarget(at), session.rounds.recipes([0.5] * len(said)))
    for number, text in enumerate(said, 1):
        await endpoint.say(number, text)
        await endpoint.close_stream(number)
    await settle()
    return made.number


def write(session: Session, text: str) -> None:
    place = session.story.manuscript.last
    session.record((texts.typed(session.story, place, place, text, Written(), session.new_id),))


async def known(sameness: Sameness, session: Session, number: int) -> None:
    sameness.look(session.story.round(number))
    if sameness._task is not None:
        await sameness._task


async def test_siblings_that_say_the_same_and_the_one_that_differs() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        number = await asked(session, endpoint, SAME, SAME.replace("counted", "named"), OTHER)
        sameness = Sameness(session)
        await known(sameness, session, number)
        first, second, third = (sameness.of(each) for each in session.story.round(number).candidates)
        assert first is not None
        assert second is not None
        assert third is not None
        assert (first.siblings, second.siblings, third.siblings) == (("1.2",), ("1.1",), ())
        assert (first.differs, third.differs) == (False, True)
        await sameness.close()


async def test_a_passage_of_the_text_the_shelf_and_another_round_is_told_with_its_place() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        write(session, f"Before. {SAME}")
        block = session.story.manuscript.at(0).id
        await asked(session, endpoint, OTHER)
        number = await asked(session, endpoint, f"So {SAME[:60]}", f"And {OTHER[6:60]}")
        sameness = Sameness(session)
        await known(sameness, session, number)
        again, other = (sameness.of(each) for each in session.story.round(number).candidates)
        assert again is not None
        assert other is not None
        passage = again.passages[0]
        assert passage.key == f"block:{block}"
        text = session.story.round(number).candidates[0].text
        assert SAME.startswith(text[passage.start : passage.end])
        assert other.passages[0].key == "candidate:1.1"
        await sameness.close()


async def test_a_repeat_of_text_that_was_changed_since_is_not_told() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        write(session, SAME)
        number = await asked(session, endpoint, SAME)
        sameness = Sameness(session)
        await known(sameness, session, number)
        candidate = session.story.candidate("1.1")
        found = sameness.of(candidate)
        assert found is not None
        assert found.passages
        block = session.story.manuscript.at(0).id
        session.record((texts.deleted(session.story, Position(block, 0), Position(block, 40)),))
        found = sameness.of(candidate)
        assert found is not None
        assert found.passages == ()
        await sameness.close()


async def test_what_was_taken_from_a_candidate_is_no_repeat_of_it() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        number = await asked(session, endpoint, SAME, OTHER)
        candidate = session.story.candidate("1.1")
        where = placing.landing(session.story, session.story.round(1), START, None, True)
        pieces = placing.whole(candidate)
        session.record(placing.place(session.story, where, pieces, Placement(("1.1",)), session.new_id))
        session.record(texts.keep(session.story, pieces, 5, session.new_id))
        sameness = Sameness(session)
        await known(sameness, session, number)
        found = sameness.of(candidate)
        assert found is not None
        assert found.passages == ()
        # What comes later and says it again is told so.
        number = await asked(session, endpoint, SAME)
        await known(sameness, session, number)
        found = sameness.of(session.story.candidate("2.1"))
        assert found is not None
        assert found.passages[0].words == 16
        await sameness.close()


async def test_text_that_was_changed_or_taken_out_is_no_longer_repeated() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        write(session, SAME)
        sameness = Sameness(session)
        number = await asked(session, endpoint, OTHER)
        await known(sameness, session, number)
        block = session.story.manuscript.at(0).id
        session.record((texts.deleted(session.story, Position(block, 0), Position(block, len(SAME))),))
        number = await asked(session, endpoint, SAME)
        await known(sameness, session, number)
        found = sameness.of(session.story.candidate("2.1"))
        assert found is not None
        assert found.passages == ()
        await sameness.close()


async def test_everything_that_was_kept_streamed_or_cut_is_found_with_its_fate() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        await asked(session, endpoint, SAME, OTHER)
        where = placing.landing(session.story, session.story.round(1), START, None, True)
        used = Placement(("1.1",))
        session.record(
            placing.place(session.story, where, placing.whole(session.story.candidate("1.1")), used, session.new_id)
        )
        write(session, " Herons stood in the reeds.")
        block = session.story.manuscript.at(0).id
        cut = texts.deleted(session.story, Position(block, len(SAME)), Position(block, len(SAME) + 27), "cut")
        session.record((cut,))
        row = session.story.manuscript.fragment(Position(block, 0), Position(block, 10)).pieces
        session.record(texts.keep(session.story, row, 7, session.new_id))
        finding = Finding(TrigramSearch())
        await finding.read(session.story, session.journal.tree)
        found = {each.key: each for each in await finding.find(session.story, "harbour boats")}
        assert found["candidate:1.1"].fate == "in paragraph 1"
        (heron, *_) = await finding.find(session.story, "heron reeds")
        assert (heron.kind, heron.fate) == ("cut", "taken out of the text")
        assert finding.pieces(session.story, heron) == cut.removed.pieces
        (other, *_) = await finding.find(session.story, "everyone knows")
        assert (other.candidate, other.fate) == ("1.2", "not used")
        assert other.text[other.start : other.end].startswith("everyone")
        (kept,) = await finding.find(session.story, "")
        assert kept.kind == "shelf"
        assert finding.pieces(session.story, kept)[0][0].origin == Generated("1.1", 0, 10)
        # The same again reads nothing twice, and what left the shelf is not found.
        piece = session.story.shelf[0]
        session.record((ShelfChanged(0, piece, None),))
        session.undo()
        await finding.read(session.story, session.journal.tree)
        assert len([each for each in await finding.find(session.story, "harbour") if each.kind == "candidate"]) == 1
        await finding.close()


async def test_a_word_or_two_that_were_erased_are_not_worth_finding() -> None:
    async with session_on(MemoryStore()) as session:
        write(session, "One two three four.")
        block = session.story.manuscript.at(0).id
        erased = texts.deleted(session.story, Position(block, 0), Position(block, 7))
        assert isinstance(erased, TextEdited)
        session.record((erased,))
        finding = Finding(TrigramSearch())
        await finding.read(session.story, session.journal.tree)
        assert await finding.find(session.story, "two") == ()
        await finding.close()


class Slow(TrigramSearch):
    """A search that takes a batch only when the gate is open, or fails while there is trouble."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()
        self.trouble = False
        self.dropped: list[str] = []

    async def put(self, documents: Sequence[Document]) -> None:
        await self.gate.wait()
        if self.trouble:
            raise SessionError("It can't search.")
        await super().put(documents)

    async def drop(self, keys: Sequence[str]) -> None:
        self.dropped += keys
        await super().drop(keys)


async def keys_of(finding: Finding, session: Session, query: str) -> list[str]:
    session.flush()
    await finding.read(session.story, session.journal.tree)
    return [each.key for each in await finding.find(session.story, query)]


def type_in(session: Session, text: str) -> None:
    """Typed, and entered after each word, all in one step."""
    place = session.story.manuscript.last
    for char in text:
        place = session.type(place, place, char)
        if char == " ":
            session.flush()
    session.flush()
    session.jump()


async def test_reading_goes_on_without_its_caller_and_what_failed_is_read_again() -> None:
    async with session_on(MemoryStore()) as session:
        write(session, SAME)
        session.record(texts.keep(session.story, session.story.manuscript.fragment(
            session.story.manuscript.first, session.story.manuscript.last).pieces, 5, session.new_id))  # fmt: skip
        search = Slow()
        finding = Finding(search)
        caller = asyncio.create_task(finding.read(session.story, session.journal.tree))
        await settle()
        caller.cancel()
        await settle()
        search.trouble = True
        search.gate.set()
        await settle()
        with pytest.raises(SessionError):
            await finding.read(session.story, session.journal.tree)
        search.trouble = False
        name = session.story.shelf[0].id
        assert await keys_of(finding, session, "harbour") == [f"shelf:{name}"]
        await finding.close()


async def test_a_cancelled_caller_does_not_cancel_the_reading_and_closing_does() -> None:
    async with session_on(MemoryStore()) as session:
        write(session, SAME)
        block = session.story.manuscript.at(0).id
        session.record((texts.deleted(session.story, Position(block, 0), Position(block, len(SAME))),))
        search = Slow()
        finding = Finding(search)
        caller = asyncio.create_task(finding.read(session.story, session.journal.tree))
        await settle()
        caller.cancel()
        await settle()
        search.gate.set()
        assert finding._reading is not None
        await finding._reading
        assert [each.kind for each in await finding.find(session.story, "harbour")] == ["cut"]
        search.gate.clear()
        write(session, OTHER)
        session.undo()
        caller = asyncio.create_task(finding.read(session.story, session.journal.tree))
        await settle()
        await finding.close()
        assert finding._reading.cancelled()
        assert caller.done()


async def test_what_left_the_shelf_is_forgotten_until_it_is_back() -> None:
    async with session_on(MemoryStore()) as session:
        write(session, SAME)
        row = session.story.manuscript.at(0).spans
        session.record(texts.keep(session.story, (row,), 5, session.new_id))
        search = Slow()
        search.gate.set()
        finding = Finding(search)
        key = f"shelf:{session.story.shelf[0].id}"
        assert await keys_of(finding, session, "harbour") == [key]
        session.record(texts.unshelve(session.story, session.story.shelf[0].id))
        assert await keys_of(finding, session, "harbour") == []
        assert search.dropped == [key]
        assert await search.find("harbour") == []
        session.undo()
        assert await keys_of(finding, session, "harbour") == [key]
        await finding.close()


async def test_typing_that_was_undone_is_one_text_until_it_is_redone() -> None:
    async with session_on(MemoryStore()) as session:
        search = TrigramSearch()
        finding = Finding(search)
        type_in(session, "A heron stood in the reeds.")
        assert await keys_of(finding, session, "heron") == []
        session.undo()
        await finding.read(session.story, session.journal.tree)
        (found,) = await finding.find(session.story, "heron reeds")
        assert (found.kind, found.text, found.fate) == ("undone", "A heron stood in the reeds.", "was undone")
        assert "".join(span.text for row in finding.pieces(session.story, found) for span in row) == found.text
        session.redo()
        assert await keys_of(finding, session, "heron") == []
        assert await search.find("heron") == []
        assert finding.pieces(session.story, found) == ()
        # On another branch: written over what was undone.
        session.undo()
        type_in(session, "A goose came instead.")
        assert await keys_of(finding, session, "heron") == [found.key]
        assert await keys_of(finding, session, "goose") == []
        await finding.close()


async def test_a_session_that_is_read_for_the_first_time_tells_what_is_off_the_path() -> None:
    async with session_on(MemoryStore()) as session:
        type_in(session, "A heron stood in the reeds. ")
        type_in(session, "Two words")
        session.undo()
        session.undo()
        type_in(session, "The tide was out.")
        finding = Finding(TrigramSearch())
        assert len(await keys_of(finding, session, "heron")) == 1
        assert await keys_of(finding, session, "tide") == []
        assert await keys_of(finding, session, "two words") == []
        await finding.close()


async def test_what_was_erased_while_typing_is_not_in_what_was_undone() -> None:
    async with session_on(MemoryStore()) as session:
        place = session.story.manuscript.last
        for char in "A heron stood there":
            place = session.type(place, place, char)
        for _ in range(5):
            place = session.erase(Position(place.block, place.offset - 1), place)
        for char in "here.":
            place = session.type(place, place, char)
        session.undo()
        finding = Finding(TrigramSearch())
        await finding.read(session.story, session.journal.tree)
        (found,) = await finding.find(session.story, "heron")
        assert found.text == "A heron stood here."
        await finding.close()


async def test_a_cut_is_told_as_taken_out_only_where_it_is_not_back() -> None:
    async with session_on(MemoryStore()) as session:
        write(session, "Before it. ")
        write(session, SAME)
        block = session.story.manuscript.at(0).id
        cut = texts.deleted(session.story, Position(block, 11), Position(block, 11 + len(SAME)), "cut")
        session.record((cut,))
        finding = Finding(TrigramSearch())

        async def fates() -> list[tuple[str, str]]:
            await finding.read(session.story, session.journal.tree)
            return [(each.kind, each.fate) for each in await finding.find(session.story, "harbour boats")]

        assert await fates() == [("cut", "taken out of the text")]
        session.undo()
        assert await fates() == [("cut", "is back in the text")]
        session.redo()
        place = session.story.manuscript.last
        session.record((texts.pasted(session.story, place, place, cut.removed.pieces, session.new_id),))
        assert await fates() == [("cut", "is back in the text")]
        session.undo()
        session.undo()
        session.undo()
        # The text was undone as well: one text, told once.
        ((_, fate),) = await fates()
        assert fate == "was undone"
        await finding.close()


async def test_what_leaves_while_it_is_being_read_is_forgotten_after_all() -> None:
    async with session_on(MemoryStore()) as session:
        write(session, SAME)
        session.record(texts.keep(session.story, (session.story.manuscript.at(0).spans,), 5, session.new_id))
        search = Slow()
        finding = Finding(search)
        first = asyncio.create_task(finding.read(session.story, session.journal.tree))
        await settle()
        session.record(texts.unshelve(session.story, session.story.shelf[0].id))
        second = asyncio.create_task(finding.read(session.story, session.journal.tree))
        await settle()
        search.gate.set()
        await asyncio.gather(first, second)
        assert await search.find("harbour") == []
        await finding.close()
