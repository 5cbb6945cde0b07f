"""Searches the likeliest path through the phones of an utterance (Viterbi).

At any frame only some words are possible: `SearchBand` says which. Within the band the search is exact and has
no beam that could lose the path.

The network has no way back, so the search goes from phone to phone and not from frame to frame. The best score
of a state at each frame is that of entering it at the best frame so far: with the cumulative score of staying,
a running maximum over all frames at once. The path back needs no record of choices: a running maximum has its value
since the frame of the choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.acoustic_model import STATES, AcousticModel
from engine.alignment.phonetic.network import Network
from engine.alignment.phonetic.search_band import SearchBand


@dataclass(frozen=True, eq=False)
class _Block:
    """Holds the search within the phones of one word and the silence before it.

    phones      these, in the network
    begin, end  frames at which any of them is possible, `end` exclusive
    opens       first frame at which the word may begin; it may be later than that of the silence before it
    rows        (phones, any) rows of `arrivals` that are the predecessors of each phone
    best        (phones, STATES, frames) score of the best path that has entered a state by a frame, less what
                staying in it since the block's begin scores
    arrivals    (phones of the word before + phones + 1, frames + 1) score of having left a phone one frame ago;
                nothing arrives at the last row
    """

    phones: slice
    begin: int
    end: int
    opens: int
    rows: np.ndarray
    best: np.ndarray
    arrivals: np.ndarray

    @property
    def own(self) -> np.ndarray:
        """Returns the arrivals (phones, frames + 1) from the phones of this block."""
        return self.arrivals[-1 - len(self.best) : -1]


class PathSearch:
    """Searches one network again and again, in bands that become wider.

    A search begins at the first word that has other frames than in the search before.
    """

    def __init__(self, network: Network, scores: np.ndarray, model: AcousticModel) -> None:
        """Takes the scores (columns, frames); those that a band needs are filled in before it is searched."""
        self._network = network
        self._scores = scores
        self._stay = model.stay[network.phone][:, :, None].astype(np.float64)
        self._leave = model.leave[network.phone][:, :, None].astype(np.float64)
        self._bounds = [*network.first.tolist(), len(network)]
        self._openings = np.add.reduceat(network.entered <= network.words, network.first).tolist()
        self._groups = _groups_of(network)
        self._blocks: list[_Block] = []

    def path(self, band: SearchBand) -> np.ndarray:
        """Returns the phone of each frame, (frames,), on the likeliest path.

        Raises AlignmentFailed if no path fits into the band.
        """
        network, blocks = self._network, self._blocks
        begins, ends = (each.tolist() for each in band.frames(network))
        for word, first in enumerate(self._bounds[:-1]):
            begin, end = begins[first], ends[first]
            opens = begins[first + 1] if word < network.words else begin
            if word < len(blocks):
                if (blocks[word].begin, blocks[word].end, blocks[word].opens) == (begin, end, opens):
                    continue
                del blocks[word:]
            if begin >= end:
                raise AlignmentFailed("the words do not fit into the sound")
            entering = self._entering(word, begin, end, band=band)
            entering[1:, : opens - begin] = -np.inf
            blocks.append(self._block(word, begin, end, opens=opens, entering=entering))
        before = blocks[-2].phones.start
        ended = np.concatenate([block.own[:, -1] for block in blocks[-2:]]) - self._leave[before:, -1, 0]
        ended = ended[network.finals - before]
        if ended.max() == -np.inf:
            raise AlignmentFailed("the words do not fit into the sound")
        return self._traced(final=int(network.finals[ended.argmax()]), frames=len(band))

    def _entering(self, word: int, begin: int, end: int, band: SearchBand) -> np.ndarray:
        """Returns log-probabilities (phones, frames) of a pause, and of beginning the word at its first phones."""
        entering = np.empty((self._openings[word], end - begin))
        entering[0] = band.pause
        if word < self._network.words:
            first = self._bounds[word] + 1
            handicap = self._network.handicap[first : first + len(entering) - 1]
            np.add(band.entry[begin:end, word], handicap[:, None], out=entering[1:])
        return entering

    def _block(self, word: int, begin: int, end: int, opens: int, entering: np.ndarray) -> _Block:
        """Returns the search within a word, which goes on from that within the word before."""
        phones = slice(self._bounds[word], self._bounds[word + 1])
        count = phones.stop - phones.start
        arrivals = self._arrivals(begin, end, count)
        own = len(arrivals) - 1 - count
        # The padding becomes the last row, at which nothing arrives.
        rows = np.minimum(self._network.predecessors[phones] - (phones.start - own), len(arrivals) - 1)
        scores = self._scores[:, begin:end][self._network.columns[phones]]
        # Of staying in a state since the block's begin; float64, since long sums are compared.
        after = np.cumsum(scores + self._stay[phones], axis=2)
        before = after - scores
        after += self._leave[phones]
        steps = after[:, :-1, :-1] - before[:, 1:, 1:]  # from a state to the next
        best = np.empty(after.shape)
        best[:, 1:, 0] = -np.inf
        for group, most in self._groups[word]:
            enter = arrivals[rows[group, 0], :-1]
            for option in range(1, most):
                np.maximum(enter, arrivals[rows[group, option], :-1], out=enter)
            opening = entering[group]
            enter[: len(opening)] += opening
            is_start = not word and not group.start
            if is_start:
                enter[0, 0] = entering[0, 0]
            enter -= before[group, 0]
            here = best[group]
            np.maximum.accumulate(enter, axis=1, out=here[:, 0])
            for state in range(1, STATES):
                np.add(here[:, state - 1, :-1], steps[group, state - 1], out=here[:, state, 1:])
                np.maximum.accumulate(here[:, state], axis=1, out=here[:, state])
            np.add(here[:, -1], after[group, -1], out=arrivals[own + group.start : own + group.stop, 1:])
            if is_start:  # the first word may begin without the silence before it
                arrivals[0, 0] = 0.0
        return _Block(phones, begin, end, opens, rows, best, arrivals)

    def _arrivals(self, begin: int, end: int, count: int) -> np.ndarray:
        """Returns the arrivals of a block of `count` phones, with those from the word before filled in."""
        before = self._blocks[-1] if self._blocks else None
        earlier = len(before.best) if before else 0
        arrivals = np.full((earlier + count + 1, end - begin + 1), -np.inf)
        if before and begin < before.end:
            shared = min(end, before.end)
            arrivals[:earlier, : shared - begin] = before.own[:, begin - before.begin : shared - before.begin]
        return arrivals

    def _traced(self, final: int, frames: int) -> np.ndarray:
        """Returns the path, followed back from the last frame."""
        network = self._network
        path = np.empty(frames, np.int64)
        phone, after = final, frames
        while after:
            block = self._blocks[network.word[phone]]
            row, at = phone - block.phones.start, after - block.begin
            for best in block.best[row, ::-1]:
                # The state was entered at the first frame that has the score of its last one.
                at = int(best[:at].searchsorted(best[at - 1]))
            path[block.begin + at : after] = phone
            after = block.begin + at
            phone = int(network.predecessors[phone, block.arrivals[block.rows[row], at].argmax()])
        return path


def _groups_of(network: Network) -> list[list[tuple[slice, int]]]:
    """Returns for each word the phones of each depth, and how many predecessors any of them has at most."""
    firsts = np.flatnonzero(np.diff(network.word, prepend=-1) | np.diff(network.depth, prepend=-1))
    several = np.maximum.reduceat((network.predecessors < len(network)).sum(axis=1), firsts)
    groups: list[list[tuple[slice, int]]] = [[] for _ in network.first]
    borders = [*firsts.tolist(), len(network)]
    for first, last, most in zip(borders, borders[1:], several.tolist(), strict=False):
        word = network.word[first]
        offset = int(network.first[word])
        groups[word].append((slice(first - offset, last - offset), most))
    return groups
