"""Word documents read back by python-docx."""

from __future__ import annotations

import io

import docx


def text_of(file: bytes) -> str:
    """The text of all paragraphs."""
    return "\n".join(paragraph.text for paragraph in docx.Document(io.BytesIO(file)).paragraphs)
