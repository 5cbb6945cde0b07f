"""Attempts at the text of a window, and which of two is the better."""

from __future__ import annotations

from dataclasses import dataclass

from engine.recognition.decoding import Fault
from engine.recognition.hallucinations import collapse_final_loop


@dataclass(frozen=True, slots=True)
class Attempt:
    """A further try at a window, padded to 30 s: by beam search, or by sampling at a temperature above 0."""

    temperature: float = 0.0


ATTEMPTS = (Attempt(), Attempt(temperature=0.4), Attempt(temperature=0.8))


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One attempt at a window's text: tokens, their mean log-probability, and what is wrong with it."""

    tokens: list[int]
    logprob: float
    no_speech_prob: float
    fault: Fault | None

    @property
    def needs_retry(self) -> bool:
        """Returns whether decoding again may help."""
        return self.fault in ("loop", "too fast")

    def better_than(self, other: Hypothesis) -> bool:
        return (self.fault is None, self.logprob) > (other.fault is None, other.logprob)

    @property
    def tokens_to_keep(self) -> list[int]:
        if self.fault == "silence":
            return []
        return collapse_final_loop(self.tokens) if self.fault == "loop" else self.tokens

    @property
    def fault_after(self) -> Fault | None:
        """Returns the fault of the kept tokens."""
        return "repetition" if self.fault == "loop" and self.tokens_to_keep == self.tokens else self.fault
