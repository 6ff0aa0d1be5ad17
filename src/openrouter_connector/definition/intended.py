"""Find out what was meant: an option in another case, and a name that another action uses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from ..values import Json
from .model import Action, Property, snake

Kind = Literal["file", "content"]

_EVERYDAY: dict[str, Kind] = {
    **dict.fromkeys(("text", "content", "message", "question"), "content"),
    **dict.fromkeys(("audio", "image", "photo", "video", "document", "attachment"), "file"),
}
"""What people call the main thing of an action, whatever its definition calls it."""


def option_of(prop: Property, value: Json) -> Json:
    """Return the option that a text names in another case: `MP3` is `mp3`. Else the value."""
    if not isinstance(value, str):
        return value
    names = [(name, one.value) for one in prop.choices for name in (one.value, one.send)]
    if any(name == value for name, _ in names):
        return value
    typed = value.lower()
    meant = {option for name, option in names if name is not None and str(name).lower() == typed}
    return meant.pop() if len(meant) == 1 else value


def main_kinds(actions: Iterable[Action]) -> dict[str, Kind]:
    """Return the main properties of actions that send something, and what they hold."""
    kinds: dict[str, Kind] = {}
    for action in actions:
        main = _main(action)
        if main is not None and action.request.startswith("POST "):
            kinds.setdefault(main.name or "", _kind(main))
    return kinds


def property_meant(action: Action, name: str, mains: Mapping[str, Kind]) -> str | None:
    """Return the property that an unknown name stands for; None if nothing is likely.

    It is the one that is sent under this name, or that holds what another action, or everybody,
    calls so.
    """
    for prop in action.properties:
        sent = prop.send.to if prop.send and prop.send.to else snake(prop.name or "")
        if prop.send is not False and name == sent:
            return prop.name
    kind_meant = mains.get(name) or _EVERYDAY.get(name)
    if kind_meant == "file":
        return next((prop.name for prop in action.properties if _kind(prop) == "file"), None)
    if kind_meant is None:
        return None
    return next((own for own, kind in main_kinds([action]).items() if kind == "content"), None)


def _main(action: Action) -> Property | None:
    return next((prop for prop in action.properties if prop.name == action.main), None)


def _kind(prop: Property) -> Kind:
    held = prop.items or prop
    return "file" if held.type == "FILE_ENTRY" else "content"
