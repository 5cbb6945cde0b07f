"""Webhooks arrive, signed, once the receiver takes them, and go nowhere that they must not go."""

from __future__ import annotations

import hmac
import re
import shutil
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from engine.errors import SetupError
from jobs import webhooks as module
from jobs.addresses import CallbackRules
from jobs.deliveries import Backoff, Deliveries
from jobs.errors import BadCallback
from jobs.webhooks import Webhooks
from tests.support.job_server import Server
from tests.support.job_steps import transcript
from tests.support.receiver import Receiver, receiving
from tests.support.waiting import eventually

SECRET = "between us"
FAST = Backoff(first=0.02, longest=0.2)
LOOPBACK = ("127.0.0.0/8",)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LOOK_SECONDS", 0.02)


@contextmanager
def delivering(
    server: Server, allowed: tuple[str, ...] = LOOPBACK, backoff: Backoff = FAST, **more: Any
) -> Iterator[None]:
    sender = Webhooks(
        Deliveries(server.database, backoff),
        CallbackRules(allowed),
        server.store.transcript,
        secret=SECRET,
        keep_seconds=60.0,
        **more,
    )
    sender.start()
    try:
        yield
    finally:
        sender.close(wait=10.0)


def finished(server: Server, url: str, body: str = "state") -> str:
    job, _ = server.store.submit(server.order(callback_url=url, callback_body=body))
    server.queue.claim()
    server.queue.finish(job.id, transcript())
    return job.id


def waiting(server: Server) -> int:
    """How many webhooks are still to be delivered."""
    from sqlalchemy import func, select

    from jobs.models import Delivery

    with server.database.read() as session:
        return session.scalar(select(func.count()).select_from(Delivery)) or 0


