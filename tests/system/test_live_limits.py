"""Clients of the live WebSocket that hold a place and bring no sound lose it, with what they have said written."""

from __future__ import annotations

import time

import httpx
import numpy as np
import pytest
from websockets.exceptions import ConnectionClosed

from engine.sampling import SAMPLE_RATE
from tests.support.app import App
from tests.support.live_client import heard, live, pcm, refusal, send
from tests.support.strict_limits import CALLER_CONNECTIONS
from tests.support.waiting import eventually


def test_a_client_without_a_first_message_is_refused(strict_app: App) -> None:
    with live(strict_app) as client:
        error, code, reason = refusal(client)
    assert (error["code"], code) == ("too_slow", 1008) and reason.startswith("The first message")


def test_a_client_without_an_end_gets_what_it_has_said(strict_app: App, talk: np.ndarray) -> None:
    with live(strict_app, language="en") as client:
        send(client, talk[: 4 * SAMPLE_RATE])
        messages = list(heard(client))
    kinds = [message["type"] for message in messages]
    assert kinds[-1] == "result" and kinds.count("ended") == 1
    assert messages[-1]["duration"] == pytest.approx(4.0)
    assert "No message has come" in next(m["message"] for m in messages if m["type"] == "ended")
    assert eventually(lambda: strict_app.metric("wordlight_recordings_at_work") == 0)


def test_a_client_that_drips_is_not_waited_for(strict_app: App, talk: np.ndarray) -> None:
    drop = pcm(talk)[0][:20]
    with live(strict_app, language="en") as client:
        try:
            for _ in range(200):
                client.send(drop)
                time.sleep(0.1)
        except ConnectionClosed:
            pass
        messages = list(heard(client))
    assert "too slowly" in next(m["message"] for m in messages if m["type"] == "ended")
    assert messages[-1]["type"] == "result"


def test_a_websocket_leaves_its_place_when_it_is_closed(strict_app: App) -> None:
    """The place of the HTTP connection that it was, and its own among those of the address."""
    for _ in range(CALLER_CONNECTIONS + 5):
        with live(strict_app):
            pass
    assert httpx.get(f"{strict_app.url}/health/live").status_code == 200
