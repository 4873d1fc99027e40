"""How far along a beat or the outline is, in words for the room there is, and as one sign. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from composer.story.progress import Progress
from composer.ui.signs import Signs
from composer.ui.wrapping import fitting


def sign_of(progress: Progress, signs: Signs) -> str:
    """The sign of a beat's standing, one cell wide; a blank for an empty one."""
    return {
        "empty": " ",
        "candidates": signs.asked,
        "drafted": signs.drafted,
        "edited": signs.edited,
        "done": signs.done,
    }[progress.standing]


def told(progress: Progress, room: int) -> str:
    """How far along a beat is, in at most `room` cells: `edited · 212/400 w`, `5 candidates`, `2 of 5 done · 1,204 w`."""
    return fitting(_forms(progress), room)


def titles(whole: Progress, words: int, target: int, unit: str) -> Sequence[str]:
    """The outline's title, the longest form first: the words of the story against their target, else how many are done.

    `whole` is how far along the outline is, `unit` what its leaves are called.
    """
    of = f"{whole.done} of {whole.leaves} done"
    if target:
        count = f"{words:,}/{target:,}"
        return (*((f"Outline · {count} · {of}",) if whole.leaves else ()), f"Outline · {count}", count)
    if not whole.leaves:
        return ("Outline",)
    count = f"{whole.leaves} {unit}{'s' if whole.leaves > 1 else ''}"
    if not whole.done:
        return f"Outline · {count}", "Outline"
    short = f"{whole.done}/{whole.leaves} done"
    return f"Outline · {count} · {of}", f"Outline · {of}", f"Outline · {short}", short


def words_of(words: int, target: int) -> str:
    """`212 w`, or `212/400 w` where a target is set."""
    return f"{words:,}/{target:,} w" if target else f"{words:,} w"


def share(words: int, target: int) -> str:
    """How much of the target that is: `16 %`, 100 only once it is reached."""
    return f"{100 * words // target} %"


def _forms(progress: Progress) -> Sequence[str]:
    """The words for it, the longest first."""
    standing, words, target = progress.standing, progress.words, progress.target
    count, candidates = words_of(words, target), progress.candidates
    if progress.leaves and standing not in ("done", "empty"):
        done = f"{progress.done} of {progress.leaves} done"
        short = f"{progress.done}/{progress.leaves} done"
        if not words and not target:
            return done, short, short.removesuffix(" done")
        return (
            f"{done} · {count}",
            f"{done} · {words:,} w",
            f"{short} · {words:,} w",
            done,
            short,
            short.removesuffix(" done"),
        )
    if standing == "candidates":
        plain = f"{candidates} candidate{'s' if candidates > 1 else ''}"
        whole = (f"{plain} · {count}",) if target else ()
        return (*whole, plain, f"{candidates} cand.", f"{candidates} c.")
    if standing == "empty" or (standing == "done" and not words):
        return (f"{standing} · {count}", standing) if target else (standing,)
    forms = [f"{standing} · {count}", f"{standing} · {words:,} w", f"{standing} {words:,}", standing]
    if candidates and standing != "done":
        forms = [
            f"{forms[0]} · {candidates} candidate{'s' if candidates > 1 else ''}",
            f"{forms[0]} · {candidates} cand.",
            *forms,
        ]
    return forms
