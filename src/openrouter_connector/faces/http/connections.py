"""Endpoints of connections: list, test, store and remove them. A response never holds a token."""

from __future__ import annotations

from asyncio import to_thread
from dataclasses import replace
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
from .context import Context, InjectedContext
from .json_io import StrictRoute, json_response
from .problems import no_connection, problem_responses
from .schemas import (
    Connection,
    ConnectionChange,
    ConnectionProperties,
    KeyReport,
    KeyTest,
    NewApiKey,
    NewConnection,
)

_OTHER_SERVER = "the token was stored for another server; send the token as well"

router = APIRouter(prefix="/api/connections", route_class=StrictRoute, tags=["connections"])


@router.get(
    "", summary="List connections", response_model=list[Connection], responses=problem_responses()
)
async def connections(context: InjectedContext) -> Response:
    """List the connections: first those the server was started with, then the stored ones."""
    return json_response(await _all(context))


@router.post(
    "",
    summary="Store a connection",
    status_code=201,
    response_model=Connection,
    responses=problem_responses(404),
)
async def connect(body: NewConnection, context: InjectedContext, request: Request) -> Response:
    """Store a connection, with a `token`, the key of a finished consent (`pkce`), or a `newKey`."""
    _check_writable(body.name, context)
    token, properties = _token_and_properties(body, context, request)
    await check_public(properties.get("baseUrl"), context)
    new = StoredConnection(body.name, token, properties, private=context.allow_private)
    if body.new_key is None:
        await to_thread(context.connections.save, new, default=body.default, replace=body.replace)
    else:
        await _save_with_new_key(new, body, body.new_key, context)
    _end_consent(body, context, request)
    await context.sessions.forget(body.name)
    location = f"/api/connections/{quote(normalize_name(body.name))}"
    return json_response(await _one(body.name, context), 201, {"Location": location})


@router.post(
    "/test", summary="Test an API key", response_model=KeyReport, responses=problem_responses(404)
)
async def test_token(body: KeyTest, context: InjectedContext, request: Request) -> Response:
    """Test an API key that is not stored. If it does not work, `ok` is false (status 200)."""
    from ...connections.key_check import check_key

    token, properties = _token_and_properties(body, context, request)
    await check_public(base_url := properties.get("baseUrl"), context)
    component = context.connections.component
    report = await check_key(
        component,
        token,
        base_url=base_url,
        allow_http=bool(properties.get("allowHttp")),
        public=not context.allow_private and is_other_host(base_url, component),
    )
    return json_response(report.to_json())


@router.post(
    "/{name}/test",
    summary="Test a connection",
    response_model=KeyReport,
    responses=problem_responses(404, 424),
)
async def test_connection(name: str, context: InjectedContext) -> Response:
    """Test the API key of a connection. If it does not work, `ok` is false (status 200)."""
    async with context.sessions.use(name) as session:
        report = await session.test()
    return json_response(report.to_json())


@router.patch(
    "/{name}",
    summary="Change a connection",
    response_model=Connection,
    responses=problem_responses(404, 424),
)
async def change(
    name: str, body: ConnectionChange, context: InjectedContext, request: Request
) -> Response:
    """Change a stored connection: rename it, replace its token or properties, make it default."""
    summary, store = await _stored_summary(name, context), context.connections
    changed = await _changed(summary, body, context, request)
    renamed = normalize_name(body.name or summary.name)
    # Checked before anything is written, so that a change is applied whole or not at all.
    await _check_name(renamed, summary, context)
    if changed:
        await to_thread(store.save, changed, replace=True)
        _end_consent(body, context, request)
    if renamed != summary.name:
        await to_thread(store.rename, summary.name, renamed)
    if body.default:
        await to_thread(store.set_default, renamed)
    for used_name in {summary.name, renamed}:
        await context.sessions.forget(used_name)
    return json_response(await _one(renamed, context))


@router.delete(
    "/{name}", summary="Remove a connection", status_code=204, responses=problem_responses(404)
)
async def forget(name: str, context: InjectedContext) -> Response:
    """Remove a connection and its token."""
    summary = await _stored_summary(name, context)
    await to_thread(context.connections.remove, summary.name)
    await context.sessions.forget(summary.name)
    return Response(status_code=204)


async def check_public(base_url: str | None, context: Context) -> None:
    """Raise InputError for a base URL in a private network, unless the server allows those."""
    from ...runtime.http.public_addresses import private_fault  # imports aiohttp

    if base_url and not context.allow_private and (fault := await private_fault(base_url)):
        raise InputError([Problem("baseUrl", fault)])


async def _save_with_new_key(
    new: StoredConnection, body: NewConnection, wanted: NewApiKey, context: Context
) -> None:
    """Store a connection with a key that its management key creates."""
    store = context.connections
    await to_thread(store.check, new, replace=body.replace)
    with store.reserved(new.name):
        # Again: whoever held the name before may have saved a connection.
        await to_thread(store.check, new, replace=body.replace)
        new = replace(new, token=await _new_key(new, wanted, context))
        await to_thread(store.save, new, default=body.default, replace=body.replace)


