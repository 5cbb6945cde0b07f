"""What scripts and Python share: it reaches the scripts, and the scripts have no copies of it."""

from __future__ import annotations

import json
import re

import pytest

from engine.export.cue_limits import CueLimits, limit_specs
from engine.languages import LANGUAGE_TAGS, LANGUAGES
from page.components import ASSETS, view_scripts
from page.constants import constants
from page.messages import BANDS, MARKED_BANDS

SCRIPTS = "\n".join(path.read_text("utf-8") for path in sorted(ASSETS.rglob("*.js")))
STYLES = "\n".join(path.read_text("utf-8") for path in sorted(ASSETS.rglob("*.css")))


def test_the_scripts_have_no_copies_of_what_python_decides() -> None:
    for band, _ in BANDS:
        assert not re.search(rf"[\"'`]{band}[\"'`]", SCRIPTS) or band == "doubtful", (
            band
        )  # also a fact's name
    for code, tag in LANGUAGE_TAGS.items():
        assert f'"{code}"' not in SCRIPTS and f'"{tag}"' not in SCRIPTS
    for spec in limit_specs():
        assert not re.search(rf"{spec.name}: [\[\d]", SCRIPTS) or spec.name == "max_words"


def test_every_band_has_its_style_and_the_least_sure_are_marked() -> None:
    assert [band for band in constants()["bands"] if f".wl-{band} {{" not in STYLES and band != "sure"] == []
    assert constants()["bands"][-len(MARKED_BANDS) :] == constants()["marked_bands"]


def test_the_limits_are_those_of_the_engine() -> None:
    fields = {field["name"]: field for field in constants()["limits"]}
    specs = {spec.name: spec for spec in limit_specs()}
    for name, field in fields.items():
        spec = specs[name]
        assert (field["value"], field["min"], field["max"]) == (spec.default, spec.minimum, spec.maximum)
        steps = (field["value"] - field["min"]) / field["step"]
        assert steps == pytest.approx(round(steps)), "browsers refuse a default between two steps"
        for value in (field["min"], field["max"]):
            assert getattr(CueLimits.of({name: value}), name) == value


def test_tags_are_of_languages_that_whisper_knows_by_another_code() -> None:
    assert LANGUAGE_TAGS.keys() <= LANGUAGES.keys() and not set(LANGUAGE_TAGS.values()) & LANGUAGES.keys()


def test_the_scripts_are_given_the_constants() -> None:
    assert json.dumps(constants()).encode() in view_scripts().content
