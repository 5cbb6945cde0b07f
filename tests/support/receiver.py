"""A receiver of webhooks that answers as a test wants."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


@dataclass
class Received:
    """One call."""

    path: str
    headers: Message
    body: bytes

    @property
    def data(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What has come, and what to answer next: a status, or one and where it redirects to; 200 after the last."""

    port: int
    calls: list[Received] = field(default_factory=list)
    answers: list[int | tuple[int, str]] = field(default_factory=list)
    trickle: bool = False  # whether an answer goes on for ever, a byte at a time


@contextmanager
def receiving(certificate: Path | None = None) -> Iterator[Receiver]:
    """Listens on a free port of this machine; with TLS, if there is a file with a certificate and its key."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.calls.append(Received(self.path, self.headers, body))
            answer = receiver.answers.pop(0) if receiver.answers else 200
            status, location = answer if isinstance(answer, tuple) else (answer, None)
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            if receiver.trickle:
                self._trickle()
            self.end_headers()

        def _trickle(self) -> None:
            self.flush_headers()
            for number in range(600):
                try:
                    self.wfile.write(f"X-{number}: 1\r\n".encode())
                except OSError:
                    return
                time.sleep(0.1)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if certificate:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    receiver = Receiver(server.server_port)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
