"""Builds the app: the page, its API and the plain HTTP routes over one engine."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.blocks import Block
from gradio.utils import get_space
from starlette.middleware import Middleware

from engine import Config, Engine
from engine.languages import MIXED
from jobs.service import Jobs
from page.attendance import Attendance
from page.components import ASSETS, PLOTLY
from page.deferred import show_when
from page.document import FAVICON, document_of
from page.examples import EXAMPLES, FOLDER
from page.following import Following
from page.given_text import reading_file, show_for_task
from page.gradio_align import add_align_endpoints
from page.gradio_api import MAX_SHORT_CALLS, add_endpoints
from page.gradio_patches import unknown_endpoints
from page.gradio_patches.listeners import Listeners, NoteListeners
from page.gradio_patches.queue import QueuedBlocks
from page.gradio_patches.redirects import middleware
from page.gradio_patches.routes import doorkeeper
from page.gradio_patches.sign_in import ExplainSignIn
from page.gradio_patches.unknown_events import KnownEventsOnly
from page.gradio_patches.upload_route import upload_route
from page.handlers import (
    PageContext,
    error_status,
    localising,
    on_example,
    on_unload,
    readiness,
    transcription,
)
from page.layout import PageParts, build_layout
from page.logins import Logins, NoteAddress
from page.options_form import advanced_options
from page.page_jobs import PageJobs
from page.server_functions import server_functions
from page.sweeper import Sweeper
from page.texts import ENGLISH, I18N
from page.theme import WordlightTheme
from page.track_list import listing_tracks
from page.transcript_functions import following_functions, keeping_functions, live_function
from page.transcript_store import TranscriptStore
from server import CallerLimits, Compression, LiveTickets, exception_handlers, ingress, routes, rules
from server.closing import RefuseNewWork
from server.data_folder import DataFolder

SWEEP_SECONDS = 300  # between two sweeps of expired files

STYLES = (
    "page",
    "transcript",
    "speakers",
    "bookmarks",
    "translation",
    "views",
    "cues",
    "example",
    "dock",
    "live",
)  # style sheets of assets/, in order


@dataclass(frozen=True, slots=True, kw_only=True)
class App:
    """The page and what it shares with the plain HTTP routes; `demo.launch(**launch_settings())` serves both."""

    engine: Engine
    folder: DataFolder
    jobs: Jobs
    limits: CallerLimits
    tickets: LiveTickets
    listeners: Listeners
    demo: QueuedBlocks

    def launch_settings(self) -> dict[str, Any]:
        """Returns the arguments of `launch`: looks, limits, and the plain HTTP routes beside gradio's."""
        config = self.engine.config
        plain = routes(self.engine, self.limits, self.folder, self.jobs, tickets=self.tickets)
        document = document_of(self.demo, config)
        plain_rules = rules(plain, config)
        return {
            "theme": WordlightTheme(),
            "css_paths": [ASSETS / f"{name}.css" for name in STYLES],
            "favicon_path": FAVICON,
            "pwa": True,  # gradio's settings then explain how to install the page, see page/installable.py
            "i18n": I18N,
            "app_kwargs": {
                "routes": [upload_route(self.folder, config), *plain, *document.routes],
                "middleware": [
                    Middleware(Compression),
                    Middleware(RefuseNewWork, self.engine),
                    *middleware(),
                    Middleware(ExplainSignIn),
                    Middleware(KnownEventsOnly),
                    Middleware(NoteListeners, self.listeners),
                    Middleware(NoteAddress),
                    *document.middleware,
                ],
                "exception_handlers": exception_handlers() | unknown_endpoints.exception_handlers(),
                "lifespan": ingress(
                    config, doorkeeper(self.demo, {**plain_rules, **document.rules}), tuple(plain_rules)
                ),
            },
            "auth": _login_check(config),
            "max_file_size": config.max_bytes,
            "show_error": True,
            "ssr_mode": False,
            "footer_links": ["api"]
            if get_space()
            else ["api", "settings"],  # which a Space takes from its host
            # gradio's own would offer the page's functions, past keys and limits; ours is server/mcp.
            "mcp_server": False,
        }


def build_app(config: Config, folder: DataFolder, engine: Engine | None = None) -> App:
    """Builds the app over an engine and jobs that are not started yet, and starts to delete expired files.

    engine  a new one for this process if None

    Raises SetupError if the folder or the database of the jobs cannot be used.
    """
    engine = engine or Engine(config)
    limits, listeners = CallerLimits(config), Listeners()
    tickets = LiveTickets()
    jobs = Jobs(engine)
    gr.set_static_paths([PLOTLY, FOLDER])
    demo = QueuedBlocks(title=ENGLISH["title"], analytics_enabled=False, fill_width=True)
    store = TranscriptStore(folder, config.keep_for, demo.queued_files)
    page_jobs = PageJobs(engine, jobs, store, limits, Attendance(config.unattended_seconds))
    store.job_files = page_jobs.sources
    following = Following(engine, page_jobs, store, jobs.signals)
    with demo:
        further = [*following_functions(page_jobs, following), *keeping_functions(store, page_jobs)]
        functions = [*server_functions(engine, store, limits), *further, live_function(tickets)]
        parts = build_layout(engine, functions)
        add_align_endpoints(add_endpoints(engine, limits, store))
        _wire(PageContext(engine=engine, parts=parts, jobs=page_jobs, store=store), demo)
    Sweeper(store).start(SWEEP_SECONDS, also=[jobs.sweep])
    # No event bypasses the queue, and one that finds it full is refused at once.
    demo.open_queue(max(1, config.max_requests), engine, listeners, changed=store.note_queued)
    return App(
        engine=engine,
        folder=folder,
        jobs=jobs,
        limits=limits,
        tickets=tickets,
        listeners=listeners,
        demo=demo,
    )


