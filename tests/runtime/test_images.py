"""Images prepared for a model: unchanged where possible, else upright, smaller, plain."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import zlib
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from openrouter_connector import FileError
from openrouter_connector.runtime.images import prepare
from openrouter_connector.values import ImageInfo
from support.images import (
    ORIENTATION,
    TYPES,
    WHERE,
    chunk,
    content,
    known,
    loaded,
    noise,
    pixels,
    ramp,
    ready,
    segment,
    turned,
    written,
)

MODES = {
    "JPEG": ["L", "RGB", "CMYK"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "WEBP": ["RGB", "RGBA"],
    "GIF": ["1", "L", "P"],
}


def moded(width: int, height: int, mode: str) -> Image.Image:
    """Return an image of any mode that files can have."""
    if mode == "I;16":
        grey = ramp(width, height, "L").convert("I")
        return grey.point(lambda shade: shade * 257).convert(mode)
    return ramp(width, height, mode)


# As they are -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
def test_an_image_that_fits_is_sent_unchanged(kind: str) -> None:
    original = written(ramp(64, 48), kind)
    file = ready(original, 64, mime_type=TYPES[kind])
    assert (content(file), content(file), file.size) == (original, original, len(original))
    assert file.image == ImageInfo(64, 48, (64, 48))
    assert file.entry.mime_type == TYPES[kind]


def test_an_image_that_fits_is_not_decoded() -> None:
    original = bytearray(written(noise(64, 64), "PNG"))
    original[len(original) // 2] ^= 0xFF
    assert content(ready(bytes(original))) == original
    with pytest.raises(FileError, match="pixels cannot be read"):
        ready(bytes(original), 32)


def test_padding_after_an_image_is_kept() -> None:
    original = written(ramp(64, 48)) + bytes(100)
    assert content(ready(original)) == original


def test_a_large_image_file_is_sent_unchanged() -> None:
    original = written(noise(800, 800), "PNG")
    assert len(original) > 1024 * 1024
    assert content(ready(original)) == original


# What it is called -------------------------------------------------------------------------------


def test_the_type_comes_from_the_content_and_not_from_the_name() -> None:
    file = ready(written(ramp(8, 8)), name="shot.png", mime_type="image/png", extension="png")
    assert (file.entry.extension, file.entry.mime_type) == ("jpg", "image/jpeg")
    assert file.entry.name == "shot.png"
    assert known(file).notes == ("its extension is png, but its content is JPEG",)


def test_a_wrong_type_with_a_right_extension_is_reported() -> None:
    file = ready(written(ramp(8, 8), "WEBP"), mime_type="image/gif", extension="webp")
    assert file.entry.mime_type == "image/webp"
    assert known(file).notes == ("its type is image/gif, but its content is WebP",)


@pytest.mark.parametrize(
    ("called", "extension"),
    [
        ({}, "jpg"),
        ({"name": "a.jpeg"}, "jpeg"),
        ({"mime_type": "image/jpg"}, "jpg"),
        ({"mime_type": "application/octet-stream"}, "jpg"),
        ({"extension": "blob"}, "jpg"),
    ],
)
def test_a_missing_type_is_filled_in_silently(called: dict[str, str], extension: str) -> None:
    file = ready(written(ramp(8, 8)), 2048, **called)
    assert (file.entry.extension, file.entry.mime_type) == (extension, "image/jpeg")
    assert known(file).notes == ()


# Upright -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_turned_upright(kind: str, orientation: int) -> None:
    options = {"quality": 100} if kind == "JPEG" else {"lossless": True}
    original = written(ramp(40, 24), kind, exif=turned(orientation), **options)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(original))).convert("RGB")

    file = ready(original)

    image, sent = known(file), pixels(file)
    assert (image.width, image.height) == image.sent == sent.size == upright.size
    assert sent.getexif().get(ORIENTATION, 1) == 1
    corners = [(x, y) for x in (0, sent.width - 1) for y in (0, sent.height - 1)]
    for corner in corners:
        pairs = zip(_rgb(sent, corner), _rgb(upright, corner), strict=True)
        assert all(abs(a - b) < 12 for a, b in pairs)
    assert bool(image.notes) == (orientation > 1)
    if orientation > 1:
        assert image.notes == ("it is rotated or mirrored (EXIF): turned upright",)


def _rgb(image: Image.Image, place: tuple[int, int]) -> tuple[int, int, int]:
    pixel = image.convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def test_an_image_that_is_turned_loses_its_metadata() -> None:
    exif = turned(3)
    exif[0x010F] = "Maker of Cameras"
    file = ready(written(ramp(40, 24), exif=exif, comment=b"at home"))
    assert not pixels(file).getexif()
    assert b"Maker" not in content(file) and b"at home" not in content(file)


@pytest.mark.parametrize("orientation", [0, 9, 60000])
def test_an_invalid_orientation_is_ignored(orientation: int) -> None:
    original = written(ramp(40, 24), exif=turned(orientation))
    assert content(ready(original)) == original


def test_invalid_exif_is_ignored() -> None:
    original = written(ramp(40, 24), "PNG", exif=b"Exif\0\0no TIFF")
    assert content(ready(original)) == original


# Smaller -----------------------------------------------------------------------------------------


@given(
    st.sampled_from([(kind, mode) for kind, modes in MODES.items() for mode in modes]),
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(1, 8),
    st.integers(1, 320),
)
@example(("JPEG", "RGB"), 300, 1, 6, 16)
@settings(deadline=None)
def test_no_side_is_longer_than_the_limit_and_proportions_are_kept(
    form: tuple[str, str], width: int, height: int, orientation: int, longest: int
) -> None:
    kind, mode = form
    file = ready(written(moded(width, height, mode), kind, exif=turned(orientation)), longest)

    image, sent = known(file), pixels(file)
    lies = orientation > 4 and kind != "GIF"
    assert (image.width, image.height) == ((height, width) if lies else (width, height))
    assert sent.size == image.sent
    scale = min(1, longest / max(width, height))
    assert max(sent.size) == round(max(width, height) * scale) <= longest
    for side, made in zip((image.width, image.height), sent.size, strict=True):
        assert abs(made - side * scale) <= 1
    if image.notes:
        assert file.entry.extension == ("jpg" if kind == "JPEG" else "png")
        assert sent.mode in ("L", "RGB", "RGBA")
    assert file.size == len(content(file))


def test_a_reduced_image_reports_both_sizes() -> None:
    file = ready(written(ramp(400, 300)), 100)
    notes = ("reduced from 400 × 300 to 100 × 75 pixels",)
    assert file.image == ImageInfo(400, 300, (100, 75), notes)
    assert content(file) == content(file)


def test_an_image_20000_pixels_wide_is_reduced() -> None:
    file = ready(written(ramp(20_000, 500)), 2048)
    assert pixels(file).size == known(file).sent == (2048, 51)


def test_a_large_image_without_transparency_becomes_a_jpeg() -> None:
    file = ready(written(noise(1250, 1250, "RGBA").convert("RGB").convert("RGBA"), "PNG"), 1240)
    assert (file.entry.extension, pixels(file).format) == ("jpg", "JPEG")
    assert known(file).notes[-1] == "sent as JPEG, which is smaller"


# Plain -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "options"),
    [("GIF", {}), ("WEBP", {"lossless": True}), ("PNG", {}), ("PNG", {"default_image": True})],
    ids=["GIF", "WebP", "APNG", "APNG with a still picture"],
)
def test_the_first_frame_of_an_animation_is_sent(kind: str, options: dict[str, Any]) -> None:
    frames = [Image.new("RGB", (30, 20), colour) for colour in ("red", "blue", "lime", "white")]
    file = ready(written(frames[0], kind, save_all=True, append_images=frames[1:], **options))
    assert (file.entry.extension, file.entry.mime_type) == ("png", "image/png")
    assert known(file).notes == (
        "it is animated: only the first frame is sent, and 3 are left out",
    )
    assert pixels(file).convert("RGB").getcolors() == [(600, (255, 0, 0))]
    assert getattr(pixels(file), "n_frames", 1) == 1


def test_a_cmyk_jpeg_becomes_rgb() -> None:
    file = ready(written(Image.new("CMYK", (30, 20), (0, 255, 255, 0)), icc_profile=b"printer"))
    assert known(file).notes == ("its colours are CMYK: converted to RGB",)
    sent = pixels(file)
    assert (sent.format, sent.mode, sent.info.get("icc_profile")) == ("JPEG", "RGB", None)
    red, green, blue = _rgb(sent, (5, 5))
    assert red > 240 and green < 15 and blue < 15


def test_16_bit_grey_keeps_its_shades() -> None:
    image = Image.new("I;16", (3, 1))
    for x, grey in enumerate((0, 32768, 65535)):
        image.putpixel((x, 0), grey)
    file = ready(written(image, "PNG"))
    assert known(file).notes == ("it has 16 bits per pixel: reduced to 8",)
    assert [pixels(file).getpixel((x, 0)) for x in range(3)] == [0, 128, 255]


def test_a_transparent_colour_of_a_palette_stays_transparent() -> None:
    image = Image.new("P", (80, 80), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (0, 0, 40, 80))
    sent = pixels(ready(written(image, "PNG", transparency=0), 40))
    assert sent.mode == "RGBA"
    assert (sent.getpixel((2, 20)), sent.getpixel((37, 20))) == ((0, 255, 0, 255), (0, 0, 0, 0))


def test_an_opaque_alpha_channel_is_removed() -> None:
    assert pixels(ready(written(ramp(80, 80, "RGBA"), "PNG"), 40)).mode == "RGB"


def test_a_colour_profile_is_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        sent = pixels(ready(written(ramp(80, 80), kind, icc_profile=profile), 40))
        assert sent.info["icc_profile"] == profile


# Many --------------------------------------------------------------------------------------------


def test_many_images_are_prepared_at_the_same_time() -> None:
    files = [loaded(written(ramp(100 + side, 100))) for side in range(40)]

    async def all_of() -> list[ImageInfo]:
        made = await asyncio.gather(*(prepare(file, 60, WHERE) for file in files))
        return [known(file) for file in made]

    for _ in range(2):  # each time in an event loop of its own
        assert [image.width for image in asyncio.run(all_of())] == list(range(100, 140))


PNG, JPEG = written(ramp(64, 48), "PNG"), written(ramp(64, 48))
PACKED = chunk(b"zTXt", b"k\0\0" + zlib.compress(bytes(1_000_000)))


@pytest.mark.parametrize(
    ("original", "inline"),
    [
        (JPEG, True),
        (PNG, True),
        (written(ramp(64, 48), "WEBP"), True),
        (PNG[:33] + PACKED + PNG[33:], True),
        (PNG[:33] + 20 * PACKED + PNG[33:], False),
        (PNG[:33] + 200 * chunk(b"tEXt", b"k\0v") + PNG[33:], False),
        (PNG[:-12] + 200 * chunk(b"tEXt", b"k\0v") + PNG[-12:], False),
        (JPEG[:2] + 60_000 * segment(0xFE, b"") + JPEG[2:], False),
        (JPEG[:2] + b"\xff\xff\xfe\2" + 16_256 * segment(0xFE, b"") + JPEG[2:], False),
        (written(noise(400, 400), "PNG"), False),
    ],
)
def test_a_slow_header_is_read_in_a_thread(original: bytes, inline: bool) -> None:
    async def is_done_inline() -> bool:
        making = asyncio.create_task(prepare(loaded_file, 2048, WHERE))
        await asyncio.sleep(0)
        done = making.done()
        await making
        return done

    loaded_file = loaded(original)
    assert asyncio.run(is_done_inline()) == inline


def test_without_pillow_the_error_names_the_extra() -> None:
    code = """
import asyncio, sys
sys.modules["PIL"] = None
from openrouter_connector import FileEntry
from openrouter_connector.runtime.images import prepare
from openrouter_connector.values import LoadedFile
asyncio.run(prepare(LoadedFile(FileEntry("", "", "", ""), 0, None), 1, ""))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "PIL: pip install 'openrouter-connector[vision]'" in done.stderr
