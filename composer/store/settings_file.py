"""The settings file, written back: a profile or a value changed in place, with the comments and the order of all else kept.

It is the only place that writes settings. What it would write is read back as settings first, and has to be what was wanted; the
file is replaced whole or not at all. All functions block: callers with a screen run them in a thread. They know no key.

A file is taken as parts, one a heading, so that a comment stays above the heading that it stands above, whatever is added or taken
out between. New tables get headings of their own; only where an endpoint is written on one line already, it stays there.

Limits: comments within a list of several lines are lost when the list is changed. Between the last look at the file and its
replacement another program has some microseconds to write unseen.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import tempfile
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import msgspec
from msgspec.structs import replace

from composer.config import EndpointProfile, Price, Settings, parse_settings
from composer.errors import SettingsError

TRIES = 5
"""How often a file is read again that another program changes at the same time."""
Value = Literal["endpoint", "ladder", "theme"]
Where = tuple[str, ...]
"""The names that lead to a table or a value, from the outermost on."""

_LINE = re.compile(r"[^\n]*\n")
_HEADING = re.compile(r"\s*\[(?:[^\]\"'#]|\"[^\"]*\"|'[^']*')*\]")
_BARE = re.compile(r"[A-Za-z0-9_-]+")


def write_profile(path: Path, name: str, profile: EndpointProfile, old: str = "") -> None:
    """Write an endpoint's profile, new or in place of the one of that name, or of the one called `old`, which is renamed.

    SettingsError if the file or the profile can't be used, or another endpoint has the new name.
    """

    def change(sheet: _Sheet, before: Settings) -> Settings:
        endpoints = dict(before.endpoints)
        chosen = before.endpoint
        if old and old != name:
            _known(before, old, path)
            if name in endpoints:
                raise SettingsError(f"There is an endpoint called {name} already.", "Choose another name.")
            sheet.rename(("endpoints", old), name)
            endpoints = {name if each == old else each: endpoints[each] for each in endpoints}
            if chosen == old:
                chosen = name
                sheet.put(("endpoint",), name)
        sheet.change(("endpoints", name), _told(profile), _usual(profile))
        return replace(before, endpoint=chosen, endpoints={**endpoints, name: profile})

    _rewrite(path, change)


def drop_profile(path: Path, name: str) -> None:
    """Take an endpoint out of the settings; if it was the chosen one, none is. SettingsError if it is not in there."""

    def change(sheet: _Sheet, before: Settings) -> Settings:
        _known(before, name, path)
        sheet.remove(("endpoints", name))
        chosen = before.endpoint
        if chosen == name:
            chosen = ""
            sheet.remove(("endpoint",))
        endpoints = {each: before.endpoints[each] for each in before.endpoints if each != name}
        return replace(before, endpoint=chosen, endpoints=endpoints)

    _rewrite(path, change)


def write_value(path: Path, key: Value, value: str | Sequence[float]) -> None:
    """Write one of the values that stand outside of all tables; one that is as it would be anyway is taken out."""
    wanted = value if isinstance(value, str) else tuple(value)

    def change(sheet: _Sheet, before: Settings) -> Settings:
        default = getattr(Settings(), key)
        if wanted == default and getattr(before, key) != default:
            sheet.remove((key,))
        elif wanted != getattr(before, key):
            sheet.put((key,), msgspec.to_builtins(wanted))
        return replace(before, **{key: wanted})

    _rewrite(path, change)


def _known(settings: Settings, name: str, path: Path) -> None:
    if name not in settings.endpoints:
        there = ", ".join(settings.endpoints) or "none yet"
        raise SettingsError(f"There is no endpoint called {name} in {path}.", f"Those in there: {there}.")


def _told(profile: EndpointProfile) -> dict[str, Any]:
    """The fields of a profile that are not as they would be anyway."""
    usual = msgspec.to_builtins(EndpointProfile(profile.base_url))
    fields = msgspec.to_builtins(profile)
    free = msgspec.to_builtins(Price())
    for price in fields["prices"].values():
        for each in [each for each in price if _same(price[each], free[each])]:
            del price[each]
    return {each: value for each, value in fields.items() if each == "base_url" or not _same(value, usual[each])}


def _usual(profile: EndpointProfile) -> dict[str, Any]:
    """All fields of a profile as they would be anyway, and those of the prices that it has."""
    usual: dict[str, Any] = msgspec.to_builtins(EndpointProfile(profile.base_url))
    return {**usual, "prices": {model: msgspec.to_builtins(Price()) for model in profile.prices}}


def _same(one: Any, other: Any) -> bool:
    """Whether two values are written alike, but for a number's being whole or not: to TOML true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _rewrite(path: Path, change: Callable[[_Sheet, Settings], Settings]) -> None:
    """Change the file: `change` does so on a sheet, and gives the settings that are to be the outcome."""
    from tomlkit import exceptions

    for _ in range(TRIES):
        content = _read(path)
        text = _text(content or b"", path)
        before = parse_settings(text, str(path))
        sheet = _Sheet(text.replace("\r\n", "\n"))
        unchanged = sheet.text()
        try:
            wanted = change(sheet, before)
        except (exceptions.TOMLKitError, KeyError, ValueError):
            raise _too_odd(path) from None
        written = sheet.text()
        _check(written, wanted, path)
        if "\r\n" in text and text.count("\r\n") == text.count("\n"):
            written = written.replace("\n", "\r\n")
        if sheet.text() == unchanged or _replace(path, content, written):
            return
    raise SettingsError(f"{path} is being changed by another program all the time.", "Close it there, then try again.")


