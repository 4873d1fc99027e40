"""The replay page: a showing as one HTML file that needs nothing else. Pure; what may be in it was decided before.

Without a script it is a document: title, author, the text at the end, and what happened, in order. The script makes a film of the values
that stand in it as JSON. The page's policy lets nothing be loaded or sent; texts are escaped, and the script makes text nodes of them.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from functools import cache
from html import escape
from importlib import resources
from itertools import groupby, pairwise

import msgspec

from composer.journal.showing.parts import (
    Hand,
    Marked,
    Paragraph,
    RowsPut,
    Run,
    Showing,
    ShownCandidate,
    ShownRound,
)
from composer.journal.showing.readers import Counts
from composer.journal.showing.words import AIMS
from composer.story.manuscript import SCENE_BREAKS
from composer.text.clean import clean, one_line

HANDS: dict[Hand, str] = {
    "w": "by hand",
    "g": "by a model",
    "e": "by a model, edited",
    "r": "joins mended",
    "i": "from outside",
}
"""What readers are told of the hands of runs."""

_ENDED = {"finished": "came to its end", "cut": "cut at its length", "cancelled": "stopped", "failed": "failed"}
_PLACE = re.compile(r"\{\{([a-z-]+)\}\}")


def page(showing: Showing, *, made: int) -> bytes:
    """The page. `made` is when, in ms since 1970."""
    style, script = _file("page.css"), _file("state.js") + _file("page.js")
    title = one_line(showing.title) or "Untitled"
    parts = {
        "style": style,
        "style-hash": _hash(style),
        "script": script,
        "script-hash": _hash(script),
        "title": _safe(title),
        "author": f'<p class="author">by {_safe(one_line(showing.author))}</p>' if showing.author.strip() else "",
        "sub": _sub(showing),
        "language": _language(showing.language),
        "legend": "".join(f'<li><span class="{hand}">{words}</span></li>' for hand, words in _hands(showing)),
        "text": "".join(_text(showing)) or '<p class="empty">There is no text.</p>',
        "outline": _outline(showing),
        "making": "".join(_making(showing)),
        "beside": _beside(showing),
        "about": _about(showing, made),
        "data": _data(showing),
    }
    # One pass, so that no text is taken for a place of the template.
    return _PLACE.sub(lambda found: parts[found[1]], _file("page.html")).encode("utf-8", "replace")


@cache
def _file(name: str) -> str:
    return resources.files("composer.exchange.film").joinpath("page", name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    """The digest by which the page's policy lets this text and no other be a style or script."""
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _safe(text: str) -> str:
    return escape(clean(text))


