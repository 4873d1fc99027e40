"""Templates: outlines to begin a story with, as Markdown with a few lines of its own before it. It reads no folder of the writer's.

    ---
    about: A whole short story, in seven steps
    structure: fiction                            or nonfiction: sections with headings
    ---

    - Title of a beat: what it does

The name of a template is that of its file. What stands behind the head is read as every Markdown outline is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib import resources

from composer.errors import UnreadableSource
from composer.exchange.formats import BY_NAME
from composer.exchange.taken import Circumstances, Taken
from composer.text.clean import clean, one_line

SUFFIX = ".md"
LARGEST = 1_000_000
"""Bytes of a template that is read."""
_FENCE = "---"


@dataclass(frozen=True)
class Template:
    """A template: its name, what it is for, whether it is one of sections, and the outline as Markdown."""

    name: str
    about: str
    sections: bool
    outline: str


def template_of(file: str, data: bytes) -> Template:
    """The template in a file of that name. UnreadableSource where there is no text in it."""
    name = one_line(file.removesuffix(SUFFIX).replace("-", " ").replace("_", " "), 80) or "untitled"
    try:
        text = clean(data.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise UnreadableSource(f"The template {name} is no UTF-8 text.", "Save it as UTF-8.") from error
    head, outline = _parted(text)
    if not outline.strip():
        raise UnreadableSource(
            f"The template {name} holds no outline.", "Write items of a list in it, like “- The door: she opens it.”"
        )
    sections = head.get("structure", "").casefold() == "nonfiction"
    about = one_line(head.get("about", ""), 200) or "an outline of yours"
    return Template(name, about, sections, outline)


def ours() -> Iterator[Template]:
    """The templates of the program, by name."""
    folder = resources.files("composer.exchange.documents") / "templates"
    for file in sorted(folder.iterdir(), key=lambda each: each.name):
        if file.name.endswith(SUFFIX):
            yield template_of(file.name, file.read_bytes())


def take(template: Template, about: Circumstances, *, sections: bool | None = None) -> Taken:
    """The story that a template begins, of sections or not as it says itself unless `sections` is given. UnreadableSource."""
    told = replace(about, outline=True, sections=template.sections if sections is None else sections)
    return BY_NAME["md"].read(template.outline.encode(), told)


def _parted(text: str) -> tuple[dict[str, str], str]:
    """The head as names and values, and what stands behind it."""
    lines = text.lstrip("\n").split("\n")
    if lines[0].strip() != _FENCE:
        return {}, text
    end = next((at for at, line in enumerate(lines[1:], 1) if line.strip() == _FENCE), 0)
    if not end:
        return {}, text
    pairs = (line.partition(":") for line in lines[1:end])
    return {key.strip().casefold(): value.strip() for key, _, value in pairs}, "\n".join(lines[end + 1 :])
