"""Notes in a prompt: whom and what each names, and the pronoun of a person.

A note is `Name (person): text`, or `(place)`, or `(fact)`, at the start of a line; its text goes on up to the next. A name
may hold several, parted by commas or slashes: "Ilse, the weigher". Reads English words; knows no names and no corpus.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

from composer.llm.embedded.lexicon import GENDERS, PLAIN

NOTE = re.compile(r"^(?P<name>[^\n:]{1,120}?) \((?P<kind>person|place|fact)\)(?::[ \t]*|[ \t]*$)", re.MULTILINE)
"""The head of a note; without a colon where the note has no text."""
_PRONOUNS = {"she": "she", "her": "she", "hers": "she", "he": "he", "him": "he", "his": "he", "it": "it", "its": "it"}
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_TURNS = frozenset(("who", "whose", "and", "with", "to", "of", "for", "from"))
"""Words behind which somebody else may be told of."""
_NEAR = 8
"""Words at the head of a note in which what a person is stands: "the miller's youngest daughter"."""


@dataclass(frozen=True, slots=True)
class Noted:
    """One note."""

    names: tuple[str, ...]
    """As they are written, the first one being the name."""
    kind: str
    """person, place or fact."""
    gender: str
    """he, she or it as the text tells of a person; empty where it doesn't."""


def read_notes(text: str) -> tuple[Noted, ...]:
    """The notes in a text, in order; what stands before the first is none."""
    found = list(NOTE.finditer(text))
    ends = [*(match.start() for match in found), len(text)][1:]
    notes: list[Noted] = []
    for match, end in zip(found, ends, strict=True):
        names = tuple(name.strip() for name in re.split(r"[,/]", match["name"]) if name.strip())
        gender = _gender(text[match.end() : end]) if match["kind"] == "person" else ""
        if names:
            notes.append(Noted(names, match["kind"], gender))
    return tuple(notes)


def _gender(text: str) -> str:
    """The pronoun that a person's note tells: at its head, by what the person is, or by which it has most of."""
    words = [word.lower() for word in _WORD.findall(text)]
    if words and words[0] in _PRONOUNS:
        return _PRONOUNS[words[0]]
    roles = words[: next((at for at, word in enumerate(words[:_NEAR]) if word in _TURNS or word in _PRONOUNS), _NEAR)]
    plain = next((GENDERS[word] for word in roles if word in PLAIN), "")
    if plain:
        return plain
    heard = Counter(_PRONOUNS[word] for word in words if word in _PRONOUNS and word not in ("it", "its"))
    if heard:
        return heard.most_common(1)[0][0]
    return next((GENDERS[word] for word in roles if GENDERS.get(word, "they") != "they"), "")
