"""The lines below a candidate's text: of the token under the cursor, why it ended as it did, and what was otherwise than asked. Pure.

They stand still while the cursor moves within a candidate.
"""

from __future__ import annotations

from composer.story import surprise
from composer.story.candidate import Candidate
from composer.story.surprise import Choice
from composer.ui.phrases import shortened
from composer.ui.signs import Signs
from composer.ui.widgets import token
from composer.ui.widgets.page import Page
from composer.ui.wrapping import wrap


def note(why: str, aside: str, width: int, most: int, ellipsis: str) -> list[str]:
    """Sentences in rows of `width` cells, `most` of them; but all of `why`."""
    words = f"{why} {aside}".strip()
    if not words:
        return []
    broken = wrap(words, width)
    most = max(most, len(wrap(why, width)) if why else 0)
    cut = [words[start:end] for start, end in broken[:most]]
    if cut and len(broken) > most:
        cut[-1] = shortened(f"{cut[-1].rstrip()}{ellipsis}", width, ellipsis)
    return cut


def of_token(
    candidate: Candidate, page: Page, at: int, choices: tuple[Choice, ...] | None, width: int, signs: Signs
) -> str:
    """What is said of the token whose piece begins at the character `at`, or why there is none; one row."""
    if page.tokens:
        found = surprise.at(choices or (), at)
        return token.told(page.text, found, width, signs) if found else ""
    return shortened(_no_tokens(candidate, page, choices), width, signs.ellipsis)


def _no_tokens(candidate: Candidate, page: Page, choices: tuple[Choice, ...] | None) -> str:
    """Why a candidate is not shown by its tokens."""
    ending = candidate.ending
    if ending is None:
        return "Its tokens are told when it has ended."
    if page.changes and choices:
        return "These are changes: d shows the text, by its tokens."
    if ending.logprobs and choices is None:
        return "Its tokens are being read."
    return "No token of this one is known: its server told none."
