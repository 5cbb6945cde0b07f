"""Speech recognition: Whisper through CTranslate2, encoded once for language, text and word times."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import ctranslate2
import numpy as np
import tokenizers
from faster_whisper.feature_extractor import FeatureExtractor
from faster_whisper.tokenizer import Tokenizer

from engine.alignment.attention import Attended, time_words
from engine.audio import SAMPLE_RATE
from engine.errors import BadOption
from engine.guards import Fault, fault, unlooped
from engine.languages import LANGUAGES
from engine.options import Task

FRAMES = 3000  # mel frames in 30 s
MAX_TOKENS = 448  # Whisper's text context, prompt included
BEAM = 5  # hypotheses followed at once
TEMPERATURES = (0.4, 0.8)  # of the attempts after the first
SAMPLES = 5  # texts drawn at a temperature, of which the likeliest is kept
MEDIAN_FILTER = 7  # frames of 20 ms over which attention is smoothed, as in openai-whisper


@dataclass(frozen=True, slots=True)
class Heard:
    """What Whisper made of one window: its words, with attention's times in window seconds."""

    words: tuple[Attended, ...]
    language: str
    no_speech_prob: float
    fault: Fault | None = None  # what is wrong with the text, where decoding again did not mend it


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoder outputs of some windows, (windows, 1500, dim), and how many mel frames each really has."""

    output: ctranslate2.StorageView
    frames: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Draft:
    """One attempt at a window's text: tokens, their mean log-probability, and what is wrong with it."""

    tokens: list[int]
    logprob: float
    no_speech_prob: float
    fault: Fault | None

    def better_than(self, other: _Draft) -> bool:
        return (self.fault is None, self.logprob) > (other.fault is None, other.logprob)

    @property
    def kept(self) -> list[int]:
        if self.fault == "silence":
            return []
        return unlooped(self.tokens) if self.fault == "loop" else self.tokens


