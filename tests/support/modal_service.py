"""Serves the Modal app of deploy/ on this machine, by `.local()`: `python -m tests.support.modal_service`.

Prints the seconds of each part of a cold start as JSON, and ends with exit code 3 if the snapshot is taken after
something has asked for a GPU or has opened the data folder. The environment holds the settings and the port. On
SIGTERM it does as Modal: it ends once the call that attends to the jobs has returned and the app is closed.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time

import uvicorn

from deploy import modal_app
from deploy.snapshot import load_for_snapshot
from engine.config import Config
from tests.support.gpu_questions import noting_gpu_questions

IMPORTED = time.perf_counter()


def main() -> None:
    config = Config.from_env()
    with noting_gpu_questions() as asked:
        load_for_snapshot(config)
    snapshot = time.perf_counter()
    if asked or config.temp_dir.exists():
        print(f"asked for a GPU: {asked}; data folder made: {config.temp_dir.exists()}", file=sys.stderr)
        raise SystemExit(3)
    service = modal_app.Wordlight()
    served = service.serve.local()
    started = time.perf_counter()
    seconds = {"snapshot": round(snapshot - IMPORTED, 2), "start": round(started - snapshot, 2)}
    print(json.dumps({"event": "cold start", **seconds}), flush=True)
    # uvicorn sends the signal again once it has ended.
    signal.signal(signal.SIGTERM, lambda *_: None)
    port = int(os.environ["GRADIO_SERVER_PORT"])
    uvicorn.run(served, port=port, log_level="warning", timeout_graceful_shutdown=1)  # clients hold streams
    service.attend_jobs.local()
    service.close()
    os._exit(0)  # as in page/shutdown.py: finalizing would wait for threads


if __name__ == "__main__":
    main()
