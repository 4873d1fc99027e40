"""The help of the screens that have signs of their own: the keys of the place, then the signs and words of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from composer.ui import keymap
from composer.ui.prompts import PromptSigns
from composer.ui.signs import Signs
from composer.ui.wrapping import wrap

INDENT = 17
"""Cells before what a key or sign does."""


def help_of(where: keymap.Where, meanings: Sequence[tuple[str, str]], *more: str, width: int = 0) -> str:
    """The keys of one place, its signs with what they mean, and lines behind.

    Lines that are wider than `width` cells are broken, and go on below what they tell; with 0 they stay as they are.
    """
    lines = [
        keymap.PLACES[where],
        *(f"  {keymap.shown(key):<14} {key.does}" for key in keymap.shown_in(where)),
        "",
        "Signs",
        *(f"  {sign:<14} {meaning}" for sign, meaning in meanings),
        "",
        *more,
    ]
    return "\n".join(part for line in lines for part in (_hung(line, width) if width > 2 * INDENT else [line]))


def _hung(line: str, width: int) -> list[str]:
    """A line in lines of `width` cells: what is indented goes on below its meaning."""
    indent = INDENT if line.startswith(" ") else 0
    rest = line[indent:]
    parts = [rest[start:end].rstrip() for start, end in wrap(rest, width - indent)] or [""]
    return [line[:indent] + parts[0], *(" " * indent + part for part in parts[1:])]


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


def help_in_notebook(signs: Signs, pinned: str, out: str) -> str:
    """The keys of the notebook, and what is drawn there."""
    return help_of(
        "notebook",
        [
            (signs.here, "the cursor"),
            (pinned, "a pinned note: it is always sent"),
            (out, "an exemplar that is out: it is not sent until it is in again"),
            ("+ ~", "in what a file holds: what is new, and what changes what has that name"),
        ],
        "Words",
        "  note           a person, a place or a fact to keep straight; it is sent where its name occurs near",
        "  exemplar       a sample of the style that is wanted; it is sent as far as there is room",
        "",
        "In a file a heading is the name of a note, with its text below; headings like People, Places or Facts say what kind",
        "those below are. Items like “- Ilse: she weighs salt” are notes too, and lines that begin with a name and a colon.",
        "Headings cut a file into exemplars; without any, lines of ***, --- or # alone.",
        "",
        "ctrl+z takes back what was done here, ctrl+y brings it back. In the form everything typed is kept; escape goes back.",
    )


def help_in_context(signs: Signs, width: int = 0) -> str:
    """The keys of the context, and what is drawn there, in lines of `width` cells."""
    return help_of(
        "context",
        [
            (signs.here, "the cursor"),
            (signs.done, "it is sent"),
            ("P", "pinned: it goes in first"),
            ("-", "left out: by you, by the preset, or because there is no room"),
            ("~", "not as it stands: told by a summary, or by one that is older than the text (stale)"),
            ("+", "behind a name: there are things in it to unfold"),
            ("·", "it is not known what would be sent of it"),
            ("(412)", "tokens that are not sent"),
            ("+ - ~ =", "in a difference: came, went, changed, the same"),
        ],
        "^g sends it; no letter does. What is shaped here holds from now on, until you change it; edits hold for one request.",
        "A round that is asked again has its own context: what is shaped there holds for that request.",
        "Of two side by side, keys shape the one that is shown; what is done to the second holds for this request alone.",
        "",
        "Words",
        "  part           a named piece of what the model is sent",
        "  preset         full, lean or bare: how much of the story is sent",
        "  window         tokens that a request and its answer may hold together",
        "  summary        a section of earlier text in few words; where the text is changed, it is stale until c writes it anew",
        "  exact count    tokens are counted as the model does; an estimate rather counts too many",
        width=width,
    )
