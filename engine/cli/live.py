"""The command that writes down speech while it is spoken: samples come in on standard input, sentences go out."""

from __future__ import annotations

import os
import signal
import sys
import threading
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType

import numpy as np

from engine.cli.arguments import add_option
from engine.cli.output import save_document
from engine.config import Config
from engine.engine import Engine
from engine.export.cue_limits import CueLimits, add_limits, limit_specs
from engine.export.writers import FORMATS, WRITERS, write
from engine.media.live_sound import LiveSound
from engine.options import Options, specs
from engine.text.clock import clock
from engine.transcript import Segment, Transcript

READ_BYTES = 8192  # of one read: a quarter of a second
FULL_SCALE = 32768.0  # of 16-bit samples
_LEFT_OUT = ("track", "vad")  # options without a meaning here: there is one track, and Silero detects speech


def run(words: Sequence[str]) -> int:
    """Transcribes standard input until it ends, or until Ctrl-C; returns 0. Raises WordlightError."""
    parser = _parser()
    given = parser.parse_args(words)
    if sys.stdin.isatty():
        parser.error("standard input is a terminal; pipe 16-bit samples of a microphone to it")
    if given.output is not None and not given.output.parent.is_dir():
        parser.error(f"there is no folder {given.output.parent}")
    names = [spec.name for spec in specs() if spec.name not in (*_LEFT_OUT, "model")]
    options = Options.of({name: getattr(given, name) for name in names})
    limits = CueLimits.of({spec.name: getattr(given, spec.name) for spec in limit_specs()})
    config = replace(Config.from_env(), align_languages=())
    config = replace(config, model=given.model or config.model)
    with closing(Engine(config)) as engine:
        transcript = _transcribe(engine, options)
    for warning in transcript.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    if given.output is not None:
        format = given.format or _format_of(given.output)
        save_document(write(transcript, format, limits, given.output.stem).encode(), given.output)
    return 0


def _transcribe(engine: Engine, options: Options) -> Transcript:
    """Prints each segment once it is known; returns the whole."""
    sound = LiveSound()
    threading.Thread(target=_listen, args=(sys.stdin.fileno(), sound), name="live-input", daemon=True).start()
    transcript: Transcript | None = None
    with closing(sound), _ended_by_interrupt(sound), closing(engine.stream_live(sound, options)) as updates:
        for update in updates:
            for segment in update.segments:
                print(_line(segment), flush=True)
            transcript = update.transcript
    assert transcript is not None, "the last update holds the transcript"
    return transcript


def _listen(descriptor: int, sound: LiveSound) -> None:
    """Adds what is read: 16-bit little-endian samples, mono, at 16 kHz. A sample may be cut in two by the pipe."""
    rest = b""
    # Not by a buffered reader: the process could not end while this thread waits in it.
    while data := os.read(descriptor, READ_BYTES):
        data = rest + data
        whole = len(data) // 2 * 2
        rest = data[whole:]
        if not sound.put(np.frombuffer(data[:whole], "<i2").astype(np.float32) / FULL_SCALE):
            return
    sound.end()


@contextmanager
def _ended_by_interrupt(sound: LiveSound) -> Iterator[None]:
    """Lets the first Ctrl-C end the sound, so that all that was said is still written; the second one stops."""

    def end(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, before)
        sound.end()

    before = signal.signal(signal.SIGINT, end)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _line(segment: Segment) -> str:
    speaker = f"{segment.speaker}: " if segment.speaker else ""
    return f"{clock(segment.start)} {speaker}{segment.text.strip()}"


def _format_of(output: Path) -> str:
    known = {writer.extension: name for name, writer in WRITERS.items()}
    return known.get(output.suffix.lower(), FORMATS[0])


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m engine live",
        description="Writes down what is said while it is said: each sentence about a second after its end. "
        "Standard input brings 16-bit samples, mono, at 16 kHz; Ctrl-C or its end ends the transcript.",
    )
    for spec in specs():
        if spec.name not in _LEFT_OUT:
            add_option(parser, spec)
    add_limits(parser)
    parser.add_argument("--format", choices=FORMATS, help="of --output; if left out, its ending decides")
    parser.add_argument(
        "--output", metavar="FILE", type=Path, help="also write the whole transcript there at the end"
    )
    return parser
