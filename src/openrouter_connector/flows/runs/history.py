"""How the steps of a run went, read from its events."""

from __future__ import annotations

from collections.abc import Iterable

from ...values import JsonObject

_STATES = {"started": "running", "retry": "running", "result": "done", "failed": "failed"}


def steps_of_events(events: Iterable[JsonObject]) -> list[JsonObject]:
    """Return the steps of a run in the order in which they began.

    Each is `{place, step, state, started}`, with `ended`, `action`, `output`, `metadata`, `error`,
    `progress` and `chosen` where they are known. Of a step that was performed again, the last try.
    """
    found: dict[str, JsonObject] = {}
    for event in events:
        place, kind = event.get("place", ""), event["type"]
        if not place or kind == "delta":
            continue
        if kind == "started":
            found.pop(place, None)
        step = found.setdefault(
            place, {"place": place, "step": event.get("step", ""), "started": event["at"]}
        )
        step["state"] = _STATES.get(kind, step.get("state", "running"))
        if kind in ("result", "failed"):
            step["ended"] = event["at"]
        if kind == "chosen":
            step["chosen"], step["state"] = event["slot"], "done"
        if kind == "progress":
            step["progress"] = {key: event.get(key) for key in ("done", "total", "unit")}
            if event.get("total") is not None and event["done"] == event["total"]:
                step["state"], step["ended"] = "done", event["at"]
        for key in ("action", "output", "metadata", "error"):
            if event.get(key) is not None:
                step[key] = event[key]
    return list(found.values())
