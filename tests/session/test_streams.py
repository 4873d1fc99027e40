"""Rounds over several models, candidates that go on from others, tokens, thoughts, waits, and what is kept of them."""

from __future__ import annotations

import math

import pytest

from composer.errors import EndpointError, RefusedError
from composer.journal.journal import Journal
from composer.session.ports import Closing, Piece, Waiting
from composer.session.recipes import Grid
from composer.session.session import Session
from composer.store.memory import MemoryStore
from composer.story.actions import place as placing
from composer.story.actions import text as texts
from composer.story.candidate import PlaceTarget, Recipe, Round, Stem
from composer.story.events import MarkMade, MarksLifted
from composer.story.manuscript import START
from composer.story.spans import Generated, Span
from composer.story.story import Placement
from composer.story.surprise import Token
from tests.session.fakes import HandClock, Scripted, session_on, settle

PLACE = PlaceTarget(START)


async def asked(session: Session, grid: Grid, stem: Stem | None = None) -> Round:
    round_ = await session.rounds.ask("continue", PLACE, session.rounds.recipes(grid), stem=stem)
    await settle()
    return round_


async def test_two_endpoints_write_side_by_side_and_one_that_fails_leaves_the_other() -> None:
    near, far = Scripted("near"), Scripted("far")
    async with session_on(MemoryStore(), near, None, far) as session:
        await asked(session, Grid((0.2, 0.9), (("near", ""), ("far", "big"))))
        assert [each.recipe.model for each in near.requests] == ["near-1", "near-1"]
        assert [each.recipe.model for each in far.requests] == ["big", "big"]
        await near.say(1, "Wren ")
        await far.say(2, "The lamp ")
        await near.fail(1, EndpointError("near broke off."))
        await far.say(2, "took.")
        await far.close_stream(2)
        texts = [(each.text, each.ending and each.ending.kind) for each in session.story.round(1).candidates]
        assert texts == [("Wren ", "failed"), ("", None), ("", None), ("The lamp took.", "finished")]


async def test_what_candidates_are_sent_apart_is_kept_for_each() -> None:
    chat, base = Scripted("chat"), Scripted("base")
    base.template = "chatml"
    store = MemoryStore()
    async with session_on(store, chat, None, base) as session:
        round_ = await asked(session, Grid((0.5,), (("chat", ""), ("base", "")), ("", "as a list")))
        await session.drained()
        seen = [await session.pieces([n for m in round_.sent(k).messages for n in m.pieces]) for k in (1, 2, 3, 4)]

        def text(number: int) -> str:
            return "".join(
                seen[number - 1][name].decode() for message in round_.sent(number).messages for name in message.pieces
            )

        assert "as a list" not in text(1)
        assert "as a list" in text(2)
        assert [message.role for message in round_.sent(3).messages] == ["prompt"]
        assert text(3).startswith("<|system|>")
        assert text(3).endswith("<|assistant|>")
        assert base.requests[0].messages == (("prompt", text(3)),)
        assert chat.requests[1].messages[0] == ("system", text(2)[: len(chat.requests[1].messages[0][1])])
        for number in (1, 2, 3, 4):
            assert round_.sent(number).receipt.tokens > 0


async def test_a_small_window_among_several_is_named() -> None:
    near, far = Scripted("near"), Scripted("far")
    far.window = 40
    async with session_on(MemoryStore(), near, None, far) as session:
        with pytest.raises(RefusedError, match=r"^far: "):
            await asked(session, Grid((0.5,), (("near", ""), ("far", ""))))
        assert not len(session.story.rounds)


