"""The report on how a text came to be, as Markdown: a disclosure of authorship that can be sent along with it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from composer.journal.account import Section, Table, account
from composer.journal.process import Process
from composer.text.clean import one_line


def report(process: Process, when: Callable[[int], str], prompts: Sequence[str] = ()) -> bytes:
    """The whole report. `when` says a time in ms since 1970 for people."""
    details = process.story.details
    title = one_line(details.title, 200) or "Untitled"
    lines = [f"# How “{_plain(title)}” came to be", ""]
    if details.author:
        lines += [f"by {_plain(one_line(details.author, 200))}", ""]
    for section in account(process, when, prompts):
        lines += _section(section)
    return ("\n".join(lines).rstrip() + "\n").encode()


def _section(section: Section) -> list[str]:
    lines = [f"## {section.heading}", ""]
    for sentence in section.sentences:
        lines += [_plain(sentence), ""]
    if section.table:
        lines += [*_table(section.table), ""]
    for item in section.items:
        first, *rest = item.split("\n")
        lines += [f"- {_plain(first)}", *(f"  {_plain(line)}" if line.strip() else "" for line in rest)]
    return [*lines, ""] if section.items else lines


def _table(table: Table) -> list[str]:
    rule = [":--", *("--:" for _ in table.columns[1:])]
    return [
        "| " + " | ".join(row) + " |"
        for row in (table.columns, tuple(rule), *(tuple(map(_cell, row)) for row in table.rows))
    ]


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|") or " "


def _plain(text: str) -> str:
    """Text whose signs mean nothing in Markdown."""
    return "".join(f"\\{char}" if char in "\\`*_[]<>#~" else "&amp;" if char == "&" else char for char in text)
