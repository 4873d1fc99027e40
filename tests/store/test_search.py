"""Search: what is typed finds the texts that are meant, the places are exact, and no query or moment does harm."""

from __future__ import annotations

import asyncio
import random
import sqlite3
import threading
import unicodedata
from collections.abc import AsyncIterator, Callable, Sequence
from itertools import accumulate
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from composer.errors import SessionError
from composer.session.ports import Document, Hit, Search
from composer.store import link, search
from composer.store.search import TrigramSearch

FERRY = "The ferryman lit his lantern before the river could ask him for it."
BAKER = "Across the river a baker swept flour from his doorstep and hummed."
ORCHARD = "Nobody had pruned the orchard since the winter of the long argument."
LETTER = "She folded the letter twice, and the second fold hid his name."

STRANGE = [
    *[
        "AND",
        "OR",
        "NOT",
        "NEAR",
        "NEAR(lantern river)",
        "lantern AND",
        "AND lantern",
        '"',
        '""',
        '"lantern',
        "lantern*",
    ],
    *[
        "*",
        "^lantern",
        "words:lantern",
        "-lantern",
        "lantern + river",
        "{words}: lantern",
        "(",
        "a OR (b",
        "%",
        "_",
        "l%n",
    ],
    *[
        "'; DROP TABLE document; --",
        "\\",
        "\0lantern\0",
        "\ud800lantern",
        "?",
        "1e9",
        "\U0001f989" * 500,
        "lantern " * 900,
    ],
    *["l" * 100_000, "ab" * 50 + " lantern", "\u0301" * 50, "\ufdfa", "½ ① ㎏", "\ufe70", "1\ufe0f\u20e3"],
]


@pytest.fixture
async def index() -> AsyncIterator[TrigramSearch]:
    made = TrigramSearch()
    yield made
    await made.close()


async def filled(index: Search, *texts: str) -> None:
    """The texts as documents `0`, `1`, … of which each is newer than the one before."""
    await index.put([Document(str(number), text, 1000 + number) for number, text in enumerate(texts)])


async def keys(index: Search, query: str) -> list[str]:
    return [hit.key for hit in await index.find(query)]


async def marked(index: Search, query: str, *texts: str) -> list[str]:
    """What the hits bound, as it stands in the texts of `filled`."""
    return [texts[int(hit.key)][hit.start : hit.end] for hit in await index.find(query)]


async def whole(index: TrigramSearch) -> tuple[int, int]:
    """How many documents there are and how many are indexed; an error if the two do not agree in all."""

    def look(connection: sqlite3.Connection) -> tuple[int, int]:
        connection.execute("INSERT INTO gram (gram, rank) VALUES ('integrity-check', 1)")
        (documents,) = connection.execute("SELECT count(*) FROM document").fetchone()
        (indexed,) = connection.execute("SELECT count(*) FROM gram_docsize").fetchone()
        return documents, indexed

    found = await index._run(look)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("lantern", "lantern"),
        ("LANTERN", "lantern"),
        ("lan", "lantern"),
        ("lit his lan", "lit his lantern"),
        ("lit his lantern", "lit his lantern"),
        ("lantren", "lantern"),  # two letters have changed places
        ("lanern", "lantern"),  # one is missing
        ("lanntern", "lantern"),  # one is too many
        ("kantern", "lantern"),  # one is wrong, the first
        ("ferrymna", "ferryman"),
        ("feryrmna", "ferryman"),  # two typos in eight letters
        ("lnat", "lantern"),  # mistyped, and not yet at its end
        ("ferrma", "ferryman"),
        ("ferrrym", "ferryman"),
        ("litt his lantrn", "lit his lantern"),
        ("lantern his", "his lantern"),
        ("  lantern?! ", "lantern"),
        ("ferryman lantern", "ferryman lit his lantern"),
        ("rivr could aks him", "river could ask him"),
    ],
)
async def test_what_is_typed_finds_what_is_meant(index: TrigramSearch, query: str, found: str) -> None:
    await filled(index, ORCHARD, LETTER, FERRY)
    assert (await marked(index, query, ORCHARD, LETTER, FERRY))[:1] == [found]


@pytest.mark.parametrize(
    "query",
    ["", " ", "…—?!", "\U0001f43f", "\0", "xqzv", "brtl qqxz", "lxntxrn", "hsi", "rman", "wibble lantern zigzagging"],
)
async def test_nonsense_finds_nothing(index: TrigramSearch, query: str) -> None:
    await filled(index, ORCHARD, FERRY, LETTER)
    assert await index.find(query) == []


