"""Reads and scores CMU Sphinx's English acoustic model, shipped by pocketsphinx.

The model is phonetically tied: each of 42 phones has, for each feature stream, a codebook of 128 Gaussians.
Every state of every triphone of that phone (a "senone") mixes them with weights of its own. A few matrix
products score all Gaussians here; pocketsphinx keeps the best four. For this family of models see Placeway et
al. 1997 and Huggins-Daines et al. 2006.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from engine.alignment.phonetic.mfcc import CEPSTRA, STREAMS
from engine.errors import WeightsDamaged

STATES = 3  # of a phone, left to right
FACTORS = 2 * CEPSTRA + 2  # of a Gaussian, for one stream
SILENCE = "SIL"
UNKNOWN = "+SPN+"  # speech without a transcription

_LEAST_VARIANCE = 1e-4
_LEAST, _MOST = 1e-37, 1e37  # likelihoods of a frame in one stream, relative to its reference
_SILENT_SHARE = 0.1  # of the frames of an utterance
_MIXTURE_STEP = 1024 * np.log(1.0001)  # nats per step of a stored mixture weight
_INTERNAL, _BEGIN, _END, _SINGLE = range(4)  # positions of a triphone in its word
_FALLBACKS = {_SINGLE: (_BEGIN, _END, _INTERNAL), _BEGIN: (_INTERNAL,), _END: (_INTERNAL,), _INTERNAL: ()}
_ENTRY = np.dtype([("states", "<i4"), ("matrix", "<i4"), ("place", "u1"), ("context", "u1", 3)])


@dataclass(frozen=True, eq=False)
class AcousticModel:
    """Holds phones, their states in context, and the Gaussians of these. Immutable.

    phones       names in the model's order
    maps         (phones, streams, densities, FACTORS) Gaussians: factors of a frame's squares, of its values, of
                 one, and of its reference
    broad        (streams, phones, FACTORS) the same of all Gaussians of a phone taken as one
    weights      (streams, senones, densities) mixture weights
    codebook     (senones,) the phone of each senone
    stay, leave  (phones, STATES) log-probabilities of staying in a state and of leaving it
    deviations   (streams, cepstra) standard deviations of a feature in speech with a few pauses
    """

    phones: tuple[str, ...]
    maps: np.ndarray
    broad: np.ndarray
    weights: np.ndarray
    codebook: np.ndarray
    stay: np.ndarray
    leave: np.ndarray
    deviations: np.ndarray
    _senones: np.ndarray  # (state sequences, STATES)
    _alone: np.ndarray  # (phones,) state sequence of each phone out of context
    _triphones: dict[tuple[int, int, int, int], int]  # phone, left, right, place -> state sequence
    _index: dict[str, int] = field(init=False)  # of each phone

    def __post_init__(self) -> None:
        object.__setattr__(self, "_index", {name: index for index, name in enumerate(self.phones)})

    @classmethod
    def load(cls, folder: Path) -> AcousticModel:
        """Reads a model in pocketsphinx's format. Raises WeightsDamaged."""
        try:
            phones, alone, triphones, senones, codebook = _read_definition(folder / "mdef")
            means, variances = _read_floats(folder / "means"), _read_floats(folder / "variances")
            shape = (len(phones), STREAMS, -1, CEPSTRA)
            means, variances = means.reshape(shape), np.maximum(variances.reshape(shape), _LEAST_VARIANCE)
            weights = _read_weights(folder / "sendump", len(codebook), means.shape[2])
            moves = _read_floats(folder / "transition_matrices").reshape(len(phones), STATES, STATES + 1)
        except (OSError, ValueError, IndexError) as error:
            raise WeightsDamaged(
                "The acoustic model of pocketsphinx cannot be read.", "Reinstall pocketsphinx==5.1.1."
            ) from error
        middle = means.mean(axis=2, keepdims=True)
        spread = (variances + (means - middle) ** 2).mean(axis=2, keepdims=True)
        moves = np.log(np.maximum(moves / moves.sum(axis=2, keepdims=True), 1e-4))
        states = np.arange(STATES)
        return cls(
            phones=phones,
            maps=_maps(means, variances),
            broad=np.ascontiguousarray(_maps(middle, spread)[:, :, 0].swapaxes(0, 1)),
            weights=weights,
            codebook=codebook,
            stay=moves[:, states, states],
            leave=moves[:, states, states + 1],
            deviations=_deviations(phones, means, variances, weights=_mean_weights(weights, codebook)),
            _senones=senones,
            _alone=alone,
            _triphones=triphones,
        )

    def index(self, phone: str) -> int:
        """Returns the index of a phone. Raises KeyError if the model has none of that name."""
        return self._index[phone]

    def senones(
        self, phone: str, left: str = SILENCE, right: str = SILENCE, place: str = "single"
    ) -> np.ndarray:
        """Returns the (STATES,) senones of a phone between two others.

        place  position in the word: "begin", "end", "internal", "single"

        A context that training did not see falls back to another position in the word, then to the phone
        without context.
        """
        return self._senones[self._sequence(phone, left, right, place=place)]

    def _sequence(self, phone: str, left: str, right: str, place: str) -> int:
        base, before, after = self._index[phone], self._index[left], self._index[right]
        wanted = ("internal", "begin", "end", "single").index(place)
        for tried in (wanted, *_FALLBACKS[wanted]):
            found = self._triphones.get((base, before, after, tried))
            if found is not None:
                return found
        return int(self._alone[base])

    def expand(self, features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns features (frames, streams, cepstra) as `score` takes them, and the references (frames,).

        A Gaussian's log-density is a product of its parameters with the squares, the values and one. Both factors
        are contiguous float32: BLAS is five times as fast on it. A frame's reference is how well the best phone fits
        it if all Gaussians of a phone are taken as one. Relative to it, densities stay within float32.
        """
        expanded = np.ones((STREAMS, len(features), FACTORS), np.float32)
        expanded[:, :, :CEPSTRA] = (features**2).swapaxes(0, 1)
        expanded[:, :, CEPSTRA : 2 * CEPSTRA] = features.swapaxes(0, 1)
        expanded[:, :, -1] = 0.0
        references = (expanded @ self.broad.swapaxes(1, 2)).max(axis=2)
        expanded[:, :, -1] = -references
        return expanded, references.sum(axis=0)

    def score(self, expanded: np.ndarray, phone: int, senones: np.ndarray) -> np.ndarray:
        """Returns the log-likelihoods (senones, frames) float32 of senones of one phone, less the references.

        expanded  (streams, frames, FACTORS) from `expand`
        """
        densities = self.maps[phone] @ expanded.swapaxes(1, 2)
        # In digital silence a narrow Gaussian can fit beyond float32; the likelihood is then clipped to the most.
        with np.errstate(over="ignore"):
            mixed = self.weights[:, senones] @ np.exp(densities, out=densities)
        return np.log(np.clip(mixed, _LEAST, _MOST, out=mixed), out=mixed).sum(axis=0)


def _maps(means: np.ndarray, variances: np.ndarray) -> np.ndarray:
    """Returns the factors (..., FACTORS) of Gaussians with means and variances (..., cepstra)."""
    offsets = -0.5 * (np.log(2 * np.pi * variances) + means**2 / variances).sum(axis=-1, keepdims=True)
    return np.concatenate([-0.5 / variances, means / variances, offsets, np.ones_like(offsets)], axis=-1)


def _mean_weights(weights: np.ndarray, codebook: np.ndarray) -> np.ndarray:
    """Returns the mixture weights of each phone's senones on average, (phones, streams, densities)."""
    return np.stack([weights[:, codebook == phone].mean(axis=1) for phone in range(codebook.max() + 1)])


def _deviations(
    phones: tuple[str, ...], means: np.ndarray, variances: np.ndarray, weights: np.ndarray
) -> np.ndarray:
    """Returns the standard deviations (streams, cepstra) of features, if all phones of speech are equally frequent.

    means, variances  (phones, streams, densities, cepstra)
    weights           (phones, streams, densities)
    """
    speech = np.array([name.isalpha() and name != SILENCE for name in phones])
    share = np.where(speech, (1 - _SILENT_SHARE) / speech.sum(), 0.0)
    share[phones.index(SILENCE)] = _SILENT_SHARE
    first = np.einsum("p,psk,pskc->sc", share, weights, means)
    second = np.einsum("p,psk,pskc->sc", share, weights, variances + means**2)
    return np.sqrt(second - first**2)


def _read_definition(
    path: Path,
) -> tuple[tuple[str, ...], np.ndarray, dict[tuple[int, int, int, int], int], np.ndarray, np.ndarray]:
    """Reads a model definition: phones, state sequences, triphones, codebooks."""
    data = path.read_bytes()
    if data[:4] != b"BMDF":
        raise ValueError("not a binary model definition")
    at = 12 + int(np.frombuffer(data, "<i4", 1, 8)[0])
    phones, entries, states, alone_senones, senones, _, sequences, _, tree, _ = np.frombuffer(
        data, "<i4", 10, at
    ).tolist()
    if states != STATES:
        raise ValueError(f"{states} states per phone")
    at += 40
    names = []
    for _ in range(phones):
        end = data.index(b"\0", at)
        names.append(data[at:end].decode())
        at = end + 1
    at += -at % 4 + tree * 8  # skip the tree of contexts; the table below holds the same
    table = np.frombuffer(data, _ENTRY, entries, at)
    at += entries * _ENTRY.itemsize + 4
    sequence = np.frombuffer(data, "<u2", sequences * STATES, at).reshape(sequences, STATES).astype(np.int64)
    triphones = table[phones:]
    keys = zip(*triphones["context"].T.tolist(), triphones["place"].tolist(), strict=True)
    contexts = dict(zip(keys, triphones["states"].tolist(), strict=True))
    codebook = np.zeros(senones, np.int64)
    codebook[:alone_senones] = np.repeat(np.arange(phones), STATES)
    codebook[sequence[triphones["states"]]] = triphones["context"][:, :1]
    return tuple(names), table["states"][:phones].astype(np.int64), contexts, sequence, codebook


def _read_floats(path: Path) -> np.ndarray:
    """Reads SphinxTrain's array format: a text header, the shape, float32 values."""
    data = path.read_bytes()
    at = data.index(b"endhdr\n") + 7
    words = np.frombuffer(data[at : at + (len(data) - at) // 4 * 4], "<u4")
    if words[0] != 0x11223344:
        raise ValueError("not little-endian")
    # The integer before a float array is its length: take the last one that fits the rest of the file.
    for skipped in range(1, 10):
        count = int(words[skipped])
        if count in (len(words) - skipped - 1, len(words) - skipped - 2):  # a checksum may follow
            return words[skipped + 1 : skipped + 1 + count].view("<f4").astype(np.float32)
    raise ValueError("no array")


def _read_weights(path: Path, senones: int, densities: int) -> np.ndarray:
    """Reads the mixture weights, one byte each; returns (streams, senones, densities)."""
    data = path.read_bytes()
    at = 0
    while length := int(np.frombuffer(data, "<i4", 1, at)[0]):
        at += 4 + length
    rest = np.frombuffer(data, "u1", offset=at + 4)
    per_row = (len(rest) - 8) // (STREAMS * densities)
    rows = rest[len(rest) - STREAMS * densities * per_row :].reshape(STREAMS, densities, per_row)[
        :, :, :senones
    ]
    weights = np.exp(-rows * _MIXTURE_STEP).swapaxes(1, 2)
    return np.ascontiguousarray(weights / weights.sum(axis=2, keepdims=True), np.float32)
