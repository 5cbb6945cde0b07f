"""The options of one request: frozen, checked on construction, never shared.

Each option's help and range stand with it, in `specs()`, so that the command line, the forms and the page are
made from one place. The cutting of subtitles is not an option of the engine: see `cues.CueLimits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from engine.diarization.speaker_choice import SUGGESTIONS, SpeakerChoice
from engine.errors import InvalidOption
from engine.languages import MIXED, SEVERAL
from engine.option_parsing import OptionSpec, check_names, option, parse_fields, specs_of
from engine.text.language_names import LanguageTag, codes_of, read_language
from engine.text.script_names import SCRIPTS, script_named

Task = Literal["transcribe", "translate"]
AlignerChoice = Literal["auto", "wav2vec2", "phonetic", "attention"]
Sensitivity = Literal["normal", "high", "low", "off"]
Detector = Literal["pyannote", "silero"]
Script = Literal["auto", "simplified", "traditional", "latin", "cyrillic"]

MAX_TRACKS = 100  # audio tracks of a file that are listed

TASKS: tuple[Task, ...] = get_args(Task)
ALIGNERS: tuple[AlignerChoice, ...] = get_args(AlignerChoice)
SENSITIVITIES: tuple[Sensitivity, ...] = get_args(Sensitivity)
DETECTORS: tuple[Detector, ...] = get_args(Detector)
SCRIPT_CHOICES: tuple[Script, ...] = get_args(Script)


@dataclass(frozen=True, slots=True)
class Options:
    """Holds the options of one request; `specs()` gives help and range of each.

    language  a code or an English name ("de", "German"); None or "auto" detects it; "mixed" detects it again
              in each part of a recording
    languages the languages that may be spoken, as codes between commas; "" sets no limit
    model     a model of the installation; None takes its default

    Values may be text from a form. Raises InvalidOption if one is unknown or out of range; the hint names the
    allowed values.
    """

    language: str | None = option(
        None,
        "language spoken, as a code, a name or a tag (de, German, pt-BR); 'auto' detects it, "
        "'mixed' detects it in each part of a recording in several languages",
        max_length=40,
    )
    task: Task = option(
        "transcribe",
        "'transcribe' writes the spoken words, 'translate' writes them in English",
        choices=TASKS,
    )
    model: str | None = option(
        None,
        "Whisper model, such as base or large-v3-turbo; larger models are more accurate and slower",
        max_length=200,
    )
    aligner: AlignerChoice = option(
        "auto",
        "how words are timed: 'wav2vec2' and 'phonetic' by forced alignment, if the language has a model, "
        "'attention' by Whisper's cross-attention; 'auto' takes the best one here",
        choices=ALIGNERS,
    )
    beam_size: int = option(
        5, "beams in beam search: 1 (greedy) is fastest, more can be more accurate", minimum=1, maximum=10
    )
    temperature_fallback: bool = option(
        True, "decode again with sampling if the text repeats itself or is too long for the audio"
    )
    hotwords: str = option(
        "", "names and rare words of the recording, to be spelled like this", max_length=600
    )
    initial_prompt: str = option(
        "", "text whose style, spelling and punctuation the transcript follows", max_length=600
    )
    suppress_numerals: bool = option(False, "write numbers in words, so that each word has its own time")
    vad_sensitivity: Sensitivity = option(
        "normal",
        "how readily sound is taken for speech: 'high' finds more faint speech, 'low' takes less noise "
        "for speech; 'off' transcribes everything, which takes longer",
        choices=SENSITIVITIES,
    )
    vad: Detector = option(
        "pyannote",
        "voice activity detector: 'pyannote', WhisperX's default, or 'silero', which is faster",
        choices=DETECTORS,
    )
    strict: bool = option(
        False, "refuse a recording with missing or damaged parts, instead of adding a warning"
    )

    speakers: str = option(
        "off",
        "who says each word: 'auto' tells people apart by voice or, in a call with a channel each, by "
        "channel; '2' or '2-4' says how many there are, 'channels' takes each channel for one person, "
        "'off' does not ask",
        max_length=20,
        suggestions=SUGGESTIONS,
    )
    track: int = option(
        0,
        "audio track to transcribe, counted from 1, if the recording has several; 0 takes the one in the language "
        "asked for, else the default one",
        minimum=0,
        maximum=MAX_TRACKS,
    )
    script: Script = option(
        "auto",
        "script of Chinese ('simplified', 'traditional') or Serbian ('latin', 'cyrillic'); 'auto' takes the one "
        "of the language's tag, such as zh-Hant or sr-Latn, or else leaves it to the model",
        choices=SCRIPT_CHOICES,
    )
    languages: str = option(
        "",
        "languages that may be spoken, as codes or names between commas (de, en); "
        "others are not considered when the language is detected",
        max_length=300,
    )
    verbatim: bool = option(
        False, "write hesitations such as 'um' in English, of which Whisper leaves most out by itself"
    )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Makes options of named values. Raises InvalidOption for an unknown name."""
        return cls(**check_names(values, specs()))

    def __post_init__(self) -> None:
        parse_fields(self, specs())
        allowed = codes_of(self.languages)
        object.__setattr__(self, "languages", ",".join(allowed))
        object.__setattr__(self, "language", self._spoken(allowed))
        object.__setattr__(self, "speakers", self.speaker_choice.text)

    def _spoken(self, allowed: tuple[str, ...]) -> str | None:
        """Returns the language as a code, MIXED, or None to detect it, and sets its script. Raises InvalidOption."""
        asked = self.language or ""
        if asked.lower() in (MIXED, SEVERAL):
            return MIXED
        tag = read_language(asked)
        if tag is None:
            return allowed[0] if len(allowed) == 1 else None
        if allowed and tag.code not in allowed:
            raise InvalidOption(
                f"language is {tag.code}, which is not among languages ({', '.join(allowed)}).",
                "Leave one of the two out.",
                "language",
            )
        object.__setattr__(self, "script", self._script_of(tag))
        return tag.code

    def _script_of(self, tag: LanguageTag) -> str:
        """Returns the script that the option and the tag ask for. Raises InvalidOption if they disagree."""
        named = script_named(tag.script, tag.code) or "auto"
        if self.script == "auto":
            return named
        if tag.code not in SCRIPTS[self.script][1] or named not in ("auto", self.script):
            raise InvalidOption(
                f"script is {self.script!r}, and language is {self.language!r}.",
                "Leave script out, or choose one in which the language is written.",
                "script",
            )
        return self.script

    @property
    def allowed_languages(self) -> tuple[str, ...]:
        """The codes of the languages that may be spoken; none if any may."""
        return tuple(self.languages.split(",")) if self.languages else ()

    @property
    def speaker_choice(self) -> SpeakerChoice:
        """What `speakers` asks for."""
        return SpeakerChoice.parse(self.speakers)


def specs() -> tuple[OptionSpec, ...]:
    """Returns the spec of every option, in the order of the class."""
    return _SPECS


_SPECS = specs_of(Options)
