"""SillyTavern chats become sessions: the messages are the text, the versions of an answer are candidates.

The messages stand one behind the other, each beginning a paragraph, without the names of those who speak: the characters become
notes. What was typed by hand is the writer's; asterisks and all other signs stay as they are. It reads one chat, and no
characters, worlds or other chats that it names.
"""

from __future__ import annotations

from functools import partial

from composer.errors import UnreadableSource
from composer.exchange.programs import loose
from composer.exchange.programs.lore import Lore
from composer.exchange.programs.offers import Offer, offered
from composer.exchange.programs.sillytavern_messages import Head, Message, Swipe, head_of, lines_of, messages_of
from composer.exchange.programs.tail import Tail
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.candidate import PlaceTarget, Recipe
from composer.story.spans import Generated, Imported, Written
from composer.story.story import Details
from composer.text.clean import one_line

PROGRAM = "SillyTavern"
_HEAD = frozenset(("chat_metadata", "user_name", "character_name"))
_OTHERS = frozenset(("eventName", "gamestarted"))


def fits(head: bytes, name: str) -> bool:
    """Whether the beginning of a file is that of a chat: by its first line, or by as much of it as is there."""
    first = loose.decoded(head).lstrip("\ufeff \t\r\n").partition("\n")[0]
    opening, keys = loose.keys_in(first.encode("utf-8", "replace"))
    if opening != "{" or keys & _OTHERS:
        return False
    return bool(
        {"user_name", "character_name"} <= keys
        or "chat_metadata" in keys
        or ({"name", "mes"} <= keys and keys & {"is_user", "send_date", "is_name", "swipes"})
    )


def read(data: bytes, about: Circumstances) -> Taken:
    """A chat as a session. UnreadableSource where it is none."""
    tally = Tally()
    lines, cut = lines_of(loose.decoded(data), tally)
    headed = bool(lines) and "mes" not in lines[0]
    if not any("mes" in line for line in lines) and not (headed and lines[0].keys() & _HEAD):
        raise UnreadableSource(
            f"{one_line(about.name, 200)} holds no chat of SillyTavern.", "Export the chat there once more, as JSONL."
        )
    head = head_of(lines[0], tally) if headed else Head()
    rest = [line for line in lines[headed:] if "mes" in line or "swipes" in line]
    if strange := len(lines) - headed - len(rest):
        tally.lost("lines that are no messages", "they say nothing of a chat", strange)
    messages = list(messages_of(rest, tally))
    scribe = Scribe(about, one_line(about.name, 200) or PROGRAM, head.time or next((each.time for each in messages), 0))
    scribe.details(Details(title=one_line(about.title, 200) or head.character))
    lore = Lore(scribe, tally)
    lore.people((head.character, *(each.name for each in messages if each.by != "hand")))
    lore.fact("Author's note", head.note)
    tail = Tail(scribe)
    for message in messages:
        scribe.at(message.time)
        _enter(message, scribe, tail)
    tail.finish()
    if named := sum(1 for each in messages if each.name):
        tally.lost("names before messages", "they are not in the text; the characters are among the notes", named)
    return scribe.taken(tally.all, cut)


def _enter(message: Message, scribe: Scribe, tail: Tail) -> None:
    """A message behind the text."""
    named = (
        offered(scribe, [_offer(swipe) for swipe in message.swipes], PlaceTarget(tail.place))
        if message.by == "model"
        else []
    )
    if not message.text:
        return
    tail.paragraph()
    if message.by == "hand":
        tail.put(message.text, Written())
    elif message.by == "unknown":
        tail.put(message.text, Imported(scribe.source))
    else:
        candidate = named[message.chosen]
        tail.changed(message.swipes[message.chosen].text, message.text, partial(Generated, candidate), candidate)


def _offer(swipe: Swipe) -> Offer:
    recipe = Recipe(swipe.endpoint or PROGRAM, swipe.model)
    return Offer(swipe.text, recipe, swipe.reasoning, swipe.elapsed, swipe.tokens)
