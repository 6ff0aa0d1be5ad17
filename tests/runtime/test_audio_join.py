"""Audio files joined to one: it plays to its end, and its header has the length."""

from __future__ import annotations

import asyncio
import io
import tempfile
import wave
from array import array
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mutagen.mp3 import MP3

from openrouter_connector import FileEntry, FileError, FileStore
from openrouter_connector.runtime.audio.join import join_audio
from openrouter_connector.sandbox.content.mp3 import mp3
from support.audio import (
    Samples,
    decoded,
    encoded,
    loaded,
    noise,
    silence,
    unnamed_files,
    wait_for_workers,
    wav,
    word,
)

Join = Callable[..., tuple[FileEntry, bytes]]
SOUNDS = [np.concatenate([word(1 + part), silence(0.5)]) for part in range(3)]  # 7.5 seconds


@pytest.fixture
def join(store: FileStore) -> Join:
    """Join audio files, and return the entry and the content of the result."""

    def made(contents: list[bytes], extension: str) -> tuple[FileEntry, bytes]:
        files = [loaded(content, f"part.{extension}") for content in contents]
        entry = asyncio.run(join_audio(files, store, "speech", extension))
        path = store.path_of(entry)
        assert path
        return entry, path.read_bytes()

    return made


def tagged(mp3: bytes, text: bytes = b"A text that one part carries.") -> bytes:
    """Put a tag with text in front, as the sandbox does."""
    frame = b"TXXX" + bytes([0, 0, 0, len(text) + 3]) + b"\x00\x00\x03x\x00" + text
    return b"ID3\x04\x00\x00" + bytes([0, 0, 0, len(frame)]) + frame + mp3


