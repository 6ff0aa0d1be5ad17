"""OpenRouter as one declarative low-code component, and the runtime that performs it.

connector = Connector.load()
result = connector.run("ask", {"model": "…", "userPrompt": "…"}, token="sk-or-…")
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .connections.key_report import KeyReport
    from .connections.store import ConnectionStore, StoredConnection
    from .connector import Connector, Session
    from .definition.view import View
    from .errors import (
        ApiError,
        BudgetError,
        ConnectorError,
        CredentialError,
        DefinitionError,
        FileError,
        ForbiddenError,
        IncompleteError,
        InputError,
        JobFailedError,
        JobTimedOutError,
        NotFoundError,
        PaymentError,
        Problem,
        RateLimitedError,
        StoreError,
        UnavailableError,
    )
    from .runtime.check import Check
    from .runtime.store import FileStore
    from .runtime.transport import Timeouts
    from .values import Call, Choices, Event, FileEntry, Result

__all__ = [
    "ApiError",
    "BudgetError",
    "Call",
    "Check",
    "Choices",
    "ConnectionStore",
    "Connector",
    "ConnectorError",
    "CredentialError",
    "DefinitionError",
    "Event",
    "FileEntry",
    "FileError",
    "FileStore",
    "ForbiddenError",
    "IncompleteError",
    "InputError",
    "JobFailedError",
    "JobTimedOutError",
    "KeyReport",
    "NotFoundError",
    "PaymentError",
    "Problem",
    "RateLimitedError",
    "Result",
    "Session",
    "StoreError",
    "StoredConnection",
    "Timeouts",
    "UnavailableError",
    "View",
]

# Found when first asked for, so that `openrouter-connector --help` costs no pydantic and no httpx.
_HOMES = {
    "ConnectionStore": "connections.store",
    "Connector": "connector",
    "Session": "connector",
    "KeyReport": "connections.key_report",
    "FileStore": "runtime.store",
    "Timeouts": "runtime.transport",
    "Call": "values",
    "Check": "runtime.check",
    "Choices": "values",
    "Event": "values",
    "FileEntry": "values",
    "Result": "values",
    "StoredConnection": "connections.store",
    "View": "definition.view",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)
