"""What sends mails: the option `emailAdapter`, and a real mail server (`users.md` §17)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import Message
from html import escape
from pathlib import Path
from typing import Any

import pytest
from django.core.mail.backends.smtp import EmailBackend

from parse_auth.mail.adapters import DjangoMail, adapter_of
from parse_auth.mail.outbox import outbox
from parse_auth.mail.templates import TemplateMail
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


TEMPLATES = f"{TemplateMail.__module__}.TemplateMail"


@pytest.fixture
def templates(configure: Configure, smtp: MailServer) -> Callable[..., None]:
    """Words mails by templates: `templates(folder=…)`."""

    def apply(**options: Any) -> None:
        adapter = {"module": TEMPLATES, "options": options} if options else TEMPLATES
        configure(
            appName="<Tides>",
            publicServerURL=PUBLIC_URL,
            emailAdapter=adapter,
            verifyUserEmails=True,
            pages={"enableLocalization": True},
        )

    return apply


def parts(mail: Message) -> tuple[str, str, str]:
    """Subject, text and HTML of a mail."""
    text, html = (part.get_payload(decode=True) for part in mail.get_payload())  # type: ignore[union-attr]
    assert isinstance(text, bytes)
    assert isinstance(html, bytes)
    return str(mail["Subject"]).strip(), text.decode(), html.decode()


ENGLISH = ("Please verify your e-mail for <Tides>", "Password Reset for <Tides>", "Address confirmed")
GERMAN = ("Bitte bestätigen Sie Ihre E-Mail-Adresse für <Tides>", "Neues Passwort für <Tides>", "Adresse bestätigt")


@pytest.mark.parametrize(
    ("locale", "texts"),
    [(None, ENGLISH), ("de-AT", GERMAN), ("fr", ENGLISH), ("../../de", ENGLISH), (["de"], ENGLISH)],
)
def test_mails_and_their_pages_have_the_language_of_the_user(
    api: ApiClient, templates: Callable[..., None], smtp: MailServer, locale: Any, texts: tuple[str, str, str]
) -> None:
    templates()
    fields = {} if locale is None else {"locale": locale}
    user = {"username": "<zoe>", "password": PASSWORD, "email": "zoe@example.com", **fields}
    assert api.post("/users", user).status == 201
    outbox.settle()
    api.post("/requestPasswordReset", {"email": "zoe@example.com"})
    outbox.settle()
    verification, password = (parts(mail) for _, mail in smtp.mails)
    assert (verification[0], password[0]) == texts[:2]
    assert "'<zoe>'" in password[1]
    assert "<b>&lt;zoe&gt;</b>" in password[2]
    link = next(line.strip() for line in verification[1].splitlines() if line.startswith(PUBLIC_URL))
    assert f'href="{escape(link)}"' in verification[2]
    page = api.get(link.removeprefix(PUBLIC_URL))
    assert texts[2] in page.body.decode()


def test_texts_of_ones_own_take_the_place_of_ours(
    api: ApiClient, templates: Callable[..., None], smtp: MailServer, tmp_path: Path
) -> None:
    (tmp_path / "nl").mkdir()
    (tmp_path / "nl" / "verification.txt").write_text("Bevestig\n\nHallo {{username}}: {{link}} {{nothing}}")
    (tmp_path / "nl" / "verification.html").write_text("<p>{{username}}</p>")
    templates(folder=str(tmp_path), sender="shop@example.com", locale_field="language")
    api.post("/users", {"username": "zoe", "password": PASSWORD, "email": "zoe@example.com", "language": "nl-BE"})
    outbox.settle()
    ((_, mail),) = smtp.mails
    subject, text, html = parts(mail)
    assert (mail["From"], subject, html.strip()) == ("shop@example.com", "Bevestig", "<p>zoe</p>")
    assert text.startswith(f"Hallo zoe: {PUBLIC_URL}/apps/auth/verify_email?token=")


@pytest.mark.parametrize(
    ("provider", "locale", "texts"),
    [
        ("emailCode", None, ("is your sign-in code for <Tides>", "Type it in only where you asked")),
        ("emailCode", "de", ("ist Ihr Anmeldecode für <Tides>", "Geben Sie ihn nur dort ein")),
        ("magicLink", "en-GB", ("Sign in to <Tides>", "on the device on which you want to sign in")),
        ("magicLink", "de-AT", ("Anmeldung bei <Tides>", "auf dem Gerät, auf dem Sie sich")),
    ],
)
def test_mails_that_sign_in_are_worded_by_templates_too(
    api: ApiClient, configure: Configure, smtp: MailServer, provider: str, locale: str | None, texts: tuple[str, str]
) -> None:
    configure(
        appName="<Tides>", publicServerURL=PUBLIC_URL, emailAdapter=TEMPLATES, auth={"emailCode": {}, "magicLink": {}}
    )
    asked = {"email": "zoe@example.com", "locale": locale}
    assert api.post("/challenge", {"challengeData": {provider: asked}}).status == 200
    outbox.settle()
    ((to, mail),) = smtp.mails
    found, text, html = parts(mail)
    assert to == ["zoe@example.com"]
    assert found.endswith(texts[0])
    assert texts[1] in text
    assert texts[1] in html
    assert "&lt;Tides&gt;" in html
    assert "{{" not in text + html
    if provider == "emailCode":
        assert f">{found.split()[0]}<" in html
    else:
        link = next(line for line in text.splitlines() if line.startswith(PUBLIC_URL))
        assert f'href="{escape(link)}"' in html
        assert ("&locale=de-AT" in link) == (locale == "de-AT")


@pytest.mark.parametrize("address", ["a@b\r\nBcc: c@d", "a@b\rc", "a@b\nc", "a@b\u2028c"])
def test_an_address_with_a_line_break_is_none(api: ApiClient, address: str) -> None:
    assert api.post("/users", {"username": "zoe", "password": PASSWORD, "email": address}).error[0] == 125
