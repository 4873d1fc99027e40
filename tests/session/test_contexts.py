"""Contexts in a session: shapes, two side by side, models that take less than was thought, summaries, and what it cost."""

from __future__ import annotations

import asyncio
import threading

import pytest

from composer.config import Price
from composer.context import wording
from composer.errors import ContextTooLong, EndpointError, RefusedError
from composer.session import packing
from composer.session.ports import Closing, Piece
from composer.session.session import Session
from composer.store.memory import MemoryStore
from composer.story.candidate import Cost, PlaceTarget, Receipt, SectionTarget, place_of
from composer.story.manuscript import START, Position
from composer.story.shape import Shape
from composer.ui.grids import spread
from tests.session.fakes import Scripted, session_on, settle

WHO = ("The keeper", "A heron", "Her brother", "The pilot", "Some child", "The widow", "A tinker")
DID = ("lost", "mended", "counted", "sold", "hid", "begged for", "painted", "burned", "carried")
WHAT = ("the ropes", "a ledger", "nine lamps", "the oil", "his boots", "an oar", "every letter", "two bells")
WHERE = ("at the landing", "behind the chapel", "in the rain", "before the tide turned", "without a word")
PARAGRAPHS = [
    " ".join(f"{WHO[n % 7]} {DID[(n + m) % 9]} {WHAT[(n * 3 + m) % 8]} {WHERE[(n + 2 * m) % 5]}." for m in range(3))
    for n in range(40)
]


def write(session: Session, *paragraphs: str) -> None:
    session.type(session.story.manuscript.last, session.story.manuscript.last, "\n".join(paragraphs))
    session.flush()


def end(session: Session) -> PlaceTarget:
    return PlaceTarget(session.story.manuscript.last)


async def text_of(session: Session, number: int) -> str:
    """What a candidate of the newest round was sent, from what was stored."""
    sent = session.story.rounds[-1].sent(number)
    names = [name for message in sent.messages for name in message.pieces]
    pieces = await session.pieces(names)
    return "".join(pieces[name].decode() for name in names)


async def test_the_shape_is_kept_in_the_session_and_undo_does_not_touch_it() -> None:
    store = MemoryStore()
    async with session_on(store) as session:
        write(session, "She waited.")
        session.shape(Shape("lean", muted=("outline",)))
        session.undo()
        assert session.story.shape.amount == "lean"
        write(session, *PARAGRAPHS[:3])
        await session.rounds.ask("continue", end(session), session.rounds.recipes((0.5,)))
        assert session.story.rounds[-1].receipt.shape == Shape("lean", muted=("outline",))
        await session.rounds.stop_all("over")
    async with session_on(MemoryStore(store.entries, store.held)) as again:
        assert again.story.shape == Shape("lean", muted=("outline",))


async def test_two_contexts_stand_in_one_round_with_the_same_seeds() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS[:6])
        made, shapes = spread(session.rounds.recipes((0.2, 0.9)), (Shape(), Shape("bare")))
        asked = await session.rounds.ask("continue", end(session), made, shapes=shapes)
        await settle()
        assert [asked.sent(n).receipt.shape.amount for n in (1, 2, 3, 4)] == ["full", "bare", "full", "bare"]
        seeds = [request.recipe.seed for request in endpoint.requests]
        heats = [request.recipe.temperature for request in endpoint.requests]
        by_number = sorted(zip(heats, seeds, strict=True), key=str)
        assert by_number[0] == by_number[1]
        assert by_number[2] == by_number[3]
        assert by_number[1] != by_number[2]
        assert PARAGRAPHS[0] in await text_of(session, 1)
        assert PARAGRAPHS[0] not in await text_of(session, 2)
        assert PARAGRAPHS[5] in await text_of(session, 2)


