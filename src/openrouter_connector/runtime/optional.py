"""Packages that are not always there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from ..errors import ConnectorError


class MissingExtraError(ConnectorError):
    """A package that only some need is not installed."""


@contextmanager
def extra(name: str, packages: set[str], what: str) -> Iterator[None]:
    """Turn the lack of one of these packages into an error that says how to install it."""
    try:
        yield
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in packages:
            raise
        told = f"{what} needs the package {package}: pip install 'openrouter-connector[{name}]'"
        raise MissingExtraError(told) from error
