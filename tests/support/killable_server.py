"""A server of jobs, without the page, that can be killed and is up again in seconds.

Run as a program it imports what a server needs, and then forks one for each line on its standard input: "start NAME"
starts one, "kill NAME" kills it with SIGKILL. The processes that it forks have imported everything and loaded nothing.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.support.recordings import ROOT

KEY = "durable"


class Nursery:
    """The program, and the servers that it has forked."""

    def __init__(self, folder: Path, database: str | None, **settings: str) -> None:
        values = {
            "WORDLIGHT_TEMP_DIR": str(folder / "temp"),
            "WORDLIGHT_API_KEYS": KEY,
            "WORDLIGHT_OFFLINE": "1",
            "WORDLIGHT_CALLER_CONCURRENCY": "0",
            **({"WORDLIGHT_DATABASE": database} if database else {}),
            **settings,
        }
        self.folder = folder
        self._log = (folder / "servers.log").open("ab")
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.support.killable_server"],
            cwd=ROOT,
            env=os.environ | values,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.ports: dict[str, int] = {}
        self._pids: dict[str, int] = {}

    def start(self, name: str = "one") -> str:
        """Starts a server and returns its address; it may not listen yet."""
        if name not in self.ports:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self.ports[name] = probe.getsockname()[1]
        self._tell(f"start {name} {self.ports[name]}")
        return self.url(name)

    def url(self, name: str = "one") -> str:
        return f"http://127.0.0.1:{self.ports[name]}"

    def wait(self, name: str = "one") -> None:
        """Waits until a server answers; its models may still be loading."""
        for _ in range(600):
            try:
                httpx.get(f"{self.url(name)}/health/live").raise_for_status()
                return
            except httpx.TransportError:
                time.sleep(0.05)
        raise RuntimeError((self.folder / "servers.log").read_text()[-4000:])

    def kill(self, name: str = "one") -> None:
        """Kills a server with SIGKILL."""
        self._tell(f"kill {name}")

    def pid(self, name: str = "one") -> int:
        """Returns the process of a server."""
        return self._pids[name]

    def _tell(self, line: str) -> None:
        assert self._program.stdin is not None and self._program.stdout is not None
        self._program.stdin.write(f"{line}\n")
        self._program.stdin.flush()
        said = self._program.stdout.readline().split()
        assert said, (self.folder / "servers.log").read_text()[-4000:]
        self._pids[line.split()[1]] = int(said[0])

    def close(self) -> None:
        assert self._program.stdin is not None
        self._program.stdin.close()  # at its end the program kills what it has started
        self._program.wait(timeout=60)
        if self._program.stdout is not None:
            self._program.stdout.close()
        self._log.close()


@contextmanager
def nursery(folder: Path, database: str | None = None, **settings: str) -> Iterator[Nursery]:
    made = Nursery(folder, database, **settings)
    try:
        yield made
    finally:
        made.close()


def _serve(port: int) -> None:
    """Serves jobs until it is killed."""
    import uvicorn
    from starlette.applications import Starlette

    from engine import Engine
    from engine.log import configure_logging
    from jobs.service import Jobs
    from server import CallerLimits, routes

    configure_logging()
    os.umask(0o077)
    engine = Engine()
    jobs = Jobs(engine)
    app = Starlette(routes=routes(engine, CallerLimits(engine.config), jobs=jobs))
    engine.start()
    jobs.start()
    uvicorn.run(app, host="127.0.0.1", port=port, log_level="warning")


def _import() -> None:
    """Imports what a server needs; nothing of it starts a thread."""
    import alembic.command
    import psycopg
    import uvicorn

    import engine.installation
    import engine.pipeline.transcription
    import engine.recognition.recognizer
    import engine.vad.pyannote
    import server

    assert all((alembic.command, psycopg, uvicorn, engine, server))


def main() -> None:
    _import()
    children: dict[str, int] = {}
    for line in sys.stdin:
        act, name, *port = line.split()
        if act == "start":
            child = os.fork()
            if child == 0:
                os.dup2(2, 1)  # its standard output is not the test's
                _serve(int(port[0]))
                os._exit(1)
            children[name] = child
        else:
            os.kill(children[name], signal.SIGKILL)
            os.waitpid(children.pop(name), 0)
        print(children.get(name, 0), flush=True)
    for child in children.values():
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
