"""A person with a browser at the page of consent of a sandbox."""

from __future__ import annotations

import re

import httpx


def decides(authorize_url: str, decision: str = "allow") -> httpx.Response:
    """Look at the page, press a button, and follow to where that leads."""
    with httpx.Client(follow_redirects=True, timeout=10) as browser:
        asked = browser.get(authorize_url)
        assert asked.status_code == 200, asked.text
        assert f'value="{decision}"' in asked.text
        return browser.post(authorize_url, data={"decision": decision})


def code_in(page: httpx.Response) -> str:
    """Copy the code that a page shows."""
    found = re.search(r'<code id="code">([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def title_of(page: httpx.Response) -> str:
    found = re.search(r"<h1>([^<]+)<", page.text)
    assert found, page.text
    return found[1]
