"""Text of any length to speech: split after sentences, and joined into one file that plays."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import (
    Connector,
    CredentialError,
    FileEntry,
    FileStore,
    IncompleteError,
    InputError,
)
from openrouter_connector.sandbox import Sandbox
from support.audio import decoded, encoded, spoken
from support.failing_send import fails_from
from support.performing import Perform
from support.scripted_server import Answer, Received, response, scripted

SENTENCES = [f"This is sentence number {number}." for number in range(9)]
TEXT = " ".join(SENTENCES)
GIVEN = {"model": "sandbox/speaker", "voice": "alba", "input": TEXT, "partLength": 80}
NUMBERS = ["none", "one", "two", "three"]
Stored = Callable[[Any], bytes]


def test_a_short_text_is_one_call(perform: Perform, count: Callable[[], int]) -> None:
    result = perform("createSpeech", GIVEN | {"partLength": 4000})
    assert count() == 1
    assert result.metadata.warnings == ()


@pytest.mark.parametrize("text", ["%", "&", "+", "∞", "@", "=", "€", "7", "🙂", "語"])
def test_any_character_that_is_read_aloud_is_spoken(perform: Perform, text: str) -> None:
    assert [*perform("createSpeech", GIVEN | {"input": text}).metadata.warnings] == []


@pytest.mark.parametrize("text", [" \n", "…", "?!", "— (“”)", "\x07\u200b"])
def test_text_without_anything_to_speak_is_not_paid_for(
    perform: Perform, count: Callable[[], int], text: str
) -> None:
    with pytest.raises(
        InputError, match="input: contains no letter or digit, so there is nothing to speak"
    ):
        perform("createSpeech", GIVEN | {"input": text})
    assert count() == 0


def test_a_long_text_becomes_one_wav(
    perform: Perform, stored: Stored, count: Callable[[], int]
) -> None:
    result = perform("createSpeech", GIVEN | {"responseFormat": "wav"})
    assert count() == 4
    with wave.open(io.BytesIO(stored(result.output))) as sound:
        assert sound.getnframes() / sound.getframerate() > 10
    transcription = perform(
        "createTranscription", {"model": "sandbox/listener", "file": result.output}
    )
    assert transcription.output == TEXT


def test_a_long_text_becomes_one_mp3_of_the_whole_length(perform: Perform, stored: Stored) -> None:
    joined = perform("createSpeech", GIVEN)
    whole = perform("createSpeech", GIVEN | {"partLength": 4000})
    rate, samples = decoded(stored(joined.output))
    _, concurrency = decoded(stored(whole.output))
    assert joined.output.extension == "mp3"
    assert len(samples) / rate == pytest.approx(len(concurrency) / rate, abs=1.5)


def test_raw_samples_are_concatenated(perform: Perform, stored: Stored) -> None:
    result = perform("createSpeech", GIVEN | {"responseFormat": "pcm"})
    assert len(stored(result.output)) > 24_000 * 2 * 10


def test_only_the_joined_file_is_kept(perform: Perform, store: FileStore, tmp_path: Path) -> None:
    result = perform("createSpeech", GIVEN)
    assert [path.name for path in (tmp_path / "files").iterdir()] == [
        result.output.url.rpartition("/")[2]
    ]
    assert result.metadata.files == (result.output,)
    assert "sent in 4 parts" in result.metadata.warnings


def test_costs_are_added_up(perform: Perform) -> None:
    one = perform("createSpeech", GIVEN | {"partLength": 4000}).metadata.cost
    many = perform("createSpeech", GIVEN).metadata.cost
    assert many == pytest.approx(one, rel=0.05)


def test_parts_are_joined_in_the_order_of_the_text() -> None:
    """The audio of a part is as long as its text, and the first part is answered last."""

    def speak(received: Received) -> Answer:
        number = NUMBERS.index(received.json["input"].rstrip(".").rpartition(" ")[2])
        sound = spoken(0.5 + number / 2, 0.4)
        answer = response(encoded(sound, "mp3"), kind="audio/mpeg")
        return Answer((b"", *answer.pieces), pause=0.02 * (9 - number))

    text = " ".join(f"{'Very ' * 8}well, it is {number}." for number in ("one", "three", "two"))
    with scripted(speak) as server:
        result = Connector.load(cache=False).run(
            "createSpeech",
            {**GIVEN, "model": "m", "input": text, "partLength": 60},
            base_url=server.base_url,
        )
        assert len(server.requests) == 3
    rate, samples = decoded(Path(result.output.url.removeprefix("file://")).read_bytes())
    loud = abs(samples.astype(int)) > 500
    quiet = [
        at / rate for at in range(0, len(loud), rate // 10) if not loud[at : at + rate // 10].any()
    ]
    assert any(0.9 < at < 1.5 for at in quiet)
    assert not any(1.6 < at < 3.2 for at in quiet)


@pytest.fixture
def breaking() -> Callable[[Received], Answer]:
    seen: list[int] = []

    def answer(_: Received) -> Answer:
        seen.append(1)
        if len(seen) == 3:
            return response({"error": "tired"}, 400)
        return response(encoded(spoken(0.5, 0.2), "mp3"), kind="audio/mpeg")

    return answer


def test_the_finished_audio_is_kept_when_a_part_fails(breaking: Any, store: FileStore) -> None:
    with scripted(breaking) as server:
        with pytest.raises(IncompleteError) as caught:
            Connector.load(cache=False).run(
                "createSpeech",
                GIVEN | {"maxConcurrentParts": 1},
                base_url=server.base_url,
                files=store,
            )
        assert len([one for one in server.requests if one.method == "POST"]) == 3
    assert "part 3 of 4 failed: tired; the audio of 2 parts" in caught.value.message
    files = [FileEntry.of_json(file) for file in caught.value.to_json()["files"]]
    assert all((path := store.path_of(file)) and path.is_file() for file in files)


def test_the_finished_audio_is_kept_when_a_hook_of_the_host_fails(store: FileStore) -> None:
    def answer(_: Received) -> Answer:
        return response(encoded(spoken(0.5, 0.2), "mp3"), kind="audio/mpeg")

    with scripted(answer) as server, pytest.raises(IncompleteError) as caught:
        Connector.load(cache=False).run(
            "createSpeech",
            GIVEN | {"maxConcurrentParts": 1},
            base_url=server.base_url,
            files=store,
            send=fails_from(3),
        )
    message = caught.value.message
    assert "part 3 of 4 failed: an internal error of the connector (ValueError)" in message
    assert len(caught.value.to_json()["files"]) == 2


def test_a_format_that_cannot_be_joined_is_refused_before_it_is_paid_for(tmp_path: Path) -> None:
    with scripted(response(b"x")) as server:
        ended = subprocess.run(
            [sys.executable, "-c", BARE, server.base_url, str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert server.requests == []
    assert "openrouter-connector[audio]" in ended.stdout, ended.stderr


BARE = """
import sys
sys.modules["av"] = None  # as if it were not installed
from openrouter_connector import Connector, ConnectorError

