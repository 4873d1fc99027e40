"""Articles: by the sound of what follows; what nobody can tell stays as it is."""

import pytest

from composer.text.articles import fitting


@pytest.mark.parametrize(
    ("before", "word", "following", "put"),
    [
        ("She peeled ", "a", "apple", "an"),
        ("She peeled ", "an", "pear", "a"),
        ("She peeled ", "a", "pear", "a"),
        ("She peeled ", "the", "apple", "the"),
        ("", "A", "owl", "An"),
        ("", "An", "unicorn", "A"),
        ("", "A", "UGLY HAT", "AN"),
        ("", "A", "UNESCO site", "A"),
        ("It rained. ", "A", "owl", "An"),
        ("It rained — ", "A", "owl", "An"),
        ("They chose plan ", "A", "or none", "A"),
        ("On the map, ", "A", "is north", "A"),
        ("It was ", "a", "historic day", "a"),
        ("It was ", "an", "historic day", "an"),
        ("It was ", "a", "“owl”", "a"),
        ("It was ", "a", "8-hour night", "an"),
        ("It was ", "an", "1,845 acre farm", "a"),
        ("He was ", "a", "FBI man", "an"),
        ("He was ", "an", "NASA pilot", "an"),
        ("It was ", "a", "hmm", "a"),
        ("It was ", "an", "Åland boat", "an"),
        ("It was ", "a", "ytterbium lamp", "an"),
    ],
)
def test_the_article_that_fits(before: str, word: str, following: str, put: str) -> None:
    assert fitting(before, word, following) == put
