"""The help of the models and of the prompt: the keys of the place, then the signs and words that stand there alone. Pure."""

from __future__ import annotations

from composer.ui import keymap
from composer.ui.prompts import PromptSigns
from composer.ui.signs import Signs


def help_in_models(signs: Signs) -> str:
    """The keys of the models, and what is drawn there."""
    lines = [
        keymap.PLACES["models"],
        *(f"  {keymap.shown(key):<14} {key.does}" for key in keymap.shown_in("models")),
        "",
        "Signs",
    ]
    meanings = [
        (signs.here, "the cursor"),
        (signs.writing, "the endpoint that writes now"),
        (signs.done, "a test that went well; a thing that was found to work"),
        (signs.failed, "something that does not work; the words behind it say what to do"),
        ("·", "a mere fact"),
        (signs.lands, "a question that wants a key"),
    ]
    lines += [f"  {sign:<14} {meaning}" for sign, meaning in meanings]
    lines += [
        "",
        "Words",
        "  endpoint       a server that speaks the OpenAI protocol, or the model that is built in",
        "  profile        what the settings say of an endpoint",
        "  window         tokens that a request and its answer may hold together",
        "",
        "Nothing here asks a server for text but a test. Where that may cost money it is said first, and enter does it.",
    ]
    return "\n".join(lines)


def help_in_prompt(signs: Signs) -> str:
    """The keys of the prompt, and what is drawn there."""
    marks = PromptSigns.of(signs)
    lines = [
        keymap.PLACES["prompt"],
        *(f"  {keymap.shown(key):<14} {key.does}" for key in keymap.shown_in("prompt")),
        "",
        "Signs",
    ]
    meanings = [
        (f"{marks.opens} {marks.closes}", "around a special token: what a template marks turns and roles with"),
        (marks.breaks, "a line break that is part of the text; lines without it are only wrapped"),
        (marks.blank, "a blank at the end of a line"),
        (signs.arrow, "a tab"),
        (signs.lands, "where the answer goes on"),
    ]
    lines += [f"  {sign:<14} {meaning}" for sign, meaning in meanings]
    lines += [
        "",
        "By chat, messages are sent as they are, each with its role, and the server makes one text of them by its own template.",
        "By any other template the text that is shown here is sent. Looking at it sends nothing.",
    ]
    return "\n".join(lines)
