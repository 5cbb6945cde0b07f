"""The arguments of a transcription, made from the engine's options."""

from __future__ import annotations

import tomllib
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from engine.cli.download import DOWNLOAD
from engine.diarization.speaker_choice import MOST_SPEAKERS, SpeakerChoice
from engine.errors import InvalidOption
from engine.export.cue_limits import add_limits
from engine.languages import AUTO
from engine.option_parsing import OptionSpec, add_argument
from engine.options import Options, specs

# Defaults to show in the help for options whose default is not a value.
DEFAULTS = {"language": AUTO, "model": "WORDLIGHT_MODEL, or the one for this machine"}
_PROJECT = Path(__file__).resolve().parents[2] / "pyproject.toml"


def version() -> str:
    """Returns Wordlight's version."""
    return str(tomllib.loads(_PROJECT.read_text("utf-8"))["project"]["version"])


def options_of(parser: ArgumentParser, given: Namespace) -> Options:
    """Returns all options but the model, which is the installation's."""
    chosen = {spec.name: getattr(given, spec.name) for spec in specs() if spec.name != "model"}
    return Options.of({**chosen, "speakers": _speakers(parser, given)})


def transcribe_parser(formats: Sequence[str]) -> ArgumentParser:
    """Makes the parser of a transcription's arguments; `formats` are the names of those that can be written."""
    parser = ArgumentParser(
        prog="python -m engine",
        usage="%(prog)s FILE... [options]\n       %(prog)s download [options]\n       "
        "%(prog)s batch FOLDER --out FOLDER [options]\n       %(prog)s lint FILE [options]\n       "
        "%(prog)s align FILE --text TEXT [options]\n       %(prog)s live [options]",
        description="Transcribes a recording, with the time of every word.",
        epilog=f"'%(prog)s {DOWNLOAD}' fetches models ahead of time; a recording of that name is ./{DOWNLOAD}. "
        "Settings of the installation come from the environment (see README.md).",
    )
    parser.add_argument(
        "files",
        metavar="FILE",
        nargs="+",
        type=Path,
        help="the recordings: any audio or video files; - is standard input",
    )
    for spec in specs():
        add_option(parser, spec)
    _add_whisperx_speakers(parser)
    parser.add_argument(
        "--format",
        choices=formats,
        help="paragraphs of text (txt, default), subtitles (srt, vtt), a table of words (tsv), turns of speakers "
        "(rttm), or all (json); if left out, the ending of --output decides",
    )
    add_limits(parser)
    parser.add_argument(
        "--output",
        metavar="PATH",
        type=Path,
        help="the file to write, or a folder, in which each file is named after its recording "
        "(default: standard output); several recordings need a folder",
    )
    parser.add_argument("--version", action="version", version=f"Wordlight {version()}")
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
