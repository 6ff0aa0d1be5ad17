"""The options of `Connector.connect` as a type, for functions that pass them on."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

if TYPE_CHECKING:
    import httpx

    from .connections.store import ConnectionStore
    from .runtime.budget import Budget
    from .runtime.files.store import FileStore
    from .runtime.http.transport import Timeouts
    from .runtime.services import Send


class ConnectOptions(TypedDict, total=False):
    """The options of `Connector.connect`, which describes them, without the token."""

    connection: str | None
    connections: ConnectionStore | None
    base_url: str | None
    sandbox: bool | Literal["rehearsal"]
    files: FileStore | str | Path | None
    budget: Budget | float | None
    attempts: int
    timeouts: Timeouts | None
    headers: Mapping[str, str] | None
    concurrent: bool
    allow_private: bool
    allow_http: bool
    send: Send | None
    backend: httpx.AsyncBaseTransport | None
