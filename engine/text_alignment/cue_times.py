"""Finds what was wrong with the times of given subtitles: all too late or too early, or drifting."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from engine.text.notices import Notice

LEAST_CUES = 4  # subtitles whose start was found
MOST_CUES = 400  # that are looked at, evenly over the recording
LEAST_SHIFT = 0.3  # seconds; subtitles usually begin a little before the words
LEAST_DRIFT = 0.15  # seconds over all subtitles
CERTAIN = 4.0  # standard errors by which a drift must differ from none


def find_faults(pairs: Sequence[tuple[float, float]]) -> Iterator[Notice]:
    """Yields what was wrong with the starts of subtitles.

    pairs  the start that a subtitle had and the start that it has now, in seconds, by the sound
    """
    if len(pairs) < LEAST_CUES:
        return
    chosen = np.array(pairs)[:: max(1, len(pairs) // MOST_CUES)]
    stated, found = chosen.T
    drift = _drift(stated, found - stated)
    # At the start of the recording: with a drift, every other place has a shift of its own.
    shift = float(np.median(found - stated - drift * stated))
    if shift >= LEAST_SHIFT:
        yield Notice.of("subtitles_early", shift=round(shift, 1))
    if shift <= -LEAST_SHIFT:
        yield Notice.of("subtitles_late", shift=round(-shift, 1))
    if drift:
        yield Notice.of("subtitles_drift", percent=round(100 * abs(drift), 2))


def _drift(stated: np.ndarray, shifts: np.ndarray) -> float:
    """Returns the seconds that the shift grows by in each second; 0 if it is not certain that it does.

    Theil and Sen's estimate, the median of the slopes between all pairs, which single misplaced cues do not
    move.
    """
    one, two = np.triu_indices(len(stated), 1)
    apart = stated[two] - stated[one]
    distant = apart > 0.25 * np.ptp(stated)  # closer pairs have slopes of noise alone
    if not distant.any():
        return 0.0
    drift = float(np.median((shifts[two] - shifts[one])[distant] / apart[distant]))
    left = shifts - drift * stated
    noise = 1.4826 * float(np.median(np.abs(left - np.median(left))))
    error = noise / (np.sqrt(len(stated)) * max(float(stated.std()), 1e-9))
    span = float(np.ptp(stated))
    return drift if abs(drift) * span >= LEAST_DRIFT and abs(drift) >= CERTAIN * error else 0.0
