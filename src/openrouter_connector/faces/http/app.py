"""Build the ASGI application: the endpoints, and the middleware that protects them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from ...connections.pkce import Authorizations
from ...connections.store import ConnectionStore
from ...connector import Connector
from ...errors import ConnectorError
from ...flows.store import FlowStore
from ...runtime.files.store import FileStore
from . import (
    actions,
    api_docs,
    batches,
    component,
    connections,
    expressions,
    files,
    flows,
    import_export,
    openapi,
    pkce,
    runs,
    studio,
    web_pages,
)
from .body_limit import BodyLimit
from .context import Context
from .openai import routes as openai
from .openai.errors import OpenAIErrors
from .pkce_state import Consents
from .problems import on_connector_error, on_http_error, on_validation_error
from .safe_responses import SafeResponses
from .security import LOOPBACK, AllowedHosts, Lock, TokenRequired
from .server_runs import ServerRuns
from .sessions import Sessions, StartupConnection

_PARTS = (
    web_pages,
    openapi,
    api_docs,
    component,
    actions,
    pkce,
    connections,
    files,
    flows,
    runs,
    batches,
    expressions,
    import_export,
    studio,
)  # the order of the paths in the OpenAPI document
# Headers that pages of another origin may send and read, beside those of the OpenAI client.
_REQUEST_HEADERS = ("Authorization", "Content-Type", "If-Match", "Range", "X-Request-Id")
_RESPONSE_HEADERS = ("Content-Range", "ETag", "Location", "Retry-After", "X-Request-Id")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


Stores = tuple[ConnectionStore, FileStore, FlowStore]


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server was started. Without a `token` anyone who can reach the server may use it."""

    token: str | None = field(default=None, repr=False)
    startup: Mapping[str, StartupConnection] = field(default_factory=dict)
    """Connections of the command line and environment, the default one first; not stored."""
    hosts: tuple[str, ...] = ()
    """Host names by which the server may be reached, beside those of loopback."""
    origins: tuple[str, ...] = ()
    """Other origins whose pages may call the server."""
    budget: float | None = None
    """USD that the server may spend in its lifetime."""
    allow_private: bool = False
    """Whether callers may name servers on this machine or in a private network."""
    database: str | None = None
    """Where runs of flows are kept: a file name, or a URL of PostgreSQL; by default the user's."""
    worker: bool = False
    """Whether runs are taken up that were queued, or whose process died."""
    studio: Path = studio.BUNDLE
    """The folder of the built Studio; where there is none, `/` is a page without it."""
    login_code: str | None = field(default=None, repr=False)
    """Logs one browser in, once, at `/?login=…`."""


def create_app(
    connector: Connector,
    files_store: FileStore,
    settings: Settings | None = None,
    store: ConnectionStore | None = None,
    flow_store: FlowStore | None = None,
) -> FastAPI:
    """Return the ASGI application. DefinitionError when an action of the connector is invalid."""
    settings = settings or Settings()
    store = (store or ConnectionStore()).of(connector.definition.component)
    stores = (store, files_store, flow_store or FlowStore(definition=connector.definition))
    context = _context(connector, stores, settings)
    connector.definition.load_all()
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
        lifespan=_lifespan,
        middleware=_middleware(context, settings),
        exception_handlers={
            ConnectorError: on_connector_error,
            RequestValidationError: on_validation_error,
            HTTPException: on_http_error,
        },
    )
    app.state.context = context
    app.mount(openai.ROOT, openai.endpoints)
    for part in _PARTS:
        app.include_router(part.router)
    # Built on first use: it takes as long as building the rest of the application.
    document = partial(openapi.document, app, connector.definition)
    app.openapi = cache(document)  # type: ignore[method-assign]
    return app


def _context(connector: Connector, stores: Stores, settings: Settings) -> Context:
    store, files_store, flow_store = stores
    sessions = Sessions(
        connector,
        store,
        files_store,
        startup=settings.startup,
        budget=settings.budget,
        allow_private=settings.allow_private,
    )
    return Context(
        connector,
        store,
        files_store,
        flow_store,
        sessions,
        ServerRuns(sessions, settings.database, worker=settings.worker),
        Consents(
            Authorizations(connector.definition.component, allow_private=settings.allow_private)
        ),
        Lock(settings.token, {settings.login_code} if settings.login_code else set()),
        LOOPBACK | {host.lower() for host in settings.hosts},
        settings.allow_private,
        studio.Bundle(settings.studio),
    )


def _middleware(context: Context, settings: Settings) -> list[Middleware]:
    """Return the middleware, outermost first.

    The order matters: errors of every inner layer get the headers and the shape of the outer ones,
    and CORS preflights, which carry no token, are answered before the token is checked.
    """
    return [
        Middleware(OpenAIErrors),
        Middleware(SafeResponses),
        Middleware(AllowedHosts, context.hosts),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=_METHODS,
            allow_headers=[*_REQUEST_HEADERS, *openai.REQUEST_HEADERS],
            expose_headers=[*_RESPONSE_HEADERS, *openai.RESPONSE_HEADERS],
        ),
        Middleware(TokenRequired, context.lock, settings.origins),
        Middleware(BodyLimit, context.files.largest),
    ]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: Context = app.state.context
    context.runs.open_in_background()
    yield
    await context.runs.aclose()
    await context.sessions.aclose()
