"""One answer as it comes in: from a server's chunks to clean pieces of text and of thoughts, and one closing.

Everything goes through the filter and the striking of keys first, then thoughts are told from text, then what was there already is
taken off. It reads no network and knows no server.
"""

from __future__ import annotations

from dataclasses import replace

from composer.llm import logprobs
from composer.llm.chunks import Parts
from composer.llm.continuing import joint
from composer.llm.echo import Echo
from composer.llm.strike import Sieve, Striker, quotable
from composer.llm.thoughts import Part, Thoughts
from composer.session.ports import Closing, Piece
from composer.story.candidate import Channel
from composer.story.surprise import Token


class Reader:
    """Takes in the parts of one answer, and holds the pieces that are certain by now."""

    def __init__(
        self,
        secrets: tuple[str, ...],
        *,
        inside: bool = False,
        prefix: str = "",
        asked: bool = False,
        tells: bool = False,
    ) -> None:
        """`inside`: it begins within thoughts. `prefix`: it goes on from that, and `asked` in words to do so.

        `tells`: it comes with what is known of its tokens.
        """
        self._secrets = secrets
        self._text = Sieve(secrets)
        self._reasoning = Sieve(secrets)
        self._inside = inside
        self._thoughts = Thoughts(inside)
        self._prefix = prefix
        self._echo = Echo(prefix) if prefix else None
        self._asked = asked
        self._logprobs = logprobs.Reader(secrets) if tells else None
        # Where a tag is taken out, the halves of a key would meet.
        self._strikers: dict[Channel, Striker] = (
            {"text": Striker(secrets), "reasoning": Striker(secrets)} if secrets else {}
        )
        self._tokens: list[Token] = []
        self._pieces: list[Piece] = []
        self.closing = Closing()
        self.wrote = False
        """Whether text came out of it."""

    def read(self, parts: Parts) -> None:
        if self._logprobs is not None and parts.choice is not None:
            self._tokens += self._logprobs.read(parts.choice)
        if parts.reasoning:
            if self._inside:
                # A server that tells thoughts apart sends none within the text.
                self._inside, self._thoughts = False, Thoughts()
            if thought := self._reasoning.feed(parts.reasoning):
                self._add(thought, "reasoning", False)
        if parts.text:
            self._split(self._thoughts.feed(self._text.feed(parts.text)))
        said = bool(parts.text or parts.reasoning)
        closing = self.closing
        if parts.finish_reason:
            finish = quotable(parts.finish_reason, self._secrets, 40)
        else:
            # Text that follows a finish shows that it was none.
            finish = "" if said else closing.finish_reason
        if finish != closing.finish_reason or parts.prompt_tokens is not None or (parts.model and not closing.model):
            self.closing = Closing(
                finish_reason=finish,
                model=closing.model or quotable(parts.model, self._secrets, 100),
                prompt_tokens=_newer(parts.prompt_tokens, closing.prompt_tokens),
                completion_tokens=_newer(parts.completion_tokens, closing.completion_tokens),
            )

    def finish(self) -> None:
        """No more comes: what was held back is certain now."""
        if thought := self._reasoning.finish():
            self._add(thought, "reasoning", False)
        self._split(self._thoughts.feed(self._text.finish()) + self._thoughts.finish())
        if self._echo is not None:
            held, self._echo = self._echo.finish(), None
            self._add(self._onward(held), "text", False)
        for channel in tuple(self._strikers):
            self._let_go(channel)
        if self._logprobs is not None:
            self._tokens += self._logprobs.finish()
        if self._tokens:
            # Their text came before them.
            self._pieces.append(Piece("", tokens=self._take_tokens()))

    def take(self) -> list[Piece]:
        """The pieces since the last time."""
        pieces = self._pieces
        if pieces:
            self._pieces = []
        return pieces

    def told(self, dropped: tuple[tuple[str, str], ...]) -> Closing:
        """What the server said at the end, with what it was not sent."""
        return replace(self.closing, dropped=dropped) if dropped else self.closing

    def _split(self, parts: list[Part]) -> None:
        for part in parts:
            text = part.text
            if self._prefix and part.channel == "text":
                text = self._onward(text)
            self._add(text, part.channel, part.recast)

    def _onward(self, text: str) -> str:
        """What is new of a text that goes on from a prefix."""
        if self._echo is not None:
            text = self._echo.feed(text)
            if not text:
                return ""
            # What comes out once ends the looking. The tokens of an echo are none of this answer.
            self._echo = None
            self._tokens = _last(self._tokens, len(text))
        return joint(self._prefix, text) + text if self._asked and not self.wrote else text

    def _add(self, text: str, channel: Channel, recast: bool) -> None:
        # A prefix was no thought, so what follows it can't make it one.
        recast = recast and not self._prefix
        if self._strikers:
            if recast:
                self._let_go(channel)
            text = self._strikers[channel].feed(text)
        if not text and not recast:
            return
        if channel == "text":
            self.wrote = bool(text)
        self._pieces.append(Piece(text, channel, self._take_tokens() if self._tokens else (), recast))

    def _let_go(self, channel: Channel) -> None:
        """Give out what might have begun a key, and did not."""
        if held := self._strikers[channel].finish():
            self._pieces.append(Piece(held, channel))

    def _take_tokens(self) -> tuple[Token, ...]:
        tokens, self._tokens = tuple(self._tokens), []
        return tokens


def _newer(new: int | None, old: int | None) -> int | None:
    return old if new is None else new


def _last(tokens: list[Token], characters: int) -> list[Token]:
    """The last tokens that have no more characters together."""
    at = len(tokens)
    while at and len(tokens[at - 1].text) <= characters:
        at -= 1
        characters -= len(tokens[at].text)
    return tokens[at:]
