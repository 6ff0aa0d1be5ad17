"""The place where an image was taken is private: it is removed before the image is sent."""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from openrouter_connector import Connector
from support.images import chunk, content, known, noise, pixels, ramp, ready, segment, written
from support.scripted_server import Answer, Received, completion, response, scripted

GPS = 0x8825
REMOVED = "its place (GPS) was removed"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r exif:GPSLatitude="48,12.5N"/></x:xmpmeta>'


def taken(place: dict[int, Any], **more: Any) -> Image.Exif:
    """Return EXIF as a camera writes it: its maker, and the place of the image."""
    exif = Image.Exif()
    exif[0x010F] = "Camera & Co"
    exif[GPS] = place
    for tag, value in more.items():
        exif[int(tag.removeprefix("tag"), 16)] = value
    return exif


VIENNA = {1: "N", 2: (48.0, 12.0, 30.0), 3: "E", 4: (16.0, 22.0, 0.0)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_place_of_an_image_is_removed(kind: str) -> None:
    original = written(ramp(64, 48), kind, exif=taken(VIENNA), lossless=True)
    file = ready(original)

    sent = content(file)
    assert known(file).notes == (REMOVED,)
    assert not Image.open(BytesIO(sent)).getexif()
    assert b"Camera & Co" in original and b"Camera & Co" not in sent
    before = Image.open(BytesIO(original)).convert("RGB")
    assert pixels(file).convert("RGB").tobytes() == before.tobytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_the_pixels_of_a_jpeg_are_not_encoded_again(progressive: bool) -> None:
    image = noise(200, 200)
    options: dict[str, Any] = {"quality": 97, "icc_profile": b"colours", "progressive": progressive}
    plain = written(image, **options)
    file = ready(written(image, exif=taken(VIENNA), **options))

    assert content(file) == plain
    assert file.size == len(plain)
    assert (file.entry.extension, file.entry.mime_type) == ("jpg", "image/jpeg")


def test_bytes_after_the_end_of_a_jpeg_are_removed_too() -> None:
    one = written(ramp(64, 48), exif=taken(VIENNA))
    assert content(ready(one + one)) == content(ready(one))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_place_in_xmp_is_removed(kind: str) -> None:
    if kind == "PNG":
        original = written(ramp(64, 48), kind, pnginfo=_xmp_of_a_png())
    else:
        original = written(ramp(64, 48), kind, xmp=XMP)
    file = ready(original)

    assert b"GPSLatitude" in original and b"GPSLatitude" not in content(file)
    assert known(file).notes == (REMOVED,)


def _xmp_of_a_png() -> Any:
    from PIL.PngImagePlugin import PngInfo

    texts = PngInfo()
    texts.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return texts


def test_a_place_in_the_texts_of_a_png_is_removed() -> None:
    from PIL.PngImagePlugin import PngInfo

    texts, exif = PngInfo(), taken(VIENNA).tobytes()
    texts.add_text("Raw profile type exif", f"\nexif\n{len(exif):8}\n{exif.hex()}\n", zip=True)
    file = ready(written(ramp(64, 48), "PNG", pnginfo=texts))

    assert known(file).notes == (REMOVED,)
    assert not pixels(file).info


EXIF = taken(VIENNA).tobytes()
PACKET = b"http://ns.adobe.com/xap/1.0/\0"


def profile(block: bytes) -> bytes:
    """Return a block as the text of a PNG: its kind, its length and its bytes in hexadecimal."""
    lines = "\n".join(block.hex()[at : at + 72] for at in range(0, 2 * len(block), 72))
    return f"\ngeneric\n{len(block):8}\n{lines}\n".encode()


CHUNKS = {
    "EXIF": (b"eXIf", EXIF.removeprefix(b"Exif\0\0")),
    "XMP": (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP),
    "packed XMP": (b"iTXt", b"XML:com.adobe.xmp\0\1\0en\0XMP\0" + zlib.compress(XMP)),
    "a text": (b"tEXt", b"exif:GPSLatitude\x0048/1"),
    "APP1": (b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(profile(EXIF))),
    "an XMP profile": (b"tEXt", b"Raw profile type xmp\0" + profile(XMP)),
}


@pytest.mark.parametrize("name", CHUNKS)
@pytest.mark.parametrize("behind", [False, True], ids=["before", "behind"])
def test_the_place_in_any_chunk_of_a_png_is_removed(name: str, behind: bool) -> None:
    plain = written(ramp(64, 48), "PNG")
    at = -12 if behind else 33
    original = plain[:at] + chunk(*CHUNKS[name]) + plain[at:]
    file = ready(original)

    assert known(file).notes == (REMOVED,)
    image = pixels(file)
    assert not image.info and not image.getexif()
    assert image.tobytes() == ramp(64, 48).tobytes()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (b"tEXt", b"Raw profile type APP1\0no bytes"),
        (b"zTXt", b"Raw profile type APP1\0\0no zlib"),
        (b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(b"<x:xmpmeta/>")[:-5]),
        (b"iTXt", b"XML:com.adobe.xmp\0"),
    ],
    ids=["no bytes", "not packed", "cut off", "empty"],
)
def test_unreadable_metadata_that_may_have_a_place_is_removed(name: bytes, data: bytes) -> None:
    plain = written(ramp(64, 48), "PNG")
    file = ready(plain[:-12] + chunk(name, data) + plain[-12:])
    assert known(file).notes == (REMOVED,)
    assert data not in content(file)


