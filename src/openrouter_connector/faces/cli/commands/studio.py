"""`studio`: serve the Studio and open it in the browser, until Ctrl-C."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from functools import partial
from typing import TYPE_CHECKING

from ....errors import InputError
from ....runtime.optional import extra
from ..browser import open_browser
from ..connection_args import has_sandbox
from ..terminal import note
from . import serve

if TYPE_CHECKING:
    from ....definition.model import Component
    from ...http.app import Settings
    from ...http.sessions import StartupConnection

_NOT_BUILT = (
    "this installation has no Studio: its pages are built from the source by `make studio`, and "
    "come with every release (pip install 'openrouter-connector[studio]')"
)
_ONLY_SANDBOX = (
    "There is no API key yet, so everything runs in the sandbox, and nothing costs money.\n"
    "A key can be connected in the Studio at any time.\n"
)


def configure(parser: ArgumentParser) -> None:
    """Add the options of `studio`."""
    serve.add_options(parser)
    parser.add_argument("--no-open", action="store_true", help="do not open the browser")
    parser.epilog = f"{serve.EPILOG}\nA connection `sandbox` is always there."


def run(args: Namespace) -> int:
    """Serve, print the address to stderr and open it. Raise InputError if nothing is built."""
    with extra("studio", serve.PACKAGES, "The Studio"):
        from ...http.studio import BUNDLE, Bundle

        if not Bundle(BUNDLE).is_built:
            raise InputError(_NOT_BUILT)
        serve.start(args, partial(_connections, args), partial(_announce, args))
    return 0


def _connections(args: Namespace, component: Component) -> dict[str, StartupConnection]:
    """Return the connections of `serve`, and the sandbox, which is used where no other is."""
    from ....connections.store import ConnectionStore
    from ...http.sessions import StartupConnection

    connections = serve.startup_connections(args, component)
    if has_sandbox(component) and "sandbox" not in connections:
        if not connections and ConnectionStore(component=component).default is None:
            note(_ONLY_SANDBOX)
        connections["sandbox"] = StartupConnection(sandbox=True, fallback=True)
    return connections


def _announce(args: Namespace, url: str, settings: Settings) -> None:
    address = serve.shown_address(args, url, settings)
    note(f"The Studio is at\n\n{address}\nPress Ctrl-C to stop.")
    if not args.no_open:
        # Other users see the address in the list of processes: what they see works only once.
        code = settings.login_code
        open_browser(f"{url}/?login={code}" if code else f"{url}/")
