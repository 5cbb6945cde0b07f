"""Makes a field on the page for each option of a request, from its spec.

A new field of `engine.Options` appears under "Advanced" without further code: as a list of choices, a switch, a
slider or a line of text. Its help is the engine's own, unless page/texts has one in the reader's language as
"option_<name>_info".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import gradio as gr
from gradio.components import Component

from engine.languages import AUTO
from engine.option_parsing import OptionSpec
from engine.options import specs
from engine.weights.optional_packages import WAV2VEC2, has_packages
from page.texts import ENGLISH, TEXTS, text

OPEN = ("language", "task", "model", "track")  # shown above "Advanced", laid out by hand
# Values that the page begins with, if they are not the defaults of programs.
PAGE_DEFAULTS = {"speakers": "auto"}
SOUGHT = ("hotwords", "speakers")  # by most readers, the others are about the work


def advanced_options() -> list[str]:
    """Returns the names of the options under "Advanced", in their order.

    Lists of choices come last, and what readers look for comes before the rest of its kind. gradio 6.17 redraws a form
    endlessly if the last component that becomes visible in it is a switch.
    """
    further = [spec for spec in specs() if spec.name not in OPEN]
    ranked = sorted(
        further, key=lambda spec: (bool(spec.choices or spec.suggestions), spec.name not in SOUGHT)
    )
    return [spec.name for spec in ranked]


def advanced_fields() -> dict[str, Component]:
    """Returns a component for each further option by its name, inside the Blocks that is open.

    None is visible until `page.deferred.show_when` shows it.
    """
    known = {spec.name: spec for spec in specs()}
    return {name: _part(known[name]) for name in advanced_options()}


def non_default_values(values: Mapping[str, Any]) -> dict[str, Any]:
    """Returns those of the page's values that differ from an option's default, for `Options.of`."""
    defaults = {spec.name: spec.default for spec in specs()} | {"language": AUTO}
    return {
        name: value for name, value in values.items() if value not in (None, "") and value != defaults[name]
    }


def labelled_choices(option: str, choices: Iterable[Any], locale: str) -> list[tuple[str, Any]]:
    """Returns the choices with their names; gradio's browser side translates labels, but not choices."""
    texts = ENGLISH | TEXTS[locale]
    return [(texts.get(f"choice_{option}_{choice}", str(choice)), choice) for choice in choices]


def _part(spec: OptionSpec) -> Component:
    offered = _offered(spec)
    complete = offered == (spec.choices or spec.suggestions)
    help_key = f"option_{spec.name}_info" if complete else f"option_{spec.name}_light_info"
    shown: dict[str, Any] = {
        "label": _known(f"option_{spec.name}", spec.name.replace("_", " ").capitalize()),
        "info": _known(help_key, spec.sentence),
        "elem_id": f"option-{spec.name}",
        "visible": False,
    }
    if offered:
        choices = labelled_choices(spec.name, offered, "en")
        value = PAGE_DEFAULTS.get(spec.name, spec.default)
        return gr.Dropdown(choices, value=value, filterable=False, **shown)
    if isinstance(spec.default, bool):
        return gr.Checkbox(value=spec.default, **shown)
    if isinstance(spec.default, int):
        return gr.Slider(spec.minimum or 0, spec.maximum or 100, value=spec.default, step=1, **shown)
    return gr.Textbox(value=spec.default or "", lines=1, max_length=spec.max_length, **shown)


def _offered(spec: OptionSpec) -> tuple[str, ...]:
    """Returns the choices of an option whose packages are installed; empty if it has no list."""
    missing = ("wav2vec2",) if spec.name == "aligner" and not has_packages(*WAV2VEC2) else ()
    return tuple(choice for choice in spec.choices or spec.suggestions if choice not in missing)


def _known(key: str, otherwise: str) -> str:
    return text(key) if key in ENGLISH else otherwise
