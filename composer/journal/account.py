"""The report on how a text came to be, in words: sections of sentences and tables, for any page to lay out. Pure.

It says what the figures of `process` are and how they were counted, and nothing of what to think of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from composer.journal.process import AWAY, Picked, Process, Words, Work
from composer.story.story import Story
from composer.text.clean import one_line

MOST = 12
"""Rows of a table that lists what was reworked most."""
LONGEST = 90
"""Characters of a line of text that names a beat or a paragraph."""

KINDS = {
    "continue": "to go on",
    "fill": "to fill a place",
    "rework": "to rework text",
    "polish": "to polish text",
    "smooth": "to smooth seams",
    "outline": "for an outline",
    "expand": "for the beats below one",
    "summary": "for a line of the outline",
    "draft": "for drafts",
    "condense": "to condense earlier text",
}
"""What rounds ask for, in words."""


class Table(NamedTuple):
    """The first column is words, the others are mostly figures."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Section(NamedTuple):
    heading: str
    sentences: tuple[str, ...] = ()
    table: Table | None = None
    items: tuple[str, ...] = ()
    """Lines of a list."""


def account(process: Process, when: Callable[[int], str], prompts: Sequence[str] = ()) -> tuple[Section, ...]:
    """The report. `when` says a time in ms since 1970 for people, the day and the hour with a blank between them; `prompts` are the
    instructions that requests held."""
    found = (
        _whole(process, when),
        _whose(process),
        _models(process),
        _rate(process),
        *_rates(process),
        _outline(process),
        _beats(process),
        _reworked(process),
        _settings(process),
        _lenses(process),
        _wishes(process),
        Section("Instructions that requests carried", items=tuple(prompts)) if prompts else None,
        _counting(process),
    )
    return tuple(section for section in found if section is not None)


def prompt_pieces(story: Story) -> tuple[tuple[str, ...], ...]:
    """The hashes of the pieces of each different text of instructions that requests held, the oldest first."""
    found: dict[tuple[str, ...], None] = {}
    for asked in story.rounds:
        for messages, receipt in ((asked.messages, asked.receipt), *((o.messages, o.receipt) for o in asked.others)):
            flat = [piece for message in messages for piece in message.pieces]
            for part in receipt.parts:
                if part.name == "instructions" and part.last > part.first:
                    found[tuple(flat[part.first : part.last])] = None
    return tuple(found)


def prompts_of(story: Story, pieces: Mapping[str, bytes]) -> tuple[str, ...]:
    """The same as texts; those that are not stored are left out."""
    return tuple(
        "".join(pieces[name].decode(errors="replace") for name in names).strip()
        for names in prompt_pieces(story)
        if all(name in pieces for name in names)
    )


def share(part: int, whole: int) -> str:
    """`32 %`; nothing of nothing is a dash."""
    return f"{100 * part / whole:.0f} %" if whole else "–"


def span(ms: int) -> str:
    """A stretch of time: `2 h 05 min`, `4 min`, `12 s`."""
    seconds = ms // 1000
    if seconds < 60:
        return f"{seconds} s"
    minutes = seconds // 60
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _whole(process: Process, when: Callable[[int], str]) -> Section:
    rounds = len(process.story.rounds)
    candidates = sum(len(asked.candidates) for asked in process.story.rounds)
    said = [f"The text has {_count(process.words.all, 'word')}."]
    if process.entries:
        days = len({when(quarter).partition(" ")[0] for quarter in process.quarters})
        said.append(
            f"It was begun {when(process.began)} and changed last {when(process.ended)}: "
            f"{_count(process.sittings, 'sitting')} on {_count(days, 'day')}, {span(process.time)} at the desk."
        )
    said.append(f"Models were asked {_count(rounds, 'time')}, for {_count(candidates, 'candidate')}.")
    if process.tokens_sent or process.tokens_written:
        said.append(
            f"As far as servers told, {process.tokens_sent:,} tokens were sent and {process.tokens_written:,} written."
        )
    if process.undone:
        said.append(f"The writer went back or forth in the history {_count(process.undone, 'time')}.")
    return Section("In short", tuple(said))


