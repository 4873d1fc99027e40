"""Every version of every event that was ever written can be read, and is written today as it always was."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import msgspec
import pytest

from composer.errors import DamagedSession, NewerSession
from composer.journal import codec
from composer.journal.codec import Unknown, decode, encode
from composer.journal.entry import Entry, seal
from composer.journal.journal import Journal
from composer.story import events

GOLDEN = Path(__file__).with_name("golden.jsonl")
"""A line for each version of each event: `[type, version, body]`. Lines are added, never changed."""


def golden() -> list[tuple[str, int, str]]:
    return [msgspec.json.decode(line, type=tuple[str, int, str]) for line in GOLDEN.read_bytes().splitlines()]


@pytest.mark.parametrize("line", golden(), ids=lambda line: f"{line[0]}-{line[1]}")
def test_golden_lines_are_read(line: tuple[str, int, str]) -> None:
    happened = decode(*line)
    assert not isinstance(happened, Unknown)
    type_, version, body = encode(happened)
    assert type_ == line[0]
    if version == line[1]:
        assert body == line[2]


def test_every_event_has_a_golden_line_in_each_of_its_versions() -> None:
    kinds = {*get_args(events.Event), events.HeadMoved}
    assert set(codec.VERSIONS) == kinds
    wanted = {(kind.__name__, version) for kind, newest in codec.VERSIONS.items() for version in range(1, newest + 1)}
    assert {(type_, version) for type_, version, _ in golden()} >= wanted


def test_a_newer_version_is_kept_as_it_is() -> None:
    assert decode("TextEdited", 99, '{"x":1}') == Unknown("TextEdited", 99, '{"x":1}')
    assert decode("SomethingNew", 1, "{}") == Unknown("SomethingNew", 1, "{}")


def test_an_unknown_fact_is_passed_over_and_an_unknown_change_is_refused() -> None:
    journal = Journal()
    journal.read([seal("0" * 32, Entry(1, -1, 1, 5, "SomethingNew", 1, "{}", ""))])
    assert journal.seq == 1
    with pytest.raises(NewerSession, match="SomethingNew"):
        journal.read([seal(journal.chain, Entry(2, 0, 2, 5, "SomethingNew", 1, "{}", ""))])


@pytest.mark.parametrize("body", ["", "{", '{"at": 3}', "[]", '{"at":{"block":"a","offset":"x"}}'])
def test_a_body_that_does_not_fit_is_damage(body: str) -> None:
    with pytest.raises(DamagedSession):
        decode("CaretRested", 1, body)


def test_an_older_version_is_lifted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(codec.VERSIONS, events.SessionOpened, 2)
    monkeypatch.setitem(codec.UPCASTS, ("SessionOpened", 1), lambda body: {"program": body["program"] + "!"})
    assert decode("SessionOpened", 1, '{"program":"0.1"}') == events.SessionOpened("0.1!")


@pytest.mark.parametrize("field", ["seq", "parent", "step", "time", "type", "version", "body"])
def test_the_chain_covers_every_field(field: str) -> None:
    journal = Journal()
    entry = journal.record([events.SessionCreated("a", "0")], 5)[0]
    changed = {**msgspec.structs.asdict(entry), field: {"type": "x", "body": "{}"}.get(field, 77)}
    with pytest.raises(DamagedSession):
        Journal().read([Entry(**changed)])


def test_how_much_an_older_round_sent_is_read_from_its_receipt() -> None:
    (body,) = [body for type_, version, body in golden() if (type_, version) == ("RoundAsked", 2)]
    told = body.replace('"why":"always"', '"why":"bare: left out"')
    assert told != body
    rounds = [decode("RoundAsked", 2, each) for each in (body, told)]
    amounts = [each.receipt.shape.amount for each in rounds if isinstance(each, events.RoundAsked)]
    assert amounts == ["full", "bare"]


def test_older_receipts_get_the_shape_and_the_names_of_today() -> None:
    (body,) = [body for type_, version, body in golden() if (type_, version) == ("RoundAsked", 3)]
    told = body.replace('"amount":"full"', '"amount":"lean"').replace('"name":"beat"', '"name":"story so far"')
    assert told.count("lean") == 1
    lifted = decode("RoundAsked", 3, told)
    assert isinstance(lifted, events.RoundAsked)
    receipts = [lifted.receipt, *(each.receipt for each in lifted.others)]
    assert [receipt.shape.amount for receipt in receipts] == ["lean"] * len(receipts)
    assert "earlier text" in {part.name for receipt in receipts for part in receipt.parts}
