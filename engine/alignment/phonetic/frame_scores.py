"""Scores an utterance's frames against the phones that the search may find there.

Most of the time of an alignment goes into Gaussians, so they are computed only for frames at which a word's band
leaves room for the phone and for the phones around it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.alignment.phonetic.acoustic_model import STATES, AcousticModel, expand
from engine.alignment.phonetic.network import Network
from engine.alignment.phonetic.search_band import SearchBand

_FRAMES = 256  # scored at once; the densities of a phone then take 0.4 MB, which fits into a core's cache


@dataclass(frozen=True, slots=True)
class _Piece:
    """Holds successive frames, `end` exclusive, at which the same phone is possible, and its columns there."""

    begin: int
    end: int
    columns: np.ndarray


class FrameScores:
    """Scores the frames of one utterance, and keeps what has been scored for a wider band.

    scores   (columns, frames) log-likelihoods, zero if not scored yet
    highest  (frames,) highest log-likelihood of each frame
    """

    def __init__(self, network: Network, features: np.ndarray, model: AcousticModel) -> None:
        """Takes features (frames, streams, cepstra)."""
        self._network = network
        self._model = model
        self._expanded = expand(features)
        self.scores = np.zeros((len(network.senones), len(features)), np.float32)
        self.highest = np.full(len(features), -np.inf, np.float32)
        # Frames from which and to which each phone has been scored, (phones,).
        self._begins, self._ends = np.full(len(network), len(features)), np.zeros(len(network), np.int64)

    def fill(self, band: SearchBand) -> None:
        """Scores what a path within the band can meet and has no score yet."""
        network = self._network
        begins, ends = band.frames(network)
        # Each phone takes a frame for each of its states.
        begins, ends = begins + STATES * network.lead, ends - STATES * network.tail
        new = (begins < ends) & ((begins < self._begins) | (ends > self._ends))
        self._begins, self._ends = np.minimum(begins, self._begins), np.maximum(ends, self._ends)
        order = np.lexsort((begins, network.phone))
        order = order[new[order]]
        if not len(order):
            return
        for nodes in np.split(order, np.flatnonzero(np.diff(network.phone[order])) + 1):
            pieces: list[_Piece] = []
            for piece in self._pieces(nodes, begins, ends):
                if pieces and sum(each.end - each.begin for each in (*pieces, piece)) > _FRAMES:
                    self._score(int(network.phone[nodes[0]]), pieces)
                    pieces = []
                pieces.append(piece)
            if pieces:
                self._score(int(network.phone[nodes[0]]), pieces)

    def _pieces(self, nodes: np.ndarray, begins: np.ndarray, ends: np.ndarray) -> Iterator[_Piece]:
        """Yields what is to be scored of the nodes of one phone, which come in the order of their begins."""
        reached = np.maximum.accumulate(ends[nodes])
        for run in np.split(nodes, np.flatnonzero(begins[nodes[1:]] >= reached[:-1]) + 1):
            begin, end = int(begins[run[0]]), int(ends[run].max())
            columns = np.unique(self._network.columns[run])
            missing = np.flatnonzero((self.scores[columns, begin:end] == 0).any(axis=0))
            if len(missing):
                begin, end = begin + int(missing[0]), begin + int(missing[-1]) + 1
                for at in range(begin, end, _FRAMES):
                    yield _Piece(at, min(at + _FRAMES, end), columns)

    def _score(self, phone: int, pieces: list[_Piece]) -> None:
        frames = [self._expanded[:, :, piece.begin : piece.end] for piece in pieces]
        densities, scale = self._model.densities(np.concatenate(frames, axis=2), phone)
        at = 0
        for piece in pieces:
            here = slice(at, at := at + piece.end - piece.begin)
            found = self._model.mix(
                densities[:, :, here], scale[:, :, here], self._network.senones[piece.columns]
            )
            self.scores[piece.columns, piece.begin : piece.end] = found
            highest = self.highest[piece.begin : piece.end]
            np.maximum(highest, found.max(axis=0), out=highest)
