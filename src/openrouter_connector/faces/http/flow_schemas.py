"""Define the bodies of requests and responses about flows, expressions and exchange."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from .schemas import ConnectionName, ProblemItem, RequestBody, Schema


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
    scope: dict[str, Any] = Field({})
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
    parameters: dict[str, Any] = Field({})
    label: str | None = None
    name: str | None = None
    extra: dict[str, Any] = Field({})
    """Keys of other programs, as an import returned them."""


class ExportedAction(Schema):
    """An exported action."""

    model_config = ConfigDict(extra="allow")

    type: str
    parameters: dict[str, Any] = Field({})
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

    kind: Literal["choose", "dropped", "secret", "converted", "renamed", "kept"]
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
    """Whether nothing was left out and nothing is left to choose."""
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
