"""The encodings that models of OpenAI count with, as far as their ranks are on this computer, and how they get here.

Ranks are looked for in tiktoken's own cache, where another program may have left them, then in this program's own, and are fetched
into the latter where the settings allow it. In tiktoken's cache nothing is ever written or deleted, and its downloader, which knows no
time limit, is never reached. A file counts only if its hash is what tiktoken says it should be: a damaged or half-written one is left
alone, and the counters go on with their estimate. A file of the writer's own is taken as it is.

Loading takes half a second and 80 MB, so it is done once a process, in a thread; for a quarter of a second of that the encoder lets
nothing else run. Fetching is tried once a process, in a thread that nothing waits for; what came of it is told when asked for, and by
nothing else.
"""

from __future__ import annotations

import binascii
import contextlib
import functools
import hashlib
import os
import stat
import tempfile
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType

from composer.config import ENCODINGS, RANKS
from composer.llm.fetching import MOST_BYTES, FetchFailed, fetched
from composer.llm.tokens import TokenCounter


@dataclass(frozen=True)
class Definition:
    """What an encoding is: where its ranks are from, the hash of their file, and how text is cut before they are looked up."""

    name: str
    url: str
    sha256: str
    pattern: str


Define = Callable[[str], Definition | None]
Fetch = Callable[[str], bytes]
"""The content of an address. FetchFailed says why there is none."""


def encoding_name(model: str) -> str:
    """The encoding that a model of OpenAI counts with, also under a router's prefix or with a tag; empty if it is not known."""
    from tiktoken import model as models

    bare = model.rpartition("/")[2]
    for name in (model, bare, bare.replace(":", "-"), bare.partition(":")[0]):
        try:
            known = models.encoding_name_for_model(name)
        except KeyError:
            continue
        # The harmony format differs in its special tokens alone.
        known = {"o200k_harmony": "o200k_base"}.get(known, known)
        return known if known in ENCODINGS else ""
    return ""


@functools.cache
def definition(name: str) -> Definition | None:
    """What tiktoken says of an encoding. Its one way to the network is replaced by one that notes what would be loaded."""
    if name not in ENCODINGS:
        return None
    from tiktoken_ext import openai_public  # type: ignore[import-untyped]

    asked: list[tuple[str, str]] = []

    def note(url: str, expected_hash: str | None = None) -> dict[bytes, int]:
        asked.append((url, expected_hash or ""))
        return {}

    try:
        constructor = getattr(openai_public, name)
        made = FunctionType(constructor.__code__, {**vars(openai_public), "load_tiktoken_bpe": note})()
        ((url, sha256),) = asked
        return Definition(name, url, sha256, str(made["pat_str"])) if sha256 else None
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


@dataclass
class _Look:
    """What came of looking for an encoding."""

    definition: Definition | None = None
    counter: TokenCounter | None = None
    where: str = ""
    """The file that its ranks are from."""
    damaged: list[str] = field(default_factory=list)
    """Files that are not what they should be."""


_lock = threading.RLock()
_loaded: dict[tuple[str, str], tuple[TokenCounter, str]] = {}
"""By the hash of the ranks and the pattern: what counts with them, and the file that they are from. Kept as long as the process."""
_fetching = threading.Lock()
_fetches: dict[str, str] = {}
"""By address: why nothing came; empty while it is being fetched, or once it is there."""


