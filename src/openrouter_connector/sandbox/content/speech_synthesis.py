"""A small synthesizer: each letter is a syllable of a voice, and sentences rise and fall.

A vowel is one pitch period shaped by two formants and repeated; a consonant adds noise. Every
letter is made once for each voice, pitch and speed, and then only joined.
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
LETTER = 0.06
PAUSES = {",": 0.12, ";": 0.15, ":": 0.15, ".": 0.05, "!": 0.05, "?": 0.05}
SPACE = 0.05
LONGEST_PAUSE = 0.22
BREATH = 0.4
"""The pause after a sentence, in seconds, however fast it was said."""
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
    """Give the samples of a sentence, letter by letter: 24 kHz, mono, 16 bits.

    No pause in it is as long as the breath after it.
    """
    if not text.strip():
        yield silence(0.2)
    for pausing, run in groupby(enumerate(text), lambda one: _is_pause(one[1])):
        if pausing:
            seconds = sum(PAUSES.get(letter, SPACE) for letter in {letter for _, letter in run})
            yield silence(min(LONGEST_PAUSE, seconds / speed))
            continue
        for place, letter in run:
            step = STEPS[place % len(STEPS)] * _ending(text, place)
            yield _letter(_plain(letter), _pitch(voice) * round(step, 2), speed)


def silence(seconds: float) -> array[int]:
    """Give the samples of nothing."""
    return array("h", bytes(2 * int(seconds * RATE)))


def _is_pause(letter: str) -> bool:
    return letter in PAUSES or letter.isspace()


def _ending(text: str, place: int) -> float:
    """Let the last letters before a question mark rise, and those before a full stop fall."""
    ahead = text[place + 1 : place + 6]
    return 1.25 if "?" in ahead else 0.9 if "." in ahead else 1.0


def _plain(letter: str) -> str:
    """Take the accent off; a letter of another script becomes one of ours, always the same."""
    base = unicodedata.normalize("NFKD", letter)[0].lower()
    return base if "a" <= base <= "z" else chr(97 + ord(base) % 26)


def _pitch(voice: str) -> float:
    return PITCHES.get(voice) or 100.0 + zlib.crc32(voice.encode()) % 120


@lru_cache(maxsize=4096)
def _letter(letter: str, pitch: float, speed: float) -> array[int]:
    vowel = letter in VOWELS
    count = int(LETTER * (1.3 if vowel else 0.75) * RATE / speed)
    formants = VOWELS.get(letter) or (300 + 40 * (ord(letter) % 9), 1100 + 90 * (ord(letter) % 7))
    period = _period(formants, pitch)
    tone = islice(_cycle(period), count)
    noise = _noise(letter, count) if letter in HISSES else repeat(0.0)
    loud = 9000 if vowel else 5000
    edge = min(count // 2, 240)
    shaped = (
        int(loud * (wave + hiss) * min(1.0, at / edge, (count - at) / edge))
        for at, (wave, hiss) in enumerate(zip(tone, noise, strict=False))
    )
    return array("h", shaped)


def _period(formants: tuple[int, int], pitch: float) -> list[float]:
    """Give one period: the harmonics of the pitch, each as strong as the formants let it be."""
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
    """Give a hiss, always the same for a letter: a linear congruential sequence."""
    seeds = accumulate(
        repeat(ord(letter), count), lambda state, _: (state * 1103515245 + 12345) & 0x7FFFFFFF
    )
    return ((seed >> 8) % 2000 / 2500 - 0.4 for seed in seeds)
