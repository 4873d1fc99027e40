"""How a text came to be, in figures: whose words stand in it, what was asked for and what was picked, where the time went. Pure.

Figures are of the text as it stands at the head, and of the whole journal where that is said: what was undone was work too. They
judge nothing, and are told in words elsewhere.

Limits: time is that between entries; a wait longer than AWAY is taken for being away. A word of which some letters are by hand and
some a model's is an edited one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from composer.journal.replay import Reel
from composer.story.candidate import Candidate, Recipe, Round
from composer.story.events import BlockAssigned, HeadMoved, RoundAsked, TextEdited, TextPlaced
from composer.story.manuscript import Block
from composer.story.spans import Edited, Generated, Imported, Origin, Repaired, Span, Written, candidate_of
from composer.story.story import Story
from composer.text.words import spans_of_words

AWAY = 5 * 60_000
"""Ms between two entries from which the writer is taken to have been away."""
SITTING = 30 * 60_000
"""Ms without an entry that part two sittings."""
HOW = ("written", "generated", "edited", "imported")
"""Whose a word is: typed by hand, as a model wrote it, a model's changed by hand, brought in from outside."""


@dataclass
class Words:
    """Words of the text by whose they are; seams that the program mended count with what they join."""

    written: int = 0
    generated: int = 0
    edited: int = 0
    imported: int = 0

    @property
    def all(self) -> int:
        return self.written + self.generated + self.edited + self.imported

    def add(self, how: str, count: int = 1) -> None:
        setattr(self, how, getattr(self, how) + count)


@dataclass
class Picked:
    """Of the candidates with one thing in common: how many came, and how many the text uses; words that came and that stand in it."""

    came: int = 0
    used: int = 0
    words: int = 0
    standing: int = 0


@dataclass
class Work:
    """What went into one beat, or one paragraph. `time` is in ms; `requests` are rounds; characters of all edits, undone ones among them."""

    time: int = 0
    requests: int = 0
    candidates: int = 0
    placements: int = 0
    edits: int = 0
    put: int = 0
    removed: int = 0
    words: Words = field(default_factory=Words)


@dataclass
class Setting:
    """A way of asking: a recipe without what differs by number alone, and how many candidates were asked for so."""

    endpoint: str
    model: str
    sampling: tuple[tuple[str, str], ...]
    template: str
    preset: str
    lens: str
    lens_name: str
    candidates: int = 0


@dataclass
class Process:
    """All of it. `beats` and `paragraphs` are by id, the beat of what has none is empty; `instructions` are those of rounds, in order."""

    story: Story
    entries: int = 0
    began: int = 0
    ended: int = 0
    """Ms since 1970, of the first and the last entry; 0 where there are none."""
    days: int = 0
    sittings: int = 0
    time: int = 0
    """Ms at the desk."""
    undone: int = 0
    """Moves of the head: undo, redo, jumps."""
    words: Words = field(default_factory=Words)
    models: dict[str, Words] = field(default_factory=dict)
    """Words of the text by the model that they came from, where they did."""
    by_temperature: dict[str, Picked] = field(default_factory=dict)
    by_model: dict[str, Picked] = field(default_factory=dict)
    by_lens: dict[str, Picked] = field(default_factory=dict)
    by_position: dict[str, Picked] = field(default_factory=dict)
    picked: Picked = field(default_factory=Picked)
    kinds: dict[str, int] = field(default_factory=dict)
    """Rounds by what was asked for."""
    beats: dict[str, Work] = field(default_factory=dict)
    paragraphs: dict[str, Work] = field(default_factory=dict)
    settings: list[Setting] = field(default_factory=list)
    instructions: list[tuple[int, str, str]] = field(default_factory=list)
    """(number of the round, what was asked for, the writer's instruction)."""
    tokens_sent: int = 0
    tokens_written: int = 0
    """As far as servers told."""


def process_of(reel: Reel) -> Process:
    """The figures of a whole journal."""
    made = Process(reel.story(len(reel)), len(reel))
    _count_time(made, reel)
    _count_text(made)
    _count_rounds(made)
    return made


def model_of(recipe: Recipe) -> str:
    """What a model is called in the figures."""
    return recipe.model or recipe.endpoint


# whose words


def whose(block: Block) -> Iterator[tuple[str, str]]:
    """Each word of a paragraph as (whose it is, the candidate that it came from or empty)."""
    if block.is_scene_break:
        return
    edges: list[tuple[int, Origin]] = []
    at = 0
    for span in block.spans:
        at += len(span.text)
        edges.append((at, span.origin))
    place = 0
    for start, end in spans_of_words(block.text):
        while place < len(edges) and edges[place][0] <= start:
            place += 1
        origins = []
        for edge, origin in edges[place:]:
            origins.append(origin)
            if edge >= end:
                break
        yield _of(origins)


def _of(origins: Iterable[Origin]) -> tuple[str, str]:
    hows = {_how(origin) for origin in origins if not isinstance(origin, Repaired)}
    candidate = next((name for origin in origins if (name := candidate_of(origin))), "")
    if not hows:
        return "edited", candidate
    if len(hows) == 1:
        return hows.pop(), candidate
    return ("edited" if hows & {"generated", "edited"} else "written"), candidate


