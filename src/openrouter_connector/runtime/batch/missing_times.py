"""What a transcript lacks of the times that were requested, and the call for audio at a URL."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from ...definition.model import Action, SplitAudio
from ...values import JsonObject, Metadata, Result
from ..run import run
from ..services import Report, Services
from .join_transcripts import store_subtitles


async def transcribe_whole(
    action: Action, word: SplitAudio, values: JsonObject, services: Services, report: Report
) -> Result:
    """Return the result of one call for audio that is not here to be split.

    Subtitles are made of the segments of the answer. Whatever is missing in it is a warning.
    """
    formats: list[str] = values.get(word.subtitles or "") or []
    requested = {word.segments: True} if formats and word.segments else {}
    result = await run(action, values | requested, services, report)
    metadata = result.metadata
    warnings = [*metadata.warnings, *missing_words(word, values, metadata)]
    if values.get(word.segments or "") and not metadata.segments:
        warnings.append("the model returned no times, so there are no segments")
    if formats and not metadata.segments:
        warnings.append(f"the model returned no times, so there is no {' or '.join(formats)} file")
    elif formats:
        files = await store_subtitles(formats, metadata.segments, services.files, warnings)
        metadata = replace(metadata, files=(*metadata.files, *files))
    return replace(result, metadata=replace(metadata, warnings=tuple(warnings)))


def missing_words(word: SplitAudio, values: JsonObject, metadata: Metadata) -> Iterator[str]:
    """Yield a warning for requested words, and for requested speakers, that are not there."""
    words = metadata.words or []
    if values.get(word.words or "") and not words:
        yield "the model returned no words with times"
    if values.get(word.speakers or "") and not any("speaker" in one for one in words):
        yield "the model returned no speakers"
