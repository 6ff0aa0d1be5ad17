"""Serve `/docs`: the OpenAPI document in Swagger UI, whose files come from a package, not a CDN."""

from __future__ import annotations

from asyncio import to_thread
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from .context import InjectedContext
from .lasting_body import LastingBody, lasting_body, send_lasting
from .problems import not_found
from .web_pages import LOGIN_NEEDED, page

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</html>
"""
# A file of its own: the policy of our pages allows no script inside them.
_START = b"""\
SwaggerUIBundle({
  url: "/api/openapi.json",
  dom_id: "#api",
  deepLinking: true,
  docExpansion: "list",
  defaultModelsExpandDepth: -1,
  displayRequestDuration: true,
  persistAuthorization: false,
  tryItOutEnabled: true,
  validatorUrl: null,
});
"""
_KINDS = {"swagger-ui.css": "text/css", "swagger-ui-bundle.js": "text/javascript"}
_ASK_ANEW = "private, no-cache"

router = APIRouter(prefix="/docs", include_in_schema=False)


@router.get("")
async def docs(context: InjectedContext, request: Request) -> Response:
    """Show the page, whose document only a known caller may load."""
    title = f"{context.connector.definition.component.title} connector"
    if not request.state.caller:
        return HTMLResponse(page(title, LOGIN_NEEDED), 401)
    return HTMLResponse(_PAGE.format(title=escape(title)))


@router.get("/{name}")
async def docs_file(name: str, request: Request) -> Response:
    """Return a file that the page loads."""
    body = await to_thread(_file, name)
    if body is None:
        raise not_found("there is nothing at this address")
    return send_lasting(body, request, _ASK_ANEW)


@cache
def _file(name: str) -> LastingBody | None:
    if name == "start.js":
        return lasting_body(_START, "text/javascript")
    # Found, and not imported: only its files are used.
    package = find_spec("fastapi_offline")
    if name not in _KINDS or package is None or package.origin is None:
        return None
    file = Path(package.origin).with_name("static") / name
    return lasting_body(file.read_bytes(), _KINDS[name])
