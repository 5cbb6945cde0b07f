"""Writes a transcript as a table of words, for programs and spreadsheets: TSV and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from unicodedata import category

from engine.export.cue_limits import CueLimits
from engine.export.text_width import one_line
from engine.transcript import Transcript

BYTE_ORDER_MARK = "\ufeff"
# Starts of a formula for spreadsheets, and characters that they skip before one.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


class TSV:
    """Writes a tab-separated table of words: start, end and text first, as WhisperX.

    Times are whole milliseconds, as in WhisperX. WhisperX has one row per segment, which leaves no room for
    the facts of each word, so the segment's id is the last column here. Fields with quotation marks are
    quoted as spreadsheets and pandas expect, and cells that look like a formula are marked as text.
    """

    name = "tsv"
    extension = ".tsv"
    media_type = "text/tab-separated-values"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""

        def milliseconds(seconds: float) -> str:
            return str(round(seconds * 1000))

        return _table(("start", "end", "text"), transcript, limits, milliseconds, delimiter="\t")


class CSV:
    """Writes a comma-separated table of words, in seconds with 3 decimals; see TSV.

    The byte-order mark tells spreadsheets that the file is UTF-8.
    """

    name = "csv"
    extension = ".csv"
    media_type = "text/csv"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        """Returns the document."""
        table = _table(("start", "end", "word"), transcript, limits, "{:.3f}".format, delimiter=",")
        return BYTE_ORDER_MARK + table


def as_text(cell: str) -> str:
    """Returns a cell's text in a form that no spreadsheet computes.

    An apostrophe goes before it, as OWASP advises against CSV injection. Invisible characters before a formula do not
    hide it.
    """
    seen = cell.lstrip("".join({character for character in cell if category(character) in ("Cf", "Zs")}))
    return f"'{cell}" if seen.startswith(_FORMULA) else cell


def _table(
    first: Iterable[str],
    transcript: Transcript,
    limits: CueLimits,
    time: Callable[[float], str],
    delimiter: str,
) -> str:
    """Returns one row per word; `time` formats seconds. An unknown score is empty.

    The column of speakers holds names, or labels without names.
    """
    names = (
        {} if limits.speaker_names == "off" else {one.id: one.name or one.id for one in transcript.speakers}
    )
    table = io.StringIO()
    rows = csv.writer(table, delimiter=delimiter, lineterminator="\n")
    rows.writerow((*first, "timing", "score", "probability", "speaker", "segment"))
    for segment in transcript.segments:
        for word in segment.words:
            score = "" if word.score is None else f"{word.score:.3f}"
            label = word.speaker or segment.speaker or ""
            speaker = as_text(one_line(names.get(label, label)))
            known = word.timing, score, f"{word.probability:.3f}", speaker, segment.id
            rows.writerow((time(word.start), time(word.end), as_text(one_line(word.word)), *known))
    return table.getvalue()
