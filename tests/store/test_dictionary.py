"""Dictionaries from every source: what they know, and who answers when one of them can't."""

import asyncio
import functools
import shutil
import sys
import threading
from pathlib import Path

import pytest

from composer.store import dictionary
from composer.store.dictionary import open_dictionary

HUNSPELL = """
import os, sys, time
if sys.argv[1:] == ["-D"]:
    if {hangs_listing}: time.sleep(60)
    print("AVAILABLE DICTIONARIES", file=sys.stderr)
    for name in {names}: print("/somewhere/" + name, file=sys.stderr)
    sys.exit(1)
if {hangs}: time.sleep(60)
assert sys.argv[1:] == ["-i", "UTF-8", "-d", {chosen!r}, "-1", "-l"], sys.argv
assert os.getcwd() == "/"
sys.stdout.reconfigure(encoding="utf-8")
for line in sys.stdin.buffer.read().decode("utf-8").split("\\n")[:-1]:
    word, tab, rest = line.partition("\\t")
    assert tab and not rest
    if word not in {known!r}.split(): print(word)
sys.exit({code})
"""

ASPELL = """
import re, sys
if sys.argv[1:] != ["--lang={lang}", "--encoding=utf-8", "list"]: sys.exit("no word lists for " + sys.argv[1])
for line in sys.stdin.buffer.read().decode("utf-8").split("\\n")[:-1]:
    for piece in re.split({cuts!r}, line):
        if piece and piece not in {known!r}.split(): print(piece)
"""


_load = dictionary._load
loaded = functools.cache(_load)


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing on it, and no system words. Each word list is loaded once for all tests."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setattr(dictionary, "SYSTEM_WORDS", str(tmp_path / "words"))
    monkeypatch.setattr(dictionary, "_load", loaded)
    return folder


