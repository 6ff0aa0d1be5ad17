"""`sandbox`: serve an offline OpenRouter, until Ctrl-C."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ....errors import InputError, Problem
from .. import shared_options
from ..terminal import note


def configure(parser: ArgumentParser) -> None:
    """Add the options of `sandbox`."""
    shared_options.add_listen_options(parser, 8788)
    parser.add_argument(
        "--latency",
        default=0.0,
        type=float,
        metavar="SECONDS",
        help="delay of every response, such as 0.05 (default: 0)",
    )
    parser.epilog = "The sandbox runs in the foreground. Press Ctrl-C to stop it."


def run(args: Namespace) -> int:
    """Serve, and print the address to stderr. Raise InputError if the port is in use."""
    from ....sandbox import Settings, serve

    settings = Settings(latency=max(0.0, args.latency))
    try:
        serve(args.host, args.port, settings=settings, ready=_announce)
    except (OSError, OverflowError) as error:
        message = f"cannot listen at {args.host}:{args.port}: {error}"
        raise InputError([Problem("--port", message)]) from error
    return 0


def _announce(base_url: str) -> None:
    from ....sandbox import Sandbox

    note(
        f"OpenRouter sandbox at {base_url}. It calls no real models and costs nothing.\n"
        "To use it, set these variables in another terminal:\n\n"
        f"  export OPENROUTER_BASE_URL={base_url}\n"
        f"  export OPENROUTER_API_KEY={Sandbox.token}\n\n"
        "Start with the model sandbox/echo. Others fail on purpose, such as sandbox/no-credits\n"
        "and sandbox/breaks-mid-stream. Press Ctrl-C to stop."
    )
