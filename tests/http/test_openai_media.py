"""Images, speech and transcriptions of the OpenAI client."""

from __future__ import annotations

import base64
import io
import json
import wave
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from openrouter_connector.faces.http.sessions import StartupConnection
from support.disconnects import eventually
from support.http_face import Serve, Served
from support.openai_client import openai_client
from support.scripted_server import Answer, events, response, scripted

KEY = "sk-or-v1-0123456789abcdef"
SPOKEN = "Hello there"
PNG = base64.b64encode(b"\x89PNG and so on").decode()
DRAWN = {"created": 5, "data": [{"b64_json": PNG, "media_type": "image/png"}]}
SPEECH: Any = {"model": "sandbox/speaker", "voice": "alba", "input": SPOKEN}


@pytest.fixture
def client(played: Served) -> Iterator[openai.OpenAI]:
    with openai_client(played) as client:
        yield client


def sent(serve: Serve, place: str, body: Any, answer: Answer) -> Any:
    """Make a call, and return the body that the API received."""
    with scripted(answer) as api:
        served = serve(startup={"there": StartupConnection(KEY, api.base_url)})
        assert served.api.post(f"/openai/v1/{place}", json=body).status_code == 200
    return api.requests[0].json


# Pictures ----------------------------------------------------------------------------------------


def test_an_image_is_returned_as_base64(client: openai.OpenAI) -> None:
    result = client.images.generate(model="sandbox/painter", prompt="A hill", size="512x512")

    assert result.data and result.usage
    assert base64.b64decode(result.data[0].b64_json or "").startswith(b"\x89PNG")
    assert result.output_format == "png"
    assert result.usage.output_tokens == result.usage.total_tokens > 0
    assert result.usage.input_tokens_details.text_tokens == 0


def test_several_images_are_returned_as_urls_of_this_server(
    client: openai.OpenAI, played: Served
) -> None:
    result = client.images.generate(
        model="sandbox/painter", prompt="A hill", n=2, response_format="url", output_format="jpeg"
    )
    urls = [image.url or "" for image in result.data or ()]

    assert len(urls) == 2
    for url in urls:
        assert url.startswith(f"{played.url}/api/files/")
        assert played.client().get(url).status_code == 401
        assert played.api.get(url).headers["content-type"] == "image/jpeg"


