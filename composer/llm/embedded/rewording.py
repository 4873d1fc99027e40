"""Changes within a sentence: kindred words, shorter wordings (see `trimming`), speech as it is spoken.

Proposes what grammar allows, as far as spelling and order tell, with rough odds; how well a proposal fits its
place is weighed elsewhere (see `revision`). Names, numbers and articles are never changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from composer.llm.embedded.edits import OBJECTS, PERFECT, Edit, replaced
from composer.llm.embedded.grammar import DETERMINERS, FUNCTION, PREPOSITIONS, base_of_gerund, is_past, stem
from composer.llm.embedded.kindred import MOMENTARY, POSSESSIVES, Kin, adjectives, kin
from composer.llm.embedded.passage import Passage, is_content
from composer.llm.embedded.tokens import ARTICLE, CLOSE_MID, OPENS, STOPS, words
from composer.llm.embedded.trimming import trims

_BESIDE = 40
"""Words before and after in which a word counts as said already."""


def rewordings(passage: Passage, at: int) -> Iterator[Edit]:
    """The changes within a sentence that begin with the word at `at`."""
    word = passage.words[at]
    if not word.is_word or passage.is_named(at) or (word.text.isupper() and len(word.text) > 1):
        return
    found = (
        *_kindred(passage, at),
        *trims(passage, at),
        *_spoken(passage, at),
        _pronoun(passage, at),
    )
    for edit in found:
        if edit is not None:
            yield edit


# Kindred words


def _kindred(passage: Passage, at: int) -> Iterator[Edit | None]:
    for each in kin().get(passage.symbol(at), ()):
        to = at + len(each.pattern)
        if not _matches(passage, at, each.pattern) or not _suits(passage, at, to, each):
            continue
        odds = 0.85 if each.plainer else 0.32
        if not each.plainer:
            odds *= _echo(passage, at, to) * (0.6 if passage.words[at].quoted else 1.0)
        for other in each.others:
            if other[0] in MOMENTARY and (each.form == "gerund" or "for" in passage.symbols(to, to + 8)):
                continue
            if passage.symbol(at - 1) in other or passage.symbol(to) in other:
                continue
            if each.part != "verb" or _has_form(passage, at, each.form, other[0]):
                run = [passage.symbol(at + each.pattern.index("%")) if w == "%" else w for w in other]
                dull = 0.25 if _is_near(passage, at, to, other) and not each.plainer else 1.0
                yield replaced(passage, at, to, run, odds * dull, "plain" if each.plainer else "kin")
        if each.plainer:
            return


def _matches(passage: Passage, at: int, pattern: tuple[str, ...]) -> bool:
    run = passage.symbols(at, at + len(pattern))
    return len(run) == len(pattern) and all(
        symbol == wanted or (wanted == "%" and symbol in POSSESSIVES)
        for symbol, wanted in zip(run, pattern, strict=True)
    )


def _suits(passage: Passage, at: int, to: int, each: Kin) -> bool:
    """Whether what stands around the words is what this sense of them has around it."""
    if each.follows and not any(_follows(passage, to, run) for run in each.follows):
        return False
    before, after = passage.symbol(at - 1), passage.symbol(to)
    if each.part == "adjective":
        if before in DETERMINERS or before in adjectives():
            return after[0].isalpha() and after not in FUNCTION
        return before in _COPULAS and (not after[0].isalpha() or after in FUNCTION)
    if each.part == "noun":
        if before not in DETERMINERS and before not in adjectives():
            return False
        return after in FUNCTION or not after[0].isalpha() or is_past(after)
    if each.part == "verb":
        return _is_verb(passage, at, each.form)
    return True


def _follows(passage: Passage, at: int, run: tuple[str, ...]) -> bool:
    return all(_is_sort(passage, at + step, wanted) for step, wanted in enumerate(run))


def _is_sort(passage: Passage, at: int, wanted: str) -> bool:
    """Whether the word at `at` is the one that a table wants, or of the sort that its sign stands for."""
    symbol = passage.symbol(at)
    if wanted == "*":
        named = at < len(passage) and passage.words[at].is_word and passage.is_named(at)
        return symbol in OBJECTS or symbol in DETERMINERS or named
    if wanted == ".":
        return (symbol in _CLAUSE_ENDS or not symbol[0].isalpha()) and symbol not in ("'s", "’s", "-")
    if wanted == "+":
        return base_of_gerund(symbol) is not None
    if wanted == "~":
        return symbol in adjectives()
    if wanted == "%":
        return symbol in POSSESSIVES
    return symbol == (ARTICLE if wanted in ("a", "an") else wanted)


def _is_verb(passage: Passage, at: int, form: str) -> bool:
    before = passage.symbol(at - 1)
    wants_base = before in _BEFORE_BASE or before.endswith("n't") or before.endswith("n’t")
    quoted = passage.words[at].quoted
    if form == "base":
        begins = quoted and (before in OPENS or before in STOPS)
        return wants_base or begins or before in ("I", "you", "we", "they")
    if form == "present":
        named = at > 0 and passage.words[at - 1].is_word and passage.is_named(at - 1)
        joined = before in ("and", ",") and passage.symbol(at + 1) not in ("and", ",", ".")
        return named or joined or before in ("he", "she", "it", "who", "that", "which", "never", "always")
    if (before in DETERMINERS and before != "that") or wants_base:
        return False
    return form == "gerund" or before not in PREPOSITIONS


def _has_form(passage: Passage, at: int, form: str, verb: str) -> bool:
    """Whether a past tense may stand where the participle is wanted, if it is."""
    if form != "past":
        return True
    for symbol in reversed(passage.symbols(at - 3, at)):
        if symbol in PERFECT:
            return verb.endswith("ed") or verb in _PARTICIPLES
        if symbol not in ("not", "never", "always", "already", "just", "only") and not symbol.endswith("ly"):
            return True
    return True


def _echo(passage: Passage, at: int, to: int) -> float:
    """How much a change is pressed for, since the words were used shortly before."""
    roots = {stem(symbol) for symbol in passage.symbols(at, to) if is_content(symbol)}
    if not roots:
        return 1.0
    before = [stem(symbol) for symbol in passage.symbols(at - _BESIDE, at)]
    return 2.2 if roots & set(before) else 1.0


def _is_near(passage: Passage, at: int, to: int, other: tuple[str, ...]) -> bool:
    """Whether the words to be put in were used shortly before, or will be."""
    roots = {stem(symbol) for symbol in other if is_content(symbol)}
    near = [*passage.symbols(at - _BESIDE, at), *passage.symbols(to, to + _BESIDE)]
    return bool(roots) and not roots.isdisjoint(stem(symbol) for symbol in near)


def _pronoun(passage: Passage, at: int) -> Edit | None:
    """ "the drawer" as "it", where the sentence before ended with that drawer and this one says what was done to it."""
    if passage.symbol(at) != "the" or passage.words[at].quoted or at + 2 >= len(passage):
        return None
    noun, number = passage.symbol(at + 1), passage.words[at].sentence
    if not number or not is_content(noun) or noun.endswith("s"):
        return None
    if not is_past(passage.symbol(at - 1)) or passage.symbol(at + 2) not in (".", ",", "and"):
        return None
    last = passage.sentences[number - 1]
    known = passage.symbol(last.end - 2) == noun and passage.symbol(last.end - 1) == "."
    thing = not passage.slots(at, at + 2)[-1].startswith("<C")
    return replaced(passage, at, at + 2, ["it"], 0.45, "kin") if known and thing else None


# Speech


def _spoken(passage: Passage, at: int) -> Iterator[Edit | None]:
    word, before, after = passage.words[at], passage.symbol(at - 1), passage.symbol(at + 1)
    mark = passage.apostrophe
    if word.quoted:
        if after == "not" and word.symbol in _SHORT_NOT and passage.symbol(at + 2) != "?":
            short = _SHORT_NOT[word.symbol].replace("'", mark)
            yield replaced(passage, at, at + 2, [short], 0.45, "speech")
        elif (word.symbol, after) in _SHORT and passage.symbol(at + 2)[0].isalpha() and before != "than":
            later = passage.symbol(at + 2)
            if after != "have" or is_past(later) or later in _GONE:
                short = word.text + _SHORT[word.symbol, after].replace("'", mark)
                yield replaced(passage, at, at + 2, [short], 0.4, "speech")


def turned_tag(passage: Passage, at: int) -> Edit | None:
    """ "Mara said" after speech as "said Mara", and the other way round; for names and roles, not for pronouns."""
    if passage.symbol(at - 1) != CLOSE_MID:
        return None
    symbols = passage.symbols(at, at + 4)
    for verb_first in (True, False):
        for width in (1, 2):
            if len(symbols) <= width + 1 or symbols[width + 1][0].isalpha():
                continue
            verb, who = (at, at + 1) if verb_first else (at + width, at)
            if passage.symbol(verb) not in ("said", "asked") or not _is_somebody(passage, who, width):
                continue
            name = [passage.text_of(each, gap=" ") for each in range(who, who + width)]
            said = " " + passage.symbol(verb)
            texts = (*name, said) if verb_first else (said, *name)
            named = passage.slots(who, who + width)
            slots = (*named, passage.symbol(verb)) if verb_first else (passage.symbol(verb), *named)
            return Edit(at, at + width + 1, texts, slots, 0.2, "speech")
    return None


def _is_somebody(passage: Passage, at: int, width: int) -> bool:
    slots = passage.slots(at, at + width)
    return len(slots) == 1 and slots[0][:3] in ("<C=", "<C~")


# Words by what they do around others

_COPULAS = words("was were is are be been am looked seemed felt grew became so too very quite rather not and or")
_CLAUSE_ENDS = words("and but as when while until because then again so before after")
_BEFORE_BASE = words("to can could will would may might shall should must let not did do does cannot help please")
_PARTICIPLES = words("""
    found held kept left lost made met sat stood told thought brought bought caught built felt heard led paid said
    sent slept wept swung spun hung flung slid set put shut thrust bent meant shone crept fled swept let had
    """)
_GONE = words("been gone come seen done known taken given found lost heard told made got had never always")
_SHORT_NOT = {
    "do": "don't", "does": "doesn't", "did": "didn't", "is": "isn't", "are": "aren't", "was": "wasn't",
    "were": "weren't", "can": "can't", "could": "couldn't", "will": "won't", "would": "wouldn't", "has": "hasn't",
    "have": "haven't", "had": "hadn't", "should": "shouldn't", "must": "mustn't",
}  # fmt: skip
_SHORT = {
    ("I", "am"): "'m", ("you", "are"): "'re", ("we", "are"): "'re", ("they", "are"): "'re", ("he", "is"): "'s",
    ("she", "is"): "'s", ("it", "is"): "'s", ("that", "is"): "'s", ("there", "is"): "'s", ("I", "will"): "'ll",
    ("you", "will"): "'ll", ("we", "will"): "'ll", ("I", "have"): "'ve", ("you", "have"): "'ve", ("we", "have"): "'ve",
    ("let", "us"): "'s", ("I", "would"): "'d", ("what", "is"): "'s", ("who", "is"): "'s", ("they", "will"): "'ll",
}  # fmt: skip
