"""Answers words with their pronunciation: `python g2p_process.py MODEL`.

Takes a word a line and writes its IPA, a line each, until its input ends. Reading a model holds Python's lock for 0.1
to 1.3 s. In the process of a server, that would delay every answer.
"""

from __future__ import annotations

import lzma
import sys
from pathlib import Path

from g2p2 import Model


def main(path: Path) -> None:
    """Reads a compressed model and answers words until the input ends."""
    model = Model.from_bytes(lzma.decompress(path.read_bytes()))
    for line in sys.stdin:
        print(" ".join(model.phonemize(line.rstrip("\n")).split()), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