given = {"model": "m", "voice": "v", "input": "One word. " * 20, "partLength": 50}
try:
    Connector.load().run("createSpeech", given, base_url=sys.argv[1], files=sys.argv[2])
except ConnectorError as error:
    print(error)
"""


def test_parts_that_cannot_be_joined_are_kept(store: FileStore) -> None:
    rates = iter([24_000, 48_000, 24_000, 48_000])

    def speak(received: Received) -> Answer:
        if received.method == "GET":
            return response({"error": "no"}, 404)
        sound = encoded(spoken(0.5, 0.2), "mp3", rate=next(rates))
        return response(sound, kind="audio/mpeg")

    with scripted(speak) as server, pytest.raises(IncompleteError, match="4 parts") as caught:
        Connector.load(cache=False).run(
            "createSpeech", GIVEN, base_url=server.base_url, files=store
        )
    assert len(caught.value.files) == 4


def test_a_check_estimates_all_parts(connector: Connector, sandbox: Sandbox) -> None:
    async def estimated(length: int) -> Any:
        place: Any = {"base_url": sandbox.base_url, "token": sandbox.token}
        async with connector.connect(**place) as session:
            return await session.check("createSpeech", GIVEN | {"partLength": length})

    parts, whole = asyncio.run(estimated(80)), asyncio.run(estimated(4000))
    assert parts.ok
    assert parts.estimate.high == pytest.approx(whole.estimate.high, rel=0.1)
    assert parts.estimate.basis[0].startswith("4 parts")


def test_a_refused_key_is_a_credential_error() -> None:
    with scripted(response({"error": "no"}, 401)) as server, pytest.raises(CredentialError):
        Connector.load(cache=False).run("createSpeech", GIVEN, base_url=server.base_url)


def test_progress_is_in_parts() -> None:
    async def steps() -> list[tuple[int, int | None, str]]:
        async with Connector.load(cache=False).connect(sandbox=True) as session:
            found = session.events("createSpeech", GIVEN)
            return [(e.done, e.total, e.unit) async for e in found if e.type == "progress"]

    assert asyncio.run(steps()) == [(done, 4, "parts") for done in range(1, 5)]
