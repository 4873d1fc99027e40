"""An index of texts in memory, which finds them by words that may be mistyped. It is a cache: nothing of it is on disk.

A text is taken as its words, folded: lower-case letters and digits without diacritics, each with its place in the text. So a
sign may fold to none or several (`ß` is `ss`, a combining accent is nothing), and places are still exact. What stands in
the index is the folded words with one space around each; letters of scripts that write no spaces are a word each.

A query goes through sieves, each wider than the one before, until there are candidates enough: its words as a phrase, all of
its words, all of them mistyped, some of their trigrams. The candidates are then ordered by how well the words fit, and how near
to each other and in what order they stand.

Limits:
- Words of up to three letters must be right; up to seven letters one typo is forgiven, in longer words two. The last word of a
  query may go on. A part of a word is not found from its middle: `light` does not find `lamplight`.
- Apostrophes and hyphens part words: who types `dont` for `don't` makes a typo.
- Of a query the first `QUERY_WORDS` words count. Where more than `CANDIDATES` texts hold its words, only the newest are ordered.
- What has about half of a query's letters only is not found: of two words as long as each other both must be there.
- Words of texts that were dropped stay known until the end; they cost memory and never make a hit.
"""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache, partial
from heapq import nlargest
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING, Any, TypeVar

from composer.errors import SessionError
from composer.session.ports import Document, Hit
from composer.store.link import Link, Worker
from composer.store.rows import AT_ONCE, transaction

if TYPE_CHECKING:
    import regex

T = TypeVar("T")

BATCH = 200
"""Documents in one transaction."""
BATCH_CHARACTERS = 100_000
"""Characters in one transaction, unless a single document has more."""
CANDIDATES = 200
"""What one sieve lets through, and how many are enough."""
QUERY_WORDS = 16
"""What counts of a query."""
QUERY_LETTERS = 64
"""What counts of one of its words."""
RAREST = 24
"""Trigrams that are asked for at once: common ones cost the most and tell the least."""
VARIANTS = 24
"""Words that one mistyped word may stand for."""
SLICE = 500
"""Words in one call of rapidfuzz, which lets no other thread run meanwhile."""
CUTOFF = 50.0
"""The least score of a hit: two thirds of the query's letters if the words lie scattered, fewer if they are neighbours."""
CLOSENESS = 0.25
"""The share of the score that is for words which stand as near, and in the order, as in the query."""
REACH = 12
"""Words that lie further apart than this are not near."""
PREFIX = 0.97
"""What a word counts that only begins as the query's last one does: a little less than the word itself."""

TABLES = (
    # Sorting must not go to a file either.
    "PRAGMA temp_store = MEMORY",
    """CREATE TABLE document (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        time INTEGER NOT NULL,
        text BLOB NOT NULL,
        words TEXT NOT NULL
    ) STRICT""",
    """CREATE VIRTUAL TABLE gram USING fts5(
        words, content='document', content_rowid='id', tokenize='trigram case_sensitive 1'
    )""",
    "CREATE VIRTUAL TABLE gram_count USING fts5vocab('gram', 'row')",
)

ALONE = r"\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}"
"""Scripts that write no spaces between words."""
PLAIN = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
"""Letters that Unicode does not take apart."""

MATCHING = "gram JOIN document ON document.id = gram.rowid WHERE gram MATCH ?"
NEWEST = "document.time DESC, document.key"

Sieve = tuple[str, tuple[str, ...], str]
"""Where to look and on what condition, the values for that, and which to take first, in SQL."""
Trail = tuple[int, "Trail"] | None
"""Places of words in a text, counted in words: that of the query's last word, then those before it."""
State = tuple[float, int, Trail]
"""What some words of a query are worth, where the last of them stands (-1: nowhere), and where all of them do."""


