"""Word times by forced alignment with CMU Sphinx's acoustic model, which pocketsphinx brings along.

Words become phones, phones become hidden Markov models, and the likeliest path through them says where
each word lies. Whisper's attention has seen every word already, about a tenth of a second off and
seldom far off. It takes part in the search: a word may begin near where attention saw it at no cost,
and elsewhere at one that grows with the logarithm of the distance, so that clear sound outweighs
attention and attention holds the words in place where sound says little.

The model is of English. Other languages are written in its phones, the nearest to each of their own:
what tells where a word begins and ends is mostly what kind of sounds meet there, and that carries over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

from engine.alignment.aligner import Utterance, WordTime
from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.acoustic_model import UNKNOWN, AcousticModel
from engine.alignment.phonetic.hmm import Network, SearchBand, build_network, score_frames, viterbi
from engine.alignment.phonetic.lexicon import Pronouncer
from engine.alignment.phonetic.mfcc import FRAME_SECONDS, Features, extract_features
from engine.sampling import SAMPLE_RATE

REACHES = (1.5, 5.0)  # seconds around attention's times in which a word is looked for, one after another
ATTENTION = 30.0  # nats that a word's distance from where attention saw it may weigh, in units of ...
ATTENTION_SCALE = 0.15  # ... the logarithm of that distance, to this many seconds
PAUSE_PENALTY = -15.0  # nats; without, noise makes pauses of what is quiet in a word

# Logistic regression on speech with known times, some of it with words left out, put in and put in place
# of others: the chance that a word's ends are both within a tenth of a second.
_INTERCEPT, _PER_GAP, _PER_SECOND, _PER_CONTRAST, _PER_RATE = 4.6, -0.45, -7.9, 0.054, -0.14


@dataclass(frozen=True, slots=True)
class Evidence:
    """What there is to judge a word's times by without knowing the true ones.

    gap       mean nats a frame by which some other phone nearby fits the sound better than the word's own
    distance  seconds from attention's times, the worse end
    contrast  dB between loud and quiet in the utterance
    rate      frames a phone
    """

    gap: float
    distance: float
    contrast: float
    rate: float

    @property
    def score(self) -> float:
        """The chance that both ends are within 0.1 s."""
        logit = (
            _INTERCEPT
            + _PER_GAP * min(self.gap, 10.0)
            + _PER_SECOND * min(self.distance, 0.6)
            + _PER_CONTRAST * min(self.contrast, 40.0)
            + _PER_RATE * min(self.rate, 15.0)
        )
        return float(1 / (1 + np.exp(-logit)))


class PhoneticAligner:
    """One language's words against one acoustic model. Holds nothing that a call changes: share it freely."""

    def __init__(self, model: AcousticModel, pronouncer: Pronouncer) -> None:
        self.model = model
        self.pronouncer = pronouncer

    @classmethod
    def load(cls, language: str, folder: Path) -> PhoneticAligner:
        """Loads pocketsphinx's English model, once for all languages, and how a language is pronounced.

        Raises WeightsDamaged.
        """
        return cls(_acoustic_model(folder), Pronouncer.load(language, folder / "cmudict-en-us.dict"))

    def align(self, utterances: Sequence[Utterance]) -> list[tuple[WordTime, ...] | AlignmentFailed]:
        """Times words; see `Aligner`. A word that nobody knows how to say is timed as `interpolated`."""
        results: list[tuple[WordTime, ...] | AlignmentFailed] = []
        for utterance in utterances:
            try:
                results.append(self._align(utterance))
            except AlignmentFailed as failure:
                results.append(failure)
        return results

    def _align(self, utterance: Utterance) -> tuple[WordTime, ...]:
        said = [self.pronouncer.of(word) for word in utterance.words]
        if not any(said):
            raise AlignmentFailed("no word's pronunciation is known")
        # What nobody can say is still some speech: it holds its place among the others.
        words = build_network([pronunciations or ((UNKNOWN,),) for pronunciations in said], self.model)
        sound = extract_features(utterance.samples)
        for reach in REACHES:
            band = _band(utterance, len(sound), reach)
            scores = score_frames(words, sound.features, band, model=self.model)
            try:
                path = viterbi(words, scores, band, model=self.model)
                break
            except AlignmentFailed:
                if reach == REACHES[-1]:
                    raise
        return self._times(
            utterance,
            words,
            sound,
            scores=scores,
            path=path,
            known=[bool(pronunciations) for pronunciations in said],
        )

    def _times(
        self,
        utterance: Utterance,
        words: Network,
        sound: Features,
        scores: np.ndarray,
        path: np.ndarray,
        known: Sequence[bool],
    ) -> tuple[WordTime, ...]:
        frames = np.arange(len(path))
        own = scores[frames[:, None], words.columns[path]].max(axis=1)
        gaps = np.where(scores == 0, -np.inf, scores).max(axis=1) - own
        spoken = np.where(np.isin(path, words.first), -1, words.word[path])
        length, contrast = len(utterance.samples) / SAMPLE_RATE, sound.contrast
        times = []
        for index in range(words.words):
            inside = np.flatnonzero(spoken == index)
            # A frame's middle is at `t * FRAME_SECONDS`, so it begins half a frame before.
            start, end = (
                min(max(float(t) * FRAME_SECONDS, 0.0), length) for t in (inside[0] - 0.5, inside[-1] + 0.5)
            )
            if not known[index]:
                times.append(WordTime(start, end, "interpolated"))
                continue
            evidence = Evidence(
                float(gaps[inside].mean()),
                _distance(start, end, utterance.anchors[index]) if utterance.anchors else 0.0,
                contrast,
                rate=len(inside) / len(set(path[inside].tolist())),
            )
            times.append(WordTime(start, end, "aligned", score=evidence.score))
        return tuple(times)


@lru_cache(maxsize=1)
def _acoustic_model(folder: Path) -> AcousticModel:
    return AcousticModel.load(folder / "en-us")


def _distance(start: float, end: float, anchor: tuple[float, float]) -> float:
    return max(abs(start - anchor[0]), abs(end - anchor[1]))


def _band(utterance: Utterance, frames: int, reach: float) -> SearchBand:
    """Lets each word be said within `reach` seconds of where attention saw it; anywhere without attention."""
    count = len(utterance.words)
    if not utterance.anchors:
        first, last = np.zeros(frames, np.int64), np.full(frames, count)
        return SearchBand(first, last, np.zeros((frames, count), np.float32), pause=PAUSE_PENALTY)
    starts, ends = np.array(utterance.anchors).T / FRAME_SECONDS
    at = np.arange(frames)
    early = np.minimum.accumulate(starts[::-1])[::-1] - reach / FRAME_SECONDS
    late = np.maximum.accumulate(ends) + reach / FRAME_SECONDS
    first = np.minimum(np.searchsorted(late, at, "left"), count - 1)
    last = np.clip(np.searchsorted(early, at, "right"), first + 1, count)
    first[0], last[-1] = 0, count
    first, last = np.maximum.accumulate(first), np.maximum.accumulate(last)
    distance = (at[:, None] - starts) * FRAME_SECONDS / ATTENTION_SCALE
    return SearchBand(first, last, -ATTENTION * np.log1p(distance**2).astype(np.float32), pause=PAUSE_PENALTY)
