"""The parameters of a task while an importer changes them, with each change reported."""

from __future__ import annotations

from dataclasses import dataclass

from ....values import JsonObject
from ..report import FixUps


@dataclass(slots=True)
class Parameters:
    """Parameters of one task, their place in the source and in the flow."""

    values: JsonObject
    source: str
    place: str
    fixes: FixUps

    def at(self, name: str) -> str:
        """Return the place of a parameter in the flow."""
        return f"{self.place}.{name}"

    def converted(self, name: str, message: str, source: str | None = None) -> None:
        """Report a parameter that has another form."""
        self.fixes.converted(
            self.source_of(name if source is None else source), self.at(name), message
        )

    def note_converted(self, source: str, message: str) -> None:
        """Report a parameter of the source that needs none here."""
        self.fixes.converted(self.source_of(source), "", message)

    def choose(self, name: str, message: str, source: str | None = None) -> None:
        """Report a parameter that a person must look at."""
        self.fixes.choose(
            self.source_of(name if source is None else source), self.at(name), message
        )

    def drop(self, name: str, why: str) -> None:
        """Remove a parameter, and report it."""
        self.values.pop(name, None)
        self.fixes.dropped(self.source_of(name), why)

    def dropped(self, source: str, why: str) -> None:
        """Report a parameter of the source that has no counterpart."""
        self.fixes.dropped(self.source_of(source), why)

    def source_of(self, name: str) -> str:
        """Return the place of a parameter in the source."""
        return f"{self.source}.{name}" if self.source and name else self.source or name
