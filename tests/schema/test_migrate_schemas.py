"""`manage.py migrate_schemas`: definitions from a file or a module, the plan, its exit code, and the way back."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from parse_core.application import Application, applications
from tests.schema import definitions_module
from tests.schema.conftest import OPTIONS
from tests.support.client import ApiClient

MODULE = "tests.schema.definitions_module"
POST = {"className": "Post", "fields": {"title": {"type": "String"}}}


@pytest.fixture(autouse=True)
def configured(settings: Any, application: Application) -> None:
    settings.PARSE_SERVER = OPTIONS


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("migrate_schemas", *arguments, stdout=out)
    return out.getvalue()


def planned(*arguments: str) -> int:
    """The exit code of a plan."""
    try:
        run(*arguments, "--plan")
    except SystemExit as end:
        return int(str(end.code))
    return 0


def written(path: Path, content: Any) -> str:
    path.write_text(json.dumps(content))
    return str(path)


def test_a_module_is_planned_applied_and_then_nothing_is_left_to_do(api: ApiClient) -> None:
    assert planned(MODULE) == 2
    assert not api.application.schemas["Post"].exists
    began = definitions_module.began
    output = run(MODULE)
    assert "+ class Post\n" in output
    assert '+ field Post.title: String {"required":true}\n' in output
    assert definitions_module.began == began + 1
    assert planned(MODULE) == 0
    assert run(MODULE) == "Nothing to do.\n"
    assert api.get("/schemas/Post", master=True).json["indexes"]["byTitle"] == {"title": 1}


def test_a_file_holds_the_classes_or_the_whole_option(tmp_path: Path) -> None:
    listed = written(tmp_path / "list.json", [POST])
    whole = written(tmp_path / "whole.json", {"definitions": [POST], "strict": True})
    run(listed)
    assert planned(whole) == planned(listed) == 0


def test_without_a_source_the_option_is_taken(settings: Any) -> None:
    settings.PARSE_SERVER = {**OPTIONS, "schema": {"definitions": [POST]}}
    assert planned() == 2  # looking did not carry it out
    run()
    assert planned() == 0


def test_drift_fails_a_strict_plan_only(tmp_path: Path, api: ApiClient) -> None:
    file = written(tmp_path / "definitions.json", [POST])
    run(file)
    api.post("/schemas/Extra", {"classLevelPermissions": {"addField": {}}}, master=True)
    assert planned(file) == 0
    assert planned(file, "--strict") == 2
    assert "! class Extra is not defined\n" in run(file)


def test_what_is_exported_is_what_is_there(tmp_path: Path, api: ApiClient) -> None:
    run(MODULE)
    file = str(tmp_path / "export.json")
    run("--export", file)
    exported = json.loads(Path(file).read_text())
    [post] = [each for each in exported["definitions"] if each["className"] == "Post"]
    assert post["fields"] == {"title": {"type": "String", "required": True}}
    assert post["indexes"] == {"byTitle": {"title": 1}}
    assert planned(file, "--strict") == 0
    assert json.loads(run("--export")) == exported


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("[", "cannot be read"),
        ("3", "must hold a list of classes"),
        ('{"definitions": [], "wrong": 1}', "unknown option schema.wrong"),
        ('{"definitions": {}}', "schema.definitions must be an array"),
        ('[{"className": "Post", "fields": {"a": {"type": "No"}}}]', "Post: invalid field type: No"),
    ],
)
def test_a_bad_file_is_an_error_of_the_command(content: str, text: str, tmp_path: Path) -> None:
    file = tmp_path / "definitions.json"
    file.write_text(content)
    with pytest.raises(CommandError, match=text):
        run(str(file))


def test_a_module_that_is_not_there_is_an_error_of_the_command() -> None:
    with pytest.raises(CommandError, match="cannot be imported"):
        run("no.such.module")


def test_of_several_applications_one_has_to_be_named(settings: Any) -> None:
    settings.PARSE_SERVER = {"apps": [OPTIONS, {**OPTIONS, "appId": "another"}]}
    with pytest.raises(CommandError, match="Say which --app: schema, another"):
        run(MODULE)
    assert planned(MODULE, "--app", "schema") == 2
    applications.remove("another")