async def test_a_typo_that_leaves_no_trigram_is_forgiven(index: TrigramSearch) -> None:
    await filled(index, "He wore the moth-eaten coat.", "Rain on the roof.")
    assert await marked(index, "caot", "He wore the moth-eaten coat.") == ["coat"]
    assert await marked(index, "raon", "", "Rain on the roof.") == ["Rain"]


async def test_a_typo_in_the_text_is_forgiven(index: TrigramSearch) -> None:
    await filled(index, "The lantrens went out.", FERRY)
    assert await keys(index, "lanterns went") == ["0"]


async def test_a_word_counts_more_than_one_that_goes_on_and_more_than_a_typo(index: TrigramSearch) -> None:
    await filled(index, "a lamp", "a lamplighter", "the lamps", "a limp", "a ramp of stone", "a lump")
    hits = await index.find("lamp")
    assert [hit.key for hit in hits] == ["0", "2", "1", "5", "4", "3"]
    assert hits[0].score == 100 > hits[1].score == hits[2].score > hits[3].score == hits[5].score
    scores = [(await index.find(query))[0].score for query in ("lamplight", "lampligth", "lmapligth")]
    assert scores[0] == hits[1].score > scores[1] > scores[2]


async def test_the_word_itself_is_found_among_many_newer_that_go_on(index: TrigramSearch) -> None:
    newer = [f"lamplight number {number}" for number in range(search.CANDIDATES + 50)]
    await filled(index, "one lamp", *newer)
    assert (await keys(index, "lamp"))[0] == "0"


async def test_right_words_are_found_among_many_newer_that_are_nearly_so(index: TrigramSearch) -> None:
    newer = [f"the bell rang for a sliver of ham {number}" for number in range(search.CANDIDATES + 50)]
    await filled(index, "the bell, they said, was of silver", *newer)
    assert (await keys(index, "silver bell"))[0] == "0"


async def test_the_start_of_a_last_word_is_found_among_many_newer_without(index: TrigramSearch) -> None:
    newer = [f"a tall ship {number}" for number in range(search.CANDIDATES + 50)]
    await filled(index, "tall and white", *newer)
    assert (await keys(index, "tall w"))[0] == "0"


async def test_only_the_last_word_may_go_on(index: TrigramSearch) -> None:
    await filled(index, "the doorkeeper slept", "the door creaked")
    assert await keys(index, "door") == ["1", "0"]
    assert await keys(index, "the door") == ["1", "0"]
    assert await keys(index, "door slept") == []
    assert await keys(index, "door cre") == ["1"]


async def test_words_in_order_and_near_come_first(index: TrigramSearch) -> None:
    far = " and then nothing happened for a good while" * 4
    texts = [
        "a silver bell rang over the harbour",
        f"the bell hung there,{far} until silver rain fell on the harbour{far} and it rang",
        "the bell silver rang",
        "a silver and rather old bell once rang",
        "a silver bell rang",
    ]
    await filled(index, *texts)
    hits = await index.find("silver bell rang")
    assert [hit.key for hit in hits] == ["4", "0", "3", "2", "1"]
    assert hits[0].score == hits[1].score == 100
    assert [texts[int(hit.key)][hit.start : hit.end] for hit in hits][:4] == [
        "silver bell rang",
        "silver bell rang",
        "silver and rather old bell once rang",
        "bell silver rang",
    ]


async def test_a_phrase_is_found_among_many_newer_with_the_same_words(index: TrigramSearch) -> None:
    newer = [f"home he went by road {number}" for number in range(search.CANDIDATES + 50)]
    await filled(index, "by night he went home", *newer)
    assert (await keys(index, "he went home"))[0] == "0"
    assert (await keys(index, "he went h"))[0] == "0"


async def test_a_word_that_is_not_there_does_not_hide_the_others(index: TrigramSearch) -> None:
    await filled(index, FERRY, BAKER, ORCHARD, "An aardvark dug.")
    assert await marked(index, "baker swept xylophone flour", FERRY, BAKER) == ["baker swept flour"]
    assert await marked(index, "baker swept aardvark flour", FERRY, BAKER) == ["baker swept flour"]
    assert await keys(index, "tin lantern") == ["0"]
    assert await keys(index, "tinkering lantern") == []


