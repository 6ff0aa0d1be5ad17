"""Speech: OpenAI's request as OpenRouter takes it; the sound in pieces, or once it is whole."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import aclosing
from functools import partial
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from starlette.datastructures import Headers, UploadFile
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ....definition.model import Pcm
from ....errors import InputError, Problem
from ....runtime.audio.wav import pcm_format, wav_header
from ....runtime.files.media_types import canonical
from ....runtime.http.headers import fits_header
from ....runtime.relay import Relayed
from ....values import Json, JsonObject, an_object
from .client_request import object_of, post
from .relay_call import Outlet, Relay, ending, told

_PCM = Pcm(rate=24000, channels=1, width=2)
_BYTES = "application/octet-stream"
_RAW = ("audio/pcm", "")
_CHUNK = 64 * 1024
_IN_MEMORY = 1024 * 1024  # bytes; a longer sound waits on disk


async def speech(request: Request) -> Relay:
    """`POST /audio/speech`: mp3 when no format is named, and WAV made of samples."""
    body = await object_of(request)
    if body.get("stream_format") == "sse":
        way_out = "is not offered; leave it out, and the sound comes in pieces as it is"
        raise InputError([Problem("stream_format", way_out)])
    wav = body.get("response_format") == "wav"
    # The size of a WAV file stands at its beginning.
    answer = partial(_whole, wav) if wav or _waits_for_all(request) else _in_pieces
    return Relay(request, "audio.speech", post(request, "/audio/speech", _asked(body)), answer)


def _asked(body: JsonObject) -> JsonObject:
    """Give a request in the words of the API, whose own default is raw samples."""
    asked = {k: v for k, v in body.items() if k not in ("stream_format", "instructions")}
    form, voice = asked.get("response_format") or "mp3", asked.get("voice")
    asked["response_format"] = "pcm" if form == "wav" else form
    if isinstance(voice, dict):
        asked["voice"] = voice.get("id")
    if manner := body.get("instructions"):
        asked["provider"] = _instructed(manner, asked.get("provider"))
    return asked


def _instructed(manner: Json, provider: Json) -> JsonObject:
    """Say how to speak where the API takes it: among the options of the one provider who does."""
    options = an_object(an_object(provider).get("options"))
    openai = {"instructions": manner, **an_object(options.get("openai"))}
    return {**an_object(provider), "options": {**options, "openai": openai}}


def _waits_for_all(request: Request) -> bool:
    """Tell whether this client reads an answer to its end before it gives it out.

    It asks once more, and so pays twice, when an answer breaks off meanwhile.
    """
    python = request.headers.get("x-stainless-lang") == "python"
    return python and request.headers.get("x-stainless-raw-response") != "stream"


async def _in_pieces(relayed: Relayed, outlet: Outlet) -> ASGIApp:
    await outlet.pass_on(relayed.file(), _kind(relayed))
    return ending()


async def _whole(wav: bool, relayed: Relayed, outlet: Outlet) -> ASGIApp:
    """Wait for all of a sound, before a word of it is said."""
    spool = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115 - it outlives this
    audio = UploadFile(cast(BinaryIO, spool), size=0)
    try:
        async with aclosing(relayed.file()) as pieces:
            async for piece in pieces:
                await audio.write(piece)
        await audio.seek(0)
    except BaseException:
        await audio.close()
        raise
    size, kind, head = audio.size or 0, _kind(relayed), b""
    pcm = pcm_format(relayed.full_type, _PCM)
    if wav and pcm and canonical(kind) in _RAW:
        kind, head = "audio/wav", wav_header(pcm, size)
    length = str(len(head) + size)
    headers = {"content-type": kind, "content-length": length, **told(relayed)}
    return partial(_sent, audio, head, headers)


def _kind(relayed: Relayed) -> str:
    kind = relayed.content_type
    return kind if kind and fits_header(kind) else _BYTES


async def _sent(
    audio: UploadFile,
    head: bytes,
    headers: Mapping[str, str],
    scope: Scope,
    receive: Receive,
    send: Send,
) -> None:
    start = {"type": "http.response.start", "status": 200, "headers": Headers(headers).raw}
    try:
        await send(start)
        await send({"type": "http.response.body", "body": head, "more_body": True})
        while piece := await audio.read(_CHUNK):
            await send({"type": "http.response.body", "body": piece, "more_body": True})
    finally:
        await audio.close()
    await send({"type": "http.response.body", "body": b"", "more_body": False})
