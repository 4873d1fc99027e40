"""Chat templates: messages become the one text that a model goes on from, in the format that it was trained on.

Five formats are bundled; others come from files, as models ship them, and from servers. Those are foreign: each is first tried in a
process of its own (see `trial`) and then rendered in a sandbox with bounds (see `sandbox`), which loads Jinja2 on first use.
It sends nothing, and reads no clock.
"""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from composer.errors import EndpointError
from composer.text.clean import one_line
from composer.text.signs import CLOSING, DASHES, MARKS, OPENING, SPACELESS, compiled
from composer.text.special import disarmed, special

if TYPE_CHECKING:
    from composer.llm.sandbox import Sandbox

PLAIN = "plain"
_BUNDLED = {
    PLAIN: ("", "", ()),
    "chatml": ("", "<|im_end|>", ("<|im_end|>",)),
    "llama3": ("<|begin_of_text|>", "<|eot_id|>", ("<|eot_id|>",)),
    "mistral": ("<s>", "</s>", ("</s>",)),
    "phi": ("", "<|end|>", ("<|end|>",)),
}
"""Of each: the tokens that a text and a turn begin and end with, and the marks to stop at."""
LARGEST = 64 * 1024
"""Bytes of a template, at most."""
LARGEST_CONFIG = 8 * 1024 * 1024
"""Bytes of a model's `tokenizer_config.json`, at most: some list all their tokens."""
TRIAL_SECONDS = 5.0
"""How long a foreign template may take to show that it works, with the start of its process."""
MOST_STOPS = 4
"""Marks to stop at; OpenAI's protocol takes no more."""
_BEGINS = ("<s>", "<bos>", "<|begin_of_text|>", "<|startoftext|>", "<BOS_TOKEN>", "<｜begin▁of▁sentence｜>")
_ENDS = (
    *("<|im_end|>", "<|eot_id|>", "<|end|>", "<end_of_turn>", "<turn|>", "<|end_of_turn|>", "<|END_OF_TURN_TOKEN|>"),
    *("<|end_of_text|>", "<|end_of_msg|>", "<｜end▁of▁sentence｜>", "[|endofturn|]", "</s>"),
)
"""What turns end with in formats that are known."""
_CHILD = "import sys; sys.path.append(sys.argv[1]); from composer.llm.trial import main; main()"
"""`python -m composer.llm.trial`, also where the program runs from a folder that is not installed."""
_INHERITED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT")
"""The variables that the child gets: no key is among them."""
_OTHER = f"Choose one of {', '.join(_BUNDLED)}, or give the path of another Jinja file."


@dataclass(frozen=True)
class _Format:
    """A template that is ready."""

    name: str
    sandbox: Sandbox
    bos: str
    eos: str
    stops: tuple[str, ...]
    stamp: tuple[Any, ...] = ()
    """What its files were like when they were read."""
    path: str = ""
    """Of its own file; empty where it has none."""


_ready: dict[str, _Format] = {}
_passed: set[tuple[str, str, str]] = set()
"""Foreign templates that worked, with their tokens."""
_lock = threading.Lock()


def names() -> tuple[str, ...]:
    """The bundled templates."""
    return tuple(_BUNDLED)


def loaded(name: str) -> bool:
    """Whether a template is prepared. It looks at no file."""
    return name in _ready


def unchanged(name: str) -> bool:
    """Whether a template is prepared, and its file, if it has one, is as it was then. It looks at that one file."""
    known = _ready.get(name)
    if known is None or not known.path:
        return known is not None
    try:
        told = os.stat(known.path)
    except OSError:
        return False
    return stat.S_ISREG(told.st_mode) and (told.st_mtime_ns, told.st_size) == known.stamp[0]


def load(name: str) -> None:
    """Prepare a template: a bundled one, or the file at a path, anew where that has changed. It blocks, for seconds at worst.

    A file is a Jinja template, or a model's `tokenizer_config.json`; the one is also looked for beside the other, for what it lacks.
    EndpointError says what is wrong with it.
    """
    known = _ready.get(name)
    if name in _BUNDLED:
        if known is None:
            source = resources.files("composer.llm").joinpath("formats", f"{name}.jinja").read_text("utf-8")
            bos, eos, stops = _BUNDLED[name]
            _keep(_made(name, source, bos, eos, stops))
    elif known is None or known.stamp:
        _load_file(name, known)


def from_text(name: str, source: str, bos: str = "", eos: str = "") -> None:
    """Prepare a template that a server has told, under a name like `server:home`. It blocks. EndpointError where it can't be used.

    `bos` and `eos` are the tokens that a text and a turn begin and end with, as far as the server tells. Neither source nor tokens
    are shown by anything here but in an error's sentence, which may quote a word of them.
    """
    if len(source.encode("utf-8", "replace")) > LARGEST:
        raise unusable(name, f"it is larger than {LARGEST // 1024} kB")
    _try_out(name, source, bos, eos)
    _keep(_made(name, source, bos, eos, _stops_of(source, eos)))


