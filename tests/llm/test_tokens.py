"""Token counts: rather too many than too few, never an error, and never a download."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import tiktoken.load
from hypothesis import given
from hypothesis import strategies as st
from tiktoken_ext import openai_public

from composer.llm import tokens
from composer.llm.tokens import SLICE, TokenCounter, cached_encoding, encoding_name, own_encoding
from tests.llm.train_encoding import TARGET, fables, rebuild

PROSE = "The ferryman had waited since dawn, and nobody came.\n\n“Who would?” asked the heron; she did not smile.\n\n"


@pytest.fixture(autouse=True)
def _no_download(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> bytes:
        raise AssertionError("tiktoken's downloader was reached")

    monkeypatch.setattr(tiktoken.load, "read_file", refuse)
    monkeypatch.setattr(tiktoken.load, "read_file_cached", refuse)


@pytest.fixture
def count() -> TokenCounter:
    return TokenCounter("", {})


def test_the_encoding_is_what_its_texts_make() -> None:
    assert rebuild() == TARGET.read_bytes()


def test_the_encoding_brings_every_text_back() -> None:
    encoding = own_encoding()
    assert encoding.n_vocab > 2000
    for text in (
        PROSE,
        "naïve — 雪 👩\u200d👧 \x00\x1b\t",
        "a" * 10_000,
        " \n" * 500,
        "l’été d'hier 1984",
        "".join(fables()),
    ):
        assert encoding.decode(encoding.encode(text, disallowed_special=())) == text


def test_loading_takes_no_time_to_notice() -> None:
    code = (
        "import time, tiktoken\n"
        "from composer.llm.tokens import own_encoding\n"
        "began = time.perf_counter(); own_encoding(); print(time.perf_counter() - began)\n"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    # Twenty milliseconds on a quiet computer; tests may share theirs.
    assert min(runs) < 0.1


def test_special_tokens_are_mere_text(count: TokenCounter) -> None:
    assert count("<|endoftext|>") > 1


def test_nothing_counts_nothing(count: TokenCounter) -> None:
    assert count("") == 0


def test_a_text_counts_what_its_paragraphs_count(count: TokenCounter) -> None:
    whole = "".join(fables()[:10])
    direct = len(own_encoding().encode(whole))
    assert count(whole) == direct
    assert sum(count(part + "\n\n") for part in whole.split("\n\n")[:-1]) == direct


@given(st.lists(st.text(max_size=60), max_size=6))
def test_counts_never_fall_short_of_the_joined_text_and_never_exceed_its_bytes(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    counted = TokenCounter("", {})(text)
    assert counted <= len(text.encode("utf-8", "surrogatepass"))
    assert counted >= len(own_encoding().encode(text, disallowed_special=()))


@pytest.mark.parametrize(
    "unit", [" ", "a", "\n", "!", "é", " \n", "'", "a'", "🎉", "\ud800", "e\u0301", "1", "\t", "\u3000", "\r\n"]
)
def test_endless_runs_are_counted(unit: str, count: TokenCounter) -> None:
    text = unit * (600_000 // len(unit))
    assert 0 < count(text) <= len(text.encode("utf-8", "surrogatepass"))


def test_a_cut_within_a_text_is_paid_for(count: TokenCounter) -> None:
    text = " ".join(fables()).replace("\n\n", " ") * 2
    assert len(text) > 3 * SLICE
    direct = len(own_encoding().encode(text))
    assert direct + 2 <= count(text) <= direct + 2 * (len(text) // (SLICE // 2))


def test_half_a_million_words_are_counted_again_in_no_time(count: TokenCounter) -> None:
    paragraphs = [f"{number} {text}" for number in range(30) for text in "".join(fables()).split("\n\n")]
    story = "\n\n".join(paragraphs)
    began = time.process_time()
    count(story)
    first = time.process_time() - began
    began = time.process_time()
    count(story + " The end.")
    again = time.process_time() - began
    assert again < first / 5


def test_it_can_be_called_from_many_threads_at_once() -> None:
    counter = TokenCounter("", {})
    expected = counter(PROSE)

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*(asyncio.to_thread(counter, PROSE) for _ in range(16)))

    assert asyncio.run(all_at_once()) == [expected] * 16


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


# ranks that another program has left


def ranks(extra: list[bytes]) -> bytes:
    singles = [bytes((byte,)) for byte in range(256)]
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate([*singles, *extra]))
    return b"".join(lines)


@pytest.fixture
def left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A cache folder with ranks for o200k, and a tiktoken that knows these by their hash."""
    data = ranks([b"Th", b"The", b" f", b"er", b" fer"])
    expected = hashlib.sha256(data).hexdigest()
    url = "https://example.invalid/o200k_base.tiktoken"

    # Like the library's own definitions, it names its way to ranks as a global.
    source = compile(
        f"def o200k_base():\n    made = load_tiktoken_bpe({url!r}, expected_hash={expected!r})\n"
        "    return {'name': 'o200k_base', 'pat_str': r'\\s?\\S+', 'mergeable_ranks': made, 'special_tokens': {}}\n",
        "definition",
        "exec",
    )
    scope: dict[str, Any] = {}
    exec(source, scope)
    monkeypatch.setattr(openai_public, "o200k_base", scope["o200k_base"])
    (tmp_path / hashlib.sha1(url.encode()).hexdigest()).write_bytes(data)
    cached_encoding.cache_clear()
    yield tmp_path
    cached_encoding.cache_clear()


