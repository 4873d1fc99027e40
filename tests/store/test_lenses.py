"""Lenses: the program's own are fit to be sent, and the writer's are read, kept and dropped without harm to either."""

from __future__ import annotations

import errno
import os
import re
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.context.wording import framing, instructions
from composer.errors import SettingsError
from composer.session.ports import Lens
from composer.store.lenses import LONGEST_NAME, LONGEST_TEXT, MOST_BYTES, LensFolder
from composer.text.clean import clean
from tests.store.making import child, contents, names, plain_user, spill, told

OURS = (
    *("plain draft", "to-do list", "executive summary", "mentor of many years", "unoriginal heroic allegory"),
    *("parables with similar themes", "literary kin", "template for fables", "what is missing", "the opposite order"),
    *("from the antagonist's side", "letters home", "a child's retelling", "the worst that could happen"),
    *("questions a reader will ask", "a stage play's scene list"),
)
PACKAGED = Path(__file__).parents[2] / "composer" / "store" / "lenses"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "settings" / "lenses"


@pytest.fixture
def lenses(folder: Path) -> LensFolder:
    return LensFolder(folder)


def ours() -> list[Lens]:
    return LensFolder(Path(os.devnull, "none")).lenses()


def put(folder: Path, name: str, content: str | bytes) -> Path:
    """A file that the writer made by other means."""
    folder.mkdir(parents=True, exist_ok=True)
    spill(folder / name, content.encode() if isinstance(content, str) else content)
    return folder / name


def own(lenses: LensFolder) -> dict[str, str]:
    """The writer's lenses; all others are the program's, untouched and in their order."""
    found = lenses.lenses()
    assert [lens for lens in found if not lens.own] == [lens for lens in ours() if lens in found]
    return {lens.name: lens.text for lens in found if lens.own}


def shown(lenses: LensFolder) -> list[str]:
    return [lens.name for lens in lenses.lenses()]


def refused(act: Callable[[], None]) -> str:
    with pytest.raises(SettingsError) as caught:
        act()
    assert caught.value.next_step
    assert "\n" not in str(caught.value)
    return str(caught.value)


# The program's own.


def test_these_are_the_programs(folder: Path) -> None:
    lenses = LensFolder(folder)
    assert tuple(shown(lenses)) == OURS
    assert own(lenses) == {}
    assert lenses.problems == []
    assert not folder.parent.exists()


def test_each_has_a_short_name_and_a_few_sentences_for_the_model() -> None:
    for lens in ours():
        assert lens.name == lens.name.lower()
        assert 1 <= len(lens.name.split()) <= 5
        assert len(lens.name) <= LONGEST_NAME
        assert lens.text.isascii()
        assert 2 <= len(re.findall(r"\.(?= |$)", lens.text)) <= 4
        assert len(lens.text) <= 500
        assert "Where an outline is asked for, " in lens.text
    assert len({lens.text for lens in ours()}) == len(OURS)


def test_each_stands_as_it_is_before_whatever_is_asked_for() -> None:
    for lens in ours():
        assert framing(lens.text) == f" {lens.text}"
        for kind in ("continue", "outline"):
            assert f"of your own. {lens.text} Write " in instructions(kind, lens.text)
        # A note for a base model ends with a bracket, and the request box parts lenses by a bar.
        assert not set(lens.text) & set("[]|\n")


def test_their_files_are_of_one_form() -> None:
    files = sorted(PACKAGED.iterdir())
    assert len(files) == len(OURS)
    for number, (path, lens) in enumerate(zip(files, ours(), strict=True), 1):
        stem = re.sub("[^a-z]+", "-", lens.name.replace("'", ""))
        assert path.name == f"{number:02}-{stem}.txt"
        assert path.read_bytes() == f"{lens.name}\n\n{lens.text}\n".encode()