def _whose(process: Process) -> Section:
    words = process.words
    rows = (
        ("typed by hand", words.written),
        ("as a model wrote them", words.generated),
        ("a model's, changed by hand", words.edited),
        ("brought in from outside", words.imported),
    )
    return Section(
        "Whose words these are",
        table=Table(("words", "number", "share"), tuple((what, f"{n:,}", share(n, words.all)) for what, n in rows)),
    )


def _models(process: Process) -> Section | None:
    if not process.models:
        return None
    rows = tuple(
        (one_line(name, LONGEST), f"{words.generated:,}", f"{words.edited:,}", share(_of(words), process.words.all))
        for name, words in sorted(process.models.items(), key=lambda each: -_of(each[1]))
    )
    return Section("Words by model", table=Table(("model", "as written", "changed", "of the text"), rows))


def _of(words: Words) -> int:
    return words.generated + words.edited


def _rate(process: Process) -> Section | None:
    picked = process.picked
    if not picked.came:
        return None
    return Section(
        "What was picked",
        (
            f"Of {_count(picked.came, 'candidate')} that came, {picked.used:,} were picked: placed, and not undone "
            f"({share(picked.used, picked.came)}). All had {_count(picked.words, 'word')}, of which {picked.standing:,} "
            f"stand in the text as they were written ({share(picked.standing, picked.words)}).",
        ),
    )


def _rates(process: Process) -> list[Section]:
    found = []
    for what, heading, table in (
        ("temperature", "Picked by temperature", process.by_temperature),
        ("model", "Picked by model", process.by_model),
        ("lens", "Picked by lens", process.by_lens),
        ("place in the round", "Picked by place", process.by_position),
    ):
        if table and (len(table) > 1 or what == "temperature"):
            rows = tuple(_picked(name, picked) for name, picked in sorted(table.items(), key=_order))
            found.append(
                Section(heading, table=Table((what, "came", "picked", "rate", "words came", "in the text"), rows))
            )
    return found


def _order(row: tuple[str, Picked]) -> tuple[int, float, str]:
    """Numbers by their size, then words by how often they came."""
    name, picked = row
    try:
        return 0, float(name), name
    except ValueError:
        return 1, -picked.came, name


def _picked(name: str, picked: Picked) -> tuple[str, ...]:
    return (
        one_line(name, LONGEST),
        f"{picked.came:,}",
        f"{picked.used:,}",
        share(picked.used, picked.came),
        f"{picked.words:,}",
        f"{picked.standing:,}",
    )


def _outline(process: Process) -> Section | None:
    lines = process.lines
    if not _of(lines):
        return None
    parts = [
        f"{number:,} {what}"
        for number, what in (
            (lines.generated, "as a model wrote it"),
            (lines.edited, "of a model and changed by hand"),
            (lines.written, "by hand or of a file"),
        )
        if number
    ]
    return Section("Whose outline it is", (f"The outline has {_count(lines.all, 'line')}: {', '.join(parts)}.",))


def _beats(process: Process) -> Section | None:
    order = {row.beat.id: (at, row) for at, row in enumerate(process.story.outline.rows(), 1)}
    rows = []
    last = len(order) + 1
    for name, work in sorted(process.beats.items(), key=lambda each: order.get(each[0], (last,))[0]):
        if not (work.requests or work.edits or work.placements or work.words.all):
            continue
        rows.append(
            (
                _beat_name(process.story, name),
                span(work.time),
                f"{work.requests:,}",
                f"{work.candidates:,}",
                f"{work.placements:,}",
                f"{work.words.all:,}",
                share(work.words.written, work.words.all),
                share(work.words.edited, work.words.all),
            )
        )
    if not rows:
        return None
    unit = process.story.details.unit
    columns = (unit, "time", "asked", "came", "placed", "words", "by hand", "changed")
    said = (
        f"For each {unit}: the time spent on it, requests to models, candidates that came of them, placements, words of the text, "
        "and which share of these was typed by hand, or is a model's and changed by hand."
    )
    return Section(f"{unit.capitalize()}s", (said,), Table(columns, tuple(rows)))


