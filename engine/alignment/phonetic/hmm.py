"""Builds the hidden Markov model of an utterance's words, in which viterbi.py searches the best path.

Words become a network of phones in context: each pronunciation is a branch, each phone has three states, and
an optional silence lies between any two words. The network runs from left to right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from engine.alignment.phonetic.acoustic_model import SILENCE, STATES, AcousticModel
from engine.alignment.phonetic.network import Network


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
    depth: list[int] = field(default_factory=list)
    lead: list[int] = field(default_factory=list)
    tail: list[int] = field(default_factory=list)

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
        depth = np.array(self.depth)
        order = np.lexsort((depth, word))
        rank = np.append(np.argsort(order), count).astype(np.int32)
        return Network(
            senones=senones,
            columns=columns.reshape(-1, STATES)[order],
            phone=np.array(self.phone)[order],
            word=word[order],
            way=np.array(self.way)[order],
            handicap=np.zeros(count, np.float32),
            entered=entered[order],
            predecessors=rank[predecessors[order]],
            depth=depth[order],
            lead=np.array(self.lead)[order],
            tail=np.array(self.tail)[order],
            first=first,
            finals=rank[finals],
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
        last = len(phones) - 1
        single = not last
        inside: list[int] = []
        for left, nodes in lefts.items():
            for right in rights if single else (phones[1],):
                place = "single" if single else "begin"
                node = self._add(phones[0], left, right, place=place, word=word, before=nodes, tail=last)
                if single:
                    ends.setdefault((phones[0], right), []).append(node)
                inside.append(node)
        if single:
            return
        for at in range(1, last):
            inside = [
                self._add(
                    phones[at],
                    phones[at - 1],
                    phones[at + 1],
                    place="internal",
                    word=word,
                    before=inside,
                    lead=at,
                    tail=last - at,
                )
            ]
        for right in rights:
            node = self._add(phones[-1], phones[-2], right, place="end", word=word, before=inside, lead=last)
            ends.setdefault((phones[-1], right), []).append(node)

    def _add(
        self,
        phone: str,
        left: str,
        right: str,
        place: str,
        word: int,
        before: Sequence[int],
        lead: int = 0,
        tail: int = 0,
    ) -> int:
        self.senones.append(self.model.senones(phone, left, right, place=place))
        self.phone.append(self.model.index(phone))
        self.lead.append(lead)
        self.tail.append(tail)
        self.word.append(word)
        self.before.append(list(before))
        inside = (self.depth[node] for node in before if self.word[node] == word)
        self.depth.append(1 + max(inside, default=-1))
        return len(self.phone) - 1
