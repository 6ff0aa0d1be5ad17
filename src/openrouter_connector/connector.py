"""The public API: a connector, and sessions that perform its actions."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, Unpack

from .actions import Actions
from .blocking import run_async
from .connect_options import ConnectOptions
from .definition.load import Definition, load_component
from .definition.view import View, view
from .errors import CredentialError
from .offload import offload
from .openrouter import profile_for
from .parameters import plain_parameters
from .runtime.budget import Budget
from .runtime.catalogue.cache import ListCache
from .runtime.catalogue.catalogue import Catalogue
from .runtime.endpoints import Endpoints, named_server
from .runtime.files.store import FileStore
from .runtime.http.retry import ATTEMPTS
from .runtime.http.transport import Timeouts, Transport
from .runtime.optional import extra
from .runtime.perform import events, perform
from .runtime.services import KeyKeeper, Report, Send, Services, ignore
from .secret import clean_token
from .values import Call, Choices, Event, Json, JsonObject, Result

if TYPE_CHECKING:
    import httpx

    from .connections.key_check import KeyReport
    from .connections.session_server import SessionServer
    from .connections.store import ConnectionStore
    from .flows.formats.flow import Flow
    from .flows.runs import FlowResult, Runs, StartOptions
    from .runtime.api_profile import ApiProfile
    from .runtime.preflight.check import Check
    from .runtime.relay import Relayed
    from .secret import Redactor


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

        `cache` is the folder where lists of models are stored, by default the user's; with False
        they stay in memory.
        """
        return cls(load_component(path), ListCache(cache))

    def connect(
        self,
        token: str | None = None,
        *,
        connection: str | None = None,
        connections: ConnectionStore | None = None,
        base_url: str | None = None,
        sandbox: bool | Literal["rehearsal"] = False,
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
        """Return a session, for an `async with` block.

        `connection` names a stored one (in `connections`, by default the user's), which brings its
        token, base URL and headers. `sandbox` plays OpenRouter on loopback, with
        any model as a `"rehearsal"`. Without `token`, `connection`, `base_url` and `sandbox` the
        key comes from the environment (`OPENROUTER_API_KEY`, perhaps `OPENROUTER_BASE_URL`), else
        from the default connection. `files` is the store.

        `budget` is in USD; sessions of one event loop may share a `Budget`. A call reserves the
        average cost of earlier calls with its path and model; BudgetError if the rest is less.
        The first call of a model runs alone, since nobody knows its cost yet. So the budget is
        passed at most by what running calls cost above that average, and by those first calls.

        Without `concurrent` a session starts sooner, and serves one call at a time well. Without
        `allow_private` the parameters cannot name a server of this machine or of a private network.
        With `allow_http` the token may go over http to a `base_url` in a private network.

        `send` wraps every paid request: `send(call, open)` enters `open(call)` and yields its
        response (see `Send`). `backend` replaces our own choice of an HTTP client. On entering,
        CredentialError without any key, and for a connection that is missing, cannot be read, or
        belongs to another component or host. A `base_url` without a `token` is called without one.
        """
        look_up = None
        if connection is not None or (token is None and base_url is None and not sandbox):
            look_up = partial(self._server_of, connection, connections)
        store = files if isinstance(files, FileStore) else FileStore(files)
        return Session(
            self,
            store,
            budget if isinstance(budget, Budget) else Budget(budget),
            token=token,
            base_url=base_url,
            sandbox=sandbox,
            look_up=look_up,
            store_of_keys=partial(self._connections, connections),
            connection=connection,
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
        self,
        action: str,
        parameters: Json,
        token: str | None = None,
        **options: Unpack[ConnectOptions],
    ) -> Result:
        """Perform one action from code that is not async; `options` are those of `connect`.

        Parameters that name a server of their own need no token and no connection.
        """
        form = self.definition.form(action)
        has_server = token is not None or options.keys() & {"connection", "base_url", "sandbox"}
        # The key of the user's own server is not needed there.
        if not has_server and named_server(form.action, parameters) is not None:
            options["base_url"] = self.definition.component.base_url

        options.setdefault("concurrent", form.action.for_each is not None)

        async def once() -> Result:
            async with self.connect(token, **options) as session:
                return await session.perform(action, parameters)

        return run_async(once())

    def form(self, action: str, parameters: Json) -> View:
        """Return the form for these parameters, without knowing the chosen model."""
        return view(self.definition.form(action), parameters)

    def check(
        self, action: str, parameters: Json, files: FileStore | str | Path | None = None
    ) -> Check:
        """Check parameters without a connection; `Session.check` also reads the catalogue.

        InputError for an unknown action; problems of the parameters are in the result.
        """
        from .runtime.preflight.check import check

        store = files if isinstance(files, FileStore) else FileStore(files)
        form, component = self.definition.form(action), self.definition.component
        profile = profile_for(component, component.base_url, None)

        async def once() -> Check:
            return await check(form, plain_parameters(parameters), store, profile)

        return run_async(once())

    def _server_of(self, name: str | None, connections: ConnectionStore | None) -> SessionServer:
        # Imported here: a session with a key of its own needs no keyring and no cryptography.
        from .connections.session_server import default_server, stored_server

        store, component = self._connections(connections), self.definition.component
        if name is None:
            return default_server(store, component)
        return stored_server(name, store, component)

    def _connections(self, connections: ConnectionStore | None) -> ConnectionStore:
        from .connections.store import ConnectionStore

        return (connections or ConnectionStore()).of(self.definition.component)


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
        sandbox: bool | Literal["rehearsal"],
        look_up: Callable[[], SessionServer] | None,
        store_of_keys: Callable[[], ConnectionStore],
        connection: str | None,
        allow_private: bool,
        send: Send | None,
        options: dict[str, Any],
    ) -> None:
        token = clean_token(token)
        if token is None and base_url is None and not sandbox and look_up is None:
            raise CredentialError("the token is empty; pass one, or use the sandbox (sandbox=True)")
        self.connector = connector
        self.connection = connection
        """The name of the stored connection, if it is one; a default one is known on entering."""
        self.definition = connector.definition
        self._lists = connector.lists
        self.files = files
        self.budget = budget
        self._token = token
        self._base_url = base_url
        self._sandbox = sandbox
        self._look_up = look_up
        self._store_of_keys = store_of_keys
        self._allow_private = allow_private
        self._send = send
        self._options = options
        self._stack = AsyncExitStack()
        self._services: Services | None = None

    async def __aenter__(self) -> Self:
        component = self.definition.component
        async with AsyncExitStack() as stack:
            await self._find_server(stack)
            place = self._base_url or component.base_url
            profile_at = partial(profile_for, component)
            profile = profile_at(place, self._token)
            transport = Transport(place, self._token, profile=profile, **self._options)
            stack.push_async_callback(transport.aclose)
            # The sandbox is another one each time, and on disk its lists would only pile up.
            disk = not self._sandbox
            catalogue_of = partial(Catalogue, self.definition.sources, lists=self._lists, disk=disk)
            catalogue = catalogue_of(transport)
            stack.push_async_callback(catalogue.aclose)
            servers = Endpoints(catalogue_of, profile_at, self._options_elsewhere)
            stack.push_async_callback(servers.aclose)
            self._services = Services(
                component, transport, catalogue, self.files, self.budget, servers,
                self._keys, self._send,
            )  # fmt: skip
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._services = None
        await self._stack.aclose()

    async def perform(
        self,
        action: str,
        parameters: Json,
        *,
        report: Report = ignore,
        stream: bool = False,
        budget: Budget | None = None,
    ) -> Result:
        """Perform an action, and return its result.

        A `Path` or `FileEntry` anywhere in `parameters` is a file; a `Path` is read in place.
        `report` is awaited with each event on the way, as `events` yields them. `budget` holds for
        this call, in place of the session's.
        """
        form, services = self.definition.form(action), self._in_use
        if budget is not None:
            services = replace(services, budget=budget)
        return await perform(form, plain_parameters(parameters), services, report, stream=stream)

    @property
    def actions(self) -> Actions:
        """The actions as functions: `await session.actions.ask(model="…", userPrompt="…")`."""
        return Actions(self.perform, self.definition.component.actions)

    def stream(self, action: str, parameters: Json) -> AsyncGenerator[Event]:
        """Yield the events of an action, with the deltas of its answer if the action can stream."""
        return self.events(action, parameters, stream=True)

    def events(
        self, action: str, parameters: Json, *, stream: bool = False
    ) -> AsyncGenerator[Event]:
        """Perform an action, and yield its events as they happen; the last holds the result.

        Without `stream` the answer comes whole, and the events are those of lists and long jobs.
        A slow reader slows the action down; closing the generator cancels it.
        """
        form = self.definition.form(action)
        return events(form, plain_parameters(parameters), self._in_use, stream=stream)

    async def form(self, action: str, parameters: Json) -> View:
        """Return the form for these parameters, as the chosen model limits it.

        Invalid parameters raise nothing. For an unknown model only the conditions of the definition
        count.
        """
        form = self.definition.form(action)
        values = parameters if isinstance(parameters, dict) else {}
        known = await self._in_use.catalogue.model_info(form.action, values)
        exchanged = await offload(plain_parameters, parameters)
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
        """Return the options of a property, named by its dotted path, for the given parameters.

        `filters` are those that the source of the list declares, such as `{"free": True}`. Lists
        come from the cache while they are fresh, or with `refresh` from the server. InputError for
        a property without options and for unknown filters. A list that could not be loaded is no
        error: the choices say why.
        """
        from .runtime.catalogue.options import options

        form = self.definition.form(action)
        values = plain_parameters(parameters) if isinstance(parameters, dict) else {}
        async with self._in_use.at_server_of(form.action, values) as services:
            return await options(
                form,
                name,
                values,
                services.catalogue,
                search=search,
                filters=filters,
                refresh=refresh,
            )

    async def check(self, action: str, parameters: Json) -> Check:
        """Check parameters before paying: problems, warnings, an estimate of the cost.

        InputError for an unknown action; problems of the parameters are in the result.
        """
        from .runtime.preflight.check import check

        form = self.definition.form(action)
        services = self._in_use
        profile = services.transport.profile
        return await check(form, plain_parameters(parameters), self.files, profile, services)

    def relay(self, call: Call) -> AbstractAsyncContextManager[Relayed]:
        """Send a call of the API that belongs to no action, for an `async with` block.

        Its cost counts against the budget. Its response is closed at the end of the block.
        """
        from .runtime.relay import relay

        return relay(call, self._in_use)

    @property
    def runs(self) -> Runs:
        """The durable runs of flows that this process and its database know.

        MissingExtraError without the extra `flows`.
        """
        # Found by name, as a hook is: what runs flows is built on top of sessions.
        name = f"{__package__}.flows.runs"
        with extra("flows", {"dbos", "sqlalchemy"}, "running flows"):
            runs: Runs = import_module(name).runs_of(self)
        return runs

    async def run(
        self, flow: Flow, inputs: JsonObject | None = None, **options: Unpack[StartOptions]
    ) -> FlowResult:
        """Run a flow durably, and return its outputs; `options` are those of `Runs.start`.

        The run's id is in the result and in every error, and `runs.resume` goes on from there.
        """
        run = await self.runs.start(flow, inputs or {}, **options)
        return await run.result()

    def like(self, *, send: Send | None) -> Session:
        """Return a session with the same server, key, files and budget; it is entered by itself."""
        return Session(
            self.connector,
            self.files,
            self.budget,
            token=self._token,
            base_url=self._base_url,
            sandbox=self._sandbox if self._services is None else False,
            look_up=self._look_up if self._services is None else None,
            store_of_keys=self._store_of_keys,
            connection=self.connection,
            allow_private=self._allow_private,
            send=send,
            options=dict(self._options),
        )

    @property
    def redactor(self) -> Redactor:
        """Redacts the key of this session."""
        return self._in_use.transport.redactor

    @property
    def profile(self) -> ApiProfile:
        """What is true of the API of this session's server."""
        return self._in_use.transport.profile

    @property
    def server(self) -> str:
        """The base URL of the server, `sandbox`, or `rehearsal`."""
        if self._sandbox:
            return "rehearsal" if self._sandbox == "rehearsal" else "sandbox"
        return self._base_url or self.definition.component.base_url

    async def test(self) -> KeyReport:
        """Ask the server about the key: its label, limits, expiry and kind."""
        from .connections.key_check import check_key

        names = ("headers", "allow_http", "public")
        known: dict[str, Any] = {name: self._options[name] for name in names}
        component = self._in_use.component
        return await check_key(component, self._token, base_url=self._base_url, **known)

    async def _find_server(self, stack: AsyncExitStack) -> None:
        """Find the server and the token; a disk, a keyring or a sandbox may take a while."""
        if self._look_up:
            server = await asyncio.to_thread(self._look_up)
            self._token, self._base_url = clean_token(server.token), server.base_url
            self.connection = self.connection or server.name
            headers = {**server.headers, **(self._options["headers"] or {})}
            allow_http = server.allow_http or (server.name is None and self._options["allow_http"])
            known = {"allow_http": allow_http, "public": server.public}
            self._options |= {"headers": headers, **known}
        if self._sandbox:
            from .sandbox import REHEARSAL_TOKEN, Sandbox

            sandbox = await stack.enter_async_context(Sandbox())
            token = REHEARSAL_TOKEN if self._sandbox == "rehearsal" else sandbox.token
            self._base_url, self._token = sandbox.base_url, clean_token(token)

    def _keys(self) -> KeyKeeper:
        """Return where the keys that actions create are stored: as connections to this server."""
        from .connections.created_keys import CreatedKeys, NoKeys

        if self._sandbox:
            return NoKeys()
        own = self._base_url in (None, self.definition.component.base_url)
        properties: JsonObject = {} if own else {"baseUrl": self._base_url}
        properties |= {"allowHttp": True} if self._options["allow_http"] else {}
        private = not self._options["public"]
        return CreatedKeys(self._store_of_keys, properties, private=private)

    @property
    def _options_elsewhere(self) -> dict[str, Any]:
        """The options for servers that parameters name: without the headers of the connection."""
        options = {name: self._options[name] for name in ("attempts", "timeouts")}
        return {**options, "public": not self._allow_private}

    @property
    def _in_use(self) -> Services:
        if self._services is None:
            raise RuntimeError("a session is used inside `async with`")
        return self._services
