"""Loads the models of an installation in the background, once."""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING

from engine.config import Config
from engine.errors import SetupError, ShuttingDown, WordlightError
from engine.log import LOGGER
from engine.media.ffmpeg import build_fence
from engine.memory import tune_malloc

if TYPE_CHECKING:
    from engine.installation import Installation
    from engine.recognition.lent_gpu import RunOnGpu

LAST_LOAD = 10.0  # seconds that the end of the process waits for models that are being loaded


class ModelLoader:
    """The models of one engine: not loaded, loaded, failed to load, or refused because the engine closes."""

    def __init__(self, config: Config, run_on_gpu: RunOnGpu | None = None) -> None:
        self._config = config
        self._run_on_gpu = run_on_gpu
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None
        self._settled = threading.Event()  # set once the models are loaded or have failed to load
        self._refused = threading.Event()
        self.installation: Installation | None = None
        self.failure: SetupError | None = None

    @property
    def refuses(self) -> bool:
        """Returns whether `refuse` was called."""
        return self._refused.is_set()

    def start(self) -> None:
        """Starts loading in the background; does nothing after `refuse`."""
        with self._lock:
            if self._thread is None and not self.refuses:
                tune_malloc()
                self._thread = threading.Thread(target=self._load, name="load-models", daemon=True)
                self._thread.start()
                # A thread inside a model's native code at interpreter exit crashes the process.
                atexit.register(self._end)

    def wait(self, seconds: float | None = None) -> bool:
        """Waits for the end of loading; returns whether it has come."""
        return self._settled.wait(seconds)

    def ready(self) -> Installation:
        """Returns the loaded models. Raises SetupError if loading failed, ShuttingDown after `refuse`."""
        if self.refuses:
            raise ShuttingDown()
        if self.failure is not None:
            raise self.failure
        assert self.installation is not None
        return self.installation

    def known(self) -> tuple[str, ...]:
        """Returns the models that a request may name, the default first; also while they are loaded."""
        if installation := self.installation:
            return installation.known
        from engine.installation import device_of
        from engine.weights.model_choice import known_models

        return known_models(self._config, cuda=device_of(self._config) == "cuda")

    def refuse(self) -> None:
        """Gives the models to no further request."""
        self._refused.set()
        self._settled.set()

    def close(self, grace: float = 0.0, last_batch: float | None = None) -> None:
        """Releases the models; the arguments are those of `Installation.close`."""
        installation, self.installation = self.installation, None
        if installation:
            installation.close(grace, last_batch)

    def _end(self) -> None:
        """Waits for the end of loading, and releases the models at once."""
        self.refuse()
        if self._thread:
            self._thread.join(LAST_LOAD)

    def _load(self) -> None:
        try:
            from engine.installation import Installation

            build_fence(self._config)
            self.installation = Installation.load(self._config, self._run_on_gpu)
            if self.refuses:
                self.close()
        except SetupError as error:
            self.failure = error
        except WordlightError as error:
            self.failure = SetupError(error.message, error.hint)
        except Exception as error:
            LOGGER.exception("loading failed")
            name = type(error).__name__
            self.failure = SetupError("The models could not be loaded.", f"{name}: the log shows the place.")
        finally:
            atexit.unregister(self._end)
            self._settled.set()
