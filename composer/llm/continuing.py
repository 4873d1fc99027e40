"""Going on with a begun answer, in the ways that chat servers have for it. Pure: messages and texts in, the same out.

    prefill   the last message is the assistant's: llama.cpp, Ollama, LM Studio, OpenRouter, most others
    final     the same, and two fields that say so: vLLM
    prefix    the same, and a mark on that message: Mistral, DeepSeek
    ask       a message of the writer asks in words: OpenAI, LiteLLM, and where another way was refused

Some of them send the begun text once more. It does not look for that, and does not know which model takes which way.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal
from urllib.parse import urlsplit

from composer.config import Continues
from composer.llm.fields import Kind
from composer.text.signs import CLOSING, MARKS, OPENING, PHRASED, SPACELESS, compiled, wordy

Way = Literal["", "prefill", "final", "prefix", "ask"]
"""Empty where there is nothing to go on with."""
WORDS = (
    "Your answer broke off there. Go on from exactly there, in the same voice, as if it had not. "
    "Write only what comes next: repeat nothing of what you wrote, and say nothing about it."
)
_WAYS: Mapping[Kind, Way] = {"vllm": "final", "openai": "ask", "litellm": "ask"}
_MARKED = ("mistral.ai", "deepseek.com")


def way_of(said: Continues, kind: Kind, base_url: str) -> Way:
    """How a server goes on: as the settings say, else as fits it."""
    host = urlsplit(base_url).hostname or ""
    if said:
        return said
    if any(host == each or host.endswith(f".{each}") for each in _MARKED):
        return "prefix"
    return _WAYS.get(kind, "prefill")


def begun(
    messages: Sequence[dict[str, Any]], way: Way, prefix: str
) -> tuple[list[dict[str, Any]], dict[str, bool | str]]:
    """The messages of a request that is to go on from `prefix`, and the fields that go with them."""
    last: dict[str, Any] = {"role": "assistant", "content": prefix}
    if way == "prefix":
        last["prefix"] = True
    if way == "ask":
        return [*messages, last, {"role": "user", "content": WORDS}], {}
    fields: dict[str, bool | str] = (
        {"add_generation_prompt": False, "continue_final_message": True} if way == "final" else {}
    )
    return [*messages, last], fields


def joint(prefix: str, text: str) -> str:
    """What belongs between a begun text and how a model goes on that was asked in words: a space, or nothing."""
    if not prefix or not text:
        return ""
    left, right = prefix[-1], text[0]
    ends = wordy(left) or left in CLOSING + MARKS + "”»›’%" or (left == '"' and _closes(prefix))
    begins = right.isalnum() or right in OPENING + "“„«‹" or (right == '"' and left in MARKS)
    unspaced = compiled(f"{SPACELESS}|{PHRASED}")
    return " " if ends and begins and not unspaced.match(left) and not unspaced.match(right) else ""


def _closes(text: str) -> bool:
    """Whether the straight quotation mark at the end of a text closes one: those of its paragraph stand in pairs."""
    return text[text.rfind("\n") + 1 :].count('"') % 2 == 0
