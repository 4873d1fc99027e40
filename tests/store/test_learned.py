"""What was learned of endpoints: kept for the next time, shared by processes, and never a cause of trouble."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from composer.session.ports import Memory
from composer.store import learned
from composer.store.learned import LONGEST, MODELS, SUBJECTS, Learned
from tests.store.making import child, told


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "learned.json"


def test_what_was_learned_is_known_the_next_time(path: Path) -> None:
    memory: Memory = Learned(path)
    assert memory.known("home", "small") == {}
    memory.learn("home", "small", "window", "8192")
    memory.learn("home", "small", "refused", "min_p tfs_z")
    memory.learn("home", "", "kind", "“漢”\n")
    assert memory.known("home", "small") == {"window": "8192", "refused": "min_p tfs_z"}
    again = Learned(path)
    assert again.known("home", "small") == {"window": "8192", "refused": "min_p tfs_z"}
    assert again.known("home", "") == {"kind": "“漢”\n"}
    assert again.known("cloud", "small") == {}


def test_nothing_is_read_or_made_before_it_is_needed(path: Path) -> None:
    memory = Learned(path)
    path.parent.mkdir()
    Learned(path).learn("home", "small", "window", "1")
    assert memory.known("home", "small") == {"window": "1"}
    other = path.with_name("other") / "learned.json"
    assert Learned(other).known("home", "small") == {}
    Learned(other).learn("home", "small", "window", "")
    assert not other.parent.exists()


def test_the_file_is_for_its_owner_alone(path: Path) -> None:
    before = os.umask(0)
    try:
        Learned(path).learn("home", "small", "window", "1")
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_an_empty_value_forgets(path: Path) -> None:
    memory = Learned(path)
    memory.learn("home", "small", "window", "1")
    memory.learn("home", "small", "ratio", "0.9")
    memory.learn("home", "small", "window", "")
    assert memory.known("home", "small") == Learned(path).known("home", "small") == {"ratio": "0.9"}
    memory.learn("home", "small", "ratio", "")
    assert json.loads(path.read_bytes())["models"] == []


def test_what_is_known_is_not_written_again(path: Path) -> None:
    memory = Learned(path)
    memory.learn("home", "small", "window", "1")
    path.unlink()
    memory.learn("home", "small", "window", "1")
    assert not path.exists()


def test_what_is_given_out_is_the_callers_own(path: Path) -> None:
    memory = Learned(path)
    memory.learn("home", "small", "window", "1")
    known = memory.known("home", "small")
    assert isinstance(known, dict)
    known["window"] = "2"
    assert memory.known("home", "small") == {"window": "1"}


def test_what_another_process_learns_stays(path: Path) -> None:
    one, two = Learned(path), Learned(path)
    assert one.known("home", "small") == two.known("home", "small") == {}
    one.learn("home", "small", "window", "1")
    two.learn("home", "small", "ratio", "0.9")
    one.learn("home", "large", "window", "2")
    two.learn("home", "small", "window", "3")
    one.learn("cloud", "huge", "window", "4")
    for memory in (one, Learned(path)):
        assert memory.known("home", "small") == {"window": "3", "ratio": "0.9"}
        assert memory.known("home", "large") == {"window": "2"}
        assert memory.known("cloud", "huge") == {"window": "4"}


def test_processes_that_learn_at_the_same_time_lose_nothing(path: Path) -> None:
    code = """
from pathlib import Path
from composer.store.learned import Learned
memory = Learned(Path(sys.argv[1]))
for number in range(30):
    memory.learn(sys.argv[2], "small", str(number), "x")
