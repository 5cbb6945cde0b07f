"""All errors that a caller can meet, in one tree.

    WordlightError
    ├── InputError            the request or its file is at fault
    ├── SetupError            the installation lacks something
    └── DecodingInterrupted, OutOfMemory, StorageFull, Busy, NotReady, ShuttingDown

`str(error)` is the sentence for the user. `hint` says what to do. `code` is stable for programs. `status` is
the HTTP status. `field` names the option at fault, if any. `retry_after` is the seconds to wait before a new
attempt, if waiting helps.
"""

from __future__ import annotations

from typing import Any


class WordlightError(Exception):
    """Carries message, hint and code to the caller; any other exception is a bug."""

    code = "error"
    status = 500
    retry_after: int | None = None

    def __init__(self, message: str, hint: str = "", field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.field = field

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()

    def to_dict(self) -> dict[str, dict[str, str]]:
        """Returns the body of the HTTP response to a failed request."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}

    def __reduce__(self) -> tuple[Any, ...]:
        """Makes every error of the tree survive pickling, whatever arguments its class takes."""
        return _unpickled, (type(self), self.message, self.__dict__)


class InputError(WordlightError):
    """Reports that the request or its file is at fault."""

    code = "bad_input"
    status = 400


class EmptyFile(InputError):
    """Reports a file of no bytes."""

    code = "empty_file"


class NotMedia(InputError):
    """Reports a file in which ffmpeg finds no recording."""

    code = "not_media"
    status = 415


class NoAudioTrack(InputError):
    """Reports a media file without an audio track."""

    code = "no_audio"
    status = 422


class EmptyAudioTrack(InputError):
    """Reports an audio track of zero length."""

    code = "no_sound"
    status = 422


class DamagedMedia(InputError):
    """Reports a file that is cut off or damaged before any sound can be read."""

    code = "damaged_media"
    status = 422


class TooLarge(InputError):
    """Reports a file of more bytes than the installation accepts."""

    code = "too_large"
    status = 413

    @classmethod
    def than(cls, most: int) -> TooLarge:
        """Returns the error for a file of more than `most` bytes."""
        mib = 1024 * 1024
        limit = f"{most / mib:,.0f} MiB" if most >= mib else f"{most} bytes"
        return cls(
            f"This file is larger than the {limit} accepted here.",
            "Send it compressed, as MP3 or Opus, or in parts.",
        )


class TooLong(InputError):
    """Reports a recording of more seconds than the installation accepts."""

    code = "too_long"
    status = 413


class TooManyFiles(InputError):
    """Reports a batch of more files than the installation accepts."""

    code = "too_many_files"
    status = 413


class DecodeLimitExceeded(InputError):
    """Reports a file whose reading takes more time or memory than allowed."""

    code = "too_costly"
    status = 422


class Incomplete(InputError):
    """Reports a strict request whose recording can only be read in part."""

    code = "incomplete"
    status = 422


class InvalidOption(InputError):
    """Reports an option of unknown name or invalid value."""

    code = "bad_option"
    status = 422


class BadTranscript(InputError):
    """Reports JSON for export that is not a transcript."""

    code = "bad_transcript"
    status = 422


class BadText(InputError):
    """Reports a text to align that cannot be read or has no words."""

    code = "bad_text"
    status = 422


class TextMismatch(InputError):
    """Reports a text to align that is not what the recording says."""

    code = "text_mismatch"
    status = 422


class NotFound(InputError):
    """Reports an unknown HTTP path or model."""

    code = "not_found"
    status = 404


class RateLimited(InputError):
    """Reports a caller with too many requests at the same time or per minute."""

    code = "too_many"
    status = 429

    def __init__(self, message: str, hint: str = "", retry_after: int = 10) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class SetupError(WordlightError):
    """Reports that the installation lacks something."""

    code = "setup"
    status = 503
    retry_after = 60  # seconds; the operator must act first


class FfmpegMissing(SetupError):
    """Reports that no ffmpeg runs here."""

    code = "ffmpeg_missing"


class ModelMissing(SetupError):
    """Reports weights that are in none of the places searched."""

    code = "model_missing"


class WeightsDamaged(SetupError):
    """Reports weights that cannot be read or are not the expected ones."""

    code = "weights_damaged"


class UntrustedWeights(SetupError):
    """Reports weights that could run code."""

    code = "untrusted_weights"


class DecodingInterrupted(WordlightError):
    """Reports that something outside ended ffmpeg during reading."""

    code = "decoding_interrupted"
    status = 503
    retry_after = 10


class OutOfMemory(WordlightError):
    """Reports that memory does not suffice for one window at a time."""

    code = "out_of_memory"
    status = 503
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(
            "There is not enough memory to transcribe this.",
            "Choose a smaller model, close other programs, or try again when fewer requests run.",
        )


class StorageFull(WordlightError):
    """Reports that no disk space is left for uploads or transcripts."""

    code = "storage_full"
    status = 507
    retry_after = 60

    def __init__(self) -> None:
        super().__init__("The server has no disk space left for this.", "Try again in a few minutes.")


class Busy(WordlightError):
    """Reports that the installation runs its most requests."""

    code = "busy"
    status = 503
    retry_after = 20


class NotReady(WordlightError):
    """Reports that the models are still loading."""

    code = "not_ready"
    status = 503
    retry_after = 5


class ShuttingDown(WordlightError):
    """Reports that the engine is shutting down."""

    code = "closed"
    status = 503
    retry_after = 60

    def __init__(
        self, message: str = "The server is shutting down.", hint: str = "Try again in a minute."
    ) -> None:
        super().__init__(message, hint)


# What the recording does not cause: the same work may succeed later, or elsewhere.
TEMPORARY = (Busy, NotReady, ShuttingDown, DecodingInterrupted, StorageFull)


def _unpickled(kind: type[WordlightError], message: str, state: dict[str, Any]) -> WordlightError:
    error = kind.__new__(kind, message)
    error.__dict__.update(state)
    return error


def internal_error() -> WordlightError:
    """Returns the error that a caller sees for a bug; only the log has the details."""
    return WordlightError("Something went wrong on the server.", "The server's log has the details.")
