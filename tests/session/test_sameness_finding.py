"""What candidates say again, and what is found of all that was kept, streamed or cut: values of the session, no screen."""

from __future__ import annotations

from composer.session.finding import Finding
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
    made = session.rounds.ask("continue", PlaceTarget(at), session.rounds.recipes([0.5] * len(said)))
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
