"""Serve the pages for people: the Studio or a page in its place, which also logs a browser in."""

from __future__ import annotations

from html import escape

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from .context import Context, InjectedContext
from .problems import problem_responses
from .security import cookie_name
from .studio import studio_page

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
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
_HOME = """\
<p>{description}</p>
<p>This server offers the component over HTTP. See <a href="/docs">its endpoints</a>
(<a href="/api/openapi.json">the OpenAPI document</a>), and
<a href="/api/component">the definition</a> for its actions.</p>
{login}"""
LOGIN_NEEDED = (
    "<p>You are not logged in. Open the address that the server printed when it started "
    "(<code>/?token=…</code>).</p>"
)
_LOGIN_FAILED = (
    "<p>This address does not log in, or no longer: a code works once, a token until the server "
    "is started anew. Open the address that the server printed when it last started.</p>"
)

router = APIRouter(include_in_schema=False)


def page(title: str, body: str) -> str:
    """Return a small page that loads no other resources. `body` is HTML."""
    return _PAGE.format(title=escape(title), body=body)


@router.get("/", responses=problem_responses())
async def home(
    context: InjectedContext,
    request: Request,
    token: str | None = None,
    login: str | None = None,
) -> Response:
    """Show the Studio, if it is built. Log the browser in by a token or a code in the URL."""
    if token is not None and context.lock.token is not None:
        return _log_in(context.lock.accepts(token), context, request)
    if login is not None:
        is_known = context.lock.redeem(login)
        if request.state.caller:  # a second window of a browser that is logged in
            return RedirectResponse("/", 303)
        return _log_in(is_known, context, request)
    if request.state.caller and context.studio.is_built:
        return studio_page(context.studio)
    component = context.connector.definition.component
    login = "" if request.state.caller else LOGIN_NEEDED
    body = _HOME.format(description=escape(component.description), login=login)
    return HTMLResponse(page(f"{component.title} connector", body))


def _log_in(is_known: bool, context: Context, request: Request) -> Response:
    if not is_known:
        return HTMLResponse(page("Not logged in", _LOGIN_FAILED), 401)
    # The redirect removes the token or the code from the address bar and the browser's history.
    redirect = RedirectResponse("/", 303)
    redirect.set_cookie(
        cookie_name(request),
        context.lock.new_session(),
        httponly=True,
        secure=request.url.scheme == "https",
        samesite="strict",
    )
    return redirect
