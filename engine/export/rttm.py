"""Who speaks when, as RTTM: the format that tools for diarization read and score.

A line is a turn: `SPEAKER <file> <channel> <start> <duration> <NA> <NA> <name> <NA> <NA>`, in seconds, as in NIST's
Rich Transcription evaluations.
"""

from __future__ import annotations

from engine.export.comments import comments
from engine.export.cue_limits import CueLimits
from engine.export.speaker_names import as_token, speaker_names
from engine.text.turns import turns_of
from engine.transcript import Transcript

RECORDING = "recording"  # a transcript does not know the name of its file


class RTTM:
    """A line for each turn, made from the words; two people who speak at once have a line each."""

    name = "rttm"
    extension = ".rttm"
    media_type = "text/plain"

    def write(self, transcript: Transcript, limits: CueLimits = CueLimits()) -> str:
        names = speaker_names(transcript, limits)
        channels = {speaker.id: (speaker.channel or 0) + 1 for speaker in transcript.speakers}
        lines = [f";; {line}" for line in comments(transcript)]
        for turn in turns_of(transcript.words):
            name = as_token(names.get(turn.speaker, turn.speaker))
            span = f"{turn.start:.3f} {turn.end - turn.start:.3f}"
            channel = channels.get(turn.speaker, 1)
            lines.append(f"SPEAKER {RECORDING} {channel} {span} <NA> <NA> {name} <NA> <NA>")
        return "".join(f"{line}\n" for line in lines)
