"""The models of one installation, loaded once and shared by all requests."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import ctranslate2
from threadpoolctl import threadpool_limits

from engine.alignment.fallback import ALIGNERS, AlignerChain, languages_with_aligner
from engine.config import Config
from engine.errors import SetupError
from engine.log import log_loaded
from engine.options import Detector
from engine.scheduling.diarization_worker import DiarizationWorker
from engine.weights.locate import Weights, default_model, find_whisper, silero_weights, vad_weights
from engine.weights.model_cache import ModelCache

if TYPE_CHECKING:
    from engine.diarization.turns import Diarizer
    from engine.recognition.recognizer import Recognizer
    from engine.scheduling.scheduler import Scheduler
    from engine.vad.detector import VoiceActivityDetector

DIARIZER = "default"  # the one diarizer of an installation, as its cache knows it
BATCH_SIZES = {"cpu": 2, "cuda": 16}  # windows decoded together; on a CPU, several batches go side by side
MOST_WORKERS = 4  # batches side by side; beyond, what each of them takes of memory tells


def device_of(config: Config) -> str:
    """Returns "cuda" or "cpu". Raises SetupError where CUDA is asked for and there is none."""
    found = ctranslate2.get_cuda_device_count() > 0
    if config.device == "auto":
        return "cuda" if found else "cpu"
    if config.device not in ("cpu", "cuda"):
        raise SetupError(f"WORDLIGHT_DEVICE is {config.device!r}.", "It must be auto, cpu or cuda.")
    if config.device == "cuda" and not found:
        raise SetupError("WORDLIGHT_DEVICE asks for CUDA and there is no GPU here.", "Set it to auto or cpu.")
    return config.device


@dataclass
class Installation:
    """Loaded models, and the scheduler that shares them out among requests."""

    config: Config
    device: str
    default: str
    detectors: dict[Detector, VoiceActivityDetector]
    aligners: AlignerChain
    scheduler: Scheduler
    _recognizers: ModelCache[tuple[Weights, Recognizer]] = field(init=False)
    diarization: DiarizationWorker = field(init=False)
    _loading: threading.Lock = field(default_factory=threading.Lock)  # of a detector
    _diarizers: ModelCache[tuple[Diarizer, tuple[str, ...]]] = field(init=False)

    def __post_init__(self) -> None:
        # Room for each that a request may name, however little memory is left: none is let go.
        most = 1 + len(self.config.models)
        self._recognizers = ModelCache(
            self._load_recognizer, most, self.device, lambda: False, retry_after=0.0
        )
        self._diarizers = ModelCache(self._load_diarizer, 1, self.device, lambda: False)
        self.diarization = DiarizationWorker(self.diarizer)

    @classmethod
    def load(cls, config: Config) -> Installation:
        """Loads what every request needs. Raises SetupError."""
        device = device_of(config)
        _check_compute_type(config, device)
        # torch comes first: on CUDA it brings the cuDNN libraries that CTranslate2 then finds.
        import torch

        from engine.scheduling.scheduler import Scheduler
        from engine.vad.pyannet import PyanNet
        from engine.vad.pyannote import PyannoteVad

        # What a recording's thread computes is small, and would wait for threads of its own: on a CPU Whisper's
        # workers have all cores, and beside a GPU those of other recordings, and the one that feeds it, want them.
        threadpool_limits(1, user_api="blas")
        if device == "cpu":
            torch.set_num_threads(1)
        default = default_model(config, cuda=device == "cuda")
        batch_size = config.batch_size or BATCH_SIZES[device]
        workers = min(_threads(config), MOST_WORKERS) if device == "cpu" else 1
        network = PyanNet.load(vad_weights(), device)
        detectors: dict[Detector, VoiceActivityDetector] = {"pyannote": PyannoteVad(network, device)}
        scheduler = Scheduler(batch_size, max(1, config.max_requests), workers)
        installation = cls(config, device, default, detectors, AlignerChain(config, device), scheduler)
        try:
            installation.recognizer(default)
            installation.aligners.preload()
        except BaseException:
            installation.close()
            raise
        return installation

    def recognizer(self, name: str | None = None) -> Recognizer:
        """Returns the Whisper model of that name, loading it on first use; none waits for another's load.

        Raises SetupError.
        """
        return self._recognizers.get(name or self.default)[1]

    def _load_recognizer(self, name: str) -> tuple[Weights, Recognizer]:
        from engine.recognition.recognizer import Recognizer

        weights = find_whisper(name, self.config)
        threads, workers = _threads(self.config), self.scheduler.workers
        found = Recognizer.load(name, weights.path, self.device, self.compute_type, threads, workers)
        log_loaded(name, weights.source, weights.commit)
        return weights, found

    def diarizer(self) -> tuple[Diarizer, tuple[str, ...]]:
        """Returns what tells speakers apart, loading it on first use, with warnings. Raises SetupError."""
        return self._diarizers.get(DIARIZER)

    def _load_diarizer(self, _: str) -> tuple[Diarizer, tuple[str, ...]]:
        from engine.diarization.load import load_diarizer

        diarizer, warnings = load_diarizer(self.config, cuda=self.device == "cuda")
        return diarizer, tuple(warnings)

    def detector(self, name: Detector) -> VoiceActivityDetector:
        """Returns what finds speech, loading it on first use. Raises SetupError."""
        from engine.vad.silero import SileroVad

        with self._loading:
            if name not in self.detectors:
                self.detectors[name] = SileroVad.load(silero_weights())
            return self.detectors[name]

    @property
    def compute_type(self) -> str:
        if self.config.compute_type != "auto":
            return self.config.compute_type
        return "float16" if self.device == "cuda" else "int8"

    def close(self, grace: float = 0.0, last_batch: float | None = None) -> None:
        """Ends the scheduler's work; requests under way after `grace` seconds raise ShuttingDown."""
        self.scheduler.close(grace, last_batch)
        self.diarization.close()

    def languages(self) -> list[dict[str, str]]:
        return languages_with_aligner(self.aligners, self.recognizer().languages)

    def health(self) -> dict[str, Any]:
        """Returns the device, the GPU and its memory in bytes, the models, where each came from and at which commit."""
        models = {name: self._recognizers.get(name)[0] for name in self._recognizers.names}
        return {
            "device": self.device,
            "gpu": _gpu() if self.device == "cuda" else None,
            "model": self.default,
            "compute_type": self.compute_type,
            "models": {name: weights.source for name, weights in models.items()},
            "commits": {
                **{name: weights.commit for name, weights in models.items() if weights.commit},
                **self.aligners.commits,
            },
            "aligners": {
                "default": self.aligners.choose("en"),
                "available": list(ALIGNERS),
                "loaded": self.aligners.loaded,
            },
            "diarizer": self.diarizer()[0].name if self._diarizers.names else None,
        }


def _check_compute_type(config: Config, device: str) -> None:
    known = sorted({"auto", "default", *ctranslate2.get_supported_compute_types(device)})
    if config.compute_type not in known:
        raise SetupError(
            f"WORDLIGHT_COMPUTE_TYPE is {config.compute_type!r}, which this machine cannot compute with.",
            f"Known here: {', '.join(known)}.",
        )


def _threads(config: Config) -> int:
    """Returns one thread for each core that this process may use, unless the operator says otherwise."""
    if config.threads:
        return config.threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gpu() -> dict[str, Any]:
    import torch

    free, total = torch.cuda.mem_get_info()
    return {"name": torch.cuda.get_device_name(), "memory_total": total, "memory_free": free}
