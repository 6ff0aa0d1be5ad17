"""The content decides the type of a file: when it is sent to a model, and when it is stored."""

from __future__ import annotations

import base64
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import ApiError, Connector, FileError, FileStore, Result
from openrouter_connector.runtime.files.data_url import decode_base64
from openrouter_connector.runtime.files.signatures import detect_extension
from support.scripted_server import ASK, Answer, Received, completion, response, scripted

BOX = b"\0\0\0\x18ftyp"
FRAMES = (b"\xff\xfb\x90\x00" + bytes(413)) * 3
SIGNED = {
    "image/png": b"\x89PNG\r\n\x1a\n\0\0",
    "image/jpeg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "image/gif": b"GIF89a\1\0\1\0\x80",
    "image/webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "application/pdf": b"%PDF-1.7\n%\xe2\xe3",
    "video/mp4": BOX + b"isom\0\0\2\0",
    "video/quicktime": BOX + b"qt  \0\0\2\0",
    "video/webm": b"\x1a\x45\xdf\xa3\x9f\x42\x86\x81\1\x42\x82\x84webm",
}
SOUNDS = {
    "mp3": FRAMES,
    "wav": b"RIFF\x24\0\0\0WAVEfmt \x10\0",
    "flac": b"fLaC\0\0\0\x22",
    "ogg": b"OggS\0\2\0\0",
    "m4a": BOX + b"M4A \0\0\2\0",
    "aiff": b"FORM\0\0\0\x24AIFFCOMM",
}


def entry(content: bytes, name: str = "", kind: str = "", extension: str = "") -> dict[str, str]:
    """Make a FILE_ENTRY of bytes."""
    url = f"data:;base64,{base64.b64encode(content).decode()}"
    return {"extension": extension, "mimeType": kind, "name": name, "url": url}


def sent(connector: Connector, *files: Any) -> tuple[list[Any], list[str]]:
    """Call `ask` with files; return their parts of the message, and the warnings."""
    with scripted(response(completion())) as server:
        asked = ASK | {"attachments": list(files)}
        result = connector.run("ask", asked, "sk-or-v1-test", base_url=server.base_url)
        body = next(one.json for one in server.requests if one.method == "POST")
    return body["messages"][0]["content"][1:], list(result.metadata.warnings)


def url_of(part: Any) -> str:
    """Return the URL in a part of a message, under any key."""
    inner = part[part["type"]]
    return str(inner.get("url") or inner.get("file_data"))


@pytest.mark.parametrize("kind", SIGNED)
@pytest.mark.parametrize(
    "called",
    [
        {},
        {"name": "blob", "kind": "application/octet-stream"},
        {"kind": "binary/octet-stream; charset=binary"},
        {"name": "x.bmp", "kind": "image/bmp", "extension": "bmp"},
        {"name": "x.txt", "kind": "text/plain", "extension": "txt"},
        {"name": "x.mp3", "kind": "audio/mpeg", "extension": "mp3"},
    ],
)
def test_a_file_is_sent_with_its_true_type(
    connector: Connector, kind: str, called: dict[str, str]
) -> None:
    (part,), warnings = sent(connector, entry(SIGNED[kind], **called))
    assert url_of(part).startswith(f"data:{kind};base64,")
    assert len(warnings) == ("extension" in called)


@pytest.mark.parametrize(
    "content",
    [
        b"<svg/>",
        b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- a --><!-- b -->\n<svg xmlns='x'/>",
        b"<!DOCTYPE svg PUBLIC 'x'>\n<svg>" + b"<!-- -->" * 2000,
    ],
)
def test_svg_is_text_with_a_type_of_its_own(connector: Connector, content: bytes) -> None:
    (part,), _ = sent(connector, entry(content, "x", "application/octet-stream"))
    assert part["type"] == "text"
    assert detect_extension(content) == "svg"
    assert detect_extension(b"<!-- -->" * 8000 + b"<html>") is None


@pytest.mark.parametrize("kind", SOUNDS)
def test_audio_is_sent_with_its_true_format(connector: Connector, kind: str) -> None:
    (part,), warnings = sent(connector, entry(SOUNDS[kind], "talk.aac", "audio/aac", "aac"))
    assert part["input_audio"]["format"] == kind
    assert warnings == [f"talk.aac: its declared type is aac, but its content is {kind}"]