def test_chunks_without_a_place_are_kept() -> None:
    plain, exif = written(ramp(64, 48), "PNG"), Image.Exif()
    exif[0x010F] = "Camera & Co"
    for name, data in (
        (b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")),
        (b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x:xmpmeta/>"),
        (b"zTXt", b"Raw profile type APP1\0\0" + zlib.compress(profile(exif.tobytes()))),
        (b"tEXt", b"Title\0How GPS works"),
    ):
        for at in (33, -12):
            original = plain[:at] + chunk(name, data) + plain[at:]
            assert content(ready(original)) == original


SEGMENTS = {
    "a second EXIF": segment(0xE1, taken({0: b"\2\3\0\0"}).tobytes()) + segment(0xE1, EXIF),
    "XMP of 16 bits": segment(0xE1, PACKET + XMP.decode().encode("utf-16")),
    "extended XMP": segment(0xE1, PACKET + b"<x:xmpmeta/>")
    + segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + bytes(40) + XMP),
    "Photoshop": segment(0xED, b"Photoshop 3.0\x008BIM\x04\x24" + bytes(5) + b"\x60" + XMP),
}


@pytest.mark.parametrize("name", SEGMENTS)
def test_the_place_in_any_segment_of_a_jpeg_is_removed(name: str) -> None:
    plain = written(ramp(64, 48))
    file = ready(plain[:2] + SEGMENTS[name] + plain[2:])

    assert (content(file), known(file).notes) == (plain, (REMOVED,))


def test_photoshop_metadata_is_removed_with_the_place() -> None:
    plain = written(ramp(64, 48))
    original = plain[:2] + segment(0xE1, EXIF) + segment(0xED, b"Photoshop 3.0\0") + plain[2:]
    assert content(ready(original)) == plain


def test_the_place_in_a_gif_is_removed() -> None:
    plain = written(ramp(64, 48, "L"), "GIF")
    block = b"!\xff\x0bXMP DataXMP%b\1" + bytes(range(255, -1, -1)) + b"\0"
    for xmp, notes in ((XMP, (REMOVED,)), (b"<x:xmpmeta/>", ())):
        original = plain[:-1] + block.replace(b"%b", xmp) + b";"
        file = ready(original)
        assert known(file).notes == notes
        assert (content(file) == original) == (not notes)
        assert pixels(file).convert("L").tobytes() == ramp(64, 48, "L").tobytes()


def test_only_the_first_image_of_a_multi_picture_jpeg_is_sent() -> None:
    image, plain = noise(64, 48), written(noise(8, 8))
    several = written(image, "MPO", save_all=True, append_images=[noise(64, 48)], exif=EXIF)
    assert b"MPF\0" in several and several.count(plain[:2]) == 2

    file = ready(several)

    assert known(file).notes == (REMOVED,)
    assert content(file) == written(image)


def test_fill_bytes_before_a_segment_are_no_segment() -> None:
    plain = written(noise(64, 48))
    filled = plain[:2] + b"\xff\xff" + segment(0xE1, EXIF) + b"\xff" * 3 + plain[2:]
    sent = ready(filled)

    assert b"Camera & Co" in filled and b"Camera & Co" not in content(sent)
    assert pixels(sent).tobytes() == Image.open(BytesIO(plain)).tobytes()


def test_restarts_within_the_pixels_of_a_jpeg_are_kept() -> None:
    image = noise(200, 200)
    plain = written(image, restart_marker_rows=1)
    file = ready(written(image, restart_marker_rows=1, exif=EXIF))

    assert b"\xff\xd0" in plain
    assert content(file) == plain


def test_the_place_of_a_rotated_image_is_removed() -> None:
    file = ready(written(ramp(64, 48), exif=taken(VIENNA, tag0112=6)))

    assert pixels(file).size == (48, 64)
    assert not pixels(file).getexif()
    assert REMOVED in known(file).notes


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_without_a_place_is_kept(order: str) -> None:
    for place in (taken({0: b"\2\3\0\0"}), Image.Exif()):
        place[0x010F] = "Camera & Co"
        place.endian = order
        original = written(ramp(64, 48), exif=place)
        file = ready(original)
        assert (content(file), known(file).notes) == (original, ())


@pytest.mark.parametrize("order", ["<", ">"])
def test_exif_may_have_either_byte_order(order: str) -> None:
    exif = taken(VIENNA)
    exif.endian = order
    file = ready(written(ramp(64, 48), exif=exif))
    assert (content(file), known(file).notes) == (written(ramp(64, 48)), (REMOVED,))


def test_no_place_is_sent_for_a_list_of_images() -> None:
    def sees(received: Received) -> Answer:
        return response(completion("a field")) if received.body else response({"data": []})

    original = b64encode(written(ramp(64, 48), exif=taken(VIENNA))).decode()
    with scripted(sees) as server:
        result = Connector.load(cache=False).run(
            "analyzeImages",
            {
                "model": "a/b",
                "taskType": "caption",
                "images": [f"data:image/jpeg;base64,{original}"],
            },
            base_url=server.base_url,
        )
        (asked,) = [one for one in server.requests if one.method == "POST"]
    url = asked.json["messages"][-1]["content"][-1]["image_url"]["url"]
    assert not Image.open(BytesIO(b64decode(url.partition(",")[2]))).getexif()
    assert any(warning.endswith(REMOVED) for warning in result.output[0]["warnings"])
