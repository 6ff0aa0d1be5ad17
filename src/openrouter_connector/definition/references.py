"""The properties that the words of an action name: there, and of the kind that is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from ..errors import Problem
from .model import Action, Property

ROLES = ("system", "user", "assistant")


class Reference(NamedTuple):
    """A word that names a property, and what that property must be."""

    word: str
    name: str | None
    types: tuple[str, ...] = ()
    needed: bool = False
    """Whether it must always have a value."""


def check_references(action: Action) -> Iterator[Problem]:
    """Find words that name no property, or one of a kind that they cannot use."""
    properties = {prop.name: prop for prop in action.properties if prop.name}
    for one in _references(action):
        if one.name is None:
            continue
        if fault := _fault(one, properties.get(one.name)):
            yield Problem(one.word, f"{one.name!r} {fault}")
    yield from _check_messages(action, properties)
    yield from _check_server(action, properties)
    yield from _check_outcome(action)
    if action.for_each and action.split:
        yield Problem("split", "goes with no each: an action does one or the other")
    if action.for_each and action.streams:
        yield Problem("forEach", "goes with no streams: there is no one answer to give in pieces")
    split = action.split
    if split and split.by == "sentence" and (split.segments or split.subtitles):
        yield Problem("split", "segments and subtitles are of what is cut at silences")


def _references(action: Action) -> Iterator[Reference]:
    for prop in _every(action.properties):
        if prop.image:
            yield Reference("image", prop.image.longest, ("INTEGER",), needed=True)
    if server := action.server:
        yield Reference("server", server.base_url, ("STRING",))
        yield Reference("server", server.token, ("STRING",))
    if for_each := action.for_each:
        yield Reference("forEach", for_each.property, ("ARRAY",), needed=True)
        yield Reference("forEach", for_each.concurrency, ("INTEGER",), needed=True)
    if split := action.split:
        kind = "FILE_ENTRY" if split.by == "silence" else "STRING"
        yield Reference("split", split.property, (kind,), needed=True)
        yield Reference("split", split.longest, ("INTEGER", "NUMBER"), needed=True)
        yield Reference("split", split.concurrency, ("INTEGER",), needed=True)
        yield Reference("split", split.segments, ("BOOLEAN",))
        yield Reference("split", split.subtitles, ("ARRAY",))


def _fault(reference: Reference, prop: Property | None) -> str | None:
    if prop is None:
        return "is no property"
    if reference.types and prop.type not in reference.types:
        return f"is {prop.type}, and not {' or '.join(reference.types)}"
    if reference.needed and not prop.required:
        return "is not required, and may be missing"
    return None


def _check_messages(action: Action, properties: dict[str, Property]) -> Iterator[Problem]:
    for message in action.messages:
        if message.for_each is None and message.role not in ROLES:
            yield Problem("messages", f"{message.role!r} is none of {', '.join(ROLES)}")
        named = {message.for_each} if message.for_each else {message.text, message.files}
        for name in named - {None, *properties}:
            yield Problem("messages", f"{name!r} is no property")
        listed = properties.get(message.for_each or "")
        inside = {one.name for one in listed.items.properties} if listed and listed.items else set()
        if listed:
            for name in {message.role, message.text, message.files} - {None, *inside}:
                yield Problem("messages", f"{name!r} is in no item of {message.for_each!r}")


def _check_server(action: Action, properties: dict[str, Property]) -> Iterator[Problem]:
    """A key must be known as one, so that it is kept out of exports and from agents."""
    token = properties.get(action.server.token) if action.server else None
    if token and token.control_type != "PASSWORD":
        yield Problem("server", f"{token.name!r} is a key, and has controlType: PASSWORD")


def _check_outcome(action: Action) -> Iterator[Problem]:
    """Find what would be noticed only after it was paid for."""
    shape = action.output.items if action.for_each else action.output
    parts = {part.name for part in shape.properties} if shape else set()
    if action.error_output and action.error_output not in parts:
        yield Problem("errorOutput", f"{action.error_output!r} is no part of the output")


def _every(properties: tuple[Property, ...]) -> Iterator[Property]:
    """Give all properties, those inside others too."""
    for prop in properties:
        yield prop
        inner = (prop.items, prop.additional_properties)
        yield from _every((*prop.properties, *prop.any_of, *(one for one in inner if one)))
