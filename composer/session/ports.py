"""What the session needs from outside, as protocols: clock, ids, store, endpoint, counter. Nothing here does anything.

The rooms `llm` and `store` implement them, `cli` wires them, tests bring their own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from composer.config import EndpointProfile, Price, Sampling, Value
from composer.journal.entry import Entry
from composer.journal.film import Film
from composer.journal.showing.readers import Counts, Readers
from composer.session.stories import Stories
from composer.story.actions.exemplars import FoundExemplars
from composer.story.actions.notes import FoundNotes
from composer.story.candidate import Channel, Recipe
from composer.story.surprise import Token

NewId = Callable[[], str]
"""A short id that no session has seen: letters and digits."""


class Clock(Protocol):
    """Time as the session sees it, so that tests can move it by hand."""

    def now(self) -> int:
        """Milliseconds since 1970."""

    async def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class Batch:
    """What goes to disk in one transaction: entries that follow one another, and the pieces they name by hash."""

    entries: tuple[Entry, ...]
    pieces: Mapping[str, bytes] = field(default_factory=dict)


class Store(Protocol):
    """A session's file. Not safe for use from two tasks: the session's writer owns it."""

    path: str
    """Where the file lies, for people."""
    read_only: bool

    async def read(self) -> Sequence[Entry]:
        """All entries in order. DamagedSession if the file can't be read."""

    async def append(self, batch: Batch) -> None:
        """Write one batch, all of it or nothing; on return it is on disk. UnwritableSession if that fails."""

    async def pieces(self, names: Sequence[str]) -> dict[str, bytes]:
        """The stored pieces with those hashes; those that are missing are left out."""

    async def size(self) -> int:
        """Bytes on disk."""

    async def close(self) -> None:
        """Fold everything into the one file and let it go. Safe to call twice."""


@dataclass(frozen=True)
class Document:
    """A text to be found again: `key` is its own, `time` (ms since 1970) says when it came."""

    key: str
    text: str
    time: int


@dataclass(frozen=True)
class Hit:
    """A document that was found: `start` and `end` bound what is most like the query in it, `score` is from 0 to 100."""

    key: str
    start: int
    end: int
    score: float


class Search(Protocol):
    """Finds documents by words that may be mistyped. It computes off the event loop; one search may overtake another."""

    async def put(self, documents: Sequence[Document]) -> None:
        """Add these, or exchange those whose key is known."""

    async def drop(self, keys: Sequence[str]) -> None:
        """Forget these; unknown keys are no error."""

    async def find(self, query: str, limit: int = 50) -> Sequence[Hit]:
        """The best hits first, the newer first among equals; nothing for a query without letters or digits."""

    async def close(self) -> None: ...


class Dictionary(Protocol):
    """What words there are in a language. It computes off the event loop."""

    name: str
    """Where its words come from, for people."""

    async def unknown(self, words: Sequence[str]) -> frozenset[str]:
        """Those of the words, as written, that it does not know. Empty if it has no words of that language at all."""

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Request:
    """What one candidate asks: chat messages as (role, text), the recipe, and the most tokens of the answer.

    With a template in the recipe there is one message of the role `prompt`, the text as rendered, and perhaps one of the role
    `suffix`. `prefix` is what the answer begins with already, to be gone on with: a prompt ends with it, chat messages don't.
    """

    messages: tuple[tuple[str, str], ...]
    recipe: Recipe
    max_tokens: int
    prefix: str = ""


@dataclass(frozen=True)
class Piece:
    """Clean text that a model wrote, one or more tokens; `tokens` are those that came with it, where the server tells them.

    Text that is held back may come later than its tokens. With `recast`, all text before it turned out to be thoughts.
    """

    text: str
    channel: Channel = "text"
    tokens: tuple[Token, ...] = ()
    recast: bool = False


@dataclass(frozen=True)
class Waiting:
    """Why nothing comes just now, and for how many seconds yet, where that is known. Empty words: it goes on.

    `dropped` are the wishes that the request was sent without, as soon as that is known.
    """

    why: str
    seconds: float | None = None
    dropped: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Closing:
    """What the server said at the end of a stream. An empty `finish_reason` means that it never said the answer is whole.

    `dropped` are the wishes of the recipe that were not sent, each with the reason in words.
    """

    finish_reason: str = ""
    model: str = ""
    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    dropped: tuple[tuple[str, str], ...] = ()


