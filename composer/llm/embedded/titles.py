"""Titles for the lines of an outline: those of the corpus's fables with others in the place of their cast.

"The Ferryman and the Rope" is the form of "The Keeper and the Lamp". Chooses none.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from composer.llm.embedded.deeds import MEANS, SPOT
from composer.llm.embedded.figures import Company
from composer.llm.embedded.grammar import FUNCTION
from composer.llm.embedded.store import Store
from composer.llm.embedded.tokens import words

Form = tuple[str, ...]
"""Words in their case; in the place of a member of the cast its role, `<2>`, with the `'s` that stands behind it."""
_ROLE = re.compile(r"<(\d)>('s)?")
_PLAIN = words("old last new long longest patient a") | FUNCTION
"""Words that any title may have."""


@lru_cache(maxsize=2)
def forms(store: Store) -> tuple[Form, ...]:
    """The forms of all titles that have somebody or something of their cast, and no word that is theirs alone."""
    found: dict[Form, None] = {}
    for fable in store.fables:
        roles = {character.noun.lower(): role for role, character in enumerate(fable.cast.characters)}
        roles |= dict.fromkeys(fable.cast.things, MEANS) | dict.fromkeys(fable.cast.places, SPOT)
        made: list[str] = []
        for word in fable.title.split():
            bare = word.lower().removesuffix("'s")
            if bare in roles:
                made.append(f"<{roles[bare]}>" + ("'s" if bare != word.lower() else ""))
            elif word.lower() in _PLAIN:
                made.append("The" if not made and word in ("A", "An") else word)
            else:
                made.clear()
                break
        inside = any(
            word in ("on", "in") and after == f"<{MEANS}>" for word, after in zip(made, made[2:], strict=False)
        )
        if any(word[0] == "<" for word in made) and not inside:
            found.setdefault(tuple(made if made[0][0] != "<" else ["The", *made]))
    return tuple(found)


def filled(form: Form, company: Company, figures: Sequence[int]) -> str:
    """A title with these figures in the four roles, -1 for none; empty if it needs one that is not there."""
    made: list[str] = []
    for word in form:
        role = _ROLE.match(word)
        if not role:
            made.append(word)
            continue
        number = figures[int(role[1])]
        if number < 0:
            return ""
        figure = company.figures[number]
        if int(role[1]) == SPOT and made[-2:-1] and made[-2] in ("on", "in", "at"):
            made[-2] = figure.way
        if figure.proper and made[-1:] in (["The"], ["the"]):
            made.pop()
        made.append(" ".join(part[:1].upper() + part[1:] for part in figure.head.split()) + (role[2] or ""))
    return " ".join(made)
