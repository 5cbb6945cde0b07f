"""Builds hidden Markov models of an utterance's words, and searches the best path.

Words become a network of phones in context: each pronunciation is a branch, each phone has three states, and
an optional silence lies between any two words. The network runs from left to right, so at any frame only some
words are possible: `SearchBand` says which. Within the band the search is exact (Viterbi) and has no beam
that could lose the path.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.acoustic_model import SILENCE, STATES, AcousticModel

_NEVER = np.float32(-1e30)


@dataclass(frozen=True, eq=False)
class Network:
    """Holds the phones of some words, in the order of the words.

    senones       (columns,) the senones that the phones share
    columns       (phones, STATES) index into `senones`
    phone         (phones,) index into the model's phones
    word          (phones,) index of the phone's word; for a silence, of the word after it
    way           (phones,) index of the phone's pronunciation among those of its word
    handicap      (phones,) log-probability that is added when a word begins at the phone
    entered       (phones,) column of the entry costs: the word that the phone begins, a pause (`words`), or
                  neither (`words` + 1)
    predecessors  (phones, most) phones that may come before, padded with the number of phones
    first         (words + 1,) first phone of each word, which is the silence before it
    finals        phones that may be the last
    """

    senones: np.ndarray
    columns: np.ndarray
    phone: np.ndarray
    word: np.ndarray
    way: np.ndarray
    handicap: np.ndarray
    entered: np.ndarray
    predecessors: np.ndarray
    first: np.ndarray
    finals: np.ndarray

    def __len__(self) -> int:
        return len(self.phone)

    @property
    def words(self) -> int:
        """Returns the number of words."""
        return len(self.first) - 1


def build_network(
    words: Sequence[Sequence[tuple[str, ...]]],
    model: AcousticModel,
    ways: Sequence[int] = (),
    handicap: float = 0.0,
) -> Network:
    """Builds the network of words, each given by one or more pronunciations.

    ways      how many of each word's pronunciations are its own; the others have a handicap
    handicap  log-probability that is added to those
    """
    network = _Builder(model).build(words)
    if not ways:
        return network
    own = np.array([*ways, 1])[network.word]
    return replace(network, handicap=np.where(network.way < own, 0.0, handicap).astype(np.float32))


@dataclass
class _Builder:
    """Adds phones in order, at a word's edge one copy per possible neighbour."""

    model: AcousticModel
    senones: list[np.ndarray] = field(default_factory=list)
    phone: list[int] = field(default_factory=list)
    word: list[int] = field(default_factory=list)
    way: list[int] = field(default_factory=list)
    before: list[list[int]] = field(default_factory=list)

    def build(self, words: Sequence[Sequence[tuple[str, ...]]]) -> Network:
        """Returns the network of all words."""
        first: list[int] = []
        # Last phones of the word before, by their name and the phone that they expect next.
        ends: dict[tuple[str, str], list[int]] = {}
        for index, pronunciations in enumerate([*words, ()]):
            closed = [node for (_, expected), nodes in ends.items() if expected == SILENCE for node in nodes]
            first.append(len(self.phone))
            silence = self._add(SILENCE, SILENCE, SILENCE, place="single", word=index, before=closed)
            self.way.append(0)
            if index == len(words):
                break
            lefts = {SILENCE: [silence]}
            rights = (
                [SILENCE, *sorted({p[0] for p in words[index + 1]})] if index + 1 < len(words) else [SILENCE]
            )
            begun, ends = ends, {}
            for way, phones in enumerate(pronunciations):
                for (name, expected), nodes in begun.items():
                    if expected == phones[0]:
                        lefts[name] = [*lefts.get(name, ()), *nodes]
                self._branch(phones, lefts, rights, word=index, ends=ends)
                self.way += [way] * (len(self.phone) - len(self.way))
                lefts = {SILENCE: [silence]}
        return self._network(np.array(first), np.array([silence, *closed]))

    def _network(self, first: np.ndarray, finals: np.ndarray) -> Network:
        count, words = len(self.phone), len(first) - 1
        most = max(map(len, self.before))
        padded = [nodes + [count] * (most - len(nodes)) for nodes in self.before]
        predecessors = np.array(padded, dtype=np.int32).reshape(count, most)
        word = np.array(self.word)
        # A word begins at a phone that follows a silence or another word.
        earlier = np.where(predecessors < count, np.append(word, words)[predecessors], words)
        silent = np.isin(np.arange(count), first)
        opens = silent[np.minimum(predecessors, count - 1)] & (predecessors < count) | (
            earlier < word[:, None]
        )
        entered = np.where(silent, words, np.where(opens.any(axis=1), word, words + 1))
        senones, columns = np.unique(np.array(self.senones), return_inverse=True)
        return Network(
            senones=senones,
            columns=columns.reshape(-1, STATES),
            phone=np.array(self.phone),
            word=word,
            way=np.array(self.way),
            handicap=np.zeros(count, np.float32),
            entered=entered,
            predecessors=predecessors,
            first=first,
            finals=finals,
        )

    def _branch(
        self,
        phones: tuple[str, ...],
        lefts: dict[str, list[int]],
        rights: Sequence[str],
        word: int,
        ends: dict[tuple[str, str], list[int]],
    ) -> None:
        """Adds one pronunciation after the phones `lefts`, its last phones to `ends`."""
        single = len(phones) == 1
        inside: list[int] = []
        for left, nodes in lefts.items():
            for right in rights if single else (phones[1],):
                place = "single" if single else "begin"
                node = self._add(phones[0], left, right, place=place, word=word, before=nodes)
                if single:
                    ends.setdefault((phones[0], right), []).append(node)
                inside.append(node)
        if single:
            return
        for at in range(1, len(phones) - 1):
            inside = [
                self._add(
                    phones[at], phones[at - 1], phones[at + 1], place="internal", word=word, before=inside
                )
            ]
        for right in rights:
            node = self._add(phones[-1], phones[-2], right, place="end", word=word, before=inside)
            ends.setdefault((phones[-1], right), []).append(node)

    def _add(self, phone: str, left: str, right: str, place: str, word: int, before: Sequence[int]) -> int:
        self.senones.append(self.model.senones(phone, left, right, place=place))
        self.phone.append(self.model.phones.index(phone))
        self.word.append(word)
        self.before.append(list(before))
        return len(self.phone) - 1


