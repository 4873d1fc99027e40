"""What a request asks of the model: the beat, its cast, and what was told before.

Finds the characters, the thing and the place in the texts of a prompt by capitals, word lists and word order, and
puts the beat in the past tense, clause by clause. Guesses, and holds no probabilities; what it misses is still in
the text the model adapts to.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from composer.llm.embedded import grammar
from composer.llm.embedded.cast import PRONOUNS, Cast, Character, Item
from composer.llm.embedded.lexicon import GENDERS, NAME_GENDERS, NOT_PEOPLE, PLACES, TITLES
from composer.llm.embedded.notes import read_notes
from composer.llm.embedded.prompt import PLANS, Prompt
from composer.llm.embedded.store import Store, content_stems, way_in
from composer.llm.embedded.tokens import ARTICLE, CLOSES, OPENS, PUNCTUATION, STOPS, tokenise, words


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause of the beat in the past tense, as a sentence of its own."""

    items: tuple[Item, ...]
    """With the characters told absolutely, and a full stop at the end."""
    covers: tuple[int, ...]
    """Indexes of the beat's clauses that this tells."""
    pronoun: int = -1
    """The character that must have been mentioned last for this wording (its subject is a pronoun), or -1."""


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt, understood."""

    prompt: Prompt
    cast: Cast
    given: tuple[int, int]
    """How many of the cast's things and places come from the prompt; those after are suggestions."""
    ways_in: tuple[str, ...]
    """Of each place: "in" or "on" if the prompt goes there so, else empty."""
    clauses: tuple[Clause, ...]
    count: int
    """How many clauses the beat has."""
    beat: tuple[str, ...]
    """The beat's symbols, in the past tense."""
    wanted: tuple[str, ...]
    """Content words of the beat that are no slots, in order, in the past tense; those of the text after a fill too."""
    previous: tuple[str, ...]
    """The previous paragraph's symbols."""
    after: tuple[str, ...]
    """The symbols of the text that follows."""
    story: tuple[str, ...]
    """The symbols of the story so far: what is told of it in short, and what is given as written."""
    samples: tuple[str, ...]
    """The symbols of the samples of a style."""
    known: frozenset[str]
    """Stems of all words the prompt's texts have."""
    proper: frozenset[str]
    """Words that keep their capital wherever they stand."""


def understand(prompt: Prompt, store: Store) -> Request:
    """What the prompt asks, in the model's terms. Never fails: what isn't found is taken from the corpus."""
    return _Reader(prompt, store).request()


