"""The files that a key uploads, and the one that a tool created."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from openrouter_connector.sandbox import Sandbox
from openrouter_connector.sandbox.endpoints import files

OFFICE = "application/vnd.openxmlformats-officedocument"
MADE = "or_file_sandbox000000000001"


@pytest.fixture
def mine(served: Sandbox) -> Iterator[httpx.Client]:
    """A client with its own key, and therefore its own files."""
    headers = {"Authorization": f"Bearer sk-or-v1-{os.urandom(8).hex()}"}
    with httpx.Client(base_url=served.base_url, headers=headers, timeout=30) as client:
        yield client


def upload(client: httpx.Client, data: bytes = b"Hello", name: str = "a.txt") -> dict[str, Any]:
    response = client.post("/files", files={"file": (name, data)})
    assert response.status_code == 200, response.text
    found: dict[str, Any] = response.json()
    return found


def office(inner: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(inner, "<x/>")
    return out.getvalue()


def test_an_upload_is_kept_and_can_be_deleted(mine: httpx.Client) -> None:
    kept = upload(mine, b"%PDF-1.7\r\n\r\n--\r\n", "report.pdf")
    assert kept["id"].startswith("or_file_")
    assert (kept["filename"], kept["mime_type"], kept["size_bytes"], kept["downloadable"]) == (
        *("report.pdf", "application/pdf"),
        *(16, False),
    )
    path = f"/files/{kept['id']}"
    assert mine.get(path).json() == kept
    assert mine.get(f"{path}/content").status_code == 400
    assert mine.delete(path).json()["type"] == "file_deleted"
    assert mine.get(path).status_code == mine.delete(path).status_code == 404


def test_a_file_created_by_a_tool_can_be_downloaded(mine: httpx.Client) -> None:
    response = mine.get(f"/files/{MADE}/content")
    assert response.content.startswith(b"month,boats\n")
    assert 'filename="boats.csv"' in response.headers["Content-Disposition"]
    assert mine.get(f"/files/{MADE}").json()["downloadable"] is True


def test_pages_join_to_the_whole_list(mine: httpx.Client) -> None:
    names = [upload(mine, name=f"{number}.txt")["id"] for number in range(3)]
    found, cursor = [], None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = mine.get("/files", params=query).json()
        found += [row["id"] for row in page["data"]]
        assert (page["first_id"], page["last_id"]) == (
            page["data"][0]["id"],
            page["data"][-1]["id"],
        )
        assert page["has_more"] == (page["cursor"] is not None)
        if not (cursor := page["cursor"]):
            break
    assert found == [*reversed(names), MADE]


def test_a_file_of_another_key_is_not_found(client: httpx.Client, mine: httpx.Client) -> None:
    name = upload(mine)["id"]
    assert client.get(f"/files/{name}").status_code == 404
    assert name not in client.get("/files").text


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"Just words", "text/plain"),
        (b"# Title\n\nWords", "text/markdown"),
        (b"a,b\n1,2\n", "text/csv"),
        (b'{"a": 1}', "application/json"),
        (b'{"a": 1}\n{"a": 2}\n', "application/x-ndjson"),
        (b"\x89PNG\r\n\x1a\n\x00", "image/png"),
        (b"RIFF\x00\x00\x00\x00WAVE", "audio/wav"),
        (b"ID3\x04", "audio/mpeg"),
        (office("word/document.xml"), f"{OFFICE}.wordprocessingml.document"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_the_type_is_detected_from_the_bytes(mine: httpx.Client, data: bytes, kind: str) -> None:
    assert upload(mine, data, "name.bin")["mime_type"] == kind


def test_invalid_uploads_are_refused(mine: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def status(data: bytes) -> int:
        return mine.post("/files", files={"file": ("a", data)}).status_code

    assert status(b"") == 400
    assert status(b"\x00\x01\x02") == 400
    assert status(office("other/thing")) == 400
    assert mine.post("/files", json={}).status_code == 400
    assert mine.post("/files", files={"other": ("a", b"x")}).status_code == 400
    monkeypatch.setattr(files, "MAX_BYTES", 10)
    assert status(b"x" * 11) == 413


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 1001}, {"cursor": "or_file_x"}, {"provider": "acme"}], ids=str
)
def test_a_wrong_query_is_refused(client: httpx.Client, query: dict[str, Any]) -> None:
    assert client.get("/files", params=query).status_code == 400


def test_a_chat_refers_to_a_file_by_its_id(mine: httpx.Client) -> None:
    def ask(name: str) -> httpx.Response:
        part = {"type": "file", "file": {"file_id": name}}
        body = {"messages": [{"role": "user", "content": [part]}]}
        return mine.post("/chat/completions", json=body)

    answer = ask(upload(mine, name="notes.txt")["id"]).json()["choices"][0]["message"]["content"]
    assert "1 file (notes.txt" in answer
    assert ask("or_file_unknown").status_code == 404
