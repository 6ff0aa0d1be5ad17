"""A long sound to text: cut at silences, its parts written down, and their times put together."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from decimal import Decimal
from math import ceil
from time import monotonic
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from ...definition.model import Action, Split
from ...errors import ApiError, ConnectorError, FileError, IncompleteError, MissingExtraError
from ...values import Event, FileEntry, JsonObject, LoadedFile, Metadata, Result
from ..audio import AudioInfo, Segment, merged, probe, split, srt, vtt
from ..files.store import FileStore
from ..load import load_files
from ..run import run
from ..services import Report, Services
from .concurrency import many
from .totals import total, warnings_of

if TYPE_CHECKING:
    from ..preflight.interval import Span

LARGEST = 24_000_000
"""Bytes of a file in one call; the API takes 25 MB."""
NOTHING_HEARD = "nothing is heard in the file, which is silent throughout; so it is not sent"
_TOO_LARGE = (
    "the file is too large for one call; its sound goes as FLAC of one channel, in one part or more"
)
_PADDING = 0.2
"""Seconds that encoders add: a minute of sound as an MP3 is no longer for it."""
UNTIMED = 20.0
"""Seconds of a part, where its length is all that tells when something was said."""


async def split_sound(
    action: Action, word: Split, values: JsonObject, services: Services, report: Report
) -> Result:
    """Write a sound down, whole when it is short enough.

    What is silent is not sent. When a part fails, the IncompleteError keeps the text of the others.
    """
    given = await load_files(action.properties, values, services.files, heard=word.property)
    loaded, audio = await looked_into(word, given)
    file: LoadedFile = loaded[word.property]
    wanted = loaded.get(word.subtitles or "") or []
    timed = _timed(word, loaded)
    longest = float(loaded[word.longest])
    if audio is None or not (timed or audio.silent or _long(audio, file, longest)):
        result = await run(action, loaded, services, report)
        warnings = (*(audio.warnings if audio else ()), *result.metadata.warnings)
        return replace(result, metadata=replace(result.metadata, warnings=warnings))
    await report(Event("started"))
    written = _Written(action, word, services, report, audio, warnings=[*audio.warnings])
    await written.down(loaded, file, longest, timed=timed)
    return await written.result(timed, wanted)


async def looked_into(word: Split, loaded: JsonObject) -> tuple[JsonObject, AudioInfo | None]:
    """Tell what a sound is, before it is paid for, and call the file what it is.

    None for one that may go as it is, unseen. FileError when it is no sound, MissingExtraError when
    it is to be cut and nobody can.
    """
    file: LoadedFile = loaded[word.property]
    try:
        audio = await probe(file, where=word.property)
    except MissingExtraError:
        if _timed(word, loaded) or file.size > LARGEST:
            raise
        if not file.size:
            raise FileError(f"{word.property}: the file is empty", word.property) from None
        return loaded, None
    called = file.called or file.entry.extension
    if audio.kind == called:
        return loaded, audio
    told = f"the file is {audio.kind}, and not {called}, and is taken for what it is"
    named = replace(file, entry=replace(file.entry, extension=audio.kind), called="")
    return {**loaded, word.property: named}, replace(audio, warnings=(*audio.warnings, told))


def told_of(audio: AudioInfo, word: Split, loaded: JsonObject) -> list[str]:
    """Say what becomes of a sound: what is wrong with it, and how many calls it takes."""
    longest = float(loaded[word.longest])
    told = [*audio.warnings]
    if audio.silent:
        told.append(NOTHING_HEARD)
    elif _long(audio, loaded[word.property], longest):
        parts = ceil(audio.seconds / longest)
        length = f"{audio.seconds:,.0f} seconds go in {parts:,} parts or more"
        told.append(f"{length if parts > 1 else _TOO_LARGE}, and what is silent is not sent")
    return told


def heard_of(audio: AudioInfo, word: Split, loaded: JsonObject) -> Span:
    """Tell how many seconds of a sound are sent: of one that may be cut, some can be left out."""
    from ..preflight.interval import NOTHING, Span  # a run has no need of it

    if audio.silent:
        return NOTHING
    seconds = Span.of(Decimal(str(audio.seconds)))
    *_, (_, shortest) = _courses(float(loaded[word.longest]), timed=_timed(word, loaded))
    return NOTHING | seconds if _long(audio, loaded[word.property], shortest) else seconds


def _timed(word: Split, loaded: JsonObject) -> bool:
    return bool(loaded.get(word.segments or "") or loaded.get(word.subtitles or ""))


def _long(audio: AudioInfo, file: LoadedFile, longest: float) -> bool:
    return audio.seconds > longest + _PADDING or file.size > LARGEST


def _courses(longest: float, *, timed: bool) -> list[tuple[bool, float]]:
    """Give what is tried one after another: whether times are asked for, and how long a part is."""
    return [(timed, longest)] + [(False, min(longest, UNTIMED))] * timed


class _UntimedError(Exception):
    """The model does not tell when something was said."""


@dataclass(slots=True)
class _Written:
    """The parts of a sound, and what became of each."""

    action: Action
    word: Split
    services: Services
    report: Report
    audio: AudioInfo
    spans: list[tuple[float, float]] = field(default_factory=list)
    sent: list[int] = field(default_factory=list)
    """Which of them went out, in their order."""
    came: dict[int, Result | ConnectorError] = field(default_factory=dict)
    warnings: list[str] = field(default_factory=list)
    started: float = field(default_factory=monotonic)

    async def down(
        self, values: JsonObject, file: LoadedFile, longest: float, *, timed: bool
    ) -> None:
        """Write all parts down, and report progress in seconds of sound.

        Where the model does not time its words the parts are short, so that their places tell it.
        """
        for asked, length in _courses(longest, timed=timed):
            self.spans, self.sent, self.came = [], [], {}
            told = values | {self.word.segments or "": asked, self.word.subtitles or "": None}
            try:
                return await self._all(told, file, length)
            except _UntimedError:
                self.warnings.append("the model does not time its words; their parts tell it")

    async def _all(self, values: JsonObject, file: LoadedFile, longest: float) -> None:
        done, writing = 0.0, _Writing(self.action, self.word, values, self.services)
        calls = many(self._audible(file, longest), values[self.word.concurrency], writing.write)
        try:
            async with aclosing(calls) as ended:
                async for place, came in ended:
                    if place == 0 and _is_untimed(came):
                        raise _UntimedError
                    self.came[self.sent[place]] = came
                    start, end = self.spans[self.sent[place]]
                    done += end - start
                    whole = max(round(self.audio.seconds), round(done))
                    progress = Event("progress", done=round(done), total=whole, unit="seconds")
                    await self.report(progress)
        except ConnectorError as error:  # the sound could not be cut any further
            if not self.came:
                raise
            self.came[len(self.spans)] = error
            self.spans.append((self.spans[-1][1], self.audio.seconds))

    async def _audible(self, file: LoadedFile, longest: float) -> AsyncGenerator[LoadedFile]:
        """Give the parts that somebody can be heard in; all of a sound that is short."""
        if self.audio.silent:
            self._pass_over(0.0, self.audio.seconds)
            return
        if not _long(self.audio, file, longest):
            self.spans, self.sent = [(0.0, self.audio.seconds)], [0]
            yield file
            return
        parts = split(file, longest=longest, largest=LARGEST, where=self.word.property)
        async with aclosing(parts) as found:
            async for part in found:
                if part.silent:
                    self._pass_over(part.start, part.end)
                else:
                    self.sent.append(len(self.spans))
                    self.spans.append((part.start, part.end))
                    yield part.file

    def _pass_over(self, start: float, end: float) -> None:
        self.came[len(self.spans)] = Result("", Metadata(attempts=0))
        self.spans.append((start, end))

    async def result(self, timed: bool, subtitles: list[str]) -> Result:
        """Put the parts together; IncompleteError when one of them failed."""
        outcomes = [self.came.get(index) for index in range(len(self.spans))]
        good = [one for one in outcomes if isinstance(one, Result)]
        if len(good) < len(outcomes):
            raise _broken(outcomes, self.spans, self.audio.seconds)
        calls = [one.metadata for one in good]
        warnings = [*self.warnings, *warnings_of(calls), *self._told(good)]
        paid = [] if self.sent else [0.0]  # nothing was heard, so nothing was sent
        metadata = total(calls, self.started, warnings, paid)
        if timed:
            heard = [
                (start, end, one.output, one.metadata.segments)
                for (start, end), one in zip(self.spans, good, strict=True)
            ]
            segments = merged(heard)
            files = await _stored(subtitles, segments, self.services.files, warnings)
            metadata = replace(
                metadata, segments=segments, files=tuple(files), warnings=tuple(warnings)
            )
        return Result(_text(good), metadata)

    def _told(self, good: list[Result]) -> list[str]:
        if not self.sent:
            return [NOTHING_HEARD]
        silent = sum(one.metadata.attempts == 0 for one in good)
        sent = len(good) - silent
        told = [f"written down in {sent} parts"] if sent > 1 else []
        return told + ([f"{silent} silent parts were not sent"] if silent else [])


class _Writing:
    """The calls for the parts. For times the first goes alone, since it shows whether they come."""

    def __init__(self, action: Action, word: Split, values: JsonObject, services: Services) -> None:
        self._action = action
        self._word = word
        self._values = values
        self._hands = services
        self._timed = bool(values.get(word.segments or ""))
        self._first = asyncio.Event()
        self._refused: ApiError | None = None

    async def write(self, place: int, part: LoadedFile) -> Result:
        """Write one part down."""
        if not self._timed:
            return await self._written(part)
        if place:
            await self._first.wait()
            if self._refused:
                raise self._refused
        try:
            return await self._written(part)
        except ApiError as error:
            if not _is_untimed(error):
                raise
            if place:  # another provider, for which the others need not be bought again
                return await self._written(part, {self._word.segments or "": False})
            self._refused = error
            raise
        finally:
            self._first.set()

    async def _written(self, part: LoadedFile, other: JsonObject | None = None) -> Result:
        values = {**self._values, self._word.property: part, **(other or {})}
        return await run(self._action, values, self._hands)


def _is_untimed(came: Result | ConnectorError) -> bool:
    """Tell whether a refusal means that times cannot be had of this model."""
    return isinstance(came, ApiError) and came.status == 400 and "verbose_json" in came.message


def _text(good: list[Result]) -> str:
    return _joined(text for one in good if (text := one.output.strip()))


def _joined(texts: Iterable[str]) -> str:
    """Put texts one after another, with a space where their scripts have one."""
    whole = ""
    for text in texts:
        wide = whole and east_asian_width(whole[-1]) in "WF" and east_asian_width(text[0]) in "WF"
        whole += text if wide or not whole else f" {text}"
    return whole


_MAKERS = {"srt": srt, "vtt": vtt}


async def _stored(
    subtitles: list[str], segments: list[Segment], store: FileStore, warnings: list[str]
) -> list[FileEntry]:
    """Store the subtitles. The text is not lost when they cannot be stored."""
    files = []
    for kind in subtitles:
        made = _MAKERS[kind](segments).encode()
        try:
            name = f"subtitles.{kind}"
            files.append(await store.put(made, name, extension=kind, rescued=warnings))
        except FileError as error:
            warnings.append(f"{kind} could not be stored: {error.message}")
    return files


def _broken(
    outcomes: list[Result | ConnectorError | None],
    spans: list[tuple[float, float]],
    seconds: float,
) -> ConnectorError:
    """Say what is missing and why, and keep the text of what is not."""
    why = next(one for one in outcomes if isinstance(one, ConnectorError))
    if not any(isinstance(one, Result) and one.output.strip() for one in outcomes):
        return why
    ended = spans[-1][1]
    if ended < seconds - 1:  # no further part was begun
        outcomes, spans = [*outcomes, None], [*spans, (ended, seconds)]
    kept, missing = [], []
    for (start, end), one in zip(spans, outcomes, strict=True):
        place = f"{_clock(start)}–{_clock(end)}"
        if isinstance(one, Result):
            kept.append(one.output.strip())
        else:
            kept.append(f"[{place} is missing]")
            missing.append(place)
    told = f"{', '.join(missing)} could not be written down: {why.message}"
    return IncompleteError(told, partial=_joined(filter(None, kept)))


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"
