"""Inspect an audio file: count its packets, and decode until something can be heard."""

from __future__ import annotations

from av.audio.frame import AudioFrame

from .decode import GapFinder, Source, decode_packet, no_audio, open_audio, read_samples
from .seekable_file import SeekableFile
from .silence import SILENT, loudness
from .values import AudioInfo

_STREAMED = 0x7FFF_0000  # from here on, the size in a WAV header is a placeholder of a stream
_KINDS = {"mov,mp4,m4a,3gp,3g2,mj2": "m4a", "matroska,webm": "webm"}
_PADDING = 0.5  # seconds that a header may count too many, for the padding of encoders


def inspect(file: SeekableFile) -> AudioInfo:
    """Return what a file is. FileError when no audio can be decoded from it."""
    with open_audio(file) as source:
        gaps, seconds, size = GapFinder(), 0.0, 0
        unit = float(source.stream.time_base or 0)
        first: AudioFrame | None = None
        for packet in source.packets():
            first = first or next(iter(decode_packet(packet)), None)
            length = (packet.duration or 0) * unit
            start = None if packet.pts is None else packet.pts * unit
            seconds += gaps.before(start, length) + length
            size += packet.size
        if not first:
            raise no_audio()
        codec = source.stream.codec_context.codec.canonical_name
        form = source.container.format.name
        # Samples after the end that the header declares are not decoded, so they may not be silent.
        partial = form == "wav" and size < file.size() / 2
        warnings = []
        if _is_cut_off(source, file, seconds):
            warnings.append(f"the file is cut off after {seconds:.0f} seconds")
        if partial:
            warnings.append(f"the file contains more than the {seconds:.1f} seconds of its header")
        rate, channels = first.sample_rate, first.layout.nb_channels
    kind = _KINDS.get(form, form)
    silent = not partial and _is_silent(file)
    return AudioInfo(round(seconds, 3), codec, rate, channels, kind, silent, tuple(warnings))


def _is_silent(file: SeekableFile) -> bool:
    with open_audio(file) as source:
        return all(loudness(samples, rate) <= SILENT for samples, rate in read_samples(source))


def _is_cut_off(source: Source, file: SeekableFile, seconds: float) -> bool:
    """Return whether the file is shorter than a header that can be trusted says."""
    match source.container.format.name:
        case "wav":
            length = int.from_bytes(file.read(4, 4), "little")
            return length < _STREAMED and length + 8 > file.size() + 1
        case "aac" | "ogg":
            return False  # FFmpeg estimates their length
        case "mp3" if not _has_frame_count(file):
            return False
    stream = source.stream
    if stream.duration and stream.time_base:
        declared = float(stream.duration * stream.time_base)
    else:
        # The length of a container may be that of a longer video beside the audio.
        only_audio = len(source.container.streams) == 1
        declared = (source.container.duration or 0) / 1e6 if only_audio else 0.0
    return declared > seconds * 1.01 + _PADDING


def _has_frame_count(file: SeekableFile) -> bool:
    """Return whether an MP3 starts with a frame that holds the number of frames."""
    head = file.read(0, 10)
    tag = sum(byte << shift for byte, shift in zip(head[6:], (21, 14, 7, 0), strict=False))
    frame = file.read(10 + tag if head.startswith(b"ID3") else 0, 64)
    return b"Xing" in frame or b"Info" in frame