def _language(code: str) -> str:
    return code if re.fullmatch(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", code) else "en"


def _data(showing: Showing) -> str:
    """What the film is made of, as JSON in which no tag can begin or end."""
    values = {
        "first": showing.first,
        "last": showing.last,
        "language": _language(showing.language),
        "sections": showing.sections,
        "outlined": any(isinstance(put, RowsPut) for frame in showing.frames for put in frame.put),
        "aims": AIMS,
        "frames": showing.frames,
        "rounds": showing.rounds,
        "panels": showing.panels,
        "notes": showing.notes,
        "pieces": showing.pieces,
    }
    text = msgspec.json.encode(values).decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return text


def _sub(showing: Showing) -> str:
    words = showing.counts.words
    told = f"{words:,} {'word' if words == 1 else 'words'}"
    if not showing.frames:
        return f"Nothing has happened in its journal yet · {told}"
    if showing.first == showing.last:
        return f"How it was made: entry {showing.first:,} of its journal · {told}"
    return f"How it was made, from entry {showing.first:,} to entry {showing.last:,} of its journal · {told}"


def _hands(showing: Showing) -> list[tuple[Hand, str]]:
    """The hands that occur in the film."""
    runs = (
        run for frame in showing.frames for put in frame.put if not isinstance(put, RowsPut) for run in _runs(put.put)
    )
    found = {run.hand for run in runs}
    return [(hand, words) for hand, words in HANDS.items() if hand in found]


def _runs(put: Iterable[Paragraph | Run]) -> Iterator[Run]:
    for each in put:
        if isinstance(each, Paragraph):
            yield from each.runs
        else:
            yield each


def _text(showing: Showing) -> Iterator[str]:
    """The text at the end, with its headings."""
    headings = showing.headings()
    seen: set[tuple[int, str]] = set()
    for paragraph in showing.text:
        for heading in headings.get(paragraph.beat, ()):
            if heading not in seen:
                seen.add(heading)
                yield f'<h3 class="h{min(heading[0], 6)}">{_safe(heading[1])}</h3>'
        text = paragraph.text.strip()
        if text in SCENE_BREAKS:
            yield '<p class="break">* * *</p>'
        elif text:
            runs = (f'<span class="{run.hand}">{_safe(run.text)}</span>' for run in paragraph.runs)
            yield f"<p>{''.join(runs)}</p>"


def _outline(showing: Showing) -> str:
    if not showing.outline:
        return ""
    rows = []
    for row in showing.outline:
        title = f"<b>{_safe(row.title)}</b>{': ' if row.summary else ''}" if row.title else ""
        rows.append(f'<li class="d{min(row.depth, 3)}">{title}{_safe(row.summary)}{" (done)" if row.done else ""}</li>')
    return f'<section class="plan" aria-labelledby="plan-title"><h2 id="plan-title">The outline</h2><ul>{"".join(rows)}</ul></section>'


def _making(showing: Showing) -> Iterator[str]:
    """What happened, in order: runs of edits in one line, rounds with their candidates, notes at their moments."""
    rounds = {asked.entry: asked for asked in showing.rounds}
    notes: dict[int, list[str]] = {}
    for note in showing.notes:
        about = f"on {_safe(note.subject)}" if note.subject else ""
        told = f'<aside class="callout"><small>The writer’s note {about}</small><p>{_safe(note.text)}</p></aside>'
        notes.setdefault(note.entry, []).append(told)
    told_frames = [
        (entry, frame)
        for entry, frame in enumerate(showing.frames, showing.first)
        if (frame.say and frame.sort != "stream") or entry in notes
    ]
    for is_edit, group in groupby(told_frames, lambda each: each[1].sort == "edited" and each[0] not in notes):
        row = list(group)
        if is_edit and len(row) > 1:
            yield _line(row[0][0], "edited", f"By hand, in {len(row):,} entries: {row[-1][1].words:,} words now.")
            continue
        for entry, frame in row:
            inside = _safe(frame.say) or "A moment"
            if asked := rounds.get(entry):
                inside += _round(asked)
            yield _line(entry, frame.sort, inside + "".join(notes.get(entry, ())))


def _line(entry: int, sort: str, inside: str) -> str:
    link = f'<a class="n" href="#entry={entry}" aria-label="Entry {entry}">{entry:,}</a>'
    return f'<li>{link} <div class="s-{sort}">{inside}</div></li>'


def _round(asked: ShownRound) -> str:
    """A round's candidates, with what was picked of them."""
    told = []
    if asked.instruction:
        told.append(f'<p class="aim">The writer asked: <q>{_safe(asked.instruction)}</q></p>')
    for each in asked.candidates:
        head = " · ".join(filter(None, (each.name, _temperature(each), each.model, each.lens, _fate(each))))
        told.append(
            f'<article class="card"><h4>{_safe(head)}</h4><p class="words">{"".join(_marked(each))}</p></article>'
        )
    if asked.missing:
        told.append(f'<p class="aim">Left out: {asked.missing:,} of {asked.asked:,}.</p>')
    return f"<details><summary>The candidates</summary>{''.join(told)}</details>" if told else ""


def _temperature(candidate: ShownCandidate) -> str:
    return "" if candidate.temperature is None else f"T {candidate.temperature:g}"


def _fate(candidate: ShownCandidate) -> str:
    if candidate.placed:
        return "✓ placed"
    return _ENDED.get(candidate.ending, "")


def _marked(candidate: ShownCandidate) -> Iterator[str]:
    """The candidate's text, with what was marked in it and not lifted at the end."""
    text = candidate.text
    marks = [mark for mark in candidate.marks if _holds(mark)]
    edges = sorted({0, len(text), *(min(at, len(text)) for mark in marks for at in (mark.start, mark.end))})
    for start, end in pairwise(edges):
        inside = _safe(text[start:end])
        yield f"<mark>{inside}</mark>" if any(mark.start <= start < mark.end for mark in marks) else inside


def _holds(mark: Marked) -> bool:
    return any(off == 0 for _, off in (*mark.marked, *mark.used))


def _beside(showing: Showing) -> str:
    """The story's notes and the shelf, where readers see them."""
    told = []
    if showing.story_notes:
        rows = "".join(f"<dt>{_safe(name)}</dt><dd>{_safe(text)}</dd>" for _, name, text in showing.story_notes)
        told.append(f'<section class="kept"><h2>Notes</h2><dl>{rows}</dl></section>')
    if showing.shelf:
        rows = "".join(f"<dt>Entry {each.on[0][0]:,}</dt><dd>{_safe(each.text)}</dd>" for each in showing.shelf)
        told.append(f'<section class="kept"><h2>The shelf</h2><dl>{rows}</dl></section>')
    return "".join(told)


def _about(showing: Showing, made: int) -> str:
    told = [
        f"<p>Made on {datetime.fromtimestamp(made / 1000, UTC):%d %B %Y}. It holds {_listed(showing.counts)}.</p>",
    ]
    if showing.left_out.pairs:
        told.append(f"<p>Left out, and not in this file: {_listed(showing.left_out)}.</p>")
    told.append(
        "<p>What models thought before they answered is never shown. Waits in which nothing happened are cut short; all else "
        "takes as long as it took.</p>"
    )
    return "".join(told)


def _listed(counts: Counts) -> str:
    told = [f"{number:,} {words}" for words, number in counts.pairs] or ["nothing"]
    return told[0] if len(told) == 1 else f"{', '.join(told[:-1])} and {told[-1]}"