async def _new_key(manager: StoredConnection, wanted: NewApiKey, context: Context) -> str:
    """Create a key with a management key."""
    from ...connections.new_key import create_key

    component, base_url = context.connections.component, manager.properties.get("baseUrl")
    if manager.token is None:
        raise InputError([Problem("token", "a management key is required to create a key")])
    return await create_key(
        component,
        manager.token,
        wanted.name,
        wanted.limit,
        base_url=base_url,
        allow_http=bool(manager.properties.get("allowHttp")),
        public=not context.allow_private and is_other_host(base_url, component),
    )


async def _stored(context: Context) -> list[ConnectionSummary]:
    """Return the stored connections of this component, and those whose file cannot be read."""
    shown = (None, context.connections.component.name)
    return [
        summary
        for summary in await to_thread(context.connections.list)
        if summary.component in shown
    ]


async def _all(context: Context) -> list[JsonObject]:
    default, component = await context.sessions.default(), context.connections.component
    startup = context.sessions.startup
    blank: JsonObject = dict.fromkeys(context.connections.settings)
    fixed = [
        ConnectionSummary(name, blank | {"baseUrl": connection.base_url}, component=component.name)
        for name, connection in startup.items()
    ]
    stored = [
        summary for summary in await _stored(context) if name_key(summary.name) not in startup
    ]
    return [
        {
            **summary.to_json(),
            "default": summary.name == default,
            "storedDefault": summary.default,
            "readOnly": summary in fixed,
        }
        for summary in [*fixed, *stored]
    ]


async def _one(name: str, context: Context) -> JsonObject:
    return next(item for item in await _all(context) if name_key(item["name"]) == name_key(name))


async def _stored_summary(name: str, context: Context) -> ConnectionSummary:
    """Return the stored connection with a name. 404 for an unknown name."""
    _check_writable(name, context)
    for summary in await _stored(context):
        if name_key(summary.name) == name_key(name):
            return summary
    raise no_connection(name)


def _check_writable(name: str, context: Context) -> None:
    """Raise InputError for a connection that the server was started with."""
    if name_key(name) in context.sessions.startup:
        message = f"{name.strip()!r} belongs to the start of the server; it cannot be changed here"
        raise InputError([Problem("name", message)])


async def _check_name(name: str, summary: ConnectionSummary, context: Context) -> None:
    """Raise InputError when a connection cannot be renamed to a name."""
    _check_writable(name, context)
    others = [other.name for other in await to_thread(context.connections.list)]
    others.remove(summary.name)
    taken = name_key(name) in map(name_key, others)
    if fault := name_fault(name) or ("is taken by another connection" if taken else None):
        raise InputError([Problem("name", fault)])


def _token_and_properties(
    body: KeyTest, context: Context, request: Request
) -> tuple[str | None, JsonObject]:
    """Return the token, sent or obtained by consent, and the properties that were sent."""
    sent = body.model_dump(by_alias=True, exclude_unset=True)
    fields = ConnectionProperties.model_fields.values()
    properties = {field.alias: sent[field.alias] for field in fields if field.alias in sent}
    token = body.token.get_secret_value() if body.token else None
    if body.pkce is None:
        return token, properties
    consent = context.consents.finished(body.pkce, request.state.caller)
    if token or properties.get("baseUrl", consent.base_url) != consent.base_url:
        message = "a consent has its own token and base URL; leave out `token` and `baseUrl`"
        raise InputError([Problem("pkce", message)])
    own = {"baseUrl": consent.base_url} if consent.base_url else {}
    return consent.key, {**properties, **own}


def _end_consent(body: KeyTest, context: Context, request: Request) -> None:
    """Forget a consent, once its key is stored."""
    if body.pkce is not None:
        context.consents.end(body.pkce, request.state.caller)


async def _changed(
    summary: ConnectionSummary, body: ConnectionChange, context: Context, request: Request
) -> StoredConnection | None:
    """Return the changed connection; None when only its name or the default changes.

    InputError when the stored token would go to another server than the one it was stored for.
    """
    token, properties = _token_and_properties(body, context, request)
    if token is None and not properties:
        return None
    merged = {**summary.properties, **properties}
    moves = merged.get("baseUrl") != summary.properties.get("baseUrl")
    if moves:
        await check_public(merged.get("baseUrl"), context)
    if token is None:
        token = (await to_thread(context.connections.get, summary.name)).token
        if token and moves:
            raise InputError([Problem("baseUrl", _OTHER_SERVER)])
    private = context.allow_private or (summary.private and not moves)
    return StoredConnection(summary.name, token, merged, private)
