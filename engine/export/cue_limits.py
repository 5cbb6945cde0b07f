"""The limits of subtitles: size, duration, reading speed and gaps, and presets of them."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from engine.option_parsing import OptionSpec, add_argument, check_names, option, parse_fields, specs_of

SpeakerNames = Literal["name", "dash", "off"]
SPEAKER_NAMES: tuple[SpeakerNames, ...] = get_args(SpeakerNames)
ParagraphTimes = Literal["auto", "on", "off"]
PARAGRAPH_TIMES: tuple[ParagraphTimes, ...] = get_args(ParagraphTimes)
Fillers = Literal["keep", "drop"]
FILLERS: tuple[Fillers, ...] = get_args(Fillers)
Unclear = Literal["off", "on"]
UNCLEAR: tuple[Unclear, ...] = get_args(Unclear)
PRESET = "preset"

# Characters a second that adults read, as Netflix's guides for each language have them for subtitles with every word.
CHARACTERS_A_SECOND = 20.0
_BY_LANGUAGE: Mapping[str, float] = {"ja": 7.0, "zh": 11.0, "yue": 11.0, "ko": 14.0, "hi": 22.0}

LEAST_CPS = 1.0  # characters a second: smaller numbers, which a client may send by mistake, count as this one


@dataclass(frozen=True, slots=True)
class CueLimits:
    """Limits the size and the times of a cue, and says how a file names the speakers and which words it has.

    A single longer word still gets its own cue or line.

    Values may be text from a form. Raises InvalidOption if one is out of range.
    """

    max_lines: int = option(2, "most lines of a subtitle", minimum=1, maximum=10)
    max_width: int = option(
        42,
        "most characters of a subtitle's line; Chinese, Japanese and Korean characters count as two",
        minimum=1,
        maximum=500,
    )
    max_seconds: float = option(
        7.0,
        "most seconds of a subtitle, from the start of its first word to the end of its last",
        minimum=0.1,
        maximum=60,
    )
    max_words: int = option(
        0,
        "most words of a subtitle; 1 shows one word at a time, 0 takes as many as fit, up to 200",
        minimum=0,
        maximum=100,
    )
    speaker_names: SpeakerNames = option(
        "name",
        "how a file names the speakers: 'name' writes who speaks, 'dash' sets a dash before each turn, "
        "'off' leaves names out",
        choices=SPEAKER_NAMES,
    )
    # 5/6 s are 20 frames at 24 per second; 0.84 s also last as long in ASS, whose times have hundredths.
    min_seconds: float = option(
        0.84,
        "least seconds of a subtitle, if there is time before the next one",
        minimum=0.0,
        maximum=10,
    )
    max_cps: float = option(
        0.0,
        "most characters a second of a subtitle, if there is time before the next one, at least 1; 0 takes the "
        "reading speed of the language",
        minimum=0.0,
        maximum=100,
    )
    min_gap: float = option(  # two frames at 24 per second, so that viewers see the change
        0.084, "least seconds between two subtitles", minimum=0.0, maximum=2
    )
    chain_gap: float = option(
        0.0,
        "a subtitle stays until the least gap before the next one if fewer seconds than this are between them",
        minimum=0.0,
        maximum=10,
    )

    paragraph_times: ParagraphTimes = option(
        "auto",
        "times before the paragraphs of txt, md and docx: 'on', 'off', or 'auto' for md and docx alone",
        choices=PARAGRAPH_TIMES,
    )
    fillers: Fillers = option(
        "keep",
        "fillers such as 'um' and words that are said again at once in files for readers: 'keep' writes them, "
        "'drop' leaves them out",
        choices=FILLERS,
    )
    unclear: Unclear = option(
        "off",
        "speech without words in texts and subtitles: 'on' writes [unclear] there, 'off' nothing",
        choices=UNCLEAR,
    )

    widths: tuple[tuple[str, int], ...] = ()  # of a line in languages that differ from max_width

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> CueLimits:
        """Makes limits of named values; None leaves a value to the preset, or to its default.

        Raises InvalidOption for an unknown name.
        """
        given = {
            name: value for name, value in check_names(values, limit_specs()).items() if value is not None
        }
        chosen = {**PRESETS[_PRESET.parse(given.pop(PRESET, None))], **given}
        return cls(**chosen if "max_width" not in given else {**chosen, "widths": ()})

    @classmethod
    def of_all(cls, values: Mapping[str, Any]) -> CueLimits:
        """Makes limits of values of which each has a default: one at its default leaves the choice to the preset."""
        defaults = {spec.name: spec.default for spec in limit_specs()}
        return cls.of({name: value for name, value in values.items() if value != defaults.get(name, value)})

    def __post_init__(self) -> None:
        parse_fields(self, _LIMITS)

    def width(self, language: str | None) -> int:
        """Returns the most columns of a line in a language."""
        return dict(self.widths).get(language or "", self.max_width)

    def cps(self, language: str | None) -> float:
        """Returns the most characters a second in a language."""
        if self.max_cps:
            return max(LEAST_CPS, self.max_cps)
        return _BY_LANGUAGE.get(language or "", CHARACTERS_A_SECOND)


_LIMITS = specs_of(CueLimits)
# What each preset sets; the rest is at its default. Netflix's Timed Text Style Guides: 5/6 to 7 s, two frames between
# subtitles, gaps of less than half a second closed; 13 Japanese, 16 Chinese or Korean characters in a line. The BBC's
# Subtitle Guidelines: 37 characters, 160 to 180 words a minute, no gaps of less than a second. YouTube: 32 characters,
# which fit a phone that stands upright.
PRESETS: Mapping[str, Mapping[str, Any]] = {
    "none": {},
    "netflix": {"chain_gap": 0.5, "widths": (("ja", 26), ("ko", 32), ("yue", 32), ("zh", 32))},
    "bbc": {"max_width": 37, "min_seconds": 1.0, "max_cps": 17.0, "min_gap": 0.0, "chain_gap": 1.0},
    "youtube": {"max_width": 32, "max_seconds": 6.0, "min_seconds": 1.0, "min_gap": 0.0, "chain_gap": 0.5},
    "word": {"max_words": 1, "min_seconds": 0.0, "min_gap": 0.0, "chain_gap": 0.5},
}
_PRESET = OptionSpec(
    PRESET,
    "none",
    help="limits as a publisher wants them: 'netflix', 'bbc', 'youtube', or 'word' for one word at a time; limits "
    "that are given beside it are kept",
    choices=tuple(PRESETS),
)
# gradio's /export takes them by their position, so that what is new comes last.
_NEWER = ("paragraph_times", "fillers", "unclear")  # than the preset
_SPECS = (
    *(spec for spec in _LIMITS if spec.name not in _NEWER),
    _PRESET,
    *(spec for spec in _LIMITS if spec.name in _NEWER),
)


def limit_specs() -> tuple[OptionSpec, ...]:
    """Returns the spec of every limit and of the preset, in the order of gradio's parameters."""
    return _SPECS


def add_limits(parser: ArgumentParser) -> None:
    """Adds the limits to a command line; one that is not given is None, which leaves its value to the preset."""
    for spec in limit_specs():
        add_argument(parser, spec, spec.parse, default=spec.default)
    parser.set_defaults(**{spec.name: None for spec in limit_specs()})
