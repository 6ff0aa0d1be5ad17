"""Render a video that shows its prompt: a poster with a moving bar, as H.264 in an mp4."""

from __future__ import annotations

import io
from collections.abc import Iterator

from PIL import Image

from .poster import Poster, draw

HEIGHTS = {"480p": 480, "720p": 720}
FRAME_RATE = 5
ENCODER = {
    "preset": "ultrafast",
    "tune": "stillimage",
    "threads": "1",  # the bytes are the same on every machine
}


def render_video(
    prompt: str, *, resolution: str, aspect_ratio: str, seconds: int, seed: int = 0
) -> bytes:
    """Return an mp4; the resolution is that of its shorter side."""
    import av  # loads all of FFmpeg: only when a video is requested

    size = frame_size(resolution, aspect_ratio)
    caption = f"video · {aspect_ratio} · {resolution} · {size[0]}x{size[1]} · {seconds} s"
    poster = draw(Poster(prompt, size, caption, seed)).convert("RGBA")
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream = container.add_stream("libx264", FRAME_RATE, ENCODER)
        stream.width, stream.height = size
        stream.pix_fmt = "yuv420p"
        for image in _frames(poster, seconds * FRAME_RATE):
            frame = av.VideoFrame.from_bytes(image.tobytes(), *size, format="rgba")
            container.mux(stream.encode(frame))
        # Flush: the encoder holds frames back.
        container.mux(stream.encode())
    return out.getvalue()


def frame_size(resolution: str, aspect_ratio: str) -> tuple[int, int]:
    """Return width and height in pixels, both even as H.264 requires: 16:9 at 480p is 854 × 480.

    Other resolutions, which only played models have, are drawn as 480p.
    """
    wide, high = map(int, aspect_ratio.split(":"))
    scale = HEIGHTS.get(resolution, 480) / min(wide, high)
    return 2 * round(wide * scale / 2), 2 * round(high * scale / 2)


def _frames(poster: Image.Image, count: int) -> Iterator[Image.Image]:
    """Yield the poster with a white bar at its lower edge, which is full in the last frame."""
    width, height = poster.size
    for number in range(1, count + 1):
        frame = poster.copy()
        frame.paste((255, 255, 255), (0, height - 6, width * number // count, height))
        yield frame
