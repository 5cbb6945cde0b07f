"""The command line: a recording in, its transcript out.

    python -m engine talk.mp3 --language de --format srt --output talk.srt
    python -m engine download --model large-v3-turbo --aligner-language en de
    python -m engine batch talks/ --out transcripts/

Exit codes: 0 done, 1 the recording or the installation is at fault (one sentence on stderr says how),
2 the command itself is, 130 stopped with Ctrl-C. Nothing heavy is imported before the arguments are read.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, BooleanOptionalAction, Namespace
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from engine.config import Config
from engine.engine import Engine
from engine.errors import InvalidOption, WordlightError
from engine.export.cues import CueLimits, limit_specs
from engine.export.writers import FORMATS, WRITERS, write
from engine.languages import AUTO, code_of
from engine.option_specs import OptionSpec
from engine.options import Options, specs
from engine.transcript import Transcript
from engine.updates import Update
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS

DOWNLOAD = "download"
# Commands of rooms above the engine, which it does not import: each has a `__main__` with a `main` of its own.
ELSEWHERE = {"batch": "jobs"}
# What an option that is left out comes to, where it is not the engine's own default that says so.
DEFAULTS = {"language": AUTO, "model": "WORDLIGHT_MODEL, or what suits this machine"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        if words[:1] == [DOWNLOAD]:
            return _download(words[1:])
        if words and words[0] in ELSEWHERE:
            return int(import_module(f"{ELSEWHERE[words[0]]}.__main__").main(words))
        return _transcribe(words)
    except WordlightError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


def _transcribe(words: Sequence[str]) -> int:
    parser = _transcribe_parser()
    given = parser.parse_args(words)
    if not given.file.is_file():
        parser.error(f"there is no file {given.file}")
    target = _target(parser, given)
    options = Options.of({spec.name: getattr(given, spec.name) for spec in specs() if spec.name != "model"})
    limits = CueLimits.of({spec.name: getattr(given, spec.name) for spec in limit_specs()})
    # The person here is the operator: the model asked for is this run's only one, from wherever it may
    # come, and an aligner is loaded once the language is known.
    config = replace(Config.from_env(), align_languages=())
    transcript = _hear(replace(config, model=given.model or config.model), given.file, options)

    for warning in transcript.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    document = write(transcript, given.format, limits).encode()
    if target is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    else:
        save_document(document, target)
    return 0


def _download(words: Sequence[str]) -> int:
    given = _download_parser().parse_args(words)
    from engine.weights.locate import download

    config = Config.from_env()
    languages = config.align_languages if given.aligner_language is None else given.aligner_language
    for name, where in download(config, given.model, languages):
        print(f"{name}: {where}", flush=True)
    return 0


def _transcribe_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m engine",
        usage="%(prog)s FILE [options]\n       %(prog)s download [options]\n       "
        "%(prog)s batch FOLDER --out FOLDER [options]",
        description="Writes down what is said in a recording, with the time of every word.",
        epilog=f"'%(prog)s {DOWNLOAD}' fetches models beforehand; a recording of that name is ./{DOWNLOAD}. "
        "Settings of the installation come from the environment (see README.md).",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the recording: any audio or video file")
    for spec in specs():
        add_option(parser, spec)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="paragraphs of text (txt, default), subtitles (srt, vtt), a table of words (tsv), or all (json)",
    )
    for spec in limit_specs():
        add_option(parser, spec)
    parser.add_argument(
        "--output",
        metavar="PATH",
        type=Path,
        help="a file to write, or a folder, in which the file is named after the recording "
        "(default: standard output)",
    )
    return parser


def add_option(parser: ArgumentParser, spec: OptionSpec) -> None:
    """Makes an argument of one of the engine's options."""
    name = f"--{spec.name.replace('_', '-')}"
    if isinstance(spec.default, bool):
        parser.add_argument(name, action=BooleanOptionalAction, default=spec.default, help=spec.help)
        return
    default = DEFAULTS.get(spec.name, spec.default)
    parser.add_argument(
        name,
        type=partial(_value, spec),
        default=spec.default,
        choices=spec.choices or None,
        metavar=None if spec.choices else "NUMBER" if isinstance(spec.default, int | float) else "TEXT",
        help=f"{spec.help} (default: {default})" if default else spec.help,
    )


