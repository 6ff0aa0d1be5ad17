"""The work of looking at a sound: its packets are counted, and decoded until something is heard."""

from __future__ import annotations

from av.audio.frame import AudioFrame

from .decode import Clock, Source, blocks, decoded, nothing, opened
from .probe import AudioInfo
from .seekable_file import Spool
from .silence import SILENT, loudest

_ENDLESS = 0x7FFF_0000  # what a WAV header says from here on is no size: it was written before
_KINDS = {"mov,mp4,m4a,3gp,3g2,mj2": "m4a", "matroska,webm": "webm"}
_LACKING = 0.5  # seconds that a header may promise more, for the padding of encoders


def look(spool: Spool) -> AudioInfo:
    """Tell what a file is. FileError when nothing of it can be heard."""
    with opened(spool) as source:
        clock, seconds, size = Clock(), 0.0, 0
        unit = float(source.stream.time_base or 0)
        first: AudioFrame | None = None
        for packet in source.packets():
            first = first or next(iter(decoded(packet)), None)
            length = (packet.duration or 0) * unit
            start = None if packet.pts is None else packet.pts * unit
            seconds += clock.gap(start, length) + length
            size += packet.size
        if not first:
            raise nothing()
        codec = source.stream.codec_context.codec.canonical_name
        form = source.container.format.name
        partly = form == "wav" and size < spool.size() / 2
        warnings = []
        if _cut_off(source, spool, seconds):
            warnings.append(f"the file is cut off after {seconds:.0f} seconds")
        if partly:
            warnings.append(f"the file holds more than the {seconds:.1f} seconds of its header")
        rate, channels = first.sample_rate, first.layout.nb_channels
    kind = _KINDS.get(form, form)
    silent = not partly and _silent(spool)
    return AudioInfo(round(seconds, 3), codec, rate, channels, kind, silent, tuple(warnings))


def _silent(spool: Spool) -> bool:
    with opened(spool) as source:
        return all(loudest(samples, rate) <= SILENT for samples, rate in blocks(source))


def _cut_off(source: Source, spool: Spool, seconds: float) -> bool:
    """Tell whether the header promises more than there is, as far as it can be trusted."""
    match source.container.format.name:
        case "wav":
            told = int.from_bytes(spool.read(4, 4), "little")
            return told < _ENDLESS and told + 8 > spool.size() + 1
        case "aac" | "ogg":
            return False  # FFmpeg estimates
        case "mp3" if not _counted(spool):
            return False
    stream = source.stream
    if stream.duration and stream.time_base:
        promised = float(stream.duration * stream.time_base)
    else:
        alone = len(source.container.streams) == 1
        promised = (source.container.duration or 0) / 1e6 if alone else 0.0
    return promised > seconds * 1.01 + _LACKING


def _counted(spool: Spool) -> bool:
    """Tell whether an MP3 begins with a frame that says how many there are."""
    head = spool.read(0, 10)
    tag = sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False))
    frame = spool.read(10 + tag if head.startswith(b"ID3") else 0, 64)
    return b"Xing" in frame or b"Info" in frame
