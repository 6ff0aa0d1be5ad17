"""The values that travel through the house: frozen, plain, without behaviour of their own.

parameters ──accept──▶ values ──build──▶ Call ──send──▶ reply ──read──▶ Result
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import partial
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote

# JSON as it comes from outside. A recursive alias would force a cast at every step into it.
Json = Any
JsonObject = dict[str, Json]


def an_object(value: Json) -> JsonObject:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


FILE_KEYS = ("extension", "mimeType", "name", "url")
"""The keys of a FILE_ENTRY, all of them."""


def is_url(text: str) -> bool:
    """Tell whether a text is an address that stands for a file."""
    return text[:8].lower().startswith(("https://", "http://", "data:"))


@dataclass(frozen=True, slots=True)
class FileEntry:
    """A file as the format exchanges it: exactly four keys on the wire, all strings."""

    extension: str
    mime_type: str
    name: str
    url: str

    def to_json(self) -> JsonObject:
        """Give `{extension, mimeType, name, url}`."""
        values = (self.extension, self.mime_type, self.name, self.url)
        return dict(zip(FILE_KEYS, values, strict=True))

    @classmethod
    def of_json(cls, file: JsonObject) -> FileEntry:
        """Take `{extension, mimeType, name, url}`."""
        return cls(*(file[key] for key in FILE_KEYS))

    @classmethod
    def of_url(cls, url: str) -> FileEntry:
        """Take a bare `data:` or http(s) URL, with what it tells of its name and type."""
        if url[:5].lower() == "data:":
            return cls("", url[5:].split(",")[0].split(";")[0].strip().lower(), "file", url)
        return cls("", "", unquote(url.split("?")[0].split("#")[0].rpartition("/")[2]), url)


class OwnFile(str):
    """The path of a file that the caller himself gave, as the `url` of a FILE_ENTRY.

    It is read where it lies. What comes from outside is a plain text, and no such permission.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What is known of a picture that was made ready: its pixels, turned upright."""

    width: int
    height: int
    """Of the picture as a person sees it, before it was made smaller."""
    sent: tuple[int, int]
    """Width and height of what is sent."""
    notes: tuple[str, ...] = ()
    """How it was changed on the way, for the user."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A FILE_ENTRY whose bytes are at hand: their number is known, and they can be read again."""

    entry: FileEntry
    size: int
    open: Callable[[], AsyncIterator[bytes]] = field(compare=False, repr=False)
    text: str | None = None
    """What a text file says, where it goes into a prompt."""
    image: ImageInfo | None = None
    """For a picture that was made ready."""
    called: str = ""
    """The extension or type that it was given, where its content says otherwise."""
    notes: tuple[str, ...] = ()
    """What the user should know of how it was read."""
    path: Path | None = field(default=None, compare=False, repr=False)
    """Where the bytes lie, when that is a file of this machine."""
    content: bytes | None = field(default=None, compare=False, repr=False)
    """The bytes themselves, when they are in memory."""

    @classmethod
    def of_bytes(cls, entry: FileEntry, content: bytes, **more: Any) -> LoadedFile:
        """Give a file whose bytes are in memory; `more` are further fields."""
        return cls(entry, len(content), partial(_once, content), content=content, **more)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


