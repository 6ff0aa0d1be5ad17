"""Pictures made ready for a model: as they are where they can be, else upright, smaller, plain."""

from __future__ import annotations

import asyncio
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any
from zlib import crc32

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms, ImageOps

from openrouter_connector import FileError, FileStore
from openrouter_connector.runtime.pictures import prepare
from openrouter_connector.values import Picture
from pictured import TYPES, WHERE, content, known, loaded, noise, pixels, ramp, ready, written

ORIENTATION = 0x0112
MODES = {
    "JPEG": ["L", "RGB", "CMYK"],
    "PNG": ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"],
    "WEBP": ["RGB", "RGBA"],
    "GIF": ["1", "L", "P"],
}


def moded(width: int, height: int, mode: str) -> Image.Image:
    """Give a picture of any mode that files know."""
    if mode == "I;16":
        grey = ramp(width, height, "L").convert("I")
        return grey.point(lambda shade: shade * 257).convert(mode)
    return ramp(width, height, mode)


def turned(orientation: int) -> Image.Exif:
    """Give EXIF data that says how a picture lies."""
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


# As they are -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", TYPES)
def test_a_picture_that_fits_is_sent_as_it_is(kind: str) -> None:
    original = written(ramp(64, 48), kind)
    file = ready(original, 64, mime_type=TYPES[kind])
    assert (content(file), content(file), file.size) == (original, original, len(original))
    assert file.picture == Picture(64, 48, (64, 48))
    assert file.entry.mime_type == TYPES[kind]


def test_a_picture_that_fits_is_not_decoded() -> None:
    original = bytearray(written(noise(64, 64), "PNG"))
    original[len(original) // 2] ^= 0xFF
    assert content(ready(bytes(original))) == original
    with pytest.raises(FileError, match="pixels cannot be read"):
        ready(bytes(original), 32)


def test_padding_behind_a_picture_is_left_alone() -> None:
    original = written(ramp(64, 48)) + bytes(100)
    assert content(ready(original)) == original


def test_a_picture_of_many_bytes_is_sent_as_it_is() -> None:
    original = written(noise(800, 800), "PNG")
    assert len(original) > 1024 * 1024
    assert content(ready(original)) == original


# What it is called -------------------------------------------------------------------------------


def test_the_content_tells_the_type_and_the_name_does_not() -> None:
    file = ready(written(ramp(8, 8)), name="shot.png", mime_type="image/png", extension="png")
    assert (file.entry.extension, file.entry.mime_type) == ("jpg", "image/jpeg")
    assert file.entry.name == "shot.png"
    assert known(file).notes == ("it is called png and is a JPEG",)


def test_a_wrong_type_beside_a_right_extension_is_told() -> None:
    file = ready(written(ramp(8, 8), "WEBP"), mime_type="image/gif", extension="webp")
    assert file.entry.mime_type == "image/webp"
    assert known(file).notes == ("it is called image/gif and is a WebP",)


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
def test_a_type_that_is_missing_is_filled_in_and_not_told(
    called: dict[str, str], extension: str
) -> None:
    file = ready(written(ramp(8, 8)), 2048, **called)
    assert (file.entry.extension, file.entry.mime_type) == (extension, "image/jpeg")
    assert known(file).notes == ()


# What is no picture ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("original", "told"),
    [
        (b"", "is empty"),
        (b"Hello", "is text ('Hello')"),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>404", "is an HTML page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG drawing"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<svg/>", "is an SVG drawing"),
        (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "is XML"),
        (b'{"error": "not found"}', "is JSON"),
        (b"%PDF-1.7\n", "is a PDF"),
        (written(ramp(8, 8), "TIFF"), "is a TIFF picture"),
        (written(ramp(8, 8), "BMP"), "is a BMP picture"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "is an AVIF picture"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is a HEIC picture"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "is a film"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "starts with the bytes 52 49 46 46"),
        (bytes(20), "starts with the bytes 00 00"),
        ("ä".encode() * 256 + b"\xc3", "is text ('ääää"),
    ],
)
def test_what_is_no_picture_is_named(original: bytes, told: str) -> None:
    with pytest.raises(FileError) as raised:
        ready(original, name="a.jpg")
    assert raised.value.path == WHERE
    assert raised.value.message.startswith(f"{WHERE}: a.jpg is ")
    assert told in raised.value.message
    assert raised.value.message.endswith("JPEG, PNG, WebP and GIF are taken")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_a_picture_that_is_cut_off_is_refused(kind: str, share: float) -> None:
    whole = written(noise(200, 200, "L" if kind == "GIF" else "RGB"), kind)
    with pytest.raises(FileError, match="damaged"):
        ready(whole[: int(len(whole) * share)])


