"""What style sheets say of slant and weight: many pages and books have their italics in classes alone. It follows no `@import`. Pure.

Only classes are looked at, alone or with the name of a tag before them; what stands within what is not.
"""

from __future__ import annotations

import re

MOST = 2_000_000
"""Characters of a style sheet that are looked at."""
ITALIC = re.compile(r"font-style\s*:\s*(?:italic|oblique)", re.IGNORECASE)
BOLD = re.compile(r"font-weight\s*:\s*(?:bold|[6-9]00)", re.IGNORECASE)
_CLASS = re.compile(r"(?P<tag>[a-zA-Z][a-zA-Z0-9]*)?\.(?P<name>[\w-]+)")

Looks = dict[tuple[str, str], tuple[bool, bool]]
"""(tag or nothing, class): whether it is slanted, whether it is bold. Only those that are either."""


def looks_of(sheet: str) -> Looks:
    """The classes of a style sheet that slant or embolden."""
    looks: Looks = {}
    for rule in sheet[:MOST].split("}"):
        before, _, body = rule.rpartition("{")
        italic, bold = ITALIC.search(body) is not None, BOLD.search(body) is not None
        if italic or bold:
            for selector in before.rpartition("{")[2].rpartition("*/")[2].split(","):
                if found := _CLASS.fullmatch(selector.strip()):
                    looks[(found["tag"] or "").lower(), found["name"]] = italic, bold
    return looks
