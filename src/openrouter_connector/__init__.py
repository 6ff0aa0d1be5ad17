"""OpenRouter as one declarative low-code component, and the runtime that performs it.

connector = Connector.load()
result = connector.run("ask", {"model": "…", "userPrompt": "…"}, token="sk-or-…")
"""

from .connector import Connector, Session
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
    UnavailableError,
)
from .runtime.files import FileStore
from .runtime.transport import Timeouts
from .values import Call, Event, FileEntry, Result

__all__ = [
    "ApiError",
    "BudgetError",
    "Call",
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
    "NotFoundError",
    "PaymentError",
    "Problem",
    "RateLimitedError",
    "Result",
    "Session",
    "Timeouts",
    "UnavailableError",
]
