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
from ...plain_json import plain_result
from ...values import FileEntry, Json, JsonObject, LoadedFile, Result
from .context import Context
from .files import given_out, uri
from .inline_files import Lifted

LARGEST_TEXT = 50_000  # bytes of a text file that is shown in a result
LONGEST = 200_000  # characters of an answer; the whole stands in the structured content as well
LARGEST_METADATA = 100_000  # characters of it as JSON

LARGEST_EVENT = 500_000  # characters of an output over HTTP, where the official client takes 1 MB
_CUT = "the structured output was too long for a message, and is cut; the file has all of it"

_SHOWN = {"image/png", "image/jpeg", "image/webp", "image/gif"}  # what models of today look at
_LINKS_SINCE = "2025-06-18"
_SOUND_SINCE = "2025-03-26"


async def shown(
    result: Result, here: Context, version: str, *, most: int | None = None
) -> CallToolResult:
    """Give a result in blocks, and as `{output, metadata}`; its files are remembered.

    With `most`, the output as an object is cut to about so many characters of JSON.
    """
    lifted = Lifted(here.session.files)
    told = given_out(await lifted.out_of(plain_result(result)), here.session.files)
    told["metadata"] = _fitting(told["metadata"])
    files = [*result.metadata.files, *lifted.files]
    blocks = _Blocks(here, version, most)
    of_files = await blocks.of_files(files)
    of_text = [] if isinstance(result.output, FileEntry) else await blocks.of_text(told["output"])
    if most is not None and len(json.dumps(told["output"])) > most:
        told["output"] = _cut(told["output"], most)
        told["metadata"]["warnings"] = [*told["metadata"].get("warnings", []), _CUT]
    line = _last_line(told["metadata"])
    last = [TextContent(text=line)] if line else []
    return CallToolResult(content=[*of_text, *of_files, *last], structured_content=told)


def shown_bare(result: Result, error: Exception) -> CallToolResult:
    """Return a result without looking at its files, after that went wrong."""
    told = plain_result(result)
    warning = f"its files could not be looked at: {type(error).__name__}"
    told["metadata"] = _fitting(told["metadata"])
    told["metadata"]["warnings"] = [*told["metadata"].get("warnings", []), warning]
    text = _clipped(_text(told["output"]), LONGEST)
    last = _last_line(told["metadata"])
    content: list[ContentBlock] = [TextContent(text=text), TextContent(text=last)]
    return CallToolResult(content=content, structured_content=told)


async def whole(file: LoadedFile) -> bytes:
    """Read a file; FileError when it cannot be read."""
    return b"".join([chunk async for chunk in file.open()])


class _Blocks:
    """The blocks of one result, in which pictures and sound share one limit."""

    def __init__(self, here: Context, version: str, most: int | None) -> None:
        self._here = here
        self._version = version
        self._left = here.inline_limit
        self._most = most

    async def of_text(self, output: Json) -> list[ContentBlock]:
        """Give an answer as text, and where the whole of it lies when it is very long."""
        text = _text(output)
        longest = LONGEST
        if self._most is not None:  # where other letters than ASCII are written as escapes
            longest = min(LONGEST, self._most * len(text) // (2 * len(json.dumps(text))))
        if len(text) <= longest:
            return [TextContent(text=text)]
        kind = "text/plain" if isinstance(output, str) else "application/json"
        cut = TextContent(text=f"{text[:longest]}…\n[{len(text)} characters; the rest is cut here]")
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
            image, audio = kind in _SHOWN, kind.startswith("audio/")
            if not (image or audio) or file.size > self._left:
                return []
            if audio and not is_version_at_least(self._version, _SOUND_SINCE):
                return []
            self._left -= file.size
            data = b64encode(await whole(file)).decode()
        except FileError:  # it is stored, and the link may still lead to it
            return []
        block = ImageContent if image else AudioContent
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


def _fitting(metadata: JsonObject) -> JsonObject:
    """Shorten the longest parts of metadata until a host can take them all."""
    sizes = {name: len(json.dumps(value)) for name, value in metadata.items()}
    fitting, cut = dict(metadata), []
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        if sum(sizes.values()) <= LARGEST_METADATA:
            break
        cut.append(f"metadata.{name} is shortened: it has {sizes[name]} characters as JSON")
        fitting[name] = _shortened(metadata[name])
        sizes[name] = len(json.dumps(fitting[name]))
    return fitting | {"warnings": [*fitting.get("warnings", []), *cut]} if cut else fitting


def _cut(output: Json, most: int) -> Json:
    """Cut texts and lists inside an output, which keeps its shape, until it is small enough."""
    length, cut = most // 4, output
    while length > 10 and len(json.dumps(cut)) > most:
        cut = _cut_to(output, length)
        length //= 4
    return cut


def _cut_to(value: Json, length: int) -> Json:
    if isinstance(value, str):
        return _clipped(value, length)
    if isinstance(value, list):
        return [_cut_to(item, length) for item in value[:length]]
    if isinstance(value, dict):
        return {name: _cut_to(item, length) for name, item in value.items()}
    return value


def _shortened(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [_clipped(one, 500) for one in value[:20]]
    return _clipped(value if isinstance(value, str) else json.dumps(value), 2000)


def _clipped(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[:most]}…"


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