def _beat_name(story: Story, name: str) -> str:
    if not name:
        return f"of no {story.details.unit}"
    row = story.outline.row(name)
    return one_line(row.beat.text.line, LONGEST) or "(untitled)" if row else f"a {story.details.unit} taken out"


def _reworked(process: Process) -> Section | None:
    blocks = {block.id: block for block in process.story.manuscript}
    numbers = {name: at for at, name in enumerate(blocks, 1)}
    worked = [(name, work) for name, work in process.paragraphs.items() if name in blocks and _changes(work) > 1]
    worked.sort(key=lambda each: (-each[1].removed, -_changes(each[1])))
    rows = tuple(
        (
            f"¶{numbers[name]} {one_line(blocks[name].text, LONGEST)}".rstrip(),
            f"{_changes(work):,}",
            f"{work.put:,}",
            f"{work.removed:,}",
        )
        for name, work in worked[:MOST]
        if work.removed
    )
    if not rows:
        return None
    return Section("Reworked most", table=Table(("paragraph", "changes", "characters put", "taken out"), rows))


def _changes(work: Work) -> int:
    return work.edits + work.placements


def _settings(process: Process) -> Section | None:
    if not process.settings:
        return None
    rows = [
        (
            one_line(setting.model or setting.endpoint, LONGEST),
            ", ".join(f"{name} {value}" for name, value in setting.sampling) or "as the server has it",
            f"{setting.candidates:,}",
            one_line(setting.endpoint, LONGEST),
            one_line(setting.lens_name or setting.lens, LONGEST) or "none",
            one_line(setting.template, 40) or "chat",
        )
        for setting in process.settings
    ]
    names = ("model", "sampling", "candidates", "endpoint", "lens", "template")
    # What is the same everywhere is worth a column only where it says something.
    kept = [at for at in range(len(names)) if at < 3 or len({row[at] for row in rows}) > 1]
    table = Table(tuple(names[at] for at in kept), tuple(tuple(row[at] for at in kept) for row in rows))
    return Section("Settings", table=table)


def _lenses(process: Process) -> Section | None:
    found = dict.fromkeys((setting.lens_name, setting.lens) for setting in process.settings if setting.lens)
    if not found:
        return None
    items = tuple(f"{one_line(name, LONGEST)}: {text.strip()}" if name else text.strip() for name, text in found)
    return Section("Lenses", items=items)


def _wishes(process: Process) -> Section | None:
    kinds = tuple(f"{number:,} {KINDS.get(kind, kind)}" for kind, number in process.kinds.items())
    wishes = tuple(
        f"Round {number}, {KINDS.get(kind, kind)}: {one_line(text, 2000)}"
        for number, kind, text in process.instructions
    )
    if not kinds:
        return None
    return Section("What models were asked for", (f"Rounds: {', '.join(kinds)}.",), items=wishes)


def _counting(process: Process) -> Section:
    return Section(
        "How this was counted",
        (
            f"Figures are of the text as it stands; time and changes are of the whole journal of {_count(process.entries, 'entry', 'entries')}, "
            f"with what was undone. Waits of more than {AWAY // 60_000} minutes are not counted as time at the desk.",
            f"The time up to an edit or a request is its {process.story.details.unit}'s, any other that of the one before.",
            "A word is a model's if it stands just as the model wrote it, and changed by hand if letters of it came, went or were "
            "typed over. A candidate is picked if text or a line of it was placed and the placing was not undone, also where that text "
            "was deleted later. Places are those on the screen, in rounds with more than one candidate.",
        ),
    )
