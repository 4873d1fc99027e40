"""Endings: how a text leaves its sentence where the next piece begins.

It looks at marks, dots, quotes and short lists of abbreviations at the end of the text. It never parts a text into sentences
and knows nothing of what follows.
"""

from __future__ import annotations

from typing import Literal

from composer.text.signs import CLOSING, DASHES, LOOKED_THROUGH, NO_BREAK, compiled, listed, wordy

Ending = Literal["end", "asked", "paused", "trail", "mid", "either"]
"""`end`: a sentence ended. `asked`: speech ended with `?` or `!`. `paused`: speech ended with a comma. `trail`: three dots.
`mid`: the sentence goes on. `either`: unknown, so that nothing may be concluded."""

_ABBREVIATIONS = listed("""
    Mr Mrs Ms Mx Dr Drs St Ste Prof Rev Hon Capt Cpt Col Gen Lt Sgt Cpl Maj Cmdr Adm Gov Sen Rep Sr Jr Esq Messrs Mme Mlle MM
    Mgr Fr Hr Nr Bd Str Sra Srta Dra Dña Ud Uds Vd Sig Dott Mt Ft Co Inc Ltd Bros Vol Fig Ch vs etc cf pp p approx dept
    e.g i.e a.m p.m z.B d.h u.a usw bzw ca evtl κ κα
    """)
_INITIALS = r"(?:^|[\s(\[“„«\"'‘’-])(?:[^\W\d_]\.(?:\s?-?))*([^\W\d_])\.$"
_ORDINALS = listed("de da nb nn no fi cs sk sl hr et lv hu")
"""Languages that write `3.` for the third."""
_DOTS = r"(?:…|\.\s?)*(?:…|\.)$"
_CLOSING_QUOTES = "\"”“»«'’」』"
_CLOSING_BRACKETS = ")]}）］｝"


def abbreviated(text: str, language: str) -> bool:
    """Whether the full stop that the text ends with belongs to an abbreviation, an initial or an ordinal."""
    token = text.rsplit(None, 1)[-1][:-1].lstrip("([{“„«\"'‘’*_—–")
    if token in _ABBREVIATIONS:
        return True
    if token.isdecimal():
        return language in _ORDINALS
    initial = compiled(_INITIALS).search(text)
    if initial is None:
        return False
    # A sentence may end in the word I, and in letters that are words of one letter.
    return initial[0].count(".") > 1 or (initial[1].isupper() and initial[1] != "I")


def ending(text: str, language: str) -> Ending:
    """How a text without white space at its end leaves the sentence. Closing quotes and brackets are looked through."""
    at = len(text)
    quoted = bracketed = False
    while at and (char := text[at - 1]) in _CLOSING_QUOTES + CLOSING + LOOKED_THROUGH + NO_BREAK + " ":
        quoted |= char in _CLOSING_QUOTES
        bracketed |= char in _CLOSING_BRACKETS
        at -= 1
    if not at:
        return "either"
    mark = text[at - 1]
    if mark in "?!？！؟\u037e" or (mark == ";" and language == "el"):
        return "either" if bracketed else "asked" if quoted else "end"
    if mark in "…." and (dots := compiled(_DOTS).search(text[:at])) is not None:
        count = dots[0].count(".") + 3 * dots[0].count("…")
        if count in (2, 3):
            return "trail"
        return "either" if count == 1 and abbreviated(text[:at], language) else "end"
    if mark in "。．۔։":
        return "end"
    if mark in ",،，":
        return "paused" if quoted else "mid"
    if quoted:
        return "either"
    return "mid" if mark in ";-" + DASHES or wordy(mark) else "either"
