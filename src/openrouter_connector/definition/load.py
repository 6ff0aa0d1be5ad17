"""Load a definition: YAML to models, with every problem named by file and property.

`load_component` reads `connector.yaml` alone. Each action is read on first use, so that a call
reads one file and not forty. `checks` then compares the words with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Set
from functools import cache, cached_property, partial
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import ErrorDetails

from ..errors import DefinitionError, InputError, Problem
from ..suggest import did_you_mean
from ..validation_messages import message_of
from ..values import Json, JsonObject
from .compiled import CompiledDefinition
from .form import Form
from .intended import Kind, main_kinds
from .location import connector_file
from .model import Action, Component, Source, Words, snake
from .model.basics import FORMS

W = TypeVar("W", bound=Words)


def load_component(path: str | Path | None = None) -> Definition:
    """Load `connector.yaml`, or the one in a folder. Default: our own.

    DefinitionError lists every problem of the file, also actions that `definitions/` lacks.
    Our own is read once in a process: it does not change, and takes 20 to 80 ms.
    """
    return _loaded(connector_file(path)) if path is not None else _own()


@cache
def _own() -> Definition:
    return _loaded(connector_file(None))


def _loaded(file: Path) -> Definition:
    folder, compiled = file.parent / "definitions", CompiledDefinition(file)
    if isinstance(kept := compiled.read("component"), Component):
        return Definition(kept, folder, compiled)
    from .checks.component import check_component

    component = _parsed(Component, file, _read(file))
    # Only the names: each file is read at its first use.
    found = {path.stem for path in folder.glob("*.yaml")}
    definition = Definition(component, folder, compiled)
    if problems := check_component(component, found, definition.sources.keys()):
        raise DefinitionError(Problem(f"{file.name}: {p.path}", p.message) for p in problems)
    compiled.write("component", component)
    return definition


class Definition:
    """A component with its actions, each loaded and checked on first use."""

    def __init__(self, component: Component, folder: Path, compiled: CompiledDefinition) -> None:
        self.component = component
        self.folder = folder
        self.compiled = compiled
        """What was derived from the same files before, on disk."""
        self._forms: dict[str, Form] = {}
        self._parts: dict[str, JsonObject] = {}

    def form(self, name: str) -> Form:
        """Return the form of an action; InputError suggests a name for an unknown one."""
        if name not in self._forms:
            if name not in self.component.actions:
                hint = did_you_mean(name, self.component.actions)
                raise InputError([Problem("action", f"{name!r} does not exist{hint}")])
            self._forms[name] = Form(self._action(name), self.form, lambda: self._mains)
        return self._forms[name]

    @cached_property
    def _mains(self) -> Mapping[str, Kind]:
        # Only when a parameter is unknown: this reads the files of all actions.
        loads = [partial(self.form, name) for name in self.component.actions]
        return main_kinds(load().action for load in loads if not _problems_of(load))

    def check(self) -> None:
        """Load everything anew; DefinitionError lists every problem of every file."""
        self._load_all(self._load)

    def load_all(self) -> None:
        """Load what is not loaded yet; DefinitionError lists every problem of every file."""
        self._load_all(self.form)

    def _load_all(self, load: Callable[[str], object]) -> None:
        sources = [partial(self.sources.__getitem__, name) for name in self.sources]
        actions = [partial(load, name) for name in self.component.actions]
        loads: list[Callable[[], object]] = [*sources, *actions]
        if problems := [problem for one in loads for problem in _problems_of(one)]:
            raise DefinitionError(problems)

    def _action(self, name: str) -> Action:
        if isinstance(kept := self.compiled.read(f"action-{name}"), Action):
            return kept
        action = self._load(name)
        self.compiled.write(f"action-{name}", action)
        return action

    def _load(self, name: str) -> Action:
        from .checks.actions import check_action

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
        if problems := expected + check_action(action, self.component, self.sources.keys()):
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


def _read(file: Path) -> JsonObject:
    from .yaml_file import read_yaml  # not needed for what is compiled

    return read_yaml(file)


def _problems_of(load: Callable[[], object]) -> tuple[Problem, ...]:
    """Load one file, and return its problems instead of raising them."""
    try:
        load()
    except DefinitionError as error:
        return error.problems
    return ()


def _source(file: Path, sources: Set[str]) -> Source:
    from .checks.sources import check_source

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
    """Return a place by the names of properties, `messages.role: options`, not by positions.

    What is inside the output begins with it: `output.id: required`.
    """
    names: list[str] = []
    words: list[str] = []
    for step in location:
        is_word = isinstance(raw, dict) and str(step).isidentifier() and str(step)[0].islower()
        raw = _step(raw, step)
        if isinstance(step, int) and isinstance(raw, dict) and isinstance(raw.get("name"), str):
            names += [*words[:1], raw["name"]] if words[:1] == ["output"] else [raw["name"]]
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