@dataclass(frozen=True, slots=True)
class Embedded:
    """A place in a request body where the base64 of a file goes, behind `prefix`."""

    file: LoadedFile
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP call before it is sent; comparable, printable, without a secret.

    The body is JSON in which an `Embedded` stands for the content of a file.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dialect: str | None = None
    """The shape of the answer, as an action names it."""
    multipart: bool = False
    """Whether the body is sent as a form, in which an `Embedded` stands for the file itself."""
    idempotent: bool = False
    warnings: tuple[str, ...] = ()
    """What the user should know of how the parameters were understood."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """What the catalogue says of the chosen model: the list it was found in, and its row there."""

    source: str
    row: JsonObject


@dataclass(frozen=True, slots=True)
class Choices:
    """What a dropdown shows: options of `label`, `value`, and perhaps `description`, `details`.

    `message` says why the list is short, empty or old; `age` is the seconds since the list was
    fetched, None when it comes from the definition alone.
    """

    options: tuple[JsonObject, ...]
    disabled: bool = False
    placeholder: str | None = None
    message: str | None = None
    age: float | None = None

    def to_json(self) -> JsonObject:
        """Give `{options, disabled, placeholder, message, age}`."""
        return {
            "options": list(self.options),
            "disabled": self.disabled,
            "placeholder": self.placeholder,
            "message": self.message,
            "age": self.age,
        }


@dataclass(frozen=True, slots=True)
class Metadata:
    """What is known of a call besides its output.

    A field that nobody reported is None, or empty. Unless a field says otherwise, its value is
    what the response of the API says.
    """

    generation_id: str | None = None
    """The API's id of this call: from the `x-generation-id` header, else from the response."""
    model: str | None = None
    """The model that answered; it may be another one than requested."""
    provider: str | None = None
    """The provider that served the model."""
    usage: JsonObject | None = None
    """Tokens, seconds and amounts, as the API counts them; of several calls the sum."""
    finish_reason: str | None = None
    """Why the answer ended."""
    native_finish_reason: str | None = None
    """The same in the provider's own word."""
    reasoning: Json = None
    """The model's reasoning as text."""
    reasoning_details: Json = None
    """The reasoning in parts, to be sent back in a later turn."""
    annotations: Json = None
    """Sources the answer cites, and files it parsed."""
    tool_calls: Json = None
    """Functions that the model wants to be called."""
    refusal: Json = None
    """Why the model refused."""
    logprobs: Json = None
    """Log probabilities of the tokens."""
    segments: Json = None
    """A list of `{start, end, text}` of a transcription, in seconds from the start of the file."""
    job_id: str | None = None
    """The id of a long job, by which it can be resumed."""
    error: JsonObject | None = None
    """The failure, as `ConnectorError.to_json` has it, of an action that reports it as output."""
    models: tuple[str, ...] = ()
    """The models of several calls, each once."""
    providers: tuple[str, ...] = ()
    """The providers of several calls, each once."""
    generation_ids: tuple[str, ...] = ()
    """The ids of several calls."""
    files: tuple[FileEntry, ...] = ()
    """All files that the call stored; the first one is the output, if that is a file."""
    cost: float | None = None
    """USD, from the usage or from the API's record of the call; None when neither has it."""
    attempts: int | None = None
    """How many requests were sent for the answer, counted here; None when nobody counted."""
    latency: float = 0.0
    """Seconds from the start to the result, measured here."""
    warnings: tuple[str, ...] = ()
    """What the user should know, for people."""

    def to_json(self) -> JsonObject:
        """Return the known fields by their names in camelCase; some are always there."""
        values = {key: getattr(self, name) for name, key in _METADATA_KEYS.items()}
        values["files"] = tuple(file.to_json() for file in self.files)
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in values.items()
            if key in _ALWAYS or value not in (None, ())
        }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


_METADATA_KEYS = {one.name: _camel(one.name) for one in fields(Metadata)}
_ALWAYS = ("cost", "latency", "warnings")


@dataclass(frozen=True, slots=True)
class Result:
    """What an action returns: its output, and what else is known of the call."""

    output: Json
    metadata: Metadata

    def to_json(self) -> JsonObject:
        """Return `{output, metadata}` as plain JSON; a FILE_ENTRY output as its four keys."""
        output = self.output.to_json() if isinstance(self.output, FileEntry) else self.output
        return {"output": output, "metadata": self.metadata.to_json()}


@dataclass(frozen=True, slots=True)
class Drawing:
    """Boxes to draw on a copy of an image, as the hook of an action returns them."""

    image: LoadedFile
    boxes: list[JsonObject]
    """`{class, confidence, pixels: {x, y, width, height}}` each."""
    key: str
    """The key of the output that gets the FILE_ENTRY of the copy."""


@dataclass(frozen=True, slots=True)
class Noted:
    """An output with warnings about it, as the hook of an action returns it."""

    output: Json
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Event:
    """One step of a running action. The last is `result`; a failure is raised instead.

    `started` once; `delta` with new `text` or `reasoning`; `progress` with `done` and perhaps
    `total`, in the unit that `unit` names, `row`, what came of one item of a list, and `job`, by
    which a long job can be taken up again; `result` with the `Result`.
    """

    type: Literal["started", "delta", "progress", "result"]
    text: str = ""
    reasoning: str = ""
    done: int = 0
    total: int | None = None
    unit: str = ""
    job: str = ""
    row: JsonObject | None = None
    """As in the output of the result, but for warnings that all rows have: those are told once."""
    result: Result | None = None