async def test_the_best_of_several_places_is_bounded(index: TrigramSearch) -> None:
    text = "The river rose. " + "Nothing moved in the reeds. " * 9 + "The grey river slept. The river woke."
    await filled(index, text)
    (hit,) = await index.find("grey river slept")
    assert text[hit.start : hit.end] == "grey river slept"
    (hit,) = await index.find("river")
    assert (hit.start, hit.end) == (4, 9)


async def test_a_word_far_from_the_rest_is_left_out_of_what_is_bounded(index: TrigramSearch) -> None:
    text = "Once a heron stood here. " + "Nothing moved in the reeds. " * 9 + "Then the grey river slept."
    await filled(index, text)
    (hit,) = await index.find("heron grey river")
    assert text[hit.start : hit.end] == "grey river"


async def test_two_words_alike_want_two_words(index: TrigramSearch) -> None:
    await filled(index, "never, he said", "never, never, he said")
    hits = await index.find("never never")
    assert [hit.key for hit in hits] == ["1"]
    assert hits[0].score == 100


async def test_equals_are_ordered_by_time_and_then_by_key(index: TrigramSearch) -> None:
    await index.put([Document(key, FERRY, time) for key, time in [("b", 5), ("a", 5), ("c", 7), ("d", 1)]])
    assert await keys(index, "lantern") == ["c", "a", "b", "d"]
    assert [hit.key for hit in await index.find("lantern", 2)] == ["c", "a"]
    assert await index.find("lantern", 0) == []
    assert await index.find("lantern", -1) == []


async def test_one_and_two_letters_find_the_newest(index: TrigramSearch) -> None:
    many = [f"note {number} on wool" for number in range(search.CANDIDATES + 20)]
    await filled(index, *many)
    newest = [str(number) for number in reversed(range(len(many)))]
    assert await keys(index, "w") == newest[:50]
    assert await keys(index, "wo") == newest[:50]
    assert len(await index.find("w", 1000)) == search.CANDIDATES
    assert await marked(index, "wo", *many) == ["wool"] * 50
    assert await keys(index, "x") == await keys(index, "oo") == []
    assert (await keys(index, "7 o"))[0] == "7"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't STOP_here", ["don", "t", "stop", "here"]),
        ("Łódź ΣΟΦΟΣ σοφος Þing Đ æ Œ ı İ", ["lodz", "σοφοσ", "σοφοσ", "thing", "d", "ae", "oe", "i", "i"]),
        ("s\u0335o\u0338 葛\U000e0100飾 1\ufe0f\u20e3 ½ ① ﷺ", ["so", "葛", "飾", "1", "12", "1", "صلىاللهعليهوسلم"]),
        ("مُحَمَّد می\u200cخواهم", ["محمد", "میخواهم"]),
        ("क्या हिन्दी", ["क्या", "हिन्दी"]),
        ("が か\u3099 ラー 1\u0301", ["が", "が", "ラ", "ー", "1"]),
        ("\u0301 \ufe70 \ud800 \0 \U0001f989", []),
    ],
)
def test_words_are_folded(text: str, words: list[str]) -> None:
    assert [word for word, _, _ in search._words(text)] == words


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("ubermut", "Aus Übermut lief er.", "Übermut"),
        ("ÜBERMUT", "Aus U\u0308bermut lief er.", "U\u0308bermut"),
        ("u\u0308bermut", "Aus Übermut lief er.", "Übermut"),
        ("tres decu", "il était très\u00a0déçu\u0301, vraiment", "très\u00a0déçu\u0301"),
        ("strasse", "die lange Straße hinab", "Straße"),
        ("straße", "DIE LANGE STRASSE", "STRASSE"),
        ("lodz", "nach Łódź", "Łódź"),
        ("smorrebrod", "kaldt Smørrebrød", "Smørrebrød"),
        ("encyclopaedia", "an encyclopædia", "encyclopædia"),
        ("finch", "the ﬁnch sang", "ﬁnch"),
        ("wide", "so ｗｉｄｅ", "ｗｉｄｅ"),
        ("istanbul", "İstanbul'da", "İstanbul"),
        ("елка", "зелёная ёлка", "ёлка"),
        ("νυχτα", "μια νύχτα", "νύχτα"),
        ("שלום", "שָׁלוֹם", "שָׁלוֹם"),
        ("사람", unicodedata.normalize("NFD", "그 사람은 갔다"), unicodedata.normalize("NFD", "사람은")),
        ("hyphen", "a hy\u00adphen", "hy\u00adphen"),
        (
            "zalgo",
            "z\u0335\u0321a\u0300\u0301l\u0302g\u0303o\u0304 waits",
            "z\u0335\u0321a\u0300\u0301l\u0302g\u0303o\u0304",
        ),
        ("captain", "the captain’s table", "captain"),
        ("dont go", "“Don’t go,” he said.", "Don’t go"),
        (
            "owl hoots",
            "an owl\U0001f989 \U0001f468\u200d\U0001f469\u200d\U0001f467 hoots",
            "owl\U0001f989 \U0001f468\u200d\U0001f469\u200d\U0001f467 hoots",
        ),
    ],
)
async def test_places_are_exact_whatever_letters_fold_to(
    index: TrigramSearch, query: str, text: str, found: str
) -> None:
    await filled(index, f"\U0001f989é e\u0301 “{text}” — e\u0301")
    assert await marked(index, query, f"\U0001f989é e\u0301 “{text}” — e\u0301") == [found]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("雨", "雨"),
        ("夜里", "夜里"),
        ("雨夜里", "雨，夜里"),
        ("夜里的灯", "夜里的灯"),
        ("夜裡的灯笼", "夜里的灯笼"),  # one of them written otherwise
        ("灯笼亮了 lan", "灯笼亮了。Lantern"),
        ("がある", "がある"),
    ],
)
async def test_scripts_without_spaces(index: TrigramSearch, query: str, found: str) -> None:
    text = "下着雨，夜里的灯笼亮了。Lantern がある"
    await filled(index, text, "山上没有人", "か")
    assert await marked(index, query, text) == [found]


