"""Load a definition: YAML to models, with every problem named by file and property.

`load_component` reads `connector.yaml` alone. Each action is read on first use, so that a call
reads one file and not forty. `checks` then compares the words with each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from ..errors import DefinitionError, InputError, Problem
from ..suggest import did_you_mean
from ..validation_messages import message_of
from ..values import Json, JsonObject
from .checks.actions import check_action
from .checks.component import check_component
from .checks.sources import check_source
from .form import Form
from .intended import Kind, main_kinds
from .model import Action, Component, Source, Words, snake
from .model.basics import FORMS

W = TypeVar("W", bound=Words)

# PyYAML raises the last three for tags such as `!!int x`.
_BAD_YAML = (yaml.YAMLError, ValueError, KeyError, AttributeError)


def load_component(path: str | Path | None = None) -> Definition:
    """Load `connector.yaml`, or the one in a folder. Default: our own.

    DefinitionError lists every problem of the file, also actions that `definitions/` lacks.
    Our own is read once in a process: it does not change, and takes 20 to 80 ms.
    """
    return _loaded(_connector_file(path)) if path is not None else _own()


@cache
def _own() -> Definition:
    return _loaded(_connector_file(None))


def _loaded(file: Path) -> Definition:
    component = _parsed(Component, file, _read(file))
    folder = file.parent / "definitions"
    # Only the names: each file is read at its first use.
    found = {path.stem for path in folder.glob("*.yaml")}
    definition = Definition(component, folder)
    if problems := check_component(component, found, definition.sources.keys()):
        raise DefinitionError(Problem(f"{file.name}: {p.path}", p.message) for p in problems)
    return definition


class Definition:
    """A component with its actions, each loaded and checked on first use."""

    def __init__(self, component: Component, folder: Path) -> None:
        self.component = component
        self.folder = folder
        self._forms: dict[str, Form] = {}
        self._parts: dict[str, JsonObject] = {}

    def form(self, name: str) -> Form:
        """Return the form of an action; InputError suggests a name for an unknown one."""
        if name not in self._forms:
            if name not in self.component.actions:
                hint = did_you_mean(name, self.component.actions)
                raise InputError([Problem("action", f"{name!r} does not exist{hint}")])
            self._forms[name] = Form(self._load(name), lambda: self._mains)
        return self._forms[name]

    @cached_property
    def _mains(self) -> Mapping[str, Kind]:
        # Only when a parameter is unknown: this reads the files of all actions.
        loads = [partial(self.form, name) for name in self.component.actions]
        return main_kinds(load().action for load in loads if not list(_problems_of(load)))

    def check(self) -> None:
        """Load everything; DefinitionError lists every problem of every file."""
        sources = [partial(self.sources.__getitem__, name) for name in self.sources]
        forms = [partial(self.form, name) for name in self.component.actions]
        loads: list[Callable[[], object]] = [*sources, *forms]
        if problems := [problem for load in loads for problem in _problems_of(load)]:
            raise DefinitionError(problems)

    def _load(self, name: str) -> Action:
        file = self.folder / f"{snake(name)}.yaml"
        try:
            raw = self._resolved(file, _read(file))
        except RecursionError as error:  # also of a YAML anchor inside itself
            message = "uses a shared part that contains itself"
            raise DefinitionError([Problem(file.name, message)]) from error
        action = _parsed(Action, file, raw)
        if common := self.component.properties:
            action = action.model_copy(update={"properties": (*action.properties, *common)})
        expected = [] if action.name == name else [Problem("name", f"must be {name!r}")]
        groups = self.component.groups
        if problems := expected + check_action(action, self.sources.keys(), groups):
            raise DefinitionError(Problem(f"{file.name}: {p.path}", p.message) for p in problems)
        return action

    def _resolved(self, file: Path, raw: Json) -> Json:
        """Replace every `{shared: name, ...}` by the file in `definitions/shared/`."""
        if isinstance(raw, list):
            return [self._resolved(file, item) for item in raw]
        if not isinstance(raw, dict):
            return raw
        words = {key: self._resolved(file, value) for key, value in raw.items() if key != "shared"}
        return {**self._shared(file, raw["shared"]), **words} if "shared" in raw else words

    def _shared(self, user: Path, named: Json) -> JsonObject:
        name = str(named)
        if name not in self._parts:
            file = self.folder / "shared" / f"{snake(name)}.yaml"
            if not file.is_file():
                message = f"definitions/shared/{file.name} does not exist"
                problem = Problem(f"{user.name}: {name}", message)
                raise DefinitionError([problem])
            self._parts[name] = self._resolved(file, _read(file))
        return self._parts[name]

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The option sources of `definitions/options/` by name, each loaded on first use."""
        return _Sources(self.folder / "options")


