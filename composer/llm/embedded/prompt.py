"""What a request says: the texts of its messages by what they are for, and the kind of reply that is asked for.

Reads ordinary prompt text: fixed headings on lines of their own if there are any, else the last user message is
the beat and the last assistant message before it the paragraph before. The kind is read from which headings there
are, and from the words of the system message, which may hold a lens too. An assistant message at the
end is the reply's own beginning. A raw text in the format of a chat is read as its messages. Understands nothing
of the texts themselves (see `request`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from composer.llm.embedded.notes import NOTE
from composer.text.special import special

Kind = Literal["continue", "fill", "polish", "smooth", "rework", "condense", "summary", "outline", "expand", "draft"]
"""A new paragraph; what stands between two texts; a passage again: with few changes, joined, as instructed, in short, or
in one sentence; the lines of an outline, or those that a beat is made of; a whole story by the numbers of its beats."""

PURPOSE = "Purpose"
NOTES = "Notes"
SAMPLES = "Samples of the style"
OUTLINE = "Outline"
CONDENSED = "Earlier, in short"
SO_FAR = "Story so far"
PREVIOUS = "Previous paragraph"
AFTER = "Text after"
PASSAGE = "Passage"
HOLE = "What is missing here"
INSTRUCTION = "Instruction"
NEXT = "Next, in one paragraph"
DIVIDE = "To be told in smaller beats"
BEATS = "The beats by their numbers"
HEADINGS = (
    *(PURPOSE, NOTES, SAMPLES, OUTLINE, CONDENSED, SO_FAR, PREVIOUS, AFTER, PASSAGE, HOLE, INSTRUCTION, NEXT),
    *(DIVIDE, BEATS),
)
"""Headings that a prompt may have, each on a line of its own and followed by a colon."""
_ABOVE = frozenset((PURPOSE, NOTES, SAMPLES, OUTLINE, CONDENSED, AFTER))
"""Those that may stand above a raw text; the paragraph behind the last one begins that text."""
_AGAIN: frozenset[Kind] = frozenset(("polish", "smooth", "rework", "condense", "summary"))
"""Kinds of reply that a passage is written again in."""
_SHORTER: frozenset[Kind] = frozenset(("condense", "summary"))
"""Those for which the user may say the passage alone."""
PLANS: frozenset[Kind] = frozenset(("outline", "expand"))
"""Kinds of reply that are lines of an outline."""
_HEADING = re.compile(r"^(" + "|".join(re.escape(h) for h in HEADINGS) + r"):[ \t]*$", re.MULTILINE)

_SHORT = "in few words what happens"
_ASKED: tuple[tuple[str, Kind], ...] = (
    ("as few changes", "polish"),
    ("keeping the pieces' words", "smooth"),
    ("joined from pieces", "smooth"),
    ("as the instruction asks", "rework"),
    ("what is missing between", "fill"),
    (_SHORT, "condense"),
    ("in few words what the passage says", "condense"),
    ("in one sentence", "summary"),
)
"""Words of a system message, and the kind of reply that they ask for."""
_TASKS: tuple[tuple[str, str, Kind], ...] = (
    ("write an outline", "write an outline", "outline"),
    ("smaller ones that it is made of", "break the ", "expand"),
    ("put its number in brackets", "write the whole ", "draft"),
    ("in one sentence", "say in one sentence", "summary"),
)
"""The same for kinds that a lens may stand before, each with the words that its task begins with; the last one counts."""
_NO_REMARK = "of your own."
"""What stands before a lens."""
_TITLED = "its heading, a colon"
"""Words of a system message that ask for titles."""
_LED: dict[str, Kind] = {
    "An outline of the whole story, a line for each beat.": "outline",
    "The beats that this one is made of, a line for each:": "expand",
    "The whole story, each beat under its number in brackets.": "draft",
}
"""How the note for a base model begins, and the kind of reply that it asks for."""
_NOTE = re.compile(
    r"^\[ (?:Next: (?P<next>.+)|The same passage again, (?P<how>.+)\.|"
    rf"(?P<led>{'|'.join(map(re.escape, _LED))})(?P<rest>.*)) \]$",
    re.MULTILINE,
)
"""What a base model is told in a raw text, in brackets on a line of its own."""
_ONE_SENTENCE = re.compile(r"(?:told )?in one sentence\b")
_FRAMING = re.compile(
    r"^[a-z]|\b(?:outline|lines?|list|[Ww]rite|[Tt]ell (?:it|the story)|[Rr]etell|beats?|order|titles?)\b"
)
"""What tells that a sentence of such a note says how to write, and not what."""
NUMBERED = re.compile(r"(?:^|(?<=\s))\[(\d+)\](?=\s|$)")
"""The number of a beat in brackets."""
_CHAPTER = re.compile(r"^Ch\. \d+(?: · [^\n]*?)?:[ \t]", re.MULTILINE)
"""The name of a chapter that is told in short."""
_MORE = {NOTES: NOTE, CONDENSED: _CHAPTER, SAMPLES: re.compile(r"\* ?\* ?\*\n\n")}
"""What the next paragraph of such a part begins with, where it can be told from the story."""
_FEW_CHANGES = "with as few changes as make it better"
"""How a passage is written again where nothing is asked for."""
_FEW_WORDS = re.compile(r"(?:told )?in (?:few words|short)\b[.,;:]?\s*")
"""How the note for a base model begins where the passage is to be told in short."""

_OPENERS = frozenset(("start", "start_header_id", "start_of_turn", "turn", "start_of_role", "seed bos"))
"""Special tokens, by their bare names, that a role's name follows; it ends with its line, or with one of the next."""
_HEADS_END = frozenset(("sep", "middle", "end_header_id", "end_of_role", "channel", "message"))
_ROLES = {
    **dict.fromkeys(("system", "developer", "sys", "system_prompt"), "system"),
    **dict.fromkeys(("user", "human", "inst"), "user"),
    **dict.fromkeys(("assistant", "model", "bot", "chatbot"), "assistant"),
}
"""A role's name, or the bare name of the special token that stands for it, to the role."""
_BEHIND = {"sys": "user", "inst": "assistant"}
"""Whose text stands behind the closing one of two such tokens."""
_FINISHED = re.compile(r"""[.?!…]["”'’»)\]*_]*$|["”»]$""")
_SENTENCE = re.compile(r"""(?:[.?!…]+["”'’»)\]]*\s+|^\s*)(?=\S)""")


