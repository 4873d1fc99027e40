"""Which field a server has refused, by the words of its error. It asks nothing again and keeps nothing.

Servers word it in many ways: "Unsupported parameter: 'top_k'", a list of faults with their places, `presencePenalty` for
presence_penalty. A value that is out of range is the writer's to correct, and no refusal of its field; but where only one value is
taken, the field is as good as refused. Fields that the program adds by itself are refused by any word against them.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from composer.llm import failures
from composer.llm.lessons import Known

SYSTEM = "system"
"""Stands among the refused fields for messages of that role."""
OWN = frozenset(("stream_options", "logprobs", "top_logprobs", "n", "suffix", "seed"))
"""Fields that the program adds by itself."""
_ONWARD = frozenset(("add_generation_prompt", "continue_final_message"))
"""Fields by which a begun answer is gone on with. Without them it is asked for in words."""
MISSED_LEAST = (("stream_options",), ("logprobs", "top_logprobs"), ("n",))
"""What is left out, one after the other, where a server refuses a request without a word that names what it was."""
_UNKNOWN = re.compile(
    r"unsupported|unrecogni[sz]ed|unknown|unexpected|extra[ _](inputs?|fields?|forbidden)|forbidden|deprecated"
    r"|(not|n't) (currently |yet )?(been )?(support|permit|allow|enabl|implement|accept|avail)"
    r"|only (the default|1 is)|cannot both|can't both|mutually exclusive",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"\b(greater|less|larger|smaller|more|fewer|higher|lower) than\b|\bbetween\b|\brange\b|\bat (most|least)\b"
    r"|\b(must|should) be\b|\babove max|\bbelow min|\bmaximum (of|value)|\bminimum (of|value)|\bsupported values\b"
    r"|\binvalid[ _](type|value)\b|\bvalid (number|string|integer|boolean|list|dict)",
    re.IGNORECASE,
)
_TAKEN_INSTEAD = re.compile(
    r"(?<!un)\b(supported|allowed|accepted|valid|known) (parameters|params|fields|arguments|values|keys)\b|\bexpected\b"
    r"|\bdid you mean\b|\buse ['\"`]|\bsupports only\b",
    re.IGNORECASE,
)
"""From here on a server lists what it takes."""
_BOTH = re.compile(r"cannot both|can't both|both be specified|mutually exclusive|only one of", re.IGNORECASE)
_PREFIX = re.compile(
    r"prefill|prefix|continue_final|add_generation|assistant|last (role|message)|final message|end with a user"
    r"|trailing whitespace",
    re.IGNORECASE,
)
_MODEL = re.compile(r"\bmodel\b.{0,60}\b(not|exist|invalid)\b|\b(invalid|valid|unknown) model\b", re.IGNORECASE)
_SYSTEM = re.compile(
    r"system (role|message|prompt)s?( is| are)? not|not support[^.]{0,20} 'system'|roles must alternate"
    r"|only user and assistant roles",
    re.IGNORECASE,
)


def lesson(error: BaseException, known: Known, sent: Collection[str], *, goes_on: bool, system: bool) -> Known | None:
    """What is known of the model after this error; None if it refused nothing that can be left out.

    `sent` are the names of the fields that were sent, `goes_on` says that the request ended with a begun answer, and `system`
    that it had a message of that role.
    """
    status = failures.status_of(error)
    if status not in (400, 403, 422) or failures.is_too_long(error) or failures.is_filtered(error):
        return None
    words = " ".join(_words(error))
    if status == 403:
        # A key that may not ask for anything is no lesson; one that may not ask for this is.
        names = {name for name in ("logprobs", "top_logprobs") if name in sent and "logprobs" in words.lower()}
        return known.without(names) if names else None
    if "max_tokens" in sent and "max_completion_tokens" in words:
        return known.without(("max_tokens",))
    if system and SYSTEM not in known.refused and _SYSTEM.search(words):
        return known.without((SYSTEM,))
    placed = _placed(error)
    names = _of_places(placed, sent) if placed else _of_words(words, sent)
    if names & _ONWARD:
        return Known(known.refused.union(names - _ONWARD), True)
    if names:
        return known.without(names)
    if goes_on and not known.asks and _PREFIX.search(" ".join([words, *(fault.place for fault in placed)])):
        return Known(known.refused, True)
    if placed or _named(words, sent) or _MODEL.search(words):
        return None
    if _VALUE.search(words) and not _UNKNOWN.search(words):
        return None
    for group in MISSED_LEAST:
        if missed := {name for name in group if name in sent}:
            return known.without(missed)
    return None


@dataclass(frozen=True)
class _Fault:
    """One fault of a list: the field, its whole place, and what is wrong with it."""

    name: str
    place: str
    why: str


def _of_places(placed: list[_Fault], sent: Collection[str]) -> set[str]:
    """The refused among the fields that a list of faults names with their places."""
    return {
        fault.name
        for fault in placed
        if fault.name in sent and (fault.name in OWN or fault.name in _ONWARD or _is_refusal(fault.why))
    }


def _of_words(words: str, sent: Collection[str]) -> set[str]:
    """The refused among the fields that a sentence names."""
    heard = words[: found.start()] if (found := _TAKEN_INSTEAD.search(words)) else words
    names = _named(heard, sent)
    if _BOTH.search(words) and len(names) > 1:
        names.discard("temperature")
    if _is_refusal(words):
        return names
    return names & OWN


def _is_refusal(words: str) -> bool:
    return bool(_UNKNOWN.search(words)) and not _VALUE.search(words)


def _named(words: str, sent: Collection[str]) -> set[str]:
    return {name for name in sent if _pattern(name).search(words)}


@functools.cache
def _pattern(name: str) -> re.Pattern[str]:
    """How a field is named in words: as it is, with a hump for each line, or with spaces."""
    if len(name) == 1:
        alone = f"(?<![\\w\\\\'’]){name}(?![\\w'’])"
        return re.compile(f"['\"`]{name}['\"`]|{alone}|completion choice|multiple (choices|completions)")
    first, *others = name.split("_")
    forms = {name, name.replace("_", " "), first + "".join(each.capitalize() for each in others)}
    form = "|".join(map(re.escape, forms))
    return re.compile(f"(?<![A-Za-z0-9_])(?:{form})(?![A-Za-z0-9_])", re.IGNORECASE)


def _words(error: BaseException) -> Iterator[str]:
    """What an error says in words: its message, the field and the code that it names, and what a router quotes of its server."""
    yield failures.said(error)
    for name in ("param", "code"):
        if isinstance(value := getattr(error, name, None), str):
            yield value
    body = getattr(error, "body", None)
    quoted = body.get("metadata") if isinstance(body, dict) else None
    if isinstance(quoted, dict) and isinstance(raw := quoted.get("raw"), str):
        yield raw[:10_000]


def _placed(error: BaseException) -> list[_Fault]:
    """The faults of an error that lists them with the place of each."""
    found: list[_Fault] = []
    left: list[tuple[Any, int]] = [(getattr(error, "body", None), 0)]
    while left:
        each, depth = left.pop()
        if isinstance(each, dict):
            place = each.get("loc")
            if isinstance(place, list) and place:
                names = [part for part in place[:10] if isinstance(part, str) and part != "body"]
                why = f"{each.get('type', '')} {each.get('msg', '')}"
                found.append(_Fault(names[0] if names else "", " ".join(names), why))
            elif depth < 5:
                left += [(value, depth + 1) for value in each.values()]
        elif isinstance(each, list) and depth < 5:
            left += [(value, depth + 1) for value in each[:50]]
    return found
