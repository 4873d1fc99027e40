"""The field that a key is typed into, masked, and the box around it. It shows, copies and remembers no key."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Static

from composer.text.clean import clean
from composer.ui.backstop import to_content


class KeyField(Input):
    """A masked field. What stands in it is never copied, and a paste is taken as one word."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id, classes="box-field", password=True, select_on_focus=False, compact=True)

    def _on_paste(self, event: events.Paste) -> None:
        self.insert_text_at_cursor("".join(clean(event.text).split()))
        event.stop()
        event.prevent_default()

    def action_copy(self) -> None:
        """Nothing: the clipboard belongs to others too."""

    def action_cut(self) -> None:
        self.delete_selection()

    def take(self) -> str:
        """What stands in it; it is empty then."""
        with self.prevent(Input.Changed):
            key, self.value = "".join(clean(self.value).split()), ""
        return key


class KeyBox(Vertical):
    """Asks for the key of an endpoint. `of` is the name of that endpoint, empty while the box is closed."""

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self.of = ""

    @property
    def _field(self) -> KeyField:
        return self.query_one(KeyField)

    def compose(self) -> ComposeResult:
        yield Static(id="models-key-says", markup=False)
        yield KeyField(id="models-key-field")

    def open(self, of: str) -> None:
        """Ask for the key of the endpoint of that name."""
        self.of = of
        self.query_one("#models-key-says", Static).update(
            to_content(
                f"The key of {of}. It goes into the system keyring, or where there is none into a file for you"
                " alone. It is not shown, here or anywhere."
            )
        )
        self._field.take()
        self.display = True
        self.screen.set_focus(self._field)

    def close(self) -> tuple[str, str]:
        """Close it; the name of the endpoint, and the key that stood there."""
        name, self.of = self.of, ""
        key = self._field.take()
        self.display = False
        self.screen.set_focus(None)
        return name, key
