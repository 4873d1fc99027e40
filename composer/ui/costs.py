"""What rounds took: tokens sent and written, and money, by round, model and day and in all. Pure; the money is that of the endings.

Where a server did not tell its tokens they are reckoned, and what is reckoned is marked. What has no price has no cost: money is
summed of what has one.

Limit: candidates that were asked for in one request have each the tokens of all that was sent, as their server told them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby, islice

from composer.config import EMBEDDED
from composer.story.candidate import Candidate, Cost, Round
from composer.story.story import Story
from composer.text.clean import one_line
from composer.ui.phrases import counted, shortened
from composer.ui.signs import FANCY, PLAIN, Signs
from composer.ui.wrapping import cells, wrap

MOST_ROUNDS, MOST_DAYS, MOST_MODELS = 200, 60, 40
"""Lines of each list."""
WIDTH = 66
"""Cells of a line of the sheet on a screen of 80 columns."""
NARROWEST = 16
"""Cells of the first column."""
_BEHIND = "€"
"""A sign of money that stands behind the sum, like words."""

Count = Callable[[str], int]


@dataclass(frozen=True)
class Spent:
    """What candidates took. `costs` are in millionths, by currency; `unpriced` counts the candidates that have none.

    With `about` not all tokens were told by the servers; with `costs_about` not all of those that were paid for.
    """

    candidates: int = 0
    sent: int = 0
    written: int = 0
    about: bool = False
    costs: tuple[tuple[str, int], ...] = ()
    costs_about: bool = False
    unpriced: int = 0


def spent(asked: Round, candidate: Candidate, count: Count) -> Spent:
    """What one candidate took; `count` reckons what was written where that was not told.

    What failed without a word took nothing, as far as is known.
    """
    ending = candidate.ending
    sent = ending.prompt_tokens if ending is not None else None
    written = ending.completion_tokens if ending is not None else None
    cost = ending.cost if ending is not None else None
    wrote = bool(candidate.written or candidate.reasoning)
    if ending is not None and ending.kind == "failed" and not (sent or written or cost or wrote):
        return Spent(1)
    return Spent(
        1,
        sent or asked.sent(candidate.number).receipt.tokens,
        written if written is not None else count(candidate.written) + count(candidate.reasoning) if wrote else 0,
        not sent or written is None,
        ((cost.currency, cost.millionths),) if cost is not None else (),
        cost is not None and cost.estimated,
        0 if cost is not None or ending is None else 1,
    )


def together(several: Iterable[Spent]) -> Spent:
    """The sum."""
    candidates = sent = written = unpriced = 0
    about = costs_about = False
    costs: dict[str, int] = {}
    for each in several:
        candidates += each.candidates
        sent += each.sent
        written += each.written
        unpriced += each.unpriced
        about |= each.about
        costs_about |= each.costs_about
        for currency, millionths in each.costs:
            costs[currency] = costs.get(currency, 0) + millionths
    return Spent(candidates, sent, written, about, tuple(costs.items()), costs_about, unpriced)


def money(millionths: int, currency: str) -> str:
    """A sum with as many digits as say something: `$0.0042`, `1.37 €`, `12 cents`."""
    value = millionths / 1_000_000
    digits = 2 if value >= 1 or not millionths else max(2, 8 - len(str(millionths)))
    whole, point, rest = f"{value:,.{digits}f}".partition(".")
    rest = rest[:2] + rest[2:].rstrip("0")
    amount = whole + (point + rest if rest.strip("0") else "")
    currency = one_line(currency, 8)
    sign = bool(currency) and currency not in _BEHIND and unicodedata.category(currency[-1]) == "Sc"
    return f"{currency}{amount}" if sign else f"{amount} {currency}".rstrip()


def cost_words(cost: Cost, signs: Signs = FANCY) -> str:
    """The cost of one candidate: `$0.0042`, or that it is reckoned."""
    shown = money(cost.millionths, cost.currency)
    return f"{_about(signs)} {shown}: its server did not tell all tokens" if cost.estimated else shown


def day_of(time: int) -> str:
    """The writer's day of a time in ms since 1970: `2026-11-21`."""
    return f"{datetime.fromtimestamp(time / 1000):%Y-%m-%d}"


def sheet(
    story: Story,
    count: Count,
    settings_path: str = "",
    width: int = WIDTH,
    signs: Signs = FANCY,
    day: Callable[[int], str] = day_of,
) -> str:
    """All of it as text of that many cells a line."""
    took = [
        (asked, candidate, spent(asked, candidate, count)) for asked in story.rounds for candidate in asked.candidates
    ]
    if not took:
        return "Nothing was asked for yet."
    rounds: dict[int, list[Spent]] = {}
    models: dict[tuple[str, str], list[Spent]] = {}
    days: dict[str, list[Spent]] = {}
    for asked, candidate, each in took:
        rounds.setdefault(asked.number, []).append(each)
        models.setdefault((candidate.recipe.endpoint, candidate.recipe.model), []).append(each)
    for asked in story.rounds:
        days.setdefault(day(asked.time), []).extend(rounds.get(asked.number, ()))
    every = together(each for _, _, each in took)
    named = [model or endpoint for endpoint, model in models]
    by_model = sorted(
        (
            (_model(endpoint, model, named.count(model or endpoint) > 1), together(parts))
            for (endpoint, model), parts in models.items()
        ),
        key=lambda row: -(row[1].sent + row[1].written),
    )
    by_day = [(name, together(parts)) for name, parts in sorted(days.items(), reverse=True)]
    runs = _runs(reversed(story.rounds))
    by_round = [
        (_round(run, signs), together(each for asked in run for each in rounds.get(asked.number, ())))
        for run in islice(runs, MOST_ROUNDS)
    ]
    older = sum(map(len, runs))
    sections = [
        ("", [("in all", every)], 1, "total"),
        ("Models", by_model, MOST_MODELS, "model"),
        ("Days", by_day, MOST_DAYS, "day"),
        ("Rounds, the newest first", by_round, len(story.rounds), "round"),
    ]
    lines = _table(sections, width, signs)
    if older:
        lines.append(f"and {counted(older, 'older round')}")
    if every.costs and every.unpriced:
        # Right under the sum that it is about.
        said = f"{_at_least(signs)}: {counted(every.unpriced, 'candidate')} came without a price being known, and are in no sum of money."
        lines[2:2] = _wrapped([said], width)
    return "\n".join([*lines, "", *_remarks(every, models, settings_path, width, signs)]).rstrip()


