"""Keys in use, struck out of every text that comes from a server, whole or in pieces. It knows keys, not where they are read.

What looks like an ordinary word is not struck: a stand-in like `none` or `ollama` is often given where a server wants no key, and
would tear holes into prose.
"""

from __future__ import annotations

import base64
import re
from urllib.parse import parse_qsl, unquote, urlsplit

from composer.text.clean import Cleaner, clean

MARK = "…"
"""What stands where a key stood: neither a hole, nor a scene break, nor a word."""
TELLING = 6
"""At the end of a stream, so many characters of a key's beginning are struck too. No secret is shorter."""

_AROUND = "'\"`()[]{},;:."
_LEFT_OUT = re.compile(r"\.{2,}|…|•+|\*+|[xX]{3,}")


def secrets_of(key: str, base_url: str) -> tuple[str, ...]:
    """What must never be shown: the key, and what the address holds of user, password and query, in each form it takes."""
    found = {key.strip()}
    try:
        parts = urlsplit(base_url)
        user, _, password = parts.netloc.rpartition("@")[0].partition(":")
        query = parse_qsl(parts.query)
        query += [(name, value) for name, _, value in (each.partition("=") for each in parts.query.split("&"))]
    except ValueError:
        user, password, query = "", "", []
    for part in (user, password):
        found |= {part, unquote(part)}
    if user:
        found.add(base64.b64encode(f"{unquote(user)}:{unquote(password)}".encode()).decode())
    for name, value in query:
        if "version" not in name:
            found |= {value, value.replace(" ", "+")}
    return tuple(sorted((secret for secret in found if _is_secret(secret)), key=len, reverse=True))


def _is_secret(text: str) -> bool:
    return len(text) >= 12 or (len(text) >= TELLING and not text.isalpha())


class Striker:
    """Strikes secrets out of a stream: `feed` each chunk, then `finish` once. It holds back what could begin a secret."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._secrets = secrets
        firsts = "".join(sorted({secret[0] for secret in secrets}))
        self._first = re.compile(f"[{re.escape(firsts)}]") if firsts else None
        self._held = ""

    def feed(self, chunk: str) -> str:
        """The text that is certain by now."""
        if self._first is None:
            return chunk
        text, self._held = self._held + chunk, ""
        kept: list[str] = []
        at = 0
        while found := self._first.search(text, at):
            start = found.start()
            kept.append(text[at:start])
            if any(len(secret) > len(text) - start and secret.startswith(text[start:]) for secret in self._secrets):
                self._held = text[start:]
                return "".join(kept)
            struck = next((secret for secret in self._secrets if text.startswith(secret, start)), "")
            kept.append(MARK if struck else text[start])
            at = start + max(len(struck), 1)
        kept.append(text[at:])
        return "".join(kept)

    def finish(self) -> str:
        """What was held back: as it is, if it tells nothing of a secret."""
        held, self._held = self._held, ""
        return held if len(held) < TELLING else MARK


def strike(text: str, secrets: tuple[str, ...]) -> str:
    """A whole text without the secrets, longest first."""
    for secret in secrets:
        text = text.replace(secret, MARK)
    return text


class Sieve:
    """What each text of a server goes through before anything else sees it: the filter, then the striker."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        self._cleaner = Cleaner()
        self._striker = Striker(secrets)

    def feed(self, chunk: str) -> str:
        return self._striker.feed(self._cleaner.feed(chunk))

    def finish(self) -> str:
        return self._striker.feed(self._cleaner.finish()) + self._striker.finish()


def quotable(text: str, secrets: tuple[str, ...], limit: int = 200) -> str:
    """A server's own words for a message: clean, on one short line, without keys, also half-masked ones."""
    striker = Striker(secrets)
    # What is cut off may be the rest of a key.
    struck = striker.feed(clean(text[:20_000])) + striker.finish()
    flat = " ".join(MARK if "***" in word or _masks(word, secrets) else word for word in struck.split())
    return flat if len(flat) <= limit else flat[: limit - 1].rstrip() + "…"


def _masks(word: str, secrets: tuple[str, ...]) -> bool:
    """Whether a word is a secret with its middle left out, as some servers show it."""
    found = _LEFT_OUT.search(word)
    if found is None:
        return False
    head, tail = word[: found.start()].lstrip(_AROUND), word[found.end() :].rstrip(_AROUND)
    return len(head) + len(tail) >= 4 and any(
        len(secret) > len(head) + len(tail) and secret.startswith(head) and secret.endswith(tail) for secret in secrets
    )
