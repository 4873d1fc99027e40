"""The session without a screen: typing, rounds, endings, the disk, and coming back."""

from __future__ import annotations

import asyncio

import pytest

from composer.errors import EndpointError, RefusedError, UnwritableSession
from composer.journal.journal import Journal
from composer.session.session import Session
from composer.store.memory import MemoryStore
from composer.story.actions import outline as beats
from composer.story.actions import place as placing
from composer.story.candidate import BeatTarget, PlaceTarget
from composer.story.events import HeadMoved, TextEdited
from composer.story.manuscript import START, Position
from composer.story.outline import BeatText, Slot
from composer.story.spans import Edited, Generated, Written
from composer.story.story import Placement, Story
from tests.session.fakes import Few, HandClock, Scripted, counting, session_on, settle


def folded(store: MemoryStore) -> Story:
    journal = Journal()
    journal.read(store.entries)
    return journal.story


def write(session: Session, text: str, at: Position | None = None) -> Position:
    place = session.story.manuscript.last if at is None else at
    for char in text:
        place = session.type(place, place, char)
    return place


def add_beat(session: Session, line: str) -> str:
    events = beats.add_beat(
        session.story, Slot("", len(session.story.outline.beats)), BeatText(summary=line), session.new_id
    )
    session.record(events)
    return events[0].beat.id


LADDER = (0.2, 0.6, 1.0)


async def test_typing_is_true_at_once_and_on_disk_after_a_second() -> None:
    store, clock = MemoryStore(), HandClock()
    async with session_on(store, clock=clock) as session:
        await settle()
        write(session, "She poured")
        assert session.story.manuscript.text == "She poured"
        assert not session.saved
        assert folded(store).manuscript.text == ""
        await clock.move(0.9)
        assert folded(store).manuscript.text == ""
        await clock.move(0.2)
        assert folded(store).manuscript.text == "She poured"
        assert session.saved


async def test_typing_without_a_pause_is_one_step_however_often_it_was_written() -> None:
    store, clock = MemoryStore(), HandClock()
    async with session_on(store, clock=clock) as session:
        for word in ("one ", "two ", "three "):
            write(session, word)
            await clock.move(1.5)
        assert session.story.manuscript.text == "one two three "
        typed = [entry for entry in store.entries if entry.type == "TextEdited"]
        assert len(typed) == 3
        assert len({entry.step for entry in typed}) == 1
        await clock.move(1)
        write(session, "four")
        session.undo()
        assert session.story.manuscript.text == "one two three "
        session.undo()
        assert session.story.manuscript.text == ""
        with pytest.raises(RefusedError):
            session.undo()
        session.redo()
        session.redo()
        assert session.story.manuscript.text == "one two three four"
        with pytest.raises(RefusedError):
            session.redo()


async def test_a_newline_and_a_jump_end_a_step() -> None:
    async with session_on(MemoryStore()) as session:
        place = write(session, "one")
        place = session.type(place, place, "\n")
        place = session.type(place, place, "two")
        session.jump()
        session.type(session.story.manuscript.first, session.story.manuscript.first, ">")
        assert session.story.manuscript.text == ">one\n\ntwo"
        session.undo()
        assert session.story.manuscript.text == "one\n\ntwo"
        session.undo()
        assert session.story.manuscript.text == "one\n\n"
        session.undo()
        assert session.story.manuscript.text == ""


async def test_backspaces_are_one_entry_and_turning_round_writes_first() -> None:
    store = MemoryStore()
    async with session_on(store) as session:
        place = write(session, "lamps")
        for _ in range(2):
            place = session.erase(Position(place.block, place.offset - 1), place)
        place = session.type(place, place, "b")
        session.flush()
        assert session.story.manuscript.text == "lamb"
        await session.drained()
        hows = [
            (event.how, event.removed.text, event.put.text)
            for event in (node.change for node in session.journal.tree.nodes.values())
            if isinstance(event, TextEdited)
        ]
        assert hows == [("typed", "", "\nlamps"), ("deleted", "ps", ""), ("typed", "", "b")]
        session.undo()
        assert session.story.manuscript.text == ""


