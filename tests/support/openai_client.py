"""The official, unmodified OpenAI client, with one of our servers as its base URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import openai
from openai.types.chat import ChatCompletionMessageParam

from support.http_face import TOKEN, Served

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]


@contextmanager
def openai_client(served: Served, key: str = TOKEN, **options: Any) -> Iterator[openai.OpenAI]:
    """Yield the client, with the token of the server and the default retries."""
    with openai.OpenAI(base_url=f"{served.url}/openai/v1", api_key=key, **options) as client:
        yield client


@asynccontextmanager
async def async_openai_client(served: Served) -> AsyncIterator[openai.AsyncOpenAI]:
    """Yield the async client."""
    async with openai.AsyncOpenAI(base_url=f"{served.url}/openai/v1", api_key=TOKEN) as client:
        yield client