def resolving(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[str]:
    """Has every host resolve to the addresses; returns the hosts that are looked up."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, **_: Any) -> list:
        asked.append(host)
        kinds = {True: socket.AF_INET6, False: socket.AF_INET}
        return [(kinds[":" in entry], socket.SOCK_STREAM, 6, "", (entry, port)) for entry in addresses]

    # Where the name is looked up, and nowhere else: the connection goes to the address.
    monkeypatch.setattr("jobs.addresses.socket.getaddrinfo", getaddrinfo)
    return asked


def test_a_webhook_says_what_became_of_the_job_and_that_it_is_from_here(
    server: Server, receiver: Receiver
) -> None:
    job = finished(server, f"http://127.0.0.1:{receiver.port}/hook?a=1")
    with delivering(server):
        assert eventually(lambda: waiting(server) == 0)
    (call,) = receiver.calls
    assert call.path == "/hook?a=1" and call.headers["Host"] == f"127.0.0.1:{receiver.port}"
    assert call.data["event"] == "job.done" and call.data["job"]["id"] == job
    assert call.data["job"]["state"] == "done" and "transcript" not in call.data
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", call.headers["Wordlight-Signature"])
    assert found and abs(int(found[1]) - time.time()) < 60
    signed = found[1].encode() + b"." + call.body
    assert hmac.new(SECRET.encode(), signed, sha256).hexdigest() == found[2]


def test_the_whole_result_comes_if_it_is_wanted(server: Server, receiver: Receiver) -> None:
    finished(server, f"http://127.0.0.1:{receiver.port}/", "result")
    with delivering(server):
        assert eventually(lambda: waiting(server) == 0)
    assert receiver.calls[0].data["transcript"] == transcript().to_dict()


def test_a_receiver_that_fails_four_times_gets_it_the_fifth(server: Server, receiver: Receiver) -> None:
    receiver.answers += [500, 503, 404, 429]
    finished(server, f"http://127.0.0.1:{receiver.port}/")
    with delivering(server):
        assert eventually(lambda: waiting(server) == 0)
    assert len(receiver.calls) == 5
    assert len({call.headers["Wordlight-Delivery"] for call in receiver.calls}) == 1


def test_a_webhook_outlives_the_process_that_could_not_deliver_it(
    server: Server, receiver: Receiver, other: Server
) -> None:
    receiver.answers += [500] * 2
    finished(server, f"http://127.0.0.1:{receiver.port}/")
    with delivering(server):
        assert eventually(lambda: len(receiver.calls) > 0)
    with delivering(other):
        assert eventually(lambda: waiting(server) == 0)
    # A call whose answer the first process did not live to note is made again.
    assert 3 <= len(receiver.calls) <= 4


def test_after_a_day_it_is_given_up(server: Server, receiver: Receiver) -> None:
    receiver.answers += [500] * 100
    finished(server, f"http://127.0.0.1:{receiver.port}/")
    with delivering(server, backoff=Backoff(first=0.02, longest=0.1, give_up=6.0)):
        assert eventually(lambda: waiting(server) == 0)
    assert len(receiver.calls) > 2 and receiver.answers


def test_waits_double_up_to_an_hour() -> None:
    backoff = Backoff(spread=0.0)
    assert [backoff.wait(attempts) for attempts in (1, 2, 3, 12, 13, 500)] == [1, 2, 4, 2048, 3600, 3600]


def test_a_redirect_is_not_followed(server: Server, receiver: Receiver) -> None:
    with receiving() as inside:
        receiver.answers += [
            (302, f"http://127.0.0.1:{inside.port}/secret"),
            (307, f"http://127.0.0.1:{inside.port}/"),
        ]
        finished(server, f"http://127.0.0.1:{receiver.port}/")
        with delivering(server):
            assert eventually(lambda: waiting(server) == 0)
    assert len(receiver.calls) == 3 and inside.calls == []


@pytest.mark.parametrize(
    "addresses",
    [
        ("127.0.0.1",),
        ("::1",),
        ("10.0.0.1",),
        ("::ffff:127.0.0.1",),
        ("64:ff9b::7f00:1",),
        ("8.8.8.8", "127.0.0.1"),
    ],
)
def test_a_name_that_leads_inside_is_not_called(
    server: Server, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, addresses: tuple[str, ...]
) -> None:
    asked = resolving(monkeypatch, *addresses)
    finished(server, f"http://hooks.example:{receiver.port}/")
    with delivering(server, allowed=()):
        assert eventually(lambda: len(asked) > 1)  # and the day is not over
    assert receiver.calls == [] and waiting(server) == 1


def test_a_name_is_looked_up_once_a_try_and_the_address_is_what_is_called(
    server: Server, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = resolving(monkeypatch, "127.0.0.1")
    finished(server, f"http://hooks.example:{receiver.port}/")
    with delivering(server, allowed=("hooks.example",)):
        assert eventually(lambda: waiting(server) == 0)
    assert asked == ["hooks.example"]
    assert receiver.calls[0].headers["Host"] == f"hooks.example:{receiver.port}"


def test_a_certificate_is_checked_against_the_name_not_the_address(
    server: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("no openssl on PATH")
    file = tmp_path / "both.pem"
    command = [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=x"]
    command += ["-addext", "subjectAltName=DNS:hooks.example", "-keyout", file, "-out", tmp_path / "cert.pem"]
    subprocess.run(command, check=True, capture_output=True)
    file.write_bytes(file.read_bytes() + (tmp_path / "cert.pem").read_bytes())
    tls = ssl.create_default_context(cafile=str(tmp_path / "cert.pem"))
    resolving(monkeypatch, "127.0.0.1")
    with receiving(file) as receiver:
        finished(server, f"https://hooks.example:{receiver.port}/")
        with delivering(server, tls=tls):
            assert eventually(lambda: waiting(server) == 0)
        finished(server, f"https://another.example:{receiver.port}/")
        with delivering(server, tls=tls, backoff=Backoff(first=0.02, give_up=0.3)):
            assert eventually(lambda: waiting(server) == 0)
    assert len(receiver.calls) == 1


def test_a_receiver_that_never_comes_to_an_end_holds_no_other_up(
    server: Server, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TIMEOUT_SECONDS", 1.0)
    receiver.trickle = True
    for _ in range(3):
        finished(server, f"http://127.0.0.1:{receiver.port}/")
    with receiving() as prompt:
        finished(server, f"http://127.0.0.1:{prompt.port}/")
        with delivering(server, backoff=Backoff(first=0.02, give_up=1.2)):
            assert eventually(lambda: len(prompt.calls) == 1)
            assert eventually(lambda: waiting(server) == 0)


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/", "http://[::1]/", "http://10.1.2.3/", "http://192.168.0.1:8080/x", "http://169.254.169.254/",
        "http://0.0.0.0/", "http://2130706433/", "http://0x7f.1/", "http://127.1/", "http://[::ffff:10.0.0.1]/",
        "http://[fe80::1]/", "http://[fc00::1]/", "http://224.0.0.1/", "http://240.0.0.1/", "http://localhost/",
        "http://[64:ff9b::10.0.0.1]/", "http://[2002:7f00:1::]/", "http://100.64.0.1/",
        "file:///etc/passwd", "gopher://example.org/", "http://", "http:///x", "http://user:pw@example.org/",
        "http://example.org:99999/", "http://exa mple.org/", "http://example.org/#part", "x" * 3000, "",
    ],
)  # fmt: skip
def test_what_cannot_be_called_is_refused_when_it_is_sent(url: str) -> None:
    with pytest.raises(BadCallback):
        CallbackRules().parse(url)


@pytest.mark.parametrize(
    ("allowed", "url"),
    [
        ((), "https://example.org/hook?a=b"),
        ((), "http://8.8.8.8/"),
        ((), "http://[2606:4700::1111]/"),
        (("10.0.0.0/8",), "http://10.1.2.3/"),
        (("127.0.0.1",), "http://127.0.0.1:9/"),
        (("localhost",), "http://LOCALHOST:9/"),
        (("127.0.0.0/8",), "http://[::ffff:127.0.0.1]/"),
    ],
)
def test_what_is_public_or_listed_can_be_called(allowed: tuple[str, ...], url: str) -> None:
    assert CallbackRules(allowed).parse(url).port


def test_a_list_that_holds_no_network_is_refused_at_start() -> None:
    with pytest.raises(SetupError, match="WORDLIGHT_WEBHOOK_ALLOW"):
        CallbackRules(("10.0.0.0/99",))