def _remarks(
    every: Spent, models: Iterable[tuple[str, str]], settings_path: str, width: int, signs: Signs
) -> list[str]:
    said = []
    if every.about or every.costs_about:
        said.append(f"{_about(signs)}: not all of it was told by the server; the rest is reckoned.")
    if not every.costs and all(endpoint == EMBEDDED for endpoint, _ in models):
        said.append("The model that is built in costs nothing.")
    elif not every.costs:
        where = f" in {settings_path}" if settings_path else ""
        said.append(f"No prices are set. To see money from now on, say what a million tokens cost{where}:")
    lines = _wrapped(said, width)
    if said and said[-1].startswith("No prices"):
        lines += ["", "  [endpoints.NAME.prices]", '  "*" = { input = 0.15, output = 0.6, currency = "$" }']
    return lines


def _wrapped(said: Iterable[str], width: int) -> list[str]:
    return [line[start:end].rstrip() for line in said for start, end in wrap(line, width)]


def _runs(rounds: Iterable[Round]) -> Iterator[list[Round]]:
    """Each round by itself, but those that condensed one section after the other, or wrote cells of drafts, together."""
    for aside, run in groupby(rounds, lambda asked: ("draft" if asked.drafts else asked.kind) if asked.aside else ""):
        if aside:
            yield list(run)
        else:
            yield from ([asked] for asked in run)


def _model(endpoint: str, model: str, ambiguous: bool) -> str:
    name = one_line(model or endpoint, 80)
    return f"{name} at {one_line(endpoint, 40)}" if ambiguous and model else name


def _round(run: Sequence[Round], signs: Signs) -> str:
    """A round, or a run of them that were asked one after the other, the newest first: `12–40  condense ×29`."""
    first = run[-1]
    if len(run) > 1:
        between = "-" if signs == PLAIN else "–"
        kind = "draft" if first.drafts else first.kind
        return f"{first.number:>4}{between}{run[0].number}  {kind} {signs.times}{len(run)}"
    named = {candidate.recipe.model or candidate.recipe.endpoint for candidate in first.candidates}
    which = one_line(next(iter(named)), 80) if len(named) == 1 else f"{len(named)} models"
    return f"{first.number:>4} {'draft' if first.drafts else first.kind:<8} {which}"


def _about(signs: Signs) -> str:
    return "~" if signs == PLAIN else "≈"


def _at_least(signs: Signs) -> str:
    return ">=" if signs == PLAIN else "≥"


Section = tuple[str, Sequence[tuple[str, Spent]], int, str]
"""A heading, its rows, how many of them are shown at most, and what one of them is."""


def _table(sections: Sequence[Section], width: int, signs: Signs) -> list[str]:
    """The sections with columns of one width."""
    shown = [(heading, rows[:most], rows[most:], one) for heading, rows, most, one in sections]
    priced = any(row.costs for _, rows, _, _ in shown for _, row in rows)
    head = ("cand.", "sent", "written", *(("cost",) if priced else ()))
    columns = [[_columns(row, priced, signs) for _, row in rows] for _, rows, _, _ in shown]
    sizes = [
        max(cells(text) for text in each) for each in zip(head, *(row for rows in columns for row in rows), strict=True)
    ]
    names = [name for _, rows, _, _ in shown for name, _ in rows]
    room = min(max(NARROWEST, width - sum(size + 2 for size in sizes)), max(cells(name) for name in names))

    def line(name: str, row: Sequence[str]) -> str:
        name = shortened(name, room, signs.ellipsis, words=False)
        cost = [" " * (size - cells(text)) + text for text, size in zip(row, sizes, strict=True)]
        return "  ".join((name + " " * (room - cells(name)), *cost)).rstrip()

    lines = [line("", head)]
    for (heading, rows, rest, one), texts in zip(shown, columns, strict=True):
        lines += ["", heading] if heading else []
        lines += [line(name, row) for (name, _), row in zip(rows, texts, strict=True)]
        lines += [f"and {counted(len(rest), f'other {one}')}"] if rest else []
    return lines


def _columns(row: Spent, priced: bool, signs: Signs) -> tuple[str, ...]:
    about = _about(signs)
    mark = about if row.about else ""
    cost = " + ".join(money(millionths, currency) for currency, millionths in row.costs)
    cost = f"{about}{cost}" if cost and row.costs_about else cost
    cost = f"{_at_least(signs)} {cost}" if cost and row.unpriced else cost
    return (f"{row.candidates:,}", f"{mark}{row.sent:,}", f"{mark}{row.written:,}", *((cost,) if priced else ()))
