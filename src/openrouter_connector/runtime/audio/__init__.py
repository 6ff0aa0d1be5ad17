"""Sound that is too long for one request: cut at its silences, and put together again.

    split     a file in parts, on the way in
    joined    parts as one file, on the way out
    probe     what a file is, before anything is paid for
    merged    what was said in the parts, on one timeline; as subtitles: srt, vtt
    pieces    a long text in parts that can be spoken one by one

What reads and writes sound needs the extra `audio`, and is imported when it is first used.
"""

from ..batch.sentences import pieces
from .join import check_joinable, joined
from .probe import AudioInfo, probe
from .split import Part, split
from .timeline import Heard, Segment, merged, srt, vtt

__all__ = [
    "AudioInfo",
    "Heard",
    "Part",
    "Segment",
    "check_joinable",
    "joined",
    "merged",
    "pieces",
    "probe",
    "split",
    "srt",
    "vtt",
]
