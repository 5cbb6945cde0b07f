"""Holds the loaded models of one process, shared by all requests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, get_args

import ctranslate2
from threadpoolctl import threadpool_limits

from engine.alignment.fallback import AlignerChain, languages_with_aligner
from engine.config import Config
from engine.errors import SetupError
from engine.log import LOGGER, log_loaded
from engine.options import Detector, Options
from engine.scheduling.diarization_worker import DiarizationWorker
from engine.text.notices import Notice
from engine.weights.locate import Weights, default_model, find_whisper, silero_weights
from engine.weights.model_cache import ModelCache
from engine.weights.model_choice import known_models
from engine.weights.optional_packages import CUDA, HOW_TO_GET, has_packages, require_packages
from engine.weights.unloader import Unloader

if TYPE_CHECKING:
    from engine.diarization.turns import Diarizer
    from engine.recognition.lent_gpu import RunOnGpu
    from engine.recognition.recognizer import Recognizer
    from engine.scheduling.portion import Helpers
    from engine.scheduling.scheduler import Scheduler
    from engine.vad.detector import VoiceActivityDetector

DIARIZER = "default"  # key of the one diarizer in its cache
BATCH_SIZES = {"cpu": 2, "cuda": 16}  # windows decoded together; on a CPU several batches run in parallel
ALONE = {"cpu": 4, "cuda": 16}  # the same, while one recording is alone
MOST_WORKERS = 4  # batches in parallel; more would take too much memory


def device_of(config: Config) -> str:
    """Returns "cuda" or "cpu". Raises SetupError if CUDA is set and cannot be used."""
    if config.zero_gpu:  # asking for a GPU here would keep the processes that are forked later from theirs
        return "cpu"
    found = ctranslate2.get_cuda_device_count() > 0
    if config.device == "auto":
        return "cuda" if found and has_packages(*CUDA) else "cpu"
    if config.device not in ("cpu", "cuda"):
        raise SetupError(f"WORDLIGHT_DEVICE is {config.device!r}.", "It must be auto, cpu or cuda.")
    if config.device == "cuda" and not found:
        raise SetupError("WORDLIGHT_DEVICE is cuda, but there is no GPU here.", "Set it to auto or cpu.")
    if config.device == "cuda":
        require_packages("WORDLIGHT_DEVICE=cuda", *CUDA)
    return config.device


@dataclass
class Installation:
    """Holds the loaded models, and the scheduler that shares them among requests."""

    config: Config
    device: str
    default: str
    aligners: AlignerChain
    scheduler: Scheduler
    run_on_gpu: RunOnGpu | None = None  # runs Whisper if its GPU is in another process
    helpers: Helpers | None = None  # take windows of long recordings, in a cluster
    diarization: DiarizationWorker = field(init=False)
    _recognizers: ModelCache[tuple[Weights, Recognizer]] = field(init=False)
    _detectors: ModelCache[VoiceActivityDetector] = field(init=False)
    _diarizers: ModelCache[tuple[Diarizer, tuple[Notice, ...]]] = field(init=False)
    _unloader: Unloader = field(init=False)
    known: tuple[str, ...] = field(init=False)  # models that a request may name, the default first
    _languages: tuple[str, ...] = field(
        init=False, default=()
    )  # of the default model, once it has been loaded
    _seen: dict[str, None] = field(init=False, default_factory=dict)  # Whisper models that were ever loaded

    def __post_init__(self) -> None:
        # Room for every model that a request may name, so that no model is dropped even if memory is short.
        self.known = known_models(self.config, cuda=self.device == "cuda")
        self._recognizers = ModelCache(
            self._load_recognizer, len(self.known), self.device, short=lambda: False, retry_after=0.0
        )
        self._detectors = ModelCache(
            self._load_detector, len(get_args(Detector)), self.device, short=lambda: False, retry_after=0.0
        )
        self._diarizers = ModelCache(self._load_diarizer, 1, self.device, lambda: False)
        self.diarization = DiarizationWorker(self.diarizer, partial(self._diarizers.keep, DIARIZER))
        caches: tuple[ModelCache[Any], ...] = (
            self._recognizers,
            self._detectors,
            self._diarizers,
            *self.aligners.caches.values(),
        )
        self._unloader = Unloader(caches, self.config.unload_seconds, self.device)

    @classmethod
    def load(cls, config: Config, run_on_gpu: RunOnGpu | None = None) -> Installation:
        """Loads the models that every request needs. Raises SetupError.

        run_on_gpu  runs Whisper in a process with a GPU; all else runs here, on `device`
        """
        device = device_of(config)
        if not config.zero_gpu:
            if config.device == "auto" and device == "cpu" and ctranslate2.get_cuda_device_count():
                LOGGER.warning("The GPU is not used: %s are missing. %s", " or ".join(CUDA), HOW_TO_GET)
            _check_compute_type(config, device)
        if device == "cuda":
            # torch is imported first: it loads the cuDNN libraries that CTranslate2 then finds.
            import torch  # noqa: F401
        from engine.scheduling.scheduler import Scheduler

        # The thread of a recording computes little, and further threads would only wait: on a CPU Whisper's
        # workers have all cores; beside a GPU, the other recordings and the thread that feeds the GPU need
        # them.
        threadpool_limits(1, user_api="blas")
        default = default_model(config, cuda=device == "cuda")
        whisper_device = "cuda" if run_on_gpu else device
        batch_size = config.batch_size or BATCH_SIZES[whisper_device]
        workers = min(_threads(config), MOST_WORKERS) if whisper_device == "cpu" else 1
        # On one core a draft would delay the windows of others by its seconds; on a GPU it takes hundredths of one.
        drafts = workers > 1 or device == "cuda"
        alone = config.batch_size or ALONE[whisper_device]
        scheduler = Scheduler(batch_size, max(1, config.max_requests), workers, drafts=drafts, alone=alone)
        installation = cls(
            config,
            device,
            default,
            aligners=AlignerChain(config, device),
            scheduler=scheduler,
            run_on_gpu=run_on_gpu,
        )
        try:
            installation.detector("pyannote")
            installation.recognizer(default)
            installation.aligners.preload()
            installation.rest()
        except BaseException:
            installation.close()
            raise
        return installation

    @contextmanager
    def keep(self, options: Options) -> Iterator[None]:
        """Keeps what a request uses in memory, once it is loaded, during the block; loads nothing.

        What tells speakers apart is kept by its feed, see `diarization`.
        """
        with (
            self._recognizers.keep(options.model or self.default),
            self._detectors.keep(options.vad),
            self.aligners.keep(),
        ):
            yield

    def recognizer(self, name: str | None = None) -> Recognizer:
        """Returns the Whisper model of that name, loaded on first use.

        A load delays only requests for the same model. Raises SetupError.
        """
        return self._recognizers.get(name or self.default)[1]

    def has_recognizer(self, name: str | None = None) -> bool:
        """Returns whether the Whisper model of that name is in memory."""
        return (name or self.default) in self._recognizers.names

    def _load_recognizer(self, name: str) -> tuple[Weights, Recognizer]:
        from engine.recognition.recognizer import Recognizer

        weights = find_whisper(name, self.config)
        threads, workers = _threads(self.config), self.scheduler.workers
        found: Recognizer
        if self.run_on_gpu is not None:
            from engine.recognition.lent_gpu import LentRecognizer

            kind = self.config.compute_type
            found = LentRecognizer(name, weights.path, self.run_on_gpu, compute_type=kind, threads=threads)
        else:
            kind = self.compute_type
            found = Recognizer.load(
                name, weights.path, self.device, compute_type=kind, threads=threads, workers=workers
            )
        log_loaded(name, weights.source, weights.commit)
        if name == self.default:
            self._languages = found.languages
        self._seen[name] = None
        return weights, found

    def diarizer(self) -> tuple[Diarizer, tuple[Notice, ...]]:
        """Returns the diarizer, loaded on first use, with notices. Raises SetupError."""
        return self._diarizers.get(DIARIZER)

    def _load_diarizer(self, _: str) -> tuple[Diarizer, tuple[Notice, ...]]:
        from engine.diarization.load import load_diarizer

        diarizer, notices = load_diarizer(self.config, cuda=self.device == "cuda")
        return diarizer, tuple(notices)

    def detector(self, name: Detector) -> VoiceActivityDetector:
        """Returns the voice activity detector, loaded on first use. Raises SetupError."""
        return self._detectors.get(name)

    def _load_detector(self, name: str) -> VoiceActivityDetector:
        if name == "silero":
            from engine.vad.silero import SileroVad

            return SileroVad.load(silero_weights())
        from engine.vad.pyannote import PyannoteVad

        return PyannoteVad.load(self.device)

    @property
    def compute_type(self) -> str:
        """Returns CTranslate2's number format, such as "float16"."""
        if self.config.compute_type != "auto":
            return self.config.compute_type
        return "float16" if self.device == "cuda" else "int8"

    def rest(self) -> None:
        """Releases models from now on that nothing has used for as long as the settings say."""
        self._unloader.start()

    def close(self, grace: float = 0.0, last_batch: float | None = None) -> None:
        """Ends the scheduler; requests beyond `grace` seconds raise ShuttingDown."""
        self._unloader.close()
        self.scheduler.close(grace, last_batch)
        self.diarization.close()

    def languages(self) -> list[dict[str, str]]:
        """Returns code, name, native and aligner of each language of the default model."""
        return languages_with_aligner(self.aligners, self._languages)

    def health(self) -> dict[str, Any]:
        """Returns device, GPU memory in bytes, and each model with source and commit."""
        models = {name: weights for name, (weights, _) in self._recognizers.loaded.items()}
        diarizer = self._diarizers.loaded.get(DIARIZER)
        return {
            "device": self.device,
            "gpu": _gpu() if self.device == "cuda" else None,
            "model": self.default,
            "compute_type": self.compute_type,
            "models": {name: weights.source for name, weights in models.items()},
            "known_models": list(self.known),
            "released_models": [name for name in list(self._seen) if name not in models],
            "unload_seconds": self.config.unload_seconds,
            "commits": {
                **{name: weights.commit for name, weights in models.items() if weights.commit},
                **self.aligners.commits,
            },
            "aligners": {
                "default": self.aligners.choose("en"),
                "available": list(self.aligners.available),
                "loaded": self.aligners.loaded,
            },
            "diarizer": diarizer[0].name if diarizer else None,
        }


def _check_compute_type(config: Config, device: str) -> None:
    known = sorted({"auto", "default", *ctranslate2.get_supported_compute_types(device)})
    if config.compute_type not in known:
        raise SetupError(
            f"WORDLIGHT_COMPUTE_TYPE is {config.compute_type!r}, which this machine does not support.",
            f"Known here: {', '.join(known)}.",
        )


def _threads(config: Config) -> int:
    """Returns the operator's number of threads, else one per core of this process."""
    if config.threads:
        return config.threads
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _gpu() -> dict[str, Any]:
    import torch

    free, total = torch.cuda.mem_get_info()
    return {"name": torch.cuda.get_device_name(), "memory_total": total, "memory_free": free}
