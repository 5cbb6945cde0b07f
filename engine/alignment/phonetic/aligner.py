"""Times words by forced alignment with pocketsphinx's acoustic model.

Words become phones, phones become hidden Markov models, and the likeliest path through these gives the word
times (see hmm.py and viterbi.py). Attention's word times guide the search, since they are seldom off by much more
than 0.1 s: a word that begins near its time costs nothing, and the cost grows with the logarithm of the
distance. So clear sound outweighs attention, and attention holds words in place if the sound is unclear.

The model is English. Words of other languages are written in the nearest English phones. This works since
word boundaries depend mostly on the kinds of sounds that meet there.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, groupby, islice, product
from pathlib import Path
from weakref import WeakValueDictionary

import numpy as np

from engine.alignment.aligner import Utterance, WordTime
from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.acoustic_model import SILENCE, UNKNOWN, AcousticModel
from engine.alignment.phonetic.frame_scores import FrameScores
from engine.alignment.phonetic.g2p import Phones
from engine.alignment.phonetic.hmm import build_network
from engine.alignment.phonetic.lexicon import Pronouncer
from engine.alignment.phonetic.mfcc import FRAME_SECONDS, extract_features, in_range
from engine.alignment.phonetic.network import Network
from engine.alignment.phonetic.search_band import SearchBand
from engine.alignment.phonetic.viterbi import PathSearch
from engine.sampling import SAMPLE_RATE

# Seconds around attention's times in which a word is searched. The next ones, up to WIDE, are for words that a search
# finds further from these times than the share NEAR of them, and for their neighbours; all are for all words if a
# search fails. With 0.3 s first, 12 of 3602 words had other times than with WIDE at once; with 0.6 s between, 3 of 3249
# words have other times than with 0.3 s and WIDE alone.
REACHES = (0.3, 0.6, 1.5, 5.0)
WIDE = 1.5
NEAR = 2 / 3
NEIGHBOURS = 2  # on either side
# Cost of a word's distance from attention's time: ATTENTION nats times log(1 + (distance /
# ATTENTION_SCALE)^2).
ATTENTION = 30.0  # nats
ATTENTION_SCALE = 0.3  # seconds
RIVAL_HANDICAP = -20.0  # nats; the text is more likely right than the recogniser
MAX_RIVALS = 4  # pronunciations of what was heard instead of a word
PAUSE_PENALTY = -15.0  # nats; without it, quiet parts of words in noise become pauses

# Logistic regression for the chance that both ends of a word are within 0.1 s. The fit used speech with
# known times, in part with words left out, inserted or replaced, in noise of up to 5 dB too. Intercept and gap are for
# the phones that the narrow search scores.
_INTERCEPT, _PER_GAP, _PER_SECOND, _PER_RATE = 6.0, -0.74, -8.8, -0.082

_loading = threading.Lock()  # held while a model is loaded
_models: WeakValueDictionary[Path, AcousticModel] = (
    WeakValueDictionary()
)  # by folder, as long as aligners use them


@dataclass(frozen=True, slots=True)
class Evidence:
    """Holds the observations that predict how exact a word's times are.

    gap       mean nats per frame by which the best other phone nearby beats the word's own
    distance  seconds from attention's times, at the worse end
    rate      frames per phone
    """

    gap: float
    distance: float
    rate: float

    @property
    def score(self) -> float:
        """Returns the chance that both ends are within 0.1 s, 0 to 1."""
        logit = (
            _INTERCEPT
            + _PER_GAP * min(self.gap, 10.0)
            + _PER_SECOND * min(self.distance, 0.6)
            + _PER_RATE * min(self.rate, 15.0)
        )
        return float(1 / (1 + np.exp(-logit)))


class PhoneticAligner:
    """Times words of one language with one acoustic model. Thread-safe; see `Aligner`."""

    def __init__(self, model: AcousticModel, pronouncer: Pronouncer) -> None:
        self.model = model
        self.pronouncer = pronouncer

    @classmethod
    def load(cls, language: str, folder: Path) -> PhoneticAligner:
        """Loads a language's pronunciations, and the acoustic model once for all.

        Raises WeightsDamaged.
        """
        return cls(_acoustic_model(folder), Pronouncer.load(language, folder / "cmudict-en-us.dict"))

    def align(self, utterances: Sequence[Utterance]) -> list[tuple[WordTime, ...] | AlignmentFailed]:
        """Times words; see `Aligner`. Words of unknown pronunciation are `interpolated`."""
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
        rivals = {index: self._rivals(said[index], heard) for index, heard in utterance.rivals.items()}
        # A word of unknown pronunciation keeps its place in the network as unknown speech.
        words = build_network(
            [(*(own or ((UNKNOWN,),)), *rivals.get(index, ())) for index, own in enumerate(said)],
            self.model,
            [max(1, len(own)) for own in said] if rivals else (),
            RIVAL_HANDICAP,
        )
        features = in_range(extract_features(utterance.samples), self.model.deviations)
        found, path = self._search(utterance, words, features)
        return self._times(
            utterance,
            words,
            found=found,
            path=path,
            ways=[len(pronunciations) for pronunciations in said],
        )

    def _search(
        self, utterance: Utterance, words: Network, features: np.ndarray
    ) -> tuple[FrameScores, np.ndarray]:
        """Returns the scores of the frames and the likeliest path. Raises AlignmentFailed.

        features  (frames, streams, cepstra)
        """
        found = FrameScores(words, features, self.model)
        search = PathSearch(words, found.scores, self.model)
        reach = np.full(words.words, REACHES[0])
        while True:
            band = _band(utterance, len(features), reach)
            found.fill(band)
            try:
                path = search.path(band)
            except AlignmentFailed:
                if reach.min() >= REACHES[-1] or not utterance.anchors:
                    raise
                reach = np.maximum(reach, _next(reach.min()))
                continue
            distances = _distances(utterance, words, path)
            far = np.flatnonzero((reach < WIDE) & (distances >= NEAR * reach))
            if not len(far):
                return found, path
            for word, wider in zip(far, [_next(reach[word]) for word in far], strict=True):
                near = slice(max(0, word - NEIGHBOURS), word + NEIGHBOURS + 1)
                reach[near] = np.maximum(reach[near], wider)

    def _rivals(self, own: Sequence[Phones], heard: str) -> tuple[Phones, ...]:
        """Returns how what was heard instead of a word is pronounced, but for how the word itself is."""
        if not own:
            return ()
        if not heard:
            return ((SILENCE,),)
        parts = [self.pronouncer.of(word)[:MAX_RIVALS] for word in heard.split()]
        joined = (tuple(chain.from_iterable(phones)) for phones in product(*parts))
        return tuple(phones for phones in islice(joined, MAX_RIVALS) if phones and phones not in own)

    def _times(
        self,
        utterance: Utterance,
        words: Network,
        found: FrameScores,
        path: np.ndarray,
        ways: Sequence[int],
    ) -> tuple[WordTime, ...]:
        frames = np.arange(len(path))
        gaps = found.highest - found.scores[words.columns[path], frames[:, None]].max(axis=1)
        spoken = np.where(np.isin(path, words.first), -1, words.word[path])
        length = len(utterance.samples) / SAMPLE_RATE
        times = []
        for index in range(words.words):
            inside = np.flatnonzero(spoken == index)
            # A frame's middle is at `t * FRAME_SECONDS`, so its start is half a frame earlier.
            start, end = (
                min(max(float(t) * FRAME_SECONDS, 0.0), length) for t in (inside[0] - 0.5, inside[-1] + 0.5)
            )
            if not ways[index]:
                times.append(WordTime(start, end, "interpolated"))
                continue
            evidence = Evidence(
                float(gaps[inside].mean()),
                _distance(start, end, utterance.anchors[index]) if utterance.anchors else 0.0,
                rate=len(inside) / len(set(path[inside].tolist())),
            )
            own_way = int(words.way[path[inside[0]]]) < ways[index]
            said = own_way if index in utterance.rivals else None
            phones = self._phones(words, path[inside]) if utterance.in_phones and own_way else ()
            times.append(WordTime(start, end, "aligned", score=evidence.score, said=said, phones=phones))
        return tuple(times)

    def _phones(self, words: Network, path: np.ndarray) -> tuple[tuple[str, float], ...]:
        """Returns the phones of the frames of one word, each with its seconds."""
        runs = [(node, len(list(frames))) for node, frames in groupby(path.tolist())]
        return tuple((self.model.phones[words.phone[node]], count * FRAME_SECONDS) for node, count in runs)


def _acoustic_model(folder: Path) -> AcousticModel:
    """Returns the model that the aligners of all languages share; its memory is free after the last of them."""
    with _loading:
        model = _models.get(folder)
        if model is None:
            model = _models[folder] = AcousticModel.load(folder / "en-us")
        return model


def _next(reach: float) -> float:
    """Returns the reach after one, which is not the last."""
    return next(each for each in REACHES if each > reach)


def _distances(utterance: Utterance, network: Network, path: np.ndarray) -> np.ndarray:
    """Returns the seconds of each word on a path from attention's times, (words,)."""
    if not utterance.anchors:
        return np.zeros(network.words)
    frames = np.flatnonzero(~np.isin(path, network.first))
    _, first, counts = np.unique(network.word[path[frames]], return_index=True, return_counts=True)
    found = np.stack([frames[first] - 0.5, frames[first + counts - 1] + 0.5], axis=1) * FRAME_SECONDS
    return np.abs(found - utterance.anchors).max(axis=1)


