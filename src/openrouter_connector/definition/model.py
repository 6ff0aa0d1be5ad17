"""What a definition can say: the words of `connector.yaml` and of the files in `definitions/`.

    Component ── Connection
        └── Action ── Property ── Option, Send, PictureRule
                 ├─── Output ── Shape, Part, FileOutput, Drawing
                 ├─── Message, Server
                 └─── FactsSource, Poll, Each, Split

The words are those of the field's format where it has one (`displayCondition`, `advancedOption`,
`FILE_ENTRY` ...). Everything is frozen, and an unknown word is refused.
"""

from functools import cached_property
from typing import Annotated, ClassVar, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.alias_generators import to_camel

from ..values import Json, JsonObject
from .conditions import Condition, compile_condition
from .paths import placeholders

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


class Option(Words):
    """One choice of a property."""

    label: str
    """What a person reads."""
    value: Scalar
    """What the parameter holds."""
    description: str | None = None
    send: Scalar | JsonObject | None = None
    """What goes over the wire instead of `value`."""
    extension: bool = False
    """Ours, and left out of the ByteChef export."""


class OptionsSource(Words):
    """Choices that a list endpoint gives: the name of a file in `definitions/options/`."""

    from_: str = Field(alias="from")
    """The file, in camelCase: `imageModels` is `image_models.yaml`."""
    query: dict[str, str] = {}
    """What is always asked of the endpoint."""
    depends_on: tuple[Name, ...] = ()
    """Properties whose values go into the path, where `{name}` stands in it, and else into the
    query under their snake_case names."""


class Limits(Words):
    """What the row of the chosen model says of a value; a form follows it, a check tells it.

    What the row does not tell limits nothing.
    """

    from_: str | None = Field(default=None, alias="from")
    """Only for a row of this source."""
    taken: Path | None = None
    """The last step is the parameter, the one before it what lists them: `supported_parameters.n`
    says that the model takes it when that list holds `n`, or that object has it."""
    options: Path | None = None
    """The list of values that the model takes, as they are sent."""
    unless: dict[str, Path] = {}
    """Options that are offered whatever the list says, unless this is true in the row."""
    max: Path | None = None
    """The largest number that the model takes."""
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


class PictureRule(Words):
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
    required_when: str | None = None
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
    made_of: Template | None = None
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
    limits: Limits | None = None
    """What the row of the chosen model says of it."""
    accept: tuple[str, ...] = ()
    """For a FILE_ENTRY: extensions (`mp3`) and types (`image/*`, `application/pdf`) it takes."""
    picture: PictureRule | None = None
    """For a FILE_ENTRY that is a picture: how it is made ready for a model that sees."""
    send: Annotated[
        Literal[False] | Send | None,
        BeforeValidator(
            lambda value: {"to": value} if isinstance(value, str) else value,
            json_schema_input_type=Literal[False] | Target | Send | None,
        ),
    ] = None
    """Where it lands: `reasoning.effort`, or more words; `false` keeps it off the wire."""
    extension: bool = False
    """Ours, and left out of the ByteChef export."""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled display condition."""
        return compile_condition(self.display_condition) if self.display_condition else None

    @cached_property
    def demand(self) -> Condition | None:
        """The compiled `requiredWhen`."""
        return compile_condition(self.required_when) if self.required_when else None

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
    """The name of the file, without an extension."""
    extension: Name | None = None
    """The property that names the extension; without it the content type tells."""
    items: Path | None = None
    """For a JSON reply: the list that holds the files. Without it the reply is the file."""
    base64: str | None = None
    """The key of an item's base64."""
    mime_type: str | None = None
    """The key of an item's MIME type."""
    text: bool = False
    """The file may be text or JSON; without it such a reply is a failure."""
    pcm: Pcm | None = None
    """What raw samples are like, so that `wav` can be had by putting a header before them."""


class Shape(Words):
    """What a value is like that comes out. It may hold more than is said here."""

    type: Type
    description: str | None = None
    any_of: tuple["Shape", ...] = ()
    """For ANY: the kinds of value it may be; without it any JSON value."""
    items: "Shape | None" = None
    """What an ARRAY is made of."""
    properties: tuple["Part", ...] = ()
    """What is inside an OBJECT; each may be missing, or null."""


