"""CoAuthor logs made for tests, what becomes of them, and a plain replay of their deltas, which knows nothing of ours."""

from __future__ import annotations

import itertools
import json
from typing import Any

from hypothesis import strategies as st

from composer.exchange.programs.coauthor import read
from composer.exchange.taken import Circumstances, Taken
from composer.journal.journal import Journal
from composer.story.spans import Edited, Generated, Imported, Origin, Repaired, Written

DOC = "What the salt remembers\n\nTell it from the harbour.\n"

Event = dict[str, Any]


# logs


def event(name: str, source: str = "user", **fields: Any) -> Event:
    return {
        "eventName": name,
        "eventSource": source,
        "eventTimestamp": 1_600_000_000_000,
        "textDelta": "",
        "cursorRange": "",
        "currentDoc": "",
        "currentCursor": 0,
        "currentSuggestions": [],
        "currentSuggestionIndex": 0,
        "currentHoverIndex": "",
        "currentN": "5",
        "currentMaxToken": "30",
        "currentTemperature": "0.9",
        "currentTopP": "1",
        "currentPresencePenalty": "0",
        "currentFrequencyPenalty": "0.5",
        "eventNum": 0,
        **fields,
    }


def begin(doc: str = DOC) -> Event:
    return event("system-initialize", "api", currentDoc=doc, currentCursor=len(doc))


def insert(at: int, text: Any, source: str = "user") -> Event:
    ops = [{"retain": at}, {"insert": text}] if at else [{"insert": text}]
    return event("text-insert", source, textDelta={"ops": ops})


def delete(at: int, count: int) -> Event:
    ops = [{"retain": at}, {"delete": count}] if at else [{"delete": count}]
    return event("text-delete", textDelta={"ops": ops})


def shown(*texts: str | tuple[str, str], cursor: int = 0) -> Event:
    pairs = [text if isinstance(text, tuple) else (text, text.strip()) for text in texts]
    found = [
        {"index": at, "original": original, "trimmed": trimmed, "probability": 1e-9}
        for at, (original, trimmed) in enumerate(pairs)
    ]
    return event("suggestion-open", "api", currentSuggestions=found, currentCursor=cursor)


def chosen(at: int, text: str) -> list[Event]:
    return [event("suggestion-select"), event("suggestion-close", "api"), insert(at, text, "api")]


def log(*events: Event, step: int = 100) -> bytes:
    lines = [
        json.dumps(each | {"eventTimestamp": each["eventTimestamp"] + step * number, "eventNum": number})
        for number, each in enumerate(events)
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def take(data: bytes) -> Taken:
    numbers = itertools.count(1)
    taken = read(data, Circumstances("log.jsonl", 1_700_000_000_000, lambda: f"b{next(numbers)}", "test"))
    journal = Journal()
    journal.read(taken.entries)
    assert journal.story == taken.story
    return taken


def replay(events: list[Event]) -> tuple[list[tuple[str, Any]], list[tuple[int, str]]]:
    """The UTF-16 units of the final text, each with where it came from; and what was chosen: (opening, text)."""

    def units(text: str) -> list[str]:
        data = text.encode("utf-16-le", "surrogatepass")
        return [data[at : at + 2].decode("utf-16-le", "surrogatepass") for at in range(0, len(data), 2)]

    text: list[tuple[str, Any]] = [(unit, "prompt") for unit in units(events[0]["currentDoc"])]
    openings: list[list[str]] = []
    choices: list[tuple[int, str]] = []
    for each in events:
        if each["eventName"] == "suggestion-open":
            openings.append([suggestion["trimmed"] for suggestion in each["currentSuggestions"]])
        if each["eventName"] not in ("text-insert", "text-delete"):
            continue
        at = 0
        for op in each["textDelta"]["ops"]:
            if "retain" in op:
                at = min(len(text), at + op["retain"])
            elif "delete" in op:
                del text[at : at + op["delete"]]
            else:
                put = op["insert"] if isinstance(op["insert"], str) else "\ufffc"
                origin: Any = "hand"
                if each["eventSource"] == "api":
                    # White space around what was chosen is put as it fits there.
                    choices.append((len(openings), put.strip()))
                    origin = (len(openings), openings[-1].index(put.strip()) + 1)
                text[at:at] = [(unit, origin) for unit in units(put)]
                at += len(units(put))
    return text, choices


def agree(events: list[Event]) -> Taken:
    """Read the log, and compare with the plain replay: text, choices, and the origin of every character but line feeds."""
    taken = take("".join(f"{json.dumps(each)}\n" for each in events).encode())
    story = taken.story
    units, choices = replay(events)
    plain = "".join(unit for unit, _ in units).encode("utf-16-le", "surrogatepass").decode("utf-16-le")
    assert "\n".join(block.text for block in story.manuscript) == plain
    found = []
    for placement in story.placements:
        number, _, at = placement.candidates[0].partition(".")
        trimmed = [event for event in events if event["eventName"] == "suggestion-open"][int(number) - 1]
        found.append((int(number), trimmed["currentSuggestions"][int(at) - 1]["trimmed"]))
    assert found == choices
    expected = [origin for unit, origin in units if unit != "\n" and not "\udc00" <= unit <= "\udfff"]
    origins = [
        (class_of(span.origin), char, span, at)
        for block in story.manuscript
        for span in block.spans
        for at, char in enumerate(span.text)
    ]
    assert [kind for kind, *_ in origins] == expected
    for _, char, span, at in origins:
        if isinstance(span.origin, Generated):
            assert story.candidate(span.origin.candidate).text[span.origin.start + at] == char
    return taken


def class_of(origin: Origin) -> Any:
    match origin:
        case Imported():
            return "prompt"
        case Written() | Edited():
            return "hand"
        case Generated(candidate=candidate):
            return tuple(map(int, candidate.split(".")))
        case Repaired(rule=rule):
            return rule


@st.composite
def sessions(draw: st.DrawFn) -> list[Event]:
    """A session whose text has no characters that the filter changes."""
    doc = draw(st.text("ab \n", max_size=12))
    events, size, now = [begin(doc)], len(doc), 1_600_000_000_000
    number = itertools.count()
    for _ in range(draw(st.integers(0, 12))):
        at = draw(st.one_of(st.integers(0, size), st.just(size)))
        now += draw(st.sampled_from((0, 150, 900, 2500)))
        made: list[Event]
        match draw(st.sampled_from(("type", "type", "type", "delete", "choose", "pass", "replace"))):
            case "type":
                text = draw(st.text("xy \n😀\t", min_size=1, max_size=4))
                made = [insert(at, text)]
                size += len(text.encode("utf-16-le")) // 2
            case "delete":
                # No more than there is, and never half of a pair: what is left of one is another character.
                made = [insert(at, "zzz"), delete(at + 1, 2)]
                size += 1
            case "replace":
                made = [insert(at, "qq"), insert(at, "")]
                made[1]["textDelta"] = {"ops": [{"retain": at}, {"delete": 2}, {"insert": "rst"}]}
                size += 3
            case kind:
                texts = [f"{draw(st.sampled_from((' ', chr(10), '')))}It was {next(number)}." for _ in range(3)]
                made = [event("suggestion-get", currentCursor=at), shown(*texts, cursor=at)]
                if kind == "choose":
                    text = draw(st.sampled_from(texts))
                    text = draw(st.sampled_from((text, text.strip(), f"\n{text}\n")))
                    made += chosen(at, text)
                    size += len(text)
        for each in made:
            events.append(each | {"eventTimestamp": now})
            now += 40
    return events