async def test_a_model_that_takes_less_is_sent_less_once_and_that_is_told() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS)
        asked = await session.rounds.ask("continue", end(session), session.rounds.recipes((0.2, 0.9)))
        before = asked.receipt
        await settle()
        endpoint.windows[endpoint.model] = 900
        await endpoint.fail(1, ContextTooLong("It takes 900 tokens.", "Send less.", 900))
        await settle()
        assert len(endpoint.requests) == 3
        now = session.story.rounds[-1]
        assert now.sent(2).receipt == before
        assert now.sent(1).receipt.tokens < before.tokens
        assert now.sent(1).receipt.tokens + now.sent(1).receipt.reserve <= 900
        assert "900 tokens, not 2,048" in now.sent(1).why
        again = "".join(text for _, text in endpoint.requests[2].messages)
        assert again == await text_of(session, 1)
        await endpoint.fail(2, ContextTooLong("It takes 900 tokens.", "Send less.", 900))
        await settle()
        assert session.story.rounds[-1].sent(2).numbers == (1, 2)
        await endpoint.say(3, "She went on.")
        await endpoint.close_stream(3)
        # Once more is not tried again.
        await endpoint.fail(4, ContextTooLong("It takes 500 tokens.", "Send less.", 500))
        await settle()
        assert len(endpoint.requests) == 4
        first, second = session.story.rounds[-1].candidates
        assert first.ending is not None
        assert first.ending.kind == "finished"
        assert second.ending is not None
        assert second.ending.kind == "failed"
        assert "500 tokens" in second.ending.why


async def test_a_model_that_learns_nothing_is_not_asked_the_same_again() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS[:4])
        await session.rounds.ask("continue", end(session), session.rounds.recipes((0.2,)))
        await settle()
        await endpoint.fail(1, ContextTooLong("It is too long.", "Send less."))
        await settle()
        assert len(endpoint.requests) == 1
        ending = session.story.rounds[-1].candidates[0].ending
        assert ending is not None
        assert ending.why.startswith("It is too long.")


async def test_what_is_asked_for_is_what_stood_there_when_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "AT_ONCE", 0)
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS[:4])
        asking = asyncio.create_task(session.rounds.ask("continue", end(session), session.rounds.recipes((0.2,))))
        await asyncio.sleep(0)
        with pytest.raises(RefusedError, match="on its way"):
            await session.rounds.ask("continue", end(session), session.rounds.recipes((0.2,)))
        write(session, " And an otter came.")
        asked = await asking
        assert "otter" not in await text_of(session, 1)
        assert asked.head < session.journal.tree.head
        assert session.rounds.place(asked) is not None
        await settle()
        assert len(endpoint.requests) == 1


async def test_a_section_is_told_in_few_words_and_the_words_go_out_in_its_place() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        endpoint.window = 1200
        write(session, *PARAGRAPHS, *PARAGRAPHS)
        (section, *_) = await session.condensing.sections(session.story.manuscript.last)
        assert await session.condensing.condense((section,)) == 1
        await settle()
        (request,) = endpoint.requests
        assert PARAGRAPHS[0] in request.messages[-1][1]
        assert wording.PASSAGE in request.messages[-1][1]
        await endpoint.say(1, "The keeper carried ropes down and lost them.")
        await endpoint.close_stream(1)
        await settle()
        assert session.condensing.running == 0
        (paraphrase,) = session.story.paraphrases
        assert paraphrase.candidate == "1.1"
        endpoint.new_round()
        await session.rounds.ask("continue", end(session), session.rounds.recipes((0.2,)))
        sent = await text_of(session, 1)
        assert wording.CONDENSED in sent
        assert "carried ropes down and lost them" in sent
        (section, *_) = await session.condensing.sections(session.story.manuscript.last)
        assert not section.stale
        # By hand, and taken back.
        session.condensing.write(section, "Ropes went down.")
        (paraphrase,) = session.story.paraphrases
        assert (paraphrase.text, paraphrase.edited) == ("Ropes went down.", True)
        place = session.story.manuscript.first
        session.type(place, place, "Then. ")
        session.flush()
        (section, *_) = await session.condensing.sections(session.story.manuscript.last)
        assert section.stale
        session.undo()
        (section, *_) = await session.condensing.sections(session.story.manuscript.last)
        assert not section.stale
        session.condensing.write(section, "")
        assert session.story.paraphrases == ()


