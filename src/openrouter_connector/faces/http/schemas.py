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
    """The server is running."""

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


class NewConnection(KeyTest):
    """A connection to store."""

    name: ConnectionName
    default: bool = False
    """Whether to make it the default connection."""
    replace: bool = False
    """Whether to replace a connection of the same name."""


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
    read_only: bool
    """Whether it was given when the server started, and is not stored."""
    problem: str | None = None
    """Why it cannot be used."""
    created: str | None = None


class KeyReport(Schema):
    """The result of testing an API key, with what the API reports about it."""

    model_config = ConfigDict(extra="allow")

    state: str
    ok: bool
    message: str


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


class NewFlow(RequestBody):
    """A flow: `{label, description, inputs, outputs, triggers, tasks}` as it is exchanged."""

    flow: dict[str, Any]


class FlowDocument(NewFlow):
    """A changed flow, and the version that was changed."""

    version: Annotated[int, Field(ge=1, le=999_999_999)] | None = None


class FlowCheckRequest(NewFlow):
    """A flow to check."""

    estimate: bool = False
    """Whether to check each step against its model too, and to estimate the cost of the flow."""
    connection: ConnectionName | None = None
    """The connection whose lists of models are used; the default connection when it is missing."""


class FlowListItem(Schema):
    """A stored flow without its content."""

    id: str
    label: str
    version: int
    """The current version."""
    created: str
    saved: str
    problem: str | None
    """Why its current version cannot be read."""


class StoredFlowResponse(Schema):
    """One version of a stored flow."""

    id: str
    label: str
    version: int
    created: str
    saved: str
    flow: dict[str, Any]


class FlowVersionItem(Schema):
    """One version of a flow, without its content."""

    version: int
    saved: str
    size: int
    """Bytes of its file."""


class UnsupportedStep(Schema):
    """A step that will not run here: its place in the flow, and its type."""

    path: str
    type: str


class FlowCheckResponse(Schema):
    """What is known of a flow before it runs."""

    model_config = ConfigDict(extra="allow")

    can_run: bool
    problems: list[ProblemItem]
    """What must be mended."""
    warnings: list[ProblemItem]
    unsupported: list[UnsupportedStep]
    needs: dict[str, list[str]]
    """Each step with the steps that it reads."""
    outputs: dict[str, dict[str, Any]]
    """The JSON Schema of each step's output; `{}` where nothing is known."""
    estimate: dict[str, Any] | None
    """`{low, high, currency, steps}`, if it was requested; `high` is null if it has no bound."""


class PreviewRequest(RequestBody):
    """A text of a parameter, and values for what its expressions read."""

    text: Annotated[str, Field(max_length=20_000)]
    scope: dict[str, Any] = {}
    """Values by name: inputs, and outputs of steps such as `ask_1`."""
    condition: bool = False
    """Whether the whole text is one expression, as the conditions of steps are."""


class PreviewResponse(Schema):
    """The value of a text, or why it has none."""

    value: Any
    error: str | None
    """Why it cannot be computed; `value` is then null."""
    reads: list[str]
    """The paths that it reads, such as `ask_1.items[0]`."""
    problems: list[str]
    """Why parts that look like expressions stay text."""


class ExportRequest(RequestBody):
    """An action or a flow to export."""

    action: str | None = None
    flow: dict[str, Any] | None = None
    """A flow, in place of an action."""
    format: Annotated[str, Field(max_length=40)] | None = None
    """`bytechef`, `bytechef_yaml`, `curl`, `python` or `mcp_call`."""
    step: Annotated[str, Field(max_length=200)] | None = None
    """The name of the only step of a flow to export; formats of one call need it."""
    parameters: dict[str, Any] = {}
    label: str | None = None
    name: str | None = None
    extra: dict[str, Any] = {}
    """Keys of other programs, as an import returned them."""


class ExportedAction(Schema):
    """An exported action."""

    model_config = ConfigDict(extra="allow")

    type: str
    parameters: dict[str, Any] = {}
    label: str | None = None
    name: str | None = None


class ImportedAction(Schema):
    """An imported action."""

    action: str
    parameters: dict[str, Any]
    label: str | None
    name: str | None
    extra: dict[str, Any]
    """Keys of other programs, kept for the next export."""


class ImportFix(Schema):
    """One entry of the report of an import."""

    kind: Literal["choose", "dropped", "converted", "renamed", "kept"]
    source: str
    """The place in the source, such as `nodes[2].parameters.text`."""
    place: str
    """The place in the flow, such as `tasks[0].parameters.userPrompt`."""
    message: str


class ImportReport(Schema):
    """What an import did."""

    model_config = ConfigDict(extra="allow")

    format: str
    summary: str
    lossless: bool
    """Whether nothing was dropped and nothing is left to choose."""
    counts: dict[str, int]
    fixes: list[ImportFix]


class ImportedFlow(Schema):
    """An imported flow, and the report of how it was read."""

    flow: dict[str, Any]
    report: ImportReport


class ExportedFlow(Schema):
    """The text of an export. It holds no secret."""

    text: str
    media_type: str
    scan: str
    """The result of the scan for secrets."""
    removed: list[ProblemItem]
    """The places of secrets that were removed."""
    notes: list[ProblemItem]
    """What the text cannot say: placeholders to fill in, steps left out."""
