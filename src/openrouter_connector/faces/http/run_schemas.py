"""Define the bodies of requests and responses about runs of flows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from ...values import JsonObject
from .schemas import ConnectionName, RequestBody, Schema

Usd = Annotated[float, Field(ge=0, le=1_000_000)]
StepName = Annotated[str, Field(min_length=1, max_length=200)]
Status = Literal["queued", "running", "succeeded", "failed", "in doubt", "cancelled", "interrupted"]


_STARTED: JsonObject = {
    "id": "h4kq7w2mxz9b",
    "label": "Voice note to letter",
    "status": "running",
    "created": 1785920400.0,
    "connection": "work",
    "server": "https://openrouter.ai/api/v1",
}
_ENDED: JsonObject = {
    **_STARTED,
    "status": "succeeded",
    "ended": 1785920412.5,
    "cost": 0.0031,
    "flowId": "k7m2x9qpwd",
}
_DETAILS: JsonObject = {
    **_ENDED,
    "inputs": {"text": "Hello"},
    "options": {"budget": 0.5, "onDoubt": "stop", "stream": True, "pinned": {}},
    "flow": {"id": "k7m2x9qpwd", "version": 3},
    "document": {"label": "Voice note to letter", "tasks": []},
    "outputs": {"letter": "Dear Ann, …"},
    "doubts": [],
    "steps": [
        {
            "place": "ask_1",
            "step": "ask_1",
            "state": "done",
            "started": 1785920400.1,
            "ended": 1785920412.4,
            "output": "Dear Ann, …",
        }
    ],
}


class NewRun(RequestBody):
    """A run to start: of a flow, or of a stored one."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "flowId": "k7m2x9qpwd",
                    "inputs": {"text": "Hello"},
                    "budget": 0.5,
                    "stream": True,
                }
            ]
        }
    )

    flow: dict[str, Any] | None = None
    """The flow as it is exchanged."""
    flow_id: Annotated[str, Field(max_length=100)] | None = None
    """The id of a stored flow to run. Beside `flow`, the stored flow to which the run belongs."""
    version: Annotated[int, Field(ge=1, le=999_999_999)] | None = None
    """The version of the stored flow; the current one when it is missing."""
    inputs: dict[str, Any] = Field({})
    """The inputs of the flow by name."""
    connection: ConnectionName | None = None
    """The name of a connection; the default connection when it is missing."""
    budget: Usd | None = None
    """USD that the run may cost. It stops there, and everything is kept."""
    day_budget: Usd | None = None
    """USD that all runs of a day may cost."""
    on_doubt: Literal["stop", "retry"] = "stop"
    """What happens to a request that may have been served before a crash."""
    stream: bool = False
    """Whether answers are streamed, so that `delta` events show their text as it comes."""
    pinned: dict[str, Any] = Field({})
    """Outputs of steps by name. These steps are not performed."""
    only: StepName | None = None
    """The name of the only step to perform."""
    queued: bool = False
    """Whether any worker may take the run, instead of this server."""
    rehearse: dict[StepName, str] | None = None
    """Run the flow in the sandbox, with its real models and at no cost; `{}` without any fault,
    or a fault by the name of a step, such as `{"ask_1": "rate-limited"}`."""


class FaultItem(Schema):
    """A fault that a step can be given in a rehearsal."""

    name: str
    description: str
    actions: list[str]
    """The names of the actions whose steps can meet it."""


class ResumeRun(RequestBody):
    """How a run goes on."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"retryDoubtful": True}]})

    retry_doubtful: bool = False
    """Whether requests in doubt are sent again. Those that were served are then paid twice."""


class RerunFrom(RequestBody):
    """From where a run is repeated."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"from": "ask_2"}]})

    start: StepName = Field(alias="from")
    """The name of a step at the top. Results of those before it are kept."""
    queued: bool = False
    """Whether any worker may take the run, instead of this server."""


class StartedRun(Schema):
    """A run as it is now."""

    model_config = ConfigDict(json_schema_extra={"examples": [_STARTED]})

    id: str
    label: str
    status: Status
    created: float
    """Seconds since 1970."""
    connection: str | None
    """The stored connection; null for one that the server was started with."""
    server: str
    """The base URL that is called; `sandbox`, or `rehearsal`."""


class RunItem(StartedRun):
    """A run in the list."""

    model_config = ConfigDict(json_schema_extra={"examples": [_ENDED]})

    ended: float | None
    cost: float
    """USD so far."""
    flow_id: str | None
    """The stored flow to which the run belongs."""


class StepTry(Schema):
    """A try of a step that was performed again; `running` means that its process died."""

    model_config = ConfigDict(extra="allow")

    state: Literal["running", "done", "failed"]
    started: float
    ended: float


class RunStep(Schema):
    """How a step of a run went; `place` says in which item, such as `each_1[2].ask_1`."""

    model_config = ConfigDict(extra="allow")

    place: str
    step: str
    state: Literal["running", "done", "failed"]
    started: float
    earlier: tuple[StepTry, ...] = ()
    """The tries before the last one, if the step was performed again."""


class RunDetails(RunItem):
    """All that is known of a run. Values above 64 KB are files: `{"$file": url}`."""

    model_config = ConfigDict(extra="allow", json_schema_extra={"examples": [_DETAILS]})

    inputs: dict[str, Any]
    options: dict[str, Any]
    flow: dict[str, Any]
    """`{id, version}` of the stored flow; null for what is not known."""
    document: dict[str, Any]
    """The flow as it was started."""
    outputs: dict[str, Any] | None = None
    """The outputs of a run that succeeded."""
    error: dict[str, Any] | None = None
    """Why it failed, at the step in `place`."""
    doubts: list[dict[str, Any]]
    """Requests that may have been served and paid, each with its `likelyCost`."""
    steps: list[RunStep]


class RunCost(Schema):
    """What runs cost together: the keys of `by`, and the sum."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [{"day": "2026-08-05", "model": "a/b", "cost": 0.12, "steps": 40}]
        },
    )

    cost: float
    """USD."""
    steps: int
