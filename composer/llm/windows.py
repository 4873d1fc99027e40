"""How many tokens each model of an endpoint takes, request and answer together, and who says so. It asks nobody.

In this order: the settings; what an error or the writer has taught; what the server tells; what is known of the model's name; a guess.
What was taught holds as long as the settings and the server say what they said then: a model that is loaded anew with a larger window
is not held to the old one. Below what the settings say it goes before them, since it was the server that refused.

Where a server adds text of its own to requests, which shows in what it counts, that much is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeGuard

from composer.llm.fields import Kind
from composer.session.ports import Memory, WindowSource

MOST_MODELS = 500
"""Models whose windows are remembered."""
LEAST, MOST = 256, 100_000_000
"""Between these a window is believed; what is told beyond them is a slip or a lie."""
EMBEDDED_WINDOW = 8192
"""What the embedded model says of itself, told here without loading it."""
WINDOW = 4096
"""For a model that nothing is known of: what most take at least."""
LOADED = 4096
"""What Ollama and LM Studio load a model with unless told otherwise, whatever it could take."""
WINDOWS = (
    ("gpt-4.1", 1_047_576),
    ("gpt-4.5", 128_000),
    ("gpt-4o", 128_000),
    ("gpt-4-turbo", 128_000),
    ("gpt-4-1106", 128_000),
    ("gpt-4-0125", 128_000),
    ("gpt-4-32k", 32_768),
    ("gpt-4", 8_192),
    ("gpt-3.5-turbo-instruct", 4_096),
    ("gpt-3.5-turbo-0301", 4_096),
    ("gpt-3.5-turbo-0613", 4_096),
    ("gpt-3.5-turbo", 16_385),
    ("gpt-5-chat", 128_000),
    ("gpt-5", 400_000),
    ("gpt-oss", 131_072),
    ("chatgpt-4o", 128_000),
    ("o1-mini", 128_000),
    ("o1-preview", 128_000),
    ("o1", 200_000),
    ("o3", 200_000),
    ("o4-mini", 200_000),
    ("claude-instant", 100_000),
    ("claude-2.1", 200_000),
    ("claude-2", 100_000),
    ("claude-3", 200_000),
    ("claude-4", 200_000),
    ("claude-sonnet", 200_000),
    ("claude-opus", 200_000),
    ("claude-haiku", 200_000),
    ("gemini-1.0", 32_760),
    ("gemini-1.5-pro", 2_097_152),
    ("gemini-1.5", 1_048_576),
    ("gemini-2", 1_048_576),
    ("gemini-3", 1_048_576),
    ("llama-2", 4_096),
    ("llama-3.1", 131_072),
    ("llama-3.2", 131_072),
    ("llama-3.3", 131_072),
    ("llama-3", 8_192),
    ("mistral-7b-v0.1", 8_192),
    ("mistral-7b-instruct-v0.1", 8_192),
    ("mistral-7b", 32_768),
    ("mistral-nemo", 128_000),
    ("mistral-large-2402", 32_768),
    ("mistral-large", 128_000),
    ("mistral-small", 32_768),
    ("ministral", 128_000),
    ("mixtral-8x22b", 65_536),
    ("mixtral-8x7b", 32_768),
    ("qwen-2.5", 32_768),
    ("qwen-2", 32_768),
    ("qwen-3", 32_768),
    ("qwq", 32_768),
    ("deepseek-r1-distill", 32_768),
    ("deepseek-r1", 65_536),
    ("deepseek-v3", 65_536),
    ("deepseek-chat", 65_536),
    ("deepseek-reasoner", 65_536),
    ("gemma-3-1b", 32_768),
    ("gemma-3:1b", 32_768),
    ("gemma-3-270m", 32_768),
    ("gemma-3:270m", 32_768),
    ("gemma-3n", 32_768),
    ("gemma-3", 131_072),
    ("gemma-2", 8_192),
    ("gemma-7b", 8_192),
    ("phi-2", 2_048),
    ("phi-3-mini-128k", 131_072),
    ("phi-3-medium-128k", 131_072),
    ("phi-3.5", 131_072),
    ("phi-3", 4_096),
    ("phi-4-mini", 131_072),
    ("phi-4", 16_384),
    ("command-r", 128_000),
    ("command-a", 256_000),
    ("grok-2", 131_072),
    ("grok-3", 131_072),
    ("grok-4", 256_000),
    ("kimi-k2", 131_072),
    ("glm-4.5", 131_072),
)
"""Tokens that models take whose server does not tell, by how their names begin; the first that fits counts. Where versions of one
name differ it is the least."""
_HYPHEN = re.compile(r"(?<=[a-z])-(?=\d)")
_BEFORE = re.compile(r"^(meta|mistralai|google|microsoft|anthropic)[-.]")


def is_sane(tokens: object) -> TypeGuard[int]:
    """Whether a number can be a window at all."""
    return isinstance(tokens, int) and not isinstance(tokens, bool) and LEAST <= tokens <= MOST


def known_window(model: str) -> int:
    """Tokens that a model takes by its name; 0 if it is not in the table. `llama3.1:8b` and `Meta-Llama-3.1-8B` are of one family."""
    bare = _bare(model)
    return next((size for start, size in WINDOWS if bare.startswith(_HYPHEN.sub("", start))), 0)


def guessed_window(model: str, kind: Kind = "other") -> tuple[int, WindowSource]:
    """Tokens that a model is taken to take where its server does not tell, and whether that is known or guessed."""
    if kind == "embedded":
        return EMBEDDED_WINDOW, "server"
    known = known_window(model)
    if kind in ("ollama", "lmstudio"):
        return min(LOADED, known or LOADED), "table"
    return (known, "table") if known else (WINDOW, "guess")


def _bare(model: str) -> str:
    return _HYPHEN.sub("", _BEFORE.sub("", model.rpartition("/")[2].lower()))


class Windows:
    """The windows of the models of one endpoint. Asking for one may be done in any thread."""

    def __init__(self, endpoint: str, kind: Kind, fixed: int = 0, memory: Memory | None = None) -> None:
        """`fixed` is what the settings say; 0 if they don't."""
        self._endpoint = endpoint
        self._kind = kind
        self._fixed = fixed
        self._memory = memory
        self._listed: dict[str, int] = {}
        self._any = 0
        """The window of the one model that a server has: some list it under the path of its file, and serve it under any name."""
        self._asked: dict[str, int] = {}
        self._taught: dict[str, tuple[int, int]] = {}
        """By model: tokens, and what the settings or the server said when they were learned."""
        self._added: dict[str, int] = {}
        """By model: tokens that the server adds to each request."""

    def of(self, model: str) -> int:
        """Tokens that may be sent and answered together."""
        return self._believed(model)[0] - self.added(model)

    def source(self, model: str) -> WindowSource:
        """Who says so."""
        return self._believed(model)[1]

    def told(self, model: str) -> int:
        """What the server tells; 0 if it tells nothing."""
        return self._asked.get(model) or self._listed.get(model) or self._any

    def listed(self, sizes: Iterable[tuple[str, int]]) -> None:
        """The server has listed its models, with 0 where it tells no size."""
        named = list(sizes)
        told = {model: size for model, size in named if is_sane(size)}
        # A list that leaves a model out takes nothing back of it.
        self._listed = {**self._listed, **told} if len(self._listed) < MOST_MODELS else told
        self._any = next(iter(told.values()), 0) if len(named) == 1 else 0

    def asked(self, sizes: dict[str, int]) -> None:
        """The server was asked for these models, and tells more of them than in its list."""
        self._asked.update((model, size) for model, size in sizes.items() if is_sane(size))

    def learn(self, model: str, tokens: int) -> None:
        """An error or the writer says how much a model takes. 0 forgets it; what can't be is ignored."""
        if tokens and not is_sane(tokens):
            return
        self._taught[model] = (tokens, self._basis(model))
        if self._memory is not None:
            told = f"{tokens}/{self._basis(model)}" if tokens else ""
            self._memory.learn(self._endpoint, model, "window", told)

    def added(self, model: str) -> int:
        """Tokens that the server adds to each request, a quarter of the window at most."""
        added = self._added.get(model)
        if added is None:
            added = self._added[model] = _number(self._recalled(model, "overhead"))
        return min(added, self._believed(model)[0] // 4)

    def learn_added(self, model: str, tokens: int) -> None:
        """A request shows that the server adds so many tokens; 0 if it adds none."""
        if self.added(model) == tokens or self._added[model] == tokens:
            return
        self._added[model] = tokens
        if self._memory is not None:
            self._memory.learn(self._endpoint, model, "overhead", str(tokens) if tokens else "")

    def _basis(self, model: str) -> int:
        return self._fixed or self.told(model)

    def _believed(self, model: str) -> tuple[int, WindowSource]:
        tokens, then = self._learned(model)
        basis = self._basis(model)
        # A server that tells nothing just now takes nothing back.
        holds = tokens > 0 and basis in (then, 0)
        if self._fixed:
            return (tokens, "learned") if holds and tokens < self._fixed else (self._fixed, "settings")
        if holds:
            return tokens, "learned"
        if told := self.told(model):
            return told, "server"
        return guessed_window(model, self._kind)

    def _learned(self, model: str) -> tuple[int, int]:
        taught = self._taught.get(model)
        if taught is None:
            tokens, _, then = self._recalled(model, "window").partition("/")
            taught = (_number(tokens) if is_sane(_number(tokens)) else 0), _number(then)
            self._taught[model] = taught
        return taught

    def _recalled(self, model: str, subject: str) -> str:
        return "" if self._memory is None else self._memory.known(self._endpoint, model).get(subject, "")


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else 0
