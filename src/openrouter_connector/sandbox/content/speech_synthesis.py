"""Synthesize speech: each letter is a syllable of a voice, and sentences rise and fall.

A vowel is one pitch period shaped by two formants and repeated; a consonant adds noise. Each letter
is computed once per voice, pitch and speed, and then reused.
"""

from __future__ import annotations

import math
import unicodedata
import zlib
from array import array
from collections.abc import Iterator
from functools import lru_cache
from itertools import accumulate, groupby, islice, repeat

RATE = 24_000
LETTER_SECONDS = 0.06
PAUSES = {",": 0.12, ";": 0.15, ":": 0.15, ".": 0.05, "!": 0.05, "?": 0.05}
SPACE_PAUSE = 0.05
MAX_PAUSE = 0.22
SENTENCE_PAUSE = 0.4
"""The pause after a sentence, in seconds, at any speed, so that long audio can be cut there."""
PITCHES = {"alba": 196.0, "bruno": 110.0, "celia": 233.0, "dario": 130.8}
VOWELS = {
    "a": (800, 1200),
    "e": (450, 2100),
    "i": (290, 2400),
    "o": (480, 850),
    "u": (320, 700),
    "y": (300, 2000),
}
HISSES = set("scfhkptxzqj")
STEPS = (1.0, 1.06, 1.12, 1.06, 0.98, 0.94)


def speak(text: str, voice: str, speed: float) -> Iterator[array[int]]:
    """Yield the samples of a sentence, letter by letter: 24 kHz, mono, 16 bits.

    Every pause in it is shorter than the pause after it.
    """
    if not text.strip():
        yield silence(0.2)
    for is_pause, run in groupby(enumerate(text), lambda item: _is_pause(item[1])):
        if is_pause:
            seconds = sum(
                PAUSES.get(letter, SPACE_PAUSE) for letter in {letter for _, letter in run}
            )
            yield silence(min(MAX_PAUSE, seconds / speed))
            continue
        for index, letter in run:
            step = STEPS[index % len(STEPS)] * _intonation(text, index)
            yield _letter(_base_letter(letter), _pitch(voice) * round(step, 2), speed)


def silence(seconds: float) -> array[int]:
    """Return silent samples."""
    return array("h", bytes(2 * int(seconds * RATE)))


def _is_pause(letter: str) -> bool:
    return letter in PAUSES or letter.isspace()


def _intonation(text: str, index: int) -> float:
    """Return the factor of the pitch: it rises before a question mark, falls before a full stop."""
    ahead = text[index + 1 : index + 6]
    return 1.25 if "?" in ahead else 0.9 if "." in ahead else 1.0


def _base_letter(letter: str) -> str:
    """Return a letter from a to z: without its accent, or a fixed one for other scripts."""
    base = unicodedata.normalize("NFKD", letter)[0].lower()
    return base if "a" <= base <= "z" else chr(97 + ord(base) % 26)


def _pitch(voice: str) -> float:
    return PITCHES.get(voice) or 100.0 + zlib.crc32(voice.encode()) % 120


@lru_cache(maxsize=4096)
def _letter(letter: str, pitch: float, speed: float) -> array[int]:
    vowel = letter in VOWELS
    count = int(LETTER_SECONDS * (1.3 if vowel else 0.75) * RATE / speed)
    formants = VOWELS.get(letter) or (300 + 40 * (ord(letter) % 9), 1100 + 90 * (ord(letter) % 7))
    period = _period(formants, pitch)
    tone = islice(_cycle(period), count)
    noise = _noise(letter, count) if letter in HISSES else repeat(0.0)
    loudness = 9000 if vowel else 5000
    edge = min(count // 2, 240)  # fades in and out, or each letter would click
    shaped = (
        int(loudness * (wave + hiss) * min(1.0, at / edge, (count - at) / edge))
        for at, (wave, hiss) in enumerate(zip(tone, noise, strict=False))
    )
    return array("h", shaped)


def _period(formants: tuple[int, int], pitch: float) -> list[float]:
    """Return one pitch period: its harmonics, weighted by the formants."""
    length = round(RATE / pitch)
    harmonics = range(1, max(2, int(3500 / pitch)))
    strength = [
        sum(1 / (1 + ((number * pitch - formant) / 180) ** 2) for formant in formants)
        + 0.15 / number
        for number in harmonics
    ]
    waves = [
        sum(
            force * math.sin(2 * math.pi * number * at / length)
            for number, force in zip(harmonics, strength, strict=True)
        )
        for at in range(length)
    ]
    peak = max(map(abs, waves)) or 1.0
    return [wave / peak for wave in waves]


def _cycle(period: list[float]) -> Iterator[float]:
    while True:
        yield from period


def _noise(letter: str, count: int) -> Iterator[float]:
    """Return the samples of a hiss that is the same each time for a letter."""
    seeds = accumulate(
        repeat(ord(letter), count), lambda state, _: (state * 1103515245 + 12345) & 0x7FFFFFFF
    )
    return ((seed >> 8) % 2000 / 2500 - 0.4 for seed in seeds)
