"""The place on the page for a text that is to be aligned: a box to paste it in, and a file to read it from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.components import Component

from engine.errors import BadText
from engine.options import TASKS
from jobs.texts import ALIGN
from page.components import Upload
from page.texts import text

PAGE_TASKS = (*TASKS, ALIGN)
MAX_CHARACTERS = (
    1_000_000  # of the box: a browser edits more only slowly; POST /align takes eight times as many
)
MAX_BYTES = 4 * MAX_CHARACTERS  # of the file, in UTF-8


@dataclass(frozen=True, slots=True)
class TextPlace:
    """The box, and the file that fills it; both are hidden unless a text is to be aligned."""

    box: gr.Textbox
    file: Upload

    @property
    def parts(self) -> list[Any]:
        """Returns the components."""
        return [self.box, self.file]


def text_place() -> TextPlace:
    """Lays out the place inside the Blocks that is open."""
    box = gr.Textbox(
        label=text("given_text"),
        info=text("given_text_info"),
        lines=6,
        max_lines=12,
        max_length=MAX_CHARACTERS,
        visible=False,
        elem_id="given-text",
    )
    file = Upload(label=text("given_text_file"), height=90, visible=False, elem_id="given-text-file")
    return TextPlace(box, file)


def show_for_task(task: Component, place: TextPlace, **settings: Any) -> None:
    """Shows the place while the task is to align a text, in the browser alone."""
    assert isinstance(task, gr.Radio), "the page offers the tasks as buttons"
    update = "{ __type__: 'update', visible }"
    script = f"(task) => {{ const visible = task === '{ALIGN}'; return [{update}, {update}]; }}"
    task.change(None, [task], place.parts, js=script, **settings)


def reading_file(failed: Callable[[BadText], Any]) -> Callable[[Sequence[str] | None], Any]:
    """Returns the handler of another text file: it returns the text, and what `failed` makes of an error."""

    def read(files: Sequence[str] | None) -> Any:
        if not files:
            return gr.skip(), gr.skip()
        try:
            return read_file(Path(files[0])), gr.skip()
        except BadText as error:
            return gr.skip(), failed(error)

    return read


def read_file(path: Path) -> str:
    """Returns the text of a file. Raises BadText."""
    with path.open("rb") as file:
        content = file.read(MAX_BYTES + 1)
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    try:
        found = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        raise BadText(f"{path.name} is not written in UTF-8.", "Save it as UTF-8.") from None
    if len(found) > MAX_CHARACTERS:
        raise BadText(
            f"{path.name} has more than {MAX_CHARACTERS:,} characters.",
            "Send it to POST /align, or in parts.",
        )
    return found
