"""The pieces of a streamed answer as they are shown, without a key that came over several."""

from __future__ import annotations

from collections.abc import Iterator

from ...secret import Flow, Hiding
from ...values import Event


class ShownPieces:
    """Takes the events of one answer, and returns what of them can be shown."""

    def __init__(self, hiding: Hiding) -> None:
        self._text, self._reasoning = Flow(hiding), Flow(hiding)

    def passed(self, event: Event) -> Event | None:
        """Return what of an event can be shown now."""
        text = self._text.passed(event.text) if event.text else ""
        reasoning = self._reasoning.passed(event.reasoning) if event.reasoning else ""
        if text == event.text and reasoning == event.reasoning:
            return event
        return Event("delta", text, reasoning) if text or reasoning else None

    def end(self) -> Iterator[Event]:
        """Yield what was held back."""
        text, reasoning = self._text.end(), self._reasoning.end()
        if text or reasoning:
            yield Event("delta", text, reasoning)
