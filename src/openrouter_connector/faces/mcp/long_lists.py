"""Return long lists in parts that fit the context of an agent.

Some lists of the API have no pages and hundreds of items. Without a `limit` an agent gets as many
items as fit its context, and a warning names the `offset` of the next ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

from ...definition.model import Action
from ...values import Json, JsonObject, Result

DEFAULT_SIZE = 20_000  # characters of JSON that are returned when no limit is given

_ARGUMENTS: JsonObject = {
    "search": {"type": "string", "description": "Return only items that contain all these words."},
    "offset": {"type": "integer", "minimum": 0, "description": "Number of items to skip."},
    "limit": {
        "type": "integer",
        "minimum": 1,
        "description": "Maximum number of items; by default as many as fit your context.",
    },
}
_SEARCHES = ("q", "search")


@dataclass(frozen=True, slots=True)
class Page:
    """The requested part of a list: what is cut here, and what the API already cut."""

    search: str = ""
    offset: int = 0
    limit: int | None = None
    api_offset: int = 0
    """How many items the API skipped."""
    api_limited: bool = False
    """Whether the call limits the list at the API."""

    def of(self, result: Result) -> Result:
        """Return the part of a result."""
        if not isinstance(result.output, list):
            return result
        words = self.search.lower().split()
        found = [item for item in result.output if _has(item, words)] if words else result.output
        rest = found[self.offset :]
        part = rest[: self.limit] if self.limit or self.api_limited else _fitting(rest)
        if len(part) == len(result.output):
            return result
        start, total = self.api_offset + self.offset, self.api_offset + len(found)
        warning = _describe(start, len(part), total, more=len(part) < len(rest))
        metadata = replace(result.metadata, warnings=(*result.metadata.warnings, warning))
        return replace(result, output=part, metadata=metadata)


def _describe(start: int, count: int, total: int, *, more: bool) -> str:
    """Say which part of a list this is, and how to get the rest."""
    if not total:
        return "no item matches"
    if not count:
        return f"no items: offset {start} is past the end ({total} items)"
    end = start + count
    rest = f"; for more, pass offset={end}, a limit or a search" if more else ""
    return f"items {start + 1} to {end} of {total}{rest}"


def is_read_only(action: Action) -> bool:
    """Return whether an action only reads: it costs nothing and changes nothing."""
    return action.request.startswith("GET ") and not action.destructive


def list_arguments(action: Action) -> JsonObject:
    """Return the schemas of the arguments that a tool has in addition to its action."""
    if not _is_list(action):
        return {}
    known = {prop.name for prop in action.properties}
    names = [name for name in _ARGUMENTS if name not in known]
    if known & set(_SEARCHES):
        names = [name for name in names if name != "search"]
    return {name: _ARGUMENTS[name] for name in names}


def split_arguments(action: Action, arguments: JsonObject) -> tuple[JsonObject, Page | None]:
    """Return the arguments of the action alone, and the requested part of its list."""
    if not _is_list(action):
        return arguments, None
    ours = {name: value for name, value in arguments.items() if name in list_arguments(action)}
    rest = {name: value for name, value in arguments.items() if name not in ours}
    page = Page(
        search=str(ours.get("search") or ""),
        offset=_number(ours.get("offset")),
        limit=_number(ours.get("limit")) or None,
        api_offset=0 if "offset" in ours else _number(arguments.get("offset")),
        api_limited="limit" in rest,
    )
    return rest, page


def _is_list(action: Action) -> bool:
    return is_read_only(action) and action.output.type == "ARRAY"


def _number(value: Json) -> int:
    try:
        return max(int(value or 0), 0)
    except (TypeError, ValueError, OverflowError):
        return 0


def _has(item: Json, words: list[str]) -> bool:
    text = json.dumps(item, ensure_ascii=False).lower()
    return all(word in text for word in words)


def _fitting(items: list[Json]) -> list[Json]:
    """Return the first items up to the default size, and at least one."""
    fitting: list[Json] = []
    remaining = DEFAULT_SIZE
    for item in items:
        remaining -= len(json.dumps(item))
        if remaining < 0 and fitting:
            break
        fitting.append(item)
    return fitting
