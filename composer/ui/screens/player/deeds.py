"""What can be done from within the player: notes on moments, and stories that go on from one. Looking changes nothing.

It goes through the session, where there is one, and through the library. It shows nothing; what can't be done raises an error for
people.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from composer.errors import RefusedError
from composer.journal.entry import Entry
from composer.journal.film import Film
from composer.journal.named import pieces_named
from composer.session.ports import Library
from composer.session.session import Session
from composer.story.actions.remarks import entry_subject, remark
from composer.story.story import Remark

Pieces = Callable[[Sequence[str]], Awaitable[Mapping[str, bytes]]]
"""Stored pieces by their hashes; those that are missing are left out."""


@dataclass(frozen=True)
class Replayed:
    """A journal to be played without a session: its entries, a name, the pieces that it names, and where and how fast to begin.

    With a `speed` it plays at once; without, it stands at entry `at`, or at the end.
    """

    entries: Sequence[Entry]
    title: str
    pieces: Pieces
    at: int | None = None
    speed: float | None = None
    source: str = ""
    """The file of the journal."""


class Deeds:
    """On the session whose journal is played, or None where that is only read."""

    def __init__(self, session: Session | None, library: Library, pieces: Pieces) -> None:
        self._session = session
        self._library = library
        self._pieces = pieces

    @property
    def in_story(self) -> bool:
        """Whether there is a story open that could go on from a moment."""
        return self._session is not None

    @property
    def remarks(self) -> tuple[Remark, ...] | None:
        """The notes as they are now; None where they are what the film says."""
        return self._session.story.remarks if self._session else None

    def check_notes(self) -> None:
        """RefusedError, with why, where no note can be written."""
        if self._session is None:
            raise RefusedError(
                "A replay only reads, so no note can be written here.",
                "Open the story itself, and play it there with f8 and p.",
            )
        self._session.check_writable()

    def note(self, entry: int, text: str, *, for_readers: bool, number: int = 0) -> None:
        """Note something on the moment right after an entry, or change the note with that number; no text takes it back."""
        self.check_notes()
        if self._session is not None:
            made = remark(self._session.story, entry_subject(entry), text, for_readers=for_readers, number=number)
            self._session.record(made)

    def check_branch(self) -> None:
        """RefusedError, with why, where the story that is open can't go on from a moment."""
        if self._session is None:
            raise RefusedError("A replay only reads.", "Make a new story of it.")
        self._session.check_writable()

    async def make(self, film: Film, entry: int, title: str) -> str:
        """Make a new story of the entries up to one, that one too; its path. SessionError where it can't be written."""
        if not entry:
            raise RefusedError(
                "Before the first entry there is nothing to go on from.", "Go on to an entry; right does."
            )
        if self._session is not None:
            self._session.flush()
        pieces = await self._pieces(pieces_named(film.reel.events[:entry]))
        return await self._library.make(f"{title or 'Untitled'}, from entry {entry}", film.reel.entries[:entry], pieces)
