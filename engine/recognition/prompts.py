"""What is asked of Whisper for one window, and the tokens that say it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import tokenizers
from faster_whisper.tokenizer import Tokenizer

from engine.errors import BadOption
from engine.options import Options, Task

MAX_TOKENS = 448  # Whisper's text context, prompt included
MAX_PROMPT = MAX_TOKENS // 2 - 1  # tokens before the start of the text, as Whisper was trained
_SYMBOLS = frozenset("%$£€¥")  # read as words, like the digits beside them


@dataclass(frozen=True, slots=True)
class Manner:
    """How a request wants its windows written; see `Options` for each."""

    task: Task = "transcribe"
    beam_size: int = 5
    fallback: bool = True
    hotwords: str = ""
    initial_prompt: str = ""
    numerals: bool = True

    @classmethod
    def of(cls, options: Options) -> Manner:
        return cls(
            options.task,
            options.beam_size,
            options.temperature_fallback,
            options.hotwords,
            options.initial_prompt,
            not options.suppress_numerals,
        )


@dataclass(frozen=True, slots=True)
class Ask:
    """The language spoken in a window and how to write it down."""

    language: str
    manner: Manner = Manner()

    @property
    def written(self) -> str:
        """The language of the text."""
        return "en" if self.manner.task == "translate" else self.language


class Speech:
    """Turns asks into tokens of one model."""

    def __init__(self, tokenizer: tokenizers.Tokenizer, multilingual: bool) -> None:
        self._tokenizer = tokenizer
        self._multilingual = multilingual

    def tokenizer(self, ask: Ask) -> Tokenizer:
        return Tokenizer(self._tokenizer, self._multilingual, ask.manner.task, ask.language)

    def writer(self, ask: Ask) -> Tokenizer:
        """Returns the tokenizer of the language that the text is in."""
        return Tokenizer(self._tokenizer, self._multilingual, "transcribe", ask.written)

    def start(self, ask: Ask) -> list[int]:
        """Returns the tokens that stand before the text: what was "said before", language and task."""
        tokenizer = self.tokenizer(ask)
        before = self.context(ask.manner)
        opening = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        return [tokenizer.sot_prev, *before, *opening] if before else opening

    def context(self, manner: Manner) -> list[int]:
        """Returns the tokens of hotwords and prompt, of the prompt those at its end that have room.

        Raises BadOption where the hotwords alone are too many.
        """
        hotwords, prompt = self._ids(manner.hotwords), self._ids(manner.initial_prompt)
        if len(hotwords) > MAX_PROMPT:
            raise BadOption(
                f"hotwords takes {len(hotwords)} tokens.", f"Whisper has room for {MAX_PROMPT}: shorten it."
            )
        return hotwords + prompt[max(0, len(hotwords) + len(prompt) - MAX_PROMPT) :]

    def has_room(self, manner: Manner) -> bool:
        """Tells whether the whole prompt is heeded."""
        return len(self._ids(manner.hotwords)) + len(self._ids(manner.initial_prompt)) <= MAX_PROMPT

    def _ids(self, text: str) -> list[int]:
        if not text:
            return []
        ids = self._tokenizer.encode(f" {text}", add_special_tokens=False).ids
        return [token for token in ids if token < self._end]  # a mark among them would be obeyed

    def suppressed(self, numerals: bool) -> list[int]:
        """Returns the tokens that never stand for speech, and those of numbers where none are wanted."""
        return self._never if numerals else sorted({*self._never, *self._numerals})

    @cached_property
    def _never(self) -> list[int]:
        """Signs of non-speech and Whisper's own marks."""
        tokenizer = Tokenizer(self._tokenizer, self._multilingual, "transcribe", "en")
        marks = (
            tokenizer.transcribe, tokenizer.translate, tokenizer.sot, tokenizer.sot_prev,
            tokenizer.sot_lm, tokenizer.no_speech,
        )  # fmt: skip
        return sorted({*tokenizer.non_speech_tokens, *marks} - {None})

    @cached_property
    def _numerals(self) -> list[int]:
        """Tokens with a digit of any script, or a symbol that is read as a word."""
        texts = self._tokenizer.decode_batch([[token] for token in range(self._end)])
        return [token for token, text in enumerate(texts) if any(c.isdigit() or c in _SYMBOLS for c in text)]

    @property
    def _end(self) -> int:
        """The first token that is no text."""
        return self._tokenizer.token_to_id("<|endoftext|>")