class _Reader:
    """One reading of a prompt."""

    def __init__(self, prompt: Prompt, store: Store) -> None:
        self._prompt = prompt
        self._store = store
        self._roles = dict(GENDERS)
        self._things: set[str] = set()
        self._places = set(PLACES)
        for fable in store.fables:
            for character in fable.cast.characters:
                if not character.named:
                    self._roles[character.noun] = character.gender
            self._things.update(fable.cast.things)
            self._places.update(fable.cast.places)
        self._places -= self._things
        self._noted: dict[str, str] = {}
        """Names of people in the notes with the pronoun that is told of them, if any."""
        self._noted_places: set[str] = set()
        self._read_notes()
        self._aliases: dict[str, dict[tuple[str, ...], None]] = {}
        self._names = self._find_names()
        self._heads: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for name in self._names:
            for run in self._aliases[name]:
                self._heads.setdefault(run[0], []).append((run, name))
        self._proper = {word for name in self._names for run in self._aliases[name] for word in run}
        self._proper |= store.proper

    def request(self) -> Request:
        prompt = self._prompt
        asked = prompt.instruction if prompt.kind == "rework" else prompt.beat
        if prompt.kind in PLANS:
            parts = (prompt.beat, prompt.purpose, prompt.outline, prompt.instruction, prompt.story[-_RECENT:])
            asked = "\n".join(parts).strip()
        main = prompt.passage or asked or prompt.tail or prompt.previous
        beat = self._symbols(main)
        previous, after = self._symbols(prompt.previous), self._symbols(prompt.after)
        people, things, places = self._members(_teller(beat) if prompt.kind != "continue" else beat)
        around = _teller([*previous, "\n", *after]) if prompt.kind != "continue" else previous
        before, old_things, old_places = self._members(around)
        wide = self._members(self._symbols(f"{prompt.outline}\n{prompt.purpose}"))
        earlier = self._members(self._symbols(prompt.condensed))
        for members in earlier:
            members.reverse()  # whoever was spoken of last is the nearest
        if not people or (len(people) < 2 and self._lone_pronoun(beat, people)):
            people += [c for c in before if c.noun not in {p.noun for p in people}][: 2 - len(people)]
        if prompt.kind == "fill":
            people += [c for c in before if c.noun not in {p.noun for p in people}][:2]
        further = [*earlier[0], *(self._character(name) for name in self._names if name in self._noted)]
        if further and self._lone_pronoun(beat, people):
            meant = self._lone_genders(beat) - {c.gender for c in people}
            people = [*[c for c in further if c.gender in meant][:1], *people]
        if not people:
            people = (wide[0] or further)[:1]
        things = things or old_things[:1] or wide[1][:1] or earlier[1][:1]
        places = places or old_places[:1] or wide[2][:1] or earlier[2][:1]
        about = set(content_stems(beat)) | set(content_stems(previous))
        given = (len(things), len(places))
        cast = self._completed(people[: _CROWD if prompt.kind in _WIDE else _FEW], things, places, beat, about)
        told = past_tense(self._symbols(asked), cast) if asked and prompt.kind not in PLANS else []
        clauses, count = split_clauses(told, cast)
        items = cast.encode(told)
        if prompt.kind == "fill":
            items += cast.encode(after)[:_LEADING]
        wanted = tuple(
            item.form for item in items if item.ref < 0 and item.form[0].isalpha() and item.form not in grammar.FUNCTION
        )
        texts = (
            *(prompt.beat, prompt.previous, prompt.story, prompt.outline, prompt.purpose, prompt.instruction),
            *(prompt.passage, prompt.after, prompt.notes, prompt.condensed, prompt.samples),
        )
        known = frozenset(stem for text in texts for stem in content_stems(self._symbols(text)))
        return Request(
            prompt=prompt,
            cast=cast,
            given=given,
            ways_in=tuple(self._way_in(place, (beat, previous)) for place in cast.places),
            clauses=tuple(clauses),
            count=count,
            beat=tuple(told),
            wanted=tuple(dict.fromkeys(wanted)),
            previous=tuple(previous),
            after=tuple(after),
            story=tuple(self._symbols(f"{prompt.condensed}\n{prompt.story}".lstrip())),
            samples=tuple(self._symbols(prompt.samples)),
            known=known,
            proper=frozenset(self._proper),
        )

    def _symbols(self, text: str) -> list[str]:
        return [token.symbol for token in tokenise(text, self._proper.__contains__)]

    def _way_in(self, place: str, texts: Sequence[Sequence[str]]) -> str:
        for symbols in texts:
            for at, symbol in enumerate(symbols):
                if symbol == place:
                    for before in reversed(symbols[max(0, at - 4) : at]):
                        if before in grammar.PREPOSITIONS:
                            found = way_in(before)
                            if found:
                                return found
                            break
        return ""

    def _find_names(self) -> dict[str, str]:
        """Names in all texts of the prompt with the pronoun each gets; fills the aliases as well.

        A title and a name are one name, "Mr Pym"; of a first name and a surname the first is the name.
        """
        prompt = self._prompt
        texts = (
            *(prompt.beat, prompt.passage, prompt.previous, prompt.tail, prompt.after),
            *(prompt.story, prompt.condensed, prompt.outline, prompt.purpose, prompt.notes),
            prompt.instruction if prompt.kind in ("rework", *PLANS) else "",
        )
        found: dict[str, None] = {}
        runs: dict[tuple[str, ...], None] = {
            tuple(name.split()): None for name in self._noted if all(word[0].isupper() for word in name.split())
        }
        for line in (line for text in texts for line in text.splitlines()):
            words = re.findall(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*|[^\w\s]", line)
            headline = _is_headline(words)
            run: list[str] = []
            for at, word in enumerate([*words, "\n"]):
                bare = re.sub(r"['’]s$", "", word)
                before = words[at - 1] if at else "\n"
                after = words[at + 1] if at + 1 < len(words) else "\n"
                sure = not headline or bare.lower() in NAME_GENDERS or bare in self._store.proper
                if sure and self._is_name(bare, before, after, bool(run)):
                    run.append(bare)
                    if bare == word:
                        continue
                if run:
                    runs.setdefault(tuple(run))
                    run = []
        for names in runs:
            if " ".join(names) in self._noted_places:
                continue
            titled = names[0].lower() in TITLES and len(names) > 1
            if names[0].lower() in TITLES and not titled and names[0].lower() in self._roles:
                continue
            name = " ".join(names[:2]) if titled else names[0]
            found.setdefault(name)
            aliases = self._aliases.setdefault(name, {})
            for alias in (names, names[:2], names[1:2] if titled else ()):
                if alias:
                    aliases.setdefault(tuple(alias))
        return {name: self._gender(name) for name in found}

    def _is_name(self, word: str, before: str, after: str, running: bool) -> bool:
        low = word.lower()
        if not word[0].isupper() or word == "I" or low in _NOT_NAMES or (word.isupper() and len(word) > 1):
            return False
        opening = (*STOPS, *"\"“’'\n:-*#…—(", "–")
        if before not in opening or running:
            return True
        if low in TITLES and after[:1].isupper():
            return True
        if low in NAME_GENDERS or word in self._store.proper:
            return low not in self._store.ids or low in NAME_GENDERS
        return self._name_before(word, after)

    def _name_before(self, word: str, after: str) -> bool:
        """Whether a capitalised first word must be a name, by what follows it."""
        low = word.lower()
        if low in self._store.ids or low in grammar.FUNCTION or grammar.is_base(low) or low in self._roles:
            return False
        if low.endswith(("ing", "ly", "ed", "s")) or low in self._places or low in self._things:
            return False
        if after in ("and", ",", "the") or after[:1].isupper():
            return True
        return grammar.is_present(after) or grammar.is_past(after) or after in grammar.PAST or after in _ADVERBS

    def _read_notes(self) -> None:
        """Take people and places from the notes; a name without a capital is what someone is: "the weigher"."""
        for note in read_notes(self._prompt.notes):
            for name in note.names:
                head = name.split()[-1]
                if note.kind == "person":
                    self._noted[name] = note.gender
                    if head[0].islower():
                        self._roles[head] = note.gender or self._roles.get(head, "they")
                elif note.kind == "place":
                    self._noted_places.add(name)
                    self._places.add(head.lower())
                    self._things.discard(head.lower())

    def _told_gender(self, name: str) -> str:
        """The pronoun that a note tells of a name, by itself or as the first of several."""
        if self._noted.get(name):
            return self._noted[name]
        return next((gender for noted, gender in self._noted.items() if gender and noted.split()[0] == name), "")

    def _character(self, name: str) -> Character:
        return Character(name, self._names[name], "", tuple(self._aliases[name]))

    def _gender(self, name: str) -> str:
        if told := self._told_gender(name):
            return told
        title = name.split()[0].lower()
        known = TITLES.get(title) or NAME_GENDERS.get(name.split()[-1].lower(), "") or NAME_GENDERS.get(title, "")
        if known:
            return known
        role = re.search(
            rf"\b{re.escape(name)},? the (\w+)",
            "\n".join((self._prompt.beat, self._prompt.outline, self._prompt.notes)),
        )
        if role and GENDERS.get(role.group(1), "they") != "they":
            return GENDERS[role.group(1)]
        for fable in self._store.fables:
            for character in fable.cast.characters:
                if character.noun == name:
                    return character.gender
        prompt = self._prompt
        heard: Counter[str] = Counter()
        texts = (*(prompt.beat, prompt.passage, prompt.previous, prompt.after), *(prompt.outline, prompt.story))
        for text in (*texts, prompt.condensed):
            for match in re.finditer(re.escape(name) + r"\b([^.?!\n]*(?:[.?!] ?[^.?!\n]*)?)", text):
                pronoun = re.search(r"\b(he|she|him|her|his)\b", match.group(1), re.IGNORECASE)
                if pronoun:
                    heard["she" if pronoun.group(1).lower() in ("she", "her") else "he"] += 1
        if heard:
            return heard.most_common(1)[0][0]
        return "she" if re.search(r"(?:a|ie|y|elle|ine|ette|ah|eth|een|is)$", name) else "he"

    def _lone_pronoun(self, symbols: Sequence[str], people: list[Character]) -> bool:
        """Whether the text has a pronoun that none of these people accounts for."""
        return not self._lone_genders(symbols) <= {c.gender for c in people}

    def _lone_genders(self, symbols: Sequence[str]) -> set[str]:
        """The genders of the personal pronouns in a text."""
        return {"she" if s == "she" else "he" for s in symbols if s in ("he", "she", "him")}

    def _members(self, symbols: Sequence[str]) -> tuple[list[Character], list[str], list[str]]:
        """Characters, things and places in the order in which they are met."""
        people: dict[str, Character] = {}
        things: dict[str, None] = {}
        places: dict[str, None] = {}
        at = 0
        clause_start, has_verb = True, False
        while at < len(symbols):
            symbol = symbols[at]
            before = symbols[at - 1] if at else "."
            width = 1
            named = self._name_at(symbols, at)
            if named:
                name, width = named
                people.setdefault(name, self._character(name))
                owned = symbols[at + width : at + width + 2]
                if len(owned) == 2 and owned[0] in ("'s", "’s"):
                    width += 1
                    if self._roles.get(owned[1]):
                        width += 1
                        article = PRONOUNS[self._names[name]][2]
                        people.setdefault(owned[1], Character(owned[1], self._role_gender(owned[1]), article))
                elif symbols[at + width : at + width + 1] == ["the"]:
                    width += self._phrase(symbols, at + width, has_verb)[0]
            elif symbol == "I" and "I" not in people:
                people["I"] = Character("I", "I", "")
            elif symbol in grammar.DETERMINERS or symbol in ("one", "two"):
                width, noun = self._phrase(symbols, at, has_verb)
                if noun and symbols[at + width : at + width + 1] in (["'s"], ["’s"]):
                    more, owned_noun = self._phrase(symbols, at + width, has_verb)
                    width, noun = width + more, owned_noun or noun
                after = symbols[at + width] if at + width < len(symbols) else "."
                told_of = before in ("is", "was", "becomes", "became", "be")
                if noun and not (told_of and (people or things)):
                    kind = self._kind(noun, before, after, clause_start)
                    if kind == "person" and symbol not in ("no", "two", "these", "those"):
                        article = symbol if symbol in ("her", "his", "their", "my") and width == 2 else "the"
                        people.setdefault(noun, Character(noun, self._role_gender(noun), article))
                    elif kind == "place":
                        places.setdefault(noun)
                    elif kind == "thing":
                        things.setdefault(noun)
            elif symbol in self._places and before in grammar.PLACING:
                places.setdefault(symbol)
            elif symbol in self._things and (before in grammar.PREPOSITIONS or grammar.is_present(before)):
                things.setdefault(symbol)
            if symbol in PUNCTUATION or symbol in ("and", "but", "who", "that", "while", "when", "because", "\n"):
                clause_start, has_verb = True, False
            elif width > 1 or named:
                clause_start = False
            elif grammar.is_present(symbol) or grammar.is_past(symbol):
                has_verb = True
                clause_start = False
            at += width
        return list(people.values()), list(things), list(places)

    def _name_at(self, symbols: Sequence[str], at: int) -> tuple[str, int] | None:
        """The name that stands here, by its longest form, and how many symbols it takes."""
        found = [
            (len(run), name)
            for run, name in self._heads.get(symbols[at], ())
            if tuple(symbols[at : at + len(run)]) == run
        ]
        if not found:
            return None
        width = max(size for size, _ in found)
        return next(name for size, name in found if size == width), width

    def _phrase(self, symbols: Sequence[str], at: int, has_verb: bool) -> tuple[int, str]:
        """Width of the noun phrase that a determiner opens, and its head noun in the singular."""
        words: list[str] = []
        for symbol in symbols[at + 1 : at + 6]:
            if not symbol[0].isalpha() or symbol in self._heads or symbol in ("'s", "’s"):
                break
            if symbol in grammar.FUNCTION and symbol not in ("old", "little", "own", "first", "second", "last", "well"):
                break
            if symbol in grammar.PREPOSITIONS or symbol in grammar.COORDINATORS or symbol in grammar.SUBORDINATORS:
                break
            plural = symbols[at] in ("the", "two", "these", "those", "his", "her", "their") and words[-1:] != []
            plural = plural and words[-1].endswith("s") and grammar.is_base(symbol)
            if words and (plural or self._verb_here(symbol, words[-1], has_verb) or symbol.endswith("ly")):
                break
            words.append(symbol)
        if not words:
            return 1, ""
        return len(words) + 1, self._singular(words[-1])

    def _verb_here(self, word: str, before: str, has_verb: bool) -> bool:
        """Whether the word after a possible noun is the verb rather than the noun itself."""
        if before in self._roles and (word.endswith("s") or grammar.is_past(word) or grammar.is_base(word)):
            return True
        if word in self._things or word in self._places or word in self._roles:
            return False
        if grammar.is_past(word) and before in (self._things | self._places | self._store.nouns):
            return True
        if has_verb or not word.endswith("s"):
            return False
        return grammar.is_present(word) or (grammar.base_of_present(word) or "") in self._store.verbs

    def _singular(self, noun: str) -> str:
        for known in (noun.removesuffix("s"), noun.removesuffix("es"), noun[:-3] + "y"):
            if known != noun and (known in self._things or known in self._places) and grammar.plural(known) == noun:
                return known
        return noun

    def _kind(self, noun: str, before: str, after: str, clause_start: bool) -> str:
        """person, place, thing, or nothing worth a slot."""
        if noun in self._roles:
            return "person"
        if noun in self._places:
            return "place"
        if noun in self._things:
            return "thing"
        if noun in _NO_THING or noun in grammar.FUNCTION:
            return ""
        if noun not in NOT_PEOPLE and re.search(r"(?:man|woman|ist|ess|smith|keeper|master|maker)$", noun):
            return "person"
        verb = grammar.base_of_present(after) or ""
        if noun not in NOT_PEOPLE and re.search(r"(?:er|or|ian|ant)$", noun):
            if clause_start or before in ("to", "for", "from", "with", "by", "and") or grammar.is_present(before):
                return "person"
        elif clause_start and verb in _ANIMATE and after != "is":
            return "person"
        if before in grammar.PLACING and before != "to" and noun not in self._store.rarity:
            return "place" if before in ("in", "into", "at", "inside", "through", "across") else "thing"
        return "thing"

    def _role_gender(self, noun: str) -> str:
        gender = self._roles.get(noun, "they")
        if gender != "they":
            return gender
        if noun.endswith(("woman", "ess", "ette")):
            return "she"
        if noun.endswith("man"):
            return "he"
        prompt = self._prompt
        for text in (prompt.beat, prompt.passage, prompt.previous):
            match = re.search(rf"\b{re.escape(noun)}\b[^.?!]*?\b(he|she|his|her|him)\b", text)
            if match:
                return "she" if match.group(1) in ("she", "her") else "he"
        return "he" if sum(map(ord, noun)) % 2 else "she"

    def _completed(
        self, people: list[Character], things: list[str], places: list[str], symbols: Sequence[str], about: set[str]
    ) -> Cast:
        """The cast, with what it lacks taken from the fables that are nearest in words."""
        store = self._store
        nearness: Counter[int] = Counter()
        for paragraph in store.paragraphs:
            shared = sorted(about & (paragraph.text | paragraph.beat))
            nearness[paragraph.fable] += int(1000 * sum(store.rarity.get(stem, 0.0) for stem in shared))
        order = sorted(nearness, key=lambda fable: (-nearness[fable], fable))
        casts = [store.fables[fable].cast for fable in order[:4]]
        if not people:
            wanted = self._lone_genders(symbols)
            known = [c for fable in order for c in store.fables[fable].cast.characters]
            people = [c for c in known if c.gender in wanted or not wanted][:1]
        things = things[:4] or list(dict.fromkeys(noun for cast in casts for noun in cast.things))[:3]
        places = places[:4] or list(dict.fromkeys(noun for cast in casts for noun in cast.places))[:3]
        return Cast(tuple(people), tuple(things), tuple(places))


def _teller(symbols: Sequence[str]) -> list[str]:
    """The symbols without those by which people in speech mean themselves: they are not who tells the story."""
    kept: list[str] = []
    quoted = False
    for symbol in symbols:
        quoted = (quoted or symbol in OPENS) and symbol not in CLOSES and symbol != "\n"
        if symbol != "I" or not quoted:
            kept.append(symbol)
    return kept


def _is_headline(line: Sequence[str]) -> bool:
    """Whether a line is a title, where capitals say nothing of names."""
    if not line or line[-1] in STOPS:
        return False
    telling = [w for w in line if w[0].isalpha() and w.lower() not in grammar.FUNCTION]
    return all(w[0].isupper() for w in telling)


_FEW, _CROWD = 4, 40
"""People of a paragraph at most; and of a passage that is told in short, or of an outline."""
_WIDE = ("condense", "summary", *PLANS)
_RECENT = 3000
"""Characters of the story so far whose people an outline may tell of."""
_LEADING = 24
"""Symbols of the text after a fill that it should lead on to."""
_NOT_NAMES = words("""
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july august
    september october november december i'll i'm i've i'd the a an in on at to it he she they we you his her my
    """) - {"june", "april", "may", "august"}
_NO_THING = words("""
    way day night morning evening afternoon time moment year week month hour minute end beginning side part kind sort
    lot bit truth reason thing things people man-made world life death love while rest middle edge top bottom front
    back first second last story chapter scene spring summer autumn winter dawn dusk noon midnight
    """)
_ANIMATE = words("""
    ask tell say give refuse carry take find lose wait steal teach learn meet visit visits offer climb walk run sing
    dream decide discover hear see watch follow lie laugh cry weep swear promise bring buy sell read write forgive
    hide mend search beg borrow confess admit explain invite leave return arrive want wish know believe remember
    forget help thank
    """)
_ADVERBS = words("never always still only also then finally almost soon suddenly slowly quietly often once")


def past_tense(symbols: Sequence[str], cast: Cast) -> list[str]:
    """A present-tense summary, retold in the past; what is in quotes stays.

    A word is put in the past where a clause still wants its verb: "the keeper asks Ines to climb and sits" to
    "the keeper asked Ines to climb and sat". Verbs of plural subjects are seen after "X and Y" and "they".
    """
    names = {word for c in cast.characters for word in (*c.noun.split(), *(w for run in c.aliases for w in run))}
    told: list[str] = []
    quoted = False
    wants, subject, coordinated = True, False, False
    for at, symbol in enumerate(symbols):
        before = symbols[at - 1] if at else "."
        after = symbols[at + 1] if at + 1 < len(symbols) else "."
        new = symbol
        if symbol in OPENS:
            quoted = True
        elif symbol in CLOSES:
            quoted = False
        if quoted:
            told.append(symbol)
            continue
        low = symbol
        if low in STOPS or low in (",", ";", ":", "—", "\n") or low in grammar.SUBORDINATORS:
            wants, subject, coordinated = True, subject and low == ",", False
        elif low in ("and", "but", "or", "then", "so", "yet"):
            coordinated = low == "and" and subject and wants
            wants = True
        elif low in grammar.AUXILIARIES or (low in grammar.PAST and low.endswith("n't")):
            if before not in ("to", "the", ARTICLE) and low != "might":
                new = grammar.PAST.get(low, {"has": "had", "does": "did"}.get(low, low))
                if low in ("do", "does") and after != "not" and not grammar.is_base(after):
                    new = "did"
            wants = False
        elif wants and _is_verb(low, before, names, subject, coordinated):
            base = grammar.base_of_present(low) if low.endswith("s") and not grammar.is_base(low) else low
            new = grammar.past(base or low)
            wants = False
        elif before == "to" or (grammar.is_past(low) and subject):
            wants = wants and before == "to" and not subject
        if (
            low in names
            or low in ("he", "she", "it", "they", "we", "I", "you", "who")
            or (low[0].isalpha() and low not in grammar.FUNCTION and wants)
        ):
            subject = True
        told += new.split()
    return told


def _is_verb(word: str, before: str, names: set[str], subject: bool, coordinated: bool) -> bool:
    if not word[0].isalpha() or word in grammar.FUNCTION or before in grammar.PREPOSITIONS:
        return False
    if before in grammar.DETERMINERS and before not in ("that", "this", "her", "another"):
        return False
    if word.endswith("s") and not word.endswith("ss"):
        person = before in names or before in ("he", "she", "it", "who", "that", "which", "what", *_ADVERBS)
        joined = before in ("and", "but", ",", "then", "so", "or")
        if person and grammar.base_of_present(word):
            return True
        return grammar.is_present(word) and (subject or joined)
    several = before.endswith("s") and before not in names and not before.endswith(("ss", "us"))
    if before in ("they", "we", "I", "you", "who") or several or (coordinated and before not in ("and", ",")):
        return grammar.is_base(word)
    return False


def split_clauses(symbols: Sequence[str], cast: Cast) -> tuple[list[Clause], int]:
    """The clauses of a summary in the past tense, each as a sentence, in its possible wordings; and their number.

    A clause without a subject of its own gets the one before it. What has no verb is left out.
    """
    items = cast.encode(symbols)
    clauses: list[Clause] = []
    count = 0
    for sentence in _sentences(items):
        pieces = _pieces(sentence)
        first = count
        subject: tuple[Item, ...] = ()
        for piece in pieces:
            own = _subject(piece)
            if not own and not subject:
                continue
            words = piece if own else [*subject, *piece]
            subject = own or subject
            if not any(item.ref < 0 and grammar.is_past(item.form) for item in words):
                continue
            clauses += _wordings(words, (count,))
            count += 1
        if count - first == 2 and len(sentence) <= 30 and _subject(sentence):
            clauses += _wordings(list(sentence), (first, first + 1))
    return clauses, count


def _wordings(words: Sequence[Item], covers: tuple[int, ...]) -> list[Clause]:
    words = [item for item in words if item.form != "\n"]
    while words and words[-1].form in PUNCTUATION:
        words.pop()
    stop = Item(".", -1)
    result = [Clause((*words, stop), covers)]
    head = words[0]
    if head.ref >= 0 and head.form == "C" and words[1].form not in ("and", "'s", "’s"):
        result.append(Clause((Item("he", head.ref), *words[1:], stop), covers, head.ref))
    return result


def _sentences(items: Iterable[Item]) -> list[list[Item]]:
    found: list[list[Item]] = [[]]
    for item in items:
        if item.form in STOPS or item.form in ("\n", ";", ":"):
            found.append([])
        else:
            found[-1].append(item)
    return [sentence for sentence in found if len(sentence) > 1]


def _pieces(sentence: Sequence[Item]) -> list[list[Item]]:
    """A sentence cut before "and", "but", "so", "then" where a verb or a subject with its verb follows."""
    pieces: list[list[Item]] = [[]]
    verb = False
    for at, item in enumerate(sentence):
        rest = sentence[at + 1 :]
        joint = item.form in ("and", "but", "so", "then") and item.ref < 0
        if joint and verb and rest and (_verb_first(rest) or _clause_first(rest)):
            while pieces[-1] and pieces[-1][-1].form == ",":
                pieces[-1].pop()
            pieces.append([])
            verb = False
            continue
        if item.ref < 0 and grammar.is_past(item.form):
            verb = True
        pieces[-1].append(item)
    return [piece for piece in pieces if piece]


def _verb_first(items: Sequence[Item]) -> bool:
    for item in items[:2]:
        if item.ref >= 0 or not item.form[0].isalpha():
            return False
        if grammar.is_past(item.form):
            return True
        if item.form not in _ADVERBS:
            return False
    return False


def _clause_first(items: Sequence[Item]) -> bool:
    """Whether these begin with a subject that has its verb within a few words."""
    if not _subject(items):
        return False
    return any(item.ref < 0 and grammar.is_past(item.form) for item in items[1:6])


def _subject(items: Sequence[Item]) -> tuple[Item, ...]:
    """The subject these open with: characters ("X", "X and Y"), or a noun phrase with its article; or nothing."""
    if not items or (items[0].ref < 0 and grammar.is_past(items[0].form)):
        return ()
    head = items[0]
    if head.ref >= 0 and head.form in ("C", "he"):
        if len(items) > 2 and items[1].form == "and" and items[2].form == "C":
            return tuple(items[:3])
        return (head,)
    if head.ref < 0 and head.form in ("they", "it", "nobody", "someone", "everyone", "something"):
        return (head,)
    if head.form in grammar.DETERMINERS or head.form in ("he", "his") or head.form[0].isalpha():
        for at, item in enumerate(items[1:6], 1):
            if item.ref < 0 and grammar.is_past(item.form):
                opens = head.form in grammar.DETERMINERS or head.form == "his" or head.form not in grammar.FUNCTION
                return tuple(items[:at]) if opens and head.form not in grammar.PREPOSITIONS else ()
    return ()
