"""What can go wrong with a server, each in a sentence and a next step. It judges errors, and neither asks again nor logs.

Server's words are quoted only where they help, clean, on one short line and without keys. The errors of the SDK hold requests with
their headers, so they are never chained to ours: raise what `failure` returns outside of the `except`.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator
from dataclasses import dataclass

from composer.config import public_url
from composer.errors import ContextTooLong, EndpointError
from composer.llm.overflows import Overflow, is_overflow, overflow
from composer.llm.strike import quotable

RETRIED = frozenset((408, 409, 429))
"""Answers after which asking again may help, beside all from 500 on."""
_FILTERED = re.compile(
    r"content[_ ](filter|policy|management)|content_policy_violation|moderation|safety system|flagged", re.IGNORECASE
)
_RAW = re.compile(
    r"chat model and not supported in the v1/completions|not supported in the v1/completions", re.IGNORECASE
)
_CHAT = re.compile(r"not a chat model|not supported in the v1/chat", re.IGNORECASE)
_NO_CREDIT = re.compile(
    r"insufficient_quota|exceeded your (current )?quota|(insufficient|no|out of) (credit|balance|funds)|billing",
    re.IGNORECASE,
)


@dataclass(frozen=True, repr=False)
class Place:
    """Where a request went, as far as sentences name it."""

    base_url: str
    model: str
    key_place: str = ""
    """Where its key comes from, in words; empty where there is none."""
    secrets: tuple[str, ...] = ()
    completion: bool = False
    """Whether raw text was sent, not chat messages."""

    @property
    def url(self) -> str:
        return public_url(self.base_url)

    @property
    def host(self) -> str:
        return self.url.partition("://")[2].partition("/")[0] or self.url

    def quoted(self, error: BaseException) -> str:
        """What the server said, in quotes after a colon; empty if it said nothing in words."""
        text = quotable(said(error), self.secrets)
        return "" if not text or text.startswith("<") else f': "{text}"'


class ErrorInside(Exception):
    """An error that a whole answer holds in place of one."""

    def __init__(self, body: object) -> None:
        super().__init__()
        self.body = body


class TooLong(ContextTooLong):
    """A request that is too long, as it is known before the endpoint has learned by it."""

    def __init__(self, sentence: str, next_step: str, told: Overflow) -> None:
        super().__init__(sentence, next_step, told.window)
        self.told = told


def said(error: BaseException) -> str:
    """What a server's error says in words."""
    body = getattr(error, "body", None)
    for _ in range(3):
        if isinstance(body, list) and body:
            body = body[0]
        if not isinstance(body, dict):
            break
        inner = next((body[name] for name in ("error", "message", "detail", "msg") if body.get(name)), None)
        if inner is None:
            return json.dumps(body, ensure_ascii=False)
        body = inner
    if isinstance(body, str):
        return body
    return "" if body is None else json.dumps(body, ensure_ascii=False, default=str)


def everything_said(error: BaseException) -> str:
    """All that a server's error holds, to look for the names of fields and codes in."""
    return f"{getattr(error, 'code', '')} {json.dumps(getattr(error, 'body', None), ensure_ascii=False, default=str)}"


def status_of(error: BaseException) -> int:
    """The HTTP status of an error, also where a stream names it inside; 0 if there is none."""
    status = getattr(error, "status_code", None)
    if status is None:
        body = getattr(error, "body", None)
        status = body.get("code", body.get("status")) if isinstance(body, dict) else None
        status = int(status) if isinstance(status, str) and status.isdecimal() else status
    return status if isinstance(status, int) and 100 <= status <= 599 else 0


def is_too_long(error: BaseException) -> bool:
    return is_overflow(status_of(error), _body(error))


def _body(error: BaseException) -> list[object]:
    return [getattr(error, "code", None), getattr(error, "body", None)]


def has_no_credit(error: BaseException) -> bool:
    return status_of(error) == 402 or (
        status_of(error) in (0, 403, 429) and bool(_NO_CREDIT.search(everything_said(error)))
    )


def is_filtered(error: BaseException) -> bool:
    """Whether the request was turned down for what it says."""
    return status_of(error) in (0, 400, 403, 422) and bool(_FILTERED.search(everything_said(error)))


def is_lasting(error: BaseException) -> bool:
    """Whether a connection failed for a reason that is the same a second later."""
    return any(isinstance(each, (ssl.SSLError, socket.gaierror, TimeoutError)) for each in _causes(error))


