"""A context as it is shown: the rows of its table, the text of each, how it is shaped by keys, and how two contexts differ. Pure.

It packs nothing and stores nothing. Texts and names in it come from outside: they are told as they are, each on one line.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from typing import Literal, get_args

from msgspec.structs import replace

from composer.context import sheet, wording
from composer.errors import RefusedError
from composer.story.candidate import ItemReceipt, PartReceipt, Receipt, Round, RoundKind, Target
from composer.story.shape import CORE, PartName, Shape
from composer.story.story import Story
from composer.text.clean import clean, one_line

PARTS: tuple[PartName, ...] = get_args(PartName)
LEVERS: tuple[PartName, ...] = tuple(name for name in PARTS if name not in CORE)
"""Parts that can be left out."""
AROUND: tuple[str, ...] = ("format", "template")
"""What is put around the others: it has no text of its own."""
EARLIER: tuple[str, ...] = ("earlier, condensed", "earlier text")
"""The parts that tell the story so far."""
LONGEST_RUN = 400
"""Paragraphs of a run that are shown at once."""
NAMES: dict[str, str] = {"beat": "the beat", "instruction": "the instruction", "passage": "the passage"}
_BY_ROLE: dict[str, PartName] = {"system": "instructions", "suffix": "text after", "assistant": "begun answer"}
_BY_HEADING: dict[str, PartName] = {
    wording.PURPOSE: "purpose",
    wording.EXEMPLARS: "exemplars",
    wording.NOTES: "notes",
    wording.OUTLINE: "outline",
    wording.CONDENSED: "earlier, condensed",
    wording.SO_FAR: "earlier text",
    wording.PREVIOUS: "previous paragraph",
    wording.AFTER: "text after",
    wording.PASSAGE: "passage",
    wording.HOLE: "passage",
    wording.INSTRUCTION: "instruction",
    wording.NEXT: "beat",
}
"""The part that each heading begins."""
_BETWEEN = ("", wording.GAP.strip())
"""Lines that stand between paragraphs and are none."""
_RUN = re.compile(r"¶(\d+)(?:[–-](\d+))?")
_GAPS = re.compile(r"\n{3,}")

Texts = tuple[tuple[str, tuple[str, ...]], ...]
Fold = Literal["", "shut", "open"]


@dataclass(frozen=True)
class Context:
    """A request with its receipt. `messages` are (role, pieces of text)."""

    receipt: Receipt
    messages: Texts

    @cached_property
    def pieces(self) -> tuple[str, ...]:
        """The pieces of all messages, as the parts of the receipt count them."""
        return tuple(piece for _, parts in self.messages for piece in parts)

    @cached_property
    def whole(self) -> str:
        """All of it, each message below its role."""
        return sheet.under_roles((role, "".join(parts)) for role, parts in self.messages)

    @property
    def placed(self) -> bool:
        """Whether the receipt tells which pieces its parts are."""
        return any(part.last for part in self.receipt.parts)

    def part(self, name: str) -> PartReceipt | None:
        return next((part for part in self.receipt.parts if part.name == name), None)

    def text(self, name: str) -> str:
        """The text of a part as it is sent; empty where nothing of it is, or where that can't be told."""
        part = self.part(name)
        return "".join(self.pieces[part.first : part.last]) if part is not None else ""


def located(receipt: Receipt, messages: Texts) -> Receipt:
    """The receipt with the places of its parts, found by their headings where it is from before places were stored.

    A text that a template made is left as it is: what is put around its parts can't be told from them.
    """
    if any(part.last for part in receipt.parts) or any(role == "prompt" for role, _ in messages):
        return receipt
    places: dict[str, tuple[int, int]] = {}
    at = 0
    for role, pieces in messages:
        name: str = _BY_ROLE.get(role, "")
        for piece in pieces:
            if role == "user":
                name = _BY_HEADING.get(piece.partition("\n")[0], name)
            if name:
                places[name] = places.get(name, (at, at))[0], at + 1
            at += 1
    parts = (
        replace(part, first=places[part.name][0], last=places[part.name][1])
        if part.kept and part.name in places
        else part
        for part in receipt.parts
    )
    return replace(receipt, parts=tuple(parts))


