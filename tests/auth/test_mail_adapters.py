"""What sends mails: the option `emailAdapter`, and a real mail server (`users.md` §17)."""

from __future__ import annotations

from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend

from parse_auth.mail.adapters import DjangoMail, adapter_of
from parse_auth.mail.outbox import outbox
from parse_core.options import ConfigurationError
from tests.auth.conftest import Configure
from tests.auth.mailing import PUBLIC_URL
from tests.auth.people import PASSWORD
from tests.support.client import ApiClient
from tests.support.mail_server import MailServer, mail_server

HERE = "tests.auth.test_mail_adapters"


class Recorder:
    """An adapter with the one method that all have."""

    def __init__(self, name: str = "") -> None:
        self.name = name
        self.sent: list[tuple[str, str, str]] = []

    def send_mail(self, to: str, subject: str, text: str) -> None:
        self.sent.append((to, subject, text))


recorder = Recorder("instance")


def make(name: str = "made") -> Recorder:
    return Recorder(name)


@pytest.mark.parametrize(
    ("value", "name"),
    [
        (recorder, "instance"),
        (Recorder, ""),
        (make, "made"),
        (f"{HERE}.recorder", "instance"),
        (f"{HERE}.Recorder", ""),
        (f"{HERE}.make", "made"),
        ({"module": f"{HERE}.Recorder", "options": {"name": "given"}}, "given"),
        ({"class": Recorder, "options": {"name": "given"}}, "given"),
        ({"adapter": recorder}, "instance"),
    ],
)
def test_an_adapter_may_be_named_in_many_ways(value: Any, name: str) -> None:
    adapter = adapter_of(value)
    assert isinstance(adapter, Recorder)
    assert adapter.name == name


@pytest.mark.parametrize("value", [object(), "nothing.here", {"module": "os.path.join"}, 5, {"options": {}}])
def test_what_sends_no_mail_is_refused_at_the_start(configure: Configure, value: Any) -> None:
    with pytest.raises(ConfigurationError, match="emailAdapter"):
        configure(emailAdapter=value)


def test_texts_that_cannot_be_read_are_refused_at_the_start(configure: Configure) -> None:
    with pytest.raises(ConfigurationError, match="failed to load JSON file"):
        configure(pages={"localizationJsonPath": "/nowhere.json"})


@pytest.fixture
def smtp(settings: Any) -> Iterator[MailServer]:
    """A mail server on a port of its own, which Django's settings name."""
    with mail_server() as server:
        settings.EMAIL_BACKEND = f"{EmailBackend.__module__}.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        settings.DEFAULT_FROM_EMAIL = "tides@example.com"
        yield server


def written(mail: Message) -> str:
    """The text of a mail."""
    text = mail.get_payload()
    assert isinstance(text, str)
    return text.replace("\r\n", "\n")


def test_mails_arrive_at_a_mail_server(api: ApiClient, configure: Configure, smtp: MailServer) -> None:
    adapter = f"{DjangoMail.__module__}.DjangoMail"
    configure(
        appName="Tides\r\nBcc: evil@example.com",
        publicServerURL=PUBLIC_URL,
        emailAdapter=adapter,
        verifyUserEmails=True,
    )
    api.post("/users", {"username": "zoe", "password": PASSWORD, "email": "zoe@example.com"})
    outbox.settle()
    api.post("/requestPasswordReset", {"email": "zoe@example.com"})
    outbox.settle()
    (to, verification), (_, reset) = smtp.mails
    assert to == ["zoe@example.com"]
    assert verification["From"] == "tides@example.com"
    assert verification["Subject"] == "Please verify your e-mail for Tides Bcc: evil@example.com"
    assert verification["Bcc"] is None
    lines = written(verification).splitlines()
    assert any(line.startswith(f"{PUBLIC_URL}/apps/auth/verify_email?token=") for line in lines)
    assert "zoe@example.com" in written(verification)
    assert reset["Subject"].startswith("Password Reset for Tides")
    assert "your username is 'zoe'" in written(reset)


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@d", "a@b\rc", "a@b\nc", "a@b\u2028c"])
def test_an_address_with_a_line_break_is_none(api: ApiClient, address: str) -> None:
    assert api.post("/users", {"username": "zoe", "password": PASSWORD, "email": address}).error[0] == 125