async def test_signs_that_make_another_letter_are_kept(index: TrigramSearch) -> None:
    await filled(index, "か", "が", "か\u3099", "कि", "का")
    assert await keys(index, "が") == await keys(index, "か\u3099") == ["2", "1"]
    assert await keys(index, "का") == ["4"]


@pytest.mark.parametrize("query", STRANGE)
async def test_every_query_is_plain_text(index: TrigramSearch, query: str) -> None:
    await filled(index, FERRY, 'He said "AND" near 100% of_all (words): NOT a lantern* or river.')
    for hit in await index.find(query):
        assert hit.key in ("0", "1")
    assert set(await keys(index, "lantern")) == {"0", "1"}


async def test_of_a_long_query_the_first_words_count(index: TrigramSearch) -> None:
    text = " ".join(f"word{number}" for number in range(search.QUERY_WORDS))
    await filled(index, text, "x" * search.QUERY_LETTERS)
    (hit,) = await index.find(f"{text} and a lot that stands nowhere else")
    assert (hit.start, hit.end, hit.score) == (0, len(text), 100)
    assert await keys(index, "x" * 1000) == ["1"]


async def test_operators_are_words_to_be_found(index: TrigramSearch) -> None:
    text = 'He said "AND NEAR" to 100% of them; the_rest laughed.'
    await filled(index, text, FERRY)
    assert await marked(index, '"near" AND said', text) == ['said "AND NEAR']
    assert await marked(index, '"and near"', text) == ["AND NEAR"]
    assert await marked(index, "NEAR(to, 100)", text) == ['NEAR" to 100']
    assert await marked(index, "the_rest", text) == ["the_rest"]


@given(st.text(st.characters(), max_size=60), st.text(st.characters(), max_size=30))
@example("\ufdfa x", "\ufe70")
@example("a\ud800b \0", "\ud800")
@example("İ ŉ ß", "i")
def test_any_text_finds_itself_and_no_query_fails(text: str, query: str) -> None:
    async def look() -> tuple[Sequence[Hit], Sequence[Hit]]:
        index = TrigramSearch()
        try:
            await filled(index, text, FERRY)
            return await index.find(text), await index.find(query)
        finally:
            await index.close()

    itself, others = asyncio.run(look())
    words = list(search._words(text))[: search.QUERY_WORDS]
    if words:
        (hit,) = [hit for hit in itself if hit.key == "0"]
        assert hit.score == 100
        assert any((start, hit.end) == (hit.start, end) or start == hit.start for _, start, end in words)
    else:
        assert itself == []
    for hit in [*itself, *others]:
        length = len((text, FERRY)[int(hit.key)])
        assert 0 <= hit.start < hit.end <= length
        assert search.CUTOFF <= hit.score <= 100
    assert sorted(others, key=lambda hit: (-hit.score, -int(hit.key))) == others


