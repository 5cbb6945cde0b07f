"""Opens a recording: its channels mixed, or one by one if they carry different people."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, closing
from dataclasses import dataclass
from itertools import islice

from engine.diarization.speaker_choice import SpeakerChoice, SpeakerMode
from engine.errors import WordlightError
from engine.media.audio_source import AudioSource, ReadAudio
from engine.media.channel_contents import read_contents
from engine.regions import SpeechRegion
from engine.text.notices import Notice
from engine.vad.detector import VoiceActivityDetector

LOOK_SECONDS = 10.0  # of sound between looks at whether the channels carry different people
CENTRE_SECONDS = 300.0  # of the centre of surround sound that are searched for speech; films begin with music
CENTRE_SPEECH = 1.0  # seconds that show that the centre carries speech


@dataclass(frozen=True, slots=True)
class OpenRecording:
    """A recording whose first block has been read.

    seconds  the duration that its header states, else 0
    levels   dB of each channel if the channels are to be transcribed one by one, else None
    notices  for the user, about its channels
    """

    reader: AudioSource
    seconds: float
    levels: tuple[float, float] | None = None
    notices: tuple[Notice, ...] = ()


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
    one_channel = (Notice.of("one_channel"),) if choice.mode == "channels" else ()
    reader = stack.enter_context(closing(read()))
    seconds = reader.open() or 0.0
    has_centre, is_stereo = reader.has_centre, reader.is_stereo
    if not has_centre and not (is_stereo and choice.may_be_channels):
        return OpenRecording(reader, seconds, notices=one_channel)
    reader.close()  # each reader takes of the memory that ffmpeg may have, so only one is open at a time
    if has_centre:
        in_centre = has_speech_in_centre(read, detector())
        reader = stack.enter_context(closing(read(channels="centre" if in_centre else "mixed")))
        reader.open()
        notices = (*one_channel, Notice.of("centre")) if in_centre else one_channel
        return OpenRecording(reader, seconds, notices=notices)
    levels = channel_levels(read, detector(), choice.mode)
    reader = stack.enter_context(closing(read(channels="mixed" if levels is None else "stereo")))
    reader.open()
    return OpenRecording(reader, seconds, levels=levels, notices=one_channel if levels is None else ())


def has_speech_in_centre(read: ReadAudio, detector: VoiceActivityDetector) -> bool:
    """Returns whether the centre of a surround recording has speech, as that of a film has, in its first minutes."""
    speech = 0.0
    try:
        with closing(read(channels="centre", block_seconds=LOOK_SECONDS)) as reader:
            for region in detector.regions(islice(reader, round(CENTRE_SECONDS / LOOK_SECONDS))):
                if isinstance(region, SpeechRegion):
                    speech += region.end - region.start
                if speech >= CENTRE_SPEECH:
                    return True
    except WordlightError:  # met again, and reported, as the recording is read
        pass
    return False


def channel_levels(
    read: ReadAudio, detector: VoiceActivityDetector, mode: SpeakerMode
) -> tuple[float, float] | None:
    """Returns the level of each channel of a stereo recording, in dB, if they are to be transcribed one by one.

    read  opens the recording
    mode  "auto" wants two people who can be told apart by channels, "channels" only two different sounds
    """
    try:
        with closing(read(channels="stereo", block_seconds=LOOK_SECONDS)) as reader:
            contents, is_call = read_contents(reader, detector)
    except WordlightError:  # met again, and reported, as the recording is read
        return None
    if is_call or (mode == "channels" and not contents.are_copies):
        return contents.levels
    return None