Counter = Callable[[str], int]
"""Tokens of a text, never too few. The sum over pieces that end with an empty line is that of the whole."""
WindowSource = Literal["settings", "server", "learned", "table", "guess"]
"""Who says how much a model takes: the writer, its server, an error or an answer of before, its name, nobody."""


class Endpoint(Protocol):
    """A model that can be asked: a server, or the one that is built in."""

    name: str
    model: str
    window: int
    """Tokens that a request and its answer may hold together."""
    max_tokens: int
    """Tokens of an answer, unless the request says otherwise."""
    count: Counter
    sampling: Mapping[str, Value]
    """Sampling fields that every request to it carries."""
    presets: Mapping[str, Sampling]
    """Further fields, by the name of a preset."""
    preset: str
    """The preset to begin with; empty for none."""
    template: str
    """The template that requests are rendered with; empty where chat messages are sent."""
    concurrency: int
    """How many answers it is asked for at once; more wait their turn."""
    takes_suffix: bool
    """Whether a rendered request may name the text that its answer leads to."""

    @property
    def models(self) -> Sequence[str]:
        """The models that it has, as far as it has told."""

    def takes(self, model: str, field: str) -> bool:
        """Whether requests for a model carry that field, as far as is known: `temperature`, `seed`, …"""

    @property
    def built_in(self) -> bool:
        """Whether it is the model that the program brings along."""

    @property
    def templates(self) -> Sequence[str]:
        """The templates that its requests can be rendered with."""

    def window_of(self, model: str) -> int:
        """Tokens that a request to that model and its answer may hold together, as far as is known."""

    def window_source(self, model: str) -> WindowSource:
        """Who says so."""

    def learn_window(self, model: str, tokens: int) -> None:
        """The writer says how much a model takes, which nobody else could."""

    def counter_of(self, model: str) -> Counter:
        """What counts tokens as that model does, or rather too many. It may be called in any thread."""

    def whole_of(self, model: str) -> Counter:
        """What counts a text in one go, as the model gets it, not paragraph by paragraph."""

    def is_exact(self, model: str) -> bool:
        """Whether these count by the model's own encoding."""

    def learn_usage(self, model: str, counted: int, told: int) -> None:
        """A request that was counted as `counted` tokens has `told`, by its server. Estimates that were too low are corrected."""

    def price_of(self, model: str) -> Price | None:
        """What its tokens cost, where the settings say so."""

    def is_ready(self, model: str, template: str) -> bool:
        """Whether all is at hand that a request needs to be packed and rendered."""

    async def ready(self, model: str, template: str) -> None:
        """Have it at hand: windows, the counter, the template. EndpointError where a template can't be had."""

    async def prepare(self) -> None:
        """Load what takes time and ask what has to be known, once the screen is there. It never fails."""

    def render(self, messages: Sequence[tuple[str, str]], template: str, prefix: str = "") -> str:
        """The messages as the one text that a template makes of them, ending with `prefix`. EndpointError where it can't.

        It loads nothing: see `ready`.
        """

    def stream(self, request: Request) -> AsyncIterator[Piece | Waiting | Closing]:
        """The answer as it comes: pieces, then one closing. EndpointError where it fails; closing the iterator stops it.

        ContextTooLong where the model takes less than it was sent: by then `window_of` has learned of it.
        """

    async def close(self) -> None: ...


class Endpoints(Protocol):
    """The models that a session may ask, by the names of their endpoints."""

    @property
    def chosen(self) -> str:
        """The name of the one that writes unless a recipe names another."""

    def names(self) -> Sequence[str]:
        """All of them."""

    def endpoint(self, name: str) -> Endpoint:
        """The endpoint of that name, made when first asked for. RefusedError if there is none."""

    async def close(self) -> None: ...


@dataclass(frozen=True)
class Lens:
    """A framing of requests: its name and the instruction. `own` is one of the writer's, or one that she changed."""

    name: str
    text: str
    own: bool = False


@dataclass(frozen=True)
class Finding:
    """One line of what was found out about an endpoint: what was looked at, how it is, in words; `good` is None for a mere fact."""

    what: str
    words: str
    good: bool | None = None


@dataclass(frozen=True)
class Found:
    """A server that answers on this computer."""

    name: str
    profile: EndpointProfile
    models: tuple[str, ...]


