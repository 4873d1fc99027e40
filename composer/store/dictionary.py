"""Dictionaries: what words there are in a language, asked of the first source that has it. It never suggests a spelling.

The sources in order: hunspell, aspell, the word list that comes with the program, the system's word list for English, none.
The programs are asked in child processes, words one a line on their standard input, never through a shell; a child that can't
start, fails or takes too long is given up for good, and the next source answers in its place. The word list is loaded and
searched in a thread.

Limits: the word lists are lower-case, so they take `london` for a word. They do not join words, so a German compound that is
not listed is unknown to them. The lists for Spanish, Russian, Persian, Arabic, Basque and Latvian are too thin to be used: they
lack up to four in ten ordinary words, or were not tried, so that in these languages only hunspell and aspell can help.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
import shutil
import signal
import unicodedata
from collections.abc import Awaitable, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

from composer.session.ports import Dictionary
from composer.text.spelling import is_known, lookups

SYSTEM_WORDS = "/usr/share/dict/words"
"""English words, one a line, on most systems that are not bare."""
LISTED = frozenset({"de", "en", "fr", "it", "nl", "pt"})
"""The languages whose word list knows enough of them to doubt a word."""
LIST_SECONDS = 5.0
"""How long a program may take to say what dictionaries it has."""
LOOKUP_SECONDS = 20.0
"""How long it may take to look words up: 30,000 need a quarter of a second."""
LONGEST = 60
"""Characters of a word that is looked up. Hunspell takes any longer than 100 for wrong."""

_LANGUAGE = re.compile(r"([A-Za-z]{2,3})((?:_[A-Za-z0-9]{2,8})*)")
_WORD = re.compile(r"[^\W\d_][^\s\x00-\x1f\x7f-\x9f\ud800-\udfff]*")
# No word of any language, so that it shows where aspell cuts: what is not cut comes back whole.
_PROBE = "zqxj"


class SourceFailed(Exception):
    """A source can't answer. It never leaves this file: the next source is asked."""


class Source(Protocol):
    """One place that words come from."""

    @property
    def name(self) -> str: ...

    async def missing(self, words: Sequence[str]) -> frozenset[str]:
        """Those of the words, exactly as given, that it does not have. SourceFailed if it can't tell."""


Opener = Callable[[str], Awaitable[Source | None]]
"""Makes a source for a language such as `en` or `en_GB`; None if there is none."""


async def open_dictionary(language: str) -> Dictionary:
    """The best dictionary there is for a language, by its code (`en`, `en-GB`, `pt_BR`). It always gives one and never fails.

    If nothing knows the language, the dictionary says so by its name and finds no word unknown.
    """
    code = language.strip().replace("-", "_")
    shape = _LANGUAGE.fullmatch(code)
    if shape is None:
        # The code may come from a session of someone else's, and becomes an argument of a program.
        return _Dictionary("", [], f"no dictionary for “{language[:20]}”")
    code = "_".join([shape[1].lower(), *(part.upper() if len(part) == 2 else part for part in shape[2].split("_")[1:])])
    found = _Dictionary(code, [_hunspell, _aspell, _listed, _system_list], f"no dictionary for “{code}”")
    await found.turn()
    return found


class _Dictionary:
    """The sources in turn. A word is unknown if none of its forms is known to the source that answers."""

    def __init__(self, language: str, openers: list[Opener], without: str) -> None:
        self.name = without
        self._language = language
        self._openers = openers
        self._without = without
        self._source: Source | None = None
        self._one = asyncio.Lock()

    async def turn(self) -> None:
        """Go on to the next source that has the language."""
        self._source = None
        while self._openers and self._source is None:
            with contextlib.suppress(SourceFailed):
                self._source = await self._openers.pop(0)(self._language)
        self.name = self._source.name if self._source else self._without

    async def unknown(self, words: Sequence[str]) -> frozenset[str]:
        asked = await asyncio.to_thread(self._asked, words)
        async with self._one:
            while self._source is not None and asked:
                try:
                    missing = await self._source.missing(asked)
                except SourceFailed:
                    await self.turn()
                else:
                    return await asyncio.to_thread(self._remaining, words, missing)
        return frozenset()

    def _asked(self, words: Sequence[str]) -> tuple[str, ...]:
        every = {spelling for form in lookups(words) for spelling in self._spellings(form)}
        return tuple(sorted(filter(_askable, every)))

    def _remaining(self, words: Sequence[str], missing: Collection[str]) -> frozenset[str]:
        def known(form: str) -> bool:
            return any(spelling not in missing for spelling in self._spellings(form))

        return frozenset(word for word in words if not is_known(word, known))

    def _spellings(self, word: str) -> tuple[str, ...]:
        """English writes its borrowed words with accents or without."""
        if word.isascii() or self._language.partition("_")[0] != "en":
            return (word,)
        apart = unicodedata.normalize("NFD", word.replace("æ", "ae").replace("œ", "oe"))
        return word, "".join(char for char in apart if not unicodedata.combining(char))

    async def close(self) -> None:
        self._openers.clear()
        self._source = None


