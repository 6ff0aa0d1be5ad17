"""A picture that shows its prompt: a poster in two colours, drawn with Pillow."""

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

from ..checks.fields import TIERS
from .image_inspection import CARRIED

MEDIA_TYPES = {"png": "image/png", "jpeg": "image/jpeg", "webp": "image/webp"}
LONGEST_TEXT = 4000
Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Poster:
    """What is to be drawn; the size is in pixels."""

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
        """Give a picture whose longer side is the tier, and whose sides have the ratio."""
        ratio = "1:1" if aspect_ratio in (None, "auto") else str(aspect_ratio)
        tier = resolution or "1K"
        size = pixels(ratio, TIERS[tier])
        caption = f"{ratio} · {tier} · {size[0]}x{size[1]}"
        caption += "" if seed is None else f" · seed {seed}"
        return cls(prompt, size, caption, seed or 0, tuple(references), transparent)


def pixels(ratio: str, longest: int) -> tuple[int, int]:
    """Give width and height in pixels: 16:9 at 1024 is 1024 × 576."""
    wide, _, high = ratio.partition(":")
    width, height = float(wide), float(high)
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def render(picture: Poster, output_format: str = "png", quality: int = 85) -> bytes:
    """Draw a picture and give the bytes of the file, which carries the prompt."""
    image = draw(picture)
    says = picture.prompt[:LONGEST_TEXT].encode(errors="replace")
    out = io.BytesIO()
    if output_format == "png":
        carrying = PngInfo()
        carrying.add_itxt(CARRIED, says.decode())
        image.save(out, "PNG", compress_level=4, pnginfo=carrying)
        return out.getvalue()
    exif = Image.Exif()
    exif[ExifTags.Base.ImageDescription] = says
    if output_format == "webp":
        image.save(out, "WEBP", quality=quality, method=0, exif=exif)
    else:
        image.convert("RGB").save(out, "JPEG", quality=quality, exif=exif)
    return out.getvalue()


def data_url(picture: Poster) -> str:
    """Draw a picture as a data URL."""
    return "data:image/png;base64," + base64.b64encode(render(picture)).decode()


def draw(picture: Poster) -> Image.Image:
    """Draw a picture in memory."""
    width, height = picture.size
    dark, light = _colours(picture)
    image = _background(picture, dark, light)
    draw = ImageDraw.Draw(image)
    unit = min(width, height) / 100
    margin = round(8 * unit)
    ink = (*_mix(dark, (0, 0, 0), 0.55), 255) if picture.transparent else (255, 255, 255, 255)
    fill = ink if picture.transparent else ink[:3]
    thumbnails = _thumbnails(picture.references, round(16 * unit))
    footer = round((8 + (20 if thumbnails else 0)) * unit) + margin
    room = (width - 2 * margin, height - margin - footer)
    text, font = _fitted(picture.prompt, room, unit)
    draw.multiline_text((margin, margin), text, fill, font, spacing=font.size * 0.3)
    foot = ImageFont.load_default(max(6, 2.6 * unit))
    draw.text((margin, height - margin), f"Sandbox · {picture.caption}", fill, foot, anchor="ls")
    for number, thumbnail in enumerate(thumbnails):
        left = round(margin + number * 18 * unit)
        image.paste(thumbnail, (left, round(height - margin - 22 * unit)))
    return image


def _colours(picture: Poster) -> tuple[Colour, Colour]:
    digest = hashlib.sha256(f"{picture.seed} {picture.prompt}".encode()).digest()
    hue = digest[0] / 256
    other = (hue + 0.08 + digest[1] / 1600) % 1
    return _rgb(hue, 0.60, 0.42), _rgb(other, 0.52, 0.68)


def _rgb(hue: float, saturation: float, value: float) -> Colour:
    red, green, blue = colorsys.hsv_to_rgb(hue, saturation, value)
    return round(red * 255), round(green * 255), round(blue * 255)


def _background(picture: Poster, dark: Colour, light: Colour) -> Image.Image:
    if picture.transparent:
        return Image.new("RGBA", picture.size, (255, 255, 255, 0))
    slope = Image.linear_gradient("L").resize((1, picture.size[1]))
    image = ImageOps.colorize(slope, dark, light).resize(picture.size)
    veil = Image.new("L", picture.size)
    draw = ImageDraw.Draw(veil)
    width, height = picture.size
    digest = hashlib.sha256(picture.prompt.encode()).digest()
    for place in range(3):
        x, y, size = (digest[place * 3 + step] / 256 for step in range(3))
        radius = min(width, height) * (0.08 + 0.16 * size)
        centre = (width * (0.45 + 0.5 * x), height * (0.3 + 0.6 * y))
        draw.circle(centre, radius, fill=26)
    image.paste((255, 255, 255), mask=veil)
    return image


def _mix(one: Colour, other: Colour, share: float) -> Colour:
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def _fitted(prompt: str, room: tuple[int, int], unit: float) -> tuple[str, ImageFont.FreeTypeFont]:
    """Wrap the prompt in the largest type that fits; cut it where even the smallest does not."""
    for size in (9, 7, 5.5, 4.2, 3.2):
        font = _font(max(6, size * unit))
        lines = _wrapped(prompt, font, room[0])
        most = max(1, int(room[1] / (font.size * 1.5)))
        if len(lines) <= most:
            return "\n".join(lines), font
    return "\n".join([*lines[: most - 1], "…"]), font


def _font(size: float) -> ImageFont.FreeTypeFont:
    font = ImageFont.load_default(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise TypeError("Pillow was built without FreeType")
    return font


def _wrapped(text: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Break a text into lines; widths are summed letter by letter, which is quick and near."""
    letter = cache(font.getlength)
    lines: list[str] = []
    for paragraph in text[:LONGEST_TEXT].splitlines() or [""]:
        line = ""
        for piece in (part for word in paragraph.split() for part in _cut(word, letter, width)):
            longer = f"{line} {piece}".strip()
            if line and sum(map(letter, longer)) > width:
                lines.append(line)
                longer = piece
            line = longer
        lines.append(line)
    return lines


def _cut(word: str, letter: Callable[[str], float], width: int) -> Iterator[str]:
    """Cut a word that is too long for a line into pieces that are not."""
    start, used = 0, 0.0
    for at, sign in enumerate(word):
        used += letter(sign)
        if used > width and at > start:
            yield word[start:at]
            start, used = at, letter(sign)
    yield word[start:]


def _thumbnails(references: Sequence[str], side: int) -> list[Image.Image]:
    return [_thumbnail(reference, side) for reference in references[:4]]


def _thumbnail(reference: str, side: int) -> Image.Image:
    """Give a small square of a reference; a link, which is not followed, becomes a grey one."""
    try:
        data = base64.b64decode(reference.partition(",")[2], validate=True)
        with Image.open(io.BytesIO(data)) as image:
            return ImageOps.fit(image.convert("RGB"), (side, side))
    except (binascii.Error, UnidentifiedImageError, OSError):
        return Image.new("RGB", (side, side), (128, 128, 128))
