"""Capitals: whether the first word behind a seam begins a sentence or goes on with one.

Small letters become capitals in every language; capitals become small only in English, and only in short lists of words that
have one for no other ground than a sentence. After three dots the next word may go on in small letters: only `he`, `she`,
`they` and their like begin a sentence there. It judges no letter but the first one of a side, and never changes it itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from composer.text.endings import Ending, ending
from composer.text.sides import Side
from composer.text.signs import (
    ELLIPSIS,
    LOOKED_THROUGH,
    MARKS,
    NO_BREAK,
    OPENING,
    QUOTES,
    SEEN,
    compiled,
    listed,
    word_after,
)

SENTENCE_CAPITALS = {
    "en": listed("""
        the a an and but or nor so yet for she he it they we you in on at with without then there here his her hers their
        theirs its my our your this that these those when whenever while if as because although though until unless since
        after before by from to of into onto over under through across along around behind beside between beyond against
        among upon toward towards not some any all each every both neither either another now once still just only even
        perhaps maybe almost always never sometimes soon somewhere something someone nothing nobody everyone everything
        outside inside above below beneath down up out off away again later suddenly slowly finally is was were are had has
        have did does do could would should must one two
        """),
    "fr": listed("le la les un une des et mais ou il elle ils elles on je tu nous vous de du dans sur ce cette"),
    "de": listed("der die das den dem des ein eine einen einem und aber oder er es wir ich in an auf mit zu"),
    "es": listed("el la los las un una y o pero él ella ellos ellas yo de en con por que se su al del"),
    "it": listed("il lo la i gli le un uno una e o ma lui lei di in con su per che si"),
    "el": listed("ο η το οι τα τον την του της και να θα με σε από για που αλλά"),
}
"""Words by language that are written with a capital only where a sentence begins."""

_SUBJECTS = listed("he she they we you it there")
_SAYING = listed("""
    said says asked asks replied answered whispered murmured muttered mumbled shouted cried called yelled screamed shrieked
    snapped snarled growled hissed sighed laughed sobbed begged demanded insisted admitted agreed added began continued
    repeated remarked observed thought wondered mused declared announced explained suggested offered protested objected
    breathed gasped groaned moaned croaked stammered stuttered pleaded urged warned promised lied teased joked told inquired
    enquired queried retorted countered interrupted exclaimed roared bellowed wailed whimpered grunted purred drawled echoed
    confessed concluded conceded sang ordered
    """)
_STYLES = (
    r"(?:His|Her|Your|Their|My|Our)\s+(?:Majest|Highness|Grace\b|Holiness|Honou?r|Excellenc|Lordship|Ladyship|Lord\b|Lady\b"
    r"|Eminence|Worship|Father\b)|The\s+Hague\b"
)
"""Titles whose first capital is no sentence capital."""
_PLAIN_TAG = r"(?:he|she|they|we|you)\s+(\w+)"
_WRITTEN_WORD = r"[^\W\d_]+(?:['’][^\W\d_]+)?"
_FREE = OPENING + QUOTES + LOOKED_THROUGH + NO_BREAK + " '"
"""What may stand between the start of a sentence and its first letter."""
_TURKISH = {"i": "İ", "ı": "I"}


def fitting(left: Side, right: Side, pieces: Sequence[str], language: str, *, opened: bool, closes: bool) -> str:
    """The first letter of the right side, as it is to stand behind the left one: capital, small, or as it is.

    `pieces` are all of them, since a tag may go on in the next one. `opened`: a quote is put before the letter. `closes`: the
    right side begins with a quote or bracket that closes.
    """
    letter, tail, signs = right.text[right.start], left.tail(), right.signs
    if letter.isupper():
        if signs or opened or language != "en":
            return letter
        return letter.lower() if _continues(ending(tail, language), right, pieces) else letter
    if not letter.islower():
        return letter
    if signs and not compiled(ELLIPSIS).match(signs) and (signs[0] in MARKS or closes):
        # They belong to the sentence before.
        tail, signs = (tail + signs).rstrip(), ""
    put = _TURKISH.get(letter, letter.title()) if language in ("tr", "az") else letter.title()
    if len(put) > 1 or put == letter or any(char not in _FREE for char in signs):
        return letter
    speech = opened or any(char in QUOTES for char in signs)
    return put if _begins(tail, right, pieces, language, speech=speech) else letter


def _begins(tail: str, right: Side, pieces: Sequence[str], language: str, *, speech: bool) -> bool:
    """Whether the right side, which begins in small letters, begins a sentence. `speech`: in quotes."""
    ended = ending(tail, language)
    if ended not in ("end", "asked", "trail"):
        return False
    ahead = _ahead(right, pieces)
    if re.match(r"[^\W\d_]*[a-zà-öø-ÿ][A-Z]", ahead):
        return False
    if language != "en":
        return ended == "end" or (ended == "asked" and speech)
    if ended == "asked":
        return speech or not _is_tag(ahead)
    if ended == "trail":
        return word_after(ahead, 0)[1] in _SUBJECTS and not _is_tag(ahead)
    # A thought has its tag without quotes: Where to? he wondered.
    return tail[-1] not in "?!" or not _is_plain_tag(ahead)


def _continues(ended: Ending, right: Side, pieces: Sequence[str]) -> bool:
    """Whether the right side, English with a capital, goes on with a sentence and has no other ground for the capital."""
    if ended not in ("mid", "asked", "paused"):
        return False
    ahead = _ahead(right, pieces)
    found = re.match(r"([A-Z][a-z]*)(?:['’](?:s|d|ll|re|ve))?(?![\w'’-])", ahead)
    if found is None or found[1].lower() not in SENTENCE_CAPITALS["en"] or compiled(_STYLES).match(ahead):
        return False
    if ended == "mid":
        return found[1] not in ("A", "An") or re.match(r"An?\s+[^\W\d_]", ahead) is not None
    return _is_plain_tag(ahead[0].lower() + ahead[1:])


def _ahead(right: Side, pieces: Sequence[str]) -> str:
    """The text from the right side's first word on, also across pieces."""
    text, piece = right.text[right.start : right.start + SEEN], right.index + 1
    while len(text) < SEEN and piece < len(pieces):
        text += " " + pieces[piece][:SEEN]
        piece += 1
    return text


def _is_tag(text: str) -> bool:
    """Whether an English text begins with the tag of a speech before it: `she asked`, `came the answer`, `the old man said`."""
    words: list[str] = []
    at = 0
    for found in compiled(_WRITTEN_WORD).finditer(text[:SEEN]):
        if words and re.search(r"[.?!;:…,“\"]", text[at : found.start()]):
            break
        at = found.end()
        words.append(found[0].lower())
    return bool(words) and (words[0] in ("came", "was", "were") or any(word in _SAYING for word in words[:8]))


def _is_plain_tag(text: str) -> bool:
    """Whether an English text begins with a tag of two words in small letters: `she asked`."""
    tag = compiled(_PLAIN_TAG).match(text)
    return tag is not None and tag[1] in _SAYING
