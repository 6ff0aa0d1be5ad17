"""An operation: its form, its request, the calls it makes of it, its output."""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field

from ...values import JsonObject
from ..conditions import Condition, compile_condition
from .basics import Name, Path, RequestLine, Words
from .outputs import Output
from .properties import Property


class ModelSource(Words):
    """A row of an options source that a form follows; the first source that has it wins."""

    from_: str = Field(alias="from")
    """The file in `definitions/options/`, in camelCase."""
    property: Name = "model"
    """The property whose value names the row."""
    query: dict[str, str] = {}
    """What is always asked of the endpoint."""
    lookup_condition: bool | str = False
    """Whether a call depends on the row too, and looks it up: always, or when a condition holds."""

    @cached_property
    def condition(self) -> Condition | None:
        """The compiled condition of `lookup_condition`."""
        return (
            compile_condition(self.lookup_condition)
            if isinstance(self.lookup_condition, str)
            else None
        )

    def is_needed(self, values: JsonObject) -> bool:
        """Tell whether a call with these values depends on the row."""
        return self.condition.holds(values) if self.condition else bool(self.lookup_condition)


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
    then: RequestLine | None = None
    """The call that fetches the result of a finished job; placeholders read the last response."""
    id: Path = "id"
    """Where the first reply says what the job is called."""
    resume: Name | None = None
    """The property that names a job to take up again, instead of submitting one."""


class Message(Words):
    """A chat message that properties make: left out when none of them is given."""

    for_each: Name | None = None
    """An ARRAY property whose items make a message each; the other words then name what is in an
    item."""
    role: Name
    """`system`, `user` or `assistant`; with `for_each` the property that says it, in any case."""
    text: Name | None = None
    """The property that is said."""
    files: Name | None = None
    """The property whose files go along, wherever in its value they stand."""


class Server(Words):
    """The properties that lead to a server other than the connection's."""

    base_url: Name
    token: Name
    """A PASSWORD. The connection's own token never goes there."""


class ForEach(Words):
    """One call for each item of a list; the output is the list of theirs, in the same order.

    An item that fails has an `error` in its place, unless all fail.
    """

    property: Name
    """The list."""
    concurrency: Name
    """The property that says how many calls go at the same time."""
    unit: str
    """What the items are called in progress: `images`."""


class Split(Words):
    """What is too long for one call goes in parts, several at a time, and is joined again."""

    property: Name
    """The property that is split."""
    by: Literal["silence", "sentence"]
    """A sound is cut at its silences and what is said in it joined; a text is cut after sentences,
    and the sounds of it joined."""
    longest: Name
    """The property that says how long a part may be: seconds of sound, characters of text."""
    concurrency: Name
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
    dialect: Literal["chat", "messages", "responses", "generation"] | None = None
    """The shape of its answers and streams: OpenAI's chat completions, Anthropic's messages or
    OpenAI's responses. `generation` is plain JSON whose `id` is the generation's. Without it the
    reply is plain JSON, or a file."""
    destructive: bool = False
    """Takes something away that cannot be had again."""
    retry_not_found: float | None = Field(default=None, gt=0)
    """Seconds in which what is asked for may still come to be: 404 is asked again until then."""
    model_sources: tuple[ModelSource, ...] = ()
    """Where the row of the chosen model stands: what a form follows, and perhaps the request."""
    prices: str | None = None
    """A source whose rows carry the prices of the chosen model, when its own row does not."""
    properties: tuple[Property, ...] = ()
    """The form, in the order of its fields."""
    messages: tuple[Message, ...] = ()
    """The `messages` of a chat, made of properties."""
    server: Server | None = None
    """Where the call goes, if the parameters name another server."""
    for_each: ForEach | None = None
    """For a list: one call an item."""
    split: Split | None = None
    """For what may be too long for one call."""
    error_output: Name | None = None
    """A failure of the call is no error: this part of the output tells it."""
    poll: Poll | None = None
    """Only for a job that goes on after its request was answered."""
    output: Output
    """What comes out."""
    hook: Annotated[str, Field(pattern=r"^[a-z_]+$")] | None = None
    """A module in `hooks/`: pure functions for what words cannot say."""
    bytechef: bool = True
    """Whether the ByteChef export includes it."""
