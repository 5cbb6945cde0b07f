"""Wordlight's page and interfaces on one server: `python app.py`."""
# ruff: noqa: E402  # the order of the imports is the point of the next lines

from __future__ import annotations

import argparse
import os
import signal
import time
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

# Neither gradio nor pyannote is to report on the people who use this; both read it when imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")

from engine import Config, Engine
from engine.log import configure

configure()
config = Config.from_env()
# Uploads and results live where the installation says, and gradio reads this when imported too.
os.environ.setdefault("GRADIO_TEMP_DIR", str(config.temp_dir / "page"))

import gradio as gr

from engine.http import Access, exception_handlers, middleware, own_origins_only, routes
from page import missing
from page.api import AT_ONCE, add_endpoints
from page.callers import waited_for
from page.components import ASSETS, PLOTLY, UploadsOnly
from page.examples import EXAMPLES, FOLDER
from page.exports import server_functions
from page.handlers import leaving, localising, readiness, stopping, transcription, trying
from page.kept import Kept, sweep_uploads
from page.layout import lay_out
from page.runs import Desk
from page.stops import Stops
from page.texts import ENGLISH, I18N
from page.theme import WordlightTheme

SWEEP_SECONDS = 300  # between two looks for files that have been kept long enough
GRACE = 6.0  # seconds that recordings at work have on SIGTERM; a container is killed after ten
ANSWERING = 1.0  # seconds for the last answers to leave


def build_demo(engine: Engine, access: Access) -> gr.Blocks:
    """Returns the page and its API over an engine, which may still be loading."""
    kept = Kept(Path(os.environ["GRADIO_TEMP_DIR"]), engine.config.keep_seconds)
    sweep_uploads(engine.config.temp_dir, engine.config.keep_seconds)
    gr.set_static_paths([PLOTLY, FOLDER])
    with UploadsOnly(title=ENGLISH["title"], analytics_enabled=False, fill_width=True) as demo:
        parts = lay_out(engine.config, server_functions(engine, kept, access))
        add_endpoints(engine, access, kept)
        wire(Desk(engine, parts, Stops(), kept, access), demo)
    kept.waiting = partial(waited_for, demo)
    kept.sweep_forever(SWEEP_SECONDS)
    # Nobody goes past the line, and those for whom there is no room in it are told at once.
    return demo.queue(max_size=max(1, engine.config.max_requests), api_open=False)


def wire(desk: Desk, demo: gr.Blocks) -> None:
    """Ties the parts to what they do. None of it is part of the public API."""
    inputs, results = desk.parts.inputs, desk.parts.results
    ours: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    # One source at a time: a new recording from either takes the other's place, in the browser alone, and
    # the microphone's does from its first moment, so that no other is transcribed while it runs.
    inputs.file.upload(None, None, inputs.microphone, js="() => null", **ours)
    for event in (inputs.microphone.start_recording, inputs.microphone.stop_recording):
        event(None, None, inputs.file, js="() => null", **ours)

    changed = [inputs.start, inputs.stop, *inputs.examples, results.status, results.queue, results.transcript]
    together: dict[str, Any] = {"concurrency_id": "transcribe", "concurrency_limit": AT_ONCE} | ours
    asked = {inputs.file, inputs.microphone, *inputs.options.values()}
    inputs.start.click(transcription(desk), asked, changed, **together)
    for code, button in zip(EXAMPLES, inputs.examples, strict=True):
        button.click(trying(desk, code), set(inputs.options.values()), changed, **together)

    inputs.stop.click(stopping(desk.stops), None, inputs.stop, queue=False, **ours)
    demo.unload(leaving(desk))
    lists = [*inputs.options.values(), desk.parts.ready]
    demo.load(localising(desk), None, lists, queue=False, **ours)
    gr.on(
        [demo.load, desk.parts.pulse.tick],
        readiness(desk),
        None,
        [desk.parts.ready, desk.parts.pulse, inputs.options["language"]],
        queue=False,
        **ours,
    )


def launch_settings(engine: Engine, access: Access) -> dict[str, Any]:
    """Returns what `launch` is to be told: looks, limits, and the plain HTTP routes beside gradio's."""
    config = engine.config
    return {
        "theme": WordlightTheme(),
        "css_paths": [ASSETS / f"{name}.css" for name in ("page", "transcript", "views", "example")],
        "i18n": I18N,
        "app_kwargs": {
            "routes": routes(engine, access),
            "middleware": middleware(),
            "exception_handlers": exception_handlers() | missing.exception_handlers(),
            "lifespan": own_origins_only(config.cors_origins),
        },
        "auth": config.logins or None,
        "max_file_size": config.max_bytes,
        "show_error": True,
        "ssr_mode": False,
        "footer_links": ["api", "settings"],
    }


def finish(engine: Engine, *_: object) -> NoReturn:
    """Ends the app: takes no more work, and lets what there is come to its end, or tells who waits for it."""
    engine.close(GRACE)
    time.sleep(ANSWERING)
    raise SystemExit


engine = Engine(config)
access = Access(config)
demo = build_demo(engine, access)
engine.start()  # not before: what it imports would keep the page waiting

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Starts Wordlight; the environment holds its settings.")
    parser.add_argument(
        "--share", action="store_true", help="make a public link for 72 hours, as gradio does"
    )
    share = parser.parse_args().share or None  # None leaves it to GRADIO_SHARE
    signal.signal(signal.SIGTERM, partial(finish, engine))
    demo.launch(share=share, **launch_settings(engine, access))
