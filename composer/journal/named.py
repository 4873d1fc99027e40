"""The pieces that events name: what models were sent, and what is known of their tokens. It holds hashes, never the pieces."""

from __future__ import annotations

from collections.abc import Iterable

from composer.journal.codec import Record
from composer.story.candidate import Message
from composer.story.events import CandidateEnded, RequestRepacked, RoundAsked


def pieces_named(events: Iterable[Record]) -> list[str]:
    """The hashes of all pieces that these events name, each once, in the order in which they come."""
    found: dict[str, None] = {}
    for happened in events:
        match happened:
            case RoundAsked(messages=messages, others=others):
                _add(found, messages)
                for sent in others:
                    _add(found, sent.messages)
            case RequestRepacked(sent=sent):
                _add(found, sent.messages)
            case CandidateEnded(ending=ending) if ending.logprobs:
                found[ending.logprobs] = None
            case _:
                pass
    return list(found)


def _add(found: dict[str, None], messages: Iterable[Message]) -> None:
    for message in messages:
        found.update(dict.fromkeys(message.pieces))
