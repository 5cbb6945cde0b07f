"""The arguments by which ffmpeg turns an audio track into 16 kHz mono float32."""

from __future__ import annotations

from engine.sampling import SAMPLE_RATE

TRACK = 0  # of the file's audio tracks, the first

# async, first_pts: a gap in the sound, or a late start, becomes silence, so that sample n is always at
#   second n / 16000 of the file, where a player finds it too.
# rematrix_maxval: without it, mixing channels down to float may exceed 1.0.
_RESAMPLE = f"aresample={SAMPLE_RATE}:async=1:first_pts=0:rematrix_maxval=1"
_LAYOUTS = {1: "mono", 2: "stereo"}  # of the output, by its number of channels


def output_arguments(unnamed_channels: int = 0, channels: int = 1) -> list[str]:
    """Returns ffmpeg's arguments for its output.

    unnamed_channels  channels of the track if their positions are not named, else 0
    channels          channels of the output, 1 or 2
    """
    mix = _equal_mix(unnamed_channels) if unnamed_channels else []
    layout = f"aformat=sample_fmts=flt:channel_layouts={_LAYOUTS[channels]}"
    output = ["-map", f"0:a:{TRACK}", "-vn", "-sn", "-dn", "-map_metadata", "-1", "-filter_threads", "1"]
    return [*output, "-af", ",".join([*mix, _RESAMPLE, layout]), "-f", "f32le", "pipe:1"]


def _equal_mix(channels: int) -> list[str]:
    """Returns the filter that gives the microphones of a recorder equal weight.

    ffmpeg would take them for surround sound, of which it leaves out the bass and the ceiling.
    """
    return ["pan=mono|c0<" + "+".join(f"c{channel}" for channel in range(channels))]