SHAPES = {
    r"to-do list|lists?": {"to-do list"},
    r"numbered|steps?": set(),
    r"executive summary|summary": {"executive summary"},
    r"parables?": {"parables with similar themes"},
    r"allegory": {"unoriginal heroic allegory"},
    r"fables?": {"template for fables"},
    r"opposite order|backwards?|reverse": {"the opposite order"},
    r"missing": {"what is missing"},
    r"questions?": {"questions a reader will ask"},
    r"mentor": {"mentor of many years"},
    r"letters?": {"letters home"},
    r"titles?|kin|books?": {"literary kin"},
}
"""Words that tell a form, and the lenses that mean it: no other says any of them, so that a simple reader is not misled."""


@pytest.mark.parametrize("words", SHAPES)
def test_the_words_that_tell_a_form_are_said_by_the_lens_that_means_it(words: str) -> None:
    assert {lens.name for lens in ours() if re.search(rf"\b(?:{words})\b", lens.text)} == SHAPES[words]


ASKS = (
    *(
        "write an outline",
        "smaller ones that it is made of",
        "in one sentence",
        "its number in brackets",
        "in few words",
    ),
    *("as few changes", "the pieces' words", "joined from pieces", "as the instruction asks", "missing between"),
    "its heading, a colon",
)
"""By such words of the instructions the embedded model tells what it is asked for."""


@pytest.mark.parametrize("words", ASKS)
def test_none_can_be_taken_for_what_is_asked(words: str) -> None:
    assert not [lens.name for lens in ours() if words in lens.text.lower()]


def test_nothing_is_read_at_the_start() -> None:
    code = """
import sys
seen = []
sys.addaudithook(lambda event, args: seen.append(str(args[0])) if event == "open" else None)
import composer.store.lenses as module
assert not [path for path in seen if path.endswith(".txt")], seen
module.LensFolder(module.Path("none"))
assert not [path for path in seen if path.endswith(".txt")], seen
module.LensFolder(module.Path("none")).lenses()
print(len([path for path in seen if path.endswith(".txt")]))
"""
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=PACKAGED.parents[2])
    assert (run.stdout, run.stderr) == (f"{len(OURS)}\n", "")


# The writer's.


def test_hers_follow_ours_by_name(folder: Path) -> None:
    put(folder, "1.txt", "Small\n\nTell it small.\n")
    put(folder, "2.txt", "as weather\n\nTell it as weather.\n")
    put(folder, "3.TXT", "\ufeff\r\n  As  gossip \r\nTell it over\r\na fence,\r\n\r\n\tin whispers.")
    lenses = LensFolder(folder)
    assert lenses.lenses()[len(OURS) :] == [
        Lens("As gossip", "Tell it over a fence, in whispers.", True),
        Lens("as weather", "Tell it as weather.", True),
        Lens("Small", "Tell it small.", True),
    ]
    assert tuple(shown(lenses)[: len(OURS)]) == OURS
    assert lenses.problems == []


def test_hers_takes_the_place_of_ours(folder: Path) -> None:
    put(folder, "whatever.txt", "To-Do LIST\n\nOne chore a line.")
    lenses = LensFolder(folder)
    assert lenses.lenses()[1] == Lens("To-Do LIST", "One chore a line.", True)
    assert [name.lower() for name in shown(lenses)] == list(OURS)


def test_a_name_alone_hides_ours(folder: Path) -> None:
    put(folder, "a.txt", "Literary kin\n\n \n")
    lenses = LensFolder(folder)
    assert shown(lenses) == [name for name in OURS if name != "literary kin"]
    assert lenses.problems == []
    put(folder, "b.txt", "Nothing of ours")
    assert shown(lenses) == [name for name in OURS if name != "literary kin"]
    assert lenses.problems == ["b.txt has a name and no instruction: write one below the name."]


def test_other_files_are_left_alone(folder: Path) -> None:
    for name in (".hidden.txt", "readme.md", "a.txt~", "txt"):
        put(folder, name, "name\n\nText.")
    lenses = LensFolder(folder)
    assert own(lenses) == {}
    assert lenses.problems == []


