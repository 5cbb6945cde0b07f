"""Makes the app one ASGI application, for servers that are not gradio's."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import gradio as gr
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.types import ASGIApp

from page.app import App
from page.shutdown import ANSWERING, GRACE, LAST_BATCH
from server.closing import shutting_down


def asgi_application(app: App) -> ASGIApp:
    """Returns the page, its API and the plain HTTP routes, as `demo.launch` would serve them.

    The server must run the application's lifespan. Deadlines and limits of connections are the server's own.
    """
    settings = app.launch_settings()
    kwargs = settings.pop("app_kwargs")
    ingress = kwargs["lifespan"]

    @asynccontextmanager
    async def lifespan(inner: Starlette) -> AsyncIterator[None]:
        async with ingress(inner):
            app.demo.run_startup_events()
            await app.demo.run_extra_startup_events()
            yield

    # gradio can only mount a page into another application. The page is taken out again, because gradio's
    # middleware would otherwise be outside of the ingress, which the page's own lifespan puts around everything.
    outer = Starlette()
    gr.mount_gradio_app(outer, app.demo, "/", app_kwargs=kwargs | {"lifespan": lifespan}, **settings)  # type: ignore[arg-type]
    mount = outer.routes[-1]
    assert isinstance(mount, Mount)
    mount.app.startup_events_triggered = True  # type: ignore[attr-defined]  # the lifespan has run them
    return mount.app


def close(app: App, seconds: float) -> None:
    """Ends all work of the app within some seconds, as SIGTERM does; the process goes on."""
    app.engine.refuse()
    app.jobs.close(wait=0.0)
    app.engine.close(GRACE * seconds, LAST_BATCH * seconds)
    app.demo.end_events(shutting_down())
    time.sleep(ANSWERING * seconds)
    app.folder.close()
