"""Relay transcriptions: convert a client's form to JSON, streaming the audio into the request."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from starlette.datastructures import FormData, UploadFile
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp

from ....errors import IncompleteError, InputError, Problem
from ....runtime.audio.subtitles import to_srt, to_vtt
from ....runtime.audio.timeline import merge_segments
from ....runtime.audio.values import Segment
from ....runtime.files import media_types
from ....runtime.relay import Relayed
from ....values import Embedded, FileEntry, Json, JsonObject, LoadedFile
from ..files import upload_chunks
from ..json_io import json_response
from .client_request import post
from .relay_call import ChunkWriter, Relay, Respond, response_headers

WriteSubtitles = Callable[[list[Segment]], str]

_EXTENSIONS = ("wav", "mp3", "flac", "m4a", "ogg", "webm", "aac")
_ALIASES = {"mp4": "m4a", "mpeg": "mp3"}
_SUBTITLES: dict[str | None, WriteSubtitles] = {"srt": to_srt, "vtt": to_vtt}
_FORMATS = ("json", "text", "verbose_json", "srt", "vtt")


async def transcriptions(request: Request) -> Relay:
    """`POST /audio/transcriptions`. The audio is the `file` of the form."""
    form = await request.form(max_files=1, max_fields=100)
    try:
        call = post(request, "/audio/transcriptions", _api_body(form))
    except BaseException:
        await request.close()
        raise
    format_ = _field(form, "response_format")
    if write := _SUBTITLES.get(format_):
        respond: Respond = partial(_subtitles, write)
    else:
        respond = _text if format_ == "text" else _object
    return Relay(request, "audio.transcriptions", call, respond)


def _api_body(form: FormData) -> JsonObject:
    """Return the request for the API. InputError lists all that is wrong with the form."""
    if problems := list(_problems(form)):
        raise InputError(problems)
    timed = _field(form, "response_format") in ("verbose_json", *_SUBTITLES)
    times = [*form.getlist("timestamp_granularities[]"), *form.getlist("timestamp_granularities")]
    language, temperature = _field(form, "language"), _field(form, "temperature")
    body = {
        "model": _field(form, "model"),
        "input_audio": _audio(form),
        "language": language and language.lower(),
        "temperature": temperature and float(temperature),
        "response_format": "verbose_json" if timed else None,
        "timestamp_granularities": times,
    }
    return {name: value for name, value in body.items() if value not in (None, "", [])}


def _problems(form: FormData) -> Iterator[Problem]:
    if not isinstance(file := form.get("file"), UploadFile):
        yield Problem("file", "is missing; send the audio as a file of the form")
    elif _extension(file) not in _EXTENSIONS:
        supported = ", ".join(_EXTENSIONS)
        yield Problem("file", f"{file.filename!r} is not a supported format: {supported}")
    format_ = _field(form, "response_format") or "json"
    if format_ not in _FORMATS:
        yield Problem("response_format", f"{format_} is not one of {', '.join(_FORMATS)}")
    if _field(form, "stream") == "true":
        yield Problem("stream", "is not supported for transcriptions; leave it out")
    if not _is_number(_field(form, "temperature") or "0"):
        yield Problem("temperature", "must be a number")


def _audio(form: FormData) -> JsonObject:
    file = form["file"]
    assert isinstance(file, UploadFile)  # noqa: S101 - `_problems` checked it
    extension = _extension(file)
    entry = FileEntry(extension, media_types.mime_type(extension), file.filename or "", "")
    audio = LoadedFile(entry, file.size or 0, partial(upload_chunks, file))
    return {"data": Embedded(audio), "format": extension}


def _extension(file: UploadFile) -> str:
    extension = media_types.extension(None, file.filename or "", file.content_type)
    return _ALIASES.get(extension, extension)


def _field(form: FormData, name: str) -> str | None:
    """Return a text field; None when it is missing or a file."""
    value = form.get(name)
    return value if isinstance(value, str) else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


async def _object(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    return json_response(await _transcription(relayed), headers=response_headers(relayed))


async def _text(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    return _plain_text((await _transcription(relayed))["text"], relayed)


async def _subtitles(write: WriteSubtitles, relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    """Write subtitles of the timed segments, since the API does not write them itself."""
    body = await _transcription(relayed)
    segments = [segment for segment in body.get("segments") or () if _is_timed(segment)]
    if not segments:
        message = "the response has no timed segments to write subtitles of"
        raise IncompleteError(message, status=200, raw=body)
    end = max(segment["end"] for segment in segments)
    return _plain_text(write(merge_segments([(0.0, end, "", segments)])), relayed)


def _is_timed(segment: Json) -> bool:
    if not isinstance(segment, dict) or not isinstance(segment.get("text"), str):
        return False
    end = segment.get("end")
    return isinstance(end, int | float) and 0 <= end < 1e6


def _plain_text(text: str, relayed: Relayed) -> ASGIApp:
    # A model may return a lone surrogate, which UTF-8 cannot encode.
    return PlainTextResponse(text.encode(errors="replace"), headers=response_headers(relayed))


async def _transcription(relayed: Relayed) -> JsonObject:
    body = await relayed.json()
    if not isinstance(body.get("text"), str):
        raise IncompleteError("the response has no text", status=200, raw=body)
    return body