class Encodings:
    """The encodings of this computer. All methods but `load` are quick; all may be called in any thread."""

    def __init__(
        self,
        environ: Mapping[str, str],
        folder: Path | None = None,
        *,
        fetches: bool = False,
        define: Define = definition,
        fetch: Fetch = fetched,
    ) -> None:
        """`folder` is the program's own, which is made when needed. `fetches` says whether the settings allow to fetch."""
        self._theirs = _tiktokens_folder(environ)
        self._own = folder
        self._fetches = fetches
        self._define = define
        self._fetch = fetch
        self._looks: dict[str, _Look] = {}

    def is_looked_for(self, name: str) -> bool:
        """Whether `load` has been there, so that more is known only once it is fetched."""
        return not name or name in self._looks

    def counter(self, name: str) -> TokenCounter | None:
        """What counts with an encoding, if it is loaded by now. It is the same object each time."""
        look = self._looks.get(name)
        if look is None:
            return None
        if look.counter is None and look.definition is not None:
            found = _loaded.get((look.definition.sha256, look.definition.pattern))
            if found is not None:
                look.counter, look.where = found
        return look.counter

    def load(self, name: str) -> None:
        """Look for an encoding, and load it if it is there. `name` is a known one, or the path of a file. It blocks."""
        with _lock:
            if self.is_looked_for(name):
                return
            look = _Look(self._define(name) if name in ENCODINGS else None)
            if name in ENCODINGS:
                self._look(look)
            else:
                self._read_own(name, look)
            self._looks[name] = look

    def want(self, name: str) -> None:
        """Have an encoding that `load` did not find fetched in the background, if that is allowed and was not tried before."""
        look = self._looks.get(name)
        known = look.definition if look is not None else None
        if not self._fetches or look is None or known is None or self.counter(name) is not None:
            return
        with _fetching:
            if known.url in _fetches:
                return
            _fetches[known.url] = ""
        threading.Thread(target=self._bring, args=(known,), name="encoding", daemon=True).start()

    def told(self, name: str) -> str:
        """Of an encoding that was looked for: where its ranks are from, or why they aren't here, in words that go on from a name."""
        look = self._looks.get(name, _Look())
        counter = self.counter(name)
        damaged = f"; {' and '.join(look.damaged)} is damaged, and left alone" if look.damaged else ""
        if counter is not None:
            return f"from {look.where}{damaged}"
        if look.definition is None:
            return f"which can't be used{damaged}" if look.damaged else "which is not there"
        trouble = _fetches.get(look.definition.url)
        if trouble:
            why = f"could not be fetched: {trouble}"
        elif trouble is not None:
            why = "is being fetched"
        elif self._fetches:
            why = "is not on this computer yet"
        else:
            why = "is not on this computer, and fetch_encodings is off"
        return f"which {why}{damaged}"

    def _look(self, look: _Look) -> None:
        known = look.definition
        if known is None or self._take_loaded(look, known.sha256, known.pattern):
            return
        places = []
        if self._theirs is not None:
            places.append(self._theirs / hashlib.sha1(known.url.encode(), usedforsecurity=False).hexdigest())
        if self._own is not None:
            places.append(self._own / (known.name + RANKS))
        for path in places:
            content = _content(path)
            if content is None:
                continue
            if hashlib.sha256(content).hexdigest() != known.sha256:
                look.damaged.append(str(path))
                continue
            try:
                look.counter = _load(content, known.sha256, known.pattern, str(path))
            except ValueError:
                look.damaged.append(str(path))
                continue
            look.where = str(path)
            return

    def _read_own(self, name: str, look: _Look) -> None:
        """A file of the writer's. Ranks that are known are cut as they should be, others as those of o200k_base."""
        path = Path(name).expanduser()
        content = _content(path)
        if content is None:
            return
        sha256 = hashlib.sha256(content).hexdigest()
        definitions = [known for each in ENCODINGS if (known := self._define(each)) is not None]
        pattern = next((known.pattern for known in definitions if known.sha256 == sha256), "")
        pattern = pattern or next((known.pattern for known in definitions), "")
        if pattern and self._take_loaded(look, sha256, pattern):
            return
        try:
            look.counter = _load(content, sha256, pattern, str(path))
        except ValueError:
            look.damaged.append(str(path))
            return
        look.where = str(path)

    def _take_loaded(self, look: _Look, sha256: str, pattern: str) -> bool:
        found = _loaded.get((sha256, pattern))
        if found is not None:
            look.counter, look.where = found
        return found is not None

    def _bring(self, known: Definition) -> None:
        """Fetch ranks, keep them for the next time if that works, and load them. It says nothing."""
        trouble = "the ranks that came are not what they should be"
        try:
            content = self._fetch(known.url)
            if hashlib.sha256(content).hexdigest() == known.sha256:
                where = self._keep(known.name + RANKS, content) or known.url
                trouble = ""
                # A thread that is not waited for must not be ended within the encoder, which would end the process.
                with contextlib.suppress(RuntimeError):
                    threading.Thread(target=_load_quietly, args=(content, known, where), name="encoding").start()
        except FetchFailed as failed:
            trouble = str(failed)
        _fetches[known.url] = trouble

    def _keep(self, name: str, content: bytes) -> str:
        """Write a file into the program's own folder, all of it or nothing; its path, empty if that fails."""
        if self._own is None:
            return ""
        path = self._own / name
        with contextlib.suppress(OSError):
            self._own.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle, beside = tempfile.mkstemp(prefix=f".{name}.", dir=self._own)
            try:
                with open(handle, "wb") as out:
                    out.write(content)
                    out.flush()
                    os.fsync(handle)
                os.replace(beside, path)
            finally:
                with contextlib.suppress(OSError):
                    os.unlink(beside)
            return str(path)
        return ""


def ranks_of(content: bytes) -> dict[bytes, int]:
    """The ranks that a file holds: a token in base64 and its rank on each line. ValueError if it is no such file."""
    ranks: dict[bytes, int] = {}
    for line in content.splitlines():
        if not line:
            continue
        try:
            token, rank = line.split()
            ranks[binascii.a2b_base64(token, strict_mode=True)] = int(rank)
        except (ValueError, binascii.Error):
            raise ValueError("a line is no token with its rank") from None
    if len(set(ranks.values())) < len(ranks) or min(ranks.values(), default=-1) < 0:
        raise ValueError("two tokens have one rank")
    if max(ranks.values()) >= 2**32 - 1 or any(bytes((byte,)) not in ranks for byte in range(256)):
        # The encoder would end the process over a byte that it does not know.
        raise ValueError("a byte has no rank")
    return ranks


def _load(content: bytes, sha256: str, pattern: str, where: str) -> TokenCounter:
    """What counts with these ranks, made once. ValueError if they are none."""
    key = sha256, pattern
    if key not in _loaded:
        import tiktoken

        encoding = tiktoken.Encoding(sha256[:12], pat_str=pattern, mergeable_ranks=ranks_of(content), special_tokens={})
        _loaded[key] = TokenCounter(encoding), where
    return _loaded[key][0]


def _load_quietly(content: bytes, known: Definition, where: str) -> None:
    with _lock, contextlib.suppress(ValueError):
        _load(content, known.sha256, known.pattern, where)


def _content(path: Path) -> bytes | None:
    """What a file holds; None if it is not there, can't be read or is none. Nothing is waited for: the folder may be everyone's."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    except (OSError, ValueError):
        return None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode) or status.st_size > MOST_BYTES:
            return None
        with open(handle, "rb", closefd=False) as source:
            return source.read(MOST_BYTES)
    except OSError:
        return None
    finally:
        os.close(handle)


def _tiktokens_folder(environ: Mapping[str, str]) -> Path | None:
    """Where tiktoken keeps ranks; None if it is told to keep none."""
    for name in ("TIKTOKEN_CACHE_DIR", "DATA_GYM_CACHE_DIR"):
        if name in environ:
            return Path(environ[name]) if environ[name] else None
    return Path(tempfile.gettempdir()) / "data-gym-cache"
