"""Models that are being loaded when a process ends."""

from __future__ import annotations

import subprocess
import sys

from tests.support.recordings import ROOT

# Hooks run in the reverse order of their registration: this one after the engine's.
PROGRAM = """
import atexit, threading, time
atexit.register(lambda: print(any(thread.name == "load-models" for thread in threading.enumerate())))
from engine import Config, Engine
Engine(Config(offline=True)).start()
time.sleep(0.5)
"""


def test_a_process_that_ends_while_models_load_ends_after_them() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout.strip()) == (0, "False"), done.stderr