def test_an_animation_that_is_cut_off_in_a_frame_is_refused() -> None:
    frames = [ramp(30, 20), noise(30, 20)]
    whole = written(frames[0], "GIF", save_all=True, append_images=frames[1:])
    second = whole.rindex(b"," + bytes(4) + struct.pack("<HH", 30, 20))
    with pytest.raises(FileError, match="is a damaged GIF: its frames cannot be read"):
        ready(whole[: second + 10])


@given(st.sampled_from(list(TYPES)), st.data())
@settings(deadline=None, max_examples=60)
def test_what_is_cut_anywhere_is_refused_or_written_anew(kind: str, data: Any) -> None:
    whole = written(ramp(40, 30), kind)
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        file = ready(part)
    except FileError:
        return
    assert pixels(file).size == (40, 30)
    assert "written anew" in known(file).notes[-1]


@given(st.sampled_from(list(TYPES)), st.integers(1, 60), st.data())
@settings(deadline=None, max_examples=100)
def test_a_picture_with_wrong_bytes_is_taken_or_refused(kind: str, longest: int, data: Any) -> None:
    original = bytearray(written(ramp(40, 30), kind, exif=turned(6)))
    for place in data.draw(st.lists(st.integers(0, len(original) - 1), min_size=1, max_size=4)):
        original[place] = data.draw(st.integers(0, 255))
    try:
        file = ready(bytes(original), longest)
    except FileError as error:
        assert error.path == WHERE
    else:
        assert max(known(file).sent) <= longest


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n"]),
)
@settings(deadline=None)
def test_a_start_alone_makes_no_picture(rest: bytes, start: bytes) -> None:
    with pytest.raises(FileError):
        ready(start + rest)


@pytest.mark.parametrize("kind", TYPES)
def test_what_follows_the_end_of_a_picture_is_not_sent(kind: str) -> None:
    file = ready(written(ramp(64, 48), kind) + b"a film of three seconds" * 1000)
    name = "WebP" if kind == "WEBP" else kind
    assert known(file).notes == (f"it does not end as a {name} does: written anew",)
    assert b"film" not in content(file)
    assert pixels(file).size == (64, 48)


def _png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = (b"IHDR" + head, b"IDAT" + bytes(10), b"IEND")
    wrapped = (struct.pack(">I", len(c) - 4) + c + struct.pack(">I", crc32(c)) for c in chunks)
    return b"\x89PNG\r\n\x1a\n" + b"".join(wrapped)


def _jpeg(width: int, height: int) -> bytes:
    original = written(ramp(8, 8))
    return original.replace(struct.pack(">HH", 8, 8), struct.pack(">HH", height, width), 1)


def _gif(width: int, height: int) -> bytes:
    original = written(ramp(8, 8), "GIF")
    return original[:6] + struct.pack("<HH", width, height) + original[10:]


@pytest.mark.parametrize(
    ("made", "most"), [(_png, "100 million"), (_jpeg, "200 million"), (_gif, "100 million")]
)
def test_a_picture_of_too_many_pixels_is_refused_by_its_header(
    made: Callable[[int, int], bytes], most: str
) -> None:
    with pytest.raises(FileError) as raised:
        ready(made(50_000, 40_000))
    assert "has 50000 × 40000 pixels" in raised.value.message
    assert most in raised.value.message