def _check(written: str, wanted: Settings, path: Path) -> None:
    """SettingsError unless the text would be read as the settings that are wanted."""
    try:
        tomllib.loads(written)
        written.encode()
    except tomllib.TOMLDecodeError:
        raise _too_odd(path) from None
    except UnicodeEncodeError:
        raise SettingsError(f"{path} can't take that: it holds half a character.", "Write it anew.") from None
    try:
        found = parse_settings(written, "")
    except SettingsError as error:
        what = error.sentence.partition(": ")[2] or error.sentence
        raise SettingsError(f"{path} can't take that: {what}", "Correct it; nothing was changed.") from None
    first = [settings.endpoint or next(iter(settings.endpoints), "") for settings in (found, wanted)]
    if not _same(msgspec.to_builtins(found), msgspec.to_builtins(wanted)) or first[0] != first[1]:
        raise _too_odd(path)


def _too_odd(path: Path) -> SettingsError:
    return SettingsError(
        f"{path} is laid out so that it can't be changed from here without harm.",
        "Give each endpoint a heading of its own, like [endpoints.local], or change the file by hand.",
    )


def _read(path: Path) -> bytes | None:
    """What the file holds; None if there is none."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SettingsError(f"{path} can't be read: {error.strerror}.", "Look at its permissions.") from None


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}, line {line}: this is not UTF-8 text.", "Save the file as UTF-8.") from None


def _replace(path: Path, content: bytes | None, written: str) -> bool:
    """Put the new text in place of `content`; False if that is no longer what the file holds. A link stays a link."""
    target = os.path.realpath(path)
    folder = os.path.dirname(target)
    try:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        if content is not None and not os.access(target, os.W_OK):
            raise SettingsError(f"{path} may not be written.", "Look at its permissions.")
        handle, beside = tempfile.mkstemp(prefix=f".{os.path.basename(target)}.", dir=folder)
        try:
            with open(handle, "wb") as out:
                _like(handle, target)
                out.write(written.encode())
                out.flush()
                os.fsync(handle)
            if _read(path) != content:
                return False
            os.replace(beside, target)
        finally:
            with contextlib.suppress(OSError):
                os.unlink(beside)
        _settle(folder)
    except OSError as error:
        raise SettingsError(
            f"{path} can't be written: {error.strerror}.", "Look at the folder's permissions and the space on the disk."
        ) from None
    return True


def _like(handle: int, target: str) -> None:
    """Give a new file the mode and the owner of the one that it is to replace, if there is one."""
    try:
        status = os.stat(target)
    except FileNotFoundError:
        return
    with contextlib.suppress(OSError):
        os.fchown(handle, status.st_uid, status.st_gid)
    os.fchmod(handle, stat.S_IMODE(status.st_mode))


def _settle(folder: str) -> None:
    """See the new name to the disk."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@dataclass
