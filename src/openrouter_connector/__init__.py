"""OpenRouter as one declarative low-code component, and the runtime that performs it.

connector = Connector.load()
result = connector.run("ask", {"model": "…", "userPrompt": "…"}, token="sk-or-…")
"""

from __future__ import annotations

TYPE_CHECKING = False  # as `typing` has it, whose import would take longer than all of this

if TYPE_CHECKING:
    from .connect_options import ConnectOptions
    from .connections.key_report import KeyReport
    from .connections.store import ConnectionStore, StoredConnection
    from .connector import Connector, Session
    from .definition.view import View
    from .errors import (
        ApiError,
        BudgetError,
        ConflictError,
        ConnectorError,
        CredentialError,
        DatabaseError,
        DefinitionError,
        FileError,
        ForbiddenError,
        IncompleteError,
        InDoubtError,
        InputError,
        JobFailedError,
        JobTimedOutError,
        MissingExtraError,
        NotFoundError,
        PaymentError,
        Problem,
        RateLimitedError,
        StoreError,
        UnavailableError,
    )
    from .flows.flow import Flow
    from .flows.formats.check import FlowCheck
    from .flows.preflight import FlowPreflight, check_flow_costs
    from .flows.runs import FlowError, FlowResult, Run, Runs
    from .runtime.budget import Budget
    from .runtime.files.store import FileStore
    from .runtime.http.response import Response
    from .runtime.http.transport import Timeouts
    from .runtime.preflight.check import Check
    from .runtime.services import Open, Send
    from .values import Call, Choices, Event, FileEntry, Metadata, Result

__all__ = [
    "ApiError",
    "Budget",
    "BudgetError",
    "Call",
    "Check",
    "Choices",
    "ConflictError",
    "ConnectOptions",
    "ConnectionStore",
    "Connector",
    "ConnectorError",
    "CredentialError",
    "DatabaseError",
    "DefinitionError",
    "Event",
    "FileEntry",
    "FileError",
    "FileStore",
    "Flow",
    "FlowCheck",
    "FlowError",
    "FlowPreflight",
    "FlowResult",
    "ForbiddenError",
    "InDoubtError",
    "IncompleteError",
    "InputError",
    "JobFailedError",
    "JobTimedOutError",
    "KeyReport",
    "Metadata",
    "MissingExtraError",
    "NotFoundError",
    "Open",
    "PaymentError",
    "Problem",
    "RateLimitedError",
    "Response",
    "Result",
    "Run",
    "Runs",
    "Send",
    "Session",
    "StoreError",
    "StoredConnection",
    "Timeouts",
    "UnavailableError",
    "View",
    "check_flow_costs",
]

# Found when first asked for, so that `openrouter-connector --help` costs no pydantic and no httpx.
_HOMES = {
    "Budget": "runtime.budget",
    "ConnectOptions": "connect_options",
    "ConnectionStore": "connections.store",
    "Connector": "connector",
    "Session": "connector",
    "KeyReport": "connections.key_report",
    "FileStore": "runtime.files.store",
    "Flow": "flows.flow",
    "FlowCheck": "flows.formats.check",
    "FlowPreflight": "flows.preflight",
    "FlowError": "flows.runs",
    "FlowResult": "flows.runs",
    "Run": "flows.runs",
    "Runs": "flows.runs",
    "check_flow_costs": "flows.preflight",
    "Timeouts": "runtime.http.transport",
    "Call": "values",
    "Check": "runtime.preflight.check",
    "Choices": "values",
    "Event": "values",
    "FileEntry": "values",
    "Metadata": "values",
    "Open": "runtime.services",
    "Response": "runtime.http.response",
    "Result": "values",
    "Send": "runtime.services",
    "StoredConnection": "connections.store",
    "View": "definition.view",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES.get(name, 'errors')}", __name__), name)


def __dir__() -> list[str]:
    return __all__