def _value(spec: OptionSpec, text: str) -> Any:
    try:
        kind = CueLimits if spec in limit_specs() else Options
        return getattr(kind.of({spec.name: text}), spec.name)
    except InvalidOption as error:
        raise ArgumentTypeError(str(error)) from None


def _download_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m engine {DOWNLOAD}",
        description="Fetches models into the hub's cache, so that no later start has to wait for them.",
    )
    parser.add_argument(
        "--model",
        metavar="NAME",
        help="the Whisper model (default: WORDLIGHT_MODEL, or the one for machines with a GPU)",
    )
    parser.add_argument(
        "--aligner-language",
        metavar="CODE",
        nargs="*",
        type=_aligned_language,
        help="languages whose wav2vec2 aligner is wanted, or nothing for none "
        "(default: WORDLIGHT_ALIGN_LANGUAGES)",
    )
    return parser


def _language(name: str) -> str | None:
    try:
        return code_of(name)
    except InvalidOption as error:
        raise ArgumentTypeError(str(error)) from None


def _aligned_language(name: str) -> str:
    code = _language(name)
    if code not in WAV2VEC2_MODELS:
        raise ArgumentTypeError(f"no wav2vec2 aligner for {name!r}, only for {', '.join(WAV2VEC2_MODELS)}")
    return code


def _target(parser: ArgumentParser, given: Namespace) -> Path | None:
    """Returns the file to write, None for standard output. Finds fault before any work is done."""
    if given.output is None:
        return None
    target: Path = given.output
    if target.is_dir():
        target /= given.file.stem + WRITERS[given.format].extension
    if not target.parent.is_dir():
        parser.error(f"there is no folder {target.parent}")
    if target.exists() and target.samefile(given.file):
        parser.error(f"{target} is the recording itself")
    return target


def _hear(config: Config, media: Path, options: Options) -> Transcript:
    transcript = None
    with (
        closing(Engine(config)) as engine,
        closing(engine.stream(media, options)) as updates,  # type: ignore[type-var]  # a generator
        closing(Progress(sys.stderr)) as progress,
    ):
        for update in updates:
            progress.show(update)
            transcript = update.transcript
    assert transcript is not None, "the last update holds the transcript"
    return transcript


class Progress:
    """One line that is written over as work goes on; nothing where nobody watches."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def show(self, update: Update) -> None:
        line: str = update.stage
        if update.seconds_total:
            share = min(1.0, update.seconds_done / update.seconds_total)
            line += f" {update.seconds_done:.0f} of {update.seconds_total:.0f} s, {share:.0%}"
        self._rewrite(line)

    def close(self) -> None:
        self._rewrite("")

    def _rewrite(self, line: str) -> None:
        if self._stream:
            self._stream.write(f"\r{line}\x1b[K")  # the escape wipes what a longer line left
            self._stream.flush()


def save_document(document: bytes, target: Path) -> None:
    """Writes all of the file or nothing of it. Raises WordlightError where it cannot."""
    try:
        if target.exists() and not target.is_file():  # a device or a pipe cannot be replaced
            target.write_bytes(document)
            return
        target = target.resolve()  # a link stays one
        partial = target.with_name(f".{target.name}.{os.getpid()}.partial")
        try:
            partial.write_bytes(document)
            partial.replace(target)
        finally:
            with suppress(FileNotFoundError):
                partial.unlink()
    except OSError as error:
        raise WordlightError(f"{target} cannot be written: {error.strerror}.") from error


if __name__ == "__main__":
    sys.exit(main())
