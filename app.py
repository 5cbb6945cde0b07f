"""Wordlight's page and interfaces on one server: `python app.py`."""
# ruff: noqa: E402  # the order of the imports is the point of the next lines

from __future__ import annotations

import argparse
import os
import signal
import tempfile
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

# Neither gradio nor pyannote is to report on the people who use this; both read it when imported.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")

from engine import Config, Engine
from engine.errors import SetupError
from engine.log import configure_logging
from jobs.service import Jobs
from server.data_folder import DataFolder

configure_logging()
os.umask(0o077)  # recordings and transcripts, and what gradio writes beside them, are for no other user
try:
    config = Config.from_env()
    folder = DataFolder.claim(config.temp_dir, config.min_free_bytes, config.max_temp_bytes)
except SetupError as error:
    raise SystemExit(str(error)) from None
# Every byte that arrives lies in that folder: gradio reads the first variable when it is imported; the others
# are for temporary files of its own, of Starlette's and of programs that are started here.
os.environ["GRADIO_TEMP_DIR"] = str(folder.uploads)
os.environ["TMPDIR"] = tempfile.tempdir = str(folder.process)
# uvicorn would believe X-Forwarded-For of whatever runs on this machine; engine.http.forwarded decides instead.
os.environ["FORWARDED_ALLOW_IPS"] = ""

import gradio as gr
from starlette.middleware import Middleware

from page.callers import queued_files
from page.components import ASSETS, PLOTLY
from page.deferred import show_when
from page.document import FAVICON, document_of
from page.examples import EXAMPLES, FOLDER
from page.gradio_api import AT_ONCE, add_endpoints
from page.gradio_patches import unknown_endpoints
from page.gradio_patches.http_server import served_over
from page.gradio_patches.queue import Listeners, NoteListeners, QueuedBlocks
from page.gradio_patches.redirects import middleware
from page.gradio_patches.routes import doorkeeper
from page.gradio_patches.sign_in import ExplainSignIn
from page.gradio_patches.upload_route import upload_route
from page.handlers import localising, on_example, on_unload, readiness, stopping, transcription
from page.kept import Kept
from page.layout import build_layout
from page.logins import Logins, NoteAddress
from page.options_form import advanced_options
from page.runs import PageContext
from page.server_functions import server_functions
from page.shutdown import Shutdown
from page.stop_signals import StopSignals
from page.sweeper import sweep_forever
from page.texts import ENGLISH, I18N
from page.theme import WordlightTheme
from server import Access, Compression, exception_handlers, ingress, routes, rules
from server.closing import RefuseNewWork
from server.connection_limits import ConnectionLimits, raise_descriptor_limit
from server.connections import Connections

SWEEP_SECONDS = 300  # between two looks for files that have been kept long enough


def build_demo(
    engine: Engine, access: Access, folder: DataFolder, jobs: Jobs, listeners: Listeners
) -> QueuedBlocks:
    """Returns the page and its API over an engine, which may still be loading."""
    kept = Kept(folder, engine.config.keep_for)
    gr.set_static_paths([PLOTLY, FOLDER])
    with QueuedBlocks(title=ENGLISH["title"], analytics_enabled=False, fill_width=True) as demo:
        parts = build_layout(engine.config, server_functions(engine, kept, access))
        add_endpoints(engine, access, kept)
        wire(PageContext(engine, parts, StopSignals(), kept, access), demo)
    kept.waiting = partial(queued_files, demo)
    sweep_forever(kept, SWEEP_SECONDS, also=[jobs.sweep])
    # Nobody goes past the line, and those for whom there is no room in it are told at once.
    demo.open_line(max(1, engine.config.max_requests), engine, listeners)
    return demo


