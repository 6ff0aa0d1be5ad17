"""The words of an output: its shape, where the response holds it, and how files are read."""

from typing import Annotated

from .basics import Name, Path, Type, Words, matching


class Pcm(Words):
    """The layout of raw little-endian audio samples."""

    rate: int
    """Samples per second.
    Example: 24000"""
    channels: int
    """The number of channels.
    Example: 1"""
    width: int
    """Bytes per sample.
    Example: 2"""


class FileOutput(Words):
    """How a response becomes files of the file store."""

    name: str
    """The file name without an extension.
    Example: speech"""
    extension: Name | None = None
    """The property with the extension. Default: derived from the content type.
    Example: responseFormat"""
    items: Path | None = None
    """Where a JSON response lists the files. Without it, the response itself is the file.
    Example: data"""
    base64: str | None = None
    """The key of the base64 content in an item.
    Example: b64_json"""
    mime_type: str | None = None
    """The key of the MIME type in an item.
    Example: media_type"""
    allow_text: bool = False
    """Whether the file may be text or JSON. Without it, such a response is an error.
    Example: true"""
    pcm: Pcm | None = None
    """The layout of raw samples, which lets the runtime write the header of a WAV file.
    Example: {rate: 24000, channels: 1, width: 2}"""


class Shape(Words):
    """The shape of an output value. The value may contain more than its shape names."""

    type: Type
    """The type of the value.
    Example: OBJECT"""
    description: str | None = None
    """What the value means.
    Example: Milliseconds to the first token."""
    any_of: tuple["Shape", ...] = ()
    """The types that an ANY may have. Default: any JSON value.
    Example: [{type: STRING}, {type: OBJECT}]"""
    items: "Shape | None" = None
    """The items of an ARRAY.
    Example: {type: STRING}"""
    properties: tuple["Part", ...] = ()
    """The parts of an OBJECT. Each may be missing or null.
    Example: [{name: cost, type: NUMBER, description: In USD.}]"""


class Part(Shape):
    """One part of an OBJECT in the output."""

    name: Annotated[str, matching(r"^[A-Za-z_]\w*$", "a key, such as finish_reason")]
    """The key of the part: the API's own, or a new one for the value at `path`.
    Example: finish_reason"""
    path: Path | None = None
    """Where the response holds the value, for an output that is assembled from parts.
    Example: choices[0].message.content"""


class Output(Shape):
    """What an action returns."""

    dynamic_schema: bool = False
    """Whether the parameters change the shape, as a response schema does.
    Example: true"""
    path: Path | None = None
    """Where a JSON response holds the output. A missing value is null.
    Example: choices[0].message.content"""
    required: bool = False
    """Whether a response without the output is an error.
    Example: true"""
    file: FileOutput | None = None
    """How the response becomes a file, for a FILE_ENTRY.
    Example: {name: speech, extension: responseFormat}"""
