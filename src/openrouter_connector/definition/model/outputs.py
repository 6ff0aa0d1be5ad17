"""What comes out of an action."""

from typing import Annotated

from pydantic import Field

from .basics import Name, Path, Type, Words


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


class Output(Shape):
    """What comes out."""

    dynamic: bool = False
    """The shape depends on the parameters, as with a schema for the answer."""
    path: Path | None = None
    """Where it stands in a JSON reply; absent is null."""
    required: bool = False
    """A reply without it is incomplete."""
    file: FileOutput | None = None
