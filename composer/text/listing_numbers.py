"""Numbers and labels of a listing: what counts a line or a part, and how far out a part stands.

They say how a number can be read, never whether it counts: that takes the rows around it.
"""

from __future__ import annotations

import re

from composer.text.signs import compiled

MARK = r"""(?x)
    (?P<open>[(\[])? \#? (?: (?P<digits>[0-9]{1,3}(?:\.[0-9]{1,3}){0,8}) | (?P<letters>[ivxl]{1,7} | [IVXL]{1,7} | [A-Za-z]) )
    (?P<run>[*_]{0,3}) \\?
    (?: (?P<sign>\.\) | [.):\]] | [、．）：]) (?=\s | $ | [*_] | [^\W0-9a-z] | ["“„«‘¿¡]) | (?=\s) )
"""
"""What counts a line: `1.`, `(2)`, `[3]`, `IV.`, `a)`, `1.2.3`."""
RANKS = {
    **dict.fromkeys(("book", "volume", "part", "act", "teil", "akt", "partie", "acte", "parte", "acto", "atto"), 11),
    **dict.fromkeys(("chapter", "episode", "kapitel", "chapitre", "capítulo", "capitolo"), 12),
    **dict.fromkeys(("section", "sequence", "abschnitt", "sección", "sezione"), 13),
    **dict.fromkeys(("scene", "szene", "scène", "escena", "scena"), 14),
    **dict.fromkeys(("beat", "step", "point", "event", "line"), 15),
}
"""How far in the parts stand that a label names: Markdown's headings stand further out, from 1 to 6."""
CHAPTER, BEAT, TITLED, BOLD, LEADING, LISTED = 12, 15, 16, 17, 18, 30
"""The ranks of the other headings, and of what is listed."""
COUNTED = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen|nineteen|twenty"
LABEL = rf"""(?ix)
    [(\[]? (?P<label> (?P<word>{"|".join(RANKS)}) \s+ (?:no\.\s*|\#)?
    (?: [0-9]{{1,3}} (?:\.[0-9]{{1,3}})* | (?P<roman>[ivxl]{{1,7}}) | {COUNTED} | [a-h] ) ) (?!\w) [)\]]?
    (?P<run>[*_]{{0,3}}) (?P<sign> \s*[:：]+ | \s*[.)]+(?!\w) | \s*[–—]+ | \s*-+(?=\s) | \s*$ )?
"""
"""What counts a part: `Chapter 2:`, `Act II`, `Scene one –`."""
HAN_LABEL = (
    r"(?P<label>第[0-9一二三四五六七八九十百]{1,4}[章幕节節回场場部])(?P<run>[*_]{0,3})(?P<sign>[:：、.]|(?=\s)|$)"
)
"""The same in Chinese and Japanese."""
FAR = 3
"""How much two numbers differ at most that count on; models leave numbers out."""


def number_readings(text: str, found: re.Match[str], end: int) -> list[tuple[str, tuple[int, ...]]]:
    """How a number can be read; `I` and `v` are letters too."""
    sign, opened = found["sign"], found["open"]
    if (opened == "(" and sign not in (")", "）")) or (sign == "]") != (opened == "["):
        return []
    if digits := found["digits"]:
        return [("number" if sign or "." in digits else "bare", tuple(int(part) for part in digits.split(".")))]
    letters = found["letters"]
    if not sign or not (found.end() == end or text[found.end()] in " \t*_"):
        return []
    kind = f"{'upper' if letters.isupper() else 'lower'} {opened or ''}{sign}"
    readings: list[tuple[str, tuple[int, ...]]] = []
    if value := roman_value(letters.lower()):
        readings.append((f"roman {kind}", (value,)))
    if len(letters) == 1:
        readings.append((f"letter {kind}", (ord(letters.lower()) - ord("a") + 1,)))
    return readings


def roman_value(letters: str) -> int:
    """The value of a Roman number in small letters up to 89; 0 if it is none."""
    if not compiled(r"(?:xl|l?x{0,3})(?:ix|iv|v?i{0,3})").fullmatch(letters):
        return 0
    values = [{"i": 1, "v": 5, "x": 10, "l": 50}[letter] for letter in letters]
    return sum(-value if value < behind else value for value, behind in zip(values, [*values[1:], 0], strict=True))


def count_on(one: tuple[int, ...], other: tuple[int, ...]) -> bool:
    """Whether two numbers can follow one another: `2` and `3`, `2` and `2.1`, `2.4` and `3`."""
    size = min(len(one), len(other)) - 1
    return one[:size] == other[:size] and abs(one[size] - other[size]) <= FAR
