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
SHORTEST = 1000  # mel frames that are encoded at least
SPARE = 200  # mel frames of nothing after the sound: text that runs up to the window's end loops
MAX_TOKENS = 448  # Whisper's text context, prompt included
BEAM = 5  # hypotheses followed at once
TEMPERATURES = (0.4, 0.8)  # of the attempts after the first
SAMPLES = 5  # texts drawn at a temperature, of which the likeliest is kept
MEDIAN_FILTER = 7  # frames of 20 ms over which attention is smoothed, as in openai-whisper


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked of one window: the language spoken in it and what to write."""

    language: str
    task: Task = "transcribe"

    @property
    def written(self) -> str:
        """The language of the text."""
        return "en" if self.task == "translate" else self.language


@dataclass(frozen=True, slots=True)
class Heard:
    """What Whisper made of one window: its words, with attention's times in window seconds."""

    words: tuple[Attended, ...]
    language: str
    no_speech_prob: float
    fault: Fault | None = None  # what is wrong with the text, where decoding again did not mend it


@dataclass(frozen=True, slots=True)
class Encoded:
    """Encoder outputs of some windows.

    features  log-mel, (windows, n_mels, length), length at most 3000
    output    (windows, length / 2, dim)
    frames    how many mel frames each window really has
    """

    features: np.ndarray
    output: ctranslate2.StorageView
    frames: tuple[int, ...]

    @property
    def whole(self) -> bool:
        """Tells whether the encoder saw the 30 s that it was trained on."""
        return self.features.shape[2] == FRAMES


