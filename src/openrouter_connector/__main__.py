"""Run the command line: the installed command, and `python -m openrouter_connector`.

Ctrl-C exits with 130 at any moment. While modules are imported, KeyboardInterrupt would print a
traceback or be swallowed, so the handler is set before anything else is imported.
"""

import os
import sys

# Not `signal`: it takes some milliseconds to wrap this in enums.
from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]


def main() -> int:
    """Run the command line, and return its exit code."""
    try:
        if "_ARGCOMPLETE" in os.environ:  # TAB was pressed in a shell
            from .faces.cli.completer import complete

            complete()
        from .faces.cli import main as run

        if _HANDLES_CTRL_C:
            signal(SIGINT, default_int_handler)
        return run()
    except KeyboardInterrupt:  # before or after the command line handles it
        return 130
    finally:
        if _HANDLES_CTRL_C:
            signal(SIGINT, _exit)


def _exit(*_: object) -> None:
    os._exit(130)


_HANDLES_CTRL_C = getsignal(SIGINT) is default_int_handler  # a background job may ignore it
if _HANDLES_CTRL_C:
    signal(SIGINT, _exit)

if __name__ == "__main__":
    sys.exit(main())
