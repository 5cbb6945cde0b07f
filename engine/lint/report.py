"""Checks subtitles against the rules and sums up what was found."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from engine.export.cue_limits import CueLimits
from engine.lint.issues import Issue
from engine.lint.rules import CHECKS, Context
from engine.lint.shown_cue import SubtitleFile

MAX_ISSUES = 10_000  # in one report


@dataclass(frozen=True, slots=True)
class Report:
    """What a check has found; `cues` is the number of cues that were checked."""

    format: str
    language: str | None
    cues: int
    issues: tuple[Issue, ...]

    @property
    def is_publishable(self) -> bool:
        """Returns whether there is nothing to mend: advice and faults without room to mend them may stay."""
        return not any(issue.has_room and not issue.is_advice for issue in self.issues)

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types."""
        return {
            "format": self.format,
            "language": self.language,
            "cues": self.cues,
            "publishable": self.is_publishable,
            "counts": dict(sorted(Counter(issue.rule for issue in self.issues).items())),
            "issues": [issue.to_dict() for issue in self.issues],
        }


def check(file: SubtitleFile, limits: CueLimits = CueLimits(), language: str | None = None) -> Report:
    """Checks the cues of a file; `language` is for one that names none."""
    spoken = file.language or language
    issues: list[Issue] = []
    for context in _contexts(file, limits, spoken):
        for rule in CHECKS:
            issues += rule(context)
    return Report(file.format, spoken, len(file.cues), tuple(issues[:MAX_ISSUES]))


def _contexts(file: SubtitleFile, limits: CueLimits, language: str | None) -> Iterator[Context]:
    cues = file.cues
    for before, cue, after in zip((None, *cues), cues, (*cues[1:], None), strict=False):
        yield Context(cue, before, after, limits, language, file.duration)
