"""Keys typed ahead of a screen that they open and close, in a terminal of its own."""

from __future__ import annotations

import pytest

from tests.cli.far_server import drips, far_server
from tests.cli.house import House
from tests.cli.pty_desk import writing

pytestmark = pytest.mark.slow


def test_the_context_is_opened_and_closed_in_one_go_and_the_rest_is_typed(house: House) -> None:
    session = house.session()
    with (
        far_server(drips("word{} ")) as server,
        writing(house, session, "--base-url", server.base_url, "--model", "m") as desk,
    ):
        desk.type(b"\x07\x1bOQ\x1btyped while it streams, on and on. ")
        desk.see("typed while it streams", "and on.")
        desk.see("TYPING")
        desk.leave()
    assert house.text_of(session).rstrip("\n").endswith("told.typed while it streams, on and on. ")
    assert "ContextShaped" not in house.entries(session)
