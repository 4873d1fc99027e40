"""How a text came to be, in figures: whose words stand in it, what was asked for and what was picked, where the time went. Pure.

Figures are of the text as it stands at the head, and of the whole journal where that is said: what was undone was work too. They
judge nothing, and are told in words elsewhere.

Limits: time is that between entries; a wait longer than AWAY is taken for being away. A word of which some letters are by hand and
some a model's is an edited one, and so is a model's word of which letters were taken out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
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
QUARTER = 15 * 60_000
"""Ms of a quarter of an hour. In all time zones days begin with one."""
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
    quarters: set[int] = field(default_factory=set)
    """Ms since 1970 at which those quarters of an hour begin in which something happened."""
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
    """By the place on the screen, of rounds with more than one candidate."""
    picked: Picked = field(default_factory=Picked)
    lines: Words = field(default_factory=Words)
    """Lines of the outline by whose they are."""
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


def whose(block: Block, shortened: Callable[[Generated], bool] = lambda piece: False) -> Iterator[tuple[str, str, int]]:
    """Each word of a paragraph as (whose it is, the candidate that it came from or empty, where in that it begins or -1).

    `shortened` says whether a word that is this piece of a candidate was longer there.
    """
    if block.is_scene_break:
        return
    spans = block.spans
    ends: list[int] = []
    at = 0
    for span in spans:
        at += len(span.text)
        ends.append(at)
    place = 0
    for start, end in spans_of_words(block.text):
        while place < len(ends) and ends[place] <= start:
            place += 1
        span, edge = spans[place], ends[place]
        origin = span.origin
        if end <= edge:
            if not isinstance(origin, Generated):
                yield _how(origin), candidate_of(origin) or "", -1
                continue
            first = origin.end - edge + start
            # Only the words at the edges of a span can have lost letters.
            if first == origin.start or end == edge:
                piece = Generated(origin.candidate, first, first + end - start)
                if shortened(piece):
                    yield "edited", origin.candidate, -1
                    continue
            yield "generated", origin.candidate, first
            continue
        last = place
        while ends[last] < end:
            last += 1
        yield _of([each.origin for each in spans[place : last + 1]])


def _of(origins: Sequence[Origin]) -> tuple[str, str, int]:
    """A word of several origins."""
    candidate = next((name for origin in origins if (name := candidate_of(origin))), "")
    hows = {_how(origin) for origin in origins if not isinstance(origin, Repaired)}
    if len(hows) != 1:
        return ("edited" if not hows or hows & {"generated", "edited"} else "written"), candidate, -1
    # Two runs of one candidate side by side: what stood between them was taken out.
    gap = len(origins) > 1 and all(isinstance(each, Generated) and each.candidate == candidate for each in origins)
    if gap or hows != {"generated"}:
        return "edited" if gap else hows.pop(), candidate, -1
    # A seam was mended within it. Its place is where the run that has the rest of it ends, or begins.
    at, run = next((at, each) for at, each in enumerate(origins) if isinstance(each, Generated))
    return "generated", candidate, run.start if at else run.end


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
    standing: dict[str, set[int]] = {}

    def shortened(piece: Generated) -> bool:
        candidate = _candidate(story, piece.candidate)
        return candidate is not None and _goes_on(candidate.text, piece.start, piece.end)

    for block in story.manuscript:
        found: Counter[tuple[str, str]] = Counter()
        for how, name, start in whose(block, shortened):
            found[how, name] += 1
            if start >= 0:
                # Text that was copied stands twice and was picked once.
                standing.setdefault(name, set()).add(start)
        for (how, name), count in found.items():
            candidate = _candidate(story, name) if name else None
            tables = [made.words, made.beats.setdefault(block.beat, Work()).words]
            tables.append(made.paragraphs.setdefault(block.id, Work()).words)
            if candidate is not None:
                tables.append(made.models.setdefault(model_of(candidate.recipe), Words()))
            for words in tables:
                words.add(how, count)
    for row in story.outline.rows():
        origin = row.beat.text.origin
        made.lines.add(_how(origin) if origin else "written")
    used = {name for placement in story.placements for name in placement.candidates}
    for asked in story.rounds:
        if asked.kind == "condense":
            continue
        for candidate in asked.candidates:
            if candidate.text:
                stands = len(standing.get(candidate.id, ()))
                _count_candidate(made, asked, candidate, candidate.id in used, stands)


def _goes_on(text: str, start: int, end: int) -> bool:
    """Whether a word that is text[start:end] is part of a longer one there."""
    low = max(0, start - 2)
    before = [low + edge for _, edge in spans_of_words(text[low : start + 1])]
    behind = [end - 1 + edge for _, edge in spans_of_words(text[end - 1 : end + 2])]
    begins = [low + edge for edge, _ in spans_of_words(text[low : start + 1])]
    return bool(before and before[-1] > start > begins[-1]) or bool(behind and behind[0] > end)


def _candidate(story: Story, name: str) -> Candidate | None:
    try:
        return story.candidate(name)
    except KeyError:
        return None


def _count_candidate(made: Process, asked: Round, candidate: Candidate, used: bool, standing: int) -> None:
    recipe = candidate.recipe
    # Lines for the outline don't come into the text.
    words = 0 if asked.outlines else sum(1 for _ in spans_of_words(candidate.written))
    temperature = recipe.temperature
    tables = [
        (made.by_temperature, "not set" if temperature is None else f"{temperature:g}"),
        (made.by_model, model_of(recipe)),
        (made.by_lens, recipe.lens_name or recipe.lens or "none"),
    ]
    if len(asked.candidates) > 1:
        tables.append((made.by_position, str(asked.shown_number(candidate.id))))
    for table, key in tables:
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
    sampling = tuple(sorted((name, _value(value)) for name, value in recipe.sampling.items()))
    key = (recipe.endpoint, recipe.model, sampling, recipe.template, recipe.preset, recipe.lens)
    if key not in settings:
        settings[key] = Setting(
            recipe.endpoint, recipe.model, sampling, recipe.template, recipe.preset, recipe.lens, recipe.lens_name
        )
    settings[key].candidates += 1


def _value(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else f"{value}"


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
    made.sittings = 1
    for entry, happened in zip(entries, reel.events, strict=True):
        gap = max(0, entry.time - before)
        before = max(before, entry.time)
        made.quarters.add(entry.time // QUARTER * QUARTER)
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