def _wire(context: PageContext, demo: gr.Blocks) -> None:
    """Connects the page's parts to their handlers. None of them is part of the public API."""
    inputs, results = context.parts.inputs, context.parts.results
    ours: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}

    # One source at a time: a new recording from one replaces the other's, in the browser only. The microphone's
    # does so from its first moment, so that no other recording is transcribed while it runs.
    for event, other, source in (
        (inputs.file.upload, inputs.microphone, "file"),
        (inputs.microphone.start_recording, inputs.file, "microphone"),
        (inputs.microphone.stop_recording, inputs.file, "microphone"),
    ):
        event(None, None, other, js=f"() => (wordlight.events.emit('source', '{source}'), null)", **ours)

    # The page may start by itself then, see assets/upload/autostart.js. Tracks of the last file are no choice any more.
    inputs.file.change(
        listing_tracks(context), inputs.file, inputs.options["track"], queue=False, **ours
    ).then(None, js="() => wordlight.events.emit('listed')", **ours)
    inputs.microphone.change(
        None, inputs.microphone, None, js="(heard) => wordlight.events.emit('recorded', heard)", **ours
    )

    _wire_microphone(context.parts, ours)
    show_when(inputs.advanced.expand, [inputs.options[name] for name in advanced_options()], **ours)

    show_for_task(inputs.options["task"], inputs.text, **ours)
    read_text_file = reading_file(error_status)
    filled: list[Block] = [inputs.text.box, results.status]
    inputs.text.file.change(read_text_file, inputs.text.file, filled, queue=False, **ours)

    # The events only hand recordings over: the page follows the work by itself (assets/shared/runs.js).
    brief: dict[str, Any] = {"concurrency_id": "page", "concurrency_limit": MAX_SHORT_CALLS} | ours
    options: set[Block] = set(inputs.options.values())
    asked = options | {inputs.file, inputs.microphone, inputs.text.box, inputs.vocabulary, results.queue}
    inputs.start.click(transcription(context), asked, [results.status], **brief)
    inputs.mixed.click(transcription(context, language=MIXED), asked, [results.status], **brief)
    for code, button in zip(EXAMPLES, inputs.examples, strict=True):
        button.click(on_example(context, code), options, [results.status], **brief)
        # The example is the source then, so the page must name no other.
        button.click(None, None, [inputs.file, inputs.microphone], js="() => [null, null]", **ours)

    buttons = [inputs.start, inputs.stop, *inputs.examples]
    shown = f"() => wordlight.runs.buttons({len(inputs.examples)})"
    results.status.input(None, None, buttons, js=shown, **ours)
    # The reader has changed the language of what is at work, see assets/upload/restart.js. The form follows.
    language = inputs.options["language"]
    results.status.submit(None, None, language, js="() => wordlight.restart.language", **ours)
    _wire_form(context.parts, ours)
    inputs.stop.click(None, None, buttons, js=f"() => (wordlight.runs.stop(), ({shown})())", **ours)
    demo.unload(on_unload(context))
    lists = [*inputs.options.values(), context.parts.ready]
    demo.load(localising(context), None, lists, queue=False, **ours)
    gr.on(
        [demo.load, context.parts.pulse.tick],
        readiness(context),
        None,
        [context.parts.ready, context.parts.pulse, inputs.options["language"]],
        queue=False,
        **ours,
    )


def _wire_form(parts: PageParts, settings: dict[str, Any]) -> None:
    """Tells the page's scripts what the form holds whenever it changes, the language and the recordings first."""
    inputs = parts.inputs
    further = [part for name, part in inputs.options.items() if name != "language"]
    recordings = [inputs.file, inputs.microphone]
    fields: list[Any] = [
        inputs.options["language"],
        *recordings,
        *further,
        inputs.text.box,
        inputs.vocabulary,
    ]
    changes = [field.change for field in fields]
    # See assets/upload/start_emphasis.js.
    gr.on(changes, None, fields, None, js="(...values) => wordlight.events.emit('form', values)", **settings)


def _wire_microphone(parts: PageParts, settings: dict[str, Any]) -> None:
    """Connects the page's recorder, which takes the form's choices, and gradio's in its place."""
    inputs = parts.inputs
    # For browsers that cannot stream the microphone, see assets/live/microphone.js.
    needed = "() => ({ __type__: 'update', visible: !wordlight.live.isSupported })"
    inputs.microphone_tab.select(None, None, inputs.microphone, js=needed, **settings)
    chosen = [inputs.options[name] for name in ("task", "language", "model")]
    for view in (inputs.live, parts.left):
        view.submit(None, chosen, None, js="(...chosen) => wordlight.live.begin(...chosen)", **settings)


def _login_check(config: Config) -> Callable[[str, str], Awaitable[bool]] | None:
    """Returns the function by which gradio checks logins; None if the page is open."""
    if not config.logins:
        return None
    return Logins(config.logins, config.login_failures, config.login_lock_seconds).check
