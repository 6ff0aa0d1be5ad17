"""The same calls with each library, as its users write them: one event loop, one client."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

MODEL = "openai/gpt-5-mini"
PROMPT = "What is the answer?"
_MESSAGES = [{"role": "user", "content": PROMPT}]
_TIMEOUT = 120  # seconds; with 512 concurrent calls the last one waits long


@dataclass(frozen=True, slots=True)
class Client:
    """A library in use: `ask` returns the text of an answer, `stream` yields its chunks."""

    ask: Callable[[], Awaitable[str]]
    stream: Callable[[], AsyncIterator[str]]


@asynccontextmanager
async def _ours(base_url: str) -> AsyncIterator[Client]:
    from openrouter_connector import Connector

    parameters = {"model": MODEL, "userPrompt": PROMPT}
    async with Connector.load().connect("bench", base_url=base_url) as session:

        async def ask() -> str:
            return str((await session.perform("ask", parameters)).output)

        async def stream() -> AsyncIterator[str]:
            async for event in session.stream("ask", parameters):
                if event.type == "delta":
                    yield event.text

        yield Client(ask, stream)


@asynccontextmanager
async def _httpx(base_url: str, maximum: int = 100, keepalive: int = 20) -> AsyncIterator[Client]:
    """httpx with its default numbers of connections."""
    import httpx

    url, body = f"{base_url}/chat/completions", {"model": MODEL, "messages": _MESSAGES}
    limits = httpx.Limits(max_connections=maximum, max_keepalive_connections=keepalive)
    headers = {"authorization": "Bearer bench"}
    async with httpx.AsyncClient(headers=headers, timeout=_TIMEOUT, limits=limits) as client:

        async def ask() -> str:
            response = json.loads((await client.post(url, json=body)).content)
            return str(response["choices"][0]["message"]["content"])

        async def stream() -> AsyncIterator[str]:
            streamed = body | {"stream": True}
            async with client.stream("POST", url, json=streamed) as response:
                async for line in response.aiter_lines():
                    if line.startswith("data: ") and line != "data: [DONE]":
                        yield json.loads(line[6:])["choices"][0]["delta"]["content"]

        yield Client(ask, stream)


@asynccontextmanager
async def _openai(base_url: str) -> AsyncIterator[Client]:
    from openai import AsyncOpenAI
    from openai.types.chat import ChatCompletionUserMessageParam

    message: ChatCompletionUserMessageParam = {"role": "user", "content": PROMPT}
    async with AsyncOpenAI(api_key="bench", base_url=base_url, timeout=_TIMEOUT) as client:

        async def ask() -> str:
            response = await client.chat.completions.create(model=MODEL, messages=[message])
            return response.choices[0].message.content or ""

        async def stream() -> AsyncIterator[str]:
            async for chunk in await client.chat.completions.create(
                model=MODEL, messages=[message], stream=True
            ):
                yield chunk.choices[0].delta.content or ""

        yield Client(ask, stream)


@asynccontextmanager
async def _openrouter(base_url: str) -> AsyncIterator[Client]:
    from openrouter import OpenRouter
    from openrouter.components import ChatUserMessageTypedDict

    message: ChatUserMessageTypedDict = {"role": "user", "content": PROMPT}
    timeout = _TIMEOUT * 1000
    async with OpenRouter("bench", server_url=base_url, timeout_ms=timeout) as client:

        async def ask() -> str:
            response = await client.chat.send_async(model=MODEL, messages=[message], stream=False)
            return str(response.choices[0].message.content)

        async def stream() -> AsyncIterator[str]:
            async with await client.chat.send_async(
                model=MODEL, messages=[message], stream=True
            ) as events:
                async for chunk in events:
                    yield str(chunk.choices[0].delta.content or "")

        yield Client(ask, stream)


CLIENTS: dict[str, Callable[[str], AbstractAsyncContextManager[Client]]] = {
    "ours": _ours,
    "httpx": _httpx,
    "httpx-512": lambda base_url: _httpx(base_url, 512, 512),
    "openai": _openai,
    "openrouter": _openrouter,
}
