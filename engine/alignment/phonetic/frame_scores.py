"""Scores an utterance's frames against the phones that the search may find there.

Most of the time of an alignment goes into Gaussians, so they are computed only for frames at which a word's band
leaves room for the phone and for the phones around it.
"""

from __future__ import annotations

import numpy as np

from engine.alignment.phonetic.acoustic_model import STATES, AcousticModel
from engine.alignment.phonetic.network import Network
from engine.alignment.phonetic.search_band import SearchBand

_FRAMES = 256  # scored at once; the densities of a phone then take 0.4 MB, which fits into a core's cache


class FrameScores:
    """Scores the frames of one utterance, and keeps what has been scored for a wider band.

    scores   (columns, frames) log-likelihoods, zero if not scored yet
    highest  (frames,) highest log-likelihood of each frame
    """

    def __init__(self, network: Network, features: np.ndarray, model: AcousticModel) -> None:
        """Takes features (frames, streams, cepstra)."""
        self._network = network
        self._model = model
        self._expanded, self._references = model.expand(features)
        self.scores = np.zeros((len(network.senones), len(features)), np.float32)
        self.highest = np.full(len(features), -np.inf, np.float32)
        # Frames from which and to which each phone has been scored, (phones,); none if both are the same.
        self._begins, self._ends = np.zeros((2, len(network)), np.int64)
        # Phones of the network that are the same phone of the model are neighbours here.
        self._order = np.argsort(network.phone, kind="stable")
        self._bounds = np.searchsorted(network.phone[self._order], np.arange(len(model.phones) + 1))

    def fill(self, band: SearchBand) -> None:
        """Scores what a path within the band can meet and has no score yet."""
        network = self._network
        begins, ends = band.frames(network)
        # Each phone takes a frame for each of its states.
        begins = np.minimum(begins + STATES * network.lead, len(band))
        ends = np.maximum(begins, ends - STATES * network.tail)
        is_new = self._begins == self._ends
        known_begins, known_ends = (
            np.where(is_new, begins, self._begins),
            np.where(is_new, begins, self._ends),
        )
        self._begins, self._ends = np.minimum(begins, known_begins), np.maximum(ends, known_ends)
        # Of each phone of the model, how many of the network begin to need a frame less those that end to.
        steps = np.zeros((len(self._model.phones), len(self.highest) + 1), np.int64)
        np.add.at(steps, (network.phone, self._begins), 1)
        np.add.at(steps, (network.phone, known_begins), -1)
        np.add.at(steps, (network.phone, known_ends), 1)
        np.add.at(steps, (network.phone, self._ends), -1)
        wanted = np.cumsum(steps, axis=1)[:, :-1] > 0
        for phone in np.flatnonzero(wanted.any(axis=1)).tolist():
            frames = np.flatnonzero(wanted[phone])
            for some in np.array_split(frames, -(-len(frames) // _FRAMES)):
                self._score(phone, some)

    def _score(self, phone: int, frames: np.ndarray) -> None:
        """Scores frames, in their order, against the states of a phone that are possible near them."""
        network = self._network
        places = self._order[self._bounds[phone] : self._bounds[phone + 1]]
        near = (self._begins[places] <= frames[-1]) & (self._ends[places] > frames[0])
        is_used = np.zeros(len(network.senones), bool)
        is_used[network.columns[places[near]]] = True
        columns = np.flatnonzero(is_used)
        found = self._model.score(self._expanded[:, frames], phone, network.senones[columns])
        found += self._references[frames]
        self.scores[columns[:, None], frames] = found
        self.highest[frames] = np.maximum(self.highest[frames], found.max(axis=0))
