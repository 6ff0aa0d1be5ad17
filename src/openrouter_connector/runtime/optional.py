"""Packages of extras, which may not be installed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import MissingExtraError


@contextmanager
def extra(name: str, packages: set[str], what: str) -> Iterator[None]:
    """Raise MissingExtraError, which names the extra to install, when one of these is missing."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in packages:
            raise
        message = f"{what} needs the package {package}: pip install 'openrouter-connector[{name}]'"
        raise MissingExtraError(message) from error