def stops(template: str) -> tuple[str, ...]:
    """The marks that end a turn in a template's format, for servers that don't stop by themselves. It may block as `load` does."""
    return _of(template).stops


def render(
    template: str, messages: Sequence[tuple[str, str]], prefix: str = "", now: str = "", *, loads: bool = True
) -> str:
    """The messages, as (role, text), as one text that ends with the opening of the answer and then `prefix`, the answer's beginning.

    `now` is an ISO date and time for templates that tell the date; without it they tell none. The token that a text begins with is
    left out, since servers put it before every prompt themselves, and two of them confuse a model. `plain` takes away white space
    at the end, and before a prefix leaves it as it is.

    Special tokens within messages and prefix are broken by a space (see `disarmed`), so that no story can end its own turn: what is
    sent then differs from the manuscript by these spaces.

    A template that takes no system message, or no two messages of one role in a row, is given them joined; the text of the system
    stands before that of the user. A template is loaded if need be, which blocks, unless `loads` is false. EndpointError where it
    is not loaded then, and where it fails, in its own words if it has any.
    """
    form = _of(template) if loads else _ready.get(template)
    if form is None:
        raise not_loaded(template)
    tokens = tuple(token for token in (form.bos, form.eos) if token[:1] and not token[0].isalnum())
    spoken = [(role, disarmed(text, tokens)) for role, text in messages]
    begun = disarmed(prefix, tokens)
    text = rendered(
        form.name, form.sandbox, spoken, {"bos_token": form.bos, "eos_token": form.eos, "begun": bool(begun)}, now
    )
    for token in (form.bos, *_BEGINS):
        if token and text.startswith(token):
            text = text[len(token) :]
            break
    if form.name == PLAIN:
        return text + _gap(text, begun) + begun if begun else text.rstrip()
    return text + begun


def rendered(
    name: str, sandbox: Sandbox, messages: Sequence[tuple[str, str]], variables: dict[str, Any], now: str
) -> str:
    """What a template makes of messages, in the form that it takes them in. EndpointError if it takes them in none."""
    from composer.llm.sandbox import SECONDS, TemplateFailure

    until = time.monotonic() + SECONDS
    kept, why = None, ""
    for form, more in _ways(messages):
        try:
            text = sandbox.text({"messages": form, "add_generation_prompt": True, **variables, **more}, now)
        except TemplateFailure as failure:
            why = f'it says "{failure.why}"' if failure.refused else why or failure.why
        else:
            typed = form and not isinstance(form[0]["content"], str)
            if all(said.strip() in text for _, said in messages) and not (typed and "'type'" in text):
                return text
            # Some templates leave out a word or two on purpose; a list of parts is not for those that print it as such.
            kept = text if kept is None and not typed else kept
        if time.monotonic() > until:
            break
    if kept is None:
        raise unusable(name, why)
    return kept


def _ways(messages: Sequence[tuple[str, str]]) -> Iterator[tuple[list[dict[str, Any]], dict[str, Any]]]:
    """The messages in the forms that templates take them in, with further variables, the usual form first."""
    usual: list[dict[str, Any]] = [{"role": role, "content": text} for role, text in messages]
    joined: list[dict[str, Any]] = [{"role": role, "content": text} for role, text in _joined(messages)]
    yield usual, {"tools": None}
    if joined != usual:
        yield joined, {"tools": None}
    yield usual, {}
    typed = [{"role": role, "content": [{"type": "text", "text": text}]} for role, text in messages]
    yield typed, {"tools": None}


