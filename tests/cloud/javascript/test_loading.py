"""How main.js is found, run and refused, in each of Node's module systems (acceptance case 106)."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from parse_cloud.author.loading import CloudCodeError
from parse_cloud.bridge import node_process, packages
from tests.cloud.javascript.conftest import Serve

DEFINE = "Parse.Cloud.define('hello', () => 'hello');\n"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.js", DEFINE),
        ("main.cjs", DEFINE),
        ("main.mjs", "import Parse from 'parse/node';\n" + DEFINE),
        ("main.mjs", "await new Promise(done => setTimeout(done, 10));\n" + DEFINE),
        ("main.js", "import Parse from 'parse/node';\n" + DEFINE),
        ("main.js", "module.exports = Parse => { " + DEFINE + "};"),
        ("main.js", "module.exports = async Parse => { await null; " + DEFINE + "};"),
        ("main.mjs", "export default async Parse => { " + DEFINE + "};"),
        ("main.js", "const Parse = require('parse/node');\n" + DEFINE),
        ("main.js", "require('./other');\n"),
        ("main.js", "module.exports = (async () => {\n  await new Parse.Query('Any').count();\n" + DEFINE + "})();"),
        ("main.js", "setTimeout(() => { " + DEFINE + "}, 1);"),
    ],
    ids=[
        "CommonJS",
        "CommonJS by its name",
        "an ES module",
        "an ES module that awaits",
        "an ES module that is called js",
        "an exported function",
        "an exported async function",
        "an exported default function",
        "with the SDK required",
        "with a second file",
        "that asks the server while it is loaded",
        "that registers later",
    ],
)
def test_forms(name: str, text: str, tmp_path: Path, written: Serve) -> None:
    (tmp_path / "other.js").write_text(DEFINE)
    if text.startswith("import") and name.endswith(".js"):
        (tmp_path / "package.json").write_text('{"type": "module"}')
    api = written(text, name=name)
    deadline = time.monotonic() + 5
    while (reply := api.post("/functions/hello", {})).status != 200:
        assert time.monotonic() < deadline, reply.json
    assert reply.json == {"result": "hello"}


@pytest.mark.parametrize(
    ("name", "text", "place", "what"),
    [
        ("main.js", "\n\nthrow new Error('at the top');", "main.js:3: ", "Error: at the top"),
        ("main.js", "const a = 1;\nParse.Cloud.define('x', () => {", "main.js:", "SyntaxError"),
        ("main.js", "\ndoesNotExist.anywhere();", "main.js:2: ", "ReferenceError: doesNotExist is not defined"),
        ("main.js", "require('./missing');", "main.js", "Cannot find module './missing'"),
        ("main.js", "\nParse.Cloud.beforeSave('_Session', () => {});", "main.js:2: ", "Only the afterLogout trigger"),
        (
            "main.js",
            "\nParse.Cloud.define('x', () => {}, { odd: 1 });",
            "main.js:2: ",
            "odd is not a supported parameter",
        ),
        ("main.js", "Parse.Cloud.define('x', undefined);", "main.js:1: ", "is not a function"),
        ("main.mjs", "\n\nthrow new Error('in a module');", "main.mjs:3: ", "Error: in a module"),
        ("main.mjs", "export {{;", "main.mjs", "SyntaxError"),
        ("main.js", "module.exports = async () => {\n  throw new Error('later');\n};", "main.js:2: ", "Error: later"),
        ("main.js", "process.exit(1);", "main.js", "ended the process while it was loaded"),
    ],
)
def test_what_cannot_be_loaded_names_file_and_line(
    name: str, text: str, place: str, what: str, tmp_path: Path, written: Serve
) -> None:
    with pytest.raises(CloudCodeError) as refused:
        written(text, name=name)
    said = str(refused.value)
    assert said.startswith(f"Cloud Code cannot be loaded: {tmp_path}/{place}")
    assert what in said


def test_a_file_that_is_not_there(serve: Serve) -> None:
    with pytest.raises(CloudCodeError, match=r"nowhere\.js: there is no such file"):
        serve("nowhere.js")


def test_without_node(written: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(node_process, "_found", None)
    with pytest.raises(CloudCodeError, match="needs Node 20 or newer; there is no `node` in PATH"):
        written(DEFINE)


def test_with_a_node_that_is_too_old(tmp_path: Path, written: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "node"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho v18.1.0\n")
    old.chmod(0o755)
    monkeypatch.setenv("PATH", str(old.parent))
    monkeypatch.setattr(node_process, "_found", None)
    with pytest.raises(CloudCodeError, match=r"needs Node 20 or newer; .* is v18.1.0"):
        written(DEFINE)


def test_without_the_packages(tmp_path: Path, written: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "HERE", tmp_path)
    with pytest.raises(CloudCodeError, match="needs its packages: run `npm ci"):
        written(DEFINE)


def test_changed_files_are_loaded_again_in_development(tmp_path: Path, written: Serve) -> None:
    api = written(DEFINE, cloudAutoReload=True)
    (tmp_path / "main.js").write_text("Parse.Cloud.define('hello', () => {")
    time.sleep(1.5)
    assert api.post("/functions/hello", {}).json == {"result": "hello"}  # what cannot be loaded changes nothing
    (tmp_path / "main.js").write_text("Parse.Cloud.define('hello', () => 'again');")
    deadline = time.monotonic() + 10
    while api.post("/functions/hello", {}).json != {"result": "again"}:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_an_sdk_of_another_version_beside_the_file_is_left_alone(
    tmp_path: Path, written: Serve, caplog: pytest.LogCaptureFixture
) -> None:
    old = tmp_path / "node_modules" / "parse"
    old.mkdir(parents=True)
    (old / "package.json").write_text('{"name": "parse", "version": "1.11.1", "main": "node.js"}')
    (old / "node.js").write_text("module.exports = 'old';")
    api = written("const Parse = require('parse/node');\nParse.Cloud.define('same', () => Parse === global.Parse);")
    assert api.post("/functions/same", {}).json == {"result": True}
    assert "parse 1.11.1 in" in caplog.text


def test_packages_beside_the_file_are_found(tmp_path: Path, written: Serve) -> None:
    package = tmp_path / "node_modules" / "greeting"
    package.mkdir(parents=True)
    (package / "index.js").write_text("module.exports = name => `hello ${name}`;")
    api = written("const greet = require('greeting');\nParse.Cloud.define('greet', r => greet(r.params.name));")
    assert api.post("/functions/greet", {"name": "Ada"}).json == {"result": "hello Ada"}
