"""The words of a form field: how it is shown and checked, and where its value is sent."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ...values import Json, JsonObject
from ..conditions import Condition, compile_condition
from .basics import (
    QUERIED,
    ControlType,
    FileEncoding,
    Name,
    Path,
    Scalar,
    Target,
    Template,
    Type,
    Words,
)


class Option(Words):
    """One choice of a property."""

    label: str
    """The text shown to people.
    Example: Zero data retention"""
    value: Scalar
    """The value of the parameter.
    Example: zdr"""
    description: str | None = None
    """One sentence below the label.
    Example: Only providers that keep nothing."""
    send: Scalar | JsonObject | None = None
    """The value sent to the API, if it differs from `value`.
    Example: {data_collection: deny, zdr: true}"""
    bytechef: bool = True
    """Whether the ByteChef export includes the option.
    Example: false"""


class OptionsSource(Words):
    """Options that a list endpoint returns, described by a file in `definitions/options/`."""

    from_: str = Field(alias="from")
    """The name of the source in camelCase: `imageModels` is `image_models.yaml`.
    Example: imageModels"""
    query: dict[str, str] = {}
    """Query parameters of every request for the list.
    Example: {output_modalities: text}"""
    depends_on: tuple[Name, ...] = ()
    """Properties whose values narrow the list. A value fills `{name}` in the path of the source, or
    becomes a query parameter in snake_case.
    Example: [model]"""


class ModelLimits(Words):
    """Limits of a property that come from the row of the chosen model in the catalogue.

    A form follows them, and `check` reports values outside them. A missing entry sets no limit.
    """

    from_: str | None = Field(default=None, alias="from")
    """Applies the limits only to rows of this source.
    Example: imageModels"""
    supported: Path | None = None
    """The path of the parameter in the row: its last step is the name, the rest leads to the list
    or object that contains it.
    Example: supported_parameters.seed"""
    options: Path | None = None
    """Where the row lists the supported values, as they are sent.
    Example: supported_voices"""
    excluded_by: dict[str, Path] = {}
    """Options offered even if the list lacks them; each names the flag of the row that excludes it.
    Example: {none: reasoning.mandatory}"""
    max_value: Path | None = None
    """Where the row holds the largest number that the model supports.
    Example: top_provider.max_completion_tokens"""
    enforced: bool = False
    """Whether a value outside `options` is an error before the call is paid, and a property that is
    not `supported` is left out with a warning.
    Example: true"""


class Send(Words):
    """Where and how a value is sent, if not under its own name in the body or query."""

    to: Target | None = None
    """A dotted path in the body, or the name of a query parameter or header.
    Example: reasoning.effort"""
    in_: Literal["body", "query", "header"] | None = Field(default=None, alias="in")
    """The part of the request. Default: the query of a GET or DELETE, else the body.
    Example: header"""
    as_: (
        Literal["text", "merge", "append", "multipart"]
        | FileEncoding
        | dict[str, FileEncoding]
        | None
    ) = Field(default=None, alias="as")
    """The format. A FILE_ENTRY is sent as one of its forms, as an object of several, or, with
    `multipart`, as a form upload. `text` sends a number as text. `merge` merges the keys of an
    object into the object at `to`, by default the body; `append` appends the items of a list to the
    list at `to`.
    Example: {data: base64, format: extension}"""

    def place(self, method: str) -> Literal["body", "query", "header"]:
        """Return the part of the request that takes the value."""
        return self.in_ or ("query" if method in QUERIED else "body")


class ImageRule(Words):
    """How an image is prepared: rotated upright, its type read from its content, downscaled."""

    max_side: Name
    """The property with the maximum length of the longer side, in pixels.
    Example: longestSide"""


class FormField(Words):
    """The words of one form field, common to a property and to a filter of a list."""

    name: Name | None = None
    """The name in camelCase. Only the `items` of an array have none.
    Example: maxTokens"""
    label: str | None = None
    """The title of the field: one to three words.
    Example: Max Tokens"""
    description: str | None = None
    """One or two sentences below the field.
    Example: The maximum number of tokens in the answer."""
    placeholder: str | None = None
    """A sample value, shown while the field is empty.
    Example: openai/gpt-5-mini"""
    type: Type
    """The type of the value.
    Example: INTEGER"""
    control_type: ControlType | None = None
    """The control of the field. Default: derived from the type and the options.
    Example: TEXT_AREA"""
    default_value: Json = None
    """The value that a new form starts with. A call uses it only for a required property.
    Example: 500"""
    options: Annotated[
        tuple[Option, ...] | OptionsSource | None,
        BeforeValidator(
            lambda value: expand_options(value),
            json_schema_input_type=tuple[Option | Scalar, ...] | OptionsSource | None,
        ),
    ] = None
    """The choices, or the source that lists them. `mp3` is short for `{label: mp3, value: mp3}`.
    Example: [mp3, {label: Raw samples, value: pcm}]"""
    min_value: int | float | None = None
    """The minimum of a number.
    Example: 0"""
    max_value: int | float | None = None
    """The maximum of a number.
    Example: 2"""
    min_length: int | None = None
    """The minimum length of a STRING, in characters.
    Example: 1"""
    max_length: int | None = None
    """The maximum length of a STRING, in characters.
    Example: 256"""
    pattern: str | None = None
    """A regular expression that must match the whole STRING.
    Example: 'https://\\S+'"""
    min_items: int | None = None
    """The minimum number of items of an ARRAY.
    Example: 1"""
    max_items: int | None = None
    """The maximum number of items of an ARRAY.
    Example: 4"""
    items: "Property | None" = None
    """The items of an ARRAY.
    Example: {type: STRING}"""
    send: Annotated[
        Literal[False] | Send | None,
        BeforeValidator(
            lambda value: {"to": value} if isinstance(value, str) else value,
            json_schema_input_type=Literal[False] | Target | Send | None,
        ),
    ] = None
    """Where the value is sent; `false` does not send it. Default: under the name in snake_case.
    Example: reasoning.effort"""

    @cached_property
    def choices(self) -> tuple[Option, ...]:
        """The options that the definition itself lists."""
        return self.options if isinstance(self.options, tuple) else ()


class Property(FormField):
    """One field of a form, and of the request."""

    required: bool = False
    """Whether a value is required while the field is shown.
    Example: true"""
    required_condition: str | None = None
    """A condition under which a value is required.
    Example: taskType != 'object-detection'"""
    display_condition: str | None = None
    """A condition under which the field is shown and its value is sent.
    Example: format == 'SIMPLE'"""
    advanced_option: bool = False
    """Whether the field is shown among the advanced fields.
    Example: true"""
    composed_of: Template | None = None
    """A template of other properties that replaces a missing value.
    Example: '{author}/{slug}'"""
    any_of: tuple["Property", ...] = ()
    """The types that an ANY accepts. Default: any JSON value.
    Example: [{type: STRING}, {type: ARRAY, items: {type: STRING}}]"""
    properties: tuple["Property", ...] = ()
    """The properties of an OBJECT.
    Example: [{name: effort, label: Effort, type: STRING}]"""
    additional_properties: "Property | None" = None
    """The values of an OBJECT whose keys people choose; beside `properties`, those of other keys.
    Example: {type: NUMBER}"""
    suggestions: Annotated[
        tuple[Option, ...],
        BeforeValidator(
            lambda value: expand_options(value),
            json_schema_input_type=tuple[Option | Scalar, ...],
        ),
    ] = ()
    """Likely values of a STRING, which a form offers; any other text is accepted too. `web` is
    short for `{label: web, value: web}`.
    Example: [web, {label: Files, value: file-parser}]"""
    mirrors: Path | None = None
    """Makes the property a filter of the form; a call never sends or requires it. The path leads to
    the same list in the row of the chosen model, against which conditions are checked.
    Example: supported_parameters"""
    model_limits: ModelLimits | None = None
    """Limits that come from the chosen model.
    Example: {supported: supported_parameters.seed}"""
    accept: tuple[str, ...] = ()
    """The extensions and MIME types that a FILE_ENTRY accepts.
    Example: [mp3, image/*, application/pdf]"""
    image: ImageRule | None = None
    """How a FILE_ENTRY with an image is prepared for a model that reads images.
    Example: {maxSide: longestSide}"""
    bytechef: bool = True
    """Whether the ByteChef export includes the property.
    Example: false"""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled `displayCondition`."""
        return compile_condition(self.display_condition) if self.display_condition else None

    @cached_property
    def required_if(self) -> Condition | None:
        """The compiled `requiredCondition`."""
        return compile_condition(self.required_condition) if self.required_condition else None


def expand_options(value: Json) -> Json:
    """Expand `[mp3, pcm]` to options whose label is their value."""
    if not isinstance(value, list):
        return value
    return [
        item if isinstance(item, dict) else {"label": str(item), "value": item} for item in value
    ]