async def test_a_partial_is_gone_on_with_elsewhere_and_keeps_its_origins() -> None:
    near, far = Scripted("near"), Scripted("far")
    store = MemoryStore()
    async with session_on(store, near, None, far) as session:
        await asked(session, Grid((0.5,)))
        await near.say(1, "Wren lit the")
        with pytest.raises(RefusedError, match="still writing"):
            await asked(session, Grid((0.5,)), Stem("1.1", 12))
        await near.fail(1, EndpointError("near broke off."))
        await asked(session, Grid((0.5,), (("far", ""),)), Stem("1.1", 12))
        assert far.requests[0].prefix == "Wren lit the"
        assert all(role in ("system", "user") for role, _ in far.requests[0].messages)
        assert session.story.candidate("2.1").text == "Wren lit the"
        await far.say(1, " lamp.")
        await far.close_stream(1)
        on = session.story.candidate("2.1")
        assert on.text == "Wren lit the lamp."
        assert on.ending is not None
        assert on.ending.length == len(on.text)
        assert placing.whole(on) == (
            (Span("Wren lit the", Generated("1.1", 0, 12)), Span(" lamp.", Generated("2.1", 12, 18))),
        )
        # And on from there, with another word.
        await asked(session, Grid((0.5,)), Stem("2.1", 13, "wick"))
        assert near.requests[1].prefix == "Wren lit the wick"
        await near.close_stream(2)
        third = session.story.candidate("3.1")
        assert third.origins(0, 17) == (Generated("1.1", 0, 12), Generated("2.1", 12, 13), Generated("3.1", 13, 17))
        assert third.ending is not None
        # The word was the writer's choice: the model wrote nothing.
        assert (third.ending.kind, third.ending.why[:18]) == ("failed", "The model answered")
    journal = Journal()
    journal.read(store.entries)
    assert journal.story.candidate("3.1").text == "Wren lit the wick"


async def test_tokens_are_kept_along_the_text_and_come_back() -> None:
    endpoint, store = Scripted(), MemoryStore()
    async with session_on(store, endpoint) as session:
        await asked(session, Grid((0.5,)))
        others = (("light", math.log(0.25)),)
        await endpoint.send(1, Piece("Wren", tokens=(Token("Wren", math.log(0.5), others),)))
        # What is held back comes later than its token, and thoughts have tokens of their own.
        await endpoint.send(1, Piece("", tokens=(Token(" lit", math.log(0.125)),)))
        await endpoint.send(1, Piece("hm", "reasoning", tokens=(Token("hm", -1.0),)))
        await endpoint.send(1, Piece(" lit", tokens=()))
        await endpoint.send(1, Piece(" it", tokens=(Token(" it", -0.0),)))
        await endpoint.close_stream(1)
        known = await session.rounds.choices("1.1")
        assert [(each.start, each.end, round(each.bits, 3)) for each in known] == [(0, 4, 1.0), (4, 8, 3.0), (8, 11, 0)]
        assert known[0].others == others
    async with session_on(MemoryStore(store.entries, store.held)) as again:
        assert await again.rounds.choices("1.1") == known
        assert session.story.candidate("1.1").reasoning == "hm"


async def test_text_that_was_thought_leaves_the_answer() -> None:
    endpoint, store = Scripted(), MemoryStore()
    async with session_on(store, endpoint) as session:
        await asked(session, Grid((0.5,)))
        await endpoint.send(1, Piece("First I plan.", tokens=(Token("First I plan.", -1.0),)))
        await endpoint.send(1, Piece("Wren lit it.", recast=True))
        await endpoint.close_stream(1)
        candidate = session.story.candidate("1.1")
        assert (candidate.text, candidate.reasoning) == ("Wren lit it.", "First I plan.")
        assert await session.rounds.choices("1.1") == ()
    journal = Journal()
    journal.read(store.entries)
    assert journal.story.candidate("1.1").text == "Wren lit it."


@pytest.mark.parametrize("taken", ["marked", "lifted", "kept", "placed and undone"])
async def test_text_that_anything_was_taken_from_stays_what_it_was(taken: str) -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        round_ = await asked(session, Grid((0.5,)))
        await endpoint.say(1, "First I plan.")
        candidate = session.story.candidate("1.1")
        if taken in ("marked", "lifted"):
            session.record((MarkMade(1, "1.1", 0, 5),))
        if taken == "lifted":
            session.record((MarksLifted((1,)),))
        if taken == "kept":
            session.record(texts.keep(session.story, placing.part(candidate, 0, 5), 5, session.new_id, ""))
        if taken == "placed and undone":
            where = placing.landing(session.story, round_, START, (START, START), False)
            put = placing.place(session.story, where, placing.whole(candidate), Placement(("1.1",)), session.new_id)
            session.record(put)
            session.undo()
        await endpoint.send(1, Piece(" Wren lit it.", recast=True))
        await endpoint.close_stream(1)
        assert session.story.candidate("1.1").text == "First I plan. Wren lit it."


