"""Redact a token that is spread over several deltas of a stream, before they are shown."""

from __future__ import annotations

from collections.abc import Iterator

from ...secret import Flow, Hiding
from ...values import Event


class VisibleDeltas:
    """Turns the deltas of one answer into those that can be shown."""

    def __init__(self, hiding: Hiding) -> None:
        self._text, self._reasoning = Flow(hiding), Flow(hiding)

    def passed(self, event: Event) -> Event | None:
        """Return the part of an event that can be shown now; None for nothing."""
        text = self._text.passed(event.text) if event.text else ""
        reasoning = self._reasoning.passed(event.reasoning) if event.reasoning else ""
        if text == event.text and reasoning == event.reasoning:
            return event
        return Event("delta", text, reasoning) if text or reasoning else None

    def end(self) -> Iterator[Event]:
        """Yield what was held back as the possible start of a token."""
        text, reasoning = self._text.end(), self._reasoning.end()
        if text or reasoning:
            yield Event("delta", text, reasoning)
