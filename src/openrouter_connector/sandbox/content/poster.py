"""Draw an image that shows its prompt: a poster in two colours, made with Pillow."""

from __future__ import annotations

import base64
import binascii
import colorsys
import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache

from PIL import ExifTags, Image, ImageDraw, ImageFont, ImageOps, UnidentifiedImageError
from PIL.PngImagePlugin import PngInfo

from .image_inspection import TEXT_KEY

TIERS = {
    "512": 512,
    "0.5K": 512,
    "768": 768,
    "1K": 1024,
    "1.5K": 1536,
    "2K": 2048,
    "4K": 4096,
}
"""The longer side of an image in pixels, by its `resolution`."""
MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
MAX_TEXT = 4000
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Poster:
    """What to draw; the size is in pixels."""

    prompt: str
    size: tuple[int, int]
    caption: str
    seed: int = 0
    references: tuple[str, ...] = ()
    transparent: bool = False

    @classmethod
    def of(
        cls,
        prompt: str,
        *,
        aspect_ratio: str | None,
        resolution: str | None,
        seed: int | None,
        references: Sequence[str] = (),
        transparent: bool = False,
    ) -> Poster:
        """Return a poster of this aspect ratio, whose longer side is that of the resolution."""
        ratio = "1:1" if aspect_ratio in (None, "auto") else str(aspect_ratio)
        tier = resolution or "1K"
        size = size_in_pixels(ratio, TIERS[tier])
        caption = f"{ratio} · {tier} · {size[0]}x{size[1]}"
        caption += "" if seed is None else f" · seed {seed}"
        return cls(prompt, size, caption, seed or 0, tuple(references), transparent)


def size_in_pixels(ratio: str, longer_side: int) -> tuple[int, int]:
    """Return width and height in pixels: 16:9 at 1024 is 1024 × 576."""
    wide, _, high = ratio.partition(":")
    width, height = float(wide), float(high)
    scale = longer_side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def render(poster: Poster, output_format: str = "png", quality: int = 85) -> bytes:
    """Draw a poster and return the bytes of the file, with the prompt embedded."""
    image = draw(poster)
    # Bounded, so that a long prompt does not make a large file.
    text = poster.prompt[:MAX_TEXT].encode(errors="replace")
    out = io.BytesIO()
    if output_format == "png":
        chunks = PngInfo()
        chunks.add_itxt(TEXT_KEY, text.decode())
        image.save(out, "PNG", compress_level=4, pnginfo=chunks)
        return out.getvalue()
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = text
    # `method=0` is the fastest encoder; the images are for looking at, not for archives.
    if output_format == "webp":
        image.save(out, "WEBP", quality=quality, method=0, exif=exif)
    else:
        image.convert("RGB").save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def data_url(poster: Poster) -> str:
    """Draw a poster and return it as a data URL."""
    return "data:image/png;base64," + base64.b64encode(render(poster)).decode()


def draw(poster: Poster) -> Image.Image:
    """Draw a poster in memory."""
    width, height = poster.size
    dark, light = _colours(poster)
    image = _background(poster, dark, light)
    draw = ImageDraw.Draw(image)
    unit = min(width, height) / 100
    margin = round(8 * unit)
    ink = (*_mix(dark, (0, 0, 0), 0.55), 255) if poster.transparent else (255, 255, 255, 255)
    fill = ink if poster.transparent else ink[:3]
    thumbnails = _thumbnails(poster.references, round(16 * unit))
    footer = round((8 + (20 if thumbnails else 0)) * unit) + margin
    room = (width - 2 * margin, height - margin - footer)
    text, font = _fit_text(poster.prompt, room, unit)
    draw.multiline_text((margin, margin), text, fill, font, spacing=font.size * 0.3)
    foot = ImageFont.load_default(max(6, 2.6 * unit))
    draw.text((margin, height - margin), f"Sandbox · {poster.caption}", fill, foot, anchor="ls")
    for index, thumbnail in enumerate(thumbnails):
        left = round(margin + index * 18 * unit)
        image.paste(thumbnail, (left, round(height - margin - 22 * unit)))
    return image


def _colours(poster: Poster) -> tuple[Colour, Colour]:
    digest = hashlib.sha256(f"{poster.seed} {poster.prompt}".encode()).digest()
    hue = digest[0] / 256
    other = (hue + 0.08 + digest[1] / 1600) % 1
    return _rgb(hue, 0.60, 0.42), _rgb(other, 0.52, 0.68)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _background(poster: Poster, dark: Colour, light: Colour) -> Image.Image:
    if poster.transparent:
        return Image.new("RGBA", poster.size, (255, 255, 255, 0))
    slope = Image.linear_gradient("L").resize((1, poster.size[1]))
    image = ImageOps.colorize(slope, dark, light).resize(poster.size)
    veil = Image.new("L", poster.size)
    draw = ImageDraw.Draw(veil)
    width, height = poster.size
    digest = hashlib.sha256(poster.prompt.encode()).digest()
    for index in range(3):
        x, y, size = (digest[index * 3 + step] / 256 for step in range(3))
        radius = min(width, height) * (0.08 + 0.16 * size)
        centre = (width * (0.45 + 0.5 * x), height * (0.3 + 0.6 * y))
        draw.circle(centre, radius, fill=26)
    image.paste((255, 255, 255), mask=veil)
    return image


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _fit_text(
    prompt: str, room: tuple[int, int], unit: float
) -> tuple[str, ImageFont.FreeTypeFont]:
    """Wrap the prompt in the largest font that fits; cut it if even the smallest does not."""
    for size in (9, 7, 5.5, 4.2, 3.2):
        font = _font(max(6, size * unit))
        lines = _wrap(prompt, font, room[0])
        most = max(1, int(room[1] / (font.size * 1.5)))
        if len(lines) <= most:
            return "\n".join(lines), font
    return "\n".join([*lines[: most - 1], "…"]), font


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


def _wrap(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Wrap a text; widths are summed letter by letter, which is fast and almost exact."""
    letter_width = cache(font.getlength)
    lines: list[str] = []
    for paragraph in text[:MAX_TEXT].splitlines() or [""]:
        line = ""
        words = paragraph.split()
        parts = (part for word in words for part in _split_word(word, letter_width, width))
        for part in parts:
            longer = f"{line} {part}".strip()
            if line and sum(map(letter_width, longer)) > width:
                lines.append(line)
                longer = part
            line = longer
        lines.append(line)
    return lines


def _split_word(word: str, letter_width: Callable[[str], float], width: int) -> Iterator[str]:
    """Split a word that is too long for a line."""
    start, used = 0, 0.0
    for index, letter in enumerate(word):
        used += letter_width(letter)
        if used > width and index > start:
            yield word[start:index]
            start, used = index, letter_width(letter)
    yield word[start:]


def _thumbnails(references: Sequence[str], side: int) -> list[Image.Image]:
    return [_thumbnail(reference, side) for reference in references[:4]]


def _thumbnail(reference: str, side: int) -> Image.Image:
    """Return a reference as a small square; a grey one for a link, which is not followed."""
    try:
        data = base64.b64decode(reference.partition(",")[2], validate=True)
        with Image.open(io.BytesIO(data)) as image:
            return ImageOps.fit(image.convert("RGB"), (side, side))
    except (binascii.Error, UnidentifiedImageError, OSError):
        return Image.new("RGB", (side, side), (128, 128, 128))
