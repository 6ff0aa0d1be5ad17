"""Three ways to get an API key: OAuth in this browser, OAuth with a code, or entering a key."""

from __future__ import annotations

import sys
from argparse import Namespace
from typing import TYPE_CHECKING

from ...errors import InputError
from .browser import open_browser
from .progress_bar import progress_bar
from .questions import ask_line, ask_secret
from .run_async import run_async
from .terminal import is_terminal, note

if TYPE_CHECKING:
    from ...connections.pkce import Authorizations
    from ...definition.model import Component

BROWSER, CODE, ENTER = "1", "2", "3"
KEY_SOURCES = {
    BROWSER: "Log in with the browser on this machine",
    CODE: "Log in with a browser on another machine, and enter a code here",
    ENTER: "Enter an API key",
}
_OWNER = "cli"
LABEL = "openrouter-connector"
"""The name of keys that the wizard creates."""
_LONGEST_KEY = 10_000  # characters; a longer stdin is some other file


def get_key(source: str, args: Namespace, component: Component, base_url: str | None) -> str | None:
    """Return an API key from one of the three sources; None for a server without keys.

    Raise CredentialError if the login is refused, InputError for an invalid code, ApiError if
    the server cannot be reached.
    """
    if source == ENTER:
        if args.limit is not None:
            note("--limit applies to new keys only; the key you enter keeps its own limit.")
        return _typed_key() if is_terminal(sys.stdin) else _key_from_stdin()
    from ...connections.pkce import Authorizations

    flows = Authorizations(component)
    if source == BROWSER:
        return run_async(_key_by_browser(flows, base_url, args.limit))
    return _key_by_code(flows, base_url, args.limit)


async def _key_by_browser(flows: Authorizations, base_url: str | None, limit: float | None) -> str:
    from ...connections.callback import listen_for_callback

    async with listen_for_callback() as door:
        flow = flows.begin(
            _OWNER, base_url=base_url, callback=door.callback_url, limit=limit, label=LABEL
        )
        note(
            "Opening the login page in your browser. If it does not open, visit:\n\n"
            f"  {flow.authorize_url}\n"
        )
        open_browser(flow.authorize_url)
        with progress_bar("Waiting for the login in the browser (Ctrl-C to cancel)"):
            return await door.wait_for_key(
                flow.state,
                lambda code: flows.finish(flow.state, code, _OWNER),
                within=flow.expires_in,
            )


def _key_by_code(flows: Authorizations, base_url: str | None, limit: float | None) -> str:
    flow = flows.begin(_OWNER, base_url=base_url, limit=limit, label=LABEL)
    note(f"Open this page in any browser, log in, and copy the code:\n\n  {flow.authorize_url}\n")
    # Outside the event loop: inside it, Ctrl-C would not interrupt the reading of a line.
    code = ask_line("Code:")
    return run_async(flows.finish(flow.state, code, _OWNER))


def _typed_key() -> str | None:
    return ask_secret("API key (input is hidden):") or None


def _key_from_stdin() -> str | None:
    text = sys.stdin.read(_LONGEST_KEY + 1)
    if len(text) > _LONGEST_KEY:
        raise InputError("stdin is too long for an API key")
    return text.strip() or None
