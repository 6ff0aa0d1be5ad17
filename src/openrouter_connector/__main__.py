"""The installed command, and `python -m openrouter_connector`: the command line.

Ctrl-C ends it with 130 at any moment, also while modules are imported, where an exception would
show as a traceback or be swallowed. So next to nothing is imported before that is seen to.
"""

import os
import sys

# Not `signal`, which takes some milliseconds to wrap this in enums.
from _signal import SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]


def main() -> int:
    """Run the command line, and give its exit code."""
    try:
        from .faces.cli import main as run

        if _HEEDED:
            signal(SIGINT, default_int_handler)
        return run()
    except KeyboardInterrupt:  # before the command line saw to it, or after
        return 130
    finally:
        if _HEEDED:
            signal(SIGINT, _leave)


def _leave(*_: object) -> None:
    os._exit(130)


_HEEDED = getsignal(SIGINT) is default_int_handler  # a job in the background may ignore it
if _HEEDED:
    signal(SIGINT, _leave)

if __name__ == "__main__":
    sys.exit(main())
