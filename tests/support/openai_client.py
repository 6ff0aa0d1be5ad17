"""The official OpenAI client, as it is, with a server of ours as its base URL."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import openai
from openai.types.chat import ChatCompletionMessageParam

from support.http_face import TOKEN, Served

HELLO: list[ChatCompletionMessageParam] = [{"role": "user", "content": "Hello"}]


@contextmanager
def gpt(served: Served, key: str = TOKEN, **options: Any) -> Iterator[openai.OpenAI]:
    """Give the client; it has the token of the server, and retries as it does by itself."""
    with openai.OpenAI(base_url=f"{served.url}/openai/v1", api_key=key, **options) as client:
        yield client


@asynccontextmanager
async def async_gpt(served: Served) -> AsyncIterator[openai.AsyncOpenAI]:
    """Give the client that is async."""
    async with openai.AsyncOpenAI(base_url=f"{served.url}/openai/v1", api_key=TOKEN) as client:
        yield client
