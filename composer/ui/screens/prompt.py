"""The prompt: what a model would be sent, as one text, by each chat template in turn; special tokens and line breaks are to be seen.

It renders nothing itself, sends nothing, and answers with the template that is to be kept.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Static
from textual.worker import Worker, WorkType

from composer.errors import ComposerError
from composer.text.clean import one_line
from composer.ui import keymap
from composer.ui.backstop import to_content
from composer.ui.helping import help_in_prompt
from composer.ui.keymap import chord, hints
from composer.ui.phrases import counted, shortened
from composer.ui.prompts import CHAT, lay, named
from composer.ui.screens.sheet import Sheet
from composer.ui.signs import Signs
from composer.ui.widgets.pane import Pane, StatusLine
from composer.ui.widgets.prompt import PromptView, TemplatesLine

if TYPE_CHECKING:
    from composer.ui.app import ComposerApp


class PromptScreen(Screen[str | None]):
    """Answers the name of the template that is to be kept, or None. `render` gives the text of a template by its name, or
    raises a ComposerError; it and `count`, which counts tokens, may take their time: they are called in a thread.

    The name `chat`, or an empty one, is for messages: `render` gives them one below the other, each below its role, like `[user]`.
    """

    CSS_PATH = "../styles/prompt.tcss"
    BINDINGS: ClassVar[list[BindingType]] = keymap.bindings("prompt", "help")
    AUTO_FOCUS = ""
    """No pane takes the keys: they are the screen's."""
    app: ComposerApp

    def __init__(
        self,
        render: Callable[[str], str],
        templates: Sequence[str],
        chosen: str,
        count: Callable[[str], int],
        title: str,
    ) -> None:
        super().__init__()
        self._text_of = render
        self._templates = tuple(templates) if chosen in templates else (*templates, chosen)
        self._chosen = chosen
        self._count = count
        self._title = title
        self._at = self._templates.index(chosen)
        self._error: ComposerError | None = None
        self._ready = False
        """Whether what is shown is what the template makes, or why it makes nothing."""
        self._wanted = False
        """Enter was pressed before that could be told."""
        self._sizes = ""

    @property
    def template(self) -> str:
        """The template that is shown."""
        return self._templates[self._at]

    @property
    def _view(self) -> PromptView:
        return self.query_one(PromptView)

    def compose(self) -> ComposeResult:
        yield Static(id="prompt-title", markup=False)
        yield TemplatesLine([named(each) for each in self._templates], id="prompt-templates")
        with Pane(id="prompt-pane"):
            yield PromptView(id="prompt-text")
        yield StatusLine(id="prompt-status")

    def on_mount(self) -> None:
        self._turn(0)

    def on_resize(self) -> None:
        title = shortened(f"Prompt · {one_line(self._title)}", self.app.size.width - 2, Signs.of(self.app).ellipsis)
        self.query_one("#prompt-title", Static).update(to_content(title))
        self.call_after_refresh(self._name_pane)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        self.app.tell_worker(event)

    # showing

    def _turn(self, by: int) -> None:
        """Show the text of another template."""
        self._at = (self._at + by) % len(self._templates)
        self._ready = self._wanted = False
        self._error = None
        self._sizes = "rendering…"
        self.query_one(TemplatesLine).show(self._at)
        self._view.show(None)
        self._name_pane()
        # No coroutine is made before it runs: by the next key it may be cancelled.
        work: WorkType[None] = partial(self._fill, self.template)
        self.run_worker(work, group="prompt", exclusive=True, exit_on_error=False)

    async def _fill(self, template: str) -> None:
        chat = template in CHAT
        try:
            laid = await asyncio.to_thread(lambda: lay(self._text_of(template), chat=chat))
        except ComposerError as error:
            self._error, self._ready, self._sizes = error, True, "can't be rendered"
            self._view.show(None, error)
            self._name_pane()
        else:
            self._ready, self._sizes = True, f"{counted(len(laid.text), 'character')}"
            self._view.show(laid, foot="" if chat else "the answer goes on here")
            self._name_pane()
        if self._wanted:
            self._keep()
        elif self._error is None:
            tokens = await asyncio.to_thread(self._count, laid.text)
            self._sizes = f"{counted(tokens, 'token')} · {self._sizes}"
            self._name_pane()

    def _name_pane(self) -> None:
        """Name the text: how much it is, and which part of it is seen."""
        above, all_of_it = self._view.seen
        place = "" if self._error or not self._ready else "all of it" if all_of_it else f"{above} % above"
        self.query_one("#prompt-pane", Pane).name_it(f"{named(self.template)} · {self._sizes}", place)
        name, enter = named(self.template), chord("template.keep")
        if self.template == self._chosen:
            will = (f"{enter}: {name} stays", f"{enter}: stays")
        else:
            will = (
                f"{enter}: requests by {name} until you leave",
                f"{enter}: by {shortened(name, 16, Signs.of(self.app).ellipsis)}",
            )
        self.query_one(StatusLine).show(
            [
                ("LETTERS ACT", "LETTERS"),
                will,
                (
                    hints("template.before", "prompt.up", "prompt.page_up"),
                    hints("template.before", "prompt.page_up", between="  "),
                ),
                (f"{chord('help')} help", chord("help")),
                (hints("prompt.leave"), hints("prompt.leave")),
            ]
        )

    # keys

    def action_template_before(self) -> None:
        self._turn(-1)

    def action_template_after(self) -> None:
        self._turn(1)

    def action_template_keep(self) -> None:
        if self._ready:
            self._keep()
        else:
            self._wanted = True

    def _keep(self) -> None:
        if self._error is not None:
            self._wanted = False
            self.notify(f"{named(self.template)} can't be kept: it makes no text here.", markup=False)
        elif self.is_current:
            self.dismiss(self.template)

    def _scrolled(self, work: Callable[[], None]) -> None:
        work()
        self._name_pane()

    def action_prompt_up(self) -> None:
        self._scrolled(lambda: self._view.scroll_on(-1))

    def action_prompt_down(self) -> None:
        self._scrolled(lambda: self._view.scroll_on(1))

    def action_prompt_page_up(self) -> None:
        self._scrolled(lambda: self._view.page_on(-1))

    def action_prompt_page_down(self) -> None:
        self._scrolled(lambda: self._view.page_on(1))

    def action_prompt_first(self) -> None:
        self._scrolled(self._view.go_first)

    def action_prompt_last(self) -> None:
        self._scrolled(self._view.go_last)

    def action_prompt_leave(self) -> None:
        self.dismiss(None)

    def action_help(self) -> None:
        self.app.push_screen(Sheet("Help", help_in_prompt(Signs.of(self.app))))

    def on_key(self, event: events.Key) -> None:
        if event.is_printable and event.character and not event.character.isdigit():
            help = chord("help")
            self.notify(
                f"Letters act here, and this one does nothing. {help} lists the keys, escape goes back.", markup=False
            )