class _Sources(Mapping[str, Source]):
    """A folder of option sources, each loaded on first use."""

    def __init__(self, folder: Path) -> None:
        self._files = {to_camel(file.stem): file for file in sorted(folder.glob("*.yaml"))}
        self._read: dict[str, Source] = {}

    def __getitem__(self, name: str) -> Source:
        if name not in self._read:
            self._read[name] = _source(self._files[name], self._files.keys())
        return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _connector_file(path: str | Path | None) -> Path:
    if path is not None:
        chosen = Path(path)
        return chosen / "connector.yaml" if chosen.is_dir() else chosen
    # A wheel carries the definition inside the package; a checkout has it at the top.
    package = Path(__file__).parents[1]
    installed = package / "component" / "connector.yaml"
    return installed if installed.is_file() else package.parents[1] / "connector.yaml"


def _problems_of(load: Callable[[], object]) -> tuple[Problem, ...]:
    """Load one file, and return its problems instead of raising them."""
    try:
        load()
    except DefinitionError as error:
        return error.problems
    return ()


def _source(file: Path, sources: Set[str]) -> Source:
    source = _parsed(Source, file, _read(file))
    if snake(source.name) != file.stem:
        raise DefinitionError(
            [
                Problem(
                    f"{file.name}: name", f"must be {to_camel(file.stem)!r}, the name of the file"
                )
            ]
        )
    if problems := check_source(source, sources):
        raise DefinitionError(Problem(f"{file.name}: {p.path}", p.message) for p in problems)
    return source


def _read(file: Path) -> JsonObject:
    try:
        with file.open(encoding="utf-8") as stream:
            raw = yaml.load(stream, JsonLoader)  # noqa: S506 - built on the safe loader
    except OSError as error:
        raise DefinitionError([Problem(file.name, error.strerror or "cannot be read")]) from error
    except UnicodeDecodeError as error:
        raise DefinitionError([Problem(file.name, "is not UTF-8 text")]) from error
    except _BAD_YAML as error:
        raise DefinitionError([Problem(file.name, _where(error))]) from error
    if not isinstance(raw, dict):
        raise DefinitionError([Problem(file.name, "must be a mapping")])
    return raw


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return "is not valid YAML"


def _parsed(words: type[W], file: Path, raw: JsonObject) -> W:
    try:
        return words.model_validate(raw)
    except ValidationError as error:
        raise DefinitionError(_explain(error, file, raw)) from error


def _explain(error: ValidationError, file: Path, raw: JsonObject) -> Iterator[Problem]:
    """Yield what pydantic found. Of a union, only the member that matched deepest is reported."""
    found: dict[str, list[str]] = {}
    for one in error.errors(include_url=False):
        sentences = found.setdefault(_place(raw, one["loc"]), [])
        sentences.append(_sentence(one))
    for place, sentences in found.items():
        # A problem inside a place explains it better than "no member of the union matches".
        if not any(other.startswith((f"{place}.", f"{place}: ")) for other in found):
            yield Problem(f"{file.name}: {place}", "; or ".join(sentences))


def _sentence(details: ErrorDetails) -> str:
    if details["type"] == "string_pattern_mismatch":
        return f"must be {FORMS[details['ctx']['pattern']]}"
    return _SENTENCES.get(details["type"]) or message_of(details)


_SENTENCES = {
    "extra_forbidden": "unknown word",
    "model_type": "must be a mapping",
}


def _place(raw: Json, location: tuple[int | str, ...]) -> str:
    """Return a place by the names of properties, `messages.role: options`, not by positions."""
    names: list[str] = []
    words: list[str] = []
    for step in location:
        is_word = isinstance(raw, dict) and str(step).isidentifier() and str(step)[0].islower()
        raw = _step(raw, step)
        if isinstance(step, int) and isinstance(raw, dict) and isinstance(raw.get("name"), str):
            names.append(raw["name"])
            words = []
        elif isinstance(step, int) or is_word:  # pydantic adds the names of union members
            words.append(str(step))
    return ": ".join(filter(None, [".".join(names), ".".join(words)]))


def _step(raw: Json, step: int | str) -> Json:
    if isinstance(raw, dict):
        return raw.get(str(step), raw)
    if isinstance(raw, list) and isinstance(step, int) and step < len(raw):
        return raw[step]
    return raw


# The C loader is several times faster; PyYAML lacks it where libyaml is missing.
class JsonLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Read YAML as JSON: `NO` is text, `1:1` is not 61, and no key occurs twice."""

    yaml_implicit_resolvers: dict[str, list[object]] = {}  # noqa: RUF012 - PyYAML's own name

    def construct_mapping(  # noqa: D102 - as PyYAML has it
        self, node: yaml.MappingNode, deep: bool = False
    ) -> JsonObject:
        mapping: JsonObject = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if fault := _key_fault(key, mapping):
                raise yaml.MarkedYAMLError(None, None, f"{key!r} {fault}", key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


def _key_fault(key: Json, mapping: JsonObject) -> str | None:
    if isinstance(key, list | dict):
        return "is not text"
    if not isinstance(key, str):
        # The statuses of `hints` are the keys that people forget to quote.
        return "is not text; put it in quotes"
    # PyYAML itself keeps the last of two equal keys, and drops the other silently.
    return "occurs twice" if key in mapping else None


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(?:0|[1-9]\d*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", "-0123456789"),
):
    JsonLoader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )
