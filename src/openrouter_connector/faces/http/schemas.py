"""Define the bodies of requests and responses.

Requests are validated with them. Responses are only documented: we make them ourselves.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic.alias_generators import to_camel

ConnectionName = Annotated[str, Field(min_length=1, max_length=64)]


class Schema(BaseModel):
    """A JSON object with keys in camelCase."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, use_attribute_docstrings=True
    )


class RequestBody(Schema):
    """A request body. Unknown keys are refused."""

    model_config = ConfigDict(extra="forbid")


class FormRequest(RequestBody):
    """The parameters of an action, and the connection to use."""

    parameters: dict[str, Any] = {}
    connection: ConnectionName | None = None
    """The name of a connection; the default connection when it is missing."""


class OptionsRequest(FormRequest):
    """The parameters of an action, and what narrows the list of options."""

    search: Annotated[str, Field(max_length=200)] = ""
    filters: dict[str, Any] = {}
    """Filters that the list declares, such as `{"free": true}`."""
    refresh: bool = False
    """Whether to load the list from the API instead of the cache."""


class ProblemItem(Schema):
    """One problem: the path of the parameter, and what to do."""

    path: str
    message: str


class ProblemDocument(Schema):
    """A problem document (RFC 9457) with further members. `instance` is the request id."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    path: str = ""
    problems: list[ProblemItem] = []
    retryable: bool = False
    """Whether the same call may succeed later."""
    retry_after: float = 0
    """Seconds to wait before a retry."""
    partial: str = ""
    """The text that was received before the error."""
    upstream_status: int = 0
    """The status of the API's response."""
    code: str | int = ""
    provider: str = ""
    generation_id: str = ""
    attempts: int = 0


class StoredFile(Schema):
    """A FILE_ENTRY. `url` is a file of this server, a `data:` URL or a public http(s) URL."""

    extension: str
    mime_type: str
    name: str
    url: str


class FormResponse(Schema):
    """The form to show for the parameters and the selected model. Paths are dotted."""

    visible: list[str]
    """Paths of the fields to show."""
    values: dict[str, Any]
    """The parameters that would be used, with their defaults."""
    errors: list[ProblemItem]
    warnings: list[str]
    disabled: dict[str, str]
    """Fields that the selected model does not support, each with the reason."""
    options: dict[str, list[Any]]
    """Fields whose options the selected model limits."""
    bounds: dict[str, dict[str, Any]]
    """Fields whose minimum or maximum the selected model limits."""


class DropdownOption(Schema):
    """An option of a dropdown. `details` depend on the list."""

    label: str
    value: str | int | float | bool
    description: str | None = None
    details: dict[str, Any] = {}


class OptionsResponse(Schema):
    """The options to show in a dropdown."""

    options: list[DropdownOption]
    disabled: bool
    """Whether there is nothing to select from."""
    placeholder: str | None
    message: str | None
    """Why the list is short, empty or old."""
    age: float | None
    """Seconds since the list was loaded from the API."""


class CostEstimate(Schema):
    """The estimated cost of a call in `currency`. `basis` lists what was counted."""

    model_config = ConfigDict(extra="allow")

    low: float | None
    high: float | None
    """Null when no upper bound is known."""
    currency: str
    basis: Any


class CheckResponse(Schema):
    """The result of a check. Nothing was sent."""

    ok: bool
    problems: list[ProblemItem]
    """What would make the call fail."""
    warnings: list[str]
    estimate: CostEstimate | None
    call: dict[str, Any] | None
    """The request that would be sent, with the name and size of each file."""


class PerformResponse(Schema):
    """The output of an action, and metadata of the call: cost, usage, generation id and others."""

    output: Any
    metadata: dict[str, Any]


class ComponentDefinition(Schema):
    """The definition of the component, as a canvas needs it."""

    model_config = ConfigDict(extra="allow")

    name: str
    version: int
    title: str
    description: str
    icon: str
    connection: dict[str, Any]
    actions: list[dict[str, Any]]


