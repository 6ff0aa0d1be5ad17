"""Unite the ways that lead to a node of a workflow. A way is a set of choices, all of them made.

If:0                    ┐
If:1 and Second:0       ├─▶  no choice: the node runs in any case
If:1 and Second:1       ┘
If:0                    ┐
If:1 and Second:0       ┴─▶  either of the two: `If or Second`
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile
from typing import NamedTuple

Outputs = frozenset[int]


class Choice(NamedTuple):
    """A node that chooses between its outputs, or has one for its errors."""

    node: str
    is_error: bool = False
    is_join: bool = False
    """Whether more ways lead to the node than are told apart; output 0 is that one was taken."""


Way = dict[Choice, Outputs]
"""Choices that must all be made, the outermost first, each with the outputs that lead on."""
IsAny = Callable[[Choice, Outputs], bool]
"""Whether a node chooses one of some outputs in any case."""
MOST_WAYS = 8
"""Ways that are told apart: a longer condition is one that nobody reads."""

_MOST_PAIRED = 50  # ways, of which each is compared with all others
_MOST_COMPARED = 50_000  # choices, times the ways that are searched for each of them
_TAKEN: Outputs = frozenset((0,))


class Either(NamedTuple):
    """Ways of which one must be taken."""

    ways: tuple[tuple[tuple[Choice, Outputs], ...], ...]


class Guard(NamedTuple):
    """A choice, and the outputs of which one must be chosen; of an `Either` it is 0."""

    choice: Choice | Either
    outputs: Outputs


def united(ways: Iterable[Way], node: str, is_any: IsAny, deepest: int) -> list[Way]:
    """Return fewer ways that lead to a node in the same cases; `[{}]` if it runs in any case.

    Ways that are too many, or too long, become what they share and one choice: that of the node.
    """
    found = _distinct(ways)
    if not all(found):
        return [{}]
    shared = _shared(found)
    found = _merged(found, is_any)
    if len(found) > MOST_WAYS or (len(found) > 1 and max(map(len, found)) > deepest):
        return [shared | {Choice(node, is_join=True): _TAKEN}]
    return found


def guards_of(ways: Sequence[Way], is_any: IsAny) -> tuple[Guard, ...]:
    """Return what decides that one of some ways is taken, the outermost first."""
    shared = _shared(ways)
    heads = [list(takewhile(shared.__contains__, way)) for way in ways]
    first = [choice for choice in shared if all(choice in head for head in heads)]
    rest = _shortened([_without(way, shared) for way in ways], is_any)
    either = Either(tuple(sorted((tuple(way.items()) for way in rest), key=_position)))
    between = [Guard(either, _TAKEN)] if all(rest) else []
    return (
        *(Guard(choice, shared[choice]) for choice in first),
        *between,
        *(Guard(choice, outputs) for choice, outputs in shared.items() if choice not in first),
    )


def _merged(ways: list[Way], is_any: IsAny) -> list[Way]:
    """Return ways without those that others include, and without what does not matter."""
    size = 0
    while size != _size(ways):  # first by the innermost choices: that is fast also for many ways
        size = _size(ways)
        ways = _merged_by(None, ways, is_any)
    size = 0
    while size != _size(ways) and len(_choices(ways)) * len(ways) <= _MOST_COMPARED:
        size = _size(ways)
        for choice in reversed(_choices(ways)):
            ways = _merged_by(choice, ways, is_any)
        if len(ways) <= _MOST_PAIRED:
            ways = [one for one in ways if not any(_is_inside(one, other) for other in ways)]
    return ways


def _merged_by(choice: Choice | None, ways: list[Way], is_any: IsAny) -> list[Way]:
    """Unite ways that differ in the outputs of one choice only; None is the innermost of each."""
    others: list[Way] = []
    found: dict[tuple[Choice, frozenset[tuple[Choice, Outputs]]], Way] = {}
    for way in ways:
        one = next(reversed(way), None) if choice is None else choice
        if one is None or one not in way:
            others.append(way)
            continue
        key = (one, frozenset(_without(way, {one}).items()))
        found[key] = way | {one: way[one] | found.get(key, way)[one]}
    for (one, _), way in found.items():
        others.append(_without(way, {one}) if is_any(one, way[one]) else way)
    return _distinct(others)


def _shortened(ways: list[Way], is_any: IsAny) -> list[Way]:
    """Return ways without what another one makes needless: `a or (not a and b)` is `a or b`."""
    found = list(ways)
    for index, way in enumerate(found):
        for choice, outputs in way.items():
            rest = _without(found[index], {choice})
            if any(
                choice in other
                and is_any(choice, outputs | other[choice])
                and _includes(_without(other, {choice}), rest)
                for other in found[:index] + found[index + 1 :]
            ):
                found[index] = rest
    return found


def _is_inside(way: Way, other: Way) -> bool:
    """Return whether another way is taken in all cases of a way, and in more."""
    return way != other and _includes(other, way)


def _includes(other: Way, way: Way) -> bool:
    return all(choice in way and way[choice] <= outputs for choice, outputs in other.items())


def _shared(ways: Sequence[Way]) -> Way:
    """Return the choices that all ways have with the same outputs."""
    return {
        choice: outputs
        for choice, outputs in ways[0].items()
        if all(way.get(choice) == outputs for way in ways)
    }


def _size(ways: Sequence[Way]) -> int:
    return len(ways) + sum(map(len, ways))


def _choices(ways: Sequence[Way]) -> list[Choice]:
    return list(dict.fromkeys(choice for way in ways for choice in way))


def _without(way: Way, choices: Iterable[Choice]) -> Way:
    left_out = set(choices)
    return {choice: outputs for choice, outputs in way.items() if choice not in left_out}


def _distinct(ways: Iterable[Way]) -> list[Way]:
    return list({frozenset(way.items()): way for way in ways}.values())


def _position(way: tuple[tuple[Choice, Outputs], ...]) -> tuple[int, list[tuple[str, list[int]]]]:
    """Return what short ways come first by; the same ways have one order behind any link."""
    return len(way), [(choice.node, sorted(outputs)) for choice, outputs in way]
