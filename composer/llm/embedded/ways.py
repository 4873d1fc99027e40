"""What replies share that are made from a passage: tokens by their texts, and the ways that lead to them.

Where the tokens drawn do not tell which of several ways was taken, all of them are kept with their probabilities, and
the next token is drawn from the mixture. So each token has its exact probability. Draws nothing, prints nothing.
"""

from __future__ import annotations

from abc import ABC, abstractmethod

LIKELIER = 30.0
"""How much likelier than a word that is known the longer words must be which begin with it, for it to be taken as cut off."""


class Ways(ABC):
    """One reply on its way; `distribution` and `push` as those of `model.Writer`. Not for two threads at once."""

    def __init__(self) -> None:
        self._texts: list[str] = [""]
        self._ids: dict[str, int] = {}

    @property
    def end(self) -> int:
        """The candidate that ends the reply."""
        return 0

    def surface(self, candidate: int) -> str:
        """What a candidate prints as, with the gap before it."""
        return self._texts[candidate]

    def is_mark(self, candidate: int) -> bool:
        """Whether a candidate is a mark or a line break, and no word."""
        return not any(character.isalnum() for character in self._texts[candidate])

    @abstractmethod
    def distribution(self) -> dict[int, float]:
        """Candidate to probability; sums to 1."""

    @abstractmethod
    def push(self, candidate: int) -> None:
        """Go on by one token, which `distribution` gave a probability just before."""

    def follow(self, begun: str) -> tuple[bool, str]:
        """Take the ways that lead to this text: whether there are any, and what is there already of the next word."""
        at = 0
        while begun[at:].strip():
            rest = begun[at:]
            texts = {self.surface(candidate): (p, candidate) for candidate, p in self.distribution().items()}
            texts.pop("", None)
            fitting = [text for text in texts if rest.startswith(text) and not _splits_word(text, rest)]
            longer = sum(p for text, (p, _) in texts.items() if goes_on(text, rest.lstrip()))
            if longer > LIKELIER * sum(texts[text][0] for text in fitting):
                return True, rest.lstrip()
            if not fitting:
                return False, ""
            text = max(fitting, key=len)
            self.push(texts[text][1])
            at += len(text)
        return True, ""

    def _id(self, text: str) -> int:
        """The candidate of a text; numbered as they are met in this reply, so that no other reply matters."""
        number = self._ids.setdefault(text, len(self._texts))
        if number == len(self._texts):
            self._texts.append(text)
        return number


def goes_on(text: str, cut: str) -> bool:
    """Whether a token's text is a longer form of what is there of it."""
    text = text.lstrip()
    return len(text) > len(cut) and text.replace("’", "'").startswith(cut.replace("’", "'"))


def _splits_word(text: str, rest: str) -> bool:
    """Whether the beginning of a text ends within a word of it."""
    return text[-1].isalnum() and rest[len(text) : len(text) + 1].isalnum()
