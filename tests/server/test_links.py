"""Links to recordings: fetched over https from addresses that were checked, and within the limits."""

from __future__ import annotations

import asyncio
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from engine.config import Config
from engine.errors import TooLarge, WordlightError
from server.disk_space import DiskSpace
from server.errors import BadLink
from server.links import MAX_REDIRECTS, Links

HOST = "media.example"
CONTENT = b"a recording" * 1000


class Media(BaseHTTPRequestHandler):
    """Serves a recording, a page, and redirects."""

    hosts: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        self.hosts.append(self.headers["Host"])
        if self.path.startswith("/to/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/to/"))
            self.end_headers()
            return
        self.send_response(404 if self.path == "/missing" else 200)
        self.send_header("Content-Type", "text/html" if self.path == "/page" else "audio/mpeg")
        self.end_headers()
        self.wfile.write(CONTENT)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with a certificate for HOST and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on PATH")
    folder = tmp_path_factory.mktemp("tls")
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    command += ["-addext", f"subjectAltName=DNS:{HOST}", "-keyout", folder / "key", "-out", folder / "cert"]
    subprocess.run(command, check=True, capture_output=True)
    (folder / "both").write_bytes((folder / "key").read_bytes() + (folder / "cert").read_bytes())
    return folder / "both"


@pytest.fixture(scope="module")
def port(tls: Path) -> Iterator[int]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Media)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    """HOST leads to this machine, as a hostile name would."""
    ask = socket.getaddrinfo

    def answer(host: str, *rest: object, **named: object) -> object:
        return ask("127.0.0.1" if host == HOST else host, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


def fetch(tls: Path, folder: Path, url: str, allow: tuple[str, ...] = (HOST,), **limits: int) -> bytes:
    links = Links(
        Config(link_allow=allow, **limits),  # type: ignore[arg-type]
        tls=ssl.create_default_context(cafile=str(tls)),
    )
    path = folder / "recording"
    asyncio.run(links.fetch(url, path, DiskSpace(folder)))
    return path.read_bytes()


def test_a_file_is_fetched_under_its_own_name_and_through_redirects(
    tls: Path, port: int, tmp_path: Path
) -> None:
    assert fetch(tls, tmp_path, f"https://{HOST}:{port}/to//talk.mp3") == CONTENT
    assert Media.hosts[-1] == f"{HOST}:{port}"


def test_a_name_that_leads_here_is_refused_before_anything_is_sent(
    tls: Path, port: int, tmp_path: Path
) -> None:
    Media.hosts.clear()
    with pytest.raises(BadLink, match="no public address"):
        fetch(tls, tmp_path, f"https://{HOST}:{port}/talk.mp3", allow=())
    assert Media.hosts == []


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/to/https://127.0.0.1:{port}/talk.mp3", "no public address"),
        ("/to/http://media.example/talk.mp3", "cannot be called"),
        ("/to/file:///etc/passwd", "cannot be called"),
        ("/to/" * (MAX_REDIRECTS + 1) + "/talk.mp3", "redirects too often"),
        ("/page", "a web page"),
        ("/missing", "status 404"),
    ],
)
def test_what_is_no_recording_or_leads_elsewhere_is_refused(
    tls: Path, port: int, tmp_path: Path, path: str, said: str
) -> None:
    with pytest.raises(BadLink, match=said):
        fetch(tls, tmp_path, f"https://{HOST}:{port}{path.format(port=port)}")


def test_a_certificate_of_another_name_is_refused(tls: Path, port: int, tmp_path: Path) -> None:
    with pytest.raises(BadLink, match="ConnectError"):
        fetch(tls, tmp_path, f"https://localhost:{port}/talk.mp3", allow=("localhost",))


def test_a_file_beyond_the_limit_or_the_disk_is_not_taken(tls: Path, port: int, tmp_path: Path) -> None:
    with pytest.raises(TooLarge):
        fetch(tls, tmp_path, f"https://{HOST}:{port}/talk.mp3", max_bytes=1000)
    links = Links(Config(link_allow=(HOST,)), tls=ssl.create_default_context(cafile=str(tls)))
    with pytest.raises(WordlightError) as caught:
        space = DiskSpace(tmp_path, max_bytes=1)
        asyncio.run(links.fetch(f"https://{HOST}:{port}/talk.mp3", tmp_path / "other", space))
    assert caught.value.code == "storage_full"
