"""Load the files among the values of an action, before its request is built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..definition.fast_validation import is_valid
from ..definition.model import Property
from ..errors import FileError
from ..values import Json, JsonObject, LoadedFile
from .files import media_types
from .files.by_url import linked_file, may_be_text
from .files.store import FileStore


async def load_files(
    properties: Iterable[Property],
    values: JsonObject,
    store: FileStore,
    *,
    may_be_empty: str = "",
    by_url: bool = False,
) -> JsonObject:
    """Return the values with every FILE_ENTRY loaded. A FileError names the property.

    Empty files are refused, except that of the property `may_be_empty`, about which a later step
    can say more.

    Files of properties with `send: false` go into a prompt, so their text is read here. Images are
    prepared for the model. Any other file is opened only when it is sent.

    With `by_url` only text is read; all else must be at an http(s) URL, and stays there.
    """
    loader = _FileLoader(values, store, may_be_empty, by_url)
    return await loader.members(properties, values, "", prompt=False)


@dataclass(frozen=True, slots=True)
class _FileLoader:
    """Walks through values by their properties, and loads the files among them."""

    root: JsonObject
    store: FileStore
    may_be_empty: str
    by_url: bool

    async def members(
        self, properties: Iterable[Property], values: JsonObject, prefix: str, *, prompt: bool
    ) -> JsonObject:
        loaded = dict(values)
        for prop in properties:
            name = prop.name or ""
            if isinstance(value := values.get(name), dict | list):  # no other value holds a file
                inside = prompt or prop.send is False
                loaded[name] = await self.value(prop, value, f"{prefix}{name}", prompt=inside)
        return loaded

    async def value(self, prop: Property, value: Json, path: str, *, prompt: bool) -> Json:
        if prop.any_of:
            # A value may be a URL or a file: only the variant that fits says how to load it.
            prop = next((variant for variant in prop.any_of if is_valid(variant, value)), prop)
        if prop.type == "FILE_ENTRY":
            return await self.file(prop, value, path, prompt=prompt)
        if prop.items and isinstance(value, list):
            return [
                await self.value(prop.items, item, f"{path}[{i}]", prompt=prompt)
                for i, item in enumerate(value)
            ]
        if prop.properties and isinstance(value, dict):
            return await self.members(prop.properties, value, f"{path}.", prompt=prompt)
        if (named := prop.additional_properties) and isinstance(value, dict):
            return {
                key: await self.value(named, item, f"{path}.{key}", prompt=prompt)
                for key, item in value.items()
            }
        return value

    async def file(self, prop: Property, value: Json, path: str, *, prompt: bool) -> LoadedFile:
        # A run that splits its input loads the file once, and passes each part as a loaded file.
        if isinstance(value, LoadedFile):
            return value
        if self.by_url:
            return await self.linked(prop, value, path, prompt=prompt)
        if prop.image is not None:
            from .images import prepare  # Pillow is slow to import, and an extra

            # Nothing to accept here: `prepare` reads the format from the content.
            file = await self.store.load(value, path, ())
            return await prepare(file, self.root[prop.image.max_side], path)
        accept = prop.accept or media_types.ANYTHING
        file = await self.store.load(value, path, accept, prompt=prompt)
        if not file.size and path != self.may_be_empty:
            raise FileError(f"{path}: {file.entry.name or 'the file'} is empty", path)
        return file

    async def linked(self, prop: Property, value: Json, path: str, *, prompt: bool) -> LoadedFile:
        accept = prop.accept or media_types.ANYTHING
        if prompt and prop.image is None and may_be_text(value):
            file = await self.store.load(value, path, accept, prompt=True)
            if file.text is not None:
                return file
            known = {"extension": file.entry.extension, "mimeType": file.entry.mime_type}
            value = {**value, **known}
        return linked_file(value, path, accept)
