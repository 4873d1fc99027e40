"""English as far as the model needs it: verb forms, plurals, and the state of a sentence.

Word lists, spelling rules, and `Clause`, a small machine that follows a sentence and says what it still lacks.
Guesses from spelling; never looks at the corpus or a request, and no list here is ever copied into a reply.
"""

from __future__ import annotations

import re
from functools import lru_cache

from composer.llm.embedded.tokens import ARTICLE, CLOSE, CLOSE_MID, DASH, OPEN, OPEN_MID, START, STOPS, words

_IRREGULAR_TABLE = """
am was|are were|is was|be was|bear bore|beat beat|become became|begin began|bend bent|bet bet|bind bound|bite bit
bleed bled|blow blew|break broke|breed bred|bring brought|build built|burst burst|buy bought|cast cast
catch caught|choose chose|cling clung|come came|cost cost|creep crept|cut cut|deal dealt|dig dug|do did|draw drew
drink drank|drive drove|eat ate|fall fell|feed fed|feel felt|fight fought|find found|flee fled|fling flung|fly flew
forbid forbade|forget forgot|forgive forgave|freeze froze|get got|give gave|go went|grind ground|grow grew
hang hung|have had|has had|hear heard|hide hid|hit hit|hold held|hurt hurt|keep kept|kneel knelt|know knew|lay laid
lead led|lean leaned|leave left|lend lent|let let|lie lay|light lit|lose lost|make made|mean meant|meet met
mistake mistook|overhear overheard|pay paid|put put|quit quit|read read|rebuild rebuilt|ride rode|ring rang
rise rose|run ran|say said|see saw|seek sought|sell sold|send sent|set set|sew sewed|shake shook|shine shone
shoot shot|show showed|shrink shrank|shut shut|sing sang|sink sank|sit sat|sleep slept|slide slid|sling slung
slit slit|speak spoke|spend spent|spin spun|spit spat|split split|spread spread|spring sprang|stand stood
steal stole|stick stuck|sting stung|stink stank|stride strode|strike struck|string strung|strive strove
swear swore|sweep swept|swell swelled|swim swam|swing swung|take took|teach taught|tear tore|tell told|think thought
throw threw|thrust thrust|tread trod|undo undid|understand understood|undertake undertook|wake woke|wear wore
weave wove|weep wept|win won|wind wound|withdraw withdrew|withhold withheld|wring wrung|write wrote
outlive outlived|overcome overcame|overtake overtook|foresee foresaw|mislay mislaid|unwind unwound|bid bade
can could|will would|may might|shall should|cannot could not|don't did not|doesn't did not|isn't was not
aren't were not|hasn't had not|haven't had not|can't could not|won't would not
"""
PAST: dict[str, str] = {
    base.strip(): past.strip()
    for base, _, past in (entry.partition(" ") for entry in re.split(r"[|\n]", _IRREGULAR_TABLE.strip()))
}
"""Irregular verbs and the auxiliaries: base (or present) form to past."""