@dataclass(frozen=True, eq=False)
class SearchBand:
    """Limits the words of each frame, and weighs at which frames words begin.

    first, last  (frames,) words, `last` exclusive; neither goes back
    entry        (frames, words) log-probability, up to a constant, that a word begins at a frame
    pause        log-probability of a pause between two words
    """

    first: np.ndarray
    last: np.ndarray
    entry: np.ndarray
    pause: float = 0.0

    def phones(self, network: Network) -> tuple[np.ndarray, np.ndarray]:
        """Returns each frame's first and last possible phone (exclusive), both (frames,)."""
        return network.first[self.first], network.first[self.last] + 1


def score_frames(
    network: Network, features: np.ndarray, band: SearchBand, model: AcousticModel
) -> np.ndarray:
    """Returns log-likelihoods (frames, columns) within the band, zero elsewhere."""
    low, high = band.phones(network)
    # The band is monotone, so each phone is possible in one run of frames.
    begins = np.searchsorted(high, np.arange(len(network)), "right")
    ends = np.searchsorted(low, np.arange(len(network)), "right")
    scores = np.zeros((len(features), len(network.senones)), np.float32)
    for book in np.unique(network.phone):
        nodes = np.flatnonzero(network.phone == book)
        change = np.zeros(len(features) + 1, np.int32)
        np.add.at(change, begins[nodes], 1)
        np.add.at(change, ends[nodes], -1)
        frames = np.flatnonzero(np.cumsum(change[:-1]))
        columns = np.unique(network.columns[nodes])
        found = model.score(features[frames], int(book), network.senones[columns])
        scores[frames[:, None], columns] = found
    return scores


