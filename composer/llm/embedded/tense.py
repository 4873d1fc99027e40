"""Forms of verbs: from the past or the present back to the base, and from there to the form that a subject wants.

Guesses from spelling where a verb is not known; `grammar` has the lists. Knows no sentences.
"""

from __future__ import annotations

import re
from functools import lru_cache

from composer.llm.embedded.grammar import PAST, base_of_present, is_base, is_past, past, present
from composer.llm.embedded.tokens import words

MODALS = words(
    "can could will would may might shall should must cannot won't can't mustn't shouldn't wouldn't couldn't"
)
"""Words that are the same for all subjects, with the base of a verb behind them."""
_NOW = {
    **{"was": "be", "were": "be", "am": "be", "is": "be", "are": "be", "had": "have", "has": "have", "have": "have"},
    **{"did": "do", "does": "do", "do": "do", "lay": "lie", "found": "find", "felt": "feel", "saw": "see"},
    **{"ground": "grind", "wound": "wind", "fell": "fall", "left": "leave", "lit": "light", "bore": "bear"},
}
_SHIFTED = {"could": "can", "would": "will", "might": "may", "should": "should", "must": "must"}
_BASES: dict[str, str] = {}
for _base, _past in PAST.items():
    if " " not in _past and _base not in ("am", "are", "is", "has", "can", "will", "may", "shall", "cannot"):
        _BASES.setdefault(_past, _base)
_SOFT = re.compile(r"(?:[bdfgkptz]l|[cgsvzu]|[^aeiou][aeiou]t|[aeiou][tr]|[^aeiou][aiu][kpm])$")
"""What a stem ends in that has most likely lost an "e"."""


@lru_cache(maxsize=4096)
def base_of_past(word: str) -> str:
    """The base of a verb in the past tense: "carried" to "carry", "was" to "be"; the word itself if it is none."""
    known = _NOW.get(word) or _BASES.get(word)
    if known:
        return known
    if not is_past(word) or not word.endswith("ed"):
        return word
    for base in (word[:-2], word[:-1], word[:-3] + "y" if word.endswith("ied") else word[:-3]):
        if is_base(base) and past(base) == word:
            return base
    if word.endswith("ied"):
        return word[:-3] + "y"
    root = word[:-2]
    if len(root) > 2 and root[-1] == root[-2] and root[-1] not in "sl":
        return root[:-1]
    return root + "e" if _SOFT.search(root) else root


def base_of(word: str) -> str:
    """The base of a verb in the present tense: "carries" to "carry", "is" to "be"."""
    if word in _NOW:
        return _NOW[word]
    return word if is_base(word) and not word.endswith("s") else base_of_present(word) or word


def agreeing(base: str, *, plural: bool) -> str:
    """The present tense of a verb for one or for several: "carry" to "carries" or "carry"; modals stay."""
    if base in MODALS:
        return base
    if base == "be":
        return "are" if plural else "is"
    return base if plural else present(base)


def shifted(word: str) -> str:
    """A modal in the present tense: "could" to "can"; any other word as it is."""
    return _SHIFTED.get(word, word)