REGULAR = words("""
    accept accuse admire admit advise agree aim allow announce answer appear approach argue arrange arrive ask
    attack avoid bake balance beckon beg behave believe belong blame bless blink block board boast boil borrow bow
    breathe brush burn bury call calm camp carry carve cast cause change chase cheat check cheer chew claim clap
    clean clear climb close collect comb comfort compare complain confess consider cook copy correct cough count
    cover crash crawl cross crouch crush cry curse dance dare decide declare delay deliver demand deny deserve
    destroy discover dive divide doubt drag dream dress drift drop dry earn empty enjoy enter escape examine
    exchange expect explain explore face fade fail fasten fear fetch fill finish fish fix float flood flow fold
    follow fool forge frighten gather gaze glance grab greet groan guard guess guide hammer hand happen hate haul
    heal heat help hesitate hope hum hunt hurry ignore imagine insist invent invite jab join joke judge jump kick
    kill kiss knit knock lack land last laugh launch learn leap lick lift like limp linger listen live load lock
    look love lower manage march mark marry measure melt memorise mend mention milk miss move murmur name nail need
    nod notice obey observe offer open order owe own pack paint pass pause peel peer pick place plan plant play
    plead please point polish pour praise pray prefer prepare present press pretend print promise protect prove
    pull pump punish push question race raise reach realise realize receive recognise recognize refuse regret
    rehearse remain remember remind remove rent repair repeat reply rescue rest return reveal roar rob roll row rub
    ruin rush sail save scatter scold scrape scratch scream seal search seem serve settle sew share sharpen shelter
    shiver shout show shrug sigh sign signal sketch skip slam slip smell smile snap sneeze snore solve sort sound
    spill spoil squeeze stack stagger stamp stare start starve stay steer step stir stitch stop store stretch
    struggle study stumble succeed suffer suggest summon suppose surprise surround suspect swallow swap talk tame
    tap taste tease tempt tend test thank threaten tie touch trade trail train translate travel treat tremble trick
    trip trust try tug tune turn twist type unlock unpack untie uncover unfold unwrap urge use vanish visit vote
    wait walk wander want warm warn wash watch water wave whisper whistle wipe wish wonder work worry wrap yawn
    yell drown confront summon abandon accompany bargain betray celebrate challenge convince defend disappear
    disguise distract dismiss encounter haunt inherit interrupt introduce investigate mourn negotiate persuade
    pursue smuggle surrender swear trap whittle witness mutter limp hover quarrel flicker gossip rot rust reply rehearse rummage scramble scurry sip
    skate smother soak sob spark sprinkle squint startle stumble tremble trickle wade weigh wink wriggle kidnap
    apologise apologize bandage befriend collapse commit construct disobey eavesdrop embrace flirt growl grumble
    harvest hitchhike interview kidnap mock nibble outwit paddle plot poison proposes propose quit rebel reconcile
    remarry resign retire retreat sabotage scheme scribble spy stalk stutter sulk surface tinker toast topple
    """)
"""Regular verbs, in their base form."""

_DOUBLED = words("admit commit refer prefer regret occur submit permit patrol control")
_PLAIN_FINAL = re.compile(r"^(?:[^aeiou]*|qu)[aeiou][bdgklmnprt]$")
AUXILIARIES = words("is are was were am has have had do does did can could will would may might shall should must")
"""Words after which the main verb stands in a form that is not put in the past."""

_PASTS = frozenset(word for past in PAST.values() for word in past.split() if word != "not") | frozenset(("must",))
_NOT_PAST = words("""
    bed red need seed speed indeed hundred naked wicked shed sled weed reed greed feed bleed breed sacred crooked
    aged kindred exceed proceed succeed unused embed beloved ragged rugged jagged wretched tired
    """)

FUNCTION = words("""
    the <a> this that these those i you he she it we they me him her us them my your his its our their mine yours
    hers ours theirs myself yourself himself herself itself themselves and but or so nor yet then than as if when
    while because until before after though although since unless where who whom whose which what why how in on at
    to from of by for with without into onto out up down over under through across along around about against
    between behind beside beyond above below near off past toward towards inside outside upon among not no never
    none nothing nobody everything everyone someone somebody something anything anyone only just even still also
    too very again once twice here there now soon always often ever almost already at last all both each every
    either neither some any many much more most few little less least other another such same own one two three
    four five six seven eight nine ten first second third is are was were am be been being has have had having do
    does did done doing can could will would may might shall should must ought let like well away back home 's
    long while
    """)
"""Words that say nothing of what a text is about."""

