"""Times words by forced alignment with a wav2vec2 CTC model, in batches.

The method is WhisperX's (Bain et al. 2023, arXiv:2303.00747). Batching (emissions.py), the path search and
the wildcard for unknown characters (ctc.py) differ.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch

from engine.alignment.aligner import Utterance, WordTime
from engine.alignment.failure import AlignmentFailed
from engine.alignment.wav2vec2.checkpoint import Checkpoint
from engine.alignment.wav2vec2.ctc import FrameSpan, align_words
from engine.alignment.wav2vec2.emissions import EmissionModel, out_of_memory
from engine.errors import SetupError
from engine.languages import is_spaceless
from engine.sampling import SAMPLE_RATE
from engine.transcript import Timing

Times = tuple[WordTime, ...] | AlignmentFailed

SEARCHERS = 2  # threads that search paths while the device computes the next emissions


class Wav2Vec2Aligner:
    """Times words with one wav2vec2 model of one language; see `Aligner`."""

    def __init__(self, checkpoint: Checkpoint, emission_model: EmissionModel) -> None:
        self.alphabet = checkpoint.alphabet
        self.emission_model = emission_model

    @classmethod
    def load(
        cls,
        directory: Path,
        device: str = "cpu",
        *,
        name: str | None = None,
        half: bool = False,
        trusted_pickles: Collection[str] = (),
    ) -> Wav2Vec2Aligner:
        """Loads a model directory of `save_pretrained` or the hub.

        name             the model's name in errors
        half             float16, on CUDA only
        trusted_pickles  SHA-256 of pickled weights that may be loaded

        Raises ModelMissing, UntrustedWeights, WeightsDamaged, or SetupError if the device lacks memory.
        """
        name = name or directory.name
        if device == "cpu":
            torch.set_num_threads(1)  # several threads of recognition use the cores
        dtype = torch.float16 if half and device.startswith("cuda") else torch.float32
        checkpoint = Checkpoint.read(directory, name, dtype, trusted=trusted_pickles)
        try:
            return cls(checkpoint, EmissionModel(checkpoint, device))
        except RuntimeError as error:
            if not out_of_memory(error):
                raise
            raise SetupError(
                f"There is not enough memory for the alignment model {name!r}.",
                "Free memory; until then attention times its words.",
            ) from error

    def align(self, utterances: Sequence[Utterance]) -> list[Times]:
        """Times each utterance's words; see `Aligner`.

        A word is `aligned`, with a score, if the alphabet has one of its characters. A word of unknown
        characters only, such as "1250", gets the sound between its neighbours: `interpolated`, without a
        score. A word that is not spoken, such as "-", has no duration and follows the word before it.
        """
        results: list[Times] = [()] * len(utterances)
        waves: dict[int, np.ndarray] = {}
        for index, utterance in enumerate(utterances):
            if utterance.words and not len(utterance.samples):
                results[index] = AlignmentFailed("there is no audio")
            elif utterance.words:
                waves[index] = utterance.samples
        with ThreadPoolExecutor(SEARCHERS, thread_name_prefix="align") as pool:
            searches: dict[int, Future[Times]] = {
                index: pool.submit(self._align_one, utterances[index], emission)
                for index, emission in self.emission_model.emissions(waves)
            }
        for index, search in searches.items():
            results[index] = search.result()
        return results

    def _align_one(self, utterance: Utterance, emission: np.ndarray | AlignmentFailed) -> Times:
        if isinstance(emission, AlignmentFailed):
            return emission
        spellings = [self.alphabet.spell(word, utterance.language) for word in utterance.words]
        separator = None if is_spaceless(utterance.language) else self.alphabet.separator
        try:
            spans = align_words(emission, spellings, self.alphabet.blank, separator=separator)
        except AlignmentFailed as failure:
            return failure
        return self._timed(spans, len(utterance.samples))

    def _timed(self, spans: Sequence[FrameSpan | None], samples: int) -> tuple[WordTime, ...]:
        first = next(span for span in spans if span is not None)
        reached = self._seconds(first.start, samples)
        times = []
        for span in spans:
            if span is None:
                times.append(WordTime(reached, reached, "interpolated"))
                continue
            start, reached = self._seconds(span.start, samples), self._seconds(span.end, samples)
            timing: Timing = "interpolated" if span.score is None else "aligned"
            times.append(WordTime(start, reached, timing, score=span.score))
        return tuple(times)

    def _seconds(self, frame: int, samples: int) -> float:
        """Returns a frame's start in seconds.

        A frame stands for the `stride` samples in the middle of the `reach` samples that it sees.
        """
        stride, reach = self.emission_model.stride, self.emission_model.reach
        return min(frame * stride + (reach - stride) / 2, samples) / SAMPLE_RATE
