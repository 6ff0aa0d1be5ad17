"""Get a key by consent: the browser goes to the API's page, and returns here with a code."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from ...errors import ConnectorError
from .connections import check_public
from .context import Context, Here
from .json_io import StrictRoute, response
from .models import BegunConsent, ConsentShape, NewConsent, TypedCode
from .pkce_state import Consent
from .problems import responses
from .security import CALLBACK, cookie_name, own_origin
from .web_pages import page

_HTML = {"text/html": {"schema": {"type": "string"}}}

router = APIRouter(prefix="/api/connections/pkce", route_class=StrictRoute, tags=["connections"])


@router.post("", status_code=201, response_model=BegunConsent, responses=responses())
async def begin_consent(asked: NewConsent, here: Here, request: Request) -> Response:
    """Begin: send the person to `authorizeUrl`; it leads back to this server, or shows a code."""
    await check_public(asked.base_url, here)
    origin, owner = own_origin(request), request.state.caller
    flow = here.consents.begin(
        owner,
        None if asked.headless else (lambda state: f"{origin}{CALLBACK}{state}"),
        base_url=asked.base_url,
        limit=asked.limit,
        label=asked.label,
    )
    begun = response(
        {
            "state": flow.state,
            "authorizeUrl": flow.authorize_url,
            "headless": flow.headless,
            "expiresIn": flow.expires_in,
        },
        201,
    )
    if owner.startswith("browser "):
        _bind(begun, here, request)
    return begun


@router.get(
    "/callback/{state}",
    response_class=HTMLResponse,
    responses={
        200: {"description": "A page that says how it ended", "content": _HTML},
        404: {"description": "A page: no such consent", "content": _HTML},
        **{status: told for status, told in responses().items() if status not in (401, 404)},
    },
    openapi_extra={"security": []},
)
async def consent_callback(
    state: str, here: Here, request: Request, code: str | None = None, error: str | None = None
) -> Response:
    """Receive the person who returns from the page of consent. For a browser; it shows a page."""
    consent = here.consents.peek(state)
    if consent is None or not _bound(consent, here, request):
        return _told("Nothing was begun here", "Begin again where you came from.", 404)
    if error is not None or code is None:
        here.consents.deny(consent, "the consent was not given")
    elif consent.status == "waiting":
        try:
            await here.consents.finish(consent, code)
        except ConnectorError as fault:
            return _told("That did not work", fault.message)
    if consent.status == "done":
        return _told("Connected", "You can close this window and go on where you came from.")
    return _told("Not connected", consent.message or "The consent is being looked at.")


@router.post("/{state}", response_model=ConsentShape, responses=responses(404, 424, 502, 503))
async def finish_consent(state: str, asked: TypedCode, here: Here, request: Request) -> Response:
    """Finish with the code that the page of consent showed. The key stays on this server."""
    consent = here.consents.find(state, request.state.caller)
    await here.consents.finish(consent, asked.code)
    return response(consent.to_json())


@router.get("/{state}", response_model=ConsentShape, responses=responses(404))
async def consent(state: str, here: Here, request: Request) -> Response:
    """Tell whether the person has come back."""
    return response(here.consents.find(state, request.state.caller).to_json())


@router.delete("/{state}", status_code=204, responses=responses(404))
async def cancel_consent(state: str, here: Here, request: Request) -> Response:
    """Give it up; a key that came of it and was not stored is forgotten."""
    here.consents.end(state, request.state.caller)
    return Response(status_code=204)


def _bind(begun: Response, here: Context, request: Request) -> None:
    """Let the browser show, when it comes back from another site, that it is the one that left."""
    begun.set_cookie(
        f"{cookie_name(request)}-consent",
        here.lock.sign("consent", request.state.caller),
        path=CALLBACK,
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="lax",
    )


def _bound(consent: Consent, here: Context, request: Request) -> bool:
    """Tell whether it is the browser that began; what a program began, any browser may end."""
    if not consent.owner.startswith("browser "):
        return True
    shown = request.cookies.get(f"{cookie_name(request)}-consent", "")
    return here.lock.signed("consent", consent.owner, shown)


def _told(title: str, text: str, status: int = 200) -> Response:
    return HTMLResponse(page(title, f"<p>{escape(text)}</p>"), status)
