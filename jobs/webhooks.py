"""Delivers webhooks: signed, to public addresses only, without redirects, with retries for a day.

The body is {"event", "job"}, and {"transcript"} if the caller has asked for the result. `Wordlight-Signature` is
`t=SECONDS,v1=HEX`: HMAC-SHA256 by the secret over the time, a dot and the body.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import ssl
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import httpx

from engine.transcript import Transcript
from jobs.addresses import CallbackRules, Target
from jobs.deliveries import Deliveries
from jobs.errors import BadCallback, JobNotFound
from jobs.models import Delivery, Job
from jobs.views import job_view

AT_ONCE = 8  # deliveries of one process at a time
LOOK_SECONDS = 1.0  # between two looks for deliveries that are due
CLOSING_SECONDS = 2.0  # that calls under way have to end when the process ends
TIMEOUT_SECONDS = 30.0  # of one delivery, however slowly the receiver answers
SILENCE_SECONDS = 10.0  # that a receiver may take to connect, or between two bytes
MAX_ANSWER_BYTES = 64 * 1024  # of a response that are read and dropped
SIGNATURE, DELIVERY = "Wordlight-Signature", "Wordlight-Delivery"

_log = logging.getLogger("wordlight.jobs")


def signature(secret: str, seconds: int, body: bytes) -> str:
    """Returns the header that proves sender and time of a body."""
    digest = hmac.new(secret.encode(), f"{seconds}.".encode() + body, sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class Webhooks:
    """A thread that delivers webhooks."""

    def __init__(
        self,
        deliveries: Deliveries,
        rules: CallbackRules,
        transcript: Callable[[Job], Transcript],
        *,
        secret: str | None,
        keep_seconds: float,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        """`transcript` returns the transcript of a finished job; `tls` replaces the default certificates."""
        self._deliveries = deliveries
        self._rules = rules
        self._transcript = transcript
        self._secret = secret
        self._keep_seconds = keep_seconds
        self._tls = tls
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self, wait: float) -> None:
        """Begins no further delivery; the next process repeats those that are broken off."""
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(wait)

    def _run(self) -> None:
        asyncio.run(self._deliver_forever())

    async def _deliver_forever(self) -> None:
        tasks: dict[asyncio.Task[None], Delivery] = {}
        while not self._closing.is_set():
            try:
                room = AT_ONCE - len(tasks)
                due = await asyncio.to_thread(self._deliveries.take, room) if room else []
            except Exception:
                _log.exception("webhooks could not be looked for")
                due = []
            for delivery, job in due:
                task = asyncio.create_task(self._deliver(delivery, job))
                tasks[task] = delivery
                task.add_done_callback(lambda task: tasks.pop(task, None))
            await asyncio.sleep(0.0 if due else LOOK_SECONDS)
        await self._give_back(tasks)

    async def _give_back(self, tasks: dict[asyncio.Task[None], Delivery]) -> None:
        """Waits for running calls, and returns the others for other processes to make."""
        if tasks:
            await asyncio.wait(list(tasks), timeout=CLOSING_SECONDS)
        for task, delivery in list(tasks.items()):
            task.cancel()
            try:
                await asyncio.to_thread(self._deliveries.give_back, delivery)
            except Exception:
                _log.exception("a webhook could not be given back")  # it is tried again after a while

    async def _deliver(self, delivery: Delivery, job: Job) -> None:
        try:
            body = await asyncio.to_thread(self._body, delivery, job)
            async with asyncio.timeout(TIMEOUT_SECONDS):
                status = await self._post(delivery, job.callback_url or "", body)
            arrived, said = 200 <= status < 300, f"status {status}"
        except BadCallback:
            arrived, said = False, "an address that is not public"
        except (httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError) as error:
            arrived, said = False, type(error).__name__
        except Exception:
            _log.exception("a webhook failed")
            arrived, said = False, "a bug"
        try:
            if arrived:
                await asyncio.to_thread(self._deliveries.done, delivery)
            elif await asyncio.to_thread(self._deliveries.failed, delivery):
                _log.warning("a webhook is given up after %d tries: %s", delivery.attempts, said)
        except Exception:
            _log.exception("a webhook's outcome could not be stored")  # it is tried again

    def _body(self, delivery: Delivery, job: Job) -> bytes:
        body: dict[str, Any] = {"event": f"job.{delivery.state}", "job": job_view(job, self._keep_seconds)}
        if job.callback_body == "result" and job.state == "done":
            try:
                body["transcript"] = self._transcript(job).to_dict()
            except JobNotFound:  # it has just been deleted
                body["transcript"] = None
        return json.dumps(body, ensure_ascii=False).encode()

    async def _post(self, delivery: Delivery, url: str, body: bytes) -> int:
        """Sends a body once; returns the status of the response."""
        target = self._rules.parse(url)
        addresses = await asyncio.to_thread(self._rules.resolve, target)
        seconds = int(time.time())
        headers = {
            "Host": target.authority,
            "Content-Type": "application/json",
            "User-Agent": "Wordlight",
            DELIVERY: delivery.id,
        }
        if self._secret:
            headers[SIGNATURE] = signature(self._secret, seconds, body)
        async with httpx.AsyncClient(
            verify=self._tls or True, trust_env=False, follow_redirects=False, timeout=SILENCE_SECONDS
        ) as client:
            for address in addresses[:-1]:
                try:
                    return await _send(client, target, str(address), headers, body)
                except httpx.ConnectError:
                    continue
            return await _send(client, target, str(addresses[-1]), headers, body)


async def _send(
    client: httpx.AsyncClient, target: Target, address: str, headers: dict[str, str], body: bytes
) -> int:
    """Posts to an address that was resolved before, since a second lookup could return another one."""
    host = f"[{address}]" if ":" in address else address
    url = httpx.URL(f"{target.scheme}://{host}:{target.port}{target.path}")
    extensions = {"sni_hostname": target.host}
    async with client.stream("POST", url, headers=headers, content=body, extensions=extensions) as answer:
        read = 0
        async for chunk in answer.aiter_raw():
            read += len(chunk)
            if read > MAX_ANSWER_BYTES:
                break
        return answer.status_code
