"""Check an action: the properties, sources and hooks that its words refer to, and its output."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Set
from importlib.util import find_spec
from typing import NamedTuple

from ...errors import Problem
from ...suggest import did_you_mean
from ..model import Action, Component, ModelSource, Property
from ..paths import placeholders
from .properties import (
    Scope,
    check_condition,
    check_properties,
    check_targets,
    dotted_names,
    every_property,
    missing_source,
)

_ROLES = ("system", "user", "assistant")


def check_action(action: Action, component: Component, sources: Set[str]) -> list[Problem]:
    """Return what is wrong with an action. `sources` are the names of all option sources."""
    names = set(dotted_names(action.properties))
    method = action.request.split(" ")[0]
    properties = {prop.name: prop for prop in action.properties if prop.name}
    return [
        *check_properties(action.properties, Scope(names, sources, bool(action.model_sources))),
        *check_targets(action.properties, method, set(placeholders(action.request))),
        *_check_request(action, properties),
        *_check_sources(action, names, sources),
        *_check_file(action, names),
        *_check_poll(action, names),
        *_check_references(action, properties),
        *_check_messages(action, properties),
        *_check_server(action, properties),
        *_check_parts(action),
        *_check_batch(action),
        *_check_bundle(action, component.actions),
        *_check_stored_key(action, component.actions),
        *_check_group(action, component.groups),
    ]


def _check_group(action: Action, groups: Collection[str]) -> Iterator[Problem]:
    if groups and action.group is not None and action.group not in groups:
        hint = did_you_mean(action.group, groups) or f"; there are: {', '.join(groups)}"
        yield Problem("group", f"{action.group!r} is not in `groups` of connector.yaml{hint}")


class Reference(NamedTuple):
    """A word that names a property, and what it requires of that property."""

    word: str
    name: str | None
    types: tuple[str, ...] = ()
    always_set: bool = False
    """Whether the property must have a value whenever it is shown."""


def _references(action: Action) -> Iterator[Reference]:
    yield Reference("main", action.main)
    for prop in every_property(action.properties):
        if prop.image:
            yield Reference("image", prop.image.max_side, ("INTEGER",), always_set=True)
    if server := action.server:
        yield Reference("server", server.base_url, ("STRING",))
        yield Reference("server", server.token, ("STRING",))
    if for_each := action.for_each:
        yield Reference("forEach", for_each.property, ("ARRAY",), always_set=True)
        yield Reference("forEach", for_each.concurrency, ("INTEGER",), always_set=True)
    if audio := action.split_audio:
        yield Reference("splitAudio", audio.property, ("FILE_ENTRY",), always_set=True)
        yield Reference("splitAudio", audio.max_seconds, ("INTEGER", "NUMBER"), always_set=True)
        yield Reference("splitAudio", audio.concurrency, ("INTEGER",), always_set=True)
        yield Reference("splitAudio", audio.segments, ("BOOLEAN",))
        yield Reference("splitAudio", audio.words, ("BOOLEAN",))
        yield Reference("splitAudio", audio.speakers, ("BOOLEAN",))
        yield Reference("splitAudio", audio.subtitles, ("ARRAY",))
    if bundle := action.bundle:
        yield Reference("bundle", bundle.action, ("STRING",))
        yield Reference("bundle", bundle.endpoint, ("STRING",))
        yield Reference("bundle", bundle.model, ("STRING",), always_set=True)
        yield Reference("bundle", bundle.requests, ("ARRAY",))
        yield Reference("bundle", bundle.file, ("FILE_ENTRY",))
        yield Reference("bundle", bundle.common, ("OBJECT",))
    if key := action.stores_key:
        yield Reference("storesKey", key.name, ("STRING",), always_set=True)
    if text := action.split_text:
        yield Reference("splitText", text.property, ("STRING",), always_set=True)
        yield Reference("splitText", text.max_length, ("INTEGER",), always_set=True)
        yield Reference("splitText", text.concurrency, ("INTEGER",), always_set=True)


def _check_references(action: Action, properties: dict[str, Property]) -> Iterator[Problem]:
    """Find words that name no property, or one that they cannot use."""
    for reference in _references(action):
        if reference.name is None:
            continue
        if message := _check_reference(reference, properties.get(reference.name)):
            yield Problem(reference.word, message)


def _check_reference(reference: Reference, prop: Property | None) -> str | None:
    if prop is None:
        return f"{reference.name!r} is not a property"
    if reference.types and prop.type not in reference.types:
        return f"{reference.name!r} must be {' or '.join(reference.types)}, not {prop.type}"
    if reference.always_set and not prop.required:
        return f"the property {reference.name!r} needs `required: true`"
    return None


def _check_request(action: Action, properties: dict[str, Property]) -> Iterator[Problem]:
    required = {name for name, prop in properties.items() if prop.required}
    for name in placeholders(action.request):
        if name not in required:
            yield Problem("request", f"{{{name}}} must name a required property")
    if action.hook and not find_spec(f"openrouter_connector.hooks.{action.hook}"):
        yield Problem("hook", f"hooks/{action.hook}.py does not exist")
    for source in action.model_sources:
        if source.property not in required:
            yield Problem("modelSources", f"{source.property!r} must name a required property")


def _check_sources(action: Action, names: Set[str], sources: Set[str]) -> Iterator[Problem]:
    for source in action.model_sources:
        if source.from_ not in sources:
            yield Problem("modelSources", missing_source(source.from_))
        for message in _check_lookup_condition(source, names):
            yield Problem("modelSources", message)
    if action.price_source not in {None, *sources}:
        yield Problem("priceSource", missing_source(action.price_source or ""))


def _check_lookup_condition(source: ModelSource, names: Set[str]) -> Iterator[str]:
    try:
        condition = source.condition
    except ValueError as error:
        yield str(error)
        return
    if condition:
        yield from check_condition(condition, names)


def _check_file(action: Action, names: Set[str]) -> Iterator[Problem]:
    file = action.output.file
    if (action.output.type == "FILE_ENTRY") != (file is not None):
        yield Problem("output", "the type FILE_ENTRY and the word file require each other")
    if file and bool(file.items) != bool(file.base64):
        yield Problem("output", "the words items and base64 require each other")
    if file and file.extension not in {None, *names}:
        message = f"extension refers to {file.extension!r}, which is not a property"
        yield Problem("output", message)
    # Without either, the status response itself would be stored as the file.
    if file and action.poll and not (action.poll.then or file.items or action.results):
        yield Problem(
            "output", "the file of a job requires then, items or results, which say where it is"
        )


def _check_poll(action: Action, names: Set[str]) -> Iterator[Problem]:
    poll = action.poll
    if poll and not poll.done:
        yield Problem("poll", "done requires at least one status")
    if poll and poll.resume not in {None, *names}:
        yield Problem("poll", f"resume refers to {poll.resume!r}, which is not a property")
    if poll and poll.resume and set(placeholders(poll.request)) != {poll.id}:
        # A resumed job has no first response, from which other placeholders could be filled.
        message = f"with resume, {{{poll.id}}} must be the only placeholder of the request"
        yield Problem("poll", message)


def _check_messages(action: Action, properties: dict[str, Property]) -> Iterator[Problem]:
    for message in action.messages:
        if message.for_each is None and message.role not in _ROLES:
            yield Problem("messages", f"{message.role!r} must be one of {', '.join(_ROLES)}")
        named = {message.for_each} if message.for_each else {message.text, message.files}
        for name in named - {None, *properties}:
            yield Problem("messages", f"{name!r} is not a property")
        listed = properties.get(message.for_each or "")
        inside = (
            {prop.name for prop in listed.items.properties} if listed and listed.items else set()
        )
        if listed:
            for name in {message.role, message.text, message.files} - {None, *inside}:
                yield Problem("messages", f"{name!r} is not in the items of {message.for_each!r}")


def _check_server(action: Action, properties: dict[str, Property]) -> Iterator[Problem]:
    """Require that the token is a PASSWORD, which keeps it out of exports and away from agents."""
    token = properties.get(action.server.token) if action.server else None
    if token and token.control_type != "PASSWORD":
        yield Problem("server", f"{token.name!r} is a secret and requires controlType: PASSWORD")


def _check_parts(action: Action) -> Iterator[Problem]:
    """Find parts of the output that do not exist, which a call would notice only after paying."""
    shape = action.output.items if action.for_each else action.output
    parts = {part.name for part in shape.properties} if shape else set()
    if action.error_output and action.error_output not in parts:
        yield Problem("errorOutput", f"{action.error_output!r} is not a part of the output")


def _check_batch(action: Action) -> Iterator[Problem]:
    """Find words about many calls that exclude each other."""
    words = {
        "forEach": action.for_each,
        "splitAudio": action.split_audio,
        "splitText": action.split_text,
        "bundle": action.bundle,
    }
    used = [name for name, word in words.items() if word]
    if len(used) > 1:
        yield Problem(used[1], f"cannot be combined with {used[0]}; use one of them")
    if action.for_each and action.streams:
        yield Problem("forEach", "cannot be combined with streams: there is no single answer")


def _check_stored_key(action: Action, actions: Collection[str]) -> Iterator[Problem]:
    name = action.stores_key.delete if action.stores_key else None
    if name is not None and name not in actions:
        hint = did_you_mean(name, actions)
        yield Problem("storesKey", f"the action {name!r} does not exist{hint}")


def _check_bundle(action: Action, actions: Collection[str]) -> Iterator[Problem]:
    """Find actions of a bundle that do not exist, and words that it requires."""
    if action.bundle is None:
        return
    for name in action.bundle.actions.keys() - {*actions}:
        yield Problem("bundle", f"the action {name!r} does not exist{did_you_mean(name, actions)}")
    if action.poll and not action.results:
        yield Problem("bundle", "with poll it requires results, which says where they are")
    if not action.request.startswith("POST "):
        yield Problem("bundle", "requires a POST request")
