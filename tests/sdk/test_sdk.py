"""The official JavaScript SDK against a live server of ours: one case per file of this folder.

The cases themselves are JavaScript (`README.md`); here the server is started, the SDK installed and each file run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.mail_server import mail_server
from tests.support.server import LiveServer

HERE = Path(__file__).parent
FILES = sorted(HERE.glob("*.test.js"))
PUBLIC_URL = "http://public.example/parse"  # of links in mails; the cases ask the server itself for their paths
OPTIONS = {
    "allowClientClassCreation": True,
    "allowCustomObjectId": True,
    "appName": "Tides",
    "publicServerURL": PUBLIC_URL,
    "emailAdapter": "parse_auth.mail.adapters.DjangoMail",
    "verifyUserEmails": True,
    "auth": {
        "badges": {"module": "tests.sdk.badges.Badges", "options": {"secret": "printed on no badge"}},
        "mfa": {"options": ["TOTP"]},
        "emailCode": {},
        "magicLink": {},
        "webauthn": {"rpId": "example.com", "rpName": "Tides", "origins": ["https://app.example.com"]},
    },
}
INSTALL_SECONDS = 300
FILE_SECONDS = 180

pytestmark = pytest.mark.xdist_group("sdk")


@pytest.fixture(scope="module")
def node() -> str:
    """Path of the Node executable, with the SDK installed beside the cases. Without Node: skipped, in CI a failure."""
    path, npm = shutil.which("node"), shutil.which("npm")
    if path is None or npm is None:
        message = "Node 20 and npm are needed to run the JavaScript SDK"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    if not _installed():
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        subprocess.run(command, cwd=HERE, check=True, timeout=INSTALL_SECONDS)
    return path


@pytest.fixture(scope="module")
def environment(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """What `setup.js` reads, for a server that runs as long as the files do, and mails through a mail server."""
    folder = tmp_path_factory.mktemp("mails")
    with mail_server(folder) as mail, pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOST": "127.0.0.1", "PORT": str(mail.port), "USE_TLS": "false"}.items():
            patch.setenv(f"EMAIL_{name}", value)
        with LiveServer(OPTIONS) as server:
            yield {
                **os.environ,
                "PARSE_TEST_MAIL_FOLDER": str(folder),
                "PARSE_TEST_BADGE_SECRET": "printed on no badge",
                "PARSE_TEST_SERVER_URL": server.url,
                "PARSE_TEST_APP_ID": server.app_id,
                "PARSE_TEST_JS_KEY": server.javascript_key,
                "PARSE_TEST_MASTER_KEY": server.master_key,
            }


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.removesuffix(".test.js"))
def test_every_case_of_the_file_passes(file: Path, node: str, environment: dict[str, str]) -> None:
    command = [node, "--test", "--test-reporter=spec", file.name]
    finished = subprocess.run(
        command, cwd=HERE, env=environment, capture_output=True, text=True, timeout=FILE_SECONDS, check=False
    )
    if finished.returncode:
        pytest.fail(_failures(finished.stdout) + finished.stderr, pytrace=False)


def _installed() -> bool:
    """Whether what npm installed last is what the lock file asks for."""
    installed, wanted = HERE / "node_modules" / ".package-lock.json", HERE / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= wanted.stat().st_mtime


def _failures(report: str) -> str:
    """The part of the report that tells what failed and how."""
    _, found, failures = report.partition("failing tests:")
    return failures if found else report
