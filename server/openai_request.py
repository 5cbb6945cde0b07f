"""Reads a request in OpenAI's form, in the spellings and with the extras of the clients that send it.

A field is used, or it is accepted without effect and named in the header X-Wordlight-Ignored, or it is refused by
name. A field without effect changes how a server works, and never what the answer means.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.errors import InvalidOption, NotFound
from engine.options import Options, Task, specs
from server.endpoint import ServerState
from server.form_fields import FormFields, split_values
from server.multipart import Form
from server.uploads import FORMAT, STREAM, read_bool, read_choice

OWN_NAME = "whisper-1"  # what OpenAI's clients call the model; here the installation's default
DIARIZED = "diarized_json"
TRANSLATION_FORMATS = ("json", "text", "srt", "verbose_json", "vtt")
RESPONSE_FORMATS = (*TRANSLATION_FORMATS, DIARIZED)
STREAMED_FORMATS = ("json", "text", DIARIZED)  # only the last has segments in its stream
LOGPROB_FORMATS = ("json", DIARIZED)

GRANULARITY, KEYWORDS, LANGUAGES, INCLUDE = "timestamp_granularities", "keywords", "languages", "include"
GRANULARITIES = ("word", "segment")
GRANULARITIES_FIELD = f"{GRANULARITY}[]"  # as OpenAI's documents have it, for errors
LOGPROBS = "logprobs"

FIELDS = ("model", "prompt", FORMAT, "temperature", "n", "hotwords", "strict", "track")
TRANSCRIPTION_FIELDS = (*FIELDS, "language", STREAM)
LISTS = (GRANULARITY, KEYWORDS, INCLUDE)
TRANSCRIPTION_LISTS = (*LISTS, LANGUAGES)
# Fields of OpenAI's and other servers that concern the work, the bill or the caller, not the answer's meaning.
IGNORED = (
    "chunking_strategy", "user", "metadata", "store", "seed", "service_tier", "safety_identifier",
    "stream_options", "vad_filter", "vad_parameters", "batch_size", "chunk_length", "best_of", "patience",
    "length_penalty", "temperature_inc", "no_speech_threshold", "log_prob_threshold", "logprob_threshold",
    "compression_ratio_threshold", "condition_on_previous_text",
)  # fmt: skip
MAX_TEMPERATURE = 2.0  # some clients send up to 2, as for OpenAI's other models
# Only the prompt's end is used, as in OpenAI's own, see `PromptBuilder.previous_text_tokens`.
MAX_PROMPT_BYTES = 64 * 1024
# What programs write for a value that is not there.
ABSENT = frozenset({"null", "undefined", "none", "nil"})

_MAX_LENGTHS = {spec.name: spec.max_length or 0 for spec in specs()}
_PROMPT_LENGTH, _HOTWORDS_LENGTH = _MAX_LENGTHS["initial_prompt"], _MAX_LENGTHS["hotwords"]
# Before the size in the names that other servers have for Whisper's models.
_MODEL_PREFIXES = ("faster-whisper-", "whisper-")


@dataclass(frozen=True, slots=True)
class OpenAIRequest:
    """What a request asks for.

    model          the model that is used, by its name here
    granularities  of the times in `verbose_json`
    logprobs       whether the answer has the log-probability of each word
    ignored        the fields without effect
    """

    media: Path
    options: Options
    model: str
    format: str
    granularities: tuple[str, ...]
    streamed: bool
    logprobs: bool
    ignored: tuple[str, ...]


def form_fields(task: Task) -> FormFields:
    """Returns the fields of a transcription's form, or of a translation's."""
    transcribing = task == "transcribe"
    return FormFields(
        names=TRANSCRIPTION_FIELDS if transcribing else FIELDS,
        lists=TRANSCRIPTION_LISTS if transcribing else LISTS,
        ignored=IGNORED,
        longer={"prompt": MAX_PROMPT_BYTES},
        raw=True,
    )


def read_request(state: ServerState, task: Task, form: Form) -> OpenAIRequest:
    """Reads a form. Raises InvalidOption or NotFound, which name the field at fault."""
    fields = {name: text for name, text in form.fields.items() if text.lower() not in ABSENT}
    lists = {name: split_values(texts) for name, texts in form.lists.items()}
    format = _read_format(fields, RESPONSE_FORMATS if task == "transcribe" else TRANSLATION_FORMATS)
    granularities = [_read_granularity(value) for value in lists.get(GRANULARITY, [])]
    if streamed := read_bool(fields, STREAM):
        _check_streamed(format, granularities)
    _check_count(fields.get("n", "1"))
    model, is_foreign = find_model(state, fields.get("model", OWN_NAME))
    logprobs = LOGPROBS in lists.get(INCLUDE, []) and format in LOGPROB_FORMATS
    without_effect = {
        "model": is_foreign,
        "n": "n" in fields,
        "temperature": _read_temperature(fields.get("temperature", "0")) > 0,
        GRANULARITY: bool(granularities) and format != "verbose_json",
        INCLUDE: bool(set(lists.get(INCLUDE, [])) - ({LOGPROBS} if logprobs else set())),
    }
    speakers = "auto" if format == DIARIZED else "off"
    options = _read_options(fields, lists, task, model=model, speakers=speakers)
    return OpenAIRequest(
        form.file,
        options,
        state.engine.model_of(options),
        format,
        granularities=tuple(granularities) or ("segment",),
        streamed=streamed,
        logprobs=logprobs,
        ignored=(*form.ignored, *(name for name, applies in without_effect.items() if applies)),
    )


def find_model(state: ServerState, name: str) -> tuple[str | None, bool]:
    """Returns the model that a name means, None for the default, and whether the name is another server's.

    Raises NotFound for an unknown name, if the settings take no other server's names.
    """
    if name == OWN_NAME:
        return None, False
    known = state.engine.models()
    if name in known:
        return name, False
    if not state.engine.config.foreign_models:
        raise NotFound(
            f"There is no model {name[:40]!r} here.", f"Known: {', '.join((OWN_NAME, *known))}.", "model"
        )
    short = name.rpartition("/")[2].lower()
    for prefix in _MODEL_PREFIXES:
        short = short.removeprefix(prefix)
    return (short, True) if short in known else (None, True)


def _read_options(
    fields: Mapping[str, str],
    lists: Mapping[str, Sequence[str]],
    task: Task,
    *,
    model: str | None,
    speakers: str,
) -> Options:
    given: dict[str, Any] = {}
    if languages := lists.get(LANGUAGES):
        given[LANGUAGES] = ",".join(languages)
    keywords = lists.get(KEYWORDS, [])
    if sum(map(len, keywords)) > _HOTWORDS_LENGTH:
        hint = f"Together they may have {_HOTWORDS_LENGTH} characters."
        raise InvalidOption(f"{KEYWORDS} are {len(keywords)}, and too long.", hint, KEYWORDS)
    hotwords = [*keywords, *([fields["hotwords"]] if "hotwords" in fields else [])]
    return Options(
        language=fields.get("language"),
        task=task,
        model=model,
        hotwords=", ".join(hotwords),
        initial_prompt=fields.get("prompt", "")[-_PROMPT_LENGTH:],
        strict=read_bool(fields, "strict"),
        track=fields.get("track", 0),  # type: ignore[arg-type]  # parsed there
        speakers=speakers,
        **given,
    )


def _read_format(fields: Mapping[str, str], known: Collection[str]) -> str:
    value = fields.get(FORMAT, "json")
    return read_choice({FORMAT: value.lower() if value.lower() in known else value}, FORMAT, known, "json")


def _read_granularity(value: str) -> str:
    return read_choice({GRANULARITIES_FIELD: value.lower()}, GRANULARITIES_FIELD, GRANULARITIES, default="")


def _check_streamed(format: str, granularities: Sequence[str]) -> None:
    hint = "Its events contain only the text: send the request without stream to get times."
    if format not in STREAMED_FORMATS:
        raise InvalidOption(f"{FORMAT} is {format!r}, which cannot be streamed.", hint, FORMAT)
    if granularities:
        raise InvalidOption(
            f"{GRANULARITIES_FIELD} is given, which cannot be streamed.", hint, GRANULARITIES_FIELD
        )


def _check_count(text: str) -> None:
    if text != "1":
        raise InvalidOption(f"n is {text[:40]!r}.", "It must be 1: there is one answer.", "n")


def _read_temperature(text: str) -> float:
    """Returns a temperature that clients may send; decoding uses beam search and ignores it."""
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= MAX_TEMPERATURE:
        hint = f"It must be a number from 0 to {MAX_TEMPERATURE:.0f}."
        raise InvalidOption(f"temperature is {text[:40]!r}.", hint, "temperature")
    return value
