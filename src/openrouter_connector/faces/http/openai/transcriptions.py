"""Transcriptions: a client's form as JSON of the API, with the sound read while it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
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
from ..json_io import response
from .client_request import post
from .relay_call import Answer, Outlet, Relay, told

_SOUNDS = ("wav", "mp3", "flac", "m4a", "ogg", "webm", "aac")
_ALSO = {"mp4": "m4a", "mpeg": "mp3"}
_SUBTITLES: dict[str | None, Callable[[list[Segment]], str]] = {"srt": to_srt, "vtt": to_vtt}
_FORMATS = ("json", "text", "verbose_json", "srt", "vtt")
_CHUNK = 1024 * 1024


async def transcriptions(request: Request) -> Relay:
    """`POST /audio/transcriptions`: a form with the sound as its `file`."""
    form = await request.form(max_files=1, max_fields=100)
    try:
        call = post(request, "/audio/transcriptions", _asked(form))
    except BaseException:
        await request.close()
        raise
    wanted = _word(form, "response_format")
    if written := _SUBTITLES.get(wanted):
        answer: Answer = partial(_subtitles, written)
    else:
        answer = _text if wanted == "text" else _object
    return Relay(request, "audio.transcriptions", call, answer)


def _asked(form: FormData) -> JsonObject:
    """Give a form in the words of the API; InputError lists all that it has none for."""
    if problems := list(_problems(form)):
        raise InputError(problems)
    timed = _word(form, "response_format") in ("verbose_json", *_SUBTITLES)
    times = [*form.getlist("timestamp_granularities[]"), *form.getlist("timestamp_granularities")]
    language, temperature = _word(form, "language"), _word(form, "temperature")
    asked = {
        "model": _word(form, "model"),
        "input_audio": _sound(form),
        "language": language and language.lower(),
        "temperature": temperature and float(temperature),
        "response_format": "verbose_json" if timed else None,
        "timestamp_granularities": times,
    }
    return {name: value for name, value in asked.items() if value not in (None, "", [])}


def _problems(form: FormData) -> Iterator[Problem]:
    listed = ", ".join(_SOUNDS)
    if not isinstance(file := form.get("file"), UploadFile):
        yield Problem("file", "is missing; send the sound as a file of the form")
    elif _extension(file) not in _SOUNDS:
        yield Problem("file", f"{file.filename!r} is none of {listed}, by its name and type")
    wanted = _word(form, "response_format") or "json"
    if wanted not in _FORMATS:
        yield Problem("response_format", f"{wanted} is none of {', '.join(_FORMATS)}")
    if _word(form, "stream") == "true":
        yield Problem("stream", "is not offered; a transcription comes whole")
    if not _is_number(_word(form, "temperature") or "0"):
        yield Problem("temperature", "is no number")


def _sound(form: FormData) -> JsonObject:
    file = form["file"]
    assert isinstance(file, UploadFile)  # noqa: S101 - it was looked at
    extension = _extension(file)
    entry = FileEntry(extension, media_types.mime_type(extension), file.filename or "", "")
    audio = LoadedFile(entry, file.size or 0, partial(_read, file))
    return {"data": Embedded(audio), "format": extension}


def _extension(file: UploadFile) -> str:
    found = media_types.extension(None, file.filename or "", file.content_type)
    return _ALSO.get(found, found)


async def _read(file: UploadFile) -> AsyncIterator[bytes]:
    await file.seek(0)
    while chunk := await file.read(_CHUNK):
        yield chunk


def _word(form: FormData, name: str) -> str | None:
    """Give a field that is text; a file under its name is none."""
    value = form.get(name)
    return value if isinstance(value, str) else None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


async def _object(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    return response(await _heard(relayed), headers=told(relayed))


async def _text(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    return _plain((await _heard(relayed))["text"], relayed)


async def _subtitles(
    written: Callable[[list[Segment]], str], relayed: Relayed, outlet: Outlet
) -> ASGIApp:
    """Write the segments that the model timed as subtitles, which the API itself does not."""
    answer = await _heard(relayed)
    segments = [one for one in answer.get("segments") or () if _is_timed(one)]
    if not segments:
        raise IncompleteError("the answer has no times for subtitles", status=200, raw=answer)
    end = max(one["end"] for one in segments)
    return _plain(written(merge_segments([(0.0, end, "", segments)])), relayed)


def _is_timed(segment: Json) -> bool:
    if not isinstance(segment, dict) or not isinstance(segment.get("text"), str):
        return False
    end = segment.get("end")
    return isinstance(end, int | float) and 0 <= end < 1e6


def _plain(text: str, relayed: Relayed) -> ASGIApp:
    # A model may send half of a surrogate pair, which has no UTF-8.
    return PlainTextResponse(text.encode(errors="replace"), headers=told(relayed))


async def _heard(relayed: Relayed) -> JsonObject:
    answer = await relayed.json()
    if not isinstance(answer.get("text"), str):
        raise IncompleteError("the answer has no text", status=200, raw=answer)
    return answer
