"""Every error that a writer may meet, as one tree. Each says what happened and why, and what to do next.

    ComposerError
    ├── SettingsError          the settings file, a flag or an environment variable
    ├── TerminalError          no terminal, or one that can't show the program
    ├── SessionError           the session's file
    │   ├── NotASession        something else, or nothing
    │   ├── NewerSession       written by a newer version of the program
    │   ├── DamagedSession     truncated, or its checksums don't hold
    │   ├── LockedSession      another process has it
    │   └── UnwritableSession  no permission, no space, a read-only disk
    ├── EndpointError          a model server, before or while it writes
    │   └── ContextTooLong     it takes less than it was sent
    ├── UnreadableSource       a file that can't be imported
    ├── UnwritableExport       an export that can't be made, or not put there
    └── RefusedError           an action that can't be done here and now
        └── AlreadyThere       a file that is not overwritten unasked

It never prints and never catches: the borders of the rooms translate into these, the command line and the screen show them.
"""

from __future__ import annotations

from dataclasses import dataclass


class ComposerError(Exception):
    """Something a writer is told about.

    `title` is a few words, `sentence` says what happened and why, `next_step` what to do now.
    """

    title = "Something went wrong"

    def __init__(self, sentence: str, next_step: str = "") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.next_step = next_step

    def __str__(self) -> str:
        return f"{self.sentence} {self.next_step}".rstrip()


class SettingsError(ComposerError):
    title = "The settings can't be used"


class TerminalError(ComposerError):
    title = "This terminal can't show the program"


class SessionError(ComposerError):
    title = "The session can't be opened"


class NotASession(SessionError):
    pass


class NewerSession(SessionError):
    pass


class DamagedSession(SessionError):
    title = "The session is damaged"


@dataclass(frozen=True)
class Holder:
    """Who holds a session's lock: process id, host, and since when (milliseconds since 1970)."""

    pid: int
    host: str
    since: int


class LockedSession(SessionError):
    title = "The session is open elsewhere"

    def __init__(self, sentence: str, next_step: str, holder: Holder | None) -> None:
        super().__init__(sentence, next_step)
        self.holder = holder


class UnwritableSession(SessionError):
    title = "The session can't be written"


class EndpointError(ComposerError):
    title = "The model can't be reached"


class ContextTooLong(EndpointError):
    """The endpoint has learned by it; what is packed anew may fit. `window` is what it takes, in tokens, as far as it told."""

    def __init__(self, sentence: str, next_step: str, window: int = 0) -> None:
        super().__init__(sentence, next_step)
        self.window = window


class UnreadableSource(ComposerError):
    title = "This can't be imported"


class UnwritableExport(ComposerError):
    title = "This can't be exported"


class RefusedError(ComposerError):
    title = "Not here"


class AlreadyThere(RefusedError):
    pass
