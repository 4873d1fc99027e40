"""Changes that shorten: weak words dropped, and verbs put more firmly.

"very tired" as "tired", "she said that he" as "she said he"; "began to walk" and "was walking" as "walked", "There
was a man standing" as "A man stood". Proposes by spelling and order, with rough odds (see `revision`). A word that
is denied, compared or joined to another stays.
"""

from __future__ import annotations

from collections.abc import Iterator

from composer.llm.embedded.edits import OBJECTS, PERFECT, Edit, replaced
from composer.llm.embedded.grammar import (
    DETERMINERS,
    PREPOSITIONS,
    base_of_gerund,
    is_base,
    is_past,
    past,
    present,
)
from composer.llm.embedded.kindred import adjectives
from composer.llm.embedded.passage import Passage
from composer.llm.embedded.tokens import ARTICLE, STOPS, words

_INTENSIFIERS = {
    "very": 0.6, "really": 0.65, "extremely": 0.65, "incredibly": 0.65, "totally": 0.65, "absolutely": 0.6,
    "completely": 0.35, "truly": 0.4, "terribly": 0.4, "awfully": 0.4, "somewhat": 0.65, "fairly": 0.4,
    "slightly": 0.25, "quite": 0.35, "rather": 0.3, "utterly": 0.25,
}  # fmt: skip
"""Words before a quality that it can do without, with the odds of that."""
_FILLERS = {
    "just": 0.45, "simply": 0.45, "actually": 0.65, "basically": 0.7, "literally": 0.7, "suddenly": 0.5,
    "somehow": 0.35, "definitely": 0.5, "obviously": 0.4, "really": 0.5, "certainly": 0.25, "clearly": 0.3,
}  # fmt: skip
"""Words that a sentence can do without, with the odds of that."""
_NO_ADVERB = words("""
    only early family reply fly lonely ugly holy silly jelly belly lovely likely unlikely friendly elderly daily
    deadly homely kindly lively curly july italy rely apply supply assembly butterfly bully hardly nearly barely
    scarcely really exactly finally probably certainly possibly suddenly usually mostly nightly orderly
    """)
_NEGATIONS = words("not never no nothing nobody without")
_MEASURES = words("as so too more very how quite most less rather not and or but")
"""Words that belong to the adverb after them."""
_AFTER_FILLER = words("as like in enough because about then over under")
_SUBJECTS = words("he she it they we I you there the <a> his her my their nobody someone everyone this")
_THINKING = words(
    "said thought knew felt believed hoped supposed guessed realised realized saw heard swore promised wished decided "
    "know think hope believe suppose feel"
)
_LASTING = words("wait look hope try wear plan dream expect think work")
"""Verbs that are seldom better without their -ing."""
_SENSES = words("see hear feel smell taste")
_SEEN = words("noticed saw realised realized observed")


def trims(passage: Passage, at: int) -> Iterator[Edit | None]:
    """The changes of this sort that begin with the word at `at`; None for what came to nothing."""
    odds, width = _dropped(passage, at)
    if odds and at + width < len(passage):
        yield replaced(passage, at, at + width, (), odds, "drop")
    yield _tightened(passage, at)


# Weak words


def _dropped(passage: Passage, at: int) -> tuple[float, int]:
    """How readily the words here are dropped, and how many they are; 0.0 for not at all."""
    symbol, before, after = passage.symbol(at), passage.symbol(at - 1), passage.symbol(at + 1)
    if symbol in _INTENSIFIERS and _is_quality(after):
        return _INTENSIFIERS[symbol] if before not in _NEGATIONS | _MEASURES | {"that"} else 0.0, 1
    if symbol in _FILLERS:
        if passage.starts_sentence(at) and after == ",":
            return _FILLERS[symbol], 2
        free = before not in _NEGATIONS and before not in ("or", "as", "if", "only") and after not in _AFTER_FILLER
        return _FILLERS[symbol] * (0.3 if before in PERFECT else 1.0) if free and after[0].isalpha() else 0.0, 1
    if symbol in ("kind", "sort") and after == "of":
        noun = before in DETERMINERS or before in ("what", "some", "any", "of")
        return 0.5 if not noun and passage.symbol(at + 2)[0].isalpha() else 0.0, 2
    if symbol == ARTICLE and after in ("bit", "little"):
        ends = not passage.symbol(at + 3)[0].isalpha() or passage.symbol(at + 3) in ("and", "but", "by")
        return 0.3 if passage.symbol(at + 2) in adjectives() and ends else 0.0, 2
    if symbol == "that" and before in _THINKING:
        named = at + 1 < len(passage) and passage.words[at + 1].is_word and passage.is_named(at + 1)
        return 0.35 if after in _SUBJECTS or named else 0.0, 1
    if symbol == "then" and before == "and" and after[0].isalpha():
        return 0.4, 1
    if symbol.endswith("ly") and len(symbol) > 4 and symbol not in _NO_ADVERB:
        return _adverb(passage, at), 1
    return 0.0, 1


