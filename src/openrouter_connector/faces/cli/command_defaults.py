"""Defaults of the command line, such as the model of an action: `config` sets them.

    defaults.json      {"openRouter": {"ask": {"model": "openai/gpt-5-mini"}}}

They fill what a command line leaves out. A flow never reads them, nor does an exported action:
these say all that they need.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING

from ...connections import private_files
from ...connections.folder_location import default_folder
from ...errors import FileError, InputError, Problem
from ...values import Json, JsonObject
from .action_command import kebab

if TYPE_CHECKING:
    from pathlib import Path

    from ...definition.load import Definition
    from ...definition.model import Property


class CommandDefaults:
    """The defaults for the actions of one component, in the folder of the user's connections."""

    def __init__(self, component: str) -> None:
        self._component = component

    def of(self, action: str) -> JsonObject:
        """Return the defaults of an action. FileError if their file cannot be read."""
        return dict(self._own(self._read()).get(action, {}))

    def list(self) -> Iterator[tuple[str, str, Json]]:
        """Yield each default: the action, the parameter and the value."""
        for action, values in sorted(self._own(self._read()).items()):
            for name, value in sorted(values.items()):
                yield action, name, value

    def set(self, action: str, name: str, value: Json) -> None:
        """Keep a default."""
        with private_files.lock_folder(self._file.parent):
            kept = self._read()
            self._own(kept).setdefault(action, {})[name] = value
            self._write(kept)

    def unset(self, action: str, name: str) -> bool:
        """Forget a default; return whether there was one."""
        with private_files.lock_folder(self._file.parent):
            kept = self._read()
            values = self._own(kept).get(action, {})
            if name not in values:
                return False
            del values[name]
            self._write(kept)
            return True

    @property
    def _file(self) -> Path:
        return default_folder() / "defaults.json"

    def _own(self, kept: JsonObject) -> dict[str, JsonObject]:
        own: dict[str, JsonObject] = kept.setdefault(self._component, {})
        return own

    def _read(self) -> JsonObject:
        try:
            kept = json.loads(private_files.read(self._file))
            actions = [values for own in kept.values() for values in own.values()]
            if all(isinstance(values, dict) for values in actions):
                return dict(kept)
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, AttributeError, RecursionError) as error:
            raise FileError(f"{self._file} cannot be read: {error}") from error
        raise FileError(f"{self._file} cannot be read: it was changed by hand")

    def _write(self, kept: JsonObject) -> None:
        private_files.write(self._file, json.dumps(kept, indent=2).encode())


def named_default(name: str, definition: Definition) -> tuple[str, Property]:
    """Return the action and the property that `ask.model` names. InputError for anything else.

    A secret is no default: it belongs to a connection.
    """
    from ...suggest import did_you_mean

    word, dot, rest = name.partition(".")
    actions = {kebab(action): action for action in definition.component.actions}
    action = actions.get(word, word)
    if not dot or action not in definition.component.actions:
        hint = did_you_mean(word, [*actions, *actions.values()])
        message = f"is not ACTION.PARAMETER, such as ask.model{hint}"
        raise InputError([Problem(name, message)])
    properties = {prop.name or "": prop for prop in definition.form(action).action.properties}
    by_flag = {kebab(known): known for known in properties}
    prop = properties.get(by_flag.get(rest, rest))
    if prop is None:
        hint = did_you_mean(rest, properties)
        raise InputError([Problem(name, f"{action} has no parameter {rest!r}{hint}")])
    if prop.control_type == "PASSWORD":
        raise InputError([Problem(name, "is a secret; save it with `connect`")])
    return action, prop
