"""What is asked on the screen of stories: a new story, a file to import, another title, what to narrow the list by.

It asks in the box of the screen, and has the library make what was asked for; nothing is made before it was shown what it would be.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from msgspec.structs import replace
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static
from textual.worker import WorkType

from composer.errors import ComposerError
from composer.session.stories import FoundStory, Pattern
from composer.story.actions.outline import change_details
from composer.text.clean import one_line
from composer.ui.backstop import to_content
from composer.ui.phrases import counted
from composer.ui.signs import Signs
from composer.ui.widgets.box import Field
from composer.ui.widgets.stories import StoryRow, page_text

if TYPE_CHECKING:
    from composer.ui.screens.stories.reading import Page
    from composer.ui.screens.stories.screen import StoriesScreen

NOTHING = "nothing"
STRUCTURES = ("fiction", "nonfiction")
SLOW = 0.5
"""Seconds after which it is said that a file is being read."""
WHILE = 600
"""Seconds that this is to be seen, unless the file was read before."""
SHOWN = 40
"""The most losses of an import that are listed."""
Begins = tuple[str, str, bool]
"""What a story begins with: a template's name or a file's path, the other empty, and whether it is one of sections."""


class StoryForms:
    """The box of a screen of stories. `page` is what is to be seen beside it in place of the story under the cursor."""

    def __init__(self, desk: StoriesScreen) -> None:
        self._desk = desk
        self.page: Page | None = None
        self._patterns: Sequence[Pattern] = ()
        self._begins = NOTHING
        self._found: tuple[Begins, FoundStory] | None = None
        """What was looked at last for a new story."""
        self._renamed: StoryRow | None = None
        self._stem = ""
        """The file name that goes along with the title; empty where the writer has given one herself."""

    def keys(self) -> list[tuple[str, str]]:
        """What keys do while it is open, for the status line."""
        does = {
            "find": "opens it",
            "new": "makes it and opens it",
            "import": "reads it, makes nothing yet",
            "rename": "gives it these names",
        }[self._desk.box.kind]
        if self._desk.box.kind == "new" and (begins := self._begins_with(self._desk.box.values)) and begins[1]:
            does = "makes it and opens it" if self._found and self._found[0] == begins else "reads the file first"
        parts = [("TYPING", "TYPING"), (f"enter: {does}", f"enter: {does.partition(',')[0]}")]
        if self._desk.box.kind == "find":
            parts += [("up, down: story", "arrows"), ("esc: keeps the list so", "esc: keeps it so")]
        else:
            parts += [("tab: next field", "tab: next"), ("esc: leaves it", "esc: leaves")]
        return parts

    def close(self) -> None:
        """Close the box. What the list is narrowed by stays."""
        desk = self._desk
        desk.box.close()
        desk.set_focus(None)
        self.page = self._found = None
        desk.show_page()

    def _open(self, kind: str, title: str, fields: Sequence[Field], *, keep: bool = False) -> None:
        self._desk.deeds.unask()
        self._desk.box.open(kind, title, fields, keep=keep)
        self._desk.show_page()

    # asking

    def narrow(self) -> None:
        """Ask what the list is narrowed by."""
        desk = self._desk
        if desk.reading.shown != "stories":
            desk.turn(desk.reading.shown)
        self._open(
            "find",
            "Filter by title or file · typing errors are forgiven",
            [Field("like", "like", desk.reading.filter)],
        )

    def take(self) -> None:
        """Ask for a file to import."""
        title = "Import a story · enter reads the file and makes nothing yet, escape closes"
        self._open("import", title, [Field("path", "file", hint="~/drafts/harbour.docx")], keep=True)

    def new(self) -> None:
        """Ask what a new story begins with."""
        self._patterns = self._desk.library.patterns()
        self._begins, self._found = NOTHING, None
        names = (NOTHING, *(each.name for each in self._patterns))
        fields = [
            Field("title", "title", hint="may be given later"),
            Field("begins", "begins with", NOTHING, hint="nothing, or a template", choices=names),
            Field("path", "or a file", hint="an outline: Markdown, Word, text and others"),
            Field("structure", "structure", STRUCTURES[0], choices=STRUCTURES),
        ]
        self.page = ("A new story", "", self._says_of_nothing())
        self._open("new", f"New story · {self._arrows} choose, tab goes to the next field, escape closes", fields)

    def rename(self, row: StoryRow) -> None:
        """Ask for another title."""
        self._renamed, desk = row, self._desk
        summary = desk.reading.card(row.path).summary
        title = desk.session.story.details.title if row.open else summary.title if summary else ""
        fields = [Field("title", "title", title)]
        if row.open:
            self._open("rename", "Rename · its file keeps its name while it is open", fields)
            return
        name = row.path.rpartition("/")[2].rpartition(".")[0]
        # A name that was made from the title goes on with it; one that the writer gave stays.
        follows = name in (desk.library.stem(title), "untitled") or name.startswith("untitled-")
        self._stem = one_line(name) if follows else ""
        self._open("rename", "Rename the story and its file", [*fields, Field("file", "file", one_line(name))])

    @property
    def _arrows(self) -> str:
        return "← →" if Signs.of(self._desk.app) == Signs() else "<- ->"

    def _says_of_nothing(self, path: str = "") -> str:
        if path:
            return "enter reads the file, and shows what outline is in it before anything is made."
        count = counted(len(self._patterns), "template")
        return (
            f"It begins with nothing. {self._arrows} in the second field go through {count}, and show what is in each."
        )

    # answers

    def changed(self, kind: str, values: Mapping[str, str]) -> None:
        """What stands in the fields changed."""
        desk = self._desk
        if kind == "find":
            if desk.reading.filter != values["like"].strip():
                desk.reading.filter = values["like"].strip()
                desk.show()
                desk.go(0)
        elif kind == "rename" and "file" in values:
            self._follow(desk.box.values)
        elif kind == "new":
            self._look_ahead(values)

    def _follow(self, values: Mapping[str, str]) -> None:
        """Have the file's name go along with the title, unless the writer has given it another."""
        if self._stem and values["file"] == self._stem and values["title"].strip():
            self._stem = self._desk.library.stem(values["title"])
            if self._stem != values["file"]:
                self._desk.box.put({"file": self._stem})
        elif values["file"] != self._stem:
            self._stem = ""

    async def submitted(self, kind: str, values: Mapping[str, str]) -> None:
        """Enter was pressed."""
        desk = self._desk
        if kind == "find":
            row = desk.row
            self.close()
            if row is not None:
                await desk.action_story_open()
        elif kind == "import":
            if values["path"]:
                await desk.deeds.do(partial(self._look, values["path"]))
            else:
                self.close()
        elif kind == "rename":
            await desk.deeds.do(partial(self._rename, dict(values)))
        else:
            await desk.deeds.do(partial(self._make, dict(values)))

    async def _rename(self, values: Mapping[str, str]) -> None:
        desk, row = self._desk, self._renamed
        title = one_line(values["title"])
        if row is None or not title:
            desk.say("A story needs a title here. Type one, or escape leaves it as it is.")
            return
        if row.open:
            story = desk.session.story
            desk.session.record(change_details(story, replace(story.details, title=title)))
            path = row.path
        else:
            name = values["file"].removesuffix(".collage")
            stays = name == one_line(row.path.rpartition("/")[2].rpartition(".")[0])
            path = await desk.library.rename(row.path, title, "" if stays or not name else desk.library.stem(name))
        self.close()
        await desk.reload(path)
        desk.say(f"It is called {title}." + (" Its file keeps its name while it is open." if row.open else ""))

    # a file of another program

    async def _read(self, path: str, *, outline: bool, sections: bool = False) -> FoundStory:
        """What is in a file. Where that takes a while it is said."""
        desk = self._desk
        slow = desk.set_timer(SLOW, lambda: desk.say("Reading the file.", timeout=WHILE))
        try:
            return await desk.library.look(path, outline, sections)
        finally:
            slow.stop()
            desk.app.clear_notifications()

    async def _look(self, path: str) -> None:
        """Show what a file would become."""
        desk = self._desk
        found = await self._read(path, outline=False)
        if not desk.is_current or desk.box.kind != "import":
            return

        def answered(taken: bool | None) -> None:
            if taken:
                work: WorkType[None] = partial(self._take, found)
                desk.run_worker(work, group="import", exit_on_error=False)

        desk.app.push_screen(FoundSheet(found), answered)

    async def _take(self, found: FoundStory) -> None:
        try:
            path = await self._desk.library.make(found.title, found.entries, found.pieces)
        except ComposerError as error:
            self._desk.say(str(error), error=True)
            return
        self._desk.leave_for(path)

    # a new story

    def _begins_with(self, values: Mapping[str, str]) -> Begins | None:
        """What is asked for; None where there is no such template, or more than one."""
        sections = values["structure"].strip().casefold().startswith("n")
        if path := values["path"].strip():
            return "", path, sections
        typed = values["begins"].strip().casefold()
        if typed in ("", NOTHING):
            return "", "", sections
        names = [each.name for each in self._patterns]
        like = [name for name in names if name.casefold() == typed] or [
            name for name in names if name.casefold().startswith(typed)
        ]
        return (like[0], "", sections) if len(like) == 1 else None

    def _look_ahead(self, values: Mapping[str, str]) -> None:
        """Show what a template begins, and take over its structure."""
        begins = self._begins_with(values)
        if begins and begins[0] and begins[0] != self._begins:
            pattern = next(each for each in self._patterns if each.name == begins[0])
            if begins[2] != pattern.sections:
                self._begins = begins[0]
                self._desk.box.put({"structure": STRUCTURES[pattern.sections]})
                return
        elif begins and not any(begins[:2]) and self._begins not in ("", NOTHING):
            # The structure came with the template, and goes with it.
            pattern = next(each for each in self._patterns if each.name == self._begins)
            if begins[2] and pattern.sections:
                self._begins = ""
                self._desk.box.put({"structure": STRUCTURES[0]})
                return
        self._begins = begins[0] if begins else self._begins
        if begins is None or (self._found and self._found[0] == begins):
            return
        self._found = None
        if begins[0]:
            work: WorkType[None] = partial(self._preview, begins)
            self._desk.run_worker(work, group="import", exit_on_error=False)
        else:
            self.page = ("A new story", "", self._says_of_nothing(begins[1]))
            self._desk.show_page()

    async def _preview(self, begins: Begins) -> None:
        desk = self._desk
        try:
            found = await desk.library.look_at_pattern(begins[0], begins[2])
        except ComposerError as error:
            found = None
            page: Page = (begins[0], "", str(error))
        if desk.box.kind != "new" or self._begins_with(desk.box.values) != begins:
            return
        if found is not None:
            self._found = begins, found
            page = self._page(begins, found)
        self.page = page
        desk.show_page()

    def _page(self, begins: Begins, found: FoundStory) -> Page:
        unit = "section" if begins[2] else "beat"
        about = next((each.words for each in self._patterns if each.name == begins[0]), "")
        parts = [about, found.cut, *(f"Left out: {loss}" for loss in found.losses[:SHOWN]), page_text(found.page)]
        title = f"{begins[0] or found.title or begins[1]}\n{counted(found.beats, unit)}"
        return title, "\n\n".join(part for part in parts if part), "There is no outline in it."

    async def _make(self, values: Mapping[str, str]) -> None:
        desk = self._desk
        begins = self._begins_with(values)
        if begins is None:
            desk.say(f"There is no template of that name. {self._arrows} go through those that there are.")
            return
        found: FoundStory | None = None
        if begins[0] or begins[1]:
            if self._found is None or self._found[0] != begins:
                if begins[0]:
                    self._found = begins, await desk.library.look_at_pattern(begins[0], begins[2])
                else:
                    self._found = begins, await self._read(begins[1], outline=True, sections=begins[2])
                    self.page = self._page(*self._found)
                    desk.show_page()
                    desk.say("This is what it begins with. enter again makes it.")
                    return
            found = self._found[1]
            if begins[1] and not found.beats:
                desk.say("There is no outline in that file, and so nothing to begin with.")
                return
        desk.leave_for(await desk.library.begin(one_line(values["title"]), begins[2], found))


