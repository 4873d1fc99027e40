"""What every command needs: clock, ids, settings, endpoints, folders, the example stories. It prints nothing."""

from __future__ import annotations

import datetime
import secrets
from collections.abc import Mapping, Sequence
from pathlib import Path

import platformdirs

from composer.config import Settings, parse_settings
from composer.errors import ComposerError, NotASession, SettingsError
from composer.journal.entry import Entry
from composer.session.ports import Batch
from composer.store import files
from composer.store.jsonl import read_jsonl
from composer.store.sqlite import open_session
from composer.text.clean import one_line

NAME = "story-composer"
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
EXAMPLE = "the-ferry-that-waited.jsonl"
SQLITE = b"SQLite format 3\0"
"""How a session's file begins."""
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


def templates_folder() -> Path:
    """Where a user's own templates lie."""
    return settings_path().parent / "templates"


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
    """Where what was learned of endpoints and stories lies."""
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


def _may_be_session(path: Path) -> bool:
    """Whether a file begins as sessions do. What a new one holds may stand in the log beside it still."""
    try:
        with path.open("rb") as file:
            begins = file.read(len(SQLITE))
    except OSError:
        return False
    return begins == SQLITE or (not begins and Path(f"{path}-wal").exists())


async def last_session(settings: Settings) -> tuple[Path, bool]:
    """The session that was written last; on the first start a copy of the example story, and True.

    A file that is none, whatever its name, keeps nobody out of her stories.
    """
    folder = sessions_folder(settings)
    for found in files.sessions(folder):
        if _may_be_session(found.path):
            return found.path, False
    target = files.free_path(folder, "The Ferry That Waited")
    await import_journal(examples_folder() / EXAMPLE, target)
    return target, True


def why(error: ComposerError) -> str:
    """An error as two lines for standard error. A file's name may have line ends."""
    lines = (f"{NAME}: {error.sentence}", error.next_step)
    return "\n".join(one_line(line, LONGEST) for line in lines if line)
