"""The search for the likeliest path, beside one that goes from frame to frame, and within narrow bands."""

from __future__ import annotations

import numpy as np
import pytest

from engine.alignment.aligner import Utterance
from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic import aligner as phonetic
from engine.alignment.phonetic.acoustic_model import STATES, AcousticModel
from engine.alignment.phonetic.aligner import PhoneticAligner
from engine.alignment.phonetic.frame_scores import FrameScores
from engine.alignment.phonetic.hmm import build_network
from engine.alignment.phonetic.network import Network
from engine.alignment.phonetic.search_band import SearchBand
from engine.alignment.phonetic.viterbi import PathSearch
from engine.weights.locate import phonetic_weights
from tests.support.synthesis import joined, noisy, speak

SENTENCE = "Several people believe winter will arrive early, because children listen."
FRAMES = 150
# A word with two pronunciations, one of a single phone, one beside it, and one with a rival.
WORDS = (
    (("DH", "AH"), ("DH", "IY")),
    (("AH",), ("EY",)),
    (("W", "IH", "N", "T", "ER"), ("W", "IH", "N", "ER")),
    (("K", "AE", "T"), ("D", "AO", "G", "Z")),
)


@pytest.fixture(scope="module")
def english() -> PhoneticAligner:
    folder = phonetic_weights()
    assert folder is not None
    return PhoneticAligner.load("en", folder)


def band_of(rng: np.random.Generator) -> SearchBand:
    """Returns a band in which each word is possible for some 90 frames."""
    middles = (np.arange(len(WORDS)) + 0.5) * FRAMES / len(WORDS)
    at = np.arange(FRAMES)
    first = np.searchsorted(middles + 45, at).clip(max=len(WORDS) - 1)
    last = np.maximum(np.searchsorted(middles - 45, at, "right"), first + 1)
    first[0], last[-1] = 0, len(WORDS)
    entry = rng.normal(0, 5, (FRAMES, len(WORDS))).astype(np.float32)
    return SearchBand(np.maximum.accumulate(first), np.maximum.accumulate(last), entry, pause=-3.0)


def every_score(network: Network, features: np.ndarray, model: AcousticModel) -> np.ndarray:
    """Returns the log-likelihoods (columns, frames) of all senones at all frames, Gaussian by Gaussian."""
    factors = np.concatenate([features**2, features, np.ones((*features.shape[:2], 1))], axis=2)
    scores = np.empty((len(network.senones), len(features)))
    for row, senone in enumerate(network.senones):
        densities = np.einsum("sdk,tsk->tsd", model.maps[model.codebook[senone], :, :, :-1], factors)
        mixed = np.exp(densities - densities.max(axis=2, keepdims=True)) * model.weights[:, senone]
        logs = np.log(np.maximum(mixed.sum(axis=2), 1e-30)) + densities.max(axis=2)
        scores[row] = logs.sum(axis=1)
    return scores.astype(np.float32)


def step_by_step(network: Network, scores: np.ndarray, band: SearchBand, model: AcousticModel) -> np.ndarray:
    """Returns the path that a search from frame to frame finds, state by state."""
    stay, leave = model.stay[network.phone], model.leave[network.phone]
    begins, ends = band.frames(network)
    count = len(network)
    best = np.full((FRAMES, count, STATES), -np.inf)
    came = np.zeros((FRAMES, count, STATES, 2), int)
    for t in range(FRAMES):
        for phone in np.flatnonzero((begins <= t) & (t < ends)):
            word = network.entered[phone]
            weight = band.pause if word == network.words else 0.0
            weight = band.entry[t, word] + network.handicap[phone] if word < network.words else weight
            for state in range(STATES):
                ways = []
                if t:
                    ways.append((best[t - 1, phone, state] + stay[phone, state], phone, state))
                    if state:
                        ways.append(
                            (best[t - 1, phone, state - 1] + leave[phone, state - 1], phone, state - 1)
                        )
                if not state and t:
                    ways += [
                        (best[t - 1, each, STATES - 1] + leave[each, STATES - 1] + weight, each, STATES - 1)
                        for each in network.predecessors[phone]
                        if each < count and t < ends[each]
                    ]
                if not state and not t and (phone == 0 or 0 in network.predecessors[phone]):
                    ways.append((weight, phone, state))
                if ways:
                    score, *origin = max(ways, key=lambda way: way[0])
                    best[t, phone, state] = score + scores[network.columns[phone, state], t]
                    came[t, phone, state] = origin
    phone, state = network.finals[best[-1, network.finals, STATES - 1].argmax()], STATES - 1
    path = []
    for t in reversed(range(FRAMES)):
        path.append(phone)
        phone, state = came[t, phone, state]
    return np.array(path[::-1])


