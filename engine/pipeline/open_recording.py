"""Opens a recording: its channels mixed, or one by one if they carry different people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass

from engine.diarization.speaker_choice import SpeakerChoice, SpeakerMode
from engine.errors import WordlightError
from engine.media.audio_reader import AudioReader, ReadAudio
from engine.media.channel_contents import read_contents
from engine.pipeline.channel_packing import CHANNELS
from engine.text.notices import Notice
from engine.vad.detector import VoiceActivityDetector

LOOK_SECONDS = 10.0  # of sound between looks at whether the channels carry different people


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """A recording whose first block has been read.

    seconds  the duration that its header states, else 0
    levels   dB of each channel if the channels are to be transcribed one by one, else None
    notice   for the user, if channels were asked for and there are no two
    """

    reader: AudioReader
    seconds: float
    levels: tuple[float, float] | None = None
    notice: Notice | None = None


def open_recording(
    read: ReadAudio,
    choice: SpeakerChoice,
    detector: Callable[[], VoiceActivityDetector],
    *,
    stack: ExitStack,
) -> OpenRecording:
    """Opens a recording, and closes it with the stack. Raises the errors of `AudioReader`.

    detector  returns the voice activity detector, which is needed only for two channels
    """
    one_channel = Notice.of("one_channel") if choice.mode == "channels" else None
    reader = stack.enter_context(closing(read(channels=1)))
    seconds = reader.open() or 0.0
    if not choice.may_be_channels:
        return OpenRecording(reader, seconds)
    if not reader.is_stereo:
        return OpenRecording(reader, seconds, notice=one_channel)
    reader.close()  # each reader takes of the memory that ffmpeg may have, so only one is open at a time
    levels = channel_levels(read, detector(), choice.mode)
    reader = stack.enter_context(closing(read(channels=1 if levels is None else CHANNELS)))
    reader.open()
    return OpenRecording(reader, seconds, levels=levels, notice=one_channel if levels is None else None)


def channel_levels(
    read: ReadAudio, detector: VoiceActivityDetector, mode: SpeakerMode
) -> tuple[float, float] | None:
    """Returns the level of each channel of a stereo recording, in dB, if they are to be transcribed one by one.

    read  opens the recording
    mode  "auto" wants two people who can be told apart by channels, "channels" only two different sounds
    """
    try:
        with closing(read(channels=CHANNELS, block_seconds=LOOK_SECONDS)) as reader:
            contents, is_call = read_contents(reader, detector)
    except WordlightError:  # met again, and reported, as the recording is read
        return None
    if is_call or (mode == "channels" and not contents.are_copies):
        return contents.levels
    return None
