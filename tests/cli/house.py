"""A user's own folders in a temporary place, and the program run there as a user runs it: a command, its output, its exit code.

It holds no test. Nothing that a user of this computer has is read or written.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from composer.cli.wiring import import_journal

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "sessions").glob("*.jsonl"))
FERRY = ROOT / "sessions" / "the-ferry-that-waited.jsonl"
SOON = 20.0
"""Seconds after which what has not come is taken not to come at all."""

BECOME = "import os, sys\n{before}\nos.execv(sys.argv[1], sys.argv[1:])"
"""Does something to its own process, then becomes the program."""
PERMISSIONS = """
import ctypes
for capability in (1, 2):
    if os.geteuid() == 0 and ctypes.CDLL(None).prctl(24, capability, 0, 0, 0):
        sys.exit("the tests run as a superuser who can't be bound by permissions")
"""
"""Permissions count, though the tests run as root: without CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH."""
SMALL_DISK = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (150_000, 150_000))"
"""No file may grow beyond this size."""


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    code: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


class House:
    """Where a user lives: `home` and the folders below it, `environ` as a login gives it, `desk` to work in."""

    def __init__(self, root: Path) -> None:
        self.home = root / "home"
        self.desk = root / "desk"
        for folder in (self.home, self.desk, root / "tmp"):
            folder.mkdir(parents=True)
        self.environ = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home),
            "XDG_DATA_HOME": str(self.home / "data"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CACHE_HOME": str(self.home / "cache"),
            "TMPDIR": str(root / "tmp"),
            "LANG": "C.UTF-8",
            "TERM": "xterm-256color",
            "PYTHONPATH": str(ROOT),
            "PYTHONWARNINGS": "error",
        }

    def command(self, *arguments: object, under: str = "") -> list[str]:
        """The program's command line, with `under` done to the process first."""
        start = [sys.executable, "-I", "-S", "-c", BECOME.format(before=under)] if under else []
        return [*start, sys.executable, "-m", "composer", *map(str, arguments)]

    def run(self, *arguments: object, stdin: bytes = b"", under: str = "", **variables: str) -> Done:
        """The command without a terminal."""
        done = subprocess.run(
            self.command(*arguments, under=under),
            input=stdin,
            capture_output=True,
            cwd=self.desk,
            env={**self.environ, **variables},
            timeout=SOON,
        )
        return Done(done.returncode, done.stdout, done.stderr.decode())

    def refused(self, *arguments: object, code: int = 1, under: str = "", **variables: str) -> str:
        """What is said on standard error by a command that must fail: one or two plain lines, and nothing elsewhere."""
        done = self.run(*arguments, under=under, **variables)
        assert done.code == code, done
        assert done.out == b""
        assert code == 2 or done.err.splitlines()[0].endswith("."), done.err
        return plain(done.err)

    def write_settings(self, text: str) -> Path:
        path = self.home / "config" / "story-composer" / "settings.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    @property
    def stories(self) -> list[Path]:
        """The user's sessions."""
        return sorted((self.home / "data" / "story-composer" / "sessions").glob("*.collage"))

    def text_of(self, path: Path) -> str:
        """The manuscript as it is on disk."""
        done = self.run("replay", path, "--headless")
        assert (done.code, done.err) == (0, ""), done
        return done.text

    def entries(self, path: Path) -> str:
        """The whole journal as JSON Lines."""
        done = self.run("export", path, "--to", "jsonl")
        assert (done.code, done.err) == (0, ""), done
        return done.text

    def session(self, name: str = "novel.collage", source: Path = FERRY) -> Path:
        """A session of one's own, made of an example."""
        path = self.desk / name
        asyncio.run(import_journal(source, path))
        return path


def plain(said: str) -> str:
    """The words of an error: a sentence, and mostly a next step, on a line each and meant for people."""
    lines = said.splitlines()
    assert 1 <= len(lines) <= 2, said
    assert lines[0].startswith("story-composer"), said
    assert all(line.isprintable() and line == line.strip() for line in lines), said
    assert "Traceback" not in said
    assert "should not have" not in said
    return said


def files_below(folder: Path) -> dict[str, bytes]:
    """Every file in a folder and below it, with what is in it."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
