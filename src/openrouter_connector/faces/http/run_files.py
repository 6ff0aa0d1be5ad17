"""The files of one run, by the URLs that clients see.

Only files that the run was given or created are converted. Other URLs may be text of a model that
only looks like a file of the store.
"""

from __future__ import annotations

from collections.abc import Iterable

from pydantic.alias_generators import to_camel

from ...flows.file_entries import file_entries_in
from ...values import FILE_KEYS, Json, JsonObject
from .file_urls import FileUrls

_LARGE = {"$file"}
"""The keys of a reference to a large value, which lies in a file."""


class RunFiles:
    """Converts the URLs of one run."""

    def __init__(self, urls: FileUrls, given: Json, events: Iterable[JsonObject]) -> None:
        """`given` are the inputs and the flow; `events`, those so far, name the created files."""
        self._urls = urls
        self._known = {file["url"] for file in file_entries_in(given)}
        for event in events:
            self._learn(event)

    def details(self, details: JsonObject) -> JsonObject:
        """Return the details of a run, as `Runs.details` has them."""
        for step in details["steps"]:
            self._learn(step)
        details = {**details, "options": _options(details["options"])}
        converted = {key: self._value(value) for key, value in details.items()}
        for key in ("inputs", "options", "document", "error"):
            if key in details:
                converted[key] = self._urls.to_server(details[key])
        return converted

    def event(self, event: JsonObject) -> JsonObject:
        """Return an event without its type and id; later ones may name the files in it."""
        self._learn(event)
        return {
            key: self._urls.to_server(value) if key == "error" else self._value(value)
            for key, value in event.items()
            if key not in ("type", "id")
        }

    def _learn(self, event: JsonObject) -> None:
        metadata = event.get("metadata")
        created = metadata.get("files") if isinstance(metadata, dict) else None
        for files in (created, event.get("preview")):
            self._known |= {file["url"] for file in file_entries_in(files)}

    def _value(self, value: Json) -> Json:
        if isinstance(value, list):
            return [self._value(item) for item in value]
        if not isinstance(value, dict):
            return value
        if value.keys() == _LARGE:
            return {key: self._urls.of_file(url) for key, url in value.items()}
        if value.keys() == set(FILE_KEYS) and value["url"] in self._known:
            return {**value, "url": self._urls.of_file(value["url"])}
        return {key: self._value(item) for key, item in value.items()}


def _options(options: JsonObject) -> JsonObject:
    """Return the options of a run as they were sent."""
    pinned = {name: step.get("output") for name, step in options["pinned"].items()}
    return {to_camel(name): value for name, value in {**options, "pinned": pinned}.items()}
