"""Wordlight's page and interfaces on one server: `python app.py`."""
# ruff: noqa: E402  # the order of the imports is the point of the next lines

from __future__ import annotations

import os
from typing import Any

# Neither gradio nor pyannote is to report on the people who use this; both read it when imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")

from engine import Config, Engine
from engine.log import configure

configure()
config = Config.from_env()
# Uploads and results live where the installation says, and gradio reads this when imported too.
os.environ.setdefault("GRADIO_TEMP_DIR", str(config.temp_dir / "page"))

engine = Engine(config)
engine.start()  # the models load while gradio is being imported

import gradio as gr

from engine.http import Access, middleware, own_origins_only, routes
from page import strings
from page.api import AT_ONCE, add_endpoints
from page.components import ASSETS, UploadsOnly
from page.handlers import readiness, stopping, transcription
from page.layout import Parts, lay_out
from page.stops import Stops
from page.theme import WordlightTheme

SWEEP_SECONDS = 300  # between two looks for files that have been kept long enough


def build_demo(engine: Engine, access: Access) -> gr.Blocks:
    """Returns the page and its API over an engine, which may still be loading."""
    keep = engine.config.keep_seconds
    with UploadsOnly(
        title=strings.TITLE, analytics_enabled=False, fill_width=True, delete_cache=(SWEEP_SECONDS, int(keep))
    ) as demo:
        parts = lay_out(engine.config)
        add_endpoints(engine, access)
        wire(engine, demo, parts)
    # Nobody goes past the line, and those for whom there is no room in it are told at once.
    return demo.queue(max_size=max(1, engine.config.max_requests), api_open=False)


def wire(engine: Engine, demo: gr.Blocks, parts: Parts) -> None:
    """Ties the parts to what they do. None of it is part of the public API."""
    inputs, results = parts.inputs, parts.results
    ours: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    # One recording at a time: a new one from either source takes the other's place, in the browser alone.
    inputs.file.upload(None, None, inputs.microphone, js="() => null", **ours)
    inputs.microphone.stop_recording(None, None, inputs.file, js="() => null", **ours)

    stops = Stops()
    inputs.start.click(
        transcription(engine, parts, stops),
        [inputs.file, inputs.microphone, inputs.language, inputs.task, inputs.model, inputs.aligner],
        [
            inputs.start,
            inputs.stop,
            results.status,
            results.summary,
            results.transcript,
            results.words_tab,
            results.words,
            *results.downloads.values(),
        ],
        concurrency_id="transcribe",
        concurrency_limit=AT_ONCE,
        **ours,
    )
    inputs.stop.click(stopping(stops), None, inputs.stop, queue=False, **ours)
    gr.on(
        [demo.load, parts.pulse.tick],
        readiness(engine),
        None,
        [parts.ready, parts.pulse],
        queue=False,
        **ours,
    )


def launch_settings(engine: Engine, access: Access) -> dict[str, Any]:
    """Returns what `launch` is to be told: looks, limits, and the plain HTTP routes beside gradio's."""
    config = engine.config
    return {
        "theme": WordlightTheme(),
        "css_paths": [ASSETS / "page.css", ASSETS / "transcript.css"],
        "app_kwargs": {
            "routes": routes(engine, access),
            "middleware": middleware(),
            "lifespan": own_origins_only(config.cors_origins),
        },
        "auth": config.logins or None,
        "max_file_size": config.max_bytes,
        "show_error": True,
        "ssr_mode": False,
        "footer_links": ["api", "settings"],
    }


access = Access(config)
demo = build_demo(engine, access)

if __name__ == "__main__":
    demo.launch(**launch_settings(engine, access))
