"""Speech recognition: Whisper through CTranslate2, encoded once for language, text and word times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import ctranslate2
import numpy as np
import tokenizers

from engine.errors import InvalidOption
from engine.languages import LANGUAGES
from engine.recognition.decoding import DecodedWord, DecodingOptions, DecodingRequest, DecodingResult, Fault
from engine.recognition.encoder import FRAME_RATE, Encoded, Encoder
from engine.recognition.hallucinations import collapse_final_loop, find_fault, is_hallucination
from engine.recognition.missed_speech import insert_words, untranscribed_spans
from engine.recognition.prompts import MAX_TOKENS, PromptBuilder
from engine.recognition.word_timestamps import time_words
from engine.regions import Span

TEMPERATURES = (0.4, 0.8)  # of the attempts after the first
BEST_OF = 5  # texts drawn at a temperature, of which the likeliest is kept
MAX_RETRY_SHARE = 0.95  # of a window: what would be decoded again is the same
MAX_GAP_RETRIES = 2  # times that speech without words is decoded again, each time what is left of it
UNCERTAIN_LANGUAGE = 0.7  # probability of the likeliest language below which the whole 30 s is encoded for it
MEDIAN_FILTER = 7  # frames of 20 ms over which attention is smoothed, as in openai-whisper


@dataclass(frozen=True, slots=True)
class _Hypothesis:
    """One attempt at a window's text: tokens, their mean log-probability, and what is wrong with it."""

    tokens: list[int]
    logprob: float
    no_speech_prob: float
    fault: Fault | None

    @property
    def needs_retry(self) -> bool:
        """Tells whether decoding again may help."""
        return self.fault in ("loop", "too fast")

    def better_than(self, other: _Hypothesis) -> bool:
        return (self.fault is None, self.logprob) > (other.fault is None, other.logprob)

    @property
    def tokens_to_keep(self) -> list[int]:
        if self.fault == "silence":
            return []
        return collapse_final_loop(self.tokens) if self.fault == "loop" else self.tokens

    @property
    def fault_after(self) -> Fault | None:
        """Returns what is wrong with what is kept."""
        return "repetition" if self.fault == "loop" and self.tokens_to_keep == self.tokens else self.fault