def test_an_image_request_is_converted_for_the_api(serve: Serve) -> None:
    both = {"model": "a/b", "prompt": "A hill", "n": 2, "user": "me", "seed": 0}
    both |= {"background": "transparent", "output_format": "webp", "output_compression": 80}
    theirs = {"size": "auto", "quality": "hd", "style": "vivid", "response_format": "b64_json"}

    asked = sent(serve, "images/generations", {**both, **theirs}, response(DRAWN))

    assert asked == {**both, "quality": "high"}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(response(DRAWN), id="whole"),
        pytest.param(
            events({"type": "image_generation.completed", "b64_json": PNG, "created": 5}),
            id="streamed",
        ),
    ],
)
def test_an_image_is_streamed(serve: Serve, answer: Answer) -> None:
    with (
        scripted(answer) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        (event,) = client.images.generate(model="a/b", prompt="A hill", stream=True)

    assert event.type == "image_generation.completed"
    assert event.b64_json == PNG


@pytest.mark.parametrize(
    "answer",
    [
        events({"type": "error", "error": {"code": None, "message": "It broke"}}),
        events({"type": "image_generation.partial_image", "b64_json": PNG}, done=False),
    ],
)
def test_a_stream_of_images_that_fails_is_an_error(serve: Serve, answer: Answer) -> None:
    with (
        scripted(answer) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
        pytest.raises(openai.APIError, match="broke"),
    ):
        list(client.images.generate(model="a/b", prompt="A hill", stream=True))


@pytest.mark.parametrize("item", [{}, {"b64_json": "?"}, {"b64_json": 5}, 5])
def test_an_invalid_image_is_an_error(serve: Serve, item: Any) -> None:
    with (
        scripted(response({"data": [item]})) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        with pytest.raises(openai.InternalServerError, match="is not base64"):
            client.images.generate(model="a/b", prompt="A hill", response_format="url")
        assert len(api.requests) == 1


# Speech ------------------------------------------------------------------------------------------


def test_speech_is_mp3_by_default(client: openai.OpenAI) -> None:
    spoken = client.audio.speech.create(**SPEECH)

    assert spoken.response.headers["content-type"] == "audio/mpeg"
    assert spoken.content.startswith(b"ID3")
    assert len(spoken.content) == int(spoken.response.headers["content-length"])


def test_speech_as_wav_plays(client: openai.OpenAI) -> None:
    spoken = client.audio.speech.create(**SPEECH, response_format="wav")

    assert spoken.response.headers["content-type"] == "audio/wav"
    with wave.open(io.BytesIO(spoken.content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24000, 1, 2)
        assert sound.getnframes() * 2 == len(spoken.content) - 44


def test_speech_is_streamed(serve: Serve) -> None:
    head, *_ = response("", kind="audio/mpeg", headers={"Content-Length": "6"}).pieces
    with (
        scripted(Answer((head, b"abc"), "hang")) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
        client.audio.speech.with_streaming_response.create(**SPEECH) as spoken,
    ):
        assert next(spoken.iter_bytes(3)) == b"abc"  # and the rest never comes


def test_a_speech_request_is_converted_for_the_api(serve: Serve) -> None:
    both: Any = {"model": "a/b", "input": "Hello", "speed": 1.5}
    theirs = {"voice": {"id": "v"}, "response_format": "wav", "stream_format": "audio"}
    theirs |= {"instructions": "Whisper", "provider": {"options": {"azure": {"style": "sad"}}}}

    asked = sent(serve, "audio/speech", {**both, **theirs}, response("PCM", kind="audio/pcm"))

    options = {"azure": {"style": "sad"}, "openai": {"instructions": "Whisper"}}
    ours = {"voice": "v", "response_format": "pcm", "provider": {"options": options}}
    assert asked == {**both, **ours}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(
            response("abc", kind="audio/mpeg", headers={"Content-Length": "9"}, then="close"),
            id="cut off",
        ),
        pytest.param(response("", kind="audio/mpeg"), id="empty"),
        pytest.param(response({"error": {"code": 502, "message": "no"}}), id="an error"),
        pytest.param(response("no", kind="text/plain"), id="a text"),
    ],
)
@pytest.mark.parametrize("form", ["mp3", "wav"])
def test_speech_that_fails_is_an_error_and_not_paid_for_twice(
    serve: Serve, answer: Answer, form: Any
) -> None:
    with (
        scripted(answer) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        with pytest.raises(openai.InternalServerError):
            client.audio.speech.create(**SPEECH, response_format=form)
        assert len(api.requests) == 1


def test_streamed_speech_that_breaks_off_is_not_taken_for_the_whole(serve: Serve) -> None:
    cut = response("abc", kind="audio/mpeg", headers={"Content-Length": "9"}, then="close")
    with (
        scripted(cut) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
        client.audio.speech.with_streaming_response.create(**SPEECH) as spoken,
    ):
        with pytest.raises(httpx2.RemoteProtocolError):
            spoken.read()
        assert len(api.requests) == 1


def test_the_cost_of_speech_is_looked_up_after_the_response(
    client: openai.OpenAI, audit: Path
) -> None:
    client.audio.speech.create(**SPEECH)
    assert eventually(lambda: audit.read_text().endswith("\n"))
    line = json.loads(audit.read_text().splitlines()[-1])  # that of a test before may be late

    assert (line["action"], line["outcome"]) == ("openai/audio.speech", "ok")
    assert line["cost"] > 0
    assert SPOKEN not in audit.read_text()


def test_speech_as_events_is_refused_with_the_way_out(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="leave it out") as refused:
        client.audio.speech.create(**SPEECH, stream_format="sse")

    assert refused.value.param == "stream_format"


# Transcriptions ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sound(played: Served) -> bytes:
    with openai_client(played) as client:
        return client.audio.speech.create(**SPEECH).content


def test_audio_is_transcribed(client: openai.OpenAI, sound: bytes) -> None:
    result = client.audio.transcriptions.create(model="sandbox/listener", file=("a.mp3", sound))

    assert result.text == SPOKEN


def test_audio_is_transcribed_to_plain_text(client: openai.OpenAI, sound: bytes) -> None:
    result = client.audio.transcriptions.create(
        model="sandbox/listener", file=("a.mp3", sound), response_format="text"
    )

    assert result == SPOKEN


def test_audio_is_transcribed_with_timed_words(client: openai.OpenAI, sound: bytes) -> None:
    result = client.audio.transcriptions.create(
        model="sandbox/listener",
        file=("a.mp3", sound),
        response_format="verbose_json",
        timestamp_granularities=["word", "segment"],
    )

    assert [word.word for word in result.words or ()] == SPOKEN.split()
    assert result.duration > 0


@pytest.mark.parametrize(
    ("form", "head"), [("srt", "1\n00:00:00,000 --> "), ("vtt", "WEBVTT\n\n00:00:00.000 --> ")]
)
def test_audio_is_transcribed_to_subtitles(
    client: openai.OpenAI, sound: bytes, form: Any, head: str
) -> None:
    result = client.audio.transcriptions.create(
        model="sandbox/listener", file=("a.mp3", sound), response_format=form
    )

    assert isinstance(result, str)
    assert result.startswith(head)
    assert result.endswith(f"\n{SPOKEN}\n\n")


def test_without_times_there_are_no_subtitles(serve: Serve) -> None:
    with (
        scripted(response({"text": "Hello", "segments": [{"text": "Hello"}]})) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
        pytest.raises(openai.InternalServerError, match="no timed segments"),
    ):
        client.audio.transcriptions.create(model="a/b", file=("a.mp3", b"a"), response_format="srt")


def test_a_form_is_converted_for_the_api(serve: Serve) -> None:
    large = bytes(range(256)) * 12_000  # more than is kept in memory
    with (
        scripted(response({"text": "Hello"})) as api,
        openai_client(serve(startup={"there": StartupConnection(KEY, api.base_url)})) as client,
    ):
        client.audio.transcriptions.create(
            model="a/b",
            file=("a", large, "audio/mp4"),
            language="EN",
            temperature=0,
            prompt="Names",
        )

    audio = {"data": base64.b64encode(large).decode(), "format": "m4a"}
    asked = {"model": "a/b", "input_audio": audio, "language": "en", "temperature": 0}
    assert api.requests[0].json == asked


def test_all_problems_of_a_form_are_reported_at_once(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        client.audio.transcriptions.create(
            model="sandbox/listener",
            file=("a.txt", b"text"),
            response_format="docx",  # type: ignore[call-overload]
            temperature="warm",
            stream=True,
        )

    message = refused.value.message
    for part in (
        "'a.txt' is not a supported format: wav, mp3",
        "docx is not one of json",
        "temperature: must be a number",
        "stream: is not supported",
    ):
        assert part in message


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data; boundary=x", b""),
        ("multipart/form-data; boundary=x", b"--x\r\nnothing"),
        ("multipart/form-data", b"--x"),
        ("application/x-www-form-urlencoded", b"file=a&model=b"),
        ("application/json", b"{}"),
        ("text/plain", b"--x"),
    ],
)
def test_what_is_no_form_with_a_file_is_refused(played: Served, kind: str, body: bytes) -> None:
    place, headers = "/openai/v1/audio/transcriptions", {"Content-Type": kind}
    result = played.api.post(place, content=body, headers=headers)

    assert result.status_code == 400
    assert set(result.json()["error"]) == {"message", "type", "param", "code"}
