"""The page's list of models, by what a reader gets from each."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import gradio as gr

from engine import Config, Engine
from page.layout import build_layout, localised
from page.model_list import model_choices, offered_models


def test_the_page_offers_a_model_once_it_is_here_and_says_what_it_is_for(tmp_path: Path) -> None:
    config = replace(Config.from_env(), hub_cache=tmp_path / "hub", model_dir=tmp_path)
    assert offered_models(Engine(config)) == ()
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "model.bin").touch()
    models = offered_models(Engine(config))
    assert model_choices(models, "en") == [("Fast (base)", ""), ("Accurate (small)", "small")]
    with gr.Blocks():
        inputs = build_layout(Engine(config), []).inputs
    model = inputs.options["model"]
    assert isinstance(model, gr.Dropdown) and model.visible
    assert model.choices == model_choices(models, "en")
    german = localised(inputs, "de", {})[model]["choices"]
    assert german == [("Schnell (base)", ""), ("Genau (small)", "small")]


def test_other_models_have_their_own_names() -> None:
    assert model_choices(("base", "someone/whisper"), "en") == [
        ("Fast (base)", ""),
        ("someone/whisper", "someone/whisper"),
    ]
    assert model_choices((), "en") == [("This installation's default", "")]
