"""The requests that Whisper's decoder takes for a window, and its results."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

# Faults of a window's text. A loop that is not at the end stays in the text and is a "repetition".
Fault = Literal["silence", "loop", "repetition", "unlikely", "too fast"]


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """Holds how a request wants its windows decoded; see `Options` for each field.

    keep_encoded  results hold the encoder's outputs, so that a given text can be timed without encoding again
    """

    task: Literal["transcribe", "translate"] = "transcribe"
    beam_size: int = 5
    fallback: bool = True
    hotwords: str = ""
    initial_prompt: str = ""
    numerals: bool = True
    verbatim: bool = False
    keep_encoded: bool = False


@dataclass(frozen=True, slots=True)
class DecodingRequest:
    """Holds the language spoken in a window and how to decode the window.

    faint  speech that louder sound hid from detection at first, (start, end) in window seconds
    """

    language: str
    options: DecodingOptions = DecodingOptions()
    faint: tuple[tuple[float, float], ...] = ()

    @property
    def text_language(self) -> str:
        """Returns the language of the text, Whisper's code."""
        return "en" if self.options.task == "translate" else self.language

    @property
    def has_hints(self) -> bool:
        """Whether hotwords, a prompt or hesitations go with the request."""
        return bool(self.options.hotwords or self.options.initial_prompt or self.options.verbatim)

    def without_hints(self) -> DecodingRequest:
        """Returns the request without hotwords, prompt and hesitations."""
        return replace(self, options=replace(self.options, hotwords="", initial_prompt="", verbatim=False))

    def over(self, speech: Sequence[tuple[float, float]]) -> DecodingRequest:
        """Returns the request for a window with this speech: if there is none, without hints.

        After hotwords, Whisper writes names over music.
        """
        return self if speech else self.without_hints()


@dataclass(frozen=True, slots=True)
class DecodedWord:
    """Holds one word and its times, in seconds from the start of the window.

    text         with the space before it
    probability  mean over the word's tokens, 0 to 1
    logprob      sum over the word's tokens
    tokens       number of tokens
    parts        the words that it is joined from, such as the numbers of "1-2-3"; none of one that stands alone
    """

    text: str
    start: float
    end: float
    probability: float
    logprob: float
    tokens: int
    parts: tuple[DecodedWord, ...] = ()


@dataclass(frozen=True, slots=True)
class DecodingResult:
    """Holds the words of one window, timed by attention, in seconds from its start."""

    words: tuple[DecodedWord, ...]
    language: str
    no_speech_prob: float
    fault: Fault | None = None  # a fault of the text that decoding again did not mend
