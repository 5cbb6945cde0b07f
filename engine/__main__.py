"""The command line: takes recordings and writes their transcripts.

    python -m engine talk.mp3 --language de --output talk.srt
    python -m engine *.mp3 --format vtt --output subtitles/
    ffmpeg -i talk.mkv -f wav - | python -m engine -
    python -m engine download --model large-v3-turbo --aligner-language en de
    python -m engine batch talks/ --out transcripts/
    python -m engine align talk.mp3 --text talk.txt
    arecord -q -f S16_LE -r 16000 -t raw | python -m engine live
    python -m engine lint talk.srt --preset netflix

Exit codes: 0 done, 1 a recording or the installation is at fault (stderr says how in one sentence), 2 the
command is wrong, 130 stopped with Ctrl-C. Nothing heavy is imported before the arguments are read.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from engine.errors import WordlightError

# The module of each command, whose `run` takes the further arguments; without one, recordings are transcribed.
COMMANDS = {"download": "engine.cli.download", "live": "engine.cli.live"}
TRANSCRIBE = "engine.cli.transcribe"
# Commands of packages that this module does not import: each has a `__main__` with a `main`.
ELSEWHERE = {"batch": "jobs", "lint": "engine.lint", "align": "engine.text_alignment"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    command = words[0] if words else ""
    try:
        if command in ELSEWHERE:
            return int(import_module(f"{ELSEWHERE[command]}.__main__").main(words))
        if command in COMMANDS:
            return int(import_module(COMMANDS[command]).run(words[1:]))
        return int(import_module(TRANSCRIBE).run(words))
    except WordlightError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
