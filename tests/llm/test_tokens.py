"""Token counts: exactly what a model's encoding makes of the whole, or rather too many; never too few for prose, never an error."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import pytest
import regex
import tiktoken
from hypothesis import given
from hypothesis import strategies as st

from composer.config import ENCODINGS
from composer.llm.encodings import Encodings, definition
from composer.llm.tokens import ESTIMATE, SLICE, Corrected, Estimate, TokenCounter, encoded, estimated, own_encoding
from tests.llm.train_encoding import TARGET, WORDS, fables, rebuild, train, weigh

PROSE = "The ferryman had waited since dawn, and nobody came.\n\n“Who would?” asked the heron; she did not smile.\n\n"
LANGUAGES = {
    path.stem: [part + "\n\n" for part in path.read_text(encoding="utf-8").strip().split("\n\n")]
    for path in sorted(Path(__file__).parent.glob("prose/*.txt"))
}
TRUE = {
    "chinese": ((48, 64, 10, 42, 131, 49), (67, 92, 13, 71, 198, 65)),
    "english": ((67, 24, 56, 21, 111, 54), (66, 25, 56, 23, 109, 54)),
    "german": ((58, 68, 19, 44, 150), (70, 77, 22, 53, 188)),
    "hindi": ((79, 16, 42, 96, 105), (226, 55, 106, 280, 288)),
    "russian": ((77, 24, 84, 46, 123), (118, 36, 117, 71, 203)),
}
"""What o200k_base and cl100k_base make of each paragraph of the prose."""
VERSE = {
    "chinese": (
        (
            "潮水退去了 / 小船斜靠着 / 没有人呼唤 / 绳上结着盐 / 海鸥叫一声 / 雨慢慢落下 / 后来都静了 / 你在此等候 / 小小的灯笼 / 芦苇低着头 / 渡口的老人 / 壶里水已凉",
            (608, 816),
        ),
        ("石 / 水 / 灯 / 鹭 / 晨 / 雾 / 船 / 家 / 夜 / 我 / 你 / 茶 / 芦苇 / 渡口 / 海鸥", (304, 376)),
    ),
    "english": (
        (
            "Low tide. / The boats / lean over, / one by one. / Nobody / calls. / Salt, rope, / a gull's cry. / Then rain; / then nothing. / Wait here, / little lantern.",
            (304, 312),
        ),
        (
            "stone / water / lantern / heron / morning / whisper / harbour / grey / unfastened / otterlike / dusk / reeds / thistledown / ferryman / kettle",
            (376, 376),
        ),
    ),
    "german": (
        (
            "Ebbe. / Die Boote / lehnen sich, / eins ums andre. / Niemand / ruft. / Salz und Tau, / ein Möwenschrei. / Dann Regen; / dann nichts. / Warte hier, / kleine Laterne.",
            (384, 416),
        ),
        (
            "Stein / Wasser / Laterne / Reiher / Morgen / Flüstern / Hafen / grau / losgebunden / Dämmerung / Schilf / Fährmann / Kessel / müde / Häuser",
            (424, 440),
        ),
    ),
    "hindi": (
        (
            "भाटा है। / नावें झुकीं / एक के बाद एक। / कोई नहीं / पुकारता। / नमक, रस्सी, / पंछी की पुकार। / फिर वर्षा; / फिर कुछ नहीं। / यहीं रुको, / छोटी लालटेन।",
            (504, 1112),
        ),
        ("पत्थर / पानी / लालटेन / बगुला / सुबह / नदी / धुंध / नाव / घर / थका / हुआ / रात / मैं / तू / वह", (392, 640)),
    ),
    "russian": (
        (
            "Отлив. / Лодки / клонятся, / одна за другой. / Никто / не зовёт. / Соль, канат, / крик чайки. / Потом дождь; / потом ничего. / Жди здесь, / маленький фонарь.",
            (432, 616),
        ),
        (
            "камень / вода / фонарь / цапля / утро / шёпот / гавань / серый / отвязанный / сумерки / тростник / паромщик / чайник / усталый / дома / я / он / мы / тут",
            (504, 624),
        ),
    ),
}
"""Short lines and single words, eight times over, with what o200k_base and cl100k_base make of them."""
ODD = (
    "/etc is where it began, she said.",
    "   He had begun with three spaces.",
    "1984 was long ago; 12345 longer.",
    "“Yes—”",
    "– Nein …",
    "***",
    "...and then nothing",
    "She wrote: “//”",
    "/",
    "line one\nline two\n  line three",
    "«Да», — сказал он.",
    "“走吧。”",
    "He wrote <|endoftext|> on the wall, and <|im_start|> below.",
    "It’s o’clock; they'd've gone, the Jones' and ALL THE OTHERS",
    "👩\u200d👧 naïve café",
    "tail with spaces   ",
)


@pytest.fixture(scope="module")
def large() -> TokenCounter:
    """A made encoding that knows far more than our own: also the words of all the prose."""
    weights = weigh([*fables(), *map("".join, LANGUAGES.values())], WORDS.read_text(encoding="utf-8"))
    known = definition("o200k_base")
    assert known is not None
    for paragraphs in LANGUAGES.values():
        weights.update({piece.encode(): 9 for piece in regex.findall(known.pattern, "".join(paragraphs))})
    made = train(Counter(weights), merges=12_000, least=2)
    ranks = {bytes((byte,)): byte for byte in range(256)}
    ranks.update((token, 256 + at) for at, token in enumerate(made))
    return TokenCounter(tiktoken.Encoding("large", pat_str=known.pattern, mergeable_ranks=ranks, special_tokens={}))


@pytest.fixture(scope="module", params=ENCODINGS)
def true(request: pytest.FixtureRequest) -> TokenCounter:
    """A true encoding, where its ranks are on this computer: in the folder that TIKTOKEN_CACHE_DIR names, or where tiktoken has it."""
    folder = os.environ.get("TIKTOKEN_CACHE_DIR") or str(Path(tempfile.gettempdir()) / "data-gym-cache")
    encodings = Encodings({"TIKTOKEN_CACHE_DIR": folder})
    encodings.load(request.param)
    counter = encodings.counter(request.param)
    if counter is None:
        pytest.skip(f"TIKTOKEN_CACHE_DIR names no folder with the ranks of {request.param}")
    return counter


# our own encoding


def test_the_encoding_is_what_its_texts_make() -> None:
    assert rebuild() == TARGET.read_bytes()


def test_the_encoding_brings_every_text_back() -> None:
    encoding = own_encoding()
    assert encoding.n_vocab > 2000
    for text in (
        PROSE,
        "naïve — 雪 👩\u200d👧 \x00\x1b\t",
        "a" * 10_000,
        " \n" * 500,
        "l’été d'hier 1984",
        "".join(fables()),
    ):
        assert encoding.decode(encoding.encode(text, disallowed_special=())) == text


def test_loading_takes_no_time_to_notice() -> None:
    code = (
        "import time, tiktoken\n"
        "from composer.llm.tokens import own_encoding\n"
        "began = time.perf_counter(); own_encoding(); print(time.perf_counter() - began)\n"
    )
    runs = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout)
        for _ in range(3)
    ]
    # Twenty milliseconds on a quiet computer; tests may share theirs.
    assert min(runs) < 0.1


# the estimate


def test_special_tokens_are_mere_text() -> None:
    assert ESTIMATE("<|endoftext|>") > 1


def test_nothing_counts_nothing(large: TokenCounter) -> None:
    assert ESTIMATE("") == large("") == large.whole("") == 0


def test_english_counts_what_our_own_encoding_makes_of_it() -> None:
    whole = "".join(fables()[:10])
    direct = len(own_encoding().encode(whole))
    assert ESTIMATE(whole) == ESTIMATE.whole(whole) == direct
    assert sum(ESTIMATE(part + "\n\n") for part in whole.split("\n\n")[:-1]) == direct


@pytest.mark.parametrize("language", TRUE)
def test_prose_is_never_counted_too_low_nor_much_too_high(language: str) -> None:
    paragraphs, (new, old) = LANGUAGES[language], TRUE[language]
    for paragraph, true in zip(paragraphs, map(max, zip(new, old, strict=True)), strict=True):
        assert ESTIMATE(paragraph) >= true
    assert ESTIMATE("".join(paragraphs)) >= ESTIMATE.whole("".join(paragraphs)) >= max(sum(new), sum(old))
    assert ESTIMATE("".join(paragraphs)) <= 1.7 * sum(old)


@pytest.mark.parametrize("language", TRUE)
def test_prose_is_never_counted_below_an_encoding_that_knows_its_words(language: str, large: TokenCounter) -> None:
    assert large._encoding.n_vocab > own_encoding().n_vocab + 500
    whole = "".join(LANGUAGES[language])
    assert ESTIMATE(whole) > large.whole(whole)
    for paragraph in LANGUAGES[language]:
        assert ESTIMATE(paragraph) >= large(paragraph)


@pytest.mark.parametrize("language", TRUE)
def test_what_is_known_of_true_encodings_is_so(language: str, true: TokenCounter) -> None:
    counts = tuple(true(paragraph) for paragraph in LANGUAGES[language])
    assert counts in TRUE[language]
    assert all(ESTIMATE(paragraph) >= count for paragraph, count in zip(LANGUAGES[language], counts, strict=True))


def lines(verse: str) -> str:
    return "\n".join([*verse.split(" / "), ""]) * 8


@pytest.mark.parametrize("language", VERSE)
def test_short_lines_are_never_counted_too_low_nor_twice_too_high(language: str) -> None:
    for verse, true in VERSE[language]:
        text = lines(verse)
        assert max(true) <= ESTIMATE(text) <= ESTIMATE(text.replace("\n", "\r\n"))
        assert ESTIMATE(text) <= 1.7 * max(true)


def test_each_line_is_paid_for() -> None:
    """Letters alone cost the same on one line as on many."""
    for word in ("берег", "वर्षा", "潮水退去了", "Möwenschrei"):
        for count in (2, 30):
            assert estimated("\n".join([word] * count)) >= estimated(word * count) + 2 * (count - 1)


@pytest.mark.parametrize("language", VERSE)
def test_what_is_known_of_true_encodings_of_verse_is_so(language: str, true: TokenCounter) -> None:
    for verse, counts in VERSE[language]:
        assert true.whole(lines(verse)) in counts


def test_the_own_encoding_makes_more_of_english_than_true_ones(true: TokenCounter) -> None:
    for paragraph in [PROSE, *"".join(fables()).split("\n\n")]:
        if len(paragraph) > 100:
            assert ESTIMATE(paragraph) >= true.whole(paragraph)


def test_capitals_and_scripts_without_a_rate_are_counted_by_the_byte() -> None:
    for text in ("ЖЩЫЭ", "ႠႡႢ", "ᚠᚢᚦ"):
        assert estimated(text) == len(text.encode())
    assert estimated("берег") < len("берег".encode()) / 2


@given(st.lists(st.text(max_size=60), max_size=6))
def test_estimates_are_no_more_than_bytes_and_add_up(parts: list[str]) -> None:
    text = "\n\n".join(parts)
    counted = ESTIMATE(text)
    assert counted <= len(text.encode("utf-8", "surrogatepass"))
    assert counted == sum(ESTIMATE(part + "\n\n") for part in parts[:-1]) + sum(map(ESTIMATE, parts[-1:]))
    assert (counted > 0) is bool(text)


@pytest.mark.slow
def test_half_a_million_words_are_counted_again_in_no_time() -> None:
    count = Estimate()
    paragraphs = [f"{number} {text}" for number in range(30) for text in "".join(fables()).split("\n\n")]
    story = "\n\n".join(paragraphs)
    began = time.process_time()
    count(story)
    first = time.process_time() - began
    began = time.process_time()
    count(story + " The end.")
    again = time.process_time() - began
    assert again < first / 5


def test_it_can_be_called_from_many_threads_at_once(large: TokenCounter) -> None:
    for counter in (Estimate(), large):
        expected = counter(PROSE)

        async def all_at_once(count: Estimate | TokenCounter = counter) -> list[int]:
            return await asyncio.gather(*(asyncio.to_thread(count, PROSE) for _ in range(16)))

        assert asyncio.run(all_at_once()) == [expected] * 16


def test_a_correction_is_never_rounded_down() -> None:
    corrected = Corrected(ESTIMATE, 1.25)
    whole = "".join(LANGUAGES["german"])
    assert corrected(PROSE) >= 1.25 * ESTIMATE(PROSE)
    assert (
        sum(map(corrected, LANGUAGES["german"])) >= corrected(whole) >= corrected.whole(whole) >= 1.25 * ESTIMATE(whole)
    )
    assert corrected("") == 0


# an encoding of a model


def in_pieces(counter: TokenCounter, paragraphs: list[str]) -> int:
    """The sum over paragraphs, each with the blank line behind it, as a request is packed."""
    return sum(counter(paragraph + "\n\n") for paragraph in paragraphs[:-1]) + counter(paragraphs[-1])


def check_prompt(counter: TokenCounter) -> None:
    """The sum over a long prompt's paragraphs is what the whole is encoded as, but for slashes, which are never counted too low."""
    prose = [part.strip("\n") for paragraphs in LANGUAGES.values() for part in paragraphs]
    paragraphs = [part for at in range(8) for part in (*prose[at:], *ODD[at:])]
    whole = "\n\n".join(paragraphs)
    encoding = counter._encoding
    assert counter.whole(whole) == len(encoding.encode(whole, disallowed_special=()))
    slashes = sum(part.startswith("/") for part in paragraphs)
    assert 0 <= in_pieces(counter, paragraphs) - counter.whole(whole) <= slashes
    assert counter(whole) == in_pieces(counter, paragraphs)
    plain = [part for part in paragraphs if not part.startswith("/")]
    whole = "\n\n".join(plain)
    assert in_pieces(counter, plain) == counter.whole(whole) == len(encoding.encode(whole, disallowed_special=()))


