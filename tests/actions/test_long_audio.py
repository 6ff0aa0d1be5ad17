"""Audio of any length to text: split at silences, several parts at a time, nothing lost."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from base64 import b64encode
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    Connector,
    CredentialError,
    FileEntry,
    FileError,
    FileStore,
    IncompleteError,
    PaymentError,
    Result,
)
from support.audio import encoded, silence, spoken, wav
from support.failing_send import fails_from
from support.performing import Perform
from support.scripted_server import Answer, Received, Scripted, response, scripted

SENTENCES = [f"This is sentence number {number}." for number in range(12)]
TEXT = " ".join(SENTENCES)
PARTS = {"model": "sandbox/listener", "partLength": 8}


@pytest.fixture(scope="module")
def speech(connector: Connector, tmp_path_factory: pytest.TempPathFactory) -> FileEntry:
    """Speech of a sandbox model, about 25 seconds."""
    store = FileStore(tmp_path_factory.mktemp("speech"))
    given = {"model": "sandbox/speaker", "voice": "alba", "input": TEXT, "responseFormat": "wav"}
    made: FileEntry = connector.run("createSpeech", given, sandbox=True, files=store).output
    content = Path(made.url.removeprefix("file://")).read_bytes()
    return _entry(content, "wav")


def _entry(content: bytes, kind: str) -> FileEntry:
    data = b64encode(content).decode()
    return FileEntry(kind, f"audio/{kind}", f"talk.{kind}", f"data:audio/{kind};base64,{data}")


def transcribe(answers: Any, file: FileEntry, **given: Any) -> tuple[Result, Scripted]:
    """Transcribe audio at a scripted server."""
    with scripted(*answers) as server:
        result = Connector.load(cache=False).run(
            "createTranscription",
            {"model": "a/b", "file": file, **given},
            base_url=server.base_url,
            attempts=1,
        )
    return result, server


def words(received: Received) -> Answer:
    """Answer with the number of base64 bytes in the request."""
    return response({"text": f"part {len(received.json['input_audio']['data'])}"})


def test_short_audio_is_sent_unchanged() -> None:
    content = encoded(spoken(1, 0.5, 1), "mp3")
    result, server = transcribe([response({"text": "Hello"})], _entry(content, "mp3"))
    assert result.output == "Hello"
    assert len(server.requests) == 1
    assert server.requests[0].json["input_audio"]["format"] == "mp3"
    assert "generationIds" not in result.metadata.to_json()


def test_long_audio_is_transcribed_word_for_word(
    perform: Perform, speech: FileEntry, count: Callable[[], int]
) -> None:
    result = perform("createTranscription", PARTS | {"file": speech})
    assert result.output == TEXT
    assert count() > 2
    assert any("parts" in warning for warning in result.metadata.warnings)
    assert (result.metadata.cost or 0) > 0


def test_the_segments_of_all_parts_are_on_one_timeline(perform: Perform, speech: FileEntry) -> None:
    result = perform("createTranscription", PARTS | {"file": speech, "segments": True})
    segments = result.metadata.segments
    assert [one["text"] for one in segments] == [
        f"{part.strip()}." for part in TEXT.split(".")[:-1]
    ]
    starts = [one["start"] for one in segments]
    assert starts == sorted(starts)
    assert all(one["start"] < one["end"] for one in segments)
    whole = perform("createTranscription", {**PARTS, "file": speech, "segments": True,
                                           "partLength": 3600})  # fmt: skip
    for one, other in zip(segments, whole.metadata.segments, strict=True):
        assert one["start"] == pytest.approx(other["start"], abs=0.05)


def test_a_model_without_times_gets_short_parts(perform: Perform, speech: FileEntry) -> None:
    given = {"model": "sandbox/listener-plain", "file": speech, "segments": True}
    result = perform("createTranscription", given)
    assert result.output == TEXT
    assert len(result.metadata.segments) > 1
    assert any("returns no times" in warning for warning in result.metadata.warnings)


def test_subtitles_are_returned_as_files(
    perform: Perform, speech: FileEntry, stored: Callable[[Any], bytes]
) -> None:
    result = perform("createTranscription", PARTS | {"file": speech, "subtitles": ["srt", "vtt"]})
    srt, vtt = (stored(file).decode() for file in result.metadata.files)
    assert srt.startswith("1\n00:00:00,")
    assert vtt.startswith("WEBVTT")
    assert "This is sentence number 11." in srt
    assert [file.extension for file in result.metadata.files] == ["srt", "vtt"]
    assert result.output == TEXT


def test_silent_parts_are_not_sent() -> None:
    sound = wav(spoken(2, 40, 2))
    result, server = transcribe([response({"text": "word"})], _entry(sound, "wav"), partLength=10)
    assert len(server.requests) < 4
    assert "word" in result.output
    assert any("silent" in warning for warning in result.metadata.warnings)


def test_nothing_is_paid_for_silence() -> None:
    result, server = transcribe(
        [response({"text": "x"})], _entry(wav(silence(30)), "wav"), partLength=10
    )
    assert (result.output, server.requests) == ("", [])
    assert result.metadata.cost == 0


def test_several_parts_are_sent_at_the_same_time_and_stay_in_order() -> None:
    def slow(received: Received) -> Answer:
        answer = words(received)
        return replace(answer, pieces=(b"", *answer.pieces), pause=0.1)

    sound = _entry(wav(spoken(*[4, 1] * 12)), "wav")
    result, server = transcribe([slow], sound, partLength=6, maxConcurrentParts=3)
    assert server.busiest == 3
    lengths = [len(one.json["input_audio"]["data"]) for one in server.requests]
    assert sorted(result.output.split()[1::2]) == sorted(map(str, lengths))


@pytest.fixture
def breaking() -> Callable[[Received], Answer]:
    """Refuse the third request."""
    seen: list[Received] = []

    def answer(received: Received) -> Answer:
        seen.append(received)
        if len(seen) == 3:
            return response({"error": {"message": "took too long", "code": 400}}, 400)
        return response({"text": f"part {len(seen)}"})

    return answer


def test_the_finished_text_is_kept_when_a_part_fails(breaking: Any) -> None:
    sound = _entry(wav(spoken(*[4, 1] * 5)), "wav")
    with pytest.raises(IncompleteError) as caught:
        transcribe([breaking], sound, partLength=6, maxConcurrentParts=1)
    assert "took too long" in caught.value.message
    assert "0:00:09–0:00:14" in caught.value.message
    partial = caught.value.partial or ""
    assert partial.startswith("part 1 part 2 [0:00:09–0:00:14 is missing] part 4")


def test_the_finished_text_is_kept_when_a_hook_of_the_host_fails() -> None:
    sound = _entry(wav(spoken(*[4, 1] * 5)), "wav")
    with scripted(words) as server, pytest.raises(IncompleteError) as caught:
        Connector.load(cache=False).run(
            "createTranscription",
            {"model": "a/b", "file": sound, "partLength": 6, "maxConcurrentParts": 1},
            base_url=server.base_url,
            send=fails_from(3),
        )
    assert "an internal error of the connector (ValueError)" in caught.value.message
    assert (caught.value.partial or "").count("part ") == 2


def test_no_further_part_is_sent_after_a_failure_that_all_parts_would_have() -> None:
    seen: list[int] = []

    def refuses(received: Received) -> Answer:
        seen.append(1)
        return response({"error": "no"}, 401) if len(seen) > 1 else response({"text": "part 1"})

    sound = _entry(wav(spoken(*[4, 1] * 5)), "wav")
    with pytest.raises(IncompleteError) as caught:
        transcribe([refuses], sound, partLength=6, maxConcurrentParts=1)
    assert len(seen) == 2
    assert (caught.value.partial or "").endswith("is missing] [0:00:09–0:00:25 is missing]")


def test_a_part_without_times_does_not_lose_the_others() -> None:
    seen: list[Any] = []

    def answer(received: Received) -> Answer:
        seen.append(received.json.get("response_format"))
        if len(seen) == 3:
            return response({"error": {"message": "verbose_json is not supported"}}, 400)
        return response(
            {"text": f"part {len(seen)}", "segments": [{"text": "x", "start": 0}, "y", 7]}
        )

    sound = _entry(wav(spoken(*[4, 1] * 4)), "wav")
    result, _ = transcribe([answer], sound, partLength=6, maxConcurrentParts=1, segments=True)
    assert seen == ["verbose_json"] * 3 + [None, "verbose_json"]
    assert result.output == "part 1 part 2 part 4 part 5"
    assert len(result.metadata.segments) == 4


def test_the_first_part_shows_whether_the_model_returns_times() -> None:
    def refuses(received: Received) -> Answer:
        if received.json.get("response_format"):
            return response({"error": {"message": "verbose_json is not supported"}}, 400)
        return words(received)

    sound = _entry(wav(spoken(*[4, 1] * 4)), "wav")
    _, server = transcribe([refuses], sound, partLength=6, maxConcurrentParts=4, segments=True)
    timed = [one for one in server.requests if "response_format" in one.json]
    assert len(timed) == 1


@pytest.mark.parametrize(("status", "kind"), [(401, CredentialError), (402, PaymentError)])
def test_no_waiting_part_is_sent_after_a_failure_that_all_would_have(
    status: int, kind: type[Exception]
) -> None:
    sound = _entry(wav(spoken(*[4, 1] * 4)), "wav")
    with scripted(response({"error": "no"}, status)) as server, pytest.raises(kind):
        Connector.load(cache=False).run(
            "createTranscription",
            {"model": "a/b", "file": sound, "partLength": 6, "segments": True},
            base_url=server.base_url,
            attempts=1,
        )
    assert len([one for one in server.requests if one.method == "POST"]) == 1


def test_a_refused_key_is_a_credential_error() -> None:
    sound = _entry(wav(spoken(*[4, 1] * 5)), "wav")
    with pytest.raises(CredentialError):
        transcribe([response({"error": "no"}, 401)], sound, partLength=6)


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"", "wav"),
        (b"hello", "mp3"),
        (wav(silence(0)), "wav"),
        (b"\x00" * 300_000, "mp3"),
        (b"<html>not found</html>" * 20_000, "m4a"),
    ],
    ids=["nothing", "a text", "no samples", "zeros", "a page"],
)
def test_a_file_that_is_no_audio_is_refused_before_it_is_paid_for(
    content: bytes, kind: str
) -> None:
    with scripted(response({"text": "x"})) as server:
        with pytest.raises(FileError, match=r"^file: "):
            Connector.load(cache=False).run(
                "createTranscription",
                {"model": "a/b", "file": _entry(content, kind), "segments": True},
                base_url=server.base_url,
            )
        assert server.requests == []


def test_progress_is_in_seconds_of_audio(speech: FileEntry) -> None:
    async def steps() -> list[tuple[int, int | None, str]]:
        async with Connector.load(cache=False).connect(sandbox=True) as session:
            found = session.events("createTranscription", PARTS | {"file": speech})
            return [(e.done, e.total, e.unit) async for e in found if e.type == "progress"]

    progress = asyncio.run(steps())
    assert len(progress) > 2
    assert {unit for _, _, unit in progress} == {"seconds"}
    assert [done for done, _, _ in progress] == sorted(done for done, _, _ in progress)
    assert progress[-1][0] == progress[-1][1]


def test_without_the_extra_audio_that_is_not_too_large_is_sent_unchanged(tmp_path: Path) -> None:
    (tmp_path / "short.wav").write_bytes(wav(spoken(20)))
    (tmp_path / "large.wav").write_bytes(b"RIFF" + bytes(24_100_000))
    with scripted(response({"text": "Hello"})) as server:
        ended = subprocess.run(
            [sys.executable, "-c", BARE, server.base_url, str(tmp_path)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert len(server.requests) == 1
    assert ended.stdout.startswith("Hello\n"), ended.stderr
    assert "openrouter-connector[audio]" in ended.stdout


BARE = """
import pathlib, sys
sys.modules["av"] = None  # as if it were not installed
from openrouter_connector import Connector, ConnectorError

def transcribe(name):
    given = {"model": "m", "file": pathlib.Path(sys.argv[2], name), "partLength": 5}
    return Connector.load().run("createTranscription", given, base_url=sys.argv[1]).output

print(transcribe("short.wav"))
try:
    print(transcribe("large.wav"))
except ConnectorError as error:
    print(error)
"""


def test_the_sandbox_fails_for_some_parts(perform: Perform, speech: FileEntry) -> None:
    given = {"model": "sandbox/listener-patchy", "file": speech, "partLength": 5}
    with pytest.raises(ApiError):
        perform("createTranscription", given)