class Part(Shape):
    """A part of an OBJECT that comes out."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z_]\w*$")]
    """As the API has it, or as we call what stands at `path`."""
    path: Path | None = None
    """Where it stands in a JSON reply, for an output that is put together from its parts."""


class Drawing(Words):
    """Boxes that are drawn on a copy of a picture."""

    of: Name
    """The property that holds the picture, or a list of one."""
    boxes: Path
    """Where they stand in the output."""
    to: Name
    """The key of the output that gets the FILE_ENTRY of the copy; null when there are none."""
    when: Name | None = None
    """A BOOLEAN property without which nothing is drawn."""


class Output(Shape):
    """What comes out."""

    dynamic: bool = False
    """The shape depends on the parameters, as with a schema for the answer."""
    path: Path | None = None
    """Where it stands in a JSON reply; absent is null."""
    required: bool = False
    """A reply without it is incomplete."""
    file: FileOutput | None = None
    draws: Drawing | None = None
    """What is drawn of it."""


class FactsSource(Words):
    """A row of an options source that a form follows; the first source that has it wins."""

    from_: str = Field(alias="from")
    """The file in `definitions/options/`, in camelCase."""
    of: Name = "model"
    """The property whose value names the row."""
    query: dict[str, str] = {}
    """What is always asked of the endpoint."""
    needed: bool | str = False
    """Whether a call depends on the row too, and looks it up: always, or when a condition holds."""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled condition of `needed`."""
        return compile_condition(self.needed) if isinstance(self.needed, str) else None

    def is_needed(self, values: JsonObject) -> bool:
        """Tell whether a call with these values depends on the row."""
        return self.condition.holds(values) if self.condition else bool(self.needed)


class Poll(Words):
    """A long job: ask until it is done. Placeholders of `request` read the first reply."""

    request: RequestLine
    """The question."""
    status: Path
    """Where the reply says how the job is doing."""
    done: tuple[str, ...]
    """Words of a job that is done."""
    failed: tuple[str, ...] = ()
    """Words of a job that failed."""
    error: Path | None = None
    """Where a failed job says why."""
    every: float = Field(default=5, gt=0)
    """Seconds between two questions; the first ones come sooner."""
    within: float = Field(default=900, gt=0)
    """Seconds until JobTimedOutError; the job itself goes on."""
    id: Path = "id"
    """Where the first reply says what the job is called."""
    resume: Name | None = None
    """The property that names a job to take up again, instead of submitting one."""


class Message(Words):
    """A chat message that properties make: left out when none of them is given."""

    each: Name | None = None
    """An ARRAY property whose items make a message each; the other words then name what is in an
    item."""
    role: Name
    """`system`, `user` or `assistant`; with `each` the property that says it, in any case."""
    text: Name | None = None
    """The property that is said."""
    files: Name | None = None
    """The property whose files go along, wherever in its value they stand."""


class Server(Words):
    """The properties that lead to a server other than the connection's."""

    base_url: Name
    token: Name
    """A PASSWORD. The connection's own token never goes there."""


class Each(Words):
    """One call for each item of a list; the output is the list of theirs, in the same order.

    An item that fails has an `error` in its place, unless all fail.
    """

    of: Name
    """The list."""
    at_once: Name
    """The property that says how many calls go at the same time."""
    unit: str
    """What the items are called in progress: `images`."""


class Split(Words):
    """What is too long for one call goes in parts, several at a time, and is joined again."""

    of: Name
    """The property that is split."""
    by: Literal["silence", "sentence"]
    """A sound is cut at its silences and what is said in it joined; a text is cut after sentences,
    and the sounds of it joined."""
    longest: Name
    """The property that says how long a part may be: seconds of sound, characters of text."""
    at_once: Name
    """The property that says how many parts go at the same time."""
    segments: Name | None = None
    """A BOOLEAN property: tell when each sentence was said."""
    subtitles: Name | None = None
    """An ARRAY property: further files with them, `srt` and `vtt`."""


class Action(Words):
    """One operation: its form, its request, its output. One file in `definitions/`."""

    name: Name
    title: str
    description: str
    ai_description: str | None = None
    """The same for a model that chooses tools."""
    alias: str | None = None
    """What the API's own catalogue calls it, in snake_case."""
    group: str | None = None
    """The heading of the palette under which it stands; `Text tools` has `icons/text_tools.svg`."""
    help: str | None = None
    """The address of a page about it."""
    request: RequestLine
    """A method and a path; `{name}` in it takes the property of that name."""
    idempotent: bool = False
    """May be sent again when its answer was lost."""
    streams: bool = False
    """Can give its answer in pieces (`stream: true`)."""
    dialect: Literal["chat", "messages", "responses"] | None = None
    """The shape of its answers and streams: OpenAI's chat completions, Anthropic's messages or
    OpenAI's responses. Without it the reply is plain JSON, or a file."""
    destructive: bool = False
    """Takes something away that cannot be had again."""
    appears: float | None = Field(default=None, gt=0)
    """Seconds in which what is asked for may still come to be: 404 is asked again until then."""
    facts: tuple[FactsSource, ...] = ()
    """Where the row of the chosen model stands: what a form follows, and perhaps the request."""
    prices: str | None = None
    """A source whose rows carry the prices of the chosen model, when its own row does not."""
    properties: tuple[Property, ...] = ()
    """The form, in the order of its fields."""
    messages: tuple[Message, ...] = ()
    """The `messages` of a chat, made of properties."""
    server: Server | None = None
    """Where the call goes, if the parameters name another server."""
    each: Each | None = None
    """For a list: one call an item."""
    split: Split | None = None
    """For what may be too long for one call."""
    reports: bool = False
    """A failure of the call is no error: `errorStatus` of the output tells it."""
    poll: Poll | None = None
    """Only for a job that goes on after its request was answered."""
    then: RequestLine | None = None
    """The call that fetches the result of a finished job; placeholders read the last reply."""
    output: Output
    """What comes out."""
    hook: Annotated[str, Field(pattern=r"^[a-z_]+$")] | None = None
    """A module in `hooks/`: pure functions for what words cannot say."""
    extension: bool = False
    """Ours, and left out of the ByteChef export."""