async def test_undo_and_redo_across_a_restart() -> None:
    store = MemoryStore()
    clock = HandClock()
    async with session_on(store, clock=clock) as session:
        write(session, "first")
        await clock.move(3)
        write(session, " second")
        await clock.move(3)
        session.undo()
    store.closed = False
    async with Session(store, Few(Scripted()), clock, counting()) as again:
        assert again.story.manuscript.text == "first"
        again.redo()
        assert again.story.manuscript.text == "first second"
        again.undo()
        again.undo()
        assert again.story.manuscript.text == ""
    assert any(entry.type == HeadMoved.__name__ for entry in store.entries)


async def test_a_round_streams_all_its_candidates_and_each_ends_once() -> None:
    store, endpoint, clock = MemoryStore(), Scripted(), HandClock()
    async with session_on(store, endpoint, clock) as session:
        beat = add_beat(session, "Wren lights the lamp.")
        asked = await session.rounds.ask("continue", BeatTarget(beat), session.rounds.recipes(LADDER))
        await settle()
        assert [request.recipe.temperature for request in endpoint.requests] == list(LADDER)
        assert len({request.recipe.seed for request in endpoint.requests}) == 3
        assert "Wren lights the lamp." in endpoint.requests[0].messages[1][1]
        await endpoint.say(1, "A gull ")
        await endpoint.say(2, "The lamp")
        await endpoint.say(1, "waited.")
        assert session.story.candidate("1.1").text == "A gull waited."
        assert folded(store).candidate("1.1").text == ""
        await clock.move(1.1)
        assert folded(store).candidate("1.1").text == "A gull waited."
        assert folded(store).candidate("1.2").text == "The lamp"
        await endpoint.close_stream(1, "stop")
        await endpoint.close_stream(2, "length")
        await endpoint.fail(3, EndpointError("The server sent nonsense.", "Ask again."))
        await session.drained()
        kinds = [candidate.ending and candidate.ending.kind for candidate in folded(store).round(1).candidates]
        assert kinds == ["finished", "cut", "failed"]
        third = folded(store).candidate("1.3").ending
        assert third is not None
        assert third.why == "The server sent nonsense. Ask again."
        assert asked.number == 1
        assert len([entry for entry in store.entries if entry.type == "CandidateEnded"]) == 3


@pytest.mark.parametrize(
    ("said", "reason", "kind", "suspect"),
    [
        ("Some text.", "stop", "finished", False),
        ("Some text.", "length", "cut", False),
        ("Some text.", "content_filter", "cut", False),
        ("Some text.", "", "finished", True),
        ("", "stop", "failed", False),
        ("  \n ", "stop", "failed", False),
    ],
)
async def test_endings(said: str, reason: str, kind: str, suspect: bool) -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        await session.rounds.ask("continue", PlaceTarget(START), session.rounds.recipes((0.5,)))
        await settle()
        if said:
            await endpoint.say(1, said)
        await endpoint.close_stream(1, reason)
        ending = session.story.candidate("1.1").ending
        assert ending is not None
        assert (ending.kind, ending.suspect, ending.length) == (kind, suspect, len(said))
        assert ending.why


async def test_an_endless_answer_is_cut() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        await session.rounds.ask("continue", PlaceTarget(START), session.rounds.recipes((0.5,)))
        await settle()
        for _ in range(40):
            await endpoint.say(1, "and on " * 20)
        ending = session.story.candidate("1.1").ending
        assert ending is not None
        assert ending.kind == "cut"
        assert endpoint.stopped == [1]


async def test_cancelling_one_keeps_what_came_and_the_others_go_on() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        await session.rounds.ask("continue", PlaceTarget(START), session.rounds.recipes(LADDER))
        await settle()
        await endpoint.say(2, "Half a sen")
        await session.rounds.stop(["1.2"])
        stopped = session.story.candidate("1.2")
        assert stopped.text == "Half a sen"
        assert stopped.ending is not None
        assert stopped.ending.kind == "cancelled"
        assert session.rounds.running == 2
        await endpoint.say(1, "still here")
        await session.rounds.stop(["1.1", "1.3"])
        assert [candidate.text for candidate in session.story.round(1).candidates] == ["still here", "Half a sen", ""]
        assert session.rounds.running == 0