@dataclass(frozen=True)
class Row:
    """A line of the table: a part, or one thing in it.

    `thing` is the name by which a shape knows it, empty where it has none; `sign` is one cell. `tokens` are those that are sent,
    `left` those that are not. `then` are the tokens in the context that it is compared with, and `text` is a paragraph that came
    or went. `kept` says whether something of it is sent, `item` which of the receipt's things it is.
    """

    part: str
    label: str
    sign: str
    tokens: int = 0
    left: int = 0
    why: str = ""
    thing: str = ""
    inner: bool = False
    kept: bool = True
    item: ItemReceipt | None = None
    fold: Fold = ""
    then: int = 0
    text: str = ""
    number: int = 0

    @property
    def key(self) -> str:
        """What tells it from the other rows, and stays while the context changes."""
        if self.text:
            return f"{self.part}{self.sign}{self.number}"
        return self.thing or (f"{self.part}/{self.label}" if self.inner else self.part)


def rows(context: Context, opened: Collection[str] = (), lens: str = "", done: str = "✓") -> list[Row]:
    """The table of a context, the things of parts that are `opened` below them."""
    receipt = context.receipt
    parts = {part.name: part for part in receipt.parts}
    made: list[Row] = []
    order = [part.name for part in receipt.parts]
    name: str
    for name in LEVERS:
        # What was left out is not told by a receipt where there would be nothing of it.
        if name not in parts and (receipt.shape.is_muted(name) or receipt.shape.edit(name) is not None):
            later = [at for at, each in enumerate(order) if _rank(each) > _rank(name)]
            order.insert(later[0] if later else len(order), name)
    for name in order:
        part = parts.get(name)
        if part is None:
            why = "left out by you" if receipt.shape.is_muted(name) else "as you wrote it"
            made.append(Row(name, name, "-", why=why, thing=name, kept=False))
            continue
        made.append(_part_row(part, receipt, name in opened, lens, done))
        if name in opened:
            made += [_item_row(part, item, receipt, done) for item in part.items]
    return made


def _rank(name: str) -> int:
    """The place of a part among the others. Receipts of old may name one that is no more."""
    return PARTS.index(name) if name in PARTS else len(PARTS)


def levers(shape: Shape, done: str = "✓") -> list[Row]:
    """The parts by name alone, where no context can be made: so that they can be shaped all the same."""
    made = []
    for name in LEVERS:
        sign = "-" if shape.is_muted(name) else "P" if shape.is_pinned(name) else done
        why = "left out by you" if sign == "-" else "pinned" if sign == "P" else ""
        if shape.edit(name) is not None:
            why = "as you wrote it"
        made.append(Row(name, name, sign, why=why, thing=name, kept=sign != "-"))
    return made


def _part_row(part: PartReceipt, receipt: Receipt, is_open: bool, lens: str, done: str) -> Row:
    why = one_line(part.why)
    if not part.kept and receipt.shape.is_muted(part.name):
        why = f"left out by you: {part.cut:,} tokens stay here" if part.cut else "left out by you"
    elif part.edited and "you wrote" not in why:
        why = f"as you wrote it; {why}" if why else "as you wrote it"
    sign = sheet.sign_of_part(part, receipt, done)
    return Row(
        part.name,
        _label(part, lens),
        "P" if sign == done and why.startswith("pinned") else sign,
        part.tokens,
        part.cut,
        why,
        part.name,
        kept=part.kept,
        fold=("open" if is_open else "shut") if part.items else "",
    )


def _item_row(part: PartReceipt, item: ItemReceipt, receipt: Receipt, done: str) -> Row:
    kept = item.fate == "kept"
    why = sheet.words(item)
    if item.stale and "stale" not in why:
        why = f"stale: its text was changed since; {why}"
    sign = sheet.sign_of_item(part, item, receipt, done)
    return Row(
        part.name,
        one_line(item.label),
        # What is pinned in the notes is no matter of the shape.
        "P" if sign == done and why.startswith("pinned") else sign,
        item.tokens if kept else 0,
        0 if kept else item.tokens,
        why,
        f"{part.name}:{item.thing}" if item.thing else "",
        inner=True,
        kept=kept,
        item=item,
    )


def _label(part: PartReceipt, lens: str) -> str:
    """A part by its name, and by the things in it."""
    kept = [item for item in part.items if item.fate == "kept"]
    if part.name == "instructions":
        return f"instructions, {one_line(lens)}" if lens else part.name
    if part.name == "notes" and kept:
        return f"notes: {', '.join(one_line(item.label) for item in kept)}"
    if part.name == "earlier text" and len(kept) == 1:
        return f"earlier text, {one_line(kept[0].label)}"
    if part.name in ("notes", "exemplars", "earlier, condensed") and part.items:
        return f"{part.name} ({len(kept)} of {len(part.items)})"
    return part.name


