"""A field of a form, and where its value goes."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from ...values import Json, JsonObject
from ..conditions import Condition, compile_condition
from .basics import QUERIED, ControlType, Face, Name, Path, Scalar, Target, Template, Type, Words


class Option(Words):
    """One choice of a property."""

    label: str
    """What a person reads."""
    value: Scalar
    """What the parameter holds."""
    description: str | None = None
    send: Scalar | JsonObject | None = None
    """What goes over the wire instead of `value`."""
    bytechef: bool = True
    """Whether the ByteChef export includes it."""


class OptionsSource(Words):
    """Choices that a list endpoint gives: the name of a file in `definitions/options/`."""

    from_: str = Field(alias="from")
    """The file, in camelCase: `imageModels` is `image_models.yaml`."""
    query: dict[str, str] = {}
    """What is always asked of the endpoint."""
    depends_on: tuple[Name, ...] = ()
    """Properties whose values go into the path, where `{name}` stands in it, and else into the
    query under their snake_case names."""


class ModelLimits(Words):
    """What the row of the chosen model says of a value; a form follows it, a check tells it.

    What the row does not tell limits nothing.
    """

    from_: str | None = Field(default=None, alias="from")
    """Only for a row of this source."""
    supported: Path | None = None
    """The last step is the parameter, the one before it what lists them: `supported_parameters.n`
    says that the model takes it when that list holds `n`, or that object has it."""
    options: Path | None = None
    """The list of values that the model takes, as they are sent."""
    unless: dict[str, Path] = {}
    """Options that are offered whatever the list says, unless this is true in the row."""
    max: Path | None = None
    """The largest number that the model takes."""
    enforced: bool = False
    """A call with a value that is not among `options` is refused before it is paid, and a property
    that is not `supported` is left out of it, with a warning."""
    same: Path | None = None
    """For a filter: the list of the row that says the same. Conditions on the filter are judged by
    it as well."""


class Send(Words):
    """Where a value lands on the wire, when that is not its own name in the body or query."""

    to: Target | None = None
    """A dotted path in the body, which nests, or a name in the query or among the headers."""
    in_: Literal["body", "query", "header"] | None = Field(default=None, alias="in")
    """Without it: the query of a GET or DELETE, the body of any other request."""
    as_: Literal["text", "spread", "multipart"] | Face | dict[str, Face] | None = Field(
        default=None, alias="as"
    )
    """For a FILE_ENTRY: the one face of it that is sent, or an object of several; `multipart` sends
    it as it is, and the body as a form. `text` writes a number as text; `spread` puts the keys of
    an object beside the other properties."""

    def place(self, method: str) -> Literal["body", "query", "header"]:
        """Tell where a value goes in a request of this method."""
        return self.in_ or ("query" if method in QUERIED else "body")


class ImageRule(Words):
    """How a picture is made ready: turned upright, its type told by its content, made smaller."""

    longest: Name
    """The property that says how many pixels the longer side may have."""


class Property(Words):
    """One field of a form, and of the request."""

    name: Name | None = None
    """camelCase; only the `items` of an array have none."""
    label: str | None = None
    """What a person reads."""
    description: str | None = None
    """One or two sentences beside the field."""
    placeholder: str | None = None
    """What an empty field shows."""
    type: Type
    control_type: ControlType | None = None
    """When the one that follows from type and options is not the right one."""
    required: bool = False
    """Demanded whenever it is shown."""
    required_condition: str | None = None
    """A condition under which it is demanded, for what is shown under others too."""
    default_value: Json = None
    """Fills the form. The runtime applies it to required properties only."""
    options: Annotated[
        tuple[Option, ...] | OptionsSource | None,
        BeforeValidator(
            lambda value: _options(value),
            json_schema_input_type=tuple[Option | Scalar, ...] | OptionsSource | None,
        ),
    ] = None
    """A list, in which `mp3` is short for `{label: mp3, value: mp3}`, or where to ask for one."""
    display_condition: str | None = None
    """Shown, and sent, only when this condition holds."""
    advanced_option: bool = False
    """Shown among the advanced fields."""
    min_value: int | float | None = None
    max_value: int | float | None = None
    min_length: int | None = None
    max_length: int | None = None
    """Characters of a STRING."""
    pattern: str | None = None
    """What a STRING must look like as a whole, as a regular expression."""
    min_items: int | None = None
    max_items: int | None = None
    """Items of an ARRAY."""
    composed_of: Template | None = None
    """For a property that is not given: what it is made of, `{author}/{slug}`, when all of that
    is given."""
    any_of: tuple["Property", ...] = ()
    """For ANY: the kinds of value it may be; without it any JSON value."""
    items: "Property | None" = None
    """What an ARRAY is made of."""
    properties: tuple["Property", ...] = ()
    """What is inside an OBJECT."""
    additional_properties: "Property | None" = None
    """The type of the values of an OBJECT whose keys are the user's."""
    filter: bool = False
    """Narrows dropdowns and fields in a form; never sent, defaulted or demanded at run time."""
    model_limits: ModelLimits | None = None
    """What the row of the chosen model says of it."""
    accept: tuple[str, ...] = ()
    """For a FILE_ENTRY: extensions (`mp3`) and types (`image/*`, `application/pdf`) it takes."""
    image: ImageRule | None = None
    """For a FILE_ENTRY that is a picture: how it is made ready for a model that sees."""
    send: Annotated[
        Literal[False] | Send | None,
        BeforeValidator(
            lambda value: {"to": value} if isinstance(value, str) else value,
            json_schema_input_type=Literal[False] | Target | Send | None,
        ),
    ] = None
    """Where it lands: `reasoning.effort`, or more words; `false` keeps it off the wire."""
    bytechef: bool = True
    """Whether the ByteChef export includes it."""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled display condition."""
        return compile_condition(self.display_condition) if self.display_condition else None

    @cached_property
    def demand(self) -> Condition | None:
        """The compiled `requiredCondition`."""
        return compile_condition(self.required_condition) if self.required_condition else None

    @cached_property
    def choices(self) -> tuple[Option, ...]:
        """The options that the definition itself lists."""
        return self.options if isinstance(self.options, tuple) else ()


def _options(value: Json) -> Json:
    """Take `[mp3, pcm]` for options whose label is their value."""
    if not isinstance(value, list):
        return value
    return [
        item if isinstance(item, dict) else {"label": str(item), "value": item} for item in value
    ]
