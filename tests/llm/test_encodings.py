"""Encodings: found where they lie, believed only if they are what they should be, and fetched where that is allowed, in the background."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import http.server
import os
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import tiktoken.load
from tiktoken_ext import openai_public

from composer.config import EMBEDDED_PROFILE, ENCODINGS, EndpointProfile
from composer.llm import encodings as encodings_module
from composer.llm.encodings import Definition, Encodings, definition, encoding_name, ranks_of
from composer.llm.endpoints import make_endpoint
from composer.llm.fetching import FetchFailed, fetched
from composer.llm.tokens import ESTIMATE
from tests.llm.fault_server import against, answer, asking, serving, streams

PATTERN = r"\s?\S+|\s+"
NAME = "o200k_base"


@pytest.fixture(autouse=True)
def _no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> bytes:
        raise AssertionError("tiktoken's downloader was reached")

    monkeypatch.setattr(tiktoken.load, "read_file", refuse)
    monkeypatch.setattr(tiktoken.load, "read_file_cached", refuse)


def ranks(*extra: bytes) -> bytes:
    singles = [bytes((byte,)) for byte in range(256)]
    return b"".join(b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate([*singles, *extra]))


RANKS = ranks(b"Th", b"The", b" T", b" Th")
"""A small encoding, in which `The The The` is five tokens."""


def defined(url: str = "https://example.invalid/o200k_base.tiktoken", content: bytes = RANKS) -> Any:
    known = Definition(NAME, url, hashlib.sha256(content).hexdigest(), PATTERN)
    return lambda name: known if name == NAME else None


def place(url: str = "https://example.invalid/o200k_base.tiktoken") -> str:
    """The name of tiktoken's file for an address."""
    return hashlib.sha1(url.encode()).hexdigest()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tiktoken's own cache, empty, and a process that has loaded and fetched nothing yet."""
    monkeypatch.setattr(encodings_module, "_loaded", {})
    monkeypatch.setattr(encodings_module, "_fetches", {})
    made = tmp_path / "theirs"
    made.mkdir()
    return made


def looked(folder: Path, own: Path | None = None, *, name: str = NAME, **options: Any) -> Encodings:
    encodings = Encodings({"TIKTOKEN_CACHE_DIR": str(folder)}, own, **{"define": defined(), **options})
    encodings.load(name)
    return encodings


def settled() -> None:
    """Wait for what is being fetched."""
    while found := [thread for thread in threading.enumerate() if thread.name == "encoding"]:
        found[0].join(30)
        assert not found[0].is_alive()


# names and definitions


@pytest.mark.parametrize(
    ("model", "name"),
    [
        ("gpt-4o-mini", "o200k_base"),
        ("openai/gpt-4.1", "o200k_base"),
        ("gpt-oss:20b", "o200k_base"),
        ("openai/gpt-4o:free", "o200k_base"),
        ("ft:gpt-4o:me", "o200k_base"),
        ("gpt-4", "cl100k_base"),
        ("llama3.2:3b", ""),
        ("qwen2.5", ""),
        ("davinci", ""),
        ("", ""),
    ],
)
def test_the_encoding_of_a_model(model: str, name: str) -> None:
    assert encoding_name(model) == name


def test_tiktoken_says_what_an_encoding_is_and_loads_nothing() -> None:
    for name in ENCODINGS:
        known = definition(name)
        assert known is not None
        assert known.url.startswith("https://")
        assert known.url.endswith(f"{name}.tiktoken")
        assert len(known.sha256) == 64
        assert r"\p{L}" in known.pattern
    assert definition("p50k_base") is None
    assert definition("no_such_encoding") is None


def test_a_tiktoken_that_defines_nothing_as_expected_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    definition.cache_clear()
    try:
        monkeypatch.setattr(openai_public, "o200k_base", lambda: {"pat_str": ""})
        assert definition("o200k_base") is None
        monkeypatch.delattr(openai_public, "cl100k_base")
        assert definition("cl100k_base") is None
    finally:
        definition.cache_clear()


