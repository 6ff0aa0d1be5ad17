"""llama.cpp's own server, and a real (though tiny) model in it that sees colours."""

from __future__ import annotations

from pathlib import Path

import pytest

from openrouter_connector import ApiError, CredentialError, IncompleteError
from third_party.running import COLOURS, DATA, Running, command, held_to, image

MODEL = "tiny-llama"


def test_its_key_is_proven_by_its_models(llama: Running) -> None:
    assert llama.tested().state == "ok"
    assert llama.with_key("another").tested().state == "rejected"
    assert llama.with_key("").tested().message == "127.0.0.1 requires a key; enter one"


@pytest.mark.parametrize("action", ["ask", "vision", "prompt"])
def test_its_models_are_offered(llama: Running, action: str) -> None:
    [option] = llama.models(action).options
    assert (option["value"], option["label"], option["description"]) == (MODEL, MODEL, "")
    assert not llama.models(action, search="gpt").options


def test_a_list_that_wants_a_key_says_so(llama: Running) -> None:
    found = llama.with_key("another").models()
    assert (found.disabled, found.placeholder) == (True, "Connect first")
    assert "Check the token" in (found.message or "")


def test_an_answer_comes_whole(llama: Running) -> None:
    result = llama.ask(MODEL)
    assert result.output == "I see nothing."
    assert result.metadata.model == MODEL
    assert result.metadata.finish_reason == "stop"
    assert (result.metadata.usage or {})["completion_tokens"] == 5
    assert result.metadata.cost is None


def test_an_answer_comes_in_pieces(llama: Running) -> None:
    first, *pieces, last = llama.streamed(MODEL)
    assert (first.type, last.type) == ("started", "result")
    assert [piece.text for piece in pieces] == ["I", " see", " nothing", "."]
    assert last.result and last.result.output == "I see nothing."


@pytest.mark.parametrize("kind", ["png", "jpg", "gif"])
def test_a_picture_is_seen(llama: Running, tmp_path: Path, kind: str) -> None:
    result = llama.ask(MODEL, attachments=[image(tmp_path, "green", kind)])
    assert result.output == "I see green."


def test_pictures_are_seen_one_by_one(llama: Running, tmp_path: Path) -> None:
    images = [image(tmp_path, colour) for colour in COLOURS]
    found = llama.run("analyzeImages", model=MODEL, images=images, taskType="caption").output
    assert [one["answer"] for one in found] == [f"I see {colour}." for colour in COLOURS]
    assert [one["error"] for one in found] == [None] * 3


def test_pictures_are_classified(llama: Running, tmp_path: Path) -> None:
    found = llama.run(
        "analyzeImages",
        model=MODEL,
        images=[image(tmp_path, colour) for colour in ("blue", "red")],
        taskType="classification",
        classes=list(COLOURS),
        extraBody=held_to("class"),
    ).output
    assert [one["answer"]["class"] for one in found] == ["blue", "red"]


def test_an_answer_is_held_to_a_schema(llama: Running, tmp_path: Path) -> None:
    seen = {"attachments": [image(tmp_path, "blue")], "response": DATA}
    result = llama.ask(MODEL, extraBody=held_to("colour"), **seen)
    assert result.output == {"colour": "blue"}


def test_an_answer_that_is_cut_off_is_kept(llama: Running) -> None:
    with pytest.raises(IncompleteError, match="raise max_tokens") as caught:
        llama.ask(MODEL, maxTokens=2)
    assert caught.value.partial == "I see"


@pytest.mark.parametrize("key", ["another", ""])
def test_a_wrong_key_is_told(llama: Running, key: str) -> None:
    with pytest.raises(CredentialError, match=r"Invalid API Key\. Check the token"):
        llama.with_key(key).ask(MODEL)


def test_what_it_refuses_is_told_in_its_words(llama: Running, tmp_path: Path) -> None:
    with pytest.raises(ApiError, match="exceeds the available context size") as caught:
        llama.ask(MODEL, userPrompt="x" * 5000)
    assert (caught.value.status, caught.value.retryable) == (400, False)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4\n%%EOF")
    with pytest.raises(ApiError, match="unsupported content"):
        llama.ask(MODEL, attachments=[tmp_path / "a.pdf"])


def test_a_prompt_goes_to_the_server_of_the_connection(llama: Running, tmp_path: Path) -> None:
    told = llama.run(
        "prompt",
        model=MODEL,
        prompt="Which of {{ $parameters.colours }}?",
        promptParameters={"colours": list(COLOURS), "seen": image(tmp_path, "red")},
    )
    assert told.output == {"output": "I see red.", "errorStatus": None}


def test_a_prompt_goes_to_the_server_that_it_names(llama: Running, tmp_path: Path) -> None:
    elsewhere = Running("http://127.0.0.1:9/v1", "a-key-of-nobody")
    told = elsewhere.run(
        "prompt",
        baseUrl=llama.base_url,
        apiKey=llama.key,
        model=MODEL,
        prompt="Which colour?",
        promptParameters={"seen": image(tmp_path, "blue")},
    )
    assert told.output == {"output": "I see blue.", "errorStatus": None}


@pytest.mark.parametrize("key", [{}, {"apiKey": "another"}])
def test_a_prompt_reports_a_wrong_key(llama: Running, key: dict[str, str]) -> None:
    elsewhere = Running("http://127.0.0.1:9/v1", llama.key)
    told = elsewhere.run("prompt", baseUrl=llama.base_url, model=MODEL, prompt="?", **key)
    assert told.output["output"] is None, "the key of the connection is for its own server"
    assert told.output["errorStatus"].startswith("Invalid API Key")


def test_the_command_line_asks_it(llama: Running, tmp_path: Path) -> None:
    at = ("--base-url", llama.base_url, "--name", "llama", "--token-stdin")
    refused = command("connect", *at, given="another")
    assert (refused.code, "does not know this key" in refused.err) == (3, True)
    stored = command("connect", *at, given=llama.key)
    assert (stored.code, "The key works." in stored.err) == (0, True)
    asked = ("-p", f"model={MODEL}", "-p", "userPrompt=?", "-p", "attachments=@red.png", "--json")
    image(tmp_path, "red")
    assert command("run", "ask", *asked, at=tmp_path).json["output"] == "I see red."
