"""`story-composer context`: the receipt of a request that is never sent, for every way to name a beat, beside a writer, offline."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from composer.cli.context import aimed, find_beat, run_context
from composer.cli.flags import command_parser
from composer.cli.main import main
from composer.cli.wiring import settings_path
from composer.errors import NotASession, RefusedError
from composer.llm.counters import Counters
from composer.session.session import Session
from composer.store.sqlite import open_session
from composer.story.candidate import BeatTarget, PlaceTarget
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.outline import Beat, BeatText, Outline
from composer.story.shape import Shape
from composer.story.spans import Span, Written
from composer.story.story import Details, Story
from tests.cli.house import FERRY, SOON, House, files_below, plain
from tests.llm.fault_server import fails, serving, streams
from tests.session.fakes import Few, HandClock, Scripted, counting


def write_settings(text: str) -> None:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


async def told(capture: pytest.CaptureFixture[bytes], *arguments: object) -> dict[str, Any]:
    """The receipt as JSON."""
    code = await run_context(command_parser("context").parse_args([*map(str, arguments), "--json"]))
    out, err = capture.readouterr()
    assert (code, err) == (0, b"")
    found: dict[str, Any] = json.loads(out)
    return found


async def shown(capture: pytest.CaptureFixture[bytes], *arguments: object) -> str:
    """The receipt as text."""
    code = await run_context(command_parser("context").parse_args([*map(str, arguments)]))
    out, err = capture.readouterr()
    assert (code, err) == (0, b"")
    return out.decode()


@asynccontextmanager
async def writing(path: Path) -> AsyncIterator[Session]:
    """A writer at work on a session of that file."""
    store = await open_session(path, create=True)
    async with Session(store, Few(Scripted()), HandClock(), counting()) as session:
        yield session


def write(session: Session, text: str) -> None:
    place = session.story.manuscript.last
    session.type(place, place, text)
    session.flush()


# beats

STORY = Story(
    details=Details("The Salt Road", purpose="What is weighed is not what is owed."),
    outline=Outline(
        (
            Beat(
                "c1",
                BeatText("The weigh-house", kind="chapter"),
                (
                    Beat("b1", BeatText("Ilse takes the ledger", "She takes it the night that the house burns.")),
                    Beat("b2", BeatText(summary="The ferryman counts her twice.")),
                ),
            ),
            Beat("b3", BeatText(summary="A boy asks for his father's line.")),
            Beat("2", BeatText(summary="She reads a price that is not there.")),
        )
    ),
    manuscript=Manuscript(
        Block(name, beat, (Span(text, Written()),) if text else ())
        for name, beat, text in (
            ("p1", "b1", "The house burned from the scales up."),
            ("p2", "b1", "She had the ledger before the bells."),
            ("p3", "", "***"),
            ("p4", "b2", "He counted her. [what did he say?] He counted her again."),
            ("p5", "", ""),
        )
    ),
)


@pytest.mark.parametrize(
    ("words", "beat"),
    [
        ("1", "b1"),
        ("beat 3", "b3"),
        # A number goes before an id, an id before words, a whole line before a part of one.
        ("2", "b2"),
        ("4", "2"),
        ("b3", "b3"),
        ("c1", "c1"),
        ("the weigh-house", "c1"),
        ("  ILSE   takes the\nledger ", "b1"),
        ("night that", "b1"),
        ("FATHER'S", "b3"),
        ("the ferryman counts her twice.", "b2"),
    ],
)
def test_a_beat_is_found_by_number_id_and_words(words: str, beat: str) -> None:
    assert find_beat(STORY, words).beat.id == beat


def test_a_beat_that_is_not_there_or_not_the_only_one() -> None:
    with pytest.raises(RefusedError) as refused:
        find_beat(STORY, "she")
    assert "in 2 beats: 1 Ilse takes the ledger; 4 She reads a price" in refused.value.sentence
    for words in ("9", "dragon", "", "0"):
        with pytest.raises(RefusedError) as refused:
            find_beat(STORY, words)
        assert f"no beat “{words}”" in refused.value.sentence
        assert "The weigh-house; 1 Ilse takes the ledger; 2 The ferryman" in refused.value.next_step
    with pytest.raises(RefusedError, match="no beats"):
        find_beat(Story(), "1")
    many = Story(outline=Outline(tuple(Beat(f"x{at}", BeatText(f"line {at}")) for at in range(30))))
    with pytest.raises(RefusedError) as refused:
        find_beat(many, "line")
    assert refused.value.sentence.endswith("; 8 line 7; and 22 more.")
    # What is no beat's number may be in its words.
    assert find_beat(Story(outline=Outline((Beat("x", BeatText("31 lamps")),))), "31").beat.id == "x"


def test_what_is_asked_for() -> None:
    assert aimed(STORY, "3", "continue") == ("continue", BeatTarget("b3"), "b3")
    # Without a beat it is for the end of the text, and the beat of the last paragraph.
    assert aimed(STORY, None, "continue") == ("continue", PlaceTarget(Position("p5", 0), "before", None, "b2"), "b2")
    hole = PlaceTarget(Position("p4", 16), "before", Position("p4", 34), "b2")
    assert aimed(STORY, None, "fill") == aimed(STORY, "2", "fill") == ("fill", hole, "b2")
    whole = PlaceTarget(Position("p1", 0), "before", Position("p2", 36), "b1")
    assert aimed(STORY, "1", "rework") == ("rework", whole, "b1")
    last = PlaceTarget(Position("p4", 0), "before", Position("p4", 56), "b2")
    assert aimed(STORY, None, "polish") == ("polish", last, "b2")
    with pytest.raises(RefusedError, match="no \\[hole\\] in beat 1"):
        aimed(STORY, "1", "fill")
    with pytest.raises(RefusedError, match="no text in beat 3"):
        aimed(STORY, "3", "rework")
    assert aimed(Story(), None, "continue") == ("continue", PlaceTarget(START), "")
    assert aimed(Story(outline=STORY.outline), None, "continue")[1] == BeatTarget("b1")
    with pytest.raises(RefusedError, match="no text in the story"):
        aimed(Story(), None, "polish")


# the receipt


async def test_the_messages_are_those_that_would_be_sent(capsysbinary: Any, tmp_path: Path) -> None:
    path = tmp_path / "salt.collage"
    found = await told(capsysbinary, FERRY, "--beat", "3", "--instruction", "Colder, and in the rain.")
    assert list(found) == ["tokens", "budget", "reserve", "exact", "beat", "model", "amount", "parts", "messages"]
    assert (found["budget"], found["model"], found["amount"]) == (8192, "embedded-fable", "full")
    system, user = found["messages"]
    assert (system["role"], user["role"]) == ("system", "user")
    assert "Instruction:\nColder, and in the rain.\n" in user["content"]
    assert user["content"].rstrip().endswith("The boy brings soup and asks Ines whom she is waiting for.")
    assert sum(part["tokens"] for part in found["parts"]) == found["tokens"] <= found["budget"] - found["reserve"]
    assert {"instructions", "purpose", "outline", "earlier text", "previous paragraph"} <= {
        part["name"] for part in found["parts"]
    }
    assert not path.exists()


async def test_the_text_says_it_in_lines(capsysbinary: Any) -> None:
    text = await shown(capsysbinary, FERRY, "--beat", "soup")
    head, blank, names, *lines = text.splitlines()
    assert head.startswith("continue beat 3: The boy brings soup")
    assert head.endswith("· full · embedded-fable · window 8,192 · estimate")
    assert (blank, names.split()[0]) == ("", "part")
    assert re.fullmatch(r"Total [\d,]+ \+ 1,024 for the answer = [\d,]+ of 8,192 · estimate", lines[-1])
    assert any(re.match(r"✓ purpose +\d+ ", line) for line in lines)
    assert "\x1b" not in text


async def test_every_earlier_paragraph_is_told_of_with_a_reason(capsysbinary: Any) -> None:
    whole = await told(capsysbinary, FERRY)
    before = sum(part["name"] in ("earlier text", "previous paragraph") for part in whole["parts"])
    assert before == 2
    for budget in (900, 1200, 8192):
        found = await told(capsysbinary, FERRY, "--budget", budget)
        (part,) = [part for part in found["parts"] if part["name"] == "earlier text"]
        numbers: list[int] = []
        for item in part["items"]:
            first, *last = map(int, re.findall(r"\d+", item["label"]))
            numbers += range(first, (last[0] if last else first) + 1)
            assert item["why"] or item["fate"] == "kept"
        assert numbers == sorted(set(numbers))
        assert numbers[0] == 1
        assert found["tokens"] + found["reserve"] <= budget == found["budget"]


async def test_the_budget_is_packed_for_and_half_of_it_kept_at_most(capsysbinary: Any) -> None:
    for budget in (300, 700, 2_000, 10_000):
        found = await told(capsysbinary, FERRY, "--budget", budget)
        assert found["budget"] == budget
        assert found["reserve"] == min(1024, budget // 4)
        assert found["tokens"] <= budget - found["reserve"]


@pytest.mark.parametrize("budget", [1, 40])
async def test_a_budget_that_is_too_small_is_refused_with_the_part_and_by_how_much(budget: int) -> None:
    flags = command_parser("context").parse_args([str(FERRY), "--beat", "1", "--budget", str(budget)])
    with pytest.raises(RefusedError) as refused:
        await run_context(flags)
    assert "too many" in refused.value.sentence
    assert refused.value.next_step


async def test_amount_model_and_instruction(capsysbinary: Any) -> None:
    bare = await told(capsysbinary, FERRY, "--amount", "bare", "--model", "fable-2")
    assert (bare["amount"], bare["model"]) == ("bare", "fable-2")
    (earlier,) = [part for part in bare["parts"] if part["name"] == "earlier text"]
    assert not earlier["kept"]
    full = await told(capsysbinary, FERRY)
    assert bare["tokens"] < full["tokens"]


async def test_the_shape_of_the_story_is_used_beside_its_writer(capsysbinary: Any, tmp_path: Path) -> None:
    path = tmp_path / "salt.collage"
    async with writing(path) as session:
        write(session, "The house burned from the scales up.\nShe had the ledger before the bells.\nIt was warm.")
        session.shape(Shape("lean", muted=("earlier text",)))
        await session.drained()
        before = files_below(tmp_path)
        found = await told(capsysbinary, path)
        text = await shown(capsysbinary, path)
        # The index of the log is the file by which readers and the writer know of each other.
        assert {**files_below(tmp_path), "salt.collage-shm": b""} == {**before, "salt.collage-shm": b""}
        write(session, " Too warm.")
        await session.drained()
        later = await told(capsysbinary, path, "--amount", "full")
    assert found["amount"] == "lean"
    assert "lean, changed by you" in text
    assert "scales up" not in found["messages"][-1]["content"]
    # Another amount leaves the rest as it was.
    assert later["amount"] == "full"
    assert "It was warm. Too warm." in later["messages"][-1]["content"]
    assert "scales up" not in later["messages"][-1]["content"]


async def test_an_empty_story(capsysbinary: Any, tmp_path: Path) -> None:
    path = tmp_path / "new.collage"
    async with writing(path):
        pass
    found = await told(capsysbinary, path)
    assert found["beat"] == ""
    assert "continue the text" in await shown(capsysbinary, path)


async def test_text_that_looks_like_special_tokens_or_markup(capsysbinary: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.collage"
    async with writing(path) as session:
        write(session, "She read <|endoftext|> aloud.\n[bold]So[/bold] she did.\n" + "x " * 500 + "\nAnd then?")
    found = await told(capsysbinary, path)
    assert "<|endoftext|>" in found["messages"][-1]["content"]
    assert "[bold]So[/bold]" in found["messages"][-1]["content"]


# offline


async def test_no_server_is_asked(capsysbinary: Any) -> None:
    async with serving(streams("one"), fails(500)) as server:
        server.models = {"data": [{"id": "wren-7b", "max_model_len": 512}]}
        flags = [str(FERRY), "--base-url", server.base_url, "--model", "wren-7b", "--json"]
        assert await run_context(command_parser("context").parse_args(flags)) == 0
        out, err = capsysbinary.readouterr()
        assert json.loads(out)["model"] == "wren-7b"
        # What is guessed is said, with a way to say it.
        assert b"not known" in err
        assert b"--budget" in err
        assert len(err.splitlines()) == 1
        assert (await told(capsysbinary, *flags[:-1], "--budget", 4000))["budget"] == 4000
        write_settings(f'[endpoints.far]\nbase_url = "{server.base_url}"\nmodel = "wren-7b"\nwindow = 3000\n')
        assert (await told(capsysbinary, FERRY))["budget"] == 3000
        assert server.seen == []
        assert not server.connections


async def test_what_counts_is_loaded_before_it_counts(capsysbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded: list[str] = []
    load = Counters.load

    async def watched(counters: Counters, model: str, *, fetch: bool = True) -> None:
        assert not fetch
        loaded.append(model)
        await load(counters, model, fetch=fetch)

    monkeypatch.setattr(Counters, "load", watched)
    await told(capsysbinary, FERRY)
    assert loaded == ["embedded-fable"]


async def test_a_template_makes_one_text_of_it(capsysbinary: Any) -> None:
    write_settings(
        '[endpoints.far]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\nwindow = 4000\ntemplate = "chatml"\n'
    )
    found = await told(capsysbinary, FERRY)
    (message,) = found["messages"]
    assert message["role"] == "prompt"
    assert message["content"].startswith("<|im_start|>system")
    assert sum(part["tokens"] for part in found["parts"]) == found["tokens"]


@pytest.mark.parametrize("template", ["server", "/no/such/file.jinja"])
async def test_a_template_that_is_not_here_is_left_out_and_said(capsysbinary: Any, template: str) -> None:
    write_settings(
        f'[endpoints.far]\nbase_url = "http://127.0.0.1:9/v1"\nmodel = "m"\nwindow = 4000\ntemplate = "{template}"\n'
    )
    assert await run_context(command_parser("context").parse_args([str(FERRY), "--json"])) == 0
    out, err = capsysbinary.readouterr()
    assert [message["role"] for message in json.loads(out)["messages"]] == ["system", "user"]
    assert b"without a template" in err


async def test_nothing_is_kept(capsysbinary: Any, tmp_path: Path) -> None:
    home = Path(os.environ["HOME"]).parent
    before = files_below(home)
    await told(capsysbinary, FERRY)
    assert files_below(home) == before


# the command line


@pytest.mark.parametrize(
    "arguments",
    [["--budget", "0"], ["--budget", "-4"], ["--budget", "many"], ["--amount", "fat"], ["--kind", "smooth"]],
)
def test_flags_that_can_not_be_used(capsysbinary: Any, arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["context", str(FERRY), *arguments])
    assert left.value.code == 2
    out, err = capsysbinary.readouterr()
    assert out == b""
    assert arguments[0] in err.decode()
    assert "--help" in err.decode()


async def test_a_file_that_is_not_there() -> None:
    with pytest.raises(NotASession):
        await run_context(command_parser("context").parse_args(["nowhere"]))


def test_errors_are_sentences(capsysbinary: Any) -> None:
    for arguments in (
        ["nowhere"],
        [str(FERRY), "--beat", "dragon"],
        [str(FERRY), "--budget", "9"],
        [str(FERRY), "--model", ""],
    ):
        assert main(["context", *arguments]) == 1
        out, err = capsysbinary.readouterr()
        assert out == b""
        assert len(plain(err.decode()).splitlines()) == 2


@pytest.mark.slow
def test_as_a_command(house: House) -> None:
    session = house.session()
    before = files_below(house.desk)
    done = house.run("context", session, "--beat", "3", "--json")
    assert (done.code, done.err) == (0, "")
    assert json.loads(done.text)["budget"] == 8192
    text = house.run("context", session, "--beat", "3")
    assert (text.code, text.err) == (0, "")
    assert "too many" in house.refused("context", session, "--beat", "3", "--budget", "9")
    assert "no beat" in house.refused("context", session, "--beat", "dragon")
    assert files_below(house.desk) == before
    assert files_below(house.home) == {}


@pytest.mark.slow
def test_a_reader_that_leaves_is_no_trouble(house: House) -> None:
    read, written = os.pipe()
    os.close(read)
    with subprocess.Popen(
        house.command("context", FERRY), stdout=written, stderr=subprocess.PIPE, env=house.environ, cwd=house.desk
    ) as child:
        os.close(written)
        _, err = child.communicate(timeout=SOON)
    assert (child.returncode, err) == (141, b"")