def test_nothing_but_clean_text_comes_in(folder: Path) -> None:
    put(folder, "a\x1b[2J.txt", "a\x1b[31mred\u202e name\n\nSay\x07 it\x9b\u2028low.\ud7ff\u0301" + "\u0301" * 20)
    put(folder, "b\x1b.txt", b"\xff")
    lenses = LensFolder(folder)
    assert own(lenses) == {"a[31mred name": "Say it low.\ud7ff" + "\u0301" * 8}
    assert lenses.problems == ["b.txt is not UTF-8 text: save it as UTF-8."]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n \r\n\x1b\n", "is empty"),
        (b"name\n\ncaf\xe9", "is not UTF-8 text: save it as UTF-8."),
        ("name\n\ntext".encode("utf-16"), "holds no text"),
        (b"name\n\nte\0xt", "holds no text"),
        (b"x" * (LONGEST_NAME + 1) + b"\n\ntext", "has no name of at most 40 characters"),
        (b"name\n\n" + b"x" * (LONGEST_TEXT + 1), "has an instruction of more than 2,000 characters: shorten it."),
        (b"name\n\ntext" + b" " * MOST_BYTES, "is larger than 20,000 bytes"),
    ],
)
def test_a_file_that_is_no_lens_is_told(content: bytes, told: str, folder: Path) -> None:
    put(folder, "a.txt", "good\n\nTell it well.")
    put(folder, "bad.txt", content)
    put(folder, "c.txt", "better\n\nTell it better.")
    lenses = LensFolder(folder)
    assert own(lenses) == {"good": "Tell it well.", "better": "Tell it better."}
    (problem,) = lenses.problems
    assert problem.startswith(f"bad.txt {told}")
    assert re.fullmatch(r"[^:]+: [^.]+\.", problem.removeprefix("bad.txt"))
    (folder / "bad.txt").unlink()
    lenses.lenses()
    assert lenses.problems == []


def test_the_longest_that_is_taken(folder: Path) -> None:
    name, text = "漢" * LONGEST_NAME, "字" * LONGEST_TEXT
    put(folder, "a.txt", f"{name}\n\n{text}{' ' * (MOST_BYTES - 3 * len(name + text) - 2)}")
    assert (folder / "a.txt").stat().st_size == MOST_BYTES
    assert own(LensFolder(folder)) == {name: text}


def test_what_is_no_file_is_told_and_not_waited_for(folder: Path) -> None:
    put(folder, "good.txt", "good\n\nTell it well.")
    (folder / "dead.txt").symlink_to(folder / "nowhere")
    (folder / "inner.txt").mkdir()
    (folder / "loop.txt").symlink_to(folder / "loop.txt")
    (folder / "endless.txt").symlink_to("/dev/zero")
    (folder / "way.txt").symlink_to(folder / "good.txt")
    os.mkfifo(folder / "pipe.txt")
    lenses = LensFolder(folder)
    assert own(lenses) == {"good": "Tell it well."}
    assert lenses.problems == [
        "dead.txt is a link that leads nowhere: delete it, or bring back what it led to.",
        "endless.txt is no ordinary file: take it out of the lenses.",
        "inner.txt is a folder: take it out of the lenses.",
        f"loop.txt can't be read ({os.strerror(errno.ELOOP)}): look at its permissions.",
        "pipe.txt is no ordinary file: take it out of the lenses.",
        "way.txt has the name of good.txt, good: change one of them.",
    ]


def test_of_two_with_one_name_the_first_that_says_something_is_used(folder: Path) -> None:
    put(folder, "a.txt", "letters home")
    put(folder, "b.txt", "Letters Home\n\nThe second.")
    put(folder, "c.txt", "LETTERS HOME\n\nThe third.")
    put(folder, "d.txt", "letters home")
    lenses = LensFolder(folder)
    assert own(lenses) == {"Letters Home": "The second."}
    assert lenses.problems == ["c.txt has the name of b.txt, LETTERS HOME: change one of them."]
    lenses.drop("letters home")
    assert own(lenses) == {"LETTERS HOME": "The third."}
    assert lenses.problems == []
    lenses.drop("letters home")
    assert "letters home" not in shown(lenses)


def test_a_folder_that_is_none_is_told(folder: Path) -> None:
    folder.parent.mkdir()
    folder.write_text("a file")
    lenses = LensFolder(folder)
    assert tuple(shown(lenses)) == OURS
    assert lenses.problems == ["The lenses in lenses can't be read (Not a directory): look at that folder."]
    assert "can't be written" in refused(lambda: lenses.keep("name", "text"))
    assert folder.read_text() == "a file"


