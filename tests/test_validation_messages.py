"""Invalid bodies and definitions are explained in our words, whatever pydantic calls the error."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, get_args

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticKnownError
from pydantic_core.core_schema import ErrorType

from openrouter_connector.validation_messages import message_of


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=2, max_length=3)] = "ab"
    count: Annotated[int, Field(ge=1, le=5)] = 1
    share: Annotated[float, Field(gt=0, lt=1)] = 0.5
    kind: Literal["a", "b"] = "a"
    on: bool = True
    sure: Literal[True] = True
    since: datetime | None = None
    items: Annotated[list[int], Field(max_length=1)] = []
    more: dict[str, int] = {}


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", 5, "must be text"),
        ("name", "a", "must have at least 2 characters"),
        ("name", "abcd", "must have at most 3 characters"),
        ("count", "x", "must be a whole number"),
        ("count", 1.5, "must be a whole number"),
        ("count", 0, "must be 1 or more"),
        ("count", 6, "must be 5 or less"),
        ("share", 1, "must be less than 1.0"),
        ("share", "x", "must be a number"),
        ("kind", "c", "must be 'a' or 'b'"),
        ("on", "perhaps", "must be true or false"),
        ("sure", "yes", "must be true"),
        ("since", "soon", "must be a date, or a date and time such as 2026-11-27T10:00:00Z"),
        ("items", [1, 2], "has 2 items; the maximum is 1"),
        ("items", {}, "must be a list"),
        ("more", [], "must be an object"),
        ("other", 1, "is not a known key"),
    ],
)
def test_a_wrong_value_is_explained(field: str, value: Any, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Body.model_validate({field: value})
    (details,) = caught.value.errors()
    assert message_of(details) == message


CONTEXT = dict.fromkeys(
    ("gt", "ge", "lt", "le", "multiple_of", "pattern", "expected", "min_length", "max_length",
     "actual_length", "error"),
    "x",
)  # fmt: skip


def test_no_error_is_explained_in_the_words_of_pydantic() -> None:
    assert PydanticKnownError("missing").message() == "Field required"
    for kind in get_args(ErrorType):
        said = message_of({"type": kind, "msg": "Input should be", "ctx": CONTEXT})
        assert said and "Input" not in said and "{" not in said
