"""The engine: takes a recording, yields updates, and ends with a transcript."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.config import Config
from engine.errors import WordlightError
from engine.log import log_rejected
from engine.media.ffmpeg import media_fence
from engine.media.ffmpeg_memory import FfmpegMemory
from engine.options import Options
from engine.transcript import Transcript
from engine.updates import Update, last_transcript
from engine.weights.model_loader import ModelLoader
from engine.weights.model_names import choose_model
from engine.weights.pip_packages import package_versions

if TYPE_CHECKING:
    import numpy as np

    from engine.diarization.turns import Turn
    from engine.installation import Installation
    from engine.media.audio_reader import AudioReader
    from engine.media.audio_tracks import AudioTrack, TrackChoice
    from engine.media.live_sound import LiveSound
    from engine.media.reading_plan import Channels
    from engine.pipeline.checkpoint import Checkpoint
    from engine.recognition.lent_gpu import RunOnGpu
    from engine.scheduling.scheduler import SchedulerStats
    from engine.text_alignment.given_text import GivenText

TICK = 0.5  # seconds between updates while the models are loading
_PACKAGES = ("whisperx", "torch", "ctranslate2", "faster-whisper", "transformers", "gradio")


class Engine:
    """Transcribes recordings with one installation's models. Thread-safe.

    Everything that differs between requests is in `Options`; no call changes the result of another.
    """

    def __init__(self, config: Config | None = None, run_on_gpu: RunOnGpu | None = None) -> None:
        self.config = config or Config.from_env()
        self._started = time.monotonic()
        self._models = ModelLoader(self.config, run_on_gpu)  # runs Whisper if another process has the GPU
        self._ended = threading.Event()
        self._ffmpeg_memory = FfmpegMemory(self.config.ffmpeg_memory_total)

    def start(self) -> None:
        """Starts loading the models in the background; once closed, does nothing."""
        self._models.start()

    def stream(
        self,
        media: str | Path,
        options: Options = Options(),
        stop: threading.Event | None = None,
        resume: Sequence[Checkpoint] = (),
        tap: Callable[[np.ndarray], None] = lambda _: None,
    ) -> Generator[Update]:
        """Yields updates of a transcription; the last one holds the transcript.

        While the models are loading, yields updates of stage "loading". If the iterator is closed between two
        steps, work stops at the next batch. During a step, another thread may set `stop`: then no further
        batch starts for this recording. The iterator must still be closed.

        resume  the checkpoints of an earlier run of the same recording with the same options, in order. Only the
                windows after them are transcribed; updates have what is found in these, the transcript has all.
        tap     called with each block of the recording's samples as it is read, as `AudioReader` yields it

        Raises InputError if the file or an option is at fault, SetupError if the installation is, Busy if the
        most requests run, OutOfMemory if there is no room for a window, ShuttingDown if the engine closes.
        """
        installation, options = yield from self._loaded(options)
        from engine.media.audio_tracks import choice_of
        from engine.pipeline.transcription import Transcription

        stop = stop or threading.Event()
        read = partial(self.read, media, stop, track=choice_of(options.track, options.language))
        with installation.keep(options):
            yield from Transcription(installation, read, options, stop=stop, resume=resume, tap=tap).updates()

    def stream_live(
        self,
        sound: LiveSound,
        options: Options = Options(),
        stop: threading.Event | None = None,
        provisional: bool = False,
    ) -> Generator[Update]:
        """Yields updates of sound that is still being recorded, as `stream` does; the transcript comes after its end.

        Words come as soon as a pause follows them. Sound is read while the iterator is advanced, so another thread
        adds it. Speech is detected by Silero, which needs no sound that is yet to come. Raises the errors of `stream`.
        provisional  whether updates have words of speech that has not ended, while no window waits
        """
        installation, options = yield from self._loaded(replace(options, vad="silero"))
        from engine.pipeline.live_input import LiveInput
        from engine.pipeline.transcription import Transcription

        def read(**_: Any) -> LiveSound:
            return sound

        live, stop = LiveInput(sound, provisional), stop or threading.Event()
        with installation.keep(options):
            yield from Transcription(installation, read, options, stop=stop, live=live).updates()

    def stream_alignment(
        self,
        media: str | Path,
        text: GivenText,
        options: Options = Options(),
        stop: threading.Event | None = None,
        tap: Callable[[np.ndarray], None] = lambda _: None,
        seeks: bool = False,
    ) -> Generator[Update]:
        """Yields updates of the alignment of a text with a recording, as `stream` does.

        text       from `text_formats.read_text` or `from_transcript`
        stop, tap  as for `stream`; of a transcript with changed words only parts are read, and `tap` has none
        seeks      whether `media` is a playable copy, of which only the stretches with changed words are read

        The transcript has the words of the text and no others. Of the options, those of the decoder and `speakers`
        have no effect. Raises the errors of `stream`, and TextMismatch if the recording does not say the text.
        """
        installation, options = yield from self._loaded(options)
        from engine.media.audio_tracks import choice_of
        from engine.text_alignment.alignment import TextAlignment
        from engine.text_alignment.changed_words import ChangedWords

        stop = stop or threading.Event()
        read = partial(self.read, media, stop, track=choice_of(options.track, options.language))
        with installation.keep(options):
            if text.changed is None:
                yield from TextAlignment(installation, read, text, options, stop=stop, tap=tap).updates()
            else:
                words = partial(ChangedWords, installation, read, text.changed, options)
                yield from words(stop=stop, seeks=seeks).updates()

    def _loaded(self, options: Options) -> Generator[Update, None, tuple[Installation, Options]]:
        """Yields updates of stage "loading" until the models are loaded; returns them, and the model to use."""
        began = time.monotonic()
        try:
            if options.model is not None or options.task == "translate":  # this imports libraries
                options = replace(options, model=self.model_of(options))
            self.start()
            while not self._models.wait(0.0):
                yield Update("loading")
                self._models.wait(TICK)
            return self._models.ready(), options
        except (WordlightError, GeneratorExit) as error:
            log_rejected(error, options.language, time.monotonic() - began)
            raise

    def read(
        self,
        media: str | Path,
        stop: threading.Event | None = None,
        *,
        channels: Channels = "mixed",
        block_seconds: float | None = None,
        start: float = 0.0,
        track: TrackChoice | None = None,
    ) -> AudioReader:
        """Returns a reader of a recording's audio, within the memory that all ffmpeg processes share.

        stop           once set, ends the wait for that memory
        channels       as in `AudioReader`, and so is `start`
        block_seconds  length of the blocks; None for that of `AudioReader`
        track          which audio track; None for the default one
        """
        from engine.media.audio_reader import BLOCK_SECONDS, AudioReader
        from engine.media.audio_tracks import ANY_TRACK

        return AudioReader(
            Path(media),
            self.config,
            BLOCK_SECONDS if block_seconds is None else block_seconds,
            channels=channels,
            start=start,
            track=track or ANY_TRACK,
            memory=self._ffmpeg_memory,
            stopped=(stop or threading.Event()).is_set,
        )

    def tracks(self, media: str | Path) -> Sequence[AudioTrack]:
        """Returns the audio tracks of a recording. Raises the errors of `AudioReader` that a first look finds."""
        with closing(self.read(media, block_seconds=TICK)) as reader:
            reader.open()
            return reader.log.tracks if reader.log else []

    def transcribe(
        self, media: str | Path, options: Options = Options(), note: Callable[[Update], None] = lambda _: None
    ) -> Transcript:
        """Returns the transcript; raises the errors of `stream`. `note` is called with each update."""
        return last_transcript(self.stream(media, options), note)

    def align(
        self,
        media: str | Path,
        text: GivenText,
        options: Options = Options(),
        note: Callable[[Update], None] = lambda _: None,
    ) -> Transcript:
        """Returns a text aligned with its recording, as `transcribe` does; see `stream_alignment`."""
        return last_transcript(self.stream_alignment(media, text, options), note)

    result = transcribe  # its former name

    def turns(self, blocks: Iterable[np.ndarray], most: int, stop: threading.Event) -> tuple[Turn, ...]:
        """Returns who speaks when in a short sound; see `find_turns`. No turns without models."""
        from engine.pipeline.short_turns import find_turns

        return find_turns(self.installation, blocks, most, stop)

    @property
    def ffmpeg_memory(self) -> FfmpegMemory:
        """The memory that all ffmpeg processes of this engine share."""
        return self._ffmpeg_memory

    @property
    def installation(self) -> Installation | None:
        """The loaded models; None until they are loaded, and once the engine is closed."""
        return self._models.installation

    @property
    def status(self) -> str:
        """Returns the state of the models: "loading", "ok" or "failed"."""
        return "ok" if self._models.installation else "failed" if self._models.failure else "loading"

    def health(self) -> dict[str, Any]:
        """Returns status, error, models and aligners, media_fence, versions and uptime."""
        installation, failure = self._models.installation, self._models.failure
        return {
            "status": self.status,
            "error": str(failure) if failure else None,
            **(installation.health() if installation else {}),
            "media_fence": media_fence(self.config),
            "versions": package_versions(_PACKAGES),
            "uptime": round(time.monotonic() - self._started, 1),
        }

    def stats(self) -> SchedulerStats | None:
        """Returns the load of the scheduler; None while there are no models."""
        return found.scheduler.stats() if (found := self._models.installation) else None

    load = stats  # its former name

    def languages(self) -> list[dict[str, str]]:
        """Returns code, name, native and aligner of each language of the default model.

        Waits for the models. Raises SetupError if they cannot be loaded, ShuttingDown if the engine closes.
        """
        self.start()
        self._models.wait()
        return self._models.ready().languages()

    @property
    def closing(self) -> bool:
        """Returns whether the engine refuses new work; some may still be running."""
        return self._models.refuses

    @property
    def ended(self) -> bool:
        """Returns whether `close` has ended all work; one step may still be finishing."""
        return self._ended.is_set()

    def refuse(self) -> None:
        """Refuses new work from now on; running work continues until `close`."""
        self._models.refuse()

    def close(self, grace: float = 0.0, last_batch: float | None = None) -> None:
        """Refuses new work, stops running work at its next batch, and releases the models.

        grace       seconds that running transcriptions get to finish first
        last_batch  seconds to wait for the current batch after that; None for the scheduler's default
        """
        self.refuse()
        self._ffmpeg_memory.close()
        self._models.close(grace, last_batch)
        self._ended.set()

    def models(self) -> tuple[str, ...]:
        """Returns the models that a request may name, the default first."""
        return self._models.known()

    def model_of(self, options: Options) -> str:
        """Returns the model for a request: the one that it names, else the first one here that does its task.

        Raises InvalidOption if the model is unknown, or cannot translate as it is to.
        """
        return choose_model(self.models(), options.model, options.task)
