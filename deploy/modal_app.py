"""Wordlight on Modal: `modal deploy deploy/modal_app.py`; docs/deploy-modal.md explains it.

modal run deploy/modal_app.py::download      fills the volume of models
modal serve deploy/modal_app.py              serves until Ctrl-C
modal deploy deploy/modal_app.py             serves for good
"""

from __future__ import annotations

import gc
import logging
import threading
import time
from typing import TYPE_CHECKING, Any

import modal

from deploy.image import service_image

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from page.app import App

NAME = "wordlight"
MODELS, DATA = "/models", "/data"  # the volumes

# The settings of docs/operations.md that differ from their defaults.
SETTINGS = {
    "WORDLIGHT_DEVICE": "cuda",  # without a GPU, the container fails instead of being slow
    "HF_HUB_CACHE": f"{MODELS}/hf_cache",
    "WORDLIGHT_CACHE_DIR": f"{MODELS}/joined",
    "WORDLIGHT_TEMP_DIR": DATA,
    "GRADIO_SERVER_NAME": "0.0.0.0",  # Modal's proxy asks for the host that Modal gave the app
    "WORDLIGHT_SHUTDOWN_SECONDS": "20",  # Modal kills a container 30 s after it has asked it to end
}
# What the secret `wordlight` may hold; all are optional.
SECRET_SETTINGS = (
    "HF_TOKEN",
    "WORDLIGHT_API_KEYS",
    "WORDLIGHT_AUTH",
    "WORDLIGHT_DATABASE",
    "WORDLIGHT_WEBHOOK_SECRET",
)

MAX_REQUESTS = 64  # WORDLIGHT_MAX_REQUESTS by default: what the scheduler takes at the same time
# Every HTTP request is an input, and so is every stream of an open page. There must be more of them than
# transcriptions, so that the app itself can refuse a transcription, with Retry-After, and still show its page.
INPUTS_PER_REQUEST = 4
MAX_INPUTS = MAX_REQUESTS * INPUTS_PER_REQUEST
INPUT_SECONDS = 24 * 3600  # the longest that Modal allows; a stream may stay open as long as its page
POLL_SECONDS = 5.0  # between two looks at the jobs

image = service_image(SETTINGS, debian=["ffmpeg"])
models = modal.Volume.from_name("wordlight-models", create_if_missing=True)
data = modal.Volume.from_name("wordlight-data", create_if_missing=True)
secret = modal.Secret.from_name("wordlight")

SERVICE: dict[str, Any] = {
    "image": image,
    "secrets": [secret],
    "volumes": {MODELS: models, DATA: data},
    "gpu": "A10G",
    "cpu": 4.0,  # cores: ffmpeg, the audio of other requests and the page work beside the GPU
    "memory": 16 * 1024,  # MiB
    "enable_memory_snapshot": True,
    "scaledown_window": 120,  # seconds without a request until the container ends
    "min_containers": 0,
    # A page's session, the files that it has sent and the limits of callers are known to one process alone.
    "max_containers": 1,
    "timeout": INPUT_SECONDS,
    "startup_timeout": 600,  # seconds: the first start fetches the models if the volume is empty
}

app = modal.App(NAME)
_log = logging.getLogger("wordlight")


@app.cls(**SERVICE)
@modal.concurrent(max_inputs=MAX_INPUTS)
class Wordlight:
    """One container: the page and all interfaces over one engine."""

    @modal.enter(snap=True)
    def load_for_snapshot(self) -> None:
        """Loads what the snapshot carries, without a GPU and without the volumes' files."""
        from deploy.snapshot import load_for_snapshot
        from engine.config import Config

        load_for_snapshot(Config.from_env())

    @modal.enter(snap=False)
    def start(self) -> None:
        """Builds the app and loads the models on the GPU; returns once they are loaded."""
        from app import prepare_process
        from page.app import build_app

        config, folder = prepare_process()
        self.wordlight: App = build_app(config, folder)
        gc.freeze()  # as in app.py
        self.wordlight.engine.start()
        self.wordlight.engine.languages()  # waits; raises SetupError, so that the container's log has the reason
        self.wordlight.jobs.start()
        if not modal.is_local():
            threading.Thread(target=self._stay_for_jobs, name="stay-for-jobs", daemon=True).start()

    @modal.asgi_app()
    def serve(self) -> ASGIApp:
        """Returns the page, its API and the plain HTTP routes."""
        from page.asgi import asgi_application

        return asgi_application(self.wordlight)

    @modal.method()
    def attend_jobs(self) -> None:
        """Returns once no job is unfinished. Modal lets no container end while a call of it runs."""
        while any(self.wordlight.jobs.store.unfinished().values()):
            time.sleep(POLL_SECONDS)

    def _stay_for_jobs(self) -> None:
        """Keeps the container while there are unfinished jobs, of which no request may be left."""
        while True:
            time.sleep(POLL_SECONDS)
            try:
                if any(self.wordlight.jobs.store.unfinished().values()):
                    self.attend_jobs.remote()
            except Exception:
                _log.exception("the container cannot be kept for its jobs")

    @modal.exit()
    def stop(self) -> None:
        """Does what `close` does; Modal calls it before the container ends."""
        self.close()

    def close(self) -> None:
        """Ends the work; jobs go back into the queue, and the next container goes on with them."""
        from page.asgi import close

        close(self.wordlight, self.wordlight.engine.config.shutdown_seconds)


@app.function(image=image, secrets=[secret], volumes={MODELS: models}, timeout=3600)
def download(model: str = "", languages: str = "") -> None:
    """Fetches a Whisper model and wav2vec2 aligners into the volume.

    model      the Whisper model; without, the one of machines with a GPU
    languages  codes of the aligners' languages, comma-separated; without, those of WORDLIGHT_ALIGN_LANGUAGES
    """
    from engine.config import Config
    from engine.weights.locate import download as fetch

    config = Config.from_env()
    wanted = [code.strip() for code in languages.split(",") if code.strip()] or config.align_languages
    for name, path in fetch(config, model or None, wanted):
        print(f"{name}: {path}")
    if not modal.is_local():
        models.commit()
