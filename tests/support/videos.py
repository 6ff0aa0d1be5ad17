"""A film as a player shows it."""

from __future__ import annotations

import io
from dataclasses import dataclass

import av
from PIL import Image


@dataclass(frozen=True, slots=True)
class Film:
    """What was decoded; the size is in pixels."""

    codec: str
    size: tuple[int, int]
    seconds: float
    frames: list[Image.Image]


def decoded(data: bytes) -> Film:
    """Decode an mp4, whole."""
    with av.open(io.BytesIO(data), "r", format="mp4") as container:
        (stream,) = container.streams
        frames = [_image(frame) for frame in container.decode(video=0)]
        seconds = (container.duration or 0) / av.time_base
        return Film(stream.codec_context.name, frames[0].size, seconds, frames)


def _image(frame: av.VideoFrame) -> Image.Image:
    rgb = frame.reformat(format="rgb24")
    (plane,) = rgb.planes
    return Image.frombytes(
        "RGB", (rgb.width, rgb.height), bytes(plane), "raw", "RGB", plane.line_size
    )
