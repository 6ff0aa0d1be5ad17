"""What an audio file is, by its content; its length is counted, whatever the header says."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from openrouter_connector import FileEntry, FileError, FileStore
from openrouter_connector.runtime.audio.probe import probe
from openrouter_connector.runtime.audio.values import AudioInfo
from openrouter_connector.values import OwnFile
from support.audio import KINDS, encoded, loaded, silence, spoken, wav, word

SPEECH = spoken(*(0.4, 0.1) * 30)  # 15 seconds
CODECS = {"wav": "pcm_s16le", "m4a": "aac", "ogg": "opus", "webm": "opus"}


def probed(content: bytes, name: str = "x.mp3") -> AudioInfo:
    return asyncio.run(probe(loaded(content, name)))


@pytest.mark.parametrize("channels", [1, 2], ids=["mono", "stereo"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_recognized(kind: str, channels: int) -> None:
    sound = probed(encoded(SPEECH, kind, channels=channels), f"x.{kind}")
    assert sound.seconds == pytest.approx(15, abs=0.12)
    expected = AudioInfo(0, CODECS.get(kind, kind), KINDS[kind][2], channels, kind, silent=False)
    assert replace(sound, seconds=0) == expected


@pytest.mark.parametrize("promised", [0, 0x7FFFFFFF, 0xFFFFFFFF])
def test_the_length_of_a_stream_without_a_size_is_counted(promised: int) -> None:
    expected = AudioInfo(15, "pcm_s16le", 24_000, 1, "wav", silent=False)
    assert probed(wav(SPEECH, promised=promised)) == expected


def test_the_length_of_an_mp3_without_a_frame_count_is_counted() -> None:
    """FFmpeg would estimate the length by the quiet start, which takes few bytes."""
    content = b"".join(
        without_count(encoded(part, "mp3")) for part in (silence(10), word(10), silence(10))
    )
    sound = probed(content)
    assert sound.seconds == pytest.approx(30, abs=0.4)
    assert sound.warnings == ()


def without_count(mp3: bytes) -> bytes:
    """Remove the tag and the first frame, which has the number of frames."""
    assert b"Info" in mp3[:200] or b"Xing" in mp3[:200]
    frames = mp3.index(b"\xff\xf3", mp3.index(b"\xff\xf3") + 2)
    return mp3[frames:]


@pytest.mark.parametrize("kind", ["wav", "mp3", "flac"])
def test_a_file_that_is_cut_off_is_reported(kind: str) -> None:
    content = encoded(SPEECH, kind)
    assert probed(content).warnings == ()
    sound = probed(content[: len(content) // 2])
    assert sound.seconds == pytest.approx(7.5, abs=1)
    assert sound.warnings == (f"the file is cut off after {sound.seconds:.0f} seconds",)


def test_a_large_tag_before_an_mp3_is_skipped() -> None:
    tag = b"ID3\x04\x00\x00" + bytes([0, 6, 0, 0]) + bytes(6 << 14)
    content = tag + encoded(SPEECH, "mp3")
    assert probed(content).warnings == ()
    assert probed(content[:-20_000]).warnings != ()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(b"", "the file is empty", id="empty"),
        pytest.param(b"Once upon a time.\n" * 999, "not audio in a supported format", id="text"),
        pytest.param(wav(silence(0)), "no audio can be read from the file", id="no samples"),
        pytest.param(encoded(SPEECH, "m4a")[:900], "damaged or cut off", id="m4a without index"),
        pytest.param(encoded(SPEECH, "flac")[:60], "no audio can be read|damaged", id="header"),
    ],
)
def test_a_file_without_audio_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(FileError, match=message) as caught:
        probed(content)
    assert caught.value.path == "file"


def test_an_error_names_the_property_of_the_file() -> None:
    with pytest.raises(FileError, match=r"^sounds\[3\]: the file is empty$") as caught:
        asyncio.run(probe(loaded(b"", "x.mp3"), where="sounds[3]"))
    assert caught.value.path == "sounds[3]"


@pytest.mark.parametrize("kind", KINDS)
def test_a_silent_file_is_recognized(kind: str) -> None:
    assert probed(encoded(silence(3), kind)).silent
    late = np.concatenate([silence(3), word(0.3), silence(3)])
    assert not probed(encoded(late, kind)).silent


def test_the_bytes_in_memory_are_inspected_and_not_a_changed_file(tmp_path: Path) -> None:
    path = tmp_path / "x.wav"
    path.write_bytes(wav(word(2)))
    entry = FileEntry("wav", "audio/wav", "x.wav", OwnFile(path))

    async def later() -> AudioInfo:
        file = await FileStore(tmp_path / "store").load(entry.to_json(), "file", ())
        path.write_bytes(wav(silence(1)))
        assert file.content == wav(word(2))
        return await probe(file)

    sound = asyncio.run(later())
    assert (sound.seconds, sound.silent) == (2, False)


def test_samples_beyond_the_header_are_not_taken_for_silence() -> None:
    sound = probed(wav(np.concatenate([silence(1), SPEECH]), promised=24_000))
    assert sound.warnings == ("the file contains more than the 0.5 seconds of its header",)
    assert not sound.silent


def test_a_sample_is_enough() -> None:
    assert probed(wav(np.ones(1, np.int16))).seconds == 0.0
    assert probed(wav(np.ones(24, np.int16))).seconds == 0.001
