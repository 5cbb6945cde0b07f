"""Loads what a snapshot of a process's memory can carry to a machine with a GPU.

A snapshot is taken without a GPU, and many processes start from it. So this opens no file of the data folder, no
database and no connection, draws no random number that must stay secret, and asks for no GPU: CUDA would remember
for the rest of the process that there is none.
"""

from __future__ import annotations

import importlib
import os

from engine.config import Config
from engine.errors import SetupError
from server.data_folder import uploads_folder

# Imported in this order: torch loads the cuDNN libraries that CTranslate2 then finds.
MODULES = (
    "torch",
    "ctranslate2",
    "engine.installation",
    "engine.scheduling.scheduler",
    "engine.recognition.recognizer",
    "engine.vad.pyannote",
    "engine.vad.silero",
    "engine.alignment.wav2vec2.aligner",
    "engine.alignment.phonetic.aligner",
    "engine.diarization.load",
    "engine.pipeline.transcription",
    "engine.text_alignment.alignment",
    "page.app",
    "page.asgi",
)


def load_for_snapshot(config: Config) -> None:
    """Imports all libraries, and loads the phonetic aligner, which runs on a CPU wherever it is used.

    Whisper and wav2vec2 are not loaded: their weights go from the disk to the GPU directly.
    """
    # gradio reads its variables when it is imported.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
    os.environ["GRADIO_TEMP_DIR"] = str(uploads_folder(config.temp_dir))
    for module in MODULES:
        importlib.import_module(module)
    _load_phonetic_aligner()


def _load_phonetic_aligner() -> None:
    from engine.alignment.phonetic.aligner import PhoneticAligner
    from engine.weights.locate import phonetic_weights

    if folder := phonetic_weights():
        try:
            PhoneticAligner.load("en", folder)
        except SetupError:  # damaged: the request that needs the aligner gets a notice
            return
