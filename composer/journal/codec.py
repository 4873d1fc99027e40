"""Events to and from their stored form: a type, a version and a JSON body.

Every version ever written can be read: a changed shape gets a new version and a pure upcast of the old body. A type or a
version that is not known here is kept as `Unknown`; nothing is ever encoded anew.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Struct

from composer.errors import DamagedSession
from composer.story import events

Body = dict[str, Any]


class Unknown(Struct, frozen=True):
    """What a newer version of the program wrote."""

    type: str
    version: int
    body: str


Record = events.Event | events.HeadMoved | Unknown

VERSIONS: dict[type[Struct], int] = {
    events.SessionCreated: 1,
    events.SessionOpened: 1,
    events.CaretRested: 1,
    events.RoundAsked: 5,
    events.RequestRepacked: 1,
    events.ContextShaped: 1,
    events.TextCondensed: 1,
    events.DraftsAsked: 1,
    events.DraftsHalted: 1,
    events.RoundVeiled: 1,
    events.CandidateGrew: 1,
    events.TextWasThought: 1,
    events.CandidateEnded: 3,
    events.MarkMade: 2,
    events.MarksLifted: 1,
    events.MarksOrdered: 1,
    events.SpliceEdited: 1,
    events.RemarkWritten: 1,
    events.DetailsChanged: 1,
    events.BeatAdded: 1,
    events.BeatRemoved: 1,
    events.BeatEdited: 1,
    events.BeatMoved: 1,
    events.BeatsPlaced: 1,
    events.LinePlaced: 1,
    events.TextEdited: 1,
    events.TextPlaced: 1,
    events.BlockAssigned: 1,
    events.ShelfChanged: 1,
    events.NoteChanged: 1,
    events.ExemplarChanged: 1,
    events.WordLearned: 1,
    events.HeadMoved: 1,
}
"""The version in which each event is written today."""

UPCASTS: dict[tuple[str, int], Callable[[Body], Body]] = {
    # Marks were first of candidates alone, and rounds asked without a text to change.
    ("MarkMade", 1): lambda body: {**body, "pieces": []},
    ("RoundAsked", 1): lambda body: {**body, "base": [], "marks": [], "stood": []},
    # All candidates of a round were sent the same, and began anew. How much of the story that was, their receipts tell.
    ("RoundAsked", 2): lambda body: {**body, "others": [], "stem": None, "amount": _amount(body["receipt"])},
    # Nothing was said of wishes that an endpoint did not take.
    ("CandidateEnded", 1): lambda body: body,
    # Nothing was said of what it cost.
    ("CandidateEnded", 2): lambda body: body,
    # All of a round was made of one amount of the story, and parts had other names.
    ("RoundAsked", 3): lambda body: {
        **body,
        "receipt": _shaped(body["receipt"], body["amount"]),
        "others": [{**each, "receipt": _shaped(each["receipt"], body["amount"])} for each in body["others"]],
    },
    # Lenses had no names, and rounds were for text alone.
    ("RoundAsked", 4): lambda body: body,
}
"""How a body of an older version becomes one of the next version, by type and older version."""


def _amount(receipt: Body) -> str:
    """How much of the story was sent, by the reasons that a receipt gives."""
    whys = [str(part.get("why", "")) for part in receipt["parts"]]
    return next((amount for amount in ("lean", "bare") for why in whys if why.startswith(f"{amount}:")), "full")


_PARTS = {"story so far": "earlier text", "beat and instruction": "beat"}
"""Parts of a receipt that had other names."""


def _shaped(receipt: Body, amount: str) -> Body:
    """A receipt with the shape of its context, and with the parts' names of today."""
    parts = [{**part, "name": _PARTS.get(part["name"], part["name"])} for part in receipt["parts"]]
    return {**receipt, "parts": parts, "shape": {"amount": amount}}


_BY_NAME = {kind.__name__: kind for kind in VERSIONS}
_DECODERS: dict[str, msgspec.json.Decoder[Any]] = {name: msgspec.json.Decoder(kind) for name, kind in _BY_NAME.items()}
_ENCODER = msgspec.json.Encoder()


def encode(event: events.Event | events.HeadMoved) -> tuple[str, int, str]:
    """The event as (type, version, body)."""
    kind = type(event)
    return kind.__name__, VERSIONS[kind], _ENCODER.encode(event).decode()


def decode(type_: str, version: int, body: str) -> Record:
    """The event with that stored form. DamagedSession if the body does not fit its type."""
    kind = _BY_NAME.get(type_)
    if kind is None or version > VERSIONS[kind]:
        return Unknown(type_, version, body)
    try:
        if version == VERSIONS[kind]:
            decoded: Record = _DECODERS[type_].decode(body)
            return decoded
        raw: Body = msgspec.json.decode(body)
        for older in range(version, VERSIONS[kind]):
            raw = UPCASTS[type_, older](raw)
        converted: Any = msgspec.convert(raw, kind)
        lifted: Record = converted
        return lifted
    except (msgspec.MsgspecError, KeyError) as error:
        raise DamagedSession(
            f"An entry of the kind {type_} can't be read: {error}.",
            "A copy from a backup, or an export as JSON Lines, may still open.",
        ) from error