class Price(Words):
    """One of the prices in a row, for one kind of unit; unlike prices are never added up."""

    of: Path
    """Where the row tells it: USD for one unit, as a text or a number."""
    times: int = Field(default=1, gt=0)
    """How many units the price is shown for."""
    per: str
    """What it is shown for: `million tokens`."""
    label: str
    """What a person reads beside it: `in`."""
    required: bool = False
    """Shown as variable when the row does not tell it."""
    said: bool = False
    """Said under an option beside the required ones, when it is not 0."""


class Filter(Property):
    """A field that narrows a list: sent in the query as a property is, and judged here too.

    It has those words of a property that concern one value and its field.
    """

    words: ClassVar = frozenset(
        {"name", "label", "description", "placeholder", "type", "control_type", "default_value"}
        | {"options", "items", "pattern", "send", "where", "min_value", "max_value"}
        | {"min_length", "max_length", "min_items", "max_items"}
    )

    where: str | None = None
    """When the filter is set, an option stays only if this holds for its `details`."""

    @cached_property
    def narrows(self) -> Condition | None:
        """The compiled `where`."""
        return compile_condition(self.where) if self.where else None


class Source(Words):
    """A list endpoint that several properties draw on. One file in `definitions/options/`."""

    name: Name
    request: RequestLine
    """A method and a path; `{name}` in it takes the property of that name."""
    items: Path
    """Where the list stands in the reply."""
    value: Path
    """Where an item holds what is sent."""
    also: tuple[Path, ...] = ()
    """Further names by which an item is known."""
    label: Path
    """Where an item holds what a person reads; without one the value is shown."""
    details: dict[Name, Path] = {}
    """What an option tells besides: a name, and where the item holds it."""
    prices: dict[Name, Price] = {}
    """What an option costs, unit by unit; they come as `prices` among the details."""
    free: str | None = None
    """A condition on the details under which prices of 0 mean free; else they only say that the
    list does not tell what is billed."""
    context: Path | None = None
    """Where an item tells its context length in tokens, for the sentence under an option."""
    expires: Path | None = None
    """Where an item tells the day, YYYY-MM-DD, on which it goes."""
    search: str | None = None
    """The query parameter by which the endpoint searches; without it the list is searched here."""
    filters: tuple[Filter, ...] = ()
    """What narrows the list."""

    @cached_property
    def gratis(self) -> Condition | None:
        """The compiled `free`."""
        return compile_condition(self.free) if self.free else None

    @cached_property
    def placeholders(self) -> tuple[str, ...]:
        """The properties that stand in the path."""
        return tuple(placeholders(self.request))


class OAuth(Words):
    """OAuth with PKCE that ends with a key: no client id, no refresh token, no scopes."""

    authorize: str
    """The page where a person consents."""
    exchange: RequestLine
    """What gives the key for the code that the person comes back with."""
    key: Path
    """Where its reply holds the key."""


class Connection(Words):
    """How the component authenticates."""

    title: str
    type: Literal["BEARER_TOKEN"]
    properties: tuple[Property, ...]
    """What a person gives: `token`, perhaps `baseUrl`, and headers of every call."""
    test: RequestLine
    """A request that succeeds with a good token, and costs nothing."""
    account: RequestLine | None = None
    """A request that tells the credits left, to those keys that may ask."""
    oauth: OAuth | None = None
    """How a person gets a key without copying one."""
    help: str | None = None
    """The address where a token is had."""
    setup: tuple[str, ...] = ()
    """Steps a person takes to get a token."""


class Receipt(Words):
    """Where the cost of a call is told afterwards, when its reply does not tell it."""

    request: RequestLine
    """The question; `{generationId}` is that of the call."""
    cost: Path
    """Where the reply tells the cost, in USD."""
    within: float
    """Seconds to try for; the record appears some time after the call."""


class Component(Words):
    """The table of contents: identity, connection, and the actions in palette order."""

    name: Name
    """camelCase; with the version it begins the `type` of an action."""
    version: int
    """Goes up when stored actions would no longer fit."""
    title: str
    description: str
    icon: str
    """A file, from here."""
    categories: tuple[str, ...] = ()
    help: str | None = None
    """The address of a page about it."""
    base_url: str
    """What every path of a request is appended to."""
    connection: Connection
    receipt: Receipt | None = None
    """Only for an API that tells some costs late."""
    properties: tuple[Property, ...] = ()
    """What every action has, after its own."""
    actions: tuple[Name, ...]
    """In the order of the palette; each is a file of `definitions/`."""

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
