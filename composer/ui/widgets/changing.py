"""Which candidates are shown as changes, of what text, and which of those changes are left out. It neither makes nor shows any."""

from __future__ import annotations

from composer.story.actions.change import Name, Rewrite, name_of
from composer.story.candidate import Candidate, Round


class Changing:
    """What the writer chose for each candidate, by its id."""

    def __init__(self) -> None:
        self._against: dict[str, str] = {}
        self._plain: set[str] = set()
        self._left_out: dict[str, set[Name]] = {}

    def against(self, asked: Round | None, candidate: Candidate) -> str | None:
        """The candidate that it is held against; empty for the text that it would replace, None while it is shown plain."""
        by_itself = asked is not None and asked.kind in ("polish", "smooth") and candidate.id not in self._plain
        return self._against.get(candidate.id, "" if by_itself else None)

    def show_plain(self, candidate: str) -> None:
        """Show its own text from now on."""
        self._against.pop(candidate, None)
        self._plain.add(candidate)

    def show(self, candidate: str, other: str = "") -> None:
        """Show it as changes of another candidate, or of the text that it would replace."""
        self._against[candidate] = other

    def turn(self, candidate: str, rewrite: Rewrite, change: int) -> None:
        """Leave a change out, or take it again."""
        self._left_out.setdefault(candidate, set()).symmetric_difference_update({name_of(rewrite, change)})

    def left_out(self, candidate: str, rewrite: Rewrite | None) -> frozenset[int]:
        """Which changes of a candidate are not to be taken, by their number in `rewrite`."""
        names = self._left_out.get(candidate)
        if not names or rewrite is None:
            return frozenset()
        return frozenset(at for at in range(len(rewrite.changes)) if name_of(rewrite, at) in names)