def _askable(word: str) -> bool:
    """Whether a word can be asked of a program: it starts with a letter, so it is no command, and is one line.

    In the modes used here neither program takes signs at the start of a line for commands; hunspell does so in its `-a` mode,
    and cuts or keeps them otherwise, which would spoil the answer.
    """
    return len(word) <= LONGEST and _WORD.fullmatch(word) is not None


def _program(name: str) -> str:
    """Where a program lies, as a full path, since it is not started in this folder; empty if it is not there."""
    found = shutil.which(name)
    return os.path.abspath(found) if found else ""


async def _run(command: Sequence[str], words: Iterable[str], seconds: float) -> tuple[int, str]:
    """The exit code and all that a program prints, errors last. SourceFailed if it can't start or takes too long."""
    try:
        child = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            # Hunspell takes dictionaries from the folder it is started in.
            cwd=os.sep,
            # A group of its own, so that what the program starts ends with it.
            start_new_session=True,
        )
    except OSError as error:
        raise SourceFailed(str(error)) from error
    try:
        async with asyncio.timeout(seconds):
            output, errors = await child.communicate("".join(f"{word}\n" for word in words).encode())
    except TimeoutError as error:
        raise SourceFailed(f"{command[0]} took longer than {seconds} seconds") from error
    finally:
        if child.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)
            await child.wait()
    return child.returncode or 0, (output + b"\n" + errors).decode(errors="replace")


@dataclass(frozen=True)
class _Hunspell:
    """Hunspell. With `-1` the word is all that stands before a tab, so that it is never cut."""

    name: str
    command: tuple[str, ...]

    async def missing(self, words: Sequence[str]) -> frozenset[str]:
        code, output = await _run(self.command, (f"{word}\t" for word in words), LOOKUP_SECONDS)
        if code:
            raise SourceFailed(output[-200:])
        return frozenset(line.strip() for line in output.splitlines()).intersection(words)


async def _hunspell(language: str) -> Source | None:
    program = _program("hunspell")
    if not program:
        return None
    # It lists its dictionaries among its errors, and even when it ends with an error because the one of the user's locale is missing.
    _, output = await _run([program, "-D"], (), LIST_SECONDS)
    found = {os.path.basename(line.strip()) for line in output.splitlines()}
    chosen = _chosen(language, {name for name in found if re.fullmatch(r"\w+(?:-\w+)*", name)})
    if not chosen:
        return None
    names = ",".join(chosen)
    return _Hunspell(f"hunspell ({', '.join(chosen)})", (program, "-i", "UTF-8", "-d", names, "-1", "-l"))


def _chosen(language: str, found: Collection[str]) -> tuple[str, ...]:
    """The dictionaries for a language: its own, else that of its home country, else any. English at large is British too."""
    if language in found:
        return (language,)
    base = language.partition("_")[0]
    if base == "en" and (both := tuple(name for name in ("en_GB", "en_US") if name in found)):
        return both
    others = sorted(name for name in found if name.startswith(base + "_"))
    return tuple([name for name in (base, f"{base}_{base.upper()}", *others) if name in found][:1])


@dataclass(frozen=True)
class _Aspell:
    """Aspell. It cuts words at signs that the language does not have inside words, and says which piece is wrong."""

    name: str
    command: tuple[str, ...]

    async def missing(self, words: Sequence[str]) -> frozenset[str]:
        probes = {sign: f"{_PROBE}{sign}{_PROBE}" for sign in "'-"}
        code, output = await _run(self.command, (*probes.values(), *words), LOOKUP_SECONDS)
        if code:
            raise SourceFailed(output[-200:])
        wrong = frozenset(line.strip() for line in output.splitlines())
        cuts = "".join(re.escape(sign) for sign, probe in probes.items() if probe not in wrong)
        if not cuts:
            return wrong.intersection(words)
        between = re.compile(f"[{cuts}]")
        return frozenset(word for word in words if word in wrong or not wrong.isdisjoint(between.split(word)))


async def _aspell(language: str) -> Source | None:
    program = _program("aspell")
    if not program:
        return None
    for name in dict.fromkeys((language, language.partition("_")[0])):
        command = (program, f"--lang={name}", "--encoding=utf-8", "list")
        code, _ = await _run(command, (), LIST_SECONDS)
        if not code:
            return _Aspell(f"aspell ({name})", command)
    return None


