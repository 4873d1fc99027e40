"""Taking out of an answer the text that it goes on from, which some servers send once more. It cleans nothing, and asks nobody.

An answer may well begin as its prefix did by chance, so short prefixes are never looked for. White space at the end of the prefix
may be missing in the echo: servers trim it. What comes is only known to be an echo once all of it is there.
"""

from __future__ import annotations

import re

SHORTEST = 12
"""Characters that a prefix must have, so that finding it can't be chance."""
_TWO_WORDS = re.compile(r"\w[^\w'’‐-]+\w")


class Echo:
    """Takes `prefix` off the beginning of a stream, if it is there: `feed` each chunk, then `finish` once.

    It holds back no more than the prefix has characters, and only while the stream is like it.
    """

    def __init__(self, prefix: str) -> None:
        core = prefix.rstrip()
        self._prefix = prefix
        self._core = core
        self._held = ""
        self._done = len(core.strip()) < SHORTEST or not _TWO_WORDS.search(core)

    def feed(self, text: str) -> str:
        """The text that is certain by now."""
        if self._done or not text:
            return text
        self._held += text
        if self._prefix.startswith(self._held):
            return ""
        held = self._held
        self._held, self._done = "", True
        for echoed in (self._prefix, self._core):
            if held.startswith(echoed):
                return held[len(echoed) :]
        return held

    def finish(self) -> str:
        """What was held back, if it was no echo."""
        held, self._held, self._done = self._held, "", True
        return "" if held.startswith(self._core) else held
