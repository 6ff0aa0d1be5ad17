"""`createSpeech`: sound that plays, in each format, and what it cost."""

from __future__ import annotations

import asyncio
import io
import threading
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mutagen.mp3 import MP3

from openrouter_connector import ApiError, Connector, FileEntry, InputError, Result
from support.scripted_server import HANGS, Answer, Received, response, scripted

Speak = Callable[..., Result]
Sent = Callable[[], Any]
Count = Callable[[], int]
Stored = Callable[[Any], bytes]
SOUND = b"\xff\xfb\x90\x00" * 100


@pytest.fixture
def speak(perform: Callable[..., Result]) -> Speak:
    """Say something in the voice of alba."""

    def spoken(text: str = "Hello {world}.", **parameters: Any) -> Result:
        asked = {"model": "sandbox/speaker", "input": text, "voice": "alba", **parameters}
        return perform("createSpeech", asked)

    return spoken


def test_mp3_is_the_default_always_named_and_plays(
    speak: Speak, sent: Sent, stored: Stored
) -> None:
    result = speak()
    assert sent() == {
        "model": "sandbox/speaker",
        "input": "Hello {world}.",
        "voice": "alba",
        "response_format": "mp3",
    }
    assert isinstance(result.output, FileEntry)
    assert (result.output.name, result.output.mime_type) == ("speech.mp3", "audio/mpeg")
    assert seconds(stored(result.output)) > 0.5


def seconds(mp3: bytes) -> float:
    read: Any = MP3
    return float(read(io.BytesIO(mp3)).info.length)


def test_wav_is_requested_as_pcm_and_plays(speak: Speak, sent: Sent, stored: Stored) -> None:
    result = speak(responseFormat="wav", speed=1.5)
    assert (sent()["response_format"], sent()["speed"]) == ("pcm", 1.5)
    assert (result.output.name, result.output.mime_type) == ("speech.wav", "audio/wav")
    content = stored(result.output)
    with wave.open(io.BytesIO(content)) as sound:
        assert (sound.getframerate(), sound.getnchannels(), sound.getsampwidth()) == (24000, 1, 2)
        assert sound.getnframes() * 2 == len(content) - 44
        assert sound.getnframes() / 24000 > 0.3


def test_pcm_is_raw_samples(speak: Speak, stored: Stored) -> None:
    result = speak(responseFormat="pcm")
    assert (result.output.name, result.output.mime_type) == ("speech.pcm", "audio/pcm")
    content = stored(result.output)
    assert len(content) % 2 == 0 and not content.startswith(b"RIFF")


def test_wav_is_pcm_with_a_header(speak: Speak, stored: Stored) -> None:
    raw, wrapped = speak(responseFormat="pcm"), speak(responseFormat="wav")
    assert stored(wrapped.output)[44:] == stored(raw.output)


def test_the_cost_is_read_from_the_receipt(speak: Speak) -> None:
    metadata = speak("A" * 1000).metadata
    assert metadata.cost == pytest.approx(0.012)
    assert (metadata.generation_id or "").startswith("gen-")
    assert metadata.warnings == ()


def test_who_cancels_while_the_cost_is_looked_up_gets_the_speech(
    connector: Connector, tmp_path: Path
) -> None:
    speech = response(SOUND, kind="audio/mpeg", headers={"X-Generation-Id": "gen-1"})
    looked_up = threading.Event()

    def answer(received: Received) -> Answer:
        if "/generation" not in received.path:
            return speech
        looked_up.set()
        return HANGS

    async def cancelled(base_url: str) -> Result:
        async with connector.connect("sk-or-v1-test", base_url=base_url, files=tmp_path) as session:
            asked = {"model": "a/b", "input": "Hello.", "voice": "alba"}
            task = asyncio.create_task(session.perform("createSpeech", asked))
            await asyncio.to_thread(looked_up.wait, 10)
            task.cancel()
            return await task

    with scripted(answer) as server:
        result = asyncio.run(cancelled(server.base_url))
    (file,) = tmp_path.iterdir()
    assert file.read_bytes() == SOUND
    assert (result.metadata.generation_id, result.metadata.cost) == ("gen-1", None)
    assert "cancelled while the cost was looked up" in result.metadata.warnings


def test_a_model_that_speaks_only_pcm_is_reported_before_paying(speak: Speak, count: Count) -> None:
    before = count()
    with pytest.raises(InputError, match="only pcm; choose wav"):
        speak(model="sandbox/speaker-pcm")
    with pytest.raises(InputError, match="only pcm"):
        speak(model="google/gemini-3.1-flash-tts-preview", responseFormat="mp3")
    assert count() == before
    assert speak(model="sandbox/speaker-pcm", responseFormat="wav").output.extension == "wav"


def test_a_voice_that_the_model_has_not_is_refused_by_the_api(speak: Speak) -> None:
    with pytest.raises(ApiError, match="alba, bruno"):
        speak(voice="nobody")


@pytest.mark.parametrize("text", ["", "   \n\t ", "...", "***", "# -- !?", "\u200b\ufeff"])
def test_a_text_with_nothing_to_say_is_refused_before_it_is_paid_for(
    speak: Speak, count: Count, connector: Connector, text: str
) -> None:
    with pytest.raises(InputError) as caught:
        speak(text)
    (problem,) = caught.value.problems
    assert problem.path == "input"
    assert count() == 0
    parameters = {"model": "sandbox/speaker", "voice": "alba", "input": text}
    assert connector.check("createSpeech", parameters).problems == (problem,)


@pytest.mark.parametrize("text", ["a", "7", "你好", "न", "€", "\N{GRINNING FACE}"])
def test_a_letter_a_digit_or_an_emoji_is_enough_to_speak(speak: Speak, text: str) -> None:
    assert speak(text).output.extension == "mp3"


def test_text_voice_and_model_are_needed(perform: Callable[..., Result]) -> None:
    with pytest.raises(InputError) as caught:
        perform("createSpeech", {})
    assert [problem.path for problem in caught.value.problems] == ["input", "model", "voice"]
