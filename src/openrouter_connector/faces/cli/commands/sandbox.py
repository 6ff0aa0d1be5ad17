"""`sandbox`: serve the offline OpenRouter until interrupted."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ....errors import InputError, Problem
from ..terminal import note


def configure(parser: ArgumentParser) -> None:
    """Add the options of `sandbox`."""
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1)")
    parser.add_argument("--port", default=8788, type=int, help="the port, 0 for a free one (8788)")
    parser.add_argument(
        "--latency",
        default=0.0,
        type=float,
        metavar="SECONDS",
        help="what every answer waits first, such as 0.05 (0)",
    )
    parser.epilog = "It listens in the foreground; Ctrl-C ends it."


def run(args: Namespace) -> int:
    """Serve, and say on stderr how to reach it. InputError when the address is taken."""
    from ....sandbox import Settings, serve

    settings = Settings(latency=max(0.0, args.latency))
    try:
        serve(args.host, args.port, settings=settings, ready=_announce)
    except (OSError, OverflowError) as error:
        told = f"cannot listen at {args.host}:{args.port}: {error}"
        raise InputError([Problem("--port", told)]) from error
    return 0


def _announce(base_url: str) -> None:
    from ....sandbox import Sandbox

    note(
        f"A sandbox of OpenRouter at {base_url}. It asks no model and costs nothing: it plays.\n"
        "Set these where you call it from:\n\n"
        f"  export OPENROUTER_BASE_URL={base_url}\n"
        f"  export OPENROUTER_API_KEY={Sandbox.token}\n\n"
        "Begin with the model sandbox/echo; sandbox/no-credits, sandbox/breaks-mid-stream and\n"
        "others rehearse failure. Ctrl-C ends it."
    )
