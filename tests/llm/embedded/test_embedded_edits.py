"""The changes that a passage is offered, one at a time: what they make of it, and where there are none."""

from __future__ import annotations

import pytest

from composer.llm.embedded.edits import Edit
from composer.llm.embedded.joints import Joints
from composer.llm.embedded.kindred import kin
from composer.llm.embedded.passage import Passage
from composer.llm.embedded.prompt import Kind, Prompt
from composer.llm.embedded.request import understand
from composer.llm.embedded.revision import Revision
from composer.llm.embedded.rewording import rewordings, turned_tag
from composer.llm.embedded.store import load
from composer.llm.embedded.tokens import ARTICLE, tokenise


def passage(text: str, instruction: str = "") -> Passage:
    return Passage(text, understand(Prompt(kind="polish", passage=text, instruction=instruction), load()))


def changed(of: Passage, edit: Edit) -> str:
    """The text with this one change."""
    copied = [word.gap + word.text for word in of.words]
    return "".join([*copied[: edit.at], *edit.texts, *copied[edit.to :]])


def offered(text: str) -> set[str]:
    """What each single change makes of a text."""
    of = passage(text)
    joints = Joints(of, load())
    edits: list[Edit] = []
    for at in range(len(of)):
        tag = turned_tag(of, at)
        edits += [*rewordings(of, at), *joints.at(at), *([tag] if tag else [])]
    return {changed(of, edit) for edit in edits}


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("Mara was very tired.", "Mara was tired."),
        ("It was a really old house.", "It was an old house."),
        ("Suddenly, the door opened.", "The door opened."),
        ("She said that he was late.", "She said he was late."),
        ("The wolf slowly opened the gate.", "The wolf opened the gate."),
        ("She began to walk home.", "She walked home."),
        ("He started singing again.", "He sang again."),
        ("They were pulling at the rope.", "They pulled at the rope."),
        ("She could hear the sea.", "She heard the sea."),
        ("There was a man standing at the gate.", "A man stood at the gate."),
        ("He met a man who was carrying a lamp.", "He met a man carrying a lamp."),
        ("She saw that the door was open.", "The door was open."),
        ("He got to his feet and ran.", "He stood up and ran."),
        ("She ran in order to see it.", "She ran to see it."),
        ("A number of boats came in.", "Several boats came in."),
        ("He came upon a strange gate.", "He came upon an odd gate."),
        ("It was an odd gate.", "It was a strange gate."),
        ("She nodded her head.", "She nodded."),
        ('"I do not know," said Mara.', '"I don\'t know," said Mara.'),
        ("“It is the sea,” she said.", "“It's the sea,” she said."),
        ('"Why?" Mara asked.', '"Why?" asked Mara.'),
        ('"Why?" asked the wolf.', '"Why?" the wolf asked.'),
        ("She locked the drawer. Then she opened the drawer.", "She locked the drawer. Then she opened it."),
    ],
)
def test_a_wording_is_offered(text: str, better: str) -> None:
    assert better in offered(text)


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("She sat down. She took the letter.", "She sat down and took the letter."),
        ("Mara sat down. The rain had come.", "Mara sat down, and the rain had come."),
        ("Mara shut the door. Mara took the letter.", "Mara shut the door. She took the letter."),
        ("Mara shut the door. Mara took the letter.", "Mara shut the door and took the letter."),
        ("She shut the door. He took the letter.", "She shut the door. Then he took the letter."),
        ("She shut the door. Then he took the letter.", "She shut the door. He took the letter."),
        ("She rose, and took the letter.", "She rose and took the letter."),
        (
            "She shut the door of the old mill behind her, and she took the letter from the shelf.",
            "She shut the door of the old mill behind her. She took the letter from the shelf.",
        ),
        ("She shut the the door.", "She shut the door."),
        ("She shut the door.Then she left.", "She shut the door. Then she left."),
        ("She shut the door . It rained.", "She shut the door. It rained."),
        ("She shut the door. it rained.", "She shut the door. It rained."),
        ("Stop!! It rained.", "Stop! It rained."),
        ('“Stop,” she said. "Wait.”', "“Stop,” she said. “Wait.”"),
        ("She rose. She ran. She fell. He waits by the gate.", "She rose. She ran. She fell. He waited by the gate."),
        (
            "The wolf asked for bread. It rained. The wolf asked for bread. She ran.",
            "The wolf asked for bread. It rained. She ran.",
        ),
        ("The wolf asked for bread. The wolf asked for bread.", "The wolf asked for bread."),
    ],
)
def test_a_joint_is_offered(text: str, better: str) -> None:
    assert better in offered(text)


