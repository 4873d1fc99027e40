"""How far a candidate is, in a sign, a style and words, and the sentences that stand below it. Values; it paints nothing.

What a server has held back or replaced is told of a candidate, never decided here.
"""

from __future__ import annotations

from dataclasses import dataclass

from composer.story.candidate import Candidate, Ending, Recipe, Round
from composer.text.clean import one_line
from composer.text.words import count_words
from composer.ui.signs import Signs
from composer.ui.wrapping import cells


@dataclass(frozen=True)
class State:
    """One cell of sign, the name of the palette's style for it, and a few words."""

    sign: str
    style: str
    words: str


def stem_length(candidate: Candidate) -> int:
    """Characters at the start of a candidate's text that are another one's, which it goes on from."""
    return sum(run.end - run.start for run in candidate.stem)


def own_place(candidate: Candidate) -> int:
    """The character with which a candidate's own text begins: 0, unless it goes on from another."""
    length = stem_length(candidate)
    rest = candidate.text[length : length + 50]
    return length + len(rest) - len(rest.lstrip()) if length else 0


def thinks(asked: Round, candidate: Candidate) -> bool:
    """Whether nothing but thoughts has come yet."""
    return candidate.ending is None and bool(candidate.reasoning) and len(candidate.text) <= candidate.begun


class Counts:
    """Words of texts that grow. What was counted is not counted again."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[str, int, int, int]] = {}
        """Of each text: itself, up to where its words are certain, how many those are, and all."""

    def of(self, name: str, text: str) -> int:
        """The words of the text that goes by that name."""
        known = self._known.get(name)
        if known is not None and known[0] is text:
            return known[3]
        sure, before = known[1:3] if known is not None and text.startswith(known[0]) else (0, 0)
        # No word holds white space, so none before the last of it grows.
        last = max(text.rfind(" ", sure), text.rfind("\n", sure))
        if last > sure:
            before += count_words(text[sure:last])
            sure = last
        count = before + count_words(text[sure:])
        self._known[name] = text, sure, before, count
        return count


def state_of(asked: Round, candidate: Candidate, counts: Counts, wait: str, signs: Signs) -> State:
    """How far a candidate of a round is. `wait` says why nothing comes, empty where that is not known."""
    count = counts.of(candidate.id, candidate.text)
    ending = candidate.ending
    if ending is None:
        if thinks(asked, candidate):
            words = wait or f"thinking {_thoughts(candidate, counts)} w"
        elif len(candidate.text) > candidate.begun:
            # By tens, so that the line is not sent again with every word.
            words = f"{count // 10 * 10} w " + (f"· {wait}" if wait else f"{signs.ellipsis}writing")
        else:
            words = wait or "waiting"
        return State(signs.writing, "waiting", words)
    if ending.kind == "finished":
        return State(signs.done, "good", f"{count} w" + (" · may lack its end" if ending.suspect else ""))
    if ending.kind == "cut":
        return State(signs.cut, "waiting", f"{count} w · cut")
    kept = f" · {count} w kept" if candidate.text else ""
    return State(signs.failed, "bad", ("stopped" if ending.kind == "cancelled" else "failed") + kept)


def thought(asked: Round, candidate: Candidate, counts: Counts) -> str:
    """How much a candidate thought, once it does so no more; empty if it did not."""
    if not candidate.reasoning or thinks(asked, candidate):
        return ""
    return f"thought {_thoughts(candidate, counts)} w"


def _thoughts(candidate: Candidate, counts: Counts) -> int:
    return counts.of(f"{candidate.id} thoughts", candidate.reasoning)


def goes_on_from(candidate: Candidate) -> str:
    """Which candidate it goes on from, in words; empty if from none."""
    return f"on from {candidate.stem[-1].candidate}" if candidate.stem else ""


def why(candidate: Candidate) -> str:
    """Why a candidate ended otherwise than finished, in a sentence; empty for others."""
    ending = candidate.ending
    if ending is None or (ending.kind == "finished" and not ending.suspect):
        return ""
    return ending.why


def aside(candidate: Candidate, sent_why: str = "") -> str:
    """What was otherwise than asked, in sentences: what was sent anew, wishes that were not sent, and another model that wrote it.

    `sent_why` is why its request was sent in place of one before it, empty where it was not.
    """
    said = [one_line(sent_why)] if sent_why else []
    ending = candidate.ending
    if ending is None:
        return " ".join(said)
    if ending.dropped:
        wishes = (f"{name} ({reason})" if reason else name for name, reason in ending.dropped)
        said.append(f"Not sent: {', '.join(wishes)}.")
    if other := _other_model(candidate.recipe, ending):
        said.append(f"Served by {other}.")
    return " ".join(said)


def _other_model(recipe: Recipe, ending: Ending) -> str:
    """The model that answered, where it can't be the one that was asked: servers lengthen and shorten names."""
    asked, served = recipe.model.casefold(), ending.model.casefold()
    if not served or not asked or served in asked or asked.rstrip("/").rpartition("/")[2] in served:
        return ""
    return one_line(ending.model, 60)


def newest(text: str, width: int, signs: Signs) -> str:
    """The last words of a text, on one line of at most `width` cells."""
    words = text[-4 * width :].split()
    if len(text) > 4 * width and len(words) > 1:
        del words[0]  # it may be half a word
    room = width
    kept: list[str] = []
    for word in reversed(words):
        room -= cells(word) + 1
        if room < 1:
            break
        kept.append(word)
    line = " ".join(reversed(kept))
    whole = len(kept) == len(words) and len(text) <= 4 * width
    return line if whole else f"{signs.ellipsis}{line}"
