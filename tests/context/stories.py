"""Stories for tests of packing: made by hand, and at random from a seed; and what must be true of every request."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from composer.context.measures import Measures
from composer.context.pack import BEYOND, WITHIN, Packed, pack
from composer.context.sections import sections
from composer.context.wish import Form, Wish
from composer.errors import RefusedError
from composer.story.candidate import ItemReceipt, PartReceipt, RoundKind
from composer.story.manuscript import START, Block, Manuscript, Position
from composer.story.outline import Beat, BeatText, Outline
from composer.story.shape import CORE, PARTS, Amount, Shape
from composer.story.spans import Span, Written, length
from composer.story.story import Details, Exemplar, Note, Paraphrase, Story


def count(text: str) -> int:
    return len(text) // 3 + 1


def by_bytes(text: str) -> int:
    return len(text.encode())


def by_words(text: str) -> int:
    return len(text.split()) + 2


def story_of(paragraphs: Sequence[str], beats: Sequence[str] = (), purpose: str = "") -> Story:
    return Story(
        details=Details(purpose=purpose),
        outline=Outline(tuple(Beat(f"beat{n}", BeatText(summary=line)) for n, line in enumerate(beats))),
        manuscript=Manuscript(
            Block(f"b{n}", "", (Span(text, Written()),) if text else ()) for n, text in enumerate(paragraphs)
        ),
    )


def prose(number: int, words: int = 30) -> str:
    """A paragraph that says something of its own: it begins with `Paragraph 7`."""
    chance = random.Random(number)
    return f"Paragraph {number} {' '.join(chance.choices(WORDS, k=words))}."


def changed(story: Story, block: str, text: str) -> Story:
    """The story with another text in a block."""
    blocks = (
        Block(each.id, each.beat, (Span(text, Written()),)) if each.id == block else each for each in story.manuscript
    )
    return replace(story, manuscript=Manuscript(blocks))


def summarised(story: Story, until: int, text: str = "In short, {n} things happened.", every: int = 1) -> Story:
    """The story with a summary for every `every`-th section before a block."""
    found = sections(story, until, Measures(count).of(story.manuscript))
    made = (
        Paraphrase(section.blocks, section.digest, text.format(n=n))
        for n, section in enumerate(found)
        if n % every == 0
    )
    return replace(story, paraphrases=(*story.paraphrases, *made))


def sent(packed: Packed) -> str:
    return "".join(pieces_of(packed))


def pieces_of(packed: Packed) -> list[str]:
    return [piece for _, row in packed.messages for piece in row]


def part_of(packed: Packed, name: str) -> PartReceipt | None:
    return next((part for part in packed.receipt.parts if part.name == name), None)


def text_of(packed: Packed, name: str) -> str:
    """The text of a part as it is sent; empty if nothing is."""
    part = part_of(packed, name)
    return "".join(pieces_of(packed)[part.first : part.last]) if part else ""


def items_of(packed: Packed, name: str) -> tuple[ItemReceipt, ...]:
    part = part_of(packed, name)
    return part.items if part else ()


def run_of(label: str) -> list[int]:
    """The indexes of the paragraphs that a label names."""
    runs = re.findall(r"¶(\d+)(?:–(\d+))?", label)
    return [index for first, last in runs for index in range(int(first) - 1, int(last or first))]


# at random

_WORDS = (
    "the salt ledger weigh house Ilse Wren harbour rope fog lamp ferryman counted twice nobody answered slowly because "
    "morning under bridge winter oil ration letter bread glass gull buoy rose quiet number seven"
)
WORDS = _WORDS.split()
ODD = (
    "<|endoftext|>",
    "雨が降る。門は閉まっている。",
    "Старая Марта молчала.",
    "नमक तौला गया।",
    " " * 700,
    "a\u0301" * 90,
    "/x",
    "—",
)
KINDS: tuple[RoundKind, ...] = (
    *("continue", "continue", "fill", "rework", "polish", "smooth", "condense"),
    *("outline", "expand", "summary", "draft"),
)
WITH_PARAGRAPHS = ("earlier text", "previous paragraph", "text after", "passage", "beat")
"""Parts whose things are paragraphs."""


@dataclass(frozen=True)
class Case:
    story: Story
    wish: Wish
    count: Callable[[str], int]
    window: int
    reserve: int

    def packed(self) -> Packed | None:
        """The request; None if it is refused."""
        try:
            return pack(self.story, self.wish, self.count, self.window, self.reserve)
        except RefusedError as error:
            refused = error
        assert refused.sentence.endswith(".")
        assert refused.next_step.endswith(".")
        return None


def _text(chance: random.Random, most: int) -> str:
    words = chance.choices(WORDS, k=chance.randint(1, most))
    if chance.random() < 0.1:
        words.insert(chance.randrange(len(words)), chance.choice(ODD))
    return " ".join(words)


def _paragraphs(chance: random.Random) -> list[str]:
    made: list[str] = []
    for _ in range(chance.choice((0, 1, 3, 12, 40, 120))):
        kind = chance.random()
        if kind < 0.05:
            made.append("")
        elif kind < 0.1:
            made.append(chance.choice(("***", "#", "   ", *ODD)))
        elif kind < 0.2 and made:
            made.append(chance.choice(made))
        else:
            made.append(_text(chance, chance.choice((4, 30, 120))) + ".")
    return made


def _outline(chance: random.Random) -> Outline:
    def beat(name: str, depth: int) -> Beat:
        below = chance.randint(0, 4) if depth else 0
        kind = chance.choice(("beat", "scene", "chapter"))
        text = BeatText(chance.choice(("", _text(chance, 4))), chance.choice(("", _text(chance, 25))), kind=kind)
        return Beat(name, text, tuple(beat(f"{name}.{n}", depth - 1) for n in range(below)))

    return Outline(tuple(beat(f"b{n}", chance.randint(0, 2)) for n in range(chance.choice((0, 1, 5, 20)))))


def _shape(chance: random.Random, story: Story) -> Shape:
    amount: Amount = chance.choice(("full", "full", "lean", "bare"))
    shape = Shape(amount, repeats=chance.choice((None, None, True, False)))
    named = [
        *PARTS,
        *(f"notes:{note.id}" for note in story.notes),
        *(f"exemplars:{each.id}" for each in story.exemplars),
    ]
    named += [f"earlier, condensed:{block}" for each in story.paraphrases for block in each.blocks[:1]]
    for _ in range(chance.choice((0, 0, 1, 3))):
        shape = shape.muting(chance.choice(named))
    for _ in range(chance.choice((0, 0, 1, 3))):
        shape = shape.pinning(chance.choice(named))
    for _ in range(chance.choice((0, 0, 0, 1, 2))):
        shape = shape.editing(chance.choice(PARTS), chance.choice(("", "  ", _text(chance, 40))))
    if chance.random() < 0.4:
        part = chance.choice(("earlier text", "earlier, condensed", "exemplars"))
        shape = shape.choosing(part, chance.choice(("newest", "likest")))
    return shape


def case(seed: int) -> Case:
    """A story with a request, from anything to everything."""
    chance = random.Random(seed)
    outline = _outline(chance)
    beats = ["", "gone", *(row.beat.id for row in outline.rows())]
    paragraphs = _paragraphs(chance)
    here = 0
    blocks = []
    for at, text in enumerate(paragraphs):
        here = min(len(beats) - 1, here + (chance.random() < 0.1))
        blocks.append(Block(f"p{at}", beats[here], (Span(text, Written()),) if text else ()))
    story = Story(
        details=Details(
            purpose=_text(chance, 30) if chance.random() < 0.6 else "",
            structure=chance.choice(("fiction", "fiction", "nonfiction")),
        ),
        outline=outline,
        manuscript=Manuscript(blocks),
        notes=tuple(
            Note(
                f"n{n}",
                chance.choice(("person", "place", "fact")),
                chance.choice((*WORDS, "")),
                chance.choice(("", _text(chance, 40))),
                chance.random() < 0.1,
            )
            for n in range(chance.choice((0, 0, 2, 9)))
        ),
        exemplars=tuple(
            Exemplar(f"e{n}", f"Sample {n}", chance.choice(("", _text(chance, 150))), chance.random() < 0.2)
            for n in range(chance.choice((0, 0, 1, 4)))
        ),
    )
    if blocks and chance.random() < 0.5:
        text = chance.choice(("In short: {n}.", "Nothing. " * 60))
        story = summarised(story, chance.randint(0, len(blocks)), text, chance.choice((1, 2)))
        for _ in range(chance.choice((0, 2))):
            story = changed(story, chance.choice(blocks).id, _text(chance, 20))
    start = end = START
    if blocks:
        at = chance.randrange(len(blocks)) if chance.random() < 0.5 else len(blocks) - 1
        start = _place(chance, story, at)
        end = start if chance.random() < 0.6 else _place(chance, story, min(len(blocks) - 1, at + chance.randint(0, 2)))
        if story.manuscript.before(end, start):
            start, end = end, start
    form: Form = chance.choice(("chat", "chat", "plain"))
    wish = Wish(
        chance.choice(KINDS),
        start,
        end,
        chance.choice(beats),
        chance.choice(("", "", _text(chance, 20))),
        chance.choice(("", "as a mentor of ten years")),
        _shape(chance, story),
        chance.choice(("", "", "", _text(chance, 30))),
        form,
        chance.random() < 0.3,
        chance.choice(("", "", "Wren lit the")),
        tuple(chance.sample(beats, chance.randint(0, len(beats)))) if chance.random() < 0.2 else (),
    )
    counts = chance.choice((count, count, by_bytes, by_words))
    return Case(story, wish, counts, chance.choice((60, 200, 400, 800, 2_000, 8_000)), chance.choice((0, 50, 150)))


def _place(chance: random.Random, story: Story, at: int) -> Position:
    block = story.manuscript.at(at)
    size = length(block.spans)
    return Position(block.id, chance.choice((0, size, chance.randint(0, size))))


def check(case: Case, packed: Packed) -> None:
    """What is true of every request."""
    receipt, pieces, shape = packed.receipt, pieces_of(packed), case.wish.shape
    assert receipt.tokens + case.reserve <= case.window
    assert receipt.tokens == sum(part.tokens for part in receipt.parts)
    assert all(pieces)
    assert (receipt.budget, receipt.reserve, receipt.shape) == (case.window, case.reserve, shape)
    order = [PARTS.index(part.name) for part in receipt.parts]
    assert order == sorted(set(order))
    at = 0
    for part in sorted(receipt.parts, key=lambda part: (part.first, part.last)):
        if part.name == "format":
            continue
        own = pieces[part.first : part.last]
        assert part.kept == bool(own), part
        assert part.tokens == sum(case.count(piece) for piece in own), part
        if own:
            assert part.first == at, part
            at = part.last
    assert at == len(pieces)
    assert any(row for role, row in packed.messages if role == "user")
    if not case.wish.alone:
        _check_levers(case, packed)
        _check_earlier(case, packed)
        _check_named(case, packed)
    else:
        assert {part.name for part in receipt.parts} <= {*CORE, "instructions"}


def _check_levers(case: Case, packed: Packed) -> None:
    receipt, shape = packed.receipt, case.wish.shape
    budget = case.window - case.reserve
    fixed = {*CORE, "instructions", "previous paragraph"}
    leading = sum(part.tokens for part in receipt.parts if part.name in fixed)
    pinned = [part for part in receipt.parts if part.name not in fixed and shape.is_pinned(part.name)]
    for part in receipt.parts:
        if part.name in CORE:
            continue
        if shape.is_muted(part.name):
            # A thing may be pinned in a part that is left out.
            assert all(shape.is_pinned(part.name, item.thing) for item in part.items if item.fate == "kept"), part
            assert part.items or not part.kept, part
        for item in part.items:
            if item.thing and shape.is_muted(part.name, item.thing):
                assert item.fate == "muted" or part.edited, (part, item)
        if part in pinned and not part.edited:
            short = sum(each.tokens for each in part.items if each.fate == "cut" and each.why not in (BEYOND, WITHIN))
            short = short if part.items else part.cut
            others = sum(each.tokens for each in pinned if each is not part)
            edits = sum(each.tokens for each in receipt.parts if each.edited and each.name not in fixed)
            things = sum(
                each.tokens for each in receipt.parts if each.name in ("notes", "exemplars", "earlier, condensed")
            )
            if short:
                assert leading + others + edits + things + part.tokens + short + 40 > budget, part


def _check_named(case: Case, packed: Packed) -> None:
    """Every paragraph is told of, once, but for those in which the place begins or ends; and what is not sent says why."""
    parts = [part for part in packed.receipt.parts if part.name in WITH_PARAGRAPHS]
    told = [index for part in parts for item in part.items for index in run_of(item.label)]
    prose = {
        index for index, block in enumerate(case.story.manuscript) if block.text.strip() and not block.is_scene_break
    }
    assert prose <= set(told), (prose - set(told), packed.receipt.parts)
    assert all(item.why or item.fate in ("kept", "muted") for part in parts for item in part.items)
    labels = [item.label for part in parts for item in part.items]
    assert len(labels) == len(set(labels)), labels
    # Halves of a paragraph are named as such: none is told twice whole.
    whole = [
        index for label in labels for name in re.split("[;:] ", label) if "," not in name for index in run_of(name)
    ]
    halves = {index for label in labels if ": the " in label for index in run_of(label)}
    assert len([index for index in whole if index not in halves]) == len({*whole} - halves), labels
    for part in parts:
        if part.name in ("previous paragraph", "text after"):
            assert part.tokens == sum(item.tokens for item in part.items if item.fate == "kept") or part.edited, part
            assert part.cut == sum(item.tokens for item in part.items if item.fate != "kept") or part.edited, part


def _check_earlier(case: Case, packed: Packed) -> None:
    """Every paragraph before the previous one is told of once, and is there exactly if it is said to be."""
    part = part_of(packed, "earlier text")
    if part is None or part.edited:
        return
    previous = part_of(packed, "previous paragraph")
    until = run_of(previous.items[0].label)[0] if previous and previous.items else None
    told = [index for item in part.items for index in run_of(item.label)]
    assert len(told) == len(set(told)), part.items
    pieces = pieces_of(packed)[part.first : part.last]
    for index, block in enumerate(case.story.manuscript):
        text = block.text
        if until is not None and index >= until:
            assert index not in told
            break
        if until is None or not text.strip() or block.is_scene_break:
            continue
        assert index in told, (index, part.items)
    for item in part.items:
        assert item.fate == "kept" or item.why or item.fate == "muted", item
        if item.fate == "kept":
            for index in run_of(item.label):
                block = case.story.manuscript.at(index)
                assert not block.text.strip() or block.is_scene_break or f"{block.text}\n\n" in pieces
