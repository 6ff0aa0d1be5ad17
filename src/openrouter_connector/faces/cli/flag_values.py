"""The values of the flags and of the argument of an action, parsed by the types of its properties.

--attachments photo.jpg                a local file, which needs no `@`
--stop END --stop '["a", "b"]'         a list of three
--system-prompt @rules.txt             the text of a file; `-` is that of stdin
"A fox" for imageMessages              [{"content": "A fox"}]
"""

from __future__ import annotations

import os
import stat
import sys
from argparse import Namespace
from collections.abc import Iterable
from typing import TYPE_CHECKING

from ...errors import InputError, Problem
from ...values import Json, JsonObject, is_url
from .action_command import ActionCommand, Flag, given_flags
from .file_or_stdin import read_text
from .parameter_args import json_or_text, parsed, property_at, put, steps_of, text_value

if TYPE_CHECKING:
    from ...definition.model import Action, Property


def flag_values(
    args: Namespace, command: ActionCommand, action: Action, parameters: JsonObject
) -> JsonObject:
    """Return the parameters with the values of the flags, the argument and stdin.

    InputError lists what is invalid; FileError for a file that does not exist.
    """
    problems: list[Problem] = []
    values = dict(parameters)
    for name, texts in given_flags(args, command).items():
        try:
            steps = steps_of(name)
            prop = property_at(action.properties, steps)
            assert prop is not None  # noqa: S101 - the flags are those of the properties
            put(values, steps, _value(prop, texts, name))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    if main := command.main:
        _set_main(args, command, main, action, values)
    return values


def _set_main(
    args: Namespace, command: ActionCommand, main: Flag, action: Action, values: JsonObject
) -> None:
    """Set the main parameter to the argument, and to what stdin brings."""
    given: list[str] = args.argument if isinstance(args.argument, list) else [args.argument]
    texts = [text for text in given if text is not None]
    if texts and values.get(main.path) is not None:
        raise InputError([Problem(main.path, "is given twice: as the argument, and by its name")])
    prop = next(prop for prop in action.properties if prop.name == main.path)
    if main.kind == "file":
        if texts:
            values[main.path] = _value(prop, texts, main.path)
    elif values.get(main.path) is None:
        # The argument may be `@FILE`; what is piped in is never the name of a file.
        text = text_value(_text(texts[0]), main.path) if texts else None
        reads_stdin = not texts or (command.joins_stdin and texts[0] != "-")
        piped = _piped_text(waits=text is None) if reads_stdin and not _uses_stdin(args) else ""
        parts = [part for part in (text, piped) if part]
        if parts or text is not None:
            values[main.path] = main_value(prop, "\n\n".join(parts), action)


def _uses_stdin(args: Namespace) -> bool:
    return args.params == "-" or any(
        texts == ["-"] for name, texts in vars(args).items() if name.startswith("flag ")
    )


def _piped_text(*, waits: bool) -> str:
    """Return the text that is piped in. Beside an argument only a pipe or a file is read.

    Anything else, such as a terminal or the socket of a program that started us, may never end.
    """
    if sys.stdin is None or sys.stdin.isatty():
        return ""
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError):  # it is closed, or not a file of the system
        return ""
    if stat.S_ISFIFO(mode) or stat.S_ISREG(mode) or (waits and stat.S_ISSOCK(mode)):
        return read_text("-").removesuffix("\n")
    return ""


def _value(prop: Property, texts: list[str], name: str) -> Json:
    """Parse what one flag says, as often as it is given."""
    if prop.type != "ARRAY" or prop.items is None:
        return _single(prop, texts[-1], name)
    items: list[Json] = []
    for text in texts:
        value = _item_or_list(prop, text, name)
        items += value if isinstance(value, list) else [value]
    return items


def _item_or_list(prop: Property, text: str, name: str) -> Json:
    assert prop.items is not None  # noqa: S101 - of a list
    if prop.items.type == "FILE_ENTRY":
        return parsed(prop, _as_file(text), name)
    if text.lstrip().startswith("["):
        return json_or_text(text)
    if prop.items.type == "OBJECT":
        return _as_item(prop.items, json_or_text(text))
    return _single(prop.items, text, name)


def _single(prop: Property, text: str, name: str) -> Json:
    if prop.type == "FILE_ENTRY":
        return parsed(prop, _as_file(text), name)
    return parsed(prop, _text(text) if prop.type == "STRING" else text, name)


def _text(text: str) -> str:
    """Return a text; `-` is that of stdin."""
    return read_text("-").removesuffix("\n") if text == "-" else text


def _as_file(text: str) -> str:
    """Return how `-p` writes a file: a path has an `@` there."""
    if text == "-":
        raise InputError("a file cannot be read from stdin; give its path")
    return text if text.startswith(("@", "{", "[")) or is_url(text) else f"@{text}"


def main_value(prop: Property, text: str, action: Action) -> Json:
    """Return the value of the main parameter that a text means: of a list, its only item."""
    if prop.type == "STRING":
        return text
    if text.lstrip().startswith(("[", "{")):
        return json_or_text(text)
    if prop.type != "ARRAY":
        return text
    if prop.name == "messages" and action.dialect in ("chat", "messages"):
        return [{"role": "user", "content": text}]
    return [_as_item(prop.items, text) if prop.items else text]


def _as_item(prop: Property, value: Json) -> Json:
    """Return an item of a list of objects; a text is its only required text."""
    if not isinstance(value, str):
        return value
    names = [inner.name for inner in _required(prop.properties) if inner.type == "STRING"]
    return {names[0]: value} if len(names) == 1 else value


def _required(properties: Iterable[Property]) -> Iterable[Property]:
    return (inner for inner in properties if inner.required and inner.options is None)
