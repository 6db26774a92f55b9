"""The mails that sign somebody in: to an address that may belong to nobody yet, in the language that was asked for.

An adapter with the method `send_sign_in_code` or `send_sign_in_link` words them itself; for any other one our texts are
taken (`public/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from parse_auth.asking import waited
from parse_auth.mail.configuration import Mailer, mail_settings
from parse_auth.mail.templates import OURS, worded
from parse_auth.pages.files import Folder
from parse_core.context import RequestContext

TEXTS: Final = Folder((OURS,))


@dataclass(frozen=True, slots=True)
class SignInMail:
    """A kind of mail: its template, and the adapter's method that words it."""

    file: str
    method: str


CODE: Final = SignInMail("sign_in_code.txt", "send_sign_in_code")
LINK: Final = SignInMail("sign_in_link.txt", "send_sign_in_link")


def post(context: RequestContext, mail: SignInMail, words: Mapping[str, str], locale: str | None) -> None:
    """Sends a mail to `words["email"]`; the others are `code` or `link`, and `minutes`."""
    settings = mail_settings(context.options)
    adapter = context.application.part(Mailer).adapter
    words_itself = getattr(adapter, mail.method, None)
    if words_itself is not None:
        waited(words_itself(**words, app_name=settings.app_name, locale=locale))
        return
    template = TEXTS.text(TEXTS.localized(mail.file, locale)) or ""
    subject, text = worded(template, {**words, "appName": settings.app_name})
    waited(adapter.send_mail(to=words["email"], subject=subject, text=text))