def test_what_a_user_may_not_read_or_write_is_told() -> None:
    code = """
import tempfile
from pathlib import Path
from composer.store.lenses import LensFolder
folder = Path(sys.argv[1])
lenses = LensFolder(folder)
lenses.lenses()
if user := int(sys.argv[2]):
    # Not every user may read the folders that the program lies in: all of it is loaded by now.
    os.setgroups([]); os.setgid(user); os.setuid(user)
lenses.keep("one", "Tell it.")
lenses.keep("two", "Tell it.")
(folder / "two.txt").chmod(0)
say([lens.name for lens in lenses.lenses() if lens.own], lenses.problems)
folder.chmod(0o500)
for act in (
    lambda: lenses.keep("three", "text"),
    lambda: lenses.keep("one", "text", "one"),
    lambda: lenses.drop("one"),
    lambda: lenses.drop("to-do list"),
):
    try:
        act()
    except SettingsError as error:
        say(str(error).replace(str(folder), "."))
folder.chmod(0)
say([lens.name for lens in lenses.lenses() if lens.own], lenses.problems)
folder.chmod(0o700)
say([lens.text for lens in lenses.lenses() if lens.own], sorted(each.name for each in folder.iterdir()))
"""
    with plain_user() as (folder, user):
        said = told(child(code, folder / "lenses", user or 0)).splitlines()
    look = "Look at the folder's permissions."
    assert said == [
        "['one'] [\"two.txt can't be read (Permission denied): look at its permissions.\"]",
        f"./three.txt can't be written: Permission denied. {look}",
        f"./one.txt can't be written: Permission denied. {look}",
        f"./one.txt can't be deleted: Permission denied. {look}",
        f"./to-do-list.txt can't be written: Permission denied. {look}",
        '[] ["The lenses in lenses can\'t be read (Permission denied): look at that folder."]',
        "['Tell it.'] ['one.txt', 'two.txt']",
    ]


# Kept, renamed and dropped.


def test_a_new_one_is_kept(folder: Path, lenses: LensFolder) -> None:
    lenses.keep("  As\tgossip ", " Tell it over a fence,\n\n in whispers.\r\n")
    assert own(lenses) == {"As gossip": "Tell it over a fence, in whispers."}
    assert contents(folder) == {"as-gossip.txt": b"As gossip\n\nTell it over a fence, in whispers.\n"}
    assert own(LensFolder(folder)) == own(lenses)


def test_its_file_is_for_its_owner_alone(folder: Path, lenses: LensFolder) -> None:
    before = os.umask(0)
    try:
        lenses.keep("one", "Tell it.")
        lenses.drop("to-do list")
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}
    (folder / "one.txt").chmod(0o644)
    lenses.keep("one", "Tell it anew.", "one")
    assert stat.S_IMODE((folder / "one.txt").stat().st_mode) == 0o600


def test_one_is_changed_where_it_is(folder: Path, lenses: LensFolder) -> None:
    put(folder, "mine.txt", "gossip\n\nTell it.")
    lenses.keep("Gossip", "Tell it low.", "gossip")
    assert contents(folder) == {"mine.txt": b"Gossip\n\nTell it low.\n"}


def test_one_of_ours_is_changed_brought_back_and_hidden(folder: Path, lenses: LensFolder) -> None:
    lenses.keep("to-do list", "One chore a line.", "to-do list")
    assert own(lenses) == {"to-do list": "One chore a line."}
    assert tuple(shown(lenses)) == OURS
    lenses.drop("To-Do List")
    assert lenses.lenses() == ours()
    assert names(folder) == []
    lenses.drop("To-Do List")
    assert shown(lenses) == [name for name in OURS if name != "to-do list"]
    assert contents(folder) == {"to-do-list.txt": b"to-do list\n"}
    assert lenses.problems == []
    assert "no lens called to-do list" in refused(lambda: lenses.drop("to-do list"))
    lenses.keep("To-do list", "A new one.")
    assert own(lenses) == {"To-do list": "A new one."}
    assert names(folder) == ["to-do-list.txt"]


