"""How one request tells speakers apart: not at all, by their voices, or by channels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np

from engine.diarization.speakers import Speaker
from engine.pipeline.channel_packing import CHANNELS
from engine.pipeline.checkpoint import Checkpoint
from engine.pipeline.speaker_tracking import SpeakerTracker
from engine.pipeline.transcript_builder import TranscriptBuilder
from engine.regions import SpeechRegion
from engine.scheduling.diarization_feed import DiarizationFeed
from engine.text.coverage import find_mismatches, with_coverage
from engine.text.interleaving import ChannelTimeline
from engine.text.turns import overlaps_of, turns_of
from engine.transcript import Mismatch, Segment, Transcript
from engine.updates import SpeakerNews


class SpeakerStage(Protocol):
    """What a transcription asks of it, in this order.

    regions  the list for the speech regions of each channel; one list if channels are mixed
    """

    regions: Sequence[list[SpeechRegion]]

    def restore(self, checkpoint: Checkpoint) -> None:
        """Takes the segments of an earlier run, which has shown them."""
        ...

    def tap(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        """Yields the blocks as they are read."""
        ...

    def may_read(self) -> bool:
        """Returns whether there is room for more blocks."""
        ...

    def take(self, channel: int, found: Sequence[Segment]) -> list[Segment]:
        """Takes the segments of a window, and returns those to be shown now."""
        ...

    def release(self, until: float) -> list[Segment]:
        """Returns segments taken before that can be shown, now that all words before `until` are known."""
        ...

    def news(self) -> SpeakerNews | None:
        """Returns what has become known of the speakers since the last call."""
        ...

    def wait(self) -> Iterator[None]:
        """Waits for the final speakers; yields as signs of life."""
        ...

    def conclude(self, transcript: Transcript) -> tuple[Transcript, SpeakerNews | None]:
        """Returns the transcript with its final speakers, and what they change."""
        ...


class NoSpeakers:
    """The segments go into the transcript as they are found."""

    def __init__(self, builder: TranscriptBuilder) -> None:
        self.regions: Sequence[list[SpeechRegion]] = [[]]
        self._builder = builder

    def restore(self, checkpoint: Checkpoint) -> None:
        self._builder.add(checkpoint.segments)

    def tap(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        yield from blocks

    def may_read(self) -> bool:
        return True

    def take(self, channel: int, found: Sequence[Segment]) -> list[Segment]:
        self._builder.add(found)
        return list(found)

    def release(self, until: float) -> list[Segment]:
        return []

    def news(self) -> SpeakerNews | None:
        return None

    def wait(self) -> Iterator[None]:
        return iter(())

    def conclude(self, transcript: Transcript) -> tuple[Transcript, SpeakerNews | None]:
        return transcript, None


class VoiceSpeakers(NoSpeakers):
    """The diarizer hears the sound beside recognition; labels are provisional until it has heard all of it."""

    SIGN_OF_LIFE = 0.5  # seconds between looks at a diarizer that is still at work

    def __init__(self, builder: TranscriptBuilder, feed: DiarizationFeed) -> None:
        super().__init__(builder)
        self._feed = feed
        self._tracker = SpeakerTracker(feed)

    def restore(self, checkpoint: Checkpoint) -> None:
        super().restore(checkpoint)
        if checkpoint.segments:
            self._feed.begin()
        self._tracker.restore(checkpoint.segments, checkpoint.shown)

    def tap(self, blocks: Iterable[np.ndarray]) -> Iterator[np.ndarray]:
        for block in blocks:
            self._feed.put(block)
            yield block
        self._feed.end()

    def may_read(self) -> bool:
        return not self._feed.is_full

    def take(self, channel: int, found: Sequence[Segment]) -> list[Segment]:
        self._builder.add(found)
        if found:
            self._feed.begin()
        return self._tracker.label(found)

    def news(self) -> SpeakerNews | None:
        return self._tracker.news()

    def wait(self) -> Iterator[None]:
        while self._builder.segments and not self._feed.settled:
            self._feed.wait(self.SIGN_OF_LIFE)
            yield

    def conclude(self, transcript: Transcript) -> tuple[Transcript, SpeakerNews | None]:
        if not transcript.segments:
            return transcript, None
        found, news = self._tracker.conclude(transcript.segments)
        notices = [*transcript.notices, *self._feed.notices]
        if failure := self._tracker.failure:
            notices.append(failure)
        warnings = {notice.sentence: notice for notice in notices}
        concluded = replace(
            transcript,
            segments=found.segments,
            speakers=found.speakers,
            overlaps=found.overlaps,
            warnings=tuple(warnings),
            notices=tuple(warnings.values()),
        )
        return concluded, news


class ChannelSpeakers(NoSpeakers):
    """Each channel is transcribed by itself and is one person."""

    def __init__(self, builder: TranscriptBuilder) -> None:
        super().__init__(builder)
        self.regions = [[] for _ in range(CHANNELS)]
        self._timeline = ChannelTimeline()

    def restore(self, checkpoint: Checkpoint) -> None:
        for window in checkpoint.windows:
            self.take(window.channel, window.segments)
        self.release(checkpoint.released_until)

    def take(self, channel: int, found: Sequence[Segment]) -> list[Segment]:
        self._timeline.add(channel, found)
        return []

    def release(self, until: float) -> list[Segment]:
        released = self._timeline.release(until)
        self._builder.add(released)
        return released

    def conclude(self, transcript: Transcript) -> tuple[Transcript, SpeakerNews | None]:
        turns = turns_of(transcript.words)
        speakers = tuple(
            Speaker(
                id=label,
                name=label,
                seconds=sum(turn.end - turn.start for turn in turns if turn.speaker == label),
                words=sum(word.speaker == label for word in transcript.words),
                channel=channel,
            )
            for channel, label in self._timeline.labels.items()
        )
        concluded = replace(transcript, speakers=speakers, overlaps=overlaps_of(turns))
        return with_coverage(concluded, self._coverage(transcript)), SpeakerNews(
            speakers=speakers, provisional=False
        )

    def _coverage(self, transcript: Transcript) -> tuple[Mismatch, ...]:
        """Returns where speech and words of a channel disagree, whatever the other one says there."""
        if not self._builder.detects_speech:
            return ()
        found: list[Mismatch] = []
        for channel, regions in enumerate(self.regions):
            label = self._timeline.labels.get(channel)
            words = [word for word in transcript.words if word.speaker == label]
            found += find_mismatches(regions, words)
        return tuple(sorted(found, key=lambda mismatch: mismatch.start))
