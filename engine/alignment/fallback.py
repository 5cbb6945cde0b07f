"""The ladder of aligners: which one a language gets here, and what happens when one fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

from engine.alignment.aligner import Aligner, AlignerName, Utterance, WordTime
from engine.alignment.failure import AlignmentFailed
from engine.alignment.phonetic.g2p import g2p_model_path
from engine.config import Config
from engine.errors import WordlightError
from engine.languages import LANGUAGES
from engine.log import LOGGER, log_loaded
from engine.options import AlignerChoice, Task
from engine.weights.locate import Weights, find_wav2vec2, known_pickles, phonetic_weights, wav2vec2_available
from engine.weights.model_cache import ModelCache
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS

ALIGNERS: tuple[AlignerName, ...] = get_args(AlignerName)  # the most exact first
HELD = 3  # models of a rung kept in memory; the least used goes first


@dataclass(frozen=True, slots=True)
class Aligned:
    """An utterance's words with their times, and the aligner that found them.

    failures  (aligner, why it gave no times) for each better aligner that was tried first
    """

    times: tuple[WordTime, ...]
    aligner: AlignerName
    failures: tuple[tuple[AlignerName, AlignmentFailed], ...] = ()


class AlignerUnavailable(AlignmentFailed):
    """There is no such aligner here, for any window."""


class AlignerChain:
    """Times words by the best aligner a language has on this installation.

    `wav2vec2` where asked for, or on CUDA where the language has a model; `phonetic` where the
    language's sounds are known here; `attention` everywhere else. What fails at one rung falls to the
    next.
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
    def loaded(self) -> dict[str, list[str]]:
        """Languages whose aligner is in memory, by rung."""
        return {rung: shelf.names for rung, shelf in self.caches.items()}

    @property
    def commits(self) -> dict[str, str]:
        """The commits of the hub's repositories that wav2vec2 aligners were loaded from."""
        return {found.name: found.commit for found in list(self._sources.values()) if found.commit}

    def choose(self, language: str, task: Task = "transcribe", choice: AlignerChoice = "auto") -> AlignerName:
        """Names the aligner that a request will get, without loading it.

        One whose weights are neither here nor to be fetched is passed over, though a request will still
        look for it, and be told what is missing.
        """
        rungs = self._candidates(language, task, choice)
        return next(
            rung for rung in rungs if rung != "wav2vec2" or wav2vec2_available(language, self._config)
        )

    def _candidates(self, language: str, task: Task, choice: AlignerChoice) -> tuple[AlignerName, ...]:
        """Returns the rungs that a request may be timed by, the first one first."""
        wanted = self._config.aligner if choice == "auto" else choice
        if task == "translate":  # the words that are written are not those that are heard
            return ("attention",)
        if wanted == "auto":
            wanted = "wav2vec2" if self._device == "cuda" else "phonetic"
        has = {
            "wav2vec2": language in WAV2VEC2_MODELS,
            "phonetic": g2p_model_path(language) is not None and phonetic_weights() is not None,
            "attention": True,
        }
        below = ALIGNERS[ALIGNERS.index(wanted) :] if wanted in ALIGNERS else ("attention",)
        return tuple(rung for rung in below if has[rung])

    def preload(self) -> None:
        """Loads the aligners of the languages that the configuration names."""
        for language in self._config.align_languages:
            rung = self.choose(language)
            if rung in self.caches:
                self.caches[rung].get(language)

    def align(
        self,
        utterances: Sequence[Utterance],
        language: str,
        task: Task = "transcribe",
        choice: AlignerChoice = "auto",
    ) -> list[Aligned]:
        """Times the words of each utterance by the best aligner that manages it.

        If all others fail, the anchors stand as times: every utterance with words must have them.
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
        self, rung: AlignerName, language: str, utterances: Sequence[Utterance]
    ) -> Sequence[tuple[WordTime, ...] | AlignmentFailed]:
        """Aligns utterances; whatever goes wrong costs no more than the times at this rung."""
        try:
            aligner = self.caches[rung].get(language)
        except WordlightError as error:
            return [AlignerUnavailable(str(error))] * len(utterances)
        results: list[tuple[WordTime, ...] | AlignmentFailed] = []
        for group in [utterances] if rung == "wav2vec2" else [[one] for one in utterances]:
            try:
                results += aligner.align(group)
            except Exception as error:
                LOGGER.exception("%s failed on %s", rung, language)
                results += [AlignmentFailed(f"it failed unexpectedly ({type(error).__name__})")] * len(group)
        return results

    def _load_wav2vec2(self, language: str) -> Aligner:
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
        assert folder is not None, "a language without weights has no such rung"
        return PhoneticAligner.load(language, folder)


def languages_with_aligner(ladder: AlignerChain, codes: Sequence[str]) -> list[dict[str, str]]:
    """Lists each language with the aligner that it gets here."""
    known = (LANGUAGES[code] for code in codes)
    return [
        {"code": it.code, "name": it.name, "native": it.native, "aligner": ladder.choose(it.code)}
        for it in known
    ]
