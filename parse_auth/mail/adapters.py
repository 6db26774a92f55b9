"""What sends mails: the option `emailAdapter` (`users.md` §17).

Its value is an object, a class or a callable that makes one, a dotted path to any of them, or
`{"module": <one of those>, "options": {…}}`. `DjangoMail` is ours: it sends through Django's mail settings; so does
`TemplateMail` (`templates.py`), in the language of whoever gets the mail.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from django.core.mail import EmailMessage

from parse_core import adapters


@runtime_checkable
class MailAdapter(Protocol):
    """Sends mails; each method may be async.

    If it has them, `send_verification_email(link, app_name, user)` and `send_password_reset_email(link, app_name,
    user)` are called instead, and word the mail themselves. `user` is the user's object without secrets.
    """

    def send_mail(self, to: str, subject: str, text: str) -> object:
        """Sends one mail of plain text."""


class DjangoMail:
    """Sends through Django's `EMAIL_BACKEND`: the console in development, a mail server where one is configured."""

    def __init__(self, sender: str | None = None) -> None:
        """`sender` is the From address; by default the one of the settings."""
        self.sender = sender

    def send_mail(self, to: str, subject: str, text: str) -> None:
        """Sends one mail of plain text; what has no place in a subject is taken out."""
        EmailMessage(" ".join(subject.split()), text, self.sender, [to]).send()


def adapter_of(value: Any) -> MailAdapter:
    """The adapter that the value of the option stands for. Raises `TypeError` or `ImportError` when it is none."""
    # mypy takes a protocol for a class that nobody makes instances of
    refusal = "emailAdapter must have a method send_mail(to, subject, text)."
    return adapters.adapter_of(value, MailAdapter, refusal)  # type: ignore[type-abstract]
