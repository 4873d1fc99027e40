"""A SillyTavern chat as messages: its lines read, each message's versions put in order, and what does not hold counted.

    {"chat_metadata": {…}, "user_name": "…", "character_name": "…", "create_date": "…"}                        the first line
    {"name", "is_user", "is_system", "send_date", "mes", "extra": {"api", "model", "reasoning", …}, "gen_started", "gen_finished",
     "swipes": ["…"], "swipe_id": 0, "swipe_info": [{"send_date", "gen_started", "gen_finished", "extra"}]}      and each other one

It makes no rounds and decides no origins; it cleans all text.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from composer.exchange.moments import moment
from composer.exchange.outside import label
from composer.exchange.programs import loose
from composer.exchange.taken import Tally
from composer.text.clean import clean, one_line

LONGEST = 24 * 3_600_000
"""Ms that an answer may have taken; more is no time that was measured."""
NAMES = 100
"""Characters of a name."""
_PICTURES = ("image", "images", "file", "files", "media", "video", "audio", "inline_image", "image_swipes")

By = Literal["hand", "model", "unknown"]


@dataclass(frozen=True)
class Swipe:
    """One version of a message. `elapsed` is in ms, `tokens` what the answer took as far as it is told.

    `made` is whether anything says that a model wrote it.
    """

    text: str
    reasoning: str = ""
    endpoint: str = ""
    model: str = ""
    elapsed: int = 0
    tokens: int | None = None
    made: bool = False


@dataclass(frozen=True)
class Message:
    """A message that stands in the chat. `text` is how it reads now, `chosen` the version that it was made of, from 0.

    One by hand has no versions. `time` is in ms since 1970, 0 where it is not told.
    """

    name: str
    text: str
    by: By
    time: int = 0
    swipes: tuple[Swipe, ...] = ()
    chosen: int = 0


@dataclass(frozen=True)
class Head:
    """What the first line says of the chat. Names are on one line; `time` is in ms since 1970."""

    character: str = ""
    user: str = ""
    note: str = ""
    time: int = 0


def lines_of(text: str, tally: Tally) -> tuple[list[Mapping[str, Any]], str]:
    """The objects in the lines of a chat, and where it broke off, in a sentence; empty where it was whole."""
    found: list[Mapping[str, Any]] = []
    told = [line for each in text.split("\n") if (line := each.strip().strip("\0\ufeff"))]
    cut = ""
    for number, line in enumerate(told, 1):
        try:
            value = loose.value_of(line)
        except (ValueError, RecursionError):
            if number == len(told) and found:
                cut = f"The last line, {number:,}, breaks off; the {len(found):,} before it were kept."
            else:
                tally.lost("lines that can't be read", "they are no JSON")
            continue
        if isinstance(value, dict):
            found.append(value)
        else:
            tally.lost("lines that are no messages", "they say nothing of a chat")
    return found, cut


def head_of(line: Mapping[str, Any], tally: Tally) -> Head:
    """The first line of a chat, in either form."""
    settings = loose.table(line.get("chat_metadata"))
    if loose.text(settings.get("main_chat")):
        tally.lost("links to other chats", "each branch of a chat is a file of its own")
    if settings.keys() - {"integrity", "main_chat", "note_prompt"}:
        tally.lost("settings of the chat", "a session has none of them")
    return Head(
        one_line(loose.text(line.get("character_name")), NAMES),
        one_line(loose.text(line.get("user_name")), NAMES),
        loose.text(settings.get("note_prompt")),
        moment(line.get("create_date")),
    )


def messages_of(lines: Sequence[Mapping[str, Any]], tally: Tally) -> Iterator[Message]:
    """The messages of a chat that belong to its text."""
    first = True
    for line in lines:
        extra = loose.table(line.get("extra"))
        _count(line, extra, tally)
        if line.get("is_system") is True:
            told = loose.text(extra.get("type"))
            hidden = not told or told == "narrator"
            tally.lost("hidden messages" if hidden else "messages of the program", "they are no part of what was sent")
            continue
        message = _by_hand(line, extra, tally) if _is_by_hand(line, extra) else _answered(line, extra, tally, first)
        if not message.text and not any(swipe.text for swipe in message.swipes):
            tally.lost("messages without text", "there is nothing to put in the text")
            continue
        first = False
        yield message


def _is_by_hand(line: Mapping[str, Any], extra: Mapping[str, Any]) -> bool:
    return line.get("is_user") is True or extra.get("type") == "narrator"


def _by_hand(line: Mapping[str, Any], extra: Mapping[str, Any], tally: Tally) -> Message:
    texts = [loose.text(each) for each in loose.row(line.get("swipes"))]
    said = loose.text(line.get("mes"))
    if others := sum(1 for each in texts if each and each != said):
        tally.lost("other versions of messages by hand", "a text by hand has no candidates", others)
    return Message(_name(line), clean(said), "hand", moment(line.get("send_date")))


def _answered(line: Mapping[str, Any], extra: Mapping[str, Any], tally: Tally, first: bool) -> Message:
    """A message of a character, with all its versions."""
    said = line.get("mes")
    told = line.get("swipes")
    texts = [clean(loose.text(each)) for each in loose.row(told)]
    about = [loose.table(each) for each in loose.row(line.get("swipe_info"))]
    if len(about) != len(texts) and "swipe_info" in line:
        tally.lost("messages with more or fewer versions than are told of", "what is told is taken in order")
    number = loose.count(line.get("swipe_id")) if "swipe_id" in line else 0
    chosen = -1 if number is None or number >= len(texts) else number
    text = clean(said) if isinstance(said, str) else texts[chosen] if chosen >= 0 else ""
    if texts and (chosen < 0 or texts[chosen] != text) and text in texts:
        chosen = texts.index(text)
        tally.lost("messages that name another version than they show", "what they show was taken")
    elif chosen < 0:
        if texts or told not in (None, []):
            tally.lost("messages whose version is missing", "their text stands as a version of its own")
        chosen = len(texts)
        texts.append(text)
    own = {"gen_started": line.get("gen_started"), "gen_finished": line.get("gen_finished"), "extra": extra}
    swipes = []
    for at, each in enumerate(texts):
        known = about[at] if at < len(about) else {}
        # The message itself tells of the version that it shows, and tells more lately.
        swipes.append(_swipe(each, own if at == chosen and not _says(known) else known))
    made = any(swipe.made for swipe in swipes)
    # The greeting that a chat begins with is the character's, and no model wrote it for this chat.
    greets = first and not made and len(swipes) == 1
    if first and not made and len(swipes) > 1:
        tally.lost("greetings to choose from", "they stand as candidates; who wrote them is not told", len(swipes))
    time = moment(own["gen_started"]) or moment(line.get("send_date"))
    return Message(_name(line), text, "unknown" if greets else "model", time, tuple(swipes), chosen)


def _swipe(text: str, known: Mapping[str, Any]) -> Swipe:
    extra = loose.table(known.get("extra"))
    start, end = moment(known.get("gen_started")), moment(known.get("gen_finished"))
    elapsed = end - start if start and end and 0 <= end - start <= LONGEST else 0
    reasoning = clean(loose.text(extra.get("reasoning")))
    endpoint, model = label(extra.get("api")), label(extra.get("model"))
    tokens = loose.count(extra.get("token_count"))
    return Swipe(
        text, reasoning, endpoint, model, elapsed, tokens, bool(start or end or endpoint or model or reasoning)
    )


def _says(known: Mapping[str, Any]) -> bool:
    """Whether it is told how a version was made."""
    extra = loose.table(known.get("extra"))
    return bool(known.get("gen_started") or any(extra.get(key) for key in ("api", "model", "reasoning")))


def _name(line: Mapping[str, Any]) -> str:
    return one_line(loose.text(line.get("name")), NAMES)


def _count(line: Mapping[str, Any], extra: Mapping[str, Any], tally: Tally) -> None:
    """What a message holds besides."""
    if branches := len(loose.row(extra.get("branches"))):
        tally.lost("links to branches", "each branch of a chat is a file of its own", branches)
    if loose.text(extra.get("bookmark_link")):
        tally.lost("checkpoints", "each is a chat in a file of its own")
    if any(extra.get(name) for name in _PICTURES):
        tally.lost("messages with pictures or files", "a session holds text alone")
    if loose.text(extra.get("display_text")):
        tally.lost("translations of messages", "the text as it was written is kept")
