"""JSON Lines: out and back without a byte's difference, and every fault told with its line."""

from __future__ import annotations

import io
import json
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.errors import ComposerError, DamagedSession, NewerSession, NotASession, UnwritableSession
from composer.journal.codec import Unknown, decode
from composer.journal.entry import ROOT_CHAIN, Entry, seal
from composer.session.ports import Batch
from composer.store.jsonl import DamagedJournal, open_journal, read_jsonl, write_jsonl
from composer.store.sqlite import open_session, view_session
from tests.store.making import batch, entries, pieces

TEXTS = [b"plain", "\ufeffmark\r\n\u2028\x00“漢”".encode(), b""]
BYTES = [b"\xff\xfe\x00", bytes(range(256))]


def written(made: list[Entry], held: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    write_jsonl(out, made, held)
    return out.getvalue()


MADE = entries(5)
HELD = pieces(*TEXTS, *BYTES)
WHOLE = written(MADE, HELD)
LINES = WHOLE.splitlines(keepends=True)


def read(data: bytes, longest: int = 10_000) -> tuple[list[Entry], dict[str, bytes]]:
    return read_jsonl(io.BytesIO(data), longest)


def test_the_form() -> None:
    assert WHOLE.count(b"\n") == len(LINES) == 1 + len(HELD) + len(MADE)
    rows = [json.loads(line) for line in LINES]
    assert rows[0] == {"format": "story-composer journal", "version": 1, "pieces": 5, "entries": 5}
    assert [row["name"] for row in rows[1:6]] == sorted(HELD)
    assert sum("base64" in row for row in rows[1:6]) == len(BYTES)
    assert list(rows[6]) == ["kind", "seq", "parent", "step", "time", "type", "version", "body", "chain"]
    assert rows[8]["body"] == MADE[2].body


def test_there_and_back() -> None:
    assert read(WHOLE) == (MADE, HELD)
    assert read_jsonl(LINES) == (MADE, HELD)
    assert written(*read(WHOLE)) == WHOLE
    assert read(written([], {})) == ([], {})


async def test_from_a_session_to_lines_to_a_session_to_lines(tmp_path: Path) -> None:
    first = await open_session(tmp_path / "a.collage", create=True)
    await first.append(Batch(tuple(MADE), HELD))
    exported = written(await first.read(), await first.pieces(await first.piece_names()))
    await first.close()
    second = await open_session(tmp_path / "b.collage", create=True)
    made, held = read(exported)
    await second.append(Batch(tuple(made), held))
    await second.close()
    view = await view_session(tmp_path / "b.collage")
    assert written(await view.read(), await view.pieces(await view.piece_names())) == exported == WHOLE


@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.integers(-(2**63), 2**63 - 1)), max_size=5),
    st.lists(st.binary(max_size=40), max_size=5),
)
def test_any_text_and_any_bytes_survive(told: list[tuple[str, int]], data: list[bytes]) -> None:
    made, before = [], ROOT_CHAIN
    for seq, (words, time) in enumerate(told, 1):
        made.append(seal(before, Entry(seq, -1, seq, time, words, 7, words, "")))
        before = made[-1].chain
    assert read(written(made, pieces(*data))) == (made, pieces(*data))


async def test_kinds_of_entries_that_no_one_knows_survive(tmp_path: Path) -> None:
    strange = Entry(1, -1, 1, 5, "DreamtOf", 12, '{ "b": 1,  "a": [1.50, "\\u00e9"], "b": 2 }', "")
    made = [seal(ROOT_CHAIN, strange)]
    store = await open_session(tmp_path / "a.collage", create=True)
    await store.append(batch(read(written(made, {}))[0]))
    kept = await store.read()
    await store.close()
    assert kept == made
    assert decode(kept[0].type, kept[0].version, kept[0].body) == Unknown("DreamtOf", 12, strange.body)


def changed(at: int, line: bytes) -> bytes:
    return b"".join([*LINES[: at - 1], line, *LINES[at:]])


def entry_line(at: int, **values: object) -> bytes:
    return json.dumps({**json.loads(LINES[at - 1]), **values}).encode() + b"\n"


