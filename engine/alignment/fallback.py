"""Chooses the best aligner for a language, and the next one if that fails."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import pairwise
from typing import get_args

from engine.alignment.aligner import Aligner, AlignerName, Utterance, WordTime
from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.g2p import g2p_model_path
from engine.config import Config
from engine.errors import WordlightError
from engine.languages import LANGUAGES
from engine.log import LOGGER, log_loaded
from engine.options import AlignerChoice, Task
from engine.text.notices import Notice
from engine.weights.locate import Weights, find_wav2vec2, known_pickles, phonetic_weights, wav2vec2_available
from engine.weights.model_cache import ModelCache
from engine.weights.optional_packages import WAV2VEC2, has_packages, require_packages
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS
from engine.windows import Window

ALIGNERS: tuple[AlignerName, ...] = get_args(AlignerName)  # the most exact first
HELD = 3  # models of one aligner kept in memory; the least recently used is dropped first


@dataclass(frozen=True, slots=True)
class Aligned:
    """Holds an utterance's word times, and the aligner that found them.

    failures  (aligner, its failure) of each better aligner that was tried first
    """

    times: tuple[WordTime, ...]
    aligner: AlignerName
    failures: tuple[tuple[AlignerName, AlignmentFailed], ...] = ()


class AlignerUnavailable(AlignmentFailed):
    """Says that this installation has no such aligner, for any window."""


class AlignerChain:
    """Times words by the best aligner that a language has on this installation.

    That is `wav2vec2` if the request asks for it, or on CUDA if the language has a model. Else it is
    `phonetic` if the language has pronunciations here, and `attention` for all others. If one fails, the next
    is used.
    """

    def __init__(self, config: Config, device: str) -> None:
        self._config = config
        self._device = device
        self._sources: dict[str, Weights] = {}  # of wav2vec2 aligners, by language
        self.caches: dict[AlignerName, ModelCache[Aligner]] = {
            "wav2vec2": ModelCache(self._load_wav2vec2, HELD, device),
            "phonetic": ModelCache(self._load_phonetic, HELD, "cpu"),
        }

    @property
    def available(self) -> tuple[AlignerName, ...]:
        """Returns the aligners whose packages are installed, the most exact first."""
        return tuple(name for name in ALIGNERS if name != "wav2vec2" or has_packages(*WAV2VEC2))

    @property
    def loaded(self) -> dict[str, list[str]]:
        """Returns the languages whose aligner is in memory, by aligner."""
        return {aligner: cache.names for aligner, cache in self.caches.items()}

    @property
    def commits(self) -> dict[str, str]:
        """Returns the hub's commit of each loaded wav2vec2 model, by name."""
        return {found.name: found.commit for found in list(self._sources.values()) if found.commit}

    def choose(self, language: str, task: Task = "transcribe", choice: AlignerChoice = "auto") -> AlignerName:
        """Returns the aligner that a request will get, without loading a model.

        An aligner whose packages or weights are missing is skipped here. A request still tries it, and its
        failure names what is missing.
        """
        candidates = self._candidates(language, task, choice)
        return next(
            name for name in candidates if name != "wav2vec2" or wav2vec2_available(language, self._config)
        )

    def _candidates(self, language: str, task: Task, choice: AlignerChoice) -> tuple[AlignerName, ...]:
        """Returns the aligners to try for a request, the best first."""
        wanted = self._config.aligner if choice == "auto" else choice
        if task == "translate":  # the words of a translation are not said in the recording
            return ("attention",)
        if wanted == "auto":
            wanted = "wav2vec2" if self._device == "cuda" else "phonetic"
        has = {
            "wav2vec2": language in WAV2VEC2_MODELS,
            "phonetic": g2p_model_path(language) is not None and phonetic_weights() is not None,
            "attention": True,
        }
        below = ALIGNERS[ALIGNERS.index(wanted) :] if wanted in ALIGNERS else ("attention",)
        return tuple(name for name in below if has[name])

    @contextmanager
    def keep(self) -> Iterator[None]:
        """Keeps the loaded aligners from `ModelCache.drop_unused` during the block."""
        with ExitStack() as stack:
            for cache in self.caches.values():
                stack.enter_context(cache.keep())
            yield

    def preload(self) -> None:
        """Loads the aligners of the languages in the configuration."""
        for language in self._config.align_languages:
            name = self.choose(language)
            if name in self.caches:
                self.caches[name].get(language)

    def align(
        self,
        utterances: Sequence[Utterance],
        language: str,
        task: Task = "transcribe",
        choice: AlignerChoice = "auto",
    ) -> list[Aligned]:
        """Times the words of each utterance by the first aligner that succeeds.

        If all others fail, the anchors are the times, so every utterance with words needs anchors.
        """
        times: list[tuple[WordTime, ...] | None] = [None] * len(utterances)
        by: list[AlignerName] = ["attention"] * len(utterances)
        failures: list[list[tuple[AlignerName, AlignmentFailed]]] = [[] for _ in utterances]
        for aligner in self._candidates(language, task, choice):
            if aligner == "attention":
                break
            left = [index for index, one in enumerate(utterances) if one.words and times[index] is None]
            results = self._align(aligner, language, [utterances[index] for index in left])
            for index, found in zip(left, results, strict=True):
                if isinstance(found, AlignmentFailed):
                    failures[index].append((aligner, found))
                else:
                    times[index], by[index] = found, aligner
        anchors = [tuple(WordTime(*span, "attention") for span in one.anchors) for one in utterances]
        best = [found or fallback for found, fallback in zip(times, anchors, strict=True)]
        return [
            Aligned(words, aligner, tuple(failed))
            for words, aligner, failed in zip(best, by, failures, strict=True)
        ]

    def _align(
        self, name: AlignerName, language: str, utterances: Sequence[Utterance]
    ) -> Sequence[tuple[WordTime, ...] | AlignmentFailed]:
        """Aligns utterances; turns every error of the aligner into a failure."""
        try:
            aligner = self.caches[name].get(language)
        except WordlightError as error:
            return [AlignerUnavailable(str(error))] * len(utterances)
        results: list[tuple[WordTime, ...] | AlignmentFailed] = []
        for group in [utterances] if name == "wav2vec2" else [[one] for one in utterances]:
            try:
                results += aligner.align(group)
            except Exception as error:
                LOGGER.exception("%s failed on %s", name, language)
                results += [AlignmentFailed(f"it failed unexpectedly ({type(error).__name__})")] * len(group)
        return results

    def _load_wav2vec2(self, language: str) -> Aligner:
        require_packages("The aligner wav2vec2", *WAV2VEC2)
        from engine.alignment.wav2vec2.aligner import Wav2Vec2Aligner

        found = find_wav2vec2(language, self._config)
        aligner = Wav2Vec2Aligner.load(
            found.path,
            self._device,
            name=found.name,
            half=self._device == "cuda",
            trusted_pickles=known_pickles(WAV2VEC2_MODELS[language], self._config),
        )
        self._sources[language] = found
        log_loaded(found.name, found.source, found.commit)
        return aligner

    def _load_phonetic(self, language: str) -> Aligner:
        from engine.alignment.phonetic.aligner import PhoneticAligner

        folder = phonetic_weights()
        assert folder is not None, "the phonetic aligner is only tried if its weights are there"
        return PhoneticAligner.load(language, folder)


def languages_with_aligner(chain: AlignerChain, codes: Sequence[str]) -> list[dict[str, str]]:
    """Returns code, name, native name and aligner of each language."""
    return [
        {
            "code": language.code,
            "name": language.name,
            "native": language.native,
            "aligner": chain.choose(language.code),
        }
        for language in (LANGUAGES[code] for code in codes)
    ]


def failure_notices(windows: Sequence[Window], aligned: Sequence[Aligned]) -> list[Notice]:
    """Returns a notice for each aligner that failed on a window, each once."""
    return list({notice.sentence: notice for notice in _notices(windows, aligned)}.values())


def _notices(windows: Sequence[Window], aligned: Sequence[Aligned]) -> Iterator[Notice]:
    for window, found in zip(windows, aligned, strict=True):
        tried = [*(name for name, _ in found.failures), found.aligner]
        for (aligner, failure), (_, next_aligner) in zip(found.failures, pairwise(tried), strict=True):
            said = {"aligner": next_aligner, "instead_of": aligner, "reason": str(failure)}
            if isinstance(failure, AlignerUnavailable):
                yield Notice.of("timed", **said)
            else:
                yield Notice.of("timed_there", when=(window.start, window.end), **said)
