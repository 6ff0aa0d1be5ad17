"""`vision`: several pictures in one call, by URL, and the answer with what it cost."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image

from openrouter_connector import Connector, FileEntry, FileError, FileStore, InputError, Result
from openrouter_connector.sandbox import Sandbox
from support.images import written
from support.scripted_server import completion, delta, events, response, scripted

PNG = written(Image.new("RGB", (40, 30), "red"), "PNG")
URL = f"data:image/png;base64,{b64encode(PNG).decode()}"
GIVEN = {"imageUrls": [URL], "prompt": "What is it?", "model": "a/b"}


def looked(*answers: Any, **parameters: Any) -> tuple[Result, Any]:
    """Give what comes of it, and the body that was sent."""
    with scripted(*answers) as server:
        result = Connector.load(cache=False).run(
            "vision", GIVEN | parameters, base_url=server.base_url, attempts=1
        )
        return result, server.requests[-1].json


def test_the_answer_has_its_usage_and_cost() -> None:
    result, _ = looked(response(completion("A red square")))
    assert result.output["output"] == "A red square"
    assert result.output["usage"]["cost"] == 0.25
    assert result.output["usage"]["total_tokens"] == 5
    assert result.output["reasoning"] is None


def test_images_go_behind_the_prompt_in_their_order() -> None:
    other = f"data:image/png;base64,{b64encode(written(Image.new('L', (9, 9)), 'PNG')).decode()}"
    _, body = looked(response(completion()), imageUrls=[URL, other], systemPrompt="Be short")
    system, user = body["messages"]
    assert system == {"role": "system", "content": "Be short"}
    assert user["content"] == [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": URL}},
        {"type": "image_url", "image_url": {"url": other}},
    ]


def test_an_image_may_be_a_file_as_well(tmp_path: Any) -> None:
    path = tmp_path / "red.png"
    path.write_bytes(PNG)
    _, body = looked(response(completion()), imageUrls=[path])
    assert body["messages"][0]["content"][1]["image_url"]["url"] == URL


def test_reasoning_is_part_of_the_answer_only_when_it_is_requested() -> None:
    thought = completion("Red")
    thought["choices"][0]["message"]["reasoning"] = "I looked"
    result, body = looked(response(thought), reasoning=True)
    assert body["reasoning"] == {"enabled": True}
    assert result.output["reasoning"] == "I looked"
    _, body = looked(response(completion()))
    assert body["reasoning"] == {"exclude": True}


def test_only_what_is_given_is_sent() -> None:
    _, body = looked(response(completion()))
    assert set(body) == {"messages", "model", "reasoning"}
    _, body = looked(response(completion()), temperature=0.5, maxTokens=40)
    assert (body["temperature"], body["max_tokens"]) == (0.5, 40)


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"imageUrls": []}, "imageUrls"),
        ({"imageUrls": ["cat.png"]}, "imageUrls[0]"),
        ({"temperature": 2.5}, "temperature"),
        ({"maxTokens": 0}, "maxTokens"),
        ({"prompt": None}, "prompt"),
        ({"reasoning": "yes"}, "reasoning"),
    ],
)
def test_wrong_parameters_are_reported_before_paying(wrong: Any, path: str) -> None:
    with pytest.raises(InputError) as caught:
        Connector.load(cache=False).run("vision", GIVEN | wrong, sandbox=True)
    assert path in {problem.path for problem in caught.value.problems}


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/a.png", "http://169.254.169.254/", "http://[::1]/x", "http://["]
)
def test_an_image_comes_from_public_addresses_only(url: str) -> None:
    with pytest.raises(FileError, match=r"^imageUrls\[0\]: "):
        looked(response(completion()), imageUrls=[url])


def test_the_type_of_an_image_without_a_suffix_is_recognized_by_its_content(
    store: FileStore,
) -> None:
    private = FileStore(store.location.root, allow_private=True)
    with scripted(response(PNG, kind="application/octet-stream")) as web:
        address = f"http://127.0.0.1:{web.port}/picture?id=7"
        with scripted(response(completion())) as server:
            Connector.load(cache=False).run(
                "vision",
                GIVEN | {"imageUrls": [address]},
                base_url=server.base_url,
                files=private,
            )
            sent = server.requests[-1].json["messages"][0]["content"][1]
    assert sent["image_url"]["url"] == URL


def test_the_answer_streams_with_progress_before_it() -> None:
    async def seen(base_url: str) -> list[tuple[str, str]]:
        async with Connector.load(cache=False).connect(base_url=base_url) as session:
            steps = [one async for one in session.stream("vision", GIVEN)]
        assert steps[-1].result and steps[-1].result.output["output"] == "A red square"
        return [(one.type, one.text) for one in steps[:-1]]

    answer = events(delta("A red "), delta("square", "stop"))
    with scripted(answer) as server:
        steps = asyncio.run(seen(server.base_url))
    assert steps == [
        ("started", ""),
        ("progress", "ready"),
        ("delta", "A red "),
        ("delta", "square"),
    ]


def test_models_that_do_not_see_are_not_offered(sandbox: Sandbox) -> None:
    async def offered() -> set[str]:
        place = {"base_url": sandbox.base_url, "token": sandbox.token}
        async with Connector.load(cache=False).connect(**place) as session:  # type: ignore[arg-type]
            found = await session.options("vision", "model", {})
        return {one["value"] for one in found.options}

    names = asyncio.run(offered())
    assert "sandbox/vision" in names
    assert "sandbox/bare" not in names


def test_the_sandbox_looks(perform: Callable[..., Result], store: FileStore) -> None:
    file = asyncio.run(store.put(PNG, "red.png", "image/png"))
    result = perform("vision", GIVEN | {"imageUrls": [file, URL], "model": "sandbox/vision"})
    assert "red" in result.output["output"]
    assert isinstance(file, FileEntry)
