"""The outline's keys on the main screen: adding, editing, moving and opening beats, and the story's own details."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from msgspec.structs import replace

from composer.errors import RefusedError
from composer.story.actions import outline as beats
from composer.story.actions import place as placing
from composer.story.events import TextEdited
from composer.story.manuscript import START, Block, Fragment, Position
from composer.story.outline import BeatKind, BeatText, Slot
from composer.story.story import Details, Structure
from composer.ui import asking
from composer.ui.widgets.box import Entry, Field
from composer.ui.widgets.outline import PURPOSE, Wanted

if TYPE_CHECKING:
    from composer.ui.screens.main import MainScreen

LISTED = re.compile(r"(?:[-*+•–]|\(?\d{1,3}[.)])\s+(?:\[[ xX]\]\s+)?(?=\S)")
"""What stands before a line of a list: a dash, a number, a box."""


class Planner:
    """Turns the outline's keys into actions."""

    def __init__(self, desk: MainScreen) -> None:
        self._desk = desk
        self._origin: tuple[str, Slot] | None = None
        """The beat that is being carried, and where it was picked up."""

    def pressed(self, wanted: Wanted, beat: str) -> None:
        if wanted == "open":
            self.edit_details() if beat == PURPOSE else self.open_beat(beat)
        elif wanted == "add":
            self._ask_beat()
        elif wanted == "edit":
            self.edit_details() if beat == PURPOSE else self._edit_beat(beat)
        elif wanted == "drafts":
            self._desk.action_drafts()
        elif wanted in ("expand", "summary"):
            ask = asking.expanded if wanted == "expand" else asking.summed_up
            self._desk.attempt(lambda: self._desk.requests.open(ask(self._desk.story, beat)))
        elif wanted == "condense":
            self._desk.attempt(lambda: self._desk.session.record(beats.condense_beat(self._desk.story, beat)))
        elif wanted == "done":
            self._desk.attempt(lambda: self._toggle_done(beat))
        elif wanted == "delete":
            self._desk.attempt(lambda: self._desk.session.record(beats.delete_beat(self._desk.story, beat)))
        elif wanted in ("up", "down", "in", "out"):
            way: beats.Way = wanted
            row = self._desk.story.outline.row(beat)
            moved = self._desk.attempt(lambda: self._desk.session.record(beats.move_beat(self._desk.story, beat, way)))
            if moved and row and self._origin is None:
                self._origin = (beat, row.slot)
        elif wanted == "drop":
            self._origin = None
        elif wanted == "put back":
            origin, self._origin = self._origin, None
            if origin is not None:
                self._desk.attempt(lambda: self._desk.session.record(beats.move_back(self._desk.story, *origin)))
        self._desk.show_all()

    def _toggle_done(self, beat: str) -> None:
        row = self._desk.story.outline.row(beat)
        if row is None:
            raise RefusedError(f"Stand on a {self._desk.story.details.unit} to call it done.")
        self._desk.session.record(
            beats.edit_beat(self._desk.story, beat, replace(row.beat.text, done=not row.beat.text.done))
        )

    def open_beat(self, beat: str) -> None:
        """The caret to the end of a beat's text, or to an empty paragraph where it will stand."""

        def go() -> None:
            place = placing.end_of_beat(self._desk.story, beat)
            if place == START or self._desk.story.manuscript.block(place.block).beat != beat:
                block = Block(self._desk.session.new_id(), beat, ())
                event = TextEdited(place, Fragment(), Fragment((), (block,)), "typed")
                self._desk.session.record((event,))
                place = Position(block.id, 0)
            self._desk.put_caret(place)
            self._desk.set_focus(self._desk.text)

        self._desk.attempt(go)

    def _ask_beat(self) -> None:
        if self._desk.story.details.sections:
            title = "New section: its title, and what it says in a line · enter adds it, an empty one ends"
            rows = [
                Field("title", "title", "", "What the tide tables leave out"),
                Field("summary", "what it says", "", "one line; may be empty"),
            ]
        else:
            title = "New beat: what happens, in a line · enter adds it, an empty line ends"
            rows = [
                Field("summary", "beat", "", "Ines holds the ferry for a passenger who is late"),
                Field("title", "title", "", "may be empty"),
            ]
        self._desk.box.open("beat", title, rows, keep=True, many=True)

    def _edit_beat(self, beat: str) -> None:
        row = self._desk.story.outline.row(beat)
        if row is None:
            return
        text, details = row.beat.text, self._desk.story.details
        kinds = kinds_of(details)
        rows = [
            Field("summary", "what it says" if details.sections else "what happens", text.summary, "one line"),
            Field("title", "title", text.title, "may be empty"),
        ]
        self._desk.box.open(
            f"edit beat:{beat}",
            f"{details.unit.capitalize()} · enter keeps it, tab to the next field, escape closes",
            [
                *(reversed(rows) if details.sections else rows),
                Field("kind", "kind", kinds[text.kind], said_of(kinds), choices=tuple(kinds.values())),
                Field("target", "words wanted", str(text.target or ""), "a number, or empty"),
            ],
        )

    def edit_details(self) -> None:
        details = self._desk.story.details
        self._desk.box.open(
            "details",
            "Story · enter keeps it, tab to the next field, escape closes",
            [
                Field("purpose", "purpose", details.purpose, "what the story is for, in a sentence or two"),
                Field("title", "title", details.title),
                Field("author", "author", details.author),
                Field(
                    "structure",
                    "structure",
                    details.structure,
                    "fiction: beats; nonfiction: sections with headings",
                    choices=get_args(Structure),
                ),
                Field("target", "words wanted", str(details.target or ""), "a number, or empty"),
            ],
        )

    def add_beat(self, line: str, row: str = "summary") -> None:
        """A beat of what stood in that row of the box, `title` or `summary`, and of what stands in the other one.

        Without a word in either, the box closes. Pasted lines come one after the other, a beat each: nothing of them stands in the
        box any more; what stands in the other row is the first one's.
        """
        box = self._desk.box
        other = "title" if row == "summary" else "summary"
        standing = box.values
        pasted = bool(line) and standing.get(row) != line
        if pasted and (mark := LISTED.match(line)):
            line = line[mark.end() :]
        text = replace(BeatText(), **{row: line, other: standing.get(other, "")})
        if not text.line:
            self._desk.close_box()
            return

        def add() -> None:
            slot = beats.slot_after(self._desk.story, self._desk.outline.beat)
            events = beats.add_beat(self._desk.story, slot, text, self._desk.session.new_id)
            self._desk.session.record(events)
            self._desk.outline.beat = events[0].beat.id
            self._desk.show_all()

        if not self._desk.attempt(add):
            return
        if pasted:
            box.put({other: ""})
        else:
            box.forget()
            self._desk.set_focus(box.query(Entry).first())

    def keep_beat(self, beat: str, values: dict[str, str]) -> None:
        row = self._desk.story.outline.row(beat)
        if row is None:
            raise RefusedError("That beat is not in the outline any more.", "Undo brings it back.")
        details = self._desk.story.details
        kinds = kinds_of(details)
        said = values["kind"].lower() or "beat"
        kind = next((each for each, word in kinds.items() if said in (each, word)), None)
        if kind is None:
            raise RefusedError(f"A {details.unit}'s kind is {said_of(kinds)}, not “{said}”.")
        text = replace(
            row.beat.text,
            summary=values["summary"],
            title=values["title"],
            kind=kind,
            target=_number(values["target"]),
        )
        self._desk.session.record(beats.edit_beat(self._desk.story, beat, text))

    def keep_details(self, values: dict[str, str]) -> None:
        structure = values["structure"].lower().replace("-", "") or "fiction"
        if structure not in get_args(Structure):
            raise RefusedError(f"A story's structure is fiction or nonfiction, not “{values['structure']}”.")
        details = replace(
            self._desk.story.details,
            purpose=values["purpose"],
            title=values["title"],
            author=values["author"],
            structure=structure,
            target=_number(values["target"]),
        )
        self._desk.session.record(beats.change_details(self._desk.story, details))


def kinds_of(details: Details) -> dict[BeatKind, str]:
    """The kinds of beats, each with its name in a story with these details."""
    return {"beat": details.unit, "scene": "scene", "chapter": "chapter"}


def said_of(kinds: dict[BeatKind, str]) -> str:
    """`beat, scene or chapter`."""
    *rest, last = kinds.values()
    return f"{', '.join(rest)} or {last}"


def _number(text: str) -> int:
    text = text.replace(",", "").replace(" ", "")
    if not text:
        return 0
    if not text.isdigit() or len(text) > 8:
        raise RefusedError(f"“{text}” is not a number of words.", "Type digits, or leave it empty.")
    return int(text)
