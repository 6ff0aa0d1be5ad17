"""Connections: listed, tested, stored and forgotten; a token comes in and never goes out."""

from __future__ import annotations

from asyncio import to_thread
from urllib.parse import quote

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from ...connections.connection_file import name_key, normalize_name
from ...connections.store import ConnectionSummary, StoredConnection
from ...connections.token_binding import is_other_host
from ...connections.validation import name_fault
from ...errors import InputError, Problem
from ...values import JsonObject
from .context import Context, Here
from .json_io import StrictRoute, response
from .models import (
    ChangedConnection,
    ConnectionProperties,
    ConnectionShape,
    NewConnection,
    ReportShape,
    TestedKey,
)
from .problems import not_found, responses

_ANOTHER_SERVER = "is for another server than the key; give the token as well"

router = APIRouter(prefix="/api/connections", route_class=StrictRoute, tags=["connections"])


@router.get("", response_model=list[ConnectionShape], responses=responses())
async def connections(here: Here) -> Response:
    """List the connections: those that the server was started with, then those stored."""
    return response(await _listed(here))


@router.post("", status_code=201, response_model=ConnectionShape, responses=responses(404))
async def connect(asked: NewConnection, here: Here, request: Request) -> Response:
    """Store a connection, with a typed token or with the key of a consent (`pkce`: its state)."""
    _changeable(asked.name, here)
    token, properties = _entered(asked, here, request)
    await check_public(properties.get("baseUrl"), here)
    new = StoredConnection(asked.name, token, properties, private=here.allow_private)
    store = here.connections
    await to_thread(store.save, new, default=asked.default, replace=asked.replace)
    _used(asked, here, request)
    await here.sessions.forget(asked.name)
    place = f"/api/connections/{quote(normalize_name(asked.name))}"
    return response(await _shown(asked.name, here), 201, {"Location": place})


@router.post("/test", response_model=ReportShape, responses=responses(404))
async def test_token(asked: TestedKey, here: Here, request: Request) -> Response:
    """Ask the server what it knows of a key that is not stored. What is wrong is no error."""
    from ...connections.key_check import check_key

    token, properties = _entered(asked, here, request)
    await check_public(base_url := properties.get("baseUrl"), here)
    component = here.connections.component
    report = await check_key(
        component,
        token,
        base_url=base_url,
        allow_http=bool(properties.get("allowHttp")),
        public=not here.allow_private and is_other_host(base_url, component),
    )
    return response(report.to_json())


@router.post("/{name}/test", response_model=ReportShape, responses=responses(404, 424))
async def test_connection(name: str, here: Here) -> Response:
    """Ask the server what it knows of the key of a connection. What is wrong is no error."""
    async with here.sessions.use(name) as session:
        report = await session.test()
    return response(report.to_json())


@router.patch("/{name}", response_model=ConnectionShape, responses=responses(404, 424))
async def change(name: str, asked: ChangedConnection, here: Here, request: Request) -> Response:
    """Change a stored connection: its name, its token, its properties, or make it the default."""
    summary, store = await _known(name, here), here.connections
    changed = await _changed(summary, asked, here, request)
    renamed = normalize_name(asked.name or summary.name)
    # Looked at before anything is written, so that a change is made whole or not at all.
    await _free(renamed, summary, here)
    if changed:
        await to_thread(store.save, changed, replace=True)
        _used(asked, here, request)
    if renamed != summary.name:
        await to_thread(store.rename, summary.name, renamed)
    if asked.default:
        await to_thread(store.set_default, renamed)
    for one in {summary.name, renamed}:
        await here.sessions.forget(one)
    return response(await _shown(renamed, here))


@router.delete("/{name}", status_code=204, responses=responses(404))
async def forget(name: str, here: Here) -> Response:
    """Forget a connection and its token."""
    summary = await _known(name, here)
    await to_thread(here.connections.remove, summary.name)
    await here.sessions.forget(summary.name)
    return Response(status_code=204)


