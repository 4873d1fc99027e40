"""Notes on the moments of a film: which there are, and how one is written, changed and taken back. It asks by the player's box.

What becomes of a note is its deeds' matter; it never writes anything that was not kept by enter, or by the end of the program.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from composer.journal.film import Film
from composer.story.story import Remark
from composer.ui.screens.picker import Choice, Picker
from composer.ui.widgets.box import Field

if TYPE_CHECKING:
    from composer.ui.screens.player.screen import PlayerScreen

READERS = ("for me alone", "readers may see it")
"""Who sees a note: what is answered for that."""


class Notes:
    """The notes by the entries that they stand at. `entries` are those, in order."""

    def __init__(self, screen: PlayerScreen) -> None:
        self._screen = screen
        self._noted: Mapping[int, Sequence[Remark]] = {}
        self.entries: Sequence[int] = ()
        self._writing = (0, 0)
        """The entry and the number of the note that is being written."""

    def look(self, film: Film) -> None:
        """Look at the notes as they are now."""
        self._noted = film.remarks(self._screen.deeds.remarks)
        self.entries = sorted(self._noted)

    def on(self, entry: int) -> Sequence[Remark]:
        """Those on the moment right after an entry."""
        return self._noted.get(entry, ())

    def write(self, entry: int) -> None:
        """Ask for a note on a moment; where there are some, which of them first."""
        if not self._screen.allowed(self._screen.deeds.check_notes):
            return
        known = self.on(entry)
        if not known:
            self._open(entry, None)
            return
        choices = [Choice("0", "A new note on this moment")]
        choices += [Choice(str(each.number), f"change: {each.text}") for each in known]

        def chosen(answer: str | None) -> None:
            number = int((answer or "0").removeprefix("delete:"))
            if answer is None or answer == "delete:0":
                return
            if answer.startswith("delete:"):
                self._keep(entry, number, "", readers=False)
            else:
                self._open(entry, next((each for each in known if each.number == number), None))

        picker = Picker("Notes here · enter changes one, delete takes it back", choices, deletes=True, at=1)
        self._screen.app.push_screen(picker, chosen)

    def _open(self, entry: int, known: Remark | None) -> None:
        number = known.number if known else 0
        self._writing = entry, number
        text = " ".join(known.text.split("\n")) if known else ""
        fields = (
            Field("text", "note", text, "why this was kept, what went wrong …"),
            Field("readers", "who sees it", READERS[bool(known and known.for_readers)], choices=READERS),
        )
        title = f"Note on entry {entry:,} · enter keeps it · tab and ← →: who sees it · esc closes"
        self._screen.box.open(f"note {entry} {number}", title, fields, keep=True)

    def typed(self, values: Mapping[str, str]) -> None:
        """Keep what stands in the box, and close it."""
        entry, number = self._writing
        if self._keep(entry, number, values["text"], readers=values["readers"].startswith("readers")):
            self._screen.box.forget()
            self._screen.close_box()

    def _keep(self, entry: int, number: int, text: str, *, readers: bool) -> bool:
        """Keep a note; whether that could be done."""
        deeds = self._screen.deeds
        if not self._screen.allowed(lambda: deeds.note(entry, text, for_readers=readers, number=number)):
            return False
        self._screen.notes_changed()
        return True
