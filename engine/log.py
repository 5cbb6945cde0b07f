"""Structured logs on stderr: one JSON object per line, one line per request.

A line says what a request asked for and how it ended. It never holds audio, transcript text, file names or
tokens. An exception is logged by its type, its place and the technical words of its message, since the message
may quote any of these: "could not create a primitive" stays, a name becomes "…".
"""

from __future__ import annotations

import itertools
import json
import logging
import re
import sys
import traceback
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from engine.errors import WordlightError

_MESSAGE_CHARACTERS = 300  # logged at most, from the start of a message
# Words in error messages of torch, oneDNN, CTranslate2, onnxruntime, CUDA, the C++ library and the system.
_TECHNICAL_WORDS = frozenset(
    "a alloc allocate allocated allocation allocator an and any are argument at available bad bad_alloc be broken "
    "by bytes can can't cannot code could create cublas cuda cudnn data descriptor device disk does driver dtype "
    "empty end error execute expected fail failed failure file for found full got gpu handle in index initialize "
    "input instead internal invalid is kernel large length limit load lock memory mismatch missing more must "
    "negative no none not object of on open operation or out output permission pipe pool primitive process range "
    "read resource returned runtime shape short shut size space start status std support supported system "
    "temporarily tensor than that the thread threads timed timeout to too tried type unable unavailable "
    "unexpected unknown unsupported value was while width with write wrong ".split()
)
LOGGER = logging.getLogger("wordlight")


def configure_logging() -> None:
    """Sends this application's log lines to stderr; a second call changes nothing."""
    if any(isinstance(handler.formatter, JsonLines) for handler in LOGGER.handlers):
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines())
    LOGGER.addHandler(handler)
    LOGGER.setLevel(logging.INFO)
    LOGGER.propagate = False  # another library's root handler would repeat every line


def log_request(
    *,
    outcome: str,
    audio_seconds: float,
    language: str | None,
    model: str | None,
    aligner: str | None,
    timings: Mapping[str, float],
    wall_seconds: float,
    error_code: str | None = None,
) -> None:
    """Logs one finished transcription.

    outcome        "ok", "error" or "cancelled"
    audio_seconds  length of the recording; 0.0 if it was refused unread
    timings        seconds of work by stage
    wall_seconds   from the call to its end, waiting included
    error_code     `code` of the error, if there was one
    """
    request = {
        "outcome": outcome,
        "audio_seconds": round(audio_seconds, 3),
        "language": language,
        "model": model,
        "aligner": aligner,
        "timings": {stage: round(seconds, 3) for stage, seconds in timings.items()},
        "wall_seconds": round(wall_seconds, 3),
        "error_code": error_code,
    }
    LOGGER.info("request", extra={"entry": request})


def log_rejected(error: BaseException, language: str | None, wall_seconds: float) -> None:
    """Logs a request that ended before its recording was opened."""
    log_request(
        outcome="error" if isinstance(error, WordlightError) else "cancelled",
        audio_seconds=0.0,
        language=language,
        model=None,
        aligner=None,
        timings={},
        wall_seconds=wall_seconds,
        error_code=error.code if isinstance(error, WordlightError) else None,
    )


def log_loaded(name: str, source: str, commit: str | None) -> None:
    """Logs that a model was loaded, with the source and commit of its weights."""
    LOGGER.info("model loaded", extra={"entry": {"model": name, "source": source, "commit": commit}})


def log_unloaded(names: Sequence[str]) -> None:
    """Logs that unused models were released."""
    LOGGER.info("models released", extra={"entry": {"models": list(names)}})


class JsonLines(logging.Formatter):
    """Formats a record as one line of JSON: UTC time, level, event, entry, exception."""

    def format(self, record: logging.LogRecord) -> str:
        """Returns the line, without its line break."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            **getattr(record, "entry", {}),
        }
        if record.exc_info and record.exc_info[1]:
            line["exception"] = _describe(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def _describe(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames]
    described: dict[str, Any] = {"type": type(error).__name__, "where": where, "says": _technical(str(error))}
    if isinstance(error, OSError) and error.errno is not None:
        described["errno"] = error.errno
    return described


def _technical(message: str) -> str:
    """Returns a message with "…" in place of each run of words that are not technical."""
    words = re.findall(r"[\w'\u2019-]+", message[:_MESSAGE_CHARACTERS])
    kept = [word if word.lower() in _TECHNICAL_WORDS else "…" for word in words]
    return " ".join(word for word, _ in itertools.groupby(kept))
