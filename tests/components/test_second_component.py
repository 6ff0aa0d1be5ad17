"""Another API, in YAML alone, performs in Python and on the command line as itself."""

from __future__ import annotations

import asyncio
import json
import re
from base64 import b64encode
from collections.abc import Iterator
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Unpack

import pytest

from openrouter_connector import (
    ApiError,
    ConnectOptions,
    CredentialError,
    FileStore,
    IncompleteError,
    InputError,
    Result,
)
from openrouter_connector.connections.key_check import check_key as check_key
from openrouter_connector.connections.store import ConnectionStore, StoredConnection
from openrouter_connector.runtime.api_profile import NEUTRAL
from openrouter_connector.values import Choices, JsonObject
from support.command import Command
from support.second_component import FOLDER, KEY, OTHER_BRAND, PDF, Paperworks, paperworks

NOTE = {"style": "serif", "text": "Hello"}


@pytest.fixture
def paper(tmp_path: Path) -> Iterator[Paperworks]:
    with paperworks(tmp_path / "paperworks") as running:
        yield running


@pytest.fixture
def words(paper: Paperworks, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """The words of a command line that uses the component, with its key in the environment."""
    monkeypatch.setenv("PAPERWORKS_KEY", KEY)
    return ("--connector", str(paper.folder))


def perform(
    paper: Paperworks, action: str, parameters: object, **options: Unpack[ConnectOptions]
) -> Result:
    return paper.connector.run(action, parameters, KEY, **options)


def test_the_page_on_components_shows_this_one() -> None:
    page = (FOLDER.parents[2] / "docs" / "components.md").read_text()
    files = [file.read_text() for file in FOLDER.rglob("*.yaml")]
    blocks = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    assert len(blocks) == 6
    assert [block for block in blocks if not any(block in text for text in files)] == []


def test_the_definition_is_whole(paper: Paperworks) -> None:
    paper.connector.definition.check()


def test_the_key_goes_alone_into_the_header_of_its_api(paper: Paperworks) -> None:
    result = perform(paper, "printNote", {**NOTE, "copyCount": 2})
    assert result.output == "tray 2"
    assert (result.metadata.generation_id, result.metadata.cost) == ("note-1", None)
    [sent] = paper.server.requests
    assert (sent.method, sent.path) == ("POST", "/v2/notes")
    assert sent.json == {"style": "serif", "text": "Hello", "copy_count": 2}
    assert sent.headers["x-api-key"] == KEY and "authorization" not in sent.headers
    assert not OTHER_BRAND.search(str(sent.headers))


def test_a_stream_sends_nothing_that_the_api_did_not_ask_for(paper: Paperworks) -> None:
    async def streamed() -> list[str]:
        async with paper.connector.connect(KEY) as session:
            return [event.text async for event in session.stream("chat", {"question": "Where?"})]

    assert "".join(asyncio.run(streamed())) == "On paper."
    [sent] = paper.server.requests
    said = [{"role": "user", "content": "Where?"}]
    assert sent.json == {"messages": said, "stream": True}


def test_a_file_is_uploaded_and_a_job_is_polled(
    paper: Paperworks, store: FileStore, tmp_path: Path
) -> None:
    document = f"data:application/pdf;base64,{b64encode(PDF).decode()}"
    uploaded = perform(paper, "uploadDocument", {"document": document, "title": "One"})
    assert uploaded.output == "doc-1"
    [upload] = paper.sent("/documents")
    assert upload.headers["content-type"].startswith("multipart/form-data")
    assert b'name="title"' in upload.body and PDF in upload.body
    book = perform(paper, "bindBook", {"documents": [uploaded.output]}, files=store)
    assert book.output.extension == "pdf"
    assert len(paper.sent("/books/7")) == 2
    assert paper.server.requests[-1].path == "/v2/books/7/pages"
    stored = [file.read_bytes() for file in (tmp_path / "files").rglob("*") if file.is_file()]
    assert PDF in stored


def test_a_refusal_says_what_the_api_and_the_definition_say(paper: Paperworks) -> None:
    with pytest.raises(ApiError) as caught:
        perform(paper, "printNote", {**NOTE, "style": "gothic"})
    assert (caught.value.status, caught.value.code) == (422, "style_unknown")
    styles = "The styles are at https://paperworks.example/styles."
    assert caught.value.message == f"There is no such style. {styles}"


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_inside_a_success_is_read_where_the_api_puts_it(
    paper: Paperworks, stream: bool
) -> None:
    async def failed() -> ApiError:
        async with paper.connector.connect(KEY) as session:
            with pytest.raises(IncompleteError) as caught:
                async for _ in session.events("chat", {"question": "Fail?"}, stream=stream):
                    pass
        return caught.value

    error = asyncio.run(failed())
    assert (error.status, error.code, error.message) == (200, "ink_empty", "The ink is empty.")
    assert error.partial == ("Half" if stream else None)


def test_fields_of_openrouter_mean_nothing_here() -> None:
    error = {"message": "no", "metadata": {"provider_name": "Google", "raw": "too hot"}}
    assert NEUTRAL.details_of(error).messages == ("no",)
    assert NEUTRAL.cost_of({"cost": 0.5}) is None


def test_a_key_that_is_unknown_is_a_matter_of_credentials(paper: Paperworks) -> None:
    with pytest.raises(CredentialError) as caught:
        paper.connector.run("printNote", NOTE, "pw_other")
    own = "Make a new key at https://paperworks.example/keys."
    assert caught.value.message == f"Nobody has this key. {own}"


def test_a_dropdown_lists_what_the_api_lists(paper: Paperworks) -> None:
    async def listed() -> Choices:
        async with paper.connector.connect(KEY) as session:
            return await session.options("printNote", "style")

    options = [(one["label"], one["value"]) for one in asyncio.run(listed()).options]
    assert options == [("Serif", "serif"), ("Sans", "sans")]


def test_a_check_knows_the_list_and_no_price(paper: Paperworks) -> None:
    async def checked(style: str) -> JsonObject:
        async with paper.connector.connect(KEY) as session:
            return (await session.check("printNote", {**NOTE, "style": style})).to_json()

    good, typo = asyncio.run(checked("serif")), asyncio.run(checked("serfi"))
    assert good == {
        "ok": True,
        "problems": [],
        "warnings": [],
        "estimate": None,
        "call": {
            "method": "POST",
            "path": "/notes",
            "query": {},
            "body": {"style": "serif", "text": "Hello"},
        },
    }
    problem = {"path": "style", "message": "there is no style 'serfi'; did you mean 'serif'?"}
    assert typo["problems"] == [problem]
    assert paper.sent("/notes") == []


def test_a_connection_is_validated_against_the_loaded_component(paper: Paperworks) -> None:
    component = paper.connector.definition.component
    store = ConnectionStore().of(component)
    with pytest.raises(InputError) as caught:
        store.save(StoredConnection("wrong", "sk-nothing", {"referer": "https://a.example"}))
    assert [str(problem) for problem in caught.value.problems] == [
        "referer: is unknown; a connection may have office",
        "token: is not a whole key of Paperworks (such as pw_…); copy it again",
    ]
    store.save(StoredConnection("paper", KEY, {"office": "north"}))
    assert paper.connector.run("printNote", NOTE, connection="paper").output == "tray 2"
    assert paper.server.requests[0].headers["x-office"] == "north"


@pytest.mark.parametrize(
    ("token", "state", "message"),
    [
        (KEY, "ok", "the key works"),
        ("pw_other", "rejected", "https://paperworks.example/keys"),
        ("other", "malformed", "is not a whole key of Paperworks"),
        (None, "malformed", "Paperworks requires a key (https://paperworks.example/keys)"),
    ],
)
def test_a_key_is_proven_by_the_request_that_the_definition_names(
    paper: Paperworks, token: str | None, state: str, message: str
) -> None:
    report = asyncio.run(check_key(paper.connector.definition.component, token))
    assert report.state == state and message in report.message
    assert not OTHER_BRAND.search(str(report.to_json()))
    asked = {one.path for one in paper.server.requests}
    assert asked == (set() if state == "malformed" else {"/v2/me"})


def test_the_command_line_performs_checks_and_lists(
    command: Command, paper: Paperworks, words: tuple[str, ...]
) -> None:
    note = ("-p", "style=serif", "-p", "text=Hello")
    assert command("run", "printNote", *note, *words).out == "tray 2\n"
    assert command("check", "printNote", *note, *words).code == 0
    assert "Serif" in command("options", "printNote", "style", *words).out
    assert json.loads(command("check", "printNote", *note, "--json", *words).out)["ok"]


@pytest.mark.parametrize(
    "line",
    [
        ("actions",),
        ("show", "printNote"),
        ("show", "chat"),
        ("validate",),
        ("check", "printNote", "-p", "style=serfi", "-p", "text=x"),
        ("options", "printNote", "style"),
        ("run", "printNote", "-p", "style=gothic", "-p", "text=x"),
        ("run", "printNote", "-p", "style=serif"),
        ("run", "bindBook", "--json"),
        ("connections", "test"),
        ("export", "bytechef"),
        ("export", "json-schema", "printNote"),
    ],
    ids=" ".join,
)
def test_no_command_speaks_of_another_brand(
    command: Command, words: tuple[str, ...], line: tuple[str, ...]
) -> None:
    ended = command(*line, *words)
    shown = ended.out + ended.err
    assert shown and not OTHER_BRAND.search(shown), shown


def test_a_connection_is_made_from_a_key_on_stdin(
    command: Command, paper: Paperworks, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = ("--connector", str(paper.folder))
    monkeypatch.setattr("sys.stdin", TextIOWrapper(BytesIO(f"{KEY}\n".encode())))
    ended = command("connect", "--token-stdin", *there)
    assert ended.code == 0, ended.err
    assert not OTHER_BRAND.search(ended.out + ended.err)
    assert paper.sent("/me")[0].headers["x-api-key"] == KEY
    note = ("-p", "style=serif", "-p", "text=Hello")
    assert command("run", "printNote", *note, *there).out == "tray 2\n"
