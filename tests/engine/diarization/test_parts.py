"""Features, segmentation, clustering and numbering of the embedded diarizer."""

from __future__ import annotations

import itertools

import numpy as np
import torch
import torchaudio

from engine.diarization.clustering import Tree, assign_apart, find_speakers
from engine.diarization.evidence import CLOSEST, SPACING, WHOLE, Neighbours, Piece, pieces_of
from engine.diarization.features import frame_count, log_mel
from engine.diarization.labelling import most_likely
from engine.diarization.numbers import SpeakerNumbers
from engine.diarization.parts import Run, Span
from engine.diarization.turns import SpeakerCount
from engine.diarization.windows import decode

CHANCE = np.random.default_rng(7)


def voices(number: int, each: int, spread: float = 0.3) -> np.ndarray:
    """Returns unit vectors around orthogonal centres, voice by voice."""
    centres = np.eye(192, dtype=np.float32)[:number].repeat(each, 0)
    near = centres + CHANCE.standard_normal(centres.shape).astype(np.float32) * spread / np.sqrt(192)
    return near / np.linalg.norm(near, axis=1, keepdims=True)


def test_features_are_kaldi_s() -> None:
    samples = (CHANCE.standard_normal(48_000) * 0.05).astype(np.float32)
    wanted = torchaudio.compliance.kaldi.fbank(
        torch.from_numpy(samples)[None], num_mel_bins=80, sample_frequency=16_000, dither=0
    ).numpy()
    assert np.abs(log_mel(samples) - wanted).max() < 1e-3
    assert frame_count(399) == 0 and log_mel(samples[:399]).shape == (0, 80)


def test_sets_of_speakers_become_each_speaker_s_probability() -> None:
    with np.errstate(divide="ignore"):
        heard = np.log(np.array([[0.1, 0.2, 0, 0, 0.7, 0, 0], [1, 0, 0, 0, 0, 0, 0]], np.float32))
    speakers, active = decode(heard)
    assert np.allclose(speakers, [[0.9, 0.7, 0], [0, 0, 0]])
    assert active.tolist() == [[True, True, False], [False, False, False]]


def test_somebody_speaks_if_only_who_it_is_is_in_doubt() -> None:
    with np.errstate(divide="ignore"):
        heard = np.log(np.array([[0.4, 0.25, 0.35, 0, 0, 0, 0], [0.6, 0.3, 0.1, 0, 0, 0, 0]], np.float32))
    assert decode(heard)[1].tolist() == [[False, True, False], [False, False, False]]


def test_the_number_of_voices_is_found_and_can_be_limited() -> None:
    vectors, seconds = voices(4, 30), np.full((1, 120), 1.0)
    assert find_speakers(vectors, seconds, 0.5, SpeakerCount()).number == 4
    assert find_speakers(vectors, seconds, 0.5, SpeakerCount(1, 3)).number == 3
    assert find_speakers(vectors, seconds, 0.5, SpeakerCount(2, 2)).number == 2


def test_beyond_the_most_speakers_whoever_spoke_least_is_joined_to_another() -> None:
    one, other, rare = np.eye(192, dtype=np.float32)[:3]
    likest = 0.4 * one + np.sqrt(1 - 0.4**2) * other
    vectors = np.concatenate(
        [np.tile(voice, (each, 1)) for voice, each in ((one, 30), (likest, 20), (rare, 5))]
    )
    seconds = np.full((1, len(vectors)), 1.0)
    assert find_speakers(vectors, seconds, 0.5, SpeakerCount()).number == 3
    found = find_speakers(vectors, seconds, 0.5, SpeakerCount(1, 2))
    assert found.number == 2 and sorted(found.seconds)[0] >= 20


def test_many_vectors_are_clustered_as_few_are() -> None:
    vectors = voices(5, 900)
    found = find_speakers(vectors, np.full((1, len(vectors)), 0.75), 0.5, SpeakerCount())
    assert found.number == 5
    assert np.allclose(sorted(found.seconds), 675.0)


def test_two_clusters_of_one_voice_are_joined_beside_others_that_sound_alike() -> None:
    # Four voices with much in common, and a fifth without it that noise has split in two.
    common, *own = np.eye(192, dtype=np.float32)[:8]
    centres = [common + 0.8 * each for each in own[:4]]
    centres += [own[4] + 0.5 * own[5], own[4] - 0.5 * own[5]]
    vectors = np.repeat(np.stack(centres), 15, axis=0)
    vectors = vectors + CHANCE.standard_normal(vectors.shape).astype(np.float32) * 0.9 / np.sqrt(192)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    seconds = np.full((1, len(vectors)), 1.0)
    for count in (SpeakerCount(), SpeakerCount(5, 5)):
        found = find_speakers(vectors, seconds, 0.5, count)
        assert sorted(found.seconds) == [15.0, 15.0, 15.0, 15.0, 30.0]
        assert found.centroids[found.seconds.argmax()] @ own[4] > 0.8


def test_a_long_run_is_embedded_in_part() -> None:
    def places(seconds: float) -> list[tuple[float, float]]:
        return pieces_of(Run(10.0, 10.0 + seconds, (((0, 0),),)))

    assert places(0.15) == [] and len(places(0.3)) == len(places(WHOLE)) == 1
    assert sum(end - start for start, end in places(30.0)) <= 0.55 * 30
    starts = [start for start, _ in places(30.0)]
    assert starts[0] == 10.0 and max(np.diff(starts)) <= SPACING + 1e-6


