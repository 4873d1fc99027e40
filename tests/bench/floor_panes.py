"""The floor of starting and of memory: three panes of text and a status line, in plain Textual. `floor_panes.py [URL]`

With a URL the SDK is imported after the first paint, and one stream is read with it.
"""

from __future__ import annotations

import sys

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.widgets import Static

PROSE = "The ferry waited at the landing while the river went by. " * 12


class Panes(App[None]):
    CSS = """
    Horizontal { height: 1fr }
    .pane { width: 1fr; height: 1fr; border: round $primary }
    #status { height: 1 }
    """

    def compose(self) -> ComposeResult:
        with Horizontal():
            for name in ("left", "middle", "right"):
                yield Static(f"{name} pane. {PROSE}", classes="pane")
        yield Static("three panes and a status line", id="status")

    def on_mount(self) -> None:
        if len(sys.argv) > 1:
            self.call_after_refresh(self.run_worker, self.stream(sys.argv[1]))

    async def stream(self, url: str) -> None:
        from raw_client import streams

        await streams(url, 1)
        self.query_one("#status", Static).update("the stream has ended")


if __name__ == "__main__":
    Panes().run()
