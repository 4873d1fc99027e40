"""Sentences of a text, as ranges in characters. It never changes the text, joins no lines and does not know who asks.

The segmenter is sentencex behind one function; it is asked about single full stops only: abbreviation or end. What fiction needs
beyond that is read here, from left to right: speech tags, speech of several sentences, dashes, ellipses, shouts, brackets and holes,
text without capitals, and scripts with other marks than the full stop.

Two guards stand around the segmenter: spaces that are not ASCII are replaced one for one before the call, since it can fail on them,
and any failure means that the line is one sentence.

A cut depends on what stands before it and on a short look ahead, so text that is still growing changes its last two sentences and
no earlier one. For that reason quote marks are not paired over a distance: whether one opens or closes is told by what it touches.
A bracket keeps `_HOLD` characters whole; one that is never closed hides no more than these.

Limits: Thai and Lao have no mark for the end of a sentence; their lines are cut at two or more spaces, and after `?` and `!`.
Scripts without capitals tell a speech tag only by its verb, from a short list. `Plan B. He left.` is read as an initial. The halves
of a speech or a bracket that is cut inside keep one quote mark or bracket each.
"""

from __future__ import annotations

import re
from bisect import bisect_right

_FAR = 40
"""How many characters around a mark are read to judge it; twice as many for a tag with names."""
_HOLD = 240
"""How many characters a bracket can keep whole."""

_SPACE = re.compile(r"[^\S\n ]")

_STRONG = (
    "。！？｡．﹒﹖﹗؟۔؝؞।॥։።፧፨။។៕܀܁܂߹᙮᠃᠉᥄᥅᭚᭛᭟᭽᭾᰻᰼᱾᱿꓿꘎꘏꛳꛷꣎꣏꤯꧉꩝꩞꩟꫰꫱꯫෴༎"
    "\U0001144b\U0001144c\U000111c5\U000111c6\U00011641\U00011642"
)
"""Marks that end a sentence whatever follows, also without a space."""
_SHOUT = "!?‼⁇⁈⁉‽⸮;\u037e"
_MARKS = _STRONG + _SHOUT.replace(";", "") + ".…‥"
_CLOSE = "”’)\\]}）」』】》〉〕〗］｝｣"
_EITHER = "\"'“‘»«›‹*_"
"""Marks that open or close, which is told by what they touch."""
_QUOTES = frozenset("\"'“”‘’«»‹›」』｣》〉*_")
_OPEN = "\"'“”‘„‚«»‹›「『《〈（(【〔［\\[{*_¿¡…"
_PAIRS = dict(zip("([（［【〔", ")]）］】〕", strict=True))
_GREEK = "\u0370-\u03ff\u1f00-\u1fff"
_HAN = "\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_HAN_CHAR = re.compile(f"[{_HAN}]")
_SYLLABLE = re.compile(f"[{_HAN}\uac00-\ud7a3]")
_THAI = re.compile("[\u0e00-\u0eff]")
_WORD = re.compile(r"[^\W_]")

