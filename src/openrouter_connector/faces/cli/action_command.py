"""An action as a command: its name, its text and its flags, derived from the definition.

createImage                     create-image
userPrompt (the main field)     the argument
maxTokens                       --max-tokens N
provider.dataCollection         --provider.data-collection {allow,deny}
logprobs                        --logprobs, --no-logprobs

All of it is plain data, and kept with the compiled definition: help and completion read nothing
else.
"""

from __future__ import annotations

import json
from argparse import Namespace
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Self

if TYPE_CHECKING:
    from ...definition.load import Definition
    from ...definition.model import Action, Component, OptionsSource, Property
    from ...values import Json, JsonObject

Kind = Literal["text", "number", "boolean", "file", "json"]

_KINDS: dict[str, Kind] = {
    "STRING": "text", "INTEGER": "number", "NUMBER": "number", "BOOLEAN": "boolean",
    "FILE_ENTRY": "file",
}  # fmt: skip
_FILE = "commands"


@dataclass(frozen=True, slots=True)
class Flag:
    """A parameter as a flag, or as the argument."""

    path: str
    """The name of the parameter, as `-p` takes it: `provider.dataCollection`."""
    kind: Kind
    repeats: bool
    choices: tuple[str, ...]
    help: str
    advanced: bool
    required: bool
    is_group: bool
    """Whether it is an object whose parts have flags too."""
    source: str
    """The list of the API that has the values, such as `models`; empty without one."""
    modalities: tuple[str, ...]
    """What the models of the list return, such as `image`; empty for any."""

    @property
    def option(self) -> str:
        """The flag as it is written: `--provider.data-collection`."""
        return f"--{'.'.join(map(kebab, self.path.split('.')))}"


@dataclass(frozen=True, slots=True)
class ActionCommand:
    """An action as a command."""

    action: str
    summary: str
    streams: bool
    main: Flag | None
    joins_stdin: bool
    """Whether a text of stdin is added to that of the argument: a prompt, and not an id."""
    flags: tuple[Flag, ...]
    server: str | None
    """The parameter that names the server to call."""

    @property
    def name(self) -> str:
        """The name of the command."""
        return kebab(self.action)

    @classmethod
    def of_json(cls, kept: JsonObject) -> Self:
        """Read what `asdict` wrote."""
        flags = tuple(_flag(flag) for flag in kept["flags"])
        main = _flag(kept["main"]) if kept["main"] else None
        return cls(**{**kept, "flags": flags, "main": main})


