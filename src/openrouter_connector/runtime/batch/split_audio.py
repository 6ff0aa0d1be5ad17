"""Split long audio at its silences, send several parts at a time, and join their texts.

inspect ─▶ short: one call
        └▶ long or timed: parts ─▶ calls ─▶ joined text, segments, subtitles
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from time import monotonic

from ...definition.model import Action, SplitAudio
from ...errors import ConnectorError
from ...values import Event, JsonObject, LoadedFile, Metadata, Result
from ..audio.split import split_at_silences
from ..audio.values import AudioInfo
from ..load import load_files
from ..run import run
from ..services import Report, Services
from .audio_plan import SILENT, attempts, inspect_input, max_bytes, must_split, wants_times
from .concurrency import many
from .join_transcripts import (
    Interval,
    join_segments,
    join_text,
    join_words,
    partial_error,
    store_subtitles,
)
from .missing_times import missing_words
from .totals import total, warnings_of
from .transcribe_parts import PartCalls, is_without_times


async def split_audio(
    action: Action, word: SplitAudio, values: JsonObject, services: Services, report: Report
) -> Result:
    """Return the result of one call, or of a call for each part.

    Silent parts are not sent. When a part fails, the IncompleteError keeps the text of the others.
    """
    files = services.files
    loaded = await load_files(action.properties, values, files, may_be_empty=word.property)
    loaded, audio = await inspect_input(word, loaded)
    file: LoadedFile = loaded[word.property]
    max_seconds, timed = float(loaded[word.max_seconds]), wants_times(word, loaded)
    # One call is sent unchanged: cutting would cost quality and time.
    if audio is None or not (timed or audio.silent or must_split(word, audio, file, max_seconds)):
        result = await run(action, loaded, services, report)
        missing = missing_words(word, loaded, result.metadata)
        warnings = (*(audio.warnings if audio else ()), *result.metadata.warnings, *missing)
        return replace(result, metadata=replace(result.metadata, warnings=warnings))
    await report(Event("started"))
    parts = _Parts(action, word, services, report, audio, warnings=[*audio.warnings])
    await parts.send_all(loaded, file, max_seconds, timed=timed)
    return await parts.result(timed, loaded)


class _UntimedError(Exception):
    """The model returns no times."""


@dataclass(slots=True)
class _Parts:
    """The parts of one file in order, and the outcome of each."""

    action: Action
    word: SplitAudio
    services: Services
    report: Report
    audio: AudioInfo
    intervals: list[Interval] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    """The indexes of the parts that were sent, in their order."""
    outcomes: dict[int, Result | ConnectorError] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    started: float = field(default_factory=monotonic)

    async def send_all(
        self, values: JsonObject, file: LoadedFile, max_seconds: float, *, timed: bool
    ) -> None:
        """Send all parts, and report the progress in seconds of audio.

        Starts again with short parts without times when the model returns none.
        """
        for with_times, length in attempts(max_seconds, timed=timed):
            self.intervals, self.sent, self.outcomes = [], [], {}
            requested = {self.word.segments or "": with_times, self.word.subtitles or "": None}
            if timed and not with_times:
                requested[self.word.words or ""] = None
            try:
                return await self._send(values | requested, file, length)
            except _UntimedError:
                self.warnings.append("the model returns no times; segments are the parts sent")

    async def _send(self, values: JsonObject, file: LoadedFile, max_seconds: float) -> None:
        done, calls = 0.0, PartCalls(self.action, self.word, values, self.services)
        parts = self._audible(file, max_seconds)
        ended = many(parts, values[self.word.concurrency], calls.send)
        try:
            async with aclosing(ended) as outcomes:
                async for place, outcome in outcomes:
                    # Only the first part decides: after it, every call would be paid in vain.
                    if place == 0 and is_without_times(self.action, outcome):
                        raise _UntimedError
                    index = self.sent[place]
                    self.outcomes[index] = outcome
                    start, end = self.intervals[index]
                    done += end - start
                    # The length in the header may be too short, and 110 of 100 seconds look broken.
                    whole = max(round(self.audio.seconds), round(done))
                    progress = Event("progress", done=round(done), total=whole, unit="seconds")
                    await self.report(progress)
        except ConnectorError as error:  # the next part could not be cut
            if not self.outcomes:
                raise
            self._add(self.intervals[-1][1], self.audio.seconds, error)

    async def _audible(self, file: LoadedFile, max_seconds: float) -> AsyncGenerator[LoadedFile]:
        """Yield the parts that are not silent; the file itself when it fits into one call."""
        if self.audio.silent:
            self._add(0.0, self.audio.seconds, _not_sent())
            return
        if not must_split(self.word, self.audio, file, max_seconds):
            self.intervals, self.sent = [(0.0, self.audio.seconds)], [0]
            yield file
            return
        size, where = max_bytes(self.word), self.word.property
        parts = split_at_silences(file, seconds=max_seconds, size=size, where=where)
        async with aclosing(parts) as made:
            async for part in made:
                if part.silent:
                    self._add(part.start, part.end, _not_sent())
                else:
                    self.sent.append(len(self.intervals))
                    self.intervals.append((part.start, part.end))
                    yield part.file

    def _add(self, start: float, end: float, outcome: Result | ConnectorError) -> None:
        self.outcomes[len(self.intervals)] = outcome
        self.intervals.append((start, end))

    async def result(self, timed: bool, values: JsonObject) -> Result:
        """Join the parts. Raises IncompleteError when one of them failed."""
        outcomes = [self.outcomes.get(index) for index in range(len(self.intervals))]
        results = [outcome for outcome in outcomes if isinstance(outcome, Result)]
        if len(results) < len(outcomes):
            raise partial_error(outcomes, self.intervals, self.audio.seconds)
        calls = [result.metadata for result in results]
        warnings = [*self.warnings, *warnings_of(calls), *self._split_warnings()]
        free = [] if self.sent else [0.0]  # no call was made, so the cost is known
        metadata = total(calls, self.started, warnings, free)
        if words := join_words(results, self.intervals):
            metadata = replace(metadata, words=words)
        if self.sent:  # of silence nothing is missing
            warnings += missing_words(self.word, values, metadata)
            metadata = replace(metadata, warnings=tuple(warnings))
        if timed:
            subtitles = values.get(self.word.subtitles or "") or []
            segments = join_segments(results, self.intervals)
            files = await store_subtitles(subtitles, segments, self.services.files, warnings)
            metadata = replace(
                metadata, segments=segments, files=tuple(files), warnings=tuple(warnings)
            )
        return Result(join_text(result.output for result in results), metadata)

    def _split_warnings(self) -> list[str]:
        if not self.sent:
            return [SILENT]
        sent, silent = len(self.sent), len(self.intervals) - len(self.sent)
        warnings = [f"sent in {sent} parts"] if sent > 1 else []
        return warnings + ([f"{silent} silent parts were not sent"] if silent else [])


def _not_sent() -> Result:
    """Return the outcome of a silent part."""
    return Result("", Metadata(attempts=0))
