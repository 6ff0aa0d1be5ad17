"""The values that the layers exchange: frozen and plain. A notebook displays those of a result.

parameters ──accept──▶ values ──build──▶ Call ──send──▶ response ──read──▶ Result
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from functools import partial
from pathlib import Path
from typing import IO, Any, Literal, Protocol, Self
from urllib.parse import unquote

from .errors import ConnectorError, FileError
from .notebook import MimeBundle, facts, media, mime_bundle, show, table

# JSON as it comes from outside. A recursive alias would force a cast at every step into it.
Json = Any
JsonObject = dict[str, Json]


def an_object(value: Json) -> JsonObject:
    """Return a JSON object; an empty one for anything else."""
    return value if isinstance(value, dict) else {}


FILE_KEYS = ("extension", "mimeType", "name", "url")
"""The keys of a FILE_ENTRY, all of them."""


def is_url(text: str) -> bool:
    """Return whether a text is the URL of a file: http, https or data."""
    return text[:8].lower().startswith(("https://", "http://", "data:"))


class FileSource(Protocol):
    """Opens the files of entries, as the file store does that wrote them."""

    def path_of(self, entry: FileEntry) -> Path | None:
        """Return the path of a file; None when it is not on this machine."""

    def open(self, entry: FileEntry) -> IO[bytes]:
        """Open a file for reading. Raises FileError."""


class _Kept:
    """Where the bytes of a file are: beside the fields of an entry, which are its JSON."""

    __slots__ = ("_source",)
    _source: FileSource


@dataclass(frozen=True, slots=True)
class FileEntry(_Kept):
    """A file as the format exchanges it: exactly four keys in JSON, all strings.

    An entry that a call returned knows where its file is. One that was made from JSON does not;
    `FileStore.entry` finds its file.
    """

    extension: str
    mime_type: str
    name: str
    url: str

    def to_json(self) -> JsonObject:
        """Return `{extension, mimeType, name, url}`."""
        values = (self.extension, self.mime_type, self.name, self.url)
        return dict(zip(FILE_KEYS, values, strict=True))

    @classmethod
    def of_json(cls, file: JsonObject) -> FileEntry:
        """Read `{extension, mimeType, name, url}`."""
        return cls(*(file[key] for key in FILE_KEYS))

    @classmethod
    def of_url(cls, url: str) -> FileEntry:
        """Read a bare `data:` or http(s) URL, and the name and type in it."""
        if url[:5].lower() == "data:":
            return cls("", url[5:].split(",")[0].split(";")[0].strip().lower(), "file", url)
        return cls("", "", unquote(url.split("?")[0].split("#")[0].rpartition("/")[2]), url)

    def kept_in(self, source: FileSource) -> Self:
        """Return this entry with the source that opens its file."""
        entry = replace(self)
        object.__setattr__(entry, "_source", source)
        return entry

    @property
    def path(self) -> Path | None:
        """The file on this machine; None when it is elsewhere, such as in a bucket."""
        if isinstance(self.url, OwnFile):
            return Path(self.url)
        source: FileSource | None = getattr(self, "_source", None)
        return source.path_of(self) if source else None

    def read_bytes(self) -> bytes:
        """Return the content. Raises FileError."""
        try:
            with self._open() as file:
                return file.read()
        except OSError as error:
            reason = error.strerror or error
            raise FileError(f"{self.name or self.url} cannot be read: {reason}") from error

    def save(self, path: str | Path) -> Path:
        """Copy the file to a path, or into a folder under its own name; return the new path.

        Missing folders are created, and an existing file is replaced. Raises FileError.
        """
        from shutil import copyfileobj

        target = Path(path).expanduser()
        if target.is_dir() or str(path).endswith("/"):
            target /= Path(self.name).name or "file"
        # Written beside it first: the target may be the very file that is read.
        part = target.with_name(f".{target.name}.part")
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            with self._open() as file, part.open("wb") as copy:
                copyfileobj(file, copy)
            part.replace(target)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            reason = error.strerror or error
            raise FileError(f"{self.name} cannot be saved as {target}: {reason}") from error
        return target

    def _open(self) -> IO[bytes]:
        source: FileSource | None = getattr(self, "_source", None)
        if source:
            return source.open(self)
        if isinstance(self.url, OwnFile):
            return Path(self.url).open("rb")
        raise FileError(
            f"{self.name or 'the file'}: this entry does not know its file store; "
            "get one that does with `session.files.entry(entry)`"
        )

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> MimeBundle:
        return mime_bundle(repr(self), media([self]))


class OwnFile(str):
    """The path of a file that the caller named in Python, as the `url` of a FILE_ENTRY.

    Such a file is read in place. A URL that comes as JSON is a plain `str`, so it never has this
    permission: nobody can read a file of this machine by sending its path.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """The size of an image that was prepared for sending, turned upright."""

    width: int
    height: int
    """Of the image as a person sees it, before it was scaled down."""
    sent: tuple[int, int]
    """Width and height of what is sent."""
    notes: tuple[str, ...] = ()
    """How it was changed, for the user."""


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A FILE_ENTRY whose bytes can be read, more than once, and whose size is known."""

    entry: FileEntry
    size: int
    open: Callable[[], AsyncIterator[bytes]] = field(compare=False, repr=False)
    text: str | None = None
    """The content of a text file that goes into a prompt."""
    image: ImageInfo | None = None
    """For an image that was prepared."""
    called: str = ""
    """The extension or type that it was declared as, if its content differs."""
    notes: tuple[str, ...] = ()
    """How it was read, for the user."""
    path: Path | None = field(default=None, compare=False, repr=False)
    """Where the bytes are, if that is a file of this machine."""
    content: bytes | None = field(default=None, compare=False, repr=False)
    """The bytes, if they are in memory."""

    @classmethod
    def of_bytes(cls, entry: FileEntry, content: bytes, **more: Any) -> LoadedFile:
        """Return a file whose bytes are in memory; `more` are further fields."""
        return cls(entry, len(content), partial(_once, content), content=content, **more)


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content


@dataclass(frozen=True, slots=True)
class Embedded:
    """A place in a request body where the base64 of a file goes, behind `prefix`."""

    file: LoadedFile
    prefix: str = ""


@dataclass(frozen=True, slots=True)
class Inserted:
    """A place in a request body where a file goes as it is: it holds JSON."""

    file: LoadedFile


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request before it is sent; comparable, printable, without a secret.

    The body is JSON in which an `Embedded` or `Inserted` stands for the content of a file.
    """

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: JsonObject | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    dialect: str | None = None
    """The format of the response, as an action names it."""
    multipart: bool = False
    """Whether the body is sent as a form, in which an `Embedded` stands for the file itself."""
    warnings: tuple[str, ...] = ()
    """How the parameters were understood, for the user."""


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """The row of the chosen model in the catalogue, and the list it was found in."""

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
    error: ConnectorError | None = field(default=None, compare=False)
    """Why there is no list, if it could not be loaded. It is not part of the JSON."""

    def to_json(self) -> JsonObject:
        """Return `{options, disabled, placeholder, message, age}`."""
        return {
            "options": list(self.options),
            "disabled": self.disabled,
            "placeholder": self.placeholder,
            "message": self.message,
            "age": self.age,
        }

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> MimeBundle:
        columns = ("label", "value", "description")
        rows = [{name: option.get(name) for name in columns} for option in self.options]
        notes = list(filter(None, (self.placeholder, self.message)))
        lines = [*notes, *(str(row["value"]) for row in rows)]
        return mime_bundle("\n".join(lines), *map(show, notes), table(rows) if rows else "")


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
    words: Json = None
    """A list of `{start, end, word}` of a transcription, perhaps with a `speaker`."""
    routing: Json = None
    """How the request was routed: the strategy, and the providers that were tried."""
    job_id: str | None = None
    """The id of a long job, by which it can be resumed."""
    error: JsonObject | None = None
    """The failure, as `ConnectorError.to_json` has it, of an action that reports it as output,
    or of the requests of a batch that failed."""
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
        values = {key: getattr(self, name) for name, key in _KEYS.items()}
        values["files"] = tuple(file.to_json() for file in self.files)
        return {
            key: list(value) if isinstance(value, tuple) else value
            for key, value in values.items()
            if key in _ALWAYS or value not in (None, ())
        }


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(other.title() for other in others)


