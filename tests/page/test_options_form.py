"""The fields of the page's form for a request's options."""

from __future__ import annotations

import gradio as gr

from engine import Options
from engine.options import specs
from page.options_form import PAGE_DEFAULTS, advanced_fields, non_default_values


def test_the_page_asks_for_speakers_and_else_for_the_defaults_of_programs() -> None:
    with gr.Blocks():
        shown = {name: getattr(field, "value", None) for name, field in advanced_fields().items()}
    defaults = {spec.name: "" if spec.default is None else spec.default for spec in specs()}
    assert {name: value for name, value in shown.items() if value != defaults[name]} == PAGE_DEFAULTS
    assert Options.of(non_default_values(shown)).speakers == "auto"


def test_speakers_can_be_turned_off_on_the_page_and_are_off_for_programs() -> None:
    assert Options.of(non_default_values({"speakers": "off"})).speakers == "off"
    assert Options().speakers == "off"
