"""A client of WS /v1/live, as programs write one."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.support.app import App

PART = 4000  # samples of one message, a quarter of a second
PATIENCE = 120.0  # seconds for the next message on a busy machine


@contextmanager
def live(app: App, headers: dict[str, str] | None = None, **start: Any) -> Iterator[ClientConnection]:
    """Gives a connection whose first message has been sent, if there is anything to say in it."""
    url = app.url.replace("http", "ws", 1) + "/v1/live"
    with connect(url, additional_headers=headers, close_timeout=5, max_size=None) as client:
        if start:
            client.send(json.dumps({"type": "start", **start}))
        yield client


def pcm(samples: np.ndarray) -> list[bytes]:
    data = (samples * 32767).astype("<i2").tobytes()
    return [data[at : at + 2 * PART] for at in range(0, len(data), 2 * PART)]


def send(client: ClientConnection, samples: np.ndarray, pace: float = 0.0) -> None:
    """Sends samples, and waits so many seconds after each quarter of a second of them."""
    for part in pcm(samples):
        client.send(part)
        time.sleep(pace)


def end(client: ClientConnection) -> None:
    client.send(json.dumps({"type": "end"}))


def heard(client: ClientConnection) -> Iterator[dict[str, Any]]:
    """Yields the messages until the connection is closed."""
    while True:
        try:
            yield json.loads(client.recv(PATIENCE))
        except ConnectionClosed:
            return


def refusal(client: ClientConnection) -> tuple[dict[str, Any], int, str]:
    """Returns the error that ends a connection, and the code and the reason that it is closed with."""
    *_, last = heard(client)
    assert last["type"] == "error", last
    assert client.close_code is not None and client.close_reason
    return last["error"], client.close_code, client.close_reason


def words_of(result: dict[str, Any]) -> str:
    return " ".join(segment["text"] for segment in result["segments"])
