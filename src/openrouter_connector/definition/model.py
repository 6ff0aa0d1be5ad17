"""What a definition can say: the words of `connector.yaml` and of the files in `definitions/`.

    Component ── Connection
        └── Action ── Property ── Option, Send
                 ├─── Output ── FileOutput
                 └─── FactsSource, Poll

The words are those of the field's format where it has one (`displayCondition`, `advancedOption`,
`FILE_ENTRY` ...). Everything is frozen, and an unknown word is refused.
"""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..values import Json
from .conditions import Condition, compile_condition

Type = Literal["STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "FILE_ENTRY"]
ControlType = Literal[
    "TEXT", "TEXT_AREA", "PASSWORD", "NUMBER", "INTEGER", "SELECT", "MULTI_SELECT",
    "ARRAY_BUILDER", "OBJECT_BUILDER", "JSON_SCHEMA_BUILDER", "FILE_ENTRY",
]  # fmt: skip
Face = Literal["base64", "data_url", "extension", "filename", "mime_type"]

Name = Annotated[str, Field(pattern=r"^[a-z][A-Za-z0-9]*$")]
Path = Annotated[str, Field(pattern=r"^[A-Za-z_]\w*(\.\w+|\[\d+\])*$")]
RequestLine = Annotated[str, Field(pattern=r"^(GET|POST|PUT|PATCH|DELETE) /\S*$")]
Scalar = str | int | float | bool


class Words(BaseModel):
    """A group of words: camelCase in YAML, frozen, and no word that is not declared."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=to_camel, defer_build=True
    )


class Option(Words):
    """One choice of a property."""

    label: str
    value: Scalar
    description: str | None = None
    send: Scalar | None = None
    """What goes over the wire instead of `value`."""
    extension: bool = False
    """Ours, and left out of the ByteChef export."""


class OptionsSource(Words):
    """Choices that a list endpoint gives: the name of a file in `definitions/options/`."""

    from_: str = Field(alias="from")
    query: dict[str, str] = {}
    depends_on: tuple[Name, ...] = ()
    """Properties whose values go into the query under their snake_case names."""


class Send(Words):
    """Where a value lands on the wire, when that is not its own name in the body or query."""

    to: Path | None = None
    in_: Literal["body", "query"] | None = Field(default=None, alias="in")
    as_: Literal["text", "spread"] | Face | dict[str, Face] | None = Field(default=None, alias="as")
    """For a FILE_ENTRY: the one face of it that is sent, or an object of several. `text` writes a
    number as text; `spread` puts the keys of an object beside the other properties."""


class Property(Words):
    """One field of a form, and of the request."""

    name: Name | None = None
    """camelCase; only the `items` of an array have none."""
    label: str | None = None
    description: str | None = None
    placeholder: str | None = None
    type: Type
    control_type: ControlType | None = None
    """When the one that follows from type and options is not the right one."""
    required: bool = False
    default_value: Json = None
    """Fills the form. The runtime applies it to required properties only."""
    options: Annotated[
        tuple[Option, ...] | OptionsSource | None, BeforeValidator(lambda v: _options(v))
    ] = None
    display_condition: str | None = None
    advanced_option: bool = False
    min_value: int | float | None = None
    max_value: int | float | None = None
    max_items: int | None = None
    items: "Property | None" = None
    properties: tuple["Property", ...] = ()
    additional_properties: "Property | None" = None
    """The type of the values of an OBJECT whose keys are the user's."""
    filter: bool = False
    """Narrows dropdowns and fields in a form; never sent, defaulted or demanded at run time."""
    accept: tuple[str, ...] = ()
    """For a FILE_ENTRY: extensions (`mp3`) and types (`image/*`, `application/pdf`) it takes."""
    send: Annotated[
        Literal[False] | Send | None,
        BeforeValidator(lambda value: {"to": value} if isinstance(value, str) else value),
    ] = None
    """Where it lands: `reasoning.effort`, or more words; `false` keeps it off the wire."""
    extension: bool = False
    """Ours, and left out of the ByteChef export."""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled display condition."""
        return compile_condition(self.display_condition) if self.display_condition else None

    @cached_property
    def choices(self) -> tuple[Option, ...]:
        """The options that the definition itself lists."""
        return self.options if isinstance(self.options, tuple) else ()


class Pcm(Words):
    """Raw little-endian samples."""

    rate: int
    channels: int
    width: int
    """Bytes a sample."""


class FileOutput(Words):
    """How a reply becomes files of the store."""

    name: str
    extension: Name | None = None
    """The property that names the extension; without it the content type tells."""
    items: Path | None = None
    """For a JSON reply: the list that holds the files. Without it the reply is the file."""
    base64: str | None = None
    """The key of an item's base64."""
    mime_type: str | None = None
    """The key of an item's MIME type."""
    pcm: Pcm | None = None
    """What raw samples are like, so that `wav` can be had by putting a header before them."""


class Output(Words):
    """What comes out."""

    type: Type
    description: str | None = None
    dynamic: bool = False
    """The shape depends on the parameters, as with a schema for the answer."""
    path: Path | None = None
    """Where it stands in a JSON reply; absent is null."""
    required: bool = False
    """A reply without it is incomplete."""
    file: FileOutput | None = None


class FactsSource(Words):
    """A row of an options source that the request depends on; the first source that has it wins."""

    from_: str = Field(alias="from")
    of: Name
    """The property whose value names the row."""
    query: dict[str, str] = {}
    when: str | None = None
    """Look it up only when this condition holds."""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled `when`."""
        return compile_condition(self.when) if self.when else None


class Poll(Words):
    """A long job: ask until it is done. Placeholders of `request` read the first reply."""

    request: RequestLine
    status: Path
    done: tuple[str, ...]
    failed: tuple[str, ...] = ()
    error: Path | None = None
    """Where a failed job says why."""
    every: float = 5
    """Seconds between two questions."""
    within: float = 900
    """Seconds until JobTimedOutError; the job itself goes on."""


class Action(Words):
    """One operation: its form, its request, its output. One file in `definitions/`."""

    name: Name
    title: str
    description: str
    ai_description: str | None = None
    """The same for a model that chooses tools."""
    group: str | None = None
    help: str | None = None
    """The address of a page about it."""
    request: RequestLine
    idempotent: bool = False
    """May be sent again when its answer was lost."""
    streams: bool = False
    """Can give its answer in pieces (`stream: true`)."""
    facts: tuple[FactsSource, ...] = ()
    properties: tuple[Property, ...] = ()
    poll: Poll | None = None
    then: RequestLine | None = None
    """The call that fetches the result of a finished job; placeholders read the last reply."""
    output: Output
    hook: str | None = None
    """A module in `hooks/`: pure functions for what words cannot say."""


class Source(Words):
    """A list endpoint that several properties draw on. One file in `definitions/options/`."""

    name: Name
    request: RequestLine
    items: Path
    """Where the list stands in the reply."""
    value: str
    """The key of an item that is sent."""
    also: tuple[str, ...] = ()
    """Further keys by which an item is known."""
    label: str


class Connection(Words):
    """How the component authenticates."""

    title: str
    type: Literal["BEARER_TOKEN"]
    properties: tuple[Property, ...]
    test: RequestLine
    help: str | None = None
    setup: tuple[str, ...] = ()
    """Steps a person takes to get a token."""


class Receipt(Words):
    """Where the cost of a call is told afterwards, when its reply does not tell it."""

    request: RequestLine
    cost: Path
    within: float
    """Seconds to try for; the record appears some time after the call."""


class Component(Words):
    """The table of contents: identity, connection, and the actions in palette order."""

    name: Name
    version: int
    title: str
    description: str
    icon: str
    categories: tuple[str, ...] = ()
    help: str | None = None
    base_url: str
    connection: Connection
    receipt: Receipt | None = None
    actions: tuple[Name, ...]

    def type_of(self, action: str) -> str:
        """Give the `type` under which an action is exchanged: `openRouter/v1/ask`."""
        return f"{self.name}/v{self.version}/{action}"


def snake(name: str) -> str:
    """Give the snake_case of a camelCase name: `maxTokens` is sent as `max_tokens`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _options(value: Json) -> Json:
    """Take `[mp3, pcm]` for options whose label is their value."""
    if not isinstance(value, list):
        return value
    return [
        item if isinstance(item, dict) else {"label": str(item), "value": item} for item in value
    ]
