"""The command line of the jobs: `python -m jobs batch FOLDER --out FOLDER`, also as `python -m engine batch`."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from engine.errors import WordlightError
from jobs.batch import BATCH, run_batch


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    words = sys.argv[1:] if arguments is None else list(arguments)
    if words[:1] != [BATCH]:
        print(f"usage: python -m jobs {BATCH} FOLDER --out FOLDER [options]", file=sys.stderr)
        return 2
    try:
        return run_batch(words[1:])
    except WordlightError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("stopped; the same command goes on from here", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main())
