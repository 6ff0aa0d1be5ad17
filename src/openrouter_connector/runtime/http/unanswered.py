"""Why a call was not answered, as one of our errors: it was not sent, or its answer was lost."""

from __future__ import annotations

import httpx

from ...errors import UnavailableError
from .certificates import WAY_OUT, unverified
from .proxies import shown
from .response import TIMEOUTS, TotalTimeout, Wait

# What helps against the answers of a proxy, and which of them may be another later.
_PROXYS = {"407": "Name it with its user and password: http://USER:PASSWORD@HOST:PORT"}
_PROXYS_LATER = {"502", "503", "504"}


def unreachable(base: httpx.URL, proxy: httpx.Proxy | None, error: Exception) -> UnavailableError:
    """Say why nothing was sent: by the network, a certificate, or the proxy."""
    via = f" through the proxy {shown(proxy)}" if proxy else ""
    if why := unverified(error):
        told = f"no connection to {base.host}{via}: its certificate does not verify ({why})"
        return UnavailableError(f"{told}. {WAY_OUT}.")
    if isinstance(error, httpx.ProxyError) and proxy:
        told = f"the proxy {shown(proxy)} does not connect to {base.host}: it answered {error}"
        status = str(error)[:3]
        way_out = _PROXYS.get(status, "Ask who runs it, or list the server in NO_PROXY")
        return UnavailableError(f"{told}. {way_out}.", retryable=status in _PROXYS_LATER)
    told = f"no connection to {base.host}{via}: {str(error) or 'no answer in time'}"
    return UnavailableError(f"{told}. Check the network and the base URL.", retryable=True)


def lost(error: Exception, wait: Wait, method: str) -> UnavailableError:
    """Say why no answer came to what was sent."""
    why: object = error
    if isinstance(error, TIMEOUTS):
        why = f"no byte came for {wait.idle:g} s"
    if isinstance(error, TotalTimeout):
        why = f"it did not come within {wait.total:g} s"
    free = method == "GET"  # reading costs nothing, so it may be repeated
    told = "" if free else "; it may have been billed, and was not asked for again"
    return UnavailableError(f"the answer was lost ({why}){told}", retryable=free)
