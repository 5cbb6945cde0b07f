"""Every sentence of the page, in one place."""

from __future__ import annotations

from typing import Any

from engine.views import Progress, clock

TITLE = "Wordlight"
TAGLINE = "A recording in, every word timed, and honest about the words it is unsure of."

FILE_TAB = "File"
FILE_LABEL = "Audio or video file"
MICROPHONE_TAB = "Microphone"
MICROPHONE_LABEL = "Record with the microphone"
LANGUAGE = "Language spoken"
DETECT = "Detect automatically"
TASK = "Task"
TASKS = {"transcribe": "Write what is said", "translate": "Translate into English"}
MODEL = "Model"
DEFAULT_MODEL = "This installation's default"
ADVANCED = "Advanced"
ALIGNER = "How words are timed"
ALIGNER_INFO = (
    "Acoustic alignment listens again for each word and is the more exact; Whisper's attention "
    "comes free with the text and knows every language. Where one cannot serve, the other does."
)
ALIGNERS = {
    "auto": "The best there is for the language",
    "wav2vec2": "Acoustic alignment (wav2vec2)",
    "attention": "Whisper's attention",
}
START = "Transcribe"
STOP = "Stop"
STOPPING = "Stopping…"

TRANSCRIPT_TAB = "Transcript"
WORDS_TAB = "Words"
TABLE_HEADERS = ["Word", "Start (s)", "End (s)", "Confidence (%)", "How timed"]
TIMINGS = {"aligned": "aligned to the sound", "attention": "by attention", "interpolated": "guessed"}
DOWNLOADS = "Take it with you"
FORMATS = {
    "txt": "Text",
    "srt": "SRT",
    "vtt": "VTT",
    "tsv": "TSV",
    "json": "JSON",
}

READINESS = {
    "loading": "Warming up: the model is being loaded. You can start already, it will wait.",
    "ok": "Ready",
    "failed": "Not able to transcribe",
}
DEVICES = {"cuda": "GPU", "cpu": "CPU"}

STAGES = {
    "loading": "Warming up",
    "reading": "Reading the recording",
    "detecting": "Finding out the language",
    "transcribing": "Writing down what is said",
    "aligning": "Finding when each word is said",
    "done": "Done",
}
WAITING = "Handing the recording over"
STOPPED = "Stopped. The words found so far stay on the page."
NO_FILE = "There is nothing to transcribe yet."
NO_FILE_HINT = "Choose a file or record something first, and let it finish uploading."
BROKEN = "Something went wrong on our side."
BROKEN_HINT = "Try again; if it happens again, the log of the server says why."
NOT_UPLOADED = "Only files uploaded here are read, no paths and no addresses."

# Shown by the page's scripts.
STATUS_TEXTS = {"progress": "Progress of the transcription"}
FACTS = {
    "language": "Language",
    "certainty": "Sure of it",
    "duration": "Length",
    "words": "Words",
    "doubtful": "To check",
    "model": "Model",
    "aligner": "Timed by",
    "speed": "Speed",
}
FACT_TEXTS = {"speed": "{} × real time"}
SUMMARY_TEXTS = {"facts": "About this transcript", "warnings": "Good to know"}
TRANSCRIPT_TEXTS: dict[str, Any] = {
    "transcript": "Transcript",
    "legend": "Confidence",
    "empty": "Your transcript will appear here. Click a word to hear it.",
    "silence": "No words were found in this recording.",
    "help": "Click a word, or press Enter on it, to hear it. The arrow keys go from word to word.",
    "player": "The recording",
    "unplayable": "Your browser cannot play this recording. Its transcript is not affected.",
    "confidence": "confidence",
    "bands": {"sure": "sure", "likely": "likely", "doubtful": "doubtful", "unsure": "a guess"},
    "timings": {
        "aligned": "time aligned to the sound",
        "attention": "time by attention",
        "interpolated": "time guessed between its neighbours",
    },
    "interpolated": "time guessed",
}


def how_far(progress: Progress) -> str:
    """Returns such as "1:20 of 5:00, about 40 seconds left"; empty while nothing is known."""
    if not progress.seconds_total:
        return ""
    done = f"{clock(progress.seconds_done)} of {clock(progress.seconds_total)}"
    return f"{done}, {_left(progress.seconds_left)}" if progress.seconds_left is not None else done


def _left(seconds: float) -> str:
    if seconds >= 90:
        return f"about {round(seconds / 60)} minutes left"
    if seconds >= 8:
        return f"about {5 * round(seconds / 5)} seconds left"
    return "a few seconds left"