def same_row(made: Sequence[Row], before: Row | None, at: int) -> int:
    """Where the cursor goes in new rows: to the row that it stood on, else to its part, else it stays where it was."""
    if before is not None:
        for key in (before.key, before.part):
            found = next((place for place, row in enumerate(made) if row.key == key), None)
            if found is not None:
                return found
    return max(0, min(at, len(made) - 1))


# texts


def text_of(context: Context, row: Row, story: Story | None = None) -> tuple[str, bool]:
    """The text of a row without line breaks at its end, and whether that is what is sent.

    Of a thing that is not sent it is what the story has of it, where that is handed in.
    """
    text, sent = _text_of(context, row, story)
    return text.rstrip("\n"), sent


def _text_of(context: Context, row: Row, story: Story | None) -> tuple[str, bool]:
    if row.text:
        return row.text, True
    if row.part in AROUND or (row.kept and not row.inner and not context.placed):
        return context.whole, True
    if row.item is not None:
        if row.kept and (piece := _piece(context, row.part, row.item)):
            return piece, True
        if story is not None and (found := _of_thing(story, row.part, row.item)):
            return found, row.kept
    text = context.text(row.part)
    if not text and row.kept and not context.placed:
        return context.whole, True
    return text, bool(text)


def _piece(context: Context, part: str, item: ItemReceipt) -> str:
    """The piece that is one thing of a part, where each has one of its own behind the heading, or the one text of a part."""
    receipt = context.part(part)
    if receipt is None or part == "earlier text":
        return ""
    if part not in ("notes", "exemplars", "earlier, condensed"):
        return body_of(context.text(part))
    kept = [each for each in receipt.items if each.fate == "kept"]
    pieces = context.pieces[receipt.first + 1 : receipt.last]
    step = 2 if len(pieces) == 2 * len(kept) - 1 else 1
    return pieces[kept.index(item) * step] if len(pieces[::step]) == len(kept) else ""


def _of_thing(story: Story, part: str, item: ItemReceipt) -> str:
    """What the story has of a note, a sample, a summary or a run of paragraphs; empty where it has no more of it."""
    if part == "notes":
        return next((f"{note.name} ({note.kind}): {note.text}" for note in story.notes if note.id == item.thing), "")
    if part == "exemplars":
        return next((sample.text for sample in story.exemplars if sample.id == item.thing), "")
    if part == "earlier, condensed":
        told = [each for each in story.paraphrases if item.thing in each.blocks and each.text]
        return told[-1].text if told else ""
    runs = [(int(found[1]), int(found[2] or found[1])) for found in _RUN.finditer(item.label)]
    if not runs:
        return ""
    first, last = runs[0][0] - 1, runs[-1][1]
    blocks = story.manuscript.between(max(0, first), min(last, len(story.manuscript), first + LONGEST_RUN))
    text = "\n\n".join(block.text for block in blocks if block.spans)
    more = last - first - LONGEST_RUN
    return f"{text}\n\n… and {more:,} more" if more > 0 and text else text


def body_of(text: str) -> str:
    """The text of a part without its heading, as the writer changes it."""
    for heading in _BY_HEADING:
        if text.startswith(f"{heading}\n"):
            text = text[len(heading) + 1 :]
            break
    return text.strip("\n")


def paragraphs_of(body: str) -> tuple[list[str], str]:
    """A text as lines to be edited, and what stands between them: paragraphs where none holds a line break, else lines."""
    apart = _GAPS.sub("\n\n", body).split("\n\n")
    if not any("\n" in each for each in apart):
        return apart, "\n\n"
    return body.split("\n"), "\n"


def put_together(lines: Sequence[str], between: str) -> str:
    """A text of edited lines, clean, without gaps at its ends."""
    return _GAPS.sub("\n\n", clean(between.join(line.rstrip() for line in lines))).strip()


# shaping


def turned(shape: Shape, row: Row) -> Shape:
    """The shape with a row left out; or in, if it was out: pinned where that is not by the writer. RefusedError where it can't be."""
    thing = _shaped(row, "left out")
    part, _, name = thing.partition(":")
    if thing in shape.muted:
        return shape.muting(thing)
    if row.kept and not shape.is_muted(part, name):
        return shape.muting(thing)
    return shape if thing in shape.pinned else shape.pinning(thing)


def pinned(shape: Shape, row: Row) -> Shape:
    """The shape with a row pinned, or no more. RefusedError where it can't be."""
    return shape.pinning(_shaped(row, "pinned"))


def _shaped(row: Row, how: str) -> str:
    if row.part in CORE:
        what = NAMES.get(row.part, f"the {row.part}" if row.part in AROUND else row.part)
        raise RefusedError(f"{what[0].upper()}{what[1:]} is always sent, and can't be {how}.")
    if not row.thing:
        raise RefusedError(f"A run of paragraphs can't be {how} by itself.", f"On “{row.part}” above, all of it can.")
    return row.thing


