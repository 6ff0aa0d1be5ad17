"""Where a picture was taken is nobody's business: the place that a camera wrote is not sent."""

from __future__ import annotations

from base64 import b64decode, b64encode
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from openrouter_connector import Connector
from pictured import content, known, noise, pixels, ramp, ready, written
from scripted import Answer, Received, completion, reply, scripted

GPS = 0x8825
TOLD = "its place (GPS) was taken out"
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><r exif:GPSLatitude="48,12.5N"/></x:xmpmeta>'


def taken(place: dict[int, Any], **more: Any) -> Image.Exif:
    """Give what a camera writes: who made it, and where the picture was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Camera & Co"
    exif[GPS] = place
    for tag, value in more.items():
        exif[int(tag.removeprefix("tag"), 16)] = value
    return exif


VIENNA = {1: "N", 2: (48.0, 12.0, 30.0), 3: "E", 4: (16.0, 22.0, 0.0)}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_the_place_of_a_picture_is_taken_out(kind: str) -> None:
    original = written(ramp(64, 48), kind, exif=taken(VIENNA), lossless=True)
    file = ready(original)

    sent = content(file)
    assert known(file).notes == (TOLD,)
    assert not Image.open(BytesIO(sent)).getexif()
    assert b"Camera & Co" in original and b"Camera & Co" not in sent
    before = Image.open(BytesIO(original)).convert("RGB")
    assert pixels(file).convert("RGB").tobytes() == before.tobytes()


@pytest.mark.parametrize("progressive", [False, True])
def test_the_pixels_of_a_jpeg_are_not_written_anew(progressive: bool) -> None:
    image = noise(200, 200)
    options: dict[str, Any] = {"quality": 97, "icc_profile": b"colours", "progressive": progressive}
    plain = written(image, **options)
    file = ready(written(image, exif=taken(VIENNA), **options))

    assert content(file) == plain
    assert file.size == len(plain)
    assert (file.entry.extension, file.entry.mime_type) == ("jpg", "image/jpeg")


def test_what_lies_behind_the_end_of_a_jpeg_goes_as_well() -> None:
    one = written(ramp(64, 48), exif=taken(VIENNA))
    assert content(ready(one + one)) == content(ready(one))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_place_that_is_told_by_xmp_is_taken_out(kind: str) -> None:
    if kind == "PNG":
        original = written(ramp(64, 48), kind, pnginfo=_xmp_of_a_png())
    else:
        original = written(ramp(64, 48), kind, xmp=XMP)
    file = ready(original)

    assert b"GPSLatitude" in original and b"GPSLatitude" not in content(file)
    assert known(file).notes == (TOLD,)


def _xmp_of_a_png() -> Any:
    from PIL.PngImagePlugin import PngInfo

    told = PngInfo()
    told.add_itxt("XML:com.adobe.xmp", XMP.decode())
    return told


def test_a_place_in_the_texts_of_a_png_is_taken_out() -> None:
    from PIL.PngImagePlugin import PngInfo

    told, exif = PngInfo(), taken(VIENNA).tobytes()
    told.add_text("Raw profile type exif", f"\nexif\n{len(exif):8}\n{exif.hex()}\n", zip=True)
    file = ready(written(ramp(64, 48), "PNG", pnginfo=told))

    assert known(file).notes == (TOLD,)
    assert not pixels(file).info


def test_a_picture_that_lies_on_its_side_has_no_place_either() -> None:
    file = ready(written(ramp(64, 48), exif=taken(VIENNA, tag0112=6)))

    assert pixels(file).size == (48, 64)
    assert not pixels(file).getexif()
    assert TOLD in known(file).notes


def test_exif_without_a_place_is_left_alone() -> None:
    for place in (taken({0: b"\2\3\0\0"}), Image.Exif()):
        place[0x010F] = "Camera & Co"
        original = written(ramp(64, 48), exif=place)
        file = ready(original)
        assert (content(file), known(file).notes) == (original, ())


def test_what_is_sent_of_a_list_of_pictures_has_no_place() -> None:
    def sees(received: Received) -> Answer:
        return reply(completion("a field")) if received.body else reply({"data": []})

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
    assert any(told.endswith(TOLD) for told in result.output[0]["warnings"])
