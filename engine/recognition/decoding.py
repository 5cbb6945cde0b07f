"""What is asked of Whisper for a window, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

# What is wrong with the text of a window. A loop that is not at the end stays and is a "repetition".
Fault = Literal["silence", "loop", "repetition", "unlikely", "too fast"]


@dataclass(frozen=True, slots=True)
class DecodingOptions:
    """How a request wants its windows written; see `Options` for each."""

    task: Literal["transcribe", "translate"] = "transcribe"
    beam_size: int = 5
    fallback: bool = True
    hotwords: str = ""
    initial_prompt: str = ""
    numerals: bool = True


@dataclass(frozen=True, slots=True)
class DecodingRequest:
    """The language spoken in a window and how to write it down."""

    language: str
    options: DecodingOptions = DecodingOptions()

    @property
    def text_language(self) -> str:
        """The language of the text."""
        return "en" if self.options.task == "translate" else self.language


@dataclass(frozen=True, slots=True)
class DecodedWord:
    """A word in window seconds. `text` keeps the space before it; `logprob` sums over its `tokens`."""

    text: str
    start: float
    end: float
    probability: float
    logprob: float
    tokens: int


@dataclass(frozen=True, slots=True)
class DecodingResult:
    """What Whisper made of one window: its words, with attention's times in window seconds."""

    words: tuple[DecodedWord, ...]
    language: str
    no_speech_prob: float
    fault: Fault | None = None  # what is wrong with the text, where decoding again did not mend it