@pytest.fixture
def no_library(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the library of word lists were not installed."""
    monkeypatch.setattr(dictionary, "_load", _load)
    monkeypatch.setitem(sys.modules, "spellchecker", None)


def put(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f"#!{sys.executable}\n{script}")
    path.chmod(0o755)


def put_hunspell(
    folder: Path,
    known: str = "",
    *,
    names: tuple[str, ...] = ("de_DE", "hyph_en_US", "en_US", "en_GB"),
    chosen: str = "en_GB,en_US",
    code: int = 0,
    hangs: bool = False,
    hangs_listing: bool = False,
) -> None:
    put(
        folder,
        "hunspell",
        HUNSPELL.format(known=known, names=names, chosen=chosen, code=code, hangs=hangs, hangs_listing=hangs_listing),
    )


def put_aspell(folder: Path, known: str = "", *, lang: str = "en", cuts: str = "-") -> None:
    put(folder, "aspell", ASPELL.format(known=known, lang=lang, cuts=cuts))


ENGLISH_TEXT = """
lamplight mooring oar gunwale unlatched unmoored rowlock quayside gloaming whispered knelt slunk unblinking wearily
colour color neighbourhood harbour's favourite grey gray plough theatre centre centred kilometres manoeuvred realise realize
recognised analysed travelled traveler jewellery mould smouldering defenceless skilful pyjamas draughty paediatric cheque
don't she'd o'clock they'd've could've that'll shan't y'all ma'am let's daren't Nan's
hmm psst texted hoodie hatless greyness catlike naïve café fiancée Mother MOTHER half-lit vis-à-vis w-what I'm
"""
ENGLISH = ENGLISH_TEXT.split()

SLIPS_TEXT = """
teh recieve adress seperate definately occured begining untill tommorow lanterm whisperred moorng dont couldnt THe wHen
fourty humourous vigourous smilling failling refered stoped greatfull uglyness reguarded saem half-lti Becuase
"""
SLIPS = SLIPS_TEXT.split()


async def test_the_word_list_knows_the_words_of_fiction() -> None:
    words = await open_dictionary("en")
    assert words.name == "the built-in word list (en)"
    assert await words.unknown(ENGLISH) == frozenset()
    await words.close()


async def test_the_word_list_does_not_know_slips() -> None:
    words = await open_dictionary("en-GB")
    assert await words.unknown(SLIPS) == frozenset(SLIPS)


async def test_words_are_given_back_as_written() -> None:
    words = await open_dictionary("en")
    assert await words.unknown(["Lanterm’s", "oar", "Oar’s", "goin’", "xqgoin’"]) == {"Lanterm’s", "xqgoin’"}


@pytest.mark.parametrize(
    ("language", "right", "wrong"),
    [
        ("fr", "l’amarre", "l’amare-t-elel"),
        ("it", "lanterna", "lantrena"),
        pytest.param("de", "Brücke", "Brükce", marks=pytest.mark.slow),
        pytest.param("nl", "fluisterde", "fluistrede", marks=pytest.mark.slow),
        pytest.param("pt_BR", "barqueiro", "barquiero", marks=pytest.mark.slow),
    ],
)
async def test_word_lists_of_other_languages(language: str, right: str, wrong: str) -> None:
    words = await open_dictionary(language)
    assert words.name == f"the built-in word list ({language[:2]})"
    assert await words.unknown([right, wrong]) == {wrong}


@pytest.mark.parametrize("language", ["ru", "es", "xx", "", "English", "-D", "../en", "en;ls", "en_US/../x"])
async def test_a_language_that_nothing_knows_has_no_unknown_words(language: str) -> None:
    words = await open_dictionary(language)
    assert words.name == f"no dictionary for “{language}”"
    assert await words.unknown(["qqqq", "oar"]) == frozenset()
    await words.close()


async def test_what_is_no_word_is_never_asked() -> None:
    words = await open_dictionary("en")
    odd = [
        "",
        " ",
        "qq\nqq",
        "*qqqq",
        "&qqqq",
        "@qqqq",
        "^qqqq",
        "!qqqq",
        "#qqqq",
        "-qqqq",
        "q\ud800q",
        "q\x00q",
        "q" * 99,
    ]
    assert await words.unknown(odd) == frozenset()
    assert await words.unknown([]) == frozenset()


async def test_after_closing_nothing_is_unknown() -> None:
    words = await open_dictionary("en")
    await words.close()
    await words.close()
    assert await words.unknown(["lanterm"]) == frozenset()


async def test_a_list_is_searched_while_the_loop_goes_on() -> None:
    moved = threading.Event()
    words = dictionary._List("slow", lambda word: moved.wait(10))
    asyncio.get_running_loop().call_soon(moved.set)
    assert await words.missing(["oar"]) == frozenset()


async def test_a_list_is_loaded_while_the_loop_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    moved = threading.Event()
    monkeypatch.setattr(dictionary, "_load", lambda language: frozenset({"oar"} if moved.wait(10) else ()))
    asyncio.get_running_loop().call_soon(moved.set)
    words = await open_dictionary("fr")
    assert words.name == "the built-in word list (fr)"


@pytest.mark.usefixtures("no_library")
async def test_the_system_s_words_are_next(tmp_path: Path) -> None:
    (tmp_path / "words").write_text(
        "boat\nLondon\nwhisper\nbegin\nstop\nrow\nlazy\nkiss\nmoor\nhope\nshy\ncry\nbox\n", encoding="utf-8"
    )
    words = await open_dictionary("en")
    assert words.name == str(tmp_path / "words")
    assert await words.unknown(["London", "don't", "oar"]) == {"oar"}
    # The list has no other form of a word than its first.
    right = "shyly boats whispered whispering beginning stopped rower laziest lazily kisses moored unmoored hoping hoped cries boxes"
    assert await words.unknown(right.split()) == frozenset()
    wrong = {"begining", "stoped", "lazyly", "crys", "boxs", "hopeing", "whisperred"}
    assert await words.unknown(sorted(wrong)) == wrong
    other = await open_dictionary("de")
    assert other.name == "no dictionary for “de”"


@pytest.mark.usefixtures("no_library")
async def test_nothing_at_all_is_a_dictionary_too() -> None:
    words = await open_dictionary("en")
    assert words.name == "no dictionary for “en”"
    assert await words.unknown(["lanterm"]) == frozenset()


@pytest.mark.parametrize(
    ("language", "found", "chosen"),
    [
        ("en", {"en_US", "en_GB", "en_AU"}, ("en_GB", "en_US")),
        ("en", {"en_US"}, ("en_US",)),
        ("en", {"en_AU", "en_CA"}, ("en_AU",)),
        ("en_GB", {"en_US", "en_GB"}, ("en_GB",)),
        ("en_NZ", {"en_US", "en_GB"}, ("en_GB", "en_US")),
        ("de", {"de_AT", "de_DE", "de_CH"}, ("de_DE",)),
        ("de_AT", {"de_DE"}, ("de_DE",)),
        ("fr", {"fr", "fr_FR"}, ("fr",)),
        ("sv", {"sv_FI", "sv_SE"}, ("sv_FI",)),
        ("it", {"hyph_it_IT", "en_US"}, ()),
    ],
)
def test_which_of_hunspell_s_dictionaries_is_taken(language: str, found: set[str], chosen: tuple[str, ...]) -> None:
    assert dictionary._chosen(language, found) == chosen


@pytest.mark.slow
async def test_hunspell_comes_first(programs: Path) -> None:
    put_hunspell(programs, "oar don't naive Ysolde hoity-toity lamplight")
    put_aspell(programs)
    words = await open_dictionary("en")
    assert words.name == "hunspell (en_GB, en_US)"
    asked = ["Oar", "don’t", "naïve", "ysolde", "YSOLDE", "hoity-toity", "lamplight-oar", "skif", "Жук", "*oar"]
    assert await words.unknown(asked) == {"ysolde", "skif", "Жук"}
    await words.close()


@pytest.mark.slow
async def test_hunspell_is_asked_for_the_language(programs: Path) -> None:
    put_hunspell(programs, "Kai", chosen="de_DE")
    words = await open_dictionary("de")
    assert words.name == "hunspell (de_DE)"
    assert await words.unknown(["Kai", "kai"]) == {"kai"}


@pytest.mark.slow
async def test_thousands_of_words_go_through_a_child(programs: Path) -> None:
    put_hunspell(programs)
    words = await open_dictionary("en")
    many = [
        f"skif{chr(97 + number % 26)}{'y' * (number // 26 % 30)}{'z' * (number // 780)}" for number in range(20_000)
    ]
    assert await words.unknown(many) == frozenset(many)


@pytest.mark.slow
async def test_hunspell_without_the_language_leaves_it_to_aspell(programs: Path) -> None:
    put_hunspell(programs, names=("de_DE",))
    put_aspell(programs, "oar well fo'c'sle don")
    words = await open_dictionary("en-GB")
    assert words.name == "aspell (en)"
    assert await words.unknown(["Oar", "well-oar", "well-oaar", "fo’c’sle", "dan’t", "oaar"]) == {
        "well-oaar",
        "dan’t",
        "oaar",
    }


@pytest.mark.slow
@pytest.mark.parametrize(("cuts", "expected"), [("[-]", {"don'q", "sk"}), ("[-']", {"don'q", "sk", "oar'sk"})])
async def test_aspell_s_pieces_count_only_where_it_cuts(programs: Path, cuts: str, expected: set[str]) -> None:
    put_aspell(programs, "oar oar'sk don", cuts=cuts)
    words = await open_dictionary("en")
    assert await words.unknown(["don'q", "sk", "oar'sk"]) == expected


@pytest.mark.slow
async def test_a_program_that_fails_gives_way_for_good(programs: Path) -> None:
    put_hunspell(programs, "oar", code=3)
    put_aspell(programs, "skif")
    words = await open_dictionary("en")
    assert words.name == "hunspell (en_GB, en_US)"
    assert await words.unknown(["skif", "oar"]) == {"oar"}
    assert words.name == "aspell (en)"
    put(programs, "aspell", "import sys; sys.exit(1)")
    assert await words.unknown(["skif", "oar"]) == {"skif"}
    assert words.name == "the built-in word list (en)"


@pytest.mark.slow
async def test_a_program_that_hangs_gives_way(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dictionary, "LOOKUP_SECONDS", 1.0)
    put_hunspell(programs, hangs=True)
    words = await open_dictionary("en")
    assert await words.unknown(["skif", "oar"]) == {"skif"}
    assert words.name == "the built-in word list (en)"


@pytest.mark.slow
async def test_a_program_that_hangs_while_listing_is_passed_over(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionary, "LIST_SECONDS", 1.0)
    put_hunspell(programs, hangs_listing=True)
    words = await open_dictionary("en")
    assert words.name == "the built-in word list (en)"


@pytest.mark.slow
async def test_a_program_that_cannot_start_is_passed_over(programs: Path) -> None:
    for name in ("hunspell", "aspell"):
        (programs / name).write_text("#!/nowhere/at/all\n")
        (programs / name).chmod(0o755)
    words = await open_dictionary("en")
    assert words.name == "the built-in word list (en)"


@pytest.mark.slow
async def test_giving_up_a_lookup_ends_the_child(programs: Path, tmp_path: Path) -> None:
    put_hunspell(programs)
    words = await open_dictionary("en")
    started = tmp_path / "started"
    put(programs, "hunspell", f"import os, time; open({str(started)!r}, 'w').write(str(os.getpid())); time.sleep(60)")
    lookup = asyncio.create_task(words.unknown(["skif"]))
    while not (started.exists() and started.read_text()):
        await asyncio.sleep(0.02)
    lookup.cancel()
    with pytest.raises(asyncio.CancelledError):
        await lookup
    assert not Path(f"/proc/{started.read_text()}").exists()


@pytest.mark.slow
@pytest.mark.parametrize("program", ["hunspell", "aspell"])
async def test_the_real_programs(programs: Path, program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.which(program, path="/usr/bin:/usr/local/bin:/opt/homebrew/bin")
    if real is None:
        pytest.skip(f"{program} is not installed")
    (programs / program).symlink_to(real)
    words = await open_dictionary("en")
    if not words.name.startswith(program):
        pytest.skip(f"{program} has no English dictionary")
    asked = ["don’t", "Lamplight", "o'clock", "well-known", "naïve", "Oar’s", "lanterm", "well-knwon", "teh"]
    assert await words.unknown(asked) == {"lanterm", "well-knwon", "teh"}