@pytest.mark.parametrize(
    ("alias", "kind", "content"),
    [
        ("image/jpg", "image/jpeg", SIGNED["image/jpeg"]),
        ("image/pjpeg", "image/jpeg", SIGNED["image/jpeg"]),
        ("image/x-png", "image/png", SIGNED["image/png"]),
        ("application/x-pdf", "application/pdf", SIGNED["application/pdf"]),
        ("IMAGE/JPG; q=1", "image/jpeg", b"\1no signature"),
        ("application/x-pdf", "application/pdf", b"\1no signature"),
    ],
)
def test_a_synonym_of_a_type_is_sent_as_the_usual_name(
    connector: Connector, alias: str, kind: str, content: bytes
) -> None:
    (part,), warnings = sent(connector, entry(content, "x", alias))
    assert url_of(part).startswith(f"data:{kind};base64,")
    assert warnings == []


@pytest.mark.parametrize("alias", ["audio/mp3", "audio/x-mp3", "audio/mpeg3", "audio/mpeg"])
def test_a_synonym_of_an_audio_extension_has_the_usual_format(
    connector: Connector, alias: str
) -> None:
    (part,), _ = sent(connector, entry(b"\1no signature", "x", alias))
    assert part["input_audio"]["format"] == "mp3"


@pytest.mark.parametrize(
    "name", [".env", "Dockerfile", "main.tf", "book.ipynb", "Makefile", "x", "a.bak", "run.ps1"]
)
@pytest.mark.parametrize("kind", ["", "application/octet-stream", "application/x-sh"])
def test_text_is_text_whatever_its_name(connector: Connector, name: str, kind: str) -> None:
    (part,), warnings = sent(connector, entry("größer = 1\n".encode(), name, kind))
    assert part == {"type": "text", "text": f"{name}:\n\ngrößer = 1\n"}
    assert warnings == []


TEXT = "Preis;Größe\n1 €;2\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), None),
        (TEXT.encode("utf-8-sig"), None),
        (TEXT.encode("utf-16"), "UTF-16"),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-16-le"), "UTF-16"),
        (TEXT.encode("utf-16-be"), "UTF-16"),
        (TEXT.encode("utf-32"), "UTF-32"),
        (TEXT.encode("cp1252"), "Windows-1252"),
    ],
)
@pytest.mark.parametrize("name", ["table.csv", "table"])
def test_text_in_another_encoding_is_read_with_a_warning(
    connector: Connector, tmp_path: Path, content: bytes, encoding: str | None, name: str
) -> None:
    (tmp_path / name).write_bytes(content)
    (part,), warnings = sent(connector, tmp_path / name)
    assert part["text"] == f"{name}:\n\n{TEXT}"
    assert warnings == ([f"{name}: read as {encoding}, since it is not UTF-8"] if encoding else [])


@pytest.mark.parametrize(
    ("content", "name", "refused"),
    [
        (b"", "a.png", r"attachments\[0\]: a\.png is empty"),
        (b"PK\3\4\x14\0", "x.pdf", r"x\.pdf \(application/zip\) is not one of"),
        (BOX + b"heic\0\0\0\0", "x.jpg", r"x\.jpg \(image/heic\) is not one of"),
        (BOX + b"avif\0\0\0\0", "x.webp", r"x\.webp \(image/avif\) is not one of"),
        (b"II*\0\x08\0\0\0", "x.png", r"x\.png \(image/tiff\) is not one of"),
        (bytes(range(256)), "thing", "is not one of"),
    ],
)
def test_an_unsupported_file_is_refused_before_it_is_paid_for(
    connector: Connector, content: bytes, name: str, refused: str
) -> None:
    with (
        scripted(response(completion())) as server,
        pytest.raises(FileError, match=refused) as caught,
    ):
        asked = ASK | {"attachments": [entry(content, name)]}
        connector.run("ask", asked, "sk-or-v1-test", base_url=server.base_url)
    assert caught.value.path == "attachments[0]"
    assert [one for one in server.requests if one.method == "POST"] == []


@settings(max_examples=60, deadline=None)
@given(content=st.binary(), width=st.integers(1, 80), url_safe=st.booleans(), bare=st.booleans())
def test_base64_is_read_however_it_is_written(
    content: bytes, width: int, url_safe: bool, bare: bool
) -> None:
    text = base64.urlsafe_b64encode(content) if url_safe else base64.b64encode(content)
    text = text.rstrip(b"=") if bare else text
    lines = b"\r\n ".join(text[at : at + width] for at in range(0, len(text), width))
    assert decode_base64(lines) == content


def test_a_data_url_with_line_breaks_is_read(connector: Connector) -> None:
    file = entry(b"", "n.txt")
    (part,), _ = sent(connector, {**file, "url": "DATA:text/plain; base64,SGVs\r\n bG8\n"})
    assert part["text"] == "n.txt:\n\nHello"