class Health(Schema):
    """The response of a server that is running."""

    status: Literal["ok"]
    version: str


class ConnectionProperties(RequestBody):
    """The properties of a connection beside its token."""

    base_url: Annotated[str, Field(max_length=2000)] | None = None
    allow_http: bool | None = None
    """Whether the token may be sent unencrypted to a base URL in a private network."""
    referer: Annotated[str, Field(max_length=2000)] | None = None
    title: Annotated[str, Field(max_length=200)] | None = None
    categories: Annotated[list[str], Field(max_length=10)] | None = None


class KeyTest(ConnectionProperties):
    """An API key that is not stored: sent as `token`, or obtained by a consent."""

    token: Annotated[SecretStr, Field(max_length=1000)] | None = None
    pkce: Annotated[str, Field(max_length=200)] | None = None
    """The `state` of a finished consent, in place of a token."""


class NewApiKey(RequestBody):
    """A key to create for a connection alone."""

    name: Annotated[str, Field(min_length=1, max_length=100)] = "openrouter-connector"
    """The name of the key in the account."""
    limit: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """Its spending limit in USD."""


class NewConnection(KeyTest):
    """A connection to store."""

    name: ConnectionName
    default: bool = False
    """Whether to make it the default connection."""
    replace: bool = False
    """Whether to replace a connection of the same name."""
    new_key: NewApiKey | None = None
    """Creates a key with `token`, which is a management key, and stores that one instead."""


class ConnectionChange(KeyTest):
    """A change of a stored connection. Missing keys stay unchanged; null removes a property."""

    name: ConnectionName | None = None
    default: Literal[True] | None = None


class Connection(Schema):
    """A connection without its token."""

    name: str
    component: str | None = None
    """The component that it belongs to; null when its file cannot be read."""
    base_url: str | None = None
    allow_http: bool | None = None
    referer: str | None = None
    title: str | None = None
    categories: list[str] | None = None
    default: bool
    """Whether requests that name no connection use it."""
    stored_default: bool | None = None
    """Whether it is the default of the stored ones. One that was given when the server started is
    used before it."""
    read_only: bool
    """Whether it was given when the server started, and is not stored."""
    problem: str | None = None
    """Why it cannot be used."""
    created: str | None = None


class KeyReport(Schema):
    """The result of testing an API key, with what the API reports about it."""

    state: str
    """ok, or what is wrong: unverified, rejected, noCredits, forbidden, management, expired,
    offline, wrongHost or malformed."""
    ok: bool
    message: str
    label: str | None
    kind: Literal["standard", "management"] | None
    limit: float | None
    """In USD, as all amounts; null without a limit."""
    limit_remaining: float | None
    limit_reset: str | None
    usage: float | None
    free_tier: bool | None
    expires_at: str | None
    """In ISO 8601, UTC."""
    credits: float | None
    """What the account has left; null if the key may not read it."""


class NewConsent(RequestBody):
    """A consent to start (OAuth with PKCE)."""

    base_url: Annotated[str, Field(max_length=2000)] | None = None
    headless: bool = False
    """Whether the consent page shows a code to the user, instead of redirecting to this server."""
    limit: Annotated[float, Field(gt=0, le=1_000_000)] | None = None
    """The spending limit of the new API key in USD."""
    label: Annotated[str, Field(max_length=100)] | None = None


class ConsentCode(RequestBody):
    """The code that the consent page showed to the user."""

    code: Annotated[str, Field(min_length=1, max_length=1000)]


class StartedConsent(Schema):
    """A started consent. The API key stays on the server; `state` refers to it."""

    state: str
    authorize_url: str
    """The page to open in the user's browser."""
    headless: bool
    expires_in: float
    """Seconds until the consent expires."""


class ConsentStatus(Schema):
    """The status of a consent: `waiting`, `done` (the server has the API key) or `failed`."""

    state: str
    status: Literal["waiting", "done", "failed"]
    message: str | None