@given(st.text(st.characters(), max_size=20))
def test_words_fold_alike_however_they_are_composed(text: str) -> None:
    composed = [word for word, _, _ in search._words(unicodedata.normalize("NFC", text))]
    apart = [word for word, _, _ in search._words(unicodedata.normalize("NFD", text))]
    assert composed == apart
    assert all(word and " " not in word and '"' not in word for word in composed)


async def test_what_is_put_again_is_exchanged(index: TrigramSearch) -> None:
    await index.put([Document("a", FERRY, 1), Document("b", BAKER, 2)])
    await index.put([Document("a", ORCHARD, 3), Document("c", LETTER, 1), Document("c", BAKER, 4)])
    assert await keys(index, "lantern") == []
    assert await keys(index, "orchard") == ["a"]
    assert await keys(index, "letter twice") == []
    assert await keys(index, "baker") == ["c", "b"]
    assert await whole(index) == (3, 3)


async def test_what_is_dropped_is_gone(index: TrigramSearch) -> None:
    await filled(index, FERRY, BAKER, "")
    await index.drop(["0", "0", "no such key", "2"])
    await index.drop([])
    assert await keys(index, "lantern") == await keys(index, "lantren") == []
    assert await keys(index, "river") == ["1"]
    assert await whole(index) == (1, 1)
    await index.drop(["1"])
    assert await keys(index, "river") == await keys(index, "r") == []
    await filled(index, FERRY)
    assert await keys(index, "river") == ["0"]
    assert await whole(index) == (1, 1)


