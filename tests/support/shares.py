"""What a system does with a share, done by a page: it posts the recording to the installed page's share target."""

from __future__ import annotations

import base64
import json
from pathlib import Path

POST = """({ action, name, content, kilobytes }) => {
  const form = document.createElement("form");
  Object.assign(form, { method: "post", action, enctype: "multipart/form-data" });
  const field = Object.assign(document.createElement("input"), { type: "file", name: "recordings" });
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const given = new DataTransfer();
  given.items.add(new File([bytes, new Uint8Array(1024 * kilobytes)], name, { type: "audio/wav" }));
  field.files = given.files;
  form.append(field);
  document.body.append(form);
  form.submit();
}"""


def posting(recording: Path, address: str, name: str, kilobytes: int = 0) -> str:
    """Returns the expression that shares a recording with the page at an address.

    kilobytes  that follow the recording
    """
    content = base64.b64encode(recording.read_bytes()).decode()
    given = {"action": f"{address}/share-target", "name": name, "content": content, "kilobytes": kilobytes}
    return f"({POST})({json.dumps(given)})"
