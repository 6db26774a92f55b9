"""The example backends of the documentation do what the table says, in each language they are written in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from secrets import token_hex

import pytest

from parse_core.application import applications
from tests.cloud.corpus.play import Mails, Play
from tests.cloud.corpus.table import BACKENDS
from tests.support.client import ApiClient
from tests.support.node import need_node

EXAMPLES = Path(__file__).resolve().parents[3] / "docs" / "cloud-code" / "examples"
CASES = [
    pytest.param(path, name, id=f"{name} in {folder}")
    for name in BACKENDS
    for folder, suffix in (("python", ".py"), ("javascript", ".js"))
    if (path := EXAMPLES / folder / f"{name}{suffix}").is_file()
]


@pytest.fixture
def play(database_url: str, path: Path) -> Iterator[Play]:
    if path.suffix == ".js":
        need_node()
    mails = Mails()
    application = applications.configure(
        {
            "appId": f"corpus-{token_hex(4)}",
            "masterKey": "master",
            "serverURL": "http://api.example/parse",
            "allowClientClassCreation": True,
            "emailAdapter": mails,
            "cloud": str(path),
        }
    )
    yield Play(ApiClient(application), mails)
    application.reset()
    applications.remove(application.id)


@pytest.mark.parametrize(("path", "name"), CASES)
def test_a_backend_does_what_the_table_says(play: Play, name: str) -> None:
    for step in BACKENDS[name]:
        play.step(step)


@pytest.mark.parametrize(("folder", "suffix"), [("python", ".py"), ("javascript", ".js")])
def test_every_backend_is_written_in_every_language(folder: str, suffix: str) -> None:
    assert {path.stem for path in (EXAMPLES / folder).glob(f"*{suffix}")} == BACKENDS.keys()
