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
    if action.each and action.split:
        yield Problem("split", "goes with no each: an action does one or the other")


def _references(action: Action) -> Iterator[Reference]:
    for prop in _every(action.properties):
        if prop.picture:
            yield Reference("picture", prop.picture.longest, ("INTEGER",), needed=True)
    if server := action.server:
        yield Reference("server", server.base_url, ("STRING",))
        yield Reference("server", server.token, ("STRING",))
    if each := action.each:
        yield Reference("each", each.of, ("ARRAY",), needed=True)
        yield Reference("each", each.at_once, ("INTEGER",), needed=True)
    if split := action.split:
        yield Reference("split", split.of, ("STRING", "FILE_ENTRY"), needed=True)
        yield Reference("split", split.longest, ("INTEGER", "NUMBER"), needed=True)
        yield Reference("split", split.at_once, ("INTEGER",), needed=True)
        yield Reference("split", split.segments, ("BOOLEAN",))
        yield Reference("split", split.subtitles, ("ARRAY",))
    if draws := action.output.draws:
        yield Reference("draws", draws.of, ("FILE_ENTRY", "ARRAY"), needed=True)
        yield Reference("draws", draws.when, ("BOOLEAN",))


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
        if message.each is None and message.role not in ROLES:
            yield Problem("messages", f"{message.role!r} is none of {', '.join(ROLES)}")
        named = {message.each} if message.each else {message.text, message.files}
        for name in named - {None, *properties}:
            yield Problem("messages", f"{name!r} is no property")
        listed = properties.get(message.each or "")
        inside = {one.name for one in listed.items.properties} if listed and listed.items else set()
        if listed:
            for name in {message.role, message.text, message.files} - {None, *inside}:
                yield Problem("messages", f"{name!r} is in no item of {message.each!r}")


def _every(properties: tuple[Property, ...]) -> Iterator[Property]:
    """Give all properties, those inside others too."""
    for prop in properties:
        yield prop
        inner = (prop.items, prop.additional_properties)
        yield from _every((*prop.properties, *prop.any_of, *(one for one in inner if one)))