def viterbi(network: Network, scores: np.ndarray, band: SearchBand, model: AcousticModel) -> np.ndarray:
    """Returns the phone of each frame, (frames,), on the likeliest path.

    scores  (frames, columns) from `score_frames`

    Raises AlignmentFailed if no path fits into the band.
    """
    leave = model.leave[network.phone]
    # Log-probability of entering a state from the one before.
    onward = np.zeros((len(network), STATES), np.float32)
    onward[:, 1:] = leave[:, :-1]
    stay, go = model.stay[network.phone].ravel(), onward.ravel()
    leaving = np.append(leave[:, -1], 0).astype(np.float32)
    entry = np.pad(band.entry.astype(np.float32), ((0, 0), (0, 2)))
    entry[:, network.words] = band.pause
    # Log-probability that a phone is entered at a frame from another one, (frames, phones).
    entering = entry[:, network.entered]
    entering += np.where(network.entered < network.words, network.handicap, 0)
    lows, highs = band.phones(network)
    frames = len(scores)
    columns = network.columns.ravel()

    alive = np.full(len(network) * STATES, _NEVER, np.float32)
    ends = np.full(len(network) + 1, _NEVER, np.float32)  # score of having left a phone one frame ago
    chosen = np.zeros((frames, len(network)), np.int8)  # index of the best predecessor
    moved = np.zeros((frames, len(network) * STATES), bool)  # whether the state was entered at this frame
    # Most phones have one predecessor; the search looks for the best one of the others alone.
    only = np.ascontiguousarray(network.predecessors[:, 0])
    several = np.flatnonzero((network.predecessors < len(network)).sum(axis=1) > 1)
    choices = network.predecessors[several]
    firsts, lasts = np.searchsorted(several, lows), np.searchsorted(several, highs)
    # The first word may begin with or without silence.
    begun = np.append(0, np.flatnonzero((network.predecessors == 0).any(axis=1)))
    alive[begun * STATES] = scores[0, columns[begun * STATES]] + entering[0, begun]
    for t, low, high, first, last in zip(
        range(1, frames), *(each[1:].tolist() for each in (lows, highs, firsts, lasts)), strict=True
    ):
        span = slice(low * STATES, high * STATES)
        ends[:low] = _NEVER
        np.add(alive[low * STATES + STATES - 1 : span.stop : STATES], leaving[low:high], out=ends[low:high])
        arrived = ends.take(only[low:high])
        if first < last:
            options = ends.take(choices[first:last])
            best = options.argmax(axis=1)
            chosen[t, several[first:last]] = best
            arrived[several[first:last] - low] = options[np.arange(last - first), best]
        into = np.empty(span.stop - span.start, np.float32)
        np.add(alive[span.start : span.stop - 1], go[span.start + 1 : span.stop], out=into[1:])
        np.add(arrived, entering[t, low:high], out=into[::STATES])
        remain = alive[span] + stay[span]
        np.greater(into, remain, out=moved[t, span])
        np.maximum(into, remain, out=into)
        np.add(into, scores[t].take(columns[span]), out=alive[span])
        alive[: span.start] = _NEVER
    final = network.finals[np.argmax(alive[network.finals * STATES + STATES - 1])]
    if alive[final * STATES + STATES - 1] < _NEVER / 2:
        raise AlignmentFailed("the words do not fit into the sound")
    return _traced(network, chosen, moved, final=int(final))


def _traced(network: Network, chosen: np.ndarray, moved: np.ndarray, final: int) -> np.ndarray:
    """Returns the path, following the choices back from the last frame."""
    path = np.empty(len(moved), np.int64)
    phone, state = final, STATES - 1
    for t in range(len(moved) - 1, -1, -1):
        path[t] = phone
        if moved[t, phone * STATES + state]:
            if state:
                state -= 1
            else:
                phone, state = int(network.predecessors[phone, chosen[t, phone]]), STATES - 1
    return path
