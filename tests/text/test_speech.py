"""Speech: what stands open from piece to piece, and which quotes are to come and go."""

import pytest

from composer.text.speech import Speech


def entered(pieces: list[str], language: str = "en") -> Speech:
    """The quotes of these pieces, all but the last one entered."""
    speech = Speech(pieces, language)
    for piece in range(len(pieces) - 1):
        speech.enter(piece, 0)
    return speech


@pytest.mark.parametrize(
    ("pieces", "language", "put"),
    [
        (["“Leave the lamp.", "She went."], "en", "”"),
        (["“Leave the lamp", "tonight,” she said."], "en", ""),
        (["“Leave ‘the” lamp.", "She went."], "en", ""),
        (["“Leave the «lamp.", "She went."], "en", "»”"),
        (["« Leave the lamp.", "She went."], "fr", " »"),
        (["„Leave the lamp.", "She went."], "de", "“"),
        (["„Leave the lamp.", "She went."], "pl", "”"),
        (["”Leave the lamp.", "She went."], "sv", "”"),
        (["「Leave the lamp.", "She went."], "ja", "」"),
        (["“Leave the lamp.", '"Why?" he asked.'], "en", ""),
        (["“Leave the lamp.", "“Why?” he asked.", "She went.” "], "en", ""),
    ],
)
def test_speech_left_open_is_closed(pieces: list[str], language: str, put: str) -> None:
    speech = entered(pieces, language)
    assert speech.closing(speech.kept(len(pieces) - 1, opens=False)) == put


def test_speech_that_has_just_been_opened_stays_open() -> None:
    speech = entered(["She said “", "and went."])
    assert speech.kept(1, opens=True) == 1
    assert speech.kept(1, opens=False) == 0


def test_where_the_last_quote_stands() -> None:
    speech = Speech(["“Leave” the “lamp", "shelf of 6'2\"", "no quote"], "en")
    assert [speech.enter(piece, 0) for piece in range(3)] == [(12, True), None, None]


def test_closing_quotes_that_were_never_opened() -> None:
    strays, behind = entered(["She went.", "” leave the lamp” he said” and"]).unopened(1, 2)
    assert [quote.at for quote in strays] == [0]
    assert behind is not None
    assert behind.at == 16
    assert entered(["She went.", "“Leave the lamp,” he said”"]).unopened(1, 1) == ([], None)


def test_straight_quotes_and_curly_ones_are_not_paired() -> None:
    assert entered(['"So," she said.', "leave the lamp” he said"]).unopened(1, 0) == ([], None)


@pytest.mark.parametrize(
    ("text", "language", "put"),
    [
        ("lamp” he", "en", "“"),
        ("lamp“ he", "de", "„"),
        ("lamp” he", "pl", "„"),
        ("lamp” he", "sv", "”"),
        ('lamp" he', "en", '"'),
        ("lamp » he", "fr", "« "),
    ],
)
def test_the_quote_that_opens_fits_the_one_that_closes(text: str, language: str, put: str) -> None:
    speech = entered(["She went.", text], language)
    _, quote = speech.unopened(1, 0)
    assert quote is not None
    assert speech.opening(quote) == put


def test_a_quote_closes_only_at_its_place() -> None:
    speech = entered(["“So", "he” went"])
    assert speech.closes(1, 0, 2)
    assert not speech.closes(1, 0, 0)
    assert not speech.closes(1, 1, 2)
    assert not entered(["So", "“he went"]).closes(1, 0, 0)


def test_speech_that_is_closed_later_and_opened_again_is_left_open_there() -> None:
    speech = Speech(["“Leave", "the", "lamp,” she said. “Go.", "Nobody moved."], "en")
    kept = []
    for piece in range(4):
        kept.append(speech.kept(piece, opens=False))
        speech.enter(piece, 0)
    assert kept == [0, 1, 1, 0]
