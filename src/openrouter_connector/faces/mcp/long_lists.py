"""Lists that fit into the context of an agent: a part of a long one, and how to get the rest.

The API gives some lists as a whole, hundreds of models long. An agent that asks for one without a
`limit` gets as many items as fit its context, and a warning names the `offset` of the next ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from ...definition.model import Action
from ...values import Json, JsonObject, Result

FITTING = 20_000  # characters of JSON that are given without being asked for

_ARGUMENTS: JsonObject = {
    "search": {"type": "string", "description": "Only items in which each of these words occurs."},
    "offset": {"type": "integer", "minimum": 0, "description": "How many items are left out."},
    "limit": {
        "type": "integer",
        "minimum": 1,
        "description": "How many items are given; without it as many as an agent can take.",
    },
}
_SEARCHES = ("q", "search")


@dataclass(frozen=True, slots=True)
class Page:
    """A part of a list: what we do to it here, and what the API did (`skipped`)."""

    search: str = ""
    offset: int = 0
    limit: int | None = None
    skipped: int = 0
    limited: bool = False

    def of(self, result: Result) -> Result:
        """Return the part of a result."""
        if not isinstance(result.output, list):
            return result
        words = self.search.lower().split()
        found = [item for item in result.output if _has(item, words)] if words else result.output
        rest = found[self.offset :]
        part = rest[: self.limit] if self.limit or self.limited else _fitting(rest)
        if len(part) == len(result.output):
            return result
        start = self.skipped + self.offset
        warning = _shown(start, len(part), self.skipped + len(found), more=len(part) < len(rest))
        warnings = (*result.metadata.warnings, warning)
        metadata = replace(result.metadata, warnings=warnings)
        return replace(result, output=part, metadata=metadata)


def _shown(start: int, count: int, total: int, *, more: bool) -> str:
    """Say which part of a list is shown, and how to get the rest."""
    if not total:
        return "no item matches"
    if not count:
        return f"no items: offset {start} is past the end ({total} items)"
    end = start + count
    rest = f"; for the next ones pass offset={end}, or limit, or search" if more else ""
    return f"items {start + 1} to {end} of {total} are shown{rest}"


def reads(action: Action) -> bool:
    """Tell whether an action only reads: it costs nothing, and changes nothing."""
    return action.request.startswith("GET ") and not action.destructive


def arguments(action: Action) -> JsonObject:
    """Return the schemas of the arguments that a tool has beside those of its action."""
    if not _is_list(action):
        return {}
    known = {prop.name for prop in action.properties}
    names = [name for name in _ARGUMENTS if name not in known]
    if known & set(_SEARCHES):
        names = [name for name in names if name != "search"]
    return {name: _ARGUMENTS[name] for name in names}


def taken_out(action: Action, given: JsonObject) -> tuple[JsonObject, Page | None]:
    """Return the arguments of the action alone, and the part of its list that is wanted."""
    if not _is_list(action):
        return given, None
    own = {name: value for name, value in given.items() if name in arguments(action)}
    left = {name: value for name, value in given.items() if name not in own}
    offset = _number(given.get("offset"))
    page = Page(
        search=str(own.get("search") or ""),
        offset=_number(own.get("offset")),
        limit=_number(own.get("limit")) or None,
        skipped=0 if "offset" in own else offset,
        limited="limit" in left,
    )
    return left, page


def _is_list(action: Action) -> bool:
    return reads(action) and action.output.type == "ARRAY"


def _number(value: Json) -> int:
    try:
        return max(int(value or 0), 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _has(item: Json, words: list[str]) -> bool:
    text = json.dumps(item, ensure_ascii=False).lower()
    return all(word in text for word in words)


def _fitting(items: list[Json]) -> list[Json]:
    fitting: list[Json] = []
    left = FITTING
    for item in items:
        left -= len(json.dumps(item))
        if left < 0 and fitting:
            break
        fitting.append(item)
    return fitting