class Profiles(Endpoints, Protocol):
    """The endpoints of the settings, for the screen: to look at, to try and to change."""

    @property
    def listed(self) -> Mapping[str, EndpointProfile]:
        """All of them by name, the embedded model first."""

    async def keep(self, name: str, profile: EndpointProfile, old: str = "") -> None:
        """Write a profile to the settings file, in place of `old` where that is named. SettingsError if it can't be."""

    async def drop(self, name: str) -> None:
        """Take a profile out of the settings file."""

    async def choose(self, name: str) -> None:
        """Have this one write from now on, and say so in the settings file."""

    def examine(self, name: str) -> AsyncIterator[Finding]:
        """What it can do, line by line as it is found out. It asks the server for a few words."""

    async def look_around(self) -> Sequence[Found]:
        """The servers that answer on this computer's usual ports and are not in the settings."""

    def key_place(self, name: str) -> str:
        """Where the key of an endpoint comes from, in words, and whether it is there."""

    async def keep_key(self, name: str, key: str) -> str:
        """Put a key into the system keyring, or where there is none into a file for this user alone; where it is, in words."""


class Memory(Protocol):
    """What was learned of endpoints and is worth knowing the next time. It holds no text of a story and no key."""

    def known(self, endpoint: str, model: str) -> Mapping[str, str]:
        """What is known of a model, by subject."""

    def learn(self, endpoint: str, model: str, subject: str, value: str) -> None:
        """Remember it; an empty value forgets. It never fails."""


Kind = Literal["story", "text", "candidates", "disk", "notice"]


@dataclass(frozen=True)
class Changed:
    """What the session tells those who watch it: `kinds` that changed, the candidates that grew or ended, a notice."""

    kinds: frozenset[Kind]
    candidates: frozenset[str] = frozenset()
    notice: str = ""


Watcher = Callable[[Changed], None]


@dataclass(frozen=True)
class ExportFormat:
    """A format that a story can be written out in. `film` ones show the making, and are asked what readers may see.

    `problem` says why it can't be had here; empty where it can.
    """

    name: str
    words: str
    suffix: str
    film: bool = False
    problem: str = ""


Pieces = Callable[[Sequence[str]], Awaitable[Mapping[str, bytes]]]
"""Gets stored pieces by their hashes; those that are missing are left out."""


class Exporter(Protocol):
    """Writes stories out into files of other formats."""

    def formats(self) -> Sequence[ExportFormat]:
        """All of them, the usual ones first."""

    def usual_path(self, title: str, format: str) -> str:
        """Where an export goes unless the writer says otherwise."""

    async def counts(self, film: Film, readers: Readers, pieces: Pieces) -> tuple[Counts, Counts]:
        """What goes out and what stays behind, if readers may see that."""

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
        """Write it; where it lies now. UnwritableExport where it can't be made or put there, AlreadyThere unless forced.

        It is all there or nothing is. `source` is the session's own file, which is never overwritten.
        """


class Library(Stories, Protocol):
    """What lies outside the session, for the screen: a writer's other stories, a search, dictionaries."""

    settings_path: str

    def stories(self) -> Sequence[tuple[str, str]]:
        """The stories, the one that was written last first, each as (path, its file's name for people)."""

    def fresh(self) -> str:
        """The path of a story that does not exist yet."""

    async def make(self, title: str, entries: Sequence[Entry], pieces: Mapping[str, bytes]) -> str:
        """Make a story of a journal, in a file named for `title`; its path. SessionError where it can't be written."""

    def search(self) -> Search:
        """A search that holds nothing yet."""

    async def read_text(self, path: str) -> str:
        """The text of a file of the writer's, clean. ComposerError where it can't be read, or is no text."""

    def notes_in(self, text: str) -> FoundNotes:
        """The notes in such a text."""

    def exemplars_in(self, text: str, name: str) -> FoundExemplars:
        """The samples in such a text; what has no name in it is called by `name`."""

    def lenses(self) -> Sequence[Lens]:
        """The lenses, those of the program first."""

    def lens_problems(self) -> Sequence[str]:
        """What is wrong with files among them, a sentence each."""

    def keep_lens(self, name: str, text: str, old: str = "") -> None:
        """Write a lens of the writer's, in place of that called `old`. ComposerError where it can't be."""

    def drop_lens(self, name: str) -> None:
        """Take a lens of the writer's out, or hide one of the program's. ComposerError where it can't be."""

    async def dictionary(self, language: str) -> Dictionary:
        """The words of a language. It never fails: one that knows none says so in its name."""
