"""Notes and exemplars in a text or Markdown file: where each begins, its name and its text. Pure; it opens no file.

A heading is the name of a note, and what stands below it, to the next one of its rank, is the text. A heading of a kind (`People`,
`Orte`, `Facts`) is none: it says what kind the notes below it are. Elsewhere a note is an item of a list (`- **Ilse**: she weighs
salt`) or a line that begins with a name (`Ilse: she weighs salt`), with what follows until the next one. A title, and text before
any name, are left over. Front matter is passed over. Nothing else is lost, and no text is too strange: at worst all is left over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import count

from composer.story.actions.exemplars import ExemplarText, FoundExemplars
from composer.story.actions.notes import FoundNotes, NoteText
from composer.story.story import NoteKind
from composer.text.clean import clean

_KINDS: dict[NoteKind, str] = {
    "person": """
        people person persons character characters cast dramatis personae protagonist protagonists antagonists
        personen figuren figur charaktere hauptfiguren nebenfiguren hauptpersonen nebenpersonen leute menschen
        personnages personnes personajes personas personaggi persone personagens personages персонажи герои люди
        人物 登场人物 登場人物 角色""",
    "place": """
        place places location locations setting settings ort orte schauplatz schauplätze
        lieu lieux endroits lugar lugares luogo luoghi plaatsen места локации 地点 场所 場所""",
    "fact": """
        fact facts world worldbuilding rule rules lore canon thing things object objects fakt fakten welt weltenbau regeln tatsachen
        faits monde hechos mundo fatti mondo fatos feiten wereld факты мир правила 事实 设定 設定""",
}
_KIND_WORDS: dict[str, NoteKind] = {word: kind for kind, words in _KINDS.items() for word in words.split()}
_AROUND = """
    the main minor secondary supporting other important major all and of in on about list notes our my
    die der das und weitere andere wichtige alle über liste les des et los las y i gli e и"""
_AROUND_KINDS = frozenset(_AROUND.split())
"""Words that a heading of a kind may have beside those that tell it."""
_MOST_KIND_WORDS = 5

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*)")
_CLOSING = re.compile(r"(?:^|[ \t])#+$")
_UNDERLINE = re.compile(r" {0,3}(=+|-+)[ \t]*")
_BULLET = re.compile(r"(\s*)(?:[-*+•]|\d{1,3}[.)])[ \t]+(.*)")
_CUT = re.compile(r"\s*(?:\*[ \t]*\*[ \t]*\*(?:[ \t]*\*)*|-[ \t]*-[ \t]*-(?:[ \t]*-)*|#)\s*")
_FRONT = re.compile(r"\s*(?:#.*|-( .*)?|[^\s:][^:]*:( .*)?)|\s+\S.*|\s*")
_LONGEST_FRONT = 200
"""Lines."""

_BOLD = re.compile(r"(?P<mark>\*{1,3}|_{1,3})(?P<name>[^*_\s].*?)(?P=mark)[ \t]*(?P<sign>[:：]|[—–-]+(?=\s))?")
_COLON = re.compile(r"(?P<name>[^:：]+?)[ \t]*(?::(?=\s|$)|：)")
_DASH = re.compile(r"(?P<name>.+?)[ \t]+[—–-]+[ \t]")
_OF_KIND = re.compile(r"(.+?)\s*[(\[]\s*(\w+)\s*[)\]]")
_NO_NAME = re.compile(r"[!?;“”„\"«»|<>{}]|\w{4,}\.(?:\s|$)|\.\.|…")
"""What no name has; a full stop only behind a few letters, as in `Dr. Bram`."""
_BEGINNING = 200
"""Characters of a line in which its name is looked for, and the longest heading of a kind."""
_LONGEST_NAME, _MOST_WORDS, _MOST_BEFORE_TEXT = 60, 8, 5
"""Characters and words of a name in a list, and words of one that begins a line of text."""
_MOST_ALONE = 4
"""Words of an item that is a name and nothing else."""


@dataclass
class _Section:
    """A heading and the lines below it, to the next one. The level is from 1; 0 before the first heading."""

    level: int
    title: str
    raw: Sequence[str]
    body: list[str] = field(default_factory=list)

    @property
    def has_text(self) -> bool:
        return any(line.strip() for line in self.body)


@dataclass
class _Item:
    """A note that is being read. `indent` is in blanks; in a list, items that stand further in belong to it."""

    kind: NoteKind | None
    name: str
    lines: list[str]
    indent: int = 0
    listed: bool = False


def notes_in(text: str) -> FoundNotes:
    """The notes in a text. Notes of one kind and name are one, their texts below each other."""
    reader = _Reader()
    sections = _sections(_without_front(clean(text).split("\n")), dashes=True)
    titles = _titles(sections)
    name: _Section | None = None
    for section, is_title in zip(sections, titles, strict=True):
        if name is not None and section.level > name.level and _kind_of(section.title) is None:
            # What has a rank below the name's is part of its text.
            reader.go_on([*section.raw, *section.body])
            continue
        name = None
        if not section.level:
            reader.read(section.body)
        elif kind := _kind_of(section.title):
            reader.turn(kind, section.level)
            reader.read(section.body)
        elif is_title:
            reader.turn(None, 0)
            reader.leave(section.title)
            reader.read(section.body)
        else:
            name = section
            reader.head(section)
    return reader.found


def exemplars_in(text: str, name: str) -> FoundExemplars:
    """The samples in a text. Headings cut and name them; without any, lines of `***`, `---` or `#` alone cut; else all of it is one.

    What no heading names is called by `name`, with a number where there are several. A heading without a text is left over.
    """
    lines = _without_front(clean(text).split("\n"))
    sections = _sections(lines, dashes=False)
    pieces: list[tuple[str, Sequence[str]]] = []
    rest: list[str] = []
    if len(sections) > 1:
        for section in sections:
            if section.has_text:
                pieces.append((section.title, section.body))
            elif section.title:
                rest.append(section.title)
    else:
        piece: list[str] = []
        for line in [*lines, "***"]:
            if _CUT.fullmatch(line):
                pieces.append(("", piece))
                piece = []
            else:
                piece.append(line)
        pieces = [(title, lines) for title, lines in pieces if any(line.strip() for line in lines)]
    unnamed = sum(not title for title, _ in pieces)
    numbers = count(1)
    made: list[ExemplarText] = []
    taken: dict[str, int] = {}
    for title, body in pieces:
        called = title or (f"{name} {next(numbers)}" if unnamed > 1 else name)
        taken[called] = taken.get(called, 0) + 1
        if taken[called] > 1:
            called = f"{called} {taken[called]}"
        made.append(ExemplarText(called, _joined(body)))
    return FoundExemplars(tuple(made), "\n".join(rest))


class _Reader:
    """Makes notes of lines, one after the other."""

    def __init__(self) -> None:
        self._items: list[_Item] = []
        self._item: _Item | None = None
        self._kind: NoteKind | None = None
        self._kind_level = 0
        self._rest: list[str] = []

    def turn(self, kind: NoteKind | None, level: int) -> None:
        """Notes are of that kind from here on: below a heading of that level."""
        self._kind, self._kind_level = kind, level
        self._item = None

    def leave(self, *lines: str) -> None:
        """Lines that belong to no note."""
        self._rest += lines

    def go_on(self, lines: Iterable[str]) -> None:
        """Lines that belong to the note that was begun last."""
        if self._item is None:
            self.leave(*lines)
        else:
            self._item.lines += lines

    def head(self, section: _Section) -> None:
        """A note by its heading."""
        if section.level < self._kind_level:
            self.turn(None, 0)
        self._begin(_bare(section.title), section.body)

    def _begin(self, name: str, lines: Iterable[str], indent: int = 0, listed: bool = False) -> None:
        kind = self._kind
        told = _OF_KIND.fullmatch(name) if len(name) <= _BEGINNING else None
        if told and (own := _KIND_WORDS.get(told[2].lower())):
            name, kind = told[1], own
        self._item = _Item(kind, name, list(lines), indent, listed)
        self._items.append(self._item)

    def read(self, body: Sequence[str]) -> None:
        """Lines in which items and names at their beginning make notes."""
        self._item = None
        before = ""
        for line in body:
            if line.strip():
                self._read_line(line, before)
            else:
                self.go_on([line])
            before = line
        self._item = None

    def _read_line(self, line: str, before: str) -> None:
        item = self._item
        bullet = _BULLET.fullmatch(line)
        wide = line.expandtabs(4)
        indent = len(wide) - len(wide.lstrip())
        if item is not None and indent > item.indent:
            self.go_on([line])
            return
        said = (bullet[2] if bullet else line).strip()
        entry = _entry(said, listed=bullet is not None)
        alone = item is None or not before.strip()
        kind = _kind_of(said)
        if kind and (bullet or alone or entry) and (entry is None or not entry[1]):
            self.turn(kind, self._kind_level)
        elif bullet and (item is None or item.listed or (alone and entry)):
            self._read_bullet(line, said, entry, indent)
        elif entry and not bullet and not (item and before.strip() and said[:1].islower()):
            self._begin(entry[0], [entry[1]], indent)
        else:
            self.go_on([line])

    def _read_bullet(self, line: str, said: str, entry: tuple[str, str] | None, indent: int) -> None:
        if entry:
            self._begin(entry[0], [entry[1]], indent, True)
        elif self._kind is None:
            self.go_on([line])
        elif _is_name(said, _MOST_ALONE) and not said.endswith("."):
            self._begin(_bare(said), [], indent, True)
        else:
            self._begin("", [said], indent, True)

    @property
    def found(self) -> FoundNotes:
        """What was read."""
        told: dict[tuple[NoteKind | None, str], list[str]] = {}
        names: dict[tuple[NoteKind | None, str], str] = {}
        for number, item in enumerate(self._items):
            key = item.kind, item.name.casefold() or f"\n{number}"
            names.setdefault(key, item.name)
            if text := _joined([*item.lines[:1], *_dedented(item.lines[1:])]):
                told.setdefault(key, []).append(text)
        notes = tuple(NoteText(key[0] or "", name, "\n\n".join(told.get(key, ()))) for key, name in names.items())
        return FoundNotes(notes, re.sub(r"\n{3,}", "\n\n", _joined(self._rest)))


def _without_front(lines: list[str]) -> list[str]:
    """The lines behind the front matter, where there is any: keys and values between lines of `---`."""
    if lines[0].rstrip() != "---":
        return lines
    for at, line in enumerate(lines[1 : _LONGEST_FRONT + 1], 1):
        if line.rstrip() in ("---", "..."):
            return lines[at + 1 :] if any(":" in each for each in lines[1:at]) else lines
        if not _FRONT.fullmatch(line):
            break
    return lines


def _sections(lines: Sequence[str], *, dashes: bool) -> list[_Section]:
    """The lines by the headings above them, the first without one. A line may be made one by a line of `=`, or `dashes`, below it."""
    sections = [_Section(0, "", ())]
    for line in lines:
        body = sections[-1].body
        alone = bool(body) and bool(body[-1].strip()) and (len(body) == 1 or not body[-2].strip())
        found = _HEADING.fullmatch(line)
        if found and (title := _CLOSING.sub("", found[2].rstrip()).rstrip()):
            sections.append(_Section(len(found[1]), title, (line,)))
        elif alone and (under := _UNDERLINE.fullmatch(line)) and _heads(body[-1], under[1], dashes=dashes):
            title = body.pop()
            sections.append(_Section(1 if under[1][0] == "=" else 2, title.strip(), (title, line)))
        else:
            body.append(line)
    return sections


def _heads(line: str, under: str, *, dashes: bool) -> bool:
    """Whether a line with that line of signs below it is a heading."""
    if _BULLET.fullmatch(line) or len(line) > 2 * _LONGEST_NAME or len(under) < 3:
        return False
    return under[0] == "=" or (dashes and not _entry(line.strip(), listed=False))


def _titles(sections: Sequence[_Section]) -> list[bool]:
    """For each section, whether its heading is a title of what stands below it, and no name."""
    titles = []
    for at, section in enumerate(sections):
        end = at + 1
        while section.level and end < len(sections) and sections[end].level > section.level:
            end += 1
        title = any(_kind_of(sections[below].title) for below in range(at + 1, end))
        if not title and at == 1 and end == len(sections) and _kind_of(section.title) is None:
            # The one heading of the highest rank, above all others, or above a list.
            lines = [line for line in section.body if line.strip()]
            title = not lines if end > 2 else len(lines) > 1 and all(_begins(line) for line in lines[:2])
        titles.append(title)
    return titles


def _begins(line: str) -> bool:
    """Whether a note begins with that line."""
    bullet = _BULLET.fullmatch(line)
    return _entry((bullet[2] if bullet else line).strip(), listed=bullet is not None) is not None


def _kind_of(heading: str) -> NoteKind | None:
    """The kind that a heading tells, if it tells one and nothing else."""
    if len(heading) > _BEGINNING:
        return None
    words = [word for word in re.findall(r"[^\W\d_]+", heading.lower()) if word not in _AROUND_KINDS]
    kinds = [_KIND_WORDS.get(word) for word in words]
    return kinds[0] if kinds and len(kinds) <= _MOST_KIND_WORDS and None not in kinds else None


def _entry(said: str, *, listed: bool) -> tuple[str, str] | None:
    """The name that a line begins with, and what it says behind it; None if it begins with none."""
    beginning = said[:_BEGINNING]
    if (bold := _BOLD.match(beginning)) and _is_name(_bare(bold["name"]), _MOST_WORDS):
        behind = said[bold.end() :].strip()
        told = bold["sign"] or bold["name"].rstrip().endswith((":", "："))
        if told or (len(bold["mark"]) > 1 and (listed or not behind)):
            return _bare(bold["name"]), behind
    most = _MOST_WORDS if listed else _MOST_BEFORE_TEXT
    found = [_COLON.match(beginning), _DASH.match(beginning) if listed else None]
    names = [each for each in found if each and _is_name(_bare(each["name"]), most)]
    if not names:
        return None
    first = min(names, key=lambda each: len(each["name"]))
    return _bare(first["name"]), said[first.end() :].strip()


def _is_name(text: str, most: int) -> bool:
    """Whether it may be a name, of that many words at most."""
    if not 0 < len(text) <= _LONGEST_NAME or len(text.split()) > most:
        return False
    return any(char.isalnum() for char in text) and not _NO_NAME.search(text)


def _bare(name: str) -> str:
    """A name without the signs that make it bold, a link or the beginning of a line."""
    name = name.strip().rstrip(":：").strip()
    while len(name) > 1 and name[0] in "*_`" and name[-1] == name[0]:
        name = name[1:-1].strip().rstrip(":：").strip()
    return name.removeprefix("[[").removesuffix("]]") if name.startswith("[[") and name.endswith("]]") else name


def _dedented(lines: Sequence[str]) -> list[str]:
    """The lines without the blanks that all of them begin with."""
    wide = [line.expandtabs(4) for line in lines]
    least = min((len(line) - len(line.lstrip()) for line in wide if line.strip()), default=0)
    return [line[least:] for line in wide]


def _joined(lines: Sequence[str]) -> str:
    """The lines as a text, without empty ones around it and blanks behind them."""
    return "\n".join(line.rstrip() for line in lines).strip("\n")
