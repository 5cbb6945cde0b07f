"""The page's public endpoint, for gradio's clients."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr
from gradio.data_classes import FileData

from engine import Engine, Options, WordlightError
from page.components import uploaded


def transcribe_endpoint(engine: Engine) -> Callable[..., dict[str, Any]]:
    """Returns the function behind `/transcribe`; parameters are positional for clients: append only."""

    def transcribe(
        file: FileData,
        language: str = "auto",
        task: str = "transcribe",
        model: str = "",
        aligner: str = "auto",
    ) -> dict[str, Any]:
        """Transcribes an audio or video file with a time for every word.

        Parameters:
            file: The recording, uploaded.
            language: A code ("de") or English name ("German"); "auto" detects it.
            task: "transcribe" writes what is said, "translate" writes it in English.
            model: One of the installation's models; empty takes its default.
            aligner: How words are timed: "auto", "wav2vec2" or "attention".

        Returns:
            The transcript: text, language, duration, segments with words, start, end, probability.
        """
        try:
            options = Options(language, task, model, aligner)  # type: ignore[arg-type]  # checked there
            return engine.result(uploaded(file), options).to_dict()
        except WordlightError as error:
            raise gr.Error(str(error), print_exception=False) from error

    return transcribe
