"""The public door: a connector, and sessions that perform its actions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from .definition.load import Definition, load_component
from .definition.view import View, view
from .errors import CredentialError, InputError
from .offload import offload
from .runtime.budget import Budget
from .runtime.catalogue.cache import ListCache
from .runtime.catalogue.catalogue import Catalogue
from .runtime.endpoints import Endpoints, named_server
from .runtime.files.store import FileStore
from .runtime.http.transport import ATTEMPTS, Timeouts, Transport
from .runtime.perform import events, perform
from .runtime.services import Send, Services
from .secret import cleaned
from .values import Call, Choices, Event, FileEntry, Json, JsonObject, OwnFile, Result

if TYPE_CHECKING:
    import httpx

    from .connections.key_check import KeyReport
    from .connections.store import ConnectionStore
    from .runtime.preflight.check import Check
    from .runtime.relay import Relayed

T = TypeVar("T")


class Stored(NamedTuple):
    """Where a stored connection leads, and what it sends."""

    token: str | None
    base_url: str
    headers: Mapping[str, str]
    allow_http: bool
    public: bool
    """Whether only public addresses may be reached."""


class Connector:
    """A component: its definition, and ways to perform its actions."""

    def __init__(self, definition: Definition, lists: ListCache | None = None) -> None:
        self.definition = definition
        self.lists = lists or ListCache()

    @classmethod
    def load(
        cls, path: str | Path | None = None, *, cache: str | Path | bool | None = None
    ) -> Self:
        """Read `connector.yaml`, by default our own; DefinitionError says what is wrong in it.

        `cache` is the folder where lists of models are kept, by default the user's; False keeps
        them in memory only.
        """
        return cls(load_component(path), ListCache(cache))

    def connect(
        self,
        token: str | None = None,
        *,
        connection: str | None = None,
        connections: ConnectionStore | None = None,
        base_url: str | None = None,
        sandbox: bool = False,
        files: FileStore | str | Path | None = None,
        budget: Budget | float | None = None,
        attempts: int = ATTEMPTS,
        timeouts: Timeouts | None = None,
        headers: Mapping[str, str] | None = None,
        concurrent: bool = True,
        allow_private: bool = True,
        allow_http: bool = False,
        send: Send | None = None,
        backend: httpx.AsyncBaseTransport | None = None,
    ) -> Session:
        """Give a session, to be used in `async with`.

        `connection` names a stored one (in `connections`, by default the user's), which brings its
        token, base URL and headers; `sandbox` plays OpenRouter on loopback. Nothing more is sent
        once `budget` was spent, in USD; sessions may share one. `files` is where files are kept.
        Without `concurrent` a session starts sooner, and serves one call at a time well. Without
        `allow_private` the parameters cannot name a server of this machine or of a private network.
        With `allow_http` the token may go over http to a `base_url` in a private network.
        Every paid request goes through `send` (see `runtime.services.Send` for its contract).
        `backend` is what sends, instead of our own choice. CredentialError without a token, unless
        `base_url` leads to another server; on entering, for a connection that is not there, cannot
        be read, or belongs to another component or host.
        """
        stored = None if connection is None else partial(self._stored, connection, connections)
        store = files if isinstance(files, FileStore) else FileStore(files)
        return Session(
            self,
            store,
            budget if isinstance(budget, Budget) else Budget(budget),
            token=token,
            base_url=base_url,
            sandbox=sandbox,
            stored=stored,
            allow_private=allow_private,
            send=send,
            options={
                "attempts": attempts,
                "timeouts": timeouts,
                "headers": headers,
                "concurrent": concurrent,
                "allow_http": allow_http,
                "public": False,
                "backend": backend,
            },
        )

    def run(
        self, action: str, parameters: Json, token: str | None = None, **options: Any
    ) -> Result:
        """Perform one action from code that is not async; `options` are those of `connect`.

        Where the parameters name a server of their own, no other is needed.
        """
        form = self.definition.form(action)
        placed = token is not None or options.keys() & {"connection", "base_url", "sandbox"}
        if not placed and named_server(form.action, parameters) is not None:
            options["base_url"] = self.definition.component.base_url

        several = form.action.for_each is not None

        async def once() -> Result:
            async with self.connect(token, **{"concurrent": several, **options}) as session:
                return await session.perform(action, parameters)

        return _waited_for(once())

    def form(self, action: str, parameters: Json) -> View:
        """Give the form for these parameters, without knowing the chosen model."""
        return view(self.definition.form(action), parameters)

    def check(
        self, action: str, parameters: Json, files: FileStore | str | Path | None = None
    ) -> Check:
        """Tell what can be told without a connection; `Session.check` asks the catalogue too.

        InputError for an action that there is not; what is wrong with it stands in the result.
        """
        from .runtime.preflight.check import check

        store = files if isinstance(files, FileStore) else FileStore(files)
        form = self.definition.form(action)

        async def once() -> Check:
            return await check(form, _plain(parameters), store)

        return _waited_for(once())

    def _stored(self, name: str, connections: ConnectionStore | None) -> Stored:
        from .connections.owner import leads_elsewhere
        from .connections.store import ConnectionStore
        from .runtime.build import mapping

        component = self.definition.component
        stored = (connections or ConnectionStore()).of(component).get(name)
        form = component.connection.properties
        headers = mapping(form, "GET", stored.properties, {"token"}).headers
        place = stored.base_url or component.base_url
        public = not stored.private and leads_elsewhere(place, component)
        return Stored(stored.token, place, headers, stored.allow_http, public)


class Session:
    """A connection in use. Actions may run at the same time."""

    def __init__(
        self,
        connector: Connector,
        files: FileStore,
        budget: Budget,
        *,
        token: str | None,
        base_url: str | None,
        sandbox: bool,
        stored: Callable[[], Stored] | None,
        allow_private: bool,
        send: Send | None,
        options: dict[str, Any],
    ) -> None:
        token = cleaned(token)
        if token is None and base_url is None and not sandbox and stored is None:
            raise CredentialError("there is no token; give one, or use the sandbox (sandbox=True)")
        self.definition = connector.definition
        self._lists = connector.lists
        self.files = files
        self.budget = budget
        self._token = token
        self._base_url = base_url
        self._sandbox = sandbox
        self._stored = stored
        self._allow_private = allow_private
        self._send = send
        self._options = options
        self._stack = AsyncExitStack()
        self._hands: Services | None = None

    async def __aenter__(self) -> Self:
        component = self.definition.component
        async with AsyncExitStack() as stack:
            await self._find_place(stack)
            place = self._base_url or component.base_url
            transport = Transport(place, self._token, **self._options)
            stack.push_async_callback(transport.aclose)
            # The sandbox is another one each time, and on disk its lists would only pile up.
            disk = not self._sandbox
            catalogue_of = partial(Catalogue, self.definition.sources, lists=self._lists, disk=disk)
            catalogue = catalogue_of(transport)
            stack.push_async_callback(catalogue.aclose)
            servers = Endpoints(catalogue_of, self._options_elsewhere)
            stack.push_async_callback(servers.aclose)
            self._hands = Services(
                component, transport, catalogue, self.files, self.budget, servers, self._send
            )
            self._stack = stack.pop_all()
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
        """Perform an action.

        A `Path` or `FileEntry` stands for a file anywhere in `parameters`; a `Path` is read where
        it lies.
        """
        form = self.definition.form(action)
        return await perform(form, _plain(parameters), self._in_use)

    def stream(self, action: str, parameters: Json) -> AsyncGenerator[Event]:
        """Give the events of an action, with its answer in pieces where it can be given so."""
        return self.events(action, parameters, stream=True)

    def events(
        self, action: str, parameters: Json, *, stream: bool = False
    ) -> AsyncGenerator[Event]:
        """Perform an action and give its events as they come; the last holds the result.

        Without `stream` the answer comes whole, and the events are those of a long job.
        """
        form = self.definition.form(action)
        return events(form, _plain(parameters), self._in_use, stream=stream)

    async def form(self, action: str, parameters: Json) -> View:
        """Give the form for these parameters, as the chosen model has it.

        Nothing is raised for what is wrong with them. Where nothing is known of the model, only
        the definition's own conditions count.
        """
        form = self.definition.form(action)
        given = parameters if isinstance(parameters, dict) else {}
        known = await self._in_use.catalogue.model_info(form.action, given)
        exchanged = await offload(_plain, parameters)
        return await offload(partial(view, form, model_info=known.model_info), exchanged)

    async def options(
        self,
        action: str,
        name: str,
        parameters: Json = None,
        *,
        search: str = "",
        filters: JsonObject | None = None,
        refresh: bool = False,
    ) -> Choices:
        """Give the options of a property, found by its dotted path, for what is in the form.

        `filters` are those that the source of the list declares, such as `{"free": True}`. Lists
        come from the cache where they are good, or after `refresh` from the server. InputError for
        a property without options and for filters that there are not; a list that cannot be had is
        no error, and the choices say why.
        """
        from .runtime.catalogue.options import options

        form = self.definition.form(action)
        given = _plain(parameters) if isinstance(parameters, dict) else {}
        async with self._in_use.at_server_of(form.action, given) as services:
            return await options(
                form,
                name,
                given,
                services.catalogue,
                search=search,
                filters=filters,
                refresh=refresh,
            )

    async def check(self, action: str, parameters: Json) -> Check:
        """Tell all that can be told before paying: problems, warnings, an estimate of the price.

        InputError for an action that there is not; what is wrong with it stands in the result.
        """
        from .runtime.preflight.check import check

        form = self.definition.form(action)
        return await check(form, _plain(parameters), self.files, self._in_use)

    def relay(self, call: Call) -> AbstractAsyncContextManager[Relayed]:
        """Send a call of the API that is no action's, to be used in `async with`.

        What it costs counts into the budget; its answer is closed at the end of the block.
        """
        from .runtime.relay import relay

        return relay(call, self._in_use)

    async def test(self) -> KeyReport:
        """Ask the server what it knows of the key: its label, limits, expiry and kind."""
        from .connections.key_check import test_key

        names = ("headers", "allow_http", "public")
        known: dict[str, Any] = {name: self._options[name] for name in names}
        component = self._in_use.component
        return await test_key(component, self._token, base_url=self._base_url, **known)

    async def _find_place(self, stack: AsyncExitStack) -> None:
        """Find where calls go, which may take the disk, a keyring or a sandbox their time."""
        if self._stored:
            stored = await asyncio.to_thread(self._stored)
            self._token, self._base_url = cleaned(stored.token), stored.base_url
            headers = {**stored.headers, **(self._options["headers"] or {})}
            known = {"allow_http": stored.allow_http, "public": stored.public}
            self._options |= {"headers": headers, **known}
        if self._sandbox:
            from .sandbox import Sandbox

            sandbox = await stack.enter_async_context(Sandbox())
            self._base_url, self._token = sandbox.base_url, cleaned(sandbox.token)

    @property
    def _options_elsewhere(self) -> dict[str, Any]:
        """How calls go to servers that parameters name: as others, without the headers."""
        kept = {name: self._options[name] for name in ("attempts", "timeouts")}
        return {**kept, "public": not self._allow_private}

    @property
    def _in_use(self) -> Services:
        if self._hands is None:
            raise RuntimeError("a session is used inside `async with`")
        return self._hands


def _plain(value: Json) -> Json:
    """Put the FILE_ENTRY of it in the place of every `Path` and `FileEntry`.

    InputError for what is nested more deeply than can be followed.
    """
    try:
        return _exchanged(value)
    except RecursionError:
        raise InputError("the parameters are nested too deeply") from None


def _exchanged(value: Json) -> Json:
    if isinstance(value, Path):
        value = FileEntry("", "", value.name, OwnFile(value.absolute()))
    if isinstance(value, FileEntry):
        return value.to_json()
    if isinstance(value, dict):
        return {key: _exchanged(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_exchanged(item) for item in value]
    return value


def _waited_for(work: Coroutine[Any, Any, T]) -> T:
    """Give what comes of async work, in code that is not async or whose loop must not wait."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    # Called from a running loop, as in a notebook: that one cannot run a second.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, work).result()
