"""Counts what became of requests, and keeps what must be looked at."""

from __future__ import annotations

import threading
from collections import Counter

SHOWN = 12  # findings of one kind that are printed


class Tally:
    """Outcomes of one part of the attack. Its methods may be called from several threads."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._lock = threading.Lock()
        self._outcomes: Counter[str] = Counter()
        self._findings: dict[str, list[str]] = {}

    def count(self, outcome: str) -> None:
        """Counts one request."""
        with self._lock:
            self._outcomes[outcome] += 1

    def find(self, kind: str, what: str) -> None:
        """Keeps something that must not be: `kind` such as "hang", `what` to find it again by."""
        with self._lock:
            self._findings.setdefault(kind, []).append(what)

    def found(self, kind: str) -> int:
        """Returns how often something was found."""
        with self._lock:
            return len(self._findings.get(kind, []))

    @property
    def clean(self) -> bool:
        with self._lock:
            return not self._findings

    def report(self) -> str:
        """Returns the counts by outcome, then the findings."""
        with self._lock:
            lines = [f"{self.name}: {self._outcomes.total()} requests"]
            lines += [f"  {count:>6}  {outcome}" for outcome, count in sorted(self._outcomes.items())]
            for kind, findings in sorted(self._findings.items()):
                lines += [f"  FOUND {len(findings)} x {kind}"]
                lines += [f"      {each}" for each in findings[:SHOWN]]
                if len(findings) > SHOWN:
                    lines += [f"      and {len(findings) - SHOWN} more"]
            return "\n".join(lines)