@dataclass(frozen=True, slots=True)
class Prompt:
    """The texts that a request is made of; empty where it has none."""

    beat: str = ""
    """What is to be told; for a hole, its words."""
    previous: str = ""
    story: str = ""
    outline: str = ""
    purpose: str = ""
    instruction: str = ""
    tail: str = ""
    """Text that the reply goes on from in the middle of a paragraph."""
    kind: Kind = "continue"
    after: str = ""
    """Text that follows what is asked for."""
    passage: str = ""
    """Text that is to be written again."""
    notes: str = ""
    """What is known of people, places and facts; see `notes.read_notes`."""
    condensed: str = ""
    """What older text told, in few words."""
    samples: str = ""
    """Text whose style is wanted; it tells nothing of this story."""
    begun: str = ""
    """What the reply begins with already, in its last paragraph; of a passage that is written again, of lines and of a
    whole story, in all of them."""
    lens: str = ""
    """How lines, or a whole story, are to be told, in the writer's words."""
    titled: bool = False
    """Whether each line is to have a title, with a colon."""


def read_messages(messages: Sequence[tuple[str, str]]) -> Prompt:
    """The prompt in a list of (role, text). What the assistant says behind the last user is the beginning of the reply."""
    begun = ""
    if messages and messages[-1][0] == "assistant":
        *messages, (_, begun) = messages
    users = [text for role, text in messages if role == "user"]
    replies = [text for role, text in messages if role == "assistant"]
    system = "\n".join(text for role, text in messages if role in ("system", "developer"))
    parts = read_headings(users[-1]) if users else {}
    before = replies[-1] if replies else ""
    if parts:
        prompt = _prompt(parts, before, system)
    elif users and _kind({PASSAGE: users[-1].strip()}, system) in _SHORTER:
        prompt = _prompt({PASSAGE: users[-1].strip()}, before, system)
    elif users and (kind := _planned(system)):
        about = {"outline": PURPOSE, "expand": DIVIDE}.get(kind, BEATS)
        prompt = _prompt({about: users[-1].strip()}, before, system)
    else:
        prompt = Prompt(beat=users[-1].strip() if users else "", previous=_last_paragraph(before), story=before)
    return with_begun(prompt, begun.lstrip()) if begun.strip() else prompt


