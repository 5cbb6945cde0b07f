"""Finds speech that a detector takes for silence because of louder sound beside it.

A network that judges sound by its level hears nothing in a voice 20 dB below its neighbour, and all of it in that
voice alone. Therefore a silence that holds sound far below what lies around it is judged again, alone and louder.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from engine.regions import KnownUntil, SpeechRegion
from engine.sampling import to_samples
from engine.vad.detector import Hysteresis, VoiceActivityDetector
from engine.vad.periodicity import periodicity

SHORTEST = 0.5  # seconds of a silence that is looked at
LEAST = 0.4  # seconds of sound in such a silence, and of speech that is found
FRAME = 0.02  # seconds over which a level is measured
LOUD = 95  # percentile of the levels around a silence that counts as the level of loud sound
FURTHEST = 36.0  # dB below that level: sound that is further below is noise or breath
QUIET = 10  # percentile of the levels in a silence that counts as the level of its pauses
CHANGE = 9.0  # dB between the sound and the pauses; steady noise changes by less
CLEAR = 0.9  # probability that faint speech reaches for a short word
# A voice 20 dB below its neighbour is 25 dB below that level. Its periodicity is 0.92 or more, that of a crowd of four
# people 0.81 or less, that of two up to 0.93.
FAR = 32.0  # dB below the level of loud sound, from which people hear only the clearest voice
ONE_VOICE, CLEAR_VOICE = 0.82, 0.95
LEVEL, MAX_GAIN = -25.0, 30.0  # dB of full scale to which the sound is brought, and dB of gain at most
CLIPPED = 0.5  # of full scale: the end of a loud word beside a silence becomes no louder
# Standard deviation of noise that is added, 25 dB below the sound. Without any, the network takes breath, echo and
# pulses of noise for speech, as surely as people; with it, people alone.
NOISE = 10 ** (-50 / 20)


class FaintSpeech:
    """Gives the speech regions of one recording, with the faint speech between them."""

    def __init__(self, detector: VoiceActivityDetector, rule: Hysteresis) -> None:
        """Takes a detector with a reach, and the rule for all speech; faint speech must also be clear."""
        self._detector = detector
        self._reach = detector.reach
        self._rule = rule
        self._clear = replace(rule, min_peak=max(CLEAR, rule.min_peak))
        self._sound = _HeldSound()

    def regions(
        self, blocks: Iterable[np.ndarray], known: Sequence[SpeechRegion] = ()
    ) -> Iterator[SpeechRegion | KnownUntil]:
        """Yields speech regions in order, and the time up to which all is known.

        Silence is looked at within the detector's reach of speech, since no other silence can hide any. The size of
        the blocks changes nothing. The arguments are those of `VoiceActivityDetector.regions`.

        Raises OutOfMemory.
        """
        loud = [region for region in known if not region.is_faint]
        # Faint speech after the last region of an earlier run is found again, as that region is.
        faint = deque(
            region for region in known if region.is_faint and loud and region.start < loud[-1].start
        )
        silence = _Silence(0.0, after_speech=False)
        replayed, duration = 0, 0.0
        for item in self._detector.regions(self._holding(blocks), self._rule, loud):
            if isinstance(item, KnownUntil):
                duration = item.seconds
                if replayed == len(loud):
                    silence = yield from self._look_at_head(silence, duration)
                    yield KnownUntil(silence.first_hidden(duration, self._reach))
                else:
                    yield KnownUntil(min(duration, faint[0].start) if faint else duration)
                self._sound.forget_before(duration - 3 * self._reach)
                continue
            if replayed < len(loud):
                replayed += 1
                while faint and faint[0].start < item.start:
                    yield faint.popleft()
            else:
                silence = yield from self._look_at_head(silence, item.start)
                start = silence.first_hidden(item.start, self._reach)
                yield from self._look(start, item.start, heard_until=item.end)
            yield item
            silence = _Silence(item.end, after_speech=True)
        silence = yield from self._look_at_head(silence, duration)
        if silence.after_speech:
            yield from self._look(silence.start, duration, heard_until=duration)
        yield KnownUntil(duration)

    def _holding(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for block in blocks:
            self._sound.add(block)
            yield block

    def _look_at_head(self, silence: _Silence, until: float) -> Generator[SpeechRegion, None, _Silence]:
        """Looks at the beginning of a long silence; returns the silence that is left, up to `until` seconds."""
        if until - silence.start <= 2 * self._reach:
            return silence
        if silence.after_speech:
            yield from self._look(silence.start, silence.start + self._reach, heard_until=until)
        return _Silence(until - self._reach, after_speech=False)

    def _look(self, start: float, end: float, heard_until: float) -> Iterator[SpeechRegion]:
        """Yields the faint speech in a silence; the recording counts up to `heard_until` seconds."""
        if end - start < SHORTEST:
            return
        around = self._sound.cut(start - self._reach, min(end + self._reach, heard_until))
        sound = self._sound.cut(start, end)
        if (found := _hidden_level(_levels(sound), _levels(around))) is None:
            return
        level, loud = found
        gain = 10 ** (min(max(LEVEL - level, 0.0), MAX_GAIN) / 20)
        noise = np.random.default_rng(0).normal(0, NOISE, len(sound))  # the same each time
        alone = (np.clip(sound * gain, -CLIPPED, CLIPPED) + noise).astype(np.float32)
        for region in self._detector.regions([alone], self._clear):
            if not isinstance(region, SpeechRegion) or not region.has_speech:
                continue
            said = sound[to_samples(region.start) : to_samples(region.end)]
            if region.end - region.start >= LEAST and _can_be_heard(said, loud):
                yield SpeechRegion(start + region.start, min(start + region.end, end), is_faint=True)


@dataclass(frozen=True, slots=True)
class _Silence:
    """Holds where a silence begins, in seconds, and whether speech lies before it."""

    start: float
    after_speech: bool

    def first_hidden(self, until: float, reach: float) -> float:
        """Returns the seconds before which no speech is hidden if other speech begins at `until` or later."""
        return min(until, self.start if self.after_speech else max(self.start, until - reach))


class _HeldSound:
    """Keeps the last samples of a recording."""

    def __init__(self) -> None:
        self._samples = np.zeros(0, np.float32)
        self._origin = 0  # position of the first sample held

    def add(self, block: np.ndarray) -> None:
        self._samples = np.concatenate([self._samples, block])

    def forget_before(self, time: float) -> None:
        drop = min(max(to_samples(time) - self._origin, 0), len(self._samples))
        self._samples = self._samples[drop:]
        self._origin += drop

    def cut(self, start: float, end: float) -> NDArray[np.float32]:
        first, last = (max(to_samples(time) - self._origin, 0) for time in (start, end))
        return self._samples[first:last]


def _levels(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Returns the level of each frame in dB of full scale."""
    size = to_samples(FRAME)
    frames = samples[: len(samples) // size * size].reshape(-1, size)
    return np.asarray(10 * np.log10(np.mean(np.square(frames), axis=1, dtype=np.float64) + 1e-10))


def _can_be_heard(sound: NDArray[np.float32], loud: float) -> bool:
    """Returns whether people could make out a voice beside sound of a level in dB, rather than a crowd."""
    level = 10 * np.log10(np.mean(np.square(sound), dtype=np.float64) + 1e-10)
    return periodicity(sound) >= (ONE_VOICE if level >= loud - FAR else CLEAR_VOICE)


def _hidden_level(inside: NDArray[np.float64], around: NDArray[np.float64]) -> tuple[float, float] | None:
    """Returns the levels of sound in a silence that may be faint speech, and of loud sound; None if there is none.

    inside  levels of the silence, in dB
    around  levels of the silence and what lies within reach of it
    """
    least = round(LEAST / FRAME)
    if len(inside) < least:
        return None
    level = float(np.sort(inside)[-least])
    loud = float(np.percentile(around, LOUD))
    changes = level - float(np.percentile(inside, QUIET)) >= CHANGE
    return (level, loud) if level >= loud - FURTHEST and changes else None
