"""The stored files of each key, and their names in a chat that refers to them by id."""

from __future__ import annotations

from datetime import UTC, datetime

from openrouter_connector.values import Json, JsonObject

from .errors import RefusedRequest
from .state import File, State, current_key

TOOL_FILE_ID = "or_file_sandbox000000000001"
TOOL_FILE = b"month,boats\nJanuary,3\nFebruary,5\nMarch,8\n"


def files_of_key(state: State) -> dict[str, File]:
    """Return the files of the calling key by id; each key starts with one that a tool created."""
    # Uploads cannot be downloaded, so without this file the download could not be tested.
    created = new_file(TOOL_FILE_ID, "boats.csv", "text/csv", TOOL_FILE, by_tool=True)
    return state.files.setdefault(current_key.get(), {TOOL_FILE_ID: created})


def find_file(file_id: str, state: State) -> File:
    """Return a file of the calling key; raise RefusedRequest 404 if it has none of this id."""
    if (file := files_of_key(state).get(file_id)) is None:
        raise RefusedRequest(404, f"File {file_id} not found")
    return file


def new_file(
    file_id: str, filename: str, media_type: str, content: bytes, *, by_tool: bool = False
) -> File:
    """Return a file with its record; only those created by a tool can be downloaded."""
    record: JsonObject = {
        "_shape": "openrouter",
        "id": file_id,
        "type": "file",
        "filename": filename,
        "mime_type": media_type,
        "size_bytes": len(content),
        "created_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "downloadable": by_tool,
    }
    return File(record, content)


def add_file_names(body: JsonObject, state: State) -> JsonObject:
    """Return the chat request with the name of each file that it refers to by id.

    Raises RefusedRequest 404 for an unknown file.
    """
    messages = body["messages"]
    # Most chats have no files, and are returned as they are.
    if not any(map(_is_file_by_id, _parts(messages))):
        return body
    return body | {"messages": [_with_names(message, state) for message in messages]}


def _with_names(message: JsonObject, state: State) -> JsonObject:
    content = message.get("content")
    if not isinstance(content, list):
        return message
    parts: list[Json] = []
    for part in content:
        if _is_file_by_id(part):
            record = find_file(part["file"]["file_id"], state).record
            part = part | {"file": {"filename": record["filename"]} | part["file"]}
        parts.append(part)
    return message | {"content": parts}


def _parts(messages: list[Json]) -> list[JsonObject]:
    contents = [message.get("content") for message in messages]
    return [part for content in contents if isinstance(content, list) for part in content]


def _is_file_by_id(part: JsonObject) -> bool:
    return part["type"] == "file" and bool(part["file"].get("file_id"))
