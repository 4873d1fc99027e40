"""Prompts as readers see them: the pieces of a request by part, and what of it is struck because it holds what is left out."""

from __future__ import annotations

from collections.abc import Container, Mapping

from composer.journal.showing.parts import Prompt, Told
from composer.journal.showing.readers import Readers
from composer.journal.showing.scan import Scan, closed_parts
from composer.journal.showing.secrets import Secrets
from composer.story.candidate import Round, Sent
from composer.story.shape import PARTS
from composer.text.clean import clean


def sents_of(asked: Round, known: Container[str] | None = None) -> list[Sent]:
    """What the candidates of a round were sent, each once; of those alone that are known, where these are named."""
    found: list[Sent] = []
    for each in asked.candidates:
        if known is None or each.id in known:
            sent = asked.sent(each.number)
            if sent.messages and sent not in found:
                found.append(sent)
    return found


def open_pieces(asked: Round, sent: Sent, scan: Scan, readers: Readers) -> list[tuple[str, int, bool]]:
    """For each piece of a request its part (empty if unknown), the tokens of that, and whether its part may be shown."""
    closed = closed_parts(readers)
    if asked.stem and asked.stem.candidate not in scan.known:
        closed = closed | {"begun answer"}
    count = sum(len(message.pieces) for message in sent.messages)
    parts = sent.receipt.parts
    # What has no place in the request may stand in any piece that no part claims.
    free = not any(part.name in closed and part.tokens and part.first >= part.last for part in parts)
    found = [("", 0, free)] * count
    for part in parts:
        name = part.name if part.name in PARTS else ""
        for at in range(max(0, part.first), min(part.last, count)):
            is_open = part.name not in closed and (found[at][2] or not found[at][0])
            found[at] = (name, part.tokens, is_open)
    return found


class Prompts:
    """Makes prompts for readers. `pieces` are the texts that are shown, each once."""

    def __init__(self, scan: Scan, readers: Readers, stored: Mapping[str, bytes], secrets: Secrets) -> None:
        self._scan = scan
        self._readers = readers
        self._stored = stored
        self._secrets = secrets
        self._places: dict[str, int] = {}
        self.struck = 0
        """Parts, or pieces of them, that are left out."""

    @property
    def pieces(self) -> tuple[str, ...]:
        return tuple(self._places)

    def of(self, asked: Round) -> tuple[Prompt, ...]:
        """The prompts of a round."""
        return tuple(self._prompt(asked, sent) for sent in sents_of(asked, self._scan.known))

    def _prompt(self, asked: Round, sent: Sent) -> Prompt:
        is_open = iter(open_pieces(asked, sent, self._scan, self._readers))
        messages = []
        told_parts: set[str] = set()
        for message in sent.messages:
            row: list[Told] = []
            for piece in message.pieces:
                part, tokens, may = next(is_open)
                text = self._text(piece) if may else None
                if text is not None:
                    row.append(Told(self._places.setdefault(text, len(self._places)), part))
                elif not (row and row[-1].piece < 0 and row[-1].part == part):
                    # The tokens of a part are told once, whatever number of pieces it has.
                    row.append(Told(-1, part, 0 if part in told_parts else tokens))
                    told_parts.add(part)
                    self.struck += 1
            messages.append((str(message.role), tuple(row)))
        shown = tuple(number for number in sent.numbers if f"{asked.number}.{number}" in self._scan.known)
        return Prompt(shown, sent.receipt.tokens, tuple(messages))

    def _text(self, piece: str) -> str | None:
        """The text of a piece; None where it is not at hand or holds what is left out."""
        data = self._stored.get(piece)
        if data is None:
            return None
        text = clean(data.decode("utf-8", "replace"))
        return text if text in self._places or not self._secrets.within(text) else None
