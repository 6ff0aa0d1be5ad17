"""Files between an agent and the store: named by `openrouter://files/…`, never by a path.

An id ends in a digest of the content, so only who was given it, or has the file, knows it. Nothing
else that lies in the store's folder can be named.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

from ...definition.form import Form
from ...definition.model import Property
from ...definition.problems import dotted
from ...errors import InputError, Problem
from ...offload import MAX_VALUES, holds_at_most
from ...runtime.files import media_types
from ...runtime.files.store import FileStore
from ...values import FILE_KEYS, FileEntry, Json, JsonObject
from .text_arguments import from_text

SCHEME = "openrouter://files/"
_WAYS = "give openrouter://files/… as a tool gave it, a data: URL, or a public http(s) URL"
_LOCAL = (
    ". A path is read only in a folder that the user allowed: mcp --allow-dir DIR, or the roots of "
    "the host; nothing hidden is"
)
_ANY = FileEntry("", "", "", "data:,")

Path = tuple[str | int, ...]
Local = Callable[[str], Awaitable[FileEntry | None]]


def uri(file_id: str) -> str:
    """Give the address of a file as an agent sees it."""
    return SCHEME + quote(file_id)


async def taken_in(
    form: Form,
    arguments: JsonObject,
    hidden: Iterable[str],
    store: FileStore,
    local: Local | None = None,
) -> JsonObject:
    """Put a FILE_ENTRY in the place of all that names a file; `local` finds those of this machine.

    InputError lists what is wrong with the names of files, and then all else as well.
    """
    if not holds_at_most(MAX_VALUES, arguments):
        raise InputError(f"the arguments hold more than {MAX_VALUES} values")
    arguments = from_text(form.action.properties, arguments)
    intake = _Intake(
        store, local, [Problem(name, _UNKNOWN) for name in hidden if name in arguments]
    )
    entered = await intake.values(form.action.properties, arguments, ())
    if intake.problems:
        try:
            form.accept({name: value for name, value in entered.items() if name not in hidden})
        except InputError as error:
            intake.problems.extend(error.problems)
        raise InputError(intake.problems)
    return entered


def given_out(value: Json, store: FileStore) -> Json:
    """Put the address that an agent can use in the place of each URL of the store."""
    if isinstance(value, list):
        return [given_out(item, store) for item in value]
    if not isinstance(value, dict):
        return value
    shown = {key: given_out(item, store) for key, item in value.items()}
    url = value.get("url")
    if isinstance(url, str) and (file_id := store.id_of(url)):
        shown["url"] = uri(file_id)
    return shown


_UNKNOWN = "is not an argument of this tool"


@dataclass(slots=True)
class _Intake:
    """A walk over arguments, which finds the files among them, and what is wrong with those."""

    store: FileStore
    local: Local | None
    problems: list[Problem] = field(default_factory=list)

    async def values(
        self, properties: Iterable[Property], values: JsonObject, path: Path
    ) -> JsonObject:
        entered = dict(values)
        for prop in properties:
            name = prop.name or ""
            if values.get(name) is not None:
                entered[name] = await self.value(prop, values[name], (*path, name))
        return entered

    async def value(self, prop: Property, value: Json, path: Path) -> Json:
        if prop.type == "FILE_ENTRY":
            return await self.file(value, path)
        if any(one.type == "FILE_ENTRY" for one in prop.any_of):
            return await self.anything(value, path)
        if prop.properties and isinstance(value, dict):
            return await self.values(prop.properties, value, path)
        if prop.items and isinstance(value, list):
            items = prop.items
            return [await self.value(items, item, (*path, i)) for i, item in enumerate(value)]
        if (named := prop.additional_properties) and isinstance(value, dict):
            return {key: await self.value(named, one, (*path, key)) for key, one in value.items()}
        return value

    async def anything(self, value: Json, path: Path) -> Json:
        """Find the files in a value of any kind: objects that have only the keys of one."""
        if isinstance(value, list):
            return [await self.anything(one, (*path, i)) for i, one in enumerate(value)]
        if isinstance(value, dict) and "url" in value and value.keys() <= set(FILE_KEYS):
            return await self.file(value, path)
        return value

    async def file(self, value: Json, path: Path) -> Json:
        """Give a FILE_ENTRY for a text, or complete an object that has a `url`."""
        given = {"url": value} if isinstance(value, str) else value
        if not isinstance(given, dict) or not isinstance(given.get("url"), str):
            return value  # the form says what is wrong with it
        entry = await self.named(given["url"].strip())
        if entry is None:
            self.problems.append(Problem(dotted(path), _refused(given["url"])))
            entry = _ANY
        told = {
            key: one for key, one in given.items() if key not in FILE_KEYS or one not in ("", None)
        }
        return {**entry.to_json(), **told, "url": entry.url}

    async def named(self, text: str) -> FileEntry | None:
        """Give the file that a text names; None when an agent may not name it so."""
        scheme = text.partition(":")[0].lower()
        if scheme == "data":
            kind = text[5:].partition(",")[0].partition(";")[0] or "text/plain"
            suffix = media_types.extension(None, "", kind)
            return FileEntry(suffix, kind, f"file.{suffix}", f"data:{text[5:]}")
        if scheme in ("http", "https"):
            return _remote(text)
        found = await self.store.find(unquote(text.removeprefix(SCHEME)))
        if found or not self.local:
            return found.entry if found else None
        return await self.local(text)


def _remote(url: str) -> FileEntry | None:
    try:
        name = PurePosixPath(unquote(urlsplit(url).path)).name
    except ValueError:  # `http://[`
        return None
    return FileEntry("", "", name or "download", url)


def _refused(url: str) -> str:
    shown = url if len(url) < 100 else f"{url[:100]}…"
    gone = " (any more)" if url.startswith(SCHEME) else ""
    told = f"{shown!r} is no file of this server{gone}; {_WAYS}"
    local = url[:5].lower() == "file:" or ":" not in url
    return told + _LOCAL if local and not url.startswith(SCHEME) else told
