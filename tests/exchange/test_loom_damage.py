"""Trees of other programs that break off, or hold keys and addresses: what is whole is kept, what is secret is not."""

from __future__ import annotations

import json

import pytest

from composer.errors import UnreadableSource
from tests.exchange.sources import about, everything, read_or_refused
from tests.exchange.test_other_looms import READERS, WHOLE


@pytest.mark.parametrize("kind", WHOLE)
def test_no_address_and_no_key_comes_into_a_session_as_the_name_of_a_model(kind: str) -> None:
    for name in ("https://me:hush@models.example/v1", "models.example:8080/?key=hush", "sk-hush-0123456789abcdef"):
        told = json.dumps(WHOLE[kind]).replace('"model-x"', f'"{name}"').replace('"model": "m"', f'"model": "{name}"')
        words = everything(READERS[kind].read(told.encode(), about()))
        assert "hush" not in words
        assert "models.example" not in words


def test_a_broken_file_is_told_of_without_what_stands_in_it() -> None:
    with pytest.raises(UnreadableSource) as refused:
        READERS["exoloom"].read(b'{"tree": {"apiKey": hush-0123}}', about())
    assert "hush" not in str(refused.value) + refused.value.sentence


@pytest.mark.parametrize("kind", WHOLE)
def test_a_file_that_breaks_off_is_kept_as_far_as_it_goes(kind: str) -> None:
    whole = json.dumps(WHOLE[kind]).encode()
    made = READERS[kind].read(whole[:-20], about())
    assert made.story.manuscript.text
    assert "what stands whole before that was kept" in made.cut
    for size in range(0, len(whole), 7):
        read_or_refused(READERS[kind].read, whole[:size])
