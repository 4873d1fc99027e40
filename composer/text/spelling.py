"""Spelling: which words of a text can be misspelt, what to look up for each, and which remain in doubt.

It knows no dictionary and no language: whoever calls it looks up what `asked` gives and hands what is not known to `doubtful`.
It remembers nothing between two calls, and never says how a word should be spelt.

Limits: a word that is capitalised twice in mid-sentence passes for a name, also where it is a slip, and in German where it is
any noun. A word that is another word by mistake (`form` for `from`) is no doubt.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from functools import cache
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    import regex

INITIALS = 4
"""Capitals alone are initials, which no dictionary has to know, up to this many letters."""

_ADDRESS_SIGNS = ("@", "#", "://", "www.", ".com", ".org", ".net", ".edu", ".gov", ".info", ".co.uk")
_ADDRESS = re.compile(
    r"[a-z]{2,10}://\S+|www\.\S+|[\w.+\-]{1,64}@[\w\-]{1,63}(?:\.[\w\-]{1,63}){1,8}|(?<!\w)[@#]\w+"
    r"|(?:\b[\w\-]{1,63}\.){1,8}(?:com|org|net|edu|gov|info|co\.uk)\b(?:/\S*)?",
    re.IGNORECASE,
)
_ONE_SIGN = str.maketrans({"’": "'", "ʼ": "'", "‐": "-", "\N{NON-BREAKING HYPHEN}": "-", "\N{SOFT HYPHEN}": None})
_ROMAN = re.compile(r"[IVXLCDM]+")
_SHORTENED = re.compile(r"'(?:s|d|ll|ve|re|m)$", re.IGNORECASE)
_ELIDED = re.compile(
    r"^(?:[cdjlmnostyz]|qu|jusqu|lorsqu|puisqu|quoiqu|un|gl|th|(?:d?[ae]|ne|co|su|be|que)ll|quest|sant)'(?=\w)",
    re.IGNORECASE,
)
_PREFIX_TEXT = "anti co de ex mid multi neo non post pre pro quasi re semi sub ultra un"
_PREFIXES = frozenset(_PREFIX_TEXT.split())
_TITLE = re.compile(r"\b(?:Mr|Mrs|Ms|Dr|St|Mme|Prof|Capt|Sgt|Lt|Col|Rev)\.$")


class Doubt(Struct, frozen=True):
    """A word that nobody knows: characters [start:end) of the text whose id is `key`."""

    key: str
    start: int
    end: int
    word: str


@cache
def _patterns() -> tuple[regex.Pattern[str], regex.Pattern[str], regex.Pattern[str]]:
    """A word as it stands in a text, one with a capital, and a letter of a script that is written without spaces."""
    import regex

    letter, inner = r"[\p{L}\p{N}]", r"[\p{L}\p{M}\p{N}\u00ad\u200c\u200d]*"
    # The apostrophe of a dropped g (goin’) counts as seen, not as a character of the word: it may be a closing quote.
    word = rf"{letter}{inner}(?:['’\-‐‑]{letter}{inner})*(?:(?<=in)['’](?!\w))?"
    capital = rf"\b(?=\p{{Lu}}|\p{{L}}{{1,6}}['’]\p{{Lu}}){word}"
    spaceless = (
        r"[\p{Han}\p{Hiragana}\p{Katakana}\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}"
        r"\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}\p{Tibetan}]"
    )
    return regex.compile(word), regex.compile(capital), regex.compile(spaceless)


def _without_addresses(text: str) -> str:
    """The text with blanks where addresses are, character for character."""
    if not any(sign in text for sign in _ADDRESS_SIGNS):
        return text
    return _ADDRESS.sub(lambda found: " " * len(found[0]), text)


def _counted(word: str) -> bool:
    """Whether a word as found can be misspelt at all."""
    if word.isascii() and word.isalpha() and word.islower():
        return len(word) > 1
    bare = word.rstrip("'’")
    letters = sum(char.isalpha() for char in bare)
    if letters < 2 or any(char.isnumeric() for char in bare):
        return False
    stem = _SHORTENED.sub("", bare.translate(_ONE_SIGN))
    stem = stem[:-1] if stem[-1] == "s" and stem[:-1].isupper() else stem
    if stem.isupper() and (len(stem) <= INITIALS or _ROMAN.fullmatch(stem)):
        return False
    return bare.isascii() or not _patterns()[2].search(bare)


def spelled(text: str) -> list[tuple[int, int]]:
    """The words of a text that can be misspelt, as ranges in characters.

    A word is letters with apostrophes and hyphens inside. Left out are numbers and whatever has a digit, addresses, single
    letters, initials and Roman numbers, and scripts that are written without spaces.
    """
    found = []
    for match in _patterns()[0].finditer(_without_addresses(text)):
        word = match[0]
        if _counted(word):
            found.append((match.start(), match.end() - (word[-1] in "'’")))
    return found


def forms(word: str) -> tuple[str, ...]:
    """What to look up for a word as written; the word is known if any of these is.

    In this order, each once: itself with plain apostrophes and hyphens, its stem without a possessive `'s` or a shortened verb
    (`who'd've`: `who'd`, `who`), what follows an elided word (`l'eau`: `eau`), the `g` put back (`goin'`: `going`), and each of
    these in lower case, or with one capital if it is in capitals. `iPhone` stays as it is, and so does a slip like `THe`.
    """
    plain = word.translate(_ONE_SIGN)
    if not plain.isascii():
        plain = unicodedata.normalize("NFC", plain)
    if plain.isalpha() and plain.islower():
        return (plain,)
    dropped = plain[-1:] == "'"
    stems = [plain.rstrip("'")]
    while (stem := _SHORTENED.sub("", stems[-1])) and stem != stems[-1]:
        stems.append(stem)
    stems += [rest for stem in stems if (rest := _ELIDED.sub("", stem)) != stem]
    if dropped:
        stems += [stem + "g" for stem in stems if stem.endswith("in")]
    found: dict[str, None] = {}
    for stem in stems:
        found[stem] = None
        if stem.isupper():
            found[stem.capitalize()] = None
        if stem.isupper() or (stem[:1].isupper() and all(part[1:].islower() or not part[1:] for part in _cut(stem))):
            found[stem.lower()] = None
    return tuple(found)


def _cut(word: str) -> list[str]:
    return re.split(r"[-']", word)


def parts(word: str) -> tuple[str, ...]:
    """The parts of a hyphenated word that have to be known for the whole to be; empty for a word without hyphens.

    A stutter (`w-what`, `th-that`), a prefix (`ex-sailor`), initials and single letters need not be.
    """
    row = word.translate(_ONE_SIGN).split("-")
    if len(row) < 2:
        return ()
    following = [*row[1:], ""]
    return tuple(
        part
        for part, after in zip(row, following, strict=True)
        if _counted(part) and part.lower() not in _PREFIXES and not after.lower().startswith(part.lower())
    )


def is_known(word: str, known: Callable[[str], bool]) -> bool:
    """Whether a word as written is known, by any of its forms or by all of its parts."""
    if any(known(form) for form in forms(word)):
        return True
    return "-" in word.translate(_ONE_SIGN) and all(is_known(part, known) for part in parts(word))


def lookups(words: Iterable[str]) -> frozenset[str]:
    """All forms of the words and of their parts: whatever `is_known` may ask for."""
    return frozenset(form for word in words for piece in (word, *parts(word)) for form in forms(piece))


def vocabulary(texts: Iterable[str]) -> frozenset[str]:
    """The words that stand in texts which are trusted, such as notes, and their parts; as written, with plain apostrophes."""
    return _plain(piece for word in _words(texts) for piece in (word, *parts(word)))


def names(texts: Iterable[str]) -> frozenset[str]:
    """The names that the texts use again and again, with their possessives.

    A name is capitalised in mid-sentence twice, or anywhere three times while the word is never seen in lower case.
    """
    word, capital, _ = _patterns()
    everywhere: Counter[str] = Counter()
    inside: Counter[str] = Counter()
    for text in texts:
        text = _without_addresses(text)
        everywhere.update(word.findall(text))
        inside.update(match[0] for match in capital.finditer(text) if _inside(text, match.start()))
    low = {_bare(found) for found in everywhere if found.islower()}
    seen: Counter[str] = Counter()
    seen_inside: Counter[str] = Counter()
    for found, count in everywhere.items():
        name = _bare(found)
        if name[:1].isupper() and not name.isupper() and _counted(name):
            seen[name] += count
            seen_inside[name] += inside[found]
    kept = [name for name, count in seen.items() if seen_inside[name] >= 2 or (count >= 3 and name.lower() not in low)]
    return frozenset(kept) | {name + "'s" for name in kept}


def _inside(text: str, at: int) -> bool:
    """Whether what starts here stands in mid-sentence for sure: not behind a full stop, a colon or an opening quote."""
    behind = text[max(0, at - 8) : at].rstrip()
    if behind[-1:] in ("—", "–"):
        behind = behind[:-1].rstrip()
    elif behind[-1:] in ("”", "’", "»", '"', "'"):
        return behind[-2:-1] == ","
    last = behind[-1:]
    return last.isalnum() or last in (",", ";") or (last == "." and _TITLE.search(behind) is not None)


def _bare(word: str) -> str:
    """The word without what may be joined to a name by an apostrophe."""
    return _ELIDED.sub("", _SHORTENED.sub("", word.translate(_ONE_SIGN).rstrip("'")))


def asked(texts: Sequence[tuple[str, str]], own: Collection[str]) -> tuple[str, ...]:
    """The forms to look up for texts, given as (id, text): each once, in order of the alphabet.

    `own` are words that need no dictionary: those learned, those of the notes, the names.
    """
    mine = _plain(own)
    return tuple(
        sorted(lookups(word for word in _words(text for _, text in texts) if not is_known(word, mine.__contains__)))
    )


def doubtful(texts: Sequence[tuple[str, str]], own: Collection[str], unknown: Collection[str]) -> tuple[Doubt, ...]:
    """The words that remain, in reading order: neither in `own`, nor known by a form that is not among the `unknown`."""
    mine, strange = _plain(own), frozenset(unknown)
    if not strange:
        return ()
    every = _words(text for _, text in texts)
    bad = {word for word in every if not is_known(word, lambda form: form in mine or form not in strange)}
    word = _patterns()[0]
    found = []
    for key, text in texts:
        clean = _without_addresses(text)
        # Almost every paragraph has nothing to tell, and finding words without their places is much faster.
        if bad.isdisjoint(word.findall(clean)):
            continue
        for match in word.finditer(clean):
            if match[0] in bad:
                end = match.end() - (match[0][-1] in "'’")
                found.append(Doubt(key, match.start(), end, text[match.start() : end]))
    return tuple(found)


def _words(texts: Iterable[str]) -> list[str]:
    """The distinct words of texts that can be misspelt, as found."""
    word = _patterns()[0]
    distinct: dict[str, None] = {}
    for text in texts:
        distinct.update(dict.fromkeys(word.findall(_without_addresses(text))))
    return [found for found in distinct if _counted(found)]


def _plain(words: Iterable[str]) -> frozenset[str]:
    return frozenset(unicodedata.normalize("NFC", word.translate(_ONE_SIGN)).rstrip("'") for word in words)