class _List:
    """A word list in memory."""

    def __init__(self, name: str, knows: Callable[[str], bool]) -> None:
        self.name = name
        self._knows = knows

    async def missing(self, words: Sequence[str]) -> frozenset[str]:
        return await asyncio.to_thread(self._missing, words)

    def _missing(self, words: Sequence[str]) -> frozenset[str]:
        return frozenset(word for word in words if _slipped(word) or not self._knows(word.lower()))


def _slipped(word: str) -> bool:
    """Whether the capitals can't be meant: `THe`, `wHEN`. The lists do not say where theirs are: `McNab` passes."""
    if word.islower() or word.isupper() or word.istitle() or word[1:].islower():
        return False
    return not re.fullmatch(r"[^\W\d_][^\W\d_]*[-'].*|(?:[A-Z][a-z]+)+[A-Z]?|i[A-Z][a-z]+|[A-Z]+s", word)


async def _listed(language: str) -> Source | None:
    base = language.partition("_")[0]
    if base not in LISTED:
        return None
    words = await asyncio.to_thread(_load, base)
    if not words:
        return None
    return _List(f"the built-in word list ({base})", _English(words).knows if base == "en" else words.__contains__)


def _load(language: str) -> frozenset[str]:
    """The words of a language that come with the library, in lower case; none if it is not installed."""
    try:
        from spellchecker import SpellChecker

        return frozenset(SpellChecker(language=language).word_frequency.keys())
    except (ImportError, OSError, ValueError):
        return frozenset()


async def _system_list(language: str) -> Source | None:
    if language.partition("_")[0] != "en":
        return None
    words = await asyncio.to_thread(_read, SYSTEM_WORDS)
    return _List(SYSTEM_WORDS, _English(words).knows) if words else None


def _read(path: str) -> frozenset[str]:
    """The lines of a file in lower case; none if it can't be read."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return frozenset(line.strip().lower() for line in file) - {""}
    except OSError:
        return frozenset()


_EXTRA_TEXT = """
    ain't amn't aren't can't couldn't daren't didn't doesn't don't hadn't hasn't haven't isn't mayn't mightn't mustn't needn't
    oughtn't shan't shouldn't wasn't weren't won't wouldn't y'all o'clock ma'am o'er e'er ne'er e'en g'day c'mon d'you y'know
    let's tis twas twere twill twould em til dunno gonna gotta wanna gimme lemme kinda sorta whatcha innit
    aah ah aha ahem aw aww aye brr eek eh er erm ha hah hm hmm hmmm huh mm mmm mhm nah oh oho oof ooh ow phew psst pfft sh shh
    shhh tch tsk tut uh ugh uhh um umm whoa whoosh wow ya yay yeah yep yikes yo yup
    email emails emailed emailing laptop smartphone smartphones selfie selfies hoodie hoodies voicemail voicemails texted texting
    website websites online wifi podcast hoofbeat hoofbeats treeline dreamt leapt learnt spelt spoilt whilst amongst queueing
    arse arses arsed arsehole arseholes bloke blokes cosily programme programmes programmed vis-à-vis woollen woollens
