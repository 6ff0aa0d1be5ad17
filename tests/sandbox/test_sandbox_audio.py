"""Speech, and its transcription."""

from __future__ import annotations

import base64
import io
import struct
import subprocess
import sys
import wave
from collections.abc import Iterable
from typing import Any

import httpx
import pytest
from mutagen.mp3 import MP3

TEXT = "Hello, is this the sandbox? Yes. Ünïcode {braces} 你好 ✓\nand a line"


def speak(client: httpx.Client, text: str = TEXT, **more: Any) -> httpx.Response:
    body = {"model": "sandbox/speaker", "input": text} | more
    response = client.post("/audio/speech", json=body)
    assert response.status_code == 200, response.text
    return response


def transcribe(client: httpx.Client, audio: bytes, form: str, **more: Any) -> dict[str, Any]:
    data = base64.b64encode(audio).decode()
    body = {"model": "sandbox/listener", "input_audio": {"data": data, "format": form}} | more
    response = client.post("/audio/transcriptions", json=body)
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def wav(pcm: bytes, rate: int = 24_000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setnchannels(1)
        audio.setsampwidth(2)
        audio.setframerate(rate)
        audio.writeframes(pcm)
    return out.getvalue()


def loudness(pcm: bytes) -> float:
    samples: Iterable[tuple[int]] = struct.iter_unpack("<h", pcm)
    found = [abs(sample) for (sample,) in samples]
    return sum(found) / len(found)


def test_speech_is_pcm_by_default(client: httpx.Client) -> None:
    response = speak(client)
    assert response.headers["content-type"] == "audio/pcm"
    assert response.headers["transfer-encoding"] == "chunked"
    assert response.headers["X-Generation-Id"].startswith("gen-")
    assert len(response.content) / 48_000 > 2
    assert loudness(response.content) > 500


def test_an_mp3_is_real_and_as_long_as_the_pcm(client: httpx.Client) -> None:
    response = speak(client, response_format="mp3")
    assert response.headers["content-type"] == "audio/mpeg"
    info: Any = MP3(io.BytesIO(response.content)).info  # type: ignore[no-untyped-call]
    assert (info.sample_rate, info.channels) == (24_000, 1)
    assert info.length == pytest.approx(len(speak(client).content) / 48_000, abs=0.2)


def test_a_sandbox_transcribes_its_own_speech(client: httpx.Client) -> None:
    pcm = speak(client).content
    mp3 = speak(client, response_format="mp3").content
    assert transcribe(client, mp3, "mp3")["text"] == TEXT
    assert transcribe(client, wav(pcm), "wav")["text"] == TEXT
    assert transcribe(client, pcm, "pcm")["text"] == TEXT


def test_another_process_transcribes_it_too(client: httpx.Client) -> None:
    code = (
        "import sys, base64, httpx\n"
        "from openrouter_connector.sandbox import Sandbox\n"
        "data = base64.b64encode(sys.stdin.buffer.read()).decode()\n"
        "body = {'model': 'sandbox/listener', 'input_audio': {'data': data, 'format': 'mp3'}}\n"
        "with Sandbox() as sandbox:\n"
        "    head = {'Authorization': 'Bearer ' + sandbox.token}\n"
        "    url = sandbox.base_url + '/audio/transcriptions'\n"
        "    print(httpx.post(url, json=body, headers=head).json()['text'])\n"
    )
    mp3 = speak(client, "From one to another", response_format="mp3").content
    done = subprocess.run([sys.executable, "-c", code], input=mp3, capture_output=True, check=True)
    assert done.stdout == b"From one to another\n"


@pytest.mark.parametrize("text", ["?", " ", "x" * 4000, "…", "🙂"])
def test_any_text_can_be_spoken(client: httpx.Client, text: str) -> None:
    assert transcribe(client, speak(client, text).content, "pcm")["text"] == text


def test_voices_differ_and_speed_shortens(client: httpx.Client) -> None:
    speeches = {voice: speak(client, voice=voice).content for voice in ("alba", "bruno", "celia")}
    assert len(set(speeches.values())) == 3
    assert speak(client, voice="alba").content == speeches["alba"]
    fast, slow = (len(speak(client, "x" * 90, speed=speed).content) for speed in (2, 0.5))
    breath = 0.4 * 48_000
    assert slow - breath == pytest.approx(4 * (fast - breath), rel=0.02)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"response_format": "wav"}, "response_format:"),
        ({"response_format": "opus"}, "response_format:"),
        ({"voice": "alloy"}, "voice: alloy is not a voice of sandbox/speaker"),
        ({"speed": 9}, "speed:"),
        ({"input": ""}, "input:"),
        ({"model": "sandbox/speaker-pcm", "response_format": "mp3"}, "response_format: mp3"),
        ({"model": "sandbox/echo"}, "sandbox/echo does not support speech output"),
    ],
    ids=str,
)
def test_wrong_speech_is_refused(client: httpx.Client, body: dict[str, Any], message: str) -> None:
    params = {"model": "sandbox/speaker", "input": "Hi"} | body
    response = client.post("/audio/speech", json=params)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith(message)


