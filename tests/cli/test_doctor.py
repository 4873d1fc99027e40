"""What `story-composer doctor` says: of this computer, the settings and each endpoint, and with which exit code."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
from collections.abc import Collection
from pathlib import Path
from typing import Any

import pytest

from composer.cli.doctor import run_doctor, settings_lines
from composer.cli.flags import command_parser
from composer.cli.main import main
from composer.cli.wiring import settings_path
from composer.config import EndpointProfile, parse_settings
from composer.session.ports import Found
from tests.cli.house import SOON, House, files_below, plain
from tests.llm.fault_server import Exchange, fails, serving, streams

OLLAMA = Found(
    "ollama", EndpointProfile("http://localhost:11434/v1", kind="ollama"), ("nomic-embed-text", 'a "quoted" one')
)


@pytest.fixture(autouse=True)
def around(monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """The servers that are found on this computer, whatever runs here."""
    found: list[Found] = []

    async def look(known: Collection[str]) -> tuple[Found, ...]:
        return tuple(found)

    monkeypatch.setattr("composer.llm.around.look_around", look)
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("LANG", "C.UTF-8")
    for name in ("LC_ALL", "LC_CTYPE", "TMUX", "STY", "SSH_CONNECTION"):
        monkeypatch.delenv(name, raising=False)
    return found


def write_settings(text: str) -> Path:
    path = settings_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


class Report:
    """What was printed."""

    def __init__(self, code: int, out: bytes) -> None:
        self.code = code
        self.text = out.decode()

    def line(self, what: str) -> str:
        """The one line of what was looked at."""
        (found,) = [line for line in self.text.splitlines() if line[4:].startswith(f"{what} ")]
        return found

    @property
    def last(self) -> str:
        return self.text.splitlines()[-1]


async def doctor(capture: pytest.CaptureFixture[bytes], *arguments: str) -> Report:
    code = await run_doctor(command_parser("doctor").parse_args(arguments))
    out, err = capture.readouterr()
    assert err == b""
    return Report(code, out)


async def test_without_settings_the_embedded_model_is_looked_at(capsysbinary: Any, around: list[Found]) -> None:
    report = await doctor(capsysbinary)
    assert report.code == 0
    assert report.line("streaming").startswith("  ✓ ")
    assert str(settings_path()) in report.line("settings")
    assert "No model server answers" in report.text
    assert report.last == "Stories are written by the built-in model, which works."
    around.append(OLLAMA)
    report = await doctor(capsysbinary)
    assert "http://localhost:11434/v1: nomic-embed-text" in report.line("ollama")
    assert "\x1b" not in report.text


def test_the_lines_for_the_settings_can_be_read_as_settings() -> None:
    text = "\n".join(settings_lines(OLLAMA))
    settings = parse_settings(text, "there")
    assert settings.endpoint == "ollama"
    profile = settings.endpoints["ollama"]
    assert (profile.base_url, profile.kind, profile.model) == (OLLAMA.profile.base_url, "ollama", 'a "quoted" one')
    bare = parse_settings("\n".join(settings_lines(Found("local-5000", OLLAMA.profile, ()))), "there")
    assert bare.endpoints["local-5000"].model == ""


@pytest.mark.slow
async def test_each_endpoint_is_looked_at_and_the_chosen_one_counts(capsysbinary: Any, around: list[Found]) -> None:
    around.append(OLLAMA)
    async with serving(streams("one", " two")) as good, serving(fails(401)) as bad:
        good.models = bad.models = {"data": [{"id": "m"}]}
        tables = f'[endpoints.good]\nbase_url = "{good.base_url}"\n[endpoints.bad]\nbase_url = "{bad.base_url}"\n'
        write_settings(f'endpoint = "good"\n{tables}')
        report = await doctor(capsysbinary)
        assert report.code == 0
        assert report.text.index("good: ") < report.text.index("bad: ")
        assert "✗ streaming" in report.text
        assert report.last == "Stories are written by good, which works."
        assert "ollama" not in report.text
        assert "embedded" not in report.text
        write_settings(f'endpoint = "bad"\n{tables}')
        report = await doctor(capsysbinary)
        assert report.code == 1
        assert report.last == "Stories are written by bad, which does not work."
        # Those that are named count, and no others.
        asked = len(bad.seen)
        report = await doctor(capsysbinary, "good", "good")
        assert (report.code, report.last) == (0, "All of these work.")
        assert report.text.count("✓ streaming") == 1
        assert len(bad.seen) == asked
        assert (await doctor(capsysbinary, "good", "bad")).last == "Stories are written by bad, which does not work."


async def test_flags_name_a_server_for_this_run(capsysbinary: Any) -> None:
    async with serving(streams("one", " two")) as server:
        report = await doctor(capsysbinary, "--base-url", server.base_url, "--model", "m9")
        assert report.code == 0
        assert {exchange.body["model"] for exchange in server.seen} == {"m9"}
    assert f"127.0.0.1: {server.base_url}, m9 (chosen)" in report.text


async def test_settings_that_cant_be_read_are_said_and_the_rest_is_looked_at(capsysbinary: Any) -> None:
    path = write_settings("theme = 7\n")
    report = await doctor(capsysbinary)
    assert report.code == 1
    assert report.line("settings").startswith("  ✗ ")
    assert f"{path}, line 1" in report.line("settings")
    assert "✓ streaming" in report.text
    assert "does not start" in report.last


async def test_an_environment_that_cant_be_used_is_said(capsysbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "nowhere")
    report = await doctor(capsysbinary)
    assert report.code == 1
    assert "OPENAI_BASE_URL" in report.line("settings")


async def test_offline_no_server_is_asked(capsysbinary: Any, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(fails(500)) as server:
        write_settings(f'[endpoints.far]\nbase_url = "{server.base_url}"\nkey_env = "FAR_KEY"\n')
        report = await doctor(capsysbinary, "--offline")
        assert report.code == 1
        assert "FAR_KEY, which is not set" in report.line("key")
        monkeypatch.setenv("FAR_KEY", secret)
        report = await doctor(capsysbinary, "--offline")
        assert report.code == 0
        assert "no server was asked" in report.last
        assert server.seen == []
        assert not server.connections
    assert secret not in report.text


async def test_offline_the_embedded_model_is_looked_at_all_the_same(capsysbinary: Any) -> None:
    report = await doctor(capsysbinary, "--offline")
    assert report.line("streaming").startswith("  ✓ ")
    assert "usual ports" not in report.text


async def test_no_key_is_printed(capsysbinary: Any, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAR_KEY", secret)
    async with serving(fails(401, f"Incorrect key {secret}")) as server:
        address = server.base_url.replace("http://", f"http://ann:{secret}@")
        write_settings(f'[endpoints.far]\nbase_url = "{address}"\nkey_env = "FAR_KEY"\nmodel = "m"\n')
        for more in ((), ("--json",)):
            report = await doctor(capsysbinary, *more)
            assert report.code == 1
            assert secret not in report.text
            assert "ann" not in report.text.replace("can", "")


async def test_json(capsysbinary: Any, around: list[Found]) -> None:
    around.append(OLLAMA)
    report = await doctor(capsysbinary, "--json")
    told = json.loads(report.text)
    assert told["works"] is True
    assert {finding["what"] for finding in told["here"]} >= {"settings", "sessions", "state", "terminal", "versions"}
    (endpoint,) = told["endpoints"]
    assert (endpoint["name"], endpoint["chosen"]) == ("embedded", True)
    assert {"what": "window", "words": "8,192 tokens", "good": None} in endpoint["findings"]
    assert told["around"][0]["base_url"] == OLLAMA.profile.base_url
    async with serving(fails(500)) as server:
        report = await doctor(capsysbinary, "--json", "--offline", "--base-url", server.base_url)
    assert json.loads(report.text)["around"] == []


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"TERM": "dumb"}, "✗ terminal      TERM is dumb"),
        ({"TERM": "vt100"}, "16 colours"),
        ({"TERM": "foot"}, "foot, 256 colours"),
        ({"COLORTERM": "truecolor"}, "all colours"),
        ({"NO_COLOR": "1"}, "no colours"),
        ({"TMUX": "/tmp/tmux,1,0"}, "in tmux"),
        ({"SSH_CONNECTION": "here there"}, "over ssh"),
        ({"TERM": "x\x1b[2Jterm"}, "x[2Jterm"),
        ({"LANG": "de_DE.ISO-8859-1"}, "  + state"),
        ({"TERM": "linux"}, "  - terminal"),
    ],
    ids=str,
)
async def test_the_terminal(
    capsysbinary: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    report = await doctor(capsysbinary, "--offline")
    assert words in report.text
    assert "\x1b" not in report.text


async def test_a_folder_that_is_none_is_said(capsysbinary: Any, tmp_path: Path) -> None:
    (tmp_path / "stories").write_text("a file")
    write_settings(f'sessions_folder = "{tmp_path / "stories" / "of mine"}"\n')
    line = (await doctor(capsysbinary, "--offline")).line("sessions")
    assert line.startswith("  ✗ ")
    assert line.endswith(".")


async def test_it_can_be_stopped(capsysbinary: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    watched: list[str] = []
    monkeypatch.setattr("composer.cli.doctor._watch_the_exit", lambda: watched.append("the exit"))
    begun = asyncio.Event()

    async def handler(exchange: Exchange) -> None:
        begun.set()
        await exchange.left()

    async with serving(handler) as server:
        asking = asyncio.ensure_future(doctor(capsysbinary, "--base-url", server.base_url, "--model", "m"))
        await begun.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await server.seen[0].left()
    assert watched == ["the exit"]


def test_what_is_not_known_is_refused(capsysbinary: Any) -> None:
    for arguments in (["doctor", "nobody"], ["doctor", "--base-url", "nowhere"], ["doctor", "--settings", "none.toml"]):
        assert main(arguments) == 1
        out, err = capsysbinary.readouterr()
        assert out == b"" or arguments[1] == "--settings"
        assert b"Traceback" not in err


# as a child process


@pytest.mark.slow
def test_it_writes_nothing(house: House) -> None:
    done = house.run("doctor", "--offline")
    assert (done.code, done.err) == (0, "")
    assert files_below(house.home) == files_below(house.desk) == {}
    assert "nobody" in plain(house.refused("doctor", "nobody"))


@pytest.mark.slow
def test_ctrl_c_ends_it_at_once(house: House) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        address = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        command = house.command("doctor", "--base-url", address, "--model", "m")
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=house.environ, cwd=house.desk
        ) as child:
            silent.settimeout(SOON)
            connection, _ = silent.accept()
            with connection:
                os.kill(child.pid, signal.SIGINT)
                _, err = child.communicate(timeout=SOON)
    assert (child.returncode, err) == (130, b"")