def beside(shape: Shape) -> Shape:
    """The context that stands beside this one: bare, and beside bare full."""
    return Shape("full" if shape.amount == "bare" else "bare", edits=shape.lasting.edits)


def named(shapes: Sequence[Shape]) -> str:
    """A few words for how contexts are made."""
    if len(shapes) > 1:
        return f"{' and '.join(shape.amount for shape in shapes)}, side by side"
    shape = shapes[0]
    return f"preset {shape.amount}{'' if shape.plain else ', shaped'}"


# sums


def totals(receipt: Receipt, change: int = 0) -> tuple[str, ...]:
    """The sum of a context, long and short; `change` is by how much it has just changed."""
    both = receipt.tokens + receipt.reserve
    moved = f" ({change:+,})" if change else ""
    return (
        f"Total {receipt.tokens:,}{moved} + {receipt.reserve:,} for the answer = {both:,} of {receipt.budget:,}",
        f"Total {receipt.tokens:,}{moved} + {receipt.reserve:,} = {both:,} of {receipt.budget:,}",
        f"{receipt.tokens:,}{moved} + {receipt.reserve:,} = {both:,} of {receipt.budget:,}",
        f"{both:,}{moved} of {receipt.budget:,}",
    )


# differences


def earlier_rounds(story: Story, before: int) -> list[int]:
    """The rounds before that number that a context can be compared with, the oldest first.

    Those that are tasted blind are not told apart, and a summary's context is another thing.
    """
    return [asked.number for asked in story.rounds if asked.number < before and not asked.aside and not asked.veil]


def first_of(story: Story, numbers: Sequence[int], kind: RoundKind, target: Target, beat: str) -> int:
    """The place in `numbers` of the round to begin with: the newest for the same place, else the newest."""

    def same(asked: Round) -> bool:
        return asked.kind == kind and (asked.target == target or bool(beat and asked.beat == beat))

    found = [at for at, number in enumerate(numbers) if same(story.round(number))]
    return found[-1] if found else len(numbers) - 1


def difference(then: Context, now: Context, closed: Collection[str] = (), equal: str = "=") -> list[Row]:
    """The parts of two contexts with their tokens in both; below those that differ, but for the `closed`, what came and went."""
    if not (then.placed and now.placed):
        whole = Row("format", "the whole request", "", now.receipt.tokens, then=then.receipt.tokens)
        return _shifted(whole, _compared(then.whole, now.whole), "format" in closed, equal)
    made: list[Row] = []
    names = dict.fromkeys(part.name for context in (then, now) for part in context.receipt.parts)
    for name in sorted(names, key=_rank):
        old, new = then.part(name), now.part(name)
        before, after = (old.tokens if old else 0), (new.tokens if new else 0)
        if not before and not after:
            continue
        changes = _compared(body_of(then.text(name)), body_of(now.text(name)))
        made += _shifted(Row(name, name, "", after, then=before), changes, name in closed, equal)
    return made


def _shifted(row: Row, changes: Sequence[tuple[str, str]], closed: bool, equal: str) -> list[Row]:
    """A row of a difference with what came and went below it, in the order of the text."""
    more = row.tokens - row.then
    came = sum(mark == "+" for mark, _ in changes)
    went = len(changes) - came
    if not row.then:
        sign, words = "+", "was not sent then"
    elif not row.tokens:
        sign, words = "-", "is not sent now"
    elif changes:
        sign, words = "~", ", ".join(([f"{came} came"] if came else []) + ([f"{went} went"] if went else []))
    else:
        sign, words = ("~", "the same text") if more else (equal, "the same")
    fold: Fold = "" if not changes else "shut" if closed else "open"
    why = f"{more:+,} · {words}" if more else words
    head = Row(row.part, row.label, sign, row.tokens, why=why, then=row.then, fold=fold)
    inner = [
        Row(row.part, one_line(text, 1_000), mark, inner=True, text=text, number=number)
        for number, (mark, text) in enumerate(changes)
    ]
    return [head] if closed else [head, *inner]


def _compared(then: str, now: str) -> list[tuple[str, str]]:
    """The lines that went, with `-`, and those that came, with `+`, in the order of the text."""
    old, new = ([line for line in text.split("\n") if line.strip() not in _BETWEEN] for text in (then, now))
    found: list[tuple[str, str]] = []
    for what, first, last, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what != "equal":
            found += [("-", line) for line in old[first:last]] + [("+", line) for line in new[start:end]]
    return found