@pytest.mark.parametrize(
    ("data", "line", "words", "saved"),
    [
        (WHOLE[:-20], 11, "cut off in the middle", 4),
        (b"".join(LINES[:9]) + LINES[9][:1], 10, "cut off in the middle", 3),
        (b"".join(LINES[:9]), 10, "promises 5 entries, and there are 3", 3),
        (b"".join(LINES[:4]), 5, "promises 5 entries, and there are 0", 0),
        (b"".join(LINES[:3] + LINES[4:]), 11, "promises 5 pieces, and there are 4", 5),
        (LINES[0][:60], 1, "cut off in the middle", 0),
        (b"".join(LINES[:8] + LINES[9:]), 9, "entry 4 where entry 3 belongs", 2),
        (b"".join([*LINES[:8], LINES[7], *LINES[8:]]), 9, "entry 2 where entry 3 belongs", 2),
        (changed(9, entry_line(9, body="{}")), 9, "entry 3, whose checksum does not hold", 2),
        (changed(9, entry_line(9, time=1)), 9, "checksum does not hold", 2),
        (changed(9, entry_line(9, seq="3")), 9, "neither a piece nor an entry", 2),
        (changed(9, entry_line(9, mood="blue")), 9, "neither a piece nor an entry", 2),
        (changed(9, b"\n"), 9, "neither a piece nor an entry", 2),
        (changed(9, b'{"kind":"wish"}\n'), 9, "neither a piece nor an entry", 2),
        (changed(9, b"\xff\xfe\n"), 9, "neither a piece nor an entry", 2),
        (changed(9, b"x" * 20_000 + b"\n"), 9, "longer than 10000 bytes", 2),
        (changed(9, LINES[8][:-1] + b"\r\n"), 9, "CR LF", 2),
        (WHOLE.replace(b"\n", b"\r\n"), 1, "CR LF", 0),
        (changed(3, entry_line(3, text="other", base64=None)), 3, "piece whose checksum", 0),
        (changed(3, entry_line(3, text="both", base64="AA==")), 3, "piece whose checksum", 0),
        (changed(3, b'{"kind":"piece","name":"x"}\n'), 3, "piece whose checksum", 0),
        (changed(3, b'{"kind":"piece","name":"x","base64":"?"}\n'), 3, "piece whose checksum", 0),
        (changed(1, entry_line(1, entries="many")), 1, "is no header", 0),
    ],
)
def test_damage_is_told_with_its_line_and_what_stands_before_it(data: bytes, line: int, words: str, saved: int) -> None:
    with pytest.raises(DamagedJournal, match=f"^Line {line} .*{words}") as raised:
        read(data)
    error = raised.value
    assert isinstance(error, DamagedSession)
    assert error.line == line
    assert error.entries == tuple(MADE[:saved])
    assert set(error.pieces) <= set(HELD)
    assert "before it." in error.sentence
    assert ("--keep-whole" in error.next_step) == bool(saved)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "Line 1 is missing"),
        (b"Once upon a time\n", "Line 1 is not the header"),
        (b'{"format": "other", "version": 1}\n', "Line 1 is not the header"),
        (b'{"format": "story-composer journal", "version": 0}\n', "Line 1 is not the header"),
        (b'{"format": "story-composer journal"}\n', "Line 1 is not the header"),
        (b"[1]\n", "Line 1 is not the header"),
        (b'{"a": 1}', "Line 1 is not the header"),
        (b"\xff\xfe{\0", "Line 1 is not the header"),
        (b"{" * 20_000, "Line 1 is longer than 10000"),
        (b"\xef\xbb\xbf" + WHOLE, "Line 1 starts with a byte order mark"),
    ],
)
def test_what_is_no_journal(data: bytes, words: str) -> None:
    with pytest.raises(NotASession, match=words) as raised:
        read(data)
    assert raised.value.next_step.endswith(".")


def test_a_newer_version() -> None:
    for version in (2, 99):
        with pytest.raises(NewerSession, match=r"Line 1 .*newer version"):
            read(changed(1, b'{"format":"story-composer journal","version":%d,"entries":{}}\n' % version))


def test_a_header_that_counts_nothing_is_enough_and_the_last_line_end_may_lack() -> None:
    head = b'{"version": 1, "format": "story-composer journal", "made by": "hand"}\n'
    assert read(changed(1, head)) == (MADE, HELD)
    assert read(WHOLE[:-1]) == (MADE, HELD)
    assert read(LINES[0].replace(b"5", b"0")[:-1]) == ([], {})


def test_pieces_may_stand_anywhere() -> None:
    assert read(b"".join([LINES[0], *LINES[6:], *LINES[1:6]])) == (MADE, HELD)


def test_whatever_is_done_to_it_nothing_false_is_read() -> None:
    dice = random.Random(7)
    for _ in range(300):
        data = bytearray(WHOLE)
        for _ in range(dice.randrange(1, 4)):
            at = dice.randrange(len(data))
            if dice.random() < 0.5:
                data[at] = dice.randrange(256)
            else:
                del data[at : at + dice.randrange(1, 200)]
        try:
            made, held = read(bytes(data))
        except DamagedJournal as error:
            made, held = list(error.entries), error.pieces
        except ComposerError:
            continue
        assert made == MADE[: len(made)]
        assert held.items() <= HELD.items()


async def test_a_store_that_only_reads(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(WHOLE)
    store = await open_journal(path)
    assert store.read_only
    assert store.path == str(path)
    assert await store.read() == tuple(MADE)
    assert await store.pieces([*HELD, "0" * 32]) == HELD
    assert await store.piece_names() == sorted(HELD)
    assert await store.size() == len(WHOLE)
    with pytest.raises(UnwritableSession) as raised:
        await store.append(batch(entries(1, MADE)))
    assert "import" in raised.value.next_step
    await store.close()
    await store.close()
    assert path.read_bytes() == WHOLE


async def test_files_that_can_not_be_opened(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none"):
        with pytest.raises(NotASession):
            await open_journal(path)
    (tmp_path / "cut").write_bytes(WHOLE[:-9])
    with pytest.raises(DamagedJournal) as raised:
        await open_journal(tmp_path / "cut")
    assert raised.value.entries == tuple(MADE[:4])


def test_a_line_without_end_is_not_read_as_a_whole() -> None:
    with tempfile.TemporaryFile() as file:
        file.write(LINES[0])
        file.truncate(1 << 30)
        file.seek(0)
        with pytest.raises(DamagedJournal, match="Line 2 is longer than"):
            read_jsonl(file, 1 << 16)
        assert file.tell() < 1 << 20