_CLOSING = (
    rf"(?:[{_MARKS}{_CLOSE}]|[{_EITHER}](?!\w)| [»”›](?=[\s.,;:!?…—–]|$)|"
    "[ ]?[\u2600-\u27bf\U0001f000-\U0001faff][\ufe0f\u200d\U0001f3fb-\U0001f3ff]*)*"
)
_TOKEN = re.compile(
    rf"(?P<run>(?:\.(?: \.)+|[{_MARKS}]|(?<=[{_GREEK}]);|(?<=[{_GREEK}][»”\"]);){_CLOSING})"
    rf"|(?P<dash>(?:[—–―]|--|(?<=\w)-)(?:[”’」』]|[{_EITHER}](?!\w))+)"
    r"|(?P<pair>[」』](?=[「『]))"
    r"|(?P<open>[(\[（［【〔])|(?P<close>[)\]）］】〕])"
    r"|(?P<wide> {2,})"
)
_AHEAD = re.compile(
    rf"(?P<gap> *)(?P<dash>(?:[—–―]+|--+|-(?= )) *)?(?P<open>(?:[{_OPEN}]|\.\.+|(?<=[«»‹›“”„]) ){{0,9}})"
)
_BEFORE = re.compile(r"[^\s—–―]*$")
_DAY = re.compile(r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day\b")
_NEXT_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")

_SAYS = (
    "said|says|asked|asks|replied|replies|answered|whispered|whispers|shouted|shouts|cried|called|yelled|screamed|murmured|muttered|"
    "mumbled|exclaimed|demanded|repeated|wondered|thought|thinks|added|began|breathed|snapped|hissed|growled|gasped|groaned|roared|"
    "wants to know|wanted to know|bellowed|barked|echoed|inquired|enquired|pleaded|begged|sobbed|insisted|protested|ventured|mused|grumbled|stammered|offered"
)
_SAY = "say|ask|answer|reply|whisper|shout|call|cry|yell|think|wonder|want to know"
_NAMED_TAG = re.compile(
    r"(?!(?:He|She|They|We|You|It|The|A|An|His|Her|Their|My|Our|No|Nobody|Everyone|Then|But|And)\b)"
    rf"(?:I(?: (?:[a-z]+ly|just|only|then))? (?:{_SAYS}|{_SAY})|"
    r"(?:(?:Mrs?|Ms|Dr|St)\.? )?[A-ZÀ-ÖØ-Þ][\w’'-]{0,20}(?: (?:[A-ZÀ-ÖØ-Þ][\w’'-]{0,20}|(?<=['’]s )[a-z]{3,10})){0,2}"
    rf"(?: [a-z]+ly)? (?:{_SAYS}))\b(?! (?:nothing|no more)\b)"
)
"""A tag that starts with a capital: `"Who?" Anna asked.`, `"Who?" I said.`"""
_SCRIPT_TAG = re.compile(
    # Japanese: the particle of quotation, or a verb of saying in the clause.
    "(?:と|って|の[^。]|は(?!い)|が|を|に)|[^。！？、「」…]{1,12}(?:[言聞訊尋問答叫呟囁]|怒鳴|つぶや|ささや)(?!わな|えな|こえ)"
    # Chinese: a verb of saying, without a negation in front of it.
    # Where a colon follows the verb, it opens the next speech.
    "|[^。！？，、“”「」…没沒不]{0,10}(?:[说說问問喊叫答嚷吼]|(?<!知)道|嘟囔|嘀咕|低语|心想)(?![道着了]?[：:])"
    '|(?:이?라고|하고|라며|하며|이?라는)|[^.!?…"“”]{0,24}(?:물었|묻|말했|말한|대답|외쳤|소리쳤|속삭|중얼)'
    '|[^।?!|"“”]{0,24}(?:पूछ|कहा|बोल|चिल्ला|फुसफुसा)|[^।?!"“”]{0,24}(?:বলল|জিজ্ঞ|চিৎকার)'
    "|و?(?:قال|سأل|صاح|همس|صرخ|أجاب|ردّ|نادى)|[^.؟!«»]{0,24}(?:گفت|پرسید)"
    '|(?:אמר|שאל|לחש|צעק|ענ[הת]|קרא)|[^!?"“”]{0,24}(?:ถาม|พูด|ตอบ|กล่าว|ร้อง)|[^።፧«»]{0,24}(?:አለ|ጠየቀ)'
)
"""A tag in a script without capitals."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_TITLES = _words(
    "mr mrs ms mx dr prof sr sra srta mme mlle mlles hr frl fr dott sig mgr mons msgr st ste sta vgl bzw z.b d.h p.ex e.g i.e cf vs "
    "bl.a f.eks o.s np tzn tj tzv tp д-р г-н г-жа т.е т.к напр ул им डॉ श्री प्रो"
)
"""Abbreviations that never end a sentence, in any language."""
_NUMBERED = _words("no nos nr num núm n° nº p pp vol ch chap cap kap fig abb art sec par rd rt bd bl c ca")
"""What stands before a number: `No. 5`."""
_ORDINARY = _words(
    # English, German, Hungarian, Swedish
    "no me may art ken ok miss plan la ill del med fed ut hon ex ore reps sens con id que ver nem plot kan col sec fig al cal wash mass "
    "man mich sen di mag mal min har rest "
    # Spanish, French
    "de en mar ago an ante auto bi bien bis com contra da des dis entre in let para pos por pro sobre sub super un uni vid "
    # Italian
    "ai ali all alt are bar bei bot car casa ci cost dai dia don es fa fai fans fin fio ge gel gi gia giu go grano il ira is le li lo "
    "ma mai mi mica mo ne nodo od olio on or ora osa pa pan par pari pass pie pin po pop port post pra pu ra re rea ri rom sa sai san se "
    "si sia so sol spa spot su ta tan te tesa tese tir to ton top tu ud ue va vai val ve via vis vi vo voi zat "
    # Danish, Norwegian
    "ann bet din dir do ds el fru form fork gross hum if kin kind lab lat lin lok mia mul ned nord nu off ord over pens red sort stud "
    "sv tal tab ti til var vær øv o"
)
"""What the segmenter takes for an abbreviation, though in fiction it is a word at the end of a sentence."""
_ALONE = frozenset("яЯіїєèéêàáạừơőöåóo")
"""Single letters that are words at the end of a sentence; other single letters are initials."""
_ME = re.compile(r"I(?:['’](?:m|d|ll|ve))?\b")
_BLANKED = re.compile(rf"(?!(?<=\w)['’](?=\w))[{_OPEN}{_CLOSE}]")
_RESUMED = re.compile(r"(\. +)([^\W_])")


def sentences(text: str, language: str = "en") -> list[tuple[int, int]]:
    """The sentences of a text as (start, end) in characters, in order.

    Each is without white space at its ends and within one line; together they hold every character that is no white space.
    `language` is a code such as `en` or `pt-BR`; an unknown one is no error. Nothing is raised for any text.
    """
    ranges: list[tuple[int, int]] = []
    at = 0
    for line in text.split("\n"):
        if line and not line.isspace():
            # One for one, so that offsets into the flat line are offsets into the line.
            flat = _SPACE.sub(" ", line)
            start = 0
            for end in [*_cuts(flat, language), len(flat)]:
                piece = flat[start:end]
                left = start + len(piece) - len(piece.lstrip(" "))
                right = start + len(piece.rstrip(" "))
                if left < right:
                    ranges.append((at + left, at + right))
                start = end
        at += len(line) + 1
    return ranges


def sentence_at(text: str, at: int, language: str = "en") -> tuple[int, int]:
    """The sentence that holds the character at `at`, or the nearest one before it; (0, 0) if there is none."""
    best = (0, 0)
    for start, end in sentences(text, language):
        if start > at:
            break
        best = (start, end)
    return best


def _cuts(flat: str, language: str) -> list[int]:
    """Where the sentences of one line end, but for the last."""
    stops: list[int] = []
    if "." in flat:
        found = _segmented(flat, language)
        if found is None:
            return []
        stops = found
    line = _Line(flat, language, stops)
    for token in _TOKEN.finditer(flat):
        line.read(token)
    return line.cuts


def _segmented(flat: str, language: str) -> list[int] | None:
    """Where the segmenter would cut the line at its full stops; None when it fails.

    It sees no quote marks and brackets, which it would pair over any distance, and a capital behind every full stop, so that the
    answer says only whether an abbreviation stands before it.
    """
    import sentencex

    plain = _RESUMED.sub(_capital, _BLANKED.sub(" ", flat))
    try:
        pieces = [str(piece) for piece in sentencex.segment(_code(language), plain)]
    except BaseException as failure:
        # The segmenter is compiled: its panics are no Exception. Whatever it was, a line is a sentence too.
        if isinstance(failure, (KeyboardInterrupt, SystemExit)):
            raise
        return None
    if "".join(pieces) != plain:
        return None
    ends: list[int] = []
    at = 0
    for piece in pieces:
        at += len(piece)
        ends.append(at)
    return ends


def _code(language: str) -> str:
    return re.split(r"[-_]", language, maxsplit=1)[0].lower() or "en"


def _capital(found: re.Match[str]) -> str:
    # A letter that hardly a word starts with, since the segmenter knows words that often start a sentence.
    return found[1] + ("Q" if found[2].islower() or found[2].isdigit() else found[2])


class _Line:
    """One line, read from left to right: the cuts so far, where the sentence began, and the bracket that keeps it whole."""

    def __init__(self, flat: str, language: str, stops: list[int]) -> None:
        self.flat = flat
        self.english = _code(language) == "en"
        self.stops = stops
        self.cuts: list[int] = []
        self._start = 0
        self._first: int | None = None
        self._held = ""
        self._held_at = 0
        self._depth = 0
        self._within = False
        self._quotes = 0
        self._counted = 0

    def read(self, token: re.Match[str]) -> None:
        """Take in the next mark, and cut behind it if a sentence ends there."""
        kind, at = token.lastgroup, token.start()
        if self._held and at - self._held_at > _HOLD:
            self._held = ""
        if kind == "open":
            self._opened(at)
        elif kind == "close":
            self._closed(at)
        elif kind == "pair":
            if not self._held and self.flat[self._start : self._start + 2].lstrip(" ")[:1] in "「『":
                self._cut(token.end())
        elif kind == "wide":
            self._wide(at, token.end())
        elif kind == "dash":
            if not self._held and self._dash_ends(token.end()):
                self._cut(token.end())
        else:
            end = self._with_straight_quote(token)
            if self._free(token) and self._ends(self.flat[at:end], at, end):
                self._cut(end)

    def _cut(self, at: int) -> None:
        self.cuts.append(at)
        self._start = at
        if self._first is not None and self._first < at:
            self._first = None

    def _first_word(self) -> int:
        """Where the first letter of the sentence stands; looked for once, since a line may hold a hundred thousand brackets."""
        if self._first is None:
            found = _WORD.search(self.flat, self._start)
            self._first = found.start() if found else len(self.flat)
        return self._first

    def _words_before(self, at: int) -> bool:
        return self._first_word() < at

    # Brackets

    def _opened(self, at: int) -> None:
        sign = self.flat[at]
        face = at > 0 and self.flat[at - 1] in ":;="
        if self._held:
            self._depth += sign == self._held
        elif sign in "[［" or (self._words_before(at) and not face):
            self._held, self._held_at, self._depth, self._within = sign, at, 1, self._words_before(at)

    def _released(self, at: int) -> bool:
        """Whether the sign at `at` closes the bracket that keeps the sentence whole."""
        if self._held and _PAIRS.get(self._held) == self.flat[at]:
            self._depth -= 1
            if self._depth == 0:
                self._held = ""
                return True
        return False

    def _closed(self, at: int) -> None:
        hole = self._held in ("[", "［") and not self._within and " " in self.flat[self._held_at : at]
        if self._released(at) and hole:
            # A hole that stands alone is a sentence of its own, whatever mark it ends with.
            ahead = _AHEAD.match(self.flat, at + 1)
            if ahead and ahead["gap"] and self.flat[ahead.end() : ahead.end() + 1].isupper():
                self._cut(at + 1)

    def _free(self, token: re.Match[str]) -> bool:
        """Whether no bracket keeps the sentence whole behind this run, which may close it."""
        if not self._held:
            return True
        run, left = token[0], ""
        held, within = self._held, self._within
        for offset in range(len(run)):
            if self._released(token.start() + offset):
                left = run[offset + 1 :]
        if self._held:
            return False
        # A mark within the bracket is the bracket's own; one behind it is the sentence's.
        return not within or any(sign in _MARKS for sign in left) or (held in "(（" and run[0] == ".")

    # Ends

    def _with_straight_quote(self, token: re.Match[str]) -> int:
        """The end of the run, with the straight quote that closes speech where no space follows: `"你是谁？"他问。`"""
        end = token.end()
        self._quotes += self.flat.count('"', self._counted, end)
        self._counted = end
        odd = self._quotes % 2 and self.flat[end : end + 1] == '"'
        return end + 1 if odd and _HAN_CHAR.match(self.flat, end + 1) else end

    def _wide(self, at: int, end: int) -> None:
        around = self.flat[max(0, at - 2) : at], self.flat[end : end + 2]
        if not self._held and all(_THAI.search(side) for side in around):
            self._cut(end)

    def _dash_ends(self, end: int) -> bool:
        """Whether speech that breaks off ends the sentence: `"But I—" She stopped.`"""
        ahead = _AHEAD.match(self.flat, end)
        if ahead is None or not ahead["gap"] or ahead["dash"]:
            return False
        following = self.flat[ahead.end() : ahead.end() + 1]
        return following.isupper() and not _NAMED_TAG.match(self.flat, ahead.end(), ahead.end() + 2 * _FAR)

    def _ends(self, run: str, at: int, end: int) -> bool:
        """Whether the sentence ends with this run of marks, which is what stands in [at:end)."""
        flat = self.flat
        ahead = _AHEAD.match(flat, end)
        if ahead is None or end == len(flat):
            return False
        after_gap = flat[ahead.end("gap") : ahead.end("gap") + 1]
        if not after_gap or after_gap in ",;:、，؛،：；":
            return False
        if ahead["dash"] and not ahead["gap"]:
            return False
        following = flat[ahead.end() : ahead.end() + 1]
        marks = [sign for sign in run if sign in _MARKS or sign == ";"]
        strong = any(sign in _STRONG for sign in marks)
        shout = any(sign in _SHOUT for sign in marks)
        closed = not _QUOTES.isdisjoint(run)
        stop = marks == ["."] or (not strong and not shout and closed and run.rstrip()[-1] == "." and run[0] != ".")
        if strong and run[0] == "．" and following.isdigit():
            return False
        han = _HAN_CHAR.match(following)
        if not ahead["gap"] and not strong and not (han and (shout or closed)):
            return False
        if following.islower():
            return self._ends_before_small(strong, shout, stop, closed, ahead, at)
        if (closed or ahead["dash"]) and self._tagged(ahead.end(), stop):
            return False
        if strong or shout:
            return True
        if stop:
            return closed or self._stops(at, ahead.end())
        return self._pause_ends(at, ahead.end(), closed)

    def _ends_before_small(
        self, strong: bool, shout: bool, stop: bool, closed: bool, ahead: re.Match[str], at: int
    ) -> bool:
        if ahead["dash"] or closed:
            # The rest of a speech's sentence: a tag, or what the speaker does.
            return False
        if strong:
            return True
        opens = any(sign in '"“„«‘[［….‥' for sign in ahead["open"])
        small = self._first_word() < at and self.flat[self._first_word()].islower()
        if not opens and not small:
            return False
        return shout or (stop and self._stops(at, ahead.end()))

    def _tagged(self, at: int, stop: bool) -> bool:
        """Whether the speech before goes on with who said it."""
        following = self.flat[at : at + 1]
        if following.isupper():
            return not stop and bool(_NAMED_TAG.match(self.flat, at, at + 2 * _FAR))
        return bool(_SCRIPT_TAG.match(self.flat, at, at + _FAR))

    def _stops(self, at: int, following: int) -> bool:
        """Whether the full stop at `at` ends a sentence and no abbreviation; the next letter is at `following`."""
        found = _BEFORE.search(self.flat, max(self._start, at - _FAR), at)
        word = (found[0] if found else "").lstrip("\"'“”‘’„«»‹›([{*_¿¡…")
        following_is_number = self.flat[following : following + 1].isdigit()
        low = word.lower()
        if not word:
            return True
        if len(word) == 1 and word.isalpha():
            return self._letter_ends(word, at)
        if low in ("a.m", "p.m"):
            return self.flat[following : following + 1].isupper() and not _DAY.match(self.flat, following)
        if low in _TITLES or (following_is_number and low in _NUMBERED):
            return False
        if word.isdigit() and len(word) < 3 and self._first_word() >= at - len(word):
            return False  # a number in a list
        if low in _ORDINARY and not following_is_number:
            return True
        found = _WORD.search(self.flat, following, following + _FAR)
        index = bisect_right(self.stops, at)
        return index < len(self.stops) and self.stops[index] <= (found.start() if found else following + _FAR)

    def _letter_ends(self, letter: str, at: int) -> bool:
        """Whether a single letter before a full stop is a word; most are initials."""
        if letter == "I":
            return self.english and self.flat[max(0, at - 3) : at - 1].rstrip().islower()
        return letter in _ALONE or bool(_SYLLABLE.match(letter))

    def _pause_ends(self, at: int, following: int, closed: bool) -> bool:
        """Whether an ellipsis ends the sentence; what follows is no small letter."""
        if closed:
            return True
        if not self._words_before(at) or not self.flat[following : following + 1].isupper():
            return False
        before = _BEFORE.search(self.flat[max(self._start, at - _FAR) : at].rstrip(" "))
        after = _NEXT_WORD.match(self.flat, following, following + _FAR)
        if before and after and before[0].strip("\"'“‘«([*_").lower() == after[0].lower():
            return False  # "I… I did not know."
        few = at - self._first_word() < _FAR and len(self.flat[self._first_word() : at].split()) < 3
        return not (few and self.english and _ME.match(self.flat, following))
