"""The command that checks subtitles: `python -m engine lint talk.srt`.

Exit codes: 0 nothing to mend, 1 something to mend or the file cannot be read, 2 the command is wrong.
"""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path

from engine.errors import WordlightError
from engine.export.cue_limits import CueLimits, add_limits, limit_specs
from engine.lint.report import Report, check
from engine.lint.subtitle_file import read_subtitles
from engine.text.language_names import code_of

LINT = "lint"


def main(words: Sequence[str]) -> int:
    """Runs the command and returns its exit code."""
    parser = _parser()
    given = parser.parse_args(words[1:])
    if not given.file.is_file():
        parser.error(f"there is no file {given.file}")
    limits = CueLimits.of({spec.name: getattr(given, spec.name) for spec in limit_specs()})
    try:
        content = given.file.read_bytes()
    except OSError as error:
        raise WordlightError(f"{given.file} cannot be read: {error.strerror}.") from error
    language = code_of(given.language) if given.language else None
    report = check(read_subtitles(content, limits), limits, language)
    print(json.dumps(report.to_dict(), ensure_ascii=False, indent=2) if given.json else _text(report))
    return 0 if report.is_publishable else 1


def _parser() -> ArgumentParser:
    parser = ArgumentParser(
        prog=f"python -m engine {LINT}",
        description="Checks subtitles: their times, their reading speed, their lines and their text.",
    )
    parser.add_argument(
        "file", metavar="FILE", type=Path, help="subtitles (SRT, WebVTT, ASS), or a transcript in JSON"
    )
    parser.add_argument(
        "--language", metavar="TEXT", help="language of the subtitles, for their reading speed"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    add_limits(parser)
    return parser


def _text(report: Report) -> str:
    lines = [
        f"{issue.cue:>5}  {_clock(issue.start)}  {issue.rule}{' (advice)' if issue.is_advice else ''}: {issue.sentence}"
        for issue in report.issues
    ]
    return "\n".join([*lines, f"{report.cues} subtitles, {len(report.issues)} findings"])


def _clock(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


if __name__ == "__main__":
    sys.exit(main([LINT, *sys.argv[1:]]))