def read_text(text: str) -> Prompt:
    """The prompt in a raw text, which the reply goes on from: that of a chat's messages if it is in the format of one."""
    if places := special(text):
        messages = _spoken(text, places)
        if messages:
            return read_messages(_led(messages))
        text = _without(text, places)
    note = next(reversed(list(_NOTE.finditer(text))), None)
    if note:
        return _noted(text[: note.start()], note, text[note.end() :])
    parts = read_headings(text)
    told = text
    if parts:
        above, told = _above(parts)
        if not told or not _ABOVE.issuperset(parts):
            return _prompt(parts, "", "")
        parts = {**above, SO_FAR: told}
        told += text[len(text.rstrip()) :]
    head, _, tail = told.rpartition("\n")
    return replace(_prompt(parts, "", ""), previous=_last_paragraph(head), story=told, tail=tail)


def with_begun(prompt: Prompt, begun: str) -> Prompt:
    """The prompt with the beginning of its reply.

    What is told already counts as story, but for the sentence that it breaks off in, which is to be gone on with; names are
    looked for in all of it, but for the last word, which may be cut off.
    """
    if prompt.passage or prompt.kind in PLANS or prompt.kind == "draft":
        return replace(prompt, begun=begun)
    told, _, last = begun.rpartition("\n")
    last = last.lstrip()
    finished = begun.rstrip().removesuffix(_unfinished(last.rstrip()).rstrip())
    words = begun[: -len(begun.split()[-1])] if begun[-1].isalnum() else begun
    previous = _last_paragraph(told) or prompt.previous
    return replace(
        prompt,
        previous=previous or ("" if prompt.beat else words.strip()),
        story=f"{prompt.story}\n\n{finished}".strip(),
        tail="" if told.strip() else prompt.tail,
        notes=f"{prompt.notes}\n{words}".strip(),
        begun=last,
    )


def _noted(before: str, note: re.Match[str], behind: str) -> Prompt:
    """The prompt in a raw text with a note of what is to come: what stands around it is the story, under headings or not."""
    parts = read_headings(before)
    if note["led"]:
        return _led_by(note, parts, before, behind)
    if note["how"] and PASSAGE in parts and _ONE_SENTENCE.match(note["how"]):
        prompt = _prompt({**parts, INSTRUCTION: ""}, "", _TASKS[-1][0])
        return with_begun(prompt, behind.lstrip()) if behind.strip() else prompt
    if note["how"] and PASSAGE in parts:
        how = "" if note["how"] == _FEW_CHANGES else note["how"]
        short = _FEW_WORDS.match(how)
        prompt = _prompt({**parts, INSTRUCTION: how[short.end() if short else 0 :]}, "", _SHORT if short else "")
        return with_begun(prompt, behind.lstrip()) if behind.strip() else prompt
    told = before
    if parts:
        parts, told = _above(parts)
    head, _, tail = behind.rpartition("\n")
    story = f"{told.strip()}\n\n{head.strip()}".strip()
    prompt = _prompt({**parts, SO_FAR: story, NEXT: note["next"] or note["how"]}, "", "")
    return replace(prompt, tail=tail.lstrip())


