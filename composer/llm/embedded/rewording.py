"""Changes within a sentence: kindred words, weak words dropped, verbs tightened, speech as it is spoken.

Proposes what grammar allows, as far as spelling and order tell, with rough odds; how well a proposal fits its
place is weighed elsewhere (see `revision`). Names, numbers and articles are never changed.
"""

from __future__ import annotations

from collections.abc import Iterator

from composer.llm.embedded.edits import Edit, replaced
from composer.llm.embedded.grammar import (
    DETERMINERS,
    FUNCTION,
    PREPOSITIONS,
    base_of_gerund,
    is_base,
    is_past,
    past,
    stem,
)
from composer.llm.embedded.kindred import MOMENTARY, POSSESSIVES, Kin, adjectives, kin
from composer.llm.embedded.passage import Passage, is_content
from composer.llm.embedded.tokens import ARTICLE, CLOSE_MID, OPENS, STOPS, words

_BESIDE = 40
"""Words before and after in which a word counts as said already."""


def rewordings(passage: Passage, at: int) -> Iterator[Edit]:
    """The changes within a sentence that begin with the word at `at`."""
    word = passage.words[at]
    if not word.is_word or passage.is_named(at) or (word.text.isupper() and len(word.text) > 1):
        return
    found = (
        *_kindred(passage, at),
        *_dropped(passage, at),
        *_tightened(passage, at),
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
            if passage.symbol(at - 1) == other[0] or passage.symbol(to) == other[-1]:
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
        return symbol in _OBJECTS or symbol in DETERMINERS or named
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
        if symbol in _PERFECT:
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
    noun, before, after = passage.symbol(at + 1), passage.symbol(at - 1), passage.symbol(at + 2)
    number = passage.words[at].sentence
    if (
        not number
        or not is_content(noun)
        or noun.endswith("s")
        or not is_past(before)
        or after not in (".", ",", "and")
    ):
        return None
    last = passage.sentences[number - 1]
    known = passage.symbol(last.end - 2) == noun and passage.symbol(last.end - 1) == "."
    thing = not passage.slots(at, at + 2)[-1].startswith("<C")
    return replaced(passage, at, at + 2, ["it"], 0.45, "kin") if known and thing else None


# Weak words


def _dropped(passage: Passage, at: int) -> Iterator[Edit | None]:
    symbol, before, after = passage.symbol(at), passage.symbol(at - 1), passage.symbol(at + 1)
    odds, width = 0.0, 1
    if symbol in _INTENSIFIERS:
        plain = before not in _NEGATIONS and before not in ("as", "how", "too", "so", "that", "or", "and")
        firm = before not in DETERMINERS or before == ARTICLE or _is_quality(after)
        if plain and firm and is_content(after) and _is_quality(after):
            odds = _INTENSIFIERS[symbol]
    elif symbol in _FILLERS:
        if after[0].isalpha() and before not in _NEGATIONS and after not in _AFTER_FILLER and not _is_joined(before):
            odds = _FILLERS[symbol] * (0.3 if before in _PERFECT else 1.0)
        elif passage.starts_sentence(at) and after == ",":
            odds, width = _FILLERS[symbol], 2
    elif symbol in ("kind", "sort") and after == "of":
        if (
            before not in DETERMINERS
            and before not in ("what", "some", "any", "of")
            and passage.symbol(at + 2)[0].isalpha()
        ):
            odds, width = 0.5, 2
    elif symbol == ARTICLE and after in ("bit", "little"):
        if passage.symbol(at + 2) in adjectives() and passage.symbol(at + 3)[0:1] in (".", ",", "a", "b"):
            odds, width = 0.3, 2
    elif symbol == "that" and before in _THINKING:
        named = at + 1 < len(passage) and passage.words[at + 1].is_word and passage.is_named(at + 1)
        if after in _SUBJECTS or named:
            odds = 0.35
    elif symbol == "then" and before == "and" and after[0].isalpha():
        odds = 0.4
    elif symbol.endswith("ly") and len(symbol) > 4 and symbol not in _NO_ADVERB:
        odds = _adverb(passage, at)
    if odds and at + width < len(passage):
        yield replaced(passage, at, at + width, (), odds, "drop")


def _adverb(passage: Passage, at: int) -> float:
    """How readily an adverb in -ly is dropped, by where it stands."""
    symbol, before, after = passage.symbol(at), passage.symbol(at - 1), passage.symbol(at + 1)
    if before in (
        "as",
        "so",
        "too",
        "more",
        "very",
        "how",
        "quite",
        "most",
        "less",
        "rather",
        "not",
        "and",
        "or",
        "but",
    ):
        return 0.0
    if after in ("and", "or", "but", "enough", "as", "than"):
        return 0.0
    if passage.starts_sentence(at):
        return 0.0
    if is_past(after) and before not in _PERFECT:
        return 0.3
    if (is_past(before) or before in _OBJECTS) and (after in STOPS or after == "," or after in PREPOSITIONS):
        return 0.28 if symbol not in ("slowly", "quietly") else 0.2
    return 0.0


def _is_quality(symbol: str) -> bool:
    """Whether a word looks like an adjective or an adverb."""
    return symbol in adjectives() or symbol.endswith(("ly", "ful", "ous", "less", "able", "ish", "ing", "ed", "y"))


def _is_joined(symbol: str) -> bool:
    return symbol in ("or", "as", "if", "only")


# Verbs that say less than they might


def _tightened(passage: Passage, at: int) -> Iterator[Edit | None]:
    symbol, before = passage.symbol(at), passage.symbol(at - 1)
    if before in DETERMINERS and before not in ("that", "this"):
        return
    if symbol in ("began", "started", "proceeded", "seemed", "appeared") and before not in _PERFECT:
        yield _begun(passage, at)
    elif symbol in ("was", "were", "is"):
        yield _going_on(passage, at)
    elif symbol in ("who", "that", "which") and passage.symbol(at + 1) in ("was", "were"):
        # "a man who was standing" as "a man standing".
        if _base_of_gerund(passage, at + 2) not in ("", "go"):
            yield replaced(passage, at, at + 3, [passage.symbol(at + 2)], 0.5, "tighten")
    elif symbol == "could" and not passage.words[at].quoted:
        verb, later = passage.symbol(at + 1), passage.symbol(at + 2)
        if verb in ("see", "hear", "feel", "smell", "taste") and later not in ("how", "no", "nothing"):
            yield replaced(passage, at, at + 2, [past(verb)], 0.5, "tighten")
    elif passage.starts_sentence(at) and passage.sentence(at).plain:
        if symbol == "there" and passage.symbol(at + 1) in ("was", "were"):
            yield _without_there(passage, at)
        elif symbol in ("he", "she", "I", "they", "we") and passage.symbol(at + 2) == "that":
            # "She saw that the door was open" as "The door was open".
            if passage.symbol(at + 1) in ("noticed", "saw", "realised", "realized", "observed"):
                yield replaced(passage, at, at + 3, (), 0.4, "tighten")


def _begun(passage: Passage, at: int) -> Edit | None:
    """ "began to walk" and "began walking" as "walked"; "seemed to walk" too, which is not quite the same."""
    symbol, after, later = (passage.symbol(at + step) for step in range(3))
    hedged = symbol in ("seemed", "appeared")
    if after == "to" and is_base(later) and later not in ("be", "have"):
        odds = 0.22 if hedged else 0.75
        return replaced(passage, at, at + 3, [past(later)], odds, "tighten")
    base = _base_of_gerund(passage, at + 1)
    return replaced(passage, at, at + 2, [past(base)], 0.55, "tighten") if base and not hedged else None


def _going_on(passage: Passage, at: int) -> Edit | None:
    """ "was walking" as "walked", "is walking" as "walks"."""
    before, base = passage.symbol(at - 1), _base_of_gerund(passage, at + 1)
    if base in ("", "go") or before in ("there", "it", "this", "that", "what", "which") or passage.words[at].quoted:
        return None
    if not _takes_up(passage, at + 2):
        return None
    told = "that" in passage.symbols(at - 4, at)
    odds = 0.1 if base in _LASTING or told else 0.3
    form = present(base) if passage.symbol(at) == "is" else past(base)
    return replaced(passage, at, at + 2, [form], odds, "tighten")


def _base_of_gerund(passage: Passage, at: int) -> str:
    return base_of_gerund(passage.symbol(at)) or ""


def _without_there(passage: Passage, at: int) -> Edit | None:
    """ "There was a man standing at" as "A man stood at"."""
    if passage.symbol(at + 2) not in (ARTICLE, "two", "three", "four", "five", "some", "many"):
        return None
    for width in (2, 3, 4):
        base = base_of_gerund(passage.symbol(at + 2 + width))
        inside = passage.symbols(at + 2, at + 2 + width)
        if not all(word[0].isalpha() or word == ARTICLE for word in inside):
            return None
        if base:
            texts = (
                passage.text_of(at + 2, gap=passage.words[at].gap, capital=True),
                *(passage.text_of(each) for each in range(at + 3, at + 2 + width)),
                " " + past(base),
            )
            slots = (*passage.slots(at + 2, at + 2 + width), past(base))
            return Edit(at, at + 3 + width, texts, slots, 0.7, "tighten")
    return None


def _takes_up(passage: Passage, at: int) -> bool:
    """Whether what stands here can follow a verb, as its object or otherwise."""
    symbol = passage.symbol(at)
    return not symbol[0].isalpha() or symbol in PREPOSITIONS or symbol in _OBJECTS or symbol in DETERMINERS


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

_LASTING = words("wait look hope try wear plan dream expect think work")
"""Verbs that are seldom better without their -ing."""
_COPULAS = words("was were is are be been am looked seemed felt grew became so too very quite rather not and or")
_OBJECTS = words("it him her them me us you something nothing everything one all himself herself both")
_CLAUSE_ENDS = words("and but as when while until because then again so before after")
_BEFORE_BASE = words("to can could will would may might shall should must let not did do does cannot help please")
_PERFECT = words("have has had having been was were is are be being got 've ’ve")
_NEGATIONS = words("not never no nothing nobody without")
_AFTER_FILLER = words("as like in enough because about then over under")
_SUBJECTS = words("he she it they we I you there the <a> his her my their nobody someone everyone this")
_THINKING = words(
    "said thought knew felt believed hoped supposed guessed realised realized saw heard swore promised wished decided "
    "know think hope believe suppose feel"
)
_PARTICIPLES = words("""
    found held kept left lost made met sat stood told thought brought bought caught built felt heard led paid said
    sent slept wept swung spun hung flung slid set put shut thrust bent meant shone crept fled swept let had
    """)
_GONE = words("been gone come seen done known taken given found lost heard told made got had never always")
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
