"""The few pages for people: what this is, and the door that a browser comes in by."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .context import Here
from .problems import responses
from .security import cookie_name

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
  :root {{ color-scheme: light dark }}
  body {{ font: 1rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto;
    padding: 0 1.5rem }}
  h1 {{ font-weight: 600; font-size: 1.5rem }}
  code {{ background: #8882; border-radius: 4px; padding: .1em .3em }}
</style>
<h1>{title}</h1>
{body}
</html>
"""
_ABOUT = """\
<p>{description}</p>
<p>This is its HTTP interface. <a href="/api/openapi.json">The API document</a> lists what it can
do, and <a href="/api/component">the definition</a> how its actions look.</p>
{door}"""
_CLOSED = (
    "<p>You are not logged in: open the address that the server printed when it started "
    "(<code>/?token=…</code>).</p>"
)

router = APIRouter(include_in_schema=False)


def page(title: str, body: str) -> str:
    """Give a small page that loads nothing; `body` is HTML."""
    return _PAGE.format(title=escape(title), body=body)


@router.get("/", responses=responses())
async def home(here: Here, request: Request, token: str | None = None) -> Response:
    """Say what this is; with the token in the address, let a browser in and clean the address."""
    if token is not None and here.lock.token is not None:
        return _let_in(here.lock.opens(token), here, request)
    component = here.connector.definition.component
    door = "" if request.state.caller else _CLOSED
    about = _ABOUT.format(description=escape(component.description), door=door)
    return HTMLResponse(page(f"{component.title} connector", about))


def _let_in(right: bool, here: Here, request: Request) -> Response:
    if not right:
        told = "<p>This is not the token of this server (any more); look at what it printed.</p>"
        return HTMLResponse(page("The door stays closed", told), 401)
    clean = RedirectResponse("/", 303)
    clean.set_cookie(
        cookie_name(request),
        here.lock.session(),
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="strict",
    )
    return clean
