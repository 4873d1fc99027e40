"""Other formats by pandoc, where it is installed: a text goes in as Markdown and comes out as anything that pandoc writes.

It is called without a shell, in a folder of its own that is gone afterwards, and never with a path of the writer's.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import tempfile
from pathlib import Path

from composer.errors import UnwritableExport
from composer.story.story import Details
from composer.text.clean import clean, one_line

PATIENCE = 120.0
"""Seconds that it may take for a book."""
_NAME = re.compile(r"[a-z0-9_]+(?:[+-][a-z0-9_]+)*")


def pandoc_path() -> str:
    """Where pandoc is; empty where it is not installed."""
    return shutil.which("pandoc") or ""


async def pandoc_formats() -> frozenset[str]:
    """What it writes, by name."""
    code, out, _ = await _run([pandoc_path(), "--list-output-formats"], b"")
    return frozenset(out.decode("utf-8", "replace").split()) | {"pdf"} if code == 0 else frozenset()


async def pandoc(markdown: str, details: Details, format: str) -> bytes:
    """The text in that format. UnwritableExport where pandoc does not write it, or fails."""
    known = await pandoc_formats()
    plain = format.split("+")[0].split("-")[0]
    if not _NAME.fullmatch(format) or not ({format, plain} & known):
        raise UnwritableExport(
            f"There is no format called {one_line(format, 40)}, and pandoc knows none either.",
            "pandoc --list-output-formats names those that it knows.",
        )
    with tempfile.TemporaryDirectory(prefix="story-composer-") as folder:
        out = Path(folder) / "out"
        command = [pandoc_path(), "--from", "commonmark", "--to", format, "--standalone", "--output", str(out)]
        if format == "pdf":
            # It takes the format of a PDF from the file's name alone.
            out = out.with_suffix(".pdf")
            command = [pandoc_path(), "--from", "commonmark", "--standalone", "--output", str(out)]
        for name, value in (("title", details.title), ("author", details.author), ("lang", details.language)):
            if value:
                command += ["--metadata", f"{name}={value}"]
        code, _, errors = await _run(command, markdown.encode())
        if code != 0 or not out.exists():
            why = one_line(" ".join(clean(errors.decode("utf-8", "replace")).split()), 300)
            raise UnwritableExport(
                f"pandoc could not make it: {why or 'it did not say why'}", "Try another format, or ask pandoc itself."
            )
        return out.read_bytes()


async def _run(command: list[str], given: bytes) -> tuple[int, bytes, bytes]:
    """The exit code and what was printed. UnwritableExport where it takes too long."""
    try:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
    except OSError as error:
        raise UnwritableExport(f"pandoc can't be started: {error.strerror}.") from error
    try:
        async with asyncio.timeout(PATIENCE):
            out, errors = await process.communicate(given)
    except TimeoutError as error:
        raise UnwritableExport(
            f"pandoc took more than {PATIENCE:.0f} seconds.", "Try it by hand, on an export as Markdown."
        ) from error
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    return process.returncode or 0, out, errors
