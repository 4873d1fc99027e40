"""An endpoint as the models list it, and all that is told of it: questions, what its test found out, what is known anyway. Pure.

It holds no key, only words about the place of one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from composer.config import EndpointProfile, public_url
from composer.session.ports import Endpoint, Finding
from composer.text.clean import one_line
from composer.ui.keymap import chord
from composer.ui.samplings import sampling_text
from composer.ui.servers import KINDS, is_here
from composer.ui.signs import Signs

Question = Literal["test", "drop"]
"""What is done only when it is asked for again."""
Tone = Literal["", "good", "bad", "fact", "ask"]


@dataclass
class Report:
    """What a test has found out so far, and how it stands."""

    findings: list[Finding] = field(default_factory=list)
    state: Literal["asking", "stopped", "ended"] = "asking"

    @property
    def good(self) -> bool:
        return all(finding.good is not False for finding in self.findings)


@dataclass(frozen=True)
class Row:
    """An endpoint as it is listed. `models` are those of a server that is not in the settings, None for all others."""

    name: str
    profile: EndpointProfile
    model: str
    window: int = 0
    report: Report | None = None
    models: tuple[str, ...] | None = None

    @property
    def found(self) -> bool:
        """Whether it answers on this computer and is not in the settings."""
        return self.models is not None


@dataclass(frozen=True)
class Told:
    """A paragraph below the list: a sign by its tone, what it is about, and words that may take several lines."""

    what: str
    words: str
    tone: Tone = ""


def told(row: Row, asked: Question | None, endpoint: Endpoint | None, place: str, signs: Signs) -> list[Told]:
    """All that is told of an endpoint. `asked` is a question that stands open; `place` says where its key comes from, in words.

    `endpoint` is what the settings make of its profile, None where it is of no use or is not in the settings.
    """
    found: list[Told] = []
    if asked is not None:
        found += [Told("", _question(asked, row), "ask"), Told("", "")]
    if row.report is not None:
        found += [*_found_out(row.report), Told("", "")]
    return found + _about(row, endpoint, place, signs)


def _found_out(report: Report) -> list[Told]:
    tones: dict[bool | None, Tone] = {None: "fact", True: "good", False: "bad"}
    found = [Told(one_line(each.what, 40), each.words, tones[each.good]) for each in report.findings]
    if report.state == "asking":
        found.append(Told("", "asking…"))
    elif report.state == "stopped":
        found.append(Told("", "The test was stopped."))
    return found


def _about(row: Row, endpoint: Endpoint | None, key: str, signs: Signs) -> list[Told]:
    """What is known of an endpoint without asking it. `key` says where its key comes from, in words."""
    profile = row.profile
    if profile.embedded:
        return [
            Told(
                "",
                "It is built into the program: no server, no key, no network. It writes simple prose out of a small"
                " stock of its own, so that everything here can be tried at once. It can't be changed or taken out.",
            ),
            Told("", ""),
            Told("model", row.model),
            Told("window", f"{row.window:,} tokens"),
        ]
    here = "on this computer" if is_here(profile) else "elsewhere: what is sent leaves this computer"
    if row.models is not None:
        return [
            Told(
                "",
                f"It answers, and is not in the settings yet. {chord('endpoint.choose')} adds it and writes with it,"
                f" {chord('endpoint.edit')} looks at it first.",
            ),
            Told("", ""),
            Told("server", f"{KINDS[profile.server]} at {public_url(profile.base_url)}, {here}"),
            Told("models", one_line(", ".join(row.models), 2000) or "none yet"),
        ]
    found = [
        Told("server", f"{KINDS[profile.server]} at {public_url(profile.base_url)}, {here}"),
        Told("model", row.model or f"the first that the server lists; {chord('endpoint.model')} picks one"),
        Told("key", key),
    ]
    if endpoint is not None:
        said = "as the settings say" if profile.window else "as far as is known"
        found.append(
            Told("window", f"{endpoint.window:,} tokens, {said}; an answer has up to {endpoint.max_tokens:,} of them")
        )
    found.append(Told("template", profile.template or "none: messages are sent, and the server makes one text of them"))
    if profile.sampling:
        found.append(Told("sampling", sampling_text(profile.sampling)))
    for number, (name, fields) in enumerate(profile.presets.items()):
        begins = f"  {signs.here} to begin with" if name == profile.preset else ""
        found.append(Told("" if number else "presets", f"{name}: {sampling_text(fields)}{begins}"))
    return found


def _question(asked: Question, row: Row) -> str:
    """What another key would do now, so that it is known before it is pressed."""
    if asked == "drop":
        return f"{chord('endpoint.drop')} again takes {row.name} out of the settings file. Its server and its key stay as they are."
    return (
        f"{chord('endpoint.choose')} tests {row.name}: its models are listed and a few words are asked for at"
        f" {public_url(row.profile.base_url)}, with your key. That may cost a little money. Any other key: no."
    )