class Recognizer:
    """A loaded Whisper model. Its methods keep no state and may be called from any thread."""

    def __init__(self, name: str, model: ctranslate2.models.Whisper, path: Path) -> None:
        self.name = name
        self._model = model
        self._tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
        self._speech = PromptBuilder(self._tokenizer, model.is_multilingual)
        self._encoder = Encoder(model, path)

    @classmethod
    def load(
        cls, name: str, path: Path, device: str, compute_type: str, threads: int, workers: int = 1
    ) -> Recognizer:
        """Loads a model for `workers` calls side by side, which share its weights and the threads."""
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
        """Codes of the languages that this model knows."""
        return tuple(code for code in LANGUAGES if self._tokenizer.token_to_id(f"<|{code}|>") is not None)

    def check_request(self, language: str | None, manner: DecodingOptions) -> list[str]:
        """Returns what the reader is to be told of what is asked for.

        Raises InvalidOption where the model does not know a language that others do, or hotwords are too many.
        """
        self._speech.previous_text_tokens(manner)
        if language is not None and language not in self.languages:
            name = LANGUAGES[language].name
            raise InvalidOption(
                f"The model {self.name} does not know {name} ({language}).",
                "Choose large-v3-turbo, or another language, or let it detect one.",
                "language",
            )
        return (
            []
            if self._speech.prompt_fits(manner)
            else ["Only the end of the prompt had room and was heeded."]
        )

    def features(self, samples: np.ndarray) -> np.ndarray:
        """Returns log-mel features (n_mels, frames) of a window of at most 30 s, (n,) float32 at 16 kHz."""
        return self._encoder.features(samples)

    def padded_length(self, features: np.ndarray) -> int:
        """Returns the mel frames that a window is encoded as; windows of one batch are given the same."""
        return self._encoder.padded_length(features)

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded:
        """Encodes features of windows, as short as these are."""
        return self._encoder.encode(windows)

    def detect_language(self, encoded: Encoded) -> list[dict[str, float]]:
        """Returns each window's probabilities of the languages the model knows.

        Where a window that was encoded short leaves doubt, they are of its whole 30 s.
        """
        if not self._model.is_multilingual:
            return [{"en": 1.0} for _ in encoded.frames]
        found = self._probabilities(encoded)
        rows = [row for row, chances in enumerate(found) if max(chances.values()) < UNCERTAIN_LANGUAGE]
        if rows and not encoded.is_full_length:
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
        """Writes down what is said in each window, with each word's time and probability.

        A window whose text repeats itself, or is more than can be said, is decoded again: from the
        whole 30 s where it was encoded short, then with sampling, warmer each time, as openai-whisper
        does; where that does not help, a loop at its end is said once. Text over silence is dropped. What is
        merely unlikely stays as it is: sampling made it no better. `DecodingResult.fault` tells.

        speech  where in each window speech was found, in seconds; in one without any, Whisper's own doubt
                whether anybody speaks is enough to drop the text
        """
        heard = self._decode_windows(encoded, asks)
        if not speech:
            return heard
        heard = [
            replace(it, words=(), fault="silence")
            if not spans and is_hallucination(it.no_speech_prob)
            else it
            for it, spans in zip(heard, speech, strict=True)
        ]
        return self._fill_missed_speech(heard, encoded, asks, speech, MAX_GAP_RETRIES)

    def _decode_windows(self, encoded: Encoded, asks: Sequence[DecodingRequest]) -> list[DecodingResult]:
        drafts = self._generate(encoded, asks, 0.0)
        self._retry_with_fallback(drafts, encoded, asks)
        words = self._time_words(encoded, asks, [draft.tokens_to_keep for draft in drafts])
        return [
            DecodingResult(tuple(found), ask.text_language, draft.no_speech_prob, draft.fault_after)
            for ask, draft, found in zip(asks, drafts, words, strict=True)
        ]

    def _fill_missed_speech(
        self,
        heard: Sequence[DecodingResult],
        encoded: Encoded,
        asks: Sequence[DecodingRequest],
        speech: Sequence[Sequence[Span]],
        times: int,
    ) -> list[DecodingResult]:
        """Decodes again, alone, what speech a window's words leave bare."""
        filled = list(heard)
        bare = [
            (row, gap)
            for row, it in enumerate(heard)
            if it.fault != "silence"
            for gap in untranscribed_spans(speech[row], it.words)
            if gap[1] - gap[0] < MAX_RETRY_SHARE * encoded.frames[row] / FRAME_RATE
        ]
        for row, gap in bare if times else ():
            again = self._encoder.encode([encoded.part(row, *gap)])
            heard_again = self._decode_windows(again, [asks[row]])
            whole = [[(0.0, gap[1] - gap[0])]]
            (further,) = self._fill_missed_speech(heard_again, again, [asks[row]], whole, times - 1)
            if further.words and further.fault is None:
                words = insert_words(filled[row].words, gap, further.words)
                filled[row] = replace(filled[row], words=tuple(words))
        return filled

    def _retry_with_fallback(
        self, drafts: list[_Hypothesis], encoded: Encoded, asks: Sequence[DecodingRequest]
    ) -> None:
        """Decodes windows with a bad draft in other ways and keeps what is better."""
        for temperature in TEMPERATURES if encoded.is_full_length else (0.0, *TEMPERATURES):
            rows = [
                row
                for row, draft in enumerate(drafts)
                if draft.needs_retry and (asks[row].options.fallback or not temperature)
            ]
            if not rows:
                continue
            again = (
                encoded.pick(rows)
                if encoded.is_full_length
                else self._encoder.encode_full_length(encoded, rows)
            )
            further = self._generate(again, [asks[row] for row in rows], temperature)
            for row, draft in zip(rows, further, strict=True):
                if draft.better_than(drafts[row]):
                    drafts[row] = draft

    def _generate(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], temperature: float
    ) -> list[_Hypothesis]:
        """Decodes windows: by beam search at temperature 0, else the best of some samples.

        Only windows that are asked for alike go together: CTranslate2 wants all starts of a text at one
        place behind their prompts, and one beam size.
        """
        alike: dict[tuple[int, int, bool], list[int]] = {}
        for row, ask in enumerate(asks):
            manner = ask.options
            key = len(self._speech.previous_text_tokens(manner)), manner.beam_size, manner.numerals
            alike.setdefault(key, []).append(row)
        drafts: dict[int, _Hypothesis] = {}
        for rows in alike.values():
            found = self.generate_alike(encoded.pick(rows), [asks[row] for row in rows], temperature)
            drafts |= zip(rows, found, strict=True)
        return [drafts[row] for row in range(len(asks))]

    def generate_alike(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], temperature: float
    ) -> list[_Hypothesis]:
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
            # CTranslate2 gives the mean over the tokens; Whisper's thresholds count the end of text too.
            logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
            seconds = frames / FRAME_RATE
            doubt = find_fault(
                writer.decode(tokens), seconds, ask.text_language, logprob, result.no_speech_prob
            )
            drafts.append(_Hypothesis(tokens, logprob, result.no_speech_prob, doubt))
        return drafts

    def _time_words(
        self, encoded: Encoded, asks: Sequence[DecodingRequest], texts: Sequence[list[int]]
    ) -> list[list[DecodedWord]]:
        """Times the words of each window by cross-attention; a window without text has none.

        CTranslate2 takes one prompt for all rows here, so windows go by language and task.
        """
        words: list[list[DecodedWord]] = [[] for _ in texts]
        alike: dict[tuple[str, str], list[int]] = {}
        for row, text in enumerate(texts):
            if text:
                alike.setdefault((asks[row].language, asks[row].options.task), []).append(row)
        for rows in alike.values():
            picked, ask = encoded.pick(rows), asks[rows[0]]
            alignments = self._model.align(
                picked.output,
                self._speech.tokenizer(ask).sot_sequence,
                [texts[row] for row in rows],
                list(picked.frames),
                median_filter_width=MEDIAN_FILTER,
            )
            for row, alignment in zip(rows, alignments, strict=True):
                chances = alignment.text_token_probs
                words[row] = time_words(
                    self._speech.text_tokenizer(ask), texts[row], alignment.alignments, chances
                )
        return words
