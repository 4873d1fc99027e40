"""Sections cover the text, keep their borders where summaries were written, and know when these are stale."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from composer.context.measures import Measures
from composer.context.sections import SECTION, SHORT, Section, chapters, condensed, digest_of, numbered, sections
from composer.story.manuscript import Block, Manuscript
from composer.story.outline import Beat, BeatText, Outline
from composer.story.spans import Span, Written
from composer.story.story import Details, Paraphrase, Story
from tests.context.stories import changed, count, prose, run_of, story_of


def cut(story: Story, until: int | None = None) -> tuple[Section, ...]:
    last = len(story.manuscript) if until is None else until
    return sections(story, last, Measures(count).of(story.manuscript))


def told(story: Story, *chosen: Section, text: str = "In short.") -> Story:
    """The story with summaries of these, as they stand."""
    made = (Paraphrase(each.blocks, each.digest, f"{text} {each.first}") for each in chosen)
    return replace(story, paraphrases=(*story.paraphrases, *made))


def borders(found: Sequence[Section]) -> list[tuple[int, int]]:
    return [(each.first, each.last) for each in found]


def long_story(count: int = 200, words: int = 80) -> Story:
    return story_of([prose(n, words) for n in range(count)])


def in_chapters(story: Story, starts: Sequence[int], titles: Sequence[str]) -> Story:
    """The story with chapters that begin at these blocks, one beat each."""
    beats = tuple(
        Beat(f"c{n}", BeatText(title=title), (Beat(f"c{n}.0", BeatText(summary="It goes on.")),))
        for n, title in enumerate(titles)
    )
    blocks = []
    for at, block in enumerate(story.manuscript):
        chapter = max((n for n, start in enumerate(starts) if start <= at), default=-1)
        blocks.append(Block(block.id, f"c{chapter}.0" if chapter >= 0 else "", block.spans))
    return replace(story, outline=Outline(beats), manuscript=Manuscript(blocks))


def test_all_text_is_cut_into_sections_that_are_not_too_long() -> None:
    story = long_story()
    found = cut(story)
    assert borders(found)[0][0] == 0
    assert all(left.last == right.first for left, right in itertools.pairwise(found))
    assert found[-1].last == 200
    for each in found:
        assert each.paraphrase is None
        assert not each.stale
        assert len(each.text) <= SECTION + 2 * (each.last - each.first)
        assert each.tokens == Measures(count).of(story.manuscript).total(each.first, each.last)
        assert each.blocks == tuple(block.id for block in story.manuscript.between(each.first, each.last))
        assert each.label == numbered(each.first, each.last)
        assert each.thing == each.blocks[0]
    assert len(found) == 9


def test_titles_of_sections_are_borders_like_headings() -> None:
    outline = Outline((Beat("a", BeatText("Salt")), Beat("b", BeatText("Tides")), Beat("c", BeatText(summary="Rope."))))
    story = long_story(60, 60)
    blocks = [Block(block.id, "aabbcc"[at // 10], block.spans) for at, block in enumerate(story.manuscript)]
    story = replace(story, outline=outline, manuscript=Manuscript(blocks))
    assert 20 not in {each.first for each in cut(story)}
    found = {each.first for each in cut(replace(story, details=Details(structure="nonfiction")))}
    assert {20, 40} <= found


def test_chapters_are_borders_and_give_names() -> None:
    story = in_chapters(long_story(60, 40), (2, 20, 33), ("The weigh-house", "", "Chapter 3: Salt"))
    found = cut(story)
    assert {each.first for each in found} >= {0, 2, 20, 33}
    assert [each.label for each in found] == [
        "¶1–2",
        "ch. 1 · The weigh-house, ¶3–20",
        "ch. 2, ¶21–33",
        "Chapter 3: Salt, ¶34–60",
    ]


def test_text_of_no_chapter_stays_with_what_stands_before_it() -> None:
    story = in_chapters(long_story(60, 40), (0, 20), ("One", "Two"))
    blocks = [
        Block(each.id, "gone" if at in (5, 30) else each.beat, each.spans) for at, each in enumerate(story.manuscript)
    ]
    assert borders(cut(replace(story, manuscript=Manuscript(blocks)))) == borders(cut(story))


def test_chapters_are_counted_by_their_kind_where_there_are_any() -> None:
    leaf = Beat("x", BeatText(summary="It goes on."))
    chapter = BeatText(title="One", kind="chapter")
    outline = Outline(
        (Beat("part", BeatText(title="Part"), (Beat("a", chapter, (leaf,)), Beat("b", chapter))), Beat("c"))
    )
    assert {beat: each.number for beat, each in chapters(outline).items()} == {"a": 1, "x": 1, "b": 2}
    assert chapters(story_of([], ["Wren waits.", "A ship answers."]).outline) == {}


def test_a_scene_break_is_a_border_in_a_long_section_alone() -> None:
    paragraphs = [prose(n, 80) for n in range(20)]
    paragraphs[3] = "***"
    paragraphs[10] = " * * * "
    assert borders(cut(story_of(paragraphs))) == [(0, 11), (11, 20)]


def test_a_heading_within_a_chapter_is_a_border_in_a_long_section_alone() -> None:
    scenes = tuple(Beat(f"s{n}", BeatText(title=f"Scene {n}", kind="scene"), (Beat(f"s{n}.0"),)) for n in range(3))
    outline = Outline((Beat("c", BeatText(title="One", kind="chapter"), scenes),))
    blocks = [
        Block(f"b{n}", "s0.0" if n < 3 else "s1.0" if n < 12 else "s2.0", (Span(prose(n, 80), Written()),))
        for n in range(20)
    ]
    assert borders(cut(Story(outline=outline, manuscript=Manuscript(blocks)))) == [(0, 12), (12, 20)]


def test_a_short_rest_is_no_section_yet_unless_it_joins() -> None:
    paragraphs = [prose(n, 80) for n in range(5)]
    size = sum(map(len, paragraphs[:2]))
    assert size < SHORT
    assert cut(story_of(paragraphs[:2])) == ()
    assert borders(cut(story_of(paragraphs))) == [(0, 5)]
    story = long_story(21)
    assert borders(cut(story)) == [(0, 21)]
    story = told(story, cut(story, 19)[0])
    assert borders(cut(story)) == [(0, 19)]
    # Not over the border of a chapter.
    assert borders(cut(in_chapters(long_story(12), (0, 10), ("One", "Two")))) == [(0, 10)]
    assert cut(Story()) == ()


def test_text_at_the_end_moves_no_border() -> None:
    for more in range(40, 200, 7):
        fewer = borders(cut(long_story(more)))
        assert borders(cut(long_story(200)))[: len(fewer) - 1] == fewer[:-1]


def test_a_summary_stays_with_its_text_whatever_is_typed_before() -> None:
    story = long_story(100)
    found = cut(story)
    story = told(story, found[1], found[3])
    longer = changed(changed(story, "b1", prose(900, 3_000)), "b2", "")
    again = condensed(longer, 100, Measures(count).of(longer.manuscript))
    assert borders(again) == borders((found[1], found[3]))
    assert [each.stale for each in again] == [False, False]
    assert {each.paraphrase for each in cut(longer)} == {None, *story.paraphrases}
    # The rest around them is cut anew.
    assert cut(longer)[0].first == 0
    assert cut(longer)[-1].last == 100


def test_an_edit_makes_a_summary_stale_and_its_undoing_fresh_again() -> None:
    before = told(long_story(60), *cut(long_story(60)))
    at = cut(before)[1].first
    edited = changed(before, f"b{at + 2}", "All was otherwise.")
    assert [each.stale for each in cut(edited)] == [False, True, False]
    assert cut(edited)[1].paraphrase == before.paraphrases[1]
    rewritten = told(edited, cut(edited)[1], text="Otherwise.")
    assert not any(each.stale for each in cut(rewritten))
    assert cut(rewritten)[1].paraphrase == rewritten.paraphrases[-1]
    undone = replace(rewritten, manuscript=before.manuscript)
    assert not any(each.stale for each in cut(undone))
    assert cut(undone)[1].paraphrase == before.paraphrases[1]


def test_an_undone_change_of_borders_brings_the_old_summary_back() -> None:
    before = told(long_story(60), *cut(long_story(60)))
    first = before.paraphrases[1].blocks
    blocks = [block for block in before.manuscript if block.id != first[-1]]
    shorter = replace(before, manuscript=Manuscript(blocks))
    assert cut(shorter)[1].stale
    again = told(shorter, cut(shorter)[1], text="Shorter.")
    assert cut(again)[1].paraphrase == again.paraphrases[-1]
    undone = replace(again, manuscript=before.manuscript)
    assert [each.paraphrase for each in cut(undone)] == list(before.paraphrases)
    assert not any(each.stale for each in cut(undone))


def test_scene_breaks_and_empty_paragraphs_say_nothing() -> None:
    story = story_of([*(prose(n, 80) for n in range(9)), ""])
    story = told(story, cut(story)[0])
    assert not cut(changed(story, "b9", "***"))[0].stale
    assert cut(changed(story, "b9", "A word."))[0].stale or cut(changed(story, "b9", "A word."))[0].last == 9
    assert digest_of(["One.", "", "***", "Two."]) == digest_of(["One.", " * * * ", "Two."])
    assert digest_of(["One.", "Two."]) != digest_of(["One. Two."])


@pytest.mark.parametrize("how", ["gone", "apart", "behind"])
def test_a_summary_whose_text_does_not_stand_together_is_not_used(how: str) -> None:
    story = long_story(100)
    section = cut(story)[1]
    story = told(story, section)
    blocks = list(story.manuscript)
    own = blocks[section.first : section.last]
    rest = blocks[: section.first] + blocks[section.last :]
    if how == "gone":
        blocks = rest
    elif how == "apart":
        blocks = [own[0], *rest, *own[1:]]
    until = section.last - 1 if how == "behind" else len(blocks)
    story = replace(story, manuscript=Manuscript(blocks))
    found = sections(story, until, Measures(count).of(story.manuscript))
    assert all(each.paraphrase is None for each in found)


def test_paragraphs_that_are_put_between_belong_to_the_section() -> None:
    story = long_story(60)
    section = cut(story)[0]
    story = told(story, section)
    blocks = list(story.manuscript)
    blocks.insert(4, Block("new", "", (Span("And more.", Written()),)))
    again = cut(replace(story, manuscript=Manuscript(blocks)))[0]
    assert (again.first, again.last, again.stale) == (0, section.last + 1, True)
    assert "new" in again.blocks


def test_of_summaries_that_overlap_the_newest_holds() -> None:
    story = long_story(60)
    texts = [block.text for block in story.manuscript]
    names = [block.id for block in story.manuscript]
    older = Paraphrase(tuple(names[5:15]), "old", "Older.")
    newer = Paraphrase(tuple(names[10:20]), "new", "Newer.")
    story = replace(story, paraphrases=(older, newer))
    found = [each for each in cut(story) if each.paraphrase]
    assert [(each.first, each.last, each.stale) for each in found] == [(10, 20, True)]
    # But one that says what stands there goes before one that does not.
    older = replace_digest(older, digest_of(texts[5:15]))
    found = [each for each in cut(replace(story, paraphrases=(older, newer))) if each.paraphrase]
    assert [(each.first, each.last, each.stale) for each in found] == [(5, 15, False)]


def replace_digest(paraphrase: Paraphrase, digest: str) -> Paraphrase:
    return Paraphrase(paraphrase.blocks, digest, paraphrase.text)


@given(st.integers(0, 1 << 32))
def test_sections_never_overlap_and_leave_nothing_out(seed: int) -> None:
    chance = random.Random(seed)
    texts = [
        chance.choice(("", "***", "   ", prose(n, chance.randint(1, 200)), prose(n, chance.randint(1, 2_600))))
        for n in range(chance.randint(0, 60))
    ]
    story = in_chapters(story_of(texts), sorted(chance.choices(range(61), k=3)), ("One", "Two", ""))
    for _ in range(chance.randint(0, 3)):
        until = chance.randint(0, len(texts))
        story = told(story, *(each for each in cut(story, until) if chance.random() < 0.5))
        if texts:
            story = changed(story, f"b{chance.randrange(len(texts))}", chance.choice(("", prose(99, 40))))
    until = chance.randint(0, len(texts))
    found = cut(story, until)
    covered = [at for each in found for at in range(each.first, each.last)]
    assert covered == sorted(set(covered))
    assert all(at < until for at in covered)
    missing = [
        at for at in range(until) if at not in covered and story.manuscript.at(at).text.strip() not in ("", "***")
    ]
    assert sum(len(story.manuscript.at(at).text) for at in missing) < SHORT
    assert not missing or not covered or missing[0] > covered[-1]
    for each in found:
        assert each.tokens > 0
        assert run_of(each.label) == [*range(each.first, each.last)]
        written = {one.digest for one in story.paraphrases}
        assert each.stale == (each.paraphrase is not None and each.digest not in written)
        assert each.paraphrase is None or each.stale or each.paraphrase.digest == each.digest
    assert condensed(story, until, Measures(count).of(story.manuscript)) == () or any(each.paraphrase for each in found)
