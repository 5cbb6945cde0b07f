"""The ladder of aligners: which one a language gets here, and what happens when one fails."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from engine.alignment.attention import Attended
from engine.alignment.base import Aligner, AlignmentFailed, Utterance, WordTime
from engine.config import Config
from engine.errors import WordlightError
from engine.languages import LANGUAGES, WAV2VEC2_MODELS
from engine.models import find_wav2vec2
from engine.options import AlignerChoice, Task
from engine.transcript import Word
from engine.windows import Window

HELD = 3  # wav2vec2 models kept in memory; the least used goes first
RETRY_AFTER = 600.0  # seconds until an aligner that could not be loaded is tried again


class Ladder:
    """Times words by the best aligner a language has on this installation.

    `wav2vec2` where asked for, or on CUDA where the language has a model; `attention` everywhere
    else, and wherever the rung above fails.
    """

    def __init__(self, config: Config, device: str) -> None:
        self._config = config
        self._device = device
        self._lock = threading.Lock()
        self._loaded: OrderedDict[str, Aligner] = OrderedDict()
        self._failed: dict[str, tuple[float, WordlightError]] = {}

    @property
    def loaded(self) -> list[str]:
        """Languages whose wav2vec2 aligner is in memory."""
        return list(self._loaded)

    def rung(self, language: str, task: Task = "transcribe", choice: AlignerChoice = "auto") -> str:
        """Names the aligner that a request will get, without loading it."""
        wanted = self._config.aligner if choice == "auto" else choice
        if task == "translate" or language not in WAV2VEC2_MODELS or wanted == "attention":
            return "attention"
        return "wav2vec2" if wanted == "wav2vec2" or self._device == "cuda" else "attention"

    def preload(self) -> None:
        """Loads the aligners that the configuration names, where this device uses them."""
        for language in self._config.align_languages:
            if self.rung(language) == "wav2vec2":
                self._wav2vec2(language)

    def time(
        self, windows: Sequence[Window], heard: Sequence[Sequence[Attended]], language: str, rung: str
    ) -> tuple[list[tuple[Word, ...]], list[str]]:
        """Returns the words of each window in file time, and a sentence for each fall to a lower rung.

        heard  each window's words with attention's times in window seconds
        """
        times: list[tuple[WordTime, ...] | AlignmentFailed | None] = [None] * len(windows)
        warnings = []
        if rung == "wav2vec2":
            utterances = [
                Utterance(window.samples, tuple(word.text.strip() for word in words), language)
                for window, words in zip(windows, heard, strict=True)
            ]
            try:
                times = list(self._wav2vec2(language).align(utterances))
            except WordlightError as error:
                warnings.append(f"Words were timed by attention: {error}")
        timed = []
        for window, words, found in zip(windows, heard, times, strict=True):
            if isinstance(found, AlignmentFailed):
                span = f"{window.start:.1f} to {window.end:.1f} s"
                warnings.append(f"From {span} words were timed by attention: {found}")
            timed.append(_place(window, words, found if isinstance(found, tuple) else None))
        return timed, warnings

    def _wav2vec2(self, language: str) -> Aligner:
        with self._lock:
            if language in self._loaded:
                self._loaded.move_to_end(language)
                return self._loaded[language]
            when, error = self._failed.get(language, (0.0, None))
            if error is not None and time.monotonic() - when < RETRY_AFTER:
                raise error
            try:
                aligner = self._load(language)
            except WordlightError as failure:
                self._failed[language] = time.monotonic(), failure
                raise
            self._loaded[language] = aligner
            while len(self._loaded) > HELD:
                self._loaded.popitem(last=False)
            return aligner

    def _load(self, language: str) -> Aligner:
        from engine.alignment.wav2vec2 import Wav2Vec2Aligner

        weights = find_wav2vec2(language, self._config)
        return Wav2Vec2Aligner.load(
            weights.path, self._device, name=weights.name, half=self._device == "cuda"
        )


def aligners(ladder: Ladder, codes: Sequence[str]) -> list[dict[str, str]]:
    """Lists each language with the aligner that it gets here."""
    known = (LANGUAGES[code] for code in codes)
    return [
        {"code": it.code, "name": it.name, "native": it.native, "aligner": ladder.rung(it.code)}
        for it in known
    ]


def _place(window: Window, words: Sequence[Attended], times: tuple[WordTime, ...] | None) -> tuple[Word, ...]:
    """Puts a window's words into the file, starts in order."""
    placed: list[Word] = []
    for index, word in enumerate(words):
        time_ = times[index] if times else WordTime(word.start, word.end, "attention")
        start, end = window.to_file(time_.start, time_.end)
        start = max(start, placed[-1].start) if placed else start
        placed.append(
            Word(word.text.strip(), start, max(end, start), word.probability, time_.timing, time_.score)
        )
    return tuple(placed)
