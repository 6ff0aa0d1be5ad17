"""Redact a token that is spread over several deltas of a stream, before they are shown."""

from __future__ import annotations

from collections.abc import Iterator

from ...secret import Redactor, StreamRedactor
from ...values import Event


class VisibleDeltas:
    """Turns the deltas of one answer into those that can be shown."""

    def __init__(self, redactor: Redactor) -> None:
        self._text, self._reasoning = StreamRedactor(redactor), StreamRedactor(redactor)

    def feed(self, event: Event) -> Event | None:
        """Return the part of an event that can be shown now; None for nothing."""
        text = self._text.feed(event.text) if event.text else ""
        reasoning = self._reasoning.feed(event.reasoning) if event.reasoning else ""
        if text == event.text and reasoning == event.reasoning:
            return event
        return Event("delta", text, reasoning) if text or reasoning else None

    def flush(self) -> Iterator[Event]:
        """Yield what was held back as the possible start of a token."""
        text, reasoning = self._text.flush(), self._reasoning.flush()
        if text or reasoning:
            yield Event("delta", text, reasoning)
