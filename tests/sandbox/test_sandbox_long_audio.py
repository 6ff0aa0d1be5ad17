"""Speech that is cut, joined and converted, and the limits of its length."""

from __future__ import annotations

import base64
import io
import itertools
import json
import subprocess
import sys
import wave
from typing import Any

import av
import httpx
import numpy as np
import pytest
from av.audio.frame import AudioFrame

SENTENCES = [
    "The first sentence.",
    "Is pi 3.14, e.g. or so?",
    "„Ünïcode!“ 你好。",
    "And, after a while; the last: one",
]
TEXT = " ".join(SENTENCES)
RATE = 24_000


def speak(client: httpx.Client, text: str = TEXT, **more: Any) -> bytes:
    body = {"model": "sandbox/speaker", "input": text} | more
    response = client.post("/audio/speech", json=body)
    assert response.status_code == 200, response.text
    return response.content


def post(client: httpx.Client, audio: bytes, form: str, **more: Any) -> httpx.Response:
    value = {"data": base64.b64encode(audio).decode(), "format": form}
    body = {"model": "sandbox/listener", "input_audio": value} | more
    return client.post("/audio/transcriptions", json=body)


def transcribe(client: httpx.Client, audio: bytes, form: str = "wav", **more: Any) -> Any:
    response = post(client, audio, form, **more)
    assert response.status_code == 200, response.text
    return response.json()


def wav(pcm: bytes, *, channels: int = 1, width: int = 2, rate: int = RATE) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as audio:
        audio.setnchannels(channels)
        audio.setsampwidth(width)
        audio.setframerate(rate)
        audio.writeframes(pcm)
    return out.getvalue()


