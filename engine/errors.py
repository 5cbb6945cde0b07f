"""Every error that a caller can meet, in one tree.

    WordlightError
    ├── InputError            the request or its file is at fault
    │   ├── EmptyFile         the file holds no bytes
    │   ├── NotMedia          ffmpeg recognises no recording in it
    │   ├── NoAudioTrack           media, but without an audio track
    │   ├── EmptyAudioTrack           an audio track of zero length
    │   ├── DamagedMedia      cut off or broken before any sound could be read
    │   ├── TooLarge          more bytes than the installation accepts
    │   ├── TooLong           more seconds than the installation accepts
    │   ├── TooManyFiles      more files in one batch of the page than the installation accepts
    │   ├── DecodeLimitExceeded         decoding took more time or memory than allowed
    │   ├── Incomplete        only part of the recording could be read, and the request is strict
    │   ├── InvalidOption         unknown language, task, model, aligner or format
    │   ├── BadTranscript     JSON to be exported that is no transcript
    │   ├── NotAForm          an HTTP body that is not multipart/form-data
    │   ├── MethodNotAllowed       an HTTP method that the path does not have
    │   ├── NotFound          an HTTP path or a model by a name that is not known
    │   ├── TooSlow           a request whose bytes came too slowly, or not at all
    │   ├── Unauthorized      no API key, or none that is known
    │   ├── RateLimited           more at a time, or in a minute, than one caller may ask for
    │   ├── Refused           an HTTP path that is closed on purpose
    │   ├── NotJson           an HTTP body that is not application/json
    │   └── UnknownHost       an HTTP Host header that names none of this server's hosts
    ├── SetupError            the installation lacks something
    │   ├── FfmpegMissing
    │   ├── ModelMissing      weights are in none of the places looked at
    │   └── WeightsDamaged    weights are there but are not the ones expected
    ├── DecodingInterrupted   something outside ended ffmpeg while it was reading
    ├── OutOfMemory           memory does not suffice for what is least: one window at a time
    ├── StorageFull           no disk space is left for uploads or transcripts
    ├── Busy                  as many requests as the installation takes are at work
    ├── NotReady              the models are still being loaded
    └── Closed                the engine is shutting down

`str(error)` is the sentence for the person who meets it, `hint` says what to do next, `code` is
stable for programs, `status` is the HTTP status, `field` the option at fault, where it is one, and
`retry_after` the seconds after which it is worth asking again, where waiting helps.
"""

from __future__ import annotations


class WordlightError(Exception):
    """Base of all errors that are shown to the caller; anything else is a bug and is not shown."""

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
        """Returns the body that every HTTP answer to a failed request has."""
        return {"error": {"code": self.code, "message": self.message, "hint": self.hint}}


class InputError(WordlightError):
    code = "bad_input"
    status = 400


class EmptyFile(InputError):
    code = "empty_file"


class NotMedia(InputError):
    code = "not_media"
    status = 415


class NoAudioTrack(InputError):
    code = "no_audio"
    status = 422


class EmptyAudioTrack(InputError):
    code = "no_sound"
    status = 422


class DamagedMedia(InputError):
    code = "damaged_media"
    status = 422


class TooLarge(InputError):
    code = "too_large"
    status = 413

    @classmethod
    def than(cls, most: int) -> TooLarge:
        """Says that a file is larger than `most` bytes."""
        mib = 1024 * 1024
        limit = f"{most / mib:,.0f} MiB" if most >= mib else f"{most} bytes"
        return cls(
            f"This file is larger than the {limit} accepted here.",
            "Send it compressed, as MP3 or Opus, or in parts.",
        )


class TooLong(InputError):
    code = "too_long"
    status = 413


class TooManyFiles(InputError):
    code = "too_many_files"
    status = 413


class DecodeLimitExceeded(InputError):
    code = "too_costly"
    status = 422


class Incomplete(InputError):
    code = "incomplete"
    status = 422


class InvalidOption(InputError):
    code = "bad_option"
    status = 422


class BadTranscript(InputError):
    code = "bad_transcript"
    status = 422


class NotAForm(InputError):
    code = "not_a_form"
    status = 415


class MethodNotAllowed(InputError):
    code = "wrong_method"
    status = 405


class NotFound(InputError):
    code = "not_found"
    status = 404


class TooSlow(InputError):
    code = "too_slow"
    status = 408


class Unauthorized(InputError):
    code = "unauthorized"
    status = 401


class RateLimited(InputError):
    code = "too_many"
    status = 429

    def __init__(self, message: str, hint: str = "", retry_after: int = 10) -> None:
        super().__init__(message, hint)
        self.retry_after = retry_after


class Forbidden(InputError):
    code = "refused"
    status = 403


class NotJson(InputError):
    code = "not_json"
    status = 415


class UnknownHost(InputError):
    code = "unknown_host"
    status = 421


class SetupError(WordlightError):
    code = "setup"
    status = 503
    retry_after = 60  # until somebody has seen to it


class FfmpegMissing(SetupError):
    code = "ffmpeg_missing"


class ModelMissing(SetupError):
    code = "model_missing"


class WeightsDamaged(SetupError):
    code = "weights_damaged"


class UntrustedWeights(SetupError):
    code = "untrusted_weights"


class DecodingInterrupted(WordlightError):
    code = "decoding_interrupted"
    status = 503
    retry_after = 10


class OutOfMemory(WordlightError):
    code = "out_of_memory"
    status = 503
    retry_after = 60

    def __init__(self) -> None:
        super().__init__(
            "There is not enough memory to transcribe this.",
            "Choose a smaller model, close other programs, or try again when less is at work.",
        )


class StorageFull(WordlightError):
    code = "storage_full"
    status = 507
    retry_after = 60

    def __init__(self) -> None:
        super().__init__("The server has no disk space left for this.", "Try again in a few minutes.")


class Busy(WordlightError):
    code = "busy"
    status = 503
    retry_after = 20


class NotReady(WordlightError):
    code = "not_ready"
    status = 503
    retry_after = 5


class ShuttingDown(WordlightError):
    code = "closed"
    status = 503
    retry_after = 60

    def __init__(
        self, message: str = "The server is shutting down.", hint: str = "Try again in a minute."
    ) -> None:
        super().__init__(message, hint)


def internal_error() -> WordlightError:
    """Returns what a caller is told of a bug; the log alone says more."""
    return WordlightError("Something went wrong on the server.", "Its log says what.")
