"""The HTML pages of the OAuth consent, each marked as a sandbox's."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def consent_page(host: str | None, limit: float | None, label: str | None) -> str:
    """Return the page that asks whether an app, named by its host, may have a key."""
    app = f"<b>{escape(host)}</b>" if host else "An app without a callback URL"
    rows = [
        ("Returns to", escape(host) if host else "nowhere: this page shows a code"),
        ("Credit limit", f"${limit:,.2f}" if limit is not None else "none"),
        ("Key name", escape(label) if label else "chosen by OpenRouter"),
    ]
    terms = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in rows)
    return _page(
        "Allow this API key?",
        f"<p>{app} requests an API key that spends your credits.</p><dl>{terms}</dl>"
        '<form method="post">'
        '<button name="decision" value="allow" class="main">Allow</button> '
        '<button name="decision" value="deny">Deny</button>'
        '<p><button name="decision" value="expired" class="link">'
        "Allow, but with an expired code</button></p></form>",
    )


def code_page(code: str | None) -> str:
    """Return the page that shows the code to copy, or that the user denied it."""
    if code is None:
        return _page("Denied", "<p>No key was created. You can close this window.</p>")
    return _page(
        "Your code",
        "<p>Copy this code to the app. It works once, within ten minutes.</p>"
        f'<p><code id="code">{escape(code)}</code></p>',
    )


def problems_page(problems: Iterable[str]) -> str:
    """Return the page that lists what is wrong with a request for consent."""
    listed = "".join(f"<li>{escape(problem)}</li>" for problem in problems)
    return _page("This request is invalid", f"<ul>{listed}</ul>")


def _page(title: str, body: str) -> str:
    # No `str.format`: the style sheet is full of braces.
    return _FRAME.replace("TITLE", title).replace("BODY", body)


_FRAME = """\
<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>TITLE (sandbox)</title>
<style>
  :root { color-scheme: light dark; }
  body { margin: 0; min-height: 100vh; display: grid; place-items: center;
         font: 16px/1.5 system-ui, sans-serif; background: Canvas; color: CanvasText; }
  main { width: min(28rem, 88vw); }
  aside { padding: .5rem .8rem; border-radius: .5rem; background: #b8690022;
          border: 1px solid #b86900; font-size: .9rem; }
  h1 { font-size: 1.5rem; font-weight: 600; margin: 1.2rem 0 .4rem; }
  dl { display: grid; grid-template-columns: auto 1fr; gap: .3rem 1rem; }
  dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
  code { display: block; padding: .8rem; border-radius: .5rem; background: #8882;
         overflow-wrap: anywhere; user-select: all; }
  button { font: inherit; padding: .5rem 1.4rem; border-radius: .5rem; cursor: pointer;
           border: 1px solid #8888; background: transparent; color: inherit; }
  button.main { background: #3b5bdb; border-color: #3b5bdb; color: white; }
  button.link { border: 0; padding: 0; opacity: .7; text-decoration: underline; font-size: .9rem; }
</style>
</head>
<body><main>
<aside><b>This is a sandbox</b>, not OpenRouter: no account, no money, and its keys work only
in this sandbox.</aside>
<h1>TITLE</h1>
BODY
</main></body>
</html>
"""
