"""What keys do on the screen of stories: the words of its status line, and its help. Values; it draws nothing."""

from __future__ import annotations

from composer.ui.helping import help_of
from composer.ui.keymap import chord, hints
from composer.ui.signs import Signs
from composer.ui.widgets.stories import OPEN, StoryRow


def keys_of(row: StoryRow | None) -> list[tuple[str, str]]:
    """The parts of the status line while no box is open, long and short. `row` is the one under the cursor."""
    enter = chord("story.open")
    usual: tuple[str, ...] = (
        "story.new",
        "story.import",
        "story.filter",
        "story.copy",
        "story.rename",
        "story.drop",
    )
    if row is None:
        will = (f"{chord('story.new')}: begins a story", f"{chord('story.new')}: new")
        usual = ("story.new", "story.import")
    elif row.kind == "story":
        will = (
            f"{enter}: {'back to it' if row.open else 'opens it'}",
            f"{enter}: {'back' if row.open else 'opens'}",
        )
    else:
        does = {
            "trashed": "brings it back",
            "example": "copies it here, and opens it",
            "trash": "shows the trash",
            "examples": "shows the examples",
        }[row.kind]
        will = (f"{enter}: {does}", f"{enter}: {does.partition(',')[0]}")
        if row.kind in ("trashed", "example"):
            usual = ("story.trash",) if row.kind == "trashed" else ("story.examples",)
    few = [each for each in usual if each not in ("story.import", "story.drop")] if len(usual) > 2 else usual
    return [
        ("LETTERS ACT", "LETTERS"),
        will,
        (hints(*usual, between="  "), hints(*few, between="  ")),
        (f"{chord('help')} help", chord("help")),
        (hints("stories.leave"), hints("stories.leave")),
    ]


def help_in_stories(signs: Signs, trash_folder: str, width: int = 0) -> str:
    """The keys of the stories, and what is drawn there."""
    return help_of(
        "stories",
        [
            (signs.here, "the cursor"),
            (f"({OPEN})", "the story that is open"),
            (signs.ellipsis, "in place of words: it has not been read yet"),
            ("3/7 · 41%", "beats done of all, and words of those that are wanted"),
            (signs.failed, "something is in the way of opening it; the words behind it say what"),
            (signs.lands, "what the same key does when it is pressed again"),
        ],
        f"The trash is the folder {trash_folder}. Nothing here deletes for good; what you don't want to keep you remove from it by hand.",
        "Templates of your own are Markdown files in the folder templates beside the settings: items of a list like",
        "“- The door: she opens it”, below headings if you like.",
        width=width,
    )
