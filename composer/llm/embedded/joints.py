"""Changes at the joints of a passage: sentences joined, cut and linked, and slips of the joining mended.

Two sentences with one subject become one; a long one becomes two; a sentence gets a connective, or loses it; a
word that stands twice, a missing space or capital, or quotes of two kinds are put right; where most is told in
the past, the rest is too. Proposes with rough odds (see `revision`); never touches speech, but for its quotes,
and never crosses a paragraph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from composer.llm.embedded.edits import Edit, Family
from composer.llm.embedded.grammar import AUXILIARIES, QUESTIONING, SUBORDINATORS, is_past, is_present, stem
from composer.llm.embedded.lexicon import NAME_GENDERS
from composer.llm.embedded.passage import Passage, Sentence, is_content
from composer.llm.embedded.request import past_tense
from composer.llm.embedded.store import Store
from composer.llm.embedded.tokens import ARTICLE, OPENS, STOPS, words

LINKS: dict[str, str] = {
    "then": "act", "at last": "act", "after that": "act", "after <a> while": "act", "so": "cause", "but": "contrast",
    "and": "act", "instead": "denied", "for <a> moment": "state", "for <a> while": "state",
}  # fmt: skip
"""Connectives that may open a sentence, with what they want: something that happens or lasts; a reason for it
told before; one of the two denied; what was told before denied."""
_STATES = words("was were stood sat lay waited stayed remained looked watched listened stared thought")
_NEGATIONS = words("not never no nothing nobody none without")
_PRONOUNS = words("he she they it I we")
_LINKING = words("then so but and now still yet however instead meanwhile soon later")
"""Words that, at the head of a sentence, link it to the one before."""
_TWICE = words("had that very never no so long far on again her you")
"""Words that may well stand twice."""
SLIP = 30.0
"""The odds of a slip being put right."""
_TELLING = 3
"""Telling words that a sentence has at least, to be compared with others."""
_BACK = 30
"""Sentences back, at most, that it is compared with."""
_LONG = 14
"""Words from which on a sentence is long."""


class Joints:
    """The changes at the joints of one passage."""

    def __init__(self, passage: Passage, store: Store) -> None:
        self._passage = passage
        self._links = _shares(store)
        self._curly = _most_are_curly(passage.text)
        self._pasts = _told_in_past(passage)
        self._known_stems: dict[int, frozenset[str]] = {}

    def at(self, at: int) -> Iterator[Edit]:
        """The changes at the joints that begin with the word at `at`."""
        found = [*self._mends(at), *self._joined(at), *self._linked(at), self._left_out(at)]
        if self._passage.symbol(at) == ",":
            found += [*self._split(at), *self._closed_up(at)]
        for edit in found:
            if edit is not None:
                yield edit
        if at in self._pasts:
            passage = self._passage
            verb = self._pasts[at]
            yield Edit(at, at + 1, passage.written(at, [verb]), (verb,), 1.0, "tense")

    # Slips

    def _mends(self, at: int) -> Iterator[Edit | None]:
        passage = self._passage
        word, before = passage.words[at], passage.symbol(at - 1)
        if word.is_word:
            then = passage.words[at + 1] if at + 1 < len(passage) else word
            same = then is not word and then.text.lower() == word.text.lower() and not then.gap.strip(" ")
            if same and word.symbol not in _TWICE and word.text.isalpha():
                yield Edit(at, at + 2, (passage.text_of(at),), tuple(passage.slots(at, at + 1)), SLIP, "mend")
        if not at:
            return
        ends = before in STOPS and not word.quoted and not passage.words[at - 1].quoted
        if ends and word.is_word and passage.starts_sentence(at) and at > 1 and passage.words[at - 2].is_word:
            known = len(passage.words[at - 2].text) > 1
            spaced = " " if not word.gap and word.text[0].isupper() else word.gap
            if known and (spaced != word.gap or (word.text[0].islower() and word.gap)):
                yield self._kept(at, passage.text_of(at, gap=spaced, capital=True))
        again = word.text in ("!", "?", ",") and passage.words[at - 1].text == word.text and not word.gap
        if again and at + 1 < len(passage):
            yield Edit(at, at + 2, (passage.text_of(at + 1),), tuple(passage.slots(at + 1, at + 2)), SLIP, "mend")
        stray = word.symbol in (",", ".") and word.gap == " " and passage.words[at - 1].is_word
        if stray and not (at + 1 < len(passage) and passage.words[at + 1].gap == "" and passage.words[at + 1].is_word):
            yield self._kept(at, word.text)
        if word.text == '"' and self._curly:
            yield self._kept(at, word.gap + ("“" if word.symbol in OPENS else "”"))
        elif word.text in ("“", "”") and not self._curly:
            yield self._kept(at, word.gap + '"')

    def _kept(self, at: int, text: str) -> Edit:
        return Edit(at, at + 1, (text,), tuple(self._passage.slots(at, at + 1)), SLIP, "mend")

    # Two sentences as one

    def _joined(self, at: int) -> Iterator[Edit | None]:
        passage = self._passage
        if passage.symbol(at) != "." or at + 2 >= len(passage):
            return
        first, second = passage.sentence(at), passage.sentence(at + 1)
        if first is second or not (first.plain and second.plain) or passage.words[at + 1].gap != " ":
            return
        size, more = first.end - first.start, second.end - second.start
        if size < 3 or more < 3 or size + more > 26 or not self._tells(first) or not self._tells(second):
            return
        head, verb = passage.symbol(second.start), passage.symbol(second.start + 1)
        lead = passage.slots(second.start, second.start + 1)[0]
        if self._linked_already(second) or head in SUBORDINATORS or head in QUESTIONING - {"is", "was"}:
            return
        run = passage.symbols(first.start, first.end)
        joined = "and" in run
        nested = any(symbol in SUBORDINATORS for symbol in run)
        same = self._subject(first) == self._subject(second) != ""
        short = 1.4 if size < 8 and more < 9 else 1.0
        third = 1.3 if same and second.start and self._repeats(passage.words[at].sentence) else 1.0
        if (
            head in _PRONOUNS
            and same
            and is_past(verb)
            and not (joined or nested)
            and verb not in ("was", "were", "had")
        ):
            yield Edit(at, second.start + 1, (" and",), ("and",), 0.5 * short * third, "join")
        subject = head in _PRONOUNS or head in ("the", ARTICLE, "his", "her") or passage.is_named(second.start)
        if same and not (joined or nested) and passage.is_named(second.start):
            yield from self._named_again(at, second)
        if subject and not joined and more > 3:
            texts = (",", " and", passage.text_of(second.start, gap=" ", capital=False))
            yield Edit(at, second.start + 1, texts, (",", "and", lead), 0.3 * short * third, "join")

    def _named_again(self, at: int, second: Sentence) -> Iterator[Edit]:
        """The name of who the sentence before was about: left out, or as a pronoun where that is known."""
        passage = self._passage
        name, verb = passage.words[second.start], passage.symbol(second.start + 1)
        before = passage.words[passage.sentence(at).start]
        if before.text != name.text or passage.slots(second.start, second.start + 1)[0] != "<C=>":
            return
        if is_past(verb) and verb not in ("was", "were", "had"):
            yield Edit(at, second.start + 1, (" and",), ("and",), 0.5, "name")
        gender = NAME_GENDERS.get(name.text.lower())
        if gender and verb[0].isalpha():
            texts = (".", " " + gender.capitalize())
            yield Edit(at, second.start + 1, texts, (".", "<he=>"), 0.5, "name")

    def _tells(self, sentence: Sentence) -> bool:
        return any(is_past(symbol) for symbol in self._passage.symbols(sentence.start, sentence.end))

    def _subject(self, sentence: Sentence) -> str:
        """Who a sentence begins with, as a pronoun, or as the name; empty if with nobody."""
        passage = self._passage
        slot = passage.slots(sentence.start, sentence.start + 1)[0]
        if slot[:2] in ("<C", "<h"):
            before = sentence.start and passage.slots(sentence.start - 1, sentence.start)
            return "=" if slot[-2] == "=" or not before else slot
        head = passage.symbol(sentence.start)
        return head if head in _PRONOUNS else ""

    def _repeats(self, number: int) -> bool:
        """Whether this sentence begins as the one before it does."""
        sentences = self._passage.sentences
        if not number:
            return False
        heads = [self._passage.symbol(sentences[each].start) for each in (number - 1, number)]
        return heads[0] == heads[1]

    def _closed_up(self, at: int) -> Iterator[Edit]:
        """A comma before "and" that joins two verbs of one subject."""
        passage = self._passage
        sentence = passage.sentence(at)
        run = passage.symbols(sentence.start, sentence.end)
        alone = passage.symbol(at + 1) == "and" and run.count(",") == 1 and not passage.words[at].quoted
        if alone and is_past(passage.symbol(at + 2)) and any(map(is_past, passage.symbols(sentence.start, at))):
            yield Edit(at, at + 2, (" and",), ("and",), 0.3, "join")

    # One sentence as two

    def _split(self, at: int) -> Iterator[Edit | None]:
        passage = self._passage
        if at + 4 >= len(passage):
            return
        sentence = passage.sentence(at)
        if not sentence.plain or sentence.end - sentence.start < _LONG:
            return
        word, head = passage.symbol(at + 1), passage.symbol(at + 2)
        if word not in ("and", "but", "so") or at - sentence.start < 4 or sentence.end - at < 6:
            return
        named = passage.words[at + 2].is_word and passage.is_named(at + 2)
        if not (head in _PRONOUNS or named or head in ("the", "his", "her")):
            return
        ahead = passage.symbols(at + 3, at + 6)
        if not any(is_past(symbol) for symbol in ahead[: 1 if head in _PRONOUNS else 3]):
            return
        told = passage.symbols(sentence.start, at)
        if not any(is_past(symbol) for symbol in told) or any(symbol in SUBORDINATORS for symbol in told[:1]):
            return
        odds = min(0.6, 0.16 + 0.022 * (sentence.end - sentence.start - _LONG))
        lead = passage.slots(at + 2, at + 3)[0]
        if word == "and":
            texts = (".", passage.text_of(at + 2, gap=" ", capital=True))
            yield Edit(at, at + 3, texts, (".", lead), odds, "split")
        else:
            yield Edit(at, at + 2, (".", passage.text_of(at + 1, gap=" ", capital=True)), (".", word), odds, "split")

    def _left_out(self, at: int) -> Edit | None:
        """What follows the sentence at once, if this says only what one before it did, or stands between others."""
        passage = self._passage
        if not at or not passage.starts_sentence(at) or passage.words[at].gap != " ":
            return None
        sentence = passage.sentence(at)
        to = sentence.end
        said = {word.text for word in passage.words[:at]}
        named = any(passage.is_named(each) and passage.words[each].text not in said for each in range(at, to))
        if named or not sentence.plain:
            return None
        again = self._is_told(passage.words[at].sentence)
        odds = 0.7 if again else 0.03
        family: Family = "again" if again else "cut"
        if to >= len(passage):
            return Edit(at, to, (), (), odds, "again") if again else None
        if passage.symbol(to) == "\n":
            return Edit(at, to + 1, (passage.text_of(to),), ("\n",), odds, "again") if again else None
        if passage.words[to].gap != " ":
            return None
        taken = passage.text_of(to, gap=passage.words[at].gap, capital=True)
        return Edit(at, to + 1, (taken,), tuple(passage.slots(to, to + 1)), odds, family)

    def _is_told(self, number: int) -> bool:
        """Whether a sentence before this one had all its telling words."""
        own = self._stems(number)
        return len(own) >= _TELLING and any(own <= self._stems(each) for each in range(max(0, number - _BACK), number))

    def _stems(self, number: int) -> frozenset[str]:
        known = self._known_stems.get(number)
        if known is None:
            sentence = self._passage.sentences[number]
            symbols = self._passage.symbols(sentence.start, sentence.end)
            known = frozenset(stem(symbol) for symbol in symbols if is_content(symbol))
            self._known_stems[number] = known
        return known

    # Connectives

    def _linked(self, at: int) -> Iterator[Edit | None]:
        passage = self._passage
        if not at or not passage.starts_sentence(at) or passage.words[at].gap != " ":
            return
        sentence = passage.sentence(at)
        before = passage.sentences[passage.words[at].sentence - 1]
        if not sentence.plain or sentence.end - sentence.start < 4:
            return
        if self._linked_already(sentence):
            yield self._unlinked(at, before)
            return
        head = passage.symbol(at)
        named = passage.words[at].is_word and passage.is_named(at)
        if not (head in _PRONOUNS - {"it"} or named or head == "the") or before.end - before.start < 3:
            return
        verb = next((s for s in passage.symbols(at + 1, at + 5) if is_past(s)), "")
        if not verb or self._linked_already(before):
            return
        lead = passage.slots(at, at + 1)[0]
        told, tells = passage.symbols(before.start, before.end), passage.symbols(at, sentence.end)
        for link, share in self._links.items():
            if not _goes(LINKS[link], verb, told, tells) or (before.end and passage.words[before.end - 1].quoted):
                continue
            run = link.split()
            if run[0] in told[:1] or run[-1] in tells:
                continue
            texts = passage.written(at, ["a" if each == ARTICLE else each for each in run])
            texts = (texts[0][:1] + texts[0][1:2].upper() + texts[0][2:], *texts[1:])
            taken = passage.text_of(at, gap=" ", capital=False)
            yield Edit(at, at + 1, (*texts, taken), (*run, lead), (0.15 if link == "so" else 0.4) * share, "link")

    def _linked_already(self, sentence: Sentence) -> bool:
        return self._passage.symbol(sentence.start) in _LINKING

    def _unlinked(self, at: int, before: Sentence) -> Edit | None:
        """The sentence without the connective that it begins with."""
        passage = self._passage
        to = at + 1
        if passage.symbol(to) == "then":
            to += 1
        if passage.symbol(to) == ",":
            to += 1
        if to >= len(passage) or not passage.words[to].is_word or is_past(passage.symbol(to)):
            return None
        again = passage.symbol(before.start) == passage.symbol(at)
        taken = passage.text_of(to, gap=passage.words[at].gap, capital=True)
        return Edit(at, to + 1, (taken,), tuple(passage.slots(to, to + 1)), 0.7 if again else 0.22, "link")


def _goes(want: str, verb: str, told: Sequence[str], tells: Sequence[str]) -> bool:
    """Whether a connective may stand between two sentences, the second of which has this verb."""
    acts = verb not in _STATES and verb not in AUXILIARIES
    before, now = (any(s in _NEGATIONS or s.endswith("n't") for s in run) for run in (told, tells))
    if want == "act":
        return acts and not now and any(is_past(s) and s not in AUXILIARIES for s in told)
    if want == "state":
        return verb in _STATES - {"was", "were"} and "for" not in tells
    if want == "cause":
        return acts and not now and any(s in ("was", "were", "could", "had") for s in told)
    return (before and not now and acts) if want == "denied" else before != now


def _shares(store: Store) -> dict[str, float]:
    """How often each connective opens a sentence of the corpus, on a scale of 0 to 1."""
    seq, sentence = store.stream.seq, store.stream.sentence
    counts = dict.fromkeys(LINKS, 0.5)
    runs = {tuple(store.id(symbol) for symbol in link.split()): link for link in LINKS}
    longest = max(map(len, runs))
    for at in range(1, len(seq)):
        if sentence[at] != sentence[at - 1]:
            for size in range(1, longest + 1):
                link = runs.get(tuple(seq[at : at + size]))
                if link:
                    counts[link] += 1
    most = max(counts.values())
    return {link: (count / most) ** 0.5 for link, count in counts.items()}


def _most_are_curly(text: str) -> bool:
    return sum(map(text.count, "“”")) >= text.count('"') and "“" in text


def _told_in_past(passage: Passage) -> dict[int, str]:
    """Of a passage that is told in the past for the most part: each verb that is not, and its past tense."""
    pasts: dict[int, str] = {}
    told = presents = 0
    for sentence in passage.sentences:
        symbols = passage.symbols(sentence.start, sentence.end)
        if any(word.quoted for word in passage.words[sentence.start : sentence.end]):
            continue
        if any(is_past(symbol) and symbol not in ("put", "set", "let", "cut", "shut") for symbol in symbols):
            told += 1
            continue
        presents += 1
        changed = past_tense(symbols, passage.request.cast)
        if len(changed) == len(symbols):
            for step, (old, new) in enumerate(zip(symbols, changed, strict=True)):
                if old != new and (is_present(old) or old in ("am", "are", "have", "do", "can", "will")):
                    pasts[sentence.start + step] = new
    return pasts if told >= 2 and told > 2 * presents else {}
