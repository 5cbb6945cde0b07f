"""Starts Wordlight: the page and all interfaces on one server (`python app.py`)."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import tempfile
from typing import TYPE_CHECKING

from engine import Config
from engine.errors import SetupError
from engine.log import configure_logging
from engine.memory import shrink_stacks
from server.connection_limits import ConnectionLimits, raise_descriptor_limit
from server.connections import Connections
from server.data_folder import DataFolder

if TYPE_CHECKING:
    from page.app import App


def prepare_process() -> tuple[Config, DataFolder]:
    """Reads the settings, opens the folder of uploads, and points all libraries at that. Raises SystemExit.

    gradio reads its variables when it is imported, so this runs before.
    """
    configure_logging()
    shrink_stacks()  # before the first thread
    os.umask(0o077)  # no other user may read recordings and transcripts, or what gradio writes beside them
    try:
        config = Config.from_env()
        folder = DataFolder.claim(config.temp_dir, config.min_free_bytes, config.max_temp_bytes)
    except SetupError as error:
        raise SystemExit(str(error)) from None
    # gradio and pyannote must not report on the users of this installation.
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("PYANNOTE_METRICS_ENABLED", "0")
    # All received bytes lie in that folder: the first variable is gradio's; the others are for temporary files of
    # Python, of Starlette, and of programs that are started here.
    os.environ["GRADIO_TEMP_DIR"] = str(folder.uploads)
    os.environ["TMPDIR"] = tempfile.tempdir = str(folder.process)
    # uvicorn would believe X-Forwarded-For from any program on this machine; server/forwarded.py decides instead.
    os.environ["FORWARDED_ALLOW_IPS"] = ""
    return config, folder


def launch(app: App, share: bool | None = None) -> None:
    """Starts the engine, the jobs and the server, and serves until the process is ended.

    share  whether to make a public link, as gradio does; None leaves it to GRADIO_SHARE
    """
    from page.gradio_patches.http_server import served_over
    from page.shutdown import Shutdown

    config = app.engine.config
    gc.freeze()  # what is imported stays; looking through it at each collection would stop all threads for 0.2 s
    app.engine.start()  # not before: what it imports would delay the page
    app.jobs.start()
    proxies = ",".join(config.trusted_proxies)
    connections = Connections(ConnectionLimits.of(config, raise_descriptor_limit(), proxies))
    signal.signal(signal.SIGTERM, Shutdown(app, connections, config.shutdown_seconds))
    with served_over(connections):
        # `_frontend` has gradio ask for its own page, and fail if that takes 3 s, as it may on a busy machine.
        app.demo.launch(share=share, _frontend=False, **app.launch_settings())


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Starts Wordlight; the environment holds its settings.")
    parser.add_argument(
        "--share", action="store_true", help="make a public link for 72 hours, as gradio does"
    )
    share = parser.parse_args().share or None
    config, folder = prepare_process()
    run_on_gpu = None
    if config.zero_gpu:
        from page.zerogpu import lent_gpu

        run_on_gpu = lent_gpu()  # first, since nothing may ask for a GPU before

    from engine import Engine
    from page.app import build_app

    try:
        app = build_app(config, folder, Engine(config, run_on_gpu))
    except SetupError as error:
        raise SystemExit(str(error)) from None
    demo = app.demo  # the name that `gradio app.py` reloads
    launch(app, share)