class _Part:
    """A heading with its lines, or the lines before the first. `gap` are blank lines and comments that lead to the next heading."""

    where: Where
    body: str
    gap: str = ""
    _tree: dict[str, Any] | None = field(default=None, repr=False)

    def held(self, where: Where) -> Any:
        """What these lines hold under that name; None if nothing."""
        if self._tree is None:
            self._tree = tomllib.loads(self.body)
        tree: Any = self._tree
        for name in where:
            tree = tree.get(name) if isinstance(tree, dict) else None
        return tree

    def head(self, where: Where) -> None:
        """Give it another heading; a comment behind that stays."""
        rest = self.body[match.end() :] if (match := _HEADING.match(self.body)) else ""
        self.where, self.body, self._tree = where, _heading(where) + rest, None

    def edit(self, where: Where, change: Callable[[Any, str], None]) -> None:
        """Have `change` work on the table that the last name stands in."""
        import tomlkit

        document = tomlkit.parse(self.body)
        table: Any = document
        for name in where[:-1]:
            table = table[name]
        change(table, where[-1])
        self.body = tomlkit.dumps(document)
        self._tree = None


class _Sheet:
    """The text of a settings file as parts, to be changed."""

    def __init__(self, text: str) -> None:
        self._parts = [_Part((), "")]
        gap = ""
        text = text if text.endswith("\n") or not text else text + "\n"
        for statement in _statements(text):
            bare = statement.strip()
            if not bare or bare.startswith("#"):
                gap += statement
                continue
            last = self._parts[-1]
            if bare.startswith("["):
                last.gap = gap
                self._parts.append(_Part(_names(statement), statement))
            else:
                last.body += gap + statement
            gap = ""
        self._parts[-1].gap = gap
        for part in self._parts:
            part.body, part.gap = _share(part)
        # What stands alone at the end of a file leads to nothing.
        last = self._parts[-1]
        if "\n" not in _LINE.findall(last.gap):
            last.body, last.gap = last.body + last.gap, ""

    def text(self) -> str:
        return "".join(part.body + part.gap for part in self._parts)

    def change(self, where: Where, wanted: dict[str, Any], usual: dict[str, Any]) -> None:
        """Have the table hold what is wanted, and beside that only what is as it would be anyway."""
        there = self._held(where)
        if not isinstance(there, dict):
            self.put(where, wanted)
            return
        for key in there:
            if key not in wanted and not (key in usual and _same(there[key], usual[key])):
                self.remove((*where, key))
        for key, value in wanted.items():
            if key in there and _same(there[key], value):
                continue
            if isinstance(value, dict) and isinstance(there.get(key), dict):
                below = usual.get(key)
                self.change((*where, key), value, below if isinstance(below, dict) else {})
            else:
                self.put((*where, key), value)

    def put(self, where: Where, value: Any) -> None:
        """Set a value, in place if it is there; a table gets a heading unless what it belongs to stands on one line."""
        home = self._home(where[:-1])
        if isinstance(value, dict) and (home is None or home.where == where[:-1] != ()):
            inner = {key: each for key, each in value.items() if isinstance(each, dict)}
            if len(inner) < len(value) or not value:
                self._add(where, {key: each for key, each in value.items() if key not in inner})
            for key, each in inner.items():
                self.put((*where, key), each)
            return
        if home is None:
            self._add(where[:-1], {where[-1]: value})
            return
        if not home.body and (home.gap or len(self._parts) > 1):
            home.body, home.gap = _opening(home.gap)
        home.edit(where, lambda table, key: table.__setitem__(key, _item(value)))

    def remove(self, where: Where) -> None:
        """Take out a value, or a table with all that is in it."""
        for index in range(len(self._parts) - 1, 0, -1):
            if self._parts[index].where[: len(where)] == where:
                part, above = self._parts.pop(index), self._parts[index - 1]
                blank = above.gap.endswith("\n\n") or above.gap == "\n"
                above.gap += part.gap[1:] if blank and part.gap.startswith("\n") else part.gap
        for part in self._parts:
            if part.where == where[: len(part.where)] and part.held(where) is not None:
                part.edit(where, lambda table, key: table.__delitem__(key))

    def rename(self, where: Where, name: str) -> None:
        """Give a table another name, in its headings; where it has none, what it holds is written anew."""
        whole = self._held(where)
        new = (*where[:-1], name)
        for part in self._parts:
            if part.where[: len(where)] == where:
                part.head(new + part.where[len(where) :])
        if self._held(where) is not None:
            self.remove(where)
            self.put(new, whole)

    def _held(self, where: Where) -> Any:
        tree: Any = tomllib.loads(self.text())
        for name in where:
            tree = tree.get(name) if isinstance(tree, dict) else None
        return tree

    def _home(self, where: Where) -> _Part | None:
        """The part that a table stands in, with a heading or on lines of its own; None if it has only tables below it, or is not."""
        found = [part for part in self._parts if part.where == where]
        if found:
            return found[0]
        return next(
            (part for part in self._parts if part.where == where[: len(part.where)] and part.held(where) is not None),
            None,
        )

    def _add(self, where: Where, values: dict[str, Any]) -> None:
        """A new heading, after the nearest of its kin, else at the end."""
        import tomlkit

        table = tomlkit.document()
        for key, value in values.items():
            table[key] = _item(value)
        new = _Part(where, f"{_heading(where)}\n{tomlkit.dumps(table)}")
        for length in range(len(where), 0, -1):
            kin = [index for index, part in enumerate(self._parts) if part.where[:length] == where[:length]]
            if kin:
                break
        else:
            kin = [len(self._parts) - 1]
        above = self._parts[kin[-1]]
        if not above.body:
            above.body, above.gap = above.gap, ""
        new.gap = above.gap if above.gap.startswith("\n") or not above.gap else "\n" + above.gap
        if not above.gap and kin[-1] + 1 < len(self._parts):
            new.gap = "\n"
        above.gap = "\n" if above.body else ""
        self._parts.insert(kin[-1] + 1, new)


