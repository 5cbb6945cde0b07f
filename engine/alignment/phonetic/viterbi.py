"""Searches the likeliest path through the phones of an utterance (Viterbi).

At any frame only some words are possible: `SearchBand` says which. Within the band the search is exact and has
no beam that could lose the path.

The network has no way back, so the search goes from phone to phone and not from frame to frame. The best score
of a state at each frame is that of entering it at the best frame so far: with the cumulative score of staying,
a running maximum over all frames at once.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.acoustic_model import STATES, AcousticModel
from engine.alignment.phonetic.network import Network
from engine.alignment.phonetic.search_band import SearchBand


def viterbi(network: Network, scores: np.ndarray, band: SearchBand, model: AcousticModel) -> np.ndarray:
    """Returns the phone of each frame, (frames,), on the likeliest path.

    scores  (columns, frames) from `score_frames`

    Raises AlignmentFailed if no path fits into the band.
    """
    search = _Search(network, scores, band, model)
    blocks: list[_Block] = []
    for word in range(network.words + 1):
        blocks.append(search.block(word, blocks[-1] if blocks else None))
    ended = np.concatenate([block.ended for block in blocks[-2:]])[network.finals - blocks[-2].phones.start]
    if ended.max() == -np.inf:
        raise AlignmentFailed("the words do not fit into the sound")
    return _traced(network, blocks, final=int(network.finals[ended.argmax()]), frames=len(band))


@dataclass(frozen=True, eq=False)
class _Block:
    """Holds the search within the phones of one word and the silence before it.

    phones      these, in the network
    begin, end  frames at which any of them is possible, `end` exclusive
    moved       (phones, STATES, frames) whether the best path to a state enters it at that frame
    chosen      (phones, frames) index of the best predecessor
    left        (phones, frames) score of leaving the phone after that frame
    ended       (phones,) score of the phone's last state at the last frame
    """

    phones: slice
    begin: int
    end: int
    moved: np.ndarray
    chosen: np.ndarray
    left: np.ndarray
    ended: np.ndarray


class _Search:
    """Searches block by block. Holds what all blocks need, and does not change."""

    def __init__(self, network: Network, scores: np.ndarray, band: SearchBand, model: AcousticModel) -> None:
        self._network = network
        self._scores = scores
        self._band = band
        self._begins, self._ends = band.frames(network)
        self._bounds = np.append(network.first, len(network))
        self._several = (network.predecessors < len(network)).sum(axis=1)
        self._stay = model.stay[network.phone][:, :, None].astype(np.float64)
        self._leave = model.leave[network.phone][:, :, None].astype(np.float64)

    def block(self, word: int, before: _Block | None) -> _Block:
        """Returns the search within a word, given that within the word before.

        Raises AlignmentFailed if no frame is possible for the word.
        """
        phones = slice(self._bounds[word], self._bounds[word + 1])
        begin, end = int(self._begins[phones.start]), int(self._ends[phones.start])
        if begin >= end:
            raise AlignmentFailed("the words do not fit into the sound")
        arrivals = _arrivals(before, begin, end, count=phones.stop - phones.start)
        earlier = phones.start - (before.phones.start if before else phones.start)
        # Rows of `arrivals`; the padding becomes the last row, at which nothing arrives.
        rows = np.minimum(self._network.predecessors[phones] - (phones.start - earlier), len(arrivals) - 1)
        entering = self._entering(word, begin, end)
        scores = self._scores[:, begin:end][self._network.columns[phones]]
        # Of staying in a state since the block's begin; float64, since long sums are compared.
        total = np.cumsum(scores + self._stay[phones], axis=2)
        before_each, after_each = total - scores, total + self._leave[phones]
        moved, chosen = np.ones(scores.shape, bool), np.zeros(entering.shape, np.int8)
        left = np.empty(entering.shape)
        depth = self._network.depth[phones]
        for group in (np.flatnonzero(depth == each) for each in range(depth.max() + 1)):
            enter, chosen[group] = _best(arrivals, rows[group], int(self._several[phones][group].max()))
            enter += entering[group]
            is_start = not word and not group[0]
            if is_start:
                enter[0, 0] = entering[0, 0]
            gained = -before_each[group]
            best, after = np.empty(gained.shape), after_each[group]
            for state in range(STATES):
                gained[:, state] += enter
                np.maximum.accumulate(gained[:, state], axis=1, out=best[:, state])
                np.add(best[:, state, :-1], after[:, state, :-1], out=enter[:, 1:])
                enter[:, 0] = -np.inf
            moved[group, :, 1:] = gained[:, :, 1:] > best[:, :, :-1]
            left[group] = best[:, -1] + after[:, -1]
            arrivals[earlier + group] = enter
            if is_start:  # the first word may begin without the silence before it
                arrivals[0, 0] = 0.0
        ended = left[:, -1] - self._leave[phones][:, -1, 0]
        return _Block(phones, begin, end, moved, chosen, left, ended)

    def _entering(self, word: int, begin: int, end: int) -> np.ndarray:
        """Returns log-probabilities that a word's phones are entered from others, (phones, frames)."""
        network, phones = self._network, slice(self._bounds[word], self._bounds[word + 1])
        entering = np.zeros((phones.stop - phones.start, end - begin))
        entered = network.entered[phones]
        entering[entered == network.words] = self._band.pause
        if word < network.words:
            opens = entered == word
            entering[opens] = self._band.entry[begin:end, word] + network.handicap[phones][opens, None]
            entering[1:, : self._begins[phones.start + 1] - begin] = -np.inf
        return entering


def _arrivals(before: _Block | None, begin: int, end: int, count: int) -> np.ndarray:
    """Returns the scores of having left a phone one frame ago, (phones before + count + 1, frames).

    Rows of the `count` phones that the next block has are still to be filled. The last one is for none.
    """
    earlier = len(before.left) if before else 0
    arrivals = np.full((earlier + count + 1, end - begin), -np.inf)
    if before:
        first = max(begin, before.begin + 1)
        found = before.left[:, first - 1 - before.begin : max(before.end - 1 - before.begin, 0)]
        arrivals[:earlier, first - begin : first - begin + found.shape[1]] = found
    return arrivals


def _best(arrivals: np.ndarray, rows: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the best arrivals at some phones, (phones, frames), and from which predecessors these are.

    rows  (phones, any) the predecessors' rows
    most  of them that any of the phones has
    """
    best = arrivals[rows[:, 0]]
    chosen = np.zeros(best.shape, np.int8)
    for option in range(1, most):
        other = arrivals[rows[:, option]]
        chosen[other > best] = option
        np.maximum(best, other, out=best)
    return best, chosen


def _traced(network: Network, blocks: list[_Block], final: int, frames: int) -> np.ndarray:
    """Returns the path, following the choices back from the last frame."""
    path = np.empty(frames, np.int64)
    phone, after = final, frames
    while after:
        block = blocks[network.word[phone]]
        row, at = phone - block.phones.start, after - block.begin
        for state in reversed(range(STATES)):
            at -= 1
            at -= int(block.moved[row, state, at::-1].argmax())
        path[block.begin + at : after] = phone
        after = block.begin + at
        phone = int(network.predecessors[phone, block.chosen[row, at]])
    return path