@pytest.mark.parametrize("text", ["Mara.", "The", "42", "…", "THE HOUSE WAS VERY OLD", "🦊 🦊", "—", "\n\n"])
def test_where_there_is_nothing_to_change_nothing_is_offered(text: str) -> None:
    assert offered(text) == set()


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("It was not very big.", "not big"),
        ("She had had enough of it.", "She had enough"),
        ("Mr. Hale had come. He sat.", "Mr. Then"),
        ("Mr. Hale had come. He sat.", "Mr and"),
        ("The man was as clever as that.", "as bright as this"),
        ("She gave him the lamp. “Go,” he said.", "lamp, and “"),
        ("He was going home.", "He went home."),
        ("It was raining at the mill.", "It rained at"),
        ("She walked into the house and waited there for an hour.", "walked the"),
        ("She looked at the sea for an hour.", "glanced"),
        ("He could not see the boat.", "He not saw"),
        ("Once upon a time there was a wolf.", "Once on"),
        ("It rained. Mara slept.\n\nShe woke.", "slept and woke"),
    ],
)
def test_what_would_be_wrong_is_not_offered(text: str, wrong: str) -> None:
    others = offered(text + " She was very tired.")
    assert others
    assert not [other for other in others if wrong in other]


def test_a_passage_is_its_words_with_their_gaps() -> None:
    text = 'One  two,\tthree.\n\n"Four—five…" 🦊\u200d?\n* * *\nCafé d’Ines'
    assert "".join(word.gap + word.text for word in passage(text).words) == text


def test_participles_stay_participles() -> None:
    for other in offered("She had walked home, and they had begun to run. He has come back."):
        assert "had went" not in other
        assert "had began" not in other
        assert "has returned" in other or "has come back" in other


def test_no_change_opens_or_closes_a_quote_or_a_paragraph() -> None:
    text = (
        '"I do not know," she said very quietly. She sat down. She waited.\n\n"Nor I," said Joss. He was really tired.'
    )
    for other in offered(text):
        assert other.count('"') == 4
        assert other.count("\n\n") == 1


def test_all_kin_are_words_the_model_reads_as_such() -> None:
    for some in kin().values():
        for each in some:
            assert each.others
            for wording in (each.pattern, *each.others):
                text = " ".join("a" if word == ARTICLE else "his" if word == "%" else word for word in wording)
                symbols = [token.symbol for token in tokenise(text, lambda word: False)]
                assert [symbol if symbol != "his" else "%" for symbol in symbols] == [
                    word if word != "his" else "%" for word in wording
                ]
            assert each.pattern not in each.others


@pytest.mark.parametrize("kind", ["polish", "smooth", "rework"])
def test_odds_are_the_same_whenever_they_are_asked_for(kind: Kind) -> None:
    text = "She began to walk. She was very tired. It rained. " * 40
    one, other = (Revision(passage(text), load(), kind) for _ in range(2))
    backward = [
        [(edit.at, edit.to, edit.texts, odds) for edit, odds in other.at(at)]
        for at in reversed(range(len(other.passage)))
    ]
    forward = [[(edit.at, edit.to, edit.texts, odds) for edit, odds in one.at(at)] for at in range(len(one.passage))]
    assert forward == backward[::-1]
    assert any(forward)
    assert all(odds >= 0.0 for some in forward for *_, odds in some)


def test_what_the_instruction_asks_for_is_likelier() -> None:
    text = "She was very tired. She sat down. The rain came. It was a really long night. She slept."

    def odds(instruction: str) -> float:
        revision = Revision(passage(text, instruction), load(), "rework")
        changes = [entry for at in range(len(revision.passage)) for entry in revision.at(at)]
        return sum(share for edit, share in changes if edit.family == "cut") / sum(share for _, share in changes)

    assert odds("Make it shorter.") > 2 * odds("Let it rain.")
    long, same = (Revision(passage(text, each), load(), "rework").addition for each in ("Tell more.", "Let it rain."))
    assert long > 2 * same > 0.0
    assert Revision(passage(text), load(), "polish").addition == 0.0
