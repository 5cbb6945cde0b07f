"""The options of a request, and what importing the package costs."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import FrozenInstanceError

import pytest

from engine import Options
from engine.errors import InvalidOption
from engine.options import ALIGNERS, TASKS, specs
from tests.support.recordings import ROOT


def test_nothing_asked_means_the_defaults() -> None:
    options = Options()
    assert (options.language, options.task, options.model, options.aligner) == (
        None,
        "transcribe",
        None,
        "auto",
    )


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (None, None),
        ("", None),
        ("auto", None),
        ("AUTO", None),
        ("de", "de"),
        (" German ", "de"),
        ("Deutsch", "de"),
    ],
)
def test_a_language_is_taken_by_code_or_name(given: str | None, code: str | None) -> None:
    assert Options(language=given).language == code


def test_an_empty_model_is_the_default_one() -> None:
    assert Options(model="").model is None


@pytest.mark.parametrize("name", ["language", "task", "aligner"])
@pytest.mark.parametrize("value", ["klingon", "../../etc/passwd", "Transcribe"])
def test_an_unknown_value_is_named_with_what_is_wrong(name: str, value: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        Options(**{name: value})
    assert f"Unknown {name} {value!r}." in caught.value.message
    assert caught.value.status == 422


@pytest.mark.parametrize(("name", "known"), [("task", TASKS), ("aligner", ALIGNERS)])
def test_the_message_lists_what_is_known(name: str, known: tuple[str, ...]) -> None:
    with pytest.raises(InvalidOption) as caught:
        Options(**{name: "other"})
    assert all(value in caught.value.hint for value in known)


@pytest.mark.parametrize("name", ["language", "task", "aligner"])
def test_a_huge_value_is_not_repeated_in_full(name: str) -> None:
    with pytest.raises(InvalidOption) as caught:
        Options(**{name: "x" * 100_000})
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("name", "given", "kept"),
    [
        ("beam_size", "3", 3),
        ("beam_size", 3.0, 3),
        ("beam_size", None, 5),
        ("temperature_fallback", "false", False),
        ("suppress_numerals", "On", True),
        ("suppress_numerals", None, False),
        ("hotwords", "  Ada\n Lovelace ", "Ada Lovelace"),
        ("initial_prompt", None, ""),
        ("vad_sensitivity", "off", "off"),
        ("language", " Mixed", "mixed"),
    ],
)
def test_values_may_come_as_a_form_has_them(name: str, given: object, kept: object) -> None:
    assert getattr(Options.of({name: given}), name) == kept


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        ("beam_size", "many", "whole number from 1 to 10"),
        ("beam_size", 0, "whole number from 1 to 10"),
        ("beam_size", 11, "whole number from 1 to 10"),
        ("beam_size", 2.5, "whole number from 1 to 10"),
        ("beam_size", True, "whole number from 1 to 10"),
        ("beam_size", "nan", "whole number from 1 to 10"),
        ("suppress_numerals", "maybe", "true or false"),
        ("hotwords", "x" * 601, "600 at most"),
        ("vad_sensitivity", "0.5", "normal, high, low, off"),
        ("colour", "red", "Known: language, task"),
    ],
)
def test_a_value_out_of_range_is_refused_with_the_range(name: str, given: object, said: str) -> None:
    with pytest.raises(InvalidOption, match=said):
        Options.of({name: given})


def test_specs_say_all_that_a_form_needs() -> None:
    defaults = Options()
    for spec in specs():
        assert getattr(defaults, spec.name) == spec.default
        assert spec.help and not spec.help.endswith(".")
        if isinstance(spec.default, int) and not isinstance(spec.default, bool):
            assert spec.minimum is not None and spec.maximum is not None
            assert spec.minimum <= spec.default <= spec.maximum
        elif not isinstance(spec.default, bool):
            assert spec.choices or spec.max_length
    assert [spec.name for spec in specs()][:4] == ["language", "task", "model", "aligner"]


def test_options_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        Options().task = "translate"  # type: ignore[misc]


@pytest.mark.parametrize("module", ["engine", "engine.__main__", "engine.export.writers"])
def test_importing_loads_none_of_the_heavy_libraries(module: str) -> None:
    heavy = ["torch", "transformers", "pandas", "gradio", "whisperx", "ctranslate2", "pyannote", "numpy"]
    code = f"import sys, {module}; print([name for name in {heavy} if name in sys.modules])"
    found = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