def failure(error: BaseException, place: Place, *, begun: bool = False, wait: float | None = None) -> EndpointError:
    """The sentence for an error of the SDK, its transport or a parser. `begun` says that the model was writing already."""
    if status := status_of(error):
        return _of_status(error, status, place, wait)
    if isinstance(error, (json.JSONDecodeError, UnicodeDecodeError)):
        what = "broken JSON" if isinstance(error, json.JSONDecodeError) else "bytes that are no text"
        return EndpointError(
            f"{place.host} sent {what} in place of an answer.",
            "Ask again; if it stays, look at the server's log or choose another endpoint.",
        )
    if is_too_long(error):
        return _too_long(error, place)
    if has_no_credit(error):
        return _no_credit(place)
    if is_filtered(error):
        return _filtered(error, place)
    if getattr(error, "body", None) is not None:
        return EndpointError(f"{place.host} broke off with an error{place.quoted(error)}.", "Ask again.")
    return _of_connection(error, place, begun)


def stalled(place: Place, seconds: float, *, begun: bool) -> EndpointError:
    if begun:
        return EndpointError(f"{place.host} has sent nothing more for {seconds:g} seconds.", "Ask again.")
    return EndpointError(
        f"{place.host} has not begun to answer within {seconds:g} seconds.",
        "Ask again, or for fewer candidates at once if the server is slow.",
    )


def trickled(place: Place, seconds: float) -> EndpointError:
    return EndpointError(
        f"{place.host} has been writing for {seconds:g} seconds and is not done.",
        "Ask again, for less or of a faster model.",
    )


def copied(error: EndpointError) -> EndpointError:
    """The same error, to be raised in another place: errors keep where they were raised."""
    if isinstance(error, ContextTooLong):
        return ContextTooLong(error.sentence, error.next_step, error.window)
    return EndpointError(error.sentence, error.next_step)


def learned(error: TooLong, window: int) -> ContextTooLong:
    """The same once the endpoint has learned by it: `window` is what the model is taken to take from now on."""
    return ContextTooLong(
        error.sentence,
        f"Its window is taken as {window:,} tokens from now on. Ask again, send less context, or choose a model with a larger one.",
        window,
    )


def going_on(error: EndpointError) -> EndpointError:
    """The same where text has come that can be gone on from."""
    step = error.next_step
    if step.startswith("Ask"):
        return EndpointError(error.sentence, f"Press r to go on from there, or {step[0].lower()}{step[1:]}")
    return EndpointError(error.sentence, f"{step} Then press r to go on from there.")


def no_model(place: Place) -> EndpointError:
    return EndpointError(
        f"The settings name no model for {place.host}, and the server lists none.",
        "Name one with --model or in the settings.",
    )


def no_template(place: Place) -> EndpointError:
    return EndpointError(
        f"{place.host} does not tell the template of {place.model}.",
        "Choose another template for this endpoint: plain, chatml, llama3, mistral, phi, or a file of your own.",
    )


def no_client(place: Place, why: str) -> EndpointError:
    return EndpointError(
        f"The connection to {place.host} can't be prepared ({why}).",
        "Check base_url, and SSL_CERT_FILE and the proxies among the environment variables.",
    )


def not_an_answer(place: Place) -> EndpointError:
    return EndpointError(
        f"{place.url} answered with a web page, not as a model does.",
        "Check the address in base_url: it mostly ends with /v1.",
    )


def odd_answer(place: Place) -> EndpointError:
    return EndpointError(
        f"{place.host} sent an answer without text in any known place.",
        "Check that base_url is the address of an OpenAI-compatible server.",
    )


def _filtered(error: BaseException, place: Place) -> EndpointError:
    return EndpointError(
        f"{place.host} turns the request down for what it says{place.quoted(error)}.",
        "Send less context or word it otherwise, or choose another model.",
    )


def _too_long(error: BaseException, place: Place) -> TooLong:
    return TooLong(
        f"The request is too long for {place.model}{place.quoted(error)}.",
        "Set window for this endpoint in the settings, send less context, or choose a model with a larger window.",
        overflow(_body(error)),
    )


def _no_credit(place: Place) -> EndpointError:
    return EndpointError(
        f"The account at {place.host} has no credit left.", "Add credit there, or choose another endpoint."
    )


