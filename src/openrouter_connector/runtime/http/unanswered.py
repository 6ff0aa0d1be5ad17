"""Build the error for a call without a response: it was not sent, or its response was lost."""

from __future__ import annotations

import httpx

from ...errors import UnavailableError
from .certificates import WAY_OUT, unverified
from .proxies import shown
from .response import TIMEOUTS, TotalTimeout, Wait

# What to do about a status of the proxy itself, and which of them may pass.
_PROXY_HINTS = {"407": "Give it with user and password: http://USER:PASSWORD@HOST:PORT"}
_PROXY_RETRYABLE = {"502", "503", "504"}


def unreachable(base: httpx.URL, proxy: httpx.Proxy | None, error: Exception) -> UnavailableError:
    """Return the error for a call that was not sent: network, certificate or proxy."""
    via = f" through the proxy {shown(proxy)}" if proxy else ""
    if why := unverified(error):
        message = f"no connection to {base.host}{via}: its certificate does not verify ({why})"
        return UnavailableError(f"{message}. {WAY_OUT}.")
    if isinstance(error, httpx.ProxyError) and proxy:
        message = f"the proxy {shown(proxy)} does not connect to {base.host}: it returned {error}"
        status = str(error)[:3]
        way_out = _PROXY_HINTS.get(status, "Ask its administrator, or list the server in NO_PROXY")
        return UnavailableError(f"{message}. {way_out}.", retryable=status in _PROXY_RETRYABLE)
    # The text of a timeout of httpx is empty.
    message = f"no connection to {base.host}{via}: {str(error) or 'timeout'}"
    return UnavailableError(f"{message}. Check the network and the base URL.", retryable=True)


def lost(cause: Exception, wait: Wait, method: str) -> UnavailableError:
    """Return the error for a call that was sent and got no response."""
    why: object = cause
    if isinstance(cause, TIMEOUTS):
        why = f"no byte arrived for {wait.idle:g} s"
    if isinstance(cause, TotalTimeout):
        why = f"it did not arrive within {wait.total:g} s"
    free = method == "GET"  # reading costs nothing, so it may be repeated
    billed = "" if free else "; it may have been billed, so it was not retried"
    error = UnavailableError(f"the response was lost ({why}){billed}", retryable=free)
    error.may_be_charged = not free
    return error
