"""The public door: a connector, and sessions that perform its actions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, aclosing
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar

from .definition.load import Definition, load_component
from .errors import CredentialError
from .runtime.body import encode
from .runtime.budget import Budget
from .runtime.catalogue import Catalogue
from .runtime.perform import Hands, Prepared, events, perform, prepare
from .runtime.store import FileStore
from .runtime.transport import ATTEMPTS, Timeouts, Transport
from .values import Call, Event, FileEntry, Json, Result

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")


class Connector:
    """A component: its definition, and ways to perform its actions."""

    def __init__(self, definition: Definition) -> None:
        self.definition = definition

    @classmethod
    def load(cls, path: str | Path | None = None) -> Self:
        """Read `connector.yaml`, by default our own; DefinitionError says what is wrong in it."""
        return cls(load_component(path))

    def connect(
        self,
        token: str | None = None,
        *,
        base_url: str | None = None,
        sandbox: bool = False,
        files: FileStore | str | Path | None = None,
        budget: float | None = None,
        attempts: int = ATTEMPTS,
        timeouts: Timeouts | None = None,
        headers: Mapping[str, str] | None = None,
        concurrent: bool = True,
        backend: httpx.AsyncBaseTransport | None = None,
    ) -> Session:
        """Give a session, to be used in `async with`.

        `sandbox` plays OpenRouter on loopback; nothing more is sent once `budget` was spent, in
        USD; `files` is where files are kept. Without `concurrent` a session starts sooner, and
        serves one call at a time well. `backend` is what sends, instead of our own choice.
        CredentialError without a token, unless `base_url` leads to another server.
        """
        store = files if isinstance(files, FileStore) else FileStore(files)
        return Session(
            self.definition,
            store,
            Budget(budget),
            token=token,
            base_url=base_url,
            sandbox=sandbox,
            options={
                "attempts": attempts,
                "timeouts": timeouts,
                "headers": headers,
                "concurrent": concurrent,
                "backend": backend,
            },
        )

    def run(
        self, action: str, parameters: Json, token: str | None = None, **options: Any
    ) -> Result:
        """Perform one action from code that is not async; `options` are those of `connect`."""

        async def once() -> Result:
            async with self.connect(token, **{"concurrent": False, **options}) as session:
                return await session.perform(action, parameters)

        return _waited_for(once())

    def check(
        self, action: str, parameters: Json, files: FileStore | str | Path | None = None
    ) -> Call:
        """Do all that can be done without a connection, and give the call that would be sent.

        InputError and FileError say what is wrong. What depends on the model is left open;
        `Session.check` asks the catalogue too.
        """
        store = files if isinstance(files, FileStore) else FileStore(files)
        form = self.definition.form(action)

        async def once() -> Call:
            return _sendable(await prepare(form, await _plain(parameters, store), store))

        return _waited_for(once())


class Session:
    """A connection in use. Actions may run at the same time."""

    def __init__(
        self,
        definition: Definition,
        files: FileStore,
        budget: Budget,
        *,
        token: str | None,
        base_url: str | None,
        sandbox: bool,
        options: dict[str, Any],
    ) -> None:
        token = _checked(token)
        if token is None and base_url is None and not sandbox:
            raise CredentialError("there is no token; give one, or use the sandbox (sandbox=True)")
        self._definition = definition
        self.files = files
        self.budget = budget
        self._token = token
        self._base_url = base_url
        self._sandbox = sandbox
        self._options = options
        self._stack = AsyncExitStack()
        self._hands: Hands | None = None

    async def __aenter__(self) -> Self:
        base_url, token = self._base_url, self._token
        if self._sandbox:
            from .sandbox import Sandbox

            sandbox = self._stack.enter_context(Sandbox())
            base_url, token = sandbox.base_url, sandbox.token
        component = self._definition.component
        transport = Transport(base_url or component.base_url, token, **self._options)
        self._stack.push_async_callback(transport.aclose)
        catalogue = Catalogue(self._definition.sources, transport)
        self._hands = Hands(component, transport, catalogue, self.files, self.budget)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._hands = None
        await self._stack.aclose()

    async def perform(self, action: str, parameters: Json) -> Result:
        """Perform an action. A `Path` or `FileEntry` stands for a file anywhere in `parameters`."""
        form = self._definition.form(action)
        return await perform(form, await _plain(parameters, self.files), self._in_use)

    async def stream(self, action: str, parameters: Json) -> AsyncGenerator[Event]:
        """Perform an action and give its events as they come; the last holds the result."""
        form = self._definition.form(action)
        given = await _plain(parameters, self.files)
        async with aclosing(events(form, given, self._in_use, stream=True)) as steps:
            async for event in steps:
                yield event

    async def check(self, action: str, parameters: Json) -> Call:
        """Do all that comes before sending, and give the call that would be sent."""
        form, hands = self._definition.form(action), self._in_use
        given = await _plain(parameters, self.files)
        return _sendable(await prepare(form, given, self.files, hands.catalogue))

    @property
    def _in_use(self) -> Hands:
        if self._hands is None:
            raise RuntimeError("a session is used inside `async with`")
        return self._hands


async def _plain(value: Json, files: FileStore) -> Json:
    """Put the FILE_ENTRY of it in the place of every `Path` and `FileEntry`."""
    if isinstance(value, Path):
        value = await files.put(value, value.name)
    if isinstance(value, FileEntry):
        return value.to_json()
    if isinstance(value, dict):
        return {key: await _plain(item, files) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [await _plain(item, files) for item in value]
    return value


def _sendable(prepared: Prepared) -> Call:
    """Give the call of it; InputError when its body cannot be written, as with NaN in it."""
    if prepared.call.body is not None:
        encode(prepared.call.body)
    return prepared.call


def _waited_for(work: Coroutine[Any, Any, T]) -> T:
    """Give what comes of async work, in code that is not async or whose loop must not wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    # Called from a running loop, as in a notebook: that one cannot run a second.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()


def _checked(token: str | None) -> str | None:
    """Take the spaces around a token away; CredentialError when no header can hold it."""
    token = token.strip() if token else None
    if token and not (token.isascii() and token.isprintable() and " " not in token):
        raise CredentialError("the token holds characters that no token has; copy it once more")
    return token or None
