"""Requests as the program makes them for lines of an outline, a line and a whole story, and the replies to them."""

from __future__ import annotations

from functools import lru_cache
from random import Random

from composer.context import wording
from composer.llm.embedded.model import Mind
from composer.llm.embedded.prompt import Prompt, read_messages
from composer.llm.embedded.reply import Piece, Reply
from composer.llm.embedded.request import understand
from composer.llm.embedded.sampling import Settings
from composer.llm.embedded.store import load
from composer.story.candidate import RoundKind
from composer.story.story import Structure

KEEPER = "A lighthouse keeper who keeps the lamp for no one learns who has been watching."
CARE = "Unseen care is care all the same."
BAKER = "Mara the baker wants to give bread to the wolf before winter."
ROBOT = "A robot learns to wait."
PURPOSES = (KEEPER, CARE, BAKER, ROBOT)


def messages(
    kind: RoundKind, lens: str = "", structure: Structure = "fiction", begun: str = "", **parts: str
) -> list[tuple[str, str]]:
    """The messages of a request; its parts by the names of their headings in `wording`."""
    user = "".join(f"{getattr(wording, name)}\n{text}\n\n" for name, text in parts.items())
    spoken = [("system", wording.instructions(kind, lens, structure)), ("user", user)]
    return [*spoken, ("assistant", begun)] if begun else spoken


def asked(kind: RoundKind, lens: str = "", structure: Structure = "fiction", begun: str = "", **parts: str) -> Prompt:
    """What the model reads in such a request."""
    return read_messages(messages(kind, lens, structure, begun, **parts))


@lru_cache(maxsize=64)
def mind(prompt: Prompt) -> Mind:
    """The model adapted to a request."""
    store = load()
    return Mind(store, understand(prompt, store))


def pieces(prompt: Prompt, temperature: float = 0.8, seed: int = 1, limit: int = 4000, top: int = 0) -> list[Piece]:
    """The tokens of a reply, which ends by itself or at the limit."""
    settings = Settings(temperature=temperature, min_p=0.02)
    reply = Reply(mind(prompt), settings=settings, random=Random(f"{seed}/0"), limit=limit, top=top, tail=prompt.tail)
    made: list[Piece] = []
    while not reply.finish_reason:
        made += reply.step()
    assert reply.finish_reason == ("stop" if reply.tokens < limit else "length")
    return made


def told(prompt: Prompt, temperature: float = 0.8, seed: int = 1, limit: int = 4000) -> str:
    """The text of a reply."""
    return "".join(piece.text for piece in pieces(prompt, temperature, seed, limit))