class Held:
    """Holds the index's thread in the middle of its first search, until it is let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.there, self.go = threading.Event(), threading.Event()
        self.thread = self.calls = 0
        inner: Callable[..., dict[str, float]] = search._likeness

        def held(*args: object) -> dict[str, float]:
            self.calls += 1
            if not self.there.is_set():
                self.thread = threading.get_ident()
                self.there.set()
                assert self.go.wait(60)
            return inner(*args)

        monkeypatch.setattr(search, "_likeness", held)


async def test_a_search_that_is_overtaken_finds_nothing(index: TrigramSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(index, FERRY, BAKER)
    held = Held(monkeypatch)
    older = asyncio.ensure_future(index.find("lantren"))
    await asyncio.to_thread(held.there.wait)
    assert held.thread != threading.get_ident()
    waiting = asyncio.ensure_future(index.find("lantern"))
    newer = asyncio.ensure_future(index.find("river"))
    await asyncio.sleep(0)
    held.go.set()
    assert [len(found) for found in await asyncio.gather(older, waiting, newer)] == [0, 0, 2]
    assert await keys(index, "lantren") == ["0"]


async def test_of_many_searches_the_last_one_is_answered(index: TrigramSearch) -> None:
    await filled(index, FERRY, BAKER)
    word = "lantern"
    found = await asyncio.gather(*(index.find(word[:end]) for end in range(1, len(word) + 1)))
    assert [len(each) for each in found] == [0] * (len(word) - 1) + [1]


async def test_a_search_that_is_cancelled_leaves_the_index_usable(
    index: TrigramSearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    await filled(index, FERRY)
    held = Held(monkeypatch)
    asked = asyncio.ensure_future(index.find("lantren"))
    await asyncio.to_thread(held.there.wait)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    held.go.set()
    await filled(index, BAKER)
    assert held.calls == 1
    assert await keys(index, "river") == ["0"]


async def test_a_first_use_that_is_cancelled_leaves_the_index_usable(index: TrigramSearch) -> None:
    for ticks in range(12):
        asked = asyncio.ensure_future(filled(index, FERRY))
        for _ in range(ticks):
            await asyncio.sleep(0)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    await filled(index, BAKER)
    assert await keys(index, "baker") == ["0"]
    assert await whole(index) == (1, 1)


async def test_what_was_begun_is_done_though_cancelled(index: TrigramSearch) -> None:
    asked = asyncio.ensure_future(filled(index, FERRY))
    for _ in range(3):
        await asyncio.sleep(0)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert await keys(index, "lantern") == ["0"]


async def test_a_search_comes_in_between_what_is_put(index: TrigramSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BATCH", 2)
    putting = asyncio.ensure_future(filled(index, *[FERRY] * 80))
    found: list[Hit] = []
    while not found:
        found = await index.find("lantern")
    assert len(found) < 50
    assert not putting.done()
    await putting
    assert await whole(index) == (80, 80)


async def test_changes_follow_one_another(index: TrigramSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "BATCH_CHARACTERS", 100)
    await asyncio.gather(
        index.put([Document(str(number), FERRY, 1) for number in range(9)]),
        index.put([Document("8", BAKER, 2)]),
        index.drop(["7"]),
    )
    assert await keys(index, "baker") == ["8"]
    assert await whole(index) == (8, 8)


async def test_after_closing_there_is_nothing(index: TrigramSearch, monkeypatch: pytest.MonkeyPatch) -> None:
    await filled(index, FERRY)
    monkeypatch.setattr(search, "BATCH", 1)
    putting = asyncio.ensure_future(filled(index, *[BAKER] * 30))
    asking = asyncio.ensure_future(index.find("river"))
    await asyncio.sleep(0)
    await asyncio.gather(index.close(), index.close())
    assert await asking == []
    await putting
    await index.close()
    await filled(index, FERRY)
    await index.drop(["0"])
    assert await index.find("lantern") == []


async def test_an_index_that_was_never_used_closes() -> None:
    index = TrigramSearch()
    await index.close()
    await index.close()
    assert await index.find("lantern") == []
    assert index._link is None


async def test_closing_waits_until_it_is_open() -> None:
    for ticks in range(6):
        index = TrigramSearch()
        open_before = set(link._open)
        asked = asyncio.ensure_future(index.find("lantern"))
        for _ in range(ticks):
            await asyncio.sleep(0)
        await index.close()
        assert await asked == []
        assert link._open == open_before


async def test_closing_ends_the_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    index = TrigramSearch()
    await filled(index, FERRY)
    held = Held(monkeypatch)
    asked = asyncio.ensure_future(index.find("lantren"))
    await asyncio.to_thread(held.there.wait)
    (thread,) = [each for each in threading.enumerate() if each.ident == held.thread]
    closing = asyncio.ensure_future(index.close())
    await asyncio.sleep(0)
    held.go.set()
    await closing
    assert await asked == []
    await asyncio.to_thread(thread.join, 60)
    assert not thread.is_alive()


async def test_a_sqlite_that_can_not_search_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(search, "TABLES", ("CREATE VIRTUAL TABLE gram USING fts99(words)",))
    index = TrigramSearch()
    with pytest.raises(SessionError, match="fts99"):
        await index.find("lantern")
    monkeypatch.undo()
    await filled(index, FERRY)
    assert await keys(index, "lantern") == ["0"]
    await index.close()


async def test_nothing_is_on_disk(index: TrigramSearch, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    await filled(index, *[FERRY] * 300)
    assert await keys(index, "lantern")
    assert await index._run(lambda connection: connection.execute("PRAGMA database_list").fetchall()) == [
        (0, "main", "")
    ]
    assert await index._run(lambda connection: connection.execute("PRAGMA temp_store").fetchone()) == (2,)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
async def test_ten_thousand_documents(index: TrigramSearch) -> None:
    chance = random.Random(7)
    begin = ["b", "br", "d", "f", "g", "gl", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w"]
    middle = ["a", "e", "i", "o", "u", "ea", "ai"]
    common = ["the", "and", "of", "a", "to", "in", "he", "she", "it", "was", "that", "on", "with", "had", "his", "her"]
    rare = [
        "".join(chance.choice(begin) + chance.choice(middle) for _ in range(chance.choice((2, 3, 3))))
        for _ in range(9000)
    ]
    vocabulary = common + rare
    weights = list(accumulate(1 / (rank + 3) for rank in range(len(vocabulary))))
    texts = [" ".join(chance.choices(vocabulary, cum_weights=weights, k=90)).capitalize() + "." for _ in range(10_000)]
    texts[1234] += " The heron forgot its umbrella beneath the stairs."
    await filled(index, *texts)
    for query in (
        "heron",
        "umbrella",
        "umbrlela",
        "her umbrella stairs",
        "its umbrella ben",
        "heorn forgot",
        "the heron f",
    ):
        assert (await keys(index, query))[:1] == ["1234"], query
    assert await marked(index, "umbrella beneth the", *texts) == ["umbrella beneath the"]
    assert (await keys(index, " ".join(texts[77].split()[40:60])))[0] == "77"
    assert len(await index.find("the", 1000)) == search.CANDIDATES
    assert await index.find("xyzzyx qqfrtz") == []
