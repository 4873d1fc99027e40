"""The formats that a story is written out in, and the files: all of a file or nothing of it, and never over another unasked."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import io
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from composer.cli.pandoc import pandoc, pandoc_path
from composer.cli.reading import meant_path
from composer.errors import AlreadyThere, DamagedSession, RefusedError, UnwritableExport
from composer.journal.codec import Unknown
from composer.journal.film import Film
from composer.journal.named import pieces_named
from composer.journal.replay import Reel
from composer.journal.showing.readers import Counts, Readers
from composer.session.ports import ExportFormat, Pieces
from composer.store.files import file_stem
from composer.story.story import Story
from composer.text.clean import one_line

FORMATS = (
    ExportFormat("md", "Markdown", ".md"),
    ExportFormat("txt", "plain text", ".txt"),
    ExportFormat("docx", "Word document, in standard manuscript format", ".docx"),
    ExportFormat("epub", "EPUB 3 book", ".epub"),
    ExportFormat("html", "HTML page", ".html"),
    ExportFormat("fountain", "Fountain", ".fountain"),
    ExportFormat("html-replay", "page with the film of the making", ".html", film=True),
    ExportFormat("cast", "film for terminal players, asciicast v2", ".cast", film=True),
    ExportFormat("report", "report on the process, as Markdown", ".md"),
    ExportFormat("openloom", "tree for OpenLoom and its like", ".json"),
    ExportFormat("json", "the text with the origin of each character", ".json"),
    ExportFormat("jsonl", "the whole journal, to keep or to import again", ".jsonl"),
)
BY_NAME = {each.name: each for each in FORMATS}
"""Those that need nothing beside the program."""
TEXTS = frozenset({"md", "txt", "docx", "epub", "html", "fountain", "json"})
"""Those that hold the text as readers get it: holes in it are worth a word."""
_HASH = re.compile(r'"([0-9a-f]{32})"')


@dataclass(frozen=True)
class Source:
    """A story to write out: its film, the pieces that were asked for, and where the writer is in time."""

    film: Film
    pieces: Mapping[str, bytes]
    readers: Readers
    now: int

    @property
    def story(self) -> Story:
        """As it stood at the last moment that readers see."""
        return self.film.reel.story(self.readers.span(len(self.film))[1])


class Exports:
    """The port `Exporter`. `folder` is where files go unless the writer says otherwise."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder

    def formats(self) -> Sequence[ExportFormat]:
        where = pandoc_path()
        other = ExportFormat("odt", "OpenDocument text, by pandoc", ".odt")
        if not where:
            return (*FORMATS, replace(other, problem="pandoc is not installed"))
        return (*FORMATS, other, *(ExportFormat(name, "by pandoc", f".{name}") for name in ("rtf", "pdf", "typst")))

    def usual_path(self, title: str, format: str) -> str:
        suffix = next((each.suffix for each in self.formats() if each.name == format), f".{format}")
        stem = file_stem(title or "untitled")
        ends = {"html-replay": "-replay", "report": "-report", "openloom": "-tree"}.get(format, "")
        return str((self._folder or Path.cwd()) / f"{stem}{ends}{suffix}")

    async def counts(self, film: Film, readers: Readers, pieces: Pieces) -> tuple[Counts, Counts]:
        from composer.journal.showing.show import names, show

        wanted = await asyncio.to_thread(names, film, readers)
        showing = await asyncio.to_thread(show, film, readers, await pieces(wanted))
        return showing.counts, showing.left_out

    async def write(
        self,
        format: str,
        film: Film,
        pieces: Pieces,
        path: str,
        *,
        readers: Readers,
        force: bool = False,
        source: str = "",
    ) -> str:
        target = meant_path(path)
        if is_there(target):
            may_go(target, Path(source) if source else None, force)
        data = await self.made(format, film, pieces, readers)
        await asyncio.to_thread(write_whole, target, data)
        return str(target)

    async def made(self, format: str, film: Film, pieces: Pieces, readers: Readers) -> bytes:
        """What goes into the file. UnwritableExport where there is no such format, or it can't be made."""
        wanted = await asyncio.to_thread(_wanted, format, film, readers)
        source = Source(film, await pieces(wanted) if wanted else {}, readers, time.time_ns() // 1_000_000)
        if format in BY_NAME:
            return await asyncio.to_thread(_MAKERS[format], source)
        if not pandoc_path():
            raise UnwritableExport(
                f"There is no format called {one_line(format, 40)}, and pandoc, which knows more of them, is not installed.",
                f"There are: {', '.join(BY_NAME)}.",
            )
        return await pandoc(await asyncio.to_thread(_for_pandoc, source), source.story.details, format)


def _wanted(format: str, film: Film, readers: Readers) -> Sequence[str]:
    """The hashes of the pieces that a format needs."""
    if format in ("html-replay", "cast"):
        from composer.journal.showing.show import names

        return names(film, readers)
    if format == "jsonl":
        return [*pieces_named(film.reel.events), *_perhaps(film)]
    if format == "report":
        from composer.journal.account import prompt_pieces

        return [name for each in prompt_pieces(film.reel.story(len(film))) for name in each]
    return ()


def _perhaps(film: Film) -> list[str]:
    """What may be the hash of a piece in entries that only a newer version understands."""
    unknown = (happened.body for happened in film.reel.events if isinstance(happened, Unknown))
    return [found for body in unknown for found in _HASH.findall(body)]


def damaged(entry: int) -> DamagedSession:
    """Nothing but the journal is made of a journal whose checksums don't hold from that entry on."""
    return DamagedSession(
        f"Entry {entry} is missing or was changed from outside: its checksum does not hold.",
        "--to jsonl writes the journal as it is; everything before that entry can be read.",
    )


# the formats


def _markdown(source: Source) -> bytes:
    from composer.exchange.documents.plain import manuscript

    return manuscript(source.story, markdown=True).encode()


def _text(source: Source) -> bytes:
    from composer.exchange.documents.plain import manuscript

    return manuscript(source.story, markdown=False).encode()


def _docx(source: Source) -> bytes:
    from composer.exchange.documents.book import book_of
    from composer.exchange.documents.docx_out import docx

    return docx(book_of(source.story), made=_written(source))


def _epub(source: Source) -> bytes:
    from composer.exchange.documents.book import book_of
    from composer.exchange.documents.epub_out import epub

    return epub(book_of(source.story), identifier=f"urn:story-composer:{_identity(source)}", made=_written(source))


def _html(source: Source) -> bytes:
    from composer.exchange.documents.book import book_of
    from composer.exchange.documents.html_out import html

    return html(book_of(source.story))


def _fountain(source: Source) -> bytes:
    from composer.exchange.documents.book import book_of
    from composer.exchange.documents.fountain import fountain

    return fountain(book_of(source.story))


def _page(source: Source) -> bytes:
    from composer.exchange.film.page import page
    from composer.journal.showing.show import show

    return page(show(source.film, source.readers, source.pieces), made=source.now)


def _cast(source: Source) -> bytes:
    from composer.exchange.film.cast import cast
    from composer.journal.showing.show import show

    return cast(show(source.film, source.readers, source.pieces), made=source.now)


def _report(source: Source) -> bytes:
    from composer.exchange.report import report
    from composer.journal.account import prompts_of
    from composer.journal.process import process_of

    reel, last = source.film.reel, source.readers.span(len(source.film))[1]
    process = process_of(reel if last == len(reel) else Reel(reel.entries[:last]))
    return report(process, when, prompts_of(process.story, source.pieces))


def _openloom(source: Source) -> bytes:
    from composer.exchange.looms.openloom import openloom

    return openloom(source.story, _written(source))


def _json(source: Source) -> bytes:
    from composer.exchange.origins import to_json

    return to_json(source.story)


def _jsonl(source: Source) -> bytes:
    from composer.store.jsonl import write_jsonl

    out = io.BytesIO()
    write_jsonl(out, source.film.reel.entries, source.pieces)
    return out.getvalue()


_MAKERS: dict[str, Callable[[Source], bytes]] = {
    "md": _markdown,
    "txt": _text,
    "docx": _docx,
    "epub": _epub,
    "html": _html,
    "fountain": _fountain,
    "html-replay": _page,
    "cast": _cast,
    "report": _report,
    "openloom": _openloom,
    "json": _json,
    "jsonl": _jsonl,
}


def _for_pandoc(source: Source) -> str:
    """The text as Markdown without title and author, which pandoc is told apart from it."""
    from msgspec.structs import replace as with_fields

    from composer.exchange.documents.plain import manuscript

    story = source.story
    return manuscript(replace(story, details=with_fields(story.details, title="", author="")), markdown=True)


def _written(source: Source) -> int:
    """When the story was changed last: the same story makes the same file."""
    entries = source.film.reel.entries
    return entries[-1].time if entries else source.now


def _identity(source: Source) -> str:
    """What tells this session from others, for good: the checksum of its first entry."""
    entries = source.film.reel.entries
    return entries[0].chain if entries else secrets.token_hex(16)


def when(time: int) -> str:
    """A time in ms since 1970, in the writer's own zone: `2026-11-22 14:05`."""
    try:
        return datetime.datetime.fromtimestamp(time / 1000).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, OSError, ValueError):
        return "at no date"