def _joined(messages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The messages without a system: its text before the first of the user, and no two of one role in a row."""
    lead = [("user", text) for role, text in messages if role in ("system", "developer")]
    joined: list[tuple[str, str]] = []
    for role, text in (*lead, *(message for message in messages if message[0] not in ("system", "developer"))):
        if joined and joined[-1][0] == role:
            text = f"{joined.pop()[1]}\n\n{text}"
        joined.append((role, text))
    return joined


def _gap(text: str, begun: str) -> str:
    """What stands between a text and what goes on from it, where neither has white space: a space, if one belongs there."""
    if not text or text[-1].isspace() or begun[0].isspace():
        return ""
    opened = text.rpartition("\n")[2].count('"') % 2 == 1 and text[-1] == '"'
    if opened or text[-1] in OPENING + DASHES + "“„«" or begun[0] in CLOSING + DASHES + MARKS + "”»":
        return ""
    return "" if compiled(SPACELESS).match(text[-1]) and compiled(SPACELESS).match(begun[0]) else " "


# Getting templates


def _of(name: str) -> _Format:
    # Another thread may drop it just then.
    while (form := _ready.get(name)) is None:
        load(name)
    return form


def _keep(form: _Format) -> None:
    with _lock:
        _ready[form.name] = form


def _made(
    name: str, source: str, bos: str, eos: str, stops: tuple[str, ...], stamp: tuple[Any, ...] = (), path: str = ""
) -> _Format:
    from composer.llm.sandbox import Sandbox, TemplateFailure

    try:
        return _Format(name, Sandbox(source), bos, eos, stops, stamp, path)
    except TemplateFailure as failure:
        why = failure.why
    raise unusable(name, why)


def _load_file(name: str, known: _Format | None) -> None:
    try:
        path = Path(name).expanduser()
        is_config = path.suffix.lower() == ".json"
        beside = path.with_name("chat_template.jinja" if is_config else "tokenizer_config.json")
        stamp = (_stamp(path), _stamp(beside))
        if known is not None and known.stamp == stamp:
            return
        _ready.pop(name, None)
        if stamp[0] is None:
            raise EndpointError(f"There is no template of the name {one_line(name, 200)}, and no file.", _OTHER)
        source, config = ("", path) if is_config else (_read(path, LARGEST), beside)
        told = _config(config) if _stamp(config) is not None else {}
        if is_config:
            source = _chat_template(told) or (_read(beside, LARGEST) if stamp[1] is not None else "")
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or type(error).__name__
    except ValueError as error:
        why = str(error)
    else:
        bos, eos = _token(told, "bos_token"), _token(told, "eos_token")
        if not source:
            raise unusable(name, "it holds no chat_template")
        if len(source.encode("utf-8", "replace")) > LARGEST:
            raise unusable(name, f"it is larger than {LARGEST // 1024} kB")
        _try_out(name, source, bos, eos)
        _keep(_made(name, source, bos, eos, _stops_of(source, eos), stamp, str(path)))
        return
    raise unusable(name, one_line(why, 200))


def _stamp(path: Path) -> tuple[int, int] | None:
    """What tells whether a file has changed; None where there is no file."""
    if not path.is_file():
        return None
    told = path.stat()
    return told.st_mtime_ns, told.st_size


def _read(path: Path, limit: int) -> str:
    """The text of a file. OSError, or ValueError with a reason in words."""
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError(f"it is larger than {limit // 1024} kB")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None


def _config(path: Path) -> dict[str, Any]:
    text = _read(path, LARGEST_CONFIG)
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError(f"{path.name} is no JSON that can be read") from None
    if not isinstance(told, dict):
        raise ValueError(f"{path.name} holds no settings of a tokenizer")
    return told


def _chat_template(told: dict[str, Any]) -> str:
    """The template in a model's settings: the only one, or that for ordinary chat."""
    template = told.get("chat_template")
    if isinstance(template, list):
        several = {each.get("name"): each.get("template") for each in template if isinstance(each, dict)}
        template = several.get("default") or next(iter(several.values()), "")
    return template if isinstance(template, str) else ""


def _token(told: dict[str, Any], name: str) -> str:
    token = told.get(name)
    token = token.get("content") if isinstance(token, dict) else token
    return token if isinstance(token, str) and len(token) <= 100 else ""


def _stops_of(source: str, eos: str) -> tuple[str, ...]:
    """The token that ends a turn, and those of known formats that the template writes."""
    written = {source[start:end] for start, end in special(source)}
    found = [*([eos] if eos.strip() else []), *(end for end in _ENDS if end in written)]
    return tuple(dict.fromkeys(found))[:MOST_STOPS]


def _try_out(name: str, source: str, bos: str, eos: str) -> None:
    """Have a foreign template rendered by a process of its own. EndpointError where that fails."""
    if (source, bos, eos) in _passed:
        return
    told = {"name": name, "source": source, "bos": bos, "eos": eos}
    root = str(Path(__file__).parents[2])
    variables = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    why = ""
    try:
        child = subprocess.run(
            [sys.executable, "-I", "-c", _CHILD, root],
            input=json.dumps(told).encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=TRIAL_SECONDS,
            env=variables,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        why = "it takes too long"
    except OSError:
        why = "no process could be started to try it out"
    else:
        if child.returncode != 0:
            why = "it breaks the process that tries it out, for want of memory or time"
        elif child.stdout:
            raise EndpointError(child.stdout.decode("utf-8", "replace"), _OTHER)
    if why:
        raise unusable(name, why)
    _passed.add((source, bos, eos))


def not_loaded(name: str) -> EndpointError:
    return EndpointError(f"The template {one_line(name, 200)} is still being loaded.", "Ask again in a moment.")


def unusable(name: str, why: str) -> EndpointError:
    return EndpointError(f"The template {one_line(name, 200)} can't be used: {why.rstrip('.')}.", _OTHER)