# files


def test_ranks_that_another_program_left_count_exactly(folder: Path) -> None:
    (folder / place()).write_bytes(RANKS)
    encodings = looked(folder)
    counter = encodings.counter(NAME)
    assert counter is not None
    assert counter is encodings.counter(NAME)
    assert counter("The The The") == 5 != ESTIMATE("The The The")
    assert encodings.told(NAME) == f"from {folder / place()}"


def test_ranks_are_loaded_once_for_all(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / place()).write_bytes(RANKS)
    first = looked(folder).counter(NAME)
    monkeypatch.setattr(encodings_module, "ranks_of", None)
    assert looked(folder).counter(NAME) is first


@pytest.mark.parametrize(
    "spoil", [lambda data: data + b"QUFB 999\n", lambda data: data[: len(data) // 2], lambda data: b""]
)
def test_ranks_that_are_not_what_they_should_be_are_left_alone(folder: Path, spoil: Callable[[bytes], bytes]) -> None:
    file = folder / place()
    file.write_bytes(spoil(RANKS))
    encodings = looked(folder, folder.parent / "own")
    assert encodings.counter(NAME) is None
    assert list(folder.iterdir()) == [file]
    assert file.read_bytes() == spoil(RANKS)
    assert encodings.told(NAME).endswith(f"; {file} is damaged, and left alone")


def test_a_poisoned_cache_hides_no_good_one(folder: Path, tmp_path: Path) -> None:
    (folder / place()).write_bytes(b"poison")
    own = tmp_path / "own"
    own.mkdir()
    (own / "o200k_base.tiktoken").write_bytes(RANKS)
    encodings = looked(folder, own)
    assert encodings.counter(NAME) is not None
    assert f"from {own / 'o200k_base.tiktoken'}; {folder / place()} is damaged" in encodings.told(NAME)


def test_what_is_no_file_is_not_waited_for(folder: Path) -> None:
    os.mkfifo(folder / place())
    assert looked(folder).counter(NAME) is None
    (folder / "x").mkdir()
    (folder / place()).unlink()
    (folder / place()).symlink_to(folder / "x")
    assert looked(folder).counter(NAME) is None


@pytest.mark.parametrize("environ", [{"TIKTOKEN_CACHE_DIR": ""}, {"DATA_GYM_CACHE_DIR": "/nowhere/at/all"}])
def test_without_ranks_there_is_none(folder: Path, environ: dict[str, str]) -> None:
    encodings = Encodings(environ, define=defined())
    assert not encodings.is_looked_for(NAME)
    assert encodings.counter(NAME) is None
    encodings.load(NAME)
    assert encodings.is_looked_for(NAME)
    assert encodings.counter(NAME) is None
    assert encodings.told(NAME) == "which is not on this computer, and fetch_encodings is off"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not ranks",
        b"QUFB\n",
        b"QUFB x\n",
        b"Q 1\n",
        ranks(b"Th").replace(b" 256\n", b" 255\n"),
        b"".join(ranks().splitlines(keepends=True)[1:]),
        ranks() + b"QUFB -4\n",
        ranks() + b"QUFB 99999999999\n",
    ],
)
def test_what_is_no_list_of_ranks_is_told_from_one(content: bytes, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="a"):
        ranks_of(content)
    file = tmp_path / "mine.tiktoken"
    file.write_bytes(content)
    encodings = looked(folder, name=str(file))
    assert encodings.counter(str(file)) is None
    assert encodings.told(str(file)) == f"which can't be used; {file} is damaged, and left alone"


