"""Read the fields of a multipart form, byte for byte."""

from __future__ import annotations

import email.parser
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message

READER = email.parser.BytesHeaderParser(policy=email.policy.compat32)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form; `filename` is empty unless the field is a file."""

    name: str
    filename: str
    subtype: str
    content: bytes


def read_fields(content_type: str, body: bytes) -> Iterator[Field]:
    """Yield the fields of a form with this Content-Type; none if it has no boundary."""
    boundary = _headers(f"Content-Type: {content_type}".encode("latin-1")).get_boundary()
    if not boundary:
        return
    # Split by hand: the parsers at hand decode the content as text, and files must stay as they
    # are.
    for chunk in (b"\r\n" + body).split(b"\r\n--" + boundary.encode("latin-1"))[1:-1]:
        head, _, content = chunk.partition(b"\r\n\r\n")
        headers = _headers(head.removeprefix(b"\r\n"))
        name = headers.get_param("name", header="content-disposition")
        filename = headers.get_filename() or ""
        yield Field(str(name), filename, headers.get_content_subtype(), content)


def _headers(text: bytes) -> Message:
    return READER.parsebytes(text + b"\r\n\r\n")