def test_frames_of_too_many_pixels_are_refused() -> None:
    original = written(ramp(8, 8), "GIF")
    frame = original.index(b"," + bytes(4) + struct.pack("<HH", 8, 8))
    large = struct.pack("<HH", 50_000, 50_000)
    with pytest.raises(FileError, match="too many pixels; 100 million are taken of a GIF"):
        ready(original[: frame + 5] + large + original[frame + 9 :])


def test_a_file_that_is_gone_is_told_with_its_place(store: FileStore) -> None:
    async def gone() -> None:
        entry = await store.put(written(ramp(8, 8)), "a.jpg")
        file = await store.load(entry.to_json(), WHERE, ())
        path = store.path_of(entry)
        assert path
        path.unlink()
        await prepare(file, 100, WHERE)

    with pytest.raises(FileError, match=r"images\[0\]: .* cannot be read"):
        asyncio.run(gone())


def test_a_disk_without_room_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(FileError, match="a temporary file cannot be written"):
        ready(written(noise(800, 800), "PNG"))


# Upright -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(kind: str, orientation: int) -> None:
    options = {"quality": 100} if kind == "JPEG" else {"lossless": True}
    original = written(ramp(40, 24), kind, exif=turned(orientation), **options)
    upright = ImageOps.exif_transpose(Image.open(BytesIO(original))).convert("RGB")

    file = ready(original)

    picture, sent = known(file), pixels(file)
    assert (picture.width, picture.height) == picture.sent == sent.size == upright.size
    assert sent.getexif().get(ORIENTATION, 1) == 1
    corners = [(x, y) for x in (0, sent.width - 1) for y in (0, sent.height - 1)]
    for corner in corners:
        pairs = zip(_rgb(sent, corner), _rgb(upright, corner), strict=True)
        assert all(abs(a - b) < 12 for a, b in pairs)
    assert bool(picture.notes) == (orientation > 1)
    if orientation > 1:
        assert picture.notes == ("it lies on its side or is mirrored (EXIF): turned upright",)


def _rgb(image: Image.Image, place: tuple[int, int]) -> tuple[int, int, int]:
    pixel = image.convert("RGB").getpixel(place)
    assert isinstance(pixel, tuple)
    return pixel[0], pixel[1], pixel[2]


def test_a_picture_that_is_turned_loses_what_else_its_file_told() -> None:
    exif = turned(3)
    exif[0x010F] = "Maker of Cameras"
    file = ready(written(ramp(40, 24), exif=exif, comment=b"at home"))
    assert not pixels(file).getexif()
    assert b"Maker" not in content(file) and b"at home" not in content(file)


@pytest.mark.parametrize("orientation", [0, 9, 60000])
def test_an_orientation_that_is_none_turns_nothing(orientation: int) -> None:
    original = written(ramp(40, 24), exif=turned(orientation))
    assert content(ready(original)) == original


def test_exif_that_is_broken_turns_nothing() -> None:
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
def test_no_side_is_longer_than_asked_and_proportions_are_kept(
    form: tuple[str, str], width: int, height: int, orientation: int, longest: int
) -> None:
    kind, mode = form
    file = ready(written(moded(width, height, mode), kind, exif=turned(orientation)), longest)

    picture, sent = known(file), pixels(file)
    lies = orientation > 4 and kind != "GIF"
    assert (picture.width, picture.height) == ((height, width) if lies else (width, height))
    assert sent.size == picture.sent
    scale = min(1, longest / max(width, height))
    assert max(sent.size) == round(max(width, height) * scale) <= longest
    for side, made in zip((picture.width, picture.height), sent.size, strict=True):
        assert abs(made - side * scale) <= 1
    if picture.notes:
        assert file.entry.extension == ("jpg" if kind == "JPEG" else "png")
        assert sent.mode in ("L", "RGB", "RGBA")
    assert file.size == len(content(file))


