"""Export steps as Python that uses this package.

    ask_1 = connector.run("ask", {"model": "…", "userPrompt": "Hi"}, **server).to_json()["output"]

A step that reads another reads its variable; inputs of the flow are variables at the top. Texts
with expressions in them are computed by the package, as when the flow runs.
"""

from __future__ import annotations

import builtins
import keyword
import re
import unicodedata
from collections.abc import Iterator

from ....definition.load import Definition
from ....errors import Problem
from ....values import Json
from ..expressions import Path
from ..expressions.template import Template, read_template
from ..flow import Flow
from ..steps import Step
from .written import Written, environment_of, own_steps, plain_text

_WIDTH = 88
_PREAMBLE = """import os

from openrouter_connector import Connector{imports}

connector = Connector.load()
server = {{"token": os.environ["{token}"], "base_url": {base_url}}}
"""
_IMPORTS = "\nfrom openrouter_connector.flows.formats.expressions import read_template"
_FILLED = '''

def filled(text, values):
    """Return a text with its expressions computed; a single one keeps its type."""
    return read_template(text).evaluate(values)

'''
_OURS = {"os", "Connector", "connector", "server", "read_template", "filled"}


def write(
    flow: Flow, format: str, step: str | None, definition: Definition, base_url: str | None
) -> Written:
    """Return a program that performs the steps one after the other, and prints the last output."""
    notes: list[Problem] = []
    steps = own_steps(flow, step, definition)
    if step is None:
        steps = list(_at_the_top(flow, steps, notes))
    program = _Program(flow, notes)
    calls = [program.call(one) for one in steps]
    token, variable = environment_of(definition)
    address = repr(base_url) if base_url is not None else f'os.environ.get("{variable}")'
    imports = _IMPORTS if program.fills else ""
    preamble = _PREAMBLE.format(token=token, base_url=address, imports=imports)
    parts = [preamble, _FILLED if program.fills else "", *program.inputs(), *calls]
    if program.last:
        parts.append(f"\nprint({program.last})\n")
    return Written("".join(parts), "text/x-python", notes)


def _at_the_top(flow: Flow, steps: list[Step], notes: list[Problem]) -> Iterator[Step]:
    """Yield the steps outside of containers, whose loops and conditions a snippet cannot show."""
    around = {one.place for step in steps for one in step.containers}
    own = {step.place for step in steps}
    for step in flow.steps:
        if step.place in own and step.container is None:
            yield step
        elif step.place in own and step.container is not None:
            message = f"is inside {step.container.name!r} and left out; export it by its name"
            notes.append(Problem(step.place, message))
        elif step.container is None and step.place not in around:
            notes.append(Problem(step.place, f"is {step.type}, and left out"))


class _Program:
    """Writes the statements, and gives each variable a name of its own."""

    def __init__(self, flow: Flow, notes: list[Problem]) -> None:
        self.fills = False
        """Whether a text has to be computed."""
        self.last = ""
        """The variable of the step that was written last."""
        self._flow = flow
        self._notes = notes
        self._taken = {*_OURS, *dir(builtins)}
        self._steps: dict[str, str] = {}
        """The variables of the steps so far, by their names."""
        self._inputs: dict[str, str] = {}
        """The variables of the inputs that are read, by their names."""

    def call(self, step: Step) -> str:
        """Return the statement that performs a step."""
        action = step.type.rpartition("/")[2]
        parameters = self._written(step.own_parameters, f"{step.place}.parameters", 0)
        self.last = self._steps[step.name] = self._variable(step.name or action)
        called = f"connector.run({_quoted(action)}, {parameters}, **server)"
        return f'\n{self.last} = {called}.to_json()["output"]\n'

    def inputs(self) -> Iterator[str]:
        """Yield a variable for each input of the flow that the steps read."""
        for name, variable in self._inputs.items():
            declared = self._flow.inputs[name]
            default = declared.get("defaultValue", declared.get("default"))
            if default is None:
                self._notes.append(Problem(f"inputs.{name}", f"set the variable {variable}"))
            yield f"\n{variable} = {default!r}" + ("  # set this" if default is None else "")
        if self._inputs:
            yield "\n"

    def _variable(self, name: str) -> str:
        """Return a new variable for a name: no keyword, no builtin, none that is taken."""
        # Python reads names in this form, so that two different ones may be the same.
        bare = unicodedata.normalize("NFKC", re.sub(r"\W", "_", name[:60])).lstrip("_")
        if not bare.isidentifier():
            bare = "step_" + re.sub(r"[^A-Za-z0-9_]", "_", bare)
        variable, count = bare, 1
        while keyword.iskeyword(variable) or variable in self._taken:
            count += 1
            variable = f"{bare}_{count}"
        self._taken.add(variable)
        return variable

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
        if (plain := plain_text(text)) is not None:
            return _quoted(plain)
        values = self._values(read_template(text))
        if values is None:
            self._notes.append(Problem(place, f"holds {text!r}; write its value there"))
            return _quoted(text)
        if text == "${" + next(iter(values), "") + "}":
            return values[text[2:-1]]
        self.fills = True
        scope = ", ".join(f"{_quoted(name)}: {code}" for name, code in values.items())
        return f"filled({_quoted(text)}, {{{scope}}})"

    def _values(self, template: Template) -> dict[str, str] | None:
        """Return the code for each value that a text reads; None if one is not known here."""
        found: dict[str, str] = {}
        inputs: dict[str, str] = {}
        for path in sorted(template.reads, key=str):
            root = str(path[0])
            if root in self._steps:
                found[root] = self._steps[root]
            elif root in self._flow.inputs:
                found[root] = self._input(root)
            elif (name := _input_of(path)) in self._flow.inputs:
                inputs[name] = self._input(name)
            else:
                return None
        if inputs:
            members = ", ".join(f"{_quoted(name)}: {code}" for name, code in inputs.items())
            found["inputs"] = f"{{{members}}}"
        return found

    def _input(self, name: str) -> str:
        if name not in self._inputs:
            self._inputs[name] = self._variable(name)
        return self._inputs[name]


def _input_of(path: Path) -> str:
    """Return the input that a path such as `inputs.city` reads; empty for any other."""
    return path[1] if len(path) > 1 and path[0] == "inputs" and isinstance(path[1], str) else ""


def _joined(parts: list[str], brackets: str, indent: int) -> str:
    """Return a list or an object on one line if it is short, else on several."""
    line = f"{brackets[0]}{', '.join(parts)}{brackets[1]}"
    if len(line) + 4 * indent <= _WIDTH and "\n" not in line:
        return line
    space = "    " * (indent + 1)
    inner = "".join(f"{space}{part},\n" for part in parts)
    return f"{brackets[0]}\n{inner}{'    ' * indent}{brackets[1]}"


def _quoted(text: str) -> str:
    """Return a text as Python code, in double quotes where that needs no escapes."""
    return f'"{text}"' if text.isprintable() and not set(text) & set('"\\') else repr(text)
