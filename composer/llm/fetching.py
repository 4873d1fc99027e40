"""One file from the network, within a time and a size. It follows no redirection, sends nothing about anyone, and keeps nothing.

It blocks, and is for a thread that nothing waits for: a name may take longer to be looked up than the time that there is.
"""

from __future__ import annotations

import time

SECONDS = 15.0
"""How long all of it may take."""
STALL = 5.0
"""How long a connection may take, and a piece of the content."""
MOST_BYTES = 32 * 1024 * 1024
"""What is longer is not what was asked for."""


class FetchFailed(Exception):
    """Why there is nothing, in words that can stand behind a colon."""


def fetched(url: str, seconds: float = SECONDS, most: int = MOST_BYTES) -> bytes:
    """The content of an address. FetchFailed says why there is none."""
    import httpx2

    deadline = time.monotonic() + seconds
    stall = min(STALL, seconds)
    content = bytearray()
    try:
        with (
            httpx2.Client(follow_redirects=False, timeout=stall) as client,
            client.stream("GET", url) as response,
        ):
            if response.status_code != 200:
                raise FetchFailed(f"the server answers with status {response.status_code}")
            for piece in response.iter_bytes():
                content += piece
                if len(content) > most:
                    raise FetchFailed("more came than there should be")
                if time.monotonic() > deadline:
                    raise FetchFailed(f"it takes longer than {seconds:g} seconds")
    except httpx2.TimeoutException:
        raise FetchFailed("the server does not answer in time") from None
    except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError):
        raise FetchFailed("no way leads there") from None
    except (OSError, ValueError):
        raise FetchFailed("the network can't be used") from None
    return bytes(content)
