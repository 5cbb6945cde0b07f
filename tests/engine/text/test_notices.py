"""Notices: each has a sentence, travels as JSON, and is what every part of the engine warns with."""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from engine.errors import BadTranscript
from engine.pipeline.segment_cutting import FAULTS
from engine.text.notices import CODES, SENTENCES, VALUES, Notice, placeholders
from engine.text.validation import validate_transcript
from engine.transcript import Transcript
from tests.support.notices import NOTICES, VALUES_OF
from tests.support.recordings import ROOT

WHOLE = Transcript(
    "en",
    0.9,
    300.0,
    (),
    "base",
    "attention",
    warnings=tuple(entry.sentence for entry in NOTICES),
    notices=NOTICES,
)


def calls(name: str) -> Iterator[ast.Call]:
    """Yields every call of `….name(…)` in the code of the engine and of the page."""
    for folder in ("engine", "page"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr == name
                ):
                    yield node


def test_every_code_has_a_sentence_and_every_value_a_kind() -> None:
    assert SENTENCES.keys() == set(CODES)
    assert set().union(*map(placeholders, CODES)) == VALUES.keys() == VALUES_OF.keys()


def test_every_code_is_used_where_the_engine_or_the_page_warns() -> None:
    made = [call for call in calls("of") if ast.unparse(call.func) == "Notice.of"]
    named = {call.args[0].value for call in made if isinstance(call.args[0], ast.Constant)}
    by_fault = [ast.unparse(call.args[0]) for call in made if not isinstance(call.args[0], ast.Constant)]
    assert by_fault == ["FAULTS[result.fault]"]
    assert sorted(named | {code for code in FAULTS.values()}) == sorted(CODES)


def test_nothing_warns_with_a_sentence_of_its_own() -> None:
    warned = [call.args[0] for call in calls("warn")]
    assert len(warned) > 5
    assert [ast.unparse(entry) for entry in warned if isinstance(entry, ast.Constant | ast.JoinedStr)] == []


def test_sentences_show_times_spans_and_languages_as_people_read_them() -> None:
    said = {notice.code: notice.sentence for notice in NOTICES}
    assert said["cut_off"].startswith("The recording should last 1:02:03, but only 0:31 of it could be read.")
    assert said["uncertain"].startswith("The language is uncertain: English is only 41% likely.")
    assert said["loop"].startswith("At 3:50–4:04 the text repeated itself;")
    assert said["timed"] == "Words were timed by attention, not by wav2vec2: there is no model."
    assert not any(mark in sentence for sentence in said.values() for mark in "{}[]")


def test_a_notice_with_other_values_than_its_sentence_names_is_not_made() -> None:
    with pytest.raises(ValueError, match="loop"):
        Notice.of("loop")
    with pytest.raises(ValueError, match="silent"):
        Notice.of("silent", when=(1.0, 2.0))


def test_notices_stand_beside_their_sentences_in_json_and_come_back() -> None:
    data = WHOLE.to_dict()
    assert [Notice.from_dict(entry).sentence for entry in data["notices"]] == data["warnings"]
    assert data["notices"][CODES.index("loop")] == {"code": "loop", "values": {"when": [230.4, 244.9]}}
    assert Transcript.from_dict(data) == validate_transcript(data) == WHOLE


def test_a_transcript_of_an_earlier_version_has_sentences_alone() -> None:
    data = WHOLE.to_dict()
    del data["notices"]
    old = validate_transcript(data)
    assert old.warnings == WHOLE.warnings and old.notices == ()
    assert old.to_dict()["notices"] == []


@pytest.mark.parametrize(
    "notices",
    [[{"code": "silent"}], ["silent"] * 12, [{"values": {}}] * 12, [{"code": "x", "values": 3}] * 12],
)
def test_notices_that_do_not_fit_their_warnings_are_refused(notices: list[object]) -> None:
    with pytest.raises(BadTranscript):
        validate_transcript(WHOLE.to_dict() | {"notices": notices})


def test_a_code_of_a_later_version_is_kept() -> None:
    later = {"code": "from_tomorrow", "values": {"x": 1}}
    data = WHOLE.to_dict() | {"warnings": ["Something new."], "notices": [later]}
    assert validate_transcript(data).to_dict()["notices"] == [later]
