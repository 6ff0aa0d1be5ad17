"""The four actions as exchanges with openrouter.ai, played from cassettes.

`make record` records them anew: a sandbox answers then, and what is kept is called openrouter.ai.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import vcr
import yaml

from openrouter_connector import Connector, FileStore, Result
from openrouter_connector.sandbox import Sandbox
from support.audio import wav, word

CASSETTES = Path(__file__).parents[1] / "cassettes"
TOKEN = "sk-or-v1-sandbox-of-the-cassettes"
# What a test needs of an exchange; the rest would only change from one recording to the next.
KEPT = {"content-type", "x-generation-id", "x-openrouter-sandbox"}
MODELS = {"sandbox/prose-json", "sandbox/painter"}

Play = Callable[..., Result]


@pytest.fixture
def play(store: FileStore, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Play]:
    """Perform as if at openrouter.ai; a cassette that is not played to its end fails."""
    recording = bool(request.config.getoption("--record", default=False))
    path = CASSETTES / f"{request.node.name.removeprefix('test_')}.yaml"
    recorder = vcr.VCR(
        record_mode="all" if recording else "none",
        match_on=["method", "scheme", "host", "path", "query", "json"],
        before_record_request=_called_openrouter,
        before_record_response=_scrubbed,
        decode_compressed_response=True,
    )
    recorder.register_matcher("json", _same_json)
    connector = Connector.load(cache=False)  # no list is known from elsewhere

    def performed(action: str, parameters: Any) -> Result:
        with recorder.use_cassette(str(path)) as cassette:
            if not recording:
                result = connector.run(action, parameters, TOKEN, files=store, attempts=1)
                assert cassette.all_played
                return result
            with Sandbox() as sandbox:
                options: dict[str, Any] = {"base_url": sandbox.base_url, "files": store}
                return connector.run(action, parameters, TOKEN, **options)

    yield performed


def _called_openrouter(request: Any) -> Any:
    request.uri = re.sub(r"^http://127\.0\.0\.1:\d+", "https://openrouter.ai", request.uri)
    request.headers = {
        name: value for name, value in request.headers.items() if name.lower() in KEPT
    }
    return request


def _scrubbed(response: Any) -> Any:
    headers = {k: v for k, v in response["headers"].items() if k.lower() in KEPT}
    body = _shortened(response["body"]["string"])
    return {**response, "headers": headers, "body": {"string": body}}


def _shortened(body: bytes) -> bytes:
    """Leave of a catalogue the models that are asked for here."""
    try:
        found = json.loads(body)
    except ValueError:
        return body
    if not isinstance(found.get("data"), list) or "id" not in found["data"][0]:
        return body
    return json.dumps({"data": [row for row in found["data"] if row["id"] in MODELS]}).encode()


def _same_json(one: Any, other: Any) -> None:
    assert _json(one) == _json(other)


def _json(request: Any) -> Any:
    return json.loads(request.body) if request.body else None


def test_ask(play: Play) -> None:
    result = play("ask", {"model": "sandbox/echo", "userPrompt": "Hello {tape}", "seed": 0})
    assert "You said: Hello {tape}" in result.output
    assert (result.metadata.cost or 0) > 0


def test_ask_for_data(play: Play) -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}
    asked = {"responseFormat": "JSON", "responseSchema": schema}
    result = play("ask", {"model": "sandbox/prose-json", "userPrompt": "Hello", "response": asked})
    assert set(result.output) == {"a"}
    assert result.metadata.attempts == 2


def test_create_image(play: Play) -> None:
    messages = [{"content": "A tape"}]
    asked = {"model": "sandbox/painter", "imageMessages": messages, "size": "0.5K"}
    result = play("createImage", asked)
    assert result.output.mime_type == "image/png"
    assert result.metadata.cost == 0.01


def test_create_speech(play: Play, store: FileStore) -> None:
    result = play("createSpeech", {"model": "sandbox/speaker", "input": "Hi.", "voice": "alba"})
    path = store.path_of(result.output)
    assert path and path.read_bytes().startswith(b"ID3")
    assert result.metadata.cost == pytest.approx(0.000036)


def test_create_transcription(play: Play, tmp_path: Path) -> None:
    (tmp_path / "hum.pcm.wav").write_bytes(wav(word(0.02, 8000), 8000))
    asked = {"model": "sandbox/listener", "file": tmp_path / "hum.pcm.wav", "language": "EN"}
    assert "[sandbox]" in play("createTranscription", asked).output


def test_a_request_that_is_not_on_the_cassette_fails(
    connector: Connector, store: FileStore
) -> None:
    recorder = vcr.VCR(record_mode="none", match_on=["method", "path", "json"])
    recorder.register_matcher("json", _same_json)
    connector = Connector.load(cache=False)  # no list is known from elsewhere
    asked = {"model": "sandbox/echo", "userPrompt": "Something else", "seed": 0}
    with (
        recorder.use_cassette(str(CASSETTES / "ask.yaml"), allow_playback_repeats=True),
        pytest.raises(vcr.errors.CannotOverwriteExistingCassetteException),
    ):
        connector.run("ask", asked, TOKEN, files=store)


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_cassette_holds_no_secret_and_is_small(path: Path) -> None:
    text = path.read_text("utf-8")
    assert "sk-or-" not in text
    assert not re.search(r"authorization|cookie|bearer|user-agent|127\.0\.0\.1", text, re.I)
    assert path.stat().st_size < 100_000
    hosts = {urlsplit(one["request"]["uri"]).netloc for one in yaml.safe_load(text)["interactions"]}
    assert hosts == {"openrouter.ai"}


def test_every_cassette_is_played() -> None:
    played = {name.removeprefix("test_") for name in globals() if name.startswith("test_")}
    assert {path.stem for path in CASSETTES.glob("*.yaml")} <= played