def test_a_picture_that_was_made_smaller_tells_both_sizes() -> None:
    file = ready(written(ramp(400, 300)), 100)
    notes = ("made smaller: 100 × 75 pixels are sent of 400 × 300",)
    assert file.picture == Picture(400, 300, (100, 75), notes)
    assert content(file) == content(file)


def test_a_picture_20000_pixels_wide_is_made_smaller() -> None:
    file = ready(written(ramp(20_000, 500)), 2048)
    assert pixels(file).size == known(file).sent == (2048, 51)


def test_a_large_picture_without_transparency_becomes_a_jpeg() -> None:
    file = ready(written(noise(1250, 1250, "RGBA").convert("RGB").convert("RGBA"), "PNG"), 1240)
    assert (file.entry.extension, pixels(file).format) == ("jpg", "JPEG")
    assert known(file).notes[-1] == "sent as a JPEG, which is smaller"


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
    assert known(file).notes == ("it is animated: the first frame is sent, and 3 left out",)
    assert pixels(file).convert("RGB").getcolors() == [(600, (255, 0, 0))]
    assert getattr(pixels(file), "n_frames", 1) == 1


def test_a_cmyk_jpeg_becomes_rgb() -> None:
    file = ready(written(Image.new("CMYK", (30, 20), (0, 255, 255, 0)), icc_profile=b"printer"))
    assert known(file).notes == ("its colours are CMYK: made RGB",)
    sent = pixels(file)
    assert (sent.format, sent.mode, sent.info.get("icc_profile")) == ("JPEG", "RGB", None)
    red, green, blue = _rgb(sent, (5, 5))
    assert red > 240 and green < 15 and blue < 15


def test_greys_of_16_bits_keep_their_shades() -> None:
    image = Image.new("I;16", (3, 1))
    for x, grey in enumerate((0, 32768, 65535)):
        image.putpixel((x, 0), grey)
    file = ready(written(image, "PNG"))
    assert known(file).notes == ("its greys have 16 bits: made 8",)
    assert [pixels(file).getpixel((x, 0)) for x in range(3)] == [0, 128, 255]


def test_a_transparent_colour_of_a_palette_stays_transparent() -> None:
    image = Image.new("P", (80, 80), 0)
    image.putpalette([255, 0, 0, 0, 255, 0])
    image.paste(1, (0, 0, 40, 80))
    sent = pixels(ready(written(image, "PNG", transparency=0), 40))
    assert sent.mode == "RGBA"
    assert (sent.getpixel((2, 20)), sent.getpixel((37, 20))) == ((0, 255, 0, 255), (0, 0, 0, 0))


def test_a_transparency_that_shows_nothing_is_left_out() -> None:
    assert pixels(ready(written(ramp(80, 80, "RGBA"), "PNG"), 40)).mode == "RGB"


def test_a_colour_profile_is_kept() -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for kind in ("JPEG", "PNG", "WEBP"):
        sent = pixels(ready(written(ramp(80, 80), kind, icc_profile=profile), 40))
        assert sent.info["icc_profile"] == profile


# Many --------------------------------------------------------------------------------------------


def test_many_pictures_are_made_ready_at_the_same_time() -> None:
    files = [loaded(written(ramp(100 + side, 100))) for side in range(40)]

    async def all_of() -> list[Picture]:
        made = await asyncio.gather(*(prepare(file, 60, WHERE) for file in files))
        return [known(file) for file in made]

    for _ in range(2):  # each time in an event loop of its own
        assert [picture.width for picture in asyncio.run(all_of())] == list(range(100, 140))


def test_without_pillow_the_way_to_it_is_told() -> None:
    told = """
import asyncio, sys
sys.modules["PIL"] = None
from openrouter_connector import FileEntry
from openrouter_connector.runtime.pictures import prepare
from openrouter_connector.values import LoadedFile
asyncio.run(prepare(LoadedFile(FileEntry("", "", "", ""), 0, None), 1, ""))
"""
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True)
    assert "PIL: pip install 'openrouter-connector[vision]'" in done.stderr
