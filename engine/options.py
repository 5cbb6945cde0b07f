"""What one request asks for. Frozen, checked on construction, shared with nobody.

Each option's help and range stand with it, in `specs()`, so that the command line, the forms and the
page are made from one place. How subtitles are cut is no option of the engine's: see `cues.CueLimits`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

from engine.errors import BadOption
from engine.languages import code_of

Task = Literal["transcribe", "translate"]
AlignerChoice = Literal["auto", "wav2vec2", "phonetic", "attention"]
Sensitivity = Literal["normal", "high", "low", "off"]

TASKS: tuple[Task, ...] = get_args(Task)
ALIGNERS: tuple[AlignerChoice, ...] = get_args(AlignerChoice)
SENSITIVITIES: tuple[Sensitivity, ...] = get_args(Sensitivity)
MIXED = "mixed"  # the language that may change on the way

_SWITCH = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)


@dataclass(frozen=True, slots=True)
class Spec:
    """One option as a form needs to know it.

    default      also its type: None stands for text that may be left out
    help         a clause that says what turning it does, without a full stop
    choices      the values it may take; empty where there are too many to list
    least, most  of a number, both included
    longest      characters of a text
    """

    name: str
    default: Any
    help: str
    choices: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    longest: int | None = None

    def read(self, value: Any) -> Any:
        """Returns the value as the engine wants it; None and, from a form, text are understood.

        Raises BadOption, which says what the value may be.
        """
        if value is None:
            return self.default
        if self.choices:
            if value not in self.choices:
                raise BadOption(
                    f"Unknown {self.name} {str(value)[:40]!r}.", f"Known: {', '.join(self.choices)}."
                )
            return value
        if isinstance(self.default, bool):
            return self._switch(value)
        if isinstance(self.default, int):
            return self._number(value)
        return self._text(value)

    def _switch(self, value: Any) -> bool:
        known = _SWITCH.get(str(value).strip().lower())
        if known is None:
            raise BadOption(f"{self.name} is {str(value)[:40]!r}.", "It must be true or false.")
        return known

    def _number(self, value: Any) -> int:
        assert self.least is not None and self.most is not None
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = float("nan")
        if isinstance(value, bool) or not self.least <= number <= self.most or number != int(number):
            hint = f"It must be a whole number from {self.least} to {self.most}."
            raise BadOption(f"{self.name} is {str(value)[:40]!r}.", hint)
        return int(number)

    def _text(self, value: Any) -> str | None:
        text = " ".join(str(value).split())
        if self.longest is not None and len(text) > self.longest:
            raise BadOption(
                f"{self.name} has {len(text):,} characters.", f"It may have {self.longest:,} at most."
            )
        return text or self.default


def _option(default: Any, help: str, **limits: Any) -> Any:
    return field(default=default, metadata={"help": help, **limits})


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one request; `specs()` says what each does and may be.

    language  a code or an English name ("de", "German"); None or "auto" detects it, "mixed" detects
              it again all along a recording in which it changes
    model     a name from the installation's list; None takes its default

    Values may come as a form has them, as text. Raises BadOption where one is unknown or out of range;
    the message says what is known.
    """

    language: str | None = _option(
        None,
        "what is spoken, as a code or a name (de, German); 'auto' finds out by itself, "
        "'mixed' does so all along, where a recording changes its language",
        longest=40,
    )
    task: Task = _option(
        "transcribe",
        "'transcribe' writes what is said, 'translate' writes it in English",
        choices=TASKS,
    )
    model: str | None = _option(
        None,
        "the Whisper model, such as base or large-v3-turbo; larger ones err less and take longer",
        longest=200,
    )
    aligner: AlignerChoice = _option(
        "auto",
        "how words are timed: 'wav2vec2' and 'phonetic' by their sound, where the language has a model, "
        "'attention' by where Whisper looked; 'auto' takes the best there is here",
        choices=ALIGNERS,
    )
    beam_size: int = _option(
        5, "texts that are followed at once: 1 is fastest, more may err less", least=1, most=10
    )
    temperature_fallback: bool = _option(
        True, "try again with some chance where the text repeats itself or is more than can be said"
    )
    hotwords: str = _option(
        "", "names and rare words that are said in the recording, so that they are spelled so", longest=600
    )
    initial_prompt: str = _option(
        "", "a text whose style, spelling and punctuation the transcript shall follow", longest=600
    )
    suppress_numerals: bool = _option(
        False, "write numbers in words, so that each has the time of its own sound"
    )
    vad_sensitivity: Sensitivity = _option(
        "normal",
        "how readily sound is taken for speech: 'high' finds more of what is faint, 'low' less of what "
        "is noise; 'off' hears everything, which takes longer",
        choices=SENSITIVITIES,
    )

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Options:
        """Makes options of named values that may come from a form. Raises BadOption for a name unknown."""
        unknown = next((name for name in values if name not in {spec.name for spec in specs()}), None)
        if unknown is not None:
            known = ", ".join(spec.name for spec in specs())
            raise BadOption(f"Unknown option {unknown[:40]!r}.", f"Known: {known}.")
        return cls(**values)

    def __post_init__(self) -> None:
        for spec in specs():
            value = spec.read(getattr(self, spec.name))
            object.__setattr__(self, spec.name, value)
        if self.language is not None:
            mixed = self.language.lower() == MIXED
            object.__setattr__(self, "language", MIXED if mixed else code_of(self.language))


def specs() -> tuple[Spec, ...]:
    """Returns every option in the order of the class, which is that of positional arguments."""
    return _SPECS


_SPECS = tuple(Spec(it.name, it.default, **it.metadata) for it in fields(Options))
