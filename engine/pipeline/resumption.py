"""Continues one request from the checkpoints of an earlier run, and makes the next ones."""

from __future__ import annotations

from collections.abc import Sequence

from engine.pipeline.checkpoint import Checkpoint, FinishedWindow
from engine.pipeline.language_summary import LanguageSummary
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.pipeline.window_feed import DecodedWindow
from engine.recognition.language_tracker import LanguageTracker
from engine.regions import SpeechRegion
from engine.stopwatch import Stopwatch
from engine.transcript import Segment


class EarlierRun:
    """What an earlier run has finished; without checkpoints, nothing."""

    def __init__(self, checkpoints: Sequence[Checkpoint] = ()) -> None:
        self.checkpoints = checkpoints
        self.windows = [window for checkpoint in checkpoints for window in checkpoint.windows]
        self.until = checkpoints[-1].until if checkpoints else 0.0  # seconds of the file
        self.timings = checkpoints[-1].timings if checkpoints else {}

    def restore(self, language: LanguageSummary, builder: TranscriptBuilder, watch: Stopwatch) -> None:
        """Adds the languages, notices and timings of the earlier run."""
        for window in self.windows:
            note_language(language, window)
        for checkpoint in self.checkpoints:
            for notice in checkpoint.notices:
                builder.warn(notice)
        watch.add(self.timings)

    def tracker(
        self, language: str | None, allowed: Sequence[str] = (), *, waits: bool = True
    ) -> LanguageTracker:
        """Returns a tracker that has seen the finished windows; the arguments are as in `LanguageTracker`."""
        tracker = LanguageTracker(language, allowed, waits=waits)
        for window in self.windows:
            if window.languages is not None:
                tracker.update(window.languages, window.seconds)
        return tracker

    def speech(self, channel: int) -> list[SpeechRegion]:
        """Returns the regions that were found in a channel."""
        found = (each.speech[channel] for each in self.checkpoints if channel < len(each.speech))
        return [region for regions in found for region in regions]

    def finished(self, channel: int) -> int:
        """Returns the number of finished windows of a channel."""
        return sum(window.channel == channel for window in self.windows)


class CheckpointMaker:
    """Makes the checkpoints of one run, each with what is new since the one before."""

    def __init__(self, earlier: EarlierRun, builder: TranscriptBuilder, watch: Stopwatch) -> None:
        """`builder` holds the notices of the earlier run by now."""
        self._builder = builder
        self._watch = watch
        self._earlier = earlier
        self._speech: dict[int, int] = {}  # regions of each channel that checkpoints hold
        # Those that this run has raised before its first window are new only if there was no earlier run.
        self._notices = len(builder.notices) if earlier.checkpoints else 0

    def make(
        self,
        windows: Sequence[FinishedWindow],
        until: float,
        speech: Sequence[Sequence[SpeechRegion]],
        *,
        shown: int,
        released_until: float,
    ) -> Checkpoint:
        """Makes the next checkpoint; `speech` are all regions so far, by channel."""
        notices = self._builder.notices[self._notices :]
        self._notices += len(notices)
        return Checkpoint(
            windows=tuple(windows),
            until=until,
            speech=tuple(self._new(channel, regions) for channel, regions in enumerate(speech)),
            notices=notices,
            timings=dict(self._watch.seconds),
            shown=shown,
            released_until=released_until,
        )

    def _new(self, channel: int, regions: Sequence[SpeechRegion]) -> tuple[SpeechRegion, ...]:
        noted = self._speech.setdefault(channel, len(self._earlier.speech(channel)))
        # A resumed run comes only later to regions that are noted already.
        self._speech[channel] = max(noted, len(regions))
        return tuple(regions[noted:])


def note_language(summary: LanguageSummary, window: FinishedWindow) -> None:
    """Adds the language of a finished window to the summary of its recording."""
    if window.has_words:
        summary.add(window.language, window.probability, window.seconds)
        if window.other is not None:
            other, start, end = window.other
            summary.add_other(other, window.language, start=start, end=end)
    summary.follow(window.language, window.probability)


def finished_window(decoded: DecodedWindow, segments: Sequence[Segment] = ()) -> FinishedWindow:
    """Returns what a checkpoint holds of a window."""
    result, window = decoded.result, decoded.window
    return FinishedWindow(
        seconds=window.duration,
        language=result.language,
        probability=float(result.probability),
        has_words=bool(result.heard.words),
        languages=result.languages,
        other=None if result.other is None else (result.other, window.start, window.end),
        channel=window.channel,
        segments=tuple(segments),
    )
