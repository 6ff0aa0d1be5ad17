"""Audio that is silent, cut off, misnamed, oddly encoded, or exactly as long as a part."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.video.frame import VideoFrame

from openrouter_connector import Connector, FileError, Result
from support.audio import SPEECH, Samples, decoded, encoded, opposed, silence, spoken, wav, word
from support.scripted_server import Scripted, response, scripted

Transcribe = Callable[..., tuple[Result, Scripted]]


@pytest.fixture
def transcribe(tmp_path: Path) -> Transcribe:
    """Transcribe audio at a scripted server."""

    def writing(content: bytes, name: str = "talk.wav", **given: Any) -> tuple[Result, Scripted]:
        (tmp_path / name).write_bytes(content)
        parameters = {"model": "a/b", "file": tmp_path / name, **given}
        with scripted(response({"text": "Hello"})) as server:
            connector = Connector.load(cache=False)
            result = connector.run("createTranscription", parameters, base_url=server.base_url)
        return result, server

    return writing


def made(samples: Samples, codec: str, form: str, rate: int, layout: str, film: str = "") -> bytes:
    """Encode audio, after a video stream if its codec is named."""
    target = BytesIO()
    with av.open(target, "w", format=form) as container:
        images: Any = container.add_stream(film, rate=5, width=32, height=32) if film else None
        stream: Any = container.add_stream(codec, rate=rate)
        stream.codec_context.layout = layout
        if images:
            images.pix_fmt = "yuv420p"
            container.mux(images.encode(VideoFrame(32, 32, "yuv420p")))
            container.mux(images.encode(None))
        sound = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono")
        sound.sample_rate = 24_000
        resampler = AudioResampler(stream.codec_context.format.name, layout, rate)
        frames = [*resampler.resample(sound), *resampler.resample(None)]
        for frame in [*filter(None, frames), None]:
            container.mux(stream.encode(frame))
    return target.getvalue()


def tagged(mp3: bytes, size: int) -> bytes:
    """Put a large tag before an MP3, as a cover image makes it."""
    sizes = bytes((size >> shift) & 127 for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + sizes + bytes(size) + mp3


ODD = [
    pytest.param(made(SPEECH, "pcm_mulaw", "wav", 8000, "mono"), "wav", id="telephone"),
    pytest.param(made(SPEECH, "flac", "flac", 48_000, "5.1"), "flac", id="six channels"),
    pytest.param(made(SPEECH, "pcm_f32le", "wav", 96_000, "stereo"), "wav", id="floats"),
    pytest.param(made(SPEECH, "aac", "mp4", 48_000, "mono", "mpeg4"), "m4a", id="m4a film"),
    pytest.param(made(SPEECH, "libopus", "webm", 48_000, "mono", "libvpx"), "webm", id="webm film"),
    pytest.param(encoded(SPEECH, "ogg"), "ogg", id="opus"),
    pytest.param(encoded(SPEECH, "aac"), "aac", id="adts"),
    pytest.param(tagged(encoded(SPEECH, "mp3"), 5_000_000), "mp3", id="large tag"),
    pytest.param(wav(SPEECH, promised=0xFFFFFFFF), "wav", id="endless header"),
    pytest.param(wav(np.concatenate([silence(30), SPEECH])), "wav", id="late speech"),
    pytest.param(opposed(SPEECH), "wav", id="opposed channels"),
    pytest.param(opposed(SPEECH, channels=16), "wav", id="many opposed channels"),
]


@pytest.mark.parametrize(("content", "kind"), ODD)
def test_odd_audio_is_sent_unchanged(transcribe: Transcribe, content: bytes, kind: str) -> None:
    result, server = transcribe(content, f"talk.{kind}")
    (request,) = server.requests
    assert request.json["input_audio"]["format"] == kind
    assert (result.output, result.metadata.warnings) == ("Hello", ())


@pytest.mark.parametrize("given", [{}, {"segments": True}, {"partLength": 5}], ids=str)
def test_short_silence_is_not_paid_for(transcribe: Transcribe, given: dict[str, Any]) -> None:
    for kind in ("wav", "mp3", "m4a"):
        result, server = transcribe(encoded(silence(8), kind), f"talk.{kind}", **given)
        assert server.requests == []
        assert (result.output, result.metadata.cost) == ("", 0)
        (warning,) = result.metadata.warnings
        assert warning.startswith("the file is silent")
        assert not result.metadata.segments


@pytest.mark.parametrize(
    "content",
    [b"", b"Hello, this is a text.\n" * 30, wav(silence(0))],
    ids=["nothing", "text", "0 s"],
)
def test_a_small_file_that_is_no_audio_is_not_sent(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "talk.mp3").write_bytes(content)
    with scripted(response({"text": "x"})) as server:
        with pytest.raises(FileError, match=r"^file: "):
            Connector.load(cache=False).run(
                "createTranscription",
                {"model": "a/b", "file": tmp_path / "talk.mp3"},
                base_url=server.base_url,
            )
        assert server.requests == []


def test_a_misnamed_file_is_sent_with_its_true_format(transcribe: Transcribe) -> None:
    result, server = transcribe(encoded(spoken(2), "m4a"), "talk.mp3")
    assert server.requests[0].json["input_audio"]["format"] == "m4a"
    warning = "the file is m4a and not mp3; it is sent as m4a"
    assert [*result.metadata.warnings] == [warning]


def test_short_audio_that_is_cut_off_is_reported(transcribe: Transcribe) -> None:
    content = encoded(spoken(8), "mp3")
    result, _ = transcribe(content[: len(content) // 2], "talk.mp3")
    assert [*result.metadata.warnings] == ["the file is cut off after 4 seconds"]


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a"])
def test_audio_exactly_as_long_as_a_part_is_one_part(transcribe: Transcribe, kind: str) -> None:
    """Encoders make audio a little longer, which is no reason to split it."""
    result, server = transcribe(encoded(word(10), kind), f"talk.{kind}", partLength=10)
    (request,) = server.requests
    assert request.json["input_audio"]["format"] == kind
    assert result.metadata.warnings == ()


def test_audio_longer_than_a_part_is_split(transcribe: Transcribe) -> None:
    result, server = transcribe(wav(spoken(4, 1, 5.5)), partLength=10)
    assert len(server.requests) == 2
    assert [*result.metadata.warnings] == ["sent in 2 parts"]


@pytest.mark.parametrize("rate", [16_000, 44_100])
def test_channels_that_cancel_each_other_out_are_not_taken_for_silence(
    transcribe: Transcribe, rate: int
) -> None:
    result, server = transcribe(opposed(spoken(4, 1, 5.5, rate=rate), rate), partLength=10)
    sent = [one.json["input_audio"]["data"] for one in server.requests]
    sounds = [decoded(b64decode(one))[1] for one in sent]
    assert [len(one) / 16_000 for one in sounds] == pytest.approx([4.5, 6], abs=0.05)
    assert min(np.abs(one).max() for one in sounds) > 5000
    assert [*result.metadata.warnings] == ["sent in 2 parts"]
