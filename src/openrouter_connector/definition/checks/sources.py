"""Check an option source: its filters, and the conditions on the details of its options."""

from __future__ import annotations

from collections.abc import Iterator, Set

from ...errors import Problem
from ..conditions import compile_condition
from ..model import Filter, Source
from .properties import Scope, check_condition, check_properties, check_targets, dotted_names


def check_source(source: Source, sources: Set[str]) -> list[Problem]:
    """Return what is wrong with an option source. `sources` are the names of all of them."""
    filters = source.filter_properties
    return [
        *check_properties(filters, Scope(set(dotted_names(filters)), sources)),
        *check_targets(filters, "GET"),
        *(
            Problem(filter_.name, message)
            for filter_ in source.filters
            for message in _check_send(filter_)
        ),
        *_check_conditions(source),
    ]


def _check_send(filter_: Filter) -> Iterator[str]:
    # Filters of loaded lists are applied here, and a server reads only the query of a GET.
    if filter_.send and (
        filter_.send.place("GET") != "query" or filter_.send.as_ not in {None, "text"}
    ):
        yield "a filter can only be sent in the query"


def _check_conditions(source: Source) -> Iterator[Problem]:
    details = {*source.details, "prices"}
    conditions = {"freeCondition": source.free_condition} | {
        filter_.name: filter_.filter_condition for filter_ in source.filters
    }
    for path, text in conditions.items():
        yield from (Problem(path, message) for message in _check_condition(text, details))


def _check_condition(text: str | None, details: Set[str]) -> Iterator[str]:
    if text is None:
        return
    try:
        condition = compile_condition(text)
    except ValueError as error:
        yield str(error)
        return
    # Only the first step is a known name: the API decides what is inside a detail.
    unknown = {name for name in condition.reads if name.split(".")[0] not in details}
    yield from check_condition(condition, condition.reads - unknown, "detail")
