"""The report of an import: what was kept, changed and left out, and what is still to choose.

    n8n: 2 calls, 1 choice left
    to choose
      nodes[2] → tasks[0].parameters.userPrompt: `{{ $json.a.map(…) }}` is JavaScript …

Every entry names its place in the source and in the flow. The Studio shows `to_json()`.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import chain
from typing import Literal, get_args

from ...values import JsonObject

Kind = Literal["choose", "dropped", "secret", "converted", "renamed", "kept"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of entries, the most urgent first."""
_LOSSES: tuple[Kind, ...] = ("choose", "dropped", "secret")
_TITLES: dict[Kind, str] = {
    "choose": "To choose",
    "dropped": "Left out",
    "secret": "Keys left out",
    "converted": "Converted",
    "renamed": "Renamed",
    "kept": "Kept",
}
_COUNTED: dict[Kind, tuple[str, str]] = {
    "dropped": ("left out", "left out"),
    "secret": ("key left out", "keys left out"),
    "converted": ("converted", "converted"),
    "renamed": ("renamed", "renamed"),
    "kept": ("kept", "kept"),
}
"""What follows the number of entries, for one and for several."""
_SHOWN = 40  # entries of one kind in the text; the JSON holds all of them


@dataclass(frozen=True, slots=True)
class Fix:
    """One entry of the report."""

    kind: Kind
    source: str
    """The place in the source, such as `nodes[2].parameters.text`; empty for all of it."""
    place: str
    """The place in the flow, such as `tasks[0].parameters.userPrompt`; empty if it is in none."""
    message: str

    def __str__(self) -> str:
        places = " → ".join(dict.fromkeys(filter(None, (self.source, self.place))))
        return f"{places}: {self.message}" if places else self.message

    def to_json(self) -> JsonObject:
        """Return `{kind, source, place, message}`."""
        return {
            "kind": self.kind,
            "source": self.source,
            "place": self.place,
            "message": self.message,
        }


@dataclass(frozen=True, slots=True)
class FixUpReport:
    """What an import did, entry by entry."""

    format: str
    """The format that was read, such as `n8n`."""
    fixes: tuple[Fix, ...]
    calls: tuple[str, ...] = ()
    """The places of the steps that call the component."""

    def of(self, kind: Kind) -> tuple[Fix, ...]:
        """Return the entries of one kind."""
        return tuple(fix for fix in self.fixes if fix.kind == kind)

    @property
    def is_lossless(self) -> bool:
        """Whether nothing was left out and nothing is left to choose."""
        return not any(map(self.of, _LOSSES))

    @property
    def whole_calls(self) -> tuple[str, ...]:
        """The calls that came over without loss: nothing of theirs was left out or is to choose."""
        calls = set(self.calls)
        of_source: dict[str, set[str]] = {}
        for fix in self.fixes:
            # What the check adds names no place in the source; an importer means all of it.
            is_named = fix.source or fix.kind == "converted"
            if is_named and fix.place and (call := _around(fix.place, calls)) is not None:
                of_source.setdefault(fix.source, set()).add(call)
        lost = set[str]()
        for fix in chain.from_iterable(map(self.of, _LOSSES)):
            if fix.place:
                call = _around(fix.place, calls)
                lost |= _inside(fix.place, calls) if call is None else {call}
            elif (source := _around(fix.source, of_source)) is not None:
                lost |= of_source[source]
        return tuple(call for call in self.calls if call not in lost)

    @property
    def summary(self) -> str:
        """One sentence with the number of entries of each kind."""
        counts = [
            f"{len(found)} {_COUNTED[kind][len(found) > 1]}"
            for kind in KINDS[1:]
            if (found := self.of(kind))
        ]
        left = len(self.of("choose"))
        choices = [f"{left} {'choice' if left == 1 else 'choices'} left"] if left else []
        entries = ", ".join([*counts, *choices]) or "nothing"
        return f"Imported from {self.format}: {entries}.{self._calls_summary}"

    @property
    def _calls_summary(self) -> str:
        whole, calls = len(self.whole_calls), len(self.calls)
        if not calls:
            return ""
        return f" {whole:,} of {calls:,} calls to OpenRouter came over without loss."

    def to_text(self) -> str:
        """Return the report as people read it."""
        return "\n".join(self._lines()) + "\n"

    def to_json(self) -> JsonObject:
        """Return `{format, summary, lossless, calls, counts, fixes}`."""
        return {
            "format": self.format,
            "summary": self.summary,
            "lossless": self.is_lossless,
            "calls": {"all": len(self.calls), "lossless": len(self.whole_calls)},
            "counts": {kind: len(self.of(kind)) for kind in KINDS},
            "fixes": [fix.to_json() for fix in self.fixes],
        }

    def _lines(self) -> Iterator[str]:
        yield self.summary
        for kind in KINDS:
            found = self.of(kind)
            if found:
                yield f"\n{_TITLES[kind]}"
            yield from (f"  {fix}" for fix in found[:_SHOWN])
            if len(found) > _SHOWN:
                yield f"  … and {len(found) - _SHOWN:,} more"


def _inside(place: str, calls: Iterable[str]) -> set[str]:
    """Return the calls inside the container that a place belongs to."""
    container = place.rpartition(".parameters.")[0] or place
    return {call for call in calls if call.startswith(f"{container}.parameters.")}


def _around(place: str, known: Container[str]) -> str | None:
    """Return the longest known place that a place is, or is inside of."""
    while place not in known:
        if not place:
            return None
        place = place[: max(place.rfind(mark) for mark in ".[ ?")] if _ENDS & set(place) else ""
    return place


_ENDS = set(".[ ?")


def moved_place(place: str, places: Mapping[str, str]) -> str:
    """Return a place of a step that is at another one now: `tasks[2].parameters.model`."""
    head, dot, rest = place.partition(".")
    return places.get(head, head) + dot + rest


class FixUps:
    """Collects the entries of a report while an importer works."""

    def __init__(self) -> None:
        self.fixes: list[Fix] = []

    def kept(self, source: str, place: str, message: str) -> None:
        """Note what came over unchanged."""
        self.fixes.append(Fix("kept", source, place, message))

    def renamed(self, source: str, place: str, message: str) -> None:
        """Note what has another name."""
        self.fixes.append(Fix("renamed", source, place, message))

    def converted(self, source: str, place: str, message: str) -> None:
        """Note what has another form and the same meaning."""
        self.fixes.append(Fix("converted", source, place, message))

    def dropped(self, source: str, message: str, place: str = "") -> None:
        """Note what is missing in the flow, and why. `place` is that of the step that lacks it."""
        self.fixes.append(Fix("dropped", source, place, message))

    def secret(self, source: str, message: str) -> None:
        """Note a key that is missing in the flow. The key itself is never repeated."""
        self.fixes.append(Fix("secret", source, "", message))

    def choose(self, source: str, place: str, message: str) -> None:
        """Note what a person must decide."""
        self.fixes.append(Fix("choose", source, place, message))

    def move(self, places: Mapping[str, str], count: int) -> None:
        """Correct the places of the first entries, after their steps were put somewhere else."""
        self.fixes[:count] = [
            replace(fix, place=moved_place(fix.place, places)) for fix in self.fixes[:count]
        ]

    def report(self, format_name: str, calls: Iterable[str]) -> FixUpReport:
        """Return the report, each entry once and in the order of the kinds.

        `calls` are the places of the steps that call the component.
        """
        unique = dict.fromkeys(self.fixes)
        ordered = tuple(sorted(unique, key=lambda fix: KINDS.index(fix.kind)))
        return FixUpReport(format_name, ordered, tuple(calls))