def test_the_place_at_which_another_voice_begins_is_looked_at_closely() -> None:
    one, other = voices(2, 1)
    pieces = [
        Piece(start, start + 1.5, one if start < 8 else other) for start in np.arange(0.0, 15.1, 3.0).tolist()
    ]
    neighbours = Neighbours()
    while places := neighbours.doubtful_places(pieces):
        more = [Piece(start, end, one if (start + end) / 2 < 8 else other) for start, end in places]
        pieces = sorted([*pieces, *more], key=lambda piece: piece.start)
    changes = [
        (before.start, after.start)
        for before, after in itertools.pairwise(pieces)
        if before.vector @ after.vector < 0.5
    ]
    assert len(changes) == 1 and changes[0][1] - changes[0][0] <= CLOSEST
    assert len(pieces) == 8


def test_voices_that_noise_makes_unlike_themselves_are_not_looked_at_closely() -> None:
    chance = np.random.default_rng(3)
    centre = np.eye(192, dtype=np.float32)[0]
    noisy = centre + chance.standard_normal((100, 192)).astype(np.float32) * 1.2 / np.sqrt(192)
    noisy /= np.linalg.norm(noisy, axis=1, keepdims=True)
    pieces = [Piece(3.0 * place, 3.0 * place + 1.5, vector) for place, vector in enumerate(noisy)]
    neighbours = Neighbours()
    neighbours.add(pieces)
    assert len(neighbours.doubtful_places(pieces)) < 20


def test_a_cluster_of_less_than_two_seconds_is_no_speaker() -> None:
    vectors = np.concatenate([voices(1, 40), voices(2, 2)[2:]])
    assert find_speakers(vectors, np.full((1, 42), 0.9), 0.5, SpeakerCount()).number == 1
    assert find_speakers(vectors, np.full((1, 42), 1.1), 0.5, SpeakerCount()).number == 2


def test_seconds_that_two_kinds_of_vectors_heard_count_once() -> None:
    vectors = np.concatenate([voices(1, 40), voices(2, 4)[4:]])
    seconds = np.zeros((2, 44))
    seconds[0, :42] = seconds[1, 42:] = 0.9
    assert find_speakers(vectors, seconds, 0.5, SpeakerCount()).number == 1
    seconds[0, :43] = 1.5
    assert find_speakers(vectors, seconds, 0.5, SpeakerCount()).number == 2


def test_two_clusters_that_are_one_voice_under_noise_are_joined() -> None:
    # Cosines of 0.3 within a voice and of 0.2 between two halves of it, and of 0 to another voice.
    halves = np.stack([np.eye(192)[0] + 0.5 * np.eye(192)[row] for row in (1, 2)]).repeat(30, 0)
    centres = np.concatenate([halves, np.eye(192)[[3]].repeat(30, 0)])
    near = (centres + CHANCE.standard_normal(centres.shape) * 1.6 / np.sqrt(192)).astype(np.float32)
    vectors = near / np.linalg.norm(near, axis=1, keepdims=True)
    found = find_speakers(vectors, np.full((1, 90), 1.0), 0.28, SpeakerCount())
    assert found.number == 2
    assert find_speakers(vectors, np.full((1, 90), 1.0), 0.28, SpeakerCount(3, 3)).number == 3


def test_average_linkage_is_scipy_s() -> None:
    from scipy.cluster.hierarchy import fcluster, linkage

    vectors = voices(6, 15, spread=1.5)
    tree = Tree(vectors, np.ones(len(vectors)))
    labels = tree.labels(tree.joins_above(0.4))
    wanted = fcluster(linkage(vectors, "average", metric="cosine"), 0.6, "distance")
    assert len({*zip(labels.tolist(), wanted.tolist(), strict=True)}) == len(set(wanted)) == len(set(labels))


def test_two_voices_of_a_window_are_never_one_speaker() -> None:
    assert assign_apart(np.array([[0.9, 0.2], [0.8, 0.1]], np.float32)).tolist() == [1, 0]


def test_a_moment_s_doubt_does_not_change_the_speaker() -> None:
    similar = np.array([[0.8, 0.2], [0.5, 0.54], [0.8, 0.2], [0.2, 0.8], [0.2, 0.8]], np.float32)
    assert most_likely(similar).tolist() == [0, 0, 0, 1, 1]


def test_numbers_follow_the_voice_and_are_not_given_again() -> None:
    first, second, third = np.eye(192, dtype=np.float32)[:3]

    def clusters(*centroids: np.ndarray):  # type: ignore[no-untyped-def]
        from engine.diarization.clustering import Clusters

        return Clusters(np.stack(centroids), np.ones(len(centroids)))

    numbers = SpeakerNumbers()
    assert numbers.carry(clusters(first, second), [Span(0, 5, (0,)), Span(5, 9, (1,))]) == [0, 1]
    swapped = [Span(0, 5, (1,)), Span(5, 9, (0,)), Span(9, 14, (2,))]
    assert numbers.carry(clusters(second, first, third), swapped) == [1, 0, 2]
    assert numbers.carry(clusters(third), [Span(9, 14, (0,))]) == [2]

    # Most of the second speaker turns out to be the first. The rest, whose voice is alike, is somebody new.
    numbers = SpeakerNumbers()
    assert numbers.carry(clusters(first, second), [Span(0, 100, (0,)), Span(100, 140, (1,))]) == [0, 1]
    rest = (second + third) / np.sqrt(2)
    assert numbers.carry(clusters(first, rest), [Span(0, 130, (0,)), Span(130, 140, (1,))]) == [0, 2]
