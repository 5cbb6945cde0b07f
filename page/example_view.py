"""Shows the finished transcript of an example while the page has no other."""

from __future__ import annotations

import html
import json
from typing import Any

from engine.text.clock import clock
from page.components import View
from page.examples import EXAMPLES, FOLDER, SAMPLE
from page.gradio_patches.stubs import delete_stub
from page.texts import ENGLISH

PLAY, PAUSE = "M8 5v14l11-7z", "M7 5h4v14H7zM13 5h4v14h-4z"  # the icons' outlines, 24 units wide
TEMPLATE_MARKS = "{}$`\\"  # gradio would read these as code of its template


class ExampleView(View):
    """The first example's words, to read and to play. It has no value and sends no requests to the server.

    Its markup is complete in the template, so that it has its height from the start.
    """

    view = "example"

    def __init__(self, **kwargs: Any) -> None:
        code, example = next(iter(EXAMPLES.items()))
        super().__init__(None, sound=str(FOLDER / example.file), **kwargs)
        self.html_template = _markup(code, json.loads(SAMPLE.read_text("utf-8")))


def _markup(code: str, sample: dict[str, Any]) -> str:
    """Returns the template; raises ValueError if a word holds what gradio's templates would run."""
    words = " ".join(map(_word, sample["words"]))
    if any(mark in words for mark in TEMPLATE_MARKS):
        raise ValueError(f"A word of {SAMPLE} holds one of {TEMPLATE_MARKS}; choose another sample.")
    icons = "".join(
        f'<svg class="wl-icon-{name}" viewBox="0 0 24 24" aria-hidden="true"><path d="{outline}"/></svg>'
        for name, outline in (("play", PLAY), ("pause", PAUSE))
    )
    return (
        f'<div class="wl-example">{_says("p", "about", "sample_about")}<div class="wl-example-bar">'
        f'<button type="button" class="wl-example-play" aria-label="{ENGLISH["sample_play"]}">{icons}</button>'
        f"{_says('span', 'name', f'example_{code}')}<span>{clock(sample['duration'])}</span></div>"
        f'<p class="wl-example-words" role="group" lang="{sample["language"]}" dir="auto">{words}</p>'
        f'<p class="wl-example-word-about"></p></div>'
    )


def _says(tag: str, name: str, key: str) -> str:
    """Returns an element whose sentence the browser puts into the reader's language."""
    return f'<{tag} class="wl-example-{name} wl-says" data-key="{key}">{html.escape(ENGLISH[key])}</{tag}>'


def _word(word: dict[str, Any]) -> str:
    """Returns the markup of a word of `page.messages.transcript_message`."""
    shown = ("start", "end", "probability", "timing")
    data = " ".join(f'data-{name}="{word[name]}"' for name in shown)
    guessed = " wl-interpolated" if word["timing"] == "interpolated" else ""
    look = f"wl-example-word wl-{word['band']}{guessed}"
    return f'<span class="{look}" tabindex="-1" {data}>{html.escape(word["word"])}</span>'


delete_stub(__file__)
