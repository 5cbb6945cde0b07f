"""Why an utterance could not be aligned."""

from __future__ import annotations


class AlignmentFailed(Exception):
    """An aligner's answer for an utterance that it could not align; says why."""
