"""Measure loudness, and find the pauses at which audio can be cut.

Loudness is measured every 10 ms as the deviation from the mean. So a constant offset of the signal
does not count.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Samples = NDArray[np.int16]
"""Samples of one channel, 16 bits each."""

SILENT = 32.768  # 60 dB below full scale: the noise of a quiet room
PAUSE = 0.3  # seconds of silence that are surely between words and not inside one
_INSTANT = 0.05  # seconds
_STEP = 0.01  # seconds
_STEPS = 100
_SIMILAR = 0.8  # of the longest pause: also between sentences, and not inside one
_QUIETER = 10  # times: a pause in noise is 20 dB quieter than what is loud around it


def loudness(samples: Samples, rate: int) -> float:
    """Return the loudness of the loudest 10 ms, as the deviation from their mean."""
    return float(_levels(samples, rate).max(initial=0))


def find_pause(samples: Samples, rate: int) -> int | None:
    """Return the middle of the last of the longest pauses; None when there is no pause."""
    levels = _levels(samples, rate)
    if not len(levels):
        return None
    loud = float(np.percentile(levels, 95))
    quiet = levels <= max(SILENT, loud / _QUIETER)
    middle = _longest_run(quiet, round(PAUSE / _STEP))
    return None if middle is None else round(middle * _width(rate))


def find_quietest(samples: Samples, rate: int) -> int:
    """Return the middle of the quietest instant."""
    levels = _levels(samples, rate)
    return round(_quietest(levels) * _width(rate)) if len(levels) else len(samples)


def _levels(samples: Samples, rate: int) -> NDArray[np.float32]:
    width = _width(rate)
    whole = len(samples) // width * width
    steps = samples[:whole].reshape(-1, width)
    levels = np.empty(len(steps), np.float32)
    for start in range(0, len(steps), _STEPS):  # in batches: all at once takes 8 times the memory
        batch = slice(start, start + _STEPS)
        np.std(steps[batch], axis=1, dtype=np.float32, out=levels[batch])
    return levels


def _width(rate: int) -> int:
    return max(1, round(rate * _STEP))


def _longest_run(quiet: NDArray[np.bool_], least: int) -> float | None:
    """Return the middle of the longest run of at least `least` steps; None without such a run.

    Of several similar ones the last is used, since it makes fewer parts.
    """
    edges = np.flatnonzero(np.diff(quiet, prepend=False, append=False))
    starts, ends = edges[::2], edges[1::2]
    lengths = ends - starts
    long = np.flatnonzero(lengths >= max(least, _SIMILAR * lengths.max(initial=0)))
    return float(starts[long[-1]] + ends[long[-1]]) / 2 if len(long) else None


def _quietest(levels: NDArray[np.float32]) -> float:
    """Return the middle of the quietest instant within the quietest 0.3 seconds.

    The quietest instant of all may be the one before a plosive, in the middle of a word.
    """
    start = 0
    for seconds in (PAUSE, _INSTANT):
        width = min(round(seconds / _STEP), len(levels))
        means = np.convolve(levels, np.full(width, 1 / width), mode="valid")
        best = int(means.argmin())
        start, levels = start + best, levels[best : best + width]
    return start + len(levels) / 2
