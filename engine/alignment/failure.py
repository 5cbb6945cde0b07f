"""The failure of an aligner on one utterance."""

from __future__ import annotations


class AlignmentFailed(Exception):
    """Says why an aligner could not align an utterance."""
