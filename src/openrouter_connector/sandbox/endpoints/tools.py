"""`/tools`: the server tools, and `/containers`: the files that they made."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from ..catalogue.server_tools import FORMATS, TOOLS, server_tool, server_tool_details
from ..checks.fields import query_integer
from ..containers import CONTAINER, container_files
from ..errors import RefusedRequest, invalid
from ..list_response import cacheable, page
from ..state import File, current_key, state_of
from ..uploads import files_of_key, new_file


async def tools(request: Request) -> Response:
    """`GET /tools`: one page of the server tools, or all of them."""
    if request.query_params.get("api_format", FORMATS[0]) not in FORMATS:
        raise invalid("api_format", "one of " + "|".join(FORMATS))
    rows, _ = page([*map(server_tool, TOOLS)], request.query_params, default=100, most=100)
    return cacheable(request, {"data": rows, "links": {"next": None}, "total_count": len(TOOLS)})


async def tool(request: Request) -> Response:
    """`GET /tools/{name}`: one tool, with the models that run it themselves."""
    name = str(request.path_params["name"]).removeprefix("openrouter:")
    if name not in TOOLS:
        raise RefusedRequest(404, f"Tool {name} not found")
    return cacheable(request, {"data": server_tool_details(name)})


async def container_file_list(request: Request) -> Response:
    """`GET /containers/{id}/files`: one page of the files in a container."""
    files = _files(request)
    ids = [*files]
    after = request.query_params.get("after")
    if after is not None and after not in ids:
        raise invalid("after", "the id of a file in this container")
    start = ids.index(after) + 1 if after is not None else 0
    end = start + query_integer(request.query_params, "limit", 20, 1, 100)
    shown = ids[start:end]
    return JSONResponse(
        {
            "object": "list",
            "data": [files[one].record for one in shown],
            "first_id": shown[0] if shown else None,
            "last_id": shown[-1] if shown else None,
            "has_more": end < len(ids),
        }
    )


async def container_file(request: Request) -> Response:
    """`GET /containers/{id}/files/{file_id}`: the record of a file."""
    return JSONResponse(_file(request).record)


async def container_content(request: Request) -> Response:
    """`GET /containers/{id}/files/{file_id}/content`: its bytes."""
    file = _file(request)
    name = file.record["path"].rpartition("/")[2]
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(file.content, media_type="application/octet-stream", headers=headers)


async def promote(request: Request) -> Response:
    """`POST /containers/{id}/files/{file_id}/promote`: copy a file to the stored files."""
    file = _file(request)
    name = file.record["path"].rpartition("/")[2]
    stored = new_file(f"or_file_{file.record['id']}", name, "text/csv", file.content, by_tool=True)
    files_of_key(state_of(request))[stored.record["id"]] = stored
    return JSONResponse(stored.record)


def _files(request: Request) -> dict[str, File]:
    container = request.path_params["container_id"]
    if container != CONTAINER:
        raise RefusedRequest(404, f"Container {container} not found")
    return container_files(current_key.get())


def _file(request: Request) -> File:
    file_id = request.path_params["file_id"]
    if (file := _files(request).get(file_id)) is None:
        raise RefusedRequest(404, f"File {file_id} not found; the container may have ended")
    return file
