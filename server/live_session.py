"""One live transcription over a WebSocket: sound in, updates out."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from contextlib import aclosing, suppress
from typing import Any

from anyio import to_thread
from starlette.websockets import WebSocket, WebSocketDisconnect

from engine.errors import InputError, WordlightError
from engine.media.live_sound import LiveSound
from engine.updates import Update
from server.async_engine import stream_live
from server.caller_limits import Slot
from server.endpoint import ServerState
from server.live_intake import intake_of
from server.live_request import END, LiveRequest, read_message
from server.routes.transcribe import result_of
from server.sse import HEARTBEAT_SECONDS

# Seconds of sound for each second of the connection; a microphone brings one. With less, the sound is taken to be over:
# it would hold a place among the transcriptions for ever.
LEAST_PACE = 0.1


class LiveSession:
    """Follows one client from its first sound to its transcript."""

    def __init__(self, state: ServerState, socket: WebSocket, asked: LiveRequest, slot: Slot) -> None:
        self._state = state
        self._socket = socket
        self._asked = asked
        self._slot = slot
        self._sound = LiveSound()
        self._intake = intake_of(asked.format, state.engine, self._sound)
        self._stop = threading.Event()
        self._fault: WordlightError | None = None  # of what the client has sent
        self._left = False  # whether the client has disconnected
        self._last = Update("loading")  # that was sent
        self._sent_at = 0.0  # on the monotonic clock

    async def run(self) -> None:
        """Transcribes until the sound ends. Raises WordlightError, or WebSocketDisconnect if the client leaves."""
        listening = asyncio.create_task(self._listen())
        try:
            updates = stream_live(
                self._state.engine,
                self._sound,
                self._asked.options,
                threads=self._state.threads,
                stop=self._stop,
                note=self._note,
                provisional=self._asked.provisional,
            )
            async with aclosing(updates) as found:
                async for update in found:
                    await self._send(update)
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening
            self._intake.close()
            self._sound.close()

    def _note(self, update: Update) -> None:
        """Counts the sound, and ends the work if the client has left or something is at fault."""
        if self._left:
            raise WebSocketDisconnect
        if fault := self._fault or self._intake.fault:
            raise fault
        self._slot.note(update)

    # Sound in

    async def _listen(self) -> None:
        try:
            reason = await self._receive()
            if reason:
                await self._tell({"type": "ended", "message": reason})
            self._intake.end()
            while (await self._socket.receive())["type"] != "websocket.disconnect":
                pass  # whatever follows the end has no effect
            raise WebSocketDisconnect
        except WordlightError as error:
            self._fault = error
        except WebSocketDisconnect:
            self._left = True
            self._stop.set()
        if self._left or self._fault:
            self._sound.close()

    async def _receive(self) -> str:
        """Takes messages until the end; returns the reason if it is not the client that ends the sound."""
        config = self._state.engine.config
        patience = config.stall_seconds or None
        began, heard = time.monotonic(), 0.0
        while True:
            try:
                message = await asyncio.wait_for(self._socket.receive(), patience)
            except TimeoutError:
                return f"No message has come for {config.stall_seconds:g} seconds, so the sound has ended."
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            if message.get("bytes") is None:
                if read_message(message["text"])["type"] != END:
                    raise InputError(
                        "Only sound and the end can follow the first message.", 'Send {"type": "end"}.'
                    )
                return ""
            waited = time.monotonic()
            await self._intake.add(message["bytes"])
            began += time.monotonic() - waited  # while there is no room, the client is not to blame
            now = time.monotonic()
            received = self._sound.received
            if received > config.max_seconds:
                return f"The sound has reached the {config.max_seconds:,.0f} seconds that are accepted here."
            if patience and now - began >= patience:
                if received - heard < LEAST_PACE * (now - began):
                    return "The sound comes too slowly, so it has been ended."
                began, heard = now, received

    # Updates out

    async def _send(self, update: Update) -> None:
        if update.provisional is not None:
            await self._tell({"type": "provisional", **update.provisional.to_dict()})
        if self._is_news(update):
            await self._tell({"type": "update", **update.to_dict()})
            self._last, self._sent_at = update, time.monotonic()
        if update.transcript is not None:
            asked = self._asked
            data = await to_thread.run_sync(
                result_of, update.transcript, asked.response_format, asked.limits, limiter=self._state.threads
            )
            await self._tell({"type": "result", **data})

    def _is_news(self, update: Update) -> bool:
        """Returns whether an update says more than how far the work is."""
        return bool(
            update.segments
            or update.speaker_news
            or update.transcript
            or (update.stage, update.language) != (self._last.stage, self._last.language)
            or time.monotonic() - self._sent_at >= HEARTBEAT_SECONDS
        )

    async def _tell(self, message: dict[str, Any]) -> None:
        await self._socket.send_text(json.dumps(message, ensure_ascii=False))
