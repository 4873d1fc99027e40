"""The literary cases: text and its sentences, read from `literary.txt`, where bars stand between sentences."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple


class Case(NamedTuple):
    """One text, the sentences it has to a reader, and whether the rules are known to miss them."""

    language: str
    text: str
    sentences: list[str]
    wrong: bool


def _read() -> list[Case]:
    cases: list[Case] = []
    language, wrong = "en", False
    for line in Path(__file__).with_name("literary.txt").read_text(encoding="utf-8").split("\n"):
        head = re.match(r"([=!]) (\w+): ", line)
        if head:
            language, wrong = head[2], head[1] == "!"
        elif line.strip() and not line.startswith("# "):
            cases.append(Case(language, re.sub(r" ?\|", "", line), [part.strip() for part in line.split("|")], wrong))
    return cases


ALL = _read()
RIGHT = [case for case in ALL if not case.wrong]
WRONG = [case for case in ALL if case.wrong]
