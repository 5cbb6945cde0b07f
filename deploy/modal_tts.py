"""Coqui TTS on Modal, beside Wordlight: `modal deploy deploy/modal_tts.py`; docs/deploy-modal.md explains it.

modal run deploy/modal_tts.py::download      fills the volume of models
modal deploy deploy/modal_tts.py             serves POST /synthesize, GET /voices and GET /health
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import modal

from deploy.image import service_image

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from deploy.synthesis import Synthesizer

NAME = "wordlight-tts"
MODELS_FOLDER = "/models"  # the volume

# By language: a name of Coqui's list, or a folder of the volume with config.json and model.pth. Their licences are
# Apache 2.0 and BSD 3-Clause. A model of several languages may stand at each of them.
MODELS = {
    "en": "tts_models/en/vctk/vits",
    "de": "tts_models/de/thorsten/vits",
    "es": "tts_models/es/css10/vits",
    "fr": "tts_models/fr/css10/vits",
}
# TTS_HOME is Coqui's own, the others are of docs/operations.md.
SETTINGS = {
    "WORDLIGHT_DEVICE": "cuda",  # without a GPU, the container fails instead of being slow
    "TTS_HOME": MODELS_FOLDER,
    "HF_HUB_CACHE": f"{MODELS_FOLDER}/hf_cache",  # of some of Coqui's models
}
MAX_INPUTS = (
    64  # more than can wait for the GPU, so that the service itself can refuse a text, with Retry-After
)

# espeak-ng turns text into phonemes for the English and the German model.
image = service_image(
    SETTINGS, debian=["espeak-ng"], requirements=("requirements.txt", "requirements-neighbour.txt")
)
models = modal.Volume.from_name("wordlight-tts-models", create_if_missing=True)
secret = modal.Secret.from_name("wordlight")  # the one of deploy/modal_app.py: the API keys are the same

SERVICE: dict[str, Any] = {
    "image": image,
    "secrets": [secret],
    "volumes": {MODELS_FOLDER: models},
    "gpu": "T4",
    "cpu": 2.0,  # cores: text is split and turned into phonemes beside the GPU
    "memory": 8 * 1024,  # MiB
    "enable_memory_snapshot": True,
    "scaledown_window": 120,  # seconds without a request until the container ends
    "min_containers": 0,
    "max_containers": 4,  # a bound of the cost
    "timeout": 600,  # seconds of one request, the wait for its turn included
    "startup_timeout": 600,  # seconds: the first start fetches the models if the volume is empty
}

app = modal.App(NAME)


def import_libraries() -> None:
    """Imports all that a snapshot carries."""
    import TTS.api  # noqa: F401

    import deploy.tts_routes  # noqa: F401


@app.cls(**SERVICE)
@modal.concurrent(max_inputs=MAX_INPUTS)
class Speech:
    """One container: the models of all languages on one GPU."""

    @modal.enter(snap=True)
    def load_for_snapshot(self) -> None:
        """Imports the libraries, without a GPU and without the volume's files."""
        import_libraries()

    @modal.enter(snap=False)
    def start(self) -> None:
        """Loads the models on the GPU. Raises SetupError, so that the container's log has the reason."""
        from deploy.synthesis import load_models
        from engine.config import Config
        from engine.installation import device_of

        self.config = Config.from_env()
        self.device = device_of(self.config)
        self.synthesizer: Synthesizer = load_models(MODELS, self.device)
        if not modal.is_local():
            models.commit()  # what was fetched

    @modal.asgi_app()
    def serve(self) -> Starlette:
        """Returns the routes."""
        from deploy.tts_routes import tts_application

        return tts_application(self.synthesizer, self.config, device=self.device, models=MODELS)


@app.function(image=image, secrets=[secret], volumes={MODELS_FOLDER: models}, timeout=3600)
def download() -> None:
    """Fetches the models into the volume."""
    from deploy.synthesis import load_models

    load_models(MODELS, "cpu")
    if not modal.is_local():
        models.commit()
