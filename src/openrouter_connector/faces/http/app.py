"""The application: endpoints inside, what guards them around."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache, partial

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware

from ...connections.pkce import Authorizations
from ...connections.store import ConnectionStore
from ...connector import Connector
from ...errors import ConnectorError
from ...runtime.files.store import FileStore
from . import actions, component, connections, files, import_export, openapi, pkce, web_pages
from .context import Context
from .limits import BodyLimit
from .openai import routes as openai
from .openai.errors import Reshaped
from .pkce_state import Consents
from .problems import on_error, on_misfit, on_refusal
from .request_headers import Envelope
from .security import LOOPBACK, Door, Hosts, Lock
from .sessions import Given, Sessions

# Headers of pages of another origin, beside those of the OpenAI client.
_SENT = ("Authorization", "Content-Type", "Range", "X-Request-Id")
_READ = ("Content-Range", "Location", "Retry-After", "X-Request-Id")


@dataclass(frozen=True, slots=True)
class Settings:
    """How a server was started. `token` None lets anybody in who reaches it."""

    token: str | None = field(default=None, repr=False)
    given: Mapping[str, Given] = field(default_factory=dict)
    """Connections that are not stored, the default one first."""
    hosts: tuple[str, ...] = ()
    """Names by which the server may be reached, beside those of loopback."""
    origins: tuple[str, ...] = ()
    """Other origins whose pages may use it."""
    budget: float | None = None
    """USD that may be spent until it ends."""
    allow_private: bool = False
    """Whether callers may name a server of this machine or of a private network."""


def create_app(
    connector: Connector,
    files_store: FileStore,
    settings: Settings | None = None,
    store: ConnectionStore | None = None,
) -> FastAPI:
    """Give the ASGI application. DefinitionError when an action of the connector is wrong."""
    settings = settings or Settings()
    store = (store or ConnectionStore()).of(connector.definition.component)
    context = _context(connector, files_store, settings, store)
    connector.definition.check()
    app = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=openapi.operation_id,
        lifespan=_lifespan,
        middleware=_guards(context, settings),
        exception_handlers={
            ConnectorError: on_error,
            RequestValidationError: on_misfit,
            HTTPException: on_refusal,
        },
    )
    app.state.context = context
    app.mount(openai.ROOT, openai.endpoints)
    for part in (web_pages, openapi, component, actions, pkce, connections, files, import_export):
        app.include_router(part.router)
    described = connector.definition.component
    # Made when it is asked for, since to make it takes as long as all the rest.
    document = partial(openapi.document, app, described.title, described.actions)
    app.openapi = cache(document)  # type: ignore[method-assign]
    return app


def _context(
    connector: Connector, files_store: FileStore, settings: Settings, store: ConnectionStore
) -> Context:
    sessions = Sessions(
        connector,
        store,
        files_store,
        given=settings.given,
        budget=settings.budget,
        allow_private=settings.allow_private,
    )
    return Context(
        connector,
        store,
        files_store,
        sessions,
        Consents(
            Authorizations(connector.definition.component, allow_private=settings.allow_private)
        ),
        Lock(settings.token),
        LOOPBACK | {host.lower() for host in settings.hosts},
        settings.allow_private,
    )


def _guards(context: Context, settings: Settings) -> list[Middleware]:
    """Give what a request goes through before an endpoint sees it, the outermost first."""
    return [
        Middleware(Reshaped),
        Middleware(Envelope),
        Middleware(Hosts, context.hosts),
        Middleware(
            CORSMiddleware,
            allow_origins=settings.origins,
            allow_methods=["GET", "HEAD", "POST", "PATCH", "DELETE"],
            allow_headers=[*_SENT, *openai.SENT],
            expose_headers=[*_READ, *openai.READ],
        ),
        Middleware(Door, context.lock, settings.origins),
        Middleware(BodyLimit, context.files.largest),
    ]


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    context: Context = app.state.context
    await context.sessions.aclose()
