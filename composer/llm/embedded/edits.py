"""One change to a passage: what is written from a place on, and where the passage is taken up again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from composer.llm.embedded.passage import Passage
from composer.llm.embedded.tokens import ARTICLE, article_is_an, words

Family = Literal[
    "mend", "plain", "kin", "drop", "tighten", "speech", "join", "name", "split", "link", "tense", "cut", "again", "add"
]
"""What sort of change it is: a slip mended, plainer or kindred words, words dropped, a verb tightened, speech as it
is spoken; two sentences made one, a name not said twice for that, one made two, a joint's connective; a verb in the past;
a sentence left out, for nothing or because it was said before; one of the model's own, which is no `Edit`."""


OBJECTS = words("it him her them me us you something nothing everything one all himself herself both")
"""Words that a verb has for an object without any other."""
PERFECT = words("have has had having been was were is are be being got 've ’ve")
"""Words after which a verb stands as a participle."""


@dataclass(frozen=True, slots=True, eq=False)
class Edit:
    """A change. The texts are written token by token; then the word at `to` is next."""

    at: int
    """Index of the word that it begins in the place of."""
    to: int
    """Index of the word that follows it; more than `at` unless it only adds."""
    texts: tuple[str, ...]
    """With their gaps; none only where the passage ends with this change."""
    slots: tuple[str, ...]
    """What the model sees in them."""
    odds: float
    """How good a change of its sort this is, wherever it stands: about 1 for one that is nearly always welcome."""
    family: Family


def replaced(passage: Passage, at: int, to: int, run: Sequence[str], odds: float, family: Family) -> Edit | None:
    """The change of the words from `at` up to `to` for these; for none, the word after them follows at once.

    The article before them, and any among them, takes the form that its next word asks for. None where nothing
    would be written.
    """
    words = passage.words
    slots = list(run)
    end = to
    if run:
        texts = list(passage.written(at, _with_articles(run, passage, to)))
    else:
        if to >= len(words):
            return None
        taken = words[to]
        capital = True if words[at].is_capital else None
        texts = [passage.text_of(to, gap=words[at].gap if taken.is_word else None, capital=capital)]
        slots, end = passage.slots(to, to + 1), to + 1
    if at and words[at - 1].symbol == ARTICLE:
        is_an = article_is_an(texts[0].lstrip())
        article = words[at - 1]
        if is_an != (article.text.lower() == "an"):
            if article.text.lower() not in ("a", "an"):
                return None
            at -= 1
            texts.insert(0, article.gap + article.text[0] + ("n" if is_an else ""))
            texts[1] = " " + texts[1].lstrip()
            slots.insert(0, ARTICLE)
    return Edit(at, end, tuple(texts), tuple(slots), odds, family)


def _with_articles(run: Sequence[str], passage: Passage, to: int) -> list[str]:
    """The words with their articles as they are written."""
    after = passage.words[to].text if to < len(passage) else ""
    following = [*run[1:], after]
    return [
        ("an" if article_is_an(then) else "a") if word == ARTICLE else word
        for word, then in zip(run, following, strict=True)
    ]