SUBORDINATORS = words(
    "when while because until before after though although since unless if as where who whom whose which that "
    "what why how whether than"
)
FRONTING = words("when while because until before after although since unless if as")
"""Subordinators that, at the head of a sentence or after a coordinator, promise a main clause."""
COORDINATORS = words("and but or so nor yet then")
PREPOSITIONS = words(
    "in on at to from of by for with without into onto over under through across along around about against "
    "between behind beside beyond above below near off past toward towards inside outside upon among beneath "
    "during like as up down out before after"
)
PARTICLES = words("up down out in on off over away back")
"""Prepositions that also stand alone after a verb."""
WITHIN = words("in into inside through")
"""Prepositions of places that one goes into."""
UPON = words("on onto up off down along across over")
"""Prepositions of places that one stands upon."""
PLACING = words(
    "in on at to into onto through inside outside across beneath behind above under towards toward near along "
    "beside beyond from over below"
)
"""Prepositions after which an unknown noun is taken for a place."""
DETERMINERS = words("the <a> this that these those my your his her its our their every each another no")
QUESTIONING = words(
    "who what why how where when which whose is are was were do does did can could will would shall should may am "
    "have has had"
)
JOINTS = frozenset((*STOPS, ",", ";", ":", "—", DASH, OPEN, OPEN_MID, CLOSE, START)) | words(
    "and but so when that then because until while"
)
"""Symbols after which a new clause may begin: here the model changes its source freely."""

_IRREGULAR_PLURALS = {
    "man": "men",
    "woman": "women",
    "child": "children",
    "foot": "feet",
    "tooth": "teeth",
    "mouse": "mice",
    "goose": "geese",
    "fish": "fish",
    "sheep": "sheep",
    "leaf": "leaves",
    "loaf": "loaves",
    "knife": "knives",
    "wolf": "wolves",
    "thief": "thieves",
    "shelf": "shelves",
    "wife": "wives",
    "half": "halves",
    "life": "lives",
}


