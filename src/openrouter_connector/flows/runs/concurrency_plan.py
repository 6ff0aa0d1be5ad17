"""Which steps of a list may run side by side: those of which none needs the other.

A group of one step runs by itself. The steps of a larger group start together, and each waits for
the steps of its group that it reads.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..formats.references import INPUTS, METADATA, uses_of
from ..formats.steps import Step, inner_steps

_BARRIERS = ("terminate", "loopBreak", "loop-break")
"""Steps that end something: nothing may run beside them or what holds them."""


@dataclass(frozen=True, slots=True)
class Group:
    """Steps that start together, each with the indexes in `steps` that it waits for."""

    steps: tuple[Step, ...]
    waits: tuple[tuple[int, ...], ...]


def plan(steps: Sequence[Step]) -> list[Group]:
    """Return the groups of a list of steps, in the order in which they run."""
    needs = _needs(steps)
    # A bit for each step that a step waits for, at any distance, and for itself.
    before: list[int] = []
    for index, direct in enumerate(needs):
        bits = 1 << index
        for other in direct:
            bits |= before[other]
        before.append(bits)
    # What all steps from an index on wait for: a group ends where that is all that came earlier.
    common = [(1 << len(steps)) - 1]
    for bits in reversed(before):
        common.append(common[-1] & bits)
    common.reverse()
    groups, start = list[Group](), 0
    for end in range(1, len(steps) + 1):
        earlier = (1 << end) - 1
        if end == len(steps) or common[end] & earlier == earlier:
            waits = (
                tuple(o - start for o in sorted(needs[i]) if o >= start) for i in range(start, end)
            )
            groups.append(Group(tuple(steps[start:end]), tuple(waits)))
            start = end
    return groups


def names_read(step: Step) -> set[str]:
    """Return the names that a step and the steps inside it read."""
    found: set[str] = set()
    for one in _with_inner(step):
        for use in uses_of(one):
            for path in use.template.reads:
                root = path[1] if path[0] in (METADATA, INPUTS) and len(path) > 1 else path[0]
                found.add(str(root))
    return found


def names_written(step: Step) -> set[str]:
    """Return the names that a step and the steps inside it give a value."""
    return {one.name for one in _with_inner(step)}


def _needs(steps: Sequence[Step]) -> list[set[int]]:
    """Return the earlier steps that each step waits for, directly or through another one."""
    needs: list[set[int]] = []
    writer: dict[str, int] = {}
    readers: dict[str, list[int]] = {}
    barrier: int | None = None
    for index, step in enumerate(steps):
        reads, writes = names_read(step), names_written(step)
        found = {writer[name] for name in reads | writes if name in writer}
        found |= {other for name in writes for other in readers.get(name, ())}
        if barrier is not None:
            found.add(barrier)
        if any(one.word in _BARRIERS for one in _with_inner(step)):
            found, barrier = set(range(index)), index
        for name in writes:
            writer[name] = index
            readers.pop(name, None)
        for name in reads - writes:
            readers.setdefault(name, []).append(index)
        needs.append(found)
    return needs


def _with_inner(step: Step) -> list[Step]:
    found = [step]
    for one in found:
        found += inner_steps(one)
    return found
