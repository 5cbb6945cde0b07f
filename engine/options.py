"""What one request asks for. Frozen, checked on construction, shared with nobody.

Each option's help and range stand with it, in `specs()`, so that the command line, the forms and the
page are made from one place. How subtitles are cut is no option of the engine's: see `cues.CueLimits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from engine.diarization.speaker_choice import PATTERN, SUGGESTIONS, SpeakerChoice
from engine.languages import MIXED, code_of
from engine.option_specs import OptionSpec, check_names, option, parse_fields, specs_of

Task = Literal["transcribe", "translate"]
AlignerChoice = Literal["auto", "wav2vec2", "phonetic", "attention"]
Sensitivity = Literal["normal", "high", "low", "off"]
Detector = Literal["pyannote", "silero"]

TASKS: tuple[Task, ...] = get_args(Task)
ALIGNERS: tuple[AlignerChoice, ...] = get_args(AlignerChoice)
SENSITIVITIES: tuple[Sensitivity, ...] = get_args(Sensitivity)
DETECTORS: tuple[Detector, ...] = get_args(Detector)


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one request; `specs()` says what each does and may be.

    language  a code or an English name ("de", "German"); None or "auto" detects it, "mixed" detects
              it again all along a recording in which it changes
    model     a name from the installation's list; None takes its default

    Values may come as a form has them, as text. Raises InvalidOption where one is unknown or out of range;
    the message says what is known.
    """

    language: str | None = option(
        None,
        "what is spoken, as a code or a name (de, German); 'auto' finds out by itself, "
        "'mixed' does so all along, where a recording changes its language",
        max_length=40,
    )
    task: Task = option(
        "transcribe",
        "'transcribe' writes what is said, 'translate' writes it in English",
        choices=TASKS,
    )
    model: str | None = option(
        None,
        "the Whisper model, such as base or large-v3-turbo; larger ones err less and take longer",
        max_length=200,
    )
    aligner: AlignerChoice = option(
        "auto",
        "how words are timed: 'wav2vec2' and 'phonetic' by their sound, where the language has a model, "
        "'attention' by where Whisper looked; 'auto' takes the best there is here",
        choices=ALIGNERS,
    )
    beam_size: int = option(
        5, "texts that are followed at once: 1 is fastest, more may err less", minimum=1, maximum=10
    )
    temperature_fallback: bool = option(
        True, "try again with some chance where the text repeats itself or is more than can be said"
    )
    hotwords: str = option(
        "", "names and rare words that are said in the recording, so that they are spelled so", max_length=600
    )
    initial_prompt: str = option(
        "", "a text whose style, spelling and punctuation the transcript shall follow", max_length=600
    )
    suppress_numerals: bool = option(
        False, "write numbers in words, so that each has the time of its own sound"
    )
    vad_sensitivity: Sensitivity = option(
        "normal",
        "how readily sound is taken for speech: 'high' finds more of what is faint, 'low' less of what "
        "is noise; 'off' hears everything, which takes longer",
        choices=SENSITIVITIES,
    )
    vad: Detector = option(
        "pyannote",
        "what finds speech: 'pyannote', which WhisperX takes unless told otherwise, or 'silero', which takes "
        "less time",
        choices=DETECTORS,
    )
    strict: bool = option(
        False, "refuse a recording of which parts are missing or damaged, instead of warning of it"
    )

    speakers: str = option(
        "off",
        "who says each word: 'auto' tells people apart by voice or, in a call with a channel each, by "
        "channel; '2' or '2-4' says how many there are, 'channels' takes each channel for one person, "
        "'off' does not ask",
        max_length=20,
        pattern=f"^({PATTERN})$",
        suggestions=SUGGESTIONS,
    )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Makes options of named values that may come from a form. Raises InvalidOption for a name unknown."""
        return cls(**check_names(values, specs()))

    def __post_init__(self) -> None:
        parse_fields(self, specs())
        if self.language is not None:
            mixed = self.language.lower() == MIXED
            object.__setattr__(self, "language", MIXED if mixed else code_of(self.language))
        object.__setattr__(self, "speakers", self.speaker_choice.text)

    @property
    def speaker_choice(self) -> SpeakerChoice:
        """What `speakers` asks for."""
        return SpeakerChoice.parse(self.speakers)


def specs() -> tuple[OptionSpec, ...]:
    """Returns every option in the order of the class, which is that of positional arguments."""
    return _SPECS


_SPECS = specs_of(Options)
