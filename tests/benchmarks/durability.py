"""Kills a server of jobs fifty times at random moments and looks at what has become of every job.

    python -m tests.benchmarks.durability [--kills 50] [--shared-jobs 100]

It runs tests/system/test_durability.py with other numbers: SQLite and PostgreSQL, then two servers on one database
of which one is killed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from tests.support.recordings import ROOT

TEST = "tests/system/test_durability.py"


def main() -> int:
    parser = argparse.ArgumentParser(description="Kills servers and looks at what has become of their jobs.")
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--shared-jobs", type=int, default=100)
    parser.add_argument("-k", default="", help="which of the tests, as pytest has it")
    given = parser.parse_args()
    numbers = {
        "WORDLIGHT_TEST_KILLS": str(given.kills),
        "WORDLIGHT_TEST_SHARED_JOBS": str(given.shared_jobs),
    }
    command = [sys.executable, "-m", "pytest", TEST, "-q", "--durations=3", "-k", given.k]
    return subprocess.run(command, cwd=ROOT, env=os.environ | numbers).returncode


if __name__ == "__main__":
    sys.exit(main())