async def test_text_that_was_placed_stays_what_it_was() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        round_ = await asked(session, Grid((0.5,)))
        await endpoint.say(1, "First I plan.")
        where = placing.landing(session.story, round_, START, (START, START), False)
        pieces = placing.whole(session.story.candidate("1.1"))
        session.record(placing.place(session.story, where, pieces, Placement(("1.1",)), session.new_id))
        await endpoint.send(1, Piece(" Wren lit it.", recast=True))
        await endpoint.close_stream(1)
        assert session.story.candidate("1.1").text == "First I plan. Wren lit it."


async def test_a_wait_counts_down_and_ends_with_the_first_text() -> None:
    endpoint, clock = Scripted(), HandClock()
    async with session_on(MemoryStore(), endpoint, clock) as session:
        await asked(session, Grid((0.5, 0.6)))
        streams = session.rounds.streams
        await endpoint.send(1, Waiting("the server asks to wait", 20))
        await endpoint.send(2, Waiting("its turn"))
        told: list[frozenset[str]] = []
        session.watch(lambda changed: told.append(changed.candidates))
        assert (streams.wait_of("1.1"), streams.wait_of("1.2")) == ("the server asks to wait: 20 s", "its turn")
        await clock.move(5)
        assert streams.wait_of("1.1") == "the server asks to wait: 15 s"
        assert any("1.1" in names for names in told)
        await endpoint.send(2, Waiting(""))
        await endpoint.say(1, "Wren")
        assert (streams.wait_of("1.1"), streams.wait_of("1.2")) == ("", "")


async def test_progress_counts_what_ended_and_tokens_a_second() -> None:
    endpoint, clock = Scripted(), HandClock()
    async with session_on(MemoryStore(), endpoint, clock) as session:
        await asked(session, Grid((0.5, 0.6)))
        assert session.rounds.streams.progress(session.story.round(1)).rate == 0
        await clock.move(3)
        await endpoint.say(1, "x" * 80)
        await clock.move(2)
        await endpoint.send(2, Piece("y" * 40))
        await endpoint.send(2, Closing("stop", completion_tokens=30))
        how = session.rounds.streams.progress(session.story.round(1))
        assert (how.done, how.count, how.tokens, how.seconds, how.rate) == (1, 2, 50, 5.0, 25.0)


async def test_what_was_not_sent_is_kept_with_the_ending() -> None:
    endpoint, store = Scripted(), MemoryStore()
    async with session_on(store, endpoint) as session:
        await asked(session, Grid((0.5,)))
        await endpoint.say(1, "Wren.")
        await endpoint.send(1, Closing("stop", dropped=(("min_p", "the server refused it"),)))
        ending = session.story.candidate("1.1").ending
        assert ending is not None
        assert ending.dropped == (("min_p", "the server refused it"),)


