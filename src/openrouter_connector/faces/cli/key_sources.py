"""Three ways to a key: a consent in the browser, a consent with a typed code, a key at hand."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from contextlib import suppress
from typing import TYPE_CHECKING

from ...errors import InputError
from .connection_args import completed
from .prompts import hidden, line
from .terminal import is_terminal, note, waiting

if TYPE_CHECKING:
    from ...connections.pkce import Authorizations
    from ...definition.model import Component

BROWSER, CODE, PASTE = "1", "2", "3"
WAYS = {
    BROWSER: "connect in the browser: allow a key there, and come back",
    CODE: "connect with a code that you type, when the browser is on another machine",
    PASTE: "enter a key that you have",
}
_OWNER = "cli"
_LABEL = "openrouter-connector"
_LONGEST = 10_000  # characters of what is read as a key


def key(way: str, args: Namespace, component: Component, base_url: str | None) -> str | None:
    """Get a key in one of the three ways; None for a server that wants none.

    Raises what the way raises: CredentialError for a refusal, InputError for what is no code,
    ApiError when the server cannot be asked.
    """
    if way == PASTE:
        if args.limit is not None:
            note("A key that you have keeps its own limit; --limit is for a new one.")
        return _typed() if is_terminal(sys.stdin) else _read()
    from ...connections.pkce import Authorizations

    flows = Authorizations(component)
    if way == BROWSER:
        return completed(_by_browser(flows, base_url, args.limit))
    return _by_code(flows, base_url, args.limit)


async def _by_browser(flows: Authorizations, base_url: str | None, limit: float | None) -> str:
    from ...connections.callback import listen_for_callback

    async with listen_for_callback() as door:
        flow = flows.begin(
            _OWNER, base_url=base_url, callback=door.callback_url, limit=limit, label=_LABEL
        )
        note(
            "Allow a key in the browser. If none opens, this is where to go:\n\n"
            f"  {flow.authorize_url}\n"
        )
        _show(flow.authorize_url)
        with waiting("waiting for you to come back; Ctrl-C ends it"):
            return await door.wait_for_key(
                flow.state,
                lambda code: flows.finish(flow.state, code, _OWNER),
                within=flow.expires_in,
            )


def _by_code(flows: Authorizations, base_url: str | None, limit: float | None) -> str:
    flow = flows.begin(_OWNER, base_url=base_url, limit=limit, label=_LABEL)
    note(f"Go there in any browser, allow a key, and copy the code:\n\n  {flow.authorize_url}\n")
    # Asked outside of the event loop, in which Ctrl-C would not end the reading of a line.
    code = line("Code:")
    return completed(flows.finish(flow.state, code, _OWNER))


def _show(url: str) -> None:
    """Open the browser if there is one with a window; that it fails does not matter."""
    import webbrowser
    from threading import Thread

    with suppress(webbrowser.Error):
        # A browser of the terminal would take it away from the wizard, unless it is asked for.
        in_terminal = type(webbrowser.get()) is webbrowser.GenericBrowser
        if in_terminal and "BROWSER" not in os.environ:
            return
        Thread(target=_quietly_open, args=(url,), daemon=True).start()


def _quietly_open(url: str) -> None:
    import webbrowser

    with suppress(Exception):
        webbrowser.open(url)


def _typed() -> str | None:
    return hidden("Key (not shown as you type or paste it):") or None


def _read() -> str | None:
    text = sys.stdin.read(_LONGEST + 1)
    if len(text) > _LONGEST:
        raise InputError("stdin does not hold an API key: it is too long")
    return text.strip() or None