def _distance(start: float, end: float, anchor: tuple[float, float]) -> float:
    return max(abs(start - anchor[0]), abs(end - anchor[1]))


def _band(utterance: Utterance, frames: int, reach: np.ndarray) -> SearchBand:
    """Returns the band of `reach` seconds (words,) around attention's times, or an open one."""
    count = len(utterance.words)
    if not utterance.anchors:
        first, last = np.zeros(frames, np.int64), np.full(frames, count)
        return SearchBand(first, last, np.zeros((frames, count), np.float32), pause=PAUSE_PENALTY)
    starts, ends = np.array(utterance.anchors).T / FRAME_SECONDS
    at = np.arange(frames)
    early = np.minimum.accumulate((starts - reach / FRAME_SECONDS)[::-1])[::-1]
    late = np.maximum.accumulate(ends + reach / FRAME_SECONDS)
    first = np.minimum(np.searchsorted(late, at, "left"), count - 1)
    last = np.clip(np.searchsorted(early, at, "right"), first + 1, count)
    first[0], last[-1] = 0, count
    first, last = np.maximum.accumulate(first), np.maximum.accumulate(last)
    distance = ((at[:, None] - starts) * (FRAME_SECONDS / ATTENTION_SCALE)).astype(np.float32)
    return SearchBand(first, last, -np.float32(ATTENTION) * np.log1p(distance**2), pause=PAUSE_PENALTY)
