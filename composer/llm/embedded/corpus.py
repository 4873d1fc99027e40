"""The prose the model learns from: reading the fables of the package.

A file holds fables; a fable has a title (`= …`), a cast (`@ noun=A:he Name=B:she noun=T noun=P`), and pairs of
a one-line beat (`> …`) and the paragraph that was written for it. Reads and checks; never changes a file, and
knows nothing of counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable

from composer.llm.embedded.cast import PRONOUNS, Cast, Character


class CorpusError(ValueError):
    """A corpus file that is not of the form above; says the file and the line."""


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph and the beat it was written for."""

    beat: str
    text: str


@dataclass(frozen=True, slots=True)
class Fable:
    """One fable: its title, its cast and its passages in order."""

    title: str
    cast: Cast
    passages: tuple[Passage, ...]


def _cast(line: str) -> Cast:
    characters: dict[str, Character] = {}
    things: list[str] = []
    places: list[str] = []
    for entry in line.split():
        noun, _, role = entry.partition("=")
        letter, _, gender = role.partition(":")
        if letter in ("A", "B") and gender in PRONOUNS:
            characters[letter] = Character(noun, gender, "" if noun[:1].isupper() else "the")
        elif letter == "T" and not gender:
            things.append(noun)
        elif letter == "P" and not gender:
            places.append(noun)
        else:
            raise CorpusError(f"not a member of a cast: {entry!r}")
    return Cast(tuple(characters[letter] for letter in sorted(characters)), tuple(things), tuple(places))


def read_fables(text: str, name: str = "corpus") -> list[Fable]:
    """The fables of one file's text; `name` is for messages. Raises CorpusError."""
    fables: list[Fable] = []
    title, cast, beat = "", Cast(), ""
    passages: list[Passage] = []

    def finish() -> None:
        if title:
            fables.append(Fable(title, cast, tuple(passages)))
        passages.clear()

    for number, line in enumerate(text.splitlines(), 1):
        mark, body = line[:2], line[2:].strip()
        if not line.strip():
            continue
        if mark == "= ":
            finish()
            title, cast, beat = body, Cast(), ""
        elif mark == "@ ":
            try:
                cast = _cast(body)
            except CorpusError as error:
                raise CorpusError(f"{name}, line {number}: {error}") from None
        elif mark == "> ":
            beat = body
        elif not title or not beat:
            raise CorpusError(f"{name}, line {number}: a paragraph without a title and a beat")
        else:
            passages.append(Passage(beat, line.strip()))
            beat = ""
    finish()
    return fables


def load_fables(folder: Traversable | None = None) -> list[Fable]:
    """All fables of the package, or of another folder of `.txt` files, in order of file name."""
    folder = folder or resources.files("composer.llm.embedded") / "corpus"
    files = sorted((entry for entry in folder.iterdir() if entry.name.endswith(".txt")), key=lambda entry: entry.name)
    fables: list[Fable] = []
    for file in files:
        fables += read_fables(file.read_text(encoding="utf-8"), file.name)
    return fables
