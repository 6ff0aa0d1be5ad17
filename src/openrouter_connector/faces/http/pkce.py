"""Endpoints that obtain an API key by consent (OAuth with PKCE).

The user's browser goes to the API's consent page, and comes back to this server with a code.
"""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ...errors import ConnectorError
from .connections import check_public
from .context import Context, InjectedContext
from .json_io import StrictRoute, json_response
from .pkce_state import Consent
from .problems import problem_responses
from .schemas import ConsentCode, ConsentStatus, NewConsent, StartedConsent
from .security import CALLBACK, cookie_name, own_origin
from .web_pages import page

_HTML = {"text/html": {"schema": {"type": "string"}}}

router = APIRouter(prefix="/api/connections/pkce", route_class=StrictRoute, tags=["connections"])


@router.post(
    "",
    summary="Start a consent",
    status_code=201,
    response_model=StartedConsent,
    responses=problem_responses(),
)
async def begin_consent(body: NewConsent, context: InjectedContext, request: Request) -> Response:
    """Start a consent. Open `authorizeUrl` in the user's browser.

    The consent page redirects to this server, or shows a code if `headless` is true.
    """
    await check_public(body.base_url, context)
    origin, owner = own_origin(request), request.state.caller
    flow = context.consents.begin(
        owner,
        None if body.headless else (lambda state: f"{origin}{CALLBACK}{state}"),
        base_url=body.base_url,
        limit=body.limit,
        label=body.label,
    )
    started = json_response(
        {
            "state": flow.state,
            "authorizeUrl": flow.authorize_url,
            "headless": flow.headless,
            "expiresIn": flow.expires_in,
        },
        201,
    )
    if owner.startswith("browser "):
        _bind_browser(started, context, request)
    return started


@router.get(
    "/callback/{state}",
    summary="Finish a consent in the browser",
    response_class=HTMLResponse,
    responses={
        200: {"description": "A page that shows the outcome", "content": _HTML},
        404: {"description": "A page: this consent does not exist", "content": _HTML},
        **{
            status: response
            for status, response in problem_responses().items()
            if status not in (401, 404)
        },
    },
    openapi_extra={"security": []},
)
async def consent_callback(
    state: str,
    context: InjectedContext,
    request: Request,
    code: str | None = None,
    error: str | None = None,
) -> Response:
    """Receive the user's browser from the consent page, and show the outcome as a page."""
    consent = context.consents.peek(state)
    if consent is None or not _is_bound_browser(consent, context, request):
        return _page("No consent found", "Start again in the application you came from.", 404)
    if error is not None or code is None:
        context.consents.deny(consent, "the user did not consent")
    elif consent.status == "waiting":
        try:
            await context.consents.finish(consent, code)
        except ConnectorError as failure:
            return _page("Not connected", failure.message)
    if consent.status == "done":
        return _page("Connected", "You can close this window and continue in your application.")
    return _page("Not connected", consent.message or "The consent is still being processed.")


@router.post(
    "/{state}",
    summary="Finish a consent with a code",
    response_model=ConsentStatus,
    responses=problem_responses(404, 424, 502, 503),
)
async def finish_consent(
    state: str, body: ConsentCode, context: InjectedContext, request: Request
) -> Response:
    """Finish a headless consent with the code that the consent page showed to the user."""
    consent = context.consents.find(state, request.state.caller)
    await context.consents.finish(consent, body.code)
    return json_response(consent.to_json())


@router.get(
    "/{state}",
    summary="Get the status of a consent",
    response_model=ConsentStatus,
    responses=problem_responses(404),
)
async def consent(state: str, context: InjectedContext, request: Request) -> Response:
    """Return the status of a consent."""
    return json_response(context.consents.find(state, request.state.caller).to_json())


@router.delete(
    "/{state}", summary="Cancel a consent", status_code=204, responses=problem_responses(404)
)
async def cancel_consent(state: str, context: InjectedContext, request: Request) -> Response:
    """Cancel a consent. An API key that it obtained and that is not stored is forgotten."""
    context.consents.end(state, request.state.caller)
    return Response(status_code=204)


def _bind_browser(started: Response, context: Context, request: Request) -> None:
    """Set the cookie by which the callback recognizes the browser that started the consent.

    Without it, an attacker could let a victim finish a consent that the attacker started.
    `lax`, since a redirect from another site does not carry the session cookie, which is `strict`.
    """
    started.set_cookie(
        f"{cookie_name(request)}-consent",
        context.lock.sign("consent", request.state.caller),
        path=CALLBACK,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )


def _is_bound_browser(consent: Consent, context: Context, request: Request) -> bool:
    """Return whether this browser started the consent. Any may finish one of a program."""
    if not consent.owner.startswith("browser "):
        return True
    signature = request.cookies.get(f"{cookie_name(request)}-consent", "")
    return context.lock.is_signed("consent", consent.owner, signature)


def _page(title: str, text: str, status: int = 200) -> Response:
    return HTMLResponse(page(title, f"<p>{escape(text)}</p>"), status)
