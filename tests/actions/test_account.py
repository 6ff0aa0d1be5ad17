"""Generations, the key, credits, stored files and presets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from openrouter_connector import (
    ApiError,
    Connector,
    FileError,
    ForbiddenError,
    InputError,
    NotFoundError,
    Result,
)
from openrouter_connector.sandbox import Sandbox
from openrouter_connector.sandbox.access import MANAGED
from support.performing import Perform
from support.scripted_server import response, scripted

NOTE = {
    "extension": "txt",
    "mimeType": "text/plain",
    "name": 'n"o\r\nte.txt',
    "url": "data:text/plain,Hello",
}
LATE = response({"error": {"code": 404, "message": "Generation gen-1 not found"}}, 404)
MADE_BY_A_TOOL = "or_file_sandbox000000000001"
IDS = {
    "getGeneration": "id",
    "getGenerationContent": "id",
    "getFile": "fileId",
    "downloadFile": "fileId",
    "deleteFile": "fileId",
    "getPreset": "slug",
}


def test_an_action_says_that_it_requires_a_management_key(connector: Connector) -> None:
    for name in connector.definition.component.actions:
        action = connector.definition.form(name).action
        _, path = action.request.split(" ")
        assert action.management_key == path.startswith(MANAGED), name
        assert action.management_key == ("requires a management key" in action.description), name


@pytest.fixture
def generation(ask: Callable[..., Result]) -> str:
    """The id of a call that was just made."""
    return str(ask(userPrompt="How deep is it?").metadata.generation_id)


def test_the_record_of_a_call_comes_late_and_is_waited_for(
    perform: Perform, played: Sandbox, generation: str
) -> None:
    before = len(played.requests)
    record = perform("getGeneration", {"id": generation}).output
    assert (record["id"], record["total_cost"] > 0) == (generation, True)
    asked = played.requests[before:]
    assert len(asked) > 1
    assert {(request.path, request.query["id"]) for request in asked} == {
        ("/api/v1/generation", generation)
    }


def test_what_was_said_is_read_again(perform: Perform, generation: str) -> None:
    content = perform("getGenerationContent", {"id": generation}).output
    assert content["input"]["messages"][-1]["content"] == "How deep is it?"
    assert "How deep is it?" in content["output"]["completion"]


def test_a_record_that_never_comes_is_not_found(
    hasty: Connector,
) -> None:
    with scripted(LATE) as server, pytest.raises(NotFoundError, match="gen-1 not found"):
        hasty.run("getGeneration", {"id": "gen-1"}, "sk-or-v1-x", base_url=server.base_url)
    assert 1 < len(server.requests) < 5


def test_other_errors_are_not_waited_for(perform: Perform) -> None:
    refused = response({"error": {"code": 403, "message": "No"}}, 403)
    with scripted(LATE, refused) as server, pytest.raises(ForbiddenError):
        perform("getGeneration", {"id": "gen-1"}, base_url=server.base_url)
    assert len(server.requests) == 2


def test_the_key_tells_what_is_left(perform: Perform) -> None:
    key = perform("getKey", {}).output
    assert key["limit_remaining"] <= key["limit"]
    assert not key["is_management_key"]


def test_credits_are_for_management_keys(perform: Perform) -> None:
    credits_left = perform("getCredits", {}, token="sk-or-v1-management").output
    assert credits_left["total_credits"] >= credits_left["total_usage"] >= 0
    with pytest.raises(ForbiddenError, match="management keys"):
        perform("getCredits", {})


def test_an_unknown_call_has_a_wrong_id_and_no_wrong_model(perform: Perform) -> None:
    asked = {"generationId": "gen-unknown", "category": "latency"}
    with pytest.raises(NotFoundError, match="Check the id; it may be deleted") as refused:
        perform("sendFeedback", asked)
    assert "model" not in str(refused.value)


def test_a_file_is_stored_named_and_deleted(perform: Perform) -> None:
    stored = perform("uploadFile", {"file": NOTE}).output
    name = {"fileId": stored["id"]}
    assert (stored["mime_type"], stored["size_bytes"]) == ("text/plain", 5)
    assert perform("getFile", name).output == stored
    assert stored["id"] in [one["id"] for one in perform("listFiles", {}).output["data"]]
    with pytest.raises(ApiError, match="created by tools"):
        perform("downloadFile", name)
    assert perform("deleteFile", name).output["id"] == stored["id"]
    for action in ("getFile", "deleteFile"):
        with pytest.raises(NotFoundError, match="Check the id; it may be deleted, belong to"):
            perform(action, name)


def test_a_file_goes_as_a_form_and_the_rest_in_the_query(perform: Perform) -> None:
    workspace = "a103d8b6-42f0-4e50-9a3c-bf41e2c3c1a7"
    with scripted(response({"id": "or_file_1", "type": "file"})) as server:
        asked = {"file": NOTE, "provider": "openai", "workspaceId": workspace}
        perform("uploadFile", asked, base_url=server.base_url)
    (request,) = server.requests
    assert request.path == f"/api/v1/files?provider=openai&workspace_id={workspace}"
    kind, _, boundary = request.headers["content-type"].partition("; boundary=")
    assert kind == "multipart/form-data"
    head, content, end = request.body.partition(b"\r\n\r\nHello\r\n")
    assert content and end == f"--{boundary}--\r\n".encode()
    assert b'name="file"; filename="n%22o%0D%0Ate.txt"' in head


def test_the_files_of_a_long_list_come_page_by_page(perform: Perform) -> None:
    names = {perform("uploadFile", {"file": NOTE}).output["id"] for _ in range(3)}
    found: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = perform("listFiles", {"limit": 2, **cursor}).output
        found += [one["id"] for one in page["data"]]
        if not page["has_more"]:
            break
        cursor = {"cursor": page["cursor"]}
    assert names <= set(found) and len(found) == len(set(found))


def test_what_a_tool_made_is_downloaded_under_its_own_name(
    perform: Perform, stored: Callable[[Any], bytes]
) -> None:
    file = perform("downloadFile", {"fileId": MADE_BY_A_TOOL}).output
    assert (file.name, file.mime_type) == ("boats.csv", "text/csv")
    assert stored(file).startswith(b"month,boats")


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ('attachment; filename="../../etc/a b.txt"', "a b.txt"),
        ('attachment; filename="C:\\\\x\\\\note.txt"', "note.txt"),
        ("attachment; filename*=UTF-8''%C3%84.txt", "Ä.txt"),
        ("attachment", "file.txt"),
        ("}{", "file.txt"),
    ],
)
def test_the_name_of_a_download_has_no_folders(
    perform: Perform, stored: Callable[[Any], bytes], told: str, name: str
) -> None:
    answer = response("Hello", kind="text/plain", headers={"Content-Disposition": told})
    with scripted(answer) as server:
        file = perform("downloadFile", {"fileId": "f"}, base_url=server.base_url).output
    assert (file.name, stored(file)) == (name, b"Hello")


def test_a_file_that_is_not_there_is_not_uploaded(
    perform: Perform, count: Callable[[], int]
) -> None:
    with pytest.raises(FileError, match="file"):
        perform("uploadFile", {"file": NOTE | {"url": "file:///etc/passwd"}})
    with pytest.raises(InputError, match="file: is missing"):
        perform("uploadFile", {})
    assert count() == 0


def test_presets_are_listed_and_read(perform: Perform) -> None:
    slugs = [one["slug"] for one in perform("listPresets", {"limit": 50}).output]
    preset = perform("getPreset", {"slug": slugs[0]}).output
    assert preset["slug"] == slugs[0]
    assert preset["designated_version"]["config"]["model"].startswith("sandbox/")
    assert [one["slug"] for one in perform("listPresets", {"offset": 1}).output] == slugs[1:]
    with pytest.raises(InputError, match="limit: 101 is more than 100"):
        perform("listPresets", {"limit": 101})
    with pytest.raises(NotFoundError):
        perform("getPreset", {"slug": "no-such-preset"})


@pytest.mark.parametrize("action", IDS)
@pytest.mark.parametrize("given", ["../key", "a/b", "..", ".", "", "a?b", "a#b", "a%2Fb", " a"])
def test_an_id_that_would_lead_elsewhere_is_refused(
    perform: Perform, played: Sandbox, action: str, given: str
) -> None:
    before = len(played.requests)
    with pytest.raises(InputError, match=rf"^{IDS[action]}: "):
        perform(action, {IDS[action]: given})
    assert len(played.requests) == before


@pytest.mark.parametrize("action", IDS)
def test_an_id_is_demanded(perform: Perform, action: str) -> None:
    with pytest.raises(InputError, match=rf"^{IDS[action]}: is missing"):
        perform(action, {})


def test_an_action_says_when_it_destroys(connector: Connector) -> None:
    actions = [
        connector.definition.form(name).action for name in connector.definition.component.actions
    ]
    destructive = [one.name for one in actions if one.destructive]
    assert destructive == ["deleteBatch", "deleteFile", "deleteKey"]
