"""Run a coroutine to its end; SIGTERM cancels it, so that it can clean up."""

from __future__ import annotations

from collections.abc import Coroutine
from contextlib import suppress
from signal import SIG_DFL, SIG_IGN, SIGTERM, getsignal, signal
from typing import Any, TypeVar

from .exit_codes import Terminated

T = TypeVar("T")


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Return the result of a coroutine. Raise Terminated if SIGTERM cancelled it."""
    import asyncio

    sigterm = _Sigterm()
    try:
        return asyncio.run(sigterm.cancels(work))
    except asyncio.CancelledError:
        if sigterm.received:
            raise Terminated from None
        raise


class _Sigterm:
    """Whether SIGTERM arrived.

    By default it ends Python at once: temporary files would stay, and requests would go on.
    """

    def __init__(self) -> None:
        self.received = False

    async def cancels(self, work: Coroutine[Any, Any, T]) -> T:
        """Await a coroutine; SIGTERM cancels it."""
        import asyncio

        task, loop = asyncio.current_task(), asyncio.get_running_loop()

        def cancel(*_: object) -> None:
            self.received = True
            signal(SIGTERM, SIG_DFL)  # a second SIGTERM ends the process at once
            if task:
                # A signal handler runs between two bytecodes of anything, so it must not cancel.
                loop.call_soon_threadsafe(task.cancel)

        before = getsignal(SIGTERM)
        try:
            with suppress(ValueError):  # in another thread
                if before is not SIG_IGN:
                    signal(SIGTERM, cancel)
            return await work
        finally:
            # A batch may have set a handler of its own: leave that one.
            if getsignal(SIGTERM) is cancel:
                signal(SIGTERM, before)
