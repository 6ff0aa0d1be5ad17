"""A result as an agent reads it: text, pictures and sound, links; and the same as an object.

Base64 stands in the blocks that are made for it, up to a limit, and never in text or JSON. Hosts
that speak an older protocol get lines of text for the kinds of block that they do not know.
"""

from __future__ import annotations

import json
from base64 import b64encode

from mcp_types import (
    AudioContent,
    CallToolResult,
    ContentBlock,
    ImageContent,
    ResourceLink,
    TextContent,
)
from mcp_types.version import is_version_at_least

from ...errors import FileError
from ...money import usd
from ...values import FileEntry, Json, JsonObject, LoadedFile, Result
from .context import Context
from .embedded import Lifted
from .files import given_out, uri
from .wire import clean

LARGEST_TEXT = 50_000  # bytes of a text file that is shown in a result
LONGEST = 200_000  # characters of an answer; the whole stands in the structured content as well

_SHOWN = {"image/png", "image/jpeg", "image/webp", "image/gif"}  # what models of today look at
_LINKS_SINCE = "2025-06-18"
_SOUND_SINCE = "2025-03-26"


async def shown(result: Result, here: Context, version: str) -> CallToolResult:
    """Give a result in blocks, and as `{output, metadata}`; its files are remembered."""
    lifted = Lifted(here.session.files)
    told = given_out(await lifted.out_of(clean(result.to_json())), here.session.files)
    files = [*map(FileEntry.of_json, result.metadata.get("files", [])), *lifted.files]
    blocks = _Blocks(here, version)
    of_files = await blocks.of_files(files)
    of_text = [] if isinstance(result.output, FileEntry) else await blocks.of_text(told["output"])
    line = _last_line(told["metadata"])
    last = [TextContent(text=line)] if line else []
    return CallToolResult(content=[*of_text, *of_files, *last], structured_content=told)


async def whole(file: LoadedFile) -> bytes:
    """Read a file; FileError when it cannot be read."""
    return b"".join([chunk async for chunk in file.open()])


class _Blocks:
    """The blocks of one result, in which pictures and sound share one limit."""

    def __init__(self, here: Context, version: str) -> None:
        self._here = here
        self._version = version
        self._left = here.inline_limit

    async def of_text(self, output: Json) -> list[ContentBlock]:
        """Give an answer as text, and where the whole of it lies when it is very long."""
        text = _text(output)
        if len(text) <= LONGEST:
            return [TextContent(text=text)]
        kind = "text/plain" if isinstance(output, str) else "application/json"
        cut = TextContent(text=f"{text[:LONGEST]}…\n[{len(text)} characters; the rest is cut here]")
        try:
            entry = await self._here.session.files.put(text.encode(), "answer", kind)
        except FileError:  # the answer was paid for, and stands in the structured content
            return [cut]
        return [cut, *await self.of_files([entry])]

    async def of_files(self, files: list[FileEntry]) -> list[ContentBlock]:
        """Give for each file what it holds, where that is small, and where it lies."""
        blocks: list[ContentBlock] = []
        for entry in files:
            if found := await self._found(entry):
                blocks += await self._inline(found)
                blocks.append(self._link(found))
        return blocks

    async def _found(self, entry: FileEntry) -> LoadedFile | None:
        file_id = self._here.keep(entry)
        return await self._here.session.files.find(file_id) if file_id else None

    async def _inline(self, file: LoadedFile) -> list[ContentBlock]:
        kind = file.entry.mime_type
        try:
            if kind.startswith("text/") and file.size <= LARGEST_TEXT:
                return [TextContent(text=(await whole(file)).decode(errors="replace"))]
            picture, sound = kind in _SHOWN, kind.startswith("audio/")
            if not (picture or sound) or file.size > self._left:
                return []
            if sound and not is_version_at_least(self._version, _SOUND_SINCE):
                return []
            self._left -= file.size
            data = b64encode(await whole(file)).decode()
        except FileError:  # it is stored, and the link may still lead to it
            return []
        block = ImageContent if picture else AudioContent
        return [block(data=data, mime_type=kind)]

    def _link(self, file: LoadedFile) -> ContentBlock:
        entry, files = file.entry, self._here.session.files
        address = uri(files.id_of(entry.url) or "")
        path = files.path_of(entry) if self._here.tells_paths else None
        place = f"at {path}" if path else None
        if is_version_at_least(self._version, _LINKS_SINCE):
            return ResourceLink(
                name=entry.name,
                uri=address,
                mime_type=entry.mime_type,
                size=file.size,
                description=place,
            )
        told = f"{entry.name} ({entry.mime_type}, {file.size} bytes): {address} {place or ''}"
        return TextContent(text=told.strip())


def _text(output: Json) -> str:
    if output is None:
        return "(no output)"
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


def _last_line(metadata: JsonObject) -> str:
    """Say who answered and what it cost, and what the user should know; nothing of a free look."""
    cost, generation = metadata.get("cost"), metadata.get("generationId")
    known = [
        metadata.get("model"),
        usd(cost) if cost is not None else "cost unknown" if generation else None,
        f"job {metadata['jobId']}" if metadata.get("jobId") else None,
    ]
    told = " · ".join(filter(None, known))
    warnings = [f"warning: {warning}" for warning in metadata.get("warnings", [])]
    return "\n".join([*([f"[{told}]"] if told else []), *warnings])