async def test_asking_again_before_the_first_word_sends_nothing() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        beat = add_beat(session, "Wren lights the lamp.")
        await session.rounds.ask("continue", BeatTarget(beat), session.rounds.recipes(LADDER))
        await settle()
        with pytest.raises(RefusedError, match="nothing more was sent"):
            await session.rounds.ask("continue", BeatTarget(beat), session.rounds.recipes(LADDER))
        other = add_beat(session, "No ship answers.")
        await session.rounds.ask("continue", BeatTarget(other), session.rounds.recipes((0.3,)))
        await settle()
        assert len(endpoint.requests) == 4
        await endpoint.say(1, "First")
        await session.rounds.ask("continue", BeatTarget(beat), session.rounds.recipes((0.9,)))
        await settle()
        await endpoint.say(1, " and second")
        assert session.story.candidate("1.1").text == "First and second"
        assert len(session.story.rounds) == 3


async def test_placing_a_candidate_that_streams_takes_what_came() -> None:
    endpoint, store = Scripted(), MemoryStore()
    async with session_on(store, endpoint) as session:
        beat = add_beat(session, "Wren lights the lamp.")
        asked = await session.rounds.ask("continue", BeatTarget(beat), session.rounds.recipes((0.5,)))
        await settle()
        await endpoint.say(1, "The lamp took.\n\nNo one")
        await session.rounds.stop(["1.1"])
        candidate = session.story.candidate("1.1")
        where = placing.landing(session.story, asked, START, None, True)
        session.record(
            placing.place(session.story, where, placing.whole(candidate), Placement((candidate.id,)), session.new_id)
        )
        blocks = list(session.story.manuscript)
        assert [block.text for block in blocks] == ["The lamp took.", "No one"]
        assert [block.spans[0].origin for block in blocks] == [Generated("1.1", 0, 14), Generated("1.1", 16, 22)]
        assert {block.beat for block in blocks} == {beat}
        assert session.story.placed("1.1")
        inside = Position(blocks[0].id, 4)
        session.type(inside, inside, "old ")
        spans = session.story.manuscript.at(0).spans
        assert [span.origin for span in spans] == [Generated("1.1", 0, 4), Edited("1.1"), Generated("1.1", 4, 14)]
        session.undo()
        session.undo()
        assert len(session.story.manuscript) == 0
        assert not session.story.placed("1.1")
    assert folded(store).candidate("1.1").text == "The lamp took.\n\nNo one"


async def test_the_place_of_a_round_moves_with_the_text() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        end = write(session, "Before [what?] after.")
        hole = (Position(end.block, 7), Position(end.block, 14))
        asked = await session.rounds.ask(
            "fill", PlaceTarget(hole[0], "before", hole[1]), session.rounds.recipes((0.5,))
        )
        await settle()
        start = Position(end.block, 0)
        session.jump()
        session.type(start, start, "Long ")
        moved = session.rounds.place(asked)
        assert moved == (Position(end.block, 12), Position(end.block, 19))
        await endpoint.say(1, "came the fog")
        await endpoint.close_stream(1)
        where = placing.landing(session.story, asked, end, moved, False)
        candidate = session.story.candidate("1.1")
        session.record(
            placing.place(session.story, where, placing.whole(candidate), Placement(("1.1",)), session.new_id)
        )
        assert session.story.manuscript.text == "Long Before came the fog after."
        session.undo()
        assert session.rounds.place(asked) == moved


async def test_quitting_in_mid_stream_keeps_what_arrived_on_a_slow_disk() -> None:
    gate = asyncio.Event()
    store, endpoint = MemoryStore(wait=gate.wait), Scripted()
    session = session_on(store, endpoint)
    await session.__aenter__()
    await session.rounds.ask("continue", PlaceTarget(START), session.rounds.recipes(LADDER))
    await settle()
    await endpoint.say(1, "Half a")
    await endpoint.say(3, "A third")
    write(session, "typed")
    leaving = asyncio.create_task(session.close(session.story.manuscript.last))
    await settle()
    assert not leaving.done()
    gate.set()
    await leaving
    story = folded(store)
    assert [candidate.text for candidate in story.round(1).candidates] == ["Half a", "", "A third"]
    assert all(candidate.ending is not None for candidate in story.round(1).candidates)
    assert story.manuscript.text == "typed"
    assert story.caret == story.manuscript.last


