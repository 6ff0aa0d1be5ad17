"""Which of several items a call is for, so that a recorded answer finds its item again.

An action that makes one call per item runs them at the same time, and they end in any order. A
`Send` that records requests tells them apart by this place, not by the order of their start.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Place = tuple[int, ...]

_place: ContextVar[Place] = ContextVar("item_place", default=())


def item_place() -> Place:
    """Return the index of the item of each list around the current call, the outermost first."""
    return _place.get()


@contextmanager
def at_item(index: int) -> Iterator[None]:
    """Mark the calls inside the block as those of one item."""
    token = _place.set((*_place.get(), index))
    try:
        yield
    finally:
        _place.reset(token)