def _how(origin: Origin) -> str:
    match origin:
        case Written():
            return "written"
        case Generated():
            return "generated"
        case Imported():
            return "imported"
        case Edited() | Repaired():
            return "edited"


def _count_text(made: Process) -> None:
    story = made.story
    standing: dict[str, int] = {}
    for block in story.manuscript:
        for how, name in whose(block):
            made.words.add(how)
            made.beats.setdefault(block.beat, Work()).words.add(how)
            made.paragraphs.setdefault(block.id, Work()).words.add(how)
            if name and (candidate := _candidate(story, name)):
                made.models.setdefault(model_of(candidate.recipe), Words()).add(how)
                if how == "generated":
                    standing[name] = standing.get(name, 0) + 1
    used = {name for placement in story.placements for name in placement.candidates}
    for asked in story.rounds:
        if asked.kind == "condense":
            continue
        for position, candidate in enumerate(asked.candidates, 1):
            if candidate.text:
                _count_candidate(made, candidate, position, candidate.id in used, standing.get(candidate.id, 0))


def _candidate(story: Story, name: str) -> Candidate | None:
    try:
        return story.candidate(name)
    except KeyError:
        return None


def _count_candidate(made: Process, candidate: Candidate, position: int, used: bool, standing: int) -> None:
    recipe = candidate.recipe
    words = sum(1 for _ in spans_of_words(candidate.written))
    temperature = recipe.temperature
    for table, key in (
        (made.by_temperature, "not set" if temperature is None else f"{temperature:g}"),
        (made.by_model, model_of(recipe)),
        (made.by_lens, recipe.lens_name or recipe.lens or "none"),
        (made.by_position, str(position)),
    ):
        _add(table.setdefault(key, Picked()), used, words, standing)
    _add(made.picked, used, words, standing)


def _add(picked: Picked, used: bool, words: int, standing: int) -> None:
    picked.came += 1
    picked.used += used
    picked.words += words
    picked.standing += standing


# requests


def _count_rounds(made: Process) -> None:
    settings: dict[tuple[object, ...], Setting] = {}
    for asked in made.story.rounds:
        made.kinds[asked.kind] = made.kinds.get(asked.kind, 0) + 1
        if asked.instruction:
            made.instructions.append((asked.number, asked.kind, asked.instruction))
        for candidate in asked.candidates:
            _count_setting(settings, candidate.recipe)
            if ending := candidate.ending:
                made.tokens_sent += ending.prompt_tokens or 0
                made.tokens_written += ending.completion_tokens or 0
    made.settings = sorted(settings.values(), key=lambda setting: -setting.candidates)


def _count_setting(settings: dict[tuple[object, ...], Setting], recipe: Recipe) -> None:
    sampling = tuple(sorted((name, f"{value}") for name, value in recipe.sampling.items()))
    key = (recipe.endpoint, recipe.model, sampling, recipe.template, recipe.preset, recipe.lens)
    if key not in settings:
        settings[key] = Setting(
            recipe.endpoint, recipe.model, sampling, recipe.template, recipe.preset, recipe.lens, recipe.lens_name
        )
    settings[key].candidates += 1


# time and work


def _count_time(made: Process, reel: Reel) -> None:
    """Where the time went, and what was done to each beat and paragraph, over all branches."""
    entries = reel.entries
    if not entries:
        return
    made.began, made.ended = entries[0].time, entries[-1].time
    owners: dict[str, str] = {}
    beat = ""
    before = entries[0].time
    days = set()
    made.sittings = 1
    for entry, happened in zip(entries, reel.events, strict=True):
        gap = max(0, entry.time - before)
        before = max(before, entry.time)
        days.add(entry.time // 86_400_000)
        made.sittings += gap > SITTING
        match happened:
            case TextEdited() | TextPlaced():
                beat = _count_edit(made, owners, happened)
            case BlockAssigned():
                owners[happened.block] = happened.after
            case RoundAsked() if happened.kind != "condense":
                beat = _beat_of(made.story.round(happened.round), owners)
                work = made.beats.setdefault(beat, Work())
                work.requests += 1
                work.candidates += len(happened.recipes)
            case HeadMoved():
                made.undone += 1
            case _:
                pass
        if gap <= AWAY:
            made.time += gap
            made.beats.setdefault(beat, Work()).time += gap
    made.days = len(days)


def _beat_of(asked: Round, owners: dict[str, str]) -> str:
    if asked.beat:
        return asked.beat
    at = getattr(asked.target, "at", None)
    return owners.get(at.block, "") if at is not None else ""


def _count_edit(made: Process, owners: dict[str, str], event: TextEdited | TextPlaced) -> str:
    """The beat whose text was changed."""
    home = event.at.block or (event.put.rest[0].id if event.put.rest else "")
    for block in event.put.rest:
        owners[block.id] = block.beat
    beat = owners.get(home, "")
    if event.at.block == "" and event.put.rest:
        beat = event.put.rest[0].beat
    put, removed = _length(event.put.pieces), _length(event.removed.pieces)
    placed = isinstance(event, TextPlaced)
    for work in (made.beats.setdefault(beat, Work()), made.paragraphs.setdefault(home, Work())):
        work.placements += placed
        work.edits += not placed
        work.put += put
        work.removed += removed
    return beat


def _length(rows: Iterable[tuple[Span, ...]]) -> int:
    return sum(len(span.text) for row in rows for span in row)
