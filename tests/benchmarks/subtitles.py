"""Prints how the subtitles of an hour of talk keep their limits, by preset.

    .venv/bin/python -m tests.benchmarks.subtitles

The words are real, their times are drawn from those of a real speech (tests/support/talk.py).
"""

from __future__ import annotations

import time
from itertools import pairwise

from engine.export.cue_limits import PRESETS, CueLimits
from engine.export.cues import cues
from engine.lint.issues import Issue
from engine.lint.report import check
from engine.lint.subtitle_file import of_cues
from tests.support.talk import hour_of_talk


def main() -> None:
    talk = hour_of_talk()
    print(f"{len(talk.words)} words in {len(talk.segments)} segments")
    print("preset   cues  seconds  too short (room)  too fast (room)  lone words  bad breaks  shortest gap")
    for preset in PRESETS:
        limits = CueLimits.of({"preset": preset})
        began = time.perf_counter()
        found = list(cues(talk, limits))
        seconds = time.perf_counter() - began
        issues = check(of_cues(talk, found), limits).issues
        columns = [_count(issues, rule) for rule in ("too_short", "too_fast")]
        lone, bad = (sum(issue.rule == rule for issue in issues) for rule in ("lone_word", "bad_break"))
        gap = min(after.start - before.end for before, after in pairwise(found)) / 1000
        sizes = f"{preset:8} {len(found):4}  {seconds:7.2f}  {columns[0]:>16}  {columns[1]:>15}"
        print(f"{sizes}  {lone:10}  {bad:10}  {gap:.3f}")


def _count(issues: tuple[Issue, ...], rule: str) -> str:
    of_rule = [issue for issue in issues if issue.rule == rule]
    return f"{len(of_rule)} ({sum(issue.has_room for issue in of_rule)})"


if __name__ == "__main__":
    main()