"""
    for process in [child(code, path, name) for name in ("a", "b")]:
        assert told(process) == ""
    memory = Learned(path)
    assert {name: len(memory.known(name, "small")) for name in ("a", "b")} == {"a": 30, "b": 30}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b'{"version": 1, "models": [["a", "b", {"c"',
        b"\xff\xfe\x00",
        b'{"version": 1, "models": [["a", "b", {"c": 4}]]}',
        b'{"version": 1, "models": [["\xff", "b", {}]]}',
        b'{"version": "new"}',
        b'[1, 2, "three"]',
        pytest.param(b"[" * 100_000, id="deep"),
        b"SQLite format 3\0",
    ],
)
def test_a_broken_or_foreign_file_counts_as_empty(content: bytes, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    memory = Learned(path)
    assert memory.known("a", "b") == {}
    memory.learn("home", "small", "window", "1")
    assert Learned(path).known("home", "small") == {"window": "1"}


@pytest.mark.parametrize(
    "content", [b'{"version": 2, "models": {"a": 1}}', b'{"version": 2, "models": [["a", "b", {"c": "d"}]]}']
)
def test_a_file_of_a_newer_version_is_left_alone(content: bytes, path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    memory = Learned(path)
    assert memory.known("a", "b") == {}
    memory.learn("home", "small", "window", "1")
    assert memory.known("home", "small") == {"window": "1"}
    assert path.read_bytes() == content


def test_what_can_not_be_written_is_remembered_and_written_later(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    memory = Learned(path)
    memory.learn("home", "small", "window", "1")
    assert memory.known("home", "small") == {"window": "1"}
    path.parent.unlink()
    memory.learn("home", "small", "ratio", "0.9")
    assert Learned(path).known("home", "small") == {"window": "1", "ratio": "0.9"}


def test_a_folder_or_a_pipe_in_its_place_is_no_trouble(path: Path) -> None:
    path.mkdir(parents=True)
    memory = Learned(path)
    memory.learn("home", "small", "window", "1")
    assert memory.known("home", "small") == {"window": "1"}
    pipe = path.with_name("pipe")
    os.mkfifo(pipe)
    assert Learned(pipe).known("home", "small") == {}
    assert sorted(each.name for each in path.parent.iterdir()) == ["learned.json", "pipe"]


def test_a_file_without_measure_is_not_read(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    Learned(path).learn("home", "small", "window", "1")
    monkeypatch.setattr(learned, "MOST_BYTES", 10)
    assert Learned(path).known("home", "small") == {}


def test_another_process_that_does_not_let_go_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    monkeypatch.setattr(learned, "TURNS", 2)
    memory = Learned(path)
    memory.learn("home", "small", "window", "1")
    with learned._turn(path.parent) as ours:
        assert ours
        memory.learn("home", "small", "window", "2")
        assert memory.known("home", "small") == {"window": "2"}
        assert Learned(path).known("home", "small") == {"window": "1"}
    memory.learn("home", "small", "ratio", "0.9")
    assert Learned(path).known("home", "small") == {"window": "2", "ratio": "0.9"}


def test_the_models_that_nothing_new_was_learned_of_are_forgotten(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    assert MODELS == 2_000
    monkeypatch.setattr(learned, "MODELS", 3)
    memory = Learned(path)
    for model in ("a", "b", "c"):
        memory.learn("home", model, "window", "1")
    memory.learn("home", "a", "window", "2")
    memory.learn("home", "d", "window", "1")
    for each in (memory, Learned(path)):
        assert [bool(each.known("home", model)) for model in ("a", "b", "c", "d")] == [True, False, True, True]


def test_a_model_has_so_many_subjects(path: Path) -> None:
    memory = Learned(path)
    for number in range(SUBJECTS + 1):
        memory.learn("home", "small", str(number), "x")
    assert list(memory.known("home", "small")) == [str(number) for number in range(1, SUBJECTS + 1)]


@pytest.mark.parametrize("value", ["x" * (LONGEST + 1), "\ud800"])
def test_what_can_not_be_kept_is_not_remembered(value: str, path: Path) -> None:
    memory = Learned(path)
    memory.learn("home", "small", "window", "1")
    memory.learn("home", "small", "window", value)
    memory.learn(value, "small", "window", "1")
    memory.learn("home", value, "window", "1")
    memory.learn("home", "small", value, "1")
    assert memory.known("home", "small") == Learned(path).known("home", "small") == {"window": "1"}
    assert len(json.loads(path.read_bytes())["models"]) == 1
