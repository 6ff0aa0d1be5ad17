"""Send the parts of audio, and retry without times where the model returns none."""

from __future__ import annotations

import asyncio

from ...definition.model import Action, SplitAudio
from ...errors import ApiError, ConnectorError
from ...values import JsonObject, LoadedFile, Result
from ..hooks import hook_of
from ..run import run
from ..services import Services
from .concurrency import HOPELESS, isolated


class PartCalls:
    """The calls for the parts of one file.

    With times, the first part is sent alone: its response shows whether the model returns times, so
    that no other part is paid for in vain. What would fail in all parts fails in the first.
    """

    def __init__(
        self, action: Action, word: SplitAudio, values: JsonObject, services: Services
    ) -> None:
        """Send parts with these values; each part replaces the file in them."""
        self._action = action
        self._word = word
        self._values = values
        self._services = services
        self._timed = bool(values.get(word.segments or ""))
        self._first_done = asyncio.Event()
        self._refusal: ConnectorError | None = None

    async def send(self, index: int, part: LoadedFile) -> Result:
        """Send one part. Raises the error of the first part if all parts would meet it."""
        if not self._timed:
            return await self._call(part)
        if index:
            await self._first_done.wait()
            if self._refusal:
                raise self._refusal
        try:
            return await self._call(part)
        except ConnectorError as error:
            without_times = is_without_times(self._action, error)
            if (
                index and without_times
            ):  # this part reached another provider; the finished parts keep their times
                return await self._call(part, {self._word.segments or "": False})
            if not index and (without_times or isinstance(error, HOPELESS)):
                self._refusal = error
            raise
        finally:
            self._first_done.set()

    async def _call(self, part: LoadedFile, changes: JsonObject | None = None) -> Result:
        values = {**self._values, self._word.property: part, **(changes or {})}
        # The finished parts are paid for; a fault of our own in one must not lose them.
        return await isolated(run(self._action, values, self._services))


def is_without_times(action: Action, outcome: Result | ConnectorError) -> bool:
    """Return whether the API refused a part because the model returns no times."""
    lacks_times = hook_of(action, "lacks_times")
    return bool(lacks_times and isinstance(outcome, ApiError) and lacks_times(outcome))