class ActionCommands(Mapping[str, ActionCommand]):
    """The actions of a component by their commands; each is read when it is asked for."""

    def __init__(self, kept: list[JsonObject]) -> None:
        self._kept = {kebab(one["action"]): one for one in kept}

    @property
    def summaries(self) -> dict[str, str]:
        """What each action does, by its command."""
        return {name: one["summary"] for name, one in self._kept.items()}

    def find(self, word: str) -> ActionCommand | None:
        """Return the action that a word names: `create-image`, or `createImage`."""
        name = word if word in self._kept else kebab(word)
        is_known = name in self._kept and word in (name, self._kept[name]["action"])
        return self[name] if is_known else None

    def __getitem__(self, name: str) -> ActionCommand:
        return ActionCommand.of_json(self._kept[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def action_commands(connector: str | None) -> ActionCommands:
    """Return the actions of a component; of our own without a path.

    DefinitionError if the definition is invalid.
    """
    from ...definition.compiled import CompiledDefinition
    from ...definition.location import connector_file

    kept = CompiledDefinition(connector_file(connector), code=(Path(__file__),))
    # As one text: so it is read many times as quickly as a value that may hold models.
    known = kept.read(_FILE)
    if not isinstance(known, str):
        from ...definition.load import load_component

        commands = [asdict(command) for command in _derived(load_component(connector))]
        kept.write(_FILE, known := json.dumps(commands))
    return ActionCommands(json.loads(known))


def connector_option(words: Sequence[str]) -> str | None:
    """Return the value of `--connector`, before the words are parsed."""
    for word, following in zip(words, [*words[1:], ""], strict=False):
        if word == "--connector":
            return following
        if word.startswith("--connector="):
            return word.partition("=")[2]
    return None


def kebab(name: str) -> str:
    """Return the kebab-case of a camelCase name: `max-tokens`."""
    return "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in name)


def use_action_name(args: Namespace, component: Component) -> None:
    """Let `args.action` be the name of the definition where it is that of a command."""
    by_command = {kebab(action): action for action in component.actions}
    args.action = by_command.get(args.action, args.action)


def given_flags(args: Namespace, command: ActionCommand) -> dict[str, list[str]]:
    """Return what the flags say, by the names of the parameters."""
    return {
        flag.path: texts
        for flag in (*command.flags, *([command.main] if command.main else []))
        if (texts := getattr(args, f"flag {flag.path}", None)) is not None
    }


def _derived(definition: Definition) -> Iterator[ActionCommand]:
    for name in definition.component.actions:
        action = definition.form(name).action
        main = next((prop for prop in action.properties if prop.name == action.main), None)
        yield ActionCommand(
            action=name,
            summary=action.description,
            streams=action.streams,
            main=_flag_of(main, main.name or "", definition) if main else None,
            joins_stdin=main is not None and _is_prose(main, action),
            flags=tuple(_flags(action, definition)),
            server=action.server.base_url if action.server else None,
        )


def _flags(action: Action, definition: Definition) -> Iterator[Flag]:
    # What fills the form and is never sent, and a secret, have no flag.
    for prop in action.properties:
        if not prop.mirrors and prop.name != action.main:
            yield from _nested(prop, prop.name or "", definition, prop.advanced_option)


def _nested(prop: Property, path: str, definition: Definition, advanced: bool) -> Iterator[Flag]:
    if prop.control_type == "PASSWORD":
        return
    yield _flag_of(prop, path, definition, advanced=advanced)
    for inner in prop.properties:
        inner_path = f"{path}.{inner.name}"
        yield from _nested(inner, inner_path, definition, advanced or inner.advanced_option)


def _flag_of(prop: Property, path: str, definition: Definition, *, advanced: bool = False) -> Flag:
    from ...definition.derive.call_example import has_default
    from ...definition.model import OptionsSource

    item = prop.items if prop.type == "ARRAY" and prop.items else prop
    sources = (one.options for one in (prop, item) if isinstance(one.options, OptionsSource))
    source = next(sources, None)
    values = () if item.type == "BOOLEAN" else item.choices or prop.choices
    return Flag(
        path=path,
        kind=_KINDS.get(item.type, "json"),
        repeats=prop.type == "ARRAY",
        choices=tuple(str(option.value) for option in values),
        help=prop.description or prop.label or "",
        advanced=advanced,
        required=prop.required and not prop.display_condition and not has_default(prop),
        is_group=bool(prop.properties),
        source=source.from_ if source else "",
        modalities=tuple(_modalities(source, definition)) if source else (),
    )


def _modalities(options: OptionsSource, definition: Definition) -> list[str]:
    """Return what the models of a list return: by its query, or by the path of its request."""
    path, _, query = definition.sources[options.from_].request.split(" ")[1].partition("?")
    asked = options.query.get("output_modalities") or query.partition("output_modalities=")[2]
    if asked:
        return [] if asked == "all" else asked.split(",")
    kind = path.split("/")[1]
    return [] if kind == "models" else [kind, kind.removesuffix("s")]


def _is_prose(main: Property, action: Action) -> bool:
    """Return whether a model reads the main parameter, which else is the id or name of a thing."""
    calls_model = any(prop.name == "model" for prop in action.properties)
    in_path = f"{{{main.name}}}" in action.request
    return action.request.startswith("POST") and calls_model and not (in_path or _holds_files(main))


def _holds_files(prop: Property) -> bool:
    return prop.type == "FILE_ENTRY" or (prop.items is not None and _holds_files(prop.items))


def _flag(kept: Json) -> Flag:
    lists = {name: tuple(kept[name]) for name in ("choices", "modalities")}
    return Flag(**{**kept, **lists})