def _led_by(note: re.Match[str], parts: Mapping[str, str], before: str, behind: str) -> Prompt:
    """The prompt in a raw text with a note that asks for more than a paragraph.

    The note runs what is asked for, the instruction and the lens together: of a beat the first sentence is taken for it.
    """
    kind = _LED[note["led"]]
    told = before
    if parts:
        parts, told = _above(parts)
    rest = note["rest"].strip()
    beat = ""
    if kind == "draft":
        rest, beat = "", rest
    pieces = [piece for piece in re.split(r"(?<=[.!?…])\s+", rest) if piece]
    if kind == "expand":
        beat = pieces.pop(0) if pieces else ""
    prompt = _prompt({**parts, SO_FAR: told.strip()}, "", "")
    framing = [piece for piece in pieces if _FRAMING.search(piece)]
    asked = " ".join(piece for piece in pieces if piece not in framing)
    prompt = replace(prompt, kind=kind, beat=beat, instruction=asked, lens=" ".join(framing))
    return with_begun(prompt, behind.lstrip()) if behind.strip() else prompt


def _above(parts: Mapping[str, str]) -> tuple[dict[str, str], str]:
    """The parts above a raw text, and that text, which begins in the last of them.

    It begins behind that part's first paragraph; behind the last note, sample or chapter that can be told from it, and at
    once under the heading of the story itself.
    """
    above = dict(parts)
    last = next(reversed(above))
    if last == SO_FAR:
        return above, above.pop(last)
    above[last], _, told = above[last].partition("\n\n")
    while last in _MORE and (more := _MORE[last].match(told)):
        following, _, behind = told[more.end() :].partition("\n\n")
        above[last] += f"\n\n{more.group()}{following}"
        told = behind
    return above, told.lstrip()


def _spoken(text: str, places: Sequence[tuple[int, int]]) -> list[tuple[str, str]]:
    """The messages of a raw text in a chat's format, as (role, text); none if no special token in it tells a role.

    What the assistant thinks is left out, and so are messages without a text, such as the opening of the reply.
    """
    messages: list[tuple[str, str]] = []
    role, said, knows = "system", text[: places[0][0]], False
    ends = [*(start for start, _ in places), len(text)][1:]
    for (start, end), until in zip(places, ends, strict=True):
        name, closes = _token(text[start:end])
        following = text[end:until]
        if name == "think":
            said = following if closes else ""
            continue
        if name in _HEADS_END and not closes:
            said = following
            continue
        if role and said.strip():
            messages.append((role, said.strip()))
        said = following
        if name in _OPENERS and not closes:
            line, _, said = following.partition("\n")
            role = _ROLES.get(line.strip().lower(), "")
        elif name in _ROLES:
            role = _BEHIND.get(name, "") if closes else _ROLES[name]
        else:
            role = "" if knows else "system"
            continue
        knows = True
    if role and said.strip():
        messages.append((role, said.lstrip() if role == "assistant" else said.strip()))
    return messages if knows else []


def _token(token: str) -> tuple[str, bool]:
    """The bare name of a special token, and whether it closes what another opens."""
    name = re.sub(r"[^a-z_]+", " ", token.lower()).strip(" _").removeprefix("im_").removesuffix("_token")
    return name, "/" in token[:3]


