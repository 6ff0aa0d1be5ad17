"""The pieces of a streamed answer as they are shown, without a key that came over several."""

from __future__ import annotations

from collections.abc import Iterator

from ...secret import Redactor, StreamRedactor
from ...values import Event


class ShownPieces:
    """Takes the events of one answer, and returns what of them can be shown."""

    def __init__(self, redactor: Redactor) -> None:
        self._text, self._reasoning = StreamRedactor(redactor), StreamRedactor(redactor)

    def passed(self, event: Event) -> Event | None:
        """Return what of an event can be shown now."""
        text = self._text.feed(event.text) if event.text else ""
        reasoning = self._reasoning.feed(event.reasoning) if event.reasoning else ""
        if text == event.text and reasoning == event.reasoning:
            return event
        return Event("delta", text, reasoning) if text or reasoning else None

    def end(self) -> Iterator[Event]:
        """Yield what was held back."""
        text, reasoning = self._text.flush(), self._reasoning.flush()
        if text or reasoning:
            yield Event("delta", text, reasoning)
