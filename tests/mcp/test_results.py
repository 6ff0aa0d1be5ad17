"""Results as agents see them: text, images, audio, links, and the same as an object."""

from __future__ import annotations

import io
import json
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp_types import CallToolResult
from PIL import Image

from openrouter_connector.sandbox import Sandbox
from support.http_face import ASK
from support.mcp_host import Host, asked, http_client, text
from support.scripted_server import completion, response, scripted

Hosts = tuple[Host, Host]
PICTURE = {"model": "sandbox/painter", "imageMessages": [{"content": "A boat"}]}
SPEECH = {"model": "sandbox/speaker", "voice": "alba", "input": "Good morning"}


def kinds(result: CallToolResult) -> list[str]:
    return [block.type for block in result.content]


def link_of(result: CallToolResult) -> str:
    """Return the URI of the first file in a result."""
    return next(block.uri for block in result.content if block.type == "resource_link")


def test_an_answer_is_text_with_its_model_and_cost(both: Hosts) -> None:
    for host in both:
        result = host.call("ask", ASK)
        assert kinds(result) == ["text", "text"]
        answer, _, last = text(result).rpartition("\n")
        assert "You said: Hello" in answer
        assert last.startswith("[sandbox/echo-20260914 · $0.0000")
        assert result.structured_content["output"] == answer
        assert result.structured_content["metadata"]["cost"] > 0


def test_an_image_is_in_the_result_and_can_be_read_again(both: Hosts) -> None:
    for host in both:
        result = host.call("createImage", PICTURE)
        image, address = result.content[0], link_of(result)
        assert image.type == "image"
        assert Image.open(io.BytesIO(b64decode(image.data))).format == "PNG"
        assert result.structured_content["output"]["url"] == address
        assert host.read(address).blob == image.data
        assert host.resources()[address] == "image/png"


def test_audio_is_in_the_result_and_can_be_transcribed(both: Hosts) -> None:
    host = both[1]
    spoken = host.call("createSpeech", SPEECH)
    address, entry = link_of(spoken), spoken.structured_content["output"]

    assert kinds(spoken) == ["audio", "resource_link", "text"]
    for file in (address, address.removeprefix("openrouter://files/"), entry, {"url": address}):
        heard = host.call("createTranscription", {"model": "sandbox/listener", "file": file})
        assert heard.structured_content["output"] == "Good morning"


def test_every_result_fits_the_schema_of_its_tool(host: Host) -> None:
    tools = host.tools()
    for name, arguments in {"ask": ASK, "createImage": PICTURE, "createSpeech": SPEECH}.items():
        result = host.call(name, arguments)
        Draft202012Validator(tools[name]["outputSchema"]).validate(result.structured_content)


def test_what_is_large_is_linked(start: Any, sandbox: Sandbox) -> None:
    host = start(sandbox.base_url, token=sandbox.token, inline_limit=100)

    result = host.call("createImage", PICTURE)

    assert kinds(result) == ["resource_link", "text"]
    assert "base64" not in result.model_dump_json()
    assert len(result.model_dump_json()) < 3000


def test_the_path_of_a_file_is_shown_only_on_request(
    start: Any, sandbox: Sandbox, tmp_path: Path
) -> None:
    where = {"base_url": sandbox.base_url, "token": sandbox.token, "inline_limit": 0}

    silent = start(**where).call("createImage", PICTURE)
    open_ = start(**where, show_paths=True).call("createImage", PICTURE)

    assert str(tmp_path) not in silent.model_dump_json()
    (place,) = (block.description for block in open_.content if block.type == "resource_link")
    assert Path((place or "").removeprefix("at ")).read_bytes()[:4] == b"\x89PNG"


def test_a_long_text_arrives_whole(both: Hosts) -> None:
    letters = "All that is said. " * 5_000
    for host in both:
        assert letters in text(host.call("ask", {**ASK, "userPrompt": letters}))


