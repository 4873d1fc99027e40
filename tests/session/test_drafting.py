"""Drafts: each cell is written once, after the ones before it in its own draft; what was stopped or broke off goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from composer.errors import EndpointError, RefusedError
from composer.session.drafting import beats_for
from composer.session.ports import Closing, Piece, Request, Waiting
from composer.session.session import Session
from composer.store.memory import MemoryStore
from composer.story.actions import outline as beats
from composer.story.actions import text as texts
from composer.story.candidate import CellTarget, Recipe
from composer.story.draft import Way
from composer.story.manuscript import START
from composer.story.outline import BeatText, Slot
from composer.story.spans import Span, Written
from tests.session.fakes import Few, HandClock, Scripted, counting, settle

LINES = ("Wren lights the lamp.", "No ship answers.", "The oil runs low.", "Someone was there.")


class Writing(Scripted):
    """An endpoint that writes by itself what `answer` says of a request, word by word; `hold` makes it wait in the middle."""

    def __init__(self, name: str = "scripted") -> None:
        super().__init__(name)
        self.answer: Callable[[Request], str | Exception] = lambda request: f"Told {asked(request)}"
        self.hold: set[str] = set()
        """Words of requests whose answers stop halfway."""
        self.reason = "stop"
        self.running = self.most = 0
        """Answers that are being written, and the most that were at once."""

    async def stream(self, request: Request) -> AsyncIterator[Piece | Waiting | Closing]:
        self.requests.append(request)
        self.running += 1
        self.most = max(self.most, self.running)
        try:
            told = self.answer(request)
            if isinstance(told, Exception):
                raise told
            rest = told.removeprefix(request.prefix)
            words = rest.split(" ")
            for number, word in enumerate(words):
                await asyncio.sleep(0)
                if number == len(words) // 2 and any(word in request.messages[-1][1] for word in self.hold):
                    await asyncio.Event().wait()
                yield Piece(word if number == 0 else f" {word}")
            yield Closing(self.reason, self.model, 10, 20)
        finally:
            self.running -= 1


def asked(request: Request) -> str:
    """The line of the beat that a request is for."""
    return request.messages[-1][1].rpartition("Next, in one paragraph:\n")[2].strip()


async def opened(store: MemoryStore, endpoint: Scripted, lines: tuple[str, ...] = LINES) -> Session:
    session = Session(store, Few(endpoint), HandClock(), counting())
    await session.__aenter__()
    for number, line in enumerate(lines if not session.story.outline.beats else ()):
        made = beats.add_beat(session.story, Slot("", number), BeatText(summary=line), session.new_id)
        session.record(made)
    return session


def recipes(session: Session, *heats: float) -> tuple[Recipe, ...]:
    return session.rounds.recipes(heats or (0.2, 0.8))


async def written(session: Session) -> None:
    """Wait until nothing is written any more."""
    await asyncio.wait_for(session.drafting.ended(), 20)
    await settle()


def texts_of(session: Session, draft: int) -> list[str]:
    cells = [session.drafting.cell(draft, beat.id) for beat in session.story.outline.leaves()]
    return [cell.text if cell else "" for cell in cells]


@pytest.mark.parametrize("way", ["own", "summaries", "manuscript"])
async def test_each_beat_is_told_once_in_each_draft(way: Way) -> None:
    endpoint = Writing()
    session = await opened(MemoryStore(), endpoint)
    drafts = await session.drafting.ask(recipes(session), way)
    assert [draft.number for draft in drafts] == [1, 2]
    await written(session)
    for draft in (1, 2):
        assert texts_of(session, draft) == [f"Told {line}" for line in LINES]
        assert not session.drafting.due(draft)
    assert len(endpoint.requests) == 8
    assert not session.drafting.unfinished
    await session.close()


async def test_a_cell_sees_the_cells_before_it_in_its_own_draft_alone() -> None:
    endpoint = Writing()
    endpoint.answer = lambda request: f"T{request.recipe.temperature} of {asked(request)}"
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session), "own")
    await written(session)
    last = [request for request in endpoint.requests if asked(request) == LINES[-1]]
    for request in last:
        heat = request.recipe.temperature
        said = request.messages[-1][1]
        for line in LINES[:-1]:
            assert f"T{heat} of {line}" in said
        assert f"T{1 - heat if heat else 0:g} of" not in said
    await session.close()


async def test_by_summaries_a_cell_sees_the_outline_and_no_text() -> None:
    endpoint = Writing()
    session = await opened(MemoryStore(), endpoint)
    session.type(START, START, "Stands in the text.", session.story.outline.beats[0].id)
    await session.drafting.ask(recipes(session), "summaries")
    await written(session)
    for request in endpoint.requests:
        said = request.messages[-1][1]
        assert "Told" not in said
        assert "Stands in the text" not in said
        assert all(line in said for line in LINES)
    assert endpoint.most > 2, "cells that don't see one another are written at once"
    await session.close()


async def test_by_summaries_no_more_is_asked_at_once_than_the_endpoint_answers() -> None:
    endpoint = Writing()
    endpoint.concurrency = 3
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session, 0.2, 0.4, 0.6), "summaries")
    await written(session)
    assert endpoint.most == 3
    assert len(endpoint.requests) == 12
    await session.close()


async def test_by_the_manuscript_its_text_goes_before_the_drafts_own_and_is_not_written_anew() -> None:
    endpoint = Writing()
    session = await opened(MemoryStore(), endpoint)
    first, second, third, _ = session.story.outline.beats
    session.type(START, START, "By hand, the second.", second.id)
    session.flush()
    assert beats_for(session.story, "manuscript") == (first.id, third.id, session.story.outline.beats[3].id)
    await session.drafting.ask(recipes(session, 0.2), "manuscript")
    await written(session)
    assert len(endpoint.requests) == 3
    said = endpoint.requests[1].messages[-1][1]
    assert said.index("Told Wren") < said.index("By hand, the second.")
    assert "By hand" not in endpoint.requests[0].messages[-1][1]
    await session.close()


async def test_a_whole_story_in_one_answer_is_divided_by_its_numbers() -> None:
    endpoint = Writing()
    endpoint.answer = lambda request: "\n\n".join(f"[{n}]\nCell {n} is told." for n in range(1, 5))
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session), "whole")
    await written(session)
    assert len(endpoint.requests) == 2
    assert "[2] No ship answers." in endpoint.requests[0].messages[-1][1]
    assert texts_of(session, 1) == [f"Cell {n} is told." for n in range(1, 5)]
    name = session.drafting.attempts(1, "")[0]
    at = session.story.candidate(name).text.index("Cell 3")
    assert session.drafting.beat_of(name, at) == session.story.outline.beats[2].id
    await session.close()


async def test_what_a_whole_answer_lacks_is_written_cell_by_cell() -> None:
    endpoint = Writing()

    def answer(request: Request) -> str:
        whole = "The beats by their numbers" in request.messages[-1][1]
        return "[1]\nOne.\n\n[2]\nTwo." if whole else f"Told {asked(request)}"

    endpoint.answer = answer
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session, 0.5), "whole")
    await written(session)
    assert texts_of(session, 1) == ["One.", "Two.", f"Told {LINES[2]}", f"Told {LINES[3]}"]
    assert "Two." in endpoint.requests[1].messages[-1][1]
    await session.close()


async def test_a_whole_answer_that_was_cut_is_gone_on_with() -> None:
    endpoint = Writing()
    whole = "\n\n".join(f"[{n}]\nCell {n} is told." for n in range(1, 5))

    def answer(request: Request) -> str:
        endpoint.reason = "stop" if request.prefix else "length"
        return whole if request.prefix else whole[: whole.index("[3]")].rstrip()

    endpoint.answer = answer
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session, 0.5), "whole")
    await written(session)
    assert len(endpoint.requests) == 2
    assert texts_of(session, 1) == [f"Cell {n} is told." for n in range(1, 5)]
    await session.close()


async def test_a_failed_cell_stops_its_draft_alone_and_goes_on_when_asked() -> None:
    endpoint = Writing()
    broken = EndpointError("The server is gone.", "Start it.")
    endpoint.answer = lambda request: (
        broken if request.recipe.temperature == 0.8 and asked(request) == LINES[1] else f"Told {asked(request)}"
    )
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session), "own")
    await written(session)
    assert len(session.drafting.due(1)) == 0
    assert len(session.drafting.due(2)) == 3
    cell = session.drafting.cell(2, session.story.outline.beats[1].id)
    assert cell is not None
    assert cell.state == "failed"
    assert session.drafting.unfinished == (2,)
    endpoint.answer = lambda request: f"Told {asked(request)}"
    assert session.drafting.go_on((1, 2)) == (2,)
    await written(session)
    assert texts_of(session, 2) == [f"Told {line}" for line in LINES]
    assert len(endpoint.requests) == 9
    await session.close()


async def test_a_stopped_draft_keeps_what_came_stays_stopped_and_goes_on_from_there() -> None:
    endpoint = Writing()
    endpoint.hold = {"\nThe oil runs low."}
    endpoint.answer = lambda request: f"The long and winding text of {asked(request)}"
    store = MemoryStore()
    session = await opened(store, endpoint)
    await session.drafting.ask(recipes(session, 0.2), "own")
    for _ in range(60):
        await settle()
    third = session.story.outline.beats[2].id
    cell = session.drafting.cell(1, third)
    assert cell is not None
    assert cell.state == "writing"
    await session.drafting.stop((1,))
    cell = session.drafting.cell(1, third)
    assert cell is not None
    assert cell.state == "stopped"
    assert cell.text
    assert session.story.drafts[0].halted
    assert session.drafting.unfinished == ()
    assert session.drafting.resume() == ()
    kept = cell.text
    endpoint.hold = set()
    assert session.drafting.go_on((1,)) == (1,)
    await written(session)
    assert endpoint.requests[3].prefix == kept.rstrip()
    assert texts_of(session, 1)[2] == f"The long and winding text of {LINES[2]}"
    assert len(session.drafting.attempts(1, third)) == 2
    await session.close()


async def test_a_restart_goes_on_with_what_is_not_finished() -> None:
    endpoint = Writing()
    endpoint.hold = {"\nThe oil runs low."}
    endpoint.answer = lambda request: f"The long and winding text of {asked(request)}"
    store = MemoryStore()
    session = await opened(store, endpoint)
    await session.drafting.ask(recipes(session), "own")
    for _ in range(60):
        await settle()
    await session.close()
    assert not any(draft.halted for draft in session.story.drafts)
    before = len(endpoint.requests)
    endpoint.hold = set()
    again = await opened(MemoryStore(store.entries, store.held), endpoint)
    assert again.drafting.unfinished == (1, 2)
    assert again.drafting.resume() == (1, 2)
    await written(again)
    for draft in (1, 2):
        assert texts_of(again, draft) == [f"The long and winding text of {line}" for line in LINES]
    assert len(endpoint.requests) == before + 4
    for asked_round in again.story.rounds:
        target = asked_round.target
        assert isinstance(target, CellTarget)
        finished = [
            name
            for name in again.drafting.attempts(target.draft, target.beat)
            if (ending := again.story.candidate(name).ending) and ending.kind == "finished"
        ]
        assert len(finished) == 1
    await again.close()


async def test_beats_that_are_deleted_or_moved_while_their_draft_streams() -> None:
    endpoint = Writing()
    endpoint.hold = {"\nNo ship answers."}
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session, 0.2), "own")
    for _ in range(40):
        await settle()
    ids = [beat.id for beat in session.story.outline.beats]
    session.record(beats.delete_beat(session.story, ids[1]))
    session.record(beats.move_beat(session.story, ids[3], "up"))
    stuck = session.drafting.attempts(1, ids[1])[0]
    endpoint.hold = set()
    await session.rounds.stop([stuck])
    await written(session)
    assert session.drafting.go_on((1,)) == (1,)
    await written(session)
    assert [asked(request) for request in endpoint.requests] == [LINES[0], LINES[1], LINES[3], LINES[2]]
    cell = session.drafting.cell(1, ids[1])
    assert cell is not None
    assert cell.text.startswith("Told"), "what came for a beat that is gone is there still"
    assert not session.drafting.due(1)
    session.undo()
    session.undo()
    assert session.drafting.due(1) == (ids[1],)
    await session.close()


async def test_a_cell_that_has_ended_is_written_anew_with_another_seed_and_the_older_stays() -> None:
    endpoint = Writing()
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session, 0.2), "own")
    await written(session)
    second = session.story.outline.beats[1].id
    endpoint.answer = lambda request: "Anew."
    await session.drafting.again(1, second)
    await settle()
    cell = session.drafting.cell(1, second)
    assert cell is not None
    assert cell.text == "Anew."
    assert len(session.drafting.attempts(1, second)) == 2
    assert endpoint.requests[-1].recipe.seed != endpoint.requests[1].recipe.seed
    await session.close()


async def test_what_can_not_be_asked_for() -> None:
    endpoint = Writing()
    session = await opened(MemoryStore(), endpoint, ())
    with pytest.raises(RefusedError, match="no beats"):
        await session.drafting.ask(recipes(session), "own")
    session = await opened(MemoryStore(), endpoint)
    with pytest.raises(RefusedError, match="temperature"):
        await session.drafting.ask((), "own")
    for beat in session.story.outline.beats:
        place = session.story.manuscript.last
        session.record(
            (texts.put(session.story, place, place, ((), (Span("x", Written()),)), "typed", session.new_id),)
        )
        session.record(tuple(_assigned(session, beat.id)))
    with pytest.raises(RefusedError, match="has text already"):
        await session.drafting.ask(recipes(session), "manuscript")
    await session.close()


def _assigned(session: Session, beat: str) -> list[object]:
    from composer.story.events import BlockAssigned

    block = session.story.manuscript.at(len(session.story.manuscript) - 1)
    return [BlockAssigned(block.id, block.beat, beat)]


async def test_what_does_not_fit_is_told_and_the_draft_waits() -> None:
    endpoint = Writing()
    endpoint.window = 230
    session = await opened(MemoryStore(), endpoint)
    notices: list[str] = []
    session.watch(lambda changed: notices.append(changed.notice) if changed.notice else None)
    await session.drafting.ask(recipes(session, 0.2), "own", instruction="long " * 300)
    await written(session)
    assert 1 in session.drafting.troubles
    assert "Draft 1 does not go on" in notices[0]
    await session.close()


async def test_the_row_of_a_table_is_a_round_to_be_shown() -> None:
    endpoint = Writing()
    endpoint.answer = lambda request: f"T{request.recipe.temperature:g} of {asked(request)}"
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session, 0.2, 0.6, 1.0), "own")
    await written(session)
    second = session.story.outline.beats[1].id
    row = session.drafting.row(2, second)
    assert row is not None
    assert row.row == (1, 2, 3)
    assert row.beat == second
    assert [candidate.text for candidate in row.candidates] == [f"T{h:g} of {LINES[1]}" for h in (0.2, 0.6, 1.0)]
    assert [row.shown_number(candidate.id) for candidate in row.candidates] == [1, 2, 3]
    for number, candidate in enumerate(row.candidates, 1):
        assert row.sent(number).messages == session.story.round(candidate.round).messages
    assert session.drafting.row(1, "gone") is None
    await session.close()


@pytest.mark.parametrize("count", [100, pytest.param(500, marks=pytest.mark.slow)])
async def test_hundreds_of_beats(count: int) -> None:
    endpoint = Writing()
    session = await opened(MemoryStore(), endpoint, tuple(f"Beat number {n} comes to pass." for n in range(count)))
    await session.drafting.ask(recipes(session, 0.2), "summaries")
    await written(session)
    assert not session.drafting.due(1)
    assert len(endpoint.requests) == count
    await session.close()


async def test_a_cell_that_broke_off_behind_its_last_word_ends_with_what_it_has() -> None:
    endpoint = Writing()
    endpoint.answer = lambda request: f"Told {asked(request)}"
    session = await opened(MemoryStore(), endpoint, LINES[:1])
    endpoint.reason = "stop"
    endpoint.hold = {"Wren"}
    await session.drafting.ask(recipes(session, 0.2), "own")
    for _ in range(20):
        await settle()
    beat = session.story.outline.beats[0].id
    await session.drafting.stop((1,))
    cell = session.drafting.cell(1, beat)
    assert cell is not None
    endpoint.hold = set()
    endpoint.answer = lambda request: request.prefix
    session.drafting.go_on((1,))
    await written(session)
    assert not session.drafting.due(1)
    now = session.drafting.cell(1, beat)
    assert now is not None
    assert now.text == cell.text
    await session.close()


async def test_of_a_whole_answer_that_was_stopped_the_cells_with_text_behind_them_are_whole() -> None:
    endpoint = Writing()
    endpoint.answer = lambda request: "\n\n".join(f"[{n}]\nCell {n} is told." for n in range(1, 5))
    endpoint.hold = {"The beats by their numbers"}
    session = await opened(MemoryStore(), endpoint)
    await session.drafting.ask(recipes(session, 0.5), "whole")
    await settle()
    cells = [session.drafting.cell(1, beat.id) for beat in session.story.outline.leaves()]
    assert [cell.state for cell in cells if cell] == ["writing", "writing", "waiting", "waiting"]
    await session.drafting.stop((1,))
    cells = [session.drafting.cell(1, beat.id) for beat in session.story.outline.leaves()]
    assert [cell.state for cell in cells if cell] == ["done", "stopped", "stopped", "stopped"]
    assert session.drafting.due(1) == tuple(beat.id for beat in session.story.outline.beats[1:])
    await session.close()
