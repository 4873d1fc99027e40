"""The embedded model: a small word n-gram model behind the wire of an OpenAI-compatible server.

What runs when nothing is configured: no key, no network, no download. It writes paragraphs in the manner of its
own corpus of fables, about the people and things of the request, fills gaps, writes a passage again with some of its
words and joints changed, tells one in short by some of its sentences, or in one, writes the lines of an outline, and a
whole story by its beats; it is honest about being small, and meant for trying the program. See `transport` for the way
in, `model` for the probabilities, `filling`, `copying`, `condensing`, `summarising`, `outlining` and `telling` for the
other kinds of reply.
"""

from __future__ import annotations

from composer.llm.embedded.transport import EmbeddedTransport
from composer.llm.embedded.wire import MODEL_ID, WINDOW

__all__ = ["MODEL_ID", "WINDOW", "EmbeddedTransport"]