def test_the_sum_over_paragraphs_is_the_count_of_the_whole(large: TokenCounter) -> None:
    check_prompt(large)


def test_the_sum_over_paragraphs_is_what_tiktoken_counts_of_the_whole(true: TokenCounter) -> None:
    check_prompt(true)


_SIGNS = st.text(alphabet="/ab 1.,“”—…*\n\r", max_size=8)


@given(st.lists(_SIGNS, min_size=1, max_size=6))
def test_the_sum_over_paragraphs_is_never_less_than_the_whole(parts: list[str]) -> None:
    counter = _slashes()
    assert in_pieces(counter, parts) >= counter.whole("\n\n".join(parts))


def _slashes() -> TokenCounter:
    """An encoding that has slashes with letters, and none with line breaks, so that what joins them costs."""
    known = definition("o200k_base")
    assert known is not None
    ranks = {bytes((byte,)): byte for byte in range(256)}
    ranks.update((token, 256 + at) for at, token in enumerate((b"\n\n", b".\n\n", b"/a", b"/b", "”".encode(), b"//")))
    return TokenCounter(tiktoken.Encoding("s", pat_str=known.pattern, mergeable_ranks=ranks, special_tokens={}))


def test_a_slash_that_joins_the_line_before_it_is_paid_for() -> None:
    counter = _slashes()
    assert counter.whole(".\n\n/a") == 3
    assert counter(".\n\n") + counter.whole("/a") == 2
    assert counter(".\n\n") + counter("/a") == 3


@pytest.mark.parametrize(
    "unit",
    [" ", "a", "\n", "!", "é", " \n", "'", "a'", "🎉", "\ud800", "e\u0301", "1", "\t", "\u3000", "\r\n", "а", "雪"],
)
def test_endless_runs_are_counted(unit: str, large: TokenCounter) -> None:
    text = unit * (120_000 // len(unit))
    size = len(text.encode("utf-8", "surrogatepass"))
    assert 0 < estimated(text) <= size
    assert 0 < large.whole(text) <= size
    assert large.whole(text) <= large(text) <= size + 1


def test_where_the_encoder_fails_each_cut_is_paid_for() -> None:
    prose = " ".join(fables()).replace("\n\n", " ")
    text = prose + " " * 1_000_000
    with pytest.raises(ValueError, match="tokenizing"):
        own_encoding().encode(text)
    direct = len(own_encoding().encode(prose)) + 1_000_000
    cuts = len(text) // SLICE
    assert direct + 2 * (cuts - 1) <= encoded(own_encoding(), text) <= direct + 4 * cuts