class TrigramSearch:
    """Finds documents in memory. Implements the port `Search`; any number of tasks may use one.

    It opens itself when it is first used. After `close` it takes nothing, finds nothing and says nothing about it.
    SessionError where the SQLite of this Python can't search.
    """

    def __init__(self) -> None:
        self._link: Link | None = None
        self._opening = asyncio.Lock()
        self._changing = asyncio.Lock()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._closing: asyncio.Future[None] | None = None
        self._overtaken = threading.Event()
        self._known: set[str] = set()

    async def put(self, documents: Sequence[Document]) -> None:
        """Add these, or exchange those whose key is known; of two with one key the later one stays.

        Not all at once: a search that comes in between finds what is there by then, and so does who cancels.
        """
        async with self._changing:
            for some in _batches(documents):
                await self._run(partial(_put, documents=some, known=self._known))

    async def drop(self, keys: Sequence[str]) -> None:
        """Forget these; unknown keys are no error."""
        async with self._changing:
            for start in range(0, len(keys), AT_ONCE):
                await self._run(partial(_drop, keys=keys[start : start + AT_ONCE]))

    async def find(self, query: str, limit: int = 50) -> list[Hit]:
        """The best hits first; of equals the newer first, then by key. Nothing for a query without letters or digits.

        The query is plain text without operators. A search that a newer one overtakes, also one that waits for its turn,
        stops at its next step and finds nothing; so does one whose caller is cancelled.
        """
        self._overtaken.set()
        overtaken = self._overtaken = threading.Event()
        try:
            found = await self._run(partial(_find, query=query, limit=limit, known=self._known, overtaken=overtaken))
        finally:
            overtaken.set()
        return found or []

    async def close(self) -> None:
        """Forget all and end the thread; a search that still runs finds nothing. Safe to call twice."""
        self._overtaken.set()
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        if self._tasks:
            await asyncio.wait(self._tasks)
        if self._link is not None:
            await self._link.close()
        self._known.clear()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T | None:
        """What `work` returns, done in the thread to its end even if the caller is cancelled; None once closed."""
        if self._closing is not None:
            return None
        task = asyncio.ensure_future(self._do(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _do(self, work: Callable[[sqlite3.Connection], T]) -> T:
        async with self._opening:
            if self._link is None:
                self._link = await Link.open(_connect)
        return await self._link.run(work)


def _connect() -> Worker:
    connection = sqlite3.connect(":memory:", isolation_level=None, factory=Worker)
    try:
        for statement in TABLES:
            connection.execute(statement)
    except sqlite3.Error as error:
        connection.close()
        raise SessionError(
            f"The SQLite {sqlite3.sqlite_version} of this Python can't search: {error}.",
            "Use a Python whose SQLite has FTS5.",
        ) from error
    return connection


# Words


@cache
def _pattern() -> regex.Pattern[str]:
    import regex

    return regex.compile(
        rf"[{ALONE}]\p{{M}}*|[[\p{{L}}\p{{N}}]--[{ALONE}]][[\p{{L}}\p{{N}}\p{{M}}\u00ad\u200c\u200d]--[{ALONE}]]*",
        regex.V1,
    )


def _words(text: str) -> Iterator[tuple[str, int, int]]:
    """The folded words of the text, each with its start and end."""
    for found in _pattern().finditer(text):
        if folded := _fold(found[0]):
            yield folded, found.start(), found.end()


@lru_cache(1 << 15)
def _fold(word: str) -> str:
    """The word in plain small letters and digits; empty if nothing of it is one."""
    if word.isascii():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word).casefold().translate(PLAIN)
    kept = "".join(sign for sign in unicodedata.normalize("NFKD", plain) if _stays(sign))
    return unicodedata.normalize("NFC", kept)


def _stays(sign: str) -> bool:
    """Whether a sign is more than a diacritic: vowel signs and voicing marks make another letter, accents and points do not."""
    if sign.isalnum():
        return True
    combining = unicodedata.combining(sign)
    accent = combining == 1 or 10 <= combining <= 36 or combining >= 200
    selector = "\ufe00" <= sign <= "\ufe0f" or sign >= "\U000e0100"
    return unicodedata.category(sign) in ("Mn", "Mc") and not accent and not selector


# What changes the index


def _batches(documents: Iterable[Document]) -> Iterator[list[Document]]:
    some: list[Document] = []
    characters = 0
    for document in documents:
        if some and (len(some) == BATCH or characters + len(document.text) > BATCH_CHARACTERS):
            yield some
            some, characters = [], 0
        some.append(document)
        characters += len(document.text)
    if some:
        yield some


def _put(connection: sqlite3.Connection, documents: Sequence[Document], known: set[str]) -> None:
    made = [(document, list(filter(None, map(_fold, _pattern().findall(document.text))))) for document in documents]
    with transaction(connection):
        for document, words in made:
            _forget(connection, document.key)
            line = f" {' '.join(words)} "
            text = document.text.encode("utf-8", "surrogatepass")
            row = connection.execute(
                "INSERT INTO document (key, time, text, words) VALUES (?, ?, ?, ?)",
                (document.key, document.time, text, line),
            ).lastrowid
            connection.execute("INSERT INTO gram (rowid, words) VALUES (?, ?)", (row, line))
    for _, words in made:
        known.update(words)


def _drop(connection: sqlite3.Connection, keys: Sequence[str]) -> None:
    with transaction(connection):
        for key in keys:
            _forget(connection, key)


def _forget(connection: sqlite3.Connection, key: str) -> None:
    for row, words in connection.execute("SELECT id, words FROM document WHERE key = ?", (key,)).fetchall():
        # The index takes a text out by its words, which it does not keep itself.
        connection.execute("INSERT INTO gram (gram, rowid, words) VALUES ('delete', ?, ?)", (row, words))
        connection.execute("DELETE FROM document WHERE id = ?", (row,))


# What searches it


class _Overtaken(Exception):
    """Nobody waits for this search any more."""


def _find(
    connection: sqlite3.Connection, query: str, limit: int, known: Collection[str], overtaken: threading.Event
) -> list[Hit]:
    sought = [word[:QUERY_LETTERS] for word, _, _ in islice(_words(query), QUERY_WORDS)]
    if not sought or limit <= 0:
        return []
    try:
        candidates = _candidates(connection, sought, known, overtaken)
        return _hits(connection, candidates, sought, limit, overtaken)
    except _Overtaken:
        return []


def _candidates(
    connection: sqlite3.Connection, sought: Sequence[str], known: Collection[str], overtaken: threading.Event
) -> list[int]:
    """The ids of documents that may be hits: enough of them, or all that any sieve lets through."""
    found: dict[int, None] = {}
    for source, values, order in _sieves(connection, sought, known, overtaken):
        _go_on(overtaken)
        rows = connection.execute(f"SELECT document.id FROM {source} ORDER BY {order} LIMIT {CANDIDATES}", values)
        found.update((row, None) for (row,) in rows.fetchall())
        if len(found) >= CANDIDATES:
            break
    return list(found)


def _sieves(
    connection: sqlite3.Connection, sought: Sequence[str], known: Collection[str], overtaken: threading.Event
) -> Iterator[Sieve]:
    """One sieve after the other, each wider than the one before and made only when it is asked for."""
    *whole, last = sought
    needles = [*(f" {word} " for word in whole), f" {last}"]
    phrase = f" {' '.join(sought)}"
    yield MATCHING, (_quoted(f"{phrase} "),), NEWEST
    if whole:
        yield MATCHING, (_quoted(phrase),), NEWEST
    # What words of one letter begin with is two signs long and has no trigram.
    long = [needle for needle in needles if len(needle) > 2]
    every = " AND ".join(map(_quoted, long))
    if not long:
        yield "document WHERE words LIKE ?", (f"%{phrase}%",), NEWEST
        return
    if len(long) < len(needles):
        yield f"{MATCHING} AND document.words LIKE ?", (every, f"%{needles[-1]}%"), NEWEST
    else:
        yield MATCHING, (every,), NEWEST

    groups = []
    for needle, word in zip(needles, sought, strict=True):
        like = _likeness(word, needle[-1] != " ", known, overtaken)
        if like and needle in long:
            mistyped = sorted(
                (other for other in like if like[other] < PREFIX), key=lambda other: (-like[other], other)
            )
            variants = [needle, *(f" {other} " for other in mistyped[:VARIANTS])]
            groups.append(f"({' OR '.join(map(_quoted, variants))})")
    if groups:
        yield MATCHING, (" AND ".join(groups),), NEWEST

    grams = list(dict.fromkeys(phrase[start : start + 3] for start in range(len(phrase) - 2)))
    marks = ",".join("?" * len(grams))
    counts = connection.execute(f"SELECT doc, term FROM gram_count WHERE term IN ({marks})", grams).fetchall()
    if counts:
        rarest = [gram for _, gram in sorted(counts)[:RAREST]]
        yield MATCHING, (" OR ".join(map(_quoted, rarest)),), "gram.rank"


def _quoted(text: str) -> str:
    """The text as one string of FTS5's query language, in which nothing is an operator."""
    return '"' + text.replace('"', '""') + '"'


def _go_on(overtaken: threading.Event) -> None:
    if overtaken.is_set():
        raise _Overtaken


def _likeness(sought: str, may_go_on: bool, words: Collection[str], overtaken: threading.Event) -> dict[str, float]:
    """Those of the words that a word of a query may mean, from 0 (not at all) to 1 (the word itself)."""
    length, typos = len(sought), _typos(sought)
    found = {}
    if may_go_on:
        found = {word: PREFIX for word in words if word.startswith(sought)}
    if sought in words:
        found[sought] = 1.0
    if not typos:
        return found
    near = [word for word in words if abs(len(word) - length) <= typos]
    for word, distance in _mistyped(sought, near, typos, overtaken):
        found[word] = max(found.get(word, 0.0), 1 - distance / length)
    if may_go_on:
        ends = range(length - typos, length + typos + 1)
        starts = {word[:end] for end in ends for word in words if len(word) > end}
        meant = dict(_mistyped(sought, list(starts), typos, overtaken))
        begun = tuple(meant)
        for word in (word for word in words if word.startswith(begun)):
            distance = min(meant[word[:end]] for end in ends if word[:end] in meant)
            found[word] = max(found.get(word, 0.0), PREFIX * (1 - distance / length))
    return found


def _typos(word: str) -> int:
    """How many letters may be wrong, missing, too many, or have changed places with the next one."""
    return 0 if len(word) < 4 else 1 if len(word) < 8 else 2


def _mistyped(sought: str, words: Sequence[str], typos: int, overtaken: threading.Event) -> Iterator[tuple[str, float]]:
    """The words that are that many typos away at most, each with its typos."""
    from rapidfuzz import distance, process

    for start in range(0, len(words), SLICE):
        _go_on(overtaken)
        some = words[start : start + SLICE]
        scorer = distance.OSA.distance
        for word, away, _ in process.extract(sought, some, scorer=scorer, score_cutoff=typos, limit=None):
            yield word, away


# What orders it


def _hits(
    connection: sqlite3.Connection,
    candidates: Sequence[int],
    sought: Sequence[str],
    limit: int,
    overtaken: threading.Event,
) -> list[Hit]:
    """The hits among the candidates, in order."""
    rows: list[tuple[int, str, int, str]] = []
    for start in range(0, len(candidates), AT_ONCE):
        some = candidates[start : start + AT_ONCE]
        marks = ",".join("?" * len(some))
        rows += connection.execute(f"SELECT id, key, time, words FROM document WHERE id IN ({marks})", some).fetchall()
    texts = [words.split() for _, _, _, words in rows]
    meanings = _meanings(sought, set().union(*texts), overtaken)
    ordered = []
    for (row, key, time, _), words in zip(rows, texts, strict=True):
        _go_on(overtaken)
        score, trail = _fit(words, meanings, len(sought))
        if score >= CUTOFF:
            ordered.append((-score, -time, key, row, trail))
    ordered.sort()
    hits = []
    for score, _, key, row, trail in ordered[:limit]:
        _go_on(overtaken)
        (text,) = connection.execute("SELECT text FROM document WHERE id = ?", (row,)).fetchone()
        first, last = _thickest(trail)
        places = list(islice(_words(text.decode("utf-8", "surrogatepass")), last + 1))
        hits.append(Hit(key, places[first][1], places[last][2], -score))
    return hits


def _meanings(
    sought: Sequence[str], words: Collection[str], overtaken: threading.Event
) -> dict[str, list[tuple[int, float]]]:
    """For each word that may be meant: by which words of the query, and what it adds to the score of a text (to 1) for each."""
    meanings: dict[str, list[tuple[int, float]]] = {}
    letters = sum(map(len, sought))
    for number, word in enumerate(sought):
        share = (1 - CLOSENESS) * len(word) / letters
        for other, like in _likeness(word, number == len(sought) - 1, words, overtaken).items():
            meanings.setdefault(other, []).append((number, share * like))
    return meanings


def _fit(words: Sequence[str], meanings: Mapping[str, Sequence[tuple[int, float]]], count: int) -> tuple[float, Trail]:
    """How well a text fits a query of so many words, from 0 to 100, and the places of those of its words that do."""
    places: list[list[tuple[int, float]]] = [[] for _ in range(count)]
    for place, word in enumerate(words):
        for number, gain in meanings.get(word, ()):
            places[number].append((place, gain))
    most = sum(max((gain for _, gain in each), default=0.0) for each in places)
    if 100 * (most + CLOSENESS) < CUTOFF:
        return 0.0, None
    value, trail = _best(places, CLOSENESS / (count - 1)) if count > 1 else _best(places, 0.0)
    if count == 1 and trail:
        value += CLOSENESS
    return round(100 * value, 2), trail


def _best(places: Sequence[Sequence[tuple[int, float]]], share: float) -> tuple[float, Trail]:
    """Choose a place, or none, for each word of a query, so that the words and how near they stand are worth the most.

    `places` are those where each word could be, in order, with what it is worth there; `share` is what two neighbours of
    the query are worth that are neighbours in the text as well.
    """
    states: list[State] = []
    tops: list[State] = [(0.0, -1, None)]
    for here in places:
        before = [place for _, place, _ in states]
        now: list[State] = []
        for place, gain in here:
            # Two words of a query may mean the same word, and must not both stand in its place: of two best, one is elsewhere.
            value, _, trail = next(state for state in tops if state[1] != place)
            near = slice(bisect_left(before, place - REACH), bisect_right(before, place + REACH))
            for worth, other, others in states[near]:
                if other != place and worth + share * _closeness(place - other) > value:
                    value, trail = worth + share * _closeness(place - other), others
            now.append((value + gain, place, (place, trail)))
        states = now
        nowhere = (tops[0][0], -1, tops[0][2])
        tops = nlargest(2, [nowhere, *now], key=itemgetter(0))
    return tops[0][0], tops[0][2]


def _closeness(distance: int) -> float:
    """What it is worth, to 1, that a word stands so many places behind the one it follows in the query, or before it."""
    return 1 - (distance - 1) / REACH if distance > 0 else (1 - (-distance - 1) / REACH) / 2


def _thickest(trail: Trail) -> tuple[int, int]:
    """The first and last place of the most words that are near each other; the earlier ones if there are several."""
    places = set()
    while trail:
        place, trail = trail
        places.add(place)
    groups: list[list[int]] = []
    for place in sorted(places):
        if groups and place - groups[-1][-1] <= REACH:
            groups[-1].append(place)
        else:
            groups.append([place])
    thickest = max(groups, key=len)
    return thickest[0], thickest[-1]