def _of_status(error: BaseException, status: int, place: Place, wait: float | None) -> EndpointError:
    if is_too_long(error):
        return _too_long(error, place)
    if has_no_credit(error):
        return _no_credit(place)
    if status == 401:
        if place.key_place:
            again = "start again" if "environment" in place.key_place else "ask again"
            return EndpointError(
                f"{place.host} does not accept the key from {place.key_place}.",
                f"Check {place.key_place} and {again}.",
            )
        return EndpointError(
            f"{place.host} wants a key, and the settings name none.",
            "Say where it is in the settings of this endpoint: a variable, a file, a command or the keyring.",
        )
    if is_filtered(error):
        return _filtered(error, place)
    if status == 403:
        return EndpointError(
            f"{place.host} refuses the model {place.model} to this key{place.quoted(error)}.",
            "Check what the key is allowed to do, or choose another model.",
        )
    if status in (400, 404) and place.completion and _RAW.search(said(error)):
        return EndpointError(
            f"{place.model} at {place.host} takes chat messages alone.",
            "Choose no template for this endpoint, or another model.",
        )
    if status in (400, 404) and not place.completion and _CHAT.search(said(error)):
        return EndpointError(
            f"{place.model} at {place.host} takes no chat messages.",
            "Choose a template for this endpoint in the settings, or another model.",
        )
    if status == 404:
        words = said(error)
        if "model" in words.lower() and not words.startswith("<"):
            return EndpointError(
                f"{place.host} has no model {place.model}.", "Choose one that it has, with --model or in the settings."
            )
        if place.completion and "<" not in words[:1]:
            return EndpointError(
                f"There is nothing at {place.url} that takes raw text for {place.model}.",
                "Choose no template for this endpoint, or check the address in base_url.",
            )
        return EndpointError(
            f"There is nothing at {place.url} that answers for models; it was asked for {place.model}.",
            "Check the address in base_url: it mostly ends with /v1.",
        )
    if status == 429:
        when = f" for {wait:.0f} seconds" if wait else ""
        return EndpointError(
            f"{place.host} has had too many requests and asks to wait{when}.",
            f"Ask again{f' in {wait:.0f} seconds' if wait else ' later'}, or for fewer candidates at once.",
        )
    if status >= 500 or status in RETRIED:
        when = f"in {wait:.0f} seconds" if wait else "in a minute"
        return EndpointError(
            f"{place.host} has trouble of its own (status {status}){place.quoted(error)}.", f"Ask again {when}."
        )
    if 300 <= status < 400:
        response = getattr(error, "response", None)
        target = quotable(public_url(response.headers.get("location", "")) if response else "", place.secrets)
        onward = f" to {target}" if target.startswith("http") else ""
        return EndpointError(f"{place.url} sends requests on{onward}.", "Put the new address into base_url.")
    return EndpointError(
        f"{place.host} refuses the request for {place.model} (status {status}){place.quoted(error)}.",
        "Check the model and the sampling of this endpoint in the settings.",
    )


def _of_connection(error: BaseException, place: Place, begun: bool) -> EndpointError:
    causes = tuple(_causes(error))
    names = {type(cause).__name__ for cause in causes}
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return EndpointError(
            f"The certificate of {place.host} can't be trusted.",
            "Check the address and this computer's clock; for a certificate of your own set SSL_CERT_FILE.",
        )
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return EndpointError(
            f"{place.host} does not speak https as it should.", "Check whether base_url should begin with http://."
        )
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        return EndpointError(
            f"The name {place.host} can't be found on the network.",
            "Check the address in base_url, and that the network is up.",
        )
    if "ConnectTimeout" in names:
        return EndpointError(
            f"{place.host} does not answer: no connection came about in time.",
            "Check the address in base_url, and that the network is up.",
        )
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes) or "ConnectError" in names:
        refused = any(isinstance(cause, ConnectionRefusedError) for cause in causes)
        why = "the connection was refused" if refused else "no way leads there"
        return EndpointError(
            f"No server answers at {place.url}: {why}.", "Start the server, or correct base_url in the settings."
        )
    if any(name.endswith("TimeoutException") or name.endswith("Timeout") for name in names):
        return EndpointError(f"{place.host} has stopped answering.", "Ask again.")
    if begun:
        return EndpointError(f"The connection to {place.host} broke while the model wrote.", "Ask again.")
    return EndpointError(
        f"{place.host} closed the connection without an answer.",
        "Ask again; if it stays, look at the server's log.",
    )


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An error and all that led to it."""
    seen: list[BaseException] = []
    left: list[BaseException | None] = [error]
    while left:
        each = left.pop(0)
        if each is None or any(each is other for other in seen):
            continue
        seen.append(each)
        yield each
        left += [each.__cause__, each.__context__]
        if isinstance(each, BaseExceptionGroup):
            left += each.exceptions
