"""Read a definition: YAML to models, with every problem named by file and property.

`load_component` reads `connector.yaml` alone; each action is read when it is first asked for, so
that using one action costs one file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from functools import cached_property, partial
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import ValidationError
from pydantic.alias_generators import to_camel

from ..errors import DefinitionError, InputError, Problem
from ..suggest import did_you_mean
from ..values import Json, JsonObject
from .checks import check_action, check_component, check_source
from .form import Form
from .model import Action, Component, Source, Words, snake

W = TypeVar("W", bound=Words)
K = TypeVar("K")
V = TypeVar("V")

# The last three come from tags such as `!!int x`.
_BAD_YAML = (yaml.YAMLError, ValueError, KeyError, AttributeError)


def load_component(path: str | Path | None = None) -> Definition:
    """Read `connector.yaml` (or the folder that holds it; by default our own).

    DefinitionError lists what is wrong with it, or where its list of actions and the folder
    `definitions/` disagree.
    """
    file = _connector_file(path)
    component = _parsed(Component, file, _read(file))
    folder = file.parent / "definitions"
    found = {path.stem for path in folder.glob("*.yaml")}
    definition = Definition(component, folder)
    if problems := check_component(component, found, definition.sources.keys()):
        raise DefinitionError(Problem(f"{file.name}: {p.path}", p.message) for p in problems)
    return definition


class Definition:
    """A component with its actions, each read and checked when it is first asked for."""

    def __init__(self, component: Component, folder: Path) -> None:
        self.component = component
        self.folder = folder
        self._forms: dict[str, Form] = {}
        self._parts: dict[str, JsonObject] = {}

    def form(self, name: str) -> Form:
        """Give an action with its form; InputError for a name that is none, with the nearest."""
        if name not in self._forms:
            if name not in self.component.actions:
                hint = did_you_mean(name, self.component.actions)
                raise InputError([Problem("action", f"there is no action {name!r}{hint}")])
            self._forms[name] = Form(self._load(name))
        return self._forms[name]

    def check(self) -> None:
        """Read everything; DefinitionError lists every problem of every file."""
        forms = [partial(self.form, name) for name in self.component.actions]
        sources = [partial(self.sources.__getitem__, name) for name in self.sources]
        parts: list[Callable[[], object]] = [*sources, *forms]
        _every(lambda read: read(), parts)

    def _load(self, name: str) -> Action:
        file = self.folder / f"{snake(name)}.yaml"
        try:
            raw = self._resolved(file, _read(file))
        except RecursionError as error:
            raise DefinitionError([Problem(file.name, "has a part that holds itself")]) from error
        action = _parsed(Action, file, raw)
        if common := self.component.properties:
            action = action.model_copy(update={"properties": (*action.properties, *common)})
        expected = [] if action.name == name else [Problem("name", f"is not {name!r}")]
        if problems := expected + check_action(action, self.sources.keys()):
            raise DefinitionError(Problem(f"{file.name}: {p.path}", p.message) for p in problems)
        return action

    def _resolved(self, file: Path, raw: Json) -> Json:
        """Put the file of `definitions/shared/` in the place of every `{shared: name, ...}`."""
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
                problem = Problem(f"{user.name}: {name}", f"there is no shared/{file.name}")
                raise DefinitionError([problem])
            self._parts[name] = self._resolved(file, _read(file))
        return self._parts[name]

    @cached_property
    def sources(self) -> Mapping[str, Source]:
        """The option sources of `definitions/options/` by name, each read when it is asked for."""
        return _Sources(self.folder / "options")


class _Sources(Mapping[str, Source]):
    """A folder of option sources."""

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
        given = Path(path)
        return given / "connector.yaml" if given.is_dir() else given
    package = Path(__file__).parents[1]
    installed = package / "component" / "connector.yaml"
    return installed if installed.is_file() else package.parents[1] / "connector.yaml"


def _every(read: Callable[[K], V], keys: Iterable[K]) -> list[V]:
    """Read all, so that one DefinitionError tells the problems of all."""
    values: list[V] = []
    problems: list[Problem] = []
    for key in keys:
        try:
            values.append(read(key))
        except DefinitionError as error:
            problems += error.problems
    if problems:
        raise DefinitionError(problems)
    return values


def _source(file: Path, sources: Set[str]) -> Source:
    source = _parsed(Source, file, _read(file))
    if snake(source.name) != file.stem:
        raise DefinitionError([Problem(f"{file.name}: name", "is not that of the file")])
    if problems := check_source(source, sources):
        raise DefinitionError(Problem(f"{file.name}: {p.path}", p.message) for p in problems)
    return source


def _read(file: Path) -> JsonObject:
    try:
        with file.open(encoding="utf-8") as stream:
            raw = yaml.load(stream, _Loader)  # noqa: S506 - built on the safe loader
    except OSError as error:
        raise DefinitionError([Problem(file.name, error.strerror or "cannot be read")]) from error
    except UnicodeDecodeError as error:
        raise DefinitionError([Problem(file.name, "is not UTF-8 text")]) from error
    except _BAD_YAML as error:
        raise DefinitionError([Problem(file.name, _where(error))]) from error
    if not isinstance(raw, dict):
        raise DefinitionError([Problem(file.name, "is not a mapping of words")])
    return raw


def _where(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return "is not YAML"


def _parsed(words: type[W], file: Path, raw: JsonObject) -> W:
    try:
        return words.model_validate(raw)
    except ValidationError as error:
        raise DefinitionError(_told(error, file, raw)) from error


def _told(error: ValidationError, file: Path, raw: JsonObject) -> Iterator[Problem]:
    """Say what pydantic found; of the members of a union, that which got furthest speaks."""
    found: dict[str, list[str]] = {}
    for one in error.errors(include_url=False, include_context=False):
        sentences = found.setdefault(_place(raw, one["loc"]), [])
        sentences.append(_SENTENCES.get(one["type"], one["msg"].removeprefix("Input ")))
    for place, sentences in found.items():
        if not any(other.startswith((f"{place}.", f"{place}: ")) for other in found):
            yield Problem(f"{file.name}: {place}", "; or ".join(sentences))


_SENTENCES = {
    "extra_forbidden": "there is no such word",
    "missing": "is missing",
    "model_type": "is not a mapping of words",
    "tuple_type": "is not a list",
}


def _place(raw: Json, location: tuple[int | str, ...]) -> str:
    """Name a place by its properties, `messages.role: options`, rather than by positions."""
    names: list[str] = []
    words: list[str] = []
    for step in location:
        is_word = isinstance(raw, dict) and str(step).isidentifier() and str(step)[0].islower()
        raw = _step(raw, step)
        if isinstance(step, int) and isinstance(raw, dict) and isinstance(raw.get("name"), str):
            names.append(raw["name"])
            words = []
        elif isinstance(step, int) or is_word:  # others name a member of a union
            words.append(str(step))
    return ": ".join(filter(None, [".".join(names), ".".join(words)]))


def _step(raw: Json, step: int | str) -> Json:
    if isinstance(raw, dict):
        return raw.get(str(step), raw)
    if isinstance(raw, list) and isinstance(step, int) and step < len(raw):
        return raw[step]
    return raw


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML as JSON sees it: `NO` is a text, `1:1` is not 61, and no key stands twice."""

    yaml_implicit_resolvers: dict[str, list[object]] = {}  # noqa: RUF012 - PyYAML's own name

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> JsonObject:
        mapping: JsonObject = {}
        for key_node, value_node in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str) or key in mapping:
                fault = "is there twice" if isinstance(key, str) else "is not a word"
                raise yaml.MarkedYAMLError(None, None, f"{key!r} {fault}", key_node.start_mark)
            mapping[key] = self.construct_object(value_node, deep=deep)
        return mapping


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(?:0|[1-9]\d*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first)
    )
