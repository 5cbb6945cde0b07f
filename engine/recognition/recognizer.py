"""Recognises speech with Whisper on CTranslate2: language, text and word times.

Method: Radford et al. 2022, arXiv:2212.04356. Fallback and thresholds are those of openai-whisper.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import ctranslate2
import numpy as np
import tokenizers

from engine.errors import InvalidOption
from engine.languages import LANGUAGES
from engine.recognition.decoding import DecodedWord, DecodingOptions, DecodingRequest, DecodingResult
from engine.recognition.encoder import FRAME_RATE, Encoded, Encoder
from engine.recognition.faster_whisper_parts import load_feature_extractor
from engine.recognition.hallucinations import find_fault, is_hallucination
from engine.recognition.hypothesis import ATTEMPTS, Hypothesis
from engine.recognition.prompts import MAX_TOKENS, PromptBuilder
from engine.recognition.second_look import SecondLook
from engine.recognition.word_timestamps import time_words
from engine.regions import Span
from engine.text.notices import Notice

BEST_OF = 5  # samples at one temperature; the likeliest is kept
UNCERTAIN_LANGUAGE = 0.7  # probability of the likeliest language; below it, the window is encoded as 30 s
MEDIAN_FILTER = 7  # frames of 20 ms over which attention is smoothed, as in openai-whisper


class Recognizer:
    """Recognises speech with one loaded model. Stateless and thread-safe."""

    def __init__(self, name: str, model: ctranslate2.models.Whisper, path: Path) -> None:
        self.name = name
        self._model = model
        self._tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
        self._speech = PromptBuilder(self._tokenizer, model.is_multilingual)
        self._encoder = Encoder(model, load_feature_extractor(path, model.n_mels))
        self._second_look = SecondLook(self._encoder, self._decode_windows)

    @classmethod
    def load(
        cls, name: str, path: Path, device: str, compute_type: str, threads: int, workers: int = 1
    ) -> Recognizer:
        """Loads a model for `workers` parallel calls, which share its weights and threads."""
        model = ctranslate2.models.Whisper(
            str(path),
            device=device,
            compute_type=compute_type,
            intra_threads=max(1, threads // workers),
            inter_threads=workers,
        )
        return cls(name, model, path)

    @property
    def languages(self) -> tuple[str, ...]:
        """Returns the codes of the languages that this model knows."""
        return tuple(code for code in LANGUAGES if self._tokenizer.token_to_id(f"<|{code}|>") is not None)

    def check_request(self, language: str | None, manner: DecodingOptions) -> list[Notice]:
        """Checks the request against this model; returns notices for the user.

        Raises InvalidOption if the model does not know the language, or if there are too many hotwords.
        """
        self._speech.previous_text_tokens(DecodingRequest(language or "", manner))
        self.check_languages([] if language is None else [language])
        return [] if self._speech.prompt_fits(manner) else [Notice.of("prompt")]

    def check_languages(self, languages: Sequence[str]) -> None:
        """Raises InvalidOption if the model does not know one of the languages."""
        for language in languages:
            if language not in self.languages:
                raise InvalidOption(
                    f"The model {self.name} does not know {LANGUAGES[language].name} ({language}).",
                    "Choose large-v3-turbo, choose another language, or let the model detect it.",
                    "language",
                )

    def features(self, samples: np.ndarray) -> np.ndarray:
        """Returns log-mel features (n_mels, frames) of (n,) float32 samples at 16 kHz."""
        return self._encoder.features(samples)

    def padded_length(self, features: np.ndarray) -> int:
        """Returns the mel frames that a window is padded to, equal within a batch."""
        return self._encoder.padded_length(features)

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded:
        """Encodes features (n_mels, frames) of windows, padded no further than needed."""
        return self._encoder.encode(windows)

    def detect_language(self, encoded: Encoded, thorough: bool = True) -> list[dict[str, float]]:
        """Returns each window's language probabilities, by code.

        thorough  encodes a short window again, padded to 30 s, if its language is uncertain
        """
        if not self._model.is_multilingual:
            return [{"en": 1.0} for _ in encoded.frames]
        found = self._probabilities(encoded)
        rows = [row for row, chances in enumerate(found) if max(chances.values()) < UNCERTAIN_LANGUAGE]
        if thorough and rows and not encoded.is_full_length:
            again = self._probabilities(self._encoder.encode_full_length(encoded, rows))
            for row, chances in zip(rows, again, strict=True):
                found[row] = chances
        return found

    def _probabilities(self, encoded: Encoded) -> list[dict[str, float]]:
        found = self._model.detect_language(encoded.output)
        return [{token[2:-2]: probability for token, probability in row} for row in found]

    def decode(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], speech: Sequence[Sequence[Span]] = ()
    ) -> list[DecodingResult]:
        """Decodes each window into words with times and probabilities.

        A window is decoded again if its text repeats itself or is too long for the audio: first padded to
        30 s, then with sampling at rising temperatures, as in openai-whisper. If no attempt helps, a final
        loop is written once. Text over silence is dropped. Text that is only unlikely is kept, since
        sampling did not improve it; `DecodingResult.fault` reports it.

        speech  (start, end) in window seconds; a window without speech keeps its text only if Whisper's
                no-speech probability is low, and is decoded without hotwords and prompt
        """
        if not speech:
            return self._decode_windows(encoded, asks)
        asks = [ask.over(spans) for ask, spans in zip(asks, speech, strict=True)]
        heard = self._decode_checked(encoded, asks)
        heard = [
            replace(result, words=(), fault="silence")
            if not spans and is_hallucination(result.no_speech_prob)
            else result
            for result, spans in zip(heard, speech, strict=True)
        ]
        return [
            result
            if result.fault == "silence"
            else self._second_look.complete(encoded.window(row), asks[row], result, spans)
            for row, (result, spans) in enumerate(zip(heard, speech, strict=True))
        ]

    def _decode_checked(self, encoded: Encoded, asks: Sequence[DecodingRequest]) -> list[DecodingResult]:
        """Decodes windows, again without hotwords and prompt if their text is unlikely.

        The text without them is taken if it is free of faults, since they have led the decoder astray, or if it is
        empty, since they alone made the text.
        """
        results = self._decode_windows(encoded, asks)
        hinted = [row for row, ask in enumerate(asks) if ask.has_hints and results[row].fault == "unlikely"]
        for row in hinted:
            (plain,) = self._decode_windows(encoded.pick([row]), [asks[row].without_hints()])
            if not plain.words or plain.fault is None:
                results[row] = plain
        return results

    def _decode_windows(self, encoded: Encoded, asks: Sequence[DecodingRequest]) -> list[DecodingResult]:
        drafts = self._generate(encoded, asks, 0.0)
        self._retry_with_fallback(drafts, encoded, asks)
        words = self._time_words(encoded, asks, [draft.tokens_to_keep for draft in drafts])
        return [
            DecodingResult(tuple(found), ask.text_language, draft.no_speech_prob, fault=draft.fault_after)
            for ask, draft, found in zip(asks, drafts, words, strict=True)
        ]

    def _retry_with_fallback(
        self, drafts: list[Hypothesis], encoded: Encoded, asks: Sequence[DecodingRequest]
    ) -> None:
        """Decodes windows with a faulty hypothesis in other ways and keeps the better one."""
        for attempt in ATTEMPTS:
            rows = [
                row
                for row, draft in enumerate(drafts)
                if draft.needs_retry and (asks[row].options.fallback or not attempt.temperature)
            ]
            # Without a temperature, only the padding to 30 s makes a difference.
            if not rows or (encoded.is_full_length and not attempt.temperature):
                continue
            again = (
                encoded.pick(rows)
                if encoded.is_full_length
                else self._encoder.encode_full_length(encoded, rows)
            )
            further = self._generate(again, [asks[row] for row in rows], attempt.temperature)
            for row, draft in zip(rows, further, strict=True):
                if draft.better_than(drafts[row]):
                    drafts[row] = draft

    def _generate(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], temperature: float
    ) -> list[Hypothesis]:
        """Decodes windows: beam search at temperature 0, else the best of some samples.

        A batch of CTranslate2 has one beam size and prompts of one length, so windows are grouped by these.
        """
        alike: dict[tuple[int, int, bool], list[int]] = {}
        for row, ask in enumerate(asks):
            manner = ask.options
            key = len(self._speech.previous_text_tokens(ask)), manner.beam_size, manner.numerals
            alike.setdefault(key, []).append(row)
        drafts: dict[int, Hypothesis] = {}
        for rows in alike.values():
            found = self.generate_alike(encoded.pick(rows), [asks[row] for row in rows], temperature)
            drafts |= zip(rows, found, strict=True)
        return [drafts[row] for row in range(len(asks))]

    def generate_alike(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], temperature: float
    ) -> list[Hypothesis]:
        results = self._model.generate(
            encoded.output,
            [self._speech.prompt_tokens(ask) for ask in asks],
            beam_size=1 if temperature else asks[0].options.beam_size,
            num_hypotheses=BEST_OF if temperature else 1,
            sampling_topk=0 if temperature else 1,
            sampling_temperature=temperature or 1.0,
            max_length=MAX_TOKENS,
            suppress_blank=True,
            suppress_tokens=self._speech.suppressed_tokens(asks[0].options.numerals),
            return_scores=True,
            return_no_speech_prob=True,
        )
        drafts = []
        for ask, frames, result in zip(asks, encoded.frames, results, strict=True):
            writer = self._speech.text_tokenizer(ask)
            tokens = [token for token in result.sequences_ids[0] if token < writer.eot]
            # CTranslate2 gives the mean over the tokens; Whisper's thresholds also count the end-of-text
            # token.
            logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
            seconds = frames / FRAME_RATE
            doubt = find_fault(
                writer.decode(tokens),
                seconds,
                ask.text_language,
                logprob=logprob,
                no_speech_prob=result.no_speech_prob,
            )
            drafts.append(Hypothesis(tokens, logprob, result.no_speech_prob, fault=doubt))
        return drafts

    def _time_words(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], texts: Sequence[list[int]]
    ) -> list[list[DecodedWord]]:
        """Times the words of each window by cross-attention; empty text has no words.

        Each window is given alone: CTranslate2 standardises attention over all rows of the longest text of a batch, so
        that the times of a shorter one would depend on what it shares the batch with.
        """
        if not any(texts):
            return [[] for _ in texts]
        windows = encoded.split()
        return [self._time_text(*each) if each[2] else [] for each in zip(windows, asks, texts, strict=True)]

    def _time_text(self, window: Encoded, ask: DecodingRequest, text: list[int]) -> list[DecodedWord]:
        (alignment,) = self._model.align(
            window.output,
            self._speech.tokenizer(ask).sot_sequence,
            [text],
            list(window.frames),
            median_filter_width=MEDIAN_FILTER,
        )
        chances = alignment.text_token_probs
        return time_words(self._speech.text_tokenizer(ask), text, alignment.alignments, probabilities=chances)

    def keep(self, encoded: Encoded) -> Sequence[Encoded | None]:
        """Returns each window by itself, with its outputs in the memory of the CPU, for `time_text`."""
        return encoded.split()

    def time_text(self, sound: np.ndarray | Encoded, text: str, language: str) -> list[DecodedWord]:
        """Times the words of a given text by cross-attention, each with its probability; see `decode`.

        sound  (n,) float32 samples at 16 kHz, at most 30 s; or a window that has been encoded

        Returns no words if the text has more tokens than Whisper's context.
        """
        ask = DecodingRequest(language)
        tokenizer = self._speech.text_tokenizer(ask)
        # A special token in the text would act as a command.
        tokens = [token for token in tokenizer.encode(f" {text}") if token < tokenizer.eot]
        if len(tokens) > MAX_TOKENS - len(self._speech.prompt_tokens(ask)) - 1:
            return []
        encoded = sound if isinstance(sound, Encoded) else self.encode([self.features(sound)])
        return self._time_words(encoded, [ask], [tokens])[0]
