"""Space on the disk of the database that is kept for answers: those of paid requests.

When the disk is full, the reserve is given up: the answers of requests that are under way can be
recorded, and no further request begins until there is space again.
"""

from __future__ import annotations

import os

_SIZE = 4 * 1024 * 1024  # bytes; answers of at most 64 kB each, of some requests at the same time


class Reserve:
    """The space of a file that holds nothing."""

    def __init__(self) -> None:
        self._handle: int | None = None
        self.is_spent = False
        """Whether it was given up."""

    def open(self, handle: int) -> None:
        """Use an open file. Without space for it there is no reserve."""
        self._handle = handle
        self._take()

    def give_up(self) -> bool:
        """Free the space, and return whether that is new."""
        if self._handle is None or self.is_spent:
            return False
        self.is_spent = True
        os.ftruncate(self._handle, 0)
        return True

    def is_back(self) -> bool:
        """Return whether the reserve is there, or could be taken again."""
        if self.is_spent and self._take():
            self.is_spent = False
        return not self.is_spent

    def close(self) -> None:
        """Forget the file; who opened it closes it."""
        self._handle = None

    def _take(self) -> bool:
        if self._handle is None:
            return False
        try:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(self._handle, 0, _SIZE)
            else:
                os.pwrite(self._handle, bytes(_SIZE), 0)
        except OSError:
            os.ftruncate(self._handle, 0)
            return False
        return True
