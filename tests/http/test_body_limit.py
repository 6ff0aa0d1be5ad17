"""The size limit of bodies, with and without a Content-Length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from openrouter_connector import FileStore
from openrouter_connector.faces.http import body_limit
from support.http_face import ASK, Json, Serve, Served

LARGE = 3 * 1024 * 1024


@pytest.fixture
def served(serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setattr(body_limit, "LARGEST_JSON", 1024 * 1024)
    return serve(files=FileStore(tmp_path / "small", largest=1024 * 1024))


START = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a"\r\n\r\n'


def chunks(size: int) -> Iterator[bytes]:
    yield START
    for _ in range(0, size, 65536):
        yield b" " * 65536


@pytest.mark.parametrize("announced", [True, False])
@pytest.mark.parametrize("path", ["/api/actions/ask/perform", "/api/files", "/api/import"])
def test_a_body_that_is_too_large_is_refused(served: Served, path: str, announced: bool) -> None:
    kind = "multipart/form-data; boundary=x" if "files" in path else "application/json"
    response = served.api.post(
        path,
        content=b" " * LARGE if announced else chunks(LARGE),
        headers={"Content-Type": kind},
    )

    assert response.status_code == 413
    assert response.headers["content-type"] == "application/problem+json"


def test_a_file_that_is_too_large_is_not_stored(served: Served, tmp_path: Path) -> None:
    response = served.api.post("/api/files", files={"file": ("x.bin", b"x" * (1024 * 1024 + 1))})

    assert response.status_code == 413
    assert list((tmp_path / "small").glob("*")) == []


def test_a_file_of_the_largest_size_is_taken(served: Served) -> None:
    response = served.api.post("/api/files", files={"file": ("x.bin", b"x" * 1024 * 1024)})

    assert response.status_code == 201


def test_the_connection_goes_on_after_a_refusal(served: Served) -> None:
    served.api.post("/api/import", content=b" " * LARGE)

    assert served.api.get("/api/health").status_code == 200


MANY: dict[str, Json] = {
    "names": {f"userPromptx{i}": i for i in range(90_000)},
    "items": {**ASK, "stop": ["x"] * 90_000},
    "wrong items": {**ASK, "stop": [1] * 90_000},
}


@pytest.mark.parametrize("parameters", MANY.values(), ids=MANY)
def test_only_the_first_of_many_problems_are_listed(played: Served, parameters: Json) -> None:
    response = played.perform("ask", parameters)

    assert response.status_code == 422
    assert 1 <= len(response.json()["problems"]) <= 60
    assert len(response.content) < 20_000


@pytest.mark.parametrize("action", ["form", "check", "perform"])
def test_more_values_than_anybody_needs_are_refused(played: Served, action: str) -> None:
    body = {"parameters": {**ASK, "stop": ["x"] * 200_000}}
    response = played.api.post(f"/api/actions/ask/{action}", json=body)

    assert response.status_code == 413
    assert "more than 100000 values" in response.json()["detail"]


def test_what_is_wrong_at_the_end_of_a_long_list_is_found(played: Served) -> None:
    response = played.perform("createEmbeddings", {"model": "a/b", "input": ["x"] * 5000 + [{}]})

    assert response.status_code == 422
