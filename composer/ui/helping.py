"""The help of the screens that have signs of their own: the keys of the place, then the signs and words of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from composer.ui import keymap
from composer.ui.prompts import PromptSigns
from composer.ui.signs import Signs


def help_of(where: keymap.Where, meanings: Sequence[tuple[str, str]], *more: str) -> str:
    """The keys of one place, its signs with what they mean, and lines behind."""
    lines = [
        keymap.PLACES[where],
        *(f"  {keymap.shown(key):<14} {key.does}" for key in keymap.shown_in(where)),
        "",
        "Signs",
        *(f"  {sign:<14} {meaning}" for sign, meaning in meanings),
        "",
        *more,
    ]
    return "\n".join(lines)


def help_in_models(signs: Signs) -> str:
    """The keys of the models, and what is drawn there."""
    return help_of(
        "models",
        [
            (signs.here, "the cursor"),
            (signs.writing, "the endpoint that writes now"),
            (signs.done, "a test that went well; a thing that was found to work"),
            (signs.failed, "something that does not work; the words behind it say what to do"),
            ("·", "a mere fact"),
            (signs.lands, "a question that wants a key"),
        ],
        "Words",
        "  endpoint       a server that speaks the OpenAI protocol, or the model that is built in",
        "  profile        what the settings say of an endpoint",
        "  window         tokens that a request and its answer may hold together",
        "",
        "Nothing here asks a server for text but a test. Where that may cost money it is said first, and enter does it.",
    )


def help_in_prompt(signs: Signs) -> str:
    """The keys of the prompt, and what is drawn there."""
    marks = PromptSigns.of(signs)
    return help_of(
        "prompt",
        [
            (f"{marks.opens} {marks.closes}", "around a special token: what a template marks turns and roles with"),
            (marks.breaks, "a line break that is part of the text; lines without it are only wrapped"),
            (marks.blank, "a blank at the end of a line"),
            (signs.arrow, "a tab"),
            (signs.lands, "where the answer goes on"),
        ],
        "By chat, messages are sent as they are, each with its role, and the server makes one text of them by its own template.",
        "By any other template the text that is shown here is sent. Looking at it sends nothing.",
    )