@pytest.mark.parametrize(
    ("said", "reason", "notice"),
    [
        (" ".join(PARAGRAPHS * 2), "stop", "came back with"),
        ("It has no end", "length", "cut before its first sentence"),
        ("", "stop", "answered with nothing"),
    ],
    ids=("longer", "cut", "nothing"),
)
async def test_a_summary_that_fails_or_is_longer_is_not_used_and_that_is_told(
    said: str, reason: str, notice: str
) -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        endpoint.window = 20_000
        write(session, *PARAGRAPHS)
        told: list[str] = []
        session.watch(lambda changed: told.append(changed.notice))
        sections = await session.condensing.sections(session.story.manuscript.last)
        await session.condensing.condense(sections[:1])
        await settle()
        if said:
            await endpoint.say(1, said)
        await endpoint.close_stream(1, reason)
        await settle()
        assert session.story.paraphrases == ()
        assert any(notice in each for each in told)


async def test_a_summary_that_was_cut_keeps_its_whole_sentences() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS)
        endpoint.window = 20_000
        await session.condensing.condense((await session.condensing.sections(session.story.manuscript.last))[:1])
        await settle()
        await endpoint.say(1, "The keeper lost his ropes. Then he")
        await endpoint.close_stream(1, "length")
        await settle()
        assert [each.text for each in session.story.paraphrases] == ["The keeper lost his ropes."]


async def cost_of(
    price: Price | None, *events: Piece | Closing | EndpointError
) -> tuple[Cost | None, Receipt, Scripted]:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        endpoint.price = price
        write(session, "She waited.")
        await session.rounds.ask("continue", end(session), session.rounds.recipes((0.2,)))
        await settle()
        for event in events:
            if isinstance(event, EndpointError):
                await endpoint.fail(1, event)
            else:
                await endpoint.send(1, event)
        await settle()
        await session.rounds.stop_all("over")
        asked = session.story.rounds[-1]
        ending = asked.candidates[0].ending
        assert ending is not None
        return ending.cost, asked.receipt, endpoint


async def test_what_an_answer_cost_is_stored_at_the_price_of_the_day() -> None:
    price = Price(2.0, 10.0, "€")
    wrote = Piece("Four words of text.")
    cost, receipt, endpoint = await cost_of(price, wrote, Closing("stop", "m", 100, 7))
    assert cost == Cost(270, "€")
    assert endpoint.usages == [(endpoint.model, receipt.tokens, 100)]
    cost, receipt, _ = await cost_of(price, wrote)
    assert cost is not None
    assert cost.estimated
    assert cost.millionths == receipt.tokens * 2 + Scripted.count(wrote.text) * 10 + Scripted.count("") * 10
    assert (await cost_of(None, wrote, Closing("stop", "m", 100, 7)))[0] is None
    # What never began was not charged.
    assert (await cost_of(price, EndpointError("Nobody answers.")))[0] is None


async def test_a_summary_tells_the_text_that_was_sent_whatever_was_typed_before_it_was_asked_for() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS)
        endpoint.window = 20_000
        (section, *_) = await session.condensing.sections(session.story.manuscript.last)
        place = session.story.manuscript.first
        session.type(place, place, "Then. ")
        session.flush()
        await session.condensing.condense((section,))
        await settle()
        assert "Then. " in endpoint.requests[0].messages[-1][1]
        await endpoint.say(1, "Ropes were lost.")
        await endpoint.close_stream(1)
        await settle()
        (section, *_) = await session.condensing.sections(session.story.manuscript.last)
        assert section.paraphrase is not None
        assert not section.stale
        session.undo()
        (section, *_) = await session.condensing.sections(session.story.manuscript.last)
        assert section.stale