def test_ranks_in_the_cache_are_used_when_loaded(left_behind: Path) -> None:
    counter = TokenCounter("openai/gpt-4o", {"TIKTOKEN_CACHE_DIR": str(left_behind)})
    before = counter("The The The")
    assert not counter.exact
    asyncio.run(counter.load())
    assert counter.exact
    assert counter("The The The") == 5 != before


def test_ranks_that_differ_from_what_they_should_be_are_left_alone(left_behind: Path) -> None:
    (file,) = left_behind.iterdir()
    file.write_bytes(file.read_bytes() + b"QUFB 999\n")
    counter = TokenCounter("gpt-4o", {"TIKTOKEN_CACHE_DIR": str(left_behind)})
    asyncio.run(counter.load())
    assert not counter.exact
    assert list(left_behind.iterdir()) == [file]
    assert file.read_bytes().endswith(b"QUFB 999\n")


@pytest.mark.parametrize("environ", [{"TIKTOKEN_CACHE_DIR": ""}, {"DATA_GYM_CACHE_DIR": "/nowhere/at/all"}])
async def test_without_ranks_the_own_encoding_counts(environ: dict[str, str]) -> None:
    counter = TokenCounter("gpt-4o", environ)
    await counter.load()
    assert not counter.exact
    assert counter(PROSE) == TokenCounter("", {})(PROSE)


def test_an_unknown_definition_is_no_error(tmp_path: Path) -> None:
    assert cached_encoding("no_such_encoding", tmp_path) is None


REAL = Path(os.environ.get("TIKTOKEN_CACHE_DIR", "/nowhere"))


@pytest.mark.parametrize("name", ["o200k_base", "cl100k_base"])
def test_the_own_encoding_counts_more_than_the_true_ones(name: str) -> None:
    encoding = cached_encoding(name, REAL)
    if encoding is None:
        pytest.skip(f"TIKTOKEN_CACHE_DIR names no folder with the ranks of {name}")
    own = own_encoding()
    for paragraph in [PROSE, *"".join(fables()).split("\n\n")]:
        if len(paragraph) > 100:
            assert len(own.encode(paragraph)) >= len(encoding.encode(paragraph, disallowed_special=()))


def test_a_message_costs_more_than_its_text() -> None:
    assert tokens.PER_MESSAGE >= 4
