"""The report of an import: what was kept, changed and left out, and what is still to choose.

    n8n: 2 calls, 1 choice left
    to choose
      nodes[2] → tasks[0].parameters.userPrompt: `{{ $json.a.map(…) }}` is JavaScript …

Every entry names its place in the source and in the flow. The Studio shows `to_json()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from ...values import JsonObject

Kind = Literal["choose", "dropped", "converted", "renamed", "kept"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""The kinds of entries, the most urgent first."""
_TITLES: dict[Kind, str] = {
    "choose": "To choose",
    "dropped": "Dropped",
    "converted": "Converted",
    "renamed": "Renamed",
    "kept": "Kept",
}
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

    def of(self, kind: Kind) -> tuple[Fix, ...]:
        """Return the entries of one kind."""
        return tuple(fix for fix in self.fixes if fix.kind == kind)

    @property
    def is_lossless(self) -> bool:
        """Whether nothing was dropped and nothing is left to choose."""
        return not (self.of("choose") or self.of("dropped"))

    @property
    def summary(self) -> str:
        """One sentence with the number of entries of each kind."""
        counts = [f"{len(found)} {kind}" for kind in KINDS[1:] if (found := self.of(kind))]
        left = len(self.of("choose"))
        choices = [f"{left} {'choice' if left == 1 else 'choices'} left"] if left else []
        return f"Imported from {self.format}: {', '.join([*counts, *choices]) or 'nothing'}."

    def to_text(self) -> str:
        """Return the report as people read it."""
        return "\n".join(self._lines()) + "\n"

    def to_json(self) -> JsonObject:
        """Return `{format, summary, lossless, counts, fixes}`."""
        return {
            "format": self.format,
            "summary": self.summary,
            "lossless": self.is_lossless,
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

    def dropped(self, source: str, message: str) -> None:
        """Note what is missing in the flow, and why."""
        self.fixes.append(Fix("dropped", source, "", message))

    def choose(self, source: str, place: str, message: str) -> None:
        """Note what a person must decide."""
        self.fixes.append(Fix("choose", source, place, message))

    def report(self, format_name: str) -> FixUpReport:
        """Return the report, each entry once and in the order of the kinds."""
        unique = dict.fromkeys(self.fixes)
        return FixUpReport(
            format_name, tuple(sorted(unique, key=lambda fix: KINDS.index(fix.kind)))
        )
