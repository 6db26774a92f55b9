"""A browser, a server of ours as a process, and a mail server: everything that people meet is real."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.policy import default
from pathlib import Path
from secrets import token_hex
from typing import Any

import httpx
import pytest

from tests.support.browser import Browser, Page, executable
from tests.support.mail_server import mail_server
from tests.support.server import LiveServer

PICTURES = "PARSE_TEST_PICTURES"  # a folder to keep pictures of the pages in


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Without Chromium: skipped, in CI a failure."""
    path = executable()
    if path is None:
        message = "Chromium is needed to look at the pages"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with Browser(path) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.page() as opened:
        yield opened


@dataclass(frozen=True)
class Site:
    """The server as people and programs reach it, and the folder where their mails arrive."""

    server: LiveServer
    mails: Path

    @property
    def url(self) -> str:
        return str(self.server.options["publicServerURL"])

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        known = {"X-Parse-Application-Id": self.server.app_id, "X-Parse-REST-API-Key": self.server.rest_key}
        return httpx.request(method, self.server.url + path, json=body, headers={**known, **headers}, trust_env=False)

    def join(self, **fields: Any) -> tuple[str, str]:
        """The address and the session token of a new user."""
        address = f"{token_hex(6)}@example.com"
        body = {"username": address, "password": "first password", "email": address, **fields}
        return address, self.call("POST", "/users", body).json()["sessionToken"]

    def mail(self, address: str) -> str:
        """The text of the mail that arrives at an address; it is gone then."""
        arrived, deadline = self.mails / address, time.monotonic() + 20
        while not arrived.exists():
            assert time.monotonic() < deadline, f"no mail to {address}"
            time.sleep(0.02)
        message = message_from_bytes(arrived.read_bytes(), policy=default)
        arrived.unlink()
        body = message.get_body()
        assert body is not None
        return str(body.get_content())

    def link(self, address: str) -> str:
        """The link in the mail that arrives at an address."""
        found = re.search(r"http://\S+", self.mail(address))
        assert found
        return found[0]


@pytest.fixture(scope="session")
def site(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A server at `localhost`, which browsers trust as they trust HTTPS."""
    folder = tmp_path_factory.mktemp("mails")
    with mail_server(folder) as mail, pytest.MonkeyPatch.context() as patch:
        for name, value in {"HOST": "127.0.0.1", "PORT": str(mail.port), "USE_TLS": "false"}.items():
            patch.setenv(f"EMAIL_{name}", value)
        server = LiveServer(OPTIONS)
        origin = f"http://localhost:{server.port}"
        server.options["publicServerURL"] = f"{origin}/parse"
        server.options["auth"] = {
            "magicLink": {"redirectURLs": [f"http://localhost:{server.port}/parse/health"]},
            "webauthn": {"rpId": "localhost", "rpName": "Tides", "origins": [origin]},
        }
        with server:
            yield Site(server, folder)


OPTIONS: dict[str, Any] = {
    "appName": "Tides",
    "emailAdapter": "parse_auth.mail.adapters.DjangoMail",
    "verifyUserEmails": True,
    "pages": {"enableLocalization": True},
    "passwordPolicy": {"validatorPattern": "^.{6,}$", "validationError": "A password has at least 6 characters."},
}


@pytest.fixture
def keep(page: Page) -> Callable[[str], None]:
    """Keeps pictures of the page, light, dark and on a phone, in the folder that the environment names, if any."""
    folder = os.environ.get(PICTURES)

    def picture(name: str) -> None:
        if folder:
            for kind, how in {"light": {}, "dark": {"dark": True}, "phone": {"width": 360, "height": 640}}.items():
                page.look(**how)  # type: ignore[arg-type]
                page.picture(Path(folder, f"{name}-{kind}.png"))
        page.look()

    return picture