# files


def may_go(there: Path, source: Path | None, force: bool) -> None:
    """RefusedError unless what is there may be overwritten, AlreadyThere where only the word for it is missing."""
    shown = one_line(str(there), 300)
    if there.is_dir():
        raise RefusedError(f"{shown} is a folder.", "Name a file in it.")
    if there.exists() and not there.is_file():
        # A device or a pipe that was replaced by a file would be gone for everyone.
        raise RefusedError(f"{shown} is no file.", "Name a file.")
    if source is not None and source.exists() and there.exists() and there.samefile(source):
        raise RefusedError(f"{shown} is the session itself, and is never overwritten.", "Name another file.")
    if not force:
        raise AlreadyThere(f"{shown} is there already.", "Name another file, or add --force to overwrite it.")


def is_there(target: Path) -> bool:
    """Whether something stands in a place, if only a link to nothing. UnwritableExport where that can't be a place."""
    try:
        target.lstat()
    except FileNotFoundError:
        return False
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from error
    return True


def write_whole(target: Path, data: bytes) -> None:
    """All of the file or nothing of it: it is written beside its place and moved there. UnwritableExport.

    Where a link is overwritten, what it leads to is; a file that was there keeps its permissions.
    """
    beside = target
    try:
        target = Path(os.path.realpath(target))
        beside = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(data)
            out.flush()
            os.fsync(out.fileno())
            with contextlib.suppress(FileNotFoundError):
                os.fchmod(out.fileno(), stat.S_IMODE(target.stat().st_mode))
        beside.replace(target)
    except (OSError, ValueError) as error:
        raise _unwritable(target, error) from error
    finally:
        if beside != target:
            with contextlib.suppress(OSError, ValueError):
                beside.unlink()


def _unwritable(target: Path, error: OSError | ValueError) -> UnwritableExport:
    why = (error.strerror if isinstance(error, OSError) else None) or "its name is none"
    return UnwritableExport(
        f"{one_line(str(target), 300)} can't be written: {why}. Nothing of it was left there.", "Name another place."
    )
