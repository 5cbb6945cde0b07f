"""What is asked of Whisper for one window, and the tokens that say it."""

from __future__ import annotations

from functools import cached_property

import tokenizers
from faster_whisper.tokenizer import Tokenizer

from engine.errors import InvalidOption
from engine.options import Options
from engine.recognition.decoding import DecodingOptions, DecodingRequest

MAX_TOKENS = 448  # Whisper's text context, prompt included
MAX_PROMPT = MAX_TOKENS // 2 - 1  # tokens before the start of the text, as Whisper was trained
_SYMBOLS = frozenset("%$£€¥")  # read as words, like the digits beside them


def decoding_options(options: Options) -> DecodingOptions:
    """Returns how a request wants its windows decoded."""
    return DecodingOptions(
        task=options.task,
        beam_size=options.beam_size,
        fallback=options.temperature_fallback,
        hotwords=options.hotwords,
        initial_prompt=options.initial_prompt,
        numerals=not options.suppress_numerals,
    )


class PromptBuilder:
    """Turns asks into tokens of one model."""

    def __init__(self, tokenizer: tokenizers.Tokenizer, multilingual: bool) -> None:
        self._tokenizer = tokenizer
        self._multilingual = multilingual

    def tokenizer(self, ask: DecodingRequest) -> Tokenizer:
        return Tokenizer(self._tokenizer, self._multilingual, ask.options.task, ask.language)

    def text_tokenizer(self, ask: DecodingRequest) -> Tokenizer:
        """Returns the tokenizer of the language that the text is in."""
        return Tokenizer(self._tokenizer, self._multilingual, "transcribe", ask.text_language)

    def prompt_tokens(self, ask: DecodingRequest) -> list[int]:
        """Returns the tokens that stand before the text: what was "said before", language and task."""
        tokenizer = self.tokenizer(ask)
        before = self.previous_text_tokens(ask.options)
        opening = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        return [tokenizer.sot_prev, *before, *opening] if before else opening

    def previous_text_tokens(self, manner: DecodingOptions) -> list[int]:
        """Returns the tokens of hotwords and prompt, of the prompt those at its end that have room.

        Raises InvalidOption where the hotwords alone are too many.
        """
        hotwords, prompt = self._ids(manner.hotwords), self._ids(manner.initial_prompt)
        if len(hotwords) > MAX_PROMPT:
            raise InvalidOption(
                f"hotwords takes {len(hotwords)} tokens.", f"Whisper has room for {MAX_PROMPT}: shorten it."
            )
        return hotwords + prompt[max(0, len(hotwords) + len(prompt) - MAX_PROMPT) :]

    def prompt_fits(self, manner: DecodingOptions) -> bool:
        """Tells whether the whole prompt is heeded."""
        return len(self._ids(manner.hotwords)) + len(self._ids(manner.initial_prompt)) <= MAX_PROMPT

    def _ids(self, text: str) -> list[int]:
        if not text:
            return []
        ids = self._tokenizer.encode(f" {text}", add_special_tokens=False).ids
        return [token for token in ids if token < self._end]  # a mark among them would be obeyed

    def suppressed_tokens(self, numerals: bool) -> list[int]:
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
