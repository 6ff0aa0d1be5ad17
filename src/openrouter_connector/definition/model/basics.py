"""What all words have in common: their kinds, and how they are read."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

Type = Literal["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "FILE_ENTRY", "ANY"]
ControlType = Literal[
    "TEXT", "TEXT_AREA", "PASSWORD", "NUMBER", "INTEGER", "SELECT", "MULTI_SELECT",
    "ARRAY_BUILDER", "OBJECT_BUILDER", "JSON_SCHEMA_BUILDER", "JSON", "FILE_ENTRY",
]  # fmt: skip
Face = Literal["base64", "data_url", "extension", "filename", "mime_type"]

Name = Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9]*$")]
Path = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.\w+|\[\d+\])*$")]
Target = Annotated[str, Field(pattern=r"^[A-Za-z_][\w-]*(\.\w+)*$")]
Template = Annotated[str, Field(pattern=r"^[^{}]*(\{[a-z]\w*\}[^{}]*)+$")]
RequestLine = Annotated[str, Field(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /\S*$")]
Scalar = str | int | float | bool

QUERIED = ("GET", "DELETE")
"""Methods whose values go into the query."""


class Words(BaseModel):
    """A group of words: camelCase in YAML, frozen, and no word that is not declared."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, defer_build=True
    )


def snake(name: str) -> str:
    """Give the snake_case of a camelCase name: `maxTokens` is sent as `max_tokens`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
