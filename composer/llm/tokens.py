"""Counting tokens, rather too many than too few.

For models of OpenAI the true ranks are used if another program has left them in tiktoken's cache on this computer; nothing is ever
fetched, and nothing in that folder is touched. For all others, and until then, an encoding of our own counts: it was trained on
this program's prose and common words, is far smaller than any model's, and so cuts text into more pieces.

Bounds: the count of a text is the sum over its paragraphs, each with the blank line behind it, which is exact for encodings that
begin anew after line breaks. Where a text without paragraphs is so long that it has to be cut, each cut adds what it may cost.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import functools
import hashlib
import tempfile
import threading
from collections.abc import Callable, Mapping
from importlib import resources
from pathlib import Path
from types import FunctionType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

PER_MESSAGE = 8
"""Tokens that a chat format adds to a message, at most."""
PATTERN = r" ?\p{L}[\p{L}\p{M}]*(?:['’]\p{L}+)?|\p{N}| ?[^\s\p{L}\p{N}]+\n*|\s*\n+|\s+(?!\S)|\s+"
"""How our own encoding cuts text before it looks for pairs: words, digits, punctuation with the line break behind it, space."""
REMEMBERED = 32_768
"""Paragraphs whose counts are kept: more than a novel has."""
SLICE = 20_000
"""Characters that are encoded at once. Longer runs of one character make the encoder slow, and then fail."""
PER_CUT = 2
"""Tokens that a cut within a text may cost."""


class TokenCounter:
    """Counts texts for one model. It can be called at once; `load` prepares it without holding up the loop.

    Until `load` is done it counts with our own encoding. It never raises, and never counts more than a text's bytes in UTF-8,
    which no encoding of bytes can exceed.
    """

    def __init__(self, model: str, environ: Mapping[str, str]) -> None:
        self._model = model
        self._folder = _cache_folder(environ)
        self._use(None)

    def __call__(self, text: str) -> int:
        if "\n\n" not in text:
            return self._paragraph(text)
        *paragraphs, last = text.split("\n\n")
        return sum(self._paragraph(each + "\n\n") for each in paragraphs) + self._paragraph(last)

    async def load(self) -> None:
        """Load what counts best for the model, in a thread. Safe to await twice."""
        if self._encoding is None:
            self._use(await asyncio.to_thread(_best, self._model, self._folder))

    @property
    def exact(self) -> bool:
        """Whether it counts as the model itself does."""
        return self._encoding is not None and self._encoding is not own_encoding()

    def _use(self, encoding: tiktoken.Encoding | None) -> None:
        self._encoding = encoding
        self._paragraph: Callable[[str], int] = functools.lru_cache(REMEMBERED)(self._count)

    def _count(self, text: str) -> int:
        if not text:
            return 0
        encoding = self._encoding or own_encoding()
        size = len(text.encode("utf-8", "surrogatepass"))
        if len(text) <= SLICE:
            return min(_encoded(encoding, text), size)
        pieces = _slices(text)
        return min(sum(_encoded(encoding, piece) for piece in pieces) + PER_CUT * (len(pieces) - 1), size)


_lock = threading.Lock()
_own: list[tiktoken.Encoding] = []


def own_encoding() -> tiktoken.Encoding:
    """The encoding that the program brings along, loaded on first use."""
    with _lock:
        if not _own:
            import tiktoken

            lines = (resources.files("composer.llm") / "encoding" / "prose.bpe").read_bytes().split()
            ranks = {bytes((byte,)): byte for byte in range(256)}
            ranks.update((base64.b64decode(line), 256 + at) for at, line in enumerate(lines))
            _own.append(tiktoken.Encoding("prose", pat_str=PATTERN, mergeable_ranks=ranks, special_tokens={}))
        return _own[0]


def encoding_name(model: str) -> str:
    """The encoding that a model of OpenAI counts with, also under a router's prefix or with a tag; empty if it is not known."""
    from tiktoken.model import encoding_name_for_model

    bare = model.rpartition("/")[2]
    for name in (model, bare, bare.replace(":", "-"), bare.partition(":")[0]):
        try:
            known = encoding_name_for_model(name)
        except KeyError:
            continue
        # The harmony format differs in its special tokens alone.
        known = {"o200k_harmony": "o200k_base"}.get(known, known)
        return known if known in ("o200k_base", "cl100k_base") else ""
    return ""


@functools.cache
def cached_encoding(name: str, folder: Path) -> tiktoken.Encoding | None:
    """An encoding whose ranks lie in tiktoken's cache; None if they don't, or differ from what they should be."""
    import tiktoken
    from tiktoken_ext import openai_public  # type: ignore[import-untyped]

    def read(url: str, expected_hash: str) -> dict[bytes, int]:
        data = (folder / hashlib.sha1(url.encode(), usedforsecurity=False).hexdigest()).read_bytes()
        if hashlib.sha256(data).hexdigest() != expected_hash:
            raise FileNotFoundError
        return {base64.b64decode(token): int(rank) for token, rank in map(bytes.split, data.splitlines())}

    try:
        # The library's own definition, with its one way to the network replaced.
        definition = getattr(openai_public, name)
        make = FunctionType(definition.__code__, {**vars(openai_public), "load_tiktoken_bpe": read})
        made = make()
        return tiktoken.Encoding(
            made["name"], pat_str=made["pat_str"], mergeable_ranks=made["mergeable_ranks"], special_tokens={}
        )
    except (OSError, ValueError, KeyError, AttributeError, TypeError, binascii.Error):
        return None


def _best(model: str, folder: Path | None) -> tiktoken.Encoding:
    name = encoding_name(model) if folder is not None else ""
    found = cached_encoding(name, folder) if name and folder is not None else None
    return found or own_encoding()


def _cache_folder(environ: Mapping[str, str]) -> Path | None:
    """Where tiktoken keeps ranks; None if it is told to keep none."""
    for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if name in environ:
            return Path(environ[name]) if environ[name] else None
    return Path(tempfile.gettempdir()) / "data-gym-cache"


def _encoded(encoding: tiktoken.Encoding, text: str) -> int:
    try:
        return len(encoding.encode(text, disallowed_special=()))
    except (ValueError, OverflowError):
        return len(text.encode("utf-8", "surrogatepass"))


def _slices(text: str) -> list[str]:
    """A text in pieces that can be encoded, cut before a space where there is one."""
    pieces = []
    start = 0
    while len(text) - start > SLICE:
        end = text.rfind(" ", start + SLICE // 2, start + SLICE)
        end = start + SLICE if end < 0 else end
        pieces.append(text[start:end])
        start = end
    return [*pieces, text[start:]]