def flac(pcm: bytes, container_format: str = "flac") -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format=container_format) as container:
        stream = container.add_stream("flac", rate=RATE)
        stream.codec_context.layout, stream.codec_context.format = "mono", "s16"
        frame = AudioFrame.from_ndarray(samples(pcm).reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate, frame.pts = RATE, 0
        container.mux([*stream.encode(frame), *stream.encode(None)])
    return out.getvalue()


def samples(pcm: bytes) -> Any:
    return np.frombuffer(pcm, np.int16)


def pauses(pcm: bytes, least: float = 0.3) -> list[int]:
    """Return the middle of each pause of this length, in bytes."""
    silent = np.abs(samples(pcm).astype(np.int32)) < 30
    edges = np.flatnonzero(np.diff(silent, prepend=False, append=False)).reshape(-1, 2)
    return [int(a + b) // 2 * 2 for a, b in edges if b - a >= least * RATE]


def parts(pcm: bytes) -> list[bytes]:
    """Cut speech in the middle of each pause, and drop the silence after the last."""
    *inner, _ = pauses(pcm)
    return [pcm[a:b] for a, b in itertools.pairwise([0, *inner, len(pcm)])]


@pytest.mark.parametrize("speed", [0.5, 1, 4])
def test_each_sentence_is_transcribed_from_its_own_part(client: httpx.Client, speed: float) -> None:
    found = parts(speak(client, speed=speed))
    texts = [transcribe(client, wav(part))["text"] for part in found]
    assert texts == SENTENCES
    assert [transcribe(client, flac(part), "flac")["text"] for part in found] == SENTENCES


def test_a_part_can_contain_several_sentences(client: httpx.Client) -> None:
    first, second, third, last = parts(speak(client))
    assert transcribe(client, wav(second + third))["text"] == " ".join(SENTENCES[1:3])
    assert transcribe(client, wav(first + last))["text"] == f"{SENTENCES[0]} {SENTENCES[3]}"


def test_an_incomplete_sentence_is_not_transcribed(client: httpx.Client) -> None:
    first, second, *_ = parts(speak(client))
    cut = first + second[: len(second) // 4 * 2]
    assert transcribe(client, wav(cut))["text"] == SENTENCES[0]
    rest = second[len(second) // 4 * 2 :]
    assert transcribe(client, wav(rest))["text"].startswith("[sandbox]")


def test_a_part_need_not_start_at_a_silence(client: httpx.Client) -> None:
    pcm = speak(client)
    assert transcribe(client, wav(pcm[2002:]))["text"] == " ".join(SENTENCES[1:])


def test_two_joined_speeches_contain_both_texts(client: httpx.Client) -> None:
    joined = speak(client) + speak(client, "Another one. Two.", voice="bruno")
    assert transcribe(client, wav(joined))["text"] == f"{TEXT} Another one. Two."
    assert transcribe(client, flac(joined), "flac")["text"] == f"{TEXT} Another one. Two."


def test_stereo_is_transcribed_from_its_first_channel(client: httpx.Client) -> None:
    both = np.repeat(samples(speak(client)), 2).tobytes()
    assert transcribe(client, wav(both, channels=2))["text"] == TEXT


def test_eight_bit_audio_contains_no_text(client: httpx.Client) -> None:
    coarse = (samples(speak(client)) // 256 + 128).astype(np.uint8).tobytes()
    assert "did not speak" in transcribe(client, wav(coarse, width=1))["text"]


def test_a_long_sentence_is_cut_between_words(client: httpx.Client) -> None:
    text = "word " * 100 + "x" * 300
    pcm = speak(client, text)
    assert transcribe(client, pcm, "pcm")["text"] == text
    assert len(pauses(pcm)) > 3
    assert "".join(
        transcribe(client, wav(part))["text"].replace(" ", "") for part in parts(pcm)
    ) == (text.replace(" ", ""))


@pytest.mark.parametrize("form", ["wav", "mp3", "flac"])
def test_segments_have_the_times_of_each_sentence(client: httpx.Client, form: str) -> None:
    pcm = speak(client)
    made = {"wav": wav(pcm), "flac": flac(pcm)}
    audio = made[form] if form in made else speak(client, response_format="mp3")
    segments = transcribe(client, audio, form, response_format="verbose_json")["segments"]
    assert [segment["text"] for segment in segments] == SENTENCES
    middles = [at / 2 / RATE for at in pauses(pcm)]
    ends = [segment["end"] for segment in segments]
    starts = [segment["start"] for segment in segments]
    assert starts[0] == 0
    assert all(end < middle for end, middle in zip(ends, middles, strict=True))
    assert all(middle < start for middle, start in zip(middles, starts[1:], strict=False))


def test_the_duration_of_a_flac_comes_from_its_header(client: httpx.Client) -> None:
    pcm = speak(client)
    whole = transcribe(client, flac(pcm), "flac", response_format="verbose_json")
    head = flac(pcm)[:60]
    alone = transcribe(client, head, "flac", response_format="verbose_json")
    assert alone["duration"] == whole["duration"] == pytest.approx(len(pcm) / 2 / RATE, abs=0.01)
    assert alone["text"].endswith("flac audio that this sandbox did not speak.")


def test_without_the_extra_a_flac_has_only_a_duration(client: httpx.Client) -> None:
    code = (
        "import sys; sys.modules['av'] = None\n"
        "import base64, httpx\n"
        "from openrouter_connector.sandbox import Sandbox\n"
        "data = base64.b64encode(sys.stdin.buffer.read()).decode()\n"
        "body = {'model': 'sandbox/listener', 'input_audio': {'data': data, 'format': 'flac'}}\n"
        "with Sandbox() as sandbox:\n"
        "    head = {'Authorization': 'Bearer ' + sandbox.token}\n"
        "    url = sandbox.base_url + '/audio/transcriptions'\n"
        "    print(httpx.post(url, json=body, headers=head).json()['text'])\n"
    )
    pcm = speak(client)
    done = subprocess.run(
        [sys.executable, "-c", code], input=flac(pcm), capture_output=True, check=True
    )
    seconds = len(pcm) / 2 / RATE
    expected = f"[sandbox] {seconds:.1f} seconds of flac audio that this sandbox did not speak.\n"
    assert done.stdout.decode() == expected


def test_other_containers_have_a_duration(client: httpx.Client) -> None:
    matroska = flac(bytes(4 * RATE), "matroska")
    assert transcribe(client, matroska, "webm")["text"].startswith("[sandbox] 2.0 seconds of webm")


def test_a_speaker_has_a_limit_of_characters(client: httpx.Client) -> None:
    speak(client, "x" * 4096, speed=4)
    params = {"model": "sandbox/speaker", "input": "x" * 4097}
    response = client.post("/audio/speech", json=params)
    error = response.json()["error"]
    assert (response.status_code, error["metadata"]["error_type"]) == (400, "string_too_long")
    assert "at most 4096 characters" in json.loads(error["metadata"]["raw"])["error"]["message"]
    speak(client, "x" * 5000, model="sandbox/speaker-pcm", speed=4)


def test_more_than_twenty_minutes_of_audio_time_out(
    client: httpx.Client,
) -> None:
    silence = {seconds: wav(bytes(seconds * 1000), width=1, rate=1000) for seconds in (1200, 1201)}
    assert post(client, silence[1200], "wav").status_code == 200
    response = post(client, silence[1201], "wav")
    assert response.status_code == 524
    assert "timed out" in response.json()["error"]["message"]


def test_more_than_25_megabytes_are_too_large(client: httpx.Client) -> None:
    response = post(client, bytes(25_000_003), "wav")
    assert (response.status_code, response.json()["error"]["code"]) == (413, 413)
    assert response.json()["error"]["message"] == "Request payload too large"
    files = {"file": ("a.wav", bytes(25_000_003), "audio/wav")}
    form = {"model": "sandbox/listener"}
    assert client.post("/audio/transcriptions", data=form, files=files).status_code == 413


def test_every_other_part_fails_and_always_the_same(client: httpx.Client) -> None:
    pcm = speak(client, " ".join(f"Number {number}." for number in range(16)))
    found = [wav(part) for part in parts(pcm)]
    first = [post(client, part, "wav", model="sandbox/every-other").status_code for part in found]
    again = [post(client, part, "wav", model="sandbox/every-other").status_code for part in found]
    assert first == again
    assert set(first) == {200, 500}
