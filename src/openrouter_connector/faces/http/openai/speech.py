"""Relay speech: convert OpenAI's request for OpenRouter, and send the audio streamed or whole."""

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
from .client_request import json_body, post
from .relay_call import ChunkWriter, Relay, end_body, response_headers

_PCM = Pcm(rate=24000, channels=1, width=2)
_BYTES = "application/octet-stream"
_PCM_TYPES = ("audio/pcm", "")
_CHUNK = 64 * 1024
_MAX_IN_MEMORY = 1024 * 1024  # bytes; longer audio is buffered on disk


async def speech(request: Request) -> Relay:
    """`POST /audio/speech`. The default format is mp3; WAV is made of PCM samples."""
    body = await json_body(request)
    if body.get("stream_format") == "sse":
        message = "'sse' is not supported; leave it out, and the audio is streamed as bytes"
        raise InputError([Problem("stream_format", message)])
    wav = body.get("response_format") == "wav"
    # The header of a WAV file holds its size, so the audio must be whole before it is sent.
    respond = partial(_whole, wav) if wav or _needs_whole_response(request) else _stream
    return Relay(request, "audio.speech", post(request, "/audio/speech", _api_body(body)), respond)


def _api_body(body: JsonObject) -> JsonObject:
    """Return the request for the API, whose own default format is PCM."""
    sent = {k: v for k, v in body.items() if k not in ("stream_format", "instructions")}
    format_, voice = sent.get("response_format") or "mp3", sent.get("voice")
    sent["response_format"] = "pcm" if format_ == "wav" else format_
    if isinstance(voice, dict):
        sent["voice"] = voice.get("id")
    if instructions := body.get("instructions"):
        sent["provider"] = _with_instructions(sent.get("provider"), instructions)
    return sent


def _with_instructions(provider: Json, instructions: Json) -> JsonObject:
    """Add instructions to the options of the provider OpenAI, the only one to support them."""
    options = an_object(an_object(provider).get("options"))
    openai = {"instructions": instructions, **an_object(options.get("openai"))}
    return {**an_object(provider), "options": {**options, "openai": openai}}


def _needs_whole_response(request: Request) -> bool:
    """Return whether the client reads a response to its end before it returns.

    The Python client does, and retries (and so pays twice) when the response breaks off. It gets
    nothing to stream anyway, so the response is sent once it is whole.
    """
    python = request.headers.get("x-stainless-lang") == "python"
    return python and request.headers.get("x-stainless-raw-response") != "stream"


async def _stream(relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    await writer.write_all(relayed.file(), _content_type(relayed))
    return end_body()


async def _whole(wav: bool, relayed: Relayed, writer: ChunkWriter) -> ASGIApp:
    """Buffer the whole audio, and return the application that sends it."""
    buffer = SpooledTemporaryFile(max_size=_MAX_IN_MEMORY)  # noqa: SIM115 - closed by `_send`
    audio = UploadFile(cast(BinaryIO, buffer), size=0)  # its methods do disk access in a thread
    try:
        async with aclosing(relayed.file()) as chunks:
            async for chunk in chunks:
                await audio.write(chunk)
        await audio.seek(0)
    except BaseException:
        await audio.close()
        raise
    size, content_type, head = audio.size or 0, _content_type(relayed), b""
    pcm = pcm_format(relayed.full_type, _PCM)
    if wav and pcm and canonical(content_type) in _PCM_TYPES:
        content_type, head = "audio/wav", wav_header(pcm, size)
    length = str(len(head) + size)
    headers = {"content-type": content_type, "content-length": length, **response_headers(relayed)}
    return partial(_send, audio, head, headers)


def _content_type(relayed: Relayed) -> str:
    content_type = relayed.content_type
    return content_type if content_type and fits_header(content_type) else _BYTES


async def _send(
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
        while chunk := await audio.read(_CHUNK):
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
    finally:
        await audio.close()
    await send({"type": "http.response.body", "body": b"", "more_body": False})
