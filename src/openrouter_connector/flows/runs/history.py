"""How the steps of a run went, read from its events."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ...errors import InputError, Problem
from ...values import JsonObject
from ..formats.flow import Flow
from ..formats.steps import SLOTS, Step
from .step_policy import policy_of

_STATES = {"started": "running", "retry": "running", "result": "done", "failed": "failed"}


def results_before(
    events: Iterable[JsonObject], flow: Flow, start: str, pinned: Mapping[str, JsonObject]
) -> dict[str, JsonObject]:
    """Return what the steps before one at the top returned, `{output, metadata}` by their names.

    Steps inside containers are among them, since later steps may read them. Large outputs are
    references to files. `pinned` is what the run was given. InputError if no step at the top has
    this name, or if one before it has no result.
    """
    names = [step.name for step in flow.steps if step.container is None]
    if start not in names:
        known = ", ".join(names[:10])
        raise InputError([Problem("start", f"{start!r} is no step at the top; they are {known}")])
    kept = names[: names.index(start)]
    found: dict[str, JsonObject] = {}
    for event in events:
        name, top = event.get("step", ""), event.get("place", "").partition(".")[0]
        if top.partition("[")[0] not in kept:
            continue
        if event["type"] == "result":
            found[name] = {"output": event["output"], "metadata": event["metadata"]}
        elif event["type"] == "failed" and policy_of(flow.step(name)).on_error == "continue":
            metadata = {**(event.get("metadata") or {}), "error": event["error"]}
            found[name] = {"output": None, "metadata": metadata}
    there = found.keys() | pinned.keys()
    missing = [name for name in kept if name not in there and _has_value(flow.step(name))]
    if missing:
        message = f"{missing[0]!r}, which comes before, has no result; begin there"
        raise InputError([Problem("start", message)])
    return {name: {"output": None} for name in kept if name not in there} | found


def _has_value(step: Step) -> bool:
    """Return whether a step that ran has a value: an action, a variable, a `map`."""
    return step.word not in SLOTS or step.word == "map"


def steps_of_events(events: Iterable[JsonObject]) -> list[JsonObject]:
    """Return the steps of a run in the order in which they began.

    Each is `{place, step, state, started}`, with `ended`, `action`, `output`, `metadata`, `error`,
    `progress` and `chosen` where they are known. A step that was performed again, such as after
    `resume`, is as its last try; `earlier` has the tries before, `{state, started, ended, error}`.
    """
    found: dict[str, JsonObject] = {}
    heard: dict[str, float] = {}
    for event in events:
        place, kind = event.get("place", ""), event["type"]
        before = found.pop(place, None) if kind == "started" else None
        earlier = {"earlier": _tries(before, heard[place])} if before else {}
        heard[place] = event["at"]
        if not place or kind == "delta":
            continue
        step = found.setdefault(
            place,
            {"place": place, "step": event.get("step", ""), "started": event["at"], **earlier},
        )
        step["state"] = _STATES.get(kind, step.get("state", "running"))
        # A clock may have been set back meanwhile: nothing took less than no time.
        ended = max(event["at"], step["started"])
        if kind in ("result", "failed"):
            step["ended"] = ended
        if kind == "chosen":
            step["chosen"], step["state"] = event["slot"], "done"
        if kind == "progress":
            step["progress"] = {key: event.get(key) for key in ("done", "total", "unit")}
            if event.get("total") is not None and event["done"] == event["total"]:
                step["state"], step["ended"] = "done", ended
        for key in ("action", "output", "metadata", "error"):
            if event.get(key) is not None:
                step[key] = event[key]
    return list(found.values())


def _tries(step: JsonObject, heard: float) -> list[JsonObject]:
    """Return the tries of a step that is performed again, up to its last one.

    One that never ended, since its process died, lasted until it was last heard of.
    """
    kept = {key: step[key] for key in ("state", "started", "error") if key in step}
    ended = step.get("ended", max(heard, step["started"]))
    return [*step.get("earlier", []), {**kept, "ended": ended}]
