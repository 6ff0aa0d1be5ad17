"""The ids of runs, and the names of the files that are copied for a run.

A copy has the run in its name: the store would keep it as one file with a file of someone else.
"""

from __future__ import annotations

import re
import secrets

_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
ID_LENGTH = 12
"""Characters of the id of a run."""
_COPY = re.compile(rf"run-[{_ALPHABET}]{{{ID_LENGTH}}}-")


def new_run_id() -> str:
    """Return an id for a run, without letters that are mistaken for others."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(ID_LENGTH))


def copy_name(run: str, name: str) -> str:
    """Return the name under which a file is copied for a run."""
    return f"run-{run}-{name}"


def is_copy(file_id: str) -> bool:
    """Return whether a file was copied for a run."""
    return bool(_COPY.match(file_id))