def _adverb(passage: Passage, at: int) -> float:
    """How readily an adverb in -ly is dropped, by where it stands."""
    symbol, before, after = passage.symbol(at), passage.symbol(at - 1), passage.symbol(at + 1)
    if before in _MEASURES or after in ("and", "or", "but", "enough", "as", "than") or passage.starts_sentence(at):
        return 0.0
    if is_past(after) and before not in PERFECT:
        return 0.3
    if (is_past(before) or before in OBJECTS) and (after in STOPS or after == "," or after in PREPOSITIONS):
        return 0.2 if symbol in ("slowly", "quietly") else 0.28
    return 0.0


def _is_quality(symbol: str) -> bool:
    """Whether a word looks like an adjective or an adverb."""
    return symbol in adjectives() or symbol.endswith(("ly", "ful", "ous", "less", "able", "ish", "ing", "ed", "y"))


# Verbs that say less than they might


def _tightened(passage: Passage, at: int) -> Edit | None:
    symbol, before = passage.symbol(at), passage.symbol(at - 1)
    after, later = passage.symbol(at + 1), passage.symbol(at + 2)
    if before in DETERMINERS and before not in ("that", "this"):
        return None
    if symbol in ("began", "started", "proceeded", "seemed", "appeared"):
        return _begun(passage, at) if before not in PERFECT else None
    if symbol in ("was", "were", "is"):
        return _going_on(passage, at)
    if symbol in ("who", "that", "which") and after in ("was", "were"):
        # "a man who was standing" as "a man standing".
        going = _base_of_gerund(passage, at + 2) not in ("", "go")
        return replaced(passage, at, at + 3, [later], 0.5, "tighten") if going else None
    if symbol == "could" and after in _SENSES and later not in ("how", "no", "nothing"):
        return replaced(passage, at, at + 2, [past(after)], 0.5, "tighten") if not passage.words[at].quoted else None
    if passage.starts_sentence(at) and passage.sentence(at).plain:
        if symbol == "there" and after in ("was", "were"):
            return _without_there(passage, at)
        if symbol in ("he", "she", "I", "they", "we") and after in _SEEN and later == "that":
            # "She saw that the door was open" as "The door was open".
            return replaced(passage, at, at + 3, (), 0.4, "tighten")
    return None


def _begun(passage: Passage, at: int) -> Edit | None:
    """ "began to walk" and "began walking" as "walked"; "seemed to walk" too, which is not quite the same."""
    symbol, after, later = (passage.symbol(at + step) for step in range(3))
    hedged = symbol in ("seemed", "appeared")
    if after == "to" and is_base(later) and later not in ("be", "have"):
        return replaced(passage, at, at + 3, [past(later)], 0.22 if hedged else 0.75, "tighten")
    base = _base_of_gerund(passage, at + 1)
    return replaced(passage, at, at + 2, [past(base)], 0.55, "tighten") if base and not hedged else None


def _going_on(passage: Passage, at: int) -> Edit | None:
    """ "was walking" as "walked", "is walking" as "walks"."""
    before, base = passage.symbol(at - 1), _base_of_gerund(passage, at + 1)
    if base in ("", "go") or before in ("there", "it", "this", "that", "what", "which") or passage.words[at].quoted:
        return None
    following = passage.symbol(at + 2)
    if following[0].isalpha() and following not in PREPOSITIONS | OBJECTS | DETERMINERS:
        return None
    told = "that" in passage.symbols(at - 4, at)
    form = present(base) if passage.symbol(at) == "is" else past(base)
    return replaced(passage, at, at + 2, [form], 0.1 if base in _LASTING or told else 0.3, "tighten")


def _without_there(passage: Passage, at: int) -> Edit | None:
    """ "There was a man standing at" as "A man stood at"."""
    if passage.symbol(at + 2) not in (ARTICLE, "two", "three", "four", "five", "some", "many"):
        return None
    for width in (2, 3, 4):
        inside = passage.symbols(at + 2, at + 2 + width)
        if not all(word[0].isalpha() or word == ARTICLE for word in inside):
            return None
        base = _base_of_gerund(passage, at + 2 + width)
        if base:
            verb = past(base)
            texts = (
                passage.text_of(at + 2, gap=passage.words[at].gap, capital=True),
                *(passage.text_of(each) for each in range(at + 3, at + 2 + width)),
                " " + verb,
            )
            slots = (*passage.slots(at + 2, at + 2 + width), verb)
            return Edit(at, at + 3 + width, texts, slots, 0.7, "tighten")
    return None


def _base_of_gerund(passage: Passage, at: int) -> str:
    return base_of_gerund(passage.symbol(at)) or ""
