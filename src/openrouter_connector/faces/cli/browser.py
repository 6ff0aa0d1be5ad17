"""Open a page in the browser of the person who started a command."""

from __future__ import annotations

import os
from contextlib import suppress
from threading import Thread


def open_browser(url: str) -> None:
    """Open a page in a graphical browser, if there is one; the URL is printed as well."""
    import webbrowser

    with suppress(webbrowser.Error):
        # A text browser such as lynx would take over the terminal.
        in_terminal = type(webbrowser.get()) is webbrowser.GenericBrowser
        if in_terminal and "BROWSER" not in os.environ:
            return
        # In a thread: some browsers return only when their window is closed.
        Thread(target=_open_quietly, args=(url,), daemon=True).start()


def _open_quietly(url: str) -> None:
    import webbrowser

    with suppress(Exception):
        webbrowser.open(url)
