"""Going on with a begun answer: which way for which server, what is sent, and what belongs between."""

from __future__ import annotations

import pytest

from composer.llm.continuing import WORDS, begun, joint, way_of

TOLD = [{"role": "user", "content": "Go on."}]
LAST = {"role": "assistant", "content": "The ferry"}


@pytest.mark.parametrize(
    ("said", "kind", "url", "way"),
    [
        ("", "llamacpp", "http://localhost:8080/v1", "prefill"),
        ("", "ollama", "http://localhost:11434/v1", "prefill"),
        ("", "lmstudio", "http://localhost:1234/v1", "prefill"),
        ("", "openrouter", "https://openrouter.ai/api/v1", "prefill"),
        ("", "embedded", "http://embedded/v1", "prefill"),
        ("", "other", "http://a/v1", "prefill"),
        ("", "vllm", "http://localhost:8000/v1", "final"),
        ("", "openai", "https://api.openai.com/v1", "ask"),
        ("", "litellm", "http://localhost:4000/v1", "ask"),
        ("", "other", "https://api.mistral.ai/v1", "prefix"),
        ("", "other", "https://api.deepseek.com/beta", "prefix"),
        ("", "other", "https://notmistral.ai/v1", "prefill"),
        ("final", "openai", "https://api.openai.com/v1", "final"),
        ("ask", "other", "https://api.mistral.ai/v1", "ask"),
    ],
)
def test_each_server_goes_on_in_its_own_way(said: str, kind: str, url: str, way: str) -> None:
    assert way_of(said, kind, url) == way  # type: ignore[arg-type]


def test_a_begun_answer_is_the_last_message_in_every_way_but_one() -> None:
    assert begun(TOLD, "prefill", "The ferry") == ([*TOLD, LAST], {})
    assert begun(TOLD, "prefix", "The ferry") == ([*TOLD, {**LAST, "prefix": True}], {})
    fields = {"add_generation_prompt": False, "continue_final_message": True}
    assert begun(TOLD, "final", "The ferry") == ([*TOLD, LAST], fields)
    assert begun(TOLD, "ask", "The ferry") == ([*TOLD, LAST, {"role": "user", "content": WORDS}], {})
    assert TOLD == [{"role": "user", "content": "Go on."}]


@pytest.mark.parametrize(
    ("prefix", "text", "space"),
    [
        ("The ferry", "waited", True),
        ("The ferry waited.", "Nobody came.", True),
        ("Nobody came,", "3 of them", True),
        ("She said no.", "“Why?”", True),
        ("“Why?”", "he said", True),
        ('"Why?"', "he said", True),
        ("She said no.", '"Why?"', True),
        ("Nobody’s", "boat", True),
        ("cafe\u0301", "noir", True),
        ('He said: "', "Why?", False),
        ("“", "Why?", False),
        ("The ferry ", "waited", False),
        ("The ferry\n", "waited", False),
        ("The ferry", " waited", False),
        ("The ferry", ", waiting", False),
        ("The ferry", "’s bell", False),
        ("The ferry—", "late", False),
        ("half-", "light", False),
        ("渡し船は", "待っていた", False),
        ("渡し船。", "夜", False),
        ("เรือ", "รอ", False),
        ("배가", "기다렸다", True),
        ("", "waited", False),
        ("The ferry", "", False),
    ],
)
def test_a_space_stands_where_two_words_meet(prefix: str, text: str, space: bool) -> None:
    assert joint(prefix, text) == (" " if space else "")
