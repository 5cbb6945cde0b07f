"""Builds Whisper's prompts and suppressed tokens for a window."""

from __future__ import annotations

from functools import cached_property

import tokenizers

from engine.errors import InvalidOption
from engine.options import Options
from engine.recognition.decoding import DecodingOptions, DecodingRequest
from engine.recognition.faster_whisper_parts import Tokenizer

MAX_TOKENS = 448  # Whisper's text context, prompt included
MAX_PROMPT = MAX_TOKENS // 2 - 1  # tokens before the start of the text, as in Whisper's training
# What Whisper takes for the text before, by language. It leaves hesitations out, unless they stand there.
HESITANT = {"en": "Um, so, uh, I, I mean, er, hmm, you know, it's, uh, it's like, um, the- the thing."}
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
        verbatim=options.verbatim,
    )


class PromptBuilder:
    """Turns decoding requests into tokens of one model."""

    def __init__(self, tokenizer: tokenizers.Tokenizer, multilingual: bool) -> None:
        self._tokenizer = tokenizer
        self._multilingual = multilingual

    def tokenizer(self, ask: DecodingRequest) -> Tokenizer:
        """Returns the tokenizer with the request's language and task."""
        return Tokenizer(self._tokenizer, self._multilingual, ask.options.task, ask.language)

    def text_tokenizer(self, ask: DecodingRequest) -> Tokenizer:
        """Returns the tokenizer of the text's language."""
        return Tokenizer(self._tokenizer, self._multilingual, "transcribe", ask.text_language)

    def prompt_tokens(self, ask: DecodingRequest) -> list[int]:
        """Returns the tokens before the text: previous text, language and task."""
        tokenizer = self.tokenizer(ask)
        before = self.previous_text_tokens(ask)
        opening = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        return [tokenizer.sot_prev, *before, *opening] if before else opening

    def previous_text_tokens(self, ask: DecodingRequest) -> list[int]:
        """Returns the tokens of the hotwords and of the end of the prompt that has room.

        With `verbatim`, hesitations stand before the prompt, if there is a text of them in the language.

        Raises InvalidOption if the hotwords alone are too many.
        """
        manner = ask.options
        wants_hesitations = manner.verbatim and manner.task == "transcribe"
        hesitant = HESITANT.get(ask.language, "") if wants_hesitations else ""
        hotwords = self._ids(manner.hotwords)
        prompt = self._ids(hesitant) + self._ids(manner.initial_prompt)
        if len(hotwords) > MAX_PROMPT:
            raise InvalidOption(
                f"hotwords takes {len(hotwords)} tokens.", f"Whisper has room for {MAX_PROMPT}: shorten it."
            )
        return hotwords + prompt[max(0, len(hotwords) + len(prompt) - MAX_PROMPT) :]

    def prompt_fits(self, manner: DecodingOptions) -> bool:
        """Returns whether the whole prompt has room."""
        return len(self._ids(manner.hotwords)) + len(self._ids(manner.initial_prompt)) <= MAX_PROMPT

    def _ids(self, text: str) -> list[int]:
        if not text:
            return []
        ids = self._tokenizer.encode(f" {text}", add_special_tokens=False).ids
        # A special token in the text would act as a command.
        return [token for token in ids if token < self._end]

    def suppressed_tokens(self, numerals: bool) -> list[int]:
        """Returns the tokens of non-speech, and those of numbers if these are unwanted."""
        return self._never if numerals else sorted({*self._never, *self._numerals})

    @cached_property
    def _never(self) -> list[int]:
        """Returns the tokens of non-speech signs and Whisper's special tokens."""
        tokenizer = Tokenizer(self._tokenizer, self._multilingual, "transcribe", "en")
        marks = (
            tokenizer.transcribe, tokenizer.translate, tokenizer.sot, tokenizer.sot_prev,
            tokenizer.sot_lm, tokenizer.no_speech,
        )  # fmt: skip
        return sorted({*tokenizer.non_speech_tokens, *marks} - {None})

    @cached_property
    def _numerals(self) -> list[int]:
        """Returns the tokens with a digit of any script or a symbol read as a word."""
        texts = self._tokenizer.decode_batch([[token] for token in range(self._end)])
        return [token for token, text in enumerate(texts) if any(c.isdigit() or c in _SYMBOLS for c in text)]

    @property
    def _end(self) -> int:
        """Returns the first token that is not text."""
        return self._tokenizer.token_to_id("<|endoftext|>")