_KEYS = {field_.name: _camel(field_.name) for field_ in fields(Metadata)}
METADATA_KEYS = frozenset(_KEYS.values())
"""What may be known of a call besides its output, by the names in `Metadata.to_json()`."""
_ALWAYS = ("cost", "latency", "warnings")


@dataclass(frozen=True, slots=True)
class Result:
    """What an action returns: its output, and what else is known of the call."""

    output: Json
    metadata: Metadata

    @property
    def text(self) -> str:
        """The output as text: a text as it is, a file as its path or URL, anything else as JSON."""
        if isinstance(self.output, FileEntry):
            return str(self.output.path or self.output.url)
        if isinstance(self.output, str):
            return self.output
        import json

        return "" if self.output is None else json.dumps(self.output, indent=2, ensure_ascii=False)

    @property
    def files(self) -> tuple[FileEntry, ...]:
        """All files that the call stored; the first one is the output, if that is a file."""
        return self.metadata.files

    @property
    def cost(self) -> float | None:
        """USD; None when it is not known."""
        return self.metadata.cost

    def to_json(self) -> JsonObject:
        """Return `{output, metadata}` as plain JSON; a FILE_ENTRY output as its four keys."""
        output = self.output.to_json() if isinstance(self.output, FileEntry) else self.output
        return {"output": output, "metadata": self.metadata.to_json()}

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> MimeBundle:
        known = self.metadata
        below = facts(known.model, known.cost, known.latency, known.warnings)
        shown = "" if isinstance(self.output, FileEntry) else show(self.output)
        return mime_bundle(f"{self.text}\n{below.text}", shown, media(self.files), below.html)


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
    """One event of a running action. The last is `result`; a failure is raised instead.

    `started` comes once. `delta` has new `text` or `reasoning`. `progress` has `done`, perhaps
    `total`, and their `unit`; for a list also `row`, the result of one item; for a long job also
    `job`, the id by which it can be resumed; for an image perhaps a `preview`. `result` has the
    `Result`.
    """

    type: Literal["started", "delta", "progress", "result"]
    text: str = ""
    reasoning: str = ""
    done: int = 0
    total: int | None = None
    unit: str = ""
    job: str = ""
    preview: FileEntry | None = None
    """An unfinished image as a `data:` URL."""
    row: JsonObject | None = None
    """As in the output of the result, where warnings that all rows share are listed once."""
    result: Result | None = None
