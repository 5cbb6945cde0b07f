"""The command that aligns a text with its recording.

python -m engine align talk.mp3 --text talk.txt --language en --format srt --output talk.srt
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from engine.cli.arguments import add_option
from engine.cli.output import ProgressLine, save_document
from engine.config import Config
from engine.engine import Engine
from engine.errors import BadText
from engine.export.cue_limits import CueLimits, add_limits, limit_specs
from engine.export.writers import FORMATS, WRITERS, write
from engine.options import Options, specs
from engine.text_alignment.given_text import ALIGN_OPTIONS, GivenText
from engine.text_alignment.text_formats import ONLY, Only, read_text


def main(words: Sequence[str]) -> int:
    """Runs the command, whose name is the first word, and returns its exit code. Raises WordlightError."""
    parser = _parser()
    given = parser.parse_args(words[1:])
    for path in (given.file, given.text):
        if not path.is_file():
            parser.error(f"there is no file {path}")
    target = _target(parser, given)
    options = Options.of({name: getattr(given, name) for name in ALIGN_OPTIONS if name != "model"})
    limits = CueLimits.of({spec.name: getattr(given, spec.name) for spec in limit_specs()})
    config = replace(Config.from_env(), align_languages=())
    config = replace(config, model=given.model or config.model)
    text = _read(given.text, given.only)
    with closing(Engine(config)) as engine, closing(ProgressLine(sys.stderr)) as progress:
        transcript = engine.align(given.file, text, options, progress.show)
    for warning in transcript.warnings:
        print(f"warning: {warning}", file=sys.stderr)
    document = write(transcript, given.format, limits, given.file.stem).encode()
    if target is None:
        sys.stdout.buffer.write(document)
        sys.stdout.buffer.flush()
    else:
        save_document(document, target)
    return 0


def _read(path: Path, only: Only) -> GivenText:
    try:
        return read_text(path.read_text(encoding="utf-8"), path.name, only=only)
    except UnicodeDecodeError:
        raise BadText(f"{path} is not written in UTF-8.", "Save it as UTF-8.") from None
    except OSError as error:
        raise BadText(f"{path} cannot be read: {error.strerror}.") from error


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog="python -m engine align",
        description="Finds the time of every word of a text in its recording.",
        epilog="Words that were not said are kept and marked. See docs/align.md.",
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the recording: any audio or video file")
    parser.add_argument(
        "--text",
        metavar="TEXT",
        type=Path,
        required=True,
        help="the file with what is said: text, Markdown, SRT, VTT, ASS, or JSON as this program or WhisperX writes it",
    )
    parser.add_argument(
        "--only",
        choices=ONLY,
        default=ONLY[0],
        help="with 'changed', the text is this program's JSON, and only words that a person changed are timed",
    )
    for spec in specs():
        if spec.name in ALIGN_OPTIONS:
            add_option(parser, spec)
    parser.add_argument("--format", choices=FORMATS, default="srt", help="the format to write (default: srt)")
    add_limits(parser)
    parser.add_argument(
        "--output",
        metavar="PATH",
        type=Path,
        help="the file to write, or a folder, in which the file is named after the recording "
        "(default: standard output)",
    )
    return parser


def _target(parser: ArgumentParser, given: Namespace) -> Path | None:
    """Returns the file to write, None for standard output. Exits if the path is wrong."""
    if given.output is None:
        return None
    target: Path = given.output
    if target.is_dir():
        target /= given.file.stem + WRITERS[given.format].extension
    if not target.parent.is_dir():
        parser.error(f"there is no folder {target.parent}")
    if target.exists() and any(target.samefile(path) for path in (given.file, given.text)):
        parser.error(f"{target} is the recording or the text itself")
    return target


if __name__ == "__main__":
    sys.exit(main(["align", *sys.argv[1:]]))
