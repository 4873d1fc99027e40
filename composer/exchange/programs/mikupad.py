"""mikupad sessions become sessions: what was typed is the writer's, each unbroken run of tokens is a candidate that was placed.

Every value of a session is a JSON text of its own; values that are none are taken as they are. Of an export of all sessions the
longest is taken. Servers, their addresses and keys are never read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import Any

from composer.errors import UnreadableSource
from composer.exchange.outside import label
from composer.exchange.programs import loose
from composer.exchange.programs.lore import Lore
from composer.exchange.programs.mikupad_tokens import tokens_of
from composer.exchange.programs.offers import Offer, offered
from composer.exchange.programs.tail import Tail
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.candidate import PlaceTarget, Recipe
from composer.story.spans import Written
from composer.story.story import Details
from composer.story.surprise import aligned
from composer.text.clean import clean, one_line

PROGRAM = "mikupad"
SAMPLING = {
    "temperature": "temperature",
    "dynaTempRange": "dynatemp_range",
    "dynaTempExp": "dynatemp_exponent",
    "topK": "top_k",
    "topP": "top_p",
    "minP": "min_p",
    "typicalP": "typical_p",
    "tfsZ": "tfs_z",
    "repeatPenalty": "repeat_penalty",
    "repeatLastN": "repeat_last_n",
    "presencePenalty": "presence_penalty",
    "frequencyPenalty": "frequency_penalty",
    "mirostat": "mirostat",
    "mirostatTau": "mirostat_tau",
    "mirostatEta": "mirostat_eta",
    "xtcThreshold": "xtc_threshold",
    "xtcProbability": "xtc_probability",
    "dryMultiplier": "dry_multiplier",
    "dryBase": "dry_base",
    "dryAllowedLength": "dry_allowed_length",
    "dryPenaltyRange": "dry_penalty_last_n",
    "maxPredictTokens": "max_tokens",
}
"""Sampling among the settings of a session, and the names that requests have for it."""
_OWN = frozenset(
    (*SAMPLING, "memoryTokens", "authorNoteTokens", "endpointAPI", "endpointAPIKey", "penalizeNl", "enabledSamplers")
) - {"temperature", "mirostat"}
"""Fields that only its sessions have."""
_OTHERS = frozenset(("gamestarted", "actions", "eventName", "chat_metadata", "mes"))


def fits(head: bytes, name: str) -> bool:
    """Whether the beginning of a file is that of a session, or of an export of all of them."""
    opening, keys = loose.keys_in(head)
    if opening != "{" or keys & _OTHERS:
        return False
    if "prompt" in keys and (keys & _OWN or _begins_with_pieces(head)):
        return True
    # Sessions in an export may be texts, in which the quotation marks are escaped.
    text = loose.decoded(head)
    return {"key", "value"} <= keys and any(f'"{field}' in text or f'\\"{field}' in text for field in sorted(_OWN))


def _begins_with_pieces(head: bytes) -> bool:
    """Whether the prompt is a list of texts, as a text."""
    before, _, after = loose.decoded(head).partition('"prompt"')
    told = after.lstrip(" :\t\r\n")[:200].replace("\\", "").replace(" ", "")
    return bool(before) and told.startswith(('"[{"type":"user"', '"[{"content":', '[{"type":"user"', '[{"content":'))


def read(data: bytes, about: Circumstances) -> Taken:
    """A session. UnreadableSource where there is none."""
    value, cut = loose.parsed(data, about.name)
    tally = Tally()
    session = _session(loose.table(value), tally)
    prompt = _opened(session.get("prompt"))
    if not isinstance(prompt, list | str):
        raise UnreadableSource(
            f"{one_line(about.name, 200)} holds no session of mikupad.", "Export the session there once more."
        )
    scribe = Scribe(about, one_line(about.name, 200) or PROGRAM)
    scribe.details(Details(title=_name(session) or one_line(about.title, 200)))
    _notes(session, Lore(scribe, tally))
    _write(list(_runs(prompt, tally)), _recipe(session, tally), scribe, tally)
    _lose(session, tally)
    return scribe.taken(tally.all, cut)


def _opened(value: Any) -> Any:
    """A value that may be a JSON text; as it is where it is none."""
    if not isinstance(value, str):
        return value
    try:
        return loose.value_of(value)
    except (ValueError, RecursionError):
        return value


def _session(value: Mapping[str, Any], tally: Tally) -> Mapping[str, Any]:
    """The session of a file; the longest where there are several."""
    if "prompt" in value:
        return value
    found = []
    names: dict[str, Any] = {}
    for store in value.values():
        for each in loose.row(store):
            entry = loose.table(each)
            told = _opened(entry.get("value"))
            if "prompt" in loose.table(told):
                found.append((one_line(str(entry.get("key")), 100), told))
            else:
                names.setdefault(one_line(str(entry.get("key")), 100), told)
    if not found:
        return {}
    # Of two that are equally long the later one is the newer.
    key, chosen = max(reversed(found), key=lambda each: _size(each[1]))
    if len(found) > 1:
        tally.lost("other sessions of the file", "only the longest was taken; export others one by one", len(found) - 1)
    named = names.get(key)
    return {"name": named if isinstance(named, str) else loose.table(named).get("name"), **chosen}


def _size(session: Mapping[str, Any]) -> int:
    prompt = _opened(session.get("prompt"))
    if isinstance(prompt, str):
        return len(prompt)
    return sum(len(loose.text(loose.table(each).get("content"))) for each in loose.row(prompt))


def _name(session: Mapping[str, Any]) -> str:
    told = session.get("name")
    opened = _opened(told)
    return one_line(opened if isinstance(opened, str) else loose.text(told), 200)


def _runs(prompt: list[Any] | str, tally: Tally) -> Iterator[tuple[bool, list[Mapping[str, Any]]]]:
    """The pieces of the text, those by one hand together; first whether a model wrote them."""
    told = prompt if isinstance(prompt, list) else [prompt]
    pieces = []
    for each in told:
        piece = {"type": "user", "content": each} if isinstance(each, str) else loose.table(each)
        if loose.text(piece.get("content")):
            pieces.append(piece)
        else:
            tally.lost("pieces without text", "there is nothing to put in the text")
    for generated, run in groupby(pieces, lambda piece: piece.get("type") != "user"):
        yield generated, list(run)


def _write(runs: list[tuple[bool, list[Mapping[str, Any]]]], newest: Recipe, scribe: Scribe, tally: Tally) -> None:
    """The text, a step for each run."""
    tail = Tail(scribe)
    generated = [at for at, (by_model, _) in enumerate(runs) if by_model]
    earlier = Recipe(PROGRAM, "")
    if len(generated) != 1:
        why = "a session holds those of one day" if generated else "nothing in it is a model's"
        tally.lost("settings of earlier requests", why)
    for at, (by_model, pieces) in enumerate(runs):
        text = clean("".join(loose.text(piece.get("content")) for piece in pieces))
        if not by_model:
            tail.put(text, Written())
            continue
        choices = aligned(text, tokens_of(pieces))
        offer = Offer(text, newest if at == generated[-1] else earlier, choices=choices)
        candidate = offered(scribe, [offer], PlaceTarget(tail.place))[0]
        tail.candidate(candidate, text)
    tail.finish()


def _recipe(session: Mapping[str, Any], tally: Tally) -> Recipe:
    """What is known of the newest request."""
    settings = {name: _opened(session.get(name)) for name in SAMPLING}
    sampling = loose.sampling(settings, SAMPLING)
    if sampling.get("max_tokens") == -1:
        del sampling["max_tokens"]
    stops = _opened(_opened(session.get("stoppingStrings")))
    if words := [clean(each) for each in loose.row(stops) if isinstance(each, str) and each]:
        sampling["stop"] = words[:16]
    # A negative seed asks for another one each time.
    seed = loose.count(_opened(session.get("seed")))
    told = _opened(session.get("endpointModel")) or _opened(session.get("model"))
    return Recipe(PROGRAM, label(told), sampling, seed=seed)


def _notes(session: Mapping[str, Any], lore: Lore) -> None:
    memory = loose.table(_opened(session.get("memoryTokens")))
    lore.fact("Memory", memory.get("text"))
    note = loose.table(_opened(session.get("authorNoteTokens")))
    lore.fact("Author's note", note.get("text"))
    for entry in loose.row(loose.table(_opened(session.get("worldInfo"))).get("entries")):
        lore.entry(entry)


def _lose(session: Mapping[str, Any], tally: Tally) -> None:
    """What a session holds besides."""
    for name in ("memoryTokens", "authorNoteTokens", "worldInfo"):
        told = loose.table(_opened(session.get(name)))
        if any(loose.text(told.get(side)).strip() for side in ("prefix", "suffix")):
            tally.lost("texts before and behind notes", "a note is sent in the words of this program")
    if template := _opened(session.get("template")):
        name = label(template)
        tally.lost(f"template {name[:60]}".strip(), "what it put in the text stands there")
    if loose.text(_opened(session.get("grammar"))):
        tally.lost("grammars", "a request has none here")
    if any(session.get(name) for name in ("endpoint", "endpointAPIKey", "endpointAPI")):
        tally.lost("servers and their keys", "they are never taken from a file")
