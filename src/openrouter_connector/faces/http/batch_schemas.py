"""Define the bodies of requests and responses about batches and comparisons."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field

from ...values import JsonObject
from .run_schemas import Status, Usd
from .schemas import ConnectionName, RequestBody, Schema

Model = Annotated[str, Field(min_length=1, max_length=200)]
Models = Annotated[list[Model], Field(max_length=20)]
_EXAMPLE: JsonObject = {
    "action": "ask",
    "parameters": {"model": "google/gemini-2.5-flash", "userPrompt": "In French: ${row.text}"},
    "rows": [{"text": "Good morning"}, {"text": "Good night"}],
}


class NewBatch(RequestBody):
    """An action to perform for many rows."""

    model_config = ConfigDict(json_schema_extra={"examples": [_EXAMPLE]})

    action: Annotated[str, Field(max_length=100)]
    """The name of the action."""
    parameters: dict[str, Any] = Field({})
    """The parameters of each row: `${row.text}` is its column `text`, `${row.index}` its number."""
    rows: list[Any] | None = None
    """The rows, mostly objects. In their place `file` names a table."""
    file: dict[str, Any] | None = None
    """A FILE_ENTRY with a table: CSV, TSV, JSON Lines, JSON, Parquet, or lines of text."""
    format: Annotated[str, Field(max_length=20)] | None = None
    """How the file is written, whatever its name says: `csv`, `jsonl` and so on."""
    models: Models = Field([])
    """Models to compare: each row is sent to all of them."""
    connection: ConnectionName | None = None
    """The name of a connection; the default connection when it is missing."""
    budget: Usd | None = None
    """USD that all rows may cost. The batch stops there, and everything is kept."""
    concurrency: Annotated[int, Field(ge=1, le=1000)] = 64
    """Rows at the same time, as far as the server's own limits allow."""
    retries: Annotated[int, Field(ge=0, le=20)] = 3
    """How often a row is sent again that surely was not served."""
    via: Literal["api"] | None = None
    """`api` sends all rows in one batch of the API, which answers later at about half the price."""
    queued: bool = False
    """Whether any worker may take the batch, instead of this server."""


class Batch(Schema):
    """How far a batch is."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "id": "h4kq7w2mxz9b",
                    "label": "ask for 2 rows",
                    "status": "succeeded",
                    "rows": 2,
                    "done": 2,
                    "failed": 0,
                    "doubtful": [],
                    "cost": 0.0002,
                }
            ]
        }
    )

    id: str
    label: str
    status: Status
    rows: int
    """How many there are; where models are compared, this and what follows counts answers."""
    done: int
    failed: int
    doubtful: list[int]
    """The numbers of rows that may have been served and charged, also by one of several models."""
    cost: float
    """USD so far."""


class NewComparison(RequestBody):
    """An action to perform once with each of several models."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "action": "ask",
                    "parameters": {"userPrompt": "Why is the sky blue?"},
                    "models": ["google/gemini-2.5-flash", "openai/gpt-4o-mini"],
                }
            ]
        }
    )

    action: Annotated[str, Field(max_length=100)]
    parameters: dict[str, Any] = Field({})
    """The parameters without the model."""
    models: Models
    connection: ConnectionName | None = None


class Comparison(Schema):
    """The answers of several models."""

    action: str
    models: list[dict[str, Any]]
    """The figures of each model: `{model, answers, failed, invalid, cost, seconds, tokens}`."""
    answers: list[dict[str, Any]]
    """`{model, output, metadata}`, or `{model, error}`, in the order of the models."""
