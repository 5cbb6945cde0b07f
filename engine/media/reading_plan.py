"""How ffmpeg is to read one recording: from which byte, which audio track, and which of its channels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from engine.errors import DamagedMedia
from engine.media.audio_tracks import AudioTrack
from engine.media.ffmpeg_exit import WHOLE
from engine.sampling import SAMPLE_RATE

# mixed   one channel, or left and right of a track that has both; `AudioReader` mixes these
# stereo  left and right
# centre  the front centre of surround sound
Channels = Literal["mixed", "stereo", "centre"]

MAX_CHANNELS = 64  # ffmpeg's limit for mixing; a header that states more is damaged

# Seconds by which ffmpeg puts all times off, since the container of its output has no negative ones; those of sound
# before the recording's start are.
LEAD = 10.0

# rematrix_maxval: without it, mixing channels down to float may exceed 1.0.
_RESAMPLE = f"aresample={SAMPLE_RATE}:rematrix_maxval=1"
_LAYOUTS: dict[Channels, str] = {"mixed": "mono|stereo", "stereo": "stereo", "centre": "mono"}


@dataclass(frozen=True, slots=True)
class ReadingPlan:
    """What one run of ffmpeg reads.

    channels          see `Channels`
    offset            bytes before the recording
    track             of the file's audio tracks, from 0
    unnamed_channels  channels of the track if their positions are not named, else 0
    start             second of the recording at which reading starts, in a file that lists where each packet is
    """

    channels: Channels = "mixed"
    offset: int = 0
    track: int = 0
    unnamed_channels: int = 0
    start: float = 0.0

    def suited_to(self, track: AudioTrack) -> ReadingPlan:
        """Returns the plan for a track that is like this. Raises DamagedMedia if it cannot be so."""
        if track.unnamed_channels > MAX_CHANNELS:
            raise DamagedMedia(
                f"This file is damaged: its header states {track.unnamed_channels:,} audio channels.", WHOLE
            )
        return replace(self, unnamed_channels=track.unnamed_channels)

    @property
    def arguments(self) -> list[str]:
        """ffmpeg's arguments."""
        return [*self.input, *self.output]

    @property
    def input(self) -> list[str]:
        """ffmpeg's arguments for the file, which it has on its standard input.

        copyts: times stay those of the file, so that each container's start can be put where players have it.
        guess_layout_max: more than two channels without named positions are not taken for surround sound.
        """
        part = f"subfile,,start,{self.offset},end,0,,:" if self.offset else ""
        protocols = "file,pipe,subfile" if self.offset else "file,pipe"
        source = ["-protocol_whitelist", protocols, "-guess_layout_max", "2", "-copyts"]
        seek = ["-ss", f"{self.start:.6f}"] if self.start else []
        return [*source, *seek, "-i", f"{part}file:/dev/stdin"]

    @property
    def output(self) -> list[str]:
        """ffmpeg's arguments for its output: 16 kHz float32 with times, which `matroska.py` reads."""
        filters = [_RESAMPLE, f"aformat=sample_fmts=flt:channel_layouts={_LAYOUTS[self.channels]}"]
        if self.unnamed_channels:
            filters.insert(0, _equal_mix(self.unnamed_channels))
        elif self.channels == "centre":
            filters.insert(0, "pan=mono|c0=FC")
        only_sound = ["-map", f"0:a:{self.track}", "-vn", "-sn", "-dn", "-map_metadata", "-1"]
        sound = ["-filter_threads", "1", "-af", ",".join(filters), "-c:a", "pcm_f32le"]
        return [*only_sound, *sound, "-output_ts_offset", f"{LEAD:g}", "-f", "matroska", "pipe:1"]


def _equal_mix(channels: int) -> str:
    """Returns the filter that gives the microphones of a recorder equal weight.

    ffmpeg would take them for surround sound, of which it leaves out the bass and the ceiling.
    """
    return "pan=mono|c0<" + "+".join(f"c{channel}" for channel in range(channels))
