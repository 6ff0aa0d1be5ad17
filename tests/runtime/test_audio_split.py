"""Long audio in parts: cut where nobody speaks, with every sample kept."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from typing import Any

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame
from hypothesis import given, settings
from hypothesis import strategies as st

from support import audio
from support.audio import (
    KINDS,
    PHRASE,
    SPEECH,
    contiguous,
    encoded,
    loaded,
    noise,
    parts_of,
    samples_of,
    silence,
    spoken,
    wav,
    word,
)

# Where it is cut ---------------------------------------------------------------------------------


@pytest.mark.parametrize("channels", [1, 2], ids=["mono", "stereo"])
@pytest.mark.parametrize("kind", KINDS)
def test_every_format_is_cut_at_its_pauses(kind: str, channels: int) -> None:
    content = encoded(SPEECH, kind, channels=channels)
    parts = parts_of(loaded(content, f"talk.{kind}"), seconds=4)
    assert contiguous(parts)
    assert [part.end for part in parts[:-1]] == pytest.approx([3.25, 6.75, 10.25, 13.75], abs=0.08)
    assert parts[-1].end == pytest.approx(15.0, abs=0.15)  # encoders add a little
    assert not any(part.silent for part in parts)
    rate, samples = samples_of(parts)
    assert rate == (16_000 if channels == 2 or KINDS[kind][2] > 24_000 else 24_000)
    assert len(samples) == round(parts[-1].end * rate)
    assert [part.file.entry.name for part in parts[:2]] == ["talk-1.flac", "talk-2.flac"]
    assert {part.file.entry.mime_type for part in parts} == {"audio/flac"}


def test_the_last_pause_that_fits_is_used() -> None:
    sound = spoken(1.0, 0.4, 0.6, 0.4, 0.6, 0.4, 5.0)
    first, second = parts_of(loaded(wav(sound), "x.wav"), seconds=4.5)[:2]
    assert first.end == pytest.approx(3.2, abs=0.02)
    assert second.start == first.end


def test_a_pause_between_phrases_is_preferred_to_a_breath() -> None:
    sound = spoken(3.5, 0.4, 0.4, 0.1, 0.3, 0.1, 5.0)
    assert parts_of(loaded(wav(sound), "x.wav"), seconds=5)[0].end == pytest.approx(3.7, abs=0.02)


def test_a_pause_in_noise_is_found() -> None:
    speech = spoken(*PHRASE, *PHRASE, 1.0)
    noisy = (speech + noise(len(speech) / 24_000, loud=150)).astype(np.int16)
    ends = [part.end for part in parts_of(loaded(wav(noisy), "x.wav"), seconds=4)]
    assert 3.0 < ends[0] < 3.5 and 6.5 < ends[1] < 7.0


def test_an_offset_of_the_signal_does_not_hide_a_pause() -> None:
    sound = (SPEECH + 3000).astype(np.int16)
    assert parts_of(loaded(wav(sound), "x.wav"), seconds=4)[0].end == pytest.approx(3.25, abs=0.02)


def test_without_a_pause_it_is_cut_at_the_quietest_instant() -> None:
    sound = np.concatenate([word(4.2), word(0.06, loud=800), word(6.0)])
    assert parts_of(loaded(wav(sound), "x.wav"), seconds=5)[0].end == pytest.approx(4.23, abs=0.02)


def test_audio_without_a_quiet_instant_is_cut_all_the_same() -> None:
    parts = parts_of(loaded(wav(noise(20, loud=5000)), "x.wav"), seconds=6)
    assert contiguous(parts) and parts[-1].end == 20
    assert all(4 <= part.end - part.start <= 6 for part in parts[:-1])


def test_audio_that_fits_is_one_part() -> None:
    (part,) = parts_of(loaded(wav(SPEECH), "x.wav"), seconds=60)
    assert (part.start, part.end) == (0, 15.0)


def test_no_part_is_larger_than_the_limit() -> None:
    for rate in (8000, 11_025, 16_000, 24_000):
        content = wav(noise(10, loud=20_000, rate=rate), rate)
        parts = parts_of(loaded(content, "x.wav"), seconds=60, size=100_000)
        assert len(parts) > 1 and contiguous(parts) and parts[-1].end == 10
        assert max(part.file.size for part in parts) <= 100_000
        assert max(part.file.size for part in parts[:-1]) > 60_000


# What the parts hold -----------------------------------------------------------------------------


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.tuples(st.floats(0.01, 3), st.sampled_from([0, 1, 30, 9000])), min_size=1),
    st.sampled_from([8000, 16_000, 22_050, 24_000]),
    st.floats(1, 8),
)
def test_samples_of_one_channel_are_kept_exactly(
    made: list[tuple[float, int]], rate: int, longest: float
) -> None:
    sound = np.concatenate([noise(seconds, loud, rate) for seconds, loud in made])
    parts = parts_of(loaded(wav(sound, rate), "x.wav"), seconds=longest)
    found, samples = samples_of(parts)
    assert found == rate and contiguous(parts)
    assert np.array_equal(samples, sound)
    assert max(part.end - part.start for part in parts) <= longest


def test_samples_of_a_flac_file_are_kept_exactly() -> None:
    sound = noise(12, loud=3000, rate=16_000)
    content = encoded(sound, "flac", rate=16_000)
    assert np.array_equal(samples_of(parts_of(loaded(content, "x.flac"), seconds=5))[1], sound)


def test_a_part_is_a_whole_flac_file() -> None:
    (part,) = parts_of(loaded(wav(SPEECH), "x.wav"), seconds=60)
    content = audio.content_of(part.file)
    assert len(content) == part.file.size
    model_info = int.from_bytes(content[18:26])  # of STREAMINFO: rate 20 bits, channels 3, depth 5
    assert (model_info >> 44, model_info >> 41 & 7, model_info >> 36 & 31) == (24_000, 0, 15)
    assert model_info & (1 << 36) - 1 == len(SPEECH)


def test_only_a_part_that_surely_is_silent_is_called_silent() -> None:
    room, whisper = noise(4, loud=20), noise(0.05, loud=60)
    quiet = [silence(4), room, np.full(96_000, 500, np.int16)]
    parts = [parts_of(loaded(wav(sound), "x.wav"))[0] for sound in quiet]
    assert [part.silent for part in parts] == [True, True, True]
    (part,) = parts_of(loaded(wav(np.concatenate([room, whisper, room])), "x.wav"))
    assert not part.silent


def test_silence_within_a_talk_is_a_part_of_its_own() -> None:
    sound = np.concatenate([SPEECH, silence(30), SPEECH])
    parts = parts_of(loaded(wav(sound), "x.wav"), seconds=8)
    assert [part.silent for part in parts] == [part.start > 15 and part.end < 45 for part in parts]
    assert any(part.silent for part in parts)


def test_a_gap_in_the_timestamps_is_silence() -> None:
    target = BytesIO()
    with av.open(target, "w", format="webm") as container:
        stream: Any = container.add_stream("libopus", rate=48_000)
        stream.codec_context.layout = "mono"
        for start in (0, 5):
            frame = AudioFrame.from_ndarray(word(1, 48_000).reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts = 48_000, start * 48_000
            frame.time_base = Fraction(1, 48_000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    (part,) = parts_of(loaded(target.getvalue(), "x.webm"))
    _, samples = samples_of([part])
    assert part.end == pytest.approx(6, abs=0.05)
    audible = np.flatnonzero(abs(samples.astype(int)) > 2000) / 16_000
    assert audible.min() < 0.1 and audible.max() > 5.9
    assert not np.any((audible > 1.1) & (audible < 4.9))


def test_a_change_of_rate_within_a_file_is_followed() -> None:
    first, second = encoded(SPEECH, "mp3"), encoded(word(5, 44_100), "mp3", rate=44_100, channels=2)
    parts = parts_of(loaded(first + second, "x.mp3"), seconds=60)
    rate, samples = samples_of(parts)
    assert rate == 24_000
    assert parts[-1].end == pytest.approx(20, abs=0.3)
    assert abs(samples[-4 * 24_000 :]).max() > 3000


def test_a_file_that_ends_where_a_part_is_full_has_no_empty_one() -> None:
    for rate, seconds in ((8192, 8), (16_384, 4), (16_384, 8)):
        content = wav(word(seconds, rate), rate)
        parts = parts_of(loaded(content, "x.wav"), seconds=4)
        assert contiguous(parts) and parts[-1].end == seconds
        assert all(part.end > part.start for part in parts)