def test_a_file_of_the_writers_counts_as_it_is(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = ranks(b"The", b" The")
    (tmp_path / "mine.tiktoken").write_bytes(content)
    monkeypatch.setenv("HOME", str(tmp_path))
    encodings = looked(folder, name="~/mine.tiktoken")
    counter = encodings.counter("~/mine.tiktoken")
    assert counter is not None
    # The pattern is that of o200k_base, here the made one.
    assert counter._encoding._pat_str == PATTERN
    assert encodings.told("~/mine.tiktoken") == f"from {tmp_path / 'mine.tiktoken'}"
    missing = str(tmp_path / "none.tiktoken")
    encodings.load(missing)
    assert encodings.counter(missing) is None
    assert encodings.told(missing) == "which is not there"


def test_a_file_whose_ranks_are_known_is_cut_as_they_should_be(folder: Path, tmp_path: Path) -> None:
    known = {
        "o200k_base": Definition("o200k_base", "https://a.invalid/o", "0" * 64, "."),
        "cl100k_base": Definition("cl100k_base", "https://a.invalid/c", hashlib.sha256(RANKS).hexdigest(), PATTERN),
    }
    file = tmp_path / "whatever.tiktoken"
    file.write_bytes(RANKS)
    counter = looked(folder, name=str(file), define=known.get).counter(str(file))
    assert counter is not None
    assert counter._encoding._pat_str == PATTERN


# fetching

Handle = Callable[[http.server.BaseHTTPRequestHandler], None]


class Files:
    """A server of one file, on this computer."""

    def __init__(self, handle: Handle) -> None:
        files = self
        self.asked: list[str] = []
        self.stop = threading.Event()
        """Set at the end, for those that wait."""

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                files.asked.append(self.path)
                with contextlib.suppress(OSError):  # the client has gone
                    handle(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self._server.files = self  # type: ignore[attr-defined]
        self.url = f"http://127.0.0.1:{self._server.server_port}/o200k_base.tiktoken"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.stop.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def sends(content: bytes, status: int = 200, **headers: str) -> Handle:
    def handle(request: http.server.BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        for name, value in {"content_length": str(len(content)), **headers}.items():
            request.send_header(name.replace("_", "-"), value)
        request.end_headers()
        request.wfile.write(content)

    return handle


def stalls(request: http.server.BaseHTTPRequestHandler) -> None:
    request.server.files.stop.wait(20)  # type: ignore[attr-defined]


def trickles(request: http.server.BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("content-length", "100000")
    request.end_headers()
    while not request.server.files.stop.wait(0.02):  # type: ignore[attr-defined]
        request.wfile.write(b"x")


@pytest.fixture
def files() -> Iterator[Callable[[Handle], Files]]:
    made: list[Files] = []

    def serve(handle: Handle) -> Files:
        made.append(Files(handle))
        return made[-1]

    yield serve
    settled()
    for each in made:
        each.close()


Serve = Callable[[Handle], Files]


def test_what_is_not_there_is_fetched_once_checked_and_kept(folder: Path, tmp_path: Path, files: Serve) -> None:
    server = files(sends(RANKS))
    own = tmp_path / "cache" / "encodings"
    encodings = looked(folder, own, fetches=True, define=defined(server.url))
    assert encodings.counter(NAME) is None
    assert encodings.told(NAME) == "which is not on this computer yet"
    for _ in range(3):
        encodings.want(NAME)
    settled()
    counter = encodings.counter(NAME)
    assert counter is not None
    assert counter("The The The") == 5
    kept = own / "o200k_base.tiktoken"
    assert encodings.told(NAME) == f"from {kept}"
    assert [each.name for each in own.iterdir()] == [kept.name]
    assert kept.read_bytes() == RANKS
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert stat.S_IMODE(own.stat().st_mode) == 0o700
    assert list(folder.iterdir()) == []
    assert server.asked == ["/o200k_base.tiktoken"]
    # The next time it is there.
    again = looked(folder, own, fetches=True, define=defined(server.url))
    assert again.counter(NAME) is counter
    again.want(NAME)
    settled()
    assert len(server.asked) == 1


def test_a_half_written_file_of_our_own_is_replaced(folder: Path, tmp_path: Path, files: Serve) -> None:
    server = files(sends(RANKS))
    own = tmp_path / "encodings"
    own.mkdir()
    (own / "o200k_base.tiktoken").write_bytes(RANKS[:900])
    encodings = looked(folder, own, fetches=True, define=defined(server.url))
    assert encodings.counter(NAME) is None
    encodings.want(NAME)
    settled()
    assert encodings.counter(NAME) is not None
    assert (own / "o200k_base.tiktoken").read_bytes() == RANKS


def test_what_cannot_be_kept_counts_all_the_same(folder: Path, tmp_path: Path, files: Serve) -> None:
    server = files(sends(RANKS))
    (tmp_path / "file").write_text("")
    encodings = looked(folder, tmp_path / "file" / "encodings", fetches=True, define=defined(server.url))
    encodings.want(NAME)
    settled()
    assert encodings.counter(NAME) is not None
    assert encodings.told(NAME) == f"from {server.url}"


FAILURES: dict[str, tuple[Handle, str]] = {
    "another file": (sends(RANKS + b"QUFB 999\n"), "the ranks that came are not what they should be"),
    "half of it": (sends(RANKS[:700]), "the ranks that came are not what they should be"),
    "a page": (sends(b"<html>Log in</html>", content_type="text/html"), "are not what they should be"),
    "nothing there": (sends(b"", 404), "the server answers with status 404"),
    "elsewhere": (sends(b"", 302, location="file:///etc/passwd"), "the server answers with status 302"),
    "onward": (sends(b"", 301, location="https://example.invalid/"), "the server answers with status 301"),
    "too much": (sends(RANKS * 3), "more came than there should be"),
    "a stall": (stalls, "the server does not answer in time"),
    "a trickle": (trickles, "it takes longer than 0.3 seconds"),
}


@pytest.mark.parametrize("failure", FAILURES)
def test_a_fetch_that_fails_says_nothing_keeps_nothing_and_is_not_tried_again(
    failure: str, folder: Path, tmp_path: Path, files: Serve, capfd: pytest.CaptureFixture[str]
) -> None:
    handle, why = FAILURES[failure]
    server = files(handle)
    own = tmp_path / "encodings"

    def fetch(url: str) -> bytes:
        return fetched(url, 0.3, 2 * len(RANKS))

    for _ in range(2):
        encodings = looked(folder, own, fetches=True, define=defined(server.url), fetch=fetch)
        encodings.want(NAME)
        settled()
        assert encodings.counter(NAME) is None
        told = encodings.told(NAME)
        assert told.startswith("which could not be fetched: ")
        assert told.endswith(why)
    assert len(server.asked) == 1
    assert not own.exists() or list(own.iterdir()) == []
    assert capfd.readouterr() == ("", "")


def test_without_a_network_nothing_hangs() -> None:
    with pytest.raises(FetchFailed, match="no way leads there"):
        fetched("http://127.0.0.1:1/x")
    with pytest.raises(FetchFailed, match="no way leads there"):
        fetched("https://example.invalid/x")
    for url in ("ftp://127.0.0.1/x", "file:///etc/passwd", "http://[::1", ""):
        with pytest.raises(FetchFailed):
            fetched(url)


def test_what_may_not_be_fetched_is_not(folder: Path, files: Serve) -> None:
    server = files(sends(RANKS))
    encodings = looked(folder, define=defined(server.url))
    encodings.want(NAME)
    Encodings({"TIKTOKEN_CACHE_DIR": str(folder)}, fetches=True, define=defined(server.url)).want(NAME)
    settled()
    assert server.asked == []


def test_what_is_there_is_not_fetched(folder: Path, files: Serve) -> None:
    server = files(sends(RANKS))
    (folder / place(server.url)).write_bytes(RANKS)
    encodings = looked(folder, fetches=True, define=defined(server.url))
    encodings.want(NAME)
    settled()
    assert server.asked == []
    assert encodings.counter(NAME) is not None


# endpoints


async def test_getting_ready_does_not_wait_for_what_is_fetched(folder: Path, tmp_path: Path, files: Serve) -> None:
    come = threading.Event()

    def late(request: http.server.BaseHTTPRequestHandler) -> None:
        come.wait(20)
        sends(RANKS)(request)

    server = files(late)
    encodings = Encodings(
        {"TIKTOKEN_CACHE_DIR": str(folder)}, tmp_path / "own", fetches=True, define=defined(server.url)
    )
    async with against(streams("x"), model="m", encodings=encodings) as (_server, endpoint):
        async with asyncio.timeout(20):
            await endpoint.prepare()
            await endpoint.ready("gpt-4o", "")
        assert endpoint.is_ready("gpt-4o", "")
        before = endpoint.counter_of("openai/gpt-4o")
        assert before is ESTIMATE
        assert not endpoint.is_exact("gpt-4o")
        come.set()
        await asyncio.to_thread(settled)
        assert endpoint.is_exact("gpt-4o")
        assert endpoint.is_ready("gpt-4o", "")
        after = endpoint.counter_of("gpt-4o")
        assert after is endpoint.counter_of("openai/gpt-4o") is not before
        assert after("The The The") == endpoint.whole_of("gpt-4o")("The The The") == 5
        assert not endpoint.is_exact("m")
        assert endpoint.counter_of("m") is ESTIMATE
        assert server.asked == ["/o200k_base.tiktoken"]


async def test_a_profile_names_what_its_models_are_counted_with(folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "mine.tiktoken"
    file.write_bytes(RANKS)
    encodings = Encodings({"TIKTOKEN_CACHE_DIR": str(folder)}, define=defined())
    async with against(streams("x"), model="llama", encoding=str(file), encodings=encodings) as (_server, endpoint):
        assert not endpoint.is_exact("llama")
        await endpoint.prepare()
        assert endpoint.is_exact("llama")
        assert endpoint.is_exact("gpt-4")
        assert endpoint.count is endpoint.counter_of("")
        assert endpoint.counter_of("")("The The The") == 5
        assert endpoint.counting == f"counted exactly by {file}, from {file}"


async def test_the_embedded_model_never_fetches(folder: Path, files: Serve) -> None:
    server = files(sends(RANKS))
    encodings = Encodings({"TIKTOKEN_CACHE_DIR": str(folder)}, fetches=True, define=defined(server.url))
    endpoint = make_endpoint("embedded", EMBEDDED_PROFILE, {}, encodings=encodings)
    try:
        await endpoint.prepare()
        await endpoint.ready("gpt-4o", "")
    finally:
        await endpoint.close()
    settled()
    assert server.asked == []
    assert not endpoint.is_exact("gpt-4o")
    assert endpoint.counting == "estimated, rather too many"


async def test_looking_for_an_encoding_fetches_none(folder: Path, files: Serve) -> None:
    server = files(sends(RANKS))
    encodings = Encodings({"TIKTOKEN_CACHE_DIR": str(folder)}, fetches=True, define=defined(server.url))
    profile = EndpointProfile("http://127.0.0.1:1/v1", "gpt-4o")
    endpoint = make_endpoint("a", profile, {}, encodings=encodings)
    await endpoint.look_for_encoding()
    settled()
    assert server.asked == []
    assert endpoint.counting == "estimated, as the model counts by o200k_base, which is not on this computer yet"


async def test_what_counts_is_loaded_off_the_loop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads = []
    load = Encodings.load

    def noted(encodings: Encodings, name: str) -> None:
        threads.append(threading.current_thread())
        load(encodings, name)

    monkeypatch.setattr(Encodings, "load", noted)
    async with serving(streams("x")) as server, asking(server.base_url, model="gpt-4o") as endpoint:
        await endpoint.prepare()
        assert (await answer(endpoint)).text == "x"
    assert threads
    assert threading.main_thread() not in threads