async def test_a_section_is_asked_for_once_at_a_time_and_not_when_its_text_is_gone() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS, *PARAGRAPHS[::-1])
        endpoint.window = 1_800
        first, second, *_ = await session.condensing.sections(session.story.manuscript.last)
        assert await session.condensing.condense((first,)) == 1
        await settle()
        await endpoint.say(1, "Ropes")
        assert await session.condensing.condense((first,)) == 0
        manuscript = session.story.manuscript
        session.erase(Position(manuscript.at(second.first - 1).id, 3), Position(manuscript.at(second.last).id, 3))
        assert await session.condensing.condense((first, second)) == 0
        await settle()
        assert len(endpoint.requests) == 1
        with pytest.raises(RefusedError, match="is gone"):
            await session.rounds.ask("condense", SectionTarget(second.blocks), session.rounds.recipes((0.2,)))
        await endpoint.fail(1, EndpointError("It broke off."))
        await settle()
        assert await session.condensing.condense((first,)) == 1


async def test_what_stands_in_the_way_of_a_later_section_is_told_and_of_the_first_refused() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS, " ".join(PARAGRAPHS * 2))
        endpoint.window = 1_800
        found = await session.condensing.sections(session.story.manuscript.last)
        told: list[str] = []
        session.watch(lambda changed: told.append(changed.notice))
        endpoint.window = 700
        with pytest.raises(RefusedError):
            await session.condensing.condense(found[:1])
        small, *_ = await session.condensing.sections(session.story.manuscript.last)
        assert await session.condensing.condense((small, *found[1:])) == 1
        assert any("1 of" in notice for notice in told)


async def test_edits_in_place_hold_for_their_place_alone() -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS[:3])
        here, there = end(session), PlaceTarget(Position(session.story.manuscript.at(0).id, 4))
        session.shape(Shape(edits=(("previous paragraph", "As edited."),), place=place_of(here)))
        for target, holds in ((there, False), (here, True)):
            ready = await session.rounds.plan("continue", target, session.rounds.recipes((0.2,)))
            assert ("As edited." in "".join(ready[0].pieces)) is holds
        assert not endpoint.requests


async def test_the_shape_of_a_request_is_that_of_when_it_was_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "AT_ONCE", 0)
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS)
        asking = asyncio.create_task(session.rounds.ask("continue", end(session), session.rounds.recipes((0.2,))))
        await asyncio.sleep(0)
        session.shape(Shape("bare"))
        await asking
        await settle()
        monkeypatch.setattr(packing, "AT_ONCE", 1_000)
        endpoint.windows[endpoint.model] = 900
        await endpoint.fail(1, ContextTooLong("It takes 900 tokens.", "Send less.", 900))
        await settle()
        assert session.story.rounds[-1].sent(1).receipt.shape == Shape()


async def test_an_estimate_that_was_too_low_is_told_in_other_words(monkeypatch: pytest.MonkeyPatch) -> None:
    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS)
        await session.rounds.ask("continue", end(session), session.rounds.recipes((0.2,)))
        await settle()
        monkeypatch.setattr(endpoint, "count", lambda text: 2 * Scripted.count(text))
        await endpoint.fail(1, ContextTooLong("It was too long.", "Send less."))
        await settle()
        assert len(endpoint.requests) == 2
        assert "counts more tokens than were reckoned with" in session.story.rounds[-1].sent(1).why


async def test_a_packing_that_is_cancelled_leaves_no_thread_beside_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packing, "AT_ONCE", 0)
    running, most, go = 0, 0, threading.Event()

    def slow(text: str) -> int:
        nonlocal running, most
        running += 1
        most = max(most, running)
        if not go.is_set():
            go.wait(10)
        running -= 1
        return Scripted.count(text)

    async with session_on(MemoryStore(), endpoint := Scripted()) as session:
        write(session, *PARAGRAPHS[:3])
        monkeypatch.setattr(endpoint, "count", slow)
        first = asyncio.create_task(session.rounds.plan("continue", end(session), session.rounds.recipes((0.2,))))
        await asyncio.sleep(0.01)
        first.cancel()
        second = asyncio.create_task(session.rounds.plan("continue", end(session), session.rounds.recipes((0.2,))))
        await settle()
        go.set()
        await second
        assert most == 1
        with pytest.raises(asyncio.CancelledError):
            await first


async def test_a_place_that_is_empty_has_no_sections() -> None:
    async with session_on(MemoryStore()) as session:
        assert await session.condensing.sections(START) == ()
