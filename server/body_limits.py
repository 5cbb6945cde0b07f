"""Limits the size of request bodies while they arrive, before the application sees them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Protocol

from anyio import to_thread
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive

from engine.errors import Busy, TooLarge, WordlightError
from server.json_limits import PARSED_BYTES, check_json

KIB = 1024
MIB = 1024 * KIB

IDS_BYTES = 64 * KIB  # of a body of ids, names or passwords
EVENT_BYTES = 8 * MIB  # of an event of gradio's, whose inputs may include a transcript
DOCUMENTS_BYTES = 24 * MIB  # of transcripts that the page sends for export
FORM_BYTES = MIB  # of a form beside its file
FILES_AT_ONCE = 8  # the largest files that one upload may hold, together

# Memory for the parsed JSON bodies of all requests together. One of the largest takes 88 MiB.
JSON_BUDGET_BYTES = 192 * MIB
BUDGET_WAIT = 5.0  # seconds that a body waits for room in the budget
UNCOUNTED_BYTES = 64 * KIB  # a body this small is free, so that a full budget does not stop the page


class BodyTooLarge(TooLarge):
    """A body larger than its route accepts."""

    def __init__(self, max_bytes: int) -> None:
        limit = f"{max_bytes // MIB:,} MiB" if max_bytes >= MIB else f"{max_bytes // KIB} KiB"
        super().__init__(
            f"The body of this request is larger than the {limit} accepted here.", "Send less at a time."
        )


class Inspector(Protocol):
    """Checks a body while it arrives; `feed` raises WordlightError to refuse it."""

    def feed(self, chunk: bytes) -> None: ...


class JsonBudget:
    """Memory that JSON bodies take together; a body that finds no room waits a while."""

    def __init__(self, total_bytes: int = JSON_BUDGET_BYTES, wait: float = BUDGET_WAIT) -> None:
        self._left = total_bytes
        self._wait = wait
        self._freed = asyncio.Event()

    async def take(self, number: int) -> None:
        """Takes bytes from the budget. Raises Busy if they do not become free in time."""
        try:
            async with asyncio.timeout(self._wait):
                while number > self._left:
                    self._freed.clear()
                    await self._freed.wait()
        except TimeoutError:
            raise Busy("Too many large requests are being read.", "Try again in a minute.") from None
        self._left -= number

    def give_back(self, number: int) -> None:
        """Returns bytes to the budget."""
        self._left += number
        self._freed.set()


class Body:
    """The body of one request, counted and checked while it is passed on.

    max_bytes   the limit
    inspector   checks each chunk, in a thread
    refuse      responds with an error in the application's place

    To the application, a refused body looks like a disconnected client.
    """

    def __init__(
        self,
        receive: Receive,
        max_bytes: int,
        refuse: Callable[[WordlightError], Awaitable[None]],
        inspector: Inspector | None = None,
    ) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._refuse = refuse
        self._inspector = inspector
        self._received = 0
        self.refused = False

    async def receive(self) -> Message:
        """Returns the next message, as ASGI has it."""
        if self.refused:
            return {"type": "http.disconnect"}
        message = await self._receive()
        if message["type"] != "http.request":
            return message
        chunk = message.get("body", b"")
        try:
            self._received += len(chunk)
            if self._received > self._max_bytes:
                raise BodyTooLarge(self._max_bytes)
            if self._inspector is not None and chunk:
                await to_thread.run_sync(self._inspector.feed, chunk)
        except WordlightError as error:
            self.refused = True
            await self._refuse(error)
            return {"type": "http.disconnect"}
        return message


class JsonBody:
    """A JSON body that is read whole and checked before it is passed on; `release` returns its memory."""

    def __init__(self, receive: Receive, max_bytes: int, budget: JsonBudget) -> None:
        self._receive = receive
        self._max_bytes = max_bytes
        self._budget = budget
        self._taken = 0

    async def read(self) -> Receive:
        """Reads and checks the body; returns a `receive` that replays it.

        Raises TooLarge, InputError or Busy, and ClientDisconnect if the client disconnects.
        """
        read = bytearray()  # not a list of chunks: a client decides how small they are
        more = True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            read += message.get("body", b"")
            if len(read) > self._max_bytes:
                raise BodyTooLarge(self._max_bytes)
            if len(read) > UNCOUNTED_BYTES:
                await self._take(len(read) - self._taken)
            more = message.get("more_body", False)
        body = bytes(read)
        del read
        if len(body) > UNCOUNTED_BYTES:
            await self._take(PARSED_BYTES * await to_thread.run_sync(check_json, body))
        else:
            check_json(body)
        return self._replay(body)

    def release(self) -> None:
        """Returns the body's memory to the budget."""
        self._budget.give_back(self._taken)
        self._taken = 0

    async def _take(self, number: int) -> None:
        await self._budget.take(number)
        self._taken += number

    def _replay(self, body: bytes) -> Receive:
        messages: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Message:
            return messages.pop() if messages else await self._receive()

        return receive
