"""Telling a model's thoughts from its answer where both come in one stream of text. It cleans nothing and knows no server.

Known are the tags of `<think>`, `<thinking>`, `<thought>`, `<reasoning>` and `[THINK]`, and the channels of gpt-oss. A tag opens
thoughts where an answer or a line of it begins; in the middle of a line it is part of the story. The same text gives the same
parts, however it is cut into chunks.

Where a model's template has opened the thoughts, the first that shows it is the tag that closes them, long after they were taken
for the answer: the part after it is marked, so that what stood before can be moved. Thoughts that are never closed stay thoughts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from composer.story.candidate import Channel

_WORDS = ("think", "thinking", "thought", "reasoning")
_MESSAGE = ("start", "channel", "message", "constrain", "end", "return", "call")
_SIGN = re.compile(rf"(?i:</?(?:{'|'.join(_WORDS)})>)|\[/?THINK\]|<\|(?:{'|'.join(_MESSAGE)})\|>", re.ASCII)
_SIGNS = (
    *(f"<{word}>" for word in _WORDS),
    *(f"</{word}>" for word in _WORDS),
    *("[think]", "[/think]"),
    *(f"<|{word}|>" for word in _MESSAGE),
)
_LONGEST = max(map(len, _SIGNS))
_SPACE = " \t\r\n"
_ANY = "any"
"""What closes thoughts that a template has opened."""
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)")
_LONGEST_HEADER = 200
"""Characters from the beginning of a message of gpt-oss to its text."""


@dataclass(frozen=True, slots=True)
class Part:
    """Text of one channel. With `recast`, all text of the answer before it turned out to be thoughts; its own may be empty."""

    text: str
    channel: Channel
    recast: bool = False


class Thoughts:
    """Splits a stream: `feed` each chunk, then `finish` once. With `inside`, it begins within thoughts.

    The tags themselves are left out, and so is white space that begins thoughts, or an answer behind them.
    """

    def __init__(self, inside: bool = False) -> None:
        self._channel: Channel = "reasoning" if inside else "text"
        self._closing = _ANY if inside else ""
        """The tag that closes the thoughts; empty outside of them, and in a message of gpt-oss."""
        self._harmony = False
        self._header: str | None = None
        """The beginning of a message of gpt-oss, while its text has not begun."""
        self._seen = inside
        """Whether there were thoughts, or a tag that could have opened some."""
        self._begun = False
        """Whether there is more than white space since the channel last changed."""
        self._line = True
        """Whether there is nothing but white space on the last line."""
        self._space: str | None = "" if not inside else None
        """White space at the very beginning: part of the answer, unless thoughts follow it. None behind thoughts."""
        self._held = ""
        self._parts: list[Part] = []

    def feed(self, text: str) -> list[Part]:
        """What is certain by now."""
        return self._take(self._held + text, final=False)

    def finish(self) -> list[Part]:
        """What was held back: the beginning of a tag that never came is text."""
        parts = self._take(self._held, final=True)
        if self._header:
            # Nothing but the frame of a message; it is kept where it does no harm.
            parts.append(Part(self._header, "reasoning"))
        elif self._channel == "text" and not self._begun and self._space:
            parts.append(Part(self._space, "text"))
        self._header = self._space = None
        return parts

    def _take(self, text: str, *, final: bool) -> list[Part]:
        at = 0
        while found := _SIGN.search(text, at):
            at = self._say(text, at, found.start())
            if at < found.start():
                continue
            at = found.end()
            self._sign(found[0])
        end = len(text) if final else len(text) - _begun_sign(text, at)
        while at < end:
            at = self._say(text, at, end)
        self._held = text[end:]
        parts, self._parts = self._parts, []
        return parts

    def _say(self, text: str, start: int, end: int) -> int:
        """Take in text without a tag; returns how far it got, which is short of the end where a header turns out to be none."""
        if self._header is None:
            self._add(text[start:end])
            return end
        room = max(_LONGEST_HEADER - len(self._header), 0)
        if end - start <= room:
            self._header += text[start:end]
            return end
        self._no_header(text[start : start + room])
        return start + room

    def _head(self, sign: str) -> None:
        """Take a tag into the header."""
        if len(self._header or "") < _LONGEST_HEADER:
            self._header = (self._header or "") + sign
        else:
            self._no_header(sign)

    def _no_header(self, text: str) -> None:
        """The header grew too long for one, so that all of it, and `text`, is of the channel that is open."""
        told, self._header, self._harmony = (self._header or "") + text, None, False
        self._add(told)

    def _add(self, text: str) -> None:
        """Text of the channel that is open."""
        if not self._begun:
            rest = text.lstrip(_SPACE)
            if self._channel == "text" and self._space is not None:
                self._space += text[: len(text) - len(rest)]
                text = self._space + rest
            else:
                text = rest
            if not rest:
                return
            self._begun, self._space = True, None
        if not text:
            return
        _, newline, last = text.rpartition("\n")
        self._line = (bool(newline) or self._line) and not last.strip(_SPACE)
        if self._parts and self._parts[-1].channel == self._channel:
            old = self._parts.pop()
            self._parts.append(Part(old.text + text, old.channel, old.recast))
        else:
            self._parts.append(Part(text, self._channel))

    def _open(self, channel: Channel, closing: str = "") -> None:
        self._channel, self._closing = channel, closing
        self._begun, self._line, self._space = False, True, None

    def _sign(self, sign: str) -> None:
        """Take in a tag, which may turn out to be mere text."""
        if sign.startswith("<|"):
            known = self._of_message(sign)
        elif self._harmony:
            known = False
        elif "/" in sign:
            known = self._closes(sign.lower())
        else:
            known = self._opens(sign.lower())
        if not known and self._header is None:
            self._add(sign)
        elif not known:
            self._head(sign)

    def _opens(self, sign: str) -> bool:
        closing = f"{sign[0]}/{sign[1:]}"
        if self._channel == "reasoning":
            # A server may say what the settings said already.
            known = self._closing == _ANY and not self._begun
            self._closing = closing if known else self._closing
            return known
        self._seen = True
        if self._begun and not self._line:
            return False
        self._open("reasoning", closing)
        return True

    def _closes(self, sign: str) -> bool:
        if self._channel == "reasoning":
            known = self._closing in (sign, _ANY)
        else:
            known = not self._begun or not self._seen
            if self._begun and known:
                self._parts.append(Part("", "text", recast=True))
        if known:
            self._seen = True
            self._open("text")
        return known

    def _of_message(self, sign: str) -> bool:
        """A sign of gpt-oss: its messages begin with a header that names a channel, up to the sign for the text."""
        if not self._harmony:
            starts = sign in ("<|start|>", "<|channel|>") and (not self._begun or self._line)
            if self._channel == "reasoning" and self._closing != _ANY:
                return False
            if not starts and not (self._closing == _ANY and sign in ("<|end|>", "<|start|>")):
                return False
            self._harmony, self._closing = True, ""
        if sign in ("<|start|>", "<|channel|>"):
            self._head(sign)
        elif sign == "<|message|>" and self._header is not None:
            named = _CHANNEL.search(self._header)
            self._header, self._seen = None, True
            self._open("text" if named is None or named[1] == "final" else "reasoning")
        elif sign in ("<|end|>", "<|return|>", "<|call|>") and self._header is None:
            self._open("text")
        else:
            return False
        return True


def _begun_sign(text: str, start: int) -> int:
    """How many characters at the end of a text, behind `start`, may be the beginning of a tag."""
    tail = text[max(start, len(text) - _LONGEST + 1) :]
    at = max(tail.rfind("<"), tail.rfind("["))
    begun = tail[at:].lower()
    return len(begun) if at >= 0 and any(sign.startswith(begun) for sign in _SIGNS) else 0
