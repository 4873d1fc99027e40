"""KoboldAI and Kobold Lite saves become sessions: the prompt and all actions as the text, alternatives as candidates.

A save seldom says who wrote an action: what has alternatives came from a model, all else is imported text, of which nobody knows.
Settings, keys and addresses are never taken. Other formats of Lite, such as character cards, are none of its business.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from composer.errors import UnreadableSource
from composer.exchange.programs import loose
from composer.exchange.programs.kobold_actions import Action, actions_of, cleaned
from composer.exchange.programs.lore import Lore
from composer.exchange.programs.offers import Offer, offered
from composer.exchange.programs.tail import Tail
from composer.exchange.scribe import Scribe
from composer.exchange.taken import Circumstances, Taken, Tally
from composer.story.candidate import PlaceTarget, Recipe
from composer.story.spans import Generated, Imported, Written
from composer.story.story import Details
from composer.text.clean import one_line
from composer.text.difference import kept

PROGRAM = "KoboldAI"
ALIKE = 0.5
"""The share of its words that a text keeps when it is changed by hand; what keeps less is another text."""
SAMPLING = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "top_a": "top_a",
    "typ_s": "typical_p",
    "tfs_s": "tfs",
    "min_p": "min_p",
    "rep_pen": "repetition_penalty",
    "rep_pen_range": "repetition_penalty_range",
    "rep_pen_slope": "repetition_penalty_slope",
    "presence_penalty": "presence_penalty",
    "miro_type": "mirostat",
    "miro_tau": "mirostat_tau",
    "miro_eta": "mirostat_eta",
    "dynatemp_range": "dynatemp_range",
    "smoothing_factor": "smoothing_factor",
    "xtc_threshold": "xtc_threshold",
    "xtc_probability": "xtc_probability",
    "dry_multiplier": "dry_multiplier",
    "dry_base": "dry_base",
    "dry_allowed_length": "dry_allowed_length",
    "max_length": "max_tokens",
}
"""Sampling among the settings of a Lite save, and the names that requests have for it."""


def fits(head: bytes, name: str) -> bool:
    """Whether the beginning of a file is that of a save."""
    opening, keys = loose.keys_in(head)
    if opening != "{" or keys & {"eventName", "memoryTokens", "authorNoteTokens", "endpointAPI"}:
        return False
    return ("gamestarted" in keys and bool(keys & {"prompt", "actions", "memory"})) or {"prompt", "actions"} < keys & {
        "prompt",
        "actions",
        "memory",
        "authorsnote",
        "worldinfo",
        "savedsettings",
    }


def read(data: bytes, about: Circumstances) -> Taken:
    """A save as a session. UnreadableSource where it is none."""
    value, cut = loose.parsed(data, about.name)
    save = loose.table(value)
    if not save.keys() & {"gamestarted", "prompt", "actions", "memory", "worldinfo", "worldinfo_v2"}:
        raise UnreadableSource(
            f"{one_line(about.name, 200)} holds no story of KoboldAI.", "Save it there once more, as a JSON file."
        )
    tally = Tally()
    steps = [Action(cleaned(save.get("prompt"), tally)), *actions_of(save, tally)]
    begun = next((step.time for step in steps if step.time), 0)
    scribe = Scribe(about, one_line(about.name, 200) or PROGRAM, begun)
    title = one_line(loose.text(save.get("story_name")), 200) or one_line(about.title, 200)
    scribe.details(Details(title=title))
    _notes(save, Lore(scribe, tally))
    if not isinstance(save.get("prompt"), str | None):
        tally.lost("prompts without text", "there is nothing to put in the text")
    _Story(scribe, tally, steps, _branches(save, tally), _settled(save)).write()
    _lose(save, tally)
    return scribe.taken(tally.all, cut)


class _Story:
    """The text of a save on its way into a session. `branches` are other courses of it, as rows of texts from the prompt on."""

    def __init__(
        self, scribe: Scribe, tally: Tally, steps: Sequence[Action], branches: Sequence[Sequence[str]], recipe: Recipe
    ) -> None:
        self._scribe = scribe
        self._tally = tally
        self._tail = Tail(scribe)
        self._steps = steps
        self._leaving: dict[int, list[str]] = {}
        texts = [step.text for step in steps]
        while texts and not texts[-1]:
            texts.pop()
        for branch in branches:
            at = next(
                (at for at, (ours, other) in enumerate(zip(texts, branch, strict=False)) if ours != other), len(texts)
            )
            if rest := "".join(branch[at:]):
                self._leaving.setdefault(at, []).append(rest)
        asked = {at for at, step in enumerate(steps) if _generated(step) or step.others} | set(self._leaving)
        self._last = max(asked, default=-1)
        self._recipe = recipe
        if recipe.sampling and len(asked) != 1:
            why = "a save holds the settings of one day" if asked else "nothing in it is known to be a model's"
            tally.lost("settings of earlier requests", why)

    def write(self) -> None:
        for at, step in enumerate(self._steps):
            self._step(at, step)
        for at in sorted(self._leaving):
            # The story ends where these go on.
            self._offer(at, [])
        self._tail.finish()

    def _step(self, at: int, step: Action) -> None:
        self._scribe.at(step.time)
        imported = Imported(self._scribe.source)
        if step.by == "user":
            self._offer(at, step.others)
            self._tail.put(step.text, Written())
        elif _generated(step):
            self._model(at, step)
        elif step.earlier:
            self._offer(at, [])
            self._between(step.earlier[1:])
            self._tail.changed(step.earlier[0], step.text, lambda start, end: imported)
        else:
            self._offer(at, [])
            self._tail.put(step.text, imported)

    def _model(self, at: int, step: Action) -> None:
        """An action that was chosen among answers, or is told to be one."""
        if not step.text:
            self._offer(at, (*step.others, *step.earlier))
            return
        # Changed by hand is what is still much like it was; after that other answers may have come in its place.
        like = [before for before in step.earlier if kept(before, step.text) >= ALIKE]
        came = like[0] if like else step.text
        self._between(like[1:])
        others = (*step.others, *(before for before in step.earlier if before not in like))
        named = self._offer(at, (came, *(other for other in others if other != came)))[0]
        self._tail.changed(came, step.text, partial(Generated, named), named)

    def _between(self, versions: Sequence[str]) -> None:
        if versions:
            self._tally.lost("versions between two changes by hand", "the first and the last are kept", len(versions))

    def _offer(self, at: int, texts: Sequence[str]) -> list[str]:
        """The answers to the request for an action, with what leaves the text there."""
        recipe = self._recipe if at == self._last else Recipe(PROGRAM, "")
        offers = [Offer(text, recipe) for text in (*texts, *self._leaving.pop(at, ()))]
        return offered(self._scribe, offers, PlaceTarget(self._tail.place)) if offers else []


def _generated(step: Action) -> bool:
    return step.by != "user" and bool(step.others or step.by == "ai" or (not step.text and step.earlier))


def _branches(save: Mapping[str, Any], tally: Tally) -> list[list[str]]:
    """The other courses of a Lite save. The place of the one that is open holds nothing."""
    found = []
    for each in loose.row(save.get("altbranches")):
        texts = [cleaned(words, tally) for words in loose.row(each)]
        if any(texts):
            found.append(texts)
    if found:
        tally.lost("other branches", "each is one candidate, where it leaves the text", len(found))
    return found


def _settled(save: Mapping[str, Any]) -> Recipe:
    """What is known of the newest request."""
    settings = loose.table(save.get("savedsettings"))
    return Recipe(PROGRAM, "", loose.sampling(settings, SAMPLING))


def _notes(save: Mapping[str, Any], lore: Lore) -> None:
    lore.fact("Memory", save.get("memory"))
    template = save.get("anotetemplate") or save.get("authornotetemplate")
    lore.author(save.get("authorsnote") or save.get("authornote"), template)
    lore.fact("Notes", save.get("notes"), pinned=False)
    settings = loose.table(save.get("savedsettings"))
    speakers = [loose.text(settings.get("chatname")), *loose.text(settings.get("chatopponent")).split("||$||")]
    if loose.count(settings.get("opmode")) == 3:
        lore.people(speakers)
    later = loose.table(save.get("worldinfo_v2")).get("entries")
    told = later if later is not None else save.get("worldinfo")
    for entry in loose.row(told) or loose.numbered(told).values():
        lore.entry(entry)


def _lose(save: Mapping[str, Any], tally: Tally) -> None:
    """What a save holds besides."""
    if save.get("savedsettings"):
        tally.lost("settings of the program", "only the sampling of the newest request is kept")
    if save.get("savedaestheticsettings"):
        tally.lost("settings of how it looks", "a session holds none")
    if save.get("documentdb_data"):
        tally.lost("text databases", "keep the text as notes or samples where it is needed")
    if pictures := len(loose.row(save.get("completed_imgs_meta")) or loose.table(save.get("completed_imgs_meta"))):
        tally.lost("descriptions of pictures", "a session holds text alone", pictures)