async def test_what_a_dead_process_left_open_is_ended_on_return() -> None:
    store, endpoint, clock = MemoryStore(), Scripted(), HandClock()
    session = session_on(store, endpoint, clock)
    await session.__aenter__()
    await session.rounds.ask("continue", PlaceTarget(START), session.rounds.recipes((0.5,)))
    await settle()
    await endpoint.say(1, "Then the")
    await clock.move(1.1)
    survivor = MemoryStore(list(store.entries), dict(store.held))
    await session.close()
    async with Session(survivor, Few(Scripted()), clock, counting()) as again:
        assert again.interrupted == ("1.1",)
        candidate = again.story.candidate("1.1")
        assert candidate.text == "Then the"
        assert candidate.ending is not None
        assert candidate.ending.kind == "failed"


async def test_the_caret_comes_back_where_it_was_also_after_a_crash() -> None:
    store, clock = MemoryStore(), HandClock()
    async with session_on(store, clock=clock) as session:
        end = write(session, "One two.")
        middle = Position(end.block, 3)
        await session.close(middle)
    store.closed = False
    async with Session(store, Few(Scripted()), clock, counting()) as again:
        assert again.last_place == middle
        caret = again.type(middle, middle, "x")
        await clock.move(1.1)
        survivor = MemoryStore(list(store.entries), dict(store.held))
    async with Session(survivor, Few(Scripted()), clock, counting()) as crashed:
        assert crashed.last_place == caret


async def test_a_failed_write_freezes_editing_and_keeps_everything() -> None:
    store, clock = MemoryStore(), HandClock()
    async with session_on(store, clock=clock) as session:
        write(session, "safe. ")
        await clock.move(1.1)
        store.failing = UnwritableSession("The disk is full.", "Make room.")
        write(session, "kept")
        await clock.move(1.1)
        assert session.trouble is not None
        assert not session.saved
        with pytest.raises(RefusedError, match="disk is full"):
            write(session, "refused")
        assert session.story.manuscript.text == "safe. kept"
        with pytest.raises(UnwritableSession):
            await session.write_out()
        store.failing = None
        await session.write_out()
        assert session.saved
        assert folded(store).manuscript.text == "safe. kept"
        write(session, " again")
    assert folded(store).manuscript.text == "safe. kept again"


async def test_reading_only_refuses_and_writes_nothing() -> None:
    store = MemoryStore()
    async with session_on(store) as session:
        write(session, "text")
    entries = list(store.entries)
    view = MemoryStore(entries, read_only=True)
    async with session_on(view) as reader:
        assert reader.story.manuscript.text == "text"
        with pytest.raises(RefusedError, match="reading only"):
            write(reader, "x")
        with pytest.raises(RefusedError):
            reader.undo()
    assert view.entries == entries


async def test_the_request_can_be_read_back_as_it_was_sent() -> None:
    store, endpoint = MemoryStore(), Scripted()
    async with session_on(store, endpoint) as session:
        write(session, "It was the ninth evening.")
        await session.rounds.ask("continue", PlaceTarget(session.story.manuscript.last), session.rounds.recipes(LADDER))
        await settle()
        await session.drained()
        sent = endpoint.requests[0].messages
        stored = folded(store).round(1).messages
        for (role, text), message in zip(sent, stored, strict=True):
            assert message.role == role
            pieces = await store.pieces(message.pieces)
            assert b"".join(pieces[name] for name in message.pieces).decode() == text
        assert endpoint.requests[0].messages == endpoint.requests[2].messages
        receipt = folded(store).round(1).receipt
        assert receipt.tokens + receipt.reserve <= endpoint.window


async def test_words_of_before_today_are_counted() -> None:
    store = MemoryStore()
    yesterday = HandClock(1_699_000_000_000)
    async with session_on(store, clock=yesterday) as session:
        write(session, "three old words")
    store.closed = False
    async with session_on(store) as again:
        assert again.words_before_today == 3
        write(again, " new")
        assert again.story.manuscript.at(0).spans[0].origin == Written()
