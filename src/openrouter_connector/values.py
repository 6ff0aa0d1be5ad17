"""The values that travel through the house: frozen, plain, without behaviour of their own.

parameters ──accept──▶ values ──build──▶ Call ──send──▶ reply ──read──▶ Result
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
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
class Result:
    """What an action gives: the output it promises, and what else is known of the call."""

    output: Json
    metadata: JsonObject

    def to_json(self) -> JsonObject:
        """Give `{output, metadata}` as plain JSON; a FILE_ENTRY output as its four keys."""
        output = self.output.to_json() if isinstance(self.output, FileEntry) else self.output
        return {"output": output, "metadata": self.metadata}


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
