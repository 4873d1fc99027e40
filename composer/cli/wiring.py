"""What every command needs: clock, ids, settings, endpoints, folders, the example stories. It prints nothing."""

from __future__ import annotations

import asyncio
import datetime
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import platformdirs

from composer.config import Settings, parse_settings
from composer.errors import ComposerError, NotASession, SettingsError
from composer.journal.entry import Entry
from composer.session.ports import Batch, Dictionary, Lens, Search
from composer.store import files
from composer.store.jsonl import read_jsonl
from composer.store.sqlite import open_session
from composer.story.actions.exemplars import FoundExemplars
from composer.story.actions.notes import FoundNotes
from composer.text.clean import one_line

if TYPE_CHECKING:
    from composer.store.lenses import LensFolder

NAME = "story-composer"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
EXAMPLE = "the-ferry-that-waited.jsonl"
LONGEST = 20_000
"""Characters of a line on standard error."""


def midnight() -> int:
    """When today began here, in ms since 1970."""
    today = datetime.datetime.now().astimezone().replace(hour=0, minute=0, second=0, microsecond=0)
    return int(today.timestamp() * 1000)


def new_id() -> str:
    """Ten letters and digits at random: fifty bits."""
    return "".join(secrets.choice(ALPHABET) for _ in range(10))


def settings_path() -> Path:
    return Path(platformdirs.user_config_dir(NAME, appauthor=False)) / "settings.toml"


def themes_folder() -> Path:
    """Where a user's own themes lie."""
    return settings_path().parent / "themes"


def lenses_folder() -> Path:
    """Where a user's own lenses lie."""
    return settings_path().parent / "lenses"


def read_settings(path: Path | None = None) -> Settings:
    """The user's settings; the built-in ones where there is no file. SettingsError names the line."""
    where = path or settings_path()
    try:
        text = where.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        if path is not None:
            raise SettingsError(f"There is no settings file {path}.", "Check the name after --settings.") from error
        return Settings()
    except UnicodeDecodeError as error:
        line = (error.object[: error.start]).count(b"\n") + 1
        raise SettingsError(f"{where}, line {line}: this is not UTF-8 text.", "Save the file as UTF-8.") from error
    except OSError as error:
        raise SettingsError(f"{where} can't be read: {error.strerror}.", "Look at its permissions.") from error
    return parse_settings(text, str(where))


def state_folder() -> Path:
    """Where what was learned of endpoints lies."""
    return Path(platformdirs.user_state_dir(NAME, appauthor=False))


def cache_folder() -> Path:
    """Where what was fetched lies, and can be fetched again."""
    return Path(platformdirs.user_cache_dir(NAME, appauthor=False))


def sessions_folder(settings: Settings) -> Path:
    return Path(settings.sessions_folder).expanduser() if settings.sessions_folder else files.sessions_folder()


def examples_folder() -> Path:
    """Where the example sessions lie: inside an installed package, beside it in a source tree."""
    package = Path(__file__).resolve().parent.parent
    inside = package / "sessions"
    return inside if inside.is_dir() else package.parent / "sessions"


async def import_journal(source: Path, target: Path) -> None:
    """Make a session at `target` of a journal as JSON Lines. Nothing is left at `target` where that fails."""
    try:
        with source.open("rb") as lines:
            entries, pieces = read_jsonl(lines)
    except OSError as error:
        raise NotASession(
            f"{source} can't be read: {error.strerror}.", "Look at the name and its permissions."
        ) from error
    await write_session(target, entries, pieces)


async def write_session(target: Path, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> None:
    """Make a session at `target` of a journal. Nothing is left at `target` where that fails."""
    store = await open_session(target, create=True)
    done = False
    try:
        await store.append(Batch(tuple(entries), pieces))
        done = True
    finally:
        await store.close()
        if not done:
            target.unlink(missing_ok=True)


async def last_session(settings: Settings) -> tuple[Path, bool]:
    """The session that was written last; on the first start a copy of the example story, and True."""
    folder = sessions_folder(settings)
    found = files.sessions(folder)
    if found:
        return found[0].path, False
    target = files.free_path(folder, "The Ferry That Waited")
    await import_journal(examples_folder() / EXAMPLE, target)
    return target, True


class Shelf:
    """The port `Library` over the user's folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.settings_path = str(settings_path())

    def stories(self) -> Sequence[tuple[str, str]]:
        found = []
        for listed in files.sessions(sessions_folder(self._settings)):
            when = datetime.datetime.fromtimestamp(listed.changed / 1000).strftime("%Y-%m-%d %H:%M")
            found.append((str(listed.path), f"{when}  {one_line(listed.path.stem, 60)}  {listed.size // 1024:,} kB"))
        return found

    def fresh(self) -> str:
        return str(files.free_path(sessions_folder(self._settings), "untitled"))

    async def make(self, title: str, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> str:
        target = files.free_path(sessions_folder(self._settings), title)
        await write_session(target, entries, pieces)
        return str(target)

    def search(self) -> Search:
        from composer.store.search import TrigramSearch

        return TrigramSearch()

    def lenses(self) -> Sequence[Lens]:
        return self._lens_folder().lenses()

    def lens_problems(self) -> Sequence[str]:
        folder = self._lens_folder()
        folder.lenses()
        return folder.problems

    def keep_lens(self, name: str, text: str, old: str = "") -> None:
        self._lens_folder().keep(name, text, old)

    def drop_lens(self, name: str) -> None:
        self._lens_folder().drop(name)

    def _lens_folder(self) -> LensFolder:
        from composer.store.lenses import LensFolder

        return LensFolder(lenses_folder())

    async def dictionary(self, language: str) -> Dictionary:
        from composer.store.dictionary import open_dictionary

        return await open_dictionary(language)

    async def read_text(self, path: str) -> str:
        from composer.cli.reading import read_text

        return await asyncio.to_thread(read_text, path)

    def notes_in(self, text: str) -> FoundNotes:
        from composer.exchange.notes import notes_in

        return notes_in(text)

    def exemplars_in(self, text: str, name: str) -> FoundExemplars:
        from composer.exchange.notes import exemplars_in

        return exemplars_in(text, name)


def why(error: ComposerError) -> str:
    """An error as two lines for standard error. A file's name may have line ends."""
    lines = (f"{NAME}: {error.sentence}", error.next_step)
    return "\n".join(one_line(line, LONGEST) for line in lines if line)