def _statements(text: str) -> Iterator[str]:
    """The text cut into headings, settings with all their lines, blank lines and comments. It is known to be TOML."""
    whole = ""
    for line in _LINE.findall(text):
        whole += line
        try:
            tomllib.loads(whole)
        except tomllib.TOMLDecodeError:
            continue  # within a value of several lines
        yield whole
        whole = ""


def _names(heading: str) -> Where:
    tree: Any = tomllib.loads(heading)
    names: list[str] = []
    while isinstance(tree, dict) and tree:
        ((name, tree),) = tree.items()
        names.append(name)
    return tuple(names)


def _share(part: _Part) -> tuple[str, str]:
    """The part's lines and its gap, where comments that follow the lines at once belong to them if a blank line comes next."""
    lines = _LINE.findall(part.gap)
    if not part.body or "\n" not in lines:
        return part.body, part.gap
    cut = lines.index("\n")
    return part.body + "".join(lines[:cut]), "".join(lines[cut:])


def _opening(gap: str) -> tuple[str, str]:
    """Where the first setting goes in a file that begins with comments and a heading: after the first block, if there are two."""
    lines = _LINE.findall(gap)
    if "\n" not in lines:
        return "", "\n" + gap
    cut = lines.index("\n")
    return "".join(lines[:cut]), "".join(lines[cut:])


def _heading(where: Where) -> str:
    import tomlkit

    return f"[{'.'.join(name if _BARE.fullmatch(name) else tomlkit.string(name).as_string() for name in where)}]"


def _item(value: Any) -> Any:
    """A value as it is written: tables on one line."""
    import tomlkit

    if isinstance(value, dict):
        table = tomlkit.inline_table()
        for key, each in value.items():
            table[key] = _item(each)
        return table
    return tomlkit.item(value)
