"""A browser comes back with the code of a consent to a listener on this machine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

from openrouter_connector.connections.callback import CallbackListener, listen_for_callback
from openrouter_connector.connections.pkce import Authorization, Authorizations
from openrouter_connector.errors import CredentialError
from openrouter_connector.sandbox import Sandbox
from support.browser import decide, title_of

ME = "me"
CODE = "auth_code_0123456789abcdef"

Visit = Callable[[Authorization, CallbackListener], Coroutine[Any, Any, Any]]


def visited(flows: Authorizations, own_sandbox: Sandbox, *visits: Visit, within: float = 10) -> str:
    """Wait at the listener for a key, while visitors come one after the other."""

    async def wait() -> str:
        async with listen_for_callback() as listener:
            flow = flows.begin(ME, base_url=own_sandbox.base_url, callback=listener.callback_url)

            async def come() -> None:
                for visit in visits:
                    await visit(flow, listener)

            guests = asyncio.ensure_future(come())
            try:
                return await listener.wait_for_key(
                    flow.state, lambda code: flows.finish(flow.state, code, ME), within=within
                )
            finally:
                await guests

    return asyncio.run(wait())


async def got(url: str, method: str = "GET") -> httpx.Response:
    async with httpx.AsyncClient() as client:
        return await client.request(method, url)


def consents(decision: str, *pages: list[str]) -> Visit:
    """Decide at the page of consent and come back; the title of the last page is kept."""

    async def visit(flow: Authorization, listener: CallbackListener) -> None:
        page = await asyncio.to_thread(decide, flow.authorize_url, decision)
        for titles in pages:
            titles.append(title_of(page))

    return visit


def test_a_browser_that_comes_back_brings_the_key(
    flows: Authorizations, own_sandbox: Sandbox
) -> None:
    titles: list[str] = []

    assert visited(flows, own_sandbox, consents("allow", titles)).startswith("sk-or-")
    assert titles == ["Connected"]


@pytest.mark.parametrize(
    ("decision", "told"), [("deny", "access was denied"), ("expired", "it expired")]
)
def test_a_person_who_denies_or_is_late_is_told_so_in_both_places(
    flows: Authorizations, own_sandbox: Sandbox, decision: str, told: str
) -> None:
    titles: list[str] = []

    with pytest.raises(CredentialError, match=told):
        visited(flows, own_sandbox, consents(decision, titles))
    assert titles == ["Not connected"]


def test_whatever_else_knocks_is_told_so_and_waiting_goes_on(
    flows: Authorizations, own_sandbox: Sandbox
) -> None:
    async def strangers(flow: Authorization, listener: CallbackListener) -> None:
        there = listener.callback_url(flow.state)
        assert (await got(f"http://127.0.0.1:{listener.port}/favicon.ico")).status_code == 404
        wrong = await got(f"{listener.callback_url('another')}?code={CODE}")
        assert (wrong.status_code, title_of(wrong)) == (404, "Unknown authorization")
        assert CODE not in wrong.text
        assert (await got(f"{there}?code={CODE}", "HEAD")).status_code == 200
        assert (await got(f"{there}?code={CODE}", "POST")).status_code == 405
        assert (await got(there)).status_code == 400
        assert (await got(f"{there}?code=")).status_code == 400
        for nothing in (b"", b"\r\n\r\n", b"GET [\r\n\r\n", b"\xff\x00\r\n\r\n", b"x" * 70_000):
            reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
            writer.write(nothing)
            if nothing.endswith(b"\n"):
                await reader.read()
            writer.close()

    kept: list[asyncio.StreamWriter] = []

    async def connects_early(flow: Authorization, listener: CallbackListener) -> None:
        kept.append((await asyncio.open_connection("127.0.0.1", listener.port))[1])

    async def leaves(flow: Authorization, listener: CallbackListener) -> None:
        kept[0].close()

    visits = (strangers, connects_early, consents("allow"), leaves)
    assert visited(flows, own_sandbox, *visits).startswith("sk-or-")


def test_a_second_visit_during_the_exchange_is_told_so(flows: Authorizations) -> None:
    async def wait() -> tuple[str, httpx.Response, httpx.Response]:
        again = asyncio.Event()

        async def exchange(code: str) -> str:
            await again.wait()
            return f"key for {code}"

        async with listen_for_callback() as listener:
            first = asyncio.create_task(got(f"{listener.callback_url('s')}?code=one"))

            async def second() -> httpx.Response:
                while (await got(f"{listener.callback_url('s')}?x=y")).status_code != 410:
                    pass
                told = await got(f"{listener.callback_url('s')}?code=two")
                again.set()
                return told

            other = asyncio.create_task(second())
            return await listener.wait_for_key("s", exchange), await first, await other

    key, first, second = asyncio.run(wait())
    assert key == "key for one"
    assert (title_of(first), title_of(second)) == ("Connected", "Already done")


def test_nobody_is_waited_for_longer_than_said(flows: Authorizations, own_sandbox: Sandbox) -> None:
    with pytest.raises(CredentialError, match="the browser did not return"):
        visited(flows, own_sandbox, within=0.05)


def test_nothing_listens_after_the_visit(flows: Authorizations, own_sandbox: Sandbox) -> None:
    ports: list[int] = []

    async def note(flow: Authorization, listener: CallbackListener) -> None:
        ports.append(listener.port)

    visited(flows, own_sandbox, note, consents("allow"))
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"http://127.0.0.1:{ports[0]}/")


def test_the_page_needs_nothing_and_keeps_the_address_to_itself(
    flows: Authorizations, own_sandbox: Sandbox
) -> None:
    pages: list[httpx.Response] = []

    async def look(flow: Authorization, listener: CallbackListener) -> None:
        pages.append(await got(listener.callback_url("<script>")))

    visited(flows, own_sandbox, look, consents("allow"))
    headers = pages[0].headers
    assert headers["content-security-policy"].startswith("default-src 'none'")
    assert (headers["referrer-policy"], headers["cache-control"]) == ("no-referrer", "no-store")
    assert not re.search(r"<script|src=|href=", pages[0].text)


def test_two_wait_at_once_and_each_gets_its_own_key(
    flows: Authorizations, own_sandbox: Sandbox
) -> None:
    async def one(label: str) -> str:
        async with listen_for_callback() as listener:
            flow = flows.begin(
                ME, base_url=own_sandbox.base_url, callback=listener.callback_url, label=label
            )
            browser = asyncio.create_task(asyncio.to_thread(decide, flow.authorize_url))
            key = await listener.wait_for_key(
                flow.state, lambda code: flows.finish(flow.state, code, ME)
            )
            await browser
            return key

    async def both() -> tuple[str, str]:
        return await asyncio.gather(one("first"), one("second"))

    for key, label in zip(asyncio.run(both()), ("first", "second"), strict=True):
        told = httpx.get(f"{own_sandbox.base_url}/key", headers={"Authorization": f"Bearer {key}"})
        assert told.json()["data"]["label"] == label