def test_one_of_hers_is_renamed(folder: Path, lenses: LensFolder) -> None:
    lenses.keep("one", "Tell it.")
    lenses.keep("two", "Tell it anew.", "One")
    assert own(lenses) == {"two": "Tell it anew."}
    assert names(folder) == ["two.txt"]


def test_one_of_ours_is_renamed(folder: Path, lenses: LensFolder) -> None:
    lenses.keep("chores", "One chore a line.", "to-do list")
    assert shown(lenses) == [*(name for name in OURS if name != "to-do list"), "chores"]
    lenses.keep("plain", "Straight.", "plain draft")
    lenses.keep("plain draft", "Straight on.", "plain")
    assert own(lenses) == {"plain draft": "Straight on.", "chores": "One chore a line."}
    lenses.keep("plainest", "Straighter.", "plain draft")
    assert "plain draft" not in shown(lenses)
    assert names(folder) == ["chores.txt", "plain-draft.txt", "plainest.txt", "to-do-list.txt"]
    assert lenses.problems == []


def test_hers_is_dropped_for_good(folder: Path, lenses: LensFolder) -> None:
    lenses.keep("one", "Tell it.")
    lenses.keep("two", "Tell it.")
    lenses.drop("ONE")
    assert own(lenses) == {"two": "Tell it."}
    assert names(folder) == ["two.txt"]
    assert "There is no lens called one" in refused(lambda: lenses.drop("one"))


def test_one_that_is_gone_meanwhile_is_written_anew(folder: Path, lenses: LensFolder) -> None:
    lenses.keep("one", "Tell it.")
    LensFolder(folder).drop("one")
    lenses.keep("one", "Tell it anew.", "one")
    LensFolder(folder).drop("one")
    lenses.keep("two", "Tell it again.", "one")
    assert own(lenses) == {"two": "Tell it again."}


@pytest.mark.parametrize(
    ("name", "text", "old", "said"),
    [
        ("", "text", "", "has to have a name"),
        (" \n\x1b", "text", "", "has to have a name"),
        ("x" * (LONGEST_NAME + 1), "text", "", "may have 40 characters; this one has 41"),
        ("name", "", "", "name says nothing yet"),
        ("to-do list", "\u2028\t", "to-do list", "to-do list says nothing yet"),
        ("name", "x" * (LONGEST_TEXT + 1), "", "may have 2,000 characters; this one has 2,001"),
        ("ONE", "text", "", "a lens called ONE already"),
        ("one", "text", "two", "a lens called one already"),
        ("To-do list", "text", "", "a lens called To-do list already"),
        ("to-do list", "text", "two", "a lens called to-do list already"),
        ("Cafe\u0301", "text", "", "already"),
    ],
)
def test_what_can_not_be_kept_is_told(
    name: str, text: str, old: str, said: str, folder: Path, lenses: LensFolder
) -> None:
    for each in ("one", "two", "café"):
        lenses.keep(each, f"Tell it as {each}.")
    before = contents(folder)
    assert said in refused(lambda: lenses.keep(name, text, old))
    assert contents(folder) == before


def test_a_full_disk_takes_nothing_away(monkeypatch: pytest.MonkeyPatch, folder: Path, lenses: LensFolder) -> None:
    lenses.keep("one", "Tell it.")
    before = contents(folder)
    for code, said in (
        (errno.ENOSPC, "The disk is full"),
        (errno.EDQUOT, "The disk is full"),
        (errno.EIO, "written: "),
    ):

        def fail(*words: object, code: int = code) -> None:
            raise OSError(code, os.strerror(code))

        for call in ("fsync", "replace"):
            with monkeypatch.context() as patch:
                patch.setattr(os, call, fail)
                assert said in refused(lambda: lenses.keep("one", "Tell it anew.", "one"))
                assert said in refused(lambda: lenses.keep("two", "Tell it anew.", "one"))
                assert said in refused(lambda: lenses.drop("to-do list"))
            assert contents(folder) == before
    lenses.keep("one", "Tell it anew.", "one")
    assert own(lenses) == {"one": "Tell it anew."}