"""
_EXTRA = frozenset(_EXTRA_TEXT.split())
"""English that the word lists lack: contractions, sounds, words of the last years, words that only British English has."""

_OUR = "arb ard arm behavi cand clam clang col demean dol enam endeav fav ferv flav glam harb hon hum lab neighb od parl ranc rig"
_OUR_TOO = "rum savi sav splend succ tum val vap vig"
_RE = "accout calib cent fib goit lit lust manoeuv meag mit och reconnoit sab scept sepulch somb spect theat"
_STEMS = {
    "aeroplane": "airplane",
    "aluminium": "aluminum",
    "artefact": "artifact",
    "behov": "behoov",
    "carburett": "carburet",
    "cheque": "check",
    "cosi": "cozi",
    "cosy": "cozy",
    "defence": "defense",
    "draught": "draft",
    "furore": "furor",
    "gaol": "jail",
    "grey": "gray",
    "kerb": "curb",
    "licence": "license",
    "liquorice": "licorice",
    "mould": "mold",
    "moult": "molt",
    "moustach": "mustach",
    "offence": "offense",
    "pedlar": "peddler",
    "plough": "plow",
    "practis": "practic",
    "pretence": "pretense",
    "pyjama": "pajama",
    "sceptic": "skeptic",
    "skilful": "skillful",
    "smoulder": "smolder",
    "speciality": "specialty",
    "sulphur": "sulfur",
    "tyre": "tire",
    "wilful": "willful",
}
"""British stems that no rule leads from, with their American ones."""


def _any(stems: str) -> str:
    return "|".join(stems.split())


_BRITISH = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (rf"({_any(_OUR)}|{_any(_OUR_TOO)})our(?!ous|ious|ific|ation|ate|ist|ary)", r"\1or"),
        (rf"({_any(_RE)}|^(?:centi|kilo|milli)?met)re(?=d$)", r"\1ere"),
        (rf"({_any(_RE)}|^(?:centi|kilo|milli)?met)re", r"\1er"),
        (rf"({_any(_RE)})r(?=ing$)", r"\1er"),
        (r"(\w{3})is(?=(?:e|ed|er|ers|es|ing|ingly|edly|able|ation|ations)$)", r"\1iz"),
        (r"((?:anal|paral|catal|electrol|breathal))ys(?=e|ing)", r"\1yz"),
        (r"^(enrol|fulfil|instil|distil)(?=$|s$|ment)", r"\1l"),
        (r"(?<=p)ae(?=d)|(?<=[hkn])ae(?=m)|(?<=yn)ae(?=c)|(?<=n)ae(?=sth)", "e"),
        (r"^oe(?=s)|(?<=man)oe(?=uv)|(?<=rh)oe(?=a)|(?<=\bf)oe(?=t)", "e"),
        (r"^chequ(?=e[rd])", "check"),
    )
)
_STEM = re.compile(rf"(?:^|(?<=^re)|(?<=^un))(?:{'|'.join(_STEMS)})")
_DOUBLED = re.compile(r"(.*[aeiou].*[^aeiou][aeiou]l|dial|trial)l(?:ed|er|ers|ery|ing|ings|ous|ously)")
_DERIVED = re.compile(r"un(\w{4,}(?:ed|ing|wn))|(\w{3,}[^\Wy])ness|(\w{3,})(?:less|like)")


class _English:
    """English over a word list in American spelling, all in lower case. It takes British spelling too.

    The rules go from a word to another that must be listed, and only by ways that slips of the hand rarely take: joining any ending
    to any word would take `occured` and `begining` for right. Only a list without plurals and past tenses gets these by rule.
    """

    def __init__(self, words: frozenset[str]) -> None:
        self._words = words
        self._bare = not {"stones", "walked", "rowing"} <= words

    def knows(self, word: str) -> bool:
        """Whether a word in lower case is English."""
        if self._listed(word):
            return True
        derived = _DERIVED.fullmatch(word)
        return derived is not None and self._listed(derived[derived.lastindex or 1])

    def _listed(self, word: str) -> bool:
        words = self._words
        if word in words or word in _EXTRA:
            return True
        if self._bare and any(stem in words for stem in _stems(word)):
            return True
        doubled = _DOUBLED.fullmatch(word)
        if doubled is not None and doubled[1] in words:
            return True
        american = _american(word)
        return american != word and american in words


def _american(word: str) -> str:
    """The American spelling of a British word; a word that is not British comes back as it is, or as no word at all."""
    for pattern, put in _BRITISH:
        word = pattern.sub(put, word, count=1)
    return _STEM.sub(lambda found: _STEMS[found[0]], word, count=1)


def _stems(word: str) -> Iterator[str]:
    """The words that this one is a plural, a verb's form, a step of comparison or an adverb of, if it is spelt by the rules."""
    if word.endswith("ies"):
        yield word[:-3] + "y"
    elif re.search(r"(?:[sxzo]|[cs]h)es$", word):
        yield word[:-2]
    if word.endswith("s") and not re.search(r"(?:[sxz]|[cs]h|[^aeiou]y)s$", word):
        yield word[:-1]
    if word.endswith("ily"):
        yield word[:-3] + "y"
    elif word.endswith("ly") and not re.search(r"..[^aeiou]yly$", word):
        yield word[:-2]
        yield word[:-1] + "e"
    found = re.fullmatch(r"(\w{2,}?)(ed|er|ers|est|ing|ings)", word)
    if found is None:
        return
    stem, ending = found.groups()
    yield stem + "e"
    if stem.endswith("i"):
        yield stem[:-1] + "y"
    # A short stressed syllable doubles its consonant before these endings, an unstressed one does not.
    if re.search(r"[^aeiou][aeiou]([^aeiouwxyh])\1$", stem) and not re.search(r"[^f]err$", stem):
        yield stem[:-1]
    short = re.search(r"[^aeiou][aeiou][^aeiouwxyh]$", stem)
    unstressed = re.search(r"[aeiouy].*(?:[eo][nr]|[ei][tl]|[io]p)$", stem)
    silent = re.search(r"[^eoy]e$" if ending.startswith("ing") else r"e$", stem)
    if (not short or unstressed) and not silent:
        yield stem