class FoundSheet(ModalScreen[bool]):
    """What a file is and what becomes of it, before it is made a story. Answers whether it is to be made."""

    CSS_PATH = "../../styles/stories.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "take", "take", show=False),
        Binding("escape,q,ctrl+q", "leave", "leave", show=False),
    ]

    def __init__(self, found: FoundStory) -> None:
        super().__init__()
        self._found = found

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="sheet", id="found"):
            yield Static(to_content("\n".join(lines_of(self._found))), markup=False)

    def on_mount(self) -> None:
        sheet = self.query_one("#found")
        sheet.border_title = to_content(f"Import: {one_line(self._found.title, 60)}")
        sheet.border_subtitle = "enter makes it and opens it   esc drops it   page keys move"
        self.set_focus(sheet)

    def action_take(self) -> None:
        self.dismiss(True)

    def action_leave(self) -> None:
        self.dismiss(False)


def lines_of(found: FoundStory) -> list[str]:
    """What a file is, what it holds, and what of it has no place here."""
    lines = [
        f"  format      {one_line(found.kind)}",
        f"  title       {one_line(found.title)}",
        f"  words       {found.words:,}",
    ]
    if found.rounds:
        lines.append(f"  candidates  {found.candidates:,} in {counted(found.rounds, 'round')}")
    if found.beats:
        lines.append(f"  outline     {counted(found.beats, 'beat')}")
    lines.append(f"  branches    {found.branches:,}")
    if found.cut:
        lines += ["", one_line(found.cut, 1000)]
    lines.append("")
    if not found.losses:
        return [*lines, "Everything in it has a place here."]
    lines.append("What has no place here:")
    lines += [f"  - {one_line(loss, 400)}" for loss in found.losses[:SHOWN]]
    if len(found.losses) > SHOWN:
        lines.append(f"  and {len(found.losses) - SHOWN:,} more")
    return lines
