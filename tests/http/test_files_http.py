"""Files over HTTP: upload, download, ranges; no other files can be read."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from openrouter_connector import FileStore
from support.http_face import ASK, Json, Serve, Served

TEXT = b"0123456789"
RUNS = ["page.html", "page.svg", "page.xhtml", "page.xml", "page.js", "page", "page.exe"]


@pytest.fixture
def served(played: Served) -> Served:
    return played


def test_what_is_uploaded_comes_back(served: Served) -> None:
    response = _upload(served, "My notes.txt", TEXT)
    entry = response.json()

    assert (response.status_code, response.headers["location"]) == (201, entry["url"])
    assert entry["url"].startswith(f"{served.url}/api/files/My-notes-")
    assert (entry["extension"], entry["mimeType"], entry["name"]) == (
        "txt",
        "text/plain",
        "My notes.txt",
    )
    back = served.api.get(entry["url"])
    assert (back.content, back.headers["content-type"]) == (TEXT, "text/plain; charset=utf-8")
    assert back.headers["content-disposition"] == "inline; filename*=utf-8''My-notes.txt"
    assert (back.headers["content-length"], back.headers["accept-ranges"]) == ("10", "bytes")


@pytest.mark.parametrize(
    ("requested", "part", "returned"),
    [
        ("bytes=0-", b"0123456789", "0-9"),
        ("bytes=2-4", b"234", "2-4"),
        ("bytes=8-99", b"89", "8-9"),
        ("bytes=-3", b"789", "7-9"),
        ("bytes=-99", b"0123456789", "0-9"),
        ("bytes=9-9", b"9", "9-9"),
    ],
)
def test_a_part_is_given(served: Served, requested: str, part: bytes, returned: str) -> None:
    url = _stored(served)
    response = served.api.get(url, headers={"Range": requested})

    assert (response.status_code, response.content) == (206, part)
    assert response.headers["content-range"] == f"bytes {returned}/10"


@pytest.mark.parametrize("asked", ["bytes=10-", "bytes=99-100", "bytes=-0"])
def test_a_part_beyond_the_end_is_refused(served: Served, asked: str) -> None:
    answer = served.api.get(_stored(served), headers={"Range": asked})

    assert (answer.status_code, answer.headers["content-range"]) == (416, "bytes */10")
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "asked",
    ["bytes=4-2", "bytes=0-1,3-4", "bytes=-", "bytes=a-b", "lines=0-1", "bytes=1" + "0" * 30 + "-"],
)
def test_an_odd_range_gives_the_whole(served: Served, asked: str) -> None:
    answer = served.api.get(_stored(served), headers={"Range": asked})

    assert (answer.status_code, answer.content) == (200, TEXT)


def test_a_part_of_another_version_is_not_given(served: Served) -> None:
    url = _stored(served)
    tag = served.api.head(url).headers["etag"]

    for known, status in ((tag, 206), ('"other"', 200)):
        answer = served.api.get(url, headers={"Range": "bytes=0-1", "If-Range": known})
        assert answer.status_code == status
    assert served.api.get(url, headers={"If-None-Match": tag}).status_code == 304


def test_the_head_of_a_file_has_no_body(served: Served) -> None:
    url = _stored(served)
    whole, part = served.api.head(url), served.api.head(url, headers={"Range": "bytes=0-1"})

    assert (whole.status_code, whole.content, whole.headers["content-length"]) == (200, b"", "10")
    assert (part.status_code, part.headers["content-length"]) == (206, "2")


@pytest.mark.parametrize("name", RUNS)
def test_what_could_run_is_never_opened_by_a_browser(served: Served, name: str) -> None:
    answer = served.api.get(_upload(served, name, b"<script>1</script>").json()["url"])

    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["content-security-policy"].startswith("sandbox")
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_a_wrong_content_type_is_ignored(served: Served) -> None:
    entry = _upload(served, "picture.png", b"<script>", "text/html").json()

    assert served.api.get(entry["url"]).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "name", ["a\r\nX-Evil: 1.txt", '"; filename="x.html', "ü ö.txt", "../../up.txt"]
)
def test_an_odd_name_does_no_harm(served: Served, name: str) -> None:
    entry = _upload(served, name, TEXT).json()
    answer = served.api.get(entry["url"])

    assert answer.content == TEXT
    assert "x-evil" not in answer.headers
    folder = Path(str(served.files.location.root))
    assert {path.parent for path in folder.parent.rglob("*.*")} == {folder}


def test_nothing_but_stored_files_is_given(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "id_rsa").write_text("secret")
    (tmp_path / "outside-0123456789abcdef0123456789abcdef.txt").write_text("secret")
    served = serve(files=FileStore(folder))
    outside = "outside-0123456789abcdef0123456789abcdef.txt"

    for name in ("id_rsa", "%2e", "x" * 5000, f"..%2F{outside}", f"%2e%2e/{outside}", "%00",
                 outside, ".incoming-x", "a" * 300 + "-" + "0" * 32 + ".txt"):  # fmt: skip
        response = served.api.get(f"/api/files/{name}")
        assert (response.status_code, "secret" in response.text) == (404, False), name


def test_an_upload_travels_to_a_model_and_what_is_made_comes_back(played: Served) -> None:
    entry = _upload(played, "hello.txt", b"good morning").json()
    asked = {**ASK, "attachments": [entry]}

    assert "hello.txt" in played.perform("ask", asked).json()["output"]
    speech = {"model": "sandbox/speaker", "input": "Hi", "voice": _voice(played)}
    made = played.perform("createSpeech", speech).json()
    assert made["output"]["url"].startswith(f"{played.url}/api/files/")
    assert made["metadata"]["files"] == [made["output"]]
    assert played.api.get(made["output"]["url"]).headers["content-type"] == "audio/mpeg"


@pytest.mark.parametrize("origin", ["http://localhost:{port}", "", "http://[::1]:{port}"])
def test_a_file_is_known_by_any_name_of_this_server(played: Served, origin: str) -> None:
    entry = _upload(played, "hello.txt", b"good morning").json()
    port = played.url.rsplit(":", 1)[1]
    url = entry["url"].replace(played.url, origin.format(port=port))

    response = played.perform("ask", {**ASK, "attachments": [{**entry, "url": url}]})

    assert "hello.txt" in response.json()["output"]


@pytest.mark.parametrize(
    "url",
    ["/etc/passwd", "file:///etc/passwd", "FILE:///etc/passwd", "etc/passwd", "s3://bucket/x", "",
     "\\\\host\\x", "/api/files/../../etc/passwd", "/api/files/id_rsa", "javascript:1",
     "/api/files/%2Fetc%2Fpasswd"],
)  # fmt: skip
@pytest.mark.parametrize("what", ["form", "check", "perform"])
def test_a_path_of_this_machine_is_refused(played: Served, what: str, url: str) -> None:
    asked = {**ASK, "attachments": [_entry("data:,x"), _entry(url)]}
    response = played.api.post(f"/api/actions/ask/{what}", json={"parameters": asked})

    assert response.status_code == (422 if what == "perform" else 200)
    faults = response.json()["errors" if what == "form" else "problems"]
    assert [one["path"] for one in faults] == ["attachments[1].url"]
    assert "root:" not in response.text


def test_a_path_of_the_store_is_refused_and_never_shown(played: Served) -> None:
    entry = _upload(played, "hello.txt", b"good morning").json()
    asked = {
        **ASK,
        "attachments": [{**entry, "url": played.files.url_of(entry["url"].split("/")[-1])}],
    }

    assert played.perform("ask", asked).status_code == 422
    shown = played.api.post(
        "/api/actions/ask/form", json={"parameters": {**ASK, "attachments": [entry]}}
    ).json()
    assert shown["values"]["attachments"] == [entry]


def test_a_private_address_is_refused(played: Served) -> None:
    asked = {**ASK, "attachments": [_entry("http://127.0.0.1:9/x.txt")]}
    response = played.perform("ask", asked)

    assert (response.status_code, response.json()["type"]) == (
        422,
        "urn:openrouter-connector:FileError",
    )


def test_a_missing_file_is_reported_with_its_path(played: Served) -> None:
    gone = "/api/files/x-0123456789abcdef0123456789abcdef.txt"
    response = played.perform("ask", {**ASK, "attachments": [_entry(gone)]})

    assert (response.status_code, response.json()["path"]) == (422, "attachments[0]")
    assert str(played.files.location.root) not in response.text


def test_an_upload_that_is_none_is_refused(served: Served) -> None:
    bodies: list[Json] = [{"data": {"file": "text"}}, {"json": {}}, {"content": b"x"}, {}]
    for body in bodies:
        assert served.api.post("/api/files", **body).status_code == 422
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    response = served.api.post("/api/files", content=b"--y\r\n\r\n", headers=broken)
    assert response.status_code in (400, 422)


def _upload(served: Served, name: str, content: bytes, kind: str | None = None) -> httpx.Response:
    return served.api.post("/api/files", files={"file": (name, content, kind)})


def _stored(served: Served) -> str:
    return str(_upload(served, "x.txt", TEXT).json()["url"])


def _entry(url: str) -> Json:
    return {"extension": "txt", "mimeType": "text/plain", "name": "x.txt", "url": url}


def _voice(served: Served) -> Json:
    body = {"parameters": {"model": "sandbox/speaker"}}
    found = served.api.post("/api/actions/createSpeech/options/voice", json=body).json()
    return found["options"][0]["value"]
