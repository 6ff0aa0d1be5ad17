"""Return a result as an agent reads it: text, images, audio and links, and the same as an object.

Base64 is sent only in the content blocks made for it, up to a limit, and never in text or JSON.
Hosts with an older protocol get text in place of the kinds of blocks that they do not know.
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
from ...money import format_usd
from ...plain_json import to_plain_result
from ...values import FileEntry, Json, JsonObject, LoadedFile, Result
from .base64_to_files import Base64ToFiles
from .context import Context
from .files import uri, with_file_uris

LARGEST_TEXT_FILE = 50_000  # bytes of a text file that is shown in a result
LONGEST_TEXT = 200_000  # characters; the structured content has the whole text as well
LARGEST_METADATA = 100_000  # characters of JSON

LARGEST_EVENT = 500_000  # characters of an output over HTTP; the official client's limit is 1 MB
_CUT = "the structured output was too long for one message and is cut; the file has all of it"

_IMAGES = {"image/png", "image/jpeg", "image/webp", "image/gif"}  # the formats that models accept
_LINKS_SINCE = "2025-06-18"
_AUDIO_SINCE = "2025-03-26"


async def result_content(
    result: Result, context: Context, version: str, *, limit: int | None = None
) -> CallToolResult:
    """Return a result as content blocks and as `{output, metadata}`, and remember its files.

    With `limit`, the output in the object is cut to about so many characters of JSON.
    """
    converter = Base64ToFiles(context.session.files)
    value = await converter.replace(to_plain_result(result))
    value = with_file_uris(value, context.session.files)
    value["metadata"] = _shorten_metadata(value["metadata"])
    files = [*result.metadata.files, *converter.files]
    blocks = _Blocks(context, version, limit)
    # Files first: they share the limit of inline content, and a cut text becomes another file.
    file_blocks = await blocks.of_files(files)
    is_file = isinstance(result.output, FileEntry)
    text_blocks = [] if is_file else await blocks.of_text(value["output"])
    if limit is not None and len(json.dumps(value["output"])) > limit:
        value["output"] = _cut(value["output"], limit)
        value["metadata"]["warnings"] = [*value["metadata"].get("warnings", []), _CUT]
    summary = _summary(value["metadata"])
    last = [TextContent(text=summary)] if summary else []
    return CallToolResult(content=[*text_blocks, *file_blocks, *last], structured_content=value)


def text_content(result: Result, error: Exception) -> CallToolResult:
    """Return a result without its files, after those could not be read."""
    value = to_plain_result(result)
    warning = f"the files of the result could not be read: {type(error).__name__}"
    value["metadata"] = _shorten_metadata(value["metadata"])
    value["metadata"]["warnings"] = [*value["metadata"].get("warnings", []), warning]
    text = _clip(_as_text(value["output"]), LONGEST_TEXT)
    content: list[ContentBlock] = [
        TextContent(text=text),
        TextContent(text=_summary(value["metadata"])),
    ]
    return CallToolResult(content=content, structured_content=value)


async def read_file(file: LoadedFile) -> bytes:
    """Return the content of a file. FileError when it cannot be read."""
    return b"".join([chunk async for chunk in file.open()])


class _Blocks:
    """Builds the content blocks of one result. Its images and audio share one limit."""

    def __init__(self, context: Context, version: str, limit: int | None) -> None:
        self._context = context
        self._version = version
        self._inline_left = context.inline_limit
        self._limit = limit

    async def of_text(self, output: Json) -> list[ContentBlock]:
        """Return an output as text. A very long one is cut, with a link to a file of the whole."""
        text = _as_text(output)
        longest = LONGEST_TEXT
        if self._limit is not None:  # over HTTP characters beyond ASCII are escaped, and longer
            longest = min(LONGEST_TEXT, self._limit * len(text) // (2 * len(json.dumps(text))))
        if len(text) <= longest:
            return [TextContent(text=text)]
        kind = "text/plain" if isinstance(output, str) else "application/json"
        note = f"[cut here; the whole text has {len(text)} characters]"
        cut = TextContent(text=f"{text[:longest]}…\n{note}")
        try:
            entry = await self._context.session.files.put(text.encode(), "answer", kind)
        except FileError:  # the answer was paid for; the structured content has all of it
            return [cut]
        return [cut, *await self.of_files([entry])]

    async def of_files(self, files: list[FileEntry]) -> list[ContentBlock]:
        """Return a link for each file, and its content if that is small."""
        blocks: list[ContentBlock] = []
        for entry in files:
            if file := await self._find(entry):
                blocks += await self._inline(file)
                blocks.append(self._link(file))
        return blocks

    async def _find(self, entry: FileEntry) -> LoadedFile | None:
        file_id = self._context.remember(entry)
        return await self._context.session.files.find(file_id) if file_id else None

    async def _inline(self, file: LoadedFile) -> list[ContentBlock]:
        kind = file.entry.mime_type
        try:
            if kind.startswith("text/") and file.size <= LARGEST_TEXT_FILE:
                return [TextContent(text=(await read_file(file)).decode(errors="replace"))]
            image, audio = kind in _IMAGES, kind.startswith("audio/")
            if not (image or audio) or file.size > self._inline_left:
                return []
            if audio and not is_version_at_least(self._version, _AUDIO_SINCE):
                return []
            self._inline_left -= file.size
            data = b64encode(await read_file(file)).decode()
        except FileError:  # the file is stored, so the link may still work
            return []
        block = ImageContent if image else AudioContent
        return [block(data=data, mime_type=kind)]

    def _link(self, file: LoadedFile) -> ContentBlock:
        entry, files = file.entry, self._context.session.files
        address = uri(files.id_of(entry.url) or "")
        path = files.path_of(entry) if self._context.show_paths else None
        place = f"at {path}" if path else None
        if is_version_at_least(self._version, _LINKS_SINCE):
            return ResourceLink(
                name=entry.name,
                uri=address,
                mime_type=entry.mime_type,
                size=file.size,
                description=place,
            )
        link = f"{entry.name} ({entry.mime_type}, {file.size} bytes): {address} {place or ''}"
        return TextContent(text=link.strip())


def _as_text(output: Json) -> str:
    if output is None:
        return "(no output)"
    return output if isinstance(output, str) else json.dumps(output, ensure_ascii=False)


def _shorten_metadata(metadata: JsonObject) -> JsonObject:
    """Shorten the longest values of metadata until all of it is within the limit."""
    sizes = {name: len(json.dumps(value)) for name, value in metadata.items()}
    shortened, warnings = dict(metadata), []
    for name in sorted(sizes, key=lambda name: -sizes[name]):
        if sum(sizes.values()) <= LARGEST_METADATA:
            break
        warnings.append(f"metadata.{name} is shortened: it has {sizes[name]} characters of JSON")
        shortened[name] = _shorten(metadata[name])
        sizes[name] = len(json.dumps(shortened[name]))
    if not warnings:
        return shortened
    return shortened | {"warnings": [*shortened.get("warnings", []), *warnings]}


def _cut(output: Json, limit: int) -> Json:
    """Cut texts and lists inside an output, but not its structure, until it is small enough."""
    length, cut = limit // 4, output
    while length > 10 and len(json.dumps(cut)) > limit:
        cut = _cut_items(output, length)
        length //= 4
    return cut


def _cut_items(value: Json, length: int) -> Json:
    if isinstance(value, str):
        return _clip(value, length)
    if isinstance(value, list):
        return [_cut_items(item, length) for item in value[:length]]
    if isinstance(value, dict):
        return {name: _cut_items(item, length) for name, item in value.items()}
    return value


def _shorten(value: Json) -> Json:
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return [_clip(item, 500) for item in value[:20]]
    return _clip(value if isinstance(value, str) else json.dumps(value), 2000)


def _clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}…"


def _summary(metadata: JsonObject) -> str:
    """Return the model, the cost, the job and the warnings; empty if there are none of them."""
    cost, generation = metadata.get("cost"), metadata.get("generationId")
    parts = [
        metadata.get("model"),
        format_usd(cost) if cost is not None else "cost unknown" if generation else None,
        f"job {metadata['jobId']}" if metadata.get("jobId") else None,
    ]
    line = " · ".join(filter(None, parts))
    warnings = [f"warning: {warning}" for warning in metadata.get("warnings", [])]
    return "\n".join([*([f"[{line}]"] if line else []), *warnings])