def test_a_link_stays_a_link(tmp_path: Path, folder: Path, lenses: LensFolder) -> None:
    far = put(tmp_path / "far", "gossip.txt", "gossip\n\nTell it.")
    folder.mkdir(parents=True)
    (folder / "near.txt").symlink_to(far)
    lenses.keep("gossip", "Tell it low.", "gossip")
    assert (folder / "near.txt").is_symlink()
    assert far.read_text() == "gossip\n\nTell it low.\n"
    assert names(far.parent) == ["gossip.txt"]
    lenses.drop("gossip")
    assert names(folder) == []
    assert far.exists()


def test_files_are_called_as_their_lenses(folder: Path, lenses: LensFolder) -> None:
    put(folder, "a-b.txt", b"\xff of someone else's")
    for name in ("A b", "a/b", "../x", ".dot", "Süden", "長い", "?!", "…"):
        lenses.keep(name, f"Tell it as {name}.")
    digests = [name for name in names(folder) if re.fullmatch(r"[0-9a-f]{16}\.txt", name)]
    assert len(digests) == 2
    assert set(names(folder)) - set(digests) == {
        *("a-b.txt", "a-b-2.txt", "a-b-3.txt", "x.txt", "dot.txt", "süden.txt", "長い.txt")
    }
    assert len(own(lenses)) == 8
    assert (folder / "a-b.txt").read_bytes() == b"\xff of someone else's"
    assert names(folder.parent) == ["lenses"]


@given(st.text(max_size=50), st.text(max_size=80))
def test_whatever_is_kept_is_read_as_it_was_kept(name: str, text: str) -> None:
    with TemporaryDirectory() as place:
        lenses = LensFolder(Path(place))
        name_kept, text_kept = (" ".join(clean(each).split()) for each in (name, text))
        if not (name_kept and text_kept and len(name_kept) <= LONGEST_NAME):
            refused(lambda: lenses.keep(name, text))
            assert names(Path(place)) == []
            return
        for old in ("", name):
            lenses.keep(name, text, old)
            assert own(lenses) == {name_kept: text_kept}
            assert lenses.problems == []
        assert len(names(Path(place))) == 1


@given(st.binary(max_size=60) | st.text(max_size=60).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_a_file_holds_is_a_lens_or_a_problem(content: bytes) -> None:
    with TemporaryDirectory() as place:
        put(Path(place), "a.txt", content)
        lenses = LensFolder(Path(place))
        kept = own(lenses)
        assert len(kept) + len(lenses.problems) == 1
        assert all("\n" not in problem for problem in lenses.problems)


acts = st.lists(
    st.tuples(
        st.sampled_from(["keep", "drop"]),
        st.sampled_from(["a", "A", "b", "plain draft", "Letters Home", "é", "e\u0301"]),
        st.sampled_from(["", "a", "b", "plain draft", "letters home", "é"]),
    ),
    max_size=8,
)


@given(acts)
def test_any_acts_leave_each_name_once_and_lose_no_text(done: list[tuple[str, str, str]]) -> None:
    def key(name: str) -> str:
        return unicodedata.normalize("NFC", name).casefold()

    with TemporaryDirectory() as place:
        lenses = LensFolder(Path(place))
        expected = {lens.name: lens.text for lens in ours()}
        changed: set[str] = set()
        for number, (act, name, old) in enumerate(done):
            taken = key(name) != key(old) and key(name) in expected
            try:
                if act == "keep":
                    lenses.keep(name, f"Text {number}.", old)
                    assert not taken
                    expected.pop(key(old), None)
                    changed.discard(key(old))
                    expected[key(name)] = f"Text {number}."
                    changed.add(key(name))
                else:
                    lenses.drop(name)
                    gone = expected.pop(key(name), None)
                    assert gone is not None
                    if key(name) in changed and key(name) in OURS:
                        expected[key(name)] = next(lens.text for lens in ours() if lens.name == key(name))
                    changed.discard(key(name))
            except SettingsError:
                assert taken if act == "keep" else key(name) not in expected
            assert {key(lens.name): lens.text for lens in lenses.lenses()} == expected
            assert len(lenses.lenses()) == len(expected)
            assert lenses.problems == []