def wire(desk: PageContext, demo: gr.Blocks) -> None:
    """Ties the parts to what they do. None of it is part of the public API."""
    inputs, results = desk.parts.inputs, desk.parts.results
    ours: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    # One source at a time: a new recording from either takes the other's place, in the browser alone, and
    # the microphone's does from its first moment, so that no other is transcribed while it runs.
    for event, other in (
        (inputs.file.upload, inputs.microphone),
        (inputs.microphone.start_recording, inputs.file),
        (inputs.microphone.stop_recording, inputs.file),
    ):
        event(None, None, other, js="() => (wordlight.emit('source'), null)", **ours)

    show_when(inputs.microphone_tab.select, [inputs.microphone], **ours)
    show_when(inputs.advanced.expand, [inputs.options[name] for name in advanced_options()], **ours)

    changed = [inputs.start, inputs.stop, *inputs.examples, results.status, results.queue, results.transcript]
    together: dict[str, Any] = {"concurrency_id": "transcribe", "concurrency_limit": AT_ONCE} | ours
    asked = {inputs.file, inputs.microphone, *inputs.options.values()}
    inputs.start.click(transcription(desk), asked, changed, **together)
    for code, button in zip(EXAMPLES, inputs.examples, strict=True):
        button.click(on_example(desk, code), set(inputs.options.values()), changed, **together)
        # An example is the source then, and no other is named as if it were.
        button.click(None, None, [inputs.file, inputs.microphone], js="() => [null, null]", **ours)

    inputs.stop.click(stopping(desk.stops), None, inputs.stop, queue=False, **ours)
    demo.unload(on_unload(desk))
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


def launch_settings(
    engine: Engine, access: Access, folder: DataFolder, jobs: Jobs, demo: gr.Blocks, listeners: Listeners
) -> dict[str, Any]:
    """Returns what `launch` is to be told: looks, limits, and the plain HTTP routes beside gradio's."""
    config = engine.config
    plain = routes(engine, access, folder, jobs)
    document = document_of(demo)
    return {
        "theme": WordlightTheme(),
        "css_paths": [ASSETS / f"{name}.css" for name in ("page", "transcript", "views", "example")],
        "favicon_path": FAVICON,
        "i18n": I18N,
        "app_kwargs": {
            "routes": [upload_route(folder, config), *plain, *document.routes],
            "middleware": [
                Middleware(Compression),
                Middleware(RefuseNewWork, engine),
                *middleware(),
                Middleware(ExplainSignIn),
                Middleware(NoteListeners, listeners),
                Middleware(NoteAddress),
                *document.middleware,
            ],
            "exception_handlers": exception_handlers() | unknown_endpoints.exception_handlers(),
            "lifespan": ingress(config, doorkeeper(demo, rules(plain, config) | document.rules)),
        },
        "auth": _logins(config),
        "max_file_size": config.max_bytes,
        "show_error": True,
        "ssr_mode": False,
        "footer_links": ["api", "settings"],
    }


def open_jobs(engine: Engine) -> Jobs:
    """Opens the jobs; ends the program with a sentence if their folder or database cannot be used."""
    try:
        return Jobs(engine)
    except SetupError as error:
        raise SystemExit(str(error)) from None


def _logins(config: Config) -> Callable[[str, str], Awaitable[bool]] | None:
    """Returns what tells gradio whether somebody may sign in; None where nobody is asked."""
    if not config.logins:
        return None
    return Logins(config.logins, config.login_failures, config.login_lock_seconds).check


engine = Engine(config)
access = Access(config)
listeners = Listeners()
jobs = open_jobs(engine)
demo = build_demo(engine, access, folder, jobs, listeners)
engine.start()  # not before: what it imports would keep the page waiting
jobs.start()

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Starts Wordlight; the environment holds its settings.")
    parser.add_argument(
        "--share", action="store_true", help="make a public link for 72 hours, as gradio does"
    )
    share = parser.parse_args().share or None  # None leaves it to GRADIO_SHARE
    proxies = ",".join(config.trusted_proxies)
    connections = Connections(ConnectionLimits.of(config, raise_descriptor_limit(), proxies))
    shutdown = Shutdown(engine, connections, demo, listeners, folder, jobs, config.shutdown_seconds)
    signal.signal(signal.SIGTERM, shutdown)
    with served_over(connections):
        demo.launch(share=share, **launch_settings(engine, access, folder, jobs, demo, listeners))
