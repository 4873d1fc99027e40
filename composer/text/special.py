"""Special tokens: what the chat formats of models mark turns, roles and thoughts with, found in text by how it looks.

It knows no model's own list, so that prose which only looks like such a token counts as one. It looks at each character a bounded
number of times.
"""

from __future__ import annotations

from collections.abc import Iterable

from composer.text.signs import compiled

NAME = 64
"""Characters that the name of a token has at most. Longer ones are prose."""

_ANGLED = "|".join(
    (
        r"/?s|[be]os|unk|pad|mask|cls|sep|sop|eop|eod|[BE]OS_TOKEN|PAD_TOKEN|PRE|SUF|MID|EOT",
        r"(?:start|end)_of_(?:turn|image|audio|text)|end_of_utterance|endoftext|fim_(?:prefix|middle|suffix|pad)",
        r"/?(?:think|thinking|thought|tools?|tool_calls?|tool_response)|image|audio|video",
        r"/?(?:seed|start|end|extra|reserved|unused)(?::[a-z_]{1,32}|_(?:id_)?[0-9]{1,5}|[0-9]{1,5})",
    )
)
_BRACKETED = "|".join(
    (
        r"/?(?:INST|SYSTEM_PROMPT|MODEL_SETTINGS|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT|THINK)",
        r"ARGS|CALL_ID|IMG|IMG_BREAK|IMG_END|PREFIX|MIDDLE|SUFFIX|CLS|SEP|MASK|[gs]MASK",
    )
)
_TOKEN = "|".join(
    (
        rf"<[|｜][^\s<>|｜]{{1,{NAME}}}[|｜]?>",
        rf"<[^\s<>|｜]{{1,{NAME}}}[|｜]>",
        rf"\[\|[^\s\[\]|]{{1,{NAME}}}\|\]",
        r"<</?SYS>>",
        rf"<(?:{_ANGLED})>",
        rf"\[(?:{_BRACKETED})\]",
        r"\]~!b\[|\]~b\]|\[e~\[",
    )
)


def special(text: str) -> list[tuple[int, int]]:
    """The places of what looks like special tokens, as [start, end) in characters, in order and apart from one another."""
    return [found.span() for found in compiled(_TOKEN).finditer(text)]


def disarmed(text: str, more: Iterable[str] = ()) -> str:
    """The text with a space behind the first character of each special token, so that no model takes one for its own.

    `more` are further tokens that are to be broken, as a model may call anything its own; those that are a single character or hold
    white space are left. The space is there to be seen: nothing in a request is hidden. Other text is returned as it is.
    """
    while ranges := special(text):
        text = _parted(text, [start + 1 for start, _ in ranges])
    for token in more:
        while len(token) > 1 and len(token.split()) == 1 and token == token.strip() and token in text:
            text = text.replace(token, f"{token[0]} {token[1:]}")
    return text


def _parted(text: str, places: list[int]) -> str:
    """The text with a space at each of these places."""
    return " ".join(text[start:end] for start, end in zip([0, *places], [*places, len(text)], strict=True))
