"""The page's scripts: linted, tested in node, and linked into the one module that the browser imports."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from page.components import ASSETS, View, view_scripts
from page.example_view import ExampleView
from page.scripts import scripts_module
from tests.support.recordings import ROOT

NODE = ROOT / "tests" / "node"
ESLINT = NODE / "node_modules" / ".bin" / "eslint"


def run(*command: str | Path, code: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=ROOT, input=code, capture_output=True, text=True, timeout=120, check=False
    )


def lint(*arguments: str, code: str = "") -> subprocess.CompletedProcess[str]:
    return run(ESLINT, "--config", NODE / "eslint.config.js", "--max-warnings", "0", *arguments, code=code)


def write(folder: Path, **modules: str) -> Path:
    for name, code in modules.items():
        (folder / f"{name}.js").write_text(code)
    return folder


def test_the_linter_finds_nothing() -> None:
    found = lint("assets", "tests/node")
    assert found.returncode == 0, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("export const half = () => missing / 2;\n", "no-undef"),
        ("const spare = 1;\nexport const one = () => 1;\n", "no-unused-vars"),
        ("export const put = (node, text) => (node.innerHTML = text);\n", "no-restricted-properties"),
        ("export default 1;\n", "no-restricted-syntax"),
        ("export function long() {\n" + "  void 0;\n" * 60 + "}\n", "max-lines-per-function"),
    ],
)
def test_the_linter_finds_what_it_is_for(code: str, rule: str) -> None:
    assert rule in lint("--stdin", "--stdin-filename", "assets/new_view.js", code=code).stdout


def test_the_scripts_pass_their_own_tests() -> None:
    done = run("node", "--test", *sorted(NODE.glob("*.test.mjs")))
    assert done.returncode == 0, done.stdout
    assert int(re.findall(r"# pass (\d+)", done.stdout)[0]) > 40


def test_each_view_of_the_page_has_its_script() -> None:
    entry = (ASSETS / "app.js").read_text("utf-8")
    views = re.findall(r"^  (\w+): show\w+,$", entry, re.MULTILINE)
    assert ExampleView in View.__subclasses__()
    assert sorted(views) == sorted(view.view for view in View.__subclasses__())


def test_the_linked_module_holds_every_module_and_exports_show(tmp_path: Path) -> None:
    path = tmp_path / "scripts.mjs"
    path.write_bytes(view_scripts().content)
    code = path.read_text("utf-8")
    modules = {str(found.relative_to(ASSETS)) for found in ASSETS.rglob("*.js")}
    assert set(re.findall(r"^const \$\w+ = \(\(\) => \{ // (\S+)$", code, re.MULTILINE)) == modules - {
        "sign_in.js",  # for a page of gradio's
        "service_worker.js",
    }
    script = f"import('{path}').then((module) => console.log(Object.keys(module).join()))"
    assert run("node", "-e", script).stdout.strip() == "show"


def test_names_of_a_module_are_its_own_and_constants_reach_the_entry(tmp_path: Path) -> None:
    write(
        tmp_path,
        app='import { twice as double } from "./tools.js";\nimport {\n  half,\n} from "./more.js";\n'
        "const secret = 1;\nexport function show(name, given, constants) {\n"
        "  return [name, double(given), half(given), constants.five, secret];\n}\n",
        tools="const secret = 2;\nexport const twice = (value) => secret * value;\n",
        more='import { twice } from "./tools.js";\nexport class Half {}\n'
        "export const half = (value) => twice(value) / 4;\n",
    )
    path = tmp_path / "scripts.mjs"
    path.write_bytes(scripts_module(tmp_path, {"five": 5}).content)
    script = f"import('{path}').then(({{ show }}) => console.log(show('a', 10).join(' ')))"
    assert run("node", "-e", script).stdout.strip() == "a 20 5 5 1"


@pytest.mark.parametrize(
    ("app", "said"),
    [
        ('import { b } from "./other.js";\nexport function show() {}\n', "other.js does not export"),
        ('import * as all from "./other.js";\nexport function show() {}\n', "cannot be linked"),
        ("export default function show() {}\n", "cannot be linked"),
        ("export let show = null;\n", "cannot be linked"),
        ('import { back } from "./circle.js";\nexport function show() {}\n', "app.js -> circle.js -> app.js"),
    ],
)
def test_what_cannot_be_linked_is_refused(tmp_path: Path, app: str, said: str) -> None:
    circle = 'import { show } from "./app.js";\nexport const back = show;\n'
    write(tmp_path, app=app, other="export const a = 1;\n", circle=circle)
    with pytest.raises(ValueError, match=re.escape(said)):
        scripts_module(tmp_path, {})
