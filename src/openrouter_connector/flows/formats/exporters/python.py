"""Export steps as Python that uses this package.

    ask_1 = connector.run("ask", {"model": "…", "userPrompt": "Hi"}, **server).output

A step that reads another reads its variable; inputs of the flow are variables at the top.
"""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator

from ....definition.load import Definition
from ....errors import Problem
from ....values import Json
from ..expressions import Expression, Path
from ..expressions.template import read_template
from ..flow import Flow
from ..steps import Step
from .written import Written, environment_of, own_steps

_WIDTH = 88
_PREAMBLE = """import os

from openrouter_connector import Connector

connector = Connector.load()
server = {{"token": os.environ["{token}"], "base_url": {base_url}}}
"""


def write(
    flow: Flow, format: str, step: str | None, definition: Definition, base_url: str | None
) -> Written:
    """Return a program that performs the steps one after the other, and prints the last output."""
    notes: list[Problem] = []
    steps = own_steps(flow, step, definition)
    if step is None:
        steps = list(_at_the_top(steps, notes))
    writer = _Writer({one.name for one in steps}, flow, notes)
    calls = [writer.call(one) for one in steps]
    token, variable = environment_of(definition)
    address = repr(base_url) if base_url is not None else f'os.environ.get("{variable}")'
    parts = [_PREAMBLE.format(token=token, base_url=address), *writer.inputs(), *calls]
    if steps:
        parts.append(f"\nprint({_variable(steps[-1].name)})\n")
    return Written("".join(parts), "text/x-python", notes)


def _at_the_top(steps: list[Step], notes: list[Problem]) -> Iterator[Step]:
    """Yield the steps outside of containers, whose loops and conditions a snippet cannot show."""
    for step in steps:
        if step.container is None:
            yield step
        else:
            message = f"is inside {step.container.name!r} and left out; export it by its name"
            notes.append(Problem(step.place, message))


class _Writer:
    def __init__(self, before: set[str], flow: Flow, notes: list[Problem]) -> None:
        self._later = before
        self._known: set[str] = set()
        self._flow = flow
        self._notes = notes
        self._used: dict[str, None] = {}

    def call(self, step: Step) -> str:
        """Return the statement that performs a step."""
        action = step.type.rpartition("/")[2]
        place = f"{step.place}.parameters"
        parameters = self._written(step.own_parameters, place, 0)
        name = _variable(step.name)
        self._known.add(step.name)
        return f"\n{name} = connector.run({_quoted(action)}, {parameters}, **server).output\n"

    def inputs(self) -> Iterator[str]:
        """Yield a variable for each input of the flow that the steps read."""
        for name in self._used:
            default = self._flow.inputs.get(name, {}).get("defaultValue")
            if default is None:
                place = f"inputs.{name}"
                self._notes.append(Problem(place, f"set the variable {_variable(name)}"))
            yield f"\n{_variable(name)} = {default!r}" + ("  # set this" if default is None else "")
        if self._used:
            yield "\n"

    def _written(self, value: Json, place: str, indent: int) -> str:
        """Return a value as Python code."""
        if isinstance(value, str):
            return self._text(value, place)
        if isinstance(value, dict):
            inner = [
                f"{_quoted(key)}: {self._written(item, f'{place}.{key}', indent + 1)}"
                for key, item in value.items()
            ]
            return _joined(inner, "{}", indent)
        if isinstance(value, list):
            inner = [
                self._written(item, f"{place}[{index}]", indent + 1)
                for index, item in enumerate(value)
            ]
            return _joined(inner, "[]", indent)
        return repr(value)

    def _text(self, text: str, place: str) -> str:
        if "${" not in text and not text.startswith("="):
            return _quoted(text)
        parts = read_template(text).parts
        written = [self._part(part, place) for part in parts]
        if len(parts) == 1:
            return written[0]
        return " + ".join(
            code if isinstance(part, str) else f"str({code})"
            for part, code in zip(parts, written, strict=True)
        )

    def _part(self, part: str | Expression, place: str) -> str:
        if isinstance(part, str):
            return _quoted(part)
        if _LITERAL.fullmatch(part.text.strip()):
            return repr(part.text.strip()[1:-1])
        if len(part.reads) == 1:
            (path,) = part.reads
            if _is_path(part, path) and (code := self._read(path)):
                return code
        self._notes.append(Problem(place, f"holds {part.text!r}; write its value there"))
        return repr("${" + part.text + "}")

    def _read(self, path: Path) -> str | None:
        """Return the code that reads a path; None for what the snippet does not know."""
        root, *steps = path
        if root == "inputs" and steps:
            root, *steps = steps
        if root in self._known:
            pass
        elif isinstance(root, str) and root in self._flow.inputs:
            self._used[root] = None
        else:
            return None
        return _variable(str(root)) + "".join(f"[{step!r}]" for step in steps)


_LITERAL = re.compile(r"'[^'\\]*'")
_PLAIN_PATH = re.compile(r"[\w.\[\]'\" -]+")


def _is_path(expression: Expression, path: Path) -> bool:
    """Return whether an expression only reads a path: it has no operators and no calls."""
    text = expression.text.strip()
    if not _PLAIN_PATH.fullmatch(text) or " " in re.sub(r"\[(['\"]).*?\1\]", "", text):
        return False
    return "-" not in re.sub(r"\[(['\"]).*?\1\]", "", text)


def _joined(parts: list[str], brackets: str, indent: int) -> str:
    """Return a list or an object on one line if it is short, else on several."""
    line = f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
    if len(line) + 4 * indent <= _WIDTH and "\n" not in line:
        return line
    space = "    " * (indent + 1)
    inner = "".join(f"{space}{part},\n" for part in parts)
    return f"{brackets[0]}\n{inner}{'    ' * indent}{brackets[1]}"


def _variable(name: str) -> str:
    """Return a name as a variable of Python."""
    variable = re.sub(r"\W", "_", name) or "step"
    if (
        keyword.iskeyword(variable)
        or variable in ("connector", "server", "os")
        or variable[0].isdigit()
    ):
        variable = f"_{variable}"
    return variable


def _quoted(text: str) -> str:
    """Return a text as Python code, in double quotes where that needs no escapes."""
    return f'"{text}"' if text.isprintable() and not set(text) & set('"\\') else repr(text)
