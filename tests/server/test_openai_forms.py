"""Forms of OpenAI's clients in all their spellings: understood alike, named as without effect, or refused by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InputError, InvalidOption, NotFound, WordlightError
from server.endpoint import ServerState
from server.multipart import MAX_PARTS
from server.openai_request import (
    ABSENT,
    GRANULARITIES,
    GRANULARITY,
    IGNORED,
    INCLUDE,
    KEYWORDS,
    LANGUAGES,
    OpenAIRequest,
    form_fields,
)
from tests.support.forms import Part, encode, receive, server_state, understood

NOWHERE = Path("/")


@pytest.fixture(scope="module")
def state(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerState]:
    with server_state(tmp_path_factory.mktemp("state")) as state:
        yield state


def meaning(request: OpenAIRequest) -> OpenAIRequest:
    """Returns the request without its file and without what has no effect."""
    return replace(request, media=NOWHERE, ignored=())


@pytest.mark.parametrize(
    "parts",
    [
        [("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")],
        [("timestamp_granularities", "word"), ("timestamp_granularities", "segment")],
        [("timestamp_granularities[0]", "word"), ("timestamp_granularities[1]", "segment")],
        [("timestamp_granularities[]", "word,segment")],
        [("timestamp_granularities", "word, segment")],
        [("timestamp_granularities", '["word","segment"]')],
        [("timestamp_granularities[]", "Word"), ("timestamp_granularities[]", "SEGMENT")],
    ],
)
def test_granularities_may_be_written_in_any_way(state: ServerState, parts: list[Part]) -> None:
    found = understood(state, [("response_format", "verbose_json"), *parts])
    assert (found.granularities, found.ignored) == (("word", "segment"), ())


@pytest.mark.parametrize(
    "name", ["timestamp_granularities[x]", "timestamp_granularities[", "timestamp_granularities[]]"]
)
def test_a_broken_spelling_is_refused_by_name(state: ServerState, name: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        understood(state, [(name, "word")])
    assert refused.value.field == name


@pytest.mark.parametrize("value", ["null", "None", "undefined", "", " "])
@pytest.mark.parametrize("name", ["language", "prompt", "response_format", "temperature", "model", "stream"])
def test_a_value_that_is_not_there_is_as_if_the_field_were_not(
    state: ServerState, name: str, value: str
) -> None:
    assert meaning(understood(state, [(name, value)])) == meaning(understood(state, []))


@pytest.mark.parametrize(
    ("name", "model", "foreign"),
    [
        ("whisper-1", "base", False),
        ("base", "base", False),
        ("gpt-transcribe", "base", True),
        ("gpt-4o-mini-transcribe", "base", True),
        ("Systran/faster-whisper-base", "base", True),
        ("openai/whisper-large-v3", "base", True),
    ],
)
def test_another_server_s_model_means_the_default(
    state: ServerState, name: str, model: str, foreign: bool
) -> None:
    found = understood(state, [("model", name)])
    assert (found.model, "model" in found.ignored) == (model, foreign)


def test_the_name_of_a_model_that_is_here_means_that_model(tmp_path: Path) -> None:
    with server_state(tmp_path, models=("small",)) as state:
        found = understood(state, [("model", "Systran/faster-whisper-small")])
        assert (found.model, found.options.model, found.ignored) == ("small", "small", ("model",))


def test_unknown_models_are_refused_if_the_settings_say_so(tmp_path: Path) -> None:
    with server_state(tmp_path, foreign_models=False) as state:
        assert understood(state, [("model", "whisper-1")]).model == "base"
        with pytest.raises(NotFound, match="'gpt-transcribe'") as refused:
            understood(state, [("model", "gpt-transcribe")])
        assert refused.value.field == "model"


@pytest.mark.parametrize(
    ("parts", "ignored"),
    [
        ([("chunking_strategy", "auto")], "chunking_strategy"),
        ([("chunking_strategy", '{"type": "server_vad", "threshold": 0.4}')], "chunking_strategy"),
        (
            [("chunking_strategy[type]", "server_vad"), ("chunking_strategy[threshold]", "0.4")],
            "chunking_strategy",
        ),
        ([("user", "ann")], "user"),
        ([("vad_filter", "true")], "vad_filter"),
        ([("n", "1")], "n"),
        ([("temperature", "1.7")], "temperature"),
        ([("include[]", "logprobs"), ("response_format", "verbose_json")], "include"),
        ([("include[]", "item.input_audio")], "include"),
        ([("timestamp_granularities[]", "word")], "timestamp_granularities"),
    ],
)
def test_a_field_without_effect_is_taken_and_named(
    state: ServerState, parts: list[Part], ignored: str
) -> None:
    assert understood(state, parts).ignored == (ignored,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", "2"),
        ("temperature", "2.1"),
        ("temperature", "-1"),
        ("temperature", "nan"),
        ("temperature", "hot"),
        ("diarize", "true"),
        ("task", "translate"),
        ("word_timestamps", "true"),
        ("known_speaker_names[]", "Anna"),
        ("target_language", "de"),
        ("response_format", "docx"),
        ("timestamp_granularities[]", "letter"),
        ("language", "klingon"),
        ("languages[]", "klingon"),
        ("stream", "perhaps"),
    ],
)
def test_what_would_change_the_meaning_is_refused_by_name(state: ServerState, name: str, value: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        understood(state, [(name, value)])
    assert refused.value.status == 422
    assert name.removesuffix("[]") in f"{refused.value.field} {refused.value}"


def test_keywords_are_hotwords(state: ServerState) -> None:
    found = understood(
        state, [("keywords[]", "Ada Lovelace"), ("keywords[]", "Çatalhöyük"), ("hotwords", "x")]
    )
    assert found.options.hotwords == "Ada Lovelace, Çatalhöyük, x"
    with pytest.raises(InvalidOption) as refused:
        understood(state, [("keywords[]", "a" * 400), ("keywords[]", "b" * 400)])
    assert refused.value.field == "keywords"


def test_languages_limit_the_detection(state: ServerState) -> None:
    assert understood(state, [("languages[]", "de"), ("languages[]", "French")]).options.languages == "de,fr"
    assert understood(state, [("languages", "de")]).options.language == "de"
    with pytest.raises(InvalidOption) as refused:
        understood(state, [("language", "es"), ("languages[]", "de"), ("languages[]", "fr")])
    assert refused.value.field == "language"


@pytest.mark.parametrize("format", ["json", "diarized_json"])
def test_logprobs_are_given_where_the_format_has_room(state: ServerState, format: str) -> None:
    found = understood(state, [("include[]", "logprobs"), ("response_format", format)])
    assert found.logprobs and "include" not in found.ignored


@pytest.mark.parametrize("field", ["file", "audio", "audio_file"])
def test_the_recording_may_have_any_of_three_names(state: ServerState, field: str) -> None:
    assert meaning(understood(state, [], file=field)) == meaning(understood(state, []))


@pytest.mark.parametrize(
    ("disposition", "name"),
    [
        ("name=file; filename*=UTF-8''Gespr%C3%A4ch.wav", "Gespräch.wav"),
        ('name="file"; filename="a.wav"; filename*=utf-8\'\'b.wav', "a.wav"),
        ('name="file"; filename=""', ""),
    ],
)
def test_a_file_may_be_named_in_the_extended_way(disposition: str, name: str) -> None:
    body = f"--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\nsound\r\n--b--\r\n"
    found = receive("multipart/form-data; boundary=b", body.encode(), form_fields("transcribe"))
    assert found.name == name


@pytest.mark.parametrize("kind", ["audio/wav", "application/octet-stream", '"application/octet-stream"'])
def test_a_part_with_a_type_needs_no_file_name(kind: str) -> None:
    body = (
        f"--b\r\nContent-Disposition: form-data; name=file\r\nContent-Type: {kind}\r\n\r\nsound\r\n--b--\r\n"
    )
    assert receive("multipart/form-data; boundary=b", body.encode(), form_fields("transcribe"))


@pytest.mark.parametrize(
    "kind", ["audio/wav", "audio/mpeg; codecs=mp3", "video/mp4", "application/octet-stream"]
)
def test_a_body_may_be_the_recording_with_the_fields_in_the_url(kind: str) -> None:
    found = receive(kind, b"sound", form_fields("transcribe"), query="language=de&keywords[]=a&keywords[]=b")
    assert (found.fields, found.lists) == ({"language": "de"}, {"keywords": ["a", "b"]})


def test_a_raw_body_with_an_unknown_field_in_the_url_is_refused() -> None:
    with pytest.raises(InvalidOption) as refused:
        receive("audio/wav", b"sound", form_fields("transcribe"), query="colour=red")
    assert refused.value.field == "colour"


def test_two_recordings_are_refused() -> None:
    kind, body = encode([], "file")
    _, more = encode([], "audio")
    boundary = kind.partition("boundary=")[2].encode()
    second = more.replace(more[2 : more.index(b"\r\n")], boundary)
    both = body.removesuffix(b"--" + boundary + b"--\r\n") + second
    with pytest.raises(InputError, match="second recording"):
        receive(kind, both, form_fields("transcribe"))


def test_a_form_of_too_many_parts_is_refused(state: ServerState) -> None:
    assert understood(state, [("keywords[]", "a")] * (MAX_PARTS - 1)).options.hotwords == "a"
    with pytest.raises(InputError, match="parts"):
        understood(state, [("keywords[]", "a")] * MAX_PARTS)


# Spellings at random

_lists = {
    GRANULARITY: st.lists(st.sampled_from(GRANULARITIES), min_size=1, max_size=2, unique=True),
    LANGUAGES: st.lists(st.sampled_from(["de", "en", "fr", "pt"]), min_size=1, max_size=3, unique=True),
    KEYWORDS: st.lists(st.sampled_from(["Ada", "Brno", "Łódź"]), min_size=1, max_size=3, unique=True),
    INCLUDE: st.just(["logprobs"]),
}
_meanings = st.fixed_dictionaries(
    {"response_format": st.sampled_from(["json", "verbose_json", "srt"])},
    optional={
        "temperature": st.sampled_from(["0", "0.0", "0.3", "2"]),
        "prompt": st.sampled_from(["Grüß Gott.", "Once upon a time"]),
        "strict": st.booleans(),
        **_lists,
    },
)


@st.composite
def _spelled(draw: st.DrawFn, meaning: dict[str, object]) -> list[Part]:
    """Draws one of the ways in which clients write a request."""
    parts: list[Part] = []
    for name, value in meaning.items():
        if isinstance(value, bool):
            words = ("true", "True", "1", "yes") if value else ("false", "False", "0", "no")
            parts.append((name, draw(st.sampled_from(words))))
        elif isinstance(value, str):
            parts.append(
                (name, value.upper() if name == "response_format" and draw(st.booleans()) else value)
            )
        elif isinstance(value, list):
            parts += draw(st.sampled_from(_list_spellings(name, value)))
    extras = st.lists(st.sampled_from([(name, "1") for name in IGNORED]), max_size=2, unique=True)
    absent = st.sampled_from([[], [("language", draw(st.sampled_from(sorted(ABSENT))))]])
    return list(draw(st.permutations([*parts, *draw(extras), *draw(absent)])))


def _list_spellings(name: str, values: list[str]) -> list[list[Part]]:
    quoted = ",".join(f'"{value}"' for value in values)
    return [
        [(name, value) for value in values],
        [(f"{name}[]", value) for value in values],
        [(f"{name}[{index}]", value) for index, value in enumerate(values)],
        [(name, ",".join(values))],
        [(f"{name}[]", ", ".join(values))],
        [(name, f"[{quoted}]")],
    ]


def _in_order(request: OpenAIRequest) -> OpenAIRequest:
    """Returns the request with its lists in one order, since parts come in any."""
    options = replace(
        request.options,
        languages=",".join(sorted(request.options.languages.split(","))),
        hotwords=", ".join(sorted(request.options.hotwords.split(", "))),
    )
    return replace(meaning(request), options=options, granularities=tuple(sorted(request.granularities)))


@settings(max_examples=150)
@given(data=st.data())
def test_every_spelling_of_a_request_means_the_same(state: ServerState, data: st.DataObject) -> None:
    wanted = data.draw(_meanings)
    plain: list[Part] = []
    for name, value in wanted.items():
        values = value if isinstance(value, list) else [str(value)]
        plain += [(f"{name}[]" if isinstance(value, list) else name, one) for one in values]
    spelled = data.draw(_spelled(wanted))
    assert _in_order(understood(state, spelled)) == _in_order(understood(state, plain))


_names = st.one_of(
    st.text(max_size=20),
    st.sampled_from(sorted({*IGNORED, "language", "model", "n", "temperature", "prompt", "stream", *_lists})),
).flatmap(lambda name: st.sampled_from([name, f"{name}[]", f"{name}[0]", f"{name}[a]", name.upper()]))
_values = st.one_of(
    st.text(max_size=30), st.sampled_from(["1", "0.5", "true", "null", "de", "word", "[]", "{}"])
)


@settings(max_examples=200)
@given(parts=st.lists(st.tuples(_names, _values), max_size=4))
def test_no_field_is_dropped_in_silence(state: ServerState, parts: list[Part]) -> None:
    allowed = form_fields("transcribe")
    try:
        found = understood(state, parts)
    except WordlightError as error:
        assert 400 <= error.status < 500
        return
    for name, _ in parts:
        canonical = allowed.canonical(name)
        assert canonical is not None, "an unknown name is refused"
        assert canonical not in IGNORED or canonical in found.ignored