# Responses ---------------------------------------------------------------------------------------


def speech(connector: Connector, store: FileStore, body: bytes, kind: str, wanted: str) -> Result:
    """Return speech in one format when another one was requested."""

    def answer(received: Received) -> Answer:
        if received.method == "GET":
            return response({"data": []})
        return response(body, kind=kind)

    asked = {"model": "m/x", "input": "Hi", "voice": "a", "responseFormat": wanted}
    with scripted(answer) as server:
        options: dict[str, Any] = {"base_url": server.base_url, "files": store}
        return connector.run("createSpeech", asked, "sk-or-v1-test", **options)


SAMPLES = struct.pack("<200h", *range(200))


@pytest.mark.parametrize(
    ("body", "kind", "requested", "returned"),
    [
        (SAMPLES, "audio/L16;codec=pcm;rate=24000", "mp3", "pcm"),
        (SAMPLES, "audio/pcm;rate=24000;channels=1", "mp3", "pcm"),
        (SOUNDS["wav"], "audio/mpeg", "mp3", "wav"),
        (SOUNDS["ogg"], "application/octet-stream", "mp3", "ogg"),
        (FRAMES, "audio/pcm", "pcm", "mp3"),
        (FRAMES, "application/octet-stream", "mp3", "mp3"),
        (FRAMES, "audio/x-mp3", "mp3", "mp3"),
        (SAMPLES, "application/octet-stream", "pcm", "pcm"),
    ],
)
def test_speech_is_stored_with_its_true_type(
    connector: Connector, store: FileStore, body: bytes, kind: str, requested: str, returned: str
) -> None:
    result = speech(connector, store, body, kind, requested)
    assert result.output.extension == returned
    assert result.output.mime_type == {"mp3": "audio/mpeg"}.get(returned, f"audio/{returned}")
    assert (f"requested {requested}, received {returned}" in result.metadata.warnings) == (
        requested != returned
    )


@pytest.mark.parametrize(
    ("kind", "channels", "rate"),
    [
        ("audio/L16; rate=16000", 1, 16_000),
        ("audio/L16;rate=44100;channels=2", 2, 44_100),
        ("audio/pcm", 1, 24_000),
        ("audio/L16;rate=0;channels=x", 1, 24_000),
    ],
)
def test_a_wav_has_the_rate_of_its_samples(
    connector: Connector, store: FileStore, kind: str, channels: int, rate: int
) -> None:
    path = store.path_of(speech(connector, store, SAMPLES, kind, "wav").output)
    assert path
    header = path.read_bytes()
    assert struct.unpack("<HI", header[22:28]) == (channels, rate)
    assert header[44:] == SAMPLES


def test_a_wav_response_gets_no_second_header(connector: Connector, store: FileStore) -> None:
    result = speech(connector, store, SOUNDS["wav"], "audio/wav", "wav")
    path = store.path_of(result.output)
    assert path and path.read_bytes() == SOUNDS["wav"]


@pytest.mark.parametrize(
    ("body", "kind", "message"),
    [
        (b"", "audio/mpeg", "the response is empty"),
        (b'{"error": {"message": "no voice"}}', "audio/mpeg", "no voice"),
        (b"<html>502</html>", "application/octet-stream", "a web page"),
    ],
)
def test_a_response_that_is_no_file_is_an_error(
    connector: Connector, store: FileStore, tmp_path: Path, body: bytes, kind: str, message: str
) -> None:
    with pytest.raises(ApiError, match=message):
        speech(connector, store, body, kind, "mp3")
    assert not list((tmp_path / "files").iterdir())


def test_an_image_with_a_wrong_type_is_stored_with_its_true_type(
    connector: Connector, store: FileStore
) -> None:
    row = {"id": "m/x", "architecture": {"output_modalities": ["image"]}}
    jpeg = base64.b64encode(SIGNED["image/jpeg"]).decode()
    drawn = {"id": "g", "data": [{"b64_json": jpeg, "media_type": "image/png"}]}

    def answer(received: Received) -> Answer:
        return response({"data": [row]} if received.method == "GET" else drawn)

    asked = {"model": "m/x", "imageMessages": [{"content": "a cat"}]}
    with scripted(answer) as server:
        options: dict[str, Any] = {"base_url": server.base_url, "files": store}
        result = connector.run("createImage", asked, "sk-or-v1-test", **options)
    assert (result.output.extension, result.output.mime_type) == ("jpg", "image/jpeg")
