"""The answer formats of transcriptions in other APIs: here they are segments or subtitles."""

from __future__ import annotations

from ....values import Json
from .parameters import Parameters


def read_transcript_format(answer: Json, parameters: Parameters, source: str) -> None:
    """Ask for what a format such as `srt` or `verbose_json` holds; report any other."""
    kind = str(answer or "").lower()
    if kind in ("srt", "vtt"):
        parameters.values["subtitles"] = [kind]
        parameters.converted("subtitles", f"the {kind} file is in `metadata.files`", source)
    elif kind == "verbose_json":
        parameters.values["segments"] = True
        parameters.converted("segments", "the segments are in `metadata.segments`", source)
    elif kind in ("json", "text"):
        parameters.note_converted(source, "the result is the text")
    elif answer is not None:
        parameters.dropped(source, f"{answer!r} is no format that is known")


def read_granularities(asked: Json, parameters: Parameters, source: str) -> None:
    """Ask for segments where they are asked for; report the times of words."""
    listed = asked if isinstance(asked, list) else [asked]
    for one in listed if asked is not None else ():
        if one == "segment":
            parameters.values["segments"] = True
            parameters.converted("segments", "the segments are in `metadata.segments`", source)
        else:
            parameters.dropped(source, f"{one!r}: only segments have times here")
