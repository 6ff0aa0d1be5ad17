"""Decide whether a call may be sent again, and when: only if the first one surely was not served.

A call is retried after a failed connection, 429, 503, 529, or a 502 that the API itself sent and
not a proxy. A call whose response was lost may have been billed, so only a GET is retried then.
"""

from __future__ import annotations

import asyncio

import httpx
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    wait_random,
    wait_random_exponential,
)

from ...errors import ConnectorError
from ...values import Call
from .response import Wait

ATTEMPTS = 4
LONGEST_WAIT = 60.0  # seconds; a call is not retried if the server asks for a longer delay
# No model ran for these, so nothing was billed.
_UNSERVED = {429, 502, 503, 529}
# A server sends these while or after a model runs: only what costs nothing may be repeated.
_DOUBTFUL = {408, 500, 504, 524}
_BACKOFF = wait_random_exponential(multiplier=0.5, max=8)
_JITTER = wait_random(0.02, 0.3)  # so that clients told the same second do not return together


class RetryableError(Exception):
    """A failure after which the same call may be retried."""

    def __init__(self, error: ConnectorError, wait: Wait) -> None:
        super().__init__(str(error))
        self.error = error
        self.wait = wait


def retrying(attempts: int) -> AsyncRetrying:
    """Return tenacity's loop: it repeats what raises RetryableError, `attempts` times in all."""
    return AsyncRetrying(
        stop=stop_after_attempt(attempts),
        wait=_pause,
        retry=retry_if_exception(_is_in_time),
        reraise=True,
    )


def is_unserved(call: Call, response: httpx.Response) -> bool:
    """Return whether an error status shows that the call was not served, and so not billed."""
    if call.method == "GET":
        # A GET is never billed, so it may be repeated whenever that may help.
        return response.status_code in _UNSERVED | _DOUBTFUL
    # A proxy that lost its connection to the server sends 502 too, as HTML: the call may have been
    # served, and billed.
    lost = response.status_code == 502 and "json" not in response.headers.get("content-type", "")
    return response.status_code in _UNSERVED and not lost


def may_be_served(call: Call, response: httpx.Response) -> bool:
    """Return whether a call that was answered with an error may have been served and charged."""
    if call.method == "GET":
        return False
    return response.status_code in _DOUBTFUL or (
        response.status_code in _UNSERVED and not is_unserved(call, response)
    )


def _is_in_time(error: BaseException) -> bool:
    """Return whether a retry could still start before the total timeout."""
    if not isinstance(error, RetryableError):
        return False
    delay = getattr(error.error, "retry_after", None) or 0
    return asyncio.get_running_loop().time() + delay < error.wait.until


def _pause(state: RetryCallState) -> float:
    """Return the seconds before the next attempt: what the server asks for, else a backoff."""
    failure = state.outcome.exception() if state.outcome else None
    delay = getattr(getattr(failure, "error", None), "retry_after", None)
    # `Retry-After` is missing in some 429s, for instance those that a provider sent.
    return _BACKOFF(state) if delay is None else float(delay) + _JITTER(state)
