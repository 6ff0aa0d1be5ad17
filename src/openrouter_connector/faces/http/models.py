"""The shapes of requests and answers. Requests are validated; answers are documented only."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

ConnectionName = Annotated[str, Field(min_length=1, max_length=64)]


class Shape(BaseModel):
    """Keys in camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class Asked(Shape):
    """A request body; a key that is not known is refused."""

    model_config = ConfigDict(extra="forbid")


class AskedForm(Asked):
    """What is in a form, and the connection that it is for (by default the default one)."""

    parameters: dict[str, Any] = {}
    connection: ConnectionName | None = None


class AskedOptions(AskedForm):
    """What is in a form, and how its dropdown is narrowed."""

    search: Annotated[str, Field(max_length=200)] = ""
    filters: dict[str, Any] = {}
    """Those that the source of the list declares, such as `{"free": true}`."""
    refresh: bool = False


class ProblemItem(Shape):
    """One thing that is wrong: where, and what to do."""

    path: str
    message: str


class ProblemDocument(Shape):
    """RFC 9457, and what else is known; `instance` is the request id."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    path: str = ""
    problems: list[ProblemItem] = []
    retryable: bool = False
    retry_after: float = 0
    partial: str = ""
    """The text that did come."""
    upstream_status: int = 0
    """The status by which the API refused."""
    code: str | int = ""
    provider: str = ""
    generation_id: str = ""
    attempts: int = 0


class FileShape(Shape):
    """A FILE_ENTRY; `url` is one of this server's own files, a data: or a public http(s) URL."""

    extension: str
    mime_type: str
    name: str
    url: str


class FormShape(Shape):
    """A form as it should be drawn for the parameters and the chosen model. Paths are dotted."""

    visible: list[str]
    values: dict[str, Any]
    errors: list[ProblemItem]
    warnings: list[str]
    disabled: dict[str, str]
    options: dict[str, list[Any]]
    bounds: dict[str, dict[str, Any]]


class OptionShape(Shape):
    """An option of a dropdown; `details` are those of the source of the list."""

    label: str
    value: str | int | float | bool
    description: str | None = None
    details: dict[str, Any] = {}


class ChoicesShape(Shape):
    """What a dropdown shows; `message` says why it is short, empty or old; `age` in seconds."""

    options: list[OptionShape]
    disabled: bool
    placeholder: str | None
    message: str | None
    age: float | None


class EstimateShape(Shape):
    """What a call will cost, in `currency`; `basis` says what was counted."""

    model_config = ConfigDict(extra="allow")

    low: float | None
    high: float | None
    currency: str
    basis: Any


class CheckShape(Shape):
    """What can be told before paying. `call` is what would be sent, its files by name and size."""

    ok: bool
    problems: list[ProblemItem]
    warnings: list[str]
    estimate: EstimateShape | None
    call: dict[str, Any] | None


class PerformedShape(Shape):
    """What an action gives, and what else is known of the call: cost, usage, generation id …"""

    output: Any
    metadata: dict[str, Any]


class ComponentShape(Shape):
    """The definition, in the words that a canvas needs."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: int
    title: str
    description: str
    icon: str
    connection: dict[str, Any]
    actions: list[dict[str, Any]]


class HealthShape(Shape):
    """The server is there."""

    status: Literal["ok"]
    version: str


class ConnectionProperties(Asked):
    """What a connection says besides its token."""

    base_url: Annotated[str, Field(max_length=2000)] | None = None
    allow_http: bool | None = None
    """The token may go unencrypted to a base URL in a private network."""
    referer: Annotated[str, Field(max_length=2000)] | None = None
    title: Annotated[str, Field(max_length=200)] | None = None
    categories: Annotated[list[str], Field(max_length=10)] | None = None


class TestedKey(ConnectionProperties):
    """A key that is not stored: typed, or come by a consent (its `state`)."""

    token: Annotated[SecretStr, Field(max_length=1000)] | None = None
    pkce: Annotated[str, Field(max_length=200)] | None = None


class NewConnection(TestedKey):
    """A connection to store."""

    name: ConnectionName
    default: bool = False
    replace: bool = False
    """Also when the name is taken."""


class ChangedConnection(TestedKey):
    """What of a stored connection changes; what is not given stays, null takes it away."""

    name: ConnectionName | None = None
    default: Literal[True] | None = None


class ConnectionShape(Shape):
    """A connection; never its token. `problem` says why it cannot be used."""

    name: str
    component: str | None = None
    """Whose it is; null when its file cannot be read."""
    base_url: str | None = None
    allow_http: bool | None = None
    referer: str | None = None
    title: str | None = None
    categories: list[str] | None = None
    default: bool
    read_only: bool
    """Given when the server was started, and not stored."""
    problem: str | None = None
    created: str | None = None


class ReportShape(Shape):
    """What the test of a key found: a state, a sentence, and what the server told."""

    model_config = ConfigDict(extra="allow")

    state: str
    ok: bool
    message: str


class NewConsent(Asked):
    """A consent to begin; `headless`: its page shows a code, which the person types."""

    base_url: Annotated[str, Field(max_length=2000)] | None = None
    headless: bool = False
    limit: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """What the key may spend, in USD."""
    label: Annotated[str, Field(max_length=100)] | None = None


class TypedCode(Asked):
    """The code that the page of consent showed."""

    code: Annotated[str, Field(min_length=1, max_length=1000)]


class BegunConsent(Shape):
    """Where to send the person. The key stays on the server; `state` stands for it."""

    state: str
    authorize_url: str
    headless: bool
    expires_in: float


class ConsentShape(Shape):
    """Whether the person has come back: waiting, done (a key is there) or failed."""

    state: str
    status: Literal["waiting", "done", "failed"]
    message: str | None


class AskedExport(Asked):
    """An action to write down as people exchange it."""

    action: str
    parameters: dict[str, Any] = {}
    label: str | None = None
    name: str | None = None
    extra: dict[str, Any] = {}
    """Keys of others that came with an import."""


class ExchangedAction(Shape):
    """An action as people exchange it."""

    model_config = ConfigDict(extra="allow")

    type: str
    parameters: dict[str, Any] = {}
    label: str | None = None
    name: str | None = None


class ImportedAction(Shape):
    """An action that was read; `extra` are keys that mean nothing here."""

    action: str
    parameters: dict[str, Any]
    label: str | None
    name: str | None
    extra: dict[str, Any]