class Recognizer:
    """A loaded Whisper model. Its methods keep no state and may be called from any thread."""

    def __init__(self, name: str, model: ctranslate2.models.Whisper, path: Path) -> None:
        self.name = name
        self._model = model
        self._tokenizer = tokenizers.Tokenizer.from_file(str(path / "tokenizer.json"))
        self._features = FeatureExtractor(**_feature_settings(path, model.n_mels))

    @classmethod
    def load(cls, name: str, path: Path, device: str, compute_type: str, threads: int) -> Recognizer:
        model = ctranslate2.models.Whisper(
            str(path), device=device, compute_type=compute_type, intra_threads=threads, inter_threads=1
        )
        return cls(name, model, path)

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that this model knows."""
        return tuple(code for code in LANGUAGES if self._tokenizer.token_to_id(f"<|{code}|>") is not None)

    def require(self, language: str) -> None:
        """Raises BadOption where the model does not know a language that others do."""
        if language not in self.languages:
            name = LANGUAGES[language].name
            raise BadOption(
                f"The model {self.name} does not know {name} ({language}).",
                "Choose large-v3-turbo, or another language, or let it detect one.",
            )

    def encode(self, windows: Sequence[np.ndarray]) -> Encoded:
        """Encodes windows of at most 30 s, each (n,) float32 at 16 kHz."""
        features = np.stack([self._mel(samples) for samples in windows])
        output = self._model.encode(ctranslate2.StorageView.from_array(features), to_cpu=False)
        frames = tuple(
            min(math.ceil(len(samples) / self._features.hop_length), FRAMES) for samples in windows
        )
        return Encoded(output, frames)

    def detect_language(self, encoded: Encoded) -> list[dict[str, float]]:
        """Returns each window's probabilities of the languages the model knows."""
        if not self._model.is_multilingual:
            return [{"en": 1.0} for _ in encoded.frames]
        found = self._model.detect_language(encoded.output)
        return [{token[2:-2]: probability for token, probability in row} for row in found]

    def decode(self, encoded: Encoded, language: str, task: Task, beam_size: int = BEAM) -> list[Heard]:
        """Writes down what is said in each window, with each word's time and probability.

        A window whose text repeats itself, or is more than can be said, is decoded again with
        sampling, warmer each time, as openai-whisper does; where that does not help, a loop is said
        once. Text over silence is dropped. What is merely unlikely stays as it is: sampling made it
        no better. `Heard.fault` tells.
        """
        tokenizer = Tokenizer(self._tokenizer, self._model.is_multilingual, task, language)
        written = "en" if task == "translate" else language
        drafts = self._write(tokenizer, written, encoded, range(len(encoded.frames)), beam_size, 0.0)
        for temperature in TEMPERATURES:
            bad = [row for row, draft in drafts.items() if draft.fault in ("loop", "too fast")]
            if not bad:
                break
            again = self._write(tokenizer, written, encoded, bad, 1, temperature)
            drafts |= {row: draft for row, draft in again.items() if draft.better_than(drafts[row])}
        texts = [drafts[row].kept for row in range(len(drafts))]
        words = self._attend(tokenizer, written, encoded, texts)
        return [
            Heard(tuple(words[row]), written, draft.no_speech_prob, draft.fault)
            for row, draft in sorted(drafts.items())
        ]

    def _write(
        self,
        tokenizer: Tokenizer,
        written: str,
        encoded: Encoded,
        rows: Sequence[int],
        beam_size: int,
        temperature: float,
    ) -> dict[int, _Draft]:
        """Decodes some rows: by beam search at temperature 0, else the best of some samples."""
        prompt = [*tokenizer.sot_sequence, tokenizer.no_timestamps]
        results = self._model.generate(
            _rows(encoded.output, rows, len(encoded.frames)),
            [prompt] * len(rows),
            beam_size=beam_size,
            num_hypotheses=SAMPLES if temperature else 1,
            sampling_topk=0 if temperature else 1,
            sampling_temperature=temperature or 1.0,
            max_length=MAX_TOKENS,
            suppress_blank=True,
            suppress_tokens=_suppressed(tokenizer),
            return_scores=True,
            return_no_speech_prob=True,
        )
        drafts = {}
        for row, result in zip(rows, results, strict=True):
            tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
            # CTranslate2 gives the mean over the tokens; Whisper's thresholds count the end of text too.
            logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
            seconds = encoded.frames[row] * self._features.hop_length / SAMPLE_RATE
            doubt = fault(tokenizer.decode(tokens), seconds, written, logprob, result.no_speech_prob)
            drafts[row] = _Draft(tokens, logprob, result.no_speech_prob, doubt)
        return drafts

    def _attend(
        self, tokenizer: Tokenizer, written: str, encoded: Encoded, texts: Sequence[list[int]]
    ) -> list[list[Attended]]:
        """Times the words of each window by cross-attention; a window without text has none.

        tokenizer  of the language spoken, which the model is told
        written    language of the text, which tells where its words end
        """
        rows = [row for row, text in enumerate(texts) if text]
        words: list[list[Attended]] = [[] for _ in texts]
        if not rows:
            return words
        alignments = self._model.align(
            _rows(encoded.output, rows, len(texts)),
            tokenizer.sot_sequence,
            [texts[row] for row in rows],
            [encoded.frames[row] for row in rows],
            median_filter_width=MEDIAN_FILTER,
        )
        writing = Tokenizer(self._tokenizer, self._model.is_multilingual, "transcribe", written)
        for row, alignment in zip(rows, alignments, strict=True):
            words[row] = time_words(writing, texts[row], alignment.alignments, alignment.text_token_probs)
        return words

    def _mel(self, samples: np.ndarray) -> np.ndarray:
        """Returns log-mel features (n_mels, 3000), zeros after the samples' own frames.

        Zeros after the features, as in faster-whisper, and not features of silence, as in
        openai-whisper: on short clips the language is found more often and lists keep their commas.
        """
        mel = self._features(samples)[:, :FRAMES]
        return np.pad(mel, ((0, 0), (0, FRAMES - mel.shape[1]))).astype(np.float32)


def mean_probabilities(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    """Averages language probabilities over windows."""
    rows = list(rows)
    return {code: sum(row.get(code, 0.0) for row in rows) / len(rows) for code in rows[0]}


def _rows(output: ctranslate2.StorageView, rows: Sequence[int], total: int) -> ctranslate2.StorageView:
    if len(rows) == total:
        return output
    on_cpu = output.to_device(ctranslate2.Device.cpu) if output.device != "cpu" else output
    return ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(on_cpu)[list(rows)]))


def _suppressed(tokenizer: Tokenizer) -> list[int]:
    """Tokens that never stand for speech: signs of non-speech and Whisper's own marks."""
    special = (tokenizer.transcribe, tokenizer.translate, tokenizer.sot, tokenizer.sot_prev, tokenizer.sot_lm)
    return sorted({*tokenizer.non_speech_tokens, *special, tokenizer.no_speech} - {None})


def _feature_settings(path: Path, n_mels: int) -> dict[str, int]:
    """Reads the extractor's settings where the model brings them; only the number of mel bands varies."""
    settings = path / "preprocessor_config.json"
    known = {"feature_size", "sampling_rate", "hop_length", "chunk_length", "n_fft"}
    found = json.loads(settings.read_text()) if settings.is_file() else {}
    return {"feature_size": n_mels} | {key: value for key, value in found.items() if key in known}