def test_speech_is_paid_by_the_character(client: httpx.Client) -> None:
    before = client.get("/key").json()["data"]["usage"]
    speak(client, "x" * 1000)
    after = client.get("/key").json()["data"]["usage"]
    assert after - before == pytest.approx(0.012)


def test_foreign_audio_is_described_by_its_duration(client: httpx.Client) -> None:
    response = transcribe(client, wav(b"\0\0" * 8000 * 3, rate=8000), "wav")
    assert response["text"] == "[sandbox] 3.0 seconds of wav audio that this sandbox did not speak."
    assert response["usage"]["seconds"] == 3.0
    assert response["usage"]["cost"] > 0
    assert transcribe(client, b"OggS", "ogg")["text"].startswith("[sandbox] Some ogg audio")
    assert "RIFF" not in transcribe(client, b"RIFF", "wav")["text"]


def test_modified_audio_has_lost_its_text(client: httpx.Client) -> None:
    pcm = bytearray(speak(client).content)
    pcm[400] ^= 1
    assert transcribe(client, bytes(pcm), "pcm")["text"] == TEXT.partition("? ")[2]
    silent = bytes(len(pcm))
    assert transcribe(client, silent, "pcm")["text"].startswith("[sandbox]")


def test_verbose_json_has_segments_and_words(client: httpx.Client) -> None:
    pcm = speak(client, "One two. Three four.").content
    more = {"response_format": "verbose_json", "timestamp_granularities": ["word", "segment"]}
    response = transcribe(client, wav(pcm), "wav", language="de", **more)
    assert (response["task"], response["language"]) == ("transcribe", "de")
    assert [segment["text"] for segment in response["segments"]] == ["One two.", "Three four."]
    assert [word["word"] for word in response["words"]] == ["One", "two.", "Three", "four."]
    first, second = response["segments"]
    breath = second["start"] - first["end"]
    assert (first["start"], breath) == (0, pytest.approx(0.4, abs=0.01))
    assert response["words"][1]["end"] == pytest.approx(first["end"], abs=0.01)
    assert response["words"][-1]["end"] == pytest.approx(response["duration"] - breath, abs=0.01)
    assert "segments" not in transcribe(client, wav(pcm), "wav")


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"input_audio": None}, "input_audio:"),
        (
            {"input_audio": {"data": "data:audio/wav;base64,AAAA", "format": "wav"}},
            "input_audio.data",
        ),
        (
            {"input_audio": {"data": "https://example.com/a.wav", "format": "wav"}},
            "input_audio.data",
        ),
        ({"input_audio": {"data": "A", "format": "wav"}}, "input_audio.data"),
        ({"input_audio": {"data": "AAAA", "format": "mid"}}, "input_audio.format"),
        ({"input_audio": {"data": "AAAA"}}, "input_audio.format"),
        ({"language": "EN"}, "language:"),
        ({"language": "en-US"}, "language:"),
        ({"response_format": "srt"}, "response_format:"),
        ({"response_format": "text"}, "response_format:"),
        ({"temperature": 1.5}, "temperature:"),
        ({"timestamp_granularities": ["word"]}, "timestamp_granularities"),
        ({"model": "sandbox/listener-plain", "response_format": "verbose_json"}, "response_format"),
        ({"model": "sandbox/echo"}, "sandbox/echo does not support transcription"),
    ],
    ids=str,
)
def test_wrong_audio_is_refused(client: httpx.Client, body: dict[str, Any], message: str) -> None:
    params = {"model": "sandbox/listener", "input_audio": {"data": "AAAA", "format": "wav"}} | body
    response = client.post("/audio/transcriptions", json=params)
    assert response.status_code == 400
    assert response.json()["error"]["message"].startswith(message)


def test_a_form_is_transcribed_like_json(client: httpx.Client) -> None:
    mp3 = speak(client, response_format="mp3").content
    form = {
        "model": "sandbox/listener",
        "language": "en",
        "temperature": "0.5",
        "response_format": "verbose_json",
        "timestamp_granularities[]": "word",
    }
    files = {"file": ("speech.mp3", mp3, "audio/mpeg")}
    response = client.post("/audio/transcriptions", data=form, files=files)
    assert response.status_code == 200, response.text
    assert response.json()["text"] == TEXT
    assert response.json()["words"]
    unnamed = {"file": ("speech", mp3, "audio/mpeg")}
    model = {"model": "sandbox/listener"}
    assert client.post("/audio/transcriptions", data=model, files=unnamed).json()["text"] == TEXT


def test_a_form_without_a_file_or_too_large_is_refused(client: httpx.Client) -> None:
    kind = {"Content-Type": "multipart/form-data; boundary=x"}
    part = b'--x\r\nContent-Disposition: form-data; name="model"\r\n\r\nsandbox/listener\r\n--x--'
    small = client.post("/audio/transcriptions", content=part, headers=kind)
    large = client.post("/audio/transcriptions", content=part + b"\0" * 25_000_000, headers=kind)
    assert (small.status_code, large.status_code) == (400, 413)
    form = {"model": "sandbox/listener", "temperature": "warm"}
    files = {"file": ("a.mp3", b"x", "audio/mpeg")}
    response = client.post("/audio/transcriptions", data=form, files=files)
    assert response.json()["error"]["message"].startswith("temperature:")