def plural(noun: str) -> str:
    """The plural of a noun: "ferryman" to "ferrymen", "box" to "boxes"."""
    known = _IRREGULAR_PLURALS.get(noun)
    if known:
        return known
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if re.search(r"(?:s|x|z|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + "s"


def past(base: str) -> str:
    """The past tense of a verb's base form: "carry" to "carried", "go" to "went"."""
    known = PAST.get(base)
    if known:
        return known
    if base.endswith("e"):
        return base + "d"
    if re.search(r"[^aeiou]y$", base):
        return base[:-1] + "ied"
    if base in _DOUBLED or _PLAIN_FINAL.match(base):
        return base + base[-1] + "ed"
    return base + "ed"


def present(base: str) -> str:
    """The third-person form of a verb: "carry" to "carries", "go" to "goes"."""
    known = {"be": "is", "have": "has"}.get(base)
    if known:
        return known
    if re.search(r"(?:s|x|z|ch|sh|o)$", base):
        return base + "es"
    if re.search(r"[^aeiou]y$", base):
        return base[:-1] + "ies"
    return base + "s"


def gerund(base: str) -> str:
    """The form in -ing: "carry" to "carrying", "lie" to "lying", "run" to "running"."""
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if re.search(r"[^eoy]e$", base) and len(base) > 2:
        return base[:-1] + "ing"
    if base in _DOUBLED or _PLAIN_FINAL.match(base) or base == "begin":
        return base + base[-1] + "ing"
    return base + "ing"


@lru_cache(maxsize=1024)
def base_of_gerund(word: str) -> str | None:
    """The base of a form in -ing ("running" to "run"), or None for a word that is none of a known verb."""
    if len(word) < 5 or not word.endswith("ing"):
        return None
    for base in (word[:-3], word[:-3] + "e", word[:-4], word[:-4] + "ie"):
        if is_base(base) and gerund(base) == word:
            return base
    return None


def is_base(word: str) -> bool:
    """Whether this word is known as the base form of a verb."""
    return word in PAST or word in REGULAR


def base_of_present(word: str) -> str | None:
    """The base of a third-person form ("carries" to "carry"), or None for a word that can't be one.

    A word of unknown base gets the likeliest one; whether it is a verb at all is for the caller to judge.
    """
    if len(word) < 3 or not word.endswith("s") or word.endswith(("ss", "us", "'s")):
        return None
    for cut, tail in ((1, ""), (2, ""), (3, "y"), (3, "")):
        base = word[:-cut] + tail
        if is_base(base) and not (cut == 3 and tail == "" and not word.endswith(("sses", "zzes"))):
            return base
    if re.search(r"(?:ss|x|z|ch|sh|o)es$", word):
        return word[:-2]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    return word[:-1]


def is_present(word: str) -> bool:
    """Whether this word is known as the third-person form of a verb: "carries", "is"."""
    if word in ("is", "has", "does"):
        return True
    base = base_of_present(word)
    return base is not None and is_base(base)


@lru_cache(maxsize=8192)
def is_past(word: str) -> bool:
    """Whether this word looks like a verb in the past tense (which may also be a participle)."""
    if word in _PASTS:
        return True
    return len(word) > 3 and word.endswith("ed") and word not in _NOT_PAST


@lru_cache(maxsize=8192)
def stem(word: str) -> str:
    """A crude common form of a word's inflections, for comparing what texts are about."""
    known = _STEMS.get(word)
    if known:
        return known
    for ending, tail in (("ies", "y"), ("ied", "y"), ("ing", ""), ("ed", ""), ("es", ""), ("s", ""), ("ly", "")):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            word = word[: -len(ending)] + tail
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "sl":
        word = word[:-1]
    return word.removesuffix("e") if len(word) > 3 else word


_STEMS = {form: base for base, form in PAST.items() if " " not in form and base not in ("am", "are", "is", "has")}
_STEMS |= {form: noun for noun, form in _IRREGULAR_PLURALS.items()}
_STEMS |= {base: base for base in PAST if base not in ("am", "are", "is", "has")}
_STEMS |= {
    third: base
    for base in PAST
    for third in (base + "s", base + "es", base.removesuffix("e") + "ing", base + base[-1] + "ing", base + "ing")
    if base not in ("am", "are", "is", "has", "be")
}

QUOTED = 1
"""Bit of a sentence's state: inside quotes."""
VERB = 2
"""Outside quotes: the sentence has its main verb. Inside: it is a question."""
CLAUSE_VERB = 4
"""The clause that is going on has a verb."""
FRONTED = 8
"""The sentence opened with a "when" or "if" and its main clause is still to come."""
ATTRIBUTED = 16
"""The sentence began with speech and now says whose it was."""
SPOKE = 32
"""The character mentioned last is the one who spoke last."""
KIND = 64
"""Two bits from here: what the sentence before was. 0 none, 1 telling, 2 speech, 3 a question in speech."""
TAG = 256
"""Three bits from here, only after a comma or a conjunction: what stands before that. See `tag`."""
STATES = 2048

TOLD, SAID, ASKED = 1, 2, 3


def agreement(now: int, then: int) -> float:
    """How well a learned position's sentence state fits the state of the sentence that is being written: 0 to 1."""
    differs = now ^ then
    fit = 1.0
    if differs & QUOTED:
        fit *= 0.02
    if differs & VERB:
        fit *= 0.12
    if differs & CLAUSE_VERB:
        fit *= 0.2
    if differs & FRONTED:
        fit *= 0.15
    if differs & ATTRIBUTED:
        fit *= 0.2
    if differs & SPOKE:
        fit *= 0.5
    if differs & (3 * KIND):
        asked = ASKED in ((now // KIND) & 3, (then // KIND) & 3)
        fit *= 0.25 if asked else 0.5
    if differs & (7 * TAG):
        fit *= 0.08
    return fit


class Clause:
    """What a sentence still lacks, followed symbol by symbol; the state is a number below `STATES`.

    One machine serves training and writing, so a state seen in writing means what it meant in the corpus.
    Verbs are known by spelling: participles count as verbs, and present tenses only inside quotes.
    """

    def __init__(self) -> None:
        self.state = 0
        self.length = 0
        """Symbols in the sentence so far; a quote inside it is a sentence of its own."""
        self.question = ""
        """The first word of the last question in speech, while the sentence after it goes on."""
        self._before = START
        self._kind = 0
        self._asking = ""
        self._speakers = False

    @property
    def quoted(self) -> bool:
        """Inside quotes."""
        return bool(self.state & QUOTED)

    @property
    def begins(self) -> bool:
        """A sentence outside quotes may begin here."""
        return self.length == 0 and not self.state & (QUOTED | ATTRIBUTED)

    def push(self, symbol: str) -> None:
        """Follow one more symbol (slots by their symbol, words folded)."""
        state = self.state & ~(7 * TAG)
        core = QUOTED | VERB | CLAUSE_VERB | FRONTED | ATTRIBUTED
        self.length += 1
        if symbol in (OPEN, OPEN_MID):
            state = (state & ~core) | QUOTED | (ATTRIBUTED if symbol == OPEN_MID else 0)
            self._kind = max(self._kind, SAID)
            self.length = 0
        elif symbol in (CLOSE, CLOSE_MID):
            state &= ~core
            if symbol == CLOSE_MID:
                state |= ATTRIBUTED
            else:
                state = self._next_sentence(state)
            self.length = 0
        elif state & QUOTED:
            if symbol in STOPS:
                if symbol == "?":
                    self._kind = ASKED
                    self.question = self._asking
                state &= ~(VERB | CLAUSE_VERB)
                self.length = 0
            elif symbol in SUBORDINATORS and self.length > 1:
                state &= ~CLAUSE_VERB
            elif self._finite(symbol):
                state |= CLAUSE_VERB
            if self.length == 1:
                self._asking = symbol
                if symbol in QUESTIONING:
                    state |= VERB
        elif symbol in STOPS or symbol in (START, "\n"):
            state = self._next_sentence(state & ~core)
            self.length = 0
        elif symbol == ",":
            if state & FRONTED and state & CLAUSE_VERB:
                state &= ~(VERB | CLAUSE_VERB | FRONTED)
        elif symbol in SUBORDINATORS:
            if symbol in FRONTING and (self.length == 1 or self._before in COORDINATORS):
                state = (state | FRONTED) & ~VERB
            state &= ~CLAUSE_VERB
        elif symbol in COORDINATORS:
            if self._before == ",":
                state &= ~CLAUSE_VERB
        elif is_past(symbol) and self._before not in ("the", ARTICLE):
            state |= CLAUSE_VERB
            if not state & FRONTED:
                state |= VERB
        if symbol[:2] == "<C" or symbol[:2] == "<h":
            state = self._mention(symbol, state)
        if symbol == "," or symbol in COORDINATORS or symbol in SUBORDINATORS:
            state |= TAG * tag(self._before)
        self.state = state
        self._before = symbol

    def _finite(self, symbol: str) -> bool:
        """Whether this is a verb of its clause, in speech."""
        if symbol in AUXILIARIES or is_past(symbol) or is_present(symbol):
            return True
        return is_base(symbol) and (self.length == 1 or self._before in ("I", "you", "we", "they", "who"))

    def _mention(self, symbol: str, state: int) -> int:
        if symbol[-2] == "~":
            state ^= SPOKE if self._speakers else 0
        if state & ATTRIBUTED and not state & QUOTED and self.length <= 2:
            self._speakers = True
            state |= SPOKE
        return state

    def _next_sentence(self, state: int) -> int:
        state = (state & ~(3 * KIND)) | KIND * (self._kind or TOLD)
        if self._kind != ASKED:
            self.question = ""
        self._kind = 0
        return state


def tag(symbol: str) -> int:
    """A coarse part of speech: 0 a mark, 1 a person, 2 a verb, 3 an adverb, 4 a noun or the like, 5 a preposition,
    6 a determiner."""
    if symbol[:2] == "<C" or symbol[:2] == "<h":
        return 1
    if symbol in ("<T>", "<P>", "<T.s>", "<P.s>"):
        return 4
    if symbol in DETERMINERS:
        return 6
    if not symbol[0].isalpha():
        return 0
    if is_past(symbol):
        return 2
    if symbol in PREPOSITIONS and symbol not in PARTICLES:
        return 5
    if symbol in FUNCTION or symbol.endswith("ly"):
        return 3
    return 4