async def check_public(base_url: str | None, here: Context) -> None:
    """Raise InputError for a base URL that leads into a private network, where none may."""
    from ...runtime.http.public_addresses import private_fault  # which brings aiohttp

    if base_url and not here.allow_private and (fault := await private_fault(base_url)):
        raise InputError([Problem("baseUrl", fault)])


async def _stored(here: Context) -> list[ConnectionSummary]:
    """List the connections of this component, and those whose component cannot be told."""
    own = (None, here.connections.component.name)
    return [one for one in await to_thread(here.connections.list) if one.component in own]


async def _listed(here: Context) -> list[JsonObject]:
    default, own = await here.sessions.default(), here.connections.component
    blank: JsonObject = dict.fromkeys(here.connections.settings)
    given = [
        ConnectionSummary(name, blank | {"baseUrl": one.base_url}, component=own.name)
        for name, one in here.sessions.given.items()
    ]
    stored = [one for one in await _stored(here) if name_key(one.name) not in here.sessions.given]
    return [
        {**one.to_json(), "default": one.name == default, "readOnly": one in given}
        for one in [*given, *stored]
    ]


async def _shown(name: str, here: Context) -> JsonObject:
    return next(one for one in await _listed(here) if name_key(one["name"]) == name_key(name))


async def _known(name: str, here: Context) -> ConnectionSummary:
    """Give what is stored under a name; 404 when nothing is."""
    _changeable(name, here)
    for one in await _stored(here):
        if name_key(one.name) == name_key(name):
            return one
    raise not_found(f"there is no connection {name!r}")


def _changeable(name: str, here: Context) -> None:
    if name_key(name) in here.sessions.given:
        told = f"{name.strip()!r} is what the server was started with, and cannot be changed here"
        raise InputError([Problem("name", told)])


async def _free(name: str, summary: ConnectionSummary, here: Context) -> None:
    """Make sure that a connection can have a name; InputError when it cannot."""
    _changeable(name, here)
    others = [one.name for one in await to_thread(here.connections.list)]
    others.remove(summary.name)
    taken = name_key(name) in map(name_key, others)
    if fault := name_fault(name) or ("is taken by another connection" if taken else None):
        raise InputError([Problem("name", fault)])


def _entered(asked: TestedKey, here: Context, request: Request) -> tuple[str | None, JsonObject]:
    """Give the token, typed or come by consent, and the properties that were sent."""
    given = asked.model_dump(by_alias=True, exclude_unset=True)
    fields = ConnectionProperties.model_fields.values()
    properties = {word.alias: given[word.alias] for word in fields if word.alias in given}
    token = asked.token.get_secret_value() if asked.token else None
    if asked.pkce is None:
        return token, properties
    consent = here.consents.key(asked.pkce, request.state.caller)
    if token or properties.get("baseUrl", consent.base_url) != consent.base_url:
        raise InputError([Problem("pkce", "brings its own token and base URL; give no other")])
    own = {"baseUrl": consent.base_url} if consent.base_url else {}
    return consent.key, {**properties, **own}


def _used(asked: TestedKey, here: Context, request: Request) -> None:
    """Forget a consent whose key is stored now."""
    if asked.pkce is not None:
        here.consents.end(asked.pkce, request.state.caller)


async def _changed(
    summary: ConnectionSummary, asked: ChangedConnection, here: Context, request: Request
) -> StoredConnection | None:
    """Give the connection as it shall be; None when only its name or the default changes.

    InputError when its token would go to another server than the one that it was entered for.
    """
    token, properties = _entered(asked, here, request)
    if token is None and not properties:
        return None
    now = {**summary.properties, **properties}
    moves = now.get("baseUrl") != summary.properties.get("baseUrl")
    if moves:
        await check_public(now.get("baseUrl"), here)
    if token is None:
        token = (await to_thread(here.connections.get, summary.name)).token
        if token and moves:
            raise InputError([Problem("baseUrl", _ANOTHER_SERVER)])
    private = here.allow_private or (summary.private and not moves)
    return StoredConnection(summary.name, token, now, private)
