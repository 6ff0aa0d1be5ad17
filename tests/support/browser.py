"""A person with a browser at the authorization page of a sandbox."""

from __future__ import annotations

import re

import httpx


def decide(authorize_url: str, decision: str = "allow") -> httpx.Response:
    """Open the page, press a button, and follow the redirects."""
    with httpx.Client(follow_redirects=True, timeout=40) as browser:
        page = browser.get(authorize_url)
        assert page.status_code == 200, page.text
        assert f'value="{decision}"' in page.text
        return browser.post(authorize_url, data={"decision": decision})


def code_in(page: httpx.Response) -> str:
    """Return the code that a page shows."""
    found = re.search(r'<code id="code">([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def title_of(page: httpx.Response) -> str:
    found = re.search(r"<h1>([^<]+)<", page.text)
    assert found, page.text
    return found[1]
