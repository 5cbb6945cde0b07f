"""The command that transcribes recordings, one after the other, with one engine."""

from __future__ import annotations

import shutil
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.cli.arguments import options_of, transcribe_parser
from engine.cli.output import ProgressLine, save_document
from engine.config import Config
from engine.engine import Engine
from engine.errors import InputError, WordlightError
from engine.export.cue_limits import CueLimits, limit_specs
from engine.export.writers import FORMATS, TEXT_FORMATS, WRITERS, encode
from engine.options import Options
from engine.transcript import Transcript

STDIN = Path("-")
STDIN_NAME = "stdin"  # of the document, in a folder


@dataclass(frozen=True, slots=True)
class Task:
    """One recording, and the file to write; None writes to standard output."""

    source: Path
    target: Path | None


def run(words: Sequence[str]) -> int:
    """Transcribes the recordings that the arguments name; returns 1 if one of them failed.

    Raises WordlightError for a single recording. Of several, each failure is printed, and the next one follows.
    """
    parser = transcribe_parser(FORMATS)
    given = parser.parse_args(words)
    format = _format(given)
    _check_sources(parser, given.files)
    tasks = _tasks(parser, given, format)
    if format not in TEXT_FORMATS and given.output is None and sys.stdout.isatty():
        parser.error(f"{format} is no text to show on a terminal; name a file with --output")
    options = options_of(parser, given)
    limits = CueLimits.of({spec.name: getattr(given, spec.name) for spec in limit_specs()})
    # The user here is the operator: the model may come from anywhere and is the only one of this run, and its
    # aligner is loaded once the language is known.
    config = replace(Config.from_env(), align_languages=())
    config = replace(config, model=given.model or config.model)
    failed = False
    with closing(Engine(config)) as engine:
        for task in tasks:
            label = f"{task.source}: " if len(tasks) > 1 else ""
            try:
                _transcribe(engine, task, options, format, limits=limits, label=label)
            except InputError as error:
                if len(tasks) == 1:
                    raise
                print(f"error: {label}{error}", file=sys.stderr)
                failed = True
    return int(failed)


def parse_options(words: Sequence[str]) -> Options:
    """Returns the options that the arguments of a transcription ask for; ends the process if they are wrong."""
    parser = transcribe_parser(FORMATS)
    return options_of(parser, parser.parse_args(words))


def _transcribe(
    engine: Engine, task: Task, options: Options, format: str, *, limits: CueLimits, label: str
) -> None:
    with _readable(task.source) as media:
        transcript = _hear(engine, media, options)
    for warning in transcript.warnings:
        print(f"warning: {label}{warning}", file=sys.stderr)
    document = encode(transcript, format, limits, task.source.stem)
    if task.target is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    else:
        save_document(document, task.target)


def _hear(engine: Engine, media: Path, options: Options) -> Transcript:
    with closing(ProgressLine(sys.stderr)) as progress:
        return engine.transcribe(media, options, progress.show)


@contextmanager
def _readable(source: Path) -> Iterator[Path]:
    """Gives the path of a recording; standard input is copied to a file, since ffmpeg goes back in many formats."""
    if source != STDIN:
        yield source
        return
    with TemporaryDirectory(prefix="wordlight-") as folder:
        copy = Path(folder) / STDIN_NAME
        try:
            with copy.open("wb") as file:
                shutil.copyfileobj(sys.stdin.buffer, file)
        except OSError as error:
            raise WordlightError(f"Standard input cannot be copied: {error.strerror}.") from error
        yield copy


def _check_sources(parser: ArgumentParser, files: Sequence[Path]) -> None:
    for path in files:
        if path != STDIN and not path.is_file():
            parser.error(f"there is no file {path}")
    if files.count(STDIN) > 1:
        parser.error("standard input can be read only once")
    if STDIN in files and sys.stdin.isatty():
        parser.error("standard input is a terminal; redirect a recording to it")


def _format(given: Namespace) -> str:
    """Returns the format that is asked for: by --format, else by the ending of --output."""
    if given.format is not None:
        return str(given.format)
    ending = given.output.suffix.lower() if given.output is not None else ""
    known = {writer.extension: name for name, writer in WRITERS.items()}
    return known.get(ending, FORMATS[0])


def _tasks(parser: ArgumentParser, given: Namespace, format: str) -> list[Task]:
    """Returns the work in the order of the arguments. Exits if a path to write to is wrong."""
    output: Path | None = given.output
    if len(given.files) > 1 and (output is None or not output.is_dir()):
        parser.error("several recordings need --output FOLDER, and the folder must be there")
    tasks = [Task(source, _target(source, output, format)) for source in given.files]
    written: dict[Path, Path] = {}
    for task in tasks:
        target = task.target
        if target is None:
            continue
        if not target.parent.is_dir():
            parser.error(f"there is no folder {target.parent}")
        if task.source != STDIN and target.exists() and target.samefile(task.source):
            parser.error(f"{target} is the recording itself")
        if other := written.get(target):
            parser.error(f"{other} and {task.source} would both be written to {target}")
        written[target] = task.source
    return tasks


def _target(source: Path, output: Path | None, format: str) -> Path | None:
    if output is None or not output.is_dir():
        return output
    stem = STDIN_NAME if source == STDIN else source.stem
    return output / (stem + WRITERS[format].extension)
