"""Files that are no image, damaged or too large: refused with the reason, or encoded again."""

from __future__ import annotations

import asyncio
import struct
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openrouter_connector import FileError, FileStore
from openrouter_connector.runtime.images import prepare
from support.images import (
    TYPES,
    WHERE,
    chunk,
    content,
    known,
    noise,
    pixels,
    ramp,
    ready,
    turned,
    written,
)


@pytest.mark.parametrize(
    ("original", "message"),
    [
        (b"", "is empty"),
        (b"Hello", "is text; "),
        (b"\xef\xbb\xbf <!DOCTYPE html><html>404", "is an HTML page"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', "is an SVG drawing"),
        (b"<?xml version='1.0'?>\n<!-- x -->\n<svg/>", "is an SVG drawing"),
        (b"<?xml version='1.0'?><Error>AccessDenied</Error>", "is XML"),
        (b'{"error": "not found"}', "is JSON"),
        (b"%PDF-1.7\n", "is a PDF"),
        (written(ramp(8, 8), "TIFF"), "is a TIFF image"),
        (written(ramp(8, 8), "BMP"), "is a BMP image"),
        (b"\0\0\0\x1cftypavif\0\0\0\0", "is an AVIF image"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "is a HEIC image"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0", "is a video"),
        (b"RIFF\x24\0\0\0WAVEfmt ", "starts with the bytes 52 49 46 46"),
        (bytes(20), "starts with the bytes 00 00"),
        ("ä".encode() * 256 + b"\xc3", "is text; "),
    ],
)
def test_the_error_names_what_the_file_is_instead(original: bytes, message: str) -> None:
    with pytest.raises(FileError) as raised:
        ready(original, name="a.jpg")
    assert raised.value.path == WHERE
    assert raised.value.message.startswith(f"{WHERE}: a.jpg is ")
    assert message in raised.value.message
    assert raised.value.message.endswith("JPEG, PNG, WebP and GIF are supported")


@pytest.mark.parametrize("kind", TYPES)
@pytest.mark.parametrize("share", [0.02, 0.5, 0.9])
def test_an_image_that_is_cut_off_is_refused(kind: str, share: float) -> None:
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
def test_an_image_cut_anywhere_is_refused_or_encoded_again(kind: str, data: Any) -> None:
    whole = written(ramp(40, 30), kind)
    part = whole[: data.draw(st.integers(0, len(whole) - 1))]
    try:
        file = ready(part)
    except FileError:
        return
    assert pixels(file).size == (40, 30)
    assert "encoded again" in known(file).notes[-1]


@given(st.sampled_from(list(TYPES)), st.integers(1, 60), st.data())
@settings(deadline=None, max_examples=100)
def test_an_image_with_wrong_bytes_is_accepted_or_refused(
    kind: str, longest: int, data: Any
) -> None:
    original = bytearray(written(ramp(40, 30), kind, exif=turned(6)))
    for place in data.draw(st.lists(st.integers(0, len(original) - 1), min_size=1, max_size=4)):
        original[place] = data.draw(st.integers(0, 255))
    try:
        file = ready(bytes(original), longest)
    except FileError as error:
        assert error.path == WHERE
    else:
        assert max(known(file).sent) <= longest


NAMES = ["xmp", "exif", "icc_profile", "Raw profile type exif", "XML:com.adobe.xmp"]


@pytest.mark.parametrize("longest", [2048, 32])
@pytest.mark.parametrize("kind", [b"tEXt", b"zTXt", b"iTXt"])
@pytest.mark.parametrize("name", NAMES)
def test_a_text_chunk_of_a_png_may_have_any_name(name: str, kind: bytes, longest: int) -> None:
    plain = written(ramp(64, 48), "PNG")
    for data in (b"hello", b"", b"\0\0\0\0hello", b"\1\0\0\0hello"):
        original = plain[:33] + chunk(kind, name.encode() + b"\0" + data) + plain[33:]
        try:
            file = ready(original, longest)
        except FileError as error:
            assert "its header cannot be read" in error.message
        else:
            assert max(pixels(file).size) == min(64, longest)


@given(
    st.binary(max_size=300),
    st.sampled_from([b"", b"\xff\xd8\xff", b"GIF89a", b"\x89PNG\r\n\x1a\n"]),
)
@settings(deadline=None)
def test_a_signature_alone_is_no_image(rest: bytes, start: bytes) -> None:
    with pytest.raises(FileError):
        ready(start + rest)


@pytest.mark.parametrize("kind", TYPES)
def test_bytes_after_the_end_of_an_image_are_not_sent(kind: str) -> None:
    file = ready(written(ramp(64, 48), kind) + b"a film of three seconds" * 1000)
    name = "WebP" if kind == "WEBP" else kind
    assert known(file).notes == (f"it has no regular {name} end: encoded again",)
    assert b"film" not in content(file)
    assert pixels(file).size == (64, 48)


def _png(width: int, height: int) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = chunk(b"IHDR", head), chunk(b"IDAT", bytes(10)), chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _jpeg(width: int, height: int) -> bytes:
    original = written(ramp(8, 8))
    return original.replace(struct.pack(">HH", 8, 8), struct.pack(">HH", height, width), 1)


def _gif(width: int, height: int) -> bytes:
    original = written(ramp(8, 8), "GIF")
    return original[:6] + struct.pack("<HH", width, height) + original[10:]


@pytest.mark.parametrize(
    ("made", "most"), [(_png, "100 million"), (_jpeg, "200 million"), (_gif, "100 million")]
)
def test_an_image_of_too_many_pixels_is_refused_by_its_header(
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
    with pytest.raises(FileError, match="too many pixels; the limit for GIF is 100 million"):
        ready(original[: frame + 5] + large + original[frame + 9 :])


def test_a_missing_file_is_reported_with_its_property(store: FileStore) -> None:
    async def gone() -> None:
        large = written(noise(400, 400), "PNG")  # a small one is in memory by then
        entry = await store.put(large, "a.png")
        file = await store.load(entry.to_json(), WHERE, ())
        path = store.path_of(entry)
        assert path
        path.unlink()
        await prepare(file, 100, WHERE)

    with pytest.raises(FileError, match=r"images\[0\]: .* cannot be read"):
        asyncio.run(gone())


def test_a_full_disk_is_reported(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def full() -> None:
        entry = await store.put(written(noise(800, 800), "PNG"), "a.png")
        file = await store.load(entry.to_json(), WHERE, ())
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
        await prepare(file, 100, WHERE)

    with pytest.raises(FileError, match="a temporary file cannot be written"):
        asyncio.run(full())
