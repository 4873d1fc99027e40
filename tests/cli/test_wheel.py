"""What is installed from a wheel: all the files that the program needs, found from wherever it is started."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from composer import __version__
from tests.cli.house import EXAMPLES, ROOT, House
from tests.cli.pty_desk import writing

pytestmark = pytest.mark.slow
"""Real terminals and processes: too heavy for the round that a newcomer runs."""


def pip(*arguments: object) -> None:
    command = [sys.executable, "-m", "pip", *map(str, arguments), "--quiet", "--disable-pip-version-check", "--no-deps"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip("hatchling is not installed, and tests fetch nothing")
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("there is no source tree to build of")
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", ROOT, "--no-build-isolation", "--no-index", "--wheel-dir", folder)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("installed")
    pip("install", wheel, "--no-index", "--no-compile", "--target", target)
    return target


def test_a_wheel_holds_what_the_program_needs_and_nothing_else(wheel: Path) -> None:
    assert wheel.name == f"story_composer-{__version__}-py3-none-any.whl"
    with zipfile.ZipFile(wheel) as files:
        names = set(files.namelist())
        entry_points = files.read(f"story_composer-{__version__}.dist-info/entry_points.txt").decode()
    for folder in ("themes", "sessions"):
        there = {f"composer/{path.relative_to(ROOT)}" for path in (ROOT / folder).iterdir() if path.is_file()}
        assert there
        assert there <= names
    package = ROOT / "composer"
    source = {
        str(path.relative_to(ROOT)) for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    }
    assert source <= names
    for ending in (".tcss", ".bpe", ".txt", "py"):
        assert any(name.endswith(ending) for name in source)
    assert {name.split("/")[0] for name in names} == {"composer", f"story_composer-{__version__}.dist-info"}
    assert not any("__pycache__" in name or name.startswith("tests") for name in names)
    assert "story-composer = composer.__main__:main" in entry_points


def test_it_runs_from_an_empty_folder_where_it_is_installed(house: House, installed: Path) -> None:
    house.environ["PYTHONPATH"] = str(installed)
    found = subprocess.run(
        [sys.executable, "-c", "import composer; print(composer.__file__)"],
        cwd=house.desk,
        env=house.environ,
        capture_output=True,
        text=True,
    )
    assert found.stdout.strip() == str(installed / "composer" / "__init__.py")
    assert house.run("--version").text == f"story-composer {__version__}\n"
    for path in EXAMPLES:
        packaged = installed / "composer" / "sessions" / path.name
        assert packaged.read_bytes() == path.read_bytes()
        assert house.run("replay", packaged, "--headless").out == house.run("replay", path, "--headless").out
    with writing(house, "--theme", "paper") as desk:
        desk.see("The Ferry That Waited")
        # The embedded model, its corpus and the encoding are all there.
        desk.type("ctrl+g")
        desk.wait("five candidates", lambda text: text.count("✓") == 5 and "round 8" in text)
        desk.leave()
    assert len(house.stories) == 1
    assert (installed / "bin" / "story-composer").exists()