@dataclass(frozen=True, slots=True)
class _Draft:
    """One attempt at a window's text: tokens, their mean log-probability, and what is wrong with it."""

    tokens: list[int]
    logprob: float
    no_speech_prob: float
    fault: Fault | None

    @property
    def bad(self) -> bool:
        """Tells whether decoding again may help."""
        return self.fault in ("loop", "too fast")

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
        """Encodes windows of at most 30 s, each (n,) float32 at 16 kHz.

        Short windows are encoded short: the encoder's cost grows with its input, and beyond some
        silence after the speech the rest of 30 s tells it nothing. `decode` goes back to the whole
        30 s for a window whose text then goes wrong.
        """
        frames = tuple(
            min(math.ceil(len(samples) / self._features.hop_length), FRAMES) for samples in windows
        )
        length = min(max(max(frames) + SPARE, SHORTEST), FRAMES)
        length += length % 2  # the encoder halves it
        return self._encode(np.stack([self._mel(samples, length) for samples in windows]), frames)

    def _encode(self, features: np.ndarray, frames: tuple[int, ...]) -> Encoded:
        view = ctranslate2.StorageView.from_array(np.ascontiguousarray(features))
        return Encoded(features, self._model.encode(view, to_cpu=False), frames)

    def _whole(self, encoded: Encoded, rows: Sequence[int]) -> Encoded:
        """Encodes some windows again, as the 30 s that the encoder was trained on."""
        missing = FRAMES - encoded.features.shape[2]
        features = np.pad(encoded.features[list(rows)], ((0, 0), (0, 0), (0, missing)))
        return self._encode(features, tuple(encoded.frames[row] for row in rows))

    def detect_language(self, encoded: Encoded) -> list[dict[str, float]]:
        """Returns each window's probabilities of the languages the model knows."""
        if not self._model.is_multilingual:
            return [{"en": 1.0} for _ in encoded.frames]
        found = self._model.detect_language(encoded.output)
        return [{token[2:-2]: probability for token, probability in row} for row in found]

    def decode(self, encoded: Encoded, asks: Sequence[Ask], beam_size: int = BEAM) -> list[Heard]:
        """Writes down what is said in each window, with each word's time and probability.

        A window whose text repeats itself, or is more than can be said, is decoded again: from the
        whole 30 s where it was encoded short, then with sampling, warmer each time, as openai-whisper
        does; where that does not help, a loop is said once. Text over silence is dropped. What is
        merely unlikely stays as it is: sampling made it no better. `Heard.fault` tells.
        """
        drafts = self._write(encoded, asks, beam_size, 0.0)
        self._mend(drafts, encoded, asks, beam_size)
        words = self._attend(encoded, asks, [draft.kept for draft in drafts])
        return [
            Heard(tuple(found), ask.written, draft.no_speech_prob, draft.fault)
            for ask, draft, found in zip(asks, drafts, words, strict=True)
        ]

    def _mend(self, drafts: list[_Draft], encoded: Encoded, asks: Sequence[Ask], beam_size: int) -> None:
        """Decodes windows with a bad draft in other ways and keeps what is better."""
        bad = [row for row, draft in enumerate(drafts) if draft.bad]
        if not bad:
            return
        again = _pick(encoded, bad) if encoded.whole else self._whole(encoded, bad)
        for temperature in TEMPERATURES if encoded.whole else (0.0, *TEMPERATURES):
            further = self._write(
                again, [asks[row] for row in bad], 1 if temperature else beam_size, temperature
            )
            for row, draft in zip(bad, further, strict=True):
                if drafts[row].bad and draft.better_than(drafts[row]):
                    drafts[row] = draft
            if not any(drafts[row].bad for row in bad):
                return

    def _write(
        self, encoded: Encoded, asks: Sequence[Ask], beam_size: int, temperature: float
    ) -> list[_Draft]:
        """Decodes windows: by beam search at temperature 0, else the best of some samples."""
        tokenizers_ = [self._speaking(ask) for ask in asks]
        results = self._model.generate(
            encoded.output,
            [[*tokenizer.sot_sequence, tokenizer.no_timestamps] for tokenizer in tokenizers_],
            beam_size=beam_size,
            num_hypotheses=SAMPLES if temperature else 1,
            sampling_topk=0 if temperature else 1,
            sampling_temperature=temperature or 1.0,
            max_length=MAX_TOKENS,
            suppress_blank=True,
            suppress_tokens=_suppressed(tokenizers_[0]),
            return_scores=True,
            return_no_speech_prob=True,
        )
        drafts = []
        for tokenizer, ask, frames, result in zip(tokenizers_, asks, encoded.frames, results, strict=True):
            tokens = [token for token in result.sequences_ids[0] if token < tokenizer.eot]
            # CTranslate2 gives the mean over the tokens; Whisper's thresholds count the end of text too.
            logprob = result.scores[0] * len(tokens) / (len(tokens) + 1)
            seconds = frames * self._features.hop_length / SAMPLE_RATE
            doubt = fault(tokenizer.decode(tokens), seconds, ask.written, logprob, result.no_speech_prob)
            drafts.append(_Draft(tokens, logprob, result.no_speech_prob, doubt))
        return drafts

    def _attend(
        self, encoded: Encoded, asks: Sequence[Ask], texts: Sequence[list[int]]
    ) -> list[list[Attended]]:
        """Times the words of each window by cross-attention; a window without text has none.

        CTranslate2 takes one prompt for all rows here, so windows go by language and task.
        """
        words: list[list[Attended]] = [[] for _ in texts]
        for ask in dict.fromkeys(asks):
            rows = [row for row, text in enumerate(texts) if text and asks[row] == ask]
            if not rows:
                continue
            picked = _pick(encoded, rows)
            alignments = self._model.align(
                picked.output,
                self._speaking(ask).sot_sequence,
                [texts[row] for row in rows],
                list(picked.frames),
                median_filter_width=MEDIAN_FILTER,
            )
            writing = self._speaking(Ask(ask.written))
            for row, alignment in zip(rows, alignments, strict=True):
                chances = alignment.text_token_probs
                words[row] = time_words(writing, texts[row], alignment.alignments, chances)
        return words

    def _speaking(self, ask: Ask) -> Tokenizer:
        return Tokenizer(self._tokenizer, self._model.is_multilingual, ask.task, ask.language)

    def _mel(self, samples: np.ndarray, length: int) -> np.ndarray:
        """Returns log-mel features (n_mels, length), zeros after the samples' own frames.

        Zeros after the features, as in faster-whisper, and not features of silence, as in
        openai-whisper: on short clips the language is found more often and lists keep their commas.
        """
        mel = self._features(samples)[:, :length]
        return np.pad(mel, ((0, 0), (0, length - mel.shape[1]))).astype(np.float32)


def mean_probabilities(rows: Iterable[dict[str, float]]) -> dict[str, float]:
    """Averages language probabilities over windows."""
    rows = list(rows)
    return {code: sum(row.get(code, 0.0) for row in rows) / len(rows) for code in rows[0]}


def _pick(encoded: Encoded, rows: Sequence[int]) -> Encoded:
    """Returns some windows of a batch."""
    if list(rows) == list(range(len(encoded.frames))):
        return encoded
    chosen, output = list(rows), encoded.output
    on_cpu = output.to_device(ctranslate2.Device.cpu) if output.device != "cpu" else output
    return Encoded(
        encoded.features[chosen],
        ctranslate2.StorageView.from_array(np.ascontiguousarray(np.array(on_cpu)[chosen])),
        tuple(encoded.frames[row] for row in chosen),
    )


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
