"""Convert between file arguments of an agent and files of the store: `openrouter://files/{id}`.

An id ends in a digest of the content, so only those who were given it, or have the file, know it.
Other files in the store's folder cannot be named.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from ...definition.form import Form
from ...definition.model import Property
from ...definition.paths import dotted
from ...errors import InputError, Problem
from ...offload import MAX_VALUES, holds_at_most
from ...runtime.files import media_types
from ...runtime.files.store import FileStore
from ...values import FILE_KEYS, FileEntry, Json, JsonObject
from .text_arguments import parse_text_arguments

SCHEME = "openrouter://files/"
_HOW_TO_NAME = (
    "give the openrouter://files/… URI of a file that a tool returned, a data: URL, or a public "
    "http(s) URL"
)
_HOW_TO_ALLOW = (
    ". A path is read only in a folder that the user allowed, by mcp --allow-dir DIR or by a root "
    "of the host, and never if it is hidden"
)
_UNKNOWN = "is not an argument of this tool"
# Put in the place of an invalid file, so that the form reports only its other problems.
_PLACEHOLDER = FileEntry("", "", "", "data:,")

Path = tuple[str | int, ...]
FindLocal = Callable[[str], Awaitable[FileEntry | None]]


def uri(file_id: str) -> str:
    """Return the URI of a file, as agents see it."""
    return SCHEME + quote(file_id)


async def load_files(
    form: Form,
    arguments: JsonObject,
    hidden: Iterable[str],
    store: FileStore,
    find_local: FindLocal | None = None,
) -> JsonObject:
    """Return arguments with a FILE_ENTRY for each named file.

    `find_local` finds files of this machine. InputError lists the problems with files together
    with all others.
    """
    if not holds_at_most(MAX_VALUES, arguments):
        raise InputError(f"the arguments hold more than {MAX_VALUES} values")
    arguments = parse_text_arguments(form.action.properties, arguments)
    unknown = [Problem(name, _UNKNOWN) for name in hidden if name in arguments]
    loader = _FileLoader(store, find_local, unknown)
    loaded = await loader.values(form.action.properties, arguments, ())
    if loader.problems:
        try:
            form.accept({name: value for name, value in loaded.items() if name not in hidden})
        except InputError as error:
            loader.problems.extend(error.problems)
        raise InputError(loader.problems)
    return loaded


async def load_named_files(
    properties: Iterable[Property],
    arguments: JsonObject,
    store: FileStore,
    find_local: FindLocal | None = None,
) -> JsonObject:
    """Return arguments with a FILE_ENTRY for each file that one of these properties names.

    InputError lists the problems with files.
    """
    if not holds_at_most(MAX_VALUES, arguments):
        raise InputError(f"the arguments hold more than {MAX_VALUES} values")
    listed = list(properties)
    loader = _FileLoader(store, find_local)
    loaded = await loader.values(listed, parse_text_arguments(listed, arguments), ())
    if loader.problems:
        raise InputError(loader.problems)
    return loaded


def with_file_uris(value: Json, store: FileStore) -> Json:
    """Return a value with the URI that an agent can use in place of each URL of the store."""
    if isinstance(value, list):
        return [with_file_uris(item, store) for item in value]
    if not isinstance(value, dict):
        return value
    converted = {key: with_file_uris(item, store) for key, item in value.items()}
    url = value.get("url")
    if isinstance(url, str) and (file_id := store.id_of(url)):
        converted["url"] = uri(file_id)
    return converted


@dataclass(slots=True)
class _FileLoader:
    """Walks through arguments, finds the files among them, and collects their problems."""

    store: FileStore
    find_local: FindLocal | None
    problems: list[Problem] = field(default_factory=list)

    async def values(
        self, properties: Iterable[Property], values: JsonObject, path: Path
    ) -> JsonObject:
        loaded = dict(values)
        for prop in properties:
            name = prop.name or ""
            if values.get(name) is not None:
                loaded[name] = await self.value(prop, values[name], (*path, name))
        return loaded

    async def value(self, prop: Property, value: Json, path: Path) -> Json:
        if prop.type == "FILE_ENTRY":
            return await self.file(value, path)
        if any(alternative.type == "FILE_ENTRY" for alternative in prop.any_of):
            return await self.any_value(value, path)
        if prop.properties and isinstance(value, dict):
            return await self.values(prop.properties, value, path)
        if prop.items and isinstance(value, list):
            items = prop.items
            return [await self.value(items, item, (*path, i)) for i, item in enumerate(value)]
        if (named := prop.additional_properties) and isinstance(value, dict):
            return {key: await self.value(named, v, (*path, key)) for key, v in value.items()}
        return value

    async def any_value(self, value: Json, path: Path) -> Json:
        """Find files in a value of any type: objects that have only the keys of a FILE_ENTRY."""
        if isinstance(value, list):
            return [await self.any_value(item, (*path, i)) for i, item in enumerate(value)]
        if isinstance(value, dict) and "url" in value and value.keys() <= set(FILE_KEYS):
            return await self.file(value, path)
        return value

    async def file(self, value: Json, path: Path) -> Json:
        """Return a FILE_ENTRY for a text, or complete an object that has a `url`."""
        named = {"url": value} if isinstance(value, str) else value
        if not isinstance(named, dict) or not isinstance(named.get("url"), str):
            return value  # the form reports what is wrong with it
        entry = await self.find(named["url"].strip())
        if entry is None:
            self.problems.append(Problem(dotted(path), _not_found(named["url"])))
            entry = _PLACEHOLDER
        own = {
            key: item
            for key, item in named.items()
            if key not in FILE_KEYS or item not in ("", None)
        }
        return {**entry.to_json(), **own, "url": entry.url}

    async def find(self, text: str) -> FileEntry | None:
        """Return the file that a text names; None when an agent may not name it."""
        scheme = text.partition(":")[0].lower()
        if scheme == "data":
            kind = text[5:].partition(",")[0].partition(";")[0] or "text/plain"
            suffix = media_types.extension(None, "", kind)
            return FileEntry(suffix, kind, f"file.{suffix}", f"data:{text[5:]}")
        if scheme in ("http", "https"):
            return _remote(text)
        stored = await self.store.find(unquote(text.removeprefix(SCHEME)))
        if stored or not self.find_local:
            return stored.entry if stored else None
        return await self.find_local(text)


def _remote(url: str) -> FileEntry | None:
    try:
        name = PurePosixPath(unquote(urlsplit(url).path)).name
    except ValueError:  # `http://[`
        return None
    return FileEntry("", "", name or "download", url)


def _not_found(url: str) -> str:
    shown = url if len(url) < 100 else f"{url[:100]}…"
    if url.startswith(SCHEME):
        return f"{shown!r} is not a file of this server, or no longer one; {_HOW_TO_NAME}"
    message = f"{shown!r} is not a file of this server; {_HOW_TO_NAME}"
    is_path = url[:5].lower() == "file:" or ":" not in url
    return message + _HOW_TO_ALLOW if is_path else message
