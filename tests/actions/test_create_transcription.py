"""`createTranscription`: what was said comes back, whatever the format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openrouter_connector import Connector, FileEntry, FileError, FileStore, InputError, Result
from openrouter_connector.sandbox import Sandbox
from support.scripted_server import response, scripted

Sent = Callable[[], Any]
Count = Callable[[], int]
SAID = "Hello {world}, grüß dich."


@pytest.fixture(scope="module")
def spoken(
    connector: Connector, played: Sandbox, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """A sentence as a file in each format."""
    store = FileStore(tmp_path_factory.mktemp("spoken"))
    found: dict[str, Path] = {}
    for form in ("mp3", "wav"):
        asked = {"model": "sandbox/speaker", "input": SAID, "voice": "alba", "responseFormat": form}
        result = connector.run(
            "createSpeech", asked, played.token, base_url=played.base_url, files=store
        )
        path = store.path_of(result.output)
        assert path
        found[form] = path
    return found


@pytest.fixture
def hear(perform: Callable[..., Result], spoken: dict[str, Path]) -> Callable[..., Result]:
    """Transcribe the sentence."""

    def heard(**parameters: Any) -> Result:
        asked = {"model": "sandbox/listener", "file": spoken["mp3"], **parameters}
        return perform("createTranscription", asked)

    return heard


@pytest.mark.parametrize("form", ["mp3", "wav"])
def test_the_segments_are_returned(
    hear: Callable[..., Result], sent: Sent, spoken: dict[str, Path], form: str
) -> None:
    result = hear(file=spoken[form])
    assert result.output == SAID
    assert sent()["input_audio"]["format"] == form
    assert sent().keys() == {"model", "input_audio"}
    usage = result.metadata.usage or {}
    assert result.metadata.cost == usage["cost"] > 0
    assert usage["seconds"] > 0


def test_a_result_of_one_action_goes_into_another(perform: Callable[..., Result]) -> None:
    speech = {"model": "sandbox/speaker", "input": "And back.", "voice": "dario"}
    entry = perform("createSpeech", speech).output
    for file in (entry, entry.to_json()):
        asked = {"model": "sandbox/listener", "file": file}
        assert perform("createTranscription", asked).output == "And back."


@pytest.mark.parametrize(
    ("language", "code"), [("EN", "en"), ("MA", "mr"), ("MR", "mr"), ("en", "en"), ("CY", "cy")]
)
def test_a_language_is_sent_by_its_code(
    hear: Callable[..., Result], sent: Sent, language: str, code: str
) -> None:
    assert hear(language=language).output == SAID
    assert sent()["language"] == code


def test_zero_is_a_temperature(hear: Callable[..., Result], sent: Sent) -> None:
    hear(temperature=0)
    assert sent()["temperature"] == 0


@pytest.mark.parametrize("bad", [{"temperature": 1.5}, {"language": "XX"}, {"language": ""}])
def test_what_cannot_be_is_refused(
    hear: Callable[..., Result], count: Count, bad: dict[str, Any]
) -> None:
    before = count()
    with pytest.raises(InputError):
        hear(**bad)
    assert count() == before


@pytest.mark.parametrize("name", ["notes.txt", "song.mid", "noext", "film.mp4"])
def test_a_file_of_another_format_is_refused_before_it_is_sent(
    hear: Callable[..., Result], count: Count, tmp_path: Path, name: str
) -> None:
    (tmp_path / name).write_bytes(b"x" * 100)
    before = count()
    with pytest.raises(FileError, match=r"file: .* is not one of wav, mp3") as caught:
        hear(file=tmp_path / name)
    assert caught.value.path == "file"
    assert count() == before


@pytest.mark.parametrize(
    ("extension", "mime_type", "form"),
    [("", "audio/mpeg", "mp3"), ("MP3", "", "mp3"), (".mp3", "audio/x-odd", "mp3"),
     ("mpga", "audio/mpeg", "mp3"), ("", "audio/x-wav", "wav")],
)  # fmt: skip
def test_the_format_is_found_by_extension_or_type(
    hear: Callable[..., Result],
    sent: Sent,
    store: FileStore,
    spoken: dict[str, Path],
    extension: str,
    mime_type: str,
    form: str,
) -> None:
    import asyncio

    stored = asyncio.run(store.put(spoken[form], "sound"))
    result = hear(file=FileEntry(extension, mime_type, "sound", stored.url))
    assert result.output == SAID
    assert sent()["input_audio"]["format"] == form


WANTED = {"segments": True, "words": True, "diarize": True, "subtitles": ["srt"]}
AT_URL = {"model": "a/b", "sourceUrl": "https://example.com/a.mp3"}


def at_url(connector: Connector, store: FileStore, answer: Any, **more: Any) -> Result:
    """Transcribe audio at a URL, at a server that gives this answer."""
    with scripted(response(answer)) as server:
        options: Any = {"base_url": server.base_url, "files": store}
        return connector.run("createTranscription", {**AT_URL, **more}, **options)


def test_what_an_answer_for_audio_at_a_url_lacks_is_a_warning(
    connector: Connector, store: FileStore
) -> None:
    result = at_url(connector, store, {"text": "Hello"}, **WANTED)
    assert (result.output, result.metadata.files) == ("Hello", ())
    assert [warning for warning in result.metadata.warnings if "returned" in warning] == [
        "the model returned no words with times",
        "the model returned no speakers",
        "the model returned no times, so there are no segments",
        "the model returned no times, so there is no srt file",
    ]


def test_subtitles_for_audio_at_a_url_are_made_of_the_segments(
    connector: Connector, store: FileStore
) -> None:
    segments = [{"id": 0, "start": 0, "end": 1.5, "text": "Hello"}]
    words = [{"word": "Hello", "start": 0, "end": 1.5, "speaker": 0}]
    answer = {"text": "Hello", "segments": segments, "words": words}
    metadata = at_url(connector, store, answer, **WANTED).metadata
    [file] = metadata.files
    assert "00:00:00,000 --> 00:00:01,500\nHello" in (store.path_of(file) or Path()).read_text()
    assert not any("returned no" in warning for warning in metadata.warnings)


def test_words_that_the_answer_for_a_file_lacks_are_a_warning(
    connector: Connector, store: FileStore, spoken: dict[str, Path]
) -> None:
    with scripted(response({"text": "Hello"})) as server:
        asked = {"model": "a/b", "file": spoken["mp3"], "words": True, "diarize": True}
        options: Any = {"base_url": server.base_url, "files": store}
        warnings = connector.run("createTranscription", asked, **options).metadata.warnings
    assert {"the model returned no words with times", "the model returned no speakers"} <= {
        *warnings
    }
