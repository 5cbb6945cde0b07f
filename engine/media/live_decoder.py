"""Decodes WebM or Ogg that is still arriving, and adds its samples to a live sound."""

from __future__ import annotations

import os
import threading
from dataclasses import replace
from typing import Literal, get_args

import numpy as np

from engine.config import Config
from engine.errors import NotMedia, WordlightError
from engine.log import LOGGER
from engine.media.ffmpeg import Ffmpeg
from engine.media.ffmpeg_exit import interrupted, over_limit
from engine.media.ffmpeg_memory import FfmpegMemory, MemorySlot
from engine.media.live_sound import LiveSound
from engine.memory import error_for_caller
from engine.sampling import SAMPLE_RATE

Container = Literal["webm", "ogg"]  # what the recorders of browsers write
CONTAINERS: tuple[Container, ...] = get_args(Container)

_DEMUXERS: dict[Container, str] = {"webm": "matroska", "ogg": "ogg"}
_SAMPLE_BYTES = 4  # of float32
PATIENCE_SECONDS = 3600.0  # for output: a microphone may be still, and the caller decides for how long


class LiveDecoder:
    """Runs ffmpeg on bytes as they arrive, in a thread of its own.

    fault  the error that has ended the decoding; set before the sound ends
    """

    def __init__(self, container: Container, config: Config, memory: FfmpegMemory, sound: LiveSound) -> None:
        """Starts to decode; `memory` is shared with all readers of the engine."""
        self.fault: WordlightError | None = None
        self._container = container
        self._config = replace(config, ffmpeg_stall=max(config.ffmpeg_stall, PATIENCE_SECONDS))
        self._memory = memory
        self._sound = sound
        self._lock = threading.Lock()
        self._closed = False
        self._fed = False  # whether any byte has arrived
        self._ffmpeg: Ffmpeg | None = None
        self._source, self._sink = os.pipe()
        os.set_blocking(self._sink, False)
        self._is_open = True  # the writing end of the pipe
        threading.Thread(target=self._run, name="live-decoder", daemon=True).start()

    def feed(self, data: bytes) -> int:
        """Passes bytes on, and returns how many: no more than there is room for. Never waits."""
        with self._lock:
            self._fed = self._fed or bool(data)
            if not self._is_open:
                return len(data)  # ffmpeg has ended: `fault` says why
            try:
                return os.write(self._sink, data)
            except BlockingIOError:
                return 0
            except BrokenPipeError:
                self._close_sink()
                return len(data)

    def end(self) -> None:
        """Says that no more bytes come; the sound ends once they are decoded."""
        with self._lock:
            self._close_sink()

    def close(self) -> None:
        """Ends the decoding at once; safe at any time and repeatedly."""
        with self._lock:
            self._closed = True
            self._close_sink()
            if self._ffmpeg:
                self._ffmpeg.kill()

    def _close_sink(self) -> None:
        if self._is_open:
            self._is_open = False
            os.close(self._sink)

    def _run(self) -> None:
        try:
            self._decode()
        except WordlightError as error:
            self.fault = error
        except Exception as error:
            LOGGER.exception("live sound cannot be decoded")
            self.fault = error_for_caller(error)
        finally:
            self.end()
            self._sound.end()

    def _decode(self) -> None:
        # Closed once ffmpeg has it: else bytes that it does not read any more would wait for ever.
        with os.fdopen(self._source, "rb", buffering=0) as media, self._memory.slot(self._is_over) as slot:
            if slot is None:
                return
            with Ffmpeg(media, self._config, self._arguments, slot) as ffmpeg:
                media.close()
                with self._lock:
                    self._ffmpeg = ffmpeg
                    if self._closed:
                        ffmpeg.kill()
                decoded = self._pump(ffmpeg)
                if decoded is not None:
                    self._judge(ffmpeg, slot, decoded)
                with self._lock:
                    self._ffmpeg = None

    def _pump(self, ffmpeg: Ffmpeg) -> bool | None:
        """Returns whether there were samples; None if the sound takes no more."""
        rest, decoded = b"", False
        while data := ffmpeg.read():
            data = rest + data
            whole = len(data) // _SAMPLE_BYTES * _SAMPLE_BYTES
            rest = data[whole:]
            decoded = decoded or whole > 0
            if not self._sound.put(np.frombuffer(data[:whole], np.float32)):
                return None
        return decoded

    def _judge(self, ffmpeg: Ffmpeg, slot: MemorySlot, decoded: bool) -> None:
        """Raises an error unless ffmpeg has decoded what has arrived."""
        end = ffmpeg.finish()
        if slot.fault is not None:
            raise slot.fault
        if end.cause == "outside":
            raise interrupted(end)
        if end.cause in ("limit", "crash"):
            raise over_limit()
        if end.cause == "itself" and self._fed and not decoded:
            raise NotMedia(
                f"The bytes are no {self._container} with sound.",
                "Send a recorder's output from its first byte, or choose another format.",
            )

    def _is_over(self) -> bool:
        return self._closed

    @property
    def _arguments(self) -> list[str]:
        """ffmpeg's arguments: nothing is held back to learn more of the stream, and each packet comes out at once.

        async: packets that a recorder leaves out in silence become silence, so that times stay.
        """
        look = ["-probesize", "4096", "-analyzeduration", "0", "-fflags", "+nobuffer"]
        source = ["-protocol_whitelist", "pipe", "-f", _DEMUXERS[self._container], "-i", "pipe:0"]
        mono = (
            f"aresample={SAMPLE_RATE}:async=1:rematrix_maxval=1,aformat=sample_fmts=flt:channel_layouts=mono"
        )
        only_sound = ["-map", "0:a:0", "-vn", "-sn", "-dn", "-filter_threads", "1", "-af", mono]
        return [
            *look,
            *source,
            *only_sound,
            "-c:a",
            "pcm_f32le",
            "-flush_packets",
            "1",
            "-f",
            "f32le",
            "pipe:1",
        ]
