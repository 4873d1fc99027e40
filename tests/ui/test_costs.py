"""What rounds took, in tokens and money: the sums, how they are said, and where a writer sees them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from rich.cells import cell_len

from composer.config import Price
from composer.errors import ContextTooLong
from composer.session.ports import Closing
from composer.story.candidate import (
    BeatTarget,
    Candidate,
    Cost,
    Ending,
    PartReceipt,
    Receipt,
    Recipe,
    Round,
    RoundKind,
    Sent,
)
from composer.story.chunked import Chunked
from composer.story.shape import Shape
from composer.story.story import Story
from composer.ui import costs
from composer.ui.costs import Spent, cost_words, money, sheet, spent, together
from composer.ui.making import counted_fewer, made_from
from composer.ui.screens.sheet import room
from composer.ui.signs import PLAIN
from composer.ui.widgets.state import aside
from tests.ui.desk import desk

DAY = 86_400_000


def done(sent: int | None = 100, written: int | None = 20, cost: Cost | None = None, **more: Any) -> Ending:
    return Ending(
        "finished", "The model ended it.", 0, "", prompt_tokens=sent, completion_tokens=written, cost=cost, **more
    )


def one(
    ending: Ending | None, text: str = "", model: str = "wren-7b", endpoint: str = "home", **more: Any
) -> Candidate:
    return Candidate("1.1", Recipe(endpoint, model), text, ending=ending, **more)


def asked(
    number: int, *candidates: Candidate, tokens: int = 90, kind: RoundKind = "continue", day: int = 0, **more: Any
) -> Round:
    named = tuple(replace(each, id=f"{number}.{at}") for at, each in enumerate(candidates, 1))
    return Round(number, kind, BeatTarget("b"), 0, "", (), Receipt(tokens, 2048, 200, ()), named, 1, day * DAY, **more)


def story(*rounds: Round) -> Story:
    return Story(rounds=Chunked(rounds))


def words(text: str) -> int:
    """A counter for tests: a token a word."""
    return len(text.split())


def shown(*rounds: Round, width: int = 66, **more: Any) -> list[str]:
    return sheet(story(*rounds), words, width=width, day=lambda time: f"day {time // DAY}", **more).splitlines()


def row(lines: list[str], name: str) -> list[str]:
    """The columns behind a name."""
    (found,) = [line for line in lines if line.startswith(name)]
    return found.removeprefix(name).split()


DOLLARS = Cost(4200, "$")


# money


@pytest.mark.parametrize(
    ("millionths", "currency", "said"),
    [
        (4200, "$", "$0.0042"),
        (1_370_000, "€", "1.37 €"),
        (1_370_000, "EUR", "1.37 EUR"),
        (12_000_000, "cents", "12 cents"),
        (1, "$", "$0.000001"),
        (0, "$", "$0"),
        (10_000, "£", "£0.01"),
        (500_000, "$", "$0.50"),
        (1_500_000, "US$", "US$1.50"),
        (999_999, "$", "$1"),
        (12_345, "$", "$0.012"),
        (1_234_567_890, "$", "$1,234.57"),
        (250_000, "", "0.25"),
        (250_000, "a\x1b[2J", "0.25 a[2J"),
    ],
)
def test_money(millionths: int, currency: str, said: str) -> None:
    assert money(millionths, currency) == said


@given(st.integers(0, 10**13))
def test_money_is_said_to_two_digits_at_least(millionths: int) -> None:
    told = float(money(millionths, "$").removeprefix("$").replace(",", "")) * 1_000_000
    assert abs(told - millionths) <= max(0.05 * millionths, 0)


def test_the_cost_of_a_candidate() -> None:
    assert cost_words(DOLLARS) == "$0.0042"
    assert cost_words(Cost(4200, "$", True)).startswith("≈ $0.0042: ")
    assert cost_words(Cost(4200, "$", True), PLAIN).startswith("~ $0.0042: ")


# sums


@pytest.mark.parametrize(
    ("candidate", "took"),
    [
        (one(done(cost=DOLLARS), "Fog came."), Spent(1, 100, 20, False, (("$", 4200),))),
        (one(done()), Spent(1, 100, 20, False, unpriced=1)),
        # What was not told is reckoned: by the receipt, and by what was written and thought.
        (one(done(None, None), "Fog came.", reasoning="Is it fog?"), Spent(1, 90, 5, True, unpriced=1)),
        (one(done(100, None), "Fog came."), Spent(1, 100, 2, True, unpriced=1)),
        (one(done(0, 0), "Fog came."), Spent(1, 90, 0, True, unpriced=1)),
        (one(done(None, None, Cost(5, "$", True)), "Fog."), Spent(1, 90, 1, True, (("$", 5),), True)),
        # While it writes it has no cost yet.
        (one(None, "Fog"), Spent(1, 90, 1, True)),
        (one(None), Spent(1, 90, 0, True)),
        # What failed without a word was charged by nobody.
        (one(Ending("failed", "No server.", 0, "")), Spent(1)),
        (one(Ending("failed", "It broke off.", 0, ""), "Fog came."), Spent(1, 90, 2, True, unpriced=1)),
        (one(Ending("failed", "It broke off.", 0, "", prompt_tokens=100)), Spent(1, 100, 0, True, unpriced=1)),
        (one(Ending("cancelled", "You stopped it.", 0, "")), Spent(1, 90, 0, True, unpriced=1)),
        # What it goes on from it did not write.
        (one(done(None, None), "Fog came. Then rain.", begun=10), Spent(1, 90, 2, True, unpriced=1)),
    ],
)
def test_what_one_candidate_took(candidate: Candidate, took: Spent) -> None:
    assert spent(asked(1, candidate), candidate, words) == took


def test_a_candidate_that_was_sent_something_else_is_reckoned_by_that() -> None:
    other = Sent((2,), (), Receipt(40, 2048, 200, ()))
    round_ = asked(1, one(None), one(None), others=(other,))
    assert [spent(round_, each, words).sent for each in round_.candidates] == [90, 40]


def test_currencies_are_summed_apart() -> None:
    parts = [Spent(1, costs=(("$", 5),)), Spent(1, costs=(("€", 7),), costs_about=True), Spent(1, costs=(("$", 2),))]
    assert together(parts) == Spent(3, costs=(("$", 7), ("€", 7)), costs_about=True)
    lines = shown(asked(1, one(done(cost=Cost(4200, "$"))), one(done(cost=Cost(1_370_000, "€")))))
    assert lines[1].endswith("$0.0042 + 1.37 €")


SPENT = st.builds(
    Spent,
    st.integers(0, 9),
    st.integers(0, 9),
    st.integers(0, 9),
    st.booleans(),
    st.lists(st.tuples(st.sampled_from("$€"), st.integers(0, 9)), max_size=2, unique_by=lambda cost: cost[0]).map(
        tuple
    ),
)


@given(st.lists(SPENT, max_size=6), st.integers(0, 6))
def test_a_sum_of_sums_is_the_sum(parts: list[Spent], at: int) -> None:
    halves = together((together(parts[:at]), together(parts[at:])))
    assert halves == together(parts)
    assert halves.sent == sum(part.sent for part in parts)
    assert sum(each for _, each in halves.costs) == sum(each for part in parts for _, each in part.costs)


# the sheet


def test_sums_by_model_by_day_by_round_and_in_all() -> None:
    lines = shown(
        asked(1, one(done(cost=DOLLARS)), one(done(cost=DOLLARS)), day=3),
        asked(
            2, one(done(1000, 50, Cost(10_000, "$")), model="heron-12b"), one(done(cost=DOLLARS)), kind="polish", day=4
        ),
        asked(3, one(done(200, 9, Cost(5_000, "$"))), kind="condense", day=4),
    )
    assert lines[0].split() == ["cand.", "sent", "written", "cost"]
    assert row(lines, "in all") == ["5", "1,500", "119", "$0.028"]
    # The model that took most comes first, the newest day and round too.
    assert lines.index("Models") < lines.index("Days") < lines.index("Rounds, the newest first")
    assert row(lines, "heron-12b") == ["1", "1,000", "50", "$0.01"]
    assert row(lines, "wren-7b") == ["4", "500", "69", "$0.018"]
    assert lines.index(next(line for line in lines if line.startswith("heron"))) == lines.index("Models") + 1
    assert [line.split()[:2] for line in lines if line.startswith("day")] == [["day", "4"], ["day", "3"]]
    assert row(lines, "day 4") == ["3", "1,300", "79", "$0.019"]
    rounds = lines[lines.index("Rounds, the newest first") + 1 :]
    assert [line.split()[:2] for line in rounds] == [["3", "condense"], ["2", "polish"], ["1", "continue"]]
    assert row(rounds, "   2 polish   2 models") == ["2", "1,100", "70", "$0.014"]
    assert row(rounds, "   1 continue wren-7b") == ["2", "200", "40", "$0.0084"]
    # All columns end where their headings do.
    ends = {len(line) for line in lines if line.rstrip() and line[-1].isdigit()}
    assert ends == {len(lines[0])}


def test_what_is_reckoned_is_marked_and_the_mark_explained() -> None:
    round_ = asked(1, one(done(None, None, Cost(4200, "$", True)), "Fog came."))
    lines = shown(round_)
    assert row(lines, "in all") == ["1", "≈90", "≈2", "≈$0.0042"]
    assert any(line.startswith("≈: ") for line in lines)
    plain = shown(round_, signs=PLAIN)
    assert row(plain, "in all") == ["1", "~90", "~2", "~$0.0042"]
    assert not any(line.startswith("≈") for line in shown(asked(1, one(done(cost=DOLLARS)))))


def test_without_prices_there_is_no_money_and_it_is_said_how_to_set_some() -> None:
    lines = shown(asked(1, one(done())), settings_path="/far/settings.toml")
    assert lines[0].split() == ["cand.", "sent", "written"]
    assert "No prices are set." in " ".join(lines)
    assert any("/far/settings.toml" in line for line in lines)
    assert "[endpoints.NAME.prices]" in lines[-2]
    assert "input" in lines[-1]


def test_the_built_in_model_costs_nothing() -> None:
    text = "\n".join(shown(asked(1, one(done(), endpoint="embedded"))))
    assert "costs nothing" in text
    assert "prices" not in text


def test_candidates_without_a_price_are_in_no_sum_and_that_is_said() -> None:
    lines = shown(asked(1, one(done()), one(done(cost=DOLLARS))))
    assert row(lines, "in all")[-2:] == ["≥", "$0.0042"]
    assert lines[2].startswith("≥: 1 candidate came without a price")
    assert " >= $0.0042" in shown(asked(1, one(done()), one(done(cost=DOLLARS))), signs=PLAIN)[1]
    assert not any("≥" in line for line in shown(asked(1, one(done(cost=DOLLARS)))))


def test_rounds_that_condensed_one_after_the_other_are_one_line() -> None:
    condensed = [asked(number, one(done(10, 1)), kind="condense") for number in range(2, 31)]
    lines = shown(asked(1, one(done())), *condensed, asked(31, one(done())), asked(32, one(done()), kind="condense"))
    rounds = lines[lines.index("Rounds, the newest first") + 1 :][:4]
    assert [" ".join(line.split()[:3]) for line in rounds] == [
        "32 condense wren-7b",
        "31 continue wren-7b",
        "2–30 condense ×29",
        "1 continue wren-7b",
    ]
    assert rounds[2].split()[3:] == ["29", "290", "29"]
    assert any("2-30  condense x29" in line for line in shown(*condensed, signs=PLAIN))
    assert not any("older round" in line for line in lines)


def test_nothing_yet() -> None:
    assert sheet(Story(), words) == "Nothing was asked for yet."


def test_models_of_one_name_at_two_endpoints_are_told_apart() -> None:
    lines = shown(asked(1, one(done()), one(done(50), endpoint="work"), one(done(5), model="heron")))
    assert row(lines, "wren-7b at home")[1] == "100"
    assert row(lines, "wren-7b at work")[1] == "50"
    assert row(lines, "heron")[1] == "5"


def test_names_from_outside_stay_on_their_line() -> None:
    lines = shown(asked(1, one(done(), model="wr\x1b]0;x\x07en\n\n12b")))
    assert all(line.isprintable() for line in lines)


def test_long_lists_are_cut_and_say_so() -> None:
    rounds = [asked(number, one(done(1)), day=number) for number in range(1, costs.MOST_ROUNDS + 4)]
    lines = shown(*rounds)
    assert row(lines, "in all")[:2] == ["203", "203"]
    newest = lines.index("Rounds, the newest first") + 1
    assert lines[newest].split()[0] == "203"
    assert lines[newest + costs.MOST_ROUNDS] == "and 3 older rounds"
    assert f"and {203 - costs.MOST_DAYS} other days" in lines


@given(st.text("ab盐 /é", min_size=1, max_size=60), st.integers(60, 110), st.integers(0, 10**9))
def test_no_line_is_wider_than_the_sheet(model: str, width: int, tokens: int) -> None:
    lines = shown(asked(1, one(done(tokens, tokens, Cost(tokens, "$")), model=model)), width=width)
    assert all(cell_len(line) <= width for line in lines)


# what is told of a candidate


def test_what_was_sent_anew_is_told_below_a_candidate() -> None:
    why = "wren-7b takes 4,096 tokens, not 8,192: it was sent again."
    assert aside(one(None), why) == why
    assert aside(one(done(model="heron")), why) == f"{why} Served by heron."
    assert aside(one(done()), "a\x1b[2J\nb") == "a[2J b"


@pytest.mark.parametrize(
    ("exact", "told", "said"),
    [
        (True, 2048, "The server counted 2,048 of 6,120 tokens: it may have cut the beginning."),
        (True, 5507, "The server counted 5,507 of 6,120 tokens: it may have cut the beginning."),
        (True, 5508, ""),
        (True, 7000, ""),
        (True, 0, ""),
        (True, None, ""),
        (False, 2048, ""),
    ],
)
def test_a_server_that_read_less_than_it_was_sent(exact: bool, told: int | None, said: str) -> None:
    assert counted_fewer(Sent((1,), (), Receipt(6120, 8192, 600, (), exact)), told) == said


def test_what_a_candidate_was_made_from_holds_its_cost_and_its_receipt() -> None:
    parts = (PartReceipt("purpose", 40, why="always"), PartReceipt("notes", 0, False, 60, "muted by you"))
    receipt = Receipt(1000, 2048, 200, parts, True, Shape("lean", muted=("notes",)))
    sent = Sent((1,), (), receipt, "wren-7b takes 2,048 tokens, not 8,192: it was sent again.")
    round_ = asked(1, one(done(500, 20, Cost(4200, "$", True))), others=(sent,))
    text = made_from(round_, round_.candidates[0], {}, signs=PLAIN)
    assert "Usage      500 tokens sent, 20 written" in text
    assert "The server counted 500 of 1,000 tokens" in text
    assert "Cost       ~ $0.0042" in text
    assert "Context    lean, changed by you" in text
    assert "not 8,192: it was sent again." in text
    assert "+ purpose" in text
    assert "- notes" in text
    assert "Total 1,000 + 200 for the answer = 1,200 of 2,048 · exact count" in text
    bare = asked(1, one(done()))
    assert not {"Cost", "counted"} & set(made_from(bare, bare.candidates[0], {}).split())


# on the screen


@pytest.mark.slow
async def test_the_palette_shows_what_all_rounds_took() -> None:
    async with desk(ladder=(0.2, 0.8)) as at:
        at.endpoint.price = Price(2, 10, "$")
        at.beat("Wren lights the lamp")
        await at.press("shift+tab", "down", "ctrl+g")
        await at.endpoint.say(1, "The lamp took at once.")
        await at.endpoint.send(1, Closing("stop", "scripted-1", 1000, 40))
        await at.endpoint.say(2, "Nobody saw it.")
        await at.endpoint.send(2, Closing("stop", "scripted-1", None, None))
        await at.press("ctrl+p")
        await at.type("cost")
        await at.press("enter")
        await at.seen()
        screen = at.screen()
        assert "Rounds, the newest first" in screen
        assert "scripted-1" in screen
        assert "≈$0.00" in screen
        await at.press("escape")
        await at.press("tab", "tab", "i") if not at.main.candidates.has_focus else await at.press("i")
        assert "Cost       $0.0024" in at.screen()


async def test_a_request_that_was_sent_anew_is_told_below_its_candidate() -> None:
    async with desk(ladder=(0.2,)) as at:
        at.write("\n".join(" ".join(f"{word}{number}" for word in ("Lamp", "gull", "rope")) for number in range(400)))
        await at.press("ctrl+g")
        at.endpoint.windows["scripted-1"] = 1024
        await at.endpoint.fail(1, ContextTooLong("It takes less.", "", 1024))
        await at.endpoint.say(2, "The lamp took at once.")
        await at.press("tab")
        right = [line[73:].strip(" ║│") for line in at.screen().splitlines()]
        assert "scripted-1 takes 1,024 tokens, not 2,048" in " ".join(right)


@pytest.mark.parametrize(("columns", "cells"), [(80, 66), (120, 94), (40, 30), (10, 20)])
def test_the_room_of_a_sheet(columns: int, cells: int) -> None:
    assert room(columns) == cells
    assert room(80) == costs.WIDTH
