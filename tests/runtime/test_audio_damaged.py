"""Audio files that are damaged or cut off, and files that are no audio."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.video.frame import VideoFrame

from openrouter_connector import FileError
from support.audio import SPEECH, contiguous, encoded, loaded, noise, parts_of, silence, wav


def test_damaged_packets_are_skipped() -> None:
    content = encoded(np.concatenate([SPEECH] * 2), "mp3")
    half = len(content) // 2
    broken = content[:half] + bytes(range(256)) * 8 + content[half + 2048 :]
    assert parts_of(loaded(broken, "x.mp3"), seconds=5)[-1].end == pytest.approx(30, abs=1)


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac", "ogg", "webm", "aac"])
def test_a_file_that_is_cut_off_is_read_to_its_end(kind: str) -> None:
    content = encoded(SPEECH, kind)
    parts = parts_of(loaded(content[: len(content) // 2], f"x.{kind}"), seconds=5)
    assert contiguous(parts) and parts[-1].end == pytest.approx(7.5, abs=1.5)


@pytest.mark.parametrize("promised", [0, 16, 0x7FFFFFFF, 0xFFFFFFFF, 10**8])
def test_the_size_in_a_header_is_not_trusted(promised: int) -> None:
    file = loaded(wav(SPEECH, promised=promised), "x.wav")
    ends = [part.end for part in parts_of(file, seconds=5)]
    assert ends[-1] == (8 / 24_000 if promised == 16 else 15)


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://%s\n#EXT-X-ENDLIST\n"
CONCAT = b"ffconcat version 1.0\nfile '%s'\n"
NO_SOUND = "not audio in a supported format; use wav, mp3, flac, m4a, ogg, webm or aac"


@pytest.mark.parametrize("text", [PLAYLIST, CONCAT], ids=["hls", "concat"])
def test_a_playlist_leads_nowhere(text: bytes, tmp_path: Path) -> None:
    other = tmp_path / "other.wav"
    other.write_bytes(wav(SPEECH))
    with pytest.raises(FileError, match=NO_SOUND):
        parts_of(loaded(text % str(other).encode(), "x.mp3"))


def film() -> bytes:
    """A video without audio."""
    target = BytesIO()
    with av.open(target, "w", format="mp4") as container:
        stream: Any = container.add_stream("mpeg4", rate=5, width=16, height=16)
        image = VideoFrame(16, 16, "yuv420p")
        container.mux([*stream.encode(image), *stream.encode(None)])
    return target.getvalue()


def strange() -> bytes:
    """A WAV file with an unknown codec."""
    content = bytearray(wav(SPEECH))
    content[20:22] = b"\x34\x12"
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"Hello, this is text.\n" * 500, NO_SOUND, id="text"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + bytes(5000), NO_SOUND, id="picture"),
        pytest.param(noise(5, 9000).tobytes(), NO_SOUND, id="raw samples"),
        pytest.param(wav(silence(0)), "no audio can be read from the file", id="no samples"),
        pytest.param(wav(SPEECH)[:30], "damaged or cut off", id="half a header"),
        pytest.param(encoded(SPEECH, "m4a")[:2000], "damaged or cut off", id="m4a without index"),
        pytest.param(film(), "the file contains no audio", id="film"),
        pytest.param(wav(noise(0.0001, 9), 48_000), "no audio can be read", id="two samples"),
        pytest.param(strange(), "the codec of the audio in the file is unknown", id="codec"),
    ],
)
def test_a_file_that_is_no_audio_is_refused_with_the_reason(content: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message) as caught:
        parts_of(loaded(content, "x.mp3"))
    assert caught.value.path == "file"
    assert str(caught.value).startswith("file: ")


def test_the_format_comes_from_the_content_and_not_from_the_name() -> None:
    assert parts_of(loaded(encoded(SPEECH, "m4a"), "x.mp3"), seconds=60)[0].end > 14.9


def test_tags_in_another_encoding_are_ignored() -> None:
    note = (
        b"LIST" + (16).to_bytes(4, "little") + b"INFOINAM" + (4).to_bytes(4, "little") + b"\xe9" * 4
    )
    content = wav(SPEECH)
    assert parts_of(loaded(content[:36] + note + content[36:], "x.wav"), seconds=60)[0].end == 15


def test_limits_that_are_too_small_raise_value_error() -> None:
    for longest, largest in ((0.5, 10**6), (10, 1000)):
        with pytest.raises(ValueError, match="at least"):
            parts_of(loaded(b"", "x.wav"), longest, largest)
