"""The command line: takes a recording and writes its transcript.

    python -m engine talk.mp3 --language de --format srt --output talk.srt
    python -m engine download --model large-v3-turbo --aligner-language en de
    python -m engine batch talks/ --out transcripts/
    python -m engine align talk.mp3 --text talk.txt
    python -m engine lint talk.srt --preset netflix

Exit codes: 0 done, 1 the recording or the installation is at fault (stderr says how in one sentence), 2 the
command is wrong, 130 stopped with Ctrl-C. Nothing heavy is imported before the arguments are read.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from contextlib import closing, suppress
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any, TextIO

from engine.config import Config
from engine.diarization.speaker_choice import MOST_SPEAKERS, SpeakerChoice
from engine.engine import Engine
from engine.errors import InvalidOption, WordlightError
from engine.export.cue_limits import CueLimits, add_limits, limit_specs
from engine.export.writers import FORMATS, WRITERS, write
from engine.languages import AUTO
from engine.option_parsing import OptionSpec, add_argument
from engine.options import Options, specs
from engine.text.language_names import code_of
from engine.transcript import Transcript
from engine.updates import Update
from engine.weights.wav2vec2_models import WAV2VEC2_MODELS

DOWNLOAD = "download"
# Commands of packages that this module does not import: each has a `__main__` with a `main`.
ELSEWHERE = {"batch": "jobs", "lint": "engine.lint", "align": "engine.text_alignment"}
# Defaults to show in the help for options whose default is not a value.
DEFAULTS = {"language": AUTO, "model": "WORDLIGHT_MODEL, or the one for this machine"}


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
    options = _options(parser, given)
    limits = CueLimits.of({spec.name: getattr(given, spec.name) for spec in limit_specs()})
    # The user here is the operator: the model may come from anywhere and is the only one of this run, and its
    # aligner is loaded once the language is known.
    config = replace(Config.from_env(), align_languages=())
    transcript = _hear(replace(config, model=given.model or config.model), given.file, options)

    for warning in transcript.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    document = write(transcript, given.format, limits).encode()
    if target is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
        return 0
    save_document(document, target)
    return 0


def parse_options(words: Sequence[str]) -> Options:
    """Returns the options that the arguments of a transcription ask for; ends the process if they are wrong."""
    parser = _transcribe_parser()
    return _options(parser, parser.parse_args(words))


def _options(parser: ArgumentParser, given: Namespace) -> Options:
    """Returns all options but the model, which is the installation's."""
    chosen = {spec.name: getattr(given, spec.name) for spec in specs() if spec.name != "model"}
    return Options.of({**chosen, "speakers": _speakers(parser, given)})


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
        "%(prog)s batch FOLDER --out FOLDER [options]\n       %(prog)s lint FILE [options]\n       "
        "%(prog)s align FILE --text TEXT [options]",
        description="Transcribes a recording, with the time of every word.",
        epilog=f"'%(prog)s {DOWNLOAD}' fetches models ahead of time; a recording of that name is ./{DOWNLOAD}. "
        "Settings of the installation come from the environment (see README.md).",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the recording: any audio or video file")
    for spec in specs():
        add_option(parser, spec)
    _add_whisperx_speakers(parser)
    parser.add_argument(
        "--format",
        choices=FORMATS,
        default=FORMATS[0],
        help="paragraphs of text (txt, default), subtitles (srt, vtt), a table of words (tsv), turns of speakers "
        "(rttm), or all (json)",
    )
    add_limits(parser)
    parser.add_argument(
        "--output",
        metavar="PATH",
        type=Path,
        help="the file to write, or a folder, in which the file is named after the recording "
        "(default: standard output)",
    )
    return parser


def add_option(parser: ArgumentParser, spec: OptionSpec) -> None:
    """Adds an argument for one of the engine's options."""

    def parse(text: str) -> Any:
        return getattr(Options.of({spec.name: text}), spec.name)

    add_argument(parser, spec, parse, default=DEFAULTS.get(spec.name, spec.default))


def _add_whisperx_speakers(parser: ArgumentParser) -> None:
    """Makes the arguments by which WhisperX's command line asks for speakers."""
    parser.add_argument("--diarize", action="store_true", help="the same as --speakers auto, as in WhisperX")
    for name, other in (("min", "least"), ("max", "most")):
        parser.add_argument(
            f"--{name}_speakers",
            f"--{name}-speakers",
            metavar="NUMBER",
            type=int,
            help=f"the {other} of a range for --speakers, as in WhisperX",
        )


def _speakers(parser: ArgumentParser, given: Namespace) -> str:
    """Returns the option `speakers`, also if it was asked for as WhisperX's users do."""
    least, most = given.min_speakers, given.max_speakers
    asked = given.diarize or least is not None or most is not None
    if not asked:
        return str(given.speakers)
    if given.speakers != Options().speakers:
        parser.error("--speakers cannot be combined with --diarize, --min_speakers and --max_speakers")
    if least is None and most is None:
        return "auto"
    least = 1 if least is None else least
    most = max(least, MOST_SPEAKERS) if most is None else most
    try:
        return SpeakerChoice.parse(f"{least}-{most}").text
    except InvalidOption as error:
        parser.error(str(error))


def _download_parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m engine {DOWNLOAD}",
        description="Fetches models into the hub's cache, so that no later start waits for them.",
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
        help="languages whose wav2vec2 aligner to fetch; without a CODE, no aligner is fetched "
        "(default: WORDLIGHT_ALIGN_LANGUAGES)",
    )
    return parser


def _aligned_language(name: str) -> str:
    try:
        code = code_of(name)
    except InvalidOption as error:
        raise ArgumentTypeError(str(error)) from None
    if code not in WAV2VEC2_MODELS:
        raise ArgumentTypeError(f"no wav2vec2 aligner for {name!r}, only for {', '.join(WAV2VEC2_MODELS)}")
    return code


def _target(parser: ArgumentParser, given: Namespace) -> Path | None:
    """Returns the file to write, None for standard output. Exits if the path is wrong."""
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
    with closing(Engine(config)) as engine, closing(ProgressLine(sys.stderr)) as progress:
        return engine.transcribe(media, options, progress.show)


class ProgressLine:
    """Shows progress on one line that is rewritten, if the stream is a terminal."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream if stream.isatty() else None

    def show(self, update: Update) -> None:
        """Shows the stage and the seconds done."""
        line: str = update.stage
        if update.seconds_total:
            share = min(1.0, update.seconds_done / update.seconds_total)
            line += f" {update.seconds_done:.0f} of {update.seconds_total:.0f} s, {share:.0%}"
        self._rewrite(line)

    def close(self) -> None:
        """Clears the line."""
        self._rewrite("")

    def _rewrite(self, line: str) -> None:
        if self._stream:
            self._stream.write(f"\r{line}\x1b[K")  # the escape clears the rest of a longer line
            self._stream.flush()


def save_document(document: bytes, target: Path) -> None:
    """Writes the whole file or nothing. Raises WordlightError if writing fails."""
    try:
        if target.exists() and not target.is_file():  # a device or a pipe cannot be replaced
            target.write_bytes(document)
            return
        target = target.resolve()  # keeps a symbolic link and replaces its target
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