def test_a_very_long_text_is_cut_and_lies_whole_in_a_file(both: Hosts) -> None:
    letters = "All that is said. " * 20_000
    for host in both:
        result = host.call("ask", {**ASK, "userPrompt": letters})
        output = result.structured_content["output"]
        assert letters in output
        assert len(text(result)) < 201_000 and "cut here; the whole text has" in text(result)
        assert host.read(link_of(result)).text == output


def test_data_of_a_shape_is_an_object(host: Host) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    response = {"responseFormat": "JSON", "responseSchema": schema}
    told: list[Any] = []

    async def heard(*progress: Any) -> None:
        told.append(progress)

    result = host.call("ask", {**ASK, "response": response}, progress_callback=heard)

    assert set(result.structured_content["output"]) == {"city"}
    assert json.loads(text(result).splitlines()[0]) == result.structured_content["output"]


def test_an_answer_to_a_schema_is_repaired_also_with_progress(host: Host) -> None:
    async def heard(*_: Any) -> None:
        pass

    schema = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}
    response = {"responseFormat": "JSON", "responseSchema": schema}
    arguments = {"model": "sandbox/prose-json", "userPrompt": "One?", "response": response}

    result = host.call("ask", arguments, progress_callback=heard)

    assert list(result.structured_content["output"]) == ["n"]
    assert "warning: sent a second request" in text(result)


def test_an_answer_of_another_shape_is_not_lost(start: Any) -> None:
    with scripted(response({"data": [{"id": 5, "name": ["odd"]}]})) as server:
        result = start(server.base_url).call("listModels")

    assert result.is_error
    assert '"name": ["odd"]' in text(result)
    assert "a response that does not match its documentation" in text(result)


def test_base64_inside_an_answer_becomes_files(start: Any) -> None:
    image, sound = b"\x89PNG" + b"\1" * 6000, b"RIFF" + b"\2" * 6000
    message = {
        "role": "assistant",
        "content": "Here.",
        "images": [{"image_url": {"url": f"data:image/png;base64,{b64encode(image).decode()}"}}],
        "audio": {"id": "a", "data": b64encode(sound).decode(), "transcript": "x" * 5000},
    }
    told = completion(choices=[{"index": 0, "finish_reason": "stop", "message": message}])
    messages = [{"role": "user", "content": "Draw"}]
    with scripted(response(told)) as server:
        host = start(server.base_url)
        result = host.call("sendChatCompletion", {"model": "a/b", "messages": messages})
        given = result.structured_content["output"]["choices"][0]["message"]
        addresses = given["images"][0]["image_url"]["url"], given["audio"]["data"]
        read = [b64decode(host.read(address).blob) for address in addresses]

    assert read == [image, sound]
    assert given["audio"]["transcript"] == "x" * 5000
    assert kinds(result) == ["text", "image", "resource_link", "resource_link", "text"]
    assert b64encode(sound).decode() not in result.model_dump_json()


def test_an_attachment_can_be_a_data_url(host: Host) -> None:
    note = "data:text/plain;base64,QSBub3Rl"

    result = host.call("ask", {**ASK, "attachments": [note]})

    assert "A note" in text(result)


@pytest.mark.parametrize("version", ["2024-11-05", "2025-03-26"])
def test_hosts_of_an_older_protocol_get_the_blocks_they_know(host: Host, version: str) -> None:
    call = {"name": "createSpeech", "arguments": SPEECH}
    with http_client() as client:
        answer = asked(client, host.address, version, "tools/call", call)
    spoken = json.loads(answer.text.rpartition("data: ")[2])["result"]

    known = {
        "2024-11-05": ["text", "text"],
        "2025-03-26": ["audio", "text", "text"],
    }
    assert [block["type"] for block in spoken["content"]] == known[version]
    assert "openrouter://files/" in json.dumps(spoken["content"])


def test_a_free_call_does_not_mention_cost(host: Host) -> None:
    assert "cost" not in text(host.call("countModels", {})).lower()