@pytest.mark.parametrize("seed", range(8))
def test_the_path_is_that_of_a_search_from_frame_to_frame(english: PhoneticAligner, seed: int) -> None:
    rng = np.random.default_rng(seed)
    network = build_network(WORDS, english.model, ways=(2, 2, 2, 1), handicap=-10.0)
    band = band_of(rng)
    features = rng.normal(0, 1, (FRAMES, 3, 13)).astype(np.float32)
    found = FrameScores(network, features, english.model)
    found.fill(band)
    # The slow search goes through all frames of the band, also where no complete path can lead.
    every = every_score(network, features, english.model)
    expected = step_by_step(network, every, band, english.model)
    assert np.array_equal(PathSearch(network, found.scores, english.model).path(band), expected)
    scored = found.scores != 0
    assert 0.2 < scored.mean() < 0.9, "the band leaves much out"
    assert np.allclose(found.scores[scored], every[scored], rtol=1e-4)
    assert np.array_equal(found.highest, np.where(scored, found.scores, -np.inf).max(axis=0))


def test_a_wider_band_adds_scores_and_changes_none(english: PhoneticAligner) -> None:
    rng = np.random.default_rng(1)
    network = build_network(WORDS, english.model)
    features = rng.normal(0, 1, (FRAMES, 3, 13)).astype(np.float32)
    narrow = band_of(rng)
    every_frame = np.zeros(FRAMES, int), np.full(FRAMES, len(WORDS))
    wide = SearchBand(*every_frame, np.zeros((FRAMES, len(WORDS)), np.float32))
    found = FrameScores(network, features, english.model)
    found.fill(narrow)
    before = found.scores.copy()
    found.fill(wide)
    alone = FrameScores(network, features, english.model)
    alone.fill(wide)
    assert (before == 0).sum() > (found.scores == 0).sum()
    assert np.allclose(found.scores[before != 0], before[before != 0], rtol=1e-4)
    assert np.allclose(found.scores, alone.scores, rtol=1e-4)
    assert np.allclose(found.highest, alone.highest, rtol=1e-4)


# The last two words may begin earlier, or the last alone, whose silence began that early before.
@pytest.mark.parametrize("earlier", [{60: 4, 40: 3}, {60: 4}])
def test_a_search_goes_on_from_the_words_whose_frames_stay(
    english: PhoneticAligner, earlier: dict[int, int]
) -> None:
    rng = np.random.default_rng(3)
    network = build_network(WORDS, english.model)
    features = rng.normal(0, 1, (FRAMES, 3, 13)).astype(np.float32)
    narrow = band_of(rng)
    at = np.arange(FRAMES)
    narrow.entry[65:75, 3] += 500.0
    last = narrow.last
    for frame, word in earlier.items():
        last = np.maximum(last, np.where(at >= frame, word, 0))
    wide = SearchBand(narrow.first, last, narrow.entry, pause=-3.0)
    found = FrameScores(network, features, english.model)
    search = PathSearch(network, found.scores, english.model)
    for band in (narrow, wide, narrow):
        found.fill(band)
        afresh = PathSearch(network, found.scores, english.model).path(band)
        assert np.array_equal(search.path(band), afresh)
    assert not np.array_equal(search.path(narrow), search.path(wide))


def test_frames_far_from_all_gaussians_have_scores(english: PhoneticAligner) -> None:
    network = build_network(WORDS, english.model)
    features = np.random.default_rng(4).normal(0, 30, (FRAMES, 3, 13)).astype(np.float32)
    every_frame = np.zeros(FRAMES, int), np.full(FRAMES, len(WORDS))
    found = FrameScores(network, features, english.model)
    found.fill(SearchBand(*every_frame, np.zeros((FRAMES, len(WORDS)), np.float32)))
    every, scored = every_score(network, features, english.model), found.scores != 0
    assert every[scored].min() < 3 * np.log(np.finfo(np.float32).tiny), (
        "a likelihood that float32 does not have"
    )
    assert np.allclose(found.scores[scored], every[scored], rtol=1e-4)


def test_words_that_find_no_frames_are_a_failure(english: PhoneticAligner) -> None:
    network = build_network(WORDS, english.model)
    frames = 20  # of the least 30 that the phones of the words take
    band = SearchBand(np.zeros(frames, int), np.full(frames, len(WORDS)), np.zeros((frames, len(WORDS))))
    scores = np.ones((len(network.senones), frames), np.float32)
    with pytest.raises(AlignmentFailed):
        PathSearch(network, scores, english.model).path(band)


@pytest.mark.parametrize("late", [0.0, 0.9])
def test_a_narrow_search_finds_what_a_wide_one_finds(
    english: PhoneticAligner, monkeypatch: pytest.MonkeyPatch, late: float
) -> None:
    """Also if attention is so late with two words that the narrow search does not reach them."""
    recording = noisy(joined([speak(SENTENCE, "en-us"), speak(SENTENCE, "en+f3")], [0.7, 0.4]), 10)
    anchors = tuple(
        (word.start + late, word.end + late) if index in (3, 4) else (word.start, word.end)
        for index, word in enumerate(recording.words)
    )
    words = tuple(word.text for word in recording.words)
    wanted = Utterance(recording.samples, words, "en", anchors)
    (narrow,) = english.align([wanted])
    monkeypatch.setattr(
        phonetic, "REACHES", tuple(each for each in phonetic.REACHES if each >= phonetic.WIDE)
    )
    (wide,) = english.align([wanted])
    assert not isinstance(narrow, AlignmentFailed) and not isinstance(wide, AlignmentFailed)
    assert [(time.start, time.end) for time in narrow] == [(time.start, time.end) for time in wide]
