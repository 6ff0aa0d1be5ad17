"""The building blocks of all words: their value types, and the base class that reads them.

Every class of `..model` derives from `Words`. The text below a word is its description; it ends
with `Example:` and a value in YAML. `..derive.format_schema` reads both from the source, for
editors and for `docs/format.md`: pydantic could carry them, but would read them at every start.
"""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel
from pydantic.fields import FieldInfo

Type = Literal["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "FILE_ENTRY", "ANY"]
ControlType = Literal[
    "TEXT", "TEXT_AREA", "PASSWORD", "NUMBER", "INTEGER", "SELECT", "MULTI_SELECT",
    "ARRAY_BUILDER", "OBJECT_BUILDER", "JSON_SCHEMA_BUILDER", "JSON", "FILE_ENTRY",
]  # fmt: skip
FileEncoding = Literal["base64", "data_url", "extension", "filename", "mime_type"]
"""A form in which a FILE_ENTRY, or a part of it, is sent."""

FORMS: dict[str, str] = {}
"""What each pattern requires, in words; pydantic's own message shows only the pattern."""


def matching(pattern: str, form: str) -> FieldInfo:
    """Return the rule of a text that must match a pattern; `form` says in words what it must be."""
    FORMS[pattern] = form
    field: FieldInfo = Field(pattern=pattern)
    return field


Name = Annotated[str, matching(r"^[a-z][A-Za-z0-9]*$", "a name in camelCase, such as userPrompt")]
"""A name in camelCase."""
Path = Annotated[
    str,
    matching(
        r"^[A-Za-z_]\w*(\.\w+|\[\d+\])*$",
        "a path into a JSON response, such as choices[0].message.content",
    ),
]
"""A path into a JSON response, such as `choices[0].message.content`."""
Target = Annotated[
    str,
    matching(
        r"^[A-Za-z_][\w-]*(\.\w+)*$", "a dotted path or a name, such as reasoning.effort or X-Team"
    ),
]
"""A place in a request: a dotted path in the body, or the name of a header or query parameter."""
Template = Annotated[
    str,
    matching(
        r"^[^{}]*(\{[a-z]\w*\}[^{}]*)+$", "a text with names in braces, such as {width}x{height}"
    ),
]
RequestLine = Annotated[
    str,
    matching(
        r"^(GET|POST|PUT|PATCH|DELETE) /\S*$",
        "GET, POST, PUT, PATCH or DELETE, a space and a path, such as POST /chat/completions",
    ),
]
Scalar = str | int | float | bool

QUERIED = ("GET", "DELETE")
"""Methods whose values go into the query."""


class Words(BaseModel):
    """A group of words: camelCase in YAML, frozen, and no word that is not declared."""

    # Building all validators takes 50 ms, so each is built on first use.
    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, defer_build=True
    )


def snake(name: str) -> str:
    """Return the snake_case of a camelCase name: `maxTokens` is sent as `max_tokens`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