def words(samples: Samples, rate: int) -> list[float]:
    """Return the length of each stretch of speech, in seconds."""
    width = rate // 20
    loud = abs(samples[: len(samples) // width * width].reshape(-1, width)).max(axis=1) > 1500
    edges = np.flatnonzero(np.diff(loud, prepend=False, append=False))
    return [float(length) / 20 for length in edges[1::2] - edges[::2]]


def test_mp3s_become_one_that_plays_throughout(join: Join) -> None:
    entry, content = join([tagged(encoded(sound, "mp3")) for sound in SOUNDS], "mp3")
    assert (entry.name, entry.mime_type, entry.extension) == ("speech.mp3", "audio/mpeg", "mp3")
    read: Any = MP3
    info = read(io.BytesIO(content)).info
    assert (info.sketchy, info.sample_rate, info.channels) == (False, 24_000, 1)
    rate, samples = decoded(content)
    assert info.length == pytest.approx(len(samples) / rate, abs=0.06)
    assert info.length == pytest.approx(7.5, abs=0.25)  # each encoder began with a little silence
    assert words(samples, rate) == pytest.approx([1, 2, 3], abs=0.15)


def test_joined_mp3s_have_nothing_between_their_frames(join: Join) -> None:
    _, content = join([tagged(encoded(sound, "mp3")) for sound in SOUNDS], "mp3")
    assert content.count(b"ID3") == content.count(b"TXXX") == 0
    assert content.count(b"Info") + content.count(b"Xing") == 1
    at = 0
    while at < len(content):
        head = content[at : at + 4]
        assert head[:2] == b"\xff\xf3"  # MPEG 2, layer III
        rates = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
        at += 72_000 * rates[head[2] >> 4] // 24_000 + (head[2] >> 1 & 1)
    assert at == len(content)


def test_mp3s_of_other_bit_rates_and_without_a_header_are_joined(join: Join) -> None:
    other = b"".join(mp3([array("h", SOUNDS[1].tobytes())]))
    _, content = join([encoded(SOUNDS[0], "mp3"), other, encoded(SOUNDS[2], "mp3")], "mp3")
    rate, samples = decoded(content)
    assert words(samples, rate) == pytest.approx([1, 2, 3], abs=0.15)
    read: Any = MP3
    assert read(io.BytesIO(content)).info.length == pytest.approx(7.5, abs=0.25)


@pytest.mark.parametrize("promised", [None, 0, 0xFFFFFFFF])
def test_wavs_become_one_sample_for_sample(join: Join, promised: int | None) -> None:
    sounds = [noise(1.5, loud=4000, seed=seed) for seed in range(3)]
    entry, content = join([wav(sound, promised=promised) for sound in sounds], "wav")
    assert entry.mime_type == "audio/wav"
    with wave.open(io.BytesIO(content)) as whole:
        assert (whole.getframerate(), whole.getnchannels(), whole.getsampwidth()) == (24_000, 1, 2)
        assert whole.getnframes() * 2 == len(content) - 44
        assert whole.readframes(10**6) == np.concatenate(sounds).tobytes()


def test_raw_samples_are_concatenated(join: Join) -> None:
    entry, content = join([sound.tobytes() for sound in SOUNDS], "pcm")
    assert content == np.concatenate(SOUNDS).tobytes()
    assert (entry.name, entry.mime_type) == ("speech.pcm", "audio/pcm")


@pytest.mark.parametrize("kind", ["aac", "ogg"])
def test_other_formats_are_joined(join: Join, kind: str) -> None:
    _, content = join([encoded(sound, kind) for sound in SOUNDS], kind)
    rate, samples = decoded(content)
    assert len(samples) / rate == pytest.approx(7.5, abs=0.3)
    assert words(samples, rate) == pytest.approx([1, 2, 3], abs=0.15)


def test_a_single_file_is_stored_unchanged(join: Join) -> None:
    content = tagged(encoded(SOUNDS[0], "mp3"))
    assert join([content], "mp3")[1] == content
    assert join([b"anything"], "flac")[1] == b"anything"


def test_the_same_audio_makes_the_same_file(join: Join) -> None:
    parts = [encoded(sound, "mp3") for sound in SOUNDS]
    assert join(parts, "mp3") == join(parts, "mp3")


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="counts open files")
def test_a_cancelled_caller_leaves_nothing_behind(
    store: FileStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spooled = tmp_path / "spooled"
    spooled.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(spooled))

    async def left() -> None:
        arrived = asyncio.Event()

        async def last() -> AsyncIterator[bytes]:
            assert unnamed_files(spooled) > 0
            arrived.set()
            yield HUM
            await asyncio.Event().wait()

        file = loaded(HUM, "x.mp3")
        files = [file, file, replace(file, open=last)]
        task = asyncio.create_task(join_audio(files, store, "speech", "mp3"))
        await arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(left())
    wait_for_workers()
    assert unnamed_files(spooled) == 0
    assert not (tmp_path / "files").exists()


HUM = encoded(SOUNDS[0], "mp3")
FLAC = encoded(SOUNDS[0], "flac")


@pytest.mark.parametrize(
    ("contents", "extension", "message"),
    [
        pytest.param([], "mp3", "there is no audio to join", id="none"),
        pytest.param([FLAC, FLAC], "flac", "flac files cannot be joined; use pcm, mp3", id="kind"),
        pytest.param(
            [HUM, encoded(SOUNDS[0], "mp3", channels=2)],
            "mp3",
            r"part 2: its format \(mp3, 24000 Hz, 2 channels\) differs from the first part "
            r"\(mp3, 24000 Hz, 1 channel\)",
            id="channels",
        ),
        pytest.param(
            [wav(SOUNDS[0]), wav(SOUNDS[0], 16_000)], "wav", "part 2: .*16000 Hz", id="rate"
        ),
        pytest.param(
            [HUM, FLAC], "mp3", "part 2: the codec flac cannot be stored in such a file", id="codec"
        ),
        pytest.param(
            [FLAC, FLAC],
            "wav",
            "part 1: the codec flac cannot be stored in such a file",
            id="no wav",
        ),
        pytest.param([HUM, HUM, b"Sorry." * 99], "mp3", "part 3: the file is not audio", id="text"),
        pytest.param([HUM, b""], "mp3", "part 2: the file is empty", id="empty"),
        pytest.param(
            [wav(silence(0)), wav(silence(0))],
            "wav",
            "part 1: the file contains no audio",
            id="0 s",
        ),
    ],
)
def test_the_error_says_why_files_cannot_be_joined(
    join: Join, contents: list[bytes], extension: str, message: str
) -> None:
    with pytest.raises(FileError, match=message):
        join(contents, extension)
