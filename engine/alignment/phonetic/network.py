"""The phones of some words and how they may follow each other: a hidden Markov model without its sounds."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Network:
    """Holds the phones of some words, in the order of the words, and within a word in that of their depth.

    senones       (columns,) the senones that the phones share
    columns       (phones, STATES) index into `senones`
    phone         (phones,) index into the model's phones
    word          (phones,) index of the phone's word; for a silence, of the word after it
    way           (phones,) index of the phone's pronunciation among those of its word
    handicap      (phones,) log-probability that is added when a word begins at the phone
    entered       (phones,) column of the entry costs: the word that the phone begins, a pause (`words`), or
                  neither (`words` + 1)
    predecessors  (phones, most) phones that may come before, padded with the number of phones
    depth         (phones,) most phones of the same word that can come before
    lead, tail    (phones,) phones of the same word that must come before, and after; zero for a silence
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
    depth: np.ndarray
    lead: np.ndarray
    tail: np.ndarray
    first: np.ndarray
    finals: np.ndarray

    def __len__(self) -> int:
        return len(self.phone)

    @property
    def words(self) -> int:
        """Returns the number of words."""
        return len(self.first) - 1
