"""Check a flow and its inputs before a run begins: what cannot run is refused before it costs."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from ...definition.load import Definition
from ...errors import InputError, Problem
from ...runtime.files.store import FileStore
from ...suggest import did_you_mean
from ...values import FILE_KEYS, Json, JsonObject, OwnFile
from ..formats.check import check_flow
from ..formats.flow import Flow
from .run_copies import copy_name
from .step_policy import policy_problems

_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,), "number": (int, float), "integer": (int,), "boolean": (bool,),
    "array": (list,), "object": (dict,), "file_entry": (dict,),
}  # fmt: skip


def check_can_run(
    flow: Flow, definition: Definition, only: str | None = None, pinned: Collection[str] = ()
) -> None:
    """Raise InputError with everything that keeps a flow from running."""
    problems = [*check_flow(flow, definition).obstacles]
    for step in flow.steps:
        problems += policy_problems(step)
    names = [step.name for step in flow.steps if step.container is None]
    chosen = [*([("only", only)] if only is not None else []), *(("pinned", one) for one in pinned)]
    for option, name in chosen:
        if name not in names:
            hint = did_you_mean(name, names)
            problems.append(Problem(option, f"there is no step {name!r} at the top{hint}"))
    if problems:
        raise InputError(problems)


async def checked_inputs(flow: Flow, given: JsonObject, files: FileStore, run: str) -> JsonObject:
    """Return the inputs with their defaults; files of this machine are copied for the run.

    InputError lists all that are missing, unknown, or of another type.
    """
    if problems := list(_input_problems(flow, given)):
        raise InputError(problems)
    found: JsonObject = {}
    for name, declared in flow.inputs.items():
        value = given.get(name, _default(declared))
        if value is not None:
            found[name] = await stored_files(value, f"inputs.{name}", files, run)
    return found


def _input_problems(flow: Flow, given: JsonObject) -> Iterator[Problem]:
    for name in given.keys() - flow.inputs.keys():
        hint = did_you_mean(name, flow.inputs)
        known = hint or (f"; it has {', '.join(flow.inputs)}" if flow.inputs else "; it has none")
        yield Problem(f"inputs.{name}", f"the flow has no such input{known}")
    for name, declared in flow.inputs.items():
        value = given.get(name, _default(declared))
        kind = str(declared.get("type") or "").lower()
        if value is None:
            if declared.get("required") is True:
                yield Problem(f"inputs.{name}", f"is required{f' ({kind})' if kind else ''}")
        elif (types := _TYPES.get(kind)) and not _is_of(value, types):
            yield Problem(f"inputs.{name}", f"must be of the type {kind}")


def _is_of(value: Json, types: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in types
    return isinstance(value, types)


def _default(declared: JsonObject) -> Json:
    return declared.get("default", declared.get("defaultValue"))


async def stored_files(value: Json, name: str, files: FileStore, run: str | None = None) -> Json:
    """Return a value whose files of this machine are in the store, where a later run finds them.

    With `run` as copies of its own, which are deleted with it: others may store the same file.
    """
    if isinstance(value, list):
        return [await stored_files(inner, name, files, run) for inner in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == set(FILE_KEYS) and isinstance(value["url"], OwnFile):
        loaded = await files.load(value, name, ())
        entry = loaded.entry
        kept = copy_name(run, entry.name) if run else entry.name
        stored = await files.put(loaded.open(), kept, entry.mime_type or None)
        return {**stored.to_json(), "name": entry.name}
    return {key: await stored_files(inner, name, files, run) for key, inner in value.items()}
