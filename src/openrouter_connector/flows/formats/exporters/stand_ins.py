"""Replace what is known only when a flow runs: expressions by stand-ins, files by their addresses.

A request can then be built without running anything, and each stand-in is reported.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Iterable
from urllib.parse import unquote_to_bytes

from ....definition.model import Property
from ....errors import Problem
from ....values import FileEntry, ImageInfo, Json, JsonObject, LoadedFile
from ..file_entries import file_entry
from .written import plain_text, safe_name

Note = Callable[[str, str], None]
_URL = "https://example.com/file"


def with_stand_ins(
    properties: Iterable[Property], values: JsonObject, place: str, notes: list[Problem]
) -> JsonObject:
    """Return parameters without expressions. In texts they stay, for a person to replace."""
    known = {prop.name: prop for prop in properties}
    return {
        name: _stand_in(known.get(name), value, f"{place}.{name}", notes)
        for name, value in values.items()
    }


def _stand_in(prop: Property | None, value: Json, place: str, notes: list[Problem]) -> Json:
    if isinstance(value, str):
        if (plain := plain_text(value)) is not None:
            return plain
        found = _value_for(prop, value)
        what = "write its value there" if found == value else f"{_shown(found)} is its placeholder"
        notes.append(Problem(place, f"holds {value!r}; {what}"))
        return found
    if isinstance(value, dict):
        members = {member.name: member for member in prop.properties} if prop else {}
        other = prop.additional_properties if prop else None
        return {
            key: _stand_in(members.get(key, other), item, f"{place}.{key}", notes)
            for key, item in value.items()
        }
    if isinstance(value, list):
        items = prop.items if prop else None
        return [_stand_in(items, item, f"{place}[{i}]", notes) for i, item in enumerate(value)]
    return value


def _shown(value: Json) -> str:
    return str(value["url"]) if isinstance(value, dict) and "url" in value else repr(value)


def _value_for(prop: Property | None, text: str) -> Json:
    """Return a valid value of a property that an expression fills."""
    if prop is None or prop.type == "ANY":
        return text
    if prop.type == "STRING":
        if prop.choices:
            return prop.default_value or prop.choices[0].value
        return (prop.placeholder or text) if prop.pattern else text
    if prop.type in ("NUMBER", "INTEGER"):
        known = (prop.default_value, prop.min_value, prop.max_value, 1)
        return next(value for value in known if value is not None)
    if prop.type == "FILE_ENTRY":
        return _example_file(prop)
    if prop.type == "ARRAY":
        return [_value_for(prop.items, text)]
    return False if prop.type == "BOOLEAN" else {}


def _example_file(prop: Property) -> JsonObject:
    kind = next((one for one in prop.accept if "*" not in one), "application/pdf")
    extension = {"image/jpeg": "jpg"}.get(kind, kind.rpartition("/")[2])
    return file_entry(f"{_URL}.{extension}")


def with_files(
    properties: Iterable[Property], values: JsonObject, place: str, notes: list[Problem]
) -> JsonObject:
    """Return values whose files can be put into a request, without opening any of them."""
    known = {prop.name: prop for prop in properties}
    return {
        name: _loaded(known.get(name), value, f"{place}.{name}", notes)
        for name, value in values.items()
    }


def _loaded(prop: Property | None, value: Json, place: str, notes: list[Problem]) -> Json:
    if prop is None:
        return value
    if isinstance(value, dict) and _is_file(prop, value):
        return _file(value, place, notes, has_image=_has_image(prop))
    if isinstance(value, list):
        items = prop.items or (prop if prop.any_of else None)
        return [_loaded(items, item, f"{place}[{i}]", notes) for i, item in enumerate(value)]
    if isinstance(value, dict):
        other = prop.additional_properties
        members = {member.name: member for member in prop.properties}
        return {
            key: _loaded(members.get(key, other), item, f"{place}.{key}", notes)
            for key, item in value.items()
        }
    return value


def _is_file(prop: Property, value: JsonObject) -> bool:
    if prop.type == "FILE_ENTRY":
        return True
    variants = [one for one in prop.any_of if one.type == "FILE_ENTRY"]
    return bool(variants) and {"url", "name", "extension", "mimeType"} == set(value)


def _has_image(prop: Property) -> bool:
    return prop.image is not None or any(one.image is not None for one in prop.any_of)


def _file(value: JsonObject, place: str, notes: list[Problem], *, has_image: bool) -> LoadedFile:
    """Return a file whose content is known only from a `data:` URL."""
    url = str(value.get("url", ""))
    known = file_entry(url, str(value.get("mimeType") or ""), str(value.get("name") or ""))
    known["extension"] = value.get("extension") or known["extension"]
    entry = FileEntry.of_json(known)
    content = _content(url)
    text = None
    if entry.mime_type.startswith("text/") or entry.mime_type == "application/json":
        text = _text(content, entry, place, notes)
    # The size of an image is known only when it is read.
    image = ImageInfo(1024, 1024, (1024, 1024)) if has_image else None
    more = {"text": text, "image": image}
    if content is not None:
        return LoadedFile.of_bytes(entry, content, **more)
    return LoadedFile(entry, 1, _unreadable, text=text, image=image)


def _text(content: bytes | None, entry: FileEntry, place: str, notes: list[Problem]) -> str:
    """Return the text of a file, or a word in its place: an export opens no file."""
    if content is not None:
        return content.decode("utf-8", "replace")
    word = f"CONTENT_OF_{safe_name(entry.name)}"
    notes.append(Problem(place, f"put the text of the file {entry.name!r} in the place of {word}"))
    return word


def _unreadable() -> Json:
    raise RuntimeError("an export opens no file")


def _content(url: str) -> bytes | None:
    if url[:5].lower() != "data:" or "," not in url:
        return None
    head, data = url.split(",", 1)
    try:
        return base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data)
    except (binascii.Error, ValueError):
        return None
