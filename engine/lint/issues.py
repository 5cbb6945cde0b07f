"""What a check of subtitles can find: the rules by name, and a finding of one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

Rule = Literal[
    "overlap",
    "order",
    "no_duration",
    "too_short",
    "too_long",
    "too_fast",
    "too_many_words",
    "gap_too_short",
    "gap_open",
    "line_too_long",
    "too_many_lines",
    "empty",
    "empty_line",
    "lone_word",
    "needless_break",
    "bad_break",
    "spaces",
    "unclosed_tag",
    "broken_characters",
    "numbering",
    "one_dash",
]
RULES: tuple[Rule, ...] = get_args(Rule)
# Rules of taste: an editor may have good reasons.
ADVICE: frozenset[Rule] = frozenset(
    {"lone_word", "needless_break", "bad_break", "gap_open", "too_many_words"}
)

SENTENCES: Mapping[Rule, str] = {
    "overlap": "It is shown {value:.3f} s into the next subtitle.",
    "order": "It begins before the subtitle before it.",
    "no_duration": "It ends when it begins, or before.",
    "too_short": "It is shown for {value:.3f} s; the least is {limit:.2f} s.",
    "too_long": "It is shown for {value:.3f} s; the most is {limit:.1f} s.",
    "too_fast": "It has {value:.1f} characters a second; the most is {limit:.0f}.",
    "too_many_words": "It has {value:.0f} words a minute; the most is {limit:.0f}.",
    "gap_too_short": "The next subtitle follows after {value:.3f} s; the least gap is {limit:.3f} s.",
    "gap_open": "The next subtitle follows after {value:.3f} s; gaps under {limit:.2f} s should be closed.",
    "line_too_long": "A line has {value:.0f} characters; the most is {limit:.0f}.",
    "too_many_lines": "It has {value:.0f} lines; the most is {limit:.0f}.",
    "empty": "It has no text.",
    "empty_line": "It has an empty line.",
    "lone_word": "It is a single word that fits the subtitle beside it.",
    "needless_break": "Its two lines fit one of {limit:.0f} characters.",
    "bad_break": "A line ends with a word that belongs to the next line.",
    "spaces": "It has needless spaces.",
    "unclosed_tag": "A tag is opened and not closed, or closed and not opened.",
    "broken_characters": "It has characters that were damaged on the way.",
    "numbering": "Its number is {value:.0f}; {limit:.0f} comes next.",
    "one_dash": "A dash stands before its second line, but not before its first.",
}


@dataclass(frozen=True, slots=True)
class Issue:
    """A finding at one cue.

    start, end  of the cue, in whole milliseconds
    value       what was measured, and `limit` what is allowed, if the rule is about a number
    has_room    whether there is time around the cue to mend it
    """

    rule: Rule
    cue: int
    start: int
    end: int
    value: float | None = None
    limit: float | None = None
    has_room: bool = True

    @property
    def is_advice(self) -> bool:
        return self.rule in ADVICE

    @property
    def sentence(self) -> str:
        """Returns the finding as an English sentence."""
        text = SENTENCES[self.rule].format(value=self.value or 0.0, limit=self.limit or 0.0)
        return text if self.has_room else f"{text} There is no time around it."

    def to_dict(self) -> dict[str, Any]:
        """Returns plain JSON types, with times in seconds."""
        return {
            "rule": self.rule,
            "cue": self.cue,
            "start": self.start / 1000,
            "end": self.end / 1000,
            "advice": self.is_advice,
            "has_room": self.has_room,
            "value": None if self.value is None else round(self.value, 3),
            "limit": self.limit,
            "message": self.sentence,
        }