async def test_max_tokens_of_a_recipe_bound_the_answer_and_the_window() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        made = [Recipe("scripted", "m", {"max_tokens": size}) for size in (77, 50_000)]
        round_ = await session.rounds.ask("continue", PLACE, made)
        await settle()
        assert [each.max_tokens for each in endpoint.requests] == [77, endpoint.window // 2]
        assert round_.receipt.reserve == endpoint.window // 2


async def test_each_model_has_its_own_window() -> None:
    endpoint = Scripted()
    endpoint.window, endpoint.windows = 100_000, {"small": 600}
    async with session_on(MemoryStore(), endpoint) as session:
        place = session.story.manuscript.last
        for number in range(60):
            for (
                char
            ) in f"Number {number} is words enough, {number * 7919} of them, to fill a little {number * 31} window. ":
                place = session.type(place, place, char)
            place = session.type(place, place, "\n")
        session.flush()
        made = [Recipe("scripted", "", {}), Recipe("scripted", "small", {"max_tokens": 100})]
        round_ = await session.rounds.ask("continue", PlaceTarget(session.story.manuscript.last), made)
        await settle()
        large, small = round_.sent(1).receipt, round_.sent(2).receipt
        assert (large.budget, small.budget) == (100_000, 600)
        assert large.tokens > 600 >= small.tokens + small.reserve
        sizes = [sum(map(len, dict(request.messages).values())) for request in endpoint.requests]
        assert sizes[1] < sizes[0]


async def test_what_a_template_adds_is_counted_and_fits() -> None:
    class Wordy(Scripted):
        def render(self, messages: object, template: str, prefix: str = "") -> str:
            return super().render(messages, template, prefix) + " filler" * 300  # type: ignore[arg-type]

    endpoint = Wordy()
    endpoint.window, endpoint.template = 1_500, "chatml"
    async with session_on(MemoryStore(), endpoint) as session:
        place = session.story.manuscript.last
        for _ in range(120):
            for char in "Words enough to fill a little window. ":
                place = session.type(place, place, char)
            place = session.type(place, place, "\n")
        session.flush()
        target = PlaceTarget(session.story.manuscript.last)
        round_ = await session.rounds.ask("continue", target, session.rounds.recipes((0.5,)))
        await settle()
        prompt = endpoint.requests[0].messages[0][1]
        receipt = round_.receipt
        assert endpoint.count(prompt) + receipt.reserve <= receipt.budget == 1_500
        assert receipt.tokens >= endpoint.count(prompt)
        assert any(part.name == "template" and part.tokens > 400 for part in receipt.parts)


async def test_a_part_whose_special_token_a_template_breaks_keeps_its_place() -> None:
    class Breaking(Scripted):
        def render(self, messages: object, template: str, prefix: str = "") -> str:
            text = super().render(messages, template, prefix)  # type: ignore[arg-type]
            return text.replace("<|stop|>", "< |stop|>").replace("$END$", "$ END$")

    endpoint = Breaking()
    endpoint.template = "chatml"
    paragraphs = ("One came in.", "He typed <|stop|> and $END$, twice.", "It was late.")
    async with session_on(MemoryStore(), endpoint) as session:
        place = session.story.manuscript.last
        for char in "\n".join(paragraphs):
            place = session.type(place, place, char)
        session.flush()
        target = PlaceTarget(session.story.manuscript.last)
        round_ = await session.rounds.ask("continue", target, session.rounds.recipes((0.5,)))
        await settle()
        await session.drained()
        names = [name for message in round_.sent(1).messages for name in message.pieces]
        stored = await session.pieces(names)
        pieces = [stored[name].decode() for name in names]
        assert "".join(pieces) == endpoint.requests[0].messages[0][1]
        part = next(part for part in round_.receipt.parts if part.name == "earlier text")
        own = [piece.strip() for piece in pieces[part.first : part.last]]
        assert own[-1] == "He typed < |stop|> and $ END$, twice."
        assert own[-2] == "One came in."


async def test_silence_is_told_and_ends_with_the_next_piece() -> None:
    endpoint, clock = Scripted(), HandClock()
    async with session_on(MemoryStore(), endpoint, clock) as session:
        await asked(session, Grid((0.5,)))
        streams = session.rounds.streams
        await clock.move(9)
        assert streams.wait_of("1.1") == ""
        await clock.move(3)
        assert streams.wait_of("1.1") == "silent for 12 s"
        await endpoint.say(1, "Wren")
        assert streams.wait_of("1.1") == ""
        await clock.move(11)
        assert streams.wait_of("1.1") == "silent for 11 s"
        await endpoint.close_stream(1)
        await clock.move(60)
        assert streams.wait_of("1.1") == ""


async def test_what_was_not_sent_is_kept_also_where_it_is_stopped() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        await asked(session, Grid((0.5,)))
        await endpoint.send(1, Waiting("", dropped=(("tfs_z", "llama.cpp has it no more"),)))
        await endpoint.say(1, "Wren")
        await session.rounds.stop(["1.1"])
        ending = session.story.candidate("1.1").ending
        assert ending is not None
        assert (ending.kind, ending.dropped) == ("cancelled", (("tfs_z", "llama.cpp has it no more"),))


async def test_a_model_that_the_server_chose_is_named_in_the_recipe() -> None:
    endpoint = Scripted()
    async with session_on(MemoryStore(), endpoint) as session:
        await session.rounds.ask("continue", PLACE, [Recipe("scripted", "", {})])
        assert session.story.candidate("1.1").recipe.model == "scripted-1"


async def test_a_template_that_leaves_no_room_is_refused() -> None:
    class Endless(Scripted):
        def render(self, messages: object, template: str, prefix: str = "") -> str:
            return "filler " * 3_000

    endpoint = Endless()
    endpoint.template = "chatml"
    async with session_on(MemoryStore(), endpoint) as session:
        with pytest.raises(RefusedError):
            await asked(session, Grid((0.5,)))
        assert not len(session.story.rounds)