def _led(messages: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The messages with what stands before the first heading as the system's, for formats that have no turn for that."""
    led = list(messages)
    at = next((at for at, (role, _) in enumerate(led) if role == "user"), -1)
    heading = _HEADING.search(led[at][1]) if at >= 0 else None
    if heading and heading.start() and not any(role == "system" for role, _ in led):
        text = led[at][1]
        led[at : at + 1] = [("system", text[: heading.start()].strip()), ("user", text[heading.start() :])]
    return led


def _without(text: str, places: Sequence[tuple[int, int]]) -> str:
    """The text with paragraphs in the place of special tokens."""
    starts = [0, *(end for _, end in places)]
    ends = [*(start for start, _ in places), len(text)]
    *pieces, last = [text[start:end] for start, end in zip(starts, ends, strict=True)]
    return "\n\n".join([*(piece.strip() for piece in pieces if piece.strip()), last.lstrip()])


def _prompt(parts: Mapping[str, str], before: str, system: str) -> Prompt:
    kind = _kind(parts, system)
    story = parts.get(SO_FAR, "") or before
    previous = _last_paragraph(parts.get(PREVIOUS, "") or story)
    beat, outline = parts.get(NEXT, ""), parts.get(OUTLINE, "")
    if parts.get(HOLE):
        beat, outline = parts[HOLE], f"{outline}\n{beat}"
    if kind in ("expand", "draft"):
        beat = parts.get(DIVIDE if kind == "expand" else BEATS, "") or beat
    framed = kind in PLANS or kind == "draft"
    return Prompt(
        beat="" if kind in _AGAIN else beat,
        previous=previous,
        story=story,
        outline=outline,
        purpose=parts.get(PURPOSE, ""),
        instruction=parts.get(INSTRUCTION, ""),
        tail=_unfinished(previous) if kind == "fill" else "",
        kind=kind,
        after=parts.get(AFTER, ""),
        passage=parts.get(PASSAGE, "") if kind in _AGAIN else "",
        notes=parts.get(NOTES, ""),
        condensed=_CHAPTER.sub("", parts.get(CONDENSED, "")),
        samples=parts.get(SAMPLES, ""),
        lens=_lens(system) if framed else "",
        titled=framed and _TITLED in system.lower(),
    )


def _planned(system: str) -> Kind | None:
    """The kind of reply that is no single paragraph and no passage, if a system message asks for one."""
    said = system.lower()
    found = [(said.rfind(words), kind) for words, _, kind in _TASKS]
    at, kind = max(found, key=lambda entry: entry[0])
    return kind if at >= 0 and kind != "summary" else None


def _lens(system: str) -> str:
    """The lens in a system message: what stands between its first sentences and the task, or all that is neither."""
    said = system.lower()
    start = said.find(_NO_REMARK)
    end = max(said.rfind(opening) for _, opening, _ in _TASKS)
    if start >= 0 and end > start:
        return system[start + len(_NO_REMARK) : end].strip()
    pieces = re.split(r"(?<=[.!?])\s+", system.strip())
    keys = [words for words, _, _ in _TASKS]
    return " ".join(p for p in pieces if not p.startswith("You ") and not any(key in p.lower() for key in keys))


def _kind(parts: Mapping[str, str], system: str) -> Kind:
    said = system.lower()
    asked = next((kind for words, kind in _ASKED if words in said), None)
    planned = _planned(system)
    if planned:
        # A text that goes on behind what is asked for wants text, whatever else is said.
        return planned if planned != "outline" or AFTER not in parts else "continue"
    if not system and (DIVIDE in parts or BEATS in parts):
        return "expand" if DIVIDE in parts else "draft"
    if asked in _SHORTER and PASSAGE in parts:
        return asked
    if parts.get(PASSAGE) and not parts.get(HOLE):
        if asked in _AGAIN:
            return asked
        if asked is None:
            return "rework" if parts.get(INSTRUCTION) else "polish"
    return "fill" if asked == "fill" or AFTER in parts or HOLE in parts else "continue"


def read_headings(text: str) -> dict[str, str]:
    """Heading to the text that follows it, for the headings above; the last one wins."""
    found = list(_HEADING.finditer(text))
    ends = [*(match.start() for match in found), len(text)][1:]
    return {match.group(1): text[match.end() : end].strip() for match, end in zip(found, ends, strict=True)}


def _last_paragraph(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else ""


def _unfinished(paragraph: str) -> str:
    """The sentence or speech that the paragraph breaks off in, with a space after it; empty if it ends with a whole one.

    No space after a quote that has just been opened.
    """
    speech = re.match(r'^(?:[^"]*"[^"]*")*[^"]*("[^"]*)$', paragraph) or re.search("(“[^”]*)$", paragraph)
    if speech:
        return speech.group(1) + (" " if len(speech.group(1)) > 1 else "")
    if not paragraph or _FINISHED.search(paragraph):
        return ""
    start = max((match.end() for match in _SENTENCE.finditer(paragraph)), default=0)
    return paragraph[start:] + " "
